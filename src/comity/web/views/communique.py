"""Communiqués: what is agreed leaves the room as a document for Word or as Markdown."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from comity.core.acts import Act
from comity.core.bodies import Adopt, Edit, OptIn, Propose
from comity.core.cases import joined_by
from comity.core.marking import Marking
from comity.core.proposals import Standing
from comity.errors import ComityError, UsageError
from comity.report.communique import Communique, communique_docx, communique_markdown
from comity.web.context import address
from comity.web.desk import Desk
from comity.web.forms import refused
from comity.web.text_page import text_of

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@require_safe
def communique(request: HttpRequest, name: str, form: str) -> HttpResponseBase:
    """Give the communiqué of a clean text or of an adopted proposal."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    act = desk.act(name, "edit", "propose")
    try:
        told = _of_proposal(desk, act) if act.kind == "propose" else _of_text(desk, act)
    except ComityError as wrong:
        proposals = address("proposals") or reverse("texts")
        back = proposals if act.kind == "propose" else reverse("text", args=[act.id])
        return refused(request, wrong, back=back)
    if form == "docx":
        response = HttpResponse(communique_docx(told), content_type=WORD)
    else:
        response = HttpResponse(
            communique_markdown(told), content_type="text/markdown; charset=utf-8"
        )
    response["Content-Disposition"] = f'attachment; filename="communique-{act.id[:12]}.{form}"'
    return response


def _of_text(desk: Desk, act: Act) -> Communique:
    found = text_of(desk, act.id)
    if found.clean is None:
        raise UsageError(
            _("there is no clean text yet: %(why)s") % {"why": "; ".join(found.hindrances)},
            hint=_("a communiqué is made of one wording of each paragraph; resolve these first"),
        )
    on = desk.house.now().date()
    return Communique(
        found.title,
        _body(desk, found.organ),
        _("Clean text as it stands; no decision is recorded here."),
        on,
        _names(desk, _seated(desk, found.organ, on)),
        found.clean,
        (_founding(desk), _("Text %(id)s") % {"id": found.id}),
        _marking(desk, found.marking),
    )


def _of_proposal(desk: Desk, act: Act) -> Communique:
    body = act.body
    assert isinstance(body, Propose)
    standing = desk.standing(act.id)
    outcome = standing.settlement.outcome if isinstance(standing, Standing) else standing
    if not isinstance(standing, Standing) or outcome != "adopted":
        raise UsageError(
            _("the proposal is not adopted: %(outcome)s") % {"outcome": outcome},
            hint=_("a communiqué is made of what is adopted"),
        )
    if not isinstance(body.effect, Adopt | OptIn):
        raise UsageError(
            _("the proposal adopts no text"), hint=_("its certificate proves what it decided")
        )
    members = standing.pinned.roster
    told = _("Adopted by the members named here.")
    if isinstance(body.effect, OptIn):
        members = joined_by(standing)
        told = _("Binds the members named here, who joined it.")
    lines = [_founding(desk), _("Proposal %(id)s") % {"id": act.id}]
    marking = None
    if body.text is not None:
        lines.append(_("Text %(id)s") % {"id": body.text})
        text = desk.node.record.get(body.text)
        if text is not None and desk.sees(text.header.organ) and isinstance(text.body, Edit):
            marking = text.body.marking
    return Communique(
        body.title,
        _body(desk, act.header.organ),
        told,
        date.fromisoformat(body.on),
        _names(desk, members),
        body.effect.paragraphs,
        tuple(lines),
        _marking(desk, marking),
    )


def _body(desk: Desk, organ: str) -> str:
    whole, part = desk.charter.name, desk.organ_name(organ)
    return f"{whole}, {part}" if organ in desk.charter.organs else whole


def _seated(desk: Desk, organ: str, on: date) -> tuple[str, ...]:
    if organ in desk.charter.organs:
        return desk.charter.roster(organ, on)
    return tuple(code for code, member in desk.charter.members.items() if member.belongs(on))


def _names(desk: Desk, codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(desk.charter.name_of(code) for code in desk.charter.order if code in codes)


def _founding(desk: Desk) -> str:
    return _("Founding fingerprint %(id)s") % {"id": desk.node.coalition}


def _marking(desk: Desk, marking: Marking | None) -> str:
    told = ["EXERCISE"] if desk.node.exercise else []
    if marking is not None:
        told.append(marking.level)
        if marking.releasable:
            told.append(_("releasable to %(who)s") % {"who": ", ".join(marking.releasable)})
    return " · ".join(told)


urls = [
    path("communique/<str:name>.docx", communique, {"form": "docx"}, name="communique-docx"),
    path("communique/<str:name>.md", communique, {"form": "md"}, name="communique-md"),
]
