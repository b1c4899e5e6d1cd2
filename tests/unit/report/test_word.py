import io
import zipfile

import docx as python_docx
import pytest
from docx.oxml.ns import qn

from comity.report.document import Box, Document, Grid, Head, Heading, Note, Para, Ref, Strong
from comity.report.word import docx, word
from tests.unit.report.cast import MEMBERS, wide


@pytest.fixture(scope="module")
def made():
    return docx([wide("bar"), wide("strip")], "What the members have", marking="exercise")


@pytest.fixture(scope="module")
def read(made):
    return python_docx.Document(io.BytesIO(made))


def test_headings_are_headings(read):
    styles = [(p.style.name, p.text) for p in read.paragraphs]
    assert ("Title", "What the members have") in styles
    assert sum(style == "Heading 2" for style, _ in styles) == 3
    assert ("Heading 3", "Assumptions") in styles
    assert ("Heading 2", "Notes") in styles


def test_tables_are_tables_with_heads_that_repeat_and_rows_that_hold_together(read):
    assert len(read.tables) == 2
    for table in read.tables:
        assert len(table.rows) == 37
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows[1:])
        assert [row.cells[1].text for row in table.rows[1:36]] == list(MEMBERS.values())
        assert table.rows[17].cells[4].text == "not known"
    captions = [p.text for p in read.paragraphs if p.style.name == "Caption"]
    assert captions == ["Active personnel of each member"] * 2


def test_marks_lead_to_notes_and_notes_back(read):
    body = read.element.body
    marks = {e.get(qn("w:name")) for e in body.iter(qn("w:bookmarkStart"))}
    links = [e.get(qn("w:anchor")) for e in body.iter(qn("w:hyperlink"))]
    assert links
    assert set(links) <= marks
    assert {"note_1", "to_note_1"} <= marks
    ids = [e.get(qn("w:id")) for e in body.iter(qn("w:bookmarkStart"))]
    assert len(ids) == len(set(ids))
    last = [p.text for p in read.paragraphs if p.text][-1]
    assert "Figures that nobody measured" in last


def test_pictures_have_words_for_those_who_do_not_see_them(read):
    pictures = list(read.element.body.iter(qn("wp:docPr")))
    assert len(pictures) == 2
    assert all("The 35 members have" in p.get("descr") for p in pictures)
    for shape in read.inline_shapes:
        assert shape.width.mm <= 170.5
        assert shape.height.mm <= 225.5


def test_a_page_is_a4_and_bears_its_marking(read):
    section = read.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert section.header.paragraphs[0].text == "EXERCISE"
    assert "as known on 2026-01-20" in section.footer.paragraphs[0].text


def test_nothing_in_the_file_is_fetched_and_no_date_gives_away_the_day(made):
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        for name in archive.namelist():
            if name.endswith(".rels"):
                assert b'TargetMode="External"' not in archive.read(name)
        assert b"1980-01-01T00:00:00Z" in archive.read("docProps/core.xml")


def test_the_same_findings_give_the_same_bytes():
    assert docx([wide("strip")], "x") == docx([wide("strip")], "x")


def test_bold_words_notes_in_cells_and_totals_are_written():
    doc = Document(
        "t",
        (
            Heading("Part"),
            Para((Strong("weighty"), " and not", Ref("a"), Ref("b")), "small"),
            Grid(
                ("Caption", Ref("a")),
                (Head("Who"), Head("How many", "crews", right=True)),
                ((Box("Arden", refs=("b",)), Box("7")), (Box("Together"), Box("7"))),
                totals=(1,),
            ),
        ),
        (Note("a", "A."), Note("b", "B.")),
        subtitle="of five members",
    )
    read = python_docx.Document(io.BytesIO(word(doc)))
    text = [p.text for p in read.paragraphs]
    assert "weighty and not1, 2" in text
    assert "of five members" in text
    table = read.tables[0]
    assert table.rows[1].cells[0].text == "Arden2"
    assert table.rows[2].cells[0].paragraphs[0].runs[0].bold
