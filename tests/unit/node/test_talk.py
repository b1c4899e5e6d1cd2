"""The talk of a node: sealed, handed to those who read it, gone at its retention."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from comity.core.reading import read_charter
from comity.errors import ActError, UsageError
from comity.node.backup import back_up, stand_by
from comity.node.files import StoreError
from comity.node.hall import Hall, found_all
from comity.node.keys import LEAST, new_keys
from comity.node.talk import Message, Talk, TalkStore, group_id, may_talk, retention

CHARTER = (Path(__file__).parents[3] / "examples" / "larch-league.toml").read_bytes()
WORDS = "the ferry at Brill is late, @Corve should know, PLAINWORDS"
START = datetime(2026, 3, 10, 22, 30, tzinfo=UTC)
DAYS = 30


class Clock:
    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[TalkStore]:
    keys = new_keys("Arden", ("office",), made_at="2026-01-01T00:00:00Z")
    made = TalkStore(tmp_path / "talk.sqlite", keys, now=clock)
    yield made
    made.close()


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hall") / "nodes"
    found_all(path, CHARTER, b"words", now=lambda: START, cost=LEAST)
    return path


@pytest.fixture
def hall(founded: Path, clock: Clock) -> Iterator[Hall]:
    for left in founded.glob("*/talk.sqlite*"):
        left.unlink()
    with Hall.open(founded, b"words", now=clock) as opened:
        yield opened


@pytest.fixture
def talk(hall: Hall) -> Iterator[Talk]:
    opened = Talk(hall.nodes)
    yield opened
    opened.close()


def message(number: int, *, at: str = "2026-03-10T22:30:00Z", text: str = WORDS) -> Message:
    return Message(
        f"{number:032x}", "council", "council", "Arden", "desk", "Ann", at, text, ("Arden", "Brill")
    )


def say(talk: Talk, member: str, organ: str, text: str = WORDS, **more: object) -> Message:
    more = {"thread": organ, "once": "1", **more}
    return talk.say(member, "whole desk", "Ann", text, organ=organ, **more)  # type: ignore[arg-type]


def bytes_of(path: Path) -> bytes:
    return b"".join(p.read_bytes() for p in sorted(path.parent.glob(path.name + "*")))


# Sealed.


def test_words_are_nowhere_in_the_clear_and_neither_is_a_key(store: TalkStore) -> None:
    store.take(message(1), DAYS)
    held = bytes_of(store.path)
    assert len(held) > 4_000
    assert b"PLAINWORDS" not in held
    assert b"Ann" not in held
    assert all(key not in held for key in store._day_keys.values())
    assert store.last()[0].message == message(1)


def test_another_nodes_keys_open_nothing(store: TalkStore, clock: Clock) -> None:
    store.take(message(1), DAYS)
    store.close()
    keys = new_keys("Brill", ("office",), made_at="2026-01-01T00:00:00Z")
    with pytest.raises(StoreError):
        TalkStore(store.path, keys, now=clock).last()


def test_what_others_can_read_is_refused(store: TalkStore, clock: Clock) -> None:
    store.take(message(1), DAYS)
    store.close()
    store.path.chmod(0o644)
    with pytest.raises(StoreError, match="other accounts"):
        TalkStore(store.path, store.keys, now=clock).last()


# Retention.


def test_a_day_is_there_until_its_retention_begins_to_be_over(
    store: TalkStore, clock: Clock
) -> None:
    store.take(message(1), DAYS)
    clock.at = datetime(2026, 4, 8, 23, 59, 59, tzinfo=UTC)
    assert store.purge(DAYS, {"council"}) == frozenset()
    assert store.last()[0].until == date(2026, 4, 9)
    clock.at = datetime(2026, 4, 9, tzinfo=UTC)
    assert store.last() == ()
    assert store.messages("council") == ()
    assert store.get(f"{1:032x}") is None
    assert store.purge(DAYS, {"council"}) == {"council"}
    assert clock.at - START < timedelta(days=DAYS)


def test_what_is_past_its_retention_is_gone_from_the_bytes_of_the_file_and_its_log(
    store: TalkStore, clock: Clock
) -> None:
    for number in range(300):
        store.take(message(number, text=f"{number} " + WORDS * (1 + number % 20)), DAYS)
    clock.at += timedelta(days=1)
    for number in range(300, 400):
        store.take(message(number, at="2026-03-11T08:00:00Z"), DAYS)
    first = "2026-03-10"
    boxes = [b for (b,) in store._rows("SELECT box FROM messages WHERE day = ?", first)]
    boxes += [b for (b,) in store._rows("SELECT box FROM keys WHERE day = ?", first)]
    before = bytes_of(store.path)
    assert len(boxes) == 301
    assert all(box[:40] in before for box in boxes)
    clock.at = datetime(2026, 4, 9, 0, 1, tzinfo=UTC)
    store.purge(DAYS, {"council"})
    after = bytes_of(store.path)
    assert not any(
        box[at : at + 20] in after for box in boxes for at in range(0, len(box) - 20, 20)
    )
    assert first.encode() not in after
    assert store.path.with_name("talk.sqlite-wal").stat().st_size == 0
    assert len(after) < len(before)
    assert len(store.messages("council", most=500)) == 100


def test_what_a_killed_process_deleted_and_did_not_erase_is_erased_on_opening(
    store: TalkStore, clock: Clock
) -> None:
    store.take(message(1), DAYS)
    box = store._rows("SELECT box FROM keys")[0][0]
    with store._writing() as db:
        db.execute("DELETE FROM keys")
        db.execute("DELETE FROM messages")
    assert box in bytes_of(store.path)  # it is in the log still
    again = TalkStore(store.path, store.keys, now=clock)
    again.purge(DAYS, {"council"})
    assert box not in bytes_of(store.path)
    again.close()


def test_the_shorter_of_two_retentions_counts(store: TalkStore, clock: Clock) -> None:
    store.take(message(1), DAYS)
    store.purge(365, {"council"})
    assert store.last()[0].until == date(2026, 4, 9)
    store.purge(7, {"council"})
    assert store.last()[0].until == date(2026, 3, 17)
    clock.at = datetime(2026, 3, 17, tzinfo=UTC)
    store.purge(365, {"council"})
    assert store.last() == ()


def test_what_is_too_old_or_of_tomorrow_is_not_taken(store: TalkStore) -> None:
    assert not store.take(message(1, at="2026-02-08T23:59:59Z"), DAYS)
    assert not store.take(message(2, at="2026-03-11T00:30:00Z"), DAYS)
    assert not store.take(message(3), 0)
    assert not store.path.exists() or store.last() == ()


def test_a_charter_that_says_nothing_keeps_thirty_days_and_one_that_says_none_keeps_none() -> None:
    charter = read_charter(CHARTER)
    assert retention(replace(charter, retention_days=None)) == 30
    assert retention(replace(charter, retention_days=0)) == 0
    assert retention(replace(charter, retention_days=5)) == 5


# Saying, and to whom.


def test_words_reach_the_stores_of_those_who_read_the_organ_and_no_other(talk: Talk) -> None:
    told: list[tuple[str, frozenset[str]]] = []
    talk.on_said.append(lambda organ, members: told.append((organ, members)))
    said = say(talk, "Arden", "council")
    assert {m for m, s in talk.stores.items() if s.last()} == {"Arden", "Brill", "Corve", "Dorn"}
    assert not talk.stores["Elsin"].path.exists()
    assert not talk.stores["Harbour"].path.exists()
    assert told == [("council", frozenset({"Arden", "Brill", "Corve", "Dorn"}))]
    assert said.mentions == {"Corve"}
    assert list(said.pieces())[1] == ("@Corve", "Corve")


def test_a_group_is_in_the_stores_of_its_members_alone(talk: Talk) -> None:
    name = group_id("Arden", "x")
    said = say(talk, "Arden", "council", thread=name, title="Ferry", group=("Arden", "Dorn"))
    assert {m for m, s in talk.stores.items() if s.last()} == {"Arden", "Dorn"}
    assert said.mentions == frozenset()  # Corve is not in it


@pytest.mark.parametrize(
    ("member", "organ", "group"),
    [
        pytest.param("Elsin", "council", (), id="who does not read the organ"),
        pytest.param("Brill", "council", ("Arden", "Dorn"), id="who is not in the group"),
        pytest.param("Arden", "moon", (), id="where there is no organ"),
    ],
)
def test_who_has_no_place_there_says_nothing(
    talk: Talk, member: str, organ: str, group: tuple[str, ...]
) -> None:
    with pytest.raises(UsageError, match="no place"):
        say(talk, member, organ, group=group)


def test_who_has_no_right_to_talk_reads_and_says_nothing() -> None:
    charter = read_charter(
        CHARTER.replace(b'rights = ["read", "talk", "pledge"]', b'rights = ["read"]')
    )
    assert not may_talk(charter, "Elsin", START.date())
    assert may_talk(charter, "Arden", START.date())
    assert may_talk(charter, "Harbour", START.date())


def test_the_same_words_sent_twice_are_said_once(talk: Talk) -> None:
    assert say(talk, "Arden", "council").id == say(talk, "Arden", "council").id
    say(talk, "Arden", "council", once="2")
    assert len(talk.stores["Brill"].messages("council")) == 2


@pytest.mark.parametrize("text", ["nul \x00", "turned \u202e round", "e\u0301"])
def test_characters_that_nobody_sees_are_refused(talk: Talk, text: str) -> None:
    with pytest.raises(ActError):
        say(talk, "Arden", "council", text)
    assert talk.stores["Arden"].last() == ()


def test_what_was_not_handed_to_everybody_is_handed_on_at_the_next_start(talk: Talk) -> None:
    said = say(talk, "Arden", "council")
    talk.stores["Brill"].close()
    for left in talk.stores["Brill"].path.parent.glob("talk.sqlite*"):
        left.unlink()
    again = Talk(talk.nodes)
    again.reconcile()
    assert again.stores["Brill"].last()[0].message == said
    again.close()


def test_talk_of_an_organ_that_is_read_no_more_is_destroyed(talk: Talk) -> None:
    say(talk, "Arden", "council")
    store = talk.stores["Brill"]
    assert store.purge(DAYS, ("coalition",)) == {"council"}
    assert store.last() == ()
    assert store._rows("SELECT * FROM keys") == []


# Deleting.


def test_deleted_words_are_gone_from_every_store_and_that_there_were_some_stays(talk: Talk) -> None:
    said = say(talk, "Arden", "council")
    boxes = [s._rows("SELECT box FROM messages")[0][0] for s in talk.stores.values() if s.last()]
    talk.take_back("Arden", "Ann", said.id)
    for member in said.to:
        held = bytes_of(talk.stores[member].path)
        assert not any(box[:30] in held for box in boxes)
        kept = talk.stores[member].last()[0].message
        assert kept.deleted
        assert kept.text == ""
        assert kept.member == "Arden"
    say(talk, "Arden", "council")  # the same form again does not bring them back
    assert talk.stores["Brill"].last()[0].message.deleted


@pytest.mark.parametrize(
    ("member", "person"), [("Brill", "Ann"), ("Arden", "Bob"), ("Elsin", "Ann")]
)
def test_only_its_author_deletes_a_message(talk: Talk, member: str, person: str) -> None:
    said = say(talk, "Arden", "council")
    with pytest.raises(UsageError, match="not yours"):
        talk.take_back(member, person, said.id)
    assert talk.stores["Arden"].last()[0].message == said


def test_nobody_takes_back_for_another(store: TalkStore) -> None:
    store.take(message(1), DAYS)
    gone = msgspec.structs.replace(message(1), member="Brill", text="", deleted=True)
    assert not store.take(gone, DAYS)
    assert store.last()[0].message == message(1)


# What is not talk.


def test_backups_and_standbys_hold_no_talk(talk: Talk, hall: Hall, tmp_path: Path) -> None:
    say(talk, "Arden", "council")
    store, folder = talk.stores["Arden"], hall.nodes["Arden"].folder
    box = store._rows("SELECT box FROM messages")[0][0]
    (tmp_path / "kept").mkdir()
    back_up(folder.record, tmp_path / "kept" / "record.sqlite")
    stand_by(folder, tmp_path / "standby")
    files = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert files
    assert not [p for p in files if "talk" in p.name]
    assert not any(box[:20] in p.read_bytes() for p in files)


def test_talk_leaves_the_record_as_it_was(talk: Talk, hall: Hall) -> None:
    before = {member: node.record.heads() for member, node in hall.nodes.items()}
    said = say(talk, "Arden", "council")
    talk.take_back("Arden", "Ann", said.id)
    assert {member: node.record.heads() for member, node in hall.nodes.items()} == before


def test_somebody_has_seen_up_to_a_message_and_the_next_is_new(store: TalkStore) -> None:
    store.take(message(1), DAYS)
    number = store.last()[0].number
    store.mark_seen("Ann", "council", number)
    store.take(message(2), DAYS)
    after = store.messages("council", after=store.seen("Ann", "council"))
    assert [kept.message.id for kept in after] == [message(2).id]
    store.mark_seen("Ann", "council", 0)
    assert store.seen("Ann", "council") == number


def test_a_damaged_file_is_told_of_in_words(store: TalkStore, clock: Clock) -> None:
    store.path.write_bytes(b"no database" * 1_000)
    store.path.chmod(0o600)
    with pytest.raises(StoreError, match="cannot be used"):
        store.take(message(1), DAYS)
