"""Charters side by side: who sits in several, what is owed twice, where they pull apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from comity.core.charter import Charter
from comity.errors import UsageError
from comity.examine.finding import Column, Finding, Source, Table
from comity.examine.losses import Body


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something two charters say differently, or that one member faces in both."""

    what: str
    members: tuple[str, ...]
    words: str

    def to_json(self) -> dict[str, object]:
        """Return the conflict as plain values for JSON."""
        return {"what": self.what, "members": list(self.members), "words": self.words}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Charters side by side."""

    charters: tuple[Charter, ...]
    on: date
    members: tuple[str, ...]
    shared: tuple[str, ...]
    only: dict[str, tuple[str, ...]]
    conflicts: tuple[Conflict, ...]

    def to_json(self) -> dict[str, object]:
        """Return the answer with the keys documented in docs/howto/charters.md."""
        return {
            "charters": [charter.id for charter in self.charters],
            "on": self.on.isoformat(),
            "in_all": list(self.shared),
            "only": {name: list(codes) for name, codes in self.only.items()},
            "conflicts": [conflict.to_json() for conflict in self.conflicts],
        }

    def finding(self) -> Finding:
        """Return the answer as tables."""
        charters = self.charters
        names = [charter.name for charter in charters]
        columns = [
            Column("member", "Member", self.members),
            Column("name", "Name", tuple(_name(charters, code) for code in self.members)),
        ]
        columns.extend(
            Column(
                charter.id,
                charter.name,
                tuple(_standing(charter, code, self.on) for code in self.members),
            )
            for charter in charters
        )
        tables = [Table("members", "Who sits where", tuple(columns))]
        if self.conflicts:
            tables.append(
                Table(
                    "conflicts",
                    "Overlaps and conflicts",
                    (
                        Column("what", "What", tuple(c.what for c in self.conflicts)),
                        Column("words", "In words", tuple(c.words for c in self.conflicts)),
                        Column("members", "Whom", tuple(_whom(c.members) for c in self.conflicts)),
                    ),
                )
            )
        only = "; ".join(f"{len(codes)} only in {name}" for name, codes in self.only.items())
        return Finding(
            question=f"How do {' and '.join(names)} overlap?",
            sentence=f"{len(self.shared)} sit in all of {', '.join(names)}; {only}.",
            tables=tuple(tables),
            assumptions=(
                "A member is the same where its code is the same.",
                "What may be a conflict for a member is listed; whether it is one, it must say.",
            ),
            not_in_it=("agreements that are in neither charter",),
            sources=tuple(_sources(charters)),
            method="rosters, obligations and rules compared as the charters state them",
        )


def compare(charters: tuple[Charter, ...], *, on: date | None = None) -> Comparison:
    """Lay charters side by side: overlaps of members, and where they pull apart.

    Parameters
    ----------
    charters
        Two or more.
    on
        The day of the rosters; the latest of the charters' dates where not given.

    Raises
    ------
    UsageError
        If there are fewer than two, or one twice.
    """
    if len(charters) < 2 or len({charter.id for charter in charters}) < len(charters):
        raise UsageError(
            "a comparison needs two or more different charters",
            hint="comity charter compare north-atlantic-council eu-council",
        )
    day = on or max(charter.dated for charter in charters)
    present = [{m.code for m in charter.members.values() if m.belongs(day)} for charter in charters]
    order = dict.fromkeys(code for charter in charters for code in charter.members)
    members = tuple(code for code in order if any(code in codes for codes in present))
    shared = tuple(code for code in members if all(code in codes for codes in present))
    only = {
        charter.id: tuple(
            code
            for code in members
            if code in codes and not any(code in c for c in present if c is not codes)
        )
        for charter, codes in zip(charters, present)
    }
    conflicts = tuple(_conflicts(charters, shared, day))
    return Comparison(charters, day, members, shared, only, conflicts)


def _conflicts(
    charters: tuple[Charter, ...], shared: tuple[str, ...], on: date
) -> Iterator[Conflict]:
    for code in shared:
        told = dict.fromkeys((c.members[code].name, c.members[code].iso) for c in charters)
        if len({iso for _, iso in told}) > 1:
            words = f"{code} stands for {' and for '.join(name for name, _ in told)}"
            yield Conflict("one code, two states", (code,), words)
    for place, first in enumerate(charters):
        for second in charters[place + 1 :]:
            yield from _weights(first, second)
            yield from _owed(first, second, on)
            yield from _blocks(first, second, on)


def _weights(first: Charter, second: Charter) -> Iterator[Conflict]:
    for one in first.weights:
        for other in second.weights:
            if (one.name, one.since) != (other.name, other.since):
                continue
            differ = tuple(
                m for m in one.values if one.values[m] != other.values.get(m, one.values[m])
            )
            if differ:
                words = (
                    f"{one.name} from {one.since} differs between {first.id} ({one.source}) "
                    f"and {second.id} ({other.source})"
                )
                yield Conflict("two values of one weight", differ, words)


def _owed(first: Charter, second: Charter, on: date) -> Iterator[Conflict]:
    for one in first.obligations.values():
        for other in second.obligations.values():
            both = set(first.select(one.owed_by, on)) & set(second.select(other.owed_by, on))
            members = tuple(code for code in first.order if code in both)
            if members:
                words = f"'{one.title}' ({first.id}) and '{other.title}' ({second.id})"
                yield Conflict("owed in both", members, words)


def _blocks(first: Charter, second: Charter, on: date) -> Iterator[Conflict]:
    """Say who can block alone in one body and be overruled in another: where two tracks pull."""
    for here, there in ((first, second), (second, first)):
        for mine in _bodies(here, on):
            for theirs in _bodies(there, on):
                both = [m for m in mine.electorate.members if m in theirs.electorate.members]
                members = tuple(
                    m
                    for m in both
                    if not mine.lose((m,), "refusing").decides
                    and theirs.lose((m,), "refusing").decides
                )
                if members:
                    words = (
                        f"can block {mine.organ.id} alone ({here.id}, {mine.rule_id}), and can be "
                        f"overruled in {theirs.organ.id} ({there.id}, {theirs.rule_id})"
                    )
                    yield Conflict("block here, not there", members, words)


def _bodies(charter: Charter, on: date) -> Iterator[Body]:
    """Yield each organ that sits on the day, under the first of its rules in force."""
    for organ in charter.organs.values():
        if organ.can_decide and charter.roster(organ.id, on):
            yield Body.of(charter, organ.id, organ.rules[0], on)


def _name(charters: tuple[Charter, ...], code: str) -> str:
    return next(c.members[code].name for c in charters if code in c.members)


def _standing(charter: Charter, code: str, on: date) -> str:
    member = charter.members.get(code)
    return member.standing if member and member.belongs(on) else ""


def _whom(members: tuple[str, ...]) -> str:
    return f"{len(members)}: {', '.join(members)}" if len(members) > 3 else ", ".join(members)


def _sources(charters: tuple[Charter, ...]) -> Iterator[Source]:
    seen: set[str] = set()
    for charter in charters:
        for cited in charter.cites:
            source = charter.sources[cited]
            if source.title not in seen:
                seen.add(source.title)
                yield Source(source.id, source.title, source.publisher, source.where, source.date)
