"""Proposals of a scenario against its charters: rule, procedure, hours, subject, outcomes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from comity.core.charter import Need, Procedure, RuleEntry
from comity.core.fields import Table
from comity.exercise.scenario import Move
from comity.exercise.scenario_fields import Names, named
from comity.exercise.scenario_moves import Item
from comity.exercise.scenario_times import Times


class Deciding:
    """What the charters of a scenario say of its proposals; none where they are unread.

    Parameters
    ----------
    cases
        Those that moves propose to open.
    """

    def __init__(self, names: Names, times: Times, cases: set[str]) -> None:
        self.names = names
        self.times = times
        self.cases = cases

    def organ(self, move: Move) -> str:
        """Return the organ whose roster decides a proposal."""
        change = self.names.charters[0].changes.get("amendment")
        return change.organ if move.effect == "amend" and change else move.organ

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

    def check(self, item: Item, move: Move) -> Move:
        """Check a proposal, and put in how long it is open."""
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
        seats = self.names.seats(self.organ(move), self.times.day(item))
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
