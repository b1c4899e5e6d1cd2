"""One proposal: reading it, answering, holding back, closing, taking its certificate."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from comity.core.acts import Act
from comity.core.bodies import Annotation, Closing, Propose, Stance, Word
from comity.core.proposals import Standing
from comity.errors import ComityError, UsageError
from comity.node import duties
from comity.node.node import Node
from comity.web.answers import WORDS, choice, last_words
from comity.web.desk import Desk
from comity.web.drafting import EFFECTS
from comity.web.forms import Form, refused
from comity.web.proposal_page import ProposalPage, act_address, signs_as
from comity.web.zones import zone_of, zones_at

NOTES = {
    "reservation": gettext_lazy("a reservation"),
    "declaration": gettext_lazy("a declaration"),
    "caveat": gettext_lazy("a caveat"),
    "explanation": gettext_lazy("an explanation"),
}
NOTE_ROWS = 3


def proposal(request: HttpRequest, name: str) -> HttpResponseBase:
    """Show a proposal from the top; to an open page, the part that changes."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    act = desk.act(name, "propose")
    if act.id != name:
        return redirect("proposal", act.id)
    standing = desk.standing(act.id)
    body = act.body
    assert isinstance(body, Propose)
    shown: dict[str, object] = {
        "act": act,
        "body": body,
        "record": act_address(act.id),
        "zone": zone_of(request),
        "zones": zones_at(desk, zone_of(request)),
        "at": desk.house.now(),
    }
    if isinstance(standing, str):
        return render(request, "room/proposal_void.html", {**shown, "reason": standing})
    page = ProposalPage(desk, standing, zone_of(request))
    shown |= {"page": page, "mine": page.mine, "may_anew": _may_anew(desk, page)}
    if request.headers.get("HX-Request"):
        part = "clock" if request.GET.get("part") == "clock" else "live"
        return render(request, f"room/proposal_{part}.html", shown)
    return render(request, "room/proposal.html", shown)


def _may_anew(desk: Desk, page: ProposalPage) -> bool:
    """Tell whether the proposer could put it anew in other words, taking this one back."""
    again = str(page.body.effect.__struct_config__.tag) in EFFECTS
    return again and page.mine.withdraw is not None


@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, name: str) -> HttpResponseBase:
    """Say what an answer brings about; on pressing the button, sign it."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    act = desk.act(name, "propose")
    back = reverse("proposal", args=[act.id])
    form = Form(request.POST if request.method == "POST" else request.GET)
    wrong: ComityError | None = None
    try:
        word = _word(form)
        standing = _alive(desk, act)
        if request.method == "POST":
            try:
                notes = _notes(form)
                turn = form.whole("turn", 0, 100)
                desk.do(act.header.organ, lambda node: answer_once(node, act, word, notes, turn))
                return redirect(back)
            except ComityError as refusal:
                wrong = refusal
    except ComityError as refusal:
        return refused(request, refusal, back=back)
    return _confirmed(request, desk, standing, word, wrong)


def _confirmed(
    request: HttpRequest,
    desk: Desk,
    standing: Standing,
    word: Word,
    wrong: ComityError | None,
) -> HttpResponse:
    pinned, zone = standing.pinned, zone_of(request)
    told = last_words(pinned, standing.stances)
    readers = len(desk.node.readers().get(pinned.act.header.organ, ()))
    rows = [
        {
            "number": k,
            "kind": request.POST.get(f"kind{k}", "declaration" if "constr" in word else ""),
            "text": request.POST.get(f"note{k}", "")[:8_000],
        }
        for k in range(1, NOTE_ROWS + 1)
    ]
    own = told.get(desk.member)
    shown = {
        "act": pinned.act,
        "body": pinned.body,
        "choice": choice(pinned, told, desk.member, word, readers, zone),
        "before": WORDS[own.body.word] if own and isinstance(own.body, Stance) else "",
        "turn": _turn(own),
        "rows": rows,
        "kinds": NOTES.items(),
        "signs": signs_as(desk),
        "wrong": wrong,
        "at": desk.house.now(),
        "page": ProposalPage(desk, standing, zone),
        "zone": zone,
    }
    return render(request, "room/proposal_answer.html", shown, status=422 if wrong else 200)


def answer_once(
    node: Node, act: Act, word: Word, notes: tuple[Annotation, ...], turn: int | None
) -> Act | None:
    """Answer once: the same answer again is no further turn.

    Parameters
    ----------
    turn
        How many times this member has answered, as whoever answers knows it; None to ask nothing.
    """
    standing = node.standing(act.id)
    assert isinstance(standing, Standing)
    own = last_words(standing.pinned, standing.stances).get(node.member)
    body = own.body if own is not None else None
    if isinstance(body, Stance):
        if (body.word, body.annotations) == (word, notes):
            return own
        if turn is not None and body.turn != turn:
            raise UsageError(
                _("this member has answered meanwhile: %(word)s") % {"word": WORDS[body.word]},
                hint=_("read it again; pressing the button now puts this answer in its place"),
            )
    return node.answer(act.id, word, notes)


@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, name: str) -> HttpResponseBase:
    """Say what closing means; on pressing the button, sign the roll. Once is enough."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    act = desk.act(name, "propose")
    back = reverse("proposal", args=[act.id])
    try:
        standing = _alive(desk, act)
        if request.method == "POST":
            desk.do(act.header.organ, lambda node: close_once(node, act))
            return redirect(back)
    except ComityError as refusal:
        return refused(request, refusal, back=back)
    told = last_words(standing.pinned, standing.stances)
    silent = desk.member not in told and standing.pinned.procedure.kind == "silence"
    page = ProposalPage(desk, standing, zone_of(request))
    wait = standing.pinned.waits({m: a.id for m, a in told.items()}, desk.house.now())
    shown = {
        "act": act,
        "body": act.body,
        "page": page,
        "silent": silent,
        "opened": desk.node.opened_at(act.id),
        "wait": wait,
        "answers": len(told),
        "at": desk.house.now(),
        "zone": zone_of(request),
        "of": len(standing.pinned.roster),
        "signs": signs_as(desk),
    }
    return render(request, "room/proposal_close.html", shown)


def close_once(node: Node, act: Act) -> Act | None:
    """Close once: closing again is no harm."""
    own = (a for a in node.record.about(act.id, kind="closing") if a.member == node.member)
    done = next(own, None)
    return (
        done if done is not None and isinstance(done.body, Closing) else node.close_proposal(act.id)
    )


@require_POST
def hold(request: HttpRequest, name: str) -> HttpResponseBase:
    """Hold a proposal back from being closed by the node itself, or let it go."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    act = desk.act(name, "propose")
    back = request.POST.get("back") == "yes"
    try:
        desk.do(act.header.organ, lambda node: duties.hold(node, act.id, back=back))
    except ComityError as wrong:
        return refused(request, wrong, back=reverse("proposal", args=[act.id]))
    return redirect("proposal", act.id)


def certificate(request: HttpRequest, name: str) -> HttpResponseBase:
    """Hand out the certificate of a proposal, as a file."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    act = desk.act(name, "propose")
    try:
        standing = _alive(desk, act)
        if not ProposalPage(desk, standing, "UTC").certifiable:
            raise UsageError(
                _("there is nothing to certify yet: nobody has closed it"),
                hint=_("members close it once its time has run out"),
            )
        file = desk.node.certificate(act.id)
    except ComityError as wrong:
        return refused(request, wrong, back=reverse("proposal", args=[act.id]))
    response = HttpResponse(file, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="certificate-{act.id[:16]}.json"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _alive(desk: Desk, act: Act) -> Standing:
    standing = desk.standing(act.id)
    if isinstance(standing, str):
        raise UsageError(
            _("there is nothing to decide: %(why)s") % {"why": standing},
            hint=_("propose it anew"),
        )
    return standing


def _word(form: Form) -> Word:
    told: Word = form.one_of("word", tuple(WORDS))  # type: ignore[assignment]
    return told


def _notes(form: Form) -> tuple[Annotation, ...]:
    found = []
    for k in range(1, NOTE_ROWS + 1):
        text = form.text(f"note{k}", 4_000, empty=True)
        if text:
            kind = form.one_of(f"kind{k}", tuple(NOTES))
            found.append(Annotation(kind, text))  # type: ignore[arg-type]
    return tuple(found)


def _turn(own: Act | None) -> int:
    return own.body.turn if own is not None and isinstance(own.body, Stance) else 0


urls = [
    path("proposals/<str:name>", proposal, name="proposal"),
    path("proposals/<str:name>/answer", answer, name="answer"),
    path("proposals/<str:name>/close", close, name="close"),
    path("proposals/<str:name>/hold", hold, name="hold"),
    path("proposals/<str:name>/certificate", certificate, name="certificate"),
]
