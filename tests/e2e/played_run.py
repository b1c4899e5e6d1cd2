"""A program that plays a run until it is killed: the victim in `test_exercise.py`.

It signs for the person at Brill, says on its output what was acknowledged, and
goes on playing.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import timedelta
from pathlib import Path

from comity.core.bodies import Alert
from comity.exercise.run import Run
from comity.scenarios import load


def play(folder: Path) -> None:
    """Play and sign for ever, a minute of the exercise after another."""
    scenario = load("club-of-seven")
    run = Run.begin(folder, scenario, people=("Brill",))
    run.fast(scenario.start + timedelta(hours=7))
    run.play("into-an-account")
    for number in range(10_000):
        act = run.stage.nodes["Brill"].say(
            "table", Alert(f"Tide {number}", "It rises.", "minor", status="exercise")
        )
        run.stage.hall.deliver()
        print(json.dumps({"id": act.id, "at": act.header.instant}), flush=True)
        run.fast(run.now + timedelta(minutes=7))
        time.sleep(0.01)


if __name__ == "__main__":
    play(Path(sys.argv[1]))
