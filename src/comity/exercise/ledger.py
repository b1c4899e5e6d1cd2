"""The ledger of a stage: every act of every member, opened, in the order in which it was said.

It is what somebody knows who has heard everything. No member does: what a
member knows is in its own record.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from comity.core.acts import Act
from comity.core.bodies import Closing, Propose, Stance
from comity.core.constitution import Constitution
from comity.core.proofs import pin_known
from comity.core.proposals import Pinned, Standing, stand
from comity.core.succession import Succession, bears_on, succeed


class Ledger:
    """Acts as they are said, what follows from all of them, and when each reached whom."""

    def __init__(self, ground: Constitution) -> None:
        self.ground = ground
        self.acts: list[Act] = []
        self.by_id: dict[str, Act] = {}
        self.by_place: dict[tuple[str, str, int], Act] = {}
        self.arrived: dict[str, dict[str, datetime]] = {}
        self.open: dict[str, Pinned] = {}
        self._about: dict[str, list[Act]] = {}
        self._bearing: list[Act] = []
        self._succession: Succession | None = None
        self._standings: dict[str, tuple[int, Standing]] = {}

    def add(self, act: Act, now: datetime) -> None:
        """Note what a member said."""
        assert act.body is not None
        self.acts.append(act)
        self.by_id[act.id] = act
        self.by_place[act.place] = act
        self.arrived[act.id] = {act.member: now}
        if bears_on(act):
            self._bearing.append(act)
            self._succession = None
        if isinstance(act.body, Stance | Closing):
            self._about.setdefault(act.body.proposal, []).append(act)
        if isinstance(act.body, Propose):
            pinned = self.pinned(act.id)
            if isinstance(pinned, Pinned):
                self.open[act.id] = pinned

    def note(self, act: str, member: str, now: datetime) -> None:
        """Note that an act reached a member, and could be read there."""
        self.arrived[act].setdefault(member, now)

    @property
    def succession(self) -> Succession:
        """What all acts change of charter, standings and keys."""
        if self._succession is None:
            self._succession = succeed(self.ground, self._bearing)
        return self._succession

    def about(self, proposal: str) -> list[Act]:
        """Return the answers to a proposal, and its closings."""
        return self._about.get(proposal, [])

    def closed_by(self, proposal: str) -> frozenset[str]:
        """Return who has closed a proposal."""
        return frozenset(a.member for a in self.about(proposal) if isinstance(a.body, Closing))

    def answered_by(self, proposal: str) -> frozenset[str]:
        """Return who has answered a proposal."""
        return frozenset(a.member for a in self.about(proposal) if isinstance(a.body, Stance))

    def pinned(self, proposal: str) -> Pinned | str:
        """Return what a proposal pins, or the reason why there is nothing to decide."""
        act = self.by_id.get(proposal)
        return "nobody has proposed it" if act is None else pin_known(act, self.succession)

    def standing(self, proposal: str) -> Standing | str:
        """Return how a proposal stands, or the reason why there is nothing to decide."""
        pinned = self.open.get(proposal) or self.pinned(proposal)
        if isinstance(pinned, str):
            return pinned
        acts = self.about(proposal)
        known = self._standings.get(proposal)
        if known is None or known[0] != len(acts):
            known = self._standings[proposal] = (len(acts), stand(pinned, acts))
        return known[1]

    def arrivals(self) -> Mapping[str, Mapping[str, datetime]]:
        """Return when each act reached each member, the members in the charter's order."""
        order = {member: k for k, member in enumerate(self.ground.charter.order)}
        return {
            name: dict(sorted(there.items(), key=lambda at: order.get(at[0], len(order))))
            for name, there in self.arrived.items()
        }
