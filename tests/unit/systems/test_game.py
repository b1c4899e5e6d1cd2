import pytest

from comity.errors import UsageError
from comity.systems.game import AllOf, AnyOf, Game, KOf, Threshold, at_least, dual, vetoes
from comity.systems.power import power
from comity.systems.reduction import reduce

LARCH = ("Arden", "Brill", "Corve", "Dorn")


@pytest.mark.parametrize(
    ("coalition", "wins"),
    [
        pytest.param({"Arden", "Brill"}, True, id="exactly the quota"),
        pytest.param({"Brill", "Corve", "Dorn"}, False, id="many, but one vote short"),
        pytest.param((), False, id="nobody"),
        pytest.param(("Arden", "Arden", "Corve"), False, id="named twice counts once"),
    ],
)
def test_a_coalition_wins_when_it_meets_the_rule(coalition, wins):
    assert Game(LARCH, Threshold((3, 2, 1, 1), 5)).wins(coalition) is wins


@pytest.mark.parametrize(
    ("coalition", "wins"),
    [
        pytest.param({"Arden", "Brill"}, True, id="two parts of three"),
        pytest.param({"Brill", "Corve"}, False, id="one part of three"),
    ],
)
def test_k_of_counts_the_parts_met(coalition, wins):
    rule = KOf(2, (vetoes(4, {0}), at_least(4, 2), at_least(4, 3)))
    assert Game(LARCH, rule).wins(coalition) is wins


@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param(lambda: Threshold((0.5, 1), 1), "whole numbers", id="a fraction"),
        pytest.param(lambda: Threshold((True, 1), 1), "whole numbers", id="a truth for a number"),
        pytest.param(lambda: Threshold((-1, 1), 1), "below nought", id="a negative weight"),
        pytest.param(lambda: AllOf(()), "nothing", id="all of nothing"),
        pytest.param(lambda: AnyOf(()), "nothing", id="any of nothing"),
        pytest.param(lambda: KOf(3, (at_least(2, 1),)), "3 of 1", id="three of one"),
        pytest.param(lambda: Game((), at_least(0, 1)), "needs players", id="no players"),
        pytest.param(lambda: Game(("a", "a"), at_least(2, 1)), "twice", id="one name twice"),
        pytest.param(lambda: Game(("a",), at_least(2, 1)), "2 weights", id="a weight too many"),
        pytest.param(lambda: vetoes(3, {3}), "outside", id="a seat that is not there"),
        pytest.param(
            lambda: Game(LARCH, at_least(4, 2)).wins({"Elsin"}), "Elsin", id="an outsider"
        ),
    ],
)
def test_what_has_no_meaning_is_refused_with_a_next_step(make, words):
    with pytest.raises(UsageError, match=words) as refused:
        make()
    assert refused.value.hint


def test_weights_of_any_size_are_divided_by_what_they_share():
    huge = 10**40
    small = Game(LARCH, Threshold((3, 2, 1, 1), 5))
    large = Game(LARCH, Threshold((3 * huge, 2 * huge, huge, huge), 4 * huge + 1))
    assert power(large).swings == power(small).swings


def test_weights_beyond_64_bits_are_refused_not_wrapped():
    odd = Game(LARCH, Threshold((2**61 + 1, 2**61, 2**61, 3), 2**62))
    with pytest.raises(UsageError, match="64 bits"):
        power(odd)


def test_what_is_left_to_compute_has_neither_vetoers_nor_idle_players():
    rule = AllOf((Threshold((2, 2, 4, 0), 6), vetoes(4, {0})))
    left = reduce(Game(LARCH, rule))
    assert (left.vetoers, left.free, left.idle) == ((0, 2), (), (1, 3))
    assert left.node is True


def test_players_alike_in_every_threshold_are_one_type():
    rule = AllOf((Threshold((3, 1, 1, 1), 4), vetoes(4, {1})))
    assert Game(LARCH, rule).types() == (("Arden",), ("Brill",), ("Corve", "Dorn"))


def test_the_dual_of_the_dual_is_the_game():
    rule = KOf(2, (vetoes(4, {0}), AnyOf((at_least(4, 2), at_least(4, 3))), at_least(4, 3)))
    game = Game(LARCH, rule)
    assert dual(dual(game)) == game
