"""What the rules of the shipped charters decide, case by case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction

import pytest

from comity.charters import load
from comity.core.rules import Mark
from comity.core.tally import decide

EU = load("eu-council")
UN = load("un-security-council")
FOUR_LARGE = ("DEU", "FRA", "ITA", "ESP")
PERMANENT = ("CHN", "FRA", "RUS", "GBR", "USA")


def outcome(
    charter, rule, yes: Iterable[str] = (), *, organ="", on=None, concerned=(), **marks
) -> str:
    """Decide with some in favour, those in `marks` otherwise, and everybody else absent."""
    organ = organ or next(iter(charter.organs))
    electorate = charter.electorate(organ, on or charter.dated)
    given: dict[str, Mark] = dict.fromkeys(electorate.members, "absent")
    given.update(dict.fromkeys(yes, "yes"))
    for mark, members in marks.items():
        given.update(dict.fromkeys(members, mark))
    assert set(given) == set(electorate.members)
    return decide(charter.rule(rule).rule, electorate, given, frozenset(concerned)).outcome


def others(charter, *without: Iterable[str], organ="", on=None) -> tuple[str, ...]:
    left_out = {code for codes in without for code in codes}
    roster = charter.roster(organ or next(iter(charter.organs)), on or charter.dated)
    return tuple(code for code in roster if code not in left_out)


def population(codes: Iterable[str]) -> Fraction:
    table: Mapping[str, Fraction] = EU.electorate("council", EU.dated).weights["population"]
    return sum((table[c] for c in codes), Fraction(0)) / sum(table.values())


# The EU Council.


def test_twenty_four_of_twenty_seven_adopt_even_with_too_few_people():
    three = ("DEU", "FRA", "ITA")
    assert 1 - population(three) < Fraction(65, 100)
    yes = others(EU, three)
    assert len(yes) == 24
    assert outcome(EU, "qualified-majority", yes, no=three) == "adopted"
    assert outcome(EU, "qualified-majority", yes, abstain=three) == "adopted"


def test_four_large_members_can_block():
    assert population(FOUR_LARGE) > Fraction(35, 100)
    yes = others(EU, FOUR_LARGE)
    assert outcome(EU, "qualified-majority", yes, no=FOUR_LARGE) == "rejected"


def test_an_abstention_is_not_a_yes():
    yes = others(EU, FOUR_LARGE)
    assert outcome(EU, "qualified-majority", yes, abstain=FOUR_LARGE) == "rejected"
    assert outcome(EU, "qualified-majority", (*yes, "ESP"), abstain=FOUR_LARGE[:3]) == "adopted"


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        pytest.param(15, "adopted", id="fifteen of the largest"),
        pytest.param(14, "rejected", id="fourteen are too few whoever they are"),
    ],
)
def test_a_qualified_majority_takes_fifteen_members(count, expected):
    largest = sorted(EU.members, key=lambda code: -population((code,)))
    assert population(largest[:14]) > Fraction(65, 100)
    yes = largest[:count]
    assert outcome(EU, "qualified-majority", yes, no=largest[count:]) == expected


def test_who_does_not_take_part_leaves_both_denominators():
    out = ("DEU", "FRA", "POL", "IRL", "DNK", "SWE", "MLT")
    yes = ("ITA", "ESP", "ROU", "NLD", "BEL", "CZE", "PRT", "GRC", "AUT", "HUN", "BGR")
    rest = others(EU, out, yes)
    assert len(yes) == 11  # 55 % of the 20 that take part, and far from 55 % of 27
    assert population(yes) < Fraction(65, 100) < population(yes) / population((*yes, *rest))
    rule = "qualified-majority-opt-out"
    assert outcome(EU, rule, yes, no=rest, out=out) == "adopted"
    assert outcome(EU, rule, yes, no=(*rest, *out)) == "rejected"


def test_a_blocking_minority_of_participants_is_the_fewest_and_one_more():
    # Without France two members hold more than 35 % of the rest: three are needed to block.
    two = ("DEU", "ITA")
    taking_part = others(EU, ("FRA",))
    assert population(two) > Fraction(35, 100) * population(taking_part)
    rule = "qualified-majority-opt-out"
    yes = others(EU, ("FRA",), two)
    assert outcome(EU, rule, yes, no=two, out=("FRA",)) == "adopted"
    three = (*two, "MLT")
    yes = others(EU, ("FRA",), three)
    assert outcome(EU, rule, yes, no=three, out=("FRA",)) == "rejected"
    assert outcome(EU, "qualified-majority", yes, no=three, out=("FRA",)) == "adopted"


def test_the_reinforced_majority_has_no_clause_on_small_minorities():
    three = ("DEU", "FRA", "ITA")
    yes = others(EU, three)
    assert outcome(EU, "reinforced-qualified-majority", yes, no=three) == "rejected"
    small = ("MLT", "LUX", "CYP", "EST", "LVA", "SVN", "LTU")
    assert outcome(EU, "reinforced-qualified-majority", others(EU, small), no=small) == "adopted"
    eight = (*small, "HRV")
    assert outcome(EU, "reinforced-qualified-majority", others(EU, eight), no=eight) == "rejected"


def test_a_simple_majority_is_of_all_members_whoever_is_there():
    codes = tuple(EU.members)
    assert outcome(EU, "simple-majority", codes[:14]) == "adopted"
    assert outcome(EU, "simple-majority", codes[:13]) == "rejected"


@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        pytest.param("abstain", "adopted", id="a mere abstention does not block"),
        pytest.param("constructive", "adopted", id="one with a declaration does not either"),
        pytest.param("no", "rejected", id="a no blocks"),
        pytest.param("absent", "rejected", id="unanimity needs everybody there"),
    ],
)
def test_unanimity_and_one_member(mark, expected):
    assert outcome(EU, "unanimity", others(EU, ("HUN",)), **{mark: ("HUN",)}) == expected


@pytest.mark.parametrize(
    ("declaring", "expected"),
    [
        pytest.param(
            ("DEU", "FRA", "ITA", "AUT", "BEL", "BGR", "HRV", "CYP", "CZE"),
            "rejected",
            id="nine of 27 with a third of the people block",
        ),
        pytest.param(
            ("DEU", "FRA", "ITA", "AUT", "BEL", "BGR", "HRV", "CYP"),
            "adopted",
            id="eight are too few, whatever they weigh",
        ),
        pytest.param(
            ("AUT", "BGR", "HRV", "CYP", "EST", "IRL", "LVA", "LTU", "LUX", "MLT"),
            "adopted",
            id="ten small ones are too light",
        ),
    ],
)
def test_constructive_abstention_blocks_at_a_third_and_a_third(declaring, expected):
    yes = others(EU, declaring)
    assert outcome(EU, "unanimity", yes, constructive=declaring) == expected
    assert outcome(EU, "unanimity", yes, abstain=declaring) == "adopted"


@pytest.mark.parametrize(
    ("on", "chair"),
    [
        pytest.param(date(2025, 9, 1), "DNK", id="Denmark"),
        pytest.param(date(2026, 1, 1), "CYP", id="Cyprus"),
        pytest.param(date(2026, 7, 1), "IRL", id="Ireland"),
        pytest.param(date(2027, 6, 30), "LTU", id="Lithuania"),
        pytest.param(date(2030, 12, 31), "MLT", id="Malta"),
    ],
)
def test_the_presidency_passes_every_half_year(on, chair):
    assert EU.organ("council").chair.holders(on) == (chair,)


# The UN Security Council.


@pytest.mark.parametrize(
    ("year", "elected"),
    [
        (2024, "DZA ECU GUY JPN MLT MOZ SLE SVN KOR CHE"),
        (2025, "DZA DNK GRC GUY PAK PAN SLE SVN SOM KOR"),
        (2026, "BHR COL COD DNK GRC LVA LBR PAK PAN SOM"),
    ],
)
@pytest.mark.parametrize(("month", "day"), [(1, 1), (6, 30), (12, 31)])
def test_the_security_council_has_its_fifteen_of_the_year(year, elected, month, day):
    on = date(year, month, day)
    assert set(UN.roster("council", on)) == {*PERMANENT, *elected.split()}
    for rotation in UN.rotations.values():
        assert len(rotation.holders(on)) == rotation.seats


NINE = ("CHN", "FRA", "GBR", "USA", "DNK", "GRC", "LVA", "PAK", "SOM")
REST = ("BHR", "COL", "COD", "LBR", "PAN")


def test_the_same_votes_are_vetoed_on_substance_and_carry_procedure():
    votes = {"no": ("RUS",), "abstain": REST}
    assert outcome(UN, "substance", NINE, **votes) == "rejected"
    assert outcome(UN, "procedure", NINE, **votes) == "adopted"


@pytest.mark.parametrize("mark", ["abstain", "absent"])
def test_a_permanent_member_that_abstains_or_stays_away_does_not_block(mark):
    assert outcome(UN, "substance", NINE, no=REST, **{mark: ("RUS",)}) == "adopted"


def test_an_elected_member_has_no_veto_and_eight_are_too_few():
    assert outcome(UN, "substance", NINE, no=REST, abstain=("RUS",)) == "adopted"
    assert outcome(UN, "procedure", NINE[1:], no=REST) == "rejected"


def test_a_party_to_the_dispute_abstains_whatever_it_says():
    votes = {"no": ("RUS",), "abstain": REST}
    assert outcome(UN, "pacific-settlement", NINE, **votes) == "rejected"
    assert outcome(UN, "pacific-settlement", NINE, concerned=("RUS",), **votes) == "adopted"
    assert outcome(UN, "substance", NINE, concerned=("RUS",), **votes) == "rejected"
    # A party's own yes is an abstention too, and eight are too few.
    assert outcome(UN, "pacific-settlement", NINE, concerned=("PAK",), abstain=REST) == "rejected"


def test_candidates_for_the_security_council_take_the_single_veto_away():
    votes = {"no": ("RUS",), "abstain": REST}
    assert outcome(UN, "two-vetoes", NINE, **votes) == "adopted"
    eight_and_two = ("FRA", "GBR", "USA", "DNK", "GRC", "LVA", "PAK", "SOM", "BHR")
    assert outcome(UN, "two-vetoes", eight_and_two, no=("RUS", "CHN")) == "rejected"
    assert outcome(UN, "two-thirds-without-veto", (*NINE, "BHR"), no=("RUS",)) == "adopted"
    assert outcome(UN, "two-thirds-without-veto", NINE, no=("RUS",)) == "rejected"


# NATO, the OSCE, the JEF, the coalition and the proposed council.


def test_one_ally_breaks_consensus_and_cannot_block_its_own_target():
    nato = load("north-atlantic-council")
    yes = others(nato, ("TUR",))
    assert outcome(nato, "consensus", yes, no=("TUR",)) == "rejected"
    assert outcome(nato, "consensus", yes) == "adopted"
    rule = "consensus-minus-one"
    assert outcome(nato, rule, yes, no=("TUR",), concerned=("TUR",)) == "adopted"
    assert outcome(nato, rule, yes, no=("TUR",), concerned=("HUN",)) == "rejected"


def test_any_one_ally_may_call_for_consultation_or_assistance():
    nato = load("north-atlantic-council")
    for article in ("article-4", "article-5"):
        obligation = nato.obligations[article]
        assert obligation.invoked_by == ("standing:member",)
        assert obligation.invoked_by_organ == ""
    assert nato.obligations["joint-response"].grounds == "model"


def test_ukraine_sits_with_the_allies_as_an_equal():
    charter = load("nato-ukraine-council")
    yes = others(charter, ("UKR",))
    assert outcome(charter, "consensus", yes, no=("UKR",)) == "rejected"
    assert "UKR" in charter.select(
        charter.organ("council").call, charter.dated, charter.organ("council")
    )


def test_the_osce_can_act_without_the_state_concerned_and_no_other():
    osce = load("osce")
    yes = others(osce, ("RUS",))
    assert outcome(osce, "consensus", yes, no=("RUS",)) == "rejected"
    assert outcome(osce, "consensus-minus-one", yes, no=("RUS",), concerned=("RUS",)) == "adopted"
    two = {"no": ("RUS", "BLR")}
    yes = others(osce, two["no"])
    assert outcome(osce, "consensus-minus-one", yes, concerned=("RUS",), **two) == "rejected"
    assert outcome(osce, "consensus-minus-one", yes, concerned=two["no"], **two) == "adopted"


@pytest.mark.parametrize(
    ("yes", "expected"),
    [
        pytest.param(("GBR", "EST"), "adopted", id="the framework nation and one partner"),
        pytest.param(("GBR",), "rejected", id="the framework nation alone"),
        pytest.param(("EST", "LVA", "LTU", "FIN"), "rejected", id="partners alone"),
    ],
)
def test_the_joint_force_is_launched_by_those_who_join(yes, expected):
    jef = load("joint-expeditionary-force")
    assert outcome(jef, "launch", yes, no=others(jef, yes)) == expected


def test_on_the_words_of_its_ministers_any_two_could_launch_it():
    jef = load("joint-expeditionary-force")
    assert outcome(jef, "any-two", ("EST", "LVA")) == "adopted"
    assert jef.organ("partners").rules == ("launch",)


@pytest.mark.parametrize(
    ("rule", "against", "expected"),
    [
        pytest.param("consensus", (), "adopted", id="consensus, nobody against"),
        pytest.param("consensus", ("ITA",), "rejected", id="consensus, one against"),
        pytest.param("consensus-minus-one", ("ITA",), "adopted", id="minus one, one against"),
        pytest.param("consensus-minus-one", ("ITA", "ESP"), "rejected", id="minus one, two"),
        pytest.param("consensus-minus-two", ("ITA", "ESP"), "adopted", id="minus two, two"),
        pytest.param("trilateral", ("ITA",), "adopted", id="outsiders cannot stop the three"),
        pytest.param("trilateral", ("UKR",), "rejected", id="Ukraine is one of the three"),
        pytest.param("opt-in", ("GBR",), "rejected", id="both co-chairs lead"),
        pytest.param("opt-in-either", ("GBR",), "adopted", id="either co-chair leads"),
        pytest.param("opt-in-either", ("FRA", "GBR"), "rejected", id="somebody must lead"),
    ],
)
def test_rules_of_the_coalition(rule, against, expected):
    charter = load("coalition-of-the-willing")
    assert outcome(charter, rule, others(charter, against), no=against) == expected


def test_half_of_the_coalition_must_be_in_favour_for_consensus():
    charter = load("coalition-of-the-willing")
    codes = charter.roster("leaders", charter.dated)
    assert outcome(charter, "consensus", codes[:18]) == "adopted"
    assert outcome(charter, "consensus", codes[:17]) == "rejected"


def test_whoever_is_to_be_suspended_stands_aside():
    charter = load("coalition-of-the-willing")
    codes = charter.roster("leaders", charter.dated)
    assert outcome(charter, "change", codes[:23]) == "rejected"
    assert outcome(charter, "change", codes[:23], concerned=codes[-1:]) == "adopted"


@pytest.mark.parametrize(
    ("rule", "against", "expected"),
    [
        pytest.param("two-thirds", ("DEU",), "adopted", id="two thirds, one large against"),
        pytest.param("two-thirds-with-veto", ("DEU",), "rejected", id="its veto"),
        pytest.param("two-thirds-with-veto", ("CYP",), "adopted", id="a rotating seat has none"),
        pytest.param("qualified-majority", FOUR_LARGE, "rejected", id="four large block"),
        pytest.param("qualified-majority", FOUR_LARGE[:3], "adopted", id="three do not"),
        pytest.param("simple-majority", FOUR_LARGE, "adopted", id="more than half"),
        pytest.param("opt-in", ("FRA", "DEU"), "rejected", id="two of the three must lead"),
        pytest.param("opt-in", ("FRA", "ITA", "ESP"), "adopted", id="two of the three do"),
    ],
)
def test_candidates_of_the_proposed_council(rule, against, expected):
    charter = load("european-security-council")
    assert outcome(charter, rule, others(charter, against), no=against) == expected
