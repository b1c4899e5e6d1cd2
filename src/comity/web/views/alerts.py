"""One alert: who has it, what its author said of it since, and the certificate of its delivery."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from comity.core.alerts import Raised
from comity.core.bodies import Alert
from comity.errors import ComityError, UsageError
from comity.node.node import Node
from comity.web.alert_page import alert_shown, gathered, thread
from comity.web.desk import Desk
from comity.web.forms import Form, refused
from comity.web.views.now import SEVERITIES


def raised_of(desk: Desk, letters: str) -> Raised:
    """Return the alert that a notice belongs to.

    Raises
    ------
    Http404
        If there is none for these eyes, or the notice has no effect.
    """
    act = desk.act(letters, "alert")
    for raised in gathered(desk, thread(desk, act)):
        if any(one.id == act.id for one in raised.notices):
            return raised
    raise Http404("there is no such alert")


@require_safe
def alert_page(request: HttpRequest, name: str) -> HttpResponse:
    """Show an alert."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    raised = raised_of(desk, name)
    shown = {
        "alert": alert_shown(desk, raised),
        "severities": SEVERITIES,
        "at": desk.house.now(),
        "back": reverse("alert-page", args=[raised.id]),
    }
    part = "room/alert_live.html" if request.headers.get("HX-Request") else "room/alert.html"
    return render(request, part, shown)


@require_POST
def change(request: HttpRequest, name: str) -> HttpResponseBase:
    """Update or cancel an own alert: first shown with its consequence, signed when confirmed."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    raised = raised_of(desk, name)
    back = reverse("alert-page", args=[raised.id])
    form = Form(request.POST)
    try:
        body = _changed(desk, raised, form)
        if request.POST.get("confirmed") != "yes":
            shown = {"raised": raised, "body": body, "organ": desk.organ_name(raised.organ)}
            return render(request, "room/alert_confirm.html", shown)

        def work(node: Node) -> None:
            # The same form sent twice is signed once, and what is cancelled stays so.
            now = raised_of(desk, raised.id)
            if now.cancelled or any(one.body == body for one in now.notices):
                return
            node.say(raised.organ, body)

        desk.do(raised.organ, work)
    except ComityError as wrong:
        return refused(request, wrong, back=back)
    return redirect(back)


def _changed(desk: Desk, raised: Raised, form: Form) -> Alert:
    if raised.member != desk.member:
        raise UsageError(
            _("the alert is %(name)s's: only who raised it changes it")
            % {"name": desk.charter.name_of(raised.member)},
            hint=_("raise one of your own; nothing was signed"),
        )
    last = raised.latest.body
    if form.one_of("type", ("update", "cancel")) == "cancel":
        return Alert(
            last.title,
            form.text("text", 4_000),
            last.severity,
            status=last.status,
            type="cancel",
            about=(raised.id,),
            case=raised.case,
            marking=last.marking,
        )
    return Alert(
        form.line("title", 200),
        form.text("text", 4_000),
        form.one_of("severity", SEVERITIES),  # type: ignore[arg-type]
        status=last.status,
        type="update",
        about=(raised.id,),
        case=raised.case,
        marking=last.marking,
    )


@require_safe
def delivery(request: HttpRequest, name: str) -> HttpResponseBase:
    """Give the certificate of who has an alert."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    act = desk.act(name, "alert")
    try:
        data = desk.node.delivery(act.id)
    except ComityError as wrong:
        return refused(request, wrong, back=reverse("now"))
    response = HttpResponse(data, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="delivery-{act.id[:12]}.json"'
    return response


urls = [
    path("alerts/<str:name>", alert_page, name="alert-page"),
    path("alerts/<str:name>/change", change, name="change-alert"),
    path("alerts/<str:name>/delivery", delivery, name="delivery"),
]
