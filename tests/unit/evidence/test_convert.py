"""The converter can be run again: the same tables give the same bytes."""

import filecmp
import importlib.util
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SOURCES = os.environ.get("COMITY_SOURCES", "")
"""Folder of the source tables, where somebody has them: COMITY_SOURCES=... make test."""


@pytest.fixture(scope="module")
def converter():
    spec = importlib.util.spec_from_file_location(
        "convert_evidence", ROOT / "tools" / "convert_evidence.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FIXTURE = {
    "countries.csv": "iso3,name,independence_status\nFRA,France,Yes\nLUX,Luxembourg,Yes\n"
    "SDN,Sudan,Yes\nUKR,Ukraine,Yes\n",
    "coalition_roster.csv": "iso3,name\nFRA,France\nLUX,Luxembourg\n",
    "memberships.csv": "iso3,organisation\nFRA,EU\n",
    "requirements.csv": "requirement_set,item\na,b\n",
    "factbook_military_text.csv": "iso3,service_obligation_text\nFRA,none\n",
    "population.csv": "iso3,year,population_persons,source\nFRA,2024,68551653,world_bank_wdi\n"
    "TWN,2024,23595274,cia_world_factbook\n",
    "gdp.csv": "iso3,year,gdp_current_usd,source\n"
    "FRA,2024,3162000000000,cia_world_factbook_official_exchange_rate\n"
    "LUX,2024,93197000000,cia_world_factbook_official_exchange_rate\n",
    "milex_open.csv": "iso3,year,milex_share_of_gdp_pct,milex_estimate_current_usd,source_text\n"
    "FRA,2024,2.0,63240000000,x\nFRA,2025,2.1,,x\nLUX,2024,1.2,1118000000,x\n",
    "armed_forces_factbook.csv": "iso3,year,active_low_persons,active_high_persons,source_text\n"
    'FRA,2025,200000,200000,"approximately 200,000 active (2025)"\n'
    'UKR,2025,850000,1000000,"estimated 850,000-1 million (2025)"\n'
    'SDN,2023,2023,2023,"varied (2023)"\nLBY,,,,not available\n',
    "armed_forces_worldbank.csv": "iso3,year,armed_forces_personnel_total_persons\nISL,2020,0\n"
    "FRA,2020,304000\n",
    "nuclear_warheads.csv": "iso3,year,military_stockpile_warheads,deployed_warheads,"
    "retired_warheads,total_inventory_warheads,source\n"
    "FRA,2023,290,280,0,290,fas_via_owid\n"
    "FRA,2025,290,280,0,290,sipri_yearbook_2025_january_2025_via_press\n",
    "unga_ideal_points.csv": "iso3,year,ideal_point_final_passage,ideal_point_fp_q05,"
    "ideal_point_fp_q95,votes_final_passage_count,ideal_point_all_votes_2025_07_release,"
    "all_votes_q05,all_votes_q95\nTUR,2024,0.524,0.1862,0.8922,7,,,\n",
    "equipment_wikipedia_2026_06.csv": "iso3,tanks_count,combat_aircraft_count,"
    "attack_helicopters_count,major_surface_combatants_count,submarines_count\n"
    "FRA,222,282,67,25,8\nLUX,0,0,0,0,0\n",
}


@pytest.fixture
def tables(tmp_path):
    folder = tmp_path / "from"
    folder.mkdir()
    for name, text in FIXTURE.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_it_gives_the_same_bytes_twice(converter, tables, tmp_path):
    for name in ("one", "two"):
        converter.main(["--from", str(tables), "--to", str(tmp_path / name)])
    one = sorted(p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*.csv"))
    assert len(one) == 23
    for path in one:
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes()


def test_zero_that_may_mean_not_listed_becomes_missing(converter, tables, tmp_path):
    converter.main(["--from", str(tables), "--to", str(tmp_path / "to")])
    text = (tmp_path / "to" / "share_alike" / "tanks.csv").read_text()
    assert "LUX,2025,0,,,wikipedia-2026-06,order-of-magnitude zero-not-listed" in text
    text = (tmp_path / "to" / "figures" / "armed_forces_with_paramilitary.csv").read_text()
    assert "ISL,2020,0,,,gapminder-wdi" in text


def test_a_misread_year_is_no_strength(converter, tables, tmp_path):
    converter.main(["--from", str(tables), "--to", str(tmp_path / "to")])
    text = (tmp_path / "to" / "figures" / "active_personnel.csv").read_text()
    assert "SDN,2023,,,,cia-factbook,misread-year" in text
    assert "FRA,2025,195000,200000,205000,cia-factbook,approximate" in text


@pytest.mark.parametrize(
    ("number", "step"),
    [(185_000, 5_000), (138_000, 1_000), (200_000, 10_000), (7_500, 100), (900, 10), (7, 1)],
)
def test_the_last_step_of_a_rounded_number(converter, number, step):
    assert converter.last_step(number) == step


@pytest.mark.skipif(not SOURCES, reason="COMITY_SOURCES names no folder of source tables")
def test_the_shipped_tables_are_what_the_converter_writes(converter, tmp_path):
    converter.main(["--from", SOURCES, "--to", str(tmp_path)])
    shipped = ROOT / "src" / "comity" / "evidence" / "data"
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert filecmp.cmp(path, shipped / path.relative_to(tmp_path), shallow=False), path
