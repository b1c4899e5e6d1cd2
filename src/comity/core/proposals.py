"""Proposals: what one pins, which acts on it have effect, and how it stands.

An outcome depends on the proposal, on stances and closings that name it, and on
the constitution they were all made in: on no other act, and on no clock but the
closers' own (spec/procedure.md 2 and 3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from comity.core.acts import (
    Act,
)
from comity.core.bodies import (
    Closing,
    Propose,
    Stance,
)
from comity.core.charter import Procedure, RuleEntry
from comity.core.constitution import Constitution
from comity.core.procedures import Settlement, settle, signed
from comity.core.rolls import Count, Roll, Said, Thresholds, count_rolls
from comity.core.rules import Electorate, can_be_met
from comity.core.strict import instant
from comity.errors import UsageError


@dataclass(frozen=True, slots=True)
class Pinned:
    """A proposal with all that it pins.

    Parameters
    ----------
    act, body
        The proposal as it was signed.
    electorate
        The roster with weights and named sets, on the day that it pins.
    expires
        When silence ends; None under the signature procedure.
    """

    act: Act
    body: Propose
    entry: RuleEntry
    procedure: Procedure
    electorate: Electorate
    expires: datetime | None

    @property
    def roster(self) -> tuple[str, ...]:
        """Who counts."""
        return self.electorate.members

    @property
    def thresholds(self) -> Thresholds:
        """How many closings it takes; a charter that says nothing allows none to be missing."""
        return Thresholds(len(self.roster), self.procedure.n or 0, self.procedure.f or 0)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a proposal stands, with the acts that say so.

    Parameters
    ----------
    count
        What the rolls show; None under the signature procedure.
    stances, closings
        The acts with effect, in the order of their ids.
    """

    pinned: Pinned
    settlement: Settlement
    count: Count | None
    stances: tuple[Act, ...] = field(repr=False, default=())
    closings: tuple[Act, ...] = field(repr=False, default=())


def pin(act: Act, constitution: Constitution) -> Pinned | str:
    """Return what a proposal pins, or the reason why it is without effect."""
    body, charter = act.body, constitution.charter
    if not isinstance(body, Propose):
        return "it is no proposal"
    if act.header.constitution != constitution.id:
        return "it was made in another constitution"
    if body.charter != constitution.founding.charter:
        return "it pins another charter"
    organ = charter.organs.get(act.header.organ)
    if organ is None:
        return f"the charter has no organ called '{act.header.organ}'"
    if body.rule not in organ.rules:
        return f"'{body.rule}' is not a rule in force of {organ.id}"
    if body.procedure not in organ.procedures:
        return f"'{body.procedure}' is not a procedure of {organ.id}"
    on = date.fromisoformat(body.on)
    if act.member not in charter.select(organ.propose, on, organ):
        return f"{act.member} may not propose in {organ.id}"
    procedure, entry = charter.procedures[body.procedure], charter.rules[body.rule]
    expires = instant(body.expires, "the expiry") if body.expires is not None else None
    if (expires is None) != (procedure.kind == "signature"):
        return "it has no expiry" if expires is None else "what is open to signature has no expiry"
    if expires is not None and expires.date() != on:
        return f"it pins the roster of {on}, and expires on {expires.date()}"
    if body.roster != charter.roster(organ.id, on):
        return f"its roster is not that of {organ.id} on {on}"
    electorate = charter.electorate(organ.id, on)
    try:
        can_be_met(entry.rule.adopt, electorate)
    except UsageError as missing:
        return missing.what
    made = Pinned(act, body, entry, procedure, electorate, expires)
    lines = made.thresholds
    if expires is not None and lines.members < 2 * lines.n + lines.f + 1:
        return f"{lines.members} members are fewer than 2n + f + 1 = {2 * lines.n + lines.f + 1}"
    return made


def stance_reason(act: Act, pinned: Pinned) -> str | None:
    """Return why a stance on a proposal is without effect; None where it has effect."""
    assert isinstance(act.body, Stance)
    reason = _misplaced(act, pinned)
    if reason or act.body.word != "withdraw":
        return reason or (None if act.member in pinned.roster else _outside(act))
    if act.member != pinned.act.member:
        return f"{act.member} did not propose it, and cannot withdraw it"
    return "what is open to signature is not withdrawn" if pinned.expires is None else None


def closing_reason(act: Act, pinned: Pinned) -> str | None:
    """Return why a closing of a proposal is without effect; None where it has effect."""
    assert isinstance(act.body, Closing)
    if pinned.expires is None:
        return "what is open to signature is not closed"
    reason = _misplaced(act, pinned)
    if reason or act.member not in pinned.roster:
        return reason or _outside(act)
    over = pinned.expires + timedelta(hours=pinned.procedure.grace or 0)
    if instant(act.header.instant, "the instant") >= over:
        return None
    if pinned.procedure.kind != "silence" and all(m in act.body.roll for m in pinned.roster):
        return None  # everybody was heard: there is nothing to wait for
    return f"{act.member} closed it before {over:%Y-%m-%d %H:%M} UTC, when it may be closed"


def stand(pinned: Pinned, acts: Iterable[Act]) -> Standing:
    """Say how a proposal stands, given the stances and closings that name it."""
    stances: dict[str, Act] = {}
    closings: dict[str, Act] = {}
    for act in sorted(acts, key=lambda act: act.id):
        if isinstance(act.body, Stance) and stance_reason(act, pinned) is None:
            stances[act.id] = act
        elif isinstance(act.body, Closing) and closing_reason(act, pinned) is None:
            closings[act.id] = act
    if pinned.expires is None:
        yes = {act.member for act in stances.values() if _word(act) == "yes"}
        settlement = signed(pinned.entry.rule, pinned.electorate, frozenset(yes))
        return Standing(pinned, settlement, None, tuple(stances.values()))
    proposer = pinned.act.member
    count = count_rolls(
        pinned.roster,
        proposer,
        [_said(act) for act in stances.values()],
        [_roll(act, pinned) for act in closings.values()],
        pinned.thresholds,
    )
    settlement = settle(
        pinned.entry.rule,
        pinned.electorate,
        pinned.procedure,
        proposer,
        count,
        pinned.thresholds,
    )
    return Standing(pinned, settlement, count, tuple(stances.values()), tuple(closings.values()))


def named_stances(standing: Standing) -> Mapping[str, Act]:
    """Return the stances that some closing names, and all turns before them."""
    at_hand = {act.id: act for act in standing.stances}
    found: dict[str, Act] = {}
    for act in standing.closings:
        assert isinstance(act.body, Closing)
        for named in act.body.roll.values():
            step = at_hand.get(named)
            while step is not None and step.id not in found:
                found[step.id] = step
                assert isinstance(step.body, Stance)
                step = at_hand.get(step.body.previous or "")
    return {i: found[i] for i in sorted(found)}


def _word(act: Act) -> str:
    assert isinstance(act.body, Stance)
    return act.body.word


def _said(act: Act) -> Said:
    assert isinstance(act.body, Stance)
    return Said(act.id, act.member, act.body.turn, act.body.previous, act.body.word)


def _roll(act: Act, pinned: Pinned) -> Roll:
    assert isinstance(act.body, Closing)
    assert pinned.expires is not None
    opened = act.body.opened_at
    notice = timedelta(hours=pinned.procedure.notice or 0)
    # Whoever shows a stance of its own was not silent, heard by others or not.
    consents = (
        opened is not None
        and act.member not in act.body.roll
        and pinned.expires - instant(opened, "opened_at") >= notice
    )
    return Roll(act.id, act.member, act.body.roll, consents)


def _misplaced(act: Act, pinned: Pinned) -> str | None:
    if act.header.organ != pinned.act.header.organ:
        return f"it was made in {act.header.organ}, and the proposal in {pinned.act.header.organ}"
    if act.header.constitution != pinned.act.header.constitution:
        return "it was made in another constitution than the proposal"
    return None


def _outside(act: Act) -> str:
    return f"{act.member} is not on the pinned roster"
