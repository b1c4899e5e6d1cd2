"""What others do about an act: receipts, answers of the model's players, and joining by the script.

A member is asked when the act has reached it, and not before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from comity.core.acts import Act
from comity.core.bodies import Alert, Propose, Receipt, Stance, Word
from comity.core.procedures import Settlement
from comity.core.proposals import Pinned, Standing
from comity.core.rules import Mark
from comity.core.strict import spelled
from comity.errors import ActError, UsageError
from comity.exercise import players
from comity.exercise.playing import Playing, Rank
from comity.exercise.rehearsal import Drawn, EntryKind
from comity.exercise.scenario import Move

SIGNS_APART: Final = timedelta(minutes=5)
"""How long after the proposal, and after each other, those join whom the script lets join."""
_REFUSING: Final = "It is lost by refusing: it agrees to nothing."


@dataclass(slots=True)
class Put:
    """A proposal that is not settled yet, and who has answered it."""

    act: Act
    move: Move | None
    pinned: Pinned
    answered: dict[str, None] = field(default_factory=dict)
    seen: int = -1

    @property
    def title(self) -> str:
        """What it is called."""
        return str(getattr(self.act.body, "title", ""))


class Crowd:
    """All whom nobody plays by hand, and what they are about to do."""

    def __init__(self, playing: Playing) -> None:
        self.playing = playing
        self.open: dict[str, Put] = {}
        self._waiting: dict[tuple[str, str], Callable[[], None]] = {}

    def follow(self, act: Act, move: Move | None) -> None:
        """Let others do about an act what they do; `move` is what it came of."""
        if isinstance(act.body, Alert):
            for member in self.playing.in_order(self.playing.stage.readers(act.header.organ)):
                if member != act.member and member in self.playing.scenario.charter.members:
                    self._when_there(member, act, self._seeing(member, act, act.body, move))
        elif isinstance(act.body, Propose):
            self._put(act, act.body, move)
        elif isinstance(act.body, Stance) and act.body.proposal in self.open:
            self.open[act.body.proposal].answered[act.member] = None

    def look(self) -> None:
        """Ask those whom something has reached by now."""
        for (member, act), do in tuple(self._waiting.items()):
            if self.playing.stage.has(member, act):
                del self._waiting[member, act]
                do()

    def settled(self) -> list[tuple[Put, str]]:
        """Take out the proposals that are settled by now, each with its outcome."""
        found: list[tuple[Put, str]] = []
        for name, put in tuple(self.open.items()):
            if not self._may_be_settled(put):
                continue
            standing = self.playing.stage.standing(name)
            if isinstance(standing, Standing) and standing.settlement.settled:
                del self.open[name]
                found.append((put, standing.settlement.outcome))
                told = counted(standing.settlement, signature=put.pinned.expires is None)
                self.playing.enter(
                    "outcome",
                    put.move.id if put.move is not None else "",
                    who=put.act.member,
                    title=put.title,
                    words=(standing.settlement.outcome, told),
                    act=name,
                )
        return found

    def _may_be_settled(self, put: Put) -> bool:
        """Tell whether a look is worth while: everybody answered, or the time is over."""
        over = put.pinned.closes_at
        if over is None:
            grown = len(put.answered) > put.seen
            put.seen = len(put.answered)
            return grown
        return self.playing.now >= over or put.answered.keys() >= set(put.pinned.roster)

    # Alerts.

    def _seeing(self, member: str, act: Act, body: Alert, move: Move | None) -> Callable[[], None]:
        playing = self.playing
        name = move.id if move is not None else "/".join(map(str, act.place))

        def see() -> None:
            at = playing.now
            drawn = players.receipt(playing.scenario, member, name, body.severity, at, playing.seed)
            order = playing.order[member]

            def confirm() -> None:
                if member in playing.people or self._is_gone(member):
                    return
                if member in playing.off:
                    playing.off[member].append(confirm)
                    return
                receipt = Receipt(act.id, spelled(at))
                try:
                    said = playing.stage.say(member, act.header.organ, receipt)
                except (UsageError, ActError) as wrong:
                    self._not_said(name, member, body.title, wrong.what)
                    return
                playing.enter(
                    "drawn",
                    name,
                    who=member,
                    title=body.title,
                    words=drawn.because,
                    act=said.id,
                    band=drawn.band,
                )

            playing.plan(drawn.at, Rank.RECEIPT, order, confirm)

        return see

    # Proposals.

    def _put(self, act: Act, body: Propose, move: Move | None) -> None:
        playing = self.playing
        pinned = playing.stage.pinned(act.id)
        if isinstance(pinned, str):
            return
        if move is not None:  # a person may have proposed it in another way than the script
            move = replace(move, rule=body.rule, procedure=body.procedure)
        put = self.open[act.id] = Put(act, move, pinned)
        signs = move.signs if move is not None else ()
        scripted = {
            one.by
            for one in playing.scenario.moves
            if move is not None and one.kind == "answer" and one.of == move.id
        }
        for k, member in enumerate(signs):
            playing.plan(playing.now + k * SIGNS_APART, Rank.SIGN, k, self._joining(member, put))
        for member in pinned.roster:
            # Whoever refuses says no, whatever the script has it say.
            refuses = playing.lost.get(member) == "refusing" and pinned.expires is not None
            if (member in scripted or member in signs) and not refuses:
                continue
            if member != act.member:
                self._when_there(member, act, self._asking(member, put))
            elif pinned.procedure.kind != "silence":
                playing.plan(playing.now, Rank.SIGN, 0, self._joining(member, put))

    def _joining(self, member: str, put: Put) -> Callable[[], None]:
        """Return what says yes by the script: of the proposer, and of whom it lets join."""

        def join() -> None:
            playing = self.playing
            if member in playing.people or member in put.answered:
                return
            name = put.move.id if put.move is not None else ""
            reason = playing.kept(member, put.move)
            if reason is None and not playing.stage.has(member, put.act.id):
                reason = f"It has not reached {playing.name(member)}."
            if reason is not None:
                playing.enter("not made", name, who=member, title=put.title, words=(reason,))
                return
            drawn = Drawn(member, "yes", playing.now, "almost surely", ("The script says so.",))
            self._say(put, drawn, "move")

        return join

    def _asking(self, member: str, put: Put) -> Callable[[], None]:
        playing = self.playing

        def ask() -> None:
            asked_at = playing.now

            def drawn() -> Drawn | None:
                refusing = playing.lost.get(member) == "refusing"
                if put.move is not None and put.move.matter:
                    return players.answer(
                        playing.scenario,
                        put.move,
                        member,
                        asked_at,
                        playing.seed,
                        refusing=refusing,
                        expires=put.pinned.expires,
                    )
                if not refusing or put.pinned.expires is None:
                    return None
                word = "objection" if put.pinned.procedure.kind == "silence" else "no"
                at = asked_at + SIGNS_APART
                return Drawn(member, word, at, "almost surely", (_REFUSING,))

            def answer() -> None:
                if member in playing.people or self._is_gone(member):
                    return
                if member in playing.off:
                    playing.off[member].append(answer)
                    return
                now = drawn()  # who was lost meanwhile answers as one who is
                if now is not None and member not in put.answered:
                    self._say(put, now, "drawn")

            first = drawn()
            if first is not None:
                playing.plan(first.at, Rank.ANSWER, playing.order[member], answer)

        return ask

    def _say(self, put: Put, drawn: Drawn, kind: EntryKind) -> None:
        playing, name = self.playing, put.move.id if put.move is not None else ""
        closes = put.pinned.expires
        if drawn.word is None or (closes is not None and playing.now >= closes):
            silent = "It says nothing." if drawn.word is None else "Its answer came too late."
            playing.enter(
                kind,
                name,
                who=drawn.member,
                title=put.title,
                words=(silent, *drawn.because),
                band=drawn.band,
            )
            return
        word: Word = drawn.word  # type: ignore[assignment]
        try:
            said = playing.stage.answer(drawn.member, put.act.id, word)
        except (UsageError, ActError) as wrong:
            self._not_said(name, drawn.member, put.title, wrong.what)
            return
        put.answered[drawn.member] = None
        playing.enter(
            kind,
            name,
            who=drawn.member,
            title=put.title,
            words=(f"It says {word}.", *drawn.because),
            act=said.id,
            band=drawn.band if kind == "drawn" else None,
        )

    # Inside.

    def _not_said(self, name: str, member: str, title: str, why: str) -> None:
        words = (f"It could not be said: {why}.",)
        self.playing.enter("not made", name, who=member, title=title, words=words)

    def _is_gone(self, member: str) -> bool:
        return self.playing.lost.get(member) in ("silent", "leaving")

    def _when_there(self, member: str, act: Act, do: Callable[[], None]) -> None:
        """Do something as soon as an act has reached a member."""
        if self.playing.stage.has(member, act.id):
            do()
        else:
            self._waiting[member, act.id] = do


_COUNTS: Final[dict[Mark, str]] = {
    "yes": "in favour",
    "no": "against",
    "abstain": "abstaining",
    "constructive": "abstaining with a declaration",
    "absent": "missing",
    "out": "not taking part",
}


def counted(settlement: Settlement, *, signature: bool = False) -> str:
    """Say in a sentence how the members of the roster count.

    >>> from comity.core.procedures import Settlement
    >>> counted(Settlement("adopted", ("adopted",), {"Arden": "yes", "Brill": "yes"}, ("Corve",)))
    '2 in favour, 1 not settled.'
    >>> counted(Settlement("adopted", ("adopted",), {"Arden": "yes"}, ("Corve",)), signature=True)
    '1 signed, 1 not.'
    """
    marks = list(settlement.marks.values())
    if signature:
        signed = marks.count("yes")
        return f"{signed} signed, {len(marks) + len(settlement.unknown) - signed} not."
    found = [f"{marks.count(mark)} {word}" for mark, word in _COUNTS.items() if mark in marks]
    if settlement.unknown:
        found.append(f"{len(settlement.unknown)} not settled")
    return ", ".join(found) + "."
