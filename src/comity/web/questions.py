"""Questions that the room can examine: their controls, and how each is asked.

A question is asked of a charter and of the shipped evidence, so its answer
depends on its address alone: it is kept for whoever asks the same again, and
worked out once for all who ask it meanwhile. Few are worked on at a time, and
one account waits for few: the room must answer an alert whatever is examined.
"""

from __future__ import annotations

import re
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comity.core.charter import Charter
from comity.core.constitution import Constitution
from comity.errors import ComityError, UsageError
from comity.evidence import Evidence, load
from comity.examine.finding import Finding

FIRST = ("cornerstones", "potential")
"""Asked of the coalition's own charter as soon as the room opens."""
KEPT = 64
"""How many answers are kept."""
AT_ONCE = 2
"""How many answers are worked out at the same time."""
MOST_OF_ONE = 3
"""How many questions of one account wait for their answers."""
MOST_OF_ALL = 16

USUAL_NEEDS = (
    "kubilius_2026/standing_european_force",
    "bruegel_kiel_2025/additional_defence_spending_per_year",
)
_DECIMAL = re.compile(r"-?\d{1,6}(\.\d{1,6})?", re.ASCII)
Given = Mapping[str, str]
Ask = Callable[[Charter, Given], Sequence[Finding]]


@dataclass(frozen=True, slots=True)
class Control:
    """One thing that can be chosen.

    Parameters
    ----------
    kind
        ``organ``, ``rule``, ``member``, ``obligation``, ``day``, ``number`` or ``yes``.
    """

    name: str
    label: str | Promise
    kind: str


@dataclass(frozen=True, slots=True)
class Question:
    """One examination.

    Parameters
    ----------
    slow
        Whether it is asked only when somebody presses the button.
    """

    name: str
    title: str | Promise
    what: str | Promise
    controls: tuple[Control, ...]
    ask: Ask
    slow: bool = True


@lru_cache(maxsize=1)
def evidence() -> Evidence:
    """Return the shipped evidence, read once."""
    return load()


def _power(charter: Charter, given: Given) -> Sequence[Finding]:
    from comity.examine.power import voting_power

    found = voting_power(
        charter,
        given.get("organ"),
        given.get("rule"),
        on=_day(given),
        without=tuple(filter(None, (given.get("without"),))),
    )
    return (found.finding(),)


def _laboratory(charter: Charter, given: Given) -> Sequence[Finding]:
    from comity.examine.laboratory import laboratory
    from comity.examine.power import usual_organ

    organ = usual_organ(charter, given.get("organ")).id
    return (laboratory(charter, organ, (), on=_day(given)).finding(),)


def _cornerstones(charter: Charter, given: Given) -> Sequence[Finding]:
    from comity.examine.cornerstones import cornerstones
    from comity.examine.guarantee_report import report

    if given.get("organ") or not charter.obligations:
        return (cornerstones(charter, given.get("organ"), None, on=_day(given)).finding(),)
    found = report(
        charter,
        evidence=evidence(),
        obligation=given.get("obligation"),
        on=_day(given),
        pairs=bool(given.get("pairs")),
    )
    return (found.finding(),)


def _adequacy(charter: Charter, given: Given) -> Sequence[Finding]:
    from comity.examine.adequacy import adequacy

    found = adequacy(
        charter,
        obligation=given.get("obligation", ""),
        evidence=evidence(),
        lost=tuple(filter(None, (given.get("without"),))),
        on=_day(given),
    )
    return (found.finding(),)


def _dependence(charter: Charter, given: Given) -> Sequence[Finding]:
    from comity.examine.dependence import dependence

    supplier = given.get("supplier", "").upper()
    found = dependence(charter, evidence=evidence(), supplier=supplier, on=_day(given))
    return (found.finding(),)


def _burden(charter: Charter, given: Given) -> Sequence[Finding]:
    from comity.examine.burden import burden

    day = _day(given)
    without = list(filter(None, (given.get("without"),)))
    members = charter.states(day or charter.dated, given.get("organ"))
    return tuple(
        burden(members, need, evidence=evidence(), known_on=day, without=without)
        for need in USUAL_NEEDS
    )


def _cohesion(charter: Charter, given: Given) -> Sequence[Finding]:
    from comity.examine.cohesion import Proposal, cohesion

    place = _number(given, "place")
    proposal = (
        None
        if place is None
        else Proposal(
            charter, place, given.get("organ"), given.get("rule"), None, None, on=_day(given)
        )
    )
    return (
        cohesion(
            charter.states(_day(given) or charter.dated, given.get("organ")),
            evidence=evidence(),
            year=None,
            known_on=_day(given),
            proposal=proposal,
        ),
    )


def _potential(charter: Charter, given: Given) -> Sequence[Finding]:
    from comity.examine.potential import potential

    day = _day(given)
    return (
        potential(
            charter.states(day or charter.dated, given.get("organ")),
            evidence=evidence(),
            known_on=day,
            without=list(filter(None, (given.get("without"),))),
        ),
    )


def _claims(charter: Charter, given: Given) -> Sequence[Finding]:
    from comity.examine.claims import claims

    del charter
    return (claims(evidence=evidence(), known_on=_day(given)),)


_ORGAN = Control("organ", _("Organ"), "organ")
_RULE = Control("rule", _("Rule"), "rule")
_ON = Control("on", _("Day of roster and weights"), "day")
_KNOWN = Control("on", _("As known on"), "day")
_WITHOUT = Control("without", _("Without"), "member")
_OBLIGATION = Control("obligation", _("Obligation"), "obligation")

QUESTIONS: dict[str, Question] = {
    question.name: question
    for question in (
        Question(
            "cornerstones",
            _("Does each guarantee hold without X?"),
            _("Whose loss alone would stop an obligation, by kind of loss, and what removes it."),
            (_OBLIGATION, _ORGAN, _ON, Control("pairs", _("Pairs too"), "yes")),
            _cornerstones,
        ),
        Question(
            "power",
            _("Who decides, and who can block?"),
            _("A-priori voting power under a rule: a measure of the rule, not a forecast."),
            (_ORGAN, _RULE, _ON, _WITHOUT),
            _power,
        ),
        Question(
            "laboratory",
            _("Which rule would serve this body better?"),
            _("Rules in force and candidates side by side."),
            (_ORGAN, _ON),
            _laboratory,
        ),
        Question(
            "adequacy",
            _("Do contributions meet what an obligation needs?"),
            _("How surely, and what is short."),
            (_OBLIGATION, _WITHOUT, _ON),
            _adequacy,
        ),
        Question(
            "dependence",
            _("On whom do members depend?"),
            _("Whose equipment, services and trade, and what stops if a supplier stops."),
            (Control("supplier", _("Supplier"), "code"), _ON),
            _dependence,
        ),
        Question(
            "potential",
            _("What can these members field?"),
            _("What each one adds, and what is left without it. Heads are not forces."),
            (_ORGAN, _WITHOUT, _KNOWN),
            _potential,
        ),
        Question(
            "burden",
            _("Who would pay or send what?"),
            _("Under ten keys, and who would rather leave."),
            (_ORGAN, _WITHOUT, _KNOWN),
            _burden,
        ),
        Question(
            "cohesion",
            _("How far apart do members vote?"),
            _("Distances in votes of the United Nations, and the odds of a proposal."),
            (_ORGAN, _RULE, Control("place", _("Place of a proposal"), "number"), _KNOWN),
            _cohesion,
        ),
        Question(
            "claims",
            _("What are the claims of January 2026 worth?"),
            _("Each tested on open data, critics' claims like any other."),
            (_KNOWN,),
            _claims,
        ),
    )
}


_Key: TypeAlias = tuple[str, bytes, tuple[tuple[str, str], ...]]
_kept: OrderedDict[_Key, tuple[Finding, ...]] = OrderedDict()
_guard = threading.Lock()


_running: dict[_Key, Future[tuple[Finding, ...]]] = {}
_waiting: Counter[str] = Counter()
_hands = threading.BoundedSemaphore(AT_ONCE)


def answer(
    charter: Charter, file: bytes, name: str, given: Given, *, asker: str = ""
) -> tuple[Finding, ...]:
    """Ask a question, or return the answer that was given before.

    Parameters
    ----------
    file
        What says which charter it is: its file, and what has changed since.
    asker
        Whose account asks.

    Raises
    ------
    ComityError
        If what was chosen cannot be asked, or too many questions wait; in words.
    """
    known = answered(file, name, given)
    if known is not None:
        return known
    key = _key(file, name, given)
    with _guard:
        running = _running.get(key)
        if running is None:
            _check_few(asker)
            mine = _running[key] = Future()
            _waiting[asker] += 1
    if running is not None:
        return running.result()
    try:
        with _hands:
            found = tuple(QUESTIONS[name].ask(charter, given))
        with _guard:
            _kept[key] = found
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
        mine.set_result(found)
    except BaseException as wrong:
        mine.set_exception(wrong)
        raise
    finally:
        with _guard:
            del _running[key]
            _waiting[asker] -= 1
            if not _waiting[asker]:
                del _waiting[asker]
    return found


def _check_few(asker: str) -> None:
    if _waiting[asker] >= MOST_OF_ONE:
        raise UsageError(
            gettext("%(count)d questions of yours are being worked on") % {"count": MOST_OF_ONE},
            hint=gettext("wait for their answers, then ask this one again"),
        )
    if len(_running) >= MOST_OF_ALL:
        raise UsageError(
            gettext("this room is working on %(count)d questions") % {"count": MOST_OF_ALL},
            hint=gettext("ask again in a minute"),
        )


def answered(file: bytes, name: str, given: Given) -> tuple[Finding, ...] | None:
    """Return the answer to a question if it was asked before; None otherwise."""
    with _guard:
        key = _key(file, name, given)
        if key in _kept:
            _kept.move_to_end(key)
        return _kept.get(key)


def _key(file: bytes, name: str, given: Given) -> _Key:
    return (name, sha256(file).digest(), tuple(sorted(given.items())))


def _day(given: Given) -> date | None:
    told = given.get("on", "")
    try:
        return date.fromisoformat(told) if told else None
    except ValueError:
        raise UsageError(
            gettext("'%(told)s' is no day") % {"told": told[:40]},
            hint=gettext("write it as 2026-01-31"),
        ) from None


def _number(given: Given, name: str) -> float | None:
    told = given.get(name, "")
    if not told:
        return None
    if not _DECIMAL.fullmatch(told):
        raise UsageError(
            gettext("'%(told)s' is no number") % {"told": told[:40]},
            hint=gettext("write it as 1.5"),
        )
    return float(told)


def own_file(under: Constitution) -> bytes:
    """Return what says which charter a coalition has: its file, and what has changed since."""
    return under.id.encode() + under.text


def ask_first(under: Constitution) -> None:
    """Ask what Now shows, so that nobody waits for it."""
    for name in FIRST:
        with suppress(ComityError):
            answer(under.charter, own_file(under), name, {})
