"""Proposals: what they pin, which acts on them have effect, and how they end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from comity.core.proposals import (
    Pinned,
    closing_reason,
    heard,
    named_stances,
    pin,
    stance_reason,
    stand,
)
from comity.core.strict import instant, spelled
from tests.property.record_strategies import CLOSES, EXPIRES, LATE, OPENED, Cast


@pytest.fixture
def cast():
    return Cast(4, 1, 0, weighed=True)


def pinned_of(cast, proposal) -> Pinned:
    found = pin(proposal, cast.under)
    assert isinstance(found, Pinned), found
    return found


def outcome(cast, proposal, acts):
    return stand(pinned_of(cast, proposal), acts).settlement.outcome


def test_a_proposal_pins_roster_weights_and_thresholds(cast):
    found = pinned_of(cast, cast.propose())
    assert found.roster == ("Arden", "Brill", "Corve", "Dorn")
    assert found.electorate.weights["people"]["Dorn"] == 40
    assert (found.thresholds.establishing, found.thresholds.refuting) == (2, 3)


def test_a_charter_that_names_no_n_allows_none_to_be_missing(cast):
    lines = pinned_of(cast, cast.propose(procedure="bare")).thresholds
    assert (lines.establishing, lines.refuting) == (1, 4)


PINS = [
    ({"charter": "0" * 64}, "it pins another charter"),
    ({"rule": "fairness"}, "'fairness' is not a rule in force of council"),
    ({"procedure": "lot"}, "'lot' is not a procedure of council"),
    ({"expires": None}, "it has no expiry"),
    ({"on": "2026-03-03"}, "it pins the roster of 2026-03-03, and expires on 2026-03-02"),
    ({"roster": ("Arden", "Brill")}, "its roster is not that of council on 2026-03-02"),
    ({"roster": ("Brill", "Arden", "Corve", "Dorn")}, "its roster is not that of council on"),
    (
        {"rule": "weighed", "on": "2025-12-31", "expires": "2025-12-31T12:00:00Z"},
        "no table of people is in force that gives everybody a weight",
    ),
]


@pytest.mark.parametrize(("pins", "reason"), [pytest.param(p, r, id=r) for p, r in PINS])
def test_a_proposal_without_effect_has_a_reason(cast, pins, reason):
    assert pin(cast.propose(**pins), cast.under).startswith(reason)


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ({"organ": "senate"}, "the charter has no organ called 'senate'"),
        ({"constitution": "0" * 64}, "it was made in another constitution"),
    ],
)
def test_an_organ_or_constitution_that_is_not_there(cast, head, reason):
    assert pin(cast.propose(head=head), cast.under) == reason


def test_an_organ_without_a_rule_decides_nothing(cast):
    proposal = cast.propose(head={"organ": "watch"}, roster=("Arden", "Brill", "Harbour"))
    assert pin(proposal, cast.under) == "'consensus' is not a rule in force of watch"


def test_who_may_not_propose_proposes_nothing():
    cast = Cast(4, 1, 0)
    proposal = cast.propose("Harbour")
    assert isinstance(pin(proposal, cast.under), Pinned)
    charter = cast.under.charter
    closed = {"council": replace(charter.organs["council"], propose=("seats",))}
    under = replace(cast.under, charter=replace(charter, organs=closed))
    assert pin(proposal, under) == "Harbour may not propose in council"


def test_a_day_with_too_small_a_roster_is_no_day_to_decide(cast):
    charter = cast.under.charter
    kinds = {k: replace(p, n=2) if k == "silence" else p for k, p in charter.procedures.items()}
    under = replace(cast.under, charter=replace(charter, procedures=kinds))
    assert pin(cast.propose(), under) == "4 members are fewer than 2n + f + 1 = 5"


def test_an_empty_roster_decides_nothing(cast):
    charter = cast.under.charter
    empty = {"council": replace(charter.organs["council"], seats=("group:none",))}
    under = replace(cast.under, charter=replace(charter, organs=empty))
    assert pin(cast.propose("Harbour"), under).startswith("its roster is not that of council")


def test_what_is_no_proposal_pins_nothing(cast):
    proposal = cast.propose()
    assert pin(cast.say("Brill", proposal, "no"), cast.under) == "it is no proposal"


def test_what_is_open_to_signature_has_no_expiry(cast):
    proposal = cast.propose(procedure="signature", rule="two", expires=EXPIRES)
    assert pin(proposal, cast.under) == "what is open to signature has no expiry"


# Which answers have effect.


def test_an_answer_from_outside_the_roster_is_without_effect(cast):
    proposal = cast.propose()
    pinned = pinned_of(cast, proposal)
    stance = cast.say("Harbour", proposal, "no")
    assert stance_reason(stance, pinned) == "Harbour is not on the pinned roster"
    closing = cast.close("Harbour", proposal)
    assert closing_reason(closing, pinned) == "Harbour is not on the pinned roster"


def test_an_answer_in_another_organ_or_constitution_is_without_effect(cast):
    proposal = cast.propose()
    pinned = pinned_of(cast, proposal)
    assert stance_reason(cast.say("Brill", proposal, "no", organ="watch"), pinned) == (
        "it was made in watch, and the proposal in council"
    )
    assert closing_reason(cast.close("Brill", proposal, constitution="0" * 64), pinned) == (
        "it was made in another constitution than the proposal"
    )


def test_only_the_proposer_withdraws(cast):
    proposal = cast.propose("Harbour")
    pinned = pinned_of(cast, proposal)
    assert stance_reason(cast.say("Harbour", proposal, "withdraw"), pinned) is None
    assert stance_reason(cast.say("Brill", proposal, "withdraw"), pinned) == (
        "Brill did not propose it, and cannot withdraw it"
    )


def test_what_is_open_to_signature_is_neither_closed_nor_withdrawn(cast):
    proposal = cast.propose(procedure="signature", rule="two")
    pinned = pinned_of(cast, proposal)
    assert closing_reason(cast.close("Brill", proposal), pinned) == (
        "what is open to signature is not closed"
    )
    assert stance_reason(cast.say("Arden", proposal, "withdraw"), pinned) == (
        "what is open to signature is not withdrawn"
    )


@pytest.mark.parametrize(
    ("procedure", "at", "heard", "effect"),
    [
        pytest.param("silence", CLOSES, 0, True, id="expiry and grace are over"),
        pytest.param("silence", "2026-03-02T12:59:59Z", 0, False, id="a second too early"),
        pytest.param("silence", EXPIRES, 4, False, id="silence is never closed early"),
        pytest.param("vote", OPENED, 4, True, id="a vote is, by whoever heard everybody"),
        pytest.param("vote", OPENED, 3, False, id="but not by whoever heard fewer"),
        pytest.param("consensus", EXPIRES, 0, True, id="no grace where the charter says none"),
    ],
)
def test_a_closing_counts_from_expiry_and_grace_on(cast, procedure, at, heard, effect):
    proposal = cast.propose(procedure=procedure)
    stances = [cast.say(m, proposal, "yes") for m in cast.roster[:heard]]
    reason = closing_reason(
        cast.close("Brill", proposal, stances, at=at), pinned_of(cast, proposal)
    )
    assert (reason is None) == effect
    assert effect or "it may be closed from 2026-03-02 13:00 UTC on" in reason


def test_a_proposal_says_when_it_is_closed_and_what_it_waits_for(cast):
    pinned = pinned_of(cast, cast.propose())
    assert pinned.closes_at == instant(CLOSES, "it")
    early = instant(EXPIRES, "it")
    assert pinned.waits({}, early) == "it may be closed from 2026-03-02 13:00 UTC on"
    assert pinned.waits({}, pinned.closes_at) is None
    signed = pinned_of(cast, cast.propose(procedure="signature", rule="two"))
    assert signed.closes_at is None
    assert signed.waits({}, early) == "what is open to signature is not closed"


def test_whoever_closes_in_the_middle_of_a_second_signs_no_instant_that_is_too_early(cast):
    whole = pinned_of(cast, cast.propose())
    pinned = replace(whole, procedure=replace(whole.procedure, grace=1 / 3_600 + 0.5 / 3_600))
    over = pinned.closes_at
    assert over.microsecond == 500_000
    assert pinned.waits({}, over) == pinned.waits({}, instant(spelled(over), "it"))
    assert pinned.waits({}, over) is not None
    assert pinned.waits({}, over + timedelta(seconds=0.5)) is None


def test_a_roll_names_the_last_stance_of_each_whose_turns_are_all_at_hand(cast):
    proposal = cast.propose("Harbour")
    pinned = pinned_of(cast, proposal)
    first = cast.say("Dorn", proposal, "yes")
    second = cast.say("Dorn", proposal, "no", first)
    third = cast.say("Dorn", proposal, "yes", second)
    withdrawn = cast.say("Harbour", proposal, "withdraw")
    outside = cast.say("Harbour", proposal, "no")
    assert heard(pinned, [third, second, first]) == (third,)
    assert heard(pinned, [third, first, withdrawn, outside]) == (first, withdrawn)
    rivals = [cast.say("Brill", proposal, word) for word in ("yes", "no")]
    assert heard(pinned, rivals) == (min(rivals, key=lambda act: act.id),)
    assert heard(pinned, [proposal]) == ()


# How it ends.


def test_silence_holds_without_one_member(cast):
    proposal = cast.propose()
    assert outcome(cast, proposal, cast.close_all(proposal, but=("Dorn",))) == "adopted"
    assert outcome(cast, proposal, cast.close_all(proposal, but=("Dorn", "Corve"))) == "open"


def test_an_objection_that_enough_heard_breaks_silence_though_the_chair_says_nothing(cast):
    proposal = cast.propose()
    objection = cast.say("Dorn", proposal, "objection")
    acts = [
        objection,
        cast.close("Arden", proposal),
        cast.close("Brill", proposal, [objection]),
        cast.close("Corve", proposal, [objection]),
    ]
    assert outcome(cast, proposal, acts) == "broken"
    assert outcome(cast, proposal, acts[1:]) == "in doubt"  # whoever hides it proves nothing


def test_an_objection_that_only_its_author_heard_comes_too_late(cast):
    proposal = cast.propose()
    objection = cast.say("Dorn", proposal, "objection")
    acts = [objection, cast.close("Dorn", proposal, [objection])]
    acts += cast.close_all(proposal, but=("Dorn",))
    assert outcome(cast, proposal, acts) == "adopted"


def test_an_objection_that_is_taken_back_breaks_nothing(cast):
    proposal = cast.propose()
    first = cast.say("Dorn", proposal, "objection")
    second = cast.say("Dorn", proposal, "yes", first)
    standing = stand(
        pinned_of(cast, proposal), [first, second, *cast.close_all(proposal, [second])]
    )
    assert standing.settlement.outcome == "adopted"
    assert list(named_stances(standing)) == sorted((first.id, second.id))


def test_12_notice_who_had_the_text_too_late_does_not_consent(cast):
    proposal = cast.propose(rule="everybody")
    acts = cast.close_all(proposal, but=("Dorn",))
    assert outcome(cast, proposal, [*acts, cast.close("Dorn", proposal)]) == "adopted"
    for opened in (LATE, None, "2026-03-02T00:00:01Z"):
        late = stand(
            pinned_of(cast, proposal), [*acts, cast.close("Dorn", proposal, opened=opened)]
        )
        assert late.settlement.outcome == "in doubt"
        assert late.settlement.perhaps_missing == ("Dorn",)
    enough = cast.close("Dorn", proposal, opened="2026-03-02T00:00:00Z")
    assert outcome(cast, proposal, [*acts, enough]) == "adopted"


def test_12_notice_who_shows_a_stance_of_its_own_was_not_silent(cast):
    """An objection that nobody else heard in time does not count, nor does it become a yes."""
    proposal = cast.propose(rule="everybody")
    objection = cast.say("Dorn", proposal, "objection")
    acts = [objection, *cast.close_all(proposal, but=("Dorn",))]
    standing = stand(pinned_of(cast, proposal), [*acts, cast.close("Dorn", proposal, [objection])])
    assert standing.settlement.outcome == "in doubt"
    assert standing.settlement.perhaps_missing == ("Dorn",)


def test_without_a_notice_in_the_charter_the_text_must_be_there_by_the_expiry(cast):
    proposal = cast.propose(procedure="bare", rule="everybody")
    assert outcome(cast, proposal, cast.close_all(proposal, opened=EXPIRES)) == "adopted"
    assert outcome(cast, proposal, cast.close_all(proposal, opened=CLOSES)) == "in doubt"


def test_a_vote_ends_as_the_rule_says(cast):
    proposal = cast.propose(procedure="vote", rule="majority")
    stances = [cast.say(m, proposal, "yes") for m in ("Arden", "Brill", "Corve")]
    assert outcome(cast, proposal, [*stances, *cast.close_all(proposal, stances)]) == "adopted"
    two = stances[:2]
    assert outcome(cast, proposal, [*two, *cast.close_all(proposal, two)]) == "lapsed"


def test_the_proposer_withdraws_and_proposes_again(cast):
    """Extending is that, and no lever of its own."""
    proposal = cast.propose("Harbour")
    withdrawal = cast.say("Harbour", proposal, "withdraw")
    acts = [withdrawal, *cast.close_all(proposal, [withdrawal])]
    assert outcome(cast, proposal, acts) == "withdrawn"
    again = cast.propose("Harbour", on="2026-03-03", expires="2026-03-03T12:00:00Z")
    late = cast.close_all(again, at="2026-03-03T13:00:00Z")
    assert outcome(cast, again, [*acts, *late]) == "adopted"


def test_what_is_open_to_signature_is_adopted_by_those_who_join(cast):
    proposal = cast.propose(procedure="signature", rule="two")
    first = cast.say("Brill", proposal, "yes")
    assert outcome(cast, proposal, [first]) == "open"
    back = cast.say("Brill", proposal, "no", first)
    second = cast.say("Dorn", proposal, "yes")
    standing = stand(pinned_of(cast, proposal), [first, back, second])
    assert standing.settlement.outcome == "adopted"  # a yes is irrevocable
    assert named_stances(standing) == {}


def test_6_clocks_no_instant_but_a_closings_own_changes_an_outcome(cast):
    """The same acts with any instants in the headers of proposal and stances end alike."""
    ends = set()
    for moment in ("1999-01-01T00:00:00Z", OPENED, "2199-01-01T00:00:00Z"):
        proposal = cast.propose(head={"instant": moment})
        objection = cast.say("Dorn", proposal, "objection", instant=moment)
        acts = [objection, *cast.close_all(proposal, [objection])]
        ends.add(outcome(cast, proposal, acts))
    assert ends == {"broken"}
