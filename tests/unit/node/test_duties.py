"""What a node does by itself, and what it never does by itself."""

from __future__ import annotations

import pytest

from comity.core.bodies import Amend, Enter, Leave
from comity.core.constitution import COALITION
from comity.core.strict import write_base64
from comity.node import duties
from tests.simulation.league import charter_text
from tests.simulation.stage import Stage


@pytest.fixture
def stage(tmp_path):
    made = Stage(tmp_path / "league")
    yield made
    made.close()


def closers(stage, proposal, member="Arden"):
    return stage[member].standing(proposal.id).count.closed


def over(stage, proposal):
    """Pass the expiry and the grace, and let everybody be heard from since."""
    stage.wait(hours=25)
    stage.hall.deliver()


def test_nobody_closes_before_expiry_and_grace(stage):
    proposal = stage.propose()
    for hours in (23, 1.9):
        stage.wait(hours=hours)
        stage.tick()
        assert closers(stage, proposal) == ()
    stage.wait(hours=0.1)
    stage.tick()
    assert closers(stage, proposal) == stage.members


def test_a_vote_closes_early_once_everybody_was_heard(stage):
    proposal = stage.propose(procedure="vote", rule="majority")
    for member in stage.members[:3]:
        stage[member].answer(proposal.id, "yes")
    stage.tick()
    assert closers(stage, proposal) == ()
    stage["Dorn"].answer(proposal.id, "no")
    stage.tick()
    assert closers(stage, proposal) == stage.members
    assert stage.outcome(proposal) == "adopted"


def test_what_its_member_holds_back_is_not_closed_until_it_lets_go(stage):
    proposal = stage.propose()
    duties.hold(stage["Brill"], proposal.id)
    over(stage, proposal)
    stage.tick()
    assert "Brill" not in closers(stage, proposal)
    duties.hold(stage["Brill"], proposal.id, back=False)
    assert not duties.is_held(stage["Brill"], proposal.id)
    # The others have settled it meanwhile: its member may still close it by hand.
    stage["Brill"].close_proposal(proposal.id)
    stage.tick()
    assert closers(stage, proposal) == stage.members


def test_a_node_that_is_cut_off_does_not_close_silently(stage):
    stage.propose()
    stage["Arden"].heard_at.clear()
    stage.wait(hours=25)
    assert duties.perform(stage["Arden"]) == ()
    stage["Arden"].heard_at["Brill"] = stage.now
    assert [act.kind for act in duties.perform(stage["Arden"])] == ["closing"]


def test_what_was_heard_before_the_expiry_is_not_enough_to_know_of_an_objection(stage):
    proposal = stage.propose()
    over_at = stage["Arden"].pinned(proposal.id).closes_at
    stage["Arden"].heard_at = {}
    stage.wait(hours=24, minutes=59)
    stage["Arden"].heard_at["Brill"] = stage.now
    stage.wait(minutes=30)
    assert stage["Arden"].heard_at["Brill"] < over_at
    assert duties.perform(stage["Arden"]) == ()


def test_whoever_spoke_is_closed_for_even_when_cut_off(stage):
    proposal = stage.propose()
    stage["Arden"].answer(proposal.id, "yes")
    stage["Arden"].heard_at.clear()
    stage.wait(hours=25)
    assert [act.kind for act in duties.perform(stage["Arden"])] == ["closing"]


def test_a_text_that_could_not_be_opened_is_not_closed(stage):
    node = stage["Arden"]
    proposal = stage.propose()
    pinned = node.pinned(proposal.id)
    over(stage, proposal)
    node.record.opened_at = lambda name: None
    assert not duties.is_due(node, pinned)


def test_a_newer_constitution_stops_silent_closings_and_not_spoken_ones(stage):
    silent, spoken = stage.propose(hours=20), stage.propose(hours=20)
    for member in stage.members:
        stage[member].answer(spoken.id, "yes")
    stage.change(Amend(write_base64(charter_text(4, 1, 0, edition="2"))), hours=4)
    stage.wait(hours=17)
    stage.tick()
    assert closers(stage, silent) == ()
    assert closers(stage, spoken) == stage.members


def test_on_entering_a_constitution_a_node_lists_what_it_still_answers(stage):
    running = stage.propose(hours=20)
    change = stage.change(Amend(write_base64(charter_text(4, 1, 0, edition="2"))), hours=4)
    entered = [a for a in stage["Corve"].record.acts(kind="enter") if a.member == "Corve"]
    assert len(entered) == 1
    body = entered[0].body
    assert isinstance(body, Enter)
    assert (body.changes, body.closes) == ((change.id,), (running.id,))
    stage.tick()
    assert len([a for a in stage["Corve"].record.acts(kind="enter") if a.member == "Corve"]) == 1


def test_a_party_without_a_seat_enters_too(stage):
    stage.change(Amend(write_base64(charter_text(4, 1, 0, edition="2"))), hours=4)
    assert stage["Harbour"].under.id == stage["Arden"].under.id


def test_who_leaves_still_answers_what_is_running_until_the_day(stage):
    running = stage.propose(hours=12)
    stage["Dorn"].say(COALITION, Leave("2026-03-05"))
    stage.tick()
    stage["Dorn"].answer(running.id, "objection")
    stage.tick()
    stage.wait(hours=13)
    for member in stage.members:
        if member not in closers(stage, running, member):
            stage[member].close_proposal(running.id)
    stage.tick()
    assert stage.outcome(running) == "broken"
    stage.wait(hours=24 * 5)
    assert stage["Dorn"].organs() == ()
    stage.tick()  # it has nothing to do any more, and nothing breaks


def test_outcomes_are_kept_once_settled_and_looked_at_only_when_something_is_new(stage):
    proposal = stage.propose()
    over(stage, proposal)
    stage.tick()
    node = stage["Brill"]
    assert [(s.proposal, s.outcome) for s in node.record.settled()] == [(proposal.id, "adopted")]
    assert duties.settle(node) == ()


def test_a_node_that_is_held_back_does_nothing(stage):
    proposal = stage.propose()
    node = stage["Arden"]
    node.record.hold_back("standby")
    over(stage, proposal)
    assert duties.perform(node) == ()
    assert closers(stage, proposal) == ()
