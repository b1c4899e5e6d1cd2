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

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from comity.core.acts import Act
from comity.core.strict import spelled
from comity.errors import UsageError
from comity.exercise.director import Director
from comity.exercise.journal import Journal, Line, of_act, of_event
from comity.exercise.node_stage import NodeStage, StageHall
from comity.exercise.rehearsal import Entry, Rehearsal
from comity.exercise.replaying import Progress, play_again
from comity.exercise.run_folder import (
    Begun,
    hold,
    lay_out,
    note_clock,
    noted_clock,
    numbers_in,
    read_begun,
)
from comity.exercise.scenario import Event, LossKind, Scenario
from comity.exercise.scenario_files import load_path

A_SECOND: Final = timedelta(seconds=1)
NOTED_EVERY: Final = 2.0
"""Seconds between two notes of how far a running clock has come."""


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
        self._lock = hold(root)
        try:
            form = read_begun(self.folder)
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
                self._replaying = True
                until = noted_clock(self.folder) or self.scenario.start
                play_again(self.director, self.stage, self.journal.read(), until, progress)
                self._replaying = False
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
        if numbers_in(root):
            raise UsageError(
                f"there is a run in {root} already",
                hint="open it, or name another folder",
            )
        form = Begun(1, scenario.seed if seed is None else seed, 0, tuple(people), tuple(lost))
        lay_out(root, scenario, form, ())
        return cls(root, 0, guard=guard, real=real, progress=progress)

    @staticmethod
    def is_in(root: Path) -> bool:
        """Tell whether there is a run in a folder."""
        return bool(numbers_in(root))

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
        numbers = numbers_in(root)
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
            form = read_begun(self.folder)
            form = msgspec.structs.replace(form, number=numbers_in(self.root)[-1] + 1)
            self.close()
            lay_out(self.root, self.scenario, form, lines, to - A_SECOND)
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
        note_clock(self.folder, self.now)
