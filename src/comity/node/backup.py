"""Copies of a record: a backup taken while the node runs, its restoring, and a standby.

A copy must not speak while its original may have spoken since: it would sign
two acts in one place and convict its own member. So every copy made here is
marked in itself and does not sign, whichever way it is put back. A *restored*
record may sign once the node has its own chains from n + f + 1 peers; a
*standby* not even then, until it is promoted.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from comity.errors import UsageError
from comity.node.files import StoreError, check_private, sync_folder, write_whole
from comity.node.folder import Folder, create_folder, open_folder
from comity.node.record import Record
from comity.node.schema import check_step, standing_at
from comity.node.store import Progress, connect, hold, told

_PAGES = 512
"""How many pages are copied between two words of progress."""
Why: TypeAlias = Literal["restored", "standby"]


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy of a record, whole and checked.

    Parameters
    ----------
    path
        Where it lies.
    acts
        How many acts are in it.
    size
        Its bytes.
    """

    path: Path
    acts: int
    size: int


def back_up(
    record: Path, target: Path, *, progress: Progress | None = None, replace: bool = False
) -> Copied:
    """Copy a record into a new file while its node goes on; the copy is checked.

    The copy is of one instant: acts that come meanwhile are in the next one. It
    is one file, and does not sign when it is put back before the service lets it.

    Parameters
    ----------
    replace
        Whether a file at `target` may give way, once the copy is whole.

    Raises
    ------
    UsageError
        If there is a file already.
    StoreError
        If the record cannot be read, the copy not written, or the copy is not sound.
    """
    if target.exists() and target.samefile(record):
        raise UsageError(
            "a record cannot be copied over itself", hint="name a file in another folder"
        )
    if target.exists() and not replace:
        raise UsageError(
            f"there is a file at {target} already", hint="name a new file, such as one with the day"
        )
    return _copy(record, target, "restored", progress)


def restore(backup: Path, folder: Folder, *, progress: Progress | None = None) -> Copied:
    """Put a backup into the folder of its node; what was there is kept beside it.

    The restored record does not sign until the service lets it.

    Raises
    ------
    UsageError
        If the backup is of another coalition.
    StoreError
        If the backup is damaged, or the node is running.
    """
    founding = folder.read_founding()
    with Record.read(backup) as read:
        if read.coalition != founding.id:
            raise UsageError(
                f"{backup} belongs to another coalition: {read.coalition[:16]}",
                hint=f"the folder is of {founding.id[:16]}",
            )
    with ExitStack() as stack:
        hold(folder.record, stack)
        return _copy(backup, folder.record, "restored", progress, before=_put_by)


def stand_by(folder: Folder, target: Path, *, progress: Progress | None = None) -> Folder:
    """Make or refresh a standby: a folder like this one, which does not sign until promoted.

    Raises
    ------
    UsageError
        If there is a node at `target` that is no standby, or no longer.
    StoreError
        If something cannot be read or written, or the standby is open.
    """
    founding = folder.read_founding()
    charter = folder.read_charter(founding)
    if Folder(target).is_founded:
        other = open_folder(target)
        with ExitStack() as stack:
            hold(other.record, stack)
            with Record.read(other.record) as read:
                if (read.coalition, read.held_back) != (founding.id, "standby"):
                    raise UsageError(
                        f"{target} is no standby of this node",
                        hint="a standby that was promoted is the node now; stop the other",
                    )
            _copy(folder.record, other.record, "standby", progress, before=_fold_in)
    else:
        other = create_folder(target)
        write_whole(other.charter, charter)
        _copy(folder.record, other.record, "standby", progress)
    if folder.keys.exists():
        check_private(folder.keys)
        write_whole(other.keys, folder.keys.read_bytes())
    write_whole(other.founding, folder.founding.read_bytes())
    return other


def promote(record: Record) -> None:
    """Make a standby the node: it signs once it has its own chains from its peers.

    Stop the other for good first: two that sign for one member convict it.

    Raises
    ------
    UsageError
        If it is no standby.
    """
    if record.held_back != "standby":
        raise UsageError(f"{record.path} is no standby", hint="only a standby is promoted")
    record.hold_back("restored")


def _copy(
    source: Path,
    target: Path,
    why: Why,
    progress: Progress | None,
    *,
    before: Callable[[Path], None] | None = None,
) -> Copied:
    """Copy a record beside the target, mark it, check it, and only then put it there."""
    beside = target.with_name(f".{target.name}.new")
    try:
        _put_away(beside)
        os.close(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        with told(source):
            acts = _copy_pages(source, beside, why, progress)
        _check(beside, acts, progress)
        descriptor = os.open(beside, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if before is not None:
            before(target)
            sync_folder(target.parent)
        beside.replace(target)
        sync_folder(target.parent)
    except OSError as wrong:
        raise StoreError(
            f"{target} cannot be written: {wrong.strerror}",
            hint="see whether there is room and the folder is yours",
        ) from None
    finally:
        with suppress(OSError):
            _put_away(beside)
    return Copied(target, acts, target.stat().st_size)


def _copy_pages(source: Path, beside: Path, why: Why, progress: Progress | None) -> int:
    def tell(status: int, left: int, pages: int) -> None:
        del status
        if progress is not None:
            progress("copying", pages - left, pages)

    with ExitStack() as stack:
        old = connect(source, "ro", stack)
        check_step(standing_at(old, where=source), where=source)
        old.execute("BEGIN")  # one instant, whatever is written meanwhile
        acts = int(old.execute("SELECT count(*) FROM acts").fetchone()[0])
        new = connect(beside, "rw", stack)
        old.backup(new, pages=_PAGES, progress=tell)
        new.execute("PRAGMA journal_mode = DELETE")  # one file, which can be read anywhere
        new.execute("PRAGMA synchronous = FULL")
        new.execute("INSERT OR REPLACE INTO meta VALUES ('_held_back', ?)", (why,))
        return acts


def _check(copy: Path, acts: int, progress: Progress | None) -> None:
    if progress is not None:
        progress("checking", 0, 1)
    with ExitStack() as stack:
        try:
            db = connect(copy, "ro", stack)
            sound = db.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok"
            same = db.execute("SELECT count(*) FROM acts").fetchone()[0] == acts
        except sqlite3.DatabaseError:
            sound = same = False
    if not (sound and same):
        raise StoreError(
            "the copy is not sound, and was not kept",
            hint="the record may be damaged: examine it with the doctor",
        )
    if progress is not None:
        progress("checking", 1, 1)


def _put_by(record: Path) -> None:
    """Rename a record out of the way, its log with it; without its log it would lack acts.

    The record goes first: if this is broken off, there is none, and the node
    does not start before it is restored.
    """
    number = 1
    while (kept := record.with_name(f"{record.name}.before-{number}")).exists():
        number += 1
    for ending in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            record.with_name(record.name + ending).replace(kept.with_name(kept.name + ending))


def _fold_in(record: Path) -> None:
    """Bring a record's log into it, so that another file can take its place in one step."""
    with ExitStack() as stack, told(record):
        db = connect(record, "rw", stack)
        db.execute("PRAGMA busy_timeout = 1000")
        if db.execute("PRAGMA journal_mode = DELETE").fetchone()[0] != "delete":
            raise StoreError(
                f"somebody is reading {record}", hint="close what reads the standby, and try again"
            )


def _put_away(record: Path) -> None:
    """Delete a record, its log with it; the record goes first."""
    for ending in ("", "-wal", "-shm", "-journal"):
        record.with_name(record.name + ending).unlink(missing_ok=True)
