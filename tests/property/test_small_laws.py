"""Laws of the record that are tried in full on small coalitions, under PROTOCOL.md's names.

The count of one member's word looks at what each closer shows. Closers are
alike, so a reader's view is a multiset of what is at hand of each: nothing, or
one entry or more of four. Views in which more than f closers have signed more
than one thing are outside what the charter allows for.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import chain, combinations, combinations_with_replacement

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core.rolls import Said, Thresholds
from comity.core.state import fold
from tests.property.record_strategies import CLOSES, EXPIRES, LEAGUE, Cast, signed_histories
from tests.property.test_record_laws import SHOWN, patiently, shows, views, word_of

EVERY_SIZE = [
    (members, n, f)
    for members in (3, 4, 5)
    for n in range(members)
    for f in range(members)
    if members >= 2 * n + f + 1
]
AFTER = {"first": {"first", "second"}, "second": {"second"}, "rival": {"rival"}}
"""Which entries show a stance: itself, or a later turn of it."""

every_size = pytest.mark.parametrize(
    ("members", "n", "f"), [pytest.param(*s, id="N={} n={} f={}".format(*s)) for s in EVERY_SIZE]
)


def all_views(members, f):
    """Yield what a reader may hold: of each closer the entries at hand, at most f with several."""
    single = [frozenset[str | None](), *(frozenset((s,)) for s in SHOWN)]
    several = [frozenset(c) for size in (2, 3, 4) for c in combinations(SHOWN, size)]
    for doubles in range(f + 1):
        for many in combinations_with_replacement(several, doubles):
            for one in combinations_with_replacement(single, members - doubles):
                yield (*many, *one)


@cache
def word(view, n, f):
    """Return the last word that a view shows, and the stances that contradict themselves."""
    roster = LEAGUE[: len(view)]
    rolls = [shows(m, entry) for m, entries in zip(roster, view) for entry in entries]
    found, count = word_of(roster, rolls, Thresholds(len(view), n, f))
    return found, tuple(c.stance for c in count.contradictions)


def showing(view, stance):
    """Return the closers of a view that show a stance."""
    return [k for k, entries in enumerate(view) if entries & AFTER[stance]]


def test_the_sizes_are_all_that_a_charter_may_name():
    assert len(EVERY_SIZE) == 19
    assert (5, 1, 2) in EVERY_SIZE
    assert (3, 1, 1) not in EVERY_SIZE


@every_size
def test_5_thresholds_shown_by_w_is_never_certified_absent_by_any_view(members, n, f):
    """Whoever is known to have a word without v leaves room for fewer than w that showed it.

    Those are the closers who have signed one thing that shows it, and those of
    whom nothing is at hand.
    """
    seen = 0
    for view in all_views(members, f):
        found, contradicting = word(view, n, f)
        assert not contradicting
        if found in ("unknown", "convicted"):
            continue
        seen += 1
        for later in AFTER.values():
            if found not in later:
                could = [e for e in view if not e or (len(e) == 1 and e <= later)]
                assert len(could) < n + 1 + f
    assert seen > 0


@every_size
def test_5_thresholds_shown_by_n_or_fewer_never_counts_in_any_view(members, n, f):
    for view in all_views(members, f):
        found, _ = word(view, n, f)
        if found in AFTER:
            assert len(showing(view, found)) > n + f


@every_size
def test_5_thresholds_any_w_less_1_colluders_cannot_add_any_stance_late(members, n, f):
    """All closed, none of them showing v; then w - 1 or fewer of them sign again, showing it.

    With a later turn they may lift an earlier one that others had shown; then
    they are more than f, and named.
    """
    for stance, later in AFTER.items():
        others = [s for s in SHOWN if s not in later]
        for once in combinations_with_replacement(others, members):
            before, _ = word(tuple(frozenset((s,)) for s in once), n, f)
            for size in range(n + 1 + f):
                for late in combinations(range(members), size):
                    view = tuple(
                        frozenset((s, stance) if k in late else (s,)) for k, s in enumerate(once)
                    )
                    after, contradicting = word(view, n, f)
                    assert after not in later
                    assert stance not in contradicting
                    known = {before, after} - {"unknown", "convicted"}
                    assert len(known) < 2 or contradicting


def test_5_thresholds_one_colluder_more_is_found_out():
    """N = 4, n = 1, f = 0: w = 2 sign late, and are named."""
    view = (frozenset((None, "first")),) * 2 + (frozenset((None,)),) * 2
    assert word(view, 1, 0)[1] == ("first",)


@pytest.mark.parametrize(("members", "n", "f"), [(3, 1, 0), (4, 1, 1), (5, 1, 1)])
def test_7_locality_no_choice_of_other_acts_changes_what_any_reader_sees(members, n, f):
    """Every subset of what concerns other things, beside every subset of what is on the proposal.

    Among the others are acts that name the proposal from another organ or
    constitution: they have no effect.
    """
    cast = Cast(members, n, f)
    proposal, other = cast.propose(), cast.propose("Brill", "majority", "vote")
    objection = cast.say("Brill", proposal, "objection")
    own = [objection, *cast.close_all(proposal, [objection])]
    on_other = cast.say("Arden", other, "no")
    others = [
        other,
        on_other,
        cast.close("Arden", other, [on_other]),
        cast.say("Brill", proposal, "yes", organ="watch"),
        cast.close("Brill", proposal, organ="watch"),
        cast.say("Corve", proposal, "objection", constitution="ff" * 32),
    ]
    for held in views(own):
        alone = fold(cast.under, [proposal, *held]).standing(proposal.id)
        for more in views(others):
            beside = fold(cast.under, [*more, proposal, *held]).standing(proposal.id)
            assert beside == alone


def is_closing(act):
    return hasattr(act.body, "roll")


def at(act, instant):
    """Return the same act with another instant in its header; its id stays, so links do."""
    return replace(act, header=msgspec.structs.replace(act.header, instant=instant))


MOMENTS = ("1999-01-01T00:00:00Z", EXPIRES, CLOSES, "2199-12-31T23:59:59Z")


@given(signed_histories(), st.data())
@patiently(60)
def test_6_clocks_no_instant_but_a_closings_own_changes_how_a_proposal_stands(history, data):
    moments = st.sampled_from(MOMENTS)
    moved = [a if is_closing(a) else at(a, data.draw(moments)) for a in history.acts]
    before, after = fold(history.under, history.acts), fold(history.under, moved)
    for proposal in history.proposals:
        here, there = before.standing(proposal.id), after.standing(proposal.id)
        assert there.settlement == here.settlement
        assert there.count == here.count
    assert list(after.without_effect()) == list(before.without_effect())


@pytest.mark.parametrize(("members", "n", "f"), [(3, 1, 0), (4, 1, 0), (5, 2, 0)])
def test_6_clocks_every_setting_of_every_other_clock(members, n, f):
    """Two stances and the proposal at each of four instants, signed; closings as they were."""
    ends = set()
    for moments in combinations_with_replacement(MOMENTS, 3):
        cast = Cast(members, n, f)
        proposal = cast.propose(head={"instant": moments[0]})
        first = cast.say("Brill", proposal, "yes", instant=moments[1])
        second = cast.say("Brill", proposal, "objection", first, instant=moments[2])
        acts = [proposal, first, second, *cast.close_all(proposal, [second])]
        standing = fold(cast.under, acts).standing(proposal.id)
        found = standing.count.words["Brill"]
        assert isinstance(found, Said)
        ends.add((standing.settlement.outcome, found.turn))
    assert ends == {("broken", 2)}


def test_6_clocks_a_closings_own_instant_is_looked_at_and_only_against_the_expiry():
    cast = Cast(4, 1, 0)
    proposal = cast.propose()
    closings = cast.close_all(proposal)
    ends = {
        moment: fold(cast.under, [proposal, *(at(a, moment) for a in closings)])
        .standing(proposal.id)
        .settlement.outcome
        for moment in chain(MOMENTS, ("2026-03-02T12:59:59Z",))
    }
    assert ends == {
        MOMENTS[0]: "open",
        EXPIRES: "open",
        "2026-03-02T12:59:59Z": "open",
        CLOSES: "adopted",
        MOMENTS[3]: "adopted",
    }
