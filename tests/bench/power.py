"""Voting power: Banzhaf and Shapley-Shubik of all players, against three Python packages."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from math import fsum

from comity.systems.game import AllOf, AnyOf, Game, Rule, Threshold, at_least, vetoes
from comity.systems.power import Power, power
from tests.bench.bodies import ELECTORS, EU, VETOES, WILLING, random_weights

PEERS = ("powerindices", "powerindex", "tucoopy")


@dataclass(frozen=True)
class Task:
    """A body, and what of it a peer can be asked: one weight vector and a head count at most."""

    name: str
    ours: Game
    same: Game  # the game that the peers are asked for
    weights: tuple[int, ...]
    quota: int
    heads: int
    note: str = ""


def game(rule: Rule, n: int) -> Game:
    return Game(tuple(f"member {i}" for i in range(n)), rule)


def share(percent: int, weights: tuple[int, ...]) -> int:
    return -(-percent * sum(weights) // 100)


def tasks() -> list[Task]:
    people = tuple(EU.values())
    thousands = tuple(round(p / 1000) for p in people)
    both = AllOf((at_least(27, 15), Threshold(people, share(65, people))))
    rough = AllOf((at_least(27, 15), Threshold(thousands, share(65, thousands))))
    found = [
        Task(
            "EU, 27: 15 members and 65 %, or at most 3 against",
            game(AnyOf((both, at_least(27, 24))), 27),
            game(rough, 27),
            thousands,
            share(65, thousands),
            15,
            "peers: in thousands, without 'or at most 3 against'",
        )
    ]
    people = tuple(WILLING.values())
    seats = [i for i, name in enumerate(WILLING) if name in VETOES]
    rule = AllOf((at_least(35, 18), Threshold(people, share(65, people)), vetoes(35, seats)))
    thousands = tuple(round(p / 1000) for p in people)
    # A veto, for who knows weights only: each vetoer weighs more than all others together.
    more = sum(thousands) + 1
    heavy = tuple(w + more * (i in seats) for i, w in enumerate(thousands))
    quota = share(65, thousands) + more * len(seats)
    found.append(
        Task(
            "35: 18 members and 65 %, two vetoes",
            game(rule, 35),
            game(AllOf((at_least(35, 18), Threshold(heavy, quota))), 35),
            heavy,
            quota,
            18,
            "peers: in thousands, vetoes as weights",
        )
    )
    for name, weights, quota in (
        ("US electoral college, 51", ELECTORS, 270),
        *(
            (f"{n} random weights", random_weights(n), sum(random_weights(n)) // 2 + 1)
            for n in (100, 500)
        ),
    ):
        one = game(Threshold(weights, quota), len(weights))
        found.append(Task(name, one, one, weights, quota, 0))
    return found


def ask(peer: str, index: str, task: Task, true: Power, cap: float) -> tuple[float | None, str]:
    """Return a peer's seconds if its answer is right, and what to print."""
    if task.heads and peer != "powerindices":
        return None, "cannot"
    body = {"weights": task.weights, "quota": task.quota, "heads": task.heads}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench._peer"],
            input=json.dumps({"peer": peer, "index": index, **body}),
            capture_output=True,
            text=True,
            timeout=cap,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None, f"> {cap:g} s"
    if not done.stdout:
        return None, "died: " + (done.stderr.strip().splitlines() or ["?"])[-1][:40]
    answer = json.loads(done.stdout)
    if "failed" in answer:
        return None, answer["failed"]
    values, expected = answer["values"], true.shapley_shubik
    if index == "bz":
        total = fsum(values)
        values = [v / total for v in values] if total else values
        expected = true.banzhaf_normalised
    off = max(abs(a - b) for a, b in zip(values, expected, strict=True))
    if not off < 1e-6:
        return None, f"wrong (off by {off:.1e})"
    return answer["seconds"], f"{answer['seconds']:.3f} s"


def run(cap: float) -> None:
    """Print one table; `cap` is in seconds, for each peer and index."""
    print("Voting power of all players: the best of three runs, of one if it takes over 2 s.")
    print(f"bz Banzhaf, ss Shapley-Shubik; comity gives both at once; cap {cap:g} s a peer.\n")
    print(f"{'':12}  {'':3} {'time':>24}  {'against comity':>14}")
    for task in tasks():
        seconds: list[float] = []
        while not seconds or (len(seconds) < 3 and sum(seconds) < 2.0):
            started = time.perf_counter()
            found = power(task.ours)
            seconds.append(time.perf_counter() - started)
        ours = min(seconds)
        true = found if task.same == task.ours else power(task.same)
        print(f"\n{task.name}")
        print(f"{'comity':12}  {'b+s':3} {f'{ours:.3f} s':>24}  {found.method}")
        for peer in PEERS:
            for index in ("bz", "ss"):
                seconds, words = ask(peer, index, task, true, cap)
                ratio = f"{seconds / ours:.1f} times" if seconds is not None else ""
                print(f"{peer:12}  {index:3} {words:>24}  {ratio:>14}".rstrip(), flush=True)
        if task.note:
            print(f"  ({task.note})")
