"""Signing again by files: a node that may be an old copy asks bundles where its own chains end.

Only what was said after this node noticed counts: a bundle from before shows no
act that came after it, and whoever carries files could hand the old ones over
again until the node signs in a place where it has signed already. A peer whose
clock was ahead by as much is the limit of it; one whose clock is behind is
believed that much later.
"""

from __future__ import annotations

from comity.core.beacons import BeaconForm
from comity.core.envelope import EnvelopeForm
from comity.core.strict import read_base64, read_json, spelled
from comity.node.node import Node

_CONFIRMED = "confirmed "
_MOST = 1_000_000


def confirm(node: Node, sender: str) -> bool:
    """Note what a bundle's beacons say of this member's own chains; tell whether it signs now.

    A sender confirms an organ if it shows no act of this member that is not
    here, in a beacon lit since this node noticed that it may be an old copy.
    """
    if node.record.held_back is None:
        return True
    since = node.record.held_since or spelled(node.now())
    for organ in node.organs():
        noticed, *names = (node.record.meta(_CONFIRMED + organ) or "never").split()
        found = set(names) if noticed == since else set()
        for kept in node.record.beacons(organ=organ):
            if kept.member != sender or kept.instant < since:
                continue
            form = read_json(kept.data, EnvelopeForm, limit=_MOST, what="a beacon")
            payload = read_base64(form.payload, "a beacon")
            said = read_json(payload, BeaconForm, limit=_MOST, what="a beacon")
            ends = said.heads.get(node.member, ())
            if all(node.record.get(tip.id) is not None for tip in ends):
                found.add(sender)
        node.record.set_meta(_CONFIRMED + organ, " ".join((since, *sorted(found))))
        node.confirmed[organ] = node.confirmed.get(organ, frozenset()) | found
    signs = node.sign_again()
    if signs:
        for organ in node.organs():
            node.record.set_meta(_CONFIRMED + organ, "")
    return signs
