"""One weight vector, up to hundreds of members: the distribution of the weight in favour.

Two kernels. `ByWeight` counts exactly, by number and weight, while the counts fit 64 bits.
`WeightDistribution` gives chances in floating point with a proven bound on the error:

- all terms of the distribution are positive, so it keeps its relative precision;
- a player is taken out again by an alternating sum of window masses whose absolute sum is at
  most one, so nothing is lost there either;
- Shapley-Shubik is an integral over the common chance p of a yes. On the ellipse with foci 0
  and 1 on which the integrand is bounded by ((r + 1/r) / 2) ** (n - 1), the error of m
  Gauss-Legendre nodes falls like exp(-2 m**2 / n): some 4 sqrt(n) nodes are enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, exp, log, log1p, sqrt

import numpy as np

from comity.systems.counting import Floats, FreeCounts
from comity.systems.reduction import Int64s, Leaf, Reduced, kinds

EXACT_PLAYERS = 61
EXACT_WORK = 400_000_000
EXACT_ROOM = 8_000_000
WORK = 60_000_000_000
ROOM = 20_000_000
ROUNDING = 2.0**-53
SCALE = 500  # players after whom a distribution is scaled back, far from overflow


def single_quota(reduced: Reduced) -> int | None:
    """Return the quota when one threshold is all that is left of the rule."""
    return reduced.node.quota if isinstance(reduced.node, Leaf) else None


class ByWeight:
    """Losing coalitions by number of members and weight, counted one player at a time."""

    words = "exact, by weight and number"

    def __init__(self, reduced: Reduced, quota: int) -> None:
        self.weights: Int64s = np.minimum(reduced.vectors[0], quota)
        self.quota = quota
        self.float = WeightDistribution(reduced, quota)

    @staticmethod
    def can(reduced: Reduced, quota: int) -> bool:
        """Whether the counts fit 64 bits and the table fits memory."""
        n = len(reduced.free)
        return n <= EXACT_PLAYERS and n * quota <= EXACT_ROOM and n * n * quota <= EXACT_WORK

    def counts(self) -> FreeCounts:
        """Count winning coalitions, exactly."""
        n, quota = len(self.weights), self.quota
        losing = np.zeros((n + 1, quota), dtype=np.int64)
        losing[0, 0] = 1
        for seen, w in enumerate(self.weights.tolist()):
            grown = losing[: seen + 1, : quota - w].copy()
            losing[1 : seen + 2, w:] += grown
        upto = np.cumsum(losing, axis=1)
        winning = [comb(n, s) - int(upto[s, -1]) for s in range(n + 1)]
        rows = {w: self._containing(upto, w) for w in set(self.weights.tolist())}
        return FreeCounts(winning, [rows[w] for w in self.weights.tolist()])

    def _containing(self, upto: Int64s, w: int) -> list[int]:
        """Count by size the winning coalitions with a player of this weight in them."""
        n, quota = len(self.weights), self.quota
        without = np.zeros(n + 1, dtype=np.int64)  # losing though the player joins, by size
        sign = 1
        for k, t in enumerate(range(quota - 1 - w, -1, -w)):
            if k > n:
                break
            without[k:] += sign * upto[: n + 1 - k, t]
            sign = -sign
        return [0, *(comb(n - 1, s) - int(without[s]) for s in range(n))]

    def win(self, probabilities: Floats) -> float:
        """Return the chance to win."""
        return self.float.win(probabilities)

    def chance(self, probabilities: Floats) -> tuple[float, Floats]:
        """Return the chance to win, and by how much each free player's yes raises it."""
        return self.float.chance(probabilities)


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Indices of the free players and of any vetoer, with bounds on their error.

    Attributes
    ----------
    win
        Chance that the rule holds when each member says yes with chance one half.
    banzhaf, shapley_shubik
        Shape (free,).
    veto_banzhaf, veto_shapley_shubik
        The same for a vetoer.
    banzhaf_error, shapley_shubik_error
        No index is further from the truth than this.
    """

    win: float
    banzhaf: Floats
    shapley_shubik: Floats
    veto_banzhaf: float
    veto_shapley_shubik: float
    banzhaf_error: float
    shapley_shubik_error: float


class WeightDistribution:
    """Chances in floating point, for hundreds of players."""

    words = "weight distribution"

    def __init__(self, reduced: Reduced, quota: int) -> None:
        self.weights: Int64s = np.minimum(reduced.vectors[0], quota)
        self.quota = quota
        self.sum = int(self.weights.sum())
        self.vetoers = len(reduced.vetoers)
        columns, self.kind_of = kinds(self.weights[None, :])
        self.kinds: Int64s = columns[0]
        self.in_order = [int(w) for w in np.sort(self.weights)]

    @staticmethod
    def can(reduced: Reduced, quota: int) -> bool:
        """Whether the distribution fits memory and a few minutes."""
        n, total = len(reduced.free), int(np.minimum(reduced.vectors[0], quota).sum())
        upto = max(quota, total - quota + 1)
        passes = 1 + nodes_needed(n + len(reduced.vetoers)) // 2
        return total <= ROOM and n * upto * passes <= WORK

    def _masses(self, probabilities: list[float], upto: int) -> Floats:
        """Return the chance of each weight in favour below `upto`; weights ascending."""
        masses = np.zeros(upto)
        masses[0] = 1.0
        part = np.empty(upto)
        reach = 1
        for w, p in zip(self.in_order, probabilities, strict=True):
            now = min(reach, max(upto - w, 0))
            reach = min(reach + w, upto)
            np.multiply(masses[:now], p, out=part[:now])
            masses[:reach] *= 1.0 - p
            masses[w : w + now] += part[:now]
        return masses

    def _alike(self, p: float, upto: int) -> Floats:
        """Return the same when all say yes with one chance p <= 1/2, sooner."""
        masses, part = np.zeros(upto), np.empty(upto)
        masses[0] = 1.0
        reach, ratio = 1, p / (1.0 - p)
        for k, w in enumerate(self.in_order, start=1):
            now = min(reach, max(upto - w, 0))
            reach = min(reach + w, upto)
            np.multiply(masses[:now], ratio, out=part[:now])
            masses[w : w + now] += part[:now]
            if k % SCALE == 0 or k == len(self.in_order):
                masses *= (1.0 - p) ** ((k - 1) % SCALE + 1)
        return masses

    def _rounding(self) -> float:
        """Bound the rounding error of a swing's chance, relative to at most 1 / (1 - p) = 2."""
        reach = max(self.quota, self.sum - self.quota + 1)
        steps = 6 * len(self.weights) + int(self.kinds[-1]) + reach // int(self.kinds[0])
        return 2 * ROUNDING * (steps + 10)

    def _swings(self, masses: Floats, quota: int, p: float) -> Floats:
        """Return each kind's chance to be the one who is missing, at a common p <= 1/2."""
        return np.array([swing_chance(masses, quota, int(w), p) for w in self.kinds])

    def measured(self) -> Measured:
        """Return Banzhaf and Shapley-Shubik for all, in one pass over the common chance p."""
        n, v = len(self.weights), self.vetoers
        other = self.sum - self.quota + 1
        upto = max(self.quota, other)
        masses = self._alike(0.5, upto)
        half = 0.5**v
        win = half * float(masses[:other].sum())
        banzhaf = half * self._swings(masses, self.quota, 0.5)
        m = nodes_needed(n + v)
        at, share = np.polynomial.legendre.leggauss(m)
        ssi, veto = np.zeros(len(self.kinds)), 0.0
        for x, area in zip(at[: m // 2], share[: m // 2]):
            p = float(1.0 + x) / 2.0
            masses = self._alike(p, upto)
            mirrored = 1.0 - p
            ssi += area / 2 * p**v * self._swings(masses, self.quota, p)
            ssi += area / 2 * mirrored**v * self._swings(masses, other, p)
            if v:
                veto += area / 2 * p ** (v - 1) * (1.0 - float(masses[: self.quota].sum()))
                veto += area / 2 * mirrored ** (v - 1) * float(masses[:other].sum())
        rounding = self._rounding()
        return Measured(
            win=win,
            banzhaf=banzhaf[self.kind_of],
            shapley_shubik=ssi[self.kind_of],
            veto_banzhaf=2 * win if v else 0.0,
            veto_shapley_shubik=veto,
            banzhaf_error=rounding,
            shapley_shubik_error=rounding + quadrature_error(n + v, m),
        )

    def win(self, probabilities: Floats) -> float:
        """Return the chance to win."""
        order = np.argsort(self.weights, kind="stable")
        masses = self._masses([float(p) for p in probabilities[order]], self.sum + 1)
        return float(masses[self.quota :].sum())

    def chance(self, probabilities: Floats) -> tuple[float, Floats]:
        """Return the chance to win, and by how much each free player's yes raises it."""
        order = np.argsort(self.weights, kind="stable")
        masses = self._masses([float(p) for p in probabilities[order]], self.sum + 1)
        found: dict[tuple[int, float], float] = {}
        for w, p in zip(self.weights.tolist(), probabilities.tolist()):
            if (w, p) not in found:
                found[w, p] = swing_chance(masses, self.quota, w, p)
        raised = [found[w, p] for w, p in zip(self.weights.tolist(), probabilities.tolist())]
        return float(masses[self.quota :].sum()), np.array(raised)


def swing_chance(masses: Floats, quota: int, w: int, p: float) -> float:
    """Return the chance that the others miss the quota by at most one player's weight.

    Parameters
    ----------
    masses
        Chance of each weight in favour, that player included; up to quota - 1, or for p > 1/2
        up to the sum.
    quota, w, p
        Weight needed; the player's weight, above nought, and chance of a yes.
    """
    # With f the masses and g those without the player, f(t) = (1-p) g(t) + p g(t-w).
    # Solved downwards for p <= 1/2 and upwards otherwise, the ratio stays at most one.
    if p <= 0.5:
        ratio, scale, beside = p / (1.0 - p), 1.0 / (1.0 - p), masses[quota - 1 :: -1]
    else:
        ratio, scale, beside = (1.0 - p) / p, 1.0 / p, masses[quota:]
    terms = -(-len(beside) // w)
    if ratio < 1.0:
        terms = min(terms, 1 + (int(-41.5 / log(ratio)) if ratio > 0.0 else 0))
    beside = beside[: terms * w]
    windows = np.add.reduceat(beside, np.arange(0, len(beside), w))
    return float(windows @ (-ratio) ** np.arange(len(windows))) * scale


def quadrature_error(n: int, m: int) -> float:
    """Bound the error of m Gauss-Legendre nodes on [0, 1] for a swing among n players.

    The integrand is a polynomial of degree n - 1 in p, bounded by (|p| + |1-p|) ** (n-1), which
    is constant on each ellipse with foci 0 and 1; the bound follows from the decay of Chebyshev
    coefficients and is taken on the best of these ellipses.

    Examples
    --------
    >>> quadrature_error(500, 94) < 1e-12
    True
    """
    if 2 * m >= n:
        return 0.0
    best = 1.0
    for step in range(1, 400):
        h = step * 0.01
        grown = (n - 1) * (h + log1p(exp(-2 * h)) - log(2.0)) - 2 * m * h - log1p(-exp(-h))
        best = min(best, 5.0 * exp(min(grown, 0.0)))
    return best


def nodes_needed(n: int, error: float = 1e-13) -> int:
    """Return an even number of nodes whose quadrature error stays below `error`."""
    m = 2 * max(1, int(sqrt(n)))
    while quadrature_error(n, m) > error:
        m += 2
    return m
