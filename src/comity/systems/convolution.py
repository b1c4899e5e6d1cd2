"""The chances of a sum: what contributions come to together, exactly, by convolution.

Each contributor gives one of a few amounts, each with its chance, and does so independently of
the others; causes that strike several at once are handled by conditioning on them. Nothing is
sampled: the only error is that of adding floating-point numbers.

Invariants: amounts are whole multiples of one step, from nought; chances are not negative and
sum to one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import TypeAlias

import numpy as np

from comity.errors import UsageError
from comity.systems.counting import Floats

Number: TypeAlias = int | float | Fraction

CELLS = 4_000_000  # of one distribution; beyond it, sample
WORK = 400_000_000  # additions for one convolution
CAUSES = 14  # conditioned upon together; their number doubles the work
_SURE = 1e-9


@dataclass(frozen=True, slots=True)
class Outcome:
    """An amount on every line, and the chance that it comes to that."""

    chance: float
    amounts: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Contributor:
    """Who gives what with which chances; on all lines at once, so lines stand and fall together.

    Attributes
    ----------
    name
        Who.
    outcomes
        What it may come to; the chances sum to one.

    Examples
    --------
    >>> arden = Contributor.of("Arden", 3, chance=0.9)
    >>> [(o.chance, str(o.amounts[0])) for o in arden.outcomes]
    [(0.09999999999999998, '0'), (0.9, '3')]
    """

    name: str
    outcomes: tuple[Outcome, ...]

    def __post_init__(self) -> None:
        total = sum(o.chance for o in self.outcomes)
        widths = {len(o.amounts) for o in self.outcomes}
        if not self.outcomes or any(not 0.0 <= o.chance <= 1.0 for o in self.outcomes):
            raise UsageError(
                f"a chance of {self.name} lies outside 0 to 1", hint="write 70 % as 0.7"
            )
        if abs(total - 1.0) > _SURE:
            raise UsageError(
                f"the chances of {self.name} sum to {total:g}, not to 1",
                hint="add an outcome of nought for the rest",
            )
        if len(widths) != 1 or any(a < 0 for o in self.outcomes for a in o.amounts):
            raise UsageError(
                f"the amounts of {self.name} must be as many as there are lines, none below nought"
            )

    @classmethod
    def of(
        cls, name: str, amounts: Number | Sequence[Number], *, chance: float = 1.0
    ) -> Contributor:
        """Return one who gives all of its amounts with a chance, and nothing otherwise."""
        given = (amounts,) if isinstance(amounts, int | float | Fraction) else tuple(amounts)
        full = tuple(exact(a) for a in given)
        if chance == 1.0:
            return cls(name, (Outcome(1.0, full),))
        none = (Fraction(0),) * len(full)
        return cls(name, (Outcome(1.0 - chance, none), Outcome(chance, full)))

    @property
    def lines(self) -> int:
        """How many lines it gives to."""
        return len(self.outcomes[0].amounts)

    def most(self, line: int = 0) -> Fraction:
        """The largest amount on a line that has any chance."""
        return max((o.amounts[line] for o in self.outcomes if o.chance > 0.0), default=Fraction(0))

    def mean(self, line: int = 0) -> float:
        """The amount to be expected on a line."""
        return sum(o.chance * float(o.amounts[line]) for o in self.outcomes)


@dataclass(frozen=True, slots=True)
class CommonCause:
    """Something that, when it happens, takes away all that several contributors give."""

    name: str
    chance: float
    lost: tuple[str, ...]

    def __post_init__(self) -> None:
        if not 0.0 <= self.chance <= 1.0:
            raise UsageError(
                f"the chance of {self.name} lies outside 0 to 1", hint="write 70 % as 0.7"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Distribution:
    """The chances of what comes together on one line.

    Attributes
    ----------
    step
        Between one amount and the next.
    chances
        Shape (k,); of 0, step, 2 step, and so on.
    """

    step: Fraction
    chances: Floats

    def below(self, required: Number) -> float:
        """Return the chance that it comes to less than required: LOLP for a load."""
        cells = _ceil(exact(required) / self.step)
        return float(min(1.0, self.chances[: max(cells, 0)].sum()))

    def shortfall(self, required: Number) -> float:
        """Return the expected shortfall, in the unit of the amounts: EUE for a load."""
        need = exact(required) / self.step
        cells = min(max(_ceil(need), 0), len(self.chances))
        missing = float(need) - np.arange(cells, dtype=np.float64)
        return float(missing @ self.chances[:cells]) * float(self.step)

    def mean(self) -> float:
        """Return the amount to be expected."""
        at = np.arange(len(self.chances), dtype=np.float64)
        return float(at @ self.chances) * float(self.step)

    def assured(self, chance: float) -> Fraction:
        """Return the largest amount that is reached with at least this chance."""
        reached = self.chances[::-1].cumsum()[::-1]
        cells = np.flatnonzero(reached >= chance - 1e-12)
        return self.step * int(cells[-1]) if len(cells) else Fraction(0)

    def table(self, installed: Number | None = None) -> tuple[tuple[Fraction, float, float], ...]:
        """Return the outage probability table: lost, its chance, the chance of as much or more.

        Parameters
        ----------
        installed
            What there would be if nothing were lost; the largest amount by default.
        """
        top = int(exact(installed) / self.step) if installed is not None else len(self.chances) - 1
        whole = self.chances.cumsum()
        return tuple(
            (self.step * (top - int(i)), float(self.chances[i]), float(min(1.0, whole[i])))
            for i in np.flatnonzero(self.chances)[::-1]
        )


def exact(number: Number) -> Fraction:
    """Return a number as it is written: 0.1 is one tenth."""
    if isinstance(number, float):
        if not np.isfinite(number):
            raise UsageError(f"{number} is not an amount", hint="give a finite number")
        return Fraction(repr(number))
    return Fraction(number)


def _ceil(number: Fraction) -> int:
    return -(-number.numerator // number.denominator)


def step_of(amounts: Iterable[Fraction]) -> Fraction:
    """Return the largest step of which all amounts are whole multiples.

    Examples
    --------
    >>> str(step_of([Fraction(3, 2), Fraction(2), Fraction(0)]))
    '1/2'
    """
    given = [a for a in amounts if a]
    if not given:
        return Fraction(1)
    scale = lcm(*(a.denominator for a in given))
    return Fraction(gcd(*(int(a * scale) for a in given)), scale)


def convolve(
    contributors: Sequence[Contributor],
    *,
    line: int = 0,
    causes: Sequence[CommonCause] = (),
) -> Distribution:
    """Return the chances of what contributors come to together on one line.

    Takes time in proportion to contributors times cells, doubled by each cause.

    Parameters
    ----------
    contributors
        Who gives; independent of each other but for `causes`.
    line
        Which of their amounts.
    causes
        Struck independently of each other; whoever is hit by one gives nothing.

    Raises
    ------
    UsageError
        If the steps are too fine, or the causes too many, for an exact answer.

    References
    ----------
    Billinton and Allan (1984), Reliability Evaluation of Power Systems, chapter 2: the recursive
    unit addition algorithm.

    Examples
    --------
    >>> pair = [Contributor.of("Arden", 3, chance=0.9), Contributor.of("Brill", 2, chance=0.5)]
    >>> together = convolve(pair)
    >>> round(together.below(3), 6), round(together.shortfall(5), 6)
    (0.1, 1.3)
    >>> storm = CommonCause("storm", 0.1, ("Arden", "Brill"))
    >>> round(convolve(pair, causes=[storm]).below(3), 6)
    0.19
    """
    amounts = [o.amounts[line] for c in contributors for o in c.outcomes if o.chance > 0.0]
    step = step_of(amounts)
    cells = 1 + sum(int(c.most(line) / step) for c in contributors)
    known = {c.name for c in contributors}
    striking = [c for c in causes if c.chance > 0.0 and known.intersection(c.lost)]
    work = cells * max(1, sum(len(c.outcomes) for c in contributors)) * 2 ** len(striking)
    if cells > CELLS or len(striking) > CAUSES or work > WORK:
        raise UsageError(
            f"an exact answer would need {cells:,} cells and {2 ** len(striking):,} cases",
            hint="round the amounts to a common step, or sample",
        )
    free = [c for c in contributors if not any(c.name in cause.lost for cause in striking)]
    base = _added(np.ones(1), free, line, step)
    if not striking:
        return Distribution(step, base)
    hit = [c for c in contributors if c not in free]
    total = np.zeros(cells)
    for case in range(2 ** len(striking)):
        struck = [cause for k, cause in enumerate(striking) if case >> k & 1]
        weight = 1.0
        for cause in striking:
            weight *= cause.chance if cause in struck else 1.0 - cause.chance
        if weight == 0.0:
            continue
        left = [c for c in hit if not any(c.name in cause.lost for cause in struck)]
        made = _added(base, left, line, step)
        total[: len(made)] += weight * made
    return Distribution(step, total)


def _added(base: Floats, contributors: Sequence[Contributor], line: int, step: Fraction) -> Floats:
    """Add contributors one after the other: shift by each amount, weigh by its chance."""
    sums = base
    for contributor in contributors:
        wider: Floats = np.zeros(len(sums) + int(contributor.most(line) / step))
        for outcome in contributor.outcomes:
            if outcome.chance > 0.0:
                at = int(outcome.amounts[line] / step)
                wider[at : at + len(sums)] += outcome.chance * sums
        sums = wider
    return sums
