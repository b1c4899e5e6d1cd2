"""One member on the plain stage: what has reached it, and what it says and does by itself.

What `comity.node.node` and `comity.node.duties` do with a record on disk is done
here in memory, through the same functions of the core. Members who have heard
the same share what was worked out from it: an outcome is looked at once, and
not once for each of 35 members.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime

from comity.core.acts import SALT_BYTES, Act, Header, write_act
from comity.core.bodies import (
    Annotation,
    Body,
    Change,
    Closing,
    Enter,
    Epoch,
    Propose,
    Stance,
    Word,
)
from comity.core.constitution import (
    COALITION,
    Constitution,
    constitution_id,
    register_of,
    replaced_by,
)
from comity.core.founding import KeyHeld
from comity.core.keys import holder
from comity.core.proofs import pin_known
from comity.core.proposals import Pinned, heard, stance_reason
from comity.core.sealing import KEY_BYTES
from comity.core.signing import key_id
from comity.core.strict import spelled
from comity.errors import ActError, UsageError
from comity.exercise.plain_views import Shared, View
from comity.node.boxes import Sealing, new_epoch
from comity.node.duties import MAX_CLOSES


class Member(View):
    """A member with its key, its chains, and what has reached it.

    Parameters
    ----------
    seed
        The secret that its signing key grows from.
    chance
        Where the salt of an act comes from, by its place; and the key of an epoch.
    sealing
        What draws nonces and boxes: the same as a node's, so that ids are the same.
    now
        What time it is.
    """

    def __init__(
        self,
        held: KeyHeld,
        seed: bytes,
        shared: Shared,
        *,
        chance: Callable[[tuple[str, str, int]], Callable[[int], bytes]],
        sealing: Sealing,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(shared)
        self.code = held.member
        self.held = held
        self.now = now
        self.open: dict[str, Act] = {}
        self.told: Callable[[Act], None] = lambda act: None
        self.heard_at: dict[str, datetime] = {}
        self.outgoing: list[tuple[Act, str]] = []
        self._seed = seed
        self._key_id = key_id(bytes.fromhex(held.key))
        self._chance = chance
        self._sealing = sealing
        self._ends: dict[str, tuple[int, str]] = {}
        self._opened: dict[str, str] = {}
        self._enters: list[Act] = []
        self._epochs: dict[str, list[Act]] = {}
        self._epoch_keys: set[str] = set()
        self._sealed: dict[str, list[Act]] = {}
        self._read: tuple[str, date, dict[str, frozenset[str]]] | None = None

    # What it knows.

    @property
    def under(self) -> Constitution:
        """The constitution that this member is in: the last that it entered."""
        known = self.succession.known
        entered = [act for act in self._enters if act.header.constitution in known]
        if not entered:
            return known[self.shared.ground.id]
        return known[max(entered, key=lambda act: act.header.seq).header.constitution]

    def readers(self) -> dict[str, frozenset[str]]:
        """Return who reads each organ today, of those that this member reads."""
        current, on = self.succession.current, self.now().date()
        if self._read is None or self._read[:2] != (current.id, on):
            names = self.shared.readers(current, on)
            mine = {organ: who for organ, who in names.items() if self.code in who}
            self._read = (current.id, on, mine)
        return self._read[2]

    def addressees(self) -> dict[str, frozenset[str]]:
        """Return who is to get what it says in each organ: a notice goes to those it leaves."""
        readers = self.readers()
        if COALITION in readers:
            return readers
        return {
            **readers,
            COALITION: self.shared.readers(self.succession.current, self.now().date())[COALITION],
        }

    # What reaches it.

    def take(self, letters: Sequence[tuple[Act, str]]) -> None:
        """Take acts that reached it, each with the name of the key it is sealed under.

        Those of the organ of all come first, as at a node: they may change who
        reads. What is said where this member does not read is passed over; what
        it cannot open waits for its key.
        """
        for act, _ in letters:
            if act.header.organ == COALITION:
                self._hear(act)
        for act, epoch in letters:
            organ = act.header.organ
            if organ == COALITION or organ not in self.readers():
                continue
            if epoch and epoch not in self._epoch_keys:
                self._sealed.setdefault(epoch, []).append(act)
            else:
                self._hear(act)

    def _hear(self, act: Act) -> None:
        if act.id in self.had:
            return
        self.keep(act)
        body = act.body
        if isinstance(body, Propose):
            self.open[act.id] = act
        elif isinstance(body, Enter) and act.member == self.code:
            self._enters.append(act)
        if act.kind in ("propose", "alert"):
            self._opened.setdefault(act.id, spelled(self.now()))
        self.told(act)
        if isinstance(body, Epoch):
            self._learn(act, body)

    def _learn(self, act: Act, epoch: Epoch) -> None:
        self._epochs.setdefault(act.header.organ, []).append(act)
        if any(box.member == self.code for box in epoch.boxes):
            self._epoch_keys.add(epoch.key_hash)
            for waiting in self._sealed.pop(epoch.key_hash, ()):
                self._hear(waiting)

    # What it says.

    def say(self, organ: str, body: Body, under: str | None = None) -> Act:
        """Sign an act in an organ; it waits in `outgoing` to be carried."""
        self._may_speak(organ)
        if organ != COALITION and self._epoch(organ) is None:
            self._renew_epoch(organ)
        act = self._signed(organ, body, under)
        self._take_own(act, self._sealed_under(organ))
        return act

    def _sealed_under(self, organ: str) -> str:
        epoch = None if organ == COALITION else self._epoch(organ)
        if epoch is None:
            return ""
        self._sealing.nonce()
        return epoch.key_hash

    def propose(self, organ: str, body: Propose) -> Act:
        """Put something to decision, if it would have effect."""
        self._may_speak(organ)
        trial = self._signed(organ, body)
        reason = pin_known(trial, self.succession)
        if isinstance(reason, str):
            raise UsageError(
                f"the proposal would have no effect: {reason}",
                hint="comity charter show says what the charter asks for",
            )
        return self.say(organ, body)

    def answer(self, proposal: str, word: Word, notes: Sequence[Annotation] = ()) -> Act:
        """Answer a proposal; a later answer takes the place of the one before."""
        pinned = self._open_to(proposal)
        own = [act for act in self.said(proposal).acts if act.member == self.code]
        last = next((act for act in heard(pinned, own) if act.member == self.code), None)
        if word != "withdraw" and self.code not in pinned.roster:
            raise UsageError(
                f"{self.code} is not on the roster that the proposal pins",
                hint="those on it are the ones whose answers count",
            )
        if word == "withdraw" and self.code != pinned.act.member:
            raise UsageError("only its proposer withdraws a proposal", hint="answer no, or object")
        if self._has_closed(proposal):
            raise UsageError(
                "this member has closed the proposal, and its last word stands",
                hint="to say something else now, propose anew",
            )
        if word == "yes":
            self._check_rivals(pinned)
        before = None if last is None else last.body
        assert before is None or isinstance(before, Stance)
        turn, previous = (before.turn + 1, last.id) if before and last else (1, None)
        body = Stance(proposal, turn, word, previous, tuple(notes))
        organ, under = pinned.act.header.organ, pinned.act.header.constitution
        reason = self._stance_reason(pinned, body)
        if reason is not None:
            raise UsageError(
                f"the answer would have no effect: {reason}",
                hint="comity proposal says how it stands",
            )
        return self.say(organ, body, under)

    def _stance_reason(self, pinned: Pinned, body: Stance) -> str | None:
        """Say why an answer would have no effect, without signing it where it would."""
        speaks = holder(pinned.under.holders, self._key_id, self.code, self.held.office)
        if speaks is not None and body.word != "withdraw":
            return None
        header = pinned.act.header
        return stance_reason(self._signed(header.organ, body, header.constitution), pinned)

    def _open_to(self, proposal: str) -> Pinned:
        pinned = self.pinned(proposal)
        if isinstance(pinned, str):
            raise UsageError(
                f"it cannot be answered: {pinned}", hint="comity log lists what is at hand"
            )
        if not self._may_answer(pinned):
            raise UsageError(
                "the proposal was made under rules that this member has left behind",
                hint="propose it anew under the rules of now",
            )
        return pinned

    def _check_rivals(self, pinned: Pinned) -> None:
        if not isinstance(pinned.body.effect, Change):
            return
        place = (register_of(pinned.act), replaced_by(pinned.act))
        for name, act in self.changes.items():
            rival = self.pinned(name)
            if name == pinned.act.id or (register_of(act), replaced_by(act)) != place:
                continue
            if isinstance(rival, str):
                continue
            done = self.shared.settled(rival, self.said(name))
            mine = (a.body for a in self.said(name).acts if a.member == self.code)
            yes = any(isinstance(body, Stance) and body.word == "yes" for body in mine)
            if yes and (done is None or done.settlement.outcome == "adopted"):
                raise UsageError(
                    f"this member said yes to the rival change {name[:16]}, which is not settled",
                    hint="a yes to both would be double-signing: wait until that one has failed",
                )

    def _may_answer(self, pinned: Pinned) -> bool:
        under = self.under
        if pinned.act.header.constitution == under.id:
            return True
        if self._enters:
            last = max(self._enters, key=lambda act: act.header.seq).body
            if isinstance(last, Enter) and pinned.act.id in last.closes:
                return True
        return under.changes.keys() < pinned.under.changes.keys()

    def _has_closed(self, proposal: str) -> bool:
        return self.code in self.said(proposal).closers

    def _may_speak(self, organ: str) -> None:
        if organ not in self.readers():
            raise UsageError(
                f"{self.code} has no place in '{organ}'",
                hint=f"it reads: {', '.join(self.readers()) or 'nothing'}",
            )

    def _signed(self, organ: str, body: Body, under: str | None = None) -> Act:
        seq, last = self._ends.get(organ, (0, None))
        if isinstance(body, Enter):
            under = constitution_id(self.shared.coalition, body.changes)
        header = Header(
            comity=1,
            coalition=self.shared.coalition,
            organ=organ,
            member=self.code,
            office=self.held.office,
            seq=seq + 1,
            constitution=under or self.under.id,
            instant=spelled(self.now()),
            commit="0" * 64,
            prev=last,
        )
        salt = self._chance((organ, self.code, seq + 1))(SALT_BYTES)
        return write_act(self.shared.ring, header, body, salt=salt, seed=self._seed)

    def _take_own(self, act: Act, epoch: str = "") -> None:
        self._ends[act.header.organ] = (act.header.seq, act.id)
        self._hear(act)
        self.outgoing.append((act, epoch))

    # Sealing.

    def _epoch(self, organ: str) -> Epoch | None:
        names = self.readers().get(organ, frozenset())
        mine = [
            act
            for act in self._epochs.get(organ, ())
            if act.member in names
            and isinstance(act.body, Epoch)
            and act.body.key_hash in self._epoch_keys
        ]
        return self.shared.epoch_in_use(organ, mine, self.succession.current, self.now().date())

    def _renew_epoch(self, organ: str) -> None:
        numbers = [
            act.body.number for act in self._epochs.get(organ, ()) if isinstance(act.body, Epoch)
        ]
        seq, _ = self._ends.get(organ, (0, None))
        chance = self._chance((organ, self.code, seq + 1))
        chance(SALT_BYTES)
        body, _ = new_epoch(
            max(numbers, default=0) + 1,
            self.shared.reading_keys(organ, self.succession.current, self.now().date()),
            coalition=self.shared.coalition,
            organ=organ,
            key=chance(KEY_BYTES),
            sealing=self._sealing,
        )
        self._take_own(self._signed(organ, body))

    # What it does by itself: comity.node.duties, in its order.

    def perform(self) -> None:
        """Enter constitutions, close what is due, and note what is settled."""
        self._enter()
        for pinned in tuple(self._unsettled()):
            roll = self._roll_due(pinned)
            if roll is not None:
                name, header = pinned.act.id, pinned.act.header
                body = Closing(name, roll, self._opened.get(name))
                self.say(header.organ, body, header.constitution)
        for pinned in tuple(self._unsettled()):
            if self.shared.settled(pinned, self.said(pinned.act.id)) is not None:
                del self.open[pinned.act.id]

    def _enter(self) -> None:
        current = self.succession.current
        if current.id in (self.under.id, self.shared.ground.id):
            return
        if self.code not in {held.member for held in current.holders.values()}:
            return
        still = sorted(
            pinned.act.id
            for pinned in self._unsettled()
            if pinned.act.header.constitution != current.id
            and self.shared.settled(pinned, self.said(pinned.act.id)) is None
        )
        try:
            self.say(COALITION, Enter(tuple(sorted(current.changes)), tuple(still[:MAX_CLOSES])))
        except (UsageError, ActError):
            return  # its keys do not speak in it: there is nothing it could say

    def _roll_due(self, pinned: Pinned) -> dict[str, str] | None:
        """Return the roll to close a proposal with by itself now; None if it is not due."""
        name = pinned.act.id
        if self.code not in pinned.roster or self._has_closed(name):
            return None
        if not self._may_answer(pinned) or pinned.act.header.organ not in self.readers():
            return None
        roll = {m: act.id for m, act in self.shared.last(pinned, self.said(name)).items()}
        if pinned.waits(roll, self.now()) is not None:
            return None
        if pinned.procedure.kind != "silence" or self.code in roll:
            return roll
        newer = not self.succession.current.changes.keys() <= pinned.under.changes.keys()
        return None if newer or self._is_cut_off(pinned) else roll

    def _is_cut_off(self, pinned: Pinned) -> bool:
        over = pinned.closes_at
        assert over is not None
        others = {m for m, at in self.heard_at.items() if at >= over and m in pinned.roster}
        return len(others) < min(len(pinned.roster) - 1, max(1, pinned.thresholds.establishing - 1))

    def _unsettled(self) -> Iterator[Pinned]:
        for name in self.open:
            pinned = self.pinned(name)
            if isinstance(pinned, Pinned):
                yield pinned
