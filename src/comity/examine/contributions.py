"""Who gives what towards a need: read from a user's file, from evidence, from reports.

A row is one member's contribution to one line, of a kind: a *holding* (what it has), a holding
declared *uncommitted*, a *pledge*, or a *reported* position. Files are bounded and the first
fault ends the reading, with its place. Reference: docs/explanation/adequacy.md.
"""

from __future__ import annotations

import csv
import functools
import io
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from importlib import resources
from typing import Any, Literal, TypeAlias, get_args

from comity.core.charter import Basis, Charter
from comity.errors import UsageError
from comity.evidence import Evidence
from comity.examine.declared import MOST_BYTES, checked_keys, document, names_in, tables_in, text_in
from comity.examine.needs import Line, unit_of

Kind: TypeAlias = Literal["pledge", "reported", "uncommitted", "holding"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""The firmest first: of several kinds for one line, a member's firmest alone counts."""

MOST_ROWS = 10_000
MOST = Fraction(10**15)
MOST_NEEDS = 200
_WRITTEN = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,12})?([eE][+-]?[0-9]{1,9})?")


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one member gives to one line.

    Attributes
    ----------
    low, value, high
        In the unit of the line; None where not known. Without a `low` it may be nothing,
        without a `high` any amount.
    share
        For holdings: the part that can be sent, from least to most; None where not known.
    chance
        That it comes, if somebody gives one; never assumed.
    id
        The evidence row it resolves to, if any.
    """

    member: str
    line: str
    kind: Kind
    low: Fraction | None = None
    value: Fraction | None = None
    high: Fraction | None = None
    unit: str = ""
    share: tuple[Fraction, Fraction] | None = None
    chance: Fraction | None = None
    source: str = ""
    id: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that several members give to a line together."""

    members: tuple[str, ...]
    line: str
    high: Fraction
    source: str = ""
    id: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that takes away what several members give, with its chance."""

    name: str
    members: tuple[str, ...]
    chance: Fraction


@dataclass(frozen=True, slots=True)
class Contributions:
    """All that is given, with joint limits, common causes, and needs of the user's own."""

    title: str = ""
    rows: tuple[Contribution, ...] = ()
    caps: tuple[Cap, ...] = ()
    causes: tuple[Cause, ...] = ()
    needs: tuple[Line, ...] = field(default=())

    def to(self, line: Line) -> tuple[Contribution, ...]:
        """Return the rows for a line."""
        return tuple(row for row in self.rows if same(row.line, line.name))

    def __add__(self, other: Contributions) -> Contributions:
        return Contributions(
            "; ".join(t for t in (self.title, other.title) if t),
            self.rows + other.rows,
            self.caps + other.caps,
            self.causes + other.causes,
            self.needs + other.needs,
        )


def same(one: str, other: str) -> bool:
    """Tell whether two names mean one line: case, hyphens and underscores do not matter."""
    return _plain(one) == _plain(other)


@functools.cache
def _plain(text: str) -> str:
    return " ".join(text.replace("_", " ").replace("-", " ").lower().split())


# The user's file


def read(raw: bytes, name: str) -> Contributions:
    """Read a file of contributions: TOML, or CSV with one row a contribution.

    Parameters
    ----------
    raw
        The file, of at most 1 MiB.
    name
        What it is called; `.csv` makes it a table.

    Raises
    ------
    UsageError
        At the first fault, with its place.
    """
    if len(raw) > MOST_BYTES:
        raise UsageError(f"{name} is larger than 1 MiB", hint="keep only the rows you need")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{name}, line {line}: a byte that is not UTF-8", hint="save the file as UTF-8"
        ) from None
    return _table(text, name) if name.lower().endswith(".csv") else _document(text, name)


_COLUMNS = (
    "member", "line", "kind", "low", "value", "high", "unit", "chance", "share_low", "share_high",
    "source", "note",
)  # fmt: skip


def _table(text: str, name: str) -> Contributions:
    if "\0" in text:
        raise UsageError(f"{name} holds zero bytes and is no CSV", hint="save it as CSV UTF-8")
    reader = csv.DictReader(io.StringIO(text, newline=""))
    heads = [h.strip() for h in reader.fieldnames or ()]
    unknown = [h for h in heads if h not in _COLUMNS]
    lacking = [h for h in ("member", "line", "kind") if h not in heads]
    if unknown or lacking or len(set(heads)) != len(heads):
        what = f"an unknown column {unknown[0][:40]!r}" if unknown else "not the columns it needs"
        raise UsageError(f"{name} has {what}", hint="the columns are: " + ", ".join(_COLUMNS))
    reader.fieldnames = heads
    rows: list[Contribution] = []
    try:
        for cells in reader:
            where = f"{name}, line {reader.line_num}"
            if None in cells:
                raise UsageError(f"{where}: more cells than columns", hint="check the commas")
            given = {k: v.strip() for k, v in cells.items() if v and v.strip()}
            if given:
                rows.extend(_contributions(given, where))
            if len(rows) > MOST_ROWS:
                raise _too_many(name)
    except csv.Error as error:
        raise UsageError(
            f"{name}, line {reader.line_num}: {error}", hint="check the quotation marks"
        ) from None
    return Contributions(name, tuple(rows))


def _document(text: str, name: str) -> Contributions:
    body = document(text, name)
    known = {"title", "charter", "contribution", "cap", "cause", "need"}
    for key in body:
        if key not in known:
            raise UsageError(
                f"{name}: '{key[:40]}' is no part of a file of contributions",
                hint="there are: [[contribution]], [[cap]], [[cause]], [[need]], title, charter",
            )
    parts: dict[str, list[dict[str, Any]]] = {}
    for key in ("contribution", "cap", "cause", "need"):
        found = tables_in(body, key, name)
        if len(found) > (MOST_ROWS if key == "contribution" else MOST_NEEDS):
            raise _too_many(name)
        parts[key] = found
    rows: list[Contribution] = []
    caps: list[Cap] = []
    for k, table in enumerate(parts["contribution"], 1):
        rows.extend(_contributions(table, f"{name}, contribution {k}"))
    for k, table in enumerate(parts["cap"], 1):
        caps.extend(_caps(table, f"{name}, cap {k}"))
    causes = tuple(_cause(t, f"{name}, cause {k}") for k, t in enumerate(parts["cause"], 1))
    needs = tuple(_need(t, f"{name}, need {k}") for k, t in enumerate(parts["need"], 1))
    title = text_in(body, "title", name) or name
    return Contributions(title, tuple(rows), tuple(caps), causes, needs)


def _too_many(name: str) -> UsageError:
    return UsageError(
        f"{name} has more than {MOST_ROWS:,} contributions, or {MOST_NEEDS} of anything else",
        hint="keep only those you need",
    )


def _contributions(table: Mapping[str, Any], where: str) -> Iterable[Contribution]:
    checked_keys(table, {*_COLUMNS, "lines", "id", "measure"}, where)
    member, kind = _needed(table, "member", where), _needed(table, "kind", where)
    if kind not in KINDS:
        raise UsageError(
            f"{where}: '{kind[:40]}' is no kind of contribution",
            hint="kinds are: " + ", ".join(KINDS),
        )
    low, value, high = (_number(table, key, where) for key in ("low", "value", "high"))
    if value is not None:
        low = value if low is None else low
        high = value if high is None else high
    if (
        low is not None
        and high is not None
        and (low > high or (value is not None and not low <= value <= high))
    ):
        raise UsageError(f"{where}: low, value and high are not in order")
    least, most = _number(table, "share_low", where), _number(table, "share_high", where)
    share = None
    if least is not None or most is not None:
        least, most = (least or Fraction(0)), (Fraction(1) if most is None else most)
        if not least <= most <= 1:
            raise UsageError(
                f"{where}: shares must be in order, from 0 to 1", hint="write 10 % as 0.1"
            )
        share = (least, most)
    chance = _number(table, "chance", where)
    if chance is not None and chance > 1:
        raise UsageError(f"{where}: a chance over 1", hint="write 70 % as 0.7")
    for line in _lines(table, where):
        yield Contribution(
            member, line, next(k for k in KINDS if k == kind), low, value, high,
            unit_of(text_in(table, "unit", where)), share, chance,
            text_in(table, "source", where), text_in(table, "id", where),
            text_in(table, "note", where),
        )  # fmt: skip


def _caps(table: Mapping[str, Any], where: str) -> Iterable[Cap]:
    checked_keys(table, {"members", "line", "lines", "high", "unit", "source", "id", "note"}, where)
    high = _number(table, "high", where)
    if high is None:
        raise UsageError(f"{where}: 'high' is missing")
    for line in _lines(table, where):
        yield Cap(
            _members(table, where), line, high, text_in(table, "source", where),
            text_in(table, "id", where), text_in(table, "note", where),
        )  # fmt: skip


def _cause(table: Mapping[str, Any], where: str) -> Cause:
    checked_keys(table, {"name", "members", "chance"}, where)
    chance = _number(table, "chance", where)
    if chance is None or chance > 1:
        raise UsageError(f"{where}: 'chance' must be from 0 to 1", hint="write 70 % as 0.7")
    return Cause(_needed(table, "name", where), _members(table, where), chance)


_BASES: tuple[Basis, ...] = ("total", "additional", "target", "money")


def _need(table: Mapping[str, Any], where: str) -> Line:
    checked_keys(table, {"line", "low", "value", "high", "unit", "basis", "source", "note"}, where)
    low, value, high = (_number(table, key, where) for key in ("low", "value", "high"))
    low, high = (value if low is None else low), (value if high is None else high)
    if low is None and high is None:
        raise UsageError(f"{where}: a need without a number", hint="give value, or low and high")
    if low is not None and high is not None and low > high:
        raise UsageError(f"{where}: low is above high")
    told = _needed(table, "basis", where)
    basis = next((b for b in _BASES if b == told), None)
    if basis is None:
        raise UsageError(
            f"{where}: '{told[:40]}' is no basis of a need", hint="bases are: " + ", ".join(_BASES)
        )
    return Line(
        _needed(table, "line", where), low, high, unit_of(_needed(table, "unit", where)), basis,
        text_in(table, "source", where), "", text_in(table, "note", where),
    )  # fmt: skip


def _needed(table: Mapping[str, Any], key: str, where: str) -> str:
    given = text_in(table, key, where)
    if not given:
        raise UsageError(f"{where}: '{key}' is missing")
    return given


def _lines(table: Mapping[str, Any], where: str) -> tuple[str, ...]:
    if "lines" not in table:
        return (_needed(table, "line", where),)
    return names_in(table["lines"], "lines", where, least=1)


def _members(table: Mapping[str, Any], where: str) -> tuple[str, ...]:
    return names_in(table.get("members"), "members", where, least=1)


def _number(table: Mapping[str, Any], key: str, where: str) -> Fraction | None:
    given = table.get(key)
    if given is None:
        return None
    return number_of("" if isinstance(given, bool) else str(given), f"{where}: '{key}'")


def number_of(text: str, what: str) -> Fraction:
    """Read a number from 0 to 10^15, exactly as it is written.

    Raises
    ------
    UsageError
        If it is none; `what` begins the message.
    """
    plain = text.strip().replace("_", "")
    if len(plain) > 40 or not _WRITTEN.fullmatch(plain):
        raise UsageError(
            f"{what} is {text[:40]!r}, which is no number",
            hint="write plain digits, without a unit",
        )
    found = Decimal(plain)
    # Looked at before it is spread out: 1e999999999 is short to write and long to hold.
    if found and not -9 <= found.adjusted() <= 15:
        raise UsageError(f"{what} must lie between 0 and 10^15, to nine places")
    value = Fraction(found)
    if not 0 <= value <= MOST or value.denominator > 10**9:
        raise UsageError(f"{what} must lie between 0 and 10^15, to nine places")
    return value


# What the evidence and the press say


_MEASURES: Mapping[str, str] = {
    "main battle tanks": "tanks",
    "tanks": "tanks",
    "combat aircraft": "combat_aircraft",
    "attack helicopters": "attack_helicopters",
    "core defence spending": "military_expenditure_share",
    "defence spending share": "military_expenditure_share",
}


def held(
    charter: Charter, members: Sequence[str], lines: Iterable[Line], evidence: Evidence
) -> Contributions:
    """Return what the evidence says that members hold towards lines, as plain holdings.

    People are heads in service; whether any of them can be sent is not in it.
    """
    rows = []
    for line in lines:
        measure = "active_personnel" if line.in_people else _MEASURES.get(_plain(line.name), "")
        if not measure or (line.basis == "target" and not line.each):
            continue
        for member in members:
            party = charter.members.get(member)
            if party is None or not party.iso:
                continue
            figure = evidence.get(measure, party.iso)
            if figure.value is None or figure.low is None or figure.high is None:
                continue
            low, value, high = (Fraction(str(n)) for n in (figure.low, figure.value, figure.high))
            rows.append(
                Contribution(
                    member, line.name, "holding", low, value, high, line.unit,
                    source=figure.source, id=figure.id,
                )
            )  # fmt: skip
    return Contributions("holdings in the evidence" if rows else "", tuple(rows))


def reported(charter: Charter, evidence: Evidence) -> Contributions:
    """Return the positions that the press has reported of a charter's members: a scenario."""
    raw = resources.files("comity.evidence") / "data" / "reported_positions.toml"
    text = raw.read_text(encoding="utf-8")
    body = tomllib.loads(text, parse_float=Decimal)
    if body["charter"] != charter.id:
        return Contributions()
    found = _document(text, "reported_positions.toml")
    measures = {(t["member"], line): t["measure"] for t in body["contribution"]
                if "measure" in t for line in t["lines"]}  # fmt: skip
    rows = []
    for row in found.rows:
        measure = measures.get((row.member, row.line))
        if row.member not in charter.members:
            continue
        if measure:
            figure = evidence.get(measure, charter.members[row.member].iso)
            if figure.value is None or figure.low is None or figure.high is None:
                continue
            low, value, high = (Fraction(str(n)) for n in (figure.low, figure.value, figure.high))
            row = Contribution(
                row.member, row.line, row.kind, low, value, high, unit_of(figure.unit),
                source=figure.source, id=figure.id, note=row.note,
            )  # fmt: skip
        rows.append(row)
    return Contributions(found.title, tuple(rows), found.caps)
