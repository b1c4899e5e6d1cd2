"""Tasks are scored by signed acts, and by certificates that are proven, and by nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from comity.core.strict import write_json
from comity.exercise.rehearsal import Entry
from comity.exercise.scenario import Check, Task
from comity.exercise.scoring import Score, score
from tests.unit.exercise.played import harbour


def scored(name: str, **changed) -> Score:
    run = replace(harbour(), **changed)
    return next(one for one in score(run) if one.task.id == name)


def checked(check: Check, **changed) -> Score:
    run = harbour()
    told = replace(run.scenario, tasks=(Task("t", "T", check),))
    return score(replace(run, scenario=told, **changed))[0]


@pytest.mark.parametrize(
    ("task", "standing", "why"),
    [
        pytest.param("four-confirm", "not done", "5 min too late", id="receipts come late"),
        pytest.param("six-confirm", "not done", "5 of 6 confirmed it", id="a receipt is missing"),
        pytest.param("quick-text", "not done", "45 min too late", id="a text comes late"),
        pytest.param("brill-opens", "not done", "by Brill", id="another opened the text"),
        pytest.param("clean", "done", "no bracket is open", id="the one bracket was let go"),
        pytest.param("fees-clean", "not done", "open: Elsin", id="a bracket is open"),
        pytest.param("five-answer", "done", "6 answered", id="a no is an answer too"),
        pytest.param("adopted", "not done", "broken", id="the silence was broken"),
        pytest.param("not-adopted", "done", "broken", id="broken is not adopted"),
        pytest.param("three-join", "done", "Dorn last", id="all who are named joined"),
        pytest.param("certified", "done", "adopted", id="the certificate is proven"),
        pytest.param("three-boats", "done", "3 of 3 boats", id="what is pending is pledged"),
        pytest.param("four-boats", "not done", "3 of 4 boats", id="one boat is short"),
        pytest.param("woken", "done", "cannot sail", id="the obligation was woken"),
        pytest.param("after-fenn", "not known", "did not take place", id="never set"),
    ],
)
def test_a_task_is_done_not_done_or_not_known(task, standing, why):
    found = scored(task)
    assert (found.standing, found.points) == (
        standing,
        found.task.points if standing == "done" else 0,
    )
    assert why in found.why


def test_every_act_that_shows_a_task_is_in_the_record_and_says_when():
    run = harbour()
    acts = {act.id: act for act in run.acts}
    for one in score(run):
        assert set(one.acts) <= set(acts)
        if one.standing == "done":
            assert one.at is not None
            assert one.at in {
                datetime.fromisoformat(acts[i].header.instant) for i in one.acts
            } or one.task.check.kind in ("certified",)


def test_the_instants_are_those_of_the_acts():
    assert scored("clean").at == datetime(2026, 3, 2, 13, tzinfo=UTC)
    assert scored("four-confirm").at == datetime(2026, 3, 2, 9, 50, tzinfo=UTC)
    assert scored("four-confirm").limit == datetime(2026, 3, 2, 9, 45, tzinfo=UTC)
    assert scored("not-adopted").at == datetime(2026, 3, 3, 14, 30, tzinfo=UTC)
    assert scored("three-boats").at == datetime(2026, 3, 4, 18, tzinfo=UTC)


def test_an_outcome_is_settled_by_the_first_act_after_which_nothing_can_change_it():
    run = harbour()
    found = scored("not-adopted")
    standing = run.standings[run.ids["position"]]
    assert found.acts[0] == run.ids["position"]
    assert found.acts[1] in {act.id for act in standing.closings}


def without_a_closing(data: bytes, keep: int) -> bytes:
    told = json.loads(data)
    told["decided"]["closings"] = told["decided"]["closings"][:keep]
    return write_json(told)


def with_anothers_signature(data: bytes) -> bytes:
    told = json.loads(data)
    one, other = told["decided"]["stances"][:2]
    signatures = [act["envelope"]["signatures"] for act in (one, other)]
    one["envelope"]["signatures"], other["envelope"]["signatures"] = reversed(signatures)
    return write_json(told)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        pytest.param(lambda data: data[:-40], "refused", id="a torn file"),
        pytest.param(lambda data: b"", "refused", id="an empty file"),
        pytest.param(with_anothers_signature, "refused", id="signatures exchanged"),
        pytest.param(
            lambda data: without_a_closing(data, 1), "proves no outcome", id="too few closings"
        ),
    ],
)
def test_a_certificate_counts_only_if_it_is_proven(spoil, why):
    wake = harbour().ids["wake"]
    data = harbour().certificates[wake]
    found = scored("certified", certificates={wake: spoil(data)})
    assert found.standing == "not done"
    assert why in found.why
    assert found.certificate == ""
    assert scored("woken", certificates={wake: spoil(data)}).certificate == ""
    assert scored("woken").certificate == wake


def test_a_certificate_of_another_founding_proves_nothing_here():
    found = scored("certified", coalition="0" * 64)
    assert found.standing == "not done"
    assert "refused" in found.why


def test_a_certificate_of_what_is_open_is_sound_and_proves_nothing():
    early = harbour(datetime(2026, 3, 3, 18, 30, tzinfo=UTC))
    found = next(one for one in score(early) if one.task.id == "certified")
    assert found.standing == "not known"
    assert "proves no outcome" in found.why


def test_what_the_rehearsal_stopped_before_is_not_known():
    early = harbour(datetime(2026, 3, 3, 18, 30, tzinfo=UTC))
    told = {one.task.id: one for one in score(early)}
    assert told["woken"].standing == "not known"
    assert "stopped at 2026-03-03 18:30 UTC" in told["woken"].why
    assert told["four-confirm"].standing == "not done"


def test_a_move_that_was_not_made_is_no_reason_to_fail_without_saying_so():
    ids = {name: act for name, act in harbour().ids.items() if name != "draft"}
    lost = Entry(harbour().until, "not made", "draft", "Arden", words=("Arden is silent",))
    found = scored("clean", ids=ids, entries=(*harbour().entries, lost))
    assert found.standing == "not done"
    assert found.why == "'To the Harbour Company' was not made: Arden is silent"


def test_the_first_of_several_that_are_asked_for_is_not_enough():
    some = Check("joined", "statement", who=("Arden", "Gale"))
    assert checked(some).why == "not joined it: Gale"
    assert checked(Check("joined", "statement", count=4)).standing == "not done"
    assert checked(Check("joined", "statement", count=3)).standing == "done"


def test_a_text_from_before_the_shock_does_not_count_as_the_answer_to_it():
    late = Task("t", "T", Check("opened"), since="dues-settled", within=60)
    run = harbour()
    found = score(replace(run, scenario=replace(run.scenario, tasks=(late,))))[0]
    assert found.standing == "done"
    assert found.acts == (run.ids["fees"],)
