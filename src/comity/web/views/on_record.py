"""Put on record: chosen words of talk become an act, after a page that shows what is signed.

Nothing else of the talk goes along: not who said it, nor when, nor to whom. The
member that signs says the words as its own, to all who read the organ.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from comity.core.acts import Act
from comity.core.bodies import (
    MAX_BODY,
    Alert,
    Annotation,
    Body,
    Edit,
    OpenText,
    Propose,
    Stance,
    check_body,
)
from comity.core.proposals import heard
from comity.core.strict import read_json, write_json
from comity.errors import ComityError, UsageError
from comity.node.node import Node
from comity.web import threads
from comity.web.context import address
from comity.web.desk import Desk
from comity.web.forms import Form, refused
from comity.web.threads import Thread
from comity.web.views.now import SEVERITIES
from comity.web.views.talk import days_of, one_of_thread

KINDS = {
    "text": gettext_lazy("Open a text"),
    "alert": gettext_lazy("Raise an alert"),
    "update": gettext_lazy("Update an alert"),
    "declaration": gettext_lazy("Declare on a proposal"),
}
"""What words can become."""
MOST = 4_000
NEAR = 60


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be signed.

    Parameters
    ----------
    about
        The act that it is about, where there is one.
    lines
        Every field of the act that is filled, each with its name.
    """

    kind: str
    body: Body
    about: Act | None
    lines: tuple[tuple[str, str], ...]

    @property
    def digest(self) -> str:
        """What tells whether what is signed is what was shown."""
        return sha256(write_json(self.body)).hexdigest()


@require_safe
def choose(request: HttpRequest, name: str) -> HttpResponse:
    """Choose the words, and what they become."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    found = threads.thread(desk, name)
    chosen = [one_of_thread(desk, found, m) for m in request.GET.getlist("m")[:20]]
    chosen.sort(key=lambda kept: kept.number)
    kept = threads.store(desk).messages(name, most=NEAR)
    shown = {
        "thread": found,
        "organ": desk.organ_name(found.organ),
        "by_day": days_of(desk, [k for k in kept if not k.message.deleted], 2**62),
        "chosen": {kept.message.id for kept in chosen},
        "words": "\n\n".join(kept.message.text for kept in chosen)[:MOST],
        "kinds": list(KINDS.items()),
        "severities": SEVERITIES,
        "alerts": [(a.id, _title(a)) for a in _alerts(desk, found)],
        "proposals": [(a.id, _title(a)) for a in _proposals(desk, found)],
        "readers": len(_hear(desk, found)),
    }
    return render(request, "room/talk_record.html", shown)


@require_POST
def confirm(request: HttpRequest, name: str) -> HttpResponse:
    """Show exactly what would be signed."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    found = threads.thread(desk, name)
    form = Form(request.POST)
    try:
        draft = _draft(desk, found, form)
    except ComityError as wrong:
        return refused(request, wrong, back=reverse("talk-record", args=[name]))
    return _confirm(request, desk, found, draft, form)


@require_POST
def sign(request: HttpRequest, name: str) -> HttpResponseBase:
    """Sign what was shown; doing so twice signs once."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    found = threads.thread(desk, name)
    form = Form(request.POST)
    try:
        draft = _draft(desk, found, form)
        already = _already(desk, found.organ, draft)
        if already is None and draft.digest != str(request.POST.get("shown", "")):
            return _confirm(request, desk, found, draft, form, changed=True)
        made = already or desk.do(found.organ, lambda node: _signed(desk, node, found, draft))
    except ComityError as wrong:
        return refused(request, wrong, back=reverse("talk-record", args=[name]))
    return redirect(_page_of(draft, made) or reverse("thread", args=[name]))


def _confirm(
    request: HttpRequest,
    desk: Desk,
    found: Thread,
    draft: Draft,
    form: Form,
    *,
    changed: bool = False,
) -> HttpResponse:
    hear = _hear(desk, found)
    there = threads.readers(desk, found)
    shown = {
        "thread": found,
        "organ": desk.organ_name(found.organ),
        "draft": draft,
        "kind": KINDS[draft.kind],
        "again": [(key, str(form.fields.get(key, ""))) for key in _FIELDS],
        "hear": [desk.charter.name_of(code) for code in hear],
        "more": [desk.charter.name_of(code) for code in hear if code not in there],
        "changed": changed,
        "already": _already(desk, found.organ, draft) is not None,
    }
    return render(request, "room/talk_confirm.html", shown)


_FIELDS = ("kind", "words", "title", "severity", "case", "alert", "proposal")


def _draft(desk: Desk, found: Thread, form: Form) -> Draft:
    """Read what is to be signed, and refuse what an act would refuse."""
    draft = _read(desk, found, form)
    what = _("what would be signed")
    check_body(read_json(write_json(draft.body), type(draft.body), limit=MAX_BODY, what=what))
    return draft


def _read(desk: Desk, found: Thread, form: Form) -> Draft:
    """Read what is to be signed; every field of the act is in its lines."""
    kind = form.one_of("kind", tuple(KINDS))
    words = form.text("words", MOST)
    if kind == "declaration":
        return _declaration(desk, found, form, words)
    title, case = form.line("title", 200), form.name("case")
    lines = [(_("Title"), title)]
    about: Act | None = None
    body: Body
    if kind == "text":
        blocks = (block.strip() for block in re.split(r"\n[^\S\n]*\n", words))
        paragraphs = tuple(block for block in blocks if block)
        body = Edit(OpenText(title, paragraphs), case=case)
        lines += [(_("Paragraph %(n)d") % {"n": n}, told) for n, told in enumerate(paragraphs, 1)]
    else:
        severity = form.one_of("severity", SEVERITIES)
        if kind == "update":
            about = _chosen(form, "alert", _alerts(desk, found))
        status = "exercise" if desk.node.exercise else "actual"
        body = Alert(
            title,
            words,
            severity,  # type: ignore[arg-type]
            status=status,  # type: ignore[arg-type]
            type="update" if about else "alert",
            about=(about.id,) if about else (),
            case=case,
        )
        lines += [(_("Text"), words), (_("Severity"), severity), (_("Status"), status)]
    if case:
        lines.append((_("Case"), case))
    return Draft(kind, body, about, tuple(lines))


def _declaration(desk: Desk, found: Thread, form: Form, words: str) -> Draft:
    """Draft a stance like this member's last one, with a declaration more."""
    about = _chosen(form, "proposal", _proposals(desk, found))
    before = _last_stance(desk.node, about.id)
    note = Annotation("declaration", words)
    if before is None:
        body = Stance(about.id, 1, "awaiting instructions", None, (note,))
    else:
        said, last = before
        if note in said.annotations:
            body = said
        else:
            body = Stance(about.id, said.turn + 1, said.word, last.id, (*said.annotations, note))
    lines = [(_("Stance"), _(body.word)), (_("Turn"), str(body.turn))]
    lines += [(_(n.kind).capitalize(), n.text) for n in body.annotations]
    return Draft("declaration", body, about, tuple(lines))


def _signed(desk: Desk, node: Node, found: Thread, draft: Draft) -> str:
    """Sign a draft, inside the house's lock: what was signed meanwhile is not signed again."""
    already = _already(desk, found.organ, draft)
    if already is not None:
        return already
    body = draft.body
    if isinstance(body, Stance):
        before = _last_stance(node, body.proposal)
        if (before[1].id if before else None) != body.previous:
            raise UsageError(
                _("this member answered otherwise meanwhile"),
                hint=_("begin again from the talk; nothing was signed"),
            )
        return node.answer(body.proposal, body.word, body.annotations).id
    return node.say(found.organ, body).id


def _already(desk: Desk, organ: str, draft: Draft) -> str | None:
    kinds = {"text": "edit", "declaration": "stance"}
    kind = kinds.get(draft.kind, "alert")
    for act in desk.node.record.acts(organ=organ, member=desk.member, kind=kind):
        if act.body == draft.body:
            return act.id
    return None


def _last_stance(node: Node, proposal: str) -> tuple[Stance, Act] | None:
    pinned = node.pinned(proposal)
    if isinstance(pinned, str):
        return None
    for act in heard(pinned, node.record.about(proposal)):
        if act.member == node.member and isinstance(act.body, Stance):
            return act.body, act
    return None


def _alerts(desk: Desk, found: Thread) -> list[Act]:
    cancelled = {
        name
        for act in desk.acts("alert", organ=found.organ)
        if isinstance(act.body, Alert) and act.body.type == "cancel"
        for name in act.body.about
    }
    return [
        act
        for act in desk.acts("alert", organ=found.organ)
        if isinstance(act.body, Alert) and act.body.type != "cancel" and act.id not in cancelled
    ][-NEAR:]


def _proposals(desk: Desk, found: Thread) -> list[Act]:
    return [
        act
        for act in desk.node.record.unsettled(organ=found.organ)
        if isinstance(act.body, Propose)
        and desk.sees(found.organ)
        and desk.member in act.body.roster
    ]


def _chosen(form: Form, field: str, acts: Sequence[Act]) -> Act:
    told = form.one_of(field, [act.id for act in acts])
    return next(act for act in acts if act.id == told)


def _title(act: Act) -> str:
    assert isinstance(act.body, Alert | Propose)
    return act.body.title


def _hear(desk: Desk, found: Thread) -> list[str]:
    there = desk.node.readers().get(found.organ, frozenset())
    return [code for code in desk.charter.order if code in there]


def _page_of(draft: Draft, made: str) -> str:
    from django.urls import NoReverseMatch

    name, what = {
        "text": ("text", made),
        "alert": ("alert-page", made),
        "update": ("alert-page", made),
        "declaration": ("proposal", draft.about.id if draft.about else made),
    }[draft.kind]
    try:
        return reverse(name, args=[what])
    except NoReverseMatch:
        return address("record")


urls = [
    path("talk/<str:name>/record", choose, name="talk-record"),
    path("talk/<str:name>/record/confirm", confirm, name="talk-confirm"),
    path("talk/<str:name>/record/sign", sign, name="talk-sign"),
]
