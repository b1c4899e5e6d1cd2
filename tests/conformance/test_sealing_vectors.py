"""The vectors of sealing: opened as they say, or not, by two readers."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from hashlib import sha256

import msgspec
import pytest

from comity.core.acts import SealedForm, read_act
from comity.core.bodies import Epoch
from comity.core.envelope import EnvelopeForm
from comity.core.founding import read_founding
from comity.core.sealing import (
    act_key,
    bundle_size,
    epoch_hash,
    labelled,
    open_act,
    open_bundle,
    open_epoch,
    padded,
    sealing_key,
)
from comity.core.signing import public_key
from comity.core.strict import read_base64, read_json, write_base64
from comity.errors import ActError
from tests.conformance import plain_hpke, sealing_stranger, sealing_vectors

VECTORS = sealing_vectors.VECTORS
SPEC = VECTORS.parents[1]


def load(name):
    return json.loads((VECTORS / name).read_text())


KEYS, BAD, FOUNDED = load("keys.json"), load("bad.json"), load("founding.json")
FIRST = bytes.fromhex(KEYS["epochs"]["first"]["key"])
DORN = bytes.fromhex(KEYS["offices"]["Dorn"]["sealing_private"])
FOUNDING = read_founding(
    read_json(json.dumps(FOUNDED["founding"]).encode(), EnvelopeForm, limit=99_999, what="it")
)


def ours(call, *given, **named):
    try:
        return call(*given, **named)
    except ActError as refused:
        return refused.refusal


def theirs(call, *given):
    try:
        return call(*given)
    except sealing_stranger.RefusedError as refused:
        return str(refused)


def test_the_vectors_are_what_the_generator_writes():
    files = sealing_vectors.all_files()
    stale = [path.name for path, data in files.items() if path.read_bytes() != data]
    assert not stale, "python -m tests.conformance.sealing_vectors --write"
    assert set(VECTORS.rglob("*.json")) == set(files)


def test_the_generator_says_when_nothing_changed(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["sealing_vectors"])
    assert sealing_vectors.main() == 0
    assert capsys.readouterr().out == ""


def test_keys_grow_from_their_secrets():
    assert FOUNDING.id == FOUNDED["id"]
    for office in KEYS["offices"].values():
        private = bytes.fromhex(office["sealing_private"])
        assert public_key(bytes.fromhex(office["seed"])).hex() == office["key"]
        assert sealing_key(private).hex() == office["sealing"]
        assert plain_hpke.public_of(private).hex() == office["sealing"]
    for epoch in KEYS["epochs"].values():
        key = bytes.fromhex(epoch["key"])
        assert epoch_hash(key) == sealing_stranger.epoch_hash(key) == epoch["key_hash"]


@pytest.mark.parametrize("name", ["stance", "stance-second", "propose"])
def test_a_sealed_act_opens_as_the_vector_says(name):
    vector = load(f"good/{name}.json")
    act = read_act(json.dumps(vector["file"]).encode(), FOUNDING)
    assert (act.id, act.body) == (vector["id"], None)
    nonce = read_base64(act.sealed.nonce, "it")
    assert act_key(act, FIRST, nonce).hex() == vector["act_key"]
    assert open_act(act, bytes(32)) is act
    back = open_act(act, bytes.fromhex(vector["epoch_key"]))
    said = {"salt": write_base64(back.salt), "body": write_base64(back.body_bytes)}
    assert said == vector["opens"]
    assert sealing_stranger.opened(vector["file"], FIRST) == (back.salt, back.body_bytes)


@pytest.mark.parametrize("name", sorted(BAD["acts"]))
def test_a_bad_box_comes_to_what_the_vector_says(name):
    vector = BAD["acts"][name]
    file = load(f"good/{vector['base']}.json")["file"]
    act = read_act(json.dumps(file).encode(), FOUNDING)
    sealed = SealedForm(**vector["sealed"])
    bad = replace(act, sealed=sealed)
    outcome = ours(open_act, bad, FIRST)
    assert ("sealed" if outcome is bad else outcome) == vector["outcome"]
    stranger = theirs(sealing_stranger.opened, {**file, "sealed": vector["sealed"]}, FIRST)
    assert ("sealed" if stranger is None else stranger) == vector["outcome"]
    # In a file a nonce of another length is refused even earlier.
    bare = {"envelope": file["envelope"], "sealed": vector["sealed"]}
    read = ours(read_act, json.dumps(bare).encode(), FOUNDING)
    early = len(sealed.nonce) != 44
    assert read == "shape" if early else read.sealed == sealed


def test_an_epoch_gives_its_key_to_each_reader():
    vector = load("good/epoch.json")
    epoch = msgspec.convert(vector["body"], Epoch)
    place = {"coalition": vector["coalition"], "organ": vector["organ"]}
    for office in KEYS["offices"].values():
        private = bytes.fromhex(office["sealing_private"])
        assert open_epoch(epoch, private, **place).hex() == vector["key"]
        stranger = sealing_stranger.epoch_key(vector["body"], private, *place.values())
        assert stranger.hex() == vector["key"]


@pytest.mark.parametrize("name", sorted(BAD["epochs"]))
def test_a_bad_epoch_comes_to_what_the_vector_says(name):
    vector = BAD["epochs"][name]
    epoch = msgspec.convert(vector["body"], Epoch)
    outcomes = [
        ours(open_epoch, epoch, DORN, coalition=FOUNDING.id, organ="council"),
        theirs(sealing_stranger.epoch_key, vector["body"], DORN, FOUNDING.id, "council"),
    ]
    said = ["not sealed to this key" if one is None else one for one in outcomes]
    assert said == [vector["outcome"]] * 2


def test_a_bundle_opens_at_the_node_it_was_sealed_to():
    vector = load("good/bundle.json")
    data = read_base64(vector["data_base64"], "it")
    assert sealing_stranger.bundle_size(len(data)) == bundle_size(len(data))
    info = labelled("bundle", vector["coalition"])
    ephemeral = bytes.fromhex(vector["ephemeral"])
    box = plain_hpke.seal(ephemeral, sealing_key(DORN), padded(data, bundle_size), info)
    assert (len(box), sha256(box).hexdigest()) == (vector["box_size"], vector["box_sha256"])
    assert open_bundle(DORN, box, vector["coalition"]) == data
    assert sealing_stranger.bundle(box, DORN, vector["coalition"]) == data


@pytest.mark.parametrize("name", sorted(BAD["bundles"]))
def test_a_bad_bundle_is_refused_by_the_name_the_vector_says(name):
    vector = BAD["bundles"][name]
    box = read_base64(vector["box_base64"], "it")
    assert ours(open_bundle, DORN, box, FOUNDING.id) == vector["outcome"]
    assert theirs(sealing_stranger.bundle, box, DORN, FOUNDING.id) == vector["outcome"]


@pytest.mark.parametrize("length", [0, 1, 1_024, 65_536, 65_537, 100_000, 131_072, 10**6, 10**9])
def test_both_readers_pad_alike(length):
    assert bundle_size(length) == sealing_stranger.bundle_size(length)


def test_every_refusal_of_the_page_has_a_vector_and_every_vector_a_line():
    page = (SPEC / "sealing.md").read_text()
    table = page.split("## 6 Refusals")[1].split("\n## ")[0]
    named = set(re.findall(r"^\| `([a-z0-9-]+)`", table, re.MULTILINE))
    outcomes = {vector["outcome"] for group in BAD.values() for vector in group.values()}
    assert outcomes - {"sealed", "not sealed to this key"} == named - {"unfit-key"}


def test_the_example_of_the_page_is_the_vector():
    page = (SPEC / "sealing.md").read_text()
    vector = load("good/stance.json")
    assert vector["file"]["sealed"]["nonce"] in page
    assert vector["file"]["sealed"]["epoch"] in page
    assert vector["act_key"] in page
