"""A scenario as values: what happens to a coalition, what its members do, and how they are scored.

spec/scenario.md is the authority; `comity.exercise.reading` reads the file.
Instants are aware and in UTC; every id is of one namespace, so that `after`
may name any event or move.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Literal, TypeAlias

from comity.core.bodies import Severity, Word
from comity.core.charter import Charter, Reference

LossKind: TypeAlias = Literal["silent", "refusing", "leaving"]
EventKind: TypeAlias = Literal[
    "news", "outside act", "request", "condition", "loss", "return", "node down", "node up", "delay"
]
MoveKind: TypeAlias = Literal[
    "alert", "open text", "write", "bracket", "offer", "settle",
    "propose", "answer", "pledge", "talk",
]  # fmt: skip
EffectKind: TypeAlias = Literal[
    "adopt", "opt in", "open a case", "close a case", "recognise a group", "wake an obligation",
    "amend",
]  # fmt: skip
CheckKind: TypeAlias = Literal[
    "received", "opened", "agreed", "answered", "outcome", "joined", "certified", "pledged", "woken"
]
Band: TypeAlias = Literal["almost surely", "likely", "about even", "unlikely", "hardly"]


@dataclass(frozen=True, slots=True)
class Before:
    """What is on the public record and is not played: shown in the report's timeline.

    Parameters
    ----------
    on
        The days, in order.
    parties
        Member or participant codes; `groups` name who is not listed one by one.
    """

    on: tuple[date, ...]
    title: str
    parties: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class When:
    """When an event takes place or a move is made.

    Parameters
    ----------
    at
        An instant; None if it follows something.
    after
        The id of an event or move; it follows that by `minutes`.
    outcome
        If given, `after` names a move that proposes, and this follows when it
        settles in this way ("adopted", "rejected", "broken", "lapsed", ...;
        "not adopted" is any other way). If it ends otherwise, this never happens.
    """

    at: datetime | None = None
    after: str = ""
    minutes: int = 0
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something from outside: news, an outside power's act, a loss, a fault of the links.

    Parameters
    ----------
    parties
        Whom it is about: member or participant codes.
    members
        For loss, return, node down, node up and delay: whom it befalls.
    loss
        How they are lost.
    minutes
        For delay: how much later everything reaches and leaves them; 0 ends it.
    on
        The days on the public record that it stands for, where it has any.
    """

    id: str
    kind: EventKind
    when: When
    title: str
    text: str = ""
    source: str = ""
    parties: tuple[str, ...] = ()
    on: tuple[date, ...] = ()
    members: tuple[str, ...] = ()
    loss: LossKind | None = None
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Move:
    """What the script lets a member do; left to the person where one plays that member.

    Parameters
    ----------
    of
        The move that it is about: the text that is written in, bracketed or
        proposed; the bracket that is settled or answered by an offer; the
        proposal that is answered; the alert that is updated.
    matter
        For a proposal: the matter by which the model's players answer it.
    effect
        For a proposal.
    paragraphs
        The text of "open text" and of a proposal without `of`; of a move of talk,
        what is said.
    paragraph, words, instead
        For edits: which paragraph ("2"), which words in it, and what is wanted.
    deputies
        For what a chair or any other might do as well: who makes the move, the
        first of them who can, while `by` is lost or its node is off.
    signs
        For an opt-in or a signature: who the script lets join, in that order.
        Whoever is named answers yes by the script, not by the model.
    hours
        For a proposal: how long it is open; None under the signature procedure.
    parties, on, source
        As of an event: what of the public record this stands for.
    """

    id: str
    by: str
    kind: MoveKind
    when: When
    organ: str = ""
    case: str = ""
    title: str = ""
    paragraphs: tuple[str, ...] = ()
    of: str = ""
    paragraph: str = ""
    words: str = ""
    instead: str = ""
    severity: Severity | None = None
    rule: str = ""
    procedure: str = ""
    effect: EffectKind | None = None
    subject: str = ""
    """For an effect: the case, group or obligation that it names; for amend, the charter's file."""
    members: tuple[str, ...] = ()
    """For recognise a group: who belongs to it."""
    matter: str = ""
    hours: Fraction | None = None
    signs: tuple[str, ...] = ()
    word: Word | None = None
    notes: tuple[tuple[str, str], ...] = ()
    """Annotations of an answer: kind (reservation, declaration, caveat, explanation) and text."""
    obligation: str = ""
    line: str = ""
    quantity: str = ""
    unit: str = ""
    ready: date | None = None
    delivered: str = "0"
    caveats: tuple[str, ...] = ()
    approvals: tuple[tuple[str, str], ...] = ()
    """National steps of a pledge: body and state (pending, approved, refused)."""
    source: str = ""
    parties: tuple[str, ...] = ()
    on: tuple[date, ...] = ()
    deputies: tuple[str, ...] = ()
    marking: str = ""
    """Of an alert or a text: a label of the Traffic Light Protocol."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A reported leaning of a member in a matter; whose report, and in which words.

    Parameters
    ----------
    lean
        "for", "reserved" or "against".
    """

    member: str
    lean: Literal["for", "reserved", "against"]
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a matter would cost a member, as the scenario assumes.

    Parameters
    ----------
    weight
        "none", "some" or "much".
    """

    member: str
    weight: Literal["none", "some", "much"]
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Matter:
    """What members are asked in one or several proposals, and what is assumed of them.

    Parameters
    ----------
    anchor
        With whom closeness in UN votes is measured: the mean of their places.
    base
        How a member leans of whom nothing else is said.
    """

    id: str
    title: str
    base: Literal["for", "rather for", "even", "rather against"] = "rather for"
    anchor: tuple[str, ...] = ()
    reported: tuple[Reported, ...] = ()
    costs: tuple[Cost, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Habits:
    """How long a member's capital takes, and when it works. Minutes; hours of the local clock."""

    receipt: tuple[int, int] = (2, 40)
    consult: tuple[int, int] = (60, 720)
    office: tuple[int, int] = (8, 20)
    source: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """The assumptions of the model's players, for all and for some.

    Parameters
    ----------
    closeness, cost, chance
        What each weighs in a leaning: closeness in UN votes, cost, and what
        nobody can know; from 0 to 1.
    """

    habits: Habits = Habits()
    of: dict[str, Habits] = field(default_factory=dict)
    closeness: Fraction = Fraction(3, 10)
    cost: Fraction = Fraction(4, 10)
    chance: Fraction = Fraction(3, 10)
    source: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """What shows that a task is done.

    ``received``: at least `count` confirmed the alert `of`. ``opened``: a text
    was opened, by `who` if given. ``agreed``: the text `of` has no open bracket.
    ``answered``: at least `count` answered the proposal `of`. ``outcome``: it
    ended as `outcome`. ``joined``: at least `count`, or all of `who`, joined it.
    ``certified``: a certificate of it is proven. ``pledged``: at least `count`
    in all to `line` of `obligation`. ``woken``: `obligation` was.
    """

    kind: CheckKind
    of: str = ""
    who: tuple[str, ...] = ()
    count: int = 1
    outcome: str = ""
    obligation: str = ""
    line: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """Something to achieve, and how it is scored: all points, or none.

    Parameters
    ----------
    since, within
        It is done if its check holds within so many minutes of that event or
        move; within None asks for no time.
    for_
        Whose task it is; empty for everybody's.
    """

    id: str
    title: str
    check: Check
    points: int = 1
    since: str = ""
    within: int | None = None
    for_: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Role:
    """A desk that a person may take."""

    member: str
    title: str
    brief: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario, read and checked.

    Parameters
    ----------
    charter, charter_text
        The charter that the exercise is founded on, and its bytes.
    files
        Other files that moves name (charters that amend), by name.
    start, end
        The first and last instant of the exercise's clock.
    room_from
        From when people play in the room; what is before runs at once.
    pace
        How many seconds of the exercise pass in one of the room, unless changed.
    desk
        The desk that a newcomer sits down at.
    text
        The scenario's file as it was read.
    """

    id: str
    title: str
    summary: str
    charter: Charter
    charter_text: bytes
    start: datetime
    end: datetime
    room_from: datetime
    pace: int
    desk: str
    seed: int
    sources: dict[str, Reference]
    before: tuple[Before, ...]
    events: tuple[Event, ...]
    moves: tuple[Move, ...]
    matters: dict[str, Matter]
    model: Model
    tasks: tuple[Task, ...]
    roles: tuple[Role, ...]
    coach: dict[str, str]
    """A line for each page of the room, by the page's name."""
    files: dict[str, bytes]
    text: bytes = b""
