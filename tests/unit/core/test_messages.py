"""Messages: read as they were written, or refused by name; batches within their bounds."""

from __future__ import annotations

import json

import pytest

from comity.core.messages import (
    MAX_ACTS,
    MAX_BATCH,
    MAX_IDS,
    MAX_MESSAGE,
    MAX_RANGES,
    Acts,
    Heads,
    Range,
    Request,
    batches,
    read_message,
    write_acts,
)
from comity.core.strict import write_json
from comity.errors import ActError
from tests.property.record_strategies import Cast

COALITION = "a" * 64
HEADS = {
    "comity": 1,
    "coalition": COALITION,
    "organ": "council",
    "kind": "heads",
    "chains": {"Arden": [{"seq": 1, "id": "b" * 64}]},
    "beacons": {"Arden": "2026-03-01T08:00:00Z"},
}
REQUEST = {
    "comity": 1,
    "coalition": COALITION,
    "organ": "council",
    "kind": "request",
    "ask": 1,
    "ranges": [{"member": "Arden", "first": 1, "last": 9}],
    "ids": ["c" * 64],
}


def read(plain):
    return read_message(json.dumps(plain).encode(), COALITION)


def test_messages_are_read_by_their_kind():
    assert isinstance(read(HEADS), Heads)
    request = read(REQUEST)
    assert request == Request(1, COALITION, "council", 1, (Range("Arden", 1, 9),), ("c" * 64,))
    assert read_message(write_json(request), COALITION) == request


@pytest.mark.parametrize(
    ("base", "changes", "refusal"),
    [
        pytest.param(HEADS, {"kind": "gossip"}, "shape", id="an unknown kind"),
        pytest.param(HEADS, {"comity": 2}, "shape", id="a later version"),
        pytest.param(HEADS, {"more": 1}, "shape", id="an unknown field"),
        pytest.param(HEADS, {"coalition": "d" * 64}, "another-coalition", id="another coalition"),
        pytest.param(HEADS, {"chains": {"Arden": []}}, "shape", id="a chain that ends nowhere"),
        pytest.param(
            HEADS,
            {"chains": {"Arden": HEADS["chains"]["Arden"] * 9}},
            "shape",
            id="nine ends of one chain",
        ),
        pytest.param(HEADS, {"beacons": {"Arden": "yesterday"}}, "instant", id="no instant"),
        pytest.param(REQUEST, {"ask": 0}, "shape", id="number nothing"),
        pytest.param(
            REQUEST, {"ranges": REQUEST["ranges"] * (MAX_RANGES + 1)}, "shape", id="many ranges"
        ),
        pytest.param(REQUEST, {"ids": ["c" * 64] * (MAX_IDS + 1)}, "shape", id="many ids"),
        pytest.param(
            REQUEST,
            {"ranges": [{"member": "Arden", "first": 2, "last": 1}]},
            "range",
            id="a range that ends before it begins",
        ),
    ],
)
def test_what_is_no_message_is_refused_by_name(base, changes, refusal):
    with pytest.raises(ActError) as caught:
        read(base | changes)
    assert caught.value.refusal == refusal


def test_a_message_past_its_bound_is_not_read():
    with pytest.raises(ActError) as caught:
        read_message(b" " * (MAX_MESSAGE + 1), COALITION)
    assert caught.value.refusal == "too-large"


@pytest.mark.parametrize(
    "answer", [{}, {"ask": 7}, {"ask": 7, "cut": True}], ids=["pushed", "answer", "cut"]
)
def test_acts_that_are_written_already_are_read_again(answer):
    cast = Cast(4, 1, 0)
    acts = [cast.propose(), cast.propose()]
    data = write_acts(COALITION, "council", [write_json(act.form()) for act in acts], **answer)
    message = read_message(data, COALITION)
    assert message == Acts(1, COALITION, "council", tuple(act.form() for act in acts), **answer)
    assert data == write_json(message)


@pytest.mark.parametrize(
    ("sizes", "parts"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([10] * MAX_ACTS, [MAX_ACTS], id="as many as fit"),
        pytest.param([10] * (MAX_ACTS + 1), [MAX_ACTS, 1], id="one more"),
        pytest.param([MAX_BATCH, 1], [1, 1], id="as large as fits"),
        pytest.param([1, MAX_BATCH, 1], [1, 1, 1], id="small and large"),
    ],
)
def test_batches_keep_within_number_and_size(sizes, parts):
    assert [len(batch) for batch in batches(bytes(size) for size in sizes)] == parts
