"""Findings for the terminal: plain text, nothing that depends on colour."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from comity.errors import UsageError
from comity.examine.finding import Column, Finding, Table, cells
from comity.report.document import Grid
from comity.report.sections import sections

_GAP = 2
_NARROWEST = 10


def terminal(finding: Finding, width: int = 100) -> str:
    """Return a finding as text: the answer, its tables, then all it rests on.

    Parameters
    ----------
    width
        Columns of the terminal; no line is longer.

    Examples
    --------
    >>> from comity.examine.finding import Column, Finding, Table
    >>> crews = Table("crews", "Crews by member", (
    ...     Column("member", "Member", ("Arden", "Brill")),
    ...     Column("crews", "Crews", (7, None))))
    >>> print(terminal(Finding("How many crews?", "The league has 7 crews.", (crews,),
    ...     assumptions=("A crew is a crew.",))))
    The league has 7 crews.
    <BLANKLINE>
    Crews by member
    Member      Crews
    ------  ---------
    Arden           7
    Brill   not known
    <BLANKLINE>
    Assumptions
      - A crew is a crew.
    """
    if width < 40:
        raise UsageError(f"{width} columns are too narrow for a finding", hint="use 40 or more")
    blocks = ["\n".join(textwrap.wrap(finding.sentence, width))]
    blocks.extend(table(one, width) for one in finding.tables if len(one))
    for section in sections(finding):
        lines = [section.title]
        for number, item in enumerate(section.items, 1):
            mark = f"{number}." if section.numbered else "-"
            lines += textwrap.wrap(
                item,
                width,
                initial_indent=f"  {mark} ",
                subsequent_indent=" " * (3 + len(mark)),
                break_on_hyphens=False,
            )
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def table(one: Table, width: int = 100) -> str:
    """Return a table as text; where it is too wide, as blocks that repeat the first column."""
    laid = [_Laid.out(column) for column in one.columns]
    drawn = _drawn(laid, len(one), frozenset(one.totals), width)
    return "\n".join([*textwrap.wrap(one.title, width), drawn])


def grid(one: Grid, marks: Mapping[str, str], width: int = 100) -> str:
    """Return a document's table as text, without its caption.

    Parameters
    ----------
    marks
        What stands in the text for each note, by its key.
    """
    laid = []
    for j, head in enumerate(one.heads):
        texts = tuple(row[j].text + "".join(marks[key] for key in row[j].refs) for row in one.rows)
        laid.append(_Laid.of(head.title, head.unit, texts, right=head.right, whole=head.whole))
    return _drawn(laid, len(one.rows), frozenset(one.totals), width, by_content=True)


def _drawn(
    columns: list[_Laid],
    rows: int,
    totals: frozenset[int],
    width: int,
    *,
    by_content: bool = False,
) -> str:
    blocks: list[list[_Laid]] = []
    for column in columns:
        room = width - sum(c.least + _GAP for c in blocks[-1]) if blocks else 0
        if blocks and column.least <= room:
            blocks[-1].append(column)
        elif blocks:
            blocks.append([columns[0], column])
        else:
            blocks.append([column])
    return "\n\n".join(
        _block(block, rows, totals, width, by_content=by_content) for block in blocks
    )


@dataclass(frozen=True, slots=True)
class _Laid:
    head: str
    unit: str
    texts: tuple[str, ...]
    right: bool
    widest: int
    least: int

    @classmethod
    def out(cls, column: Column) -> _Laid:
        unit, texts = cells(column)
        return cls.of(column.title, unit, texts, right=column.is_number)

    @classmethod
    def of(
        cls, title: str, unit: str, texts: tuple[str, ...], *, right: bool, whole: bool = False
    ) -> _Laid:
        widest_cell = max((_width(t) for t in texts), default=0)
        words = [word for head in (title, unit) for word in head.split()] or [""]
        longest = max(_width(word) for word in words)
        head = max(_width(title), _width(unit))
        if right or whole:
            # Numbers are never broken; a long head is.
            widest = max(widest_cell, longest, min(head, 16))
            return cls(title, unit, texts, right, widest, max(widest_cell, longest))
        longest_word = max((_width(w) for t in texts for w in t.split()), default=0)
        widest = max(widest_cell, head)
        least = min(widest, max(longest, min(longest_word, 24), _NARROWEST))
        return cls(title, unit, texts, right, widest, least)


def _block(
    columns: list[_Laid], rows: int, totals: frozenset[int], width: int, *, by_content: bool
) -> str:
    widths = [column.widest for column in columns]
    # Where much is said in one column and little in others, the others give way first.
    said = [1 + sum(map(_width, c.texts)) / max(rows, 1) if by_content else 1 for c in columns]
    while sum(widths) + _GAP * (len(widths) - 1) > width:
        slack = [w - c.least for w, c in zip(widths, columns, strict=True)]
        widest = max(range(len(widths)), key=lambda i: (slack[i] > 0, widths[i] / said[i]))
        if slack[widest] <= 0:
            break
        widths[widest] -= 1
    heads = [
        textwrap.wrap(c.head, w) + textwrap.wrap(c.unit, w)
        for c, w in zip(columns, widths, strict=True)
    ]
    lines = list(_lines(heads, columns, widths, bottom=True))
    rule = (" " * _GAP).join("-" * w for w in widths)
    lines.append(rule)
    for row in range(rows):
        if row in totals and row and row - 1 not in totals:
            lines.append(rule)
        wrapped = [
            textwrap.wrap(c.texts[row], w, break_on_hyphens=False) or [""]
            for c, w in zip(columns, widths, strict=True)
        ]
        lines += _lines(wrapped, columns, widths, bottom=False)
    return "\n".join(lines)


def _lines(
    wrapped: list[list[str]], columns: list[_Laid], widths: list[int], *, bottom: bool
) -> Iterator[str]:
    height = max(len(lines) for lines in wrapped)
    for i in range(height):
        parts = []
        for lines, column, width in zip(wrapped, columns, widths, strict=True):
            j = i - (height - len(lines)) if bottom else i
            cell = lines[j] if 0 <= j < len(lines) else ""
            pad = " " * (width - _width(cell))
            parts.append(pad + cell if column.right else cell + pad)
        yield (" " * _GAP).join(parts).rstrip()


def _width(line: str) -> int:
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in line
    )
