"""Shelves: maps that are never changed, and share what did not change."""

from __future__ import annotations

import pytest

from comity.core.shelf import Shelf


def test_more_entries_make_another_shelf_and_leave_this_one_alone():
    empty: Shelf[int] = Shelf()
    one = empty.with_all({"aa1": 1, "aa2": 2, "bb1": 3})
    two = one.with_all({"aa1": 4, "cc1": 5})
    assert (len(empty), len(one), len(two)) == (0, 3, 4)
    assert (one["aa1"], two["aa1"], two["bb1"]) == (1, 4, 3)
    assert sorted(two) == ["aa1", "aa2", "bb1", "cc1"]
    assert dict(one) == {"aa1": 1, "aa2": 2, "bb1": 3}
    assert repr(two) == "Shelf of 4"


def test_nothing_more_makes_the_same_shelf():
    one = Shelf[int]().with_all({"aa1": 1})
    assert one.with_all({}) is one


def test_what_is_not_there_is_missing():
    one = Shelf[int]().with_all({"aa1": 1})
    assert "aa2" not in one
    for key in ("aa2", "zz1"):
        with pytest.raises(KeyError):
            one[key]


def test_shelves_are_equal_by_what_they_hold():
    assert Shelf[int]().with_all({"a": 1, "b": 2}) == Shelf[int]().with_all({"b": 2}).with_all(
        {"a": 1}
    )
