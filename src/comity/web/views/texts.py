"""Texts: a document with brackets in place, and beside it a page to work on each paragraph.

To edit is to sign. Each form carries the versions that its page showed, so that
of two people who edit one paragraph neither takes the other's words away: both
versions stand until somebody accepts one. The same form sent twice signs once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comity.core.acts import Act
from comity.core.bodies import (
    Annotation,
    Bracket,
    Edit,
    Insert,
    OpenText,
    Propose,
    Resolve,
    Stance,
    Write,
)
from comity.core.marking import LEVELS, Marking
from comity.core.proposals import Standing
from comity.core.texts import (
    Dispute,
    Paragraph,
    Run,
    Step,
    Text,
    Version,
    difference,
    in_place,
    texts,
)
from comity.errors import ComityError, UsageError
from comity.node.node import Node
from comity.web.context import address
from comity.web.desk import Desk
from comity.web.forms import Form, refused
from comity.web.roll import Cell, strip

MOST_PARAGRAPHS = 200
STEPS = {
    "open": gettext_lazy("opened the text"),
    "write": gettext_lazy("wrote paragraph %(n)s"),
    "strike": gettext_lazy("struck paragraph %(n)s"),
    "insert": gettext_lazy("put in paragraph %(n)s"),
    "bracket": gettext_lazy("opened a bracket in paragraph %(n)s"),
    "resolve": gettext_lazy("resolved its bracket in paragraph %(n)s"),
    "offer": gettext_lazy("offered words in paragraph %(n)s"),
}
"""What a step of the history is called."""


# What pages show.


@dataclass(frozen=True, slots=True)
class Wanted:
    """Words that some members want in the place of disputed ones; empty for none."""

    words: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bit:
    """Some words of a version; how many brackets open before them, and which close after.

    Parameters
    ----------
    closes
        For each bracket that closes, what is wanted there instead.
    """

    words: str
    opens: tuple[int, ...]
    closes: tuple[tuple[Wanted, ...], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A version that stands: who wants it, its words with brackets, what it changed."""

    version: Version
    members: tuple[str, ...]
    bits: tuple[Bit, ...]
    before: Version | None
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """A bracket as it stands beside its paragraph."""

    dispute: Dispute
    mine: bool
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A paragraph as a page shows it.

    Parameters
    ----------
    versions
        One of each wording that stands.
    on
        The ids of all versions that stand: what an edit made on this page takes the place of.
    """

    paragraph: Paragraph
    versions: tuple[Shown, ...]
    brackets: tuple[Beside, ...]
    on: tuple[str, ...]

    @property
    def rivals(self) -> bool:
        """Whether more than one wording stands."""
        return len(self.versions) > 1

    @property
    def between(self) -> tuple[Run, ...]:
        """What tells two rival wordings apart; nothing where there are not two."""
        if len(self.versions) != 2:
            return ()
        return difference(*(one.version.words for one in self.versions))

    @property
    def prefilled(self) -> str:
        """The words that a form for other words begins with."""
        return self.versions[0].version.words


@dataclass(frozen=True, slots=True)
class Told:
    """A step of the history, in words."""

    step: Step
    what: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A text in the list of texts."""

    text: Text
    brackets: int
    rivals: int
    last: Step


@dataclass(frozen=True, slots=True)
class Noted:
    """A proposal of a text: how it stands, and what this member noted beside its answer."""

    act: Act
    title: str
    outcome: str
    notes: tuple[Annotation, ...]


def text_of(desk: Desk, letters: str) -> Text:
    """Return a text that this desk sees, by the id of the act that opened it.

    Raises
    ------
    Http404
        If there is none for these eyes.
    """
    act = desk.act(letters, "edit")
    found = [one for one in texts([act, *desk.about(act.id, kind="edit")]) if one.id == act.id]
    if not found:
        raise Http404("there is no such act")
    return found[0]


def place_of(desk: Desk, paragraph: Paragraph) -> Place:
    """Return a paragraph as pages show it."""
    known = {one.id: one for one in (*paragraph.standing, *paragraph.replaced)}
    shown = []
    for words, group in groupby(sorted(paragraph.standing, key=_by_words), key=_by_words):
        alike = sorted(group, key=lambda one: (one.instant, one.id))
        first = alike[0]
        before = next((known[name] for name in first.replaces if name in known), None)
        shown.append(
            Shown(
                first,
                tuple(dict.fromkeys(one.member for one in alike)),
                _bits(first, paragraph.disputes),
                before,
                difference(before.words, words) if before else (),
            )
        )
    return Place(
        paragraph,
        tuple(sorted(shown, key=lambda one: (one.version.instant, one.version.id))),
        tuple(
            Beside(one, one.member == desk.member, difference(one.words, one.instead))
            for one in sorted(paragraph.disputes, key=lambda one: (one.instant, one.id))
            if one.is_open
        ),
        tuple(one.id for one in paragraph.standing),
    )


def _by_words(version: Version) -> str:
    return version.words


def _bits(version: Version, disputes: Iterable[Dispute]) -> tuple[Bit, ...]:
    """Cut a version where brackets open and close; brackets on the same words are one."""
    known = {one.id: one for one in disputes}
    pieces = in_place(version, known.values())
    around = [frozenset(known[name].words for name in piece.brackets) for piece in pieces]
    found = []
    for k, piece in enumerate(pieces):
        before = around[k - 1] if k else frozenset[str]()
        after = around[k + 1] if k + 1 < len(pieces) else frozenset[str]()
        closing = sorted(around[k] - after, key=len)
        found.append(
            Bit(
                piece.words,
                tuple(range(len(around[k] - before))),
                tuple(_wanted(known.values(), words) for words in closing),
            )
        )
    return tuple(found)


def _wanted(disputes: Iterable[Dispute], words: str) -> tuple[Wanted, ...]:
    found: dict[str, list[str]] = {}
    for one in disputes:
        if one.is_open and one.words == words:
            found.setdefault(one.instead, []).append(one.member)
    return tuple(Wanted(instead, tuple(dict.fromkeys(who))) for instead, who in found.items())


def _history(text: Text) -> list[Told]:
    """Return the steps of a text, the latest first."""
    # The words that a text was opened with bear its id in every paragraph.
    versions = {(p.name, v.id): v for p in text.paragraphs for v in (*p.standing, *p.replaced)}
    disputes = {one.id: one for p in text.paragraphs for one in p.disputes}
    told = []
    for step in reversed(text.history):
        of = step.paragraph or ""
        version = versions.get((of, step.id))
        before = versions.get((of, version.replaces[0])) if version and version.replaces else None
        runs = difference(before.words, step.words) if before else ()
        if step.id in disputes:
            runs = difference(disputes[step.id].words, disputes[step.id].instead)
        told.append(Told(step, step_words(text, step), runs))
    return told


def step_words(text: Text, step: Step) -> str:
    """Say what a step of the history did."""
    there = text.paragraph(step.paragraph or "")
    kind = "strike" if step.kind == "write" and not step.words else step.kind
    return str(STEPS[kind]) % {"n": there.number if there else ""}


def _noted(desk: Desk, text: Text) -> list[Noted]:
    """Return the proposals of a text, with what this member noted beside its last answer."""
    found = []
    for act in desk.about(text.id, kind="propose"):
        assert isinstance(act.body, Propose)
        standing = desk.standing(act.id)
        outcome = standing.settlement.outcome if isinstance(standing, Standing) else standing
        own = [
            one.body
            for one in (standing.stances if isinstance(standing, Standing) else ())
            if one.member == desk.member and isinstance(one.body, Stance)
        ]
        last = max(own, key=lambda one: one.turn, default=None)
        found.append(Noted(act, act.body.title, outcome, last.annotations if last else ()))
    return found


def _cells(desk: Desk, text: Text) -> list[Cell]:
    """Return the strip of a text: whose words stand, and who has brackets open."""
    readers = desk.node.readers().get(text.organ, frozenset())
    said = {code: "none" if code in readers else "outside" for code in desk.charter.order}
    numbers: dict[str, list[str]] = {}
    for one in text.paragraphs:
        for version in one.standing:
            if version.id != text.id:
                said[version.member] = "words"
                numbers.setdefault(version.member, []).append(one.number)
    for one in text.paragraphs:
        for dispute in one.disputes:
            if dispute.is_open:
                if said.get(dispute.member) != "disputes":
                    numbers[dispute.member] = []
                said[dispute.member] = "disputes"
                numbers[dispute.member].append(one.number)
    told = {
        code: _("in %(where)s") % {"where": ", ".join(dict.fromkeys(where))}
        for code, where in numbers.items()
    }
    names = {code: desk.charter.name_of(code) for code in desk.charter.order}
    return strip(desk.charter.order, names, said, told)


def _sentence(text: Text) -> str:
    disputes = [one for p in text.paragraphs for one in p.disputes if one.is_open]
    rivals = sum(p.words is None for p in text.paragraphs)
    who = list(dict.fromkeys(one.member for one in disputes))
    brackets = ngettext("%(n)d bracket open", "%(n)d brackets open", len(disputes)) % {
        "n": len(disputes)
    }
    if who:
        brackets = f"{brackets} ({', '.join(who)})"
    more = ngettext(
        "%(n)d paragraph with rival wordings", "%(n)d paragraphs with rival wordings", rivals
    ) % {"n": rivals}
    return f"{brackets}, {more}" if rivals else brackets


# The pages.


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Show the texts that this desk sees, what changed last first."""
    return _list(request)


def _list(
    request: HttpRequest, wrong: ComityError | None = None, status: int = 200
) -> HttpResponse:
    desk: Desk = request.desk  # type: ignore[attr-defined]
    found = [
        Listed(
            one,
            sum(other.is_open for p in one.paragraphs for other in p.disputes),
            sum(p.words is None for p in one.paragraphs),
            one.history[-1],
        )
        for one in texts(desk.acts("edit"))
    ]
    found.sort(key=lambda one: (one.last.instant, one.text.id), reverse=True)
    shown = {
        "texts": [
            (one, step_words(one.text, one.last), desk.organ_name(one.text.organ)) for one in found
        ],
        "organs": [(organ, desk.organ_name(organ)) for organ in desk.organs],
        "levels": LEVELS,
        "wrong": wrong,
        "typed": request.POST if request.method == "POST" else request.GET,
    }
    part = "room/texts_list.html" if request.headers.get("HX-Request") else "room/texts.html"
    return render(request, part, shown, status=status)


@require_POST
def open_text(request: HttpRequest) -> HttpResponseBase:
    """Open a text; the same one sent twice is opened once."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    form = Form(request.POST)
    try:
        organ = form.one_of("organ", desk.organs)
        blocks = re.split(r"\n[^\S\n]*\n", form.text("paragraphs", 120_000))
        paragraphs = tuple(told for told in (block.strip() for block in blocks) if told)
        if len(paragraphs) > MOST_PARAGRAPHS:
            raise UsageError(
                _("a text begins with at most %(most)s paragraphs") % {"most": MOST_PARAGRAPHS},
                hint=_("put further ones in afterwards; nothing was signed"),
            )
        for number, words in enumerate(paragraphs, 1):
            if len(words) > 4_000:
                raise UsageError(
                    _("paragraph %(n)s is longer than 4,000 characters") % {"n": number},
                    hint=_("divide it by a blank line; nothing was signed"),
                )
        level = form.one_of("level", ("", *LEVELS))
        body = Edit(
            OpenText(form.line("title", 200), paragraphs),
            case=form.name("case"),
            marking=Marking(level) if level else None,
        )

        def work(node: Node) -> str:
            for act in node.record.acts(organ=organ, member=desk.member, kind="edit"):
                if act.body == body:
                    return act.id
            return node.say(organ, body).id

        made = desk.do(organ, work)
    except ComityError as wrong:
        return _list(request, wrong, 422)
    return redirect("text", made)


@require_safe
def text(request: HttpRequest, name: str) -> HttpResponse:
    """Show a text as a document; on request its clean text, or why there is none yet."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    found = text_of(desk, name)
    noted = _noted(desk, found)
    shown = {
        "text": found,
        "places": [place_of(desk, one) for one in found.paragraphs],
        "organ": desk.organ_name(found.organ),
        "by": desk.charter.name_of(found.member),
        "clean": request.GET.get("clean") == "1",
        "history": _history(found),
        "noted": noted,
        "notes": any(one.notes for one in noted),
        "cells": _cells(desk, found),
        "sentence": _sentence(found),
        "propose": address("propose") or address("proposals"),
        "at": desk.house.now(),
    }
    part = "room/text_live.html" if request.headers.get("HX-Request") else "room/text.html"
    return render(request, part, shown)


@require_http_methods(["GET", "HEAD"])
def paragraph(request: HttpRequest, name: str, of: str) -> HttpResponse:
    """Show one paragraph, and all that can be done with it."""
    return _paragraph(request, name, of)


def _paragraph(
    request: HttpRequest, name: str, of: str, wrong: ComityError | None = None, status: int = 200
) -> HttpResponse:
    desk: Desk = request.desk  # type: ignore[attr-defined]
    found = text_of(desk, name)
    one = found.paragraph(of)
    if one is None:
        raise Http404("there is no such paragraph")
    place = place_of(desk, one)
    typed = request.POST if wrong else {}
    # A page that is shown again after a refusal keeps the versions that it was made on.
    known = {v.id: v for v in (*one.standing, *one.replaced)}
    asked = request.POST.getlist("on") if wrong else request.GET.getlist("on")
    on = tuple(dict.fromkeys(v for v in asked if v in known)) or place.on
    shown = {
        "text": found,
        "place": place,
        "on": on,
        "later": [
            desk.charter.name_of(v.member)
            for v in one.standing
            if v.id not in on and v.member != desk.member
        ],
        "words": typed.get("words", place.prefilled)
        if typed.get("deed") == "write"
        else place.prefilled,
        "is_first": found.paragraphs[0].name == one.name,
        "wrong": wrong,
        "typed": typed,
        "organ": desk.organ_name(found.organ),
    }
    live = request.method != "POST" and request.headers.get("HX-Request")
    part = "room/text_paragraph_live.html" if live else "room/text_paragraph.html"
    return render(request, part, shown, status=status)


# What can be done.


@require_POST
def edit(request: HttpRequest, name: str) -> HttpResponseBase:
    """Sign one edit of a text."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    found = text_of(desk, name)
    form = Form(request.POST)
    one = found.paragraph(str(request.POST.get("paragraph", "")))
    back = reverse("text", args=[found.id])
    if one is None:
        wrong = UsageError(
            _("the text has no such paragraph"), hint=_("load the page again; nothing was signed")
        )
        return refused(request, wrong, back=back)
    of = one.name
    try:
        deed = DEEDS[form.one_of("deed", tuple(DEEDS))]

        def work(node: Node) -> None:
            # Inside the lock the text is read anew: nothing slips in between reading and signing.
            now = text_of(desk, found.id)
            there = now.paragraph(of)
            assert there is not None  # what a text has it keeps
            for change in deed(desk, there, form):
                body = Edit(change, text=found.id)
                if body not in _said_already(node, desk, now):
                    node.say(found.organ, body)

        desk.do(found.organ, work)
    except ComityError as wrong:
        return _paragraph(request, found.id, of, wrong, 422)
    return redirect(f"{back}#p-{of[:12]}")


Changes = Sequence[Write | Insert | Bracket | Resolve]


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

urls = [
    path("texts", listed, name="texts"),
    path("texts/open", open_text, name="open-text"),
    path("texts/<str:name>", text, name="text"),
    path("texts/<str:name>/edit", edit, name="edit-text"),
    path("texts/<str:name>/paragraphs/<str:of>", paragraph, name="paragraph"),
]
