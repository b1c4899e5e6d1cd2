"""Keys: which of them speak, and proof that whoever offers one holds it.

An old key stays able to verify what it signed: keys are only added to what acts
are read with. Which key speaks in which constitution is a matter of effect, not
of reading (`comity.core.constitution`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from comity.core.bodies import KeyOffer
from comity.core.envelope import EXERCISE_ACT
from comity.core.founding import Founding, KeyHeld
from comity.core.signing import is_sound, key_id, pae, public_key, sign, verifies
from comity.core.strict import read_base64, write_base64, write_json
from comity.errors import ActError

KEY = "application/vnd.comity.key.v1+json"
EXERCISE_KEY = "application/vnd.comity.exercise-key.v1+json"


@dataclass(frozen=True)
class Keyring:
    """The keys that acts of a coalition are read with.

    Parameters
    ----------
    id
        The coalition's.
    act_type
        The payload type of its acts.
    holders
        Who holds the key of each short name.
    """

    id: str
    act_type: str
    holders: Mapping[str, KeyHeld]

    @cached_property
    def keys_by_id(self) -> dict[str, bytes]:
        """The keys by their short names."""
        return {name: bytes.fromhex(held.key) for name, held in self.holders.items()}

    def with_keys(self, more: Iterable[KeyHeld]) -> Keyring:
        """Return a keyring with more keys; a key once there keeps its holder."""
        return Keyring(self.id, self.act_type, joined(self.holders, more))


def keyring(founding: Founding) -> Keyring:
    """Return the keys of a founding."""
    return Keyring(founding.id, founding.act_type, founding.holders)


def by_key_id(keys: Iterable[KeyHeld]) -> dict[str, KeyHeld]:
    """List keys by their short names."""
    return joined({}, keys)


def joined(holders: Mapping[str, KeyHeld], more: Iterable[KeyHeld]) -> dict[str, KeyHeld]:
    """Return holders with further keys.

    Two offices that hold one secret can both prove it. Neither takes the key
    from the other, whoever came first: the second stands under a longer name.
    """
    found = dict(holders)
    for held in more:
        name = key_id(bytes.fromhex(held.key))
        if name in found and not _is_of(found[name], held.member, held.office):
            name = f"{name} {held.member} {held.office}"
        found.setdefault(name, held)
    return found


def holder(holders: Mapping[str, KeyHeld], name: str, member: str, office: str) -> KeyHeld | None:
    """Return the key of a short name, if this office of this member holds it."""
    for held in (holders.get(name), holders.get(f"{name} {member} {office}")):
        if held is not None and _is_of(held, member, office):
            return held
    return None


def _is_of(held: KeyHeld, member: str, office: str) -> bool:
    return (held.member, held.office) == (member, office)


def offer_key(coalition: str, held: KeyHeld, seed: bytes, *, exercise: bool = False) -> KeyOffer:
    """Offer a key, with proof that its secret is held.

    Parameters
    ----------
    seed
        The secret that `held.key` grows from.
    """
    assert public_key(seed).hex() == held.key
    return KeyOffer(held, write_base64(sign(_message(coalition, held, exercise), seed)))


def offer_reason(offer: KeyOffer, founding: Founding) -> str | None:
    """Return why an offered key cannot be used in a coalition; None where it can."""
    held = offer.held
    key = bytes.fromhex(held.key)
    if not is_sound(key):
        return f"the key of {held.member}, {held.office}, is no sound key"
    try:
        proof = read_base64(offer.proof, "the proof")
    except ActError as wrong:
        return wrong.what
    if not _holds(_message(founding.id, held, founding.exercise), proof, key):
        return f"nothing shows that {held.member}, {held.office}, holds the key it offers"
    return None


@lru_cache(maxsize=2_048)
def _holds(message: bytes, proof: bytes, key: bytes) -> bool:
    """Tell whether a proof is sound; the same ones are asked for with every change."""
    return verifies(message, proof, key)


def _message(coalition: str, held: KeyHeld, exercise: bool) -> bytes:
    payload = {"coalition": coalition, "member": held.member, "office": held.office}
    keys = {"key": held.key, **({"sealing": held.sealing} if held.sealing else {})}
    return pae(EXERCISE_KEY if exercise else KEY, write_json({**payload, **keys}))


def exercises(ring: Keyring | Founding) -> bool:
    """Tell whether keys are those of a rehearsal."""
    return ring.act_type == EXERCISE_ACT
