"""Tables that are no figures: countries, memberships, the roster, requirements, texts, the map."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from comity.evidence.figure import Figure, Source, figure_id
from comity.evidence.shelf import caveats, data, number, rows

__all__ = [
    "Country",
    "Membership",
    "Requirement",
    "RosterEntry",
    "countries",
    "memberships",
    "military_texts",
    "requirement_sources",
    "requirements",
    "roster",
    "world",
]


@dataclass(frozen=True, slots=True)
class Country:
    """A state or territory under its ISO 3166-1 alpha-3 code."""

    iso3: str
    name: str
    capital: str
    region: str
    subregion: str
    currency: str
    is_state: bool
    caveats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Membership:
    """That a state belongs to an organisation, from when to when."""

    iso3: str
    organisation: str
    status: str
    start: str
    end: str
    source: str
    note: str
    caveats: tuple[str, ...] = ()

    def holds_on(self, day: date) -> bool:
        """Say whether it holds on a day; a start known by year or month counts from its first."""
        text = day.isoformat()
        return self.start <= text and (not self.end or text <= self.end)


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """A state at the Paris meeting of 6 January 2026, and at which level."""

    iso3: str
    name: str
    level: str
    role: str
    force_position: str
    force_position_source: str
    source: str
    confidence: str
    caveats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Requirement:
    """A published statement of what is needed, with what it is counted against."""

    set: str
    item: str
    category: str
    basis: str
    publisher: str
    title: str
    published: str
    where: str
    source_kind: str
    note: str
    figure: Figure


@functools.cache
def countries() -> Mapping[str, Country]:
    """All states and territories by code."""
    return {
        r["iso3"]: Country(
            iso3=r["iso3"],
            name=r["name"],
            capital=r["capital"],
            region=r["region_un"],
            subregion=r["subregion_un"],
            currency=r["currency_iso4217"],
            is_state=r["independence_status"] == "Yes" or r["iso3"] in ("XKX", "TWN"),
            caveats=(caveats()["kosovo"],) if r["iso3"] == "XKX" else (),
        )
        for r in rows("countries.csv")
    }


@functools.cache
def memberships() -> tuple[Membership, ...]:
    """Who belongs to which organisation, with dates and where that was seen."""
    return tuple(
        Membership(
            iso3=r["iso3"],
            organisation=r["organisation"],
            status=r["status"],
            start=r["start_date"],
            end=r["end_date"],
            source=r["source"],
            note=r["note"],
            caveats=(caveats()["general-knowledge"],) if "general knowledge" in r["source"] else (),
        )
        for r in rows("memberships.csv")
    )


@functools.cache
def roster() -> tuple[RosterEntry, ...]:
    """The 35 states of the Coalition of the Willing in January 2026, by code."""
    return tuple(
        RosterEntry(
            iso3=r["iso3"],
            name=r["name"],
            level=r["representation_level_2026_01_06"],
            role=r["role"],
            force_position=r["reported_force_position"],
            force_position_source=r["reported_force_position_source"],
            source=r["membership_source"],
            confidence=r["confidence"],
            caveats=(caveats()["no-official-list"],)
            + ((caveats()["montenegro"],) if r["iso3"] == "MNE" else ()),
        )
        for r in rows("coalition_roster.csv")
    )


def _requirement_day(r: Mapping[str, str]) -> date:
    """Return the day from which a requirement was public; the last day of what is known of it."""
    text = r["published"]
    if re.fullmatch(r"[0-9-]{10}", text):
        return date.fromisoformat(text)
    if " to " in text:
        # A span: the place where it was seen says which end. Reports of January 2026 are
        # those of the Paris meeting of the 6th.
        return (
            date(2025, 3, 31)
            if "2025-03" in r["where_figure_was_seen"]
            and ("2026-01" not in r["where_figure_was_seen"])
            else date(2026, 1, 6)
        )
    year, month = (int(part) for part in text.split("-"))
    return date(year, month, 28 if month == 2 else 30)


_UNITS = {
    "persons": "people",
    "percent_of_GDP": "% of GDP",
    "percent_cut": "% cut",
    "EUR_billion": "billion €",
    "EUR_billion_per_year": "billion € a year",
    "USD_billion": "billion US$",
    "units_per_year": "units a year",
    "corps_hq": "headquarters",
    "division_hq": "headquarters",
}


@functools.cache
def requirements() -> tuple[Requirement, ...]:
    """What has been published of needs: ten sets, each item a figure."""
    words = caveats()
    found = []
    for r in rows("requirements.csv"):
        low, high = number(r["value_low"]), number(r["value_high"])
        day = _requirement_day(r)
        notes = []
        if r["source_kind"] != "primary":
            notes.append(words["secondary"])
        value: float | None = None
        if low is None:
            notes.append(words["upper-limit"])
        elif high is not None:
            value = low if low == high else (low + high) / 2
            if low != high:
                notes.append(words["range-middle"])
        if " to " in r["published"]:
            notes.append(words["published-span"])
        if "unconfirmed" in r["note"]:
            notes.append(words["unconfirmed"])
        if r["basis"]:
            notes.append(f"counted against: {r['basis']}")
        if r["note"]:
            notes.append(r["note"])
        subject = f"{r['requirement_set']}/{r['item']}"
        source = r["requirement_set"].replace("_", "-")
        found.append(
            Requirement(
                set=r["requirement_set"],
                item=r["item"],
                category=r["category"],
                basis=r["basis"],
                publisher=r["publisher"],
                title=r["title"],
                published=r["published"],
                where=r["where_figure_was_seen"],
                source_kind=r["source_kind"],
                note=r["note"],
                figure=Figure(
                    id=figure_id("requirement", subject, day.year, source),
                    subject=subject,
                    measure="requirement",
                    year=day.year,
                    low=low,
                    value=value,
                    high=high,
                    unit=_UNITS.get(r["unit"], r["unit"]),
                    source=source,
                    retrieved=None,
                    licence="cited-figure",
                    known_from=day,
                    caveats=tuple(notes),
                ),
            )
        )
    return tuple(found)


@functools.cache
def requirement_sources() -> Mapping[str, Source]:
    """The papers and reports that the requirement figures come from."""
    return {
        r.figure.source: Source(
            id=r.figure.source,
            title=r.title,
            publisher=r.publisher,
            where=r.where,
            vintage=r.published,
            published=r.figure.known_from,
            retrieved=None,
            licence="cited-figure",
            note="Short factual quotation; where each figure was seen differs by row.",
        )
        for r in reversed(requirements())
    }


@functools.cache
def military_texts() -> Mapping[str, Mapping[str, str]]:
    """The World Factbook's words on equipment and suppliers, deployments and service, by code."""
    return {
        r["iso3"]: {
            "equipment": r["equipment_inventory_and_suppliers_text"],
            "deployments": r["military_deployments_text"],
            "service": r["service_obligation_text"],
        }
        for r in rows("military_text.csv")
    }


def world() -> dict[str, Any]:
    """Return the borders of the world as GeoJSON, 1:110 million; see the caveat `crimea`."""
    text = (data() / "world_110m.geojson").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
