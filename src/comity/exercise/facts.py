"""What a rehearsal's acts amount to: who said what when, and when each proposal was settled.

Score and report read a rehearsal through this alone, so that both tell the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from comity.core.acts import Act
from comity.core.alerts import Alerts, alerts
from comity.core.attestations import Shown, verify
from comity.core.bodies import Pledge, Propose
from comity.core.cases import Cases, cases, joined_by
from comity.core.charter import Charter
from comity.core.constitution import COALITION, Constitution
from comity.core.proposals import Standing, stand
from comity.core.strict import instant
from comity.core.texts import Texts, texts
from comity.errors import ActError
from comity.exercise.rehearsal import Entry, Rehearsal
from comity.exercise.scenario import Event, Move


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate as a stranger reads it: what it shows, or why it is refused."""

    of: str
    data: bytes
    shown: Shown | None
    refusal: str = ""

    @property
    def proven(self) -> bool:
        """Whether it proves what it is of, offline, against the founding's id."""
        return self.shown is not None and self.shown.proven


class Facts:
    """What one rehearsal's acts amount to, each thing worked out once."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self.rehearsal = rehearsal
        self.scenario = rehearsal.scenario
        self.acts: Mapping[str, Act] = {act.id: act for act in rehearsal.acts}
        self.place: Mapping[str, int] = {act.id: k for k, act in enumerate(rehearsal.acts)}
        self.moves: Mapping[str, Move] = {move.id: move for move in self.scenario.moves}
        self.events: Mapping[str, Event] = {event.id: event for event in self.scenario.events}
        self._settling: dict[str, Act | None] = {}

    def said_at(self, act: str | Act) -> datetime:
        """Return when an act was said, by its signer's clock."""
        found = self.acts[act] if isinstance(act, str) else act
        return instant(found.header.instant, "the instant")

    def in_order(self, acts: Iterable[Act]) -> list[Act]:
        """Return acts in the order in which they were said."""
        return sorted(acts, key=lambda act: (self.said_at(act), self.place.get(act.id, 0), act.id))

    # Of events and moves.

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """The first entry of each event and move that took place."""
        found: dict[str, Entry] = {}
        for entry in self.rehearsal.entries:
            if entry.kind in ("event", "move", "person", "by hand") and entry.id:
                found.setdefault(entry.id, entry)
        return found

    @cached_property
    def not_made(self) -> Mapping[str, Entry]:
        """Moves of the script that could not be made."""
        return {entry.id: entry for entry in self.rehearsal.entries if entry.kind == "not made"}

    @property
    def made(self) -> Mapping[str, str]:
        """The act of each move that was made, by the script or by a person."""
        return self.rehearsal.ids

    @cached_property
    def move_of(self) -> Mapping[str, str]:
        """The move that each act was made by, where one was."""
        return {act: move for move, act in self.made.items()}

    def title_of(self, name: str) -> str:
        """Return what people call an event or a move."""
        entry = self.entries.get(name)
        if entry is not None and entry.title and name not in self.moves:
            return entry.title  # an event may have been altered by hand
        found = self.moves.get(name) or self.events.get(name)
        if found is not None and found.title:
            return found.title
        if isinstance(found, Move) and found.kind == "pledge":
            of = self.charter.obligations.get(found.obligation)
            return f"{found.quantity} {found.unit} for {of.title if of else found.obligation}"
        if isinstance(found, Move) and found.of:
            return f"{found.kind}: {self.title_of(found.of)}"
        return name

    def when(self, name: str) -> datetime | None:
        """Return when an event took place or a move was made; None if it did not."""
        act = self.made.get(name)
        if act is not None and act in self.acts:
            return self.said_at(act)
        entry = self.entries.get(name)
        return entry.at if entry is not None else None

    # Of proposals.

    @cached_property
    def proposals(self) -> tuple[Act, ...]:
        """The proposals, in the order in which they were said."""
        return tuple(self.in_order(a for a in self.rehearsal.acts if isinstance(a.body, Propose)))

    def standing(self, proposal: str) -> Standing | None:
        """Return how a proposal stands at the end; None where there is nothing to decide."""
        found = self.rehearsal.standings.get(proposal)
        return found if isinstance(found, Standing) else None

    def outcome(self, proposal: str) -> str:
        """Return how a proposal ended, or the reason why there is nothing to decide."""
        found = self.rehearsal.standings.get(proposal, "nothing is known of it")
        return found.settlement.outcome if isinstance(found, Standing) else found

    def settled_by(self, proposal: str) -> Act | None:
        """Return the act with which a proposal was settled, so that nothing could change it.

        What is settled stays settled, so the first such act is found by halving.
        """
        if proposal not in self._settling:
            self._settling[proposal] = self._look_for(self.standing(proposal))
        return self._settling[proposal]

    def _look_for(self, standing: Standing | None) -> Act | None:
        if standing is None or not standing.settlement.settled:
            return None
        said = self.in_order((*standing.stances, *standing.closings))
        low, high = 0, len(said) - 1
        while low < high:
            middle = (low + high) // 2
            if stand(standing.pinned, said[: middle + 1]).settlement.settled:
                high = middle
            else:
                low = middle + 1
        return said[low] if said else None

    def settled_at(self, proposal: str) -> datetime | None:
        """Return when a proposal was settled; None where it is not."""
        act = self.settled_by(proposal)
        return self.said_at(act) if act is not None else None

    def joined(self, proposal: str) -> tuple[str, ...]:
        """Return who said yes to a proposal by a stance that counts."""
        standing = self.standing(proposal)
        return joined_by(standing) if standing is not None else ()

    # Of everything else.

    @cached_property
    def alerts(self) -> Alerts:
        """The alerts, with who confirmed them."""
        return alerts(self.rehearsal.acts)

    @cached_property
    def texts(self) -> Texts:
        """The negotiating texts."""
        return texts(self.rehearsal.acts)

    @cached_property
    def cases(self) -> Cases:
        """What decisions brought about."""
        ended = {act.id: self.outcome(act.id) for act in self.proposals}
        return cases(self.rehearsal.acts, ended, {act: self.joined(act) for act in ended})

    @cached_property
    def pledges(self) -> tuple[Act, ...]:
        """The acts by which members pledge, in the order in which they were said."""
        return tuple(self.in_order(a for a in self.rehearsal.acts if isinstance(a.body, Pledge)))

    @cached_property
    def certificates(self) -> Mapping[str, Certified]:
        """Every certificate, read as a stranger reads it, by what it is of."""
        found: dict[str, Certified] = {}
        for name, data in self.rehearsal.certificates.items():
            try:
                found[name] = Certified(name, data, verify(data, self.rehearsal.coalition))
            except ActError as wrong:
                found[name] = Certified(name, data, None, wrong.what)
        return found

    @cached_property
    def constitutions(self) -> Mapping[str, Constitution]:
        """The constitutions that proposals were made in, by their ids."""
        standings = (self.standing(act.id) for act in self.proposals)
        return {s.pinned.under.id: s.pinned.under for s in standings if s is not None}

    def charter_of(self, act: Act) -> Charter:
        """Return the charter that an act was made under, as far as proposals tell."""
        under = self.constitutions.get(act.header.constitution)
        return under.charter if under is not None else self.scenario.charter

    def readers(self, act: Act) -> tuple[str, ...]:
        """Return who was to read an act, in charter order."""
        charter, organ = self.charter_of(act), act.header.organ
        under = self.constitutions.get(act.header.constitution)
        day = self.said_at(act).date()
        gone = {member for member, kind in self.rehearsal.lost if kind == "leaving"}
        if under is not None:
            found = under.readers(organ, day)
        elif organ == COALITION or organ not in charter.organs:
            found = charter.order
        else:
            seats = charter.organs[organ]
            found = charter.select((*seats.seats, *seats.propose), day, seats)
        return tuple(member for member in found if member not in gone)

    @cached_property
    def charter(self) -> Charter:
        """The charter in force at the end: with the most changes that proposals know."""
        known = sorted(self.constitutions.values(), key=lambda one: (len(one.changes), one.id))
        return known[-1].charter if known else self.scenario.charter

    def name(self, code: str) -> str:
        """Return the name of a member or participant."""
        return self.charter.name_of(code)


def lasting(span: timedelta) -> str:
    """Say how long something took, in no finer unit than its length bears.

    Examples
    --------
    >>> lasting(timedelta(seconds=41)), lasting(timedelta(minutes=190)), lasting(timedelta(days=3))
    ('41 s', '3 h 10 min', '3 d')
    >>> lasting(timedelta(hours=55, minutes=20))
    '2 d 7 h'
    """
    seconds = int(span.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    minutes, hours = seconds // 60, seconds // 3600
    if minutes < 60:
        return f"{minutes} min"
    if hours < 48:
        return f"{hours} h" + (f" {minutes % 60} min" if minutes % 60 else "")
    return f"{hours // 24} d" + (f" {hours % 24} h" if hours % 24 else "")


def clock(at: datetime) -> str:
    """Write an instant for people, in UTC, to the minute."""
    return f"{at:%Y-%m-%d %H:%M}"


def amount(quantity: str) -> str:
    """Write an amount for people, digits grouped, exactly as it was given.

    Examples
    --------
    >>> amount("15000"), amount("12.50")
    ('15,000', '12.50')
    """
    whole, point, rest = quantity.partition(".")
    return f"{int(whole):,}{point}{rest}" if whole.isdigit() else quantity
