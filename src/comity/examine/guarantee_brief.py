"""Does the guarantee hold without them? The cornerstone report's answer, short enough for a brief.

Per obligation and kind of loss: how it stands, why in one line, and the cheapest change.
Reference: docs/howto/brief.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from comity.core.charter import Charter
from comity.errors import UsageError
from comity.evidence import Evidence
from comity.examine.finding import Column, Finding, Table
from comity.examine.guarantee import KIND_WORDS, Cell, Guarantee
from comity.examine.losses import KINDS
from comity.examine.mustering import Part as Share
from comity.examine.needs import number
from comity.examine.potential import sources_of
from comity.examine.setting import LossKind, Lost, Setting, Standing

__all__ = ["guarantees"]


@dataclass(frozen=True, slots=True)
class _Loss:
    """One guarantee after the same members are lost in ways that end alike."""

    title: str
    ways: tuple[LossKind, ...]
    standing: Standing
    why: str
    removes: str
    figures: tuple[str, ...]
    needs: tuple[str, ...]


def guarantees(
    charter: Charter, *, evidence: Evidence, without: Sequence[str], on: date | None = None
) -> Finding:
    """Say of each obligation whether it holds without some members, why, and what would mend it.

    Parameters
    ----------
    charter
        Says what the members owe each other.
    evidence
        The figures to use; the newest, whatever the day.
    without
        The members who are lost together, by state: silent, refusing, or leaving.
    on
        The day of rosters; the charter's date where left out.

    Returns
    -------
    Finding
        Tables `guarantees` (obligation, loss, how it stands, why, the cheapest change, and the
        figures and sources of the needs that the reasons name), `positions` (reported positions
        that they name) and `models` (what of it is our model).

    Examples
    --------
    >>> from comity.charters import load as charter
    >>> from comity.evidence import load
    >>> found = guarantees(charter("coalition-of-the-willing"), evidence=load(), without=("GBR",))
    >>> found.table("guarantees").column("stands").values
    ('not known', 'fails', 'fails')
    """
    codes = tuple(m.code for m in charter.members.values() if (m.iso or m.code) in without)
    if not codes:
        raise UsageError(f"nobody who is lost is a member of {charter.id}")
    setting = Setting(charter, evidence, on or charter.dated)
    held = [Guarantee(setting, name) for name in charter.obligations]
    rows: list[_Loss] = []
    for guarantee in held:
        rows += _losses(guarantee, codes)
    names = " and ".join(evidence.name(m) for m in without)
    many = len(codes) > 1
    positions = {
        (part.member, part.why): part
        for guarantee in held
        for part in _counted(guarantee, codes)
        if not part.id and part.why and part.high != 0
    }
    models = [
        f"the rule '{g.trial.rule}'"
        for g in held
        if g.trial.rule and charter.rules[g.trial.rule].grounds == "model"
    ]
    cells = [g.cell(Lost(codes, "member", kind)) for g in held for kind in KINDS]
    shared = [p for c in cells for p in c.parts if p.system in ("communicate", "supply")]
    if any("(model)" in part.why and part.standing != "holds" for part in shared):
        models.append("the shared services")
    return Finding(
        question=f"Does the guarantee hold without {names}?",
        sentence=_guaranteed(rows, names, many),
        tables=(
            Table(
                "guarantees",
                f"What members owe each other, if {names} {'are' if many else 'is'} lost",
                (
                    Column("obligation", "Obligation", tuple(r.title for r in rows)),
                    Column("loss", f"If {names}", tuple(_or(r.ways, many) for r in rows)),
                    Column("stands", "It then", tuple(r.standing for r in rows)),
                    Column("why", "Why", tuple(r.why for r in rows)),
                    Column("removes", "Cheapest change", tuple(r.removes for r in rows)),
                    Column("figures", "Figures", tuple(" ".join(r.figures) for r in rows)),
                    Column("needs", "Needs", tuple(" ".join(r.needs) for r in rows)),
                ),
            ),
            Table(
                "positions",
                "Reported positions",
                (
                    Column("member", "Member", tuple(m for m, _ in positions)),
                    Column("position", "Position", tuple(map(_read, positions.values()))),
                    Column("source", "Source", tuple(p.source for p in positions.values())),
                ),
            ),
            Table(
                "models",
                "What is our model",
                (Column("model", "Model", tuple(dict.fromkeys(models))),),
            ),
        ),
        assumptions=("all the others agree, answer and stay",),
        sources=sources_of(
            evidence, [evidence.show(i) for i in dict.fromkeys(i for r in rows for i in r.figures)]
        ),
        method="each kind of loss tried on each obligation, and again after each change",
    )


def _losses(guarantee: Guarantee, codes: tuple[str, ...]) -> list[_Loss]:
    """Return how a guarantee stands by kind of loss, kinds that end alike together."""
    title = guarantee.obligation.title.split(" (")[0]
    alike: dict[tuple[Standing, str, str], list[LossKind]] = {}
    used: dict[tuple[Standing, str, str], Cell] = {}
    for kind in KINDS:
        cell = guarantee.cell(Lost(codes, "member", kind))
        natural = any(c.by_nature for c in guarantee.cells if c.lost.kind == kind)
        why = _reasons(guarantee, cell, natural)
        key = (cell.standing, why, _change(guarantee, cell))
        alike.setdefault(key, []).append(kind)
        used.setdefault(key, cell)
    found = []
    for key, ways in alike.items():
        figures, needs = _rests_on(guarantee, used[key], codes)
        found.append(_Loss(title, tuple(ways), *key, figures, needs))
    return found


def _reasons(guarantee: Guarantee, cell: Cell, natural: bool) -> str:
    """Say in one line what makes it fail, or what is missing to know."""
    if cell.standing == "holds":
        return "the others can communicate, decide, muster and are supplied"
    rule = guarantee.setting.charter.rules.get(guarantee.trial.rule)
    model = " (model)" if rule is not None and rule.grounds == "model" else ""
    told = []
    for part in cell.parts:
        if part.standing != cell.standing:
            continue
        if cell.standing == "not known":
            missing = guarantee.trial.mustered(cell.lost).missing if part.system == "muster" else ()
            told.append("; ".join(missing[:2]) or part.why)
        elif part.system == "decide" and natural:
            first, _, others = part.why.partition("; ")
            named = first.split(": ")[0]
            told.append(f"as for any one member: a property of the rule ({named}){model}")
            told += [others] if others else []
        elif part.system == "decide" and part.why.startswith("nobody is left"):
            told.append(part.why)
        elif part.system == "decide":
            told.append(f"{part.why}{model}")
        else:
            told.append(part.why)
    return "; ".join(told)


def _change(guarantee: Guarantee, cell: Cell) -> str:
    """Say the cheapest change after which it no longer fails, and how it stands then."""
    if cell.standing != "fails":
        return "none needed" if cell.standing == "holds" else "first, numbers for what is missing"
    remedies = guarantee.remedies(cell)
    if not remedies:
        return "nothing in the family of changes"
    first = remedies[0]
    makes = f", but it then fails if {first.makes[0]}" if first.makes else ""
    return f"{' and '.join(first.words)}: then {first.then}{makes}"


def _counted(guarantee: Guarantee, codes: tuple[str, ...]) -> list[Share]:
    """Return what members left bring to lines that fail without those who are lost."""
    lines = guarantee.trial.mustered(Lost(codes, "member", "silent")).lines
    return [part for line in lines if line.answer == "fails" for part in line.parts]


def _read(part: Share) -> str:
    """Say a reported position, and the numbers it is read as."""
    if part.high is None:
        return part.why
    return f"{part.why}, read as {number(part.low):,} to {number(part.high):,}"


def _rests_on(
    guarantee: Guarantee, cell: Cell, codes: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the figures and the charter's sources of the numbers that the reasons name."""
    if cell.standing != "fails":
        return (), ()
    lines = guarantee.trial.mustered(cell.lost).lines
    needs = (line.line.source for line in lines if line.answer == "fails")
    figures = (part.id for part in _counted(guarantee, codes) if part.id)
    return tuple(dict.fromkeys(figures)), tuple(dict.fromkeys(filter(None, needs)))


_MANY: dict[LossKind, str] = {"silent": "are silent", "refusing": "refuse", "leaving": "leave"}


def _or(ways: Sequence[LossKind], many: bool) -> str:
    told = [(_MANY if many else KIND_WORDS)[way] for way in ways]
    return " or ".join(filter(None, (", ".join(told[:-1]), told[-1])))


def _guaranteed(rows: Sequence[_Loss], names: str, many: bool) -> str:
    """Say in one sentence how each obligation stands without them, failures first."""
    by_title: dict[str, list[_Loss]] = {}
    for row in sorted(rows, key=lambda row: row.standing != "fails"):
        by_title.setdefault(row.title, []).append(row)
    told = []
    for title in dict.fromkeys(row.title for row in rows):
        losses = by_title[title]
        said = [f"{'is ' * (x.standing == 'not known')}{x.standing}" for x in losses]
        if len(set(said)) == 1:
            told.append(f"{title}: {said[0]}, however {names} {'are' if many else 'is'} lost")
            continue
        whom = [names, *["they" if many else "it"] * len(losses)]
        each = (
            f"{stands} if {who} {_or(x.ways, many)}" for stands, who, x in zip(said, whom, losses)
        )
        told.append(f"{title}: {', '.join(each)}")
    return "; ".join(told) + "."
