"""What members have together: every figure traceable, everybody accounted for."""

from datetime import date

import pytest

from comity.errors import UsageError
from comity.evidence import COALITION, load
from comity.examine.potential import EQUIPMENT, MEASURES, potential

JANUARY = date(2026, 1, 20)


@pytest.fixture(scope="module")
def coalition():
    evidence = load()
    return potential(evidence.group(COALITION), evidence=evidence)


def cell(finding, table, row, column, key="who"):
    found = finding.table(table)
    place = found.column(key).values.index(row)
    return found.column(column).values[place]


def test_every_figure_resolves_to_what_it_shows(coalition):
    evidence = load()
    scale = {"million people": 1e6, "billion US$": 1e9}
    traced = 0
    for q in coalition.quantities():
        if not q.id:
            assert q.value is None
            continue
        figure = evidence.show(q.id)
        assert figure.id == q.id
        if q.value is None:
            assert figure.value is None
        else:
            assert figure.value == pytest.approx(q.value * scale.get(q.unit, 1))
        traced += 1
    assert traced > 400


def test_personnel_are_3_3_to_3_5_million_with_ukraine(coalition):
    total = cell(coalition, "comparison", "the 35 members", "active_personnel")
    assert str(total) == "3.3–3.5 million people"
    assert coalition.sentence == (
        "The 35 members have 3.3–3.5 million people in active military service (heads, not "
        "forces), more than any single other state; without Ukraine 2.42–2.50 million people, "
        "more than any single other state."
    )


def test_the_nuclear_table_is_that_of_january_2025_with_ratios(coalition):
    rows = coalition.table("nuclear").rows
    shown = {row[0]: (row[1].value, row[1].year, str(row[4])) for row in rows}
    assert shown == {
        "France": (290, 2025, ""),
        "UK": (225, 2025, ""),
        "these together": (515, 2025, ""),
        "Russia": (5_459, 2025, "9.43 %"),
        "US": (5_177, 2025, "9.95 %"),
        "China": (600, 2025, "85.8 %"),
    }


@pytest.mark.parametrize("measure", MEASURES)
def test_all_35_are_in_the_table_or_named_as_missing(coalition, measure):
    column = coalition.table("members").column(measure)
    assert len(column.values) == 35
    codes = coalition.table("members").column("code").values
    unknown = [c for c, q in zip(codes, column.values, strict=True) if q.value is None]
    title = load().measure(measure).title.lower()
    named = [m.subject for m in coalition.missing if m.what.startswith(f"{title}:")]
    assert len(unknown) <= 1
    for code in unknown:
        assert any(code in subject for subject in named)
    assert all("lower bound" in m.effect for m in coalition.missing[:-1])


def test_missing_equipment_is_named_member_by_member_and_never_zero(coalition):
    evidence = load()
    for measure in EQUIPMENT:
        title = evidence.measure(measure).title.lower()
        named = {
            code
            for m in coalition.missing
            if m.what.startswith(f"{title}:")
            for code in m.subject.split(", ")
        }
        have = evidence.table(measure, evidence.group(COALITION))
        assert named == {f.subject for f in have if f.value is None}
        assert all(f.value != 0 for f in have)


def test_equipment_shows_no_more_than_an_order_of_magnitude(coalition):
    for q in coalition.table("equipment").column("total").values:
        digits = str(q).split("–")[0].replace(",", "")
        assert len(digits.strip("0")) == 1


def test_without_a_member_both_answers_are_given():
    evidence = load()
    finding = potential(
        evidence.group(COALITION), evidence=evidence, without=("GBR",), known_on=JANUARY
    )
    assert cell(finding, "comparison", "without UK", "warheads_inventory").value == 290
    assert "without UK" in finding.sentence
    ids = [q.id for q in finding.quantities() if q.id.startswith("sum(")]
    assert all("known_on=2026-01-20" in i for i in ids)
    assert "COALITION_2026_01,-GBR" in " ".join(ids)


def test_another_day_gives_other_vintages_and_says_which(coalition):
    evidence = load()
    early = potential(evidence.group(COALITION), evidence=evidence, known_on=JANUARY)
    assert early.vintage.known_on == JANUARY
    assert "sipri-milex-2026-04" in dict(coalition.vintage.used)
    assert "sipri-milex-2026-04" not in dict(early.vintage.used)
    assert "wikipedia-2026-06" not in dict(early.vintage.used)
    assert any("Ukraine" in m.subject and "2021" in m.what for m in early.missing)


def test_what_is_left_without_each_is_the_whole_less_that_one(coalition):
    evidence = load()
    whole = cell(coalition, "comparison", "the 35 members", "active_personnel").value
    left = cell(coalition, "without", "FRA", "active_personnel", key="code").value
    assert left == whole - evidence.get("active_personnel", "FRA").value


def test_heads_are_never_called_forces_and_nothing_is_made_up_for_deployment(coalition):
    assert "heads, not forces" in coalition.sentence
    assert coalition.table("deployable").rows[-1][1].value is None
    assert any("no openly sourced range" in m.what for m in coalition.missing)


def test_there_is_no_composite_index(coalition):
    words = " ".join(c.key for t in coalition.tables for c in t.columns)
    assert "index" not in words
    assert "score" not in words


def test_one_member_alone_and_one_without_weapons():
    finding = potential(("ISL",), evidence=load())
    assert "0 people" in finding.sentence
    assert finding.table("nuclear").rows[0][0] == "Russia"


@pytest.mark.parametrize(
    ("who", "without"),
    [
        pytest.param(("XXX",), (), id="an unknown code"),
        pytest.param((), (), id="nobody"),
        pytest.param(("FRA",), ("FRA",), id="nobody left"),
        pytest.param(("FRA",), ("DEU",), id="without one who is no member"),
    ],
)
def test_what_has_no_meaning_is_refused(who, without):
    with pytest.raises(UsageError):
        potential(who, evidence=load(), without=without)
