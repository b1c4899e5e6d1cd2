"""A node of an exercise: the real one, with its chance from the seed.

What follows from bytes alone is worked out once for all nodes of a run, and
remembered: whether an act's signature holds under a set of keys, what a box
opens to under a key that this node has, what a set of changes amounts to. A
node that lacks a key opens nothing by it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from comity.core.acts import Act, ActForm, act_of
from comity.core.bodies import Body, Closing, Propose, Stance
from comity.core.proofs import pin_known
from comity.core.proposals import Pinned, Standing, stand
from comity.core.succession import Succession, succeed
from comity.exercise.chance import Stream, of_boxes, of_place
from comity.exercise.sealing import SeededSealing
from comity.node.folder import Folder, open_folder
from comity.node.keys import Keys
from comity.node.node import Node
from comity.node.record import Record


@dataclass(slots=True)
class Said:
    """Answers and closings of one proposal; the sum of their ids names the set of them."""

    acts: dict[str, Act] = field(default_factory=dict)
    key: int = 0

    def add(self, act: Act) -> None:
        """Take in one more."""
        if act.id not in self.acts:
            self.acts[act.id] = act
            self.key += int(act.id, 16)


@dataclass(slots=True)
class Worked:
    """The seed of a run, its number, and what has been worked out in it already."""

    seed: int
    number: int
    acts: dict[tuple[ActForm, int], Act] = field(default_factory=dict)
    opened: dict[str, Act] = field(default_factory=dict)
    successions: dict[frozenset[str], Succession] = field(default_factory=dict)
    pins: dict[tuple[str, str], Pinned | str] = field(default_factory=dict)
    standings: dict[tuple[str, int], Standing] = field(default_factory=dict)

    def pin(self, act: Act, succession: Succession) -> Pinned | str:
        """Return what a proposal pins in its constitution, if that is known."""
        if act.header.constitution not in succession.known:
            return pin_known(act, succession)
        key = (act.id, act.header.constitution)
        if key not in self.pins:
            self.pins[key] = pin_known(act, succession)
        return self.pins[key]

    def standing(self, pinned: Pinned, said: Said) -> Standing:
        """Return how a proposal stands, given the answers and closings that are at hand."""
        key = (pinned.act.id, said.key)
        if key not in self.standings:
            self.standings[key] = stand(pinned, said.acts.values())
        return self.standings[key]


class StageNode(Node):
    """A node whose salts come from the places of its acts, and whose work is shared."""

    def __init__(
        self,
        folder: Folder,
        record: Record,
        keys: Keys,
        worked: Worked,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self.worked = worked
        self._said: dict[str, Said] = {}
        self._proposals: dict[str, Act] = {}
        super().__init__(
            folder,
            record,
            keys,
            now=now,
            chance=Stream(worked.seed, worked.number, "keys", keys.member),
            sealing=SeededSealing(of_boxes(worked.seed, worked.number, keys.member)),
        )

    @classmethod
    def in_folder(
        cls, path: Path, keys: Keys, worked: Worked, *, now: Callable[[], datetime]
    ) -> StageNode:
        """Open the node in a folder; its record is written without waiting for the disk."""
        folder = open_folder(path)
        record = Record.open(folder.record)
        try:
            record.hurry()
            record.set_meta("serves", keys.member)
            return cls(folder, record, keys, worked, now=now)
        except BaseException:
            record.close()
            raise

    def read(self, form: ActForm) -> Act:
        """Verify an act that came in, and open it if its epoch's key is here."""
        key = (form, id(self.succession))
        act = self.worked.acts.get(key)
        if act is None:
            act = self.worked.acts[key] = act_of(form, self.succession.keyring)
        return self._opened(act)

    def _opened(self, act: Act) -> Act:
        if act.body is not None or act.sealed is None or act.sealed.epoch not in self._epoch_keys:
            return act
        known = self.worked.opened.get(act.id)
        if known is not None and known.sealed == act.sealed:
            return known
        found = super()._opened(act)
        if found.body is not None:
            self.worked.opened[act.id] = found
        return found

    def pin(self, act: Act) -> Pinned | str:
        """Return what a proposal pins, given what this node knows."""
        return self.worked.pin(act, self.succession)

    def standing(self, proposal: str) -> Standing | str:
        """Return how a proposal stands, or the reason why there is nothing to decide."""
        pinned = self.pinned(proposal)
        if isinstance(pinned, str):
            return pinned
        return self.worked.standing(pinned, self._said.get(proposal, Said()))

    def pinned(self, proposal: str) -> Pinned | str:
        """Return what a proposal pins, or the reason why there is nothing to decide."""
        act = self._proposals.get(proposal)
        return "the proposal is not at hand" if act is None else self.pin(act)

    def _keep(self, acts: Sequence[Act], *, own: bool = True) -> list[Act]:
        for act in acts:
            if isinstance(act.body, Stance | Closing):
                self._said.setdefault(act.body.proposal, Said()).add(act)
            elif isinstance(act.body, Propose):
                self._proposals[act.id] = act
        return super()._keep(acts, own=own)

    def _succeed(self) -> Succession:
        """Return what changes amount to; answers to what is not settled change nothing of it."""
        bearing = [act for act in self._changing if not self._is_open(act)]
        key = frozenset(act.id for act in bearing)
        if key not in self.worked.successions:
            self.worked.successions[key] = succeed(self.ground, bearing)
        return self.worked.successions[key]

    def _is_open(self, act: Act) -> bool:
        """Tell whether an act answers or closes a change that is not settled."""
        if not isinstance(act.body, Stance | Closing) or not hasattr(self, "succession"):
            return False
        pinned = self.pinned(act.body.proposal)
        if isinstance(pinned, str):
            return False
        standing = self.worked.standing(pinned, self._said.get(act.body.proposal, Said()))
        return not standing.settlement.settled

    def _signed(
        self, organ: str, body: Body, office: str | None = None, under: str | None = None
    ) -> Act:
        before, self.chance = self.chance, self._of_next(organ)
        try:
            return super()._signed(organ, body, office, under)
        finally:
            self.chance = before

    def _renew_epoch(self, organ: str, office: str | None) -> None:
        before, self.chance = self.chance, self._of_next(organ)
        try:
            self.chance(32)  # the salt of the act that tells of the epoch
            super()._renew_epoch(organ, office)
        finally:
            self.chance = before

    def _of_next(self, organ: str) -> Stream:
        """Return the stream of the next place of this member in an organ."""
        tips = self.record.heads(organ=organ, member=self.member)
        seq = 1 + max((tip.seq for tip in tips), default=0)
        return of_place(self.worked.seed, self.worked.number, (organ, self.member, seq))
