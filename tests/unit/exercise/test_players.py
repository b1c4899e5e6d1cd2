"""The model's players: stated chances, draws that hang on nothing else, and why."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from math import sqrt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.charters import load, text
from comity.core.charter import Reference
from comity.errors import UsageError
from comity.evidence.zones import capital_zone
from comity.exercise.capitals import Capital, how_long, late, next_open
from comity.exercise.closeness import closeness, weighed
from comity.exercise.draws import drawn, drawn_minutes
from comity.exercise.leaning import BASES, COSTS, NO, OBJECTION, REPORTED, YES, above, band
from comity.exercise.players import (
    ASSUMED,
    answer,
    assumptions,
    assumptions_of,
    chances,
    explain,
    receipt,
)
from comity.exercise.scenario import Cost, Habits, Matter, Model, Move, Reported, Scenario, When

SATURDAY = datetime(2026, 1, 17, 18, 0, tzinfo=UTC)
PAPER = Reference("paper", "A report of the week", "press", "The Paper", "", "2026-01-17")
ALWAYS = Habits(consult=(60, 120), office=(0, 24))
LEANS = ("against", "reserved", "for")
WEIGHTS = ("much", "some", "none")
TOWARDS_FOR = ("rather against", "even", "rather for", "for")
PROCEDURES = ("silence", "vote", "consensus", "signature")


@cache
def willing():
    return load("coalition-of-the-willing")


def scenario(matter=None, *, charter=None, model=None, start=SATURDAY):
    matter = Matter("tariffs", "An answer to the tariffs") if matter is None else matter
    return Scenario(
        id="week",
        title="A week",
        summary="",
        charter=charter or willing(),
        charter_text=text("coalition-of-the-willing"),
        start=start,
        end=start + timedelta(days=9),
        room_from=start,
        pace=100,
        desk="DNK",
        seed=1,
        sources={"paper": PAPER},
        before=(),
        events=(),
        moves=(),
        matters={"tariffs": matter},
        model=Model(habits=ALWAYS) if model is None else model,
        tasks=(),
        roles=(),
        coach={},
        files={},
    )


def asked(procedure="vote", hours=72, *, effect="adopt", move="position"):
    return Move(
        move,
        "FRA",
        "propose",
        When(SATURDAY),
        procedure=procedure,
        hours=None if procedure == "signature" else Fraction(hours),
        effect=effect,
        matter="tariffs",
    )


def matter_for(member, *, base="rather for", lean=None, cost=None, anchor=()):
    reported = () if lean is None else (Reported(member, lean, "paper", "as it told the press"),)
    costs = () if cost is None else (Cost(member, cost, "paper", "its trade"),)
    return Matter("tariffs", "An answer to the tariffs", base, anchor, reported, costs, "paper")


# Chances


@pytest.mark.parametrize(
    ("assumed", "word", "how_sure"),
    [
        pytest.param({"lean": "against", "cost": "much"}, "no", "almost surely", id="against"),
        pytest.param(
            {"lean": "against", "cost": "much", "anchor": ("POL",)},
            "no",
            "almost surely",
            id="against, though it votes with those who want it",
        ),
        pytest.param(
            {"base": "for"}, "yes", "likely", id="nothing is known but a base that is for"
        ),
        pytest.param({}, "yes", "likely", id="rather for"),
        pytest.param({"base": "even"}, "abstain", "about even", id="even"),
        pytest.param({"base": "rather against"}, "no", "likely", id="rather against"),
        pytest.param({"lean": "for"}, "yes", "almost surely", id="reported to be for it"),
        pytest.param({"lean": "for", "cost": "some"}, "yes", "likely", id="for it, at some cost"),
        pytest.param({"lean": "for", "cost": "much"}, "yes", "about even", id="for it, dearly"),
        pytest.param(
            {"lean": "reserved", "cost": "some"}, "no", "likely", id="reserved, at a cost"
        ),
    ],
)
def test_assumptions_make_a_word_as_likely_as_the_page_says(assumed, word, how_sure):
    found = chances(scenario(matter_for("POL", **assumed)), asked(), "POL")
    assert band(found[word]) == how_sure
    assert sum(found.values()) == 1


def test_to_break_a_silence_takes_more_than_to_vote_no():
    week = scenario(matter_for("POL", base="even"))
    assert chances(week, asked("silence"), "POL")["objection"] == Fraction(1, 18)
    assert chances(week, asked("vote"), "POL")["no"] == Fraction(2, 9)


@pytest.mark.parametrize(
    ("chance", "name"),
    [
        (Fraction(1), "almost surely"),
        (Fraction(95, 100), "almost surely"),
        (Fraction(9499, 10000), "likely"),
        (Fraction(65, 100), "likely"),
        (Fraction(6499, 10000), "about even"),
        (Fraction(35, 100), "about even"),
        (Fraction(3499, 10000), "unlikely"),
        (Fraction(5, 100), "unlikely"),
        (Fraction(499, 10000), "hardly"),
        (Fraction(0), "hardly"),
    ],
)
def test_a_band_begins_exactly_where_it_is_said_to(chance, name):
    assert band(chance) == name


@pytest.mark.parametrize("need", [Fraction(n, 20) for n in range(-8, 9)])
def test_the_chance_to_reach_a_threshold_is_that_of_two_even_draws(need):
    spread, parts = Fraction(3, 10), 60
    middles = [Fraction(2 * i + 1, 2 * parts) for i in range(parts)]
    reached = sum(spread * (a + b - 1) >= need for a in middles for b in middles)
    assert abs(above(need, spread) - Fraction(reached, parts**2)) <= Fraction(1, parts)


def test_without_chance_the_leaning_alone_decides():
    week = scenario(matter_for("POL", base="even"), model=Model(ALWAYS, chance=Fraction(0)))
    assert chances(week, asked(), "POL") == {"yes": 0, "abstain": 1, "no": 0}
    assert {answer(week, asked(), "POL", SATURDAY, seed).word for seed in range(20)} == {"abstain"}


@pytest.mark.parametrize(
    ("procedure", "hours", "assumed"),
    [
        pytest.param("vote", 72, {"base": "even"}, id="a vote"),
        pytest.param("consensus", 72, {"lean": "reserved", "cost": "some"}, id="consensus"),
        pytest.param("silence", 72, {"base": "rather against"}, id="a silence"),
        pytest.param("signature", 0, {"lean": "for", "cost": "much"}, id="signatures"),
        pytest.param(
            "vote", 9, {"base": "even"}, id="a vote that ends before many capitals answer"
        ),
        pytest.param("silence", 9, {"base": "rather against"}, id="a short silence"),
    ],
)
def test_over_many_seeds_words_come_as_often_as_stated(procedure, hours, assumed):
    week = scenario(matter_for("POL", **assumed), model=Model(Habits(consult=(60, 720))))
    move, seeds = asked(procedure, hours), 1500
    stated = chances(week, move, "POL", SATURDAY)
    came = [answer(week, move, "POL", SATURDAY, seed) for seed in range(seeds)]
    assert {drawn_.word for drawn_ in came} <= set(stated)
    for word, chance in stated.items():
        share = sum(drawn_.word == word for drawn_ in came) / seeds
        assert abs(share - chance) <= 4 * sqrt(chance * (1 - chance) / seeds), word
    assert all(drawn_.band == band(stated[drawn_.word]) for drawn_ in came)


NEARER = ("TUR", "NZL", "GBR", "NOR", "FRA", "CAN")
"""States from far from Poland to near it, in UN votes of 2023."""


@st.composite
def single_steps(draw):
    """Return assumptions of a member, and the same with one of them moved towards for."""
    orders = {"base": TOWARDS_FOR, "lean": LEANS, "cost": WEIGHTS, "anchor": NEARER}
    before = {which: draw(st.sampled_from(order)) for which, order in orders.items()}
    which = draw(st.sampled_from(sorted(orders)))
    further = orders[which][orders[which].index(before[which]) :]
    after = {**before, which: draw(st.sampled_from(further))}
    if which == "base" or draw(st.booleans()):
        before, after = ({**a, "lean": None} for a in (before, after))
    shares = st.integers(0, 10).map(lambda tenths: Fraction(tenths, 10))
    return (
        before,
        after,
        Model(ALWAYS, closeness=draw(shares), cost=draw(shares), chance=draw(shares)),
    )


def test_the_states_of_that_order_do_lie_nearer_and_nearer():
    matters = [Matter("tariffs", "", anchor=(code,)) for code in NEARER]
    points = [closeness(scenario(m), m, "POL").points for m in matters]
    assert points == sorted(points, reverse=True)
    assert points[0] > Fraction(1, 2) > points[-1]


@given(single_steps(), st.sampled_from(PROCEDURES), st.integers(0, 2**32))
def test_one_assumption_moved_towards_for_never_lowers_the_chance_of_yes(steps, procedure, seed):
    before, after, model = steps
    move = asked(procedure)
    weeks = [
        scenario(matter_for("POL", **{**a, "anchor": (a["anchor"],)}), model=model)
        for a in (before, after)
    ]
    good = None if procedure == "silence" else "yes"
    was, now = (chances(week, move, "POL")[good] for week in weeks)
    assert now >= was
    # and with the same seed no draw turns from it
    first, second = (answer(week, move, "POL", SATURDAY, seed).word for week in weeks)
    assert first != good or second == good


# Draws


def test_a_draw_hangs_on_the_seed_and_on_names_alone():
    week = scenario(matter_for("POL", base="even"))
    alone = answer(week, asked(), "POL", SATURDAY, 7)
    for member in reversed(willing().members):
        answer(week, asked(), member, SATURDAY, 7)
    assert answer(week, asked(), "POL", SATURDAY, 7) == alone
    fewer = replace(willing(), members={c: willing().members[c] for c in ("POL", "FRA")})
    smaller = scenario(matter_for("POL", base="even"), charter=fewer)
    assert answer(smaller, asked(), "POL", SATURDAY, 7) == alone


def test_draws_are_these_on_every_machine():
    assert drawn(7, "POL", "tariffs") == Fraction(5272100813959834835, 2**65)
    assert [drawn_minutes((2, 40), seed, "POL", "alert") for seed in range(5)] == [
        9,
        36,
        40,
        20,
        36,
    ]


def test_members_and_seeds_are_drawn_apart():
    week = scenario(matter_for("", base="even"))
    assert len({answer(week, asked(), "POL", SATURDAY, seed).word for seed in range(30)}) == 3
    assert len({answer(week, asked(), m, SATURDAY, 7).word for m in willing().members}) == 3


def test_capitals_take_their_time_apart():
    week = scenario(model=Model(Habits(consult=(60, 720), office=(0, 24))))
    for moves in (("position", "position"), ("position", "statement")):
        times = [
            [answer(week, asked(move=move), m, SATURDAY, 7).at for m in ("POL", "NOR", "TUR")]
            for move in moves
        ]
        assert len({*times[0]}) == 3
        assert (times[0] == times[1]) == (moves[0] == moves[1])


def test_an_answer_at_the_very_end_is_too_late():
    week = scenario(matter_for("POL", lean="for"), model=Model(Habits((1, 1), (60, 60), (0, 24))))
    assert answer(week, asked("vote", 1), "POL", SATURDAY, 7).word == "ad referendum"
    assert chances(week, asked("vote", 1), "POL", SATURDAY)["ad referendum"] == 1
    soon_enough = asked("vote", Fraction(61, 60))
    assert answer(week, soon_enough, "POL", SATURDAY, 7).word == "yes"


def test_a_member_is_of_one_mind_in_two_proposals_of_one_matter():
    week = scenario(matter_for("POL", base="even"))
    for seed in range(40):
        in_vote = answer(week, asked("vote"), "POL", SATURDAY, seed).word
        joins = answer(week, asked(move="joining", effect="opt in"), "POL", SATURDAY, seed).word
        assert (in_vote == "yes") == (joins == "yes")
        assert joins in ("yes", None)


def test_minutes_reach_both_ends_of_their_span():
    assert {drawn_minutes((3, 6), seed, "POL") for seed in range(100)} == {3, 4, 5, 6}
    assert drawn_minutes((5, 5), 1, "POL") == 5


# Time


@pytest.mark.parametrize(
    ("at", "zone", "office", "opens"),
    [
        ("2026-01-17T10:15", "Europe/Copenhagen", (8, 20), "2026-01-17T10:15"),
        ("2026-01-17T18:59", "Europe/Copenhagen", (8, 20), "2026-01-17T18:59"),
        ("2026-01-17T19:00", "Europe/Copenhagen", (8, 20), "2026-01-18T07:00"),
        ("2026-01-17T03:00", "Europe/Copenhagen", (8, 20), "2026-01-17T07:00"),
        ("2026-01-17T18:00", "Pacific/Auckland", (8, 20), "2026-01-17T19:00"),
        ("2026-03-29T00:30", "Europe/Copenhagen", (8, 20), "2026-03-29T06:00"),
        ("2026-01-17T12:00", "UTC", (20, 6), "2026-01-17T20:00"),
        ("2026-01-17T02:00", "UTC", (20, 6), "2026-01-17T02:00"),
        ("2026-01-17T03:00", "UTC", (0, 24), "2026-01-17T03:00"),
        ("2026-01-17T23:30", "UTC", (8, 24), "2026-01-17T23:30"),
    ],
)
def test_an_office_opens_by_the_clock_of_its_capital(at, zone, office, opens):
    found = next_open(datetime.fromisoformat(at).replace(tzinfo=UTC), zone, office)
    assert found == datetime.fromisoformat(opens).replace(tzinfo=UTC)


def test_every_state_of_the_coalition_keeps_the_clock_of_its_capital():
    unknown = [m.code for m in willing().members.values() if capital_zone(m.iso) == "UTC"]
    assert unknown == []


@pytest.mark.parametrize(
    ("severity", "waits"),
    [("extreme", False), ("severe", False), ("moderate", True), ("minor", True), ("unknown", True)],
)
def test_an_alert_at_night_waits_for_the_morning_unless_it_is_severe(severity, waits):
    night = datetime(2026, 1, 17, 23, 0, tzinfo=UTC)
    week = scenario(model=Model())
    for seed in range(20):
        found = receipt(week, "POL", "shock", severity, night, seed)
        assert (found.word, found.band) == ("receipt", "almost surely")
        if waits:
            assert found.at == datetime(2026, 1, 18, 7, 0, tzinfo=UTC)
            assert any("when Warsaw had opened" in line for line in found.because)
        else:
            assert timedelta(minutes=2) <= found.at - night <= timedelta(minutes=40)


def test_an_answer_comes_within_the_time_to_consult_and_in_office_hours():
    week = scenario(model=Model(of={"NZL": Habits(consult=(30, 600), office=(9, 17))}))
    zone = capital_zone("NZL")
    for seed in range(60):
        at = answer(week, asked(), "NZL", SATURDAY, seed).at
        assert next_open(at, zone, (9, 17)) == at
        assert SATURDAY + timedelta(minutes=30) <= at <= SATURDAY + timedelta(hours=34)


@given(
    st.tuples(st.integers(0, 300), st.integers(0, 300)).map(lambda t: (t[0], t[0] + t[1])),
    st.integers(0, 60 * 30),
    st.sampled_from(((8, 20), (9, 17), (0, 24), (20, 6))),
)
def test_how_likely_a_capital_is_late_is_counted_exactly(span, minutes, office):
    capital = Capital("Europe/Warsaw", Habits(consult=span, office=office))
    expires = SATURDAY + timedelta(minutes=minutes)
    each = range(span[0], span[1] + 1)
    plainly = sum(capital.opens(SATURDAY + timedelta(minutes=m)) >= expires for m in each)
    assert late(capital, SATURDAY, expires) == Fraction(plainly, len(each))
    assert late(capital, SATURDAY, None) == 0


@pytest.mark.parametrize(
    ("procedure", "lean", "word"),
    [
        pytest.param("vote", "for", "ad referendum", id="a yes, if the capital confirms"),
        pytest.param("vote", "against", "awaiting instructions", id="no word against without one"),
        pytest.param("silence", "for", None, id="whoever consents lets it pass"),
        pytest.param("silence", "against", "awaiting instructions", id="a doubt stops a silence"),
    ],
)
def test_where_the_capital_is_too_slow_the_desk_speaks_just_before_the_end(procedure, lean, word):
    slow = Model(Habits(consult=(600, 900)))
    found = answer(
        scenario(matter_for("POL", lean=lean), model=slow), asked(procedure, 6), "POL", SATURDAY, 3
    )
    assert (found.word, found.band) == (word, "almost surely")
    assert found.at == SATURDAY + timedelta(hours=5, minutes=30)
    assert "The capital would have answered too late: the desk spoke for itself." in found.because


def test_what_ends_when_is_the_proposals_own_if_it_is_given():
    slow, move = scenario(model=Model(Habits(consult=(600, 900)))), asked("vote", 240)
    soon = SATURDAY + timedelta(minutes=20)
    assert answer(slow, move, "POL", SATURDAY, 3).word in ("yes", "abstain", "no")
    found = answer(slow, move, "POL", SATURDAY, 3, expires=soon)
    assert found.word in ("ad referendum", "awaiting instructions")
    assert found.at == SATURDAY + timedelta(minutes=10)
    assert answer(slow, move, "POL", soon + timedelta(hours=1), 3, expires=soon).at == soon


@pytest.mark.parametrize(
    ("lean", "word"), [("for", "ad referendum"), ("against", None), ("reserved", None)]
)
def test_to_opt_in_by_a_vote_that_ends_too_soon_waits_for_the_capital(lean, word):
    slow = Model(Habits(consult=(600, 900)), chance=Fraction(0))
    week = scenario(matter_for("POL", lean=lean), model=slow)
    assert chances(week, asked("vote", 6, effect="opt in"), "POL", SATURDAY) == (
        {word: 1, None: 0} if word else {"ad referendum": 0, None: 1}
    )
    assert answer(week, asked("signature", effect="opt in"), "POL", SATURDAY, 3).word == (
        "yes" if lean == "for" else None
    )


def test_a_proposal_without_hours_of_its_own_is_open_as_long_as_its_procedure_says():
    week = scenario(matter_for("POL", lean="for"), model=Model(Habits(consult=(600, 900))))
    period = int(willing().procedures["silence"].period)
    hours_left_out = replace(asked("vote"), procedure="silence", hours=None)
    said_so = asked("silence", period)
    for seed in range(5):
        found = answer(week, hours_left_out, "POL", SATURDAY, seed)
        assert found == answer(week, said_so, "POL", SATURDAY, seed)
    refused = answer(week, hours_left_out, "POL", SATURDAY, 1, refusing=True)
    assert refused.at <= SATURDAY + timedelta(hours=period)


def test_a_change_of_the_charter_is_answered_as_the_charter_decides_on_changes():
    week = scenario(matter_for("POL", lean="for"))
    amend = replace(asked(effect="amend"), procedure="", organ="")
    assert willing().procedures[willing().changes["amendment"].procedure].kind == "vote"
    assert answer(week, amend, "POL", SATURDAY, 3).word == "yes"
    later = replace(asked("vote"), procedure="of-the-new-charter")
    assert set(chances(week, later, "POL")) == {"yes", "abstain", "no"}
    assert set(chances(week, replace(later, hours=None), "POL")) == {"yes", None}


@pytest.mark.parametrize(
    ("procedure", "word"),
    [("silence", "objection"), ("vote", "no"), ("consensus", "no"), ("signature", None)],
)
def test_a_member_lost_by_refusing_agrees_to_nothing_and_is_in_time(procedure, word):
    week = scenario(matter_for("POL", lean="for"), model=Model(Habits(consult=(600, 900))))
    found = answer(week, asked(procedure, 6), "POL", SATURDAY, 3, refusing=True)
    assert (found.word, found.band) == (word, "almost surely")
    assert procedure == "signature" or found.at < SATURDAY + timedelta(hours=6)
    assert "lost by refusing" in found.because[0]


def test_lengths_of_time_are_told_in_bands():
    assert [how_long(m) for m in (0, 9, 10, 44, 45, 89, 90, 299, 300, 1079, 1080, 2159, 2160)] == [
        *["a few minutes"] * 2,
        *["about half an hour"] * 2,
        *["about an hour"] * 2,
        *["a few hours"] * 2,
        *["about half a day"] * 2,
        *["about a day"] * 2,
        "more than a day",
    ]


# Closeness


def test_closeness_weighs_from_one_at_no_distance_to_minus_one_at_a_point():
    assert [weighed(Fraction(n, 4)) for n in (0, 1, 2, 3, 4, 9)] == [
        1, Fraction(1, 2), 0, Fraction(-1, 2), -1, -1,
    ]  # fmt: skip


def test_closeness_is_that_of_the_votes_which_were_public_at_the_start():
    matter = matter_for("POL", anchor=("FRA", "GBR"))
    then = closeness(scenario(matter), matter, "POL")
    # un_ideal_point_all_votes of 2023: FRA 1.49, GBR 1.6579, POL 1.2618
    assert (then.year, then.source, then.to) == (2023, "unga-2025-07", ("FRA", "GBR"))
    assert then.points == Fraction(312, 1000)
    later = scenario(matter, start=datetime(2026, 9, 1, tzinfo=UTC))
    assert closeness(later, matter, "POL").source == "unga-2026-06"
    long_ago = scenario(matter, start=datetime(2001, 1, 1, tzinfo=UTC))
    assert closeness(long_ago, matter, "POL").points is None


def test_who_has_no_place_in_un_votes_is_not_known_and_that_weighs_nothing():
    league = replace(
        willing(), members={**willing().members, "Arden": replace(_pol(), code="Arden", iso="")}
    )
    with_anchor = scenario(matter_for("Arden", anchor=("FRA",)), charter=league)
    without = scenario(matter_for("Arden"), charter=league)
    assert chances(with_anchor, asked(), "Arden") == chances(without, asked(), "Arden")
    told = answer(with_anchor, asked(), "Arden", SATURDAY, 7).because
    assert any("in UN votes is not known, and weighs nothing" in line for line in told)
    nobody = scenario(matter_for("POL", anchor=("Arden",)), charter=league)
    assert chances(nobody, asked(), "POL") == chances(scenario(matter_for("POL")), asked(), "POL")


def _pol():
    return willing().members["POL"]


# Why


def test_each_reason_is_told_in_words_with_its_source():
    week = scenario(
        matter_for("POL", lean="reserved", cost="some", anchor=("FRA", "GBR")),
        model=Model(Habits(consult=(300, 700), source="paper"), source="paper"),
    )
    told = answer(week, asked(), "POL", SATURDAY, 7).because
    assert told[:3] == (
        "It is reported to be reserved: as it told the press "
        "(A report of the week, The Paper, 2026-01-17).",
        "In UN votes of 2023 it stands near to the middle of France and United Kingdom (United "
        "Nations General Assembly ideal points, all votes, release of July 2025; Bailey, Strezhnev "
        "and Voeten; Harvard Dataverse doi:10.7910/DVN/LEJUQZ).",
        "It is assumed to cost it something: its trade "
        "(A report of the week, The Paper, 2026-01-17).",
    )
    assert any(line.startswith("Taken together it leans") for line in told)
    assert any(line.startswith("What nobody can know") for line in told)
    assert any("took about half a day to be consulted" in line for line in told)
    assert told[-1].startswith("On these assumptions '")


@given(
    st.sampled_from(sorted(load("coalition-of-the-willing").members)),
    st.sampled_from(PROCEDURES),
    st.integers(0, 10**6),
)
def test_reasons_are_given_in_bands_rather_than_digits(member, procedure, seed):
    week = scenario(matter_for("POL", lean="for", anchor=("FRA",)), model=Model())
    told = answer(week, asked(procedure, 9), member, SATURDAY, seed).because
    bare = [re.sub(r"\(.*\)|UN votes of 2023", "", line) for line in told]
    assert not [line for line in bare if re.search(r"\d|%", line)]


def test_why_is_answered_with_what_it_could_have_said_and_whose_assumptions_these_are():
    week = scenario(matter_for("POL", lean="for", cost="some"))
    told = explain(week, asked(), "POL", 7).splitlines()
    assert told[0] == "Poland: 'yes', given time. An answer to the tariffs."
    assert "What it could say: 'yes' is likely; 'abstain' is unlikely." in told[-2]
    assert told[-1] == ASSUMED
    in_time = explain(week, asked("vote", 72), "POL", 7, SATURDAY).splitlines()
    assert in_time[0] == "Poland: 'yes'. An answer to the tariffs."
    assert any("consulted" in line for line in in_time)


def test_all_that_is_assumed_can_be_read():
    matter = matter_for("POL", lean="for", cost="much", anchor=("FRA",))
    week = scenario(matter, model=Model(of={"POL": Habits((1, 9), (30, 90), (7, 22), "paper")}))
    of_poland = " ".join(assumptions(week, "POL"))
    for said in ("1 to 9 minutes", "30 to 90 minutes", "from 7 to 22", "Warsaw", "for it", "much"):
        assert said in of_poland
    of_matter = " ".join(assumptions_of(week, "tariffs"))
    for said in ("'rather for'", "France", "Poland: It is reported to be for it", "30 %", "40 %"):
        assert said in of_matter


@pytest.mark.parametrize(
    ("call", "said", "hint"),
    [
        pytest.param(
            lambda week: answer(week, asked(), "ZZZ", SATURDAY, 7),
            "'ZZZ' is no member of Coalition of the Willing",
            "members are: FRA, GBR, DEU",
            id="a stranger",
        ),
        pytest.param(
            lambda week: answer(week, replace(asked(), matter=""), "POL", SATURDAY, 7),
            "the move 'position' is of no matter",
            "name a matter of the scenario in it",
            id="a move without a matter",
        ),
        pytest.param(
            lambda week: assumptions_of(week, "boats"),
            "the scenario 'week' has no matter called 'boats'",
            "it has: tariffs",
            id="an unknown matter",
        ),
    ],
)
def test_what_cannot_be_asked_is_said_with_the_next_step(call, said, hint):
    with pytest.raises(UsageError) as raised:
        call(scenario())
    assert said in raised.value.what
    assert hint in raised.value.hint


def test_the_page_of_the_players_states_every_weight_and_threshold():
    page = (Path(__file__).parents[3] / "docs/explanation/players.md").read_text(encoding="utf-8")
    stated = [*BASES.values(), *REPORTED.values(), *COSTS.values(), YES, NO, OBJECTION]
    for number in stated:
        assert re.search(rf"(?<![\d./]){re.escape(str(number))}(?![\d/])", page), number
    assert ASSUMED in page
