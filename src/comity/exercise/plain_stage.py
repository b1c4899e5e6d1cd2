"""A stage without nodes: for replays by the hundred.

The same acts, signed with the same keys, are folded by the same functions of the
core; there is no disk, no sealing of what is said, and no exchange. That a run
here ends as on real nodes, act for act, is tested (tests/unit/exercise/
test_plain_stage.py). What it cannot show is what nodes are for: that a record
outlives its process, and that a carrier may be hostile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from comity.core.acts import Act
from comity.core.bodies import Annotation, Body, Closing, Propose, Stance, Word
from comity.core.certificate import certify
from comity.core.constitution import Constitution, constitution
from comity.core.founding import countersigned, draft, founding_of
from comity.core.proofs import pin_known
from comity.core.proposals import Pinned, Standing, stand
from comity.core.reading import read_charter
from comity.core.strict import spelled
from comity.core.succession import Succession, bears_on, succeed
from comity.errors import UsageError
from comity.exercise.chance import of_boxes, of_founding, of_place
from comity.exercise.delivery import Post
from comity.exercise.plain_member import Member
from comity.exercise.plain_views import Shared, View
from comity.exercise.sealing import SeededSealing
from comity.node.keys import new_keys
from comity.node.node import MAX_EARLIER

OFFICE = "office"


class PlainStage:
    """The members of a coalition in memory; see `comity.exercise.stage.Stage`.

    Parameters
    ----------
    charter
        The charter's file.
    start
        The first instant.
    seed, number
        What keys, salts and boxes grow from: with the same, a stage of nodes says
        the same acts.
    """

    def __init__(self, charter: bytes, start: datetime, *, seed: int, number: int = 0) -> None:
        self.now = start
        self.on_said: list[Callable[[Act], None]] = []
        self._shared, self._members = _founded(charter, lambda: self.now, seed, number)
        for member in self._members.values():
            member.told = self._noting(member.code)
        self._post: Post[tuple[Act, str]] = Post()
        self._all = View(self._shared)
        self._acts: list[Act] = []
        self._arrived: dict[str, dict[str, datetime]] = {}
        self._answered: dict[str, set[str]] = {}
        self._open: dict[str, Pinned] = {}
        self._still: dict[str, None] = {}
        self._ask: dict[str, None] = {}
        self._asked: dict[tuple[str, str], datetime] = {}
        self._waits: dict[str, tuple[tuple[str, datetime], ...]] = {}

    def close(self) -> None:
        """Do nothing: nothing is open."""

    # Who and under what.

    @property
    def coalition(self) -> str:
        """The id of the founding."""
        return self._shared.coalition

    def readers(self, organ: str) -> frozenset[str]:
        """Return who reads an organ now."""
        current = self._all.succession.current
        return self._shared.readers(current, self.now.date()).get(organ, frozenset())

    def under(self, member: str) -> Constitution:
        """Return the constitution that a member speaks under now."""
        return self._member(member).under

    def pinned(self, proposal: str) -> Pinned | str:
        """Return what a proposal pins."""
        if proposal not in self._all.had:
            return "nobody has proposed it"
        return self._all.pinned(proposal)

    def standing(self, proposal: str) -> Standing | str:
        """Return how a proposal stands for whoever has heard everything."""
        pinned = self.pinned(proposal)
        if isinstance(pinned, str):
            return pinned
        return self._shared.standing(pinned, self._all.said(proposal))

    def has(self, member: str, act: str) -> bool:
        """Tell whether an act has reached a member, and can be read there."""
        return member in self._arrived.get(act, {})

    def acts(self) -> tuple[Act, ...]:
        """Return every act so far, in the order in which they were said."""
        return tuple(self._acts)

    def arrived(self) -> Mapping[str, Mapping[str, datetime]]:
        """Return when each act reached each member, the members in the charter's order."""
        return {
            name: {member: there[member] for member in self._members if member in there}
            for name, there in self._arrived.items()
        }

    def certificate(self, proposal: str) -> bytes:
        """Return the certificate of a proposal, as the member writes it that knows most about it.

        Raises
        ------
        UsageError
            If there is none.
        """
        if isinstance(found := self.standing(proposal), str):
            raise UsageError(f"there is no certificate: {found}", hint="propose it again")
        there = [one for one in self._members.values() if proposal in one.had]
        best = max(there, key=lambda one: len(one.said(proposal).acts))
        succession = succeed(self._shared.ground, best.bearing)
        standing = _standing(best, proposal, succession)
        assert isinstance(standing, Standing)
        return certify(standing, succession, _earlier(best, standing, succession))

    # Saying.

    def say(self, member: str, organ: str, body: Body) -> Act:
        """Sign an act, and send it to all who read it."""
        act = self._on(member).say(organ, body)
        self._work()
        return act

    def propose(self, member: str, organ: str, body: Propose) -> Act:
        """Put something to decision."""
        act = self._on(member).propose(organ, body)
        self._work()
        return act

    def answer(
        self, member: str, proposal: str, word: Word, notes: Sequence[tuple[str, str]] = ()
    ) -> Act:
        """Answer a proposal."""
        told = tuple(Annotation(kind, text) for kind, text in notes)  # type: ignore[arg-type]
        act = self._on(member).answer(proposal, word, told)
        self._work()
        return act

    # Nodes and links.

    def cut_off(self, member: str, *, off: bool = True) -> None:
        """Take a member off, or bring it back; it then hears what it missed."""
        self._member(member)
        self._post.switch(member, off=off, now=self.now)
        if not off:
            self._ask[member] = None
        self._forget()
        self._work()

    def delay(self, member: str, minutes: int) -> None:
        """Let everything reach and leave a member so much later from now."""
        self._member(member)
        self._post.delay(member, timedelta(minutes=minutes))
        self._forget()

    def still(self, member: str, *, still: bool = True) -> None:
        """Keep a member from closing anything by itself: it is lost in silence."""
        self._member(member)
        if still:
            self._still[member] = None
            self._waits.clear()
            return
        self._still.pop(member, None)
        self._ask[member] = None
        self._forget()
        self._work()

    # Time.

    def due(self) -> datetime | None:
        """Return when something next arrives or is closed by itself; None if nothing will."""
        found = [at for _, _, at in self._closings()]
        if (arrives := self._post.next) is not None:
            found.append(arrives)
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
            self._work()
        self.now = to

    # Inside. What is asked of whom when is as in `node_stage.NodeStage`.

    def _member(self, code: str) -> Member:
        if code not in self._members:
            raise UsageError(
                f"{code} has no node on this stage", hint=f"it has: {', '.join(self._members)}"
            )
        return self._members[code]

    def _on(self, code: str) -> Member:
        member = self._member(code)
        if code in self._post.off:
            raise UsageError(f"the node of {code} is off", hint="switch it on again first")
        return member

    def _noting(self, code: str) -> Callable[[Act], None]:
        def told(act: Act) -> None:
            if act.member == code and act.id not in self._all.had:
                self._add(act)
            self._arrived[act.id].setdefault(code, self.now)
            if isinstance(act.body, Propose):
                self._waits.pop(act.id, None)
            if self._stirs(act):
                self._ask[code] = None

        return told

    def _add(self, act: Act) -> None:
        """Note what a member said."""
        self._acts.append(act)
        self._all.keep(act)
        self._arrived[act.id] = {}
        body = act.body
        if isinstance(body, Stance):
            self._answered.setdefault(body.proposal, set()).add(act.member)
        if isinstance(body, Stance | Closing):
            self._waits.pop(body.proposal, None)
        if isinstance(body, Propose) and isinstance(pinned := self._all.pinned(act.id), Pinned):
            self._open[act.id] = pinned
        for told in self.on_said:
            told(act)

    def _stirs(self, act: Act) -> bool:
        """Tell whether an act may give whoever hears it something to do.

        An answer does where it settles a change, and where it is the last to a
        vote, which is then closed early.
        """
        if not isinstance(act.body, Stance):
            return isinstance(act.body, Closing) or bears_on(act)
        pinned = self._open.get(act.body.proposal)
        if pinned is None or pinned.procedure.kind == "silence":
            return False
        if pinned.expires is None:
            return bears_on(act)
        return self._answered.get(act.body.proposal, set()).issuperset(pinned.roster)

    def _forget(self) -> None:
        """Let whoever was asked in vain be asked again: links or nodes are others now."""
        self._asked.clear()
        self._waits.clear()

    def _work(self) -> None:
        """Let arrive what is due, and members do what is."""
        while True:
            self._deliver()
            asked = self._to_ask()
            if not asked:
                return
            for member in asked:
                self._hear_all(member)
                member.perform()

    def _deliver(self) -> None:
        while True:
            for code, member in self._members.items():
                if not member.outgoing or code in self._post.off:
                    continue
                letters, member.outgoing = member.outgoing, []
                for act, epoch in letters:
                    readers = member.addressees().get(act.header.organ, frozenset())
                    to = [m for m in self._members if m in readers and m != code]
                    self._post.send(code, to, (act, epoch), self.now)
            arriving = self._post.arriving(self.now)
            if not arriving:
                return
            for code in self._members:
                if letters_in := arriving.get(code):
                    self._members[code].take([letter.act for letter in letters_in])

    def _to_ask(self) -> list[Member]:
        """Return who has something to do now, in their order; each is asked once."""
        due: dict[str, None] = {}
        for code, proposal, at in tuple(self._closings()):
            if at <= self.now:
                due[code] = None
                self._asked[code, proposal] = at
                self._waits.pop(proposal, None)
        due.update((code, None) for code in self._ask if self._is_active(code))
        for code in due:
            self._ask.pop(code, None)
        return [member for code, member in self._members.items() if code in due]

    def _is_active(self, code: str) -> bool:
        return code not in self._post.off and code not in self._still

    def _closings(self) -> Iterator[tuple[str, str, datetime]]:
        """Yield who will close which proposal by itself when, and was not asked to yet."""
        for proposal, pinned in tuple(self._open.items()):
            if proposal not in self._waits:
                if pinned.closes_at is None or self._all.said(proposal).closers >= set(
                    pinned.roster
                ):
                    del self._open[proposal]
                    continue
                self._waits[proposal] = tuple(self._waiting(proposal, pinned, pinned.closes_at))
            for code, at in self._waits[proposal]:
                yield code, proposal, at

    def _waiting(
        self, proposal: str, pinned: Pinned, over: datetime
    ) -> Iterator[tuple[str, datetime]]:
        closed = self._all.said(proposal).closers
        answered = self._answered.get(proposal, set())
        for code in pinned.roster:
            if code in closed or code not in self._members:
                continue
            if not self._is_active(code) or not self.has(code, proposal):
                continue
            at: datetime | None = over
            if pinned.procedure.kind == "silence" and code not in answered:
                at = self._hears_enough(code, pinned, over)
            if at is not None and self._asked.get((code, proposal)) != at:
                yield code, at

    def _hears_enough(self, code: str, pinned: Pinned, over: datetime) -> datetime | None:
        """Return when a member has heard from enough others that the time is over."""
        need = min(len(pinned.roster) - 1, max(1, pinned.thresholds.establishing - 1))
        late = sorted(
            self._post.takes(m) for m in pinned.roster if m != code and m not in self._post.off
        )
        if len(late) < need:
            return None
        last = late[need - 1] if need else timedelta()
        return over + self._post.takes(code) + last

    def _hear_all(self, member: Member) -> None:
        """Let a member have heard from all who are on, as long ago as their links take."""
        for other in self._members:
            if other != member.code and other not in self._post.off:
                late = self._post.takes(other) + self._post.takes(member.code)
                member.heard_at[other] = self.now - late


def _founded(
    charter: bytes, now: Callable[[], datetime], seed: int, number: int
) -> tuple[Shared, dict[str, Member]]:
    """Found a coalition as `comity.node.hall.found_all` does, with keys from the seed."""
    chance = of_founding(seed, number)
    made_at = spelled(now())
    parties = read_charter(charter).order
    keys = [new_keys(p, (OFFICE,), made_at=made_at, chance=chance).signing() for p in parties]
    held = tuple(key.held for key in keys)
    drafted = draft(sha256(charter).hexdigest(), chance(16).hex(), held, exercise=True)
    founding = founding_of(countersigned(drafted, [key.seed.reveal() for key in keys]))
    shared = Shared(constitution(founding, charter))
    return shared, {
        key.member: Member(
            key.held,
            key.seed.reveal(),
            shared,
            chance=lambda place: of_place(seed, number, place),
            sealing=SeededSealing(of_boxes(seed, number, key.member)),
            now=now,
        )
        for key in keys
    }


def _standing(member: Member, proposal: str, succession: Succession) -> Standing | str:
    pinned = pin_known(member.had[proposal], succession)
    return pinned if isinstance(pinned, str) else stand(pinned, member.said(proposal).acts)


def _earlier(member: Member, standing: Standing, succession: Succession) -> Iterator[Standing]:
    """Yield how proposals in the same organ stand that expired before, the latest first."""
    until, organ = standing.pinned.body.expires, standing.pinned.act.header.organ
    if until is None:
        return
    before = [
        (act.body.expires, act.id)
        for act in member.had.values()
        if isinstance(act.body, Propose)
        and act.header.organ == organ
        and act.body.expires
        and act.body.expires < until
    ]
    for _, name in sorted(before, reverse=True)[:MAX_EARLIER]:
        found = _standing(member, name, succession)
        if isinstance(found, Standing):
            yield found
