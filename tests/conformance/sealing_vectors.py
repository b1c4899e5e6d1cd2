"""Write the vectors of spec/sealing.md.

    python -m tests.conformance.sealing_vectors            say what would change
    python -m tests.conformance.sealing_vectors --write    write it

Every secret and every chance grows from a name: SHA-256 of "comity test NAME".
Boxes of HPKE are made by the plain twin, since the library draws their key
pair itself. Read the difference before it is committed: the vectors are the
specification.
"""

from __future__ import annotations

import json
import string
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from comity.core.acts import ActForm, Header, SealedForm, write_act
from comity.core.bodies import Adopt, Epoch, Propose, Stance
from comity.core.founding import KeyHeld, found
from comity.core.sealing import (
    act_key,
    body_size,
    bundle_size,
    epoch_hash,
    key_box,
    key_box_info,
    labelled,
    open_act,
    open_bundle,
    open_epoch,
    padded,
    seal_act,
    sealing_key,
    seats,
)
from comity.core.signing import public_key
from comity.core.strict import read_base64, write_base64, write_json
from comity.errors import ActError
from tests.conformance import plain_hpke

VECTORS = Path(__file__).resolve().parents[2] / "spec" / "vectors" / "sealing"
NAMES = ("Arden", "Brill", "Corve", "Dorn")
OFFICE = "foreign ministry"


def drawn(name):
    """Return 32 bytes that grow from a name: for tests and vectors, never for use."""
    return sha256(f"comity test {name}".encode()).digest()


def plain(value):
    """Return a form as plain JSON values."""
    return json.loads(write_json(value))


FOUNDING = found(
    sha256(b"comity test charter").hexdigest(),
    "00" * 16,
    [(name, OFFICE, drawn(f"seed {name}")) for name in NAMES],
)
READERS = tuple(
    KeyHeld(
        name,
        OFFICE,
        public_key(drawn(f"seed {name}")).hex(),
        sealing_key(drawn(f"sealing {name}")).hex(),
    )
    for name in NAMES
)
EPOCHS = {name: drawn(f"epoch {name}") for name in ("first", "second")}


def sign(member, body, *, seq=1, prev=None, organ="council"):
    header = Header(
        comity=1,
        coalition=FOUNDING.id,
        organ=organ,
        member=member,
        office=OFFICE,
        seq=seq,
        constitution="0" * 64,
        instant="2026-03-01T08:00:00Z",
        commit="",
        prev=prev,
    )
    salt = drawn(f"salt {member} {organ} {seq} {type(body).__name__}")
    return write_act(FOUNDING, header, body, salt=salt, seed=drawn(f"seed {member}"))


def acts():
    """Return good acts by name; the long one has a body of more than 1,024 bytes."""
    proposal = Propose(
        title="The ambulance",
        effect=Adopt(("The ambulance stays on the hill.", "It is painted green. " * 60)),
        charter=FOUNDING.charter,
        rule="consensus",
        procedure="silence",
        on="2026-03-02",
        roster=NAMES,
        expires="2026-03-02T12:00:00Z",
    )
    proposed = sign("Arden", proposal)
    stance = sign("Dorn", Stance(proposed.id, 1, "yes"))
    again = Stance(proposed.id, 2, "objection", previous=stance.id)
    later = sign("Dorn", again, seq=2, prev=stance.id)
    return {"propose": proposed, "stance": stance, "stance-second": later}


def box_of(act, text, key=EPOCHS["first"], nonce=None):
    """Return a box of any text, as whoever holds the epoch's key could make it."""
    nonce = nonce or drawn(f"nonce {act.member}")
    box = AESGCM(act_key(act, key, nonce)).encrypt(bytes(12), text, act.id.encode())
    return SealedForm(epoch_hash(key), write_base64(nonce), write_base64(box))


def good_act(act):
    key, nonce = EPOCHS["first"], drawn(f"nonce {act.member}")
    sealed = seal_act(act, key, nonce)
    return {
        "id": act.id,
        "epoch_key": key.hex(),
        "act_key": act_key(act, key, nonce).hex(),
        "file": plain(ActForm(act.envelope.form(), sealed=sealed)),
        "opens": {"salt": write_base64(act.salt), "body": write_base64(act.body_bytes)},
    }


def bent(text, at):
    data = bytearray(read_base64(text, "it"))
    data[at] ^= 1
    return write_base64(bytes(data))


def bad_acts(good):
    """Yield name, step, and the sealed part that stands beside the stance's envelope."""
    act = good["stance"]
    sealed, body = seal_act(act, EPOCHS["first"], drawn("nonce Dorn")), act.body_bytes

    def part(**change):
        return msgspec.structs.replace(sealed, **change)

    whole = act.salt + padded(body, body_size)
    other = body.replace(b'"yes"', b'"no"')
    yield "of-another-epoch", "the epoch's name is another", part(epoch=epoch_hash(bytes(32)))
    yield "nonce-bit", "one bit of the nonce", part(nonce=bent(sealed.nonce, 0))
    yield "salt-bit", "one bit of the box, in the salt", part(box=bent(sealed.box, 0))
    yield "body-bit", "one bit of the box, in the body", part(box=bent(sealed.box, 40))
    yield "tag-bit", "one bit of the tag", part(box=bent(sealed.box, -1))
    yield "empty-box", "no bytes", part(box="")
    yield (
        "box-of-another-act",
        "the box of Arden's act",
        seal_act(good["propose"], EPOCHS["first"], drawn("nonce Arden")),
    )
    fork = sign("Dorn", Stance(act.body.proposal, 1, "no"))
    assert (fork.place, fork.id) != (act.place, act.id)
    moved = seal_act(fork, EPOCHS["first"], drawn("nonce Dorn"))
    yield "box-of-a-rival-act", "the box of another act in the same place", moved
    letters = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
    spelled = sealed.nonce[:-2] + letters[letters.index(sealed.nonce[-2]) + 1] + "="
    yield "nonce-not-base64", "the same bytes in another spelling", part(nonce=spelled)
    yield "box-not-base64", "a line break", part(box=sealed.box + "\n")
    yield "nonce-of-33-bytes", "33 bytes", part(nonce=write_base64(bytes(33)))
    yield "nonce-of-31-bytes", "31 bytes", part(nonce=write_base64(bytes(31)))
    yield "nothing-but-salt", "the text ends after the salt", box_of(act, act.salt)
    yield "salt-cut", "the text is 31 bytes of salt", box_of(act, act.salt[:31])
    bare = act.salt + len(body).to_bytes(4, "big") + body
    yield "not-padded", "no zeros after the body", box_of(act, bare)
    yield "padded-further", "one zero more", box_of(act, whole + b"\0")
    yield "padded-to-2048", "twice the size", box_of(act, whole + bytes(1_024))
    yield "not-zeros", "the last byte is 1", box_of(act, whole[:-1] + b"\1")
    long = act.salt + (2_000).to_bytes(4, "big") + padded(body, body_size)[4:]
    yield "length-beyond", "a length of 2,000 in a box of 1,024", box_of(act, long)
    yield (
        "another-body",
        "'no', and yes was signed",
        box_of(act, act.salt + padded(other, body_size)),
    )
    yield "another-salt", "zeros", box_of(act, bytes(32) + padded(body, body_size))
    shifted = act.salt + body[:1] + padded(body[1:], body_size)
    yield "salt-of-33-bytes", "a byte of the body before the length", box_of(act, shifted)
    again = padded(body[:-1], body_size)
    yield "body-cut", "the last byte of the body is missing", box_of(act, act.salt + again)


def act_outcome(act, sealed):
    carried = replace(act, salt=None, body_bytes=None, body=None, sealed=sealed)
    try:
        back = open_act(carried, EPOCHS["first"])
    except ActError as refused:
        return refused.refusal
    assert back is carried, "a bad box opened"
    return "sealed"


def epoch_of(key, *, named=None, number=1, coalition=FOUNDING.id, organ="council", readers=READERS):
    """Return an epoch with boxes that are the same every time."""
    name = named or epoch_hash(key)
    boxes = []
    for seat, public in seats(readers).items():
        info = key_box_info(coalition, organ, (number, name), seat)
        ephemeral = drawn(f"ephemeral {seat[0]}")
        boxes.append(key_box(seat, plain_hpke.seal(ephemeral, public, key, info)))
    return Epoch(number, name, tuple(boxes))


def bad_epochs():
    """Yield name, step and the body of the epoch; it is read by Dorn in the council."""
    key = EPOCHS["first"]
    good = epoch_of(key)
    yield "not-for-dorn", "sealed to the others", epoch_of(key, readers=READERS[:3])
    old = (*READERS[:3], msgspec.structs.replace(READERS[3], sealing=sealing_key(bytes(32)).hex()))
    yield "to-an-old-key", "sealed to a key that Dorn had before", epoch_of(key, readers=old)
    yield "another-number", "the number is changed", msgspec.structs.replace(good, number=2)
    yield "another-organ", "sealed for the watch", epoch_of(key, organ="watch")
    yield "another-coalition", "sealed in another run", epoch_of(key, coalition="0" * 64)
    yield "another-key", "sealed is another key", epoch_of(EPOCHS["second"], named=epoch_hash(key))
    short = key[:31]
    yield "key-of-31-bytes", "sealed are 31 bytes", epoch_of(short, named=epoch_hash(short))
    box = good.boxes[3]
    box = msgspec.structs.replace(box, box=bent(box.box, -1))
    yield "box-bit", "one bit", msgspec.structs.replace(good, boxes=(*good.boxes[:3], box))
    box = msgspec.structs.replace(box, box=good.boxes[3].box[:-1])
    yield "not-base64", "cut off", msgspec.structs.replace(good, boxes=(*good.boxes[:3], box))


def epoch_outcome(epoch):
    private = drawn("sealing Dorn")
    try:
        found = open_epoch(epoch, private, coalition=FOUNDING.id, organ="council")
    except ActError as refused:
        return refused.refusal
    assert found is None, "a bad epoch opened"
    return "not sealed to this key"


def bundle(data, coalition=FOUNDING.id, reader="Dorn"):
    public = sealing_key(drawn(f"sealing {reader}"))
    return plain_hpke.seal(drawn("ephemeral bundle"), public, data, labelled("bundle", coalition))


def bad_bundles():
    """Yield name, step and box; it is opened by Dorn."""
    yield "of-another-coalition", "sealed for another run", bundle(b"acts", coalition="0" * 64)
    yield "to-another", "sealed to Brill", bundle(b"acts", reader="Brill")
    yield "shorter-than-a-key", "31 bytes", bytes(31)
    yield "not-padded", "nothing but the acts", bundle(b"acts")
    yield "nothing", "no bytes are sealed", bundle(b"")


def bundle_outcome(box):
    try:
        open_bundle(drawn("sealing Dorn"), box, FOUNDING.id)
    except ActError as refused:
        return refused.refusal
    raise AssertionError("a bad bundle opened")


def all_files():
    """Return every file and its bytes."""
    good = acts()
    files = {
        "keys.json": {
            "offices": {
                held.member: {
                    "seed": drawn(f"seed {held.member}").hex(),
                    "key": held.key,
                    "sealing_private": drawn(f"sealing {held.member}").hex(),
                    "sealing": held.sealing,
                }
                for held in READERS
            },
            "epochs": {
                name: {"key": key.hex(), "key_hash": epoch_hash(key)}
                for name, key in EPOCHS.items()
            },
        },
        "founding.json": {
            "id": FOUNDING.id,
            "founding": plain(FOUNDING.envelope.form()),
        },
    }
    for name, act in good.items():
        files[f"good/{name}.json"] = good_act(act)
    files["good/epoch.json"] = {
        "coalition": FOUNDING.id,
        "organ": "council",
        "key": EPOCHS["first"].hex(),
        "ephemeral": {name: drawn(f"ephemeral {name}").hex() for name in NAMES},
        "body": plain(epoch_of(EPOCHS["first"])),
    }
    data = good["stance"].to_bytes()
    box = bundle(padded(data, bundle_size))
    assert open_bundle(drawn("sealing Dorn"), box, FOUNDING.id) == data
    files["good/bundle.json"] = {
        "coalition": FOUNDING.id,
        "reader": "Dorn",
        "ephemeral": drawn("ephemeral bundle").hex(),
        "data_base64": write_base64(data),
        "box_size": len(box),
        "box_sha256": sha256(box).hexdigest(),
    }
    files["bad.json"] = {
        "acts": {
            name: {
                "base": "stance",
                "step": step,
                "outcome": act_outcome(good["stance"], sealed),
                "sealed": plain(sealed),
            }
            for name, step, sealed in bad_acts(good)
        },
        "epochs": {
            name: {"step": step, "outcome": epoch_outcome(epoch), "body": plain(epoch)}
            for name, step, epoch in bad_epochs()
        },
        "bundles": {
            name: {"step": step, "outcome": bundle_outcome(box), "box_base64": write_base64(box)}
            for name, step, box in bad_bundles()
        },
    }
    return {
        VECTORS / name: (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()
        for name, value in files.items()
    }


def main():
    changed = 0
    for path, data in all_files().items():
        if path.is_file() and path.read_bytes() == data:
            continue
        changed += 1
        print(path.relative_to(VECTORS.parents[2]))
        if "--write" in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return 0 if "--write" in sys.argv or not changed else 1


if __name__ == "__main__":
    raise SystemExit(main())
