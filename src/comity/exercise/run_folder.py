"""What a run keeps in its folder: what it began with, how far it has come, and who has it open.

Runs of one folder are numbered: each going back makes the next one beside those before.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tomllib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import msgspec

from comity.core.strict import instant, spelled
from comity.errors import UsageError
from comity.exercise.journal import Journal, Line
from comity.exercise.scenario import LossKind, Scenario
from comity.node.files import write_whole


class Begun(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a run was begun with, beside its scenario."""

    comity: int
    seed: int
    number: int
    people: tuple[str, ...]
    lost: tuple[tuple[str, LossKind], ...]


def numbers_in(root: Path) -> list[int]:
    """Return the numbers of the runs in a folder, in order."""
    if not root.is_dir():
        return []
    return sorted(
        int(one.name)
        for one in root.iterdir()
        if one.name.isdecimal() and (one / "run.json").exists()
    )


def lay_out(
    root: Path,
    scenario: Scenario,
    form: Begun,
    lines: Iterable[Line],
    until: datetime | None = None,
) -> None:
    """Write what a run begins with; `run.json` comes last, so that it is there whole or not."""
    folder = root / str(form.number)
    if folder.exists():
        shutil.rmtree(folder)  # its making was broken off
    beside = folder / "scenario"
    beside.mkdir(mode=0o700, parents=True)
    if not scenario.text:
        raise UsageError(
            "the scenario was not read from a file", hint="write it down, and load it from there"
        )
    write_whole(beside / "scenario.toml", scenario.text)
    charter = str(tomllib.loads(scenario.text.decode())["scenario"]["charter"])
    for name, data in (
        *scenario.files.items(),
        *(((charter, scenario.charter_text),) if charter.endswith(".toml") else ()),
    ):
        write_whole(beside / name, data)
    journal = Journal(folder / "journal.jsonl")
    for line in lines:
        journal.write(line)
    if until is not None:
        note_clock(folder, until)
    write_whole(folder / "run.json", msgspec.json.encode(form))


def hold(root: Path) -> int:
    """Hold the lock of a folder of runs for as long as the process lives."""
    lock = os.open(root / "run.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise UsageError(
            f"another process plays the run in {root}",
            hint="stop that one first, or name another folder",
        ) from None
    return lock


def read_begun(folder: Path) -> Begun:
    """Return what a run was begun with.

    Raises
    ------
    UsageError
        If its file is damaged.
    """
    try:
        return msgspec.json.decode((folder / "run.json").read_bytes(), type=Begun)
    except (OSError, msgspec.MsgspecError):
        raise UsageError(
            f"{folder / 'run.json'} cannot be read", hint="begin the run anew in another folder"
        ) from None


def note_clock(folder: Path, at: datetime) -> None:
    """Note how far a run has come."""
    beside = folder / "clock.new"
    beside.write_text(spelled(at))
    beside.replace(folder / "clock")


def noted_clock(folder: Path) -> datetime | None:
    """Return how far a run had come; None if it had not moved."""
    noted = folder / "clock"
    if not noted.exists():
        return None
    return instant(noted.read_text().strip(), "how far the run has come")
