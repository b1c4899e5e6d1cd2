"""Copies: spans that touch are one, time that passes, and what is counted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.core.beacons import Tip
from comity.core.copies import LIMITS, Copy, merged, passed
from tests.property.exchange_network import START


@pytest.mark.parametrize(
    ("spans", "found"),
    [
        pytest.param([], [], id="none"),
        pytest.param([(5, 6), (1, 2)], [(1, 2), (5, 6)], id="apart, in order"),
        pytest.param([(1, 2), (3, 4)], [(1, 4)], id="they touch"),
        pytest.param([(1, 9), (2, 3), (8, 12)], [(1, 12)], id="they overlap"),
    ],
)
def test_spans_that_touch_are_one(spans, found):
    assert merged(spans) == found


@pytest.mark.parametrize(
    ("since", "claim"),
    [
        pytest.param(None, True, id="never yet"),
        pytest.param(0, False, id="just now"),
        pytest.param(-4, False, id="not long enough ago"),
        pytest.param(-5, True, id="long enough ago"),
        pytest.param(1, True, id="in a future that a clock had seen"),
    ],
)
def test_whether_so_long_has_passed(since, claim):
    moment = None if since is None else START + timedelta(seconds=since)
    assert passed(moment, 5, START) is claim


def test_what_is_remembered_is_counted():
    copy = Copy(LIMITS)
    assert copy.entries() == 0
    corve = copy.peer("Corve")
    assert copy.entries() == 1
    copy.compare(corve, {"Arden": (Tip(2, "a"), Tip(1, "b")), "Dorn": (Tip(1, "c"),)})
    copy.want("d")
    assert copy.entries() == 5
    ((_, ask),) = copy.requests(["Corve"], START)
    assert len(ask.ranges) == 2
    assert copy.entries() == 5 + 1 + 2 + 1
    copy.expire(corve, START + timedelta(seconds=LIMITS.ask_again))
    assert copy.entries() == 5 + 2
    copy.keep_only([])
    assert copy.entries() == 1
