"""The nucleolus, the core and the least core, each with a certificate that can be checked.

The nucleolus makes the loudest complaint of any coalition as small as can be, then the next
loudest, and so on. Linear programs find which coalitions bind; fractions then give the shares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from comity.errors import UsageError
from comity.systems.allocation import (
    AnyGame,
    Certificate,
    Number,
    Shares,
    SharingGame,
    Whole,
    checked_shares,
    complaints,
    sums,
)
from comity.systems.linear import FREE, Span, add_row, program, run, solve

if TYPE_CHECKING:
    import highspy

_BINDS = 1e-7
_TIGHT = 1e-9


@dataclass(frozen=True, slots=True)
class Nucleolus:
    """Shares that leave the least to complain of, and how they were found.

    Attributes
    ----------
    shares
        In the order of the players, exact.
    complaints
        The complaint that binds at each stage, loudest first; nought or less where nobody
        would rather leave.
    binding
        At each stage, the coalitions that bind at every optimum.
    certificate
        Kohlberg's criterion, checked on the shares.
    """

    players: tuple[str, ...]
    shares: Shares
    complaints: Shares
    binding: tuple[tuple[tuple[str, ...], ...], ...]
    certificate: Certificate


def nucleolus(game: AnyGame, *, rational: bool = True) -> Nucleolus:
    """Find the nucleolus by a sequence of linear programs.

    A stage fixes only coalitions that are tight at *all* optima: those whose row has a positive
    dual, by complementary slackness. To fix all that are tight at the one optimum found would
    be wrong. Rows are added as they are violated.

    Parameters
    ----------
    game
        Gains or costs. Of a `ListedGame` only the coalitions listed are heard, here and in the
        certificate.
    rational
        Whether nobody may get less than what it is worth alone; without, the prenucleolus.

    Raises
    ------
    UsageError
        If no division gives everybody what it is worth alone.

    References
    ----------
    Schmeidler (1969), SIAM J. Applied Mathematics 17(6), 1163-1170. Maschler, Peleg and
    Shapley (1979), Mathematics of Operations Research 4(4), 303-338. Guajardo and Joernsten
    (2015), Common mistakes in computing the nucleolus, EJOR 241(3), 931-935.

    Examples
    --------
    >>> gloves = SharingGame.of("LMR", lambda who: int("R" in who and len(who) > 1))
    >>> [str(share) for share in nucleolus(gloves).shares]
    ['0', '0', '1']
    """
    gains, over = game.gains()
    n = len(game.players)
    worth = dict(zip(game.places.tolist(), map(int, gains)))
    alone = [worth[1 << i] for i in range(n)]
    if rational and sum(alone) > int(gains[-1]):
        raise UsageError(
            "no division gives everybody what it is worth alone",
            hint="ask for the prenucleolus: rational=False",
        )
    stages, bounds = _stages(game, gains, alone, rational)
    rows: list[tuple[Sequence[int], Fraction]] = []
    unknowns = n + len(stages)

    def row(place: int, stage: int | None) -> list[int]:
        left = [place >> i & 1 for i in range(n)] + [0] * len(stages)
        if stage is not None:
            left[n + stage] = 1
        return left

    rows.append((row((1 << n) - 1, None), Fraction(int(gains[-1]))))
    for stage, places in enumerate(stages):
        rows.extend((row(p, stage), Fraction(worth[p])) for p in places)
    rows.extend((row(1 << i, None), Fraction(alone[i])) for i in bounds)
    found = solve(rows, unknowns)
    if found is None:
        raise UsageError(
            "the linear programs lost precision on this game",
            hint="round its numbers, or divide them by a common factor",
        )
    sign = -1 if game.is_cost else 1
    shares = tuple(sign * x / over for x in found[:n])
    return Nucleolus(
        game.players,
        shares,
        tuple(e / over for e in found[n:]),
        tuple(tuple(game.names(p) for p in places) for places in stages),
        kohlberg(game, shares, rational=rational),
    )


class _Stage:
    """One linear program for all stages: least e with x(S) + e >= v(S) for what is still open."""

    def __init__(self, game: AnyGame, values: NDArray[np.float64], rational: bool) -> None:
        self.game, self.values, self.n = game, values, len(game.players)
        self.places = game.places.tolist()
        n = self.n
        lower = [0.0 if rational else -FREE] * n
        self.made: highspy.Highs = program([0.0] * n + [1.0], [*lower, -FREE], [FREE] * (n + 1))
        add_row(self.made, values[-1], values[-1], range(n), [1.0] * n)
        self.rows: list[int] = [len(self.places) - 1]
        self.known = {0, len(self.places) - 1}
        self.open = np.ones(len(self.places), dtype=np.bool_)
        self.open[[0, -1]] = False

    def add(self, row: int) -> None:
        if row in self.known:
            return
        self.known.add(row)
        self.rows.append(row)
        at = [i for i in range(self.n) if self.places[row] >> i & 1]
        add_row(self.made, self.values[row], FREE, [*at, self.n], [1.0] * (len(at) + 1))

    def solved(self) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """Return the least complaint, and the duals of rows and of bounds."""
        while True:
            told = run(self.made)
            if told != "optimal":
                raise UsageError(
                    f"a linear program of the nucleolus came out as {told}",
                    hint="round the game's numbers",
                )
            found = self.made.getSolution()
            x = np.array(found.col_value)
            left = self.values - self.game.sums(x[: self.n]) - x[self.n]
            left[~self.open] = -np.inf
            worst = np.argpartition(-left, min(3 * self.n, len(left) - 1))[: 3 * self.n]
            fresh = [int(r) for r in worst if left[r] > _TIGHT and int(r) not in self.known]
            if not fresh:
                return float(x[self.n]), np.array(found.row_dual), np.array(found.col_dual)
            for row in fresh:
                self.add(row)

    def fix(self, row: int, level: float) -> None:
        at = self.rows.index(row)
        self.made.changeCoeff(at, self.n, 0.0)
        value = self.values[row] - level
        self.made.changeRowBounds(at, value, value)

    def release(self, inside: NDArray[np.bool_], fixed: set[int]) -> None:
        """Take rows out that say nothing any more; they would forbid smaller complaints."""
        self.open &= ~inside
        for at, row in enumerate(self.rows):
            if at and inside[row] and row not in fixed:
                self.made.changeRowBounds(at, -FREE, FREE)


def _stages(
    game: AnyGame, gains: Whole, alone: Sequence[int], rational: bool
) -> tuple[list[list[int]], list[int]]:
    """Return the coalitions that bind at each stage, and the players held at what they are alone.

    Works on the game less what each is worth alone, scaled to one.
    """
    n = len(game.players)
    net = np.array(gains - game.sums(np.array(alone, dtype=gains.dtype)), dtype=np.float64)
    span = Span(n)
    span.add((1 << n) - 1)
    stages: list[list[int]] = []
    bounds: list[int] = []
    if n == 1:
        return stages, bounds
    stage = _Stage(game, net / (float(np.abs(net).max()) or 1.0), rational)
    first = {1 << i for i in range(n)} | {((1 << n) - 1) ^ (1 << i) for i in range(n)}
    for row, place in enumerate(stage.places):
        if place in first:
            stage.add(row)
    fixed: set[int] = set()
    while not span.is_full:
        level, duals, reduced = stage.solved()
        binding = [row for row, dual in zip(stage.rows, duals) if dual > _BINDS and stage.open[row]]
        binding.sort(key=lambda row: stage.places[row])
        stages.append([stage.places[row] for row in binding])
        for row in binding:
            if span.add(stage.places[row]):
                fixed.add(row)
                stage.fix(row, level)
        for i in range(n):
            if rational and reduced[i] > _BINDS:
                bounds.append(i)
                if span.add(1 << i):
                    stage.made.changeColBounds(i, 0.0, 0.0)
        if not binding:
            raise UsageError(
                "the linear programs lost precision on this game",
                hint="round its numbers, or divide them by a common factor",
            )
        stage.release(span.inside(game), fixed)
    return stages, bounds


def kohlberg(game: AnyGame, shares: Sequence[Number], *, rational: bool = True) -> Certificate:
    """Check a nucleolus by Kohlberg's criterion: at every level, the loudest are balanced.

    Complaints are compared in fractions. A level is balanced if no transfer helps one of its
    coalitions without hurting another; where it is not, the transfer is named, and it was
    checked in fractions too.

    Parameters
    ----------
    shares
        Any vector of shares; a wrong one fails.
    rational
        As for `nucleolus`.

    References
    ----------
    Kohlberg (1971), SIAM J. Applied Mathematics 20(1), 62-66.

    Examples
    --------
    >>> gloves = SharingGame.of("LMR", lambda who: int("R" in who and len(who) > 1))
    >>> kohlberg(gloves, (0, 0, 1)).holds
    True
    >>> print(kohlberg(gloves, (0, Fraction(1, 6), Fraction(5, 6))).words)
    fails at level 1: to pass a little from M to R would help L, R and hurt nobody as badly off
    """
    given = checked_shares(game, shares)
    left, _ = complaints(game, given)
    n, places = len(game.players), game.places
    if left[-1] != 0:
        return Certificate(False, "the shares do not add up to the whole")
    alone = dict(zip(places.tolist(), left.tolist()))
    below = [p for i, p in enumerate(game.players) if alone[1 << i] > 0]
    if rational and below:
        return Certificate(False, f"{below[0]} would be better off alone")
    held = [i for i in range(n) if rational and alone[1 << i] == 0]
    span = Span(n)
    span.add((1 << n) - 1)
    # Levels one by one, loudest first; a level inside what is settled says nothing new.
    order = np.argsort(-left, kind="stable")
    order = order[(order != 0) & (order != len(places) - 1)]
    inside = span.inside(game)
    start, level = 0, 0
    while start < len(order) and not span.is_full:
        value = left[order[start]]
        stop = start
        while stop < len(order) and left[order[stop]] == value:
            stop += 1
        level += 1
        new = [int(row) for row in order[start:stop] if not inside[row]]
        start = stop
        if not new:
            continue
        fresh = [int(places[row]) for row in new]
        move = _transfer(fresh, span, held)
        if move is not None:
            return Certificate(False, _wrong(game, move, fresh, level))
        inside = span.add_all(new, game)
    return Certificate(
        True,
        f"Kohlberg's criterion holds at all of {level} levels"
        if level > 1
        else "Kohlberg's criterion holds",
    )


def _transfer(new: Sequence[int], settled: Span, held: Sequence[int]) -> list[Fraction] | None:
    """Find a transfer that helps a coalition of `new` and hurts none; None if there is none."""
    n = settled.n
    sums_up: NDArray[np.float64] = np.zeros(n)
    for i in range(n):
        sums_up[i] = sum(place >> i & 1 for place in new)
    lower = [0.0 if i in held else -1.0 for i in range(n)]
    made = program((-sums_up / len(new)).tolist(), lower, [1.0] * n)
    for place in settled.places:
        at = [i for i in range(n) if place >> i & 1]
        add_row(made, 0.0, 0.0, at, [1.0] * len(at))
    for place in new:
        at = [i for i in range(n) if place >> i & 1]
        add_row(made, 0.0, FREE, at, [1.0] * len(at))
    if run(made) != "optimal":
        raise UsageError("a certificate could not be computed", hint="round the game's numbers")
    found = made.getSolution().col_value
    if -made.getInfo().objective_function_value < _BINDS:
        return None
    move = [Fraction(x).limit_denominator(5040) for x in found]
    helped = [sum((move[i] for i in range(n) if p >> i & 1), Fraction(0)) for p in new]
    if sum(move, Fraction(0)) != 0 or min(helped) < 0 or max(helped) <= 0:
        return [Fraction(x) for x in found]
    return move


def _wrong(game: AnyGame, move: Sequence[Fraction], new: Sequence[int], level: int) -> str:
    n = len(game.players)
    sign = -1 if game.is_cost else 1
    paying = [p for p, m in zip(game.players, move) if m * sign < 0]
    getting = [p for p, m in zip(game.players, move) if m * sign > 0]
    gained = [sum((move[i] for i in range(n) if p >> i & 1), Fraction(0)) for p in new]
    what = "shift a little cost" if game.is_cost else "pass a little"
    helped = game.names(new[max(range(len(new)), key=lambda k: gained[k])])
    return (
        f"fails at level {level}: to {what} from {', '.join(paying)} to "
        f"{', '.join(getting)} would help {', '.join(helped)} and hurt nobody as badly off"
    )


# Core


@dataclass(frozen=True, slots=True)
class Core:
    """Whether any division leaves no coalition better off alone; with proof either way.

    Attributes
    ----------
    is_empty
        Whether there is none.
    point
        A division in the core (the prenucleolus), or None.
    least
        The smallest loudest complaint any division can reach: the level of the least core.
    weights
        Where it is empty: coalitions with weights that give each player 1 in all, and whose
        worth, so weighted, is more than there is to share.
    certificate
        What was checked, in fractions.
    """

    is_empty: bool
    point: Shares | None
    least: Fraction
    weights: tuple[tuple[tuple[str, ...], Fraction], ...]
    certificate: Certificate


def core(game: SharingGame) -> Core:
    """Say whether the core is empty, and prove it.

    Not empty: a division, checked against every coalition. Empty: balanced weights.

    References
    ----------
    Bondareva (1963), Problemy Kibernetiki 10, 119-139. Shapley (1967), Naval Research
    Logistics Quarterly 14(4), 453-460.

    Examples
    --------
    >>> pairs = SharingGame.of("ABC", lambda who: int(len(who) > 1))
    >>> found = core(pairs)
    >>> found.is_empty, str(found.least), [(*who, str(w)) for who, w in found.weights]
    (True, '1/3', [('A', 'B', '1/2'), ('A', 'C', '1/2'), ('B', 'C', '1/2')])
    """
    found = nucleolus(game, rational=False)
    n = len(game.players)
    left, over = complaints(game, found.shares)
    least = Fraction(int(left[1:-1].max()), over) if n > 1 else Fraction(0)
    if least <= 0:
        words = f"none of {(1 << n) - 2:,} coalitions would be better off with this division"
        return Core(False, found.shares, least, (), Certificate(True, words))
    weights = _balanced(game)
    return Core(True, None, least, weights, check_balanced(game, weights))


def check_core(game: SharingGame, shares: Sequence[Number]) -> Certificate:
    """Say whether a division is in the core; if not, who would leave and what they would gain."""
    left, over = complaints(game, shares)
    if left[-1] != 0:
        return Certificate(False, "the shares do not add up to the whole")
    loudest = int(np.argmax(left))
    if left[loudest] <= 0:
        return Certificate(True, "no coalition would be better off alone")
    gain = Fraction(int(left[loudest]), over)
    who = ", ".join(game.names(loudest))
    return Certificate(False, f"{who} would be better off alone by {gain}")


def check_balanced(
    game: SharingGame, weights: Sequence[tuple[Sequence[str], Fraction]]
) -> Certificate:
    """Check that weights prove a core empty: balanced, and worth more than there is to share."""
    for player in game.players:
        if sum((w for who, w in weights if player in who), Fraction(0)) != 1:
            return Certificate(False, f"the weights of {player}'s coalitions do not add up to 1")
    if any(w <= 0 for _, w in weights):
        return Certificate(False, "a weight is not above nought")
    at = {player: 1 << i for i, player in enumerate(game.players)}
    worth = sum((w * game.worth[sum(at[p] for p in who)] for who, w in weights), Fraction(0))
    sign = -1 if game.is_cost else 1
    more = sign * (worth - game.whole)
    if more <= 0:
        return Certificate(False, "the weighted coalitions do not need more than there is")
    return Certificate(
        True, f"balanced weights on {len(weights)} coalitions ask for {more} more than there is"
    )


def _balanced(game: SharingGame) -> tuple[tuple[tuple[str, ...], Fraction], ...]:
    """Find the balanced weights that ask for most: least x(N) with x(S) >= v(S), its dual."""
    gains, _ = game.gains()
    n = len(game.players)
    scale = float(max(abs(int(g)) for g in gains)) or 1.0
    values = np.array(gains, dtype=np.float64) / scale
    made = program([1.0] * n, [-FREE] * n, [FREE] * n)
    places: list[int] = []
    fresh = [1 << i for i in range(n)]
    while fresh:
        for place in fresh:
            at = [i for i in range(n) if place >> i & 1]
            add_row(made, float(values[place]), FREE, at, [1.0] * len(at))
        places += fresh
        run(made)
        x = np.array(made.getSolution().col_value)
        left = values - sums(x)
        left[[0, -1]] = -np.inf
        worst = np.argpartition(-left, min(3 * n, len(left) - 1))[: 3 * n]
        fresh = [int(p) for p in worst if left[p] > _TIGHT and int(p) not in places]
    duals = made.getSolution().row_dual
    used = sorted(p for p, dual in zip(places, duals) if dual > _BINDS)
    rows = [([p >> i & 1 for p in used], Fraction(1)) for i in range(n)]
    weights = solve(rows, len(used)) or []
    return tuple((game.names(p), w) for p, w in zip(used, weights))
