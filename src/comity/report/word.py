"""Documents for Word: real headings, tables with repeated heads, and notes that are linked.

python-docx has no footnotes, so notes stand numbered at the end; each mark in
the text leads to its note, and each note back.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comity.examine.finding import Finding
from comity.report.chart import png
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
from comity.report.packed import packed

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.text.paragraph import Paragraph

_FONT = "Arial"


def docx(
    findings: Sequence[Finding], title: str, *, marking: str = "", world: Path | None = None
) -> bytes:
    """Return findings as one Word document.

    Parameters
    ----------
    title
        The document's own heading.
    marking
        Stands at the head of every page.
    world
        GeoJSON shapes for maps; the shipped ones where left out.
    """
    return word(document(findings, title, marking=marking), world=world)


def word(doc: Document, *, world: Path | None = None) -> bytes:
    """Return a document as a Word file."""
    return _Writer(doc, world).write()


class _Writer:
    def __init__(self, doc: Document, world: Path | None) -> None:
        import docx as python_docx

        self.doc = doc
        self.world = world
        self.numbers = doc.numbered()
        self.out: WordDocument = python_docx.Document()
        self.marked: set[str] = set()
        self.bookmarks = 0

    def write(self) -> bytes:
        self._page()
        self._styles()
        self.out.add_paragraph(self.doc.title, style="Title")
        if self.doc.subtitle:
            self.out.add_paragraph(self.doc.subtitle, style="Subtitle")
        for block in self.doc.blocks:
            self._block(block)
        self._notes()
        properties = self.out.core_properties
        properties.title = self.doc.title
        properties.author = "Comity"
        properties.comments = ""
        properties.language = "en-GB"
        out = io.BytesIO()
        self.out.save(out)
        return packed(out.getvalue())

    def _page(self) -> None:
        from docx.enum.text import WD_TAB_ALIGNMENT
        from docx.shared import Mm

        section = self.out.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(20)
        section.top_margin, section.bottom_margin = Mm(13), Mm(13)
        section.header_distance = section.footer_distance = Mm(7)
        if self.doc.marking:
            section.header.paragraphs[0].add_run(self.doc.marking.upper()).bold = True
        foot = section.footer.paragraphs[0]
        foot.paragraph_format.tab_stops.add_tab_stop(Mm(170), WD_TAB_ALIGNMENT.RIGHT)
        foot.add_run(f"{self.doc.foot}\t")
        _field(foot, "PAGE")
        foot.add_run(" / ")
        _field(foot, "NUMPAGES")

    def _styles(self) -> None:
        from docx.oxml.ns import qn
        from docx.shared import Pt, RGBColor

        ink = RGBColor(0x1A, 0x1C, 0x1F)
        sizes: dict[str, tuple[float, float, float]] = {
            "Normal": (9, 0, 3),
            "Title": (16, 0, 2),
            "Subtitle": (9, 0, 3),
            "Heading 2": (11.5, 7, 2),
            "Heading 3": (10, 6, 2),
            "Caption": (9, 4, 2),
            "List Bullet": (9, 0, 1),
            "List Number": (8, 0, 1),
            "Header": (8.5, 0, 0),
            "Footer": (8, 0, 0),
        }
        for name, (size, before, after) in sizes.items():
            style: Any = self.out.styles[name]
            style.font.name, style.font.size, style.font.color.rgb = _FONT, Pt(size), ink
            style.font.italic = False
            if name == "Title":
                style.font.bold = True
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                fonts.attrib.pop(qn(f"w:{theme}"), None)
            for script in ("ascii", "hAnsi", "cs", "eastAsia"):
                fonts.set(qn(f"w:{script}"), _FONT)
            style.paragraph_format.space_before = Pt(before)
            style.paragraph_format.space_after = Pt(after)
            style.paragraph_format.line_spacing = 1.03
            for odd in ("w:pBdr", "w:tabs"):
                for element in style.element.findall(".//" + qn(odd)):
                    element.getparent().remove(element)
            for spacing in style.element.rPr.findall(qn("w:spacing")):
                style.element.rPr.remove(spacing)
            if name in ("Heading 2", "Heading 3", "Caption"):
                style.paragraph_format.keep_with_next = True
        for lang in self.out.styles.element.iter(qn("w:lang")):
            lang.set(qn("w:val"), "en-GB")

    def _block(self, block: Heading | Para | Items | Grid | Picture) -> None:
        from docx.shared import Pt

        if isinstance(block, Heading):
            self.out.add_paragraph(block.text, style=f"Heading {min(block.level, 3)}")
        elif isinstance(block, Para):
            paragraph = self.out.add_paragraph()
            self._inline(paragraph, block.parts)
            for run in paragraph.runs:
                if block.kind == "answer":
                    run.bold = True
                elif block.kind == "small":
                    run.font.size = Pt(8)
        elif isinstance(block, Items):
            for item in block.items:
                self._inline(self.out.add_paragraph(style="List Bullet"), item)
        elif isinstance(block, Grid):
            self._grid(block)
        else:
            self._picture(block)

    def _inline(self, paragraph: Paragraph, parts: Sequence[Part]) -> None:
        before: Part = ""
        for part in parts:
            if isinstance(part, Ref) and isinstance(before, Ref):
                paragraph.add_run(", ").font.superscript = True
            before = part
            if isinstance(part, str):
                paragraph.add_run(part)
            elif isinstance(part, Strong):
                paragraph.add_run(part.text).bold = True
            elif isinstance(part, File):
                paragraph.add_run(part.name)
            elif isinstance(part, Ref):
                self._ref(paragraph, part.key)

    def _ref(self, paragraph: Paragraph, key: str) -> None:
        number = self.numbers[key]
        link = _link(paragraph, f"note_{number}", str(number), raised=True)
        if key not in self.marked:
            self.marked.add(key)
            self._bookmark(link, f"to_note_{number}")

    def _bookmark(self, element: Any, name: str) -> None:
        """Set a bookmark around an element of the file."""
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        self.bookmarks += 1
        start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
        for mark in (start, end):
            mark.set(qn("w:id"), str(self.bookmarks))
        start.set(qn("w:name"), name)
        element.addprevious(start)
        element.addnext(end)

    def _grid(self, grid: Grid) -> None:
        from docx.enum.table import WD_TABLE_ALIGNMENT
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn
        from docx.shared import Mm, Pt

        self._inline(self.out.add_paragraph(style="Caption"), grid.caption)
        table = self.out.add_table(rows=1, cols=len(grid.heads))
        table.alignment = WD_TABLE_ALIGNMENT.LEFT
        table.autofit = False
        widths = _widths(grid)

        def fill(
            cell: Any,
            words: str,
            *,
            right: bool,
            bold: bool,
            refs: Sequence[str],
            held: bool,
        ) -> None:
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(0)
            run = paragraph.add_run(words)
            run.bold = bold
            self._inline(paragraph, [Ref(key) for key in refs])
            for each in (*paragraph.runs, *(r for h in paragraph.hyperlinks for r in h.runs)):
                each.font.size = Pt(8.5)
            # A head never stands without rows, nor a small table on two pages.
            paragraph.paragraph_format.keep_with_next = held
            if right:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT

        head_row = table.rows[0]
        for cell, head in zip(head_row.cells, grid.heads, strict=True):
            name = f"{head.title} ({head.unit})" if head.unit else head.title
            fill(cell, name, right=head.right, bold=True, refs=(), held=True)
        repeated = OxmlElement("w:tblHeader")
        repeated.set(qn("w:val"), "true")
        head_row._tr.get_or_add_trPr().append(repeated)
        _border(head_row, "bottom", 8)
        for i, row in enumerate(grid.rows):
            written = table.add_row()
            total = i in grid.totals
            held = len(grid.rows) <= 12 and i < len(grid.rows) - 1
            for cell, box, head in zip(written.cells, row, grid.heads, strict=True):
                fill(cell, box.text, right=head.right, bold=total, refs=box.refs, held=held)
            written._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
            if total and i - 1 not in grid.totals:
                _border(written, "top", 8)
            else:
                _border(written, "bottom", 2)
        for column, width in zip(table.columns, widths, strict=True):
            for cell in column.cells:
                cell.width = Mm(width)
            column.width = Mm(width)
        after = self.out.add_paragraph()
        after.paragraph_format.space_after = Pt(0)
        after.paragraph_format.line_spacing = Pt(6)

    def _picture(self, picture: Picture) -> None:
        from docx.shared import Mm

        drawn = png(picture.finding, picture.chart, world=self.world)
        shape = self.out.add_picture(io.BytesIO(drawn), width=Mm(164))
        # Also within the height of a page, beneath a heading.
        if shape.height > Mm(225):
            shape.width = int(shape.width * Mm(225) / shape.height)
            shape.height = Mm(225)
        shape._inline.docPr.set("descr", picture.finding.charts[picture.chart].title)

    def _notes(self) -> None:
        if not self.numbers:
            return
        from docx.shared import Mm, Pt

        self.out.add_paragraph(self.doc.notes_title, style="Heading 2")
        for number, note in enumerate(self.doc.ordered_notes(), 1):
            paragraph = self.out.add_paragraph()
            form = paragraph.paragraph_format
            form.left_indent, form.first_line_indent = Mm(6), Mm(-6)
            form.space_after = Pt(0)
            form.tab_stops.add_tab_stop(Mm(6))
            link = _link(paragraph, f"to_note_{number}", str(number))
            self._bookmark(link, f"note_{number}")
            paragraph.add_run(f"\t{note.text}")
            for run in (*paragraph.runs, *(r for h in paragraph.hyperlinks for r in h.runs)):
                run.font.size = Pt(7)


def _widths(grid: Grid) -> list[float]:
    """Share 170 mm among the columns by what they hold; numbers and words are not broken."""
    least: list[float] = []
    wanted: list[float] = []
    for j, head in enumerate(grid.heads):
        texts = [row[j].text + "," * (2 * len(row[j].refs)) for row in grid.rows]
        words = [word for words in (head.title, head.unit, *texts) for word in words.split()]
        # The width of a letter at this size, in bold for heads, and the margins of a cell.
        # Capitals, as of codes, are wider.
        longest = max((len(w) * (2.4 if w.isupper() else 1.95) for w in words), default=1.95) + 4.2
        whole = 1.62 * max(map(len, texts), default=1) + 4.2
        if head.right or head.whole:
            longest = max(longest, min(whole, 45))
        least.append(longest)
        title = 1.75 * len(f"{head.title} {head.unit}") / 2 + 4.2
        wanted.append(min(max(longest, whole, title), 110))
    if sum(wanted) <= 170:
        return wanted
    # Where much is said in one column and little in others, the others give way first.
    said = [(1 + sum(len(row[j].text) for row in grid.rows)) ** 0.5 for j in range(len(grid.heads))]
    widths = list(least)
    spare = max(0.0, 170 - sum(least))
    hungry = [j for j, most in enumerate(wanted) if most > least[j]]
    while hungry and spare > 0.01:
        shares = {j: (wanted[j] - least[j]) * said[j] for j in hungry}
        unit = spare / sum(shares.values())
        for j in hungry:
            widths[j] = min(wanted[j], widths[j] + unit * shares[j])
        spare = max(0.0, 170 - sum(widths))
        hungry = [j for j in hungry if widths[j] < wanted[j] - 0.01]
    return widths


def _link(paragraph: Paragraph, anchor: str, words: str, *, raised: bool = False) -> Any:
    """Add a link to a bookmark of the same document."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    run = paragraph.add_run(words)
    if raised:
        run.font.superscript = True
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), anchor)
    link.set(qn("w:history"), "1")
    run._r.addprevious(link)
    link.append(run._r)
    return link


def _border(row: Any, side: str, eighths: int) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for cell in row.cells:
        properties = cell._tc.get_or_add_tcPr()
        borders = OxmlElement("w:tcBorders")
        line = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", str(eighths)), ("color", "8A8F96")):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
        properties.append(borders)


def _field(paragraph: Paragraph, name: str) -> None:
    """Add a field that Word fills in when it lays the page out."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    run = paragraph.add_run("1")
    run._r.addprevious(field)
    field.append(run._r)
