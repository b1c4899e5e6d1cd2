"""Copies: what a node has of one organ, what it lacks, and whom it asks for that.

One copy for each organ, and copies share nothing: what peers are sent about
one organ cannot depend on what happens in another. What a copy remembers
beside the acts at hand is bounded for each peer, whatever peers claim.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from comity.core.acts import Act
from comity.core.beacons import MAX_CHAINS, MAX_TIPS, Chains, Tip
from comity.core.messages import MAX_IDS, MAX_RANGES, Range, Request
from comity.core.places import Places

MAX_WANTED = 1_024
RANGES_PER_CHAIN = 8
BACK = 64
"""How many places are asked for with a missing one, to walk back along a branch."""
TRIES = 2
"""How often a peer may leave a chain unanswered before its claim to it is forgotten."""
_LAST_NUMBER = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Limits:
    """How fast and how much; in seconds, except `fan` and `answers`.

    Parameters
    ----------
    ask_again
        After so long without an answer another peer is asked.
    rest
        So long nobody is asked for what all were asked for in vain.
    heads_every, heads_soon
        How often every peer is told where chains end; and after a change, at
        most so often.
    fan
        How many peers are told soon of a change; others hear of it from them,
        or in their turn.
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


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that waits for its answer."""

    number: int
    at: datetime
    ranges: tuple[Range, ...]
    members: tuple[str, ...]
    ids: tuple[str, ...]


@dataclass(slots=True)
class Peer:
    """What is remembered of a peer in one organ.

    Parameters
    ----------
    claims
        By member, the ends of chains that it says it has and we have not.
    tries
        How often it left such a chain unanswered.
    vain
        How many answers in a row brought nothing.
    told
        When it was last told where our chains end; `owed` if it seems to lag.
    ends_of_ours
        Where it says our own member's chain ends; None if it never said.
    """

    claims: dict[str, dict[str, int]] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    vain: int = 0
    ask: Ask | None = None
    barred: datetime | None = None
    told: datetime | None = None
    owed: bool = False
    window: datetime | None = None
    answers: int = 0
    ends_of_ours: tuple[Tip, ...] | None = None

    def forget(self, member: str) -> None:
        """Forget that it claims to have more of a chain."""
        self.claims.pop(member, None)
        self.tries.pop(member, None)

    def entries(self) -> int:
        """Count what is remembered of it."""
        ask = 0 if self.ask is None else 1 + len(self.ask.ranges) + len(self.ask.ids)
        return 1 + sum(map(len, self.claims.values())) + len(self.tries) + ask


@dataclass(slots=True)
class Want:
    """What is asked of anybody: how many were asked in vain, and since when it rests."""

    tries: int = 0
    rests: datetime | None = None


@dataclass(slots=True)
class _Plan:
    """A request in the making."""

    ranges: list[Range] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Copy:
    """What a node has of one organ, what it lacks, and whom it asked.

    Parameters
    ----------
    chains
        What is at hand, by member.
    peers
        What is remembered of each other reader.
    holed
        The chains of which our own record shows that something is missing.
    wanted
        The ids that are asked for by name.
    """

    limits: Limits
    chains: dict[str, Places] = field(default_factory=dict)
    peers: dict[str, Peer] = field(default_factory=dict)
    holed: dict[str, Want] = field(default_factory=dict)
    wanted: dict[str, Want] = field(default_factory=dict)
    asked: int = 0
    turn: int = 0
    changed: bool = False
    fanned: datetime | None = None

    def entries(self) -> int:
        """Count what is remembered beside the acts at hand."""
        peers = sum(peer.entries() for peer in self.peers.values())
        return len(self.holed) + len(self.wanted) + peers

    def has(self, name: str) -> bool:
        """Tell whether an act is at hand."""
        return any(name in places.known for places in self.chains.values())

    def ends(self) -> dict[str, tuple[Tip, ...]]:
        """Return where the chains end, by member: of each the last ends."""
        return {m: _ends(self.chains[m]) for m in sorted(self.chains)[:MAX_CHAINS]}

    def hold(self, act: Act) -> bool:
        """Take in an act that the record keeps; False if it is at hand already."""
        _, member, seq = act.place
        places = self.chains.get(member)
        if places is None:
            places = self.chains[member] = Places()
        new = places.add(act.id, seq, act.header.prev)
        if new or act.body_bytes is not None:  # one more box that does not open ends no want
            self.wanted.pop(act.id, None)
        if not new:
            return False
        self.changed = True
        if not places.whole:
            self.holed.setdefault(member, Want())
        return True

    def want(self, name: str) -> None:
        """Ask for an act by its id; of too many the one that was wanted first is let go."""
        if name not in self.wanted:
            if len(self.wanted) >= MAX_WANTED:
                del self.wanted[next(iter(self.wanted))]
            self.wanted[name] = Want()

    def peer(self, name: str) -> Peer:
        """Return what is remembered of a peer."""
        known = self.peers.get(name)
        if known is None:
            known = self.peers[name] = Peer()
        return known

    def keep_only(self, names: Collection[str]) -> None:
        """Forget peers that read the organ no more."""
        for gone in [name for name in self.peers if name not in names]:
            del self.peers[gone]

    def serve(self, request: Request) -> Iterator[str]:
        """Yield the ids at hand that a request asks for: of this organ, whatever it names."""
        for asked in request.ranges:
            places = self.chains.get(asked.member)
            if places is not None:
                yield from places.between(asked.first, asked.last)
        for name in request.ids:
            if self.has(name):
                yield name

    # What peers say and bring.

    def lags(self, chains: Chains) -> bool:
        """Tell whether whose chains end there has less than this copy."""
        return any(
            places.top > max((tip.seq for tip in chains.get(member, ())), default=0)
            for member, places in self.chains.items()
        )

    def compare(self, known: Peer, chains: Chains) -> None:
        """Note which of these ends are not at hand; claims to other chains stay."""
        for member, tips in chains.items():
            if len(known.claims) == MAX_CHAINS and member not in known.claims:
                return
            places = self.chains.get(member, _NOTHING)
            lacked = {tip.id: tip.seq for tip in tips if _lacks(places, tip.id, tip.seq)}
            if lacked:
                known.claims[member] = lacked

    def listens(self, known: Peer, now: datetime) -> bool:
        """Tell whether a peer is listened to."""
        return passed(known.barred, self.limits.barred, now)

    def bar(self, known: Peer, now: datetime) -> None:
        """It sent what does not verify: it loses its turn, and is not listened to for a while."""
        known.claims.clear()
        known.tries.clear()
        known.barred = now

    def may_answer(self, known: Peer, now: datetime) -> bool:
        """Count one more answer to a peer; False if it has had as many as it may."""
        if passed(known.window, self.limits.window, now):
            known.window, known.answers = now, 0
        known.answers += 1
        return known.answers <= self.limits.answers

    def answered(self, known: Peer, fresh: Mapping[str, Act], now: datetime, *, cut: bool) -> None:
        """Note that an answer came: what it did not bring is not asked of this peer again soon.

        That there was no room is believed only of an answer that brought something.
        """
        ask, known.ask = known.ask, None
        known.vain = 0 if fresh else known.vain + 1
        if ask is None or (cut and fresh):
            return
        gained = {act.member for act in fresh.values()}
        for member in ask.members:
            if member not in gained:
                known.forget(member)
                self._in_vain(self.holed.get(member), now)
        for name in ask.ids:  # what came is no more wanted once it is held
            self._in_vain(self.wanted.get(name), now)

    def expire(self, known: Peer, now: datetime) -> None:
        """Give up an answer that takes too long."""
        ask = known.ask
        if ask is None or not passed(ask.at, self.limits.ask_again, now):
            return
        known.ask = None
        known.vain += 1
        for member in ask.members:
            self._in_vain(self.holed.get(member), now)
            if member in known.claims:
                known.tries[member] = known.tries.get(member, 0) + 1
                if known.tries[member] >= TRIES:
                    known.forget(member)
        for name in ask.ids:
            self._in_vain(self.wanted.get(name), now)

    def _in_vain(self, want: Want | None, now: datetime) -> None:
        if want is not None:
            want.tries += 1
            if want.tries % len(self.peers) == 0:
                want.rests = now

    # Whom to ask, and whom to tell.

    def requests(self, peers: Sequence[str], now: datetime) -> Iterator[tuple[str, Ask]]:
        """Ask for what is missing: each chain of one peer, each peer for one thing at a time."""
        under_way = [known.ask for known in self.peers.values() if known.ask is not None]
        chains = dict.fromkeys(self.holed)
        for known in self.peers.values():
            chains.update(dict.fromkeys(known.claims))
        if not chains and not self.wanted:
            return
        free = {
            name: _Plan()
            for name in peers
            if self.peer(name).ask is None and self.listens(self.peers[name], now)
        }
        asked = {member for ask in under_way for member in ask.members}
        for member in chains:
            if member not in asked:
                self._plan_chain(member, free, now)
        awaited = {name for ask in under_way for name in ask.ids}
        for name, want in self.wanted.items():
            if name not in awaited and passed(want.rests, self.limits.rest, now):
                turned = _turned(peers, want.tries)
                room = [n for n in turned if n in free and len(free[n].ids) < MAX_IDS]
                if room:
                    free[room[0]].ids.append(name)
        for name, plan in free.items():
            if plan.ranges or plan.ids:
                self.asked = self.asked % _LAST_NUMBER + 1
                ask = Ask(self.asked, now, tuple(plan.ranges), tuple(plan.members), tuple(plan.ids))
                self.peers[name].ask = ask
                yield name, ask

    def _plan_chain(self, member: str, free: Mapping[str, _Plan], now: datetime) -> None:
        """Ask one peer for what is missing of a chain.

        What peers claim to have is asked of them; what our own record shows to
        be missing, of anybody. Those who were asked in vain come last, so no
        peer holds up a chain by claiming and not answering.
        """
        places = self.chains.get(member, _NOTHING)
        claiming = {name for name in self.peers if _still(self.peers[name], member, places)}
        holes, want = _holes(places), self.holed.get(member)
        if want is not None and not holes:
            del self.holed[member]
        anybody = want is not None and holes and passed(want.rests, self.limits.rest, now)
        room = [
            name
            for name, plan in free.items()
            if (anybody or name in claiming) and len(plan.ranges) + RANGES_PER_CHAIN <= MAX_RANGES
        ]
        if not room:
            return
        name = min(
            room, key=lambda n: (self.peers[n].vain, n not in claiming, len(free[n].members))
        )
        if name in claiming:
            holes += _beyond(places, self.peers[name].claims[member])
        spans = merged(holes)[:RANGES_PER_CHAIN]
        free[name].members.append(member)
        free[name].ranges.extend(Range(member, *span) for span in spans)

    def news(self, peers: Sequence[str], now: datetime) -> list[str]:
        """Return whom to tell where chains end: everybody in turn, a few soon after a change."""
        every, soon = self.limits.heads_every, self.limits.heads_soon
        told = []
        for name in peers:
            known = self.peer(name)
            if passed(known.told, self.limits.ask_again if known.owed else every, now):
                told.append(name)
        if self.changed and passed(self.fanned, soon, now):
            turned = [name for name in _turned(peers, self.turn) if name not in told]
            fan = [n for n in turned if passed(self.peers[n].told, soon, now)][: self.limits.fan]
            if fan or not turned:
                told += fan
                self.turn += self.limits.fan
                self.changed, self.fanned = False, now
        for name in told:
            self.peers[name].told, self.peers[name].owed = now, False
        return told


_NOTHING = Places()


def passed(since: datetime | None, seconds: float, now: datetime) -> bool:
    """Tell whether so long has passed; of a clock that was set back, everything has."""
    return since is None or not since <= now < since + timedelta(seconds=seconds)


def merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans in order, those that touch or overlap as one."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def _turned(names: Sequence[str], by: int) -> list[str]:
    return [names[(by + k) % len(names)] for k in range(len(names))]


def _ends(places: Places) -> tuple[Tip, ...]:
    """Return the last ends of a chain, the highest first."""
    ends = sorted((-seq, name) for name, seq in places.tips.items())[:MAX_TIPS]
    return tuple(Tip(-seq, name) for seq, name in ends)


def _lacks(places: Places, name: str, seq: int) -> bool:
    """Tell whether an act is not at hand, and would be taken in."""
    return name not in places.known and not places.full(seq)


def _still(known: Peer, member: str, places: Places) -> bool:
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
    """Return some places in which our own record shows that something is missing."""
    found = list(islice(places.missing(), RANGES_PER_CHAIN))
    lately = islice(reversed(places.loose.values()), BACK)
    apart = (seq for seq in lately if places.at(seq) and not places.full(seq))
    return found + [(max(1, seq - BACK + 1), seq) for seq in apart]


def _beyond(places: Places, claimed: Mapping[str, int]) -> list[tuple[int, int]]:
    """Return the places in which a peer claims to have what is not at hand."""
    top = max(claimed.values())
    found = [(places.top + 1, top)] if top > places.top else []
    return found + [(max(1, seq - BACK + 1), seq) for seq in claimed.values() if seq <= places.top]
