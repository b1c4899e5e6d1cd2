"""Importance, as reliability engineers know it: the same numbers as voting power.

A rule that passes while enough members agree is a machine that works while enough parts do.
Birnbaum importance with all parts at one half is the Banzhaf measure; Barlow-Proschan importance
of parts that age alike is the Shapley-Shubik index.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from comity.errors import UsageError
from comity.systems.counting import Floats
from comity.systems.game import Game
from comity.systems.passing import as_chances
from comity.systems.power import Method, choose
from comity.systems.reduction import reduce


def birnbaum(
    game: Game, probabilities: Sequence[float], *, method: Method = "auto"
) -> tuple[float, ...]:
    """By how much each part's working raises the chance that the whole works.

    Parameters
    ----------
    game
        Parts, and the rule that says when the whole works.
    probabilities
        One for each part, from 0 to 1: the chance that it works, independent of the others.
    method
        As for `power`, but for sampling.

    References
    ----------
    Birnbaum (1969), in Krishnaiah (ed.), Multivariate Analysis II, 581-592.

    Examples
    --------
    >>> from comity.systems.game import at_least
    >>> series = Game(("link", "power"), at_least(2, 2))
    >>> birnbaum(series, [0.9, 0.5])
    (0.5, 0.9)
    """
    chances = as_chances(game, probabilities)
    reduced = reduce(game)
    won, raised = choose(reduced, method).chance(chances[list(reduced.free)])
    veto = chances[list(reduced.vetoers)].tolist()
    answer = np.zeros(len(game.players))
    answer[list(reduced.free)] = raised * prod(veto)
    for k, i in enumerate(reduced.vetoers):
        answer[i] = won * prod(veto[:k] + veto[k + 1 :])
    return tuple(answer.tolist())


def barlow_proschan(
    game: Game, *, rates: Sequence[float] | None = None, method: Method = "auto"
) -> tuple[float, ...]:
    """Return each part's chance to be the one whose failure stops the whole.

    Parts fail one after the other and are not mended. Computed as the integral of Birnbaum
    importance over time, not from Shapley-Shubik; that both agree is tested.

    Parameters
    ----------
    game
        Parts, and the rule that says when the whole works.
    rates
        How fast each part fails, above nought, relative to the others; all alike if left out.
        Part i still works with chance ``u ** rates[i]`` when u runs down from 1 to 0.
    method
        As for `power`, but for sampling.

    References
    ----------
    Barlow and Proschan (1975), Stochastic Processes and their Applications 3(2), 153-173.

    Examples
    --------
    >>> from comity.systems.game import Threshold
    >>> league = Game(("Arden", "Brill", "Corve"), Threshold((3, 2, 1), 4))
    >>> [round(share, 6) for share in barlow_proschan(league)]
    [0.666667, 0.166667, 0.166667]
    """
    n = len(game.players)
    speed = np.ones(n) if rates is None else _speeds(game, rates)
    at, share = np.polynomial.legendre.leggauss(max(n // 2 + 1, 2) if rates is None else 200)
    total = np.zeros(n)
    for u, area in zip((1.0 + at) / 2.0, share / 2.0):
        if rates is None:
            total += area * np.array(birnbaum(game, [float(u)] * n, method=method))
            continue
        # u = s**k with k large enough that u**rate stays smooth at nought.
        k = 4.0 / float(speed.min())
        works: Floats = u ** (k * speed)
        slope = k * speed * u ** (k * speed - 1.0)
        total += area * slope * np.array(birnbaum(game, works.tolist(), method=method))
    return tuple(total.tolist())


def _speeds(game: Game, rates: Sequence[float]) -> Floats:
    speed = np.asarray(rates, dtype=np.float64)
    if speed.shape != (len(game.players),) or not bool(np.all(speed > 0.0)):
        raise UsageError(
            "rates need one number above nought for each player",
            hint="only their ratios matter; 1 for all is the same as none",
        )
    return np.asarray(speed / speed.max())
