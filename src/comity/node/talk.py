"""Talk: what people say to each other. Sealed, kept for the charter's retention, proves nothing.

Nothing here is signed or part of the record. Each node keeps in `talk.sqlite`
what its member may read, each message sealed under a key of its thread and day.
When a day's time is over its key is destroyed and its messages with it; the
file is then written anew, because erasing in place leaves a copy now and then
(`docs/adr/0018-talk.md`). Invariants, each kept by a test:

- A node keeps no talk of an organ that its member does not read, nor of a group it is not in.
- No talk is older than the retention, not by a reading of the clock and not in the file's bytes.
- A thread is what its messages say it is; it goes with its last one.
- What is said twice with one `once` is said once.
"""

from __future__ import annotations

import re
import secrets
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Meta

from comity.core.charter import Charter
from comity.core.founding import Code, Name
from comity.core.strict import instant, read_json, spelled, write_json
from comity.errors import UsageError
from comity.node.files import StoreError, check_private
from comity.node.keys import NONCE_BYTES, Keys
from comity.node.node import Node
from comity.node.store import connect

USUAL_DAYS = 30
"""For how many days talk is kept where the charter does not say."""
MOST = 2_000
"""Characters of a message."""
MAX_MESSAGE = 200_000
AHEAD = timedelta(hours=1)
"""How far ahead of our clock a message may be."""
HANDS = 8
"""How many stores are written side by side."""
_APPLICATION = 0x436F6D74
_MENTION = re.compile(r"(?<![\w@])@([A-Za-z][A-Za-z0-9-]{0,31})")
_TABLES = (
    "CREATE TABLE keys (thread TEXT, day TEXT, until TEXT NOT NULL, box BLOB NOT NULL,"
    " PRIMARY KEY (thread, day)) WITHOUT ROWID",
    "CREATE TABLE messages (number INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE,"
    " thread TEXT NOT NULL, day TEXT NOT NULL, box BLOB NOT NULL)",
    "CREATE INDEX messages_thread ON messages (thread, number)",
    "CREATE TABLE seen (desk TEXT, thread TEXT, upto INTEGER NOT NULL,"
    " PRIMARY KEY (desk, thread)) WITHOUT ROWID",
)


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One message as it passes from node to node; it also says what its thread is.

    Parameters
    ----------
    group
        The members of a named group; empty for a thread of a whole organ.
    to
        The members that it was handed to, the author's among them.
    deleted
        Its author took it back: the words are gone, that there were some stays.
    """

    id: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
    thread: Annotated[str, Meta(min_length=1, max_length=80)]
    organ: Name
    member: Code
    office: Annotated[str, Meta(min_length=1, max_length=80)]
    person: Annotated[str, Meta(max_length=80)]
    instant: Annotated[str, Meta(max_length=40)]
    text: Annotated[str, Meta(max_length=MOST)]
    to: tuple[Code, ...]
    title: Annotated[str, Meta(max_length=80)] = ""
    group: tuple[Code, ...] = ()
    case: Name | None = None
    deleted: bool = False

    @property
    def day(self) -> date:
        """The day in UTC on which it was said."""
        return self.at.date()

    @property
    def at(self) -> datetime:
        """When it was said."""
        return instant(self.instant, "the instant of a message")

    @property
    def mentions(self) -> frozenset[str]:
        """The members that it calls by their code, of those it was handed to."""
        codes = {code.casefold(): code for code in self.to}
        found = (codes.get(word.casefold()) for word in _MENTION.findall(self.text))
        return frozenset(code for code in found if code is not None)

    def pieces(self) -> Iterator[tuple[str, str]]:
        """Yield its words piece by piece, each with the member that it calls, or nothing."""
        codes, at = {code.casefold(): code for code in self.to}, 0
        for hit in _MENTION.finditer(self.text):
            code = codes.get(hit[1].casefold())
            if code is None:
                continue
            yield self.text[at : hit.start()], ""
            yield hit[0], code
            at = hit.end()
        yield self.text[at:], ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A message in a store.

    Parameters
    ----------
    number
        Its place in the order in which this node got them.
    until
        The first day on which it is no longer there.
    """

    number: int
    message: Message
    until: date


def retention(charter: Charter) -> int:
    """Return for how many days a charter keeps talk; 0 keeps none."""
    return USUAL_DAYS if charter.retention_days is None else charter.retention_days


def may_talk(charter: Charter, member: str, on: date) -> bool:
    """Tell whether a member has the right to talk; a participant has it where it sits."""
    if member in charter.participants:
        return True
    found = charter.members.get(member)
    return (
        found is not None
        and found.belongs(on)
        and "talk" in charter.standings.get(found.standing, ())
    )


class TalkStore:
    """The talk of one node. The file is made when there is something to keep.

    Parameters
    ----------
    keys
        The node's secrets: the keys of days rest under its store key.
    """

    def __init__(self, path: Path, keys: Keys, *, now: Callable[[], datetime]) -> None:
        self.path = path
        self.keys = keys
        self.now = now
        self._db: sqlite3.Connection | None = None
        self._stack = ExitStack()
        self._guard = threading.RLock()
        self._known: dict[int, Kept] = {}
        self._day_keys: dict[tuple[str, str], bytes] = {}
        self._to_erase = False

    def close(self) -> None:
        """Close it; closing twice is no harm."""
        with self._guard:
            self._stack.close()
            self._db = None

    def take(self, message: Message, days: int) -> bool:
        """Keep a message if it is new, or takes back one that is here; tell whether so.

        What is past its retention, or of a day to come, is not kept.
        """
        until = message.day + timedelta(days=days)
        now = self.now()
        if until <= now.date() or message.at > now + AHEAD:
            return False
        with self._writing() as db:
            name = bytes.fromhex(message.id)
            found = db.execute(
                "SELECT number, thread, day FROM messages WHERE id = ?", (name,)
            ).fetchone()
            if found is not None:
                number, thread, day = found
                kept = self._open(number)
                same = (thread, day) == (message.thread, message.day.isoformat())
                if not same or kept is None or kept.message.deleted or not message.deleted:
                    return False
                if kept.message.member != message.member:
                    return False
                box = self._sealed(db, message, until)
                db.execute("UPDATE messages SET box = ? WHERE number = ?", (box, number))
                self._known.pop(number, None)
                self._to_erase = True
            else:
                db.execute(
                    "INSERT INTO messages (id, thread, day, box) VALUES (?, ?, ?, ?)",
                    (
                        name,
                        message.thread,
                        message.day.isoformat(),
                        self._sealed(db, message, until),
                    ),
                )
        if self._to_erase:
            self._erase()
        return True

    def get(self, name: str) -> Kept | None:
        """Return a message by its id; None if it is not here, or no longer."""
        rows = self._rows("SELECT number FROM messages WHERE id = ?", bytes.fromhex(name))
        return self._open(rows[0][0]) if rows else None

    def last(self) -> tuple[Kept, ...]:
        """Return the last message of each thread, the newest first."""
        rows = self._rows("SELECT max(number) FROM messages GROUP BY thread ORDER BY 1 DESC")
        return tuple(kept for (number,) in rows if (kept := self._open(number)) is not None)

    def messages(
        self, thread: str, *, before: int | None = None, after: int = 0, most: int = 100
    ) -> tuple[Kept, ...]:
        """Return the newest messages of a thread, in the order they came."""
        rows = self._rows(
            "SELECT number FROM messages WHERE thread = ? AND number < ? AND number > ?"
            " ORDER BY number DESC LIMIT ?",
            thread,
            2**62 if before is None else before,
            after,
            most,
        )
        return tuple(k for (number,) in reversed(rows) if (k := self._open(number)) is not None)

    def said_by(self, member: str) -> Iterator[Kept]:
        """Yield what a member said."""
        for (number,) in self._rows("SELECT number FROM messages ORDER BY number"):
            kept = self._open(number)
            if kept is not None and kept.message.member == member:
                yield kept

    def seen(self, desk: str, thread: str) -> int:
        """Return up to which number somebody has seen a thread."""
        rows = self._rows("SELECT upto FROM seen WHERE desk = ? AND thread = ?", desk, thread)
        return int(rows[0][0]) if rows else 0

    def mark_seen(self, desk: str, thread: str, upto: int) -> None:
        """Note up to which number somebody has seen a thread."""
        if upto > self.seen(desk, thread):
            with self._writing() as db:
                db.execute("INSERT OR REPLACE INTO seen VALUES (?, ?, ?)", (desk, thread, upto))

    def purge(self, days: int, organs: Collection[str]) -> frozenset[str]:
        """Destroy what is past its retention, and talk of organs not read here any more.

        Of two retentions, that of the day on which something was said and
        today's, the shorter counts. Return the organs in which something went.
        """
        if self._look() is None:
            return frozenset()
        today = self.now().date()
        oldest = (today - timedelta(days=days)).isoformat()
        gone: set[str] = set()
        with self._writing() as db:
            strange = {
                kept.message.thread: kept.message.organ
                for kept in self.last()
                if kept.message.organ not in organs
            }
            rows = db.execute("SELECT thread, day, until FROM keys").fetchall()
            for thread, day, until in rows:
                if until > today.isoformat() and day > oldest and thread not in strange:
                    sooner = (date.fromisoformat(day) + timedelta(days=days)).isoformat()
                    if sooner < until:
                        db.execute(
                            "UPDATE keys SET until = ? WHERE thread = ? AND day = ?",
                            (sooner, thread, day),
                        )
                        self._known.clear()
                    continue
                for (number,) in db.execute(
                    "SELECT number FROM messages WHERE thread = ? AND day = ?", (thread, day)
                ).fetchall():
                    kept = self._known.pop(number, None) or self._unseal(number)
                    gone |= {kept.message.organ} if kept else set()
                db.execute("DELETE FROM messages WHERE thread = ? AND day = ?", (thread, day))
                db.execute("DELETE FROM keys WHERE thread = ? AND day = ?", (thread, day))
                self._day_keys.pop((thread, day), None)
                self._to_erase = True
            if self._to_erase:
                db.execute("DELETE FROM seen WHERE thread NOT IN (SELECT thread FROM keys)")
        if self._to_erase:
            self._erase()
        return frozenset(gone)

    # Inside.

    def _sealed(self, db: sqlite3.Connection, message: Message, until: date) -> bytes:
        data = write_json(message)
        read_json(data, Message, limit=MAX_MESSAGE, what="the message")  # no hidden characters
        key = self._day_key(message.thread, message.day.isoformat())
        if key is None:
            key = secrets.token_bytes(32)
            day = message.day.isoformat()
            box = self.keys.wrap(key, _about_key(message.thread, day))
            db.execute(
                "INSERT INTO keys VALUES (?, ?, ?, ?)",
                (message.thread, day, until.isoformat(), box),
            )
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(key).encrypt(nonce, data, _about(message.thread, message.id))

    def _day_key(self, thread: str, day: str) -> bytes | None:
        key = self._day_keys.get((thread, day))
        if key is None:
            rows = self._rows("SELECT box FROM keys WHERE thread = ? AND day = ?", thread, day)
            if not rows:
                return None
            key = self.keys.unwrap(rows[0][0], _about_key(thread, day))
            self._day_keys[thread, day] = key
        return key

    def _open(self, number: int) -> Kept | None:
        """Open a message, unless its time is over."""
        with self._guard:
            kept = self._known.get(number) or self._unseal(number)
            if kept is None or kept.until <= self.now().date():
                return None
            if len(self._known) > 5_000:
                self._known.clear()
            self._known[number] = kept
            return kept

    def _unseal(self, number: int) -> Kept | None:
        rows = self._rows(
            "SELECT m.id, m.thread, m.day, m.box, k.until FROM messages m"
            " JOIN keys k ON k.thread = m.thread AND k.day = m.day WHERE m.number = ?",
            number,
        )
        if not rows:
            return None
        name, thread, day, box, until = rows[0]
        key = self._day_key(thread, day)
        assert key is not None
        try:
            data = AESGCM(key).decrypt(
                box[:NONCE_BYTES], box[NONCE_BYTES:], _about(thread, name.hex())
            )
        except (InvalidTag, ValueError):
            raise self._damaged() from None
        message = read_json(data, Message, limit=MAX_MESSAGE, what="a message")
        return Kept(number, message, date.fromisoformat(until))

    def _rows(self, statement: str, *values: object) -> list[tuple]:  # type: ignore[type-arg]
        with self._guard, self._told():
            db = self._look()
            return [] if db is None else db.execute(statement, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._guard, self._told():
            db = self._look() or self._make()
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                self._day_keys.clear()
                raise

    def _erase(self) -> None:
        """Leave nothing of what was deleted in the bytes of the file or its log."""
        with self._guard, self._told():
            db = self._look()
            assert db is not None
            db.execute("VACUUM")
            db.execute("PRAGMA incremental_vacuum").fetchall()
            busy = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            self._to_erase = bool(busy)  # somebody reads beside us: again at the next purge

    def _look(self) -> sqlite3.Connection | None:
        if self._db is None and self.path.exists():
            check_private(self.path)
            self._db = self._connected()
            # A process that was killed may have deleted, and not erased.
            self._to_erase = True
        return self._db

    def _make(self) -> sqlite3.Connection:
        self.path.touch(mode=0o600)
        self._db = self._connected()
        return self._db

    def _connected(self) -> sqlite3.Connection:
        db = connect(self.path, "rw", self._stack)
        if db.execute("PRAGMA application_id").fetchone()[0] not in (0, _APPLICATION):
            raise self._damaged()
        for told in (
            "auto_vacuum = INCREMENTAL",  # before there are tables
            "journal_mode = WAL",
            "synchronous = NORMAL",
            "secure_delete = ON",
            "temp_store = MEMORY",
            "cache_size = -256",
        ):
            db.execute(f"PRAGMA {told}")
        if db.execute("PRAGMA user_version").fetchone()[0] == 0:
            db.execute("BEGIN EXCLUSIVE")
            for statement in _TABLES:
                db.execute(statement)
            db.execute(f"PRAGMA application_id = {_APPLICATION}")
            db.execute("PRAGMA user_version = 1")
            db.execute("COMMIT")
        return db

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as wrong:
            raise self._damaged(str(wrong)) from wrong

    def _damaged(self, why: str = "what is in it cannot be opened") -> StoreError:
        return StoreError(
            f"{self.path} cannot be used: {why}",
            hint="see whether the disk is full; if the file is damaged, delete it and its -wal: "
            "talk alone is lost, the record is another file",
        )


class Talk:
    """The talk of all nodes in a hall: each has a store of its own.

    Parameters
    ----------
    on_said
        Told of the organ and of the members for whom something changed there.
    """

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self.nodes = nodes
        self.stores = {
            member: TalkStore(node.folder.path / "talk.sqlite", node.keys, now=node.now)
            for member, node in nodes.items()
        }
        self.on_said: list[Callable[[str, frozenset[str]], None]] = []
        self._hands = ThreadPoolExecutor(HANDS, thread_name_prefix="talk")

    def close(self) -> None:
        """Close all stores."""
        self._hands.shutdown()
        for store in self.stores.values():
            store.close()

    def days(self, member: str) -> int:
        """Return for how many days a member's charter keeps talk."""
        return retention(self._charter(member))

    def may_talk(self, member: str) -> bool:
        """Tell whether a member has the right to talk, and the charter keeps any."""
        node = self.nodes[member]
        on = node.now().date()
        return may_talk(self._charter(member), member, on) and self.days(member) > 0

    def say(
        self,
        member: str,
        office: str,
        person: str,
        text: str,
        *,
        thread: str,
        organ: str,
        once: str,
        title: str = "",
        group: tuple[str, ...] = (),
        case: str | None = None,
    ) -> Message:
        """Say something; on return it is with all who read the thread.

        Parameters
        ----------
        once
            The same words sent again with the same value are said once.

        Raises
        ------
        UsageError
            If this member has no place there, or no right to talk.
        ActError
            If the words hold characters that nobody can see.
        """
        node = self.nodes[member]
        readers = node.readers().get(organ, frozenset())
        if member not in readers or (group and member not in group):
            raise UsageError("you have no place in that talk", hint="choose a thread of yours")
        if not self.may_talk(member):
            raise UsageError(
                f"{self._charter(member).name_of(member)} has no right to talk under the charter"
                if self.days(member)
                else "the charter keeps no talk",
                hint="say it in an act, or ask for the charter to be amended",
            )
        message = Message(
            id=_digest("message", member, thread, once, text)[:32],
            thread=thread,
            organ=organ,
            member=member,
            office=office,
            person=person,
            instant=spelled(node.now()),
            text=text,
            to=tuple(sorted(readers & set(group) if group else readers)),
            title=title,
            group=tuple(sorted(group)),
            case=case,
        )
        self._hand(message)
        return message

    def take_back(self, member: str, person: str, name: str) -> Message:
        """Delete a message of one's own, in every store: its words are gone at once.

        That somebody said something there stays until the day's time is over.

        Raises
        ------
        UsageError
            If it is not there, or another's.
        """
        kept = self.stores[member].get(name)
        if kept is None or (kept.message.member, kept.message.person) != (member, person):
            raise UsageError("that message is not yours", hint="one deletes one's own messages")
        gone = msgspec.structs.replace(kept.message, text="", deleted=True)
        self._hand(gone)
        return gone

    def purge(self) -> None:
        """Destroy everywhere what is past its retention, and what a member reads no more."""

        def purge(member: str) -> frozenset[str]:
            return self.stores[member].purge(self.days(member), self.nodes[member].organs())

        for member, organs in zip(self.stores, self._hands.map(purge, self.stores), strict=True):
            for organ in sorted(organs):
                self._tell(organ, frozenset({member}))

    def reconcile(self) -> None:
        """Hand on what a killed process had not handed to everybody."""
        for member, store in self.stores.items():
            for kept in store.said_by(member):
                self._hand(kept.message)

    def _hand(self, message: Message) -> None:
        """Hand a message to the store of each member that it is for, its author's first."""

        def take(member: str) -> bool:
            return self.stores[member].take(message, self.days(member))

        there = [
            member
            for member in dict.fromkeys((message.member, *message.to))
            if member in self.nodes and message.organ in self.nodes[member].organs()
        ]
        own, others = there[:1], there[1:]  # most of the time goes to disk: side by side
        new = [*map(take, own), *self._hands.map(take, others)]
        if any(new):
            told = (m for m, fresh in zip(there, new, strict=True) if fresh)
            self._tell(message.organ, frozenset(told))

    def _tell(self, organ: str, members: frozenset[str]) -> None:
        for told in self.on_said:
            told(organ, members)

    def _charter(self, member: str) -> Charter:
        return self.nodes[member].succession.current.charter


def group_id(member: str, once: str) -> str:
    """Return the name of the thread of a group that a member begins; no organ is named so."""
    return "t_" + _digest("thread", member, once)[:24]


def _digest(*parts: str) -> str:
    return sha256(write_json(parts)).hexdigest()


def _about(thread: str, name: str) -> bytes:
    return f"comity talk v1 {thread} {name}".encode()


def _about_key(thread: str, day: str) -> str:
    return f"talk {thread} {day}"
