"""Verify: a certificate is read here as a stranger would, against a fingerprint that is given."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.core.attestations import Delivery, Shown
from comity.core.attestations import verify as verified
from comity.core.certificate import MAX_CERTIFICATE, Verdict
from comity.errors import ComityError, UsageError
from comity.web.answers import OUTCOMES
from comity.web.desk import Desk
from comity.web.forms import Form

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Found:
    """What a certificate shows, in words.

    Parameters
    ----------
    sentence
        Proven or not, and what.
    lines
        All that it shows; what belongs to the line before is indented.
    """

    sentence: str
    proven: bool
    exercise: bool
    lines: tuple[tuple[bool, str], ...]


@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Take a certificate, and say what it shows."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    found: Found | None = None
    wrong: ComityError | None = None
    fingerprint = desk.node.coalition
    if request.method == "POST":
        fingerprint = str(request.POST.get("fingerprint", ""))[:200]
        try:
            found = _found(_file(request), _fingerprint(request))
        except ComityError as refusal:
            wrong = refusal
    shown = {
        "found": found,
        "wrong": wrong,
        "fingerprint": fingerprint,
        "ours": desk.node.coalition,
        "most": MAX_CERTIFICATE // 1_048_576,
    }
    return render(request, "room/verify.html", shown, status=422 if wrong else 200)


def _file(request: HttpRequest) -> bytes:
    sent = request.FILES.get("certificate")
    if sent is None or isinstance(sent, list) or sent.size is None:
        raise UsageError(
            _("no file was sent"), hint=_("choose a certificate: a file that ends in .json")
        )
    if sent.size > MAX_CERTIFICATE:
        raise UsageError(
            _("the file has more than %(most)d MB") % {"most": MAX_CERTIFICATE // 1_048_576},
            hint=_("no certificate is so large: choose another file"),
        )
    return bytes(sent.read())


def _fingerprint(request: HttpRequest) -> str:
    told = "".join(Form(request.POST).line("fingerprint", 200).lower().split())
    if not _FINGERPRINT.fullmatch(told):
        raise UsageError(
            _("a fingerprint has 64 digits from 0 to 9 and a to f"),
            hint=_("take it from somewhere you trust, and not from whoever sent the file"),
        )
    return told


def _found(data: bytes, fingerprint: str) -> Found:
    shown = verified(data, fingerprint)
    lines = tuple((line.startswith("  "), line.strip()) for line in shown.lines())
    return Found(_sentence(shown), shown.proven, shown.exercise, lines)


def _sentence(shown: Shown) -> str:
    if isinstance(shown, Verdict):
        words = {"title": shown.standing.pinned.body.title, "outcome": OUTCOMES[shown.outcome]}
        if shown.proven:
            return _("Proven: “%(title)s” ended %(outcome)s, and nothing can change it.") % words
        return _("Not proven: “%(title)s” is %(outcome)s by what the file holds.") % words
    if isinstance(shown, Delivery):
        title = getattr(shown.alert.body, "title", "")
        return _("Proven: %(n)d signed that they have the alert “%(title)s”.") % {
            "n": len(shown.since),
            "title": title,
        }
    return _("Proven: %(who)s signed two things that exclude each other.") % {
        "who": shown.under.charter.name_of(shown.one.member)
    }


urls = [path("verify", verify, name="verify")]
