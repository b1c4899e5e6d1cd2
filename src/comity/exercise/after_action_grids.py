"""The tables of the after-action report: who had what when, who blocked what, pledges, tasks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from comity.exercise.after_action import AfterAction
from comity.exercise.blocked import Ruled
from comity.exercise.facts import clock, lasting
from comity.exercise.lessons import listed
from comity.exercise.promised import PledgedLine, span
from comity.exercise.reach import Got, Reach
from comity.report.document import Block, Box, Grid, Head, Heading, Para

MANY = 12
"""How many codes a cell lists before it counts them."""


def who(report: AfterAction, codes: Sequence[str], groups: Sequence[str] = ()) -> str:
    """List codes as they are; only all members at once are counted."""
    told = ", ".join(codes)
    if len(codes) > MANY and set(codes) == set(report.charter.members):
        told = f"all {len(codes)} members"
    return "; ".join(filter(None, (told, *groups)))


def spread(report: AfterAction) -> Iterator[Block]:
    """Yield how alerts and proposals spread, and which links were slow."""
    if not report.spread:
        return
    yield Heading("Who had what when")
    yield Grid(
        ("Alerts, until confirmed, and proposals, until answered",),
        (
            Head("What"),
            Head("Signed (UTC)"),
            Head("At the nodes"),
            Head("Confirmed or answered"),
            Head("Slowest"),
            Head("Never"),
        ),
        tuple(_reach(one) for one in report.spread),
    )
    slow = [one for one in report.links if one.slow]
    if not slow:
        yield Para(("Every act was at every node that was to have it at once.",))
        return
    yield Grid(
        ("The slowest links: from signing to the node, half of the acts within",),
        (
            Head("Member"),
            Head("Hears others"),
            Head("Is heard"),
            Head("Never came to it", "acts", right=True),
        ),
        tuple(
            (
                Box(one.member),
                Box(_within(one.hears)),
                Box(_within(one.heard)),
                Box(f"{one.missed}"),
            )
            for one in slow[:MANY]
        ),
    )


def _within(span: timedelta | None) -> str:
    if span is None:
        return "never"
    return lasting(span) if span else "at once"


def _reach(one: Reach) -> tuple[Box, ...]:
    word = "confirmed" if one.kind != "proposal" else "answered"
    never = []
    if one.never_had:
        never.append(f"had it: {listed(one.never_had)}")
    silent = tuple(m for m in one.never_said if m not in one.never_had)
    if silent:
        never.append(f"{word}: {listed(silent)}")
    return (
        Box(f"{one.member}: {one.title}"),
        Box(clock(one.at)),
        Box(_many(one, one.had)),
        Box(_many(one, one.said)),
        Box(", ".join(f"{g.member} {lasting(g.at - one.at)}" for g in one.slowest(one.said))),
        Box("; ".join(never)),
    )


def brackets(report: AfterAction) -> Iterator[Block]:
    """Yield who disputed which words, and how it ended."""
    if not report.brackets:
        return
    yield Heading("Brackets")
    rows = []
    for one in report.brackets:
        wish = f"instead: '{one.instead}'" if one.instead else "to be struck"
        offers = "; ".join(f"{member}: '{words}'" for member, words, _ in one.offers)
        if one.ended is None:
            ended = "open at the end"
        else:
            words = f" with '{one.settled_with}'" if one.settled_with else ", words struck"
            ended = f"let go after {lasting(one.ended.at - one.at)}{words}"
        rows.append(
            (
                Box(f"{one.text}, paragraph {one.paragraph}"),
                Box(one.member),
                Box(clock(one.at)),
                Box(f"'{one.words}', {wish}"),
                Box(offers),
                Box(ended),
            )
        )
    yield Grid(
        ("Who disputed which words, and how it ended",),
        (Head("Where"), Head("By"), Head("Put (UTC)"), Head("Words"), Head("Offers"),
         Head("How it ended")),
        tuple(rows),
    )  # fmt: skip


def decisions(report: AfterAction) -> Iterator[Block]:
    """Yield how each proposal ended, who stopped it, what other rules make of it."""
    ruled = report.decisions
    if not ruled:
        return
    yield Heading("Decisions, and who stopped what")
    yield Grid(
        ("How each proposal ended",),
        (Head("Proposal"), Head("Rule and procedure"), Head("Outcome"), Head("Answers"),
         Head("Stopped by")),
        tuple(_ruled(report, one) for one in ruled),
    )  # fmt: skip
    others = [one for one in ruled if one.others]
    if not others:
        return
    yield Grid(
        ("What the body's other rules make of the same answers",),
        (Head("Proposal"), Head("It was"), Head("Adopted also under"), Head("Not under")),
        tuple(
            (
                Box(one.title),
                Box(one.outcome),
                Box(_rules(one, adopted=True)),
                Box(_rules(one, adopted=False)),
            )
            for one in others
        ),
    )
    yield Para(
        (
            "Who consented by silence consents there too; who did not sign is missing. What "
            "members would have answered under another rule, nobody can say. A candidate is "
            "not in force.",
        ),
        "small",
    )


def _ruled(report: AfterAction, one: Ruled) -> tuple[Box, ...]:
    said = [f"{len(members)} {word}" for word, members in one.said]
    said += [f"{len(one.silent)} nothing"] if one.silent else []
    outcome = one.outcome
    if one.settled is not None:
        outcome += f" after {lasting(one.settled.at - one.at)}"
    if one.joined:
        outcome += f"; joined by {who(report, one.joined)}"
    stopped = who(report, one.blocked_by) if len(one.blocked_by) <= MANY else listed(
        one.blocked_by
    )  # fmt: skip
    if one.failed and one.alone:
        each = "it alone" if len(one.blocked_by) == 1 else f"alone: {', '.join(one.alone)}"
        stopped += f" ({each})"
    return (
        Box(f"{one.title} ({one.member}, {one.organ})"),
        Box(f"{one.rule_title}; {one.procedure}"),
        Box(outcome),
        Box(", ".join(said)),
        Box(stopped),
    )


def pledges(report: AfterAction) -> Iterator[Block]:
    """Yield what each line had after each pledge."""
    if not report.pledges:
        return
    yield Heading("Pledges, and what was short")
    yield from (_pledged(line) for line in report.pledges)


def _pledged(line: PledgedLine) -> Grid:
    need, unit = line.need, line.need.unit
    return Grid(
        (f"{line.title}, {need.line}: {span(need.low, need.high)} {unit} needed",),
        (Head("When (UTC)"), Head("Who"), Head("Pledge"), Head("Pledged in all", unit, True),
         Head("Missing", unit, True), Head("Approval pending")),
        tuple(
            (
                Box(clock(step.at)),
                Box(step.member),
                Box(step.words),
                Box(span(step.low, step.high)),
                Box(span(step.short_low, step.short_high)),
                Box(", ".join(f"{member}: {body}" for member, body in step.pending)),
            )
            for step in line.steps
        ),
    )  # fmt: skip


def tasks(report: AfterAction) -> Iterator[Block]:
    """Yield the tasks, with what shows them."""
    if not report.tasks:
        return
    got, of = report.points
    yield Heading("Tasks")
    yield Grid(
        (f"{got} of {of} points",),
        (Head("Task"), Head("Whose"), Head("Done"), Head("Points", right=True),
         Head("What shows it")),
        tuple(
            (
                Box(one.task.title),
                Box(", ".join(one.task.for_) or "everybody's"),
                Box(one.standing + (f", {clock(one.at)} UTC" if one.at is not None else "")),
                Box(f"{one.points} of {one.task.points}"),
                Box(one.why + _evidence(one.acts, proven=bool(one.certificate))),
            )
            for one in report.tasks
        ),
    )  # fmt: skip


def _many(reach: Reach, got: tuple[Got, ...]) -> str:
    if not got:
        return f"0 of {len(reach.readers)}"
    median, last = reach.median(got), got[-1].at - reach.at
    told = f"{len(got)} of {len(reach.readers)}"
    if not last:
        return f"{told} at once"
    half = f"half within {lasting(median)}" if median else "half at once"
    return f"{told}; {half}, the last after {lasting(last)}"


def _rules(one: Ruled, *, adopted: bool) -> str:
    told = []
    for other in one.others:
        if (other.outcome == "adopted") is adopted:
            more = "" if other.in_force else " (candidate)"
            more += "" if other.binds_all else " (for those who join)"
            if not adopted and other.outcome not in ("rejected",):
                more += f" ({other.outcome})"
            told.append(other.title + more)
    return "; ".join(told) or "none"


def _evidence(acts: Sequence[str], *, proven: bool) -> str:
    told = (
        [f"{len(acts)} acts, the last {acts[-1][:12]}" if len(acts) > 1 else f"act {acts[0][:12]}"]
        if acts
        else []
    )
    told += ["certificate proven"] if proven else []
    return f" ({'; '.join(told)})" if told else ""
