"""The stage of an exercise on real nodes: each with its folder, record, keys and duties.

The nodes live in one process and have one clock, which is set from outside.
Between instants at which something arrives or is closed nothing is looked at,
so that days pass as fast as there is nothing to do in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from comity.core.acts import Act, ActForm
from comity.core.bodies import Annotation, Body, Closing, Epoch, Propose, Stance, Word
from comity.core.constitution import Constitution
from comity.core.proposals import Pinned, Standing
from comity.core.succession import bears_on
from comity.errors import UsageError
from comity.exercise.chance import of_founding
from comity.exercise.closings import Closings
from comity.exercise.delivery import Post
from comity.exercise.ledger import Ledger
from comity.exercise.stage_node import StageNode, Worked
from comity.node import duties
from comity.node.hall import Hall, found_all
from comity.node.keys import LEAST, Keys


class StageHall(Hall):
    """The nodes of a stage as a hall: what they say goes by the stage's post."""

    def __init__(self, stage: NodeStage) -> None:
        self.stage = stage
        super().__init__(stage.nodes)

    def deliver(self) -> int:
        """Hand what members said to the post, and what has arrived to whom it is for.

        A room calls this after a person did something, which may be to let a proposal
        go that it held back from being closed: all is looked at anew.
        """
        return self.stage.work(anew=True)

    def tick(self) -> int:
        """Let every node do what is due now; time itself passes by the stage."""
        return self.stage.work()

    def reconcile(self) -> int:
        """Leave the records as they are: what is on its way, or waits at a node that is off."""
        return 0

    def beacons(self) -> int:
        """Light none: who was heard from follows from delays and from who is off."""
        return 0


class NodeStage:
    """The nodes of a coalition that is founded as an exercise, in one folder.

    Parameters
    ----------
    path
        The folder; it must not exist yet.
    charter
        The charter's file.
    start
        The first instant.
    seed, number
        What keys, salts and boxes grow from.
    passphrase
        What the files of keys are encrypted under.
    """

    def __init__(
        self,
        path: Path,
        charter: bytes,
        start: datetime,
        *,
        seed: int,
        number: int = 0,
        passphrase: bytes = b"exercise",
        progress: Callable[[int, int], None] = lambda done, of: None,
    ) -> None:
        self.now = start
        held: dict[str, Keys] = {}
        found_all(
            path,
            charter,
            passphrase,
            exercise=True,
            now=self.clock,
            chance=of_founding(seed, number),
            cost=LEAST,
            made=lambda keys: held.update({keys.member: keys}),
            progress=lambda done, of: progress(done, of + of // 2),
        )
        order = list(held)
        worked = Worked(seed, number)
        self.nodes: dict[str, StageNode] = {}
        try:
            for done, member in enumerate(order):
                folder = path / member.lower()
                self.nodes[member] = StageNode.in_folder(
                    folder, held[member], worked, now=self.clock
                )
                progress(2 * len(order) + done + 1, 3 * len(order))
        except BaseException:
            for node in self.nodes.values():
                node.close()
            raise
        self.post: Post[ActForm] = Post()
        self.ledger = Ledger(self.nodes[order[0]].ground)
        self.on_person: list[Callable[[Act], None]] = []
        self._by_itself = 0
        self._order = {member: k for k, member in enumerate(order)}
        self._still: dict[str, None] = {}
        self._ask: dict[str, None] = {}
        self._closings = Closings(self.ledger, self.post, self._active)
        self._signed: dict[tuple[str, str], None] = {}
        for member, node in self.nodes.items():
            node.on_kept.append(self._noting(member))
        self.hall = StageHall(self)

    def clock(self) -> datetime:
        """Return the time on the stage."""
        return self.now

    def close(self) -> None:
        """Close the records."""
        self.hall.close()

    # Who and under what.

    @property
    def coalition(self) -> str:
        """The id of the founding."""
        return self.ledger.ground.founding.id

    def readers(self, organ: str) -> frozenset[str]:
        """Return who reads an organ now."""
        return frozenset(self.ledger.succession.current.readers(organ, self.now.date()))

    def under(self, member: str) -> Constitution:
        """Return the constitution that a member speaks under now."""
        return self._node(member).under

    def pinned(self, proposal: str) -> Pinned | str:
        """Return what a proposal pins."""
        return self.ledger.pinned(proposal)

    def standing(self, proposal: str) -> Standing | str:
        """Return how a proposal stands for whoever has heard everything."""
        return self.ledger.standing(proposal)

    def has(self, member: str, act: str) -> bool:
        """Tell whether an act has reached a member, and can be read there."""
        return member in self.ledger.arrived.get(act, {})

    def acts(self) -> tuple[Act, ...]:
        """Return every act so far, opened, in the order in which they were said."""
        return tuple(self.ledger.acts)

    def arrived(self) -> Mapping[str, Mapping[str, datetime]]:
        """Return when each act reached each member."""
        return self.ledger.arrivals()

    def certificate(self, proposal: str) -> bytes:
        """Return the certificate of a proposal, from the node that knows most about it.

        Raises
        ------
        UsageError
            If there is none.
        """
        if isinstance(found := self.standing(proposal), str):
            raise UsageError(f"there is no certificate: {found}", hint="propose it again")
        about = self.ledger.about(proposal)

        def knows(member: str) -> tuple[int, int]:
            return sum(self.has(member, act.id) for act in about), -self._order[member]

        there = [member for member in self.nodes if self.has(member, proposal)]
        return self.nodes[max(there, key=knows)].certificate(proposal)

    # Saying.

    def say(self, member: str, organ: str, body: Body) -> Act:
        """Sign an act, and send it to all who read it."""
        with self._itself():
            act = self._on(member).say(organ, body)
        self.work()
        return act

    def propose(self, member: str, organ: str, body: Propose) -> Act:
        """Put something to decision."""
        with self._itself():
            act = self._on(member).propose(organ, body)
        self.work()
        return act

    def answer(
        self, member: str, proposal: str, word: Word, notes: Sequence[tuple[str, str]] = ()
    ) -> Act:
        """Answer a proposal."""
        told = tuple(Annotation(kind, text) for kind, text in notes)  # type: ignore[arg-type]
        with self._itself():
            act = self._on(member).answer(proposal, word, told)
        self.work()
        return act

    # Nodes and links.

    def cut_off(self, member: str, *, off: bool = True) -> None:
        """Take a member's node off, or bring it back; it then hears what it missed."""
        self._node(member)
        self.post.switch(member, off=off, now=self.now)
        if not off:
            self._ask[member] = None
        self._closings.changed()
        self.work()

    def delay(self, member: str, minutes: int) -> None:
        """Let everything reach and leave a member so much later from now."""
        self._node(member)
        self.post.delay(member, timedelta(minutes=minutes))
        self._closings.changed()

    def still(self, member: str, *, still: bool = True) -> None:
        """Keep a member's node from closing anything by itself: it is lost in silence."""
        self._node(member)
        if still:
            self._still[member] = None
            return
        self._still.pop(member, None)
        self._ask[member] = None
        self._closings.changed()
        self.work()

    # Time.

    def due(self) -> datetime | None:
        """Return when something next arrives or is closed by itself; None if nothing will."""
        found = [at for at in (self._closings.next(), self.post.next) if at is not None]
        return max(min(found), self.now) if found else None

    def pass_time(self, to: datetime) -> None:
        """Set the clock, and let arrive and be closed whatever is due by then, in its order.

        Raises
        ------
        UsageError
            If that would be back in time.
        """
        if to < self.now:
            raise UsageError(
                f"the stage is at {self.now:%Y-%m-%d %H:%M} already",
                hint="time goes on here; to go back, begin a new run",
            )
        while (due := self.due()) is not None and due <= to:
            self.now = due
            self.work()
        self.now = to

    def work(self, *, anew: bool = False) -> int:
        """Let arrive what is due, and nodes do what is; return how many acts were handed over.

        Parameters
        ----------
        anew
            Ask those again who could have closed something, and did not.
        """
        if anew:
            self._closings.changed()
        handed = 0
        while True:
            handed += self._deliver()
            asked = self._to_ask()
            if not asked:
                return handed
            for member in asked:
                node = self.nodes[member]
                self._hear_all(node)
                with self._itself():
                    duties.perform(node)

    # Inside.

    @contextmanager
    def _itself(self) -> Iterator[None]:
        """Let what is said inside not be taken for a person's."""
        self._by_itself += 1
        try:
            yield
        finally:
            self._by_itself -= 1

    def _node(self, member: str) -> StageNode:
        if member not in self.nodes:
            raise UsageError(
                f"{member} has no node on this stage", hint=f"it has: {', '.join(self.nodes)}"
            )
        return self.nodes[member]

    def _on(self, member: str) -> StageNode:
        node = self._node(member)
        if member in self.post.off:
            raise UsageError(f"the node of {member} is off", hint="switch it on again first")
        return node

    def _noting(self, member: str) -> Callable[[Act], None]:
        def kept(act: Act) -> None:
            if act.body is None:
                return
            if act.member == member and act.id not in self.ledger.by_id:
                self.ledger.add(act, self.now)
                self.ledger.note(act.id, member, self.now)
                if not self._by_itself and not isinstance(act.body, Epoch):
                    for told in self.on_person:
                        told(act)
            self.ledger.note(act.id, member, self.now)
            if self._stirs(act, member):
                self._ask[member] = None

        return kept

    def _stirs(self, act: Act, member: str) -> bool:
        """Tell whether an act may give whom it reaches something to do at once.

        An answer does where it is the last that a vote waits for, which is then
        closed early; and where it settles what is open to signature.
        """
        if not isinstance(act.body, Stance):
            return isinstance(act.body, Closing) or bears_on(act)
        proposal = act.body.proposal
        pinned = self.ledger.open.get(proposal)
        if pinned is None or pinned.procedure.kind == "silence":
            return False
        if pinned.expires is not None:
            return self.ledger.answered_by(proposal) >= frozenset(pinned.roster)
        if (member, proposal) in self._signed:
            return False
        standing = self.nodes[member].standing(proposal)
        if isinstance(standing, Standing) and standing.settlement.settled:
            self._signed[member, proposal] = None
            return True
        return False

    def _deliver(self) -> int:
        """Hand over what was said and what has arrived, until nothing is left to hand over."""
        handed = 0
        while True:
            for member, node in self.nodes.items():
                if member in self.post.off:
                    continue
                for act in node.hand_over():
                    readers = node.addressees().get(act.header.organ, frozenset())
                    to = [m for m in self.nodes if m in readers and m != member]
                    self.post.send(member, to, act.form(), self.now)
            arriving = self.post.arriving(self.now)
            if not arriving:
                return handed
            for member in self.nodes:
                if letters := arriving.get(member):
                    handed += len(letters)
                    self.nodes[member].take(
                        [letter.act for letter in letters], source=letters[0].sender
                    )

    def _active(self, member: str) -> bool:
        return member not in self.post.off and member not in self._still

    def _to_ask(self) -> tuple[str, ...]:
        """Return whose node has something to do now, in their order; each is asked once."""
        due = dict.fromkeys(self._closings.due(self.now))
        due.update((member, None) for member in self._ask if self._active(member))
        for member in due:
            self._ask.pop(member, None)
        return tuple(member for member in self.nodes if member in due)

    def _hear_all(self, node: StageNode) -> None:
        """Let a node have heard from all whose node is on, as long ago as their links take."""
        for other in self.nodes:
            if other != node.member and other not in self.post.off:
                late = self.post.takes(other) + self.post.takes(node.member)
                node.heard_at[other] = self.now - late
