"""HPKE written out: RFC 9180 in base mode, from the RFC alone, with its chance as an argument.

A plain twin of the library's. It is checked on the RFC's own vectors, which use
associated data, and the library, which takes none, is then checked against it.
Also the way that vectors are made: boxes that are the same every time.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEM = b"KEM" + (0x0020).to_bytes(2, "big")
AES_128_GCM, AES_256_GCM = 0x0001, 0x0002


def extract(salt, ikm):
    return hmac.digest(salt or bytes(32), ikm, sha256)


def expand(prk, info, length):
    blocks, last = b"", b""
    while len(blocks) < length:
        last = hmac.digest(prk, last + info + bytes([len(blocks) // 32 + 1]), sha256)
        blocks += last
    return blocks[:length]


def labelled_extract(suite, salt, label, ikm):
    return extract(salt, b"HPKE-v1" + suite + label + ikm)


def labelled_expand(suite, prk, label, info, length):
    return expand(prk, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, length)


def public_of(private):
    key = X25519PrivateKey.from_private_bytes(private).public_key()
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def shared(private, public, enc, receiver):
    """Section 4.1: what both sides come to, from either's private key."""
    theirs = X25519PublicKey.from_public_bytes(public)
    dh = X25519PrivateKey.from_private_bytes(private).exchange(theirs)
    prk = labelled_extract(KEM, b"", b"eae_prk", dh)
    return labelled_expand(KEM, prk, b"shared_secret", enc + receiver, 32)


@dataclass(frozen=True)
class Context:
    """Section 5.1 in mode 0: key and nonce of one exchange."""

    key: bytes
    base_nonce: bytes
    exporter: bytes

    def nonce(self, sequence):
        return bytes(a ^ b for a, b in zip(self.base_nonce, sequence.to_bytes(12, "big")))

    def seal(self, text, aad=b"", sequence=0):
        return AESGCM(self.key).encrypt(self.nonce(sequence), text, aad)

    def open(self, box, aad=b"", sequence=0):
        return AESGCM(self.key).decrypt(self.nonce(sequence), box, aad)


def context(secret, info, aead=AES_256_GCM):
    suite = b"HPKE" + b"".join(n.to_bytes(2, "big") for n in (0x0020, 0x0001, aead))
    names = labelled_extract(suite, b"", b"psk_id_hash", b"")
    names += labelled_extract(suite, b"", b"info_hash", info)
    schedule = b"\0" + names
    prk = labelled_extract(suite, secret, b"secret", b"")
    length = 16 if aead == AES_128_GCM else 32
    return Context(
        labelled_expand(suite, prk, b"key", schedule, length),
        labelled_expand(suite, prk, b"base_nonce", schedule, 12),
        labelled_expand(suite, prk, b"exp", schedule, 32),
    )


def seal(ephemeral, receiver, text, info, aead=AES_256_GCM):
    """Seal to a public key; `ephemeral` is the box's own private key."""
    enc = public_of(ephemeral)
    return enc + context(shared(ephemeral, receiver, enc, receiver), info, aead).seal(text)


def unseal(private, box, info, aead=AES_256_GCM):
    enc = box[:32]
    secret = shared(private, enc, enc, public_of(private))
    return context(secret, info, aead).open(box[32:])
