"""Editing a text: what each form of a paragraph's page signs.

Each form carries the versions that its page showed, so that of two people who
edit one paragraph neither takes the other's words away: both versions stand
until somebody accepts one. The same form sent twice signs once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _

from comity.core.bodies import Bracket, Edit, Insert, Resolve, Write
from comity.core.texts import Dispute, Paragraph, Text
from comity.errors import UsageError
from comity.node.node import Node
from comity.web.desk import Desk
from comity.web.forms import Form
from comity.web.text_page import text_of

Changes = Sequence[Write | Insert | Bracket | Resolve]


def sign(desk: Desk, text: Text, paragraph: str, form: Form) -> None:
    """Sign what a form of a paragraph's page asks for.

    Raises
    ------
    UsageError
        If it cannot be done, or the form is not one of those pages.
    """
    deed = DEEDS[form.one_of("deed", tuple(DEEDS))]

    def work(node: Node) -> None:
        # Inside the lock the text is read anew: nothing slips in between reading and signing.
        now = text_of(desk, text.id)
        there = now.paragraph(paragraph)
        assert there is not None  # what a text has it keeps
        for change in deed(desk, there, form):
            body = Edit(change, text=now.id)
            if body not in _said_already(node, desk, now):
                node.say(now.organ, body)

    desk.do(text.organ, work)


def _said_already(node: Node, desk: Desk, now: Text) -> list[object]:
    """Return the edits of this member that a repeated form would only repeat."""
    own = [
        act
        for act in node.record.about(now.id, kind="edit")
        if act.member == desk.member and act.header.organ == now.organ
    ]
    done = {o.id for p in now.paragraphs for o in p.disputes if not o.is_open}
    done |= {p.name for p in now.paragraphs if p.struck}  # it may be put in anew
    return [act.body for act in own if act.id not in done]


def _on(there: Paragraph, form: Form) -> tuple[str, ...]:
    """Return the versions that the page showed, which an edit takes the place of."""
    known = {one.id for one in (*there.standing, *there.replaced)}
    on = tuple(dict.fromkeys(form.fields.getlist("on")))
    if not on or len(on) > 20 or not known.issuperset(on):
        raise UsageError(
            _("the form does not say which version of the paragraph it changes"),
            hint=_("load the page again and repeat it; nothing was signed"),
        )
    return on


def _write(desk: Desk, there: Paragraph, form: Form) -> Changes:
    words, on = form.text("words", 4_000), _on(there, form)
    versions = {one.id: one.words for one in (*there.standing, *there.replaced)}
    if all(versions[one] == words for one in on):
        raise UsageError(
            _("these are the words that stand there already"),
            hint=_("write others; nothing was signed"),
        )
    return [Write(there.name, words, on)]


def _strike(desk: Desk, there: Paragraph, form: Form) -> Changes:
    return [] if there.struck else [Write(there.name, "", _on(there, form))]


def _accept(desk: Desk, there: Paragraph, form: Form) -> Changes:
    on = _on(there, form)
    versions = {one.id: one.words for one in there.standing}
    version = str(form.fields.get("version", ""))
    if version not in versions:
        if len(there.wordings) == 1:
            return []  # it was accepted already
        raise UsageError(
            _("that version no longer stands"),
            hint=_("load the page again and choose one that does; nothing was signed"),
        )
    return [Write(there.name, versions[version], on)]


def _insert(desk: Desk, there: Paragraph, form: Form) -> Changes:
    first = form.fields.get("where") == "first"
    return [Insert(form.text("words", 4_000), None if first else there.name)]


def _bracket(desk: Desk, there: Paragraph, form: Form) -> Changes:
    typed = form.text("words", 1_000)
    instead = form.text("instead", 1_000, empty=True)
    words = _standing_words(there, typed)
    if words is None:
        raise UsageError(
            _("'%(words)s' does not stand in paragraph %(n)s")
            % {"words": typed[:80], "n": there.number},
            hint=_("copy the words from the paragraph as it stands; nothing was signed"),
        )
    if words == instead:
        raise UsageError(
            _("what you want instead are the same words"),
            hint=_("write other words, or none to have them go; nothing was signed"),
        )
    return [Bracket(there.name, words, instead)]


def _standing_words(there: Paragraph, typed: str) -> str | None:
    """Return words as they stand in a paragraph, however blanks and line ends were typed."""
    if any(typed in wording for wording in there.wordings):
        return typed
    loose = re.compile(r"\s+".join(re.escape(word) for word in typed.split()))
    return next((m[0] for wording in there.wordings if (m := loose.search(wording))), None)


def _dispute(there: Paragraph, form: Form) -> Dispute:
    name = str(form.fields.get("bracket", ""))
    found = next((one for one in there.disputes if one.id == name), None)
    if found is None:
        raise UsageError(
            _("there is no such bracket in paragraph %(n)s") % {"n": there.number},
            hint=_("load the page again; nothing was signed"),
        )
    return found


def _resolve(desk: Desk, there: Paragraph, form: Form) -> Changes:
    """Resolve this member's own bracket; where it settles for other words, write them too."""
    dispute = _dispute(there, form)
    if dispute.member != desk.member:
        raise UsageError(
            _("the bracket is %(name)s's: only who opened it resolves it")
            % {"name": desk.charter.name_of(dispute.member)},
            hint=_("offer words instead; nothing was signed"),
        )
    if not dispute.is_open:
        return []
    how = form.one_of("how", ("keep", "instead", "other", *(one.id for one in dispute.offers)))
    match how:
        case "keep":
            words = dispute.words
        case "instead":
            words = dispute.instead
        case "other":
            words = form.text("words", 1_000, empty=True)
        case _:
            words = next(one.words for one in dispute.offers if one.id == how)
    changes: list[Write | Insert | Bracket | Resolve] = []
    if words != dispute.words and dispute.stands:
        if there.words is None:
            raise UsageError(
                _("rival wordings of paragraph %(n)s stand") % {"n": there.number},
                hint=_("accept one of them first, then resolve the bracket; nothing was signed"),
            )
        made = there.words.replace(dispute.words, words).strip()
        if len(made) > 4_000:
            raise UsageError(
                _("the paragraph would be longer than 4,000 characters"),
                hint=_("settle for fewer words; nothing was signed"),
            )
        changes.append(Write(there.name, made, tuple(one.id for one in there.standing)))
    return [*changes, Resolve(dispute.id, words)]


def _offer(desk: Desk, there: Paragraph, form: Form) -> Changes:
    dispute = _dispute(there, form)
    if dispute.member == desk.member:
        raise UsageError(_("the bracket is your own"), hint=_("resolve it; nothing was signed"))
    return [Resolve(dispute.id, form.text("words", 1_000, empty=True))]


DEEDS: dict[str, Callable[[Desk, Paragraph, Form], Changes]] = {
    "write": _write,
    "strike": _strike,
    "accept": _accept,
    "insert": _insert,
    "bracket": _bracket,
    "resolve": _resolve,
    "offer": _offer,
}
"""What can be done with a paragraph."""
