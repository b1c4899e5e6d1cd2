"""The laws of the exchange: what any carrier, any peer and any order may do to it."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from random import Random

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.core.beacons import Tip
from comity.core.copies import LIMITS
from comity.core.exchange import Exchange
from comity.core.messages import Acts, Heads, Range, Request
from comity.core.strict import write_json
from comity.errors import ActError
from tests.property.exchange_network import KINDS, Network, kind_of, safely
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
def test_14_convergence_or_alarm(seed, drop, late, forks):
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


@patiently(15)
@given(seed=st.integers(0, 2**32))
def test_bytes_changed_on_the_way_stop_nothing_for_good(seed):
    chance = Random(seed)
    cast = Cast(4, 1, 0)
    rough = carrier(chance, drop=0.3, twice=0.2, late=5, replay=0.2, garble=0.3)
    network = Network(cast, ORGANS, fate=rough)
    for act in some_acts(cast, chance, 10, forks=True):
        network.write(act)
        network.run(2, beacons_every=1)
    network.fate = safely
    network.run(130, beacons_every=20)
    for organ, names in ORGANS.items():
        records = [network.nodes[m].of(organ).keys() for m in names]
        assert all(record == records[0] for record in records)


@patiently(60)
@given(st.data())
def test_garbage_raises_nothing_but_act_errors(data):
    """Whatever bytes come, a node refuses them by name or takes them; it never falls over."""
    network = TALK
    node = network.nodes["Brill"]
    letter = data.draw(st.sampled_from([d for _, _, peer, d in network.sent if peer == "Brill"]))
    how = data.draw(st.sampled_from(("random", "cut", "flip", "field")))
    if how == "random":
        sent = data.draw(st.binary(max_size=300))
    elif how == "cut":
        sent = letter[: data.draw(st.integers(0, len(letter)))]
    elif how == "flip":
        bent = bytearray(letter)
        for _ in range(data.draw(st.integers(1, 4))):
            bent[data.draw(st.integers(0, len(bent) - 1))] = data.draw(st.integers(0, 255))
        sent = bytes(bent)
    else:
        plain = json.loads(letter)
        odd = st.sampled_from((None, 0, -1, 2**60, "", "\x00", [], {}, [[]], {"Arden": 1}))
        plain[data.draw(st.sampled_from(sorted(plain)))] = data.draw(odd)
        sent = json.dumps(plain).encode()
    peer = data.draw(st.sampled_from(("Arden", "Corve", "Fenn", "Brill", "")))
    with suppress(ActError):
        node.receive(peer, sent, network.readers, network.now)
    assert node.exchange.entries() < 500


def talk():
    """Return a network that has said something of every kind."""
    cast = Cast(4, 1, 0)
    network = Network(cast, ORGANS)
    for act in some_acts(cast, Random(5), 20, forks=True):
        network.write(act, push=False)
    network.run(3, beacons_every=2)
    assert {kind_of(data) for _, _, peer, data in network.sent if peer == "Brill"} == set(KINDS)
    return network


TALK = talk()


@patiently(30)
@given(st.data())
def test_permuted_and_repeated_messages_come_to_the_same(data):
    """What a node has in the end does not depend on the order in which it was told."""
    cast = CASTS["order"]
    acts = ACTS
    batches = [acts[k : k + 3] for k in range(0, len(acts), 3)]
    order = data.draw(st.permutations(batches + batches[:3]))
    network = Network(cast, ORGANS, fate=lambda sender, peer, letter: ())
    for batch in order:
        for organ in ORGANS:
            forms = tuple(act.form() for act in batch if act.header.organ == organ)
            message = Acts(1, cast.founding.id, organ, forms)
            network.deliver("Arden", "Brill", write_json(message))
    exchange = network.nodes["Brill"].exchange
    assert network.nodes["Brill"].record.keys() == {act.id for act in acts}
    for organ in ORGANS:
        assert exchange.gaps(organ) == ()
        assert exchange.heads(organ) == WHOLE.heads(organ)
        assert exchange.forks(organ) == WHOLE.forks(organ)


CASTS = {"order": Cast(4, 1, 0)}
ACTS = list(some_acts(CASTS["order"], Random(8), 18, forks=True))
WHOLE = Exchange(CASTS["order"].founding.id, "Brill")
WHOLE.hold(ACTS)


@pytest.mark.parametrize("rough", [False, True], ids=["kept promises", "a rough carrier"])
def test_what_an_outsider_is_sent_does_not_depend_on_what_happens_in_an_organ(rough):
    """Show 9: Corve and Dorn do not read the watch; one world has a busy watch, the other none."""
    worlds = []
    for busy in (True, False):
        cast = Cast(4, 1, 0)
        acts = list(some_acts(cast, Random(3), 60, forks=True))
        assert sum(act.header.organ == "watch" for act in acts) > 10
        fate = by_letter if rough else safely
        readers = ORGANS if busy else {k: v for k, v in ORGANS.items() if k != "watch"}
        network = Network(cast, readers, fate=fate)
        for k, act in enumerate(acts):
            if busy or act.header.organ != "watch":
                network.write(act, push=k % 3 > 0)
            if k % 10 == 5:  # an outsider asks in vain
                network.deliver("Corve", "Arden", pry(cast, act))
            network.run(1, beacons_every=3)
        network.run(40)
        worlds.append(
            {
                peer: [(at, who, data) for at, who, to, data in network.sent if to == peer]
                for peer in ("Corve", "Dorn")
            }
        )
        if busy:
            assert network.nodes["Arden"].of("watch") == network.nodes["Brill"].of("watch") != {}
    assert worlds[0] == worlds[1]
    assert len(worlds[0]["Corve"]) > 100
    assert not any(b"watch" in data for _, _, data in worlds[0]["Corve"])


def by_letter(sender, peer, data):
    """A carrier whose whims depend on the letter alone, so that both worlds meet the same."""
    whim = sha256(sender.encode() + peer.encode() + data).digest()
    return [] if whim[0] < 80 else [(whim[1] % 4, data)] * (1 + (whim[2] < 50))


def pry(cast, act):
    ranges = tuple(Range(member, 1, 10**9) for member in LEAGUE[:2])
    return write_json(Request(1, cast.founding.id, "watch", 1, ranges, (act.id,)))


def test_catching_up_takes_messages_in_proportion_to_what_is_missing():
    counts = {}
    for length in (500, 2_000):
        cast = Cast(4, 1, 0)
        network = Network(cast, {"council": LEAGUE[:4]})
        proposal = cast.propose("Arden")
        acts = [proposal]
        acts += [cast.say(LEAGUE[k % 4], proposal, "yes") for k in range(length - 1)]
        for member in ("Arden", "Brill", "Corve"):
            network.nodes[member].exchange.hold(acts)
            network.nodes[member].record = {act.id: act for act in acts}
        network.run(40, beacons_every=100)
        assert network.nodes["Dorn"].record.keys() == {act.id for act in acts}
        verified = [data for _, _, peer, data in network.sent if b'"kind":"acts"' in data]
        carried = sum(len(json.loads(data)["acts"]) for data in verified)
        assert carried == length, "nothing is carried twice"
        counts[length] = network.kinds["request"]
        assert network.kinds["acts"] == network.kinds["request"]
        assert network.kinds["heads"] < 60
    assert counts[500] <= 4 + 500 // 256 + 2
    assert counts[2_000] <= 4 + 2_000 // 256 + 2


def test_one_act_on_a_quiet_network_takes_a_push_to_each_and_few_heads():
    cast = Cast(4, 1, 0)
    network = Network(cast, {"council": LEAGUE[:4]})
    network.run(5, beacons_every=100)
    network.kinds.clear()
    network.write(cast.propose("Arden"))
    network.run(5, beacons_every=100)
    assert network.kinds["acts"] == 3
    assert network.kinds["request"] == 0
    assert network.kinds["heads"] <= 4 * 3


def test_a_flood_of_lies_leaves_little_behind_and_calls_forth_little():
    """Memory is bounded by peers, not by messages; requests by the lies that were told."""
    cast = Cast(4, 1, 0)
    network = Network(cast, {"council": LEAGUE[:4]}, fate=lambda sender, peer, data: ())
    brill = network.nodes["Brill"].exchange
    most = 0
    for k in range(300):
        chains = {f"M{k}-{j}": (Tip(10**9, f"{k:032x}{j:032x}"),) * 8 for j in range(100)}
        network.deliver(
            "Corve", "Brill", write_json(Heads(1, cast.founding.id, "council", chains, {}))
        )
        request = Request(1, cast.founding.id, "council", 1, (Range("Arden", 1, 10**9),) * 64, ())
        network.deliver("Corve", "Brill", write_json(request))
        most = max(most, brill.entries())
    assert most < 1_500
    network.now += timedelta(seconds=1_000)
    network.settle()
    answers = sum(who == "Brill" and kind_of(data) == "acts" for _, who, _, data in network.sent)
    assert answers == LIMITS.answers
    asked = sum(who == "Brill" and kind_of(data) == "request" for _, who, _, data in network.sent)
    assert asked <= 2, "one request at a time, and a peer that does not answer waits"


def test_a_flood_of_forgeries_is_verified_once_in_a_while():
    cast = Cast(4, 1, 0)
    network = Network(cast, {"council": LEAGUE[:4]}, fate=lambda sender, peer, data: ())
    act = cast.propose("Arden")
    node, looked = network.nodes["Brill"], []
    verify = node.verify
    node.verify = lambda form: looked.append(form) or verify(form)
    form = act.form()
    zeros = msgspec.structs.replace(form.envelope.signatures[0], sig="A" * 86 + "==")
    bent = msgspec.structs.replace(
        form, envelope=msgspec.structs.replace(form.envelope, signatures=(zeros,))
    )
    flood = write_json(Acts(1, cast.founding.id, "council", (bent,) * 200))
    for _ in range(120):
        network.deliver("Corve", "Brill", flood)
        network.now += timedelta(seconds=1)
    assert len(looked) == 2
    network.deliver("Arden", "Brill", write_json(Acts(1, cast.founding.id, "council", (form,))))
    assert act.id in node.record


def test_any_peer_answers_for_any_member():
    """The author is gone for good; what one other node has reaches all."""
    cast = Cast(4, 1, 0)
    network = Network(cast, {"council": LEAGUE[:4]})
    act = cast.propose("Arden")
    network.nodes["Corve"].keep([act], network.now)
    network.deaf = {"Arden"}
    del network.nodes["Arden"]
    network.run(40)
    assert all(act.id in node.record for node in network.nodes.values())
