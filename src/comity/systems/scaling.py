"""Costs that depend only on how much its members weigh together: any number of players.

A group of weight w (its part of the whole, 0 to 1) that provides for itself needs ``w**e`` of
what all together need; e is the exponent, above 0 and at most 1. At 1 joining saves nothing;
the smaller it is, the more joining saves: two halves apart need ``2**(1 - e)`` times as much.
Shares, too, are parts of the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from comity.errors import UsageError

GRID = 4096
_SLACK = 1e-12

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Leavers:
    """The group that would gain most by leaving, or that would be the first to gain.

    Attributes
    ----------
    members
        Positions; empty where every group is better off inside.
    gain
        What it would save by leaving, as a part of the whole; below nought or nought if nobody.
    """

    members: tuple[int, ...]
    gain: float


@dataclass(frozen=True, slots=True)
class BreakEven:
    """The exponent from which on a group would rather leave.

    Attributes
    ----------
    exponent
        Above it `members` are better off alone; below it nobody is. 1 where nobody ever is.
    members
        Positions of the first to leave; empty where nobody ever is better off alone.
    """

    exponent: float
    members: tuple[int, ...]


def _parts(weights: Sequence[float], shares: Sequence[float]) -> tuple[Floats, Floats]:
    w, x = np.array(weights, dtype=float), np.array(shares, dtype=float)
    if len(w) != len(x) or not len(w):
        raise UsageError("one share for each weight is needed", hint="give as many of both")
    if w.min() < 0 or x.min() < 0 or not w.sum() or not x.sum():
        raise UsageError("weights and shares are nought or more", hint="and not all nought")
    return w / w.sum(), x / x.sum()


def _groups(w: Floats, x: Floats) -> tuple[NDArray[np.intp], Floats, Floats]:
    """Return the order from the most to the least burdened for its weight, and running sums.

    What a group pays less what it needs alone is convex in its sums of weight and share, so
    the group that gains most is at a corner of what sums can be: the first k in this order.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        burden = np.where(w > 0, x / w, np.where(x > 0, np.inf, -1.0))
    order = np.argsort(-burden, kind="stable")
    return order, np.cumsum(w[order]), np.cumsum(x[order])


def leavers(weights: Sequence[float], shares: Sequence[float], exponent: float) -> Leavers:
    """Return the group that would gain most by leaving; exact for any number of members.

    Examples
    --------
    >>> leavers((0.6, 0.3, 0.1), (1 / 3, 1 / 3, 1 / 3), 0.8).members
    (1, 2)
    >>> leavers((0.6, 0.3, 0.1), (0.6, 0.3, 0.1), 0.8).members
    ()
    """
    checked_exponent(exponent)
    order, weighs, pays = _groups(*_parts(weights, shares))
    gains = (pays - weighs**exponent)[:-1]
    if not len(gains) or gains.max() <= _SLACK:
        return Leavers((), float(min(0.0, gains.max())) if len(gains) else 0.0)
    first = int(np.argmax(gains))
    return Leavers(tuple(sorted(int(i) for i in order[: first + 1])), float(gains[first]))


def complainants(
    weights: Sequence[float], shares: Sequence[float], exponent: float, above: float
) -> tuple[tuple[int, ...], ...]:
    """Return groups whose gain by leaving is above a level; none only if no group's is.

    Of all groups of any size the one that gains most is among the first k members in order of
    burden for weight, so to look at those is to look at all.

    Examples
    --------
    >>> complainants((0.6, 0.3, 0.1), (1 / 3, 1 / 3, 1 / 3), 0.8, above=0.17)
    ((2,), (1, 2))
    """
    checked_exponent(exponent)
    order, weighs, pays = _groups(*_parts(weights, shares))
    gains = (pays - weighs**exponent)[:-1]
    return tuple(
        tuple(sorted(int(i) for i in order[: k + 1])) for k in np.flatnonzero(gains > above)
    )


def break_even(weights: Sequence[float], shares: Sequence[float]) -> BreakEven:
    """Return the exponent from which on somebody would rather leave, and who.

    Examples
    --------
    >>> found = break_even((0.6, 0.3, 0.1), (1 / 3, 1 / 3, 1 / 3))
    >>> round(found.exponent, 3), found.members
    (0.443, (1, 2))
    """
    order, weighs, pays = _groups(*_parts(weights, shares))
    best, members = 1.0, 0
    for k, (w, x) in enumerate(zip(weighs[:-1].tolist(), pays[:-1].tolist()), 1):
        if x <= w + _SLACK:
            continue
        exponent = 0.0 if w <= 0.0 or x >= 1.0 else log(x) / log(w)
        if exponent < best:
            best, members = exponent, k
    return BreakEven(best, tuple(sorted(int(i) for i in order[:members])))


def shapley(weights: Sequence[float], exponent: float) -> tuple[float, ...]:
    """Return Shapley's value of the cost ``w(S)**exponent``, as parts of the whole.

    The value is the mean, over p from 0 to 1, of what a member adds to a group that each other
    member has joined with chance p; in p that is a polynomial, so Gauss and Legendre's nodes
    give it exactly. The weight of the group is kept on a grid of 1/4096, between two points of
    which it is split so that its mean is kept.

    References
    ----------
    Owen (1972), Management Science 18(5), P64-P79, for the mean over p.

    Examples
    --------
    >>> [round(part, 4) for part in shapley((0.5, 0.25, 0.25), 1.0)]
    [0.5, 0.25, 0.25]
    """
    checked_exponent(exponent)
    w, _ = _parts(weights, weights)
    n = len(w)
    nodes, mass = np.polynomial.legendre.leggauss((n + 1) // 2)
    chance = (nodes + 1.0) / 2.0
    points = np.arange(GRID + 2) / GRID
    found = np.zeros(n)

    def joined(spread: Floats, i: int) -> Floats:
        whole, part = divmod(w[i] * GRID, 1.0)
        shift = int(whole)
        moved = np.zeros_like(spread)
        moved[:, shift:] = (1.0 - part) * spread[:, : GRID + 2 - shift]
        moved[:, shift + 1 :] += part * spread[:, : GRID + 1 - shift]
        kept: Floats = spread + chance[:, None] * (moved - spread)
        return kept

    def split(members: list[int], spread: Floats) -> None:
        if len(members) == 1:
            i = members[0]
            adds = (points + w[i]) ** exponent - points**exponent
            found[i] = float((mass / 2.0) @ (spread @ adds))
            return
        half = len(members) // 2
        for mine, others in ((members[:half], members[half:]), (members[half:], members[:half])):
            with_others = spread
            for i in others:
                with_others = joined(with_others, i)
            split(mine, with_others)

    start = np.zeros((len(chance), GRID + 2))
    start[:, 0] = 1.0
    split(list(range(n)), start)
    return tuple(found.tolist())


def checked_exponent(exponent: float) -> None:
    """Refuse an exponent that would make joining cost more, or cost nothing."""
    if not 0.0 < exponent <= 1.0:
        raise UsageError(
            f"an exponent of {exponent} is out of range",
            hint="give one above 0 and at most 1; 1 means that joining saves nothing",
        )
