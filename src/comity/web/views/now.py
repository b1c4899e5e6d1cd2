"""Now: what needs this desk, by the time left; raising an alert, and its receipt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from comity.core.bodies import Alert, Propose, Receipt
from comity.core.proposals import Standing
from comity.core.strict import spelled
from comity.errors import ComityError
from comity.web import threads
from comity.web.desk import Desk
from comity.web.forms import Form, refused, way_back
from comity.web.shelf import on_shelf
from comity.web.unconfirmed import unconfirmed
from comity.web.views.examine import breaks
from comity.web.zones import zone_of

AGAIN = timedelta(minutes=10)
"""How long the same alert by the same member is taken for a button pressed twice."""
SEVERITIES = ("extreme", "severe", "moderate", "minor", "unknown")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that needs this desk.

    Parameters
    ----------
    until
        By when; None for what has no clock.
    since
        When it was said, where that matters more.
    wants
        What it wants of this desk, as a verb with its object.
    """

    kind: Literal["alert", "proposal", "text", "talk"]
    title: str
    who: str
    organ: str
    wants: str
    href: str
    until: datetime | None = None
    severity: str = ""
    receipt: str = ""
    since: str = ""


def waiting(desk: Desk) -> list[Waiting]:
    """Return what needs a desk: alerts first, then by the time left."""
    found = [*_alerts(desk), *_proposals(desk), *_brackets(desk), *_mentions(desk)]
    later = datetime.max.replace(tzinfo=desk.house.now().tzinfo)
    return sorted(found, key=lambda w: (w.kind != "alert", w.until or later, w.title))


def _alerts(desk: Desk) -> list[Waiting]:
    found = []
    for act in unconfirmed(desk.node, desk.organs):
        body = act.body
        assert isinstance(body, Alert)
        found.append(
            Waiting(
                "alert",
                body.title,
                desk.charter.name_of(act.member),
                desk.organ_name(act.header.organ),
                _("Confirm that you have it"),
                reverse("alert-page", args=[act.id]),
                severity=body.severity,
                receipt=act.id,
                since=act.header.instant,
            )
        )
    return found


def _proposals(desk: Desk) -> list[Waiting]:
    found = []
    for organ in desk.organs:
        for act in desk.node.record.unsettled(organ=organ):
            standing = desk.node.standing(act.id)
            body = act.body
            assert isinstance(body, Propose)
            if not isinstance(standing, Standing) or desk.member not in standing.pinned.roster:
                continue
            if any(s.member == desk.member for s in standing.closings):
                continue
            said = any(s.member == desk.member for s in standing.stances)
            found.append(
                Waiting(
                    "proposal",
                    body.title,
                    desk.charter.name_of(act.member),
                    desk.organ_name(organ),
                    _("Answered; closes by itself") if said else _("Answer"),
                    reverse("proposal", args=[act.id]),
                    until=standing.pinned.expires,
                )
            )
    return found


def _brackets(desk: Desk) -> list[Waiting]:
    """Return the texts in which an open bracket wants something of this member."""
    found = []
    for text in on_shelf(desk):
        if desk.member in text.offered:
            wants = _("Accept the offer, or keep your bracket")
        elif desk.member in text.quoted:
            wants = _("Look at the bracket around your words")
        else:
            continue
        found.append(
            Waiting(
                "text",
                text.title,
                desk.charter.name_of(text.last.member),
                desk.organ_name(text.organ),
                wants,
                reverse("text", args=[text.id]),
            )
        )
    return found


def _mentions(desk: Desk) -> list[Waiting]:
    return [
        Waiting(
            "talk",
            _("You are called in %(thread)s") % {"thread": thread.title},
            desk.charter.name_of(kept.message.member),
            desk.organ_name(thread.organ),
            _("Read the talk"),
            reverse("thread", args=[thread.id]),
        )
        for thread, kept in threads.mentions(desk)
    ]


def now(request: HttpRequest) -> HttpResponse:
    """Show what needs this desk."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    found = waiting(desk)
    heard = () if found else desk.acts("alert")  # of use where nothing waits, and long to read
    shown = {
        "waiting": found,
        "last_alert": max(heard, key=lambda act: act.header.instant, default=None),
        "severities": SEVERITIES,
        "organs": [(organ, desk.organ_name(organ)) for organ in desk.organs],
        "breaks": breaks(desk),
        "case": request.GET.get("case", "")[:64],
        "at": desk.house.now(),
        "zone": zone_of(request),
    }
    part = "room/now_list.html" if request.headers.get("HX-Request") else "room/now.html"
    return render(request, part, shown)


@require_POST
def alert(request: HttpRequest) -> HttpResponseBase:
    """Raise an alert."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    form = Form(request.POST)
    try:
        organ = form.one_of("organ", desk.organs)
        body = Alert(
            form.line("title", 200),
            form.text("text", 4_000),
            form.one_of("severity", SEVERITIES),  # type: ignore[arg-type]
            status="exercise" if desk.node.exercise else "actual",
            case=form.name("case"),
        )
        if not _said_already(desk, organ, body):
            desk.do(organ, lambda node: node.say(organ, body))
    except ComityError as wrong:
        return refused(request, wrong, back=reverse("now"))
    return redirect("now")


def _said_already(desk: Desk, organ: str, body: Alert) -> bool:
    """Tell whether this member raised just this alert a moment ago: a button pressed twice."""
    since = spelled(desk.house.now() - AGAIN)
    return any(
        act.member == desk.member and act.body == body and act.header.instant >= since
        for act in desk.acts("alert", organ=organ)
    )


@require_POST
def receipt(request: HttpRequest, name: str) -> HttpResponseBase:
    """Confirm that this member has an alert; doing so twice is no harm."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    act = desk.act(name, "alert")
    if not any(r.member == desk.member for r in desk.about(act.id, kind="receipt")):
        opened = desk.node.opened_at(act.id) or spelled(desk.house.now())
        try:
            desk.do(
                act.header.organ,
                lambda node: node.say(act.header.organ, Receipt(act.id, opened)),
            )
        except ComityError as wrong:
            return refused(request, wrong, back=reverse("now"))
    return redirect(way_back(request, reverse("now")))


urls = [
    path("", now, name="now"),
    path("alert", alert, name="alert"),
    path("receipt/<str:name>", receipt, name="receipt"),
]
