"""Again without each member, the part that rests on the assumptions about the players.

Nothing here is exact: a decision came about in so many of a few replays, each
with other draws. Counts are told beside those of the same seeds with nobody
lost, and with the bounds that so few draws allow.

References
----------
Wilson (1927), J. American Statistical Association 22(158), 209-212.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt

from comity.examine.losses import Kind
from comity.exercise.replays import Key, Replay
from comity.exercise.scenario import Move, Scenario

_NORMAL = 1.959963984540054
"""The 97.5th percentile of the normal distribution: bounds hold in about 95 of 100 cases."""


@dataclass(frozen=True, slots=True)
class Share:
    """In how many replays something came about, of how many.

    Examples
    --------
    >>> Share(3, 5).words
    'mostly (3 of 5)'
    >>> Share(0, 5).bounds[1] > 0.4
    True
    """

    count: int
    of: int

    @property
    def words(self) -> str:
        """The count, after a word for it."""
        return f"{self.band} ({self.count} of {self.of})"

    @property
    def band(self) -> str:
        """A word for the count; it says nothing of draws that were not made."""
        if self.count in (0, self.of):
            return "always" if self.count else "never"
        twice = 2 * self.count
        return "half the time" if twice == self.of else "mostly" if twice > self.of else "seldom"

    @property
    def bounds(self) -> tuple[float, float]:
        """Between which shares the chance lies, at 95 %: Wilson's interval.

        It takes the draws as independent, and the assumptions as they are.
        """
        n, share, z = self.of, self.count / self.of, _NORMAL
        middle = share + z * z / (2 * n)
        half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
        scale = 1 + z * z / n
        return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)

    def to_json(self) -> dict[str, object]:
        """Return it as plain values for JSON."""
        low, high = self.bounds
        return {
            "count": self.count,
            "of": self.of,
            "band": self.band,
            "low": round(low, 2),
            "high": round(high, 2),
        }


@dataclass(frozen=True, slots=True)
class PlayedCell:
    """One decision in the replays with one member lost in one way, and in those without a loss.

    Parameters
    ----------
    minutes
        The shortest and the longest from being put to being adopted; None where it never was.
    """

    decision: str
    member: str
    kind: Kind
    share: Share
    without_loss: Share
    minutes: tuple[int, int] | None
    minutes_without_loss: tuple[int, int] | None

    @property
    def differs(self) -> bool:
        """Whether it came about more often, or less, than without a loss."""
        return self.share.count * self.without_loss.of != self.without_loss.count * self.share.of

    def to_json(self) -> dict[str, object]:
        """Return the cell as plain values for JSON."""
        return {
            "decision": self.decision,
            "member": self.member,
            "kind": self.kind,
            "came_about": self.share.to_json(),
            "without_loss": self.without_loss.to_json(),
            "minutes": self.minutes,
            "minutes_without_loss": self.minutes_without_loss,
        }


@dataclass(frozen=True)
class Played:
    """The replays, and what they amount to.

    Parameters
    ----------
    replays
        By member, kind and seed; the first two are empty where nobody was lost.
        Not all that were asked for need be there.
    """

    scenario: Scenario = field(repr=False)
    seeds: tuple[int, ...]
    members: tuple[str, ...]
    kinds: tuple[Kind, ...]
    replays: Mapping[Key, Replay] = field(repr=False)

    @property
    def decisions(self) -> tuple[str, ...]:
        """The moves that put something to decision, in the order of the script."""
        return tuple(move.id for move in self.scenario.moves if move.kind == "propose")

    @property
    def missing(self) -> int:
        """How many replays that were asked for are not done."""
        return sum(key not in self.replays for key in wanted(self.members, self.kinds, self.seeds))

    def cell(self, decision: str, member: str, kind: Kind) -> PlayedCell | None:
        """Return one cell; None where none of its replays is done.

        It counts the seeds of which both replays are done: with the loss, and without.
        """
        both = [
            (self.replays["", "", seed], self.replays[member, kind, seed])
            for seed in self.seeds
            if ("", "", seed) in self.replays and (member, kind, seed) in self.replays
        ]
        if not both:
            return None
        bases, lost = [base for base, _ in both], [one for _, one in both]
        return PlayedCell(
            decision,
            member,
            kind,
            _share(lost, decision),
            _share(bases, decision),
            _minutes(lost, decision),
            _minutes(bases, decision),
        )

    def cells(self) -> Iterator[PlayedCell]:
        """Yield all cells of which some replay is done."""
        for decision in self.decisions:
            for kind in self.kinds:
                for member in self.members:
                    found = self.cell(decision, member, kind)
                    if found is not None:
                        yield found

    def why(self, member: str, kind: Kind, decision: str) -> str:
        """Say, seed by seed, what was otherwise than in the replay where nobody was lost."""
        lines = []
        for seed in self.seeds:
            base, lost = self.replays.get(("", "", seed)), self.replays.get((member, kind, seed))
            if base is None or lost is None:
                lines.append(f"seed {seed}: not played yet")
                continue
            was, now = base.ended[decision], lost.ended[decision]
            end = f"{now.outcome}, and {was.outcome} without a loss"
            if was.outcome == now.outcome:
                end = f"{now.outcome}, as without a loss"
            told = "; ".join(self._otherwise(decision, base, lost))
            lines.append(f"seed {seed}: {end}" + (f": {told}" if told else ""))
        return "\n".join(lines)

    def _otherwise(self, decision: str, base: Replay, lost: Replay) -> Iterator[str]:
        """Yield what differs in what a decision rests on, its own answers last."""
        moves = {move.id: move for move in self.scenario.moves}
        for name in _behind(moves, decision):
            if name in lost.not_made and name not in base.not_made:
                yield f"'{name}' was not made: {_plain(lost.not_made[name])}"
            if name in lost.ended and name != decision:
                was, now = base.ended[name].outcome, lost.ended[name].outcome
                if was != now and now != "not made":
                    yield f"'{name}' ended {now}, and {was} without a loss"
        before, after = base.answers.get(decision, {}), lost.answers.get(decision, {})
        if lost.ended[decision].outcome == "not made":
            return
        for who in self.scenario.charter.order:
            if before.get(who) == after.get(who):
                continue
            because = lost.because.get(decision, {}).get(who, ())
            said = after.get(who, "It says nothing.")
            yield (
                f"{who}: {_plain(said)} (without a loss: "
                f"{_plain(before.get(who, 'It says nothing.'))})"
                + (f", because: {_plain(' '.join(because))}" if because else "")
            )

    def to_json(self) -> dict[str, object]:
        """Return it with the keys documented in docs/explanation/again-without-each-member.md."""
        return {
            "seeds": list(self.seeds),
            "replays": len(self.replays),
            "missing": self.missing,
            "cells": [cell.to_json() for cell in self.cells()],
        }


def wanted(members: Iterable[str], kinds: Sequence[Kind], seeds: Sequence[int]) -> tuple[Key, ...]:
    """Return which replays are asked for: those without a loss first, then seed by seed."""
    every = [(member, kind) for member in members for kind in kinds]
    return (
        *(("", "", seed) for seed in seeds),
        *((member, kind, seed) for seed in seeds for member, kind in every),
    )


def span_words(minutes: tuple[int, int] | None) -> str:
    """Say how long something took, as a range in hours.

    >>> span_words((90, 600)), span_words((60, 60)), span_words(None)
    ('1.5 to 10 h', '1 h', 'never')
    """
    if minutes is None:
        return "never"
    low, high = (f"{minute / 60:.1f}".removesuffix(".0") for minute in minutes)
    return f"{low} h" if low == high else f"{low} to {high} h"


def _share(replays: Sequence[Replay], decision: str) -> Share:
    return Share(sum(one.came_about(decision) for one in replays), len(replays))


def _minutes(replays: Sequence[Replay], decision: str) -> tuple[int, int] | None:
    took = [
        minutes
        for one in replays
        if one.came_about(decision) and (minutes := one.ended[decision].minutes) is not None
    ]
    return (min(took), max(took)) if took else None


def _behind(moves: Mapping[str, Move], decision: str) -> tuple[str, ...]:
    """Return the moves that a decision rests on in the script, it among them, the first first."""
    found: dict[str, None] = {}
    ahead = [decision]
    while ahead:
        name = ahead.pop()
        if name in moves and name not in found:
            found[name] = None
            ahead += [moves[name].of, moves[name].when.after]
    answers = [m.id for m in moves.values() if m.kind == "answer" and m.of == decision]
    return (*reversed(found), *answers)


def _plain(sentence: str) -> str:
    return sentence.rstrip(".")
