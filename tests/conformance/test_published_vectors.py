"""Vectors that others have published: what we must answer to each, and why where we differ.

Sources and licences are in published/README.md. Nothing is skipped: every case
has an answer here, and where ours is not the publisher's, a line says why.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from comity.core.envelope import EnvelopeForm
from comity.core.marking import LEVELS, read_level
from comity.core.sealing import HPKE, can_receive, open_box
from comity.core.signing import is_sound, pae, public_key, sign, verifies
from comity.core.strict import read_base64, read_json, write_base64
from comity.errors import ActError
from comity.node.boxes import seal_to
from tests.conformance import plain_hpke

PUBLISHED = Path(__file__).parent / "published"


def load(name):
    return json.loads((PUBLISHED / name).read_text())


def from_hex(*texts):
    return tuple(bytes.fromhex(text) for text in texts)


# Ed25519.


@pytest.mark.parametrize("case", load("rfc8032-7.1.json"), ids=lambda case: case["name"])
def test_rfc_8032_comes_out(case):
    seed, key, message, signature = from_hex(
        case["seed"], case["key"], case["message"], case["signature"]
    )
    assert public_key(seed) == key
    assert sign(message, seed) == signature
    assert verifies(message, signature, key)
    assert not verifies(message + b"\0", signature, key)


WYCHEPROOF = [
    pytest.param(group["publicKey"]["pk"], case, id=f"{case['tcId']} {case['comment']}"[:60])
    for group in load("wycheproof-ed25519_test.json")["testGroups"]
    for case in group["tests"]
]
# What its publisher leaves open, and what we answer.
LEFT_OPEN = {
    "SmallOrderPublicKey": (False, "one signature fits many texts: such a key is no key"),
    "MixedOrderPublicKey": (True, "the equation holds without its cofactor: see below"),
}


@pytest.mark.parametrize(("key", "case"), WYCHEPROOF)
def test_wycheproof_is_answered_as_expected(key, case):
    key, message, signature = from_hex(key, case["msg"], case["sig"])
    if case["result"] == "acceptable":
        (flag,) = case["flags"]
        expected, _ = LEFT_OPEN[flag]
    else:
        expected = case["result"] == "valid"
    assert verifies(message, signature, key) is expected


def test_every_case_of_wycheproof_is_here():
    results = Counter(
        (param.values[1]["result"], param.values[1]["flags"][0]) for param in WYCHEPROOF
    )
    assert sum(results.values()) == load("wycheproof-ed25519_test.json")["numberOfTests"] == 210
    assert {flag for result, flag in results if result == "acceptable"} == set(LEFT_OPEN)
    assert results["acceptable", "SmallOrderPublicKey"] == 8
    assert results["acceptable", "MixedOrderPublicKey"] == 21


# "Taming the Many EdDSAs", table 5 and section 5. RFC 8032 allows both the equation with the
# cofactor and without; the library checks the one without and so do all our nodes. In the third
# column what OpenSSL 3, and so the library, answers by itself; it agrees with the paper's table.
SPECCHECK = [
    (0, False, True, "A and R of small order: we refuse the key"),
    (1, False, True, "A of small order, S not zero: we refuse the key"),
    (2, True, True, "R of small order, A mixed: holds without the cofactor; A is a key of its own"),
    (3, True, True, "A and R mixed: holds with and without the cofactor"),
    (4, False, False, "holds only with the cofactor"),
    (5, False, False, "holds only with the cofactor, and if 8k is not reduced before"),
    (6, False, False, "S is not less than the order of the group: signatures could be bent"),
    (7, False, False, "S is far larger than the order of the group"),
    (8, False, False, "R of small order in another spelling, reduced before it is hashed"),
    (9, False, False, "R of small order in another spelling, hashed as it stands"),
    (10, False, False, "A of small order in another spelling, reduced before it is hashed"),
    (11, False, True, "A of small order in another spelling, hashed as it stands: no key"),
]


@pytest.mark.parametrize(("number", "ours", "library", "why"), SPECCHECK, ids=lambda value: value)
def test_taming_the_many_eddsas(number, ours, library, why):
    lines = (PUBLISHED / "speccheck-cases.txt").read_text().splitlines()
    assert lines[0] == str(len(SPECCHECK)) == "12"
    message, key, signature = from_hex(
        *(line.partition("=")[2] for line in lines[1 + 3 * number : 4 + 3 * number])
    )
    assert verifies(message, signature, key) is ours
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        assert not library
    else:
        assert library
    # Wherever we differ from the library, the key is the reason.
    assert (ours == library) or not is_sound(key)


# DSSE.


def test_dsse_signs_the_bytes_that_its_specification_prints():
    vector = load("dsse.json")
    body, kind = vector["body"].encode(), vector["payloadType"]
    assert pae(kind, body) == vector["pae"].encode()
    envelope = vector["envelope"]
    assert read_base64(envelope["payload"], "it") == body
    numbers = ec.EllipticCurvePublicNumbers(
        int(vector["key"]["x"]), int(vector["key"]["y"]), ec.SECP256R1()
    )
    raw = read_base64(envelope["signatures"][0]["sig"], "it")
    halves = (int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    numbers.public_key().verify(
        utils.encode_dss_signature(*halves), pae(kind, body), ec.ECDSA(SHA256())
    )


def test_our_profile_of_dsse_asks_for_more_than_its_specification():
    """DSSE makes keyid optional and allows two base64 alphabets; ours has one way for each."""
    envelope = load("dsse.json")["envelope"]
    with pytest.raises(ActError) as refused:
        read_json(json.dumps(envelope).encode(), EnvelopeForm, limit=9_999, what="it")
    assert refused.value.refusal == "shape"
    signature = {"keyid": "0" * 32, **envelope["signatures"][0]}
    named = json.dumps({**envelope, "signatures": [signature]}).encode()
    assert read_json(named, EnvelopeForm, limit=9_999, what="it").payload == envelope["payload"]
    with pytest.raises(ActError) as refused:
        read_base64("-_-_", "it")
    assert refused.value.refusal == "not-base64"


# X25519 and HPKE.


@pytest.mark.parametrize(
    "case", load("wycheproof-x25519-extract.json"), ids=lambda case: str(case["tcId"])
)
def test_what_is_sealed_to_a_key_of_low_order_everybody_could_open(case):
    """Its publisher leaves them open; we refuse exactly those that come to nothing but zeros."""
    public, private, expected = from_hex(case["public"], case["private"], case["shared"])
    assert can_receive(public) is any(expected)
    assert (case["result"] != "valid") or can_receive(public)
    if any(expected):
        theirs = X25519PublicKey.from_public_bytes(public)
        assert X25519PrivateKey.from_private_bytes(private).exchange(theirs) == expected
    else:
        with pytest.raises(ActError) as refused:
            seal_to(public, b"text", b"")
        assert refused.value.refusal == "unfit-key"


RFC_9180 = load("rfc9180-x25519.json")
SUITES = {
    plain_hpke.AES_128_GCM: hpke.AEAD.AES_128_GCM,
    plain_hpke.AES_256_GCM: hpke.AEAD.AES_256_GCM,
}


@pytest.mark.parametrize("case", RFC_9180, ids=lambda case: f"AEAD {case['aead_id']}")
def test_the_plain_twin_of_hpke_comes_to_what_rfc_9180_prints(case):
    ephemeral, receiver, public, info = from_hex(
        case["skEm"], case["skRm"], case["pkRm"], case["info"]
    )
    enc = plain_hpke.public_of(ephemeral)
    assert (enc.hex(), plain_hpke.public_of(receiver)) == (case["enc"], public)
    secret = plain_hpke.shared(ephemeral, public, enc, public)
    assert secret.hex() == case["shared_secret"]
    assert secret == plain_hpke.shared(receiver, enc, enc, public)
    context = plain_hpke.context(secret, info, case["aead_id"])
    assert context.key.hex() == case["key"]
    assert context.base_nonce.hex() == case["base_nonce"]
    assert context.exporter.hex() == case["exporter_secret"]
    numbers = []
    for one in case["encryptions"]:
        nonce, text, aad, box = from_hex(one["nonce"], one["pt"], one["aad"], one["ct"])
        number = int(aad.decode().removeprefix("Count-"))
        assert context.nonce(number) == nonce
        assert context.seal(text, aad, number) == box
        assert context.open(box, aad, number) == text
        numbers.append(number)
    assert numbers == [0, 1, 2, 4, 255, 256]


@pytest.mark.parametrize("case", RFC_9180, ids=lambda case: f"AEAD {case['aead_id']}")
def test_the_library_and_the_twin_open_each_others_boxes(case):
    """The library takes no associated data, so the RFC's own texts go through the twin."""
    suite = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, SUITES[case["aead_id"]])
    ephemeral, receiver, public, info = from_hex(
        case["skEm"], case["skRm"], case["pkRm"], case["info"]
    )
    private = X25519PrivateKey.from_private_bytes(receiver)
    text = bytes.fromhex(case["encryptions"][0]["pt"])
    box = plain_hpke.seal(ephemeral, public, text, info, case["aead_id"])
    assert suite.decrypt(box, private, info) == text
    back = suite.encrypt(text, X25519PublicKey.from_public_bytes(public), info)
    assert plain_hpke.unseal(receiver, back, info, case["aead_id"]) == text
    with pytest.raises(InvalidTag):
        plain_hpke.unseal(receiver, back, info + b"x", case["aead_id"])


def test_our_boxes_are_those_of_the_second_case():
    case = RFC_9180[1]
    assert case["aead_id"] == plain_hpke.AES_256_GCM
    ephemeral, receiver, public, info = from_hex(
        case["skEm"], case["skRm"], case["pkRm"], case["info"]
    )
    box = plain_hpke.seal(ephemeral, public, b"text", info)
    assert open_box(receiver, box, info) == b"text"
    assert plain_hpke.unseal(receiver, seal_to(public, b"text", info), info) == b"text"
    assert HPKE.decrypt(box, X25519PrivateKey.from_private_bytes(receiver), info) == b"text"


# The Traffic Light Protocol.


def test_the_labels_are_those_of_tlp_2_in_its_order():
    assert tuple(load("tlp.json")["widest to narrowest"]) == LEVELS
    assert [read_level(label) for label in LEVELS] == list(LEVELS)


@pytest.mark.parametrize(
    ("label", "hint"),
    [
        *((label, "TLP:CLEAR") for label in load("tlp.json")["retired in version 2.0"]),
        *((label, "write it as") for label in load("tlp.json")["no labels, because of blanks"]),
        *(
            (label, "not translated")
            for label in load("tlp.json")["no labels, because labels are not translated"]
        ),
    ],
)
def test_what_tlp_2_says_is_no_label_is_refused_with_a_hint(label, hint):
    with pytest.raises(ActError) as refused:
        read_level(label)
    assert refused.value.refusal == "marking"
    assert hint in refused.value.hint


def test_base64_of_the_vectors_is_ours():
    payload = load("dsse.json")["envelope"]["payload"]
    assert write_base64(read_base64(payload, "it")) == payload
