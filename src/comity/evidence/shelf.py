"""Read what is on the shelf: the shipped tables, file by file, when they are asked for."""

from __future__ import annotations

import csv
import functools
import io
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from comity.errors import EvidenceError
from comity.evidence.figure import Figure, Measure, Source, figure_id

__all__ = [
    "caveats",
    "data",
    "licences",
    "measures",
    "rows",
    "shipped",
    "shipped_measures",
    "sources",
]

OPEN, SHARE_ALIKE = "figures", "share_alike"


def data() -> Traversable:
    """Return the folder of the shipped data."""
    return resources.files("comity.evidence") / "data"


def rows(name: str) -> list[dict[str, str]]:
    """Read a shipped CSV table as it stands."""
    text = (data() / name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((data() / name).read_text(encoding="utf-8"))


@functools.cache
def measures() -> Mapping[str, Measure]:
    """What can be measured, in the order in which it is listed."""
    return {
        key: Measure(
            id=key,
            title=m["title"],
            unit=m["unit"],
            about=m["about"],
            lowest=m.get("lowest", 0),
            highest=m["highest"],
            whole=m["whole"],
            max_age=m["max_age"],
            additive=m.get("additive", True),
            stand_in=m.get("stand_in", ""),
        )
        for key, m in _toml("measures.toml").items()
    }


@functools.cache
def sources() -> Mapping[str, Source]:
    """Where the shipped figures come from."""
    return {
        key: Source(id=key, **{"retrieved": None, **s}) for key, s in _toml("sources.toml").items()
    }


@functools.cache
def caveats() -> Mapping[str, str]:
    """The words of each caveat that shipped rows name by key."""
    return _toml("caveats.toml")


def licences() -> Mapping[str, str]:
    """What each licence that a source names means, in a line."""
    return {
        "CC-BY-4.0": "Creative Commons Attribution 4.0",
        "CC-BY-SA-4.0": "Creative Commons Attribution-ShareAlike 4.0",
        "CC0-1.0": "Creative Commons Zero 1.0",
        "public-domain": "work of the US Government",
        "cited-figure": "a single published figure, cited with its source",
    }


@functools.cache
def _files() -> Mapping[str, str]:
    found = {}
    for folder in (OPEN, SHARE_ALIKE):
        for entry in (data() / folder).iterdir():
            if entry.name.endswith(".csv"):
                found[entry.name.removesuffix(".csv")] = f"{folder}/{entry.name}"
    return found


@functools.cache
def _published() -> tuple[dict[str, str], ...]:
    return tuple(rows("published.csv"))


def shipped_measures() -> tuple[str, ...]:
    """The measures for which figures are shipped, in the order in which they are listed."""
    single = {r["measure"] for r in _published()}
    return tuple(m for m in measures() if m in _files() or m in single)


@functools.cache
def shipped(measure: str) -> tuple[Figure, ...]:
    """Every shipped figure of a measure."""
    read = rows(_files()[measure]) if measure in _files() else []
    single = [r for r in _published() if r["measure"] == measure]
    return tuple(_figures(measure, [*read, *single]))


def number(text: str) -> float | None:
    """Read a number of a shipped table; nothing is None, never zero."""
    if not text:
        return None
    return float(text) if "." in text else int(text)


def _figures(measure: str, table: Iterable[Mapping[str, str]]) -> Iterable[Figure]:
    unit, words, known = measures()[measure].unit, caveats(), sources()
    days: dict[str, date] = {}
    for r in table:
        source = known[r["source"]]
        value = number(r["value"])
        low, high = number(r["low"]), number(r["high"])
        if value is not None:
            low = value if low is None else low
            high = value if high is None else high
        day = r.get("known_from") or ""
        if day and day not in days:
            days[day] = date.fromisoformat(day)
        inputs = tuple((r.get("inputs") or "").split())
        try:
            notes = tuple(words[c] for c in r["caveats"].split())
        except KeyError as key:
            raise EvidenceError(f"{measure}: no words for the caveat {key}") from None
        yield Figure(
            id=figure_id(measure, r["subject"], int(r["year"]), source.id),
            subject=r["subject"],
            measure=measure,
            year=int(r["year"]),
            low=low,
            value=value,
            high=high,
            unit=unit,
            source=source.id,
            retrieved=source.retrieved,
            licence=source.licence,
            known_from=days[day] if day else source.published,
            formula="share × GDP, rounded to a million US$" if inputs else "",
            caveats=notes,
            inputs=inputs,
        )
