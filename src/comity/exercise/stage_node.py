"""A node of an exercise: the real one, with its chance from the seed.

What follows from bytes alone is worked out once for all nodes of a run, and
remembered: whether an act's signature holds under a set of keys, what a box
opens to under a key that this node has, what a set of changes amounts to. A
node that lacks a key opens nothing by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from comity.core.acts import Act, ActForm, act_of
from comity.core.bodies import Body
from comity.core.succession import Succession
from comity.exercise.chance import Stream, of_boxes, of_place
from comity.exercise.sealing import SeededSealing
from comity.node.folder import Folder, open_folder
from comity.node.keys import Keys, read_keys
from comity.node.node import Node
from comity.node.record import Record


@dataclass(slots=True)
class Worked:
    """The seed of a run, its number, and what has been worked out in it already."""

    seed: int
    number: int
    acts: dict[tuple[ActForm, int], Act] = field(default_factory=dict)
    opened: dict[str, Act] = field(default_factory=dict)
    successions: dict[frozenset[str], Succession] = field(default_factory=dict)


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
        cls, path: Path, passphrase: bytes, worked: Worked, *, now: Callable[[], datetime]
    ) -> StageNode:
        """Open the node in a folder; its record is written without waiting for the disk."""
        folder = open_folder(path)
        keys = read_keys(folder.keys, passphrase)
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

    def _succeed(self) -> Succession:
        key = frozenset(act.id for act in self._changing)
        if key not in self.worked.successions:
            self.worked.successions[key] = super()._succeed()
        return self.worked.successions[key]

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
