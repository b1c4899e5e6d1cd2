"""Charters: what a coalition has agreed, as values; rosters and electorates on a date.

Invariants, kept by `comity.core.reading`: every name that a value mentions
exists; every organ that can be asked for an electorate has weights for all of
its members; order is the charter's order everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import get_close_matches
from fractions import Fraction
from typing import Literal, TypeAlias, TypeVar

from comity.core.rules import Electorate, NoVeto, Rule, leaves
from comity.errors import UsageError

Grounds: TypeAlias = Literal["text", "model"]
"""Whether a public text says so, or it is our model of it."""

ProcedureKind: TypeAlias = Literal["silence", "vote", "consensus", "signature"]
Basis: TypeAlias = Literal["total", "additional", "target", "money"]
Binds: TypeAlias = Literal["all", "those who join"]
Named = TypeVar("Named")

RIGHTS = ("read", "talk", "propose", "answer", "pledge")
CHANGES = ("amendment", "suspension", "key-replacement", "admission")


@dataclass(frozen=True, slots=True)
class Reference:
    """A source that a charter cites."""

    id: str
    title: str
    kind: str
    publisher: str = ""
    where: str = ""
    date: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """Who belongs: a state or not, with its standing and its dates."""

    code: str
    name: str
    standing: str
    iso: str = ""
    since: date | None = None
    until: date | None = None
    note: str = ""

    def belongs(self, on: date) -> bool:
        """Tell whether it belongs on a day; the last day counts."""
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class Participant:
    """Who takes part and is no party: an institution, an office, an outside state."""

    code: str
    name: str
    kind: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class WeightTable:
    """The weights of members from a day on."""

    name: str
    unit: str
    since: date
    values: Mapping[str, Fraction]
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """Who held a rotating seat, from when to when (both days count)."""

    member: str
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Rotation:
    """Seats that pass from one to the next.

    Parameters
    ----------
    pool
        Who may hold them, in charter order.
    seats
        How many there are at any one time.
    months
        How long a term is.
    order
        Who follows whom, where that is fixed; empty where they are elected.
    since
        When the first of `order` took its seat.
    immediate_reelection
        Whether who has just held a seat may hold it again at once.
    terms
        Terms that are known: past, present and elected.
    """

    id: str
    pool: tuple[str, ...]
    seats: int
    months: int
    order: tuple[str, ...] = ()
    since: date | None = None
    immediate_reelection: bool = False
    terms: tuple[Term, ...] = ()
    source: str = ""

    def holders(self, on: date) -> tuple[str, ...]:
        """Return who holds the seats on a day; fewer than `seats` where it is not known."""
        if self.terms:
            return tuple(term.member for term in self.terms if term.since <= on <= term.until)
        if not self.order or self.since is None or on < self.since:
            return ()
        turn = months_between(self.since, on) // self.months * self.seats
        return tuple(self.order[(turn + k) % len(self.order)] for k in range(self.seats))


@dataclass(frozen=True, slots=True)
class Chair:
    """Who presides: selectors of members, or codes one after another in `order`."""

    members: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    months: int = 0
    since: date | None = None

    def holders(self, on: date) -> tuple[str, ...]:
        """Return who presides on a day: a code out of `order`, or the selectors of `members`."""
        if not self.order or self.since is None or on < self.since:
            return self.members
        return (self.order[months_between(self.since, on) // self.months % len(self.order)],)


@dataclass(frozen=True, slots=True)
class Procedure:
    """How a decision is taken: by silence, vote, consensus or signature.

    Parameters
    ----------
    period, notice, grace
        Hours a proposal is open, hours a member must have had the text for its
        silence to count, hours after expiry before nodes close.
    n
        How many members may be missing and the outcome still settles; None
        where the charter does not say.
    f
        How many may double-sign without undoing an outcome.
    ad_referendum
        Whether a yes pending confirmation counts as yes or as missing.
    """

    id: str
    kind: ProcedureKind
    period: float | None = None
    notice: float | None = None
    grace: float | None = None
    n: int | None = None
    f: int | None = None
    ad_referendum: Literal["yes", "missing"] = "missing"
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """A rule with its name and where it comes from.

    Parameters
    ----------
    binds
        Whom a decision binds: ``all`` of the body, or only ``those who join``
        it, as an instrument that each may opt into.
    """

    id: str
    title: str
    rule: Rule
    grounds: Grounds
    source: str = ""
    note: str = ""
    binds: Binds = "all"


@dataclass(frozen=True, slots=True)
class Organ:
    """A body with a dated roster.

    Parameters
    ----------
    seats, veto, chair, propose, call, form_groups
        Selectors: a member's code, ``standing:NAME``, ``group:NAME``,
        ``rotation:NAME``, ``chair`` or ``seats`` (whoever sits there).
    rules
        Rules in force, the first the usual one; empty where it cannot decide yet.
    candidates
        Rules under consideration, laid side by side by the laboratory.
    """

    id: str
    name: str
    seats: tuple[str, ...]
    veto: tuple[str, ...] = ()
    chair: Chair = field(default_factory=Chair)
    propose: tuple[str, ...] = ("seats",)
    call: tuple[str, ...] = ("seats",)
    form_groups: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    procedures: tuple[str, ...] = ()
    grounds: Grounds = "model"
    source: str = ""
    note: str = ""

    @property
    def can_decide(self) -> bool:
        """Whether the charter gives it a rule in force."""
        return bool(self.rules)


@dataclass(frozen=True, slots=True)
class Need:
    """A line of what an obligation needs, as a range, on a typed basis."""

    line: str
    low: Fraction
    high: Fraction
    unit: str
    basis: Basis
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Obligation:
    """Who owes what to whom when what happens.

    Parameters
    ----------
    invoked_by_organ, invoked_by_rule
        Where invoking it is a decision; otherwise `invoked_by` lists who may
        invoke it alone.
    in_force
        Since when; None while it is dormant, and `dormant` says until what.
    """

    id: str
    title: str
    trigger: str
    owed_by: tuple[str, ...]
    owed_to: tuple[str, ...]
    does: str
    grounds: Grounds
    invoked_by_organ: str = ""
    invoked_by_rule: str = ""
    invoked_by: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    caveats: tuple[str, ...] = ()
    in_force: date | None = None
    dormant: str = ""
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """How the charter itself is changed: in which organ, under which rule, by which procedure."""

    kind: str
    organ: str
    rule: str
    procedure: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Charter:
    """What a coalition has agreed, as read from one file."""

    id: str
    name: str
    edition: str
    dated: date
    grounds: Grounds
    summary: str = ""
    sources: Mapping[str, Reference] = field(default_factory=dict)
    cites: tuple[str, ...] = ()
    markings: tuple[str, ...] = ()
    retention_days: int | None = None
    standings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    members: Mapping[str, Member] = field(default_factory=dict)
    participants: Mapping[str, Participant] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    weights: tuple[WeightTable, ...] = ()
    rotations: Mapping[str, Rotation] = field(default_factory=dict)
    procedures: Mapping[str, Procedure] = field(default_factory=dict)
    rules: Mapping[str, RuleEntry] = field(default_factory=dict)
    organs: Mapping[str, Organ] = field(default_factory=dict)
    obligations: Mapping[str, Obligation] = field(default_factory=dict)
    changes: Mapping[str, Change] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[str, ...]:
        """Members and then participants: the one order of every page and table."""
        return (*self.members, *self.participants)

    def name_of(self, code: str) -> str:
        """Return the name of a member or participant."""
        party = self.members.get(code) or self.participants.get(code)
        return party.name if party else code

    def organ(self, organ_id: str) -> Organ:
        """Return an organ by its name.

        Raises
        ------
        UsageError
            If the charter has no such organ; the hint names those it has.
        """
        return _look_up(self.organs, organ_id, "organ", self.id)

    def rule(self, rule_id: str) -> RuleEntry:
        """Return a rule by its name.

        Raises
        ------
        UsageError
            If the charter has no such rule; the hint names those it has.
        """
        return _look_up(self.rules, rule_id, "rule", self.id)

    def procedure(self, procedure_id: str) -> Procedure:
        """Return a procedure by its name.

        Raises
        ------
        UsageError
            If the charter has no such procedure; the hint names those it has.
        """
        return _look_up(self.procedures, procedure_id, "procedure", self.id)

    def select(
        self, selectors: Iterable[str], on: date, organ: Organ | None = None
    ) -> tuple[str, ...]:
        """Return whom selectors name on a day, in charter order, each once."""
        chosen: set[str] = set()
        for selector in selectors:
            chosen.update(self._selected(selector, on, organ))
        return tuple(code for code in self.order if code in chosen)

    def _selected(self, selector: str, on: date, organ: Organ | None) -> tuple[str, ...]:
        kind, _, name = selector.rpartition(":")
        if kind == "standing":
            return tuple(
                m.code for m in self.members.values() if m.standing == name and m.belongs(on)
            )
        if kind == "rotation" and name in self.rotations:
            return self.rotations[name].holders(on)
        if selector == "chair":
            return self.select(organ.chair.holders(on), on, organ) if organ else ()
        if selector == "seats":
            return self.select(organ.seats, on) if organ else ()
        named = self.groups.get(name, ()) if kind == "group" else (selector,)
        return tuple(
            code
            for code in named
            if code in self.participants
            or (code in self.members and self.members[code].belongs(on))
        )

    def roster(self, organ_id: str, on: date) -> tuple[str, ...]:
        """Return who sits in an organ on a day, in charter order."""
        return self.select(self.organ(organ_id).seats, on)

    def electorate(self, organ_id: str, on: date) -> Electorate:
        """Return who counts in an organ on a day, with weights and named sets pinned.

        A weight table is there if one is in force on that day that gives
        everybody on the roster a weight: what is missing is not nothing.

        Raises
        ------
        UsageError
            If nobody sits there on that day, or it is not known who holds some seats.
        """
        organ = self.organ(organ_id)
        members = self.roster(organ_id, on)
        vacant = self.vacant(organ_id, on)
        if not members or vacant:
            known = "; ".join(vacant) or "nobody is known to sit there"
            raise UsageError(
                f"who sits in '{organ_id}' of {self.id} on {on} is not known: {known}",
                hint=f"choose a day near the charter's date: --on {self.dated}",
            )
        in_force = {
            name: table
            for name, table in self.weights_on(on).items()
            if all(m in table.values for m in members)
        }
        sets = {name: frozenset(self.select(group, on)) for name, group in self.groups.items()}
        sets["chair"] = frozenset(self.select(("chair",), on, organ))
        sets["veto"] = frozenset(self.select(organ.veto, on, organ))
        for entry in self.rules.values():
            for name in named_sets(entry.rule):
                if name not in sets:
                    parts = dict.fromkeys(name.split(", "))
                    sets[name] = frozenset().union(
                        *(sets.get(part) or self._selected(part, on, organ) for part in parts)
                    )
        return Electorate(
            members,
            {name: table.values for name, table in in_force.items()},
            sets,
            {name: table.unit for name, table in in_force.items()},
        )

    def weights_on(self, on: date) -> dict[str, WeightTable]:
        """Return the tables in force on a day, by name."""
        in_force: dict[str, WeightTable] = {}
        for table in sorted(self.weights, key=lambda t: t.since):
            if table.since <= on:
                in_force[table.name] = table
        return in_force

    def states(self, on: date, organ_id: str | None = None) -> tuple[str, ...]:
        """Return the ISO codes of the states that are members on a day, or sit in an organ.

        Raises
        ------
        UsageError
            If seats rotate and no organ is named (the members of the file never
            sit together), or no member is a state.
        """
        if organ_id is None and self.rotations:
            raise UsageError(
                f"not all members of {self.id} sit at one time: some seats rotate",
                hint=f"add --organ with one of: {', '.join(self.organs)}",
            )
        chosen = self.electorate(organ_id, on).members if organ_id else tuple(self.members)
        here = (self.members[code] for code in chosen if code in self.members)
        codes = tuple(m.iso for m in here if m.iso and m.standing == "member" and m.belongs(on))
        if not codes:
            raise UsageError(
                f"no member of {self.id} is a state with a code",
                hint='give its members ISO codes: iso = "FRA"',
            )
        return codes

    def vacant(self, organ_id: str, on: date) -> tuple[str, ...]:
        """Say which rotating seats of an organ are not known to be held on a day, in words."""
        told = []
        for selector in self.organ(organ_id).seats:
            kind, _, name = selector.rpartition(":")
            rotation = self.rotations.get(name) if kind == "rotation" else None
            held = len(rotation.holders(on)) if rotation else 0
            if rotation and held < rotation.seats:
                told.append(f"{held} of {rotation.seats} seats of {name} are known to be held")
        return tuple(told)

    def roster_dates(self, organ_id: str) -> tuple[date, ...]:
        """Return the charter's date and the days on which a known roster begins, in order."""
        organ = self.organ(organ_id)
        days = {self.dated}
        for selector in organ.seats:
            kind, _, name = selector.rpartition(":")
            if kind == "rotation":
                days.update(term.since for term in self.rotations[name].terms)
        return tuple(sorted(days))


def named_sets(rule: Rule) -> tuple[str, ...]:
    """Return the names of the sets that a rule mentions, in order, each once."""
    found: dict[str, None] = {}
    for node in (rule.adopt, rule.reject):
        if node is None:
            continue
        for leaf in leaves(node):
            name = leaf.seats if isinstance(leaf, NoVeto) else getattr(leaf, "among", None)
            if name:
                found[name] = None
    return tuple(found)


def months_between(start: date, end: date) -> int:
    """Count the whole months from one day to a later one."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - (end.day < start.day)


def months_later(start: date, months: int) -> date:
    """Return the day so many months later; the last day of that month where it is shorter.

    Beyond the calendar it is the calendar's last day.
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if (year, month) >= (date.max.year, 11):
        return date.max
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(start.day - 1), following - timedelta(1))


def _look_up(table: Mapping[str, Named], key: str, what: str, charter: str) -> Named:
    found = table.get(key)
    if found is not None:
        return found
    near = get_close_matches(key[:64], table, n=1, cutoff=0.5)
    listed = ", ".join(list(table)[:12]) or "none"
    raise UsageError(
        f"{charter} has no {what} called '{key[:64]}'",
        hint=f"did you mean {near[0]}?" if near else f"it has: {listed}",
    )
