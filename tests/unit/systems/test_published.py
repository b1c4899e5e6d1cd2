"""Real bodies whose voting power is in print."""

from fractions import Fraction
from itertools import pairwise

import pytest

from comity.systems.coalitions import dummies
from comity.systems.game import AllOf, AnyOf, Game, Rule, Threshold, at_least, vetoes
from comity.systems.power import power


def game(rule: Rule, n: int) -> Game:
    return Game(tuple(f"member {i}" for i in range(n)), rule)


def of(n: int, seats: set[int], least: int) -> Threshold:
    return Threshold(tuple(int(i in seats) for i in range(n)), least)


# One member of each kind is compared: (place, exact value).
EXACT = [
    pytest.param(
        game(AllOf((at_least(11, 7), vetoes(11, range(5)))), 11),
        [(0, Fraction(76, 385)), (10, Fraction(1, 462))],
        id="UN Security Council of 11, where the five have 98.7 % (Shapley and Shubik 1954)",
    ),
    pytest.param(
        game(AllOf((at_least(15, 9), vetoes(15, range(5)))), 15),
        [(0, Fraction(421, 2145)), (14, Fraction(4, 2145))],
        id="UN Security Council of 15, elected members 4/2145 (gonitsora.com)",
    ),
    pytest.param(
        game(Threshold((4, 4, 4, 2, 2, 1), 12), 6),
        [(0, Fraction(14, 60)), (3, Fraction(9, 60)), (5, Fraction(0))],
        id="Council of the EEC of 1958, Luxembourg never counts (textbook case)",
    ),
]


@pytest.mark.parametrize(("body", "values"), EXACT)
def test_shapley_shubik_is_as_published(body, values):
    found = power(body).shapley_shubik_exact
    assert [(i, found[i]) for i, _ in values] == values
    assert sum(found) == 1


BANZHAF = [
    pytest.param(
        game(Threshold((4, 4, 4, 2, 2, 1), 12), 6),
        (Fraction(5, 21),) * 3 + (Fraction(1, 7),) * 2 + (Fraction(0),),
        id="Council of the EEC of 1958 (Britannica Guide to Statistics and Probability, p. 194)",
    ),
    pytest.param(
        game(Threshold((9, 9, 7, 3, 1, 1), 16), 6),
        (Fraction(1, 3),) * 3 + (Fraction(0),) * 3,
        id="Nassau County 1958, any two of three decide (Banzhaf 1965; Malkevitch, AMS column)",
    ),
    pytest.param(
        game(Threshold((31, 31, 21, 28, 2, 2), 58), 6),
        (Fraction(1, 3), Fraction(1, 3), Fraction(0), Fraction(1, 3), Fraction(0), Fraction(0)),
        id="Nassau County 1964, three dummies again (For All Practical Purposes, ch. 11)",
    ),
    pytest.param(
        game(AllOf((at_least(15, 9), vetoes(15, range(5)))), 15),
        (Fraction(848, 5080),) * 5 + (Fraction(84, 5080),) * 10,
        id="UN Security Council of 15, 848 and 84 swings (textbook case)",
    ),
]


@pytest.mark.parametrize(("body", "shares"), BANZHAF)
def test_banzhaf_shares_are_as_published(body, shares):
    found = power(body)
    assert tuple(Fraction(s, sum(found.swings)) for s in found.swings) == shares


def test_nassau_county_changed_its_quota_until_nobody_was_idle():
    """For All Practical Purposes, ch. 11: dummies in 1958 and 1964, none in 1970 and 1976."""
    systems = [
        ((9, 9, 7, 3, 1, 1), 16, 3),
        ((31, 31, 21, 28, 2, 2), 58, 3),
        ((31, 31, 21, 28, 2, 2), 63, 0),
        ((35, 35, 23, 32, 2, 3), 71, 0),
    ]
    for weights, quota, idle in systems:
        assert len(dummies(game(Threshold(weights, quota), 6))) == idle


# The Victoria scheme for amending Canada's constitution: Ontario and Quebec, two Atlantic
# provinces, and in the west either British Columbia with one prairie province or all three.
VICTORIA = game(
    AllOf(
        (
            vetoes(10, {0, 1}),
            of(10, {6, 7, 8, 9}, 2),
            AnyOf((AllOf((of(10, {2}, 1), of(10, {3, 4, 5}, 1))), of(10, {3, 4, 5}, 3))),
        )
    ),
    10,
)


def test_canada_1971_the_two_indices_disagree_about_prairie_and_atlantic_provinces():
    """Straffin's table for the Victoria scheme, in percent (Miller 1973; Straffin 1993)."""
    found = power(VICTORIA)
    shapley = [round(100 * v, 2) for v in found.shapley_shubik]
    shares = [round(100 * v, 2) for v in found.banzhaf_normalised]
    assert shapley == [31.55] * 2 + [12.50] + [4.17] * 3 + [2.98] * 4
    assert shares == [21.78] * 2 + [16.34] + [5.45] * 3 + [5.94] * 4


NICE = (29,) * 4 + (27,) * 2 + (14, 13) + (12,) * 5 + (10,) * 3 + (7,) * 5 + (4,) * 5 + (3,)


def test_council_under_nice_the_27_votes_alone():
    """Bilbao et al. (2002), EJOR 143, 181-196: Banzhaf under the 255 of 345 votes of Nice."""
    found = power(game(Threshold(NICE, 255), 27))
    shares = [round(found.banzhaf_normalised[i], 4) for i in (0, 4, 6, 7, 8, 13, 16, 21, 26)]
    assert shares == [0.0778, 0.0742, 0.0426, 0.0397, 0.0368, 0.0309, 0.0218, 0.0125, 0.0094]


# Electors of 2000, apportionment of 1990: 50 states and the District of Columbia.
ELECTORS = (
    (54, 33, 32, 25, 23, 22, 21, 18, 15, 14, 13, 13, 12, 12)
    + (11,) * 4
    + (10,) * 2
    + (9,) * 2
    + (8,) * 6
    + (7,) * 3
    + (6,) * 2
    + (5,) * 4
    + (4,) * 6
    + (3,) * 8
)
# (electors, swings, Banzhaf, share, Coleman prevent, Coleman initiate)
SIDRAN = [
    (54, 525180666785903, 0.466454, 0.111428, 0.470034, 0.462928),
    (33, 292267988381903, 0.259586, 0.062010, 0.261578, 0.257624),
    (32, 282842187059467, 0.251214, 0.060011, 0.253142, 0.249315),
    (25, 218271801954339, 0.193864, 0.046311, 0.195352, 0.192399),
    (10, 85987775858127, 0.076372, 0.018244, 0.076959, 0.075795),
]


def test_us_electoral_college_of_2000_to_the_last_swing():
    """D. E. Sidran's table (cs.uiowa.edu), made with Leech's ipgenf: swings and Coleman too."""
    assert (len(ELECTORS), sum(ELECTORS)) == (51, 538)
    found = power(game(Threshold(ELECTORS, 270), 51))
    for electors, swings, *measures in SIDRAN:
        i = ELECTORS.index(electors)
        assert found.swings[i] == swings
        columns = (found.banzhaf, found.banzhaf_normalised, found.prevent, found.initiate)
        assert [round(column[i], 6) for column in columns] == measures


def test_more_electors_never_mean_less_power():
    found = power(game(Threshold(ELECTORS, 270), 51))
    assert all(a >= b for a, b in pairwise(found.shapley_shubik_exact))
