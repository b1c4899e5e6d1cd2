"""A desk: what one office of one member sees, and may do. Everything goes through here.

Deny by default: an organ that the office does not see is not there for it, by
whatever address, search or count it is asked for. An act that is not for these
eyes is answered as one that does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from django.db.models import prefetch_related_objects
from django.http import Http404
from django.utils.translation import gettext as _

from comity.core.acts import Act
from comity.core.charter import Charter
from comity.core.constitution import COALITION
from comity.core.proposals import Standing
from comity.errors import UsageError
from comity.node.node import Node
from comity.web.house import House, talk_of
from comity.web.models import Person

Answer = TypeVar("Answer")

WHOLE = "whole desk"
"""The office that sees every organ in which its member sits."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One office of one member.

    Parameters
    ----------
    office
        `WHOLE`, or the name of an organ: that one and the organ of all.
    """

    house: House
    person: Person
    member: str
    office: str

    @property
    def node(self) -> Node:
        """The member's node."""
        return self.house.hall.nodes[self.member]

    @property
    def charter(self) -> Charter:
        """The charter in force."""
        return self.node.under.charter

    @property
    def name(self) -> str:
        """The member's name."""
        return self.charter.name_of(self.member)

    @property
    def organs(self) -> tuple[str, ...]:
        """The organs that this office sees, that of all first."""
        seen = self.node.organs()
        if self.office == WHOLE:
            return seen
        return tuple(organ for organ in seen if organ in (COALITION, self.office))

    @property
    def acting(self) -> tuple[str, ...]:
        """The organs that it can say something in, as the charter names them."""
        return tuple(organ for organ in self.organs if organ in self.charter.organs)

    def organ_name(self, organ: str) -> str:
        """Return the name of an organ."""
        found = self.charter.organs.get(organ)
        return found.name if found else _("the coalition")

    @property
    def office_name(self) -> str:
        """The name of the office."""
        return _("whole desk") if self.office == WHOLE else self.organ_name(self.office)

    def sees(self, organ: str) -> bool:
        """Tell whether this office sees an organ."""
        return organ in self.organs

    def act(self, letters: str, *kinds: str) -> Act:
        """Return an act that this office sees, by its id or the first digits of it.

        Raises
        ------
        Http404
            If there is none, or it is not for these eyes: the same answer.
        """
        found = self.node.record.starting(letters) if 8 <= len(letters) <= 64 else ()
        act = self.node.record.get(found[0]) if len(found) == 1 else None
        if act is None or not self.sees(act.header.organ) or (kinds and act.kind not in kinds):
            raise Http404("there is no such act")
        if kinds and self.node.voice(act) is not None:
            raise Http404("there is no such act")  # the record shows it, and why it has no effect
        return act

    def acts(self, kind: str, *, organ: str | None = None) -> Iterator[Act]:
        """Yield the opened acts of a kind that this office sees, in the order they came.

        Those whose author had no place there are left out: the record shows them.
        """
        for one in self.organs if organ is None else (organ,):
            if self.sees(one):
                yield from self.node.heeded(self.node.record.acts(organ=one, kind=kind))

    def about(self, name: str, *, kind: str | None = None) -> Iterator[Act]:
        """Yield the acts about an act or a case that this office sees."""
        seen = self.organs
        for act in self.node.heeded(self.node.record.about(name, kind=kind)):
            if act.header.organ in seen:
                yield act

    def standing(self, proposal: str) -> Standing | str:
        """Return how a proposal stands that this office sees."""
        self.act(proposal, "propose")
        return self.node.standing(proposal)

    def do(self, organ: str, work: Callable[[Node], Answer]) -> Answer:
        """Do something at this member's node in an organ that this office sees.

        Raises
        ------
        UsageError
            If this office has no place there.
        """
        if not self.sees(organ):
            raise UsageError(
                _("this office has no place in '%(organ)s'") % {"organ": organ[:64]},
                hint=_("choose another desk or office"),
            )
        with self.house.moved():
            return work(self.node)

    def versions(self) -> dict[str, int]:
        """Return how often something changed in each organ that this office sees."""
        changes, organs = self.house.changes, self.organs
        heard = {f"talk {organ}": changes[talk_of(organ, self.member)] for organ in organs}
        return {organ: changes[organ] for organ in organs} | heard | self.house.further(self.person)

    def now_shown(self) -> str:
        """Return a short name for all that this desk sees now: another once it changed."""
        told = f"{self.house.mark} {sorted(self.versions().items())}"
        return sha256(told.encode()).hexdigest()[:16]


def offices(house: House, person: Person, member: str) -> tuple[str, ...]:
    """Return the offices of a member that a person may sit in; none where it may not at all."""
    node = house.hall.nodes.get(member)
    if node is None:
        return ()
    there = (WHOLE, *(organ for organ in node.organs() if organ != COALITION))
    if person.anywhere:
        return there
    held = {one.office for one in person.appointments.all() if one.member == member}
    return tuple(office for office in there if office in held)


def with_appointments(person: Person) -> Person:
    """Ask once for all that a person holds: a page asks for each member whether one may sit there.

    For a person just read, and not for long: what is given or taken later is not seen.
    """
    if not person.anywhere:
        prefetch_related_objects([person], "appointments")
    return person


def desk_for(house: House, person: Person, member: str, office: str) -> Desk | None:
    """Return a desk if a person may sit at it."""
    if office not in offices(house, person, member):
        return None
    return Desk(house, person, member, office)


def first_desk(house: House, person: Person, preferred: str = "") -> Desk | None:
    """Return the desk that a person begins at."""
    members = [preferred, *house.hall.nodes] if preferred else list(house.hall.nodes)
    for member in members:
        for office in offices(house, person, member):
            return Desk(house, person, member, office)
    return None
