"""The post of an exercise: which act reaches whom when, given delays and nodes that are off."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

NO_TIME = timedelta()
Sent = TypeVar("Sent")
"""What goes by the post: an act, in whichever form its stage carries it."""


@dataclass(frozen=True, slots=True, order=True)
class Letter(Generic[Sent]):
    """An act on its way to one member; of two due at one instant, the one sent first comes first.

    Parameters
    ----------
    number
        Letters are numbered as they are sent.
    """

    due: datetime
    number: int
    sender: str = field(compare=False)
    to: str = field(compare=False)
    act: Sent = field(compare=False, repr=False)


class Post(Generic[Sent]):
    """What is on its way, and to whom nothing goes or comes.

    What is sent to a member whose node is off waits there, and arrives when it
    is on again.
    """

    def __init__(self) -> None:
        self.off: dict[str, None] = {}
        self._delays: dict[str, timedelta] = {}
        self._queue: list[Letter[Sent]] = []
        self._held: dict[str, list[Letter[Sent]]] = {}
        self._sent = 0

    def takes(self, member: str) -> timedelta:
        """Return how much later everything reaches and leaves a member."""
        return self._delays.get(member, NO_TIME)

    def delay(self, member: str, by: timedelta) -> None:
        """Set how much later everything sent from now on reaches and leaves a member."""
        self._delays[member] = by

    def send(self, sender: str, to: Iterable[str], act: Sent, now: datetime) -> None:
        """Send an act to some members."""
        for member in to:
            self._sent += 1
            due = now + self.takes(sender) + self.takes(member)
            heapq.heappush(self._queue, Letter(due, self._sent, sender, member, act))

    def switch(self, member: str, *, off: bool, now: datetime) -> None:
        """Switch a member's node off, or on again: then what waited there arrives."""
        if off:
            self.off[member] = None
            return
        self.off.pop(member, None)
        for letter in self._held.pop(member, []):
            due = max(letter.due, now)
            heapq.heappush(
                self._queue, Letter(due, letter.number, letter.sender, member, letter.act)
            )

    @property
    def next(self) -> datetime | None:
        """When something next arrives."""
        self._set_aside()
        return self._queue[0].due if self._queue else None

    def arriving(self, now: datetime) -> Mapping[str, list[Letter[Sent]]]:
        """Take out what has arrived by an instant, by member, in the order in which it was sent."""
        found: dict[str, list[Letter[Sent]]] = {}
        while self._queue and self._queue[0].due <= now:
            letter = heapq.heappop(self._queue)
            where = self._held if letter.to in self.off else found
            where.setdefault(letter.to, []).append(letter)
        return found

    def _set_aside(self) -> None:
        while self._queue and self._queue[0].to in self.off:
            letter = heapq.heappop(self._queue)
            self._held.setdefault(letter.to, []).append(letter)
