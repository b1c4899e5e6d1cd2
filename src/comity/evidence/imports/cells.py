"""What a cell says: a number within its measure's bounds, a year, a state; and a row of them."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from comity.errors import EvidenceError
from comity.evidence import places, shelf
from comity.evidence.imports.sheet import Sheet, wrong

__all__ = [
    "FIRST_YEAR",
    "LAST_YEAR",
    "NUMBER",
    "Row",
    "checked_value",
    "header_at",
    "number_in",
    "subject_in",
    "year_in",
]

FIRST_YEAR, LAST_YEAR = 1900, 2100
NUMBER = re.compile(
    r"[+-]?([0-9]{1,20}|[0-9]{1,3}(,[0-9]{3}){1,6})(\.[0-9]{1,12})?([eE][+-]?[0-9]{1,2})?"
)

_NOTHING = frozenset({"", "..", "...", "xxx", ". .", "n/a", "na", "-", "–"})


def number_in(text: str, row: int, column: int | str) -> float | None:
    """Return the number that a cell holds; None where it says that there is none."""
    if text.lower() in _NOTHING:
        return None
    if not NUMBER.fullmatch(text):
        raise wrong(
            row, column, f"{text[:40]!r} is not a number",
            "write plain digits with a point, or leave the cell empty where it is missing",
        )  # fmt: skip
    plain = text.replace(",", "")
    number = float(plain)
    if not math.isfinite(number):
        raise wrong(row, column, f"{text[:40]!r} is not a number", "write plain digits")
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def checked_value(measure: str, number: float | None, row: int, column: int | str) -> float | None:
    """Return a number if it is possible for a measure, in its unit."""
    if number is None:
        return None
    m = shelf.measures()[measure]
    if not m.lowest <= number <= m.highest:
        raise wrong(
            row, column,
            f"{number:,} {m.unit} is impossible for {measure}",
            f"it must lie between {m.lowest:,} and {m.highest:,} {m.unit}; check the unit",
        )  # fmt: skip
    if m.whole and number != int(number):
        raise wrong(row, column, f"{number} is not a whole number of {m.unit}", "check the unit")
    return number


def year_in(text: str, row: int, column: int | str) -> int:
    """Return the year that a cell holds."""
    if not re.fullmatch(r"[0-9]{4}", text) or not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise wrong(
            row, column, f"{text[:40]!r} is not a year",
            f"write four digits between {FIRST_YEAR} and {LAST_YEAR}",
        )  # fmt: skip
    return int(text)


@functools.cache
def _names() -> Mapping[str, str]:
    """Names of states as tables write them, in lower case, with their codes."""
    found = {}
    for row in shelf.rows("countries.csv"):
        for name in (row["name"], row["official_name_un"]):
            if name:
                found[name.lower()] = row["iso3"]
    others = {
        "united kingdom": "GBR", "united states of america": "USA", "united states": "USA",
        "turkey": "TUR", "türkiye": "TUR", "russia": "RUS", "czech republic": "CZE",
        "korea, south": "KOR", "south korea": "KOR", "korea, north": "PRK",
        "north korea": "PRK", "iran": "IRN", "syria": "SYR", "viet nam": "VNM",
        "bosnia and herzegovina": "BIH", "moldova": "MDA", "kosovo": "XKX", "taiwan": "TWN",
        "cote d'ivoire": "CIV", "côte d'ivoire": "CIV", "laos": "LAO", "brunei": "BRN",
        "congo, dr": "COD", "dr congo": "COD", "congo, republic": "COG", "tanzania": "TZA",
        "venezuela": "VEN", "bolivia": "BOL", "cape verde": "CPV", "swaziland": "SWZ",
        "macedonia": "MKD", "north macedonia": "MKD", "uae": "ARE", "gambia, the": "GMB",
        "kyrgyz republic": "KGZ", "slovak republic": "SVK", "timor leste": "TLS",
    }  # fmt: skip
    return {**found, **others}


def subject_in(text: str, row: int, column: int | str, *, names: bool) -> str:
    """Return the code of the state that a cell names; by its name only if `names`."""
    if text in places.countries():
        return text
    code = _names().get(text.lower()) if names else None
    if code is None:
        kind = "a country code or name we know" if names else "an ISO 3166-1 alpha-3 code"
        raise wrong(
            row, column, f"{text[:60]!r} is not {kind}",
            "write the three-letter code, such as DEU; XKX is Kosovo",
        )  # fmt: skip
    return code


def header_at(sheet: Sheet, wanted: Sequence[str], kind: str, within: int = 30) -> int:
    """Return the place among the rows of the one that holds all wanted column names."""
    for place, (_, cells) in enumerate(sheet.rows[:within]):
        have = {c.lower() for c in cells}
        if all(w in have for w in wanted):
            return place
    first = sheet.rows[0]
    have = {c.lower() for c in first[1]}
    lacking = [w for w in wanted if w not in have]
    raise EvidenceError(
        f"row {first[0]}: {sheet.name} has no column {lacking[0]!r}",
        hint=f"a table of the format {kind} needs the columns: " + ", ".join(wanted),
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One figure as read, with where it stood."""

    row: int
    measure: str
    subject: str
    year: int
    low: float | None
    value: float | None
    high: float | None
    caveat: str = ""
    known_from: date | None = None
