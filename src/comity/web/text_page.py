"""A text as pages show it: brackets in place, rival wordings, who wants what, its history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from comity.core.acts import Act
from comity.core.bodies import Annotation, Propose, Stance
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
from comity.web.desk import Desk
from comity.web.roll import Cell, strip

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


def history(text: Text) -> list[Told]:
    """Return the steps of a text, the latest first."""
    # The words that a text was opened with bear its id in every paragraph.
    versions = {(p.name, v.id): v for p in text.paragraphs for v in (*p.standing, *p.replaced)}
    disputes = {one.id: one for p in text.paragraphs for one in p.disputes}
    numbers = {p.name: p.number for p in text.paragraphs}
    told = []
    for step in reversed(text.history):
        of = step.paragraph or ""
        version = versions.get((of, step.id))
        before = versions.get((of, version.replaces[0])) if version and version.replaces else None
        runs = difference(before.words, step.words) if before else ()
        if step.id in disputes:
            runs = difference(disputes[step.id].words, disputes[step.id].instead)
        told.append(Told(step, step_words(step, numbers.get(of, "")), runs))
    return told


def step_words(step: Step, number: str) -> str:
    """Say what a step of the history did, to the paragraph of a number."""
    kind = "strike" if step.kind == "write" and not step.words else step.kind
    return str(STEPS[kind]) % {"n": number}


def noted(desk: Desk, text: Text) -> list[Noted]:
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


def cells(desk: Desk, text: Text) -> list[Cell]:
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


def sentence(text: Text) -> str:
    """Say what keeps a text from being clean, in one line."""
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
