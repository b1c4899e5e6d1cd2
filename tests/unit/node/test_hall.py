"""A hall: nodes of one process, each in its own folder."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from comity.core.bodies import Alert, Leave
from comity.core.constitution import COALITION
from comity.errors import UsageError
from comity.node.files import StoreError
from comity.node.hall import Hall, found_all
from comity.node.keys import LEAST
from comity.node.node import travelling
from tests.simulation.league import charter_text
from tests.simulation.stage import PASSPHRASE, Stage

ALERT = Alert("Ice", "The road is closed.", "severe")
START = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.fixture
def stage(tmp_path):
    made = Stage(tmp_path / "league")
    yield made
    made.close()


def test_a_coalition_is_founded_whole_and_opened_again(tmp_path):
    told = []
    founding = found_all(
        tmp_path / "hall",
        charter_text(3, 1, 0),
        PASSPHRASE,
        cost=LEAST,
        now=lambda: START,
        progress=lambda done, of: told.append((done, of)),
    )
    assert told[-1] == (8, 8)
    with Hall.open(tmp_path / "hall", PASSPHRASE, now=lambda: START) as hall:
        assert set(hall.nodes) == {"Arden", "Brill", "Corve", "Harbour"}
        assert {node.coalition for node in hall.nodes.values()} == {founding.id}
        act = hall.nodes["Arden"].say("council", ALERT)
        assert hall.deliver() == 2  # the epoch, and what is sealed under it
        assert hall.nodes["Corve"].record.get(act.id).body == ALERT
    with Hall.open(tmp_path / "hall", PASSPHRASE, now=lambda: START) as hall:
        assert hall.nodes["Brill"].record.get(act.id).body == ALERT


def test_with_another_passphrase_no_node_stays_open(tmp_path):
    found_all(tmp_path / "hall", charter_text(3, 1, 0), PASSPHRASE, cost=LEAST)
    for _ in range(2):  # had one stayed open, its lock would be held
        with pytest.raises(StoreError, match="passphrase"):
            Hall.open(tmp_path / "hall", b"another")


def test_an_empty_folder_is_no_hall(tmp_path):
    with pytest.raises(UsageError, match="there are no nodes"):
        Hall.open(tmp_path, PASSPHRASE)


def test_what_is_said_comes_to_all_who_read_it_and_to_nobody_else(stage):
    stage["Arden"].say("watch", ALERT)
    stage["Arden"].say(COALITION, ALERT)
    stage.hall.deliver()
    counts = {m: node.record.count(organ="watch") for m, node in stage.nodes.items()}
    assert counts == {"Arden": 2, "Brill": 2, "Corve": 2, "Dorn": 0, "Harbour": 0}
    assert {node.record.count(organ=COALITION) for node in stage.nodes.values()} == {1}
    assert stage.hall.deliver() == 0


def test_a_notice_for_today_reaches_those_it_leaves(stage):
    stage["Dorn"].say(COALITION, Leave("2026-03-01"))
    assert COALITION not in stage["Dorn"].readers()
    stage.hall.deliver()
    stage.hall.tick()
    assert {len(stage[m].under.changes) for m in ("Arden", "Brill", "Corve")} == {1}
    assert "Dorn" not in stage["Arden"].readers()[COALITION]


def test_a_notice_for_today_is_sent_to_peers_as_well(stage):
    stage["Dorn"].say(COALITION, Leave("2026-03-01"))
    sent = {letter.peer for letter in stage["Dorn"].letters()}
    assert sent == {"Arden", "Brill", "Corve", "Harbour"}


def test_records_that_a_crash_left_unequal_are_made_equal(stage):
    stage["Arden"].say("council", ALERT)
    stage["Arden"].hand_over()  # and the process dies before it is delivered
    assert stage["Brill"].record.count() == 0
    assert stage.hall.reconcile() == 2 * 3
    assert {stage[m].record.count(organ="council") for m in stage.members} == {2}
    assert stage["Harbour"].record.count() == 0
    assert stage.hall.reconcile() == 0


def test_a_gap_that_no_end_shows_is_mended_too(stage):
    stage["Brill"].say("council", ALERT)
    stage.hall.deliver()
    acts = [stage["Arden"].say("council", ALERT) for _ in range(2)]
    forms = [travelling(act).form() for act in stage["Arden"].hand_over()]
    for member in ("Brill", "Corve", "Dorn"):
        stage[member].take(forms if member == "Brill" else forms[1:])
    assert stage["Dorn"].record.heads() == stage["Arden"].record.heads()
    stage.hall.reconcile()
    assert stage["Dorn"].record.get(acts[0].id).body == ALERT
    assert stage["Dorn"].record.gaps() == ()


def test_beacons_show_who_has_heard_an_answer(stage):
    proposal = stage.propose()
    stance = stage["Dorn"].answer(proposal.id, "objection")
    stage.whisper("Dorn", "Brill")
    stage.hall.beacons()
    assert stage["Dorn"].seen.heard_by("council", stance.id) == {"Dorn", "Brill"}
    assert not list(stage["Harbour"].seen.of("council"))


def test_no_beacons_are_lit_where_nothing_is_open(stage):
    stage["Arden"].say("council", ALERT)
    stage.hall.deliver()
    assert stage.hall.beacons() == 0


def test_a_tick_says_how_many_acts_it_took(stage):
    stage.propose()
    assert stage.hall.tick() == 0
    stage.wait(hours=25)
    stage.hall.deliver()
    assert stage.hall.tick() == 4
    assert stage.hall.tick() == 0
