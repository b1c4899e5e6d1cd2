"""Envelopes (DSSE): exact bytes, their type, and who signed them.

The payload is kept as it came and never written anew; signatures are checked
over these bytes before anything in them is read. What counts is how many
different *keys* verify, not how many signatures there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated

import msgspec
from msgspec import Meta

from comity.core.signing import SIGNATURE_BYTES, key_id, pae, sign, verifies
from comity.core.strict import read_base64, write_base64
from comity.errors import ActError

ACT = "application/vnd.comity.act.v1+json"
EXERCISE_ACT = "application/vnd.comity.exercise-act.v1+json"
FOUNDING = "application/vnd.comity.founding.v1+json"
EXERCISE_FOUNDING = "application/vnd.comity.exercise-founding.v1+json"
MAX_SIGNATURES = 1_000


class SignatureForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One signature as it stands in a file."""

    keyid: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
    sig: Annotated[str, Meta(max_length=88)]


class EnvelopeForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An envelope as it stands in a file."""

    payload: Annotated[str, Meta(max_length=500_000)]
    payloadType: Annotated[str, Meta(max_length=100)]  # noqa: N815 - DSSE's spelling
    signatures: Annotated[tuple[SignatureForm, ...], Meta(min_length=1, max_length=MAX_SIGNATURES)]


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature, and the short name of the key that is said to have made it."""

    key_id: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """Signed bytes of a type."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]

    @property
    def message(self) -> bytes:
        """The bytes that are signed."""
        return pae(self.payload_type, self.payload)

    @property
    def id(self) -> str:
        """SHA-256 of what is signed: the same whoever signs it, and other for another type."""
        return sha256(self.message).hexdigest()

    def form(self) -> EnvelopeForm:
        """Return it as it stands in a file."""
        return EnvelopeForm(
            write_base64(self.payload),
            self.payload_type,
            tuple(SignatureForm(s.key_id, write_base64(s.value)) for s in self.signatures),
        )

    def signers(self, keys: Mapping[str, bytes]) -> frozenset[bytes]:
        """Return which of these keys, listed by their short names, signed; each counts once.

        Raises
        ------
        ActError
            ``unknown-key`` or ``bad-signature``: a signature that does not
            verify is never passed over.
        """
        message, signed = self.message, set()
        for signature in self.signatures:
            key = keys.get(signature.key_id)
            if key is None:
                raise ActError(
                    f"nobody here holds the key {signature.key_id}",
                    hint="it belongs to another coalition, or to a key that was replaced",
                    refusal="unknown-key",
                )
            if not verifies(message, signature.value, key):
                raise ActError(
                    f"the signature of key {signature.key_id} does not fit",
                    hint="the bytes were changed, or the key is not the signer's",
                    refusal="bad-signature",
                )
            signed.add(key)
        return frozenset(signed)


def seal(payload_type: str, payload: bytes, seeds: Iterable[tuple[bytes, bytes]]) -> Envelope:
    """Sign bytes with each of the (seed, public key) given."""
    message = pae(payload_type, payload)
    signatures = tuple(Signature(key_id(key), sign(message, seed)) for seed, key in seeds)
    return Envelope(payload_type, payload, signatures)


def read_envelope(form: EnvelopeForm, *, limit: int, types: tuple[str, ...], what: str) -> Envelope:
    """Read an envelope of one of some types; nothing is verified yet.

    Raises
    ------
    ActError
        ``payload-type``, ``not-base64``, ``too-large`` or ``signature-size``.
    """
    if form.payloadType not in types:
        raise ActError(
            f"{what} is of another type: '{form.payloadType}'",
            hint="an exercise is never taken for the real thing, nor the other way round",
            refusal="payload-type",
        )
    payload = read_base64(form.payload, f"the payload of {what}")
    if len(payload) > limit:
        raise ActError(
            f"the payload of {what} has {len(payload)} bytes, more than {limit}",
            hint="send less at once",
            refusal="too-large",
        )
    signatures = []
    for one in form.signatures:
        value = read_base64(one.sig, f"a signature of {what}")
        if len(value) != SIGNATURE_BYTES:
            raise ActError(
                f"a signature of {what} has {len(value)} bytes, not {SIGNATURE_BYTES}",
                hint="the bytes were damaged",
                refusal="signature-size",
            )
        signatures.append(Signature(one.keyid, value))
    return Envelope(form.payloadType, payload, tuple(signatures))
