"""What feeds the laws: rules, electorates and marks of the Larch League and its like."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from comity.core.rules import (
    BASES,
    MARKS,
    Against,
    AllOf,
    Amount,
    AnyOf,
    Electorate,
    InFavour,
    NotBlocked,
    NotDisowned,
    NoVeto,
    Quorum,
    Rule,
    SomeOf,
)

LEAGUE = ("Arden", "Brill", "Corve", "Dorn", "Elsin", "Fenn")
ANSWERS = tuple(mark for mark in MARKS if mark != "out")

shares = st.sampled_from([Fraction(n, d) for d in (1, 2, 3, 4, 5) for n in range(1, d + 1)])
marks = st.sampled_from(MARKS)
answers = st.sampled_from(ANSWERS)


@st.composite
def electorates(draw, most=6):
    members = LEAGUE[: draw(st.integers(1, most))]
    weights = {
        name: {m: Fraction(draw(st.integers(0, 5)), draw(st.sampled_from((1, 2)))) for m in members}
        for name in ("people", "money")
    }
    sets = {
        name: frozenset(m for m in members if draw(st.booleans())) for name in ("coast", "veto")
    }
    return Electorate(members, weights, sets, {"people": "persons", "money": "euros"})


amounts = st.one_of(
    st.builds(lambda n: Amount(Fraction(n)), st.integers(1, 6)),
    st.builds(lambda n: Amount(Fraction(n), strict=True), st.integers(0, 5)),
    st.builds(lambda s, strict: Amount(s, True, strict), shares, st.booleans()),
)
weight_names = st.sampled_from(("people", "money"))
maybe_weights = st.sampled_from((None, None, "people", "money"))
maybe_sets = st.sampled_from((None, None, None, "coast", "veto"))

leaf_nodes = st.one_of(
    st.builds(InFavour, amounts, st.sampled_from(BASES), maybe_weights, maybe_sets),
    st.builds(Against, st.integers(0, 4), maybe_sets),
    st.builds(NoVeto, st.sampled_from(("coast", "veto"))),
    st.builds(NotBlocked, shares, weight_names, st.integers(1, 4), st.booleans()),
    st.builds(NotDisowned, shares, shares, weight_names),
    st.builds(Quorum, amounts),
)


@st.composite
def _some_of(draw, inner):
    parts = tuple(draw(st.lists(inner, min_size=1, max_size=4)))
    return SomeOf(draw(st.integers(1, len(parts))), parts)


nodes = st.recursive(
    leaf_nodes,
    lambda inner: st.one_of(
        st.builds(lambda parts: AllOf(tuple(parts)), st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: AnyOf(tuple(parts)), st.lists(inner, min_size=1, max_size=3)),
        _some_of(inner),
    ),
    max_leaves=6,
)

rules = st.builds(
    Rule,
    nodes,
    st.one_of(st.none(), nodes),
    st.sampled_from(("votes", "excluded", "abstains")),
)


def partial_marks(electorate, waiting_at_most=6):
    """Marks for some of a roster; the rest are waiting."""
    members = electorate.members

    def fewer(chosen):
        settled, mark = chosen
        waiting = [m for m in members if m not in settled][:waiting_at_most]
        return {m: mark[i] for i, m in enumerate(members) if m not in waiting}

    return st.tuples(st.sets(st.sampled_from(members)), st.tuples(*(marks for _ in members))).map(
        fewer
    )
