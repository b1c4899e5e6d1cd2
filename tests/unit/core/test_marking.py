"""Markings: labels in one spelling, narrowing that adds up, widening that takes permission."""

from __future__ import annotations

import pytest

from comity.core.marking import (
    LEVELS,
    Marking,
    derived,
    may_pass,
    most_restrictive,
    read_level,
    widens,
)
from comity.errors import ActError, UsageError


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("TLP:WHITE", "retired in August 2022: write TLP:CLEAR"),
        ("white", "retired in August 2022: write TLP:CLEAR"),
        ("tlp:amber", "write it as TLP:AMBER:"),
        ("TLP: RED", "write it as TLP:RED:"),
        ("AMBER+STRICT", "write it as TLP:AMBER+STRICT:"),
        ("TLP:AMBER STRICT", "write it as TLP:AMBER+STRICT:"),
        ("TLP:ROUGE", "they are not translated"),
        ("NATO RESTRICTED", "the labels are TLP:CLEAR"),
        ("", "the labels are TLP:CLEAR"),
    ],
)
def test_a_label_has_one_spelling_and_the_hint_gives_it(text, hint):
    with pytest.raises(ActError) as refused:
        read_level(text)
    assert refused.value.refusal == "marking"
    assert hint in refused.value.hint


def test_every_label_is_read_as_it_is():
    assert [read_level(level) for level in LEVELS] == list(LEVELS)


def test_the_narrowest_label_wins():
    for rank, level in enumerate(LEVELS):
        assert most_restrictive(LEVELS[: rank + 1]) == level
    with pytest.raises(UsageError):
        most_restrictive([])
    with pytest.raises(ActError):
        most_restrictive(["TLP:GREEN", "TLP:WHITE"])


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        pytest.param(
            [Marking("TLP:GREEN", ("Elsin", "Fenn")), Marking("TLP:AMBER", ("Fenn", "Gorse"))],
            Marking("TLP:AMBER", ("Fenn",)),
            id="highest level and those common to both",
        ),
        pytest.param(
            [Marking("TLP:AMBER", ("Fenn",)), Marking("TLP:CLEAR")],
            Marking("TLP:AMBER", ("Fenn",)),
            id="what is clear narrows nothing",
        ),
        pytest.param(
            [Marking("TLP:GREEN", ("Fenn",)), Marking("TLP:GREEN", (), originator=True)],
            Marking("TLP:GREEN", (), originator=True),
            id="one originator controls the whole",
        ),
        pytest.param(
            [Marking("TLP:CLEAR"), Marking("TLP:CLEAR")], Marking("TLP:CLEAR"), id="all clear"
        ),
    ],
)
def test_a_text_drawn_from_others_is_marked_by_all_of_them(sources, expected):
    assert derived(sources) == derived(sources[::-1]) == expected


@pytest.mark.parametrize(
    ("marking", "passes"),
    [
        (Marking("TLP:CLEAR"), True),
        (Marking("TLP:GREEN"), False),
        (Marking("TLP:RED", ("Elsin",)), True),
        (Marking("TLP:AMBER", ("Fenn",), originator=True), False),
    ],
)
def test_it_is_passed_to_those_it_names_alone(marking, passes):
    assert may_pass(marking, "Elsin") is passes


@pytest.mark.parametrize(
    ("after", "wider"),
    [
        pytest.param(Marking("TLP:AMBER", ("Elsin",), originator=True), False, id="as it was"),
        pytest.param(Marking("TLP:RED", (), originator=True), False, id="narrower"),
        pytest.param(Marking("TLP:GREEN", ("Elsin",), originator=True), True, id="a wider label"),
        pytest.param(Marking("TLP:AMBER", ("Fenn",), originator=True), True, id="to another"),
        pytest.param(Marking("TLP:AMBER", ("Elsin",)), True, id="out of its control"),
    ],
)
def test_what_lets_more_pass_is_wider(after, wider):
    assert widens(Marking("TLP:AMBER", ("Elsin",), originator=True), after) is wider
