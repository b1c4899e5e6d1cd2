"""Cases: what belongs to a matter, what adopted proposals brought about, files, who joined."""

from __future__ import annotations

import pytest

from comity.core.bodies import (
    Alert,
    Attach,
    CloseCase,
    Edit,
    OpenCase,
    OpenText,
    OptIn,
    Pledge,
    Receipt,
    Recognise,
    Wake,
    Write,
)
from comity.core.cases import Cases, Group, Woken, cases, joined_by
from comity.core.proposals import Standing
from comity.core.state import fold
from tests.property.record_strategies import Cast

DIGEST = "ab" * 32


@pytest.fixture
def cast():
    return Cast(4, 1, 0)


def on(day, effect):
    return {"effect": effect, "on": day, "expires": f"{day}T12:00:00Z"}


def attach(cast, member="Arden", *, organ="council", **where):
    return cast.act(member, Attach(DIGEST, "map.png", "image/png", 12, **where), organ=organ)


def adopted(*proposals):
    return {one.id: "adopted" for one in proposals}


def test_acts_belong_to_the_case_they_name_and_to_that_of_the_act_they_are_about(cast):
    alert = cast.act("Arden", Alert("Gone", "It left.", "minor", case="hill"))
    receipt = cast.act("Brill", Receipt(alert.id, "2026-03-01T09:00:00Z"))
    text = cast.act("Arden", Edit(OpenText("Ours", ("One.",)), case="hill"))
    write = cast.act("Brill", Edit(Write("1", "Two.", (text.id,)), text.id))
    proposal = cast.propose(text=text.id)
    stance = cast.say("Dorn", proposal, "yes")
    closing = cast.close("Dorn", proposal, [stance])
    pledge = cast.act("Corve", Pledge("crews", "3", "crews", case="hill"))
    more = cast.act("Corve", Pledge("crews", "4", "crews", case="hill", previous=pledge.id))
    file = attach(cast, to=stance.id)
    other = cast.act("Dorn", Alert("Snow", "It is deep.", "minor", case="snow"))
    view = cases(
        [alert, receipt, text, write, proposal, stance, closing, pledge, more, file, other]
    )
    hill, snow = view
    assert (hill.name, hill.standing, hill.title) == ("hill", "named", "")
    assert hill.of("alert") == (alert.id,)
    assert hill.of("receipt") == (receipt.id,)
    assert hill.of("edit") == tuple(sorted((text.id, write.id)))
    assert hill.of("propose") == (proposal.id,)
    assert hill.of("stance") == (stance.id,)
    assert hill.of("closing") == (closing.id,)
    assert hill.of("pledge") == tuple(sorted((pledge.id, more.id)))
    assert hill.of("attach") == (file.id,)
    assert hill.of("release") == ()
    assert (snow.name, snow.of("alert")) == ("snow", (other.id,))
    assert view.case("snow") == snow
    assert view.case("sea") is None
    assert [kind for kind, _ in hill.acts] == sorted(kind for kind, _ in hill.acts)


def test_only_what_was_adopted_opens_or_closes_a_case(cast):
    first = cast.propose(**on("2026-03-02", OpenCase("hill", "The hill")))
    over = cast.propose(**on("2026-03-04", CloseCase("hill")))
    again = cast.propose(**on("2026-03-06", OpenCase("hill", "The hill, again")))
    acts = [again, over, first]
    (case,) = cases(acts, {first.id: "rejected"})
    assert (case.standing, case.decisions) == ("named", ())
    assert case.of("propose") == tuple(sorted(act.id for act in acts))
    (case,) = cases(acts, adopted(first))
    assert (case.standing, case.title, case.decisions) == ("open", "The hill", (first.id,))
    (case,) = cases(acts, adopted(first, over))
    assert (case.standing, case.title) == ("closed", "The hill")
    (case,) = cases(acts, adopted(first, over, again))
    assert (case.standing, case.title) == ("open", "The hill, again")
    assert case.decisions == (first.id, over.id, again.id)


def test_only_what_was_adopted_recognises_a_group_or_wakes_an_obligation(cast):
    pair = cast.propose(**on("2026-03-02", Recognise("hill-group", ("Arden", "Brill"))))
    three = cast.propose(**on("2026-03-04", Recognise("hill-group", ("Arden", "Brill", "Dorn"))))
    wake = cast.propose(**on("2026-03-02", Wake("rescue", "The snow came.")))
    later = cast.propose(**on("2026-03-05", Wake("rescue", "It came again.")))
    acts = [later, three, wake, pair, cast.propose()]
    assert cases(acts) == Cases()
    view = cases(acts, adopted(*acts))
    assert view.groups == (Group("hill-group", ("Arden", "Brill", "Dorn"), three.id),)
    assert view.woken == (Woken("rescue", "The snow came.", wake.id),)


def test_an_instrument_tells_who_joined(cast):
    failed = cast.propose()
    text = OptIn(("It is ours.",), after=failed.id)
    optional = cast.propose(rule="two", procedure="signature", effect=text)
    said = [cast.say(member, optional, "yes") for member in ("Dorn", "Brill")]
    standing = fold(cast.under, [optional, *said]).standing(optional.id)
    assert isinstance(standing, Standing)
    assert joined_by(standing) == ("Brill", "Dorn")
    (one,) = cases([optional], adopted(optional), {optional.id: joined_by(standing)}).instruments
    assert (one.proposal, one.title, one.after) == (optional.id, "The ambulance", failed.id)
    assert (one.outcome, one.joined) == ("adopted", ("Brill", "Dorn"))
    (one,) = cases([optional]).instruments
    assert (one.outcome, one.joined) == (None, ())


def test_silence_joins_nobody(cast):
    proposal = cast.propose(rule="majority", procedure="silence")
    yes = cast.say("Brill", proposal, "yes")
    standing = fold(cast.under, [proposal, yes, *cast.close_all(proposal, [yes])]).standing(
        proposal.id
    )
    assert isinstance(standing, Standing)
    assert standing.settlement.outcome == "adopted"
    assert set(standing.settlement.marks.values()) == {"yes"}
    assert joined_by(standing) == ("Brill",)


def test_every_attachment_is_shown_or_listed_with_the_reason(cast):
    alert = cast.act("Arden", Alert("Gone", "It left.", "minor"))
    of_case, of_act = attach(cast, case="hill"), attach(cast, "Brill", to=alert.id)
    nowhere, unknown = attach(cast), attach(cast, to=DIGEST, case="hill")
    abroad = attach(cast, organ="watch", to=alert.id)
    view = cases([alert, of_case, of_act, nowhere, unknown, abroad])
    assert [one.id for one in view.attachments] == sorted((of_case.id, of_act.id))
    assert {one.member: one.body.to for one in view.attachments} == {
        "Arden": None,
        "Brill": alert.id,
    }
    assert dict(view.without_effect) == {
        nowhere.id: "it belongs to no case and to no act",
        unknown.id: "the act it belongs to is not at hand",
        abroad.id: "it was made in watch, and what it belongs to in council",
    }
    (hill,) = view
    assert hill.of("attach") == (of_case.id,)


def test_more_acts_never_take_an_act_out_of_a_case(cast):
    text = cast.act("Arden", Edit(OpenText("Ours", ("One.",)), case="hill"))
    write = cast.act("Brill", Edit(Write("1", "Two.", (text.id,)), text.id, case="snow"))
    assert [one.name for one in cases([write])] == ["snow"]
    hill, snow = cases([write, text])
    assert hill.of("edit") == tuple(sorted((text.id, write.id)))
    assert snow.of("edit") == (write.id,)
