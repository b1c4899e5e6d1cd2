"""What must hold between the events, moves and tasks of a scenario, and with its charter.

A check is made where nothing that it stands on is at fault already, so that no
fault is told twice. What is left out because another thing names it (the organ
of an answer, the hours of a procedure) is put in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

from comity.core.charter import Need, Procedure, RuleEntry
from comity.core.constitution import COALITION
from comity.core.fields import Table
from comity.exercise.scenario import Event, Move
from comity.exercise.scenario_fields import Names, named
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
                item.value = self._proposing(item, move)
            elif move.kind == "pledge" and self.names.charters:
                need = self.need(item.table, move.obligation, move.line)
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

    def _day(self, item: Item) -> date:
        known = self.times.earliest(item.id)
        return self.names.day(known[0] if known else None)

    def deciding(self, move: Move) -> str:
        """Return the organ whose roster decides a proposal."""
        change = self.names.charters[0].changes.get("amendment")
        return change.organ if move.effect == "amend" and change else move.organ

    def _standing(self, item: Item, move: Move) -> None:
        """Check that who makes a move may."""
        on = self._day(item)
        if move.by not in self.names.members or move.organ not in self.names.organs:
            return
        if move.kind == "propose":
            if move.organ == COALITION and move.effect != "amend":
                item.table.fault(
                    "organ", "there the charter alone is changed", "name an organ of the charter"
                )
                return
            who = self.names.proposers(self.deciding(move), on)
            may = f"may not propose in {move.organ}"
        elif move.kind == "answer":
            about = self.root(move)
            if move.word == "withdraw":
                if about.by != move.by:
                    item.table.fault(
                        "word", f"'{about.id}' is {about.by}'s to withdraw", 'write word = "no"'
                    )
                return
            who = self.names.seats(self.deciding(about), on)
            may = f"has no seat in {move.organ}"
        else:
            who = self.names.readers(move.organ, on)
            may = f"does not read {move.organ}"
        if move.by not in who:
            listed = ", ".join(sorted(who)[:8]) or "nobody"
            item.table.fault("by", f"{move.by} {may} on {on}", f"there may: {listed}")

    def rule_of(self, move: Move) -> RuleEntry | None:
        """Return the rule that a proposal names, where a charter has it."""
        return next((c.rules[move.rule] for c in self.names.charters if move.rule in c.rules), None)

    def procedure_of(self, move: Move) -> Procedure | None:
        """Return the procedure that a proposal names, where a charter has it."""
        found = (c.procedures.get(move.procedure) for c in self.names.charters)
        return next((one for one in found if one is not None), None)

    def _in_force(self, item: Item, move: Move, key: str) -> bool:
        told = move.rule if key == "rule" else move.procedure
        every = [name for c in self.names.charters for name in getattr(c, f"{key}s")]
        if not named(item.table, key, told, tuple(dict.fromkeys(every)), key):
            return False
        organs = [c.organs[move.organ] for c in self.names.charters if move.organ in c.organs]
        there = [name for organ in organs for name in getattr(organ, f"{key}s")]
        if organs and told not in there:
            listed = ", ".join(dict.fromkeys(there)) or f"none: it has no {key} in force"
            item.table.fault(
                key, f"'{told}' is not in force in {move.organ}", f"in force there: {listed}"
            )
            return False
        return True

    def _proposing(self, item: Item, move: Move) -> Move:
        if move.effect != "amend":
            fits = self._in_force(item, move, "rule")
            if not self._in_force(item, move, "procedure"):
                return move
            if fits and move.effect == "opt in":
                self._binding(item, move)
        procedure = self.procedure_of(move)
        if procedure is None:
            return move
        self._joining(item, move, procedure)
        if move.effect == "amend" and procedure.kind == "silence":
            item.table.fault(
                "effect", "by silence nothing is amended", "name another in [changes.amendment]"
            )
        self._subject(item, move)
        return self._hours(item, move, procedure)

    def _binding(self, item: Item, move: Move) -> None:
        rule = self.rule_of(move)
        if rule is not None and rule.binds != "those who join":
            item.table.fault(
                "rule",
                f"'{move.rule}' binds all, and not those who join",
                'name a rule with binds = "those who join", or write effect = "adopt"',
            )

    def _joining(self, item: Item, move: Move, procedure: Procedure) -> None:
        if not item.table.has("signs"):
            return
        if procedure.kind != "signature" and move.effect != "opt in":
            item.table.fault(
                "signs",
                "nobody signs what is neither open to signature nor to opt in",
                "leave it out, and let moves answer",
            )
            return
        seats = self.names.seats(self.deciding(move), self._day(item))
        strangers = [c for c in move.signs if c in self.names.members and c not in seats]
        if strangers and seats:
            item.table.fault(
                "signs",
                f"in {move.organ} there is no seat of {', '.join(strangers[:8])}",
                "leave them out",
            )

    def _hours(self, item: Item, move: Move, procedure: Procedure) -> Move:
        table = item.table
        if procedure.kind == "signature":
            if table.has("hours"):
                table.fault("hours", "by signature a proposal stays open", "leave it out")
            return move
        hours = move.hours
        if not table.has("hours"):
            if procedure.period is None:
                table.fault(
                    None, f"'hours' is missing: {procedure.id} has no period", "add hours = 24"
                )
                return move
            hours = Fraction(procedure.period)
        if hours is not None and procedure.notice and hours < Fraction(procedure.notice):
            table.fault(
                "hours",
                f"{procedure.id} asks for {procedure.notice:g} hours' notice",
                f"write hours = {procedure.notice:g} or more",
            )
        return replace(move, hours=hours)

    def _subject(self, item: Item, move: Move) -> None:
        if move.effect == "close a case":
            item.table.known("subject", move.subject, self.cases, "case opened by a move")
        elif move.effect == "wake an obligation":
            self.dormant(item.table, "subject", move.subject)

    # Obligations, for moves and tasks.

    def dormant(self, table: Table, key: str, told: str) -> None:
        """Check that an obligation is there, and waits for something."""
        known = [c.obligations for c in self.names.charters]
        every = tuple(dict.fromkeys(name for one in known for name in one))
        if named(table, key, told, every, "obligation") and not any(
            one[told].dormant for one in known if told in one
        ):
            waiting = [n for one in known for n, o in one.items() if o.dormant]
            listed = ", ".join(dict.fromkeys(waiting)) or "none"
            table.fault(key, f"'{told}' is in force already", f"dormant are: {listed}")

    def need(self, table: Table, obligation: str, line: str) -> Need | None:
        """Return the line of an obligation's needs; note a fault where there is none."""
        known = [c.obligations for c in self.names.charters]
        every = tuple(dict.fromkeys(name for one in known for name in one))
        if not named(table, "obligation", obligation, every, "obligation"):
            return None
        needs = {n.line: n for one in known if obligation in one for n in one[obligation].needs}
        table.known("line", line, needs, f"line of {obligation}")
        return needs.get(line)

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

    # Outcomes, for moves and tasks.

    def endings(self, move: Move) -> tuple[str, ...]:
        """Return how a proposal can end; nothing where that is not known."""
        rule = self.rule_of(move)
        procedure = self.procedure_of(move)
        if rule is None or procedure is None:
            return ()
        if procedure.kind == "signature":
            return ("adopted",)
        against = "broken" if procedure.kind == "silence" else "rejected"
        other = "lapsed" if rule.rule.reject is None else "no opinion"
        return ("adopted", against, other, "withdrawn", "not adopted")

    def _outcome(self, table: Table, outcome: str, name: str, key: str) -> None:
        target = self.items.get(name)
        if not outcome or target is None or target.value is None:
            return
        self.outcome(table, outcome, target, key)

    def outcome(self, table: Table, outcome: str, target: Item, key: str) -> None:
        """Check that something is a proposal, and can end in a way."""
        move = target.move
        if move is None or move.kind != "propose":
            table.fault(
                key,
                f"'{target.id}' does not propose, so it has no outcome",
                "leave it out, or name a move that proposes",
            )
            return
        can = self.endings(move)
        if can and outcome not in can:
            table.fault(
                key,
                f"'{target.id}' cannot end as '{outcome}' under {move.rule} by {move.procedure}",
                f"it can end as: {', '.join(can)}",
            )
