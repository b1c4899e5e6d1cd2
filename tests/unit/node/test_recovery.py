"""Signing again by files: who may be an old copy believes what was said after it noticed."""

from __future__ import annotations

import pytest

from comity.core.bodies import Alert
from comity.core.strict import spelled
from comity.errors import UsageError
from comity.node.bundle import export, take_in
from comity.node.node import Node
from comity.node.recovery import confirm
from tests.simulation.stage import PASSPHRASE, Stage

ALERT = Alert("Ice", "The road is closed.", "severe")
OTHERS = ("Arden", "Corve", "Dorn")


@pytest.fixture
def stage(tmp_path):
    made = Stage(tmp_path / "league")
    yield made
    made.close()


def bundles(stage):
    return [data for other in OTHERS for data in export(stage[other], "Brill")]


def carry(node, files):
    """Take bundles in; tell after each whether the node signs again."""
    return [confirm(node, take_in(node, data)[0]) for data in files]


def hold(stage):
    record = stage["Brill"].record
    record.hold_back("restored")
    record.note_held(spelled(stage.now))
    stage["Brill"].confirmed = {}  # it knows of no others but by files


def test_a_carrier_that_hands_old_bundles_over_again_lets_nobody_sign(stage):
    """They show no act that came after them, and a second one in its place is double-signing."""
    old = bundles(stage)
    carry(stage["Brill"], old)
    stage.wait(minutes=1)
    hold(stage)
    assert carry(stage["Brill"], [*old, *old]) == [False] * 6
    with pytest.raises(UsageError, match="does not sign yet"):
        stage["Brill"].say("council", ALERT)
    stage.wait(minutes=1)
    assert carry(stage["Brill"], bundles(stage))[-1]
    assert stage["Brill"].say("council", ALERT)


def test_what_was_said_the_last_time_a_copy_was_put_back_confirms_nothing_now(stage):
    hold(stage)
    assert carry(stage["Brill"], bundles(stage)[:1]) == [False]
    stage.wait(minutes=1)
    hold(stage)
    later = bundles(stage)
    assert carry(stage["Brill"], later[1:2]) == [False]
    assert carry(stage["Brill"], later[:1]) == [True]  # two of four may be missed: n is 1


def test_a_node_notices_when_it_is_opened_and_forgets_once_it_signs(stage):
    record = stage["Brill"].record
    stage.write_keys("Brill")
    assert record.held_since is None
    record.hold_back("restored")
    record.close()
    stage.wait(minutes=5)
    node = Node.open(stage.root / "brill", PASSPHRASE, now=stage.clock)
    stage.nodes["Brill"] = stage.hall.nodes["Brill"] = node
    noticed = spelled(stage.now)
    assert node.record.held_since == noticed
    stage.wait(minutes=5)
    node.record.note_held(spelled(stage.now))
    assert node.record.held_since == noticed
    assert carry(node, bundles(stage))[-1]
    assert node.record.held_since is None
