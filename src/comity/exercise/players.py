"""The model's players: what a member does in a rehearsal, when, and on which assumptions.

Pure functions of a scenario and a seed: no clock, and no chance but what is
hashed from the seed, the member and what it is asked. docs/explanation/players.md
states the formula (`comity.exercise.leaning`), which is ours, simple, and no forecast.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final

from comity.core.bodies import Severity
from comity.errors import UsageError
from comity.exercise.assumed import (
    ASSUMED,
    assumptions,
    assumptions_of,
    known_member,
    reasons,
    sourced,
)
from comity.exercise.capitals import Capital, how_long, late
from comity.exercise.draws import drawn_minutes, triangular
from comity.exercise.leaning import Leaning, Way, band, leaning_of
from comity.exercise.rehearsal import Drawn
from comity.exercise.scenario import Band, Matter, Move, Scenario

__all__ = [
    "ASSUMED",
    "answer",
    "assumptions",
    "assumptions_of",
    "chances",
    "explain",
    "receipt",
]

_URGENT: tuple[Severity, ...] = ("extreme", "severe")
_BEFORE_IT_ENDS = timedelta(minutes=30)
"""So long before the end a desk without an answer says that it has none."""


def receipt(
    scenario: Scenario,
    member: str,
    alert_move_id: str,
    severity: Severity,
    asked_at: datetime,
    seed: int,
) -> Drawn:
    """Say when a member confirms an alert that reached it at an instant.

    What is extreme or severe wakes the duty officer; all else waits for office hours.
    """
    capital = known_member(scenario, member)
    minutes = drawn_minutes(capital.habits.receipt, seed, "receipt", member, alert_move_id)
    seen = asked_at + timedelta(minutes=minutes)
    at = seen if severity in _URGENT else capital.opens(seen)
    source = sourced(scenario, capital.habits.source or scenario.model.source)
    because = [f"It took {how_long(minutes)} to see it, as assumed{source}."]
    if severity in _URGENT:
        because.append(f"What is {severity} is confirmed at any hour.")
    elif at > seen:
        because.append(f"It was confirmed when {capital.place} had opened.")
    return Drawn(member, "receipt", at, "almost surely", tuple(because))


def answer(
    scenario: Scenario,
    move: Move,
    member: str,
    asked_at: datetime,
    seed: int,
    refusing: bool = False,
    expires: datetime | None = None,
) -> Drawn:
    """Say how a member answers a proposal that reached it at an instant, when, and why.

    Its mind is drawn once for a matter, and so is the same in all proposals of it
    that are answered alike; how long it takes is drawn for each move.

    Parameters
    ----------
    refusing
        Lost by refusing: it says no to everything, whatever it leans to.
    expires
        When the proposal ends; where left out, its hours from `asked_at` on.

    Raises
    ------
    UsageError
        If the move is of no matter, or the member not of the charter.
    """
    asked = _asked(scenario, move, member, asked_at, expires)
    minutes = drawn_minutes(asked.capital.habits.consult, seed, "consult", member, move.id)
    heard = asked_at + timedelta(minutes=minutes)
    come = asked.capital.opens(heard)
    ready = come if asked.expires is None else min(come, asked.last_call)
    if refusing:
        word = {"silence": "objection", "voices": "no", "joining": None}[asked.way]
        return Drawn(member, word, ready, "almost surely", (_REFUSING,))
    chance = triangular(seed, "mind", member, move.matter)
    in_time = asked.expires is None or come < asked.expires
    word = _word(asked.leaning.drawn(asked.way, chance), asked.way, in_time)
    sure = band(asked.chances()[word])
    because = (
        *reasons(scenario, asked.matter, asked.leaning),
        _unknown(asked.leaning, chance),
        *_timing(scenario, asked, minutes, come > heard, in_time),
        f"On these assumptions {_said(word, asked.way)} was {_SURE[sure]}.",
    )
    return Drawn(member, word, ready, sure, because)


def chances(
    scenario: Scenario,
    move: Move,
    member: str,
    asked_at: datetime | None = None,
    expires: datetime | None = None,
) -> dict[str | None, Fraction]:
    """Return how likely each word of a member is, exactly; together they are 1.

    Parameters
    ----------
    asked_at
        When the proposal reaches it; where left out, as if there were time enough.
    """
    return _asked(scenario, move, member, asked_at, expires).chances()


def explain(
    scenario: Scenario, move: Move, member: str, seed: int, asked_at: datetime | None = None
) -> str:
    """Say in lines why a member answers a proposal as it does, for "why?".

    Parameters
    ----------
    asked_at
        When the proposal reached it; where left out, nothing is said of its time.
    """
    asked = _asked(scenario, move, member, asked_at, None)
    name = scenario.charter.name_of(member)
    if asked_at is not None:
        drawn = answer(scenario, move, member, asked_at, seed)
        head = f"{name}: {_said(drawn.word, asked.way)}. {asked.matter.title}."
        because = drawn.because
    else:
        chance = triangular(seed, "mind", member, move.matter)
        word = asked.leaning.drawn(asked.way, chance)
        head = f"{name}: {_said(word, asked.way)}, given time. {asked.matter.title}."
        because = (*reasons(scenario, asked.matter, asked.leaning), _unknown(asked.leaning, chance))
    could = "; ".join(
        f"{_said(word, asked.way)} is {_SURE[band(share)]}"
        for word, share in asked.chances().items()
        if share
    )
    return "\n".join((head, *because, f"What it could say: {could}.", ASSUMED))


_SURE: Final[dict[Band, str]] = {
    "almost surely": "almost sure",
    "likely": "likely",
    "about even": "about even",
    "unlikely": "unlikely",
    "hardly": "hardly to be expected",
}
_REFUSING: Final = (
    "It is lost by refusing in this replay: it agrees to nothing, whatever it leans to."
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A member that is asked something, with all that its answer rests on."""

    matter: Matter
    leaning: Leaning
    capital: Capital
    way: Way
    at: datetime | None
    expires: datetime | None

    @property
    def last_call(self) -> datetime:
        """When a desk speaks for itself: half an hour before the end, or halfway to it."""
        assert self.at is not None
        assert self.expires is not None
        left = max(self.expires - self.at, timedelta(0))
        return self.expires - min(_BEFORE_IT_ENDS, left / 2)

    def chances(self) -> dict[str | None, Fraction]:
        """Return how likely each word is, too late or not."""
        too_late = Fraction(0) if self.at is None else late(self.capital, self.at, self.expires)
        found: dict[str | None, Fraction] = {}
        for word, share in self.leaning.chances(self.way).items():
            for in_time, part in ((True, 1 - too_late), (False, too_late)):
                if part:
                    said = _word(word, self.way, in_time)
                    found[said] = found.get(said, Fraction(0)) + share * part
        return found


def _asked(
    scenario: Scenario,
    move: Move,
    member: str,
    asked_at: datetime | None,
    expires: datetime | None,
) -> _Asked:
    capital = known_member(scenario, member)
    if move.matter not in scenario.matters:
        raise UsageError(
            f"the move '{move.id}' is of no matter, so that no player of the model answers it",
            hint="name a matter of the scenario in it: matter = ...",
        )
    matter = scenario.matters[move.matter]
    kind, hours = _procedure(scenario, move)
    if expires is None and asked_at is not None and hours is not None:
        expires = asked_at + timedelta(seconds=int(hours * 3600))
    way: Way = "silence" if kind == "silence" else "voices"
    if kind == "signature" or move.effect == "opt in":
        way = "joining"
    leaning = leaning_of(scenario, matter, member)
    return _Asked(matter, leaning, capital, way, asked_at, expires)


def _procedure(scenario: Scenario, move: Move) -> tuple[str, Fraction | None]:
    """Return by which kind of procedure a proposal is decided, and for how many hours."""
    charter, name = scenario.charter, move.procedure
    if move.effect == "amend" and "amendment" in charter.changes:
        name = charter.changes["amendment"].procedure
    procedure = charter.procedures.get(name)
    if procedure is None:  # of a charter that the exercise itself adopts
        return ("signature" if move.hours is None else "vote"), move.hours
    if procedure.kind == "signature":
        return procedure.kind, None
    period = None if procedure.period is None else Fraction(str(procedure.period))
    return procedure.kind, period if move.hours is None else move.hours


def _word(word: str | None, way: Way, in_time: bool) -> str | None:
    """Return what a desk says; if its capital is too late, what it may say without it."""
    if in_time or word is None:
        return word
    return "ad referendum" if word == "yes" else "awaiting instructions"


def _said(word: str | None, way: Way) -> str:
    if word is not None:
        return f"'{word}'"
    return "silence" if way == "silence" else "not joining"


def _unknown(leaning: Leaning, chance: Fraction) -> str:
    if leaning.spread == 0 or abs(chance) < Fraction(1, 4):
        return "What nobody can know moved it hardly either way."
    much = "far " if abs(chance) >= Fraction(3, 5) else ""
    way = "yes" if chance > 0 else "no"
    return f"What nobody can know was drawn, and moved it {much}towards {way}."


def _timing(
    scenario: Scenario, asked: _Asked, minutes: int, waited: bool, in_time: bool
) -> tuple[str, ...]:
    capital = asked.capital
    source = sourced(scenario, capital.habits.source or scenario.model.source)
    told = [f"Its capital took {how_long(minutes)} to be consulted, as assumed{source}."]
    if waited:
        told.append(f"The answer waited for the office hours of {capital.place}.")
    if not in_time:
        told.append("The capital would have answered too late: the desk spoke for itself.")
    return tuple(told)
