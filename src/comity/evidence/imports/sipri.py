"""Tables of SIPRI: military expenditure by country and year, and registers of arms orders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from comity.errors import EvidenceError
from comity.evidence.imports.cells import (
    FIRST_YEAR,
    LAST_YEAR,
    NUMBER,
    Row,
    checked_value,
    header_at,
    number_in,
    subject_in,
    year_in,
)
from comity.evidence.imports.sheet import MOST_CELL, Sheet

__all__ = ["sipri_milex", "sipri_trade"]

_UNITS = {"million": 1e6, "billion": 1e9, "us$": 1.0}


def sipri_milex(sheet: Sheet, options: Mapping[str, str]) -> Iterator[Row]:
    """Countries down, years across; in current US$ or as a share of GDP."""
    place = header_at(sheet, ("country",), "sipri-milex")
    number, head = sheet.rows[place]
    years = {
        p: int(t) for p, t in enumerate(head)
        if re.fullmatch(r"[12][0-9]{3}", t) and FIRST_YEAR <= int(t) <= LAST_YEAR
    }  # fmt: skip
    if not years:
        raise EvidenceError(
            f"row {number}: no column is a year", hint="the years stand in the row of 'Country'"
        )
    unit = options.get("unit", "")
    if not unit:
        raise EvidenceError(
            "the sheet does not say its unit where a program could be sure of it",
            hint='say it with --unit: "million US$" (current), "% of GDP" or "fraction of GDP"',
        )
    factor = _UNITS.get(unit.split(" ")[0].lower(), 0.0) if unit.endswith("US$") else 0.0
    if unit in ("% of GDP", "fraction of GDP"):
        measure = "military_expenditure_share"
    elif factor:
        measure = "military_expenditure"
    else:
        raise EvidenceError(
            f"{unit[:40]!r} is not a unit of this format",
            hint='it is "US$", "million US$", "billion US$", "% of GDP" or "fraction of GDP"',
        )
    column = [t.lower() for t in head].index("country")
    if unit == "% of GDP" and _only_fractions(sheet, place, years):
        raise EvidenceError(
            f"no value of {sheet.name} is above 1, so it may hold fractions and not per cent",
            hint='if 0.02 means 2 %, say --unit "fraction of GDP"; else write a % sign',
        )
    for row, cells in sheet.rows[place + 1 :]:
        name = cells[column] if column < len(cells) else ""
        values = [(p, y) for p, y in years.items() if p < len(cells) and cells[p]]
        if not name or not values:
            continue  # a region's heading or a footnote
        subject = subject_in(name, row, column, names=True)
        for p, year in values:
            text = cells[p].removesuffix("%").strip()
            number_read = number_in(text, row, p)
            if number_read is None:
                continue
            if measure == "military_expenditure":
                number_read = round(number_read * factor)
            elif unit == "fraction of GDP":
                number_read = number_read * 100
            value = checked_value(measure, number_read, row, p)
            yield Row(row, measure, subject, year, value, value, value)


def _only_fractions(sheet: Sheet, place: int, years: Mapping[int, int]) -> bool:
    """Say whether all values are at most 1 and none has a per cent sign: SIPRI's workbook is so."""
    cells = [c[p] for _, c in sheet.rows[place + 1 :] for p in years if p < len(c)]
    numbers = [float(t.replace(",", "")) for t in cells if NUMBER.fullmatch(t)]
    signs = any(t.endswith("%") for t in cells)
    return bool(numbers) and not signs and max(numbers) <= 1


def sipri_trade(sheet: Sheet, _options: Mapping[str, str]) -> Iterator[Row]:
    """Lines of a trade register: orders counted by recipient and year of order."""
    at = header_at(sheet, ("recipient", "supplier"), "sipri-trade")
    _, head = sheet.rows[at]
    lower = [t.lower() for t in head]
    year_at = next((p for p, t in enumerate(lower) if t.startswith("year") and "order" in t), None)
    if year_at is None:
        raise EvidenceError(
            f"row {sheet.rows[at][0]}: {sheet.name} has no column 'Year of order'",
            hint="a trade register has the columns: Recipient, Supplier, Year of order",
        )
    to, by = lower.index("recipient"), lower.index("supplier")
    orders: dict[tuple[str, int], dict[str, int]] = {}
    first: dict[tuple[str, int], int] = {}
    for row, cells in sheet.rows[at + 1 :]:
        if max(to, by, year_at) >= len(cells) or not cells[to] or not cells[by]:
            continue
        subject = subject_in(cells[to], row, to, names=True)
        year = year_in(cells[year_at].strip("()"), row, year_at)
        line = orders.setdefault((subject, year), {})
        line[cells[by]] = line.get(cells[by], 0) + 1
        first.setdefault((subject, year), row)
    for (subject, year), suppliers in orders.items():
        words = ", ".join(f"{n} from {s}" for s, n in sorted(suppliers.items()))
        count = sum(suppliers.values())
        yield Row(
            first[subject, year], "arms_orders_from_supplier", subject, year, count, count, count,
            f"orders by supplier: {words}"[:MOST_CELL],
        )  # fmt: skip
