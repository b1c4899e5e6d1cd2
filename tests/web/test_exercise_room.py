"""An exercise in the room: its clock, its timeline with why, going back, and who may do what.

Club of Seven, on real nodes; the test holds the room's clock in its hand.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from zlib import crc32

import pytest
from django.test import Client

from comity import scenarios
from comity.errors import UsageError
from comity.exercise.players import ASSUMED
from comity.web.exercising import ExerciseHouse, scenario_in
from comity.web.house import House, close_all, install, the_house
from tests.web.test_hostile import WORDS, markup, refusal

WHOLE = "whole desk"
INPUTS = 40
"""Hostile inputs for each form of an exercise."""
FORMS: dict[str, tuple[str, dict[str, object]]] = {
    "exercise-clock": ("/exercise/clock", {"deed": "pace", "pace": "60", "back": "/exercise"}),
    "exercise-event": (
        "/exercise/event",
        {
            "kind": "delay",
            "title": "It",
            "text": "It is.",
            "at": "",
            "members": "Corve",
            "loss": "",
            "minutes": "5",
            "source": "us",
        },
    ),
    "exercise-change": (
        "/exercise/coming/gale-lost",
        {"title": "It", "text": "It is.", "at": "", "members": "Gale", "loss": "silent"},
    ),
    "exercise-back": ("/exercise/back", {"to": "2026-03-02T08:00:00"}),
    "exercise-script": ("/exercise/script/into-an-account", {}),
    "exercise-leave": ("/exercise/leave", {}),
    "exercise-report": ("/exercise/report", {"lessons": "It was."}),
    "exercise-seat": ("/exercise/seat", {"member": "Dorn", "deed": "sit"}),
    "exercise-again": ("/exercise/again", {}),
}
READ = (
    *("/exercise", "/exercise?all=1", "/exercise/clock", "/exercise/event", "/exercise/why/n1"),
    *("/exercise/coming/gale-lost", "/exercise/back?to=2026-03-02T08:00", "/exercise/report"),
    *("/exercise/report.docx", "/exercise/players", "/exercise/again", "/exercise/leave"),
)
PUBLIC = ("/exercise", "/exercise?all=1", "/exercise/clock")
"""What those see, too, who hold one desk alone."""


class Room:
    """An exercise being played, and who is in it."""

    def __init__(self, data: Path, name: str = "club-of-seven") -> None:
        self.data = data
        self.opened = ExerciseHouse.open_in(data, scenarios.load(name))
        install(self.opened)
        self.trainer = sit("trainer", anywhere=True)
        self.brill = sit("Brill alone", "Brill")

    @property
    def house(self) -> ExerciseHouse:
        """The house as it is now: going back makes another."""
        house = the_house()
        assert isinstance(house, ExerciseHouse)
        return house

    def play(self, *, hours: float = 0, minutes: float = 0) -> None:
        """Let the exercise's clock go on before somebody's eyes."""
        seconds = hours * 3600 + minutes * 60
        self.house.run_on()
        self.house.here()
        self.house.beat(seconds / self.house.pace)
        self.house.pause()

    def page(self, path: str, client: Client | None = None) -> str:
        answer = (client or self.trainer).get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.content.decode()

    def press(self, path: str, **fields: object) -> None:
        """Press a button; where another house is made of it, wait as its page does."""
        answer = self.trainer.post(path, fields)
        assert answer.status_code == 302, re.sub(r"<[^>]+>", " ", answer.content.decode())
        for _ in range(600):
            if the_house().busy is None:
                return
            time.sleep(0.05)
        raise AssertionError("it takes too long")


def sit(name: str, member: str = "", *, anywhere: bool = False) -> Client:
    from comity.web.models import Appointment, Person
    from comity.web.views.door import new_link

    person, _ = Person.objects.get_or_create(name=f"exercise, {name}")
    person.anywhere = anywhere
    person.save()
    if member:
        Appointment.objects.get_or_create(person=person, member=member, office=WHOLE)
    client = Client(raise_request_exception=False)
    client.post(f"/enter/{new_link(person)}")
    return client


@pytest.fixture
def room(house: House, tmp_path: Path) -> Iterator[Room]:
    """A room of its own: what a test does in it stays there."""
    try:
        yield Room(tmp_path / "data")
    finally:
        leave(house)


@pytest.fixture(scope="module")
def once(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    found = Room(tmp_path_factory.mktemp("played") / "data")
    found.play(hours=9)
    opened = found.house
    yield found
    opened.close()
    install(house)


@pytest.fixture
def played(once: Room, house: House) -> Iterator[Room]:
    """A room in which the first day was played; for looking at it."""
    install(once.opened)
    yield once
    install(house)


def leave(back: House) -> None:
    """Close what is open, and let the league be what is served."""
    close_all()
    install(back)


def test_every_page_says_that_it_is_an_exercise_with_its_clock_and_what_the_coach_says(played):
    for path in ("/", "/cases", "/texts", "/proposals", "/record", "/exercise", "/nowhere"):
        page = played.trainer.get(path).content.decode()
        assert "EXERCISE" in page, path
        assert "02 Mar 2026 17:00 UTC" in page, path
    alert = next(iter(played.house.hall.nodes["Brill"].record.acts(kind="alert")))
    assert "Confirm that you have it; everybody sees who did." in played.page(f"/alerts/{alert.id}")


def test_the_clock_goes_at_its_pace_while_somebody_is_here_and_stands_when_told(room):
    begun = room.house.now()
    room.house.beat(10)
    assert room.house.now() == begun  # a new room waits for somebody
    room.press("/exercise/clock", deed="pace", pace="100")
    room.press("/exercise/clock", deed="run")
    room.house.beat(10)
    assert (room.house.now() - begun).total_seconds() == 1_000
    room.press("/exercise/clock", deed="pause")
    room.house.beat(10)
    assert (room.house.now() - begun).total_seconds() == 1_000
    assert "paused" in room.page("/exercise/clock")


def test_a_step_ends_where_something_new_concerns_the_desk(room):
    room.trainer.post("/desk", {"member": "Brill", "office": WHOLE})
    room.press("/exercise/clock", deed="step")  # the harbour closes its slip: everybody hears of it
    until_it_stands(room)
    assert "The Harbour Company closes the slip" in room.page("/")
    assert "No ferry from noon" not in room.page("/")
    room.press("/exercise/clock", deed="step")
    until_it_stands(room)
    assert "Confirm that you have it" in room.page("/")
    assert "paused" in room.page("/exercise/clock")


def until_it_stands(room):
    for _ in range(500):
        room.house.beat(0)
        if not room.house.hurries:
            return
    raise AssertionError("it runs on")


def test_the_week_goes_to_its_end_and_the_clock_with_it(room):
    room.press("/exercise/clock", deed="end")
    until_it_stands(room)
    assert room.house.run.over
    page = room.page("/exercise")
    assert "The exercise is over." in page
    assert "Three boats are promised" in page
    assert "points so far." in page


def test_what_players_of_the_model_did_is_explained_one_by_one(played):
    numbers = [k for k, one in enumerate(played.house.run.entries) if one.kind == "drawn"]
    assert len(numbers) > 3
    page = played.page("/exercise")
    for number in numbers:
        assert f'href="/exercise/why/n{number}"' in page
        entry = played.house.run.entries[number]
        why = played.page(f"/exercise/why/n{number}")
        assert ASSUMED in why
        for words in entry.words:
            assert words in plain(why)
        if entry.act:
            assert main(played.page(f"/exercise/why/{entry.act}")) == main(why)
            assert f"/exercise/why/{entry.act}" in played.page(f"/act/{entry.act}")
    event = next(k for k, one in enumerate(played.house.run.entries) if one.kind == "event")
    assert played.trainer.get(f"/exercise/why/n{event}").status_code == 404


def main(page):
    return page.partition("<main")[2].partition("</main>")[0]


def plain(page):
    from html import unescape

    return unescape(page)


def test_a_person_s_act_is_in_the_journal_and_models_answer_it(room):
    room.trainer.post("/desk", {"member": "Brill", "office": WHOLE})
    told = {"organ": "table", "title": "Boats", "text": "Who has one?", "severity": "minor"}
    room.press("/alert", **told)
    room.play(hours=2)
    entries = room.house.run.entries
    act = next(one.act for one in entries if one.kind == "person" and one.title == "Boats")
    receipts = room.house.hall.nodes["Brill"].record.about(act, kind="receipt")
    assert len({one.member for one in receipts}) == 6


def test_what_the_script_expects_is_shown_to_that_desk_and_done_on_a_press(room):
    room.play(hours=5)
    awaited = next(move for move in room.house.awaited() if move.by == "Brill")
    assert awaited.id == "into-an-account"
    room.trainer.post("/desk", {"member": "Corve", "office": WHOLE})
    assert "/exercise/script/into-an-account" not in room.page("/exercise")
    assert room.trainer.post("/exercise/script/into-an-account").status_code == 404
    room.trainer.post("/desk", {"member": "Brill", "office": WHOLE})
    page = room.page("/exercise")
    assert "pay the harbour dues into an account of their own" in page
    room.press("/exercise/script/into-an-account")
    assert not room.house.awaited()
    entry = room.house.run.entries[-1]
    assert (entry.kind, entry.id, entry.who) == ("person", "into-an-account", "Brill")


def test_an_event_by_hand_is_heard_at_every_desk_and_a_wrong_one_is_refused_in_words(room):
    told = {"kind": "news", "title": "Fog", "text": "On the whole coast.", "source": "the mast"}
    room.press("/exercise/event", **told)
    for client in (room.trainer, room.brill):
        assert "On the whole coast." in room.page("/", client)
    for wrong, words in (
        ({"title": ""}, "title is empty"),
        ({"kind": "loss", "loss": "silent"}, "this befalls nobody"),
        ({"kind": "loss", "members": "Gale"}, "none of those offered"),
        ({"kind": "delay", "members": "Gale", "minutes": "x"}, "whole number"),
        ({"at": "2026-03-01T00:00"}, "not ahead of the clock"),
        ({"at": "soon"}, "no instant"),
    ):
        answer = room.trainer.post("/exercise/event", told | wrong)
        assert answer.status_code == 422
        assert words in plain(answer.content.decode()).lower()
        if wrong.get("title") != "":
            assert 'value="Fog"' in answer.content.decode()  # what was typed is still there
    room.press("/exercise/event", kind="loss", title="Gale!", members="Gale", loss="silent")
    room.play(hours=4)
    assert not [one for one in room.house.run.entries if one.who == "Gale" and one.act]


def test_an_event_by_hand_may_be_for_later(room):
    room.press("/exercise/event", kind="news", title="Later", text="", at="2026-03-02T10:00")
    assert "Later" not in room.page("/", room.brill)
    room.play(hours=3)
    assert "Later" in room.page("/", room.brill)
    entry = next(one for one in room.house.run.entries if one.title == "Later")
    assert f"{entry.at:%H:%M}" == "10:00"


def test_one_goes_back_changes_what_is_coming_and_plays_again(room):
    room.play(hours=3)
    old, before = room.house, room.house.run.entries[:]
    alert = next(one for one in before if one.id == "alarm")
    look = room.page("/exercise/back?to=2026-03-02T08:10:00")
    assert "A new run begins" in plain(look)
    room.press("/exercise/back", to="2026-03-02T08:10:00")
    assert room.house is not old
    assert room.house.run.number == old.run.number + 1
    assert f"{room.house.now():%H:%M:%S}" <= "08:10:00"
    assert room.house.run.entries == []
    assert not room.house.moving
    assert room.trainer.get(f"/alerts/{alert.act}").status_code == 404
    assert old.hall.nodes["Brill"].ground.id != room.house.hall.nodes["Brill"].ground.id
    fields = {"title": "The slip burns", "text": "All of it.", "at": "2026-03-02T09:00"}
    room.press("/exercise/coming/slip-closed", **fields)
    room.play(minutes=30)
    assert "The slip burns" not in room.page("/", room.brill)
    room.play(hours=1)
    assert "The slip burns" in room.page("/", room.brill)
    assert "The Harbour Company closes the slip" not in room.page("/", room.brill)
    assert [one.id for one in room.house.run.entries][:2] == ["slip-closed", "alarm"]
    assert room.trainer.get("/exercise/coming/slip-closed").status_code == 404


def test_what_persons_did_before_the_instant_is_in_the_new_run(room):
    room.trainer.post("/desk", {"member": "Brill", "office": WHOLE})
    told = {"organ": "table", "title": "Boats", "text": "Who has one?", "severity": "minor"}
    room.press("/alert", **told)
    room.play(hours=1)
    room.press("/alert", **(told | {"title": "Oars"}))
    room.press("/exercise/back", to="2026-03-02T08:30:00")
    page = room.page("/record?kind=alert")
    assert "Boats" in page
    assert "Oars" not in page


def test_before_people_come_in_the_script_plays_and_one_may_go_back_to_there_too(house, tmp_path):
    shipped = Path(scenarios.__file__).parent / "club-of-seven"
    words = (shipped / "scenario.toml").read_text()
    (tmp_path / "charter.toml").write_bytes((shipped / "charter.toml").read_bytes())
    later = words.replace("pace = 60", 'room_from = "2026-03-02T09:00:00Z"\npace = 60')
    (tmp_path / "scenario.toml").write_text(later)
    try:
        room = Room(tmp_path / "data", str(tmp_path))
        assert f"{room.house.now():%H:%M}" == "09:00"
        assert [one.id for one in room.house.entries][:2] == ["slip-closed", "alarm"]
        assert room.house.run.people == ("Brill",)
        room.press("/exercise/back", to="2026-03-02T08:20")
        assert room.house.entries == []
        assert room.house.run.people == ("Brill",)
    finally:
        leave(house)


@pytest.mark.parametrize("told", ["", "x", "2026-03-02", "2026-02-30T10:00", "2030-01-01T00:00"])
def test_one_cannot_go_back_to_what_has_not_been(played, told):
    for answer in (
        played.trainer.get("/exercise/back", {"to": told}),
        played.trainer.post("/exercise/back", {"to": told}),
    ):
        assert answer.status_code == 422
        assert refusal(answer)


def test_the_report_is_read_taken_along_and_gets_its_lessons(played):
    page = played.page("/exercise/report")
    assert "The ferry cannot sail" in page
    assert "The exercise is not over" in page
    played.press("/exercise/report", lessons="Count the boats <b>first</b>.")
    assert "Count the boats &lt;b&gt;first&lt;/b&gt;." in played.page("/exercise/report")
    word = played.trainer.get("/exercise/report.docx")
    assert "word/document.xml" in zipfile.ZipFile(BytesIO(word.getvalue())).namelist()
    told = json.loads(played.trainer.get("/exercise/report.json").content)
    assert told["exercise"] is True
    assert told["lessons"]["text"] == "Count the boats <b>first</b>."
    alone = played.trainer.get("/exercise/report.html")
    assert alone["Content-Disposition"].startswith("attachment")
    assert played.trainer.get("/exercise/report.exe").status_code == 404


def test_what_is_assumed_of_each_member_is_shown_and_a_person_may_take_another(room):
    page = room.page("/exercise/players")
    assert ASSUMED in page
    assert "Fenn" in page
    room.press("/exercise/seat", member="Arden", deed="sit")
    room.play(hours=2)
    assert [move.id for move in room.house.awaited()] == ["alarm"]
    room.press("/exercise/seat", member="Arden", deed="leave")
    room.play(minutes=1)
    assert room.house.awaited() == ()
    assert "No ferry from noon" in room.page("/record?kind=alert")


def test_again_without_each_member_says_why_of_every_cell(room):
    room.press("/exercise/seat", member="Brill", deed="leave")
    room.press("/exercise/clock", deed="end")
    until_it_stands(room)
    assert "Count it without each member" in room.page("/exercise/again")
    room.press("/exercise/again")
    for _ in range(400):
        if room.house.again.working is None:
            break
        time.sleep(0.05)
    assert room.house.again.wrong is None
    for kind in ("silent", "refusing", "leaving"):
        page = room.page(f"/exercise/again?kind={kind}")
        assert page.count("With the others&#x27; answers as they were") >= 7
        assert "What the Seven say to the Harbour Company" in page


def test_who_holds_one_desk_sees_the_clock_and_what_is_public_and_runs_nothing(played):
    page = played.page("/exercise", played.brill)
    assert "The Harbour Company closes the slip" in page
    for hidden in ("What the Seven say", "Go back", "Pause", "why?", "gale-lost", "Put in"):
        assert hidden not in page.partition('<aside class="side"')[0].partition("<main")[2]
        assert f">{hidden}<" not in page
    at = played.house.now(), len(played.house.run.entries), played.house.moving
    for path in READ:
        answer = played.brill.get(path)
        assert answer.status_code == (200 if path in PUBLIC else 404), path
    for path, fields in FORMS.values():
        answer = played.brill.post(path, fields)
        assert answer.status_code == 404, path
    assert at == (played.house.now(), len(played.house.run.entries), played.house.moving)
    for path in READ:
        assert Client().get(path).status_code in (302, 401)
    for path, fields in FORMS.values():
        assert Client().post(path, fields).status_code in (302, 401)


def test_a_page_that_heard_another_house_before_is_told_to_ask_for_all_of_it(played):
    from comity.web.desk import Desk
    from comity.web.models import Person
    from comity.web.views.live import _news

    desk = Desk(played.house, Person(name="", anywhere=True), "Brill", WHOLE)

    async def told(heard, count):
        news = _news(desk, heard)
        return [await anext(news) for _ in range(count)]

    hello, changed = asyncio.run(told("another", 2))
    assert hello.startswith(f"id: {played.house.mark}\nevent: hello")
    assert changed.startswith("event: changed")
    assert "exercise journal" in changed
    (same,) = asyncio.run(told(played.house.mark, 1))
    assert same == hello


def test_what_is_hidden_from_an_office_is_not_in_what_it_hears_of_the_journal(room):
    """The count of the journal would tell that something happened elsewhere."""
    from comity.web.desk import Desk
    from comity.web.models import Person

    desk = Desk(room.house, Person(name="", anywhere=False), "Brill", WHOLE)
    assert "exercise journal" not in desk.versions()


def test_a_room_that_plays_nothing_has_no_exercise(at, house):
    arden = at("Arden")
    for path in READ:
        assert arden.get(path).status_code == 404, path
    for path, fields in FORMS.values():
        assert arden.post(path, fields).status_code == 404, path
    assert "EXERCISE" not in arden.get("/").content.decode()


def test_the_pages_of_an_exercise_are_french_throughout(played):
    from tests.web.test_languages import in_french, left_in_english

    reader = in_french(sit("French", anywhere=True))
    for path in (one for one in READ if "report" not in one):
        page = reader.get(path).content.decode()
        assert left_in_english(page, played.house) == set(), path
        if path != "/exercise/clock":
            assert '<html lang="fr">' in page


def test_one_leaves_for_an_empty_coalition_stays_signed_in_and_comes_back(room):
    room.play(hours=2)
    at, entries = room.house.now(), room.house.run.entries[:]
    look = plain(room.page("/exercise/leave"))
    assert f"comity up --data {room.data}" in look
    room.press("/exercise/leave")
    there = the_house()
    assert not isinstance(there, ExerciseHouse)
    page = room.page("/")
    assert "EXERCISE" not in page
    assert "Nothing waits for you." in page
    assert not next(iter(there.hall.nodes.values())).exercise
    assert there.data == room.data / "coalition"
    assert room.trainer.get("/exercise").status_code == 404
    close_all()
    found = scenario_in(room.data)
    assert found is not None
    install(ExerciseHouse.open_in(room.data, found))
    assert room.house.now() == at
    assert room.house.run.entries == entries


def test_the_command_opens_the_week_unless_something_is_named(room):
    from comity.cli.up import _named

    named, file, _ = _named(None, None)
    assert named is not None
    assert named.id == "january-2026"
    assert not file
    assert _named("coalition-of-the-willing", None)[0] is None
    assert _named("club-of-seven", None)[0] == scenarios.load("club-of-seven")
    shipped = Path(scenarios.__file__).parent / "club-of-seven"
    assert _named(str(shipped / "scenario.toml"), None)[0] == scenarios.load("club-of-seven")
    assert _named(str(shipped / "charter.toml"), None)[0] is None
    assert _named(None, room.data)[0].id == "club-of-seven"
    room.press("/exercise/leave")
    assert _named(None, room.data / "coalition")[1] == room.opened.run.scenario.charter_text


def test_another_scenario_is_not_played_in_the_same_folder(room):
    other = scenarios.load("cyber-incident")
    close_all()
    with pytest.raises(UsageError, match="another"):
        ExerciseHouse.open_in(room.data, other)


@pytest.mark.parametrize("name", sorted(FORMS.keys() - {"exercise-leave", "exercise-again"}))
def test_hostile_inputs_are_refused_in_words_or_done_cleanly(played, name):
    chance = random.Random(crc32(name.encode()))
    address, usual = FORMS[name]
    for _ in range(INPUTS):
        fields = dict(usual)
        for key in chance.sample(sorted(fields), min(len(fields), chance.choice((0, 1, 2)))):
            fields[key] = chance.choice((chance.choice(WORDS), [*WORDS[:5]]))
        if name == "exercise-back":
            fields["to"] = chance.choice([word for word in WORDS if "2026-03" not in word])
        path = address
        if chance.random() < 0.2:
            path = address.rsplit("/", 1)[0] + "/" + chance.choice(("no-such", "a" * 300, "%00"))
        answer = played.trainer.post(path, fields)
        told = f"{path[:80]} {str(fields)[:300]}"
        assert answer.status_code < 500, told
        assert not markup(answer), told
        if answer.status_code >= 400:
            assert "Traceback" not in answer.content.decode()
            assert refusal(answer), told
        elif answer.status_code in (301, 302):
            assert not re.match(r"[a-z]+:|[/\\]{2}", answer.url), told
    played.house.pause()
