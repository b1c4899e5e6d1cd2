"""Pledges: chains of restatements, rivals, approvals, and what is short of a need."""

from __future__ import annotations

from fractions import Fraction

import pytest

from comity.core.bodies import Approval, Pledge
from comity.core.charter import Need, Obligation
from comity.core.pledges import Pledges, pledges, shortfalls, written
from tests.property.record_strategies import Cast


@pytest.fixture
def cast():
    return Cast(4, 1, 0)


def promise(cast, member="Arden", quantity="100", previous=None, *, unit="people", **more):
    header = {key: more.pop(key) for key in ("organ", "instant") if key in more}
    body = {"line": "crews", "obligation": "rescue", **more}
    return cast.act(
        member,
        Pledge(quantity=quantity, unit=unit, previous=previous and previous.id, **body),
        **header,
    )


def obligation(*needs):
    return Obligation("rescue", "Rescue", "an alarm", (), (), "send crews", "model", needs=needs)


def need(low, high=None, *, unit="people", basis="additional", line="crews"):
    return Need(line, Fraction(low), Fraction(high or low), unit, basis)


def answer(acts, *needs):
    return shortfalls(pledges(acts), obligation(*needs)).lines[0]


def test_the_first_promise_stays_visible_under_every_restatement(cast):
    first = promise(cast, quantity="100.50", instant="2026-03-01T08:00:00Z")
    second = promise(cast, "Arden", "80", first, ready="2026-04-01", delivered="20")
    third = promise(cast, "Arden", "60", second, ready="2026-06-01", delivered="30")
    (one,) = pledges([third, first, second])
    (chain,) = one.promises
    assert (one.member, one.line, one.obligation, one.case) == ("Arden", "crews", "rescue", None)
    assert not one.rivals
    assert [step.id for step in chain.statements] == [first.id, second.id, third.id]
    assert (chain.first.quantity, chain.first.instant) == (
        Fraction(201, 2),
        "2026-03-01T08:00:00Z",
    )
    assert chain.first_ready == "2026-04-01"
    assert (chain.current.quantity, chain.current.delivered) == (60, 30)
    assert chain.current.ready == "2026-06-01"


def test_rival_promises_of_one_member_are_shown_side_by_side_and_never_added_up(cast):
    first = promise(cast)
    more, less = promise(cast, "Arden", "150", first), promise(cast, "Arden", "50", first)
    other = promise(cast, "Arden", "70")
    (one,) = pledges([first, more, less, other])
    assert one.rivals
    assert {chain.current.id for chain in one.promises} == {more.id, less.id, other.id}
    assert (one.low("people"), one.high("people")) == (50, 150)


def test_members_lines_and_cases_are_kept_apart(cast):
    acts = [
        promise(cast),
        promise(cast, "Brill"),
        promise(cast, line="cars", unit="cars"),
        promise(cast, obligation=None, case="hill"),
    ]
    told = [(one.obligation, one.case, one.line, one.member) for one in pledges(acts)]
    assert told == [
        (None, "hill", "crews", "Arden"),
        ("rescue", None, "cars", "Arden"),
        ("rescue", None, "crews", "Arden"),
        ("rescue", None, "crews", "Brill"),
    ]


def test_a_restatement_keeps_member_organ_line_and_unit(cast):
    first = promise(cast)
    foreign = promise(cast, "Brill", "1", first)
    abroad = promise(cast, "Arden", "1", first, organ="watch")
    line = promise(cast, "Arden", "1", first, line="cars")
    unit = promise(cast, "Arden", "1", first, unit="cars")
    after = promise(cast, "Arden", "1", unit, unit="cars")
    deeper = promise(cast, "Arden", "1", after, unit="cars")
    view = pledges([first, foreign, abroad, line, unit, after, deeper])
    assert dict(view.without_effect) == {
        foreign.id: "the pledge it restates is Arden's, and not Brill's",
        abroad.id: "it was made in watch, and the pledge it restates in council",
        line.id: "the pledge it restates is to another line, obligation or case",
        unit.id: "it counts cars, and the pledge it restates people",
        after.id: "the pledge it restates has no effect",
        deeper.id: "the pledge it restates has no effect",
    }
    assert list(view.without_effect) == sorted(view.without_effect)
    (one,) = view
    assert one.promises[0].current.id == first.id


def test_a_restatement_whose_beginning_is_not_at_hand_waits_for_it(cast):
    first = promise(cast)
    second = promise(cast, "Arden", "1", first)
    assert pledges([second]) == Pledges((), ((second.id, "the pledge it restates is not at hand"),))
    assert pledges([second, first]).without_effect == ()


APPROVALS = [
    pytest.param((), 100, 100, id="no body was asked"),
    pytest.param((("the house", "approved"),), 100, 100, id="approved"),
    pytest.param((("the house", "approved"), ("the crown", "pending")), 20, 100, id="one pending"),
    pytest.param((("the house", "refused"),), 20, 20, id="refused"),
]


@pytest.mark.parametrize(("states", "low", "high"), APPROVALS)
def test_what_is_not_approved_is_not_sure_and_what_is_refused_does_not_come(
    cast, states, low, high
):
    approvals = tuple(Approval(body, state) for body, state in states)
    (one,) = pledges([promise(cast, approvals=approvals, delivered="20")])
    assert (one.low("people"), one.high("people")) == (low, high)
    assert one.delivered("people") == 20


def test_who_has_approved_is_told_by_name(cast):
    states = (Approval("the house", "pending"), Approval("the crown", "approved", "2026-03-04"))
    (one,) = pledges([promise(cast, approvals=states)])
    current = one.promises[0].current
    assert current.bodies_that("pending") == ("the house",)
    assert current.bodies_that("approved") == ("the crown",)
    assert current.bodies_that("refused") == ()
    assert one.promises[0].first_ready is None


def test_more_delivered_than_promised_counts_as_delivered(cast):
    (one,) = pledges([promise(cast, quantity="10", delivered="12")])
    assert (one.low("people"), one.high("people")) == (12, 12)


PENDING = (Approval("the house", "pending"),)


@pytest.mark.parametrize(
    ("basis", "low", "high", "expected"),
    [
        pytest.param("additional", 150, 200, "met", id="the upper end is reached"),
        pytest.param("additional", 150, 201, "not known", id="between the ends"),
        pytest.param("additional", 260, 300, "short", id="not even the lower end"),
        pytest.param("additional", 250, 260, "not known", id="the lower end, if approved"),
        pytest.param("money", 260, 300, "short", id="money can only be pledged"),
        pytest.param("total", 260, 300, "not known", id="towards a total what is held counts too"),
        pytest.param("target", 260, 300, "not known", id="towards a target as well"),
        pytest.param("total", 200, 200, "met", id="pledges alone reach the total"),
    ],
)
def test_a_need_is_met_short_or_not_known(cast, basis, low, high, expected):
    acts = [promise(cast, quantity="200"), promise(cast, "Brill", "50", approvals=PENDING)]
    line = answer(acts, need(low, high, basis=basis))
    assert line.answer == expected
    assert (line.low, line.high) == (200, 250)
    assert line.short_low == max(0, low - 250)
    assert line.short_high == max(0, high - 200)
    assert [one.member for one in line.promised] == ["Arden", "Brill"]


def test_what_is_counted_in_another_unit_never_meets_a_need(cast):
    acts = [promise(cast, quantity="1000", unit="cars")]
    line = answer(acts, need(1))
    assert (line.answer, line.low, line.high) == ("not comparable", 0, 0)
    assert line.why == "0 of 1 people; what is pledged in cars cannot be compared"
    assert [one.member for one in line.other_units] == ["Arden"]
    assert answer([*acts, promise(cast, "Brill", "1")], need(1)).answer == "met"


def test_of_rivals_in_two_units_one_may_not_come(cast):
    line = answer([promise(cast), promise(cast, unit="cars")], need(100))
    assert (line.answer, line.low, line.high, line.delivered) == ("not comparable", 0, 100, 0)
    assert line.promised == line.other_units


def test_a_need_that_nobody_pledges_to_is_short(cast):
    line = answer([], need("1.5", 2))
    assert (line.answer, line.why) == ("short", "0 of 1.5 to 2 people")


def test_shares_do_not_add_up(cast):
    acts = [promise(cast, member, "3", unit="% of GDP") for member in ("Arden", "Brill")]
    line = answer(acts, need(5, unit="% of GDP", basis="target"))
    assert (line.answer, line.why) == (
        "not known",
        "shares do not add up: each member must reach it alone",
    )


def test_what_is_pledged_to_a_line_that_nobody_needs_is_shown(cast):
    found = shortfalls(pledges([promise(cast, line="kites")]), obligation(need(1)))
    assert [one.line for one in found.elsewhere] == ["kites"]
    assert found.obligation == "rescue"
    assert found.lines[0].promised == ()


def test_amounts_stay_exact(cast):
    acts = [promise(cast, member, "0.1") for member in ("Arden", "Brill", "Corve")]
    line = answer(acts, need("0.3"))
    assert (line.answer, line.why) == ("met", "0.3 of 0.3 people")
    assert written(Fraction(0)) == "0"
    assert written(Fraction(2, 7)) == "2/7"
