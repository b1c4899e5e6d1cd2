"""What the parts of a running exercise share: who is there, what is due, what has happened."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from enum import IntEnum
from itertools import count

from comity.errors import UsageError
from comity.exercise.rehearsal import Entry, EntryKind
from comity.exercise.scenario import Band, LossKind, Move, Scenario
from comity.exercise.stage import Stage


class Rank(IntEnum):
    """What is done first of what falls on one instant."""

    EVENT = 0
    MOVE = 1
    SIGN = 2
    RECEIPT = 3
    ANSWER = 4


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """Something to be done at an instant."""

    at: datetime
    rank: Rank
    order: int
    number: int
    do: Callable[[], None] = field(compare=False, repr=False)


class Playing:
    """The state of a run: members with what befell them, the queue, and the entries.

    Parameters
    ----------
    people
        Members that persons play.
    lost
        Members that are lost, and how.
    """

    def __init__(
        self,
        scenario: Scenario,
        stage: Stage,
        seed: int,
        people: Iterable[str],
        lost: Iterable[tuple[str, LossKind]],
    ) -> None:
        self.scenario = scenario
        self.stage = stage
        self.seed = seed
        self.people: dict[str, None] = dict.fromkeys(people)
        self.lost: dict[str, LossKind] = dict(lost)
        self.off: dict[str, list[Callable[[], None]]] = {}
        self.entries: list[Entry] = []
        self.ids: dict[str, str] = {}
        self.happened: dict[str, None] = {}
        self.on_entry: list[Callable[[Entry], None]] = []
        self.queue: list[Due] = []
        self.order = {code: k for k, code in enumerate(scenario.charter.order)}
        self._number = count()
        for member in (*self.people, *self.lost):
            self.check_member(member)
        for member in self.people:
            if member in self.lost:
                raise UsageError(
                    f"{member} is lost, and nobody can play it", hint="play another member"
                )

    @property
    def now(self) -> datetime:
        """The time on the stage."""
        return self.stage.now

    def check_member(self, member: str) -> None:
        """Refuse whom the charter does not name."""
        if member not in self.order:
            near = get_close_matches(member[:64], self.order, n=1)
            raise UsageError(
                f"'{member[:80]}' is nobody in {self.scenario.charter.name}",
                hint=f"did you mean {near[0]}?"
                if near
                else "its charter lists who is there: comity charter show",
            )

    def in_order(self, members: Iterable[str]) -> list[str]:
        """Return members in the charter's order."""
        return sorted(members, key=lambda m: (self.order.get(m, len(self.order)), m))

    def name(self, member: str) -> str:
        """Return what people call a member."""
        return self.scenario.charter.name_of(member)

    def plan(self, at: datetime, rank: Rank, order: int, do: Callable[[], None]) -> None:
        """Plan something for an instant; what is late is done now."""
        heapq.heappush(self.queue, Due(max(at, self.now), rank, order, next(self._number), do))

    def enter(
        self,
        kind: EntryKind,
        name: str,
        *,
        who: str = "",
        title: str = "",
        words: Iterable[str] = (),
        act: str = "",
        band: Band | None = None,
        source: str = "",
    ) -> None:
        """Enter that something happened."""
        entry = Entry(self.now, kind, name, who, title, tuple(words), act, band, source)
        self.entries.append(entry)
        for told in self.on_entry:
            told(entry)

    def kept(self, member: str, move: Move | None = None) -> str | None:
        """Say what keeps a member from speaking, or from making a move; None where nothing does."""
        kind = self.lost.get(member)
        if kind == "silent":
            return f"{self.name(member)} is lost in silence, and says nothing."
        if kind == "leaving":
            return f"{self.name(member)} has left."
        if kind == "refusing" and move is not None and move.kind != "talk":
            return f"{self.name(member)} is lost by refusing: it agrees to and proposes nothing."
        if member in self.off:
            return f"The node of {self.name(member)} is off."
        return None
