"""Who would be better off alone under a rule's shares, and what would hold them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from comity.examine.finding import Column, Quantity, Table
from comity.examine.shares import Division, Sheet, cell
from comity.systems import scaling
from comity.systems.allocation import exact

__all__ = ["Leaving", "leaving_table", "named", "who_leaves"]


@dataclass(frozen=True, slots=True)
class Leaving:
    """Who goes first under a division and from which exponent on; who gains most, and how much."""

    division: Division
    first: tuple[str, ...]
    break_even: float
    most: tuple[str, ...]
    gain: Fraction


def who_leaves(sheet: Sheet, division: Division, exponent: float) -> Leaving:
    """Ask of one rule who would go first, and who would gain most at the exponent assumed."""
    weights = sheet.weights
    names = [m for m in sheet.members if m in weights and m in division.shares]
    held = [float(weights[m]) for m in names]
    pays = [float(division.shares[m][1]) for m in names]
    first = scaling.break_even(held, pays)
    most = scaling.leavers(held, pays, exponent)
    gain = exact(most.gain) * sheet.need.ends[1] if most.members else Fraction(0)
    return Leaving(
        division,
        tuple(names[i] for i in first.members),
        first.exponent,
        tuple(names[i] for i in most.members),
        gain,
    )


def named(members: Sequence[str], everyone: Sequence[str], nobody: str = "nobody") -> str:
    """Write members in few words: those left out, or the first eight."""
    if not members:
        return nobody
    others = [m for m in everyone if m not in members]
    if others and len(others) < len(members) and len(others) <= 8:
        return "all but " + ", ".join(others)
    listed = ", ".join(members[:8])
    return listed if len(members) <= 8 else f"{listed} and {len(members) - 8} more"


def leaving_table(sheet: Sheet, rows: Sequence[Leaving]) -> Table:
    """Show who would leave under each rule, and what would hold them."""
    unit = sheet.need.amount.unit
    return Table(
        "leaving",
        "Who would be better off alone under each rule, and what would hold them",
        (
            Column("rule", "Rule", tuple(r.division.title for r in rows)),
            Column("first", "First to leave", tuple(named(r.first, sheet.members) for r in rows)),
            Column(
                "break_even",
                "Above exponent",
                tuple(_floored(r.break_even) if r.first else "never up to 1" for r in rows),
            ),
            Column(
                "who", "At the exponent assumed", tuple(named(r.most, sheet.members) for r in rows)
            ),
            Column(
                "hold",
                "Relief that holds them",
                tuple(
                    cell(sheet, (r.gain, r.gain, r.gain)) if r.most else Quantity(0, unit=unit)
                    for r in rows
                ),
                unit=unit,
            ),
        ),
    )


def _floored(exponent: float) -> str:
    return f"{int(exponent * 1000) / 1000:.3f}"
