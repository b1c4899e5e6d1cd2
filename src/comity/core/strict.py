"""JSON of one meaning: bytes in, a typed value out, or a named refusal.

What is signed must mean the same to every reader, so nothing is read in which
two parsers might differ: no key twice, no fractions, no other encoding than
UTF-8, no text that is not NFC, no character that a reader cannot see. The list
of those is by code point, because tables of Unicode differ between readers.
"""

from __future__ import annotations

import json
import re
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NoReturn, TypeVar

import msgspec

from comity.errors import ActError

Read = TypeVar("Read")

MAX_WHOLE = 2**53 - 1
_HIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)


def read_json(data: bytes, kind: type[Read], *, limit: int, what: str) -> Read:
    """Read strict JSON of at most `limit` bytes into a typed value.

    Raises
    ------
    ActError
        With the refusal ``too-large``, ``not-utf-8``, ``not-json``,
        ``key-twice``, ``number``, ``not-nfc``, ``hidden-character`` or ``shape``.
    """
    if len(data) > limit:
        raise ActError(
            f"{what} has {len(data)} bytes, more than {limit}",
            hint="send less at once",
            refusal="too-large",
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise ActError(
            f"{what} is not text in UTF-8", hint="the bytes were damaged", refusal="not-utf-8"
        ) from None
    try:
        plain: object = json.loads(
            text,
            object_pairs_hook=_once_each,
            parse_int=_whole,
            parse_float=_fraction,
            parse_constant=_fraction,
        )
        if not _is_plain(text):
            for piece in _texts(plain):
                _check_text(piece, what)
    except (ValueError, RecursionError):
        raise ActError(
            f"{what} is not JSON", hint="the bytes were damaged, or are no act", refusal="not-json"
        ) from None
    try:
        return msgspec.convert(plain, kind, strict=True)
    except msgspec.ValidationError as wrong:
        raise ActError(
            f"{what} is not as the specification says: {wrong}",
            hint="see spec/act.md for every field and its bounds",
            refusal="shape",
        ) from None


def write_json(value: object) -> bytes:
    """Write a value in the one form that we produce: sorted keys, no blanks, UTF-8."""
    return msgspec.json.encode(value, order="sorted")


def read_base64(text: str, what: str) -> bytes:
    """Read base64 in its one standard spelling, padding included."""
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        data = b""
    if b64encode(data).decode("ascii") != text:
        raise ActError(
            f"{what} is not standard base64",
            hint="write it with padding, and without line breaks",
            refusal="not-base64",
        )
    return data


def write_base64(data: bytes) -> str:
    """Write base64 in its one standard spelling."""
    return b64encode(data).decode("ascii")


def instant(text: str, what: str) -> datetime:
    """Read an instant such as ``2026-01-06T12:00:00Z``: whole seconds, UTC, one spelling."""
    if _INSTANT.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    raise ActError(
        f"{what} is no instant: '{text[:40]}'",
        hint="write it in UTC: 2026-01-06T12:00:00Z",
        refusal="instant",
    )


def spelled(moment: datetime) -> str:
    """Write an instant in its one spelling; parts of a second are dropped."""
    utc = moment.astimezone(UTC)
    return utc.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _is_plain(text: str) -> bool:
    """Tell whether JSON is without escapes, blanks and all but ASCII: its texts need no look."""
    return text.isascii() and text.isprintable() and "\\" not in text


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ActError(
            "a key stands twice in one object",
            hint="two readers could understand it differently: write each key once",
            refusal="key-twice",
        )
    return found


def _whole(digits: str) -> int:
    value = int(digits) if len(digits) < 20 and digits != "-0" else MAX_WHOLE + 1
    if abs(value) > MAX_WHOLE:
        _fraction(digits)
    return value


def _fraction(digits: str) -> NoReturn:
    raise ActError(
        f"{digits[:40]} is no whole number between -(2^53 - 1) and 2^53 - 1",
        hint="write a fraction as text",
        refusal="number",
    )


def _texts(plain: object) -> Iterator[str]:
    """Yield every text of a plain value, keys included."""
    if isinstance(plain, str):
        yield plain
    elif isinstance(plain, dict):
        for key, value in plain.items():
            yield key
            yield from _texts(value)
    elif isinstance(plain, list):
        for value in plain:
            yield from _texts(value)


def _check_text(text: str, what: str) -> None:
    if _is_plain(text):
        return
    hidden = _HIDDEN.search(text)
    if hidden:
        raise ActError(
            f"{what} holds a character nobody can see: U+{ord(hidden[0]):04X}",
            hint="type the text anew",
            refusal="hidden-character",
        )
    if not unicodedata.is_normalized("NFC", text):
        raise ActError(
            f"{what} holds text that is not NFC: '{text[:40]}'",
            hint="compose its characters (Unicode normalisation form C)",
            refusal="not-nfc",
        )
