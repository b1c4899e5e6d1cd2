"""Do any two majorities share a member? How many at least?

Two rival decisions can both be taken if two winning coalitions need not meet.
Where members may double-sign, they must meet in more members than may do so.
A coalition wins here if its yes is enough with all others abstaining: that is
the least it can get away with.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product
from typing import TypeAlias

from comity.core.rules import (
    AllOf,
    Amount,
    AnyOf,
    Electorate,
    InFavour,
    Node,
    NotBlocked,
    SomeOf,
    blocking_members,
    seats_of,
)

ALTERNATIVES_BOUND = 256

Weights: TypeAlias = tuple[Fraction, ...]
Asked: TypeAlias = tuple[tuple[Weights, Fraction, bool], ...]
"""Each: weights in roster order, what the coalition's own must reach, and whether exceed."""


def least_shared(first: Node, second: Node, electorate: Electorate) -> int:
    """Return how many members a majority of each rule share at the least.

    The answer is a bound from below: for rules of one count or weight it is
    exact, for rules of several it may be too low, never too high.

    Parameters
    ----------
    first, second
        Two rules of one body; the same one twice where it is asked about itself.
    electorate
        Who counts, with what.
    """
    ways = _ways(first, electorate), _ways(second, electorate)
    if len(ways[0]) * len(ways[1]) > ALTERNATIVES_BOUND**2 // 4:
        return 0
    return min((_shared(one, other) for one, other in product(*ways)), default=0)


def _shared(one: Asked, other: Asked) -> int:
    best = 0
    for weights, need, strict in one:
        for weights_again, need_again, strict_again in other:
            if weights == weights_again:
                excess = need + need_again - sum(weights, Fraction(0))
                best = max(best, _fewest(weights, excess, strict=strict or strict_again))
    return best


def _fewest(weights: Weights, excess: Fraction, *, strict: bool) -> int:
    """Return how few members can together hold at least (or more than) `excess`."""
    if excess < 0 or (excess == 0 and not strict):
        return 0
    gathered = Fraction(0)
    for fewest, weight in enumerate(sorted(weights, reverse=True), start=1):
        gathered += weight
        if gathered > excess or (gathered == excess and not strict):
            return fewest
    return len(weights)


def _ways(node: Node, electorate: Electorate) -> list[Asked]:
    """Return the ways in which the rule can be met, each a list of all it then asks."""
    match node:
        case InFavour(need, of, weight, among):
            if need.share and of == "voting":
                return [()]
            return [(_asked(electorate, need, weight, among),)]
        case NotBlocked(share, weight):
            held = _weights(electorate, weight, None)
            ones = _weights(electorate, None, None)
            few = Fraction(len(ones) - blocking_members(node, electorate, {}) + 1)
            enough = (1 - share) * sum(held, Fraction(0))
            return [((ones, few, False),), ((held, enough, False),)]
        case AllOf(parts):
            return _joined([_ways(part, electorate) for part in parts])
        case AnyOf(parts):
            return [way for part in parts for way in _ways(part, electorate)]
        case SomeOf(least, parts):
            told = [_ways(part, electorate) for part in parts]
            return [way for chosen in combinations(told, least) for way in _joined(list(chosen))]
    return [()]


def _joined(every: list[list[Asked]]) -> list[Asked]:
    count = 1
    for ways in every:
        count *= len(ways)
        if count > ALTERNATIVES_BOUND:
            return [()]
    return [tuple(line for way in chosen for line in way) for chosen in product(*every)]


def _asked(
    electorate: Electorate, need: Amount, weight: str | None, among: str | None
) -> tuple[Weights, Fraction, bool]:
    weights = _weights(electorate, weight, among)
    total = sum(weights, Fraction(0))
    amount = need.value * total if need.share else need.value
    if weight is None:
        return weights, need.votes_needed(total, whole=True), False
    return weights, amount, need.strict


def _weights(electorate: Electorate, weight: str | None, among: str | None) -> Weights:
    counted = set(seats_of(electorate, among))
    table = electorate.weights[weight] if weight else {}
    one, none = Fraction(1), Fraction(0)
    return tuple(
        (table.get(m, none) if weight else one) if m in counted else none
        for m in electorate.members
    )
