"""The after-action report as a document: the story first, then what it rests on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256

from comity.core.charter import Reference
from comity.exercise.after_action import ASSUMED, AfterAction, file_of
from comity.exercise.after_action_grids import brackets, decisions, pledges, spread, tasks, who
from comity.exercise.facts import clock, lasting
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
            *spread(self.report),
            *brackets(self.report),
            *decisions(self.report),
            *pledges(self.report),
            *tasks(self.report),
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
                f"{', '.join(run.people) or 'none'}; exercise {run.coalition[:16]}"
            ),
            marking="exercise",
            foot=f"{self.report.title}; exercise {run.coalition[:16]}; made with Comity",
            notes_title="Sources",
        )

    # Small things.

    def _refs(self, source: str) -> tuple[str, ...]:
        return (f"source {source}",) if source in self.held else ()

    # Parts, in the order of the report.

    def _story(self) -> Iterator[Block]:
        told = story(self.report)
        yield Heading("In short")
        if self.run.scenario.summary:
            yield Para((self.run.scenario.summary,))
        yield Para((told.sentence,), "answer")
        if told.items:
            yield Items(tuple((item,) for item in told.items))
        yield Para((ASSUMED,), "small")

    def _times(self) -> Iterator[Block]:
        if not self.report.times:
            return
        yield Heading("How long it took")
        for start in dict.fromkeys(one.start for one in self.report.times):
            own = [one for one in self.report.times if one.start == start]
            first = own[0]
            yield Grid(
                (f"From: {first.start_words}, {clock(first.start_at)} UTC",),
                (
                    Head("What"),
                    Head("Took", right=True),
                    Head("When (UTC)", whole=True),
                    Head("Shown by"),
                ),
                tuple(
                    (
                        Box(one.what[:1].upper() + one.what[1:]),
                        Box(lasting(one.took) if one.took is not None else "not reached"),
                        Box(clock(one.end_at) if one.end_at is not None else ""),
                        Box(f"{one.end_words} ({one.end[:12]})" if one.end else ""),
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
            (Head("When (UTC)", whole=True), Head("What"), Head("Who"), Head("Public record")),
            tuple(self._line(line) for line in self.report.timeline),
        )

    def _line(self, line: Line) -> tuple[Box, ...]:
        what = "Put in by hand: " if line.kind == "by hand" else ""
        groups = (*line.groups, "a person") if line.kind == "person" else line.groups
        return (
            Box(clock(line.at) if line.at is not None else "before"),
            Box(what + line.what, refs=self._refs(line.source)),
            Box(who(self.report, line.parties, groups)),
            Box(", ".join(day.isoformat() for day in line.on)),
        )

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
