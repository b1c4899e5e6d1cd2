"""Shapley's value of published games, and keys with and without a cap."""

from fractions import Fraction

import pytest

from comity.errors import UsageError
from comity.systems.allocation import (
    SharingGame,
    by_key,
    capped,
    check_capped,
    check_key,
    check_shapley,
    complaints,
    equally,
    exact,
    shapley,
)
from tests.unit.systems.sharing import (
    COUNCIL,
    FERGUSON,
    GLOVES,
    HASAN,
    LEMAIRE,
    SAKAWA,
    TVA,
    airport,
    airport_shares,
    by_permutations,
    complaints_one_by_one,
    contracts,
)

F = Fraction


def test_the_tennessee_valley_is_shared_as_straffin_and_heaney_published():
    assert shapley(TVA) == (F("100756.5"), F(117829), F("193998.5"))
    assert TVA.players == ("F", "N", "P")


def test_the_owner_of_the_scarce_glove_gets_two_thirds():
    assert shapley(GLOVES) == (F(1, 6), F(1, 6), F(2, 3))


def test_the_security_council_as_a_game_of_sharing_agrees_with_its_power():
    found = shapley(COUNCIL)
    assert found[0] == F(421, 2145)
    assert found[-1] == F(4, 2145)


def test_every_piece_of_a_runway_is_shared_by_those_who_need_it():
    # The runway costs of Birmingham's aircraft types, one movement of each.
    costs = [65899, 76725, 95200, 97200, 97436, 98142, 102496, 104849, 113322, 115440, 117676]
    assert shapley(airport(costs)) == airport_shares(costs)


@pytest.mark.parametrize(
    "game",
    [
        pytest.param(TVA, id="a cost game"),
        pytest.param(LEMAIRE, id="halves"),
        pytest.param(HASAN, id="four players"),
        pytest.param(SAKAWA, id="five players with decimals"),
        pytest.param(FERGUSON, id="a loss alone"),
        pytest.param(contracts(200), id="marriage contracts"),
    ],
)
def test_it_is_the_mean_over_all_orders(game):
    found = shapley(game)
    assert found == by_permutations(game)
    assert check_shapley(game, found).holds


def test_the_check_fails_on_a_wrong_vector():
    right = shapley(TVA)
    wrong = (right[0] + 1, right[1] - 1, right[2])
    told = check_shapley(TVA, wrong)
    assert not told.holds
    assert told.words == "F's share of the dividends is 201513/2"


def test_numbers_beyond_int64_stay_exact():
    big = SharingGame.of("ABCDEF", lambda who: 10**30 * len(who) ** 2 + len(who))
    assert shapley(big) == (F(10**30 * 36 + 6, 6),) * 6


def test_a_complaint_is_what_a_coalition_would_gain_by_leaving():
    shares = (F(100000), F(117829), F(194755))
    found, over = complaints(TVA, shares)
    slow = complaints_one_by_one(TVA, shares)
    assert {TVA.names(place): F(int(found[place]), over) for place in range(1, 7)} == slow


@pytest.mark.parametrize(
    ("players", "worth", "said"),
    [
        pytest.param(("A", "A"), (0, 1, 1, 2), "named twice", id="one name for two"),
        pytest.param(("A",), (0, 1, 1), "3 numbers for 2", id="too many numbers"),
        pytest.param(("A",), (1, 1), "nobody is worth", id="a worth of nobody"),
        pytest.param(tuple("ABCDEFGHIJKLMNOPQRSTU"), (0,), "21 players", id="too many players"),
        pytest.param((), (0,), "0 players", id="no players"),
    ],
)
def test_a_game_without_meaning_is_refused(players, worth, said):
    with pytest.raises(UsageError, match=said):
        SharingGame(players, tuple(map(F, worth)))


def test_a_number_that_is_none_is_refused():
    with pytest.raises(UsageError, match="nan is not a number"):
        exact(float("nan"))
    with pytest.raises(UsageError, match="inf is not a number"):
        exact(float("inf"))


def test_shares_are_one_for_each_player():
    with pytest.raises(UsageError, match="2 shares for 3 players"):
        check_shapley(TVA, (1, 2))


# Keys


def test_a_key_divides_in_proportion():
    assert by_key(10, (3, 1, 0)) == (F(15, 2), F(5, 2), 0)
    assert equally(10, 4) == (F(5, 2),) * 4


@pytest.mark.parametrize(
    ("keys", "cap", "shares"),
    [
        pytest.param((6, 3, 1), F(1, 2), (50, F(75, 2), F(25, 2)), id="one is cut"),
        pytest.param((8, 6, 1, 1), F(2, 5), (40, 40, 10, 10), id="the cut lifts the next above"),
        pytest.param((3, 1), F(3, 4), (75, 25), id="exactly at the cap is not above"),
        pytest.param((5, 3, 2), F(1, 3), (F(100, 3),) * 3, id="everybody at the cap"),
    ],
)
def test_what_is_cut_falls_on_the_others(keys, cap, shares):
    found = capped(100, keys, cap)
    assert found == tuple(map(F, shares))
    assert check_capped(100, keys, cap, found).holds


def test_too_few_cannot_keep_a_cap():
    with pytest.raises(UsageError, match="2 members cannot bear the whole"):
        capped(100, (1, 1, 0), F(1, 3))


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        pytest.param((70, 20), "do not add up", id="too little"),
        pytest.param((60, 40), "out of proportion", id="out of proportion"),
    ],
)
def test_shares_off_the_key_are_found(shares, said):
    assert said in check_key(100, (3, 1), shares).words


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        pytest.param((50, 40, 9), "do not add up", id="too little"),
        pytest.param((60, 30, 10), "above the cap", id="above"),
        pytest.param((50, 30, 20), "out of proportion", id="those below out of proportion"),
        pytest.param((45, 50, 5), "more than its proportion", id="cut the wrong one"),
    ],
)
def test_shares_off_a_capped_key_are_found(shares, said):
    keys = (9, 1, 1) if said == "more than its proportion" else (6, 3, 1)
    assert said in check_capped(100, keys, F(1, 2), shares).words


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        pytest.param((1, -1), "below nought", id="negative"),
        pytest.param((0, 0), "nought for everybody", id="nobody has any"),
    ],
)
def test_a_key_without_meaning_is_refused(keys, said):
    with pytest.raises(UsageError, match=said):
        by_key(1, keys)
