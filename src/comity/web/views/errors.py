"""Refusals in words: what happened, why, and the next step. Never what is hidden."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def not_there(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that there is no such page, or none for these eyes: the same words for both."""
    return _told(
        request,
        404,
        _("There is no such page at this desk"),
        _("It may be at another desk or office, or the address may be wrong. Begin at Now."),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that something may not be done."""
    return _told(
        request, 403, _("That cannot be done from this desk"), _("Choose another desk or office.")
    )


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form did not come from a page of this room."""
    return _told(
        request,
        403,
        _("The form is too old, or did not come from this room"),
        _("Nothing was signed. Go back, load the page again, and repeat it."),
    )


def not_understood(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that a request could not be read."""
    return _told(
        request,
        400,
        _("The request could not be read"),
        _("Nothing was signed. Go back, load the page again, and repeat it."),
    )


def broken(request: HttpRequest) -> HttpResponse:
    """Say that something failed here."""
    return _told(
        request,
        500,
        _("Something failed in this room"),
        _("What was acknowledged before is kept. Load the page again; if it stays, see the log."),
    )


def _told(request: HttpRequest, status: int, what: str, hint: str) -> HttpResponse:
    return render(request, "room/refusal.html", {"what": what, "hint": hint}, status=status)
