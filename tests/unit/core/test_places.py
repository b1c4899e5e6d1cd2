"""Places of a chain: spans, holes, loose ends, tips and forks."""

from __future__ import annotations

from itertools import permutations

import pytest

from comity.core.places import BRANCHES, Places

CHAIN = (("a", 1, None), ("b", 2, "a"), ("c", 3, "b"), ("d", 4, "c"))


def places_of(*acts):
    places = Places()
    for act in acts:
        assert places.add(*act)
    return places


def test_a_chain_at_hand_is_one_span_and_ends_in_one_tip():
    places = places_of(*CHAIN)
    assert (places.top, places.whole, places.tips) == (4, True, {"d": 4})
    assert not list(places.missing())
    assert not places.add("b", 2, "a")


def test_nothing_at_hand_is_whole():
    places = Places()
    assert (places.top, places.whole, places.at(1), places.forks) == (0, True, (), ())


@pytest.mark.parametrize("order", list(permutations(CHAIN)))
def test_the_order_in_which_acts_come_does_not_matter(order):
    places = places_of(*order)
    assert (places.tips, places.loose, list(places.missing())) == ({"d": 4}, {}, [])


@pytest.mark.parametrize(
    ("acts", "missing", "loose"),
    [
        pytest.param(CHAIN[1:], [(1, 1)], {"a": 1}, id="the first"),
        pytest.param((CHAIN[0], CHAIN[3]), [(2, 3)], {"c": 3}, id="two in the middle"),
        pytest.param((CHAIN[0], CHAIN[2]), [(2, 2)], {"b": 2}, id="one in the middle"),
        pytest.param(
            (CHAIN[0], ("z", 10**9, "y")),
            [(2, 10**9 - 1)],
            {"y": 10**9 - 1},
            id="a thousand million are one span",
        ),
        pytest.param((CHAIN[0], ("c'", 2, "x")), [], {"x": 1}, id="the place is held by another"),
    ],
)
def test_what_is_missing_shows(acts, missing, loose):
    places = places_of(*acts)
    assert (list(places.missing()), places.loose, places.whole) == (missing, loose, False)


def test_a_fork_shows_its_number_and_ends_in_two_tips():
    places = places_of(*CHAIN[:3], ("c'", 3, "b"))
    assert (places.forks, places.tips) == ((3,), {"c": 3, "c'": 3})
    assert places.at(3) == ("c", "c'")
    assert places.full(3)
    assert not places.full(2)
    assert len(places.at(3)) == BRANCHES
    places.add("c''", 3, "b")
    assert places.at(3) == ("c", "c'", "c''")


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        pytest.param(1, 10**9, "abdd'", id="all of them, without looking at numbers in between"),
        pytest.param(2, 3, "b", id="a part"),
        pytest.param(3, 3, "", id="a hole"),
        pytest.param(4, 9, "dd'", id="both branches"),
        pytest.param(5, 9, "", id="past the end"),
    ],
)
def test_ids_between_two_numbers(first, last, found):
    places = places_of(CHAIN[0], CHAIN[1], CHAIN[3], ("d'", 4, "c"))
    assert "".join(places.between(first, last)) == found


def test_nothing_is_between_numbers_of_an_empty_chain():
    assert not list(Places().between(1, 9))
