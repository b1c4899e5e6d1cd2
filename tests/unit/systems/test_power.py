from fractions import Fraction
from math import comb

import numpy as np
import pytest

from comity.errors import UsageError
from comity.systems.game import AllOf, AnyOf, Game, Threshold, at_least, vetoes
from comity.systems.power import _measured, count, power
from comity.systems.reduction import reduce
from comity.systems.weights import (
    WeightDistribution,
    nodes_needed,
    quadrature_error,
    single_quota,
)


def numbered(rule, n):
    return Game(tuple(f"member {i}" for i in range(n)), rule)


def weights(n, most, seed):
    return tuple(int(w) for w in np.random.default_rng(seed).integers(1, most + 1, n))


POPULATION = weights(27, 80_000, seed=1)
DOUBLE = AnyOf(
    (
        AllOf((at_least(27, 15), Threshold(POPULATION, -(-65 * sum(POPULATION) // 100)))),
        at_least(27, 24),
    )
)


@pytest.mark.parametrize(
    ("game", "words"),
    [
        pytest.param(
            numbered(at_least(193, 129), 193), "exact, by types of member", id="193 alike"
        ),
        pytest.param(numbered(DOUBLE, 27), "exact, meeting in the middle", id="double majority"),
        pytest.param(
            numbered(Threshold(weights(51, 50, 2), 600), 51),
            "exact, by weight and number",
            id="fifty weights",
        ),
        pytest.param(
            numbered(
                AllOf(tuple(Threshold(weights(24, 10**6, s), 6 * 10**6) for s in range(3))), 24
            ),
            "exact, all coalitions",
            id="three large weights at once",
        ),
        pytest.param(
            numbered(Threshold(weights(90, 100, 3), 2300), 90),
            "weight distribution, error below 1e-12",
            id="ninety weights",
        ),
        pytest.param(
            numbered(AllOf((Threshold(weights(60, 10**6, 4), 10**7), at_least(60, 31))), 60),
            "sampled, 200 draws, seed 0",
            id="sixty members under two criteria",
        ),
    ],
)
def test_the_first_way_that_can_is_taken_and_named(game, words):
    assert power(game, draws=200).method == words


@pytest.mark.parametrize(
    ("method", "game", "why"),
    [
        pytest.param("types", numbered(DOUBLE, 27), "more than 2,000,000", id="too many types"),
        pytest.param("weights", numbered(DOUBLE, 27), "more than one threshold", id="not one"),
        pytest.param(
            "all", numbered(Threshold(weights(40, 99, 5), 999), 40), "40 members", id="too many"
        ),
        pytest.param(
            "halves", numbered(Threshold(weights(90, 99, 5), 999), 90), "90 are free", id="halves"
        ),
        pytest.param("guessing", numbered(DOUBLE, 27), "no method 'guessing'", id="no such way"),
    ],
)
def test_a_way_that_cannot_says_why(method, game, why):
    with pytest.raises(UsageError, match=why) as refused:
        power(game, method=method)
    assert "method" in refused.value.hint


def test_two_ways_count_the_same_coalitions_of_twenty_members():
    population = POPULATION[:20]
    rule = AnyOf(
        (
            AllOf((at_least(20, 11), Threshold(population, -(-65 * sum(population) // 100)))),
            at_least(20, 17),
        )
    )
    game = numbered(rule, 20)
    halves, everything = count(game, method="halves"), count(game, method="all")
    assert halves.winning == everything.winning
    assert halves.containing == everything.containing


@pytest.mark.parametrize("vetoed", [(), (3, 5)])
def test_the_weight_distribution_keeps_its_bound_against_exact_counts(vetoed):
    sixty = weights(60, 40, seed=6)
    rule = Threshold(sixty, sum(sixty) // 2 + 1)
    game = numbered(rule if not vetoed else AllOf((rule, vetoes(60, vetoed))), 60)
    exact, reduced = power(game), reduce(game)
    near = _measured(game.players, reduced, WeightDistribution(reduced, single_quota(reduced)))
    assert near.error < 1e-10
    for a, b in zip(exact.shapley_shubik, near.shapley_shubik):
        assert abs(a - b) < near.error
    for a, b in zip(exact.banzhaf, near.banzhaf):
        assert abs(a - b) < near.error
    assert abs(exact.power_to_act - near.power_to_act) < near.error


@pytest.mark.parametrize("share", [0.02, 0.5, 0.65, 0.97])
def test_hundreds_of_weights_stay_within_a_billionth_of_one(share):
    many = weights(200, 100, seed=7)
    found = power(numbered(Threshold(many, int(share * sum(many)) + 1), 200))
    assert found.residual < 1e-10
    assert found.error < 1e-10


def test_weights_all_alike_give_all_the_same_share():
    game = numbered(at_least(301, 200), 301)
    found = WeightDistribution(reduce(game), 200).measured()
    assert np.allclose(found.shapley_shubik, 1 / 301, rtol=0, atol=1e-13)
    assert np.allclose(found.banzhaf, power(game).banzhaf, rtol=0, atol=1e-13)


def test_the_quadrature_is_exact_at_half_the_degree_and_bounded_before():
    assert quadrature_error(10, 5) == 0.0
    assert quadrature_error(500, 40) > quadrature_error(500, 80) > 0.0
    assert nodes_needed(500) <= 4.2 * 500**0.5


def test_the_quadrature_bound_holds_where_the_integral_is_known():
    # One of n alike, k needed: C(n-1, k-1) p**(k-1) (1-p)**(n-k) integrates to 1/n.
    n, k = 60, 40
    for m in (6, 10, 14, 18):
        at, share = np.polynomial.legendre.leggauss(m)
        p = (1 + at) / 2
        value = (share / 2) @ (comb(n - 1, k - 1) * p ** (k - 1) * (1 - p) ** (n - k))
        assert abs(value - 1 / n) <= quadrature_error(n, m) + 1e-15


def test_sampling_tells_its_seed_and_repeats_itself():
    game = numbered(DOUBLE, 27)
    first = power(game, method="sampling", draws=500, seed=9)
    assert first == power(game, method="sampling", draws=500, seed=9)
    assert first != power(game, method="sampling", draws=500, seed=10)
    assert first.winning is None
    assert first.shapley_shubik_exact is None


def test_sampled_values_lie_within_four_standard_errors():
    game = numbered(DOUBLE, 27)
    exact, drawn = power(game), power(game, method="sampling", draws=4000, seed=1)
    for name in ("banzhaf", "shapley_shubik"):
        values = zip(getattr(exact, name), getattr(drawn, name), getattr(drawn, f"{name}_error"))
        assert all(abs(a - b) < 4 * error for a, b, error in values)


@pytest.mark.parametrize(
    ("quota", "winning"),
    [pytest.param(0, 8, id="always met"), pytest.param(4, 0, id="never met")],
)
def test_where_nothing_depends_on_anyone_nobody_has_power(quota, winning):
    found = power(numbered(at_least(3, quota), 3))
    assert (found.winning, found.swings) == (winning, (0, 0, 0))
    assert found.banzhaf_normalised == found.shapley_shubik == (0.0, 0.0, 0.0)


def test_unanimity_of_57_is_one_coalition_that_each_can_stop():
    found = power(numbered(at_least(57, 57), 57))
    assert (found.winning, found.power_to_act) == (1, 2.0**-57)
    assert set(found.prevent) == {1.0}
    assert set(found.shapley_shubik_exact) == {Fraction(1, 57)}


def test_coleman_measures_are_swings_over_what_wins_and_what_loses():
    found = power(Game(("Arden", "Brill", "Corve"), Threshold((3, 2, 1), 4)))
    assert (found.winning, found.power_to_act) == (3, 3 / 8)
    assert found.prevent == (1.0, 1 / 3, 1 / 3)
    assert found.initiate == (3 / 5, 1 / 5, 1 / 5)
