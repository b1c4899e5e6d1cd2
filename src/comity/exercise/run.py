"""A run: an exercise in a folder, with a clock, that can be left, gone on with, and gone back in.

    run.json        seed, number, who is played, who is lost
    scenario/       the scenario as it was begun, with the files beside it
    journal.jsonl   what persons signed, and what was done by hand
    clock           how far it has come
    nodes/          the nodes: made anew from the rest whenever the run is opened

The records of the nodes need not outlive the process: scenario, seed and journal
give them back, byte for byte. Going back makes a new run beside the old one,
with new keys and a new coalition, so that nothing signed in the one is ever in
contradiction with what is signed in the other.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
import time
import tomllib
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from comity.core.acts import Act
from comity.core.bodies import Closing, Stance
from comity.core.strict import instant, spelled
from comity.errors import ActError, UsageError
from comity.exercise.director import Director
from comity.exercise.journal import Journal, Line, body_of, event_of, of_act, of_event
from comity.exercise.node_stage import NodeStage, StageHall
from comity.exercise.rehearsal import Entry, Rehearsal
from comity.exercise.scenario import Event, LossKind, Scenario
from comity.exercise.scenario_files import load_path
from comity.node.files import write_whole

A_SECOND: Final = timedelta(seconds=1)
NOTED_EVERY: Final = 2.0
"""Seconds between two notes of how far a running clock has come."""
Progress = Callable[[str, int, int], None]


class _Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    comity: int
    seed: int
    number: int
    people: tuple[str, ...]
    lost: tuple[tuple[str, LossKind], ...]


class Run:
    """A run that is open; every method may be called from any thread.

    Attributes
    ----------
    guard
        The lock under which everything is done; a room may give its own.
    director, stage
        What plays it, and where.
    """

    def __init__(
        self,
        root: Path,
        number: int,
        *,
        guard: threading.RLock | None = None,
        real: Callable[[], float] = time.monotonic,
        progress: Progress = lambda what, done, of: None,
    ) -> None:
        self.root = root
        self.folder = root / str(number)
        self.guard = guard if guard is not None else threading.RLock()
        self.progress = progress
        self._real = real
        self._lock = _hold(root)
        try:
            form = msgspec.json.decode((self.folder / "run.json").read_bytes(), type=_Form)
            self.scenario: Scenario = load_path(self.folder / "scenario")
            self.seed, self.number, self.lost = form.seed, form.number, form.lost
            self.journal = Journal(self.folder / "journal.jsonl")
            self.journal.mend()
            self.pace = self.scenario.pace
            self._running: tuple[float, datetime] | None = None
            self._noted = 0.0
            self._replaying = False
            nodes = self.folder / "nodes"
            if nodes.exists():
                shutil.rmtree(nodes)
            self.stage = NodeStage(
                nodes,
                self.scenario.charter_text,
                self.scenario.start,
                seed=self.seed,
                number=self.number,
                progress=lambda done, of: progress("founding", done, of),
            )
            try:
                self.director = Director(
                    self.scenario, self.stage, self.seed, form.people, self.lost, number=self.number
                )
                self.stage.on_person.append(self._noticed)
                self._replay(self._noted_until(), progress)
            except BaseException:
                self.stage.close()
                raise
        except BaseException:
            os.close(self._lock)
            raise

    @classmethod
    def begin(
        cls,
        root: Path,
        scenario: Scenario,
        *,
        seed: int | None = None,
        people: Iterable[str] = (),
        lost: Iterable[tuple[str, LossKind]] = (),
        guard: threading.RLock | None = None,
        real: Callable[[], float] = time.monotonic,
        progress: Progress = lambda what, done, of: None,
    ) -> Run:
        """Begin a run of a scenario in a folder that has none; its clock stands at the start.

        Raises
        ------
        UsageError
            If there is a run already.
        """
        if _numbers(root):
            raise UsageError(
                f"there is a run in {root} already",
                hint="open it, or name another folder",
            )
        form = _Form(1, scenario.seed if seed is None else seed, 0, tuple(people), tuple(lost))
        _write(root, scenario, form, ())
        return cls(root, 0, guard=guard, real=real, progress=progress)

    @staticmethod
    def is_in(root: Path) -> bool:
        """Tell whether there is a run in a folder."""
        return bool(_numbers(root))

    @classmethod
    def open(
        cls,
        root: Path,
        *,
        guard: threading.RLock | None = None,
        real: Callable[[], float] = time.monotonic,
        progress: Progress = lambda what, done, of: None,
    ) -> Run:
        """Go on with the last run in a folder, where it had come to.

        Raises
        ------
        UsageError
            If there is none, or another process has it open.
        """
        numbers = _numbers(root)
        if not numbers:
            raise UsageError(f"there is no run in {root}", hint="begin one: comity exercise run")
        return cls(root, numbers[-1], guard=guard, real=real, progress=progress)

    def close(self) -> None:
        """Note how far it has come, and close the nodes."""
        with self.guard:
            self._note()
            self.stage.close()
            with suppress(OSError):
                os.close(self._lock)

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *about: object) -> None:
        self.close()

    # Time.

    @property
    def now(self) -> datetime:
        """The time of the exercise."""
        return self.stage.now

    @property
    def hall(self) -> StageHall:
        """The nodes, for a room."""
        return self.stage.hall

    @property
    def entries(self) -> list[Entry]:
        """What has happened so far, in order."""
        return self.director.entries

    @property
    def people(self) -> tuple[str, ...]:
        """Members that persons play."""
        return self.director.people

    @property
    def by_hand(self) -> tuple[Event, ...]:
        """Events that were put in by hand."""
        return self.director.by_hand

    @property
    def over(self) -> bool:
        """Whether the end of the scenario has come."""
        return self.director.over

    @property
    def paused(self) -> bool:
        """Whether its clock stands."""
        return self._running is None

    def set_pace(self, pace: int) -> None:
        """Let so many seconds of the exercise pass in one real second.

        Raises
        ------
        UsageError
            If the pace is not from 1 to 1,000,000.
        """
        if not 1 <= pace <= 1_000_000:
            raise UsageError(f"a clock cannot run {pace:g} times as fast", hint="give 1 to 1000000")
        with self.guard:
            self.tick()
            self.pace = pace
            self._set_clock()

    def go_on(self) -> None:
        """Let the clock run at its pace."""
        with self.guard:
            self._running = (self._real(), self.now)

    def pause(self) -> None:
        """Let the clock stand."""
        with self.guard:
            self.tick()
            self._running = None
            self._note()

    def tick(self) -> None:
        """Do what is due by the clock."""
        with self.guard:
            if self._running is None:
                return
            since, began = self._running
            passed = int((self._real() - since) * self.pace)
            self.director.advance(max(self.now, began + timedelta(seconds=passed)))
            if self.director.over:
                self._running = None
            if self._real() - self._noted > NOTED_EVERY or self._running is None:
                self._note()

    def advance(self, to: datetime) -> None:
        """Do what is due by an instant, for whoever keeps a clock of its own."""
        with self.guard:
            self.director.advance(to)
            self._set_clock(quickly=True)

    def next(self) -> datetime | None:
        """Return when something next happens by itself; None if nothing will before the end."""
        with self.guard:
            return self.director.next()

    def step(self, concerning: str = "") -> datetime:
        """Go to the next thing that happens, or to the next that concerns a member."""
        with self.guard:
            seen, waited = len(self.director.entries), set(self.director.awaited)
            while (at := self.director.next()) is not None:
                self.director.advance(at)
                new = self.director.entries[seen:]
                moves = [m for k, m in self.director.awaited.items() if k not in waited]
                if moves and (not concerning or any(m.by == concerning for m in moves)):
                    break
                if any(not concerning or self._concerns(entry.act, entry.kind, concerning)
                       for entry in new):  # fmt: skip
                    break
                seen += len(new)
            else:
                self.director.advance(self.scenario.end)
            self._set_clock()
            return self.now

    def fast(self, to: datetime | None = None) -> None:
        """Go to an instant, or to the end, as fast as there is nothing to wait for."""
        to = min(to or self.scenario.end, self.scenario.end)
        whole = max(int((to - self.scenario.start).total_seconds()), 1)
        while True:
            with self.guard:
                at = self.director.next()
                if at is None or at > to:
                    self.director.advance(to)
                    self._set_clock()
                    self.progress("playing", whole, whole)
                    return
                self.director.advance(at)
                done = int((self.now - self.scenario.start).total_seconds())
            self.progress("playing", done, whole)

    # By hand.

    def inject(self, event: Event) -> None:
        """Let an event happen now."""
        with self.guard:
            self.director.inject(event)
            self._write(Line(spelled(self.now), "inject", event=of_event(event)))

    def alter(self, event_id: str, event: Event | None) -> None:
        """Let another event stand for one of the scenario that is still to come, or none."""
        with self.guard:
            self.director.alter(event_id, event)
            form = None if event is None else of_event(event)
            self._write(Line(spelled(self.now), "alter", name=event_id, event=form))

    def seat(self, member: str, *, person: bool = True) -> None:
        """Let a person play a member from now on, or no longer."""
        with self.guard:
            self.director.seat(member, person=person)
            self._write(Line(spelled(self.now), "seat" if person else "leave", name=member))

    def play(self, move_id: str) -> None:
        """Make a move that a person is expected to make, as the script has it."""
        with self.guard:
            self.director.play(move_id)
            self._write(Line(spelled(self.now), "play", name=move_id))

    def back(self, to: datetime, *, progress: Progress | None = None) -> Run:
        """Go back to an instant: a new run in which nothing of that instant has happened yet.

        This one is closed, and stays on disk as it was.

        Raises
        ------
        UsageError
            If that is not between the start and now.
        """
        if not self.scenario.start < to <= self.now:
            raise UsageError(
                f"{to:%Y-%m-%d %H:%M} is not between the start and now",
                hint=f"take one after {self.scenario.start:%Y-%m-%d %H:%M}, "
                f"until {self.now:%Y-%m-%d %H:%M}",
            )
        with self.guard:
            self._running = None
            lines = tuple(line for line in self.journal.read() if line.when < to)
            form = msgspec.json.decode((self.folder / "run.json").read_bytes(), type=_Form)
            form = msgspec.structs.replace(form, number=_numbers(self.root)[-1] + 1)
            self.close()
            _write(self.root, self.scenario, form, lines, to - A_SECOND)
            return Run(
                self.root,
                form.number,
                guard=self.guard,
                real=self._real,
                progress=progress or self.progress,
            )

    def rehearsal(self) -> Rehearsal:
        """Return all that the run has left so far."""
        with self.guard:
            return self.director.rehearsal()

    # Inside.

    def _noticed(self, act: Act) -> None:
        """Take note of what a person signed, on disk first."""
        if not self._replaying:
            self.journal.write(of_act(act, self._place))
        self.director.noticed(act)

    def _write(self, line: Line) -> None:
        if not self._replaying:
            self.journal.write(line)

    def _place(self, name: str) -> tuple[str, str, int] | None:
        act = self.stage.ledger.by_id.get(name)
        return None if act is None else act.place

    def _id(self, place: tuple[str, str, int]) -> str | None:
        act = self.stage.ledger.by_place.get(place)
        return None if act is None else act.id

    def _replay(self, until: datetime, progress: Progress) -> None:
        """Play again what the journal holds, up to an instant."""
        self._replaying = True
        try:
            lines = self.journal.read()
            for done, line in enumerate(lines):
                self._fast_to(line.when, progress)
                self._again(line)
                progress("saying again", done + 1, len(lines))
            self._fast_to(max(until, self.now), progress)
        finally:
            self._replaying = False

    def _fast_to(self, to: datetime, progress: Progress) -> None:
        whole = max(int((to - self.scenario.start).total_seconds()), 1)
        while (at := self.director.next()) is not None and at <= to:
            self.director.advance(at)
            progress("playing", int((at - self.scenario.start).total_seconds()), whole)
        self.director.advance(to)

    def _again(self, line: Line) -> None:
        """Do again what one line of the journal says; what cannot be is entered, with why."""
        try:
            match line.kind:
                case "act":
                    self._say_again(line)
                case "inject":
                    assert line.event is not None
                    self.director.inject(event_of(line.event))
                case "alter":
                    event = None if line.event is None else event_of(line.event)
                    self.director.alter(line.name, event)
                case "seat" | "leave":
                    self.director.seat(line.name, person=line.kind == "seat")
                case "play":
                    self.director.play(line.name)
        except (UsageError, ActError) as wrong:
            self.director.playing.enter(
                "not made",
                line.name,
                who=line.member,
                title=f"{line.kind} {line.name}".strip(),
                words=(f"It could not be done again: {wrong.what}.",),
            )

    def _say_again(self, line: Line) -> None:
        body = body_of(line, self._id)
        node = self.stage.nodes.get(line.member)
        if node is None:
            raise UsageError(f"{line.member} has no node", hint="it is not in this run")
        under = None
        if isinstance(body, Stance | Closing):
            under = self.stage.ledger.by_id[body.proposal].header.constitution
        node.say(line.organ, body, office=line.office, under=under)
        self.stage.work()

    def _concerns(self, act: str, kind: str, member: str) -> bool:
        if kind in ("event", "by hand", "outcome"):
            return True
        return kind in ("move", "person") and self.stage.has(member, act)

    def _set_clock(self, *, quickly: bool = False) -> None:
        if self._running is not None:
            self._running = (self._real(), self.now)
        if not quickly or self._real() - self._noted > NOTED_EVERY:
            self._note()

    def _note(self) -> None:
        self._noted = self._real()
        beside = self.folder / "clock.new"
        beside.write_text(spelled(self.now))
        beside.replace(self.folder / "clock")

    def _noted_until(self) -> datetime:
        noted = self.folder / "clock"
        if not noted.exists():
            return self.scenario.start
        return instant(noted.read_text().strip(), "how far the run has come")


def _numbers(root: Path) -> list[int]:
    """Return the numbers of the runs in a folder, in order."""
    if not root.is_dir():
        return []
    return sorted(
        int(one.name)
        for one in root.iterdir()
        if one.name.isdecimal() and (one / "run.json").exists()
    )


def _write(
    root: Path,
    scenario: Scenario,
    form: _Form,
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
        (folder / "clock").write_text(spelled(until))
    write_whole(folder / "run.json", msgspec.json.encode(form))


def _hold(root: Path) -> int:
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
