"""An alert as pages show it: what it says now, who has it and since when."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.core.acts import Act
from comity.core.alerts import Alerts, Notice, Raised, alerts
from comity.core.bodies import Alert
from comity.core.strict import instant
from comity.web.desk import Desk
from comity.web.roll import Cell, strip
from comity.web.templatetags.room import span, when


@dataclass(frozen=True, slots=True)
class NoticeShown:
    """One notice of an alert.

    Parameters
    ----------
    sentence
        Who has it, in words.
    wants
        Whether this desk's member has yet to confirm it.
    """

    notice: Notice
    cells: tuple[Cell, ...]
    sentence: str
    wants: bool

    @property
    def marking(self) -> str:
        """Its label; empty where it has none."""
        return self.notice.body.marking.level if self.notice.body.marking else ""


@dataclass(frozen=True, slots=True)
class AlertShown:
    """An alert with its notices, the latest first."""

    raised: Raised
    by: str
    organ: str
    mine: bool
    notices: tuple[NoticeShown, ...]

    @property
    def latest(self) -> NoticeShown:
        """What holds now."""
        wanted = self.raised.latest.id
        return next(one for one in self.notices if one.notice.id == wanted)

    @property
    def href(self) -> str:
        """Where it is shown."""
        return reverse("alert-page", args=[self.raised.id])


def thread(desk: Desk, act: Act) -> dict[str, Act]:
    """Return the alert that an act belongs to: all its notices, and their receipts."""
    found: dict[str, Act] = {act.id: act}
    ahead = [act]
    while ahead:
        one = ahead.pop()
        near = list(desk.about(one.id))
        if isinstance(one.body, Alert):
            known = (desk.node.record.get(name) for name in one.body.about)
            near += [act for act in known if act is not None and desk.sees(act.header.organ)]
        for other in near:
            if other.id not in found and other.kind in ("alert", "receipt"):
                found[other.id] = other
                ahead.extend([other] if other.kind == "alert" else [])
    return found


def gathered(desk: Desk, acts: dict[str, Act]) -> Alerts:
    """Gather alerts, with who of their organs' readers has yet to confirm them."""
    order = desk.charter.order
    readers = {
        organ: tuple(code for code in order if code in names)
        for organ, names in desk.node.readers().items()
    }
    return alerts(acts.values(), readers)


def alert_shown(desk: Desk, raised: Raised) -> AlertShown:
    """Return an alert as pages show it."""
    return AlertShown(
        raised,
        desk.charter.name_of(raised.member),
        desk.organ_name(raised.organ),
        raised.member == desk.member,
        tuple(_notice(desk, raised, one) for one in reversed(raised.notices)),
    )


def _notice(desk: Desk, raised: Raised, notice: Notice) -> NoticeShown:
    charter = desk.charter
    made = instant(notice.instant, "the instant of the alert")
    said = dict.fromkeys(charter.order, "outside")
    told: dict[str, str] = {}
    hrefs: dict[str, str] = {}
    unreached = 0
    for code in notice.waiting:
        heard = desk.node.heard_at.get(code)
        # Seconds are all that an act's instant says.
        lost = code != desk.member and (heard is None or heard < made)
        said[code] = "unreached" if lost else "not yet"
        unreached += lost
    slowest = 0
    for holder in notice.holders:
        said[holder.member] = "has"
        took = int((instant(holder.since, "since when") - made).total_seconds())
        slowest = max(slowest, took)
        told[holder.member] = _("since %(since)s") % {"since": when(holder.since)}
        hrefs[holder.member] = _act_address(holder.receipts[0])
    said[raised.member] = "raised"
    told[raised.member] = when(notice.instant)
    names = {code: charter.name_of(code) for code in charter.order}
    return NoticeShown(
        notice,
        tuple(strip(charter.order, names, said, told, hrefs)),
        _sentence(len(notice.holders), len(notice.waiting) - unreached, unreached, slowest),
        desk.member in notice.waiting,
    )


def _sentence(having: int, waiting: int, unreached: int, slowest: int) -> str:
    parts = [
        ngettext("%(n)d has it", "%(n)d have it", having) % {"n": having},
        _("%(n)d not yet") % {"n": waiting},
        _("%(n)d not reached") % {"n": unreached},
    ]
    told = ", ".join(parts)
    if not having:
        return told
    return _("%(told)s; the slowest took %(span)s") % {"told": told, "span": span(slowest)}


def _act_address(name: str) -> str:
    try:
        return reverse("act", args=[name])
    except NoReverseMatch:
        return ""
