"""Replays: the same scenario with one member lost from the beginning, kept line by line in a file.

A line holds what is asked of a replay afterwards: how each decision ended and
when, who answered what, and which moves were not made. It is enough to say why a
decision came about in one replay and not in another, without playing either again.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from comity.core.proposals import Standing
from comity.errors import UsageError
from comity.examine.losses import Kind
from comity.exercise.director import Director
from comity.exercise.plain_stage import PlainStage
from comity.exercise.scenario import Scenario

VERSION = 1
"""Of the lines, and of how replays are played: lines of another are not read."""
MAX_FILE = 256 * 1_048_576

LostBy: TypeAlias = Literal["", "silent", "refusing", "leaving"]
Key: TypeAlias = tuple[str, str, int]
"""Member, kind and seed of a replay; the first two are empty where nobody is lost."""


class Ended(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How one decision ended in one replay.

    Parameters
    ----------
    outcome
        ``not made`` where nobody put it to decision, ``open`` where it had not
        ended when the exercise did.
    minutes
        From being put to being settled; None where it was not settled.
    """

    outcome: str
    minutes: int | None = None


class Replay(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What one replay left.

    Parameters
    ----------
    scenario
        `named` of the scenario.
    member, kind
        Who was lost, and how; empty where nobody was.
    ended
        By move that puts something to decision.
    answers
        By such a move and by member, what it said, in a sentence.
    because
        Beside some answers, what they rested on: of those that were others when
        nobody was lost.
    not_made
        The moves that were not made, each with the reason.
    """

    version: Annotated[int, Meta(ge=1)]
    scenario: str
    member: str
    kind: LostBy
    seed: int
    ended: dict[str, Ended]
    answers: dict[str, dict[str, str]] = {}
    because: dict[str, dict[str, tuple[str, ...]]] = {}
    not_made: dict[str, str] = {}

    @property
    def key(self) -> Key:
        """Which replay it is."""
        return (self.member, self.kind, self.seed)

    def came_about(self, decision: str) -> bool:
        """Tell whether a decision was adopted."""
        return self.ended[decision].outcome == "adopted"


_LINES = msgspec.json.Decoder(Replay)


def named(scenario: Scenario) -> str:
    """Return the name of a scenario's exact content: its file, its charter and the files beside."""
    parts = [scenario.text, scenario.charter_text]
    for name in sorted(scenario.files):
        parts += [name.encode(), scenario.files[name]]
    digest = sha256(b"comity replays v1\0")
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def replay(
    scenario: Scenario,
    seed: int,
    member: str = "",
    kind: Kind | None = None,
    *,
    beside: Mapping[str, Mapping[str, str]] | None = None,
    name: str = "",
) -> Replay:
    """Play a scenario through, with a member lost from the beginning.

    Parameters
    ----------
    beside
        The answers of the replay of the same seed in which nobody was lost: what
        differs from them is kept with its reasons.
    name
        `named` of the scenario, if it is at hand.
    """
    stage = PlainStage(scenario.charter_text, scenario.start, seed=seed)
    lost = ((member, kind),) if kind is not None else ()
    director = Director(scenario, stage, seed, lost=lost)
    director.advance(scenario.end)
    put = {move.id: director.ids.get(move.id) for move in scenario.moves if move.kind == "propose"}
    starts: dict[str, datetime] = {}
    settled: dict[str, datetime] = {}
    answers: dict[str, dict[str, str]] = {}
    because: dict[str, dict[str, tuple[str, ...]]] = {}
    not_made: dict[str, str] = {}
    for entry in director.entries:
        words = entry.words[0] if entry.words else ""
        if entry.kind == "not made" and entry.id not in director.ids:
            not_made.setdefault(entry.id, words)
        elif entry.id not in put:
            continue
        elif entry.kind == "outcome":
            settled[entry.id] = entry.at
        elif entry.act and entry.act == put[entry.id]:
            starts[entry.id] = entry.at
        elif entry.who:
            answers.setdefault(entry.id, {})[entry.who] = words
            if beside is not None and beside.get(entry.id, {}).get(entry.who) != words:
                because.setdefault(entry.id, {})[entry.who] = entry.words[1:]
    ended = {}
    for move, act in put.items():
        standing = None if act is None else stage.standing(act)
        took = settled[move] - starts[move] if move in settled else None
        ended[move] = Ended(
            standing.settlement.outcome if isinstance(standing, Standing) else "not made",
            None if took is None else int(took.total_seconds()) // 60,
        )
    return Replay(
        VERSION,
        name or named(scenario),
        member,
        kind or "",
        seed,
        ended,
        answers,
        because,
        not_made,
    )


def read_kept(path: Path, scenario: Scenario) -> dict[Key, Replay]:
    """Read the replays that a file keeps; a last line that was torn is left out.

    Raises
    ------
    UsageError
        If the file is of another scenario, or is no such file.
    """
    if not path.exists():
        return {}
    if path.stat().st_size > MAX_FILE:
        raise UsageError(
            f"{path} has more than {MAX_FILE:,} bytes", hint="name a file that keeps replays"
        )
    return {one.key: one for one in _whole(path, path.read_bytes(), named(scenario))}


def _whole(path: Path, data: bytes, name: str) -> Iterator[Replay]:
    lines = data.split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            found = _LINES.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError) as wrong:
            if number == len(lines):
                return  # what was being written when the program was stopped
            raise UsageError(
                f"line {number} of {path} is no replay: {wrong}",
                hint="name another file, or remove that line",
            ) from None
        if found.scenario != name or found.version != VERSION:
            what = "another scenario" if found.scenario != name else "another version of Comity"
            raise UsageError(
                f"{path} keeps replays of {what}",
                hint="name another file: a scenario that was changed begins one of its own",
            )
        yield found


@contextmanager
def keeping(path: Path | None) -> Iterator[_Keeper]:
    """Open a file that replays are added to, one line each; None keeps none."""
    if path is None:
        yield _Keeper(None)
        return
    try:
        _mend(path)
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    except OSError as wrong:
        raise UsageError(
            f"replays cannot be kept in {path}: {wrong.strerror}",
            hint="name a file in a folder that can be written",
        ) from None
    try:
        yield _Keeper(number)
    finally:
        os.close(number)


class _Keeper:
    """Where replays are added, as they are done."""

    def __init__(self, number: int | None) -> None:
        self._number = number

    def add(self, replays: Iterable[Replay]) -> None:
        """Add replays; each line is written whole, or is the last."""
        for one in replays:
            if self._number is not None:
                os.write(self._number, msgspec.json.encode(one, order="sorted") + b"\n")


def _mend(path: Path) -> None:
    """Cut off a last line that was torn, so that the next one begins anew."""
    if path.exists():
        data = path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            os.truncate(path, whole)
