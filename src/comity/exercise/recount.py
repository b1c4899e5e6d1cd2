"""A decision of a run, counted again with one member lost; exact, and without chance.

The functions that count a real record count here: `count_rolls`, `settle` and
`signed` of the core. Two questions are kept apart. *As given*: answers and
closings of all the others are those of the run. *At best*: all the others agree,
hear one another and close, and whoever else may puts it to decision.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, TypeAlias

from comity.core.bodies import CHANGES, Amend, Change, Closing, Stance
from comity.core.charter import Charter, Organ
from comity.core.checks import check
from comity.core.fields import Faults
from comity.core.meeting import least_shared
from comity.core.procedures import Settlement, settle, signed
from comity.core.proposals import Standing
from comity.core.reading import read_charter
from comity.core.rolls import Roll, Said, Thresholds, count_rolls
from comity.core.rules import Mark
from comity.core.source import Source
from comity.core.strict import read_base64
from comity.core.tally import pinned_marks, tally
from comity.errors import UsageError
from comity.examine.losses import Kind, failed_parts
from comity.exercise.rehearsal import Rehearsal

Verdict: TypeAlias = Literal["holds", "stops", "not known"]


@dataclass(frozen=True, slots=True)
class Told:
    """How one question is answered, and why.

    Parameters
    ----------
    verdict
        ``holds``: it is adopted. ``stops``: it is not, or nothing is proven.
    outcome
        How it would end; ``not made`` where it would not be put to decision.
    """

    verdict: Verdict
    outcome: str
    why: str = ""

    @property
    def stops(self) -> bool:
        """Whether it does not come about."""
        return self.verdict == "stops"

    def to_json(self) -> dict[str, object]:
        """Return the answer as plain values for JSON."""
        return {"verdict": self.verdict, "outcome": self.outcome, "why": self.why}


@dataclass(frozen=True, slots=True)
class Decision:
    """One proposal of a run, with what was said and closed of it.

    Parameters
    ----------
    id
        The move that made it; where a person did, the first digits of its act.
    start
        The day on which the run begins, and from which on who leaves has left.
    deputies
        Who puts it to decision, by the script, where its proposer is lost.
    """

    id: str
    standing: Standing
    start: date
    deputies: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What it was called."""
        return self.standing.pinned.body.title

    @property
    def outcome(self) -> str:
        """How it ended in the run."""
        return self.standing.settlement.outcome

    @property
    def charter(self) -> Charter:
        """The charter that it was made under, with standings as they were then."""
        return self.standing.pinned.under.charter

    @property
    def organ(self) -> Organ:
        """The organ that decides it."""
        pinned = self.standing.pinned
        if isinstance(pinned.body.effect, Change):
            return self.charter.organs[
                self.charter.changes[CHANGES[type(pinned.body.effect)]].organ
            ]
        return self.charter.organs[pinned.act.header.organ]

    @property
    def on(self) -> date:
        """The day whose roster and weights it pins."""
        return date.fromisoformat(self.standing.pinned.body.on)

    def proposers(self) -> tuple[str, ...]:
        """Return who may put it to decision."""
        return self.charter.select(self.organ.propose, self.on, self.organ)


def as_given(decision: Decision, member: str, kind: Kind) -> Told:
    """Say how a decision ends without a member, the others' answers being those of the run."""
    proposer = decision.standing.pinned.act.member
    if proposer == member:
        others = [code for code in decision.deputies if code in decision.proposers()]
        proposer = next((code for code in others if code != member), "")
    if not proposer:
        return Told("stops", "not made", f"{member} put it to decision, and nobody in its place")
    lost = _Lost(decision, member, kind)
    return lost.unfounded or lost.told(lost.given(proposer), as_given=True)


def at_best(decision: Decision, member: str, kind: Kind) -> Told:
    """Say whether a decision can be adopted without a member, all the others agreeing."""
    others = [code for code in decision.proposers() if code != member]
    if not others:
        return Told("stops", "not made", f"nobody but {member} may propose")
    lost = _Lost(decision, member, kind)
    return lost.unfounded or lost.told(lost.agreed(others[0]), as_given=False)


class _Lost:
    """A decision with one member lost: roster, weights and thresholds after it."""

    def __init__(self, decision: Decision, member: str, kind: Kind) -> None:
        self.decision = decision
        self.pinned = decision.standing.pinned
        self.member = member
        self.kind = kind
        self.unfounded: Told | None = None
        self.electorate = self.pinned.electorate
        if kind == "leaving" and member in self.pinned.roster:
            try:
                left = _without(decision.charter, member, decision.start)
                self.electorate = left.electorate(decision.organ.id, decision.on)
            except UsageError as nobody:
                self.unfounded = Told("stops", "not made", nobody.what)
        lines = self.pinned.thresholds
        self.thresholds = Thresholds(len(self.electorate.members), lines.n, lines.f)
        self.unfounded = self.unfounded or self._unfounded()

    @property
    def present(self) -> tuple[str, ...]:
        """The roster without the member that is lost."""
        return tuple(code for code in self.electorate.members if code != self.member)

    @property
    def refuses(self) -> bool:
        """Whether a member of the roster is there, and says no."""
        return self.kind == "refusing" and self.member in self.electorate.members

    def _unfounded(self) -> Told | None:
        """Say why nothing could be decided on this roster, as a proposal's reader would."""
        lines, rule = self.thresholds, self.pinned.entry.rule
        if self.kind != "leaving":
            return None
        least = 2 * lines.n + lines.f + 1
        if self.pinned.expires is not None and lines.members < least:
            why = f"{lines.members} members are fewer than 2n + f + 1 = {least}"
            return Told("stops", "not made", why)
        if isinstance(self.pinned.body.effect, Change):
            aside = self.pinned.concerned if rule.concerned == "excluded" else frozenset[str]()
            shared = least_shared(rule.adopt, rule.adopt, self.electorate, aside)
            if shared <= lines.f:
                why = f"two majorities of those left may share {shared} members, no more than f"
                return Told("stops", "not made", why)
            fault = self._falls_apart()
            if fault:
                why = f"the charter would no longer hold together: {fault}"
                return Told("stops", "not made", why)
        return None

    def _falls_apart(self) -> str:
        """Say what would be wrong with the charter once it is changed and the member has left."""
        effect, charter = self.pinned.body.effect, self.decision.charter
        if isinstance(effect, Amend):
            charter = read_charter(read_base64(effect.charter, "the charter"))
        faults = Faults(Source({}, {}))
        check(_without(charter, self.member, self.decision.start), faults)
        return faults.found[0].what if faults.found else ""

    # What is counted.

    def given(self, proposer: str) -> Settlement:
        """Count the answers and closings of the others as they were."""
        standing, told = self.decision.standing, []
        for act in standing.stances:
            body = act.body
            assert isinstance(body, Stance)
            if act.member != self.member:
                told.append(Said(act.id, act.member, body.turn, body.previous, body.word))
        if standing.count is None:
            return self._signed({one.member for one in told if one.word == "yes"})
        rolls = []
        for act in standing.closings:
            body = act.body
            assert isinstance(body, Closing)
            shown = {m: name for m, name in body.roll.items() if m != self.member}
            consents = act.member in standing.count.consenting
            if act.member != self.member:
                rolls.append(Roll(act.id, act.member, shown, consents))
        if self.refuses:
            heard = {m: name for roll in rolls for m, name in roll.shown.items()}
            rolls = [*rolls, Roll("", self.member, heard, False)]
        return self._settle(told, rolls, proposer)

    def agreed(self, proposer: str) -> Settlement:
        """Count the others as all in favour, each heard by all and closing."""
        if self.pinned.expires is None:
            return self._signed(set(self.present))
        told = [Said(f"yes {code}", code, 1, None, "yes") for code in self.present]
        shown = {one.member: one.id for one in told}
        closers = (*self.present, self.member) if self.refuses else self.present
        rolls = [Roll(f"roll {code}", code, shown, False) for code in closers]
        return self._settle(told, rolls, proposer)

    def _settle(self, told: list[Said], rolls: list[Roll], proposer: str) -> Settlement:
        if self.refuses:
            word = "objection" if self.pinned.procedure.kind == "silence" else "no"
            told = [*told, Said("refusal", self.member, 1, None, word)]
            rolls = [replace(roll, shown={**roll.shown, self.member: "refusal"}) for roll in rolls]
        return settle(
            self.pinned.entry.rule,
            self.electorate,
            self.pinned.procedure,
            proposer,
            count_rolls(self.electorate.members, proposer, told, rolls, self.thresholds),
            self.thresholds,
            concerned=self.pinned.concerned,
        )

    def _signed(self, yes: set[str]) -> Settlement:
        here = frozenset(yes) & frozenset(self.present)
        return signed(
            self.pinned.entry.rule, self.electorate, here, concerned=self.pinned.concerned
        )

    # What is told.

    def told(self, end: Settlement, *, as_given: bool) -> Told:
        """Say what an outcome means, and why it is no other."""
        was = self.decision.outcome
        if end.outcome == "adopted":
            freed = as_given and was != "adopted"
            return Told("holds", "adopted", f"with {self.member} there it was {was}" * freed)
        if as_given and was in ("open", "in doubt", "contested") and end.outcome == was:
            return Told("not known", was, f"it was {was} when the exercise ended")
        why = self._why(end)
        if as_given and end.outcome == was:
            why = f"{was} with {self.member} there as well: {why}" if why else f"{was} anyhow"
        return Told("stops", end.outcome, why)

    def _why(self, end: Settlement) -> str:
        """Say which part of the rule fails, or that too many are missing to settle it."""
        if end.outcome == "withdrawn":
            return "its proposer took it back"
        if end.unknown and self.pinned.expires is not None:
            allowed = {0: "nobody", 1: "only one member"}
            lines = self.thresholds
            most = allowed.get(lines.n, f"only {lines.n} members")
            return f"{most} may be missing when an outcome settles (n = {lines.n})"
        marks: dict[str, Mark] = {
            code: end.marks.get(code, "absent") for code in self.electorate.members
        }
        why = self._failing(marks)
        if end.perhaps_missing:
            who = ", ".join(end.perhaps_missing[:3])
            why += f"; that {who} had the text in time, nobody else can sign"
        return why

    def _failing(self, marks: Mapping[str, Mark]) -> str:
        rule = self.pinned.entry.rule
        counted = pinned_marks(rule, marks, self.pinned.concerned & set(self.electorate.members))
        told = tally(rule.adopt, self.electorate, counted)
        asked = tally(rule.adopt, self.pinned.electorate, counted)
        return "; ".join(failed_parts(told, asked))


def _without(charter: Charter, member: str, start: date) -> Charter:
    """Return a charter as it reads once a member has left."""
    if member not in charter.members:
        return charter
    gone = replace(charter.members[member], since=None, until=start - timedelta(1))
    return replace(charter, members={**charter.members, member: gone})


def decisions(base: Rehearsal) -> Iterator[Decision]:
    """Yield the decisions of a run, in the order in which they were put."""
    moves = {base.ids[move.id]: move for move in base.scenario.moves if move.id in base.ids}
    for name, standing in base.standings.items():
        move = moves.get(name)
        if isinstance(standing, Standing):
            deputies = () if move is None else move.deputies
            ident = name[:12] if move is None else move.id
            yield Decision(ident, standing, base.scenario.start.date(), deputies)
