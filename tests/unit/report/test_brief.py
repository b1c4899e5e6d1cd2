import datetime
import io
import re
from dataclasses import replace

import docx as python_docx
import pytest

from comity import charters
from comity.errors import ComityError, UsageError
from comity.evidence import load
from comity.examine.brief import leaving
from comity.examine.guarantee import KIND_WORDS
from comity.examine.guarantee_brief import guarantees
from comity.examine.guarantee_report import report as cornerstone_report
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
        "## Does the guarantee hold without UK?",
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
    assert len(names) > 20
    for name in names:
        figure = evidence.show(name)
        assert figure.id == name
        assert figure.source or figure.inputs


def test_every_figure_in_a_table_is_named_in_a_note_or_printed_with_one_that_is(doc, evidence):
    names = names_in(doc)
    printed = {part for name in names for part in evidence.show(name).inputs}
    shown = [box for b in doc.blocks if isinstance(b, Grid) for row in b.rows for box in row]
    figures = [box.figure for box in shown if box.figure]
    assert len(figures) > 30
    assert set(figures) <= names | printed


def test_every_note_is_named_in_the_text(doc):
    assert set(doc.numbered()) == {note.key for note in doc.notes}


def test_the_charter_says_what_the_member_owes(doc, charter):
    said = marked(doc)
    assert "Deployment of the Multinational Force Ukraine" in said
    assert "1 of those who owe it stays" in said


def guaranteed(doc):
    grid = next(b for b in doc.blocks if isinstance(b, Grid) and b.heads[0].title == "Obligation")
    return [tuple(box.text for box in row) for row in grid.rows], grid


def test_the_brief_says_whether_the_guarantee_holds_without_them_and_why(doc):
    rows, _ = guaranteed(doc)
    paris, force = "Robust security guarantees for Ukraine", "Deployment of the Multinational"
    assert [(row[0].startswith(paris), row[1], row[2]) for row in rows] == [
        (True, "is silent or leaves", "not known"),
        (True, "refuses", "fails"),
        (False, "is silent, refuses or leaves", "fails"),
    ]
    assert "a property of the rule (nobody against) (model)" in rows[1][3]
    assert rows[2][0].startswith(force)
    assert "at most 9,999 people of 15,000 people" in rows[2][3]
    assert rows[2][4].startswith("nothing in the family")
    assert "Our model, as no text says it: the rule 'consensus', the rule 'trilateral'." in marked(
        doc
    )
    assert "read as 2,000 to 9,999" in marked(doc)


def test_a_number_among_the_reasons_leads_to_a_note(doc):
    for row in guaranteed(doc)[1].rows:
        if re.search(r"\d,\d{3}", row[3].text):
            assert row[3].refs


def test_the_brief_agrees_with_the_cornerstone_report(evidence, charter):
    report = cornerstone_report(charter, evidence=evidence)
    for code in ("GBR", "DEU", "UKR"):
        found = guarantees(charter, evidence=evidence, without=[code])
        said = {}
        for title, ways, standing, *_ in found.table("guarantees").rows:
            for kind, words in KIND_WORDS.items():
                if words in ways:
                    said[title, kind] = standing
        for g in report.guarantees:
            title = g.obligation.title.split(" (")[0]
            cells = {c.lost.kind: c.standing for c in g.cells if c.lost.names == (code,)}
            for kind in ("silent", "refusing", "leaving"):
                assert said[title, kind] == cells[kind]


def test_several_lost_together_are_tried_together(evidence, charter):
    found = guarantees(charter, evidence=evidence, without=["FRA", "GBR"])
    assert "fails, however France and UK are lost" in found.sentence
    assert any("nobody but FRA and GBR may call" in str(row[3]) for row in found.table(
        "guarantees").rows)  # fmt: skip


@pytest.mark.parametrize("name", charters.names())
def test_every_shipped_charter_has_its_brief(evidence, name):
    made = charters.load(name)
    organ = next(iter(made.organs))
    members = made.states(made.dated, organ)
    doc = brief(made.name, members, evidence=evidence, without=[members[0]], charter=made)
    rows, _ = guaranteed(doc)
    assert rows
    assert all(row[2] in ("holds", "fails", "not known") and row[3] and row[4] for row in rows)
    assert set(doc.numbered()) == {note.key for note in doc.notes}


def test_a_charter_that_records_no_obligation_says_so(evidence, charter):
    bare = replace(charter, obligations={})
    members = [m.iso for m in charter.members.values()]
    said = marked(brief("Bare", members, evidence=evidence, without=["GBR"], charter=bare))
    assert "The charter records nothing that members owe." in said
    assert "UK has a seat in" in said
    with pytest.raises(UsageError, match="nobody who is lost"):
        guarantees(charter, evidence=evidence, without=["USA"])


def test_a_brief_of_a_day_before_the_charter_says_so(evidence, charter):
    early = datetime.date(2026, 1, 5)
    members = [m.iso for m in charter.members.values()]
    said = marked(brief("Early", members, evidence=evidence, without=["GBR"], charter=charter,
                        known_on=early))  # fmt: skip
    assert "later than the day of this brief" in said


def test_the_brief_reads_alike_in_word_and_on_a_page(doc):
    read = python_docx.Document(io.BytesIO(word(doc)))
    headings = [p.text for p in read.paragraphs if p.style.name == "Heading 2"]
    assert headings == re.findall(r"<h2[^>]*>([^<]+)</h2>", page(doc))
    assert len(read.tables) == 3
    assert len(read.inline_shapes) == 1


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
