"""The door: one-time links, desks, and going out."""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language

from comity.web.desk import offices
from comity.web.house import the_house
from comity.web.models import Link, Person

HOURS = 12


def new_link(person: Person, *, hours: int = HOURS) -> str:
    """Make a one-time link for a person, and return its token: it is kept nowhere."""
    token = secrets.token_urlsafe(32)
    Link.objects.filter(until__lt=timezone.now()).delete()
    Link.objects.create(
        person=person, token_hash=_hash(token), until=timezone.now() + timedelta(hours=hours)
    )
    return token


def closed(request: HttpRequest) -> HttpResponse:
    """Say how one comes in."""
    return render(request, "room/door.html", {}, status=401)


@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show who a link is for; on pressing the button, use it up and sign in."""
    with transaction.atomic():
        link = Link.objects.filter(token_hash=_hash(token), until__gt=timezone.now()).first()
        if link is None:
            return render(request, "room/door.html", {"used": True}, status=401)
        if request.method == "GET":
            return render(request, "room/door.html", {"person": link.person, "token": token})
        person = link.person
        link.delete()
    request.session.flush()
    request.session["person"] = person.pk
    return redirect("now")


@require_POST
def leave(request: HttpRequest) -> HttpResponseBase:
    """Go out: the session is gone."""
    request.session.flush()
    return redirect("enter")


@require_POST
def desk(request: HttpRequest) -> HttpResponseBase:
    """Sit at another desk, or in another office of it."""
    member = request.POST.get("member", "")[:64]
    office = request.POST.get("office", "")[:64]
    held = offices(the_house(), request.desk.person, member)  # type: ignore[attr-defined]
    if not held:
        return render(
            request,
            "room/refusal.html",
            {"what": _("You may not sit at that desk"), "hint": _("Choose one from the list.")},
            status=403,
        )
    request.session["member"] = member
    request.session["office"] = office if office in held else held[0]
    return redirect("now")


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


urls = [
    path("enter", closed, name="enter"),
    path("enter/<str:token>", enter, name="enter-with"),
    path("leave", leave, name="leave"),
    path("language", require_POST(set_language), name="language"),
    path("desk", desk, name="desk"),
]
