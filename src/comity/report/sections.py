"""What stands beneath a finding's tables, in one order and one wording for every format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from comity.examine.finding import Finding, Quantity, Source, Table, text


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its items; `numbered` where other places refer to the items."""

    title: str
    items: tuple[str, ...]
    numbered: bool = False


def sections(finding: Finding) -> tuple[Section, ...]:
    """Return the parts beneath the tables that have something to say, in reading order."""
    parts = (
        Section("Not known", tuple(_missing(finding))),
        Section("Assumptions", finding.assumptions),
        Section("Caveats", caveats(finding)),
        Section("Not in it", finding.not_in_it),
        Section("How it was made", tuple(_made(finding))),
        Section("Sources", tuple(citation(source) for source in finding.sources), numbered=True),
    )
    return tuple(part for part in parts if part.items)


def subjects(table: Table) -> tuple[str, ...]:
    """Return what each row speaks of: the text of its first column.

    A first column of country codes gives way to a second one of names.
    """
    if not table.columns:
        return ()
    first = table.columns[0]
    if first.key in ("iso3", "code") and len(table.columns) > 1:
        first = table.columns[1]
    return tuple(text(cell) for cell in first.values)


def caveats(finding: Finding) -> tuple[str, ...]:
    """Return the finding's caveats, then those of single figures with whom they touch.

    A caveat that the finding says itself, with or without members before it, is
    not said again for each figure that it touches.
    """
    said = {_core(caveat) for caveat in finding.caveats}
    touched: dict[str, list[str]] = {}
    for figure in finding.figures:
        for caveat in figure.caveats:
            touched.setdefault(caveat, [])
    for table in finding.tables:
        names = subjects(table)
        for column in table.columns:
            for name, cell in zip(names, column.values, strict=True):
                if isinstance(cell, Quantity):
                    for caveat in cell.caveats:
                        who = touched.setdefault(caveat, [])
                        if name not in who:
                            who.append(name)
    listed = list(finding.caveats)
    for caveat, who in touched.items():
        if _core(caveat) in said:
            continue
        named = f"{', '.join(who[:_NAMED])} and {len(who) - _NAMED} more rows"
        if len(who) <= _NAMED:
            named = ", ".join(who)
        listed.append(f"{caveat} ({named})" if named else caveat)
    return tuple(listed)


_NAMED = 12
_WHO = re.compile(r"^(?:\d+ members|[A-Z]{3}(?:, [A-Z]{3})*): ")


def _core(caveat: str) -> str:
    """Return a caveat without the members it names before it."""
    return _WHO.sub("", caveat)


def citation(source: Source) -> str:
    """Return a source as one line: publisher, title, vintage, where, licence."""
    head = ", ".join(part for part in (source.publisher, source.title) if part)
    vintage = f"vintage {source.vintage}" if source.vintage else ""
    licence = f"licence {source.licence}" if source.licence else ""
    parts = "; ".join(part for part in (head, vintage, source.where, licence) if part)
    return f"{parts} [{source.id}]"


def source_line(finding: Finding) -> str:
    """Return the line beneath a chart: who publishes the figures, and their vintage."""
    named: dict[str, list[str]] = {}
    for source in finding.sources:
        vintages = named.setdefault(source.publisher or source.title, [])
        if source.vintage and source.vintage not in vintages:
            vintages.append(source.vintage)
    line = "; ".join(
        name + (f" ({', '.join(vintages)})" if vintages else "") for name, vintages in named.items()
    )
    line = f"Source: {line}." if line else "Source: none given."
    if finding.vintage.known_on is not None:
        line += f" As known on {finding.vintage.known_on.isoformat()}."
    return line


def _missing(finding: Finding) -> Iterator[str]:
    for gap in finding.missing:
        yield (
            f"{gap.subject}: {gap.what}; {gap.effect}"
            if gap.effect
            else (f"{gap.subject}: {gap.what}")
        )


def _made(finding: Finding) -> Iterator[str]:
    if finding.method:
        yield finding.method
    if finding.seed is not None:
        yield f"Drawn with seed {finding.seed}."
    if finding.vintage.known_on is not None:
        yield f"As known on {finding.vintage.known_on.isoformat()}."
    if finding.vintage.used:
        yield "Vintages used: " + ", ".join(f"{s} {v}" for s, v in finding.vintage.used) + "."
