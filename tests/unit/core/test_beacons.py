"""Beacons: signed, latest only, refused by name."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from comity.core.beacons import BEACON, EXERCISE_BEACON, Beacons, Tip, read_beacon, write_beacon
from comity.core.envelope import seal
from comity.core.signing import public_key
from comity.core.strict import write_json
from comity.errors import ActError
from tests.property.exchange_network import START
from tests.property.record_strategies import OFFICE, Cast, seed

HEADS = {"Arden": (Tip(7, "a" * 64),)}
HEARD = {"b" * 64: ("d" * 64, "c" * 64), "e" * 64: ()}


@pytest.fixture
def cast():
    return Cast(4, 1, 0)


def lit(cast, member="Brill", *, after=0, heads=HEADS, heard=HEARD, **changes):
    given = {
        "coalition": cast.founding.id,
        "organ": "council",
        "member": member,
        "office": OFFICE,
        "seed": seed(member),
        "exercise": cast.exercise,
        **changes,
    }
    now = START + timedelta(seconds=after)
    return write_beacon(now=now, heads=heads, heard=heard, **given)


def read(cast, form, **changes):
    given = {
        "coalition": cast.founding.id,
        "holders": cast.founding.holders,
        "exercise": cast.exercise,
        **changes,
    }
    return read_beacon(form, **given)


@pytest.mark.parametrize("exercise", [False, True])
def test_a_beacon_is_read_as_it_was_written(exercise):
    cast = Cast(4, 1, 0, exercise=exercise)
    made = lit(cast)
    assert read(cast, made.envelope.form()) == made
    assert made.envelope.payload_type == (EXERCISE_BEACON if exercise else BEACON)
    assert made.said.heads == HEADS
    assert made.said.heard == {"b" * 64: ("c" * 64, "d" * 64)}, "sorted, and nothing where none"


def form_of(cast, *, signer="Brill", payload_type=BEACON, times=1, **changes):
    payload = write_json(msgspec.to_builtins(lit(cast).said) | changes)
    signing = [(seed(signer), public_key(seed(signer)))] * times
    return seal(payload_type, payload, signing).form()


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        pytest.param({"payload_type": EXERCISE_BEACON}, "payload-type", id="an exercise's"),
        pytest.param({"times": 2}, "signature-count", id="signed twice"),
        pytest.param({"signer": "Fenn"}, "unknown-key", id="by a key nobody holds"),
        pytest.param({"more": 1}, "shape", id="with one more field"),
        pytest.param({"coalition": "0" * 64}, "another-coalition", id="of another coalition"),
        pytest.param({"instant": "2026-02-30T08:00:00Z"}, "instant", id="of no day"),
        pytest.param({"signer": "Arden"}, "another-signer", id="signed by another member"),
        pytest.param({"office": "press room"}, "another-signer", id="signed by another office"),
    ],
)
def test_what_is_no_beacon_is_refused_by_name(cast, changes, refusal):
    with pytest.raises(ActError) as caught:
        read(cast, form_of(cast, **changes))
    assert caught.value.refusal == refusal


def test_a_changed_byte_is_refused(cast):
    form = lit(cast).envelope.form()
    other = lit(cast, after=1).envelope.form()
    with pytest.raises(ActError) as caught:
        read(cast, msgspec.structs.replace(form, payload=other.payload))
    assert caught.value.refusal == "bad-signature"


def test_more_than_fits_is_refused_when_it_is_written(cast):
    many = {f"{k:064x}": [f"{j:064x}" for j in range(1_000)] for k in range(10)}
    with pytest.raises(ActError) as caught:
        lit(cast, heard=many)
    assert caught.value.refusal == "too-large"


def test_only_a_later_beacon_replaces_one(cast):
    beacons = Beacons()
    assert beacons.take(lit(cast, after=60))
    assert not beacons.take(lit(cast, after=60))
    assert not beacons.take(lit(cast, after=59)), "a replayed yesterday"
    assert beacons.take(lit(cast, after=61))
    assert beacons.take(lit(cast, "Arden", after=2))
    assert beacons.take(lit(cast, "Arden", after=3, organ="watch"))
    assert [beacon.said.member for beacon in beacons.of("council")] == ["Arden", "Brill"]


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ({"heads": {}, "heard": {}}, {"heard": {}}),
        ({"heard": {}}, {}),
    ],
)
def test_of_two_beacons_of_one_instant_the_fuller_is_the_later(cast, less, more):
    pair = [lit(cast, **less), lit(cast, **more)]
    for order in (pair, pair[::-1]):
        beacons = Beacons()
        for beacon in order:
            beacons.take(beacon)
        assert beacons.latest["council", "Brill"] == pair[1]


def test_staleness_is_counted_in_seconds_and_never_is_none(cast):
    beacons = Beacons()
    beacons.take(lit(cast, after=60))
    assert beacons.staleness("council", "Brill", START + timedelta(minutes=5)) == 240
    assert beacons.staleness("council", "Brill", START) == 0, "a clock that runs ahead"
    assert beacons.staleness("council", "Corve", START) is None
    assert beacons.staleness("watch", "Brill", START) is None


def test_who_has_heard_a_stance_is_told_by_their_own_beacons(cast):
    beacons = Beacons()
    beacons.take(lit(cast, "Arden"))
    beacons.take(lit(cast, "Brill", heard={"b" * 64: ("c" * 64,)}))
    beacons.take(lit(cast, "Corve", organ="watch"))
    assert beacons.heard_by("council", "c" * 64) == {"Arden", "Brill"}
    assert beacons.heard_by("council", "d" * 64) == {"Arden"}
    assert beacons.heard_by("council", "f" * 64) == frozenset()
