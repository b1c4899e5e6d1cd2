"""Beacons: when a node was last sure, what it had, and which stances it had heard.

A beacon is signed and stands in no chain; only the latest of a member in an
organ counts. It proves nothing about a proposal. It is what lets a page say
"last sure of Brill 4 minutes ago" and "your objection is heard by 2 of the 6
that make it count", and it turns what a carrier holds back into something that
shows. spec/exchange.md is the authority.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from comity.core.envelope import Envelope, EnvelopeForm, read_envelope, seal
from comity.core.founding import Code, Hash, KeyHeld, Label, Name
from comity.core.signing import public_key
from comity.core.strict import instant, read_json, spelled, write_json
from comity.errors import ActError

BEACON = "application/vnd.comity.beacon.v1+json"
EXERCISE_BEACON = "application/vnd.comity.exercise-beacon.v1+json"
MAX_BEACON = 131_072
MAX_TIPS = 8
MAX_CHAINS = 1_000
MAX_HEARD = 200

Place = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Instant = Annotated[str, Meta(max_length=40)]


class Tip(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An act at the end of a chain, or of a branch of it."""

    seq: Place
    id: Hash


Tips: TypeAlias = Annotated[tuple[Tip, ...], Meta(min_length=1, max_length=MAX_TIPS)]
Chains: TypeAlias = Annotated[dict[Code, Tips], Meta(max_length=MAX_CHAINS)]
Heard: TypeAlias = Annotated[tuple[Hash, ...], Meta(min_length=1, max_length=1_001)]


class BeaconForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The payload of a beacon.

    `heads` are the ends of the chains that the node has, by member; `heard`
    the stances it has, by open proposal.
    """

    comity: Literal[1]
    coalition: Hash
    organ: Name
    member: Code
    office: Label
    instant: Instant
    heads: Chains
    heard: Annotated[dict[Hash, Heard], Meta(max_length=MAX_HEARD)]


@dataclass(frozen=True, slots=True)
class Beacon:
    """A verified beacon.

    Parameters
    ----------
    instant
        Since when the signer says all this; its word, binding the signer only.
    """

    id: str
    said: BeaconForm
    instant: datetime
    envelope: Envelope = field(repr=False)

    @property
    def later(self) -> tuple[datetime, int, int, str]:
        """What says which of two beacons is the later.

        The instant; then, as a record only grows and two may be of one second,
        which shows more acts, or more stances; then the id.
        """
        acts = sum(tip.seq for tips in self.said.heads.values() for tip in tips)
        stances = sum(map(len, self.said.heard.values()))
        return (self.instant, acts, stances, self.id)


def beacon_type(*, exercise: bool) -> str:
    """Return the payload type of a coalition's beacons."""
    return EXERCISE_BEACON if exercise else BEACON


def write_beacon(
    coalition: str,
    organ: str,
    *,
    member: str,
    office: str,
    now: datetime,
    heads: Mapping[str, tuple[Tip, ...]],
    heard: Mapping[str, Sequence[str]],
    seed: bytes,
    exercise: bool = False,
) -> Beacon:
    """Sign a beacon.

    Parameters
    ----------
    heads
        As `Exchange.heads` gives them.
    heard
        By the id of each open proposal, the ids of the stances at hand.

    Raises
    ------
    ActError
        If its own reader would refuse it; ``too-large`` where more is heard
        than fits: leave out the proposals that expire last.
    """
    said = BeaconForm(
        1,
        coalition,
        organ,
        member,
        office,
        spelled(now),
        dict(heads),
        {name: tuple(sorted(ids)) for name, ids in heard.items() if ids},
    )
    kind = beacon_type(exercise=exercise)
    envelope = seal(kind, write_json(said), [(seed, public_key(seed))])
    return _beacon(envelope, coalition)


def read_beacon(
    form: EnvelopeForm, *, coalition: str, holders: Mapping[str, KeyHeld], exercise: bool = False
) -> Beacon:
    """Read a beacon, and verify it.

    Parameters
    ----------
    holders
        Who holds the key of each short name, as of now.

    Raises
    ------
    ActError
        With the first refusal in the order of spec/exchange.md 5.
    """
    envelope = read_envelope(
        form, limit=MAX_BEACON, types=(beacon_type(exercise=exercise),), what="the beacon"
    )
    if len(envelope.signatures) != 1:
        raise ActError(
            f"the beacon has {len(envelope.signatures)} signatures, and one member speaks in it",
            hint="sign it with the key of the office that speaks",
            refusal="signature-count",
        )
    name = envelope.signatures[0].key_id
    held = holders.get(name)
    envelope.signers({} if held is None else {name: bytes.fromhex(held.key)})
    beacon = _beacon(envelope, coalition)
    signer = holders[name]
    if (beacon.said.member, beacon.said.office) != (signer.member, signer.office):
        raise ActError(
            f"it says {beacon.said.member}, {beacon.said.office}, "
            f"and is signed by {signer.member}, {signer.office}",
            hint="each office signs for itself",
            refusal="another-signer",
        )
    return beacon


def _beacon(envelope: Envelope, coalition: str) -> Beacon:
    said = read_json(envelope.payload, BeaconForm, limit=MAX_BEACON, what="the beacon")
    if said.coalition != coalition:
        raise ActError(
            f"the beacon belongs to another coalition or run: {said.coalition[:16]}",
            hint=f"this one is {coalition[:16]}",
            refusal="another-coalition",
        )
    moment = instant(said.instant, "the instant of the beacon")
    return Beacon(envelope.id, said, moment, envelope)


@dataclass(slots=True)
class Beacons:
    """The latest beacon of each member in each organ."""

    latest: dict[tuple[str, str], Beacon] = field(default_factory=dict)

    def take(self, beacon: Beacon) -> bool:
        """Keep a verified beacon if it is later than the one at hand; tell whether it was."""
        place = (beacon.said.organ, beacon.said.member)
        known = self.latest.get(place)
        if known is not None and beacon.later <= known.later:
            return False
        self.latest[place] = beacon
        return True

    def of(self, organ: str) -> Iterator[Beacon]:
        """Yield the latest beacons of an organ, in order of member."""
        for place in sorted(self.latest):
            if place[0] == organ:
                yield self.latest[place]

    def staleness(self, organ: str, member: str, now: datetime) -> float | None:
        """Return how many seconds ago a member's node was last sure; None if it never was.

        A clock that runs ahead of ours is taken as now.
        """
        known = self.latest.get((organ, member))
        return None if known is None else max(0.0, (now - known.instant).total_seconds())

    def heard_by(self, organ: str, stance: str) -> frozenset[str]:
        """Return whose nodes say that they have heard a stance."""
        return frozenset(
            beacon.said.member
            for beacon in self.of(organ)
            if any(stance in ids for ids in beacon.said.heard.values())
        )
