"""Organs and members: who sits where on any day, who comes next; standings, keys, the charter."""

from __future__ import annotations

from datetime import UTC, date

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.core.acts import Act
from comity.core.bodies import Leave
from comity.core.constitution import COALITION
from comity.errors import ComityError, UsageError
from comity.node.node import Node
from comity.web.changing import CHANGES_OFFERED
from comity.web.desk import Desk
from comity.web.drafting import deciding
from comity.web.forms import Form, checked, refused
from comity.web.organ_page import OrganPage, gathered, history, keys_of, last_sure, open_changes
from comity.web.proposal_page import act_address, signs_as
from comity.web.roll import strip
from comity.web.templatetags.room import span

STALE = 3_600
"""After how many seconds a node counts as not heard from."""


def _day(desk: Desk, request: HttpRequest) -> tuple[date, ComityError | None]:
    """Return the day that is asked for; today, and the refusal, where it is none."""
    today = desk.house.now().astimezone(UTC).date()
    try:
        return Form(request.GET).day("on") or today, None
    except ComityError as wrong:
        return today, wrong


def organs(request: HttpRequest) -> HttpResponse:
    """Show all organs of the charter, and the groups."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    on, wrong = _day(desk, request)
    charter = desk.charter
    shown = {
        "on": on,
        "wrong": wrong,
        "pages": [OrganPage(desk, organ, on) for organ in charter.organs.values()],
        "groups": [
            (name, ", ".join(map(charter.name_of, codes))) for name, codes in charter.groups.items()
        ],
        "recognised": [
            (one.name, ", ".join(map(charter.name_of, one.members)), act_address(one.proposal))
            for one in gathered(desk).groups
        ],
        "deciding": deciding(desk),
    }
    return render(request, "room/organs.html", shown, status=422 if wrong else 200)


def organ(request: HttpRequest, name: str) -> HttpResponse:
    """Show one organ on a day."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    found = desk.charter.organs.get(name)
    if found is None:
        raise Http404("there is no such organ")
    on, wrong = _day(desk, request)
    shown = {"page": OrganPage(desk, found, on), "organ": found, "on": on, "wrong": wrong}
    shown["sees"] = desk.sees(found.id)
    return render(request, "room/organ.html", shown, status=422 if wrong else 200)


def members(request: HttpRequest) -> HttpResponse:
    """Show everybody: standing, offices, and when their nodes were last heard from."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    on, wrong = _day(desk, request)
    charter = desk.charter
    ages = {code: last_sure(desk, code) for code in charter.order}
    with_key = {held.member for held in desk.node.succession.current.holders.values()}
    said, details = {}, {}
    for code, age in ages.items():
        if code not in with_key:
            said[code] = "none"
        elif code == desk.member or (age is not None and age < STALE):
            said[code] = "heard"
        else:
            said[code] = "unheard"
        if age is not None and code != desk.member:
            details[code] = _("%(span)s ago") % {"span": span(int(age))}
    names = {code: charter.name_of(code) for code in charter.order}
    hrefs = {code: reverse("member", args=[code]) for code in charter.order}
    shown = {
        "on": on,
        "wrong": wrong,
        "cells": strip(charter.order, names, said, details, hrefs),
        "members": [
            (one, one.belongs(on), _offices(desk, one.code)) for one in charter.members.values()
        ],
        "participants": [(one, _offices(desk, one.code)) for one in charter.participants.values()],
        "standings": charter.standings.items(),
    }
    return render(request, "room/members.html", shown, status=422 if wrong else 200)


def _offices(desk: Desk, code: str) -> str:
    """Return the offices of a member that speak, as founded and as taken since."""
    held = desk.node.succession.current.holders.values()
    return ", ".join(dict.fromkeys(one.office for one in held if one.member == code))


def member(request: HttpRequest, code: str) -> HttpResponse:
    """Show one member: standing, seats, keys, and what was changed about it."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    charter = desk.charter
    if code not in charter.order:
        raise Http404("there is no such member")
    on = desk.house.now().astimezone(UTC).date()
    one = charter.members.get(code)
    shown = {
        "code": code,
        "member": one,
        "party": one or charter.participants[code],
        "belongs": one is None or one.belongs(on),
        "rights": charter.standings.get(one.standing, ()) if one else (),
        "sits": [
            (other, code in charter.select(("chair",), on, other))
            for other in charter.organs.values()
            if code in charter.roster(other.id, on)
        ],
        "reads": [
            other
            for other in charter.organs.values()
            if code in desk.node.under.readers(other.id, on)
            and code not in charter.roster(other.id, on)
        ],
        "groups": [name for name, codes in charter.groups.items() if code in codes],
        "recognised": [g.name for g in gathered(desk).groups if code in g.members],
        "keys": keys_of(desk, code),
        "age": None if (age := last_sure(desk, code)) is None else int(age),
        "mine": code == desk.member,
        "history": history(desk, code),
    }
    return render(request, "room/member.html", shown)


def charter(request: HttpRequest) -> HttpResponse:
    """Show the charter in force, what was changed, and how it is changed."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    node, told = desk.node, desk.charter
    succession = node.succession
    shown = {
        "charter": told,
        "founding": succession.ground.founding,
        "under": node.under,
        "current": succession.current,
        "behind": node.under.id != succession.current.id,
        "history": history(desk),
        "open": [(act, act.body.title) for act in open_changes(desk)],  # type: ignore[union-attr]
        "contested": [
            (one, [told.name_of(code) for code in one.said_yes_to_both])
            for one in succession.contested
        ],
        "changes": [
            (one, desk.organ_name(one.organ), told.rules[one.rule].title)
            for one in told.changes.values()
        ],
        "offered": [
            (name, word) for name, (word, kind) in CHANGES_OFFERED.items() if kind in told.changes
        ],
        "may_leave": desk.member in told.members,
    }
    return render(request, "room/charter.html", shown)


def charter_file(request: HttpRequest) -> HttpResponse:
    """Give the charter in force, byte for byte."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    response = HttpResponse(desk.node.under.text, content_type="application/toml")
    response["Content-Disposition"] = f'attachment; filename="{desk.charter.id}.toml"'
    return response


@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest) -> HttpResponseBase:
    """Give notice of withdrawal: write it, look at what follows, sign it."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    form, step = Form(request.POST), request.POST.get("step")
    typed = {name: str(request.POST.get(name, ""))[:8_000] for name in ("since", "text")}
    shown: dict[str, object] = {"typed": typed, "signs": signs_as(desk)}
    if step in ("look", "sign"):
        try:
            body = _notice(desk, form)
            if step == "sign":
                act = desk.do(COALITION, lambda node: _give_notice(node, body))
                return redirect("act", act.id)
            shown |= {"body": body, "readers": len(desk.node.readers().get(COALITION, ()))}
        except ComityError as wrong:
            shown["wrong"] = wrong
    if desk.member not in desk.charter.members:
        nobody = UsageError(
            _("%(name)s is no member") % {"name": desk.name},
            hint=_("members alone give notice of withdrawal"),
        )
        return refused(request, nobody, back=reverse("charter"))
    return render(request, "room/leave.html", shown, status=422 if "wrong" in shown else 200)


def _notice(desk: Desk, form: Form) -> Leave:
    since = form.day("since")
    if since is None or since <= desk.house.now().astimezone(UTC).date():
        raise UsageError(
            _("the day of leaving is not ahead"),
            hint=_("choose the first day on which you do not belong; nothing was signed"),
        )
    if desk.member not in desk.charter.members:
        raise UsageError(_("only a member leaves"), hint=_("choose another desk"))
    body = Leave(since.isoformat(), form.text("text", 4_000, empty=True))
    checked(body)
    return body


def _give_notice(node: Node, body: Leave) -> Act:
    same = (
        act
        for act in node.record.acts(organ=COALITION, member=node.member, kind="leave")
        if act.body == body
    )
    return next(same, None) or node.say(COALITION, body)


urls = [
    path("organs", organs, name="organs"),
    path("organs/<str:name>", organ, name="organ"),
    path("members", members, name="members"),
    path("members/<str:code>", member, name="member"),
    path("charter", charter, name="charter"),
    path("charter/file", charter_file, name="charter-file"),
    path("charter/leave", leave, name="leave-coalition"),
]
