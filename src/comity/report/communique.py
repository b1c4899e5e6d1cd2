"""A communiqué: what was agreed, as a document that can leave the room.

Not a finding: words that members agreed on, with who they are, and whence the
words come, so that a reader can ask for the proof.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from comity.report.packed import packed

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~])")
_OPENING = re.compile(r"^(\s*\d*)([-+=.)])", re.MULTILINE)
_FONT = "Arial"


@dataclass(frozen=True, slots=True)
class Communique:
    """What a communiqué says.

    Parameters
    ----------
    body
        Whose it is: the coalition and the organ.
    standing
        What the paragraphs are, in one sentence: adopted, or a clean text that nobody decided.
    members
        Their names, in charter order.
    marking
        Stands at the head of every page; empty for none.
    source
        Where the words come from: fingerprint and ids.
    """

    title: str
    body: str
    standing: str
    day: date
    members: tuple[str, ...]
    paragraphs: tuple[str, ...]
    source: tuple[str, ...]
    marking: str = ""

    @property
    def dated(self) -> str:
        """The day, in words."""
        return f"{self.day.day} {self.day:%B %Y}"


def communique_markdown(told: Communique) -> str:
    """Return a communiqué as Markdown."""
    blocks = [
        f"# {_plain(told.title)}",
        f"{_plain(told.body)} · {told.dated}",
        f"{_plain(told.standing)}",
        _plain(", ".join(told.members)),
        *(
            f"{number}. " + _plain(words).replace("\n", "  \n" + " " * (len(str(number)) + 2))
            for number, words in enumerate(told.paragraphs, 1)
        ),
        "---",
        "  \n".join(_plain(line) for line in told.source),
    ]
    if told.marking:
        blocks.insert(0, f"**{_plain(told.marking)}**")
    return "\n\n".join(blocks) + "\n"


def communique_docx(told: Communique) -> bytes:
    """Return a communiqué as a Word document; the same one is the same bytes."""
    import docx
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm, Pt

    out = docx.Document()
    section = out.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(25)
    section.top_margin = section.bottom_margin = Mm(22)
    _styles(out)
    if told.marking:
        for part in (section.header, section.footer):
            line = part.paragraphs[0]
            line.alignment = WD_ALIGN_PARAGRAPH.CENTER
            line.add_run(told.marking).bold = True
    out.add_paragraph(told.title, style="Heading 1")
    out.add_paragraph(f"{told.body}, {told.dated}").runs[0].bold = True
    out.add_paragraph(told.standing)
    out.add_paragraph(", ".join(told.members)).paragraph_format.space_after = Pt(14)
    for number, words in enumerate(told.paragraphs, 1):
        # The number is part of the words: a paragraph that is cited keeps it wherever it goes.
        paragraph = out.add_paragraph(f"{number}.\t{words}")
        form = paragraph.paragraph_format
        form.left_indent, form.first_line_indent = Mm(10), Mm(-10)
        form.tab_stops.add_tab_stop(Mm(10))
    for line_number, words in enumerate(told.source):
        paragraph = out.add_paragraph()
        paragraph.paragraph_format.space_before = Pt(0 if line_number else 14)
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.add_run(words).font.size = Pt(8)
    properties = out.core_properties
    properties.title, properties.author, properties.comments = told.title, "Comity", ""
    properties.language = "en-GB"
    written = io.BytesIO()
    out.save(written)
    return packed(written.getvalue())


def _styles(out: Any) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    sizes = (("Normal", 11, 8), ("Heading 1", 17, 6), ("Header", 9, 0), ("Footer", 9, 0))
    for name, size, after in sizes:
        style = out.styles[name]
        style.font.name, style.font.size = _FONT, Pt(size)
        style.font.color.rgb = RGBColor(0x1A, 0x1C, 0x1F)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        for script in ("ascii", "hAnsi", "cs", "eastAsia"):
            fonts.set(qn(f"w:{script}"), _FONT)
        style.paragraph_format.space_before = Pt(0)
        style.paragraph_format.space_after = Pt(after)


def _plain(words: str) -> str:
    return _OPENING.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", words))
