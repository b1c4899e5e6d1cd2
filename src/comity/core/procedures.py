"""Procedures: from the last words of members to an outcome, over all completions.

One function says how a proposal ends when every answer is known
(`outcome_of`). A proposal is settled exactly when that function gives one
outcome whatever the answers are that are not known (spec/procedure.md 5).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, product
from math import prod
from typing import Literal, TypeAlias, get_args

from comity.core.charter import Procedure
from comity.core.rolls import Count, LastWord, Said, Thresholds
from comity.core.rules import (
    MARKS,
    Electorate,
    Mark,
    Rule,
    can_fail,
    holds,
    leaves,
    mirrored,
)
from comity.core.stances import STANCES, Stance, marks_of
from comity.core.tally import pinned_marks

Outcome: TypeAlias = Literal[
    "adopted",
    "rejected",
    "broken",
    "lapsed",
    "no opinion",
    "withdrawn",
    "contested",
    "in doubt",
    "open",
]
"""How a proposal ended; ``in doubt`` and ``open`` have not ended."""

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
SETTLED: frozenset[Outcome] = frozenset(OUTCOMES[:6])
LOOKS_BOUND = 400_000
"""Marks counted, at the most, to look at all completions one by one."""

_ANY: tuple[Mark, ...] = tuple(mark for mark in MARKS if mark != "out")
_CONSENT_OR_MISSING: tuple[Mark, ...] = ("yes", "absent")


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a proposal stands, and what could still be.

    Parameters
    ----------
    outcome
        Settled, contested, in doubt or open.
    possible
        All outcomes that some completion of the unknown words gives, in a
        fixed order; where there are too many completions, all that cannot be
        ruled out.
    marks
        What each member whose mark is known counts as.
    unknown
        Members whose last word is not known.
    perhaps_missing
        Under silence, members of whom no word counts and no consenting closing
        is at hand: consenting or missing, and never more than that.
    """

    outcome: Outcome
    possible: tuple[Outcome, ...]
    marks: Mapping[str, Mark]
    unknown: tuple[str, ...] = ()
    perhaps_missing: tuple[str, ...] = ()

    @property
    def settled(self) -> bool:
        """Whether nothing that arrives later can change the outcome."""
        return self.outcome in SETTLED


def settle(
    rule: Rule,
    electorate: Electorate,
    procedure: Procedure,
    proposer: str,
    count: Count,
    thresholds: Thresholds,
    *,
    concerned: frozenset[str] = frozenset(),
    bound: int = LOOKS_BOUND,
) -> Settlement:
    """Say how a proposal with closings stands.

    Parameters
    ----------
    concerned
        Members whom the proposal concerns, counted as the rule says.
    bound
        How much to look at when completions are looked at one by one.
    """
    given = {m: _marks_for(count, m, procedure) for m in electorate.members}
    pinned = pinned_marks(rule, {}, concerned & frozenset(electorate.members))
    domains: dict[str, tuple[Mark, ...]] = {
        m: (pinned[m],) if m in pinned else marks for m, marks in given.items()
    }
    word = count.words[proposer]
    if isinstance(word, Said) and word.word == "withdraw":
        possible: frozenset[Outcome] = frozenset(("withdrawn",))
    else:
        possible = _possible(rule, electorate, procedure, domains, bound)
        if word == "unknown":
            possible |= {"withdrawn"}
    told = tuple(outcome for outcome in OUTCOMES if outcome in possible)
    if count.contradictions:
        outcome: Outcome = "contested"
    elif len(told) == 1:
        outcome = told[0]
    else:
        outcome = "in doubt" if len(count.closed) >= thresholds.refuting else "open"
    return Settlement(
        outcome,
        told,
        {m: marks[0] for m, marks in domains.items() if len(marks) == 1},
        tuple(m for m, marks in domains.items() if marks is _ANY),
        tuple(m for m, marks in domains.items() if marks is _CONSENT_OR_MISSING),
    )


def signed(
    rule: Rule,
    electorate: Electorate,
    signatories: frozenset[str],
    *,
    concerned: frozenset[str] = frozenset(),
) -> Settlement:
    """Say how a proposal under the signature procedure stands.

    A yes is irrevocable, nothing expires, and no closing is needed: it is
    adopted once the rule is met whatever the others do.
    """
    said: dict[str, Mark] = {m: "yes" for m in electorate.members if m in signatories}
    marks = pinned_marks(rule, said, concerned & frozenset(electorate.members))
    waiting = tuple(m for m in electorate.members if m not in marks)
    if can_fail(rule.adopt, electorate, marks, waiting):
        return Settlement("open", ("adopted", "open"), marks, waiting)
    return Settlement("adopted", ("adopted",), marks, waiting)


def outcome_of(
    rule: Rule, electorate: Electorate, procedure: Procedure, marks: Mapping[str, Mark]
) -> Outcome:
    """Say how a proposal ends when every member has its mark.

    What fails only because members are missing has *lapsed*: it would pass if
    they all said yes. What else fails is *broken* under silence and *rejected*
    otherwise. Under a reverse test what is neither adopted nor rejected ends
    with *no opinion*.
    """
    failed: Outcome = "broken" if procedure.kind == "silence" else "rejected"
    if holds(rule.adopt, electorate, marks):
        return "adopted"
    if rule.reject is not None:
        return failed if holds(rule.reject, electorate, mirrored(marks)) else "no opinion"
    return "lapsed" if holds(rule.adopt, electorate, _all_there(marks)) else failed


def _marks_for(count: Count, member: str, procedure: Procedure) -> tuple[Mark, ...]:
    """Return all that a member's last word, as far as it is known, may count as."""
    word: LastWord = count.words[member]
    if word == "unknown":
        return _ANY
    if word == "none" and procedure.kind == "silence" and member not in count.consenting:
        return _CONSENT_OR_MISSING
    said: dict[str, Stance] = {}
    if isinstance(word, Said):
        # A withdrawal by another than the proposer says nothing that can be counted.
        said[member] = next((s for s in STANCES if s == word.word), "absent")
    elif word == "convicted":
        said[member] = "absent"
    return (marks_of(said, (member,), procedure, closed=True)[member],)


def _possible(
    rule: Rule,
    electorate: Electorate,
    procedure: Procedure,
    domains: Mapping[str, tuple[Mark, ...]],
    bound: int,
) -> frozenset[Outcome]:
    """Return the outcomes of all completions; a superset where there are too many.

    Everything here may only shrink as domains shrink, the bound included:
    otherwise one more act could unsettle what was settled.
    """
    # Agreement never hurts (core/rules.py, law 1): missing is the worst of consent-or-missing.
    known = {m: marks[-1] for m, marks in domains.items() if marks is not _ANY}
    waiting = tuple(m for m in domains if m not in known)
    if not can_fail(rule.adopt, electorate, known, waiting):
        return frozenset(("adopted",))
    best = {m: "yes" if "yes" in marks else marks[0] for m, marks in domains.items()}
    if rule.reject is None and not holds(rule.adopt, electorate, _all_there(best)):
        return frozenset(("broken" if procedure.kind == "silence" else "rejected",))
    failed: Outcome = "broken" if procedure.kind == "silence" else "rejected"
    other: Outcome = "lapsed" if rule.reject is None else "no opinion"
    passing: tuple[Outcome, ...] = ("adopted",) if holds(rule.adopt, electorate, best) else ()
    conceivable = frozenset((*passing, failed, other))
    completions = prod(map(len, domains.values()))
    if completions * len(domains) * sum(1 for _ in leaves(rule.adopt)) > bound:
        return conceivable
    found: set[Outcome] = set()
    for marks in chain(_alike(domains), product(*domains.values())):
        found.add(outcome_of(rule, electorate, procedure, dict(zip(domains, marks))))
        if found == conceivable:
            break
    return frozenset(found)


def _alike(domains: Mapping[str, tuple[Mark, ...]]) -> Iterator[tuple[Mark, ...]]:
    """Yield the completions in which all who are not known say the same, which differ most."""
    for mark in _ANY:
        yield tuple(mark if mark in marks else marks[-1] for marks in domains.values())


def _all_there(marks: Mapping[str, Mark]) -> dict[str, Mark]:
    return {m: "yes" if mark == "absent" else mark for m, mark in marks.items()}
