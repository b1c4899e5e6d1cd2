"""Boxes: sealing to a reader's key, which needs chance. Opening is pure: `comity.core.sealing`.

Chance comes from the operating system, by two ways: keys and nonces from
`secrets`; and the key pair that HPKE makes for every box, which the library of
ciphers draws by itself and cannot be given. A rehearsal has a `Sealing` of its
own, which draws all three from its seed; no node of a real coalition takes it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import replace
from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from comity.core.acts import Act
from comity.core.bodies import Epoch
from comity.core.founding import KeyHeld
from comity.core.sealing import (
    HPKE,
    KEY_BYTES,
    LAST_NUMBER,
    NONCE_BYTES,
    bundle_size,
    can_receive,
    epoch_hash,
    key_box,
    key_box_info,
    labelled,
    padded,
    seal_act,
    seats,
)
from comity.core.sealing import open_box as open_box
from comity.core.sealing import open_bundle as open_bundle
from comity.errors import ActError


def new_key() -> bytes:
    """Draw the key of an epoch, or a private sealing key: 32 bytes."""
    return secrets.token_bytes(KEY_BYTES)


def seal_to(public: bytes, plaintext: bytes, info: bytes) -> bytes:
    """Seal bytes to a public key, for a purpose: HPKE (RFC 9180), base mode.

    The box is 48 bytes longer. The library draws the box's own key pair, so two
    boxes of one text differ. Who sealed it is not said: what is inside is signed.

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
    return HPKE.encrypt(plaintext, X25519PublicKey.from_public_bytes(public), info)


class Sealing(Protocol):
    """Where what sealing needs by chance comes from."""

    @property
    def name(self) -> str:
        """What an error calls it."""
        ...

    def nonce(self) -> bytes:
        """Draw the nonce of an act's box: 32 bytes, never the same twice."""
        ...

    def seal_to(self, public: bytes, plaintext: bytes, info: bytes) -> bytes:
        """Seal bytes to a public key, for a purpose, as the function of this name does."""
        ...


class SystemSealing:
    """Sealing with the chance of the operating system: the only one of a real coalition."""

    name: Final = "system"

    def nonce(self) -> bytes:
        """Draw the nonce of an act's box."""
        return secrets.token_bytes(NONCE_BYTES)

    def seal_to(self, public: bytes, plaintext: bytes, info: bytes) -> bytes:
        """Seal bytes to a public key, for a purpose."""
        return seal_to(public, plaintext, info)


SYSTEM: Final = SystemSealing()


def sealed(act: Act, epoch_key: bytes, sealing: Sealing = SYSTEM) -> Act:
    """Return an opened act with its box beside it, sealed under a nonce by chance."""
    return replace(act, sealed=seal_act(act, epoch_key, sealing.nonce()))


def seal_bundle(public: bytes, data: bytes, coalition: str) -> bytes:
    """Seal a whole bundle to a node of a coalition; the box says little of its size."""
    return seal_to(public, padded(data, bundle_size), labelled("bundle", coalition))


def new_epoch(
    number: int,
    readers: Iterable[KeyHeld],
    *,
    coalition: str,
    organ: str,
    key: bytes | None = None,
    sealing: Sealing = SYSTEM,
) -> tuple[Epoch, bytes]:
    """Make an epoch: a new key, sealed to every reader. Return what is signed, and the key.

    Parameters
    ----------
    number
        One more than the highest that its author has seen in the organ; past
        the last number there is, the last, so that nobody can use them up.
    readers
        All who read the organ now, the author among them. An office without a
        key that it can receive with gets no box.
    key
        Drawn by chance, unless its author gives it.
    sealing
        What draws the key pairs of the boxes.
    """
    key = new_key() if key is None else key
    epoch = (min(number, LAST_NUMBER), epoch_hash(key))
    boxes = []
    for seat, public in sorted(seats(readers).items()):
        info = key_box_info(coalition, organ, epoch, seat)
        boxes.append(key_box(seat, sealing.seal_to(public, key, info)))
    return Epoch(*epoch, tuple(boxes)), key
