"""Laws of sharing: what every game, claim and key must obey."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.systems import scaling
from comity.systems.allocation import (
    SharingGame,
    by_key,
    capped,
    check_capped,
    check_key,
    check_shapley,
    complaints,
    shapley,
)
from comity.systems.bankruptcy import RULES, check, equal_awards, equal_losses, talmud
from comity.systems.nucleolus import check_balanced, check_core, core, kohlberg, nucleolus
from tests.unit.systems.sharing import by_permutations, complaints_one_by_one

F = Fraction
NAMES = "ABCDE"


@st.composite
def games(draw, most=4):
    """Any game of 2 to `most` players, gains or costs, in small whole numbers."""
    n = draw(st.integers(2, most))
    worth = [0, *draw(st.lists(st.integers(-9, 30), min_size=2**n - 1, max_size=2**n - 1))]
    return SharingGame(tuple(NAMES[:n]), tuple(map(F, worth)), draw(st.booleans()))


@st.composite
def problems(draw):
    """Claims and an estate that does not exceed them."""
    claims = draw(st.lists(st.integers(0, 50), min_size=1, max_size=5))
    return F(draw(st.integers(0, 4 * sum(claims))), 4), tuple(claims)


keys = st.lists(st.integers(1, 1000), min_size=2, max_size=8)


@given(games())
def test_shapley_shares_the_whole_and_has_two_ways(game):
    found = shapley(game)
    assert sum(found) == game.whole
    assert found == by_permutations(game)
    assert check_shapley(game, found).holds


@given(games(), st.integers(-5, 5), st.integers(1, 4))
def test_shapley_moves_with_what_each_has_alone(game, alone, times):
    worth = tuple(times * w + alone * bin(place).count("1") for place, w in enumerate(game.worth))
    moved = SharingGame(game.players, worth, game.is_cost)
    assert shapley(moved) == tuple(times * share + alone for share in shapley(game))


@settings(deadline=None, max_examples=60)
@given(games(), st.data())
def test_the_nucleolus_leaves_less_to_complain_of_than_any_other_division(game, data):
    found = nucleolus(game, rational=False)
    assert sum(found.shares) == game.whole
    assert found.certificate.holds
    moves = data.draw(
        st.lists(st.integers(-6, 6), min_size=len(game.players), max_size=len(game.players))
    )
    other = [share + F(move, 3) for share, move in zip(found.shares, moves)]
    other[0] += game.whole - sum(other)
    loud = sorted(complaints_one_by_one(game, found.shares).values(), reverse=True)
    louder = sorted(complaints_one_by_one(game, tuple(other)).values(), reverse=True)
    assert loud <= louder
    same = tuple(other) == found.shares
    assert kohlberg(game, other, rational=False).holds == same
    assert (loud == louder) == same


@settings(deadline=None, max_examples=60)
@given(games())
def test_a_core_is_empty_or_not_and_either_way_proved(game):
    found = core(game)
    assert found.certificate.holds
    if found.is_empty:
        assert check_balanced(game, found.weights).holds
        assert found.least > 0
    else:
        assert found.point is not None
        assert check_core(game, found.point).holds


@settings(deadline=None, max_examples=40)
@given(games())
def test_gains_and_costs_are_one_game_seen_from_two_sides(game):
    mirrored = SharingGame(game.players, tuple(-w for w in game.worth), not game.is_cost)
    assert complaints(game, shapley(game))[0].tolist() == (
        complaints(mirrored, shapley(mirrored))[0].tolist()
    )
    turned = tuple(-share for share in nucleolus(mirrored, rational=False).shares)
    assert nucleolus(game, rational=False).shares == turned


# Claims and keys


@given(problems(), st.sampled_from(sorted(RULES)))
def test_every_rule_divides_the_estate_within_the_claims_and_passes_its_check(problem, rule):
    estate, claims = problem
    awards = RULES[rule](estate, claims)
    assert sum(awards) == estate
    assert all(0 <= award <= claim for award, claim in zip(awards, claims))
    assert check(rule, estate, claims, awards).holds


@given(problems())
def test_the_talmud_and_the_rest_are_mirrors_of_each_other(problem):
    estate, claims = problem
    losses = sum(claims) - estate
    assert talmud(estate, claims) == tuple(
        c - loss for c, loss in zip(claims, talmud(losses, claims))
    )
    assert equal_awards(estate, claims) == tuple(
        c - loss for c, loss in zip(claims, equal_losses(losses, claims))
    )


@given(problems(), st.sampled_from(sorted(RULES)), st.integers(0, 20))
def test_more_to_divide_gives_nobody_less(problem, rule, more):
    estate, claims = problem
    larger = min(F(sum(claims)), estate + more)
    before, after = RULES[rule](estate, claims), RULES[rule](larger, claims)
    assert all(a <= b for a, b in zip(before, after))


@given(keys, st.integers(1, 10**12))
def test_keys_divide_to_the_last_unit(held, total):
    shares = by_key(total, held)
    assert sum(shares) == total
    assert check_key(total, held, shares).holds


@given(keys, st.integers(0, 100))
def test_a_cap_is_kept_and_checked(held, percent):
    cap = F(1, len(held)) + F(percent, 100) * (1 - F(1, len(held)))
    shares = capped(1, held, cap)
    assert sum(shares) == 1
    assert max(shares) <= cap
    assert check_capped(1, held, cap, shares).holds


@given(keys, st.floats(0.1, 1.0))
def test_by_weight_and_by_shapley_nobody_would_leave(held, exponent):
    assert scaling.leavers(held, held, exponent).members == ()
    parts = scaling.shapley(held, exponent)
    assert sum(parts) == pytest.approx(1.0, abs=1e-3)
    assert scaling.leavers(held, parts, exponent).gain < 1e-3
