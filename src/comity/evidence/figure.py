"""One number with its range, unit, year, source, licence and caveats; and its name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from comity.errors import EvidenceError

__all__ = ["Figure", "Measure", "Source", "figure_id", "parse_date", "split_id"]

_PART = re.compile(r"[A-Za-z0-9_./-]{1,80}")
_YEAR = re.compile(r"[12][0-9]{3}")


@dataclass(frozen=True, slots=True)
class Source:
    """Where figures come from, and on what terms."""

    id: str
    title: str
    publisher: str
    where: str
    vintage: str
    published: date
    retrieved: date | None
    licence: str
    note: str = ""
    rank: int = 50
    """Among sources for the same year the lowest rank is taken; imports have 0."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What is measured, in which unit, and what a value may be."""

    id: str
    title: str
    unit: str
    about: str
    lowest: float
    highest: float
    whole: bool
    max_age: int
    """A figure more years older than the newest of its measure is not used in totals."""
    additive: bool = True
    stand_in: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that carries its range, unit, source, licence and caveats.

    A figure whose `value` is None is *missing*, which is never zero: its caveats
    say why, and its `low` or `high` may still bound it. For a figure that was
    computed, `formula` says how, `inputs` name the figures used and `missing`
    the members that had none; range and value are then of the known part.
    """

    id: str
    subject: str
    measure: str
    year: int
    low: float | None
    value: float | None
    high: float | None
    unit: str
    source: str
    retrieved: date | None
    licence: str
    known_from: date
    formula: str = ""
    caveats: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def is_missing(self) -> bool:
        """True when there is no value."""
        return self.value is None

    @property
    def is_partial(self) -> bool:
        """True when members had no value, so that the number is of the known part only."""
        return bool(self.missing)

    def to_json(self) -> dict[str, object]:
        """Return the figure as plain values; dates as ISO 8601."""
        return {
            "id": self.id,
            "subject": self.subject,
            "measure": self.measure,
            "year": self.year,
            "low": self.low,
            "value": self.value,
            "high": self.high,
            "unit": self.unit,
            "source": self.source,
            "retrieved": self.retrieved.isoformat() if self.retrieved else None,
            "licence": self.licence,
            "known_from": self.known_from.isoformat(),
            "formula": self.formula,
            "caveats": list(self.caveats),
            "inputs": list(self.inputs),
            "missing": list(self.missing),
        }


def figure_id(measure: str, subject: str, year: int, source: str) -> str:
    """Return the name of a published figure.

    Examples
    --------
    >>> figure_id("population", "DEU", 2024, "wb-wdi")
    'population:DEU:2024:wb-wdi'
    """
    return f"{measure}:{subject}:{year}:{source}"


def split_id(text: str) -> tuple[str, str, int, str]:
    """Take the name of a published figure apart: measure, subject, year, source.

    Examples
    --------
    >>> split_id("population:DEU:2024:wb-wdi")
    ('population', 'DEU', 2024, 'wb-wdi')
    """
    parts = text.split(":")
    if len(parts) != 4 or not all(_PART.fullmatch(p) for p in parts):
        raise EvidenceError(
            f"{text[:120]!r} is not the name of a figure",
            hint="a figure is called measure:subject:year:source, "
            "for example population:DEU:2024:wb-wdi",
        )
    measure, subject, year, source = parts
    if not _YEAR.fullmatch(year):
        raise EvidenceError(
            f"{year!r} in {text[:120]!r} is not a year",
            hint="a figure is called measure:subject:year:source, "
            "for example population:DEU:2024:wb-wdi",
        )
    return measure, subject, int(year), source


def parse_date(text: str, *, what: str = "the date") -> date:
    """Read an ISO date such as 2026-01-20."""
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise EvidenceError(
            f"{what} is {text[:40]!r}, which is not a date",
            hint="write it as year-month-day, for example 2026-01-20",
        ) from None
