import io
import re

import docx as python_docx
import pytest

from comity import charters
from comity.errors import ComityError, UsageError
from comity.evidence import load
from comity.examine.brief import leaving
from comity.report.brief import brief, write_brief
from comity.report.document import Grid
from comity.report.marked import marked
from comity.report.page import page
from comity.report.word import word


@pytest.fixture(scope="module")
def evidence():
    return load()


@pytest.fixture(scope="module")
def charter():
    return charters.load("coalition-of-the-willing")


@pytest.fixture(scope="module")
def doc(evidence, charter):
    members = [m.iso for m in charter.members.values()]
    return brief(charter.name, members, evidence=evidence, without=["GBR"], charter=charter)


def test_the_brief_says_what_it_is_what_leaves_what_stays_and_what_is_weak(doc):
    said = marked(doc)
    order = [
        "# Coalition of the Willing, with and without UK",
        "## What it is",
        "## What leaves with UK",
        "## What stays",
        "## Which numbers are weak",
        "[^1]:",
    ]
    places = [said.index(part) for part in order]
    assert places == sorted(places)
    assert "225 of 515 warheads" in said
    assert "3.3–3.5 million people" in said
    assert "Not in it at all" in said


def names_in(doc):
    listed = (n.text.partition(": ")[2] for n in doc.notes if n.key.startswith("figures "))
    return {name for names in listed for name in names.split(" · ")}


def test_every_name_of_a_figure_in_the_notes_resolves(doc, evidence):
    names = names_in(doc)
    assert len(names) > 30
    for name in names:
        figure = evidence.show(name)
        assert figure.id == name
        assert figure.source or figure.inputs


def test_every_figure_in_a_table_is_named_in_a_note(doc):
    noted = " ".join(note.text for note in doc.notes)
    shown = [box for b in doc.blocks if isinstance(b, Grid) for row in b.rows for box in row]
    figures = [box.figure for box in shown if box.figure]
    assert len(figures) > 30
    for figure in figures:
        assert figure in noted


def test_every_note_is_named_in_the_text(doc):
    assert set(doc.numbered()) == {note.key for note in doc.notes}


def test_the_charter_says_what_the_member_owes(doc, charter):
    said = marked(doc)
    assert "Deployment of the Multinational Force Ukraine" in said
    assert "1 of those who owe it stays" in said


def test_the_brief_reads_alike_in_word_and_on_a_page(doc):
    read = python_docx.Document(io.BytesIO(word(doc)))
    headings = [p.text for p in read.paragraphs if p.style.name == "Heading 2"]
    assert headings == re.findall(r"<h2[^>]*>([^<]+)</h2>", page(doc))
    assert len(read.tables) == 2
    assert len(read.inline_shapes) == 2


def test_a_brief_without_anyone_leaving_says_what_there_is(evidence):
    said = marked(brief("Two", ["FRA", "GBR"], evidence=evidence))
    assert "# Two\n" in said
    assert "What leaves" not in said
    assert "## Beside others" in said


def test_several_members_may_leave(evidence):
    said = marked(brief("Three", ["FRA", "GBR", "DEU"], evidence=evidence, without=["FRA", "GBR"]))
    assert "515 of 515 warheads" in said
    assert "## What leaves with France and UK" in said


def test_a_brief_of_a_day_sees_what_was_public_then(evidence):
    import datetime

    day = datetime.date(2026, 1, 20)
    doc = brief("Two", ["FRA", "GBR"], evidence=evidence, known_on=day, without=["GBR"])
    assert "as known on 2026-01-20" in doc.subtitle
    assert all(evidence.show(name).id == name for name in names_in(doc))


@pytest.mark.parametrize(
    "without", [pytest.param(["USA"], id="no member"), pytest.param(["FRA", "GBR"], id="all")]
)
def test_nobody_can_leave_who_is_not_in_and_not_all_can(evidence, without):
    with pytest.raises(ComityError):
        brief("Two", ["FRA", "GBR"], evidence=evidence, without=without)
    with pytest.raises(UsageError):
        leaving(["FRA", "GBR"], evidence=evidence, without=without)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("x.pdf", "browser"), ("x.xlsx", ".docx"), ("x", ".docx"), ("missing/x.md", "another")],
)
def test_a_brief_is_written_as_word_page_or_markdown(tmp_path, doc, name, hint):
    for suffix in (".docx", ".html", ".md"):
        assert write_brief(doc, tmp_path / f"x{suffix}").stat().st_size > 5000
    with pytest.raises(UsageError) as caught:
        write_brief(doc, tmp_path / name)
    assert hint in caught.value.hint


def test_a_member_that_adds_nothing_measured_leaves_nothing(evidence):
    found = leaving(["FRA", "ISL"], evidence=evidence, without=["ISL"])
    assert found.sentence == "Nothing that is measured here leaves with Iceland."
    assert any(m.subject == "Iceland" for m in found.missing)
