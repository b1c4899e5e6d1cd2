"""Alerts that a member has not confirmed: followed as acts come, and not looked for anew."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from weakref import WeakKeyDictionary

from comity.core.acts import Act
from comity.core.bodies import Receipt
from comity.node.node import Node


class Unconfirmed:
    """What one node's member has not confirmed in one organ, as far as the record was read."""

    def __init__(self) -> None:
        self.read_to = 0
        self.alerts: dict[str, Act] = {}
        self.early: set[str] = set()
        """Alerts that it has confirmed, and that did not come here before the receipt."""

    def follow(self, node: Node, organ: str) -> Iterable[Act]:
        """Read what came since, and return the alerts that are left, in the order they came."""
        now, record = node.record.arrived, node.record
        if now != self.read_to:
            for act in record.acts(organ=organ, kind="alert", after=self.read_to):
                if act.member != node.member and act.id not in self.early:
                    self.alerts[act.id] = act
            for act in record.acts(organ=organ, kind="receipt", after=self.read_to):
                if act.member != node.member or not isinstance(act.body, Receipt):
                    continue
                if self.alerts.pop(act.body.alert, None) is None:
                    self.early.add(act.body.alert)
            self.read_to = now
        return tuple(self.alerts.values())


_guard = threading.Lock()
_followed: WeakKeyDictionary[Node, dict[str, Unconfirmed]] = WeakKeyDictionary()


def unconfirmed(node: Node, organs: Iterable[str]) -> Iterator[Act]:
    """Yield the heeded alerts of some organs that a node's member has not confirmed."""
    for organ in organs:
        with _guard:
            followed = _followed.setdefault(node, {}).setdefault(organ, Unconfirmed())
            left = followed.follow(node, organ)
        yield from node.heeded(left)
