"""The constitution: under which charter, standings and keys a member speaks, as one hash.

Every header names it, so that nobody can slip a decision in under other rules
than the ones its author was in. It is the founding and a set of settled
changes: amendments, admissions, suspensions, key replacements, notices of
withdrawal. Each change names the register it belongs to (the charter, or one
member) and what it replaces there, so that the set has one reading, whatever
order its changes came in (spec/procedure.md 2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from hashlib import sha256

from comity.core.acts import Act
from comity.core.bodies import (
    Admit,
    Amend,
    Change,
    Leave,
    Propose,
    Reinstate,
    ReplaceKey,
    Suspend,
)
from comity.core.charter import Charter, Member
from comity.core.checks import check
from comity.core.fields import Faults
from comity.core.founding import Founding, KeyHeld
from comity.core.keys import holder, joined, offer_reason
from comity.core.reading import read_charter
from comity.core.source import Source
from comity.core.strict import read_base64, write_json
from comity.errors import ActError, CharterError

COALITION = "coalition"
"""The organ that every member reads: keys, standings and charter are changed in it alone."""

CHARTER = "the charter"
"""The register of the charter's file; a member's is named by its code, which has no blank."""


@dataclass(frozen=True)
class Constitution:
    """A founding with settled changes, read.

    Parameters
    ----------
    id
        SHA-256 over the coalition's id and the ids of the changes.
    text
        The charter's file in force, byte for byte.
    charter
        What it says, with the standings that changes have given members.
    holders
        The keys that speak in it, by their short names.
    changes
        The settled changes by id: proposals, and notices of withdrawal.
    versions
        The last change of each register that has any.
    """

    id: str
    founding: Founding
    charter: Charter = field(repr=False)
    text: bytes = field(repr=False)
    holders: Mapping[str, KeyHeld] = field(repr=False)
    changes: Mapping[str, Act] = field(default_factory=dict, repr=False)
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def charter_hash(self) -> str:
        """SHA-256 of the charter's file, as proposals pin it."""
        return sha256(self.text).hexdigest()

    def speaks(self, act: Act) -> bool:
        """Tell whether the key that signed an act speaks in this constitution."""
        return holder(self.holders, act.key_id, act.member, act.header.office) is not None

    def readers(self, organ: str, on: date) -> tuple[str, ...]:
        """Return who reads an organ on a day: its seats, and whoever may propose there.

        The organ of all is read by every party with a key, the suspended among
        them: only who has left for good, or belongs no more, reads it no longer.
        """
        charter = self.charter
        if organ == COALITION:
            with_key = {held.member for held in self.holders.values()}
            return tuple(
                code for code in charter.order if code in with_key and self._is_there(code, on)
            )
        found = charter.organs.get(organ)
        if found is None:
            return ()
        return charter.select((*found.seats, *found.propose), on, found)

    def _is_there(self, code: str, on: date) -> bool:
        member = self.charter.members.get(code)
        if member is None or member.belongs(on):
            return True
        last = self.changes.get(self.versions.get(code, ""))
        sits_out = (
            last is not None
            and isinstance(last.body, Propose)
            and isinstance(last.body.effect, Suspend | Reinstate)  # for a later day, perhaps
        )
        left = any(
            isinstance(act.body, Leave)
            and act.member == code
            and date.fromisoformat(act.body.since) <= on
            for act in self.changes.values()
        )
        return sits_out and not left

    def with_keys(self, more: Iterable[KeyHeld]) -> Constitution:
        """Return it with further keys that offices took themselves."""
        return replace(self, holders=joined(self.holders, more))


def constitution_id(coalition: str, changes: Iterable[str]) -> str:
    """Return the id of a coalition's constitution after some changes.

    >>> constitution_id("0" * 64, ())[:16]
    '22a7414e054446dc'
    """
    return sha256(write_json({"changes": sorted(changes), "coalition": coalition})).hexdigest()


def constitution(founding: Founding, text: bytes) -> Constitution:
    """Join a founding and the file of the charter that it names.

    Raises
    ------
    ActError
        ``another-charter`` or ``stranger-key``.
    CharterError
        If the file is no charter.
    """
    if sha256(text).hexdigest() != founding.charter:
        raise ActError(
            "the charter is not the one that was founded",
            hint=f"look for the file whose SHA-256 begins with {founding.charter[:16]}",
            refusal="another-charter",
        )
    charter = _read(text)
    for held in founding.keys:
        if held.member not in charter.order:
            raise ActError(
                f"the founding gives a key to {held.member}, whom the charter does not name",
                hint="found the coalition anew with keys for those the charter names",
                refusal="stranger-key",
            )
    ident = constitution_id(founding.id, ())
    return Constitution(ident, founding, charter, text, founding.holders)


def register_of(act: Act) -> str:
    """Return the register that a change belongs to: the charter, or one member's code."""
    match act.body:
        case Leave():
            return act.member
        case Propose(effect=Amend()):
            return CHARTER
        case Propose(effect=ReplaceKey() as effect):
            return effect.offer.held.member
        case Propose(effect=Admit() | Suspend() | Reinstate() as effect):
            return effect.member
        case _:
            raise AssertionError("it is no change")


def replaced_by(act: Act) -> str | None:
    """Return the change that a change names as the one it comes after."""
    assert isinstance(act.body, Propose)
    assert isinstance(act.body.effect, Change)
    return act.body.effect.replaces


def changed(ground: Constitution, changes: Mapping[str, Act]) -> Constitution | str:
    """Return the constitution after a set of changes, or the reason why there is none.

    Parameters
    ----------
    ground
        That of the founding.
    changes
        By id. Each was settled where it was decided; here it is only read.
    """
    decided = [act for act in changes.values() if isinstance(act.body, Propose)]
    versions: dict[str, str] = {}
    lines: dict[str, list[Act]] = {}
    for register in sorted({register_of(act) for act in decided}):
        own = [act for act in decided if register_of(act) == register]
        line = _line(own)
        if line is None:
            return f"the changes of {register} do not follow one another"
        lines[register], versions[register] = line, line[-1].id
    text, charter = ground.text, ground.charter
    for act in lines.pop(CHARTER, [])[-1:]:
        read = _amended(act)
        if isinstance(read, str):
            return read
        text, charter = read
    holders, members = dict(ground.holders), dict(charter.members)
    for line in lines.values():
        for act in line:
            _apply(act, members, holders)
    for act in sorted(changes.values(), key=lambda act: act.id):
        if isinstance(act.body, Leave) and act.member in members:
            members[act.member] = _left(members[act.member], act.body.since)
    return Constitution(
        constitution_id(ground.founding.id, changes),
        ground.founding,
        replace(charter, members=members),
        text,
        holders,
        {name: changes[name] for name in sorted(changes)},
        versions,
    )


def change_reason(act: Act, under: Constitution, ground: Constitution) -> str | None:
    """Return why a change cannot be made of a constitution; None where it can."""
    assert isinstance(act.body, Propose)
    effect = act.body.effect
    assert isinstance(effect, Change)
    register = register_of(act)
    if effect.replaces != under.versions.get(register):
        return f"it does not replace the last change of {register} in its constitution"
    reason = _effect_reason(effect, under)
    if reason is not None:
        return reason
    after = changed(ground, {**under.changes, act.id: act})
    if isinstance(after, str):
        return after
    since = () if isinstance(effect, Amend | ReplaceKey) else (date.fromisoformat(effect.since),)
    charter = after.charter
    faults = Faults(Source({}, {}))
    check(replace(charter, dated=max(charter.dated, *since)) if since else charter, faults)
    if faults.found:
        return f"the charter would no longer hold together: {faults.found[0].what}"
    return None


def _effect_reason(effect: Change, under: Constitution) -> str | None:
    charter = under.charter
    match effect:
        case Amend():
            return None
        case Admit():
            if effect.member in charter.participants:
                return f"{effect.member} takes part already, and is no party"
            if effect.standing not in ("member", *charter.standings):
                return f"the charter has no standing called '{effect.standing}'"
            for offer in effect.keys:
                if offer.held.member != effect.member:
                    return f"it brings a key of {offer.held.member}, not of {effect.member}"
                reason = offer_reason(offer, under.founding)
                if reason is not None:
                    return reason
            return None
        case ReplaceKey():
            held = effect.offer.held
            if held.member not in charter.order:
                return f"the charter does not name {held.member}"
            return offer_reason(effect.offer, under.founding)
        case _:
            return None if effect.member in charter.members else f"{effect.member} is no member"


def _line(own: list[Act]) -> list[Act] | None:
    """Return the changes of one register in their order; None if they are no one line."""
    after = {replaced_by(act): act for act in own}
    line: list[Act] = []
    last: str | None = None
    while last in after:
        line.append(after.pop(last))
        last = line[-1].id
    return line if len(line) == len(own) else None


def _amended(act: Act) -> tuple[bytes, Charter] | str:
    assert isinstance(act.body, Propose)
    assert isinstance(act.body.effect, Amend)
    text = read_base64(act.body.effect.charter, "the charter")
    try:
        return text, _read(text)
    except CharterError as fault:
        return f"the charter it proposes cannot be read: {fault.what}"


@lru_cache(maxsize=64)
def _read(text: bytes) -> Charter:
    return read_charter(text)


def _apply(act: Act, members: dict[str, Member], holders: dict[str, KeyHeld]) -> None:
    """Carry out one change of a member's register; a member no longer named is passed over."""
    assert isinstance(act.body, Propose)
    match act.body.effect:
        case Admit() as effect:
            since = date.fromisoformat(effect.since)
            members[effect.member] = Member(
                effect.member, effect.name, effect.standing, effect.iso, since
            )
            _give(holders, *(offer.held for offer in effect.keys))
        case Suspend() as effect if effect.member in members:
            members[effect.member] = _until(members[effect.member], effect.since)
        case Reinstate() as effect if effect.member in members:
            again = replace(
                members[effect.member], since=date.fromisoformat(effect.since), until=None
            )
            members[effect.member] = again
        case ReplaceKey(offer=offer):
            office = (offer.held.member, offer.held.office)
            for name in [n for n, h in holders.items() if (h.member, h.office) == office]:
                del holders[name]
            _give(holders, offer.held)
        case _:
            pass


def _give(holders: dict[str, KeyHeld], *more: KeyHeld) -> None:
    fuller = joined(holders, more)
    holders.clear()
    holders.update(fuller)


def _until(member: Member, since: str) -> Member:
    """Return a member that belongs no longer from a day on."""
    return replace(member, until=date.fromisoformat(since) - timedelta(1))


def _left(member: Member, since: str) -> Member:
    """Return a member after its notice; one admitted again for a later day is there again."""
    came = member.since
    again = came is not None and came > date.fromisoformat(since)
    return member if again else _until(member, since)
