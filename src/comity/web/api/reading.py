"""What calls read: everything through the desk, as the pages do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from django.http import Http404

from comity.core.acts import Act
from comity.core.alerts import Notice, Raised
from comity.core.bodies import Pledge, Propose, Stance
from comity.core.cases import cases
from comity.core.pledges import Promised, pledges, shortfalls, written
from comity.core.proposals import Standing
from comity.core.strict import spelled
from comity.core.texts import Dispute, Text, texts
from comity.errors import UsageError
from comity.node import duties
from comity.node.effect import reason
from comity.web.alert_page import gathered
from comity.web.api import shapes
from comity.web.desk import Desk
from comity.web.forms import day_of
from comity.web.proposal_page import ProposalPage
from comity.web.said import KINDS, seen
from comity.web.text_page import text_of
from comity.web.views.alerts import raised_of
from comity.web.views.cases import NAMING, belonging
from comity.web.views.now import waiting

PAGE = 50
Item = TypeVar("Item")


def now(desk: Desk, asked: shapes.NoQuery) -> shapes.NowTold:
    """Say who calls, and what needs it."""
    return shapes.NowTold(
        spelled(desk.house.now()),
        desk.member,
        desk.office,
        desk.node.coalition,
        desk.node.exercise,
        [shapes.OrganNamed(organ, desk.organ_name(organ)) for organ in desk.organs],
        [
            shapes.WaitingTold(
                one.kind,
                one.href.rpartition("/")[2],
                one.title,
                one.who,
                one.organ,
                one.wants,
                spelled(one.until) if one.until else None,
                one.severity,
            )
            for one in waiting(desk)
        ],
    )


# Alerts.


def alerts(desk: Desk, asked: shapes.Paged) -> shapes.AlertsTold:
    """List alerts, the latest first."""
    acts = {act.id: act for kind in ("alert", "receipt") for act in desk.acts(kind)}
    found = list(reversed(gathered(desk, acts).raised))
    page, more = _page(found, asked.page)
    return shapes.AlertsTold([_alert(one) for one in page], more)


def alert(desk: Desk, name: str, asked: shapes.NoQuery) -> shapes.AlertTold:
    """Return an alert, whichever of its notices is named."""
    return _alert(raised_of(desk, name))


def _alert(raised: Raised) -> shapes.AlertTold:
    last = raised.latest.body
    return shapes.AlertTold(
        raised.id,
        raised.organ,
        raised.member,
        last.title,
        last.text,
        last.severity,
        last.status,
        raised.case,
        last.marking,
        raised.cancelled,
        [_notice(one) for one in raised.notices],
    )


def _notice(one: Notice) -> shapes.NoticeTold:
    return shapes.NoticeTold(
        one.id,
        one.body.type,
        one.instant,
        one.body.title,
        one.body.text,
        one.body.severity,
        [shapes.HolderTold(holder.member, holder.since) for holder in one.holders],
        list(one.waiting),
    )


def delivery(desk: Desk, name: str, asked: shapes.NoQuery) -> bytes:
    """Return the certificate of who has an alert."""
    act = desk.act(name, "alert")
    return desk.node.delivery(act.id)


# Cases.


def all_cases(desk: Desk, asked: shapes.NoQuery) -> shapes.CasesTold:
    """List cases, what changed last first."""
    acts = {act.id: act for kind in NAMING for act in desk.acts(kind)}
    titles = {
        one.case: one.first.body.title
        for one in reversed(gathered(desk, acts).raised)
        if one.case is not None
    }
    told = []
    for case in cases(acts.values(), _outcomes(desk, acts.values())):
        own = (acts[name].header.instant for _kind, ids in case.acts for name in ids)
        title = case.title or titles.get(case.name, case.name)
        told.append(shapes.CaseNamed(case.name, title, case.standing, max(own, default="")))
    told.sort(key=lambda one: (one.last, one.name), reverse=True)
    return shapes.CasesTold(told)


def case(desk: Desk, name: str, asked: shapes.NoQuery) -> shapes.CaseTold:
    """Return a case with its acts."""
    acts = belonging(desk, name)
    found = cases(acts.values(), _outcomes(desk, acts.values())).case(name)
    if found is None:
        raise Http404("there is no such case")
    raised = gathered(desk, acts).raised
    title = found.title or next((one.first.body.title for one in raised), found.name)
    told = sorted(acts.values(), key=lambda act: (act.header.instant, act.id))
    return shapes.CaseTold(found.name, title, found.standing, [_named(act) for act in told])


def _outcomes(desk: Desk, acts: Iterable[Act]) -> dict[str, str]:
    found = {act.id: desk.standing(act.id) for act in acts if isinstance(act.body, Propose)}
    return {n: s.settlement.outcome for n, s in found.items() if isinstance(s, Standing)}


def _named(act: Act) -> shapes.ActNamed:
    header = act.header
    return shapes.ActNamed(
        act.id, header.organ, act.member, header.seq, header.instant, act.kind, act.case
    )


# Texts.


def all_texts(desk: Desk, asked: shapes.NoQuery) -> shapes.TextsTold:
    """List texts, what changed last first."""
    found = sorted(
        texts(desk.acts("edit")), key=lambda one: (one.history[-1].instant, one.id), reverse=True
    )
    return shapes.TextsTold(
        [
            shapes.TextNamed(
                one.id,
                one.organ,
                one.member,
                one.title,
                one.case,
                sum(other.is_open for p in one.paragraphs for other in p.disputes),
                sum(p.words is None for p in one.paragraphs),
                one.history[-1].instant,
            )
            for one in found
        ]
    )


def text(desk: Desk, name: str, asked: shapes.NoQuery) -> shapes.TextTold:
    """Return a text as it stands."""
    return text_told(text_of(desk, name))


def text_told(found: Text) -> shapes.TextTold:
    """Return a text in plain values."""
    return shapes.TextTold(
        found.id,
        found.organ,
        found.member,
        found.instant,
        found.title,
        found.case,
        found.marking,
        [
            shapes.ParagraphTold(
                one.name,
                one.number,
                [
                    shapes.VersionTold(v.id, v.member, v.instant, v.words, list(v.replaces))
                    for v in one.standing
                ],
                [_bracket(other) for other in one.disputes],
            )
            for one in found.paragraphs
        ],
        None if found.clean is None else list(found.clean),
        list(found.hindrances),
        [
            shapes.StepTold(s.id, s.member, s.instant, s.kind, s.paragraph, s.words)
            for s in found.history
        ],
    )


def _bracket(one: Dispute) -> shapes.BracketTold:
    return shapes.BracketTold(
        one.id,
        one.member,
        one.instant,
        one.words,
        one.instead,
        one.is_open,
        [shapes.OfferTold(o.id, o.member, o.instant, o.words) for o in one.offers],
    )


# Proposals.


def proposals(desk: Desk, asked: shapes.Paged) -> shapes.ProposalsTold:
    """List proposals, the latest to end first; those without an end before all."""
    found = sorted(desk.acts("propose"), key=_end, reverse=True)
    page, more = _page(found, asked.page)
    return shapes.ProposalsTold([_proposed(desk, act) for act in page], more)


def _end(act: Act) -> tuple[str, str]:
    body = act.body
    assert isinstance(body, Propose)
    return body.expires or "~", act.id


def _proposed(desk: Desk, act: Act) -> shapes.ProposalNamed:
    body, standing = act.body, desk.standing(act.id)
    assert isinstance(body, Propose)
    alive = isinstance(standing, Standing)
    return shapes.ProposalNamed(
        act.id,
        act.header.organ,
        act.member,
        body.title,
        standing.settlement.outcome if isinstance(standing, Standing) else "without effect",
        not alive or standing.settlement.settled,  # type: ignore[union-attr]
        body.expires,
        body.case,
    )


def proposal(desk: Desk, name: str, asked: shapes.NoQuery) -> shapes.ProposalTold:
    """Return a proposal as it stands."""
    return proposal_told(desk, desk.act(name, "propose"))


def proposal_told(desk: Desk, act: Act) -> shapes.ProposalTold:
    """Return a proposal in plain values."""
    body, standing = act.body, desk.standing(act.id)
    assert isinstance(body, Propose)
    plain = (act.id, act.header.organ, act.member, act.header.instant, body)
    held = duties.is_held(desk.node, act.id)
    if isinstance(standing, str):
        return shapes.ProposalTold(
            *plain, standing, "without effect", True, [], None, None, None, [], [], 0, held
        )
    page = ProposalPage(desk, standing, "UTC")
    pinned, settlement = standing.pinned, standing.settlement
    own = page.told.get(desk.member)
    return shapes.ProposalTold(
        *plain,
        None,
        settlement.outcome,
        settlement.settled,
        [str(one) for one in settlement.possible],
        spelled(pinned.closes_at) if pinned.closes_at else None,
        page.decision.tally,
        page.decision.against,
        [_answer(one) for one in page.told.values()],
        [shapes.ClosingTold(a.id, a.member, a.header.instant) for a in standing.closings],
        own.body.turn if own is not None and isinstance(own.body, Stance) else 0,
        held,
    )


def _answer(act: Act) -> shapes.AnswerTold:
    body = act.body
    assert isinstance(body, Stance)
    return shapes.AnswerTold(act.id, act.member, body.turn, body.word, body.annotations)


def certificate(desk: Desk, name: str, asked: shapes.NoQuery) -> bytes:
    """Return the certificate of a proposal."""
    act = desk.act(name, "propose")
    standing = desk.standing(act.id)
    if isinstance(standing, str) or not ProposalPage(desk, standing, "UTC").certifiable:
        raise UsageError(
            "there is nothing to certify yet: nobody has closed it",
            hint="members close it once its time has run out",
        )
    return desk.node.certificate(act.id)


# Pledges.


def all_pledges(desk: Desk, asked: shapes.NoQuery) -> shapes.PledgesTold:
    """Return what is pledged, and what it comes to against each need."""
    found = pledges(desk.acts("pledge"))
    lines = [
        shapes.LineTold(
            one.id,
            line.need.line,
            line.need.unit,
            line.need.basis,
            written(line.need.low),
            written(line.need.high),
            written(line.low),
            written(line.high),
            written(line.delivered),
            line.answer,
            line.why,
        )
        for one in desk.charter.obligations.values()
        for line in shortfalls(found, one).lines
    ]
    return shapes.PledgesTold(lines, [pledge_told(one) for one in found])


def pledge_told(one: Promised) -> shapes.PledgeTold:
    """Return what a member promises to a line in plain values."""
    return shapes.PledgeTold(
        one.member,
        one.line,
        one.obligation,
        one.case,
        one.rivals,
        [
            [
                shapes.StatementTold(
                    told.id,
                    told.organ,
                    told.instant,
                    written(told.quantity),
                    told.unit,
                    written(told.delivered),
                    told.ready,
                    told.caveats,
                    told.approvals,
                )
                for told in promise.statements
            ]
            for promise in one.promises
        ],
    )


def pledge_of(desk: Desk, name: str) -> shapes.PledgeTold:
    """Return the pledge that an act states."""
    act = desk.act(name, "pledge")
    assert isinstance(act.body, Pledge)
    for one in pledges(desk.acts("pledge")):
        if any(told.id == act.id for promise in one.promises for told in promise.statements):
            return pledge_told(one)
    raise UsageError("the pledge is on record, and without effect", hint="restate the one before")


# Who.


def organs(desk: Desk, asked: shapes.OnDay) -> shapes.OrgansTold:
    """Return the organs of the charter on a day."""
    on = day_of(asked.on) if asked.on else desk.house.now().date()
    charter = desk.charter
    return shapes.OrgansTold(
        on.isoformat(),
        [
            shapes.OrganTold(
                organ.id,
                organ.name,
                charter.roster(organ.id, on),
                charter.select(("chair",), on, organ),
                charter.select(organ.propose, on, organ),
                organ.rules,
                organ.procedures,
                desk.sees(organ.id),
            )
            for organ in charter.organs.values()
        ],
    )


def members(desk: Desk, asked: shapes.OnDay) -> shapes.MembersTold:
    """Return all whom the charter names."""
    on = day_of(asked.on) if asked.on else desk.house.now().date()
    charter = desk.charter
    told = []
    for code in charter.order:
        member = charter.members.get(code)
        name = charter.name_of(code)
        told.append(
            shapes.MemberTold(code, name, None, True)
            if member is None
            else shapes.MemberTold(code, name, member.standing, member.belongs(on))
        )
    return shapes.MembersTold(on.isoformat(), told)


# The record.


def record(desk: Desk, asked: shapes.RecordQuery) -> shapes.RecordTold:
    """List acts, the latest first."""
    if asked.organ is not None and not desk.sees(asked.organ):
        raise Http404("there is no such organ")
    if asked.before is not None and seen(desk, asked.before) is None:
        raise Http404("there is no such act")
    if asked.kind is not None and asked.kind not in KINDS:
        raise UsageError("there is no such kind of act", hint=f"one of: {', '.join(KINDS)}")
    found = desk.node.record.latest(
        desk.organs if asked.organ is None else (asked.organ,),
        member=asked.member,
        kind=asked.kind,
        before=asked.before,
        limit=asked.limit + 1,
    )
    shown = found[: asked.limit]
    further = shown[-1].id if len(found) > asked.limit else None
    return shapes.RecordTold([_named(act) for act in shown], further)


def act(desk: Desk, name: str, asked: shapes.NoQuery) -> shapes.ActTold:
    """Return one act with its proof."""
    one = desk.act(name)
    header = one.header
    return shapes.ActTold(
        one.id,
        header.organ,
        one.member,
        header.office,
        header.seq,
        header.prev,
        header.instant,
        header.constitution,
        one.kind,
        one.about,
        one.case,
        one.body,
        reason(desk.node, one, desk.organs),
        desk.node.opened_at(one.id),
        one.form(),
    )


def _page(found: Sequence[Item], page: int) -> tuple[Sequence[Item], bool]:
    first = (page - 1) * PAGE
    return found[first : first + PAGE], len(found) > first + PAGE
