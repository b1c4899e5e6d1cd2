"""Sampling, for games no exact way can do: seeded, with standard errors.

Random orders for Shapley-Shubik (Mann and Shapley 1960), random coalitions for Banzhaf.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from comity.errors import UsageError
from comity.systems.counting import Floats
from comity.systems.reduction import Int64s, Reduced, holds

BLOCK = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """Estimates with their standard errors.

    Attributes
    ----------
    win, win_error
        Chance that the rule holds.
    raised, raised_error
        Shape (players,); by how much each player's yes raises that chance.
    """

    win: float
    win_error: float
    raised: Floats
    raised_error: Floats


def _spread(found: Floats, draws: int) -> Floats:
    """Return the standard error of a share, never nought (Agresti and Coull 1998)."""
    share = (found + 2.0) / (draws + 4.0)
    return np.asarray(np.sqrt(share * (1.0 - share) / draws))


def _blocks(draws: int, width: int) -> list[int]:
    if draws < 2:
        raise UsageError(f"{draws} draws say nothing", hint="ask for some thousands")
    step = max(1, BLOCK // width)
    return [min(step, draws - start) for start in range(0, draws, step)]


def coalitions(reduced: Reduced, probabilities: Floats, *, draws: int, seed: int) -> Sampled:
    """Draw coalitions and ask of each player whether its vote would decide.

    Parameters
    ----------
    reduced
        A game with all its players kept.
    probabilities
        Shape (players,), chance of a yes, independent.
    draws, seed
        How many coalitions; the same seed gives the same answer.
    """
    n = reduced.size
    rng = np.random.default_rng(seed)
    won, decides = 0, np.zeros(n)
    for block in _blocks(draws, n):
        inside = (rng.random((block, n)) < probabilities).astype(np.int64)
        sums = [inside @ row for row in reduced.vectors]
        won += int(holds(reduced.node, sums).sum())
        without = [s[:, None] - inside * row for s, row in zip(sums, reduced.vectors)]
        with_it = [s + row for s, row in zip(without, reduced.vectors)]
        decides += (holds(reduced.node, with_it) & ~holds(reduced.node, without)).sum(axis=0)
    spread = _spread(np.array([float(won)]), draws)
    return Sampled(won / draws, float(spread[0]), decides / draws, _spread(decides, draws))


def passes(
    reduced: Reduced, probabilities: Floats, *, correlation: float, draws: int, seed: int
) -> tuple[float, float]:
    """Draw coalitions under one common mood and count how many win.

    Parameters
    ----------
    reduced
        A game with all its players kept.
    probabilities
        Shape (players,), chance of a yes.
    correlation
        Of the hidden normals of any two players, from 0 to below 1.
    draws, seed
        How many coalitions; the same seed gives the same answer.

    Returns
    -------
    tuple of float
        The share that win, and its standard error.
    """
    rng = np.random.default_rng(seed)
    normal = NormalDist()
    below = np.array(
        [normal.inv_cdf(p) if 0.0 < p < 1.0 else (p - 0.5) * np.inf for p in probabilities.tolist()]
    )
    won = 0
    for block in _blocks(draws, reduced.size):
        mood = np.sqrt(correlation) * rng.standard_normal((block, 1))
        own = np.sqrt(1.0 - correlation) * rng.standard_normal((block, reduced.size))
        inside = (mood + own <= below).astype(np.int64)
        won += int(holds(reduced.node, [inside @ row for row in reduced.vectors]).sum())
    return won / draws, float(_spread(np.array([float(won)]), draws)[0])


def orders(reduced: Reduced, *, draws: int, seed: int) -> tuple[Floats, Floats]:
    """Draw orders of all players and count who makes the coalition win.

    Returns
    -------
    tuple of ndarray
        Shape (players,) each: shares, and their standard errors.
    """
    n = reduced.size
    rng = np.random.default_rng(seed)
    pivots: Int64s = np.zeros(n, dtype=np.int64)
    for block in _blocks(draws, n):
        order = rng.permuted(np.tile(np.arange(n), (block, 1)), axis=1)
        sums = [np.cumsum(row[order], axis=1) for row in reduced.vectors]
        first = holds(reduced.node, sums).argmax(axis=1)
        pivots += np.bincount(order[np.arange(block), first], minlength=n)
    return pivots / draws, _spread(pivots.astype(np.float64), draws)
