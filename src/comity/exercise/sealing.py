"""The sealing of an exercise: nonces and the key pairs of boxes come from its seed.

RFC 9180 in base mode (X25519, HKDF-SHA256, AES-256-GCM), composed from the
primitives of the library of ciphers, because that library's own HPKE draws the
key pair of a box by itself. What is sealed here, its HPKE opens. A node takes
this for a coalition that is founded as an exercise, and for no other: whoever
knows the seed opens everything (docs/adr/0020-one-seed-one-record.md).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from comity.core.sealing import NONCE_BYTES, can_receive
from comity.errors import ActError

_KEM: Final = b"KEM" + (0x0020).to_bytes(2, "big")
_SUITE: Final = b"HPKE" + b"".join(n.to_bytes(2, "big") for n in (0x0020, 0x0001, 0x0002))
_HASH = _KEY = 32
_BASE_NONCE = 12
_BASE_MODE: Final = b"\0"


class SeededSealing:
    """Sealing whose chance is given.

    Parameters
    ----------
    chance
        Where nonces and key pairs come from, such as a `Stream` of the seed.
    """

    name: Final = "seeded"

    def __init__(self, chance: Callable[[int], bytes]) -> None:
        self._chance = chance

    def nonce(self) -> bytes:
        """Draw the nonce of an act's box."""
        return self._chance(NONCE_BYTES)

    def seal_to(self, public: bytes, plaintext: bytes, info: bytes) -> bytes:
        """Seal bytes to a public key, for a purpose, with the next key pair of the seed.

        Raises
        ------
        ActError
            ``unfit-key`` if everybody could open what is sealed to it.
        """
        if not can_receive(public):
            raise ActError(
                "nothing can be sealed to this key",
                hint="its owner makes a new one: whatever is sealed to this, everybody can open",
                refusal="unfit-key",
            )
        return sealed_with(key_pair(self._chance(_KEY)), public, plaintext, info)


def key_pair(material: bytes) -> X25519PrivateKey:
    """Derive a key pair as RFC 9180 7.1.3 does."""
    root = _extract(_KEM, b"", b"dkp_prk", material)
    return X25519PrivateKey.from_private_bytes(_expand(_KEM, root, b"sk", b"", _KEY))


def sealed_with(own: X25519PrivateKey, public: bytes, plaintext: bytes, info: bytes) -> bytes:
    """Seal with a key pair that is given: RFC 9180 6.1, in base mode, one message."""
    enc = own.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    exchanged = own.exchange(X25519PublicKey.from_public_bytes(public))
    root = _extract(_KEM, b"", b"eae_prk", exchanged)
    shared = _expand(_KEM, root, b"shared_secret", enc + public, _HASH)
    context = (
        _BASE_MODE
        + _extract(_SUITE, b"", b"psk_id_hash", b"")
        + _extract(_SUITE, b"", b"info_hash", info)
    )
    secret = _extract(_SUITE, shared, b"secret", b"")
    key = _expand(_SUITE, secret, b"key", context, _KEY)
    nonce = _expand(_SUITE, secret, b"base_nonce", context, _BASE_NONCE)
    return enc + AESGCM(key).encrypt(nonce, plaintext, b"")


def _extract(suite: bytes, salt: bytes, label: bytes, material: bytes) -> bytes:
    return hmac.digest(salt or bytes(_HASH), b"HPKE-v1" + suite + label + material, sha256)


def _expand(suite: bytes, root: bytes, label: bytes, info: bytes, length: int) -> bytes:
    about = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return HKDFExpand(SHA256(), length, about).derive(root)
