"""Moves of the script as what is signed: bodies built from what has reached the mover.

A move names others by their ids in the scenario; here they become the acts that
came of them in this run. What an honest member cannot say raises, with why.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from comity.core import bodies
from comity.core.acts import Act
from comity.core.bodies import Alert, Body, Edit, Effect, Pledge, Propose
from comity.core.constitution import CHARTER, COALITION, Constitution
from comity.core.strict import spelled, write_base64
from comity.core.texts import Dispute, Paragraph, Text, texts
from comity.errors import UsageError
from comity.exercise.scenario import Move, Scenario
from comity.exercise.stage import Stage

EDITS = ("open text", "write", "bracket", "offer", "settle")


def make(scenario: Scenario, stage: Stage, move: Move, ids: Mapping[str, str]) -> tuple[Act, ...]:
    """Say what a move lets its member say; of several acts the last is the move's own.

    Parameters
    ----------
    ids
        The acts of the moves made before, by the ids of the moves.

    Raises
    ------
    UsageError, ActError
        If an honest member cannot say it now; before the first act, nothing is said.
    """
    making = _Making(scenario, stage, move, ids)
    match move.kind:
        case "propose":
            organ, body = making.proposal()
            return (stage.propose(move.by, organ, body),)
        case "answer":
            assert move.word is not None
            return (stage.answer(move.by, making.act_of().id, move.word, move.notes),)
        case "talk":
            return ()
        case _:
            organ, said = making.said()
            return tuple(stage.say(move.by, organ, body) for body in said)


def organ_of(scenario: Scenario, move: Move) -> str:
    """Return the organ in which a move is made: its own, or that of what it is about."""
    if move.effect == "amend":
        return COALITION
    known = {one.id: one for one in scenario.moves}
    while not move.organ and move.of in known:
        move = known[move.of]
    return move.organ


class _Making:
    """One move as it is made."""

    def __init__(
        self, scenario: Scenario, stage: Stage, move: Move, ids: Mapping[str, str]
    ) -> None:
        self.scenario = scenario
        self.stage = stage
        self.move = move
        self.ids = ids
        self.organ = organ_of(scenario, move)

    @property
    def under(self) -> Constitution:
        return self.stage.under(self.move.by)

    def act_of(self, name: str | None = None) -> Act:
        """Return the act of a move that has reached the mover."""
        name = self.move.of if name is None else name
        found = self.ids.get(name)
        if found is None:
            raise UsageError(f"'{name}' was not made", hint="it can only follow what was")
        for act in self.stage.acts():
            if act.id == found:
                if not self.stage.has(self.move.by, found):
                    raise UsageError(
                        f"'{name}' has not reached {self.move.by} yet", hint="it comes later"
                    )
                return act
        raise UsageError(f"'{name}' is not on this stage", hint="begin the run anew")

    def said(self) -> tuple[str, tuple[Body, ...]]:
        move = self.move
        if move.kind == "alert":
            return self.organ, (self._alert(),)
        if move.kind == "pledge":
            return self.organ, (self._pledge(),)
        if move.kind == "open text":
            change = bodies.OpenText(move.title, move.paragraphs)
            return self.organ, (Edit(change, case=move.case or None, marking=self._marking),)
        return self._edits()

    def _alert(self) -> Alert:
        move = self.move
        assert move.severity is not None
        about = (self.act_of().id,) if move.of else ()
        return Alert(
            move.title,
            "\n\n".join(move.paragraphs),
            move.severity,
            status="exercise",
            type="update" if about else "alert",
            about=about,
            case=move.case or None,
            marking=self._marking,
        )

    @property
    def _marking(self) -> bodies.Marking | None:
        return bodies.Marking(self.move.marking) if self.move.marking else None

    def _pledge(self) -> Pledge:
        move = self.move
        own = [
            act
            for act in self.stage.acts()
            if isinstance(act.body, Pledge)
            and act.member == move.by
            and (act.body.obligation, act.body.line) == (move.obligation or None, move.line)
        ]
        return Pledge(
            move.line,
            move.quantity,
            move.unit,
            move.obligation or None,
            move.case or None,
            move.ready.isoformat() if move.ready else None,
            move.delivered,
            move.caveats,
            tuple(
                bodies.Approval(body, state)  # type: ignore[arg-type]
                for body, state in move.approvals
            ),
            own[-1].id if own else None,
        )

    # Texts.

    def _text(self, name: str) -> Text:
        return self._text_at_hand(self.act_of(name).id)

    def _text_at_hand(self, name: str) -> Text:
        """Return a text as the mover has it."""
        edits = [
            act
            for act in self.stage.acts()
            if isinstance(act.body, Edit) and self.stage.has(self.move.by, act.id)
        ]
        return next(one for one in texts(edits) if one.id == name)

    def _edits(self) -> tuple[str, tuple[Body, ...]]:
        move = self.move
        if move.kind in ("write", "bracket"):
            text = self._text(move.of)
            there = text.paragraph(move.paragraph)
            if there is None:
                raise UsageError(
                    f"the text has no paragraph {move.paragraph}", hint="name one that it has"
                )
            return text.organ, (Edit(self._change(there), text=text.id),)
        act = self.act_of()
        assert isinstance(act.body, Edit)
        assert act.body.text is not None
        text = self._text_at_hand(act.body.text)
        there, dispute = _dispute(text, act.id)
        resolved = Edit(bodies.Resolve(act.id, move.instead), text=text.id)
        if move.kind == "offer":
            return text.organ, (resolved,)
        words = there.words
        if words is None:
            raise UsageError(
                f"{len(there.wordings)} wordings of paragraph {there.number} stand",
                hint="one of them is written first",
            )
        settled = words.replace(dispute.words, move.instead)
        if settled == words:
            return text.organ, (resolved,)
        on = tuple(one.id for one in there.standing)
        written = Edit(bodies.Write(there.name, settled, on), text=text.id)
        return text.organ, (written, resolved)

    def _change(self, there: Paragraph) -> bodies.Write | bodies.Bracket:
        move = self.move
        if move.kind == "write":
            return bodies.Write(there.name, move.instead, tuple(one.id for one in there.standing))
        if not any(move.words in one.words for one in there.standing):
            raise UsageError(
                f"the words '{move.words[:80]}' no longer stand in paragraph {there.number}",
                hint="others have written it anew",
            )
        return bodies.Bracket(there.name, move.words, move.instead)

    # Proposals.

    def proposal(self) -> tuple[str, Propose]:
        """Return where it is proposed, and what is pinned."""
        move, under = self.move, self.under
        effect, text = self._effect()
        decider, rule, procedure = self.organ, move.rule, move.procedure
        if isinstance(effect, bodies.Change):
            kind = bodies.CHANGES[type(effect)]
            change = under.charter.changes.get(kind)
            if change is None:
                raise UsageError(
                    f"the charter does not say how it decides on {kind}",
                    hint="comity charter show says what can be changed",
                )
            decider, rule, procedure = change.organ, change.rule, change.procedure
        known = under.charter.procedures.get(procedure)
        if known is None:
            raise UsageError(
                f"the charter has no procedure called '{procedure}'",
                hint=f"it has: {', '.join(under.charter.procedures)}",
            )
        expires = None
        if known.kind != "signature":
            hours = move.hours if move.hours is not None else known.period
            if hours is None:
                raise UsageError(
                    f"the charter gives the procedure '{procedure}' no period",
                    hint="say in the scenario for how many hours it is open",
                )
            expires = self.stage.now + timedelta(hours=float(hours))
        on = (expires or self.stage.now).date()
        return self.organ, Propose(
            move.title,
            effect,
            under.charter_hash,
            rule,
            procedure,
            on.isoformat(),
            under.charter.roster(decider, on),
            spelled(expires) if expires else None,
            move.case or None,
            text,
        )

    def _effect(self) -> tuple[Effect, str | None]:
        move = self.move
        match move.effect:
            case "adopt":
                words, text, _ = self._words()
                return bodies.Adopt(words), text
            case "opt in":
                words, _, after = self._words()
                return bodies.OptIn(words, after), None
            case "open a case":
                return bodies.OpenCase(move.subject, move.title), None
            case "close a case":
                return bodies.CloseCase(move.subject), None
            case "recognise a group":
                return bodies.Recognise(move.subject, move.members), None
            case "wake an obligation":
                return bodies.Wake(move.subject, "\n\n".join(move.paragraphs)), None
            case _:
                text = write_base64(self.scenario.files[move.subject])
                return bodies.Amend(text, self.under.versions.get(CHARTER)), None

    def _words(self) -> tuple[tuple[str, ...], str | None, str | None]:
        """Return the words of a proposal, the text they come from, and what it follows."""
        if not self.move.of:
            return self.move.paragraphs, None, None
        act = self.act_of()
        if isinstance(act.body, Propose):
            words = getattr(act.body.effect, "paragraphs", ())
            return words, None, act.id
        text = self._text(self.move.of)
        if text.clean is None:
            raise UsageError(
                f"the text cannot be proposed yet: {text.hindrances[0]}", hint="settle that first"
            )
        return text.clean, text.id, None


def _dispute(text: Text, bracket: str) -> tuple[Paragraph, Dispute]:
    for there in text.paragraphs:
        for dispute in there.disputes:
            if dispute.id == bracket:
                return there, dispute
    raise UsageError("the bracket has no effect", hint="its words do not stand in the text")
