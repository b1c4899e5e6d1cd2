"""How many coalitions win, by size and by member: the exact numbers every index is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb, factorial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from comity.systems.reduction import Int64s, Reduced

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Counts:
    """Winning coalitions of a game, exact.

    Attributes
    ----------
    players
        Names.
    winning
        Length n + 1; coalitions that win, by their number of members.
    containing
        For each player the same, of the winning coalitions that the player belongs to.
    method
        How they were counted, in plain words.
    """

    players: tuple[str, ...]
    winning: tuple[int, ...]
    containing: tuple[tuple[int, ...], ...]
    method: str

    @property
    def total(self) -> int:
        """Winning coalitions of any size."""
        return sum(self.winning)

    def swings(self) -> tuple[int, ...]:
        """Coalitions that each player alone turns from losing to winning."""
        return tuple(2 * sum(of) - self.total for of in self.containing)

    def swings_by_size(self) -> tuple[tuple[int, ...], ...]:
        """Return the same, by the size of the coalition with the player in it, from 0 to n."""
        return tuple(
            (0, *(of[s] - self.winning[s - 1] + of[s - 1] for s in range(1, len(of))))
            for of in self.containing
        )

    def shapley_shubik(self) -> tuple[Fraction, ...]:
        """Share of all orders in which each player is the one who makes the coalition win."""
        n = len(self.players)
        orders = factorial(n)
        ways = [0, *(factorial(s - 1) * factorial(n - s) for s in range(1, n + 1))]
        return tuple(
            Fraction(sum(w * c for w, c in zip(ways, of)), orders) for of in self.swings_by_size()
        )


@dataclass(frozen=True, slots=True)
class FreeCounts:
    """The counts of a kernel, over the free players of a reduced game."""

    winning: Sequence[int]
    containing: Sequence[Sequence[int]]


class Chances(Protocol):
    """One way to go through all coalitions of a reduced game without listing them."""

    words: str

    def win(self, probabilities: Floats) -> float:
        """Return the chance to win."""
        ...

    def chance(self, probabilities: Floats) -> tuple[float, Floats]:
        """Return the chance to win, and by how much each free player's yes raises it."""
        ...


class Kernel(Chances, Protocol):
    """One that counts them too."""

    def counts(self) -> FreeCounts:
        """Count winning coalitions, exactly."""
        ...


def whole(players: tuple[str, ...], reduced: Reduced, free: FreeCounts, method: str) -> Counts:
    """Put vetoers and idle players back."""
    vetoers, idle = len(reduced.vetoers), len(reduced.idle)
    width = reduced.size + 1
    choices = [comb(idle, k) for k in range(idle + 1)]
    fewer = [comb(idle - 1, k) for k in range(idle)]
    total = _shifted(_times(free.winning, choices), vetoers, width)
    rows: dict[int, tuple[int, ...]] = dict.fromkeys(reduced.vetoers, total)
    if idle:
        one_idle = _shifted(_times(free.winning, fewer), vetoers + 1, width)
        rows |= dict.fromkeys(reduced.idle, one_idle)
    for i, of in zip(reduced.free, free.containing):
        rows[i] = _shifted(_times(of, choices), vetoers, width)
    return Counts(players, total, tuple(rows[i] for i in range(reduced.size)), method)


def _times(a: Sequence[int], b: Sequence[int]) -> list[int]:
    product = [0] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        if x:
            for j, y in enumerate(b):
                product[i + j] += x * y
    return product


def _shifted(row: Sequence[int], by: int, width: int) -> tuple[int, ...]:
    return (*([0] * by), *row, *([0] * (width - by - len(row))))


class Settled:
    """The kernel of a game in which vetoers alone decide, or nobody does."""

    words = "exact, by types of member"

    def __init__(self, reduced: Reduced) -> None:
        self.holds = reduced.node is True

    def counts(self) -> FreeCounts:
        """Count the one coalition of no free players."""
        return FreeCounts([int(self.holds)], [])

    def win(self, probabilities: Floats) -> float:
        """Return 1 or 0."""
        return float(self.holds)

    def chance(self, probabilities: Floats) -> tuple[float, Floats]:
        """Return 1 or 0, which nobody changes."""
        return float(self.holds), np.zeros(len(probabilities))


def bits(codes: Int64s, n: int) -> Floats:
    """Return shape (codes, n): 1 where the subset with this code holds the player."""
    return ((codes[:, None] >> np.arange(n)) & 1).astype(np.float64)


def subset_chances(probabilities: Floats) -> Floats:
    """Return the chance of every subset, in the order of `subset_sums`.

    What is below 1e-150 counts as nought: numbers that small make processors crawl.
    """
    chances = np.ones(1)
    for p in probabilities:
        chances = np.concatenate([chances * (1.0 - p), chances * p])
        chances[chances < 1e-150] = 0.0
    return chances


def influence(values: Floats, probabilities: Floats) -> Floats:
    """How much each player's presence raises the mean of `values` over all subsets.

    Parameters
    ----------
    values
        Shape (2**n,), in the order of `subset_sums`.
    probabilities
        Shape (n,), chance of each player's presence, independent.
    """
    n = len(probabilities)
    raised = np.empty(n)
    for i in range(n):
        cut = values.reshape(2 ** (n - 1 - i), 2, 2**i)
        low = (cut[:, 1, :] - cut[:, 0, :]) @ subset_chances(probabilities[:i])
        raised[i] = subset_chances(probabilities[i + 1 :]) @ low
    return raised
