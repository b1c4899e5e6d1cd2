"""Do any two majorities share a member, and how many at least? Can yes and no both win?

Two rival decisions can both be taken if two winning coalitions need not meet.
Where members may double-sign, they must meet in more members than may do so.

A rule is taken apart into the *ways* in which it can be met, each made of
*lines*: what the yes of a majority must reach in one count. What cannot be said
in a line is left out, so that both answers err on the safe side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from math import comb, prod
from typing import TypeAlias

from comity.core.rules import (
    AllOf,
    Amount,
    AnyOf,
    Base,
    Electorate,
    InFavour,
    Node,
    NotBlocked,
    SomeOf,
    blocking_members,
    seats_of,
)

WAYS_BOUND = 256
PAIRS_BOUND = 20_000

Counted: TypeAlias = tuple[str | None, str | None]
"""A weight table (heads where None) among a named set (everybody where None)."""


@dataclass(frozen=True, slots=True)
class Line:
    """What the yes of a majority must reach: so much of what is counted."""

    counted: Counted
    need: Amount
    of: Base = "participating"
    by_heads_outside: bool = False

    def votes(self, total: Fraction, *, rounded: bool) -> tuple[Fraction, bool]:
        """Return the votes to reach out of `total`, and whether they must be exceeded."""
        if self.counted[0] is None and (rounded or not self.need.share):
            return self.need.votes_needed(total, whole=True), False
        return (self.need.value * total if self.need.share else self.need.value), self.need.strict


Way: TypeAlias = tuple[Line, ...]


def least_shared(
    first: Node, second: Node, electorate: Electorate, out: frozenset[str] = frozenset()
) -> int:
    """Return how many members the yes to one proposal and the yes to another share at the least.

    A bound from below: exact for one count of members, else it may be too low,
    never too high. Shares of those present or voting bound nothing, because
    others may have stayed away; nor does a rule with too many ways to meet it.

    Parameters
    ----------
    first, second
        Two rules of one body; the same one twice where it is asked about itself.
    electorate
        Who counts, with what.
    out
        Who takes part in neither decision.
    """
    there = tuple(m for m in electorate.members if m not in out)

    def shared(one: Line, other: Line) -> int:
        held = _held(electorate, one.counted, there)
        need, strict = Fraction(0), False
        for line in (one, other):
            base = electorate.members if line.of == "members" else there
            total = sum(_held(electorate, line.counted, base), Fraction(0))
            votes, exceed = line.votes(total, rounded=True)
            need, strict = need + votes, strict or exceed
        return _fewest(held, need - sum(held, Fraction(0)), strict=strict)

    def lasting(line: Line) -> bool:
        return not line.need.share or line.of in ("members", "participating")

    ways = _ways(first, electorate, len(there)), _ways(second, electorate, len(there))
    return _over_pairs(ways, lasting, shared)


def never_both(adopt: Node, reject: Node, electorate: Electorate) -> bool:
    """Tell whether it is sure that one vote cannot meet both rules, one with yes, one with no.

    Both sides count the same answers, so that shares of one count which exceed
    the whole together exclude each other. False where that cannot be shown.
    """

    def excluded(one: Line, other: Line) -> int:
        total = sum(_held(electorate, one.counted, electorate.members), Fraction(0))
        votes, strict = one.votes(total, rounded=one.of == "members")
        again, strict_again = other.votes(total, rounded=other.of == "members")
        excess = votes + again - total
        return int(excess > 0 or (excess == 0 and (strict or strict_again)))

    def lasting(line: Line) -> bool:
        return not line.by_heads_outside  # it depends on who takes part

    count = len(electorate.members)
    ways = _ways(adopt, electorate, count), _ways(reject, electorate, count)
    return _over_pairs(ways, lasting, excluded) > 0


def _over_pairs(
    ways: tuple[list[Way], list[Way]],
    lasting: Callable[[Line], bool],
    shared: Callable[[Line, Line], int],
) -> int:
    """Return the least, over all pairs of ways, of the most that two of their lines give."""
    kept = [[tuple(filter(lasting, way)) for way in side] for side in ways]
    lines = prod(sum(len(way) + 1 for way in side) for side in kept)
    if lines > PAIRS_BOUND:
        return 0
    known: dict[tuple[Line, Line], int] = {}
    least: int | None = None
    for one, other in product(*kept):
        best = 0
        for pair in product(one, other):
            if pair[0].counted == pair[1].counted:
                if pair not in known:
                    known[pair] = shared(*pair)
                best = max(best, known[pair])
        least = best if least is None else min(least, best)
    return least or 0


def _fewest(held: Sequence[Fraction], excess: Fraction, *, strict: bool) -> int:
    """Return how few members can together hold at least (or more than) `excess`."""
    gathered = Fraction(0)
    for fewest, weight in enumerate((Fraction(0), *sorted(held, reverse=True))):
        gathered += weight
        if gathered > excess or (gathered == excess and not strict):
            return fewest
    return len(held)  # nobody can meet both


def _ways(node: Node, electorate: Electorate, there: int) -> list[Way]:
    """Return the ways in which the rule can be met, each with what it then asks."""
    match node:
        case InFavour(need, of, weight, among):
            return [(Line((weight, among), need, of),)]
        case NotBlocked(share, weight):
            few = Fraction(there - blocking_members(node, electorate, {}) + 1)
            return [
                (Line((None, None), Amount(max(few, Fraction(0))), by_heads_outside=True),),
                (Line((weight, None), Amount(1 - share, share=True)),),
            ]
        case AllOf(parts):
            return _joined([_ways(part, electorate, there) for part in parts])
        case AnyOf(parts):
            told = [way for part in parts for way in _ways(part, electorate, there)]
            return told if len(told) <= WAYS_BOUND else [()]
        case SomeOf(least, parts):
            every = [_ways(part, electorate, there) for part in parts]
            if comb(len(parts), least) * max(map(len, every)) ** least > WAYS_BOUND:
                return [()]
            return [way for chosen in combinations(every, least) for way in _joined(list(chosen))]
    return [()]


def _joined(every: list[list[Way]]) -> list[Way]:
    """Return the ways to meet several rules at once."""
    if prod(map(len, every)) > WAYS_BOUND:
        return [()]
    return [
        tuple(dict.fromkeys(line for way in chosen for line in way)) for chosen in product(*every)
    ]


def _held(electorate: Electorate, counted: Counted, seats: Sequence[str]) -> list[Fraction]:
    """Return what each of these seats holds of what is counted."""
    weight, among = counted
    chosen = set(seats_of(electorate, among))
    if weight is None:
        return [Fraction(m in chosen) for m in seats]
    table = electorate.table(weight)
    return [table.get(m, Fraction(0)) if m in chosen else Fraction(0) for m in seats]
