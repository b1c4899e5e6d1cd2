"""What has reached somebody, and what follows from it, worked out once for all who heard the same.

A set of acts is named by the sum of their ids, which does not hang on the order
in which they came.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import date

from comity.core.acts import Act
from comity.core.bodies import Closing, Enter, Epoch, Propose, Stance
from comity.core.constitution import COALITION, Constitution
from comity.core.founding import KeyHeld
from comity.core.keys import Keyring, keyring
from comity.core.proofs import pin_known
from comity.core.proposals import Pinned, Standing, heard, stand
from comity.core.sealing import epoch_in_use
from comity.core.succession import Succession, bears_on, succeed


class Said:
    """The answers and closings of one proposal that reached somebody."""

    __slots__ = ("acts", "closers", "key")

    def __init__(self) -> None:
        self.acts: list[Act] = []
        self.closers: set[str] = set()
        self.key = 0

    def add(self, act: Act) -> None:
        """Note one more."""
        self.acts.append(act)
        self.key += int(act.id, 16)
        if isinstance(act.body, Closing):
            self.closers.add(act.member)

    @property
    def closings(self) -> int:
        """How many have closed, as far as is known here."""
        return len(self.closers)


class Shared:
    """The one record's readings: constitutions, outcomes, rolls, readers and epochs."""

    def __init__(self, ground: Constitution) -> None:
        self.ground = ground
        self.coalition = ground.founding.id
        self.ring: Keyring = keyring(ground.founding)
        self._successions: dict[Hashable, Succession] = {}
        self._standings: dict[tuple[str, int], Standing] = {}
        self._last: dict[tuple[str, int], dict[str, Act]] = {}
        self._pins: dict[str, Pinned | str] = {}
        self._readers: dict[tuple[str, date], dict[str, frozenset[str]]] = {}
        self._in_use: dict[tuple[str, str, date, tuple[str, ...]], Epoch | None] = {}

    def succession(self, key: Hashable, acts: Callable[[], Iterable[Act]]) -> Succession:
        """Return what a set of acts amounts to; `key` names all of it that matters."""
        if key not in self._successions:
            self._successions[key] = succeed(self.ground, acts())
        return self._successions[key]

    def adopted(self, change: Act, said: Said) -> bool:
        """Tell whether a change is adopted for whoever has heard this."""
        pinned = self._pins.get(change.id)
        if not isinstance(pinned, Pinned):
            return False
        done = self.settled(pinned, said)
        return done is not None and done.settlement.outcome == "adopted"

    def pinned(self, act: Act, succession: Succession) -> Pinned | str:
        """Return what a proposal pins, or why there is nothing to decide."""
        if act.header.constitution not in succession.known:
            return pin_known(act, succession)
        if act.id not in self._pins:
            self._pins[act.id] = pin_known(act, succession)
        return self._pins[act.id]

    def standing(self, pinned: Pinned, said: Said) -> Standing:
        """Return how a proposal stands for whoever has heard this."""
        key = (pinned.act.id, said.key)
        if key not in self._standings:
            self._standings[key] = stand(pinned, said.acts)
        return self._standings[key]

    def settled(self, pinned: Pinned, said: Said) -> Standing | None:
        """Return how a proposal ended, if nothing can change that any more."""
        # With fewer closings nobody's word is known, and the proposer may have withdrawn it.
        if pinned.expires is not None and said.closings < pinned.thresholds.establishing:
            return None
        standing = self.standing(pinned, said)
        return standing if standing.settlement.settled else None

    def last(self, pinned: Pinned, said: Said) -> dict[str, Act]:
        """Return the last stance heard of each member who said something."""
        key = (pinned.act.id, said.key)
        if key not in self._last:
            self._last[key] = {act.member: act for act in heard(pinned, said.acts)}
        return self._last[key]

    def readers(self, current: Constitution, on: date) -> dict[str, frozenset[str]]:
        """Return who reads each organ on a day."""
        key = (current.id, on)
        if key not in self._readers:
            organs = (COALITION, *current.charter.organs)
            self._readers[key] = {o: frozenset(current.readers(o, on)) for o in organs}
        return self._readers[key]

    def reading_keys(self, organ: str, current: Constitution, on: date) -> list[KeyHeld]:
        """Return the keys of those who read an organ on a day."""
        names = self.readers(current, on)[organ]
        return [held for held in current.holders.values() if held.member in names]

    def epoch_in_use(
        self, organ: str, epochs: Sequence[Act], current: Constitution, on: date
    ) -> Epoch | None:
        """Return the epoch of some to seal under for the readers of a day; None if none fits."""
        key = (organ, current.id, on, tuple(sorted(act.id for act in epochs)))
        if key not in self._in_use:
            bodies = [act.body for act in epochs if isinstance(act.body, Epoch)]
            keys = self.reading_keys(organ, current, on)
            self._in_use[key] = epoch_in_use(bodies, keys)
        return self._in_use[key]


class View:
    """The acts that reached somebody, and what they amount to."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.had: dict[str, Act] = {}
        self.bearing: list[Act] = []
        self.changes: dict[str, Act] = {}
        self._said: dict[str, Said] = {}
        self._lists: set[tuple[str, ...]] = set()
        self._others: set[str] = set()

    def keep(self, act: Act) -> None:
        """Note an act that reached it."""
        self.had[act.id] = act
        body = act.body
        if isinstance(body, Stance | Closing):
            self._said.setdefault(body.proposal, Said()).add(act)
        if not bears_on(act):
            return
        self.bearing.append(act)
        if isinstance(body, Propose):
            self.changes[act.id] = act
        elif isinstance(body, Enter):
            self._lists.add(body.changes)
        elif not isinstance(body, Stance | Closing):
            self._others.add(act.id)

    def said(self, proposal: str) -> Said:
        """Return the answers and closings of a proposal that reached it."""
        return self._said.get(proposal) or Said()

    @property
    def succession(self) -> Succession:
        """What the acts make of charter, standings and keys.

        Which members have entered a constitution makes no difference to it, nor
        who answered a change and closed it, once that is adopted.
        """
        adopted = frozenset(
            name
            for name, act in self.changes.items()
            if (said := self._said.get(name)) is not None and self.shared.adopted(act, said)
        )
        key = (adopted, frozenset(self._lists), frozenset(self._others))
        return self.shared.succession(key, lambda: self._counting(adopted))

    def _counting(self, adopted: frozenset[str]) -> Iterator[Act]:
        """Yield the acts that bear on charter, standings and keys, without changes that failed."""
        for act in self.bearing:
            about = act.body.proposal if isinstance(act.body, Stance | Closing) else act.id
            if about in adopted or about not in self.changes:
                yield act

    def pinned(self, proposal: str) -> Pinned | str:
        """Return what a proposal pins, or the reason why there is nothing to decide."""
        act = self.had.get(proposal)
        if act is None:
            return "the proposal is not at hand"
        return self.shared.pinned(act, self.succession)
