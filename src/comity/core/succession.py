"""Succession: which changes of charter, standings and keys are settled, and what follows.

Invariants, each kept by a test of its name:

- A constitution is known once all its changes are settled, each decided in a
  constitution that is known itself: every one is proven to the founding.
- One change at the most follows another in its register. Two that are settled
  show more than f members who said yes to both; then neither is carried out
  and both are shown as contested.
- The set of acts says it all: the order they come in does not matter.
- What is known and what is settled only grow. A constitution of changes that
  were decided side by side is known through whoever enters it: were it known
  by itself, another one would be as soon as one more change is settled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import TypeAlias

from comity.core.acts import Act
from comity.core.bodies import Change, Closing, Enter, Key, Leave, Propose, Stance
from comity.core.constitution import (
    COALITION,
    Constitution,
    changed,
    constitution_id,
    register_of,
    replaced_by,
)
from comity.core.keys import Keyring, keyring, offer_reason
from comity.core.proposals import Standing, pin, stand

Tried: TypeAlias = tuple[str, frozenset[str], tuple[str, ...]]
"""A constitution's id, the names of its keys, and the ids of answers."""


@dataclass(frozen=True, slots=True)
class Contested:
    """Two settled changes that replace the same one, and who said yes to both."""

    register: str
    one: str
    other: str
    said_yes_to_both: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Succession:
    """What a set of acts changes of charter, standings and keys.

    Parameters
    ----------
    ground
        The constitution of the founding.
    known
        The constitutions that are proven, by id.
    settled
        The changes that are settled: proposals, and notices of withdrawal.
    contested
        Changes that are settled and exclude each other.
    current
        The constitution after all settled changes that nobody contests. It may
        be one that nobody has entered yet, and so not be among those known.
    keyring
        The keys that acts are read with: all that ever spoke.
    standings
        How each settled proposal stands, with the acts that say so.
    rotations
        The acts by which offices took further keys that speak somewhere.
    tried
        By change: the constitution, its keys and the answers with which it was
        looked at last. With the same ones it stands as it stood.
    """

    ground: Constitution = field(repr=False)
    known: Mapping[str, Constitution] = field(repr=False)
    settled: Mapping[str, Act] = field(repr=False)
    contested: tuple[Contested, ...]
    current: Constitution
    keyring: Keyring = field(repr=False)
    standings: Mapping[str, Standing] = field(repr=False)
    rotations: tuple[Act, ...] = field(repr=False)
    tried: Mapping[str, Tried] = field(repr=False, compare=False, default_factory=dict)


def is_change(act: Act) -> bool:
    """Tell whether an act would change charter, standings or keys."""
    body = act.body
    return isinstance(body, Leave) or (
        isinstance(body, Propose) and isinstance(body.effect, Change)
    )


BEARING = ("leave", "propose", "stance", "closing", "key", "enter")
"""The kinds of acts that can matter to the succession."""


def bears_on(act: Act) -> bool:
    """Tell whether an act can matter to the succession."""
    return act.header.organ == COALITION and (
        is_change(act) or isinstance(act.body, Stance | Closing | Key | Enter)
    )


def succeed(
    ground: Constitution,
    acts: Iterable[Act],
    lists: Iterable[tuple[str, ...]] = (),
    *,
    before: Succession | None = None,
) -> Succession:
    """Return what a set of acts of the organ of all amounts to.

    Parameters
    ----------
    lists
        Sets of changes that may be constitutions, beside those that members entered.
    before
        What some of the acts amounted to. It changes no answer, and spares
        looking anew at changes about which nothing has come: one member could
        otherwise make each act take longer for all by proposing many.
    """
    relevant = sorted((a for a in acts if bears_on(a)), key=lambda act: act.id)
    made = _Making(ground, relevant, lists, before)
    made.run()
    return made.succession()


class _Making:
    """The fixed point of what is settled and what is known."""

    def __init__(
        self,
        ground: Constitution,
        acts: list[Act],
        lists: Iterable[tuple[str, ...]],
        before: Succession | None,
    ) -> None:
        self.ground = ground
        same = before is not None and before.ground.id == ground.id
        self.before = before if same else None
        self.rotations = [act for act in acts if isinstance(act.body, Key)]
        self.rotations_by_key: dict[str, list[Act]] = {}
        for act in self.rotations:
            self.rotations_by_key.setdefault(act.key_id, []).append(act)
        self.changes = [act for act in acts if is_change(act)]
        self.lists = {act.body.changes for act in acts if isinstance(act.body, Enter)}
        self.lists.update(lists)
        self.answers: dict[str, list[Act]] = {}
        for act in acts:
            if isinstance(act.body, Stance | Closing):
                self.answers.setdefault(act.body.proposal, []).append(act)
        first = self._rotated(ground)
        self.known = {first.id: first}
        self.settled: dict[str, Act] = {}
        self.standings: dict[str, Standing] = {}
        self.keys: dict[str, frozenset[str]] = {}
        self.tried: dict[str, Tried] = {}

    def run(self) -> None:
        """Settle and enter in turn until there is no more to find."""
        before = (-1, -1)
        while before != (len(self.settled), len(self.known)):
            before = (len(self.settled), len(self.known))
            for act in self.changes:
                if act.id not in self.settled and self._is_settled(act):
                    self.settled[act.id] = act
            for listed in sorted({*self.lists, *map(self._successor, self.settled.values())}):
                self._learn(listed)

    def succession(self) -> Succession:
        """Return what was found."""
        ring = keyring(self.ground.founding)
        for name in sorted(self.known):
            ring = ring.with_keys(self.known[name].holders.values())
        after = changed(self.ground, {n: self.settled[n] for n in self._uncontested()})
        assert isinstance(after, Constitution)  # one line a register, each from the founding
        current = self.known.get(after.id) or self._rotated(after)
        settled = {name: self.settled[name] for name in sorted(self.settled)}
        standings = {n: self.standings[n] for n in settled if n in self.standings}
        rotations = tuple(
            act
            for act in self.rotations
            if any(rotation_reason(act, under) is None for under in self.known.values())
        )
        return Succession(
            self.ground,
            self.known,
            settled,
            self._contested(),
            current,
            ring,
            standings,
            rotations,
            self.tried,
        )

    def _is_settled(self, act: Act) -> bool:
        under = self.known.get(act.header.constitution)
        if under is None:
            return False
        if isinstance(act.body, Leave):
            return act.header.organ == COALITION and under.speaks(act)
        answers = self.answers.get(act.id, [])
        keys = self.keys.setdefault(under.id, frozenset(under.holders))
        tried = (under.id, keys, tuple(answer.id for answer in answers))
        if self.tried.get(act.id) == tried:
            return False
        self.tried[act.id] = tried
        if self.before is not None and self.before.tried.get(act.id) == tried:
            stood = self.before.standings.get(act.id)
            if stood is not None:
                self.standings[act.id] = stood
            return stood is not None
        pinned = pin(act, under, self.ground)
        if isinstance(pinned, str):
            return False
        standing = stand(pinned, answers)
        if standing.settlement.outcome != "adopted":
            return False
        self.standings[act.id] = standing
        return True

    def _successor(self, act: Act) -> tuple[str, ...]:
        """Return the changes of the constitution that one change makes of its own."""
        return tuple(sorted((*self.known[act.header.constitution].changes, act.id)))

    def _learn(self, listed: tuple[str, ...]) -> None:
        """Take a set of changes for a constitution, if it is one."""
        name = constitution_id(self.ground.founding.id, listed)
        if name in self.known or not all(change in self.settled for change in listed):
            return
        acts = {change: self.settled[change] for change in listed}
        # Each was decided in a constitution whose changes must be here as well.
        if any(
            not self.known[act.header.constitution].changes.keys() <= acts.keys()
            for act in acts.values()
        ):
            return
        after = changed(self.ground, acts)
        if not isinstance(after, str):
            self.known[name] = self._rotated(after)

    def _rotated(self, under: Constitution) -> Constitution:
        """Return a constitution with the keys that its offices took themselves.

        Each act is looked at once for each key that signs it, however long the
        line of keys is: one member could otherwise make it take for ever.
        """
        fresh: Iterable[str] = under.holders
        while acts := [act for name in fresh for act in self.rotations_by_key.get(name, ())]:
            offers = [
                act.body.offer.held
                for act in acts
                if isinstance(act.body, Key) and rotation_reason(act, under) is None
            ]
            longer = under.with_keys(offers)
            fresh = [name for name in longer.holders if name not in under.holders]
            under = longer
        return under

    def _contested(self) -> tuple[Contested, ...]:
        places: dict[tuple[str, str | None], list[str]] = {}
        for act in self.settled.values():
            if isinstance(act.body, Propose):
                places.setdefault((register_of(act), replaced_by(act)), []).append(act.id)
        found = []
        for (register, _), rivals in sorted(places.items(), key=lambda item: item[1]):
            for one, other in combinations(sorted(rivals), 2):
                both = self._said_yes(one) & self._said_yes(other)
                found.append(Contested(register, one, other, tuple(sorted(both))))
        return tuple(found)

    def _said_yes(self, change: str) -> frozenset[str]:
        marks = self.standings[change].settlement.marks
        return frozenset(member for member, mark in marks.items() if mark == "yes")

    def _uncontested(self) -> tuple[str, ...]:
        """Return the settled changes, without those contested and all that came after them."""
        out = {name for pair in self._contested() for name in (pair.one, pair.other)}
        before = -1
        while before != len(out):
            before = len(out)
            for act in self.settled.values():
                under = self.known[act.header.constitution]
                if not out.isdisjoint(under.changes):
                    out.add(act.id)
        return tuple(sorted(name for name in self.settled if name not in out))


def rotation_reason(act: Act, under: Constitution) -> str | None:
    """Return why a further key of an office does not speak in a constitution; None if it does."""
    assert isinstance(act.body, Key)
    held = act.body.offer.held
    if act.header.organ != COALITION:
        return f"keys are taken in '{COALITION}' alone"
    if not under.speaks(act):
        return "the key that signs it does not speak"
    if (held.member, held.office) != (act.member, act.header.office):
        return "an office takes keys for itself alone"
    return offer_reason(act.body.offer, under.founding)


def enter_reason(act: Act, succession: Succession) -> str | None:
    """Return why an entering has no effect; None where it has."""
    assert isinstance(act.body, Enter)
    name = constitution_id(succession.ground.founding.id, act.body.changes)
    if act.header.organ != COALITION:
        return f"a constitution is entered in '{COALITION}' alone"
    if act.header.constitution != name:
        return "it lists other changes than those of the constitution that it names"
    if name not in succession.known:
        return "not all its changes are known to be settled"
    return None if succession.known[name].speaks(act) else "its key does not speak there"
