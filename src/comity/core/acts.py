"""Acts: one signed statement by a member in an organ, with its place in that member's chain.

The header is signed and always clear to those who carry the act; the body is
not in it. The header commits to the body: SHA-256 of a salt and the body's
bytes. So a body can be sealed or withheld, and no act can open to two bodies.
spec/act.md is the authority.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from comity.core.envelope import Envelope, EnvelopeForm, read_envelope, seal
from comity.core.founding import Code, Founding, Hash, Label, Name
from comity.core.signing import public_key
from comity.core.strict import (
    instant,
    read_base64,
    read_json,
    write_base64,
    write_json,
)
from comity.errors import ActError

MAX_HEADER = 4_096
MAX_BODY = 131_072
MAX_ACT = 262_144
SALT_BYTES = 32

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

Instant = Annotated[str, Meta(max_length=40)]
Day = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}\Z")]
Title = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\n]*\Z")]
Paragraph = Annotated[str, Meta(min_length=1, max_length=4_000)]
Turn = Annotated[int, Meta(ge=1, le=100)]
Place = Annotated[int, Meta(ge=1, le=1_000_000_000)]


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is signed: who speaks, where, in which place, and a commitment to the body."""

    comity: Literal[1]
    coalition: Hash
    organ: Name
    member: Code
    office: Label
    seq: Place
    constitution: Hash
    instant: Instant
    commit: Hash
    prev: Hash | None = None


class Adopt(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="adopt"):
    """The effect of a proposal: a text is agreed."""

    paragraphs: Annotated[tuple[Paragraph, ...], Meta(min_length=1, max_length=200)]


class Propose(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="kind",
    tag="propose",
):
    """A text put to decision; it pins the charter, the day and the roster it is decided by."""

    title: Title
    effect: Adopt
    charter: Hash
    rule: Name
    procedure: Name
    on: Day
    roster: Annotated[tuple[Code, ...], Meta(min_length=1, max_length=1_000)]
    expires: Instant | None = None


class Annotation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a member says beside its answer; it changes no outcome."""

    kind: Literal["reservation", "declaration", "caveat", "explanation"]
    text: Paragraph


class Stance(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="kind",
    tag="stance",
):
    """A member's answer to a proposal, numbered by turn; a later turn replaces the one before."""

    proposal: Hash
    turn: Turn
    word: Word
    previous: Hash | None = None
    annotations: Annotated[tuple[Annotation, ...], Meta(max_length=20)] = ()


class Closing(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="kind",
    tag="closing",
):
    """A roll: the last stance heard of every member, and since when the text could be read.

    Members who were not heard to say anything are left out.
    """

    proposal: Hash
    roll: Annotated[dict[Code, Hash], Meta(max_length=1_001)]
    opened_at: Instant | None = None


Body: TypeAlias = Propose | Stance | Closing


class ActForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An act as it stands in a file: the envelope and, where it may be read, salt and body."""

    envelope: EnvelopeForm
    salt: Annotated[str, Meta(max_length=64)] | None = None
    body: Annotated[str, Meta(max_length=MAX_ACT)] | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """A verified act; its body is None where it cannot be opened, which means *unknown*."""

    id: str
    header: Header
    envelope: Envelope = field(repr=False)
    salt: bytes | None = field(default=None, repr=False)
    body_bytes: bytes | None = field(default=None, repr=False)
    body: Body | None = None

    @property
    def member(self) -> str:
        """Who speaks."""
        return self.header.member

    @property
    def place(self) -> tuple[str, str, int]:
        """Organ, member and number: two acts in one place are a fork."""
        return (self.header.organ, self.header.member, self.header.seq)

    def form(self) -> ActForm:
        """Return it as it stands in a file."""
        if self.salt is None or self.body_bytes is None:
            return ActForm(self.envelope.form())
        return ActForm(self.envelope.form(), write_base64(self.salt), write_base64(self.body_bytes))

    def to_bytes(self) -> bytes:
        """Write it as a file."""
        return write_json(self.form())


def commitment(salt: bytes, body: bytes) -> str:
    """Return what a header says of its body, so that no act opens to two."""
    return sha256(salt + body).hexdigest()


def write_act(
    founding: Founding,
    header: Header,
    body: Body,
    *,
    salt: bytes,
    seed: bytes,
) -> Act:
    """Sign an act; the header's `commit` is filled in.

    Parameters
    ----------
    salt
        32 bytes by chance, new for every act.
    seed
        The secret of the office that signs.

    Raises
    ------
    ActError
        If its own reader would refuse it.
    """
    body_bytes = write_json(body)
    full = msgspec.structs.replace(header, commit=commitment(salt, body_bytes))
    envelope = seal(founding.act_type, write_json(full), [(seed, public_key(seed))])
    return _act(envelope, (salt, body_bytes), founding)


def read_act(data: bytes, founding: Founding) -> Act:
    """Read an act from a file, and verify it.

    Raises
    ------
    ActError
        With the first refusal in the order of spec/act.md 5.
    """
    return act_of(read_json(data, ActForm, limit=MAX_ACT, what="the act"), founding)


def act_of(form: ActForm, founding: Founding) -> Act:
    """Read an act out of a file whose form is known, and verify it."""
    envelope = read_envelope(
        form.envelope,
        limit=MAX_HEADER,
        types=(founding.act_type,),
        what="the act",
    )
    if form.salt is None and form.body is None:
        return _act(envelope, None, founding)
    if form.salt is None or form.body is None:
        raise ActError(
            "the act comes with only one of salt and body",
            hint="give both, or neither where it is sealed",
            refusal="opening",
        )
    opening = read_base64(form.salt, "the salt"), read_base64(form.body, "the body")
    return _act(envelope, opening, founding)


def _act(envelope: Envelope, opening: tuple[bytes, bytes] | None, founding: Founding) -> Act:
    if len(envelope.signatures) != 1:
        raise ActError(
            f"the act has {len(envelope.signatures)} signatures, and one member speaks in it",
            hint="sign it with the key of the office that speaks",
            refusal="signature-count",
        )
    envelope.signers(founding.keys_by_id)
    held = founding.holders[envelope.signatures[0].key_id]
    header = read_json(envelope.payload, Header, limit=MAX_HEADER, what="the header")
    _check_header(header, founding, (held.member, held.office))
    if opening is None:
        return Act(envelope.id, header, envelope)
    salt, body_bytes = opening
    if len(salt) != SALT_BYTES or commitment(salt, body_bytes) != header.commit:
        raise ActError(
            f"the body is not the one {header.member} signed",
            hint="ask another node for the act",
            refusal="commitment",
        )
    body: Body = read_json(body_bytes, Body, limit=MAX_BODY, what="the body")  # type: ignore[arg-type]
    check_body(body)
    return Act(envelope.id, header, envelope, salt, body_bytes, body)


def _check_header(header: Header, founding: Founding, signer: tuple[str, str]) -> None:
    if header.coalition != founding.id:
        raise ActError(
            f"the act belongs to another coalition or run: {header.coalition[:16]}",
            hint=f"this one is {founding.id[:16]}",
            refusal="another-coalition",
        )
    if (header.member, header.office) != signer:
        raise ActError(
            f"it says {header.member}, {header.office}, and is signed by {', '.join(signer)}",
            hint="each office signs for itself",
            refusal="another-signer",
        )
    instant(header.instant, "the instant of the header")
    if (header.seq == 1) != (header.prev is None):
        raise ActError(
            f"the first act of a chain follows none, and every other names the one before; "
            f"this is number {header.seq}",
            hint="number acts from 1, and name the id of the one before",
            refusal="chain-link",
        )


def check_body(body: Body) -> None:
    """Check what the types of a body cannot say.

    Raises
    ------
    ActError
        ``instant``, ``day``, ``listed-twice`` or ``turn-link``.
    """
    if isinstance(body, Propose):
        _check_day(body.on)
        if body.expires is not None:
            instant(body.expires, "the expiry")
        _check_once(body.roster, "the roster")
    elif isinstance(body, Stance):
        if (body.turn == 1) != (body.previous is None):
            raise ActError(
                f"the first stance follows none, and every other names the one before; "
                f"this is turn {body.turn}",
                hint="number your stances from 1, and name the id of the one before",
                refusal="turn-link",
            )
    elif body.opened_at is not None:
        instant(body.opened_at, "opened_at")


def _check_day(text: str) -> None:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ActError(
            f"'{text}' is no day", hint="write it as 2026-01-31", refusal="day"
        ) from None


def _check_once(codes: Sequence[str], what: str) -> None:
    if len(set(codes)) < len(codes):
        raise ActError(
            f"{what} names somebody twice", hint="name each once", refusal="listed-twice"
        )
