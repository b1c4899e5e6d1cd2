"""Bring in what a user holds: tidy tables, SIPRI, Kiel and IISS-like tables.

Files are untrusted: size, rows, columns and cells are bounded, a workbook is
measured before it is unpacked, formulas are refused. Every fault names its row
and column; the first fault ends the import, and nothing is changed. What is
imported is kept outside the repository, one file a source.

Reference: docs/howto/bring-your-own-data.md.
"""

from __future__ import annotations

import csv
import functools
import io
import json
import math
import os
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from comity.errors import EvidenceError
from comity.evidence import places, shelf
from comity.evidence.figure import Figure, Source, figure_id, parse_date

__all__ = ["FORMATS", "Imported", "folder_of", "read_file", "store", "stored"]

MOST_BYTES, MOST_UNPACKED = 20 * 2**20, 60 * 2**20
MOST_ROWS, MOST_COLUMNS, MOST_CELL = 200_000, 200, 2_000
FIRST_YEAR, LAST_YEAR = 1900, 2100
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")
_NUMBER = re.compile(
    r"[+-]?([0-9]{1,20}|[0-9]{1,3}(,[0-9]{3}){1,6})(\.[0-9]{1,12})?([eE][+-]?[0-9]{1,2})?"
)
_NOTHING = frozenset({"", "..", "...", "xxx", ". .", "n/a", "na", "-", "–"})


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file says, read and checked, before it is kept."""

    source: Source
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A table as text: its rows with the number each has in the file."""

    rows: tuple[tuple[int, tuple[str, ...]], ...]
    name: str


def folder_of(data: str | None = None) -> Path:
    """Return the folder for a user's own figures: given, COMITY_DATA, or the XDG data folder."""
    if data:
        return Path(data).expanduser() / "evidence"
    if os.environ.get("COMITY_DATA"):
        return Path(os.environ["COMITY_DATA"]).expanduser() / "evidence"
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "comity" / "evidence"


# Reading files


def _letter(column: int) -> str:
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def _wrong(row: int, column: int | str, what: str, hint: str) -> EvidenceError:
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
            raise _wrong(number, place, f"a cell of {len(cell):,} characters", "shorten the cell")
        if cell.startswith("="):
            raise _wrong(
                number, place, f"a formula, {cell[:40]!r}", "save the values instead of formulas"
            )


def _csv_rows(raw: bytes, name: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1)
        field = raw[: error.start].rsplit(b"\n", 1)[-1].count(b",")
        raise _wrong(
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


def _sheet(path: Path, sheet: str) -> _Sheet:
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
    return _Sheet(filled, path.name)


# Reading cells


def _number(text: str, row: int, column: int | str) -> float | None:
    if text.lower() in _NOTHING:
        return None
    if not _NUMBER.fullmatch(text):
        raise _wrong(
            row, column, f"{text[:40]!r} is not a number",
            "write plain digits with a point, or leave the cell empty where it is missing",
        )  # fmt: skip
    plain = text.replace(",", "")
    number = float(plain)
    if not math.isfinite(number):
        raise _wrong(row, column, f"{text[:40]!r} is not a number", "write plain digits")
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def _checked_value(measure: str, number: float | None, row: int, column: int | str) -> float | None:
    if number is None:
        return None
    m = shelf.measures()[measure]
    if not m.lowest <= number <= m.highest:
        raise _wrong(
            row, column,
            f"{number:,} {m.unit} is impossible for {measure}",
            f"it must lie between {m.lowest:,} and {m.highest:,} {m.unit}; check the unit",
        )  # fmt: skip
    if m.whole and number != int(number):
        raise _wrong(row, column, f"{number} is not a whole number of {m.unit}", "check the unit")
    return number


def _year(text: str, row: int, column: int | str) -> int:
    if not re.fullmatch(r"[0-9]{4}", text) or not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise _wrong(
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


def _subject(text: str, row: int, column: int | str, *, names: bool) -> str:
    if text in places.countries():
        return text
    code = _names().get(text.lower()) if names else None
    if code is None:
        kind = "a country code or name we know" if names else "an ISO 3166-1 alpha-3 code"
        raise _wrong(
            row, column, f"{text[:60]!r} is not {kind}",
            "write the three-letter code, such as DEU; XKX is Kosovo",
        )  # fmt: skip
    return code


def _header(sheet: _Sheet, wanted: Sequence[str], kind: str, within: int = 30) -> int:
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
class _Row:
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


# The formats


_TIDY = ("subject", "measure", "year", "value", "unit")
_TIDY_MORE = ("low", "high", "caveat", "known_from", "source", "retrieved", "licence")


def _tidy(sheet: _Sheet, _options: Mapping[str, str]) -> Iterator[_Row]:
    at = _header(sheet, _TIDY, "tidy", within=1)
    number, head = sheet.rows[at]
    columns: dict[str, int] = {}
    for place, text in enumerate(head):
        key = text.lower()
        if not key and not any(len(c) > place and c[place] for _, c in sheet.rows[at + 1 :]):
            continue
        if key not in _TIDY + _TIDY_MORE:
            raise _wrong(
                number, place, f"a column {text[:40]!r} is not known",
                "the columns are: " + ", ".join(_TIDY + _TIDY_MORE),
            )  # fmt: skip
        if key in columns:
            raise _wrong(number, place, f"the column {key!r} stands there twice", "remove one")
        columns[key] = place
    for row, cells in sheet.rows[at + 1 :]:
        got = {k: cells[p] if p < len(cells) else "" for k, p in columns.items()}
        extra = [p for p in range(len(head), len(cells)) if cells[p]]
        if extra:
            raise _wrong(row, extra[0], "a cell beyond the last column", "check the commas")
        measure = got["measure"]
        if measure not in shelf.measures():
            raise _wrong(
                row, "measure", f"{measure[:40]!r} is not a measure",
                "see what can be measured with: comity evidence list --all",
            )  # fmt: skip
        m = shelf.measures()[measure]
        if got["unit"] != m.unit:
            raise _wrong(
                row, "unit", f"{measure} is in {m.unit}, not in {got['unit'][:40]!r}",
                f"convert the numbers and write {m.unit}",
            )  # fmt: skip
        low, value, high = (
            _checked_value(measure, _number(got.get(k, ""), row, k), row, k)
            for k in ("low", "value", "high")
        )
        for smaller, larger, place_name in (
            (low, value, "low"),
            (value, high, "high"),
            (low, high, "high"),
        ):
            if smaller is not None and larger is not None and smaller > larger:
                raise _wrong(
                    row, place_name, "low, value and high are not in order",
                    "low must not exceed value, nor value high",
                )  # fmt: skip
        known = got.get("known_from", "")
        try:
            day = parse_date(known) if known else None
        except EvidenceError:
            raise _wrong(
                row, "known_from", f"{known[:40]!r} is not a date", "write it as 2026-01-20"
            ) from None
        yield _Row(
            row, measure, _subject(got["subject"], row, "subject", names=False),
            _year(got["year"], row, "year"), low, value, high, got.get("caveat", ""), day,
        )  # fmt: skip


_SIPRI_UNITS = {"million": 1e6, "billion": 1e9, "us$": 1.0}


def _sipri_milex(sheet: _Sheet, options: Mapping[str, str]) -> Iterator[_Row]:
    """Countries down, years across; in current US$ or as a share of GDP."""
    place = _header(sheet, ("country",), "sipri-milex")
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
    factor = _SIPRI_UNITS.get(unit.split(" ")[0].lower(), 0.0) if unit.endswith("US$") else 0.0
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
        subject = _subject(name, row, column, names=True)
        for p, year in values:
            text = cells[p].removesuffix("%").strip()
            number_read = _number(text, row, p)
            if number_read is None:
                continue
            if measure == "military_expenditure":
                number_read = round(number_read * factor)
            elif unit == "fraction of GDP":
                number_read = number_read * 100
            value = _checked_value(measure, number_read, row, p)
            yield _Row(row, measure, subject, year, value, value, value)


def _only_fractions(sheet: _Sheet, place: int, years: Mapping[int, int]) -> bool:
    """Say whether all values are at most 1 and none has a per cent sign: SIPRI's workbook is so."""
    cells = [c[p] for _, c in sheet.rows[place + 1 :] for p in years if p < len(c)]
    numbers = [float(t.replace(",", "")) for t in cells if _NUMBER.fullmatch(t)]
    signs = any(t.endswith("%") for t in cells)
    return bool(numbers) and not signs and max(numbers) <= 1


def _sipri_trade(sheet: _Sheet, _options: Mapping[str, str]) -> Iterator[_Row]:
    """Lines of a trade register: orders counted by recipient and year of order."""
    at = _header(sheet, ("recipient", "supplier"), "sipri-trade")
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
        subject = _subject(cells[to], row, to, names=True)
        year = _year(cells[year_at].strip("()"), row, year_at)
        line = orders.setdefault((subject, year), {})
        line[cells[by]] = line.get(cells[by], 0) + 1
        first.setdefault((subject, year), row)
    for (subject, year), suppliers in orders.items():
        words = ", ".join(f"{n} from {s}" for s, n in sorted(suppliers.items()))
        count = sum(suppliers.values())
        yield _Row(
            first[subject, year], "arms_orders_from_supplier", subject, year, count, count, count,
            f"orders by supplier: {words}"[:MOST_CELL],
        )  # fmt: skip


def _kiel(sheet: _Sheet, options: Mapping[str, str]) -> Iterator[_Row]:
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
        raise _wrong(
            number, totals[1], f"{len(totals)} columns fit {wanted[:60]!r}",
            "name the one you mean with --column, in full",
        )  # fmt: skip
    if "billion" not in lower[totals[0]] and options.get("unit") != "billion €":
        raise _wrong(
            number, totals[0], "the column does not say that it is in billion euro",
            'if it is, say so with --unit "billion €"',
        )  # fmt: skip
    if not options.get("year"):
        raise EvidenceError(
            "the tracker's totals have no year of their own",
            hint="say the year of the release with --year 2025",
        )
    year = _year(options["year"], number, "--year")
    for row, cells in sheet.rows[at + 1 :]:
        if max(column, totals[0]) >= len(cells) or not cells[column]:
            continue
        name = cells[column]
        if name.lower().startswith(("total", "eu ", "european")):
            continue
        read = _number(cells[totals[0]], row, totals[0])
        if read is None:
            continue
        value = _checked_value("aid_to_ukraine", round(read * 1e9), row, totals[0])
        yield _Row(
            row, "aid_to_ukraine", _subject(name, row, column, names=True), year,
            value, value, value,
        )  # fmt: skip


_IISS = {
    "active": "active_personnel", "active personnel": "active_personnel",
    "tanks": "tanks", "main battle tanks": "tanks", "mbt": "tanks",
    "ifv": "infantry_fighting_vehicles", "infantry fighting vehicles": "infantry_fighting_vehicles",
    "artillery": "artillery", "air defence": "air_defence_systems",
    "combat aircraft": "combat_aircraft", "attack helicopters": "attack_helicopters",
    "surface combatants": "surface_combatants", "submarines": "submarines",
}  # fmt: skip


def _holdings(sheet: _Sheet, options: Mapping[str, str]) -> Iterator[_Row]:
    """Countries down, kinds of equipment across, for one year: a table copied from a yearbook."""
    at = _header(sheet, ("country",), "holdings")
    number, head = sheet.rows[at]
    lower = [t.lower() for t in head]
    column = lower.index("country")
    if not options.get("year"):
        raise EvidenceError("the table has no year", hint="say it with --year 2025")
    year = _year(options["year"], number, "--year")
    kinds: dict[int, str] = {}
    for p, text in enumerate(lower):
        if p == column or not text:
            continue
        measure = _IISS.get(text) or (text if text in shelf.measures() else "")
        if not measure:
            raise _wrong(
                number, p, f"{head[p][:40]!r} is not a kind of holding",
                "the columns are: country, " + ", ".join(sorted(_IISS)),
            )  # fmt: skip
        kinds[p] = measure
    for row, cells in sheet.rows[at + 1 :]:
        name = cells[column] if column < len(cells) else ""
        if not name:
            continue
        subject = _subject(name, row, column, names=True)
        for p, measure in kinds.items():
            value = _checked_value(
                measure, _number(cells[p] if p < len(cells) else "", row, p), row, p
            )
            if value is not None:
                yield _Row(row, measure, subject, year, value, value, value)


FORMATS: Mapping[str, Callable[[_Sheet, Mapping[str, str]], Iterator[_Row]]] = {
    "tidy": _tidy,
    "sipri-milex": _sipri_milex,
    "sipri-trade": _sipri_trade,
    "kiel": _kiel,
    "holdings": _holdings,
}


def read_file(
    path: Path,
    name: str,
    *,
    kind: str = "tidy",
    title: str = "",
    publisher: str = "",
    licence: str = "held by the user",
    known_from: date,
    today: date,
    sheet: str = "",
    options: Mapping[str, str] | None = None,
) -> Imported:
    """Read and check a user's file; nothing is kept yet.

    Parameters
    ----------
    path
        A CSV (UTF-8) or Excel file.
    name
        What the source is to be called, such as `sipri-milex-2026`.
    kind
        One of `FORMATS`.
    known_from
        From which day on its figures were public.
    today
        The day it is taken as retrieved.
    options
        What a format asks for beyond the file: unit, year, column.

    Raises
    ------
    EvidenceError
        At the first fault, naming row and column.
    """
    if not _NAME.fullmatch(name):
        raise EvidenceError(
            f"{name[:60]!r} cannot be the name of a source",
            hint="use small letters, digits and hyphens, such as sipri-milex-2026",
        )
    source_id = f"own-{name}"
    if kind not in FORMATS:
        raise EvidenceError(
            f"there is no format {kind[:40]!r}", hint="formats are: " + ", ".join(FORMATS)
        )
    source = Source(
        id=source_id,
        title=title or path.name,
        publisher=publisher or "held by the user",
        where=path.name,
        vintage=known_from.isoformat(),
        published=known_from,
        retrieved=today,
        licence=licence,
        note="Loaded by the user; not part of Comity.",
        rank=0,
    )
    seen: dict[tuple[str, str, int], int] = {}
    figures = []
    for r in FORMATS[kind](_sheet(path, sheet), options or {}):
        key = (r.measure, r.subject, r.year)
        if key in seen:
            raise _wrong(
                r.row, "subject" if kind == "tidy" else 0,
                f"{r.measure} of {r.subject} in {r.year} stands already in row {seen[key]}",
                "keep one of the two",
            )  # fmt: skip
        seen[key] = r.row
        low, high = r.low, r.high
        if r.value is not None:
            low = r.value if low is None else low
            high = r.value if high is None else high
        notes = (f"your own data: {source_id}",) + ((r.caveat,) if r.caveat else ())
        if r.value is None:
            notes += ("missing in the file",)
        figures.append(
            Figure(
                id=figure_id(r.measure, r.subject, r.year, source_id),
                subject=r.subject,
                measure=r.measure,
                year=r.year,
                low=low,
                value=r.value,
                high=high,
                unit=shelf.measures()[r.measure].unit,
                source=source_id,
                retrieved=today,
                licence=licence,
                known_from=r.known_from or known_from,
                caveats=notes,
            )
        )
    if not figures:
        raise EvidenceError(f"{path.name} holds no figure", hint="check the format and the columns")
    return Imported(source, tuple(figures))


# Keeping


def store(folder: Path, imported: Imported) -> Path:
    """Keep an import, whole or not at all; an earlier one of the same name is replaced."""
    source = imported.source
    body = {
        "format": 1,
        "source": {
            "id": source.id,
            "title": source.title,
            "publisher": source.publisher,
            "where": source.where,
            "vintage": source.vintage,
            "published": source.published.isoformat(),
            "retrieved": source.retrieved.isoformat() if source.retrieved else None,
            "licence": source.licence,
            "note": source.note,
        },
        "figures": [
            [f.measure, f.subject, f.year, f.low, f.value, f.high, f.known_from.isoformat(),
             list(f.caveats)]
            for f in imported.figures
        ],
    }  # fmt: skip
    target = folder / f"{source.id}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=folder, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(body, file, ensure_ascii=False, separators=(",", ":"))
                file.flush()
                os.fsync(file.fileno())
            Path(draft).replace(target)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise EvidenceError(
            f"{folder} cannot be written: {error.strerror or error}",
            hint="name another folder with --data DIR",
        ) from None
    return target


def stored(folder: Path) -> tuple[tuple[Figure, ...], dict[str, Source]]:
    """Read everything a user has imported; a later import goes before an earlier one."""
    figures: list[Figure] = []
    sources: dict[str, Source] = {}
    if not folder.is_dir():
        return (), {}
    found: list[tuple[str, Source, list[Any]]] = []
    for path in sorted(folder.glob("own-*.json")):
        try:
            if path.stat().st_size > 2 * MOST_UNPACKED:
                raise ValueError
            body = json.loads(path.read_text(encoding="utf-8"))
            if body["format"] != 1:
                raise ValueError
            s = body["source"]
            source = Source(
                id=s["id"], title=s["title"], publisher=s["publisher"], where=s["where"],
                vintage=s["vintage"], published=date.fromisoformat(s["published"]),
                retrieved=date.fromisoformat(s["retrieved"]) if s["retrieved"] else None,
                licence=s["licence"], note=s["note"], rank=0,
            )  # fmt: skip
            found.append((s["retrieved"] or "", source, body["figures"]))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            raise EvidenceError(
                f"{path} is not a file that `comity evidence import` wrote",
                hint="remove it, or import the source again",
            ) from None
    found.sort(key=lambda item: item[0], reverse=True)
    for order, (_, source, rows) in enumerate(found):
        # The later import wins where two speak of the same year.
        ranked = Source(**{**_fields(source), "rank": order - len(found)})
        sources[source.id] = ranked
        figures.extend(_restored(rows, ranked, folder))
    return tuple(figures), sources


def _fields(source: Source) -> dict[str, Any]:
    return {k: getattr(source, k) for k in Source.__slots__}


def _restored(rows: Iterable[Any], source: Source, folder: Path) -> Iterator[Figure]:
    try:
        for measure, subject, year, low, value, high, known, notes in rows:
            numbers = [n for n in (low, value, high) if n is not None]
            if not all(isinstance(n, int | float) for n in (year, *numbers)) or not all(
                isinstance(text, str) for text in (measure, subject, *notes)
            ):
                raise ValueError
            yield Figure(
                id=figure_id(measure, subject, year, source.id),
                subject=subject,
                measure=measure,
                year=year,
                low=low,
                value=value,
                high=high,
                unit=shelf.measures()[measure].unit,
                source=source.id,
                retrieved=source.retrieved,
                licence=source.licence,
                known_from=date.fromisoformat(known),
                caveats=tuple(notes),
            )
    except (ValueError, KeyError, TypeError):
        raise EvidenceError(
            f"{folder / source.id}.json is not a file that `comity evidence import` wrote",
            hint="remove it, or import the source again",
        ) from None
