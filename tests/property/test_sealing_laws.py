"""Laws of sealing, epochs and markings; among them invariant 11 of the record, *One meaning*."""

from __future__ import annotations

from base64 import b64decode, b64encode
from copy import copy
from dataclasses import replace
from hashlib import sha256

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.core.acts import SealedForm, act_of, opened
from comity.core.bodies import Annotation, Epoch, Stance
from comity.core.founding import KeyHeld
from comity.core.marking import LEVELS, Marking, derived, may_pass, widens
from comity.core.sealing import (
    act_key,
    body_size,
    bundle_size,
    epoch_due,
    epoch_hash,
    epoch_in_use,
    key_box,
    open_act,
    padded,
    seal_act,
    sealing_key,
    seats,
    unpadded,
)
from comity.core.strict import write_base64, write_json
from comity.errors import ActError
from tests.property.record_strategies import Cast

keys = st.integers(0, 3).map(lambda n: sha256(b"epoch %d" % n).digest())
nonces = st.binary(min_size=32, max_size=32)
salts = st.binary(min_size=32, max_size=32)
words = st.sampled_from(["yes", "no", "abstain", "objection"])


CAST = Cast()


def fresh():
    """The same coalition with empty chains; founding it anew each time would be slow."""
    cast = copy(CAST)
    cast.heads = {}
    return cast


@st.composite
def answers(draw):
    """An act of Dorn's, signed."""
    cast = fresh()
    cast.salts = draw(st.integers(0, 9))
    note = draw(st.text("ab ", min_size=1, max_size=2_000))
    body = Stance("0" * 64, 1, draw(words), annotations=(Annotation("explanation", note),))
    return cast, cast.act("Dorn", body)


def refusal_of(call, *given):
    with pytest.raises(ActError) as refused:
        call(*given)
    return refused.value.refusal


def carried(act, sealed):
    return replace(act, salt=None, body_bytes=None, body=None, sealed=sealed)


def boxed(act, plain, key, nonce):
    box = AESGCM(act_key(act, key, nonce)).encrypt(bytes(12), plain, act.id.encode())
    return SealedForm(epoch_hash(key), write_base64(nonce), write_base64(box))


def bodies_of(act, boxes, epoch_keys):
    """Every body that some reader comes to, who is given these boxes and has these keys."""
    found = set()
    for box in boxes:
        for key in epoch_keys:
            try:
                found.add(open_act(carried(act, box), key).body_bytes)
            except ActError:
                continue
    return found - {None}


@st.composite
def hostile_boxes(draw, act):
    """Boxes for one act by somebody who holds every key: the author, with another body in mind."""
    salt = draw(st.one_of(st.just(act.salt), salts))
    other = write_json(Stance("0" * 64, 1, draw(words)))
    body = draw(st.sampled_from([other, other, act.body_bytes, act.body_bytes + b" "]))
    plain = salt + padded(body, body_size)
    if draw(st.booleans()):  # half of them are not even well made
        cut = 32 + draw(st.integers(-2, 2))
        size = draw(st.sampled_from([body_size, lambda n: n, lambda n: body_size(n) + 1]))
        plain = (salt + body)[:cut] + padded((salt + body)[cut:], size)
        plain = draw(st.sampled_from([plain, plain[:-1] + b"\1", plain[:40], b""]))
    return boxed(act, plain, draw(keys), draw(nonces))


@settings(deadline=None)
@given(st.data(), answers(), st.lists(keys, min_size=1, max_size=4, unique=True))
def test_11_one_meaning_no_act_id_opens_to_two_bodies(data, answer, epoch_keys):
    cast, act = answer
    honest = [seal_act(act, key, data.draw(nonces)) for key in epoch_keys]
    hostile = data.draw(st.lists(hostile_boxes(act), max_size=6))
    assert bodies_of(act, honest, epoch_keys) == {act.body_bytes}
    every = [sha256(b"epoch %d" % n).digest() for n in range(4)]
    assert bodies_of(act, [*hostile, *honest], every) == {act.body_bytes}
    assert bodies_of(act, hostile, every) <= {act.body_bytes}
    # What opens does so for a stranger too, who is given salt and body and no key.
    assert act_of(act.form(), cast.founding).body_bytes == act.body_bytes


@given(answers(), salts, words, st.booleans())
def test_salt_and_body_that_open_an_act_are_the_ones_committed_to(answer, salt, word, same):
    _, act = answer
    body = write_json(Stance("0" * 64, 1, word))
    if same:
        salt, body = act.salt, act.body_bytes
    if (salt, body) == (act.salt, act.body_bytes):
        assert opened(carried(act, None), salt, body) == act
    else:
        assert refusal_of(opened, carried(act, None), salt, body) == "commitment"


@given(answers(), keys, nonces, st.data())
def test_a_changed_box_opens_to_nothing_rather_than_to_something_else(answer, key, nonce, data):
    _, act = answer
    sealed = seal_act(act, key, nonce)
    part = data.draw(st.sampled_from(["nonce", "box"]))
    raw = bytearray(b64decode(getattr(sealed, part)))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    changed = msgspec.structs.replace(sealed, **{part: b64encode(raw).decode()})
    assert open_act(carried(act, changed), key).body is None


@given(words, words, st.text("ab", max_size=600), keys, nonces)
def test_short_answers_have_boxes_of_one_size(word, other, note, key, nonce):
    notes = (Annotation("explanation", note),) if note else ()
    said = [Stance("0" * 64, 1, word), Stance("0" * 64, 1, other, annotations=notes)]
    boxes = [seal_act(fresh().act("Dorn", body), key, nonce).box for body in said]
    assert {len(b64decode(box)) for box in boxes} == {32 + 4 + 1_024 + 16}


@given(st.integers(1, 131_072))
def test_a_padded_body_is_less_than_twice_as_long_or_as_long_as_the_least(length):
    assert length <= body_size(length) < max(2 * length, 1_025)
    assert body_size(length) <= body_size(length + 1)


@given(st.integers(0, 2**32 - 1))
def test_a_padded_bundle_is_longer_by_a_thirty_second_at_most(length):
    size = bundle_size(length)
    assert max(length, 65_536) <= size <= max(length, 65_536) * 33 / 32
    assert bundle_size(size) == size


@given(st.binary(max_size=5_000))
def test_padding_comes_off_again_and_is_the_only_one(data):
    plain = padded(data, body_size)
    assert unpadded(plain, body_size, "it") == data
    for other in (plain + b"\0", plain[:-1], plain[:-1] + b"\1"):
        assert refusal_of(unpadded, other, body_size, "it") == "padding"


# Epochs.

readers = st.sets(st.tuples(st.sampled_from("ABCDE"), st.integers(1, 3)), max_size=6).map(
    lambda given: tuple(
        KeyHeld(name, f"office {n}", "0" * 64, sealing_key(bytes([n]) * 32).hex())
        for name, n in sorted(given)
    )
)


def epoch_for(number, who, key=b""):
    boxes = tuple(key_box(seat, b"sealed") for seat in seats(who))
    return Epoch(number, sha256(b"%d" % number + key).hexdigest(), boxes)


@given(readers, readers)
def test_a_new_epoch_is_due_exactly_when_somebody_came_or_left(before, now):
    assert epoch_due(now, epoch_for(1, before)) == (set(before) != set(now))


@given(st.lists(st.tuples(st.integers(1, 4), readers), max_size=5), readers, st.data())
def test_the_order_in_which_epochs_arrive_does_not_matter(given_epochs, now, data):
    made = [
        epoch_for(number, who, b"%d" % place)
        for place, (number, who) in enumerate([*given_epochs, (2, now)])
    ]
    used = epoch_in_use(made, now)
    assert used is not None
    assert not epoch_due(now, used)
    assert used == epoch_in_use(data.draw(st.permutations(made)), now)


# Markings.

markings = st.builds(
    Marking,
    st.sampled_from(LEVELS),
    st.sets(st.sampled_from(["Elsin", "Fenn", "Gorse"])).map(lambda s: tuple(sorted(s))),
    st.booleans(),
)


@given(st.lists(markings, min_size=1, max_size=5))
def test_a_derived_text_is_nowhere_wider_than_any_source(sources):
    made = derived(sources)
    for source in sources:
        assert LEVELS.index(made.level) >= LEVELS.index(source.level)
        assert made.originator >= source.originator
        for reader in ("Elsin", "Fenn", "Gorse", "Hazel"):
            assert may_pass(source, reader) or not may_pass(made, reader)
        assert not widens(source, made)


@given(st.lists(markings, min_size=2, max_size=6), st.integers(1, 5), st.data())
def test_it_does_not_matter_by_what_steps_a_text_was_derived(sources, cut, data):
    cut = min(cut, len(sources) - 1)
    at_once = derived(sources)
    assert derived([derived(sources[:cut]), derived(sources[cut:])]) == at_once
    assert derived(data.draw(st.permutations(sources))) == at_once


@given(markings, markings)
def test_a_marking_that_widens_nothing_lets_nobody_more_read(before, after):
    if not widens(before, after):
        for reader in ("Elsin", "Fenn", "Gorse", "Hazel"):
            assert may_pass(before, reader) or not may_pass(after, reader)
