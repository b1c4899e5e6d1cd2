import pytest

from comity.charters import load
from comity.core.reading import read_charter
from comity.errors import UsageError
from comity.examine.comparison import compare

from .league import FILE, league


def whats(found):
    return {conflict.what for conflict in found.conflicts}


def test_who_sits_in_both_and_who_in_one_only():
    found = compare((load("north-atlantic-council"), load("eu-council")))
    assert len(found.shared) == 23
    assert set(found.only["eu-council"]) == {"AUT", "CYP", "IRL", "MLT"}
    assert "USA" in found.only["north-atlantic-council"]


def test_who_can_block_in_one_and_be_overruled_in_the_other_is_named():
    found = compare((load("north-atlantic-council"), load("eu-council")))
    (dual,) = (c for c in found.conflicts if c.what == "block here, not there")
    assert dual.words.startswith("can block council alone (north-atlantic-council, consensus)")
    assert len(dual.members) == 23


def test_what_is_owed_in_both_is_named():
    assert "owed in both" in whats(compare((load("north-atlantic-council"), load("eu-council"))))


def test_two_values_of_one_weight_are_found():
    other = read_charter(
        FILE.read_text(encoding="utf-8")
        .replace('id = "larch-league"', 'id = "other-league"')
        .replace("Dorn = 10_000", "Dorn = 11_000")
    )
    (found,) = (c for c in compare((league(), other)).conflicts if "weight" in c.what)
    assert found.members == ("Dorn",)


def test_one_code_for_two_states_is_found():
    text = FILE.read_text(encoding="utf-8").replace('id = "larch-league"', 'id = "other-league"')
    one = text.replace('{ name = "Arden",', '{ name = "Arden", iso = "ARD",').replace(
        "other", "one"
    )
    two = text.replace('{ name = "Arden",', '{ name = "Ardenland", iso = "ARL",')
    assert "one code, two states" in whats(compare((read_charter(one), read_charter(two))))


def test_a_body_that_cannot_decide_is_not_compared_by_who_blocks():
    found = compare((load("european-security-council"), load("eu-council")))
    assert "block here, not there" not in whats(found)


def test_a_comparison_needs_two_different_charters():
    with pytest.raises(UsageError, match="two or more different charters"):
        compare((league(), league()))


def test_json_and_finding_say_the_same():
    found = compare((load("nato-ukraine-council"), load("osce")))
    assert found.to_json()["in_all"] == list(found.shared)
    told = found.finding()
    assert told.sentence.startswith(f"{len(found.shared)} sit in all of")
    assert len(told.table("members")) == len(found.members)
