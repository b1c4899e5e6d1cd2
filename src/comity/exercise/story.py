"""The story of a rehearsal in a few lines: what a director reads first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.exercise.blocked import Ruled
from comity.exercise.facts import clock, lasting
from comity.exercise.lessons import LONG, listed, short
from comity.exercise.promised import span
from comity.exercise.reach import Span

if TYPE_CHECKING:
    from comity.exercise.after_action import AfterAction


@dataclass(frozen=True, slots=True)
class Story:
    """One sentence or two that can be quoted alone, and a line for each thing that weighs."""

    sentence: str
    items: tuple[str, ...]


def story(report: AfterAction) -> Story:
    """Tell a rehearsal in short."""
    run = report.rehearsal
    so_far = [f"So far, at {clock(run.until)} UTC."] if run.until < run.scenario.end else []
    return Story(
        " ".join((*so_far, *_times(report), *_tasks(report))),
        (*_decided(report), *_pledged(report), *_lost(report)),
    )


def _times(report: AfterAction) -> Iterator[str]:
    if not report.times:
        yield "No alert was raised."
        return
    own = {one.what: one for one in report.times if one.start == report.times[0].start}
    told = [*_alert(report, own), *_texts(own)]
    words = report.times[0].start_words
    shock = "the first alert" if words == "the alert" else f"'{words}'"
    yield f"Counted from {shock}: {', '.join(told[:-1])}, and {told[-1]}."


def _alert(report: AfterAction, own: dict[str, Span]) -> Iterator[str]:
    every, all_of = own["to the alert at every node"], own["to the alert confirmed by all"]
    alert = next(one for one in report.spread if one.kind == "alert")
    if every.took is not None:
        yield f"the alert was at every node after {lasting(every.took)}"
    else:
        yield f"the alert reached {len(alert.had)} of {len(alert.readers)} nodes"
    if all_of.took is not None:
        yield f"all had confirmed it after {lasting(all_of.took)}"
    elif alert.said:
        took = lasting(alert.said[-1].at - all_of.start_at)
        yield f"{len(alert.said)} of {len(alert.readers)} had confirmed it after {took}"
    else:
        yield "nobody confirmed it"


def _texts(own: dict[str, Span]) -> Iterator[str]:
    first, position = own["to the first text"].took, own["to the common position"].took
    stands = own["to the first text that members stand behind"]
    yield (
        f"the first text was open after {lasting(first)}"
        if first is not None
        else "no text was opened"
    )
    if stands.took is not None and stands.took != position:
        yield f"the first text that members stand behind after {lasting(stands.took)}"
    yield (
        f"the common position stood after {lasting(position)}"
        if position is not None
        else "no common position was reached"
    )


def _tasks(report: AfterAction) -> Iterator[str]:
    if not report.tasks:
        return
    done = sum(one.standing == "done" for one in report.tasks)
    got, of = report.points
    unknown = sum(one.standing == "not known" for one in report.tasks)
    more = f", {unknown} not known" if unknown else ""
    yield f"{done} of {len(report.tasks)} tasks done{more}: {got} of {of} points."


def _decided(report: AfterAction) -> Iterator[str]:
    """Yield how proposals of the days that were played in the room ended, in that order.

    What woke an obligation is told with it; that a case was opened or closed weighs little.
    """
    waking = {woken.proposal for woken, _ in report.woken}
    since = report.rehearsal.scenario.room_from
    own = [
        one
        for one in report.decisions
        if one.at >= since
        and one.act not in waking
        and (one.failed or one.effect not in ("open a case", "close a case"))
    ]
    for one in sorted(own, key=lambda one: one.settled.at if one.settled else one.at):
        yield decision_words(one)


def decision_words(one: Ruled) -> str:
    """Say in one line how a proposal ended, and who stopped it if it failed."""
    when = f" on {clock(one.settled.at)} UTC" if one.settled else ""
    told = f"{one.title}: {one.outcome}{when}"
    if len(one.joined) > LONG:
        told += f", joined by {len(one.joined)}"
    elif one.joined:
        told += f", joined by {listed(one.joined)}"
    if one.failed and one.blocked_by:
        alone = " alone" if len(one.blocked_by) == 1 and one.alone else ""
        told += f", stopped by {listed(one.blocked_by)}{alone}"
    return told + "."


def _pledged(report: AfterAction) -> Iterator[str]:
    for woken, at in report.woken:
        of = report.charter.obligations.get(woken.obligation)
        title = short(of.title) if of else woken.obligation
        yield f"Woken on {clock(at)} UTC: {title}."
    for line in report.pledges:
        last = line.last
        several = (
            "one national approval"
            if len(last.pending) == 1
            else (f"{len(last.pending)} national approvals")
        )
        pending = f"; {several} pending" if last.pending else ""
        yield (
            f"{short(line.title)}, {line.need.line}: {span(last.low, last.high)} of "
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
            yield f"From {clock(line.at)} UTC, {listed(event.members)}: {how} ({event.title})."
    not_made = [line for line in report.timeline if line.kind == "not made" and line.parties]
    if not_made:
        whose = listed(tuple(dict.fromkeys(p for line in not_made for p in line.parties)))
        several = "One move" if len(not_made) == 1 else f"{len(not_made)} moves"
        yield f"{several} of the script not made ({whose}); see the timeline."
