"""Proposals from desk to desk: proposing, answering, closing, certificates, and what is refused."""

import json
import re
from datetime import timedelta
from html import unescape
from itertools import count

import pytest

from comity.core.attestations import verify
from comity.core.bodies import Propose
from comity.web.house import House, install
from tests.web.conftest import CHARTER

names = count(1)


def form_fields(response):
    """Return what the last form of a page would send, as a browser reads it."""
    page = response.content.decode()
    form = page[page.rindex('<form method="post" action="/proposals') :]
    fields = {}
    for tag, name, value in re.findall(
        r'<(input|textarea)[^>]*?name="([a-z0-9]+)"(?: value="([^"]*)")?', form
    ):
        if tag == "input":
            fields.setdefault(name, unescape(value))
    for name, words in re.findall(
        r'<textarea[^>]*name="([a-z0-9]+)"[^>]*>([^<]*)</textarea>', form
    ):
        fields[name] = unescape(words).strip()
    return fields


def put(client, **fields):
    """Propose a text by way of the pages; return the answer to the last one."""
    typed = {
        "organ": "council",
        "effect": "adopt",
        "title": f"The radio {next(names)}",
        "paragraphs": "The league buys one radio.\n\nArden keeps the spare parts.",
        "rule": "double-majority",
        "procedure": "silence",
        "amount": "24",
        "unit": "hours",
        **fields,
    }
    looked = client.post("/proposals/new", {"step": "look", **typed})
    if looked.status_code != 200:
        return looked
    return client.post("/proposals/new", {**form_fields(looked), "step": "sign"})


def id_of(response):
    assert response.status_code == 302, response.content.decode()
    return response["Location"].rpartition("/")[2]


def say(client, name, word, **fields):
    page = client.get(f"/proposals/{name}/answer", {"word": word})
    return client.post(f"/proposals/{name}/answer", {**form_fields(page), "word": word, **fields})


def text_of(client, name, **extra):
    response = client.get(f"/proposals/{name}", **extra)
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def let_it_close(house, clock, hours=26):
    """Let the time run out: nodes hear from each other, and close what is due."""
    clock.forward(hours=hours)
    house.hall.beacons()
    for _ in range(3):
        house.tick()


def test_a_text_proposed_by_hand_pins_charter_roster_day_and_end(house, at):
    name = id_of(put(at("Arden"), title="Pins"))
    act = house.hall.nodes["Brill"].record.get(name)
    assert isinstance(act.body, Propose)
    assert act.body.roster == ("Arden", "Brill", "Corve", "Dorn")
    assert act.body.effect.paragraphs == (
        "The league buys one radio.",
        "Arden keeps the spare parts.",
    )
    assert act.body.on == act.body.expires[:10]
    listed = at("Brill").get("/proposals").content.decode()
    assert "Pins" in listed
    assert f"/proposals/{name}" in listed


def test_signing_twice_makes_one_proposal(house, at):
    client, title = at("Arden"), "Only once"
    looked = client.post(
        "/proposals/new",
        {
            "step": "look",
            "organ": "council",
            "effect": "adopt",
            "title": title,
            "paragraphs": "One.",
            "rule": "double-majority",
            "procedure": "vote",
            "amount": "",
            "unit": "hours",
        },
    )
    fields = {**form_fields(looked), "step": "sign"}
    first, second = client.post("/proposals/new", fields), client.post("/proposals/new", fields)
    assert id_of(first) == id_of(second)


def test_the_page_reads_from_the_question_to_the_history(at):
    name = id_of(put(at("Arden"), title="Reads from the top"))
    told = text_of(at("Brill"), name)
    order = [
        "Reads from the top",
        "Arden asks Council: if it is adopted, it agrees a text of 2 paragraphs; it binds all.",
        "If nobody says anything more, it ends adopted.",
        "at least 3 in favour: 0 of 3 needed; 4 could still turn it",
        "Smallest groups that could still block it",
        "The league buys one radio.",
        "Consensus",
        "History",
        "Silence ends",
    ]
    places = [told.index(one) for one in order]
    assert places == sorted(places)


def test_each_button_says_what_it_brings_about_before_it_is_pressed(at):
    name = id_of(put(at("Arden"), rule="change"))
    told = text_of(at("Brill"), name)
    assert "Object This speaks against it; it does not break the silence alone." in told
    assert "Abstain This counts as an abstention. Abstain constructively" in told
    assert "All 4 who read here see it at once, and for good." in told
    assert "Withdraw the proposal" not in told
    assert "Propose anew with other words" in text_of(at("Arden"), name)


def test_an_answer_is_confirmed_with_who_signs_and_what_follows(house, at):
    client = at("Corve")
    name = id_of(put(at("Arden")))
    page = client.get(f"/proposals/{name}/answer", {"word": "objection"})
    told = " ".join(page.content.decode().split())
    assert "Signed for Corve, whole desk." in told
    assert "see it at once, and for good." in told
    assert "You can answer otherwise until it is closed" in told
    assert not [*house.hall.nodes["Corve"].record.about(name, kind="stance")]
    done = client.post(f"/proposals/{name}/answer", form_fields(page))
    assert done.status_code == 302
    assert "Corve: objects" in text_of(at("Dorn"), name)


def test_pressing_twice_signs_one_answer(house, at):
    client, name = at("Corve"), id_of(put(at("Arden")))
    page = client.get(f"/proposals/{name}/answer", {"word": "yes"})
    fields = form_fields(page)
    assert client.post(f"/proposals/{name}/answer", fields).status_code == 302
    assert client.post(f"/proposals/{name}/answer", fields).status_code == 302
    assert len([*house.hall.nodes["Dorn"].record.about(name, kind="stance")]) == 1


def test_an_answer_from_an_old_page_does_not_undo_a_newer_one(house, at):
    client, name = at("Corve"), id_of(put(at("Arden")))
    old = form_fields(client.get(f"/proposals/{name}/answer", {"word": "yes"}))
    assert say(client, name, "objection").status_code == 302
    refused = client.post(
        f"/proposals/{name}/answer", {**old, "note1": "as agreed", "kind1": "caveat"}
    )
    assert refused.status_code == 422
    assert "answered meanwhile: objection" in refused.content.decode()
    assert "as agreed" in refused.content.decode()
    words = [a.body.word for a in house.hall.nodes["Corve"].record.about(name, kind="stance")]
    assert words == ["objection"]


def test_a_reservation_stands_beside_the_answer(at):
    name = id_of(put(at("Arden")))
    done = say(
        at("Dorn"), name, "constructive abstention", kind1="declaration", note1="We pay <b>no</b>."
    )
    assert done.status_code == 302
    page = at("Arden").get(f"/proposals/{name}").content.decode()
    assert "Dorn, declaration" in page
    assert "We pay &lt;b&gt;no&lt;/b&gt;." in page


def test_silence_that_holds_is_adopted_and_its_certificate_verifies(house, at, clock):
    client, name = at("Brill"), id_of(put(at("Arden"), title="Silence holds"))
    assert "Take the certificate" not in text_of(client, name)
    assert client.get(f"/proposals/{name}/certificate").status_code == 422
    let_it_close(house, clock)
    told = text_of(client, name)
    assert "Adopted Nothing that arrives later can change it." in told
    file = client.get(f"/proposals/{name}/certificate")
    assert file["Content-Type"] == "application/json"
    assert "attachment" in file["Content-Disposition"]
    shown = verify(file.content, house.hall.nodes["Brill"].coalition)
    assert (shown.outcome, shown.proven) == ("adopted", True)
    assert json.loads(file.content)["certificate"] == "outcome"
    assert "consent" in told
    assert "Ended" in client.get("/proposals").content.decode()


def test_a_broken_silence_says_so_and_what_other_rules_would_have_said(house, at, clock):
    name = id_of(put(at("Arden"), rule="change", title="Broken"))
    say(at("Brill"), name, "objection")
    say(at("Corve"), name, "objection")
    told = text_of(at("Dorn"), name)
    assert "If nobody says anything more, it ends broken." in told
    let_it_close(house, clock)
    told = text_of(at("Dorn"), name)
    assert "Broken The silence did not hold" in told
    assert "How the same answers would have ended" in told
    assert "Consensus: broken under consideration" in told


def test_the_proposer_proposes_anew_and_the_clock_starts_again(house, at, clock):
    client, name = at("Arden"), id_of(put(at("Arden"), title="First words"))
    clock.forward(hours=3)
    page = client.get("/proposals/new", {"instead": name})
    told = page.content.decode()
    assert "First words" in told
    assert "Arden keeps the spare parts." in told
    new = id_of(put(client, title="Second words", instead=name, paragraphs="Other words."))
    old_words = [a.body.word for a in house.hall.nodes["Brill"].record.about(name, kind="stance")]
    assert old_words == ["withdraw"]
    until = house.hall.nodes["Brill"].pinned(new).expires
    assert until - clock() > timedelta(hours=23)
    let_it_close(house, clock)
    assert "Withdrawn Its proposer took it back" in text_of(at("Brill"), name)
    assert "Adopted Nothing that arrives later" in text_of(at("Brill"), new)


def test_nobody_else_proposes_it_anew_in_its_place(at):
    name = id_of(put(at("Arden")))
    refused = put(at("Brill"), instead=name)
    assert refused.status_code == 422
    assert "only its proposer" in refused.content.decode().lower()


def test_a_vote_closes_when_its_member_presses_and_everybody_was_heard(house, at):
    name = id_of(put(at("Arden"), procedure="vote"))
    for member in ("Arden", "Brill", "Corve"):
        say(at(member), name, "yes")
    assert "Close it now" not in text_of(at("Arden"), name)
    say(at("Dorn"), name, "no")
    for member in ("Arden", "Brill", "Corve"):
        client = at(member)
        page = client.get(f"/proposals/{name}/close")
        assert "which answers you have heard: 4 of 4" in page.content.decode()
        fields = form_fields(page)
        assert client.post(f"/proposals/{name}/close", fields).status_code == 302
        assert client.post(f"/proposals/{name}/close", fields).status_code == 302
    assert "Adopted Nothing that arrives later" in text_of(at("Dorn"), name)
    assert "your last word stands" in text_of(at("Arden"), name)


def test_what_is_held_back_is_not_closed_by_the_node_itself(house, at, clock):
    name = id_of(put(at("Arden")))
    for member in ("Corve", "Dorn"):
        assert at(member).post(f"/proposals/{name}/hold", {"back": "yes"}).status_code == 302
    let_it_close(house, clock)
    node = house.hall.nodes["Dorn"]
    assert not [a for a in node.record.about(name, kind="closing") if a.member == "Dorn"]
    assert "2 of 4 have closed it." in text_of(at("Dorn"), name)
    at("Dorn").post(f"/proposals/{name}/hold", {"back": "no"})
    house.tick()
    assert [a for a in node.record.about(name, kind="closing") if a.member == "Dorn"]
    assert "Adopted Nothing that arrives later" in text_of(at("Corve"), name)


def test_beacons_tell_who_has_the_text_and_who_heard_an_answer(house, at):
    client, name = at("Brill"), id_of(put(at("Arden")))
    say(client, name, "objection")
    told = text_of(client, name)
    assert "Your objection is heard by 1 of the 2 that make it count." in told
    assert "Corve: not heard from since" in told
    house.hall.beacons()
    told = text_of(client, name)
    assert "Your objection is heard by 4; 2 make it count." in told
    assert "Corve: has it" in told


def test_an_open_page_asks_for_the_part_that_changes(at):
    name = id_of(put(at("Arden")))
    part = at("Brill").get(f"/proposals/{name}", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'id="beside" hx-swap-oob="innerHTML"' in part
    assert 'id="rest" hx-swap-oob="innerHTML"' in part
    clock = at("Brill").get(f"/proposals/{name}", {"part": "clock"}, headers={"HX-Request": "true"})
    assert clock.content.decode().strip().startswith('<p class="deadline"')


def test_a_desk_without_a_place_there_sees_no_such_proposal(house, at):
    name = id_of(put(at("Arden"), title="For the council alone"))
    outsider = at("Harbour")
    for place in ("", "/answer", "/close", "/certificate"):
        response = outsider.get(f"/proposals/{name}{place}")
        assert response.status_code == 404
        assert "council alone" not in response.content.decode()
    assert outsider.post(f"/proposals/{name}/answer", {"word": "no"}).status_code == 404
    assert "council alone" not in outsider.get("/proposals").content.decode()
    assert outsider.get("/proposals/new").status_code == 422
    seated = next(m for m, node in house.hall.nodes.items() if "watch" in node.organs())
    watch = at(seated, "watch")
    assert watch.get(f"/proposals/{name}").status_code == 404


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({"title": ""}, "title is empty", id="no title"),
        pytest.param({"paragraphs": " \n\n "}, "paragraphs is empty", id="no text"),
        pytest.param({"paragraphs": "x" * 4_001}, "4,000 characters", id="too long"),
        pytest.param({"amount": "soon"}, "must be a number", id="no number"),
        pytest.param({"amount": "0"}, "ends within a year", id="no time at all"),
        pytest.param({"amount": "9999", "unit": "days"}, "ends within a year", id="for ages"),
        pytest.param({"rule": "consensus"}, "rule is none of those", id="not in force"),
        pytest.param({"organ": "coalition"}, "organ is none of those", id="not a seat there"),
        pytest.param({"procedure": "x"}, "procedure is none", id="no such procedure"),
        pytest.param({"effect": "opt in"}, "binds all", id="a rule that binds all"),
        pytest.param({"title": "a\u202eb"}, "nobody can see", id="a hidden character"),
        pytest.param({"case": "1.,"}, "cannot be a name", id="no name for a case"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_what_was_typed_stays(at, fields, words):
    refused = put(at("Dorn"), **{"title": "Kept words", "paragraphs": "My words.", **fields})
    assert refused.status_code == 422
    page = " ".join(refused.content.decode().split())
    assert words.lower() in page.lower()
    if "paragraphs" not in fields:
        assert "My words." in page
    assert "Traceback" not in page


def test_a_wrong_answer_is_refused_in_words(at):
    client, name = at("Dorn"), id_of(put(at("Arden")))
    for fields in (
        {"word": "perhaps"},
        {"word": "yes", "turn": "x"},
        {"word": "yes", "turn": "0", "note1": "n", "kind1": "poem"},
        {"word": "yes", "turn": "0", "note1": "n" * 4_001, "kind1": "caveat"},
        {"word": "withdraw", "turn": "0"},
    ):
        refused = client.post(f"/proposals/{name}/answer", fields)
        assert refused.status_code == 422, fields
    assert client.get(f"/proposals/{'0' * 64}").status_code == 404
    assert client.get("/proposals/not-an-act").status_code == 404


def test_deadlines_are_read_in_the_zone_that_was_chosen(at):
    client, name = at("Arden"), id_of(put(at("Arden")))
    assert "Copenhagen" not in text_of(client, name)
    client.post("/zone", {"zone": "Europe/Copenhagen", "back": f"/proposals/{name}"})
    assert "Copenhagen" in text_of(client, name)
    assert client.post("/zone", {"zone": "Mars/Olympus"}).status_code == 422


def test_now_leads_to_the_proposal(at):
    name = id_of(put(at("Arden"), title="Seen from Now"))
    assert f'href="/proposals/{name}"' in at("Brill").get("/").content.decode()


def test_a_group_is_recognised_and_a_case_is_opened_by_the_same_form(house, at, clock):
    client = at("Arden")
    group = id_of(put(client, effect="recognise a group", group="The Coast", members="Brill"))
    case = id_of(put(client, effect="open a case", about="Bridge 7", title="The bridge is out"))
    record = house.hall.nodes["Dorn"].record
    assert record.get(group).body.effect.group == "the-coast"
    assert record.get(case).body.effect.case == "bridge-7"
    assert "it recognises the group the-coast: Brill" in text_of(at("Dorn"), group)


def test_hostile_words_in_a_text_are_shown_as_words(at):
    hostile = "<script>alert(1)</script> {{ desk }} {% url 'now' %} '\"&"
    name = id_of(put(at("Arden"), title=hostile, paragraphs=f"{hostile}\r\n\r\n{hostile}"))
    page = at("Brill").get(f"/proposals/{name}").content.decode()
    assert "<script>alert" not in page
    assert "{{ desk }} {% url &#x27;now&#x27; %}" in page


def test_a_proposal_of_another_organ_is_no_way_in(house, at):
    refused = put(at("Elsin"), title="By an associate")
    assert refused.status_code == 422
    assert "propose in no organ" in refused.content.decode()


def test_no_address_leads_out_of_the_room(at):
    client = at("Arden")
    for back in ("//evil.example", "https://evil.example", "/proposals//evil.example", ""):
        response = client.post("/zone", {"zone": "UTC", "back": back})
        assert response["Location"] == "/"


@pytest.fixture
def with_instruments(house, clock, tmp_path):
    """A house whose council also has a rule that binds those who join, and signatures."""
    text = CHARTER.read_text()
    text = text.replace('rules = ["double-majority", "change"]', 'rules = ["change", "joint"]')
    text = text.replace('procedures = ["vote", "silence"]', 'procedures = ["vote", "signature"]')
    text += """
[rules.joint]
title = "Two who join"
binds = "those who join"
adopt = { in_favour = { at_least = 2 } }

[procedures.signature]
kind = "signature"
"""
    text = text.replace('rule = "double-majority" }', 'rule = "change" }')
    other = House.open(tmp_path / "other", text.encode(), now=clock)
    install(other)
    yield other
    install(house)
    other.close()


def test_a_text_that_failed_to_bind_all_is_opened_to_the_willing(with_instruments, at):
    house = with_instruments
    failed = id_of(put(at("Arden"), rule="change", procedure="vote", title="For all"))
    for member, word in (("Arden", "yes"), ("Brill", "yes"), ("Corve", "no"), ("Dorn", "no")):
        say(at(member), failed, word)
    for _ in range(3):
        house.tick()
    told = text_of(at("Brill"), failed)
    assert "Rejected The rule is not met." in told
    assert "Open the text to whoever joins it" in told
    page = at("Brill").get("/proposals/new", {"effect": "opt in", "after": failed})
    assert "Arden keeps the spare parts." in page.content.decode()
    opened = id_of(
        put(at("Brill"), effect="opt in", rule="joint", procedure="signature", after=failed)
    )
    told = text_of(at("Corve"), opened)
    assert "it binds those who join it." in told
    assert "Open to signature; it has no end." in told
    assert "Sign it This counts as in favour." in told
    assert "Withdraw" not in text_of(at("Brill"), opened)
    for member in ("Arden", "Brill"):
        say(at(member), opened, "yes")
    told = text_of(at("Corve"), opened)
    assert "Adopted Nothing that arrives later" in told
    assert "Sign it" in told
    assert "Sign it" not in text_of(at("Arden"), opened)
    file = at("Corve").get(f"/proposals/{opened}/certificate").content
    assert verify(file, house.hall.nodes["Corve"].coalition).proven
