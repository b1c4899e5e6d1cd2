"""Answers: which words a member has on a proposal, and what each would bring about, said before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from comity.core.acts import Act
from comity.core.bodies import Word
from comity.core.proposals import Pinned, heard
from comity.node.consequences import foresee, said_by
from comity.web.words import instant_words

WORDS = {
    "yes": gettext_lazy("yes"),
    "no": gettext_lazy("no"),
    "abstain": gettext_lazy("abstention"),
    "constructive abstention": gettext_lazy("constructive abstention"),
    "objection": gettext_lazy("objection"),
    "ad referendum": gettext_lazy("yes ad referendum"),
    "awaiting instructions": gettext_lazy("awaiting instructions"),
    "withdraw": gettext_lazy("withdrawal"),
}
OUTCOMES = {
    "adopted": gettext_lazy("adopted"),
    "rejected": gettext_lazy("rejected"),
    "broken": gettext_lazy("broken"),
    "lapsed": gettext_lazy("lapsed"),
    "no opinion": gettext_lazy("no opinion"),
    "withdrawn": gettext_lazy("withdrawn"),
    "contested": gettext_lazy("contested"),
    "in doubt": gettext_lazy("in doubt"),
    "open": gettext_lazy("open"),
    "without effect": gettext_lazy("without effect"),
}
"""How a proposal ended, or stands."""
TONES = {"adopted": "good", "open": "wait", "in doubt": "wait", "no opinion": "wait"}
_COUNTS = {
    "yes": gettext_lazy("in favour"),
    "no": gettext_lazy("against"),
    "abstain": gettext_lazy("an abstention"),
    "constructive": gettext_lazy("an abstention with a declaration"),
    "absent": gettext_lazy("missing"),
    "out": gettext_lazy("not taking part"),
}
_OFFERED: dict[str, tuple[Word, ...]] = {
    "silence": (
        "objection",
        "yes",
        "abstain",
        "constructive abstention",
        "ad referendum",
        "awaiting instructions",
    ),
    "vote": (
        "yes",
        "no",
        "abstain",
        "constructive abstention",
        "ad referendum",
        "awaiting instructions",
    ),
    "consensus": (
        "yes",
        "objection",
        "abstain",
        "constructive abstention",
        "ad referendum",
        "awaiting instructions",
    ),
    "signature": ("yes", "no", "ad referendum", "awaiting instructions"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A word that a member could answer with.

    Parameters
    ----------
    label
        Verb and object, as the button says it.
    sentences
        What it would bring about.
    """

    word: Word
    label: str
    sentences: tuple[str, ...]
    main: bool = False
    danger: bool = False

    @property
    def brief(self) -> str:
        """What matters most of it: of what stops others, more."""
        return " ".join(self.sentences[: 3 if self.danger else 1])


def last_words(pinned: Pinned, stances: tuple[Act, ...]) -> dict[str, Act]:
    """Return the last stance at hand of each member who said something."""
    return {act.member: act for act in heard(pinned, stances)}


def withdrawal(readers: int) -> Choice:
    """Return the withdrawal, which the proposer alone has."""
    return Choice(
        "withdraw",
        _("Withdraw the proposal"),
        (
            _("This takes the proposal back: nothing is decided, and it can be proposed anew."),
            *_who_sees(readers),
        ),
        danger=True,
    )


def choices(
    pinned: Pinned, told: dict[str, Act], member: str, readers: int, zone: str
) -> tuple[Choice, ...]:
    """Return the words that a member of the roster has, each with what it would bring about."""
    return tuple(
        choice(pinned, told, member, word, readers, zone)
        for word in _OFFERED[pinned.procedure.kind]
    )


def choice(
    pinned: Pinned, told: dict[str, Act], member: str, word: Word, readers: int, zone: str
) -> Choice:
    """Return one word with what it would bring about."""
    kind = pinned.procedure.kind
    if word == "withdraw":
        return withdrawal(readers)
    labels: dict[Word, str] = {
        "yes": {
            "silence": _("Agree aloud"),
            "signature": _("Sign it"),
            "consensus": _("Agree"),
        }.get(kind, _("Vote for it")),
        "no": _("Decline") if kind == "signature" else _("Vote against it"),
        "objection": _("Object"),
        "abstain": _("Abstain"),
        "constructive abstention": _("Abstain constructively"),
        "ad referendum": _("Agree ad referendum"),
        "awaiting instructions": _("Say that you await instructions"),
    }
    return Choice(
        word,
        labels[word],
        (
            *_counted(pinned, told, member, word),
            *_who_sees(readers),
            *_how_long(pinned, word, zone),
        ),
        main=word == "yes",
        danger=word in ("objection", "no"),
    )


def local(moment: datetime, zone: str) -> str:
    """Write an instant on a desk's own clock, and in UTC where that is another."""
    utc = f"{instant_words(moment)} UTC"
    if zone == "UTC":
        return utc
    there = moment.astimezone(ZoneInfo(zone))
    return f"{instant_words(there)} {zone.rpartition('/')[2].replace('_', ' ')} ({utc})"


def _counted(pinned: Pinned, told: dict[str, Act], member: str, word: Word) -> Iterator[str]:
    procedure = pinned.procedure
    found = foresee(pinned, said_by(told.values()), member, word)
    if found.aside:
        yield _("The proposal concerns you, and the rule does not count your word.")
        return
    if procedure.kind == "signature" and word != "yes":
        yield _("Only signatures count here; this says where you stand.")
        return
    if found.breaks:
        yield _("This breaks the silence: it cannot be adopted, whatever the others say.")
        return
    if found.mark == "no" and procedure.kind == "silence":
        yield _("This speaks against it; it does not break the silence alone.")
    elif found.mark is not None:
        yield _("This counts as %(mark)s.") % {"mark": _COUNTS[found.mark]}
    else:
        yield _("If you say no more before it is closed, this counts as %(mark)s.") % {
            "mark": _COUNTS[found.late]
        }
    if found.after not in ("open", found.before):
        broken = found.after == "rejected" and procedure.kind == "silence"
        yield _("With the answers at hand it would be %(outcome)s.") % {
            "outcome": OUTCOMES["broken" if broken else found.after]
        }


def _who_sees(readers: int) -> Iterator[str]:
    yield ngettext(
        "The one who reads here sees it, for good.",
        "All %(n)d who read here see it at once, and for good.",
        readers,
    ) % {"n": readers}


def _how_long(pinned: Pinned, word: Word, zone: str) -> Iterator[str]:
    over = pinned.closes_at
    if over is None:
        if word == "yes":
            yield _("A signature is not taken back.")
        return
    yield _("You can answer otherwise until it is closed, from %(when)s on.") % {
        "when": local(over, zone)
    }
    need = pinned.thresholds.establishing
    yield _("It counts once %(need)d of %(of)d show it when they close.") % {
        "need": need,
        "of": len(pinned.roster),
    }
