"""A user's CSV or Excel file as rows of text, bounded before it is believed.

Files are untrusted: size, rows, columns and cells are bounded, a workbook is measured before it
is unpacked, formulas are refused.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from comity.errors import EvidenceError

__all__ = [
    "MOST_BYTES",
    "MOST_CELL",
    "MOST_COLUMNS",
    "MOST_ROWS",
    "MOST_UNPACKED",
    "Sheet",
    "read_sheet",
    "wrong",
]

MOST_BYTES, MOST_UNPACKED = 20 * 2**20, 60 * 2**20
MOST_ROWS, MOST_COLUMNS, MOST_CELL = 200_000, 200, 2_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as text: its rows with the number each has in the file."""

    rows: tuple[tuple[int, tuple[str, ...]], ...]
    name: str


def _letter(column: int) -> str:
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def wrong(row: int, column: int | str, what: str, hint: str) -> EvidenceError:
    """Return the fault of a cell, with its row and column."""
    place = column if isinstance(column, str) else _letter(column)
    return EvidenceError(f"row {row}, column {place}: {what}", hint=hint)


def _read_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise EvidenceError(
            f"{path.name} cannot be read: {error.strerror or error}",
            hint="check the path, and that the file may be read",
        ) from None
    if len(raw) > MOST_BYTES:
        raise EvidenceError(
            f"{path.name} is larger than {MOST_BYTES // 2**20} MiB",
            hint="keep only the rows and columns you need",
        )
    return raw


def _check_shape(number: int, cells: Sequence[str]) -> None:
    if number > MOST_ROWS:
        raise EvidenceError(
            f"the table has more than {MOST_ROWS:,} rows", hint="keep only the rows you need"
        )
    if len(cells) > MOST_COLUMNS:
        raise EvidenceError(
            f"row {number} has {len(cells):,} columns; {MOST_COLUMNS} is the most",
            hint="keep only the columns you need",
        )
    for place, cell in enumerate(cells):
        if len(cell) > MOST_CELL:
            raise wrong(number, place, f"a cell of {len(cell):,} characters", "shorten the cell")
        if cell.startswith("="):
            raise wrong(
                number, place, f"a formula, {cell[:40]!r}", "save the values instead of formulas"
            )


def _csv_rows(raw: bytes, name: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1)
        field = raw[: error.start].rsplit(b"\n", 1)[-1].count(b",")
        raise wrong(
            line,
            field,
            f"byte {column + 1} of the line is not UTF-8",
            "save the file as CSV UTF-8 and import it again",
        ) from None
    if "\0" in text:
        raise EvidenceError(f"{name} holds zero bytes and is no CSV", hint="save it as CSV UTF-8")
    first = text[:4096].split("\n", 1)[0]
    mark = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    try:
        for cells in reader:
            stripped = tuple(cell.strip() for cell in cells)
            _check_shape(reader.line_num, stripped)
            yield reader.line_num, stripped
    except csv.Error as error:
        raise EvidenceError(
            f"row {reader.line_num} cannot be read as CSV: {error}",
            hint="check the quotation marks in that row",
        ) from None


def _excel_rows(raw: bytes, name: str, sheet: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
            if unpacked > MOST_UNPACKED or len(archive.infolist()) > 1_000:
                raise EvidenceError(
                    f"{name} unpacks to {unpacked // 2**20} MiB; "
                    f"{MOST_UNPACKED // 2**20} MiB is the most",
                    hint="save only the sheet you need, as CSV",
                )
            # The declared sizes may lie: measure what truly comes out before parsing it.
            left = MOST_UNPACKED
            for item in archive.infolist():
                with archive.open(item) as member:
                    while chunk := member.read(1 << 20):
                        left -= len(chunk)
                        if left < 0:
                            raise EvidenceError(
                                f"{name} unpacks to more than {MOST_UNPACKED // 2**20} MiB",
                                hint="save only the sheet you need, as CSV",
                            )
                content = archive.read(item)
                if b"<!DOCTYPE" in content or b"<!ENTITY" in content or _is_wide_xml(content):
                    raise EvidenceError(
                        f"{name} declares XML entities or an odd encoding, which no workbook needs",
                        hint="save the sheet as CSV",
                    )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise _no_workbook(name) from None
    except Exception as error:
        if isinstance(error, EvidenceError):
            raise
        raise _no_workbook(name) from None  # zlib.error and the like

    import warnings

    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=False)
            if sheet and sheet not in book.sheetnames:
                raise EvidenceError(
                    f"{name} has no sheet {sheet!r}",
                    hint="its sheets are: " + ", ".join(book.sheetnames[:20]),
                )
            page = book[sheet] if sheet else book[book.sheetnames[0]]
            for number, row in enumerate(
                page.iter_rows(values_only=True, max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS + 1),
                start=1,
            ):
                if all(value is None for value in row):
                    continue
                if row[MOST_COLUMNS:] and row[MOST_COLUMNS] is not None:
                    _check_shape(number, [""] * len(row))
                cells = tuple(_cell(value) for value in row[:MOST_COLUMNS])
                _check_shape(number, cells)
                yield number, cells
            book.close()
    except EvidenceError:
        raise
    except Exception:
        # openpyxl raises whatever its parsers raise on a damaged file.
        raise _no_workbook(name) from None


def _is_wide_xml(content: bytes) -> bool:
    """XML in 16 or 32 bits a sign, which would hide what is looked for above."""
    return content[:2] in (b"\xff\xfe", b"\xfe\xff") or content[:4].count(0) > 0 < (
        content[:8].count(b"<")
    )


def _no_workbook(name: str) -> EvidenceError:
    return EvidenceError(
        f"{name} is not a workbook that can be read",
        hint="open it in a spreadsheet program and save it anew, as .xlsx or as CSV UTF-8",
    )


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip()


def read_sheet(path: Path, sheet: str) -> Sheet:
    """Read a file's rows that are not empty; of a workbook, one sheet or the first."""
    raw = _read_bytes(path)
    if path.suffix.lower() in (".xlsx", ".xlsm") or raw[:4] == b"PK\x03\x04":
        rows = tuple(_excel_rows(raw, path.name, sheet))
    elif raw[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise EvidenceError(
            f"{path.name} is a workbook of the old kind (.xls)",
            hint="save it as .xlsx or CSV UTF-8",
        )
    else:
        rows = tuple(_csv_rows(raw, path.name))
    filled = tuple((n, cells) for n, cells in rows if any(cells))
    if not filled:
        raise EvidenceError(f"{path.name} has no rows", hint="check that it is the right file")
    return Sheet(filled, path.name)
