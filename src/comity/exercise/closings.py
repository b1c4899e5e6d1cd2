"""When nodes close proposals by themselves: so that nobody is asked at any other instant.

What a node does then is its own affair (`comity.node.duties`); here is only when
it is worth while to ask it, and that it is asked once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from comity.core.proposals import Pinned
from comity.exercise.delivery import Post
from comity.exercise.ledger import Ledger


class Closings:
    """The closings that are to come on a stage.

    Parameters
    ----------
    active
        Whether a member's node does its duties: it is there, and not lost in silence.
    """

    def __init__(self, ledger: Ledger, post: Post[Any], active: Callable[[str], bool]) -> None:
        self.ledger = ledger
        self.post = post
        self.active = active
        self._asked: dict[tuple[str, str], datetime] = {}

    def changed(self) -> None:
        """Look at all anew: who is there, or how long links take, is not what it was."""
        self._asked.clear()

    def next(self) -> datetime | None:
        """Return when somebody is to be asked next."""
        return min((at for _, _, at in self._coming()), default=None)

    def due(self, now: datetime) -> list[str]:
        """Return whom to ask now; each is asked about a proposal once."""
        found: dict[str, None] = {}
        for member, proposal, at in self._coming():
            if at <= now:
                found[member] = None
                self._asked[member, proposal] = at
        return list(found)

    def _coming(self) -> Iterator[tuple[str, str, datetime]]:
        """Yield who will close which proposal by itself when, and was not asked to yet."""
        for proposal, pinned in tuple(self.ledger.open.items()):
            if pinned.closes_at is None:
                continue
            closed = self.ledger.closed_by(proposal)
            waiting = [member for member in pinned.roster if member not in closed]
            if not waiting:
                del self.ledger.open[proposal]
                continue
            there, answered = self.ledger.arrived[proposal], self.ledger.answered_by(proposal)
            for member in waiting:
                if member not in there or not self.active(member):
                    continue
                silent = pinned.procedure.kind == "silence" and member not in answered
                at = self._heard_enough(member, pinned) if silent else pinned.closes_at
                if at is not None and self._asked.get((member, proposal)) != at:
                    yield member, proposal, at

    def _heard_enough(self, member: str, pinned: Pinned) -> datetime | None:
        """Return when a member has heard from enough others that the time is over.

        As `comity.node.duties` asks before it closes silently; what one hears now
        was said as long ago as the links take.
        """
        assert pinned.closes_at is not None
        need = min(len(pinned.roster) - 1, max(1, pinned.thresholds.establishing - 1))
        late = sorted(
            self.post.takes(m) for m in pinned.roster if m != member and m not in self.post.off
        )
        if len(late) < need:
            return None
        last = late[need - 1] if need else timedelta()
        return pinned.closes_at + self.post.takes(member) + last
