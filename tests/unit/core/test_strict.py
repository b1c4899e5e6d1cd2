"""JSON of one meaning: what two parsers might read differently is refused by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from comity.core.strict import (
    instant,
    read_base64,
    read_json,
    spelled,
    write_base64,
    write_json,
)
from comity.errors import ActError


class Note(msgspec.Struct, forbid_unknown_fields=True):
    text: str
    number: int = 0
    more: list[str] = []


def refusal(data, limit=1_000):
    with pytest.raises(ActError) as caught:
        read_json(data, Note, limit=limit, what="the note")
    assert caught.value.hint
    return caught.value.refusal


def test_what_is_within_its_bounds_is_read():
    told = read_json('{"text": "für\\nalle", "number": -7}'.encode(), Note, limit=99, what="it")
    assert told == Note("für\nalle", -7)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        pytest.param(b'{"text": "%s"}' % (b"x" * 1_000), "too-large", id="too long"),
        pytest.param(b'{"text": "\xff"}', "not-utf-8", id="Latin 1"),
        pytest.param('{"text": "x"}'.encode("utf-16"), "not-utf-8", id="UTF-16"),
        pytest.param(b'\xef\xbb\xbf{"text": "x"}', "not-json", id="a byte order mark"),
        pytest.param(b'{"text": "x"', "not-json", id="cut off"),
        pytest.param(b'{"text": "x"} {}', "not-json", id="two values"),
        pytest.param(b"[" * 900, "not-json", id="brackets that never close"),
        pytest.param(b'{"text": "x", "text": "y"}', "key-twice", id="a key twice"),
        pytest.param(b'{"text": "x", "number": 1.0}', "number", id="a fraction"),
        pytest.param(b'{"text": "x", "number": 1e3}', "number", id="an exponent"),
        pytest.param(b'{"text": "x", "number": NaN}', "number", id="no number"),
        pytest.param(b'{"text": "x", "number": -0}', "number", id="minus nothing"),
        pytest.param(b'{"text": "x", "number": 9007199254740992}', "number", id="past 2^53"),
        pytest.param(b'{"text": "x", "number": %s}' % (b"9" * 500), "number", id="very large"),
        pytest.param('{"text": "fu\u0308r"}'.encode(), "not-nfc", id="a loose diaeresis"),
        pytest.param('{"fu\u0308r": "x"}'.encode(), "not-nfc", id="in a key"),
        pytest.param('{"text": "\u202ex"}'.encode(), "hidden-character", id="reversed text"),
        pytest.param(b'{"text": "\\u0000"}', "hidden-character", id="a control character"),
        pytest.param(b'{"text": "\\ud800"}', "hidden-character", id="half a character"),
        pytest.param(b'{"text": "x", "more": ["\\u200b"]}', "hidden-character", id="in a list"),
        pytest.param(b'{"text": "x", "txet": "y"}', "shape", id="an unknown field"),
        pytest.param(b'{"text": 7}', "shape", id="another type"),
        pytest.param(b'{"text": "x", "number": true}', "shape", id="true is no number"),
        pytest.param(b"[]", "shape", id="a list"),
    ],
)
def test_what_is_not_is_refused_by_name(data, name):
    assert refusal(data) == name


def test_nesting_without_end_is_refused():
    deep = b'{"text": "x", "more": ' + b"[" * 5_000 + b"]" * 5_000 + b"}"
    assert refusal(deep, limit=20_000) in ("not-json", "shape")


def test_what_we_write_has_one_form():
    assert write_json(Note("ü", 1)) == '{"more":[],"number":1,"text":"ü"}'.encode()


@pytest.mark.parametrize("text", ["YQ", "YR==", "Y Q==", "YQ==\n", "_-8=", "ü", "====", "="])
def test_base64_has_one_spelling(text):
    with pytest.raises(ActError) as caught:
        read_base64(text, "it")
    assert caught.value.refusal == "not-base64"


@pytest.mark.parametrize("data", [b"", b"a", bytes(range(256))])
def test_base64_comes_back_as_it_was(data):
    assert read_base64(write_base64(data), "it") == data


def test_an_instant_has_one_spelling():
    noon = instant("2026-01-06T12:00:00Z", "it")
    assert noon == datetime(2026, 1, 6, 12, tzinfo=UTC)
    assert spelled(noon.astimezone(timezone(timedelta(hours=2)))) == "2026-01-06T12:00:00Z"


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-06T12:00:00+00:00",
        "2026-01-06T12:00:00.5Z",
        "2026-01-06 12:00:00Z",
        "2026-02-30T12:00:00Z",
        "2026-01-06T23:59:60Z",
        "0000-01-06T12:00:00Z",
        "٢٠٢٦-01-06T12:00:00Z",
        "2026-01-06T12:00:00Z\n",
        "",
    ],
)
def test_other_spellings_of_an_instant_are_refused(text):
    with pytest.raises(ActError) as caught:
        instant(text, "it")
    assert caught.value.refusal == "instant"
