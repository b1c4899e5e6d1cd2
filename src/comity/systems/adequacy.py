"""Whether contributions are adequate to what is required: how surely, and how much is short.

The words are those of power systems: LOLP, the chance of a shortfall; EUE, the expected
shortfall, in the unit of the requirement. Exact by convolution where the amounts allow it,
otherwise sampled, seeded, with standard errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod, sqrt
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from comity.errors import UsageError
from comity.systems.convolution import (
    CommonCause,
    Contributor,
    Number,
    convolve,
    exact,
    step_of,
)
from comity.systems.counting import Floats

Way: TypeAlias = Literal["auto", "exact", "sampling"]

CASES = 1 << 18  # of all contributors and causes together, for an exact joint answer
BLOCK = 1 << 13  # draws at a time: what one block needs stays in the processor's cache
DRAWS = 100_000


@dataclass(frozen=True, slots=True)
class Line:
    """How one requirement stands.

    Attributes
    ----------
    lolp
        Chance that it is not reached.
    eue
        Expected shortfall, in the unit of the amounts.
    lolp_error, eue_error
        One standard error if sampled; nought if exact.
    method
        How it was found, in plain words.
    """

    required: Fraction
    lolp: float
    eue: float
    lolp_error: float
    eue_error: float
    method: str


@dataclass(frozen=True, slots=True)
class Adequacy:
    """How all requirements stand, one by one and together.

    Attributes
    ----------
    lines
        One by one, in the order of the requirements.
    any_short
        Chance that at least one is not reached.
    error
        One standard error of `any_short` if sampled; nought if exact.
    draws, seed
        Of the sampling; 0 draws and no seed where nothing was sampled.
    """

    lines: tuple[Line, ...]
    any_short: float
    error: float
    method: str
    draws: int = 0
    seed: int | None = None


def adequacy(
    contributors: Sequence[Contributor],
    required: Number | Sequence[Number],
    *,
    causes: Sequence[CommonCause] = (),
    method: Way = "auto",
    draws: int = DRAWS,
    seed: int = 0,
) -> Adequacy:
    """Return how surely contributions reach what is required, on each line and on all.

    Each line alone is exact by convolution if the steps of its amounts allow; all lines together
    are exact if there are at most 2**18 cases, otherwise sampled.

    Parameters
    ----------
    contributors
        Who gives what on each line, with which chances; independent but for `causes`.
    required
        One number for each line, in the units of the amounts.
    causes
        What takes several contributors away at once.
    method
        ``exact`` refuses what would have to be sampled; ``sampling`` samples everything.
    draws, seed
        Of the sampling.

    Raises
    ------
    UsageError
        If lines and requirements differ in number, a name is double or unknown, or an exact
        answer is asked for that cannot be given.

    Examples
    --------
    >>> pair = [Contributor.of("Arden", 3, chance=0.9), Contributor.of("Brill", 2, chance=0.5)]
    >>> found = adequacy(pair, 5)
    >>> round(found.any_short, 6), round(found.lines[0].eue, 6), found.method
    (0.55, 1.3, 'exact, by convolution')
    """
    given = (required,) if isinstance(required, int | float | Fraction) else tuple(required)
    needs = tuple(exact(r) for r in given)
    _check(contributors, needs, causes, draws)
    if method == "sampling":
        return _sampled(contributors, needs, causes, draws, seed)
    alone = _alone(contributors, needs, causes, must=method == "exact")
    if alone is not None and len(needs) == 1:
        return Adequacy(alone, alone[0].lolp, 0.0, "exact, by convolution")
    if alone is not None and _cases(contributors, causes) <= CASES:
        short = _enumerated(contributors, needs, causes)
        return Adequacy(alone, short, 0.0, "exact, by convolution and over all cases")
    if method == "exact":
        raise UsageError(
            f"all lines together have {_cases(contributors, causes):,} cases; "
            f"{CASES:,} are the most for an exact answer",
            hint="ask line by line, or sample",
        )
    found = _sampled(contributors, needs, causes, draws, seed)
    if alone is None:
        return found
    words = f"each line exact, by convolution; all together {found.method}"
    return Adequacy(alone, found.any_short, found.error, words, draws, seed)


def _check(
    contributors: Sequence[Contributor],
    needs: tuple[Fraction, ...],
    causes: Sequence[CommonCause],
    draws: int,
) -> None:
    names = [c.name for c in contributors]
    if not needs:
        raise UsageError("nothing is required", hint="give one number for each line")
    if len(set(names)) != len(names):
        raise UsageError("two contributors have one name", hint="give each its own name")
    if any(c.lines != len(needs) for c in contributors):
        raise UsageError(f"there are {len(needs)} requirements, but not as many amounts of each")
    for cause in causes:
        unknown = [name for name in cause.lost if name not in names]
        if unknown:
            raise UsageError(f"{cause.name} strikes {unknown[0]}, who contributes nothing")
    if draws < 2:
        raise UsageError("fewer than two draws say nothing", hint="try 100,000")


def _alone(
    contributors: Sequence[Contributor],
    needs: tuple[Fraction, ...],
    causes: Sequence[CommonCause],
    *,
    must: bool,
) -> tuple[Line, ...] | None:
    """Answer each line exactly; None where the steps are too fine."""
    found = []
    for line, need in enumerate(needs):
        try:
            sums = convolve(contributors, line=line, causes=causes)
        except UsageError:
            if must:
                raise
            return None
        words = "exact, by convolution"
        found.append(Line(need, sums.below(need), sums.shortfall(need), 0.0, 0.0, words))
    return tuple(found)


def _cases(contributors: Sequence[Contributor], causes: Sequence[CommonCause]) -> int:
    many: int = prod(len(c.outcomes) for c in contributors)
    return many << len(causes)


# A contributor of k outcomes is k - 1 steps: step j is taken when its draw reaches the sum of
# the first j chances, and adds the difference of two amounts. So every sum is one product of
# a table of noughts and ones with a table of differences.


class _Table:
    """Contributors as steps: at which draw each is taken, what it adds, who takes it."""

    def __init__(
        self,
        contributors: Sequence[Contributor],
        needs: tuple[Fraction, ...],
        causes: Sequence[CommonCause],
    ) -> None:
        steps = [
            step_of([*(o.amounts[k] for c in contributors for o in c.outcomes), need])
            for k, need in enumerate(needs)
        ]
        self.unit: Floats = np.array([float(s) for s in steps])
        self.need: Floats = np.array([float(n / s) for n, s in zip(needs, steps)])
        self.owner: list[int] = []
        self.at: list[float] = []
        rows: list[list[float]] = []
        self.base: Floats = np.zeros(len(needs))
        firsts: list[list[float]] = []
        for i, c in enumerate(contributors):
            whole = [[float(a / s) for a, s in zip(o.amounts, steps)] for o in c.outcomes]
            firsts.append(whole[0])
            reached = 0.0
            for before, after, outcome in zip(whole, whole[1:], c.outcomes):
                reached += outcome.chance
                self.owner.append(i)
                self.at.append(reached)
                rows.append([b - a for a, b in zip(before, after)])
        # What a contributor gives at least can be taken away by a cause only.
        hit = {i for i, c in enumerate(contributors) if any(c.name in x.lost for x in causes)}
        for i, first in enumerate(firsts):
            if i in hit and any(first):
                self.owner.append(i)
                self.at.append(-1.0)
                rows.append(first)
            else:
                self.base += first
        self.struck: list[list[int]] = [
            [j for j, i in enumerate(self.owner) if contributors[i].name in cause.lost]
            for cause in causes
        ]
        # Whole numbers up to 2**24 are exact in single precision, and their sums with them.
        span = np.abs(np.array(rows)).sum(axis=0).max(initial=0.0) if rows else 0.0
        small = max(float(span), float(self.need.max())) < 2**24
        self.kind: Any = np.float32 if small else np.float64
        self.rows: NDArray[Any] = np.array(rows, dtype=self.kind).reshape(len(rows), len(needs))


def _sampled(
    contributors: Sequence[Contributor],
    needs: tuple[Fraction, ...],
    causes: Sequence[CommonCause],
    draws: int,
    seed: int,
) -> Adequacy:
    table = _Table(contributors, needs, causes)
    rng = np.random.default_rng(np.random.SFC64(seed))
    lines = len(needs)
    single = _is_step_each(table.owner, len(contributors))
    at = np.array(table.at, dtype=np.float32)[:, None]
    owner = np.array(table.owner, dtype=np.intp)
    need = table.need.astype(table.kind)[:, None]
    rows = np.ascontiguousarray(table.rows.T)
    base = table.base.astype(table.kind)[:, None]
    short = np.zeros(lines, dtype=np.int64)
    missing, squared = np.zeros(lines), np.zeros(lines)
    any_short = 0
    done = 0
    while done < draws:
        block = min(BLOCK, draws - done)
        drawn = rng.random((len(contributors), block), dtype=np.float32)
        taken: NDArray[Any] = ((drawn if single else drawn[owner]) >= at).astype(table.kind)
        for cause, hit in zip(causes, table.struck):
            spared = rng.random(block, dtype=np.float32) >= np.float32(cause.chance)
            if hit:
                taken[hit] *= spared
        gap = need - (rows @ taken + base)
        np.maximum(gap, 0, out=gap)
        lacking = gap > 0
        short += np.count_nonzero(lacking, axis=1)
        any_short += int(np.count_nonzero(lacking.any(axis=0)))
        missing += gap.sum(axis=1, dtype=np.float64)
        squared += np.einsum("ij,ij->i", gap, gap, dtype=np.float64)
        done += block
    mean = missing / draws
    spread = np.sqrt(np.maximum(squared / draws - mean**2, 0.0) / draws)
    words = f"sampled, {draws:,} draws, seed {seed}"
    found = tuple(
        Line(
            needs[k],
            int(short[k]) / draws,
            float(mean[k] * table.unit[k]),
            standard_error(int(short[k]), draws),
            float(spread[k] * table.unit[k]),
            words,
        )
        for k in range(lines)
    )
    return Adequacy(found, any_short / draws, standard_error(any_short, draws), words, draws, seed)


def _is_step_each(owner: Sequence[int], contributors: int) -> bool:
    """Tell whether each contributor is one step, in order, so that its draw can be used as is."""
    return list(owner) == list(range(contributors))


def standard_error(hits: int, draws: int) -> float:
    """Return one standard error of a sampled share, never nought.

    Where no draw, or every draw, hit, the share is taken as if half of one more had not: a
    sample that has never seen an event does not prove that there is none.

    Examples
    --------
    >>> standard_error(0, 100) > 0.0
    True
    """
    share = (hits + 0.5) / (draws + 1.0)
    return sqrt(share * (1.0 - share) / draws)


def _enumerated(
    contributors: Sequence[Contributor],
    needs: tuple[Fraction, ...],
    causes: Sequence[CommonCause],
) -> float:
    """Return the chance that any line is short, over all cases of contributors and causes."""
    steps = [
        step_of([*(o.amounts[k] for c in contributors for o in c.outcomes), need])
        for k, need in enumerate(needs)
    ]
    total = 0.0
    for case in range(2 ** len(causes)):
        struck = {name for k, c in enumerate(causes) if case >> k & 1 for name in c.lost}
        weight: Floats = np.array(
            [prod(c.chance if case >> k & 1 else 1.0 - c.chance for k, c in enumerate(causes))]
        )
        sums: list[Floats] = [np.zeros(1) for _ in needs]
        for c in contributors:
            if c.name in struck:
                continue
            weight = np.concatenate([o.chance * weight for o in c.outcomes])
            sums = [
                np.concatenate([so_far + float(o.amounts[k] / steps[k]) for o in c.outcomes])
                for k, so_far in enumerate(sums)
            ]
        lacking = np.zeros(len(weight), dtype=np.bool_)
        for k, need in enumerate(needs):
            lacking |= sums[k] < float(need / steps[k])
        total += float(weight[lacking].sum())
    return min(1.0, total)
