"""Sharing a burden: the nucleolus with its certificate, and Shapley's value, against tucoopy."""

import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from comity.systems import scaling
from comity.systems.allocation import SharingGame, shapley
from comity.systems.nucleolus import nucleolus

ROOM = 6 * 2**30
BAR = 2.0  # seconds for the nucleolus of fifteen players


@dataclass(frozen=True)
class Task:
    """A game by coalition, in the order that both sides use: player i is bit i."""

    name: str
    game: SharingGame
    rational: bool = True


def scale(n: int) -> Task:
    """Costs of summed weights to the power 0.8, in millionths."""
    weights = [round(1000 * 1.3**i) for i in range(n)]
    total = sum(weights)
    game = SharingGame.of(
        [str(i) for i in range(n)],
        lambda who: round(1e6 * (sum(weights[int(p)] for p in who) / total) ** 0.8),
        is_cost=True,
    )
    return Task(f"{n} players, costs of summed weight", game)


def scattered(n: int, seed: int) -> Task:
    """Random worths, which no structure helps with."""
    draw = random.Random(seed)
    worth = [0, *(draw.randint(1, 100) * place.bit_count() for place in range(1, 1 << n))]
    worth[-1] = 200 * n
    game = SharingGame(tuple(map(str, range(n))), tuple(map(Fraction, worth)))
    return Task(f"{n} players, random worths, seed {seed}", game, rational=False)


def council() -> Task:
    """Fifteen seats, nine votes, five vetoes: thousands of coalitions alike."""
    names = [*(f"permanent {i}" for i in range(5)), *(f"elected {i}" for i in range(10))]
    permanent = set(names[:5])
    game = SharingGame.of(names, lambda who: int(len(who) >= 9 and permanent <= who))
    return Task("15 players, UN Security Council", game)


def best(run: Callable[[], object]) -> tuple[float, object]:
    """Return the best of three runs, of one if it takes over a second, and the answer."""
    seconds: list[float] = []
    answer: object = None
    while not seconds or (len(seconds) < 3 and sum(seconds) < 1.0):
        started = time.perf_counter()
        answer = run()
        seconds.append(time.perf_counter() - started)
    return min(seconds), answer


def ask(what: str, task: Task, true: tuple[Fraction, ...], cap: float) -> str:
    """Return what to print of tucoopy: its seconds if it is right."""
    sign = -1 if task.game.is_cost else 1
    body = {
        "what": what,
        "n": len(task.game.players),
        "worth": [float(sign * w) for w in task.game.worth],
        "rational": task.rational,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.burden"],
            input=json.dumps(body),
            capture_output=True,
            text=True,
            timeout=cap,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"> {cap:g} s"
    if not done.stdout:
        return "died: " + (done.stderr.strip().splitlines() or ["?"])[-1][:60]
    answer = json.loads(done.stdout)
    if "failed" in answer:
        return str(answer["failed"])
    off = max(abs(sign * a - float(b)) for a, b in zip(answer["shares"], true, strict=True))
    if off > 1e-6 * max(1.0, abs(float(task.game.whole))):
        return f"{answer['seconds']:.3f} s, wrong (off by {off:.1e})"
    return f"{answer['seconds']:.3f} s"


def run(cap: float) -> None:
    """Print one table; `cap` is in seconds, for each task of the peer."""
    print("Sharing: the best of three runs, of one if it takes over 1 s.")
    print(f"comity is exact and checks Kohlberg's criterion in its time; cap {cap:g} s.\n")
    for task in (scale(15), council(), scattered(15, 1), scattered(15, 3)):
        seconds, found = best(lambda task=task: nucleolus(task.game, rational=task.rational))
        told = "certified" if found.certificate.holds else "NOT CERTIFIED"
        bar = "" if seconds < BAR else f", above the bar of {BAR:g} s"
        print(f"nucleolus, {task.name}")
        print(f"  comity   {seconds:.3f} s, {len(found.complaints)} stages, {told}{bar}")
        print(f"  tucoopy  {ask('nucleolus', task, found.shares, cap)}", flush=True)
    for task in (scale(10), scale(15)):
        seconds, found = best(lambda task=task: shapley(task.game))
        print(f"Shapley, {task.name}")
        print(f"  comity   {seconds:.3f} s, exact")
        print(f"  tucoopy  {ask('shapley', task, found, cap)}", flush=True)
    seconds, parts = best(lambda: scaling.shapley([1.2**i for i in range(35)], 0.8))
    print("Shapley, 35 members, costs of summed weight (no peer: 2**35 coalitions)")
    print(f"  comity   {seconds:.3f} s, adds up to {sum(parts):.7f}")


def main() -> None:
    """Be the peer: one game in, its shares out."""
    resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))
    task = json.load(sys.stdin)
    try:
        from tucoopy.base.game import Game
        from tucoopy.solutions.nucleolus import nucleolus as theirs
        from tucoopy.solutions.nucleolus import prenucleolus
        from tucoopy.solutions.shapley import shapley_value_fast

        game = Game(n_players=task["n"], v=dict(enumerate(task["worth"])))
        started = time.perf_counter()
        if task["what"] == "shapley":
            shares = shapley_value_fast(game)
        else:
            shares = (theirs if task["rational"] else prenucleolus)(game).x
        answer = {"seconds": time.perf_counter() - started, "shares": [float(x) for x in shares]}
    except Exception as failure:
        answer = {"failed": f"{type(failure).__name__}: {failure}"[:70]}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
