"""Rolls: how the closings of members settle an outcome that nothing later can undo.

N members close a proposal; up to n may be missing and up to f may double-sign
(spec/procedure.md 4). Invariants, each kept by a test of its name:

- What is *established* or *refuted* stays so: both count members who have some
  closing of a kind, and acts are only ever added.
- A stance that is both has more than f double-signers, and they are named.
- An act that is missing can make something unknown, never something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

LastWord: TypeAlias = "Said | Literal['none', 'unknown', 'convicted']"


@dataclass(frozen=True, slots=True)
class Said:
    """A stance as the count sees it: who, which turn, after which, and what.

    Parameters
    ----------
    id
        The act's id.
    previous
        The id of the turn before; None for the first.
    word
        What it says; the count does not look at it.
    """

    id: str
    member: str
    turn: int
    previous: str | None
    word: str


@dataclass(frozen=True, slots=True)
class Roll:
    """A closing as the count sees it.

    Parameters
    ----------
    id
        The act's id.
    closer
        Who closes.
    shown
        The id of the last stance heard of each member; members not heard are
        left out.
    consents
        Whether the closer had the text for at least the charter's notice, and
        shows no stance of its own: its silence is consent.
    """

    id: str
    closer: str
    shown: Mapping[str, str]
    consents: bool


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How many closings it takes, for N members of whom n may be missing and f may double-sign."""

    members: int
    n: int
    f: int

    @property
    def establishing(self) -> int:
        """How many must show a stance: w = n + 1 + f."""
        return self.n + 1 + self.f

    @property
    def refuting(self) -> int:
        """How many must close without it: N - n."""
        return self.members - self.n


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A stance both established and refuted, and the more than f members who signed both."""

    stance: str
    double_signers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """What the rolls show.

    Parameters
    ----------
    words
        The last word of each member of the roster, and of the proposer.
    consenting
        Who signed a closing with notice and without a stance of its own.
    closed
        Who has closed at all.
    shown_by
        How many members show each stance.
    double_closers
        Who closed more than once with different rolls.
    rivals
        Pairs of stances of one member that follow the same one: proof of double-signing.
    contradictions
        Empty, unless more than f members signed rolls that contradict each other.
    """

    words: Mapping[str, LastWord]
    consenting: frozenset[str]
    closed: tuple[str, ...]
    shown_by: Mapping[str, int]
    double_closers: tuple[str, ...] = ()
    rivals: tuple[tuple[str, str], ...] = ()
    contradictions: tuple[Contradiction, ...] = ()


def count_rolls(
    roster: tuple[str, ...],
    proposer: str,
    said: Iterable[Said],
    rolls: Iterable[Roll],
    thresholds: Thresholds,
) -> Count:
    """Count the closings of a proposal.

    Acts may be given in any order and more than once; closings by others than
    the roster, and stances of others than the roster and the proposer, count
    for nothing.

    Parameters
    ----------
    roster
        The pinned roster, in charter order.
    proposer
        Who may withdraw; need not be on the roster.
    said
        All stances on the proposal that are at hand.
    rolls
        All closings of it that are at hand.
    """
    heard = {one.id: one for one in said}
    by_closer: dict[str, dict[str, Roll]] = {member: {} for member in roster}
    for roll in rolls:
        if roll.closer in by_closer:
            by_closer[roll.closer][roll.id] = roll
    closings = {m: tuple(found[i] for i in sorted(found)) for m, found in by_closer.items()}
    words: dict[str, LastWord] = {}
    shown_by: dict[str, int] = {}
    rivals: list[tuple[str, str]] = []
    contradictions: list[Contradiction] = []
    for member in dict.fromkeys((*roster, proposer)):
        one = _of_member(member, heard, closings, thresholds)
        words[member] = one.word
        shown_by.update(one.shown_by)
        rivals.extend(one.rivals)
        contradictions.extend(one.contradictions)
    return Count(
        words,
        frozenset(m for m in roster if any(roll.consents for roll in closings[m])),
        tuple(m for m in roster if closings[m]),
        shown_by,
        tuple(m for m in roster if len(closings[m]) > 1),
        tuple(rivals),
        tuple(contradictions),
    )


@dataclass(frozen=True, slots=True)
class _OneMember:
    word: LastWord
    shown_by: dict[str, int]
    rivals: list[tuple[str, str]]
    contradictions: list[Contradiction]


def _of_member(
    member: str,
    heard: Mapping[str, Said],
    closings: Mapping[str, tuple[Roll, ...]],
    thresholds: Thresholds,
) -> _OneMember:
    """Count what closings show of one member."""
    lines = _lines(member, heard)
    known = {closer: _known(member, own, lines) for closer, own in closings.items()}
    named = {stance for entries in known.values() for line in entries for stance in line}
    ordered = sorted(named, key=lambda s: (heard[s].turn, s))
    shows = {s: [m for m in known if any(s in line for line in known[m])] for s in ordered}
    lacks = {s: [m for m in known if any(s not in line for line in known[m])] for s in ordered}
    established = [s for s in ordered if len(shows[s]) >= thresholds.establishing]
    refuted = {s for s in ordered if len(lacks[s]) >= thresholds.refuting}
    return _OneMember(
        _last_word(
            ordered,
            lines,
            heard,
            established,
            refuted,
            # What no roll names lacks in every roll of which all is known.
            unnamed_refuted=sum(map(bool, known.values())) >= thresholds.refuting,
        ),
        {s: len(shows[s]) for s in ordered},
        _forks(lines, heard),
        [
            Contradiction(s, tuple(m for m in shows[s] if m in lacks[s]))
            for s in established
            if s in refuted
        ],
    )


def _known(
    member: str, own: tuple[Roll, ...], lines: Mapping[str, frozenset[str]]
) -> tuple[frozenset[str], ...]:
    """Return what one closer's rolls show of a member: each a stance and all before it.

    An entry that names what is not at hand, or is no stance of this member on
    this proposal, says neither that a stance was heard nor that it was not.
    """
    entries = [roll.shown.get(member) for roll in own]
    return tuple(frozenset() if e is None else lines[e] for e in entries if e is None or e in lines)


def _last_word(
    ordered: list[str],
    lines: Mapping[str, frozenset[str]],
    heard: Mapping[str, Said],
    established: list[str],
    refuted: set[str],
    *,
    unnamed_refuted: bool,
) -> LastWord:
    """Return the established stance whose successors and rivals are all refuted."""
    last = established[-1] if established else None
    if last is not None and not lines[last].issuperset(established):
        return "convicted"
    after = (s for s in ordered if last is None or s not in lines[last])
    if not unnamed_refuted or any(s not in refuted for s in after):
        return "unknown"
    return "none" if last is None else heard[last]


def traced(member: str, said: Iterable[Said]) -> frozenset[str]:
    """Return the stances of a member that are traced to its first: those that a roll may name."""
    return frozenset(_lines(member, {one.id: one for one in said}))


def _lines(member: str, heard: Mapping[str, Said]) -> dict[str, frozenset[str]]:
    """Return, for each stance of a member that is traced to its first, it and all before it.

    A stance whose turns before are not all at hand, or do not fit, is left out.
    """
    lines: dict[str, frozenset[str]] = {}
    own = (one for one in heard.values() if one.member == member)
    for one in sorted(own, key=lambda one: one.turn):
        if one.previous is None:
            if one.turn == 1:
                lines[one.id] = frozenset((one.id,))
        elif one.previous in lines and heard[one.previous].turn == one.turn - 1:
            lines[one.id] = lines[one.previous] | {one.id}
    return lines


def _forks(lines: Mapping[str, frozenset[str]], heard: Mapping[str, Said]) -> list[tuple[str, str]]:
    """Return, for each stance that two others follow, these two; of more, the first by id."""
    after: dict[str | None, list[str]] = {}
    for stance in lines:
        after.setdefault(heard[stance].previous, []).append(stance)
    pairs = sorted(tuple(sorted(found)[:2]) for found in after.values() if len(found) > 1)
    return [(one, other) for one, other in pairs]
