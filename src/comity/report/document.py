"""A document as data: headings, paragraphs, tables, pictures and numbered notes.

Pages (HTML), Word documents and Markdown are written from the same document.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from comity.errors import UsageError
from comity.examine.finding import Finding, Quantity, Table, cells
from comity.report.sections import citation, sections


@dataclass(frozen=True, slots=True)
class Ref:
    """A mark in the text that leads to a note."""

    key: str


@dataclass(frozen=True, slots=True)
class Strong:
    """Words that carry the weight of their sentence."""

    text: str


@dataclass(frozen=True, slots=True)
class File:
    """A file that a page carries in itself, to be saved from it; elsewhere its name stands."""

    name: str
    media: str
    content: bytes


Part = str | Ref | Strong | File


@dataclass(frozen=True, slots=True)
class Note:
    """What a mark in the text leads to."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the document's title, so parts begin at 2."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph; an `answer` is what a hurried reader must not miss."""

    parts: tuple[Part, ...]
    kind: Literal["answer", "text", "small"] = "text"


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[tuple[Part, ...], ...]


@dataclass(frozen=True, slots=True)
class Box:
    """One cell of a grid as people read it, the figure it shows, and its notes."""

    text: str
    figure: str = ""
    refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a grid's column; where it is `whole`, as of instants, no cell is broken."""

    title: str
    unit: str = ""
    right: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with its caption; rows whose number is in `totals` are set apart."""

    caption: tuple[Part, ...]
    heads: tuple[Head, ...]
    rows: tuple[tuple[Box, ...], ...]
    totals: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """One of a finding's charts."""

    finding: Finding
    chart: int


Block = Heading | Para | Items | Grid | Picture


@dataclass(frozen=True, slots=True)
class Document:
    """A titled sequence of blocks with the notes that they refer to.

    `marking` stands at the head and foot of every page; `foot` says who made it
    and of what date its knowledge is; `notes_title` stands over the notes.
    """

    title: str
    blocks: tuple[Block, ...]
    notes: tuple[Note, ...] = ()
    subtitle: str = ""
    marking: str = ""
    foot: str = "Made with Comity"
    notes_title: str = "Notes"

    def numbered(self) -> dict[str, int]:
        """Return the number of each note, in the order in which the text first names them."""
        held = {note.key for note in self.notes}
        order: dict[str, int] = {}
        for key in self._keys():
            if key not in held:
                raise UsageError(f"the document refers to a note {key!r} that it does not have")
            order.setdefault(key, len(order) + 1)
        return order

    def _keys(self) -> Iterator[str]:
        for block in self.blocks:
            if isinstance(block, Para):
                yield from _refs(block.parts)
            elif isinstance(block, Items):
                for item in block.items:
                    yield from _refs(item)
            elif isinstance(block, Grid):
                yield from _refs(block.caption)
                for row in block.rows:
                    for box in row:
                        yield from box.refs

    def ordered_notes(self) -> tuple[Note, ...]:
        """Return the notes that the text names, by number."""
        held = {note.key: note for note in self.notes}
        return tuple(held[key] for key in self.numbered())


def _refs(parts: Sequence[Part]) -> Iterator[str]:
    return (part.key for part in parts if isinstance(part, Ref))


def grid(table: Table, refs: tuple[str, ...] = ()) -> Grid:
    """Return a finding's table as a grid, its caption bearing the given notes."""
    heads: list[Head] = []
    columns: list[tuple[Box, ...]] = []
    for column in table.columns:
        unit, texts = cells(column)
        heads.append(Head(column.title, unit, column.is_number))
        columns.append(
            tuple(
                Box(shown, cell.id if isinstance(cell, Quantity) else "")
                for shown, cell in zip(texts, column.values, strict=True)
            )
        )
    caption: tuple[Part, ...] = (table.title, *(Ref(key) for key in refs))
    return Grid(caption, tuple(heads), tuple(zip(*columns, strict=True)), table.totals)


def document(findings: Sequence[Finding], title: str, *, marking: str = "") -> Document:
    """Return findings as one document, each from its answer to its caveats; sources as notes."""
    blocks: list[Block] = []
    notes: dict[str, Note] = {}
    for finding in findings:
        keys = tuple(f"source {source.id}" for source in finding.sources)
        for key, source in zip(keys, finding.sources, strict=True):
            notes.setdefault(key, Note(key, citation(source)))
        blocks.append(Heading(finding.question))
        blocks.append(Para((finding.sentence, *(Ref(key) for key in keys)), "answer"))
        blocks.extend(Picture(finding, i) for i in range(len(finding.charts)))
        blocks.extend(grid(table) for table in finding.tables if len(table))
        for section in sections(finding):
            if section.title != "Sources":
                blocks.append(Heading(section.title, 3))
                blocks.append(Items(tuple((item,) for item in section.items)))
    known = {f.vintage.known_on for f in findings if f.vintage.known_on is not None}
    foot = "Made with Comity"
    if known:
        foot += "; as known on " + ", ".join(sorted(day.isoformat() for day in known))
    return Document(title, tuple(blocks), tuple(notes.values()), marking=marking, foot=foot)
