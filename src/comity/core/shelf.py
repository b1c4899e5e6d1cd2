"""A map from ids that is never changed: more entries make another, and most of it is shared.

A record of 100,000 acts grows by one act at a time; copying a plain map each
time would cost as much as reading it all. Entries are kept apart by the first
two digits of their ids, so that one more copies one of 256 parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

Value = TypeVar("Value")


class Shelf(Mapping[str, Value]):
    """A persistent map whose keys begin with digits by chance, as ids do."""

    __slots__ = ("_parts", "_size")

    def __init__(
        self, parts: Mapping[str, Mapping[str, Value]] | None = None, size: int = 0
    ) -> None:
        self._parts = parts or {}
        self._size = size

    def __getitem__(self, key: str) -> Value:
        return self._parts[key[:2]][key]

    def __iter__(self) -> Iterator[str]:
        for part in self._parts.values():
            yield from part

    def __len__(self) -> int:
        return self._size

    def __repr__(self) -> str:
        return f"Shelf of {self._size}"

    def with_all(self, more: Mapping[str, Value]) -> Shelf[Value]:
        """Return it with more entries; those whose key is there already take its place."""
        if not more:
            return self
        parts, size = dict(self._parts), self._size
        fresh: dict[str, dict[str, Value]] = {}
        for key, value in more.items():
            head = key[:2]
            part = fresh.get(head)
            if part is None:
                part = fresh[head] = dict(parts.get(head, {}))
            size += key not in part
            part[key] = value
        parts.update(fresh)
        return Shelf(parts, size)
