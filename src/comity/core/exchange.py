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
    send got.letters, then exchange.due(readers=readers, now=now)

    exchange.push(acts, readers=readers)                       # own acts, kept and held before
    exchange.announce(write_beacon(...), readers=readers)      # from time to time
    exchange.due(readers=readers, now=now)                     # at least once a second

``readers`` says who reads each organ as of now, ``verify`` reads one act and
raises ActError, ``find`` gives the act of an id out of the record, ``holders``
who holds which key. Time is given; nothing here reads a clock or draws lots:
the same calls give the same letters.

Invariants:

1. What a peer is sent depends only on organs that it reads: there is one
   `Copy` for each organ, messages are about one organ, and copies share nothing.
2. An act counts as at hand only after `hold`, and so only once it is kept.
3. Beside the index of acts at hand, what is remembered is bounded
   (`entries`), and for one message that came at most one answer goes out.

Unlike other values of the core, an exchange changes in place: an index of a
hundred thousand acts is not copied for one more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Annotated, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Meta

from comity.core.acts import Act, ActForm
from comity.core.beacons import (
    MAX_CHAINS,
    MAX_TIPS,
    Beacon,
    Beacons,
    Chains,
    Instant,
    Place,
    Tip,
    read_beacon,
)
from comity.core.envelope import EnvelopeForm
from comity.core.founding import Code, Hash, KeyHeld, Name
from comity.core.places import BRANCHES, Places
from comity.core.signing import pae
from comity.core.strict import instant, read_base64, read_json, write_json
from comity.errors import ActError, UsageError

MAX_MESSAGE = 1_048_576
MAX_ACTS = 256
MAX_BATCH = 786_432
MAX_RANGES = 64
MAX_IDS = 64
MAX_WANTED = 1_024
RANGES_PER_CHAIN = 8
BACK = 64
"""How many places before a missing one are asked for with it, to walk back along a branch."""
TRIES = 2
"""How often a peer may leave a chain unanswered before its claim to it is forgotten."""

Number = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Readers: TypeAlias = Mapping[str, Collection[str]]
"""Who reads each organ, as of now."""
Verify: TypeAlias = Callable[[ActForm], Act]
Find: TypeAlias = Callable[[str], ActForm | None]
Peeked = TypeVar("Peeked")


class _Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    comity: Literal[1]
    coalition: Hash
    organ: Name


class Heads(_Message, frozen=True, tag="heads"):
    """Where the sender's chains end, and when its latest beacons were lit."""

    chains: Chains
    beacons: Annotated[dict[Code, Instant], Meta(max_length=MAX_CHAINS)]


class BeaconTold(_Message, frozen=True, tag="beacon"):
    """A beacon, of the sender or of another."""

    beacon: EnvelopeForm


class Range(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some places of a member's chain, both ends included."""

    member: Code
    first: Place
    last: Place


class Request(_Message, frozen=True, tag="request"):
    """What the sender lacks: places of chains, and ids."""

    ask: Number
    ranges: Annotated[tuple[Range, ...], Meta(max_length=MAX_RANGES)]
    ids: Annotated[tuple[Hash, ...], Meta(max_length=MAX_IDS)]


class Acts(_Message, frozen=True, tag="acts", omit_defaults=True):
    """Some acts: an answer to the request of number `ask`, or without being asked.

    `cut` says that there is more than fits.
    """

    acts: Annotated[tuple[ActForm, ...], Meta(max_length=MAX_ACTS)]
    ask: Number | None = None
    cut: bool = False


Message: TypeAlias = Heads | BeaconTold | Request | Acts


@dataclass(frozen=True, slots=True)
class Limits:
    """How fast and how much; in seconds, except `fan` and `answers`.

    Parameters
    ----------
    ask_again
        After so long without an answer another peer is asked.
    rest
        How often anybody is asked for what nobody claims to have.
    heads_every, heads_soon
        How often every peer is told where chains end; and after a change, at
        most so often.
    fan
        How many peers are told soon of a change; the others hear of it from
        them, or in their turn.
    barred
        How long a peer that sent what does not verify is not listened to.
    answers, window
        At most so many answers to one peer in so long.
    relay_after
        A beacon is passed on to a peer whose own is older by so much.
    ahead
        A beacon that is further ahead of our clock is refused.
    """

    ask_again: float = 5
    rest: float = 30
    heads_every: float = 30
    heads_soon: float = 1
    fan: int = 3
    barred: float = 60
    answers: int = 256
    window: float = 10
    relay_after: float = 60
    ahead: float = 300


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


@dataclass(frozen=True, slots=True)
class _Ask:
    number: int
    at: datetime
    members: tuple[str, ...]
    ids: tuple[str, ...]


@dataclass(slots=True)
class _Peer:
    """What is remembered of a peer in one organ."""

    claims: dict[str, dict[str, int]] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    vain: int = 0
    ask: _Ask | None = None
    barred: datetime | None = None
    told: datetime | None = None
    owed: bool = False
    window: datetime | None = None
    answers: int = 0

    def forget(self, member: str) -> None:
        """Forget that it claims to have more of a chain."""
        self.claims.pop(member, None)
        self.tries.pop(member, None)


@dataclass(slots=True)
class _Want:
    """What is asked of anybody: how many were asked in vain, and since when it rests."""

    tries: int = 0
    rests: datetime | None = None

    def in_vain(self, peers: int, now: datetime) -> None:
        """One more was asked in vain; once all were, it rests."""
        self.tries += 1
        if self.tries % peers == 0:
            self.rests = now


@dataclass(slots=True)
class _Plan:
    """A request in the making."""

    ranges: list[Range] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Copy:
    """What a node has of one organ, what it lacks, and whom it asked."""

    chains: dict[str, Places] = field(default_factory=dict)
    peers: dict[str, _Peer] = field(default_factory=dict)
    holed: dict[str, _Want] = field(default_factory=dict)
    wanted: dict[str, _Want] = field(default_factory=dict)
    asked: int = 0
    turn: int = 0
    told: bytes | None = None
    changed: bool = False
    fanned: datetime | None = None

    def has(self, name: str) -> bool:
        """Tell whether an act is at hand."""
        return any(name in places.known for places in self.chains.values())

    def entries(self) -> int:
        """Count what is remembered beside the acts at hand."""
        return (
            len(self.holed)
            + len(self.wanted)
            + sum(
                1
                + sum(len(tips) for tips in peer.claims.values())
                + len(peer.tries)
                + (0 if peer.ask is None else 1 + len(peer.ask.members) + len(peer.ask.ids))
                for peer in self.peers.values()
            )
        )


class Exchange:
    """One node's side of the exchange.

    Parameters
    ----------
    coalition
        The founding's id.
    member
        Whom this node serves. Peers are named likewise, by the carrier.
    """

    def __init__(
        self,
        coalition: str,
        member: str,
        *,
        exercise: bool = False,
        limits: Limits = Limits(),
    ) -> None:
        self.coalition = coalition
        self.member = member
        self.exercise = exercise
        self.limits = limits
        self.copies: dict[str, Copy] = {}
        self.beacons = Beacons()

    # What is at hand.

    def hold(self, acts: Iterable[Act]) -> None:
        """Take in verified acts that the record keeps."""
        for act in acts:
            organ, member, seq = act.place
            copy = self._copy(organ)
            places = copy.chains.get(member)
            if places is None:
                places = copy.chains[member] = Places()
            copy.wanted.pop(act.id, None)
            if places.add(act.id, seq, act.header.prev):
                copy.changed, copy.told = True, None
                if not places.whole:
                    copy.holed.setdefault(member, _Want())

    def want(self, organ: str, ids: Iterable[str], *, anew: bool = False) -> None:
        """Ask for acts by their ids, such as those a closing names.

        They are taken in however many other acts stand in their places.

        Parameters
        ----------
        anew
            Also those at hand: the copy at hand could not be opened.
        """
        copy = self._copy(organ)
        for name in ids:
            if (anew or not copy.has(name)) and name not in copy.wanted:
                if len(copy.wanted) >= MAX_WANTED:
                    del copy.wanted[next(iter(copy.wanted))]
                copy.wanted[name] = _Want()

    def heads(self, organ: str) -> dict[str, tuple[Tip, ...]]:
        """Return where the chains of an organ end, by member: the last ends of each."""
        chains = self._chains(organ)
        return {m: _ends(chains[m]) for m in sorted(chains)[:MAX_CHAINS]}

    def gaps(self, organ: str) -> tuple[Gap, ...]:
        """Return what is known to be missing, by our own record and by the latest beacons."""
        chains, found = self._chains(organ), []
        for member in sorted(chains):
            places = chains[member]
            found += [Gap(organ, member, *span) for span in places.missing()]
            found += [
                Gap(organ, member, seq, seq, name) for name, seq in sorted(places.loose.items())
            ]
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
            a well-formed message is told as `Received.fault`.
        """
        message = read_message(data, self.coalition)
        if peer not in self._others(readers, message.organ):
            return Received()
        copy = self._copy(message.organ)
        known = _peer(copy, peer)
        if isinstance(message, Request):
            return self._answer(copy, peer, message, find, now)
        if self._barred(known, now):
            return Received()
        if isinstance(message, Heads):
            return self._compare(copy, peer, message, now)
        if isinstance(message, BeaconTold):
            return self._look(copy, peer, message, readers, now, holders)
        return self._take(copy, peer, message, verify, now)

    def _compare(self, copy: Copy, peer: str, message: Heads, now: datetime) -> Received:
        """Note what a peer claims to have, and pass on beacons that it lacks."""
        known = _peer(copy, peer)
        for member in [m for m in known.claims if m not in message.chains]:
            known.forget(member)
        self._claims(copy, known, message.chains)
        lags = any(
            places.top > max((tip.seq for tip in message.chains.get(m, ())), default=0)
            for m, places in copy.chains.items()
        )
        known.owed = lags and _passed(known.told, self.limits.ask_again, now)
        letters = []
        for beacon in self.beacons.of(message.organ):
            theirs = message.beacons.get(beacon.said.member)
            if (
                beacon.said.member != peer
                and _is_older(theirs, beacon.instant, self.limits.relay_after)
                and self._may_answer(known, now)
            ):
                letters.append(Letter(peer, self._written(message.organ, beacon)))
        return Received(letters=tuple(letters))

    def _claims(self, copy: Copy, known: _Peer, chains: Chains) -> None:
        """Note which of these ends are not at hand; claims to other chains stay."""
        for member, tips in chains.items():
            lacked = {t.id: t.seq for t in tips if _lacks(copy.chains.get(member), t.id, t.seq)}
            if lacked:
                known.claims[member] = lacked

    def _answer(
        self, copy: Copy, peer: str, message: Request, find: Find, now: datetime
    ) -> Received:
        """Give what is asked for and at hand, as much as fits."""
        if not self._may_answer(_peer(copy, peer), now):
            return Received()
        chosen: dict[str, bytes] = {}
        size, cut = 0, False
        for name in _asked_for(copy, message):
            if name in chosen:
                continue
            form = find(name)
            if form is None:
                continue
            written = write_json(form)
            if len(chosen) == MAX_ACTS or size + len(written) > MAX_BATCH:
                cut = True
                break
            chosen[name] = written
            size += len(written)
        data = self._batch(message.organ, chosen.values(), ask=message.ask, cut=cut)
        return Received(letters=(Letter(peer, data),))

    def _look(
        self,
        copy: Copy,
        peer: str,
        message: BeaconTold,
        readers: Readers,
        now: datetime,
        holders: Mapping[str, KeyHeld],
    ) -> Received:
        """Take a beacon if it is later than the one at hand."""
        known = _peer(copy, peer)
        try:
            if self._is_old(message):
                return Received()
            beacon = read_beacon(
                message.beacon, coalition=self.coalition, holders=holders, exercise=self.exercise
            )
            if beacon.said.organ != message.organ:
                raise _other_organ("the beacon", beacon.said.organ, message.organ)
        except ActError as refused:
            self._refuse(known, refused, now)
            return Received(fault=refused)
        author = beacon.said.member
        if author not in readers[message.organ]:
            return Received()
        if beacon.instant > now + timedelta(seconds=self.limits.ahead):
            early = ActError(
                f"{author}'s beacon is of {beacon.said.instant}, and that is yet to come",
                hint="set the clock that is wrong: theirs or this one",
                refusal="early",
            )
            return Received(fault=early)
        if not self.beacons.take(beacon):
            return Received()
        copy.told = None
        if author != self.member:
            self._claims(copy, _peer(copy, author), beacon.said.heads)
        return Received(beacon=beacon)

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
        self, copy: Copy, peer: str, message: Acts, verify: Verify, now: datetime
    ) -> Received:
        """Verify what is new among some acts, up to the first that does not verify."""
        known = _peer(copy, peer)
        fault: ActError | None = None
        fresh: dict[str, Act] = {}
        stands: dict[tuple[str, int], int] = {}
        for form in message.acts:
            try:
                if _is_at_hand(copy, form):
                    continue
                act = verify(form)
                if act.header.organ != message.organ:
                    raise _other_organ("the act", act.header.organ, message.organ)
                _check_whole(act)
            except ActError as refused:
                fault = refused
                if self._refuse(known, refused, now):
                    break
                continue
            member, seq = act.member, act.header.seq
            places = copy.chains.get(member)
            count = stands.get((member, seq), len(places.at(seq)) if places else 0)
            if act.id in fresh or (count >= BRANCHES and act.id not in copy.wanted):
                continue
            stands[member, seq] = count + 1
            fresh[act.id] = act
        if known.ask is not None and message.ask == known.ask.number:
            self._close(copy, known, known.ask, fresh, message.cut, now)
        return Received(acts=tuple(fresh.values()), fault=fault)

    def _close(
        self,
        copy: Copy,
        known: _Peer,
        ask: _Ask,
        fresh: Mapping[str, Act],
        cut: bool,
        now: datetime,
    ) -> None:
        """An answer came: what it did not bring, this peer is not asked for again soon."""
        known.ask = None
        known.vain = 0 if fresh else known.vain + 1
        if cut and fresh:  # there was no room; whoever says so and brings nothing is not believed
            return
        gained = {act.member for act in fresh.values()}
        for member in ask.members:
            if member not in gained:
                known.forget(member)
                self._in_vain(copy, copy.holed.get(member), now)
        for name in ask.ids:
            if name not in fresh:
                self._in_vain(copy, copy.wanted.get(name), now)

    def _in_vain(self, copy: Copy, want: _Want | None, now: datetime) -> None:
        if want is not None:
            want.in_vain(len(copy.peers), now)

    def _refuse(self, known: _Peer, fault: ActError, now: datetime) -> bool:
        """Tell whether it is the peer's fault; then it loses its turn, and is not listened to."""
        if fault.refusal == "unknown-key":  # its key may be under way: it is asked for again
            return False
        known.claims.clear()
        known.tries.clear()
        known.barred = now
        return True

    def _barred(self, known: _Peer, now: datetime) -> bool:
        return known.barred is not None and not _passed(known.barred, self.limits.barred, now)

    def _may_answer(self, known: _Peer, now: datetime) -> bool:
        if _passed(known.window, self.limits.window, now):
            known.window, known.answers = now, 0
        known.answers += 1
        return known.answers <= self.limits.answers

    # What goes.

    def push(self, acts: Iterable[Act], *, readers: Readers) -> tuple[Letter, ...]:
        """Send acts to all who read their organ, without being asked.

        Raises
        ------
        UsageError
            If an act is not held: what is sent is in the record before.
        """
        batches: dict[str, list[bytes]] = {}
        for act in acts:
            organ, member, _ = act.place
            places = self._copy(organ).chains.get(member)
            if places is None or act.id not in places.known:
                raise UsageError(
                    f"{act.id[:16]} is not in the record yet",
                    hint="keep it and call hold before it is sent",
                )
            batches.setdefault(organ, []).append(write_json(act.form()))
        return tuple(
            Letter(peer, data)
            for organ, written in batches.items()
            for data in self._batches(organ, written)
            for peer in self._others(readers, organ)
        )

    def announce(self, beacon: Beacon, *, readers: Readers) -> tuple[Letter, ...]:
        """Send this node's own beacon to all who read the organ."""
        self.beacons.take(beacon)
        self._copy(beacon.said.organ).told = None
        data = self._written(beacon.said.organ, beacon)
        return tuple(Letter(peer, data) for peer in self._others(readers, beacon.said.organ))

    def due(self, *, readers: Readers, now: datetime) -> tuple[Letter, ...]:
        """Return what is to be sent now: requests for what is missing, and heads."""
        letters: list[Letter] = []
        for organ in sorted(readers):
            peers = self._others(readers, organ)
            if peers:
                copy = self._copy(organ)
                for gone in [name for name in copy.peers if name not in readers[organ]]:
                    del copy.peers[gone]
                for name in peers:
                    self._expire(copy, _peer(copy, name), now)
                letters += self._requests(copy, organ, peers, now)
                letters += self._news(copy, organ, peers, now)
        return tuple(letters)

    def _others(self, readers: Readers, organ: str) -> tuple[str, ...]:
        """The peers in an organ, in a fixed order that begins elsewhere for each node."""
        names = readers.get(organ, frozenset())
        if self.member not in names:
            return ()
        return tuple(sorted((name for name in names if name != self.member), key=self._from_here))

    def _from_here(self, name: str) -> tuple[bool, str]:
        return (name < self.member, name)

    def _expire(self, copy: Copy, known: _Peer, now: datetime) -> None:
        ask = known.ask
        if ask is None or not _passed(ask.at, self.limits.ask_again, now):
            return
        known.ask = None
        known.vain += 1
        for member in ask.members:
            self._in_vain(copy, copy.holed.get(member), now)
            if member in known.claims:
                known.tries[member] = known.tries.get(member, 0) + 1
                if known.tries[member] >= TRIES:
                    known.forget(member)
        for name in ask.ids:
            self._in_vain(copy, copy.wanted.get(name), now)

    def _requests(
        self, copy: Copy, organ: str, peers: tuple[str, ...], now: datetime
    ) -> Iterator[Letter]:
        """Ask for what is missing: each chain of one peer, each peer for one thing at a time."""
        free = {
            name: _Plan()
            for name in peers
            if copy.peers[name].ask is None and not self._barred(copy.peers[name], now)
        }
        under_way = [known.ask for known in copy.peers.values() if known.ask is not None]
        asked = {member for ask in under_way for member in ask.members}
        claimed = (member for known in copy.peers.values() for member in known.claims)
        for member in dict.fromkeys((*copy.holed, *claimed)):
            if member not in asked:
                self._plan_chain(copy, member, free, now)
        awaited = {name for ask in under_way for name in ask.ids}
        for name, want in copy.wanted.items():
            if name not in awaited and _passed(want.rests, self.limits.rest, now):
                turned = (peers[(want.tries + k) % len(peers)] for k in range(len(peers)))
                room = [n for n in turned if n in free and len(free[n].ids) < MAX_IDS]
                if room:
                    free[room[0]].ids.append(name)
        for name, plan in free.items():
            if plan.ranges or plan.ids:
                copy.asked = copy.asked % (2**31 - 1) + 1
                ask = _Ask(copy.asked, now, tuple(plan.members), tuple(plan.ids))
                copy.peers[name].ask = ask
                message = Request(
                    1, self.coalition, organ, ask.number, tuple(plan.ranges), tuple(plan.ids)
                )
                yield Letter(name, write_json(message))

    def _plan_chain(
        self, copy: Copy, member: str, free: Mapping[str, _Plan], now: datetime
    ) -> None:
        """Ask one peer for what is missing of a chain.

        What peers claim to have is asked of them; what our own record shows to
        be missing, of anybody. Those who were asked in vain come last.
        """
        places = copy.chains.get(member, _NOTHING)
        claiming = {name for name in copy.peers if _still(copy.peers[name], member, places)}
        holes = _holes(places)
        want = copy.holed.get(member)
        if want is not None and not holes:
            del copy.holed[member]
        anybody = bool(want and holes and _passed(want.rests, self.limits.rest, now))
        room = [
            name
            for name, plan in free.items()
            if (anybody or name in claiming) and len(plan.ranges) + RANGES_PER_CHAIN <= MAX_RANGES
        ]
        if not room:
            return
        name = min(
            room, key=lambda n: (copy.peers[n].vain, n not in claiming, len(free[n].members))
        )
        if name in claiming:
            holes += _beyond(places, copy.peers[name].claims[member])
        free[name].members.append(member)
        free[name].ranges += [Range(member, *span) for span in _merged(holes)[:RANGES_PER_CHAIN]]

    def _news(
        self, copy: Copy, organ: str, peers: tuple[str, ...], now: datetime
    ) -> Iterator[Letter]:
        """Tell where chains end: everybody in turn, a few soon after a change."""
        every, soon = self.limits.heads_every, self.limits.heads_soon
        told = [
            name
            for name in peers
            if _passed(copy.peers[name].told, every, now)
            or (copy.peers[name].owed and _passed(copy.peers[name].told, soon, now))
        ]
        if copy.changed and _passed(copy.fanned, soon, now):
            turned = [peers[(copy.turn + k) % len(peers)] for k in range(len(peers))]
            news = [n for n in turned if n not in told and _passed(copy.peers[n].told, soon, now)]
            told += news[: self.limits.fan]
            copy.turn += self.limits.fan
            copy.changed, copy.fanned = False, now
        for name in told:
            copy.peers[name].told, copy.peers[name].owed = now, False
            yield Letter(name, self._heads(copy, organ))

    def _heads(self, copy: Copy, organ: str) -> bytes:
        if copy.told is None:
            lit = {beacon.said.member: beacon.said.instant for beacon in self.beacons.of(organ)}
            copy.told = write_json(Heads(1, self.coalition, organ, self.heads(organ), lit))
        return copy.told

    def _written(self, organ: str, beacon: Beacon) -> bytes:
        return write_json(BeaconTold(1, self.coalition, organ, beacon.envelope.form()))

    def _batches(self, organ: str, written: Iterable[bytes]) -> Iterator[bytes]:
        batch: list[bytes] = []
        size = 0
        for one in written:
            if batch and (len(batch) == MAX_ACTS or size + len(one) > MAX_BATCH):
                yield self._batch(organ, batch)
                batch, size = [], 0
            batch.append(one)
            size += len(one)
        yield self._batch(organ, batch)

    def _batch(
        self, organ: str, written: Iterable[bytes], *, ask: int | None = None, cut: bool = False
    ) -> bytes:
        """Write a message of acts that are written already."""
        message = Acts(1, self.coalition, organ, (), ask, cut)
        return write_json(
            msgspec.structs.asdict(message)
            | {"kind": "acts", "acts": [msgspec.Raw(one) for one in written]}
        )

    def _chains(self, organ: str) -> Mapping[str, Places]:
        copy = self.copies.get(organ)
        return {} if copy is None else copy.chains

    def _copy(self, organ: str) -> Copy:
        copy = self.copies.get(organ)
        if copy is None:
            copy = self.copies[organ] = Copy()
        return copy


def read_message(data: bytes, coalition: str) -> Message:
    """Read a message of a coalition.

    Raises
    ------
    ActError
        With the first refusal in the order of spec/exchange.md 5.
    """
    message: Message = read_json(data, Message, limit=MAX_MESSAGE, what="the message")  # type: ignore[arg-type]
    if message.coalition != coalition:
        raise ActError(
            f"the message belongs to another coalition or run: {message.coalition[:16]}",
            hint=f"this one is {coalition[:16]}",
            refusal="another-coalition",
        )
    if isinstance(message, Heads):
        for lit in message.beacons.values():
            instant(lit, "the instant of a beacon")
    if isinstance(message, Request):
        for asked in message.ranges:
            if asked.first > asked.last:
                raise ActError(
                    f"places {asked.first} to {asked.last} of {asked.member} are none",
                    hint="name the lower first",
                    refusal="range",
                )
    return message


_NOTHING = Places()


class _ActPeek(msgspec.Struct):
    member: str


class _BeaconPeek(msgspec.Struct):
    member: str
    instant: str


def _peek(payload: bytes, kind: type[Peeked]) -> Peeked | None:
    """Read something out of a payload that is not verified: to look it up, never to believe it."""
    try:
        return msgspec.json.decode(payload, type=kind)
    except (msgspec.DecodeError, RecursionError):
        return None


def _is_at_hand(copy: Copy, form: ActForm) -> bool:
    """Tell whether an act was verified before, and is not asked for anew."""
    payload = read_base64(form.envelope.payload, "the payload of the act")
    peeked = _peek(payload, _ActPeek)
    places = peeked and copy.chains.get(peeked.member)
    if not places:
        return False
    name = sha256(pae(form.envelope.payloadType, payload)).hexdigest()
    return name in places.known and name not in copy.wanted


def _check_whole(act: Act) -> None:
    if act.body_bytes is None and act.sealed is None:
        raise ActError(
            f"number {act.header.seq} of {act.member} comes without its body, sealed or opened",
            hint="ask another node for the act",
            refusal="withheld",
        )


def _other_organ(what: str, organ: str, told: str) -> ActError:
    return ActError(
        f"{what} is of organ '{organ}' and came in a message about '{told}'",
        hint="a message is about one organ",
        refusal="another-organ",
    )


def _peer(copy: Copy, name: str) -> _Peer:
    known = copy.peers.get(name)
    if known is None:
        known = copy.peers[name] = _Peer()
    return known


def _passed(since: datetime | None, seconds: float, now: datetime) -> bool:
    """Tell whether so long has passed; a clock that was set back has passed everything."""
    return since is None or not since <= now < since + timedelta(seconds=seconds)


def _is_older(theirs: str | None, ours: datetime, by: float) -> bool:
    """Tell whether a beacon that a peer has is so much older than ours, or it has none."""
    if theirs is None:
        return True
    return instant(theirs, "the instant of a beacon") + timedelta(seconds=by) <= ours


def _lacks(places: Places | None, name: str, seq: int) -> bool:
    """Tell whether an act is not at hand, and would be taken in."""
    return places is None or (name not in places.known and not places.full(seq))


def _still(known: _Peer, member: str, places: Places) -> bool:
    """Tell whether a peer claims to have more of a chain; what came meanwhile is struck out."""
    claimed = known.claims.get(member)
    if claimed is None:
        return False
    left = {name: seq for name, seq in claimed.items() if _lacks(places, name, seq)}
    if left:
        known.claims[member] = left
    else:
        known.forget(member)
    return bool(left)


def _holes(places: Places) -> list[tuple[int, int]]:
    """Return the first places in which our own record shows that something is missing."""
    found = list(islice(places.missing(), RANGES_PER_CHAIN))
    if not places.loose:
        return found
    lately = islice(reversed(places.loose.values()), BACK)
    apart = (seq for seq in lately if places.at(seq) and not places.full(seq))
    return found + [(max(1, seq - BACK + 1), seq) for seq in apart]


def _beyond(places: Places, claimed: Mapping[str, int]) -> list[tuple[int, int]]:
    """Return the places in which a peer claims to have what is not at hand."""
    top = max(claimed.values())
    found = [(places.top + 1, top)] if top > places.top else []
    found += [(max(1, seq - BACK + 1), seq) for seq in claimed.values() if seq <= places.top]
    return found


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans in order, those that overlap as one."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def _ends(places: Places) -> tuple[Tip, ...]:
    """Return the last ends of a chain, the highest first."""
    ends = sorted(((-seq, name) for name, seq in places.tips.items()))[:MAX_TIPS]
    return tuple(Tip(-seq, name) for seq, name in ends)


def _asked_for(copy: Copy, message: Request) -> Iterator[str]:
    """Yield the ids at hand that a request asks for; of this organ, whatever it names."""
    for asked in message.ranges:
        places = copy.chains.get(asked.member)
        if places is not None:
            yield from places.between(asked.first, asked.last)
    for name in message.ids:
        if copy.has(name):
            yield name
