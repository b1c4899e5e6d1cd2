"""A network that a test owns: nodes, their records, and a carrier that may do what carriers do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from comity.core.acts import Act, act_of
from comity.core.beacons import write_beacon
from comity.core.copies import LIMITS, Limits
from comity.core.exchange import Exchange, Received
from comity.errors import ActError
from tests.property.record_strategies import OFFICE, Cast, seed

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
Fate = Callable[[str, str, bytes], Iterable[tuple[int, bytes]]]
"""After how many seconds what arrives of a letter; nothing if it is dropped."""
KINDS = ("heads", "beacon", "request", "acts")


def safely(sender: str, peer: str, data: bytes) -> Iterable[tuple[int, bytes]]:
    return ((0, data),)


@dataclass
class Node:
    """A node that keeps what it receives, and remembers since when."""

    cast: Cast
    exchange: Exchange
    record: dict[str, Act] = field(default_factory=dict)
    since: dict[str, datetime] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def keep(self, acts: Iterable[Act], now: datetime) -> None:
        for act in acts:
            assert act.id not in self.record
            self.record[act.id] = act
            self.since[act.id] = now
            self.exchange.hold([act])

    def find(self, name: str):
        return self.record[name].form() if name in self.record else None

    def verify(self, form) -> Act:
        return act_of(form, self.cast.founding)

    def receive(self, peer: str, data: bytes, readers, now: datetime) -> Received:
        got = self.exchange.receive(
            peer,
            data,
            readers=readers,
            now=now,
            verify=self.verify,
            find=self.find,
            holders=self.cast.founding.holders,
        )
        if got.fault is not None:
            self.faults.append(got.fault.refusal)
        self.keep(got.acts, now)
        return got

    def of(self, organ: str) -> dict[str, Act]:
        return {name: act for name, act in self.record.items() if act.header.organ == organ}


class Network:
    """Some nodes of one coalition; `fate` says what becomes of each letter."""

    def __init__(self, cast: Cast, readers, *, limits: Limits = LIMITS, fate: Fate = safely):
        self.cast = cast
        self.readers = {organ: frozenset(names) for organ, names in readers.items()}
        members = sorted(frozenset().union(*self.readers.values()))
        self.nodes = {
            m: Node(cast, Exchange(cast.founding.id, m, exercise=cast.exercise, limits=limits))
            for m in members
        }
        self.now = START
        self.fate = fate
        self.under_way: list[tuple[datetime, int, str, str, bytes]] = []
        self.sent: list[tuple[datetime, str, str, bytes]] = []
        self.kinds: Counter[str] = Counter()
        self.deaf: set[str] = set()

    def send(self, sender: str, letters) -> None:
        for letter in letters:
            self.sent.append((self.now, sender, letter.peer, letter.data))
            self.kinds[kind_of(letter.data)] += 1
            for delay, data in self.fate(sender, letter.peer, letter.data):
                at = self.now + timedelta(seconds=delay)
                self.under_way.append((at, len(self.sent), sender, letter.peer, data))

    def write(self, act: Act, *, push: bool = True) -> None:
        """Its author keeps an act, and sends it."""
        self.nodes[act.member].keep([act], self.now)
        if push:
            exchange = self.nodes[act.member].exchange
            self.send(act.member, exchange.push([act], readers=self.readers))

    def beacon(self, member: str, organ: str, heard=None):
        return write_beacon(
            self.cast.founding.id,
            organ,
            member=member,
            office=OFFICE,
            now=self.now,
            heads=self.nodes[member].exchange.heads(organ),
            heard=heard or {},
            seed=seed(member),
            exercise=self.cast.exercise,
        )

    def light(self) -> None:
        """Every node lights its beacons."""
        for member, node in self.nodes.items():
            for organ, names in self.readers.items():
                if member in names:
                    made = self.beacon(member, organ)
                    self.send(member, node.exchange.announce(made, readers=self.readers))

    def settle(self) -> None:
        """Deliver what has arrived and send what is due, until nothing moves at this instant."""
        for member, node in self.nodes.items():
            self.send(member, node.exchange.due(readers=self.readers, now=self.now))
        for _ in range(100_000):
            here = sorted(letter for letter in self.under_way if letter[0] <= self.now)
            if not here:
                return
            self.under_way = [letter for letter in self.under_way if letter[0] > self.now]
            for _, _, sender, peer, data in here:
                if peer in self.nodes and peer not in self.deaf:
                    self.deliver(sender, peer, data)
        raise AssertionError("letters call forth letters without end")

    def deliver(self, sender: str, peer: str, data: bytes) -> Received:
        node = self.nodes[peer]
        try:
            got = node.receive(sender, data, self.readers, self.now)
        except ActError as refused:
            node.faults.append(refused.refusal)
            return Received(fault=refused)
        self.send(peer, got.letters)
        if got.organ is not None:
            due = node.exchange.due(readers=self.readers, now=self.now, organ=got.organ)
            self.send(peer, due)
        return got

    def run(self, seconds: int, *, beacons_every: int = 20) -> None:
        for k in range(seconds):
            if k % beacons_every == 0:
                self.light()
            self.settle()
            self.now += timedelta(seconds=1)


def kind_of(data: bytes) -> str:
    return next(kind for kind in KINDS if f'"kind":"{kind}"'.encode() in data)
