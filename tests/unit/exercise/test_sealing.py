"""The sealing of an exercise: RFC 9180, the same every time, and for no real coalition."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from comity.charters import text
from comity.core.sealing import open_box, sealing_key
from comity.errors import ActError, UsageError
from comity.exercise.chance import Stream
from comity.exercise.sealing import SeededSealing, key_pair, sealed_with
from comity.node.boxes import SYSTEM
from comity.node.hall import found_all
from comity.node.keys import LEAST
from comity.node.node import Node
from tests.conformance import plain_hpke

PUBLISHED = Path(__file__).parents[2] / "conformance" / "published" / "rfc9180-x25519.json"
CASES = json.loads(PUBLISHED.read_text())
PRIVATE = sha256(b"a reader").digest()
PUBLIC = sealing_key(PRIVATE)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"AEAD {case['aead_id']}")
def test_a_key_pair_grows_from_its_material_as_rfc_9180_prints(case):
    private = key_pair(bytes.fromhex(case["ikmE"]))
    raw = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    assert raw.hex() == case["skEm"]


def test_a_box_is_the_one_that_rfc_9180_leads_to():
    """The RFC prints its schedule with associated data, which we have none of: see the twin."""
    case = next(one for one in CASES if one["aead_id"] == plain_hpke.AES_256_GCM)
    ephemeral, public, info = (bytes.fromhex(case[name]) for name in ("skEm", "pkRm", "info"))
    box = sealed_with(key_pair(bytes.fromhex(case["ikmE"])), public, b"Beauty is truth", info)
    assert box[:32].hex() == case["enc"]
    assert box == plain_hpke.seal(ephemeral, public, b"Beauty is truth", info)


@pytest.mark.parametrize("length", [0, 1, 32, 5_000])
def test_the_library_opens_what_is_sealed_here(length):
    plain = Stream("plain", length)(length)
    box = SeededSealing(Stream(1)).seal_to(PUBLIC, plain, b"about this")
    assert open_box(PRIVATE, box, b"about this") == plain
    with pytest.raises(ActError, match="cannot be opened"):
        open_box(PRIVATE, box, b"about that")


def test_one_seed_seals_the_same_and_another_does_not():
    def boxes(seed):
        sealing = SeededSealing(Stream(seed))
        return [sealing.seal_to(PUBLIC, b"text", b"") for _ in range(2)] + [sealing.nonce()]

    assert boxes(1) == boxes(1)
    assert not set(boxes(1)) & set(boxes(2))
    assert len(set(boxes(1))) == 3, "no key pair or nonce comes twice"


def test_nothing_is_sealed_to_a_key_that_everybody_has():
    with pytest.raises(ActError) as refused:
        SeededSealing(Stream(1)).seal_to(bytes(32), b"text", b"")
    assert refused.value.refusal == "unfit-key"


def test_a_private_key_of_the_seed_is_a_key_of_the_library():
    assert isinstance(key_pair(bytes(32)), X25519PrivateKey)


def test_a_real_coalition_refuses_it_by_name(tmp_path):
    charter = text("european-security-council")
    for exercise in (False, True):
        where = tmp_path / str(exercise)
        found_all(
            where,
            charter,
            b"pass",
            exercise=exercise,
            members=["DEU"],
            cost=LEAST,
            chance=Stream(1),
        )
    seeded = SeededSealing(Stream(1))
    with pytest.raises(UsageError, match="the sealing 'seeded' is for exercises"):
        Node.open(tmp_path / "False" / "deu", b"pass", sealing=seeded)
    with Node.open(tmp_path / "True" / "deu", b"pass", sealing=seeded) as node:
        assert node.exercise
        assert node.sealing is seeded
    with Node.open(tmp_path / "False" / "deu", b"pass") as node:
        assert node.sealing is SYSTEM
