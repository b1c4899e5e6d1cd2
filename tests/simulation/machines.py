"""A member's machine: a folder on disk, a clock that is off, a node that can die and come back."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from comity.core.acts import Act
from comity.node.folder import Folder
from comity.node.keys import Keys
from comity.node.node import Node
from comity.node.record import Record


class DiedError(BaseException):
    """The process died: no code of the node runs after it, no handler of errors either."""


@dataclass(frozen=True)
class Backup:
    """What an old copy of a folder holds."""

    at: datetime
    files: dict[str, bytes]
    keys: Keys


@dataclass
class Machine:
    """Where one member's node runs.

    Parameters
    ----------
    skew
        How far its clock is ahead.
    honest
        Whether it runs our code and nothing else.
    away
        Whether it is never switched on again once the network heals.
    restored
        When an old copy was last put back, by its own clock.
    dies_at
        Whether the process dies before or after it keeps something next.
    said_to
        By own act: who read its organ when it was signed.
    forgot
        A proposal that it answered, of which its disk knows nothing any more.
    opened
        When its node could first read each proposal.
    """

    member: str
    folder: Folder
    keys: Keys
    clock: Callable[[], datetime]
    chance: random.Random
    skew: timedelta = timedelta(0)
    honest: bool = True
    away: bool = False
    node: Node | None = None
    restored: datetime | None = None
    backups: list[Backup] = field(default_factory=list)
    dies_at: str | None = None
    opened: dict[str, datetime] = field(default_factory=dict)
    said_to: dict[str, frozenset[str]] = field(default_factory=dict)
    forgot: str | None = None

    def now(self) -> datetime:
        return self.clock() + self.skew

    def start(self) -> Node:
        """Open the node on what is on disk.

        What the disk has is not put to the test here (tests/unit/node/test_record.py
        kills processes), so nothing waits for it.
        """
        record = Record.open(self.folder.record)
        record._db.execute("PRAGMA synchronous = OFF")
        self.node = Node(self.folder, record, self.keys, now=self.now, chance=self.chance.randbytes)
        self._wire(record)
        self.node.on_kept.append(self._note)
        return self.node

    def _note(self, act: Act) -> None:
        assert self.node is not None
        if act.kind == "propose":
            self.opened.setdefault(act.id, self.now())
        if act.member == self.member and act.id not in self.said_to:
            readers = self.node.readers().get(act.header.organ, frozenset())
            self.said_to[act.id] = readers

    def _wire(self, record: Record) -> None:
        """Let the machine die just before or just after the record keeps something."""
        add = record.add

        def dying(acts):
            if self.dies_at == "before":
                raise DiedError
            kept = add(acts)
            if self.dies_at == "after":
                raise DiedError
            return kept

        record.add = dying  # type: ignore[method-assign]

    def files(self) -> dict[str, bytes]:
        """Return the record as it lies on disk at this instant."""
        found = {}
        for name in ("record.sqlite", "record.sqlite-wal"):
            path = self.folder.path / name
            if path.exists():
                found[name] = path.read_bytes()
        return found

    def back_up(self) -> None:
        self.backups.append(Backup(self.now(), self.files(), self.keys))

    def die(self) -> None:
        """Stop as if killed: what was not written is lost, and nothing is tidied up."""
        assert self.node is not None
        left = self.files()
        record, self.node, self.dies_at = self.node.record, None, None
        record.close()
        self._put(left)

    def restore(self, backup: Backup) -> None:
        """Put an old copy of the folder in place of what is there: other files, of one name."""
        for path in self.folder.path.glob("record.sqlite*"):
            path.rename(path.with_name(f"{path.name}.lost"))  # so its number is not used again
        self._put(backup.files)
        self.keys = backup.keys
        self.restored = self.now()

    def _put(self, files: dict[str, bytes]) -> None:
        for name in ("record.sqlite", "record.sqlite-wal", "record.sqlite-shm"):
            path = self.folder.path / name
            if name not in files:
                path.unlink(missing_ok=True)
                continue
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
                file.write(files[name])
                file.truncate()
