"""Documents for the terminal: plain text, nothing that depends on colour."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from comity.errors import UsageError
from comity.report.document import (
    Block,
    Document,
    File,
    Grid,
    Heading,
    Items,
    Para,
    Part,
    Picture,
    Strong,
)
from comity.report.text import grid


def plain(doc: Document, width: int = 100) -> str:
    """Return a document as text; pictures are left to the other formats.

    Parameters
    ----------
    width
        Columns of the terminal.

    Examples
    --------
    >>> from comity.report.document import Note, Ref
    >>> print(plain(Document("Ice", (Heading("What"), Para(("It is cold.", Ref("a")))),
    ...     (Note("a", "The Larch League"),))))
    Ice
    ===
    <BLANKLINE>
    What
    ----
    It is cold.[1]
    <BLANKLINE>
    Notes
    -----
    [1] The Larch League
    <BLANKLINE>
    Made with Comity
    """
    if width < 40:
        raise UsageError(f"{width} columns are too narrow for a document", hint="use 40 or more")
    marks = {key: f"[{number}]" for key, number in doc.numbered().items()}
    head = [doc.marking.upper()] if doc.marking else []
    head += _under(doc.title, "=", width)
    if doc.subtitle:
        head += textwrap.wrap(doc.subtitle, width)
    parts = ["\n".join(head)]
    title: list[str] = []
    for block in doc.blocks:
        if isinstance(block, Heading):
            parts += ["\n".join(title)] if title else []
            title = _under(block.text, "-", width) if block.level == 2 else [block.text]
        elif not isinstance(block, Picture):
            parts.append("\n".join([*title, _block(block, marks, width)]))
            title = []
    parts += ["\n".join(title)] if title else []
    if marks:
        notes = _under(doc.notes_title, "-", width)
        for number, note in enumerate(doc.ordered_notes(), 1):
            mark = f"[{number}] "
            notes += _wrapped(note.text, width, mark, " " * len(mark))
        parts.append("\n".join(notes))
    parts.append("\n".join(textwrap.wrap(doc.foot, width)))
    return "\n\n".join(parts)


def _block(block: Block, marks: dict[str, str], width: int) -> str:
    if isinstance(block, Para):
        return "\n".join(_wrapped(_inline(block.parts, marks), width))
    if isinstance(block, Items):
        told = (_wrapped(_inline(item, marks), width, "  - ", "    ") for item in block.items)
        return "\n".join(line for lines in told for line in lines)
    assert isinstance(block, Grid)
    caption = _wrapped(_inline(block.caption, marks), width)
    return "\n".join([*caption, grid(block, marks, width)])


def _inline(parts: Sequence[Part], marks: dict[str, str]) -> str:
    told = []
    for part in parts:
        if isinstance(part, str):
            told.append(part)
        elif isinstance(part, Strong):
            told.append(part.text)
        elif isinstance(part, File):
            told.append(part.name)
        else:
            told.append(marks[part.key])
    return "".join(told)


def _wrapped(words: str, width: int, first: str = "", then: str = "") -> list[str]:
    return textwrap.wrap(
        words, width, initial_indent=first, subsequent_indent=then, break_on_hyphens=False
    ) or [first.rstrip()]


def _under(words: str, line: str, width: int) -> list[str]:
    wrapped = textwrap.wrap(words, width)
    return [*wrapped, line * max(map(len, wrapped), default=0)]
