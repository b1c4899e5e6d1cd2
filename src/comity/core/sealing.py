"""Sealing: who holds an organ's key may open its acts, and no act opens to two bodies.

An organ has *epochs*, each with a key of its own, sealed to every reader. Salt
and body of an act are sealed under a key that grows from the epoch's key and
the act's place. The cipher does not say which key made a box, so what opens is
held against the commitment in the signed header. Opening is pure and stands
here; what needs chance is in `comity.node.boxes`. spec/sealing.md is the
authority. Invariants, each kept by a test of its name:

- No act id opens to two bodies, whatever the cipher does.
- What cannot be opened is *unknown*: it stays as it came, and is no error.
- A box says of a body no more than which of eight sizes it has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import NoReturn, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey,
    X25519PublicKey,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from comity.core.acts import SALT_BYTES, Act, SealedForm, opened
from comity.core.bodies import MAX_BODY, Epoch, KeyBox
from comity.core.founding import KeyHeld
from comity.core.signing import key_id
from comity.core.strict import read_base64, write_base64
from comity.errors import ActError, UsageError

KEY_BYTES = NONCE_BYTES = 32
LAST_NUMBER = 1_000_000
"""Of an epoch; from then on all have this one, and their hashes decide."""

LEAST_BODY = 1_024
LEAST_BUNDLE = 65_536
HPKE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
"""RFC 9180 in base mode: anybody may seal to a public key, and nobody learns who did."""

LARGEST_BOX = SALT_BYTES + 4 + MAX_BODY + 16
"""Salt, length, body and the cipher's tag."""

_LENGTH_BYTES = 4
_NAME_BYTES = 16
_ONCE = bytes(12)
"""The nonce of a cipher whose key is used once."""


# Names.


def epoch_hash(key: bytes) -> str:
    """Return the name of an epoch: a hash of its key, which says nothing of it.

    >>> epoch_hash(bytes(32))[:16]
    'cd03ca93d89dc85e'
    """
    return sha256(b"comity epoch v1\0" + key).hexdigest()


def sealing_key(private: bytes) -> bytes:
    """Return the public key, 32 bytes, to which boxes for a private key are sealed."""
    public = X25519PrivateKey.from_private_bytes(private).public_key()
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def can_receive(public: bytes) -> bool:
    """Tell whether bytes are a key that can be sealed to.

    One of small order is not: whatever is sealed to it, everybody can open.
    """
    try:
        key = X25519PublicKey.from_public_bytes(public)
        X25519PrivateKey.from_private_bytes(b"\1" * KEY_BYTES).exchange(key)
    except ValueError:
        return False
    return True


def labelled(label: str, *parts: str) -> bytes:
    """Return what a key or a box is bound to: a label and names, which hold no NUL."""
    return "\0".join((f"comity {label} v1", *parts)).encode("utf-8")


# Sizes.


def body_size(length: int) -> int:
    """Return to how many bytes a body is padded: the next power of two, at least 1,024.

    There are eight such sizes, so a box tells three bits at most; it is less
    than twice the body, or 1,024 bytes.

    >>> [body_size(length) for length in (0, 1_024, 1_025, 131_072)]
    [1024, 1024, 2048, 131072]
    """
    return max(LEAST_BODY, 1 << (length - 1).bit_length())


def bundle_size(length: int) -> int:
    """Return to how many bytes a bundle is padded: Padmé, at least 65,536.

    Above that it adds at most a thirty-second.

    References
    ----------
    Nikitin, Barman, Lueks, Underwood, Hubaux, Ford (2019), Reducing Metadata
    Leakage from Encrypted Files and Communication with PURBs, PoPETs 2019(4), 6-33.

    Examples
    --------
    >>> [bundle_size(length) for length in (9, 65_537, 1_000_000)]
    [65536, 67584, 1015808]
    """
    length = max(length, LEAST_BUNDLE)
    exponent = length.bit_length() - 1
    free = exponent - exponent.bit_length()
    return (length + (1 << free) - 1) >> free << free


def padded(data: bytes, size: Callable[[int], int]) -> bytes:
    """Return a length of four bytes, the data, and zeros up to the size that a rule gives."""
    filling = size(len(data)) - len(data)
    return len(data).to_bytes(_LENGTH_BYTES, "big") + data + bytes(filling)


def unpadded(plain: bytes, size: Callable[[int], int], what: str) -> bytes:
    """Return what was padded to the size that a rule gives.

    Raises
    ------
    ActError
        ``padding``: it has one spelling, so that nothing else travels in it.
    """
    length = int.from_bytes(plain[:_LENGTH_BYTES], "big")
    if len(plain) < _LENGTH_BYTES or len(plain) - _LENGTH_BYTES != size(length):
        _wrong_padding(what)
    end = _LENGTH_BYTES + length
    if any(plain[end:]):
        _wrong_padding(what)
    return plain[_LENGTH_BYTES:end]


def _wrong_padding(what: str) -> NoReturn:
    raise ActError(
        f"{what} is not padded as it must be", hint="ask another node for it", refusal="padding"
    )


# Acts.


def act_key(act: Act, epoch_key: bytes, nonce: bytes) -> bytes:
    """Return the key of one act: it grows from the epoch's, the act's place, and a nonce."""
    header = act.header
    place = (header.coalition, header.organ, header.member, str(header.seq))
    kdf = HKDF(SHA256(), length=KEY_BYTES, salt=nonce, info=labelled("act", *place))
    return kdf.derive(epoch_key)


def seal_act(act: Act, epoch_key: bytes, nonce: bytes) -> SealedForm:
    """Seal salt and body of an act under the key of an epoch.

    Parameters
    ----------
    act
        Opened: what one cannot open oneself, one passes on as it came.
    nonce
        32 bytes by chance, new for every sealing.
    """
    if act.salt is None or act.body_bytes is None:
        raise UsageError(
            "the act is not open, so it cannot be sealed", hint="pass it on as it came"
        )
    if len(epoch_key) != KEY_BYTES or len(nonce) != NONCE_BYTES:
        raise UsageError(
            f"a key has {KEY_BYTES} bytes and a nonce {NONCE_BYTES}",
            hint="draw both by chance",
        )
    plain = act.salt + padded(act.body_bytes, body_size)
    box = AESGCM(act_key(act, epoch_key, nonce)).encrypt(_ONCE, plain, act.id.encode("ascii"))
    return SealedForm(epoch_hash(epoch_key), write_base64(nonce), write_base64(box))


def open_act(act: Act, epoch_key: bytes) -> Act:
    """Open a sealed act, if it is of this epoch.

    What cannot be opened comes back as it is: sealed, which means *unknown*. An
    act that stays sealed though its epoch's key is held has a box that was
    damaged, or never was its own: ask another node for it.

    Raises
    ------
    ActError
        ``not-base64``, ``box-size``, ``padding``, ``commitment``, or what a
        body is refused for. It is the box that is refused; the header stands.
    """
    sealed = act.sealed
    if sealed is None or act.body is not None or sealed.epoch != epoch_hash(epoch_key):
        return act
    nonce = read_base64(sealed.nonce, "the nonce")
    box = read_base64(sealed.box, "the box")
    if len(nonce) != NONCE_BYTES or len(box) > LARGEST_BOX:
        raise ActError(
            "nonce or box have another size than they can have",
            hint="ask another node for the act",
            refusal="box-size",
        )
    try:
        plain = AESGCM(act_key(act, epoch_key, nonce)).decrypt(_ONCE, box, act.id.encode("ascii"))
    except InvalidTag:
        return act
    salt = plain[:SALT_BYTES]
    return opened(act, salt, unpadded(plain[SALT_BYTES:], body_size, "the body"))


# Boxes to one reader.


def open_box(private: bytes, box: bytes, info: bytes) -> bytes:
    """Open what was sealed to the public key of a private key.

    Raises
    ------
    ActError
        ``box``: it was sealed to another, for another purpose, or was damaged.
    """
    try:
        return HPKE.decrypt(box, X25519PrivateKey.from_private_bytes(private), info)
    except InvalidTag:
        raise ActError(
            "the box cannot be opened with this key",
            hint="it was sealed to another, for another purpose, or was damaged",
            refusal="box",
        ) from None


def open_bundle(private: bytes, box: bytes, coalition: str) -> bytes:
    """Open a bundle that was sealed to a node of a coalition.

    Raises
    ------
    ActError
        ``box`` or ``padding``.
    """
    plain = open_box(private, box, labelled("bundle", coalition))
    return unpadded(plain, bundle_size, "the bundle")


# Epochs.

Seat: TypeAlias = tuple[str, str, str]
"""Member, office and the short name of the key that it receives with."""


def seats(readers: Iterable[KeyHeld]) -> dict[Seat, bytes]:
    """Return where an epoch is sealed to: each office with a key it can receive with, and the key.

    An office with none, or with one that everybody could open for, reads
    nothing and holds nobody up.
    """
    return {
        (held.member, held.office, key_id(bytes.fromhex(held.sealing))): bytes.fromhex(held.sealing)
        for held in readers
        if held.sealing is not None and can_receive(bytes.fromhex(held.sealing))
    }


def sealed_to(epoch: Epoch) -> frozenset[Seat]:
    """Return where an epoch was sealed to."""
    return frozenset(
        (box.member, box.office, read_base64(box.box, "a box")[:_NAME_BYTES].hex())
        for box in epoch.boxes
    )


def epoch_due(readers: Iterable[KeyHeld], epoch: Epoch | None) -> bool:
    """Tell whether the readers of an organ are not those that an epoch was sealed to.

    Who has left could open what is said next; who came, or has another key,
    could not.
    """
    return epoch is None or sealed_to(epoch) != seats(readers).keys()


def epochs_by_readers(acts: Iterable[Act], readers: Iterable[KeyHeld]) -> tuple[Epoch, ...]:
    """Return the epochs among the acts of an organ that a reader of it signed.

    No other counts: an outsider with a key of the coalition could name one
    that is sealed to just the readers, whose key it drew itself.
    """
    names = {held.member for held in readers}
    return tuple(act.body for act in acts if isinstance(act.body, Epoch) and act.member in names)


def epoch_in_use(epochs: Iterable[Epoch], readers: Iterable[KeyHeld]) -> Epoch | None:
    """Return the epoch to seal the next act under; None where a new one is due.

    Give it those of `epochs_by_readers`. Of those sealed to just the readers
    of now, it is the one with the highest number; of two with one number,
    which two readers made at once, the one whose hash comes first. Acts under
    either are opened all the same.
    """
    now = seats(readers).keys()
    fit = [epoch for epoch in epochs if sealed_to(epoch) == now]
    return min(fit, key=lambda epoch: (-epoch.number, epoch.key_hash), default=None)


def key_box_info(coalition: str, organ: str, epoch: tuple[int, str], seat: Seat) -> bytes:
    """Return what the box of one reader is bound to; an epoch by its number and hash."""
    number, key_hash = epoch
    return labelled("epoch key", coalition, organ, str(number), key_hash, *seat)


def key_box(seat: Seat, sealed: bytes) -> KeyBox:
    """Return a box as it stands in an epoch: the short name of its key, then what is sealed."""
    member, office, name = seat
    return KeyBox(member, office, write_base64(bytes.fromhex(name) + sealed))


def open_epoch(epoch: Epoch, private: bytes, *, coalition: str, organ: str) -> bytes | None:
    """Open the key of an epoch; None where it was not sealed to this private key.

    Raises
    ------
    ActError
        ``not-base64`` or ``box``; ``epoch-key`` if it is another key than the
        epoch names: its author gave readers different keys.
    """
    mine = key_id(sealing_key(private))
    for box in epoch.boxes:
        data = read_base64(box.box, "a box")
        if data[:_NAME_BYTES].hex() == mine:
            seat = (box.member, box.office, mine)
            info = key_box_info(coalition, organ, (epoch.number, epoch.key_hash), seat)
            key = open_box(private, data[_NAME_BYTES:], info)
            if len(key) != KEY_BYTES or epoch_hash(key) != epoch.key_hash:
                raise ActError(
                    f"the key sealed to {box.member}, {box.office}, is not that of the epoch",
                    hint="make a new epoch: whoever made this one gave readers different keys",
                    refusal="epoch-key",
                )
            return key
    return None
