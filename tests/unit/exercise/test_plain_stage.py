"""The plain stage says what real nodes say: the same acts, by the same ids, at the same times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest

from comity.core.bodies import Adopt, Alert, Amend, Propose, Receipt
from comity.core.constitution import COALITION
from comity.core.strict import spelled, write_base64
from comity.errors import UsageError
from comity.exercise.director import Director
from comity.exercise.leaving import depart
from comity.exercise.node_stage import NodeStage
from comity.exercise.plain_stage import PlainStage
from comity.scenarios import load

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
CHARTER = files("comity.scenarios").joinpath("club-of-seven", "charter.toml").read_bytes()
SEVEN = ("Arden", "Brill", "Corve", "Dorn", "Elsin", "Fenn", "Gale")
ALERT = Alert("No ferry", "The slip is closed.", "severe", status="exercise")


def hours(count):
    return timedelta(hours=count)


def proposal(stage, by, procedure, lasts, *, rule="nobody-against", effect=None):
    """Put something to decision at a table of seven, for some hours from now."""
    under = stage.under(by)
    expires = stage.now + hours(lasts)
    return stage.propose(
        by,
        COALITION if isinstance(effect, Amend) else "table",
        Propose(
            "That dues are held back",
            effect or Adopt(("Dues are held back.",)),
            under.charter_hash,
            rule,
            procedure,
            expires.date().isoformat(),
            under.charter.roster("table", expires.date()),
            spelled(expires),
        ),
    )


def an_hour_later(stage, lasts=1):
    stage.pass_time(stage.now + hours(lasts))


def plain_days(stage):
    """An alert, its receipts, a silence that an objection breaks, and a vote that all answer."""
    alert = stage.say("Arden", "table", ALERT)
    for member in SEVEN[1:]:
        an_hour_later(stage, 0.25)
        stage.say(member, "table", Receipt(alert.id, spelled(stage.now)))
    silent = proposal(stage, "Arden", "silence", 8)
    an_hour_later(stage)
    stage.answer("Dorn", silent.id, "yes")
    stage.answer("Corve", silent.id, "objection", (("explanation", "Too early."),))
    an_hour_later(stage, 12)
    vote = proposal(stage, "Corve", "vote", 10, rule="five-of-seven")
    for member in SEVEN:
        an_hour_later(stage)
        stage.answer(member, vote.id, "no" if member == "Dorn" else "yes")
    an_hour_later(stage, 5)
    return silent, vote


def slow_links(stage):
    """Two members are far away, one objects so late that too few hear of it in time."""
    stage.delay("Brill", 240)
    stage.delay("Gale", 90)
    silent = proposal(stage, "Arden", "silence", 10)
    an_hour_later(stage, 9)
    stage.answer("Brill", silent.id, "objection")
    stage.answer("Fenn", silent.id, "yes")
    an_hour_later(stage, 2)
    stage.delay("Gale", 0)
    an_hour_later(stage, 20)
    return (silent,)


def nodes_off(stage):
    """Two nodes are off while a silence ends; one comes back, and one stays away."""
    silent = proposal(stage, "Arden", "silence", 8)
    an_hour_later(stage)
    stage.cut_off("Gale")
    stage.cut_off("Fenn")
    with pytest.raises(UsageError, match="is off"):
        stage.answer("Gale", silent.id, "yes")
    stage.answer("Elsin", silent.id, "yes")
    an_hour_later(stage, 20)
    stage.cut_off("Gale", off=False)
    vote = proposal(stage, "Brill", "vote", 6, rule="five-of-seven")
    for member in ("Arden", "Brill", "Gale", "Dorn"):
        stage.answer(member, vote.id, "yes")
    an_hour_later(stage, 12)
    return silent, vote


def most_nodes_off(stage):
    """So many are off that whoever is left holds its silence back, until they are there again."""
    silent = proposal(stage, "Arden", "silence", 8)
    for member in SEVEN[1:5]:
        stage.cut_off(member)
    an_hour_later(stage, 12)
    between = stage.standing(silent.id).settlement.outcome
    for member in SEVEN[1:5]:
        stage.cut_off(member, off=False)
        an_hour_later(stage)
    assert between == "open"
    return (silent,)


def an_amendment(stage):
    """The charter is amended while a silence runs: it stays open, and all enter what follows."""
    running = proposal(stage, "Arden", "silence", 30)
    amended = CHARTER.replace(b"grace_hours = 1", b"grace_hours = 2")
    change = proposal(
        stage, "Brill", "vote", 10, rule="five-of-seven", effect=Amend(write_base64(amended))
    )
    for member in SEVEN[:6]:
        an_hour_later(stage)
        stage.answer(member, change.id, "yes")
    stage.answer("Gale", running.id, "yes")
    an_hour_later(stage, 8)
    after = proposal(stage, "Corve", "silence", 8)
    an_hour_later(stage, 30)
    assert after.header.constitution != running.header.constitution
    return running, change, after


def words_before_their_key(stage):
    """What is said comes before the key that it is sealed under: it waits, and is read later."""
    stage.delay("Arden", 240)
    stage.say("Arden", "table", ALERT)
    stage.delay("Arden", 0)
    silent = proposal(stage, "Arden", "silence", 20)
    assert not stage.has("Brill", silent.id)
    stage.say("Brill", "table", ALERT)
    an_hour_later(stage, 5)
    assert stage.has("Brill", silent.id)
    an_hour_later(stage, 20)
    return (silent,)


def lost_and_found(stage):
    """One is lost in silence while a vote runs, and comes back when the others have closed it."""
    stage.still("Fenn")
    vote = proposal(stage, "Brill", "vote", 5, rule="five-of-seven")
    for member in SEVEN[:5]:
        stage.answer(member, vote.id, "yes")
    an_hour_later(stage, 8)
    stage.still("Fenn", still=False)
    running = proposal(stage, "Brill", "silence", 30)
    depart(stage, ("Gale",), stage.now)
    an_hour_later(stage, 40)
    return vote, running


def a_forked_outcome(stage):
    """What comes next hangs on how the first proposal ended."""
    first, *_ = slow_links(stage)
    ended = stage.standing(first.id).settlement.outcome
    second = proposal(stage, "Dorn", "vote" if ended == "adopted" else "silence", 5)
    for member in SEVEN[2:]:
        stage.answer(member, second.id, "yes")
    stage.answer("Dorn", second.id, "withdraw")
    an_hour_later(stage, 10)
    return first, second


def one_lost_in_each_way(stage):
    """One has left, one is silent; the others decide without them."""
    depart(stage, ("Corve",), START)
    assert stage.readers("table") == {*SEVEN} - {"Corve"}
    assert len(stage.under("Arden").changes) == 1
    stage.still("Fenn")
    silent = proposal(stage, "Arden", "silence", 8)
    vote = proposal(stage, "Brill", "vote", 8, rule="five-of-seven")
    with pytest.raises(UsageError, match="is not at hand"):
        stage.answer("Corve", silent.id, "yes")
    for member in ("Arden", "Brill", "Dorn", "Elsin", "Gale"):
        stage.answer(member, vote.id, "yes")
    an_hour_later(stage, 20)
    return silent, vote


@pytest.mark.parametrize(
    ("script", "outcomes"),
    [
        pytest.param(plain_days, ("broken", "adopted"), id="a few days"),
        pytest.param(a_forked_outcome, ("adopted", "withdrawn"), id="slow links, and a fork"),
        pytest.param(nodes_off, ("adopted", "lapsed"), id="nodes that are off"),
        pytest.param(most_nodes_off, ("adopted",), id="most nodes off"),
        pytest.param(an_amendment, ("open", "adopted", "adopted"), id="an amendment"),
        pytest.param(words_before_their_key, ("adopted",), id="words before their key"),
        pytest.param(lost_and_found, ("adopted", "open"), id="lost and found"),
        pytest.param(one_lost_in_each_way, ("adopted", "adopted"), id="members lost"),
    ],
)
def test_it_says_what_real_nodes_say_act_for_act(tmp_path, script, outcomes):
    real = NodeStage(tmp_path / "nodes", CHARTER, START, seed=7)
    try:
        plain = PlainStage(CHARTER, START, seed=7)
        put, again = script(plain), script(real)
        assert [act.id for act in plain.acts()] == [act.id for act in real.acts()]
        assert plain.arrived() == real.arrived()
        assert plain.due() == real.due()
        for one, other in zip(put, again, strict=True):
            mine, theirs = plain.standing(one.id), real.standing(other.id)
            assert (mine.settlement, mine.count) == (theirs.settlement, theirs.count)
            assert plain.certificate(one.id) == real.certificate(other.id)
        assert tuple(plain.standing(one.id).settlement.outcome for one in put) == outcomes
        assert plain.under("Arden").id == real.under("Arden").id
        assert plain.readers("table") == real.readers("table")
    finally:
        real.close()


@pytest.mark.parametrize(
    "lost",
    [
        pytest.param((), id="nobody lost"),
        pytest.param((("Gale", "leaving"), ("Fenn", "silent")), id="one left, one silent"),
        pytest.param((("Dorn", "refusing"),), id="one refusing"),
    ],
)
def test_a_whole_scenario_leaves_the_same_rehearsal(tmp_path, lost):
    scenario = load("club-of-seven")
    real = NodeStage(tmp_path / "nodes", scenario.charter_text, scenario.start, seed=11)
    try:
        plain = PlainStage(scenario.charter_text, scenario.start, seed=11)
        ended = []
        for stage in (plain, real):
            director = Director(scenario, stage, 11, lost=lost)
            director.advance(scenario.end)
            ended.append(director.rehearsal())
        mine, theirs = ended
        assert mine.entries == theirs.entries
        assert [act.id for act in mine.acts] == [act.id for act in theirs.acts]
        assert (mine.arrived, mine.ids) == (theirs.arrived, theirs.ids)
        assert (mine.coalition, mine.until) == (theirs.coalition, theirs.until)
        assert mine.certificates == theirs.certificates
        assert mine.certificates or lost
    finally:
        real.close()


def test_what_cannot_be_said_is_told_in_the_words_of_a_node(tmp_path):
    real = NodeStage(tmp_path / "nodes", CHARTER, START, seed=7)
    try:
        mine = tuple(_refusals(PlainStage(CHARTER, START, seed=7)))
        theirs = tuple(_refusals(real))
    finally:
        real.close()
    assert mine == theirs
    assert len(set(mine)) == 11


def _refusals(stage):
    vote = proposal(stage, "Arden", "vote", 5, rule="five-of-seven")
    amended = [
        proposal(
            stage,
            "Brill",
            "vote",
            9,
            rule="five-of-seven",
            effect=Amend(write_base64(CHARTER + b"# " + word)),
        )
        for word in (b"one", b"other")
    ]
    stage.answer("Corve", amended[0].id, "yes")
    for member in SEVEN:
        stage.answer(member, vote.id, "no")
    attempts = (
        lambda: stage.answer("Corve", amended[1].id, "yes"),
        lambda: stage.answer("Arden", vote.id, "yes"),
        lambda: stage.answer("Corve", vote.id, "withdraw"),
        lambda: stage.answer("Harbour", amended[0].id, "yes"),
        lambda: stage.answer("Arden", "0" * 64, "yes"),
        lambda: stage.say("Harbour", "table", ALERT),
        lambda: stage.say("Nobody", "table", ALERT),
        lambda: stage.pinned("0" * 64),
        lambda: stage.certificate("0" * 64),
        lambda: proposal(stage, "Arden", "vote", 5, rule="tea"),
        lambda: stage.pass_time(START - hours(1)),
        lambda: stage.cut_off("Nobody"),
    )
    for attempt in attempts:
        try:
            found = attempt()
        except UsageError as wrong:
            yield (wrong.what, wrong.hint)
        else:
            if isinstance(found, str):
                yield (found, "")
