"""Envelopes: exact bytes, and unique keys."""

from __future__ import annotations

import msgspec
import pytest

from comity.core.envelope import ACT, EXERCISE_ACT, EnvelopeForm, SignatureForm, read_envelope, seal
from comity.core.signing import key_id, public_key
from comity.errors import ActError
from tests.property.record_strategies import seed

SEED = seed("Arden")
KEY = public_key(SEED)
KEYS = {key_id(KEY): KEY}
SEALED = seal(ACT, b"{}", [(SEED, KEY)])


def read(form, limit=100):
    return read_envelope(form, limit=limit, types=(ACT,), what="the act")


def test_what_is_sealed_is_read_back():
    envelope = read(SEALED.form())
    assert envelope == SEALED
    assert envelope.signers(KEYS) == {KEY}


def test_keys_count_and_not_signatures():
    twice = seal(ACT, b"{}", [(SEED, KEY), (SEED, KEY)])
    assert twice.signers(KEYS) == {KEY}


def test_the_id_is_of_type_and_payload_and_not_of_who_signed():
    other = seed("Brill")
    assert seal(ACT, b"{}", [(other, public_key(other))]).id == SEALED.id
    assert seal(EXERCISE_ACT, b"{}", [(SEED, KEY)]).id != SEALED.id


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        pytest.param({"payloadType": EXERCISE_ACT}, "payload-type", id="an exercise"),
        pytest.param({"payload": "e30"}, "not-base64", id="no padding"),
        pytest.param({"payload": "A" * 400}, "too-large", id="too large"),
        pytest.param(
            {"signatures": (SignatureForm(key_id(KEY), "AAAA"),)}, "signature-size", id="too short"
        ),
    ],
)
def test_an_envelope_with_one_flaw_is_refused_by_name(change, refusal):
    with pytest.raises(ActError) as caught:
        read(msgspec.structs.replace(SEALED.form(), **change))
    assert caught.value.refusal == refusal


@pytest.mark.parametrize(
    ("envelope", "refusal"),
    [
        pytest.param(seal(ACT, b"{}", [(seed("Brill"), KEY)]), "bad-signature", id="forged"),
        pytest.param(
            seal(ACT, b"{}", [(seed("Brill"), public_key(seed("Brill")))]),
            "unknown-key",
            id="alien",
        ),
        pytest.param(
            seal(ACT, b"{}", [(SEED, KEY), (seed("Brill"), public_key(seed("Brill")))]),
            "unknown-key",
            id="one good and one alien",
        ),
    ],
)
def test_a_signature_that_does_not_verify_is_never_passed_over(envelope, refusal):
    with pytest.raises(ActError) as caught:
        envelope.signers(KEYS)
    assert caught.value.refusal == refusal


def test_a_form_is_dsse():
    assert isinstance(SEALED.form(), EnvelopeForm)
    assert set(msgspec.to_builtins(SEALED.form())) == {"payload", "payloadType", "signatures"}
