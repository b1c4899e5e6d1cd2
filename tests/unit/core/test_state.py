"""The fold: chains with gaps and forks, proposals with their answers, acts without effect."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from comity.core.acts import (
    read_act,
)
from comity.core.bodies import Resume
from comity.core.envelope import Signature
from comity.core.proposals import Standing
from comity.core.state import extend, fold
from comity.core.strict import write_json
from tests.property.record_strategies import Cast


@pytest.fixture
def cast():
    return Cast(4, 1, 0)


def test_chains_show_their_heads_and_gaps(cast):
    proposal = cast.propose("Arden")
    stances = [cast.say("Arden", proposal, "yes")]
    stances.append(cast.say("Arden", proposal, "no", stances[0]))
    whole = fold(cast.under, [proposal, *stances]).chains["council", "Arden"]
    assert (whole.heads, whole.gaps, whole.forks) == ((stances[1].id,), (), ())
    holed = fold(cast.under, [proposal, stances[1]]).chains["council", "Arden"]
    assert holed.heads == tuple(sorted((proposal.id, stances[1].id)))
    assert holed.gaps == (stances[0].id,)


def test_a_fork_is_kept_and_shown(cast):
    proposal = cast.propose("Arden")
    yes = cast.say("Brill", proposal, "yes", seq=1, prev=None)
    no = cast.say("Brill", proposal, "no", seq=1, prev=None)
    chain = fold(cast.under, [proposal, yes, no]).chains["council", "Brill"]
    assert chain.forks == (1,)
    assert set(chain.acts[1]) == {yes.id, no.id}


def test_answers_may_come_before_their_proposal(cast):
    proposal = cast.propose()
    closings = cast.close_all(proposal)
    early = fold(cast.under, closings)
    assert early.standing(proposal.id) == "the proposal is not at hand"
    assert dict(early.without_effect()) == {
        act.id: "of its proposal: the proposal is not at hand" for act in closings
    }
    late = extend(early, [proposal])
    standing = late.standing(proposal.id)
    assert isinstance(standing, Standing)
    assert standing.settlement.outcome == "adopted"
    assert not dict(late.without_effect())
    assert late == fold(cast.under, [proposal, *closings])


def test_acts_without_effect_are_listed_with_the_reason(cast):
    proposal = cast.propose()
    lost = cast.propose(rule="fairness")
    objection = cast.say("Harbour", proposal, "objection")
    early = cast.close("Brill", proposal, at="2026-03-01T09:00:00Z")
    state = fold(cast.under, [proposal, lost, objection, early])
    told = dict(state.without_effect())
    assert list(told) == sorted(told)
    assert told == {
        lost.id: "'fairness' is not a rule in force of council",
        objection.id: "Harbour is not on the pinned roster",
        early.id: "Brill closed it too early: it may be closed from 2026-03-02 13:00 UTC on",
    }


def test_a_proposal_nobody_answered_is_open(cast):
    proposal = cast.propose()
    standing = fold(cast.under, [proposal]).standing(proposal.id)
    assert isinstance(standing, Standing)
    assert standing.settlement.outcome == "open"


def sealed(cast, act):
    form = msgspec.structs.replace(act.form(), salt=None, body=None)
    return read_act(write_json(form), cast.founding)


def test_what_cannot_be_opened_is_unknown_and_never_without_effect(cast):
    proposal = cast.propose()
    objection = cast.say("Dorn", proposal, "objection")
    acts = [proposal, sealed(cast, objection), *cast.close_all(proposal, [objection])]
    state = fold(cast.under, acts)
    assert not dict(state.without_effect())
    standing = state.standing(proposal.id)
    assert isinstance(standing, Standing)
    assert standing.settlement.outcome == "in doubt"
    opened = extend(state, [objection]).standing(proposal.id)
    assert isinstance(opened, Standing)
    assert opened.settlement.outcome == "broken"


def test_the_copy_that_says_more_is_kept_whichever_comes_first(cast):
    proposal = cast.propose()
    both = [proposal, sealed(cast, proposal)]
    assert fold(cast.under, both) == fold(cast.under, both[::-1]) == fold(cast.under, [proposal])


def test_of_two_signatures_under_one_act_always_the_same_is_kept(cast):
    proposal = cast.propose()
    known = proposal.envelope.signatures[0]
    other = replace(
        proposal,
        envelope=replace(proposal.envelope, signatures=(Signature(known.key_id, bytes(64)),)),
    )
    assert fold(cast.under, [proposal, other]) == fold(cast.under, [other, proposal])


def test_an_honest_fork_is_joined_by_an_act_that_names_both_ends(cast):
    proposal = cast.propose("Arden")
    yes = cast.say("Brill", proposal, "yes", seq=1, prev=None)
    again = cast.say("Brill", proposal, "yes", seq=1, prev=None)
    joined = cast.act("Brill", Resume((yes.id, again.id)))
    before = fold(cast.under, [yes, again]).chains["council", "Brill"]
    assert before.heads == tuple(sorted((yes.id, again.id)))
    after = fold(cast.under, [yes, again, joined])
    assert after.chains["council", "Brill"].heads == (joined.id,)
    assert after.chains["council", "Brill"].forks == (1,)
    assert list(after.of_kind("resume")) == [joined.id]
    assert not after.of_kind("alert")
    assert after.keyring == fold(cast.under, []).keyring
