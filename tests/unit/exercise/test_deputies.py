"""Who makes a move in another's place: whoever holds the pen is no cornerstone by that alone."""

from __future__ import annotations

import pytest

from comity import scenarios
from comity.exercise.director import Director
from comity.exercise.plain_stage import PlainStage
from comity.exercise.reading import examine
from comity.exercise.rehearsal import Entry
from comity.exercise.scenario import LossKind, Scenario

FILE, BESIDE = scenarios.text("club-of-seven")


def _with(deputies: str, move: str = "alarm") -> str:
    kind = {"alarm": "alert", "dues": "bracket", "into-an-account": "offer"}[move]
    text = FILE.decode()
    at = text.index(f'id = "{move}"')
    place = text.index(f'kind = "{kind}"', at)
    return f"{text[:place]}deputies = {deputies}\n{text[place:]}"


def _read(text: str) -> Scenario:
    scenario, faults = examine(text, BESIDE)
    assert scenario is not None, faults
    return scenario


def _alarm(scenario: Scenario, *lost: tuple[str, LossKind], people: tuple[str, ...] = ()) -> Entry:
    stage = PlainStage(scenario.charter_text, scenario.start, seed=7)
    director = Director(scenario, stage, 7, people=people, lost=lost)
    director.advance(scenario.start.replace(hour=9))
    stage.close()
    return next(entry for entry in director.entries if entry.id == "alarm")


@pytest.mark.parametrize(
    ("lost", "by"),
    [
        pytest.param((), "Arden", id="nobody is lost: the move is its own"),
        pytest.param((("Arden", "silent"),), "Brill", id="the first deputy"),
        pytest.param((("Arden", "leaving"),), "Brill", id="also of whoever has left"),
        pytest.param(
            (("Arden", "refusing"), ("Brill", "silent")),
            "Corve",
            id="the next, if that is lost too",
        ),
    ],
)
def test_the_first_who_can_takes_the_place(lost, by):
    entry = _alarm(_read(_with('["Brill", "Corve"]')), *lost)
    assert (entry.kind, entry.who) == ("move", by)


def test_without_anybody_who_can_it_is_not_made():
    entry = _alarm(_read(_with('["Brill"]')), ("Arden", "silent"), ("Brill", "silent"))
    assert entry.kind == "not made"
    assert "Arden" in entry.words[0]


def test_a_person_is_nobodys_deputy():
    scenario = _read(_with('["Brill", "Corve"]'))
    assert _alarm(scenario, ("Arden", "silent"), people=("Brill",)).who == "Corve"


@pytest.mark.parametrize(
    ("deputies", "move", "what"),
    [
        pytest.param('["Arden"]', "alarm", "Arden makes the move anyway", id="of itself"),
        pytest.param('["Harbour"]', "alarm", "'Harbour'", id="who is no member"),
        pytest.param('["Corve"]', "into-an-account", "Corve put 'dues' itself", id="its author"),
        pytest.param('["Brill"]', "dues", "does not use deputies", id="of a wish of its own"),
    ],
)
def test_a_deputy_who_cannot_be_one_is_told(deputies, move, what):
    scenario, faults = examine(_with(deputies, move), BESIDE)
    assert scenario is None
    (fault,) = faults
    assert what in fault.what
