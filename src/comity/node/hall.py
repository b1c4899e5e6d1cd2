"""A hall: many nodes in one process, each with its own folder, record and keys.

Letters pass from node to node in memory. Nothing is trusted for being near: each
node verifies what it gets, as over any other carrier.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from types import TracebackType

from comity.core.exchange import Letter
from comity.core.founding import Founding, countersigned, draft, founding_of
from comity.core.reading import read_charter
from comity.core.strict import spelled
from comity.errors import UsageError
from comity.node import duties
from comity.node.folder import Folder, create_folder
from comity.node.keys import USUAL, Cost, new_keys, write_keys
from comity.node.node import Node, utc_now

MAX_ROUNDS = 100_000
"""Letters delivered at one time, at the most: a loop between two nodes ends there."""


class Hall:
    """The nodes of a coalition that one process hosts.

    Parameters
    ----------
    nodes
        By member.
    """

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self.nodes = dict(nodes)

    @classmethod
    def open(
        cls,
        path: Path,
        passphrase: bytes,
        *,
        now: Callable[[], datetime] = utc_now,
        chance: Callable[[int], bytes] = secrets.token_bytes,
        progress: Callable[[int, int], None] = lambda done, of: None,
    ) -> Hall:
        """Open all nodes in the folders below one."""
        folders = sorted(p for p in path.iterdir() if (p / "founding.json").exists())
        if not folders:
            raise UsageError(f"there are no nodes in {path}", hint="begin with comity init all")
        nodes: dict[str, Node] = {}
        try:
            for done, folder in enumerate(folders):
                node = Node.open(folder, passphrase, now=now, chance=chance)
                nodes[node.member] = node
                progress(done + 1, len(folders))
        except BaseException:
            for node in nodes.values():
                node.close()
            raise
        return cls(nodes)

    def close(self) -> None:
        """Close all nodes."""
        for node in self.nodes.values():
            node.close()

    def __enter__(self) -> Hall:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def deliver(self, letters: Iterable[tuple[str, Letter]] = ()) -> int:
        """Carry letters, and all that they lead to, until there are none; return how many."""
        waiting: deque[tuple[str, Letter]] = deque(letters)
        for member, node in self.nodes.items():
            waiting.extend((member, letter) for letter in node.letters())
        count = 0
        while waiting and count < MAX_ROUNDS:
            sender, letter = waiting.popleft()
            count += 1
            to = self.nodes.get(letter.peer)
            if to is not None:
                waiting.extend((letter.peer, more) for more in to.receive(sender, letter.data))
        return count

    def beacons(self) -> int:
        """Light the beacons of all nodes and carry them."""
        lit = [(m, letter) for m, node in self.nodes.items() for letter in node.beacons()]
        return self.deliver(lit)

    def tick(self) -> int:
        """Let every node do what is due, and carry what it says; return how many acts it took."""
        done = sum(len(duties.perform(node)) for node in self.nodes.values())
        self.deliver()
        return done


def found_all(
    path: Path,
    charter: bytes,
    passphrase: bytes,
    *,
    office: str = "office",
    exercise: bool = False,
    members: Iterable[str] | None = None,
    now: Callable[[], datetime] = utc_now,
    chance: Callable[[int], bytes] = secrets.token_bytes,
    cost: Cost = USUAL,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Founding:
    """Found a coalition whose nodes all live below one folder, one folder for each party.

    Parameters
    ----------
    members
        Who gets a node; all members and participants that the charter names,
        unless given.
    """
    parties = tuple(members) if members is not None else read_charter(charter).order
    made_at = spelled(now())
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    folders: dict[str, Folder] = {}
    held, seeds = [], []
    for done, member in enumerate(parties):
        folders[member] = create_folder(path / member.lower())
        keys = new_keys(member, (office,), made_at=made_at, chance=chance)
        write_keys(folders[member].keys, keys, passphrase, cost=cost)
        held.append(keys.signing().held)
        seeds.append(keys.signing().seed.reveal())
        progress(done + 1, 2 * len(parties))
    drafted = draft(sha256(charter).hexdigest(), chance(16).hex(), tuple(held), exercise=exercise)
    founding = founding_of(countersigned(drafted, seeds))
    for done, folder in enumerate(folders.values()):
        folder.found(founding, charter)
        progress(len(parties) + done + 1, 2 * len(parties))
    return founding
