"""Claims on too little: the Talmud's contracts, the garment, and their checks."""

from fractions import Fraction

import pytest

from comity.errors import UsageError
from comity.systems.bankruptcy import RULES, check, equal_awards, equal_losses, garment, talmud

F = Fraction
CLAIMS = (100, 200, 300)


@pytest.mark.parametrize(
    ("estate", "awards"),
    [
        pytest.param(100, ("100/3", "100/3", "100/3"), id="Ketubot 93a, a hundred"),
        pytest.param(200, (50, 75, 75), id="Ketubot 93a, two hundred"),
        pytest.param(300, (50, 100, 150), id="Ketubot 93a, three hundred"),
        pytest.param(500, ("200/3", "500/3", "800/3"), id="beyond half, losses are equal"),
        pytest.param(600, CLAIMS, id="enough for all"),
        pytest.param(0, (0, 0, 0), id="nothing"),
    ],
)
def test_the_contracts_are_divided_as_the_talmud_says(estate, awards):
    assert talmud(estate, CLAIMS) == tuple(map(F, awards))


def test_two_hold_a_garment():
    # Bava Metzia 2a: one says it is all his, the other half; three quarters and one quarter.
    assert garment(1, 1, F(1, 2)) == (F(3, 4), F(1, 4))


def test_equal_awards_and_equal_losses_mirror_each_other():
    assert equal_awards(400, CLAIMS) == (100, 150, 150)
    assert equal_losses(200, CLAIMS) == (0, 50, 150)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("estate", [0, 50, 100, 200, 300, 450, 599, 600])
def test_each_rule_passes_its_own_check(rule, estate):
    told = check(rule, estate, CLAIMS, RULES[rule](estate, CLAIMS))
    assert told.holds
    assert told.is_exact


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("other", RULES)
def test_no_rule_passes_the_check_of_another(rule, other):
    told = check(rule, 200, CLAIMS, RULES[other](200, CLAIMS))
    assert told.holds == (rule == other)


@pytest.mark.parametrize(
    ("awards", "said"),
    [
        pytest.param((50, 75, 70), "do not add up", id="too little"),
        pytest.param((120, 40, 40), "above its claim", id="more than claimed"),
        pytest.param((-10, 100, 110), "below nought", id="a negative award"),
    ],
)
def test_what_is_no_division_is_found(awards, said):
    assert said in check("talmud", 200, CLAIMS, awards).words


@pytest.mark.parametrize(
    ("estate", "claims", "said"),
    [
        pytest.param(700, CLAIMS, "less than the 700", id="more than is claimed"),
        pytest.param(-1, CLAIMS, "below nought", id="a debt"),
        pytest.param(1, (1, -1), "below nought", id="a negative claim"),
    ],
)
def test_what_is_no_problem_of_claims_is_refused(estate, claims, said):
    with pytest.raises(UsageError, match=said):
        talmud(estate, claims)


def test_an_unknown_rule_is_refused():
    with pytest.raises(UsageError, match="no rule 'fair'"):
        check("fair", 1, (1,), (1,))
