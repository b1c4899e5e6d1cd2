"""Counting by types of member: interchangeable members count once, with binomials."""

from __future__ import annotations

from math import comb, prod

import numpy as np
from numpy.typing import NDArray

from comity.systems.counting import Floats, FreeCounts
from comity.systems.reduction import Int64s, Reduced, holds, kinds

GRID = 2_000_000
SAFE = 56  # players up to which every product here stays within int64


def type_sizes(reduced: Reduced) -> list[int]:
    """Return how many free players each type has."""
    _, which = kinds(reduced.vectors)
    return [int(n) for n in np.bincount(which)]


class ByTypes:
    """How many of each type are in favour decides; the rule is read once for each such count.

    The largest type is not enumerated: since rules are monotone, it is enough to know how many
    of it are needed (`need`) beside each choice of the others.
    """

    words = "exact, by types of member"

    def __init__(self, reduced: Reduced) -> None:
        columns, inverse = kinds(reduced.vectors)
        sizes = np.bincount(inverse)
        order = np.argsort(sizes, kind="stable")
        self.groups = [np.flatnonzero(inverse == t) for t in order]
        self.sizes = [len(group) for group in self.groups]
        self.n = len(reduced.free)
        per_one: Int64s = columns[:, order]
        *others, last = self.sizes
        self.shape = tuple(n + 1 for n in others)
        rest = [np.zeros(1, dtype=np.int64) for _ in per_one]
        for t, n in enumerate(others):
            rest = [
                np.add.outer(r, row[t] * np.arange(n + 1)).ravel() for r, row in zip(rest, per_one)
            ]
        steps = np.arange(last + 1)
        sums = [r[:, None] + row[-1] * steps for r, row in zip(rest, per_one)]
        self.need: Int64s = (~holds(reduced.node, sums)).sum(axis=1)
        taken = np.zeros(1, dtype=np.int64)
        for n in others:
            taken = np.add.outer(taken, np.arange(n + 1)).ravel()
        self.taken: Int64s = taken

    def _several(self, ways: list[list[int]]) -> NDArray[np.int64] | NDArray[np.object_]:
        """Return the ways to choose members for each count vector of the types but the last."""
        kind: type = np.int64 if self.n <= SAFE else object
        product: NDArray[np.int64] | NDArray[np.object_] = np.ones(1, dtype=kind)
        for row in ways:
            product = np.multiply.outer(product, np.array(row, dtype=kind)).ravel()
        return product

    def counts(self) -> FreeCounts:
        """Count winning coalitions, exactly."""
        *others, last = self.sizes
        can = np.flatnonzero(self.need <= last)
        keys = (self.taken * (last + 1) + self.need)[can]
        order = np.argsort(keys, kind="stable")
        can, keys = can[order], keys[order]
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        plain = [[comb(n, k) for k in range(n + 1)] for n in others]

        def collected(ways: list[list[int]]) -> list[list[int]]:
            """Ways by members taken of the other types, and by need of the last at most."""
            table = [[0] * (last + 1) for _ in range(self.n - last + 1)]
            if len(can):
                sums = np.add.reduceat(self._several(ways)[can], starts)
                for key, ways_here in zip(keys[starts].tolist(), sums.tolist()):
                    table[key // (last + 1)][key % (last + 1)] = int(ways_here)
            for row in table:
                for c in range(last):
                    row[c + 1] += row[c]
            return table

        def by_size(table: list[list[int]], of_last: list[int]) -> list[int]:
            row = [0] * (self.n + 1)
            for taken, ways_of in enumerate(table):
                for c, ways in enumerate(ways_of):
                    row[taken + c] += ways * of_last[c]
            return row

        lasts = [comb(last, c) for c in range(last + 1)]
        base = collected(plain)
        containing: list[list[int]] = [[] for _ in range(self.n)]
        for t, group in enumerate(self.groups):
            if t == len(others):
                row = by_size(base, [0, *(comb(last - 1, c) for c in range(last))])
            else:
                n = self.sizes[t]
                ways = [*plain[:t], [0, *(comb(n - 1, k) for k in range(n))], *plain[t + 1 :]]
                row = by_size(collected(ways), lasts)
            for i in group:
                containing[i] = row
        return FreeCounts(by_size(base, lasts), containing)

    def win(self, probabilities: Floats) -> float:
        """Return the chance to win."""
        return self._won([number_in_favour(probabilities[group]) for group in self.groups])[0]

    def _won(self, counts: list[Floats]) -> tuple[float, Floats]:
        """Return the chance to win, also for each choice of the types but the last."""
        *others, last = counts
        enough = np.append(np.cumsum(last[::-1])[::-1], 0.0)[self.need]
        table = enough.reshape(self.shape or (1,))
        win = table
        for row in reversed(others):
            win = win @ row
        return float(np.sum(win)), table

    def chance(self, probabilities: Floats) -> tuple[float, Floats]:
        """Return the chance to win, and by how much each free player's yes raises it."""
        counts = [number_in_favour(probabilities[group]) for group in self.groups]
        win, table = self._won(counts)
        raised = np.zeros(self.n)
        for t, group in enumerate(self.groups):
            steps = np.diff(self._along(t, counts, table))
            alike: dict[float, float] = {}
            for i in group:
                p = float(probabilities[i])
                if p not in alike:
                    alike[p] = float(number_in_favour(probabilities[group[group != i]]) @ steps)
                raised[i] = alike[p]
        return win, raised

    def _along(self, t: int, counts: list[Floats], table: Floats) -> Floats:
        """Return the chance to win for each number in favour among type t."""
        if t == len(counts) - 1:
            mass = np.ones(1)
            for row in counts[:-1]:
                mass = np.multiply.outer(mass, row).ravel()
            by_need = np.bincount(self.need, weights=mass, minlength=len(counts[-1]) + 1)
            return np.asarray(np.cumsum(by_need)[: len(counts[-1])])
        value = np.moveaxis(table, t, 0)
        for row in reversed([row for u, row in enumerate(counts[:-1]) if u != t]):
            value = value @ row
        return value


def number_in_favour(probabilities: Floats) -> Floats:
    """Return the chance of each number of yeses, from 0 to n, the votes being independent."""
    chances = np.ones(1)
    for p in probabilities:
        grown = np.append(chances * (1.0 - p), 0.0)
        grown[1:] += chances * p
        chances = grown
    return chances


def grid_size(reduced: Reduced) -> int:
    """Return how many count vectors there are."""
    return prod(n + 1 for n in type_sizes(reduced))
