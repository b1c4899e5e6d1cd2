"""The story of a rehearsal in a few lines: what a director reads first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.exercise.blocked import Ruled
from comity.exercise.facts import clock, lasting
from comity.exercise.lessons import listed
from comity.exercise.promised import span

if TYPE_CHECKING:
    from comity.exercise.after_action import AfterAction

_SHORT = {
    "to the alert at every node": "the alert was at every node after {}",
    "to the alert confirmed by all": "all had confirmed it after {}",
    "to the first text": "the first text was open after {}",
    "to the common position": "the common position stood after {}",
}
_NOT = {
    "to the alert at every node": "the alert never reached every node",
    "to the alert confirmed by all": "not all confirmed it",
    "to the first text": "no text was opened",
    "to the common position": "no common position was reached",
}


@dataclass(frozen=True, slots=True)
class Story:
    """One sentence or two that can be quoted alone, and a line for each thing that weighs."""

    sentence: str
    items: tuple[str, ...]


def story(report: AfterAction) -> Story:
    """Tell a rehearsal in short."""
    return Story(
        " ".join((*_times(report), *_tasks(report))),
        (*_decided(report), *_pledged(report), *_lost(report)),
    )


def _times(report: AfterAction) -> Iterator[str]:
    if not report.times:
        yield "No alert was raised."
        return
    first = report.times[0].start
    told = []
    for one in report.times:
        if one.start == first and one.what in _SHORT:
            took = one.took
            told.append(_SHORT[one.what].format(lasting(took)) if took is not None
                        else _NOT[one.what])  # fmt: skip
    words = report.times[0].start_words
    shock = "the first alert" if words == "the alert" else f"'{words}'"
    yield f"Counted from {shock}: {', '.join(told[:-1])}, and {told[-1]}."


def _tasks(report: AfterAction) -> Iterator[str]:
    if not report.tasks:
        return
    done = sum(one.standing == "done" for one in report.tasks)
    got, of = report.points
    unknown = sum(one.standing == "not known" for one in report.tasks)
    more = f", {unknown} not known" if unknown else ""
    yield f"{done} of {len(report.tasks)} tasks done{more}: {got} of {of} points."


def _decided(report: AfterAction) -> Iterator[str]:
    for one in report.decisions:
        yield decision_words(one)


def decision_words(one: Ruled) -> str:
    """Say in one line how a proposal ended, and who stopped it if it failed."""
    when = f" on {clock(one.settled.at)} UTC" if one.settled else ""
    told = f"{one.title}: {one.outcome}{when}"
    if one.joined:
        told += f", joined by {len(one.joined)} ({listed(one.joined)})"
    if one.failed and one.blocked_by:
        alone = " alone" if len(one.blocked_by) == 1 and one.alone else ""
        told += f", stopped by {listed(one.blocked_by)}{alone}"
    return told + "."


def _pledged(report: AfterAction) -> Iterator[str]:
    for woken, at in report.woken:
        of = report.charter.obligations.get(woken.obligation)
        title = of.title if of else woken.obligation
        yield f"Woken on {clock(at)} UTC: {title}."
    for line in report.pledges:
        last = line.last
        pending = f"; {len(last.pending)} national approvals pending" if last.pending else ""
        pending = pending.replace("1 national approvals", "one national approval")
        yield (
            f"{line.title}, {line.need.line}: {span(last.low, last.high)} of "
            f"{span(line.need.low, line.need.high)} {line.need.unit} pledged{pending}."
        )


def _lost(report: AfterAction) -> Iterator[str]:
    for member, kind in report.rehearsal.lost:
        yield f"{member} is lost from the beginning ({kind})."
    events = {event.id: event for event in report.rehearsal.scenario.events}
    for line in report.timeline:
        event = events.get(line.id)
        if line.at is not None and event is not None and event.kind in ("loss", "node down"):
            how = event.loss or "node off"
            yield f"From {clock(line.at)} UTC: {listed(event.members)} lost ({how}): {event.title}."
    not_made = [line for line in report.timeline if line.kind == "not made"]
    if not_made:
        whose = listed(tuple(dict.fromkeys(p for line in not_made for p in line.parties)))
        yield f"{len(not_made)} moves of the script were not made ({whose}); see the timeline."
