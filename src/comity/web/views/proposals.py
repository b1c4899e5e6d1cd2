"""Proposals: those that are open by the time left, then those that ended; proposing by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from comity.core.acts import Act
from comity.core.bodies import Propose
from comity.core.proposals import Standing
from comity.core.tally import decide
from comity.errors import ComityError, UsageError
from comity.web.answers import OUTCOMES, TONES, last_words
from comity.web.desk import Desk
from comity.web.drafting import EFFECTS, UNITS, Draft, deciding, drafted, put, typed_of
from comity.web.forms import Form, refused
from comity.web.proposal_page import branch, question, signs_as
from comity.web.zones import zone_of, zones

_UNITS = {
    "minutes": gettext_lazy("minutes"),
    "hours": gettext_lazy("hours"),
    "days": gettext_lazy("days"),
}
ENDED = 30
"""How many of those that ended stand on one page."""


@dataclass(frozen=True, slots=True)
class Line:
    """A proposal in the list."""

    href: str
    title: str
    who: str
    organ: str
    outcome: str
    tone: str
    until: datetime | None = None
    wants: str = ""
    over: str = ""


def listed(desk: Desk, page: int = 1) -> tuple[list[Line], list[Line], bool]:
    """Return the open proposals by the time left, a page of those that ended, and if more follow.

    An outcome that this node keeps is not worked out again.
    """
    settled = {one.proposal: one.outcome for one in desk.node.record.settled()}
    open_ones: list[Line] = []
    ended: list[Act] = []
    known: dict[str, str] = {}
    later = datetime.max.replace(tzinfo=desk.house.now().tzinfo)
    for act in desk.acts("propose"):
        outcome = settled.get(act.id)
        if outcome is None:
            standing = desk.node.standing(act.id)
            if isinstance(standing, Standing) and not standing.settlement.settled:
                open_ones.append(_open_line(desk, act, standing))
                continue
            effective = isinstance(standing, Standing)
            outcome = standing.settlement.outcome if effective else "without effect"  # type: ignore[union-attr]
        known[act.id] = outcome
        ended.append(act)
    ended.sort(key=lambda act: (_over(act), act.id), reverse=True)
    first = (page - 1) * ENDED
    shown = ended[first : first + ENDED]
    open_ones.sort(key=lambda line: (line.until or later, line.title))
    return (
        open_ones,
        [_line(desk, act, known[act.id]) for act in shown],
        len(ended) > first + ENDED,
    )


def _over(act: Act) -> str:
    body = act.body
    assert isinstance(body, Propose)
    return body.expires or act.header.instant


def _open_line(desk: Desk, act: Act, standing: Standing) -> Line:
    pinned, count = standing.pinned, standing.count
    mine = desk.member in pinned.roster
    closed = count is not None and desk.member in count.closed
    answered = desk.member in last_words(pinned, standing.stances)
    wants = _("Answer") if mine and not closed and not answered else ""
    return _line(desk, act, standing.settlement.outcome, pinned.expires, wants)


def _line(
    desk: Desk, act: Act, outcome: str, until: datetime | None = None, wants: str = ""
) -> Line:
    body = act.body
    assert isinstance(body, Propose)
    return Line(
        reverse("proposal", args=[act.id]),
        body.title,
        desk.charter.name_of(act.member),
        desk.organ_name(act.header.organ),
        str(OUTCOMES[outcome]),
        TONES.get(outcome, "bad"),
        until,
        wants,
        "" if outcome in ("open", "in doubt") else _over(act),
    )


def proposals(request: HttpRequest) -> HttpResponse:
    """Show all proposals of a desk."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    told = str(request.GET.get("page", "1"))
    page = int(told) if told.isascii() and told.isdigit() and 0 < len(told) < 6 else 1
    page = max(1, page)
    open_ones, ended, more = listed(desk, page)
    shown = {
        "open_ones": open_ones,
        "ended": ended,
        "more": page + 1 if more else 0,
        "page": page,
        "organs": deciding(desk),
        "effects": EFFECTS.items(),
        "at": desk.house.now(),
        "zone": zone_of(request),
    }
    part = (
        "room/proposals_list.html" if request.headers.get("HX-Request") else "room/proposals.html"
    )
    return render(request, part, shown)


@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest) -> HttpResponseBase:
    """Write a proposal, look at what it pins, and sign it: three steps at one address."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    fields = request.POST if request.method == "POST" else request.GET
    try:
        typed = typed_of(desk, Form(fields))
    except ComityError as wrong:
        return refused(request, wrong, back=reverse("proposals"))
    if request.method == "GET" or fields.get("step") not in ("look", "sign"):
        return _written(request, desk, typed)
    try:
        draft = drafted(desk, Form(fields), typed)
        if fields.get("step") == "look":
            return _looked(request, desk, typed, draft)
        act = desk.do(draft.organ, lambda node: put(desk, node, draft))
    except ComityError as wrong:
        return _written(request, desk, typed, wrong)
    return redirect("proposal", act.id)


def _written(
    request: HttpRequest, desk: Desk, typed: dict[str, object], wrong: ComityError | None = None
) -> HttpResponse:
    organs = deciding(desk)
    if not organs:
        nowhere = UsageError(
            _("this desk may propose in no organ that can decide"),
            hint=_("the charter says who proposes where; choose another desk or office"),
        )
        return refused(request, nowhere, back=reverse("proposals"))
    charter = desk.charter
    organ = charter.organs[str(typed["organ"])]
    wanted = ("those who join",) if typed["effect"] == "opt in" else ("all", "those who join")
    shown = {
        "typed": typed,
        "wrong": wrong,
        "organ": organ,
        "effect_name": EFFECTS[str(typed["effect"])],
        "rules": [charter.rules[r] for r in organ.rules if charter.rules[r].binds in wanted],
        "procedures": [charter.procedures[p] for p in organ.procedures],
        "parties": [(code, charter.name_of(code)) for code in charter.order],
        "units": [(one, _UNITS[one]) for one in UNITS],
        "dormant": [o for o in charter.obligations.values() if o.in_force is None],
        "instead": desk.act(str(typed["instead"]), "propose") if typed["instead"] else None,
    }
    return render(request, "room/propose.html", shown, status=422 if wrong else 200)


def _looked(
    request: HttpRequest, desk: Desk, typed: dict[str, object], draft: Draft
) -> HttpResponse:
    body, charter = draft.body, desk.charter
    organ = charter.organs[draft.organ]
    entry, procedure = charter.rules[body.rule], charter.procedures[body.procedure]
    electorate = charter.electorate(organ.id, draft.on)
    shown = {
        "draft": draft,
        "body": body,
        "organ": organ,
        "question": question(desk, desk.member, body, charter, organ),
        "entry": entry,
        "procedure": procedure,
        "tally": branch(decide(entry.rule, electorate, {}).tally),
        "names": [charter.name_of(m) for m in body.roster],
        "readers": len(desk.node.readers().get(draft.organ, ())),
        "behind": desk.node.succession.current.id != desk.node.under.id,
        "signs": signs_as(desk),
        "hidden": [
            (name, one)
            for name, value in {**typed, "expires": body.expires or ""}.items()
            for one in (value if isinstance(value, list) else [value])
        ],
        "at": desk.house.now(),
        "zone": zone_of(request),
    }
    return render(request, "room/propose_look.html", shown)


@require_POST
def zone(request: HttpRequest) -> HttpResponseBase:
    """Choose the zone in which this person reads deadlines."""
    try:
        request.session["zone"] = Form(request.POST).one_of("zone", zones())
    except ComityError as wrong:
        return refused(request, wrong, back=reverse("now"))
    told = str(request.POST.get("back", ""))
    return redirect(told if told.startswith("/proposals/") and "//" not in told else "now")


urls = [
    path("proposals", proposals, name="proposals"),
    path("proposals/new", propose, name="propose"),
    path("zone", zone, name="zone"),
]
