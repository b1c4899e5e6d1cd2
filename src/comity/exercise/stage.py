"""Where an exercise is played: on real nodes, or, for replays, on one plain record.

Both are driven by the same director through these calls alone; that they end
alike, act for act, is tested.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from comity.core.acts import Act
from comity.core.bodies import Body, Propose, Word
from comity.core.constitution import Constitution
from comity.core.proposals import Pinned, Standing


class Stage(Protocol):
    """The members of a coalition, each with its keys, under a clock that is set from outside.

    Every call that says something raises `UsageError` or `ActError` where an
    honest member cannot say it; nothing is then said.
    """

    now: datetime

    @property
    def coalition(self) -> str:
        """The id of the founding."""
        ...

    def readers(self, organ: str) -> frozenset[str]:
        """Return who reads an organ now."""
        ...

    def under(self, member: str) -> Constitution:
        """Return the constitution that a member speaks under now: charter, standings, keys."""
        ...

    def say(self, member: str, organ: str, body: Body) -> Act:
        """Sign an act, and send it to all who read it."""
        ...

    def propose(self, member: str, organ: str, body: Propose) -> Act:
        """Put something to decision."""
        ...

    def answer(
        self, member: str, proposal: str, word: Word, notes: Sequence[tuple[str, str]] = ()
    ) -> Act:
        """Answer a proposal."""
        ...

    def pinned(self, proposal: str) -> Pinned | str:
        """Return what a proposal pins."""
        ...

    def standing(self, proposal: str) -> Standing | str:
        """Return how a proposal stands for whoever has heard everything."""
        ...

    def has(self, member: str, act: str) -> bool:
        """Tell whether an act has reached a member."""
        ...

    def due(self) -> datetime | None:
        """Return when something next arrives or is closed by itself; None if nothing will."""
        ...

    def pass_time(self, to: datetime) -> None:
        """Set the clock, and let arrive and be closed whatever is due by then, in its order."""
        ...

    def cut_off(self, member: str, *, off: bool = True) -> None:
        """Take a member's node off, or bring it back; it then hears what it missed."""
        ...

    def delay(self, member: str, minutes: int) -> None:
        """Let everything reach and leave a member so much later from now."""
        ...

    def still(self, member: str, *, still: bool = True) -> None:
        """Keep a member's node from closing anything by itself: it is lost in silence."""
        ...

    def acts(self) -> tuple[Act, ...]:
        """Return every act so far, opened, in the order in which they were said."""
        ...

    def arrived(self) -> Mapping[str, Mapping[str, datetime]]:
        """Return when each act reached each member."""
        ...

    def certificate(self, proposal: str) -> bytes:
        """Return the certificate of a proposal; raises `UsageError` if there is none."""
        ...

    def close(self) -> None:
        """Close what is open on disk."""
        ...
