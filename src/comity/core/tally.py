"""Tallies: a rule's answer, part by part, in words and as plain values.

A rule made of rules answers with a tally made of tallies, so no reason is
lost on the way to a page, a terminal or a certificate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

from comity.core.rules import (
    COUNTED,
    DECLARED,
    NO,
    PARTICIPATING,
    PRESENT,
    YES,
    Against,
    AllOf,
    Amount,
    AnyOf,
    Base,
    Electorate,
    InFavour,
    Leaf,
    Mark,
    Node,
    NotBlocked,
    NotDisowned,
    NoVeto,
    Rule,
    SomeOf,
    Standing,
    blocking_members,
    heads,
    mirrored,
    outside,
    seats_of,
    standing,
    vetoing,
    weigh,
)

Outcome: TypeAlias = Literal["adopted", "rejected", "no opinion", "open"]


@dataclass(frozen=True, slots=True)
class Tally:
    """How a rule stands, part by part.

    Parameters
    ----------
    claim
        What is asked, in words.
    count
        What was counted, in words; empty for a rule made of rules.
    standing
        ``met`` or ``failed`` whatever the waiting members say, else ``open``.
    waiting
        Members who could still turn it.
    parts
        The tallies it is made of.
    """

    claim: str
    count: str
    standing: Standing
    waiting: tuple[str, ...] = ()
    parts: tuple[Tally, ...] = ()

    @property
    def sentence(self) -> str:
        """The claim and the count in one line; while open, who could still turn it."""
        told = f"{self.claim}: {self.count}" if self.count else self.claim
        if self.standing != "open" or self.parts:
            return told
        return f"{told}; {len(self.waiting)} could still turn it"

    def to_json(self) -> dict[str, object]:
        """Return the tree as plain values for JSON."""
        return {
            "claim": self.claim,
            "count": self.count,
            "standing": self.standing,
            "waiting": list(self.waiting),
            "parts": [part.to_json() for part in self.parts],
        }


@dataclass(frozen=True, slots=True)
class Decision:
    """An outcome with the tallies that explain it."""

    outcome: Outcome
    tally: Tally
    against: Tally | None = None

    def to_json(self) -> dict[str, object]:
        """Return the decision as plain values for JSON."""
        told: dict[str, object] = {"outcome": self.outcome, "tally": self.tally.to_json()}
        if self.against is not None:
            told["against"] = self.against.to_json()
        return told


def tally(node: Node, electorate: Electorate, marks: Mapping[str, Mark]) -> Tally:
    """Count what was said against what the rule asks.

    Falling short is an answer, not an error: the tally names who could still
    turn it.

    Examples
    --------
    >>> league = Electorate(
    ...     ("Arden", "Brill", "Corve"),
    ...     {"votes": {"Arden": Fraction(3), "Brill": Fraction(2), "Corve": Fraction(1)}},
    ...     units={"votes": "votes"},
    ... )
    >>> rule = InFavour(Amount(Fraction(4)), weight="votes")
    >>> tally(rule, league, {"Arden": "yes"}).sentence
    'at least 4 votes in favour: 3 of 4 votes needed; 2 could still turn it'
    >>> tally(rule, league, {"Arden": "yes", "Brill": "no", "Corve": "no"}).standing
    'failed'
    """
    how = standing(node, electorate, marks)
    match node:
        case AllOf(parts) | AnyOf(parts) | SomeOf(_, parts):
            told = tuple(tally(part, electorate, marks) for part in parts)
            turning = {m for part in told if part.standing == "open" for m in part.waiting}
            return Tally(
                claim(node, electorate),
                "",
                how,
                tuple(m for m in electorate.members if m in turning) if how == "open" else (),
                told,
            )
    turning_seats = _turning(node, electorate)
    waiting = tuple(m for m in electorate.members if m not in marks and m in turning_seats)
    return Tally(
        claim(node, electorate),
        _count(node, electorate, marks),
        how,
        waiting if how == "open" else (),
    )


def decide(
    rule: Rule,
    electorate: Electorate,
    marks: Mapping[str, Mark],
    concerned: frozenset[str] = frozenset(),
) -> Decision:
    """Give the outcome of a proposal under a rule, as far as it is settled.

    Parameters
    ----------
    marks
        The marks settled so far; other members of the roster are waiting.
    concerned
        Members whom the proposal concerns, counted as `Rule.concerned` says.
    """
    pinned = pinned_marks(rule, marks, concerned)
    told = tally(rule.adopt, electorate, pinned)
    if rule.reject is None:
        outcomes: dict[Standing, Outcome] = {"met": "adopted", "failed": "rejected", "open": "open"}
        return Decision(outcomes[told.standing], told)
    against = tally(rule.reject, electorate, mirrored(pinned))
    outcome: Outcome = "open"
    if told.standing == "met":
        outcome = "adopted"
    elif told.standing == "failed" and against.standing == "met":
        outcome = "rejected"
    elif told.standing == against.standing == "failed":
        outcome = "no opinion"
    return Decision(outcome, told, against)


def pinned_marks(
    rule: Rule, marks: Mapping[str, Mark], concerned: frozenset[str]
) -> dict[str, Mark]:
    """Return the marks with those whom the proposal concerns counted as the rule says."""
    pinned = dict(marks)
    if rule.concerned == "excluded":
        pinned.update(dict.fromkeys(concerned, "out"))
    elif rule.concerned == "abstains":
        pinned.update(dict.fromkeys(concerned, "abstain"))
    return pinned


def number(value: Fraction) -> str:
    """Write an exact number for people: grouped digits, at most two decimals."""
    if value.denominator == 1:
        return f"{value.numerator:,}"
    return f"{float(value):,.2f}"


def amount_words(amount: Amount) -> str:
    """Say an amount as a reader would: ``at least 55 %``, ``more than half``."""
    how = "more than" if amount.strict else "at least"
    return f"{how} {share_words(amount.value) if amount.share else number(amount.value)}"


def share_words(share: Fraction) -> str:
    """Write an exact share for people: ``half``, ``55 %``, ``2/3``."""
    if share == Fraction(1, 2):
        return "half"
    hundredfold = share * 100
    if hundredfold.denominator == 1:
        return f"{hundredfold.numerator} %"
    return f"{share.numerator}/{share.denominator}"


def claim(node: Node, electorate: Electorate) -> str:
    """Say in words what a rule asks, for a given electorate."""
    match node:
        case AllOf(parts):
            return {1: "this", 2: "both of these"}.get(len(parts), f"all {len(parts)} of these")
        case AnyOf():
            return "any of these"
        case SomeOf(least, parts):
            return f"at least {least} of these {len(parts)}"
        case InFavour(need, of, weight, among):
            return _in_favour_words(need, of, weight, among, electorate)
        case Against(0, None):
            return "nobody against"
        case Against(at_most, among):
            limit = f"at most {at_most} against" if at_most else "nobody against"
            return limit + (f" among {set_words(electorate, among)}" if among else "")
        case NoVeto(seats):
            return f"no veto by {set_words(electorate, seats)}"
        case NotBlocked(share, weight, members, plus_one):
            blockers = f"at least {members} members with"
            if plus_one:
                blockers = "as many as the fewest with so much, and one more, who hold"
            return (
                f"no blocking minority ({blockers} more than {share_words(share)} "
                f"of {weight} not in favour)"
            )
        case NotDisowned(members, of_weight, weight):
            return (
                f"fewer than {share_words(members)} of members, or less than "
                f"{share_words(of_weight)} of {weight}, abstain with a declaration"
            )
        case _:
            need = node.need
            return f"a quorum of {_of_what(need, 'members') if need.share else amount_words(need)}"


def set_words(electorate: Electorate, name: str) -> str:
    """Name the seats of a set: all of them up to six, else the set and its size."""
    seats = [m for m in electorate.members if m in electorate.sets.get(name, frozenset())]
    if not seats:
        return f"{name} (nobody on the roster)"
    return ", ".join(seats) if len(seats) <= 6 else f"{name} ({len(seats)} seats)"


def _turning(leaf: Leaf, electorate: Electorate) -> frozenset[str]:
    """Return the members whose answer this leaf counts at all."""
    match leaf:
        case NoVeto(seats):
            return frozenset(seats_of(electorate, seats))
        case InFavour(_, _, weight, among):
            seats_counted = seats_of(electorate, among)
            if weight is None:
                return frozenset(seats_counted)
            return frozenset(m for m in seats_counted if electorate.table(weight).get(m))
        case Against(_, among):
            return frozenset(seats_of(electorate, among))
        case _:
            return frozenset(electorate.members)


# Words.


def _in_favour_words(
    need: Amount, of: Base, weight: str | None, among: str | None, electorate: Electorate
) -> str:
    who = set_words(electorate, among) if among else ""
    if need.share:
        base = {
            "members": "members",
            "participating": "members",
            "present": "members present",
            "voting": "those voting",
        }[of]
        if weight:
            base = weight if of in ("members", "participating") else f"{weight} of {base}"
        return f"{_of_what(need, who or base)} in favour"
    unit = f" {electorate.units.get(weight, weight)}" if weight else ""
    if who:
        seats = len(seats_of(electorate, among))
        if need.value == seats and not need.strict and not weight:
            return f"{who} in favour" if seats == 1 else f"all of {who} in favour"
        return f"{amount_words(need)}{unit} of {who} in favour"
    if not weight and not need.strict and need.value == len(electorate.members) > 1:
        return "everybody in favour"
    return f"{amount_words(need)}{unit} in favour"


def _of_what(need: Amount, what: str) -> str:
    """Say a share of something: ``at least 2/3 of members``, ``all members``."""
    if need.value == 1 and not need.strict:
        return f"all {what}"
    return f"{amount_words(need)} of {what}"


def _count(leaf: Leaf, electorate: Electorate, marks: Mapping[str, Mark]) -> str:
    roster = electorate.members
    match leaf:
        case InFavour(need, of, weight, among):
            seats = seats_of(electorate, among)
            cast = {m: marks[m] for m in seats if m in marks}
            yes = weigh(electorate, weight, seats, cast, YES)
            held = dict(cast)
            if of in ("members", "participating"):
                held = {m: marks.get(m, "abstain") for m in seats}
            settled = seats if of in ("members", "participating") else tuple(cast)
            base = weigh(electorate, weight, settled, held, COUNTED[of])
            table = electorate.table(weight) if weight else {}
            return _of_needed(
                yes,
                need,
                base,
                of,
                electorate.units.get(weight, weight) if weight else "",
                whole=all(table.get(m, yes).denominator == 1 for m in seats if weight),
            )
        case Against(_, among):
            opposed = heads(seats_of(electorate, among), marks, NO)
            return f"{opposed} against" if opposed else "none"
        case NoVeto(vetoers):
            vetoes = vetoing(vetoers, electorate, marks)
            return f"vetoed by {', '.join(vetoes)}" if vetoes else "none"
        case NotBlocked():
            said = {m: marks.get(m, "yes") for m in roster}
            others, held_outside, whole = outside(leaf, electorate, said)
            percent = f" with {_percent(held_outside, whole)} of {leaf.weight}" if others else ""
            least = blocking_members(leaf, electorate, marks) if leaf.fewest_plus_one else 0
            asked = f" ({least} would be needed)" if least else ""
            return f"{others or 'none'} not in favour{percent}{asked}"
        case NotDisowned(_, _, weight):
            declarers = heads(roster, marks, DECLARED)
            if not declarers:
                return "none"
            part = weigh(electorate, weight, roster, marks, DECLARED)
            said = {m: marks.get(m, "yes") for m in roster}
            total = weigh(electorate, weight, roster, said, PARTICIPATING)
            return f"{declarers} of them, with {_percent(part, total)} of {weight}"
        case _:
            need = leaf.need
            there = Fraction(heads(roster, marks, PRESENT))
            said = {m: marks.get(m, "abstain") for m in roster}
            base = Fraction(heads(roster, said, PARTICIPATING))
            return f"{number(there)} of {number(need.votes_needed(base, whole=True))} present"


def _of_needed(
    yes: Fraction, need: Amount, base: Fraction, of: Base, unit: str, *, whole: bool
) -> str:
    if need.share and of in ("present", "voting"):
        told = f"{number(yes)} of {number(base)} {of}"
        return told + (f" ({_percent(yes, base)})" if base else "")
    votes = need.votes_needed(base, whole=whole)
    unit = f" {unit}" if unit else ""
    if need.strict and not whole:
        told = f"{number(yes)}{unit}, more than {number(votes)} needed"
    elif yes > votes:
        told = f"{number(yes)}{unit}, {number(votes)} needed"
    else:
        told = f"{number(yes)} of {number(votes)}{unit} needed"
    return told + (f" ({_percent(yes, base)})" if unit and need.share else "")


def _percent(part: Fraction, whole: Fraction) -> str:
    return f"{float(100 * part / whole):.2f} %" if whole else "0 %"
