"""Pledges and shortfalls over time: what each line of an obligation had after each pledge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from comity.core.acts import Act
from comity.core.bodies import Pledge
from comity.core.charter import Need, Obligation
from comity.core.pledges import Answer, Pledges, pledges, shortfalls, written
from comity.exercise.facts import Facts, amount


@dataclass(frozen=True, slots=True)
class Step:
    """What a line had once a member had pledged.

    Parameters
    ----------
    words
        What the member promised, in words.
    low, high
        What surely comes, and what comes at most: what a national body has refused
        does not come, and what it has yet to approve may not.
    short_low, short_high
        What is then still missing.
    pending, refused
        National approvals that are: member and body.
    """

    act: str
    at: datetime
    member: str
    words: str
    low: Fraction
    high: Fraction
    delivered: Fraction
    short_low: Fraction
    short_high: Fraction
    answer: Answer
    pending: tuple[tuple[str, str], ...] = ()
    refused: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return it with the keys documented in docs/reference/after-action.md."""
        return {
            "act": self.act,
            "at": f"{self.at:%Y-%m-%dT%H:%M:%SZ}",
            "member": self.member,
            "words": self.words,
            "low": written(self.low),
            "high": written(self.high),
            "delivered": written(self.delivered),
            "short_low": written(self.short_low),
            "short_high": written(self.short_high),
            "answer": self.answer,
            "pending": [{"member": m, "body": body} for m, body in self.pending],
            "refused": [{"member": m, "body": body} for m, body in self.refused],
        }


@dataclass(frozen=True, slots=True)
class PledgedLine:
    """A line of an obligation, with what it had after each pledge to it."""

    obligation: str
    title: str
    need: Need
    steps: tuple[Step, ...]

    @property
    def last(self) -> Step:
        """What it had at the end."""
        return self.steps[-1]

    def to_json(self) -> dict[str, object]:
        """Return it with the keys documented in docs/reference/after-action.md."""
        return {
            "obligation": self.obligation,
            "title": self.title,
            "line": self.need.line,
            "unit": self.need.unit,
            "basis": self.need.basis,
            "need_low": written(self.need.low),
            "need_high": written(self.need.high),
            "steps": [step.to_json() for step in self.steps],
        }


def lines(facts: Facts) -> tuple[PledgedLine, ...]:
    """Return each line that anybody pledged to, in the charter's order."""
    found = []
    for obligation in facts.charter.obligations.values():
        for need in obligation.needs:
            steps = tuple(_steps(facts, obligation, need))
            if steps:
                found.append(PledgedLine(obligation.id, obligation.title, need, steps))
    return tuple(found)


def _steps(facts: Facts, obligation: Obligation, need: Need) -> Iterator[Step]:
    said: list[Act] = []
    for act in facts.pledges:
        body = act.body
        assert isinstance(body, Pledge)
        said.append(act)
        if body.obligation != obligation.id or body.line != need.line:
            continue
        held = pledges(said)
        line = next(s for s in shortfalls(held, obligation).lines if s.need == need)
        yield Step(
            act.id,
            facts.said_at(act),
            act.member,
            _words(body),
            line.low,
            line.high,
            line.delivered,
            line.short_low,
            line.short_high,
            line.answer,
            tuple(_approvals(held, obligation, need, "pending")),
            tuple(_approvals(held, obligation, need, "refused")),
        )


def _approvals(
    held: Pledges, obligation: Obligation, need: Need, state: str
) -> Iterator[tuple[str, str]]:
    for one in held:
        if one.obligation == obligation.id and one.line == need.line:
            for promise in one.promises:
                for approval in promise.current.approvals:
                    if approval.state == state:
                        yield one.member, approval.body


def _words(body: Pledge) -> str:
    told = f"{amount(body.quantity)} {body.unit}"
    if body.ready:
        told += f", ready {body.ready}"
    if body.delivered != "0":
        told += f", {amount(body.delivered)} delivered"
    told += "".join(f"; {caveat}" for caveat in body.caveats)
    return told + "".join(f"; {one.body}: {one.state}" for one in body.approvals)


def span(low: Fraction, high: Fraction) -> str:
    """Write a range of exact amounts for people.

    Examples
    --------
    >>> span(Fraction(15000), Fraction(30000)), span(Fraction(2), Fraction(2))
    ('15,000 to 30,000', '2')
    """
    ends = dict.fromkeys(amount(written(end)) for end in (low, high))
    return " to ".join(ends)
