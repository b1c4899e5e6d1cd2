import numpy as np
import pytest

from comity.errors import UsageError
from comity.systems.coalitions import (
    dictator,
    dummies,
    minimal_blocking,
    minimal_winning,
    smallest_blocking,
    vetoers,
)
from comity.systems.game import AllOf, AnyOf, Game, Threshold, at_least, vetoes

POPULATION = tuple(int(w) for w in np.random.default_rng(1).integers(500, 80_000, 57))


def body(n, heads, share, seats=()):
    """Head count, share of population, vetoes."""
    people = POPULATION[:n]
    parts = (at_least(n, heads), Threshold(people, -(-share * sum(people) // 100)))
    rule = AllOf((*parts, vetoes(n, seats)) if seats else parts)
    return Game(tuple(f"member {i}" for i in range(n)), rule)


def test_a_head_count_is_one_family():
    found = minimal_winning(Game(tuple("ABCDE"), at_least(5, 3)))
    assert [str(family) for family in found.families] == ["any 3 of A, B, C, D, E"]
    assert (found.count, found.smallest, found.complete, found.counted) == (10, 3, True, True)
    assert found.sets(limit=2) == (("A", "B", "C"), ("A", "B", "D"))


def test_thirty_five_alike_have_billions_of_coalitions_and_one_family():
    found = smallest_blocking(Game(tuple(f"member {i}" for i in range(35)), at_least(35, 18)))
    assert len(found.families) == 1
    assert (found.smallest, found.count, found.complete) == (18, 4_537_567_650, True)


def test_the_smallest_come_first():
    found = minimal_winning(Game(tuple("ABCDE"), Threshold((5, 2, 2, 1, 1), 6)))
    sizes = [family.size for family in found.families]
    assert sizes == sorted(sizes)
    assert found.smallest == sizes[0]


@pytest.mark.parametrize(
    ("game", "size", "number"),
    [
        pytest.param(body(35, 18, 65, {0, 1}), 1, 2, id="35 members, two vetoes: each of them"),
        pytest.param(body(57, 57, 65), 1, 57, id="unanimity of 57: anyone"),
    ],
)
def test_a_veto_is_a_blocking_coalition_of_one(game, size, number):
    found = smallest_blocking(game)
    assert (found.smallest, found.count, found.counted) == (size, number, True)
    assert set(found.sets()) == {(name,) for name in vetoers(game)}


def test_a_large_body_is_searched_within_its_bound_and_says_so():
    game = body(57, 29, 65)
    found = minimal_winning(game, limit=50)
    assert (len(found.families), found.complete, found.counted) == (50, False, False)
    assert found.count >= 50
    assert found.smallest == found.at_least == 29
    assert all(game.wins(coalition) for coalition in found.sets())


def test_where_even_the_smallest_is_not_found_a_lower_bound_remains():
    found = smallest_blocking(body(57, 29, 65), work=3)
    assert (found.families, found.smallest, found.complete) == ((), None, False)
    assert 0 < found.at_least <= smallest_blocking(body(57, 29, 65)).smallest


def test_the_smallest_blocking_coalitions_of_a_large_body_are_all_found():
    game = body(57, 29, 65)
    found = smallest_blocking(game)
    assert found.complete
    assert found.counted
    rest = [set(game.players) - set(coalition) for coalition in found.sets()]
    assert not any(game.wins(players) for players in rest)


@pytest.mark.parametrize(
    ("quota", "winning", "blocking"),
    [
        pytest.param(0, ["nobody"], [], id="always met: nobody is needed, nobody can block"),
        pytest.param(9, [], ["nobody"], id="never met: it is blocked as it stands"),
    ],
)
def test_a_rule_that_nothing_changes(quota, winning, blocking):
    game = Game(tuple("ABC"), at_least(3, quota))
    assert [str(family) for family in minimal_winning(game).families] == winning
    assert [str(family) for family in minimal_blocking(game).families] == blocking
    assert (vetoers(game), dictator(game)) == ((), None)


@pytest.mark.parametrize(
    ("rule", "alone"),
    [
        pytest.param(Threshold((5, 2, 2), 5), "A", id="heavier than all others together"),
        pytest.param(Threshold((5, 2, 2), 7), None, id="a veto is not enough"),
        pytest.param(AnyOf((vetoes(3, {0}), at_least(3, 2))), None, id="others can do without"),
    ],
)
def test_a_dictator_carries_and_stops_everything_alone(rule, alone):
    assert dictator(Game(tuple("ABC"), rule)) == alone


def test_dummies_are_found_among_hundreds():
    weights = (10,) * 200 + (1,) * 5
    game = Game(tuple(f"member {i}" for i in range(205)), Threshold(weights, 1010))
    assert dummies(game) == game.players[200:]


def test_dummies_of_a_game_beyond_counting_are_not_guessed():
    heavy = tuple(int(w) for w in np.random.default_rng(2).integers(1, 10**6, 57))
    game = Game(
        tuple(f"member {i}" for i in range(57)),
        AllOf((Threshold(POPULATION, 10**6), Threshold(heavy, 10**7))),
    )
    with pytest.raises(UsageError, match="too large"):
        dummies(game)


def test_the_first_of_billions_of_coalitions_is_had_without_making_the_others():
    council = Game(tuple(f"m{i}" for i in range(60)), at_least(60, 31))
    family = smallest_blocking(council).families[0]
    assert family.count > 10**16
    assert next(family.sets()) == tuple(f"m{i}" for i in range(30))
