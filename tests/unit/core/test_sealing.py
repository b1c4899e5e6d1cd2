"""Sealing: an act opens to the body it commits to or to none; epochs follow readers."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from comity.core.acts import SealedForm, commitment, opened
from comity.core.bodies import Epoch, KeyBox, Stance
from comity.core.founding import KeyHeld
from comity.core.sealing import (
    KEY_BYTES,
    LARGEST_BOX,
    act_key,
    body_size,
    bundle_size,
    can_receive,
    epoch_due,
    epoch_hash,
    epoch_in_use,
    epochs_by_readers,
    key_box,
    key_box_info,
    labelled,
    open_act,
    open_box,
    open_bundle,
    open_epoch,
    padded,
    seal_act,
    sealed_to,
    sealing_key,
    seats,
    unpadded,
)
from comity.core.strict import read_base64, write_base64
from comity.errors import ActError, UsageError
from tests.conformance import plain_hpke, salamander
from tests.property.record_strategies import Cast

EPOCH_KEY, OTHER_KEY, NONCE = bytes(range(32)), bytes(range(1, 33)), bytes(range(2, 34))
ORGAN = {"coalition": "c" * 64, "organ": "council"}


def refusal(call, *given):
    with pytest.raises(ActError) as refused:
        call(*given)
    return refused.value.refusal


@pytest.fixture(scope="module")
def act():
    cast = Cast()
    return cast.say("Dorn", cast.propose(), "yes")


def as_carried(act, sealed):
    """Return an act as a carrier has it: header and box, no salt and no body."""
    return replace(act, salt=None, body_bytes=None, body=None, sealed=sealed)


def boxed(act, plain, key=EPOCH_KEY, nonce=NONCE):
    """Return a box of any text, made by somebody who holds the epoch's key."""
    box = AESGCM(act_key(act, key, nonce)).encrypt(bytes(12), plain, act.id.encode())
    return as_carried(act, SealedForm(epoch_hash(key), write_base64(nonce), write_base64(box)))


def changed(sealed, **parts):
    return msgspec.structs.replace(sealed, **parts)


def flipped(text, at):
    data = bytearray(read_base64(text, "it"))
    data[at] ^= 1
    return write_base64(bytes(data))


# Acts.


def test_what_was_sealed_opens_to_what_it_was(act):
    sealed = seal_act(act, EPOCH_KEY, NONCE)
    carried = as_carried(act, sealed)
    assert carried.body is None
    back = open_act(carried, EPOCH_KEY)
    assert (back.salt, back.body_bytes, back.body) == (act.salt, act.body_bytes, act.body)
    assert (back.id, back.sealed) == (act.id, sealed)


def test_an_act_that_is_open_or_has_no_box_stays_as_it_is(act):
    assert open_act(act, EPOCH_KEY) is act
    bare = as_carried(act, None)
    assert open_act(bare, EPOCH_KEY) is bare
    both = replace(act, sealed=seal_act(act, EPOCH_KEY, NONCE))
    assert open_act(both, EPOCH_KEY) is both


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda s: changed(s, epoch=epoch_hash(OTHER_KEY)), id="of another epoch"),
        pytest.param(lambda s: changed(s, nonce=flipped(s.nonce, 0)), id="another nonce"),
        pytest.param(lambda s: changed(s, box=flipped(s.box, 0)), id="a bit of the salt"),
        pytest.param(lambda s: changed(s, box=flipped(s.box, 40)), id="a bit of the body"),
        pytest.param(lambda s: changed(s, box=flipped(s.box, -1)), id="a bit of the tag"),
        pytest.param(lambda s: changed(s, box=write_base64(bytes(15))), id="shorter than a tag"),
        pytest.param(lambda s: changed(s, box=""), id="nothing"),
    ],
)
def test_what_cannot_be_opened_stays_sealed_and_is_unknown(act, change):
    carried = as_carried(act, change(seal_act(act, EPOCH_KEY, NONCE)))
    assert open_act(carried, EPOCH_KEY) is carried


def test_a_box_is_bound_to_its_act_and_its_place(act):
    cast = Cast()
    proposal = cast.propose()
    others = [cast.say("Dorn", proposal, "yes"), cast.say("Dorn", proposal, "no")]
    others.append(cast.say("Corve", proposal, "no"))
    box = seal_act(act, EPOCH_KEY, NONCE)
    for other in others[1:]:
        moved = as_carried(other, box)
        assert open_act(moved, EPOCH_KEY) is moved
    # Two acts in one place, which is a fork: the id keeps them apart.
    rival = Cast(heads={("Dorn", "council"): (0, None)}, salts=40)
    fork = rival.say("Dorn", proposal, "no")
    assert (fork.place, fork.id) != (act.place, act.id)
    assert fork.place == act.place
    moved = as_carried(fork, box)
    assert open_act(moved, EPOCH_KEY) is moved
    assert act_key(fork, EPOCH_KEY, NONCE) == act_key(act, EPOCH_KEY, NONCE)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        pytest.param({"nonce": "AA" * 22}, "box-size", id="a nonce of 33 bytes"),
        pytest.param({"nonce": "A" * 42 + "B="}, "not-base64", id="a nonce not in base64"),
        pytest.param({"box": "A"}, "not-base64", id="a box not in base64"),
        pytest.param(
            {"box": write_base64(bytes(LARGEST_BOX + 1))}, "box-size", id="larger than any"
        ),
    ],
)
def test_a_box_that_can_be_none_is_refused(act, change, name):
    sealed = changed(seal_act(act, EPOCH_KEY, NONCE), **change)
    assert refusal(open_act, as_carried(act, sealed), EPOCH_KEY) == name


def test_what_is_padded_otherwise_is_refused(act):
    body = act.body_bytes
    length = len(body).to_bytes(4, "big")
    for plain in (
        act.salt,
        act.salt + length[:3],
        act.salt + length + body,
        act.salt + padded(body, body_size) + b"\0",
        act.salt + padded(body, body_size)[:-1] + b"\1",
        act.salt + padded(body, lambda n: 2 * body_size(n)),
        act.salt + b"\xff\xff\xff\xff" + bytes(1_024),
    ):
        assert refusal(open_act, boxed(act, plain), EPOCH_KEY) == "padding"


def test_a_box_with_another_body_than_the_one_signed_is_refused(act):
    other = act.body_bytes.replace(b'"yes"', b'"no"')
    assert len(other) != len(act.body_bytes)
    for salt, body in ((act.salt, other), (bytes(32), act.body_bytes)):
        assert refusal(open_act, boxed(act, salt + padded(body, body_size)), EPOCH_KEY) == (
            "commitment"
        )


def test_what_was_signed_without_meaning_is_refused_as_it_would_be_in_the_open():
    cast = Cast()
    proposal = cast.propose()
    wrong = cast.act("Dorn", Stance(proposal.id, 1, "yes"))
    nonsense = replace(wrong, body_bytes=b"[]")
    header = msgspec.structs.replace(wrong.header, commit=commitment(wrong.salt, b"[]"))
    nonsense = replace(nonsense, header=header)
    carried = as_carried(nonsense, seal_act(nonsense, EPOCH_KEY, NONCE))
    assert refusal(open_act, carried, EPOCH_KEY) == "shape"


def test_only_an_open_act_can_be_sealed_and_only_with_a_whole_key_and_nonce(act):
    for call in (
        lambda: seal_act(as_carried(act, None), EPOCH_KEY, NONCE),
        lambda: seal_act(act, EPOCH_KEY[1:], NONCE),
        lambda: seal_act(act, EPOCH_KEY, NONCE[1:]),
    ):
        with pytest.raises(UsageError):
            call()


# The known trick (tests/conformance/salamander.py).


def test_a_box_of_aes_gcm_can_open_as_yes_and_as_no():
    """The cipher accepts both: this is why the header commits to the body."""
    make = lambda number: sha256(b"%d" % number).digest()  # noqa: E731
    apart = salamander.added(b"yes", b"no!")
    first, second = (make(number) for number in salamander.keys_apart_by(apart, 32, make))
    stream = salamander.keystream(first, 35)
    box = salamander.added(bytes(32) + b"yes", stream)
    box = salamander.two_faced(first, second, box, b"council Dorn 1", free=0)
    texts = [AESGCM(key).decrypt(bytes(12), box, b"council Dorn 1") for key in (first, second)]
    assert [text[32:] for text in texts] == [b"yes", b"no!"]
    # Either salt and body give their own commitment, and a header has room for one.
    said = [(text[:32], text[32:]) for text in texts]
    assert commitment(*said[0]) != commitment(*said[1])
    cast = Cast()
    act = cast.say("Dorn", cast.propose(), "yes")
    header = msgspec.structs.replace(act.header, commit=commitment(*said[0]))
    act = as_carried(replace(act, header=header), None)
    assert refusal(opened, act, *said[1]) == "commitment"
    assert refusal(opened, act, *said[0]) == "not-json"  # past the commitment: it is the one signed


@pytest.mark.parametrize(
    ("free", "names"),
    [
        pytest.param(0, ("commitment", "padding"), id="a block of the salt is given up"),
        pytest.param(64, ("padding", "padding"), id="a block of the filling is given up"),
    ],
)
def test_a_box_that_the_cipher_accepts_under_two_epochs_opens_to_no_second_body(act, free, names):
    keys = [act_key(act, epoch_key, NONCE) for epoch_key in (EPOCH_KEY, OTHER_KEY)]
    plain = act.salt + padded(act.body_bytes, body_size)
    box = salamander.added(plain, salamander.keystream(keys[0], len(plain)))
    box = salamander.two_faced(*keys, box, act.id.encode(), free)
    for key, epoch_key, name in zip(keys, (EPOCH_KEY, OTHER_KEY), names, strict=True):
        assert AESGCM(key).decrypt(bytes(12), box, act.id.encode()) is not None
        sealed = SealedForm(epoch_hash(epoch_key), write_base64(NONCE), write_base64(box))
        assert refusal(open_act, as_carried(act, sealed), epoch_key) == name


def test_one_act_sealed_to_two_halves_of_an_organ_in_two_ways_opens_in_one(act):
    """The same trick without any mathematics: two boxes beside one signed header."""
    other = act.body_bytes.replace(b'"yes"', b'"objection"')
    said = act.salt + padded(act.body_bytes, body_size)
    hidden = act.salt + padded(other, body_size)
    assert open_act(boxed(act, said), EPOCH_KEY).body.word == "yes"
    assert refusal(open_act, boxed(act, hidden, OTHER_KEY), OTHER_KEY) == "commitment"


# Sizes.


def test_a_box_says_which_of_eight_sizes_its_body_has():
    sizes = {body_size(length) for length in (*range(1, 131_072, 97), 131_072)}
    assert sizes == {2**k for k in range(10, 18)}
    assert body_size(2) == body_size(1_024) == 1_024
    assert body_size(1_025) == 2_048


def test_a_bundle_is_padded_by_a_thirty_second_at_most():
    assert bundle_size(0) == bundle_size(65_536) == 65_536
    for length in (65_537, 99_999, 131_071, 131_072, 10**6, 2**32 - 1):
        assert length <= bundle_size(length) <= length + length // 32
        assert bundle_size(bundle_size(length)) == bundle_size(length)


def test_padding_comes_off_again():
    for data in (b"", b"x", bytes(5_000)):
        assert unpadded(padded(data, body_size), body_size, "it") == data
    assert padded(b"ab", lambda _: 4) == b"\0\0\0\2ab\0\0"


# Boxes to one reader.


PRIVATE = {name: sha256(name.encode()).digest() for name in ("Arden", "Brill", "Corve", "Dorn")}


def held(name, office="foreign ministry", private=None):
    public = sealing_key(private or PRIVATE[name])
    return KeyHeld(name, office, "0" * 64, public.hex())


READERS = tuple(held(name) for name in PRIVATE)


def test_a_box_opens_with_its_key_and_for_its_purpose():
    private = PRIVATE["Dorn"]
    box = plain_hpke.seal(bytes(range(32)), sealing_key(private), b"text", b"purpose")
    assert open_box(private, box, b"purpose") == b"text"
    assert refusal(open_box, private, box, b"another") == "box"
    assert refusal(open_box, PRIVATE["Arden"], box, b"purpose") == "box"
    assert refusal(open_box, private, box[:-1], b"purpose") == "box"
    assert refusal(open_box, private, b"", b"purpose") == "box"


def test_a_bundle_opens_in_its_coalition():
    private = PRIVATE["Dorn"]
    for data, name in ((padded(b"acts", bundle_size), None), (b"acts", "padding")):
        info = labelled("bundle", "c" * 64)
        box = plain_hpke.seal(bytes(range(32)), sealing_key(private), data, info)
        if name is None:
            assert open_bundle(private, box, "c" * 64) == b"acts"
            assert refusal(open_bundle, private, box, "d" * 64) == "box"
        else:
            assert refusal(open_bundle, private, box, "c" * 64) == name


@pytest.mark.parametrize(
    ("public", "fit"),
    [
        pytest.param(sealing_key(bytes(32)), True, id="an ordinary key"),
        pytest.param(bytes(32), False, id="nothing"),
        pytest.param(b"\1" + bytes(31), False, id="one"),
        pytest.param(bytes(31), False, id="a byte short"),
    ],
)
def test_what_everybody_could_open_is_no_key(public, fit):
    assert can_receive(public) is fit


def test_labels_keep_names_apart():
    assert labelled("act", "a", "b") != labelled("act", "ab")
    assert labelled("act", "a", "b") != labelled("act a", "b")


# Epochs.


def an_epoch(number=1, readers=READERS, key=EPOCH_KEY, sealed_as=None, organ=ORGAN):
    """Return an epoch whose boxes hold a key, and are named after another one if told to."""
    name = epoch_hash(sealed_as or key)
    boxes = []
    for seat, public in seats(readers).items():
        info = key_box_info(organ["coalition"], organ["organ"], (number, name), seat)
        boxes.append(key_box(seat, plain_hpke.seal(bytes(range(32)), public, key, info)))
    return Epoch(number, name, tuple(boxes))


def test_every_reader_opens_the_key_of_an_epoch_and_nobody_else():
    epoch = an_epoch()
    for name in PRIVATE:
        assert open_epoch(epoch, PRIVATE[name], **ORGAN) == EPOCH_KEY
    assert open_epoch(epoch, bytes(32), **ORGAN) is None
    assert sealed_to(epoch) == seats(READERS).keys()


@pytest.mark.parametrize(
    ("epoch", "name"),
    [
        pytest.param(an_epoch(key=OTHER_KEY, sealed_as=EPOCH_KEY), "epoch-key", id="another key"),
        pytest.param(
            an_epoch(key=b"short", sealed_as=b"short"), "epoch-key", id="a key of another size"
        ),
        pytest.param(
            msgspec.structs.replace(an_epoch(), number=2), "box", id="taken into another number"
        ),
        pytest.param(
            an_epoch(organ={"coalition": "c" * 64, "organ": "watch"}), "box", id="of another organ"
        ),
        pytest.param(
            an_epoch(organ={"coalition": "d" * 64, "organ": "council"}),
            "box",
            id="of another coalition",
        ),
        pytest.param(
            Epoch(1, "0" * 64, (KeyBox("Dorn", "foreign ministry", "?"),)),
            "not-base64",
            id="a box not in base64",
        ),
    ],
)
def test_a_box_that_is_not_what_the_epoch_says_is_refused(epoch, name):
    with pytest.raises(ActError) as refused:
        open_epoch(epoch, PRIVATE["Dorn"], **ORGAN)
    assert refused.value.refusal == name


@pytest.mark.parametrize(
    ("readers", "due"),
    [
        pytest.param(READERS, False, id="the same readers"),
        pytest.param(READERS[::-1], False, id="in another order"),
        pytest.param(READERS[:-1], True, id="one left"),
        pytest.param((*READERS, held("Elsin", private=bytes(32))), True, id="one came"),
        pytest.param((*READERS[:-1], held("Dorn", private=b"\2" * 32)), True, id="one new key"),
        pytest.param((*READERS[:-1], held("Dorn", "press room")), True, id="another office"),
        pytest.param(
            (*READERS, KeyHeld("Elsin", "foreign ministry", "0" * 64)),
            False,
            id="one who can receive nothing",
        ),
        pytest.param(
            (*READERS, KeyHeld("Elsin", "foreign ministry", "0" * 64, "0" * 64)),
            False,
            id="one for whom everybody could open",
        ),
    ],
)
def test_a_new_epoch_is_due_when_readers_are_not_those_it_was_sealed_to(readers, due):
    assert epoch_due(readers, an_epoch()) is due
    assert (epoch_in_use([an_epoch()], readers) is None) is due


def test_the_first_epoch_is_due():
    assert epoch_due(READERS, None)
    assert epoch_in_use([], READERS) is None


def test_of_epochs_to_the_readers_of_now_the_last_is_used():
    made = [an_epoch(1), an_epoch(2, key=OTHER_KEY), an_epoch(2)]
    stale = an_epoch(3, readers=READERS[:-1])
    first = min(made[1:], key=lambda epoch: epoch.key_hash)
    assert epoch_in_use([*made, stale], READERS) == first
    assert epoch_in_use([stale, *reversed(made)], READERS) == first


def test_an_epoch_that_an_outsider_signed_does_not_count():
    cast = Cast()
    drawn_by_reader, drawn_outside = an_epoch(1), an_epoch(2, key=OTHER_KEY)
    acts = [
        cast.act("Arden", drawn_by_reader),
        cast.act("Harbour", drawn_outside),
        cast.propose(),
    ]
    assert epochs_by_readers(acts, READERS) == (drawn_by_reader,)
    assert epoch_in_use([drawn_by_reader, drawn_outside], READERS) == drawn_outside
    assert epoch_in_use(epochs_by_readers(acts, READERS), READERS) == drawn_by_reader


def test_readers_who_are_those_of_before_find_their_epoch_again():
    made = [an_epoch(1), an_epoch(2, readers=READERS[:-1], key=OTHER_KEY)]
    assert epoch_in_use(made, READERS) == made[0]
    assert epoch_in_use(made, READERS[:-1]) == made[1]


def test_the_name_of_an_epoch_is_no_part_of_its_key():
    assert epoch_hash(EPOCH_KEY) != epoch_hash(OTHER_KEY)
    assert epoch_hash(EPOCH_KEY) != sha256(EPOCH_KEY).hexdigest()
    assert len(EPOCH_KEY) == KEY_BYTES
