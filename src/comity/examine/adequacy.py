"""Do contributions meet a need, how surely, what is short, and on whom does the answer hang?

Deterministic first: the answer without each one and each two, what would have to be true for it
to hold, and which single assumption turns it. Chances only where somebody gives them.
Reference: docs/explanation/adequacy.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import combinations

from comity.core.charter import Charter
from comity.errors import UsageError
from comity.evidence import Evidence
from comity.examine.chances import Chances, how_surely
from comity.examine.conditions import BreakEven, Swing, adding, break_even, swings
from comity.examine.contributions import Contributions
from comity.examine.examination import Examination, Loss
from comity.examine.finding import Source
from comity.examine.mustering import (
    Answer,
    Limits,
    LineAnswer,
    Muster,
    Ready,
    Standing,
    assumed,
    muster,
    owing,
    prepare,
    ready,
)
from comity.examine.needs import Needs, owed, published

__all__ = [
    "Answer",
    "BreakEven",
    "Chances",
    "Examination",
    "Limits",
    "LineAnswer",
    "Loss",
    "Muster",
    "Ready",
    "Standing",
    "Swing",
    "adequacy",
    "muster",
    "prepare",
]


def _alone(made: Ready, lost: frozenset[str]) -> tuple[Loss, ...]:
    return tuple(
        Loss((member,), made.muster(lost | {member}))
        for member in made.members
        if member not in lost
    )


def _pairs(made: Ready, lost: frozenset[str], base: Muster, alone: Sequence[Loss]) -> list[Loss]:
    """Return the pairs that turn the answer though neither does alone."""
    if base.standing == "fails":
        return []
    quiet = [x.lost[0] for x in alone if x.answer.standing == base.standing]
    found = []
    for one, other in combinations(quiet, 2):
        answer = made.muster(lost | {one, other})
        if answer.standing != base.standing:
            found.append(Loss((one, other), answer))
    return found


def adequacy(
    charter: Charter,
    *,
    obligation: str = "",
    requirement: str = "",
    contributions: Contributions | None = None,
    evidence: Evidence,
    lost: Sequence[str] = (),
    limits: Limits | None = None,
    draws: int | None = None,
    seed: int = 0,
    on: date | None = None,
) -> Examination:
    """Examine whether contributions meet an obligation's needs, a published set, or your own.

    Parameters
    ----------
    obligation, requirement
        One of the two: an obligation of the charter, or a published set of requirements.
        Without both, the needs that `contributions` carry are asked, or else the charter's only
        obligation.
    contributions
        What is given; holdings of the evidence and reported positions where left out. Against
        needs that nobody owes, a published set or your own, only what is given counts.
    lost
        Members taken out first.
    limits
        The most that a member may bring, such as ``{"UKR.personnel": 600_000}``.
    draws, seed
        Sample with so many draws where chances are given; exact where left out.
    on
        The day on which it is asked who owes; the charter's date where left out.

    Raises
    ------
    UsageError
        If a name is not known, or nothing says what is needed.
    """
    if obligation and requirement:
        raise UsageError("an obligation and a requirement were both given", hint="give one of them")
    own = contributions.needs if contributions is not None else ()
    day = on or charter.dated
    silent = ""
    if requirement:
        needs, about = published(evidence, requirement), f"the needs of {requirement}"
        who = _states(charter, day) if contributions is None else ()
    elif own and not obligation:
        assert contributions is not None
        needs, about = Needs(contributions.title, own), f"the needs of {contributions.title}"
        who = ()
    else:
        name = obligation or _only(charter)
        found, needs = owed(charter, name)
        about, who = f"what {name} needs", owing(charter, found, day)
        silent = f"the text of {name} names no need that could be counted"
    for member in lost:
        if member not in charter.members and member not in charter.participants:
            raise UsageError(
                f"{charter.id} has no member '{member[:40]}'",
                hint="members are: " + ", ".join(charter.order),
            )
    given = contributions
    if given is None:
        given = assumed(charter, who, needs.lines, evidence)
    made = ready(charter, needs, who, given, limits=limits, silent_text=silent)
    gone = frozenset(lost)
    answer = made.muster(gone)
    alone = _alone(made, gone)
    chances = [how_surely(line, given.causes, draws, seed) for line in adding(answer)]
    sampled = draws is not None and any(c is not None for c in chances)
    return Examination(
        charter,
        about,
        made,
        answer,
        tuple(m for m in charter.order if m in gone),
        alone,
        tuple(_pairs(made, gone, answer, alone)),
        tuple(break_even(line) for line in adding(answer) if line.answer != "holds"),
        tuple(s for line in adding(answer) for s in swings(line)),
        tuple(c for c in chances if c is not None),
        _sources(evidence, needs, answer),
        given.title,
        tuple((key, float(value)) for key, value in (limits or {}).items()),
        seed if sampled else None,
    )


def _states(charter: Charter, day: date) -> tuple[str, ...]:
    return tuple(
        m.code for m in charter.members.values() if m.standing == "member" and m.belongs(day)
    )


def _only(charter: Charter) -> str:
    if len(charter.obligations) == 1:
        return next(iter(charter.obligations))
    if not charter.obligations:
        raise UsageError(
            f"{charter.id} has no obligations", hint="name a set with --requirement SET"
        )
    raise UsageError(
        f"{charter.id} has {len(charter.obligations)} obligations",
        hint="choose with --obligation: " + ", ".join(charter.obligations),
    )


def _sources(evidence: Evidence, needs: Needs, answer: Muster) -> tuple[Source, ...]:
    found = {s.id: s for s in needs.sources}
    used = dict.fromkeys(p.source for line in answer.lines for p in line.parts if p.source)
    for text in used:
        known = [evidence.sources[key] for key in text.split() if key in evidence.sources]
        for s in known:
            found.setdefault(
                s.id, Source(s.id, s.title, s.publisher, s.where, s.vintage, s.licence)
            )
        if not known:
            found.setdefault(text, Source(f"given-{len(found) + 1}", text))
    return tuple(found.values())
