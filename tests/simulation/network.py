"""A network that loses, delays, repeats, reorders, parts and replays what is sent."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from comity.core.exchange import Letter


@dataclass
class Network:
    """Letters under way.

    Parameters
    ----------
    loss, twice, late
        How often a letter is lost, comes twice, comes later than the next step.
    parts
        Which part of a network in pieces each member is in; nothing passes between.
    """

    rng: random.Random
    loss: float = 0.0
    twice: float = 0.0
    late: float = 0.0
    parts: dict[str, int] = field(default_factory=dict)
    step: int = 0
    under_way: list[tuple[int, str, str, bytes]] = field(default_factory=list)
    old: list[tuple[str, str, bytes]] = field(default_factory=list)
    count: Counter[str] = field(default_factory=Counter)

    def post(self, sender: str, letters: Iterable[Letter]) -> None:
        for letter in letters:
            self.count["sent"] += 1
            if self.parts.get(sender, 0) != self.parts.get(letter.peer, 0):
                self.count["cut off"] += 1
                continue
            if self.loss and self.rng.random() < self.loss:
                self.count["lost"] += 1
                continue
            copies = 1
            if self.twice and self.rng.random() < self.twice:
                copies = 2
                self.count["twice"] += 1
            for _ in range(copies):
                delay = 0
                if self.late and self.rng.random() < self.late:
                    delay = self.rng.randint(1, 6)
                    self.count["late"] += 1
                self.under_way.append((self.step + delay, sender, letter.peer, letter.data))
            if len(self.old) < 200 and self.rng.random() < 0.1:
                self.old.append((sender, letter.peer, letter.data))

    def replay(self) -> None:
        """Let something come once more that was sent long ago."""
        if self.old:
            sender, peer, data = self.rng.choice(self.old)
            self.count["replayed"] += 1
            self.under_way.append((self.step, sender, peer, data))

    def arrived(self) -> list[tuple[str, str, bytes]]:
        """Return what arrives now, in any order."""
        here = [letter[1:] for letter in self.under_way if letter[0] <= self.step]
        self.under_way = [letter for letter in self.under_way if letter[0] > self.step]
        if self.late:
            self.rng.shuffle(here)
        return here

    def heal(self) -> None:
        """Lose nothing from now on; what was held up arrives."""
        self.loss = self.twice = self.late = 0.0
        self.parts = {}
        self.under_way = [(self.step, *letter[1:]) for letter in self.under_way]
