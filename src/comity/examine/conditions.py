"""What would have to be true for a line to hold, and which single assumption turns it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from comity.errors import UsageError
from comity.examine.finding import Column, Quantity, Table
from comity.examine.mustering import LineAnswer, Muster, Part
from comity.examine.needs import Line, number

__all__ = [
    "BreakEven",
    "Swing",
    "adding",
    "break_even",
    "break_even_table",
    "swings",
    "swings_table",
    "titled",
]

SURE = 0.9
"""The chance for which a break-even willingness is asked."""

NEED_ITSELF = "the need itself, from its lower to its upper end"
SHOWN = 12
"""Assumptions in the table, the need first, then the widest."""


@dataclass(frozen=True, slots=True)
class BreakEven:
    """What would have to be true for a line to hold.

    Attributes
    ----------
    share_low, share_high
        Of all that may come at most, the part that must come for the lower and the upper end of
        the need; above 1 it cannot be reached; None where the most is not known.
    heads_share
        The part of the heads of those of whom nothing else is known that must be sent for the
        lower end, when the others give their most and their least; None where there are none.
    willingness
        The chance that each would have to have, all alike and each with its most, so that the
        lower end is reached with a chance of 90 %; None where even all together do not, and where
        the most of some is all their heads, which nobody would send.
    """

    line: Line
    share_low: float | None
    share_high: float | None
    heads_share: tuple[float, float] | None
    willingness: float | None

    def words(self) -> str:
        """Say it as a condition."""
        told = []
        if self.share_low is not None and self.share_low > 1.0:
            told.append("cannot hold: all that may come at most is less than the lower end")
        elif self.share_low is not None:
            told.append(f"holds only if at least {_percent(self.share_low)} of what may come comes")
            if self.share_high is not None and self.share_high <= 1.0:
                told.append(f"{_percent(self.share_high)} for the upper end")
            elif self.share_high is not None:
                told.append("the upper end cannot be reached")
        if self.heads_share is not None:
            least, most = sorted(self.heads_share)
            shares = _percent(most) if least == most else f"{_percent(least)} to {_percent(most)}"
            told.append(f"those of whom only heads are known would have to send {shares} of them")
        if self.willingness is not None:
            told.append(
                f"with a chance of {_percent(SURE)} only if the willingness of each exceeds "
                f"{_percent(self.willingness)}"
            )
        elif self.share_low is not None and self.share_low <= 1.0 and self.heads_share is None:
            told.append(f"with a chance of {_percent(SURE)} only if all come for sure")
        return "; ".join(told) or "not known: nothing bounds what may come"


@dataclass(frozen=True, slots=True)
class Swing:
    """How far one assumption moves what comes together, and whether that turns the answer."""

    line: Line
    assumption: str
    low: Fraction
    base: Fraction
    high: Fraction
    turns: str

    @property
    def width(self) -> Fraction:
        """How far it moves it."""
        return self.high - self.low


def titled(line: Line) -> str:
    """Return the name of a line as people read it."""
    return line.name.replace("_", " ")


def _percent(share: float) -> str:
    """Say a share in percent, to two digits; never nought where there is something."""
    value = 100.0 * share
    if 0.0 < value < 0.1:
        return "less than 0.1 %"
    return f"{value:.2g} %" if value < 99.5 else f"{value:.0f} %"


def _moved(swing: Swing) -> Quantity:
    low, base, high = (number(x) for x in (swing.low, swing.base, swing.high))
    return Quantity(base, low, high, unit=swing.line.unit)


def adding(made: Muster) -> Iterator[LineAnswer]:
    """Lines that members add up to, with something to say about what comes."""
    for answer in made.lines:
        if not answer.line.each and any(p.kind for p in answer.parts):
            yield answer


def _tops(answer: LineAnswer) -> list[tuple[Part, Fraction]]:
    """Return what each may bring at most, shrunk in proportion where a joint limit binds."""
    bounded = [(p, p.high) for p in answer.parts if p.high is not None and p.kind]
    total = sum((top for _, top in bounded), Fraction(0))
    most = answer.high
    if most is None or not total or most >= total:
        return bounded
    return [(p, top * most / total) for p, top in bounded]


def break_even(answer: LineAnswer) -> BreakEven:
    """Return what would have to be true for a line that does not hold."""
    line = answer.line
    tops = _tops(answer)
    total = sum((top for _, top in tops), Fraction(0))
    bounded = answer.high is not None

    def share(need: Fraction | None) -> float | None:
        return float(need / total) if need is not None and total and bounded else None

    heads = sum((top for p, top in tops if p.heads), Fraction(0))
    heads_share = None
    if heads and line.low is not None:
        others = [p for p, _ in tops if not p.heads]
        least = sum((p.low for p in others), Fraction(0))
        most = sum((top for p, top in tops if not p.heads), Fraction(0))
        missing = [max(line.low - given, Fraction(0)) / heads for given in (most, least)]
        heads_share = (float(missing[0]), float(missing[1]))
    willingness = None
    if line.low is not None and total >= line.low and not heads:
        willingness = _willingness([top for _, top in tops if top], line.low)
    return BreakEven(line, share(line.low), share(line.high), heads_share, willingness)


def _willingness(tops: Sequence[Fraction], need: Fraction) -> float | None:
    """Return the chance each must have so that the need is reached with a chance of 90 %."""
    from comity.systems.convolution import Contributor, convolve

    # Coarse enough for an exact answer, and never in favour of holding: amounts are cut down.
    step = max(Fraction(1), sum(tops, Fraction(0)) / 20_000)
    cut = [(top // step) * step for top in tops] if len(tops) > 3 else list(tops)

    def surely(chance: float) -> bool:
        body = [Contributor.of(str(i), top, chance=chance) for i, top in enumerate(cut)]
        try:
            return 1.0 - convolve(body).below(need) >= SURE
        except UsageError:
            return False

    if not surely(1.0):
        return None
    low, high = 0.0, 1.0
    for _ in range(14):
        middle = (low + high) / 2
        low, high = (low, middle) if surely(middle) else (middle, high)
    return high


def swings(answer: LineAnswer) -> Iterator[Swing]:
    """Move one assumption at a time from its least to its most, the others in the middle."""
    line = answer.line
    need = line.low if line.low is not None else line.high
    if need is None:
        return

    def middle(part: Part) -> Fraction:
        return part.low if part.heads or part.high is None or part.value is None else part.value

    base = sum((middle(p) for p in answer.parts), Fraction(0))
    moved: list[tuple[str, Fraction, Fraction]] = []
    for part in answer.parts:
        if part.high is not None and part.low < part.high:
            what = "how many of its heads it sends" if part.heads else "what it brings"
            rest = base - middle(part)
            moved.append((f"{part.member}: {what}", rest + part.low, rest + part.high))
    for name, low, high in moved:
        turns = ""
        if low < need <= high:
            turns = "yes"
        yield Swing(line, name, low, min(max(base, low), high), high, turns)
    if line.low is not None and line.high is not None and line.low < line.high:
        turned = line.low <= base < line.high
        words = "yes: the lower end is reached only" if turned else ""
        yield Swing(line, NEED_ITSELF, line.low,
                    (line.low + line.high) / 2, line.high, words)  # fmt: skip


def break_even_table(breakeven: Sequence[BreakEven]) -> Table:
    """Show under which condition each line holds."""
    return Table(
        "break_even",
        "What would have to be true",
        (
            Column("line", "Line", tuple(titled(b.line) for b in breakeven)),
            Column("condition", "It holds", tuple(b.words() for b in breakeven)),
        ),
    )


def swings_table(shown: Sequence[Swing]) -> Table:
    """Show the assumptions of one line, each moved alone, and whether it turns the answer."""
    focus = titled(shown[0].line) if shown else ""
    return Table(
        "swings",
        f"Which assumption turns {focus}: each moved from least to most, others in the middle",
        (
            Column("assumption", "Assumption", tuple(s.assumption for s in shown)),
            Column("comes", "Comes together", tuple(_moved(s) for s in shown)),
            Column("turns", "Turns it?", tuple(s.turns or "no" for s in shown)),
        ),
    )
