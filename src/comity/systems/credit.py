"""What each contributor is worth to adequacy: its effective load-carrying capability.

Power planners credit a plant not with what stands on its plate but with the load that can be
added once it is there, at the same risk. A member is credited likewise: with the requirement
that the others could carry more of because it belongs, or with the sure contribution that
would replace it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

from comity.errors import UsageError
from comity.systems.convolution import (
    CommonCause,
    Contributor,
    Distribution,
    Number,
    convolve,
    exact,
)

Measure: TypeAlias = Literal["eue", "lolp"]
Kind: TypeAlias = Literal["load", "firm"]


@dataclass(frozen=True, slots=True)
class Credit:
    """The worth of one contributor.

    Attributes
    ----------
    credit
        In the unit of the amounts, from nought to `most`.
    most, mean
        What it gives at most, and what is to be expected of it.
    with_it, without_it
        The measure of shortfall with everybody, and without this one.
    """

    name: str
    credit: float
    most: float
    mean: float
    with_it: float
    without_it: float


def capability_credits(
    contributors: Sequence[Contributor],
    required: Number,
    *,
    line: int = 0,
    causes: Sequence[CommonCause] = (),
    measure: Measure = "eue",
    kind: Kind = "firm",
) -> tuple[Credit, ...]:
    """Return the capability credit of every contributor, in their order.

    Parameters
    ----------
    contributors, causes
        As for `adequacy`.
    required
        The requirement at which credit is taken: near it, a contribution is worth more.
    measure
        ``eue`` is smooth; ``lolp`` moves in jumps, so that credit by it may jump too.
    kind
        ``load``: by how much the requirement may grow once this one is there, at the risk that
        there is without it (effective load-carrying capability). ``firm``: what would have to
        come for sure in its place, or by how much the requirement would have to shrink without
        it, at the risk that there is with it (equivalent firm capacity).

    References
    ----------
    Garver (1966), IEEE Transactions on Power Apparatus and Systems PAS-85(8), 910-919: effective
    load carrying capability. Zachary and Dent (2012), J. Risk and Reliability 226(1), 33-43: the
    relation to equivalent firm capacity.

    Examples
    --------
    A sure contribution is worth its amount; one that never comes is worth nothing.

    >>> three = [Contributor.of("Arden", 3), Contributor.of("Brill", 2, chance=0.5),
    ...          Contributor.of("Corve", 2, chance=0.0)]
    >>> [round(c.credit, 6) for c in capability_credits(three, 5)]
    [3.0, 1.0, 0.0]
    """
    need = exact(required)
    if measure not in ("eue", "lolp") or kind not in ("load", "firm"):
        raise UsageError("a credit is by eue or lolp, of kind load or firm")
    everybody = convolve(contributors, line=line, causes=causes)
    found = []
    for contributor in contributors:
        others = convolve(
            [c for c in contributors if c.name != contributor.name], line=line, causes=causes
        )
        risk, risk_without = _risk(everybody, measure), _risk(others, measure)
        most = contributor.most(line)
        if kind == "firm":
            worth = _firm(need, most, risk(need), risk_without)
        else:
            worth = _load(need, most, risk, risk_without(need))
        found.append(
            Credit(
                contributor.name,
                float(worth),
                float(most),
                contributor.mean(line),
                risk(need),
                risk_without(need),
            )
        )
    return tuple(found)


def _risk(sums: Distribution, measure: Measure) -> Risk:
    return sums.shortfall if measure == "eue" else sums.below


Risk: TypeAlias = Callable[[Fraction], float]


def _firm(need: Fraction, most: Fraction, goal: float, risk_without: Risk) -> Fraction:
    """Return the least that, coming for sure, brings the risk without it down to the goal."""

    def holds(x: Fraction) -> bool:
        return risk_without(max(need - x, Fraction(0))) <= goal + _slack(goal)

    return _least(holds, most)


def _load(need: Fraction, most: Fraction, risk: Risk, goal: float) -> Fraction:
    """Return the most that can be required on top at no more than the goal."""

    def holds(y: Fraction) -> bool:
        return risk(need + most - y) <= goal + _slack(goal)

    return most - _least(holds, most)


def _slack(goal: float) -> float:
    """What adding floating-point numbers may put between two equal risks."""
    return 1e-12 * max(1.0, goal)


def _least(holds: Callable[[Fraction], bool], most: Fraction) -> Fraction:
    """Return the least x from 0 to `most` for which a claim holds that stays true once true."""
    low, high = Fraction(0), most
    if not most or holds(low):
        return low
    for _ in range(52):
        middle = (low + high) / 2
        if holds(middle):
            high = middle
        else:
            low = middle
    return high
