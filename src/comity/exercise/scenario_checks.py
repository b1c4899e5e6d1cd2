"""What must hold between the events, moves and tasks of a scenario, and with its charter.

A check is made where nothing that it stands on is at fault already, so that no
fault is told twice. What is left out because another thing names it (the organ
of an answer, the hours of a procedure) is put in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from comity.core.constitution import COALITION
from comity.core.fields import Table
from comity.exercise.scenario import Event, Move
from comity.exercise.scenario_deciding import Deciding
from comity.exercise.scenario_fields import Names
from comity.exercise.scenario_moves import Item
from comity.exercise.scenario_times import Times

_OF = {
    "write": ("a text", ("open text",)),
    "bracket": ("a text", ("open text",)),
    "offer": ("a bracket", ("bracket",)),
    "settle": ("a bracket", ("bracket",)),
    "answer": ("a proposal", ("propose",)),
    "alert": ("an alert", ("alert",)),
    "adopt": ("a text", ("open text",)),
    "opt in": ("a text or a proposal", ("open text", "propose")),
}


class Checks:
    """Looks at all events and moves of one file."""

    def __init__(self, items: Mapping[str, Item], every: Sequence[Item], names: Names) -> None:
        self.items = items
        self.every = every
        self.names = names
        self.times = Times(items, names)
        self.cases = {
            move.subject
            for item in every
            if (move := item.move) and move.effect == "open a case" and move.subject
        }
        self.deciding = Deciding(names, self.times, self.cases)

    def run(self) -> None:
        """Note every fault, and complete the moves."""
        self.times.check()
        self._befalling()
        for item in self.every:
            move = item.move
            if move is None:
                continue
            target = self._of(item, move)
            if target is not None:
                move = self._about(item, move, target)
            if move.effect == "amend":
                move = self._amending(item, move)
            item.value = move
        for item in self.every:
            move = item.move
            if move is None:
                continue
            if move.case:
                item.table.known("case", move.case, self.cases, "case opened by a move")
            if self.names.charters:
                self._standing(item, move)
            if move.kind == "propose" and self.names.charters:
                item.value = self.deciding.check(item, move)
            elif move.kind == "pledge" and self.names.charters:
                need = self.deciding.need(item.table, move.obligation, move.line)
                if need and move.unit and need.unit != move.unit:
                    item.table.fault(
                        "unit",
                        f"'{move.line}' is counted in {need.unit}, and never in {move.unit}",
                        f'write unit = "{need.unit}"',
                    )
            self._words(item, move)
        for item in self.every:
            self._outcome(item.table, item.when.outcome, item.when.after, "outcome")

    # What befalls members.

    def _befalling(self) -> None:
        ever: dict[str, set[str]] = {"loss": set(), "node down": set()}
        events = [(item, item.value) for item in self.every if isinstance(item.value, Event)]
        for _, event in events:
            ever.get(event.kind, set()).update(event.members)
        for item, event in events:
            before = {"return": "loss", "node up": "node down"}.get(event.kind)
            never = [code for code in event.members if before and code not in ever[before]]
            if never:
                item.table.fault(
                    "members",
                    f"there is no event '{before}' of {', '.join(never[:8])}",
                    "correct the code, or leave it out",
                )

    # What a move is about.

    def _of(self, item: Item, move: Move) -> Item | None:
        """Return what `of` names, where it is there, of the right kind, and not later."""
        about = _OF.get(move.effect or move.kind)
        if not move.of or about is None:
            return None
        wanted, kinds = about
        target = self.items.get(move.of)
        if target is None:
            item.table.known("of", move.of, self._fitting(kinds), wanted.split(" ", 1)[1])
            return None
        if target.value is None:
            return None
        found = target.move
        fits = found is not None and found.kind in kinds
        if fits and move.effect == "opt in" and found and found.kind == "propose":
            fits = found.effect in ("adopt", None)
        if not fits:
            near = ", ".join(self._fitting(kinds)[:8])
            what = "a move" if found else "an event"
            item.table.fault(
                "of",
                f"'{move.of}' is not {wanted}: it is {what} of the kind '{target.value.kind}'",
                f"name {wanted}: {near}" if near else f"add {wanted} first",
            )
            return None
        if self.times.comes_later(target, item):
            item.table.fault(
                "of",
                f"'{move.of}' comes later than '{move.id}'",
                "let this follow it, or correct an instant",
            )
            return None
        return target

    def _fitting(self, kinds: Sequence[str]) -> list[str]:
        return [name for name, one in self.items.items() if one.move and one.move.kind in kinds]

    def root(self, move: Move) -> Move:
        """Return the text, proposal or alert that a move is about in the end, or itself."""
        for _ in range(3):
            target = self.items.get(move.of) if move.of and move.kind != "propose" else None
            if target is None or target.move is None or target.move is move:
                break
            move = target.move
        return move

    def _about(self, item: Item, move: Move, target: Item) -> Move:
        about = target.move
        assert about is not None
        own = about.by == move.by
        if move.kind in ("alert", "settle") and not own:
            what = "raised" if move.kind == "alert" else "put"
            item.table.fault(
                "by",
                f"{about.by} {what} '{about.id}', so {move.by} cannot "
                + ("update it" if move.kind == "alert" else "take it away"),
                f'write by = "{about.by}"'
                + ("" if move.kind == "alert" else ', or kind = "offer"'),
            )
        elif move.kind == "offer" and own:
            item.table.fault("by", f"{move.by} put '{about.id}' itself", 'write kind = "settle"')
        if move.kind == "propose":
            known = about.organ in self.names.organs and move.organ in self.names.organs
            if about.kind == "open text" and known and about.organ != move.organ:
                item.table.fault(
                    "organ",
                    f"'{about.id}' is in {about.organ}, and not in {move.organ}",
                    f'write organ = "{about.organ}"',
                )
            return move
        return replace(move, organ=self.root(about).organ)

    def _amending(self, item: Item, move: Move) -> Move:
        if not self.names.charters:
            return move
        change = self.names.charters[0].changes.get("amendment")
        if change is None:
            item.table.fault(
                "effect",
                "the charter does not say how it is amended",
                "add [changes.amendment] to the charter",
            )
            return move
        return replace(move, organ=COALITION, rule=change.rule, procedure=change.procedure)

    # Who may, and under which rule.

    def _standing(self, item: Item, move: Move) -> None:
        """Check that who makes a move may."""
        on = self.times.day(item)
        if move.by not in self.names.members or move.organ not in self.names.organs:
            return
        if move.kind == "propose":
            if move.organ == COALITION and move.effect != "amend":
                item.table.fault(
                    "organ", "there the charter alone is changed", "name an organ of the charter"
                )
                return
            who = self.names.proposers(self.deciding.organ(move), on)
            may = f"may not propose in {move.organ}"
        elif move.kind == "answer":
            about = self.root(move)
            if move.word == "withdraw":
                if about.by != move.by:
                    item.table.fault(
                        "word", f"'{about.id}' is {about.by}'s to withdraw", 'write word = "no"'
                    )
                return
            who = self.names.seats(self.deciding.organ(about), on)
            may = f"has no seat in {move.organ}"
        else:
            who = self.names.readers(move.organ, on)
            may = f"does not read {move.organ}"
        for key, code in (("by", move.by), *(("deputies", one) for one in move.deputies)):
            if code in self.names.members and code not in who:
                listed = ", ".join(sorted(who)[:8]) or "nobody"
                item.table.fault(key, f"{code} {may} on {on}", f"there may: {listed}")
        self._deputies(item, move)

    def _deputies(self, item: Item, move: Move) -> None:
        """Check that who takes a member's place is another, and may say what is to be said."""
        about = self.items.get(move.of)
        author = about.move.by if move.kind == "offer" and about and about.move else ""
        for code in move.deputies:
            if code == move.by:
                item.table.fault(
                    "deputies", f"{code} makes the move anyway", "name others, or leave it out"
                )
            elif code == author:
                item.table.fault(
                    "deputies", f"{code} put '{move.of}' itself", "name others, or leave it out"
                )

    # Words of texts.

    def _words(self, item: Item, move: Move) -> None:
        target = self.items.get(move.of)
        text = target.move if target else None
        if move.kind not in ("write", "bracket") or not text or text.kind != "open text":
            return
        number = int(move.paragraph) if move.paragraph.isascii() and move.paragraph.isdigit() else 0
        if not move.paragraph or not text.paragraphs:
            return
        if str(number) != move.paragraph or not 1 <= number <= len(text.paragraphs):
            item.table.fault(
                "paragraph",
                f"'{text.id}' has no paragraph '{move.paragraph}'",
                f'write paragraph = "1" to "{len(text.paragraphs)}"',
            )
            return
        if not move.words:
            return
        there = [text.paragraphs[number - 1], *self._wanted(text, move.paragraph, move)]
        if not any(move.words in one for one in there):
            item.table.fault(
                "words",
                f"paragraph {number} of '{text.id}' never has these words",
                f'it was opened as: "{there[0][:80]}{"..." if there[0][80:] else ""}"',
            )

    def _wanted(self, text: Move, paragraph: str, own: Move) -> list[str]:
        wanted = []
        for item in self.every:
            move = item.move
            if move is None or move is own or not move.instead:
                continue
            edit = self.items.get(move.of) if move.kind in ("offer", "settle") else item
            change = edit.move if edit else None
            if change and change.of == text.id and change.paragraph == paragraph:
                wanted.append(move.instead)
        return wanted

    def _outcome(self, table: Table, outcome: str, name: str, key: str) -> None:
        target = self.items.get(name)
        if not outcome or target is None or target.value is None:
            return
        self.deciding.outcome(table, outcome, target, key)
