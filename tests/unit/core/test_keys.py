"""Keys: added and never taken away, offered only by who holds them."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from comity.core.bodies import KeyOffer
from comity.core.founding import KeyHeld
from comity.core.keys import by_key_id, exercises, holder, keyring, offer_key, offer_reason
from comity.core.signing import key_id, public_key
from tests.property.record_strategies import OFFICE, Cast, seed

CAST = Cast(4, 1, 0)
NEW = seed("Arden again")


def held(member="Arden", office=OFFICE, secret=NEW, sealing=None):
    return KeyHeld(member, office, public_key(secret).hex(), sealing)


def name_of(secret):
    return key_id(public_key(secret))


def test_a_keyring_has_the_keys_of_the_founding():
    ring = keyring(CAST.founding)
    assert (ring.id, ring.act_type) == (CAST.founding.id, CAST.founding.act_type)
    assert ring.keys_by_id == CAST.founding.keys_by_id
    assert not exercises(ring)
    assert exercises(keyring(Cast(4, 1, 0, exercise=True).founding))


def test_keys_are_only_added():
    ring = keyring(CAST.founding)
    more = ring.with_keys([held()])
    assert more.keys_by_id == {**ring.keys_by_id, name_of(NEW): public_key(NEW)}
    assert ring.with_keys([]).holders == ring.holders
    assert by_key_id([held()]) == {name_of(NEW): held()}


def test_a_key_once_there_keeps_its_holder():
    old = seed("Arden")
    ring = keyring(CAST.founding).with_keys([held("Brill", "navy", old), held(secret=old)])
    name = name_of(old)
    assert ring.holders[name].member == "Arden"
    assert holder(ring.holders, name, "Arden", OFFICE) == held(secret=old)
    assert holder(ring.holders, name, "Brill", "navy") == held("Brill", "navy", old)
    assert holder(ring.holders, name, "Brill", OFFICE) is None
    assert holder(ring.holders, name, "Corve", "navy") is None


@pytest.mark.parametrize("sealing", [None, "0a" * 32], ids=["without", "with a sealing key"])
@pytest.mark.parametrize("exercise", [False, True], ids=["for use", "in an exercise"])
def test_who_holds_a_key_can_offer_it(sealing, exercise):
    founding = Cast(4, 1, 0, exercise=exercise).founding
    offer = offer_key(founding.id, held(sealing=sealing), NEW, exercise=exercise)
    assert offer_reason(offer, founding) is None


def offer(**changes):
    made = offer_key(CAST.founding.id, held(), NEW)
    return msgspec.structs.replace(made, **changes)


NOTHING_SHOWS = "nothing shows that {}, {}, holds the key it offers"


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        pytest.param(
            offer(held=held(secret=seed("a stranger"))),
            NOTHING_SHOWS.format("Arden", OFFICE),
            id="another's key",
        ),
        pytest.param(
            offer(held=held("Brill")), NOTHING_SHOWS.format("Brill", OFFICE), id="for another"
        ),
        pytest.param(
            offer(held=held(office="navy")),
            NOTHING_SHOWS.format("Arden", "navy"),
            id="for another office",
        ),
        pytest.param(
            offer(held=held(sealing="0a" * 32)),
            NOTHING_SHOWS.format("Arden", OFFICE),
            id="with another sealing key",
        ),
        pytest.param(
            offer_key("00" * 32, held(), NEW),
            NOTHING_SHOWS.format("Arden", OFFICE),
            id="of another coalition",
        ),
        pytest.param(
            offer_key(CAST.founding.id, held(), NEW, exercise=True),
            NOTHING_SHOWS.format("Arden", OFFICE),
            id="of an exercise",
        ),
        pytest.param(offer(proof="A"), "the proof is not standard base64", id="no base64"),
        pytest.param(offer(proof=""), NOTHING_SHOWS.format("Arden", OFFICE), id="no proof"),
        pytest.param(
            KeyOffer(KeyHeld("Arden", OFFICE, "00" * 32), ""),
            f"the key of Arden, {OFFICE}, is no sound key",
            id="a key under which one signature fits many texts",
        ),
    ],
)
def test_an_offer_that_proves_nothing_cannot_be_used(made, reason):
    assert offer_reason(made, CAST.founding) == reason


def test_who_offers_a_key_must_hold_it():
    with pytest.raises(AssertionError):
        offer_key(CAST.founding.id, held(), seed("a stranger"))


def test_keyrings_of_one_coalition_are_equal_whatever_made_them():
    ring = keyring(CAST.founding)
    assert replace(ring) == ring
    assert ring.with_keys([held()]) == ring.with_keys([held(), held()])
