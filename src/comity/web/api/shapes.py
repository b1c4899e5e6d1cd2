"""Shapes: what calls take and give. The OpenAPI document is made from these and says no more.

What is asked is bounded, and unknown fields are refused; what is answered is
plain values: ids, codes, instants in UTC, exact amounts as text.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from comity.core.acts import ActForm
from comity.core.bodies import (
    Adopt,
    Amount,
    Annotation,
    Approval,
    Body,
    CloseCase,
    Day,
    Instant,
    OpenCase,
    OptIn,
    Paragraph,
    ParagraphName,
    Propose,
    Recognise,
    Severity,
    Title,
    Wake,
    Word,
)
from comity.core.founding import Code, Hash, Label, Name
from comity.core.marking import Marking
from comity.core.tally import Tally

Page = Annotated[int, Meta(ge=1, le=99_999)]
Fingerprint = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a call takes; unknown fields are refused."""


class Answered(msgspec.Struct, frozen=True):
    """What a call gives."""


# What is asked.


class Nothing(Asked, frozen=True):
    """Nothing more than the address says: an empty object."""


class NoQuery(Asked, frozen=True):
    """No parameters."""


class Paged(Asked, frozen=True):
    """Which page of a list."""

    page: Page = 1


class OnDay(Asked, frozen=True):
    """On which day; today unless given."""

    on: Day | None = None


class RecordQuery(Asked, frozen=True):
    """Which acts: in one organ, of one member, of one kind, and what came before an act."""

    organ: Name | None = None
    member: Code | None = None
    kind: Annotated[str, Meta(pattern=r"^[a-z]{1,20}\Z")] | None = None
    before: Hash | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class AlertAsked(Asked, frozen=True):
    """An alert to be raised."""

    organ: Name
    title: Title
    text: Paragraph
    severity: Severity
    case: Name | None = None
    marking: Marking | None = None


class AlertChange(Asked, frozen=True):
    """An update of an own alert, which says all of it anew, or its cancellation."""

    type: Literal["update", "cancel"]
    text: Paragraph
    title: Title | None = None
    severity: Severity | None = None


class TextAsked(Asked, frozen=True):
    """A text to be opened; its paragraphs are numbered from 1."""

    organ: Name
    title: Title
    paragraphs: Annotated[tuple[Paragraph, ...], Meta(min_length=1, max_length=200)]
    case: Name | None = None
    marking: Marking | None = None


Versions = Annotated[tuple[Hash, ...], Meta(min_length=1, max_length=20)]


class WriteStep(Asked, frozen=True, tag_field="deed", tag="write"):
    """Other words for a paragraph; `on` are the versions that they take the place of."""

    paragraph: ParagraphName
    words: Paragraph
    on: Versions


class StrikeStep(Asked, frozen=True, tag_field="deed", tag="strike"):
    """No words for a paragraph any more."""

    paragraph: ParagraphName
    on: Versions


class AcceptStep(Asked, frozen=True, tag_field="deed", tag="accept"):
    """One of the rival versions of a paragraph, in the place of all."""

    paragraph: ParagraphName
    version: Hash
    on: Versions


class InsertStep(Asked, frozen=True, tag_field="deed", tag="insert"):
    """A new paragraph after another, or first."""

    words: Paragraph
    after: ParagraphName | None = None


class BracketStep(Asked, frozen=True, tag_field="deed", tag="bracket"):
    """A bracket around words of a paragraph, and what is wanted there instead."""

    paragraph: ParagraphName
    words: Annotated[str, Meta(min_length=1, max_length=1_000)]
    instead: Annotated[str, Meta(max_length=1_000)] = ""


class ResolveStep(Asked, frozen=True, tag_field="deed", tag="resolve"):
    """An own bracket goes.

    Parameters
    ----------
    how
        ``keep`` the words that stand, the words wanted ``instead``, ``other``
        words given here, or those of an offer, by its id.
    """

    paragraph: ParagraphName
    bracket: Hash
    how: Annotated[str, Meta(pattern=r"^(keep|instead|other|[0-9a-f]{64})\Z")]
    words: Annotated[str, Meta(max_length=1_000)] = ""


class OfferStep(Asked, frozen=True, tag_field="deed", tag="offer"):
    """Words that may settle the bracket of another member."""

    paragraph: ParagraphName
    bracket: Hash
    words: Annotated[str, Meta(max_length=1_000)] = ""


TextStep = WriteStep | StrikeStep | AcceptStep | InsertStep | BracketStep | ResolveStep | OfferStep


class ProposalAsked(Asked, frozen=True):
    """A proposal; what it pins (charter, day, roster) is filled in.

    Parameters
    ----------
    title
        May be left out where the effect says enough.
    expires
        When it ends; after the procedure's usual period unless given.
    text
        The negotiated text that its words come from, to the letter.
    instead
        An own proposal that is withdrawn for it.
    """

    organ: Name
    effect: Adopt | OptIn | OpenCase | CloseCase | Recognise | Wake
    rule: Name
    procedure: Name
    title: Title | None = None
    expires: Instant | None = None
    case: Name | None = None
    text: Hash | None = None
    instead: Hash | None = None


class StanceAsked(Asked, frozen=True):
    """An answer to a proposal.

    Parameters
    ----------
    turn
        How many times this member has answered, as far as the caller knows: if
        it has answered since, nothing is signed. Not looked at unless given.
    """

    word: Word
    annotations: Annotated[tuple[Annotation, ...], Meta(max_length=20)] = ()
    turn: Annotated[int, Meta(ge=0, le=100)] | None = None


class HoldAsked(Asked, frozen=True):
    """Whether this node is held back from closing a proposal by itself."""

    back: bool


class PledgeAsked(Asked, frozen=True):
    """A pledge, or with `previous` the restatement of an own one: its place stays as it was."""

    quantity: Amount
    organ: Name | None = None
    line: Label | None = None
    unit: Label | None = None
    obligation: Name | None = None
    case: Name | None = None
    ready: Day | None = None
    delivered: Amount = "0"
    caveats: Annotated[tuple[Paragraph, ...], Meta(max_length=20)] = ()
    approvals: Annotated[tuple[Approval, ...], Meta(max_length=20)] = ()
    previous: Hash | None = None


class VerifyAsked(Asked, frozen=True):
    """A certificate, and the founding that is trusted; that of this coalition unless given."""

    certificate: dict[str, Any]
    fingerprint: Fingerprint | None = None


# What is answered.


class ErrorTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why something was not done.

    Parameters
    ----------
    code
        One of a fixed list: docs/reference/api.md.
    error, hint
        What happened and the next step, in words that may change.
    refusal
        The constant name of the reason, for what signed acts and JSON are refused for.
    """

    code: str
    error: str
    hint: str
    refusal: str | None = None


class OrganNamed(Answered, frozen=True):
    """An organ."""

    id: str
    name: str


class WaitingTold(Answered, frozen=True):
    """One thing that needs this desk; `id` is of the act, the text, or the thread of talk."""

    kind: Literal["alert", "proposal", "text", "talk"]
    id: str
    title: str
    by: str
    organ: str
    wants: str
    until: str | None
    severity: str


class NowTold(Answered, frozen=True):
    """Who calls, and what needs it: alerts first, then by the time left."""

    at: str
    member: str
    office: str
    coalition: str
    exercise: bool
    organs: list[OrganNamed]
    waiting: list[WaitingTold]


class HolderTold(Answered, frozen=True):
    """A member that has an alert, since when by its own word."""

    member: str
    since: str


class NoticeTold(Answered, frozen=True):
    """The alert itself, an update or a cancellation; and who has it."""

    id: str
    type: Literal["alert", "update", "cancel"]
    instant: str
    title: str
    text: str
    severity: Severity
    holders: list[HolderTold]
    waiting: list[str]


class AlertTold(Answered, frozen=True):
    """An alert as it stands now, with all its notices, the first one first."""

    id: str
    organ: str
    member: str
    title: str
    text: str
    severity: Severity
    status: Literal["actual", "exercise", "test"]
    case: str | None
    marking: Marking | None
    cancelled: bool
    notices: list[NoticeTold]


class AlertsTold(Answered, frozen=True):
    """Alerts, the latest first."""

    alerts: list[AlertTold]
    more: bool


class ActNamed(Answered, frozen=True):
    """An act in a list; its kind is null where it cannot be opened here."""

    id: str
    organ: str
    member: str
    seq: int
    instant: str
    kind: str | None
    case: str | None


class CaseNamed(Answered, frozen=True):
    """A case in a list."""

    name: str
    title: str
    standing: Literal["named", "open", "closed"]
    last: str


class CasesTold(Answered, frozen=True):
    """Cases, what changed last first."""

    cases: list[CaseNamed]


class CaseTold(Answered, frozen=True):
    """A case with all acts that belong to it, the earliest first."""

    name: str
    title: str
    standing: Literal["named", "open", "closed"]
    acts: list[ActNamed]


class TextNamed(Answered, frozen=True):
    """A text in a list."""

    id: str
    organ: str
    member: str
    title: str
    case: str | None
    brackets: int
    rivals: int
    last: str


class TextsTold(Answered, frozen=True):
    """Texts, what changed last first."""

    texts: list[TextNamed]


class VersionTold(Answered, frozen=True):
    """A wording of a paragraph; empty where it is struck."""

    id: str
    member: str
    instant: str
    words: str
    replaces: list[str]


class OfferTold(Answered, frozen=True):
    """Words that may settle a bracket."""

    id: str
    member: str
    instant: str
    words: str


class BracketTold(Answered, frozen=True):
    """Disputed words, and what its author wants there instead."""

    id: str
    member: str
    instant: str
    words: str
    instead: str
    open: bool
    offers: list[OfferTold]


class ParagraphTold(Answered, frozen=True):
    """A paragraph; more than one version stands where wordings are rivals."""

    name: str
    number: str
    standing: list[VersionTold]
    brackets: list[BracketTold]


class StepTold(Answered, frozen=True):
    """One act in the history of a text."""

    id: str
    member: str
    instant: str
    kind: str
    paragraph: str | None
    words: str


class TextTold(Answered, frozen=True):
    """A text as it stands; `clean` is null where `hindrances` say why."""

    id: str
    organ: str
    member: str
    instant: str
    title: str
    case: str | None
    marking: Marking | None
    paragraphs: list[ParagraphTold]
    clean: list[str] | None
    hindrances: list[str]
    history: list[StepTold]


class ProposalNamed(Answered, frozen=True):
    """A proposal in a list."""

    id: str
    organ: str
    member: str
    title: str
    outcome: str
    settled: bool
    expires: str | None
    case: str | None


class ProposalsTold(Answered, frozen=True):
    """Proposals, the latest to end first."""

    proposals: list[ProposalNamed]
    more: bool


class AnswerTold(Answered, frozen=True):
    """The last answer at hand of a member."""

    act: str
    member: str
    turn: int
    word: Word
    annotations: tuple[Annotation, ...]


class ClosingTold(Answered, frozen=True):
    """Who closed a proposal."""

    act: str
    member: str
    instant: str


class ProposalTold(Answered, frozen=True):
    """A proposal as it stands.

    Parameters
    ----------
    why
        Why it is without effect; null where it has effect. The tally is null then.
    settled
        Whether nothing that comes later can change the outcome.
    possible
        All outcomes that are still possible.
    answered
        How many times this member has answered: the `turn` of a stance.
    held
        Whether this node is held back from closing it by itself.
    """

    id: str
    organ: str
    member: str
    instant: str
    proposal: Propose
    why: str | None
    outcome: str
    settled: bool
    possible: list[str]
    closes: str | None
    tally: Tally | None
    against: Tally | None
    answers: list[AnswerTold]
    closings: list[ClosingTold]
    answered: int
    held: bool


class StatementTold(Answered, frozen=True):
    """A pledge as it was stated at one time; amounts are exact."""

    id: str
    organ: str
    instant: str
    quantity: str
    unit: str
    delivered: str
    ready: str | None
    caveats: tuple[str, ...]
    approvals: tuple[Approval, ...]


class PledgeTold(Answered, frozen=True):
    """What a member promises to a line: each promise with all its statements, the first first."""

    member: str
    line: str
    obligation: str | None
    case: str | None
    rivals: bool
    promises: list[list[StatementTold]]


class LineTold(Answered, frozen=True):
    """What pledges come to against one line of what is needed; amounts are exact."""

    obligation: str
    line: str
    unit: str
    basis: str
    needed_low: str
    needed_high: str
    pledged_low: str
    pledged_high: str
    delivered: str
    answer: str
    why: str


class PledgesTold(Answered, frozen=True):
    """What is pledged, and what it comes to."""

    lines: list[LineTold]
    pledges: list[PledgeTold]


class OrganTold(Answered, frozen=True):
    """An organ on a day, as the charter says it; `seen` where this desk reads it."""

    id: str
    name: str
    seats: tuple[str, ...]
    chair: tuple[str, ...]
    propose: tuple[str, ...]
    rules: tuple[str, ...]
    procedures: tuple[str, ...]
    seen: bool


class OrgansTold(Answered, frozen=True):
    """The organs of the charter on a day."""

    on: str
    organs: list[OrganTold]


class MemberTold(Answered, frozen=True):
    """A member or a participant; `standing` is null for a participant."""

    code: str
    name: str
    standing: str | None
    belongs: bool


class MembersTold(Answered, frozen=True):
    """All whom the charter names, in its order."""

    on: str
    members: list[MemberTold]


class RecordTold(Answered, frozen=True):
    """Acts, the latest first; `before` goes on where this page ends, and is null at the end."""

    acts: list[ActNamed]
    before: str | None


class ActTold(Answered, frozen=True):
    """One act with its proof.

    Parameters
    ----------
    body
        What it says; null where it cannot be opened here.
    reason
        Why it has no effect; null where it has, or where it cannot be opened.
    opened
        Since when this node could read it, where it is an alert or a proposal.
    form
        The act as it stands in a file: what others need to check it.
    """

    id: str
    organ: str
    member: str
    office: str
    seq: int
    prev: str | None
    instant: str
    constitution: str
    kind: str | None
    about: tuple[str, ...]
    case: str | None
    body: Body | None
    reason: str | None
    opened: str | None
    form: ActForm


class VerdictTold(Answered, frozen=True):
    """What a certificate shows, in words; *not proven* is an answer."""

    proven: bool
    exercise: bool
    outcome: str | None
    lines: list[str]
