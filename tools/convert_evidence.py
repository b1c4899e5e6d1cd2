"""Write the shipped evidence anew from a folder of source tables.

    python tools/convert_evidence.py --from FOLDER [--to FOLDER]

FOLDER holds the tables that docs/explanation/where-the-numbers-come-from.md names. The result
is the same, byte for byte, for the same input. Hand-kept files (sources.toml, measures.toml,
caveats.toml, published.csv) are not touched. Not needed at run time.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import re
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
DATA = HERE / "src" / "comity" / "evidence" / "data"
COLUMNS = ("subject", "year", "low", "value", "high", "source", "known_from", "caveats", "inputs")

# Check of the open estimate against SIPRI for 2024, 45 states (notes on milex_open.csv).
RATIO_LOW, RATIO_HIGH, RATIO_LUXEMBOURG = 0.86, 1.16, 1.81

Row = dict[str, str]


class Table:
    """Rows of one measure in the making."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def add(
        self,
        subject: str,
        year: int | str,
        value: str,
        source: str,
        *,
        low: str = "",
        high: str = "",
        known_from: str = "",
        caveats: Iterable[str] = (),
        inputs: Iterable[str] = (),
    ) -> None:
        self.rows.append(
            dict(
                zip(
                    COLUMNS,
                    (
                        subject,
                        str(year),
                        low,
                        value,
                        high,
                        source,
                        known_from,
                        " ".join(caveats),
                        " ".join(inputs),
                    ),
                    strict=True,
                )
            )
        )

    def write(self, path: Path) -> None:
        rows = sorted(self.rows, key=lambda r: (r["subject"], r["year"], r["source"]))
        names = [(r["subject"], r["year"], r["source"]) for r in rows]
        if len(set(names)) != len(names):
            raise SystemExit(f"{path.name}: two rows of one name")
        path.parent.mkdir(parents=True, exist_ok=True)
        used = [c for c in COLUMNS if c in COLUMNS[:6] or any(r[c] for r in rows)]
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, used, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def read(folder: Path, name: str) -> list[Row]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def plain(number: float) -> str:
    return str(round(number))


def population(folder: Path) -> Table:
    table = Table()
    for r in read(folder, "population.csv"):
        year = int(r["year"])
        filled = r["source"] != "world_bank_wdi"
        caveats = ["factbook-filled"] if filled else ["population-by-rule"]
        if r["iso3"] == "UKR" and year >= 2022:
            caveats.append("ukraine-population")
        table.add(
            r["iso3"],
            year,
            r["population_persons"],
            "cia-factbook-population" if filled else "wb-wdi",
            known_from="" if filled else f"{year + 1}-07-01",
            caveats=caveats,
        )
    return table


def gdp(folder: Path) -> Table:
    table = Table()
    for r in read(folder, "gdp.csv"):
        bank = r["source"] == "world_bank_wdi_2024_vintage"
        table.add(
            r["iso3"],
            r["year"],
            r["gdp_current_usd"],
            "wb-wdi-2024" if bank else "cia-factbook-gdp",
            caveats=["gdp-2024-vintage" if bank else "gdp-factbook"],
        )
    return table


def expenditure(folder: Path, gdp_table: Table) -> tuple[Table, Table]:
    dollars, shares = Table(), Table()
    product = {
        (r["subject"], r["year"]): (
            float(r["value"]),
            f"gdp:{r['subject']}:{r['year']}:{r['source']}",
        )
        for r in gdp_table.rows
    }
    for r in read(folder, "milex_open.csv"):
        subject, year = r["iso3"], r["year"]
        share = float(r["milex_share_of_gdp_pct"])
        notes = ["share-rounded"]
        if subject == "UKR":
            notes.append("ukraine-before-war")
        if subject == "LUX":
            notes.append("milex-luxembourg")
        shares.add(subject, year, r["milex_share_of_gdp_pct"], "cia-factbook", caveats=notes)
        if not r["milex_estimate_current_usd"]:
            continue
        value = float(r["milex_estimate_current_usd"])
        base, gdp_id = product[subject, year]
        highest = RATIO_LUXEMBOURG if subject == "LUX" else RATIO_HIGH
        low = min(value / highest, base * max(share - 0.05, 0.0) / 100)
        high = max(value / RATIO_LOW, base * (share + 0.05) / 100)
        caveats = ["milex-estimate"]
        if year != "2024":
            caveats.append("milex-other-year")
        dollars.add(
            subject,
            year,
            r["milex_estimate_current_usd"],
            "open-milex",
            low=plain(low),
            high=plain(high),
            caveats=caveats + notes[1:],
            inputs=[f"military_expenditure_share:{subject}:{year}:cia-factbook", gdp_id],
        )
    return dollars, shares


# States whose sentence was read by eye: those of the roster, and these.
COMPARATORS = {"USA", "RUS", "CHN", "IND", "BLR", "PRK", "KOR", "ISR", "IRN", "PAK"}
# Read by eye while converting; the program's first number is not the armed forces' strength.
LEFT_OUT = {"SDN": "misread-year", "CRI": "not-military", "PAN": "not-military"}
READ = {
    "AFG": "party-claim",
    "CHE": "militia",
    "GEO": "authorised",
}


def personnel(folder: Path, roster: set[str]) -> Table:
    table = Table()
    for r in read(folder, "armed_forces_factbook.csv"):
        subject, text = r["iso3"], r["source_text"]
        if not r["year"]:
            table.add(subject, 2025, "", "cia-factbook", caveats=["no-estimate"])
            continue
        if subject in LEFT_OUT:
            table.add(subject, r["year"], "", "cia-factbook", caveats=[LEFT_OUT[subject]])
            continue
        low, high = int(r["active_low_persons"]), int(r["active_high_persons"])
        first = re.split(r"[;)]", text)[0]
        caveats: list[str] = []
        if subject == "UKR":
            caveats.append("wartime-range")
        if low < high:
            caveats.append("range-middle")
        else:
            caveats.append("approximate")
        if re.search(r"up to|as many as", first):
            caveats.append("upper")
        if re.search(r"limited|varies|vary|varied", first.lower()):
            caveats.append("limited")
        if re.search(r"including (the )?(National )?(Gendarmerie|National Guard)", text) or (
            "Gendarmerie)" in text or "National Guard)" in text or "in the National Guard" in text
        ):
            caveats.append("includes-others")
        if subject in READ:
            caveats.append(READ[subject])
        elif subject not in roster | COMPARATORS:
            caveats.append("not-read")
        middle = (low + high) // 2
        if low == high:
            half = last_step(low) / 2
            low, high = math.floor(low - half), math.ceil(high + half)
        table.add(
            subject,
            r["year"],
            str(middle),
            "cia-factbook",
            low=str(low),
            high=str(high),
            caveats=caveats,
        )
    return table


def last_step(number: int) -> int:
    """Return the step a rounded number seems to be rounded to, of two digits at the coarsest.

    185,000 is in steps of 5,000 and 138,000 of 1,000; 200,000 is taken as in steps of 10,000.
    """
    digits = len(str(number))
    step = 10 ** max(0, digits - 2)
    while number % step:
        step //= 10
    if step < 10 ** max(0, digits - 2) and (number // step) % 5 == 0:
        step *= 5
    return step


def with_paramilitary(folder: Path) -> Table:
    table = Table()
    for r in read(folder, "armed_forces_worldbank.csv"):
        text = r["armed_forces_personnel_total_persons"]
        none = float(text) == 0
        table.add(
            r["iso3"],
            r["year"],
            "" if none else plain(float(text)),
            "gapminder-wdi",
            low="0" if none else "",
            caveats=["with-paramilitary", "ends-2020"] + (["zero-or-missing"] if none else []),
        )
    return table


def warheads(folder: Path, states: list[str]) -> dict[str, Table]:
    columns = {
        "warheads_inventory": "total_inventory_warheads",
        "warheads_stockpile": "military_stockpile_warheads",
        "warheads_deployed": "deployed_warheads",
        "warheads_retired": "retired_warheads",
    }
    tables = {measure: Table() for measure in columns}
    rows = read(folder, "nuclear_warheads.csv")
    for r in rows:
        sipri = r["source"].startswith("sipri")
        for measure, column in columns.items():
            if not r[column]:
                continue
            caveats = ["sipri-january-2025" if sipri else "fas-series"]
            if float(r[column]) == 0:
                caveats.append("zero-is-stated")
            if sipri and r["iso3"] == "FRA" and measure == "warheads_deployed":
                caveats.append("france-deployed")
            tables[measure].add(
                r["iso3"],
                r["year"],
                r[column],
                "sipri-yearbook-2025" if sipri else "fas-owid",
                known_from="" if sipri else f"{r['year']}-12-31",
                caveats=caveats,
            )
    nuclear = {r["iso3"] for r in rows}
    for state in states:
        if state not in nuclear:
            for table in tables.values():
                table.add(state, 2025, "0", "sipri-yearbook-2025", caveats=["not-a-nuclear-state"])
    return tables


def votes(folder: Path) -> dict[str, Table]:
    final, every, counted = Table(), Table(), Table()
    for r in read(folder, "unga_ideal_points.csv"):
        subject, year = r["iso3"], r["year"]
        caveats = []
        if r["votes_final_passage_count"] and int(r["votes_final_passage_count"]) < 20:
            caveats.append("few-votes")
        if subject == "TUR" and year == "2024":
            caveats.append("turkey-votes")
        if year == "2025":
            caveats.append("votes-2025")
        if r["ideal_point_final_passage"]:
            final.add(
                subject,
                year,
                r["ideal_point_final_passage"],
                "unga-2026-06",
                low=r["ideal_point_fp_q05"],
                high=r["ideal_point_fp_q95"],
                caveats=caveats,
            )
        if r["votes_final_passage_count"]:
            counted.add(
                subject, year, r["votes_final_passage_count"], "unga-2026-06", caveats=caveats
            )
        if r["ideal_point_all_votes_2025_07_release"]:
            every.add(
                subject,
                year,
                r["ideal_point_all_votes_2025_07_release"],
                "unga-2025-07",
                low=r["all_votes_q05"],
                high=r["all_votes_q95"],
                caveats=["votes-until-2023"],
            )
    if not any(r["subject"] == "TUR" and r["year"] == "2025" for r in final.rows):
        final.add("TUR", 2025, "", "unga-2026-06", caveats=["turkey-no-2025"])
    return {
        "un_ideal_point": final,
        "un_ideal_point_all_votes": every,
        "un_votes_counted": counted,
    }


DOUBTS = {"KOR": "kor-mixed", "RUS": "rus-stocks"}


def equipment(folder: Path) -> dict[str, Table]:
    columns = {
        "tanks": "tanks_count",
        "combat_aircraft": "combat_aircraft_count",
        "attack_helicopters": "attack_helicopters_count",
        "surface_combatants": "major_surface_combatants_count",
        "submarines": "submarines_count",
    }
    tables = {measure: Table() for measure in columns}
    for r in read(folder, "equipment_wikipedia_2026_06.csv"):
        for measure, column in columns.items():
            text = r[column]
            caveats = ["order-of-magnitude"]
            if r["iso3"] in DOUBTS:
                caveats.append(DOUBTS[r["iso3"]])
            if r["iso3"] == "TUR" and measure == "tanks":
                caveats.append("tur-tanks")
            none = not text or float(text) == 0
            if none:
                caveats.append("zero-not-listed" if text else "blank")
            tables[measure].add(
                r["iso3"],
                2025,
                "" if none else plain(float(text)),
                "wikipedia-2026-06",
                low="0" if none else "",
                caveats=caveats,
            )
    return tables


COPIED = {
    "countries.csv": "countries.csv",
    "memberships.csv": "memberships.csv",
    "coalition_roster.csv": "coalition_roster.csv",
    "requirements.csv": "requirements.csv",
    "factbook_military_text.csv": "military_text.csv",
}


def convert(folder: Path, to: Path) -> None:
    """Write every table of the package's evidence from the source tables in a folder."""
    roster = {r["iso3"] for r in read(folder, "coalition_roster.csv")}
    countries = read(folder, "countries.csv")
    states = [r["iso3"] for r in countries if r["independence_status"] == "Yes"]
    states += [
        r["iso3"] for r in countries if r["iso3"] in ("XKX", "TWN") and r["iso3"] not in states
    ]
    gdp_table = gdp(folder)
    dollars, shares = expenditure(folder, gdp_table)
    figures = {
        "population": population(folder),
        "gdp": gdp_table,
        "military_expenditure": dollars,
        "military_expenditure_share": shares,
        "active_personnel": personnel(folder, roster),
        "armed_forces_with_paramilitary": with_paramilitary(folder),
        **warheads(folder, states),
        **votes(folder),
    }
    for measure, table in figures.items():
        table.write(to / "figures" / f"{measure}.csv")
    for measure, table in equipment(folder).items():
        table.write(to / "share_alike" / f"{measure}.csv")
    for name, target in COPIED.items():
        rows = read(folder, name)
        with (to / target).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    shape = folder / "world_110m.geojson"
    if shape.exists():
        json.loads(shape.read_text(encoding="utf-8"))
        shutil.copyfile(shape, to / "world_110m.geojson")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--from", dest="folder", type=Path, required=True)
    parser.add_argument("--to", type=Path, default=DATA)
    given = parser.parse_args(arguments)
    convert(given.folder, given.to)
    return 0


if __name__ == "__main__":
    sys.exit(main())
