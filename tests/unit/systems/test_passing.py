import numpy as np
import pytest

from comity.errors import UsageError
from comity.systems.game import AllOf, Game, Threshold, at_least, vetoes
from comity.systems.passing import pass_probability, passing_curve
from comity.systems.reliability import barlow_proschan, birnbaum

TRIO = Game(("Arden", "Brill", "Corve"), at_least(3, 2))


def test_two_of_three_by_hand():
    found = pass_probability(TRIO, [0.9, 0.8, 0.5])
    assert found.probability == pytest.approx(0.9 * 0.8 + 0.9 * 0.2 * 0.5 + 0.1 * 0.8 * 0.5)


@pytest.mark.parametrize("method", ["types", "halves", "all"])
def test_a_certain_yes_and_a_certain_no_are_allowed(method):
    assert pass_probability(TRIO, [1.0, 0.0, 0.25], method=method).probability == 0.25


def test_a_veto_multiplies():
    game = Game(TRIO.players, AllOf((at_least(3, 2), vetoes(3, {0}))))
    assert pass_probability(game, [0.5, 0.9, 0.9]).probability == pytest.approx(0.5 * 0.99)


@pytest.mark.parametrize(
    ("least", "more_likely"),
    [
        pytest.param(3, True, id="unanimity is likelier where members move together"),
        pytest.param(1, False, id="any one yes is less likely"),
    ],
)
def test_correlation_moves_the_odds_the_way_it_should(least, more_likely):
    game = Game(TRIO.players, at_least(3, least))
    odds = [
        pass_probability(game, [0.7, 0.6, 0.8], correlation=c).probability for c in (0, 0.3, 0.6)
    ]
    assert odds == sorted(odds, reverse=not more_likely)


def test_two_members_with_even_odds_follow_the_arcsine_law():
    """Sheppard (1899): both below their median with chance 1/4 + asin(c) / (2 pi)."""
    pair = Game(("Arden", "Brill"), at_least(2, 2))
    found = pass_probability(pair, [0.5, 0.5], correlation=0.5)
    assert found.probability == pytest.approx(1 / 4 + np.arcsin(0.5) / (2 * np.pi), abs=1e-9)
    assert found.error < 1e-6


def test_one_member_does_not_care_about_correlation():
    alone = Game(("Arden",), at_least(1, 1))
    assert pass_probability(alone, [0.3], correlation=0.4).probability == pytest.approx(0.3)


def test_hundreds_of_unequal_members():
    n = 300
    game = Game(tuple(f"member {i}" for i in range(n)), Threshold(tuple(range(1, n + 1)), 22_000))
    chances = [0.3 + 0.4 * i / n for i in range(n)]
    exact = pass_probability(game, chances)
    drawn = pass_probability(game, chances, method="sampling", draws=4000, seed=3)
    assert abs(exact.probability - drawn.probability) < 4 * drawn.error
    assert drawn.method == "sampled, 4000 draws, seed 3"


def test_the_curve_rises():
    curve = passing_curve(TRIO, [0.0, 0.2, 0.5, 0.8, 1.0])
    assert curve[0] == 0.0
    assert curve[2] == pytest.approx(0.5)
    assert curve[-1] == 1.0
    assert list(curve) == sorted(curve)


@pytest.mark.parametrize(
    ("chances", "correlation", "why"),
    [
        pytest.param([0.5, 0.5], 0.0, "2 chances for 3", id="one too few"),
        pytest.param([0.5, 0.5, 70], 0.0, "outside 0 to 1", id="percent"),
        pytest.param([0.5, 0.5, 0.5], 1.0, "out of range", id="full correlation"),
    ],
)
def test_chances_without_meaning_are_refused(chances, correlation, why):
    with pytest.raises(UsageError, match=why):
        pass_probability(TRIO, chances, correlation=correlation)


def test_what_only_sampling_can_do_is_sampled():
    heavy = tuple(int(w) for w in np.random.default_rng(2).integers(1, 10**6, 60))
    game = Game(
        tuple(f"member {i}" for i in range(60)),
        AllOf((at_least(60, 31), Threshold(heavy, sum(heavy) // 2))),
    )
    assert pass_probability(game, [0.6] * 60, draws=400).method == "sampled, 400 draws, seed 0"


@pytest.mark.parametrize("correlation", [0.0, 0.5])
def test_sampled_odds_lie_within_four_standard_errors(correlation):
    chances = [0.9, 0.3, 0.6]
    exact = pass_probability(TRIO, chances, correlation=correlation)
    drawn = pass_probability(
        TRIO, chances, correlation=correlation, method="sampling", draws=4000, seed=5
    )
    assert abs(exact.probability - drawn.probability) < 4 * drawn.error


def test_sampling_knows_certain_members():
    found = pass_probability(TRIO, [1.0, 1.0, 0.0], method="sampling", draws=50)
    assert found.probability == 1.0


def test_in_series_a_part_matters_as_much_as_all_others_work():
    series = Game(("link", "power", "depot"), at_least(3, 3))
    assert birnbaum(series, [0.9, 0.5, 0.8]) == pytest.approx((0.4, 0.72, 0.45))


def test_in_series_whoever_fails_fastest_is_likeliest_to_stop_it():
    """Exponential lifetimes: the first of them to fail is i with chance rate_i / sum."""
    series = Game(("link", "power", "depot"), at_least(3, 3))
    assert barlow_proschan(series, rates=[1, 2, 5]) == pytest.approx((1 / 8, 2 / 8, 5 / 8))


def test_in_parallel_the_last_to_fail_stops_it():
    pair = Game(("link", "spare"), at_least(2, 1))
    assert barlow_proschan(pair, rates=[1, 3]) == pytest.approx((3 / 4, 1 / 4))


def test_rates_must_be_above_nought():
    with pytest.raises(UsageError, match="rates"):
        barlow_proschan(TRIO, rates=[1, 0, 1])
