"""Ed25519: published cases, and the ways to cheat it that are known."""

from __future__ import annotations

import pytest

from comity.core.signing import is_sound, pae, public_key, sign, verifies

# RFC 8032, section 7.1, tests 1 and 2: seed, public key, message, signature.
RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
        "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da0"
        "85ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
]
ORDER = 2**252 + 27742317777372353535851937790883648493
# The points of order 1, 2, 4 and 8, as they are encoded, with either sign.
SMALL = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]
UNCANONICAL = [
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
]


@pytest.mark.parametrize(("seed", "key", "message", "signature"), RFC_8032)
def test_the_published_cases_come_out(seed, key, message, signature):
    seed, key, message = bytes.fromhex(seed), bytes.fromhex(key), bytes.fromhex(message)
    assert public_key(seed) == key
    assert sign(message, seed).hex() == signature
    assert verifies(message, bytes.fromhex(signature), key)
    assert not verifies(message + b"x", bytes.fromhex(signature), key)


def test_a_signature_cannot_be_bent_into_another():
    _, key, message, signature = RFC_8032[1]
    value = bytes.fromhex(signature)
    bent = int.from_bytes(value[32:], "little") + ORDER
    again = value[:32] + bent.to_bytes(32, "little")
    assert not verifies(bytes.fromhex(message), again, bytes.fromhex(key))


@pytest.mark.parametrize("key", [*SMALL, *UNCANONICAL, "", "00" * 31, "ff" * 33])
def test_keys_under_which_a_signature_fits_many_texts_are_no_keys(key):
    assert not is_sound(bytes.fromhex(key))
    assert not verifies(b"anything", bytes(64), bytes.fromhex(key))


@pytest.mark.parametrize("length", [0, 63, 65])
def test_a_signature_has_64_bytes(length):
    assert not verifies(b"", bytes(length), bytes.fromhex(RFC_8032[0][1]))


def test_bytes_that_are_no_point_verify_nothing():
    assert not verifies(b"", bytes(64), bytes.fromhex("02" + "00" * 31))


def test_type_and_payload_cannot_run_into_each_other():
    assert pae("a", b"b c") != pae("a b", b"c")
