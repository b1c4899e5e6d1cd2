"""Who sends how much of what: a force mix within members' limits, at least strain.

A member's strain is what it sends of all lines, as a part of what it has. The mix makes the
largest strain as small as can be, or the sum of strains squared. Where the limits do not
suffice, the answer says which lines are short by how much, and what holds them down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from comity.errors import UsageError
from comity.systems.linear import FREE, add_row, program, run

SEGMENTS = 40
"""Pieces of the parabola that stands for a square; strains are right to a 40th of the range."""

_SLACK = 1e-8


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what is needed.

    Attributes
    ----------
    most
        What each member sends at most for this line; a member that is not named has no limit
        but what it has.
    """

    name: str
    need: float
    most: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Short:
    """A line that cannot be met: by how much, and whose limits hold it down."""

    line: str
    by: float
    held_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mix:
    """A force mix, or what stands in its way.

    Attributes
    ----------
    sends
        For each member, what it sends for each line, in their order. Where lines are short,
        the mix that leaves least short.
    strain
        For each member, the part it sends of what it has.
    short
        Lines that cannot be met; empty if all can.
    conflict
        Lines that cannot be met *together*, none of which could be left out of the list.
    method
        How it was found, in words.
    """

    members: tuple[str, ...]
    lines: tuple[str, ...]
    sends: tuple[tuple[float, ...], ...]
    strain: tuple[float, ...]
    short: tuple[Short, ...]
    conflict: tuple[str, ...]
    method: str

    @property
    def is_met(self) -> bool:
        """Whether every line is met."""
        return not self.short


Aim = Literal["largest", "squares"]


def force_mix(
    has: Mapping[str, float],
    lines: Sequence[Line],
    *,
    limit: float = 1.0,
    aim: Aim = "largest",
) -> Mix:
    """Find who sends what, at least strain.

    Parameters
    ----------
    has
        What each member has, above nought; those who have nothing cannot be strained.
    limit
        The part of what it has that any member sends for all lines together, at most.
    aim
        "largest": the largest strain is made as small as can be, then the sum of squares
        without raising it. "squares": only the sum of squares, which lets members with much
        room take more of a line that few can serve.

    Examples
    --------
    >>> found = force_mix({"Arden": 60, "Brill": 40}, [Line("crews", 20, {"Brill": 2})])
    >>> [tuple(round(s, 6) for s in row) for row in found.sends], found.is_met
    ([(18.0,), (2.0,)], True)
    >>> found = force_mix({"Arden": 60, "Brill": 40}, [Line("crews", 20, {})], limit=0.1)
    >>> [(s.line, round(s.by, 6)) for s in found.short]
    [('crews', 10.0)]
    """
    members = tuple(has)
    if not members or not lines:
        raise UsageError("a force mix needs members and lines", hint="give one of each at least")
    if any(not value > 0 for value in has.values()):
        raise UsageError("a member has nothing to send from", hint="leave it out")
    if not 0 < limit <= 1:
        raise UsageError(f"a limit of {limit} is out of range", hint="write 5 % as 0.05")
    for line in lines:
        if line.need < 0 or any(most < 0 for most in line.most.values()):
            raise UsageError(f"{line.name} has a number below nought", hint="give nought or more")
    model = _Model(members, tuple(has.values()), tuple(lines), limit)
    lacking = model.least_short()
    short = tuple(
        Short(line.name, by, model.holders(line))
        for line, by in zip(lines, lacking)
        if by > _SLACK * line.need
    )
    conflict = model.conflict() if short else ()
    sends, words = model.least_strain(lacking if short else [0.0] * len(lines), aim)
    strain = tuple(_settled(sum(row) / value) for row, value in zip(sends, has.values()))
    names = tuple(line.name for line in lines)
    return Mix(members, names, sends, strain, short, conflict, words)


class _Model:
    """The linear programs of a mix: columns are parts of what each has."""

    def __init__(
        self,
        members: tuple[str, ...],
        has: tuple[float, ...],
        lines: tuple[Line, ...],
        limit: float,
    ) -> None:
        self.members, self.has, self.lines, self.limit = members, has, lines, limit
        self.most = [
            [min(line.most.get(m, h), h * limit) / h for line in lines]
            for m, h in zip(members, has)
        ]

    def covers(self, line: Line) -> list[float]:
        """Return which part of a line each member could meet with all it has."""
        return [h / (line.need or 1.0) for h in self.has]

    def holders(self, line: Line) -> tuple[str, ...]:
        """Say who is held below what it has by a limit of its own on this line."""
        return tuple(
            m for m, h in zip(self.members, self.has) if line.most.get(m, h) < h * self.limit
        )

    def _at(self, i: int, j: int) -> int:
        return i * len(self.lines) + j

    def least_short(self, only: Sequence[int] | None = None) -> list[float]:
        """Return by how much each line is short when as little as can be is, part for part.

        Every line may fall short, at a price: a unit of a line costs one part of its need.
        """
        chosen = range(len(self.lines)) if only is None else only
        count = len(self.members) * len(self.lines)
        costs = [0.0] * count + [1.0] * len(self.lines)
        upper = [m for row in self.most for m in row] + [FREE] * len(self.lines)
        made = program(costs, [0.0] * len(costs), upper)
        for j, line in enumerate(self.lines):
            at = [self._at(i, j) for i in range(len(self.members))]
            part = 1.0 if j in chosen and line.need else 0.0
            add_row(made, part, FREE, [*at, count + j], [*self.covers(line), 1.0])
        for i in range(len(self.members)):
            at = [self._at(i, j) for j in range(len(self.lines))]
            add_row(made, -FREE, self.limit, at, [1.0] * len(at))
        if run(made) != "optimal":
            raise UsageError("the force mix could not be computed", hint="check its numbers")
        found = made.getSolution().col_value
        return [max(0.0, found[count + j] * line.need) for j, line in enumerate(self.lines)]

    def conflict(self) -> tuple[str, ...]:
        """Return a smallest set of lines that cannot be met together: drop each that can go."""
        chosen = list(range(len(self.lines)))
        for j in range(len(self.lines)):
            fewer = [k for k in chosen if k != j]
            lacking = self.least_short(fewer)
            if any(lacking[k] > _SLACK * self.lines[k].need for k in fewer):
                chosen = fewer
        return tuple(self.lines[j].name for j in chosen)

    def least_strain(
        self, lacking: Sequence[float], aim: Aim
    ) -> tuple[tuple[tuple[float, ...], ...], str]:
        """Return what each sends at least strain, when lines may be short by so much."""
        if aim == "largest":
            worst = self._solve(lacking, self.limit, squares=False)[1]
            top = min(self.limit, worst * (1 + _SLACK / 10))
            sends, _ = self._solve(lacking, top, squares=True)
        else:
            top = self.limit
            for _ in range(4):  # the same pieces, on ever less of the range
                sends, worst = self._solve(lacking, top, squares=True)
                top = min(top, 1.25 * worst + _SLACK)
        words = f"sum of squared strains least (in {SEGMENTS} straight pieces)"
        if aim == "largest":
            words = f"largest strain least, then {words}"
        return sends, f"linear programs (HiGHS): {words}"

    def _solve(
        self, lacking: Sequence[float], top: float, *, squares: bool
    ) -> tuple[tuple[tuple[float, ...], ...], float]:
        """Return what each sends, and the largest strain, which is at most `top`.

        A need that is met to the last unit can fall out of the program's precision; it is then
        asked for a little less, at the most by a millionth.
        """
        for slack in (_SLACK, 1e-7, 1e-6):
            found = self._solved(lacking, top, squares=squares, slack=slack)
            if found is not None:
                return found
        raise UsageError("the force mix could not be computed", hint="check its numbers")

    def _solved(
        self, lacking: Sequence[float], top: float, *, squares: bool, slack: float
    ) -> tuple[tuple[tuple[float, ...], ...], float] | None:
        """Columns: what is sent; each member's strain in pieces, or the largest strain."""
        n, lines = len(self.members), len(self.lines)
        count = n * lines
        pieces = SEGMENTS if squares else 0
        edges = [top * k / SEGMENTS for k in range(SEGMENTS + 1)]
        slopes = [a + b for a, b in pairwise(edges)] if squares else []
        costs = [0.0] * count + (slopes * n if squares else [1.0])
        upper = [m for row in self.most for m in row]
        upper += [top / SEGMENTS] * (pieces * n) if squares else [top]
        made = program(costs, [0.0] * len(costs), upper)
        for j, line in enumerate(self.lines):
            at = [self._at(i, j) for i in range(n)]
            part = max(0.0, 1.0 - lacking[j] / line.need) if line.need else 0.0
            add_row(made, part * (1 - slack), FREE, at, self.covers(line))
        for i in range(n):
            at = [self._at(i, j) for j in range(lines)]
            rest = [count + i * pieces + k for k in range(pieces)] if squares else [count]
            ones = [1.0] * lines + [-1.0] * len(rest)
            add_row(made, 0.0 if squares else -FREE, 0.0, [*at, *rest], ones)
        if run(made) != "optimal":
            return None
        found = made.getSolution().col_value
        sends = tuple(
            tuple(_settled(found[self._at(i, j)] * h) for j in range(lines))
            for i, h in enumerate(self.has)
        )
        largest = max(sum(row) / h for row, h in zip(sends, self.has))
        return sends, largest


def _settled(number: float) -> float:
    """Drop what is below the precision of the programs, so that 3 % is not 3.0000000001 %."""
    return 0.0 if abs(number) < 1e-9 else float(f"{number:.8g}")
