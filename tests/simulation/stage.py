"""A stage: the nodes of a small league in one hall, with a clock that the test turns."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from comity.core.acts import Act
from comity.core.attestations import verify
from comity.core.bodies import Adopt, Propose
from comity.core.certificate import Verdict
from comity.core.constitution import COALITION
from comity.core.proposals import Standing
from comity.core.strict import spelled
from comity.node import duties
from comity.node.folder import create_folder
from comity.node.hall import Hall
from comity.node.keys import LEAST, write_keys
from comity.node.node import Node, travelling
from comity.node.record import Record
from tests.simulation.league import LEAGUE, OUTSIDER, league

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
PASSPHRASE = b"a larch on the hill"


class Stage:
    """Everybody's node, the hall they are in, and the time.

    Silence takes notice of 3 hours and 1 of grace; a vote 1 of grace. Who is
    `away` neither hears nor does anything, until it comes back.
    """

    def __init__(self, root: Path, members: int = 4, n: int = 1, f: int = 0) -> None:
        self.league = league(members, n, f)
        self.members = LEAGUE[:members]
        self.now = START
        self.root = root
        self.nodes: dict[str, Node] = {}
        for member in (*self.members, OUTSIDER):
            self.add(member)
        self.hall = Hall(self.nodes)

    def clock(self) -> datetime:
        return self.now

    def add(self, member: str) -> Node:
        """Set up the node of a member, with its first keys."""
        folder = create_folder(self.root / member.lower())
        folder.found(self.league.founding, self.league.text)
        record = Record.open(folder.record)
        record._db.execute("PRAGMA synchronous = OFF")  # nobody pulls the plug on a test
        node = Node(
            folder,
            record,
            self.league.keys[member],
            now=self.clock,
            chance=random.Random(member).randbytes,
        )
        self.nodes[member] = node
        return node

    def write_keys(self, member: str) -> None:
        """Put a node's keys on disk, as cheaply as may be."""
        node = self.nodes[member]
        write_keys(node.folder.keys, node.keys, PASSPHRASE, cost=LEAST)

    def close(self) -> None:
        self.hall.close()
        for node in self.nodes.values():
            node.close()

    def __getitem__(self, member: str) -> Node:
        return self.nodes[member]

    # Time and work.

    def away(self, *members: str) -> None:
        """Let some go away, and all others be there."""
        self.hall.nodes = {m: node for m, node in self.nodes.items() if m not in members}
        self.hall.reconcile()

    def wait(self, hours: float = 0, minutes: float = 0) -> None:
        self.now += timedelta(hours=hours, minutes=minutes)

    def tick(self, times: int = 3) -> None:
        """Let all who are there say what they have to say, and do what is due."""
        for _ in range(times):
            self.hall.deliver()
            self.hall.tick()

    def whisper(self, speaker: str, *hearers: str) -> None:
        """Let what a member said come to some alone."""
        for act in self[speaker].hand_over():
            for hearer in hearers:
                self[hearer].take([travelling(act).form()], source=speaker)

    def close_alone(self, *members: str) -> None:
        """Let some nodes do what is due, and keep it from the others."""
        for member in members:
            self[member].heard_at = dict.fromkeys(self.members, self.now)
            duties.perform(self[member])

    # What is put to decision.

    def propose(
        self,
        member: str = "Arden",
        organ: str = "council",
        *,
        effect=None,
        rule: str = "consensus",
        procedure: str = "silence",
        hours: float = 24,
        deliver: bool = True,
    ) -> Act:
        node = self[member]
        expires = self.now + timedelta(hours=hours)
        charter = node.under.charter
        where = "council" if organ == COALITION else organ
        act = node.propose(
            organ,
            Propose(
                "The ambulance",
                effect or Adopt(("It stays on the hill.",)),
                node.under.charter_hash,
                rule,
                procedure,
                expires.date().isoformat(),
                charter.roster(where, expires.date()),
                None if procedure == "signature" else spelled(expires),
            ),
        )
        if deliver:
            self.hall.deliver()
        return act

    def change(self, effect, *, by: str = "Arden", hours: float = 6, but: tuple[str, ...] = ()):
        """Propose a change, let all but some say yes, and settle it."""
        act = self.propose(
            by, COALITION, effect=effect, rule="change", procedure="vote", hours=hours
        )
        for member in self.members:
            if member not in but and member in self.hall.nodes:
                self[member].answer(act.id, "yes")
        self.tick()
        self.wait(hours=hours + 1)
        self.tick()
        return act

    # How it ended.

    def outcome(self, proposal: Act, member: str = "Arden") -> str:
        standing = self[member].standing(proposal.id)
        assert isinstance(standing, Standing), standing
        return standing.settlement.outcome

    def verdict(self, proposal: Act, member: str = "Arden") -> Verdict:
        """Read the certificate of a proposal as a stranger does."""
        shown = verify(self[member].certificate(proposal.id), self.league.founding.id)
        assert isinstance(shown, Verdict)
        return shown
