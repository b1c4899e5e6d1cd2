"""What leaves with a member, what stays, does the guarantee hold, and which numbers are weak.

The same figures as in `potential` and the same answers as in the cornerstone report, laid side
by side for a brief of two pages. Reference: docs/howto/brief.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from comity.core.charter import Charter
from comity.errors import UsageError
from comity.evidence import Evidence, Figure, derived
from comity.examine.finding import Chart, Column, Finding, Missing, Quantity, Table
from comity.examine.guarantee import KIND_WORDS, Cell, Guarantee
from comity.examine.losses import KINDS
from comity.examine.mustering import Part as Share
from comity.examine.potential import MEASURES, quantity, sources_of, vintage_of
from comity.examine.setting import LossKind, Lost, Setting

__all__ = ["guarantees", "leaving"]

_SHOWN = (*MEASURES, "warheads_inventory")
_WHO = re.compile(r"^(?:\d+ members|[A-Z]{3}(?:, [A-Z]{3})*): ")


@dataclass(frozen=True, slots=True)
class _Row:
    title: str
    whole: Figure
    gone: Figure | None
    share: Figure | None
    rest: Figure
    place: Figure
    then: Figure


def leaving(
    members: Sequence[str],
    *,
    evidence: Evidence,
    known_on: date | None = None,
    without: Sequence[str] = (),
) -> Finding:
    """Lay side by side what all members have, what leaves with some, and what stays.

    Parameters
    ----------
    members
        ISO 3166-1 alpha-3 codes.
    evidence
        The figures to use.
    known_on
        Only what was public on that day.
    without
        The members who leave; with none, only the totals are given.

    Returns
    -------
    Finding
        Tables `leaving` (a row a measure: together, leaves, share, stays, place
        among states before and after), `roll` (each member: stays or leaves)
        and `weak` (the measures, the least certain first, and why).

    Examples
    --------
    >>> from comity.evidence import load
    >>> finding = leaving(("FRA", "GBR"), evidence=load(), without=("GBR",))
    >>> print(finding.table("leaving").column("leaves").values[-1])
    225 warheads
    """
    everyone = tuple(dict.fromkeys(members))
    gone = tuple(dict.fromkeys(without))
    left = tuple(m for m in everyone if m not in gone)
    for code in gone:
        if code not in everyone:
            raise UsageError(
                f"{code} is not among the members", hint="members are: " + ", ".join(everyone)
            )
    if not left:
        raise UsageError("no member is left", hint="let at least one member stay")
    names = " and ".join(evidence.name(m) for m in gone)
    rows = [_row(evidence, m, everyone, gone, left, known_on) for m in _SHOWN]
    used = [
        f
        for r in rows
        for f in (r.whole, r.gone, r.share, r.rest, r.place, r.then)
        if f is not None
    ]
    sentence, figures = _sentence(rows, names, len(everyone))
    sources = sources_of(evidence, used)
    return Finding(
        question=f"What leaves with {names}, and what stays?"
        if gone
        else "What do the members have together?",
        sentence=sentence,
        tables=(
            _leaving(rows, gone),
            Table(
                "roll",
                "Who stays",
                (
                    Column("code", "Code", everyone),
                    Column("member", "Member", tuple(evidence.name(m) for m in everyone)),
                    Column(
                        "standing",
                        "Stands here as",
                        tuple("leaves" if m in gone else "stays" for m in everyone),
                    ),
                ),
            ),
            _weak(rows, evidence, everyone),
        ),
        figures=figures,
        assumptions=("figures of members simply add up; heads are not forces",),
        sources=sources,
        missing=tuple(
            Missing(
                evidence.name(code),
                f"{row.title.lower()}: no openly published value",
                "the total is a lower bound, and the place a worst one",
            )
            for row in rows
            for code in row.whole.missing
        ),
        charts=(
            Chart(
                "strip",
                f"{len(left)} of {len(everyone)} members stay",
                "standing",
                "member",
                code="code",
                table="roll",
            ),
        ),
        method="sums of published figures",
        vintage=vintage_of(evidence, used, known_on),
    )


def _row(
    evidence: Evidence,
    measure: str,
    everyone: tuple[str, ...],
    gone: tuple[str, ...],
    left: tuple[str, ...],
    known_on: date | None,
) -> _Row:
    return _Row(
        evidence.measure(measure).title,
        derived.total(evidence, measure, everyone, known_on=known_on),
        derived.total(evidence, measure, gone, known_on=known_on) if gone else None,
        derived.share(evidence, measure, gone, everyone, known_on=known_on) if gone else None,
        derived.total(evidence, measure, left, known_on=known_on),
        derived.rank(evidence, measure, everyone, known_on=known_on),
        derived.rank(evidence, measure, left, known_on=known_on),
    )


def _leaving(rows: list[_Row], gone: tuple[str, ...]) -> Table:
    def column(key: str, title: str, figures: Sequence[Figure | None]) -> Column:
        return Column(key, title, tuple(None if f is None else quantity(f) for f in figures))

    columns = [
        Column("measure", "Measure", tuple(row.title for row in rows)),
        column("together", "Together", [row.whole for row in rows]),
    ]
    if gone:
        columns += [
            column("leaves", "Leaves", [row.gone for row in rows]),
            column("share", "Share that leaves", [row.share for row in rows]),
            column("stays", "Stays", [row.rest for row in rows]),
        ]
    columns.append(column("place", "Place among states", [row.place for row in rows]))
    if gone:
        columns.append(column("place_then", "Place then", [row.then for row in rows]))
    columns.append(Column("sources", "Sources", tuple(row.whole.source for row in rows)))
    title = "What leaves, and what stays" if gone else "What the members have together"
    return Table("leaving", title, tuple(columns))


def _weak(rows: list[_Row], evidence: Evidence, everyone: tuple[str, ...]) -> Table:
    """List the measures, the widest range for its size first, with what weakens each."""

    def width(row: _Row) -> float:
        figure = row.whole
        if not figure.value or figure.low is None or figure.high is None:
            return 0.0
        return (figure.high - figure.low) / abs(figure.value)

    ordered = sorted(rows, key=lambda row: (-len(row.whole.missing), -width(row)))
    return Table(
        "weak",
        "Which numbers are weak",
        (
            Column("measure", "Measure", tuple(row.title for row in ordered)),
            Column("together", "Together", tuple(quantity(row.whole) for row in ordered)),
            Column(
                "known",
                "Members with a value",
                tuple(
                    f"{len(everyone) - len(r.whole.missing)} of {len(everyone)}" for r in ordered
                ),
            ),
            Column("why", "Why", tuple("; ".join(_why(row)) for row in ordered)),
        ),
    )


def _why(row: _Row) -> list[str]:
    """Return the caveats of a total, without the zeros that are stated facts."""
    said: dict[str, str] = {}
    for caveat in row.whole.caveats:
        if "this zero is stated" not in caveat:
            said.setdefault(_WHO.sub("", caveat), caveat)
    return list(said.values())


def _sentence(rows: list[_Row], names: str, size: int) -> tuple[str, tuple[Quantity, ...]]:
    by_measure = dict(zip(_SHOWN, rows, strict=True))
    figures: list[Quantity] = []

    def said(figure: Figure | None) -> Quantity:
        made = Quantity(None) if figure is None else quantity(figure)
        figures.append(made)
        return made

    people = by_measure["active_personnel"]
    spending = by_measure["military_expenditure"]
    warheads = by_measure["warheads_inventory"]
    if not names:
        sentence = (
            f"The {size} members together have {said(people.whole)} in active service, spend "
            f"{said(spending.whole)} a year on their forces and hold {said(warheads.whole)}."
        )
        return sentence, tuple(figures)
    parts = []
    for row, what in ((people, "in active service"), (spending, "of military spending a year")):
        if row.gone is not None and row.gone.value:
            parts.append(f"{said(row.gone)} {what} ({said(row.share)})")
    if warheads.gone is not None and warheads.gone.value:
        parts.append(f"{said(warheads.gone).value:,.0f} of {said(warheads.whole)}")
    if not parts:
        return f"Nothing that is measured here leaves with {names}.", ()
    listed = " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
    return f"With {names} leave {listed}.", tuple(figures)


# Does the guarantee hold without them?


@dataclass(frozen=True, slots=True)
class _Loss:
    """One guarantee after the same members are lost in ways that end alike."""

    title: str
    ways: tuple[LossKind, ...]
    standing: str
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
    if any("(model)" in row.why for row in rows):
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
                    Column("position", "Position", tuple(why for _, why in positions)),
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
    alike: dict[tuple[str, str, str], list[LossKind]] = {}
    used: dict[tuple[str, str, str], Cell] = {}
    for kind in KINDS:
        cell = guarantee.cell(Lost(codes, "member", kind))
        natural = any(c.by_nature for c in guarantee.cells if c.lost.kind == kind)
        key = (cell.standing, _reasons(guarantee, cell, natural), _change(guarantee, cell))
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
    told = []
    for part in cell.parts:
        if part.standing != cell.standing:
            continue
        if cell.standing == "not known":
            missing = guarantee.trial.mustered(cell.lost).missing if part.system == "muster" else ()
            told.append("; ".join(missing[:2]) or part.why)
        elif part.system == "decide" and natural:
            first, _, others = part.why.partition("; ")
            rule = first.split(": ")[0]
            told.append(f"as for any one member: a property of the rule ({rule})")
            told += [others] if others else []
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
