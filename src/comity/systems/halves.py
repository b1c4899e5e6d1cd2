"""Meeting in the middle: two sorted halves instead of all coalitions.

The members are split in two. Each half's subsets are grouped by what the small criteria see of
them (number of members, a group's count, who of few is in) and sorted by the one big weight
within the group. For a pair of groups the rule is one quota on the big weight, and a binary
search says from where on the other half suffices. (Horowitz and Sahni 1974 had the idea, for
knapsacks.)
"""

from __future__ import annotations

import numpy as np

from comity.systems.counting import Floats, FreeCounts, bits, influence, subset_chances
from comity.systems.reduction import Int64s, Reduced, holds, kinds, node_leaves, subset_sums

MOST = 42  # free players
SEARCHES = 60_000_000
PAIRS = 150_000


class Half:
    """One half of the members: its subsets, grouped by profile, each sorted by big weight."""

    def __init__(self, vectors: Int64s, big: int, *, downwards: bool) -> None:
        self.n = vectors.shape[1]
        sums = [subset_sums(row) for row in vectors]
        size = subset_sums(np.ones(self.n, dtype=np.int64))
        key = size
        for k, row in enumerate(sums):
            if k != big:
                _, key = kinds(np.stack([key, row]))
        weight = -sums[big] if downwards else sums[big]
        self.codes: Int64s = np.lexsort((weight, key))
        key = key[self.codes]
        self.starts = [*np.flatnonzero(np.diff(key, prepend=-1)).tolist(), len(key)]
        first = self.codes[self.starts[:-1]]
        self.weights: Int64s = sums[big][self.codes]
        self.sizes = [int(s) for s in size[first]]
        self.profiles = [row[first] for row in sums]

    def __len__(self) -> int:
        return len(self.sizes)

    def group(self, g: int) -> slice:
        """Where group g lies among the sorted subsets."""
        return slice(self.starts[g], self.starts[g + 1])


class Halves:
    """Two halves, and for each pair of their groups from where on they win together."""

    words = "exact, meeting in the middle"

    def __init__(self, reduced: Reduced, big: int) -> None:
        self.n = len(reduced.free)
        cut = self.n // 2
        left = Half(reduced.vectors[:, :cut], big, downwards=True)
        right = Half(reduced.vectors[:, cut:], big, downwards=False)
        self.left, self.right, self.cut = left, right, cut
        need = self._needs(reduced, big)
        # For each pair of groups that can win: the first winning partner of each left subset,
        # or None when all pairs win.
        self.meet: dict[tuple[int, int], np.ndarray[tuple[int], np.dtype[np.int32]] | None] = {}
        for g, h in np.argwhere(need >= 0).tolist():
            ours, theirs = left.weights[left.group(g)], right.weights[right.group(h)]
            quota = need[g, h]
            if quota <= ours[-1] + theirs[0]:
                self.meet[g, h] = None
            elif quota <= ours[0] + theirs[-1]:
                self.meet[g, h] = np.searchsorted(theirs, quota - ours).astype(np.int32)

    def _needs(self, reduced: Reduced, big: int) -> Int64s:
        """Return the least big weight with which each pair of groups wins; -1 where none does."""
        quotas = {leaf.quota for leaf in node_leaves(reduced.node) if leaf.vector == big}
        sums = [
            np.add.outer(a, b) for a, b in zip(self.left.profiles, self.right.profiles, strict=True)
        ]
        need = np.full((len(self.left), len(self.right)), -1, dtype=np.int64)
        for quota in sorted({0, *quotas}, reverse=True):
            sums[big] = np.array([[quota]])
            need[np.broadcast_to(holds(reduced.node, sums), need.shape)] = quota
        return need

    def counts(self) -> FreeCounts:
        """Count winning coalitions, exactly."""
        left, right, n = self.left, self.right, self.n
        winning = np.zeros(n + 1)
        ours = np.zeros((left.n, n + 1))
        theirs = np.zeros((right.n, n + 1))
        by_right: dict[int, list[int]] = {}
        by_left: dict[int, list[int]] = {}
        for g, h in self.meet:
            by_left.setdefault(g, []).append(h)
            by_right.setdefault(h, []).append(g)
        for g, partners in by_left.items():
            here = bits(left.codes[left.group(g)], left.n)
            found = np.empty((len(here), len(partners)))
            for column, h in enumerate(partners):
                many = right.starts[h + 1] - right.starts[h]
                first = self.meet[g, h]
                found[:, column] = many if first is None else many - first
            sizes = [left.sizes[g] + right.sizes[h] for h in partners]
            np.add.at(winning, sizes, found.sum(axis=0))
            np.add.at(ours.T, sizes, (here.T @ found).T)
        for h, partners in by_right.items():
            here = bits(right.codes[right.group(h)], right.n)
            found = np.empty((len(here), len(partners)))
            for column, g in enumerate(partners):
                first = self.meet[g, h]
                if first is None:
                    found[:, column] = left.starts[g + 1] - left.starts[g]
                else:
                    at = np.bincount(first, minlength=len(here) + 1)[:-1]
                    found[:, column] = np.cumsum(at)
            sizes = [left.sizes[g] + right.sizes[h] for g in partners]
            np.add.at(theirs.T, sizes, (here.T @ found).T)
        table = np.concatenate([ours, theirs])
        return FreeCounts([int(w) for w in winning], [[int(w) for w in row] for row in table])

    def win(self, probabilities: Floats) -> float:
        """Return the chance to win."""
        ours = subset_chances(probabilities[: self.cut])[self.left.codes]
        theirs = subset_chances(probabilities[self.cut :])[self.right.codes]
        given = np.zeros(len(ours))
        tails: dict[int, Floats] = {}
        for (g, h), first in self.meet.items():
            if h not in tails:
                yours = theirs[self.right.group(h)]
                tails[h] = np.append(np.cumsum(yours[::-1])[::-1], 0.0)
            given[self.left.group(g)] += tails[h][0] if first is None else tails[h][first]
        return float((ours * given).sum())  # not @: threads for one sum cost more than they save

    def chance(self, probabilities: Floats) -> tuple[float, Floats]:
        """Return the chance to win, and by how much each free player's yes raises it."""
        left, right = self.left, self.right
        p, q = probabilities[: self.cut], probabilities[self.cut :]
        ours, theirs = subset_chances(p)[left.codes], subset_chances(q)[right.codes]
        given_left, given_right = np.zeros(len(ours)), np.zeros(len(theirs))
        for (g, h), first in self.meet.items():
            mine, yours = left.group(g), right.group(h)
            if first is None:
                given_left[mine] += theirs[yours].sum()
                given_right[yours] += ours[mine].sum()
            else:
                tail = np.append(np.cumsum(theirs[yours][::-1])[::-1], 0.0)
                given_left[mine] += tail[first]
                at = np.bincount(first, weights=ours[mine], minlength=len(tail))[:-1]
                given_right[yours] += np.cumsum(at)
        in_order = np.empty_like(given_left)
        in_order[left.codes] = given_left
        raised = [influence(in_order, p)]
        in_order = np.empty_like(given_right)
        in_order[right.codes] = given_right
        raised.append(influence(in_order, q))
        return float((ours * given_left).sum()), np.concatenate(raised)


def big_vector(reduced: Reduced) -> int | None:
    """Choose the weight to sort by, or None where too many different weights meet in one rule."""
    n = len(reduced.free)
    if not 2 <= n <= MOST:
        return None
    # Every other criterion multiplies the groups by at most the values its half-sums can take.
    kinds = [len(set(row.tolist())) for row in reduced.vectors]
    big = max(range(len(kinds)), key=lambda k: (kinds[k], int(reduced.vectors[k].sum())))
    groups = []
    for half in (reduced.vectors[:, : n // 2], reduced.vectors[:, n // 2 :]):
        small = np.concatenate([np.ones((1, half.shape[1]), np.int64), np.delete(half, big, 0)])
        groups.append(_profiles(small))
    if groups[0] * groups[1] > PAIRS or groups[1] * 2 ** (n // 2) > SEARCHES:
        return None
    return big


def _profiles(small: Int64s) -> int:
    """Count what the small criteria can see of a half, giving up beyond the limit."""
    seen = np.zeros((len(small), 1), dtype=np.int64)
    for column in small.T:
        seen, _ = kinds(np.concatenate([seen, seen + column[:, None]], axis=1))
        if seen.shape[1] > PAIRS:
            break
    return seen.shape[1]
