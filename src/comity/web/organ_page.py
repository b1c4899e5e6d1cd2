"""Organs and members as pages show them: who sits on a day, who comes next, under which rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.core.acts import Act
from comity.core.bodies import Change, Leave, Propose
from comity.core.cases import Cases, cases
from comity.core.charter import (
    Chair,
    Charter,
    Organ,
    Procedure,
    Rotation,
    RuleEntry,
    months_between,
    months_later,
)
from comity.core.constitution import register_of
from comity.core.effects import effect_words
from comity.core.founding import KeyHeld
from comity.core.tally import Tally, decide, number
from comity.errors import UsageError
from comity.web.desk import Desk
from comity.web.proposal_page import act_address
from comity.web.roll import Cell, strip

AHEAD = 4
"""How many turns of a rotation are told, the present one among them."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Who holds a seat, from when to when; both days count."""

    who: str
    since: date
    until: date
    now: bool


@dataclass(frozen=True, slots=True)
class RuleShown:
    """A rule with what it asks of the roster of the day; no tree where that is not known."""

    entry: RuleEntry
    asks: Tally | None
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """A change of charter, standings or keys that is settled."""

    what: str
    who: str
    pinned: str
    instant: str
    act: str
    href: str
    certifiable: bool


@dataclass(frozen=True, slots=True)
class KeyShown:
    """A key of an office: its short name, and since when it is known."""

    name: str
    office: str
    since: str
    speaks: bool


class OrganPage:
    """One organ on a day."""

    def __init__(self, desk: Desk, organ: Organ, on: date) -> None:
        self.desk, self.organ, self.on = desk, organ, on
        self.charter: Charter = desk.charter
        self.roster = self.charter.roster(organ.id, on)
        self.vacant = self.charter.vacant(organ.id, on)
        self.chairs = self.charter.select(("chair",), on, organ)
        self.vetoes = self.charter.select(organ.veto, on, organ)
        self.reading = desk.node.under.readers(organ.id, on)

    @property
    def cells(self) -> list[Cell]:
        """Everybody, with the seat that each has."""
        said = {}
        for code in self.charter.order:
            if code in self.roster:
                said[code] = (
                    "chair" if code in self.chairs else "veto" if code in self.vetoes else "sits"
                )
            else:
                said[code] = "reads" if code in self.reading else "outside organ"
        names = {code: self.charter.name_of(code) for code in self.charter.order}
        tables = self.charter.weights_on(self.on)
        details = {
            code: "; ".join(
                f"{name} {number(table.values[code])} {table.unit}"
                for name, table in tables.items()
                if code in table.values
            )
            for code in self.roster
        }
        return strip(self.charter.order, names, said, details)

    @property
    def sentence(self) -> str:
        """Who sits there, counted."""
        told = ngettext("%(n)d sits there", "%(n)d sit there", len(self.roster)) % {
            "n": len(self.roster)
        }
        return f"{told} · {self.on}"

    def names(self, codes: tuple[str, ...]) -> str:
        """Return names, or how many there are."""
        told = [self.charter.name_of(code) for code in codes]
        return ", ".join(told) if len(told) <= 8 else _("%(n)d of them") % {"n": len(told)}

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Chair, vetoes, and who may do what: a word and who."""
        select, organ = self.charter.select, self.organ
        may = (
            (_("Presides"), self.chairs),
            (_("Has a veto"), self.vetoes),
            (_("May propose"), select(organ.propose, self.on, organ)),
            (_("May call it together"), select(organ.call, self.on, organ)),
            (_("May found groups"), select(organ.form_groups, self.on, organ)),
            (_("Reads it"), self.reading),
        )
        return tuple((word, self.names(codes) or _("nobody")) for word, codes in may)

    @property
    def rotations(self) -> tuple[tuple[str, tuple[Turn, ...]], ...]:
        """The seats that pass on, each with who comes next and when."""
        told = [
            (name, tuple(rotation_turns(self.charter, rotation, self.on)))
            for selector in self.organ.seats
            for kind, _sep, name in (selector.rpartition(":"),)
            if kind == "rotation" and (rotation := self.charter.rotations.get(name)) is not None
        ]
        chair = self.organ.chair
        if chair.order and chair.since is not None:
            told.append((_("the chair"), tuple(chair_turns(self.charter, chair, self.on))))
        return tuple(told)

    def rules(self, names: tuple[str, ...]) -> tuple[RuleShown, ...]:
        """Return rules with what they ask."""
        try:
            electorate = self.charter.electorate(self.organ.id, self.on)
        except UsageError:
            electorate = None
        shown = []
        for name in names:
            entry = self.charter.rules[name]
            asks = None
            if electorate is not None:
                try:
                    asks = decide(entry.rule, electorate, {}).tally
                except UsageError:
                    asks = None
            shown.append(RuleShown(entry, asks, tuple(rule_words(entry))))
        return tuple(shown)

    @property
    def in_force(self) -> tuple[RuleShown, ...]:
        """The rules that it decides by."""
        return self.rules(self.organ.rules)

    @property
    def candidates(self) -> tuple[RuleShown, ...]:
        """The rules under consideration."""
        return self.rules(self.organ.candidates)

    @property
    def procedures(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The ways in which it decides, in sentences."""
        known = self.charter.procedures
        return tuple((name, tuple(procedure_words(known[name]))) for name in self.organ.procedures)


def rotation_turns(charter: Charter, rotation: Rotation, on: date) -> Iterator[Turn]:
    """Yield who holds rotating seats on a day and after it, as far as that is known."""
    if rotation.terms:
        for term in sorted(rotation.terms, key=lambda t: (t.since, t.member)):
            if term.until >= on:
                now = term.since <= on
                yield Turn(charter.name_of(term.member), term.since, term.until, now)
        return
    if not rotation.order or rotation.since is None:
        return
    seats, order = rotation.seats, rotation.order
    first = max(0, months_between(rotation.since, on) // rotation.months)
    for turn in range(first, first + AHEAD):
        who = (order[(turn * seats + k) % len(order)] for k in range(seats))
        since = months_later(rotation.since, turn * rotation.months)
        until = months_later(rotation.since, (turn + 1) * rotation.months) - timedelta(1)
        yield Turn(", ".join(map(charter.name_of, who)), since, until, since <= on <= until)


def chair_turns(charter: Charter, chair: Chair, on: date) -> Iterator[Turn]:
    """Yield who presides on a day and after it."""
    assert chair.since is not None
    first = max(0, months_between(chair.since, on) // chair.months)
    for turn in range(first, first + AHEAD):
        since = months_later(chair.since, turn * chair.months)
        until = months_later(chair.since, (turn + 1) * chair.months) - timedelta(1)
        who = charter.name_of(chair.order[turn % len(chair.order)])
        yield Turn(who, since, until, since <= on <= until)


def rule_words(entry: RuleEntry) -> Iterator[str]:
    """Say what a rule is beside its parts."""
    if entry.binds != "all":
        yield _("It binds those who join.")
    if entry.rule.concerned == "excluded":
        yield _("Whoever is concerned stands aside.")
    elif entry.rule.concerned != "votes":
        yield _("Whoever is concerned abstains.")
    yield _("After a public text.") if entry.grounds == "text" else _("Our model.")
    if entry.note:
        yield entry.note


def procedure_words(one: Procedure) -> Iterator[str]:
    """Say how a decision is taken."""
    yield {
        "silence": _("By silence: whoever says nothing agrees."),
        "vote": _("By vote: whoever says nothing is missing."),
        "consensus": _("By consensus: whoever says nothing is missing."),
        "signature": _("By signature: open until enough have signed; a signature stays."),
    }[one.kind]
    if one.period is not None:
        yield _("Open for %(hours)s h, unless the proposal says otherwise.") % {
            "hours": f"{one.period:g}"
        }
    if one.notice:
        yield _("Silence counts for those who have had the text for %(hours)s h.") % {
            "hours": f"{one.notice:g}"
        }
    if one.grace is not None:
        yield _("Members close it %(hours)s h after it ends.") % {"hours": f"{one.grace:g}"}
    if one.n is None:
        yield _("How many may be missing, the charter does not say.")
    elif one.n == 0:
        yield _("Nobody may be missing: one that is out of reach leaves it open.")
    else:
        yield ngettext(
            "Up to %(n)d may be missing, and it still settles.",
            "Up to %(n)d may be missing, and it still settles.",
            one.n,
        ) % {"n": one.n}
    if one.f:
        yield ngettext(
            "Up to %(n)d may sign two things at once, and no outcome is undone.",
            "Up to %(n)d may sign two things at once, and no outcome is undone.",
            one.f,
        ) % {"n": one.f}
    elif one.f == 0:
        yield _("It counts on nobody signing two things at once.")
    yield (
        _("A yes ad referendum counts as yes.")
        if one.ad_referendum == "yes"
        else _("A yes ad referendum counts as missing until it is confirmed.")
    )


def history(desk: Desk, register: str = "") -> list[Changed]:
    """Return the settled changes, the latest first: all, or those of one member."""
    node, charter = desk.node, desk.charter
    told = []
    for act in node.succession.settled.values():
        if register and register_of(act) != register:
            continue
        body = act.body
        if isinstance(body, Leave):
            what, pinned = _("gives notice: it leaves on %(day)s") % {"day": body.since}, body.since
        else:
            assert isinstance(body, Propose)
            what, pinned = effect_words(body.effect, charter), body.on
        who, proposal = charter.name_of(act.member), isinstance(body, Propose)
        href = act_address(act.id)
        told.append(Changed(what, who, pinned, act.header.instant, act.id, href, proposal))
    return sorted(told, key=lambda one: (one.pinned, one.instant, one.act), reverse=True)


def open_changes(desk: Desk) -> list[Act]:
    """Return the changes that are put to decision and not settled."""
    found = desk.node.record.unsettled(organ="coalition")
    settled = desk.node.succession.settled
    return [
        act
        for act in found
        if isinstance(act.body, Propose)
        and isinstance(act.body.effect, Change)
        and act.id not in settled
        and not isinstance(desk.node.pinned(act.id), str)
    ]


def keys_of(desk: Desk, member: str) -> list[KeyShown]:
    """Return the keys of a member's offices: those that speak first."""
    node = desk.node
    founded, current = node.ground.founding.holders, node.succession.current.holders

    def shown(name: str, held: KeyHeld) -> KeyShown:
        since = _("since the founding") if name in founded else _("taken or given later")
        return KeyShown(name.split(" ")[0], held.office, since, name in current)

    known = {**node.succession.keyring.holders, **current}
    own = [shown(name, held) for name, held in known.items() if held.member == member]
    return sorted(own, key=lambda key: (not key.speaks, key.office, key.name))


def gathered(desk: Desk) -> Cases:
    """Return what decisions that this desk sees brought about: groups among it."""
    outcomes = {one.proposal: one.outcome for one in desk.node.record.settled()}
    return cases(desk.acts("propose"), outcomes)


def last_sure(desk: Desk, member: str) -> float | None:
    """Return how many seconds ago this node was last sure of another's; None if it never was."""
    node, now = desk.node, desk.house.now()
    ages = [node.seen.staleness(organ, member, now) for organ in desk.organs]
    if member in node.heard_at:
        ages.append(max(0.0, (now - node.heard_at[member]).total_seconds()))
    known = [age for age in ages if age is not None]
    return min(known) if known else None
