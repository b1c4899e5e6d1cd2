"""The director: what happens when, what is not made and why, loss, and what persons do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from comity.core.bodies import Edit, OptIn, Pledge, Receipt, Stance
from comity.core.texts import texts
from comity.errors import UsageError
from comity.exercise.director import Director
from comity.exercise.plain_stage import PlainStage
from comity.exercise.reading import read_scenario
from comity.exercise.scenario import Event, When
from comity.scenarios import load

CLUB = load("club-of-seven")
START = CLUB.start
HOUR = timedelta(hours=1)


def directed(scenario=CLUB, people=(), lost=(), seed=7):
    stage = PlainStage(scenario.charter_text, scenario.start, seed=seed)
    return Director(scenario, stage, seed, people, lost)


def altered(*changes):
    """Return the Club of Seven with other words in its file."""
    text = CLUB.text.decode()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return read_scenario(text, lambda name: CLUB.charter_text if name == "charter.toml" else None)


def entries(director, kind):
    return {entry.id: entry for entry in director.entries if entry.kind == kind and entry.id}


def test_the_script_runs_from_instant_to_instant():
    director = directed()
    director.advance(CLUB.end)
    assert director.over
    assert director.next() is None
    happened = {e.id: e.at - START for e in director.entries if e.kind in ("event", "move")}
    assert happened["slip-closed"] == 0.5 * HOUR
    assert happened["alarm"] == 0.75 * HOUR
    assert happened["draft"] == 2.25 * HOUR
    assert happened["position"] == 5.5 * HOUR
    outcomes = entries(director, "outcome")
    assert outcomes["position"].at == START + 30.5 * HOUR, "a day later, and an hour of grace"
    assert outcomes["position"].words == ("adopted", "7 in favour.")
    assert happened["wake-the-boats"] == 31.5 * HOUR, "an hour after it is adopted"
    assert "gale-lost" in happened
    made = director.rehearsal()
    assert set(made.ids) == {move.id for move in CLUB.moves}
    assert made.until == CLUB.end
    assert len(made.certificates) == 2


def test_a_text_is_opened_bracketed_settled_and_proposed_as_it_then_stands():
    director = directed()
    director.advance(START + 8 * HOUR)
    acts = {act.id: act for act in director.stage.acts()}
    (text,) = texts(act for act in acts.values() if isinstance(act.body, Edit))
    settled = "Until it does, the Seven will pay the harbour dues into an account of their own."
    assert text.clean[1] == settled
    proposal = acts[director.ids["position"]].body
    assert proposal.effect.paragraphs == text.clean
    assert proposal.text == text.id == director.ids["draft"]


def test_advancing_in_many_small_steps_is_the_same_as_in_one():
    one, other = directed(), directed()
    one.advance(CLUB.end)
    while not other.over:
        other.advance(other.now + timedelta(minutes=47))
    assert one.entries == other.entries
    assert one.stage.acts() == other.stage.acts()


def test_each_member_confirms_once_and_says_why_in_words():
    director = directed()
    director.advance(START + 3 * HOUR)
    drawn = [e for e in director.entries if e.kind == "drawn" and e.id == "alarm"]
    said = [act.member for act in director.stage.acts() if isinstance(act.body, Receipt)]
    assert sorted(e.who for e in drawn) == sorted(said) == [
        "Brill", "Corve", "Dorn", "Elsin", "Fenn", "Gale",
    ]  # fmt: skip
    assert all(e.words and e.band and e.act for e in drawn)


def test_what_a_silent_member_would_have_done_is_not_made_and_neither_is_what_follows():
    director = directed(lost=[("Arden", "silent")])
    director.advance(CLUB.end)
    missing = entries(director, "not made")
    assert missing["alarm"].words == ("Arden is lost in silence, and says nothing.",)
    assert missing["draft"].words == ("It was to follow 'No ferry from noon'.",)
    assert set(missing) == {move.id for move in CLUB.moves}
    assert not director.stage.acts()


def test_a_refusing_member_objects_and_the_script_goes_its_other_way():
    director = directed(lost=[("Fenn", "refusing")])
    director.advance(CLUB.end)
    assert entries(director, "outcome")["position"].words[0] == "broken"
    missing = entries(director, "not made")["wake-the-boats"]
    assert "is adopted; it is broken" in missing.words[0]
    said = [a.body.word for a in director.stage.acts()
            if isinstance(a.body, Stance) and a.member == "Fenn"]  # fmt: skip
    assert said == ["objection"]


def test_whoever_has_left_is_on_no_roster():
    director = directed(lost=[("Gale", "leaving")])
    director.advance(START + 8 * HOUR)
    acts = {act.id: act for act in director.stage.acts()}
    assert acts[director.ids["position"]].body.roster == (
        "Arden", "Brill", "Corve", "Dorn", "Elsin", "Fenn",
    )  # fmt: skip
    assert [a.kind for a in acts.values() if a.member == "Gale"] == ["leave"]


def test_who_is_lost_on_the_way_answers_no_more_and_who_returns_does():
    scenario = altered(('after = "wake-the-boats"\nminutes = 30\ntitle = "The mast',
                               'after = "alarm"\nminutes = 1\ntitle = "The mast'))  # fmt: skip
    director = directed(scenario)
    director.advance(scenario.end)
    assert not [a for a in director.stage.acts() if a.member == "Gale"]
    assert entries(director, "outcome")["position"].words[0] == "adopted", "six close it"


def test_a_node_that_is_off_is_asked_when_it_is_back():
    director = directed()
    director.inject(Event("off", "node down", When(), "Gale is off", members=("Gale",)))
    director.advance(START + 6 * HOUR)
    assert not [a for a in director.stage.acts() if a.member == "Gale"]
    director.inject(Event("on", "node up", When(), "Gale is on", members=("Gale",)))
    director.advance(START + 8 * HOUR)
    receipt = next(a for a in director.stage.acts() if a.member == "Gale")
    assert receipt.body.opened_at == "2026-03-02T14:00:00Z", "when its node was on again"
    assert [e.kind for e in director.entries if e.id in ("off", "on")] == ["by hand", "by hand"]


def test_a_delay_puts_off_what_follows_from_having_it():
    director = directed()
    director.inject(Event("slow", "delay", When(), "Gale is slow", members=("Gale",), minutes=120))
    director.advance(START + 2 * HOUR)
    alarm = director.ids["alarm"]
    assert not director.stage.has("Gale", alarm)
    director.advance(START + 5 * HOUR)
    assert director.stage.arrived()[alarm]["Gale"] == START + 2.75 * HOUR
    receipt = next(e for e in director.entries if e.who == "Gale" and e.id == "alarm")
    assert receipt.at >= START + 2.75 * HOUR


def test_events_are_altered_before_they_happen_and_not_after():
    director = directed()
    with pytest.raises(UsageError, match="has no event 'nothing'"):
        director.alter("nothing", None)
    news = Event("any", "news", When(), "The slip stays open", "All is well.")
    director.alter("slip-closed", news)
    director.advance(START + HOUR)
    entry = director.entries[0]
    assert (entry.id, entry.kind, entry.title) == ("slip-closed", "by hand", "The slip stays open")
    assert "alarm" in director.ids, "what follows it follows"
    with pytest.raises(UsageError, match="has happened already"):
        director.alter("slip-closed", None)
    with pytest.raises(UsageError, match="'alarm' is in use already"):
        director.inject(Event("alarm", "news", When(), "Again"))
    director.alter("gale-lost", None)
    director.advance(CLUB.end)
    assert entries(director, "not made")["gale-lost"].words == ("It was taken out by hand.",)


def test_nobody_plays_whom_the_charter_does_not_name_or_who_is_lost():
    with pytest.raises(UsageError, match="'Nobody' is nobody in"):
        directed(people=["Nobody"])
    with pytest.raises(UsageError, match="Gale is lost, and nobody can play it"):
        directed(people=["Gale"], lost=[("Gale", "silent")])


def test_a_person_gets_up_and_the_script_goes_on():
    director = directed(people=["Arden"])
    director.advance(START + 2 * HOUR)
    assert list(director.awaited) == ["alarm"]
    with pytest.raises(UsageError, match="nobody waits for 'draft'"):
        director.play("draft")
    director.seat("Arden", person=False)
    director.advance(START + 2.5 * HOUR)
    assert "alarm" in director.ids
    assert not director.awaited
    director.seat("Brill")
    director.advance(START + 24 * HOUR)
    assert list(director.awaited) == ["into-an-account"]


def test_pledges_restate_and_carry_what_the_script_says():
    director = directed()
    director.advance(CLUB.end)
    pledges = [a.body for a in director.stage.acts() if isinstance(a.body, Pledge)]
    assert [(p.quantity, p.unit, p.obligation) for p in pledges] == [
        ("2", "boats", "relief-boats"),
        ("1", "boats", "relief-boats"),
    ]
    assert pledges[0].approvals[0].body == "Parish of Dorn"
    assert pledges[1].caveats == ("by day only",)


def test_a_text_that_failed_is_put_again_to_those_who_join():
    january = load("january-2026")
    director = directed(january, seed=january.seed)
    director.advance(january.end)
    acts = {act.id: act for act in director.stage.acts()}
    failed, opened = (director.ids[n] for n in ("land-forces", "land-forces-of-some"))
    assert isinstance(acts[opened].body.effect, OptIn)
    assert acts[opened].body.effect.after == failed
    assert acts[opened].body.effect.paragraphs == acts[failed].body.effect.paragraphs
    amended = acts[director.ids["first-sitting"]]
    assert amended.header.constitution != acts[failed].header.constitution


def test_nothing_hangs_on_the_order_of_a_set():
    """A set's order differs from process to process: none is gone through where it is played."""
    import ast

    for name in ("director", "crowd", "playing", "matching", "moves", "delivery", "node_stage"):
        path = Path(__file__).parents[3] / "src/comity/exercise" / f"{name}.py"
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.For | ast.comprehension):
                assert not isinstance(node.iter, ast.Set | ast.SetComp), (name, node.iter.lineno)
                told = ast.unparse(node.iter)
                assert not told.startswith(("set(", "frozenset(")), (name, told)
