"""The exercise: its clock, what has happened and why, what is coming, and going back.

Whoever may sit at every desk runs it. Whoever holds one desk sees the clock, what came
from outside and its own tasks; everything else is answered as if it were not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comity.errors import ComityError, UsageError
from comity.exercise.players import ASSUMED
from comity.exercise.scenario import Event, When
from comity.web.desk import Desk
from comity.web.exercise_page import (
    BANDS,
    EVENTS,
    LOSSES,
    Line,
    chosen_members,
    coming,
    entry_line,
    news,
    prompts,
    source_of,
    timeline,
    when_words,
)
from comity.web.exercise_tasks import score_words, scored
from comity.web.exercising import ExerciseHouse, charter_for, directs, exercise_of
from comity.web.forms import Form, refused, way_back
from comity.web.views.now import waiting

MOST = 60
"""Lines of the timeline that a page shows at first."""
PACES = (1, 10, 60, 100, 600, 3_600)
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?", re.ASCII)
BEFALLS = ("loss", "return", "node down", "node up", "delay")
"""Events that befall members."""
DEEDS = ("pause", "run", "pace", "step", "end")


def here(request: HttpRequest) -> tuple[Desk, ExerciseHouse]:
    """Return the desk and the exercise that it is in.

    Raises
    ------
    Http404
        If this room plays none.
    """
    desk: Desk = request.desk  # type: ignore[attr-defined]
    house = exercise_of(desk)
    if house is None:
        raise Http404("no exercise is played here")
    return desk, house


def directing(request: HttpRequest) -> tuple[Desk, ExerciseHouse]:
    """Return the desk and the exercise of somebody who runs it.

    Raises
    ------
    Http404
        If this room plays none, or this person does not run it: the same answer.
    """
    desk, house = here(request)
    if not directs(desk):
        raise Http404("no exercise is run from here")
    return desk, house


@require_safe
def exercise(request: HttpRequest) -> HttpResponse:
    """Show the exercise: all of it to whoever runs it, what is public to the others."""
    desk, house = here(request)
    run, may = house.run, directs(desk)
    every = request.GET.get("all") == "1"
    lines = timeline(desk, house) if may else news_lines(house)
    shown: dict[str, object] = {
        "scenario": run.scenario,
        "role": next((role for role in run.scenario.roles if role.member == desk.member), None),
        "directs": may,
        "lines": lines if every else lines[:MOST],
        "more": len(lines) > MOST and not every,
        "all": every,
        "prompts": prompts(desk, house),
    }
    if request.headers.get("HX-Request"):
        return render(request, "room/exercise_live.html", shown)
    tasks = scored(desk, house)
    shown |= {
        "before": [
            {
                "days": ", ".join(day.isoformat() for day in one.on),
                "title": one.title,
                "parties": ", ".join((*map(desk.charter.name_of, one.parties), *one.groups)),
                "source": source_of(run.scenario, one.source),
            }
            for one in run.scenario.before
        ],
        "tasks": tasks,
        "score": score_words(tasks) if may else "",
    }
    if may:
        shown |= controls(desk, house)
    return render(request, "room/exercise.html", shown)


def news_lines(house: ExerciseHouse) -> list[Line]:
    """Return what everybody hears of, as lines of the timeline."""
    return [
        Line(one.at, number, one.kind, "", one.title, one.words, source=one.source, tone="outside")
        for number, one in enumerate(news(house))
    ]


def controls(desk: Desk, house: ExerciseHouse) -> dict[str, object]:
    """Return what whoever runs the exercise can do beside its timeline."""
    return {
        "moving": house.moving or house.hurries,
        "over": house.over,
        "pace": house.pace,
        "paces": sorted({*PACES, house.pace}),
        "coming": coming(house),
        "new_event": {"kind": "news", "members": ()},
        "start": f"{house.run.scenario.start:%Y-%m-%dT%H:%M}",
        "now_local": f"{house.now():%Y-%m-%dT%H:%M}",
        **event_choices(desk),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def clock(request: HttpRequest) -> HttpResponseBase:
    """Say what the clock shows; let whoever runs the exercise set it going, or let it stand."""
    if request.method != "POST":
        here(request)
        return render(request, "room/exercise_clock.html")
    desk, house = directing(request)
    back = way_back(request, reverse("exercise"))
    form = Form(request.POST)
    try:
        deed = form.one_of("deed", DEEDS)
        if deed == "pause":
            house.pause()
        elif deed == "run":
            house.run_on()
        elif deed == "pace":
            house.set_pace(form.whole("pace", 1, 100_000))
        elif deed == "end":
            house.run_until(lambda: False)
        else:
            house.run_until(concerned(desk, house))
    except ComityError as wrong:
        return refused(request, wrong, back=back)
    return redirect(back)


def concerned(desk: Desk, house: ExerciseHouse) -> Callable[[], bool]:
    """Return what tells whether something new concerns a desk, compared with now."""

    def seen() -> set[tuple[str, str]]:
        return {
            *((one.href, one.wants) for one in waiting(desk)),
            *(("script", one.id) for one in prompts(desk, house)),
            *(("news", one.title) for one in news(house)),
        }

    before = seen()
    return lambda: not seen() <= before


@require_safe
def why(request: HttpRequest, name: str) -> HttpResponse:
    """Say why a player of the model did what it did, by its line in the journal or its act."""
    desk, house = directing(request)
    number = journal_number(house, name)
    entry = house.entries[number]
    if entry.kind != "drawn":
        raise Http404("no player of the model did this")
    line = entry_line(desk, house, number)
    shown = {
        "line": line,
        "heading": _("Why %(who)s did so: %(what)s") % {"who": line.who, "what": line.title},
        "band": BANDS[entry.band] if entry.band else "",
        "because": entry.words,
        "assumed": ASSUMED,
    }
    return render(request, "room/exercise_why.html", shown)


def journal_number(house: ExerciseHouse, name: str) -> int:
    """Return the place in the journal of a line (`n12`), or of what an act's id names.

    Raises
    ------
    Http404
        If there is none.
    """
    entries = house.entries
    if re.fullmatch(r"n\d{1,6}", name, re.ASCII) and int(name[1:]) < len(entries):
        return int(name[1:])
    if re.fullmatch(r"[0-9a-f]{64}", name):
        for number, entry in enumerate(entries):
            if entry.act == name:
                return number
    raise Http404("there is no such line")


# What whoever runs it puts in, changes, and goes back to.


@require_http_methods(["GET", "HEAD", "POST"])
def put_in(request: HttpRequest) -> HttpResponseBase:
    """Put an event in by hand."""
    desk, house = directing(request)
    typed = typed_event(request)
    wrong: ComityError | None = None
    if request.method == "POST":
        try:
            form = Form(request.POST)
            kind = form.one_of("kind", tuple(EVENTS))
            event = event_read(desk, house, form, kind, house.new_name())
            house.put_in(event)
            return redirect("exercise")
        except ComityError as refusal:
            wrong = refusal
    shown = event_choices(desk) | {"typed": typed, "wrong": wrong}
    return render(request, "room/exercise_change.html", shown, status=422 if wrong else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, name: str) -> HttpResponseBase:
    """Change an event that is coming."""
    desk, house = directing(request)
    found = next((one for one in coming(house) if one.event.id == name), None)
    if found is None:
        raise Http404("no such event is coming")
    event, wrong, typed = found.event, None, typed_of(found.event, house)
    if request.method == "POST":
        typed = typed_event(request) | {"follows": typed["follows"]}
        try:
            house.change(event_read(desk, house, Form(request.POST), event.kind, name, event))
            return redirect("exercise")
        except ComityError as refusal:
            wrong = refusal
    shown = event_choices(desk) | {
        "typed": typed,
        "wrong": wrong,
        "event": event,
        "changes": name,
        "kind": found.kind,
        "when": found.when,
        "source": source_of(house.run.scenario, event.source),
    }
    return render(request, "room/exercise_change.html", shown, status=422 if wrong else 200)


def event_choices(desk: Desk) -> dict[str, object]:
    """Return what the form of an event offers."""
    return {
        "event_kinds": tuple(EVENTS.items()),
        "losses": tuple(LOSSES.items()),
        "members": [(code, desk.charter.name_of(code)) for code in desk.charter.members],
    }


def typed_event(request: HttpRequest) -> dict[str, object]:
    """Return what was typed into the form of an event, to be shown again."""
    fields = ("kind", "title", "text", "at", "loss", "minutes", "source")
    typed: dict[str, object] = {name: request.POST.get(name, "")[:4_000] for name in fields}
    return typed | {"members": request.POST.getlist("members")[:100]}


def typed_of(event: Event, house: ExerciseHouse) -> dict[str, object]:
    """Return an event as the form shows it."""
    return {
        "title": event.title,
        "text": event.text,
        "at": f"{event.when.at:%Y-%m-%dT%H:%M}" if event.when.at else "",
        "loss": event.loss or "",
        "minutes": str(event.minutes) if event.minutes else "",
        "members": event.members,
        "follows": ""
        if event.when.at
        else _("Left empty, it follows: %(when)s.")
        % {"when": when_words(house.run.scenario, event.when)},
    }


def event_read(
    desk: Desk,
    house: ExerciseHouse,
    form: Form,
    kind: str,
    name: str,
    before: Event | None = None,
) -> Event:
    """Read an event from a form.

    Raises
    ------
    UsageError
        If something in it cannot be, with the next step.
    """
    told = form.line("at", 40, empty=True)
    when = before.when if before is not None else When(house.now())
    if told:
        when = When(instant_of(told))
    if when.at is not None and not house.now() <= when.at <= house.run.scenario.end:
        raise UsageError(
            _("%(at)s is not ahead of the clock, or is after the end")
            % {"at": f"{when.at:%Y-%m-%d %H:%M}"},
            hint=_("choose an instant from %(now)s to %(end)s")
            % {
                "now": f"{house.now():%Y-%m-%d %H:%M}",
                "end": f"{house.run.scenario.end:%Y-%m-%d %H:%M}",
            },
        )
    befalls = kind in BEFALLS
    members = chosen_members(desk, form.fields.getlist("members"))
    if befalls and not members:
        raise UsageError(_("this befalls nobody"), hint=_("choose the members whom it befalls"))
    loss = form.one_of("loss", tuple(LOSSES)) if kind == "loss" else None
    return Event(
        name,
        kind,  # type: ignore[arg-type]
        when,
        form.line("title", 200),
        form.text("text", 4_000, empty=True),
        before.source if before is not None else form.line("source", 200, empty=True),
        before.parties if before is not None else (),
        before.on if before is not None else (),
        members if befalls else (),
        loss,  # type: ignore[arg-type]
        form.whole("minutes", 0, 10_080) if kind == "delay" else 0,
    )


def instant_of(told: str) -> datetime:
    """Read an instant as a browser's field of date and time writes it, in UTC.

    Raises
    ------
    UsageError
        If it is none.
    """
    if INSTANT.fullmatch(told):
        try:
            return datetime.fromisoformat(told).replace(tzinfo=UTC)
        except ValueError:
            pass
    raise UsageError(
        _("'%(told)s' is no instant") % {"told": told[:40]},
        hint=_("write it as 2026-01-17T13:31"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def back(request: HttpRequest) -> HttpResponseBase:
    """Go back to an instant: first what follows from it, then a new run."""
    _desk, house = directing(request)
    told = (request.POST if request.method == "POST" else request.GET).get("to", "")[:40]
    try:
        to = instant_of(told)
        house.check_back(to)
        if request.method == "POST":
            house.go_back(to)
            return redirect("exercise")
    except ComityError as wrong:
        return refused(request, wrong, back=reverse("exercise"))
    shown = {
        "to": to,
        "number": house.run.number + 1,
        "undone": sum(1 for entry in house.entries if entry.at >= to),
    }
    return render(request, "room/exercise_back.html", shown)


@require_POST
def script(request: HttpRequest, name: str) -> HttpResponseBase:
    """Do for a desk what the script expects of it."""
    desk, house = directing(request)
    if name not in {one.id for one in prompts(desk, house)}:
        raise Http404("the script expects no such thing of this desk")
    try:
        house.do_script(name)
    except ComityError as wrong:
        return refused(request, wrong, back=reverse("exercise"))
    return redirect(way_back(request, reverse("exercise")))


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponseBase:
    """Leave the exercise for a real, empty coalition of the same charter."""
    _desk, house = directing(request)
    if request.method == "POST":
        try:
            house.leave()
        except ComityError as wrong:
            return refused(request, wrong, back=reverse("exercise"))
        return redirect("now")
    shown = {
        "name": charter_for(house.run.scenario)[0],
        "back_command": house.back_command,
        "there_command": house.there_command,
    }
    return render(request, "room/exercise_leave.html", shown)


urls = [
    path("exercise", exercise, name="exercise"),
    path("exercise/clock", clock, name="exercise-clock"),
    path("exercise/event", put_in, name="exercise-event"),
    path("exercise/coming/<slug:name>", change, name="exercise-change"),
    path("exercise/why/<slug:name>", why, name="exercise-why"),
    path("exercise/back", back, name="exercise-back"),
    path("exercise/script/<slug:name>", script, name="exercise-script"),
    path("exercise/leave", leave, name="exercise-leave"),
]
