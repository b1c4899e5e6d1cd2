from dataclasses import replace
from fractions import Fraction

import pytest

from comity.core.rules import (
    Against,
    AllOf,
    Amount,
    AnyOf,
    Electorate,
    InFavour,
    NotBlocked,
    NotDisowned,
    NoVeto,
    Quorum,
    Rule,
    SomeOf,
)
from comity.core.tally import decide, number, share_words, tally
from tests.unit.core.larch import LEAGUE, MEMBERS, PEOPLE
from tests.unit.core.test_rules import marks

HALF = Fraction(1, 2)
UNEVEN = replace(LEAGUE, weights={"people": {**PEOPLE, "Dorn": Fraction(21, 2)}})
THIRD = NotDisowned(Fraction(1, 3), Fraction(1, 3), "people")


def some(value, of="participating", *, strict=False, weight=None, among=None):
    return InFavour(Amount(Fraction(value), value <= 1, strict), of, weight, among)


@pytest.mark.parametrize(
    ("node", "words", "sentence"),
    [
        pytest.param(
            some(3),
            "yy..",
            "at least 3 in favour: 2 of 3 needed; 2 could still turn it",
            id="a number",
        ),
        pytest.param(
            some(2), "yyyn", "at least 2 in favour: 3, 2 needed", id="more than were needed"
        ),
        pytest.param(some(4), "yyyn", "everybody in favour: 3 of 4 needed", id="everybody"),
        pytest.param(
            some(Fraction(2, 3)),
            "yyy-",
            "at least 2/3 of members in favour: 3 of 3 needed",
            id="a share of members",
        ),
        pytest.param(
            some(Fraction(1)), "yyyn", "all members in favour: 3 of 4 needed", id="all members"
        ),
        pytest.param(
            some(HALF, "present", strict=True),
            "yn--",
            "more than half of members present in favour: 1 of 2 present (50.00 %)",
            id="those present",
        ),
        pytest.param(
            some(HALF, "voting", strict=True),
            "aaaa",
            "more than half of those voting in favour: 0 of 0 voting",
            id="nobody voting",
        ),
        pytest.param(
            some(HALF, weight="people", strict=True),
            "yn.n",
            "more than half of people in favour: 40 of 51 persons needed (40.00 %); 1 could still turn it",  # noqa: E501
            id="a weight",
        ),
        pytest.param(
            some(HALF, "voting", weight="people"),
            "yn--",
            "at least half of people of those voting in favour: 40 of 70 voting (57.14 %)",
            id="a weight of those voting",
        ),
        pytest.param(
            some(60, weight="people"),
            "yy--",
            "at least 60 persons in favour: 70 persons, 60 needed",
            id="a number of a weight",
        ),
        pytest.param(
            some(2, among="coast"),
            "yn..",
            "all of Arden, Brill in favour: 1 of 2 needed",
            id="all of some",
        ),
        pytest.param(
            some(HALF, among="coast", strict=True),
            "yn..",
            "more than half of Arden, Brill in favour: 1 of 2 needed",
            id="more than half of some",
        ),
        pytest.param(
            InFavour(Amount(Fraction(1)), among="veto"),
            "n...",
            "Arden in favour: 0 of 1 needed",
            id="one named member",
        ),
        pytest.param(
            InFavour(Amount(Fraction(1)), among="coast"),
            "n.--",
            "at least 1 of Arden, Brill in favour: 0 of 1 needed; 1 could still turn it",
            id="one of some",
        ),
        pytest.param(
            InFavour(Amount(Fraction(2)), among="reef"),
            "yyyy",
            "at least 2 of reef (nobody on the roster) in favour: 0 of 2 needed",
            id="of nobody",
        ),
        pytest.param(Against(0), "ynyy", "nobody against: 1 against", id="somebody against"),
        pytest.param(Against(1), "yyyy", "at most 1 against: none", id="nobody against"),
        pytest.param(
            Against(0, "coast"),
            "yyny",
            "nobody against among Arden, Brill: none",
            id="nobody of some",
        ),
        pytest.param(NoVeto("veto"), "nyyy", "no veto by Arden: vetoed by Arden", id="a veto"),
        pytest.param(
            NoVeto("veto"),
            ".nnn",
            "no veto by Arden: none; 1 could still turn it",
            id="a veto to come",
        ),
        pytest.param(
            NotBlocked(Fraction(35, 100), "people", 2),
            "nyya",
            "no blocking minority (at least 2 members with more than 35 % of people not in favour): 2 not in favour with 50.00 % of people",  # noqa: E501
            id="a blocking minority",
        ),
        pytest.param(
            NotBlocked(Fraction(45, 100), "people", 0, True),
            "yyyy",
            "no blocking minority (as many as the fewest with so much, and one more, who hold more than 45 % of people not in favour): none not in favour (3 would be needed)",  # noqa: E501
            id="a blocking minority of the fewest",
        ),
        pytest.param(
            THIRD,
            "cyyy",
            "fewer than 1/3 of members, or less than 1/3 of people, abstain with a declaration: 1 of them, with 40.00 % of people",  # noqa: E501
            id="a declaration",
        ),
        pytest.param(
            THIRD,
            "yyyy",
            "fewer than 1/3 of members, or less than 1/3 of people, abstain with a declaration: none",  # noqa: E501
            id="no declaration",
        ),
        pytest.param(
            Quorum(Amount(Fraction(3))),
            "ya--",
            "a quorum of at least 3: 2 of 3 present",
            id="a quorum of a number",
        ),
        pytest.param(
            Quorum(Amount(Fraction(1), True)),
            "ya--",
            "a quorum of all members: 2 of 4 present",
            id="a quorum of all",
        ),
        pytest.param(
            Quorum(Amount(HALF, True, True)),
            "ya--",
            "a quorum of more than half of members: 2 of 3 present",
            id="a quorum of a share",
        ),
        pytest.param(AllOf((Against(0),)), "yyyy", "this", id="one part"),
        pytest.param(
            AnyOf((Against(0), Against(1))),
            "....",
            "any of these",
            id="any of two",
        ),
        pytest.param(
            SomeOf(1, (Against(0), Against(1))), "yyyy", "at least 1 of these 2", id="some of two"
        ),
    ],
)
def test_a_tally_says_what_is_asked_and_what_was_counted(node, words, sentence):
    assert tally(node, LEAGUE, marks(words)).sentence == sentence


@pytest.mark.parametrize(
    ("node", "words", "sentence"),
    [
        pytest.param(
            some(HALF, weight="people", strict=True),
            "yn--",
            "more than half of people in favour: 40 persons, more than 50.25 needed (39.80 %)",
            id="more than a broken number",
        ),
        pytest.param(
            some(HALF, weight="people"),
            "yn--",
            "at least half of people in favour: 40 of 50.25 persons needed (39.80 %)",
            id="at least a broken number",
        ),
    ],
)
def test_broken_weights_are_not_rounded_to_whole_votes(node, words, sentence):
    assert tally(node, UNEVEN, marks(words)).sentence == sentence


def test_a_large_set_is_named_with_its_size():
    members = tuple(f"M{i}" for i in range(7))
    large = Electorate(members, sets={"all": frozenset(members)})
    assert tally(NoVeto("all"), large, {}).claim == "no veto by all (7 seats)"


def test_a_tree_of_tallies_names_who_could_still_turn_each_part():
    node = AllOf((some(3), NoVeto("veto"), Against(0, "coast")))
    told = tally(node, LEAGUE, marks(".y.."))
    assert (told.claim[-8:], told.standing, told.waiting) == (
        "of these",
        "open",
        ("Arden", "Corve", "Dorn"),
    )
    assert [part.waiting for part in told.parts] == [
        ("Arden", "Corve", "Dorn"),
        ("Arden",),
        ("Arden",),
    ]
    assert tally(AllOf((Against(0), Against(1))), LEAGUE, marks("yyyy")).waiting == ()


def test_a_member_without_weight_cannot_turn_a_count_of_weights():
    weightless = replace(LEAGUE, weights={"people": {**PEOPLE, "Dorn": Fraction(0)}})
    told = tally(some(60, weight="people"), weightless, marks("y..."))
    assert told.waiting == ("Brill", "Corve")


def test_a_decision_is_plain_json():
    rule = Rule(some(3), Against(0))
    assert decide(rule, LEAGUE, marks("yyyy")).to_json() == {
        "outcome": "adopted",
        "tally": {
            "claim": "at least 3 in favour",
            "count": "4, 3 needed",
            "standing": "met",
            "waiting": [],
            "parts": [],
        },
        "against": {
            "claim": "nobody against",
            "count": "4 against",
            "standing": "failed",
            "waiting": [],
            "parts": [],
        },
    }
    assert "against" not in decide(Rule(some(3)), LEAGUE, {}).to_json()


TWO_THIRDS = Rule(some(Fraction(2, 3), "voting"), some(Fraction(2, 3), "voting"))


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        pytest.param("yyyn", "adopted", id="three to one"),
        pytest.param("nnny", "rejected", id="one to three"),
        pytest.param("yynn", "no opinion", id="two to two"),
        pytest.param("yy..", "open", id="two still waiting"),
        pytest.param("nn..", "open", id="two against and two waiting"),
    ],
)
def test_a_rule_with_two_sides_has_three_outcomes(words, outcome):
    assert decide(TWO_THIRDS, LEAGUE, marks(words)).outcome == outcome


@pytest.mark.parametrize(
    ("concerned", "outcome"),
    [
        pytest.param("votes", "rejected", id="its no counts"),
        pytest.param("excluded", "adopted", id="it is left out of the count"),
        pytest.param("abstains", "rejected", id="it stays among the members"),
    ],
)
def test_whoever_is_concerned_counts_as_the_rule_says(concerned, outcome):
    rule = Rule(some(Fraction(1)), concerned=concerned)
    assert decide(rule, LEAGUE, marks("yyyn"), frozenset(("Dorn",))).outcome == outcome


def test_numbers_and_shares_read_as_people_write_them():
    assert number(Fraction(1234567)) == "1,234,567"
    assert number(Fraction(10, 3)) == "3.33"
    assert share_words(HALF) == "half"
    assert share_words(Fraction(11, 20)) == "55 %"
    assert share_words(Fraction(2, 3)) == "2/3"


def test_the_roster_is_the_order_of_waiting():
    assert tally(some(3), LEAGUE, {}).waiting == MEMBERS
