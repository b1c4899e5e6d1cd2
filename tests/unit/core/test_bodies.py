"""Bodies: every kind and effect is read back as written, and each bound and refusal holds."""

from __future__ import annotations

import copy
from typing import get_args

import pytest

from comity.core.bodies import (
    CHANGES,
    MAX_BODY,
    Body,
    Change,
    Effect,
    check_body,
    kind_of,
    named_by,
)
from comity.core.strict import read_json, write_json
from comity.errors import ActError

A, B, C = "0a" * 32, "0b" * 32, "0c" * 32
AT = "2026-03-01T08:00:00Z"
PROOF = "A" * 86 + "=="
OFFER = {"held": {"member": "Elsin", "office": "foreign ministry", "key": A}, "proof": PROOF}
MARKING = {"level": "TLP:AMBER+STRICT", "releasable": ["Elsin"], "originator": True}
ENVELOPE = {
    "payload": "AA==",
    "payloadType": "application/vnd.comity.act.v1+json",
    "signatures": [{"keyid": "0a" * 16, "sig": "AA=="}],
}


def proposing(**effect):
    return {
        "kind": "propose",
        "title": "The ambulance",
        "effect": effect,
        "charter": A,
        "rule": "consensus",
        "procedure": "silence",
        "on": "2026-03-02",
        "roster": ["Arden", "Brill"],
        "expires": "2026-03-02T12:00:00Z",
        "case": "hill",
        "text": B,
    }


def editing(**change):
    return {"kind": "edit", "change": change, "text": A, "case": "hill", "marking": MARKING}


GOOD = {
    "adopt": proposing(kind="adopt", paragraphs=["One.", "Two."]),
    "opt in": proposing(kind="opt in", paragraphs=["One."], after=C),
    "open a case": proposing(kind="open a case", case="hill", title="The hill"),
    "close a case": proposing(kind="close a case", case="hill"),
    "recognise a group": proposing(
        kind="recognise a group", group="hill-group", members=["Arden", "Brill"]
    ),
    "wake an obligation": proposing(
        kind="wake an obligation", obligation="rescue", because="The snow came."
    ),
    "amend": proposing(kind="amend", charter="AAAA", replaces=C),
    "admit": proposing(
        kind="admit",
        member="Elsin",
        name="Elsin",
        standing="associate",
        since="2026-04-01",
        iso="DNK",
        keys=[OFFER],
        replaces=C,
    ),
    "suspend": proposing(kind="suspend", member="Dorn", since="2026-04-01", replaces=C),
    "reinstate": proposing(kind="reinstate", member="Dorn", since="2026-04-01", replaces=C),
    "replace a key": proposing(kind="replace a key", offer=OFFER, replaces=C),
    "open to signature": proposing(kind="adopt", paragraphs=["One."])
    | {"expires": None, "case": None, "text": None},
    "stance": {
        "kind": "stance",
        "proposal": A,
        "turn": 2,
        "previous": B,
        "word": "yes",
        "annotations": [{"kind": "caveat", "text": "By day."}],
    },
    "first stance": {"kind": "stance", "proposal": A, "turn": 1, "word": "objection"},
    "closing": {"kind": "closing", "proposal": A, "roll": {"Arden": B}, "opened_at": AT},
    "closing unread": {"kind": "closing", "proposal": A, "roll": {}},
    "alert": {
        "kind": "alert",
        "title": "Gone",
        "text": "It left the hill.",
        "severity": "severe",
        "status": "exercise",
        "case": "hill",
        "marking": MARKING,
    },
    "update": {
        "kind": "alert",
        "title": "Back",
        "text": "It is back.",
        "severity": "minor",
        "type": "update",
        "about": [A, B],
    },
    "receipt": {"kind": "receipt", "alert": A, "opened_at": AT},
    "open": {
        "kind": "edit",
        "change": {"kind": "open", "title": "Ours", "paragraphs": ["One."]},
        "case": "hill",
    },
    "write": editing(kind="write", paragraph="200", words="", replaces=[A, B]),
    "insert": editing(kind="insert", words="More.", after=C),
    "insert first": editing(kind="insert", words="More."),
    "bracket": editing(kind="bracket", paragraph=C, words="hill", instead="valley"),
    "resolve": editing(kind="resolve", bracket=B, words="slope"),
    "pledge": {
        "kind": "pledge",
        "line": "rescue crews",
        "quantity": "12.5",
        "unit": "people",
        "obligation": "rescue",
        "case": "hill",
        "ready": "2026-04-01",
        "delivered": "3",
        "caveats": ["By day."],
        "approvals": [{"body": "the house", "state": "approved", "on": "2026-03-20"}],
        "previous": A,
    },
    "bare pledge": {"kind": "pledge", "line": "crews", "quantity": "0", "unit": "people"},
    "attach": {
        "kind": "attach",
        "sha256": A,
        "name": "map.png",
        "media": "image/png",
        "size": 12,
        "case": "hill",
        "to": B,
        "marking": MARKING,
    },
    "release": {
        "kind": "release",
        "acts": [{"envelope": ENVELOPE, "salt": "AA==", "body": "AA=="}],
    },
    "resume": {"kind": "resume", "tips": [B, A]},
    "key": {"kind": "key", "offer": OFFER},
    "enter": {"kind": "enter", "changes": [A, B], "closes": [C]},
    "leave": {"kind": "leave", "since": "2026-06-30", "text": "Farewell."},
    "epoch": {
        "kind": "epoch",
        "number": 1,
        "key_hash": A,
        "boxes": [
            {"member": "Arden", "office": "foreign ministry", "box": "AA=="},
            {"member": "Arden", "office": "defence", "box": "AA=="},
        ],
    },
}


def read(plain):
    body = read_json(write_json(plain), Body, limit=MAX_BODY, what="the body")
    check_body(body)
    return body


@pytest.mark.parametrize("name", GOOD)
def test_a_body_is_read_back_as_it_was_written(name):
    body = read(GOOD[name])
    assert read_json(write_json(body), Body, limit=MAX_BODY, what="the body") == body
    assert kind_of(body) == GOOD[name]["kind"]


def test_every_kind_and_every_effect_has_an_example():
    told = [read(plain) for plain in GOOD.values()]
    assert {type(body) for body in told} == set(get_args(Body))
    effects = {type(body.effect) for body in told if kind_of(body) == "propose"}
    assert effects == set(get_args(Effect))
    assert set(CHANGES) == set(get_args(Change))


NAMED = {
    "adopt": (B,),
    "stance": (A,),
    "closing": (A,),
    "alert": (),
    "update": (A, B),
    "receipt": (A,),
    "open": (),
    "write": (A,),
    "pledge": (A,),
    "attach": (B,),
    "resume": (B, A),
    "enter": (A, B, C),
    "leave": (),
    "open to signature": (),
}


@pytest.mark.parametrize("name", NAMED)
def test_a_body_names_the_acts_it_is_about(name):
    assert named_by(read(GOOD[name])) == NAMED[name]


def test_what_is_no_body_is_not_checked():
    assert check_body(None) is None


def test_an_act_named_twice_is_told_once():
    plain = GOOD["enter"] | {"closes": [A]}
    assert named_by(read(plain)) == (A, B)


# (example, path to a field, what it becomes, the refusal, what that is)
BAD = [
    ("stance", "turn", 1, "turn-link", "a first stance that follows another"),
    ("first stance", "turn", 2, "turn-link", "a second stance that follows none"),
    ("stance", "turn", 101, "shape", "too many turns"),
    ("stance", "word", "maybe", "shape", "no such word"),
    ("stance", "annotations.0.kind", "joke", "shape", "no such annotation"),
    ("closing", "opened_at", "yesterday", "instant", "no instant"),
    ("closing", "roll", {"Arden": "x"}, "shape", "a roll that names no id"),
    ("adopt", "on", "2026-02-30", "day", "no such day"),
    ("adopt", "on", "1 March", "shape", "a day in other words"),
    ("adopt", "expires", "2026-03-02", "instant", "an expiry that is a day"),
    ("adopt", "roster", ["Arden", "Arden"], "listed-twice", "a roster that names one twice"),
    ("adopt", "roster", [], "shape", "an empty roster"),
    ("adopt", "text", "x", "shape", "a text that is no id"),
    ("adopt", "effect.kind", "conquer", "shape", "no such effect"),
    ("adopt", "effect.paragraphs", [], "shape", "nothing to adopt"),
    ("adopt", "effect.paragraphs", ["x"] * 201, "shape", "too many paragraphs"),
    ("adopt", "effect.paragraphs", ["x" * 4001], "shape", "too long a paragraph"),
    ("opt in", "effect.after", "x", "shape", "after what is no id"),
    ("open a case", "effect.case", "The Hill", "shape", "a case with capitals"),
    ("open a case", "effect.title", "a\nb", "shape", "a title of two lines"),
    ("recognise a group", "effect.members", ["Arden", "Arden"], "listed-twice", "one twice"),
    ("recognise a group", "effect.members", [], "shape", "a group of nobody"),
    ("wake an obligation", "effect.because", "", "shape", "no reason to wake"),
    ("amend", "effect.charter", "A", "not-base64", "a charter that is no base64"),
    ("amend", "effect.charter", "A" * 120_004, "shape", "too long a charter"),
    ("admit", "effect.since", "2026-13-01", "day", "admitted in no month"),
    ("admit", "effect.iso", "DK", "shape", "two letters for a state"),
    ("admit", "effect.keys", [OFFER] * 21, "shape", "too many keys"),
    ("suspend", "effect.since", "2026-02-29", "day", "suspended on no day"),
    ("reinstate", "effect.since", "2026-02-29", "day", "reinstated on no day"),
    ("replace a key", "effect.offer.proof", "A" * 89, "shape", "too long a proof"),
    ("alert", "severity", "dreadful", "shape", "no such severity"),
    ("alert", "status", "drill", "shape", "no such status"),
    ("alert", "about", [A], "alert-link", "an alert about another"),
    ("alert", "type", "update", "alert-link", "an update of nothing"),
    ("alert", "type", "cancel", "alert-link", "a cancellation of nothing"),
    ("alert", "text", "", "shape", "an alert without words"),
    ("alert", "marking.level", "TLP:PINK", "marking", "no such label"),
    ("alert", "marking.releasable", ["Elsin", "Elsin"], "listed-twice", "released twice to one"),
    ("update", "about", [A, A], "listed-twice", "an update that names one alert twice"),
    ("update", "about", [A] * 21, "shape", "an update of too many"),
    ("receipt", "opened_at", "now", "instant", "received at no instant"),
    ("receipt", "opened_at", "x" * 41, "shape", "too long an instant"),
    ("open", "text", A, "text-link", "an opening that names a text"),
    ("open", "change.paragraphs", [], "shape", "a text of no paragraphs"),
    ("write", "text", None, "text-link", "a write that names no text"),
    ("write", "marking.level", "AMBER", "marking", "half a label"),
    ("write", "change.replaces", [], "shape", "a write that replaces nothing"),
    ("write", "change.replaces", [A, A], "listed-twice", "a write that names a version twice"),
    ("write", "change.paragraph", "0", "shape", "paragraph nought"),
    ("write", "change.paragraph", "1000", "shape", "paragraph one thousand"),
    ("write", "change.words", "x" * 4001, "shape", "too many words"),
    ("insert", "change.words", "", "shape", "nothing put in"),
    ("bracket", "change.words", "", "shape", "a bracket around nothing"),
    ("resolve", "change.words", "x" * 1001, "shape", "too long an offer"),
    ("pledge", "quantity", "-1", "shape", "less than nothing"),
    ("pledge", "quantity", "01", "shape", "a nought before"),
    ("pledge", "quantity", "1.", "shape", "a point and no more"),
    ("pledge", "quantity", "1.0000001", "shape", "seven places"),
    ("pledge", "quantity", 1, "shape", "a number and no text"),
    ("pledge", "unit", " people", "shape", "a blank before the unit"),
    ("pledge", "ready", "2026-02-30", "day", "ready on no day"),
    ("pledge", "approvals.0.on", "2026-02-30", "day", "approved on no day"),
    ("pledge", "approvals.0.state", "likely", "shape", "no such state"),
    ("attach", "media", "picture", "shape", "no media type"),
    ("attach", "size", -1, "shape", "less than no bytes"),
    ("attach", "marking.level", "", "marking", "an empty label"),
    ("release", "acts", [], "shape", "nothing released"),
    ("resume", "tips", [A], "shape", "one end to join"),
    ("resume", "tips", [A, A], "listed-twice", "one end twice"),
    ("enter", "changes", [], "shape", "entering nothing"),
    ("enter", "changes", [B, A], "order", "changes out of order"),
    ("enter", "changes", [A, A], "listed-twice", "a change twice"),
    ("enter", "closes", [C, B], "order", "proposals out of order"),
    ("leave", "since", "2026-06-31", "day", "leaving on no day"),
    ("epoch", "number", 0, "shape", "epoch nought"),
    ("epoch", "boxes", [], "shape", "a key for nobody"),
    ("epoch", "boxes.1.office", "foreign ministry", "listed-twice", "two boxes for one office"),
]


def with_flaw(name, path, value):
    plain = copy.deepcopy(GOOD[name])
    *steps, last = path.split(".")
    inner = plain
    for step in steps:
        inner = inner[int(step)] if step.isdigit() else inner[step]
    inner[last] = value
    return plain


@pytest.mark.parametrize(
    ("name", "path", "value", "refusal"),
    [pytest.param(*case, id=f"{case[0]}: {words}") for *case, words in BAD],
)
def test_a_body_with_one_flaw_is_refused_by_name(name, path, value, refusal):
    with pytest.raises(ActError) as caught:
        read(with_flaw(name, path, value))
    assert caught.value.refusal == refusal
    assert caught.value.hint


@pytest.mark.parametrize("name", GOOD)
def test_an_unknown_field_is_refused(name):
    with pytest.raises(ActError) as caught:
        read(GOOD[name] | {"colour": "green"})
    assert caught.value.refusal == "shape"


INNER = [
    ("stance", "annotations.0"),
    ("alert", "marking"),
    ("pledge", "approvals.0"),
    ("replace a key", "effect.offer"),
    ("replace a key", "effect.offer.held"),
    ("release", "acts.0"),
    ("epoch", "boxes.0"),
]


@pytest.mark.parametrize(("name", "path"), INNER)
def test_an_unknown_field_within_is_refused(name, path):
    with pytest.raises(ActError) as caught:
        read(with_flaw(name, f"{path}.colour", "green"))
    assert caught.value.refusal == "shape"
