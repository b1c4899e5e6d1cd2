"""Voting power: who decides, who can stop it, how able the body is to act.

A-priori power is a property of the rule alone: every member says yes with chance one half,
independently (Banzhaf, Coleman), or joins in an order drawn at random (Shapley-Shubik). It
is no forecast of how anyone will vote.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

import numpy as np

from comity.errors import UsageError
from comity.systems import sampling
from comity.systems.counting import Counts, Floats, Kernel, Settled, whole
from comity.systems.enumeration import MOST, AllCoalitions
from comity.systems.game import Game
from comity.systems.grouping import GRID, ByTypes, grid_size
from comity.systems.halves import Halves, big_vector
from comity.systems.reduction import Reduced, reduce
from comity.systems.weights import ByWeight, WeightDistribution, single_quota

Method: TypeAlias = Literal["auto", "types", "halves", "all", "weights", "sampling"]


@dataclass(frozen=True, slots=True)
class Power:
    """The power of each player under a rule, and how it was found.

    Attributes
    ----------
    players
        Names; all tuples below are in this order.
    method
        How the numbers were made, in plain words.
    winning
        Coalitions that win, exact, or None where they were not counted.
    swings
        Coalitions that each player alone turns from losing to winning; exact, or None.
    banzhaf
        Chance that a player's vote decides when all others vote by a fair coin.
    banzhaf_normalised
        The same as shares of one; all nought where nobody decides.
    shapley_shubik
        Share of all orders in which the player is the one who makes the coalition win.
    prevent, initiate
        Coleman: share of winning coalitions a player can stop by leaving; share of losing
        coalitions it can carry by joining.
    power_to_act
        Coleman: share of all coalitions that win.
    banzhaf_exact, shapley_shubik_exact
        The same as fractions, or None where not exact.
    banzhaf_error, shapley_shubik_error
        One for each player: nought if exact, a proven bound for the weight distribution, one
        standard error if sampled.
    """

    players: tuple[str, ...]
    method: str
    winning: int | None
    swings: tuple[int, ...] | None
    banzhaf: tuple[float, ...]
    banzhaf_normalised: tuple[float, ...]
    shapley_shubik: tuple[float, ...]
    prevent: tuple[float, ...]
    initiate: tuple[float, ...]
    power_to_act: float
    banzhaf_exact: tuple[Fraction, ...] | None
    shapley_shubik_exact: tuple[Fraction, ...] | None
    banzhaf_error: tuple[float, ...]
    shapley_shubik_error: tuple[float, ...]

    @property
    def error(self) -> float:
        """The largest of all errors: a bound, or a standard error if sampled."""
        return max(*self.banzhaf_error, *self.shapley_shubik_error)

    @property
    def residual(self) -> float:
        """How far the Shapley-Shubik shares are from adding up to one (or to nought)."""
        total = sum(self.shapley_shubik)
        return min(abs(total - 1.0), abs(total))


def count(game: Game, *, method: Method = "auto") -> Counts:
    """Count winning coalitions by size and by member, exactly.

    Raises
    ------
    UsageError
        If no exact way can do this game.

    References
    ----------
    Horowitz and Sahni (1974), J. ACM 21(2), 277-292, for meeting in the middle.

    Examples
    --------
    >>> from comity.systems.game import Threshold
    >>> found = count(Game(("Arden", "Brill", "Corve"), Threshold((3, 2, 1), 4)))
    >>> found.winning, found.swings()
    ((0, 0, 2, 1), (3, 1, 1))
    """
    reduced = reduce(game)
    way = choose(reduced, method)
    if isinstance(way, WeightDistribution):
        raise UsageError(
            "the coalitions of this game are too many to count exactly",
            hint="ask for power(), which gives chances with a bound on their error",
        )
    return whole(game.players, reduced, way.counts(), way.words)


def power(game: Game, *, method: Method = "auto", draws: int = 50_000, seed: int = 0) -> Power:
    """Measure the voting power of every player.

    Parameters
    ----------
    game
        Players and rule.
    method
        "types" (groups of interchangeable members), "halves" (meeting in the middle), "all"
        (all coalitions), "weights" (one weight vector), "sampling", or "auto": the first of
        these that can.
    draws, seed
        For sampling only: how many orders and how many coalitions are drawn.

    Raises
    ------
    UsageError
        If the method cannot do this game; says why, and which can.

    References
    ----------
    Penrose (1946), J. Royal Statistical Society 109(1), 53-57. Shapley and Shubik (1954),
    American Political Science Review 48(3), 787-792. Banzhaf (1965), Rutgers Law Review 19,
    317-343. Coleman (1971), in Lieberman (ed.), Social Choice, 269-300.

    Examples
    --------
    >>> from comity.systems.game import Threshold
    >>> found = power(Game(("Arden", "Brill", "Corve"), Threshold((3, 2, 1), 4)))
    >>> found.banzhaf, found.method
    ((0.75, 0.25, 0.25), 'exact, by types of member')
    >>> [str(share) for share in found.shapley_shubik_exact]
    ['2/3', '1/6', '1/6']
    """
    reduced = reduce(game)
    if method == "sampling" and not isinstance(reduced.node, bool):
        return _sampled(game, draws, seed)
    try:
        way = choose(reduced, "auto" if method == "sampling" else method)
    except UsageError:
        if method == "auto":
            return _sampled(game, draws, seed)
        raise
    if isinstance(way, WeightDistribution):
        return _measured(game.players, reduced, way)
    return _exact(whole(game.players, reduced, way.counts(), way.words))


def choose(reduced: Reduced, method: Method) -> Kernel | WeightDistribution:
    """Choose a way to go through all coalitions of a reduced game, exactly or nearly so.

    Raises
    ------
    UsageError
        If the method cannot do this game; says why, and which can.
    """
    if isinstance(reduced.node, bool):
        return Settled(reduced)
    n = len(reduced.free)
    refused: dict[str, str] = {}
    for name in ("types", "exact weights", "halves", "all", "weights"):
        if method != "auto" and method != name.removeprefix("exact "):
            continue
        if name == "types":
            if (grid := grid_size(reduced)) <= GRID:
                return ByTypes(reduced)
            refused[name] = f"its types of member combine in {grid:,} ways, more than {GRID:,}"
        elif name == "halves":
            if (big := big_vector(reduced)) is not None:
                return Halves(reduced, big)
            refused[name] = (
                f"meeting in the middle takes 2 to 42 members (here {n} are free) and one weight "
                "beside head counts and small groups"
            )
        elif name == "all":
            if 1 <= n <= MOST:
                return AllCoalitions(reduced)
            refused[name] = f"{n} members make too many coalitions; up to {MOST} are possible"
        elif (quota := single_quota(reduced)) is None:
            refused[name] = "its rule is more than one threshold"
        elif name == "exact weights" and ByWeight.can(reduced, quota):
            return ByWeight(reduced, quota)
        elif name == "weights" and WeightDistribution.can(reduced, quota):
            return WeightDistribution(reduced, quota)
        else:
            refused[name] = "its weights are too large; round them, for example to thousands"
    if not refused:
        raise UsageError(
            f"there is no method '{method}'",
            hint="methods: auto, types, halves, all, weights, sampling",
        )
    raise UsageError(
        "this game is not for "
        + ("any exact method" if method == "auto" else f"method '{method}'")
        + f": {list(refused.values())[-1]}",
        hint="use method='sampling'" if method == "auto" else "use method='auto'",
    )


def _exact(found: Counts) -> Power:
    n = len(found.players)
    swings, total = found.swings(), found.total
    banzhaf = tuple(Fraction(s, 2 ** (n - 1)) for s in swings)
    ssi = found.shapley_shubik()
    lost = 2**n - total
    return Power(
        players=found.players,
        method=found.method,
        winning=total,
        swings=swings,
        banzhaf=tuple(map(float, banzhaf)),
        banzhaf_normalised=tuple(float(Fraction(s, sum(swings) or 1)) for s in swings),
        shapley_shubik=tuple(map(float, ssi)),
        prevent=tuple(float(Fraction(s, total or 1)) for s in swings),
        initiate=tuple(float(Fraction(s, lost or 1)) for s in swings),
        power_to_act=float(Fraction(total, 2**n)),
        banzhaf_exact=banzhaf,
        shapley_shubik_exact=ssi,
        banzhaf_error=(0.0,) * n,
        shapley_shubik_error=(0.0,) * n,
    )


def _measured(players: tuple[str, ...], reduced: Reduced, way: WeightDistribution) -> Power:
    found = way.measured()
    banzhaf, ssi = np.zeros(reduced.size), np.zeros(reduced.size)
    banzhaf[list(reduced.free)] = found.banzhaf
    ssi[list(reduced.free)] = found.shapley_shubik
    banzhaf[list(reduced.vetoers)] = found.veto_banzhaf
    ssi[list(reduced.vetoers)] = found.veto_shapley_shubik
    worst = max(found.banzhaf_error, found.shapley_shubik_error)
    method = "weight distribution, error below " + next(
        f"1e-{k}" for k in range(14, -9, -1) if worst < 10.0**-k
    )
    bounds = (
        np.full(reduced.size, found.banzhaf_error),
        np.full(reduced.size, found.shapley_shubik_error),
    )
    return _floating(players, method, found.win, banzhaf, ssi, *bounds)


def _sampled(game: Game, draws: int, seed: int) -> Power:
    reduced = reduce(game, keep_all=True)
    half = np.full(reduced.size, 0.5)
    drawn = sampling.coalitions(reduced, half, draws=draws, seed=seed)
    ssi, spread = sampling.orders(reduced, draws=draws, seed=seed)
    method = f"sampled, {draws} draws, seed {seed}"
    found = drawn.raised, ssi, drawn.raised_error, spread
    return _floating(game.players, method, drawn.win, *found)


def _floating(
    players: tuple[str, ...],
    method: str,
    win: float,
    banzhaf: Floats,
    ssi: Floats,
    banzhaf_error: Floats,
    ssi_error: Floats,
) -> Power:
    return Power(
        players=players,
        method=method,
        winning=None,
        swings=None,
        banzhaf=tuple(banzhaf.tolist()),
        banzhaf_normalised=tuple((banzhaf / (banzhaf.sum() or 1.0)).tolist()),
        shapley_shubik=tuple(ssi.tolist()),
        prevent=tuple((banzhaf / (2 * win or 1.0)).tolist()),
        initiate=tuple((banzhaf / (2 * (1 - win) or 1.0)).tolist()),
        power_to_act=win,
        banzhaf_exact=None,
        shapley_shubik_exact=None,
        banzhaf_error=tuple(banzhaf_error.tolist()),
        shapley_shubik_error=tuple(ssi_error.tolist()),
    )
