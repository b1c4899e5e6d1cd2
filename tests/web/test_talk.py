"""Talk in the room: who sees it, when it is gone, and what of it becomes an act."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from comity.core.bodies import Alert, Edit, OpenText, Propose, Stance
from comity.web.house import House
from tests.web.conftest import CHARTER, Clock

if TYPE_CHECKING:  # its models need a house first
    from comity.web.desk import Desk

WHOLE = "whole desk"
At = Callable[..., Client]
_ONCE = re.compile(r'name="once" value="(\w+)"')


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return html.unescape(plain(answer.content))


def plain(content: bytes) -> str:
    """What a page says, without the value that differs each time."""
    return re.sub(r'(csrfmiddlewaretoken" value=")\w+', r"\1", content.decode())


def say(client: Client, thread: str, text: str) -> None:
    once = _ONCE.search(page(client, f"/talk/{thread}"))
    assert once
    answer = client.post(f"/talk/{thread}", {"text": text, "once": once[1]})
    assert answer.status_code == 302, answer.content


def group(client: Client, title: str, *members: str, text: str = "first words") -> str:
    once = _ONCE.search(page(client, "/talk/_new?organ=council"))
    assert once
    fields = {"organ": "council", "title": title, "member": members, "text": text, "once": once[1]}
    answer = client.post("/talk/_new", fields)
    assert answer.status_code == 302, answer.content
    return str(answer["Location"]).rpartition("/")[2]


def message_id(house: House, member: str, text: str) -> str:
    store = house.talk.stores[member]
    for last in store.last():
        for kept in store.messages(last.message.thread):
            if kept.message.text == text:
                return kept.message.id
    raise AssertionError(text)


def desk_of(house: House, member: str, office: str = WHOLE) -> Desk:
    from comity.web.desk import Desk
    from comity.web.models import Person

    person, _ = Person.objects.get_or_create(name=f"{member}, {office}")
    return Desk(house, person, member, office)


def acts(house: House, member: str, kind: str) -> list[str]:
    return [act.id for act in house.hall.nodes[member].record.acts(kind=kind)]


# Saying and seeing.


def test_what_is_said_is_read_at_once_by_those_who_read_the_organ(at: At) -> None:
    say(at("Arden"), "council", "The ferry is late, @brill")
    told = page(at("Brill"), "/talk/council")
    assert "The ferry is late, " in told
    assert '<b class="call">@brill</b>' in told
    assert "calls you" in told
    assert "gone on" in told
    assert "The ferry is late" in page(at("Corve", "council"), "/talk/council")


def test_markup_in_talk_is_words(at: At) -> None:
    say(at("Arden"), "council", "<script>alert(1)</script> & <b>so</b>")
    raw = at("Brill").get("/talk/council").content.decode()
    assert "<script>alert(1)" not in raw
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;so&lt;/b&gt;" in raw


def test_unread_words_are_counted_until_they_are_seen_and_now_shows_who_calls(at: At) -> None:
    dorn = at("Dorn")
    page(dorn, "/talk/council")
    assert "Nothing unread." in page(dorn, "/talk")
    say(at("Arden"), "council", "One for @Dorn")
    assert "1 unread message" in page(dorn, "/talk")
    assert "You are called in Council" in page(dorn, "/")
    assert "Nothing unread." in page(at("Arden"), "/talk")  # one's own words are not news
    page(dorn, "/talk/council")
    assert "Nothing unread." in page(dorn, "/talk")
    assert "You are called in" not in page(dorn, "/")


def test_the_same_form_sent_twice_says_it_once(at: At) -> None:
    client = at("Arden")
    for _ in range(2):
        client.post("/talk/council", {"text": "said once only", "once": "abc"})
    assert page(at("Brill"), "/talk/council").count("said once only") == 1


def test_a_part_of_the_page_answers_an_open_page(at: At) -> None:
    part = at("Arden").get("/talk/council", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'name="text"' not in part
    assert "<html" not in at("Arden").get("/talk", headers={"HX-Request": "true"}).content.decode()


def test_a_group_begun_twice_is_one(at: At) -> None:
    client = at("Arden")
    fields = {"organ": "council", "title": "Twice", "member": ["Brill"], "text": "x", "once": "o"}
    first, second = (client.post("/talk/_new", fields)["Location"] for _ in range(2))
    assert first == second
    assert page(client, "/talk").count(">Twice<") == 1


# Nothing for others' eyes.


def test_a_group_is_not_there_for_whoever_is_not_in_it(at: At, house: House) -> None:
    name = group(at("Arden"), "Quiet ferry", "Brill", text="hush words")
    said = message_id(house, "Arden", "hush words")
    assert "Quiet ferry" in page(at("Brill"), "/talk")
    assert "hush words" in page(at("Brill"), f"/talk/{name}")
    for client in (at("Corve"), at("Elsin"), at("Brill", "watch"), Client()):
        there = client.get(f"/talk/{name}")
        never = client.get("/talk/t_000000000000000000000000")
        assert there.status_code == never.status_code != 200
        assert plain(there.content) == plain(never.content)
        assert "Quiet ferry" not in client.get("/talk").content.decode()
        assert "Quiet ferry" not in client.get("/").content.decode()
        for address in ("", f"/delete/{said}", "/record/confirm", "/record/sign"):
            answer = client.post(f"/talk/{name}{address}", {"text": "let me in", "once": "1"})
            assert answer.status_code in (302, 404)
        assert client.get(f"/talk/council/record?m={said}").status_code in (302, 404)
    assert "let me in" not in page(at("Arden"), f"/talk/{name}")


def test_an_office_sees_the_talk_of_its_organ_alone(at: At) -> None:
    say(at("Arden"), "council", "for the council only")
    for client in (at("Brill", "watch"), at("Elsin")):
        assert client.get("/talk/council").status_code == 404
        assert "for the council only" not in page(client, "/talk")
        assert client.get("/talk/_new?organ=council").status_code == 422
    assert "for the council only" in page(at("Arden", "council"), "/talk")


def test_counts_and_the_stream_tell_only_those_who_hear(at: At, house: House) -> None:
    desks = {m: desk_of(house, m) for m in ("Arden", "Brill", "Corve", "Elsin")}
    watch = desk_of(house, "Brill", "watch")
    before = {m: desk.versions() for m, desk in desks.items()} | {"watch": watch.versions()}
    unread = page(at("Corve"), "/talk")
    group(at("Arden"), "Counted", "Brill")
    changed = {m for m, desk in desks.items() if desk.versions() != before[m]}
    assert changed == {"Arden", "Brill"}
    assert watch.versions() == before["watch"]
    assert page(at("Corve"), "/talk") == unread
    assert "council" in before["Corve"]
    assert desks["Brill"].versions()["council"] == before["Brill"]["council"]  # no act


async def first_news(desk: Desk, then: Callable[[], None]) -> str:
    from comity.web.views.live import _news

    stream = _news(desk)
    await anext(stream)
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0.05)
    await asyncio.to_thread(then)
    done, _ = await asyncio.wait({waiting}, timeout=0.6)
    waiting.cancel()
    return waiting.result() if done else ""


def test_one_account_has_so_many_streams_and_others_have_theirs(house, monkeypatch):
    from django.test import AsyncRequestFactory

    from comity.web.views import live

    monkeypatch.setattr(live, "MOST_OF_ONE", 2)
    desks = {name: desk_of(house, name) for name in ("Arden", "Brill")}
    for number, desk in enumerate(desks.values()):
        desk.person.pk = -1 - number

    async def ask(name: str):
        request = AsyncRequestFactory().get("/live")
        request.desk = desks[name]
        return await live.live(request)

    async def run() -> None:
        late = await ask("Arden")
        open_ones = [aiter(await ask("Arden")) for _ in range(2)]
        for stream in open_ones:
            assert b"hello" in await anext(stream)
        refused = await ask("Arden")
        assert refused.status_code == 429
        assert "close some" in refused.content.decode()
        assert [told async for told in late] == []  # asked for before the others were open
        other = aiter(await ask("Brill"))
        assert b"hello" in await anext(other)
        open_ones.clear()
        del stream, other
        await asyncio.sleep(0.05)
        assert (await ask("Arden")).status_code == 200

    asyncio.run(run())
    assert not live._open


def test_what_comes_between_a_page_and_its_stream_is_told_when_the_stream_begins(at, house) -> None:
    from django.test import AsyncRequestFactory

    from comity.web.views import live

    page = at("Brill").get("/").content.decode()
    shown = re.search(r'sse-connect="/live\?shown=([0-9a-f]{16})"', page)[1]

    async def begun(desk: Desk) -> list[bytes]:
        request = AsyncRequestFactory().get("/live", {"shown": shown})
        request.desk = desk
        stream = aiter(await live.live(request))
        told = [await anext(stream)]
        with suppress(TimeoutError):
            told.append(await asyncio.wait_for(anext(stream), 0.2))
        return told

    assert len(asyncio.run(begun(desk_of(house, "Brill")))) == 1, "nothing came between"
    fields = {"title": "Between", "text": "x", "severity": "minor", "organ": "council"}
    assert at("Arden").post("/alert", fields).status_code == 302
    hello, changed = asyncio.run(begun(desk_of(house, "Brill")))
    assert b"hello" in hello
    assert b"event: changed" in changed
    assert b"council" in changed


def test_the_stream_itself_is_silent_for_outsiders(at: At, house: House) -> None:
    name = group(at("Arden"), "Streamed", "Brill")

    def talk() -> None:
        with house.talking() as all_talk:
            all_talk.say(
                "Arden", WHOLE, "Arden, whole desk", "new words", thread=name,
                organ="council", once=str(len(house.changes)), title="Streamed",
                group=("Arden", "Brill"),
            )  # fmt: skip
            all_talk.say(
                "Arden", WHOLE, "Arden, whole desk", "more words", thread=name,
                organ="council", once="2" + str(house.changes.total()), title="Streamed",
                group=("Arden", "Brill"),
            )  # fmt: skip

    assert "talk council" in asyncio.run(first_news(desk_of(house, "Brill"), talk))
    assert asyncio.run(first_news(desk_of(house, "Corve"), talk)) == ""
    assert asyncio.run(first_news(desk_of(house, "Brill", "watch"), talk)) == ""


# Deleting and being gone.


def test_ones_own_message_is_deleted_and_anothers_is_not(at: At, house: House) -> None:
    say(at("Arden"), "council", "a slip of the tongue")
    name = message_id(house, "Arden", "a slip of the tongue")
    assert at("Brill").post(f"/talk/council/delete/{name}").status_code == 422
    assert f"delete/{name}" not in page(at("Brill"), "/talk/council")
    assert "a slip of the tongue" in page(at("Brill"), "/talk/council")
    assert at("Arden").post(f"/talk/council/delete/{name}").status_code == 302
    told = page(at("Brill"), "/talk/council")
    assert "a slip of the tongue" not in told
    assert "deleted by Arden" in told
    assert "a slip of the tongue" not in page(at("Brill"), "/talk")


def test_talk_past_its_retention_is_on_no_page_and_in_no_file(
    at: At, house: House, clock: Clock
) -> None:
    say(at("Arden"), "council", "soon forgotten")
    name = group(at("Arden"), "Soon gone", "Brill")
    before = at("Brill").get("/talk").content.decode()
    assert "Soon gone" in before
    clock.forward(days=30)
    try:
        assert "soon forgotten" not in page(at("Brill"), "/talk/council")  # before any purge
        assert at("Brill").get(f"/talk/{name}").status_code == 404
        house.tick()
        store = house.talk.stores["Brill"]
        assert store._rows("SELECT count(*) FROM messages") == [(0,)]
        assert store._rows("SELECT count(*) FROM keys") == [(0,)]
        assert store.path.with_name("talk.sqlite-wal").stat().st_size == 0
        assert "Soon gone" not in page(at("Brill"), "/talk")
    finally:
        clock.passed -= timedelta(days=30)


def test_a_house_purges_before_anybody_comes_in(tmp_path: Path) -> None:
    clock = Clock()
    charter = CHARTER.read_bytes()
    first = House.open(tmp_path / "house", charter, now=clock)
    with first.talking() as talk:
        talk.say("Arden", WHOLE, "Ann", "old words", thread="council", organ="council", once="1")
    box = first.talk.stores["Brill"]._rows("SELECT box FROM messages")[0][0]
    first.close()
    clock.forward(days=31)
    again = House.open(tmp_path / "house", charter, now=clock)
    try:
        files = [p for p in (tmp_path / "house").rglob("*") if p.is_file()]
        assert any(p.name == "talk.sqlite" for p in files)
        assert not any(box[:24] in p.read_bytes() for p in files)
        assert again.talk.stores["Brill"].last() == ()
    finally:
        again.close()


# Put on record.


def fields_of(kind: str, words: str, **more: str) -> dict[str, str]:
    return {"kind": kind, "words": words, **more}


def shown_on(told: str) -> str:
    found = re.search(r'name="shown" value="(\w{64})"', told)
    assert found
    return found[1]


def put(client: Client, fields: dict[str, str], thread: str = "council") -> str:
    answer = client.post(f"/talk/{thread}/record/confirm", fields)
    assert answer.status_code == 200, answer.content
    told = html.unescape(answer.content.decode())
    for _ in range(2):  # pressed twice
        done = client.post(f"/talk/{thread}/record/sign", {**fields, "shown": shown_on(told)})
        assert done.status_code == 302, done.content
    return told


def test_chosen_words_open_a_text_once_and_nothing_else_goes_along(at: At, house: House) -> None:
    say(at("Brill"), "council", "We will share the ferry.")
    say(at("Arden"), "council", "Each pays half of it.")
    names = [
        message_id(house, "Arden", text)
        for text in ("We will share the ferry.", "Each pays half of it.")
    ]
    chosen = page(at("Arden"), f"/talk/council/record?m={names[0]}&m={names[1]}")
    words = "We will share the ferry.\n\nEach pays half of it."
    assert words in chosen
    before = acts(house, "Arden", "edit")
    told = put(at("Arden"), fields_of("text", words, title="The shared ferry"))
    assert "Each pays half of it." in told
    assert "Signed for Arden" in told
    (made,) = set(acts(house, "Dorn", "edit")) - set(before)
    act = house.hall.nodes["Dorn"].record.get(made)
    assert act
    assert act.member == "Arden"
    assert act.body == Edit(
        OpenText("The shared ferry", ("We will share the ferry.", "Each pays half of it."))
    )


def test_chosen_words_of_a_group_raise_an_alert_and_the_page_says_who_more_will_read_it(
    at: At, house: House
) -> None:
    name = group(at("Arden"), "Alarm talk", "Brill", text="Ice on the road")
    before = acts(house, "Dorn", "alert")
    fields = fields_of("alert", "Ice on the road", title="Ice", severity="severe")
    told = put(at("Arden"), fields, name)
    assert "Corve, Dorn" in told
    (made,) = set(acts(house, "Dorn", "alert")) - set(before)
    act = house.hall.nodes["Dorn"].record.get(made)
    assert act
    assert act.body == Alert("Ice", "Ice on the road", "severe")
    more = fields_of("update", "It is thawing", title="Ice goes", severity="minor", alert=made)
    put(at("Brill"), more, name)
    last = list(house.hall.nodes["Corve"].record.acts(kind="alert"))[-1].body
    assert isinstance(last, Alert)
    assert (last.type, last.about) == ("update", (made,))


@pytest.fixture
def proposal(house: House, clock: Clock) -> str:
    from comity.core.bodies import Adopt
    from comity.core.strict import spelled

    with house.moved():
        node = house.hall.nodes["Brill"]
        under = node.under
        on = (clock() + timedelta(hours=48)).date()
        body = Propose(
            "Shall the ferry run?",
            Adopt(("It runs.",)),
            under.charter_hash,
            "double-majority",
            "vote",
            on.isoformat(),
            under.charter.roster("council", on),
            spelled(clock() + timedelta(hours=48)),
        )
        return node.propose("council", body).id


def test_chosen_words_become_a_declaration_beside_a_stance_that_stays(
    at: At, house: House, proposal: str
) -> None:
    with house.moved():
        house.hall.nodes["Dorn"].answer(proposal, "yes")
    put(at("Dorn"), fields_of("declaration", "Weather permitting.", proposal=proposal))
    put(at("Corve"), fields_of("declaration", "We ask at home.", proposal=proposal))
    said = {
        (act.member, act.body.turn): (act.body.word, [n.text for n in act.body.annotations])
        for act in house.hall.nodes["Arden"].record.about(proposal, kind="stance")
        if isinstance(act.body, Stance)
    }
    assert said == {
        ("Dorn", 1): ("yes", []),
        ("Dorn", 2): ("yes", ["Weather permitting."]),
        ("Corve", 1): ("awaiting instructions", ["We ask at home."]),
    }


def test_what_was_not_shown_is_not_signed(at: At, house: House) -> None:
    before = acts(house, "Arden", "alert")
    fields = fields_of("alert", "What was shown", title="Shown", severity="minor")
    told = html.unescape(at("Arden").post("/talk/council/record/confirm", fields).content.decode())
    assert acts(house, "Arden", "alert") == before  # showing signs nothing
    other = {**fields, "words": "Something else", "shown": shown_on(told)}
    answer = at("Arden").post("/talk/council/record/sign", other)
    assert "not what was shown" in answer.content.decode()
    assert at("Arden").post("/talk/council/record/sign", fields).status_code == 200
    assert acts(house, "Arden", "alert") == before


# Hostile.

BAD = (
    "",
    " \n\t ",
    "x" * 2_001,
    "x" * 100_000,
    "\x00",
    "a\x1bb",
    "\u202eabc",
    "\ud7ff\ufeff",
    "a\u2028b",
    "\U000e0041",
)


def test_two_hundred_hostile_forms_are_refused_without_a_traceback(at: At, house: House) -> None:
    client, count = at("Arden"), 0
    name = group(client, "Hostile", "Brill")
    records = {m: len(acts(house, m, "alert")) + len(acts(house, m, "edit")) for m in ("Arden",)}
    before = [k.message.id for k in house.talk.stores["Arden"].messages("council", most=500)]
    tries: list[tuple[str, dict[str, object]]] = []
    for bad in BAD:
        for thread in ("council", name):
            tries.append((f"/talk/{thread}", {"text": bad, "once": "1"}))
            for kind in ("text", "alert", "update", "declaration"):
                good = {"kind": kind, "words": "w", "title": "t", "severity": "minor"}
                for action in ("confirm", "sign"):
                    words = bad if len(bad) != 2_001 else "x" * 4_001
                    tries.append((f"/talk/{thread}/record/{action}", {**good, "words": words}))
        new = {"organ": "council", "title": "t", "member": ["Brill"], "text": "w", "once": bad}
        tries.append(("/talk/_new", {**new, "once": "1", "text": bad}))
        tries.append(("/talk/_new", {**new, "once": "1", "title": bad}))
        tries.append(("/talk/_new", {**new, "once": "1", "member": [bad]}))
        tries.append(("/talk/_new", {**new, "once": "1", "organ": bad}))
        tries.append((f"/talk/{name}/record/confirm", {"kind": bad, "words": "w"}))
    tries += [
        ("/talk/council", {"text": "no once"}),
        ("/talk/_new", {"organ": "council", "title": "t", "text": "w", "once": "1"}),
        ("/talk/council/delete/" + "0" * 32, {}),
        ("/talk/council/delete/" + "z" * 32, {}),
        ("/talk/moon", {"text": "w", "once": "1"}),
        ("/talk/" + "x" * 300, {"text": "w", "once": "1"}),
        (f"/talk/council/delete/{message_id(house, 'Arden', 'first words')}", {}),
    ]
    for address, fields in tries:
        answer = client.post(address, fields)
        told = answer.content.decode()
        assert "Traceback" not in told
        assert answer.status_code in (404, 422), (address, fields, answer.status_code)
        count += 1
    assert count >= 200
    for address in ("?before=x", "?before=-1", "?before=99999999999999999", "/record?m=%00"):
        assert client.get(f"/talk/council{address}").status_code in (200, 404)
    after = [k.message.id for k in house.talk.stores["Arden"].messages("council", most=500)]
    assert after == before
    assert {
        m: len(acts(house, m, "alert")) + len(acts(house, m, "edit")) for m in records
    } == records


def test_a_form_from_elsewhere_is_not_taken(at: At) -> None:
    signed_in = at("Arden")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in.cookies
    assert strict.post("/talk/council", {"text": "x", "once": "1"}).status_code == 403
    assert signed_in.get("/talk/council/record/sign").status_code == 405
