"""The after-action report: what a rehearsal showed, as a value that every face is drawn from.

Members are data here: the report says what was signed and when, and judges nobody.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Final

from comity.core.acts import Act
from comity.core.bodies import Alert, Propose
from comity.core.cases import Woken
from comity.core.charter import Charter, Reference
from comity.exercise.blocked import Disputed, Ruled, decisions, disputes
from comity.exercise.facts import Certified, Facts
from comity.exercise.lessons import drafted_lessons
from comity.exercise.promised import PledgedLine, lines
from comity.exercise.reach import Link, Reach, Span, links, reaches, spans
from comity.exercise.rehearsal import Entry, Rehearsal
from comity.exercise.scoring import Score, score
from comity.exercise.timeline import Line, timeline

ASSUMED: Final = (
    "What members say whom nobody plays follows the script or is drawn from stated "
    "assumptions. These are assumptions of a rehearsal, not statements of governments."
)


@dataclass(frozen=True)
class AfterAction:
    """What one rehearsal showed.

    Parameters
    ----------
    charter
        In force at the end.
    spread
        How each alert and proposal reached the members.
    times
        How long it took from each shock to alert, text and position.
    certificates
        Each as a stranger reads it; only those that are proven count.
    lessons
        Markdown; `drafted` tells that nobody has edited it yet.
    sources
        Those that the timeline names, in its order.
    """

    rehearsal: Rehearsal = field(repr=False)
    charter: Charter = field(repr=False)
    timeline: tuple[Line, ...] = field(repr=False)
    spread: tuple[Reach, ...] = field(repr=False)
    links: tuple[Link, ...] = field(repr=False)
    times: tuple[Span, ...]
    brackets: tuple[Disputed, ...] = field(repr=False)
    decisions: tuple[Ruled, ...] = field(repr=False)
    woken: tuple[tuple[Woken, datetime], ...]
    pledges: tuple[PledgedLine, ...] = field(repr=False)
    tasks: tuple[Score, ...]
    certificates: tuple[tuple[str, Certified], ...] = field(repr=False)
    lessons: str = field(repr=False)
    drafted: bool
    sources: tuple[Reference, ...] = field(repr=False)

    @property
    def title(self) -> str:
        """What the report is called."""
        return f"After-action report: {self.rehearsal.scenario.title}"

    @property
    def points(self) -> tuple[int, int]:
        """How many points were reached, of how many."""
        return sum(s.points for s in self.tasks), sum(s.task.points for s in self.tasks)

    @cached_property
    def drawn(self) -> tuple[Entry, ...]:
        """What the model's players did, each with why."""
        return tuple(entry for entry in self.rehearsal.entries if entry.kind == "drawn")

    def terminal(self, width: int = 100) -> str:
        """Return the report as text for a terminal of so many columns."""
        from comity.exercise.after_action_document import after_action_document
        from comity.report.plain import plain

        return plain(after_action_document(self), width)

    def html(self) -> str:
        """Return the report as one page that needs nothing else, certificates included."""
        from comity.exercise.after_action_document import after_action_document
        from comity.report.page import page

        return page(after_action_document(self))

    def docx(self) -> bytes:
        """Return the report as a Word document; the same report is the same bytes."""
        from comity.exercise.after_action_document import after_action_document
        from comity.report.word import word

        return word(after_action_document(self))

    def json(self) -> str:
        """Return the report as JSON text."""
        return json.dumps(self.to_json(), ensure_ascii=False, indent=2) + "\n"

    def to_json(self) -> dict[str, object]:
        """Return the report with the keys documented in docs/reference/after-action.md."""
        from comity.exercise.story import story

        run, scenario = self.rehearsal, self.rehearsal.scenario
        told = story(self)
        return {
            "comity": 1,
            "exercise": True,
            "title": self.title,
            "scenario": {
                "id": scenario.id,
                "title": scenario.title,
                "summary": scenario.summary,
                "start": _spelled(scenario.start),
                "end": _spelled(scenario.end),
                "sha256": sha256(scenario.text).hexdigest() if scenario.text else None,
            },
            "seed": run.seed,
            "number": run.number,
            "people": list(run.people),
            "lost": [{"member": member, "kind": kind} for member, kind in run.lost],
            "coalition": run.coalition,
            "until": _spelled(run.until),
            "sentence": told.sentence,
            "story": list(told.items),
            "assumptions": [ASSUMED],
            "timeline": [line.to_json() for line in self.timeline],
            "times": [span.to_json() for span in self.times],
            "spread": [reach.to_json() for reach in self.spread],
            "links": [link.to_json() for link in self.links],
            "brackets": [one.to_json() for one in self.brackets],
            "decisions": [one.to_json() for one in self.decisions],
            "woken": [
                {"obligation": one.obligation, "because": one.because,
                 "proposal": one.proposal, "at": _spelled(at)}
                for one, at in self.woken
            ],
            "pledges": [line.to_json() for line in self.pledges],
            "points": self.points[0],
            "of_points": self.points[1],
            "tasks": [one.to_json() for one in self.tasks],
            "drawn": [
                {"at": _spelled(entry.at), "member": entry.who, "to": entry.id,
                 "said": entry.title, "band": entry.band, "because": list(entry.words),
                 "act": entry.act or None}
                for entry in self.drawn
            ],
            "certificates": [
                {"of": one.of, "title": title, "file": file_of(one), "proven": one.proven,
                 "refusal": one.refusal or None, "sha256": sha256(one.data).hexdigest(),
                 "certificate": one.data.decode("utf-8", "replace")}
                for title, one in self.certificates
            ],
            "lessons": {"draft": self.drafted, "text": self.lessons},
            "sources": [
                {"id": one.id, "title": one.title, "kind": one.kind, "publisher": one.publisher,
                 "where": one.where, "date": str(one.date), "note": one.note}
                for one in self.sources
            ],
        }  # fmt: skip


def after_action(rehearsal: Rehearsal, lessons: str | None = None) -> AfterAction:
    """Write the after-action report of a rehearsal.

    Parameters
    ----------
    lessons
        What those who took part made of it, as Markdown or plain text; left out,
        lessons are drafted from the record, and marked as drafts.
    """
    facts = Facts(rehearsal)
    told, spread, ruled = timeline(facts), reaches(facts), decisions(facts)
    slow, disputed, pledged = links(facts), disputes(facts), lines(facts)
    tasks = score(rehearsal, facts)
    drafted = lessons is None or not lessons.strip()
    words = (
        drafted_lessons(spread, disputed, ruled, pledged, tasks)
        if lessons is None or drafted
        else lessons.strip()
    )
    cited = dict.fromkeys(line.source for line in told if line.source)
    sources = rehearsal.scenario.sources
    return AfterAction(
        rehearsal,
        facts.charter,
        told,
        spread,
        slow,
        spans(facts, spread),
        disputed,
        ruled,
        tuple(_woken(facts)),
        pledged,
        tasks,
        tuple((_titled(facts.acts.get(name)), one) for name, one in facts.certificates.items()),
        words,
        drafted,
        tuple(sources[name] for name in cited if name in sources),
    )


def file_of(certificate: Certified) -> str:
    """Return the name of a certificate's file."""
    return f"certificate-{certificate.of[:16]}.json"


def _woken(facts: Facts) -> list[tuple[Woken, datetime]]:
    found = [(one, facts.settled_at(one.proposal)) for one in facts.cases.woken]
    return [(one, at) for one, at in found if at is not None]


def _titled(act: Act | None) -> str:
    body = act.body if act is not None else None
    return body.title if isinstance(body, Propose | Alert) else "what is not at hand"


def _spelled(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
