"""What an outsider is sent does not depend on what happens inside, byte for byte (invariant 10)."""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from unittest import mock

import pytest

from comity.core.bodies import Alert, Suspend
from comity.core.constitution import COALITION
from tests.conformance import plain_hpke
from tests.simulation.stage import Stage


class Constant:
    """Chance that is always the same: then bytes differ only where meaning does."""

    @staticmethod
    def token_bytes(size):
        return bytes([7]) * size


@pytest.fixture
def without_chance():
    def seal_to(public, plaintext, info):
        return plain_hpke.seal(bytes([7]) * 32, public, plaintext, info)

    with (
        mock.patch("comity.node.boxes.secrets", Constant),
        mock.patch("comity.node.boxes.seal_to", seal_to),
    ):
        yield


def carry(stage, told, letters):
    """Carry letters and all they lead to; note what outsiders are sent."""
    waiting = deque(letters)
    while waiting:
        sender, letter = waiting.popleft()
        told[letter.peer].append((sender, letter.data))
        answers = stage[letter.peer].receive(sender, letter.data)
        waiting.extend((letter.peer, more) for more in answers)


def life(root, *, busy):
    """Let a league live for an hour, with or without things happening inside."""
    stage = Stage(root)
    told = {member: [] for member in stage.nodes}
    for node in stage.nodes.values():
        node.chance = Constant.token_bytes
    change = None
    for k in range(30):
        stage.now += timedelta(minutes=2)
        if k == 4:
            effect = Suspend("Dorn", stage.now.date().isoformat())
            change = stage.propose(
                "Arden", COALITION, effect=effect, rule="change", procedure="vote", deliver=False
            )
        if k == 6:
            for member in stage.members:
                stage[member].answer(change.id, "yes" if member != "Dorn" else "no")
        if k in (8, 9, 10, 11):
            for member in stage.members:
                if change.id in stage[member].record.knows([change.id]) and not any(
                    act.member == member
                    for act in stage[member].record.about(change.id, kind="closing")
                ):
                    stage[member].close_proposal(change.id)
        if k % 3 == 0:
            stage["Brill"].say(COALITION, Alert(f"News {k}", "Hear.", "minor"))
        if busy:
            alert = stage["Corve"].say("watch", Alert(f"Ice {k}", "Slow.", "severe"))
            if k == 2:
                inside = stage.propose("Arden", "watch", procedure="watched", deliver=False)
                stage["Arden"].answer(inside.id, "yes")
            if k > 14:  # by now Dorn does not read the council any more
                assert "Dorn" not in stage["Arden"].readers()["council"]
                stage["Arden"].say("council", Alert(f"Secret {k}", alert.id, "severe"))
        for member, node in stage.nodes.items():
            letters = [(member, letter) for letter in node.letters()]
            if k % 5 == 0:
                letters += [(member, letter) for letter in node.beacons()]
            carry(stage, told, letters)  # at once: what is inside comes before others are due
    held = {m: [(a.id, a.header.organ) for a in n.record.acts()] for m, n in stage.nodes.items()}
    stage.close()
    return told, held


def test_outsiders_are_sent_the_same_bytes_whatever_happens_inside(tmp_path, without_chance):
    quiet, held_quietly = life(tmp_path / "quiet", busy=False)
    busy, held_busily = life(tmp_path / "busy", busy=True)
    for outsider in ("Dorn", "Harbour"):
        assert len(quiet[outsider]) > 100
        assert quiet[outsider] == busy[outsider]  # and in the same order
        assert held_quietly[outsider] == held_busily[outsider]
        assert not [organ for _, organ in held_busily[outsider] if organ == "watch"]
    assert len(busy["Brill"]) > len(quiet["Brill"]) + 30
