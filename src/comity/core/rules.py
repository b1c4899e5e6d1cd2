"""Rules: whose agreement a decision needs, and how it stands while answers are missing.

A rule is a small tree read from the charter (spec/charter.md 6). Two laws hold
everything up, and tests keep both:

1. *Agreement never hurts.* Turning a mark into ``yes`` never turns a rule that
   holds into one that does not. So a rule can still pass exactly when it passes
   with every waiting member saying yes.
2. *Silence is not opposition.* A quorum fails for want of presence, a majority
   for want of agreement; no single worst answer exists for a rule that mixes
   the two. So whether a rule can still fail is asked of all completions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations_with_replacement
from math import comb
from typing import Literal, TypeAlias, get_args

from comity.errors import UsageError

Mark: TypeAlias = Literal["yes", "no", "abstain", "constructive", "absent", "out"]
"""What a seat counts as. ``out`` is not participating: it leaves every denominator."""

Standing: TypeAlias = Literal["met", "failed", "open"]
Concerned: TypeAlias = Literal["votes", "excluded", "abstains"]
Base: TypeAlias = Literal["members", "participating", "present", "voting"]

MARKS: tuple[Mark, ...] = get_args(Mark)
BASES: tuple[Base, ...] = get_args(Base)

COMPLETIONS_BOUND = 1_000_000
"""Marks counted at the most (completions x members x leaves) before a mixed rule is left open."""

_ANSWERS: tuple[Mark, ...] = ("yes", "no", "abstain", "constructive", "absent")
YES: frozenset[Mark] = frozenset(("yes",))
NO: frozenset[Mark] = frozenset(("no",))
DECLARED: frozenset[Mark] = frozenset(("constructive",))
PRESENT: frozenset[Mark] = frozenset(("yes", "no", "abstain", "constructive"))
PARTICIPATING: frozenset[Mark] = frozenset(_ANSWERS)
NOT_IN_FAVOUR: frozenset[Mark] = PARTICIPATING - YES
COUNTED: dict[Base, frozenset[Mark]] = {
    "members": frozenset(MARKS),
    "participating": PARTICIPATING,
    "present": PRESENT,
    "voting": frozenset(("yes", "no")),
}
_MIRROR: dict[Mark, Mark] = {"yes": "no", "no": "yes"}


@dataclass(frozen=True, slots=True)
class Amount:
    """How much is asked: a whole number of votes, or a share of a base.

    Parameters
    ----------
    value
        A whole number of votes, or a share from 0 to 1 where `share` is true.
    share
        Whether `value` is a share.
    strict
        Whether more than `value` is asked, rather than at least.
    """

    value: Fraction
    share: bool = False
    strict: bool = False

    def reached(self, counted: Fraction, base: Fraction) -> bool:
        """Tell whether `counted` out of `base` is enough; nothing is enough of nothing."""
        if self.share and base == 0:
            return False
        need = self.value * base if self.share else self.value
        return counted > need if self.strict else counted >= need

    def votes_needed(self, base: Fraction, *, whole: bool) -> Fraction:
        """Return the least count that reaches it out of `base`."""
        need = self.value * base if self.share else self.value
        if not whole:
            return need
        floor = Fraction(need.numerator // need.denominator)
        if floor == need:
            return need + 1 if self.strict else need
        return floor + 1


@dataclass(frozen=True, slots=True)
class InFavour:
    """Enough members, or enough of a weight, say yes.

    Parameters
    ----------
    need
        How much must say yes.
    of
        What a share is a share of: all on the roster, those participating,
        those present (not absent), or those voting yes or no.
    weight
        The weight table counted; heads where None.
    among
        The named set that alone is counted; everybody where None.
    """

    need: Amount
    of: Base = "participating"
    weight: str | None = None
    among: str | None = None


@dataclass(frozen=True, slots=True)
class Against:
    """At most so many members say no."""

    at_most: int
    among: str | None = None


@dataclass(frozen=True, slots=True)
class NoVeto:
    """No seat of a named set says no. Absence and abstention are no veto."""

    seats: str


@dataclass(frozen=True, slots=True)
class NotBlocked:
    """Those not in favour are no blocking minority.

    They are one if they are at least `members` members *and* hold more than
    `share` of the weight of those participating. With `fewest_plus_one`,
    `members` is the least number of participants who together hold more than
    `share`, and one more (TFEU 238(3)(a)).
    """

    share: Fraction
    weight: str
    members: int
    fewest_plus_one: bool = False


@dataclass(frozen=True, slots=True)
class NotDisowned:
    """Those abstaining with a declaration stay below either of two shares.

    They block if they are at least `members` of the members *and* hold at
    least `of_weight` of the weight (TEU 31(1)).
    """

    members: Fraction
    of_weight: Fraction
    weight: str


@dataclass(frozen=True, slots=True)
class Quorum:
    """Enough members are present: any answer but absence counts."""

    need: Amount


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class SomeOf:
    """At least `least` parts hold."""

    least: int
    parts: tuple[Node, ...]


Leaf: TypeAlias = InFavour | Against | NoVeto | NotBlocked | NotDisowned | Quorum
Node: TypeAlias = Leaf | AllOf | AnyOf | SomeOf


@dataclass(frozen=True, slots=True)
class Rule:
    """What adopts and, where it is not the mere opposite, what rejects.

    Parameters
    ----------
    adopt
        Holds when the proposal is adopted.
    reject
        Where given, holds with yes and no exchanged when the proposal is
        rejected; in between the body has no opinion (the reverse test).
    concerned
        What becomes of a member the proposal concerns: it votes, it is left
        out of roster and denominators, or it must abstain.
    otherwise
        What follows when the body has no opinion, in words.
    """

    adopt: Node
    reject: Node | None = None
    concerned: Concerned = "votes"
    otherwise: str = ""


@dataclass(frozen=True, slots=True)
class Electorate:
    """Who counts, with what: a roster with its weights and named sets, pinned to a date.

    Parameters
    ----------
    members
        The roster, in charter order.
    weights
        Per table, each member's weight, not negative.
    sets
        Named sets of seats, such as ``veto`` or a group; members outside the
        roster are ignored.
    units
        Per table, its unit.
    """

    members: tuple[str, ...]
    weights: Mapping[str, Mapping[str, Fraction]] = field(default_factory=dict)
    sets: Mapping[str, frozenset[str]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    def without(self, lost: frozenset[str]) -> Electorate:
        """Return the electorate after `lost` have left: weights and shares are recomputed."""
        return Electorate(
            tuple(m for m in self.members if m not in lost),
            self.weights,
            {name: seats - lost for name, seats in self.sets.items()},
            self.units,
        )

    def table(self, weight: str) -> Mapping[str, Fraction]:
        """Return the weights of one table.

        Raises
        ------
        UsageError
            If none is in force that gives everybody on the roster a weight.
        """
        found = self.weights.get(weight)
        if found is None:
            raise UsageError(
                f"no table of {weight} is in force that gives everybody a weight",
                hint="choose a day on which the charter has one, or add one to it",
            )
        return found


def holds(node: Node, electorate: Electorate, marks: Mapping[str, Mark]) -> bool:
    """Tell whether a rule holds when every member has its mark.

    Parameters
    ----------
    node
        The rule.
    electorate
        Who counts, with what.
    marks
        One mark for each member of the roster; a member without one is absent.
    """
    match node:
        case AllOf(parts):
            return all(holds(part, electorate, marks) for part in parts)
        case AnyOf(parts):
            return any(holds(part, electorate, marks) for part in parts)
        case SomeOf(least, parts):
            return sum(holds(part, electorate, marks) for part in parts) >= least
        case InFavour(need, of, weight, among):
            counted = seats_of(electorate, among)
            yes = weigh(electorate, weight, counted, marks, YES)
            return need.reached(yes, weigh(electorate, weight, counted, marks, COUNTED[of]))
        case Against(at_most, among):
            return heads(seats_of(electorate, among), marks, NO) <= at_most
        case NoVeto(seats):
            return not vetoing(seats, electorate, marks)
        case NotBlocked():
            return not _blocks(node, electorate, marks)
        case NotDisowned(members, of_weight, weight):
            roster = electorate.members
            declarers = heads(roster, marks, DECLARED)
            base = heads(roster, marks, PARTICIPATING)
            held = weigh(electorate, weight, roster, marks, DECLARED)
            whole = weigh(electorate, weight, roster, marks, PARTICIPATING)
            return not (declarers and declarers >= members * base and held >= of_weight * whole)
        case _:
            roster = electorate.members
            there = Fraction(heads(roster, marks, PRESENT))
            return node.need.reached(there, Fraction(heads(roster, marks, PARTICIPATING)))


def standing(node: Node, electorate: Electorate, marks: Mapping[str, Mark]) -> Standing:
    """Say how a rule stands over all completions of the marks that are missing.

    Parameters
    ----------
    marks
        The marks settled so far; members of the roster without one are waiting.

    Returns
    -------
    str
        ``met`` if it holds and ``failed`` if it does not whatever the waiting
        members answer, else ``open``. A rule that mixes presence with
        agreement inside "any of" and would take more than
        `COMPLETIONS_BOUND` to look at is said to be open until fewer are waiting.
    """
    waiting = tuple(m for m in electorate.members if m not in marks)
    if not can_fail(node, electorate, marks, waiting):
        return "met"
    return "open" if can_pass(node, electorate, marks, waiting) else "failed"


def can_pass(
    node: Node, electorate: Electorate, marks: Mapping[str, Mark], waiting: Sequence[str]
) -> bool:
    """Tell whether some answers of the waiting members make the rule hold (law 1)."""
    return holds(node, electorate, {**marks, **dict.fromkeys(waiting, "yes")})


def can_fail(
    node: Node,
    electorate: Electorate,
    marks: Mapping[str, Mark],
    waiting: Sequence[str],
    bound: int = COMPLETIONS_BOUND,
) -> bool:
    """Tell whether some answers of the waiting members make the rule fail (law 2).

    A mixed rule that would take more than `bound` to look at is said to.
    """
    if isinstance(node, AllOf):
        return any(can_fail(part, electorate, marks, waiting, bound) for part in node.parts)
    worst = _worst(node)
    if worst:
        mark = next(m for m in _ANSWERS if m in worst)
        return not holds(node, electorate, {**marks, **dict.fromkeys(waiting, mark)})
    if any(
        not holds(node, electorate, {**marks, **dict.fromkeys(waiting, mark)})
        for mark in _marks_that_matter(node)
    ):
        return True
    if looks(node, electorate, waiting) > bound:
        return True
    return any(
        not holds(node, electorate, full) for full in _completions(node, electorate, marks, waiting)
    )


def can_be_met(node: Node, electorate: Electorate) -> bool:
    """Tell whether anybody can meet the rule: it holds when all say yes."""
    return holds(node, electorate, dict.fromkeys(electorate.members, "yes"))


def can_be_failed(node: Node, electorate: Electorate, bound: int = COMPLETIONS_BOUND) -> bool:
    """Tell whether some answers of all members make the rule fail, as far as `bound` goes."""
    return can_fail(node, electorate, {}, electorate.members, bound)


def mirrored(marks: Mapping[str, Mark]) -> dict[str, Mark]:
    """Return the marks with every yes read as no, and every no as yes."""
    return {member: _MIRROR.get(mark, mark) for member, mark in marks.items()}


def leaves(node: Node) -> Iterator[Leaf]:
    """Yield the leaves of a rule, in order."""
    match node:
        case AllOf(parts) | AnyOf(parts) | SomeOf(_, parts):
            for part in parts:
                yield from leaves(part)
        case _:
            yield node


def looks(node: Node, electorate: Electorate, waiting: Sequence[str]) -> int:
    """Count the marks that `can_fail` counts at the most to settle one node."""
    if isinstance(node, AllOf):
        return sum(looks(part, electorate, waiting) for part in node.parts)
    each = len(electorate.members) * sum(1 for _ in leaves(node))
    return each if _worst(node) else each * completions_count(node, electorate, waiting)


def completions_count(node: Node, electorate: Electorate, waiting: Sequence[str]) -> int:
    """Count the distinct completions that `can_fail` looks at for a mixed rule."""
    kinds = len(_marks_that_matter(node))
    count = 1
    for size in alike(node, electorate, waiting).values():
        count *= comb(len(size) + kinds - 1, kinds - 1)
    return count


# What each kind of leaf counts.


def seats_of(electorate: Electorate, among: str | None) -> tuple[str, ...]:
    """Return the members of a named set that are on the roster; all where None."""
    if among is None:
        return electorate.members
    chosen = electorate.sets.get(among, frozenset())
    return tuple(m for m in electorate.members if m in chosen)


def heads(seats: Sequence[str], marks: Mapping[str, Mark], counted: frozenset[Mark]) -> int:
    """Count the seats whose mark is among `counted`."""
    return sum(marks.get(m, "absent") in counted for m in seats)


def weigh(
    electorate: Electorate,
    weight: str | None,
    seats: Sequence[str],
    marks: Mapping[str, Mark],
    counted: frozenset[Mark],
) -> Fraction:
    """Add up the weight, or count the heads, of the seats whose mark is among `counted`."""
    if weight is None:
        return Fraction(heads(seats, marks, counted))
    table = electorate.table(weight)
    zero = Fraction(0)
    return sum((table.get(m, zero) for m in seats if marks.get(m, "absent") in counted), zero)


def vetoing(seats: str, electorate: Electorate, marks: Mapping[str, Mark]) -> tuple[str, ...]:
    """Return the seats of a named set that say no."""
    return tuple(m for m in seats_of(electorate, seats) if marks.get(m) == "no")


def _blocks(node: NotBlocked, electorate: Electorate, marks: Mapping[str, Mark]) -> bool:
    heads_outside, held, whole = outside(node, electorate, marks)
    return heads_outside >= blocking_members(node, electorate, marks) and held > node.share * whole


def outside(
    node: NotBlocked, electorate: Electorate, marks: Mapping[str, Mark]
) -> tuple[int, Fraction, Fraction]:
    """Return heads and weight of those not in favour, and the weight of all participating."""
    roster = electorate.members
    return (
        heads(roster, marks, NOT_IN_FAVOUR),
        weigh(electorate, node.weight, roster, marks, NOT_IN_FAVOUR),
        weigh(electorate, node.weight, roster, marks, PARTICIPATING),
    )


def blocking_members(node: NotBlocked, electorate: Electorate, marks: Mapping[str, Mark]) -> int:
    """Return how many members a blocking minority needs, given who participates."""
    if not node.fewest_plus_one:
        return node.members
    table = electorate.table(node.weight)
    held = sorted(
        (table.get(m, Fraction(0)) for m in electorate.members if marks.get(m) != "out"),
        reverse=True,
    )
    need = node.share * sum(held, Fraction(0))
    gathered, fewest = Fraction(0), 0
    while fewest < len(held) and gathered <= need:
        gathered += held[fewest]
        fewest += 1
    return fewest + 1


# What is worst for a rule, and which completions are alike.


def _worst(node: Node) -> frozenset[Mark]:
    """Return the answers that are worst for every leaf at once; empty if there is none."""
    match node:
        case AllOf(parts) | AnyOf(parts) | SomeOf(_, parts):
            return frozenset.intersection(*(_worst(part) for part in parts))
        case InFavour(need, of):
            if not need.share or of in ("members", "participating"):
                return NOT_IN_FAVOUR
            return NO if of == "voting" else PRESENT - YES
        case NotBlocked():
            return NOT_IN_FAVOUR
        case Against() | NoVeto():
            return NO
        case NotDisowned():
            return DECLARED
        case _:
            return frozenset(("absent",))


def _marks_that_matter(node: Node) -> tuple[Mark, ...]:
    """Return the answers among which a worst completion of a mixed rule can be found.

    For leaves with several worst answers any one will do that no other leaf
    likes better: a no where presence is asked for anyway, else absence.
    """
    worst: set[Mark] = set()
    for leaf in leaves(node):
        answers = _worst(leaf)
        if len(answers) == 1:
            worst |= answers
        elif "absent" in answers:
            worst.add("absent")
        else:
            worst.add("no")
    return tuple(mark for mark in _ANSWERS if mark in worst)


def alike(
    node: Node, electorate: Electorate, waiting: Sequence[str]
) -> dict[tuple[object, ...], list[str]]:
    """Group the waiting members that no leaf of the rule can tell apart."""
    tables: list[str] = []
    sets: list[str] = []
    for leaf in leaves(node):
        weight = getattr(leaf, "weight", None)
        among = leaf.seats if isinstance(leaf, NoVeto) else getattr(leaf, "among", None)
        if weight is not None and weight not in tables:
            tables.append(weight)
        if among is not None and among not in sets:
            sets.append(among)
    groups: dict[tuple[object, ...], list[str]] = {}
    for member in waiting:
        key = (
            *(electorate.table(table).get(member, Fraction(0)) for table in tables),
            *(member in electorate.sets.get(name, frozenset()) for name in sets),
        )
        groups.setdefault(key, []).append(member)
    return groups


def _completions(
    node: Node, electorate: Electorate, marks: Mapping[str, Mark], waiting: Sequence[str]
) -> Iterator[dict[str, Mark]]:
    """Yield the completions that matter, one for each way alike members can be marked."""
    groups = list(alike(node, electorate, waiting).values())
    choices = _marks_that_matter(node)

    def extend(depth: int, so_far: dict[str, Mark]) -> Iterator[dict[str, Mark]]:
        if depth == len(groups):
            yield so_far
            return
        group = groups[depth]
        for answer in combinations_with_replacement(choices, len(group)):
            yield from extend(depth + 1, {**so_far, **dict(zip(group, answer))})

    yield from extend(0, dict(marks))
