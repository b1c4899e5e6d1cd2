"""The one value for every answer: a sentence, its tables, and all that it rests on.

A finding is data. It draws nothing; `comity.report` turns it into a terminal
table, a chart, a page or a document. Reference: docs/reference/finding.md.
"""

from __future__ import annotations

import datetime
import html
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from comity.errors import UsageError
from comity.examine import rounding
from comity.examine.rounding import Number

if TYPE_CHECKING:
    import pandas
    import polars


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure that can be traced: value, range, unit, year, and the row it rests on.

    A value of None is missing, which is never zero. An integer without a range is
    exact; another number without a range has one that its publisher does not
    state. Give `low == high == value` for a number that is exact as published.

    Parameters
    ----------
    value, low, high
        `low <= value <= high`; the ends may be left out, both together.
    unit
        As it follows the number: "people", "billion US$", "%", "warheads".
    year
        The year or years it speaks of: 2024, or "2023 to 2025".
    id
        The evidence row or the derived figure it resolves to, for
        `comity evidence show ID`.
    caveats
        What a reader must know before using it.

    Examples
    --------
    >>> print(Quantity(3_412_000, 3_300_000, 3_500_000, unit="people"))
    3.3–3.5 million people
    >>> print(Quantity(290, unit="warheads", year=2025))
    290 warheads
    >>> print(Quantity(None))
    not known
    """

    value: Number | None
    low: Number | None = None
    high: Number | None = None
    unit: str = ""
    year: int | str | None = None
    id: str = ""
    caveats: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.low is None) != (self.high is None):
            raise UsageError(f"figure {self.id or self.value} has one end of a range only")
        if self.value is None:
            if self.low is not None:
                raise UsageError(
                    f"figure {self.id} has a range, {self.low} to {self.high}, but no value",
                    hint="give the middle of the range as its value",
                )
            return
        # Also refuses what is not finite, and a value outside its range.
        rounding.rounded(self.value, self.low, self.high)

    @property
    def known(self) -> bool:
        """Whether there is a value; a figure that is not known is not zero."""
        return self.value is not None

    def __str__(self) -> str:
        return rounding.words(self.value, self.low, self.high, self.unit)

    @property
    def point(self) -> str:
        """The value alone, to the digits its range carries, for the label of a mark."""
        return rounding.words(self.value, self.low, self.high, self.unit, point=True)

    def to_json(self) -> dict[str, Any]:
        """Return the figure as in every JSON answer; a fraction becomes "3/5"."""
        return {
            "value": _plain(self.value),
            "low": _plain(self.low),
            "high": _plain(self.high),
            "unit": self.unit,
            "year": self.year,
            "id": self.id,
            "caveats": list(self.caveats),
        }


Cell = str | int | float | bool | Fraction | Quantity | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its key for programs, its title and unit for people.

    Parameters
    ----------
    decimals
        Show plain numbers with so many decimals, all alike; the one rounding
        rule where None.
    """

    key: str
    title: str
    values: tuple[Cell, ...]
    unit: str = ""
    decimals: int | None = None

    @property
    def is_number(self) -> bool:
        """Whether every cell that is known is a number."""
        known = [cell for cell in self.values if cell is not None]
        return bool(known) and all(
            isinstance(cell, int | float | Fraction | Quantity) and not isinstance(cell, bool)
            for cell in known
        )


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of equal length under a name; a row may be marked as a total."""

    name: str
    title: str
    columns: tuple[Column, ...]
    totals: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        keys = [column.key for column in self.columns]
        if len(set(keys)) != len(keys):
            raise UsageError(f"table {self.name} has two columns of one key: {', '.join(keys)}")
        lengths = {len(column.values) for column in self.columns}
        if len(lengths) > 1:
            raise UsageError(f"the columns of table {self.name} differ in length: {lengths}")

    def __len__(self) -> int:
        return len(self.columns[0].values) if self.columns else 0

    @property
    def rows(self) -> tuple[tuple[Cell, ...], ...]:
        """The cells row by row."""
        return tuple(zip(*(column.values for column in self.columns), strict=True))

    def column(self, key: str) -> Column:
        """Return the column of that key."""
        for column in self.columns:
            if column.key == key:
                return column
        raise UsageError(
            f"table {self.name} has no column {key!r}",
            hint="its columns are: " + ", ".join(column.key for column in self.columns),
        )


@dataclass(frozen=True, slots=True)
class Source:
    """Where figures come from: who publishes them, where, of which vintage, under what terms."""

    id: str
    title: str
    publisher: str = ""
    where: str = ""
    vintage: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """A subject that has no value, and what that does to the answer."""

    subject: str
    what: str
    effect: str


@dataclass(frozen=True, slots=True)
class Vintage:
    """What was known on a day: the vintage used of each source."""

    known_on: datetime.date | None = None
    used: tuple[tuple[str, str], ...] = ()


ChartKind = Literal["bar", "interval", "map", "strip"]


@dataclass(frozen=True, slots=True)
class Chart:
    """What to draw, as data: which columns of which table, and the sentence above it.

    Parameters
    ----------
    kind
        `bar` and `interval` show how much; `map` shows where, never how much, so
        its value is a word; `strip` shows all members in charter order with marks.
    title
        The answer in one sentence.
    value
        Key of the column that is drawn. For a map or strip, a column of words.
    label
        Key of the column that names each row.
    code
        Key of the column of ISO 3166-1 alpha-3 codes; a map and a strip need it.
    group
        Key of a column of words that colours the marks, at most six of them.
    table
        Name of the table; the main one where it is left out.
    sort
        `given` keeps the order of the rows, `size` puts the largest first.
    sources
        Ids of the finding's sources that the line beneath names. Left out, the
        sources of the rows drawn, or all where that cannot be told.
    """

    kind: ChartKind
    title: str
    value: str
    label: str
    code: str = ""
    group: str = ""
    table: str = ""
    sort: Literal["given", "size"] = "given"
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Finding:
    """The answer to one question, with everything it rests on.

    Parameters
    ----------
    question
        What was asked.
    sentence
        The answer, in one sentence that can be quoted alone.
    tables
        The main table first.
    figures
        The quantities that the sentence states, in its order.
    assumptions, caveats
        What was taken as given; what a reader must know.
    not_in_it
        What bears on the question but cannot be measured openly.
    missing
        Subjects without a value, and what that does to the answer.
    method
        How it was computed, and whose formula it is.
    seed
        Of what chance drew, if anything.

    Examples
    --------
    >>> league = Finding(
    ...     question="How many crews can the Larch League field?",
    ...     sentence="The Larch League can field 11 to 13 crews.",
    ...     tables=(Table("crews", "Crews", (Column("member", "Member", ("Arden", "Brill")),
    ...                                      Column("crews", "Crews", (7, None)))),),
    ...     method="sum of members",
    ... )
    >>> print(league)
    The Larch League can field 11 to 13 crews. (sum of members)
    >>> league.columns[0].values
    ('Arden', 'Brill')
    """

    question: str
    sentence: str
    tables: tuple[Table, ...] = ()
    figures: tuple[Quantity, ...] = ()
    assumptions: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    not_in_it: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    charts: tuple[Chart, ...] = ()
    method: str = ""
    seed: int | None = None
    vintage: Vintage = Vintage()

    def __post_init__(self) -> None:
        names = [table.name for table in self.tables]
        if len(set(names)) != len(names):
            raise UsageError(f"a finding has two tables of one name: {', '.join(names)}")
        for chart in self.charts:
            table = self.table(chart.table)
            for key in (chart.value, chart.label, chart.code, chart.group):
                if key:
                    table.column(key)
            if chart.kind in ("map", "strip") and not chart.code:
                raise UsageError(f"a {chart.kind} needs a column of country codes: {chart.title}")

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the main table."""
        return self.tables[0].columns if self.tables else ()

    def table(self, name: str = "") -> Table:
        """Return the table of that name, the main one where none is given."""
        for table in self.tables:
            if not name or table.name == name:
                return table
        raise UsageError(
            f"the finding has no table {name!r}" if name else "the finding has no table",
            hint="its tables are: " + (", ".join(t.name for t in self.tables) or "none"),
        )

    def quantities(self) -> Iterator[Quantity]:
        """Every figure in the sentence and the tables, for tracing them."""
        yield from self.figures
        for table in self.tables:
            for column in table.columns:
                for cell in column.values:
                    if isinstance(cell, Quantity):
                        yield cell

    def __str__(self) -> str:
        made = [self.method] if self.method else []
        if self.seed is not None:
            made.append(f"seed {self.seed}")
        if self.vintage.known_on is not None:
            made.append(f"as known on {self.vintage.known_on.isoformat()}")
        return self.sentence + (f" ({', '.join(made)})" if made else "")

    def __repr__(self) -> str:
        named = ", ".join(f"{table.name} ({len(table)} rows)" for table in self.tables)
        return f"<Finding: {self.sentence} Tables: {named or 'none'}>"

    def to_json(self) -> dict[str, Any]:
        """Return the finding as plain JSON values; keys in docs/reference/finding.md."""
        return {
            "question": self.question,
            "sentence": self.sentence,
            "figures": [figure.to_json() for figure in self.figures],
            "tables": [
                {
                    "name": table.name,
                    "title": table.title,
                    "columns": [
                        {
                            "key": column.key,
                            "title": column.title,
                            "unit": column.unit,
                            "values": [_plain(cell) for cell in column.values],
                        }
                        for column in table.columns
                    ],
                    "totals": list(table.totals),
                }
                for table in self.tables
            ],
            "assumptions": list(self.assumptions),
            "caveats": list(self.caveats),
            "not_in_it": list(self.not_in_it),
            "missing": [
                {"subject": m.subject, "what": m.what, "effect": m.effect} for m in self.missing
            ],
            "sources": [
                {
                    "id": source.id,
                    "title": source.title,
                    "publisher": source.publisher,
                    "where": source.where,
                    "vintage": source.vintage,
                    "licence": source.licence,
                }
                for source in self.sources
            ],
            "charts": [
                {
                    "kind": chart.kind,
                    "title": chart.title,
                    "table": chart.table or (self.tables[0].name if self.tables else ""),
                    "value": chart.value,
                    "label": chart.label,
                    "code": chart.code,
                    "group": chart.group,
                    "sort": chart.sort,
                    "sources": list(chart.sources),
                }
                for chart in self.charts
            ],
            "method": self.method,
            "seed": self.seed,
            "vintage": {
                "known_on": self.vintage.known_on and self.vintage.known_on.isoformat(),
                "used": dict(self.vintage.used),
            },
        }

    def _data(self, name: str) -> dict[str, list[Any]]:
        """Return columns for a data frame; a quantity becomes five of them."""
        data: dict[str, list[Any]] = {}
        for column in self.table(name).columns:
            if any(isinstance(cell, Quantity) for cell in column.values):
                cells = [c if isinstance(c, Quantity) else None for c in column.values]
                loose = [None if isinstance(c, Quantity) else _number(c) for c in column.values]
                data[column.key] = [
                    other if q is None else _number(q.value)
                    for q, other in zip(cells, loose, strict=True)
                ]
                data[f"{column.key}_low"] = [q and _number(q.low) for q in cells]
                data[f"{column.key}_high"] = [q and _number(q.high) for q in cells]
                data[f"{column.key}_year"] = [
                    None if q is None or q.year is None else str(q.year) for q in cells
                ]
                data[f"{column.key}_id"] = [q.id if q else None for q in cells]
            else:
                data[column.key] = [_number(cell) for cell in column.values]
        return data

    def to_pandas(self, table: str = "") -> pandas.DataFrame:
        """Return a table as a pandas data frame, ranges in columns of their own.

        A column `x` of quantities becomes `x`, `x_low`, `x_high`, `x_year` and
        `x_id`. Fractions become floats.
        """
        try:
            import pandas
        except ImportError:
            raise _not_installed("pandas") from None
        return pandas.DataFrame(self._data(table))

    def to_polars(self, table: str = "") -> polars.DataFrame:
        """Return a table as a polars data frame, with the columns of `to_pandas`."""
        try:
            import polars
        except ImportError:
            raise _not_installed("polars") from None
        return polars.DataFrame(self._data(table), strict=False)

    def _repr_html_(self) -> str:
        parts = [f"<p><strong>{html.escape(self.sentence)}</strong></p>"]
        for table in self.tables[:1]:
            shown = [cells(column) for column in table.columns]
            parts.append(f"<table><caption>{html.escape(table.title)}</caption><thead><tr>")
            for column, (unit, _) in zip(table.columns, shown, strict=True):
                head = column.title + (f" ({unit})" if unit else "")
                parts.append(f'<th scope="col">{html.escape(head)}</th>')
            parts.append("</tr></thead><tbody>")
            parts.extend(
                "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
                for row in zip(*(texts for _, texts in shown), strict=True)
            )
            parts.append("</tbody></table>")
        return "".join(parts)


def cells(column: Column) -> tuple[str, tuple[str, ...]]:
    """Return a column as people read it: the unit for its head, and each cell as text.

    Examples
    --------
    >>> cells(Column("crews", "Crews", (Quantity(7), Quantity(None)), unit="crews"))
    ('crews', ('7', 'not known'))
    """
    shown = shown_numbers(column)
    if shown is not None:
        return shown.unit, shown.cells
    if column.unit == "year":
        return "", tuple(str(c) if isinstance(c, int) else text(c) for c in column.values)
    if column.decimals is not None:
        places = column.decimals
        return column.unit, tuple(
            f"{cell:.{places}f}" if isinstance(cell, float) else text(cell)
            for cell in column.values
        )
    return column.unit, tuple(text(cell) for cell in column.values)


def shown_numbers(column: Column, *, point: bool = False) -> rounding.Shown | None:
    """Return a column of figures in one unit as they are shown; None for any other column."""
    if not column.is_number or not any(isinstance(cell, Quantity) for cell in column.values):
        return None
    unit = column.unit
    if not unit:
        units = {c.unit for c in column.values if isinstance(c, Quantity) and c.known}
        if len(units) > 1:
            return None
        unit = next(iter(units), "")
    ranges = tuple(
        (c.value, c.low, c.high) if isinstance(c, Quantity) else (c, None, None)
        for c in column.values
        if not isinstance(c, str)
    )
    return rounding.column(ranges, unit, point=point)


def text(cell: Cell) -> str:
    """Return one cell as people read it; what is missing is "not known".

    Examples
    --------
    >>> text(True), text(None), text(1234), text(Fraction(1, 3))
    ('yes', 'not known', '1,234', '1/3')
    """
    if cell is None:
        return rounding.NOT_KNOWN
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, str):
        return cell
    if isinstance(cell, Quantity):
        return str(cell)
    return rounding.plain(cell)


def _plain(cell: Cell) -> Any:
    if isinstance(cell, Quantity):
        return cell.to_json()
    if isinstance(cell, Fraction):
        return str(cell)
    return cell


def _number(cell: Cell) -> Any:
    return float(cell) if isinstance(cell, Fraction) else cell


def _not_installed(name: str) -> UsageError:
    return UsageError(f"{name} is not installed", hint=f"install it with: pip install {name}")
