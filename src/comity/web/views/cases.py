"""Cases: who has the alert, what is written, proposed and pledged, and everything in its order."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from comity.core.acts import Act
from comity.core.alerts import Raised
from comity.core.bodies import (
    Alert,
    Attach,
    Bracket,
    CloseCase,
    Closing,
    Edit,
    Insert,
    OpenCase,
    OpenText,
    Pledge,
    Propose,
    Receipt,
    Resolve,
    Stance,
    Write,
)
from comity.core.cases import Case, Cases, cases
from comity.core.pledges import Promised, pledges, written
from comity.core.proposals import Standing
from comity.core.texts import Text, texts
from comity.errors import ComityError, UsageError
from comity.node.node import Node
from comity.web.alert_page import alert_shown, gathered
from comity.web.desk import Desk
from comity.web.forms import Form, refused
from comity.web.shelf import Listed, on_shelf

NAMING = ("alert", "propose", "pledge", "attach")
"""Kinds of act that name the case they belong to; texts have their lines on the shelf."""
STANDINGS = {
    "named": gettext_lazy("named, not opened by a decision"),
    "open": gettext_lazy("open"),
    "closed": gettext_lazy("closed"),
}
MOST_MOMENTS = 100
MOST_FILE = 32 * 1_048_576


@dataclass(frozen=True, slots=True)
class Line:
    """A case in the list."""

    case: Case
    title: str
    last: str
    alerts: int
    texts: int


@dataclass(frozen=True, slots=True)
class Moment:
    """An act in the timeline, in words; receipts that follow one another are told together."""

    act: Act
    members: tuple[str, ...]
    what: str
    title: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal of a case, and how it stands."""

    act: Act
    title: str
    outcome: str
    settled: bool


@dataclass(frozen=True, slots=True)
class PledgeLine:
    """What a member promises to a line, as the case shows it."""

    promised: Promised
    name: str
    amount: str
    delivered: str
    ready: str
    first_ready: str


# Gathering.


def _outcomes(desk: Desk, acts: Iterable[Act]) -> dict[str, Standing | str]:
    return {act.id: desk.standing(act.id) for act in acts if isinstance(act.body, Propose)}


def _words(standings: dict[str, Standing | str]) -> dict[str, str]:
    return {
        name: one.settlement.outcome for name, one in standings.items() if isinstance(one, Standing)
    }


def _about_cases(act: Act) -> bool:
    return isinstance(act.body, Propose) and isinstance(act.body.effect, OpenCase | CloseCase)


def belonging(desk: Desk, name: str) -> dict[str, Act]:
    """Return the acts of a case that this desk sees: those that name it, and those about them."""
    found = {act.id: act for act in desk.about(name)}
    for act in desk.acts("propose"):
        assert isinstance(act.body, Propose)
        if _about_cases(act) and act.body.effect.case == name:  # type: ignore[union-attr]
            found[act.id] = act
    ahead = [act for act in found.values() if not _is_leaf(act)]
    while ahead:
        for act in desk.about(ahead.pop().id):
            if act.id not in found:
                found[act.id] = act
                ahead.extend([] if _is_leaf(act) else [act])
    for act in desk.acts("attach"):
        if isinstance(act.body, Attach) and act.body.to in found:
            found[act.id] = act
    return found


def _is_leaf(act: Act) -> bool:
    """Tell whether nothing but an attachment names such an act."""
    opens = isinstance(act.body, Edit) and isinstance(act.body.change, OpenText)
    return isinstance(act.body, Receipt | Stance | Closing | Attach | Edit) and not opens


def _title(case: Case, alerts: Iterable[Raised]) -> str:
    """Return what a case is called: by its decision, or as its first alert says."""
    return case.title or next((one.first.body.title for one in alerts), "") or case.name


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Show the cases that this desk sees, what changed last first."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    acts = {act.id: act for kind in NAMING for act in desk.acts(kind)}
    found = cases(acts.values(), _words(_outcomes(desk, filter(_about_cases, acts.values()))))
    raised = gathered(desk, {name: act for name, act in acts.items() if act.kind == "alert"})
    of_case: dict[str, list[Listed]] = {}
    for text in on_shelf(desk):
        if text.case is not None:
            of_case.setdefault(text.case, []).append(text)
    alerts_of: dict[str, list[Raised]] = {}
    for one in raised:
        if one.case is not None:
            alerts_of.setdefault(one.case, []).append(one)
    named = {case.name: case for case in found}
    lines = []
    for name in named.keys() | of_case.keys():
        case, own = named.get(name, Case(name, "named")), of_case.get(name, [])
        instants = [acts[one].header.instant for _kind, ids in case.acts for one in ids]
        instants += [text.last.instant for text in own]
        alerts = alerts_of.get(name, [])
        lines.append(
            Line(case, _title(case, alerts), max(instants, default=""), len(alerts), len(own))
        )
    lines.sort(key=lambda one: (one.last, one.case.name), reverse=True)
    apart = [
        (one, desk.charter.name_of(one.member), desk.organ_name(one.organ))
        for one in raised
        if one.case is None
    ]
    shown = {
        "lines": [
            (
                one,
                STANDINGS[one.case.standing],
                one.alerts,
                len(one.case.of("propose")),
                len(one.case.of("pledge")),
            )
            for one in lines
        ],
        "apart": list(reversed(apart)),
    }
    part = "room/cases_list.html" if request.headers.get("HX-Request") else "room/cases.html"
    return render(request, part, shown)


@require_safe
def case(request: HttpRequest, name: str) -> HttpResponse:
    """Show a case."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    shown = _shown(desk, name, whole=request.GET.get("all") == "1")
    part = "room/case_live.html" if request.headers.get("HX-Request") else "room/case.html"
    return render(request, part, shown)


def _shown(desk: Desk, name: str, *, whole: bool = False) -> dict[str, object]:
    acts = belonging(desk, name) if re.fullmatch(r"[a-z][a-z0-9-]{0,63}", name) else {}
    if not acts:
        raise Http404("there is no such case")
    standings = _outcomes(desk, acts.values())
    found: Cases = cases(acts.values(), _words(standings))
    own = found.case(name)
    if own is None:
        raise Http404("there is no such case")
    raised = gathered(desk, acts)
    alerts = [alert_shown(desk, one) for one in raised]
    moments = _moments(acts.values())
    return {
        "case": own,
        "title": _title(own, raised),
        "standing": STANDINGS[own.standing],
        "alerts": list(reversed(alerts)),
        "texts": [(one, _of_text(one)) for one in texts(acts.values())],
        "proposals": [_proposed(acts[key], one) for key, one in standings.items()],
        "pledges": [_pledge(desk, one) for one in pledges(acts.values())],
        "attachments": [one for one in found.attachments if one.id in acts],
        "moments": moments if whole else moments[:MOST_MOMENTS],
        "more": 0 if whole else max(0, len(moments) - MOST_MOMENTS),
        "whole": whole,
        "organs": [(organ, desk.organ_name(organ)) for organ in desk.organs],
        "at": desk.house.now(),
        "back": reverse("case", args=[name]),
    }


def _of_text(text: Text) -> str:
    if text.clean is not None:
        return _("clean")
    return "; ".join(text.hindrances)


def _proposed(act: Act, standing: Standing | str) -> Proposed:
    assert isinstance(act.body, Propose)
    if isinstance(standing, str):
        return Proposed(act, act.body.title, standing, True)
    told = standing.settlement
    return Proposed(act, act.body.title, told.outcome, told.settled)


def _pledge(desk: Desk, one: Promised) -> PledgeLine:
    now = [promise.current for promise in one.promises]
    return PledgeLine(
        one,
        desk.charter.name_of(one.member),
        " / ".join(f"{written(each.quantity)} {each.unit}" for each in now),
        " / ".join(written(each.delivered) for each in now),
        " / ".join(each.ready or _("no day") for each in now),
        " / ".join(
            promise.first_ready
            for promise in one.promises
            if promise.first_ready and promise.first_ready != promise.current.ready
        ),
    )


def _moments(acts: Iterable[Act]) -> list[Moment]:
    # Of one second, what came first stands first, and nothing before what it is about.
    latest = sorted(acts, key=lambda act: act.header.instant)
    moments: list[Moment] = []
    for alert, group in groupby(reversed(latest), key=_confirmed):
        own = list(group)
        if alert is None:
            moments += [Moment(act, (act.member,), *_told(act)) for act in own]
        else:
            who = tuple(dict.fromkeys(act.member for act in reversed(own)))
            what = ngettext("has the alert", "have the alert", len(who))
            moments.append(Moment(own[0], who, what, ""))
    return moments


def _confirmed(act: Act) -> str | None:
    return act.body.alert if isinstance(act.body, Receipt) else None


def _told(act: Act) -> tuple[str, str]:  # one branch for each kind of act
    """Say what an act does, and the words that it brings."""
    match act.body:
        case Alert(type="cancel") as body:
            return _("cancelled the alert"), body.text
        case Alert(type="update") as body:
            return _("updated the alert"), body.title
        case Alert() as body:
            return _("raised an alert"), body.title
        case Edit(change=OpenText() as change):
            return _("opened a text"), change.title
        case Edit(change=Bracket() as change):
            return _("opened a bracket"), change.words
        case Edit(change=Resolve() as change):
            return _("said of a bracket"), change.words
        case Edit(change=Insert() as change):
            return _("put in a paragraph"), change.words
        case Edit(change=Write() as change):
            return _("wrote a paragraph") if change.words else _("struck a paragraph"), change.words
        case Propose() as body:
            return _("proposed"), body.title
        case Stance() as body:
            return _("answered: %(word)s") % {"word": body.word}, ""
        case Closing():
            return _("closed a proposal"), ""
        case Pledge() as body:
            return _("pledged"), f"{body.line}: {body.quantity} {body.unit}"
        case Attach() as body:
            return _("attached a file"), body.name
        case _:
            return str(act.kind or _("sealed")), ""


@require_POST
def attach(request: HttpRequest, name: str) -> HttpResponseBase:
    """Attach a file to a case: its hash is signed, and the file itself is not kept here."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    _shown(desk, name)
    back = reverse("case", args=[name])
    form = Form(request.POST)
    try:
        organ = form.one_of("organ", desk.organs)
        file = request.FILES.get("file")
        if file is None or not file.name:
            raise UsageError(_("no file was chosen"), hint=_("choose one; nothing was signed"))
        if (file.size or 0) > MOST_FILE:
            raise UsageError(
                _("the file is larger than 32 MB"), hint=_("divide it; nothing was signed")
            )
        digest = hashlib.sha256()
        for chunk in file.chunks():
            digest.update(chunk)
        media = file.content_type or ""
        body = Attach(
            digest.hexdigest(),
            " ".join(unicodedata.normalize("NFC", file.name).split())[:200],
            media
            if re.fullmatch(r"[a-z]{1,20}/[A-Za-z0-9.+-]{1,80}", media)
            else "application/octet-stream",
            file.size or 0,
            case=name,
        )

        def work(node: Node) -> None:
            own = node.record.acts(organ=organ, member=desk.member, kind="attach")
            if all(act.body != body for act in own):
                node.say(organ, body)

        desk.do(organ, work)
    except ComityError as wrong:
        return refused(request, wrong, back=back)
    return redirect(back)


urls = [
    path("cases", listed, name="cases"),
    path("cases/<str:name>", case, name="case"),
    path("cases/<str:name>/attach", attach, name="attach"),
]
