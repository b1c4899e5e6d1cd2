"""Holdings by country and kind of equipment, as the IISS and other yearbooks print them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from comity.errors import EvidenceError
from comity.evidence import shelf
from comity.evidence.imports.cells import (
    Row,
    checked_value,
    header_at,
    number_in,
    subject_in,
    year_in,
)
from comity.evidence.imports.sheet import Sheet, wrong

__all__ = ["holdings"]

_KINDS = {
    "active": "active_personnel", "active personnel": "active_personnel",
    "tanks": "tanks", "main battle tanks": "tanks", "mbt": "tanks",
    "ifv": "infantry_fighting_vehicles", "infantry fighting vehicles": "infantry_fighting_vehicles",
    "artillery": "artillery", "air defence": "air_defence_systems",
    "combat aircraft": "combat_aircraft", "attack helicopters": "attack_helicopters",
    "surface combatants": "surface_combatants", "submarines": "submarines",
}  # fmt: skip


def holdings(sheet: Sheet, options: Mapping[str, str]) -> Iterator[Row]:
    """Countries down, kinds of equipment across, for one year: a table copied from a yearbook."""
    at = header_at(sheet, ("country",), "holdings")
    number, head = sheet.rows[at]
    lower = [t.lower() for t in head]
    column = lower.index("country")
    if not options.get("year"):
        raise EvidenceError("the table has no year", hint="say it with --year 2025")
    year = year_in(options["year"], number, "--year")
    kinds: dict[int, str] = {}
    for p, text in enumerate(lower):
        if p == column or not text:
            continue
        measure = _KINDS.get(text) or (text if text in shelf.measures() else "")
        if not measure:
            raise wrong(
                number, p, f"{head[p][:40]!r} is not a kind of holding",
                "the columns are: country, " + ", ".join(sorted(_KINDS)),
            )  # fmt: skip
        kinds[p] = measure
    for row, cells in sheet.rows[at + 1 :]:
        name = cells[column] if column < len(cells) else ""
        if not name:
            continue
        subject = subject_in(name, row, column, names=True)
        for p, measure in kinds.items():
            value = checked_value(
                measure, number_in(cells[p] if p < len(cells) else "", row, p), row, p
            )
            if value is not None:
                yield Row(row, measure, subject, year, value, value, value)
