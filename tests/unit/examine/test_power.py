from datetime import date
from fractions import Fraction

import pytest

from comity.charters import load
from comity.errors import UsageError
from comity.examine.power import able_to_act, body_game, over_whole_term, voting_power

from .league import DAY, changed, league


def by_member(found):
    return {row.member: row for row in found.members}


def test_the_security_council_as_shapley_and_shubik_published_it():
    """Shapley and Shubik (1954), for the fifteen seats since 1966: 421/2145 and 4/2145."""
    rows = by_member(voting_power(load("un-security-council"), rule_id="substance"))
    permanent = {m for m, row in rows.items() if row.veto}
    assert permanent == {"CHN", "FRA", "GBR", "RUS", "USA"}
    for member, row in rows.items():
        share = Fraction(421, 2145) if member in permanent else Fraction(4, 2145)
        assert row.shapley_shubik_exact == share


def test_on_procedure_no_seat_of_the_security_council_can_block():
    rows = by_member(voting_power(load("un-security-council"), rule_id="procedure"))
    assert not any(row.veto for row in rows.values())
    assert {row.shapley_shubik_exact for row in rows.values()} == {Fraction(1, 15)}


def test_shares_add_up_to_one_with_real_populations():
    found = voting_power(load("eu-council"), rule_id="qualified-majority")
    assert len(found.members) == 27
    assert sum(row.shapley_shubik_exact for row in found.members) == 1
    assert sum(row.banzhaf_normalised for row in found.members) == pytest.approx(1)
    assert found.error == 0


def test_taking_a_member_out_recomputes_weights_and_shares():
    before = by_member(voting_power(load("eu-council"), rule_id="qualified-majority"))
    after = by_member(
        voting_power(load("eu-council"), rule_id="qualified-majority", without=("DEU",))
    )
    assert "DEU" not in after
    assert after["FRA"].shapley_shubik > before["FRA"].shapley_shubik


def test_the_only_organ_and_its_usual_rule_need_no_name():
    found = voting_power(load("un-security-council"))
    assert (found.organ.id, found.rule_id) == ("council", "substance")


def test_with_several_organs_one_must_be_named():
    with pytest.raises(UsageError) as told:
        voting_power(league())
    assert "--organ with one of: council, watch" in told.value.hint


def test_a_body_without_a_rule_says_so_and_names_the_candidates():
    with pytest.raises(UsageError) as told:
        voting_power(load("european-security-council"), "council")
    assert "cannot decide yet" in told.value.what
    assert "qualified-majority" in told.value.hint


def test_who_does_not_sit_cannot_be_taken_out():
    with pytest.raises(UsageError, match="Elsin does not sit in council"):
        voting_power(league(), "council", without=("Elsin",))


def test_somebody_must_be_left():
    with pytest.raises(UsageError, match="nobody is left"):
        voting_power(league(), "council", without=("Arden", "Brill", "Corve", "Dorn"))


def test_able_to_act_by_hand():
    game = body_game(league(), "council", "change", DAY)
    at_least_three_of_four = 4 * 0.9**3 * 0.1 + 0.9**4
    assert able_to_act(game, 0.9).probability == pytest.approx(at_least_three_of_four)


def test_over_a_whole_term_who_takes_turns_shares_a_seat():
    term = {t.member: t for t in over_whole_term(league(), "watch", "consensus", DAY)}
    assert {m: t.seated for m, t in term.items()} == dict.fromkeys(term, Fraction(1, 2))
    assert sum(t.shapley_shubik for t in term.values()) == pytest.approx(1)


def test_elected_seats_are_held_by_each_of_their_group_equally_often():
    charter = load("un-security-council")
    term = {t.member: t for t in over_whole_term(charter, "council", "substance", charter.dated)}
    assert term["FRA"].seated == 1
    assert term["FRA"].shapley_shubik == pytest.approx(421 / 2145)
    pool = charter.groups[charter.rotations["africa-and-asia"].id]
    share = Fraction(5, len(pool))
    assert term[pool[0]].seated == share
    assert term[pool[0]].shapley_shubik == pytest.approx(float(share) * 4 / 2145)


def test_a_weighted_rule_needs_to_know_who_will_hold_the_elected_seats():
    elected = changed(
        'months = 12\nsince = 2026-01-01\norder = ["Dorn", "Corve"]',
        'months = 12\nterms = [{ member = "Dorn", from = 2026-01-01, until = 2026-12-31 }]',
    )
    with pytest.raises(UsageError, match="who will hold the elected seats is not known"):
        over_whole_term(elected, "watch", "double-majority", DAY)


def test_a_rotation_that_comes_round_too_late_is_refused():
    slow = changed(
        'months = 6\nsince = 2026-01-01\norder = ["Arden", "Brill"]',
        'months = 7\nsince = 2026-01-01\norder = ["Arden", "Brill", "Brill", "Arden", "Brill"]',
    )
    with pytest.raises(UsageError, match="comes round only after"):
        over_whole_term(slow, "watch", "consensus", DAY)


def test_the_finding_says_it_is_no_forecast_and_whether_a_text_says_so():
    told = voting_power(league(), "council").finding()
    assert any("not a forecast" in line for line in told.assumptions)
    assert any("our model; no text says so" in line for line in told.assumptions)
    text = voting_power(load("un-security-council")).finding()
    assert any("a public text" in line for line in text.assumptions)
    assert text.sources


def test_who_can_block_is_told_in_words():
    unanimity = voting_power(league(), "council", "consensus").finding().sentence
    assert "every member can block alone, by the nature of the rule" in unanimity
    assert "nobody can block alone" in voting_power(league(), "council").finding().sentence
    vetoes = voting_power(load("un-security-council")).finding().sentence
    assert "CHN, FRA, RUS, GBR, USA can block alone" in vetoes


def test_json_has_the_documented_keys():
    told = voting_power(league(), "council", on=date(2026, 2, 1)).to_json()
    assert set(told) == {
        "charter", "organ", "rule", "on", "without", "members", "power_to_act", "method", "error",
        "sentence", "assumptions", "sources",
    }  # fmt: skip
    assert {"member", "banzhaf", "banzhaf_normalised", "shapley_shubik", "veto", "dummy"} <= set(
        told["members"][0]
    )


@pytest.mark.parametrize("day", [date(1990, 1, 1), date(2030, 1, 1)])
def test_a_roster_that_is_not_known_is_refused_and_not_taken_for_the_whole_body(day):
    with pytest.raises(UsageError, match="0 of 5 seats of africa-and-asia are known to be held"):
        voting_power(load("un-security-council"), on=day)


def test_nobody_is_said_to_weigh_most_where_several_weigh_alike():
    def title(found):
        return found.finding().charts[0].title

    council = load("un-security-council")
    assert title(voting_power(council)).startswith("5 members weigh most, and alike")
    assert title(voting_power(council, rule_id="procedure")).startswith("All weigh the same")
    assert title(voting_power(load("eu-council"))).startswith("Germany weighs most")
