"""The exchange: how one node's record comes to hold what the others hold, over any carrier.

A carrier may drop, repeat, reorder, delay and replay; a peer may lie, flood
and send garbage. An honest path gives equal records, a gap that shows, or
staleness that shows. spec/exchange.md is the authority.

How a node uses it::

    exchange = Exchange(founding.id, "Brill", exercise=founding.exercise)
    exchange.hold(acts of the record)                          # once, at the start

    got = exchange.receive(peer, data, readers=readers, now=now,
                           verify=verify, find=find, holders=holders)
    keep got.acts in the record, durably; then
    exchange.hold(got.acts)
    send got.letters, and if got.organ is not None
        exchange.due(readers=readers, now=now, organ=got.organ)

    exchange.push(acts, readers=readers)                       # own acts, kept and held before
    exchange.announce(write_beacon(...), readers=readers)      # from time to time
    exchange.due(readers=readers, now=now)                     # at least once a second

``readers`` says who reads each organ as of now; ``verify`` reads one act, and
raises ActError if it does not verify (what is only sealed, or in a box that
cannot be opened, is *unknown*: it returns it); ``find`` gives the act of an id
out of the record; ``holders`` says who holds which key. Time is given; nothing
here reads a clock or draws lots: the same calls give the same letters.

Invariants:

1. What a peer is sent depends only on organs that it reads: there is one
   `Copy` for each organ, messages are about one organ, and copies share nothing.
   So after a message only what is due in its organ is sent; the rest when the
   clock says so.
2. An act counts as at hand only after `hold`, and so only once it is kept.
3. Beside the index of acts at hand, what is remembered is bounded (`entries`).
4. A message calls forth at most one answer; heads, at most one beacon of each
   member besides.

Unlike other values of the core, an exchange changes in place: an index of a
hundred thousand acts is not copied for one more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TypeAlias, TypeVar

import msgspec

from comity.core.acts import Act, ActForm
from comity.core.beacons import Beacon, Beacons, Tip, read_beacon
from comity.core.copies import LIMITS, Copy, Limits, Peer
from comity.core.founding import KeyHeld
from comity.core.messages import (
    MAX_ACTS,
    MAX_BATCH,
    Acts,
    BeaconTold,
    Heads,
    Request,
    batches,
    read_message,
    write_acts,
)
from comity.core.places import BRANCHES, Places
from comity.core.signing import pae
from comity.core.strict import instant, read_base64, write_json
from comity.errors import ActError, UsageError

Readers: TypeAlias = Mapping[str, Collection[str]]
"""Who reads each organ, as of now."""
Verify: TypeAlias = Callable[[ActForm], Act]
Find: TypeAlias = Callable[[str], ActForm | None]
Peeked = TypeVar("Peeked")


PATIENCE = 16
"""How many acts of one message may be signed and yet not be read, before we stop listening."""
_FORGED = frozenset(
    (
        "payload-type",
        "not-base64",
        "signature-size",
        "signature-count",
        "opening",
        "bad-signature",
        "another-coalition",
        "another-signer",
        "commitment",
        "withheld",
        "another-organ",
    )
)
"""Refusals that an honest peer never earns: it verified what it passes on."""


@dataclass(frozen=True, slots=True)
class Letter:
    """Bytes for a peer."""

    peer: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Received:
    """What came of a message.

    Parameters
    ----------
    organ
        What it was about; None if this node or the peer does not read that.
    acts
        New and verified: to be kept, and then held.
    letters
        To be sent.
    beacon
        A beacon that is later than the one at hand, if one came.
    fault
        Why the message, or the rest of it, was not used; for this node's own
        log, never for the peer.
    """

    organ: str | None = None
    acts: tuple[Act, ...] = ()
    letters: tuple[Letter, ...] = ()
    beacon: Beacon | None = None
    fault: ActError | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Acts that are known to be missing.

    Parameters
    ----------
    member, first, last
        Whose chain, and between which numbers, both included.
    id
        Which act, where that is known.
    told_by
        Whose beacon says that there is one; None if our own record shows it.
    """

    organ: str
    member: str
    first: int
    last: int
    id: str | None = None
    told_by: str | None = None


class Exchange:
    """One node's side of the exchange.

    Parameters
    ----------
    coalition
        The founding's id.
    member
        Whom this node serves. Peers are named likewise, by the carrier.

    Attributes
    ----------
    beacons
        The latest beacons: how stale each member is, who has heard a stance.
    """

    def __init__(
        self,
        coalition: str,
        member: str,
        *,
        exercise: bool = False,
        limits: Limits = LIMITS,
    ) -> None:
        self.coalition = coalition
        self.member = member
        self.exercise = exercise
        self.limits = limits
        self.copies: dict[str, Copy] = {}
        self.beacons = Beacons()
        self._heads: dict[str, bytes] = {}

    # What is at hand.

    def hold(self, acts: Iterable[Act]) -> None:
        """Take in verified acts that the record keeps."""
        for act in acts:
            organ = act.header.organ
            if self._copy(organ).hold(act):
                self._heads.pop(organ, None)

    def want(self, organ: str, ids: Iterable[str], *, anew: bool = False) -> None:
        """Ask for acts by their ids, such as those a closing names.

        They are taken in however many other acts stand in their places. Of
        more than 1,024 the oldest are let go: say again what is still wanted.

        Parameters
        ----------
        anew
            Also those at hand: the copy at hand could not be opened.
        """
        copy = self._copy(organ)
        for name in ids:
            if anew or not copy.has(name):
                copy.want(name)

    def heads(self, organ: str) -> dict[str, tuple[Tip, ...]]:
        """Return where the chains of an organ end, by member: of each the last ends."""
        copy = self.copies.get(organ)
        return {} if copy is None else copy.ends()

    def gaps(self, organ: str) -> tuple[Gap, ...]:
        """Return what is known to be missing, by our own record and by the latest beacons."""
        chains, found = self._chains(organ), []
        for member in sorted(chains):
            places = chains[member]
            found += [Gap(organ, member, *span) for span in places.missing()]
            found += [Gap(organ, member, k, k, name) for name, k in sorted(places.loose.items())]
        for beacon in self.beacons.of(organ):
            for member, tips in sorted(beacon.said.heads.items()):
                known = chains[member].known if member in chains else {}
                found += [
                    Gap(organ, member, tip.seq, tip.seq, tip.id, beacon.said.member)
                    for tip in tips
                    if tip.id not in known
                ]
        return tuple(found)

    def forks(self, organ: str) -> dict[str, tuple[int, ...]]:
        """Return under which numbers members signed more than one act."""
        chains = self._chains(organ)
        return {m: chains[m].forks for m in sorted(chains) if chains[m].forks}

    def confirmed_by(self, organ: str) -> frozenset[str]:
        """Return which peers said where our own chain ends, and named no act that is not at hand.

        A node that was restored from a copy signs nothing before n + f + 1 have.
        """
        copy = self.copies.get(organ)
        if copy is None:
            return frozenset()
        known = copy.chains[self.member].known if self.member in copy.chains else {}
        said = {name: peer.ends_of_ours for name, peer in copy.peers.items()}
        return frozenset(
            name
            for name, ends in said.items()
            if ends is not None and all(tip.id in known for tip in ends)
        )

    def entries(self) -> int:
        """Count what is remembered beside the acts at hand."""
        return len(self.beacons.latest) + sum(copy.entries() for copy in self.copies.values())

    # What comes.

    def receive(
        self,
        peer: str,
        data: bytes,
        *,
        readers: Readers,
        now: datetime,
        verify: Verify,
        find: Find,
        holders: Mapping[str, KeyHeld],
    ) -> Received:
        """Take a message.

        About an organ that this node or the peer does not read it says
        nothing, as about an organ that there is not.

        Raises
        ------
        ActError
            If the bytes are no message of this coalition. What is wrong with
            what a message carries is told as `Received.fault`.
        """
        message = read_message(data, self.coalition)
        if peer not in self._others(readers, message.organ):
            return Received()
        copy = self._copy(message.organ)
        known = copy.peer(peer)
        if isinstance(message, Request):
            return self._answer(copy, peer, message, find, now)
        if not copy.listens(known, now):
            return Received(message.organ)
        if isinstance(message, Heads):
            return self._compare(copy, peer, message, now)
        if isinstance(message, Acts):
            return self._take(copy, known, message, verify, now)
        try:
            return self._look(copy, message, readers, now, holders)
        except ActError as fault:
            if fault.refusal in _FORGED:
                copy.bar(known, now)
            return Received(message.organ, fault=fault)

    def _compare(self, copy: Copy, peer: str, message: Heads, now: datetime) -> Received:
        """Note what a peer claims to have, and pass on beacons that it lacks."""
        known = copy.peer(peer)
        for member in [member for member in known.claims if member not in message.chains]:
            known.forget(member)
        copy.compare(known, message.chains)
        known.ends_of_ours = message.chains.get(self.member, ())
        if copy.lags(message.chains):
            known.owed = True
        letters = [
            Letter(peer, self._written(beacon))
            for beacon in self.beacons.of(message.organ)
            if beacon.said.member != peer
            and self._is_newer(beacon, message.beacons.get(beacon.said.member))
            and copy.may_answer(known, now)
        ]
        return Received(message.organ, letters=tuple(letters))

    def _is_newer(self, beacon: Beacon, theirs: str | None) -> bool:
        """Tell whether a beacon is much newer than the one a peer says it has, or it has none."""
        if theirs is None:
            return True
        behind = beacon.instant - instant(theirs, "the instant of a beacon")
        return behind >= timedelta(seconds=self.limits.relay_after)

    def _answer(
        self, copy: Copy, peer: str, message: Request, find: Find, now: datetime
    ) -> Received:
        """Give what is asked for and at hand, as much as fits."""
        if not copy.may_answer(copy.peer(peer), now):
            return Received(message.organ)
        chosen: dict[str, bytes] = {}
        size, cut = 0, False
        for name in copy.serve(message):
            form = None if name in chosen else find(name)
            if form is not None:
                written = write_json(form)
                size += len(written)
                cut = len(chosen) == MAX_ACTS or size > MAX_BATCH
                if cut:
                    break
                chosen[name] = written
        data = write_acts(self.coalition, message.organ, chosen.values(), ask=message.ask, cut=cut)
        return Received(message.organ, letters=(Letter(peer, data),))

    def _look(
        self,
        copy: Copy,
        message: BeaconTold,
        readers: Readers,
        now: datetime,
        holders: Mapping[str, KeyHeld],
    ) -> Received:
        """Take a beacon if it is later than the one at hand."""
        if self._is_old(message):
            return Received(message.organ)
        beacon = read_beacon(
            message.beacon, coalition=self.coalition, holders=holders, exercise=self.exercise
        )
        if beacon.said.organ != message.organ:
            raise _another_organ("the beacon", beacon.said.organ, message.organ)
        author = beacon.said.member
        if beacon.instant > now + timedelta(seconds=self.limits.ahead):
            raise ActError(
                f"{author}'s beacon is of {beacon.said.instant}, and that is yet to come",
                hint="set the clock that is wrong: theirs or this one",
                refusal="early",
            )
        if author not in readers[message.organ] or not self.beacons.take(beacon):
            return Received(message.organ)
        self._heads.pop(message.organ, None)
        if author != self.member:
            copy.compare(copy.peer(author), beacon.said.heads)
        return Received(message.organ, beacon=beacon)

    def _is_old(self, message: BeaconTold) -> bool:
        """Tell, before its signature is looked at, whether a beacon says nothing new."""
        payload = read_base64(message.beacon.payload, "the payload of the beacon")
        peeked = _peek(payload, _BeaconPeek)
        if peeked is None:
            return False
        latest = self.beacons.latest.get((message.organ, peeked.member))
        return latest is not None and (
            peeked.instant < latest.said.instant or payload == latest.envelope.payload
        )

    def _take(
        self, copy: Copy, known: Peer, message: Acts, verify: Verify, now: datetime
    ) -> Received:
        """Verify what is new among some acts, up to the first that the peer is to blame for."""
        faults: list[ActError] = []
        fresh: dict[str, Act] = {}
        stand: dict[tuple[str, int], int] = {}
        for form in message.acts:
            try:
                if _is_at_hand(copy, form):
                    continue
                act = verify(form)
                _check_told(act, message.organ)
            except ActError as fault:
                faults.append(fault)
                signed = sum(one.refusal != "unknown-key" for one in faults)
                if _is_to_blame(form, fault) or signed > PATIENCE:
                    copy.bar(known, now)
                    break
                continue
            place = (act.member, act.header.seq)
            if place not in stand:
                stand[place] = len(copy.chains.get(act.member, Places()).at(act.header.seq))
            if act.id not in fresh and (stand[place] < BRANCHES or act.id in copy.wanted):
                stand[place] += 1
                fresh[act.id] = act
        if known.ask is not None and message.ask == known.ask.number:
            copy.answered(known, fresh, now, cut=message.cut)
        first = faults[0] if faults else None
        return Received(message.organ, tuple(fresh.values()), fault=first)

    # What goes.

    def push(self, acts: Iterable[Act], *, readers: Readers) -> tuple[Letter, ...]:
        """Send acts to all who read their organ, without being asked.

        Raises
        ------
        UsageError
            If an act is not held: what is sent is in the record before.
        """
        written: dict[str, list[bytes]] = {}
        for act in acts:
            organ, member, _ = act.place
            if act.id not in self._chains(organ).get(member, Places()).known:
                raise UsageError(
                    f"{act.id[:16]} is not in the record yet",
                    hint="keep it and call hold before it is sent",
                )
            written.setdefault(organ, []).append(write_json(act.form()))
        return tuple(
            Letter(peer, data)
            for organ in written
            for data in [write_acts(self.coalition, organ, b) for b in batches(written[organ])]
            for peer in self._others(readers, organ)
        )

    def announce(self, beacon: Beacon, *, readers: Readers) -> tuple[Letter, ...]:
        """Send this node's own beacon to all who read the organ."""
        organ, data = beacon.said.organ, self._written(beacon)
        self.beacons.take(beacon)
        self._heads.pop(organ, None)
        return tuple(Letter(peer, data) for peer in self._others(readers, organ))

    def due(
        self, *, readers: Readers, now: datetime, organ: str | None = None
    ) -> tuple[Letter, ...]:
        """Return what is to be sent now: requests for what is missing, and heads.

        Parameters
        ----------
        organ
            In this organ alone.
        """
        return tuple(
            letter
            for name in (sorted(readers) if organ is None else (organ,))
            for letter in self._due(name, self._others(readers, name), now)
        )

    def _due(self, organ: str, peers: tuple[str, ...], now: datetime) -> Iterator[Letter]:
        if not peers:
            return
        copy = self._copy(organ)
        copy.keep_only(peers)
        for name in peers:
            copy.expire(copy.peer(name), now)
        for name, ask in copy.requests(peers, now):
            request = Request(1, self.coalition, organ, ask.number, ask.ranges, ask.ids)
            yield Letter(name, write_json(request))
        for name in copy.news(peers, now):
            yield Letter(name, self._told(organ))

    def _others(self, readers: Readers, organ: str) -> tuple[str, ...]:
        """Return the peers in an organ that this node reads, in an order that begins after it."""
        names = readers.get(organ, ())
        if self.member not in names:
            return ()
        others = (name for name in names if name != self.member)
        return tuple(sorted(others, key=lambda name: (name < self.member, name)))

    def _told(self, organ: str) -> bytes:
        """Write where chains end; kept until something changes."""
        if organ not in self._heads:
            lit = {beacon.said.member: beacon.said.instant for beacon in self.beacons.of(organ)}
            self._heads[organ] = write_json(Heads(1, self.coalition, organ, self.heads(organ), lit))
        return self._heads[organ]

    def _written(self, beacon: Beacon) -> bytes:
        organ = beacon.said.organ
        return write_json(BeaconTold(1, self.coalition, organ, beacon.envelope.form()))

    def _chains(self, organ: str) -> Mapping[str, Places]:
        copy = self.copies.get(organ)
        return {} if copy is None else copy.chains

    def _copy(self, organ: str) -> Copy:
        copy = self.copies.get(organ)
        if copy is None:
            copy = self.copies[organ] = Copy(self.limits)
        return copy


class _ActPeek(msgspec.Struct):
    member: str


class _BeaconPeek(msgspec.Struct):
    member: str
    instant: str


def _peek(payload: bytes, kind: type[Peeked]) -> Peeked | None:
    """Read something out of a payload that is not verified: to look it up, never to believe it."""
    try:
        return msgspec.json.decode(payload, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _is_at_hand(copy: Copy, form: ActForm) -> bool:
    """Tell whether an act was verified before, and is not asked for anew."""
    payload = read_base64(form.envelope.payload, "the payload of the act")
    peeked = _peek(payload, _ActPeek)
    places = None if peeked is None else copy.chains.get(peeked.member)
    if places is None:
        return False
    name = sha256(pae(form.envelope.payloadType, payload)).hexdigest()
    return name in places.known and name not in copy.wanted


def _check_told(act: Act, organ: str) -> None:
    """Check what a verified act must be to be taken in from a peer."""
    if act.header.organ != organ:
        raise _another_organ("the act", act.header.organ, organ)
    if act.body_bytes is None and act.sealed is None:
        raise ActError(
            f"number {act.header.seq} of {act.member} comes without its body, sealed or opened",
            hint="ask another node for the act",
            refusal="withheld",
        )


def _another_organ(what: str, organ: str, told: str) -> ActError:
    return ActError(
        f"{what} is of organ '{organ}' and came in a message about '{told}'",
        hint="a message is about one organ",
        refusal="another-organ",
    )


def _is_to_blame(form: ActForm, fault: ActError) -> bool:
    """Tell whether whoever passed an act on could see that it does not verify.

    It could not see what is in a box; and what is wrong in what was signed is
    its author's fault, or is understood by a later version.
    """
    return fault.refusal in _FORGED and not (fault.refusal == "commitment" and form.sealed)
