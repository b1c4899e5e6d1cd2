"""Voices: whether whoever says something in an organ had a place there, and a key that spoke.

Decisions ask more, and say it themselves (`comity.core.proposals`). What is
raised, edited, pledged or attached asks only this; otherwise any member could
bracket the text of an organ that it does not sit in, and a key that was lost
could raise alerts for ever.
"""

from __future__ import annotations

from datetime import date, timedelta

from comity.core.acts import Act
from comity.core.constitution import COALITION
from comity.core.strict import instant
from comity.core.succession import Succession

_FIRST = date.min + timedelta(1)
SAID = frozenset(("alert", "receipt", "edit", "pledge", "attach", "release"))
"""The kinds of acts that are heeded by who says them, and where."""


def voice_reason(act: Act, succession: Succession) -> str | None:
    """Return why what is said has no effect, whatever it says; None where nothing is against it.

    A place in any proven constitution is enough, on the day that the act says
    or the day before: members learn of changes at different times. Whoever
    never had one has none, whatever its act names.
    """
    if act.kind not in SAID:
        return None
    under = succession.known.get(act.header.constitution)
    if under is None:
        return "it was made in another constitution than those that are proven"
    if not under.speaks(act):
        return "its key does not speak in the constitution that it names"
    organ = act.header.organ
    if organ == COALITION:
        return None
    day = max(instant(act.header.instant, "the instant").date(), _FIRST)
    for one in (under, succession.current, *succession.known.values()):
        if any(act.member in one.readers(organ, on) for on in (day, day - timedelta(1))):
            return None
    return f"{act.member} had no place in '{organ}' on {day}"
