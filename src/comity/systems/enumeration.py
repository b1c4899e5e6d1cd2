"""All coalitions of up to some 28 members, block by block."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from comity.systems.counting import Floats, FreeCounts, bits, influence, subset_chances
from comity.systems.reduction import Int64s, Reduced, holds, subset_sums

MOST = 28
BLOCK = 2**20


class AllCoalitions:
    """Every coalition is a row (a subset of one half) and a column (of the other)."""

    words = "exact, all coalitions"

    def __init__(self, reduced: Reduced) -> None:
        self.node = reduced.node
        self.n = len(reduced.free)
        self.cut = self.n // 2
        left, right = reduced.vectors[:, : self.cut], reduced.vectors[:, self.cut :]
        self.rows = [subset_sums(row) for row in left]
        self.columns = [subset_sums(row) for row in right]

    def _blocks(self) -> Iterator[tuple[slice, Floats]]:
        """Yield which coalitions win, as 1 and 0, some rows at a time."""
        step = max(1, BLOCK >> (self.n - self.cut))
        for start in range(0, 2**self.cut, step):
            here = slice(start, start + step)
            sums = [r[here, None] + c[None, :] for r, c in zip(self.rows, self.columns)]
            yield here, holds(self.node, sums).astype(np.float64)

    def counts(self) -> FreeCounts:
        """Count winning coalitions, exactly."""
        n, cut = self.n, self.cut
        size_left = subset_sums(np.ones(cut, dtype=np.int64))
        size_right = subset_sums(np.ones(n - cut, dtype=np.int64))
        pick_left = np.eye(cut + 1)[size_left]
        pick_right = np.eye(n - cut + 1)[size_right]
        per_row = np.empty((2**cut, n - cut + 1))
        per_column = np.zeros((2 ** (n - cut), cut + 1))
        for here, wins in self._blocks():
            per_row[here] = wins @ pick_right
            per_column += wins.T @ pick_left[here]
        winning = np.zeros(n + 1)
        _spread(winning, pick_left.T @ per_row)
        containing = np.zeros((n, n + 1))
        for place, (table, pick) in enumerate(((per_row, pick_left), (per_column, pick_right))):
            players = n - cut if place else cut
            inside = bits(np.arange(len(table)), players)
            for i in range(players):
                _spread(containing[place * cut + i], (pick * inside[:, i, None]).T @ table)
        return FreeCounts([int(w) for w in winning], [[int(w) for w in row] for row in containing])

    def win(self, probabilities: Floats) -> float:
        """Return the chance to win."""
        ours = subset_chances(probabilities[: self.cut])
        theirs = subset_chances(probabilities[self.cut :])
        return sum(float(ours[here] @ (wins @ theirs)) for here, wins in self._blocks())

    def chance(self, probabilities: Floats) -> tuple[float, Floats]:
        """Return the chance to win, and by how much each free player's yes raises it."""
        p, q = probabilities[: self.cut], probabilities[self.cut :]
        ours, theirs = subset_chances(p), subset_chances(q)
        given_left, given_right = np.empty(len(ours)), np.zeros(len(theirs))
        for here, wins in self._blocks():
            given_left[here] = wins @ theirs
            given_right += ours[here] @ wins
        raised = np.concatenate([influence(given_left, p), influence(given_right, q)])
        return float(ours @ given_left), raised

    def table(self) -> Int64s:
        """Return for every coalition whether it wins, in the order of `subset_sums`."""
        won = np.concatenate([wins.astype(bool) for _, wins in self._blocks()])
        return np.asarray(won.T.ravel())


def _spread(by_size: Floats, pairs: Floats) -> None:
    """Add a table by two sizes to a row by their sum."""
    a, b = pairs.shape
    np.add.at(by_size, np.add.outer(np.arange(a), np.arange(b)), pairs)
