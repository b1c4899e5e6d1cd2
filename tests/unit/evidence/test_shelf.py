"""What is shipped: every row resolves, carries its terms, and says what SOURCES.md says."""

from datetime import date

import pytest

from comity.errors import EvidenceError
from comity.evidence import COALITION, load, places, shelf

JANUARY = date(2026, 1, 20)


def test_every_shipped_row_resolves_under_its_own_name():
    evidence = load()
    seen = set()
    for measure in evidence.held():
        for figure in evidence.figures(measure):
            assert figure.id not in seen
            seen.add(figure.id)
            assert evidence.show(figure.id) == figure
    assert len(seen) > 17_000


def test_every_shipped_row_has_source_licence_and_unit_and_keeps_low_value_high_in_order():
    evidence = load()
    for measure in evidence.held():
        m = evidence.measure(measure)
        for f in evidence.figures(measure):
            assert f.source in evidence.sources
            assert f.licence in shelf.licences()
            assert f.unit == m.unit
            assert f.known_from >= date(2010, 1, 1)
            if f.value is not None:
                assert f.low is not None
                assert f.high is not None
                assert f.low <= f.value <= f.high
                assert m.lowest <= f.value <= m.highest
            else:
                assert f.caveats, f.id


def test_every_requirement_resolves_and_names_its_source():
    evidence = load()
    assert len(evidence.requirements()) == 54
    assert len({r.set for r in evidence.requirements()}) == 10
    for r in evidence.requirements():
        assert evidence.show(r.figure.id) == r.figure
        assert evidence.sources[r.figure.source].publisher


@pytest.mark.parametrize(
    ("measure", "total"),
    [
        pytest.param("warheads_inventory", 12_241, id="inventory"),
        pytest.param("warheads_stockpile", 9_614, id="stockpile"),
        pytest.param("warheads_deployed", 3_912, id="deployed"),
    ],
)
def test_warheads_of_january_2025_add_up_to_the_published_totals(measure, total):
    rows = [f for f in load().figures(measure) if f.year == 2025]
    assert sum(f.value or 0 for f in rows) == total


@pytest.mark.parametrize(
    ("state", "warheads"), [("FRA", 290), ("GBR", 225), ("RUS", 5_459), ("USA", 5_177)]
)
def test_arsenals_are_those_of_the_yearbook(state, warheads):
    figure = load().get("warheads_inventory", state)
    assert (figure.value, figure.year) == (warheads, 2025)


@pytest.mark.parametrize(
    ("measure", "have"),
    [
        ("population", 35),
        ("gdp", 35),
        ("active_personnel", 35),
        ("military_expenditure", 34),
        ("warheads_inventory", 35),
    ],
)
def test_all_35_are_accounted_for_with_a_value_or_a_reason(measure, have):
    evidence = load()
    rows = evidence.table(measure, evidence.group(COALITION))
    assert len(rows) == 35
    assert sum(f.value is not None for f in rows) == have
    for f in rows:
        if f.value is None:
            assert f.caveats
        assert evidence.show(f.id) == f


def test_no_measure_has_a_zero_that_does_not_say_why():
    evidence = load()
    stated = {
        shelf.caveats()[key] for key in ("not-a-nuclear-state", "zero-is-stated", "no-forces")
    }
    for measure in evidence.held():
        if measure.startswith("un_"):
            continue  # a place on a scale, where zero is a place like any other
        for f in evidence.figures(measure):
            if f.value == 0 and f.source != "fas-owid":
                assert stated & set(f.caveats), f.id


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("un_ideal_point:TUR:2024:unga-2026-06", "7 matched votes"),
        ("un_ideal_point:TUR:2025:unga-2026-06", "renamed"),
        ("un_ideal_point:USA:2025:unga-2026-06", "unusual"),
        ("military_expenditure:UKR:2021:open-milex", "full-scale invasion"),
        ("military_expenditure:UKR:2024:sipri-milex-2026-04", "fills a hole"),
        ("military_expenditure:LUX:2024:open-milex", "1.81"),
        ("gdp:DEU:2023:wb-wdi-2024", "mid-2024"),
        ("gdp:DEU:2024:cia-factbook-gdp", "different source"),
        ("tanks:BEL:2025:wikipedia-2026-06", "not listed"),
        ("tanks:KOR:2025:wikipedia-2026-06", "North Korea"),
        ("tanks:TUR:2025:wikipedia-2026-06", "stored"),
        ("tanks:RUS:2025:wikipedia-2026-06", "losses"),
        ("warheads_inventory:FRA:2025:sipri-yearbook-2025", "do not mix"),
        ("warheads_stockpile:FRA:2023:fas-owid", "do not mix"),
        ("warheads_deployed:FRA:2025:sipri-yearbook-2025", "288"),
        ("active_personnel:ISL:2025:comity-note", "not missing"),
        ("active_personnel:UKR:2025:cia-factbook", "1,000,000"),
        ("active_personnel:SDN:2023:cia-factbook", "2023"),
        ("armed_forces_with_paramilitary:ITA:2020:gapminder-wdi", "paramilitar"),
        ("requirement:iiss_2025/long_range_sam_batteries:2025:iiss-2025", "check in the original"),
    ],
)
def test_known_defects_are_caveats_on_the_rows_they_touch(name, word):
    assert any(word in caveat for caveat in load().show(name).caveats)


def test_montenegro_kosovo_and_general_knowledge_are_marked():
    by_code = {r.iso3: r for r in places.roster()}
    assert any("medium confidence" in c for c in by_code["MNE"].caveats)
    assert places.countries()["XKX"].caveats
    assert any(m.caveats for m in places.memberships() if m.organisation == "AUKUS")


def test_the_estimate_of_spending_is_what_its_formula_says():
    evidence = load()
    for f in evidence.figures("military_expenditure"):
        if f.inputs:
            share, gdp = (evidence.show(i) for i in f.inputs)
            assert f.value == pytest.approx(share.value * gdp.value / 100, abs=600_000)


@pytest.mark.parametrize(
    ("group", "on", "size"),
    [("NATO", None, 32), ("EU", None, 27), ("EU", date(2019, 1, 1), 28), ("NATO", JANUARY, 32)],
)
def test_memberships_are_dated(group, on, size):
    assert len(load().group(group, on=on)) == size


def test_the_roster_counts_as_the_notes_say():
    evidence = load()
    who = set(evidence.group(COALITION))
    counts = {
        g: len(who & set(evidence.group(g)))
        for g in ("NATO", "EU", "EURO_AREA", "SCHENGEN", "JEF", "E5")
    }
    assert counts == {
        "NATO": 28, "EU": 24, "EURO_AREA": 19, "SCHENGEN": 24, "JEF": 10, "E5": 5,
    }  # fmt: skip
    assert not {"AUS", "JPN", "NZL", "UKR"} & {*evidence.group("NATO"), *evidence.group("EU")}


def test_the_share_alike_table_stands_apart_with_its_licence():
    evidence = load()
    for measure in ("tanks", "submarines"):
        assert {f.licence for f in evidence.figures(measure)} == {"CC-BY-SA-4.0"}
    folder = shelf.data() / "share_alike"
    assert "ShareAlike 4.0" in (folder / "LICENSE.txt").read_text(encoding="utf-8")
    others = [m for m in evidence.held() if m not in ("tanks", "submarines")]
    equipment = {"combat_aircraft", "attack_helicopters", "surface_combatants"}
    for measure in set(others) - equipment:
        assert all(f.licence != "CC-BY-SA-4.0" for f in evidence.figures(measure))


def test_the_world_has_borders_for_every_member():
    codes = {f["properties"]["iso3"] for f in load().world()["features"]}
    assert set(load().group(COALITION)) <= codes


def test_a_vintage_of_january_2026_does_not_see_later_rows():
    evidence = load()
    for measure in evidence.held():
        for subject in evidence.subjects(measure):
            f = evidence.get(measure, subject, known_on=JANUARY)
            assert f.value is None or f.known_from <= JANUARY
    early = evidence.get("military_expenditure", "UKR", known_on=JANUARY)
    assert early.is_missing
    assert evidence.get("military_expenditure", "UKR").value == 64_800_000_000
    assert evidence.get("tanks", "FRA", known_on=JANUARY).caveats == (
        "not yet published then: known from 2026-06-03",
    )
    assert not [r for r in evidence.requirements(known_on=JANUARY) if r.set == "us_nfm_cut_2026"]


def test_gdp_stands_in_for_gni_and_says_so():
    evidence = load()
    gni = evidence.get("gni", "DEU")
    assert gni.value == evidence.get("gdp", "DEU").value
    assert "GDP stands in for GNI" in gni.caveats[0]
    assert evidence.show(gni.id) == gni


def test_a_year_can_be_asked_for():
    evidence = load()
    assert evidence.get("population", "DEU", on=2015).year == 2015
    assert evidence.get("un_ideal_point", "TUR", on=2023).value == 0.5918
    assert evidence.get("population", "DEU", on=date(2015, 6, 1)).year == 2015
    assert evidence.get("gdp", "DEU", on=1990).caveats == ("nothing for 1990 or before",)


@pytest.mark.parametrize(
    "name",
    [
        "population:DEU:2024:nobody",
        "population:DEU:1800:wb-wdi",
        "nonsense:DEU:2024:wb-wdi",
        "requirement:no/such:2025:x",
        "population:DEU",
        "",
        "population:DEU:year:wb-wdi",
    ],
)
def test_a_name_that_nothing_has_is_an_error_with_a_next_step(name):
    with pytest.raises(EvidenceError) as caught:
        load().show(name)
    assert caught.value.hint


def test_an_unknown_group_or_measure_is_an_error():
    with pytest.raises(EvidenceError):
        load().group("OLD_EUROPE")
    with pytest.raises(EvidenceError):
        load().get("courage", "DEU")
