from fractions import Fraction

import pytest

from comity.core.rule_reading import Names, read_rule
from comity.core.rules import (
    Against,
    AllOf,
    Amount,
    AnyOf,
    InFavour,
    NotBlocked,
    NotDisowned,
    NoVeto,
    Quorum,
    Rule,
    SomeOf,
)
from tests.unit.core.larch import faults_of, table_of

NAMES = Names(("people",), lambda table, key, selector: None)


def rule_of(text):
    table, faults = table_of(text)
    rule = read_rule(table, NAMES)
    table.done()
    assert not faults.found, faults.found
    return rule


@pytest.mark.parametrize(
    ("written", "node"),
    [
        pytest.param(
            "{ in_favour = { at_least = 3 } }", InFavour(Amount(Fraction(3))), id="three in favour"
        ),
        pytest.param(
            '{ in_favour = { more_than = "1/2", of = "voting", weight = "people", among = ["group:coast", "Dorn"] } }',  # noqa: E501
            InFavour(Amount(Fraction(1, 2), True, True), "voting", "people", "coast, Dorn"),
            id="a weight among some",
        ),
        pytest.param(
            "{ in_favour = { more_than = 0 } }",
            InFavour(Amount(Fraction(0), strict=True)),
            id="more than nobody",
        ),
        pytest.param("{ against = { at_most = 0 } }", Against(0), id="nobody against"),
        pytest.param("{ no_veto = {} }", NoVeto("veto"), id="no veto by those who have one"),
        pytest.param(
            '{ no_veto = { seats = ["chair"] } }', NoVeto("chair"), id="no veto by the chair"
        ),
        pytest.param(
            '{ not_blocked = { more_than = "35 %", weight = "people", members = 4 } }',
            NotBlocked(Fraction(7, 20), "people", 4),
            id="a blocking minority",
        ),
        pytest.param(
            '{ not_blocked = { more_than = "35 %", weight = "people", members = "fewest and one more" } }',  # noqa: E501
            NotBlocked(Fraction(7, 20), "people", 0, True),
            id="the fewest and one more",
        ),
        pytest.param(
            '{ not_disowned = { members = "1/3", of_weight = "1/3", weight = "people" } }',
            NotDisowned(Fraction(1, 3), Fraction(1, 3), "people"),
            id="constructive abstention",
        ),
        pytest.param(
            '{ quorum = { at_least = "2/3" } }', Quorum(Amount(Fraction(2, 3), True)), id="a quorum"
        ),
        pytest.param(
            "{ any_of = [{ against = { at_most = 0 } }] }", AnyOf((Against(0),)), id="any of"
        ),
        pytest.param(
            "{ all_of = [{ against = { at_most = 0 } }] }", AllOf((Against(0),)), id="all of"
        ),
        pytest.param(
            "{ some_of = { at_least = 1, parts = [{ against = { at_most = 0 } }] } }",
            SomeOf(1, (Against(0),)),
            id="some of",
        ),
    ],
)
def test_a_rule_is_read_into_its_node(written, node):
    assert rule_of(f"adopt = {written}") == Rule(node)


def test_both_sides_of_a_rule_and_what_follows_are_read():
    rule = rule_of(
        "adopt = { against = { at_most = 1 } }\nreject = { against = { at_most = 0 } }\n"
        'concerned = "abstains"\notherwise = "try again"'
    )
    assert rule == Rule(Against(1), Against(0), "abstains", "try again")


def test_a_weight_where_there_are_none_is_told_how_to_add_some():
    table, faults = table_of('adopt = { in_favour = { at_least = 1, weight = "people" } }')
    read_rule(table, Names((), NAMES.check_set))
    assert faults.found[0].remedy == "use one of: none: add [[weights.NAME]]"


def test_every_fault_of_a_rule_is_told_at_once():
    told = faults_of(
        '[rules.r]\ntitle = "R"\nadopt = { all_of = [{ quorum = {} }, { against = {} }, { vote = {} },'  # noqa: E501
        ' { not_blocked = { weight = "w" } }] }\n'
    )
    assert told == [
        "rules.r.adopt.all_of[1].quorum: it does not say how much",
        "rules.r.adopt.all_of[2].against: 'at_most' is missing",
        "rules.r.adopt.all_of[3].vote: nothing here is called 'vote'",
        "rules.r.adopt.all_of[4].not_blocked: 'members' is missing",
        "rules.r.adopt.all_of[4].not_blocked: 'more_than' is missing",
        "rules.r.adopt.all_of[4].not_blocked.weight: no weights are called 'w'",
    ]
