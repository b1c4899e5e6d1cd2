import re
import sys
from dataclasses import replace
from itertools import pairwise

import pytest
from tinyhtml5.parser import HTMLParser

from comity.errors import UsageError
from comity.report.document import Document, Note, Para, Ref
from comity.report.page import html, page
from tests.unit.report.cast import wide


def asked_again(finding):
    return replace(finding, question="Who has answered?")


@pytest.fixture(scope="module")
def written():
    return html(
        [wide("bar"), asked_again(wide("strip"))], "What the <members> have", marking="exercise"
    )


def test_the_page_is_read_without_a_single_fault(written):
    parser = HTMLParser()
    parser.parse(written)
    assert parser.errors == []


def test_nothing_in_the_page_runs_or_is_fetched(written):
    assert not re.search(r"<(?:script|link|iframe|object|embed|img|base|form)\b", written)
    assert not re.search(r"\son[a-z]+=", written)
    assert not re.search(r"""(?:src|href)=["'](?!#)""", written)
    assert "@import" not in written
    assert not re.search(r"url\((?!#)", written)


def test_ids_are_there_once_and_every_link_leads_somewhere(written):
    ids = re.findall(r'\bid="([^"]+)"', written)
    assert len(ids) == len(set(ids))
    for anchor in re.findall(r'href="#([^"]+)"', written):
        assert anchor in ids
    for named in re.findall(r'aria-labelledby="([^"]+)"', written):
        assert named in ids


def test_a_page_has_landmarks_captions_and_heads(written):
    for part in ('<html lang="en">', "<header>", '<nav aria-label="Contents">', '<main id="main">',
                 "<footer>", 'class="skip" href="#main"'):  # fmt: skip
        assert written.count(part) == 1, part
    assert written.count("<table>") == written.count("<caption>") == 2
    assert written.count('scope="col"') == 10
    assert written.count('<th scope="row">') == 72
    assert '<th scope="row">Together</th>' in written
    assert written.count("exercise") == 2
    assert "What the &lt;members&gt; have" in written
    levels = [int(level) for level in re.findall(r"<h([1-6])", written)]
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_every_figure_in_a_table_names_its_row(written):
    assert 'data-figure="tests:people:UKR:2025">850,000–1,000,000<' in written
    assert 'data-figure="total(people)"' in written


def test_the_answer_comes_before_chart_table_and_what_it_rests_on(written):
    order = ['class="answer"', "<figure", "<table", ">Assumptions<", 'id="notes"']
    places = [written.index(part) for part in order]
    assert places == sorted(places)


def test_the_same_findings_give_the_same_page():
    assert html([wide("map")], "x") == html([wide("map")], "x")


def test_notes_are_numbered_as_the_text_names_them():
    doc = Document(
        "t",
        (Para(("one", Ref("b"), Ref("a"))), Para(("two", Ref("a")))),
        (Note("a", "first given"), Note("b", "first named"), Note("c", "never named")),
    )
    said = page(doc)
    assert said.index("first named") < said.index("first given")
    assert "never named" not in said
    assert said.count('id="to-note-2"') == 1


def test_a_mark_without_a_note_is_refused():
    with pytest.raises(UsageError, match="does not have"):
        page(Document("t", (Para((Ref("a"),)),)))


def test_the_room_is_cheap_to_enter():
    import subprocess

    code = "import sys, comity.report; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for heavy in ("altair", "vl_convert", "docx", "openpyxl", "numpy", "pandas"):
        assert heavy not in ran.stdout.split()
