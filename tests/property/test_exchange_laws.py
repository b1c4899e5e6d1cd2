"""The laws of the exchange: what any carrier, any peer and any order may do to it."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.property.exchange_network import Network, safely
from tests.property.record_strategies import LEAGUE, Cast

ORGANS = {"coalition": LEAGUE[:4], "council": LEAGUE[:4], "watch": ("Arden", "Brill")}


def patiently(examples):
    return settings(
        max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )


def carrier(chance: Random, *, drop, twice, late, replay, garble=0.0):
    """Return a carrier that does all that carriers may."""
    seen: list[tuple[str, str, bytes]] = []

    def fate(sender, peer, data):
        seen.append((sender, peer, data))
        arrives = []
        if chance.random() >= drop:
            arrives.append((chance.randrange(late + 1), data))
        if chance.random() < twice:
            arrives.append((chance.randrange(late + 1), data))
        if chance.random() < replay:
            old = chance.choice([data for _, p, data in seen if p == peer])
            arrives.append((chance.randrange(late + 1), old))
        if chance.random() < garble:
            bent = bytearray(data)
            bent[chance.randrange(len(bent))] ^= 1 << chance.randrange(7)
            arrives.append((0, bytes(bent)))
        return arrives

    return fate


def some_acts(cast, chance, count, *, forks):
    """Yield acts in organs; some stand beside one other in its place."""
    proposals = {organ: cast.propose("Arden", head={"organ": organ}) for organ in ORGANS}
    yield from proposals.values()
    standing = Counter(act.place for act in proposals.values())
    before = {}
    for _ in range(count):
        organ = chance.choice(sorted(ORGANS))
        member = chance.choice(ORGANS[organ])
        number, _ = cast.heads.get((member, organ), (0, None))
        forked = forks and (organ, member) in before and standing[organ, member, number] == 1
        if forked and chance.random() < 0.3:
            cast.heads[member, organ] = before[organ, member]
        before[organ, member] = cast.heads.get((member, organ), (0, None))
        act = cast.say(member, proposals[organ], "yes", organ=organ)
        standing[act.place] += 1
        yield act


def alarms(network, organ, here, there):
    """Return the acts that one node has, of which another neither has nor shows anything."""
    ours, theirs = network.nodes[here], network.nodes[there]
    have, kept = ours.of(organ), theirs.of(organ)
    gaps = {gap.member for gap in ours.exchange.gaps(organ)}
    forks = ours.exchange.forks(organ)
    latest = ours.exchange.beacons.latest.get((organ, there))
    return [
        act.place
        for name, act in kept.items()
        if name not in have
        and act.member not in gaps
        and act.header.seq not in forks.get(act.member, ())
        and latest is not None
        and latest.instant > theirs.since[name]
    ]


@patiently(25)
@given(
    seed=st.integers(0, 2**32),
    drop=st.sampled_from((0.0, 0.1, 0.5, 0.9)),
    late=st.sampled_from((0, 3, 40)),
    forks=st.booleans(),
)
def test_convergence_or_alarm(seed, drop, late, forks):
    """Invariant 14: equal records, a gap that shows, or staleness that shows."""
    chance = Random(seed)
    cast = Cast(4, 1, 0)
    rough = carrier(chance, drop=drop, twice=0.1, late=late, replay=0.1)
    network = Network(cast, ORGANS, fate=rough)
    for act in some_acts(cast, chance, 12, forks=forks):
        network.write(act, push=chance.random() < 0.8)
        network.run(chance.randrange(3), beacons_every=1)
        for organ, names in ORGANS.items():
            for here in names:
                for there in names:
                    assert not alarms(network, organ, here, there)
    network.fate = safely
    network.run(100, beacons_every=20)
    for organ, names in ORGANS.items():
        whole = {name: act for m in names for name, act in network.nodes[m].of(organ).items()}
        for member in names:
            exchange = network.nodes[member].exchange
            assert network.nodes[member].of(organ).keys() == whole.keys()
            assert not exchange.gaps(organ)
            assert all(exchange.beacons.staleness(organ, m, network.now) <= 20 for m in names)
    assert not network.nodes["Corve"].of("watch")
