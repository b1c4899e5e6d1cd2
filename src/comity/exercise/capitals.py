"""Capitals: when one opens, and how long it takes to be consulted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from zoneinfo import ZoneInfo

from comity.evidence.zones import capital_zone
from comity.exercise.scenario import Habits, Scenario

__all__ = ["Capital", "capital_of", "how_long", "late", "next_open"]

_LENGTHS = (
    (10, "a few minutes"),
    (45, "about half an hour"),
    (90, "about an hour"),
    (300, "a few hours"),
    (1080, "about half a day"),
    (2160, "about a day"),
)


@dataclass(frozen=True, slots=True)
class Capital:
    """A member's capital: its zone, and the habits that the scenario assumes of it."""

    zone: str
    habits: Habits

    @property
    def place(self) -> str:
        """Whose clock it keeps, in words."""
        return self.zone.rpartition("/")[2].replace("_", " ")

    def opens(self, at: datetime) -> datetime:
        """Return the first instant of its office hours from an instant on."""
        return next_open(at, self.zone, self.habits.office)


def capital_of(scenario: Scenario, member: str) -> Capital:
    """Return a member's capital; one that is no state, or has no known zone, keeps UTC."""
    return Capital(
        capital_zone(scenario.charter.members[member].iso),
        scenario.model.of.get(member, scenario.model.habits),
    )


def next_open(at: datetime, zone: str, office: tuple[int, int]) -> datetime:
    """Return the first instant within office hours from an instant on, in UTC.

    Parameters
    ----------
    office
        From which hour to which, of the local clock, on every day of the week.
        From a later hour to an earlier one is through the night; from an hour
        to the same one is always, as from 0 to 24.

    Examples
    --------
    >>> at = datetime(2026, 1, 17, 21, 30, tzinfo=UTC)
    >>> next_open(at, "Europe/Copenhagen", (8, 20)).isoformat()
    '2026-01-18T07:00:00+00:00'
    """
    first, last = office
    local = at.astimezone(_zone(zone))
    hour = local.hour
    if first == last or (first <= hour < last if first < last else hour >= first or hour < last):
        return at.astimezone(UTC)
    day = local.replace(hour=first, minute=0, second=0, microsecond=0, fold=0)
    if hour >= first:
        day += timedelta(days=1)
    return day.astimezone(UTC)


def late(capital: Capital, asked_at: datetime, expires: datetime | None) -> Fraction:
    """Return how likely a capital's answer comes only when it is too late, exactly."""
    if expires is None:
        return Fraction(0)
    least, most = capital.habits.consult
    low, high = least, most + 1
    while low < high:  # the later consulted, the later answered: halve where it turns
        middle = (low + high) // 2
        if capital.opens(asked_at + timedelta(minutes=middle)) >= expires:
            high = middle
        else:
            low = middle + 1
    return Fraction(most + 1 - low, most + 1 - least)


def how_long(minutes: int) -> str:
    """Return a length of time as a band, in words."""
    return next((words for most, words in _LENGTHS if minutes < most), "more than a day")


@cache
def _zone(name: str) -> ZoneInfo:
    """Return a zone, read once: `ZoneInfo` itself keeps but the last eight."""
    return ZoneInfo(name)
