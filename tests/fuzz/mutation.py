"""Seeded changes of a file: of its bytes, or of its values, also of those within base64."""

from __future__ import annotations

import copy
import json
from base64 import b64decode, b64encode
from random import Random

DEEP = 50
VALUES: tuple[object, ...] = (
    None,
    True,
    0,
    -1,
    1,
    2**53 - 1,
    2**53,
    10**40,
    0.5,
    "",
    " ",
    "0" * 64,
    "f" * 64,
    "A" * 64,
    "x" * 5_000,
    "\u202e",
    "\u0000",
    "e\u0301",
    "\U0001f600" * 50,
    "a\nb",
    "2026-02-30T12:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "2026-03-02T12:00:00+01:00",
    "2026-03-02",
    "0000-00-00",
    "9999-12-31",
    "council",
    "coalition",
    "Arden",
    "Dorn",
    "Harbour",
    "yes",
    "withdraw",
    "objection",
    "ad referendum",
    "propose",
    "closing",
    "stance",
    "signature",
    "silence",
    [],
    {},
    [[]],
    [None],
    {"": ""},
    {"kind": "stance"},
    {"Arden": "0" * 64},
    {"kind": "adopt", "paragraphs": ["x"]},
)
PIECES = (
    b'"',
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\\u0000",
    b"\\ud800",
    b"\\udc00\\ud800",
    b"\xef\xbb\xbf",
    b"\xff",
    b"\x00",
    b"\xe2\x80\xae",
    b"NaN",
    b"Infinity",
    b"-0",
    b"1e9",
    b"1.0",
    b"9" * 400,
    b"[" * 3_000,
    b'{"a":' * 3_000,
    b'"comity":1,',
    b'"kind":"stance",',
    b"\n",
)


def mutated(data: bytes, chance: Random) -> bytes:
    """Return the file after one change: mostly of a value, else of its bytes."""
    if chance.random() < 0.75:
        lines = data.split(b"\n")
        at = chance.randrange(len(lines))
        changed = _as_json(lines[at], chance)
        if changed is not None:
            lines[at] = changed
            if chance.random() < 0.1:
                lines.insert(chance.randrange(len(lines) + 1), chance.choice(lines))
            return b"\n".join(lines)
    return _bytes(data, chance)


def _as_json(data: bytes, chance: Random) -> bytes | None:
    try:
        plain = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(plain, dict | list) or not plain:
        return None
    text = json.dumps(_value(plain, chance, 0), ensure_ascii=chance.random() < 0.5)
    if chance.random() < 0.05 and text.startswith("{"):
        text = f'{{"{chance.choice(("comity", "kind", "organ", "roll"))}":1,{text[1:]}'
    return text.encode("utf-8", "surrogatepass")


def _value(plain: object, chance: Random, depth: int) -> object:
    """Return a value with one change somewhere in it."""
    if depth < DEEP and isinstance(plain, dict) and plain and chance.random() < 0.85:
        key = chance.choice(sorted(plain))
        changed = dict(plain)
        match chance.randrange(8):
            case 0:
                del changed[key]
            case 1:
                changed[chance.choice((key + "x", "kind", "comity", ""))] = changed.pop(key)
            case 2:
                changed[key] = copy.deepcopy(plain[chance.choice(sorted(plain))])
            case _:
                changed[key] = _value(plain[key], chance, depth + 1)
        return changed
    if depth < DEEP and isinstance(plain, list) and plain and chance.random() < 0.85:
        at = chance.randrange(len(plain))
        changed_list = list(plain)
        match chance.randrange(6):
            case 0:
                del changed_list[at]
            case 1:
                changed_list += [plain[at]] * chance.choice((1, 1, 2, 300))
            case 2:
                chance.shuffle(changed_list)
            case _:
                changed_list[at] = _value(plain[at], chance, depth + 1)
        return changed_list
    if isinstance(plain, str) and plain and chance.random() < 0.6:
        return _text(plain, chance)
    return copy.deepcopy(chance.choice(VALUES))


def _text(text: str, chance: Random) -> str:
    try:
        within = b64decode(text, validate=True)
    except ValueError:
        within = b""
    if within and chance.random() < 0.8:
        return b64encode(mutated(within, chance)).decode("ascii")
    at = chance.randrange(len(text))
    return text[:at] + chance.choice(("", "0", "\n", "\u200b", "é", text)) + text[at + 1 :]


def _bytes(data: bytes, chance: Random) -> bytes:
    whole = bytearray(data or b"\0")
    at = chance.randrange(len(whole))
    match chance.randrange(6):
        case 0:
            whole[at] ^= 1 << chance.randrange(8)
        case 1:
            del whole[at : at + chance.choice((1, 2, 8, 60))]
        case 2:
            whole[at:at] = chance.choice(PIECES)
        case 3:
            whole[at : at + chance.choice((1, 4, 20))] = chance.choice(PIECES)
        case 4:
            del whole[at:]
        case _:
            end = at + chance.choice((1, 8, 60, 400))
            whole[at:at] = whole[at:end] * chance.choice((1, 2, 50))
    return bytes(whole)
