"""What dishonest members do: they sign two things, hold back, date back, flood, send garbage."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from comity.core.acts import Act, ActForm, Header, SealedForm, write_act
from comity.core.beacons import Tip, write_beacon
from comity.core.bodies import Alert, Body, Closing, Epoch, KeyBox, Propose, Stance
from comity.core.constitution import COALITION
from comity.core.exchange import Letter
from comity.core.messages import BeaconTold, write_acts
from comity.core.strict import instant, spelled, write_json
from comity.errors import ComityError
from comity.node.boxes import new_epoch, sealed
from comity.node.node import Node, travelling

if TYPE_CHECKING:
    from tests.simulation.machines import Machine
    from tests.simulation.world import World


def attack(world: World, machine: Machine) -> None:
    """Do one dishonest thing, if there is occasion."""
    node = machine.node
    assert node is not None
    kinds = (
        "two_answers",
        "two_answers",
        "two_closings",
        "two_closings",
        "early_closing",
        "late_answer",
        "rival_yes",
        "fork",
        "garbage",
        "flood",
        "forged",
        "false_beacon",
        "bad_box",
        "two_epochs",
    )
    kind = world.rng.choice(kinds)
    try:
        done = globals()[f"_{kind}"](world, machine, node)
    except ComityError:
        return
    if done:
        world.count[f"attack {kind}"] += 1
        world.say(f"{machine.member} misbehaves: {kind.replace('_', ' ')}")


def carried(world: World, machine: Machine, letters) -> list[Letter]:
    """Return what a dishonest member sends of what its node would: others' acts it may suppress."""
    kept = []
    for letter in letters:
        about_others = b'"kind":"acts"' in letter.data
        if about_others and world.rng.random() < 0.3:
            world.count["suppressed"] += 1
        else:
            kept.append(letter)
    return kept


def signed(
    machine: Machine,
    node: Node,
    organ: str,
    body: Body,
    *,
    place: tuple[int, str | None] | None = None,
    under: str | None = None,
    at: str | None = None,
) -> Act:
    """Sign anything, in any place."""
    tips = node.record.heads(organ=organ, member=machine.member)
    last = max(tips, key=lambda tip: (tip.seq, tip.id), default=None)
    seq, prev = place or ((last.seq + 1, last.id) if last else (1, None))
    key = node.keys.signing()
    header = Header(
        1,
        node.coalition,
        organ,
        machine.member,
        key.office,
        seq,
        under or node.under.id,
        at or spelled(node.now()),
        "0" * 64,
        prev,
    )
    ring = node.succession.keyring.with_keys((key.held,))
    act = write_act(ring, header, body, salt=machine.chance.randbytes(32), seed=key.seed.reveal())
    if organ == COALITION or isinstance(body, Epoch):
        return act
    node._renew_epoch(organ, None)
    epoch = node._epoch(organ)
    return act if epoch is None else sealed(act, node._epoch_keys[epoch.key_hash])


def keep(node: Node, *acts: Act) -> None:
    """Keep acts without sending them."""
    node._keep(acts, own=False)


def hand(world: World, machine: Machine, node: Node, act: Act, to) -> None:
    form = write_json(travelling(act).form())
    data = write_acts(node.coalition, act.header.organ, [form])
    world.network.post(machine.member, [Letter(peer, data) for peer in to])


def _peers(node: Node, organ: str) -> list[str]:
    return sorted(node.readers().get(organ, frozenset()) - {node.member})


def _halves(world: World, node: Node, organ: str) -> tuple[list[str], list[str]]:
    peers = _peers(node, organ)
    world.rng.shuffle(peers)
    cut = world.rng.randint(0, len(peers))
    return peers[:cut], peers[cut:]


def _two(world: World, machine: Machine, node: Node, organ: str, one: Act, other: Act) -> bool:
    """Keep both, and give each to some."""
    keep(node, *world.rng.choice(((one,), (one, other))))
    for act, to in zip((one, other), _halves(world, node, organ)):
        world.readers[act.id] = node.readers().get(organ, frozenset())
        hand(world, machine, node, act, to)
    return True


def _a_proposal(world: World, node: Node) -> Act | None:
    found = [a for a in node.record.acts(kind="propose") if a.header.organ in node.readers()]
    return world.rng.choice(found) if found else None


def _next(node: Node, organ: str) -> tuple[int, str | None]:
    tips = node.record.heads(organ=organ, member=node.member)
    last = max(tips, key=lambda tip: (tip.seq, tip.id), default=None)
    return (last.seq + 1, last.id) if last else (1, None)


def _of(act: Act) -> dict[str, str]:
    return {"under": act.header.constitution}


def _two_answers(world: World, machine: Machine, node: Node) -> bool:
    proposal = _a_proposal(world, node)
    if proposal is None:
        return False
    organ = proposal.header.organ
    if organ != COALITION:
        node._renew_epoch(organ, None)
    place = world.rng.choice((_next(node, organ), None))
    words = world.rng.sample(("yes", "no", "objection", "abstain"), 2)
    one = signed(
        machine, node, organ, Stance(proposal.id, 1, words[0]), place=place, **_of(proposal)
    )
    other = signed(
        machine, node, organ, Stance(proposal.id, 1, words[1]), place=place, **_of(proposal)
    )
    return _two(world, machine, node, organ, one, other)


def _roll(world: World, node: Node, proposal: Act) -> dict[str, str]:
    roll = {}
    for act in node.record.about(proposal.id, kind="stance"):
        if world.rng.random() < 0.6:
            roll[act.member] = act.id
    return roll


def _two_closings(world: World, machine: Machine, node: Node) -> bool:
    proposal = _a_proposal(world, node)
    if proposal is None or not isinstance(proposal.body, Propose) or not proposal.body.expires:
        return False
    over = instant(proposal.body.expires, "it") + timedelta(hours=1)
    at = spelled(max(over, node.now()))  # dated ahead, where it is not time yet
    opened = world.rng.choice((proposal.header.instant, None))
    one, other = (
        signed(
            machine,
            node,
            proposal.header.organ,
            Closing(proposal.id, _roll(world, node, proposal), opened),
            at=at,
            **_of(proposal),
        )
        for _ in range(2)
    )
    return _two(world, machine, node, proposal.header.organ, one, other)


def _early_closing(world: World, machine: Machine, node: Node) -> bool:
    proposal = _a_proposal(world, node)
    if proposal is None:
        return False
    body = Closing(proposal.id, _roll(world, node, proposal), proposal.header.instant)
    act = signed(machine, node, proposal.header.organ, body, **_of(proposal))
    return _one(world, machine, node, act)


def _late_answer(world: World, machine: Machine, node: Node) -> bool:
    proposal = _a_proposal(world, node)
    if proposal is None:
        return False
    own = [a for a in node.record.about(proposal.id, kind="stance") if a.member == node.member]
    last = max(own, key=lambda a: a.body.turn, default=None)
    word = world.rng.choice(("objection", "yes", "withdraw"))
    body = Stance(proposal.id, last.body.turn + 1 if last else 1, word, last and last.id)
    act = signed(
        machine, node, proposal.header.organ, body, at=proposal.header.instant, **_of(proposal)
    )
    return _one(world, machine, node, act)


def _one(world: World, machine: Machine, node: Node, act: Act) -> bool:
    keep(node, act)
    organ = act.header.organ
    world.readers[act.id] = node.readers().get(organ, frozenset())
    hand(world, machine, node, act, _halves(world, node, organ)[0])
    return True


def _rival_yes(world: World, machine: Machine, node: Node) -> bool:
    """Say yes to whatever change is proposed."""
    for proposal in node.record.acts(organ=COALITION, kind="propose"):
        own = [a for a in node.record.about(proposal.id, kind="stance") if a.member == node.member]
        if not own:
            body = Stance(proposal.id, 1, "yes")
            act = signed(machine, node, COALITION, body, **_of(proposal))
            keep(node, act)
            hand(
                world,
                machine,
                node,
                act,
                _peers(node, COALITION),
            )
            return True
    return False


def _fork(world: World, machine: Machine, node: Node) -> bool:
    organ = world.rng.choice(node.organs() or (COALITION,))
    if organ != COALITION:
        node._renew_epoch(organ, None)
    place = _next(node, organ)
    one, other = (
        signed(machine, node, organ, Alert(title, "Go home.", "minor"), place=place)
        for title in ("Fire", "Flood")
    )
    return _two(world, machine, node, organ, one, other)


def _garbage(world: World, machine: Machine, node: Node) -> bool:
    """Send bytes that are no message, and messages with a few bytes changed."""
    for _ in range(5):
        if world.network.old and world.rng.random() < 0.7:
            data = bytearray(world.rng.choice(world.network.old)[2])
            for _ in range(world.rng.randint(1, 4)):
                data[world.rng.randrange(len(data))] = world.rng.randrange(256)
        else:
            data = bytearray(world.rng.randbytes(world.rng.randint(0, 300)))
        peer = world.rng.choice([m for m in world.machines if m != machine.member])
        world.network.post(machine.member, [Letter(peer, bytes(data))])
    return True


def _flood(world: World, machine: Machine, node: Node) -> bool:
    organ = world.rng.choice(node.organs() or (COALITION,))
    acts = []
    for k in range(12):
        act = signed(machine, node, organ, Alert(f"Noise {k}", "Listen.", "minor"))
        keep(node, act)
        acts.append(act)
    for peer in _peers(node, organ):
        for act in acts:
            hand(world, machine, node, act, [peer])
    return True


def _forged(world: World, machine: Machine, node: Node) -> bool:
    """Send an act of another with its own words in it, and one signed for another."""
    others = [a for a in node.record.acts() if a.member != machine.member and a.body is not None]
    if not others:
        return False
    act = world.rng.choice(others)
    form = travelling(act).form()
    envelope = form.envelope
    if world.rng.random() < 0.5:
        value = b64encode(world.rng.randbytes(64)).decode()
        signature = msgspec.structs.replace(envelope.signatures[0], sig=value)
        envelope = msgspec.structs.replace(envelope, signatures=(signature,))
    else:
        header = json.loads(act.envelope.payload) | {"seq": act.header.seq + 1, "prev": act.id}
        payload = b64encode(json.dumps(header).encode()).decode()
        envelope = msgspec.structs.replace(envelope, payload=payload)
    data = write_acts(
        node.coalition,
        act.header.organ,
        [write_json(msgspec.structs.replace(form, envelope=envelope))],
    )
    peers = node.readers().get(act.header.organ, frozenset()) - {node.member}
    world.network.post(machine.member, [Letter(peer, data) for peer in sorted(peers)])
    return True


def _false_beacon(world: World, machine: Machine, node: Node) -> bool:
    """Say that a chain goes on where it does not, and that stances were heard that were not."""
    organ = world.rng.choice(node.organs() or (COALITION,))
    victim = world.rng.choice(sorted(node.readers().get(organ, [node.member])))
    key = node.keys.signing()
    name = world.rng.randbytes(32).hex()
    beacon = write_beacon(
        node.coalition,
        organ,
        member=machine.member,
        office=key.office,
        now=node.now(),
        heads={victim: (Tip(world.rng.randint(1, 10**6), name),)},
        heard={name: [name]},
        seed=key.seed.reveal(),
    )
    data = write_json(BeaconTold(1, node.coalition, organ, beacon.envelope.form()))
    peers = _peers(node, organ)
    world.network.post(machine.member, [Letter(peer, data) for peer in peers])
    return True


def _bad_box(world: World, machine: Machine, node: Node) -> bool:
    """Pass an act of another on, in a box that does not open."""
    boxed = [a for a in node.record.acts() if a.sealed is not None]
    if not boxed:
        return False
    act = world.rng.choice(boxed)
    box = SealedForm(
        act.sealed.epoch, act.sealed.nonce, b64encode(world.rng.randbytes(1_076)).decode()
    )
    form = write_json(ActForm(act.envelope.form(), sealed=box))
    data = write_acts(node.coalition, act.header.organ, [form])
    peers = sorted(node.readers().get(act.header.organ, frozenset()) - {node.member})
    world.network.post(machine.member, [Letter(peer, data) for peer in peers])
    return True


def _two_epochs(world: World, machine: Machine, node: Node) -> bool:
    """Make an epoch that gives some readers a key that is not the one it names."""
    organs = [organ for organ in node.organs() if organ != COALITION]
    if not organs:
        return False
    organ = world.rng.choice(organs)
    number = 1 + max(
        (a.body.number for a in node.record.acts(organ=organ, kind="epoch")), default=0
    )
    readers = node._reading_keys(organ)
    key = machine.chance.randbytes(32)
    body, key = new_epoch(number, readers, coalition=node.coalition, organ=organ, key=key)
    bad, _ = new_epoch(
        number, readers, coalition=node.coalition, organ=organ, key=machine.chance.randbytes(32)
    )
    boxes = tuple(
        KeyBox(a.member, a.office, world.rng.choice((a, b)).box)
        for a, b in zip(body.boxes, bad.boxes)
    )
    node._keep_epoch(organ, body, key)
    act = signed(machine, node, organ, Epoch(body.number, body.key_hash, boxes))
    keep(node, act)
    hand(world, machine, node, act, _peers(node, organ))
    return True
