"""Plain twins of the kernels: slow, and obviously right."""

from fractions import Fraction
from itertools import combinations, permutations
from math import factorial

from comity.systems.game import Game


def winning(game: Game) -> set[frozenset[str]]:
    """All coalitions that win, asked one by one."""
    everyone = game.players
    subsets = (frozenset(s) for k in range(len(everyone) + 1) for s in combinations(everyone, k))
    return {s for s in subsets if game.wins(s)}


def swings(game: Game) -> tuple[int, ...]:
    won = winning(game)
    return tuple(sum(p in s and s - {p} not in won for s in won) for p in game.players)


def banzhaf(game: Game) -> tuple[Fraction, ...]:
    return tuple(Fraction(s, 2 ** (len(game.players) - 1)) for s in swings(game))


def shapley_shubik(game: Game) -> tuple[Fraction, ...]:
    """By coalitions; `shapley_shubik_by_orders` is plainer still."""
    n, won = len(game.players), winning(game)
    return tuple(
        sum(
            (
                Fraction(factorial(len(s) - 1) * factorial(n - len(s)), factorial(n))
                for s in won
                if p in s and s - {p} not in won
            ),
            Fraction(0),
        )
        for p in game.players
    )


def shapley_shubik_by_orders(game: Game) -> tuple[Fraction, ...]:
    pivots = dict.fromkeys(game.players, 0)
    for order in permutations(game.players):
        for k, player in enumerate(order):
            if game.wins(order[: k + 1]) and not game.wins(order[:k]):
                pivots[player] += 1
    return tuple(Fraction(c, factorial(len(game.players))) for c in pivots.values())


def passing(game: Game, chances: list[float]) -> float:
    chance = dict(zip(game.players, chances))
    total = 0.0
    for s in winning(game):
        product = 1.0
        for p in game.players:
            product *= chance[p] if p in s else 1.0 - chance[p]
        total += product
    return total


def minimal(game: Game) -> set[frozenset[str]]:
    won = winning(game)
    return {s for s in won if all(s - {p} not in won for p in s)}


def blocking(game: Game) -> set[frozenset[str]]:
    """Minimal sets of players without whom the rest lose."""
    won, everyone = winning(game), frozenset(game.players)
    subsets = (frozenset(s) for k in range(len(everyone) + 1) for s in combinations(everyone, k))
    stop = {s for s in subsets if everyone - s not in won}
    return {s for s in stop if all(s - {p} not in stop for p in s)}
