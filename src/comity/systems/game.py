"""Simple games: who together can carry a rule, as values.

A rule here is a tree of thresholds. It is monotone: one more member in favour never undoes a
yes. Weights are whole numbers of any size; the kernels work on `reduction.Reduced`, in int64.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from comity.errors import UsageError


@dataclass(frozen=True, slots=True)
class Threshold:
    """Met when the members in favour together carry enough weight.

    Parameters
    ----------
    weights
        One whole number, not negative, for each player, in the order of the game's players.
    quota
        Weight needed. At nought or below the rule always holds; above the sum, never.

    Examples
    --------
    >>> Threshold((3, 2, 1), 4).met({0, 2})
    True
    """

    weights: tuple[int, ...]
    quota: int

    def __post_init__(self) -> None:
        whole = all(isinstance(w, int) and not isinstance(w, bool) for w in self.weights)
        if not whole or not isinstance(self.quota, int) or isinstance(self.quota, bool):
            raise UsageError(
                "a threshold takes whole numbers only",
                hint="multiply weights and quota by a common denominator",
            )
        if any(w < 0 for w in self.weights):
            raise UsageError("a weight is below nought", hint="weights are nought or more")

    def met(self, inside: Collection[int]) -> bool:
        """Whether the players at these positions meet the quota."""
        return sum(self.weights[i] for i in inside) >= self.quota


@dataclass(frozen=True, slots=True)
class AllOf:
    """Met when every part is met."""

    parts: tuple[Rule, ...]

    def __post_init__(self) -> None:
        _not_empty(self.parts, "all of")

    def met(self, inside: Collection[int]) -> bool:
        """Whether the players at these positions meet every part."""
        return all(part.met(inside) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Met when at least one part is met."""

    parts: tuple[Rule, ...]

    def __post_init__(self) -> None:
        _not_empty(self.parts, "any of")

    def met(self, inside: Collection[int]) -> bool:
        """Whether the players at these positions meet some part."""
        return any(part.met(inside) for part in self.parts)


@dataclass(frozen=True, slots=True)
class KOf:
    """Met when at least so many of the parts are met."""

    least: int
    parts: tuple[Rule, ...]

    def __post_init__(self) -> None:
        _not_empty(self.parts, "k of")
        if not 1 <= self.least <= len(self.parts):
            raise UsageError(
                f"{self.least} of {len(self.parts)} parts cannot be asked",
                hint=f"ask for 1 to {len(self.parts)}",
            )

    def met(self, inside: Collection[int]) -> bool:
        """Whether the players at these positions meet enough parts."""
        return sum(part.met(inside) for part in self.parts) >= self.least


Rule: TypeAlias = Threshold | AllOf | AnyOf | KOf


def _not_empty(parts: tuple[Rule, ...], word: str) -> None:
    if not parts:
        raise UsageError(f"'{word}' nothing has no meaning", hint="give it at least one part")


@dataclass(frozen=True, slots=True)
class Game:
    """Players, and the rule that says which of their coalitions win.

    A rule that always or never holds is a game too: in it nobody has power.

    Parameters
    ----------
    players
        Names, all different.
    rule
        A tree of thresholds, each with one weight for each player.

    Examples
    --------
    >>> league = Game(("Arden", "Brill", "Corve"), Threshold((3, 2, 1), 4))
    >>> league.wins({"Arden", "Corve"}), league.wins({"Brill", "Corve"})
    (True, False)
    """

    players: tuple[str, ...]
    rule: Rule

    def __post_init__(self) -> None:
        if not self.players:
            raise UsageError("a game needs players", hint="name at least one")
        if len(set(self.players)) != len(self.players):
            twice = next(p for i, p in enumerate(self.players) if p in self.players[:i])
            raise UsageError(f"{twice} is named twice", hint="give each player its own name")
        for leaf in leaves(self.rule):
            if len(leaf.weights) != len(self.players):
                raise UsageError(
                    f"a threshold has {len(leaf.weights)} weights for {len(self.players)} players",
                    hint="give one weight for each player, in their order",
                )

    def wins(self, coalition: Collection[str]) -> bool:
        """Whether these players together win.

        Raises
        ------
        UsageError
            If a name is not a player's.
        """
        place = {player: i for i, player in enumerate(self.players)}
        try:
            return self.rule.met({place[player] for player in coalition})
        except KeyError as missing:
            raise UsageError(
                f"{missing.args[0]} is not a player", hint="players: " + ", ".join(self.players)
            ) from None

    def types(self) -> tuple[tuple[str, ...], ...]:
        """Group the players who have the same weight in every threshold.

        Members of one group are interchangeable. (Players of different groups may be so too.)

        Examples
        --------
        >>> Game(("Arden", "Brill", "Corve"), Threshold((3, 1, 1), 4)).types()
        (('Arden',), ('Brill', 'Corve'))
        """
        vectors = sorted({leaf.weights for leaf in leaves(self.rule)})
        groups: dict[tuple[int, ...], list[str]] = {}
        for i, player in enumerate(self.players):
            groups.setdefault(tuple(v[i] for v in vectors), []).append(player)
        return tuple(tuple(group) for group in groups.values())


def leaves(rule: Rule) -> Iterator[Threshold]:
    """Go through the thresholds of a rule, from left to right."""
    if isinstance(rule, Threshold):
        yield rule
    else:
        for part in rule.parts:
            yield from leaves(part)


def at_least(n: int, k: int) -> Threshold:
    """Ask for any `k` of `n` players.

    Examples
    --------
    >>> at_least(3, 2)
    Threshold(weights=(1, 1, 1), quota=2)
    """
    return Threshold((1,) * n, k)


def vetoes(n: int, seats: Collection[int]) -> Threshold:
    """Ask for every one of the players at these positions, counted from nought.

    Examples
    --------
    >>> vetoes(4, {0, 2})
    Threshold(weights=(1, 0, 1, 0), quota=2)
    """
    if any(not 0 <= seat < n for seat in seats):
        raise UsageError(
            f"a veto seat lies outside the {n} players", hint=f"count from 0 to {n - 1}"
        )
    return Threshold(tuple(int(i in seats) for i in range(n)), len(set(seats)))


def dual(game: Game) -> Game:
    """Return the game of those who can block: they win if the others, without them, lose.

    Examples
    --------
    >>> dual(Game(("Arden", "Brill", "Corve"), at_least(3, 3))).rule
    Threshold(weights=(1, 1, 1), quota=1)
    """
    return Game(game.players, _blocking(game.rule))


def _blocking(rule: Rule) -> Rule:
    match rule:
        case Threshold(weights, quota):
            return Threshold(weights, sum(weights) - quota + 1)
        case AllOf(parts):
            return AnyOf(tuple(map(_blocking, parts)))
        case AnyOf(parts):
            return AllOf(tuple(map(_blocking, parts)))
        case KOf(least, parts):
            return KOf(len(parts) - least + 1, tuple(map(_blocking, parts)))
