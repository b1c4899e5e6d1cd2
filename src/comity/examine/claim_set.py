"""What reports claim, as data: claims cut into statements, the record, and what a test may see.

A verdict is computed, never typed in. Over a range a claim is supported where the test holds at
both ends, not supported where it fails at both, and undecidable where the range or a missing
figure leaves it open; then what would decide it is said.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, Literal

from comity.charters import load
from comity.core.charter import Charter
from comity.evidence import Evidence, Figure, derived
from comity.evidence.shelf import data
from comity.examine.finding import Source

__all__ = [
    "VERDICTS",
    "Case",
    "Claim",
    "ClaimSet",
    "Part",
    "Record",
    "Result",
    "Verdict",
    "charter_of",
    "decide",
    "ends_of",
    "not_known",
    "read",
]

Verdict = Literal[
    "supported",
    "not supported",
    "undecidable from open data",
    "the report itself is wrong here",
    "not yet tested",
]
VERDICTS: tuple[Verdict, ...] = (
    "supported",
    "not supported",
    "undecidable from open data",
    "the report itself is wrong here",
    "not yet tested",
)


@dataclass(frozen=True, slots=True)
class Part:
    """One statement of a claim that can be put to one test."""

    part: str
    says: str
    test: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Claim:
    """What reports claim, who they are, and its parts."""

    number: int
    claim: str
    reports: tuple[int, ...]
    critics: bool
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A dated fact of the public record."""

    id: str
    day: date
    until: date | None
    what: str
    topic: str
    actor: str
    parties: tuple[str, ...]
    where: str


@dataclass(frozen=True, slots=True)
class ClaimSet:
    """Claims with the record they are held against and the day they speak of."""

    title: str
    known_on: date
    members: str
    charter: str
    records: tuple[Record, ...]
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """How a test ended: verdict, the test in words, why, and the figures it rests on.

    Parameters
    ----------
    figures
        What it rests on; the first is shown beside the verdict.
    aside
        Figures that it rests on too and that say nothing alone.
    decides
        What would decide it, where open data cannot.
    sources
        What it rests on beside figures, such as what a charter cites.
    """

    verdict: Verdict
    test: str
    why: str
    figures: tuple[Figure, ...] = ()
    aside: tuple[Figure, ...] = ()
    decides: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """What a test may look at."""

    evidence: Evidence
    known_on: date
    members: tuple[str, ...]
    records: tuple[Record, ...]
    charter: Charter
    test: Mapping[str, Any] = field(default_factory=dict)

    def who(self, text: str) -> tuple[str, ...]:
        """Return the codes that a list of codes and groups stands for."""
        return derived.members_of(self.evidence, text, on=self.known_on)

    def total(self, measure: str, members: Sequence[str]) -> Figure:
        """Return the members' total, as known on that day."""
        return derived.total(self.evidence, measure, members, known_on=self.known_on)

    def get(self, measure: str, member: str) -> Figure:
        """Return one member's figure, as known on that day."""
        return self.evidence.get(measure, member, known_on=self.known_on)

    def record(self, key: str) -> Record:
        """Return one fact of the public record."""
        return next(r for r in self.records if r.id == key)

    def names(self, members: Sequence[str]) -> str:
        """Return the members' names, with commas."""
        return ", ".join(self.evidence.name(m) for m in members)


def read(name: str = "claims-2026-01") -> ClaimSet:
    """Read a shipped set of claims.

    Examples
    --------
    >>> len([c for c in read().claims if c.number <= 15])
    15
    """
    raw = tomllib.loads((data() / f"{name}.toml").read_text(encoding="utf-8"))
    return ClaimSet(
        title=raw["title"],
        known_on=raw["known_on"],
        members=raw["members"],
        charter=raw["charter"],
        records=tuple(
            Record(
                id=r["id"],
                day=r["date"],
                until=r.get("until"),
                what=r["what"],
                topic=r["topic"],
                actor=r["actor"],
                parties=tuple(r["parties"]),
                where=r["where"],
            )
            for r in raw["record"]
        ),
        claims=tuple(
            Claim(
                number=c["number"],
                claim=c["claim"],
                reports=tuple(c["reports"]),
                critics=c.get("critics", False),
                parts=tuple(Part(p["part"], p["says"], p["test"]) for p in c["part"]),
            )
            for c in raw["claim"]
        ),
    )


def ends_of(figure: Figure) -> tuple[float, float] | None:
    """Return the lowest and highest a figure can be; infinite where members are missing."""
    if figure.value is None:
        return None
    low = figure.value if figure.low is None else figure.low
    high = figure.value if figure.high is None else figure.high
    if figure.missing:
        high = float("inf")
    return low, high


def decide(low: bool, high: bool) -> Verdict:
    """Judge a test by how it ends at either end of the range."""
    if low and high:
        return "supported"
    return "undecidable from open data" if low or high else "not supported"


def not_known(test: str, figures: Sequence[Figure]) -> Result:
    """Say that a figure is missing, and that it would decide the test."""
    gone = [f for f in figures if f.value is None]
    why = "; ".join(f.caveats[0] for f in gone if f.caveats)
    wanted = tuple(
        f"a figure, public on that day, of {f.measure.replace('_', ' ')} of {f.subject}"
        for f in gone
    )
    return Result(
        "undecidable from open data", test, f"no figure: {why}", tuple(figures), decides=wanted
    )


@cache
def charter_of(name: str) -> Charter:
    """Return a shipped charter, read once."""
    return load(name)
