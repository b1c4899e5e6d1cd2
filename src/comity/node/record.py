"""The record of one node: every act it holds, on disk before anybody is told so.

Invariants:

1. What `add` has returned survives the death of the process at any instant,
   and that of the machine, as far as its disk tells the truth about syncing.
2. A transaction is there whole or not at all; so is every batch given to `add`.
3. Nothing is ever dropped or downgraded: a sealed act can be opened later, an
   opened one never becomes sealed again.
4. Of a fork both branches are kept, and further ones where another act at hand
   names them (PROTOCOL: "two branches, plus those a closing names").
5. One process writes; any number read.

Acts come in verified (`comity.core.acts`); they are not verified again when
they are read, except by `comity.node.doctor`.
"""

# ruff: noqa: S608 - the names of tables and columns are our own; values are always bound.

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from sys import intern
from types import TracebackType
from typing import TypeVar

import msgspec

from comity.core.acts import Act, SealedForm, restored
from comity.core.bodies import Closing, Stance
from comity.core.envelope import Envelope, Signature
from comity.errors import UsageError
from comity.node.files import StoreError, check_private, sync_folder
from comity.node.schema import STEPS, bring_up, check_step, standing_at

BRANCHES = 2
"""Of so many branches of a fork each is kept, whoever names it."""
SEALED_BRANCHES = 16
"""The same while they are sealed here, and nobody can see what they are about."""
BOXES = 4
"""So many boxes that are said to hold one sealed act are kept: a carrier may have changed some."""
MAX_PASSED_OVER = 1_000
MAX_ASIDE = 1_000
MAX_ASIDE_EACH = 100
MAX_ASIDE_BYTES = 32 * 2**20
MAX_META = 1_000
MAX_META_VALUE = 65_536
_Struct = TypeVar("_Struct", bound=msgspec.Struct)
_AT_ONCE = 256
"""How many acts are read at a time; between two times writers go ahead."""

TIPS = """SELECT number FROM acts WHERE (organ, member, id) NOT IN
    (SELECT organ, member, prev FROM acts WHERE prev IS NOT NULL)"""
GAPS = """SELECT DISTINCT prev, organ, member, 1 FROM acts WHERE prev IS NOT NULL
    AND (organ, member, prev) NOT IN (SELECT organ, member, id FROM acts)"""
"""What the tables of tips and gaps are kept equal to, act by act."""

_ACT = "id, key_id, signature, payload, salt, body, epoch, nonce, box"
_Row = tuple[bytes, str, bytes, bytes, bytes | None, bytes | None, bytes, bytes, bytes]


@dataclass(frozen=True, slots=True)
class Head:
    """An act that ends a chain, as far as it is at hand; several are a fork or a gap."""

    organ: str
    member: str
    seq: int
    id: str


@dataclass(frozen=True, slots=True)
class Gap:
    """An act that others name and that is not at hand: mostly the one before one that is."""

    organ: str
    member: str
    id: str


@dataclass(frozen=True, slots=True)
class Settled:
    """An outcome that nothing can change any more, with what the service keeps beside it."""

    proposal: str
    outcome: str
    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class BeaconKept:
    """The latest beacon of a member in an organ."""

    member: str
    organ: str
    instant: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class EpochKept:
    """The key of an epoch, encrypted under this node's store key (`Keys.wrap`)."""

    organ: str
    number: int
    key_hash: str
    box: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Aside:
    """Bytes that could not be verified yet, to be tried again."""

    id: str
    source: str
    reason: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Stored:
    """A row of the acts as it stands in the file, for whoever checks it."""

    number: int
    id: str
    organ: str
    member: str
    seq: int
    prev: str | None
    kind: str | None
    row: _Row = field(repr=False)


class Record:
    """The acts that one node holds, and what follows from them.

    Open it with `Record.create`, `Record.open` or `Record.read`. Every method
    may be called from any thread. A process that forks opens it afterwards.
    """

    def __init__(self, path: Path, db: sqlite3.Connection, lock: int | None) -> None:
        self.path = path
        self._db = db
        self._lock_file = lock
        self._guard = threading.RLock()
        self._depth = 0
        self.coalition = self._meta("_coalition") or ""
        self.payload_type = self._meta("_payload_type") or ""
        if lock is not None:
            self._note_file()

    # Opening and closing.

    @classmethod
    def create(cls, path: Path, *, coalition: str, payload_type: str) -> Record:
        """Make the empty record of a coalition, and open it for writing.

        Parameters
        ----------
        coalition
            The founding's id.
        payload_type
            The type of its acts, which says whether it is an exercise.

        Raises
        ------
        UsageError
            If there is a record with acts already, or one of another coalition.
        StoreError
            If it cannot be written.
        """
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            sync_folder(path.parent)
        except FileExistsError:
            check_private(path)
        except OSError as wrong:
            raise StoreError(
                f"{path} cannot be made: {wrong.strerror}", hint="name a folder of yours"
            ) from None
        with _told(path), ExitStack() as stack:
            lock = _hold(path, stack)
            db = _connect(path, "rw", stack)
            _make_durable(db, path)
            bring_up(db, where=path)
            _begin_meta(db, path, coalition, payload_type)
            made = cls(path, db, lock)
            stack.pop_all()
            return made

    @classmethod
    def open(cls, path: Path) -> Record:
        """Open a record for writing; one process at a time can.

        Raises
        ------
        StoreError
            If it is missing, damaged, of a newer Comity, open elsewhere, or
            within reach of other accounts.
        """
        _look(path)
        check_private(path)
        with _told(path), ExitStack() as stack:
            lock = _hold(path, stack)
            db = _connect(path, "rw", stack)
            if standing_at(db, where=path) == 0:
                raise _unfinished(path)
            _make_durable(db, path)
            bring_up(db, where=path)
            opened = cls(path, db, lock)
            stack.pop_all()
            return opened

    @classmethod
    def read(cls, path: Path) -> Record:
        """Open a record for reading alone, beside the process that writes it.

        Raises
        ------
        StoreError
            If it is missing, damaged, or of another version of Comity.
        """
        _look(path)
        with _told(path), ExitStack() as stack:
            db = _connect(path, "ro", stack)
            step = standing_at(db, where=path)
            if step == 0:
                raise _unfinished(path)
            check_step(step, where=path)
            if step < len(STEPS):
                raise StoreError(
                    f"{path} was written by an older Comity",
                    hint="start its node once: that brings it up to date",
                )
            opened = cls(path, db, None)
            stack.pop_all()
            return opened

    def close(self) -> None:
        """Close it; closing twice is no harm."""
        with self._guard:
            self._db.close()
            if self._lock_file is not None:
                os.close(self._lock_file)
                self._lock_file = None

    def __enter__(self) -> Record:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Record({str(self.path)!r}, coalition={self.coalition[:16]!r})"

    # Writing.

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make all that is written inside one transaction: whole, or not at all.

        What is written inside is durable when the outermost block ends, not
        before. A block inside a block that fails takes back its own part.
        """
        with self._guard, _told(self.path):
            if self._lock_file is None:
                raise UsageError(
                    f"{self.path} is open for reading alone", hint="write through its node"
                )
            self._depth += 1
            inner = self._depth > 1
            mark = f"inner_{self._depth}"
            try:
                self._db.execute(f"SAVEPOINT {mark}" if inner else "BEGIN IMMEDIATE")
                try:
                    yield
                    self._db.execute(f"RELEASE {mark}" if inner else "COMMIT")
                except BaseException:
                    if self._db.in_transaction:
                        self._db.execute(f"ROLLBACK TO {mark}" if inner else "ROLLBACK")
                    raise
            finally:
                self._depth -= 1

    def add(self, acts: Iterable[Act]) -> tuple[str, ...]:
        """Store verified acts; on return they are on disk.

        Acts that are here already are completed where these say more, and
        otherwise left alone.

        Returns
        -------
        tuple
            The ids that are new or now say more, each once, in the order given.
        """
        changed: dict[str, None] = {}
        with self.together():
            crowded: list[Act] = []
            for act in acts:
                if act.header.coalition != self.coalition:
                    raise UsageError(
                        f"the act belongs to another coalition: {act.header.coalition[:16]}",
                        hint=f"this record is of {self.coalition[:16]}",
                    )
                if self._is_crowded(act):
                    crowded.append(act)
                elif self._store(act):
                    changed[act.id] = None
            while True:
                named = [act for act in crowded if self._is_named(act)]
                if not named:
                    break
                changed.update((act.id, None) for act in named if self._store(act))
                crowded = [act for act in crowded if act not in named]
            for act in crowded:
                self._pass_over(act)
        return tuple(changed)

    def drop_box(self, act: str, box: SealedForm) -> None:
        """Forget a box that does not hold the act it came with; another may."""
        epoch, nonce, data = _box_row(box)
        with self.together():
            number, first = self._one(
                "SELECT number, box FROM acts WHERE id = ?", bytes.fromhex(act)
            ) or (0, None)
            self._db.execute(
                "DELETE FROM boxes WHERE act = ? AND epoch = ? AND nonce = ? AND box = ?",
                (number, epoch, nonce, data),
            )
            if first == data:
                other = self._one(
                    "SELECT epoch, nonce, box, number FROM boxes WHERE act = ? ORDER BY number",
                    number,
                ) or (None, None, None, None)
                self._set_box(number, other[:3])
                self._db.execute("DELETE FROM boxes WHERE number = ?", (other[3],))

    def settle(self, proposal: str, outcome: str, payload: bytes = b"") -> None:
        """Keep the outcome of a settled proposal.

        Raises
        ------
        StoreError
            If another outcome was settled before: only "contested" can follow.
        """
        with self.together():
            known = self._one(
                "SELECT outcome FROM settled WHERE proposal = ?", bytes.fromhex(proposal)
            )
            if known and known[0] not in (outcome, "contested") and outcome != "contested":
                raise StoreError(
                    f"proposal {proposal[:16]} is settled as {known[0]}, and now said to be "
                    f"{outcome}",
                    hint="a settled outcome never changes: examine the record with the doctor",
                )
            if known and known[0] == "contested" != outcome:
                return
            self._db.execute(
                "INSERT INTO settled VALUES (?, ?, ?) ON CONFLICT (proposal) "
                "DO UPDATE SET outcome = excluded.outcome, payload = excluded.payload",
                (bytes.fromhex(proposal), outcome, payload),
            )

    def note_opened(self, id: str, instant: str) -> None:  # noqa: A002 - it is the act's id
        """Note since when this node could read an act; the first instant stays."""
        with self.together():
            self._db.execute("INSERT OR IGNORE INTO opened VALUES (?, ?)", (_name(id), instant))

    def opened_at(self, id: str) -> str | None:  # noqa: A002 - it is the act's id
        """Return since when this node could read an act, as far as it was noted."""
        found = self._one("SELECT instant FROM opened WHERE act = ?", _name(id))
        return str(found[0]) if found else None

    def keep_beacon(self, member: str, organ: str, instant: str, data: bytes) -> bool:
        """Keep a beacon if it is later than the one here; tell whether it was."""
        with self.together():
            known = self._one(
                "SELECT instant, data FROM beacons WHERE member = ? AND organ = ?", member, organ
            )
            if known and (instant, data) <= known:
                return False
            self._db.execute(
                "INSERT OR REPLACE INTO beacons VALUES (?, ?, ?, ?)", (member, organ, instant, data)
            )
            return True

    def keep_epoch(self, epoch: EpochKept) -> None:
        """Keep the encrypted key of an epoch."""
        with self.together():
            self._db.execute(
                "INSERT OR REPLACE INTO epochs VALUES (?, ?, ?, ?)",
                (bytes.fromhex(epoch.key_hash), epoch.organ, epoch.number, epoch.box),
            )

    def set_meta(self, name: str, value: str) -> None:
        """Keep a small value under a name of the service's own.

        Raises
        ------
        UsageError
            If the name begins with `_`, the value is too long, or there are too many.
        """
        if name.startswith("_") or len(value) > MAX_META_VALUE:
            raise UsageError(
                f"'{name[:40]}' cannot be kept beside the acts",
                hint=f"no '_' in front, and at most {MAX_META_VALUE:,} characters",
            )
        with self.together():
            if self._meta(name) is None and self._count("meta") >= MAX_META:
                raise UsageError(
                    f"more than {MAX_META:,} names are kept beside the acts",
                    hint="use fewer names",
                )
            self._set_meta(name, value)

    def set_aside(self, data: bytes, *, source: str, reason: str) -> str:
        """Keep bytes that cannot be verified yet, and return their id.

        Room is bounded for each source, and for all together: the oldest of
        the same source go first.
        """
        name = sha256(data).digest()
        with self.together():
            self._db.execute("DELETE FROM aside WHERE id = ?", (name,))
            self._db.execute(
                "INSERT INTO aside (id, source, reason, data) VALUES (?, ?, ?, ?)",
                (name, source, reason, data),
            )
            self._trim_aside("source = ?", (source,), MAX_ASIDE_EACH, MAX_ASIDE_BYTES // 8)
            self._trim_aside("1", (), MAX_ASIDE, MAX_ASIDE_BYTES)
        return name.hex()

    def drop_aside(self, ids: Iterable[str]) -> None:
        """Forget bytes that were set aside."""
        with self.together():
            self._db.executemany(
                "DELETE FROM aside WHERE id = ?", [(bytes.fromhex(name),) for name in ids]
            )

    def rebuild(self) -> None:
        """Make anew what is derived from the acts: the index of names, tips and gaps."""
        with self.together():
            for table in ("about", "tips", "wanted"):
                self._db.execute(f"DELETE FROM {table}")
            for stored in self.stored():
                act = self._act(stored.row)
                self._db.execute(
                    "UPDATE acts SET organ = ?, member = ?, seq = ?, prev = ?, kind = ? "
                    "WHERE number = ?",
                    (*act.place, _blob(act.header.prev), act.kind, stored.number),
                )
                self._index(stored.number, act)
            self._db.execute(f"INSERT INTO tips {TIPS}")
            self._db.execute(f"INSERT INTO wanted {GAPS}")

    # Whether this node may sign.

    @property
    def held_back(self) -> str | None:
        """Why this node must not sign yet: "restored", "standby" or "copied"; None if it may."""
        return self._meta("_held_back")

    def hold_back(self, why: str) -> None:
        """Keep this node from signing until `let_sign`."""
        with self.together():
            self._set_meta("_held_back", why)

    def let_sign(self) -> None:
        """Let this node sign, once it has its own chains from n + f + 1 peers (PROTOCOL)."""
        with self.together():
            self._db.execute("DELETE FROM meta WHERE name = '_held_back'")

    # Reading.

    @property
    def arrived(self) -> int:
        """How often something was new or newly opened: `acts(after=...)` goes on from there."""
        found = self._one("SELECT max(arrived) FROM acts")
        return int(found[0] or 0) if found else 0

    def get(self, id: str) -> Act | None:  # noqa: A002 - it is the act's id
        """Return the act with an id, if it is at hand."""
        rows = self._rows(f"SELECT {_ACT} FROM acts WHERE id = ?", _name(id))
        return self._act(rows[0]) if rows else None

    def starting(self, letters: str, *, limit: int = 3) -> tuple[str, ...]:
        """Return ids that begin with some hexadecimal digits, in order, at most `limit`."""
        try:
            low, high = (bytes.fromhex(letters.ljust(64, digit)[:64]) for digit in "0f")
        except ValueError:
            return ()
        rows = self._rows(
            "SELECT id FROM acts WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?", low, high, limit
        )
        return tuple(row[0].hex() for row in rows)

    def knows(self, ids: Iterable[str]) -> frozenset[str]:
        """Return which of these acts are at hand, or passed over: nobody need send them."""
        found = set()
        for name in ids:
            blob = _name(name)
            if self._one("SELECT 1 FROM acts WHERE id = ?", blob) or self._one(
                "SELECT 1 FROM passed_over WHERE id = ?", blob
            ):
                found.add(name)
        return frozenset(found)

    def acts(
        self,
        *,
        organ: str | None = None,
        member: str | None = None,
        kind: str | None = None,
        after: int = 0,
    ) -> Iterator[Act]:
        """Yield acts in the order in which they arrived or were opened.

        Acts that arrive meanwhile are among them or not; none comes twice, but
        one that is opened meanwhile may.
        """
        where = ["arrived > ?"]
        values: list[object] = []
        for column, value in (("organ", organ), ("member", member), ("kind", kind)):
            if value is not None:
                where.append(f"{column} = ?")
                values.append(value)
        yield from self._by_arrival("acts", where, values, after)

    def about(self, name: str, *, kind: str | None = None) -> Iterator[Act]:
        """Yield the opened acts that are about an act, by its id, or belong to a case."""
        where = ["name = ?", "+arrived > ?"]
        values: list[object] = [_name(name)]
        if kind is not None:
            where.append("+kind = ?")
            values.append(kind)
        yield from self._by_arrival("about CROSS JOIN acts ON number = act", where, values, 0)

    def unsettled(self, *, organ: str | None = None) -> Iterator[Act]:
        """Yield the proposals at hand whose outcome is not settled."""
        where = ["kind = ?", "arrived > ?", "id NOT IN (SELECT proposal FROM settled)"]
        values: list[object] = ["propose"]
        if organ is not None:
            where.append("organ = ?")
            values.append(organ)
        yield from self._by_arrival("acts", where, values, 0)

    def chain(self, organ: str, member: str, *, first: int = 1, last: int = 10**9) -> Iterator[Act]:
        """Yield the acts of a chain by number, and by id where there is a fork."""
        seq, name = first, b""
        while True:
            rows = self._rows(
                f"SELECT seq, {_ACT} FROM acts WHERE organ = ? AND member = ? "
                "AND (seq, id) > (?, ?) AND seq <= ? ORDER BY seq, id LIMIT ?",
                *(organ, member, seq, name, last, _AT_ONCE),
            )
            for row in rows:
                yield self._act(row[1:])
            if len(rows) < _AT_ONCE:
                return
            seq, name = rows[-1][0], rows[-1][1]

    def heads(self, *, organ: str | None = None, member: str | None = None) -> tuple[Head, ...]:
        """Return the ends of the chains: all, or those of an organ or a member."""
        rows = self._rows(
            "SELECT organ, member, seq, id FROM tips JOIN acts ON number = act "
            "WHERE (?1 IS NULL OR organ = ?1) AND (?2 IS NULL OR member = ?2) "
            "ORDER BY organ, member, seq, id",
            *(organ, member),
        )
        return tuple(Head(o, m, seq, name.hex()) for o, m, seq, name in rows)

    def gaps(self, *, organ: str | None = None, limit: int = 1_000) -> tuple[Gap, ...]:
        """Return the acts to ask others for, at most `limit`."""
        rows = self._rows(
            "SELECT organ, member, id FROM wanted WHERE (?1 IS NULL OR organ = ?1) "
            "ORDER BY organ, member, id LIMIT ?2",
            *(organ, limit),
        )
        return tuple(Gap(o, m, name.hex()) for o, m, name in rows)

    def forks(self, *, organ: str | None = None) -> tuple[tuple[str, str, int], ...]:
        """Return the places, (organ, member, number), under which more than one act is at hand."""
        rows = self._rows(
            "SELECT organ, member, seq FROM acts WHERE ?1 IS NULL OR organ = ?1 "
            "GROUP BY organ, member, seq HAVING count(*) > 1 ORDER BY organ, member, seq",
            organ,
        )
        return tuple(rows)

    def boxes(self, id: str) -> tuple[SealedForm, ...]:  # noqa: A002 - it is the act's id
        """Return the boxes that came with an act, in the order they came."""
        rows = self._rows(
            "SELECT epoch, nonce, box FROM acts WHERE id = ?1 AND box IS NOT NULL UNION ALL "
            "SELECT * FROM (SELECT b.epoch, b.nonce, b.box FROM boxes b "
            "JOIN acts ON acts.number = act WHERE id = ?1 ORDER BY b.number)",
            _name(id),
        )
        return tuple(_box(*row) for row in rows)

    def sealed(self, *, organ: str | None = None) -> Iterator[Act]:
        """Yield the acts that could not be opened yet."""
        where = ["arrived > ?", "kind IS NULL"]
        values: list[object] = []
        if organ is not None:
            where.append("organ = ?")
            values.append(organ)
        yield from self._by_arrival("acts", where, values, 0)

    def count(self, *, organ: str | None = None, kind: str | None = None) -> int:
        """Count the acts at hand: all, or those of an organ or a kind."""
        where = " AND ".join(
            f"{column} = ?" for column, value in (("organ", organ), ("kind", kind)) if value
        )
        values = [value for value in (organ, kind) if value]
        found = self._one(f"SELECT count(*) FROM acts WHERE {where or '1'}", *values)
        return int(found[0]) if found else 0

    def settled(self, proposal: str | None = None) -> tuple[Settled, ...]:
        """Return the settled outcomes: all, or that of one proposal."""
        rows = self._rows(
            "SELECT proposal, outcome, payload FROM settled "
            "WHERE ?1 IS NULL OR proposal = ?1 ORDER BY proposal",
            None if proposal is None else _name(proposal),
        )
        return tuple(Settled(name.hex(), outcome, payload) for name, outcome, payload in rows)

    def beacons(self, *, organ: str | None = None) -> tuple[BeaconKept, ...]:
        """Return the latest beacons: all, or those in an organ."""
        rows = self._rows(
            "SELECT member, organ, instant, data FROM beacons WHERE ?1 IS NULL OR organ = ?1 "
            "ORDER BY organ, member",
            organ,
        )
        return tuple(BeaconKept(*row) for row in rows)

    def epochs(self, *, organ: str | None = None) -> tuple[EpochKept, ...]:
        """Return the encrypted keys of epochs: all, or those of an organ, by number."""
        rows = self._rows(
            "SELECT organ, number, key_hash, box FROM epochs WHERE ?1 IS NULL OR organ = ?1 "
            "ORDER BY organ, number, key_hash",
            organ,
        )
        return tuple(EpochKept(o, number, name.hex(), box) for o, number, name, box in rows)

    def meta(self, name: str) -> str | None:
        """Return the small value that is kept under a name."""
        return None if name.startswith("_") else self._meta(name)

    def aside(self, *, reason: str | None = None) -> tuple[Aside, ...]:
        """Return what was set aside: all, or that for one reason; the oldest first."""
        rows = self._rows(
            "SELECT id, source, reason, data FROM aside WHERE ?1 IS NULL OR reason = ?1 "
            "ORDER BY number",
            reason,
        )
        return tuple(Aside(name.hex(), *rest) for name, *rest in rows)

    def stored(self) -> Iterator[Stored]:
        """Yield every row as it stands in the file, for whoever checks it."""
        number = 0
        while True:
            rows = self._rows(
                f"SELECT number, organ, member, seq, prev, kind, {_ACT} FROM acts "
                "WHERE number > ? ORDER BY number LIMIT ?",
                *(number, _AT_ONCE),
            )
            for number, organ, member, seq, prev, kind, *row in rows:
                before = None if prev is None else prev.hex()
                yield Stored(number, row[0].hex(), organ, member, seq, before, kind, tuple(row))
            if len(rows) < _AT_ONCE:
                return

    def indexed(self, number: int) -> frozenset[str]:
        """Return the names that the index holds for a row."""
        rows = self._rows("SELECT name FROM about WHERE act = ?", number)
        return frozenset(n.hex() if isinstance(n, bytes) else str(n) for (n,) in rows)

    # Inside.

    def _rows(self, statement: str, *values: object) -> list[tuple]:  # type: ignore[type-arg]
        with self._guard, _told(self.path):
            return self._db.execute(statement, values).fetchall()

    def _one(self, statement: str, *values: object) -> tuple | None:  # type: ignore[type-arg]
        rows = self._rows(statement + " LIMIT 1", *values)
        return rows[0] if rows else None

    def _count(self, table: str) -> int:
        return int(self._rows(f"SELECT count(*) FROM {table}")[0][0])

    def _meta(self, name: str) -> str | None:
        found = self._one("SELECT value FROM meta WHERE name = ?", name)
        return str(found[0]) if found else None

    def _set_meta(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def _note_file(self) -> None:
        """Hold the node back if this file is not the one that was written: a copy put back."""
        now, known = str(self.path.stat().st_ino), self._meta("_file")
        if now == known:
            return
        with self.together():
            self._set_meta("_file", now)
            if known is not None and self.held_back is None:
                self._set_meta("_held_back", "copied")

    def _by_arrival(
        self, source: str, where: Sequence[str], values: Sequence[object], after: int
    ) -> Iterator[Act]:
        place = next(i for i, part in enumerate(where) if "arrived" in part)
        statement = (
            f"SELECT arrived, {_ACT} FROM {source} WHERE {' AND '.join(where)} "
            f"ORDER BY arrived LIMIT {_AT_ONCE}"
        )
        while True:
            rows = self._rows(statement, *values[:place], after, *values[place:])
            for row in rows:
                yield self._act(row[1:])
            if len(rows) < _AT_ONCE:
                return
            after = rows[-1][0]

    def _act(self, row: Sequence[object]) -> Act:
        name, key, signature, payload, salt, body, epoch, nonce, box = row
        envelope = Envelope(self.payload_type, payload, (Signature(key, signature),))  # type: ignore[arg-type]
        try:
            act = restored(
                envelope,
                salt=salt,  # type: ignore[arg-type]
                body_bytes=body,  # type: ignore[arg-type]
                sealed=None if box is None else _box(epoch, nonce, box),  # type: ignore[arg-type]
                id=intern(name.hex()),  # type: ignore[attr-defined]
            )
            return replace(act, header=_shared(act.header), body=act.body and _shared(act.body))
        except (msgspec.MsgspecError, TypeError, ValueError):
            raise StoreError(
                f"{self.path} is damaged: an act in it cannot be read",
                hint="stop the node, keep the file, and restore the newest backup",
            ) from None

    def _store(self, act: Act) -> bool:
        """Insert or complete an act; tell whether anything was new."""
        known = self._one(
            "SELECT number, body IS NOT NULL, signature, box FROM acts WHERE id = ?",
            bytes.fromhex(act.id),
        )
        if known is None:
            self._insert(act)
            return True
        number, is_open, signature, box = known
        value = act.envelope.signatures[0].value
        opens = act.body is not None and not is_open
        if opens or ((act.body is not None) == bool(is_open) and value < signature):
            # Of equal copies always the same one, as in comity.core.state.
            self._db.execute(
                "UPDATE acts SET key_id = ?, signature = ? WHERE number = ?",
                (act.key_id, value, number),
            )
            signature, replaced = value, True
        else:
            replaced = False
        if opens:
            self._db.execute(
                "UPDATE acts SET salt = ?, body = ?, kind = ? WHERE number = ?",
                (act.salt, act.body_bytes, act.kind, number),
            )
            self._db.execute("DELETE FROM boxes WHERE act = ?", (number,))
            self._index(number, act)
        boxed = act.sealed is not None and self._keep_box(number, act, box, bool(is_open))
        if replaced or boxed:
            self._db.execute(
                "UPDATE acts SET arrived = (SELECT max(arrived) FROM acts) + 1 WHERE number = ?",
                (number,),
            )
        return replaced or boxed

    def _keep_box(self, number: int, act: Act, first: bytes | None, was_open: bool) -> bool:
        assert act.sealed is not None
        row = _box_row(act.sealed)
        if first is None or (act.body is not None and not was_open):
            self._set_box(number, row)
            return first != row[2]
        if was_open or self._box_count(number) >= BOXES:
            return False
        if act.sealed in self.boxes(act.id):
            return False
        self._db.execute(
            "INSERT INTO boxes (act, epoch, nonce, box) VALUES (?, ?, ?, ?)", (number, *row)
        )
        return True

    def _box_count(self, number: int) -> int:
        return 1 + int(self._rows("SELECT count(*) FROM boxes WHERE act = ?", number)[0][0])

    def _set_box(self, number: int, row: Sequence[bytes | None]) -> None:
        self._db.execute(
            "UPDATE acts SET epoch = ?, nonce = ?, box = ? WHERE number = ?", (*row, number)
        )

    def _insert(self, act: Act) -> None:
        organ, member, seq = act.place
        box = (None, None, None) if act.sealed is None else _box_row(act.sealed)
        number = self._db.execute(
            "INSERT INTO acts (arrived, id, organ, member, seq, prev, kind, key_id, signature, "
            "payload, salt, body, epoch, nonce, box) VALUES "
            "((SELECT coalesce(max(arrived), 0) FROM acts) + 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
            "?, ?, ?)",
            (
                bytes.fromhex(act.id),
                organ,
                member,
                seq,
                _blob(act.header.prev),
                act.kind,
                act.key_id,
                act.envelope.signatures[0].value,
                act.envelope.payload,
                act.salt,
                act.body_bytes,
                *box,
            ),
        ).lastrowid
        assert number is not None
        self._index(number, act)
        self._link(number, act)

    def _index(self, number: int, act: Act) -> None:
        names = [_name(name) for name in names_of(act)]
        self._db.executemany(
            "INSERT OR IGNORE INTO about VALUES (?, ?)", [(name, number) for name in names]
        )
        if self._one("SELECT 1 FROM passed_over"):
            rolled = act.body.roll.values() if isinstance(act.body, Closing) else ()
            for name in (*names, *map(bytes.fromhex, rolled)):
                self._want_again("id = ? AND member <> ?", name, act.member)
            self._want_again("id = ?", _blob(act.header.prev))

    def _want_again(self, where: str, *values: object) -> None:
        """Ask again for a branch that was passed over and is named now."""
        self._db.execute(
            "INSERT OR IGNORE INTO wanted SELECT id, organ, member, 0 FROM passed_over "
            f"WHERE {where}",
            values,
        )
        self._db.execute(f"DELETE FROM passed_over WHERE {where}", values)

    def _link(self, number: int, act: Act) -> None:
        """Keep the ends and the gaps of the chain."""
        organ, member, _ = act.place
        chain = (bytes.fromhex(act.id), organ, member)
        is_named = self._one(
            "SELECT 1 FROM wanted WHERE id = ? AND organ = ? AND member = ? AND linked", *chain
        )
        self._db.execute("DELETE FROM wanted WHERE id = ? AND organ = ? AND member = ?", chain)
        if not is_named:
            self._db.execute("INSERT INTO tips VALUES (?)", (number,))
        if act.header.prev is None:
            return
        before = (bytes.fromhex(act.header.prev), organ, member)
        found = self._one(
            "SELECT number FROM acts WHERE id = ? AND organ = ? AND member = ?", *before
        )
        if found:
            self._db.execute("DELETE FROM tips WHERE act = ?", (found[0],))
        else:
            self._db.execute("INSERT OR REPLACE INTO wanted VALUES (?, ?, ?, 1)", before)

    def _is_crowded(self, act: Act) -> bool:
        """Tell whether an act is one branch too many of a fork, and nothing here names it."""
        room = SEALED_BRANCHES if act.body is None else BRANCHES
        others = self._rows(
            "SELECT count(*) FROM acts WHERE organ = ? AND member = ? AND seq = ? AND id <> ?",
            *(*act.place, bytes.fromhex(act.id)),
        )[0][0]
        if others < room or self._one("SELECT 1 FROM acts WHERE id = ?", bytes.fromhex(act.id)):
            return False
        return not self._is_named(act)

    def _is_named(self, act: Act) -> bool:
        organ, member, _ = act.place
        name = bytes.fromhex(act.id)
        if self._one(
            "SELECT 1 FROM wanted WHERE id = ? AND organ = ? AND member = ?", name, organ, member
        ) or self._one(
            "SELECT 1 FROM about CROSS JOIN acts ON number = act WHERE name = ? AND member <> ?",
            *(name, member),
        ):
            return True
        if not isinstance(act.body, Stance):
            return False
        closings = self.about(act.body.proposal, kind="closing")
        return any(
            isinstance(closing.body, Closing) and act.id in closing.body.roll.values()
            for closing in closings
            if closing.member != member
        )

    def _pass_over(self, act: Act) -> None:
        organ, member, seq = act.place
        self._db.execute(
            "INSERT OR IGNORE INTO passed_over (id, organ, member, seq) VALUES (?, ?, ?, ?)",
            (bytes.fromhex(act.id), organ, member, seq),
        )
        self._db.execute(
            "DELETE FROM passed_over WHERE number <= (SELECT max(number) FROM passed_over) - ?",
            (MAX_PASSED_OVER,),
        )

    def _trim_aside(self, where: str, values: tuple[object, ...], most: int, size: int) -> None:
        rows = self._rows(
            f"SELECT number, length(data) FROM aside WHERE {where} ORDER BY number DESC", *values
        )
        held = 0
        for place, (number, length) in enumerate(rows):
            held += length
            if place and (place >= most or held > size):
                self._db.execute("DELETE FROM aside WHERE number = ?", (number,))


def _shared(value: _Struct) -> _Struct:
    """Return a value whose names and ids are those that other acts hold, to save memory."""
    return type(value)(
        **{
            name: intern(one)
            if type(one) is str and len(one) <= 64
            else {intern(k): intern(v) for k, v in one.items()}
            if name == "roll"
            else one
            for name, one in msgspec.structs.asdict(value).items()
        }
    )


def names_of(act: Act) -> tuple[str, ...]:
    """Return what an act is listed under: the ids it is about, and its case."""
    return act.about if act.case is None else (*act.about, act.case)


def _name(name: str) -> bytes | str:
    """Return an id as bytes, and a case as text, so that neither is taken for the other."""
    try:
        return bytes.fromhex(name) if len(name) == 64 else name
    except ValueError:
        return name


def _blob(name: str | None) -> bytes | None:
    return None if name is None else bytes.fromhex(name)


def _box(epoch: bytes, nonce: bytes, box: bytes) -> SealedForm:
    return SealedForm(epoch.hex(), b64encode(nonce).decode("ascii"), b64encode(box).decode("ascii"))


def _box_row(box: SealedForm) -> tuple[bytes, bytes, bytes]:
    return bytes.fromhex(box.epoch), b64decode(box.nonce), b64decode(box.box)


def _connect(path: Path, mode: str, stack: ExitStack) -> sqlite3.Connection:
    db = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=10.0,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    stack.callback(db.close)
    db.execute("PRAGMA trusted_schema = OFF")
    db.execute("PRAGMA cell_size_check = ON")
    return db


def _make_durable(db: sqlite3.Connection, path: Path) -> None:
    if db.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
        raise StoreError(
            f"the disk of {path} cannot keep a record safely",
            hint="use a disk of this machine, not a network share",
        )
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA fullfsync = ON")
    db.execute(f"PRAGMA journal_size_limit = {64 * 2**20}")


def _begin_meta(db: sqlite3.Connection, path: Path, coalition: str, payload_type: str) -> None:
    found = dict(db.execute("SELECT name, value FROM meta WHERE name LIKE '\\_%' ESCAPE '\\'"))
    held = db.execute("SELECT count(*) FROM acts").fetchone()[0]
    if held or found.get("_coalition", coalition) != coalition:
        raise UsageError(
            f"there is a record at {path} already",
            hint="open it, or take another folder for another coalition or run",
        )
    db.execute("BEGIN IMMEDIATE")
    for name, value in (("_coalition", coalition), ("_payload_type", payload_type)):
        db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))
    db.execute("COMMIT")


def _hold(path: Path, stack: ExitStack) -> int:
    """Hold the lock of a record for as long as the process lives; the system lets go of it."""
    beside = path.with_suffix(".lock")
    try:
        lock = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as wrong:
        raise StoreError(
            f"{beside} cannot be opened: {wrong.strerror}",
            hint="see whether the folder is yours and can be written",
        ) from None
    stack.callback(os.close, lock)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise StoreError(
            f"another process is writing {path}",
            hint="stop that node first, or ask it; reading beside it is fine",
        ) from None
    return lock


def _look(path: Path) -> None:
    if not path.is_file():
        raise StoreError(
            f"there is no record at {path}",
            hint="restore it from a backup; never begin an empty one under used keys",
        )


def _unfinished(path: Path) -> StoreError:
    return StoreError(
        f"{path} is empty: its making was broken off",
        hint="found the coalition in this folder again",
    )


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what SQLite says into words for the operator."""
    try:
        yield
    except sqlite3.DatabaseError as wrong:
        code = getattr(wrong, "sqlite_errorcode", 0) & 0xFF
        what, hint = {
            sqlite3.SQLITE_FULL: (
                "cannot be written: the disk is full",
                "make room; what was acknowledged before is safe",
            ),
            sqlite3.SQLITE_BUSY: (
                "is held by another program",
                "close whatever else has the file open, such as a database browser",
            ),
            sqlite3.SQLITE_CORRUPT: (
                "is damaged",
                "stop the node, keep the file, and restore the newest backup",
            ),
            sqlite3.SQLITE_NOTADB: (
                "is no record of Comity",
                "name the folder of a node, or restore its record from a backup",
            ),
        }.get(code, (f"cannot be used: {wrong}", "examine it with the doctor"))
        raise StoreError(f"{path} {what}", hint=hint) from wrong
