"""Documents as Markdown, for mail, wikis and notebooks; notes as footnotes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from comity.examine.finding import Finding
from comity.report.document import (
    Document,
    File,
    Grid,
    Heading,
    Items,
    Para,
    Part,
    Strong,
    document,
)

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#])")


def markdown(findings: Sequence[Finding], title: str, *, marking: str = "") -> str:
    """Return findings as Markdown; pictures are left to the other formats."""
    return marked(document(findings, title, marking=marking))


def marked(doc: Document) -> str:
    """Return a document as Markdown; pictures are left to the other formats."""
    numbers = doc.numbered()

    def inline(parts: Sequence[Part]) -> str:
        return "".join(
            _plain(part)
            if isinstance(part, str)
            else f"**{_plain(part.text)}**"
            if isinstance(part, Strong)
            else _plain(part.name)
            if isinstance(part, File)
            else f"[^{numbers[part.key]}]"
            for part in parts
        )

    blocks = [f"# {_plain(doc.title)}"]
    if doc.marking:
        blocks.insert(0, f"**{_plain(doc.marking.upper())}**")
    if doc.subtitle:
        blocks.append(_plain(doc.subtitle))
    for block in doc.blocks:
        if isinstance(block, Heading):
            blocks.append(f"{'#' * block.level} {_plain(block.text)}")
        elif isinstance(block, Para):
            words = inline(block.parts)
            blocks.append(f"**{words}**" if block.kind == "answer" else words)
        elif isinstance(block, Items):
            blocks.append("\n".join(f"- {inline(item)}" for item in block.items))
        elif isinstance(block, Grid):
            blocks.append(_grid(block, numbers, inline(block.caption)))
    notes = "\n".join(
        f"[^{number}]: {_plain(note.text)}" for number, note in enumerate(doc.ordered_notes(), 1)
    )
    if notes:
        blocks.append(notes)
    blocks.append(_plain(doc.foot))
    return "\n\n".join(blocks) + "\n"


def _plain(words: str) -> str:
    return _SPECIAL.sub(r"\\\1", words)


def _grid(grid: Grid, numbers: dict[str, int], caption: str) -> str:
    heads = [
        _plain(f"{head.title} ({head.unit})" if head.unit else head.title) for head in grid.heads
    ]
    lines = [
        f"| {' | '.join(heads)} |",
        f"|{'|'.join(' ---: ' if head.right else ' --- ' for head in grid.heads)}|",
    ]
    for row in grid.rows:
        cells = [
            _plain(box.text) + "".join(f"[^{numbers[key]}]" for key in box.refs) for box in row
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return f"{caption}\n\n" + "\n".join(lines)
