"""What calls sign: each goes the way that the form of a page goes, with the same refusals.

Doing the same twice does no harm: what was signed already is answered as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec
from django.http import QueryDict
from django.utils.translation import gettext as _

from comity.core.acts import Act
from comity.core.attestations import verify as verified
from comity.core.bodies import (
    Alert,
    Body,
    CloseCase,
    Edit,
    Effect,
    OpenCase,
    OpenText,
    Receipt,
    Recognise,
    Wake,
)
from comity.core.certificate import Verdict
from comity.core.strict import spelled, write_json
from comity.errors import UsageError
from comity.node import duties
from comity.node.node import Node
from comity.web.api import shapes
from comity.web.api.reading import alert as alert_told
from comity.web.api.reading import pledge_of, proposal_told, text_told
from comity.web.desk import Desk
from comity.web.drafting import drafted, put, typed_of
from comity.web.editing import sign
from comity.web.forms import Form
from comity.web.pledging import drafted_pledge, put_pledge
from comity.web.text_page import text_of
from comity.web.views.alerts import raised_of
from comity.web.views.now import AGAIN
from comity.web.views.proposal import answer_once, close_once

_NONE = shapes.NoQuery()
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")


def form_of(fields: Mapping[str, str | Sequence[str] | None]) -> Form:
    """Return fields as the form of a page would send them."""
    told = QueryDict(mutable=True)
    for name, value in fields.items():
        if isinstance(value, str):
            told[name] = value
        elif value is not None:
            told.setlist(name, list(value))
    return Form(told)


# Alerts.


def raise_alert(desk: Desk, asked: shapes.AlertAsked) -> shapes.AlertTold:
    """Raise an alert; the same one within ten minutes is that same alert."""
    _check_place(desk, asked.organ)
    body = Alert(
        _line(asked.title),
        _text(asked.text),
        asked.severity,
        status="exercise" if desk.node.exercise else "actual",
        case=asked.case,
        marking=asked.marking,
    )

    def work(node: Node) -> Act:
        since = spelled(desk.house.now() - AGAIN)
        own = node.record.acts(organ=asked.organ, member=desk.member, kind="alert")
        same = (act for act in own if act.body == body and act.header.instant >= since)
        return next(same, None) or node.say(asked.organ, body)

    return alert_told(desk, desk.do(asked.organ, work).id, _NONE)


def change_alert(desk: Desk, name: str, asked: shapes.AlertChange) -> shapes.AlertTold:
    """Update or cancel an own alert; what is cancelled stays so."""
    raised = raised_of(desk, name)
    if raised.member != desk.member:
        raise UsageError(
            _("the alert is %(name)s's: only who raised it changes it")
            % {"name": desk.charter.name_of(raised.member)},
            hint=_("raise one of your own; nothing was signed"),
        )
    last = raised.latest.body
    update = asked.type == "update"
    body = Alert(
        _line(asked.title) if update and asked.title else last.title,
        _text(asked.text),
        asked.severity if update and asked.severity else last.severity,
        status=last.status,
        type=asked.type,
        about=(raised.id,),
        case=raised.case,
        marking=last.marking,
    )

    def work(node: Node) -> None:
        there = raised_of(desk, raised.id)
        if not there.cancelled and all(one.body != body for one in there.notices):
            node.say(raised.organ, body)

    desk.do(raised.organ, work)
    return alert_told(desk, raised.id, _NONE)


def receipt(desk: Desk, name: str, asked: shapes.Nothing) -> shapes.AlertTold:
    """Confirm that this member has an alert."""
    act = desk.act(name, "alert")
    organ = act.header.organ

    def work(node: Node) -> None:
        if not any(one.member == desk.member for one in desk.about(act.id, kind="receipt")):
            opened = node.opened_at(act.id) or spelled(desk.house.now())
            node.say(organ, Receipt(act.id, opened))

    told = alert_told(desk, act.id, _NONE)
    desk.do(organ, work)
    return alert_told(desk, told.id, _NONE)


# Texts.


def open_text(desk: Desk, asked: shapes.TextAsked) -> shapes.TextTold:
    """Open a text."""
    _check_place(desk, asked.organ)
    paragraphs = tuple(map(_text, asked.paragraphs))
    body = Edit(OpenText(_line(asked.title), paragraphs), case=asked.case, marking=asked.marking)
    made = desk.do(asked.organ, lambda node: _said(desk, node, asked.organ, body, "edit"))
    return text_told(text_of(desk, made.id))


def edit(desk: Desk, name: str, asked: shapes.TextStep) -> shapes.TextTold:
    """Sign one step in the negotiation of a text."""
    found = text_of(desk, name)
    fields = msgspec.to_builtins(asked)
    if isinstance(asked, shapes.InsertStep):
        fields["where"] = "first" if asked.after is None else ""
        of = asked.after or found.paragraphs[0].name
    else:
        of = asked.paragraph
    if found.paragraph(of) is None:
        raise UsageError(
            _("the text has no such paragraph"), hint=_("read it again; nothing was signed")
        )
    sign(desk, found, of, form_of(fields))
    return text_told(text_of(desk, found.id))


# Proposals.


def propose(desk: Desk, asked: shapes.ProposalAsked) -> shapes.ProposalTold:
    """Put something to decision."""
    _check_place(desk, asked.organ)
    form = form_of(
        {
            "organ": asked.organ,
            "rule": asked.rule,
            "procedure": asked.procedure,
            "title": asked.title,
            "expires": asked.expires,
            "case": asked.case,
            "text": asked.text,
            "instead": asked.instead,
            "step": "sign",
            **_effect_fields(asked.effect),
        }
    )
    draft = drafted(desk, form, typed_of(desk, form))
    made = desk.do(draft.organ, lambda node: put(desk, node, draft))
    return proposal_told(desk, made)


def _effect_fields(effect: Effect) -> dict[str, str | Sequence[str] | None]:
    fields: dict[str, str | Sequence[str] | None] = {"effect": str(effect.__struct_config__.tag)}
    paragraphs = getattr(effect, "paragraphs", ())
    if paragraphs:
        for one in paragraphs:
            if _BLANK_LINE.search(one.strip()) or not one.strip():
                raise UsageError(
                    _("a paragraph is empty, or has a blank line in it"),
                    hint=_("give each paragraph by itself; nothing was signed"),
                )
        fields |= {"paragraphs": "\n\n".join(paragraphs), "after": getattr(effect, "after", None)}
    match effect:
        case OpenCase():
            fields |= {"about": effect.case, "title": effect.title}
        case CloseCase():
            fields |= {"about": effect.case}
        case Recognise():
            fields |= {"group": effect.group, "members": effect.members}
        case Wake():
            fields |= {"obligation": effect.obligation, "because": effect.because}
        case _:
            pass
    return fields


def answer(desk: Desk, name: str, asked: shapes.StanceAsked) -> shapes.ProposalTold:
    """Answer a proposal."""
    act = _alive(desk, name)
    desk.do(
        act.header.organ,
        lambda node: answer_once(node, act, asked.word, asked.annotations, asked.turn),
    )
    return proposal_told(desk, act)


def close(desk: Desk, name: str, asked: shapes.Nothing) -> shapes.ProposalTold:
    """Sign this member's roll of a proposal."""
    act = _alive(desk, name)
    desk.do(act.header.organ, lambda node: close_once(node, act))
    return proposal_told(desk, act)


def hold(desk: Desk, name: str, asked: shapes.HoldAsked) -> shapes.ProposalTold:
    """Hold this node back from closing a proposal by itself, or let it go."""
    act = _alive(desk, name)
    desk.do(act.header.organ, lambda node: duties.hold(node, act.id, back=asked.back))
    return proposal_told(desk, act)


def _alive(desk: Desk, name: str) -> Act:
    act = desk.act(name, "propose")
    standing = desk.standing(act.id)
    if isinstance(standing, str):
        raise UsageError(
            _("there is nothing to decide: %(why)s") % {"why": standing},
            hint=_("propose it anew"),
        )
    return act


# Pledges.


def pledge(desk: Desk, asked: shapes.PledgeAsked) -> shapes.PledgeTold:
    """Pledge, or restate a pledge."""
    if asked.previous is None:
        _check_place(desk, asked.organ or "")
    form = form_of(
        {
            "deed": "pledge" if asked.previous is None else "restate",
            "organ": asked.organ,
            "obligation": asked.obligation,
            "line": asked.line,
            "unit": asked.unit,
            "case": asked.case,
            "quantity": asked.quantity,
            "ready": asked.ready,
            "delivered": asked.delivered,
            "caveats": "\n\n".join(asked.caveats),
            "previous": asked.previous,
            "body": [one.body for one in asked.approvals],
            "state": [one.state for one in asked.approvals],
            "on": [one.on or "" for one in asked.approvals],
        }
    )
    draft = drafted_pledge(desk, form)
    made = desk.do(draft.organ, lambda node: put_pledge(desk, node, draft))
    return pledge_of(desk, made.id)


# Certificates.


def verify(desk: Desk, asked: shapes.VerifyAsked) -> shapes.VerdictTold:
    """Say what a certificate shows to whoever trusts one founding."""
    shown = verified(write_json(asked.certificate), asked.fingerprint or desk.node.coalition)
    outcome = shown.outcome if isinstance(shown, Verdict) else None
    return shapes.VerdictTold(shown.proven, shown.exercise, outcome, list(shown.lines()))


# Inside.


def _said(desk: Desk, node: Node, organ: str, body: Body, kind: str) -> Act:
    """Say something once: the same words of this member are the same act."""
    own = node.record.acts(organ=organ, member=desk.member, kind=kind)
    return next((act for act in own if act.body == body), None) or node.say(organ, body)


def _check_place(desk: Desk, organ: str) -> None:
    if not desk.sees(organ):
        raise UsageError(
            _("there is no such organ at this desk"),
            hint=_("one of: %(organs)s; nothing was signed") % {"organs": ", ".join(desk.organs)},
        )


def _line(told: str) -> str:
    return form_of({"title": told}).line("title", 200)


def _text(told: str) -> str:
    return form_of({"text": told}).text("text", 4_000)
