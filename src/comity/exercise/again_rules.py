"""Again without each member, the part that follows from rules alone: exact, and without chance.

Every decision of a run is counted again with one member lost: silent, refusing
or leaving (docs/adr/0003-kinds-of-loss.md); once with the others' answers as
they were, and once as if all the others agreed. What stops even at best no
player can bring about, whatever is assumed of it. Beside them stand the
obligations of the charter, as `comity cornerstones` answers them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from comity.core.bodies import Edit
from comity.core.charter import Charter
from comity.errors import UsageError
from comity.evidence import Evidence
from comity.examine.guarantee import Guarantee
from comity.examine.losses import KINDS, Kind
from comity.examine.setting import Setting
from comity.exercise.recount import Decision, Told, Verdict, as_given, at_best, decisions
from comity.exercise.rehearsal import Rehearsal


@dataclass(frozen=True, slots=True)
class RuleCell:
    """One decision with one member lost in one way."""

    decision: str
    member: str
    kind: Kind
    as_given: Told
    at_best: Told

    @property
    def words(self) -> str:
        """Both answers in a word or two, as a table shows them."""
        given, best = self.as_given, self.at_best
        if best.verdict == "stops":
            return "stops even at best"
        if "not known" in (given.verdict, best.verdict):
            return "not known"
        if given.verdict == "stops":
            return "stops as given"
        return "frees it" if given.why else "holds"

    def why(self) -> str:
        """Say both answers with their reasons, a sentence each."""
        return (
            f"With the others' answers as they were: {_said(self.as_given)}. "
            f"If all the others agree: {_said(self.at_best)}."
        )

    def to_json(self) -> dict[str, object]:
        """Return the cell as plain values for JSON."""
        return {
            "decision": self.decision,
            "member": self.member,
            "kind": self.kind,
            "words": self.words,
            "as_given": self.as_given.to_json(),
            "at_best": self.at_best.to_json(),
        }


@dataclass(frozen=True, slots=True)
class ObligationCell:
    """One obligation of the charter with one member lost in one way."""

    obligation: str
    title: str
    member: str
    kind: Kind
    verdict: Verdict
    why: str

    def to_json(self) -> dict[str, object]:
        """Return the cell as plain values for JSON."""
        return {
            "obligation": self.obligation,
            "title": self.title,
            "member": self.member,
            "kind": self.kind,
            "verdict": self.verdict,
            "why": self.why,
        }


@dataclass(frozen=True, slots=True)
class Rules:
    """What follows from rules alone when one member is lost.

    Parameters
    ----------
    decisions
        Those of the run, in the order in which they were put.
    never_put
        Moves that would have put something to decision and were not made in the run.
    cells
        By decision, member and kind of loss.
    obligations
        By obligation, member and kind of loss.
    """

    decisions: tuple[Decision, ...]
    never_put: tuple[str, ...]
    members: tuple[str, ...]
    kinds: tuple[Kind, ...]
    cells: Mapping[tuple[str, str, Kind], RuleCell]
    obligations: Mapping[tuple[str, str, Kind], ObligationCell]

    def stopped(self, decision: str, kind: Kind, *, best: bool) -> tuple[str, ...]:
        """Return whose loss of a kind stops a decision, in charter order."""
        cells = (self.cells[decision, member, kind] for member in self.members)
        return tuple(c.member for c in cells if (c.at_best if best else c.as_given).stops)

    def to_json(self) -> dict[str, object]:
        """Return it with the keys documented in docs/explanation/again-without-each-member.md."""
        return {
            "decisions": [
                {
                    "id": one.id,
                    "title": one.title,
                    "organ": one.organ.id,
                    "rule": one.standing.pinned.entry.id,
                    "procedure": one.standing.pinned.procedure.id,
                    "n": one.standing.pinned.thresholds.n,
                    "f": one.standing.pinned.thresholds.f,
                    "outcome": one.outcome,
                }
                for one in self.decisions
            ],
            "never_put": list(self.never_put),
            "cells": [cell.to_json() for cell in self.cells.values()],
            "obligations": [cell.to_json() for cell in self.obligations.values()],
        }


def rules(
    base: Rehearsal,
    evidence: Evidence,
    *,
    members: Sequence[str] = (),
    kinds: Sequence[Kind] = KINDS,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Rules:
    """Count every decision of a run again without each member.

    Parameters
    ----------
    base
        A run in which nobody was lost.
    evidence
        The figures that obligations are mustered from.
    members
        Whose loss is tried; all members of the charter unless given.

    Raises
    ------
    UsageError
        If somebody was lost in the run already, or a member is unknown.
    """
    if base.lost:
        raise UsageError(
            f"in this run {base.lost[0][0]} was lost already", hint="take a run without a loss"
        )
    charter = base.scenario.charter
    whose = checked(charter, members)
    found = tuple(decisions(base))
    texts = dict(_openers(base))
    cells: dict[tuple[str, str, Kind], RuleCell] = {}
    for done, member in enumerate(whose):
        for kind in kinds:
            counted = _Counted(found, texts, member, kind)
            for one in found:
                cells[one.id, member, kind] = counted.cell(one)
        progress(done + 1, len(whose))
    moves = base.scenario.moves
    return Rules(
        found,
        tuple(move.id for move in moves if move.kind == "propose" and move.id not in base.ids),
        whose,
        tuple(kinds),
        cells,
        dict(_obligations(charter, evidence, base, whose, kinds)),
    )


def checked(charter: Charter, members: Sequence[str]) -> tuple[str, ...]:
    """Return the members named, in charter order; all of them where none is.

    Raises
    ------
    UsageError
        If one is no member.
    """
    for code in members:
        if code not in charter.members:
            raise UsageError(
                f"{code} is not a member of {charter.id}",
                hint=f"its members are: {', '.join(charter.members)}",
            )
    return tuple(code for code in charter.members if not members or code in members)


class _Counted:
    """The decisions of a run with one member lost in one way, each resting on those before."""

    def __init__(
        self, found: Sequence[Decision], texts: Mapping[str, set[str]], member: str, kind: Kind
    ) -> None:
        self.acts = {one.standing.pinned.act.id: one for one in found}
        self.texts = texts
        self.member = member
        self.kind = kind
        self._told: dict[tuple[str, bool], Told] = {}

    def cell(self, one: Decision) -> RuleCell:
        return RuleCell(one.id, self.member, self.kind, self.told(one, False), self.told(one, True))

    def told(self, one: Decision, best: bool) -> Told:
        key = (one.id, best)
        if key not in self._told:
            self._told[key] = self._ground(one, best) or (at_best if best else as_given)(
                one, self.member, self.kind
            )
        return self._told[key]

    def _ground(self, one: Decision, best: bool) -> Told | None:
        """Say why what a decision rests on would be missing: a change before it, or its text."""
        pinned = one.standing.pinned
        for name in pinned.under.changes:
            change = self.acts.get(name)
            if change is None:
                continue
            told = self.told(change, best)
            if told.verdict != "holds":
                why = f"it rests on '{change.title}', which would be {told.outcome}: {told.why}"
                return Told(told.verdict, "not made", why)
        body = pinned.body
        if not best and body.text is not None and self.texts.get(body.text) == {self.member}:
            why = f"{self.member} opened the text that it decides on, and nobody in its place"
            return Told("stops", "not made", why)
        return None


def _openers(base: Rehearsal) -> Iterator[tuple[str, set[str]]]:
    """Yield for each text who opened it, and who would have in its place."""
    moves = {base.ids[move.id]: move for move in base.scenario.moves if move.id in base.ids}
    for act in base.acts:
        if isinstance(act.body, Edit) and act.body.text is None:
            deputies = moves[act.id].deputies if act.id in moves else ()
            yield act.id, {act.member, *deputies}


def _obligations(
    charter: Charter,
    evidence: Evidence,
    base: Rehearsal,
    members: Sequence[str],
    kinds: Sequence[Kind],
) -> Iterator[tuple[tuple[str, str, Kind], ObligationCell]]:
    """Yield every obligation with each member lost; who is not concerned by it changes nothing."""
    setting = Setting(charter, evidence, base.scenario.start.date())
    verdicts: dict[str, Verdict] = {"fails": "stops", "holds": "holds", "not known": "not known"}
    for name, obligation in charter.obligations.items():
        guarantee = Guarantee(setting, name)
        tried = {
            (cell.lost.names[0], cell.lost.kind): cell
            for cell in guarantee.cells
            if cell.lost.what == "member"
        }
        for member in members:
            for kind in kinds:
                found = tried.get((member, kind))
                standing = found.standing if found else guarantee.standing
                why = found.why() if found else "it is no party to it"
                yield (
                    (name, member, kind),
                    ObligationCell(name, obligation.title, member, kind, verdicts[standing], why),
                )


def _said(told: Told) -> str:
    word = {"holds": "it is adopted", "stops": f"it is {told.outcome}", "not known": "not known"}
    return word[told.verdict] + (f" ({told.why})" if told.why else "")
