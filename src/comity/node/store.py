"""The file of a record: opened by one process to write, by any number to read.

What is written is on disk when the transaction ends (WAL, synchronous=FULL).
Every method may be called from any thread; a process that forks opens it
afterwards.
"""

# ruff: noqa: S608 - the names of tables and columns are our own; values are always bound.

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

from comity.core.envelope import EXERCISE_ACT
from comity.errors import UsageError
from comity.node.files import StoreError, check_private, sync_folder
from comity.node.schema import STEPS, bring_up, check_step, standing_at

Progress: TypeAlias = Callable[[str, int, int], None]
"""Who is told what is being done, how much of it is done, and of how much."""

MAX_META = 1_000
MAX_META_VALUE = 65_536


class Store:
    """The file of a record, with small values under names, and whether its node may sign."""

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
    def create(cls, path: Path, *, coalition: str, payload_type: str) -> Self:
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
        with told(path), ExitStack() as stack:
            lock = hold(path, stack)
            db = connect(path, "rw", stack)
            _make_durable(db, path)
            bring_up(db, where=path)
            _begin_meta(db, path, coalition, payload_type)
            made = cls(path, db, lock)
            stack.pop_all()
            return made

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a record for writing; one process at a time can.

        Raises
        ------
        StoreError
            If it is missing, damaged, of a newer Comity, open elsewhere, or
            within reach of other accounts.
        """
        _look(path)
        check_private(path)
        with told(path), ExitStack() as stack:
            lock = hold(path, stack)
            db = connect(path, "rw", stack)
            if standing_at(db, where=path) == 0:
                raise _unfinished(path)
            _make_durable(db, path)
            bring_up(db, where=path)
            opened = cls(path, db, lock)
            stack.pop_all()
            return opened

    @classmethod
    def read(cls, path: Path) -> Self:
        """Open a record for reading alone, beside the process that writes it.

        Raises
        ------
        StoreError
            If it is missing, damaged, or of another version of Comity.
        """
        _look(path)
        with told(path), ExitStack() as stack:
            db = connect(path, "ro", stack)
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

    def hurry(self) -> None:
        """Write without waiting for the disk: what the machine's death takes, a replay gives back.

        The death of the process alone takes nothing.

        Raises
        ------
        UsageError
            Unless it is the record of an exercise.
        """
        if self.payload_type != EXERCISE_ACT:
            raise UsageError(
                f"{self.path} is a real record, and waits for its disk",
                hint="only the records of exercises are written without waiting",
            )
        self._db.execute("PRAGMA synchronous = OFF")

    def close(self) -> None:
        """Close it; closing twice is no harm."""
        with self._guard:
            self._db.close()
            if self._lock_file is not None:
                os.close(self._lock_file)
                self._lock_file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.path)!r}, coalition={self.coalition[:16]!r})"

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make all that is written inside one transaction: whole, or not at all.

        What is written inside is durable when the outermost block ends, not
        before. A block inside a block that fails takes back its own part.
        """
        with self._guard, told(self.path):
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

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Read inside as of one instant, whatever is written meanwhile.

        For a record open for reading alone, and not for long: the log cannot
        be folded into the file before it ends.
        """
        assert self._lock_file is None
        with told(self.path):
            self._db.execute("BEGIN")
            try:
                yield
            finally:
                if self._db.in_transaction:
                    self._db.execute("COMMIT")

    # Small values.

    def meta(self, name: str) -> str | None:
        """Return the small value that is kept under a name."""
        return None if name.startswith("_") else self._meta(name)

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

    # Whether this node may sign.

    @property
    def held_back(self) -> str | None:
        """Why this node must not sign yet: "restored", "standby" or "copied"; None if it may."""
        return self._meta("_held_back")

    def hold_back(self, why: str) -> None:
        """Keep this node from signing until `let_sign`."""
        with self.together():
            self._set_meta("_held_back", why)
            self._db.execute("DELETE FROM meta WHERE name = '_held_since'")

    @property
    def held_since(self) -> str | None:
        """When this node noticed that it must not sign; None if it may, or has not noticed."""
        return self._meta("_held_since")

    def note_held(self, instant: str) -> None:
        """Note when this node noticed that it must not sign; the first instant noted stays."""
        if self.held_back is not None and self.held_since is None:
            with self.together():
                self._set_meta("_held_since", instant)

    def let_sign(self) -> None:
        """Let this node sign, once it has its own chains from n + f + 1 peers (PROTOCOL)."""
        with self.together():
            self._db.execute("DELETE FROM meta WHERE name IN ('_held_back', '_held_since')")

    def integrity(self) -> tuple[str, ...]:
        """Return what SQLite finds wrong with the file, in its words; nothing, if it is sound."""
        found = (str(words) for (words,) in self._rows("PRAGMA integrity_check(20)"))
        return tuple(words for words in found if words != "ok")

    # Inside.

    def _rows(self, statement: str, *values: object) -> list[tuple]:  # type: ignore[type-arg]
        with self._guard, told(self.path):
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
            self._db.execute("DELETE FROM meta WHERE name = '_held_since'")  # that was another time
            if known is not None and self.held_back is None:
                self._set_meta("_held_back", "copied")


def as_name(name: str) -> bytes | str:
    """Return an id as bytes, and a case as text, so that neither is taken for the other."""
    try:
        return bytes.fromhex(name) if len(name) == 64 else name
    except ValueError:
        return name


def connect(path: Path, mode: str, stack: ExitStack) -> sqlite3.Connection:
    """Open the file itself, "rw" or "ro"; the stack closes it."""
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


def hold(path: Path, stack: ExitStack) -> int:
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
def told(path: Path) -> Iterator[None]:
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
