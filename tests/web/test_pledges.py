"""Pledges: what is needed, who promised, and what stays visible of what was promised first."""

from __future__ import annotations

import pytest

from comity.core.acts import Act
from comity.core.bodies import Approval, Pledge
from comity.web.house import House

LINE = {"obligation": "ambulance", "line": "crews", "unit": "crews", "organ": "council"}


def send(client, **fields):
    """Sign a pledge; the form has all its fields."""
    whole = {"step": "sign", "deed": "pledge", "delivered": "0", "case": "", "ready": ""} | fields
    return client.post("/pledges/new", whole)


def own(house: House, member: str, case: str) -> list[Act]:
    """Read a member's pledges of a case at another's node."""
    acts = house.hall.nodes["Dorn"].record.acts(member=member, kind="pledge")
    return [act for act in acts if act.case == case]


def last(house: House, member: str, case: str) -> Act:
    return own(house, member, case)[-1]


@pytest.fixture
def case(request) -> str:
    """A case of this test alone."""
    return request.node.originalname.replace("_", "-")[:60]


def test_a_pledge_is_looked_at_before_it_is_signed(at, house, case):
    look = send(at("Arden"), step="look", quantity="2", case=case, **LINE).content.decode()
    assert "Signed for Arden" in look
    assert "All 4 who read Council see it at once" in look
    assert not own(house, "Arden", case)
    assert send(at("Arden"), quantity="2", case=case, **LINE).status_code == 302
    body = last(house, "Arden", case).body
    assert body == Pledge("crews", "2", "crews", "ambulance", case)


def test_the_same_pledge_sent_twice_is_one(at, house, case):
    for _ in range(2):
        send(at("Arden"), quantity="1", case=case, **LINE)
    assert len(own(house, "Arden", case)) == 1


def test_a_second_pledge_to_a_line_is_refused_and_restating_is_named(at, house, case):
    send(at("Arden"), quantity="1", case=case, **LINE)
    answer = send(at("Arden"), quantity="3", case=case, **LINE)
    assert answer.status_code == 422
    assert "restate" in answer.content.decode().lower()
    assert 'value="3"' in answer.content.decode(), "what was typed is still there"
    assert len(own(house, "Arden", case)) == 1


def test_a_restated_date_leaves_the_first_one_visible(at, house, case):
    send(at("Brill"), quantity="2", ready="2031-03-01", case=case, **LINE)
    first = last(house, "Brill", case)
    send(at("Brill"), deed="restate", previous=first.id, quantity="2", ready="2031-09-01")
    restated = last(house, "Brill", case)
    assert restated.body.previous == first.id
    page = at("Corve").get("/pledges").content.decode()
    assert "Ready from 2031-09-01; first promised for 2031-03-01." in page
    assert f'id="p-{restated.id[:12]}"' in page


def test_an_approval_step_keeps_the_rest_of_the_pledge(at, house, case):
    send(at("Corve"), quantity="1", caveats="No nights.", case=case, **LINE)
    first = last(house, "Corve", case)
    form = at("Corve").get(f"/pledges/new?deed=approval&previous={first.id}").content.decode()
    assert "No nights." in form
    send(
        at("Corve"),
        deed="approval",
        previous=first.id,
        quantity="1",
        caveats="No nights.",
        body=["Hill parliament", ""],
        state=["pending", "pending"],
        on=["2026-01-20", ""],
    )
    body = last(house, "Corve", case).body
    assert body.approvals == (Approval("Hill parliament", "pending", "2026-01-20"),)
    assert body.caveats == ("No nights.",)
    page = at("Arden").get("/pledges").content.decode()
    assert "Hill parliament" in page
    assert "pending" in page


def test_a_delivery_is_recorded_and_shown_with_what_was_promised(at, house, case):
    send(at("Dorn"), quantity="2", case=case, **LINE)
    first = last(house, "Dorn", case)
    send(at("Dorn"), deed="delivery", previous=first.id, quantity="2", delivered="1")
    assert last(house, "Dorn", case).body.delivered == "1"
    assert "Handed over: 1 of 2 crews." in at("Arden").get("/pledges").content.decode()


def test_what_was_restated_since_is_not_restated_again(at, house, case):
    send(at("Dorn"), quantity="2", case=case, **LINE)
    first = last(house, "Dorn", case)
    send(at("Dorn"), deed="restate", previous=first.id, quantity="3")
    answer = send(at("Dorn"), deed="restate", previous=first.id, quantity="4")
    assert answer.status_code == 422
    assert "has been restated since" in answer.content.decode()


def test_a_member_restates_no_pledge_of_another(at, house, case):
    send(at("Dorn"), quantity="2", case=case, **LINE)
    answer = send(at("Arden"), deed="restate", previous=last(house, "Dorn", case).id, quantity="9")
    assert answer.status_code == 422
    assert len(own(house, "Dorn", case)) == 1


def test_an_institution_may_not_pledge(at):
    assert "no right to pledge" in at("Harbour").get("/pledges").content.decode()
    assert at("Harbour").get("/pledges/new").status_code == 422


def test_a_pledge_in_an_organ_is_not_there_for_an_office_that_does_not_read_it(at, house, case):
    send(at("Brill"), quantity="5", caveats="Kept to the council.", case=case, **LINE)
    name = last(house, "Brill", case).id
    outside = at("Brill", "watch") if "watch" in house.hall.nodes["Brill"].organs() else at("Elsin")
    assert "Kept to the council." not in outside.get("/pledges").content.decode()
    assert outside.get(f"/pledges/new?deed=restate&previous={name}").status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"quantity": "many"}, id="a word for a number"),
        pytest.param({"quantity": "-1"}, id="less than nothing"),
        pytest.param({"quantity": "1", "ready": "tomorrow"}, id="a day that is none"),
        pytest.param({"quantity": "1", "organ": "watch-tower"}, id="an organ that is none"),
        pytest.param({"quantity": "1", "obligation": "x"}, id="an obligation that is none"),
        pytest.param({"quantity": "1", "line": "\x00"}, id="a control character"),
        pytest.param({"quantity": "1", "body": "x", "state": "maybe", "on": ""}, id="a state"),
    ],
)
@pytest.mark.parametrize("step", ["look", "sign"])
def test_what_makes_no_pledge_is_refused_in_words(at, house, case, fields, step):
    answer = send(at("Arden"), **(LINE | {"case": case, "step": step} | fields))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not own(house, "Arden", case)
