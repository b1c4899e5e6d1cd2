"""Pledging: what was typed becomes a pledge, a restatement, an approval step or a delivery."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.core.acts import Act
from comity.core.bodies import Approval, Pledge
from comity.core.pledges import written
from comity.errors import UsageError
from comity.node.node import Node
from comity.web.desk import Desk
from comity.web.forms import Form, checked, day_of
from comity.web.words import field_word, grouped

STATES = {
    "pending": gettext_lazy("pending"),
    "approved": gettext_lazy("approved"),
    "refused": gettext_lazy("refused"),
}
"""Where a national body stands, in words."""
DEEDS = {
    "pledge": gettext_lazy("Pledge"),
    "restate": gettext_lazy("Restate a pledge"),
    "approval": gettext_lazy("Record an approval step"),
    "delivery": gettext_lazy("Record a delivery"),
}
"""What can be done."""
MOST = 20
ROWS = 3
"""How many rows for national bodies an empty form has."""
_ROW = ("body", "state", "on")
_PLAIN = ("organ", "obligation", "line", "quantity", "unit", "case", "ready", "delivered")


@dataclass(frozen=True, slots=True)
class Drafted:
    """A pledge that is ready to be signed, and the one that it restates."""

    organ: str
    body: Pledge
    before: Act | None = None


def may_pledge(desk: Desk) -> bool:
    """Tell whether the charter gives this member the right to pledge."""
    member = desk.charter.members.get(desk.member)
    rights = desk.charter.standings.get(member.standing, ()) if member is not None else ()
    return "pledge" in rights


def amount(value: Fraction) -> str:
    """Write an exact amount for people.

    >>> amount(Fraction(15_000)), amount(Fraction("2.50"))
    ('15,000', '2.5')
    """
    whole, _dot, rest = written(value).partition(".")
    return grouped(whole, rest) if whole.isdigit() else written(value)


def span(low: Fraction, high: Fraction) -> str:
    """Write a range: one number where both ends are the same."""
    if low == high:
        return amount(low)
    return _("%(low)s to %(high)s") % {"low": amount(low), "high": amount(high)}


def typed_pledge(desk: Desk, form: Form) -> dict[str, object]:
    """Return what was typed, to be shown again; a pledge that is restated fills what was not."""
    fields = form.fields
    deed = str(fields.get("deed", "pledge"))
    before = _before(desk, form)
    typed: dict[str, object] = {name: str(fields.get(name, ""))[:4_000] for name in _PLAIN}
    typed["deed"] = deed if deed in DEEDS and (deed == "pledge") == (before is None) else ""
    if not typed["deed"]:
        typed["deed"] = "restate" if before is not None else "pledge"
    typed["previous"] = before.id if before is not None else ""
    typed["caveats"] = str(fields.get("caveats", ""))[:100_000]
    typed["approvals"] = _rows(form)
    if before is not None and not fields.get("step"):
        typed.update(_filled(before))
    return typed


def drafted_pledge(desk: Desk, form: Form) -> Drafted:
    """Return the pledge that was typed.

    Raises
    ------
    UsageError
        If something is missing or cannot be.
    """
    if not may_pledge(desk):
        raise UsageError(
            _("the charter gives %(name)s no right to pledge") % {"name": desk.name},
            hint=_("sit at the desk of a member that has it"),
        )
    before = _before(desk, form)
    if before is None:
        organ = form.one_of("organ", desk.organs)
        name = form.line("obligation", 64, empty=True) or None
        if name is not None:
            form.one_of("obligation", tuple(desk.charter.obligations))
        line, unit = form.line("line", 64), form.line("unit", 64)
        case = form.name("case")
    else:
        told = before.body
        assert isinstance(told, Pledge)
        organ, name = before.header.organ, told.obligation
        line, unit, case = told.line, told.unit, told.case
    body = Pledge(
        line,
        _amount(form, "quantity"),
        unit,
        name,
        case,
        ready.isoformat() if (ready := form.day("ready")) else None,
        _amount(form, "delivered", "0"),
        _caveats(form),
        _approvals(form),
        before.id if before is not None else None,
    )
    checked(body)
    drafted = Drafted(organ, body, before)
    _check_place(desk, drafted)
    return drafted


def put_pledge(desk: Desk, node: Node, drafted: Drafted) -> Act:
    """Sign a pledge, once: the same words a second time are the same pledge."""
    same = (
        act
        for act in node.record.acts(organ=drafted.organ, member=desk.member, kind="pledge")
        if act.body == drafted.body
    )
    found = next(same, None)
    if found is not None:
        return found
    _check_place(desk, drafted)
    return node.say(drafted.organ, drafted.body)


def _check_place(desk: Desk, drafted: Drafted) -> None:
    """Check that a pledge has no rival: it begins a line, or restates what holds now."""
    hint = _("restate the one that holds: nothing was signed")
    body = drafted.body
    if drafted.before is not None:
        if any(a.body != body for a in desk.about(drafted.before.id, kind="pledge")):
            raise UsageError(_("the pledge has been restated since"), hint=hint)
        return
    for act in desk.acts("pledge"):
        told = act.body
        assert isinstance(told, Pledge)
        same = (told.obligation, told.case, told.line) == (body.obligation, body.case, body.line)
        if act.member == desk.member and same and told != body:
            raise UsageError(
                _("%(name)s has pledged to this line already") % {"name": desk.name}, hint=hint
            )


def _before(desk: Desk, form: Form) -> Act | None:
    name = form.line("previous", 64, empty=True)
    if not name:
        return None
    act = desk.act(name, "pledge")
    if act.member != desk.member:
        raise UsageError(
            _("the pledge is not yours"),
            hint=_("each member restates its own; nothing was signed"),
        )
    return act


def _filled(before: Act) -> dict[str, object]:
    body = before.body
    assert isinstance(body, Pledge)
    return {
        "organ": before.header.organ,
        "obligation": body.obligation or "",
        "line": body.line,
        "quantity": body.quantity,
        "unit": body.unit,
        "case": body.case or "",
        "ready": body.ready or "",
        "delivered": body.delivered,
        "caveats": "\n\n".join(body.caveats),
        "approvals": [(one.body, one.state, one.on or "") for one in body.approvals],
    }


def _rows(form: Form) -> list[tuple[str, str, str]]:
    return [
        (body[:200], state[:20], day[:20])
        for body, state, day in zip(*(form.fields.getlist(n)[:MOST] for n in _ROW))
        if body.strip()
    ]


def _amount(form: Form, field: str, empty: str = "") -> str:
    told = re.sub(r"[ \u00a0\u202f]", "", form.line(field, 40, empty=bool(empty))) or empty
    if not re.fullmatch(r"(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?", told, re.ASCII):
        raise UsageError(
            _("%(field)s must be a number such as 1200 or 2.5") % {"field": field_word(field)},
            hint=_("write digits, and a point before what is less than one; nothing was signed"),
        )
    return told


def _caveats(form: Form) -> tuple[str, ...]:
    told = form.text("caveats", 40_000, empty=True)
    found = tuple(part.strip() for part in re.split(r"\n[ \t]*\n", told) if part.strip())
    if len(found) > MOST or any(len(one) > 4_000 for one in found):
        raise UsageError(
            _("a pledge has at most %(most)d caveats of 4,000 characters each") % {"most": MOST},
            hint=_("keep caveats apart by blank lines; nothing was signed"),
        )
    return found


def _approvals(form: Form) -> tuple[Approval, ...]:
    """Return where national bodies stand; the last word on each counts."""
    found: dict[str, Approval] = {}
    for body, state, day in _rows(form):
        name = " ".join(body.split())
        if state not in STATES or len(name) > 64:
            raise UsageError(
                _("an approval names a body in at most 64 characters, and its state"),
                hint=_("choose pending, approved or refused; nothing was signed"),
            )
        on = day_of(day.strip()).isoformat() if day.strip() else None
        found[name] = Approval(name, state, on)  # type: ignore[arg-type]
    return tuple(found.values())
