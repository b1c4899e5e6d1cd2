"""Whole-number linear algebra, and linear programs whose rows come when they are needed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from comity.systems.allocation import AnyGame, as_whole

if TYPE_CHECKING:
    import highspy

FREE = 1e30


class Span:
    """What a growing set of coalitions determines: sums over whom follow from theirs.

    Kept as rows in reduced form, in fractions, so that nothing is lost by rounding.
    """

    def __init__(self, n: int) -> None:
        self.n = n
        self.places: list[int] = []
        self._rows: dict[int, list[Fraction]] = {}

    @property
    def rank(self) -> int:
        """How many independent coalitions it holds."""
        return len(self._rows)

    @property
    def is_full(self) -> bool:
        """Whether everything is determined."""
        return self.rank == self.n

    def add(self, place: int) -> bool:
        """Take a coalition in; say whether it was new."""
        row = [Fraction(place >> i & 1) for i in range(self.n)]
        for pivot, other in self._rows.items():
            if row[pivot]:
                times = row[pivot]
                row = [a - times * b for a, b in zip(row, other)]
        lead = next((i for i, a in enumerate(row) if a), None)
        if lead is None:
            return False
        row = [a / row[lead] for a in row]
        for pivot, other in self._rows.items():
            if other[lead]:
                times = other[lead]
                self._rows[pivot] = [a - times * b for a, b in zip(other, row)]
        self._rows[lead] = row
        self.places.append(place)
        return True

    def add_all(self, rows: Sequence[int], game: AnyGame) -> NDArray[np.bool_]:
        """Take the coalitions in some rows of a game in; return `inside` as it is then."""
        inside, places = self.inside(game), game.places
        left = np.array(rows, dtype=np.int64)
        while len(left := left[~inside[left]]) and not self.is_full:
            self.add(int(places[left[0]]))
            inside = self.inside(game)
        return inside

    def inside(self, game: AnyGame) -> NDArray[np.bool_]:
        """Say of every coalition of a game whether it is determined."""
        found = np.ones(len(game.places), dtype=np.bool_)
        for free in (i for i in range(self.n) if i not in self._rows):
            # A direction in which shares can still move: one free player pays, pivots receive.
            move = [Fraction(0)] * self.n
            move[free] = Fraction(1)
            for pivot, row in self._rows.items():
                move[pivot] = -row[free]
            over = int(np.lcm.reduce([m.denominator for m in move]))
            found &= game.sums(as_whole([int(m * over) for m in move])) == 0
        return found


def solve(rows: Sequence[tuple[Sequence[int], Fraction]], unknowns: int) -> list[Fraction] | None:
    """Solve linear equations exactly; None where there is no solution, or more than one."""
    table = [[*map(Fraction, left), right] for left, right in rows]
    rank = 0
    for column in range(unknowns):
        found = next((r for r in range(rank, len(table)) if table[r][column]), None)
        if found is None:
            return None
        table[rank], table[found] = table[found], table[rank]
        lead = table[rank][column]
        table[rank] = [a / lead for a in table[rank]]
        for r, row in enumerate(table):
            if r != rank and row[column]:
                times = row[column]
                table[r] = [a - times * b for a, b in zip(row, table[rank])]
        rank += 1
    if any(row[-1] for row in table[rank:]):
        return None
    return [table[i][-1] for i in range(unknowns)]


def program(
    costs: Sequence[float], lower: Sequence[float], upper: Sequence[float]
) -> highspy.Highs:
    """Open a linear program to be minimised: quiet, on one thread, warm from run to run."""
    import highspy

    made = highspy.Highs()  # type: ignore[no-untyped-call]
    made.setOptionValue("output_flag", False)
    made.setOptionValue("threads", 1)
    made.setOptionValue("presolve", "off")
    made.setOptionValue("primal_feasibility_tolerance", 1e-9)
    made.setOptionValue("dual_feasibility_tolerance", 1e-9)
    made.addVars(len(costs), np.array(lower, dtype=float), np.array(upper, dtype=float))
    for i, cost in enumerate(costs):
        made.changeColCost(i, cost)
    return made


def add_row(
    made: highspy.Highs, low: float, high: float, at: Sequence[int], values: Sequence[float]
) -> None:
    """Add one row to a program."""
    made.addRow(
        low, high, len(at), np.array(at, dtype=np.int32), np.array(values, dtype=np.float64)
    )


def run(made: highspy.Highs) -> str:
    """Solve a program; return "optimal", "infeasible" or what else HiGHS says."""
    made.run()
    return str(made.modelStatusToString(made.getModelStatus())).lower()
