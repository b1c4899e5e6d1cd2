"""A hall: many nodes in one process, each with its own folder, record and keys.

Acts pass from node to node in memory. Nothing is trusted for being near: each
node verifies what it gets, as over any other carrier.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from types import TracebackType

from comity.core.acts import ActForm
from comity.core.founding import Founding, countersigned, draft, founding_of
from comity.core.reading import read_charter
from comity.core.strict import spelled
from comity.errors import UsageError
from comity.node import duties
from comity.node.folder import Folder, create_folder
from comity.node.keys import USUAL, Cost, Keys, new_keys, write_keys
from comity.node.node import Node, travelling, utc_now

HANDS = 8
"""How many records are written side by side."""


class Hall:
    """The nodes of a coalition that one process hosts.

    Parameters
    ----------
    nodes
        By member.
    """

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self.nodes = dict(nodes)
        self._hands = ThreadPoolExecutor(HANDS, thread_name_prefix="hall")
        self.reconcile()
        self.deliver()

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
        self._hands.shutdown()
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

    def deliver(self) -> int:
        """Hand what members said to all who read it; return how many acts were handed over."""
        count = 0
        while batch := [
            (member, act) for member, node in self.nodes.items() for act in node.hand_over()
        ]:
            count += len(batch)
            letters: dict[str, list[tuple[str, ActForm]]] = {}
            for sender, act in batch:
                form = act.form()
                for to in self.nodes[sender].addressees().get(act.header.organ, ()):
                    if to != sender and to in self.nodes:
                        letters.setdefault(to, []).append((sender, form))
            # Most of the time goes into each record's reaching its disk: they go side by side.
            for _ in self._hands.map(self._take, letters.items()):
                pass
        at = next(iter(self.nodes.values())).now()
        for node in self.nodes.values():
            node.heard_at.update(dict.fromkeys(self.nodes, at))
        return count

    def _take(self, letter: tuple[str, list[tuple[str, ActForm]]]) -> None:
        to, forms = letter
        for sender in dict.fromkeys(sender for sender, _ in forms):
            self.nodes[to].take([form for of, form in forms if of == sender], source=sender)

    def reconcile(self) -> int:
        """Bring records that a killed process left unequal to the same; return how many acts."""
        count = 0
        for organ in dict.fromkeys(o for node in self.nodes.values() for o in node.organs()):
            readers = [node for node in self.nodes.values() if organ in node.readers()]
            ends = {
                (node.record.heads(organ=organ), node.record.gaps(organ=organ)) for node in readers
            }
            if len(ends) < 2:
                continue
            for sender in readers:
                ids = {act.id: act for act in sender.record.acts(organ=organ)}
                for node in readers:
                    lacking = ids.keys() - node.record.knows(ids)
                    forms = [travelling(ids[name]).form() for name in ids if name in lacking]
                    count += len(node.take(forms, source=sender.member).new)
        for node in self.nodes.values():  # each has now shown the others all it has
            node.confirmed = {
                organ: frozenset(self.nodes) & names for organ, names in node.readers().items()
            }
        return count

    def beacons(self) -> int:
        """Light beacons in organs with open proposals, and show them to all who read there."""
        count = 0
        for sender in self.nodes.values():
            for organ, names in sender.readers().items():
                if next(sender.record.unsettled(organ=organ), None) is None:
                    continue
                form = sender.beacon(organ).envelope.form()
                for to in names:
                    if to in self.nodes:
                        self.nodes[to].see(form)
                        count += 1
        return count

    def tick(self) -> int:
        """Let every node do what is due, and carry what it says; return how many acts it took."""
        done = sum(len(duties.perform(node)) for node in self.nodes.values())
        if done:
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
    made: Callable[[Keys], None] = lambda keys: None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Founding:
    """Found a coalition whose nodes all live below one folder, one folder for each party.

    Parameters
    ----------
    members
        Who gets a node; all members and participants that the charter names,
        unless given.
    made
        Told each member's keys, for whoever opens the nodes at once.
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
        made(keys)
        held.append(keys.signing().held)
        seeds.append(keys.signing().seed.reveal())
        progress(done + 1, 2 * len(parties))
    drafted = draft(sha256(charter).hexdigest(), chance(16).hex(), tuple(held), exercise=exercise)
    founding = founding_of(countersigned(drafted, seeds))
    for done, folder in enumerate(folders.values()):
        folder.found(founding, charter)
        progress(len(parties) + done + 1, 2 * len(parties))
    return founding
