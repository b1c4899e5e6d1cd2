import pytest

from comity.charters import load
from comity.errors import UsageError
from comity.examine.laboratory import laboratory

from .league import changed, league


def test_rules_in_force_come_first_and_then_the_candidates():
    found = laboratory(league(), "council")
    assert [(r.rule_id, r.in_force) for r in found.rules] == [
        ("double-majority", True),
        ("change", True),
        ("consensus", False),
    ]


def test_a_rule_of_the_charter_can_be_tried_by_name():
    assert [r.rule_id for r in laboratory(league(), "council", ("consensus",)).rules] == [
        "consensus"
    ]


def test_without_any_rule_there_is_nothing_to_try():
    bare = changed('rules = ["consensus"]\n', "rules = []\n")
    with pytest.raises(UsageError, match="no rule in force and no candidates"):
        laboratory(bare, "watch")


def test_the_smallest_blocking_set_is_as_large_as_the_rule_says():
    council = laboratory(load("european-security-council"), "council")
    fewest = {r.rule_id: r.blocking for r in council.rules}
    assert fewest["consensus"] == 1
    assert fewest["consensus-minus-one"] == 2
    assert fewest["consensus-minus-two"] == 3
    assert fewest["two-thirds"] == 5
    assert fewest["simple-majority"] == 6
    assert fewest["qualified-majority"] == 4


def test_a_rule_that_binds_only_those_who_join_is_never_called_ablest():
    council = laboratory(load("european-security-council"), "council")
    ablest = max(council.rules, key=lambda r: r.power.power_to_act)
    assert ablest.rule_id == "opt-in"
    assert "'simple-majority' is ablest to act" in council.answer()
    assert "It binds only those who join." in council.text()


def test_veto_makes_the_permanent_seats_cornerstones_and_says_so_by_name():
    text = laboratory(
        load("european-security-council"), "council", ("two-thirds-with-veto",)
    ).text()
    told = " ".join(text.split())
    assert "Germany, France, Italy, Spain, Poland and United Kingdom can each stop it alone" in told
    assert "Under the one rule tried somebody could stop" in told


def test_what_is_a_property_of_the_rule_is_said_once_and_not_as_discoveries():
    told = " ".join(laboratory(league(), "council", ("consensus",)).text().split())
    shared = " ".join(
        laboratory(changed('call = ["chair"]', ""), "council", ("consensus",)).text().split()
    )
    assert "Any one member can stop it by saying no, by the nature of the rule." in shared
    assert "Besides, nobody but Arden may call a meeting." in told


def test_a_change_says_who_could_stop_it():
    told = " ".join(laboratory(league(), "council").text().split())
    assert "Adopting or exchanging a rule is an amendment: Council decides it" in told
    assert "Arden can stop it alone." in told
    free = laboratory(changed('call = ["chair"]', ""), "council").change
    assert free.endswith("Nobody can stop it alone.")
    nothing = laboratory(load("european-security-council"), "council").change
    assert "says nothing about its own amendment" in nothing


def test_rotation_is_said_once():
    told = " ".join(laboratory(load("european-security-council"), "council").text().split())
    assert told.count("take turns") == 1


def test_where_the_holders_of_elected_seats_are_unknown_a_weighted_rule_has_no_term():
    elected = changed(
        'months = 12\nsince = 2026-01-01\norder = ["Dorn", "Corve"]',
        'months = 12\nterms = [{ member = "Dorn", from = 2026-01-01, until = 2026-12-31 }]',
    )
    (found,) = laboratory(elected, "watch", ("double-majority",)).rules
    assert found.term == ()


@pytest.mark.parametrize(
    ("share", "words"),
    [
        pytest.param(0.0, "0 %", id="never"),
        pytest.param(1.0, "100 %", id="always"),
        pytest.param(0.0004, "under 0.1 %", id="almost never is not never"),
        pytest.param(0.99999, "over 99.9 %", id="almost always is not always"),
        pytest.param(0.0046, "0.5 %", id="below one percent, one decimal"),
        pytest.param(0.281, "28 %", id="in between, none"),
    ],
)
def test_a_chance_is_never_said_to_be_certain_where_it_is_not(share, words):
    from comity.examine.laboratory import _percent

    assert _percent(share) == words


def test_json_has_the_documented_keys():
    told = laboratory(league(), "council").to_json()
    assert {"charter", "organ", "on", "members", "change", "rules", "text"} <= set(told)
    assert {"rule", "power_to_act", "smallest_blocking", "cornerstones", "binds_all"} <= set(
        told["rules"][0]
    )


def test_the_chart_is_drawn_from_numbers():
    from comity.report.chart import svg

    drawn = svg(laboratory(league(), "council").finding())
    assert "double-majority" in drawn
