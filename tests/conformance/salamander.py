"""The known trick: one box of AES-GCM that opens under two keys.

AES-GCM does not commit to its key. Its tag is a polynomial in a value that
each key gives, so of a box with one block left free, that block can be chosen
such that the same tag fits under both (Dodis, Grubbs, Ristenpart, Woodage 2018,
Fast Message Franking: From Invisible Salamanders to Encryptment, CRYPTO 2018,
section 3). What the two keys open it to is another matter: wanted bytes are
found by trying keys, here by the birthday of two lists.
"""

from __future__ import annotations

from hashlib import sha256

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

NONCE = bytes(12)
_FOLD = 0xE1 << 120


def times(x, y):
    """Multiply in GF(2^128), with the bits in the order of GCM (SP 800-38D, 6.3)."""
    product = 0
    for place in range(127, -1, -1):
        if y >> place & 1:
            product ^= x
        x = x >> 1 ^ (_FOLD if x & 1 else 0)
    return product


def power(x, exponent):
    assert exponent >= 0, "the free block is not in the box"
    result = 1 << 127
    while exponent:
        if exponent & 1:
            result = times(result, x)
        x, exponent = times(x, x), exponent >> 1
    return result


def inverse(x):
    return power(x, 2**128 - 2)


def encrypted(key, blocks):
    return Cipher(AES(key), ECB()).encryptor().update(blocks)


def keystream(key, length):
    """What AES-GCM adds to the text, from its second counter on."""
    counters = range(2, 2 + (length + 15) // 16)
    return encrypted(key, b"".join(NONCE + n.to_bytes(4, "big") for n in counters))[:length]


def added(a, b):
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def blocks_of(aad, box):
    """The blocks that the tag is computed over, as numbers."""
    text = b"".join(part + bytes(-len(part) % 16) for part in (aad, box))
    text += (8 * len(aad)).to_bytes(8, "big") + (8 * len(box)).to_bytes(8, "big")
    return [int.from_bytes(text[i : i + 16], "big") for i in range(0, len(text), 16)]


def tag(key, aad, box):
    """The tag of a box, written out."""
    h = int.from_bytes(encrypted(key, bytes(16)), "big")
    total = 0
    for block in blocks_of(aad, box):
        total = times(total ^ block, h)
    mask = int.from_bytes(encrypted(key, NONCE + (1).to_bytes(4, "big")), "big")
    return (total ^ mask).to_bytes(16, "big")


def two_faced(first, second, box, aad, free):
    """Return box and tag that open under both keys; the block at `free` (by number) is chosen."""
    box = box[: 16 * free] + bytes(16) + box[16 * free + 16 :]
    place = (len(aad) + 15) // 16 + free
    exponent = len(blocks_of(aad, box)) - place
    sums, weights = 0, 0
    for key in (first, second):
        h = int.from_bytes(encrypted(key, bytes(16)), "big")
        sums ^= int.from_bytes(tag(key, aad, box), "big")
        weights ^= power(h, exponent)
    block = times(sums, inverse(weights)).to_bytes(16, "big")
    box = box[: 16 * free] + block + box[16 * free + 16 :]
    assert tag(first, aad, box) == tag(second, aad, box)
    return box + tag(first, aad, box)


def keys_apart_by(difference, offset, make=lambda n: sha256(b"%d" % n).digest()):
    """Return two numbers whose keys have keystreams that differ there by just these bytes.

    For three bytes some 2 * 2^12 keys are tried, not 2^24: the birthday of two lists.
    """
    end, seen, number = offset + len(difference), {}, 0
    while True:
        here = keystream(make(number), end)[offset:]
        if added(here, difference) in seen:
            return seen[added(here, difference)], number
        seen[here] = number
        number += 1
