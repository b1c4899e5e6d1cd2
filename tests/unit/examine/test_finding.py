import builtins
import datetime
import json
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import pytest

from comity.errors import UsageError
from comity.examine.finding import (
    Chart,
    Column,
    Finding,
    Missing,
    Quantity,
    Source,
    Table,
    Vintage,
    cells,
)

CREWS = Table(
    "crews",
    "Crews by member",
    (
        Column("code", "Code", ("ARD", "BRI", "COR")),
        Column("member", "Member", ("Arden", "Brill", "Corve <b>")),
        Column(
            "crews",
            "Crews",
            (
                Quantity(7, 6, 9, "crews", 2025, "crews:ARD", ("guessed",)),
                Quantity(None, unit="crews", id="crews:BRI"),
                Quantity(2, unit="crews", year=2025, id="crews:COR"),
            ),
        ),
        Column("weight", "Weight", (Fraction(1, 3), Fraction(1, 2), None)),
        Column("ready", "Ready", (True, False, None)),
    ),
)
LEAGUE = Finding(
    question="How many crews has the league?",
    sentence="The league has 8 to 11 crews.",
    tables=(CREWS, Table("notes", "Notes", (Column("word", "Word", ("none",)),))),
    figures=(Quantity(9, 8, 11, "crews", 2025, "sum(crews)"),),
    assumptions=("crews add up",),
    sources=(Source("league", "Crew list", "The Larch League", "larch.example", "2025", "CC0"),),
    not_in_it=("will",),
    caveats=("invented",),
    missing=(Missing("Brill", "does not say", "the total is a lower bound"),),
    charts=(Chart("bar", "Arden has most crews", "crews", "member"),),
    method="sum",
    seed=7,
    vintage=Vintage(datetime.date(2026, 1, 20), (("league", "2025"),)),
)


def test_a_finding_says_its_answer_and_how_it_was_made():
    assert str(LEAGUE) == "The league has 8 to 11 crews. (sum, seed 7, as known on 2026-01-20)"
    assert str(Finding("?", "Nothing is known.")) == "Nothing is known."


def test_a_finding_is_a_value():
    assert hash(LEAGUE) == hash(replace(LEAGUE))
    assert replace(LEAGUE) == LEAGUE


def test_json_holds_everything_unrounded_and_missing_as_null():
    held = json.loads(json.dumps(LEAGUE.to_json(), allow_nan=False))
    assert list(held) == [
        "question", "sentence", "figures", "tables", "assumptions", "caveats", "not_in_it",
        "missing", "sources", "charts", "method", "seed", "vintage",
    ]  # fmt: skip
    crews = held["tables"][0]["columns"][2]["values"]
    assert crews[0] == {
        "value": 7, "low": 6, "high": 9, "unit": "crews", "year": 2025, "id": "crews:ARD",
        "caveats": ["guessed"],
    }  # fmt: skip
    assert crews[1]["value"] is None
    assert held["tables"][0]["columns"][3]["values"] == ["1/3", "1/2", None]
    assert held["vintage"] == {"known_on": "2026-01-20", "used": {"league": "2025"}}
    assert Finding("?", "None.").to_json()["vintage"]["known_on"] is None


@pytest.mark.parametrize("made", ["to_pandas", "to_polars"])
def test_a_data_frame_spreads_a_quantity_over_columns(made):
    frame = getattr(LEAGUE, made)()
    assert list(frame.columns) == [
        "code", "member", "crews", "crews_low", "crews_high", "crews_year", "crews_id", "weight",
        "ready",
    ]  # fmt: skip
    assert list(frame["crews_id"]) == ["crews:ARD", "crews:BRI", "crews:COR"]
    assert frame["crews"][0] == 7
    assert frame["crews"].is_null()[1] if made == "to_polars" else frame["crews"].isna()[1]
    assert len(getattr(LEAGUE, made)("notes")) == 1


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_a_library_that_is_not_installed_is_asked_for(monkeypatch, name):
    usual = builtins.__import__

    def without(wanted, *rest, **more):
        if wanted == name:
            raise ImportError(wanted)
        return usual(wanted, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError) as caught:
        getattr(LEAGUE, f"to_{name}")()
    assert name in caught.value.hint


def test_a_notebook_shows_the_sentence_and_the_main_table_and_runs_nothing():
    shown = LEAGUE._repr_html_()
    assert "<strong>The league has 8 to 11 crews.</strong>" in shown
    assert "Corve &lt;b&gt;" in shown
    assert "not known" in shown
    assert "<script" not in shown


def test_every_figure_of_sentence_and_tables_can_be_walked():
    assert [q.id for q in LEAGUE.quantities()] == [
        "sum(crews)", "crews:ARD", "crews:BRI", "crews:COR",
    ]  # fmt: skip


def test_a_column_of_figures_in_several_units_says_the_unit_in_each_cell():
    mixed = Column("x", "X", (Quantity(3, unit="ships"), Quantity(2, unit="crews"), None))
    assert cells(mixed) == ("", ("3 ships", "2 crews", "not known"))
    assert cells(Column("y", "Year", (2024, "2023 to 2025", None), unit="year")) == (
        "",
        ("2024", "2023 to 2025", "not known"),
    )


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        pytest.param(lambda: Quantity(5, low=4), "one end", id="half a range"),
        pytest.param(lambda: Quantity(None, 1, 2), "no value", id="a range around nothing"),
        pytest.param(lambda: Quantity(9, 1, 2), "range", id="a value outside its range"),
        pytest.param(lambda: Quantity(float("nan")), "not a figure", id="not a number"),
        pytest.param(
            lambda: Table("t", "T", (Column("a", "A", (1,)), Column("b", "B", ()))),
            "differ in length",
            id="columns of unequal length",
        ),
        pytest.param(
            lambda: Table("t", "T", (Column("a", "A", ()), Column("a", "B", ()))),
            "one key",
            id="two columns of one key",
        ),
        pytest.param(
            lambda: replace(LEAGUE, tables=(CREWS, CREWS)), "one name", id="two tables of one name"
        ),
        pytest.param(lambda: LEAGUE.table("ships"), "no table", id="a table it does not have"),
        pytest.param(lambda: CREWS.column("ships"), "no column", id="a column it does not have"),
        pytest.param(
            lambda: replace(LEAGUE, charts=(Chart("bar", "x", "ships", "member"),)),
            "no column",
            id="a chart of a column it does not have",
        ),
        pytest.param(
            lambda: replace(LEAGUE, charts=(Chart("map", "x", "member", "member"),)),
            "country codes",
            id="a map without codes",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(wrong, why):
    with pytest.raises(UsageError, match=why):
        wrong()


def test_a_finding_without_a_table_has_no_columns():
    assert Finding("?", "None.").columns == ()
    with pytest.raises(UsageError, match="no table"):
        Finding("?", "None.").table()


def test_findings_need_nothing_but_the_standard_library():
    code = "import sys, comity.examine.finding; print([m for m in sys.modules if '.' not in m])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for heavy in ("numpy", "pandas", "polars", "altair", "docx", "openpyxl", "click"):
        assert f"'{heavy}'" not in ran.stdout
