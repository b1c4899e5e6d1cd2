"""Places: which acts of one chain a node has, which it lacks, and where the chain ends.

A place is a number in a chain. An index that changes in place: one more act
must not cost a copy of a hundred thousand. Numbers at hand are kept as spans,
so a chain of which one act numbered 10^9 is at hand is one span, not a billion
gaps.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

BRANCHES = 2
"""How many acts a node looks for in one place: two prove a fork, more prove no more."""


@dataclass(slots=True)
class Places:
    """What is at hand of one chain.

    Parameters
    ----------
    known
        The number of every id at hand.
    loose
        Ids that an act at hand names as the one before and that are not at
        hand, with the number they should have.
    tips
        Ids at hand that no act at hand names as the one before, with their
        numbers.
    """

    known: dict[str, int] = field(default_factory=dict)
    loose: dict[str, int] = field(default_factory=dict)
    tips: dict[str, int] = field(default_factory=dict)
    _first: dict[int, str] = field(default_factory=dict)
    _rivals: dict[int, tuple[str, ...]] = field(default_factory=dict)
    _starts: list[int] = field(default_factory=list)
    _ends: list[int] = field(default_factory=list)

    @property
    def top(self) -> int:
        """The highest number at hand; 0 where there is none."""
        return self._ends[-1] if self._ends else 0

    @property
    def forks(self) -> tuple[int, ...]:
        """The numbers under which more than one act is at hand."""
        return tuple(sorted(self._rivals))

    @property
    def whole(self) -> bool:
        """Whether nothing below the highest number is known to be missing."""
        return not self.loose and (not self._starts or self._starts == [1])

    def at(self, seq: int) -> tuple[str, ...]:
        """Return the ids at hand under a number."""
        one = self._first.get(seq)
        return () if one is None else (one, *self._rivals.get(seq, ()))

    def full(self, seq: int) -> bool:
        """Tell whether so many acts are at hand under a number that no more are looked for."""
        return len(self._rivals.get(seq, ())) + 1 >= BRANCHES

    def add(self, name: str, seq: int, prev: str | None) -> bool:
        """Take in an act; False if it is at hand already."""
        if name in self.known:
            return False
        self.known[name] = seq
        if self.loose.pop(name, None) is None:
            self.tips[name] = seq
        if prev is not None and prev in self.known:
            self.tips.pop(prev, None)
        elif prev is not None:
            self.loose[prev] = seq - 1
        if seq in self._first:
            self._rivals[seq] = (*self._rivals.get(seq, ()), name)
        else:
            self._first[seq] = name
            self._cover(seq)
        return True

    def _cover(self, seq: int) -> None:
        """Add a number that is in no span."""
        k = bisect_left(self._starts, seq)
        after = k < len(self._starts) and self._starts[k] == seq + 1
        before = k > 0 and self._ends[k - 1] == seq - 1
        if before and after:
            self._ends[k - 1] = self._ends.pop(k)
            del self._starts[k]
        elif before:
            self._ends[k - 1] = seq
        elif after:
            self._starts[k] = seq
        else:
            self._starts.insert(k, seq)
            self._ends.insert(k, seq)

    def missing(self) -> Iterator[tuple[int, int]]:
        """Yield the spans of numbers below the highest of which no act is at hand, in order."""
        below = 0
        for start, end in zip(self._starts, self._ends):
            if start > below + 1:
                yield below + 1, start - 1
            below = end

    def between(self, first: int, last: int) -> Iterator[str]:
        """Yield the ids at hand under the numbers from `first` to `last`, in order.

        Takes time for what it yields, not for the numbers in between.
        """
        for k in range(max(0, bisect_right(self._starts, first) - 1), len(self._starts)):
            if self._starts[k] > last:
                return
            for seq in range(max(first, self._starts[k]), min(last, self._ends[k]) + 1):
                yield from self.at(seq)
