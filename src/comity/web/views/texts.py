"""Texts: a document with brackets in place, and beside it a page to work on each paragraph."""

from __future__ import annotations

import re

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comity.core.bodies import Edit, OpenText
from comity.core.marking import LEVELS, Marking
from comity.errors import ComityError, UsageError
from comity.node.node import Node
from comity.web.context import address
from comity.web.desk import Desk
from comity.web.editing import sign
from comity.web.forms import Form, refused
from comity.web.shelf import on_shelf
from comity.web.text_page import cells, history, noted, place_of, sentence, text_of

MOST_PARAGRAPHS = 200


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Show the texts that this desk sees, what changed last first."""
    return _list(request)


def _list(
    request: HttpRequest, wrong: ComityError | None = None, status: int = 200
) -> HttpResponse:
    desk: Desk = request.desk  # type: ignore[attr-defined]
    shown = {
        "texts": [(one, one.what, desk.organ_name(one.organ)) for one in on_shelf(desk)],
        "organs": [(organ, desk.organ_name(organ)) for organ in desk.organs],
        "levels": LEVELS,
        "wrong": wrong,
        "typed": request.POST if request.method == "POST" else request.GET,
    }
    part = "room/texts_list.html" if request.headers.get("HX-Request") else "room/texts.html"
    return render(request, part, shown, status=status)


@require_POST
def open_text(request: HttpRequest) -> HttpResponseBase:
    """Open a text; the same one sent twice is opened once."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    form = Form(request.POST)
    try:
        organ = form.one_of("organ", desk.organs)
        blocks = re.split(r"\n[^\S\n]*\n", form.text("paragraphs", 120_000))
        paragraphs = tuple(told for told in (block.strip() for block in blocks) if told)
        if len(paragraphs) > MOST_PARAGRAPHS:
            raise UsageError(
                _("a text begins with at most %(most)s paragraphs") % {"most": MOST_PARAGRAPHS},
                hint=_("put further ones in afterwards; nothing was signed"),
            )
        for number, words in enumerate(paragraphs, 1):
            if len(words) > 4_000:
                raise UsageError(
                    _("paragraph %(n)s is longer than 4,000 characters") % {"n": number},
                    hint=_("divide it by a blank line; nothing was signed"),
                )
        level = form.one_of("level", ("", *LEVELS))
        body = Edit(
            OpenText(form.line("title", 200), paragraphs),
            case=form.name("case"),
            marking=Marking(level) if level else None,
        )

        def work(node: Node) -> str:
            for act in node.record.acts(organ=organ, member=desk.member, kind="edit"):
                if act.body == body:
                    return act.id
            return node.say(organ, body).id

        made = desk.do(organ, work)
    except ComityError as wrong:
        return _list(request, wrong, 422)
    return redirect("text", made)


@require_safe
def text(request: HttpRequest, name: str) -> HttpResponse:
    """Show a text as a document; on request its clean text, or why there is none yet."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    found = text_of(desk, name)
    decided = noted(desk, found)
    shown = {
        "text": found,
        "places": [place_of(desk, one) for one in found.paragraphs],
        "organ": desk.organ_name(found.organ),
        "by": desk.charter.name_of(found.member),
        "clean": request.GET.get("clean") == "1",
        "history": history(found),
        "noted": decided,
        "notes": any(one.notes for one in decided),
        "cells": cells(desk, found),
        "sentence": sentence(found),
        "propose": address("propose") or address("proposals"),
        "at": desk.house.now(),
    }
    part = "room/text_live.html" if request.headers.get("HX-Request") else "room/text.html"
    return render(request, part, shown)


@require_http_methods(["GET", "HEAD"])
def paragraph(request: HttpRequest, name: str, of: str) -> HttpResponse:
    """Show one paragraph, and all that can be done with it."""
    return _paragraph(request, name, of)


def _paragraph(
    request: HttpRequest, name: str, of: str, wrong: ComityError | None = None, status: int = 200
) -> HttpResponse:
    desk: Desk = request.desk  # type: ignore[attr-defined]
    found = text_of(desk, name)
    one = found.paragraph(of)
    if one is None:
        raise Http404("there is no such paragraph")
    place = place_of(desk, one)
    typed = request.POST if wrong else {}
    # A page that is shown again after a refusal keeps the versions that it was made on.
    known = {v.id: v for v in (*one.standing, *one.replaced)}
    asked = request.POST.getlist("on") if wrong else request.GET.getlist("on")
    on = tuple(dict.fromkeys(v for v in asked if v in known)) or place.on
    shown = {
        "text": found,
        "place": place,
        "on": on,
        "later": [
            desk.charter.name_of(v.member)
            for v in one.standing
            if v.id not in on and v.member != desk.member
        ],
        "words": typed.get("words", place.prefilled)
        if typed.get("deed") == "write"
        else place.prefilled,
        "is_first": found.paragraphs[0].name == one.name,
        "wrong": wrong,
        "typed": typed,
        "organ": desk.organ_name(found.organ),
    }
    live = request.method != "POST" and request.headers.get("HX-Request")
    part = "room/text_paragraph_live.html" if live else "room/text_paragraph.html"
    return render(request, part, shown, status=status)


@require_POST
def edit(request: HttpRequest, name: str) -> HttpResponseBase:
    """Sign one edit of a text."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    found = text_of(desk, name)
    form = Form(request.POST)
    one = found.paragraph(str(request.POST.get("paragraph", "")))
    back = reverse("text", args=[found.id])
    if one is None:
        wrong = UsageError(
            _("the text has no such paragraph"), hint=_("load the page again; nothing was signed")
        )
        return refused(request, wrong, back=back)
    of = one.name
    try:
        sign(desk, found, of, form)
    except ComityError as wrong:
        return _paragraph(request, found.id, of, wrong, 422)
    return redirect(f"{back}#p-{of[:12]}")


urls = [
    path("texts", listed, name="texts"),
    path("texts/open", open_text, name="open-text"),
    path("texts/<str:name>", text, name="text"),
    path("texts/<str:name>/edit", edit, name="edit-text"),
    path("texts/<str:name>/paragraphs/<str:of>", paragraph, name="paragraph"),
]
