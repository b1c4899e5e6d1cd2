"""Findings for spreadsheets: CSV as held, Excel as shown, and nothing that can run."""

from __future__ import annotations

import csv as _csv
import io
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from comity.examine import rounding
from comity.examine.finding import Cell, Column, Finding, Quantity, Table, text
from comity.report.packed import packed
from comity.report.sections import sections

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv(finding: Finding, table: str = "") -> str:
    """Return one table of a finding as CSV, every number as it is held, unrounded.

    A column `x` of quantities becomes `x`, `x_low`, `x_high`, `x_unit`, `x_year`
    and `x_id`. Missing is empty. Words that a spreadsheet would take for a
    formula get an apostrophe before them.

    Parameters
    ----------
    table
        Name of the table; the main one where left out.

    Examples
    --------
    >>> from comity.examine.finding import Column, Finding, Quantity, Table
    >>> crews = Table("crews", "Crews", (
    ...     Column("member", "Member", ("Arden", "=Brill")),
    ...     Column("crews", "Crews", (Quantity(7, 6, 9, id="crews:ARD"), None))))
    >>> print(csv(Finding("?", "7.", (crews,))), end="")
    member,crews,crews_low,crews_high,crews_unit,crews_year,crews_id
    Arden,7,6,9,,,crews:ARD
    '=Brill,,,,,,
    """
    out = io.StringIO()
    writer = _csv.writer(out, lineterminator="\n")
    columns = [_flat(column) for column in finding.table(table).columns]
    writer.writerow([_safe(key) for flat in columns for key in flat[0]])
    for cells in zip(*(flat[1] for flat in columns), strict=True):
        writer.writerow([_held(value) for part in cells for value in part])
    return out.getvalue()


def _flat(column: Column) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Return a column's keys and its cells, a quantity spread over six."""
    if not any(isinstance(cell, Quantity) for cell in column.values):
        return (column.key,), [(cell,) for cell in column.values]
    keys = (column.key, *(f"{column.key}_{end}" for end in ("low", "high", "unit", "year", "id")))
    return keys, [
        (c.value, c.low, c.high, c.unit, c.year, c.id)
        if isinstance(c, Quantity)
        else (c, None, None, None, None, None)
        for c in column.values
    ]


def _held(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str):
        return _safe(cell)
    if isinstance(cell, Fraction):
        # 3/5 would be read as a day in May.
        return repr(float(cell)) if cell.denominator != 1 else str(cell)
    return str(cell)


def _safe(word: str) -> str:
    # A lone return would end the row for many readers.
    plain = word.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{plain}" if word.startswith(_STARTS_FORMULA) else plain


def xlsx(finding: Finding) -> bytes:
    """Return a finding as an Excel workbook: the answer, a sheet a table, a sheet of sources.

    Numbers are numbers, rounded to the digits that their range carries; the CSV
    and JSON forms hold them unrounded.
    """
    from openpyxl import Workbook

    book = Workbook()
    first = book.active
    answer: Worksheet = first if first is not None else book.create_sheet()
    answer.title = "Answer"
    _write(answer, [[finding.question], [finding.sentence]], bold=(1,), widths=[100])
    rows: list[list[Any]] = []
    heads: list[int] = []
    for section in sections(finding):
        if section.title != "Sources":
            rows += [[], [section.title]]
            heads.append(2 + len(rows))
            rows += [[item] for item in section.items]
    _write(answer, rows, start=3, bold=tuple(heads), widths=[100])
    used = {"answer", "sources"}
    for table in finding.tables:
        name = _sheet_name(table.name, used)
        _table(book.create_sheet(name), table)
    sources: list[list[Any]] = [["Id", "Title", "Publisher", "Where", "Vintage", "Licence"]]
    sources += [
        [s.id, s.title, s.publisher, s.where, s.vintage, s.licence] for s in finding.sources
    ]
    sheet = book.create_sheet("Sources")
    _write(sheet, sources, bold=(1,), widths=[18, 44, 24, 44, 12, 16])
    sheet.freeze_panes = "A2"
    book.properties.creator = "Comity"
    book.properties.title = finding.question
    out = io.BytesIO()
    book.save(out)
    return packed(out.getvalue())


def _sheet_name(name: str, used: set[str]) -> str:
    """Return a name that Excel accepts and no other sheet has."""
    plain = "".join("-" if c in "[]:*?/\\'" else c for c in name)[:28] or "table"
    chosen, number = plain, 2
    while chosen.lower() in used:
        chosen, number = f"{plain}-{number}", number + 1
    used.add(chosen.lower())
    return chosen


def _table(sheet: Worksheet, table: Table) -> None:
    heads: list[str] = []
    columns: list[list[Any]] = []
    widths: list[int] = []
    for column in table.columns:
        if any(isinstance(cell, Quantity) for cell in column.values):
            quantities = [c if isinstance(c, Quantity) else None for c in column.values]
            units = {q.unit for q in quantities if q is not None and q.known}
            unit = column.unit or (units.pop() if len(units) == 1 else "")
            name = f"{column.title} ({unit})" if unit else column.title
            heads += [name, f"{name}, low", f"{name}, high"]
            cut = [
                None if q is None or q.value is None else rounding.rounded(q.value, q.low, q.high)
                for q in quantities
            ]
            columns.append(
                [
                    _shown(cell)
                    if q is None
                    else rounding.NOT_KNOWN
                    if r is None
                    else _as_number(r.value)
                    for cell, q, r in zip(column.values, quantities, cut, strict=True)
                ]
            )
            columns.extend(
                [
                    None if q is None or r is None or q.low is None else _as_number(getattr(r, end))
                    for q, r in zip(quantities, cut, strict=True)
                ]
                for end in ("low", "high")
            )
            widths += [18, 16, 16]
            if units:
                heads.append(f"{column.title}, unit")
                columns.append([q.unit if q else None for q in quantities])
                widths.append(14)
            heads += [f"{column.title}, year", f"{column.title}, figure"]
            columns.append([q.year if q else None for q in quantities])
            columns.append([q.id if q else None for q in quantities])
            widths += [12, 34]
        else:
            heads.append(f"{column.title} ({column.unit})" if column.unit else column.title)
            columns.append([_shown(cell) for cell in column.values])
            longest = max((len(text(cell)) for cell in column.values), default=0)
            widths.append(min(60, max(10, longest + 2, len(column.title) + 2)))
    rows = [list(row) for row in zip(*columns, strict=True)]
    bold = (1, *(total + 2 for total in table.totals))
    _write(sheet, [heads, *rows], bold=bold, widths=widths)
    sheet.freeze_panes = "B2"


def _as_number(number: Any) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def _shown(cell: Cell) -> Any:
    if cell is None:
        return rounding.NOT_KNOWN
    if isinstance(cell, float | Fraction) and not isinstance(cell, bool):
        return _as_number(rounding.rounded(cell).value)
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return str(cell) if isinstance(cell, Quantity) else cell


def _write(
    sheet: Worksheet,
    rows: list[list[Any]],
    *,
    start: int = 1,
    bold: tuple[int, ...] = (),
    widths: list[int],
) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    for r, row in enumerate(rows, start):
        for c, value in enumerate(row, 1):
            cell = sheet.cell(r, c)
            cell.value = value
            if isinstance(value, str):
                # Text stays text, whatever it begins with.
                cell.data_type = "s"
                cell.alignment = Alignment(wrap_text=True, vertical="top")
            elif isinstance(value, int) and abs(value) >= 10_000:
                cell.number_format = "#,##0"
            if r in bold:
                cell.font = Font(bold=True)
    for c, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(c)].width = width
