"""Ed25519 over exact bytes: what is signed, by which key, and which keys are no keys.

Keys and seeds are arguments; none is kept here.
"""

from __future__ import annotations

from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SEED_BYTES = KEY_BYTES = 32
SIGNATURE_BYTES = 64
_PRIME = 2**255 - 19
_ORDER_EIGHT = 2707385501144840649318225287225658788936804267575313519463743609750303402022
_SMALL = frozenset((0, 1, _PRIME - 1, _ORDER_EIGHT, _PRIME - _ORDER_EIGHT))
"""The y of the eight points of small order: under such a key one signature fits many texts."""


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return the bytes that are signed: DSSE's pre-authentication encoding.

    >>> pae("http://example.com/HelloWorld", b"hello world")
    b'DSSEv1 29 http://example.com/HelloWorld 11 hello world'
    """
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def sign(message: bytes, seed: bytes) -> bytes:
    """Sign bytes with the key that grows from a seed of 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def verifies(message: bytes, signature: bytes, key: bytes) -> bool:
    """Tell whether a signature over bytes was made by a key."""
    if len(signature) != SIGNATURE_BYTES or not is_sound(key):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def public_key(seed: bytes) -> bytes:
    """Return the public key, 32 bytes, of a seed."""
    key = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def key_id(key: bytes) -> str:
    """Return the short name of a key: a hint where to look it up, never a proof.

    >>> key_id(bytes(32))
    '66687aadf862bd776c8fc18b8e9f8e20'
    """
    return sha256(key).hexdigest()[:32]


def is_sound(key: bytes) -> bool:
    """Tell whether bytes may serve as a key: canonical, and not of small order."""
    if len(key) != KEY_BYTES:
        return False
    y = int.from_bytes(key, "little") & (2**255 - 1)
    return y < _PRIME and y not in _SMALL
