"""The doctor: looks a node's folder over, and says what is wrong and what helps.

It reads beside the running node and changes nothing. Every act is verified
again, and what is derived from the acts is derived again. What is found is
data; nothing is raised, however damaged the folder is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from comity.core.acts import Act, commitment
from comity.errors import ComityError
from comity.node.files import StoreError, check_private
from comity.node.folder import Folder
from comity.node.keys import check_keys
from comity.node.record import Record, names_of
from comity.node.record_reading import Stored
from comity.node.store import Progress

Severity: TypeAlias = Literal["broken", "warning", "note"]
"""It cannot be relied on; it works, and somebody should act; it is good to know."""

MAX_EACH = 20
"""So many symptoms of one kind are told one by one; the rest are counted."""
_STEP = 500
_RESTORE = "stop the node, keep the file, and restore the newest backup"
_REBUILD = "stop the node and make the index anew (Record.rebuild); the acts are not touched"


@dataclass(frozen=True, slots=True)
class Symptom:
    """One thing that is wrong, or good to know.

    Parameters
    ----------
    severity
        "broken": cannot be relied on. "warning": works, and somebody should
        act. "note": good to know.
    check
        Which check found it: folder, file, act, commitment, index, chain,
        outcome, keys or signing.
    what
        In words.
    remedy
        The next step.
    """

    severity: Severity
    check: str
    what: str
    remedy: str


def look_over(
    path: Path,
    *,
    verify: Callable[[Act], object] | None = None,
    recompute: Callable[[str], str | None] | None = None,
    progress: Progress | None = None,
) -> tuple[Symptom, ...]:
    """Look a node's folder over, and return what was found; nothing, if all is well.

    Parameters
    ----------
    verify
        Verifies an act against the keys of the coalition, and raises ActError;
        `lambda act: read_act(act.to_bytes(), keyring)`.
    recompute
        Returns the outcome of a proposal, by its id, as it follows from the
        acts; None where it is not settled.
    """
    found: list[Symptom] = []
    more: Counter[tuple[Severity, str, str]] = Counter()
    told: Counter[tuple[Severity, str]] = Counter()
    for symptom in _all(path, verify, recompute, progress or _silent):
        told[symptom.severity, symptom.check] += 1
        if told[symptom.severity, symptom.check] <= MAX_EACH:
            found.append(symptom)
        else:
            more[symptom.severity, symptom.check, symptom.remedy] += 1
    for (severity, check, remedy), count in sorted(more.items()):
        found.append(Symptom(severity, check, f"and {count:,} more of this kind", remedy))
    return tuple(found)


def _all(
    path: Path,
    verify: Callable[[Act], object] | None,
    recompute: Callable[[str], str | None] | None,
    progress: Progress,
) -> Iterator[Symptom]:
    folder = Folder(path)
    if not path.is_dir():
        yield Symptom("broken", "folder", f"there is no folder {path}", "name the folder of a node")
        return
    yield from _files(folder)
    yield from _keys(folder)
    try:
        record = Record.read(folder.record)
    except StoreError as wrong:
        yield Symptom("broken", "file", wrong.what, wrong.hint)
        return
    with record:
        try:
            with record.steady():
                yield from _record(folder, record, verify, recompute, progress)
        except StoreError as wrong:
            yield Symptom("broken", "file", wrong.what, wrong.hint)


def _files(folder: Folder) -> Iterator[Symptom]:
    for file in (folder.path, *sorted(folder.path.iterdir())):
        try:
            check_private(file)
        except StoreError as wrong:
            yield Symptom("broken", "folder", wrong.what, wrong.hint)
        except OSError:
            continue  # it went away meanwhile
        if file.name.endswith(".new"):
            yield Symptom(
                "note",
                "folder",
                f"{file} was left over when writing was broken off",
                f"delete it when the node has stopped: rm {file}",
            )
    try:
        folder.read_charter(folder.read_founding())
    except ComityError as wrong:
        yield Symptom("broken", "folder", wrong.what, wrong.hint)


def _keys(folder: Folder) -> Iterator[Symptom]:
    if not folder.keys.exists():
        yield Symptom(
            "warning",
            "keys",
            f"{folder.keys} is missing: this node can read, and not sign",
            "put the file back from where you keep it safe",
        )
        return
    try:
        check_keys(folder.keys)
    except StoreError as wrong:
        yield Symptom("broken", "keys", wrong.what, wrong.hint)


def _record(
    folder: Folder,
    record: Record,
    verify: Callable[[Act], object] | None,
    recompute: Callable[[str], str | None] | None,
    progress: Progress,
) -> Iterator[Symptom]:
    progress("checking the file", 0, 1)
    for words in record.integrity():
        yield Symptom("broken", "file", f"{record.path} is damaged: {words}", _RESTORE)
    progress("checking the file", 1, 1)
    if folder.is_founded:
        try:
            founding = folder.read_founding()
        except ComityError:
            pass  # told among the files
        else:
            if (record.coalition, record.payload_type) != (founding.id, founding.act_type):
                yield Symptom(
                    "broken",
                    "file",
                    f"the record is of another coalition: {record.coalition[:16]}",
                    "put the record and the founding of one node into one folder",
                )
    yield from _acts(record, verify, progress)
    yield from _chains(record)
    yield from _outcomes(record, recompute, progress)
    if record.held_back is not None:
        yield Symptom(
            "note",
            "signing",
            f"this node does not sign yet: its record is {record.held_back}",
            "let it fetch its own chains from its peers first",
        )


def _acts(
    record: Record, verify: Callable[[Act], object] | None, progress: Progress
) -> Iterator[Symptom]:
    total = record.count()
    for done, stored in enumerate(record.stored()):
        if done % _STEP == 0:
            progress("verifying acts", done, total)
        try:
            act = record.act_of(stored)
        except StoreError:
            yield Symptom("broken", "act", f"act {stored.id} cannot be read", _RESTORE)
            continue
        yield from _act(record, stored, act, verify)
    progress("verifying acts", total, total)


def _act(
    record: Record, stored: Stored, act: Act, verify: Callable[[Act], object] | None
) -> Iterator[Symptom]:
    if act.envelope.id != stored.id:
        yield Symptom("broken", "act", f"act {stored.id} has the bytes of another", _RESTORE)
    if act.salt is not None and act.body_bytes is not None:
        if commitment(act.salt, act.body_bytes) != act.header.commit:
            yield Symptom(
                "broken", "commitment", f"act {stored.id} has the body of another", _RESTORE
            )
    elif act.salt is not None or act.body_bytes is not None:
        yield Symptom("broken", "commitment", f"act {stored.id} is opened by half", _RESTORE)
    if verify is not None:
        try:
            verify(act)
        except ComityError as wrong:
            yield Symptom("broken", "act", f"act {stored.id}: {wrong.what}", _RESTORE)
    row = (stored.organ, stored.member, stored.seq, stored.prev, stored.kind)
    if row != (*act.place, act.header.prev, act.kind):
        yield Symptom("broken", "index", f"act {stored.id} is listed in a wrong place", _REBUILD)
    if record.indexed(stored.number) != frozenset(names_of(act)):
        yield Symptom(
            "broken", "index", f"act {stored.id} is not listed under what it is about", _REBUILD
        )


def _chains(record: Record) -> Iterator[Symptom]:
    tips, gaps = record.misplaced()
    if tips or gaps:
        yield Symptom(
            "broken",
            "index",
            f"{tips:,} ends and {gaps:,} gaps of chains are kept wrongly",
            _REBUILD,
        )
    for organ, member, seq in record.forks():
        yield Symptom(
            "warning",
            "chain",
            f"{member} signed more than one act {seq} in {organ}",
            f"ask {member}: an old copy of its node may have spoken, or its key is lost",
        )
    for gap in record.gaps():
        yield Symptom(
            "warning",
            "chain",
            f"an act of {gap.member} in {gap.organ} is missing: {gap.id}",
            "exchange with other nodes; whoever holds it gives it",
        )


def _outcomes(
    record: Record, recompute: Callable[[str], str | None] | None, progress: Progress
) -> Iterator[Symptom]:
    settled = record.settled() if recompute is not None else ()
    for done, kept in enumerate(settled):
        progress("recomputing outcomes", done, len(settled))
        assert recompute is not None
        try:
            outcome = recompute(kept.proposal)
        except ComityError as wrong:
            yield Symptom("broken", "outcome", f"proposal {kept.proposal}: {wrong.what}", _RESTORE)
            continue
        if outcome != kept.outcome:
            yield Symptom(
                "broken",
                "outcome",
                f"proposal {kept.proposal} is kept as {kept.outcome}, and the acts here say "
                f"{outcome or 'that it is not settled'}",
                "exchange with other nodes, then look again; if it stays, restore a backup",
            )
    if settled:
        progress("recomputing outcomes", len(settled), len(settled))


def _silent(what: str, done: int, total: int) -> None:
    del what, done, total
