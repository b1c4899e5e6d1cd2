"""A document in the terminal says what the page says, in its order, within its width."""

from __future__ import annotations

import pytest

from comity.errors import UsageError
from comity.report.document import (
    Box,
    Document,
    File,
    Grid,
    Head,
    Heading,
    Items,
    Note,
    Para,
    Ref,
    Strong,
)
from comity.report.marked import marked
from comity.report.page import page
from comity.report.plain import plain

ICE = "The ice on the upper harbour is too thick for the ferry, and too thin for sledges."
DOC = Document(
    "Ice",
    (
        Heading("In short"),
        Para((Strong("Thick"), " ice.", Ref("larch")), "answer"),
        Items((("one",), (ICE,))),
        Heading("Days", 3),
        Grid(
            ("When, and what",),
            (Head("When", whole=True), Head("What"), Head("Boats", "boats", right=True)),
            (
                (Box("2026-03-02 08:30"), Box(ICE, refs=("larch",)), Box("2")),
                (Box("2026-03-02 09:00"), Box("It broke."), Box("10")),
            ),
        ),
        Para(("File ", File("proof.json", "application/json", b'{"a": "<b>"}'))),
    ),
    (Note("larch", "The Larch League"),),
    subtitle="A winter",
    marking="exercise",
    notes_title="Sources",
)


@pytest.mark.parametrize("width", [40, 60, 100])
def test_no_line_is_wider_than_the_terminal(width):
    assert max(map(len, plain(DOC, width).splitlines())) <= width


def test_marking_title_parts_and_sources_come_in_order():
    shown = plain(DOC)
    order = ["EXERCISE", "Ice\n===", "A winter", "In short\n--------", "Thick ice.[1]", "  - one",
             "Days\nWhen, and what", "File proof.json", "Sources\n-------\n[1] The Larch League",
             "Made with Comity"]  # fmt: skip
    places = [shown.index(part) for part in order]
    assert places == sorted(places)


def test_an_instant_is_not_broken_and_numbers_stand_at_the_right():
    shown = plain(DOC, 60).splitlines()
    row = next(line for line in shown if line.startswith("2026-03-02 08:30"))
    assert row.endswith(" 2")
    assert any(line.startswith("2026-03-02 09:00  It broke.") for line in shown)
    assert any("sledges.[1]" in line for line in shown)


def test_a_terminal_that_is_too_narrow_is_refused():
    with pytest.raises(UsageError, match="too narrow"):
        plain(DOC, 39)


def test_a_file_is_carried_by_the_page_and_named_elsewhere():
    assert (
        '<a download="proof.json" href="data:application/json;base64,eyJhIjogIjxiPiJ9">'
        "proof.json</a>"
    ) in page(DOC)
    assert '<h2 id="notes">Sources</h2>' in page(DOC)
    assert '<th scope="row" class="unbroken">2026-03-02 08:30</th>' in page(DOC)
    assert "File proof.json" in marked(DOC)
