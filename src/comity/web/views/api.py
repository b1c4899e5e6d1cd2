"""The API's addresses, and the page where a person makes and revokes tokens for a desk."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST

from comity.errors import ComityError
from comity.web import tokens as kept
from comity.web.api.door import openapi, unknown, views
from comity.web.desk import Desk
from comity.web.forms import Form, refused
from comity.web.proposal_page import signs_as


@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """Show this person's tokens at this desk; make one, which is shown this once."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    made, wrong, label = "", None, ""
    if request.method == "POST":
        try:
            label = Form(request.POST).line("label", 80)
            made = kept.make(desk, label)
        except ComityError as refusal:
            wrong = refusal
    shown = {
        "tokens": kept.own(desk),
        "made": made,
        "label": label,
        "wrong": wrong,
        "signs": signs_as(desk),
        "most": kept.MOST,
        "api": reverse("openapi"),
    }
    return render(request, "room/tokens.html", shown, status=422 if wrong else 200)


@require_POST
def revoke(request: HttpRequest, number: str) -> HttpResponseBase:
    """Let a token be good no more."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    try:
        kept.revoke(desk, number)
    except ComityError as wrong:
        return refused(request, wrong, back=reverse("tokens"))
    return redirect("tokens")


urls = [
    path("tokens", tokens, name="tokens"),
    path("tokens/<str:number>/revoke", revoke, name="revoke-token"),
    path("api/openapi.json", openapi, name="openapi"),
    *(
        path(
            address.lstrip("/").replace("{id}", "<str:id>").replace("{name}", "<str:name>"),
            view,
            name=name,
        )
        for address, (name, view) in views().items()
    ),
    path("api/<path:rest>", unknown, name="api-unknown"),
]
