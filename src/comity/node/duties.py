"""What an honest node does by itself: enter constitutions, close proposals, keep what is settled.

A node closes by itself unless its member holds a proposal back. It never closes
*silently* by itself, which could be taken for consent, if it could not read the
text, if it is cut off from the others, or if it knows a newer constitution.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from comity.core.acts import Act
from comity.core.bodies import Enter
from comity.core.constitution import COALITION
from comity.core.proposals import Pinned, Standing, heard, stand
from comity.errors import ActError, UsageError
from comity.node.node import Node

MAX_CLOSES = 500
_HOLD = "hold "


def perform(node: Node) -> tuple[Act, ...]:
    """Do what is due, and return the acts that it took."""
    with node.guard:
        if not node.sign_again():
            settle(node)
            return ()
        joined, entered = node.resume(), enter(node)
        # What others have settled meanwhile is closed all the same: who closed is shown for good.
        # One closing may settle a change that ends what this member reads: each is looked at anew.
        closed = [
            node.close_proposal(pinned.act.id)
            for pinned in tuple(_unsettled(node))
            if is_due(node, pinned)
        ]
        settle(node)
        return (*joined, *entered, *closed)


def settle(node: Node) -> tuple[Standing, ...]:
    """Keep the outcomes that nothing can change any more, and return those that are new."""
    arrived = node.record.arrived
    if node.settled_at == arrived:
        return ()  # outcomes hang on acts alone, and none is new
    found = []
    for act in node.record.unsettled():
        standing = node.standing(act.id)
        if isinstance(standing, Standing) and standing.settlement.settled:
            node.record.settle(act.id, standing.settlement.outcome)
            found.append(standing)
    node.settled_at = arrived
    return tuple(found)


def enter(node: Node) -> tuple[Act, ...]:
    """Enter the constitution after all settled changes, if this member is not in it yet.

    The entering lists the proposals that this member still answers: those open
    now, in whatever constitution it answered until now.
    """
    current = node.succession.current
    if current.id == node.under.id or current.id == node.ground.id:
        return ()
    if node.member not in {held.member for held in current.holders.values()}:
        return ()
    still = sorted(
        pinned.act.id
        for pinned in _unsettled(node)
        if pinned.act.header.constitution != current.id
        and not stand(pinned, node.record.about(pinned.act.id)).settlement.settled
    )
    try:
        return (
            node.say(COALITION, Enter(tuple(sorted(current.changes)), tuple(still[:MAX_CLOSES]))),
        )
    except (UsageError, ActError):
        return ()  # its keys do not speak in it: there is nothing it could say


def is_due(node: Node, pinned: Pinned) -> bool:
    """Tell whether this node closes a proposal by itself now."""
    acts = list(node.record.about(pinned.act.id))
    own = [act for act in acts if act.member == node.member]
    if node.member not in pinned.roster or any(act.kind == "closing" for act in own):
        return False
    if not node.may_answer(pinned) or is_held(node, pinned.act.id):
        return False
    if pinned.act.header.organ not in node.readers() or node.may_have_answered(pinned.act):
        return False
    roll = {stance.member: stance.id for stance in heard(pinned, acts)}
    if pinned.waits(roll, node.now()) is not None:
        return False
    if pinned.procedure.kind != "silence" or node.member in roll:
        return True
    newer = not node.succession.current.changes.keys() <= pinned.under.changes.keys()
    return node.opened_at(pinned.act.id) is not None and not newer and not _is_cut_off(node, pinned)


def hold(node: Node, proposal: str, *, back: bool = True) -> None:
    """Hold a proposal back from being closed by the node itself, or let it go."""
    node.record.set_meta(_HOLD + proposal, "back" if back else "")


def is_held(node: Node, proposal: str) -> bool:
    """Tell whether the member holds a proposal back."""
    return node.record.meta(_HOLD + proposal) == "back"


def _is_cut_off(node: Node, pinned: Pinned) -> bool:
    """Tell whether too few others were heard from since the expiry to know of an objection."""
    over: datetime | None = pinned.closes_at
    assert over is not None
    others = {m for m, at in node.heard_at.items() if at >= over and m in pinned.roster}
    return len(others) < min(len(pinned.roster) - 1, max(1, pinned.thresholds.establishing - 1))


def _unsettled(node: Node) -> Iterator[Pinned]:
    """Yield the proposals whose outcome this node has not kept yet."""
    for act in node.record.unsettled():
        pinned = node.pin(act)
        if isinstance(pinned, Pinned):
            yield pinned
