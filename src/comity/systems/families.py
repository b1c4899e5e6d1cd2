"""Families of minimal coalitions, and the two ways to find them: look at all, or search."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, islice
from math import comb, prod

import numpy as np

from comity.systems.counting import Counts
from comity.systems.game import Game
from comity.systems.reduction import Branch, Leaf, Node, Reduced, holds, kinds


@dataclass(frozen=True, slots=True)
class Family:
    """Coalitions that are alike: so many of each of some groups.

    Attributes
    ----------
    parts
        How many, and of whom; members of a part are interchangeable.

    Examples
    --------
    >>> print(Family(((1, ("Arden",)), (2, ("Brill", "Corve", "Dorn")))))
    Arden and any 2 of Brill, Corve, Dorn
    """

    parts: tuple[tuple[int, tuple[str, ...]], ...]

    @property
    def size(self) -> int:
        """Members of each coalition."""
        return sum(k for k, _ in self.parts)

    @property
    def count(self) -> int:
        """Coalitions in the family."""
        return prod(comb(len(names), k) for k, names in self.parts)

    def sets(self) -> Iterator[tuple[str, ...]]:
        """Go through the coalitions themselves, one at a time: there can be billions."""
        yield from _choices(self.parts)

    def __str__(self) -> str:
        words = [
            ", ".join(names) if k == len(names) else f"any {k} of {', '.join(names)}"
            for k, names in self.parts
        ]
        return " and ".join(words) or "nobody"


def _choices(parts: tuple[tuple[int, tuple[str, ...]], ...]) -> Iterator[tuple[str, ...]]:
    if not parts:
        yield ()
        return
    (k, names), *rest = parts
    for chosen in combinations(names, k):
        for others in _choices(tuple(rest)):
            yield (*chosen, *others)


@dataclass(frozen=True, slots=True)
class Coalitions:
    """Minimal coalitions, smallest first.

    Attributes
    ----------
    families
        Those listed; each coalition is in one family only.
    count
        How many coalitions there are; at least so many where `counted` is false.
    counted
        Whether `count` is exact.
    complete
        Whether the families are all there are.
    smallest
        Members of the smallest, or None where there is none or none was found.
    at_least
        No coalition of the kind has fewer members than this.
    """

    families: tuple[Family, ...]
    count: int
    counted: bool
    complete: bool
    smallest: int | None
    at_least: int

    def sets(self, limit: int = 1000) -> tuple[tuple[str, ...], ...]:
        """Write out the first coalitions listed."""
        return tuple(islice((s for family in self.families for s in family.sets()), limit))


class Groups:
    """The free players by type, heaviest first."""

    def __init__(
        self, game: Game, reduced: Reduced, must: tuple[tuple[int, tuple[str, ...]], ...]
    ) -> None:
        columns, inverse = kinds(reduced.vectors)
        shares = columns / reduced.vectors.sum(axis=1)[:, None]
        order = np.argsort(-shares.sum(axis=0), kind="stable")
        members = [
            [game.players[reduced.free[i]] for i in np.flatnonzero(inverse == t)] for t in order
        ]
        self.names = [tuple(group) for group in members]
        self.sizes = [len(group) for group in self.names]
        self.weights = columns[:, order]
        self.node, self.must = reduced.node, must

    def family(self, taken: list[int]) -> Family:
        """Name a choice of so many of each type."""
        chosen = tuple((k, names) for k, names in zip(taken, self.names) if k)
        return Family((*self.must, *chosen))

    def look(self, limit: int, *, smallest_only: bool) -> Coalitions:
        """Look at every choice of so many of each type."""
        shape = tuple(n + 1 for n in self.sizes)
        steps = np.indices(shape, sparse=True)
        sums = [sum((w * s for w, s in zip(row, steps)), np.int64(0)) for row in self.weights]
        minimal = np.broadcast_to(holds(self.node, [np.asarray(s) for s in sums]), shape).copy()
        won = minimal.copy()
        for axis in range(len(shape)):
            fewer = np.moveaxis(won, axis, 0)[:-1]
            np.moveaxis(minimal, axis, 0)[1:] &= ~fewer
        found = np.argwhere(minimal)
        order = np.argsort(found.sum(axis=1), kind="stable")
        found = found[order]
        base = sum(k for k, _ in self.must)
        smallest = int(found[0].sum())
        if smallest_only:
            found = found[found.sum(axis=1) == smallest]
        families = tuple(self.family(row) for row in found[:limit].tolist())
        ways = [np.array([comb(n, k) for k in range(n + 1)], dtype=object) for n in self.sizes]
        total = np.ones(len(found), dtype=object)
        for t, row in enumerate(ways):
            total = total * row[found[:, t]]
        complete = len(families) == len(found)
        return Coalitions(
            families, int(total.sum()), True, complete, smallest + base, smallest + base
        )

    def search(
        self, limit: int, work: int, counts: Counts | None, *, smallest_only: bool
    ) -> Coalitions:
        """Search by size, smallest first, leaving out whatever cannot win or be minimal."""
        base = sum(k for k, _ in self.must)
        known = None
        if counts is not None:
            known = next(s for s, ways in enumerate(counts.winning) if ways) - base
        search = Search(self, limit, work)
        size = known if known is not None else 0
        at_least = size
        smallest = known
        whole = True
        for s in range(size, sum(self.sizes) + 1):
            before = len(search.found)
            whole = search.run(s)
            if smallest is None and len(search.found) > before:
                smallest = s
            if smallest is None and whole:
                at_least = s + 1
            if not whole or (smallest_only and smallest is not None):
                break
        families = tuple(self.family(list(taken)) for taken in search.found)
        total, counted = sum(family.count for family in families), whole
        if counts is not None and known is not None:
            ways = counts.winning[known + base]
            total = max(total, ways)
            counted = whole or smallest_only
        if smallest is not None:
            at_least = smallest
        return Coalitions(
            families=families,
            count=total,
            counted=counted,
            complete=whole,
            smallest=None if smallest is None else smallest + base,
            at_least=at_least + base,
        )


class Search:
    """Depth first over how many of each type, with the best that could still come as bound."""

    def __init__(self, groups: Groups, limit: int, work: int) -> None:
        self.limit, self.left = limit, work
        self.sizes = groups.sizes
        self.met = _scalar(groups.node)
        self.columns = [tuple(int(w) for w in column) for column in groups.weights.T]
        self.found: list[tuple[int, ...]] = []
        # best[t][k][r]: the most weight k that r members of types t onwards can add
        self.best: list[list[list[int]]] = []
        for t in range(len(self.sizes) + 1):
            rows = []
            for row in groups.weights:
                heavy = sorted(
                    (int(w) for w, n in zip(row[t:], self.sizes[t:]) for _ in range(n)),
                    reverse=True,
                )
                sums = [0]
                for w in heavy:
                    sums.append(sums[-1] + w)
                rows.append(sums)
            self.best.append(rows)

    def run(self, size: int) -> bool:
        """Find the minimal coalitions of this size; False if a bound was met on the way."""
        return self._go(0, size, (0,) * len(self.columns[0]), ())

    def _go(self, t: int, r: int, sums: tuple[int, ...], taken: tuple[int, ...]) -> bool:
        if self.left <= 0:
            return False
        self.left -= 1
        if r == 0:
            if self.met(sums) and self._is_minimal(sums, taken):
                if len(self.found) >= self.limit:
                    return False
                self.found.append(taken + (0,) * (len(self.sizes) - t))
            return True
        if t == len(self.sizes):
            return True
        best = self.best[t]
        if r >= len(best[0]) or self.met(sums):
            return True  # too few are left, or whoever joins now is one too many
        if not self.met(tuple(s + most[r] for s, most in zip(sums, best))):
            return True
        column = self.columns[t]
        for k in range(min(self.sizes[t], r), -1, -1):
            grown = tuple(s + k * w for s, w in zip(sums, column))
            if not self._go(t + 1, r - k, grown, (*taken, k)):
                return False
        return True

    def _is_minimal(self, sums: tuple[int, ...], taken: tuple[int, ...]) -> bool:
        return not any(
            k and self.met(tuple(s - w for s, w in zip(sums, column)))
            for k, column in zip(taken, self.columns)
        )


def _scalar(node: Node) -> Callable[[tuple[int, ...]], bool]:
    """Return the reduced rule as a function of plain sums."""
    if isinstance(node, Leaf):
        vector, quota = node.vector, node.quota
        return lambda sums: sums[vector] >= quota
    if isinstance(node, Branch):
        parts, least = [_scalar(part) for part in node.parts], node.least
        if least == len(parts):
            return lambda sums: all(part(sums) for part in parts)
        return lambda sums: sum(part(sums) for part in parts) >= least
    return lambda sums: bool(node)
