"""Distance in UN votes with its uncertainty, recorded choices, and odds of a proposal."""

import json
from datetime import date
from itertools import combinations
from statistics import mean

import pytest
from click.testing import CliRunner

from comity.charters import load as load_charter
from comity.cli.cohesion import cohesion as command
from comity.errors import UsageError
from comity.evidence import COALITION, load
from comity.examine.cohesion import Proposal, cohesion, odds

COUNCIL = "european-security-council"


@pytest.fixture(scope="module")
def coalition():
    evidence = load()
    return cohesion(evidence.group(COALITION), evidence=evidence)


def column(finding, table, key):
    return finding.table(table).column(key).values


def test_the_year_is_the_newest_whose_figures_carry_no_warning(coalition):
    assert coalition.table("places").title == "Places in UN votes of 2023"
    assert coalition.missing == ()
    assert "carry a warning" not in coalition.sentence


def test_the_mean_distance_is_the_mean_over_all_pairs(coalition):
    places = [q.value for q in column(coalition, "places", "place")]
    plain = mean(abs(a - b) for a, b in combinations(places, 2))
    assert coalition.figures[0].value == pytest.approx(plain)
    assert coalition.figures[0].low < plain < coalition.figures[0].high


def test_it_is_called_distance_in_un_votes_and_no_more(coalition):
    assert coalition.sentence.startswith("In UN votes of 2023 the 35 members lie ")
    assert "no measure of loyalty" in coalition.assumptions[0]


def test_every_place_resolves_with_its_range(coalition):
    evidence = load()
    for q in column(coalition, "places", "place"):
        figure = evidence.show(q.id)
        assert (figure.low, figure.value, figure.high) == (q.low, q.value, q.high)


def test_tuerkiye_has_no_place_in_2025_and_the_answer_says_so():
    evidence = load()
    found = cohesion(evidence.group(COALITION), evidence=evidence, year=2025)
    assert [m.subject for m in found.missing] == ["Türkiye (TUR)"]
    assert "the UN renamed it" in found.missing[0].what
    assert "34 of the 35 members" in found.sentence
    assert "35 of these places carry a warning" in found.sentence
    places = dict(zip(column(found, "places", "code"), column(found, "places", "place")))
    assert places["TUR"].value is None


def test_the_few_votes_of_2024_and_the_oddity_of_2025_surface_whatever_the_year(coalition):
    text = " ".join(coalition.caveats)
    assert "2024: rests on very few votes" in text
    assert "2024: Türkiye has 7 matched votes" in text
    assert "2025: 2025 is unusual" in text
    assert "2025: no row for Türkiye" in text
    years = column(coalition, "years", "year")
    known = dict(zip(years, column(coalition, "years", "known")))
    warned = dict(zip(years, column(coalition, "years", "warned")))
    assert known[2025] == "34 of 35"
    assert (warned[2023], warned[2024], warned[2025]) == (0, 35, 34)
    apart = dict(zip(years, column(coalition, "years", "apart")))
    assert apart[2024].high - apart[2024].low > 1.5 * (apart[2023].high - apart[2023].low)


def test_in_january_2026_only_the_older_series_is_seen():
    evidence = load()
    found = cohesion(evidence.group(COALITION), evidence=evidence, known_on=date(2026, 1, 20))
    assert column(found, "places", "place")[0].id.endswith("unga-2025-07")
    assert any("only the series of all votes was public" in a for a in found.assumptions)


def test_groups_hold_everybody_once_and_neighbours_in_line(coalition):
    groups = [m.split(", ") for m in column(coalition, "groups", "members")]
    assert sum(map(len, groups)) == 35
    assert groups[0][0] == "Türkiye"
    assert groups[-1] == ["UK"]
    ends = list(zip(column(coalition, "groups", "from"), column(coalition, "groups", "to")))
    assert ends == sorted(ends)


def test_recorded_choices_stand_beside_it(coalition):
    rows = dict(zip(column(coalition, "choices", "code"), coalition.table("choices").rows))
    assert rows["ITA"][3] == "refuses ground troops in Ukraine"
    assert "EU" in rows["FRA"][1]
    assert rows["UKR"][1] == "none of those listed"
    assert any("ITA, reported of forces: allthe.news" in c for c in coalition.caveats)
    assert "EU" in column(coalition, "beside", "what")


# Odds


def put(place=1.0, charter=COUNCIL, rule="two-thirds", **options):
    evidence = load()
    proposal = Proposal(load_charter(charter), place, rule=rule, **options)
    return odds(proposal, evidence=evidence, year=options.get("year", 2023))


def test_odds_are_an_interval():
    found = put()
    assert 0 <= found.low < found.high <= 1
    assert found.reach is not None
    assert found.reach[1] == pytest.approx(3 * found.reach[0])


def test_a_longer_reach_never_lowers_the_odds():
    before = (0.0, 0.0)
    for reach in (0.05, 0.2, 0.4, 0.8, 1.6):
        found = put(reach=reach)
        assert (found.low, found.high) >= before
        before = (found.low, found.high)
    assert before == pytest.approx((1, 1), abs=1e-3)


def test_a_stricter_rule_needs_a_longer_reach():
    least = [put(rule=r).least_reach[0] for r in ("simple-majority", "two-thirds", "consensus")]
    assert least == sorted(least)
    assert least[0] < least[-1]


def test_the_least_reach_is_where_the_odds_are_even():
    found = put()
    assert put(reach=found.least_reach[0]).high >= 0.5
    assert put(reach=found.least_reach[0] - 0.02).low < 0.5


def test_a_proposal_far_from_everybody_does_not_pass():
    assert put(place=-3.0).high < 1e-6


def test_against_another_place_members_choose_the_nearer():
    near, far = put(place=1.0, against=3.0), put(place=3.0, against=1.0)
    assert near.low > 0.99
    assert far.high < 0.01
    assert near.reach is None


def test_members_without_a_place_are_taken_both_ways():
    # In 2025 Türkiye has no place; under consensus its answer alone decides.
    evidence = load()
    charter = load_charter("coalition-of-the-willing")
    organ = next(iter(charter.organs))
    proposal = Proposal(charter, 1.0, organ=organ, reach=3.0)
    found = odds(proposal, evidence=evidence, year=2025)
    assert dict(found.chances)["TUR"] is None
    assert (found.low, found.high) == pytest.approx((0, 1), abs=1e-3)
    assert found.least_reach[0] is not None
    assert found.least_reach[1] is None


def test_a_finding_with_a_proposal_states_its_odds_and_model():
    evidence = load()
    proposal = Proposal(load_charter(COUNCIL), 1.0, rule="two-thirds")
    members = [m.iso for m in proposal.charter.members.values() if m.iso]
    found = cohesion(members, evidence=evidence, year=2023, proposal=proposal)
    assert "with odds of " in found.sentence
    assert any(a.startswith("Spatial model") for a in found.assumptions)
    assert found.table("odds")
    assert len(found.table("chances")) == len(odds(proposal, evidence=evidence).chances)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param({"reach": 0.0}, "no reach", id="no reach"),
        pytest.param({"against": 1.0}, "lies where things are", id="the same place twice"),
        pytest.param({"organ": "senate"}, "senate", id="an unknown organ"),
    ],
)
def test_a_proposal_without_meaning_is_refused(options, said):
    with pytest.raises(UsageError, match=said):
        put(**options)


@pytest.mark.parametrize(
    ("members", "options", "said"),
    [
        pytest.param(("FRA",), {"year": 1999}, "no UN votes of 1999", id="a year not held"),
        pytest.param(("Arden",), {}, "not the code of a state", id="an invented state"),
        pytest.param(("TUR",), {"year": 2025}, "none of the members", id="nobody has a place"),
        pytest.param(
            ("FRA",), {"known_on": date(2001, 1, 1)}, "no UN votes were public", id="too early"
        ),
    ],
)
def test_questions_without_meaning_are_refused(members, options, said):
    with pytest.raises(UsageError, match=said):
        cohesion(members, evidence=load(), **options)


def test_one_member_has_a_place_but_no_distance():
    found = cohesion(("FRA",), evidence=load(), year=2023)
    assert not found.figures[0].known
    assert "has a place" in found.sentence


# The command


def run(*arguments):
    return CliRunner().invoke(command, arguments, catch_exceptions=True)


def test_the_command_answers_in_text_and_json():
    told = run(COUNCIL, "--place", "1.0", "--rule", "two-thirds")
    assert told.exit_code == 0
    assert "A proposal at 1 would pass in " in told.output.replace("\n", " ")
    told = run(COUNCIL, "--year", "2025", "--json")
    assert json.loads(told.output)["tables"][0]["title"] == "Places in UN votes of 2025"


def test_a_rule_without_a_proposal_is_refused():
    assert isinstance(run(COUNCIL, "--rule", "two-thirds").exception, UsageError)


def test_a_charter_without_states_is_refused():
    assert isinstance(run("examples/larch-league.toml").exception, UsageError)
