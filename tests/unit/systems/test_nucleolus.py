"""The nucleolus of published games, its certificate, and the core."""

from fractions import Fraction
from itertools import combinations

import pytest

from comity.errors import UsageError
from comity.systems import bankruptcy
from comity.systems.allocation import ListedGame, SharingGame, shapley
from comity.systems.linear import FREE, Span, add_row, program, run
from comity.systems.nucleolus import (
    check_balanced,
    check_core,
    core,
    kohlberg,
    nucleolus,
)
from tests.unit.systems.sharing import (
    ANY_TWO,
    COUNCIL,
    FERGUSON,
    GLOVES,
    HASAN,
    LEMAIRE,
    OH_AND_SHIN,
    SAKAWA,
    TVA,
    WEIGHTED,
    airport,
    complaints_one_by_one,
    contracts,
)

F = Fraction

PUBLISHED = [
    pytest.param(TVA, (93540, 116234, 202810), id="Straffin and Heaney 1981, Tennessee Valley"),
    pytest.param(LEMAIRE, ("52687.5", "24468.75", "12843.75"), id="Lemaire 1991, insurance"),
    pytest.param(HASAN, ("7.5", "0.5", "1.5", "10.5"), id="Hasan 2011, broadcast"),
    pytest.param(OH_AND_SHIN, ("331695.25", "233051.25", "207753.5"), id="Oh and Shin 2012"),
    pytest.param(SAKAWA, ("0.165", "0.3205", "0.0845", "0.3745", "0.0555"), id="Sakawa 2001"),
    pytest.param(FERGUSON, ("8/3", "2/3", "5/3"), id="Ferguson, lecture notes"),
    pytest.param(GLOVES, (0, 0, 1), id="two left gloves and a right one"),
    pytest.param(WEIGHTED, ("2/5", "1/5", "1/5", "1/5"), id="Peleg 1968, weights normalised"),
    pytest.param(COUNCIL, ("1/5",) * 5 + (0,) * 10, id="Security Council: permanent seats only"),
    pytest.param(contracts(100), ("100/3",) * 3, id="Aumann and Maschler 1985, estate 100"),
    pytest.param(contracts(200), (50, 75, 75), id="Aumann and Maschler 1985, estate 200"),
    pytest.param(contracts(300), (50, 100, 150), id="Aumann and Maschler 1985, estate 300"),
]


@pytest.mark.parametrize(("game", "shares"), PUBLISHED)
def test_published_nucleoli_come_out_exactly(game, shares):
    found = nucleolus(game)
    assert found.shares == tuple(map(F, shares))
    assert found.certificate.holds
    assert found.certificate.is_exact


@pytest.mark.parametrize(("game", "shares"), PUBLISHED)
def test_the_certificate_fails_when_a_little_is_moved(game, shares):
    right = tuple(map(F, shares))
    for giver in range(len(right)):
        taker = (giver + 1) % len(right)
        step = sum(right, F(0)) / 1000
        wrong = list(right)
        wrong[giver] -= step
        wrong[taker] += step
        told = kohlberg(game, wrong)
        assert not told.holds
        assert "fails at level" in told.words or "better off alone" in told.words


def test_shapleys_value_is_not_taken_for_the_nucleolus():
    told = kohlberg(TVA, shapley(TVA))
    assert told.words == (
        "fails at level 1: to shift a little cost from F to N would help F and hurt nobody as "
        "badly off"
    )


def test_freezing_all_that_is_tight_at_one_optimum_would_be_wrong():
    # Stage 1 binds E alone and the other four, at every optimum. The corner below is one
    # optimum; so much is tight there that to freeze it all would leave nothing to move.
    weights = dict(zip("ABCDE", (100, 93, 34, 23, 15)))
    game = SharingGame.of(
        "ABCDE",
        lambda who: round(1e6 * (sum(weights[p] for p in who) / 265) ** 0.7),
        is_cost=True,
    )
    found = nucleolus(game)
    assert [set(who) for who in found.binding[0]] == [{"A", "B", "C", "D"}, {"E"}]
    corner = one_optimum(game)
    left = complaints_one_by_one(game, corner)
    loudest = max(left.values())
    assert float(loudest - found.complaints[0]) == pytest.approx(0, abs=1)
    tight = Span(5)
    for who, complaint in left.items():
        if loudest - complaint < 1:
            tight.add(sum(1 << "ABCDE".index(p) for p in who))
    assert tight.is_full
    assert found.certificate.holds
    assert not kohlberg(game, corner).holds


def one_optimum(game):
    """Solve the first linear program with all its rows, and take the corner it stops at."""
    gains, _ = game.gains()
    n = len(game.players)
    made = program([0.0] * n + [1.0], [-FREE] * (n + 1), [FREE] * (n + 1))
    add_row(made, float(gains[-1]), float(gains[-1]), range(n), [1.0] * n)
    for place in range(1, (1 << n) - 1):
        at = [i for i in range(n) if place >> i & 1]
        add_row(made, float(gains[place]), FREE, [*at, n], [1.0] * (len(at) + 1))
    assert run(made) == "optimal"
    shares = [-F(x).limit_denominator(10**6) for x in made.getSolution().col_value[:n]]
    return (*shares[:-1], game.whole - sum(shares[:-1]))


def test_what_binds_is_named_stage_by_stage():
    found = nucleolus(contracts(200))
    assert found.complaints == (-50, -75)
    assert found.binding[0] == (("a",), ("b", "c"))


def test_shares_that_do_not_add_up_are_refused_by_the_certificate():
    assert kohlberg(GLOVES, (0, 0, 2)).words == "the shares do not add up to the whole"


def test_the_airport_nucleolus_is_in_the_core():
    costs = [1, 2, 4, 7, 7, 12]
    found = nucleolus(airport(costs))
    assert found.certificate.holds
    assert check_core(airport(costs), found.shares).holds
    # Littlechild (1974): the largest complaint is the least mean of the first steps.
    assert max(found.complaints) == -min(
        *(F(cost, k + 2) for k, cost in enumerate(costs[:-1])), F(12, 6)
    )


def test_fifteen_players_with_a_certificate():
    weights = [3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987, 1597, 2584]
    total = sum(weights)
    game = SharingGame.of(
        [str(i) for i in range(15)],
        lambda who: round(1e6 * (sum(weights[int(p)] for p in who) / total) ** 0.8),
        is_cost=True,
    )
    found = nucleolus(game)
    assert sum(found.shares) == 1_000_000
    assert found.certificate.holds
    assert check_core(game, found.shares).holds


def test_one_player_bears_it_all():
    game = SharingGame.of("A", lambda who: 7)
    assert nucleolus(game).shares == (7,)
    assert not core(game).is_empty


def test_a_game_where_joining_adds_nothing():
    game = SharingGame.of("ABC", len)
    assert nucleolus(game).shares == (1, 1, 1)


def test_without_an_imputation_the_prenucleolus_remains():
    game = SharingGame.of("AB", lambda who: 2 if len(who) == 1 else 3)
    with pytest.raises(UsageError, match="no division gives everybody"):
        nucleolus(game)
    found = nucleolus(game, rational=False)
    assert found.shares == (F(3, 2), F(3, 2))
    assert found.certificate.holds
    assert kohlberg(game, found.shares).words == "A would be better off alone"


# Games of which only some coalitions are heard


def listed(weights, exponent, reach):
    """Costs of summed weight, heard of up to `reach` players, and of all but up to so many."""
    n, total = len(weights), sum(weights)
    sizes = sorted({*range(1, reach + 1), *range(max(1, n - reach), n)})
    groups = [g for size in sizes for g in combinations(range(n), size)]
    costs = [round(1e6 * (sum(weights[i] for i in g) / total) ** exponent) for g in groups]
    return ListedGame(
        tuple(map(str, range(n))), tuple(groups), tuple(map(F, (*costs, 10**6))), is_cost=True
    )


def test_a_list_of_all_coalitions_is_the_whole_game():
    part = listed((50, 30, 12, 8), 0.8, 3)
    costs = {frozenset(g): w for g, w in zip(part.groups, part.worth)}
    whole = SharingGame.of(
        part.players,
        lambda who: costs.get(frozenset(map(int, who)), 10**6),
        is_cost=True,
    )
    assert nucleolus(part).shares == nucleolus(whole).shares
    assert nucleolus(part).certificate.holds


def test_thirty_five_members_heard_by_ones_and_twos():
    game = listed([round(100 * 1.2**i) for i in range(35)], 0.8, 2)
    found = nucleolus(game)
    assert found.certificate.holds
    assert sum(found.shares) == 10**6
    wrong = (found.shares[0] + 1, found.shares[1] - 1, *found.shares[2:])
    assert not kohlberg(game, wrong).holds


@pytest.mark.parametrize(
    ("groups", "worth", "said"),
    [
        pytest.param(((0,), (1,)), (1, 1), "one worth for each", id="a worth short"),
        pytest.param(((0,), (1,), (1,)), (1, 1, 1, 2), "listed once", id="a group twice"),
        pytest.param(((0,),), (1, 2), "alone is missing", id="nobody hears the second"),
    ],
)
def test_a_list_without_meaning_is_refused(groups, worth, said):
    with pytest.raises(UsageError, match=said):
        ListedGame(("A", "B"), groups, tuple(map(F, worth)))


# Core


def test_an_empty_core_is_proved_by_balanced_weights():
    found = core(ANY_TWO)
    assert found.is_empty
    assert found.point is None
    assert found.least == F(1, 3)
    assert {w for _, w in found.weights} == {F(1, 2)}
    assert found.certificate.holds
    assert found.certificate.words == (
        "balanced weights on 3 coalitions ask for 1/2 more than there is"
    )


def test_a_core_that_is_not_empty_is_proved_by_a_point_in_it():
    found = core(TVA)
    assert not found.is_empty
    assert found.point is not None
    assert check_core(TVA, found.point).holds
    assert found.least < 0
    assert found.weights == ()


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        pytest.param([("AB", F(1, 2)), ("AC", F(1, 2))], "B's coalitions", id="unbalanced"),
        pytest.param(
            [("A", F(1)), ("B", F(1)), ("C", F(1))], "do not need more", id="nothing proved"
        ),
        pytest.param(
            [("ABC", F(2)), ("A", F(-1)), ("B", F(-1)), ("C", F(-1))],
            "not above nought",
            id="a negative weight",
        ),
    ],
)
def test_weights_that_prove_nothing_are_found(weights, said):
    assert said in check_balanced(ANY_TWO, weights).words


def test_who_would_leave_is_named_with_the_gain():
    told = check_core(TVA, by_population := (F(140000), F(163000), F(109584)))
    assert sum(by_population) == TVA.whole
    assert told.words == "F, N would be better off alone by 1393"
    assert not check_core(TVA, (1, 1, 1)).holds


def test_the_talmud_is_the_nucleolus_of_its_contracts_for_every_estate():
    for estate in range(0, 601, 50):
        assert nucleolus(contracts(estate)).shares == bankruptcy.talmud(estate, (100, 200, 300))
