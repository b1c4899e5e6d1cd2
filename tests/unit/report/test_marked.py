from comity.report import markdown
from comity.report.document import Document, Para, Strong
from comity.report.marked import marked
from tests.unit.report.cast import wide


def test_markdown_has_headings_tables_and_footnotes():
    said = markdown([wide()], "What the members have", marking="exercise")
    assert said.startswith("**EXERCISE**\n\n# What the members have\n")
    assert "| Code | Member |" in said
    rows = [line for line in said.splitlines() if line.startswith("| ")]
    assert len(rows) == 38
    assert "[^1]: The Larch League" in said
    assert "### Assumptions\n\n- Heads are not forces." in said


def test_words_cannot_become_markup():
    said = marked(Document("a_b*", (Para(("<script> [x](y)", Strong("|"))),), subtitle="#1"))
    assert "a\\_b\\*" in said
    assert "\\<script\\> \\[x\\](y)**\\|**" in said
    assert "\\#1" in said
