"""Cases and alerts: who has it, who may change it, what belongs to a matter, what is hidden."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from comity.core.attestations import verify
from comity.core.bodies import Approval, Pledge
from comity.web.house import House


@pytest.fixture
def name(request) -> str:
    """The case of a test: its own."""
    plain = re.sub(r"[^a-z]+", "-", request.node.name.lower()).strip("-")
    return plain[:50].strip("-") + "-x"


@pytest.fixture
def raised(at, house: House, name: str) -> str:
    """An alert by Arden in the council, of the test's case."""
    return sound(at, house, name)


def sound(at, house: House, case: str, title: str = "Rockfall") -> str:
    fields = {"title": f"{title} {case}".strip(), "text": "The pass is shut.", "severity": "severe"}
    answer = at("Arden").post("/alert", fields | {"organ": "council", "case": case})
    assert answer.status_code == 302, answer.content.decode()
    acts = house.hall.nodes["Arden"].record.acts(organ="council", kind="alert")
    return [act.id for act in acts if act.body.title == fields["title"]][-1]


def sentence(page: str) -> str:
    return re.search(r"<figcaption>(.*?)</figcaption>", page)[1]


def confirmed(at, alert: str, fields: dict[str, str]):
    """Go through the page that repeats the consequence, and press its button."""
    arden = at("Arden")
    page = arden.post(f"/alerts/{alert}/change", fields)
    assert page.status_code == 200
    assert "Signed for Arden, whole desk" in page.content.decode()
    return arden.post(f"/alerts/{alert}/change", fields | {"confirmed": "yes"})


def test_a_case_says_who_has_its_alert_and_how_long_the_slowest_took(at, name, raised):
    brill = at("Brill")
    page = brill.get(f"/cases/{name}").content.decode()
    assert sentence(page) == "0 have it, 3 not yet, 0 not reached"
    answer = brill.post(f"/receipt/{raised}", {"back": f"/cases/{name}"})
    assert answer.url == f"/cases/{name}"
    page = brill.get(f"/cases/{name}").content.decode()
    assert re.match(
        r"1 has it, 2 not yet, 0 not reached; the slowest took \d seconds?", sentence(page)
    )
    assert "Brill: has it, since" in page
    assert "Confirm that you have it" not in page
    assert "Confirm that you have it" in at("Corve").get(f"/cases/{name}").content.decode()


def test_a_node_that_was_not_heard_from_since_is_not_reached(at, house, name, raised):
    node = house.hall.nodes["Brill"]
    before = node.heard_at["Dorn"]
    node.heard_at["Dorn"] = datetime(2026, 1, 1, tzinfo=UTC)
    try:
        page = at("Brill").get(f"/alerts/{raised}").content.decode()
    finally:
        node.heard_at["Dorn"] = before
    assert sentence(page) == "0 have it, 2 not yet, 1 not reached"


def test_the_way_back_from_a_receipt_does_not_leave_the_room(at, raised):
    answer = at("Brill").post(f"/receipt/{raised}", {"back": "//elsewhere.example/"})
    assert answer.url == "/"


def test_only_who_raised_an_alert_updates_it_and_is_asked_before_it_is_signed(at, house, raised):
    fields = {"type": "update", "title": "The pass is open", "text": "Slowly.", "severity": "minor"}
    refusal = at("Brill").post(f"/alerts/{raised}/change", fields | {"confirmed": "yes"})
    assert refusal.status_code == 422
    assert "only who raised it changes it" in refusal.content.decode()
    before = house.hall.nodes["Dorn"].record.count(organ="council", kind="alert")
    confirmed(at, raised, fields)
    confirmed(at, raised, fields)  # the same form sent twice is signed once
    assert house.hall.nodes["Dorn"].record.count(organ="council", kind="alert") == before + 1
    page = at("Brill").get(f"/alerts/{raised}").content.decode()
    assert "<h1>The pass is open</h1>" in page
    assert "Confirm that you have the update" in page


def test_a_cancelled_alert_says_why_and_is_not_changed_any_more(at, raised):
    confirmed(at, raised, {"type": "cancel", "text": "The rocks are gone."})
    page = at("Arden").get(f"/alerts/{raised}").content.decode()
    assert "Cancelled." in page
    assert "The rocks are gone." in page
    assert "Update the alert" not in page


def test_the_certificate_of_delivery_is_believed_offline(at, house, raised):
    at("Brill").post(f"/receipt/{raised}")
    answer = at("Corve").get(f"/alerts/{raised}/delivery")
    assert "attachment" in answer["Content-Disposition"]
    shown = verify(answer.content, house.hall.nodes["Corve"].coalition)
    assert shown.proven


def test_a_case_gathers_texts_proposals_pledges_and_files(at, house, name, raised):
    arden = at("Arden")
    fields = {"title": "On the pass", "paragraphs": "It is shut.", "organ": "council", "level": ""}
    text = arden.post("/texts/open", fields | {"case": name}).url
    pledge = Pledge(
        "crews",
        "2",
        "crews",
        case=name,
        ready="2026-12-01",
        approvals=(Approval("Assembly", "pending"),),
    )
    with house.moved():
        house.hall.nodes["Dorn"].say("council", pledge)
    arden.post(
        f"/cases/{name}/attach",
        {"organ": "council", "file": SimpleUploadedFile("map.txt", b"rocks", "text/plain")},
    )
    page = at("Brill").get(f"/cases/{name}").content.decode()
    assert f'href="{text}"' in page
    assert "2 crews" in page
    assert hashlib.sha256(b"rocks").hexdigest() in page
    timeline = page[page.index("Timeline") :]
    told = ("attached a file", "pledged", "opened a text", "raised an alert")
    assert [timeline.index(one) for one in told] == sorted(timeline.index(one) for one in told)


def test_a_long_timeline_is_shown_in_part_until_all_is_asked_for(at, house, name, raised):
    with house.moved():
        for number in range(101):
            house.hall.nodes["Dorn"].say(
                "council", Pledge("crews", f"{number}", "crews", case=name)
            )
    page = at("Brill").get(f"/cases/{name}").content.decode()
    assert "Show 2 earlier acts" in page
    assert "raised an alert" not in page[page.index("Timeline") :]
    assert "raised an alert" in at("Brill").get(f"/cases/{name}?all=1").content.decode()


def test_the_same_file_is_attached_once(at, house, name, raised):
    record = house.hall.nodes["Dorn"].record
    before = record.count(organ="council", kind="attach")
    for _ in range(2):
        file = SimpleUploadedFile("map.txt", b"rocks", "not a type")
        answer = at("Arden").post(f"/cases/{name}/attach", {"organ": "council", "file": file})
        assert answer.status_code == 302
    assert record.count(organ="council", kind="attach") == before + 1


def test_cases_are_listed_by_their_alerts_title_until_a_decision_names_them(at, name, raised):
    page = at("Brill").get("/cases").content.decode()
    line = page[page.index(f'href="/cases/{name}"') :].partition("</li>")[0]
    assert f"Rockfall {name}" in line
    assert "1 alert" in line
    assert "named, not opened by a decision" in line


def test_an_alert_without_a_case_has_its_page_and_its_line(at, house, name):
    alert = sound(at, house, "", title=f"Alone {name}")
    listed = at("Brill").get("/cases").content.decode()
    assert f'href="/alerts/{alert}"' in listed
    assert "The pass is shut." in at("Brill").get(f"/alerts/{alert}").content.decode()


def test_now_leads_to_the_alert(at, raised):
    assert f'href="/alerts/{raised}"' in at("Corve").get("/").content.decode()


def test_what_an_office_does_not_see_is_not_there(at, house, name, raised):
    watching = next(m for m, node in house.hall.nodes.items() if "watch" in node.organs())
    for client in (at("Elsin"), at(watching, "watch")):
        for path in (f"/cases/{name}", f"/alerts/{raised}", f"/alerts/{raised}/delivery"):
            assert client.get(path).status_code == 404
        assert client.post(f"/cases/{name}/attach", {}).status_code == 404
        assert client.post(f"/alerts/{raised}/change", {"type": "cancel"}).status_code == 404
        assert name not in client.get("/cases").content.decode()


def test_the_parts_that_change_are_answered_alone(at, name, raised):
    for path in ("/cases", f"/cases/{name}", f"/alerts/{raised}"):
        part = at("Brill").get(path, headers={"HX-Request": "true"})
        assert part.status_code == 200
        assert "<html" not in part.content.decode()


@pytest.mark.parametrize("case", ["none-such", "a" * 64, "A B", "é", "x" * 70, "%2e%2e", "<b>"])
def test_a_case_that_nothing_names_is_not_there(at, case):
    assert at("Brill").get(f"/cases/{case}").status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"type": "cancel", "text": ""},
        {"type": "update", "title": "", "text": "x", "severity": "minor"},
        {"type": "update", "title": "x" * 201, "text": "x", "severity": "minor"},
        {"type": "update", "title": "x", "text": "x", "severity": "worse"},
        {"type": "update", "title": "x", "text": "bell\x07", "severity": "minor"},
        {"type": "alert", "title": "x", "text": "x", "severity": "minor"},
    ],
)
def test_hostile_changes_are_refused_in_words(at, raised, fields):
    answer = at("Arden").post(f"/alerts/{raised}/change", fields | {"confirmed": "yes"})
    assert answer.status_code == 422
    assert "Not done" in answer.content.decode()


def test_no_file_is_refused_in_words(at, name, raised):
    answer = at("Arden").post(f"/cases/{name}/attach", {"organ": "council"})
    assert answer.status_code == 422
    assert "No file was chosen" in answer.content.decode()


def test_what_is_not_confirmed_is_followed_as_a_plain_look_finds_it(at, house, name):
    from comity.web.unconfirmed import Unconfirmed, unconfirmed

    def plain(member):
        record = house.hall.nodes[member].record
        has = {a.body.alert for a in record.acts(organ="council", member=member, kind="receipt")}
        alerts = record.acts(organ="council", kind="alert")
        return [a.id for a in alerts if a.member != member and a.id not in has]

    def followed(member):
        return [act.id for act in unconfirmed(house.hall.nodes[member], ("council",))]

    for step in range(3):
        alert = sound(at, house, name, f"Step {step}")
        assert alert in followed("Brill")
        assert followed("Brill") == plain("Brill")
        at("Brill").post(f"/receipt/{alert}", {})
        assert alert not in followed("Brill")
        assert [followed(m) for m in ("Arden", "Brill")] == [plain(m) for m in ("Arden", "Brill")]
        assert [a.id for a in Unconfirmed().follow(house.hall.nodes["Brill"], "council")] == plain(
            "Brill"
        )
