"""Totals by country of the Kiel Institute's Ukraine Support Tracker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from comity.errors import EvidenceError
from comity.evidence.imports.cells import Row, checked_value, number_in, subject_in, year_in
from comity.evidence.imports.sheet import Sheet, wrong

__all__ = ["kiel"]


def kiel(sheet: Sheet, options: Mapping[str, str]) -> Iterator[Row]:
    """Country totals of the Ukraine Support Tracker, in billion euro."""
    wanted = options.get("column") or "total bilateral allocations"
    at = None
    for place, (_, cells) in enumerate(sheet.rows[:30]):
        lower = [c.lower() for c in cells]
        if "country" in lower and any(wanted.lower() in c for c in lower):
            at = place
            break
    if at is None:
        raise EvidenceError(
            f"no row of {sheet.name} holds the columns 'Country' and {wanted[:60]!r}",
            hint="name the column of the totals with --column",
        )
    number, head = sheet.rows[at]
    lower = [t.lower() for t in head]
    column = lower.index("country")
    totals = [p for p, t in enumerate(lower) if wanted.lower() in t]
    if len(totals) > 1:
        raise wrong(
            number, totals[1], f"{len(totals)} columns fit {wanted[:60]!r}",
            "name the one you mean with --column, in full",
        )  # fmt: skip
    if "billion" not in lower[totals[0]] and options.get("unit") != "billion €":
        raise wrong(
            number, totals[0], "the column does not say that it is in billion euro",
            'if it is, say so with --unit "billion €"',
        )  # fmt: skip
    if not options.get("year"):
        raise EvidenceError(
            "the tracker's totals have no year of their own",
            hint="say the year of the release with --year 2025",
        )
    year = year_in(options["year"], number, "--year")
    for row, cells in sheet.rows[at + 1 :]:
        if max(column, totals[0]) >= len(cells) or not cells[column]:
            continue
        name = cells[column]
        if name.lower().startswith(("total", "eu ", "european")):
            continue
        read = number_in(cells[totals[0]], row, totals[0])
        if read is None:
            continue
        value = checked_value("aid_to_ukraine", round(read * 1e9), row, totals[0])
        yield Row(
            row, "aid_to_ukraine", subject_in(name, row, column, names=True), year,
            value, value, value,
        )  # fmt: skip
