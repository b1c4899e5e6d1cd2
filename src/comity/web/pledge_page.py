"""Pledges as a page shows them: what is needed, who promised what of it, what is still short."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from comity.core.bodies import Approval, Propose, Wake
from comity.core.cases import Woken, cases
from comity.core.charter import Need, Obligation
from comity.core.pledges import (
    Answer,
    Pledges,
    Promise,
    Promised,
    Shortfall,
    Statement,
    pledges,
    shortfalls,
)
from comity.web.desk import Desk
from comity.web.pledging import STATES, amount, may_pledge, span
from comity.web.proposal_page import act_address
from comity.web.roll import Cell, strip

ANSWERS: dict[Answer, object] = {
    "met": gettext_lazy("met"),
    "short": gettext_lazy("short"),
    "not known": gettext_lazy("not known"),
    "not comparable": gettext_lazy("not comparable"),
}
_TONES: dict[Answer, str] = {"met": "good", "short": "bad"}
_BASES = {
    "total": gettext_lazy("in all: what members hold already counts as well"),
    "target": gettext_lazy("a target: what members hold already counts as well"),
    "additional": gettext_lazy("on top of what there is: pledges alone can meet it"),
    "money": gettext_lazy("money: pledges alone can meet it"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One statement of a promise: the first, or a restatement."""

    instant: str
    words: str
    act: str
    href: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One promise of one member, as the page tells it.

    Parameters
    ----------
    approvals
        Each national body with where it stands and its tone.
    rival
        Whether another promise of the same member excludes it.
    """

    id: str
    who: str
    organ: str
    amount: str
    sentences: tuple[str, ...]
    approvals: tuple[tuple[Approval, str, str], ...]
    caveats: tuple[str, ...]
    steps: tuple[Step, ...]
    case: str = ""
    line: str = ""
    mine: bool = False
    rival: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One requirement line: what is asked, how far pledges go, who made them."""

    need: Need
    asked: str
    basis: str
    word: str
    tone: str
    sentences: tuple[str, ...]
    cells: list[Cell]
    counted: str
    pledged: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Owed:
    """One obligation with its lines."""

    obligation: Obligation
    standing: str
    asleep: bool
    owed_by: str
    owed_to: str
    invoked: str
    lines: tuple[Line, ...]
    elsewhere: tuple[Shown, ...]
    woken: str = ""


class PledgePage:
    """All pledges that a desk sees, held against what is needed."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.charter = desk, desk.charter
        self.today = desk.house.now().date()
        self.found: Pledges = pledges(desk.acts("pledge"))

    @property
    def owed(self) -> tuple[Owed, ...]:
        """Each obligation of the charter."""
        woken = {one.obligation: one for one in self._woken()}
        return tuple(
            self._owed(one, woken.get(one.id)) for one in self.charter.obligations.values()
        )

    @property
    def beside(self) -> tuple[Shown, ...]:
        """What is pledged to no obligation that the charter has."""
        known = self.charter.obligations
        return tuple(
            shown for one in self.found if one.obligation not in known for shown in self._shown(one)
        )

    @property
    def idle(self) -> tuple[tuple[str, str, str], ...]:
        """The acts without effect: id, address, reason."""
        return tuple((n, act_address(n), why) for n, why in self.found.without_effect)

    @property
    def may(self) -> bool:
        """Whether this desk may pledge."""
        return may_pledge(self.desk)

    def _woken(self) -> tuple[Woken, ...]:
        outcomes = {one.proposal: one.outcome for one in self.desk.node.record.settled()}
        waking = (
            act
            for act in self.desk.acts("propose")
            if isinstance(act.body, Propose) and isinstance(act.body.effect, Wake)
        )
        return cases(waking, outcomes).woken

    def _owed(self, one: Obligation, woken: Woken | None) -> Owed:
        select, held = self.charter.select, shortfalls(self.found, one)
        asleep = one.in_force is None and woken is None
        if woken is not None:
            standing = _("Awake: %(because)s") % {"because": woken.because}
        elif asleep:
            standing = _("Dormant %(until)s.") % {"until": one.dormant or _("until it is woken")}
        else:
            standing = _("In force since %(day)s.") % {"day": one.in_force}
        debtors = select(one.owed_by, self.today)
        return Owed(
            one,
            standing,
            asleep,
            self._names(debtors),
            self._names(select(one.owed_to, self.today)),
            self._invoked(one),
            tuple(self._line(line, frozenset(debtors)) for line in held.lines),
            tuple(shown for told in held.elsewhere for shown in self._shown(told)),
            act_address(woken.proposal) if woken else "",
        )

    def _names(self, codes: tuple[str, ...]) -> str:
        names = [self.charter.name_of(code) for code in codes]
        if len(names) <= 6:
            return ", ".join(names)
        return ngettext("%(n)d member", "%(n)d members", len(names)) % {"n": len(names)}

    def _invoked(self, one: Obligation) -> str:
        if one.invoked_by_organ:
            return _("Invoked by %(organ)s, under the rule “%(rule)s”.") % {
                "organ": self.desk.organ_name(one.invoked_by_organ),
                "rule": self.charter.rules[one.invoked_by_rule].title,
            }
        who = self._names(self.charter.select(one.invoked_by, self.today))
        return _("Each of these can invoke it alone: %(who)s.") % {"who": who} if who else ""

    def _line(self, told: Shortfall, debtors: frozenset[str]) -> Line:
        need = told.need
        both = {id(one): one for one in (*told.promised, *told.other_units)}
        own: dict[str, list[Promised]] = {}
        for one in both.values():
            own.setdefault(one.member, []).append(one)
        said = {
            code: _mark(own[code])
            if code in own
            else "nothing pledged"
            if code in debtors
            else "not owing"
            for code in self.charter.order
        }
        details = {code: "; ".join(_detail(one) for one in many) for code, many in own.items()}
        hrefs = {code: f"#p-{many[0].promises[0].current.id[:12]}" for code, many in own.items()}
        names = {code: self.charter.name_of(code) for code in self.charter.order}
        return Line(
            need,
            f"{span(need.low, need.high)} {need.unit}",
            str(_BASES[need.basis]),
            str(ANSWERS[told.answer]),
            _TONES.get(told.answer, "wait"),
            tuple(_sentences(told)),
            strip(self.charter.order, names, said, details, hrefs),
            _counted(len(debtors & own.keys()), len(debtors), len(own.keys() - debtors)),
            tuple(shown for one in both.values() for shown in self._shown(one)),
        )

    def _shown(self, told: Promised) -> Iterator[Shown]:
        for promise in told.promises:
            now = promise.current
            yield Shown(
                now.id[:12],
                self.charter.name_of(told.member),
                self.desk.organ_name(now.organ),
                f"{amount(now.quantity)} {now.unit}",
                tuple(_promise_words(promise)),
                tuple(
                    (one, str(STATES[one.state]), _APPROVAL_TONES[one.state])
                    for one in now.approvals
                ),
                now.caveats,
                tuple(_step(one) for one in promise.statements),
                told.case or "",
                told.line,
                told.member == self.desk.member,
                told.rivals,
            )


_APPROVAL_TONES = {"pending": "wait", "approved": "good", "refused": "bad"}


def _mark(many: list[Promised]) -> str:
    """Return what a cell says of a member's promises to one line."""
    if len(many) > 1 or many[0].rivals:
        return "rival pledges" if any(one.rivals for one in many) else "pledged"
    now = many[0].promises[0].current
    if now.bodies_that("refused"):
        return "approval refused"
    if now.delivered >= now.quantity > 0:
        return "delivered"
    return "approval pending" if now.bodies_that("pending") else "pledged"


def _counted(debtors: int, of: int, others: int) -> str:
    """Say how many have pledged, of those who owe it and beside them."""
    told = _("%(n)d of the %(of)d who owe it") % {"n": debtors, "of": of}
    if others:
        told += _(", and %(n)d who owe nothing here") % {"n": others}
    return told


def _detail(one: Promised) -> str:
    told = []
    for promise in one.promises:
        now = promise.current
        ready = _(", ready %(day)s") % {"day": now.ready} if now.ready else ""
        told.append(f"{amount(now.quantity)} {now.unit}{ready}")
    return _(" or ").join(told)


def _sentences(told: Shortfall) -> Iterator[str]:
    """Say what pledges come to against a line."""
    need, unit = told.need, told.need.unit
    yield _("Pledged: %(given)s of %(asked)s %(unit)s.") % {
        "given": span(told.low, told.high),
        "asked": span(need.low, need.high),
        "unit": unit,
    }
    if told.answer == "short":
        yield _("Still missing: %(short)s %(unit)s.") % {
            "short": span(told.short_low, told.short_high),
            "unit": unit,
        }
    elif told.answer == "not comparable":
        units = sorted({u for one in told.other_units for u in one.units} - {unit})
        yield _("What is pledged in %(units)s cannot be compared with %(unit)s.") % {
            "units": ", ".join(units),
            "unit": unit,
        }
    elif told.answer == "not known" and unit.startswith("%"):
        yield _("Shares do not add up: each member must reach it alone.")
    elif told.answer == "not known" and need.basis in ("total", "target"):
        yield _("Pledges leave %(short)s %(unit)s open; what members hold counts too, and no "
                "pledge says it.") % {
            "short": span(told.short_low, told.short_high),
            "unit": unit,
        }  # fmt: skip
    elif told.answer == "not known":
        yield _("Whether it suffices hangs on what is still to be approved, or on where in the "
                "range the need lies.")  # fmt: skip
    if told.delivered or told.promised:
        yield _("Handed over so far: %(given)s %(unit)s.") % {
            "given": amount(told.delivered),
            "unit": unit,
        }


def _promise_words(promise: Promise) -> Iterator[str]:
    """Say what is promised now, and what was promised first where that was something else."""
    now, first = promise.current, promise.first
    ready, first_ready = now.ready, promise.first_ready
    if ready and first_ready != ready:
        yield _("Ready from %(day)s; first promised for %(first)s.") % {
            "day": ready,
            "first": first_ready,
        }
    elif ready:
        yield _("Ready from %(day)s.") % {"day": ready}
    elif first_ready:
        yield _("No day is promised any more; first promised for %(first)s.") % {
            "first": first_ready
        }
    else:
        yield _("No day is promised.")
    if first.quantity != now.quantity:
        yield _("First promised: %(first)s %(unit)s.") % {
            "first": amount(first.quantity),
            "unit": first.unit,
        }
    if now.delivered:
        yield _("Handed over: %(part)s of %(whole)s %(unit)s.") % {
            "part": amount(now.delivered),
            "whole": amount(now.quantity),
            "unit": now.unit,
        }
    else:
        yield _("Nothing handed over so far.")


def _step(one: Statement) -> Step:
    told = [f"{amount(one.quantity)} {one.unit}"]
    if one.ready:
        told.append(_("ready %(day)s") % {"day": one.ready})
    if one.delivered != Fraction(0):
        told.append(_("%(n)s handed over") % {"n": amount(one.delivered)})
    told += [f"{a.body}: {STATES[a.state]}" + (f", {a.on}" if a.on else "") for a in one.approvals]
    return Step(one.instant, "; ".join(told), one.id, act_address(one.id))
