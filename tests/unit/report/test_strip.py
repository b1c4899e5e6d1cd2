import pytest

from comity.errors import UsageError
from comity.report.strip import SHAPES, WORDS, Mark, shapes, strip
from tests.unit.report.cast import MEMBERS


def test_35_members_are_a_few_lines_in_charter_order():
    said = strip(tuple(Mark(code, "has it") for code in MEMBERS))
    lines = said.splitlines()
    assert len(lines) == 5
    assert max(map(len, lines)) <= 100
    assert (lines[0] + " " + lines[2]).split() == list(MEMBERS)
    assert lines[-1] == "● has it: 35"


def test_every_mark_stands_under_its_code():
    codes, marks, _ = strip((Mark("ARD", "has it"), Mark("BRI", "objects"))).splitlines()
    assert marks[codes.index("ARD") + 1] == "●"
    assert marks[codes.index("BRI") + 1] == "▲"


def test_a_word_of_ones_own_gets_a_mark_that_no_other_word_has():
    chosen = shapes(("has it", "asleep", "objects", "away"))
    assert chosen["has it"] == "●"
    assert len(set(chosen.values())) == 4


def test_the_words_of_the_house_have_marks_that_exist():
    assert set(WORDS.values()) <= set(SHAPES)


def test_more_words_than_marks_are_refused():
    with pytest.raises(UsageError, match="more words"):
        shapes(tuple(f"word {i}" for i in range(8)))


def test_an_empty_roll_is_empty_and_a_long_legend_wraps():
    assert strip(()) == ""
    said = strip(tuple(Mark(f"M{i}", f"a rather long word number {i}") for i in range(6)), 60)
    assert max(map(len, said.splitlines())) <= 60
