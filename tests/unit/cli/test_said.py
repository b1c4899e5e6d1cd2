"""Words at a terminal: times, ids, and what others wrote."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from comity.cli.said import away, barred, item, span

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        pytest.param(0, "0 s", id="nothing"),
        pytest.param(59, "59 s", id="seconds"),
        pytest.param(3_660, "1 h 1 min", id="hours and minutes"),
        pytest.param(2 * 86_400 + 61, "2 days 1 min", id="the two largest parts"),
    ],
)
def test_a_span_is_told_by_its_two_largest_parts(seconds, words):
    assert span(seconds) == words


def test_an_instant_is_told_from_now():
    assert away(NOW + timedelta(hours=2), NOW) == "in 2 h"
    assert away(NOW - timedelta(hours=2), NOW) == "2 h ago"
    assert away(NOW, NOW) == "now"


@pytest.mark.parametrize("text", ["a\nb", "a\x1b[2Jb", "a\rb", "a\u202eb", "adopted\n" * 40])
def test_what_a_stranger_wrote_never_begins_a_line_or_steers_the_terminal(text):
    lines = barred(text) + item(text, "  ").split("\n")
    assert all(line.startswith(("    |", "  ")) for line in lines)
    assert all(line.isprintable() for line in lines)
