"""Again without each member: which decisions come about when one is lost, and why.

Two parts that are never mixed in one number. What follows from rules alone is
exact (`again_rules`). What follows from the assumptions about the players is
counted over a few replays (`again_players`). docs/explanation/
again-without-each-member.md says how to read both.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from comity.errors import UsageError
from comity.evidence import Evidence, load
from comity.examine.losses import KINDS, Kind
from comity.exercise.again_players import Played, span_words, wanted
from comity.exercise.again_rules import Rules, checked, rules
from comity.exercise.director import Director
from comity.exercise.plain_stage import PlainStage
from comity.exercise.rehearsal import Rehearsal
from comity.exercise.replays import Key, Replay, keeping, named, read_kept, replay
from comity.exercise.scenario import Scenario

MAX_SEEDS = 1_000


@dataclass(frozen=True)
class Again:
    """What a scenario comes to without each of its members.

    Parameters
    ----------
    base
        The run in which nobody was lost, with the scenario's own seed: its
        decisions and answers are what the rules are tried on.
    played
        The replays; None where none was asked for.
    """

    base: Rehearsal = field(repr=False)
    rules: Rules
    played: Played | None

    @property
    def scenario(self) -> Scenario:
        """The scenario."""
        return self.base.scenario

    def why(self, member: str, kind: Kind, decision: str) -> str:
        """Say why one decision comes about, or does not, with one member lost in one way.

        Parameters
        ----------
        decision
            The id of a move that puts something to decision, or of an obligation.

        Raises
        ------
        UsageError
            If there is no such cell.
        """
        parts = []
        cell = self.rules.cells.get((decision, member, kind))
        owed = self.rules.obligations.get((decision, member, kind))
        if cell is not None:
            parts.append(f"By the rules alone. {cell.why()}")
        elif owed is not None:
            parts.append(
                f"By rules and figures: {owed.verdict}" + f" ({owed.why})" * bool(owed.why)
            )
        if self.played is not None and decision in self.played.decisions:
            told = self.played.cell(decision, member, kind)
            if told is not None:
                share = f"{told.share.words}; without a loss {told.without_loss.words}"
                if told.minutes is not None:
                    took = span_words(told.minutes), span_words(told.minutes_without_loss)
                    share += f"; adopted within {took[0]} of being put, without a loss {took[1]}"
                reasons = self.played.why(member, kind, decision)
                parts.append(f"By the players assumed: {share}.\n{reasons}")
        if not parts:
            raise UsageError(
                f"nothing was asked about '{decision[:80]}' when {member[:40]} is lost ({kind})",
                hint=f"decisions and obligations: {', '.join(self.asked) or 'none'}",
            )
        return "\n".join(parts)

    @property
    def asked(self) -> tuple[str, ...]:
        """The ids of the decisions and obligations that there is something to say about."""
        named = dict.fromkeys(one.id for one in self.rules.decisions)
        named |= dict.fromkeys(self.played.decisions if self.played else ())
        named |= dict.fromkeys(name for name, *_ in self.rules.obligations)
        return tuple(named)

    @property
    def contradictions(self) -> tuple[tuple[str, str, Kind, int], ...]:
        """Replays in which came about what stops even at best: none, if both parts are right."""
        if self.played is None:
            return ()
        stops = {key for key, cell in self.rules.cells.items() if cell.at_best.stops}
        return tuple(
            (decision, member, kind, seed)
            for decision, member, kind in sorted(stops)
            for seed in self.played.seeds
            if (one := self.played.replays.get((member, kind, seed))) is not None
            and decision in one.ended
            and one.came_about(decision)
        )

    def to_json(self) -> dict[str, object]:
        """Return it with the keys documented in docs/explanation/again-without-each-member.md."""
        return {
            "scenario": self.scenario.id,
            "seed": self.base.seed,
            "from_rules": self.rules.to_json(),
            "from_players": None if self.played is None else self.played.to_json(),
        }


def run_again(
    scenario: Scenario,
    *,
    seeds: int = 5,
    kinds: Sequence[Kind] = KINDS,
    members: Sequence[str] = (),
    resume: Path | None = None,
    workers: int = 1,
    evidence: Evidence | None = None,
    progress: Callable[[str, int, int], None] = lambda what, done, of: None,
) -> Again:
    """Try a scenario without each of its members.

    Parameters
    ----------
    seeds
        How many replays of each loss: the scenario's own seed and those after it.
        With 0 only the rules are asked.
    members
        Whose loss is tried; all members of the charter unless given.
    resume
        A file that keeps the replays, one a line, and from which those done
        already are read.
    workers
        How many processes play; 1 plays in this one.
    progress
        Told what is done ("rules", "replays"), how much of it, and of how much.

    Raises
    ------
    UsageError
        If a member is unknown, or the file is of another scenario.
    """
    if not 0 <= seeds <= MAX_SEEDS:
        raise UsageError(f"{seeds} seeds are not possible", hint=f"give 0 to {MAX_SEEDS}")
    whose = checked(scenario.charter, members)
    kept = read_kept(resume, scenario) if resume is not None else {}
    told = rules(
        base := base_run(scenario),
        evidence if evidence is not None else load(),
        members=whose,
        kinds=kinds,
        progress=lambda done, of: progress("rules", done, of),
    )
    if seeds == 0:
        return Again(base, told, None)
    numbers = tuple(scenario.seed + k for k in range(seeds))
    keys = wanted(whose, kinds, numbers)
    found = {key: kept[key] for key in keys if key in kept}
    left = [key for key in keys if key not in found]
    # Closed whatever happens: its processes end with it.
    with keeping(resume) as keeper, closing(_played(scenario, left, found, workers)) as replays:
        progress("replays", len(found), len(keys))
        for one in replays:
            keeper.add((one,))
            found[one.key] = one
            progress("replays", len(found), len(keys))
    return Again(base, told, Played(scenario, numbers, whose, tuple(kinds), found))


def base_run(scenario: Scenario, seed: int | None = None) -> Rehearsal:
    """Play a scenario through with nobody lost, and return all that is left of it."""
    seed = scenario.seed if seed is None else seed
    stage = PlainStage(scenario.charter_text, scenario.start, seed=seed)
    director = Director(scenario, stage, seed)
    director.advance(scenario.end)
    return director.rehearsal()


def _played(
    scenario: Scenario, keys: Sequence[Key], found: Mapping[Key, Replay], workers: int
) -> Generator[Replay]:
    """Play replays, those without a loss first, as each loss is laid beside the same seed's."""
    name = named(scenario)
    bases = {seed: one for (member, _, seed), one in found.items() if not member}
    first = [key for key in keys if not key[0]]
    rest = [key for key in keys if key[0]]
    if workers <= 1:
        for key in (*first, *rest):
            beside = bases[key[2]].answers if key[0] else None
            one = _play_one(scenario, name, key, beside)
            if not key[0]:
                bases[one.seed] = one
            yield one
        return
    # spawn, as everywhere else than on Linux: nothing of this process is shared by accident.
    with ProcessPoolExecutor(
        workers, get_context("spawn"), initializer=_begin, initargs=(scenario, name)
    ) as pool:
        try:
            for one in _as_done([pool.submit(_play, key, None) for key in first]):
                bases[one.seed] = one
                yield one
            yield from _as_done([pool.submit(_play, key, bases[key[2]].answers) for key in rest])
        except BrokenProcessPool:
            raise UsageError(
                "a process that played replays ended by itself, perhaps for want of memory",
                hint="those done are kept with --resume FILE; go on with --workers 1",
            ) from None
        except BaseException:
            pool.shutdown(cancel_futures=True)  # what is being played ends first: a second or two
            raise


def _as_done(futures: Sequence[Future[Replay]]) -> Iterator[Replay]:
    for future in as_completed(futures):
        yield future.result()


_HERE: list[tuple[Scenario, str]] = []
"""What a worker plays; set once, when it begins."""


def _begin(scenario: Scenario, name: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asked stops it; a worker ends with it
    _HERE[:] = [(scenario, name)]


def _play(key: Key, beside: Mapping[str, Mapping[str, str]] | None) -> Replay:
    return _play_one(*_HERE[0], key, beside)


def _play_one(
    scenario: Scenario, name: str, key: Key, beside: Mapping[str, Mapping[str, str]] | None
) -> Replay:
    member, kind, seed = key
    lost = next((one for one in KINDS if one == kind), None)
    return replay(scenario, seed, member, lost, beside=beside, name=name)
