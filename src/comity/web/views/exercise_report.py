"""What an exercise leaves: the after-action report, what was assumed, and again without each."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comity.errors import ComityError
from comity.exercise.after_action_document import after_action_document
from comity.exercise.players import ASSUMED, assumptions
from comity.web.document_page import shown
from comity.web.exercise_again import KINDS, table
from comity.web.exercising import ExerciseHouse
from comity.web.forms import Form, refused
from comity.web.views.exercise import directing

FILES = {
    "html": "text/html; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "json": "application/json",
}


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponseBase:
    """Show the after-action report as far as it has come; take in the lessons."""
    _desk, house = directing(request)
    if request.method == "POST":
        try:
            house.write_lessons(Form(request.POST).text("lessons", 20_000, empty=True))
        except ComityError as wrong:
            return refused(request, wrong, back=reverse("exercise-report"))
        return redirect("exercise-report")
    found = house.report()
    document = after_action_document(found)
    return render(
        request,
        "room/exercise_report.html",
        {
            "document": document,
            "blocks": shown(document),
            "notes": document.ordered_notes(),
            "over": house.over,
            "at": house.now(),
            "lessons": house.lessons,
        },
    )


@require_safe
def report_file(request: HttpRequest, kind: str) -> HttpResponse:
    """Give the report as a file that stands alone."""
    _desk, house = directing(request)
    if kind not in FILES:
        raise Http404("there is no such file")
    found = house.report()
    data = {"html": found.html, "docx": found.docx, "json": found.json}[kind]()
    response = HttpResponse(data, content_type=FILES[kind])
    name = f"after-action-{house.run.scenario.id}-{house.run.number}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@dataclass(frozen=True, slots=True)
class Assumed:
    """What is assumed of one member."""

    code: str
    name: str
    lines: tuple[str, ...]
    person: bool
    open: bool
    follows: str


@require_safe
def players(request: HttpRequest) -> HttpResponse:
    """Show what is assumed of each member, and who plays it."""
    desk, house = directing(request)
    run, asked = house.run, request.GET.get("member", "")[:64]
    members = []
    for code in run.scenario.charter.members:
        person = code in run.people
        follows = (
            _("From now on the script makes its moves, and the model answers for it.")
            if person
            else _("From now on nothing is said for it; what the script expects is shown there.")
        )
        lines = assumptions(run.scenario, code)
        name = desk.charter.name_of(code)
        members.append(Assumed(code, name, lines, person, code == asked, follows))
    shown = {"members": members, "assumed": ASSUMED}
    return render(request, "room/exercise_players.html", shown)


@require_POST
def seat(request: HttpRequest) -> HttpResponseBase:
    """Let a person play a member, or leave it to script and model."""
    _desk, house = directing(request)
    form = Form(request.POST)
    try:
        member = form.one_of("member", tuple(house.run.scenario.charter.members))
        house.seat(member, person=form.one_of("deed", ("sit", "leave")) == "sit")
    except ComityError as wrong:
        return refused(request, wrong, back=reverse("exercise-players"))
    return redirect(f"{reverse('exercise-players')}?member={member}")


@require_http_methods(["GET", "HEAD", "POST"])
def again(request: HttpRequest) -> HttpResponseBase:
    """Count what was decided again without each member; show what came of it."""
    desk, house = directing(request)
    if request.method == "POST":
        house.again.begin(house)
        return redirect("exercise-again")
    kind = request.GET.get("kind", "silent")
    kind = kind if kind in KINDS else "silent"
    shown = {
        "kind": kind,
        "kinds": tuple(KINDS.items()),
        "working": house.again.working,
        "wrong": house.again.wrong,
        "table": table(desk, house.again.found, kind),
        "command": command(house),
    }
    return render(request, "room/exercise_again.html", shown)


def command(house: ExerciseHouse) -> str:
    """Return the command that plays the whole exercise again without each member."""
    return f"comity exercise run {house.run.scenario.id} --n-minus-1"


urls = [
    path("exercise/report", report, name="exercise-report"),
    path("exercise/report.<slug:kind>", report_file, name="exercise-report-file"),
    path("exercise/players", players, name="exercise-players"),
    path("exercise/seat", seat, name="exercise-seat"),
    path("exercise/again", again, name="exercise-again"),
]
