"""Boxes: what is sealed with chance opens again, and never looks the same twice."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

from comity.core.bodies import MAX_BODY, Epoch, check_body
from comity.core.founding import KeyHeld
from comity.core.sealing import (
    KEY_BYTES,
    LAST_NUMBER,
    bundle_size,
    epoch_due,
    epoch_hash,
    epoch_in_use,
    open_act,
    open_epoch,
    sealing_key,
)
from comity.core.strict import read_base64, read_json, write_json
from comity.errors import ActError
from comity.node.boxes import (
    new_epoch,
    new_key,
    open_box,
    open_bundle,
    seal_bundle,
    seal_to,
    sealed,
)
from tests.property.record_strategies import Cast

PRIVATE = {name: sha256(name.encode()).digest() for name in ("Arden", "Brill", "Corve")}
READERS = [KeyHeld(name, "office", "0" * 64, sealing_key(p).hex()) for name, p in PRIVATE.items()]
ORGAN = {"coalition": "c" * 64, "organ": "council"}


def test_keys_are_drawn_anew():
    assert len({new_key() for _ in range(8)}) == 8
    assert len(new_key()) == KEY_BYTES


def test_a_sealed_act_opens_and_has_another_box_each_time():
    cast = Cast()
    act = cast.propose()
    key = new_key()
    first, second = sealed(act, key), sealed(act, key)
    assert first.sealed != second.sealed
    assert first.body == act.body
    carried = replace(first, salt=None, body_bytes=None, body=None)
    assert open_act(carried, key).body == act.body


def test_a_box_opens_for_its_reader():
    public = sealing_key(PRIVATE["Brill"])
    box, again = (seal_to(public, b"text", b"purpose") for _ in range(2))
    assert box != again
    assert len(box) == 48 + len(b"text")
    assert open_box(PRIVATE["Brill"], box, b"purpose") == b"text"


def test_nothing_is_sealed_to_a_key_that_everybody_could_open():
    with pytest.raises(ActError) as refused:
        seal_to(bytes(32), b"text", b"purpose")
    assert refused.value.refusal == "unfit-key"


def test_bundles_of_many_sizes_look_alike():
    public = sealing_key(PRIVATE["Brill"])
    boxes = {data: seal_bundle(public, data, "c" * 64) for data in (b"", b"acts", bytes(65_536))}
    assert {len(box) for box in boxes.values()} == {48 + 4 + 65_536}
    for data, box in boxes.items():
        assert open_bundle(PRIVATE["Brill"], box, "c" * 64) == data
    large = seal_bundle(public, bytes(10**6), "c" * 64)
    assert len(large) == 48 + 4 + bundle_size(10**6)


def test_an_epoch_is_sealed_to_all_who_read_and_to_nobody_else():
    mute = KeyHeld("Dorn", "office", "0" * 64)
    epoch, key = new_epoch(3, [*READERS, mute], **ORGAN)
    check_body(epoch)
    assert (epoch.number, epoch.key_hash) == (3, epoch_hash(key))
    assert [box.member for box in epoch.boxes] == ["Arden", "Brill", "Corve"]
    assert {open_epoch(epoch, private, **ORGAN) for private in PRIVATE.values()} == {key}
    assert open_epoch(epoch, bytes(32), **ORGAN) is None
    assert not epoch_due(READERS, epoch)
    assert epoch_due(READERS[1:], epoch)


def test_an_epoch_can_carry_a_key_that_is_given():
    epoch, key = new_epoch(1, READERS, **ORGAN, key=bytes(32))
    assert key == bytes(32)
    assert epoch.key_hash == epoch_hash(key)


def test_nobody_can_use_up_the_numbers_of_epochs():
    epoch, _ = new_epoch(LAST_NUMBER + 1, READERS, **ORGAN)
    assert epoch.number == LAST_NUMBER
    assert read_json(write_json(epoch), Epoch, limit=MAX_BODY, what="it") == epoch
    further = [new_epoch(LAST_NUMBER + 1, READERS[:2], **ORGAN)[0] for _ in range(2)]
    assert epoch_in_use([epoch, *further], READERS) == epoch
    assert epoch_in_use([epoch, *further], READERS[:2]) in further


def test_an_epoch_of_500_readers_fits_a_body():
    many = [
        KeyHeld(f"Member-{n}", "ministry of foreign affairs", "0" * 64, READERS[0].sealing)
        for n in range(500)
    ]
    epoch, _ = new_epoch(1, many, **ORGAN)
    assert len(write_json(epoch)) < MAX_BODY
    assert {len(read_base64(box.box, "it")) for box in epoch.boxes} == {16 + 48 + 32}
