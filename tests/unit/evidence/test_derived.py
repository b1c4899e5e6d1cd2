"""Figures made of figures: their names resolve, and computing them anew gives the same."""

from datetime import date

import pytest

from comity.errors import EvidenceError
from comity.evidence import COALITION, derived, load

JANUARY = date(2026, 1, 20)


@pytest.mark.parametrize(
    "name",
    [
        "sum(active_personnel;COALITION_2026_01)",
        "sum(active_personnel;COALITION_2026_01,-UKR;known_on=2026-01-20)",
        "sum(military_expenditure;FRA,GBR;on=2023)",
        "share(active_personnel;UKR;of=COALITION_2026_01)",
        "per_head(active_personnel;EU)",
        "per_gdp(military_expenditure;NATO;known_on=2026-01-20)",
        "per_gdp(active_personnel;FRA)",
        "per_gdp(military_expenditure;UKR;known_on=2026-01-20)",
        "rank(gdp;COALITION_2026_01)",
        "ratio(sum(warheads_inventory;FRA,GBR)|get(warheads_inventory;RUS))",
        "ratio(population:DEU:2024:wb-wdi|population:FRA:2024:wb-wdi)",
        "get(military_expenditure;ISL)",
        "get(gni;FRA;known_on=2026-01-20)",
        "sum(tanks;ISL,LUX)",
    ],
)
def test_a_derived_figure_resolves_to_itself_and_so_do_its_inputs(name):
    evidence = load()
    figure = evidence.show(name)
    assert evidence.show(figure.id) == figure
    for i in figure.inputs:
        assert evidence.show(i).id == i


def test_a_sum_is_the_sum_of_its_inputs_at_both_ends():
    evidence = load()
    made = evidence.show("sum(active_personnel;FRA,GBR,UKR)")
    rows = [evidence.show(i) for i in made.inputs]
    assert made.value == sum(r.value for r in rows)
    assert made.low == sum(r.low for r in rows)
    assert made.high == sum(r.high for r in rows)


def test_a_sum_with_a_missing_member_is_a_lower_bound_that_names_it():
    made = load().show("sum(military_expenditure;FRA,ISL)")
    assert made.missing == ("ISL",)
    assert made.is_partial
    assert made.caveats[0] == "a lower bound: no value for ISL"
    assert made.value == load().get("military_expenditure", "FRA").value


def test_a_sum_of_nothing_known_is_missing_and_not_zero():
    made = load().show("sum(tanks;ISL,LUX)")
    assert made.value is None
    assert made.missing == ("ISL", "LUX")


def test_the_coalition_is_written_short_and_a_member_taken_out_of_it_too():
    evidence = load()
    who = evidence.group(COALITION)
    assert derived.name(evidence, who) == COALITION
    left = tuple(m for m in who if m != "GBR")
    assert derived.name(evidence, left) == f"{COALITION},-GBR"
    assert set(derived.members_of(evidence, f"{COALITION},-GBR")) == set(left)


def test_a_share_moves_its_whole_along():
    made = load().show("share(active_personnel;UKR;of=COALITION_2026_01)")
    assert 25 < made.low < made.value < made.high < 30
    assert load().show("share(gdp;FRA;of=FRA)").value == 100


def test_a_rank_counts_those_with_more_and_says_who_has_no_value():
    evidence = load()
    assert evidence.show("rank(population;IND)").value == 1
    assert evidence.show("rank(population;CHN)").value == 2
    made = evidence.show("rank(active_personnel;COALITION_2026_01)")
    assert (made.low, made.value, made.high) == (1, 1, 1)
    assert any("not ranked" in c for c in made.caveats)


def test_per_gdp_leaves_a_member_without_a_value_out_above_and_below():
    evidence = load()
    assert evidence.show("per_gdp(military_expenditure;FRA,ISL)").value == pytest.approx(
        evidence.show("per_gdp(military_expenditure;FRA)").value
    )


def test_shares_of_members_cannot_be_added_up():
    with pytest.raises(EvidenceError, match="cannot be added up"):
        load().show("sum(military_expenditure_share;FRA,GBR)")


@pytest.mark.parametrize(
    "name",
    [
        "sum(active_personnel;FRA",
        "sum(active_personnel)",
        "sum(nonsense;FRA)",
        "sum(active_personnel;fra)",
        "sum(active_personnel;FRA,-FRA)",
        "sum(active_personnel;XXX)",
        "sum(active_personnel;FRA;in=2025)",
        "sum(active_personnel;FRA;on=soon)",
        "sum(active_personnel;FRA;known_on=2026-13-01)",
        "sum(active_personnel;FRA;on=2025;on=2025)",
        "share(active_personnel;FRA)",
        "sum(active_personnel;FRA;of=GBR)",
        "power(active_personnel;FRA)",
        "get(active_personnel;a b)",
        "ratio(sum(gdp;FRA))",
        "ratio(a|b|c)",
        "ratio(|)",
        "ratio(" * 6 + "|" + ")" * 6,
        "sum(gdp;" + ",".join(["FRA"] * 2_000) + ")",
        "sum(gdp;FRA" + " " * 5_000 + ")",
        "()",
    ],
)
def test_a_malformed_name_is_an_error_with_a_next_step(name):
    with pytest.raises(EvidenceError) as caught:
        load().show(name)
    assert caught.value.hint
    assert len(caught.value.what) < 600


def test_a_vintage_travels_into_the_name():
    made = derived.total(load(), "gdp", ("FRA", "GBR"), known_on=JANUARY, on=2023)
    assert made.id == "sum(gdp;FRA,GBR;on=2023;known_on=2026-01-20)"
