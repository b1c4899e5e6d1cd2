"""Scoring: each task done, not done or not known, with the acts that show it.

A task is worth all its points or none. A certificate counts only if it is
proven offline against the founding's id; what is merely said counts as said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Literal, TypeAlias

from comity.core.acts import Act
from comity.core.bodies import Edit, OpenText, Receipt, Stance
from comity.core.certificate import Verdict
from comity.core.pledges import pledges, written
from comity.exercise.facts import Facts, amount, clock, lasting
from comity.exercise.rehearsal import Rehearsal
from comity.exercise.scenario import Check, CheckKind, Task

Done: TypeAlias = Literal["done", "not done", "not known"]


@dataclass(frozen=True, slots=True)
class Score:
    """How one task stands at the end of a rehearsal.

    Parameters
    ----------
    why
        What was found, in words.
    since, limit
        From when its time ran, and until when; None where no time was asked.
    at
        When its check first held; None if it never did.
    acts
        The ids of the acts that show it.
    certificate
        The id of the proposal whose certificate shows it, if one is proven.
    """

    task: Task
    standing: Done
    why: str
    since: datetime | None = None
    limit: datetime | None = None
    at: datetime | None = None
    acts: tuple[str, ...] = ()
    certificate: str = ""

    @property
    def points(self) -> int:
        """What it is worth: all its points, or none."""
        return self.task.points if self.standing == "done" else 0

    def to_json(self) -> dict[str, object]:
        """Return it with the keys documented in docs/reference/after-action.md."""
        return {
            "id": self.task.id,
            "title": self.task.title,
            "for": list(self.task.for_),
            "standing": self.standing,
            "why": self.why,
            "points": self.points,
            "of_points": self.task.points,
            "since": _spelled(self.since),
            "limit": _spelled(self.limit),
            "at": _spelled(self.at),
            "acts": list(self.acts),
            "certificate": self.certificate or None,
        }


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a check found: since when it holds, or that it does not, or cannot be told."""

    why: str
    at: datetime | None = None
    acts: tuple[str, ...] = ()
    certificate: str = ""
    unknown: bool = False


def score(rehearsal: Rehearsal, facts: Facts | None = None) -> tuple[Score, ...]:
    """Score the tasks of a rehearsal, in the order of the scenario.

    Parameters
    ----------
    facts
        What the rehearsal's acts amount to, where that is at hand already.
    """
    known = facts if facts is not None else Facts(rehearsal)
    return tuple(_score(known, task) for task in rehearsal.scenario.tasks)


def _score(facts: Facts, task: Task) -> Score:
    until = facts.rehearsal.until
    since = facts.when(task.since) if task.since else None
    if task.since and since is None:
        why = f"not set: '{facts.title_of(task.since)}' did not take place"
        return Score(task, "not known", why)
    limit = None
    if task.within is not None:
        limit = (since or facts.scenario.start) + timedelta(minutes=task.within)
    seen = _CHECKS[task.check.kind](facts, task.check, since)

    def found(standing: Done, why: str) -> Score:
        return Score(task, standing, why, since, limit, seen.at, seen.acts, seen.certificate)

    if seen.at is not None and (limit is None or seen.at <= limit):
        return found("done", seen.why)
    if seen.at is not None and limit is not None:
        return found("not done", f"{seen.why}; {lasting(seen.at - limit)} too late")
    if seen.unknown:
        return found("not known", seen.why)
    if until < (limit or facts.scenario.end):
        return found("not known", f"{seen.why}; the rehearsal stopped at {clock(until)} UTC")
    return found("not done", seen.why)


def _missing(facts: Facts, name: str) -> _Seen:
    """Say that a move was not made, and why."""
    entry = facts.not_made.get(name)
    reason = f": {'; '.join(entry.words)}" if entry is not None and entry.words else ""
    return _Seen(f"'{facts.title_of(name)}' was not made{reason}")


def _counted(
    facts: Facts, check: Check, acts: Iterable[Act], what: str, *, certificate: str = ""
) -> _Seen:
    """Say when so many members, or all who are named, had said something."""
    first: dict[str, Act] = {}
    for act in facts.in_order(acts):
        first.setdefault(act.member, act)
    if check.who:
        missing = [member for member in check.who if member not in first]
        if missing:
            return _Seen(f"not {what}: {', '.join(missing)}")
        last = facts.in_order(first[member] for member in check.who)
        several = f"{', '.join(check.who)} {what}, {last[-1].member} last"
        why = several if len(check.who) > 1 else f"{check.who[0]} {what}"
    else:
        last = list(first.values())[: check.count]
        if len(last) < check.count:
            return _Seen(f"{len(first)} of {check.count} {what}")
        asked = f"; {check.count} were asked for" if len(first) > check.count else ""
        why = f"{len(first)} {what}{asked}"
    return _Seen(why, facts.said_at(last[-1]), tuple(act.id for act in last), certificate)


def _received(facts: Facts, check: Check, _since: datetime | None) -> _Seen:
    alert = facts.made.get(check.of)
    if alert is None:
        return _missing(facts, check.of)
    found = (
        act
        for act in facts.rehearsal.acts
        if isinstance(act.body, Receipt) and act.body.alert == alert
    )
    return _counted(facts, check, found, "confirmed it")


def _opened(facts: Facts, check: Check, since: datetime | None) -> _Seen:
    of = facts.made.get(check.of) if check.of else None
    found = facts.in_order(
        act
        for act in facts.rehearsal.acts
        if isinstance(act.body, Edit)
        and isinstance(act.body.change, OpenText)
        and (not check.who or act.member in check.who)
        and (not check.of or act.id == of)
        and (since is None or facts.said_at(act) >= since)
    )
    if not found:
        whose = f" by {' or '.join(check.who)}" if check.who else ""
        return _Seen(f"no text was opened{whose}")
    first = found[0]
    return _Seen(f"{first.member} opened one", facts.said_at(first), (first.id,))


def _agreed(facts: Facts, check: Check, _since: datetime | None) -> _Seen:
    opened = facts.made.get(check.of)
    text = next((one for one in facts.texts if one.id == opened), None)
    if opened is None or text is None:
        return _missing(facts, check.of)
    disputes = [dispute for one in text.paragraphs for dispute in one.disputes]
    still = [one for one in disputes if one.is_open]
    if still:
        whose = ", ".join(dict.fromkeys(one.member for one in still))
        return _Seen(f"{_brackets(len(still))} open: {whose}", acts=tuple(d.id for d in still))
    # A bracket ends with the first word of its author; the text is agreed with the last end.
    ends = [facts.in_order(facts.acts[r.id] for r in one.resolved)[0] for one in disputes]
    if not ends:
        return _Seen("nobody disputed it", facts.said_at(opened), (opened,))
    last = facts.in_order(ends)[-1]
    why = f"no bracket is open; the last of {len(disputes)} ended by its author, {last.member}"
    return _Seen(why, facts.said_at(last), (opened, last.id))


def _brackets(count: int) -> str:
    return "one bracket is" if count == 1 else f"{count} brackets are"


def _answered(facts: Facts, check: Check, _since: datetime | None) -> _Seen:
    proposal = facts.made.get(check.of)
    if proposal is None:
        return _missing(facts, check.of)
    standing = facts.standing(proposal)
    return _counted(facts, check, standing.stances if standing else (), "answered")


def _proof(facts: Facts, proposal: str) -> str:
    """Return the proposal's id if its certificate is proven, else nothing."""
    found = facts.certificates.get(proposal)
    return proposal if found is not None and found.proven else ""


def _outcome(facts: Facts, check: Check, _since: datetime | None) -> _Seen:
    proposal = facts.made.get(check.of)
    if proposal is None:
        return _missing(facts, check.of)
    standing, outcome = facts.standing(proposal), facts.outcome(proposal)
    by = facts.settled_by(proposal)
    if standing is None or by is None:
        return _Seen(f"it is {outcome}", acts=(proposal,), unknown=outcome != "open")
    wanted = outcome == check.outcome or (check.outcome == "not adopted" and outcome != "adopted")
    proof = _proof(facts, proposal)
    at = facts.said_at(by) if wanted else None
    return _Seen(f"{outcome} on {clock(facts.said_at(by))} UTC", at, (proposal, by.id), proof)


def _joined(facts: Facts, check: Check, _since: datetime | None) -> _Seen:
    proposal = facts.made.get(check.of)
    if proposal is None:
        return _missing(facts, check.of)
    standing, joined = facts.standing(proposal), set(facts.joined(proposal))
    yes = (
        act
        for act in (standing.stances if standing else ())
        if isinstance(act.body, Stance) and act.body.word == "yes" and act.member in joined
    )
    return _counted(facts, check, yes, "joined it", certificate=_proof(facts, proposal))


def _certified(facts: Facts, check: Check, _since: datetime | None) -> _Seen:
    of = facts.made.get(check.of)
    if of is None:
        return _missing(facts, check.of)
    found = facts.certificates.get(of)
    if found is None:
        return _Seen(f"there is no certificate; it is {facts.outcome(of)}", acts=(of,))
    if found.shown is None:
        return _Seen(f"its certificate is refused: {found.refusal}", acts=(of,))
    if not found.proven:
        return _Seen("its certificate is sound, and proves no outcome", acts=(of,))
    shown = found.shown
    what = shown.outcome if isinstance(shown, Verdict) else "who has it"
    at = facts.settled_at(of) or facts.rehearsal.until
    return _Seen(f"proven offline against the founding: {what}", at, (of,), of)


def _pledged(facts: Facts, check: Check, _since: datetime | None) -> _Seen:
    charter = facts.charter
    duty = charter.obligations.get(check.obligation)
    need = next((n for n in duty.needs if n.line == check.line), None) if duty else None
    unit = need.unit if need is not None else ""
    said: list[Act] = []
    reached: datetime | None = None
    low = high = Fraction(0)
    for act in facts.pledges:
        said.append(act)
        own = [
            one
            for one in pledges(said)
            if one.obligation == check.obligation and one.line == check.line
        ]
        low = sum((one.low(unit) for one in own), Fraction(0))
        high = sum((one.high(unit) for one in own), Fraction(0))
        if high >= check.count and reached is None:
            reached = facts.said_at(act)
    mine = tuple(
        act.id
        for act in facts.pledges
        if getattr(act.body, "obligation", None) == check.obligation
        and getattr(act.body, "line", None) == check.line
    )
    why = f"{amount(written(high))} of {check.count:,} {unit} pledged"
    if low < high:
        why += f", {amount(written(low))} of them approved or delivered"
    return _Seen(why, reached, mine)


def _woken(facts: Facts, check: Check, _since: datetime | None) -> _Seen:
    found = next((one for one in facts.cases.woken if one.obligation == check.obligation), None)
    if found is None:
        return _Seen("it is dormant still")
    by = facts.settled_by(found.proposal)
    at = facts.settled_at(found.proposal)
    acts = (found.proposal, *((by.id,) if by is not None else ()))
    return _Seen(f"woken: {found.because}", at, acts, _proof(facts, found.proposal))


def _spelled(at: datetime | None) -> str | None:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at is not None else None


_CHECKS: dict[CheckKind, Callable[[Facts, Check, datetime | None], _Seen]] = {
    "received": _received,
    "opened": _opened,
    "agreed": _agreed,
    "answered": _answered,
    "outcome": _outcome,
    "joined": _joined,
    "certified": _certified,
    "pledged": _pledged,
    "woken": _woken,
}
