"""What an act says, in a sentence for people; what it names is named if this desk sees it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from comity.core import bodies
from comity.core.acts import Act
from comity.core.effects import effect_words
from comity.core.keys import holder
from comity.web.answers import WORDS
from comity.web.desk import Desk
from comity.web.pledging import STATES, amount
from comity.web.words import grouped, word

KINDS = {
    "propose": gettext_lazy("proposal"),
    "stance": gettext_lazy("answer"),
    "closing": gettext_lazy("closing"),
    "alert": gettext_lazy("alert"),
    "receipt": gettext_lazy("receipt"),
    "edit": gettext_lazy("edit of a text"),
    "pledge": gettext_lazy("pledge"),
    "attach": gettext_lazy("attachment"),
    "release": gettext_lazy("release"),
    "resume": gettext_lazy("joining of ends"),
    "key": gettext_lazy("further key"),
    "enter": gettext_lazy("entering"),
    "leave": gettext_lazy("notice of withdrawal"),
    "epoch": gettext_lazy("key of an organ"),
    "sealed": gettext_lazy("sealed act"),
}
"""The kinds of act, in words; what cannot be opened among them."""


def kind_word(act: Act) -> str:
    """Return the word for what an act is."""
    return str(KINDS[act.kind or "sealed"])


def named(desk: Desk, name: str | None) -> str:
    """Name an act that another is about: by its title if it has one and is seen here."""
    act = seen(desk, name)
    if act is None:
        return _("an act that is not at hand (%(id)s)") % {"id": (name or "")[:12]}
    body = act.body
    told = getattr(body, "title", "")
    if isinstance(body, bodies.Edit):
        told = getattr(body.change, "title", "") or named(desk, body.text)
    if told:
        return _("“%(title)s”") % {"title": told} if not told.startswith("“") else told
    return f"{act.header.organ}/{act.member}/{act.header.seq}"


def seen(desk: Desk, name: str | None) -> Act | None:
    """Return an act by its id, if this desk sees it."""
    act = desk.node.record.get(name) if name else None
    return act if act is not None and desk.sees(act.header.organ) else None


def sentence(desk: Desk, act: Act) -> str:
    """Say what an act says."""
    body, charter = act.body, desk.charter
    match body:
        case None:
            return _("Sealed: unknown, it cannot be opened here.")
        case bodies.Propose():
            return _("%(title)s: if adopted, it %(effect)s.") % {
                "title": body.title,
                "effect": effect_words(body.effect, charter),
            }
        case bodies.Stance():
            told = _("Answers %(what)s: %(word)s.") % {
                "what": named(desk, body.proposal),
                "word": WORDS[body.word],
            }
            if body.turn > 1:
                told += " " + _("It is the answer number %(n)d.") % {"n": body.turn}
            return told
        case bodies.Closing():
            return ngettext(
                "Closes %(what)s, showing %(n)d answer.",
                "Closes %(what)s, showing %(n)d answers.",
                len(body.roll),
            ) % {"what": named(desk, body.proposal), "n": len(body.roll)}
        case bodies.Alert():
            return _alert(desk, body)
        case bodies.Receipt():
            return _("Has %(what)s since %(instant)s.") % {
                "what": named(desk, body.alert),
                "instant": body.opened_at,
            }
        case bodies.Edit():
            return _edit(desk, body)
        case bodies.Pledge():
            told = _("Pledges %(n)s %(unit)s to “%(line)s”") % {
                "n": amount(Fraction(body.quantity)),
                "unit": body.unit,
                "line": body.line,
            }
            ready = _(", ready from %(day)s") % {"day": body.ready} if body.ready else ""
            return f"{told}{ready}; " + _("%(n)s handed over.") % {
                "n": amount(Fraction(body.delivered))
            }
        case bodies.Attach():
            to = body.case or named(desk, body.to)
            return _("The file %(name)s (%(size)s bytes) belongs to %(to)s.") % {
                "name": body.name,
                "size": grouped(body.size),
                "to": to,
            }
        case _:
            return _of_the_house(desk, body)


def _alert(desk: Desk, body: bodies.Alert) -> str:
    kinds = {
        "alert": _("Alert"),
        "update": _("Update of an alert"),
        "cancel": _("Cancellation of an alert"),
    }
    status = {"exercise": _(" (exercise)"), "test": _(" (test)"), "actual": ""}[body.status]
    return f"{kinds[body.type]}{status}, {_SEVERITIES[body.severity]}: {body.title}."


_SEVERITIES = {
    "extreme": gettext_lazy("extreme"),
    "severe": gettext_lazy("severe"),
    "moderate": gettext_lazy("moderate"),
    "minor": gettext_lazy("minor"),
    "unknown": gettext_lazy("of unknown severity"),
}


def _edit(desk: Desk, body: bodies.Edit) -> str:
    text = named(desk, body.text)
    match body.change:
        case bodies.OpenText() as change:
            return ngettext(
                "Opens the text “%(title)s” of %(n)d paragraph.",
                "Opens the text “%(title)s” of %(n)d paragraphs.",
                len(change.paragraphs),
            ) % {"title": change.title, "n": len(change.paragraphs)}
        case bodies.Write(words=""):
            return _("Strikes a paragraph of %(text)s.") % {"text": text}
        case bodies.Write():
            return _("Writes a paragraph of %(text)s anew.") % {"text": text}
        case bodies.Insert():
            return _("Puts a paragraph into %(text)s.") % {"text": text}
        case bodies.Bracket() as change:
            return _("Disputes “%(words)s” in %(text)s; wants instead: %(instead)s.") % {
                "words": change.words,
                "text": text,
                "instead": change.instead or _("nothing"),
            }
        case bodies.Resolve() as change:
            return _("Says of a bracket in %(text)s: %(words)s.") % {
                "text": text,
                "words": change.words or _("it may go"),
            }


def _of_the_house(desk: Desk, body: bodies.Body) -> str:
    match body:
        case bodies.Release():
            return ngettext(
                "Opens %(n)d act of another organ to this one.",
                "Opens %(n)d acts of another organ to this one.",
                len(body.acts),
            ) % {"n": len(body.acts)}
        case bodies.Resume():
            return _("Joins the ends that an old copy of its node has left.")
        case bodies.Key():
            return _("Takes a further key for %(office)s.") % {"office": body.offer.held.office}
        case bodies.Enter():
            return ngettext(
                "Enters what %(n)d settled change has made.",
                "Enters what %(n)d settled changes have made.",
                len(body.changes),
            ) % {"n": len(body.changes)}
        case bodies.Leave():
            return _("Gives notice: it leaves on %(day)s.") % {"day": body.since}
        case bodies.Epoch():
            return ngettext(
                "Gives the organ its key number %(number)d, sealed to %(n)d office.",
                "Gives the organ its key number %(number)d, sealed to %(n)d offices.",
                len(body.boxes),
            ) % {"number": body.number, "n": len(body.boxes)}
        case _:
            raise AssertionError("every kind has its words")


def details(desk: Desk, act: Act) -> Iterator[tuple[str, str]]:
    """Yield what an act says beside its sentence: a word for it, and the words themselves."""
    body, charter = act.body, desk.charter
    match body:
        case bodies.Propose():
            yield _("Rule"), body.rule
            yield _("Procedure"), body.procedure
            yield _("Roster of"), body.on
            yield _("Roster"), ", ".join(map(charter.name_of, body.roster))
            yield _("Ends"), body.expires or _("it has no end")
            for k, words in enumerate(getattr(body.effect, "paragraphs", ()), 1):
                yield _("Paragraph %(n)d") % {"n": k}, words
        case bodies.Stance():
            for note in body.annotations:
                yield word(note.kind).capitalize(), note.text
        case bodies.Closing():
            if body.opened_at:
                yield _("Could read it since"), body.opened_at
            for member, name in sorted(body.roll.items()):
                yield charter.name_of(member), _rolled(desk, name)
        case bodies.Alert():
            yield _("Words"), body.text
        case bodies.Edit():
            change = body.change
            for k, words in enumerate(getattr(change, "paragraphs", ()), 1):
                yield _("Paragraph %(n)d") % {"n": k}, words
            words = getattr(change, "words", "")
            if words:
                yield _("Words"), words
        case bodies.Pledge():
            if body.obligation:
                known = charter.obligations.get(body.obligation)
                yield _("Obligation"), known.title if known else body.obligation
            for one in body.approvals:
                yield one.body, f"{STATES[one.state]}{f', {one.on}' if one.on else ''}"
            for caveat in body.caveats:
                yield _("Caveat"), caveat
        case bodies.Attach():
            yield _("SHA-256 of the file"), body.sha256
            yield _("Kind of file"), body.media
        case bodies.Leave():
            if body.text:
                yield _("Words"), body.text
        case _:
            pass
    marking = getattr(body, "marking", None)
    if marking is not None:
        told = [marking.level]
        if marking.releasable:
            told.append(_("releasable to %(who)s") % {"who": ", ".join(marking.releasable)})
        yield _("Marking"), ", ".join(told)
    if act.case:
        yield _("Case"), act.case


def signed_with(desk: Desk, act: Act) -> str:
    """Say whether the key that signed an act speaks where the act was made."""
    succession = desk.node.succession
    under = succession.known.get(act.header.constitution)
    office = act.header.office
    if under is None:
        return _("It names a state of charter, standings and keys that is not known here.")
    if holder(under.holders, act.key_id, act.member, office) is None:
        return _("The key did not speak for that office then: the act has no effect.")
    now = holder(succession.current.holders, act.key_id, act.member, office)
    if now is None:
        return _("The key spoke for that office then; it has been replaced since.")
    return _("The key speaks for that office, then and now.")


def _rolled(desk: Desk, name: str) -> str:
    act = seen(desk, name)
    if act is None:
        return _("an answer that is not at hand (%(id)s)") % {"id": name[:12]}
    if not isinstance(act.body, bodies.Stance):
        return _("an answer that cannot be opened here (%(id)s)") % {"id": name[:12]}
    return str(WORDS[act.body.word])
