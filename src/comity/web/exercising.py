"""A house in which an exercise is played: its nodes and its clock are those of a run.

The clock of the exercise goes so many seconds for one of the room, stands, or runs as
fast as it can until something. It stands by itself until the first person is here, and
again when nobody has been here for a while: nothing is played before empty chairs.
"""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from django.utils.translation import gettext as _

from comity import charters
from comity.errors import ComityError, UsageError
from comity.exercise.after_action import AfterAction, after_action
from comity.exercise.rehearsal import Entry, Rehearsal
from comity.exercise.run import Run
from comity.exercise.scenario import Event, Move, Scenario
from comity.exercise.scenario_files import load_path
from comity.exercise.scoring import Score, score
from comity.node.files import write_whole
from comity.web.exercise_again import Again
from comity.web.house import House, hold

if TYPE_CHECKING:
    from comity.web.desk import Desk
    from comity.web.models import Person

BEAT = 0.25
"""Seconds between two looks at what is due."""
STRETCH = 0.3
"""For how many seconds at a time a hurrying run has the room to itself."""
TELL = 1.0
"""Seconds between two pieces of news to open pages."""
IDLE = 600.0
"""After how many seconds without anybody the clock stands."""
COALITION = "coalition"
"""The folder of the real coalition that one may leave for."""
JOURNAL, OUTSIDE = "exercise journal", "exercise outside"
"""Under what is counted that something happened; and that everybody hears of it."""
LEFT = "room.json"
Progress = Callable[[str, int, int], None]


class _Left(msgspec.Struct, frozen=True):
    """How the clock was left, and what was learnt: kept beside the runs."""

    pace: int
    paused: bool = False
    lessons: str = ""

    @classmethod
    def read(cls, data: Path, pace: int) -> _Left:
        """Read it; as it is in the beginning where nothing was kept."""
        path = data / LEFT
        return msgspec.json.decode(path.read_bytes(), type=cls) if path.exists() else cls(pace)

    def write(self, data: Path) -> None:
        """Keep it."""
        write_whole(data / LEFT, msgspec.json.encode(self))


class Watch:
    """The time of the room that counts for the exercise, in seconds: it passes as it is told."""

    def __init__(self) -> None:
        self.passed = 0.0

    def __call__(self) -> float:
        return self.passed


class ExerciseHouse(House):
    """The house of a run.

    Parameters
    ----------
    run
        The run: its nodes, its clock, its journal.
    watch
        The clock that the run's goes by.
    """

    run: Run

    def __init__(self, data: Path, run: Run, watch: Watch, lock: int) -> None:
        super().__init__(data, run.hall, lock, now=run.stage.clock)
        self.run = run
        self.guard = run.guard
        self.first_desk = run.scenario.desk
        self.again = Again()
        self._watch = watch
        self._until: Callable[[], bool] | None = None
        self._seen = -IDLE
        self._told = len(run.entries)
        self._talks = {move.id: move for move in run.scenario.moves if move.kind == "talk"}
        self._report: tuple[tuple[int, int, datetime, str], AfterAction] | None = None
        self._scores: tuple[tuple[int, int, datetime], tuple[Score, ...]] | None = None
        self._gone_back = False
        self._left = _Left.read(data, run.scenario.pace)

    @classmethod
    def is_begun(cls, data: Path) -> bool:
        """Tell whether an exercise was begun in a folder."""
        return Run.is_in(data)

    @classmethod
    def open_in(
        cls,
        data: Path,
        scenario: Scenario,
        *,
        progress: Progress = lambda what, done, of: None,
    ) -> ExerciseHouse:
        """Open the exercise in a folder where it stood; begin it if there is none.

        What comes before people do is played at once.

        Raises
        ------
        UsageError
            If another process has it open, or another scenario is played there.
        """
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock, watch = hold(data), Watch()
        try:
            if Run.is_in(data):
                run = Run.open(data, progress=progress, real=watch)
            else:
                run = Run.begin(data, scenario, progress=progress, real=watch)
            try:
                if run.scenario.text != scenario.text:
                    raise UsageError(
                        f"another scenario is played in {data}",
                        hint=f"go on with it: comity up --data {data}; or name another folder",
                    )
                if run.now < run.scenario.room_from:
                    run.fast(run.scenario.room_from)
                _seat_first(run)
            except BaseException:
                run.close()
                raise
        except BaseException:
            os.close(lock)
            raise
        house = cls(data, run, watch, lock)
        run.set_pace(house._left.pace)
        if not house._left.paused:
            run.go_on()
        return house

    def close(self) -> None:
        """Stop the clock, note where it stands, and close all nodes; twice is no harm."""
        self.begin_to_close()
        with self.guard:
            if not self._closed and not self._gone_back:
                self.run.close()
        super().close()

    # What it is.

    @property
    def entries(self) -> list[Entry]:
        """What has happened so far."""
        return self.run.entries

    @property
    def over(self) -> bool:
        """Whether the end of the scenario has come."""
        return self.run.over

    def awaited(self) -> tuple[Move, ...]:
        """Return the moves of the script that persons are expected to make now."""
        return tuple(self.run.director.awaited.values())

    def events(self) -> dict[str, Event]:
        """Return the events of the scenario, and those put in by hand, as they stand now."""
        return {one.id: one for one in (*self.run.scenario.events, *self.run.by_hand)}

    def new_name(self) -> str:
        """Return an id for an event that is put in by hand."""
        used = {*self.events(), *self.run.director.happened}
        return next(name for k in count(1) if (name := f"by-hand-{k}") not in used)

    # The clock.

    @property
    def pace(self) -> int:
        """How many seconds of the exercise pass in one of the room."""
        return self.run.pace

    @property
    def moving(self) -> bool:
        """Whether nobody has let the clock stand."""
        return not self.run.paused

    @property
    def hurries(self) -> bool:
        """Whether the clock runs as fast as it can, until something."""
        return self._until is not None

    @property
    def goes(self) -> bool:
        """Whether the clock goes on at its pace now: somebody is here, and it is not over."""
        return self.moving and not self.over and time.monotonic() - self._seen < IDLE

    def here(self) -> None:
        """Note that somebody is here: the clock goes on before somebody's eyes alone."""
        self._seen = time.monotonic()

    def pause(self) -> None:
        """Let the clock stand."""
        with self._directing():
            self._until = None
            self.run.pause()

    def run_on(self) -> None:
        """Let the clock go on at its pace."""
        with self._directing():
            self._until = None
            self.run.go_on()

    def set_pace(self, pace: int) -> None:
        """Let so many seconds of the exercise pass in one of the room."""
        with self._directing():
            self.run.set_pace(pace)

    def run_until(self, reached: Callable[[], bool]) -> None:
        """Run as fast as it can until something, or until the end; then the clock stands."""
        with self._directing():
            self.run.pause()
            self._until = reached

    def tick(self) -> None:
        """Do what is due by the exercise's clock, as it stands."""
        self.beat(0.0)

    def beat(self, passed: float) -> None:
        """Let some seconds of the room pass."""
        with self.guard:
            if self._until is not None:
                self._hurry(self._until)
            elif self.goes:
                self._watch.passed += passed
                self.run.tick()
            self._note_journal()

    def _hurry(self, reached: Callable[[], bool]) -> None:
        enough = time.monotonic() + STRETCH
        while time.monotonic() < enough:
            due = self.run.next()
            self.run.advance(self.run.scenario.end if due is None else due)
            if self.over or reached():
                self._until = None
                self.changes[OUTSIDE] += 1
                self._keep_clock()
                break
        self.run.pause()  # notes how far it has come

    def _run(self) -> None:
        before = told = time.monotonic()
        while not self._stop.wait(BEAT if self._until is None else 0.01):
            now = time.monotonic()
            self.keep_going(partial(self.beat, now - before))
            before = now
            if now - told >= TELL:
                told = now
                self._tell()

    def _note_journal(self) -> None:
        entries = self.entries
        if len(entries) > self._told:
            self.changes[JOURNAL] += 1
            new = entries[self._told :]
            self._told = len(entries)
            if any(entry.kind in ("event", "by hand") for entry in new):
                self.changes[OUTSIDE] += 1
            for entry in new:
                move = self._talks.get(entry.id)
                if move is not None and entry.kind in ("move", "person"):
                    self._say(move)

    def _say(self, move: Move) -> None:
        """Say in talk what the script lets a member say there."""
        with suppress(ComityError):  # whose charter keeps no talk says nothing
            self.talk.say(
                move.by,
                move.organ,
                "script",
                "\n\n".join(move.paragraphs),
                thread=move.organ,
                organ=move.organ,
                once=f"{move.id} {self.run.number}",
            )

    def further(self, person: Person) -> dict[str, int]:
        """Return how often something came from outside; to whoever runs it, the journal too."""
        heard = (OUTSIDE, JOURNAL) if person.anywhere else (OUTSIDE,)
        return {name: self.changes[name] for name in heard}

    # What whoever runs it does.

    def put_in(self, event: Event) -> None:
        """Put an event in by hand."""
        with self._directing():
            self.run.inject(event)

    def change(self, event: Event) -> None:
        """Let another event stand for one that is coming."""
        with self._directing():
            self.run.alter(event.id, event)

    def seat(self, member: str, *, person: bool) -> None:
        """Let a person play a member from now on, or leave it to script and model."""
        with self._directing():
            self.run.seat(member, person=person)

    def do_script(self, name: str) -> None:
        """Make a move of the script that a person is expected to make."""
        with self._directing():
            self.run.play(name)

    def go_back(self, to: datetime) -> None:
        """Begin a new run in which nothing of an instant, or later, has happened yet.

        Raises
        ------
        UsageError
            If that is not between the start and now.
        """
        self.check_back(to)
        with self._directing():
            self._until = None
            self.run.pause()
        self.meanwhile(_("Going back"), lambda progress: self._back(to, progress))

    def check_back(self, to: datetime) -> None:
        """Check that one can go back to an instant.

        Raises
        ------
        UsageError
            If it is not between the start and now.
        """
        start, now = self.run.scenario.start, self.run.now
        if not start < to <= now:
            told = {"start": f"{start:%Y-%m-%d %H:%M}", "now": f"{now:%Y-%m-%d %H:%M}"}
            raise UsageError(
                _("one goes back to an instant that has been"),
                hint=_("choose one after %(start)s, until %(now)s") % told,
            )

    def _back(self, to: datetime, progress: Progress) -> House:
        with self.guard:
            self._gone_back = True
            run = self.run.back(to, progress=progress)
            _seat_first(run)
            house = ExerciseHouse(self.data, run, self._watch, os.dup(self._lock))
            house.here()
            return house

    def leave(self) -> None:
        """Leave for a real, empty coalition, in a folder of its own."""
        with self._directing():
            self._until = None
            self.run.pause()
        self.meanwhile(
            _("Founding"),
            lambda progress: House.open(
                self.data / COALITION, charter_for(self.run.scenario)[1], progress=progress
            ),
        )

    @contextmanager
    def _directing(self) -> Iterator[None]:
        with self.guard:
            try:
                yield
            finally:
                self._note_journal()
                self._keep_clock()
                self.changes[OUTSIDE] += 1
                self._tell()

    # What it leaves.

    def rehearsal(self) -> Rehearsal:
        """Return all that the run has left so far."""
        return self.run.rehearsal()

    def report(self) -> AfterAction:
        """Return the after-action report as far as it has come."""
        with self.guard:
            key = (len(self.entries), len(self.run.stage.acts()), self.run.now, self._left.lessons)
            if self._report is None or self._report[0] != key:
                self._report = key, after_action(self.rehearsal(), self._left.lessons)
            return self._report[1]

    def scores(self) -> tuple[Score, ...]:
        """Return the tasks with their score so far."""
        with self.guard:
            key = len(self.entries), len(self.run.stage.acts()), self.run.now
            if self._scores is None or self._scores[0] != key:
                self._scores = key, score(self.rehearsal())
            return self._scores[1]

    @property
    def lessons(self) -> str:
        """What those who take part make of it."""
        return self._left.lessons

    def write_lessons(self, words: str) -> None:
        """Keep what those who take part make of it."""
        with self.guard:
            self._left = msgspec.structs.replace(self._left, lessons=words)
            self._left.write(self.data)

    def _keep_clock(self) -> None:
        self._left = msgspec.structs.replace(
            self._left, pace=self.pace, paused=self.run.paused and not self.hurries
        )
        self._left.write(self.data)

    @property
    def back_command(self) -> str:
        """The command that goes on with the exercise."""
        return f"comity up --data {shlex.quote(str(self.data))}"

    @property
    def there_command(self) -> str:
        """The command that goes on with the coalition that one left for."""
        return f"comity up --data {shlex.quote(str(self.data / COALITION))}"


def _seat_first(run: Run) -> None:
    """Let a person play the desk that a newcomer sits at, where nobody has said who plays it."""
    if not any(line.kind in ("seat", "leave") for line in run.journal.read()):
        run.seat(run.scenario.desk)


def charter_for(scenario: Scenario) -> tuple[str, bytes]:
    """Return the name and the file of the charter of the coalition that one leaves for.

    A shipped charter of the same members, where there is one: what an exercise plays may
    be shortened for it. Else the exercise's own.
    """
    members = set(scenario.charter.members)
    for name in charters.names():
        if set(charters.load(name).members) == members:
            return charters.load(name).name, charters.text(name)
    return scenario.charter.name, scenario.charter_text


def exercise_of(desk: Desk) -> ExerciseHouse | None:
    """Return the exercise that a desk is in; None where the room plays none."""
    return desk.house if isinstance(desk.house, ExerciseHouse) else None


def directs(desk: Desk) -> bool:
    """Tell whether somebody runs the exercise: whoever may sit at every desk does."""
    return bool(desk.person.anywhere) and exercise_of(desk) is not None


def scenario_in(data: Path) -> Scenario | None:
    """Return the scenario that was begun in a folder; None where none was."""
    numbers = sorted(
        (int(one.name), one / "scenario")
        for one in (data.iterdir() if data.is_dir() else ())
        if one.name.isdecimal() and (one / "run.json").exists()
    )
    return load_path(numbers[-1][1]) if numbers else None
