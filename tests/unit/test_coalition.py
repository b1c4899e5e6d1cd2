from datetime import date

import pytest

import comity as co

WILLING = co.load("coalition-of-the-willing")


def test_taking_members_out_changes_nothing_of_the_whole():
    left = WILLING.without("GBR", "FRA")
    assert len(left.members) == 33
    assert len(WILLING.members) == 35


def test_who_does_not_belong_cannot_be_taken_out():
    with pytest.raises(co.UsageError, match="USA is not among the members"):
        WILLING.without("USA")


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        pytest.param(lambda c: c.potential(), "35 members", id="potential"),
        pytest.param(lambda c: c.power("leaders", "two-thirds"), "nobody can block", id="power"),
        pytest.param(lambda c: c.laboratory("washington-group"), "rules", id="laboratory"),
        pytest.param(lambda c: c.cornerstones("leaders"), "a cornerstone", id="cornerstones"),
        pytest.param(
            lambda c: c.guarantees("multinational-force"), "fails if FRA or GBR", id="guarantees"
        ),
        pytest.param(lambda c: c.adequacy("multinational-force"), "", id="adequacy"),
        pytest.param(lambda c: c.dependence("USA"), "US", id="dependence"),
        pytest.param(lambda c: c.burden("personnel=100000"), "100,000 people", id="burden"),
        pytest.param(lambda c: c.cohesion(year=2023), "UN votes of 2023", id="cohesion"),
    ],
)
def test_every_question_is_answered_with_a_finding(ask, words):
    found = ask(WILLING)
    assert isinstance(found, co.Finding)
    assert words in found.sentence
    assert found.tables
    assert found.sources


def test_what_looks_at_every_loss_itself_is_asked_of_the_whole():
    with pytest.raises(co.UsageError, match="looks at every loss itself, and GBR is out already"):
        WILLING.without("GBR").guarantees()


def test_power_after_a_member_has_left_counts_those_who_stay():
    found = WILLING.without("GBR").power("leaders", "two-thirds")
    assert "34 members sit" in found.sentence


def test_a_day_and_a_vintage_can_be_pinned():
    then = WILLING.at(date(2026, 1, 20)).as_known_on(date(2026, 1, 20))
    assert then.day == date(2026, 1, 20)
    assert then.potential().vintage.known_on == date(2026, 1, 20)


def test_public_names_are_those_listed_and_no_others():
    assert set(dir(co)) == set(co.__all__)
    for name in co.__all__:
        assert getattr(co, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = co.nothing
    assert "un-security-council" in co.charter_names()
