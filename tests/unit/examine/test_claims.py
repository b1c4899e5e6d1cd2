"""Claims put to their tests: verdicts follow from figures and change with them."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from comity.errors import UsageError
from comity.evidence import Evidence, Figure, load
from comity.examine.claims import TESTS, VERDICTS, Part, claims, evaluate, read

LATER = date(2026, 11, 22)
DAY = date(2026, 1, 20)


@pytest.fixture(scope="module")
def finding():
    return claims(evidence=load())


def verdicts(finding):
    table = finding.table("claims")
    return dict(zip(table.column("number").values, table.column("verdict").values, strict=True))


def test_the_fifteen_are_there_with_who_made_them_and_the_two_that_err():
    held = read()
    assert [c.number for c in held.claims] == list(range(1, 18))
    assert all(c.reports and c.claim for c in held.claims)
    assert any(c.critics for c in held.claims)
    assert any(not c.critics for c in held.claims)


def test_every_test_exists_and_is_used():
    used = {p.test["kind"] for c in read().claims for p in c.parts}
    assert used == set(TESTS)


def test_the_verdicts_of_january_2026(finding):
    found = verdicts(finding)
    assert {k for k, v in found.items() if v == "supported"} == {
        "1a", "1b", "2a", "2b", "3a", "3c", "4a", "5a", "5b", "7a", "7b", "8a", "9a", "9b",
        "12b", "12d", "15b",
    }  # fmt: skip
    assert {k for k, v in found.items() if v == "not supported"} == {"2c", "6a", "9d", "12c"}
    assert {k for k, v in found.items() if v == "undecidable from open data"} == {
        "2d", "3b", "3d", "6b", "6c", "7c", "7d", "7e", "7f", "8b", "8c", "9c", "9e", "10a", "10b",
        "10c", "12a", "15a",
    }  # fmt: skip
    assert {k for k, v in found.items() if v == "the report itself is wrong here"} == {
        "16a",
        "17a",
    }
    assert set(found.values()) == set(VERDICTS)


def test_only_deterrence_and_futures_are_still_waited_for(finding):
    why = {n: w for n, w in whys(finding).items() if w.startswith("waits for: ")}
    assert set(why) == {"5c", "11a", "11b", "13a", "14a", "14b"}
    assert set(why.values()) == {"waits for: deterrence", "waits for: futures"}


@pytest.mark.parametrize("day", [None, date(2012, 1, 1), LATER])
def test_what_open_data_cannot_decide_says_what_would(day):
    finding = claims(evidence=load(), known_on=day)
    table = finding.table("undecided")
    said = dict(zip(table.column("number").values, table.column("decides").values, strict=True))
    found = verdicts(finding)
    assert set(said) == {k for k, v in found.items() if v == "undecidable from open data"}
    assert all(said.values())


def whys(finding):
    table = finding.table("tests")
    return dict(zip(table.column("number").values, table.column("why").values, strict=True))


def test_what_waits_for_a_later_examination_names_it(finding):
    waits = whys(finding)
    for number, verdict in verdicts(finding).items():
        assert (verdict == "not yet tested") == waits[number].startswith("waits for: ")


def test_a_later_day_decides_what_january_could_not(finding):
    later = claims(evidence=load(), known_on=LATER)
    changed = {k for k, v in verdicts(later).items() if v != verdicts(finding)[k]}
    assert changed == {"3b"}
    assert verdicts(later)["3b"] == "supported"
    assert later.vintage.known_on == LATER
    assert "sipri-milex-2026-04" in dict(later.vintage.used)


def test_verdicts_follow_the_figures_and_are_not_typed_in():
    """With a French arsenal as large as Russia's, the critics' claim fails."""
    base = load().get("warheads_inventory", "FRA")
    source = load().sources[base.source]
    values = {f: getattr(base, f) for f in Figure.__slots__}
    values |= {"id": "warheads_inventory:FRA:2025:own-x", "source": "own-x"}
    values |= {"low": 5_000, "value": 5_000, "high": 5_000}
    own = type(source)(
        **{**{k: getattr(source, k) for k in source.__slots__}, "id": "own-x", "rank": 0}
    )
    other = claims(evidence=Evidence([Figure(**values)], {"own-x": own}))
    assert verdicts(other)["5a"] == "not supported"
    values |= {"low": 200}
    other = claims(evidence=Evidence([Figure(**values)], {"own-x": own}))
    assert verdicts(other)["5a"] == "undecidable from open data"


def test_before_anything_was_published_nothing_is_decided():
    early = verdicts(claims(evidence=load(), known_on=date(2012, 1, 1)))
    for number in ("2a", "2b", "2c", "3a", "3c", "4a", "5a", "6a", "6b", "7a", "7d", "9b", "9d",
                   "10a", "12b", "12d", "17a"):  # fmt: skip
        assert early[number] == "undecidable from open data"
    assert early["16a"] == "supported"


def test_the_warheads_of_five_states_are_their_sum(finding):
    table = finding.table("claims")
    shown = dict(zip(table.column("number").values, table.column("figure").values, strict=True))
    assert str(shown["4a"]) == "515 warheads"
    assert "France 290 warheads, UK 225 warheads" in whys(finding)["4a"]


def ask(kind, *, evidence=None, known_on=DAY, charter=None, **test):
    held = read()
    if charter is not None:
        held = replace(held, charter=charter)
    part = Part("a", "x", {"kind": kind, "decides": ["more"], **test})
    return evaluate(part, evidence=evidence or load(), known_on=known_on, held=held)


def test_additional_needs_are_not_comparable_with_what_there_is(finding):
    assert "4 are not comparable" in whys(finding)["6b"]
    assert ask("needs_met", requirement="iiss_2025", known_on=date(2026, 1, 6)).aside
    early = ask("needs_met", requirement="us_nfm_cut_2026")
    assert early.verdict == "undecidable from open data"
    assert "not yet published" in early.why


@pytest.mark.parametrize(
    ("supplier", "verdict"),
    [
        pytest.param("USA", "undecidable from open data", id="named beside others"),
        pytest.param("BRA", "undecidable from open data", id="one text is missing"),
    ],
)
def test_supply_is_decided_only_where_all_or_none_name_a_supplier(supplier, verdict):
    assert ask("supply_without", supplier=supplier).verdict == verdict


def test_a_supplier_that_nobody_names_could_stop():
    found = ask("supply_without", supplier="CHN", charter="eu-council")
    assert found.verdict == "not supported"
    assert not found.decides


@pytest.mark.parametrize(
    ("need", "above", "verdict"),
    [
        pytest.param("iiss_2025/one_off_procurement", 100, "not supported", id="less than a year"),
        pytest.param("iiss_2025/one_off_procurement", 10, "undecidable from open data",
                     id="two members without a figure leave the least open"),
        pytest.param("iiss_2025/procurement_and_25_year_life_cycle", 1000,
                     "undecidable from open data", id="the source leaves parts out"),
        pytest.param("bruegel_kiel_2025/additional_defence_spending_per_year", 1,
                     "undecidable from open data", id="another currency"),
        pytest.param("euperspectives_2026/cost_100k_force_capital", 1,
                     "undecidable from open data", id="published later"),
        pytest.param("nothing", 1, "undecidable from open data", id="no such total"),
    ],
)  # fmt: skip
def test_a_cost_is_held_against_what_members_spend(need, above, verdict):
    found = ask("cost", need=need, effort="military_expenditure", above=above)
    assert found.verdict == verdict
    assert bool(found.decides) == (verdict == "undecidable from open data")


def test_a_cost_above_all_effort_is_found():
    found = ask("cost", need="iiss_2025/one_off_procurement", effort="gdp", above=0.1)
    assert found.verdict == "supported"


@pytest.mark.parametrize(
    ("member", "origin", "need", "verdict"),
    [
        pytest.param("UKR", "SOV", "x", "undecidable from open data", id="named, not counted"),
        pytest.param("UKR", "SOV", "main_battle_tanks", "supported", id="a need counts it"),
        pytest.param("FRA", "SOV", "x", "not supported", id="not named"),
        pytest.param("ISL", "SOV", "x", "undecidable from open data", id="no words"),
    ],
)
def test_replacing_needs_a_number(member, origin, need, verdict):
    assert ask("replacing", member=member, origin=origin, need=need).verdict == verdict


def test_a_body_that_seats_all_members_would_decide_for_them():
    inside = ask("no_other_body", organ="council", charter="north-atlantic-council")
    assert inside.verdict == "not supported"
    assert ask("no_other_body", organ="leaders").verdict == "supported"


def test_a_step_on_record_speaks_against_anew():
    assert ask("not_on_record", topic="command").verdict == "not supported"
    assert ask("not_on_record", topic="fish").verdict == "undecidable from open data"
    before = ask("not_on_record", topic="command", known_on=date(2025, 7, 9))
    assert before.verdict == "undecidable from open data"


@pytest.mark.parametrize(
    ("first", "last", "verdict"),
    [
        pytest.param(2013, 2023, "undecidable from open data", id="the ranges overlap"),
        pytest.param(2013, 2025, "undecidable from open data", id="not public"),
    ],
)
def test_groups_have_drawn_apart_only_beyond_their_errors(first, last, verdict):
    found = ask("drawn_apart", group="EU", joined_by=2003, first=first, last=last)
    assert found.verdict == verdict
    assert found.decides


@pytest.mark.parametrize(
    ("parameter", "verdict"),
    [
        pytest.param("limit.UKR.personnel=799999", "supported", id="one below what is needed"),
        pytest.param("limit.UKR.personnel=800000", "not supported", id="just what is needed"),
        pytest.param("limit.DEU.personnel=1000", "undecidable from open data", id="may matter"),
        pytest.param("limit.FRA.personnel=100", "supported", id="a co-chair held down"),
        pytest.param("ban.UKR=yes", "supported", id="nobody left to whom it is owed"),
        pytest.param("ban.UKR=no", "not supported", id="no ban"),
    ],
)
def test_terms_break_what_they_make_fail(parameter, verdict):
    assert ask("terms", parameter=parameter).verdict == verdict


def test_every_figure_resolves(finding):
    evidence = load()
    traced = [q for q in finding.quantities() if q.id]
    assert len(traced) > 8
    for q in traced:
        assert evidence.show(q.id).id == q.id


def test_an_unknown_test_is_refused():
    with pytest.raises(UsageError, match="no test"):
        evaluate(Part("a", "x", {"kind": "guess"}), evidence=load(), known_on=LATER, held=read())


def test_the_example_is_the_file_that_is_shipped():
    root = Path(__file__).resolve().parents[3]
    example = root / "examples" / "claims-2026-01" / "claims.toml"
    shipped = root / "src" / "comity" / "evidence" / "data" / "claims-2026-01.toml"
    assert example.read_bytes() == shipped.read_bytes()
