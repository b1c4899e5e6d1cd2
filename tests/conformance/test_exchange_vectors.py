"""The vectors of the exchange: taken, refused and answered as they say; the page says the same."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from hashlib import sha256

import pytest

from comity.core.acts import act_of
from comity.core.beacons import read_beacon
from comity.core.envelope import EnvelopeForm
from comity.core.founding import read_founding
from comity.core.messages import Acts, read_message
from comity.core.strict import read_json, write_json
from tests.conformance import exchange_vectors

VECTORS = exchange_vectors.VECTORS
PAGE = VECTORS.parents[1].joinpath("exchange.md").read_text()


def load(name):
    return json.loads((VECTORS / name).read_text())


GOOD = {path.stem: load(f"good/{path.name}") for path in (VECTORS / "good").glob("*.json")}
BAD = load("bad.json")
ANSWERS = load("answers.json")
FOUNDED = load("founding.json")
FOUNDING = read_founding(
    read_json(json.dumps(FOUNDED["founding"]).encode(), EnvelopeForm, limit=99_999, what="it")
)


def test_the_vectors_are_what_the_generator_writes(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["exchange_vectors"])
    assert exchange_vectors.main() == 0, "python -m tests.conformance.exchange_vectors --write"
    assert capsys.readouterr().out == ""
    assert FOUNDING.id == FOUNDED["id"]


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_good_message_is_read_in_any_spelling_and_written_in_one(name):
    plain = GOOD[name]["message"]
    message = read_message(json.dumps(plain, indent=2).encode(), FOUNDING.id)
    assert sha256(write_json(message)).hexdigest() == GOOD[name]["sha256"]
    if isinstance(message, Acts):
        for form in message.acts:
            assert act_of(form, FOUNDING).header.organ == message.organ


def test_the_beacon_is_signed_by_whom_it_says():
    form = read_message(json.dumps(GOOD["beacon"]["message"]).encode(), FOUNDING.id).beacon
    beacon = read_beacon(form, coalition=FOUNDING.id, holders=FOUNDING.holders)
    assert beacon.id == GOOD["beacon"]["beacon_id"]
    assert json.loads(write_json(beacon.said)) == GOOD["beacon"]["payload"]


@pytest.mark.parametrize("name", sorted(name for name in BAD if "file_base64" in BAD[name]))
def test_a_bad_message_is_refused_by_name(name):
    data = b64decode(BAD[name]["file_base64"])
    assert exchange_vectors.refusal(data) == BAD[name]["refusal"]


@pytest.mark.parametrize("name", sorted(ANSWERS["asked"]))
def test_a_message_is_answered_as_the_vector_says(name):
    case = ANSWERS["asked"][name]
    record = [
        act_of(
            read_json(json.dumps(form).encode(), exchange_vectors.ActForm, limit=9_999, what="it"),
            FOUNDING,
        )
        for form in ANSWERS["record"].values()
    ]
    data = json.dumps(case["message"]).encode()
    got = exchange_vectors.told(ANSWERS["node"], record, case["from"], data)
    assert exchange_vectors.given(got) == case["answer"]


def test_an_organ_that_a_peer_does_not_read_is_as_one_that_there_is_not():
    asked = ANSWERS["asked"]
    unread = asked["an-organ-that-dorn-does-not-read"]["answer"]
    assert unread == asked["an-organ-that-there-is-not"]["answer"] == []


def test_the_page_names_every_refusal_and_every_refusal_has_a_vector():
    told = set(re.findall(r"`([a-z0-9-]+)`", PAGE.split("## 5")[1].split("## 6")[0]))
    shown = {case["refusal"] for case in BAD.values()}
    assert shown <= told
    assert told - shown <= {"first", "last", "beacons", "opening"}, "opening is shown in act.md"


@pytest.mark.parametrize("name", ["heads", "request"])
def test_the_page_shows_the_vectors(name):
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
    assert GOOD[name]["message"] in blocks
