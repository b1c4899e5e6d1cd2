"""Pledges: what is needed, who promised what of it, what was handed over, what is still short."""

from __future__ import annotations

from fractions import Fraction

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods

from comity.core.bodies import Pledge
from comity.errors import ComityError
from comity.web.desk import Desk
from comity.web.forms import Form, refused
from comity.web.pledge_page import PledgePage
from comity.web.pledging import (
    DEEDS,
    ROWS,
    STATES,
    Drafted,
    amount,
    drafted_pledge,
    may_pledge,
    put_pledge,
    typed_pledge,
)
from comity.web.proposal_page import signs_as
from comity.web.zones import zone_of


def listed(request: HttpRequest) -> HttpResponse:
    """Show what is needed and what is pledged."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    shown = {"page": PledgePage(desk), "at": desk.house.now(), "zone": zone_of(request)}
    part = "room/pledges_list.html" if request.headers.get("HX-Request") else "room/pledges.html"
    return render(request, part, shown)


@require_http_methods(["GET", "POST"])
def pledge(request: HttpRequest) -> HttpResponseBase:
    """Write a pledge, look at what follows, and sign it: three steps at one address."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    fields = request.POST if request.method == "POST" else request.GET
    form = Form(fields)
    try:
        typed = typed_pledge(desk, form)
        if not may_pledge(desk):
            drafted_pledge(desk, form)
    except ComityError as wrong:
        return refused(request, wrong, back=reverse("pledges"))
    if request.method == "GET" or fields.get("step") not in ("look", "sign"):
        return _written(request, desk, typed)
    try:
        drafted = drafted_pledge(desk, form)
        if fields.get("step") == "look":
            return _looked(request, desk, typed, drafted)
        act = desk.do(drafted.organ, lambda node: put_pledge(desk, node, drafted))
    except ComityError as wrong:
        return _written(request, desk, typed, wrong)
    return redirect(f"{reverse('pledges')}#p-{act.id[:12]}")


def _written(
    request: HttpRequest, desk: Desk, typed: dict[str, object], wrong: ComityError | None = None
) -> HttpResponse:
    known = desk.charter.obligations
    needs = known[str(typed["obligation"])].needs if typed["obligation"] in known else ()
    if typed["line"] and not typed["unit"]:
        typed["unit"] = next((need.unit for need in needs if need.line == typed["line"]), "")
    rows = typed["approvals"]
    assert isinstance(rows, list)
    shown = {
        "typed": typed,
        "wrong": wrong,
        "title": DEEDS[str(typed["deed"])],
        "organs": [(organ, desk.organ_name(organ)) for organ in _places(desk)],
        "obligations": list(known.values()),
        "needs": [need for one in known.values() for need in one.needs],
        "rows": [*rows, *[("", "", "")] * (1 if typed["deed"] == "approval" else ROWS)],
        "states": STATES.items(),
    }
    return render(request, "room/pledge.html", shown, status=422 if wrong else 200)


def _places(desk: Desk) -> list[str]:
    """Return where a pledge can be made: organs that decide first, that of all last."""
    return [*desk.acting, *(organ for organ in desk.organs if organ not in desk.acting)]


def _looked(
    request: HttpRequest, desk: Desk, typed: dict[str, object], drafted: Drafted
) -> HttpResponse:
    body, before = drafted.body, drafted.before
    told = before.body if before is not None else None
    assert told is None or isinstance(told, Pledge)
    obligation = desk.charter.obligations.get(body.obligation or "")
    need = next((n for n in obligation.needs if n.line == body.line), None) if obligation else None
    rows = typed["approvals"]
    assert isinstance(rows, list)
    plain = {name: value for name, value in typed.items() if isinstance(value, str)}
    shown = {
        "title": DEEDS[str(typed["deed"])],
        "body": body,
        "amount": f"{amount(Fraction(body.quantity))} {body.unit}",
        "delivered": amount(Fraction(body.delivered)),
        "approvals": [(one, STATES[one.state]) for one in body.approvals],
        "obligation": obligation,
        "need": need,
        "before": before,
        "told": told,
        "told_amount": f"{amount(Fraction(told.quantity))} {told.unit}" if told else "",
        "organ": desk.organ_name(drafted.organ),
        "readers": len(desk.node.readers().get(drafted.organ, ())),
        "signs": signs_as(desk),
        "hidden": [
            *plain.items(),
            *((field, one) for row in rows for field, one in zip(("body", "state", "on"), row)),
        ],
    }
    return render(request, "room/pledge_look.html", shown)


urls = [
    path("pledges", listed, name="pledges"),
    path("pledges/new", pledge, name="pledge"),
]
