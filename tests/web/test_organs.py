"""Organs, members and the charter: rosters on any day, who comes next, changes put to decision."""

from __future__ import annotations

import html
import itertools
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from comity.core.acts import Act
from comity.core.attestations import verify
from comity.core.bodies import Amend, Leave, Propose, Suspend
from comity.web.house import House
from tests.web.conftest import CHARTER, Clock


@pytest.fixture
def own_house(tmp_path, house):
    """A house of this test alone, for what changes the coalition for good."""
    clock = Clock()
    opened = House.open(tmp_path / "own", CHARTER.read_bytes(), now=clock)
    yield opened, clock
    opened.close()


def desk(house: House, member: str):
    from comity.web.desk import WHOLE, Desk
    from comity.web.models import Person

    return Desk(house, Person(name=member), member, WHOLE)


def hidden(page: str) -> dict[str, str]:
    """Read the fields that a page carries along."""
    found = re.findall(r'<textarea name="(\w+)" hidden>\n(.*?)</textarea>', page, re.DOTALL)
    return {name: html.unescape(value) for name, value in found}


def changes_of(house: House, title: str) -> list[Act]:
    acts = house.hall.nodes["Dorn"].record.acts(organ="coalition", kind="propose")
    return [act for act in acts if isinstance(act.body, Propose) and act.body.title == title]


@pytest.mark.parametrize(
    ("on", "sits", "comes"),
    [
        pytest.param("2026-02-01", ("Arden", "Dorn"), "2026-07-01", id="the first term"),
        pytest.param("2026-08-01", ("Brill", "Dorn"), "2027-01-01", id="after one seat passed on"),
        pytest.param("2027-03-01", ("Arden", "Corve"), "2027-07-01", id="after both did"),
    ],
)
def test_a_roster_is_shown_on_any_day_with_who_comes_next(at, on, sits, comes):
    page = at("Elsin").get(f"/organs/watch?on={on}").content.decode()
    strip = page.split("<table>")[1]
    for member in ("Arden", "Brill", "Corve", "Dorn"):
        row = re.search(rf'<th scope="row">{member}</th><td>(.*?)</td>', strip)[1]
        assert ("sits" in row) == (member in sits), member
    assert comes in page


def test_a_seat_that_nobody_is_known_to_hold_is_said(at):
    page = at("Arden").get("/organs/watch?on=2025-01-01").content.decode()
    assert "0 of 1 seats of coast are known to be held" in page


def test_an_organ_says_how_it_decides_in_words(at):
    page = html.unescape(at("Brill").get("/organs/council").content.decode())
    assert "Up to 1 may be missing, and it still settles." in page
    assert "Silence counts for those who have had the text for 12 h." in page
    assert "At least 60 % of people in favour" in page
    assert "Rules under consideration" in page
    assert re.search(r"<dt>Presides</dt><dd>Arden</dd>", page)


def test_a_day_that_is_none_is_refused_in_words(at):
    answer = at("Arden").get("/organs/council?on=yesterday")
    assert answer.status_code == 422
    assert "is no day" in answer.content.decode()


@pytest.mark.parametrize("address", ["/organs/nowhere", "/members/Zed", "/members/%00"])
def test_what_the_charter_does_not_name_is_not_there(at, address):
    assert at("Arden").get(address).status_code == 404


def test_a_member_shows_standing_seats_and_keys(at, house):
    page = at("Corve").get("/members/Arden").content.decode()
    held = house.hall.nodes["Arden"].keys.signing(None).held
    key = house.hall.nodes["Arden"].keys.signing(None).key_id
    assert key in page
    assert held.office in page
    assert "since the founding" in page
    assert "Council" in page
    assert "2020-01-01" in page


def test_the_page_of_an_organ_that_is_not_read_links_to_nothing_said_there(at, house):
    outside = next(m for m, n in house.hall.nodes.items() if "watch" not in n.organs())
    page = at(outside).get("/organs/watch").content.decode()
    assert "/record?organ=watch" not in page
    assert "does not read this organ" in page


def test_a_suspension_is_looked_at_and_then_put_to_all(at, house):
    fields = {
        "change": "suspend",
        "member": "Elsin",
        "since": "2031-01-01",
        "title": "Elsin pauses",
        "step": "look",
    }
    look = at("Brill").post("/charter/change", fields).content.decode()
    assert "suspends Elsin from 2031-01-01" in html.unescape(look)
    assert "Signed for Brill" in look
    assert not changes_of(house, "Elsin pauses")
    for _ in range(2):
        answer = at("Brill").post("/charter/change", hidden(look) | {"step": "sign"})
        assert answer.status_code == 302, answer.content.decode()
    (act,) = changes_of(house, "Elsin pauses")
    assert act.body.effect == Suspend("Elsin", "2031-01-01")
    assert act.header.organ == "coalition"
    assert answer.url == f"/proposals/{act.id}"


def test_an_amendment_shows_what_would_change_before_it_is_signed(at, house):
    text = CHARTER.read_text().replace(
        'coast = ["Arden", "Brill"]', 'coast = ["Arden", "Brill", "Corve"]'
    )
    sent = SimpleUploadedFile("new.toml", text.encode())
    fields = {"change": "amend", "title": "Another coast", "step": "look", "file": sent}
    look = html.unescape(at("Arden").post("/charter/change", fields).content.decode())
    assert re.search(r"<dt>Groups</dt>.*coast", look)
    assert '<ins>+ coast = ["Arden", "Brill", "Corve"]</ins>' in look
    answer = at("Arden").post("/charter/change", hidden(look) | {"step": "sign"})
    assert answer.status_code == 302
    (act,) = changes_of(house, "Another coast")
    assert isinstance(act.body.effect, Amend)


def test_a_file_that_is_no_charter_is_refused_with_its_faults(at):
    sent = SimpleUploadedFile("new.toml", b"comity = 1\n[charter]\n")
    fields = {"change": "amend", "title": "", "step": "look", "file": sent}
    answer = at("Arden").post("/charter/change", fields)
    assert answer.status_code == 422
    assert "the file is no charter" in answer.content.decode().lower()


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"change": "suspend", "member": "Zed", "since": "2031-01-01"}, id="nobody"),
        pytest.param({"change": "suspend", "member": "Dorn", "since": ""}, id="no day"),
        pytest.param(
            {"change": "suspend", "member": "Dorn", "since": "x"}, id="a day that is none"
        ),
        pytest.param(
            {"change": "suspend", "member": "Dorn", "since": "2031-01-01", "title": "a\x1bb"},
            id="a control character",
        ),
        pytest.param({"change": "key"}, id="no offer"),
        pytest.param({"change": "amend", "carried": "%%%"}, id="a damaged file"),
        pytest.param({"change": "admit"}, id="a change that the charter does not decide on"),
        pytest.param({"change": "abolish"}, id="no change at all"),
    ],
)
@pytest.mark.parametrize("step", ["look", "sign"])
def test_what_cannot_be_changed_is_refused(at, fields, step):
    assert at("Arden").post("/charter/change", {"step": step, **fields}).status_code == 422


@pytest.mark.parametrize(
    "sent", [b"", b"\xff\xfe\x00", b"{" * 50_000, b"x" * 100_000, b'{"comity":1}', "é".encode() * 9]
)
@pytest.mark.parametrize("change", ["amend", "key"])
def test_no_file_breaks_the_form(at, change, sent):
    fields = {"change": change, "step": "look", "file": SimpleUploadedFile("f", sent)}
    assert at("Arden").post("/charter/change", fields).status_code == 422


def test_a_settled_change_is_in_the_history_with_its_certificate(own_house):
    from comity.web.organ_page import history

    house, clock = own_house
    node = house.hall.nodes["Arden"]
    on = (clock() + timedelta(hours=48)).astimezone(UTC)
    body = Propose(
        "Elsin pauses", Suspend("Elsin", "2031-01-01"), node.under.charter_hash, "change", "vote",
        on.date().isoformat(), node.under.charter.roster("council", on.date()),
        on.isoformat(timespec="seconds").replace("+00:00", "Z"),
    )  # fmt: skip
    with house.moved():
        act = node.propose("coalition", body)
    for member in body.roster:
        with house.moved():
            house.hall.nodes[member].answer(act.id, "yes")
    clock.forward(hours=50)
    for _ in range(3):
        house.tick()
    (told,) = history(desk(house, "Corve"), "Elsin")
    assert told.what == "suspends Elsin from 2031-01-01"
    assert told.pinned == on.date().isoformat()
    assert told.act == act.id
    assert history(desk(house, "Corve"), "Dorn") == []
    shown = verify(house.hall.nodes["Corve"].certificate(act.id), node.coalition)
    assert "adopted" in str(shown)


def test_leaving_is_confirmed_with_what_follows(at):
    day = (datetime.now(UTC) + timedelta(days=900)).date()
    page = at("Dorn").post("/charter/leave", {"step": "look", "since": day.isoformat()})
    assert "It is not taken back." in page.content.decode()
    assert "Signed for Dorn" in page.content.decode()
    past = at("Dorn").post("/charter/leave", {"step": "sign", "since": "2020-01-01"})
    assert past.status_code == 422


def test_a_notice_of_withdrawal_is_signed_once(own_house):
    from comity.web.organ_page import history
    from comity.web.views.organs import _give_notice

    house, _clock = own_house
    body = Leave("2031-01-01")
    acts = set()
    for _ in range(2):
        with house.moved():
            acts.add(_give_notice(house.hall.nodes["Dorn"], body).id)
    assert len(acts) == 1
    (told,) = history(desk(house, "Arden"))
    assert told.what == "gives notice: it leaves on 2031-01-01"


def test_who_takes_part_and_is_no_party_cannot_leave(at):
    assert at("Harbour").get("/charter/leave").status_code == 422


def test_the_charter_comes_byte_for_byte(at):
    assert at("Elsin").get("/charter/file").content == CHARTER.read_bytes()


def test_a_group_is_founded_by_a_proposal(at):
    page = at("Arden").get("/organs").content.decode()
    assert 'value="recognise a group"' in page
    form = at("Arden").get("/proposals/new?organ=council&effect=recognise+a+group")
    assert "Name of the group" in form.content.decode()


def test_turns_of_a_rotation_follow_each_other_without_a_gap():
    from comity.core.reading import read_charter
    from comity.web.organ_page import rotation_turns

    charter = read_charter(CHARTER.read_bytes())
    turns = list(rotation_turns(charter, charter.rotations["coast"], date(2026, 11, 3)))
    assert [turn.who for turn in turns] == ["Brill", "Arden", "Brill", "Arden"]
    assert turns[0].now
    for one, after in itertools.pairwise(turns):
        assert one.until + timedelta(days=1) == after.since
