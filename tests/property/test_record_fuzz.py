"""Hostile files of the record: an answer or a refusal by name, in time, and in bounded memory."""

from __future__ import annotations

import json
import os
import time
import tracemalloc
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.core.acts import ActForm, read_act
from comity.core.attestations import verify
from comity.core.bodies import MAX_ACT
from comity.core.certificate import MAX_CERTIFICATE
from comity.core.envelope import EnvelopeForm
from comity.core.strict import read_json
from comity.errors import ActError
from tests.fuzz.mutation import mutated
from tests.fuzz.targets import FILES, FOUNDING, GOOD, SEEDS, TARGETS, corpus

TRIED = {
    "act": int(os.environ.get("COMITY_FUZZ", "10000")),
    "certificate": int(os.environ.get("COMITY_FUZZ", "10000")) // 8,
}
PIECES = 10
BEGINNINGS = {target: tuple(corpus(target)) for target in TRIED}


@pytest.mark.parametrize("piece", range(PIECES))
@pytest.mark.parametrize("target", sorted(TRIED))
def test_no_mutation_of_a_vector_gets_a_traceback_or_proves_something_else(target, piece):
    for seed in range(piece, TRIED[target], PIECES):
        chance = Random(seed)
        data = chance.choice(BEGINNINGS[target])
        for _ in range(chance.choice((1, 1, 2, 3, 6))):
            data = data[:1] + mutated(data[1:], chance)
        try:
            TARGETS[target](data)
        except Exception as error:
            error.add_note(f"seed {seed}")
            raise


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_no_bytes_get_a_traceback(data):
    for target in TRIED:
        TARGETS[target](data)


plain_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(("comity", "kind", "envelope", "salt", "body", "roll", "payload"))
            | st.text(max_size=4),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(plain_values, st.integers(0, 4))
@settings(max_examples=300, deadline=None)
def test_no_json_gets_a_traceback(plain, how):
    data = json.dumps(plain).encode("utf-8", "surrogatepass")
    for target in TRIED:
        TARGETS[target](bytes([how]) + data)


def test_the_vectors_reach_what_is_to_be_fuzzed():
    answers = {
        target: {type(TARGETS[target](data)).__name__ for data in BEGINNINGS[target]}
        for target in TRIED
    }
    assert answers["act"] == {"Act", "Founding", "str"}
    assert answers["certificate"] >= {"Verdict", "str"}
    refusals = [r for data in BEGINNINGS["act"] if isinstance(r := TARGETS["act"](data), str)]
    assert {"shape", "turn-link", "bad-signature", "commitment"} <= set(refusals)


# Files that are large in one way or another: filled up to the bound of an act.


def filled(piece, before=b"", after=b""):
    times = (MAX_ACT - len(before) - len(after)) // len(piece)
    return before + piece * times + after


LARGE = {
    "brackets": filled(b"["),
    "lists within lists, closed": b"[" * (MAX_ACT // 2) + b"]" * (MAX_ACT // 2),
    "objects within objects": filled(b'{"a":'),
    "empty lists": filled(b"[],", b"[", b"[]]"),
    "empty objects": filled(b"{},", b"[", b"{}]"),
    "small objects": filled(b'{"a":0},', b"[", b"{}]"),
    "small numbers": filled(b"0,", b"[", b"0]"),
    "numbers of sixteen digits": filled(b"9007199254740991,", b"[", b"0]"),
    "one number": filled(b"9"),
    "one text": filled(b"x", b'"', b'"'),
    "one text that is not ASCII": filled("😀".encode(), b'"', b'"'),
    "escapes": filled(b"\\u0041", b'"', b'"'),
    "texts": filled(b'"x",', b"[", b'"x"]'),
    "keys": b"{" + b",".join(b'"%d":0' % k for k in range(24_000)) + b"}",
    "signatures": filled(
        b'{"keyid":"' + b"0" * 32 + b'","sig":"' + b"A" * 88 + b'"},',
        b'{"envelope":{"payload":"","payloadType":"x","signatures":[',
        b'{"keyid":"","sig":""}]}}',
    ),
    "fields that are unknown": b'{"envelope":{'
    + b",".join(b'"f%d":[]' % k for k in range(22_000))
    + b"}}",
    "nothing": b" " * MAX_ACT,
    "nothing that is JSON": b"\0" * MAX_ACT,
}
MULTIPLE = 40
"""How many times its own size a file may take while it is read, all objects included: 25 or so."""


def peak(read, *parts):
    """Return the most bytes held at once, and the name of the refusal."""
    tracemalloc.start()
    try:
        with pytest.raises(ActError) as caught:
            read(*parts)
        return tracemalloc.get_traced_memory()[1], caught.value.refusal
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in LARGE.items()])
def test_no_large_act_takes_much_memory_or_long(data):
    assert len(data) <= MAX_ACT
    before = time.process_time()
    held, refusal = peak(read_act, data, FOUNDING)
    assert refusal in ("not-json", "shape", "number", "hidden-character")
    assert held < MULTIPLE * MAX_ACT
    assert time.process_time() - before < 10  # 0.3 s or so, were memory not measured


def test_no_large_certificate_takes_much_memory_or_long():
    """A certificate may be 128 times as large as an act, so its multiple is the same or nothing."""
    data = LARGE["small objects"][:-3] * 4 + b"{}]"
    held, refusal = peak(verify, data.replace(b"{}][", b"{},["), "")
    assert refusal in ("not-json", "shape")
    assert held < MULTIPLE * len(data)


def test_one_byte_more_than_an_act_may_have_is_not_looked_at():
    held, refusal = peak(read_act, b"[" * (MAX_ACT + 1), FOUNDING)
    assert refusal == "too-large"
    assert held < 100_000
    held, refusal = peak(verify, bytes(MAX_CERTIFICATE + 1), "")
    assert refusal == "too-large"
    assert held < 100_000


@pytest.mark.parametrize("part", ["stances", "closings"])
def test_a_certificate_with_as_many_acts_as_it_may_hold_is_refused_or_read_in_time(part):
    """The same act 5,000 times is read; once more is refused."""
    name = "objection-hidden-by-the-chair"
    file, told = FILES[name], GOOD[name]
    decided = file["decided"]
    many = file | {"decided": decided | {part: (decided[part] * 5_001)[:5_000]}}
    before = time.process_time()
    verdict = verify(json.dumps(many).encode(), told["fingerprint"])
    assert verdict.outcome == told["shows"]
    assert time.process_time() - before < 60  # 2 s or so
    more = file | {"decided": decided | {part: (decided[part] * 5_001)[:5_001]}}
    with pytest.raises(ActError) as caught:
        verify(json.dumps(more).encode(), told["fingerprint"])
    assert caught.value.refusal == "shape"


def test_the_founding_and_its_keys_are_those_of_the_vectors():
    assert {held.member for held in FOUNDING.keys} <= set(SEEDS)
    form = read_json(BEGINNINGS["act"][0][1:], ActForm, limit=MAX_ACT, what="it")
    assert isinstance(form.envelope, EnvelopeForm)
