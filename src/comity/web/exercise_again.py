"""Again without each member: counted beside the room, shown by what came of it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from comity.errors import ComityError
from comity.examine.losses import Kind
from comity.exercise.again_rules import Rules, rules

if TYPE_CHECKING:
    from comity.web.desk import Desk
    from comity.web.exercising import ExerciseHouse

KINDS: dict[str, str | Promise] = {
    "silent": gettext_lazy("silent"),
    "refusing": gettext_lazy("refusing"),
    "leaving": gettext_lazy("leaving"),
}
WORDS: dict[str, str | Promise] = {
    "stops even at best": gettext_lazy("stops it, even if all the others agree"),
    "stops as given": gettext_lazy("stops it, as the others answered"),
    "not known": gettext_lazy("not known"),
    "frees it": gettext_lazy("frees it"),
    "holds": gettext_lazy("holds without it"),
    "stops": gettext_lazy("stops it"),
}
"""What comes of a loss, the worst first, and how the page says it."""
TONES = {"stops even at best": "bad", "stops as given": "bad", "stops": "bad", "holds": "good"}


@dataclass(slots=True)
class Working:
    """How far a count has come."""

    done: int
    of: int


@dataclass(frozen=True, slots=True)
class Found:
    """What was counted, and as of when."""

    at: datetime
    rules: Rules


class Again:
    """The count of one house: at most one at a time, in a thread of its own."""

    def __init__(self) -> None:
        self.working: Working | None = None
        self.found: Found | None = None
        self.wrong: ComityError | None = None
        self._guard = threading.Lock()

    def begin(self, house: ExerciseHouse) -> None:
        """Begin to count, unless that is being done already."""
        with self._guard:
            if self.working is not None:
                return
            self.working = Working(0, len(house.run.scenario.charter.members))
        threading.Thread(target=self._count, args=(house,), name="again", daemon=True).start()

    def _count(self, house: ExerciseHouse) -> None:
        from comity.web.questions import evidence

        try:
            base = house.rehearsal()
            found = rules(base, evidence(), progress=self._come)
            self.found, self.wrong = Found(base.until, found), None
        except ComityError as wrong:
            self.wrong = wrong
        finally:
            self.working = None

    def _come(self, done: int, of: int) -> None:
        self.working = Working(done, of)


@dataclass(frozen=True, slots=True)
class Cell:
    """One member's loss, and why what comes of it comes of it."""

    member: str
    why: str


@dataclass(frozen=True, slots=True)
class Group:
    """All members whose loss comes to the same."""

    words: str
    tone: str
    codes: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One decision, or one obligation."""

    title: str
    how: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """What was counted, for one kind of loss."""

    at: datetime
    decisions: tuple[Row, ...]
    obligations: tuple[Row, ...]


def table(desk: Desk, found: Found | None, kind: str) -> Table | None:
    """Return what was counted for one kind of loss; None if nothing was counted yet."""
    if found is None:
        return None
    lost: Kind = next(one for one in found.rules.kinds if one == kind)
    told, members = found.rules, found.rules.members
    decisions = []
    for one in told.decisions:
        cells = [told.cells[one.id, member, lost] for member in members]
        pinned = one.standing.pinned
        decisions.append(
            Row(
                one.title,
                f"{one.organ.name} · {pinned.entry.title} · {pinned.procedure.id}",
                _groups(desk, {cell.member: (cell.words, cell.why()) for cell in cells}),
            )
        )
    obligations: dict[str, dict[str, tuple[str, str]]] = {}
    titles: dict[str, str] = {}
    for (name, member, way), cell in told.obligations.items():
        if way == lost:
            titles[name] = cell.title
            obligations.setdefault(name, {})[member] = (cell.verdict, cell.why)
    return Table(
        found.at,
        tuple(decisions),
        tuple(Row(titles[name], "", _groups(desk, cells)) for name, cells in obligations.items()),
    )


def _groups(desk: Desk, cells: Mapping[str, tuple[str, str]]) -> tuple[Group, ...]:
    by_words: dict[str, list[Cell]] = {}
    for member, (words, why) in cells.items():
        by_words.setdefault(words, []).append(Cell(desk.charter.name_of(member), why))
    codes = {words: [m for m, told in cells.items() if told[0] == words] for words in by_words}
    return tuple(
        Group(str(WORDS[words]), TONES.get(words, "wait"), _listed(codes[words]), tuple(found))
        for words, found in sorted(by_words.items(), key=lambda one: list(WORDS).index(one[0]))
    )


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(codes)
