"""One node: a member's record, keys and duties, behind one door.

A node signs for its member and for nobody else. It keeps what it says before it
sends it, and what it hears before it answers. What an honest node never does
stands in `say` and in `comity.node.duties`: close a proposal twice, say yes to
two live rivals, speak while it may be an old copy of itself, close by silence
what it could not read.

Time and chance are arguments, so that a rehearsal can own them.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType

from comity.core.acts import Act, ActForm, Header, act_of, read_act, write_act
from comity.core.attestations import certify_delivery
from comity.core.beacons import MAX_TIPS, Beacon, Beacons, Tip, read_beacon, write_beacon
from comity.core.bodies import (
    Annotation,
    Body,
    Change,
    Closing,
    Enter,
    Epoch,
    Key,
    Propose,
    Receipt,
    Resume,
    Stance,
    Word,
)
from comity.core.certificate import certify
from comity.core.constitution import (
    COALITION,
    Constitution,
    constitution,
    constitution_id,
    register_of,
    replaced_by,
)
from comity.core.envelope import EnvelopeForm
from comity.core.exchange import Exchange, Letter
from comity.core.founding import KeyHeld
from comity.core.keys import holder, offer_key
from comity.core.proofs import pin_known
from comity.core.proposals import Pinned, Standing, heard, stance_reason, stand
from comity.core.sealing import epoch_in_use, open_act, open_epoch
from comity.core.strict import instant, spelled, write_json
from comity.core.succession import BEARING, Succession, bears_on, succeed
from comity.core.voices import SAID, voice_reason
from comity.errors import ActError, UsageError
from comity.node.boxes import SYSTEM, Sealing, new_epoch, sealed
from comity.node.files import StoreError
from comity.node.folder import Folder, open_folder
from comity.node.keys import Keys, OfficeKey, Secret, read_keys, write_keys
from comity.node.record import EpochKept, Record

_SERVES = "serves"
_RESTORED = "restored"
CLOCKS_APART = timedelta(hours=1)
"""How far two clocks are believed to be apart, where it matters to a restored node."""
MAX_VOICES = 10_000
"""For how many members, places and days a node remembers whether what they say is heeded."""
MAX_EARLIER = 5
"""How many earlier proposals a certificate looks back on for those who were missing."""


def utc_now() -> datetime:
    """Return the time by this machine's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of acts that came in.

    Parameters
    ----------
    new
        Kept, and new here or newly opened.
    refused
        Why others were not kept, in words.
    waiting
        How many could not be verified yet: their key is not known here.
    """

    new: tuple[Act, ...] = ()
    refused: tuple[str, ...] = ()
    waiting: int = 0


class Node:
    """A member's node. Open it with `Node.open`; every method may be called from any thread.

    Parameters
    ----------
    now
        What time it is.
    chance
        Bytes by chance; salts and the keys of epochs come from it.
    sealing
        What draws nonces and the key pairs of boxes; another than the system's
        for an exercise alone.

    Raises
    ------
    UsageError
        If the sealing is not the system's, and the coalition is real.
    """

    def __init__(
        self,
        folder: Folder,
        record: Record,
        keys: Keys,
        *,
        now: Callable[[], datetime] = utc_now,
        chance: Callable[[int], bytes] = secrets.token_bytes,
        sealing: Sealing = SYSTEM,
    ) -> None:
        self.folder = folder
        self.record = record
        self.keys = keys
        self.now = now
        self.chance = chance
        self.guard = threading.RLock()
        founding = folder.read_founding()
        if sealing is not SYSTEM and not founding.exercise:
            raise UsageError(
                f"the sealing '{sealing.name}' is for exercises, and this coalition is real",
                hint="open the node without it: then what it seals is drawn by the system's chance",
            )
        self.sealing = sealing
        self.ground = constitution(founding, folder.read_charter(founding))
        self._changing = [
            act
            for kind in BEARING
            for act in record.acts(organ=COALITION, kind=kind)
            if bears_on(act)
        ]
        self.succession = succeed(self.ground, ())
        self.succession = self._succeed()
        self._epoch_keys: dict[str, bytes] = {
            kept.key_hash: keys.unwrap(kept.box, _about_epoch(kept.organ, kept.key_hash))
            for kept in (record.epochs() if keys.offices else ())
        }
        self._exchange: Exchange | None = None
        self._outgoing: list[Act] = []
        self._readers: tuple[str, date, dict[str, frozenset[str]]] | None = None
        self._pins: tuple[Succession, dict[str, Pinned | str]] | None = None
        self._voices: tuple[Succession, dict[tuple[str, ...], str | None]] | None = None
        self.confirmed: dict[str, frozenset[str]] = {}
        self._epochs: dict[str, tuple[Succession, object, Epoch | None]] = {}
        self.settled_at = -1
        self.seen = Beacons()
        self.heard_at: dict[str, datetime] = {}
        self.on_kept: list[Callable[[Act], None]] = []

    @classmethod
    def open(
        cls,
        path: Path,
        passphrase: bytes,
        *,
        now: Callable[[], datetime] = utc_now,
        chance: Callable[[int], bytes] = secrets.token_bytes,
        sealing: Sealing = SYSTEM,
        reading: bool = False,
    ) -> Node:
        """Open the node in a folder; with `reading`, beside the process that writes it."""
        folder = open_folder(path)
        keys = read_keys(folder.keys, passphrase)
        record = Record.read(folder.record) if reading else Record.open(folder.record)
        try:
            if not reading:
                record.note_held(spelled(now()))
                if record.meta(_SERVES) != keys.member:
                    record.set_meta(_SERVES, keys.member)
            return cls(folder, record, keys, now=now, chance=chance, sealing=sealing)
        except BaseException:
            record.close()
            raise

    @classmethod
    def look(cls, path: Path, *, now: Callable[[], datetime] = utc_now) -> Node:
        """Open a node for reading alone, without its secrets: what was opened before can be read.

        Raises
        ------
        StoreError
            If it was never opened with its keys: until then it does not say whom it serves.
        """
        folder = open_folder(path)
        record = Record.read(folder.record)
        try:
            member = record.meta(_SERVES)
            if member is None:
                raise StoreError(
                    f"the node in {path} has not begun yet",
                    hint="begin it: comity init open",
                )
            return cls(folder, record, Keys(member, (), Secret(bytes(32))), now=now)
        except BaseException:
            record.close()
            raise

    def close(self) -> None:
        """Close its record."""
        self.record.close()

    def __enter__(self) -> Node:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _succeed(self) -> Succession:
        return succeed(self.ground, self._changing, before=self.succession)

    # Who and under what.

    @property
    def member(self) -> str:
        """Whom it serves."""
        return self.keys.member

    @property
    def coalition(self) -> str:
        """The founding's fingerprint."""
        return self.ground.founding.id

    @property
    def exercise(self) -> bool:
        """Whether all of it is a rehearsal."""
        return self.ground.founding.exercise

    @property
    def under(self) -> Constitution:
        """The constitution that this member is in: the last that it entered."""
        entered = [act for act in self._own_enters() if act.header.constitution in self._known]
        if not entered:
            return self._known[self.ground.id]
        return self._known[max(entered, key=lambda act: act.header.seq).header.constitution]

    @property
    def _known(self) -> Mapping[str, Constitution]:
        return self.succession.known

    def _own_enters(self) -> list[Act]:
        return [a for a in self._changing if isinstance(a.body, Enter) and a.member == self.member]

    def readers(self) -> dict[str, frozenset[str]]:
        """Return who reads each organ today, of those that this member reads."""
        current, on = self.succession.current, self.now().date()
        known = self._readers
        if known is not None and known[:2] == (current.id, on):
            return known[2]
        found: dict[str, frozenset[str]] = {}
        for organ in (COALITION, *current.charter.organs):
            names = frozenset(current.readers(organ, on))
            if self.member in names:
                found[organ] = names
        self._readers = (current.id, on, found)
        return found

    def addressees(self) -> dict[str, frozenset[str]]:
        """Return who is to get what this member says in each organ.

        A notice of withdrawal goes to those it leaves, though from that day on its
        author reads nothing.
        """
        readers = self.readers()
        if COALITION in readers:
            return readers
        others = self.succession.current.readers(COALITION, self.now().date())
        return {**readers, COALITION: frozenset((*others, self.member))}

    def organs(self) -> tuple[str, ...]:
        """Return the organs that this member reads, that of all first."""
        return tuple(self.readers())

    # Proposals.

    def pinned(self, proposal: str) -> Pinned | str:
        """Return what a proposal pins, or the reason why there is nothing to decide."""
        act = self.record.get(proposal)
        return "the proposal is not at hand" if act is None else self.pin(act)

    def pin(self, act: Act) -> Pinned | str:
        """Return what a proposal pins, given what this node knows; looked at once until that grows.

        To see whether a charter would hold together after a change takes a while.
        """
        if self._pins is None or self._pins[0] is not self.succession:
            self._pins = (self.succession, {})
        known = self._pins[1]
        if act.id not in known:
            known[act.id] = pin_known(act, self.succession)
        return known[act.id]

    def voice(self, act: Act) -> str | None:
        """Return why what an act says is not heeded, whatever it is; None where it is."""
        if act.kind not in SAID:
            return None
        if self._voices is None or self._voices[0] is not self.succession:
            self._voices = (self.succession, {})
        known, header = self._voices[1], act.header
        asked = (
            *(header.member, header.office, act.key_id, header.constitution, header.organ),
            header.instant[:10],
        )
        if asked not in known:
            if len(known) >= MAX_VOICES:
                known.clear()
            known[asked] = voice_reason(act, self.succession)
        return known[asked]

    def heeded(self, acts: Iterable[Act]) -> Iterator[Act]:
        """Yield the acts whose author had a place where they were said, and a key that spoke."""
        return (act for act in acts if self.voice(act) is None)

    def standing(self, proposal: str) -> Standing | str:
        """Return how a proposal stands, or the reason why there is nothing to decide."""
        pinned = self.pinned(proposal)
        return pinned if isinstance(pinned, str) else stand(pinned, self.record.about(proposal))

    def find(self, letters: str) -> Act:
        """Return the act in a place such as ``council/Arden/2``, or whose id begins with digits.

        Raises
        ------
        UsageError
            If there is none, or more than one.
        """
        found = self._in_place(letters) if "/" in letters else ()
        if "/" not in letters and len(letters) >= 4:
            found = self.record.starting(letters)
        if len(found) != 1:
            raise UsageError(
                f"several acts are '{letters[:80]}'"
                if found
                else f"no act at hand is '{letters[:80]}'",
                hint="give more digits of its id"
                if found
                else "name it as comity log lists it: council/Arden/2, or 4 or more digits",
            )
        act = self.record.get(found[0])
        assert act is not None
        return act

    def _in_place(self, place: str) -> tuple[str, ...]:
        organ, _, rest = place.partition("/")
        member, _, number = rest.partition("/")
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            return ()
        seq = int(number)
        return tuple(a.id for a in self.record.chain(organ, member, first=seq, last=seq))

    def certificate(self, proposal: str) -> bytes:
        """Write the certificate of a proposal, with what it takes to say who was missing before."""
        standing = self.standing(proposal)
        if isinstance(standing, str):
            raise UsageError(
                f"there is no certificate: {standing}", hint="comity proposal says how it stands"
            )
        return certify(standing, self.succession, self._earlier(standing))

    def delivery(self, alert: str) -> bytes:
        """Write the certificate of who has an alert."""
        act = self.record.get(alert)
        if act is None:
            raise UsageError("the alert is not at hand", hint="comity inbox lists alerts")
        own = [a for a in self.record.about(alert, kind="receipt") if isinstance(a.body, Receipt)]
        speaking = [a for a in own if a.header.constitution in self._known]
        return certify_delivery(act, speaking, self.succession)

    def _earlier(self, standing: Standing) -> Iterator[Standing]:
        """Yield how proposals in the same organ stand that expired before, the latest first."""
        until, organ = standing.pinned.body.expires, standing.pinned.act.header.organ
        if until is None:
            return
        before = [
            (act.body.expires, act.id)
            for act in self.record.acts(organ=organ, kind="propose")
            if isinstance(act.body, Propose) and act.body.expires and act.body.expires < until
        ]
        for _, name in sorted(before, reverse=True)[:MAX_EARLIER]:
            found = self.standing(name)
            if isinstance(found, Standing):
                yield found

    # After an old copy was put back.

    def confirmed_by(self, organ: str) -> frozenset[str]:
        """Return who has shown where this member's chain ends, and showed nothing we lack."""
        return self.exchange.confirmed_by(organ) | self.confirmed.get(organ, frozenset())

    def sign_again(self) -> bool:
        """Let a restored node sign, once enough peers gave it its own acts back; tell whether so.

        Enough are n + f + 1 in each organ that it reads. What was proposed
        before that it answers no more: it may have answered it already, in a
        word that did not come back.
        """
        with self.guard:
            if self.record.held_back not in ("restored", "copied"):
                return self.record.held_back is None
            readers = self.readers()
            procedures = self.succession.current.charter.procedures.values()
            asked = 1 + max(((p.n or 0) + (p.f or 0) for p in procedures), default=0)
            for organ, names in readers.items():
                if len(self.confirmed_by(organ) & names) < min(asked, len(names) - 1):
                    return False
            if not readers or any(gap.member == self.member for gap in self.record.gaps()):
                return False
            self.record.set_meta(_RESTORED, spelled(self.now()))
            self.record.let_sign()
            return True

    def may_have_answered(self, proposal: Act) -> bool:
        """Tell whether this node may have answered a proposal before an old copy was put back."""
        since = self.record.meta(_RESTORED)
        if since is None:
            return False
        made = instant(proposal.header.instant, "the instant of the proposal")
        return made <= instant(since, "when it was restored") + CLOCKS_APART

    # Saying.

    def say(
        self, organ: str, body: Body, *, office: str | None = None, under: str | None = None
    ) -> Act:
        """Sign an act in an organ; on return it is kept on disk, and waits to be sent.

        Raises
        ------
        UsageError
            If an honest node must not, or this member has no place there.
        ActError
            If the act would be refused.
        """
        with self.guard:
            self._may_speak(organ)
            if organ != COALITION and not isinstance(body, Epoch):
                self._renew_epoch(organ, office)
            act = self._signed(organ, body, office, under)
            self._keep([act])
            return act

    def propose(self, organ: str, body: Propose, *, office: str | None = None) -> Act:
        """Put something to decision, if it would have effect.

        Raises
        ------
        UsageError
            With the reason why it would have none.
        """
        with self.guard:
            self._may_speak(organ)
            trial = self._signed(organ, body, office)
            reason = pin_known(trial, self.succession)
            if isinstance(reason, str):
                raise UsageError(
                    f"the proposal would have no effect: {reason}",
                    hint="comity charter show says what the charter asks for",
                )
            return self.say(organ, body, office=office)

    def answer(
        self,
        proposal: str,
        word: Word,
        notes: Sequence[Annotation] = (),
        *,
        office: str | None = None,
    ) -> Act:
        """Answer a proposal; a later answer takes the place of the one before.

        Raises
        ------
        UsageError
            If the answer could not count, or an honest member cannot give it.
        """
        with self.guard:
            pinned = self._open_to(proposal)
            own = [s for s in heard(pinned, self.record.about(proposal)) if s.member == self.member]
            last = own[0] if own else None
            before = last.body if last is not None else None
            assert before is None or isinstance(before, Stance)
            if word != "withdraw" and self.member not in pinned.roster:
                raise UsageError(
                    f"{self.member} is not on the roster that the proposal pins",
                    hint="those on it are the ones whose answers count",
                )
            if word == "withdraw" and self.member != pinned.act.member:
                raise UsageError(
                    "only its proposer withdraws a proposal", hint="answer no, or object"
                )
            if self._closing_of(proposal) is not None:
                raise UsageError(
                    "this member has closed the proposal, and its last word stands",
                    hint="to say something else now, propose anew",
                )
            if word == "yes":
                self._check_rivals(pinned)
            turn, previous = (before.turn + 1, last.id) if before and last else (1, None)
            body = Stance(proposal, turn, word, previous, tuple(notes))
            organ, under = pinned.act.header.organ, pinned.act.header.constitution
            # What has no effect is not counted as a turn: said again, it would be a second one.
            reason = stance_reason(self._signed(organ, body, office, under), pinned)
            if reason is not None:
                raise UsageError(
                    f"the answer would have no effect: {reason}",
                    hint="comity proposal says how it stands",
                )
            return self.say(
                pinned.act.header.organ, body, office=office, under=pinned.act.header.constitution
            )

    def close_proposal(self, proposal: str, *, office: str | None = None) -> Act:
        """Sign this member's one roll of a proposal: the last stance heard of every member.

        Raises
        ------
        UsageError
            If it is not time, or an honest member cannot.
        """
        with self.guard:
            pinned = self._open_to(proposal)
            if self.member not in pinned.roster:
                raise UsageError(
                    f"{self.member} is not on the roster that the proposal pins",
                    hint="those on it are the ones who close it",
                )
            if self._closing_of(proposal) is not None:
                raise UsageError(
                    "this member has closed the proposal already",
                    hint="a second closing would be proof of double-signing",
                )
            roll = {s.member: s.id for s in heard(pinned, self.record.about(proposal))}
            wait = pinned.waits(roll, self.now())
            if wait is not None:
                raise UsageError(wait, hint="close it then; nodes that run do so by themselves")
            body = Closing(proposal, roll, self.opened_at(proposal))
            return self.say(
                pinned.act.header.organ, body, office=office, under=pinned.act.header.constitution
            )

    def rotate_key(self, passphrase: bytes, office: str | None = None) -> Act:
        """Take a further key for an office, say so in the organ of all, and sign with it from now.

        The new key is on disk before it is told of, and signs after that.
        """
        with self.guard:
            old = self.keys.signing(office)
            keys = self.keys.with_new(old.office, made_at=spelled(self.now()), chance=self.chance)
            new = keys.offices[-1]
            write_keys(self.folder.keys, keys, passphrase)
            self.keys = keys
            offer = offer_key(self.coalition, new.held, new.seed.reveal(), exercise=self.exercise)
            act = self.say(COALITION, Key(offer), office=old.office)
            self.keys = keys.signing_with(new.key_id)
            write_keys(self.folder.keys, self.keys, passphrase)
            return act

    def _open_to(self, proposal: str) -> Pinned:
        pinned = self.pinned(proposal)
        if isinstance(pinned, str):
            raise UsageError(
                f"it cannot be answered: {pinned}", hint="comity log lists what is at hand"
            )
        if not self.may_answer(pinned):
            raise UsageError(
                "the proposal was made under rules that this member has left behind",
                hint="propose it anew under the rules of now",
            )
        if self.may_have_answered(pinned.act):
            raise UsageError(
                "an old copy of this node was put back after the proposal was made",
                hint="it may have answered already, and two answers would be double-signing",
            )
        return pinned

    def may_answer(self, pinned: Pinned) -> bool:
        """Tell whether this member still answers proposals of a constitution.

        It is in that constitution, or said on entering a newer one that it
        would still close this proposal.
        """
        if pinned.act.header.constitution == self.under.id:
            return True
        entered = self._own_enters()
        last = max(entered, key=lambda act: act.header.seq).body if entered else None
        if isinstance(last, Enter) and pinned.act.id in last.closes:
            return True
        return self.under.changes.keys() < pinned.under.changes.keys()

    def _check_rivals(self, pinned: Pinned) -> None:
        """Refuse a yes to a change while another of the same register has this member's yes."""
        if not isinstance(pinned.body.effect, Change):
            return
        place = (register_of(pinned.act), replaced_by(pinned.act))
        for act in self.record.acts(organ=COALITION, kind="propose"):
            assert isinstance(act.body, Propose)
            if act.id == pinned.act.id or not isinstance(act.body.effect, Change):
                continue
            if (register_of(act), replaced_by(act)) != place:
                continue
            standing = self.standing(act.id)
            if isinstance(standing, str):
                continue
            settled = standing.settlement.settled and standing.settlement.outcome != "adopted"
            said = self.may_have_answered(act) or any(
                isinstance(s.body, Stance) and s.body.word == "yes" and s.member == self.member
                for s in standing.stances
            )
            if said and not settled:
                raise UsageError(
                    f"this member said yes to the rival change {act.id[:16]}, which is not settled",
                    hint="a yes to both would be double-signing: wait until that one has failed",
                )

    def _closing_of(self, proposal: str) -> Act | None:
        own = (a for a in self.record.about(proposal, kind="closing") if a.member == self.member)
        return next(own, None)

    def _may_speak(self, organ: str) -> None:
        if self.record.held_back is not None:
            raise UsageError(
                f"this node does not sign yet: its record is {self.record.held_back}",
                hint="let it fetch its own acts from its peers first: comity doctor says how many",
            )
        if organ not in self.readers():
            raise UsageError(
                f"{self.member} has no place in '{organ}'",
                hint=f"it reads: {', '.join(self.organs()) or 'nothing'}",
            )

    def _key(self, office: str | None, under: str) -> OfficeKey:
        """Return the key that an office signs with in a constitution.

        It is the one the office uses, unless a decision has replaced that: then
        the newest at hand that speaks.
        """
        usual = self.keys.signing(office)
        there = self._known.get(under, self.succession.current)
        able = [
            key
            for key in self.keys.offices
            if key.office == usual.office
            and holder(there.holders, key.key_id, self.member, key.office) is not None
        ]
        return usual if usual in able or not able else able[-1]

    def _signed(
        self, organ: str, body: Body, office: str | None = None, under: str | None = None
    ) -> Act:
        named = under or self._speaking_under(body)
        key = self._key(office, named)
        tips = self.record.heads(organ=organ, member=self.member)
        last = max(tips, key=lambda tip: (tip.seq, tip.id), default=None)
        header = Header(
            comity=1,
            coalition=self.coalition,
            organ=organ,
            member=self.member,
            office=key.office,
            seq=last.seq + 1 if last else 1,
            constitution=named,
            instant=spelled(self.now()),
            commit="0" * 64,
            prev=last.id if last else None,
        )
        ring = self.succession.keyring.with_keys((key.held,))
        return write_act(ring, header, body, salt=self.chance(32), seed=key.seed.reveal())

    def _speaking_under(self, body: Body) -> str:
        """Return the constitution that a header names: an entering names the one entered."""
        if isinstance(body, Enter):
            return constitution_id(self.coalition, body.changes)
        return self.under.id

    # Keeping.

    def read(self, form: ActForm) -> Act:
        """Verify an act that came in, and open it if its epoch's key is here.

        Raises
        ------
        ActError
            The refusal; ``unknown-key`` may pass once more is known.
        """
        return self._opened(act_of(form, self.succession.keyring))

    def take(self, forms: Iterable[ActForm], *, source: str = "a file") -> Taken:
        """Verify acts that came in, and keep those that are sound.

        What is signed with a key that is not known here is set aside, and tried
        again when keys change. What was said in organs that this member does not
        read, once the organ of all has been heard, is not kept.
        """
        with self.guard:
            waiting = list(forms)
            found: list[Act] = []
            refused: list[str] = []
            while waiting:  # an act may bring the key that another was signed with
                later: list[ActForm] = []
                fresh: list[Act] = []
                for form in waiting:
                    try:
                        fresh.append(self.read(form))
                    except ActError as wrong:
                        if wrong.refusal == "unknown-key":
                            later.append(form)
                        else:
                            refused.append(f"{wrong.refusal}: {wrong.what}")
                keys = len(self.succession.keyring.holders)
                found += self._keep(
                    [act for act in fresh if act.header.organ == COALITION], own=False
                )
                rest = [act for act in fresh if act.header.organ != COALITION]
                ours = [act for act in rest if act.header.organ in self.readers()]
                found += self._keep(ours, own=False)
                if len(ours) < len(rest):
                    refused.append(f"not-ours: {self.member} does not read where they were said")
                if len(self.succession.keyring.holders) == keys:
                    for form in later:
                        self.record.set_aside(write_json(form), source=source, reason="unknown-key")
                    return Taken(self._as_kept(found), tuple(refused), len(later))
                waiting = later
            return Taken(self._as_kept(found), tuple(refused))

    def _as_kept(self, acts: Iterable[Act]) -> tuple[Act, ...]:
        """Return acts as the record has them now: what came after may have opened them."""
        return tuple(act if act.body else self.record.get(act.id) or act for act in acts)

    def _keep(self, acts: Sequence[Act], *, own: bool = True) -> list[Act]:
        """Keep acts on disk, follow what they change, and hand on our own."""
        if not acts:
            return []
        if own:
            acts = [self._boxed(act) for act in acts]
        with self.record.together():
            changed = set(self.record.add(acts))
            new = [act for act in acts if act.id in changed]
            self._note_opened(new)
        for act in new:
            for told in self.on_kept:
                told(act)
        if self._exchange is not None:
            self._exchange.hold(new)
            self._want_boxes(new)
        if own:
            self._outgoing += [travelling(act) for act in new]
        if any(bears_on(act) for act in new):
            self._changing += [act for act in new if bears_on(act)]
            before = len(self.succession.keyring.holders)
            self.succession = self._succeed()
            if len(self.succession.keyring.holders) > before:
                self._try_again()
        epochs = [act for act in new if isinstance(act.body, Epoch)]
        if epochs:
            self._learn_epochs(epochs)
        return new

    def _note_opened(self, acts: Iterable[Act]) -> None:
        instant = spelled(self.now())
        for act in acts:
            if act.kind in ("propose", "alert"):
                self.record.note_opened(act.id, instant)

    def opened_at(self, name: str) -> str | None:
        """Return since when this node could read a proposal or an alert; None if it cannot."""
        return self.record.opened_at(name)

    def _try_again(self) -> None:
        """Try acts once more whose key was not known."""
        kept = self.record.aside(reason="unknown-key")
        ready: list[Act] = []
        done: list[str] = []
        for one in kept:
            try:
                ready.append(self._opened(read_act(one.data, self.succession.keyring)))
                done.append(one.id)
            except ActError as wrong:
                if wrong.refusal != "unknown-key":
                    done.append(one.id)
        self.record.drop_aside(done)
        if ready:
            self._keep(ready, own=False)

    # Sealing.

    def _opened(self, act: Act) -> Act:
        if act.body is not None or act.sealed is None:
            return act
        key = self._epoch_keys.get(act.sealed.epoch)
        if key is None:
            return act
        try:
            return open_act(act, key)
        except ActError:
            return act  # the box is bad, the header stands: another may have a good one

    def _want_boxes(self, acts: Iterable[Act]) -> None:
        """Ask anew for acts whose box does not open, though the key of its epoch is here."""
        assert self._exchange is not None
        for act in acts:
            if act.body is None and act.sealed and act.sealed.epoch in self._epoch_keys:
                self._exchange.want(act.header.organ, (act.id,), anew=True)

    def _boxed(self, act: Act) -> Act:
        """Return an act of our own with the box that it travels in; those of all travel open."""
        if act.header.organ == COALITION or isinstance(act.body, Epoch):
            return act
        epoch = self._epoch(act.header.organ)
        if epoch is None:
            raise UsageError(
                f"nothing can be sealed to the readers of '{act.header.organ}'",
                hint="each reader's office needs a key that it can receive with",
            )
        return sealed(act, self._epoch_keys[epoch.key_hash], self.sealing)

    def _epoch(self, organ: str) -> Epoch | None:
        """Return the epoch to seal under: made by a reader for the readers of now, its key here."""
        names = self.readers().get(organ, frozenset())
        known = (self.record.count(organ=organ, kind="epoch"), len(self._epoch_keys), names)
        before = self._epochs.get(organ)
        if before is not None and before[0] is self.succession and before[1] == known:
            return before[2]
        found = epoch_in_use(
            [
                act.body
                for act in self.record.acts(organ=organ, kind="epoch")
                if isinstance(act.body, Epoch)
                and act.member in names
                and act.body.key_hash in self._epoch_keys
            ],
            self._reading_keys(organ),
        )
        self._epochs[organ] = (self.succession, known, found)
        return found

    def _reading_keys(self, organ: str) -> list[KeyHeld]:
        current = self.succession.current
        names = current.readers(organ, self.now().date())
        return [held for held in current.holders.values() if held.member in names]

    def _renew_epoch(self, organ: str, office: str | None) -> None:
        if self._epoch(organ) is not None:
            return
        numbers = [
            act.body.number
            for act in self.record.acts(organ=organ, kind="epoch")
            if isinstance(act.body, Epoch)
        ]
        body, key = new_epoch(
            max(numbers, default=0) + 1,
            self._reading_keys(organ),
            coalition=self.coalition,
            organ=organ,
            key=self.chance(32),
            sealing=self.sealing,
        )
        self._keep_epoch(organ, body, key)
        self._keep([self._signed(organ, body, office)])

    def _keep_epoch(self, organ: str, epoch: Epoch, key: bytes) -> None:
        box = self.keys.wrap(key, _about_epoch(organ, epoch.key_hash))
        self.record.keep_epoch(EpochKept(organ, epoch.number, epoch.key_hash, box))
        self._epoch_keys[epoch.key_hash] = key

    def _learn_epochs(self, acts: Sequence[Act]) -> None:
        """Open the keys of epochs, and what was sealed under them."""
        organs = set()
        for act in acts:
            organ, body = act.header.organ, act.body
            assert isinstance(body, Epoch)
            if body.key_hash in self._epoch_keys:
                continue
            for office in self.keys.offices:
                try:
                    key = open_epoch(
                        body, office.opening.reveal(), coalition=self.coalition, organ=organ
                    )
                except ActError:
                    continue  # its author gave readers different keys; the next says anew
                if key is not None:
                    self._keep_epoch(organ, body, key)
                    organs.add(organ)
        for organ in sorted(organs):
            opened = [self._opened(act) for act in self.record.sealed(organ=organ)]
            self._keep([act for act in opened if act.body is not None], own=False)
            if self._exchange is not None:
                self._want_boxes(act for act in opened if act.body is None)

    # The exchange.

    @property
    def exchange(self) -> Exchange:
        """This node's side of the exchange; the index of what is at hand is made when asked for."""
        if self._exchange is None:
            self._exchange = Exchange(self.coalition, self.member, exercise=self.exercise)
            self._exchange.beacons = self.seen
            self._exchange.hold(self.record.acts())
            self._want_boxes(self.record.sealed())
        return self._exchange

    def receive(self, peer: str, data: bytes) -> tuple[Letter, ...]:
        """Take a message of a peer, keep what it brings, and return what to send.

        What is wrong with it never raises: it costs the sender its turn.
        """
        with self.guard:
            exchange = self.exchange
            try:
                got = exchange.receive(
                    peer,
                    data,
                    readers=self.readers(),
                    now=self.now(),
                    verify=self.read,
                    find=self._find_form,
                    holders=self.succession.keyring.holders,
                )
            except ActError:
                return ()
            if got.organ is None:
                return ()
            self.heard_at[peer] = self.now()
            self._keep(got.acts, own=False)
            # What is due in other organs waits for its time: when it goes says nothing of this one.
            due = exchange.due(readers=self.readers(), now=self.now(), organ=got.organ)
            return (*got.letters, *due)

    def letters(self) -> tuple[Letter, ...]:
        """Return what waits to be sent: own acts, requests, heads."""
        with self.guard:
            exchange, readers = self.exchange, self.readers()
            pushed = exchange.push(self.hand_over(), readers=self.addressees())
            return (*pushed, *exchange.due(readers=readers, now=self.now()))

    def hand_over(self) -> tuple[Act, ...]:
        """Return, once, what this member said since it was last asked, as it travels."""
        with self.guard:
            outgoing, self._outgoing = tuple(self._outgoing), []
            return outgoing

    def beacons(self) -> tuple[Letter, ...]:
        """Light this node's beacons: what it has, and which stances it has heard."""
        with self.guard:
            letters: list[Letter] = []
            for organ in self.organs():
                beacon = self.beacon(organ)
                letters += self.exchange.announce(beacon, readers=self.readers())
            return tuple(letters)

    def beacon(self, organ: str) -> Beacon:
        """Sign what this node has in an organ, and which stances it has heard on open proposals."""
        told = {
            act.id: [a.id for a in self.record.about(act.id, kind="stance")]
            for act in self.record.unsettled(organ=organ)
        }
        office = next(key.office for key in self.keys.offices if key.signs)
        key = self._key(office, self.under.id)
        tips: dict[str, tuple[Tip, ...]] = {}
        for end in self.record.heads(organ=organ):
            tips[end.member] = (*tips.get(end.member, ()), Tip(end.seq, end.id))[-MAX_TIPS:]
        return write_beacon(
            self.coalition,
            organ,
            member=self.member,
            office=key.office,
            now=self.now(),
            heads=tips,
            heard=told,
            seed=key.seed.reveal(),
            exercise=self.exercise,
        )

    def see(self, form: EnvelopeForm) -> bool:
        """Take a beacon; tell whether it is sound, and later than the one at hand."""
        try:
            beacon = read_beacon(
                form,
                coalition=self.coalition,
                holders=self.succession.keyring.holders,
                exercise=self.exercise,
            )
        except ActError:
            return False
        self.heard_at[beacon.said.member] = self.now()
        return self.seen.take(beacon)

    def _find_form(self, name: str) -> ActForm | None:
        act = self.record.get(name)
        return None if act is None else travelling(act).form()

    def resume(self) -> tuple[Act, ...]:
        """Join the ends of own chains that an old copy of this node has forked."""
        with self.guard:
            made = []
            for organ in self.organs():
                resumed = self.record.acts(organ=organ, member=self.member, kind="resume")
                joined = {n for a in resumed if isinstance(a.body, Resume) for n in a.body.tips}
                ends = {tip.id for tip in self.record.heads(organ=organ, member=self.member)}
                missing = any(gap.member == self.member for gap in self.record.gaps(organ=organ))
                if len(ends - joined) > 1 and not missing:
                    made.append(self.say(organ, Resume(tuple(sorted(ends - joined)))))
            return tuple(made)


def travelling(act: Act) -> Act:
    """Return an act as it travels: sealed if it has a box."""
    return act if act.sealed is None else replace(act, salt=None, body_bytes=None, body=None)


def _about_epoch(organ: str, key_hash: str) -> str:
    return f"epoch {organ} {key_hash}"
