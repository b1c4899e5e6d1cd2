"""Examine: every question with its controls; the answer first, then chart, tables, sources."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from comity.charters import names, text
from comity.core.charter import Charter
from comity.core.reading import read_charter
from comity.errors import ComityError
from comity.examine.finding import Finding
from comity.report.document import Grid, grid
from comity.report.sections import Section, sections
from comity.web.desk import Desk
from comity.web.questions import QUESTIONS, Control, Question, answer, answered, own_file

OURS = ""
"""The coalition's own charter; the shipped ones are named."""
MOST = 80
"""Characters of a choice that are looked at."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One control as a page shows it."""

    control: Control
    value: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """One finding as a page shows it."""

    finding: Finding
    charts: tuple[tuple[str, str], ...]
    grids: tuple[Grid, ...]
    sections: tuple[Section, ...]


def examine(request: HttpRequest) -> HttpResponse:
    """List the questions."""
    return render(request, "room/examine.html", {"questions": tuple(QUESTIONS.values())})


def question(request: HttpRequest, name: str) -> HttpResponse:
    """Ask a question, as its address says, and show the answer."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    asked = QUESTIONS.get(name)
    if asked is None:
        raise Http404("there is no such question")
    which, charter, file = _charter(desk, request)
    given = _given(asked, request)
    shown: list[Shown] = []
    refusal: ComityError | None = None
    if request.GET or not asked.slow:
        try:
            query = urlencode({**given, **({"charter": which} if which else {})})
            found = answer(charter, file, name, given, asker=str(desk.person.pk))
            shown = [_shown(name, query, k, one) for k, one in enumerate(found)]
        except ComityError as wrong:
            refusal = wrong
    return render(
        request,
        "room/question.html",
        {
            "asked": asked,
            "choices": [_choice(control, charter, given) for control in asked.controls],
            "charters": [(OURS, desk.charter.name), *((n, n) for n in names())],
            "which": which,
            "shown": shown,
            "refusal": refusal,
        },
        status=422 if refusal else 200,
    )


def chart(request: HttpRequest, name: str, finding: int, number: int) -> HttpResponse:
    """Draw one chart of an answer."""
    from comity.report.chart import svg

    desk: Desk = request.desk  # type: ignore[attr-defined]
    asked = QUESTIONS.get(name)
    if asked is None:
        raise Http404("there is no such question")
    _, charter, file = _charter(desk, request)
    try:
        given = _given(asked, request)
        found = answer(charter, file, name, given, asker=str(desk.person.pk))
    except ComityError:
        raise Http404("there is no such answer") from None
    if finding >= len(found) or number >= len(found[finding].charts):
        raise Http404("there is no such chart")
    return HttpResponse(svg(found[finding], number), content_type="image/svg+xml")


@dataclass(frozen=True, slots=True)
class Breaks:
    """What breaks, as far as it was asked already: the answer, and pictures of it."""

    sentence: str
    pictures: tuple[tuple[str, str], ...]


def breaks(desk: Desk) -> Breaks | None:
    """Return what would stop the coalition's obligations; None where it was not asked yet."""
    file, pictures, sentence = own_file(desk.node.under), [], ""
    for name, kind in (("cornerstones", "strip"), ("potential", "map")):
        for at, finding in enumerate(answered(file, name, {}) or ()):
            sentence = sentence or finding.sentence
            pictures += [
                (reverse("chart", args=(name, at, number)), drawn.title)
                for number, drawn in enumerate(finding.charts)
                if drawn.kind == kind
            ]
    return Breaks(sentence, tuple(pictures)) if sentence else None


def _charter(desk: Desk, request: HttpRequest) -> tuple[str, Charter, bytes]:
    which = request.GET.get("charter", OURS)[:MOST]
    if which in names():
        file = text(which)
        return which, read_charter(file), file
    under = desk.node.under
    return OURS, under.charter, own_file(under)


def _given(asked: Question, request: HttpRequest) -> dict[str, str]:
    found = {}
    for control in asked.controls:
        value = request.GET.get(control.name, "").strip()[:MOST]
        if value:
            found[control.name] = value
    return found


def _choice(control: Control, charter: Charter, given: dict[str, str]) -> Choice:
    options: tuple[tuple[str, str], ...] = ()
    if control.kind == "organ":
        options = tuple((o.id, o.name) for o in charter.organs.values())
    elif control.kind == "rule":
        options = tuple((r.id, r.title) for r in charter.rules.values())
    elif control.kind == "member":
        options = tuple((m.code, m.name) for m in charter.members.values())
    elif control.kind == "obligation":
        options = tuple((o.id, o.title) for o in charter.obligations.values())
    return Choice(control, given.get(control.name, ""), options)


def _shown(name: str, query: str, at: int, finding: Finding) -> Shown:
    charts = tuple(
        (f"{reverse('chart', args=(name, at, number))}?{query}", drawn.title)
        for number, drawn in enumerate(finding.charts)
    )
    grids = tuple(grid(table) for table in finding.tables if len(table))
    return Shown(finding, charts, grids, sections(finding))


urls = [
    path("examine", examine, name="examine"),
    path("examine/<slug:name>", question, name="question"),
    path("examine/<slug:name>/<int:finding>/<int:number>.svg", chart, name="chart"),
]
