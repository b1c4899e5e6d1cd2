"""Bundles: acts carried from node to node as files, by hand, mail or any other way.

A bundle is sealed to the member that it is for, and padded: whoever carries it
learns neither what is in it nor which organs are busy. It brings the sender's
beacons, so that a later bundle back leaves out what is known to be there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from comity.core.acts import Act, ActForm
from comity.core.beacons import Beacon, read_beacon
from comity.core.envelope import EnvelopeForm
from comity.core.founding import Code, Hash
from comity.core.strict import read_base64, read_json, spelled, write_base64, write_json
from comity.errors import ActError, UsageError
from comity.node.boxes import open_bundle, seal_bundle
from comity.node.node import Node, Taken, travelling

MAX_BUNDLE = 64 * 1_048_576
MAX_CONTENT = 24 * 1_048_576
MAX_ACTS = 100_000
MAX_BOXES = 64


class BundleForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A bundle as it stands in a file: one box for each office that may open it."""

    comity: Annotated[int, Meta(ge=1, le=1)]
    bundle: Annotated[
        tuple[Annotated[str, Meta(max_length=MAX_BUNDLE)], ...],
        Meta(min_length=1, max_length=MAX_BOXES),
    ]


class ContentForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is in the boxes of a bundle."""

    comity: Annotated[int, Meta(ge=1, le=1)]
    coalition: Hash
    sender: Code
    beacons: Annotated[tuple[EnvelopeForm, ...], Meta(max_length=1_000)]
    acts: Annotated[tuple[ActForm, ...], Meta(max_length=MAX_ACTS)]


def export(node: Node, to: str) -> tuple[bytes, ...]:
    """Write what another member may read and is not known to have: one file, or several.

    Raises
    ------
    UsageError
        If that member is this one, or has no key to seal to.
    """
    current = node.succession.current
    publics = [
        bytes.fromhex(held.sealing)
        for held in current.holders.values()
        if held.member == to and held.sealing is not None
    ]
    if to == node.member or not publics:
        raise UsageError(
            f"nothing can be sealed to {to[:32]}",
            hint="name another member that has a key: comity log says who is there",
        )
    organs = [organ for organ, names in node.readers().items() if to in names]
    beacons = tuple(node.beacon(organ).envelope.form() for organ in organs)
    files = []
    for part in _parts([act for organ in organs for act in _lacking(node, organ, to)]):
        content = ContentForm(1, node.coalition, node.member, beacons, part)
        data = write_json(content)
        boxes = tuple(write_base64(seal_bundle(key, data, node.coalition)) for key in publics)
        files.append(write_json(BundleForm(1, boxes)))
    return tuple(files)


def take_in(node: Node, data: bytes) -> tuple[str, Taken]:
    """Open a bundle, keep what is in it, and say whose it was.

    Raises
    ------
    ActError
        If it is no bundle, is for another member, or belongs to another coalition.
    """
    form = read_json(data, BundleForm, limit=MAX_BUNDLE, what="the bundle")
    content = read_json(
        _opened(node, form), ContentForm, limit=MAX_BUNDLE, what="the content of the bundle"
    )
    if content.coalition != node.coalition:
        raise ActError(
            f"the bundle belongs to another coalition or run: {content.coalition[:16]}",
            hint=f"this one is {node.coalition[:16]}",
            refusal="another-coalition",
        )
    taken = node.take(content.acts, source=content.sender)
    for one in content.beacons:
        beacon = _sound(node, one)
        if beacon is None:
            continue
        said = beacon.said
        known = _latest(node, said.organ, said.member)
        if known is None or beacon.later > known.later:
            instant = spelled(beacon.instant)
            node.record.keep_beacon(said.member, said.organ, instant, write_json(one))
        node.heard_at[said.member] = node.now()
    return content.sender, taken


def _sound(node: Node, form: EnvelopeForm) -> Beacon | None:
    """Read a beacon; None if it is not sound: it proves nothing, and without it more is sent."""
    try:
        return read_beacon(
            form,
            coalition=node.coalition,
            holders=node.succession.keyring.holders,
            exercise=node.exercise,
        )
    except ActError:
        return None


def _latest(node: Node, organ: str, member: str) -> Beacon | None:
    """Return the latest beacon of a member in an organ that is kept, and still sound."""
    for kept in node.record.beacons(organ=organ):
        if kept.member == member:
            form = read_json(kept.data, EnvelopeForm, limit=MAX_CONTENT, what="the beacon")
            return _sound(node, form)
    return None


def _opened(node: Node, form: BundleForm) -> bytes:
    refused: ActError | None = None
    for box in form.bundle:
        for office in node.keys.offices:
            try:
                return open_bundle(
                    office.opening.reveal(), read_base64(box, "a box"), node.coalition
                )
            except ActError as wrong:
                refused = wrong
    assert refused is not None
    raise ActError(
        f"no key of {node.member} opens the bundle",
        hint="it is for another member or coalition, or was damaged: ask for it again",
        refusal=refused.refusal,
    )


def _lacking(node: Node, organ: str, member: str) -> Iterator[Act]:
    """Yield the acts of an organ that a member's latest beacon does not show."""
    tips: dict[str, int] = {}
    beacon = _latest(node, organ, member)
    if beacon is not None:
        for author, ends in beacon.said.heads.items():
            # A chain with branches, or with an end that is not here, is sent whole.
            if len(ends) == 1 and node.record.get(ends[0].id) is not None:
                tips[author] = ends[0].seq
    forked = {author for _, author, _ in node.record.forks(organ=organ)}
    for act in node.record.acts(organ=organ):
        if act.member in forked or act.header.seq > tips.get(act.member, 0):
            yield act


def _parts(acts: list[Act]) -> Iterator[tuple[ActForm, ...]]:
    """Yield the acts in parts that fit into one file each; one empty part if there are none."""
    part: list[ActForm] = []
    size = 0
    for act in acts:
        form = travelling(act).form()
        length = len(write_json(form))
        if part and (size + length > MAX_CONTENT or len(part) >= MAX_ACTS):
            yield tuple(part)
            part, size = [], 0
        part.append(form)
        size += length
    yield tuple(part)
