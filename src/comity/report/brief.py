"""The brief: two pages on what a coalition is, what leaves with a member, what holds and stays.

Every number in it leads to a note, and every note names the figure, so that
`comity evidence show` gives its rows, sources and formula.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from comity.core.charter import Charter
from comity.errors import UsageError
from comity.evidence import Evidence
from comity.examine.brief import leaving
from comity.examine.finding import Chart, Finding, Quantity, Table
from comity.examine.guarantee_brief import guarantees
from comity.examine.potential import potential
from comity.report.document import (
    Block,
    Box,
    Document,
    Grid,
    Head,
    Heading,
    Items,
    Note,
    Para,
    Part,
    Picture,
    Ref,
    Strong,
    grid,
)
from comity.report.marked import marked
from comity.report.page import page
from comity.report.sections import citation
from comity.report.word import word

_COMMIT = re.compile(r"; github\.com/\S+ @ [0-9a-f]{40}")

MOST_WHY = 4
"""What weakens a number, said in the brief, at the most."""

_SUFFIXES = (".docx", ".html", ".md")


def brief(
    name: str,
    members: Sequence[str],
    *,
    evidence: Evidence,
    known_on: date | None = None,
    without: Sequence[str] = (),
    charter: Charter | None = None,
) -> Document:
    """Write the brief on a coalition as a document of two A4 pages.

    Parameters
    ----------
    name
        What the coalition is called.
    members
        ISO 3166-1 alpha-3 codes, in the order of the roll.
    evidence
        The figures to use.
    known_on
        Only what was public on that day.
    without
        The members who leave.
    charter
        Says what the coalition has agreed; left out, the brief is silent on it.
    """
    whole = potential(members, evidence=evidence, known_on=known_on, without=without)
    parting = leaving(members, evidence=evidence, known_on=known_on, without=without)
    return _Brief(name, whole, parting, tuple(without), evidence, charter, known_on).document()


class _Brief:
    def __init__(
        self,
        name: str,
        whole: Finding,
        parting: Finding,
        without: tuple[str, ...],
        evidence: Evidence,
        charter: Charter | None,
        known_on: date | None,
    ) -> None:
        self.name, self.whole, self.parting = name, whole, parting
        self.without, self.charter, self.known_on = without, charter, known_on
        self.evidence = evidence
        self.gone = " and ".join(evidence.name(code) for code in without)
        self.notes: dict[str, Note] = {}
        self.chart_refs: tuple[Ref, ...] = ()
        # Which note names which figure.
        self.named: dict[str, str] = {}
        self.measures = self._table()

    def document(self) -> Document:
        blocks = [*self._what_it_is(), *self._what_leaves(), *self._guarantees()]
        blocks += [*self._what_stays(), *self._weak()]
        blocks.append(
            Para(
                (
                    "A figure named in a note is printed, with what it is made of, by: "
                    "comity evidence show 'NAME'. Those of the chart:",
                    *self.chart_refs,
                ),
                "small",
            )
        )
        known = (
            f"as known on {self.known_on.isoformat()}"
            if self.known_on
            else "from the newest figures held"
        )
        title = self.name + (f", with and without {self.gone}" if self.gone else "")
        return Document(
            title,
            tuple(blocks),
            tuple(self.notes.values()),
            subtitle=f"A brief from public figures, {known}. "
            "Comity is not accredited for classified material.",
            foot=f"{title}; {known}; made with Comity",
        )

    # Notes

    def _figures(self, title: str, figures: Sequence[Quantity]) -> tuple[str, ...]:
        """Return the keys of the notes that name these figures; a new note for new ones."""
        ids = list(dict.fromkeys(q.id for q in figures if q.id))
        new = [i for i in ids if i not in self.named]
        if new:
            key = f"figures {' '.join(new)}"
            # What another of them is made of is printed with it, and needs no name of its own.
            made_of = {part for i in new for part in self.evidence.show(i).inputs}
            told = [i for i in new if i not in made_of]
            self.notes[key] = Note(key, f"{title}: {' · '.join(told)}")
            self.named.update(dict.fromkeys(new, key))
        return tuple(dict.fromkeys(self.named[i] for i in ids))

    def _source(self, source_id: str) -> tuple[str, ...]:
        for source in (*self.parting.sources, *self.whole.sources):
            if source.id == source_id:
                key = f"source {source_id}"
                # Two pages: which commit of a copy was read stands in `comity evidence show`.
                words = _COMMIT.sub("", citation(source))
                self.notes.setdefault(key, Note(key, words))
                return (key,)
        return ()

    def _agreed(self, source_id: str) -> tuple[Ref, ...]:
        """Return the mark of a source that the charter names."""
        if self.charter is None or source_id not in self.charter.sources:
            return ()
        ref = self.charter.sources[source_id]
        key = f"charter {source_id}"
        parts = (ref.publisher, ref.title, ref.date, ref.where)
        self.notes.setdefault(key, Note(key, ", ".join(part for part in map(str, parts) if part)))
        return (Ref(key),)

    # Parts

    def _what_it_is(self) -> list[Block]:
        refs = tuple(Ref(k) for k in self._figures("In the first sentence", self.whole.figures))
        blocks: list[Block] = [Heading("What it is"), Para((self.whole.sentence, *refs), "answer")]
        if self.charter is not None:
            cited = [ref for cite in self.charter.cites for ref in self._agreed(cite)]
            organs = ", ".join(organ.name for organ in self.charter.organs.values())
            words: list[Part] = [self.charter.summary, *cited]
            if organs:
                words.append(f" It meets as: {organs}.")
            blocks.append(Para(tuple(words)))
        roll = self.parting.table("roll")
        if self.charter is not None:
            text = f"charter {self.charter.id}, edition {self.charter.edition}"
        else:
            text = "as given"
        codes = ", ".join(map(str, roll.column("code").values))
        blocks.append(Para((f"Members ({text}): {codes}.",), "small"))
        return blocks

    def _what_leaves(self) -> list[Block]:
        refs = tuple(Ref(k) for k in self._figures("In this sentence", self.parting.figures))
        blocks: list[Block] = []
        if self.gone:
            blocks += [
                Heading(f"What leaves with {self.gone}"),
                Para((self.parting.sentence, *refs), "answer"),
            ]
        return [*blocks, self.measures, self._nuclear()]

    def _guarantees(self) -> list[Block]:
        """Say whether what members owe each other holds without those who are lost."""
        charter = self.charter
        if charter is None or not self.without:
            return []
        heading = Heading(f"Does the guarantee hold without {self.gone}?")
        owed = [Items(tuple(items))] if (items := self._owed()) else []
        if not charter.obligations:
            return [heading, Para(("The charter records nothing that members owe.",)), *owed]
        if self.known_on is not None and self.known_on < charter.dated:
            late = (
                f"The charter is of {charter.dated.isoformat()}, later than the day of this brief."
            )
            return [heading, Para((late,)), *owed]
        found = guarantees(charter, evidence=self.evidence, without=self.without, on=self.known_on)
        table = found.table("guarantees")
        made = grid(Table(table.name, table.title, table.columns[:-2]))
        rows: list[tuple[Box, ...]] = []
        for boxes, cells in zip(made.rows, table.rows, strict=True):
            ids, needs = str(cells[-2]).split(), str(cells[-1]).split()
            keys = self._counted(ids)
            keys += tuple(ref.key for need in needs for ref in self._agreed(need))
            keys += self._positions(found) if needs else ()
            rows.append((*boxes[:3], replace(boxes[3], refs=keys), boxes[4]))
        models = [str(row[0]) for row in found.table("models").rows]
        words = "All the others agree, answer and stay."
        if models:
            words += f" Our model, as no text says it: {', '.join(models)}."
        if self.known_on is not None:
            words += " Forces here are those of the newest figures held."
        blocks: list[Block] = [heading, Para((found.sentence,), "answer"), *owed]
        return [*blocks, replace(made, rows=tuple(rows)), Para((words,), "small")]

    def _counted(self, ids: Sequence[str]) -> tuple[str, ...]:
        """Return the keys of the notes that name figures by their ids; new notes for new ones."""
        return self._figures("Counted", [Quantity(None, id=i) for i in ids])

    def _positions(self, found: Finding) -> tuple[str, ...]:
        """Return the key of the note on reported positions, if a reason rests on any."""
        rows = found.table("positions").rows
        if not rows:
            return ()
        told = "; ".join(
            f"{member} {words} ({str(source).partition(' (')[0]})" for member, words, source in rows
        )
        self.notes.setdefault("positions", Note("positions", f"Reported positions: {told}"))
        return ("positions",)

    def _table(self) -> Grid:
        """Return the table of measures, each row with the notes of its figures and sources."""
        table = self.parting.table("leaving")
        shown = Table(table.name, table.title, table.columns[:-1])
        made = grid(shown)
        rows: list[tuple[Box, ...]] = []
        for boxes, cells in zip(made.rows, table.rows, strict=True):
            figures = [cell for cell in cells if isinstance(cell, Quantity)]
            keys = self._figures(boxes[0].text, figures)
            for source in str(cells[-1]).split():
                keys += self._source(source)
            # The unit once a row, so that the numbers stand close.
            unit = figures[0].unit.removeprefix("billion ").removeprefix("million ")
            first = replace(boxes[0], text=f"{boxes[0].text} ({unit})", refs=keys)
            short = (replace(box, text=box.text.removesuffix(f" {unit}")) for box in boxes[1:])
            rows.append((first, *short))
        return replace(made, rows=tuple(rows))

    def _owed(self) -> list[tuple[Part, ...]]:
        """Say where the leaving members sit and what they owe, from the charter."""
        charter = self.charter
        if charter is None or not self.without:
            return []
        on = self.known_on or charter.dated
        codes = {m.code for m in charter.members.values() if (m.iso or m.code) in self.without}
        items: list[tuple[Part, ...]] = []
        seats = [o for o in charter.organs.values() if codes & set(charter.roster(o.id, on))]
        if seats:
            named = ", ".join(
                organ.name
                + (" (in the chair)" if codes & set(charter.select(["chair"], on, organ)) else "")
                for organ in seats
            )
            items.append(
                (f"{self.gone} {'has a seat' if len(codes) == 1 else 'have seats'} in {named}.",)
            )
        for duty in charter.obligations.values():
            owing = set(charter.select(duty.owed_by, on))
            if not codes & owing:
                continue
            others = len(owing - codes)
            stay = f"{others} of those who owe it {'stays' if others == 1 else 'stay'}"
            stay = stay if others else "nobody else owes it"
            dormant = f"; dormant {duty.dormant}" if duty.dormant else ""
            items.append((Strong(duty.title), f": {stay}{dormant}.", *self._agreed(duty.source)))
        return items

    def _what_stays(self) -> list[Block]:
        compared = self.whole.table("comparison")
        title = "Active military personnel: heads, not forces, beside others"
        if self.gone:
            rest = self.parting.table("leaving").rows[0][4]
            title = (
                f"Without {self.gone} the others have {rest} in active service: heads, not forces"
            )
        chart = Chart("interval", title, "active_personnel", "who", table="comparison")
        used = set(str(self.parting.table("leaving").rows[0][-1]).split())
        drawn = replace(
            self.whole,
            charts=(chart,),
            sources=tuple(s for s in self.whole.sources if s.id in used),
        )
        people = [c for c in compared.column("active_personnel").values if isinstance(c, Quantity)]
        self.chart_refs = tuple(Ref(k) for k in self._figures("In the chart", people))
        return [
            Heading("What stays" if self.gone else "Beside others"),
            Picture(drawn, 0),
        ]

    def _nuclear(self) -> Grid:
        """Return the warheads, who has them side by side; deployed ones: `comity potential`."""
        whole = self.whole.table("nuclear")
        who, *kept = (whole.column(k) for k in ("who", "warheads_inventory", "ratio"))
        made = grid(replace(whole, columns=(who, *kept)))
        counted = [c for column in kept for c in column.values if isinstance(c, Quantity)]
        names = [boxes[0].text for boxes in made.rows]
        heads = (Head("Warheads"), *(Head(name, right=True) for name in names))
        titles = ("Total inventory", "The members' in % of theirs")
        rows = tuple(
            (Box(title), *(boxes[place] for boxes in made.rows))
            for place, title in enumerate(titles, 1)
        )
        keys = self._figures("Warheads", counted)
        first = (replace(rows[0][0], refs=keys), *rows[0][1:])
        return Grid(("Nuclear weapons, kept apart",), heads, (first, *rows[1:]))

    def _weak(self) -> list[Block]:
        items: list[tuple[Part, ...]] = []
        everyone = len(self.parting.table("roll"))
        for measure, total, known, why in self.parting.table("weak").rows:
            told = str(why).split("; ") if why else []
            # Two pages: the rest stands where the figure is shown.
            more = f"; and {len(told) - MOST_WHY} more" if len(told) > MOST_WHY else ""
            words = "" if str(known) == f"{everyone} of {everyone}" else f" ({known} members)"
            if told:
                words += f": {'; '.join(told[:MOST_WHY])}{more}"
            keys = self._figures(str(measure), [total] if isinstance(total, Quantity) else [])
            items.append((Strong(f"{measure}, {total}"), words + ".", *map(Ref, keys)))
        absent = "; ".join(self.whole.not_in_it)
        items.append((Strong("Not in it at all"), f": {absent}."))
        return [Heading("Which numbers are weak"), Items(tuple(items))]


def write_brief(doc: Document, path: Path | str) -> Path:
    """Write a brief in the format that the end of the path names: .docx, .html or .md."""
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix == ".pdf":
        raise UsageError(
            "a brief is not written as PDF here",
            hint=f"write {path.with_suffix('.html').name} and print it from a browser",
        )
    if suffix not in _SUFFIXES:
        raise UsageError(
            f"no format of a brief is called {suffix!r}" if suffix else f"{path} names no format",
            hint="end the name in one of: " + " ".join(_SUFFIXES),
        )
    if suffix == ".docx":
        content = word(doc)
    else:
        content = (page(doc) if suffix == ".html" else marked(doc)).encode("utf-8")
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}", hint="name another place"
        ) from None
    return path
