"""Changes of charter, standings and keys: write one, look at what follows, put it to decision."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.core.bodies import Admit, Reinstate, Suspend
from comity.core.constitution import COALITION
from comity.core.tally import decide
from comity.errors import ComityError, UsageError
from comity.web.changing import (
    CHANGES_OFFERED,
    ChangeDraft,
    differences,
    drafted_change,
    file_of,
    lines_changed,
    pulls,
)
from comity.web.desk import Desk
from comity.web.drafting import put
from comity.web.forms import Form, refused
from comity.web.proposal_page import branch, question, signs_as
from comity.web.zones import zone_of

_PLAIN = ("change", "member", "since", "code", "name", "standing", "iso", "title")


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest) -> HttpResponseBase:
    """Write a change, look at what it pins, and sign it: three steps at one address."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    fields = request.POST if request.method == "POST" else request.GET
    typed = {name: str(fields.get(name, ""))[:1_000] for name in _PLAIN}
    offered = [n for n, (_word, kind) in CHANGES_OFFERED.items() if kind in desk.charter.changes]
    if typed["change"] not in offered:
        unknown = UsageError(
            _("the charter does not say how it decides on that"),
            hint=_("choose one of the changes on the page of the charter"),
        )
        return refused(request, unknown, back=reverse("charter"))
    if request.method == "GET" or fields.get("step") not in ("look", "sign"):
        return _written(request, desk, typed)
    try:
        file = file_of(request)
        made = drafted_change(desk, Form(fields), file)
        if fields.get("step") == "look":
            return _looked(request, desk, typed, made, file)
        act = desk.do(COALITION, lambda node: put(desk, node, made.draft))
    except ComityError as wrong:
        return _written(request, desk, typed, wrong)
    return redirect("proposal", act.id)


def _written(
    request: HttpRequest, desk: Desk, typed: dict[str, str], wrong: ComityError | None = None
) -> HttpResponse:
    charter = desk.charter
    told = charter.changes[CHANGES_OFFERED[typed["change"]][1]]
    shown = {
        "typed": typed,
        "wrong": wrong,
        "title": CHANGES_OFFERED[typed["change"]][0],
        "organ": desk.organ_name(told.organ),
        "rule": charter.rules[told.rule].title,
        "members": [(code, one.name) for code, one in charter.members.items()],
        "standings": list(charter.standings),
    }
    return render(request, "room/change.html", shown, status=422 if wrong else 200)


def _looked(
    request: HttpRequest, desk: Desk, typed: dict[str, str], made: ChangeDraft, file: str
) -> HttpResponse:
    charter, body, on = desk.charter, made.draft.body, made.draft.on
    effect, entry = body.effect, charter.rules[body.rule]
    member = effect.member if isinstance(effect, Admit | Reinstate | Suspend) else ""
    concerned = frozenset({member} if member else ())
    electorate = charter.electorate(made.change.organ, on)
    shown = {
        "title": CHANGES_OFFERED[typed["change"]][0],
        "body": body,
        "question": question(
            desk, desk.member, body, charter, charter.organs.get(made.change.organ)
        ),
        "entry": entry,
        "procedure": made.procedure,
        "names": [charter.name_of(code) for code in body.roster],
        "stands_aside": charter.name_of(member)
        if member in body.roster and entry.rule.concerned == "excluded"
        else "",
        "suspended": charter.name_of(member) if isinstance(effect, Suspend) else "",
        "tally": branch(decide(entry.rule, electorate, {}, concerned).tally),
        "readers": len(desk.node.readers().get(COALITION, ())),
        "behind": desk.node.succession.current.id != desk.node.under.id,
        "signs": signs_as(desk),
        "hidden": [*typed.items(), ("carried", file), ("expires", body.expires or "")],
        "at": desk.house.now(),
        "zone": zone_of(request),
    }
    if made.amended is not None:
        shown |= {
            "amended": made.amended,
            "differences": list(differences(charter, made.amended)),
            "pulls": list(pulls(charter, made.amended)),
            "lines": lines_changed(desk.node.under.text, made.text),
        }
    return render(request, "room/change_look.html", shown)


urls = [path("charter/change", change, name="change")]
