"""How likely a rule is to pass, once somebody says how likely each member is to agree.

Unlike a-priori power this needs probabilities from outside; the answer is as good as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import erf, exp, pi, sqrt
from statistics import NormalDist

import numpy as np

from comity.errors import UsageError
from comity.systems import sampling
from comity.systems.counting import Chances, Floats, FreeCounts
from comity.systems.game import Game
from comity.systems.power import Method, choose
from comity.systems.reduction import Reduced, reduce
from comity.systems.weights import WeightDistribution

NODES = 500  # of the common mood; the rule is not refined beyond
REACH = 8.0  # standard deviations; outside lies 1e-15


@dataclass(frozen=True, slots=True)
class Passing:
    """The chance that a rule passes.

    Attributes
    ----------
    probability
        From 0 to 1.
    error
        One standard error if sampled; otherwise a bound or, with correlation, what the last
        doubling of nodes changed.
    method
        How it was found, in plain words.
    """

    probability: float
    error: float
    method: str


def pass_probability(
    game: Game,
    probabilities: Sequence[float],
    *,
    correlation: float = 0.0,
    method: Method = "auto",
    draws: int = 50_000,
    seed: int = 0,
) -> Passing:
    """Return the chance that the rule passes when each member agrees with its own chance.

    With a correlation, members share one common mood (a one-factor Gaussian model): member i
    agrees when ``sqrt(c) * mood + sqrt(1 - c) * own <= z_i``, mood and own being independent
    standard normals and z_i the quantile of its chance. `correlation` is that of these latent
    normals, not of the votes, and the same between any two members.

    Parameters
    ----------
    game
        Players and rule.
    probabilities
        One for each player, from 0 to 1, in the game's order.
    correlation
        c above, from 0 to below 1. 0 means independent votes.
    method, draws, seed
        As for `power`.

    Raises
    ------
    UsageError
        If a chance or the correlation is out of range, or the method cannot do this game.

    References
    ----------
    Vasicek (1987), Probability of loss on loan portfolio, KMV, for the one-factor model.

    Examples
    --------
    >>> from comity.systems.game import at_least
    >>> trio = Game(("Arden", "Brill", "Corve"), at_least(3, 2))
    >>> round(pass_probability(trio, [0.9, 0.5, 0.5]).probability, 6)
    0.7
    >>> round(pass_probability(trio, [0.9, 0.5, 0.5], correlation=0.5).probability, 3)
    0.645
    """
    chances = as_chances(game, probabilities)
    if not 0.0 <= correlation < 1.0:
        raise UsageError(
            f"a correlation of {correlation} is out of range",
            hint="give one from 0 (independent) to below 1",
        )
    reduced = reduce(game)
    try:
        found = None if method == "sampling" else choose(reduced, method)
    except UsageError:
        if method != "auto":
            raise
        found = None
    if found is None and isinstance(reduced.node, bool):
        found = choose(reduced, "auto")
    if found is None:
        return _sampled(game, chances, correlation, draws, seed)
    way: Chances | Alike = found
    alike = len(set(chances.tolist())) == 1 and len(game.players) <= 1000  # counts fit a float
    if alike and not isinstance(found, WeightDistribution):
        way = Alike(found.counts(), found.words)
    if correlation == 0.0:
        return Passing(_whole(reduced, way, chances), 1e-12, way.words)
    return _mixed(reduced, way, chances, correlation)


class Alike:
    """Members who all agree with one chance: the counts by size say everything, once."""

    def __init__(self, counts: FreeCounts, words: str) -> None:
        self.words = words
        self.winning = counts.winning

    def win(self, probabilities: Floats) -> float:
        """Return the chance to win."""
        n = len(probabilities)
        p = float(probabilities[0]) if n else 0.0
        return sum(c * p**s * (1.0 - p) ** (n - s) for s, c in enumerate(self.winning))


def passing_curve(
    game: Game, levels: Sequence[float], *, correlation: float = 0.0, method: Method = "auto"
) -> tuple[float, ...]:
    """Return the chance that the rule passes when all agree with one chance, for each level.

    Examples
    --------
    >>> from comity.systems.game import at_least
    >>> trio = Game(("Arden", "Brill", "Corve"), at_least(3, 3))
    >>> [round(p, 3) for p in passing_curve(trio, [0.5, 0.9, 1.0])]
    [0.125, 0.729, 1.0]
    """
    n = len(game.players)
    return tuple(
        pass_probability(game, [level] * n, correlation=correlation, method=method).probability
        for level in levels
    )


def as_chances(game: Game, probabilities: Sequence[float]) -> Floats:
    """Check that there is one chance for each player, from 0 to 1."""
    chances = np.asarray(probabilities, dtype=np.float64)
    if chances.shape != (len(game.players),):
        raise UsageError(
            f"{len(probabilities)} chances for {len(game.players)} players",
            hint="give one for each player, in the game's order",
        )
    if not bool(np.all((chances >= 0.0) & (chances <= 1.0))):
        raise UsageError("a chance lies outside 0 to 1", hint="write 70 % as 0.7")
    return chances


def _whole(reduced: Reduced, way: Chances | Alike, chances: Floats) -> float:
    veto = float(np.prod(chances[list(reduced.vetoers)]))
    return min(1.0, max(0.0, veto * way.win(chances[list(reduced.free)])))


def _given(chances: Floats, correlation: float, mood: float) -> Floats:
    """Return each member's chance once the common mood is known."""
    normal = NormalDist()
    given = []
    for p in chances.tolist():
        if p in (0.0, 1.0):
            given.append(p)
        else:
            z = (normal.inv_cdf(p) - sqrt(correlation) * mood) / sqrt(1.0 - correlation)
            given.append((1.0 + erf(z / sqrt(2.0))) / 2.0)
    return np.array(given)


def _mixed(reduced: Reduced, way: Chances | Alike, chances: Floats, correlation: float) -> Passing:
    """Average over the common mood: the trapezoidal rule, halved until it settles.

    For a smooth integrand that dies away at both ends no rule gains more by halving; the old
    nodes stay in use, and the last change is the error stated.
    """

    def at(moods: Floats) -> float:
        given = (_whole(reduced, way, _given(chances, correlation, m)) for m in moods.tolist())
        return sum(g * exp(-m * m / 2.0) for g, m in zip(given, moods.tolist())) / sqrt(2.0 * pi)

    step = 0.5
    nodes = np.arange(-REACH, REACH + step / 2, step)
    total, many, change = step * at(nodes), len(nodes), 1.0
    while change > 1e-7 and many < NODES:
        between = nodes[:-1] + step / 2
        finer = total / 2.0 + step / 2.0 * at(between)
        change, total, step = abs(finer - total), finer, step / 2.0
        nodes = np.arange(-REACH, REACH + step / 2, step)
        many = len(nodes)
    words = f"{way.words}, one common factor at {many} nodes"
    return Passing(min(1.0, total), max(change, 1e-12), words)


def _sampled(game: Game, chances: Floats, correlation: float, draws: int, seed: int) -> Passing:
    kept = reduce(game, keep_all=True)
    found = sampling.passes(kept, chances, correlation=correlation, draws=draws, seed=seed)
    return Passing(*found, f"sampled, {draws} draws, seed {seed}")
