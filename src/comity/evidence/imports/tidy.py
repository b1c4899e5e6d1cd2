"""Our own format: one figure a row, with its measure, subject, year and unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from comity.errors import EvidenceError
from comity.evidence import shelf
from comity.evidence.figure import parse_date
from comity.evidence.imports.cells import (
    Row,
    checked_value,
    header_at,
    number_in,
    subject_in,
    year_in,
)
from comity.evidence.imports.sheet import Sheet, wrong

__all__ = ["tidy"]

_COLUMNS = ("subject", "measure", "year", "value", "unit")
_MORE = ("low", "high", "caveat", "known_from", "source", "retrieved", "licence")


def tidy(sheet: Sheet, _options: Mapping[str, str]) -> Iterator[Row]:
    """Columns by name, in any order; a column that is not known is a fault."""
    at = header_at(sheet, _COLUMNS, "tidy", within=1)
    number, head = sheet.rows[at]
    columns: dict[str, int] = {}
    for place, text in enumerate(head):
        key = text.lower()
        if not key and not any(len(c) > place and c[place] for _, c in sheet.rows[at + 1 :]):
            continue
        if key not in _COLUMNS + _MORE:
            raise wrong(
                number, place, f"a column {text[:40]!r} is not known",
                "the columns are: " + ", ".join(_COLUMNS + _MORE),
            )  # fmt: skip
        if key in columns:
            raise wrong(number, place, f"the column {key!r} stands there twice", "remove one")
        columns[key] = place
    for row, cells in sheet.rows[at + 1 :]:
        got = {k: cells[p] if p < len(cells) else "" for k, p in columns.items()}
        extra = [p for p in range(len(head), len(cells)) if cells[p]]
        if extra:
            raise wrong(row, extra[0], "a cell beyond the last column", "check the commas")
        measure = got["measure"]
        if measure not in shelf.measures():
            raise wrong(
                row, "measure", f"{measure[:40]!r} is not a measure",
                "see what can be measured with: comity evidence list --all",
            )  # fmt: skip
        m = shelf.measures()[measure]
        if got["unit"] != m.unit:
            raise wrong(
                row, "unit", f"{measure} is in {m.unit}, not in {got['unit'][:40]!r}",
                f"convert the numbers and write {m.unit}",
            )  # fmt: skip
        low, value, high = (
            checked_value(measure, number_in(got.get(k, ""), row, k), row, k)
            for k in ("low", "value", "high")
        )
        for smaller, larger, place_name in (
            (low, value, "low"),
            (value, high, "high"),
            (low, high, "high"),
        ):
            if smaller is not None and larger is not None and smaller > larger:
                raise wrong(
                    row, place_name, "low, value and high are not in order",
                    "low must not exceed value, nor value high",
                )  # fmt: skip
        known = got.get("known_from", "")
        try:
            day = parse_date(known) if known else None
        except EvidenceError:
            raise wrong(
                row, "known_from", f"{known[:40]!r} is not a date", "write it as 2026-01-20"
            ) from None
        yield Row(
            row, measure, subject_in(got["subject"], row, "subject", names=False),
            year_in(got["year"], row, "year"), low, value, high, got.get("caveat", ""), day,
        )  # fmt: skip
