"""Bodies: what an act can say, as typed values with bounds, and what the types cannot say.

One class for each kind of act, and one for each effect that a proposal can
have. Fields and bounds are those of spec/act.md 4.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from comity.core.envelope import EnvelopeForm
from comity.core.founding import Code, Hash, KeyHeld, Label, Name
from comity.core.marking import Marking as Marking
from comity.core.marking import read_level
from comity.core.strict import instant, read_base64
from comity.errors import ActError

MAX_BODY = 131_072
MAX_ACT = 262_144

Word: TypeAlias = Literal[
    "yes",
    "no",
    "abstain",
    "constructive abstention",
    "objection",
    "ad referendum",
    "awaiting instructions",
    "withdraw",
]
"""What a stance says. ``withdraw`` is for the proposer alone."""

Severity: TypeAlias = Literal["extreme", "severe", "moderate", "minor", "unknown"]
"""How bad it is: the words of the Common Alerting Protocol (OASIS, version 1.2)."""

Instant = Annotated[str, Meta(max_length=40)]
Day = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}\Z")]
Title = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\n]*\Z")]
Paragraph = Annotated[str, Meta(min_length=1, max_length=4_000)]
Words = Annotated[str, Meta(max_length=4_000)]
Turn = Annotated[int, Meta(ge=1, le=100)]
Amount = Annotated[str, Meta(pattern=r"^(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?\Z")]
ParagraphName = Annotated[str, Meta(pattern=r"^([1-9][0-9]{0,2}|[0-9a-f]{64})\Z")]
"""The number of a paragraph in the text as it was opened, or the id of the act that put it in."""


class _Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What all bodies have in common: unknown fields are refused, absent ones left out."""


# Effects of a proposal.


class Adopt(_Struct, frozen=True, tag_field="kind", tag="adopt"):
    """A text is agreed."""

    paragraphs: Annotated[tuple[Paragraph, ...], Meta(min_length=1, max_length=200)]


class OptIn(_Struct, frozen=True, tag_field="kind", tag="opt in"):
    """A text binds whoever joins it; perhaps one that failed to bind all."""

    paragraphs: Annotated[tuple[Paragraph, ...], Meta(min_length=1, max_length=200)]
    after: Hash | None = None


class OpenCase(_Struct, frozen=True, tag_field="kind", tag="open a case"):
    """A matter comes before the coalition."""

    case: Name
    title: Title


class CloseCase(_Struct, frozen=True, tag_field="kind", tag="close a case"):
    """A matter is done with."""

    case: Name


class Recognise(_Struct, frozen=True, tag_field="kind", tag="recognise a group"):
    """Some members are a group of that name: a name, not an organ."""

    group: Name
    members: Annotated[tuple[Code, ...], Meta(min_length=1, max_length=1_000)]


class Wake(_Struct, frozen=True, tag_field="kind", tag="wake an obligation"):
    """What a dormant obligation waited for has come about."""

    obligation: Name
    because: Paragraph


class Amend(_Struct, frozen=True, tag_field="kind", tag="amend"):
    """The charter's file gives way to another."""

    charter: Annotated[str, Meta(max_length=120_000)]
    replaces: Hash | None = None


class KeyOffer(_Struct, frozen=True):
    """Keys that an office will use, and proof that it holds the one that signs."""

    held: KeyHeld
    proof: Annotated[str, Meta(max_length=88)]


class Admit(_Struct, frozen=True, tag_field="kind", tag="admit"):
    """A member or an associate comes in, or gets another standing."""

    member: Code
    name: Title
    standing: Name
    since: Day
    iso: Annotated[str, Meta(pattern=r"^([A-Z]{3})?\Z")] = ""
    keys: Annotated[tuple[KeyOffer, ...], Meta(max_length=20)] = ()
    replaces: Hash | None = None


class Suspend(_Struct, frozen=True, tag_field="kind", tag="suspend"):
    """A member sits nowhere from a day on."""

    member: Code
    since: Day
    replaces: Hash | None = None


class Reinstate(_Struct, frozen=True, tag_field="kind", tag="reinstate"):
    """A suspended member sits again from a day on."""

    member: Code
    since: Day
    replaces: Hash | None = None


class ReplaceKey(_Struct, frozen=True, tag_field="kind", tag="replace a key"):
    """An office that lost its keys gets others; the old ones speak no more."""

    offer: KeyOffer
    replaces: Hash | None = None


Change: TypeAlias = Amend | Admit | Suspend | Reinstate | ReplaceKey
"""Effects that change charter, standings or keys; each names what it replaces."""

Effect: TypeAlias = Adopt | OptIn | OpenCase | CloseCase | Recognise | Wake | Change

CHANGES: dict[type, str] = {
    Amend: "amendment",
    Admit: "admission",
    Suspend: "suspension",
    Reinstate: "suspension",
    ReplaceKey: "key-replacement",
}
"""Under which change of the charter each is decided."""


# Kinds of act.


class Propose(_Struct, frozen=True, tag_field="kind", tag="propose"):
    """A text or a change put to decision; it pins the charter, the day and the roster."""

    title: Title
    effect: Effect
    charter: Hash
    rule: Name
    procedure: Name
    on: Day
    roster: Annotated[tuple[Code, ...], Meta(min_length=1, max_length=1_000)]
    expires: Instant | None = None
    case: Name | None = None
    text: Hash | None = None


class Annotation(_Struct, frozen=True):
    """What a member says beside its answer; it changes no outcome."""

    kind: Literal["reservation", "declaration", "caveat", "explanation"]
    text: Paragraph


class Stance(_Struct, frozen=True, tag_field="kind", tag="stance"):
    """A member's answer to a proposal, numbered by turn; a later turn replaces the one before."""

    proposal: Hash
    turn: Turn
    word: Word
    previous: Hash | None = None
    annotations: Annotated[tuple[Annotation, ...], Meta(max_length=20)] = ()


class Closing(_Struct, frozen=True, tag_field="kind", tag="closing"):
    """A roll: the last stance heard of every member, and since when the text could be read.

    Members who were not heard to say anything are left out.
    """

    proposal: Hash
    roll: Annotated[dict[Code, Hash], Meta(max_length=1_001)]
    opened_at: Instant | None = None


class Alert(_Struct, frozen=True, tag_field="kind", tag="alert"):
    """An urgent notice, or its update or cancellation, which say of what."""

    title: Title
    text: Paragraph
    severity: Severity
    status: Literal["actual", "exercise", "test"] = "actual"
    type: Literal["alert", "update", "cancel"] = "alert"
    about: Annotated[tuple[Hash, ...], Meta(max_length=20)] = ()
    case: Name | None = None
    marking: Marking | None = None


class Receipt(_Struct, frozen=True, tag_field="kind", tag="receipt"):
    """A member has an alert, since when."""

    alert: Hash
    opened_at: Instant


class OpenText(_Struct, frozen=True, tag_field="kind", tag="open"):
    """A text begins; its paragraphs are numbered from 1."""

    title: Title
    paragraphs: Annotated[tuple[Paragraph, ...], Meta(min_length=1, max_length=200)]


class Write(_Struct, frozen=True, tag_field="kind", tag="write"):
    """A paragraph gets other words, or none; it names the versions that it takes the place of."""

    paragraph: ParagraphName
    words: Words
    replaces: Annotated[tuple[Hash, ...], Meta(min_length=1, max_length=20)]


class Insert(_Struct, frozen=True, tag_field="kind", tag="insert"):
    """A paragraph is put in after another, or first."""

    words: Paragraph
    after: ParagraphName | None = None


class Bracket(_Struct, frozen=True, tag_field="kind", tag="bracket"):
    """Words of a paragraph are disputed, and its author wants others, or none."""

    paragraph: ParagraphName
    words: Annotated[str, Meta(min_length=1, max_length=1_000)]
    instead: Annotated[str, Meta(max_length=1_000)] = ""


class Resolve(_Struct, frozen=True, tag_field="kind", tag="resolve"):
    """A bracket goes, if its author says so; from others it is an offer of words."""

    bracket: Hash
    words: Annotated[str, Meta(max_length=1_000)] = ""


class Edit(_Struct, frozen=True, tag_field="kind", tag="edit"):
    """A step in the negotiation of a text; all but the first name the text."""

    change: OpenText | Write | Insert | Bracket | Resolve
    text: Hash | None = None
    case: Name | None = None
    marking: Marking | None = None


class Approval(_Struct, frozen=True):
    """Where a national body stands on a pledge."""

    body: Label
    state: Literal["pending", "approved", "refused"]
    on: Day | None = None


class Pledge(_Struct, frozen=True, tag_field="kind", tag="pledge"):
    """What a member promises against a line of an obligation, and what it has handed over."""

    line: Label
    quantity: Amount
    unit: Label
    obligation: Name | None = None
    case: Name | None = None
    ready: Day | None = None
    delivered: Amount = "0"
    caveats: Annotated[tuple[Paragraph, ...], Meta(max_length=20)] = ()
    approvals: Annotated[tuple[Approval, ...], Meta(max_length=20)] = ()
    previous: Hash | None = None


class Attach(_Struct, frozen=True, tag_field="kind", tag="attach"):
    """A file belongs to a case or an act; the act has its hash, and not the file."""

    sha256: Hash
    name: Title
    media: Annotated[str, Meta(pattern=r"^[a-z]{1,20}/[A-Za-z0-9.+-]{1,80}\Z")]
    size: Annotated[int, Meta(ge=0, le=2**40)]
    case: Name | None = None
    to: Hash | None = None
    marking: Marking | None = None


class Opened(_Struct, frozen=True):
    """An act of another organ as it stands in a file, with what opens it."""

    envelope: EnvelopeForm
    salt: Annotated[str, Meta(max_length=64)]
    body: Annotated[str, Meta(max_length=MAX_ACT)]


class Release(_Struct, frozen=True, tag_field="kind", tag="release"):
    """Acts of another organ are opened to this one: their bodies and salts, never a key."""

    acts: Annotated[tuple[Opened, ...], Meta(min_length=1, max_length=50)]


class Resume(_Struct, frozen=True, tag_field="kind", tag="resume"):
    """An honest node that forked its own chain, restored from an old copy, joins the ends."""

    tips: Annotated[tuple[Hash, ...], Meta(min_length=2, max_length=20)]


class Key(_Struct, frozen=True, tag_field="kind", tag="key"):
    """An office takes a further key, signed with one that it has."""

    offer: KeyOffer


class Enter(_Struct, frozen=True, tag_field="kind", tag="enter"):
    """A member enters a constitution: these changes, and what it will still close of before."""

    changes: Annotated[tuple[Hash, ...], Meta(min_length=1, max_length=500)]
    closes: Annotated[tuple[Hash, ...], Meta(max_length=500)] = ()


class Leave(_Struct, frozen=True, tag_field="kind", tag="leave"):
    """Notice of withdrawal: a member leaves on a day; nobody else need agree."""

    since: Day
    text: Words = ""


class KeyBox(_Struct, frozen=True):
    """The key of an epoch, sealed to one office."""

    member: Code
    office: Label
    box: Annotated[str, Meta(max_length=400)]


class Epoch(_Struct, frozen=True, tag_field="kind", tag="epoch"):
    """An organ gets a new key, sealed to each of its readers."""

    number: Annotated[int, Meta(ge=1, le=1_000_000)]
    key_hash: Hash
    boxes: Annotated[tuple[KeyBox, ...], Meta(min_length=1, max_length=1_000)]


Body: TypeAlias = (
    Propose
    | Stance
    | Closing
    | Alert
    | Receipt
    | Edit
    | Pledge
    | Attach
    | Release
    | Resume
    | Key
    | Enter
    | Leave
    | Epoch
)


def kind_of(body: Body) -> str:
    """Return the word for what a body says."""
    return str(body.__struct_config__.tag)


def named_by(body: Body) -> tuple[str, ...]:
    """Return the ids of acts that a body is about, each once, in the order of its fields."""
    found: tuple[str | None, ...] = ()
    match body:
        case Stance() | Closing():
            found = (body.proposal,)
        case Receipt():
            found = (body.alert,)
        case Alert():
            found = body.about
        case Edit() | Propose():
            found = (body.text,)
        case Pledge():
            found = (body.previous,)
        case Attach():
            found = (body.to,)
        case Resume():
            found = body.tips
        case Enter():
            found = (*body.changes, *body.closes)
        case _:
            pass
    return tuple(dict.fromkeys(name for name in found if name is not None))


def check_body(body: Body) -> None:
    """Check what the types of a body cannot say.

    Raises
    ------
    ActError
        ``instant``, ``day``, ``listed-twice``, ``not-base64``, ``marking`` or ``turn-link``,
        ``alert-link``, ``text-link``, ``order``.
    """
    match body:
        case Propose():
            _check_proposal(body)
        case Stance():
            if (body.turn == 1) != (body.previous is None):
                raise ActError(
                    f"the first stance follows none, and every other names the one before; "
                    f"this is turn {body.turn}",
                    hint="number your stances from 1, and name the id of the one before",
                    refusal="turn-link",
                )
        case Closing():
            if body.opened_at is not None:
                instant(body.opened_at, "opened_at")
        case Receipt():
            instant(body.opened_at, "opened_at")
        case Alert():
            _check_alert(body)
        case Edit():
            _check_edit(body)
        case Pledge():
            for day in (body.ready, *(approval.on for approval in body.approvals)):
                _check_day(day)
        case Attach():
            _check_marking(body.marking)
        case Resume():
            _check_once(body.tips, "the ends that are joined")
        case Enter():
            _check_sorted(body.changes, "the changes")
            _check_sorted(body.closes, "the proposals still to be closed")
        case Leave():
            _check_day(body.since)
        case Epoch():
            # An office that took a further key has a box for each; 126 bits name the key.
            _check_once(
                [f"{box.member}\n{box.office}\n{box.box[:21]}" for box in body.boxes],
                "the boxes of the epoch",
            )
        case Key() | Release():
            pass


def _check_proposal(body: Propose) -> None:
    _check_day(body.on)
    if body.expires is not None:
        instant(body.expires, "the expiry")
    _check_once(body.roster, "the roster")
    match body.effect:
        case Recognise():
            _check_once(body.effect.members, "the group")
        case Amend():
            read_base64(body.effect.charter, "the charter")
        case Admit() | Suspend() | Reinstate():
            _check_day(body.effect.since)
        case _:
            pass


def _check_alert(body: Alert) -> None:
    _check_once(body.about, "what it updates or cancels")
    _check_marking(body.marking)
    if (body.type == "alert") != (not body.about):
        raise ActError(
            "an update or a cancellation names the alerts that it is about, and an alert none",
            hint="name the id of each alert that it updates or cancels",
            refusal="alert-link",
        )


def _check_edit(body: Edit) -> None:
    _check_marking(body.marking)
    if isinstance(body.change, OpenText) != (body.text is None):
        raise ActError(
            "the edit that opens a text names none, and every other names the one it edits",
            hint="the text's id is that of the act that opened it",
            refusal="text-link",
        )
    if isinstance(body.change, Write):
        _check_once(body.change.replaces, "the versions that it replaces")


def _check_marking(marking: Marking | None) -> None:
    if marking is not None:
        read_level(marking.level)
        _check_once(marking.releasable, "whom it may be passed to")


def _check_day(text: str | None) -> None:
    try:
        if text is not None:
            date.fromisoformat(text)
    except ValueError:
        raise ActError(
            f"'{text}' is no day", hint="write it as 2026-01-31", refusal="day"
        ) from None


def _check_once(codes: Sequence[str], what: str) -> None:
    if len(set(codes)) < len(codes):
        raise ActError(
            f"{what} names somebody or something twice",
            hint="name each once",
            refusal="listed-twice",
        )


def _check_sorted(ids: Sequence[str], what: str) -> None:
    _check_once(ids, what)
    if list(ids) != sorted(ids):
        raise ActError(
            f"{what} are not in order",
            hint="list ids in the order of their digits",
            refusal="order",
        )
