"""What members chose beside their votes: what they joined, and what is reported of forces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from comity.evidence import Evidence
from comity.evidence.places import memberships
from comity.examine.distance import mean_apart
from comity.examine.finding import Column, Table

__all__ = ["beside_table", "choices_table", "warnings_of_choices"]


def beside_table(
    evidence: Evidence, places: Mapping[str, tuple[float, float]], known_on: date | None
) -> Table:
    """Show what members joined, with the distance inside and to the other members."""
    rows = []
    for name in evidence.groups():
        joined = [m for m in evidence.group(name, on=known_on) if m in places]
        if not 2 <= len(joined) < len(places):
            continue
        inside = {m: places[m] for m in joined}
        others = {m: p for m, p in places.items() if m not in inside}
        rows.append((name, len(joined), mean_apart(inside), mean_apart(inside, others)))
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    return Table(
        "beside",
        "Beside it: what members joined, and the distance inside and to the other members",
        (
            Column("what", "Joined", columns[0]),
            Column("members", "Members", columns[1]),
            Column("inside", "Mean distance inside", columns[2], unit="points"),
            Column("across", "To the others", columns[3], unit="points"),
        ),
    )


def choices_table(evidence: Evidence, who: Sequence[str], known_on: date | None) -> Table:
    """Show what each member joined, and what is reported of its forces."""
    entries = {r.iso3: r for r in evidence.roster()}
    named = [g for g in evidence.groups() if g != "COALITION_2026_01"]
    joined = {m: ", ".join(g for g in named if m in evidence.group(g, on=known_on)) for m in who}
    return Table(
        "choices",
        "Recorded choices: what members joined, and what is reported of forces for Ukraine",
        (
            Column("member", "Member", tuple(evidence.name(m) for m in who)),
            Column("joined", "Joined", tuple(joined[m] or "none of those listed" for m in who)),
            Column(
                "level",
                "In Paris, 6 January 2026",
                tuple(
                    entries[m].level.replace("_", " ") if m in entries else "not there" for m in who
                ),
            ),
            Column(
                "forces",
                "Reported of forces",
                tuple(
                    (entries[m].force_position if m in entries else "") or "nothing reported"
                    for m in who
                ),
            ),
            Column("code", "Code", tuple(who)),
        ),
    )


def warnings_of_choices(evidence: Evidence, who: Sequence[str]) -> tuple[str, ...]:
    """Return what a reader must know of the recorded choices, and where they were seen."""
    said: dict[str, None] = {}
    for m in (m for m in memberships() if m.iso3 in who):
        said.update((f"memberships: {c}", None) for c in m.caveats)
    for entry in (r for r in evidence.roster() if r.iso3 in who):
        said.update((f"who was in Paris: {c}", None) for c in entry.caveats)
        if entry.force_position:
            said[f"{entry.iso3}, reported of forces: {entry.force_position_source}"] = None
    return tuple(said)
