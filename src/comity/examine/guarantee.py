"""Does the guarantee hold without X? Per obligation, per loss, why, and what removes it.

An obligation holds if its members can communicate AND decide AND muster what it
needs AND are supplied. A cornerstone is a member, supplier or service whose loss
alone makes it fail. Unknown stays unknown: it never becomes "holds".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations, islice

from comity.core.charter import Obligation
from comity.examine.changes import Change, changes
from comity.examine.losses import KINDS
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

    @property
    def joined(self) -> bool:
        """Whether its rule binds only those who join."""
        rule = self.trial.rule
        return bool(rule) and self.setting.charter.rule(rule).binds == "those who join"

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
    open_yet = sum(c.standing == "not known" for c in g.cells if c.lost.kind in kinds)
    if not unknown and open_yet:
        tail = f"; it holds if nothing is lost, and after {open_yet} of the losses it is not known"
    if not told:
        return f"{title}: no single loss is known to make it fail{tail}."
    listed = "; ".join(f"{who} {' or '.join(ways)}".rstrip() for who, ways in told.items())
    return f"{title}: fails {listed}{tail}."
