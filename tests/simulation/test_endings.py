"""How a decision can end, with real nodes: each ending, and the certificate that shows it."""

from __future__ import annotations

import pytest

from comity.core.attestations import certify_equivocation, verify
from comity.core.bodies import Adopt, Amend, Closing, Reinstate, ReplaceKey, Suspend
from comity.core.constitution import COALITION
from comity.core.keys import offer_key
from comity.core.strict import spelled, write_base64
from comity.errors import UsageError
from tests.simulation.league import charter_text
from tests.simulation.stage import Stage


@pytest.fixture
def stage(tmp_path):
    made = Stage(tmp_path / "league")
    yield made
    made.close()


@pytest.fixture
def wary(tmp_path):
    """Return a league in which one may be missing and one may double-sign."""
    made = Stage(tmp_path / "league", 4, 1, 1)
    yield made
    made.close()


def lines(verdict):
    return str(verdict)


def test_a_silence_that_nobody_breaks_holds(stage):
    proposal = stage.propose()
    stage.wait(hours=24)
    stage.tick()
    assert stage.outcome(proposal) == "open"  # the grace is not over
    stage.wait(hours=1)
    stage.tick()
    assert {stage.outcome(proposal, m) for m in stage.members} == {"adopted"}
    verdict = stage.verdict(proposal, "Dorn")
    assert (verdict.outcome, verdict.proven) == ("adopted", True)
    assert lines(verdict).count("consent") == 4
    assert stage["Harbour"].record.get(proposal.id) is None


def test_an_objection_breaks_the_silence(stage):
    proposal = stage.propose()
    stage["Corve"].answer(proposal.id, "objection")
    stage.wait(hours=25)
    stage.tick()
    assert {stage.outcome(proposal, m) for m in stage.members} == {"broken"}
    verdict = stage.verdict(proposal)
    assert (verdict.outcome, verdict.proven) == ("broken", True)
    assert "Corve: objection" in lines(verdict)


def test_to_amend_is_to_withdraw_and_propose_the_new_text_and_the_clock_begins_again(stage):
    proposal = stage.propose()
    stage.wait(hours=23)
    stage["Corve"].answer(proposal.id, "objection")
    stage.tick()
    stage["Arden"].answer(proposal.id, "withdraw")
    amended = stage.propose(effect=Adopt(("It stays by the river.",)))
    stage.wait(hours=2)
    stage.tick()
    assert stage.outcome(proposal) == "withdrawn"
    assert stage.outcome(amended) == "open"  # the first would be over by now
    assert stage["Brill"].standing(amended.id).count.closed == ()
    stage.wait(hours=23)
    stage.tick()
    assert stage.outcome(amended) == "adopted"
    assert [stage.verdict(p).outcome for p in (proposal, amended)] == ["withdrawn", "adopted"]


def test_whoever_had_the_text_too_late_is_not_said_to_consent(stage):
    stage.away("Corve", "Dorn")
    proposal = stage.propose()
    stage.wait(hours=22)  # the charter asks for 3 hours of notice
    stage.away()
    stage.tick()
    stage.wait(hours=3)
    stage.tick()
    standing = stage["Brill"].standing(proposal.id)
    assert standing.count.consenting == {"Arden", "Brill"}
    assert standing.settlement.perhaps_missing == ("Corve", "Dorn")
    assert standing.settlement.outcome == "in doubt"  # two of four are no majority
    verdict = stage.verdict(proposal)
    assert not verdict.proven
    assert set(verdict.standing.settlement.possible) == {"adopted", "lapsed"}


def test_one_may_have_had_the_text_too_late(stage):
    stage.away("Dorn")
    proposal = stage.propose()
    stage.wait(hours=22)
    stage.away()
    stage.tick()
    stage.wait(hours=3)
    stage.tick()
    assert stage.outcome(proposal) == "adopted"
    assert lines(stage.verdict(proposal)).count(": consent") == 3


def test_it_is_decided_without_n_members_whoever_they_are(tmp_path):
    for missing in ("Arden", "Brill", "Corve", "Dorn"):
        stage = Stage(tmp_path / missing)
        proposal = stage.propose()
        stage.away(missing)
        stage.wait(hours=25)
        stage.tick()
        there = [m for m in stage.members if m != missing]
        assert {stage.outcome(proposal, m) for m in there} == {"adopted"}
        verdict = stage.verdict(proposal, there[0])
        assert verdict.proven
        assert "did not close" in lines(verdict)
        stage.close()


def test_without_n_and_one_more_it_stays_open_and_one_of_them_can_finish_it(stage):
    proposal = stage.propose()
    stage.away("Corve", "Dorn")
    stage.wait(hours=25)
    stage.tick()
    assert stage.outcome(proposal) == "open"
    assert not stage.verdict(proposal).proven
    stage.wait(hours=24 * 30)
    stage.away("Dorn")
    stage.tick()
    assert stage.outcome(proposal) == "adopted"
    assert stage.verdict(proposal, "Corve").outcome == "adopted"


def test_an_objection_that_is_kept_from_one_member_breaks_the_silence_all_the_same(stage):
    proposal = stage.propose()
    stage["Dorn"].answer(proposal.id, "objection")
    stage.whisper("Dorn", "Brill", "Corve")
    stage.wait(hours=25)
    stage.close_alone("Arden")  # which heard nothing, and closes so
    assert stage["Arden"].standing(proposal.id).count.closed == ("Arden",)
    stage.tick()
    stage.away()
    assert {stage.outcome(proposal, m) for m in stage.members} == {"broken"}
    assert stage.verdict(proposal).outcome == "broken"


def test_an_objection_that_comes_after_the_others_closed_stays_visible_as_late(stage):
    proposal = stage.propose()
    stage.wait(hours=25)
    stage.close_alone("Arden", "Brill", "Corve")
    late = stage["Dorn"].answer(proposal.id, "objection")
    stage.tick()
    assert {stage.outcome(proposal, m) for m in stage.members} == {"adopted"}
    standing = stage["Dorn"].standing(proposal.id)
    assert "Dorn" not in standing.count.consenting  # its own roll shows what it said
    assert standing.count.shown_by[late.id] == 1
    verdict = stage.verdict(proposal)
    assert verdict.proven
    assert "objection, shown by 1 of 4: too late to count" in lines(verdict)


def close_twice(stage, proposal, member, heard):
    """Let a member sign a second closing, with another roll."""
    node = stage[member]
    body = Closing(proposal.id, {heard.member: heard.id}, spelled(stage.now))
    second = node._signed("council", body, under=proposal.header.constitution)
    node._keep([second])
    return second


def closings_of(stage, proposal, member):
    acts = stage["Arden"].record.about(proposal.id, kind="closing")
    return [act for act in acts if act.member == member]


def test_whoever_closes_twice_with_f_at_0_makes_it_contested_and_is_named(stage):
    proposal = stage.propose()
    stage.wait(hours=25)
    stage.close_alone("Brill", "Corve", "Dorn")
    objection = stage["Arden"].answer(proposal.id, "objection")
    stage.whisper("Arden", "Brill")
    close_twice(stage, proposal, "Brill", objection)
    stage.tick()
    stage.away()
    assert {stage.outcome(proposal, m) for m in stage.members} == {"contested"}
    standing = stage["Dorn"].standing(proposal.id)
    assert [c.double_signers for c in standing.count.contradictions] == [("Brill",)]
    verdict = stage.verdict(proposal)
    assert (verdict.outcome, verdict.proven) == ("contested", False)
    one, other = closings_of(stage, proposal, "Brill")
    proof = certify_equivocation(one, other, stage["Corve"].succession)
    assert "two closings" in str(verify(proof, stage.league.founding.id))


def test_whoever_closes_twice_with_f_at_1_is_named_and_changes_nothing(wary):
    proposal = wary.propose()
    wary.wait(hours=25)
    wary.close_alone("Arden", "Brill", "Corve", "Dorn")
    objection_to_nothing = wary["Brill"].standing(proposal.id)
    assert objection_to_nothing.count.closed == ("Brill",)
    node = wary["Brill"]
    body = Closing(proposal.id, {}, None)
    node._keep([node._signed("council", body, under=proposal.header.constitution)])
    wary.tick()
    wary.away()
    assert {wary.outcome(proposal, m) for m in wary.members} == {"adopted"}
    standing = wary["Dorn"].standing(proposal.id)
    assert standing.count.double_closers == ("Brill",)
    assert wary.verdict(proposal).proven


def replaced_key(stage, member):
    """Make a new key for a member that lost its own, and the change that gives it that key."""
    node = stage[member]
    keys = node.keys.with_new("office", made_at=spelled(stage.now))
    new = keys.offices[-1]
    node.keys = keys
    return ReplaceKey(offer_key(node.coalition, new.held, new.seed.reveal())), new


def test_a_lost_key_is_replaced_by_decision_and_its_owner_speaks_with_the_new_one(stage):
    old = stage["Dorn"].keys.signing()
    effect, new = replaced_key(stage, "Dorn")
    change = stage.change(effect, but=("Dorn",))
    assert stage.outcome(change) == "adopted"
    assert stage.verdict(change).outcome == "adopted"
    assert {stage[m].under.id for m in stage.members} == {stage["Arden"].succession.current.id}
    proposal = stage.propose()
    yes = stage["Dorn"].answer(proposal.id, "objection")
    assert yes.key_id == new.key_id
    stage.tick()
    # Whoever found the old key says something else with it: it is kept, and counts for nothing.
    stage["Dorn"].keys = stage["Dorn"].keys.signing_with(old.key_id)
    assert stage["Dorn"].keys.signing().key_id == old.key_id
    stage.wait(hours=25)
    stage.tick()
    assert {stage.outcome(proposal, m) for m in stage.members} == {"broken"}
    verdict = stage.verdict(proposal)
    assert verdict.proven
    assert "after 1 settled change" in lines(verdict)


def test_who_is_about_to_be_suspended_can_still_break_what_is_running(stage):
    running = stage.propose(hours=23)
    since = stage.now.date().replace(day=3).isoformat()
    change = stage.change(Suspend("Dorn", since), but=("Dorn",), hours=4)
    assert stage.outcome(change) == "adopted"
    stage["Dorn"].answer(running.id, "objection")
    stage.tick()
    stage.wait(hours=19)
    for member in stage.members:  # of the old rules a node closes nothing silently by itself
        if stage[member].standing(running.id).count.closed.count(member) == 0:
            stage[member].close_proposal(running.id)
    stage.tick()
    assert {stage.outcome(running, m) for m in stage.members} == {"broken"}
    stage.wait(hours=24)
    after = stage.propose()
    assert after.body.roster == ("Arden", "Brill", "Corve")
    assert "Dorn" not in stage["Arden"].readers()["council"]
    assert stage["Dorn"].organs() == (COALITION,)
    with pytest.raises(UsageError, match="no act at hand"):
        stage["Dorn"].find(after.id)
    stage.wait(hours=25)
    stage.tick()
    assert stage.outcome(after) == "adopted"
    assert [stage.verdict(p).outcome for p in (running, change, after)] == [
        "broken",
        "adopted",
        "adopted",
    ]


def test_who_sits_again_from_a_later_day_hears_of_it_until_then(stage):
    effect = Reinstate("Dorn", stage.now.date().replace(day=20).isoformat())
    change = stage.change(effect, but=("Dorn",))
    assert stage.outcome(change, "Dorn") == "adopted"
    assert stage["Dorn"].organs() == (COALITION,)
    assert "Dorn" in stage["Arden"].readers()[COALITION]
    assert stage["Dorn"].under.id == stage["Arden"].under.id


def test_a_charter_that_changes_meanwhile_leaves_what_is_running_under_the_old_one(stage):
    running = stage.propose(hours=23)
    text = charter_text(4, 1, 0, edition="2")
    change = stage.change(Amend(write_base64(text)), hours=4)
    assert stage.outcome(change) == "adopted"
    assert {stage[m].under.charter.edition for m in stage.members} == {"2"}
    stage.wait(hours=20)
    stage.tick()
    # A newer constitution is known: nobody's node takes silence for consent by itself.
    assert stage["Arden"].standing(running.id).count.closed == ()
    for member in ("Arden", "Brill", "Corve"):
        stage[member].close_proposal(running.id)  # their members may: they said so on entering
    stage.tick()
    assert {stage.outcome(running, m) for m in stage.members} == {"adopted"}
    new = stage.propose()
    assert new.body.charter != running.body.charter
    stage.wait(hours=25)
    stage.tick()
    assert stage.outcome(new) == "adopted"
    assert [stage.verdict(p).outcome for p in (running, change, new)] == ["adopted"] * 3
    assert "edition 2" in lines(stage.verdict(new))
    assert "edition 1" in lines(stage.verdict(running))


def test_who_has_not_heard_of_the_new_charter_cannot_slip_a_decision_in_under_the_old_one(stage):
    stage.away("Dorn")
    change = stage.change(Amend(write_base64(charter_text(4, 1, 0, edition="2"))), but=("Dorn",))
    assert stage.outcome(change) == "adopted"
    stale = stage.propose("Dorn", deliver=False)
    stage.away()
    stage.tick()
    with pytest.raises(UsageError, match="rules that this member has left behind"):
        stage["Arden"].answer(stale.id, "yes")
    stage.wait(hours=25)
    stage.tick()
    assert stage.outcome(stale) == "open"
    assert stage["Arden"].standing(stale.id).count.closed == ()
    verdict = stage.verdict(stale)
    assert not verdict.proven


def test_a_proposal_without_effect_has_no_certificate_and_says_why(stage):
    stage.away("Dorn")
    stage.change(Amend(write_base64(charter_text(4, 1, 0, edition="2"))), but=("Dorn",))
    early = stage.propose("Arden")
    stage["Dorn"].take([early.form()])
    with pytest.raises(UsageError, match="there is no certificate: the proposal is not at hand"):
        stage["Dorn"].certificate("00" * 32)
    sealed = stage["Dorn"].standing(early.id)
    assert isinstance(sealed, str)
    with pytest.raises(UsageError, match="there is no certificate"):
        stage["Dorn"].certificate(early.id)
