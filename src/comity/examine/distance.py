"""Places on the main line of United Nations votes, and how far apart they lie.

A published range, 5th to 95th percentile, is read as that of a normal error; members' errors are
taken as independent; ranges of distances are 90 %.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import sqrt
from statistics import NormalDist, median

from comity.errors import UsageError
from comity.evidence import Evidence, Figure
from comity.examine.finding import Quantity

__all__ = [
    "MEASURES",
    "Places",
    "distance_between",
    "groups_along",
    "mean_apart",
    "measure_of_votes",
    "middle_of",
    "usual_year",
    "years_of",
]

MEASURES = ("un_ideal_point", "un_ideal_point_all_votes")
_Z = NormalDist().inv_cdf(0.95)


class Places:
    """Places of members in a year: value, and a standard deviation from the published range."""

    def __init__(self, evidence: Evidence, measure: str, year: int, known_on: date | None) -> None:
        self.evidence, self.measure, self.year = evidence, measure, year
        self.known_on = known_on

    def figure(self, member: str) -> Figure:
        """Return the figure of a member's place, missing or not."""
        return self.evidence.get(self.measure, member, on=self.year, known_on=self.known_on)

    def place(self, member: str) -> tuple[float, float] | None:
        """Return a member's place and its standard deviation; None without a value that year."""
        figure = self.figure(member)
        if figure.value is None or figure.year != self.year:
            return None
        low = figure.value if figure.low is None else figure.low
        high = figure.value if figure.high is None else figure.high
        return float(figure.value), (high - low) / (2 * _Z)

    def of(self, members: Sequence[str]) -> dict[str, tuple[float, float]]:
        """Return the places of those members who have one."""
        return {m: p for m in members if (p := self.place(m)) is not None}


def _ranged(value: float, spread: float) -> Quantity:
    """Return a distance with its range of 90 %, which does not reach below nought."""
    low, high = max(0.0, value - _Z * spread), value + _Z * spread
    return Quantity(value, low, high, unit="points")


def distance_between(one: tuple[float, float], other: tuple[float, float]) -> Quantity:
    """Return the distance between two places, with its range."""
    return _ranged(abs(one[0] - other[0]), sqrt(one[1] ** 2 + other[1] ** 2))


def mean_apart(
    inside: Mapping[str, tuple[float, float]],
    others: Mapping[str, tuple[float, float]] | None = None,
) -> Quantity:
    """Return the mean distance among members, or between them and others.

    Its range comes from the members' own, taken as independent, to first order: each member's
    error counts by how much the mean moves with its place.
    """
    names = list(inside)
    pairs = (
        [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
        if others is None
        else [(a, b) for a in names for b in others]
    )
    if not pairs:
        return Quantity(None, unit="points")
    everyone = {**inside, **(others or {})}
    total = 0.0
    moves = dict.fromkeys(everyone, 0.0)
    for a, b in pairs:
        gap = everyone[a][0] - everyone[b][0]
        total += abs(gap)
        side = (gap > 0) - (gap < 0)
        moves[a] += side / len(pairs)
        moves[b] -= side / len(pairs)
    spread = sqrt(sum((move * everyone[m][1]) ** 2 for m, move in moves.items()))
    return _ranged(total / len(pairs), spread)


def middle_of(places: Mapping[str, tuple[float, float]]) -> tuple[float, float]:
    """Return the median place, as uncertain as the member or two members who hold it."""
    value = median(p[0] for p in places.values())
    nearest = sorted(places.values(), key=lambda p: abs(p[0] - value))[: 2 - len(places) % 2]
    return value, sqrt(sum(p[1] ** 2 for p in nearest)) / len(nearest)


def groups_along(places: Mapping[str, tuple[float, float]]) -> list[list[str]]:
    """Group members along the line: a group ends before the first who is surely apart.

    Surely apart from the group's lowest member: the difference is above nought with 95 %.
    """
    found: list[list[str]] = []
    for member in sorted(places, key=lambda m: (places[m][0], m)):
        if found:
            lowest = places[found[-1][0]]
            here = places[member]
            if here[0] - lowest[0] <= _Z * sqrt(here[1] ** 2 + lowest[1] ** 2):
                found[-1].append(member)
                continue
        found.append([member])
    return found


def measure_of_votes(evidence: Evidence, known_on: date | None) -> str:
    """Return the series that was public on a day, the better one first."""
    for measure in MEASURES:
        if evidence.newest(measure, known_on=known_on) is not None:
            return measure
    raise UsageError(
        "no UN votes were public on that day", hint="ask for a later day with --known-on"
    )


def years_of(evidence: Evidence, measure: str, known_on: date | None) -> tuple[int, ...]:
    """Return the years that the series covers, as seen on a day."""
    newest = evidence.newest(measure, known_on=known_on) or 0
    first = min(f.year for f in evidence.figures(measure))
    return tuple(range(first, newest + 1))


def usual_year(
    evidence: Evidence, measure: str, members: Sequence[str], known_on: date | None
) -> int:
    """Return the newest of the years with the fewest figures that are missing or flagged."""

    def flawed(year: int) -> int:
        figures = (Places(evidence, measure, year, known_on).figure(m) for m in members)
        return sum(f.value is None or f.year != year or bool(f.caveats) for f in figures)

    return min(years_of(evidence, measure, known_on), key=lambda year: (flawed(year), -year))
