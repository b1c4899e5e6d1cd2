"""Findings for the report's tests: 35 members with long names; every number is invented."""

from __future__ import annotations

import datetime

from comity.examine.finding import (
    Chart,
    Column,
    Finding,
    Missing,
    Quantity,
    Source,
    Table,
    Vintage,
)

MEMBERS = {
    "ALB": "Albania", "AUS": "Australia", "AUT": "Austria", "BEL": "Belgium",
    "BIH": "Bosnia and Herzegovina", "BGR": "Bulgaria", "CAN": "Canada", "HRV": "Croatia",
    "CYP": "Cyprus", "CZE": "Czechia", "DNK": "Denmark", "EST": "Estonia", "FIN": "Finland",
    "FRA": "France", "DEU": "Germany", "GRC": "Greece", "ISL": "Iceland", "IRL": "Ireland",
    "ITA": "Italy", "JPN": "Japan", "LVA": "Latvia", "LTU": "Lithuania", "LUX": "Luxembourg",
    "MLT": "Malta", "MNE": "Montenegro", "NLD": "Netherlands", "NZL": "New Zealand",
    "NOR": "Norway", "POL": "Poland", "PRT": "Portugal", "SVN": "Slovenia", "ESP": "Spain",
    "GBR": "United Kingdom of Great Britain", "UKR": "Ukraine", "TUR": "Türkiye",
}  # fmt: skip
assert len(MEMBERS) == 35

PEOPLE = "tests:people"


def people(code: str) -> Quantity:
    """Invented heads: some exact, some with wide ranges, two not known."""
    i = list(MEMBERS).index(code)
    if code in ("ISL", "MLT"):
        return Quantity(None, unit="people", year=2025, id=f"{PEOPLE}:{code}:2025")
    if code == "UKR":
        return Quantity(900_000, 850_000, 1_000_000, "people", 2025, f"{PEOPLE}:{code}:2025")
    value = 1500 + 6700 * i
    if i % 3:
        return Quantity(value, value, value, "people", 2025, f"{PEOPLE}:{code}:2025")
    return Quantity(
        value,
        value // 2,
        value * 2,
        "people",
        2025,
        f"{PEOPLE}:{code}:2025",
        ("paramilitary forces may be counted in",),
    )


def wide(kind: str = "bar", *, sort: str = "given", group: bool = False) -> Finding:
    """One table of 35 members, and one chart of the given kind."""
    codes = tuple(MEMBERS)
    region = tuple(
        "beyond Europe" if c in ("AUS", "CAN", "JPN", "NZL") else "Europe" for c in codes
    )
    word = tuple(
        None
        if c == "ISL"
        else ("has it", "silent", "objects", "ad referendum", "not reached")[i % 5]
        for i, c in enumerate(codes)
    )
    figures = tuple(people(c) for c in codes)
    low = sum(int(q.low) for q in figures if q.low is not None)
    high = sum(int(q.high) for q in figures if q.high is not None)
    total = Quantity((low + high) // 2, low, high, "people", 2025, "total(people)")
    return Finding(
        question="How many people under arms do the members have together?",
        sentence=f"The 35 members have {total} under arms together, two of them not counted "
        "because nothing is known of them.",
        tables=(
            Table(
                "members",
                "Active personnel of each member",
                (
                    Column("iso3", "Code", (*codes, "")),
                    Column("member", "Member", (*MEMBERS.values(), "Together")),
                    Column("region", "Region", (*region, "")),
                    Column("answer", "Answer", (*word, "")),
                    Column("people", "Active personnel", (*figures, total)),
                ),
                totals=(35,),
            ),
        ),
        figures=(total,),
        assumptions=("Heads are not forces.",),
        sources=(
            Source(
                "tests",
                "Figures that nobody measured",
                "The Larch League",
                "https://example.org/",
                "2025",
                "CC0",
            ),
        ),
        not_in_it=("experience and will",),
        caveats=("Every number here is invented.",),
        missing=(
            Missing("Iceland", "has no armed forces of its own", "the total leaves it out"),
            Missing("Malta", "no figure is openly published", "the total leaves it out"),
        ),
        charts=(
            Chart(
                kind=kind,  # type: ignore[arg-type]
                title=f"The 35 members have {total} under arms, and one of them has far more than "
                "any other",
                value="answer" if kind in ("map", "strip") else "people",
                label="member",
                code="iso3",
                group="region" if group else "",
                sort=sort,  # type: ignore[arg-type]
            ),
        ),
        method="sum over members",
        vintage=Vintage(datetime.date(2026, 1, 20), (("tests", "2025"),)),
    )
