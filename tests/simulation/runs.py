"""Running seeds, one after the other."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tests.simulation.checks import BrokenError, check
from tests.simulation.league import owned_chance
from tests.simulation.world import World


@dataclass(frozen=True)
class Report:
    """How a run went; `wrong` is empty if all held."""

    seed: int
    history: tuple[str, ...]
    count: Counter[str]
    wrong: str

    @property
    def fingerprint(self) -> str:
        """Tell whether two runs were the same."""
        return sha256("\n".join(self.history).encode()).hexdigest()


def play(seed: int) -> Report:
    """Play one run to its end, and look at what all nodes have."""
    shelf = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=shelf, prefix="comity-run-") as root, owned_chance(seed):
        world = World(seed, Path(root))
        wrong = ""
        try:
            world.run()
            check(world)
        except BrokenError as broken:
            wrong = str(broken)
        finally:
            world.close()
    for name, (outcome, where) in sorted(world.outcomes.items()):
        world.say(f"{name[:8]} is {outcome}, first seen by {where}")
    world.count.update({f"network {what}": n for what, n in world.network.count.items()})
    return Report(seed, tuple(world.history), world.count, wrong)
