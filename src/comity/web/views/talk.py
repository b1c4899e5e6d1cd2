"""Talk: threads of organs and of named groups. Lighter than acts; each day says when it is gone."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comity.errors import ComityError, UsageError
from comity.node.talk import MOST, Kept, group_id
from comity.web import threads
from comity.web.context import address
from comity.web.desk import Desk
from comity.web.forms import Form, refused
from comity.web.threads import Thread

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A message as a page shows it.

    Parameters
    ----------
    pieces
        Its words, each piece with the member that it calls.
    called
        Whether it calls this desk's member.
    own
        Whether this person may delete it.
    """

    kept: Kept
    name: str
    office: str
    pieces: tuple[tuple[str, str], ...]
    called: bool
    own: bool
    new: bool


@dataclass(frozen=True, slots=True)
class Day:
    """What was said on one day in UTC, and when it is gone."""

    day: date
    gone: str
    lines: tuple[Line, ...]


def gone_on(until: date, today: date) -> str:
    """Say when something is gone: the weekday within a week, else the date."""
    if (until - today).days <= 1:
        return _("gone at midnight UTC")
    form = "l" if (until - today).days < 7 else "l j F"
    return _("gone on %(day)s") % {"day": formats.date_format(until, form)}


def days_of(desk: Desk, kept: Sequence[Kept], since: int) -> list[Day]:
    """Return messages by day, as a desk sees them; those after `since` are new."""
    today = desk.house.now().date()
    return [
        Day(day, gone_on(same[0].until, today), tuple(_line(desk, one, since) for one in same))
        for day, same in (
            (day, list(group)) for day, group in groupby(kept, key=lambda one: one.message.day)
        )
    ]


def _line(desk: Desk, kept: Kept, since: int) -> Line:
    message = kept.message
    own = (message.member, message.person) == (desk.member, desk.person.name)
    return Line(
        kept,
        desk.charter.name_of(message.member),
        _office(desk, message.office),
        tuple(message.pieces()),
        desk.member in message.mentions,
        own,
        kept.number > since and not own,
    )


def _office(desk: Desk, office: str) -> str:
    return desk.organ_name(office) if office in desk.charter.organs else _(office)


@require_safe
def talk(request: HttpRequest) -> HttpResponse:
    """Show the threads that this desk sees."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    today = desk.house.now().date()
    found = threads.threads(desk)
    unread = sum(one.unread for one in found)
    shown = {
        "threads": [
            {
                "it": one,
                "organ": desk.organ_name(one.organ),
                "who": desk.charter.name_of(one.last.message.member) if one.last else "",
                "gone": gone_on(one.last.until, today) if one.last else "",
            }
            for one in found
        ],
        "unread": ngettext("%(n)d unread message", "%(n)d unread messages", unread) % {"n": unread}
        if unread
        else _("Nothing unread."),
        "organs": [(organ, desk.organ_name(organ)) for organ in desk.organs],
        "days": desk.house.talk.days(desk.member),
        "may": desk.house.talk.may_talk(desk.member),
        "said": desk.charter.retention_days is not None,
    }
    part = "room/talk_list.html" if request.headers.get("HX-Request") else "room/talk.html"
    return render(request, part, shown)


@require_http_methods(["GET", "HEAD", "POST"])
def thread(request: HttpRequest, name: str) -> HttpResponseBase:
    """Show a thread, and say something in it."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    found = threads.thread(desk, name)
    here = reverse("thread", args=[name])
    if request.method == "POST":
        form = Form(request.POST)
        try:
            _say(desk, found, form.text("text", MOST), _once(form))
        except ComityError as wrong:
            return refused(request, wrong, back=here)
        return redirect(f"{here}#say")
    before = request.GET.get("before", "")
    at = int(before) if before.isascii() and before.isdigit() and len(before) < 12 else None
    kept = threads.store(desk).messages(name, before=at, most=SHOWN)
    since = threads.seen(desk, found)
    people = [(code, desk.charter.name_of(code)) for code in threads.readers(desk, found)]
    shown = {
        "thread": found,
        "organ": desk.organ_name(found.organ),
        "by_day": days_of(desk, kept, since),
        "earlier": kept[0].number if len(kept) == SHOWN else None,
        "latest": at is None,
        "people": people,
        "case_page": address("cases"),
        "once": secrets.token_hex(12),
        "most": MOST,
        "days": desk.house.talk.days(desk.member),
        "may": desk.house.talk.may_talk(desk.member),
        "part": here,
    }
    if at is None and request.method == "GET":
        threads.mark_seen(desk, found)
    part = "room/talk_said.html" if request.headers.get("HX-Request") else "room/talk_thread.html"
    return render(request, part, shown)


@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponseBase:
    """Begin a thread of a named group, sealed inside one organ, with its first words."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    organ = str((request.POST if request.method == "POST" else request.GET).get("organ", ""))
    if not desk.sees(organ):
        return refused(
            request,
            UsageError(
                _("a group is of members who read one organ"),
                hint=_("choose the organ first; nothing was said"),
            ),
            back=reverse("talk"),
        )
    there = desk.node.readers().get(organ, frozenset())
    others = [c for c in desk.charter.order if c in there and c != desk.member]
    if request.method == "POST":
        form = Form(request.POST)
        try:
            chosen = [code for code in others if code in request.POST.getlist("member")]
            if not chosen or set(request.POST.getlist("member")) - set(others):
                raise UsageError(
                    _("choose who is in the group, from those who read the organ"),
                    hint=_("tick at least one other member; nothing was said"),
                )
            name = group_id(desk.member, _once(form))
            new = Thread(
                name,
                organ,
                form.line("title", 80),
                (desk.member, *chosen),
                form.name("case"),
                None,
            )
            if not threads.store(desk).messages(name, most=1):  # the same form again changes none
                _say(desk, new, form.text("text", MOST), _once(form))
        except ComityError as wrong:
            return refused(request, wrong, back=f"{reverse('begin-group')}?organ={organ}")
        return redirect("thread", name)
    shown = {
        "organ": organ,
        "organ_name": desk.organ_name(organ),
        "others": [(code, desk.charter.name_of(code)) for code in others],
        "once": secrets.token_hex(12),
        "most": MOST,
        "case": str(request.GET.get("case", ""))[:64],
    }
    return render(request, "room/talk_begin.html", shown)


@require_POST
def delete(request: HttpRequest, name: str, message: str) -> HttpResponseBase:
    """Delete a message of one's own; that there was one stays until the day is gone."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    found = threads.thread(desk, name)
    one_of_thread(desk, found, message)
    try:
        with desk.house.talking() as talk_of_all:
            talk_of_all.take_back(desk.member, desk.person.name, message)
    except ComityError as wrong:
        return refused(request, wrong, back=reverse("thread", args=[name]))
    return redirect("thread", name)


def one_of_thread(desk: Desk, found: Thread, message: str) -> Kept:
    """Return a message of a thread by its id, or answer that there is none."""
    right = len(message) == 32 and all(digit in "0123456789abcdef" for digit in message)
    kept = threads.store(desk).get(message) if right else None
    if kept is None or kept.message.thread != found.id:
        raise Http404("there is no such message")
    return kept


def _say(desk: Desk, of: Thread, text: str, once: str) -> None:
    with desk.house.talking() as talk_of_all:
        talk_of_all.say(
            desk.member,
            desk.office,
            desk.person.name,
            text,
            thread=of.id,
            organ=of.organ,
            once=once,
            title=of.title if of.group else "",
            group=of.group,
            case=of.case,
        )


def _once(form: Form) -> str:
    return form.line("once", 64)


urls = [
    path("talk", talk, name="talk"),
    path("talk/_new", begin, name="begin-group"),
    path("talk/<str:name>", thread, name="thread"),
    path("talk/<str:name>/delete/<str:message>", delete, name="delete-talk"),
]
