"""Pledges: what members promise to a line, what they first promised, and what is still short.

A member's promise is a chain of acts, each naming the one that it restates. A
function of the set of acts: order and repetition do not matter, and what cannot
be opened is unknown and left out. Amounts are exact. Invariants, each kept by a
test of its name:

- What has effect keeps it: that depends on the acts it names, and on no others.
- The first promise stays visible under every restatement.
- Rival promises of one member are shown side by side, and never added up.
- What is counted in another unit never meets a need.
- Every pledge at hand is shown, or listed with the reason why it has no effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

from comity.core import bodies
from comity.core.acts import Act
from comity.core.charter import Need, Obligation

Answer: TypeAlias = Literal["met", "short", "not known", "not comparable"]
Subject: TypeAlias = tuple[str, str, str, str]
"""To which obligation, in which case, to which line, and by whom; empty where not said."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One act in which a member says what it promises.

    Parameters
    ----------
    quantity, delivered
        Exactly as written, in `unit`: promised in all, and handed over so far.
    ready
        From which day; None where it was not said.
    """

    id: str
    organ: str
    office: str
    instant: str
    quantity: Fraction
    unit: str
    delivered: Fraction
    ready: str | None = None
    caveats: tuple[str, ...] = ()
    approvals: tuple[bodies.Approval, ...] = ()

    def bodies_that(self, state: Literal["pending", "approved", "refused"]) -> tuple[str, ...]:
        """Return the national bodies in a state, in the order in which they are listed."""
        return tuple(one.body for one in self.approvals if one.state == state)

    @property
    def low(self) -> Fraction:
        """What surely comes, if the member keeps its word: approved by all, or delivered."""
        sure = not self.bodies_that("pending") and not self.bodies_that("refused")
        return max(self.delivered, self.quantity) if sure else self.delivered

    @property
    def high(self) -> Fraction:
        """What comes at most: what a body has refused does not come."""
        return self.delivered if self.bodies_that("refused") else max(self.delivered, self.quantity)


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise and how it was restated.

    Parameters
    ----------
    statements
        From the first to the current one.
    """

    statements: tuple[Statement, ...]

    @property
    def first(self) -> Statement:
        """What was promised first."""
        return self.statements[0]

    @property
    def current(self) -> Statement:
        """What is promised now."""
        return self.statements[-1]

    @property
    def first_ready(self) -> str | None:
        """The first day that was promised."""
        return next((one.ready for one in self.statements if one.ready is not None), None)


@dataclass(frozen=True, slots=True)
class Promised:
    """What a member promises to one line.

    Parameters
    ----------
    obligation, case
        What the line belongs to, as far as the member says so.
    promises
        One, or rivals: two restatements of the same promise, or two promises of which
        neither restates the other. In order of the act that is current.
    """

    member: str
    line: str
    obligation: str | None
    case: str | None
    promises: tuple[Promise, ...]

    @property
    def rivals(self) -> bool:
        """Whether it is not clear which promise holds."""
        return len(self.promises) > 1

    def low(self, unit: str) -> Fraction:
        """Return what surely comes in a unit: of rivals the least."""
        of = [one.current for one in self.promises]
        return min((one.low if one.unit == unit else Fraction(0)) for one in of)

    def high(self, unit: str) -> Fraction:
        """Return what comes at most in a unit: of rivals the most."""
        of = [one.current for one in self.promises]
        return max((one.high if one.unit == unit else Fraction(0)) for one in of)

    def delivered(self, unit: str) -> Fraction:
        """Return what has been handed over in a unit: of rivals the least."""
        of = [one.current for one in self.promises]
        return min((one.delivered if one.unit == unit else Fraction(0)) for one in of)

    @property
    def units(self) -> tuple[str, ...]:
        """In what it is counted: more than one only among rivals."""
        return tuple(dict.fromkeys(one.current.unit for one in self.promises))


@dataclass(frozen=True, slots=True)
class Pledges:
    """All pledges at hand.

    Parameters
    ----------
    promised
        By obligation, case, line and member, in the order of their letters.
    without_effect
        The id of each act that achieves nothing, with the reason, in order of id.
    """

    promised: tuple[Promised, ...] = ()
    without_effect: tuple[tuple[str, str], ...] = ()

    def __iter__(self) -> Iterator[Promised]:
        return iter(self.promised)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What pledges come to against one line of a need.

    Parameters
    ----------
    low, high
        What is pledged, at the least and at the most.
    delivered
        What of it has been handed over.
    promised
        What counts towards the line.
    other_units
        What is pledged to the line in another unit, and cannot be compared.
    """

    need: Need
    answer: Answer
    why: str
    low: Fraction
    high: Fraction
    delivered: Fraction
    promised: tuple[Promised, ...] = ()
    other_units: tuple[Promised, ...] = ()

    @property
    def short_low(self) -> Fraction:
        """What pledges leave open at the least."""
        return max(Fraction(0), self.need.low - self.high)

    @property
    def short_high(self) -> Fraction:
        """What pledges leave open at the most."""
        return max(Fraction(0), self.need.high - self.low)


@dataclass(frozen=True, slots=True)
class Shortfalls:
    """What pledges come to against an obligation.

    Parameters
    ----------
    lines
        In the order of the needs.
    elsewhere
        What is pledged to lines that the obligation does not name.
    """

    obligation: str
    lines: tuple[Shortfall, ...]
    elsewhere: tuple[Promised, ...] = ()


def pledges(acts: Iterable[Act]) -> Pledges:
    """Gather pledges by member and line.

    Parameters
    ----------
    acts
        Verified acts, in any order; of other kinds too.
    """
    made = {act.id: act for act in acts if isinstance(act.body, bodies.Pledge)}
    reasons: dict[str, str] = {}
    after: dict[str, list[str]] = {}
    firsts: list[str] = []
    for name in sorted(made):
        named = _of(made[name]).previous
        reason = None if named is None else _link_reason(made[name], made.get(named))
        if reason is not None:
            reasons[name] = reason
        elif named is None:
            firsts.append(name)
        else:
            after.setdefault(named, []).append(name)
    before: dict[str, str | None] = dict.fromkeys(firsts)
    ahead = list(firsts)
    ends: dict[Subject, list[str]] = {}
    while ahead:
        name = ahead.pop()
        restated = after.get(name, [])
        before.update((other, name) for other in restated)
        ahead.extend(restated)
        if not restated:
            ends.setdefault(_subject(made[name]), []).append(name)
    lost = [name for name in made if name not in before and name not in reasons]
    reasons.update((name, "the pledge it restates has no effect") for name in lost)

    def promise(end: str) -> Promise:
        line: list[Statement] = []
        step: str | None = end
        while step is not None:
            line.append(_statement(made[step]))
            step = before[step]
        return Promise(tuple(reversed(line)))

    return Pledges(
        tuple(
            Promised(
                member, line, obligation or None, case or None, tuple(map(promise, sorted(found)))
            )
            for (obligation, case, line, member), found in sorted(ends.items())
        ),
        tuple(sorted(reasons.items())),
    )


def shortfalls(found: Pledges, obligation: Obligation) -> Shortfalls:
    """Hold pledges against what an obligation needs.

    A need is *met* if what surely comes reaches its upper end. An *additional* need, and one
    of *money*, can be met by pledges alone, so they are *short* if even the most that comes
    does not reach its lower end. Towards a *total* or a *target* what members hold counts
    too, which pledges do not say. Shares (% of something) do not add up.
    """
    to = tuple(one for one in found if one.obligation == obligation.id)
    named = {need.line for need in obligation.needs}
    return Shortfalls(
        obligation.id,
        tuple(
            _shortfall(need, tuple(one for one in to if one.line == need.line))
            for need in obligation.needs
        ),
        tuple(one for one in to if one.line not in named),
    )


def _shortfall(need: Need, given: tuple[Promised, ...]) -> Shortfall:
    counted = tuple(one for one in given if need.unit in one.units)
    others = tuple(one for one in given if one.units != (need.unit,))
    low = sum((one.low(need.unit) for one in counted), Fraction(0))
    high = sum((one.high(need.unit) for one in counted), Fraction(0))
    answer, why = _answer(need, low, high, others)
    delivered = sum((one.delivered(need.unit) for one in counted), Fraction(0))
    return Shortfall(need, answer, why, low, high, delivered, counted, others)


def _answer(
    need: Need, low: Fraction, high: Fraction, others: tuple[Promised, ...]
) -> tuple[Answer, str]:
    of = f"{_span(low, high)} of {_span(need.low, need.high)} {need.unit}"
    if need.unit.startswith("%"):
        return "not known", "shares do not add up: each member must reach it alone"
    if low >= need.high:
        return "met", of
    if others:
        units = sorted({unit for one in others for unit in one.units} - {need.unit})
        return "not comparable", f"{of}; what is pledged in {', '.join(units)} cannot be compared"
    if need.basis in ("total", "target"):
        return "not known", f"{of}; what members hold counts too, and no pledge says it"
    return ("short" if high < need.low else "not known"), of


def _span(low: Fraction, high: Fraction) -> str:
    return written(low) if low == high else f"{written(low)} to {written(high)}"


def written(amount: Fraction) -> str:
    """Write an exact amount: as a decimal number where it is one of at most six places.

    Examples
    --------
    >>> written(Fraction("12.50")), written(Fraction(40)), written(Fraction(1, 3))
    ('12.5', '40', '1/3')
    """
    millionths = amount * 10**6
    if millionths.denominator != 1:
        return str(amount)
    whole, rest = divmod(millionths.numerator, 10**6)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".")


def _of(act: Act) -> bodies.Pledge:
    assert isinstance(act.body, bodies.Pledge)
    return act.body


def _subject(act: Act) -> Subject:
    body = _of(act)
    return body.obligation or "", body.case or "", body.line, act.member


def _link_reason(act: Act, before: Act | None) -> str | None:
    """Return why a pledge does not restate the one it names; None where it does."""
    if before is None:
        return "the pledge it restates is not at hand"
    if before.member != act.member:
        return f"the pledge it restates is {before.member}'s, and not {act.member}'s"
    if before.header.organ != act.header.organ:
        return (
            f"it was made in {act.header.organ}, and the pledge it restates "
            f"in {before.header.organ}"
        )
    if _subject(act) != _subject(before):
        return "the pledge it restates is to another line, obligation or case"
    if _of(act).unit != _of(before).unit:
        return f"it counts {_of(act).unit}, and the pledge it restates {_of(before).unit}"
    return None


def _statement(act: Act) -> Statement:
    body = _of(act)
    return Statement(
        act.id,
        act.header.organ,
        act.header.office,
        act.header.instant,
        Fraction(body.quantity),
        body.unit,
        Fraction(body.delivered),
        body.ready,
        body.caveats,
        body.approvals,
    )
