"""Which formats there are, and the figures of a file in one of them, checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from comity.errors import EvidenceError
from comity.evidence import shelf
from comity.evidence.figure import Figure, Source, figure_id
from comity.evidence.imports.cells import Row
from comity.evidence.imports.holdings import holdings
from comity.evidence.imports.kiel import kiel
from comity.evidence.imports.sheet import Sheet, read_sheet, wrong
from comity.evidence.imports.sipri import sipri_milex, sipri_trade
from comity.evidence.imports.tidy import tidy

__all__ = ["FORMATS", "Imported", "read_file"]

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file says, read and checked, before it is kept."""

    source: Source
    figures: tuple[Figure, ...]


FORMATS: Mapping[str, Callable[[Sheet, Mapping[str, str]], Iterator[Row]]] = {
    "tidy": tidy,
    "sipri-milex": sipri_milex,
    "sipri-trade": sipri_trade,
    "kiel": kiel,
    "holdings": holdings,
}


def read_file(
    path: Path,
    name: str,
    *,
    kind: str = "tidy",
    title: str = "",
    publisher: str = "",
    licence: str = "held by the user",
    known_from: date,
    today: date,
    sheet: str = "",
    options: Mapping[str, str] | None = None,
) -> Imported:
    """Read and check a user's file; nothing is kept yet.

    Parameters
    ----------
    path
        A CSV (UTF-8) or Excel file.
    name
        What the source is to be called, such as `sipri-milex-2026`.
    kind
        One of `FORMATS`.
    known_from
        From which day on its figures were public.
    today
        The day it is taken as retrieved.
    options
        What a format asks for beyond the file: unit, year, column.

    Raises
    ------
    EvidenceError
        At the first fault, naming row and column.
    """
    if not _NAME.fullmatch(name):
        raise EvidenceError(
            f"{name[:60]!r} cannot be the name of a source",
            hint="use small letters, digits and hyphens, such as sipri-milex-2026",
        )
    source_id = f"own-{name}"
    if kind not in FORMATS:
        raise EvidenceError(
            f"there is no format {kind[:40]!r}", hint="formats are: " + ", ".join(FORMATS)
        )
    source = Source(
        id=source_id,
        title=title or path.name,
        publisher=publisher or "held by the user",
        where=path.name,
        vintage=known_from.isoformat(),
        published=known_from,
        retrieved=today,
        licence=licence,
        note="Loaded by the user; not part of Comity.",
        rank=0,
    )
    seen: dict[tuple[str, str, int], int] = {}
    figures = []
    for r in FORMATS[kind](read_sheet(path, sheet), options or {}):
        key = (r.measure, r.subject, r.year)
        if key in seen:
            raise wrong(
                r.row, "subject" if kind == "tidy" else 0,
                f"{r.measure} of {r.subject} in {r.year} stands already in row {seen[key]}",
                "keep one of the two",
            )  # fmt: skip
        seen[key] = r.row
        low, high = r.low, r.high
        if r.value is not None:
            low = r.value if low is None else low
            high = r.value if high is None else high
        notes = (f"your own data: {source_id}",) + ((r.caveat,) if r.caveat else ())
        if r.value is None:
            notes += ("missing in the file",)
        figures.append(
            Figure(
                id=figure_id(r.measure, r.subject, r.year, source_id),
                subject=r.subject,
                measure=r.measure,
                year=r.year,
                low=low,
                value=r.value,
                high=high,
                unit=shelf.measures()[r.measure].unit,
                source=source_id,
                retrieved=today,
                licence=licence,
                known_from=r.known_from or known_from,
                caveats=notes,
            )
        )
    if not figures:
        raise EvidenceError(f"{path.name} holds no figure", hint="check the format and the columns")
    return Imported(source, tuple(figures))
