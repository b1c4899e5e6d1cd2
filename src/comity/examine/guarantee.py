"""Does the guarantee hold without X? Per obligation, per loss, why, and what removes it.

An obligation holds if its members can communicate AND decide AND muster what it
needs AND are supplied. A cornerstone is a member, supplier or service whose loss
alone makes it fail. Unknown stays unknown: it never becomes "holds".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations, islice

from comity.core.charter import Charter, Obligation
from comity.errors import UsageError
from comity.evidence import Evidence
from comity.examine.changes import FAMILY, Change, changes
from comity.examine.contributions import Contributions
from comity.examine.finding import Column, Finding, Source, Table
from comity.examine.losses import KINDS
from comity.examine.potential import sources_of
from comity.examine.services import Services
from comity.examine.setting import (
    LOSS_KINDS,
    LossKind,
    Lost,
    Part,
    Setting,
    Standing,
    Trial,
    together,
)
from comity.examine.suppliers import coded

MOST_REMEDIES = 3
MOST_TRIED = 12
KIND_WORDS: dict[LossKind, str] = {
    "silent": "is silent",
    "refusing": "refuses",
    "leaving": "leaves",
    "stopping": "stops",
}


@dataclass(frozen=True, slots=True)
class Remedy:
    """Changes that keep a guarantee from failing after a loss, each tried again.

    Parameters
    ----------
    words
        What to change, cheapest first.
    then
        How the guarantee stands after the same loss once that is changed.
    makes
        Losses that make it fail only once that is changed, in words.
    """

    words: tuple[str, ...]
    cost: int
    then: Standing
    makes: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return the remedy as plain values for JSON."""
        return {
            "change": list(self.words),
            "cost": self.cost,
            "then": self.then,
            "makes": list(self.makes),
        }


@dataclass(frozen=True, slots=True)
class Cell:
    """One loss tried on one obligation.

    Parameters
    ----------
    parts
        How communicating, deciding, mustering and supplying stand after it.
    by_nature
        Whether every member's loss of this kind makes it fail for one reason:
        a property of the rule, not a discovery about this member.
    """

    lost: Lost
    standing: Standing
    parts: tuple[Part, ...]
    by_nature: bool = False

    @property
    def failing(self) -> tuple[Part, ...]:
        """The parts that fail."""
        return tuple(part for part in self.parts if part.standing == "fails")

    def why(self) -> str:
        """Say what makes it fail, or what is not known."""
        asked = "fails" if self.standing == "fails" else "not known"
        told = [f"{p.system}: {p.why}" for p in self.parts if p.standing == asked and p.why]
        return "; ".join(told)

    def to_json(self) -> dict[str, object]:
        """Return the cell as plain values for JSON."""
        return {
            "lost": list(self.lost.names),
            "what": self.lost.what,
            "kind": self.lost.kind,
            "standing": self.standing,
            "by_nature": self.by_nature,
            "why": self.why(),
            "parts": [part.to_json() for part in self.parts],
        }


class Guarantee:
    """One obligation in one setting, with every loss tried on it."""

    def __init__(self, setting: Setting, obligation_id: str) -> None:
        self.setting = setting
        self.trial = Trial(setting, obligation_id)
        self.obligation: Obligation = self.trial.obligation
        self.base = self.trial.parts(None)
        self.cells = self._natural(tuple(self._tried()))
        self._changed: dict[tuple[str, ...], Guarantee] = {}

    @property
    def standing(self) -> Standing:
        """How it stands when nothing is lost."""
        return together(self.base)

    def _tried(self) -> Iterator[Cell]:
        for lost in self.losses():
            yield self.cell(lost)

    def losses(self) -> Iterator[Lost]:
        """Yield every single loss that is tried: members by kind, suppliers, services."""
        for kind in KINDS:
            for member in self.trial.members:
                yield Lost((member,), "member", kind)
        evidence, members = self.setting.evidence, self.trial.ready.owing
        states = [self.setting.charter.members[m].iso for m in members if m in self._states()]
        named = {supplier for one in coded(states, evidence) for supplier in one.suppliers}
        for supplier in sorted(named):
            yield Lost((supplier,), "supplier", "stopping")
        for service in self.trial.services.all:
            yield Lost((service,), "service", "stopping")

    def _states(self) -> frozenset[str]:
        return frozenset(m.code for m in self.setting.charter.members.values() if m.iso)

    def cell(self, lost: Lost) -> Cell:
        """Try one loss."""
        parts = self.trial.parts(lost)
        return Cell(lost, together(parts), parts)

    def _natural(self, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
        """Mark the losses that fail for every member alike, by deciding."""
        body = self.trial.body
        alike: set[str] = set()
        for kind in KINDS:
            found = [body.lose((m,), kind) for m in body.electorate.members] if body else []
            first = {x.causes[0][1].split(": ")[0] if x.causes else "" for x in found}
            if len(found) > 1 and len(first) == 1 and "" not in first:
                alike.add(kind)
        return tuple(
            replace(cell, by_nature=cell.lost.kind in alike and bool(cell.failing))
            for cell in cells
        )

    def cornerstones(self) -> tuple[Cell, ...]:
        """Return the single losses that make it fail; none where it fails without any."""
        if self.standing == "fails":
            return ()
        return tuple(cell for cell in self.cells if cell.standing == "fails")

    def pairs(self) -> tuple[Cell, ...]:
        """Return the pairs of members that make it fail though neither does alone."""
        found: list[Cell] = []
        if self.standing == "fails":
            return ()
        for kind in KINDS:
            alone = {
                c.lost.names[0]
                for c in self.cells
                if c.lost.kind == kind and c.lost.what == "member" and c.standing == "fails"
            }
            others = [m for m in self.trial.members if m not in alone]
            for pair in combinations(others, 2):
                cell = self.cell(Lost(pair, "member", kind))
                if cell.standing == "fails":
                    found.append(cell)
        return tuple(found)

    def remedies(self, cell: Cell) -> tuple[Remedy, ...]:
        """Return what removes a cornerstone, cheapest first; empty if nothing in the family does.

        Where two systems fail, one change for each is taken together. Every
        remedy was applied and the loss tried again.
        """
        if cell.standing != "fails":
            return ()
        per_system: list[list[Change]] = []
        offered = list(changes(self.trial, cell.lost))
        for part in cell.failing:
            mending = [c for c in offered if c.system == part.system and self._mends(c, cell, part)]
            if not mending:
                return ()
            per_system.append(mending)
        tried = (self._tried_again(taken, cell) for taken in _cheapest(per_system))
        made = [remedy for remedy in islice(tried, MOST_TRIED) if remedy is not None]
        # Of equal cost, what makes fewest new cornerstones comes first.
        made.sort(key=lambda remedy: (remedy.cost, len(remedy.makes)))
        return tuple(made[:MOST_REMEDIES])

    def _mends(self, change: Change, cell: Cell, part: Part) -> bool:
        after = self.after((change,)).trial.parts(cell.lost)
        return next(p for p in after if p.system == part.system).standing != "fails"

    def after(self, taken: tuple[Change, ...]) -> Guarantee:
        """Return the guarantee once some changes are made."""
        key = tuple(change.words for change in taken)
        if key not in self._changed:
            setting = self.setting
            for change in taken:
                setting = change.apply(setting)
            self._changed[key] = Guarantee(setting, self.obligation.id)
        return self._changed[key]

    def _tried_again(self, taken: tuple[Change, ...], cell: Cell) -> Remedy | None:
        other = self.after(taken)
        then = other.cell(cell.lost).standing
        if then == "fails":
            return None
        before = {c.lost for c in self.cells if c.standing == "fails"}
        new = [c for c in other.cells if c.standing == "fails" and c.lost not in before]
        makes = tuple(dict.fromkeys(f"{c.lost.names[0]} {KIND_WORDS[c.lost.kind]}" for c in new))
        return Remedy(tuple(c.words for c in taken), sum(c.cost for c in taken), then, makes)

    def to_json(self, kinds: frozenset[str]) -> dict[str, object]:
        """Return the obligation with all its cells as plain values for JSON."""
        return {
            "obligation": self.obligation.id,
            "title": self.obligation.title,
            "in_force": self.obligation.in_force and self.obligation.in_force.isoformat(),
            "dormant": self.obligation.dormant,
            "rule": self.trial.rule,
            "standing": self.standing,
            "parts": [part.to_json() for part in self.base],
            "mended_by": [
                remedy.to_json()
                for remedy in self.remedies(self.cell(Lost((), "member", "silent")))
            ],
            "cells": [cell.to_json() for cell in self.cells if cell.lost.kind in kinds],
            "cornerstones": [
                {
                    **cell.to_json(),
                    "removed_by": [remedy.to_json() for remedy in self.remedies(cell)],
                }
                for cell in self.cornerstones()
                if cell.lost.kind in kinds
            ],
        }


def _cheapest(per_system: list[list[Change]]) -> Iterator[tuple[Change, ...]]:
    """Yield one change for each failing system, the cheapest together first."""
    taken: list[tuple[Change, ...]] = [()]
    for mending in per_system:
        taken = [(*so_far, change) for so_far in taken for change in mending]
    yield from sorted(taken, key=lambda some: sum(change.cost for change in some))


@dataclass(frozen=True, slots=True)
class Report:
    """The cornerstone report of a charter: every obligation, every loss."""

    charter: Charter
    on: date
    guarantees: tuple[Guarantee, ...]
    kinds: tuple[LossKind, ...]
    parameters: tuple[str, ...]
    pairs: bool

    def sentence(self) -> str:
        """Say in one sentence per obligation what was found."""
        return " ".join(sentence(g, self.kinds) for g in self.guarantees)

    def to_json(self) -> dict[str, object]:
        """Return the answer with the keys documented in docs/howto/cornerstones.md."""
        return {
            "sentence": self.sentence(),
            "parameters": list(self.parameters),
            "family_of_changes": FAMILY,
            "obligations": [g.to_json(frozenset(self.kinds)) for g in self.guarantees],
        }

    def finding(self) -> Finding:
        """Return the answer as tables: how each stands, who is a cornerstone, why, what removes."""
        tables = [self._standing(), self._who()]
        rows = list(self._reasons())
        if rows:
            tables.append(_why(rows))
        if self.pairs:
            tables.append(self._paired())
        model = any(g.trial.services.grounds == "model" for g in self.guarantees)
        evidence = self.guarantees[0].setting.evidence if self.guarantees else None
        figures = [
            evidence.show(part.id)
            for g in self.guarantees
            for line in g.trial.mustered(None).lines
            for part in line.parts
            if part.id and evidence is not None and "(" not in part.id
        ]
        cited = [
            Source(s.id, s.title, s.publisher, s.where, s.date)
            for s in (
                self.charter.sources[g.obligation.source]
                for g in self.guarantees
                if g.obligation.source in self.charter.sources
            )
        ]
        if evidence is not None:
            cited.extend(sources_of(evidence, figures))
        return Finding(
            question=f"Do the guarantees of {self.charter.name} hold without any one of them?",
            sentence=self.sentence(),
            tables=tuple(tables),
            assumptions=(
                "An obligation holds if its members can communicate AND decide AND muster AND are "
                "supplied; it fails if one of these fails; otherwise it is not known.",
                "Silent: answers nothing, brings nothing. Refusing: says no, withholds. Leaving: "
                "is no longer a party. Stopping: a supplier or service gives nothing more. All "
                "the others agree.",
                f"What removes a cornerstone is sought among: {FAMILY}; each is tried again.",
                *(f"Set by you: {told}." for told in self.parameters),
                *(("Shared services are a model, not what members use.",) if model else ()),
            ),
            not_in_it=(
                "will, readiness, command, stocks of ammunition, intelligence",
                "what a member may do outside the obligation",
            ),
            sources=tuple({source.id: source for source in cited}.values()),
            method="each loss tried on each of the four systems, and again after each change",
        )

    def _standing(self) -> Table:
        rows = self.guarantees
        return Table(
            "standing",
            "Nothing lost",
            (
                Column("obligation", "Obligation", tuple(g.obligation.id for g in rows)),
                Column("standing", "Stands", tuple(g.standing for g in rows)),
                *(
                    Column(
                        system,
                        system.capitalize(),
                        tuple(next(p for p in g.base if p.system == system).standing for g in rows),
                    )
                    for system in ("communicate", "decide", "muster", "supply")
                ),
            ),
        )

    def _who(self) -> Table:
        shown: list[tuple[str, LossKind]] = []
        for g in self.guarantees:
            shown.extend((g.obligation.id, kind) for kind in self.kinds)
        by_id = {g.obligation.id: g for g in self.guarantees}

        def cells(one: str, kind: LossKind, standing: Standing) -> list[Cell]:
            every = by_id[one].cells
            return [c for c in every if c.lost.kind == kind and c.standing == standing]

        def fails(one: str, kind: LossKind) -> str:
            g = by_id[one]
            if g.standing == "fails":
                return "fails without any loss"
            found = cells(one, kind, "fails")
            if found and all(c.by_nature for c in found) and kind != "stopping":
                return "any one member: a property of the rule"
            return ", ".join(c.lost.names[0] for c in found) or "nobody"

        return Table(
            "cornerstones",
            "Whose loss alone makes it fail",
            (
                Column("obligation", "Obligation", tuple(one for one, _ in shown)),
                Column("loss", "If one", tuple(KIND_WORDS[kind] for _, kind in shown)),
                Column("fails", "It fails", tuple(fails(one, kind) for one, kind in shown)),
                Column(
                    "holds",
                    "Holds",
                    tuple(len(cells(one, kind, "holds")) for one, kind in shown),
                ),
                Column(
                    "unknown",
                    "Not known",
                    tuple(len(cells(one, kind, "not known")) for one, kind in shown),
                ),
            ),
        )

    def _reasons(self) -> Iterator[tuple[Guarantee, list[Cell]]]:
        """Yield cornerstones of one obligation and kind that fail for one reason together."""
        for g in self.guarantees:
            if g.standing == "fails":
                yield g, [g.cell(Lost((), "member", "silent"))]
            alike: dict[tuple[str, bool], list[Cell]] = {}
            for cell in g.cornerstones():
                if cell.lost.kind in self.kinds:
                    told = cell.why().split(": 1 against")[0]
                    alike.setdefault((told, cell.by_nature), []).append(cell)
            for cells in alike.values():
                yield g, cells

    def _paired(self) -> Table:
        rows: list[tuple[str, str, str, str]] = []
        for g in self.guarantees:
            alike: dict[tuple[LossKind, str], list[Cell]] = {}
            for cell in g.pairs():
                if cell.lost.kind in self.kinds:
                    alike.setdefault((cell.lost.kind, cell.why()), []).append(cell)
            for (kind, why), cells in alike.items():
                told = "; ".join(" and ".join(c.lost.names) for c in cells[:6])
                more = f"; and {len(cells) - 6} more" if len(cells) > 6 else ""
                rows.append((g.obligation.id, KIND_WORDS[kind], told + more, why))
        return Table(
            "pairs",
            "Pairs that make it fail though neither does alone",
            (
                Column("obligation", "Obligation", tuple(row[0] for row in rows)),
                Column("loss", "If both", tuple(row[1] for row in rows)),
                Column("pair", "Pair", tuple(row[2] for row in rows)),
                Column("why", "Why", tuple(row[3] for row in rows)),
            ),
        )

    def cell(self, subject: str, kind: str, obligation_id: str) -> tuple[Guarantee, Cell]:
        """Return one cell of the table, for its "why?".

        Raises
        ------
        UsageError
            If there is no such cell.
        """
        for g in self.guarantees:
            if g.obligation.id != obligation_id:
                continue
            for cell in g.cells:
                if cell.lost.names == (subject,) and cell.lost.kind == kind:
                    return g, cell
        listed = ", ".join(g.obligation.id for g in self.guarantees)
        raise UsageError(
            f"there is no cell for {subject[:32]}, {kind[:32]}, {obligation_id[:64]}",
            hint="name a member, supplier or service, then silent, refusing, leaving or "
            f"stopping, then one of: {listed}",
        )


def _why(rows: list[tuple[Guarantee, list[Cell]]]) -> Table:
    def who(cells: list[Cell]) -> str:
        if cells[0].by_nature and len(cells) > 3:
            return "any one member"
        return ", ".join(dict.fromkeys(n for cell in cells for n in cell.lost.names)) or "nobody"

    def ways(cells: list[Cell]) -> str:
        if not cells[0].lost.names:
            return "without any loss"
        return " or ".join(dict.fromkeys(KIND_WORDS[cell.lost.kind] for cell in cells))

    def removes(g: Guarantee, cells: list[Cell]) -> str:
        each = {cell.lost: g.remedies(cell) for cell in cells}
        mended = [found for found in each.values() if found]
        if not mended:
            return "nothing in the family"
        common = [r for r in mended[0] if all(any(r.words == x.words for x in f) for f in mended)]
        best = (common or list(mended[0]))[0]
        never = dict.fromkeys(lost.names[0] for lost, found in each.items() if not found)
        told = "; and ".join(best.words)
        makes = f" (but then it fails if {_short(best.makes)})" if best.makes else ""
        rest = f"; for {', '.join(never)} nothing in the family" if never else ""
        return f"{told}: then {best.then}{makes}{rest}"

    return Table(
        "why",
        "Why, and the cheapest change that removes it",
        (
            Column("obligation", "Obligation", tuple(g.obligation.id for g, _ in rows)),
            Column("who", "Who", tuple(who(cells) for _, cells in rows)),
            Column("loss", "Loss", tuple(ways(cells) for _, cells in rows)),
            Column("why", "Why it fails", tuple(_general(cells) for _, cells in rows)),
            Column("removes", "What removes it", tuple(removes(g, cells) for g, cells in rows)),
        ),
    )


def _general(cells: list[Cell]) -> str:
    told = cells[0].why()
    return told.split(": 1 against")[0] if len(cells) > 1 else told


def _short(words: Iterable[str]) -> str:
    told = list(words)
    return ", ".join(told[:3]) + (f" and {len(told) - 3} more" if len(told) > 3 else "")


def sentence(g: Guarantee, kinds: tuple[LossKind, ...] = LOSS_KINDS) -> str:
    """Say in one sentence whose loss is known to make a guarantee fail."""
    title = g.obligation.title
    if g.standing == "fails":
        why = "; ".join(f"{p.system}: {p.why}" for p in g.base if p.standing == "fails")
        return f"{title}: fails without any loss ({why})."
    told: dict[str, list[str]] = {}
    for kind in kinds:
        found = [c for c in g.cornerstones() if c.lost.kind == kind]
        if found and all(c.by_nature for c in found):
            told[f"if any one member {KIND_WORDS[kind]}, by the nature of the rule"] = []
        elif found:
            who = " or ".join(c.lost.names[0] for c in found)
            told.setdefault(f"if {who}", []).append(KIND_WORDS[kind])
    unknown = [p.system for p in g.base if p.standing == "not known"]
    tail = f"; otherwise not known ({', '.join(unknown)})" if unknown else "; otherwise it holds"
    if not told:
        return f"{title}: no single loss is known to make it fail{tail}."
    listed = "; ".join(f"{who} {' or '.join(ways)}".rstrip() for who, ways in told.items())
    return f"{title}: fails {listed}{tail}."


def report(
    charter: Charter,
    *,
    evidence: Evidence,
    obligation: str | None = None,
    kinds: tuple[LossKind, ...] = LOSS_KINDS,
    contributions: Contributions | None = None,
    services: Services | None = None,
    parameters: tuple[str, ...] = (),
    on: date | None = None,
    pairs: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Make the cornerstone report: does each guarantee hold without X, and what removes X?

    Parameters
    ----------
    obligation
        One obligation only; all of the charter where not given.
    kinds
        Kinds of loss to show.
    parameters
        Such as ``limit.UKR.personnel=600000`` (the most a member may bring) or
        ``ban.UKR=yes`` (a member may not be a party).
    progress
        Told the obligation that is being examined.

    Raises
    ------
    UsageError
        If an obligation, parameter or member is unknown, or the charter has no obligations.
    """
    if not charter.obligations:
        raise UsageError(
            f"{charter.id} declares no obligations",
            hint="add [obligations.NAME], or ask for bodies with --organ",
        )
    day = on or charter.dated
    setting, limits = _parameters(
        Setting(charter, evidence, day, contributions, services), parameters
    )
    chosen = (obligation,) if obligation else tuple(charter.obligations)
    made: list[Guarantee] = []
    touched = not limits
    for name in chosen:
        if progress:
            progress(name)
        try:
            made.append(Guarantee(replace(setting, limits=limits), name))
            touched = True
        except UsageError:
            # A limit that touches no line of this obligation may touch one of another.
            if not limits or name not in charter.obligations:
                raise
            made.append(Guarantee(setting, name))
    if not touched:
        Guarantee(replace(setting, limits=limits), chosen[0])
    return Report(charter, day, tuple(made), kinds, parameters, pairs)


def _parameters(setting: Setting, given: tuple[str, ...]) -> tuple[Setting, dict[str, int]]:
    limits: dict[str, int] = {}
    for told in given:
        name, _, value = told.partition("=")
        kind, _, rest = name.partition(".")
        if kind == "limit" and "." in rest and value.replace("_", "").isdecimal():
            if len(value) > 15:
                raise UsageError(f"'{told[:64]}' is too large", hint="use at most 15 digits")
            limits[rest] = int(value)
        elif kind == "ban" and rest and value in ("yes", "no"):
            setting = setting.banned(rest) if value == "yes" else setting
        else:
            raise UsageError(
                f"'{told[:64]}' is no parameter",
                hint="write limit.UKR.personnel=600000 or ban.UKR=yes",
            )
    return setting, limits
