"""Drafting: what was typed becomes a proposal that pins charter, day, roster, procedure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.core.acts import Act
from comity.core.bodies import (
    Adopt,
    CloseCase,
    Effect,
    OpenCase,
    OptIn,
    Propose,
    Recognise,
    Stance,
    Wake,
)
from comity.core.charter import Organ, Procedure
from comity.core.effects import effect_words
from comity.core.proposals import Standing
from comity.core.strict import instant, spelled
from comity.core.texts import Text, texts
from comity.errors import UsageError
from comity.node.node import Node
from comity.web.answers import last_words
from comity.web.desk import Desk
from comity.web.forms import Form

EFFECTS = {
    "adopt": gettext_lazy("a text that is agreed"),
    "opt in": gettext_lazy("a text that binds whoever joins it"),
    "open a case": gettext_lazy("a case to be opened"),
    "close a case": gettext_lazy("a case to be closed"),
    "recognise a group": gettext_lazy("a group to be recognised"),
    "wake an obligation": gettext_lazy("an obligation to be woken"),
}
UNITS = {"minutes": 60, "hours": 3_600, "days": 86_400}
MOST_TEXT = 100_000
MOST_PARAGRAPHS = 200
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposal that is ready to be signed.

    Parameters
    ----------
    on
        The day whose roster it pins.
    instead
        The proposal that is withdrawn for it; None where there is none.
    """

    organ: str
    body: Propose
    on: date
    instead: Act | None = None


def deciding(desk: Desk) -> list[Organ]:
    """Return the organs that can decide and in which this desk may propose."""
    today = desk.house.now().astimezone(UTC).date()
    found = []
    for name in desk.acting:
        organ = desk.charter.organs[name]
        may = desk.member in desk.charter.select(organ.propose, today, organ)
        if organ.can_decide and organ.procedures and may:
            found.append(organ)
    return found


def typed_of(desk: Desk, form: Form) -> dict[str, object]:
    """Return what was typed, to be shown again; what was not, as it is usual or as it was before.

    Another proposal (`after`, `instead`) or a negotiated text fills what is empty.
    """
    fields = form.fields
    organs = [organ.id for organ in deciding(desk)]
    before = _before(desk, fields.get("instead", "") or fields.get("after", ""))
    organ = fields.get("organ") or (before.header.organ if before else "")
    text = fields.get("text", "")
    whole: dict[str, object] = {
        "organ": organ if organ in organs else (organs[0] if organs else ""),
        "effect": fields.get("effect", "adopt"),
        "members": fields.getlist("members")[:1_000],
        "unit": fields.get("unit", "hours"),
        "text": text,
    }
    if whole["effect"] not in EFFECTS:
        whole["effect"] = "adopt"
    if whole["unit"] not in UNITS:
        whole["unit"] = "hours"
    for name in _PLAIN:
        whole[name] = str(fields.get(name, ""))[: 4 * MOST_TEXT]
    if before is not None and not fields.get("step"):
        whole.update(_filled(before, keep=bool(fields.get("instead"))))
    if text and not fields.get("step"):
        whole.update(_negotiated(desk, text))
    return whole


_PLAIN = (
    "title",
    "paragraphs",
    "rule",
    "procedure",
    "amount",
    "expires",
    "case",
    "about",
    "group",
    "obligation",
    "because",
    "after",
    "instead",
)


def drafted(desk: Desk, form: Form, typed: dict[str, object]) -> Draft:
    """Return the proposal that was typed.

    Raises
    ------
    UsageError
        If something is missing or cannot be.
    """
    organ = desk.charter.organs[form.one_of("organ", [one.id for one in deciding(desk)])]
    rule = form.one_of("rule", organ.rules)
    procedure = desk.charter.procedures[form.one_of("procedure", organ.procedures)]
    instead = desk.act(str(typed["instead"]), "propose") if typed["instead"] else None
    if instead is not None:
        check_replaceable(desk, instead)
    expires = _expiry(desk, form, procedure)
    on = (expires or desk.house.now()).astimezone(UTC).date()
    effect = _effect(desk, form)
    title = form.line("title", 200, empty=not isinstance(effect, Adopt | OptIn | OpenCase))
    text = _source(desk, str(typed["text"]), effect)
    body = Propose(
        title or effect_words(effect, desk.charter)[:200],
        effect,
        desk.node.under.charter_hash,
        rule,
        procedure.id,
        on.isoformat(),
        desk.charter.roster(organ.id, on),
        spelled(expires) if expires else None,
        form.name("case"),
        text,
    )
    return Draft(organ.id, body, on, instead)


def put(desk: Desk, node: Node, draft: Draft) -> Act:
    """Sign a draft, once: one that this member signed and that is open is that same proposal.

    What it stands in the place of is withdrawn after it: if the new one were
    refused, the old one stays.
    """
    same = (
        act
        for act in node.record.unsettled(organ=draft.organ)
        if act.member == desk.member and act.body == draft.body
    )
    act = next(same, None) or node.propose(draft.organ, draft.body)
    if draft.instead is not None and not _is_withdrawn(desk, draft.instead):
        node.answer(draft.instead.id, "withdraw")
    return act


def check_replaceable(desk: Desk, act: Act) -> None:
    """Check that a proposal can give way to another of the same proposer.

    Raises
    ------
    UsageError
        With the reason why it cannot.
    """
    standing = desk.node.standing(act.id)
    hint = _("propose it anew beside the other: nothing was signed")
    if act.member != desk.member:
        raise UsageError(_("only its proposer proposes it anew with other words"), hint=hint)
    if isinstance(standing, str) or standing.count is None:
        raise UsageError(_("it cannot be withdrawn"), hint=hint)
    if not _is_withdrawn(desk, act) and (
        standing.settlement.settled or desk.member in standing.count.closed
    ):
        raise UsageError(_("it has been closed, and is not withdrawn any more"), hint=hint)


def paragraphs_of(text: str) -> tuple[str, ...]:
    """Return the paragraphs of a text: blank lines keep them apart.

    >>> paragraphs_of("One, and\\nmore.\\n\\n \\nTwo.")
    ('One, and\\nmore.', 'Two.')
    """
    return tuple(part.strip() for part in re.split(r"\n[ \t]*\n", text) if part.strip())


def _effect(desk: Desk, form: Form) -> Effect:
    match form.one_of("effect", tuple(EFFECTS)):
        case "adopt":
            return Adopt(_paragraphs(form))
        case "opt in":
            after = form.line("after", 64, empty=True)
            return OptIn(_paragraphs(form), desk.act(after, "propose").id if after else None)
        case "open a case":
            return OpenCase(_name(form, "about"), form.line("title", 200))
        case "close a case":
            return CloseCase(_name(form, "about"))
        case "recognise a group":
            chosen = [m for m in desk.charter.order if m in form.fields.getlist("members")]
            if not chosen:
                raise UsageError(
                    _("the group has no members"), hint=_("choose some; nothing was signed")
                )
            return Recognise(_name(form, "group"), tuple(chosen))
        case _:
            dormant = [o.id for o in desk.charter.obligations.values() if o.in_force is None]
            return Wake(form.one_of("obligation", dormant), form.text("because", 4_000))


def _paragraphs(form: Form) -> tuple[str, ...]:
    found = paragraphs_of(form.text("paragraphs", MOST_TEXT))
    if len(found) > MOST_PARAGRAPHS or any(len(one) > 4_000 for one in found):
        raise UsageError(
            _("a text has at most %(most)d paragraphs of 4,000 characters each")
            % {"most": MOST_PARAGRAPHS},
            hint=_("keep paragraphs apart by blank lines; nothing was signed"),
        )
    return found


def _name(form: Form, field: str) -> str:
    found = form.name(field)
    if found is None:
        raise UsageError(
            _("a name is missing"), hint=_("write one such as arctic-alert; nothing was signed")
        )
    return found


def _expiry(desk: Desk, form: Form, procedure: Procedure) -> datetime | None:
    if procedure.kind == "signature":
        return None
    now = desk.house.now()
    pinned = form.line("expires", 40, empty=True)
    expires = instant(pinned, _("the expiry")) if pinned else now + _period(form, procedure)
    if not now < expires <= now + LONGEST:
        raise UsageError(
            _("a proposal ends within a year, and not before it begins"),
            hint=_("choose how long it is open; nothing was signed"),
        )
    return expires


def _period(form: Form, procedure: Procedure) -> timedelta:
    told = form.line("amount", 12, empty=True)
    if not told:
        if procedure.period is None:
            raise UsageError(
                _("the charter gives the procedure '%(name)s' no period") % {"name": procedure.id},
                hint=_("say how long it is open; nothing was signed"),
            )
        return timedelta(hours=procedure.period)
    if not re.fullmatch(r"\d{1,6}([.,]\d{1,3})?", told, re.ASCII):
        raise UsageError(
            _("how long it is open must be a number"),
            hint=_("write 24 and choose hours; nothing was signed"),
        )
    seconds = Fraction(told.replace(",", ".")) * UNITS[form.one_of("unit", tuple(UNITS))]
    return timedelta(seconds=int(seconds))


def _before(desk: Desk, name: str) -> Act | None:
    return desk.act(name, "propose") if name else None


def _filled(before: Act, *, keep: bool) -> dict[str, object]:
    """Return what another proposal fills in: all of it to propose anew, its words to opt in."""
    body = before.body
    assert isinstance(body, Propose)
    words = getattr(body.effect, "paragraphs", ())
    found: dict[str, object] = {
        "title": body.title,
        "paragraphs": "\n\n".join(words),
        "case": body.case or "",
    }
    if keep:
        effect = str(body.effect.__struct_config__.tag)
        found |= {"rule": body.rule, "procedure": body.procedure}
        found |= {"effect": effect if effect in EFFECTS else "adopt", "text": body.text or ""}
    return found


def _negotiated(desk: Desk, name: str) -> dict[str, object]:
    """Return what a negotiated text fills in.

    Raises
    ------
    UsageError
        If it is not clean yet.
    """
    found = _text(desk, name)
    if found is None or found.clean is None:
        raise UsageError(
            _("the text is not clean: %(why)s")
            % {"why": "; ".join(found.hindrances) if found else _("it has no effect")},
            hint=_("settle what is disputed first, or write the words by hand"),
        )
    case = found.case or ""
    return {"title": found.title, "paragraphs": "\n\n".join(found.clean), "case": case}


def _text(desk: Desk, name: str) -> Text | None:
    act = desk.act(name, "edit")
    gathered = texts([act, *desk.about(act.id, kind="edit")])
    return next((one for one in gathered if one.id == act.id), None)


def _source(desk: Desk, name: str, effect: Effect) -> str | None:
    """Return the negotiated text that a proposal comes from, if it has its words to the letter."""
    if not name or not isinstance(effect, Adopt):
        return None
    found = _text(desk, name)
    return found.id if found is not None and found.clean == effect.paragraphs else None


def _is_withdrawn(desk: Desk, act: Act) -> bool:
    standing = desk.node.standing(act.id)
    if not isinstance(standing, Standing):
        return False
    last = last_words(standing.pinned, standing.stances).get(act.member)
    return last is not None and isinstance(last.body, Stance) and last.body.word == "withdraw"
