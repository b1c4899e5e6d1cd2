"""Adequacy: 35 members, 12 lines, a million draws; and the exact answers beside it."""

import time
from collections.abc import Callable

import numpy as np

from comity.systems.adequacy import adequacy
from comity.systems.convolution import CommonCause, Contributor
from comity.systems.credit import capability_credits

MEMBERS, LINES, DRAWS = 35, 12, 1_000_000


def body() -> tuple[list[Contributor], list[int]]:
    """Members with whole amounts on every line and chances from 50 to 99 %, seed 1."""
    rng = np.random.default_rng(1)
    members = [
        Contributor.of(
            f"member {i}",
            [int(a) for a in rng.integers(0, 5_000, LINES)],
            chance=round(float(rng.uniform(0.5, 0.99)), 2),
        )
        for i in range(MEMBERS)
    ]
    return members, [int(0.7 * sum(m.most(k) for m in members)) for k in range(LINES)]


def best(work: Callable[[], object]) -> float:
    """Return the best of five runs, in seconds."""
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def run(cap: float) -> None:
    """Print one table. No Python peer samples lines jointly, so none stands beside it."""
    del cap
    members, needs = body()
    causes = [CommonCause("one", 0.05, ("member 1", "member 2", "member 3"))]
    rows = {
        f"sampled, {LINES} lines jointly, {DRAWS:,} draws": lambda: adequacy(
            members, needs, method="sampling", draws=DRAWS
        ),
        "the same with a common cause": lambda: adequacy(
            members, needs, causes=causes, method="sampling", draws=DRAWS
        ),
        f"exact, {LINES} lines one by one, and 2 draws": lambda: adequacy(members, needs, draws=2),
        "capability credits of all, one line": lambda: capability_credits(members, needs[0]),
    }
    print(f"Adequacy of {MEMBERS} members: the best of five runs.\n")
    for name, work in rows.items():
        print(f"  {name:52} {best(work):7.3f} s", flush=True)
