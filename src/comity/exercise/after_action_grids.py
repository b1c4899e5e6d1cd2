"""The tables of the after-action report: who had what when, who blocked what, pledges, tasks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from comity.exercise.after_action import AfterAction
from comity.exercise.blocked import Other, Ruled
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
    ruled = {one.act: one for one in report.decisions}
    yield Heading("Who had what when")
    yield Grid(
        ("Alerts, until confirmed, and proposals, until answered",),
        (
            Head("What"),
            Head("Signed (UTC)", whole=True),
            Head("At the nodes"),
            Head("Confirmed or answered"),
            Head("Slowest"),
            Head("Never"),
        ),
        tuple(_reach(one, ruled.get(one.act)) for one in report.spread),
    )
    slow = [one for one in report.links if one.slow]
    if not slow:
        yield Para(("Every act was at every node that was to have it at once.",))
        return
    yield Grid(
        ("The slowest links, over all acts: from signing to the node",),
        (
            Head("Member"),
            Head("Hears others"),
            Head("Is heard by others"),
            Head("Never came to it", "acts", right=True),
        ),
        tuple(
            (
                Box(one.member),
                Box(_within(one.hears, one.hears_at_worst)),
                Box(_within(one.heard, one.heard_at_worst)),
                Box(f"{one.missed}"),
            )
            for one in slow[:MANY]
        ),
    )


def _within(half: timedelta | None, worst: timedelta | None) -> str:
    if half is None or worst is None:
        return "never"
    if not worst:
        return "at once"
    return (
        f"half {f'within {lasting(half)}' if half else 'at once'}, the last after {lasting(worst)}"
    )


def _reach(one: Reach, ruled: Ruled | None) -> tuple[Box, ...]:
    never = [f"had it: {listed(one.never_had)}"] if one.never_had else []
    silent = tuple(member for member in one.never_said if member not in one.never_had)
    # Under silence, and where who likes may sign, to say nothing is an answer.
    if silent and (ruled is None or ruled.kind in ("vote", "consensus")):
        never.append(f"{'confirmed' if ruled is None else 'answered'}: {listed(silent)}")
    return (
        Box(f"{one.member}: {one.title}"),
        Box(clock(one.at)),
        Box(
            _many(one, one.had, len(one.readers), f"{one.had[-1].member} last," if one.had else "")
        ),
        Box(_many(one, one.said, len(one.asked), "the last")),
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
        (Head("Where"), Head("By", whole=True), Head("Put (UTC)", whole=True), Head("Words"),
         Head("Offers"), Head("How it ended")),
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
    yield from _others([one for one in ruled if one.others and one.settled])


def _others(ruled: Sequence[Ruled]) -> Iterator[Block]:
    """Yield where another rule would have turned the outcome; the rest in one sentence."""
    turned = [one for one in ruled if any(_turns(one, other) for other in one.others)]
    alike = [one for one in ruled if one not in turned]
    if turned:
        yield Grid(
            ("What other rules of the body make of the same answers",),
            (Head("Proposal"), Head("It was"), Head("Adopted under"), Head("Not under")),
            tuple(
                (
                    Box(one.title),
                    Box(f"{one.outcome} ({one.rule})"),
                    Box(_rules(one, adopted=True)),
                    Box(_rules(one, adopted=False)),
                )
                for one in turned
            ),
        )
    if alike:
        whole = "Every other rule of its body makes the same of the same answers"
        yield Para((f"{whole}: {'; '.join(one.title for one in alike)}.",))
    if ruled:
        told = (
            "Who consented by silence consents there too; what members would have answered under "
            "another rule, nobody can say."
        )
        known = {other.rule: other for one in turned for other in one.others}
        if known:
            told += " * is a candidate, not in force; + binds only those who join: "
            told += "; ".join(f"{name}: {known[name].title}" for name in sorted(known)) + "."
        yield Para((told,), "small")


def _turns(one: Ruled, other: Other) -> bool:
    return (one.outcome == "adopted") != (other.outcome == "adopted")


def _ruled(report: AfterAction, one: Ruled) -> tuple[Box, ...]:
    said = [f"{word} {len(members)}" for word, members in one.said]
    rest = len(one.silent) - len(one.consented)
    said += [f"consent by silence {len(one.consented)}"] if one.consented else []
    said += [f"{'not signed' if one.kind == 'signature' else 'no answer'} {rest}"] if rest else []
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
        Box(f"{one.title} ({one.effect}; {one.member}, {one.organ})"),
        Box(f"{one.rule_title}; {one.kind or one.procedure}"),
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
        (Head("When (UTC)", whole=True), Head("Who"), Head("Pledge"),
         Head("Pledged in all", unit, True), Head("Missing", unit, True),
         Head("Approval pending")),
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
        (Head("Task"), Head("Whose"), Head("Done"), Head("When (UTC)", whole=True),
         Head("Points", right=True), Head("What shows it")),
        tuple(
            (
                Box(one.task.title),
                Box(", ".join(one.task.for_) or "all"),
                Box(one.standing),
                Box(clock(one.at) if one.at is not None else ""),
                Box(f"{one.points} of {one.task.points}"),
                Box(one.why + _evidence(one.acts, proven=bool(one.certificate))),
            )
            for one in report.tasks
        ),
    )  # fmt: skip


def _many(reach: Reach, got: tuple[Got, ...], of: int, last_one: str) -> str:
    told = f"{len(got)} of {of}"
    median = reach.median(got)
    if median is None:
        return told
    last = got[-1].at - reach.at
    if not last:
        return f"{told} at once"
    half = f"half within {lasting(median)}" if median else "half at once"
    return f"{told}; {half}, {last_one} after {lasting(last)}"


def _rules(one: Ruled, *, adopted: bool) -> str:
    told = []
    for other in one.others:
        if (other.outcome == "adopted") is adopted:
            more = ("" if other.in_force else "*") + ("" if other.binds_all else "+")
            how = f" ({other.outcome})" if other.outcome not in ("adopted", "rejected") else ""
            told.append(other.rule + more + how)
    return ", ".join(told) or "none"


def _evidence(acts: Sequence[str], *, proven: bool) -> str:
    told = (
        [f"{len(acts)} acts, the last {acts[-1][:12]}" if len(acts) > 1 else f"act {acts[0][:12]}"]
        if acts
        else []
    )
    told += ["certificate proven"] if proven else []
    return f" ({'; '.join(told)})" if told else ""
