"""Founding by files: offers of keys, and drafts that go round until all have signed.

An *offer* is the public half of a member's keys. A *draft* is a founding that
not all have signed yet, with the charter's file in it, so that whoever signs
has read what it signs. A complete draft founds the coalition in any folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from comity.core.bodies import KeyOffer
from comity.core.charter import Charter
from comity.core.envelope import (
    EXERCISE_FOUNDING,
    FOUNDING,
    Envelope,
    EnvelopeForm,
    SignatureForm,
    read_envelope,
)
from comity.core.founding import (
    MAX_FOUNDING,
    Founding,
    FoundingForm,
    Hash,
    KeyHeld,
    countersigned,
    draft,
    founding_of,
)
from comity.core.reading import read_charter
from comity.core.signing import key_id
from comity.core.strict import read_base64, read_json, write_base64, write_json
from comity.errors import ActError, UsageError

MAX_DRAFT = 2_000_000


class OfferForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Keys that a member offers, as they stand in a file.

    `keys` is for a founding; `proven` for one that is there already, with proof
    that the secrets are held.
    """

    comity: Literal[1]
    keys: Annotated[tuple[KeyHeld, ...], Meta(max_length=20)] = ()
    coalition: Hash | None = None
    proven: Annotated[tuple[KeyOffer, ...], Meta(max_length=20)] = ()


class _DraftForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    comity: Literal[1]
    charter: Annotated[str, Meta(max_length=MAX_DRAFT)]
    payload: Annotated[str, Meta(max_length=500_000)]
    payloadType: Annotated[str, Meta(max_length=100)]  # noqa: N815 - DSSE's spelling
    signatures: Annotated[tuple[SignatureForm, ...], Meta(max_length=1_000)]


@dataclass(frozen=True)
class Draft:
    """A founding on its way round.

    Parameters
    ----------
    envelope
        What is signed, and by whom so far.
    text
        The charter's file.
    """

    envelope: Envelope
    text: bytes

    @cached_property
    def form(self) -> FoundingForm:
        """What is signed."""
        return read_json(
            self.envelope.payload, FoundingForm, limit=MAX_FOUNDING, what="the founding"
        )

    @cached_property
    def charter(self) -> Charter:
        """What the charter says."""
        return read_charter(self.text)

    @property
    def id(self) -> str:
        """The fingerprint: the same whoever has signed."""
        return self.envelope.id

    @property
    def exercise(self) -> bool:
        """Whether it is a rehearsal."""
        return self.envelope.payload_type == EXERCISE_FOUNDING

    @property
    def unsigned(self) -> tuple[KeyHeld, ...]:
        """Whose signatures are missing."""
        there = {one.key_id for one in self.envelope.signatures}
        return tuple(held for held in self.form.keys if _short(held) not in there)

    def signed_with(self, seeds: Sequence[bytes]) -> Draft:
        """Return it with further signatures."""
        return Draft(countersigned(self.envelope, seeds), self.text)

    def founding(self) -> Founding:
        """Return the founding, if all have signed.

        Raises
        ------
        ActError
            ``unsigned-founding``, or what a founding is refused for.
        """
        return founding_of(self.envelope)

    def to_bytes(self) -> bytes:
        """Write it as a file."""
        return write_json(
            _DraftForm(
                1,
                write_base64(self.text),
                write_base64(self.envelope.payload),
                self.envelope.payload_type,
                tuple(
                    SignatureForm(s.key_id, write_base64(s.value)) for s in self.envelope.signatures
                ),
            )
        )


def begin(text: bytes, offers: Iterable[OfferForm], run: str, *, exercise: bool = False) -> Draft:
    """Write a founding that nobody has signed yet.

    Parameters
    ----------
    run
        32 hexadecimal digits by chance, which set this founding apart.

    Raises
    ------
    UsageError
        If an offer is of somebody whom the charter does not name, or comes twice.
    """
    charter = read_charter(text)
    found: dict[tuple[str, str], KeyHeld] = {}
    for held in (held for offer in offers for held in offer.keys):
        if held.member not in charter.order:
            raise UsageError(
                f"the charter does not name {held.member}",
                hint=f"it names: {', '.join(charter.order)}",
            )
        place = (held.member, held.office)
        if found.setdefault(place, held) != held:
            raise UsageError(
                f"two different keys are offered for {held.member}, {held.office}",
                hint="ask that member which one is its own",
            )
    if not found:
        raise UsageError("nobody has offered a key", hint="begin with comity init keys")
    order = {code: k for k, code in enumerate(charter.order)}
    keys = tuple(sorted(found.values(), key=lambda held: (order[held.member], held.office)))
    return Draft(draft(sha256(text).hexdigest(), run, keys, exercise=exercise), text)


def merged(drafts: Sequence[Draft]) -> Draft:
    """Put the signatures of copies of one draft together.

    Raises
    ------
    UsageError
        If they are drafts of different foundings.
    """
    first = drafts[0]
    for other in drafts[1:]:
        if other.id != first.id:
            raise UsageError(
                f"these are two foundings: {first.id[:16]} and {other.id[:16]}",
                hint="give copies of one draft, signed by different members",
            )
    once = {one.key_id: one for d in drafts for one in d.envelope.signatures}
    signatures = tuple(once[name] for name in sorted(once))
    envelope = Envelope(first.envelope.payload_type, first.envelope.payload, signatures)
    return Draft(envelope, first.text)


def read_draft(data: bytes) -> Draft:
    """Read a draft, and check that charter and signatures so far belong to it.

    Raises
    ------
    ActError
        If it is no draft, was changed, or holds a signature that does not verify.
    CharterError
        If its charter is none.
    """
    form = read_json(data, _DraftForm, limit=MAX_DRAFT, what="the draft")
    envelope = read_envelope(
        EnvelopeForm(form.payload, form.payloadType, form.signatures),
        limit=MAX_FOUNDING,
        types=(FOUNDING, EXERCISE_FOUNDING),
        what="the draft",
    )
    made = Draft(envelope, read_base64(form.charter, "the charter"))
    if sha256(made.text).hexdigest() != made.form.charter:
        raise ActError(
            "the charter in the draft is not the one that it names",
            hint="somebody has changed the file: ask for it again",
            refusal="another-charter",
        )
    made.envelope.signers({_short(held): bytes.fromhex(held.key) for held in made.form.keys})
    assert made.charter
    return made


def read_offer(data: bytes) -> OfferForm:
    """Read an offer of keys."""
    return read_json(data, OfferForm, limit=MAX_DRAFT, what="the offer")


def write_offer(offer: OfferForm) -> bytes:
    """Write an offer of keys as a file."""
    return write_json(offer)


def _short(held: KeyHeld) -> str:
    return key_id(bytes.fromhex(held.key))
