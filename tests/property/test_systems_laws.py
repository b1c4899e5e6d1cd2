"""Laws of simple games, on games small enough for the plain twins."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import UsageError
from comity.systems.coalitions import (
    dummies,
    minimal_blocking,
    minimal_winning,
    smallest_blocking,
    vetoers,
)
from comity.systems.counting import Settled, whole
from comity.systems.enumeration import AllCoalitions
from comity.systems.families import Groups
from comity.systems.game import AllOf, AnyOf, Game, KOf, Rule, Threshold, dual
from comity.systems.grouping import ByTypes
from comity.systems.halves import Halves
from comity.systems.passing import pass_probability
from comity.systems.power import count, power
from comity.systems.reduction import reduce
from comity.systems.reliability import barlow_proschan, birnbaum
from comity.systems.weights import ByWeight, WeightDistribution, single_quota
from tests.unit.systems import twins

untimed = settings(deadline=None)  # laws count work, never seconds
NAMES = ("Arden", "Brill", "Corve", "Dorn", "Elsin", "Farn", "Gale")


@st.composite
def thresholds(draw: st.DrawFn, n: int) -> Threshold:
    most = draw(st.sampled_from([1, 3, 40]))
    weights = tuple(draw(st.lists(st.integers(0, most), min_size=n, max_size=n)))
    return Threshold(weights, draw(st.integers(0, sum(weights) + 1)))


@st.composite
def rules(draw: st.DrawFn, n: int, depth: int = 2) -> Rule:
    kind = draw(st.sampled_from(["leaf", "all", "any", "k"] if depth else ["leaf"]))
    if kind == "leaf":
        return draw(thresholds(n))
    parts = tuple(draw(st.lists(rules(n, depth - 1), min_size=1, max_size=3)))
    if kind == "k":
        return KOf(draw(st.integers(1, len(parts))), parts)
    return AllOf(parts) if kind == "all" else AnyOf(parts)


@st.composite
def games(draw: st.DrawFn, most: int = 6) -> Game:
    n = draw(st.integers(1, most))
    return Game(NAMES[:n], draw(rules(n)))


@st.composite
def weighted(draw: st.DrawFn, most: int = 7) -> Game:
    n = draw(st.integers(1, most))
    return Game(NAMES[:n], draw(thresholds(n)))


def kernels(game):
    """Every exact way that can do this game, however it would be chosen."""
    reduced = reduce(game)
    if isinstance(reduced.node, bool):
        return reduced, [Settled(reduced)]
    ways = [ByTypes(reduced), AllCoalitions(reduced)]
    if len(reduced.free) > 1:
        ways += [Halves(reduced, big) for big in range(len(reduced.vectors))]
    if (quota := single_quota(reduced)) is not None:
        ways.append(ByWeight(reduced, quota))
    return reduced, ways


@untimed
@given(games())
def test_every_way_counts_what_the_plain_twin_counts(game):
    won = twins.winning(game)
    reduced, ways = kernels(game)
    for way in ways:
        found = whole(game.players, reduced, way.counts(), way.words)
        for size, number in enumerate(found.winning):
            assert number == sum(len(s) == size for s in won)
        assert found.swings() == twins.swings(game)
        assert found.shapley_shubik() == twins.shapley_shubik(game)


@untimed
@given(games(most=4))
def test_the_plain_twin_by_coalitions_agrees_with_the_plainer_one_by_orders(game):
    assert twins.shapley_shubik(game) == twins.shapley_shubik_by_orders(game)


@untimed
@given(games(), st.data())
def test_every_way_gives_the_chance_to_pass(game, data):
    chances = data.draw(
        st.lists(
            st.sampled_from([0.0, 0.1, 0.5, 0.8, 1.0]),
            min_size=len(game.players),
            max_size=len(game.players),
        )
    )
    true = twins.passing(game, chances)
    reduced, ways = kernels(game)
    p = np.array(chances)
    veto = p[list(reduced.vetoers)].prod()
    results = [way.chance(p[list(reduced.free)]) for way in ways]
    for way in ways:
        assert abs(veto * way.win(p[list(reduced.free)]) - true) < 1e-12
    for won, raised in results:
        assert abs(veto * won - true) < 1e-12
        assert np.allclose(raised, results[0][1], rtol=0, atol=1e-12)
    assert abs(pass_probability(game, chances).probability - true) < 1e-12


@untimed
@given(games())
def test_shares_add_up_to_one_unless_nobody_decides(game):
    found = power(game)
    assert sum(found.shapley_shubik_exact) == (1 if any(found.swings) else 0)


@untimed
@given(games())
def test_banzhaf_is_birnbaum_at_one_half(game):
    half = [0.5] * len(game.players)
    assert np.allclose(power(game).banzhaf, birnbaum(game, half), rtol=0, atol=1e-12)


@untimed
@given(games())
def test_shapley_shubik_is_barlow_proschan_of_parts_that_age_alike(game):
    assert np.allclose(power(game).shapley_shubik, barlow_proschan(game), rtol=0, atol=1e-12)


@untimed
@given(games())
def test_who_can_block_has_the_power_of_who_can_carry(game):
    there, back = power(game), power(dual(game))
    assert there.swings == back.swings
    assert there.shapley_shubik_exact == back.shapley_shubik_exact
    assert there.prevent == back.initiate


@untimed
@given(games(), st.randoms(use_true_random=False))
def test_the_order_of_the_players_does_not_matter(game, random):
    order = list(range(len(game.players)))
    random.shuffle(order)

    def moved(rule):
        if isinstance(rule, Threshold):
            return Threshold(tuple(rule.weights[i] for i in order), rule.quota)
        parts = tuple(map(moved, rule.parts))
        return KOf(rule.least, parts) if isinstance(rule, KOf) else type(rule)(parts)

    shuffled = power(Game(tuple(game.players[i] for i in order), moved(game.rule)))
    found = power(game)
    assert shuffled.swings == tuple(found.swings[i] for i in order)
    assert shuffled.shapley_shubik_exact == tuple(found.shapley_shubik_exact[i] for i in order)


@untimed
@given(weighted())
def test_more_weight_is_never_less_power(game):
    found = power(game)
    ranked = sorted(zip(game.rule.weights, found.swings, found.shapley_shubik_exact))
    assert [s for _, s, _ in ranked] == sorted(found.swings)
    assert [v for _, _, v in ranked] == sorted(found.shapley_shubik_exact)


@untimed
@given(weighted())
def test_the_weight_distribution_is_within_its_bound(game):
    reduced = reduce(game)
    quota = single_quota(reduced)
    if quota is None:
        return
    found, exact = WeightDistribution(reduced, quota).measured(), power(game)
    for place, i in enumerate(reduced.free):
        assert abs(found.banzhaf[place] - exact.banzhaf[i]) <= found.banzhaf_error
        off = abs(found.shapley_shubik[place] - exact.shapley_shubik[i])
        assert off <= found.shapley_shubik_error
    for i in reduced.vetoers:
        assert abs(found.veto_shapley_shubik - exact.shapley_shubik[i]) < 1e-12
        assert abs(found.veto_banzhaf - exact.banzhaf[i]) < 1e-12


@untimed
@given(games())
def test_whoever_is_in_no_minimal_coalition_has_no_power(game):
    needed = set().union(*twins.minimal(game))
    idle = tuple(p for p in game.players if p not in needed)
    found = power(game)
    assert dummies(game) == idle
    assert all(
        (p in idle) == (swings == 0 == share)
        for p, swings, share in zip(game.players, found.swings, found.shapley_shubik_exact)
    )


@untimed
@given(games())
def test_minimal_coalitions_are_all_found_and_no_others(game):
    for found, true in (
        (minimal_winning(game), twins.minimal(game)),
        (minimal_blocking(game), twins.blocking(game)),
    ):
        assert found.complete
        assert found.counted
        assert {frozenset(s) for s in found.sets()} == true
        assert found.count == len(found.sets()) == len(true)
        assert found.smallest == min(map(len, true), default=None)


@untimed
@given(games(), st.integers(0, 3), st.sampled_from([5, 50, 10_000]))
def test_a_search_finds_what_looking_at_all_finds_or_says_it_stopped(game, limit, work):
    reduced = reduce(game)
    if isinstance(reduced.node, bool):
        return
    always = tuple(game.players[i] for i in reduced.vetoers)
    groups = Groups(game, reduced, ((len(always), always),) if always else ())
    true = twins.minimal(game)
    for counts in (None, count(game)):
        found = groups.search(limit or 10_000, work, counts, smallest_only=False)
        listed = {frozenset(s) for s in found.sets()}
        assert listed <= true
        assert not found.complete or listed == true
        assert found.count <= len(true)
        assert not found.counted or found.count == len(true)
        assert found.at_least <= min(map(len, true))


@untimed
@given(games())
def test_a_veto_is_a_blocking_coalition_of_one(game):
    if not game.wins(game.players):
        return
    alone = {name for s in twins.blocking(game) if len(s) == 1 for name in s}
    assert set(vetoers(game)) == alone
    if alone:
        assert {frozenset(s) for s in smallest_blocking(game).sets()} == {
            frozenset({name}) for name in alone
        }


@settings(max_examples=20, deadline=None)
@given(games(), st.integers(0, 3))
def test_sampled_values_lie_within_their_errors(game, seed):
    exact, drawn = power(game), power(game, method="sampling", draws=400, seed=seed)
    # Six standard errors of the true share and six draws: thousands of values are looked at.
    for name in ("banzhaf", "shapley_shubik"):
        for a, b in zip(getattr(exact, name), getattr(drawn, name)):
            assert abs(a - b) <= 6 * (a * (1 - a) / 400) ** 0.5 + 6 / 400


@untimed
@given(games())
def test_a_method_does_the_game_or_says_why_not(game):
    hints = []
    for method in ("types", "halves", "all", "weights"):
        try:
            found = power(game, method=method)
        except UsageError as refused:
            hints.append(refused.hint)
        else:
            assert np.allclose(found.shapley_shubik, power(game).shapley_shubik, atol=1e-12)
    assert all(hints)
