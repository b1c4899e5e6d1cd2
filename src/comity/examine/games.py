"""A charter's rule as a simple game: everybody says yes or no.

A-priori power asks who decides when every member says yes or no. Abstention
and absence have no place in it; for the rules shipped an abstention counts as
not in favour, and where it does not (unanimity, vetoes) that is said.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from math import ceil, floor, lcm

from comity.core.rules import (
    Against,
    AllOf,
    AnyOf,
    Electorate,
    InFavour,
    Node,
    NotBlocked,
    NotDisowned,
    NoVeto,
    Quorum,
    SomeOf,
    blocking_members,
    seats_of,
)
from comity.systems import game as systems


def as_game(node: Node, electorate: Electorate) -> systems.Game:
    """Return the simple game of a rule: whose yes carries it when all others say no.

    Parameters
    ----------
    node
        The rule; its `reject` side plays no part.
    electorate
        Roster, weights and named sets, pinned to a day.

    Examples
    --------
    >>> from comity.core.rules import Amount
    >>> rule = InFavour(Amount(Fraction(1, 2), share=True, strict=True))
    >>> as_game(rule, Electorate(("Arden", "Brill", "Corve"))).rule
    Threshold(weights=(1, 1, 1), quota=2)
    """
    return systems.Game(electorate.members, _rule(node, electorate))


def _rule(node: Node, electorate: Electorate) -> systems.Rule:
    count = len(electorate.members)
    match node:
        case AllOf(parts):
            return systems.AllOf(tuple(_rule(part, electorate) for part in parts))
        case AnyOf(parts):
            return systems.AnyOf(tuple(_rule(part, electorate) for part in parts))
        case SomeOf(least, parts):
            return systems.KOf(least, tuple(_rule(part, electorate) for part in parts))
        case InFavour(need, _, weight, among):
            held = _held(electorate, weight, among)
            total = sum(held, Fraction(0))
            quota = need.value * total if need.share else need.value
            return threshold(held, quota, strict=need.strict, possible=total > 0 or not need.share)
        case Against(at_most, among):
            opponents = _held(electorate, None, among)
            return threshold(opponents, sum(opponents, Fraction(0)) - at_most, strict=False)
        case NoVeto(seats):
            vetoers = _held(electorate, None, seats)
            return threshold(vetoers, sum(vetoers, Fraction(0)), strict=False)
        case NotBlocked(share, weight, _):
            held = _held(electorate, weight, None)
            few = count - blocking_members(node, electorate, {}) + 1
            heads = threshold(_held(electorate, None, None), Fraction(few), strict=False)
            enough = (1 - share) * sum(held, Fraction(0))
            return systems.AnyOf((heads, threshold(held, enough, strict=False)))
        case NotDisowned():
            return systems.Threshold((0,) * count, 0)
        case Quorum(need):
            there = need.reached(Fraction(count), Fraction(count))
            return systems.Threshold((0,) * count, 0 if there else 1)


def _held(electorate: Electorate, weight: str | None, among: str | None) -> tuple[Fraction, ...]:
    counted = set(seats_of(electorate, among))
    table = electorate.weights[weight] if weight else {}
    one, none = Fraction(1), Fraction(0)
    return tuple(
        (table.get(m, none) if weight else one) if m in counted else none
        for m in electorate.members
    )


def threshold(
    held: tuple[Fraction, ...], quota: Fraction, *, strict: bool, possible: bool = True
) -> systems.Threshold:
    """Return a threshold in whole numbers: weights and quota times a common denominator.

    Parameters
    ----------
    held
        The weight of each player.
    quota
        What they need together, or with `strict` more than that.
    possible
        Whether it can be met at all.
    """
    if not possible:
        return systems.Threshold((0,) * len(held), 1)
    scale = reduce(lcm, (weight.denominator for weight in held), 1)
    need = quota * scale
    whole = floor(need) + 1 if strict else ceil(need)
    return systems.Threshold(tuple(int(weight * scale) for weight in held), whole)
