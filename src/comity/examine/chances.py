"""How surely a line holds, by the chances that somebody gives; never by chances of our own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from comity.errors import UsageError
from comity.examine.conditions import titled
from comity.examine.contributions import Cause
from comity.examine.finding import Column, Quantity, Table
from comity.examine.mustering import LineAnswer
from comity.examine.needs import Line

__all__ = ["Chances", "chances_tables", "how_surely", "percents"]


@dataclass(frozen=True, slots=True)
class Chances:
    """How surely a line holds, from worst to best over what is not known.

    Attributes
    ----------
    holds
        Least and largest chance that the line is reached.
    shortfall
        Least and largest expected shortfall, in the unit of the line.
    assumed_free
        Members without a chance: absent in the worst case, certain in the best.
    credits
        Capability credit of each member whose chance and amount are known, at the upper end of
        the need: what would have to come for sure in its place.
    """

    line: Line
    holds: tuple[float, float]
    shortfall: tuple[float, float]
    method: str
    assumed_free: tuple[str, ...]
    credits: tuple[tuple[str, float, float], ...]


def percents(ends: tuple[float, float]) -> str:
    """Write a chance from least to most in percent."""
    low, high = (f"{100.0 * end:.3g} %" for end in ends)
    return low if low == high else f"{low} to {high}"


def _three(value: float) -> float:
    return float(f"{value:.3g}")


def _quantity(low: float, high: float, unit: str) -> Quantity:
    a, b = _three(min(low, high)), _three(max(low, high))
    return Quantity((a + b) / 2, a, b, unit=unit) if a < b else Quantity(a, unit=unit)


def how_surely(
    answer: LineAnswer, causes: Sequence[Cause], draws: int | None, seed: int
) -> Chances | None:
    """Return how surely a line holds; None where nobody gives a chance for it."""
    line = answer.line
    given = [p for p in answer.parts if p.chance is not None]
    if line.each or not given:
        return None
    from comity.systems.adequacy import DRAWS, Way
    from comity.systems.adequacy import adequacy as surely
    from comity.systems.convolution import CommonCause, Contributor
    from comity.systems.credit import capability_credits

    free = tuple(p.member for p in answer.parts if p.chance is None)
    worst, best, middle = [], [], []
    unbounded = False
    for part in answer.parts:
        chance = None if part.chance is None else float(part.chance)
        worst.append(Contributor.of(part.member, part.low, chance=chance or 0.0))
        if part.high is None:
            unbounded = True
            continue
        top = part.high
        best.append(Contributor.of(part.member, top, chance=1.0 if chance is None else chance))
        if chance is not None and part.value is not None:
            middle.append(Contributor.of(part.member, part.value, chance=chance))
    need_low = line.low if line.low is not None else Fraction(0)
    need_high = line.high if line.high is not None else need_low

    def struck(body: Sequence[Contributor]) -> list[CommonCause]:
        names = {c.name for c in body}
        found = (tuple(m for m in cause.members if m in names) for cause in causes)
        return [CommonCause(c.name, float(c.chance), who) for c, who in zip(causes, found) if who]

    def ask(body: Sequence[Contributor], need: Fraction) -> tuple[float, float, str]:
        way: Way = "sampling" if draws else "auto"
        found = surely(body, need, causes=struck(body), method=way, draws=draws or DRAWS, seed=seed)
        one = found.lines[0]
        return 1.0 - one.lolp, one.eue, _with_error(found.method, one.lolp_error)

    least, most_short, method = ask(worst, need_high)
    if unbounded:
        most, least_short = 1.0, 0.0
    else:
        most, least_short, _ = ask(best, need_low)
    worth: tuple[tuple[str, float, float], ...] = ()
    if len(middle) == len(answer.parts):
        worth = _tried(lambda: tuple(
            (c.name, c.credit, c.most)
            for c in capability_credits(middle, need_high, causes=struck(middle))
        ))  # fmt: skip
    return Chances(line, (least, most), (least_short, most_short), method, free, worth)


def _with_error(method: str, error: float) -> str:
    return f"{method}, standard error {100 * error:.2g} percentage points" if error else method


def _tried(
    make: Callable[[], tuple[tuple[str, float, float], ...]],
) -> tuple[tuple[str, float, float], ...]:
    """Return credits, or none where the amounts are too fine for an exact answer."""
    try:
        return make()
    except UsageError:
        return ()


def chances_tables(chances: Sequence[Chances]) -> Iterator[Table]:
    """Show how surely each line holds, and what each member is worth to it."""
    yield Table(
        "chances",
        "How surely, by the chances given",
        (
            Column("line", "Line", tuple(titled(c.line) for c in chances)),
            Column("holds", "Chance that it holds", tuple(percents(c.holds) for c in chances)),
            Column(
                "short",
                "Expected shortfall",
                tuple(_quantity(*c.shortfall, c.line.unit) for c in chances),
            ),
            Column(
                "free",
                "Without a chance",
                tuple(", ".join(c.assumed_free) or "nobody" for c in chances),
            ),
        ),
    )
    worth_of = [(c, row) for c in chances for row in c.credits]
    yield Table(
        "credits",
        "Capability credit: what would have to come for sure in each one's place",
        (
            Column("member", "Member", tuple(who for _, (who, _, _) in worth_of)),
            Column("line", "Line", tuple(titled(c.line) for c, _ in worth_of)),
            Column("credit", "Credit", tuple(_three(worth) for _, (_, worth, _) in worth_of)),
            Column("most", "Gives at most", tuple(_three(most) for _, (_, _, most) in worth_of)),
        ),
    )
