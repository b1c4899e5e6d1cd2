"""The stage of real nodes: who has what when, what is closed by itself, one seed, one record."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest

from comity.core.attestations import verify
from comity.core.bodies import Adopt, Alert, Closing, Propose
from comity.core.strict import spelled
from comity.errors import UsageError
from comity.exercise.node_stage import NodeStage
from comity.node import duties
from comity.node.hall import Hall, found_all
from comity.node.keys import LEAST

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
CHARTER = files("comity.scenarios").joinpath("club-of-seven", "charter.toml").read_bytes()
HOUR = timedelta(hours=1)
SEVEN = ("Arden", "Brill", "Corve", "Dorn", "Elsin", "Fenn", "Gale")
ALERT = Alert("No ferry", "The slip is closed.", "severe", status="exercise")


@pytest.fixture
def stage(tmp_path):
    found = NodeStage(tmp_path / "nodes", CHARTER, START, seed=7)
    yield found
    found.close()


def propose(stage, procedure="silence", hours=24, rule="nobody-against"):
    under = stage.under("Arden")
    expires = stage.now + hours * HOUR
    return stage.propose(
        "Arden",
        "table",
        Propose(
            "Dues",
            Adopt(("Dues are held back.",)),
            under.charter_hash,
            rule,
            procedure,
            expires.date().isoformat(),
            under.charter.roster("table", expires.date()),
            spelled(expires),
        ),
    )


def closings(stage, proposal):
    return {act.member: act for act in stage.acts()
            if isinstance(act.body, Closing) and act.body.proposal == proposal.id}  # fmt: skip


def test_what_is_said_is_everywhere_at_once_unless_links_are_slow(stage):
    stage.delay("Gale", 30)
    stage.delay("Fenn", 10)
    act = stage.say("Fenn", "table", ALERT)
    stage.pass_time(START + HOUR)
    minutes = {m: (at - START).total_seconds() / 60 for m, at in stage.arrived()[act.id].items()}
    assert minutes == {
        "Arden": 10, "Brill": 10, "Corve": 10, "Dorn": 10, "Elsin": 10, "Fenn": 0, "Gale": 40,
    }  # fmt: skip
    assert stage.nodes["Gale"].opened_at(act.id) == spelled(START + timedelta(minutes=40))


def test_the_stage_says_when_something_next_arrives_or_is_closed(stage):
    assert stage.due() is None
    stage.delay("Gale", 30)
    proposal = propose(stage)
    assert stage.due() == START + timedelta(minutes=30)
    stage.pass_time(stage.due())
    pinned = stage.pinned(proposal.id)
    assert stage.due() == pinned.closes_at == START + 24 * HOUR + pinned.procedure.grace * HOUR
    stage.pass_time(stage.due() - timedelta(seconds=1))
    assert not closings(stage, proposal)
    stage.pass_time(stage.due())
    assert sorted(closings(stage, proposal)) == ["Arden", "Brill", "Corve", "Dorn", "Elsin", "Fenn"]
    assert stage.due() == pinned.closes_at + timedelta(minutes=30), "Gale hears it so much later"
    stage.pass_time(stage.now + HOUR)
    assert "Gale" in closings(stage, proposal)
    assert stage.standing(proposal.id).settlement.outcome == "adopted"
    assert stage.due() is None


def test_a_vote_that_all_have_answered_is_closed_at_once(stage):
    proposal = propose(stage, "vote", rule="five-of-seven")
    for member in SEVEN:
        assert not closings(stage, proposal)
        stage.answer(member, proposal.id, "yes", [("explanation", "We need it.")])
    assert len(closings(stage, proposal)) == 7
    assert stage.standing(proposal.id).settlement.outcome == "adopted"
    assert verify(stage.certificate(proposal.id), stage.coalition).proven
    node = stage.nodes["Gale"]
    assert not list(node.record.unsettled()), "each node has kept the outcome"


def test_a_node_that_was_off_hears_what_it_missed_and_its_silence_does_not_count(stage):
    stage.cut_off("Gale")
    proposal = propose(stage)
    with pytest.raises(UsageError, match="the node of Gale is off"):
        stage.say("Gale", "table", ALERT)
    stage.pass_time(START + 23 * HOUR)
    assert not stage.has("Gale", proposal.id)
    stage.cut_off("Gale", off=False)
    assert stage.arrived()[proposal.id]["Gale"] == START + 23 * HOUR
    stage.pass_time(START + 30 * HOUR)
    standing = stage.standing(proposal.id)
    assert "Gale" in closings(stage, proposal)
    assert standing.settlement.outcome == "adopted" or "Gale" in standing.settlement.perhaps_missing


def test_a_node_that_comes_back_after_the_end_closes_then(stage):
    proposal = propose(stage)
    stage.cut_off("Gale")
    stage.pass_time(START + 40 * HOUR)
    assert "Gale" not in closings(stage, proposal)
    stage.cut_off("Gale", off=False)
    assert closings(stage, proposal)["Gale"].header.instant == spelled(START + 40 * HOUR)


def test_whoever_is_lost_in_silence_closes_nothing_until_it_returns(stage):
    stage.still("Gale")
    proposal = propose(stage)
    stage.pass_time(START + 30 * HOUR)
    assert sorted(closings(stage, proposal)) == ["Arden", "Brill", "Corve", "Dorn", "Elsin", "Fenn"]
    stage.still("Gale", still=False)
    assert "Gale" in closings(stage, proposal)


def test_what_is_signed_at_a_node_by_hand_is_told_and_nothing_else(stage):
    told = []
    stage.on_person.append(told.append)
    stage.say("Arden", "table", ALERT)
    by_hand = stage.nodes["Brill"].say("table", ALERT)
    stage.hall.deliver()
    proposal = propose(stage, "vote", rule="five-of-seven")
    for member in SEVEN:
        stage.answer(member, proposal.id, "yes")
    assert closings(stage, proposal)
    assert told == [stage.ledger.by_id[by_hand.id]]
    assert stage.has("Gale", by_hand.id)


def test_time_goes_on_and_members_are_those_of_the_charter(stage):
    stage.pass_time(START + HOUR)
    with pytest.raises(UsageError, match="is at 2026-03-02 09:00 already"):
        stage.pass_time(START)
    with pytest.raises(UsageError, match="Nobody has no node"):
        stage.delay("Nobody", 5)


def rows(path):
    """All that is kept of acts in the records below a folder, byte for byte, in its order."""
    found = {}
    for file in sorted(path.glob("*/record.sqlite")):
        db = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        found[file.parent.name] = db.execute("SELECT * FROM acts ORDER BY number").fetchall()
        db.close()
    return found


def play(path, seed=7, number=0):
    stage = NodeStage(path, CHARTER, START, seed=seed, number=number)
    stage.delay("Gale", 30)
    stage.say("Arden", "table", ALERT)
    proposal = propose(stage)
    stage.answer("Dorn", proposal.id, "objection")
    stage.pass_time(START + 30 * HOUR)
    certificate, coalition = stage.certificate(proposal.id), stage.coalition
    stage.close()
    return rows(path), certificate, coalition


def test_one_seed_gives_one_record_and_another_run_another(tmp_path):
    first, again = play(tmp_path / "first"), play(tmp_path / "again")
    assert first == again
    assert len(first[0]["brill"]) > 10
    later, other = play(tmp_path / "later", number=1), play(tmp_path / "other", seed=8)
    assert len({first[2], later[2], other[2]}) == 3, "three coalitions"
    assert not {row[2] for row in first[0]["brill"]} & {row[2] for row in later[0]["brill"]}


# What is of an exercise is never taken for real, nor the other way round.


@pytest.fixture(scope="module")
def real_and_exercise(tmp_path_factory):
    """A real coalition and an exercise of the same charter, with the same keys."""
    from comity.exercise.chance import of_founding

    path, halls = tmp_path_factory.mktemp("both"), {}
    for kind in ("real", "exercise"):
        found_all(
            path / kind,
            CHARTER,
            b"pass",
            exercise=kind == "exercise",
            members=["Arden", "Brill"],
            cost=LEAST,
            chance=of_founding(1, 0),
        )
        halls[kind] = Hall.open(path / kind, b"pass")
    yield path, halls
    for hall in halls.values():
        hall.close()


@pytest.mark.parametrize(("of", "to"), [("real", "exercise"), ("exercise", "real")])
def test_an_act_of_the_one_is_refused_by_name_by_the_other(real_and_exercise, of, to):
    from comity.core.acts import ActForm
    from comity.core.strict import read_json

    _, halls = real_and_exercise
    act = halls[of].nodes["Arden"].say("table", ALERT)
    data = act.to_bytes()
    taker = halls[to].nodes["Brill"]
    before = len(list(taker.record.acts()))
    taken = taker.take([read_json(data, ActForm, limit=10**6, what="the act")])
    assert taken.refused == (
        f"payload-type: the act is of another type: '{act.envelope.payload_type}'",
    )
    kinds = {halls[k].nodes["Arden"].ground.founding.act_type.encode() for k in (of, to)}
    (own,) = kinds - {act.envelope.payload_type.encode()}
    relabelled = data.replace(act.envelope.payload_type.encode(), own)
    assert relabelled != data
    taken = taker.take([read_json(relabelled, ActForm, limit=10**6, what="the act")])
    assert taken.refused[0].startswith("bad-signature: "), "the type is signed with the rest"
    assert len(list(taker.record.acts())) == before


@pytest.mark.parametrize(("of", "to"), [("real", "exercise"), ("exercise", "real")])
def test_a_bundle_of_the_one_is_refused_by_the_other(real_and_exercise, of, to):
    from comity.errors import ActError
    from comity.node.bundle import export, take_in

    _, halls = real_and_exercise
    halls[of].nodes["Arden"].say("table", ALERT)
    (data, *_) = export(halls[of].nodes["Arden"], "Brill")
    with pytest.raises(ActError) as refused:
        take_in(halls[to].nodes["Brill"], data)
    assert refused.value.refusal in ("box", "another-coalition")
    assert [a for a in take_in(halls[of].nodes["Brill"], data)[1].new if a.kind == "alert"]


def test_a_real_record_waits_for_its_disk(real_and_exercise):
    _, halls = real_and_exercise
    with pytest.raises(UsageError, match="is a real record, and waits for its disk"):
        halls["real"].nodes["Arden"].record.hurry()
    halls["exercise"].nodes["Arden"].record.hurry()


def test_a_proposal_that_persons_held_back_is_closed_when_they_let_it_go(stage):
    proposal = propose(stage)
    for member in SEVEN[1:4]:
        duties.hold(stage.nodes[member], proposal.id)
    stage.pass_time(START + 40 * HOUR)
    assert not set(SEVEN[1:4]) & set(closings(stage, proposal))
    assert not stage.standing(proposal.id).settlement.settled
    for member in SEVEN[1:4]:
        duties.hold(stage.nodes[member], proposal.id, back=False)
    stage.hall.deliver()
    assert set(closings(stage, proposal)) == set(SEVEN)
