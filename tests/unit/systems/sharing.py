"""Published games of sharing, and slow plain twins of what is computed from them."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import combinations, permutations
from math import factorial

from comity.systems.allocation import SharingGame


def table(numbers: Mapping[str, object], *, is_cost: bool = False) -> SharingGame:
    """A game written by coalition; a coalition that is not named is worth nothing."""
    held = {frozenset(who): Fraction(str(worth)) for who, worth in numbers.items()}
    players = sorted({p for who in held for p in who})
    return SharingGame.of(players, lambda who: held.get(who, 0), is_cost=is_cost)


def in_order(n: int, numbers: list[object], *, is_cost: bool = False) -> SharingGame:
    """A game in the order of Guajardo and Jörnsten: 1, 12, 123, 13, 2, 23, 3."""
    names = [str(i) for i in range(n)]
    found: list[str] = []

    def after(before: str, start: int) -> None:
        for i in range(start, n):
            found.append(before + names[i])
            after(before + names[i], i + 1)

    after("", 0)
    return table(dict(zip(found, numbers, strict=True)), is_cost=is_cost)


# Straffin and Heaney (1981), Int. J. Game Theory 10, 35-43: costs of navigation, flood control
# and power of the Tennessee Valley Authority, in thousand dollars.
TVA = table(
    {"N": 163520, "F": 140826, "P": 250096, "NF": 301607, "NP": 378821, "FP": 367370}
    | {"NFP": 412584},
    is_cost=True,
)

# The next four with their right answers: Guajardo and Jörnsten (2015), EJOR 241(3), 931-935.
LEMAIRE = in_order(3, [46125, 69187.5, 90000, 53812.5, 17437.5, 30750, 5812.5])
HASAN = in_order(4, [8, 8, 10, 20, 19, 10, 20, 19, 1, 10, 13, 12, 10, 12, 11], is_cost=True)
OH_AND_SHIN = in_order(3, [375144, 568232, 772500, 551055, 245280, 452411, 211239], is_cost=True)
SAKAWA = in_order(
    5,
    [
        *(0.060, 0.378, 0.536, 0.906, 1, 0.573, 0.747, 0.874, 0.485, 0.144, 0.546, 0.634, 0.255),
        *(0.408, 0.561, 0.182, 0.168, 0.337, 0.706, 0.801, 0.379, 0.538, 0.668, 0.279, 0.03),
        *(0.383, 0.473, 0.083, 0.249, 0.386, 0),
    ],
)

# Ferguson, Game Theory (UCLA), part IV, coalitional games, the nucleolus.
FERGUSON = table({"A": -1, "B": 0, "C": 1, "AB": 3, "AC": 4, "BC": 2, "ABC": 5})

# Shapley and Shubik (1969), J. Economic Theory 1, 9-25: two left gloves, one right.
GLOVES = SharingGame.of("LMR", lambda who: int("R" in who and len(who) > 1))

# Any two of three carry it: the smallest game with an empty core.
ANY_TWO = SharingGame.of("ABC", lambda who: int(len(who) > 1))

# Peleg (1968): [3; 2, 1, 1, 1] is constant-sum; its nucleolus is the weights, normalised.
WEIGHTED = SharingGame.of("ABCD", lambda who: int(len(who) + ("A" in who) > 2))

COUNCIL = SharingGame.of(
    [*(f"permanent {i}" for i in range(5)), *(f"elected {i}" for i in range(10))],
    lambda who: int(len(who) >= 9 and all(f"permanent {i}" in who for i in range(5))),
)


def contracts(estate: int) -> SharingGame:
    """Three marriage contracts of 100, 200, 300: a coalition is worth what the others leave."""
    claims = {"a": 100, "b": 200, "c": 300}
    return SharingGame.of(
        "abc", lambda who: max(0, estate - sum(c for p, c in claims.items() if p not in who))
    )


def airport(costs: list[int]) -> SharingGame:
    """A runway as long as its largest user needs (Littlechild and Owen 1973)."""
    names = [str(i) for i in range(len(costs))]
    return SharingGame.of(names, lambda who: max(costs[int(p)] for p in who), is_cost=True)


def airport_shares(costs: list[int]) -> tuple[Fraction, ...]:
    """Littlechild and Owen (1973), Management Science 20(3), 370-372: each piece of the runway
    is shared equally by those who need it."""
    order = sorted(costs)
    steps = [Fraction(b - a) for a, b in zip([0, *order], order)]
    return tuple(
        sum(
            (step / (len(order) - k) for k, step in enumerate(steps) if order[k] <= cost),
            Fraction(0),
        )
        for cost in costs
    )


def by_permutations(game: SharingGame) -> tuple[Fraction, ...]:
    """Shapley's value as it is defined: the mean over all orders of joining."""
    n = len(game.players)
    total = [Fraction(0)] * n
    for order in permutations(range(n)):
        place = 0
        for i in order:
            total[i] += game.worth[place | 1 << i] - game.worth[place]
            place |= 1 << i
    return tuple(t / factorial(n) for t in total)


def complaints_one_by_one(
    game: SharingGame, shares: tuple[Fraction, ...]
) -> dict[tuple[str, ...], Fraction]:
    """What each coalition but nobody and everybody would gain by leaving."""
    sign = -1 if game.is_cost else 1
    at = {p: i for i, p in enumerate(game.players)}
    return {
        who: sign * (game.worth[sum(1 << at[p] for p in who)] - sum(shares[at[p]] for p in who))
        for size in range(1, len(game.players))
        for who in combinations(game.players, size)
    }
