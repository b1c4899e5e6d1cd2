"""Alerts: updates and cancellations by their author alone, and who has them since when."""

from __future__ import annotations

import pytest

from comity.core.alerts import Alerts, Holder, alerts
from comity.core.bodies import Alert, Receipt
from tests.property.record_strategies import Cast

EARLY, LATER = "2026-03-01T08:05:00Z", "2026-03-01T09:30:00Z"


@pytest.fixture
def cast():
    return Cast(4, 1, 0)


def raise_alert(cast, member="Arden", title="The ambulance is gone", **more):
    header = {key: more.pop(key) for key in ("organ", "instant", "seq", "prev") if key in more}
    body = {"text": "It left the hill.", "severity": "severe", **more}
    return cast.act(member, Alert(title, **body), **header)


def update(cast, member, *about, word="update", **more):
    return raise_alert(
        cast, member, "News", type=word, about=tuple(one.id for one in about), **more
    )


def confirm(cast, member, alert, at=EARLY, **header):
    return cast.act(member, Receipt(alert.id, at), **header)


def test_an_alert_shows_what_it_says_and_since_when_members_have_it(cast):
    alert = raise_alert(cast, case="hill")
    acts = [
        alert,
        confirm(cast, "Dorn", alert, LATER),
        confirm(cast, "Brill", alert, LATER),
        confirm(cast, "Brill", alert, EARLY),
    ]
    view = alerts(acts, {"council": cast.roster})
    (one,) = view
    assert (one.id, one.organ, one.member, one.case) == (alert.id, "council", "Arden", "hill")
    assert (one.severity, one.cancelled, one.updates) == ("severe", False, ())
    assert one.latest == one.first
    assert one.first.holders == (
        Holder("Brill", EARLY, (acts[3].id, acts[2].id)),
        Holder("Dorn", LATER, (acts[1].id,)),
    )
    assert one.first.waiting == ("Corve",)
    assert view.without_effect == ()


def test_of_an_organ_whose_readers_are_not_given_nobody_is_waiting(cast):
    (one,) = alerts([raise_alert(cast)], {"watch": ("Arden", "Brill")})
    assert one.first.waiting == ()


def test_an_update_says_what_holds_now_and_the_first_words_stay(cast):
    alert = raise_alert(cast)
    worse = update(cast, "Arden", alert, severity="extreme")
    better = update(cast, "Arden", worse, severity="minor")
    receipt = confirm(cast, "Brill", better)
    (one,) = alerts([receipt, better, worse, alert], {"council": cast.roster})
    assert [notice.id for notice in one.notices] == [alert.id, worse.id, better.id]
    assert one.updates == one.notices[1:]
    assert (one.severity, one.latest.id) == ("minor", better.id)
    assert one.case is None
    assert one.latest.waiting == ("Corve", "Dorn")
    assert one.first.waiting == ("Brill", "Corve", "Dorn")


def test_a_cancelled_alert_stays_cancelled(cast):
    alert = raise_alert(cast)
    over = update(cast, "Arden", alert, word="cancel", severity="minor")
    after = update(cast, "Arden", alert, severity="moderate")
    (one,) = alerts([alert, over])
    assert one.cancelled
    assert (one.latest.id, one.severity) == (alert.id, "severe")
    (one,) = alerts([alert, over, after])
    assert one.cancelled
    assert [notice.id for notice in one.cancellations] == [over.id]
    assert one.latest.id == after.id


def test_only_the_member_that_raised_an_alert_updates_or_cancels_it_in_the_same_organ(cast):
    alert = raise_alert(cast)
    foreign = update(cast, "Brill", alert, word="cancel")
    abroad = update(cast, "Arden", alert, organ="watch")
    follows = update(cast, "Brill", foreign)
    confirms = confirm(cast, "Corve", foreign)
    view = alerts([alert, foreign, abroad, follows, confirms])
    (one,) = view
    assert [notice.id for notice in one.notices] == [alert.id]
    assert dict(view.without_effect) == {
        foreign.id: "Brill did not raise it, and cannot cancel it",
        abroad.id: "it was made in watch, and the alert in council",
        follows.id: "what it is about has no effect",
        confirms.id: "the alert it confirms has no effect",
    }
    assert list(view.without_effect) == sorted(view.without_effect)


def test_an_update_of_several_alerts_has_effect_on_those_it_may_update(cast):
    mine, also = raise_alert(cast), raise_alert(cast, title="The snow is deep")
    theirs = raise_alert(cast, "Brill")
    both = update(cast, "Arden", mine, also, theirs)
    again = update(cast, "Arden", both, mine)
    view = alerts([mine, also, theirs, both, again])
    told = {one.id: one for one in view}
    assert [notice.id for notice in told[mine.id].notices] == [mine.id, both.id, again.id]
    assert [notice.id for notice in told[also.id].notices] == [also.id, both.id, again.id]
    assert [notice.id for notice in told[theirs.id].notices] == [theirs.id]
    assert told[mine.id].notices[1].unmet == (
        (theirs.id, "Arden did not raise it, and cannot update it"),
    )
    assert view.without_effect == ()


def test_what_an_act_names_may_come_later_than_the_act(cast):
    alert = raise_alert(cast)
    news, receipt = update(cast, "Arden", alert), confirm(cast, "Brill", alert)
    early = alerts([news, receipt])
    assert early == Alerts(
        (),
        tuple(
            sorted(
                {
                    news.id: "the alert it is about is not at hand",
                    receipt.id: "the alert is not at hand",
                }.items()
            )
        ),
    )
    (one,) = alerts([receipt, news, alert])
    assert (len(one.notices), len(one.first.holders)) == (2, 1)


def test_a_receipt_counts_only_in_the_organ_of_its_alert(cast):
    alert = raise_alert(cast)
    receipt = confirm(cast, "Brill", alert, organ="watch")
    view = alerts([alert, receipt])
    assert view.raised[0].first.holders == ()
    assert view.without_effect == ((receipt.id, "it was made in watch, and the alert in council"),)


def test_alerts_stand_in_the_order_in_which_their_authors_say_they_raised_them(cast):
    late = raise_alert(cast, instant=LATER)
    early = raise_alert(cast, "Brill", instant=EARLY)
    assert [one.id for one in alerts([late, early])] == [early.id, late.id]


def test_acts_of_other_kinds_are_passed_over(cast):
    assert alerts([cast.propose()]) == Alerts()
