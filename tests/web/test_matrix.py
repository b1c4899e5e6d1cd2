"""Every page, call and stream, tried as every office and as an outsider: nothing outside is seen.

The strongest form of it: what an office is answered, byte for byte, does not change when
things are said in an organ that it does not see; and what is hidden is answered like what
does not exist. A page that is not in the list below fails the test: put it there. What an
exercise shows to whom is tried in test_exercise_room.
"""

from __future__ import annotations

import asyncio
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from difflib import ndiff
from itertools import product

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from comity.core.acts import Act
from comity.core.bodies import (
    Adopt,
    Alert,
    Annotation,
    Attach,
    Bracket,
    Edit,
    OpenText,
    Pledge,
    Propose,
    Receipt,
    Stance,
    Write,
)
from comity.core.strict import spelled
from comity.node.talk import group_id
from comity.web.house import House, install

AT = datetime(2026, 9, 1, 12, tzinfo=UTC)
NOWHERE = "ab" * 32
WHOLE = "whole desk"

# Every pattern of the room, with addresses to ask for. {alert}, {text}, {proposal}, {act},
# {pledge}, {message}, {group} and {case} stand for what was said in an organ, {organ} for it.
READ = {
    "now": ["/", "/?case={case}"],
    "cases": ["/cases"],
    "case": ["/cases/{case}"],
    "alert-page": ["/alerts/{alert}"],
    "delivery": ["/alerts/{alert}/delivery"],
    "proposals": ["/proposals", "/proposals?page=2"],
    "propose": [
        "/proposals/new",
        "/proposals/new?text={text}",
        "/proposals/new?after={proposal}&effect=opt+in",
        "/proposals/new?instead={proposal}",
        "/proposals/new?organ={organ}",
    ],
    "proposal": ["/proposals/{proposal}", "/proposals/{proposal}?part=clock"],
    "answer": ["/proposals/{proposal}/answer?word=yes"],
    "close": ["/proposals/{proposal}/close"],
    "certificate": ["/proposals/{proposal}/certificate"],
    "communique-docx": ["/communique/{text}.docx", "/communique/{proposal}.docx"],
    "communique-md": ["/communique/{text}.md", "/communique/{proposal}.md"],
    "texts": ["/texts", "/texts?organ={organ}"],
    "text": ["/texts/{text}", "/texts/{text}?clean=1"],
    "paragraph": ["/texts/{text}/paragraphs/1", "/texts/{text}/paragraphs/1?on={text}"],
    "talk": ["/talk"],
    "begin-group": ["/talk/_new", "/talk/_new?organ={organ}", "/talk/_new?case={case}"],
    "thread": ["/talk/{organ}", "/talk/{group}", "/talk/{organ}?before=1000"],
    "talk-record": ["/talk/{organ}/record", "/talk/{organ}/record?m={message}"],
    "pledges": ["/pledges"],
    "pledge": ["/pledges/new", "/pledges/new?previous={pledge}"],
    "record": [
        "/record",
        "/record?q={secret}",
        "/record?organ={organ}",
        "/record?before={act}",
        "/record?q={act}",
        "/record?kind=sealed",
        "/record?kind=alert&member=Dorn",
    ],
    "record-faults": ["/record/faults"],
    "act": ["/act/{act}", "/act/{alert}", "/act/{proposal}", "/act/{text}", "/act/{pledge}"],
    "act-file": ["/act/{act}/file"],
    "equivocation": ["/act/{act}/against/{alert}"],
    "organs": ["/organs", "/organs?on=2026-02-01"],
    "organ": ["/organs/watch", "/organs/council"],
    "members": ["/members"],
    "member": ["/members/Dorn", "/members/Arden"],
    "charter": ["/charter"],
    "charter-file": ["/charter/file"],
    "leave-coalition": ["/charter/leave"],
    "change": ["/charter/change", "/charter/change?change=suspension&member=Dorn"],
    "examine": ["/examine"],
    "question": ["/examine/power"],
    "chart": ["/examine/power/0/0.svg"],
    "verify": ["/verify"],
    "tokens": ["/tokens"],
    "exercise": ["/exercise", "/exercise?all=1"],
    "exercise-clock": ["/exercise/clock"],
    "exercise-event": ["/exercise/event"],
    "exercise-change": ["/exercise/coming/{case}"],
    "exercise-why": ["/exercise/why/{act}", "/exercise/why/n0"],
    "exercise-back": ["/exercise/back?to=2026-01-17T13:31"],
    "exercise-leave": ["/exercise/leave"],
    "exercise-report": ["/exercise/report"],
    "exercise-report-file": ["/exercise/report.docx", "/exercise/report.json"],
    "exercise-players": ["/exercise/players"],
    "exercise-again": ["/exercise/again"],
    "enter": ["/enter"],
    "enter-with": ["/enter/no-such-link"],
    "openapi": ["/api/openapi.json"],
    "api-now": ["/api/now"],
    "api-alerts": ["/api/alerts"],
    "api-alert": ["/api/alerts/{alert}"],
    "api-delivery": ["/api/alerts/{alert}/delivery"],
    "api-cases": ["/api/cases"],
    "api-case": ["/api/cases/{case}"],
    "api-texts": ["/api/texts"],
    "api-text": ["/api/texts/{text}"],
    "api-proposals": ["/api/proposals"],
    "api-proposal": ["/api/proposals/{proposal}"],
    "api-certificate": ["/api/proposals/{proposal}/certificate"],
    "api-pledges": ["/api/pledges"],
    "api-organs": ["/api/organs"],
    "api-members": ["/api/members"],
    "api-record": ["/api/record", "/api/record?organ={organ}", "/api/record?before={act}"],
    "api-act": ["/api/acts/{act}", "/api/acts/{pledge}"],
    "api-unknown": ["/api/no/such/call"],
}

# What is sent where something is signed: with what is hidden in it, and with what does not exist.
SIGNED = {
    "alert": [("/alert", {"organ": "{organ}", "title": "x", "text": "x", "severity": "minor"})],
    "receipt": [("/receipt/{alert}", {})],
    "change-alert": [("/alerts/{alert}/change", {"type": "cancel", "text": "x"})],
    "attach": [("/cases/{case}/attach", {"organ": "{organ}"})],
    "propose": [
        ("/proposals/new", {"step": "sign", "organ": "{organ}", "text": "{text}"}),
        ("/proposals/new", {"step": "look", "instead": "{proposal}"}),
    ],
    "answer": [("/proposals/{proposal}/answer", {"word": "yes", "turn": "0"})],
    "close": [("/proposals/{proposal}/close", {})],
    "hold": [("/proposals/{proposal}/hold", {"back": "yes"})],
    "open-text": [("/texts/open", {"organ": "{organ}", "title": "x", "paragraphs": "x"})],
    "edit-text": [("/texts/{text}/edit", {"paragraph": "1", "deed": "strike", "on": "{text}"})],
    "begin-group": [("/talk/_new", {"organ": "{organ}", "member": "Dorn", "title": "x"})],
    "thread": [("/talk/{group}", {"text": "x", "once": "x"})],
    "delete-talk": [("/talk/{group}/delete/{message}", {}), ("/talk/council/delete/{message}", {})],
    "talk-confirm": [("/talk/{group}/record/confirm", {"kind": "text", "words": "x"})],
    "talk-sign": [("/talk/{group}/record/sign", {"kind": "text", "words": "x"})],
    "pledge": [
        ("/pledges/new", {"step": "sign", "previous": "{pledge}", "quantity": "1"}),
        ("/pledges/new", {"step": "sign", "organ": "{organ}", "line": "x", "quantity": "1"}),
    ],
    "leave-coalition": [("/charter/leave", {"step": "look"})],
    "change": [("/charter/change", {"change": "amendment", "step": "look"})],
    "verify": [("/verify", {"fingerprint": "x"})],
    "tokens": [("/tokens", {"label": ""})],
    "revoke-token": [("/tokens/1/revoke", {})],
    "exercise-clock": [("/exercise/clock", {"deed": "end"})],
    "exercise-event": [("/exercise/event", {"kind": "news", "title": "x"})],
    "exercise-change": [("/exercise/coming/{case}", {"title": "x"})],
    "exercise-back": [("/exercise/back", {"to": "2026-01-17T13:31"})],
    "exercise-script": [("/exercise/script/{case}", {})],
    "exercise-leave": [("/exercise/leave", {})],
    "exercise-report": [("/exercise/report", {"lessons": "x"})],
    "exercise-seat": [("/exercise/seat", {"member": "Dorn", "deed": "sit"})],
    "exercise-again": [("/exercise/again", {})],
    "desk": [("/desk", {"member": "Nobody", "office": "{organ}"})],
    "zone": [("/zone", {"zone": "x", "back": "/proposals/{proposal}"})],
    "language": [("/language", {"language": "x"})],
    "leave": [],
    "api-alerts": [
        ("/api/alerts", {"organ": "{organ}", "title": "x", "text": "x", "severity": "minor"})
    ],
    "api-change-alert": [("/api/alerts/{alert}/change", {"type": "cancel", "text": "x"})],
    "api-receipt": [("/api/alerts/{alert}/receipt", {})],
    "api-texts": [("/api/texts", {"organ": "{organ}", "title": "x", "paragraphs": ["x"]})],
    "api-edit": [
        ("/api/texts/{text}/edit", {"deed": "strike", "paragraph": "1", "on": ["{text}"]})
    ],
    "api-proposals": [
        (
            "/api/proposals",
            {
                "organ": "council",
                "rule": "double-majority",
                "procedure": "vote",
                "text": "{text}",
                "effect": {"kind": "opt in", "paragraphs": ["x"], "after": "{proposal}"},
            },
        ),
        (
            "/api/proposals",
            {
                "organ": "council",
                "rule": "double-majority",
                "procedure": "vote",
                "instead": "{proposal}",
                "effect": {"kind": "adopt", "paragraphs": ["x"]},
            },
        ),
    ],
    "api-stance": [("/api/proposals/{proposal}/stance", {"word": "yes"})],
    "api-closing": [("/api/proposals/{proposal}/closing", {})],
    "api-hold": [("/api/proposals/{proposal}/hold", {"back": True})],
    "api-pledges": [("/api/pledges", {"quantity": "1", "previous": "{pledge}"})],
    "api-verify": [("/api/verify", {"certificate": {}})],
}
STREAMS = {"live"}
LIVE = ("now", "cases", "case", "alert-page", "proposals", "proposal", "texts", "text", "paragraph")
LIVE += ("talk", "thread", "pledges", "record")
"""What answers an open page with a part of it."""


@dataclass
class Said:
    """What was said in an organ: secret words, ids by kind, and all ids."""

    organ: str
    secret: str
    names: dict[str, str] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)

    @property
    def never(self) -> set[str]:
        """What nobody outside may ever see, not even the first digits of an id."""
        ids = {act.id[:12] for act in self.acts}
        return {self.secret, self.names["message"], self.names["group"], *ids}


NOTHING = {
    **dict.fromkeys(("alert", "text", "proposal", "pledge", "act"), NOWHERE),
    "message": "ab" * 16,
    "group": "g-" + "ab" * 15,
    "case": "no-such-case",
    "organ": "nowhere",
    "secret": "zqnothing",
}


@dataclass
class Seat:
    """Somebody at a desk: a browser, and a program with a token."""

    member: str
    office: str
    client: Client
    token: str
    organs: tuple[str, ...]

    def get(self, path: str, *, live: bool = False) -> tuple[object, ...]:
        headers = {"HX-Request": "true"} if live else {}
        if path.startswith("/api/"):
            headers = {"Authorization": f"Bearer {self.token}"}
        return plain(path, self.client.get(path, headers=headers))

    def post(self, path: str, fields: dict[str, object]) -> tuple[object, ...]:
        if path.startswith("/api/"):
            headers = {"Authorization": f"Bearer {self.token}"}
            answer = self.client.post(
                path, json.dumps(fields), content_type="application/json", headers=headers
            )
        else:
            answer = self.client.post(path, fields)
        return plain(path, answer)


def plain(path: str, answer) -> tuple[object, ...]:
    """Return an answer without what differs each time by its nature."""
    data = answer.getvalue()
    if path.endswith(".docx") and answer.status_code == 200:
        data = zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml")
    text = data.decode("utf-8", "replace")
    text = re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]+', r"\1", text)
    text = re.sub(r'(name="once" value=")[^"]+', r"\1", text)
    text = re.sub(r'nonce="[^"]+"', "", text)
    if path == "/tokens":
        text = re.sub(r"\d\d \w{3} \d{4} \d\d:\d\d UTC|never", "", text)
    told = {name: answer.get(name, "") for name in ("Content-Type", "Location", "Allow")}
    return answer.status_code, tuple(told.items()), text


class Room:
    """A house whose clock stands still, with somebody in each office of every member."""

    def __init__(self, house: House) -> None:
        from comity.web.desk import desk_for, offices
        from comity.web.models import Appointment, Person
        from comity.web.tokens import make
        from comity.web.views.door import new_link

        self.house, self.seats, self.count = house, [], 0
        for member in house.hall.nodes:
            anybody = Person(name="", anywhere=True)
            for office in offices(house, anybody, member):
                person, _ = Person.objects.get_or_create(name=f"matrix, {member}, {office}")
                Appointment.objects.get_or_create(person=person, member=member, office=office)
                client = Client()
                client.post(f"/enter/{new_link(person)}")
                desk = desk_for(house, person, member, office)
                self.seats.append(Seat(member, office, client, make(desk, "matrix"), desk.organs))
        person, _ = Person.objects.get_or_create(name="matrix, nobody in particular")
        self.unappointed = Client()
        self.unappointed.post(f"/enter/{new_link(person)}")

    def outside(self, organ: str) -> list[Seat]:
        """Return who does not see an organ; one of several offices that see the same."""
        found = [seat for seat in self.seats if organ not in seat.organs]
        return list({(seat.member, seat.organs): seat for seat in found}.values())

    def inside(self, organ: str) -> list[Seat]:
        return [seat for seat in self.seats if organ in seat.organs]

    def speak(self, organ: str, seen: Said | None = None) -> Said:
        """Say one of everything in an organ, about things there and about things said elsewhere."""
        house, self.count = self.house, self.count + 1
        secret = f"zq{organ}{self.count}"
        said = Said(organ, secret)
        nodes = house.hall.nodes
        one, other = [m for m, node in nodes.items() if organ in node.organs()][-2:]
        if organ in ("watch", "council"):
            one, other = "Dorn", "Brill"

        def say(member: str, body) -> str:
            act = nodes[member].say(organ, body)
            said.acts.append(act)
            return act.id

        case = f"{secret}-case"
        with house.moved():
            alert = say(one, Alert(secret, secret, "severe", case=case))
            say(one, Alert(secret, secret, "minor", type="update", about=(alert,), case=case))
            text = say(one, Edit(OpenText(secret, (secret, "Clean.")), case=case))
            pledge = say(other, Pledge(f"{secret}", "7", secret, case=case, caveats=(secret,)))
            say(one, Attach("cd" * 32, f"{secret}.txt", "text/plain", 7, case=case))
            proposal = self._propose(organ, one, secret, case, say)
        with house.moved():
            say(other, Receipt(alert, spelled(AT)))
            say(other, Edit(Write("1", f"{secret} anew", (text,)), text=text))
            say(one, Edit(Bracket("2", "Clean", secret), text=text))
            say(other, Stance(proposal, 1, "yes", None, (Annotation("declaration", secret),)))
            if seen is not None:  # what names things that others see, from a place they do not
                about = seen.names
                say(other, Receipt(about["alert"], spelled(AT)))
                say(other, Edit(Write("1", secret, (about["text"],)), text=about["text"]))
                say(one, Edit(Bracket("2", "Clean", secret), text=about["text"]))
                say(other, Stance(about["proposal"], 1, "objection", None))
                say(one, Pledge(secret, "9", secret, previous=about["pledge"]))
                say(one, Alert(secret, secret, "minor", case=about["case"]))
                say(one, Alert(secret, secret, "minor", type="cancel", about=(about["alert"],)))
                say(one, Attach("ce" * 32, secret, "text/plain", 7, to=about["alert"]))
                say(one, Attach("cf" * 32, secret, "text/plain", 7, case=about["case"]))
                say(other, Pledge("crews", "7", "crews", "ambulance", case=about["case"]))
                say(other, Edit(OpenText(secret, (secret,)), case=about["case"]))
                self._propose(organ, one, f"{secret} of a case", about["case"], say)
        with house.talking() as talk:
            message = talk.say(
                one, organ, "somebody", f"{secret} @{other}", thread=organ, organ=organ, once=secret
            )
            group = group_id(one, secret)
            talk.say(
                *(one, organ, "somebody", secret),
                thread=group,
                organ=organ,
                once=secret,
                title=secret,
                group=(one, other),
                case=case if seen is None else seen.names["case"],
            )
        said.names = {
            "alert": alert,
            "text": text,
            "proposal": proposal,
            "pledge": pledge,
            "act": said.acts[-1].id,
            "message": message.id,
            "group": group,
            "case": case,
            "organ": organ,
            "secret": secret,
        }
        house.tick()
        return said

    def _propose(self, organ: str, member: str, words: str, case: str, say) -> str:
        node, until = self.house.hall.nodes[member], AT + timedelta(days=2)
        charter = node.under.charter
        where = charter.organs.get(organ)
        return say(
            member,
            Propose(
                words,
                Adopt((words,)),
                node.under.charter_hash,
                where.rules[0] if where else "double-majority",
                where.procedures[0] if where else "vote",
                until.date().isoformat(),
                charter.roster(organ if where else "council", until.date()),
                spelled(until),
                case,
            ),
        )


@pytest.fixture(scope="module")
def room(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    from comity.web.questions import ask_first
    from tests.web.conftest import CHARTER

    data = tmp_path_factory.mktemp("matrix")
    own = House.open(data, CHARTER.read_bytes(), now=lambda: AT)
    install(own)
    ask_first(next(iter(own.hall.nodes.values())).under)
    try:
        yield Room(own)
    finally:
        install(house)
        own.close()


@pytest.fixture(scope="module")
def base(room: Room) -> dict[str, Said]:
    """One of everything in each organ."""
    found = {"coalition": room.speak("coalition")}
    found["council"] = room.speak("council", found["coalition"])
    found["watch"] = room.speak("watch", found["coalition"])
    return found


@pytest.fixture(scope="module")
def named_elsewhere(room: Room, base: dict[str, Said]) -> Said:
    """What is said in the council, and named in the watch."""
    return room.speak("council")


def filled(template: object, names: dict[str, str]) -> object:
    if isinstance(template, str):
        return re.sub(r"\{(\w+)\}", lambda m: names[m[1]], template)
    if isinstance(template, dict):
        return {key: filled(value, names) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(value, names) for value in template]
    return template


def different(one: tuple[object, ...], other: tuple[object, ...]) -> list[str]:
    """Return the lines that tell two answers apart."""
    if one == other:
        return []
    pieces = [re.split(r"(?<=>)", f"{told[0]} {told[1]}\n{told[2]}") for told in (one, other)]
    return [line for line in ndiff(*pieces) if line[:1] in "+-"] or ["something"]


def unnamed(answer: tuple[object, ...], names: dict[str, str]) -> tuple[object, ...]:
    """Return an answer with what was asked for left out: an address may be told again."""
    text = str(answer[2]) + str(answer[1])
    for name in sorted({*names.values(), *NOTHING.values()}, key=len, reverse=True):
        text = text.replace(name, "~").replace(name[:12], "~")
    return answer[0], text


def test_every_address_of_the_room_is_tried_here(house: House) -> None:
    from comity.web.urls import urlpatterns

    assert {one.name for one in urlpatterns} == READ.keys() | SIGNED.keys() | STREAMS


@pytest.mark.parametrize("organ", ["watch", "council"])
def test_nothing_that_an_office_is_answered_changes_by_what_it_does_not_see(
    room, base, named_elsewhere, organ
):
    seats = room.outside(organ)
    assert seats
    seen = [said for said in base.values() if said.organ != organ]
    asked = sorted(
        {filled(one, said.names) for said in (*seen,) for paths in READ.values() for one in paths}
    )

    parts = {filled(one, base["coalition"].names) for name in LIVE for one in READ[name]}
    for seat, other in product(seats, seen):  # what was read once is new no more
        seat.get(f"/talk/{other.organ}")
        seat.get(f"/talk/{other.names['group']}")

    def answers() -> dict[tuple[str, str, str, bool], tuple[object, ...]]:
        return {
            (seat.member, seat.office, path, live): seat.get(path, live=live)
            for seat in seats
            for path in asked
            if "{" not in path
            for live in ((False, True) if path in parts else (False,))
        }

    before = answers()
    said = room.speak(organ, base["coalition"])
    also = room.speak(organ, named_elsewhere) if organ == "watch" else said
    after = answers()
    changed = {key: different(before[key], after[key]) for key in before}
    assert not {key: told for key, told in changed.items() if told}
    for key, answer in after.items():
        told = str(answer[2])
        for hidden in (*said.never, *also.never, *base[organ].never):
            assert hidden not in told.replace(key[2], ""), key


@pytest.mark.parametrize("organ", ["watch", "council"])
def test_what_is_hidden_is_answered_like_what_does_not_exist(room, base, organ):
    hidden = base[organ]
    for seat, (name, paths) in product(room.outside(organ), READ.items()):
        for template in (one for one in paths if "{" in one):
            for live in (False, True) if name in LIVE else (False,):
                there = seat.get(filled(template, hidden.names), live=live)
                nowhere = seat.get(filled(template, NOTHING), live=live)
                assert unnamed(there, hidden.names) == unnamed(nowhere, hidden.names), template


@pytest.mark.parametrize("organ", ["watch", "council"])
def test_what_is_hidden_cannot_be_signed_about_and_the_refusal_says_nothing(room, base, organ):
    hidden = base[organ]
    arrived = [node.record.arrived for node in room.house.hall.nodes.values()]
    for seat, forms in product(room.outside(organ), SIGNED.values()):
        for template, fields in forms:
            there = seat.post(filled(template, hidden.names), filled(fields, hidden.names))
            nowhere = seat.post(filled(template, NOTHING), filled(fields, NOTHING))
            assert unnamed(there, hidden.names) == unnamed(nowhere, hidden.names), template
            assert hidden.secret not in str(there)
            assert there[0] in (200, 302, 404, 405, 422, 401, 403), (template, there)
    assert arrived == [node.record.arrived for node in room.house.hall.nodes.values()]


def test_what_was_said_is_seen_by_those_whom_it_is_for(room, base):
    """Were nothing shown to anybody, the tests above would say nothing."""
    for said in base.values():
        for seat in room.inside(said.organ):
            for name in ("alert-page", "text", "proposal", "case", "thread", "act", "api-act"):
                status, _, told = seat.get(filled(READ[name][0], said.names))
                assert status == 200, (seat.member, seat.office, name)
                assert said.secret in told, name
            assert f"/act/{said.names['alert']}" in searched(seat, said.secret)


def searched(seat, words):
    """Return all pages of a search: other tests may have said so much that one does not do."""
    pages, before = [], ""
    while True:
        pages.append(str(seat.get(f"/record?q={words}&kind=alert{before}")[2]))
        older = re.search(r"[?&;]before=([0-9a-f]{64})", pages[-1])
        if older is None:
            return "".join(pages)
        before = f"&before={older[1]}"


def test_an_outsider_sees_nothing_at_all(room, base):
    """Signed in without an appointment, or not at all: the door, whatever is asked for."""
    hidden = {one for said in base.values() for one in said.never}
    for client, (name, paths) in product((room.unappointed, Client()), READ.items()):
        for template, said in product(paths, base.values()):
            path = filled(template, said.names)
            answer = client.get(path)
            if name == "openapi":
                assert answer.status_code == 200
                continue
            assert answer.status_code in (302, 401), path
            told = answer.content.decode()
            assert not any(one in told.replace(path, "") for one in hidden)
            if answer.status_code == 302:
                assert answer.url == "/enter"
    for client, forms in product((room.unappointed, Client()), SIGNED.values()):
        for template, fields in forms:
            names = base["council"].names
            path = filled(template, names)
            content = {"content_type": "application/json"} if path.startswith("/api/") else {}
            answer = client.post(path, filled(fields, names), **content)
            assert answer.status_code in (302, 401), path


def test_the_token_of_another_desk_sees_what_that_desk_sees(room, base):
    """A cookie and a token together are the token's desk: neither lends the other its eyes."""
    for organ in ("watch", "council"):
        insider, outsider = room.inside(organ)[0], room.outside(organ)[0]
        path = f"/api/alerts/{base[organ].names['alert']}"
        for client, token, status in (
            (insider.client, outsider.token, 404),
            (outsider.client, insider.token, 200),
            (room.unappointed, outsider.token, 404),
        ):
            headers = {"Authorization": f"Bearer {token}"}
            assert client.get(path, headers=headers).status_code == status


@pytest.mark.parametrize("organ", ["watch", "council"])
def test_the_stream_says_nothing_of_what_is_not_seen(room, base, organ):
    from comity.web.desk import Desk
    from comity.web.models import Person
    from comity.web.views.live import _news

    async def heard(seat: Seat) -> list[str]:
        desk = Desk(room.house, Person(name="", anywhere=True), seat.member, seat.office)
        news = _news(desk)
        told = [await anext(news)]
        waiting = asyncio.ensure_future(anext(news))
        await asyncio.sleep(0.01)
        await sync_to_async(room.speak)(organ, base["coalition"])
        assert not waiting.done()
        await sync_to_async(room.speak)("coalition")
        told.append(await asyncio.wait_for(waiting, 10))
        return told

    seat = room.outside(organ)[0]
    told = asyncio.run(heard(seat))
    assert organ not in "".join(told)
    assert "coalition" in told[1]


def test_a_failure_tells_nothing(room, base, monkeypatch):
    """The page of a broken room says what it always says."""
    from comity.web.desk import Desk

    secret = base["watch"].secret

    def fail(*_: object, **__: object) -> None:
        raise ValueError(secret)

    monkeypatch.setattr(Desk, "acts", fail)
    monkeypatch.setattr(Desk, "about", fail)
    monkeypatch.setattr("comity.web.views.now.unconfirmed", fail)
    seat = room.outside("watch")[0]
    client = seat.client
    client.raise_request_exception = False
    try:
        answers = [client.get("/"), client.get("/cases"), client.get("/pledges")]
        api = client.get("/api/now", headers={"Authorization": f"Bearer {seat.token}"})
    finally:
        client.raise_request_exception = True
    for answer in (*answers, api):
        assert answer.status_code == 500
        assert secret not in answer.content.decode()
        assert "Traceback" not in answer.content.decode()
