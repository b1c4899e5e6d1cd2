"""A run in a folder: its clock, what persons sign, going back, and going on after a kill."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.core.bodies import Alert, Edit, OpenText, Receipt, Stance
from comity.errors import UsageError
from comity.exercise.run import Run
from comity.exercise.scenario import Event, When
from comity.scenarios import load

SCENARIO = load("club-of-seven")
START = SCENARIO.start
HOUR = timedelta(hours=1)


class Real:
    """A real clock that the test turns."""

    def __init__(self):
        self.at = 1000.0

    def __call__(self):
        return self.at


@pytest.fixture
def run(tmp_path):
    opened = Run.begin(tmp_path / "run", SCENARIO, people=("Brill",))
    yield opened
    opened.close()


def signed(run, member, organ, body):
    """Sign something at a member's node, as its page in the room does."""
    act = run.stage.nodes[member].say(organ, body)
    run.stage.hall.deliver()
    return act


def ids(run):
    return [act.id for act in run.stage.acts()]


def by_place(run):
    return [(act.place, act.kind) for act in run.stage.acts()]


def test_what_a_person_signs_is_entered_and_the_model_answers_it(run):
    run.fast(START + HOUR)
    alert = signed(run, "Brill", "table", Alert("Ice", "The slip is icy.", "severe", "exercise"))
    run.fast(START + 3 * HOUR)
    own = [entry for entry in run.director.entries if entry.kind == "person"]
    assert [(entry.who, entry.act, entry.title) for entry in own] == [("Brill", alert.id, "Ice")]
    confirmed = [a.member for a in run.stage.acts()
                 if isinstance(a.body, Receipt) and a.body.alert == alert.id]  # fmt: skip
    assert sorted(confirmed) == ["Arden", "Corve", "Dorn", "Elsin", "Fenn", "Gale"]


def test_nothing_is_said_for_whom_a_person_plays(run):
    run.fast(START + 6 * HOUR)
    assert not [act for act in run.stage.acts() if act.member == "Brill"]
    assert list(run.director.awaited) == ["into-an-account"]
    run.play("into-an-account")
    assert run.director.ids["into-an-account"]
    assert not run.director.awaited
    run.fast(START + 8 * HOUR)
    assert "position" in run.director.ids, "the script goes on from what the person did"


def test_a_persons_act_stands_for_the_move_of_the_script(tmp_path):
    with Run.begin(tmp_path, SCENARIO, people=("Arden",)) as run:
        run.fast(START + 2 * HOUR)
        assert "alarm" in run.director.awaited
        said = signed(run, "Arden", "table", Alert("No ferry", "None.", "severe", "exercise"))
        run.fast(START + 4 * HOUR)
        assert run.director.ids["alarm"] == said.id
        assert "draft" in run.director.awaited, "90 minutes after the alert that the person gave"
        change = OpenText("Ours", ("The Seven will pay no harbour dues.",))
        signed(run, "Arden", "table", Edit(change))
        run.fast(START + 6 * HOUR)
        missing = next(e for e in run.director.entries if e.id == "dues" and e.kind == "not made")
        assert "no paragraph 2" in missing.words[0]


def test_a_run_goes_on_where_it_was_left_with_the_same_bytes(tmp_path):
    run = Run.begin(tmp_path, SCENARIO, people=("Brill",))
    run.fast(START + 7 * HOUR)
    proposal = None
    run.play("into-an-account")
    run.fast(START + 9 * HOUR)
    proposal = run.director.ids["position"]
    with pytest.raises(UsageError):
        run.stage.nodes["Brill"].answer(proposal, "withdraw")  # a refused try changes nothing
    run.stage.nodes["Brill"].answer(proposal, "yes")
    run.stage.hall.deliver()
    run.inject(Event("storm", "news", When(), "A storm", "It blows."))
    run.inject(Event("thaw", "news", When(START + 9.5 * HOUR), "A thaw"))
    run.alter("gale-lost", None)
    run.fast(START + 10 * HOUR)
    before, entries, at = ids(run), run.director.entries, run.now
    run.close()
    with Run.open(tmp_path) as again:
        assert again.now == at
        assert ids(again) == before
        assert again.director.entries == entries
        assert [e.at for e in entries if e.id == "thaw"] == [START + 9.5 * HOUR]
        assert [event.id for event in again.by_hand] == ["storm", "thaw"]
        again.fast()
        assert "gale-lost" not in [e.id for e in again.director.entries if e.kind == "event"]
        assert again.director.over


def test_going_back_begins_anew_with_other_keys_and_says_again_what_was_said(run):
    run.fast(START + 7 * HOUR)
    run.play("into-an-account")
    run.fast(START + 9 * HOUR)
    proposal = run.director.ids["position"]
    run.stage.nodes["Brill"].answer(proposal, "objection")
    run.stage.hall.deliver()
    run.fast(START + 12 * HOUR)
    signed(run, "Brill", "table", Alert("Late", "Dropped again.", "minor", "exercise"))
    at = run.now
    later = run.back(at)
    try:
        assert (later.number, later.now) == (1, at - timedelta(seconds=1))
        assert later.stage.coalition != run.stage.coalition
        assert not set(ids(later)) & set(ids(run))
        dropped = [p for p in by_place(run) if p[1] != "alert" or p[0][1] != "Brill"]
        assert by_place(later) == dropped
        answer = next(a.body for a in later.stage.acts()
                      if isinstance(a.body, Stance) and a.member == "Brill")  # fmt: skip
        assert answer.proposal == later.director.ids["position"] != proposal
        later.fast()
        assert later.stage.standing(answer.proposal).settlement.outcome == "broken"
        with pytest.raises(UsageError, match="not between"):
            later.back(START)
    finally:
        later.close()
    assert (run.folder / "journal.jsonl").read_bytes().count(b"\n") == 3, "the old one is kept"


def test_the_clock_runs_at_its_pace_and_stands_still(tmp_path):
    real = Real()
    with Run.begin(tmp_path, SCENARIO, real=real) as run:
        real.at += 100
        run.tick()
        assert run.now == START, "it stands until it is started"
        run.go_on()
        real.at += 40
        run.tick()
        assert run.now == START + timedelta(minutes=40)
        assert "slip-closed" in run.director.happened
        run.pause()
        real.at += 40
        run.tick()
        assert run.now == START + timedelta(minutes=40)
        with pytest.raises(UsageError, match="times as fast"):
            run.set_pace(0)


def test_steps_go_from_thing_to_thing_or_to_what_concerns_a_member(run):
    assert run.step() == START + timedelta(minutes=30), "the slip is closed"
    assert run.step() == START + timedelta(minutes=45), "the alarm"
    run.step("Brill")
    assert run.director.entries[-1].id == "draft", "what others confirm concerns nobody"
    run.step("Brill")
    run.step("Brill")
    assert list(run.director.awaited) == ["into-an-account"], "what the script expects does"


def test_one_process_at_a_time_plays_a_run(run, tmp_path):
    with pytest.raises(UsageError, match="another process plays"):
        Run.open(tmp_path / "run")
    with pytest.raises(UsageError, match="there is a run in"):
        Run.begin(tmp_path / "run", SCENARIO)
    with pytest.raises(UsageError, match="there is no run in"):
        Run.open(tmp_path / "none")


def test_a_broken_last_line_of_the_journal_is_cut_off_and_another_is_an_error(tmp_path):
    with Run.begin(tmp_path, SCENARIO, people=("Brill",)) as run:
        run.inject(Event("storm", "news", When(), "A storm"))
        path = run.journal.path
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"at": "2026-')
    with Run.open(tmp_path) as run:
        assert [e.id for e in run.director.entries] == ["storm"]
    assert path.read_bytes() == whole
    path.write_bytes(b"not a line\n" + whole)
    with pytest.raises(UsageError, match="line 1 of"):
        Run.open(tmp_path)
