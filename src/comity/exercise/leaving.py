"""How a member is lost by leaving: it gives notice before anything else is said.

Three ways were weighed. A charter written anew without the member would be
another charter: its weights, named seats and periods would be our words, and an
amendment of the script, which names the member, would bring it back. Rosters
pinned without it would be refused by every verifier. So the member leaves as
members do: it is founded with the others, and its first act is a notice of
withdrawal for the day on which the exercise begins (spec/procedure.md 2.2, 2.3).
Nobody need agree. All others enter the constitution after it, and the same
charter then gives rosters, weights and shares without it; an amendment that
still names it does not bring it back, for a standing outlasts an amendment.

What that shows, and is meant to: a seat that the charter names stays named. A
rule that asks for both co-chairs asks for the one that is left; a right that the
charter gives to the one who left is nobody's.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from comity.core.acts import Act
from comity.core.bodies import Leave
from comity.core.constitution import COALITION
from comity.exercise.stage import Stage

NOTICE = "Lost by leaving, in a replay without this member."


def depart(stage: Stage, members: Iterable[str], start: datetime) -> tuple[Act, ...]:
    """Let members give notice at the start, and all the others enter what follows.

    Call it before anything else is said. From then on they read nothing, sit
    nowhere and are on no roster; say nothing for them.

    Parameters
    ----------
    start
        The first instant of the exercise: they have left on its day.
    """
    body = Leave(start.date().isoformat(), NOTICE)
    said = tuple(stage.say(member, COALITION, body) for member in members)
    stage.pass_time(start)
    return said
