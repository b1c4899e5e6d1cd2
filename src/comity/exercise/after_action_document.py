"""The after-action report as a document: the story first, then what it rests on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

from comity.core.charter import Reference
from comity.exercise.after_action import ASSUMED, AfterAction, file_of
from comity.exercise.blocked import Ruled
from comity.exercise.facts import clock, lasting
from comity.exercise.lessons import listed
from comity.exercise.promised import PledgedLine, span
from comity.exercise.reach import Got, Reach
from comity.exercise.story import story
from comity.exercise.timeline import Line
from comity.report.document import (
    Block,
    Box,
    Document,
    File,
    Grid,
    Head,
    Heading,
    Items,
    Note,
    Para,
    Part,
    Strong,
)

_BOLD = re.compile(r"\*\*(.+?)\*\*")
MANY = 12
"""How many codes a cell lists before it counts them."""


def after_action_document(report: AfterAction) -> Document:
    """Return a report as a document for pages, Word, Markdown and the terminal."""
    return _Drawing(report).document()


class _Drawing:
    def __init__(self, report: AfterAction) -> None:
        self.report = report
        self.run = report.rehearsal
        self.held = {source.id for source in report.sources}

    def document(self) -> Document:
        run, scenario = self.run, self.run.scenario
        blocks = [
            *self._story(),
            *self._times(),
            *self._timeline(),
            *self._spread(),
            *self._brackets(),
            *self._decisions(),
            *self._pledges(),
            *self._tasks(),
            *self._lessons(),
            *self._certificates(),
            *self._grounds(),
        ]
        return Document(
            self.report.title,
            tuple(blocks),
            tuple(Note(f"source {one.id}", _citation(one)) for one in self.report.sources),
            subtitle=(
                f"Scenario {scenario.id}, {clock(scenario.start)} to {clock(run.until)} UTC; "
                f"seed {run.seed}, run {run.number}; played by persons: "
                f"{', '.join(run.people) or 'none'}"
            ),
            marking="exercise",
            foot=f"{self.report.title}; exercise {run.coalition[:16]}; made with Comity",
            notes_title="Sources",
        )

    # Small things.

    def _who(self, codes: Sequence[str], groups: Sequence[str] = ()) -> str:
        """List codes as they are; only all members at once are counted."""
        everybody = [code for code in self.report.charter.members if code in codes]
        told = ", ".join(codes)
        if len(codes) > MANY and len(everybody) == len(self.report.charter.members) == len(codes):
            told = f"all {len(codes)} members"
        return "; ".join(filter(None, (told, *groups)))

    def _refs(self, source: str) -> tuple[str, ...]:
        return (f"source {source}",) if source in self.held else ()

    # Parts, in the order of the report.

    def _story(self) -> Iterator[Block]:
        told = story(self.report)
        yield Heading("In short")
        yield Para((told.sentence,), "answer")
        if told.items:
            yield Items(tuple((item,) for item in told.items))
        yield Para((ASSUMED,), "small")
        if self.run.scenario.summary:
            yield Para((self.run.scenario.summary,))

    def _times(self) -> Iterator[Block]:
        if not self.report.times:
            return
        yield Heading("How long it took")
        for start in dict.fromkeys(one.start for one in self.report.times):
            own = [one for one in self.report.times if one.start == start]
            first = own[0]
            yield Grid(
                (f"From: {first.start_words}, {clock(first.start_at)} UTC",),
                (Head("What"), Head("Took", right=True), Head("When (UTC)"), Head("Shown by")),
                tuple(
                    (
                        Box(one.what[:1].upper() + one.what[1:]),
                        Box(lasting(one.took) if one.took is not None else "not reached"),
                        Box(clock(one.end_at) if one.end_at is not None else ""),
                        Box(f"{one.end_words}, act {one.end[:12]}" if one.end else ""),
                    )
                    for one in own
                ),
            )

    def _timeline(self) -> Iterator[Block]:
        yield Heading("Timeline")
        yield Para(
            (
                "What stands for the public record names its day there. What members of the "
                "model answered is counted under Decisions.",
            ),
            "small",
        )
        yield Grid(
            (f"{len(self.report.timeline)} entries, by the exercise's clock",),
            (Head("When (UTC)"), Head("What"), Head("Who"), Head("On the public record")),
            tuple(self._line(line) for line in self.report.timeline),
        )

    def _line(self, line: Line) -> tuple[Box, ...]:
        what = {"by hand": "Put in by hand: ", "person": "", "before": ""}.get(line.kind, "")
        return (
            Box(clock(line.at) if line.at is not None else "before"),
            Box(what + line.what, refs=self._refs(line.source)),
            Box(self._who(line.parties, line.groups)),
            Box(", ".join(day.isoformat() for day in line.on)),
        )

    def _spread(self) -> Iterator[Block]:
        if not self.report.spread:
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
            tuple(self._reach(one) for one in self.report.spread),
        )
        slow = [one for one in self.report.links if one.missed or one.worst.total_seconds() > 0]
        if not slow:
            yield Para(("Every act was at every node that was to have it at once.",))
            return
        yield Grid(
            ("The slowest links: from signing to the member's node, over all acts",),
            (
                Head("Member"),
                Head("Median", right=True),
                Head("Worst", right=True),
                Head("Never came", "acts", right=True),
            ),
            tuple(
                (Box(one.member), Box(lasting(one.median)), Box(lasting(one.worst)),
                 Box(str(one.missed)))
                for one in slow[:MANY]
            ),
        )  # fmt: skip

    def _reach(self, one: Reach) -> tuple[Box, ...]:
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

    def _brackets(self) -> Iterator[Block]:
        if not self.report.brackets:
            return
        yield Heading("Brackets")
        rows = []
        for one in self.report.brackets:
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

    def _decisions(self) -> Iterator[Block]:
        ruled = self.report.decisions
        if not ruled:
            return
        yield Heading("Decisions, and who stopped what")
        yield Grid(
            ("How each proposal ended",),
            (Head("Proposal"), Head("Rule and procedure"), Head("Outcome"), Head("Answers"),
             Head("Stopped by")),
            tuple(self._ruled(one) for one in ruled),
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

    def _ruled(self, one: Ruled) -> tuple[Box, ...]:
        said = [f"{len(members)} {word}" for word, members in one.said]
        said += [f"{len(one.silent)} nothing"] if one.silent else []
        outcome = one.outcome
        if one.settled is not None:
            outcome += f" after {lasting(one.settled.at - one.at)}"
        if one.joined:
            outcome += f"; joined by {self._who(one.joined)}"
        stopped = self._who(one.blocked_by) if len(one.blocked_by) <= MANY else listed(
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

    def _pledges(self) -> Iterator[Block]:
        if not self.report.pledges:
            return
        yield Heading("Pledges, and what was short")
        yield from (self._pledged(line) for line in self.report.pledges)

    def _pledged(self, line: PledgedLine) -> Grid:
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

    def _tasks(self) -> Iterator[Block]:
        tasks = self.report.tasks
        if not tasks:
            return
        got, of = self.report.points
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
                for one in tasks
            ),
        )  # fmt: skip

    def _lessons(self) -> Iterator[Block]:
        drafted = self.report.drafted
        yield Heading("Lessons (draft)" if drafted else "Lessons")
        if drafted:
            yield Para(
                (
                    Strong("Draft"),
                    ": derived from the record, edited by nobody. Those who took part replace it "
                    "with their own words.",
                ),
                "small",
            )
        yield from written_blocks(self.report.lessons)

    def _certificates(self) -> Iterator[Block]:
        if not self.report.certificates:
            return
        yield Heading("Certificates")
        items: list[tuple[Part, ...]] = []
        for title, one in self.report.certificates:
            what = "proven" if one.proven else f"not proven: {one.refusal or 'no outcome'}"
            items.append(
                (
                    Strong(title),
                    f": {what}. File ",
                    File(file_of(one), "application/json", one.data),
                    f", of act {one.of}, SHA-256 {sha256(one.data).hexdigest()}.",
                )
            )
        yield Para(
            (
                "Each is checked offline, by anybody: comity verify --founding "
                f"{self.run.coalition} FILE. It says EXERCISE, and ends with status 4. The files "
                "are in the HTML report, to be saved, and in the JSON report, whole.",
            ),
        )
        yield Items(tuple(items))

    def _grounds(self) -> Iterator[Block]:
        run = self.run
        yield Heading("What this rests on")
        drawn = len(self.report.drawn)
        items = [
            f"The exercise {run.coalition}, {len(run.acts)} signed acts, seed {run.seed}: the "
            "same seed gives the same run.",
            f"{drawn} receipts and answers were drawn by the model's players; each says why in "
            "the JSON report."
            if drawn
            else "No answer was drawn by a model.",
            "When a node had something is what its own clock said; all clocks are the exercise's.",
            "A task is done only if signed acts show it; a certificate counts only if it is "
            "proven against the founding.",
        ]
        if run.lost:
            told = ", ".join(f"{member} ({kind})" for member, kind in run.lost)
            items.append(f"Lost from the beginning: {told}.")
        yield Items(tuple((item,) for item in items))


def _many(reach: Reach, got: tuple[Got, ...]) -> str:
    if not got:
        return f"0 of {len(reach.readers)}"
    median, last = reach.median(got), got[-1].at - reach.at
    told = f"{len(got)} of {len(reach.readers)}"
    if median is not None and last.total_seconds() > 0:
        told += f"; half of them by {lasting(median)}, the last after {lasting(last)}"
    elif median is not None:
        told += " at once"
    return told


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
    shown = [act[:12] for act in acts[-3:]]
    told = f" (act{'s' * (len(shown) > 1)} {', '.join(shown)}" if shown else ""
    if told and len(acts) > len(shown):
        told += f" and {len(acts) - len(shown)} more"
    if proven:
        told += "; certificate proven" if told else " (certificate proven"
    return f"{told})" if told else ""


def _citation(source: Reference) -> str:
    parts = (source.publisher, source.title, str(source.date), source.where)
    told = ", ".join(part for part in parts if part)
    return f"{told} [{source.id}, {source.kind}]" + (f". {source.note}" if source.note else "")


def written_blocks(text: str) -> Iterator[Block]:
    """Yield what people wrote in plain text or simple Markdown as blocks.

    Headings (#), lists (- or *), **strong words** and paragraphs are known; all
    else stands as it was written.
    """
    items: list[tuple[Part, ...]] = []
    words: list[str] = []

    def told() -> Iterator[Block]:
        if words:
            yield Para(_parts(" ".join(words)))
            words.clear()
        if items:
            yield Items(tuple(items))
            items.clear()

    for line in text.splitlines():
        plain = line.strip()
        heading = re.match(r"#{1,6} +(.+)", plain)
        item = re.match(r"(?:[-*]|\d+[.)]) +(.+)", plain)
        if heading:
            yield from told()
            yield Heading(heading[1], 3)
        elif item:
            if words:
                yield from told()
            items.append(_parts(item[1]))
        elif not plain:
            yield from told()
        elif items and line[:1].isspace():
            items[-1] = (*items[-1], " ", *_parts(plain))
        else:
            if items:
                yield from told()
            words.append(plain)
    yield from told()


def _parts(words: str) -> tuple[Part, ...]:
    """Cut **strong words** out of a line."""
    cut: Iterable[str] = _BOLD.split(words)
    return tuple(Strong(part) if k % 2 else part for k, part in enumerate(cut) if part)
