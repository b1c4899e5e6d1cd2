"""Costs by summed weight: who would leave, from which exponent on, and Shapley's value."""

from itertools import combinations
from math import log

import pytest

from comity.errors import UsageError
from comity.systems import allocation
from comity.systems.scaling import break_even, complainants, leavers, shapley

WEIGHTS = (0.4, 0.25, 0.15, 0.12, 0.08)
SHARES = (0.3, 0.1, 0.25, 0.15, 0.2)


def groups(n):
    return (g for size in range(1, n) for g in combinations(range(n), size))


@pytest.mark.parametrize("exponent", [0.3, 0.6, 0.8, 1.0])
def test_who_gains_most_is_who_a_search_through_all_groups_finds(exponent):
    def gain(group):
        return sum(SHARES[i] for i in group) - sum(WEIGHTS[i] for i in group) ** exponent

    best = max(groups(5), key=gain)
    found = leavers(WEIGHTS, SHARES, exponent)
    if gain(best) > 1e-12:
        assert found.members == best
        assert found.gain == pytest.approx(gain(best))
    else:
        assert found.members == ()


@pytest.mark.parametrize("above", [-0.2, -0.05, 0.0, 0.05, 0.5])
def test_to_hear_the_first_few_is_to_hear_all(above):
    def gain(group):
        return sum(SHARES[i] for i in group) - sum(WEIGHTS[i] for i in group) ** 0.8

    found = complainants(WEIGHTS, SHARES, 0.8, above)
    assert bool(found) == any(gain(g) > above for g in groups(5))
    assert all(gain(g) > above for g in found)


def test_the_first_to_leave_is_who_a_search_through_all_groups_finds():
    def exponent(group):
        return log(sum(SHARES[i] for i in group)) / log(sum(WEIGHTS[i] for i in group))

    first = min(groups(5), key=exponent)
    found = break_even(WEIGHTS, SHARES)
    assert found.members == first
    assert found.exponent == pytest.approx(exponent(first))
    assert leavers(WEIGHTS, SHARES, found.exponent - 0.001).members == ()
    assert leavers(WEIGHTS, SHARES, found.exponent + 0.001).members == first


def test_by_weight_nobody_ever_leaves():
    found = break_even(WEIGHTS, WEIGHTS)
    assert (found.exponent, found.members) == (1.0, ())


def test_those_who_bear_it_all_leave_at_any_exponent():
    found = break_even((1, 1, 1), (1, 1, 0))
    assert (found.exponent, found.members) == (0.0, (0, 1))


@pytest.mark.parametrize("exponent", [0.5, 0.8, 1.0])
def test_shapley_on_the_grid_agrees_with_the_exact_one(exponent):
    whole = sum(WEIGHTS)
    game = allocation.SharingGame.of(
        [str(i) for i in range(5)],
        lambda who: (sum(WEIGHTS[int(p)] for p in who) / whole) ** exponent,
    )
    exact = [float(share) for share in allocation.shapley(game)]
    assert shapley(WEIGHTS, exponent) == pytest.approx(exact, abs=1e-6)


def test_thirty_five_members_add_up():
    parts = shapley([1.1**i for i in range(35)], 0.8)
    assert sum(parts) == pytest.approx(1.0, abs=1e-5)
    assert list(parts) == sorted(parts)


def test_one_member_bears_it_all():
    assert shapley((5,), 0.8) == pytest.approx((1.0,))
    assert leavers((5,), (1,), 0.8).members == ()
    assert break_even((5,), (1,)).members == ()


@pytest.mark.parametrize(
    ("weights", "shares", "exponent", "said"),
    [
        pytest.param((1, 1), (1, 1), 0.0, "exponent of 0.0", id="costs nothing"),
        pytest.param((1, 1), (1, 1), 1.2, "exponent of 1.2", id="joining costs"),
        pytest.param((1, 1), (1,), 0.8, "one share for each", id="one share short"),
        pytest.param((1, -1), (1, 1), 0.8, "nought or more", id="a negative weight"),
    ],
)
def test_what_has_no_meaning_is_refused(weights, shares, exponent, said):
    with pytest.raises(UsageError, match=said):
        leavers(weights, shares, exponent)
