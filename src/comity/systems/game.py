"""Simple games: who together can carry a rule, as values, and what is left of one to compute.

A rule here is a tree of thresholds. It is monotone: one more member in favour never undoes a
yes. Weights are whole numbers of any size; the kernels work on `Reduced`, in int64.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from math import gcd
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from comity.errors import UsageError

Int64s: TypeAlias = NDArray[np.int64]
ROOM = 2**62


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


@dataclass(frozen=True, slots=True)
class Leaf:
    """A threshold of a reduced game: which weight vector, and how much of it."""

    vector: int
    quota: int


@dataclass(frozen=True, slots=True)
class Branch:
    """At least so many of the parts."""

    least: int
    parts: tuple[Node, ...]


Node: TypeAlias = Leaf | Branch | bool


@dataclass(frozen=True, slots=True, eq=False)
class Reduced:
    """What is left to count once vetoers are inside and idle players outside.

    Attributes
    ----------
    size
        Players of the whole game.
    vetoers, idle, free
        Positions of the players every winning coalition needs, of those without weight in what
        is left, and of all others.
    vectors
        Shape (vectors, free), weight, int64; different, without common divisor.
    node
        The rule over the free players; True or False when nothing is left to decide.
    """

    size: int
    vetoers: tuple[int, ...]
    idle: tuple[int, ...]
    free: tuple[int, ...]
    vectors: Int64s
    node: Node


def reduce(game: Game, *, keep_all: bool = False) -> Reduced:
    """Boil a game down to int64 arrays; with `keep_all` no player is set aside.

    Raises
    ------
    UsageError
        If the weights of a threshold, without their common divisor, add up beyond 2**62.
    """
    everyone = range(len(game.players))
    vetoers: tuple[int, ...] = ()
    if not keep_all and game.rule.met(everyone):
        vetoers = tuple(i for i in everyone if not game.rule.met([j for j in everyone if j != i]))
    rest = [i for i in everyone if i not in vetoers]
    vectors: dict[tuple[int, ...], int] = {}
    node = _node(game.rule, rest, vetoers, vectors)
    used = sorted({leaf.vector for leaf in _leaves(node)})
    rows = [row for row, k in vectors.items() if k in used]
    live = [bool(keep_all) or any(row[i] for row in rows) for i in range(len(rest))]
    table = [[w for w, on in zip(row, live) if on] for row in rows]
    if any(sum(row) > ROOM for row in table):
        raise UsageError(
            "weights add up beyond what 64 bits hold, even without their common divisor",
            hint="round the weights, for example to thousands",
        )
    free = tuple(i for i, on in zip(rest, live) if on)
    return Reduced(
        size=len(game.players),
        vetoers=vetoers,
        idle=tuple(i for i, on in zip(rest, live) if not on),
        free=free,
        vectors=np.array(table, dtype=np.int64).reshape(len(rows), len(free)),
        node=_renumbered(node, {k: place for place, k in enumerate(used)}),
    )


def _node(
    rule: Rule, rest: Sequence[int], inside: Sequence[int], vectors: dict[tuple[int, ...], int]
) -> Node:
    """Restrict a rule to `rest`, with `inside` in favour, and drop what is settled."""
    if isinstance(rule, Threshold):
        quota = rule.quota - sum(rule.weights[i] for i in inside)
        row = tuple(rule.weights[i] for i in rest)
        if quota <= 0 or quota > sum(row):
            return quota <= 0
        divisor = gcd(*row)
        row = tuple(w // divisor for w in row)
        return Leaf(vectors.setdefault(row, len(vectors)), -(-quota // divisor))
    parts = [_node(part, rest, inside, vectors) for part in rule.parts]
    least = rule.least if isinstance(rule, KOf) else 1 if isinstance(rule, AnyOf) else len(parts)
    least -= sum(part is True for part in parts)
    still = tuple(part for part in parts if not isinstance(part, bool))
    if least <= 0 or least > len(still):
        return least <= 0
    if least in (1, len(still)):
        different = tuple(dict.fromkeys(still))
        least, still = 1 if least == 1 else len(different), different
    return still[0] if len(still) == 1 else Branch(least, still)


def _leaves(node: Node) -> Iterator[Leaf]:
    if isinstance(node, Leaf):
        yield node
    elif isinstance(node, Branch):
        for part in node.parts:
            yield from _leaves(part)


def node_leaves(node: Node) -> tuple[Leaf, ...]:
    """Return the thresholds left in a reduced rule, each once."""
    return tuple(dict.fromkeys(_leaves(node)))


def _renumbered(node: Node, place: dict[int, int]) -> Node:
    if isinstance(node, Leaf):
        return Leaf(place[node.vector], node.quota)
    if isinstance(node, Branch):
        return Branch(node.least, tuple(_renumbered(part, place) for part in node.parts))
    return node


def holds(node: Node, sums: Sequence[Int64s]) -> NDArray[np.bool_]:
    """Evaluate a reduced rule, elementwise.

    Parameters
    ----------
    node
        A rule that is not settled.
    sums
        For each vector the weight in favour; shapes that broadcast together.
    """
    if isinstance(node, bool):
        return np.array(node)
    if isinstance(node, Leaf):
        return np.asarray(sums[node.vector] >= node.quota)
    results = [holds(part, sums) for part in node.parts]
    if node.least == 1 or node.least == len(results):
        join = np.logical_or if node.least == 1 else np.logical_and
        answer = results[0]
        for result in results[1:]:
            answer = join(answer, result)
        return answer
    met = results[0].astype(np.int16)
    for result in results[1:]:
        met = met + result
    return np.asarray(met >= node.least)


def subset_sums(weights: Int64s) -> Int64s:
    """Return the weight of every subset, subset k holding the players at k's bits.

    Examples
    --------
    >>> subset_sums(np.array([1, 4])).tolist()
    [0, 1, 4, 5]
    """
    sums = np.zeros(1, dtype=np.int64)
    for weight in weights:
        sums = np.concatenate([sums, sums + weight])
    return sums
