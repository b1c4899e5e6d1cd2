"""The file of keys: encrypted, private, whole, and silent about what is in it."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from comity.core.founding import found
from comity.core.signing import sign, verifies
from comity.errors import UsageError
from comity.node.files import StoreError
from comity.node.keys import (
    LEAST,
    USUAL,
    Cost,
    Secret,
    check_keys,
    new_keys,
    read_keys,
    write_keys,
)

WORDS = b"correct horse battery staple"
MADE = "2026-01-06T12:00:00Z"
OFFICE = "foreign ministry"


def drawn():
    """Chance that is the same in every run, and other at every draw."""
    count = 0

    def chance(size):
        nonlocal count
        count += 1
        return bytes([count]) * size

    return chance


@pytest.fixture
def keys():
    return new_keys("Dorn", (OFFICE, "mission"), made_at=MADE, chance=drawn())


@pytest.fixture
def path(tmp_path, keys):
    file = tmp_path / "keys.json"
    write_keys(file, keys, WORDS, cost=LEAST)
    return file


def secrets_of(keys):
    held = [s.reveal() for k in keys.offices for s in (k.seed, k.opening)]
    return [*held, keys.store.reveal(), WORDS]


def test_keys_come_back_as_they_went_in(keys, path):
    assert read_keys(path, WORDS) == keys
    check_keys(path)


def test_by_default_every_secret_is_drawn_by_chance():
    first, second = (new_keys("Dorn", (OFFICE, OFFICE), made_at=MADE) for _ in range(2))
    assert not set(secrets_of(first)[:-1]) & set(secrets_of(second)[:-1])
    assert len(first.offices) == 1


def test_the_same_keys_are_never_written_in_the_same_bytes(keys, path):
    before = path.read_bytes()
    write_keys(path, keys, WORDS, cost=LEAST)
    assert path.read_bytes() != before


def test_one_key_signs_and_opens_for_each_office(keys):
    key = keys.signing(OFFICE)
    assert verifies(b"text", sign(b"text", key.seed.reveal()), key.key)
    assert keys.by_id(key.key_id) is key
    secret = keys.opening(key.sealing.hex())
    private = X25519PrivateKey.from_private_bytes(secret.reveal())
    assert private.public_key().public_bytes_raw() == key.sealing
    assert (keys.by_id("00"), keys.opening("00")) == (None, None)
    assert key.held.key == key.key.hex()
    assert key.held.sealing == key.sealing.hex()


def test_a_coalition_can_be_founded_with_them(keys):
    held = keys.signing("mission")
    founding = found("00" * 32, "00" * 16, [("Dorn", "mission", held.seed.reveal())])
    assert founding.keys[0].key == held.key.hex()


def test_the_office_is_named_where_there_are_several(keys):
    with pytest.raises(UsageError, match="several offices of Dorn") as told:
        keys.signing()
    assert told.value.hint == "name one of: foreign ministry, mission"
    with pytest.raises(UsageError, match="no key here for embassy"):
        keys.signing("embassy")
    alone = new_keys("Dorn", (OFFICE,), made_at=MADE)
    assert alone.signing() == alone.signing(OFFICE)


# Rotation.


def test_a_new_key_signs_only_once_it_is_told_to_and_the_old_one_still_opens(keys):
    old = keys.signing(OFFICE)
    kept = keys.with_new(OFFICE, made_at="2026-02-01T12:00:00Z")
    assert kept.signing(OFFICE) == old
    new = kept.offices[-1]
    turned = kept.signing_with(new.key_id)
    assert turned.signing(OFFICE).key_id == new.key_id
    assert turned.signing("mission") == keys.signing("mission")
    assert turned.opening(old.sealing.hex()) == old.opening
    assert [k.signs for k in turned.offices] == [False, True, True]


def test_a_key_that_is_not_here_cannot_be_made_to_sign(keys):
    with pytest.raises(UsageError, match="is not here"):
        keys.signing_with("00" * 16)


def test_the_number_of_keys_is_bounded(keys, monkeypatch):
    monkeypatch.setattr("comity.node.keys.MAX_KEYS", 2)
    with pytest.raises(UsageError, match="has 2 keys already"):
        keys.with_new(OFFICE, made_at=MADE)


# The store key.


def test_keys_of_epochs_rest_under_the_store_key(keys):
    box = keys.wrap(b"k" * 32, "council 1")
    assert b"kkkk" not in box
    assert keys.unwrap(box, "council 1") == b"k" * 32
    assert keys.wrap(b"k" * 32, "council 1") != box


@pytest.mark.parametrize("wrong", ["about", "bytes", "short", "keys"])
def test_a_wrapped_key_that_does_not_fit_is_told(keys, wrong):
    box, about = keys.wrap(b"k" * 32, "council 1"), "council 1"
    if wrong == "about":
        about = "council 2"
    elif wrong == "bytes":
        box = box[:-1] + bytes([box[-1] ^ 1])
    elif wrong == "short":
        box = box[:5]
    else:
        keys = new_keys("Dorn", (OFFICE,), made_at=MADE)
    with pytest.raises(StoreError, match=f"keeps for {about} cannot be opened"):
        keys.unwrap(box, about)


# The file.


def test_a_wrong_passphrase_is_told_apart_from_damage(path):
    with pytest.raises(StoreError, match="the passphrase does not open"):
        read_keys(path, WORDS + b"s")
    data = bytearray(path.read_bytes())
    for place in range(0, len(data), 97):
        damaged = bytes(data[:place]) + bytes([data[place] ^ 1]) + bytes(data[place + 1 :])
        path.write_bytes(damaged)
        with pytest.raises(StoreError, match="is damaged"):
            read_keys(path, WORDS)
    path.write_bytes(data[:-40])
    with pytest.raises(StoreError, match="is damaged"):
        check_keys(path)


def test_what_stands_in_clear_cannot_be_changed_under_the_box(path):
    from comity.node import keys as module

    form = json.loads(path.read_bytes())
    form["cost"]["memory"] += 8
    changed = module.msgspec.convert(form, module._FileForm)
    form["check"] = module._check(changed)
    path.write_bytes(json.dumps(form).encode())
    check_keys(path)
    with pytest.raises(StoreError, match="does not open"):
        read_keys(path, WORDS)


@pytest.mark.parametrize(
    ("memory", "passes"),
    [
        pytest.param(1_024, 3, id="easy to guess"),
        pytest.param(65_536, 1, id="one pass"),
        pytest.param(2**31, 3, id="more memory than the machine has"),
    ],
)
def test_a_cost_outside_its_bounds_is_refused(path, memory, passes):
    form = json.loads(path.read_bytes())
    form["cost"] |= {"memory": memory, "passes": passes}
    path.write_bytes(json.dumps(form).encode())
    with pytest.raises(StoreError, match="is damaged"):
        read_keys(path, WORDS)


def test_the_usual_cost_is_that_of_the_rfc():
    assert Cost() == USUAL == Cost(65_536, 3, 4)


def test_an_empty_passphrase_is_refused(path, keys):
    with pytest.raises(UsageError, match="the passphrase is empty"):
        write_keys(path, keys, b"", cost=LEAST)
    assert read_keys(path, WORDS) == keys


def test_only_its_owner_can_read_the_file(path):
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o604)
    with pytest.raises(StoreError) as refused:
        read_keys(path, WORDS)
    assert refused.value.hint == f"keep it for yourself: chmod 600 {path}"


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(StoreError, match="cannot be read"):
        read_keys(tmp_path / "keys.json", WORDS)


def test_a_write_that_fails_leaves_the_old_file(tmp_path, keys, path):
    (tmp_path / ".keys.json.new").mkdir()
    with pytest.raises(StoreError, match="cannot be written"):
        write_keys(path, keys.with_new(OFFICE, made_at=MADE), WORDS, cost=LEAST)
    assert read_keys(path, WORDS) == keys


# Silence.


def test_nothing_shows_a_secret(keys, path, caplog):
    shown = [repr(keys), str(keys), f"{keys.offices}", repr(keys.signing(OFFICE)), repr(vars)]
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("comity").warning("%s %r", keys, keys.store)
    shown.append(caplog.text)
    for attempt in (
        lambda: read_keys(path, b"another passphrase"),
        lambda: keys.signing("embassy"),
        lambda: keys.unwrap(b"x" * 40, "council 1"),
        lambda: keys.signing_with("00"),
    ):
        try:
            attempt()
        except (StoreError, UsageError) as error:
            trace = traceback.TracebackException.from_exception(error, capture_locals=True)
            shown += ["".join(trace.format()), str(error), json.dumps(error.to_json())]
    shown.append(path.read_text())
    text = "\n".join(shown)
    for secret in secrets_of(keys):
        for spelling in (repr(secret), repr(secret)[2:-1], secret.hex()):
            assert spelling not in text
    assert "Secret(...)" in shown[-2] or "Secret(...)" in text


def test_secrets_are_compared_and_not_copied_out(keys):
    secret = Secret(b"x" * 32)
    assert secret == Secret(b"x" * 32) != Secret(b"y" * 32)
    assert secret != b"x" * 32
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        hash(secret)
    assert copy.deepcopy(keys) == keys
