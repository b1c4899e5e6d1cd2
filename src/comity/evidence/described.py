"""Say in Markdown what is held: the generated parts of the documentation pages."""

from __future__ import annotations

from comity.evidence import shelf
from comity.evidence.collection import COALITION, load

__all__ = ["measure", "sources"]


def measure(name: str) -> str:
    """Return what a measure is, from when to when it is held, and from where, as a table.

    Examples
    --------
    >>> print(measure("gni").splitlines()[2])
    | name | `gni` |
    """
    evidence = load()
    m = evidence.measure(name)
    figures = evidence.figures(name) if name in evidence.held() else ()
    years = sorted({f.year for f in figures if f.value is not None})
    members = evidence.group(COALITION)
    have = sum(evidence.get(name, s).value is not None for s in members) if figures else 0
    held = ", ".join(f"`{s}`" for s in dict.fromkeys(f.source for f in figures)) or "none"
    lines = [
        ("name", f"`{name}`"),
        ("what", m.about),
        ("unit", m.unit),
        ("years held", f"{years[0]} to {years[-1]}" if years else "none"),
        ("figures", f"{len(figures):,}"),
    ]
    if any(s in evidence.countries for s in evidence.subjects(name)):
        lines.append(("members of January 2026 with a value", f"{have} of {len(members)}"))
    lines += [
        ("sources", held),
        ("an import may say", f"{m.lowest:,} to {m.highest:,} {m.unit}"),
        (
            "adds up over members",
            f"yes; figures more than {m.max_age} years older than the newest are left out"
            if m.additive
            else "no",
        ),
    ]
    return "\n".join(["| | |", "|---|---|", *(f"| {key} | {text} |" for key, text in lines)])


def sources() -> str:
    """Return the shipped sources with vintage, first day of publication and licence, as a table."""
    lines = [
        "| source | title, publisher | vintage | public from | licence |",
        "|---|---|---|---|---|",
    ]
    lines.extend(
        f"| `{s.id}` | {s.title}; {s.publisher} | {s.vintage} | {s.published.isoformat()} "
        f"| {s.licence} |"
        for s in shelf.sources().values()
    )
    return "\n".join(lines)
