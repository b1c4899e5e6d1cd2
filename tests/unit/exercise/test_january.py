"""The week of January 2026: what stands for the public record agrees with it, row by row.

The rows are written out here, from the compilation of the public record that the
scenario was made from (sources: eurointegration.com.ua 7228483 and 7228489;
brusselstimes.com 1906493 and 1496015; polskieradio.pl 3635476; censor.net
3560188; westminsterpimliconews.co.uk ?p=6418; eurradio.com; ukrinform.net 4079161).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import resources

import pytest

from comity import charters, scenarios
from comity.core.attestations import verify
from comity.core.bodies import Alert, Edit, Receipt, Stance
from comity.core.certificate import Verdict
from comity.core.proposals import Standing
from comity.exercise.after_action import AfterAction, after_action
from comity.exercise.director import Director
from comity.exercise.plain_stage import PlainStage
from comity.exercise.reading import examine
from comity.exercise.rehearsal import Rehearsal
from comity.exercise.scenario import Before, Event, Move, Scenario

THIRTY_FIVE = (
    "ALB AUS AUT BEL BGR CAN CYP CZE DEU DNK ESP EST FIN FRA GBR GRC HRV IRL ISL ITA JPN LTU LUX "
    "LVA MNE NLD NOR NZL POL PRT ROU SVN SWE TUR UKR"
)
THE_EIGHT = "DNK FIN FRA DEU NLD NOR SWE GBR"


@dataclass(frozen=True)
class Row:
    """One row of the record: the days (from the first to the last of these), and the parties."""

    id: str
    days: tuple[date, ...]
    parties: str
    within: tuple[date, date] | None = None
    groups: tuple[str, ...] = ()


RECORD = (
    Row("before:The coalition is founded", (date(2025, 3, 2),), "FRA GBR", groups=("and others",)),
    Row(
        "before:European Council",
        (date(2025, 3, 6), date(2025, 3, 20), date(2025, 6, 26)),
        "",
        groups=("EU: 26 of 27, without Hungary",),
    ),
    Row("statement-of-seven", (date(2026, 1, 6),), "FRA DEU ITA POL ESP GBR DNK"),
    Row("paris-declaration", (date(2026, 1, 6),), THIRTY_FIVE),
    Row("paris-trilateral", (date(2026, 1, 6),), "FRA GBR UKR"),
    Row("council-proposed", (date(2026, 1, 11),), ""),
    Row("french-motion", (), "FRA", within=(date(2026, 1, 11), date(2026, 1, 20))),
    Row("tariffs", (date(2026, 1, 17),), THE_EIGHT),
    Row("statement-of-eight", (date(2026, 1, 18),), THE_EIGHT),
    Row("reports", (date(2026, 1, 19), date(2026, 1, 20)), ""),
)
APART = ("netherlands-supports", "statement-seen")
"""What stands for a row beside its first: who supports it apart, and when it was seen."""


def _shipped(name: str) -> str:
    return (resources.files(charters) / f"{name}.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def week() -> Scenario:
    return scenarios.load("january-2026")


@pytest.fixture(scope="module")
def moves(week: Scenario) -> dict[str, Move]:
    return {move.id: move for move in week.moves}


def _found(week: Scenario, name: str) -> Before | Event | Move:
    if name.startswith("before:"):
        title = name.removeprefix("before:")
        return next(one for one in week.before if one.title.startswith(title))
    return next(one for one in (*week.events, *week.moves) if one.id == name)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in RECORD])
def test_each_row_of_the_record_has_its_days_and_parties(week: Scenario, row: Row) -> None:
    found = _found(week, row.id)
    if row.within is None:
        assert found.on == row.days
    else:
        assert found.on
        assert all(row.within[0] <= day <= row.within[1] for day in found.on)
    assert set(found.parties) == set(row.parties.split())
    assert len(found.parties) == len(row.parties.split())
    if isinstance(found, Before):
        assert found.groups == row.groups
    assert found.source in week.sources
    assert week.sources[found.source].kind != "model"


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in RECORD[2:]])
def test_what_stands_for_a_day_takes_place_on_it(week: Scenario, row: Row) -> None:
    found = _found(week, row.id)
    assert not isinstance(found, Before)
    assert found.when.at is not None
    assert found.when.at.date() in found.on


def test_nothing_else_is_said_to_stand_for_the_record(week: Scenario) -> None:
    recorded = [one.id for one in (*week.events, *week.moves) if one.on]
    assert set(recorded) == {row.id for row in RECORD if ":" not in row.id} | set(APART)
    assert len(week.before) == 2


def test_whoever_signs_what_stands_for_the_record_is_its_parties(moves: dict[str, Move]) -> None:
    for name in (
        "statement-of-seven", "paris-declaration", "paris-trilateral", "statement-of-eight",
    ):  # fmt: skip
        answers = [one.by for one in moves.values() if one.kind == "answer" and one.of == name]
        assert sorted((*moves[name].signs, *answers)) == sorted(moves[name].parties), name
        assert moves[name].procedure == "signature", name


def test_the_separate_support_of_the_netherlands_is_no_signature(moves: dict[str, Move]) -> None:
    apart = moves["netherlands-supports"]
    assert apart.parties == ("NLD",)
    assert apart.on == (date(2026, 1, 6),)
    assert apart.kind == "open text"
    assert "NLD" not in moves["statement-of-seven"].signs


def test_the_united_states_are_in_the_room_and_no_party(week: Scenario) -> None:
    assert "USA" in week.charter.participants
    assert "USA" not in week.charter.members
    assert not any("USA" in one.parties for one in (*week.before, *week.events, *week.moves))
    assert not any("USA" in move.signs for move in week.moves)


def test_the_statement_of_the_eight_is_seen_at_13_31_within_48_hours(week: Scenario) -> None:
    seen, shock = _found(week, "statement-seen"), _found(week, "tariffs")
    assert isinstance(seen, Event)
    assert isinstance(shock, Event)
    assert seen.when.at == datetime(2026, 1, 18, 13, 31, tzinfo=UTC)
    assert shock.when.at is not None
    assert (seen.when.at - shock.when.at).total_seconds() < 48 * 3600


def test_what_is_invented_says_so(week: Scenario) -> None:
    for event in week.events:
        if not event.on:
            assert "Invented for this rehearsal" in event.text, event.id
    for move in week.moves:
        if move.kind == "propose" and not move.on and move.effect != "open a case":
            assert "(rehearsal)" in move.title, move.id
            assert week.sources[move.source].kind == "model", move.id
        if move.kind in ("alert", "talk"):
            assert any("nvented" in words for words in move.paragraphs), move.id
        if move.kind == "pledge":
            assert any("invented" in words for words in move.caveats), move.id


def test_a_leaning_is_reported_by_somebody_and_a_cost_has_its_reason(week: Scenario) -> None:
    for matter in week.matters.values():
        assert all(week.sources[one.source].kind in ("press", "text") for one in matter.reported)
        assert all(cost.note and cost.source in week.sources for cost in matter.costs)


def test_the_charter_is_the_shipped_one_made_fit_for_an_exercise(week: Scenario) -> None:
    shipped = tomllib.loads(_shipped("coalition-of-the-willing"))
    played = tomllib.loads(week.charter_text.decode())
    assert week.charter.id == "coalition-of-the-willing-exercise"
    assert "exercise" in week.charter.name
    for table in ("members", "obligations", "standings", "changes"):
        assert played.get(table) == shipped.get(table), table
    for rule, said in shipped["rules"].items():
        assert played["rules"][rule] == said, rule
    assert shipped["participants"].items() <= played["participants"].items()


def test_an_amendment_gives_the_council_a_rule_and_nothing_else(week: Scenario) -> None:
    before = tomllib.loads(week.charter_text.decode())
    after = tomllib.loads(week.files["charter-with-a-rule.toml"].decode())
    council = "european-security-council"
    assert before["organs"][council].pop("rules") == []
    assert after["organs"][council].pop("rules") == ["two-thirds"]
    assert set(before["organs"][council].pop("candidates")) - set(
        after["organs"][council].pop("candidates")
    ) == {"two-thirds"}
    for one in (before, after):
        del one["organs"][council]["note"]
        del one["charter"]["edition"], one["charter"]["date"]
    assert before == after


def test_the_council_is_seated_as_in_the_shipped_charter(week: Scenario) -> None:
    day = date(2026, 1, 21)
    theirs = charters.load("european-security-council").roster("council", day)
    assert set(week.charter.roster("european-security-council", day)) == set(theirs)
    assert len(theirs) == 12
    assert not week.charter.organs["european-security-council"].can_decide


# The week as it is played, on the plain stage; that real nodes say the same acts is tested
# in test_plain_stage.py.


def _play(scenario: Scenario) -> Rehearsal:
    stage = PlainStage(scenario.charter_text, scenario.start, seed=scenario.seed)
    try:
        director = Director(scenario, stage, scenario.seed)
        director.advance(scenario.end)
        return director.rehearsal()
    finally:
        stage.close()


@pytest.fixture(scope="module")
def played(week: Scenario) -> Rehearsal:
    return _play(week)


@pytest.fixture(scope="module")
def report(played: Rehearsal) -> AfterAction:
    return after_action(played)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in RECORD])
def test_each_row_of_the_record_is_in_the_timeline_of_the_report(
    report: AfterAction, row: Row
) -> None:
    lines = [line for line in report.timeline if line.public]
    if row.id.startswith("before:"):
        title = row.id.removeprefix("before:")
        (found,) = (one for one in lines if one.kind == "before" and one.what.startswith(title))
        assert found.groups == row.groups
    else:
        (found,) = (one for one in lines if one.id == row.id)
        assert found.at is not None
        assert found.at.date() in found.on
    if row.within is None:
        assert found.on == row.days
    else:
        assert all(row.within[0] <= day <= row.within[1] for day in found.on)
    assert sorted(found.parties) == sorted(row.parties.split())


def test_the_timeline_says_of_nothing_else_that_it_is_on_the_record(report: AfterAction) -> None:
    said = {line.id for line in report.timeline if line.public and line.kind != "before"}
    assert said == {row.id for row in RECORD if ":" not in row.id} | set(APART)


def test_every_move_of_the_script_is_made(week: Scenario, played: Rehearsal) -> None:
    assert not [(one.id, one.words) for one in played.entries if one.kind == "not made"]
    assert {move.id for move in week.moves if move.kind != "talk"} == set(played.ids)


OUTCOMES = {
    "greenland-case": "adopted",
    "statement-of-seven": "adopted",
    "paris-declaration": "adopted",
    "paris-trilateral": "adopted",
    "common-position": "adopted",
    "statement-of-eight": "adopted",
    "land-forces": "broken",
    "land-forces-of-some": "adopted",
    "answer-to-terms": "adopted",
    "wake-guarantees": "adopted",
    "wake-force": "adopted",
    "council-rule": "adopted",
    "first-sitting": "adopted",
}


def test_every_proposal_ends_as_the_week_means_it_to(
    moves: dict[str, Move], played: Rehearsal
) -> None:
    ended = {}
    for name in (name for name, move in moves.items() if move.kind == "propose"):
        standing = played.standings[played.ids[name]]
        assert isinstance(standing, Standing), name
        ended[name] = standing.settlement.outcome
    assert ended == OUTCOMES


@pytest.mark.parametrize("name", list(OUTCOMES))
def test_each_outcome_is_proven_offline_as_of_an_exercise(played: Rehearsal, name: str) -> None:
    shown = verify(played.certificates[played.ids[name]], played.coalition)
    assert isinstance(shown, Verdict)
    assert shown.proven
    assert shown.exercise
    assert shown.outcome == OUTCOMES[name]
    assert next(iter(shown.lines())).startswith("EXERCISE")


def _said(played: Rehearsal, name: str) -> dict[str, str]:
    of = played.ids[name]
    return {
        act.member: act.body.word
        for act in played.acts
        if isinstance(act.body, Stance) and act.body.proposal == of
    }


def test_the_instruments_bind_exactly_their_parties(
    moves: dict[str, Move], played: Rehearsal
) -> None:
    for name in ("statement-of-seven", "paris-declaration", "paris-trilateral"):
        assert set(_said(played, name)) == set(moves[name].parties), name
    eight = _said(played, "statement-of-eight")
    assert set(eight) == set(THE_EIGHT.split())
    assert set(eight.values()) == {"yes"}
    stated = max(
        act.header.instant
        for act in played.acts
        if isinstance(act.body, Stance) and act.body.proposal == played.ids["statement-of-eight"]
    )
    assert stated <= "2026-01-18T13:31:00Z"


def test_the_alert_is_confirmed_by_all_others_and_raised_by_somebody_else_than_the_desk(
    week: Scenario, moves: dict[str, Move], played: Rehearsal
) -> None:
    confirmed = {
        act.member
        for act in played.acts
        if isinstance(act.body, Receipt) and act.body.alert == played.ids["alert"]
    }
    assert confirmed == set(THIRTY_FIVE.split()) - {moves["alert"].by}
    assert moves["alert"].by != week.desk == "DNK"
    shock = _found(week, "tariffs")
    assert isinstance(shock, Event)
    assert shock.when.at is not None
    raised = (shock.when.at - week.room_from).total_seconds() + 60 * moves["alert"].when.minutes
    assert 0 < raised / week.pace <= 10  # seconds of the room


def test_silence_counts_for_whoever_had_the_text_long_enough(played: Rehearsal) -> None:
    standing = played.standings[played.ids["common-position"]]
    assert isinstance(standing, Standing)
    assert _said(played, "common-position") == {}
    marks = standing.settlement.marks
    assert [member for member in standing.pinned.roster if marks.get(member) != "yes"] == ["ISL"]


def test_a_text_that_italy_stops_stands_for_those_who_join(played: Rehearsal) -> None:
    assert _said(played, "land-forces")["ITA"] == "objection"
    joined = {
        member for member, word in _said(played, "land-forces-of-some").items() if word == "yes"
    }
    assert {"FRA", "GBR"} < joined
    assert not joined & {"ITA", "UKR"}
    assert len(joined) >= 5


def test_both_promises_of_paris_wake_though_a_large_member_is_silent(
    report: AfterAction, played: Rehearsal
) -> None:
    assert {one.obligation for one, _ in report.woken} == {
        "paris-guarantees", "multinational-force",
    }  # fmt: skip
    assert "DEU" not in _said(played, "wake-guarantees")
    assert "DEU" in _said(played, "council-rule")


def test_what_is_pledged_is_what_was_reported_and_falls_short(report: AfterAction) -> None:
    (line,) = report.pledges
    last = line.steps[-1]
    assert (last.low, last.high) == (0, 9500)
    assert last.answer != "met"
    assert {member for member, _ in last.pending} == {"FRA", "GBR"}


def test_all_tasks_but_the_one_that_shows_a_shortfall_are_done(report: AfterAction) -> None:
    missed = [one.task.id for one in report.tasks if one.standing != "done"]
    assert missed == ["force-pledged"]


def test_the_incident_of_the_response_teams_ends_as_it_means_to() -> None:
    scenario = scenarios.load("cyber-incident")
    played = _play(scenario)
    assert not [(one.id, one.words) for one in played.entries if one.kind == "not made"]
    for name in ("case", "advisory", "aid", "fallback"):
        standing = played.standings[played.ids[name]]
        assert isinstance(standing, Standing), name
        assert standing.settlement.outcome == "adopted", name
        shown = verify(played.certificates[played.ids[name]], played.coalition)
        assert shown.proven
        assert shown.exercise
    assert {one.task.id for one in after_action(played).tasks if one.standing == "done"} == {
        task.id for task in scenario.tasks
    }
    acts = {act.id: act.body for act in played.acts}
    for name in ("warning", "draft"):
        body = acts[played.ids[name]]
        assert isinstance(body, Alert | Edit)
        assert body.marking is not None
        assert body.marking.level == "TLP:AMBER"


def test_a_person_at_denmarks_desk_does_what_there_is_to_do(week: Scenario) -> None:
    stage = PlainStage(week.charter_text, week.start, seed=week.seed)
    director = Director(week, stage, week.seed)
    director.advance(week.room_from)
    director.seat("DNK")

    def until(day: int, hour: int, minute: int) -> None:
        director.advance(datetime(2026, 1, day, hour, minute, tzinfo=UTC))

    until(17, 16, 36)
    alert = Receipt(director.ids["alert"], "2026-01-17T16:36:00Z")
    director.noticed(stage.say("DNK", "advisers", alert))
    until(17, 18, 0)
    director.play("bracket-kingdom")
    until(17, 18, 30)
    director.play("settle-kingdom")
    until(17, 21, 10)
    director.noticed(stage.answer("DNK", director.ids["common-position"], "yes"))
    until(18, 10, 20)
    director.noticed(stage.answer("DNK", director.ids["statement-of-eight"], "yes"))
    director.advance(week.end)
    played = director.rehearsal()
    stage.close()
    assert not [(one.id, one.words) for one in played.entries if one.kind == "not made"]
    assert _said(played, "common-position") == {"DNK": "yes"}
    assert set(_said(played, "statement-of-eight")) == set(THE_EIGHT.split())
    done = {one.task.id for one in after_action(played).tasks if one.standing == "done"}
    assert done >= {
        "everybody-warned", "one-text", "common-position", "proof", "denmark-signs", "the-eight",
    }  # fmt: skip


def test_without_france_a_position_is_found_and_what_needs_both_chairs_stays_open(
    week: Scenario,
) -> None:
    stage = PlainStage(week.charter_text, week.start, seed=week.seed)
    director = Director(week, stage, week.seed, lost=[("FRA", "silent")])
    director.advance(datetime(2026, 1, 18, 14, 0, tzinfo=UTC))
    played = director.rehearsal()
    stage.close()
    ended = {}
    for name in ("common-position", "statement-of-eight", "paris-declaration"):
        standing = played.standings[played.ids[name]]
        assert isinstance(standing, Standing), name
        ended[name] = standing.settlement.outcome
    assert ended == {
        "common-position": "adopted",
        "statement-of-eight": "adopted",
        "paris-declaration": "open",
    }
    assert set(_said(played, "statement-of-eight")) == set(THE_EIGHT.split()) - {"FRA"}
    (position,) = (one for one in played.entries if one.id == "common-position"
                   and one.kind == "move")  # fmt: skip
    assert position.who == "GBR"


def test_a_label_that_is_none_is_told_with_those_that_are() -> None:
    file, beside = scenarios.text("cyber-incident")
    wrong = file.decode().replace('marking = "TLP:AMBER"', 'marking = "TLP:WHITE"', 1)
    scenario, faults = examine(wrong, beside)
    assert scenario is None
    (fault,) = faults
    assert "TLP:WHITE" in fault.what
    assert "TLP:CLEAR" in fault.what
