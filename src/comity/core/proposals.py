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
    CHANGES,
    Change,
    Closing,
    OptIn,
    Propose,
    Recognise,
    Reinstate,
    ReplaceKey,
    Stance,
    Suspend,
    Wake,
)
from comity.core.charter import Charter, Organ, Procedure, RuleEntry
from comity.core.constitution import COALITION, Constitution, change_reason
from comity.core.meeting import least_shared
from comity.core.procedures import Settlement, settle, signed
from comity.core.rolls import Count, Roll, Said, Thresholds, count_rolls, traced
from comity.core.rules import Electorate, can_be_met
from comity.core.strict import instant
from comity.errors import UsageError

_DUMB = "its key does not speak in the constitution that it names"


@dataclass(frozen=True, slots=True)
class Pinned:
    """A proposal with all that it pins.

    Parameters
    ----------
    act, body
        The proposal as it was signed.
    under
        The constitution that it was made in.
    electorate
        The roster with weights and named sets, on the day that it pins.
    expires
        When silence ends; None under the signature procedure.
    """

    act: Act
    body: Propose
    under: Constitution = field(repr=False)
    entry: RuleEntry
    procedure: Procedure
    electorate: Electorate
    expires: datetime | None

    @property
    def roster(self) -> tuple[str, ...]:
        """Who counts."""
        return self.electorate.members

    @property
    def concerned(self) -> frozenset[str]:
        """Whom its effect concerns: the rule says what becomes of their word."""
        effect = self.body.effect
        if isinstance(effect, Suspend | Reinstate):
            return frozenset((effect.member,))
        if isinstance(effect, ReplaceKey):
            return frozenset((effect.offer.held.member,))
        return frozenset()

    @property
    def closes_at(self) -> datetime | None:
        """When members close it: at its expiry plus grace; None if it is not closed at all."""
        if self.expires is None:
            return None
        return self.expires + timedelta(hours=self.procedure.grace or 0)

    def waits(self, roll: Mapping[str, str], at: datetime) -> str | None:
        """Say why it may not be closed yet with a roll; None where it may."""
        over = self.closes_at
        if over is None:
            return "what is open to signature is not closed"
        if at.replace(microsecond=0) >= over:  # acts say whole seconds: so do those about to be
            return None
        if self.procedure.kind != "silence" and all(m in roll for m in self.roster):
            return None  # everybody was heard: there is nothing to wait for
        return f"it may be closed from {over:%Y-%m-%d %H:%M} UTC on"

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


def pin(act: Act, under: Constitution, ground: Constitution | None = None) -> Pinned | str:
    """Return what a proposal pins, or the reason why it is without effect.

    Parameters
    ----------
    under
        The constitution that its header names.
    ground
        That of the founding; left out where `under` is it.
    """
    body, charter = act.body, under.charter
    if not isinstance(body, Propose):
        return "it is no proposal"
    if act.header.constitution != under.id:
        return "it was made in another constitution"
    if not under.speaks(act):
        return _DUMB
    if body.charter != under.charter_hash:
        return "it pins another charter"
    organ = _deciding(act, body, charter)
    if isinstance(organ, str):
        return organ
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
    try:
        electorate = charter.electorate(organ.id, on)
        can_be_met(entry.rule.adopt, electorate)
    except UsageError as missing:
        return missing.what
    made = Pinned(act, body, under, entry, procedure, electorate, expires)
    lines = made.thresholds
    if expires is not None and lines.members < 2 * lines.n + lines.f + 1:
        return f"{lines.members} members are fewer than 2n + f + 1 = {2 * lines.n + lines.f + 1}"
    return _effect_reason(made, ground or under) or made


def _deciding(act: Act, body: Propose, charter: Charter) -> Organ | str:
    """Return the organ that decides a proposal; or why its rule or procedure is not in force."""
    if isinstance(body.effect, Change):
        kind = CHANGES[type(body.effect)]
        change = charter.changes.get(kind)
        if act.header.organ != COALITION:
            return f"charter, standings and keys are changed in '{COALITION}' alone"
        if change is None:
            return f"the charter does not say how it decides on {kind}"
        if (body.rule, body.procedure) != (change.rule, change.procedure):
            return (
                f"on {kind} the charter decides by '{change.rule}' and the procedure "
                f"'{change.procedure}'"
            )
        if charter.procedures[body.procedure].kind == "silence":
            return "whoever is silent would consent to rival changes: a change needs spoken words"
        return charter.organs[change.organ]
    organ = charter.organs.get(act.header.organ)
    if organ is None:
        return f"the charter has no organ called '{act.header.organ}'"
    if body.rule not in organ.rules:
        return f"'{body.rule}' is not a rule in force of {organ.id}"
    if body.procedure not in organ.procedures:
        return f"'{body.procedure}' is not a procedure of {organ.id}"
    return organ


def _effect_reason(made: Pinned, ground: Constitution) -> str | None:
    """Return why what is proposed could have no effect; None where it could."""
    effect, charter = made.body.effect, made.under.charter
    if isinstance(effect, Change):
        f = made.thresholds.f
        adopt = made.entry.rule.adopt
        aside = made.concerned if made.entry.rule.concerned == "excluded" else frozenset[str]()
        shared = least_shared(adopt, adopt, made.electorate, aside)
        if shared <= f:
            return (
                f"two majorities of this roster may share {shared} members, and rival changes "
                f"both be adopted: more than f = {f} must be shared"
            )
        return change_reason(made.act, made.under, ground)
    if isinstance(effect, OptIn) and made.entry.binds != "those who join":
        return f"the rule '{made.entry.id}' binds all, and to opt in binds those who join"
    if isinstance(effect, Recognise):
        strangers = [m for m in effect.members if m not in charter.order]
        return f"the charter does not name {strangers[0]}" if strangers else None
    if isinstance(effect, Wake):
        obligation = charter.obligations.get(effect.obligation)
        if obligation is None:
            return f"the charter has no obligation called '{effect.obligation}'"
        if obligation.in_force is not None:
            return f"{obligation.title} is in force already"
    return None


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
    wait = pinned.waits(act.body.roll, instant(act.header.instant, "the instant"))
    return wait and f"{act.member} closed it too early: {wait}"


def heard(pinned: Pinned, acts: Iterable[Act]) -> tuple[Act, ...]:
    """Return the last stance heard of every member who said something, as a roll names them.

    Only stances that have effect and whose turns before are all at hand are
    named; of two answers to one turn, the first by id.
    """
    said = [a for a in acts if isinstance(a.body, Stance) and stance_reason(a, pinned) is None]
    by_id = {act.id: act for act in said}
    last: dict[str, tuple[int, str]] = {}
    for member in dict.fromkeys((*pinned.roster, pinned.act.member)):
        for name in traced(member, (_said(act) for act in said)):
            stance = by_id[name].body
            assert isinstance(stance, Stance)
            last[member] = min(last.get(member, (0, "")), (-stance.turn, name))
    return tuple(by_id[name] for _, name in last.values())


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
        settlement = signed(
            pinned.entry.rule, pinned.electorate, frozenset(yes), concerned=pinned.concerned
        )
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
        concerned=pinned.concerned,
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
    return None if pinned.under.speaks(act) else _DUMB


def _outside(act: Act) -> str:
    return f"{act.member} is not on the pinned roster"
