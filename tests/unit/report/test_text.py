from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import UsageError
from comity.examine.finding import Column, Finding, Quantity, Table
from comity.report.text import table, terminal
from tests.unit.report.cast import MEMBERS, wide


def test_a_finding_reads_from_the_answer_down_to_its_sources():
    said = terminal(wide())
    order = ["The 35 members have", "Active personnel of each member", "Not known\n",
             "Assumptions", "Caveats", "Not in it", "How it was made", "Sources"]  # fmt: skip
    places = [said.index(part) for part in order]
    assert places == sorted(places)
    assert "  1. The Larch League, Figures that nobody measured; vintage 2025" in said


@pytest.mark.parametrize("width", [40, 72, 100, 140])
def test_no_line_is_longer_than_the_terminal(width):
    assert max(map(len, terminal(wide(), width).splitlines())) <= width


def test_all_35_members_are_there_and_what_is_missing_says_so():
    said = terminal(wide())
    for name in MEMBERS.values():
        assert name in said
    iceland = next(line for line in said.splitlines() if "Iceland " in line and "ISL" in line)
    assert iceland.endswith("not known")
    assert "Iceland: has no armed forces of its own; the total leaves it out" in said


def test_a_total_stands_beneath_a_rule():
    lines = terminal(wide()).splitlines()
    total = next(i for i, line in enumerate(lines) if "Together" in line)
    assert set(lines[total - 1]) == {"-", " "}
    assert lines[total].endswith("million")


def test_a_table_too_wide_is_cut_into_blocks_that_repeat_its_first_column():
    many = Table(
        "many",
        "Many",
        (
            Column("who", "Who", ("Arden", "Brill")),
            *(Column(f"n{i}", f"Number {i}", (123_456_789, 1)) for i in range(12)),
        ),
    )
    said = table(many, 60)
    assert max(map(len, said.splitlines())) <= 60
    assert said.count("Arden") > 1
    assert said.count("123,456,789") == 12


def test_long_words_in_cells_are_wrapped_not_cut():
    long = "because " * 40 + "end"
    one = Table("t", "T", (Column("who", "Who", ("Arden",)), Column("why", "Why", (long,))))
    said = table(one, 60)
    assert said.count("because") == 40
    assert "end" in said


def test_a_caveat_that_the_finding_says_is_not_said_for_each_row():
    rows = Column("n", "N", (Quantity(1, caveats=("ARD: rounded",)), Quantity(2, caveats=("old",))))
    one = Finding(
        "?",
        "3.",
        (Table("t", "T", (Column("who", "Who", ("Arden", "Brill")), rows)),),
        caveats=("2 members: rounded",),
    )
    said = terminal(one)
    assert said.count("rounded") == 1
    assert "old (Brill)" in said


def test_a_terminal_too_narrow_is_refused():
    with pytest.raises(UsageError, match="too narrow"):
        terminal(wide(), 20)


def test_a_finding_of_one_sentence_is_one_sentence():
    assert terminal(Finding("?", "Nothing is known.")) == "Nothing is known."


@given(
    st.lists(st.text(st.characters(exclude_categories=["C", "Z", "M"]), max_size=30), max_size=6),
    st.integers(40, 120),
)
def test_no_words_break_the_table(words, width):
    if not words:
        return
    one = Table("t", "T", (Column("w", "Words", tuple(words)), Column("n", "N", (1,) * len(words))))
    shown = replace(wide(), tables=(one,), charts=())
    assert terminal(shown, width)
