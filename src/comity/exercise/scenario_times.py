"""When the things of a scenario can happen: what follows what, and what then comes too late.

What follows an outcome has an instant only in a run; here it is known not to
come before what it follows. A fault is told once, where the chain breaks.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from comity.exercise.scenario_fields import Names, spelt
from comity.exercise.scenario_moves import Item


class Times:
    """The instants of events and moves, as far as the file alone says them."""

    def __init__(self, items: Mapping[str, Item], names: Names) -> None:
        self.items = items
        self.names = names
        self._known: dict[str, tuple[datetime, bool] | None] = {}

    def line(self, name: str) -> tuple[str, ...]:
        """Return what an event or move follows, the nearest first, to where a circle closes."""
        found: dict[str, None] = {}
        here = name
        while (item := self.items.get(here)) is not None and item.when.after:
            here = item.when.after
            if here in found or here not in self.items:
                break
            found[here] = None
        return tuple(found)

    def earliest(self, name: str) -> tuple[datetime, bool] | None:
        """Return the earliest instant of an event or move, and whether it is exactly that."""
        waiting = [name]
        while waiting:
            here = waiting[-1]
            if here in self._known:
                waiting.pop()
                continue
            item = self.items.get(here)
            if item is None or item.when.at is not None or not item.when.after:
                at = item.when.at if item else None
                self._known[here] = (at, True) if at else None
            elif item.when.after in self._known:
                self._known[here] = self._later(item)
            elif item.when.after in waiting:
                self._known[here] = None  # a circle
            else:
                waiting.append(item.when.after)
        return self._known[name]

    def _later(self, item: Item) -> tuple[datetime, bool] | None:
        before = self._known[item.when.after]
        if before is None:
            return None
        try:
            at = before[0] + timedelta(minutes=item.when.minutes)
        except OverflowError:
            return None
        return at, before[1] and not item.when.outcome

    def day(self, item: Item) -> date:
        """Return the day on which something happens at the earliest: rosters are looked at then."""
        known = self.earliest(item.id)
        return self.names.day(known[0] if known else None)

    def comes_later(self, named: Item, item: Item) -> bool:
        """Tell whether something surely comes after what names it."""
        if named is item:
            return True
        after = self.line(named.id)
        if named.id in after:
            return False  # a circle, which is told as one
        if item.id in after:
            return True
        if named.id in self.line(item.id):
            return False
        first, second = self.earliest(named.id), self.earliest(item.id)
        if first is None or second is None or not second[1]:
            return False
        if first[0] != second[0] or not first[1]:
            return first[0] > second[0]
        return named.place > item.place

    def check(self) -> None:
        """Note what follows nothing, itself or a circle, and what comes after the end."""
        told: set[str] = set()
        for item in self.items.values():
            after = item.when.after
            if not after:
                continue
            if after not in self.items:
                item.table.known("after", after, self.items, "event or move")
            elif item.id in self.line(item.id):
                circle = self._circle(item.id)
                if told.isdisjoint(circle):
                    shown = " -> ".join((*circle[:8], "...") if circle[8:] else circle)
                    item.table.fault(
                        "after",
                        f"it goes in a circle: {shown} -> {circle[0]}"
                        if len(circle) > 1
                        else "it follows itself",
                        "let one of them follow something else, or say at",
                    )
                told.update(circle)
            else:
                self._check_end(item)

    def _circle(self, name: str) -> tuple[str, ...]:
        line = self.line(name)
        return (name, *line[: line.index(name)])

    def _check_end(self, item: Item) -> None:
        at, before = self.earliest(item.id), self.earliest(item.when.after)
        end = self.names.end
        if at is None or before is None or end is None:
            return
        if before[0] <= end < at[0]:
            item.table.fault(
                "minutes" if item.table.has("minutes") else "after",
                f"it could only happen at {spelt(at[0])}, after the exercise ends, {spelt(end)}",
                "let it follow sooner, or move the end under [scenario]",
            )
