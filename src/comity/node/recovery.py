"""Signing again by files: a node that may be an old copy asks bundles where its own chains end."""

from __future__ import annotations

from comity.core.beacons import BeaconForm
from comity.core.envelope import EnvelopeForm
from comity.core.strict import read_base64, read_json
from comity.node.node import Node

_CONFIRMED = "confirmed "
_MOST = 1_000_000


def confirm(node: Node, sender: str) -> bool:
    """Note what a bundle's beacons say of this member's own chains; tell whether it signs now.

    A sender confirms an organ if it shows no act of this member that is not here.
    """
    if node.record.held_back is None:
        return True
    for organ in node.organs():
        found = set((node.record.meta(_CONFIRMED + organ) or "").split())
        for kept in node.record.beacons(organ=organ):
            if kept.member != sender:
                continue
            form = read_json(kept.data, EnvelopeForm, limit=_MOST, what="a beacon")
            payload = read_base64(form.payload, "a beacon")
            said = read_json(payload, BeaconForm, limit=_MOST, what="a beacon")
            ends = said.heads.get(node.member, ())
            if all(node.record.get(tip.id) is not None for tip in ends):
                found.add(sender)
        node.record.set_meta(_CONFIRMED + organ, " ".join(sorted(found)))
        node.confirmed[organ] = node.confirmed.get(organ, frozenset()) | found
    signs = node.sign_again()
    if signs:
        for organ in node.organs():
            node.record.set_meta(_CONFIRMED + organ, "")
    return signs
