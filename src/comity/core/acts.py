"""Acts: one signed statement by a member in an organ, with its place in that member's chain.

The header is signed and always clear to those who carry the act; the body is
not in it. The header commits to the body: SHA-256 of a salt and the body's
bytes. So a body can be sealed or withheld, and no act can open to two bodies.
spec/act.md is the authority.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from comity.core.bodies import MAX_ACT, MAX_BODY, Body, Instant, check_body, kind_of, named_by
from comity.core.envelope import Envelope, EnvelopeForm, read_envelope, seal
from comity.core.founding import Code, Founding, Hash, Label, Name
from comity.core.keys import Keyring, holder
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
SALT_BYTES = 32

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


class SealedForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Salt and body of an act under the key of an epoch (spec/sealing.md)."""

    epoch: Hash
    nonce: Annotated[str, Meta(min_length=44, max_length=44)]
    box: Annotated[str, Meta(max_length=MAX_ACT)]


_HEADERS = msgspec.json.Decoder(Header)
_BODIES: msgspec.json.Decoder[Body] = msgspec.json.Decoder(Body)


class ActForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An act as it stands in a file: the envelope and, where it may be read, salt and body."""

    envelope: EnvelopeForm
    salt: Annotated[str, Meta(max_length=64)] | None = None
    body: Annotated[str, Meta(max_length=MAX_ACT)] | None = None
    sealed: SealedForm | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """A verified act; its body is None where it cannot be opened, which means *unknown*."""

    id: str
    header: Header
    envelope: Envelope = field(repr=False)
    salt: bytes | None = field(default=None, repr=False)
    body_bytes: bytes | None = field(default=None, repr=False)
    body: Body | None = None
    sealed: SealedForm | None = field(default=None, repr=False)

    @property
    def member(self) -> str:
        """Who speaks."""
        return self.header.member

    @property
    def place(self) -> tuple[str, str, int]:
        """Organ, member and number: two acts in one place are a fork."""
        return (self.header.organ, self.header.member, self.header.seq)

    @property
    def key_id(self) -> str:
        """The short name of the key that signed it."""
        return self.envelope.signatures[0].key_id

    @property
    def kind(self) -> str | None:
        """The word for what it says; None where it cannot be opened."""
        return None if self.body is None else kind_of(self.body)

    @property
    def about(self) -> tuple[str, ...]:
        """The ids of acts that it is about, as far as it can be opened."""
        return () if self.body is None else named_by(self.body)

    @property
    def case(self) -> str | None:
        """The matter that it belongs to, where it says so."""
        return getattr(self.body, "case", None)

    def form(self, *, sealed: bool = False) -> ActForm:
        """Return it as it stands in a file: opened if it can be, unless it is to stay sealed."""
        if sealed or self.salt is None or self.body_bytes is None:
            return ActForm(self.envelope.form(), sealed=self.sealed)
        return ActForm(self.envelope.form(), write_base64(self.salt), write_base64(self.body_bytes))

    def to_bytes(self) -> bytes:
        """Write it as a file."""
        return write_json(self.form())


def commitment(salt: bytes, body: bytes) -> str:
    """Return what a header says of its body, so that no act opens to two."""
    return sha256(salt + body).hexdigest()


Trusted: TypeAlias = Founding | Keyring
"""What acts are verified against: a founding's keys, or those of it and all changes since."""


def write_act(
    trusted: Trusted,
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
    envelope = seal(trusted.act_type, write_json(full), [(seed, public_key(seed))])
    return _act(envelope, (salt, body_bytes), trusted)


def read_act(data: bytes, trusted: Trusted) -> Act:
    """Read an act from a file, and verify it.

    Raises
    ------
    ActError
        With the first refusal in the order of spec/act.md 5.
    """
    return act_of(read_json(data, ActForm, limit=MAX_ACT, what="the act"), trusted)


def act_of(form: ActForm, trusted: Trusted) -> Act:
    """Read an act out of a file whose form is known, and verify it."""
    envelope = read_envelope(
        form.envelope,
        limit=MAX_HEADER,
        types=(trusted.act_type,),
        what="the act",
    )
    if form.salt is None and form.body is None:
        return replace(_act(envelope, None, trusted), sealed=form.sealed)
    if form.salt is None or form.body is None:
        raise ActError(
            "the act comes with only one of salt and body",
            hint="give both, or neither where it is sealed",
            refusal="opening",
        )
    opening = read_base64(form.salt, "the salt"), read_base64(form.body, "the body")
    return _act(envelope, opening, trusted)


def _act(envelope: Envelope, opening: tuple[bytes, bytes] | None, trusted: Trusted) -> Act:
    if len(envelope.signatures) != 1:
        raise ActError(
            f"the act has {len(envelope.signatures)} signatures, and one member speaks in it",
            hint="sign it with the key of the office that speaks",
            refusal="signature-count",
        )
    envelope.signers(trusted.keys_by_id)
    header = read_json(envelope.payload, Header, limit=MAX_HEADER, what="the header")
    _check_header(header, trusted, envelope.signatures[0].key_id)
    sealed = Act(envelope.id, header, envelope)
    return sealed if opening is None else opened(sealed, *opening)


def opened(act: Act, salt: bytes, body_bytes: bytes) -> Act:
    """Open an act with the salt and the body that its header commits to.

    Raises
    ------
    ActError
        ``commitment``, or what strict JSON and bodies are refused for.
    """
    if len(salt) != SALT_BYTES or commitment(salt, body_bytes) != act.header.commit:
        raise ActError(
            f"the body is not the one {act.member} signed",
            hint="ask another node for the act",
            refusal="commitment",
        )
    body: Body = read_json(body_bytes, Body, limit=MAX_BODY, what="the body")  # type: ignore[arg-type]
    check_body(body)
    return replace(act, salt=salt, body_bytes=body_bytes, body=body)


def restored(
    envelope: Envelope,
    *,
    salt: bytes | None = None,
    body_bytes: bytes | None = None,
    sealed: SealedForm | None = None,
    id: str | None = None,  # noqa: A002 - it is the act's id
) -> Act:
    """Return an act out of a node's own record, which verified it before it was stored.

    Nothing is verified here; what came from elsewhere goes through `act_of`.
    """
    header = _HEADERS.decode(envelope.payload)
    body: Body | None = None if body_bytes is None else _BODIES.decode(body_bytes)
    return Act(id or envelope.id, header, envelope, salt, body_bytes, body, sealed)


def _check_header(header: Header, trusted: Trusted, key: str) -> None:
    if header.coalition != trusted.id:
        raise ActError(
            f"the act belongs to another coalition or run: {header.coalition[:16]}",
            hint=f"this one is {trusted.id[:16]}",
            refusal="another-coalition",
        )
    if holder(trusted.holders, key, header.member, header.office) is None:
        signer = trusted.holders[key]
        raise ActError(
            f"it says {header.member}, {header.office}, and is signed by "
            f"{signer.member}, {signer.office}",
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
