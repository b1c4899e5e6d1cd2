"""A house: the nodes that one process hosts, their clock, and who waits for news.

One lock makes a click one thing: what is said is kept, carried to the other
nodes and followed up before the answer goes out. Pages that are open learn that
something changed in an organ, and ask again for what they show.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from django.utils.translation import gettext as _

from comity.core.acts import Act
from comity.errors import ComityError, UsageError
from comity.node.files import write_whole
from comity.node.hall import Hall, found_all
from comity.node.keys import LEAST
from comity.node.node import utc_now
from comity.node.talk import Talk

if TYPE_CHECKING:
    from comity.web.models import Person

Answer = TypeVar("Answer")
Progress = Callable[[str, int, int], None]

TICK = 1.0
BEACONS = 60.0
PURGE = timedelta(minutes=1)
FIRST = "DNK"
"""At whose desk one begins, if it is there."""
SETTLE = 0.3
"""For how many seconds what was asked before has time to be answered."""
LINGER = 5.0
"""For how many seconds a house that was left answers what was asked of it before."""


class Busy:
    """How far it has come to make another house.

    Parameters
    ----------
    what
        What is being made, in words.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self.part = ""
        self.done, self.of = 0, 0
        self.wrong: ComityError | None = None

    def note(self, part: str, done: int, of: int) -> None:
        """Note how far it has come."""
        self.part, self.done, self.of = part, done, of


class House:
    """The hall of a room, with its clock running.

    Parameters
    ----------
    data
        The folder with everything: nodes, people, secrets.
    hall
        The nodes.
    lock
        What holds the folder; the house closes it.
    now
        The clock: the nodes' own.

    Attributes
    ----------
    first_desk
        At whose desk one begins, if it is there.
    mark
        Tells this opening of the house from every other.
    busy
        While another house is being made to move to.
    """

    def __init__(
        self, data: Path, hall: Hall, lock: int, *, now: Callable[[], datetime] = utc_now
    ) -> None:
        self.data = data
        self.hall = hall
        self.now = now
        self.first_desk = FIRST
        self.guard = threading.RLock()
        self.changes: Counter[str] = Counter()
        self._lock = lock
        self.news_over = False
        self.mark = secrets.token_hex(8)
        self.busy: Busy | None = None
        self.making: threading.Thread | None = None
        self._stop = threading.Event()
        self._closed = False
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        for node in hall.nodes.values():
            node.on_kept.append(self._note)
        self.talk = Talk(hall.nodes)
        self.talk.on_said.append(self._note_talk)
        self.talk.purge()
        self.talk.reconcile()
        self._purged = now()
        self._clock = threading.Thread(target=self._run, name="clock", daemon=True)

    @classmethod
    def open(
        cls,
        data: Path,
        charter: bytes,
        *,
        exercise: bool = False,
        now: Callable[[], datetime] = utc_now,
        progress: Progress = lambda what, done, of: None,
    ) -> House:
        """Open the house in a folder; found the coalition there if it is empty.

        Raises
        ------
        UsageError
            If another process has it open, or another charter was founded there.
        """
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = hold(data)
        try:
            passphrase = secret(data, "passphrase")
            nodes = data / "nodes"
            if not nodes.is_dir():
                making = data / "nodes.making"
                if making.is_dir():  # a start that was broken off
                    _remove(making)
                found_all(
                    making,
                    charter,
                    passphrase.encode(),
                    exercise=exercise,
                    now=now,
                    cost=LEAST,
                    progress=lambda done, of: progress("founding", done, of),
                )
                making.rename(nodes)
            hall = Hall.open(
                nodes,
                passphrase.encode(),
                now=now,
                progress=lambda done, of: progress("opening", done, of),
            )
        except BaseException:
            os.close(lock)
            raise
        house = cls(data, hall, lock, now=now)
        text = next(iter(hall.nodes.values())).ground.text
        if text != charter:
            house.close()
            raise UsageError(
                f"another charter was founded in {data}",
                hint="name another folder: --data DIR; or start with the charter in it",
            )
        return house

    def further(self, person: Person) -> dict[str, int]:
        """Return how often something changed beside the organs that somebody hears of."""
        return {}

    def here(self) -> None:
        """Note that somebody is here, reading or doing something."""

    def start(self) -> None:
        """Let the clock run: nodes do what is due each second."""
        self._clock.start()

    def meanwhile(self, what: str, work: Callable[[Progress], House]) -> None:
        """Make another house beside the pages, and move there; until then pages ask to wait."""
        with self.guard:
            if self.busy is not None:
                return
            self.busy = Busy(what)
        self.stop_news()
        self.making = threading.Thread(target=self._make, args=(work,), name="making")
        self.making.start()

    def _make(self, work: Callable[[Progress], House]) -> None:
        busy = self.busy
        assert busy is not None
        self._stop.wait(SETTLE)  # what was asked for before is answered first
        try:
            move_to(work(busy.note))
        except ComityError as wrong:
            busy.wrong = wrong
        except Exception:
            busy.wrong = UsageError(
                _("something failed in this room"),
                hint=_("stop the room and start it again; what was acknowledged is kept"),
            )
            raise

    def begin_to_close(self) -> None:
        """Let the clock stand, and whoever waits for news know that there will be no more."""
        self._stop.set()
        self.stop_news()

    def close(self) -> None:
        """Stop the clock and close all nodes; closing twice is no harm."""
        self._stop.set()
        if self._clock.is_alive():
            self._clock.join()
        with self.guard:
            if self._closed:
                return
            self._closed = True
            self.talk.close()
            self.hall.close()
        os.close(self._lock)

    @contextmanager
    def moved(self) -> Iterator[None]:
        """Do something at a node; on leaving, what it said is with all others."""
        with self.guard:
            try:
                yield
            finally:
                self.hall.deliver()
                self._tell()

    def tick(self) -> None:
        """Let every node do what is due."""
        with self.guard:
            self.hall.tick()
            now = self.now()
            if not timedelta() <= now - self._purged < PURGE:
                self._purged = now
                self.talk.purge()
            self._tell()

    def stop_news(self) -> None:
        """Let whoever waits for news know that there will be no more."""
        self.news_over = True
        self._tell()

    async def changed(self) -> None:
        """Wait until something changes anywhere."""
        loop, event = asyncio.get_running_loop(), asyncio.Event()
        self._waiting.add((loop, event))
        try:
            await event.wait()
        finally:
            self._waiting.discard((loop, event))

    @contextmanager
    def talking(self) -> Iterator[Talk]:
        """Say something in talk; on leaving, the open pages of those who hear it know."""
        with self.guard:
            try:
                yield self.talk
            finally:
                self._tell()

    def _note(self, act: Act) -> None:
        self.changes[act.header.organ] += 1

    def _note_talk(self, organ: str, members: frozenset[str]) -> None:
        for member in members:
            self.changes[talk_of(organ, member)] += 1

    def _tell(self) -> None:
        for loop, event in tuple(self._waiting):
            loop.call_soon_threadsafe(event.set)

    def _run(self) -> None:
        passed = BEACONS
        while not self._stop.wait(TICK):
            self.keep_going(self.tick)
            passed += TICK
            if passed >= BEACONS:
                passed = 0.0
                self.keep_going(self._light)

    def _light(self) -> None:
        with self.guard:
            self.hall.beacons()

    @staticmethod
    def keep_going(work: Callable[[], object]) -> None:
        """Do what the clock does; what fails once is logged, and does not stop the clock."""
        try:
            work()
        except Exception:
            logging.getLogger("comity.web").exception("clock-failed")


def talk_of(organ: str, member: str) -> str:
    """Return under what the changes in talk are counted that a member hears in an organ."""
    return f"talk {organ} {member}"


def secret(data: Path, name: str) -> str:
    """Return a secret of the house, made by chance when first asked for, for this account alone."""
    path = data / name
    if not path.exists():
        write_whole(path, secrets.token_hex(32).encode())
    if path.stat().st_mode & 0o077:
        raise UsageError(f"other accounts can read {path}", hint=f"chmod 600 {path}")
    return path.read_text().strip()


def hold(data: Path) -> int:
    """Hold a folder for this process.

    Raises
    ------
    UsageError
        If another process holds it.
    """
    lock = os.open(data / "house.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise UsageError(
            f"the room in {data} is running already",
            hint="use the one that runs, stop it first, or name another folder: --data DIR",
        ) from None
    return lock


def _remove(path: Path) -> None:
    for entry in sorted(path.rglob("*"), reverse=True):
        if entry.is_dir():
            entry.rmdir()
        else:
            entry.unlink()
    path.rmdir()


_house: list[House] = []
_left: list[House] = []


def install(house: House) -> None:
    """Make a house the one that this process serves."""
    _house[:] = [house]


def the_house() -> House:
    """Return the house that this process serves."""
    return _house[0]


def move_to(house: House) -> None:
    """Let another house take the place of the one that is served, with all who are signed in.

    What was asked of the old one before is still answered; open pages ask anew.
    """
    old = the_house()
    house.start()
    install(house)
    old.begin_to_close()
    _left.append(old)
    later = threading.Timer(LINGER, _close, (old,))
    later.daemon = True
    later.start()


def close_all() -> None:
    """Close the house that is served, and those that were left."""
    making = the_house().making
    if making is not None:
        making.join()  # the one that is being made is closed, too
    for house in (*_left, *_house):
        house.close()
    _left.clear()


def _close(house: House) -> None:
    house.close()
    if house in _left:
        _left.remove(house)
