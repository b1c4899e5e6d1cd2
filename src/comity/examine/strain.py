"""Who would give how much at least strain, strain being a part of today's effort."""

from __future__ import annotations

from collections.abc import Mapping

from comity.errors import UsageError
from comity.examine.finding import Column, Quantity, Table
from comity.examine.leaving import named
from comity.examine.shares import SPOKEN, Sheet
from comity.systems.forcemix import Aim, Line, Mix, force_mix

__all__ = ["least_strain", "strain_tables"]


def least_strain(
    sheet: Sheet, limit: float | None, most: Mapping[str, float], aim: Aim
) -> Mix | None:
    """Find the force mix of least strain; None where today's effort of nobody can be compared."""
    has = {m: float(c[1]) for m in sheet.members if (c := sheet.claims(m)) and c[1] > 0}
    for member in most:
        if member not in sheet.members:
            raise UsageError(
                f"{member[:40]!r} is not among the members",
                hint="members are: " + ", ".join(sheet.members),
            )
    if not has:
        return None
    held = {m: amount for m, amount in most.items() if m in has}
    line = Line(sheet.need.title, float(sheet.need.ends[1]), held)
    return force_mix(has, [line], limit=1.0 if limit is None else limit, aim=aim)


def strain_tables(sheet: Sheet, mix: Mix) -> list[Table]:
    """Show the mix, and what the limits leave short."""
    unit = sheet.need.amount.unit
    sends = tuple(Quantity(row[0], unit=unit) for row in mix.sends)
    strain = tuple(Quantity(float(f"{100 * s:.8g}"), unit="%") for s in mix.strain)
    made = [
        Table(
            "mix",
            "Who would give how much at least strain, strain being a part of "
            + SPOKEN[sheet.need.kind],
            (
                Column("member", "Member", tuple(sheet.evidence.name(m) for m in mix.members)),
                Column("gives", "Gives", sends, unit=unit),
                Column("strain", "Strain", strain, unit="%"),
                Column("code", "Code", mix.members),
            ),
        )
    ]
    if mix.short:
        made.append(
            Table(
                "short",
                "What the limits leave short, line by line",
                (
                    Column("line", "Line", tuple(s.line for s in mix.short)),
                    Column(
                        "by",
                        "Short by",
                        tuple(Quantity(s.by, unit=unit) for s in mix.short),
                        unit=unit,
                    ),
                    Column(
                        "held",
                        "Held down by limits of their own",
                        tuple(named(s.held_by, (), "no single member's") for s in mix.short),
                    ),
                ),
            )
        )
    return made
