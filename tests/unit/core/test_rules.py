from fractions import Fraction

import pytest

from comity.core.rules import (
    COMPLETIONS_BOUND,
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
    SomeOf,
    blocking_members,
    can_be_failed,
    can_be_met,
    completions_count,
    holds,
    leaves,
    looks,
    mirrored,
    standing,
)
from comity.errors import UsageError
from tests.unit.core.larch import LEAGUE, MEMBERS

HALF = Fraction(1, 2)


def marks(words):
    """Marks in roster order: y yes, n no, a abstain, c constructive, - absent, o out, . waiting."""
    names = {"y": "yes", "n": "no", "a": "abstain", "c": "constructive", "-": "absent", "o": "out"}
    return {m: names[w] for m, w in zip(MEMBERS, words) if w != "."}


def share(of, strict=True, weight=None, among=None):
    return InFavour(Amount(HALF, True, strict), of, weight, among)


@pytest.mark.parametrize(
    ("node", "words", "held"),
    [
        pytest.param(
            share("members"), "yyaa", False, id="half of the members is not more than half"
        ),
        pytest.param(share("members", strict=False), "yyaa", True, id="half is at least half"),
        pytest.param(
            share("members"), "yyoo", False, id="who does not take part stays among the members"
        ),
        pytest.param(
            share("participating"), "yyoo", True, id="and is not among those participating"
        ),
        pytest.param(share("participating"), "yy--", False, id="the absent take part"),
        pytest.param(
            share("present"), "yn--", False, id="one of two present is not more than half"
        ),
        pytest.param(share("present"), "y---", True, id="one of one present is"),
        pytest.param(share("present"), "ya--", False, id="who abstains is present"),
        pytest.param(share("voting"), "ya--", True, id="who abstains does not vote"),
        pytest.param(
            share("voting"), "yn--", False, id="a tie is not more than half of those voting"
        ),
        pytest.param(
            share("voting", strict=False), "aa--", False, id="nothing is enough of nothing"
        ),
        pytest.param(share("participating", weight="people"), "ynnn", False, id="40 of 100 people"),
        pytest.param(
            share("participating", weight="people"), "ynny", False, id="50 of 100 people is half"
        ),
        pytest.param(share("participating", weight="people"), "ynyn", True, id="60 of 100 people"),
        pytest.param(share("participating", among="coast"), "yynn", True, id="both of the coast"),
        pytest.param(share("participating", among="reef"), "yyyy", False, id="a share of nobody"),
        pytest.param(InFavour(Amount(Fraction(3))), "yyyn", True, id="three of a number asked"),
        pytest.param(
            InFavour(Amount(Fraction(3), strict=True)),
            "yyyn",
            False,
            id="three are not more than three",
        ),
        pytest.param(Against(1), "nyyy", True, id="one against where one may be"),
        pytest.param(Against(0, "coast"), "yyny", True, id="against, and not of the coast"),
        pytest.param(Against(0, "coast"), "nyyy", False, id="against, and of the coast"),
        pytest.param(NoVeto("veto"), "nyyy", False, id="a veto"),
        pytest.param(NoVeto("veto"), "-nnn", True, id="absence is no veto"),
        pytest.param(NoVeto("veto"), "annn", True, id="abstention is no veto"),
        pytest.param(
            NotBlocked(Fraction(35, 100), "people", 2),
            "nyyy",
            True,
            id="40 % of people, yet one member alone",
        ),
        pytest.param(
            NotBlocked(Fraction(35, 100), "people", 2), "nyya", False, id="two members with 50 %"
        ),
        pytest.param(
            NotBlocked(Fraction(35, 100), "people", 2), "yynn", True, id="two members with 30 %"
        ),
        pytest.param(
            NotBlocked(Fraction(45, 100), "people", 0, True),
            "nnyy",
            True,
            id="two hold enough, and one more is needed",
        ),
        pytest.param(
            NotBlocked(Fraction(35, 100), "people", 0, True),
            "nnyy",
            False,
            id="one holds enough, and two say no",
        ),
        pytest.param(
            NotBlocked(Fraction(35, 100), "people", 2),
            "nnoo",
            False,
            id="who does not take part leaves the weight",
        ),
        pytest.param(
            NotDisowned(Fraction(1, 3), Fraction(1, 3), "people"),
            "yycc",
            True,
            id="half of the members with 30 % of people declare",
        ),
        pytest.param(
            NotDisowned(Fraction(1, 3), Fraction(1, 3), "people"),
            "cyyc",
            False,
            id="half of the members with half the people declare",
        ),
        pytest.param(
            NotDisowned(Fraction(1, 3), Fraction(1, 3), "people"),
            "aaaa",
            True,
            id="abstaining without a word is not declaring",
        ),
        pytest.param(Quorum(Amount(HALF, True)), "ac--", True, id="any answer is presence"),
        pytest.param(Quorum(Amount(HALF, True)), "y---", False, id="one of four present"),
        pytest.param(Quorum(Amount(HALF, True)), "y-oo", True, id="one of two who take part"),
        pytest.param(
            AllOf((Against(0), Quorum(Amount(Fraction(4))))), "yyya", True, id="all parts"
        ),
        pytest.param(AnyOf((Against(0), NoVeto("veto"))), "ynyy", True, id="one part of two"),
        pytest.param(
            SomeOf(2, (Against(0), NoVeto("veto"), Against(1))),
            "ynyy",
            True,
            id="two parts of three",
        ),
        pytest.param(
            SomeOf(3, (Against(0), NoVeto("veto"), Against(1))),
            "ynyy",
            False,
            id="not three parts of three",
        ),
    ],
)
def test_a_rule_holds_as_its_words_say(node, words, held):
    assert holds(node, LEAGUE, marks(words)) == held


def test_a_member_without_a_mark_is_absent_where_all_is_settled():
    assert not holds(share("participating"), LEAGUE, marks("yy.."))


@pytest.mark.parametrize(
    ("words", "how"),
    [
        pytest.param("....", "open", id="nobody has answered"),
        pytest.param("yy..", "open", id="two of three needed"),
        pytest.param("yyy.", "met", id="three of three needed"),
        pytest.param("nn..", "failed", id="three can no longer be reached"),
    ],
)
def test_a_majority_is_settled_as_soon_as_it_is(words, how):
    assert standing(share("members"), LEAGUE, marks(words)) == how


def test_the_worst_answer_differs_where_presence_and_agreement_mix():
    either = AnyOf((Quorum(Amount(Fraction(3))), Against(1)))
    assert standing(either, LEAGUE, marks("....")) == "open"
    assert standing(either, LEAGUE, marks("y...")) == "met"
    both = AnyOf((Quorum(Amount(Fraction(3))), Against(0)))
    assert standing(both, LEAGUE, marks("nn..")) == "open"
    assert standing(both, LEAGUE, marks("nn-.")) == "open"
    assert standing(both, LEAGUE, marks("nn--")) == "failed"


def test_a_rule_too_mixed_to_look_at_stays_open_until_fewer_are_waiting():
    members = tuple(f"M{i}" for i in range(24))
    weights = {"w": {m: Fraction(2**i) for i, m in enumerate(members)}}
    large = Electorate(members, weights)
    three = InFavour(Amount(Fraction(1, 3), True), weight="w")
    node = AnyOf((Quorum(Amount(Fraction(1))), Against(0), three))
    assert looks(node, large, members) > COMPLETIONS_BOUND
    assert standing(node, large, {}) == "open"
    assert standing(node, large, dict.fromkeys(members[:16], "yes")) == "met"


def test_members_whom_no_leaf_tells_apart_are_looked_at_together():
    node = AnyOf((Quorum(Amount(Fraction(2))), Against(0)))
    assert completions_count(node, LEAGUE, MEMBERS) == 5
    coast = AnyOf((Quorum(Amount(Fraction(2))), Against(0, "coast")))
    assert completions_count(coast, LEAGUE, MEMBERS) == 9
    assert looks(Against(0), LEAGUE, MEMBERS) == 4
    assert looks(AllOf((Against(0), coast)), LEAGUE, MEMBERS) == 4 + 8 * 9


def test_what_nobody_can_meet_and_nobody_can_fail_is_seen():
    assert not can_be_met(InFavour(Amount(Fraction(5))), LEAGUE)
    assert can_be_met(InFavour(Amount(Fraction(4))), LEAGUE)
    assert not can_be_failed(Against(4), LEAGUE)
    assert can_be_failed(Against(3), LEAGUE)
    assert not can_be_failed(AnyOf((Quorum(Amount(Fraction(1))), Against(0))), LEAGUE)


@pytest.mark.parametrize(
    ("amount", "base", "need"),
    [
        pytest.param(Amount(Fraction(3)), 10, 3, id="a number"),
        pytest.param(Amount(Fraction(3), strict=True), 10, 4, id="more than a number"),
        pytest.param(Amount(HALF, True), 5, 3, id="half of five"),
        pytest.param(Amount(HALF, True, True), 4, 3, id="more than half of four"),
        pytest.param(Amount(HALF, True), 4, 2, id="half of four"),
    ],
)
def test_the_votes_needed_are_whole_where_votes_are(amount, base, need):
    assert amount.votes_needed(Fraction(base), whole=True) == need


def test_the_votes_needed_of_a_weight_are_exact():
    assert Amount(HALF, True).votes_needed(Fraction(5), whole=False) == Fraction(5, 2)


def test_a_blocking_minority_needs_the_fewest_that_hold_enough_and_one_more():
    node = NotBlocked(Fraction(45, 100), "people", 0, True)
    assert blocking_members(node, LEAGUE, {}) == 3
    assert blocking_members(node, LEAGUE, marks("o...")) == 2
    assert blocking_members(NotBlocked(HALF, "people", 4), LEAGUE, {}) == 4
    assert blocking_members(NotBlocked(Fraction(1), "people", 0, True), LEAGUE, {}) == 5


def test_whoever_leaves_leaves_every_count():
    left = LEAGUE.without(frozenset(("Arden",)))
    assert left.members == ("Brill", "Corve", "Dorn")
    assert left.sets["coast"] == {"Brill"}
    assert holds(share("participating", weight="people"), left, marks(".yn-")) is False
    assert holds(share("participating", weight="people"), left, marks(".yyn"))


def test_a_weight_that_is_not_in_force_is_said_to_be_missing():
    with pytest.raises(UsageError, match="no table of gold is in force"):
        standing(InFavour(Amount(HALF, True), weight="gold"), LEAGUE, {})


def test_yes_and_no_change_places_in_a_mirror():
    assert mirrored(marks("yna-")) == marks("nya-")


def test_leaves_are_told_in_order():
    node = AllOf((Against(0), AnyOf((Against(1), Against(2)))))
    assert [leaf.at_most for leaf in leaves(node)] == [0, 1, 2]


def test_of_those_present_a_no_is_worst_and_for_a_quorum_absence():
    either = AnyOf((share("present"), Quorum(Amount(Fraction(4)))))
    assert standing(either, LEAGUE, marks("yn..")) == "open"
    assert standing(either, LEAGUE, marks("yyy.")) == "met"
    assert standing(either, LEAGUE, marks("ynn.")) == "open"
