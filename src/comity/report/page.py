"""Documents as pages: one self-contained HTML file, no script, nothing fetched, prints on A4."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path

from comity.examine.finding import Finding
from comity.report.chart import svg
from comity.report.document import (
    Document,
    File,
    Grid,
    Heading,
    Items,
    Para,
    Part,
    Picture,
    Ref,
    Strong,
    document,
)


def html(
    findings: Sequence[Finding], title: str, *, marking: str = "", world: Path | None = None
) -> str:
    """Return findings as one page that needs nothing else.

    Parameters
    ----------
    title
        The page's own heading.
    marking
        Stands at the head and foot of the page.
    world
        GeoJSON shapes for maps; the shipped ones where left out.
    """
    return page(document(findings, title, marking=marking), world=world)


def page(doc: Document, *, world: Path | None = None) -> str:
    """Return a document as one page that needs nothing else."""
    writer = _Writer(doc, world)
    body = "".join(writer.block(block) for block in doc.blocks)
    if writer.open_section:
        body += "</section>\n"
    css = (files("comity.report") / "page.css").read_text(encoding="utf-8")
    marking = f'<p class="marking">{escape(doc.marking)}</p>\n' if doc.marking else ""
    subtitle = f'<p class="subtitle">{escape(doc.subtitle)}</p>\n' if doc.subtitle else ""
    contents = "".join(
        f'<li><a href="#{name}">{escape(text)}</a></li>' for name, text in writer.contents
    )
    if doc.notes and writer.numbers:
        contents += f'<li><a href="#notes">{escape(doc.notes_title)}</a></li>'
    nav = f'<nav aria-label="Contents"><ul>{contents}</ul></nav>\n' if contents else ""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(doc.title)}</title>\n<style>\n{css}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#main">Skip to the answer</a>\n'
        f"<header>\n{marking}<h1>{escape(doc.title)}</h1>\n{subtitle}</header>\n{nav}"
        f'<main id="main">\n{body}{writer.notes()}</main>\n'
        f"<footer>\n{marking}<p>{escape(doc.foot)}</p>\n</footer>\n</body>\n</html>\n"
    )


class _Writer:
    def __init__(self, doc: Document, world: Path | None) -> None:
        self.doc = doc
        self.world = world
        self.numbers = doc.numbered()
        self.marked: set[str] = set()
        self.contents: list[tuple[str, str]] = []
        self.open_section = False
        self.pictures = 0

    def block(self, block: Heading | Para | Items | Grid | Picture) -> str:
        if isinstance(block, Heading):
            return self.heading(block)
        if isinstance(block, Para):
            kind = f' class="{block.kind}"' if block.kind != "text" else ""
            return f"<p{kind}>{self.inline(block.parts)}</p>\n"
        if isinstance(block, Items):
            items = "".join(f"<li>{self.inline(item)}</li>\n" for item in block.items)
            return f"<ul>\n{items}</ul>\n"
        if isinstance(block, Grid):
            return self.grid(block)
        return self.picture(block)

    def heading(self, heading: Heading) -> str:
        if heading.level > 2:
            return f"<h{heading.level}>{escape(heading.text)}</h{heading.level}>\n"
        name = f"part-{len(self.contents) + 1}"
        self.contents.append((name, heading.text))
        before = "</section>\n" if self.open_section else ""
        self.open_section = True
        return (
            f'{before}<section aria-labelledby="{name}">\n'
            f'<h2 id="{name}">{escape(heading.text)}</h2>\n'
        )

    def inline(self, parts: Sequence[Part]) -> str:
        out: list[str] = []
        for i, part in enumerate(parts):
            if isinstance(part, Ref) and i and isinstance(parts[i - 1], Ref):
                out.append("<sup>,</sup>")
            if isinstance(part, str):
                out.append(escape(part))
            elif isinstance(part, Strong):
                out.append(f"<strong>{escape(part.text)}</strong>")
            elif isinstance(part, File):
                out.append(_download(part))
            else:
                out.append(self.ref(part.key))
        return "".join(out)

    def ref(self, key: str) -> str:
        number = self.numbers[key]
        name = "" if key in self.marked else f' id="to-note-{number}"'
        self.marked.add(key)
        return f'<sup><a href="#note-{number}"{name} aria-label="note {number}">{number}</a></sup>'

    def grid(self, grid: Grid) -> str:
        heads = "".join(
            f'<th scope="col"{_number(head.right)}>{escape(head.title)}'
            + (f' <span class="unit">{escape(head.unit)}</span>' if head.unit else "")
            + "</th>"
            for head in grid.heads
        )
        rows: list[str] = []
        for i, row in enumerate(grid.rows):
            boxes: list[str] = []
            # A total has no code: its name heads the row.
            header = next((j for j, box in enumerate(row) if box.text), 0)
            for j, (box, head) in enumerate(zip(row, grid.heads, strict=True)):
                marks = self.inline([Ref(key) for key in box.refs])
                if j == header and not head.right:
                    whole = ' class="unbroken"' if head.whole else ""
                    boxes.append(f'<th scope="row"{whole}>{escape(box.text)}{marks}</th>')
                else:
                    figure = f' data-figure="{escape(box.figure)}"' if box.figure else ""
                    kind = ' class="unbroken"' if head.whole and not head.right else ""
                    kind = kind or _number(head.right)
                    boxes.append(f"<td{kind}{figure}>{escape(box.text)}{marks}</td>")
            kind = ""
            if i in grid.totals:
                first = " first-total" if i - 1 not in grid.totals else ""
                kind = f' class="total{first}"'
            rows.append(f"<tr{kind}>{''.join(boxes)}</tr>\n")
        whole = " whole" if len(grid.rows) <= 12 else ""
        label = escape(" ".join(part for part in grid.caption if isinstance(part, str)))
        return (
            f'<div class="wide{whole}" tabindex="0" role="group" aria-label="Table: {label}">\n'
            "<table>\n"
            f"<caption>{self.inline(grid.caption)}</caption>\n"
            f"<thead>\n<tr>{heads}</tr>\n</thead>\n<tbody>\n{''.join(rows)}</tbody>\n"
            "</table>\n</div>\n"
        )

    def picture(self, picture: Picture) -> str:
        self.pictures += 1
        drawn = svg(picture.finding, picture.chart, world=self.world)
        drawn = re.sub(r'(id="|url\(#)c\d+-', rf"\g<1>p{self.pictures}-", drawn)
        drawn = re.sub(r'(<svg[^>]*?) width="[\d.]+" height="[\d.]+"', r"\1", drawn, count=1)
        label = escape(picture.finding.charts[picture.chart].title)
        return (
            f'<figure class="wide" tabindex="0" aria-label="Chart: {label}">\n{drawn}\n</figure>\n'
        )

    def notes(self) -> str:
        if not self.numbers:
            return ""
        items = "".join(
            f'<li id="note-{n}">{escape(note.text)} '
            f'<a href="#to-note-{n}" aria-label="back to the text of note {n}">↑</a></li>\n'
            for n, note in enumerate(self.doc.ordered_notes(), 1)
        )
        return (
            '<section aria-labelledby="notes" class="notes">\n'
            f'<h2 id="notes">{escape(self.doc.notes_title)}</h2>\n'
            f'<ol class="small">\n{items}</ol>\n</section>\n'
        )


def _download(file: File) -> str:
    content = b64encode(file.content).decode("ascii")
    name = escape(file.name)
    return f'<a download="{name}" href="data:{escape(file.media)};base64,{content}">{name}</a>'


def _number(right: bool) -> str:
    return ' class="number"' if right else ""
