"""Who bears how much of something shared: games of sharing, Shapley's value, and keys.

All shares are fractions: what is divided is divided to the last unit, and a certificate can be
checked by hand. Claims are in `bankruptcy`, the nucleolus and the core in `nucleolus`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import factorial, lcm
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from comity.errors import UsageError

Number: TypeAlias = int | float | Fraction
Shares: TypeAlias = tuple[Fraction, ...]
Whole: TypeAlias = NDArray[Any]
"""Whole numbers: int64 where they fit, Python's own otherwise."""

MOST = 20
"""Players of a game given coalition by coalition, at the most."""


def exact(number: Number) -> Fraction:
    """Return a number as a fraction; a float as the shortest decimal that reads as it.

    Examples
    --------
    >>> str(exact(0.1))
    '1/10'
    """
    try:
        return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)
    except (ValueError, OverflowError):
        raise UsageError(f"{number} is not a number to divide", hint="give a finite one") from None


@dataclass(frozen=True, slots=True)
class Certificate:
    """Whether a division is what its rule says, and how that was seen.

    Attributes
    ----------
    holds
        Whether it is.
    words
        What was checked; where it fails, what is wrong.
    is_exact
        Whether the check was made in fractions, without rounding.
    """

    holds: bool
    words: str
    is_exact: bool = True


@dataclass(frozen=True, slots=True)
class SharingGame:
    """What every coalition gains, or costs, by itself; together it is to be shared.

    Attributes
    ----------
    players
        Names, all different.
    worth
        One number for each coalition; that of player i alone stands at place ``2**i``, and
        the empty one, at place 0, is worth nothing.
    is_cost
        Whether the numbers are costs, so that less is better.

    Examples
    --------
    >>> game = SharingGame.of(("Arden", "Brill"), lambda who: 5 if len(who) == 2 else 2)
    >>> [str(share) for share in shapley(game)]
    ['5/2', '5/2']
    """

    players: tuple[str, ...]
    worth: Shares
    is_cost: bool = False

    def __post_init__(self) -> None:
        if not 1 <= len(self.players) <= MOST:
            raise UsageError(
                f"a game of {len(self.players)} players cannot be written coalition by coalition",
                hint=f"take 1 to {MOST}; let small members act as one",
            )
        if len(set(self.players)) != len(self.players):
            raise UsageError("a player is named twice", hint="give each player its own name")
        if len(self.worth) != 1 << len(self.players):
            raise UsageError(
                f"{len(self.worth)} numbers for {1 << len(self.players)} coalitions",
                hint="give one for each coalition, the empty one first",
            )
        if self.worth[0]:
            raise UsageError("nobody is worth something", hint="the empty coalition is worth 0")

    @classmethod
    def of(
        cls,
        players: Sequence[str],
        worth: Callable[[frozenset[str]], Number],
        *,
        is_cost: bool = False,
    ) -> SharingGame:
        """Make a game of a function that says what a coalition is worth; never asked of nobody."""
        names = tuple(players)
        found = [Fraction(0)]
        if len(names) <= MOST:
            found += [
                exact(worth(frozenset(names[i] for i in range(len(names)) if place >> i & 1)))
                for place in range(1, 1 << len(names))
            ]
        return cls(names, tuple(found), is_cost)

    @property
    def whole(self) -> Fraction:
        """What is to be shared: the worth of all players together."""
        return self.worth[-1]

    def names(self, place: int) -> tuple[str, ...]:
        """Return the players of the coalition at a place."""
        return tuple(p for i, p in enumerate(self.players) if place >> i & 1)

    @property
    def places(self) -> NDArray[np.int64]:
        """Every coalition, nobody first and everybody last; its players are its binary digits."""
        return np.arange(1 << len(self.players), dtype=np.int64)

    def gains(self) -> tuple[Whole, int]:
        """Return what coalitions gain as whole numbers over one denominator; costs are negative."""
        return _gains(self.worth, self.is_cost)

    def sums(self, values: Whole) -> Whole:
        """Return the sum of the players' values over every coalition."""
        return sums(values)


@dataclass(frozen=True, slots=True)
class ListedGame:
    """A game of which only some coalitions are looked at: those that could meet and object.

    Attributes
    ----------
    groups
        Positions of the players of each coalition but the last, which is all of them. Every
        player alone is among them.
    worth
        What each is worth, that of all players last.
    """

    players: tuple[str, ...]
    groups: tuple[tuple[int, ...], ...]
    worth: Shares
    is_cost: bool = False

    def __post_init__(self) -> None:
        n = len(self.players)
        if len(self.worth) != len(self.groups) + 1:
            raise UsageError("one worth for each group and one for all", hint="give as many")
        if not 1 <= n <= 60 or len(set(self.groups)) != len(self.groups):
            raise UsageError("groups are listed once, of 1 to 60 players", hint="leave doubles out")
        if {(i,) for i in range(n)} - set(self.groups) and n > 1:
            raise UsageError("a player alone is missing", hint="list every player alone")

    @property
    def whole(self) -> Fraction:
        """What is to be shared: the worth of all players together."""
        return self.worth[-1]

    def names(self, place: int) -> tuple[str, ...]:
        """Return the players of the coalition at a place."""
        return tuple(p for i, p in enumerate(self.players) if place >> i & 1)

    @property
    def places(self) -> NDArray[np.int64]:
        """The coalitions listed, nobody first and everybody last, by their binary digits."""
        return _listed(self.groups, len(self.players))[0]

    def gains(self) -> tuple[Whole, int]:
        """Return what coalitions gain as whole numbers over one denominator; costs are negative."""
        return _gains((Fraction(0), *self.worth), self.is_cost)

    def sums(self, values: Whole) -> Whole:
        """Return the sum of the players' values over every coalition listed."""
        inside = _listed(self.groups, len(self.players))[1]
        found: Whole = inside.astype(values.dtype) @ values
        return found


AnyGame: TypeAlias = SharingGame | ListedGame


@lru_cache(maxsize=4)
def _listed(
    groups: tuple[tuple[int, ...], ...], n: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return coalitions by their binary digits, and who is in each."""
    listed = [sum(1 << i for i in group) for group in groups]
    places = np.array([0, *listed, (1 << n) - 1], dtype=np.int64)
    return places, (places[:, None] >> np.arange(n, dtype=np.int64)) & 1


def _gains(worth: Shares, is_cost: bool) -> tuple[Whole, int]:
    over = lcm(*{w.denominator for w in worth})
    sign = -1 if is_cost else 1
    return as_whole([sign * w.numerator * (over // w.denominator) for w in worth]), over


def as_whole(numbers: Sequence[int]) -> Whole:
    """Return whole numbers as an array: int64 where sums of thirty of them fit."""
    fits = max(map(abs, numbers), default=0) < 1 << 57
    return np.array(numbers, dtype=np.int64 if fits else object)


def sums(values: Whole) -> Whole:
    """Return the sum over every coalition, in the order of `SharingGame.worth`.

    Examples
    --------
    >>> sums(np.array([1, 10])).tolist()
    [0, 1, 10, 11]
    """
    found: Whole = np.zeros(1, dtype=values.dtype)
    for value in values:
        found = np.concatenate((found, found + value))
    return found


def checked_shares(game: AnyGame, shares: Sequence[Number]) -> Shares:
    """Return shares as fractions, one for each player."""
    if len(shares) != len(game.players):
        raise UsageError(
            f"{len(shares)} shares for {len(game.players)} players", hint="give one for each"
        )
    return tuple(map(exact, shares))


def complaints(game: AnyGame, shares: Sequence[Number]) -> tuple[Whole, int]:
    """Return what each coalition would gain by leaving, over one denominator.

    Positive means better off alone. Nobody and everybody are given too: 0, and what is left
    to share.
    """
    given = checked_shares(game, shares)
    worth, over = game.gains()
    common = lcm(over, *(s.denominator for s in given))
    sign = -1 if game.is_cost else 1
    worth = as_whole([int(w) * (common // over) for w in worth])
    received = as_whole([sign * int(s * common) for s in given])
    if worth.dtype != received.dtype:
        worth, received = worth.astype(object), received.astype(object)
    return worth - game.sums(received), common


def sizes(n: int) -> NDArray[np.int64]:
    """Return how many players each coalition has."""
    return sums(np.ones(n, dtype=np.int64))


def shapley(game: SharingGame) -> Shares:
    """Give each player the mean of what it adds, over all orders of joining.

    Exact. Takes time in proportion to ``n * 2**n``.

    References
    ----------
    Shapley (1953), in Kuhn and Tucker (eds), Contributions to the Theory of Games II, 307-317.

    Examples
    --------
    >>> gloves = SharingGame.of("LMR", lambda who: int("R" in who and len(who) > 1))
    >>> [str(share) for share in shapley(gloves)]
    ['1/6', '1/6', '2/3']
    """
    n = len(game.players)
    over = lcm(*{w.denominator for w in game.worth})
    worth = as_whole([w.numerator * (over // w.denominator) for w in game.worth])
    if n > 5 and worth.dtype == np.int64 and int(np.abs(worth).max()) << n >= 1 << 62:
        worth = worth.astype(object)
    order = sizes(n)
    total = Fraction(0)
    with_player = [Fraction(0)] * n
    # sum over S with i of a(s) v(S)  -  sum over S without i of b(s) v(S)
    for size in range(1, n + 1):
        places = np.flatnonzero(order == size)
        here = worth[places]
        joins = Fraction(factorial(size - 1) * factorial(n - size), factorial(n))
        stays = Fraction(factorial(size) * factorial(n - size - 1), factorial(n)) if size < n else 0
        total += stays * int(here.sum())
        for i in range(n):
            mine = int(here[(places >> i & 1) == 1].sum())
            with_player[i] += (joins + stays) * mine
    return tuple((mine - total) / over for mine in with_player)


def dividends(game: SharingGame) -> Shares:
    """Return Harsanyi's dividends: what each coalition adds over all its parts.

    Shared equally among its members they add up to Shapley's value: a second way to it.

    References
    ----------
    Harsanyi (1959), in Tucker and Luce (eds), Contributions to the Theory of Games IV, 325-355.
    """
    over = lcm(*{w.denominator for w in game.worth})
    found = np.array([int(w * over) for w in game.worth], dtype=object)
    for i in range(len(game.players)):
        split = found.reshape(-1, 2, 1 << i)
        split[:, 1, :] -= split[:, 0, :]
    return tuple(Fraction(int(d), over) for d in found)


def check_shapley(game: SharingGame, shares: Sequence[Number]) -> Certificate:
    """Check a Shapley value by the second way to it: dividends shared equally."""
    given = checked_shares(game, shares)
    split = dividends(game)
    order = sizes(len(game.players))
    over = lcm(*(d.denominator for d in split)) * lcm(*range(1, len(game.players) + 1))
    parts = np.array([int(d * over) // max(1, int(s)) for d, s in zip(split, order)], dtype=object)
    places = np.arange(len(split))
    for i, player in enumerate(game.players):
        true = Fraction(int(parts[(places >> i & 1) == 1].sum()), over)
        if true != given[i]:
            return Certificate(False, f"{player}'s share of the dividends is {true}")
    return Certificate(
        True, "each coalition's dividend, shared equally among its members, gives it"
    )


# Keys


def by_key(total: Number, keys: Sequence[Number]) -> Shares:
    """Divide in proportion to a key, such as population.

    Examples
    --------
    >>> [str(share) for share in by_key(100, (3, 1))]
    ['75', '25']
    """
    held = _checked_keys(keys)
    whole = sum(held, Fraction(0))
    return tuple(exact(total) * key / whole for key in held)


def equally(total: Number, count: int) -> Shares:
    """Divide into equal parts."""
    return by_key(total, (1,) * count)


def capped(total: Number, keys: Sequence[Number], cap: Fraction) -> Shares:
    """Divide by a key, but no share above a part of the whole; what is cut falls on the others.

    The rest goes to the others by the same key, again and again until nobody is above.

    Parameters
    ----------
    cap
        The largest part that one may bear, above nought.

    Raises
    ------
    UsageError
        If so many cannot carry the whole under that cap.

    Examples
    --------
    >>> [str(share) for share in capped(100, (6, 3, 1), Fraction(1, 2))]
    ['50', '75/2', '25/2']
    """
    held, whole = _checked_keys(keys), exact(total)
    payers = sum(key > 0 for key in held)
    if cap <= 0 or payers * cap < 1:
        raise UsageError(
            f"{payers} members cannot bear the whole if none bears more than {cap} of it",
            hint=f"a cap of at least 1/{payers} can be kept",
        )
    above: frozenset[int] = frozenset()
    while True:
        left = 1 - len(above) * cap
        rest = sum((k for i, k in enumerate(held) if i not in above), Fraction(0))
        parts = [
            cap if i in above else (left * k / rest if rest else k) for i, k in enumerate(held)
        ]
        more = frozenset(i for i, part in enumerate(parts) if part > cap)
        if not more:
            return tuple(whole * part for part in parts)
        above |= more


def check_key(total: Number, keys: Sequence[Number], shares: Sequence[Number]) -> Certificate:
    """Check that shares add up and stand to each other as the key does."""
    held, given = _checked_keys(keys), tuple(map(exact, shares))
    if sum(given, Fraction(0)) != exact(total):
        return Certificate(False, "the shares do not add up to the whole")
    first = next(i for i, key in enumerate(held) if key)
    for i, (share, key) in enumerate(zip(given, held, strict=True)):
        if share * held[first] != given[first] * key:
            return Certificate(False, f"share {i + 1} is out of proportion to the key")
    return Certificate(True, "adds up, and every two shares stand as the key does")


def check_capped(
    total: Number, keys: Sequence[Number], cap: Fraction, shares: Sequence[Number]
) -> Certificate:
    """Check a capped key: nobody above, those below in proportion, nobody cut without need."""
    held, given, whole = _checked_keys(keys), tuple(map(exact, shares)), exact(total)
    if sum(given, Fraction(0)) != whole:
        return Certificate(False, "the shares do not add up to the whole")
    if any(share > whole * cap for share in given):
        return Certificate(False, "a share is above the cap")
    below = [i for i, share in enumerate(given) if share < whole * cap]
    for i in below:
        if given[i] * held[below[0]] != given[below[0]] * held[i]:
            return Certificate(False, "those below the cap are out of proportion to the key")
    for i, share in enumerate(given):
        if i not in below and any(share * held[j] > given[j] * held[i] for j in below):
            return Certificate(False, "a share at the cap is more than its proportion")
    return Certificate(True, "adds up, nobody is above the cap, those below stand as the key does")


def _checked_keys(keys: Sequence[Number]) -> Shares:
    held = tuple(map(exact, keys))
    if any(key < 0 for key in held):
        raise UsageError("a key is below nought", hint="keys are nought or more")
    if not any(held):
        raise UsageError("the key is nought for everybody", hint="give a key that somebody has")
    return held
