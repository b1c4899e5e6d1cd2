from datetime import date

import pytest

from comity.charters import load
from comity.core.charter import Chair, months_between, months_later, named_sets
from comity.core.reading import read_charter
from comity.errors import UsageError
from tests.unit.core.larch import EXAMPLE, charter_of

LEAGUE = read_charter(EXAMPLE.read_bytes())
NEW_YEAR = date(2026, 1, 1)

MORE = """
Elsin = { name = "Elsin", standing = "observer", since = 2026-07-01, until = 2026-12-31 }
[standings.observer]
rights = ["read"]
[participants]
Harbour = { name = "Harbour Office", kind = "institution" }
[groups]
coast = ["Arden", "Elsin", "Harbour"]
[rotations.fixed]
group = "coast"
seats = 2
months = 6
since = 2026-01-01
order = ["Arden", "Harbour", "Elsin"]
[rotations.known]
group = "coast"
seats = 1
months = 12
terms = [{ member = "Harbour", from = 2026-03-01, until = 2026-08-31 }]
[rotations.unknown]
group = "coast"
seats = 1
months = 12
[[weights.people]]
unit = "persons"
from = 2026-01-01
values = { Arden = 4, Brill = 3, Corve = 2, Dorn = 1, Harbour = 0 }
[[weights.people]]
unit = "persons"
from = 2027-01-01
values = { Arden = 5, Brill = 3, Corve = 2, Dorn = 1 }
[rules.seen]
title = "Seen by the coast, the chair and Dorn"
adopt = { in_favour = { at_least = 1, among = ["coast", "chair", "veto", "Dorn"] } }
[rules.both]
title = "Both sides name seats"
adopt = { no_veto = {} }
reject = { in_favour = { at_least = "100 %", among = ["standing:member"] } }
[organs.council]
name = "Council"
seats = ["standing:member", "Harbour"]
veto = ["Brill", "seats"]
chair = ["seats"]
candidates = ["seen"]
[organs.desk]
name = "Desk"
seats = ["rotation:known", "rotation:unknown", "Dorn"]
chair = { order = ["Arden", "Brill"], months = 6, since = 2026-01-01 }
[organs.guests]
name = "Guests"
seats = ["standing:observer", "Dorn"]
"""
WIDE = charter_of(MORE)


@pytest.mark.parametrize(
    ("selector", "on", "chosen"),
    [
        pytest.param("Arden", NEW_YEAR, ("Arden",), id="a code"),
        pytest.param("Elsin", NEW_YEAR, (), id="a member before it belongs"),
        pytest.param("Elsin", date(2026, 12, 31), ("Elsin",), id="on the last day"),
        pytest.param("Elsin", date(2027, 1, 1), (), id="after the last day"),
        pytest.param("standing:observer", date(2026, 8, 1), ("Elsin",), id="a standing"),
        pytest.param("group:coast", NEW_YEAR, ("Arden", "Harbour"), id="a group, in charter order"),
        pytest.param("rotation:fixed", date(2025, 1, 1), (), id="a rotation that has not begun"),
        pytest.param("rotation:fixed", NEW_YEAR, ("Arden", "Harbour"), id="the first turn"),
        pytest.param("rotation:fixed", date(2026, 7, 1), ("Arden", "Elsin"), id="the second turn"),
        pytest.param("rotation:known", date(2026, 8, 31), ("Harbour",), id="a known term"),
        pytest.param("rotation:known", NEW_YEAR, (), id="before a known term"),
        pytest.param("rotation:unknown", NEW_YEAR, (), id="a rotation of which nothing is known"),
        pytest.param("rotation:none", NEW_YEAR, (), id="a rotation that is not there"),
        pytest.param("group:none", NEW_YEAR, (), id="a group that is not there"),
        pytest.param("Nobody", NEW_YEAR, (), id="a code that is not there"),
        pytest.param("chair", NEW_YEAR, (), id="a chair of no organ"),
        pytest.param("seats", NEW_YEAR, (), id="seats of no organ"),
    ],
)
def test_a_selector_names_whom_it_says_on_a_day(selector, on, chosen):
    assert WIDE.select((selector,), on) == chosen


def test_the_chair_passes_from_one_to_the_next():
    chair = WIDE.organs["desk"].chair
    assert chair.holders(NEW_YEAR) == ("Arden",)
    assert chair.holders(date(2026, 7, 1)) == ("Brill",)
    assert chair.holders(date(2027, 1, 1)) == ("Arden",)
    assert chair.holders(date(2025, 1, 1)) == ()
    assert Chair(("Dorn",)).holders(NEW_YEAR) == ("Dorn",)


def test_an_electorate_is_pinned_to_its_day():
    council = WIDE.electorate("council", NEW_YEAR)
    assert council.members == ("Arden", "Brill", "Corve", "Dorn", "Harbour")
    assert council.sets["veto"] == set(council.members)
    assert council.sets["chair"] == set(council.members)
    assert council.sets["coast, chair, veto, Dorn"] == set(council.members)
    assert council.sets["coast"] == {"Arden", "Harbour"}
    assert council.sets["standing:member"] == {"Arden", "Brill", "Corve", "Dorn"}
    assert council.weights["people"]["Arden"] == 4
    assert council.units == {"people": "persons"}


def test_a_table_that_gives_somebody_no_weight_is_not_in_the_electorate():
    assert "people" not in WIDE.electorate("council", date(2027, 1, 1)).weights
    assert "people" not in WIDE.electorate("council", date(2025, 1, 1)).weights
    assert WIDE.electorate("guests", date(2027, 1, 1)).weights["people"]["Dorn"] == 1


def test_the_table_in_force_is_the_latest_that_has_begun():
    assert WIDE.weights_on(date(2025, 12, 31)) == {}
    assert WIDE.weights_on(date(2026, 12, 31))["people"].values["Arden"] == 4
    assert WIDE.weights_on(date(2027, 1, 1))["people"].values["Arden"] == 5


def test_an_organ_in_which_nobody_sits_has_no_electorate():
    with pytest.raises(UsageError, match="who sits in 'watch' of larch-league") as stopped:
        LEAGUE.electorate("watch", date(2019, 1, 1))
    assert stopped.value.hint == "choose a day near the charter's date: --on 2026-01-01"


def test_roster_dates_are_those_on_which_a_known_roster_begins():
    assert WIDE.roster_dates("desk") == (NEW_YEAR, date(2026, 3, 1))
    assert WIDE.roster_dates("council") == (NEW_YEAR,)


def test_parties_have_one_order_and_names():
    assert WIDE.order == ("Arden", "Brill", "Corve", "Dorn", "Elsin", "Harbour")
    assert WIDE.name_of("Harbour") == "Harbour Office"
    assert WIDE.name_of("Nobody") == "Nobody"
    assert LEAGUE.roster("watch", NEW_YEAR) == ("Arden", "Dorn")


@pytest.mark.parametrize(
    ("ask", "what", "hint"),
    [
        pytest.param(
            lambda: LEAGUE.organ("counsel"),
            "no organ called 'counsel'",
            "did you mean council?",
            id="an organ misspelt",
        ),
        pytest.param(
            lambda: LEAGUE.rule("zzz"),
            "no rule called 'zzz'",
            "it has: consensus, double-majority, change",
            id="no such rule",
        ),
        pytest.param(
            lambda: LEAGUE.procedure("votes"),
            "no procedure called 'votes'",
            "did you mean vote?",
            id="a procedure misspelt",
        ),
        pytest.param(
            lambda: charter_of().organ("council"),
            "no organ called 'council'",
            "it has: none",
            id="no organ at all",
        ),
    ],
)
def test_a_name_that_is_not_there_is_answered_with_those_that_are(ask, what, hint):
    with pytest.raises(UsageError, match=what) as stopped:
        ask()
    assert stopped.value.hint == hint


def test_a_name_that_is_there_is_found():
    assert LEAGUE.organ("council").name == "Council"
    assert LEAGUE.rule("change").title.startswith("Three members")
    assert LEAGUE.procedure("vote").kind == "vote"


def test_the_sets_a_rule_names_are_told_once():
    assert named_sets(WIDE.rules["both"].rule) == ("veto", "standing:member")
    assert named_sets(WIDE.rules["seen"].rule) == ("coast, chair, veto, Dorn",)
    assert named_sets(LEAGUE.rules["change"].rule) == ()


def test_months_are_counted_whole():
    assert months_between(date(2026, 1, 31), date(2026, 2, 28)) == 0
    assert months_between(date(2026, 1, 31), date(2026, 3, 31)) == 2
    assert months_later(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_later(date(2026, 1, 31), 12) == date(2027, 1, 31)
    assert months_later(date(2026, 11, 30), 1) == date(2026, 12, 30)
    assert months_later(date(9999, 1, 1), 1200) == date.max


def test_states_are_who_belongs_or_who_sits_in_a_body():
    council = load("un-security-council")
    assert len(council.states(council.dated, "council")) == 15
    union = load("eu-council")
    assert union.states(union.dated) == tuple(union.members)


def test_where_seats_rotate_a_body_must_be_named():
    council = load("un-security-council")
    with pytest.raises(UsageError, match="some seats rotate") as stopped:
        council.states(council.dated)
    assert stopped.value.hint == "add --organ with one of: council"


def test_a_body_of_no_states_has_none():
    with pytest.raises(UsageError, match="no member of larch-league is a state"):
        LEAGUE.states(NEW_YEAR, "council")


def test_seats_that_nobody_is_known_to_hold_are_told():
    assert LEAGUE.vacant("council", date(2019, 1, 1)) == ()
    assert LEAGUE.vacant("watch", date(2019, 1, 1)) == (
        "0 of 1 seats of coast are known to be held",
        "0 of 1 seats of hills are known to be held",
    )
