"""Three hundred runs, each from a seed; `COMITY_RUNS` asks for more."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

import pytest

from tests.simulation.runs import play

RUNS = int(os.environ.get("COMITY_RUNS", "300"))
PARTS = 10
LEAST = {
    "proposal adopt": 40,
    "outcome adopted": 6,
    "outcome lapsed": 5,
    "seen in doubt": 1,
    "certificate": 50,
    "certificate proven": 10,
    "consent by silence": 30,
    "closed alike": 20,
    "equal records": 200,
    "constitutions": 2,
    "crash": 50,
    "restore": 5,
    "lets itself sign again": 3,
    "partition": 10,
    "attack": 4,
    "act enter": 10,
    "act key": 5,
    "bundle": 5,
    "network lost": 500,
    "network late": 1_000,
    "network twice": 300,
    "network replayed": 20,
}
"""What at least has happened in 30 runs: a simulator that does nothing finds nothing."""


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happens_no_promise_of_the_record_is_broken(part):
    count: Counter[str] = Counter()
    seeds = range(part * RUNS // PARTS, (part + 1) * RUNS // PARTS)
    for seed in seeds:
        report = play(seed)
        assert not report.wrong, f"python -m tests.simulation --seed {seed}: {report.wrong}"
        count.update(report.count)
    count["attack"] = sum(number for what, number in count.items() if what.startswith("attack "))
    if len(seeds) >= 30:
        assert not {what: count[what] for what in LEAST if count[what] < LEAST[what]}


def test_one_seed_is_one_run_byte_for_byte_in_any_process():
    told = set()
    for hash_seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "tests.simulation", "--seed", "3"],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
            text=True,
        )
        told.add(done.stdout)
    assert len(told) == 1
    assert "all held" in told.pop()
