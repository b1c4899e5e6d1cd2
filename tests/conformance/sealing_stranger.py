"""A second reader of sealed things, written from spec/sealing.md alone: no import of ours.

It shares with the first only the cipher itself; HKDF and HPKE are written out
in `plain_hpke`.
"""

from __future__ import annotations

import json
import math
from base64 import b64decode, b64encode
from binascii import Error
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.conformance import plain_hpke


class RefusedError(Exception):
    """The name is in the message."""


def base64(text):
    try:
        data = b64decode(text, validate=True)
    except Error:
        raise RefusedError("not-base64") from None
    if b64encode(data).decode() != text:
        raise RefusedError("not-base64")
    return data


def named(label, *parts):
    return b"comity " + label + b" v1" + b"".join(b"\0" + part.encode() for part in parts)


def epoch_hash(key):
    return sha256(b"comity epoch v1\0" + key).hexdigest()


def body_size(length):
    size = 1_024
    while size < length:
        size *= 2
    return size


def bundle_size(length):
    """Padmé as its paper gives it, from 65,536 bytes on."""
    length = max(length, 65_536)
    e = math.floor(math.log2(length))
    s = math.floor(math.log2(e)) + 1
    step = 2 ** (e - s)
    return -(-length // step) * step


def stripped(text, size):
    length = int.from_bytes(text[:4], "big")
    if len(text) < 4 or len(text) != 4 + size(length) or set(text[4 + length :]) - {0}:
        raise RefusedError("padding")
    return text[4 : 4 + length]


def act_key(header, key, nonce):
    place = (header["coalition"], header["organ"], header["member"], str(header["seq"]))
    return plain_hpke.expand(plain_hpke.extract(nonce, key), named(b"act", *place), 32)


def opened(file, key):
    """Return salt and body; None where it stays sealed."""
    payload = base64(file["envelope"]["payload"])
    kind = file["envelope"]["payloadType"].encode()
    signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    header, sealed = json.loads(payload), file["sealed"]
    if sealed["epoch"] != epoch_hash(key):
        return None
    nonce, box = base64(sealed["nonce"]), base64(sealed["box"])
    if len(nonce) != 32 or len(box) > 32 + 4 + 131_072 + 16:
        raise RefusedError("box-size")
    aad = sha256(signed).hexdigest().encode()
    try:
        text = AESGCM(act_key(header, key, nonce)).decrypt(bytes(12), box, aad)
    except InvalidTag:
        return None
    salt, body = text[:32], stripped(text[32:], body_size)
    if len(salt) != 32 or sha256(salt + body).hexdigest() != header["commit"]:
        raise RefusedError("commitment")
    return salt, body


def unsealed(private, box, info):
    try:
        return plain_hpke.unseal(private, box, info)
    except (InvalidTag, ValueError):
        raise RefusedError("box") from None


def epoch_key(body, private, coalition, organ):
    """Return the key; None where it is not sealed to this private key."""
    mine = sha256(plain_hpke.public_of(private)).digest()[:16]
    for box in body["boxes"]:
        data = base64(box["box"])
        if data[:16] == mine:
            seat = (box["member"], box["office"], mine.hex())
            info = named(
                b"epoch key", coalition, organ, str(body["number"]), body["key_hash"], *seat
            )
            key = unsealed(private, data[16:], info)
            if len(key) != 32 or epoch_hash(key) != body["key_hash"]:
                raise RefusedError("epoch-key")
            return key
    return None


def bundle(box, private, coalition):
    return stripped(unsealed(private, box, named(b"bundle", coalition)), bundle_size)
