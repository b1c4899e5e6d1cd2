"""The model's players: what a member does in a rehearsal, when, and on which assumptions.

Pure functions of a scenario and a seed: no clock, and no chance but what is
hashed from the seed, the member and what it is asked. docs/explanation/players.md
states the formula, which is ours, simple, and no forecast.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from comity.core.bodies import Severity
from comity.exercise.rehearsal import Drawn
from comity.exercise.scenario import Move, Scenario

__all__ = ["ASSUMED", "answer", "receipt"]

ASSUMED: Final = "These are assumptions of a rehearsal, not statements of governments."
"""What a page says once beside whatever the model's players do."""


def receipt(
    scenario: Scenario,
    member: str,
    alert_move_id: str,
    severity: Severity,
    asked_at: datetime,
    seed: int,
) -> Drawn:
    """Say when a member confirms an alert that reached it at an instant."""
    habits = scenario.model.of.get(member, scenario.model.habits)
    at = asked_at + timedelta(minutes=_between(habits.receipt, seed, member, alert_move_id))
    return Drawn(member, "receipt", at, "almost surely", ())


def answer(
    scenario: Scenario,
    move: Move,
    member: str,
    asked_at: datetime,
    seed: int,
    refusing: bool = False,
) -> Drawn:
    """Say how a member answers a proposal that reached it at an instant, when, and why."""
    habits = scenario.model.of.get(member, scenario.model.habits)
    at = asked_at + timedelta(minutes=_between(habits.consult, seed, member, move.id))
    silence = scenario.charter.procedures[move.procedure].kind == "silence"
    word = ("objection" if silence else "no") if refusing else (None if silence else "yes")
    return Drawn(member, word, at, "likely", ())


def _between(span: tuple[int, int], seed: int, member: str, what: str) -> int:
    drawn = int.from_bytes(sha256(f"{seed}\n{member}\n{what}".encode()).digest()[:8])
    return span[0] + drawn * (span[1] - span[0] + 1) // 2**64
