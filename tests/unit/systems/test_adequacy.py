from fractions import Fraction

import pytest

from comity.errors import UsageError
from comity.systems.adequacy import adequacy
from comity.systems.convolution import CommonCause, Contributor, Outcome, convolve
from comity.systems.credit import capability_credits

LEAGUE = [
    Contributor.of("Arden", 4, chance=0.9),
    Contributor.of("Brill", 3, chance=0.8),
    Contributor.of("Corve", 2, chance=0.5),
    Contributor.of("Dorn", 1),
]
STORM = CommonCause("storm", 0.1, ("Arden", "Brill"))


def test_members_who_never_fail_give_all_they_have():
    sure = [Contributor.of("Arden", 4), Contributor.of("Brill", 3)]
    together = convolve(sure)
    assert together.below(7) == 0.0
    assert together.below(8) == 1.0
    assert together.shortfall(9) == pytest.approx(2.0)


def test_reaching_the_requirement_exactly_is_enough():
    tenths = [Contributor.of(name, 0.1) for name in ("Arden", "Brill", "Corve")]
    assert convolve(tenths).below(Fraction(3, 10)) == 0.0
    assert adequacy(tenths, 0.3, method="sampling", draws=10).any_short == 0.0


def test_what_is_expected_is_the_sum_of_what_is_expected_of_each():
    together = convolve(LEAGUE)
    assert together.mean() == pytest.approx(sum(c.mean() for c in LEAGUE))
    assert together.chances.sum() == pytest.approx(1.0)


def test_the_amount_assured_with_a_chance_is_reached_with_that_chance():
    together = convolve(LEAGUE)
    least = together.assured(0.9)
    assert 1.0 - together.below(least) >= 0.9
    assert 1.0 - together.below(least + 1) < 0.9


def test_a_common_cause_leaves_what_each_gives_alone_but_makes_shortfalls_likelier():
    same_means = [
        Contributor.of("Arden", 4, chance=0.9 * 0.9),
        Contributor.of("Brill", 3, chance=0.8 * 0.9),
        *LEAGUE[2:],
    ]
    apart, together = convolve(same_means), convolve(LEAGUE, causes=[STORM])
    assert together.mean() == pytest.approx(apart.mean())
    assert together.shortfall(3) > apart.shortfall(3)


def test_several_causes_may_overlap():
    causes = [STORM, CommonCause("strike", 0.2, ("Brill", "Dorn"))]
    exact = adequacy(LEAGUE, 5, causes=causes).lines[0]
    sampled = adequacy(LEAGUE, 5, causes=causes, method="sampling", draws=60_000, seed=3).lines[0]
    assert abs(sampled.lolp - exact.lolp) < 3 * sampled.lolp_error
    assert abs(sampled.eue - exact.eue) < 3 * sampled.eue_error


def test_all_lines_together_are_exact_while_the_cases_are_few():
    two = [
        Contributor.of("Arden", (3, 0), chance=0.9),
        Contributor.of("Brill", (0, 2), chance=0.5),
    ]
    found = adequacy(two, (3, 2))
    assert found.error == 0.0
    assert found.any_short == pytest.approx(1 - 0.45)
    assert [line.lolp for line in found.lines] == pytest.approx([0.1, 0.5])


def test_a_member_of_three_outcomes_is_sampled_as_it_is():
    one = Contributor(
        "Arden",
        tuple(
            Outcome(chance, (Fraction(amount),))
            for chance, amount in ((0.2, 5), (0.5, 2), (0.3, 4))
        ),
    )
    exact = adequacy([one, LEAGUE[1]], 5).lines[0]
    sampled = adequacy([one, LEAGUE[1]], 5, method="sampling", draws=60_000, seed=5).lines[0]
    assert abs(sampled.lolp - exact.lolp) < 3 * sampled.lolp_error
    assert abs(sampled.eue - exact.eue) < 3 * sampled.eue_error


def test_a_sample_without_a_shortfall_does_not_claim_certainty():
    rare = [Contributor.of("Arden", 4, chance=0.999999)]
    found = adequacy(rare, 4, method="sampling", draws=100, seed=0)
    assert found.any_short == 0.0
    assert found.error > 0.0


def test_the_same_seed_draws_the_same():
    first = adequacy(LEAGUE, 7, method="sampling", draws=20_000, seed=11)
    assert first == adequacy(LEAGUE, 7, method="sampling", draws=20_000, seed=11)
    assert first != adequacy(LEAGUE, 7, method="sampling", draws=20_000, seed=12)


def test_amounts_too_fine_for_a_table_are_sampled_or_refused():
    fine = [Contributor.of(str(k), 1_000_000 + Fraction(1, 997 + k), chance=0.5) for k in range(9)]
    assert adequacy(fine, 4_000_000, draws=1000).method.startswith("sampled")
    with pytest.raises(UsageError, match="cells"):
        adequacy(fine, 4_000_000, method="exact")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param(lambda: Contributor.of("Arden", 3, chance=1.2), "outside", id="over one"),
        pytest.param(lambda: Contributor.of("Arden", -3), "none below", id="below nought"),
        pytest.param(
            lambda: Contributor("Arden", (Outcome(0.5, (Fraction(1),)),)), "sum to", id="half told"
        ),
        pytest.param(lambda: CommonCause("storm", -0.1, ("Arden",)), "outside", id="negative"),
        pytest.param(lambda: adequacy(LEAGUE, ()), "nothing", id="no requirement"),
        pytest.param(lambda: adequacy(LEAGUE, (1, 2)), "not as many", id="two lines for one"),
        pytest.param(lambda: adequacy([*LEAGUE, LEAGUE[0]], 3), "one name", id="a double name"),
        pytest.param(
            lambda: adequacy(LEAGUE, 3, causes=[CommonCause("storm", 0.1, ("Elsin",))]),
            "Elsin",
            id="a stranger is struck",
        ),
        pytest.param(lambda: adequacy(LEAGUE, 3, draws=1), "draws", id="one draw"),
        pytest.param(lambda: adequacy(LEAGUE, float("nan")), "not an amount", id="no number"),
    ],
)
def test_what_has_no_meaning_is_refused(make, words):
    with pytest.raises(UsageError, match=words):
        make()


# Capability credit


@pytest.mark.parametrize("kind", ["firm", "load"])
@pytest.mark.parametrize("measure", ["eue", "lolp"])
def test_a_sure_contribution_is_worth_its_amount(kind, measure):
    found = {c.name: c for c in capability_credits(LEAGUE, 8, kind=kind, measure=measure)}
    assert found["Dorn"].credit == pytest.approx(1.0)
    assert all(0.0 <= c.credit <= c.most for c in found.values())


def test_credit_by_hand():
    """Arden sure with 3, Brill 2 at even chance, 5 required: EUE is 1 with Brill, 2 without.

    Without Brill the others are short of 5 - x by 2 - x, so x = 1 replaces it: half its amount.
    """
    pair = [Contributor.of("Arden", 3), Contributor.of("Brill", 2, chance=0.5)]
    assert capability_credits(pair, 5)[1].credit == pytest.approx(1.0)


def test_the_firm_credit_put_in_its_place_keeps_the_shortfall():
    for credit in capability_credits(LEAGUE, 8):
        others = [c for c in LEAGUE if c.name != credit.name]
        left_to_others = 8 - Fraction(credit.credit)
        assert convolve(others).shortfall(left_to_others) == pytest.approx(credit.with_it)


def test_the_load_credit_added_to_the_requirement_keeps_the_shortfall():
    for credit in capability_credits(LEAGUE, 8, kind="load"):
        whole = convolve(LEAGUE)
        assert whole.shortfall(8 + credit.credit) == pytest.approx(credit.without_it)


def test_where_nothing_is_ever_short_nobody_is_needed():
    sure = [Contributor.of("Arden", 4), Contributor.of("Brill", 3)]
    assert [c.credit for c in capability_credits(sure, 2)] == [0.0, 0.0]


def test_a_common_cause_lowers_the_credit_of_whom_it_strikes():
    before = {c.name: c.credit for c in capability_credits(LEAGUE, 8)}
    after = {c.name: c.credit for c in capability_credits(LEAGUE, 8, causes=[STORM])}
    assert after["Brill"] < before["Brill"]


def test_an_unknown_kind_of_credit_is_refused():
    with pytest.raises(UsageError, match="load or firm"):
        capability_credits(LEAGUE, 8, kind="soft")  # type: ignore[arg-type]
