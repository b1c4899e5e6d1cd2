"""The founding: which charter, whose keys, signed by all of them. Its hash names the coalition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from comity.core.envelope import (
    ACT,
    EXERCISE_ACT,
    EXERCISE_FOUNDING,
    FOUNDING,
    Envelope,
    EnvelopeForm,
    read_envelope,
    seal,
)
from comity.core.signing import is_sound, key_id, public_key
from comity.core.strict import read_json, write_json
from comity.errors import ActError

MAX_FOUNDING = 300_000
Code = Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,31}\Z")]
Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,63}\Z")]
Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
Run = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
Label = Annotated[str, Meta(pattern=r"^\S(?:.{0,62}\S)?\Z")]


class KeyHeld(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which key an office of a member signs with, and which it receives sealed things with.

    Parameters
    ----------
    key
        An Ed25519 public key, in hexadecimal digits.
    sealing
        An X25519 public key; None for an office that can open nothing sealed.
    """

    member: Code
    office: Label
    key: Hash
    sealing: Hash | None = None


class FoundingForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The payload of a founding."""

    comity: Literal[1]
    charter: Hash
    run: Run
    keys: Annotated[tuple[KeyHeld, ...], Meta(min_length=1, max_length=1_000)]


@dataclass(frozen=True)
class Founding:
    """A founding that all its keys have signed.

    Parameters
    ----------
    envelope
        As it was signed.
    charter
        SHA-256 of the charter's file.
    run
        What sets it apart from every other run of the same charter.
    keys
        Which key each office signs with, in the order of the founding.
    """

    envelope: Envelope
    charter: str
    run: str
    keys: tuple[KeyHeld, ...]

    @property
    def id(self) -> str:
        """The coalition's id, which is its fingerprint."""
        return self.envelope.id

    @property
    def exercise(self) -> bool:
        """Whether it is a rehearsal."""
        return self.envelope.payload_type == EXERCISE_FOUNDING

    @property
    def act_type(self) -> str:
        """The payload type of its acts."""
        return EXERCISE_ACT if self.exercise else ACT

    @cached_property
    def holders(self) -> dict[str, KeyHeld]:
        """Who holds the key of each short name."""
        return {key_id(bytes.fromhex(held.key)): held for held in self.keys}

    @cached_property
    def keys_by_id(self) -> dict[str, bytes]:
        """The keys by their short names."""
        return {name: bytes.fromhex(held.key) for name, held in self.holders.items()}


def found(
    charter: str,
    run: str,
    seeds: Sequence[tuple[str, str, bytes]],
    *,
    exercise: bool = False,
    sealing: Mapping[tuple[str, str], str] | None = None,
) -> Founding:
    """Found a coalition: sign the charter's hash and the keys with every key.

    Parameters
    ----------
    charter
        SHA-256 of the charter's file, in hexadecimal digits.
    run
        32 hexadecimal digits by chance, which set this founding apart.
    seeds
        (member, office, seed of 32 bytes), one for each key.
    sealing
        The X25519 public key of each (member, office) that has one, in hexadecimal digits.
    """
    boxes = sealing or {}
    keys = tuple(
        KeyHeld(member, office, public_key(secret).hex(), boxes.get((member, office)))
        for member, office, secret in seeds
    )
    drafted = draft(charter, run, keys, exercise=exercise)
    return founding_of(countersigned(drafted, [secret for _, _, secret in seeds]))


def draft(charter: str, run: str, keys: tuple[KeyHeld, ...], *, exercise: bool = False) -> Envelope:
    """Write a founding that nobody has signed yet."""
    kind = EXERCISE_FOUNDING if exercise else FOUNDING
    return Envelope(kind, write_json(FoundingForm(1, charter, run, keys)), ())


def countersigned(envelope: Envelope, seeds: Sequence[bytes]) -> Envelope:
    """Add signatures to a founding; a key that has signed already does not sign again."""
    there = {one.key_id for one in envelope.signatures}
    pairs = [(secret, public_key(secret)) for secret in seeds]
    fresh = [pair for pair in pairs if key_id(pair[1]) not in there]
    added = seal(envelope.payload_type, envelope.payload, fresh).signatures
    return Envelope(
        envelope.payload_type,
        envelope.payload,
        tuple(sorted((*envelope.signatures, *added), key=lambda one: one.key_id)),
    )


def read_founding(form: EnvelopeForm) -> Founding:
    """Read a founding out of a file, and check it.

    Raises
    ------
    ActError
        ``unfit-key``, ``key-shared``, ``office-twice``, ``unsigned-founding``,
        or what envelopes and strict JSON are refused for.
    """
    return founding_of(
        read_envelope(
            form,
            limit=MAX_FOUNDING,
            types=(FOUNDING, EXERCISE_FOUNDING),
            what="the founding",
        )
    )


def founding_of(envelope: Envelope) -> Founding:
    """Check a founding: its keys, and that every one of them signed."""
    form = read_json(envelope.payload, FoundingForm, limit=MAX_FOUNDING, what="the founding")
    for held in form.keys:
        if not is_sound(bytes.fromhex(held.key)):
            raise ActError(
                f"the key of {held.member}, {held.office}, is no sound key",
                hint="make a new one: under this key one signature could fit many texts",
                refusal="unfit-key",
            )
    keys = {key_id(bytes.fromhex(held.key)): bytes.fromhex(held.key) for held in form.keys}
    if len(keys) < len(form.keys):
        raise ActError(
            "one key stands for two offices",
            hint="every office needs a key of its own",
            refusal="key-shared",
        )
    if len({(held.member, held.office) for held in form.keys}) < len(form.keys):
        raise ActError(
            "one office has two keys", hint="give each office one key", refusal="office-twice"
        )
    signed = envelope.signers(keys)
    missing = [held for held in form.keys if bytes.fromhex(held.key) not in signed]
    if missing:
        raise ActError(
            f"the founding is not signed by {missing[0].member}, {missing[0].office}",
            hint="every founding key signs it, so that nobody is named without its consent",
            refusal="unsigned-founding",
        )
    return Founding(envelope, form.charter, form.run, form.keys)
