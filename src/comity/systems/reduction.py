"""What is left of a game to compute: vetoers inside, idle players outside, int64 arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import gcd
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from comity.errors import UsageError
from comity.systems.game import AnyOf, Game, KOf, Rule, Threshold

Int64s: TypeAlias = NDArray[np.int64]
ROOM = 2**62


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


def kinds(vectors: Int64s) -> tuple[Int64s, Int64s]:
    """Return the different columns in ascending order, and which of them each column is.

    (`numpy.unique` does the same but loads masked arrays first, which takes longer than most
    games.)

    Examples
    --------
    >>> columns, which = kinds(np.array([[3, 1, 3, 2]]))
    >>> columns.tolist(), which.tolist()
    ([[1, 2, 3]], [2, 0, 2, 1])
    """
    order = np.lexsort(vectors[::-1])
    there = vectors[:, order]
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (there[:, 1:] != there[:, :-1]).any(axis=0)
    which = np.empty(len(order), dtype=np.int64)
    which[order] = np.cumsum(new) - 1
    return there[:, new], which
