"""Charters and scenarios as text: bounded, read as TOML, each value with its line.

The standard library reads TOML but forgets where a value stood. A single pass
over the text, linear in its length, keeps the line of every key and refuses
what is nested too deep before anything recursive sees it.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

MAX_BYTES = 1 << 20
MAX_NESTING = 32
MAX_LINES = 40_000
MAX_VALUES = 100_000
"""Keys and list items in one file, at the most: bounds memory and time, far above any charter."""

Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong in a file: where, what, and how to mend it.

    Parameters
    ----------
    line
        Line in the file, from 1.
    where
        The key, as written in TOML, such as ``organs.council.n``.
    what
        What is wrong, in the reader's own names.
    remedy
        How to mend it.
    """

    line: int
    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        place = f"line {self.line}" + (f", {self.where}" if self.where else "")
        return f"{place}: {self.what}\n  remedy: {self.remedy}"

    def to_json(self) -> dict[str, object]:
        """Return the fault as plain values for JSON."""
        return {
            "line": self.line,
            "where": self.where,
            "what": self.what,
            "remedy": self.remedy,
        }


class Faulty(Exception):  # noqa: N818 - a signal inside the reader, never an answer
    """The text cannot be read any further because of one fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


class Decimal(str):
    """A decimal as written, so that no digit is lost before it is checked."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A TOML file that could be read.

    Parameters
    ----------
    data
        The values, as `tomllib` gives them; decimals as `Decimal`.
    lines
        The line of each key path.
    """

    data: Mapping[str, object]
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int:
        """Return the line of a key, or of the nearest one around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read(text: str | bytes, what: str = "charter") -> Source:
    """Read a TOML file within its bounds.

    Parameters
    ----------
    text
        The file: UTF-8 bytes, or text; at most 1 MiB, nested at most 32 deep.
    what
        What the file is, in one word, for the messages.

    Raises
    ------
    Faulty
        With the first fault that keeps it from being read.
    """
    decoded = _decode(text, what)
    if decoded.count("\n") > MAX_LINES:
        raise Faulty(
            Fault(MAX_LINES + 1, "", f"more than {MAX_LINES:,} lines", f"split the {what} in two")
        )
    scan = _Scan(decoded, what)
    scan.run()
    try:
        data = tomllib.loads(decoded, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise Faulty(_syntax_fault(error, decoded)) from None
    return Source(data, scan.lines)


def _decode(text: str | bytes, what: str) -> str:
    if isinstance(text, str):
        text = text.encode("utf-8", "surrogatepass")
    if len(text) > MAX_BYTES:
        raise Faulty(
            Fault(1, "", f"the file has {len(text):,} bytes; a {what} has at most 1 MiB "
                  "(1,048,576)", f"leave out what is not part of the {what}")
        )  # fmt: skip
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise Faulty(
            Fault(line, "", f"byte 0x{text[error.start]:02x} is not UTF-8 text",
                  "save the file as UTF-8")
        ) from None  # fmt: skip
    if decoded.startswith("\ufeff"):
        raise Faulty(
            Fault(1, "", "the file begins with a byte order mark",
                  "save the file as UTF-8 without a byte order mark (BOM)")
        )  # fmt: skip
    return decoded.replace("\r\n", "\n")


def _syntax_fault(error: ValueError | RecursionError, text: str) -> Fault:
    if isinstance(error, RecursionError):
        return Fault(1, "", "tables or lists are nested too deep",
                     f"nest at most {MAX_NESTING} deep")  # fmt: skip
    told = "".join(c if c.isprintable() else "?" for c in str(error))
    found = re.search(r" \(at line (\d+), column (\d+)\)$", told)
    if found:
        return Fault(int(found[1]), "", f"this is not TOML: {_lower(told[: found.start()])}",
                     f"look at column {found[2]}")  # fmt: skip
    if told.endswith("(at end of document)"):
        return Fault(text.count("\n") + 1, "",
                     f"this is not TOML: {_lower(told.removesuffix(' (at end of document)'))}",
                     "something was opened and not closed before the end")  # fmt: skip
    return Fault(1, "", "a number or date in the file cannot be read",
                 "write whole numbers with at most 18 digits, and dates as 2026-01-31")  # fmt: skip


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def hidden_character(text: str) -> str | None:
    """Return the name of the first character that a reader cannot see, if there is one.

    Control and format characters (among them those that reorder text) let two
    different names look alike; line breaks inside a text are fine.
    """
    if text.isascii() and text.isprintable():
        return None
    for character in text:
        if unicodedata.category(character) in _HIDDEN and character != "\n":
            return unicodedata.name(character, f"U+{ord(character):04X}")
    return None


_SPACE = re.compile(r"(?:[ \t\n]|#[^\n]*+)*+")
_BLANK = re.compile(r"[ \t]*+")
_BARE = re.compile(r"[A-Za-z0-9_-]++")
_BASIC = re.compile(r'"(?:[^"\\\n]|\\[^\n])*+"')
_LITERAL = re.compile(r"'[^'\n]*+'")
_LONG_BASIC = re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*+"""(?:"{1,2}(?!"))?', re.DOTALL)
_LONG_LITERAL = re.compile(r"'''(?:[^']|'(?!''))*+'''(?:'{1,2}(?!'))?", re.DOTALL)
_SCALAR = re.compile(r"[^\s,\]}#][^\n,\]}#]*+")


class _Scan:
    """One pass over TOML text that remembers lines; stops where the text is not TOML."""

    def __init__(self, text: str, what: str) -> None:
        self.text = text
        self.what = what
        self.at = 0
        self.lines: dict[Path, int] = {}
        self.breaks = [i for i, character in enumerate(text) if character == "\n"]
        self.counters: dict[Path, int] = {}

    def run(self) -> None:
        table: Path = ()
        while True:
            self._skip(_SPACE)
            if self.at >= len(self.text):
                return
            start = self.at
            if self.text[self.at] == "[":
                double = self.text.startswith("[[", self.at)
                self.at += 2 if double else 1
                keys = self._keys()
                if keys is None:
                    return
                table = self._table(keys, start, list_item=double)
                closing = "]]" if double else "]"
                if not self.text.startswith(closing, self.at):
                    return
                self.at += len(closing)
            elif not self._pair(table):
                return

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _line(self, at: int) -> int:
        return bisect_right(self.breaks, at - 1) + 1 if at else 1

    def _note(self, path: Path, at: int) -> None:
        if path in self.lines:
            return
        if len(self.lines) >= MAX_VALUES:
            raise Faulty(
                Fault(self._line(at), "", f"more than {MAX_VALUES:,} keys and values",
                      f"leave out what is not part of the {self.what}")
            )  # fmt: skip
        self.lines[path] = self._line(at)

    def _table(self, keys: tuple[str, ...], at: int, *, list_item: bool) -> Path:
        path: Path = ()
        for depth, key in enumerate(keys):
            path = (*path, key)
            self._note(path, at)
            last = depth == len(keys) - 1
            if last and list_item:
                self.counters[path] = self.counters.get(path, -1) + 1
            if path in self.counters:
                path = (*path, self.counters[path])
                self._note(path, at)
        return path

    def _keys(self) -> tuple[str, ...] | None:
        keys: list[str] = []
        start = self.at
        while True:
            self._skip(_BLANK)
            for pattern in (_BARE, _BASIC, _LITERAL):
                found = pattern.match(self.text, self.at)
                if found:
                    break
            else:
                return None
            self.at = found.end()
            keys.append(_key_text(found[0]))
            if len(keys) > MAX_NESTING:
                self._too_deep(start)
            self._skip(_BLANK)
            if not self.text.startswith(".", self.at):
                return tuple(keys)
            self.at += 1

    def _too_deep(self, at: int) -> None:
        raise Faulty(
            Fault(self._line(at), "", f"nested more than {MAX_NESTING} deep",
                  "flatten it")
        )  # fmt: skip

    def _pair(self, table: Path) -> bool:
        """Read ``key = value`` at the top level."""
        start = self.at
        keys = self._keys()
        if keys is None or not self.text.startswith("=", self.at):
            return False
        self.at += 1
        path = table
        for key in keys:
            path = (*path, key)
            self._note(path, start)
        return self._value(path)

    def _value(self, path: Path) -> bool:
        """Read one value with everything nested in it, without recursion."""
        open_lists: list[tuple[str, Path, int]] = []  # bracket, path, items so far
        while True:
            self._skip(_SPACE if open_lists and open_lists[-1][0] == "[" else _BLANK)
            here = self.text[self.at : self.at + 1]
            if here in ("[", "{"):
                if len(path) >= MAX_NESTING:
                    self._too_deep(self.at)
                open_lists.append((here, path, 0))
                self.at += 1
                state = self._next_item(open_lists)
            else:
                if not self._scalar():
                    return False
                state = self._after_value(open_lists)
            while state == "closed":
                state = self._after_value(open_lists)
            if state != "value":
                return state == "done"
            bracket, path, items = open_lists[-1]
            if bracket == "[":
                path = (*path, items)
                self._skip(_SPACE)
                self._note(path, self.at)
                open_lists[-1] = (bracket, open_lists[-1][1], items + 1)
            else:
                keyed = self._inline_key(path)
                if keyed is None:
                    return False
                path = keyed

    def _inline_key(self, table: Path) -> Path | None:
        self._skip(_SPACE)
        start = self.at
        keys = self._keys()
        if keys is None or not self.text.startswith("=", self.at):
            return None
        self.at += 1
        path = table
        for key in keys:
            path = (*path, key)
            self._note(path, start)
        return path

    def _next_item(self, open_lists: list[tuple[str, Path, int]]) -> str:
        """After an opening bracket or a comma: another value, or the end of the list."""
        self._skip(_SPACE)
        closing = "]" if open_lists[-1][0] == "[" else "}"
        if self.text.startswith(closing, self.at):
            self.at += 1
            open_lists.pop()
            return "closed"
        return "value"

    def _after_value(self, open_lists: list[tuple[str, Path, int]]) -> str:
        if not open_lists:
            return "done"
        self._skip(_SPACE)
        here = self.text[self.at : self.at + 1]
        if here == ",":
            self.at += 1
            return self._next_item(open_lists)
        if here and here == ("]" if open_lists[-1][0] == "[" else "}"):
            self.at += 1
            open_lists.pop()
            return "closed"
        return "broken"

    def _scalar(self) -> bool:
        for pattern in (_LONG_BASIC, _LONG_LITERAL, _BASIC, _LITERAL, _SCALAR):
            found = pattern.match(self.text, self.at)
            if found:
                self.at = found.end()
                return True
        return False


def _key_text(written: str) -> str:
    if written[0] == "'":
        return written[1:-1]
    if written[0] == '"':
        if "\\" not in written:
            return written[1:-1]
        try:
            return str(tomllib.loads(f"k = {written}")["k"])
        except ValueError:
            return written[1:-1]
    return written
