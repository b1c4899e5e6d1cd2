"""A document of the report room as a page of this one: its blocks as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from comity.report.document import Document, File, Grid, Heading, Items, Para, Part, Ref, Strong


@dataclass(frozen=True, slots=True)
class Run:
    """Some words: plain, strong, a file that is named, or the number of a note."""

    kind: Literal["plain", "strong", "file", "note"]
    text: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table."""

    text: str
    notes: tuple[int, ...]
    right: bool
    heads: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One block as the page shows it; which of its parts has something hangs on its kind."""

    kind: Literal["heading", "answer", "text", "small", "items", "grid"]
    runs: tuple[Run, ...] = ()
    items: tuple[tuple[Run, ...], ...] = ()
    level: int = 2
    label: str = ""
    heads: tuple[tuple[str, str, bool], ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()


def shown(document: Document) -> list[Shown]:
    """Return the blocks of a document that has no pictures."""
    numbers = document.numbered()
    found: list[Shown] = []
    for block in document.blocks:
        if isinstance(block, Heading):
            found.append(Shown("heading", (Run("plain", block.text),), level=block.level))
        elif isinstance(block, Para):
            found.append(Shown(block.kind, _runs(block.parts, numbers)))
        elif isinstance(block, Items):
            items = tuple(_runs(item, numbers) for item in block.items)
            found.append(Shown("items", items=items))
        elif isinstance(block, Grid):
            found.append(_grid(block, numbers))
    return found


def _grid(grid: Grid, numbers: dict[str, int]) -> Shown:
    return Shown(
        "grid",
        _runs(grid.caption, numbers),
        label=" ".join(part for part in grid.caption if isinstance(part, str)),
        heads=tuple((head.title, head.unit, head.right) for head in grid.heads),
        rows=tuple(
            tuple(
                Cell(box.text, tuple(numbers[key] for key in box.refs), head.right, place == 0)
                for place, (box, head) in enumerate(zip(row, grid.heads, strict=True))
            )
            for row in grid.rows
        ),
    )


def _runs(parts: Sequence[Part], numbers: dict[str, int]) -> tuple[Run, ...]:
    found: list[Run] = []
    for part in parts:
        if isinstance(part, Strong):
            found.append(Run("strong", part.text))
        elif isinstance(part, File):
            found.append(Run("file", part.name))
        elif isinstance(part, Ref):
            found.append(Run("note", str(numbers[part.key])))
        else:
            found.append(Run("plain", part))
    return tuple(found)
