"""Two hundred hostile inputs for each form: refused in words or done cleanly, and never half."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from zlib import crc32

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from comity.web.house import House, install
from tests.web.conftest import CHARTER, Clock

INPUTS = 200
NOWHERE = "ab" * 32
WORDS = (
    *("", " ", "\n\n", "\x00", "bell\x07", "tab\there", "\ufeff", "soft\xadhyphen", "e\u0301"),
    *("left\u202eright\u202c", "zero\u200bwidth", "\u2028line", "\U000e0041tag", "²", "٣", "Ａ"),
    *("a" * 65, "a" * 201, "a" * 1_001, "a" * 4_001, "word " * 6_000, "\n\n".join("x" * 300)),
    "<hostile-tag hostile-attr=1>",
    '"><hostile-tag hostile-attr=1>',
    "' hostile-attr='1",
    '" hostile-attr="1" x="',
    "</textarea><hostile-tag>",
    "</script><script hostile-attr>alert(1)</script>",
    "javascript:alert(1)//<hostile-tag>",
    "{{ 7|add:7 }}{% now 'Y' %}<hostile-tag>",
    *("%s%n%(x)s", "../../../../etc/passwd", "'; DROP TABLE acts; --", "&lt;hostile-tag&gt;"),
    *("-1", "0", "1", "1e309", "NaN", "Infinity", "9" * 400, "0x10", "1_000", "1.5", "1,5", "+1"),
    *("2026-02-30", "9999-12-31", "0000-00-00", "2026-1-1", "9999-12-31T23:59:59Z", "now"),
    *("null", "[]", "{}", "true", "None", "yes", "no", "withdraw", "update", "cancel", "sign"),
    *("council", "watch", "coalition", "Arden", "Dorn", "whole desk", "admin", "//elsewhere.test"),
    *("/act/../..", "\\\\server\\share", "a\r\nSet-Cookie: b=c", NOWHERE, NOWHERE[:8], "ab" * 16),
)
"""What is put where something else is expected."""


class Tags(HTMLParser):
    """Finds markup of a stranger that became a page's own."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "hostile-tag" or any(name == "hostile-attr" for name, _ in attrs):
            self.found.append(f"{tag} {attrs}")
        for name, value in attrs:
            if name in ("href", "src", "action") and (value or "").startswith("javascript:"):
                self.found.append(f"{tag} {value}")


def markup(answer) -> list[str]:
    if not answer["Content-Type"].startswith("text/html") or b"hostile-" not in answer.content:
        return []
    finder = Tags()
    finder.feed(answer.content.decode())
    return finder.found


class Room:
    """A house with something of everything in it, open and ended; and who sends what to it."""

    def __init__(self, house: House, clock: Clock) -> None:
        from comity.web.desk import desk_for
        from comity.web.models import Person
        from comity.web.tokens import make

        self.house, self.nodes = house, house.hall.nodes
        self.person, _ = Person.objects.get_or_create(name="hostile", defaults={"anywhere": True})
        self.clients = {member: self.sit(member) for member in ("Arden", "Dorn", "Elsin")}
        self.clients["nobody"] = Client(raise_request_exception=False)
        desk = desk_for(house, self.person, "Arden", "whole desk")
        self.token = make(desk, "hostile")
        self.ids = {"ended": self.proposal("Ended"), "withdrawn": self.proposal("Withdrawn")}
        with house.moved():
            self.nodes["Arden"].answer(self.ids["withdrawn"], "withdraw")
            for member in ("Arden", "Brill", "Corve"):
                self.nodes[member].answer(self.ids["ended"], "yes")
        clock.forward(hours=60)
        house.tick()
        house.tick()
        assert self.nodes["Arden"].standing(self.ids["ended"]).settlement.settled
        arden = self.clients["Arden"]
        told = {"organ": "council", "title": "It", "case": "it"}
        arden.post("/alert", told | {"text": "It is.", "severity": "minor"})
        arden.post("/texts/open", told | {"paragraphs": "It is.\n\nSo.", "level": ""})
        arden.post("/pledges/new", told | PLEDGE | {"line": "tents", "step": "sign"})
        arden.post("/talk/council", {"text": "It is said.", "once": "one"})
        self.ids["proposal"] = self.proposal("Open")
        for kind in ("alert", "edit", "pledge"):
            found = self.nodes["Arden"].record.acts(organ="council", kind=kind)
            self.ids["text" if kind == "edit" else kind] = next(iter(found)).id
        kept = house.talk.stores["Arden"].messages("council", most=1)
        self.ids |= {"message": kept[0].message.id, "number": "1"}

    def sit(self, member: str) -> Client:
        from comity.web.views.door import new_link

        client = Client(raise_request_exception=False)
        client.post(f"/enter/{new_link(self.person)}")
        client.post("/desk", {"member": member, "office": "whole desk"})
        return client

    def proposal(self, title: str) -> str:
        fields = PROPOSAL | {"title": title, "paragraphs": title, "step": "sign"}
        answer = self.clients["Arden"].post("/proposals/new", fields)
        assert answer.status_code == 302, answer.content.decode()
        return answer.url.rpartition("/")[2]

    @property
    def kept(self) -> list[int]:
        """How much each node holds, said and talked: equal before and after a refusal."""
        stores = self.house.talk.stores
        return [
            *(node.record.arrived for node in self.nodes.values()),
            *(len(stores[member].messages("council", most=100_000)) for member in self.nodes),
        ]


PROPOSAL = {
    "organ": "council",
    "effect": "adopt",
    "title": "It",
    "paragraphs": "It is.",
    "rule": "double-majority",
    "procedure": "vote",
    "amount": "",
    "unit": "hours",
    "expires": "",
    "case": "it",
    "text": "",
    "after": "",
    "instead": "",
    "about": "it",
    "group": "it",
    "members": "Dorn",
    "obligation": "",
    "because": "",
    "step": "look",
}
PLEDGE = {
    "organ": "council",
    "line": "crews",
    "unit": "crews",
    "obligation": "",
    "quantity": "2",
    "delivered": "",
    "ready": "2027-01-01",
    "caveats": "If it snows.",
    "body": "Assembly",
    "state": "pending",
    "on": "",
    "previous": "",
    "deed": "pledge",
}
RECORD = {
    "kind": "alert",
    "words": "It is said.",
    "title": "It",
    "severity": "minor",
    "case": "it",
    "alert": "{alert}",
    "proposal": "{proposal}",
    "shown": "",
}
TEXT_DEEDS = ["write", "strike", "accept", "insert", "bracket", "resolve", "offer"]

# Every form of the room: its address, and what it would send.
FORMS: dict[str, tuple[str, dict[str, str]]] = {
    "enter-with": ("/enter/no-such-link", {}),
    "leave": ("/leave", {}),
    "language": ("/language", {"language": "fr", "next": "/"}),
    "desk": ("/desk", {"member": "Arden", "office": "whole desk"}),
    "zone": ("/zone", {"zone": "UTC", "back": "/proposals/{proposal}"}),
    "alert": (
        "/alert",
        {"organ": "council", "title": "It", "text": "It.", "severity": "minor", "case": "it"},
    ),
    "receipt": ("/receipt/{alert}", {"back": "/cases/it"}),
    "change-alert": (
        "/alerts/{alert}/change",
        {
            "type": "update",
            "title": "It",
            "text": "Is.",
            "severity": "minor",
            "confirmed": "yes",
        },
    ),
    "attach": ("/cases/it/attach", {"organ": "council", "file": "<file>"}),
    "propose": ("/proposals/new", PROPOSAL),
    "answer": (
        "/proposals/{proposal}/answer",
        {"word": "awaiting instructions", "turn": "0", "kind1": "declaration", "note1": "It is."},
    ),
    "close": ("/proposals/{ended}/close", {"sure": "yes"}),
    "hold": ("/proposals/{proposal}/hold", {"back": "yes"}),
    "open-text": (
        "/texts/open",
        {"organ": "council", "title": "It", "paragraphs": "It is.", "level": "", "case": "it"},
    ),
    "edit-text": (
        "/texts/{text}/edit",
        {
            "deed": "write",
            "paragraph": "1",
            "words": "It was.",
            "instead": "It is",
            "on": "{text}",
            "version": "{text}",
            "bracket": NOWHERE,
            "how": "keep",
            "where": "",
        },
    ),
    "begin-group": (
        "/talk/_new",
        {"organ": "council", "member": "Dorn", "title": "It", "text": "It.", "once": "x"},
    ),
    "thread": ("/talk/council", {"text": "It.", "once": "y"}),
    "delete-talk": ("/talk/council/delete/{message}", {"sure": "yes"}),
    "talk-confirm": ("/talk/council/record/confirm", RECORD),
    "talk-sign": ("/talk/council/record/sign", RECORD),
    "pledge": ("/pledges/new", PLEDGE | {"step": "sign"}),
    "leave-coalition": ("/charter/leave", {"since": "x", "text": "Because.", "step": "look"}),
    "change": (
        "/charter/change",
        {
            "change": "suspend",
            "member": "Elsin",
            "since": "2027-01-01",
            "code": "Fenn",
            "name": "Fenn",
            "standing": "member",
            "iso": "",
            "title": "It",
            "expires": "",
            "amount": "",
            "carried": "",
            "file": "<file>",
            "step": "look",
        },
    ),
    "verify": ("/verify", {"fingerprint": "cd" * 32, "certificate": "<file>"}),
    "tokens": ("/tokens", {"label": "it"}),
    "revoke-token": ("/tokens/{number}/revoke", {"sure": "yes"}),
}
ONCE = {"leave", "desk", "language"}
"""What changes the session that sends it: from a session of its own."""
API = 40
"""Hostile inputs for each call; schemathesis sends more (test_api_fuzzed)."""
CALLS: dict[str, tuple[str, dict[str, object]]] = {
    "api-alerts": (
        "/api/alerts",
        {"organ": "council", "title": "It", "text": "It.", "severity": "minor", "case": "it"},
    ),
    "api-change-alert": ("/api/alerts/{alert}/change", {"type": "update", "text": "It."}),
    "api-receipt": ("/api/alerts/{alert}/receipt", {}),
    "api-texts": ("/api/texts", {"organ": "council", "title": "It", "paragraphs": ["It is."]}),
    "api-edit": (
        "/api/texts/{text}/edit",
        {"deed": "bracket", "paragraph": "1", "words": "It", "instead": "This"},
    ),
    "api-proposals": (
        "/api/proposals",
        {
            "organ": "council",
            "effect": {"kind": "adopt", "paragraphs": ["It."]},
            "rule": "double-majority",
            "procedure": "vote",
            "title": "It",
        },
    ),
    "api-stance": ("/api/proposals/{proposal}/stance", {"word": "no", "turn": 0}),
    "api-closing": ("/api/proposals/{ended}/closing", {}),
    "api-hold": ("/api/proposals/{proposal}/hold", {"back": True}),
    "api-pledges": (
        "/api/pledges",
        {"organ": "council", "line": "boats", "unit": "boats", "quantity": "2"},
    ),
    "api-verify": ("/api/verify", {"certificate": {"certificate": "delivery"}}),
}


@pytest.fixture(scope="module")
def room(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    data, clock = tmp_path_factory.mktemp("hostile"), Clock()
    own = House.open(data, CHARTER.read_bytes(), now=clock)
    install(own)
    try:
        yield Room(own, clock)
    finally:
        install(house)
        own.close()


def inputs(room: Room, name: str) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Yield who sends what where: the same for the same seed, always as many."""
    chance = random.Random(crc32(name.encode()))
    address, usual = FORMS[name]
    names = {key: [value, *room.ids.values(), *WORDS] for key, value in room.ids.items()}
    last: tuple[str, str, dict[str, object]] | None = None
    for number in range(INPUTS):
        if last is not None and number % 10 == 9:
            yield last  # replayed
            continue
        who = chance.choices(("Arden", "Dorn", "Elsin", "nobody"), (12, 2, 2, 1))[0]
        odd = chance.random() < 0.2
        path = re.sub(
            r"\{(\w+)\}",
            lambda m: piece(chance.choice(names[m[1]]) if odd else names[m[1]][0]),  # noqa: B023
            address,
        )
        fields: dict[str, object] = {
            key: re.sub(r"\{(\w+)\}", lambda m: room.ids[m[1]], value)
            for key, value in usual.items()
        }
        if "deed" in fields and name == "edit-text":
            fields["deed"] = chance.choice(TEXT_DEEDS)
        for key in list(fields):
            if fields[key] == "<file>":
                fields[key] = SimpleUploadedFile("it.json", b"{}", "application/json")
        keys = chance.sample(sorted(fields), min(len(fields), chance.choice((1, 1, 1, 2, 3, 99))))
        for key in keys:
            wrong = chance.choice(WORDS)
            match chance.randrange(7):
                case 0:
                    del fields[key]
                case 1:
                    fields[key] = [wrong, str(usual[key])]
                case 2:
                    fields[key] = SimpleUploadedFile(
                        wrong[:60].strip("./\\ \n") or "x", wrong.encode(), "a/b"
                    )
                case 3:
                    fields[key] = chance.choice([*room.ids.values()])
                case _:
                    fields[key] = wrong
        if chance.random() < 0.1:
            fields[chance.choice(WORDS)[:80]] = "<hostile-tag>"
        last = who, path, fields
        yield last


def piece(told: str) -> str:
    """Return words as a part of an address: what no address can have is left out."""
    from urllib.parse import quote

    return quote(told[:300], safe="") or "x"


def test_every_form_is_tried_here(house: House) -> None:
    from comity.web.urls import urlpatterns
    from tests.web.test_exercise_room import FORMS as IN_AN_EXERCISE
    from tests.web.test_matrix import SIGNED

    tried = FORMS.keys() | CALLS.keys() | IN_AN_EXERCISE.keys()
    assert tried == SIGNED.keys() | {"enter-with"}
    assert {one.name for one in urlpatterns} >= FORMS.keys() | CALLS.keys()


@pytest.mark.parametrize("name", sorted(FORMS))
def test_hostile_inputs_are_refused_in_words_or_done_cleanly(room: Room, name: str) -> None:
    seen: dict[int, int] = {}
    alone = room.sit("Arden")
    for who, path, fields in inputs(room, name):
        client = alone if name in ONCE else room.clients[who]
        for value in fields.values():
            if isinstance(value, SimpleUploadedFile):
                value.seek(0)
        before = room.kept
        answer = client.post(path, fields)
        told = f"{who} {path[:200]} {str(fields)[:1_000]}"
        status = answer.status_code
        seen[status] = seen.get(status, 0) + 1
        assert status < 500, told
        assert not markup(answer), told
        if status >= 400:
            assert room.kept == before, f"half done: {told}"
            assert "Traceback" not in answer.content.decode()
            assert refusal(answer), f"{status} without words: {told}"
        elif status in (301, 302):
            assert not re.match(r"[a-z]+:|[/\\]{2}", answer.url), told  # it stays in the room
    assert sum(seen.values()) == INPUTS


def refusal(answer) -> bool:
    """Tell whether a page says what happened and the next step."""
    page = answer.content.decode()
    alert = re.search(r'role="alert"[^>]*>(.*?)</(p|div)>', page, re.DOTALL)
    words = re.sub(r"<[^>]+>", "", alert[1]) if alert else ""
    return len(words.strip()) > 10 or answer.status_code in (401, 405)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_hostile_calls_are_refused_as_json_or_done_cleanly(room: Room, name: str) -> None:
    chance = random.Random(crc32(name.encode()))
    address, usual = CALLS[name]
    wrongs = (*WORDS, None, 7, -1, 2**70, 1.5, True, [], {}, ["x"] * 300, {"kind": "amend"})
    client = Client(raise_request_exception=False)
    headers = {"Authorization": f"Bearer {room.token}"}
    for _ in range(API):
        path = re.sub(
            r"\{(\w+)\}",
            lambda m: chance.choice([room.ids[m[1]]] * 9 + list(room.ids.values())),
            address,
        )
        body = json.loads(json.dumps(usual))
        for key in chance.sample([*body, "more"], 1):
            if chance.random() < 0.2:
                body.pop(key, None)
            else:
                body[key] = chance.choice(wrongs)
        before = room.kept
        sent = json.dumps(body)
        answer = client.post(path, sent, content_type="application/json", headers=headers)
        told = json.loads(answer.content)
        assert answer.status_code < 500, sent[:1_000]
        if answer.status_code != 200:
            assert room.kept == before, f"half done: {sent[:1_000]}"
            assert told["code"], sent
            assert told["error"], sent
            assert told["hint"], sent


def test_no_page_shows_afterwards_what_a_stranger_marked_up(room: Room) -> None:
    from tests.web.test_matrix import READ

    case = {"title": "<hostile-tag hostile-attr=1>", "case": "hostile", "organ": "council"}
    arden = room.clients["Arden"]
    arden.post("/alert", case | {"text": '"><hostile-tag>', "severity": "minor"})
    arden.post("/texts/open", case | {"paragraphs": "' hostile-attr='1", "level": ""})
    shown = 0
    names = room.ids | {"organ": "council", "case": "hostile", "group": "x", "secret": "hostile"}
    names["act"] = room.ids["alert"]
    for member in ("Arden", "Dorn", "Elsin"):
        for template in (one for paths in READ.values() for one in paths):
            path = re.sub(r"\{(\w+)\}", lambda m: names[m[1]], template)
            answer = room.clients[member].get(path)
            assert answer.status_code < 500, path
            if not path.endswith((".docx", ".md")) and not answer.streaming:
                shown += b"hostile-" in answer.content
                assert not markup(answer), path
    acts = [act for kind in ("alert", "propose", "edit", "pledge") for act in
            room.nodes["Dorn"].record.latest(("council",), kind=kind, limit=20)]  # fmt: skip
    for act in acts:
        answer = room.clients["Dorn"].get(f"/act/{act.id}")
        assert answer.status_code == 200
        assert not markup(answer), act
    assert shown > 5, "nothing hostile was on any page: the test says nothing"


def test_the_nodes_are_sound_afterwards(room: Room) -> None:
    """All hold the same, and no clock was needed to mend it."""
    room.house.tick()
    readers = [node for node in room.nodes.values() if "council" in node.organs()]
    ends = {(node.record.heads(organ="council"), node.record.gaps()) for node in readers}
    assert len({heads for heads, _ in ends}) == 1
    assert not any(gaps for _, gaps in ends)
    for node in room.nodes.values():
        assert not node.record.integrity()
        assert not node.record.forks()
