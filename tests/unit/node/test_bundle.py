"""Bundles: what one node writes for another, whoever carries it."""

from __future__ import annotations

import json

import pytest

from comity.core.bodies import Admit, Alert
from comity.core.constitution import COALITION
from comity.core.keys import offer_key
from comity.core.strict import write_base64
from comity.errors import ActError, UsageError
from comity.node.boxes import seal_bundle
from comity.node.bundle import export, take_in
from tests.simulation.league import NEWCOMER
from tests.simulation.stage import Stage

ALERT = Alert("Ice", "The road is closed.", "severe")


@pytest.fixture
def stage(tmp_path):
    made = Stage(tmp_path / "league")
    yield made
    made.close()


def carry(stage, sender, to):
    (data,) = export(stage[sender], to)
    return take_in(stage[to], data)


def test_a_bundle_brings_what_the_other_lacks_and_says_whose_it_was(stage):
    act = stage["Arden"].say("council", ALERT)
    sender, taken = carry(stage, "Arden", "Brill")
    assert sender == "Arden"
    assert {a.kind for a in taken.new} == {"epoch", "alert"}
    assert stage["Brill"].record.get(act.id).body == ALERT


def test_duplicates_are_harmless(stage):
    stage["Arden"].say("council", ALERT)
    (data,) = export(stage["Arden"], "Brill")
    assert len(take_in(stage["Brill"], data)[1].new) == 2
    _, again = take_in(stage["Brill"], data)
    assert (again.new, again.refused, again.waiting) == ((), (), 0)


def test_only_what_the_other_reads_goes_in(stage):
    stage["Arden"].say("watch", ALERT)
    stage["Arden"].say("council", ALERT)
    of_all = stage["Arden"].say(COALITION, ALERT)
    _, taken = carry(stage, "Arden", "Dorn")
    assert {act.header.organ for act in taken.new} == {"council", COALITION}
    _, taken = carry(stage, "Arden", "Harbour")
    assert [act.id for act in taken.new] == [of_all.id]
    assert stage["Harbour"].record.beacons(organ="council") == ()


def test_what_a_member_does_not_read_it_does_not_keep_though_a_bundle_brings_it(stage):
    stage["Brill"].say("watch", ALERT)
    brill = stage["Brill"]
    real = brill.readers()
    brill._readers = (*brill._readers[:2], {**real, "watch": real["watch"] | {"Dorn"}})
    _, taken = carry(stage, "Brill", "Dorn")
    assert taken.new == ()
    assert "does not read" in taken.refused[0]


def test_a_bundle_back_leaves_out_what_is_known_to_be_there(stage):
    for _ in range(3):
        stage["Arden"].say("council", ALERT)
    carry(stage, "Arden", "Brill")
    stage.wait(minutes=1)
    carry(stage, "Brill", "Arden")  # its beacon shows that it has them
    more = stage["Arden"].say("council", ALERT)
    _, taken = carry(stage, "Arden", "Brill")
    assert [act.id for act in taken.new] == [more.id]
    (data,) = export(stage["Arden"], "Corve")
    assert len(take_in(stage["Corve"], data)[1].new) == 5


def test_two_bundles_of_different_content_are_of_one_size(stage):
    (empty,) = export(stage["Arden"], "Brill")
    stage["Arden"].say("council", ALERT)
    stage["Arden"].say("watch", Alert("Flood", "Leave the valley. " * 50, "extreme"))
    (full,) = export(stage["Arden"], "Brill")
    assert len(empty) == len(full)
    assert b"council" not in full
    assert stage.league.founding.id.encode() not in full


def test_only_the_one_it_is_for_can_open_it(stage):
    stage["Arden"].say("council", ALERT)
    (data,) = export(stage["Arden"], "Brill")
    for other in ("Corve", "Arden"):
        with pytest.raises(ActError, match=f"no key of {other} opens the bundle"):
            take_in(stage[other], data)
        assert stage[other].record.count() in (0, 2)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x00\xff" * 40, id="bytes"),
        pytest.param(b'{"comity":1,"bundle":[]}', id="no box"),
        pytest.param(b'{"comity":1,"bundle":["AAAA"]}', id="a box too small"),
        pytest.param(b'{"comity":1,"bundle":["not base64"]}', id="no base64"),
        pytest.param(b'{"comity":2,"bundle":["AAAA"]}', id="a later version"),
        pytest.param(b"[" * 100_000, id="a thousand brackets"),
    ],
)
def test_garbage_is_refused(stage, data):
    with pytest.raises(ActError):
        take_in(stage["Brill"], data)
    assert stage["Brill"].record.count() == 0


def test_a_bundle_that_was_damaged_is_refused(stage):
    stage["Arden"].say("council", ALERT)
    (data,) = export(stage["Arden"], "Brill")
    broken = bytearray(data)
    broken[len(broken) // 2] ^= 1
    with pytest.raises(ActError):
        take_in(stage["Brill"], bytes(broken))
    assert stage["Brill"].record.count() == 0


def sealed_for(stage, member, content):
    key = stage[member].keys.signing().sealing
    box = write_base64(seal_bundle(key, json.dumps(content).encode(), stage["Arden"].coalition))
    return json.dumps({"comity": 1, "bundle": [box]}).encode()


def test_a_bundle_of_another_coalition_is_refused(stage):
    content = {"comity": 1, "coalition": "00" * 32, "sender": "Arden", "beacons": [], "acts": []}
    with pytest.raises(ActError, match="another coalition"):
        take_in(stage["Brill"], sealed_for(stage, "Brill", content))
    with pytest.raises(ActError):
        take_in(stage["Brill"], sealed_for(stage, "Brill", {**content, "more": 1}))


def test_nothing_is_written_for_oneself_or_for_somebody_without_a_key(stage):
    for to in ("Arden", "Nobody", NEWCOMER):
        with pytest.raises(UsageError, match="nothing can be sealed"):
            export(stage["Arden"], to)


def admitted(stage):
    """Admit Gale, who until then has a folder and keys."""
    gale = stage.add(NEWCOMER)
    key = gale.keys.signing()
    offer = offer_key(gale.coalition, key.held, key.seed.reveal())
    since = stage.now.date().isoformat()
    stage.change(Admit(NEWCOMER, "Gale", "member", since, "", (offer,)))
    return gale


def test_who_is_admitted_begins_with_a_bundle_and_cannot_open_what_was_before(stage):
    before = stage["Arden"].say("council", ALERT)
    stage.tick()
    gale = admitted(stage)
    assert gale.organs() == ()
    after = stage["Arden"].say("council", ALERT)
    _, taken = carry(stage, "Arden", NEWCOMER)
    assert not taken.refused
    assert gale.organs() == (COALITION, "council")
    assert gale.record.get(before.id).body is None
    assert gale.record.get(after.id).body == ALERT
    stage.away()
    stage.tick()
    assert gale.under.id == stage["Arden"].under.id
    proposal = stage.propose(NEWCOMER)
    assert proposal.body.roster == (*stage.members, NEWCOMER)
    stage.wait(hours=25)
    stage.tick()
    assert stage.outcome(proposal, "Dorn") == "adopted"
