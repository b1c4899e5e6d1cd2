from datetime import date

import pytest

from comity.charters import load, names
from comity.examine.portrait import portrait

from .league import league


@pytest.mark.parametrize("name", names())
def test_every_shipped_charter_fits_a_terminal(name):
    charter = load(name)
    text = portrait(charter).text()
    assert max(len(line) for line in text.splitlines()) <= 100
    for obligation in charter.obligations.values():
        assert obligation.title in text


def test_rosters_are_those_of_the_day():
    before = portrait(league(), on=date(2026, 1, 1)).text()
    after = portrait(league(), on=date(2026, 7, 1)).text()
    assert "2 sit: Arden, Dorn" in before
    assert "2 sit: Brill, Dorn" in after


def test_before_anybody_sits_the_body_says_so():
    text = portrait(league(), on=date(2025, 1, 1)).text()
    assert "not known: 0 of 1 seats of coast are known to be held" in text


def test_a_body_without_a_rule_says_so():
    assert (
        "cannot decide yet: no rule is in force"
        in portrait(load("european-security-council")).text()
    )


def test_json_has_members_organs_rules_and_obligations():
    told = portrait(league()).to_json()
    assert [m["member"] for m in told["members"]] == ["Arden", "Brill", "Corve", "Dorn", "Elsin"]
    (watch,) = (o for o in told["organs"] if o["organ"] == "watch")
    assert watch["members"] == ["Arden", "Dorn"]
    assert told["obligations"][0]["needs"][0]["basis"] == "total"
