"""What leaves with a member, what stays, and which of these numbers are weak.

The same figures as in `potential`, laid side by side for a brief of two pages.
Reference: docs/howto/brief.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from comity.errors import UsageError
from comity.evidence import Evidence, Figure, derived
from comity.examine.finding import Chart, Column, Finding, Missing, Quantity, Table
from comity.examine.potential import MEASURES, quantity, sources_of, vintage_of

__all__ = ["leaving"]

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
