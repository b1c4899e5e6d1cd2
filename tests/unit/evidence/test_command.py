"""`comity evidence`, `potential` and `claims`, as a user types them."""

import json

import pytest

from comity.cli import main

HEAD = "subject,measure,year,low,value,high,unit,caveat\n"


@pytest.fixture
def comity(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("COMITY_DATA", str(tmp_path / "data"))

    def run(*words):
        with pytest.raises(SystemExit) as caught:
            main(words)
        told = capsys.readouterr()
        return caught.value.code, told.out, told.err

    return run


@pytest.fixture
def spending(tmp_path):
    path = tmp_path / "spending.csv"
    path.write_text(HEAD + "DEU,military_expenditure,2024,,86100000000,,US$,\n")
    return str(path)


def test_the_list_names_every_measure_held_and_with_all_those_without_a_figure(comity):
    code, out, _ = comity("evidence", "list")
    assert code == 0
    assert "warheads_inventory" in out
    assert "artillery" not in out
    assert "artillery" in comity("evidence", "list", "--all")[1]
    listed = json.loads(comity("evidence", "list", "--json")[1])
    assert {"measure", "unit", "figures", "years", "title"} == set(listed[0])


def test_a_measure_is_listed_by_subject_and_day(comity):
    _, out, _ = comity("evidence", "list", "military_expenditure", "--subject", "UKR",
                       "--known-on", "2026-01-20")  # fmt: skip
    assert "2021:open-milex" in out
    assert "sipri" not in out
    _, out, err = comity("evidence", "list", "tanks", "--known-on", "2026-01-20")
    assert (out, err) == ("", "no figure fits\n")
    rows = json.loads(comity("evidence", "list", "arms_imports_from_usa", "--json")[1])
    assert [r["value"] for r in rows] == [64, 52]


def test_show_prints_formula_inputs_sources_licence_and_caveats(comity):
    code, out, _ = comity("evidence", "show", "per_gdp(military_expenditure;FRA,ISL)")
    assert code == 0
    for word in ("formula", "missing   ISL", "caveat", "input", "licence:", "[open-milex]"):
        assert word in out
    assert all(len(line) <= 120 for line in out.splitlines())
    shown = json.loads(comity("evidence", "show", "get(gni;FRA)", "--json")[1])
    assert shown["input_figures"][0]["measure"] == "gdp"
    assert shown["sources"][0]["licence"] == "public-domain"
    up_to = comity(
        "evidence", "show",
        "requirement:mnf_ukraine_2025_2026/uk_contribution:2026:mnf-ukraine-2025-2026",
    )  # fmt: skip
    assert "up to 7,500 people" in up_to[1]


def test_an_unknown_name_ends_with_one_and_says_what_to_do(comity):
    code, out, err = comity("evidence", "show", "courage:FRA:2025:x")
    assert (code, out) == (1, "")
    assert err.startswith("error: ")
    assert "hint: " in err


def test_check_changes_nothing_and_import_is_seen_by_every_answer(comity, spending, tmp_path):
    assert comity("evidence", "check", spending, "--as", "mine")[0] == 0
    assert not (tmp_path / "data").exists()
    code, out, _ = comity("evidence", "import", spending, "--as", "mine", "--known-from",
                          "2026-01-01")  # fmt: skip
    assert code == 0
    assert "military_expenditure 1" in out
    changed = comity("evidence", "diff")[1]
    assert "1 figure" in changed
    assert "own-mine" in changed
    found = json.loads(
        comity("potential", "--members", "DEU,FRA", "--known-on", "2026-01-20", "--json")[1]
    )
    assert any(s["id"] == "own-mine" for s in found["sources"])
    assert any("your own data" in c for c in found["caveats"])
    assert comity("claims")[0] == 0


def test_a_faulty_import_ends_with_one_and_names_row_and_column(comity, spending, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text(HEAD + "GER,tanks,2024,,3,,vehicles,\n")
    code, _, err = comity("evidence", "import", str(bad), "--as", "mine")
    assert code == 1
    assert "row 2, column subject" in err
    assert not (tmp_path / "data").exists()


def test_diff_says_what_became_known_between_two_days(comity):
    _, out, _ = comity(
        "evidence", "diff", "--known-on", "2026-01-20", "--measure", "military_expenditure"
    )
    assert "military_expenditure UKR" in out
    assert "missing -> 64.8 billion US$ (2024, sipri-milex-2026-04)" in out
    _, out, _ = comity("evidence", "diff", "--known-on", "2026-01-20", "--known-on", "2026-01-21",
                       "--measure", "gdp")  # fmt: skip
    assert "no figure differs" in out
    three = [w for _ in range(3) for w in ("--known-on", "2026-01-20")]
    assert comity("evidence", "diff", *three)[0] == 1
    told = json.loads(
        comity("evidence", "diff", "--known-on", "2026-01-20", "--members", "UKR", "--measure",
               "military_expenditure", "--json")[1]
    )  # fmt: skip
    assert told[0]["before"]["value"] is None


def test_potential_takes_a_charter_or_codes_but_not_both(comity):
    code, out, _ = comity("potential", "coalition-of-the-willing", "--without", "gbr")
    assert code == 0
    assert "without UK" in out
    assert comity("potential", "coalition-of-the-willing", "--members", "FRA")[0] == 1
    assert comity("potential", "--members", "XXX")[0] == 1


def test_claims_print_the_verdicts_of_the_day(comity):
    code, out, _ = comity("claims")
    assert code == 0
    assert "the report itself is wrong here" in " ".join(out.split())
    later = json.loads(comity("claims", "--known-on", "2026-07-01", "--json")[1])
    assert later["vintage"]["known_on"] == "2026-07-01"


@pytest.mark.parametrize(
    "words",
    [("evidence",), ("evidence", "list"), ("evidence", "show"), ("evidence", "check"),
     ("evidence", "import"), ("evidence", "diff"), ("potential",), ("claims",)],
    ids=" ".join,
)  # fmt: skip
def test_help_is_written_and_ends_in_an_example(comity, words):
    code, out, _ = comity(*words, "--help")
    assert code == 0
    assert out.startswith(f"usage: comity {' '.join(words)}")
    assert out.rstrip().splitlines()[-1].startswith("  $ comity ")
    assert all(len(line) <= 100 for line in out.splitlines())
