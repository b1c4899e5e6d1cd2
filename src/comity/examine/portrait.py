"""A charter as people read it: who belongs, who sits where, what they owe, who says so."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from comity.core.charter import Charter, Obligation, Organ, Procedure
from comity.core.tally import Tally, number, tally
from comity.errors import UsageError

WIDTH = 100


@dataclass(frozen=True, slots=True)
class Portrait:
    """A charter on a day."""

    charter: Charter
    on: date

    def to_json(self) -> dict[str, object]:
        """Return the charter with the keys documented in docs/howto/charters.md."""
        c = self.charter
        return {
            "id": c.id,
            "name": c.name,
            "edition": c.edition,
            "date": c.dated.isoformat(),
            "on": self.on.isoformat(),
            "text": c.grounds,
            "summary": c.summary,
            "members": [
                {
                    "member": m.code,
                    "name": m.name,
                    "standing": m.standing,
                    "iso": m.iso,
                    "belongs": m.belongs(self.on),
                }
                for m in c.members.values()
            ],
            "participants": [
                {"participant": p.code, "name": p.name, "kind": p.kind}
                for p in c.participants.values()
            ],
            "organs": [self._organ_json(organ) for organ in c.organs.values()],
            "rules": [
                {
                    "rule": r.id,
                    "title": r.title,
                    "text": r.grounds,
                    "source": r.source,
                }
                for r in c.rules.values()
            ],
            "obligations": [
                {
                    "obligation": o.id,
                    "title": o.title,
                    "trigger": o.trigger,
                    "owed_by": list(c.select(o.owed_by, self.on)),
                    "owed_to": list(c.select(o.owed_to, self.on)),
                    "in_force": o.in_force and o.in_force.isoformat(),
                    "dormant": o.dormant,
                    "text": o.grounds,
                    "needs": [
                        {
                            "line": n.line,
                            "low": str(n.low),
                            "high": str(n.high),
                            "unit": n.unit,
                            "basis": n.basis,
                        }
                        for n in o.needs
                    ],
                }
                for o in c.obligations.values()
            ],
            "notes": list(c.notes),
            "sources": [
                {"id": s.id, "title": s.title, "publisher": s.publisher, "where": s.where}
                for s in c.sources.values()
            ],
        }

    def _organ_json(self, organ: Organ) -> dict[str, object]:
        return {
            "organ": organ.id,
            "name": organ.name,
            "members": list(self.charter.roster(organ.id, self.on)),
            "chair": list(self.charter.select(organ.chair.holders(self.on), self.on)),
            "veto": list(self.charter.select(organ.veto, self.on, organ)),
            "rules": list(organ.rules),
            "candidates": list(organ.candidates),
            "procedures": list(organ.procedures),
            "can_decide": organ.can_decide,
        }

    def text(self) -> str:
        """Return the charter as text of 100 columns."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        c = self.charter
        grounds = "after a public text" if c.grounds == "text" else "our model"
        yield from _filled(f"{c.name} ({c.id}, edition {c.edition}, {c.dated}, {grounds})")
        yield from _filled(c.summary)
        yield ""
        here = [m for m in c.members.values() if m.belongs(self.on)]
        yield f"Members on {self.on}: {len(here)}"
        for standing in c.standings:
            codes = [m.code for m in here if m.standing == standing]
            if codes:
                yield from _filled(f"{standing}: {', '.join(codes)}", "  ")
        if c.participants:
            told = ", ".join(f"{p.code} ({p.name})" for p in c.participants.values())
            yield from _filled(f"take part and are no members: {told}", "  ")
        for organ in c.organs.values():
            yield ""
            yield from self._organ(organ)
        for obligation in c.obligations.values():
            yield ""
            yield from self._obligation(obligation)
        if c.notes:
            yield "\nWorth knowing"
            for note in c.notes:
                yield from _filled(note, "  - ", "    ")
        if c.sources:
            yield "\nSources"
        for source in c.sources.values():
            parts = (source.publisher, source.title, source.where, source.date)
            told = "; ".join(part for part in parts if part)
            yield from _filled(f"{source.id}: {told} ({source.kind})", "  ", "    ")

    def _organ(self, organ: Organ) -> Iterator[str]:
        c = self.charter
        yield f"{organ.name} ({organ.id})"
        seated = c.roster(organ.id, self.on)
        yield from _filled(f"{len(seated)} sit: {', '.join(seated) or 'nobody'}", "  ")
        for vacant in c.vacant(organ.id, self.on):
            yield from _filled(f"not known: {vacant}", "  ")
        try:
            electorate = c.electorate(organ.id, self.on)
        except UsageError:
            return
        chair = organ.chair.holders(self.on)
        if chair:
            yield f"  chair: {', '.join(c.select(chair, self.on))}"
        if organ.note:
            yield from _filled(organ.note, "  ")
        if not organ.can_decide:
            yield "  cannot decide yet: no rule is in force"
        for status, rules in (("in force", organ.rules), ("candidate", organ.candidates)):
            for rule in rules:
                entry = c.rules[rule]
                yield from _filled(
                    f"{rule} ({status}, {entry.grounds}): {entry.title}", "  ", "    "
                )
                yield from _claims(tally(entry.rule.adopt, electorate, {}), 4)
        for name in organ.procedures:
            yield from _filled(_procedure(c.procedures[name]), "  ", "    ")

    def _obligation(self, o: Obligation) -> Iterator[str]:
        c = self.charter
        yield from _filled(f"Obligation: {o.title} ({o.id}, {o.grounds})")
        yield from _filled(f"when {o.trigger}", "  ")
        by, to = c.select(o.owed_by, self.on), c.select(o.owed_to, self.on)
        yield from _filled(f"{_listed(by)} owe {_listed(to)}: {o.does}", "  ")
        if o.invoked_by_organ:
            rule = f" under {o.invoked_by_rule}" if o.invoked_by_rule else ""
            yield f"  invoked by {o.invoked_by_organ}{rule}"
        else:
            yield from _filled(
                f"invoked by any of {_listed(c.select(o.invoked_by, self.on))}", "  "
            )
        yield from _filled(
            f"in force since {o.in_force}" if o.in_force else f"dormant {o.dormant}", "  "
        )
        for need in o.needs:
            ends = dict.fromkeys((number(need.low), number(need.high)))
            yield from _filled(
                f"needs {need.line}: {'–'.join(ends)} {need.unit} ({need.basis})", "  ", "    "
            )
        for caveat in o.caveats:
            yield from _filled(f"caveat: {caveat}", "  ", "    ")


def _claims(told: Tally, indent: int) -> Iterator[str]:
    yield from _filled(told.claim, " " * indent)
    for part in told.parts:
        yield from _claims(part, indent + 2)


def _procedure(p: Procedure) -> str:
    parts = [
        f"{p.period:g} h" if p.period is not None else "",
        f"notice {p.notice:g} h" if p.notice is not None else "",
        f"grace {p.grace:g} h" if p.grace is not None else "",
        f"{p.n} may be missing" if p.n is not None else "",
        f"{p.f} may double-sign" if p.f is not None else "",
    ]
    told = ", ".join(part for part in parts if part)
    return f"procedure {p.id}: {p.kind}" + (f", {told}" if told else "")


def _listed(codes: tuple[str, ...]) -> str:
    return ", ".join(codes) if len(codes) <= 6 else f"{len(codes)} members"


def _filled(text: str, first: str = "", rest: str | None = None) -> Iterator[str]:
    yield from textwrap.wrap(
        " ".join(text.split()),
        WIDTH,
        initial_indent=first,
        subsequent_indent=first if rest is None else rest,
    )


def portrait(charter: Charter, *, on: date | None = None) -> Portrait:
    """Return a charter as people read it, on a day; its own date where not given."""
    return Portrait(charter, on or charter.dated)
