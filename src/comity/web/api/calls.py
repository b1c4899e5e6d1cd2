"""Calls: every one there is, in one table. Addresses and the OpenAPI document follow from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from comity.core.bodies import MAX_BODY
from comity.core.certificate import MAX_CERTIFICATE
from comity.web.api import reading, shapes, writing


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    Parameters
    ----------
    path
        Its address; `{id}` and `{name}` are parts of it.
    takes
        What a body has, or which parameters there are.
    gives
        What is answered; None for the bytes of a certificate.
    limit
        How many bytes its body may have.
    """

    name: str
    method: Literal["GET", "POST"]
    path: str
    takes: Any
    gives: Any
    work: Callable[..., object]
    limit: int = MAX_BODY

    @property
    def summary(self) -> str:
        """What it does, in one line."""
        return (self.work.__doc__ or "").partition("\n")[0]


CALLS = (
    Call("now", "GET", "/api/now", shapes.NoQuery, shapes.NowTold, reading.now),
    Call("alerts", "GET", "/api/alerts", shapes.Paged, shapes.AlertsTold, reading.alerts),
    Call("raise", "POST", "/api/alerts", shapes.AlertAsked, shapes.AlertTold, writing.raise_alert),
    Call("alert", "GET", "/api/alerts/{id}", shapes.NoQuery, shapes.AlertTold, reading.alert),
    Call(
        "change-alert",
        "POST",
        "/api/alerts/{id}/change",
        shapes.AlertChange,
        shapes.AlertTold,
        writing.change_alert,
    ),
    Call(
        "receipt",
        "POST",
        "/api/alerts/{id}/receipt",
        shapes.Nothing,
        shapes.AlertTold,
        writing.receipt,
    ),
    Call("delivery", "GET", "/api/alerts/{id}/delivery", shapes.NoQuery, None, reading.delivery),
    Call("cases", "GET", "/api/cases", shapes.NoQuery, shapes.CasesTold, reading.all_cases),
    Call("case", "GET", "/api/cases/{name}", shapes.NoQuery, shapes.CaseTold, reading.case),
    Call("texts", "GET", "/api/texts", shapes.NoQuery, shapes.TextsTold, reading.all_texts),
    Call("open-text", "POST", "/api/texts", shapes.TextAsked, shapes.TextTold, writing.open_text),
    Call("text", "GET", "/api/texts/{id}", shapes.NoQuery, shapes.TextTold, reading.text),
    Call("edit", "POST", "/api/texts/{id}/edit", shapes.TextStep, shapes.TextTold, writing.edit),
    Call(
        "proposals", "GET", "/api/proposals", shapes.Paged, shapes.ProposalsTold, reading.proposals
    ),
    Call(
        "propose",
        "POST",
        "/api/proposals",
        shapes.ProposalAsked,
        shapes.ProposalTold,
        writing.propose,
    ),
    Call(
        "proposal",
        "GET",
        "/api/proposals/{id}",
        shapes.NoQuery,
        shapes.ProposalTold,
        reading.proposal,
    ),
    Call(
        "stance",
        "POST",
        "/api/proposals/{id}/stance",
        shapes.StanceAsked,
        shapes.ProposalTold,
        writing.answer,
    ),
    Call(
        "closing",
        "POST",
        "/api/proposals/{id}/closing",
        shapes.Nothing,
        shapes.ProposalTold,
        writing.close,
    ),
    Call(
        "hold",
        "POST",
        "/api/proposals/{id}/hold",
        shapes.HoldAsked,
        shapes.ProposalTold,
        writing.hold,
    ),
    Call(
        "certificate",
        "GET",
        "/api/proposals/{id}/certificate",
        shapes.NoQuery,
        None,
        reading.certificate,
    ),
    Call("pledges", "GET", "/api/pledges", shapes.NoQuery, shapes.PledgesTold, reading.all_pledges),
    Call("pledge", "POST", "/api/pledges", shapes.PledgeAsked, shapes.PledgeTold, writing.pledge),
    Call("organs", "GET", "/api/organs", shapes.OnDay, shapes.OrgansTold, reading.organs),
    Call("members", "GET", "/api/members", shapes.OnDay, shapes.MembersTold, reading.members),
    Call("record", "GET", "/api/record", shapes.RecordQuery, shapes.RecordTold, reading.record),
    Call("act", "GET", "/api/acts/{id}", shapes.NoQuery, shapes.ActTold, reading.act),
    Call(
        "verify",
        "POST",
        "/api/verify",
        shapes.VerifyAsked,
        shapes.VerdictTold,
        writing.verify,
        limit=MAX_CERTIFICATE,
    ),
)
