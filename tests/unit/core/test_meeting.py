from fractions import Fraction

import pytest

from comity.core.meeting import least_shared, never_both
from comity.core.rules import (
    Against,
    AllOf,
    Amount,
    AnyOf,
    InFavour,
    NotBlocked,
    NoVeto,
    SomeOf,
)
from tests.unit.core.larch import LEAGUE

HALF = Fraction(1, 2)


def votes(value, of="participating", *, strict=False, weight=None, among=None):
    return InFavour(Amount(Fraction(value), value <= 1, strict), of, weight, among)


COUNCIL = AllOf((votes(Fraction(11, 20)), NotBlocked(Fraction(35, 100), "people", 2)))
MANY = AllOf(tuple(AnyOf((votes(2), votes(3))) for _ in range(9)))


@pytest.mark.parametrize(
    ("node", "shared"),
    [
        pytest.param(votes(3), 2, id="three of four"),
        pytest.param(votes(2), 0, id="two of four"),
        pytest.param(votes(4), 4, id="all of four"),
        pytest.param(votes(5), 4, id="more than there are"),
        pytest.param(votes(HALF, strict=True), 2, id="more than half of four"),
        pytest.param(
            votes(HALF, "present", strict=True), 0, id="half of those present: others may be away"
        ),
        pytest.param(
            votes(HALF, "voting", strict=True), 0, id="half of those voting: others may abstain"
        ),
        pytest.param(
            votes(HALF, weight="people", strict=True), 1, id="more than half of the people"
        ),
        pytest.param(votes(Fraction(9, 10), weight="people"), 3, id="nine tenths of the people"),
        pytest.param(votes(60, weight="people"), 1, id="60 of 100 people"),
        pytest.param(votes(2, among="coast"), 2, id="both of the coast"),
        pytest.param(Against(0), 0, id="nobody against: nobody need be in favour"),
        pytest.param(AllOf((votes(2), NoVeto("veto"))), 0, id="a veto adds nothing to meet in"),
        pytest.param(
            AllOf((votes(2), votes(HALF, weight="people", strict=True))),
            1,
            id="the better of two counts",
        ),
        pytest.param(AnyOf((votes(3), votes(2))), 0, id="the worse of two ways"),
        pytest.param(SomeOf(2, (votes(2), votes(3), votes(4))), 2, id="the worst two of three"),
        pytest.param(COUNCIL, 2, id="a majority that is not blocked"),
        pytest.param(
            NotBlocked(Fraction(35, 100), "people", 3),
            0,
            id="not blocked alone: by heads or by weight",
        ),
        pytest.param(MANY, 0, id="too many ways to tell"),
        pytest.param(
            SomeOf(8, tuple(votes(3) for _ in range(16))), 0, id="too many choices to tell"
        ),
        pytest.param(
            AnyOf(tuple(votes(3) for _ in range(257))), 0, id="too many alternatives to tell"
        ),
        pytest.param(
            AnyOf(tuple(AllOf((votes(3), votes(4))) for _ in range(100))),
            0,
            id="too many pairs to tell",
        ),
    ],
)
def test_two_majorities_share_at_least_so_many(node, shared):
    assert least_shared(node, node, LEAGUE) == shared


def test_majorities_of_those_who_take_part_shrink_with_them():
    aside = frozenset(("Dorn",))
    node = votes(Fraction(2, 3))
    assert least_shared(node, node, LEAGUE) == 2
    assert least_shared(node, node, LEAGUE, aside) == 1
    assert least_shared(votes(3), votes(3), LEAGUE, aside) == 3
    assert least_shared(votes(Fraction(2, 3), "members"), votes(3), LEAGUE, aside) == 3


@pytest.mark.parametrize(
    ("adopt", "reject", "never"),
    [
        pytest.param(
            votes(HALF, "voting", strict=True),
            votes(HALF, "voting", strict=True),
            True,
            id="more than half each way",
        ),
        pytest.param(
            votes(HALF, "voting"), votes(HALF, "voting"), False, id="half each way: a tie is both"
        ),
        pytest.param(
            votes(HALF, "voting"),
            votes(HALF, "voting", strict=True),
            True,
            id="half, and more than half",
        ),
        pytest.param(
            votes(Fraction(2, 3)), votes(Fraction(1, 3)), False, id="two thirds and a third"
        ),
        pytest.param(
            votes(HALF, "members"),
            votes(HALF, "members"),
            False,
            id="half of four members each way",
        ),
        pytest.param(votes(3), votes(2), True, id="three and two of four"),
        pytest.param(votes(2), votes(2), False, id="two and two of four"),
        pytest.param(votes(3), votes(HALF), True, id="three, and half of those who take part"),
        pytest.param(COUNCIL, COUNCIL, True, id="a majority that is not blocked, each way"),
        pytest.param(
            votes(3), votes(HALF, weight="people", strict=True), False, id="heads against weight"
        ),
        pytest.param(MANY, votes(4), False, id="too many ways to tell"),
    ],
)
def test_adopted_and_rejected_at_once_is_ruled_out_where_it_can_be(adopt, reject, never):
    assert never_both(adopt, reject, LEAGUE) == never
    assert never_both(reject, adopt, LEAGUE) == never
