"""Invariant 8, *Succession*, and the other invariants over changes of charter, standings, keys.

One settled successor a (register, version), proven to the founding; stale pins
never count. Small coalitions are tried in full at the level of the count;
whole records of signed acts are drawn.
"""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import combinations, combinations_with_replacement

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core.attestations import verify
from comity.core.bodies import Enter, Propose, Suspend
from comity.core.certificate import certify
from comity.core.charter import Procedure
from comity.core.constitution import register_of, replaced_by
from comity.core.meeting import least_shared
from comity.core.procedures import SETTLED, settle
from comity.core.proposals import Pinned, pin
from comity.core.rolls import Roll, Said, Thresholds, count_rolls
from comity.core.rules import Amount, Electorate, InFavour, Rule
from comity.core.state import extend, fold
from comity.core.succession import succeed
from comity.errors import ActError
from tests.property.record_strategies import LEAGUE, Cast, successions
from tests.property.test_record_laws import patiently, told, views

VOTE = Procedure("vote", "vote")
SIZES = [(3, 0, 0), (3, 1, 0), (3, 0, 1), (4, 1, 0), (4, 0, 1), (4, 1, 1), (5, 1, 1), (5, 0, 2)]

each_size = pytest.mark.parametrize(
    ("members", "n", "f"), [pytest.param(*s, id="N={} n={} f={}".format(*s)) for s in SIZES]
)


def least_yes(members, f):
    """Return how many yes a change needs so that any two majorities share more than f."""
    need = (members + f) // 2 + 1
    rule = Rule(InFavour(Amount(Fraction(need))))
    assert least_shared(rule.adopt, rule.adopt, Electorate(LEAGUE[:members])) > f
    return need


def shown(said, size):
    """Yield what a closing may show of a proposal: any of what was said.

    Of five or more, all, all but one, or nothing: members are alike.
    """
    if size < 5:
        yield from views(said)
    else:
        yield from {(), said, *combinations(said, max(0, len(said) - 1))}


def adoptable(members, n, f, yes, need):
    """Tell whether some reader of some closings may find a change adopted.

    `yes` said yes. Every closer is absent or shows any of it; f of them show
    two things. A reader may also not have what one of them said.
    """
    roster, thresholds = LEAGUE[:members], Thresholds(members, n, f)
    said = tuple(Said(m, m, 1, None, "yes") for m in yes)
    choices = [*sorted(shown(tuple(yes), members), key=len, reverse=True), None]
    rule, electorate = Rule(InFavour(Amount(Fraction(need)))), Electorate(roster)
    for closed in combinations_with_replacement(choices, members):
        rolls = [
            Roll(f"{m} closes", m, {name: name for name in entry}, consents=False)
            for m, entry in zip(roster, closed)
            if entry is not None
        ]
        rolls += [
            Roll(f"{m} closes again", m, {name: name for name in yes}, consents=False)
            for m in roster[:f]
        ]
        for at_hand in (said, *combinations(said, max(0, len(said) - 1))):
            count = count_rolls(roster, roster[0], at_hand, rolls, thresholds)
            end = settle(rule, electorate, VOTE, roster[0], count, thresholds)
            if end.outcome == "adopted":
                return True
    return False


@each_size
def test_8_succession_one_settled_successor_whatever_rivals_members_agree_to(members, n, f):
    """All ways to say yes to two rival changes, of which at most f say yes to both.

    Whoever reads whichever acts of the one, and whoever those of the other:
    they are not both adopted. With one yes less to ask for, they are at once.
    """
    need, roster = least_yes(members, f), LEAGUE[:members]
    can = {k: adoptable(members, n, f, roster[:k], need) for k in range(members + 1)}
    assert [k for k, adopted in can.items() if adopted] == list(range(need, members + 1))
    both = 0
    for one in views(roster):
        for other in views(roster):
            if len({*one} & {*other}) <= f:
                both += can[len(one)] and can[len(other)]
    assert both == 0
    few = need - 1
    weaker = adoptable(members, n, f, roster[:few], few)
    apart = [
        1
        for one in combinations(roster, few)
        for other in combinations(roster, few)
        if len({*one} & {*other}) <= f
    ]
    assert weaker
    assert apart


@pytest.mark.parametrize(("members", "f"), sorted({(members, f) for members, _, f in SIZES}))
def test_8_succession_two_adopted_rivals_convict_more_than_f(members, f):
    need, roster = least_yes(members, f), LEAGUE[:members]
    for one in combinations(roster, need):
        for other in combinations(roster, need):
            assert len({*one} & {*other}) > f


def test_8_succession_whoever_is_concerned_stands_aside_and_majorities_still_meet():
    for members, f in ((4, 0), (5, 0), (5, 1), (6, 1)):
        need, there = least_yes(members, f), LEAGUE[1:members]
        shared = [
            len({*one} & {*other})
            for one in combinations(there, need)
            for other in combinations(there, need)
        ]
        assert min(shared) > f


@given(successions(), st.data())
@patiently(15)
def test_8_succession_no_two_readers_know_two_successors_of_one_version(line, data):
    """However the record is split between readers, all that they know fits together."""
    seen = [
        succeed(line.ground, [a for a in line.acts if data.draw(st.integers(0, 9))])
        for _ in range(3)
    ]
    seen.append(succeed(line.ground, line.acts))
    successor: dict[tuple[str, str | None], str] = {}
    for found in seen:
        assert not found.contested
        for act in found.settled.values():
            if isinstance(act.body, Propose):
                place = (register_of(act), replaced_by(act))
                assert successor.setdefault(place, act.id) == act.id


@given(successions(), st.data())
@patiently(15)
def test_8_succession_every_constitution_is_proven_to_the_founding(line, data):
    """Each change of each known constitution was decided in one that is known, before it."""
    found = succeed(line.ground, [a for a in line.acts if data.draw(st.integers(0, 9))])
    for under in found.known.values():
        for act in under.changes.values():
            assert act.id in found.settled
            assert found.known[act.header.constitution].changes.keys() < under.changes.keys()
    assert not found.known[line.ground.id].changes


def test_8_succession_stale_pins_never_count():
    """A change that replaces what was replaced since is without effect, whoever agrees to it."""
    cast = Cast(4, 1, 0)
    cast.settle(Suspend("Dorn", "2026-03-01"), but=("Dorn",))
    stale = cast.change(Suspend("Dorn", "2026-02-01"), replaces=None)
    acts = cast.decide(stale)
    assert not isinstance(pin(stale, cast.under, cast.ground), Pinned)
    found = cast.follow(acts)
    assert stale.id not in found.settled
    assert not found.contested


@given(successions(), st.data())
@patiently(15)
def test_1_growth_more_acts_never_unsettle_a_change_nor_forget_a_constitution(line, data):
    part = [a for a in line.acts if data.draw(st.integers(0, 5))]
    before, after = succeed(line.ground, part), succeed(line.ground, line.acts)
    assert before.settled.keys() <= after.settled.keys()
    assert before.known.keys() <= after.known.keys()
    for name, under in before.known.items():
        assert under.changes == after.known[name].changes
        assert under.holders.items() <= after.known[name].holders.items()


@given(successions(), st.randoms(use_true_random=False), st.integers(0, 20))
@patiently(10)
def test_4_order_duplicates_and_grouping_of_changes_do_not_matter(line, chance, cut):
    shuffled = [*line.acts, *line.acts[:3]]
    chance.shuffle(shuffled)
    whole = fold(line.ground, line.acts)
    assert told(fold(line.ground, shuffled)) == told(whole)
    assert told(extend(fold(line.ground, shuffled[:cut]), shuffled[cut:])) == told(whole)


@given(successions(), st.data())
@patiently(10)
def test_2_agreement_certificates_of_changes_say_what_the_record_says(line, data):
    whole = fold(line.ground, line.acts)
    part = fold(line.ground, [a for a in line.acts if data.draw(st.integers(0, 9))])
    for change in line.changes:
        ends = set()
        for state in (whole, part):
            standing = state.standing(change.id)
            if isinstance(standing, str):
                continue
            verdict = verify(certify(standing, state.succession), line.ground.founding.id)
            assert verdict.outcome == standing.settlement.outcome
            assert verdict.under == standing.pinned.under or verdict.under.holders.items() <= (
                standing.pinned.under.holders.items()
            )
            ends |= {verdict.outcome} & SETTLED
        assert len(ends) <= 1


@given(successions(), st.data())
@patiently(10)
def test_3_omission_a_certificate_with_fewer_steps_proves_less_and_nothing_else(line, data):
    whole = fold(line.ground, line.acts)
    for change in line.changes:
        standing = whole.standing(change.id)
        if isinstance(standing, str):
            continue
        plain = json.loads(certify(standing, whole.succession))
        for step in plain.get("steps", []):
            for kind in ("stances", "closings"):
                step[kind] = [one for one in step.get(kind, []) if data.draw(st.integers(0, 9))]
        plain["steps"] = [s for s in plain.get("steps", []) if data.draw(st.integers(0, 9))]
        try:
            shows = verify(json.dumps(plain).encode(), line.ground.founding.id).outcome
        except ActError as refused:
            shows = refused.refusal
        refusals = ("unproven-change", "unknown-key", "proposal", "without-effect")
        assert shows in (standing.settlement.outcome, *refusals)


@given(successions())
@patiently(10)
def test_15_honest_stays_innocent_entering_and_rotating_is_never_without_effect(line):
    state = fold(line.ground, line.acts)
    amiss = dict(state.without_effect())
    entered = [a for a in line.acts if isinstance(a.body, Enter) and a.body.changes]
    assert not any(amiss.get(a.id, "").startswith("it lists other") for a in entered)
    assert all(a.id not in amiss for a in line.acts if a.kind == "key")
