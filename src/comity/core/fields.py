"""Typed access to a file's values that collects every fault instead of stopping at the first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from fractions import Fraction

from comity.core.source import Decimal, Fault, Path, Source, hidden_character

MAX_FAULTS = 200
MAX_TEXT = 4_000
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,31}")
_ID = re.compile(r"[a-z][a-z0-9-]{0,63}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_AMOUNT = re.compile(r"(\d{1,18})(?:\.(\d{1,12}))?\s*%|(\d{1,18})/(\d{1,18})")
_DECIMAL = re.compile(r"[+-]?\d{1,18}(\.\d{1,18})?")


class Faults:
    """The faults of one file, in the order they were found, up to a bound."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.found: list[Fault] = []
        self.paths: list[Path] = []

    @property
    def full(self) -> bool:
        """Whether there are so many that no more are noted."""
        return len(self.found) >= MAX_FAULTS

    def add(self, path: Path, what: str, remedy: str) -> None:
        """Note a fault at a key; what a reader could not see in its words shows as ``?``."""
        if not self.full:
            words = (visible(dotted(path)), visible(what), visible(remedy))
            fault = Fault(self.source.line(path), *words)
            if fault not in self.found:
                self.found.append(fault)
                self.paths.append(path)

    def touch(self, *around: str | int) -> bool:
        """Tell whether a fault was found at or below a key."""
        return any(path[: len(around)] == around for path in self.paths)

    def sorted(self) -> tuple[Fault, ...]:
        """Return them in the order of the file."""
        return tuple(sorted(self.found))


def dotted(path: Path) -> str:
    """Write a key path as it stands in TOML, with list items counted from 1."""
    told = ""
    for key in path:
        if isinstance(key, int):
            told += f"[{key + 1}]"
        else:
            shown_key = key[:64] if _BARE.fullmatch(key) else f'"{key[:64]}"'
            told += f".{shown_key}" if told else shown_key
    return told


def visible(text: str) -> str:
    """Return a text with every character that a terminal would act on shown as ``?``."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else "?" for c in text)


class Table:
    """One table of the file: asks for its keys by type, notes what is wrong with them."""

    def __init__(self, data: Mapping[str, object], path: Path, faults: Faults) -> None:
        self.data = data
        self.path = path
        self.faults = faults
        self.asked: list[str] = []
        self.missing: dict[str, str] = {}  # required keys that are not there, with an example

    def fault(self, key: str | int | None, what: str, remedy: str) -> None:
        """Note a fault at one of its keys, or at the table itself."""
        self.faults.add(self.path if key is None else (*self.path, key), what, remedy)

    def has(self, key: str) -> bool:
        """Tell whether a key is there."""
        return key in self.data

    def _get(self, key: str, *, required: bool, example: str) -> object:
        self.asked.append(key)
        if key not in self.data:
            if required:
                self.missing[key] = example
            return None
        return self.data[key]

    def _wrong(self, key: str, value: object, wanted: str, example: str) -> None:
        self.fault(key, f"{shown(value)} is not {wanted}", f"write {key} = {example}")

    def text(
        self, key: str, *, required: bool = False, limit: int = MAX_TEXT, default: str = ""
    ) -> str:
        """Return a text: NFC, without characters a reader cannot see."""
        value = self._get(key, required=required, example='"..."')
        if value is None:
            return default
        if not isinstance(value, str) or isinstance(value, Decimal):
            self._wrong(key, value, "text", '"..."')
            return default
        if not value.strip() and required:
            self.fault(key, "it is empty", f'write {key} = "..."')
        return self._clean(key, value, limit)

    def _clean(self, key: str | int, value: str, limit: int) -> str:
        if len(value) > limit:
            self.fault(
                key,
                f"the text has {len(value):,} characters",
                f"use at most {limit:,}",
            )
            return value[:limit]
        hidden = hidden_character(value)
        if hidden:
            self.fault(key, f"it holds a character nobody can see ({hidden})", "type it anew")
        return unicodedata.normalize("NFC", value)

    def identifier(self, key: str, *, required: bool = True) -> str:
        """Return a short lower-case name such as ``larch-league``."""
        value = self.text(key, required=required, limit=64)
        if value and not _ID.fullmatch(value):
            self._wrong(key, value, "a name of small letters, digits and hyphens", '"some-name"')
        return value

    def choice(self, key: str, options: Sequence[str], *, default: str = "") -> str:
        """Return one of some words; required where there is no default."""
        words = " or ".join(f'"{o}"' for o in options)
        value = self._get(key, required=not default, example=words)
        if value is None:
            return default or options[0]
        if not isinstance(value, str) or value not in options:
            near = get_close_matches(value[:64], options, n=1) if isinstance(value, str) else []
            self._wrong(
                key, value, f"one of: {', '.join(options)}", f'"{near[0]}"' if near else words
            )
            return default or options[0]
        return value

    def day(self, key: str, *, required: bool = False) -> date | None:
        """Return a day."""
        value = self._get(key, required=required, example="2026-01-31")
        if value is None:
            return None
        if not isinstance(value, date) or isinstance(value, datetime):
            self._wrong(key, value, "a day", "2026-01-31 (without quotes)")
            return None
        return value

    def whole(
        self, key: str, low: int, high: int, *, required: bool = False, default: int | None = None
    ) -> int | None:
        """Return a whole number from `low` to `high`."""
        value = self._get(key, required=required, example=str(low))
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self._wrong(key, value, f"a whole number from {low} to {high:,}", str(low))
            return default
        return value

    def hours(self, key: str) -> float | None:
        """Return a period in hours, from nothing to ten years."""
        value = self._get(key, required=False, example="24")
        if value is None:
            return None
        exact = exact_number(value)
        if exact is None or not 0 <= exact <= 87_660:
            self._wrong(key, value, "a number of hours up to 87,660", "24")
            return None
        return float(exact)

    def yes_or_no(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self._get(key, required=False, example="true")
        if value is None:
            return default
        if not isinstance(value, bool):
            self._wrong(key, value, "true or false", "true (without quotes)")
            return default
        return value

    def quantity(self, key: str, *, required: bool = False) -> Fraction | None:
        """Return an exact number that is not negative."""
        value = self._get(key, required=required, example="100")
        if value is None:
            return None
        exact = exact_number(value)
        if exact is None or exact < 0:
            self._wrong(key, value, "a number that is not negative, with at most 18 digits", "100")
            return None
        return exact

    def share(self, key: str, *, required: bool = False) -> Fraction | None:
        """Return a share such as ``"55 %"`` or ``"2/3"``, exactly; from nothing to all."""
        value = self._get(key, required=required, example='"2/3"')
        if value is None:
            return None
        exact = share_of(value)
        if exact is None:
            self._wrong(key, value, "a share from 0 to 1", '"55 %" or "2/3"')
        return exact

    def texts(self, key: str, *, limit: int = 1_000, required: bool = False) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self._get(key, required=required, example='["..."]')
        if value is None:
            return ()
        if not isinstance(value, list):
            self._wrong(key, value, "a list of texts", '["..."]')
            return ()
        if len(value) > limit:
            self.fault(key, f"the list has {len(value):,} items", f"use at most {limit:,}")
            return ()
        told: list[str] = []
        for item in value:
            if not isinstance(item, str) or isinstance(item, Decimal):
                self._wrong(key, item, "text", '["..."]')
            else:
                told.append(self._clean(key, item, MAX_TEXT))
        return tuple(told)

    def table(self, key: str, *, required: bool = False) -> Table | None:
        """Return a table inside this one."""
        value = self._get(key, required=required, example="{ ... }")
        if value is None:
            return None
        if not isinstance(value, dict):
            self.fault(
                key,
                f"{shown(value)} is not a table",
                f"write {key} = {{ ... }}"
                if any(isinstance(part, int) for part in self.path)
                else f"write it as [{dotted((*self.path, key))}]",
            )
            return None
        return Table(value, (*self.path, key), self.faults)

    def tables(self, key: str, *, limit: int = 1_000) -> Iterator[Table]:
        """Yield the tables of a list of tables."""
        value = self._get(key, required=False, example="[{ ... }]")
        if value is None:
            return
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            what = "the list holds something else than tables"
            self.fault(
                key,
                what if isinstance(value, list) else f"{shown(value)} is not a list of tables",
                f"write {key} = [{{ ... }}, {{ ... }}]",
            )
            return
        if len(value) > limit:
            self.fault(key, f"the list has {len(value):,} items", f"use at most {limit:,}")
            return
        for index, item in enumerate(value):
            yield Table(item, (*self.path, key, index), self.faults)

    def named(
        self, key: str, *, limit: int, what: str, codes: bool = False
    ) -> Iterator[tuple[str, Table]]:
        """Yield the named tables of a table of tables, with a bound on how many there are."""
        inner = self.table(key)
        if inner is None:
            return
        if len(inner.data) > limit:
            self.fault(key, f"there are {len(inner.data):,} {what}", f"use at most {limit:,}")
            return
        for name in inner.data:
            if self.faults.full:
                return
            made = inner.table(name)
            if made is not None:
                inner.check_name(name, codes=codes)
                yield name, made

    def known(self, key: str | int, value: str, names: Collection[str], what: str) -> str:
        """Note a fault where a value names nothing of `names`, and return the value."""
        if value and value not in names:
            near = get_close_matches(value[:64], names, n=1) if not self.faults.full else []
            listed = ", ".join(list(names)[:12]) or f"none: the file declares no {what}"
            self.fault(
                key,
                f"no {what} is called '{value[:64]}'",
                f"did you mean '{near[0]}'?" if near else f"use one of: {listed}",
            )
        return value

    def check_name(self, name: str, *, codes: bool = False) -> None:
        """Note a fault where a key cannot be a name, or a member's code."""
        if codes and not _CODE.fullmatch(name):
            self.fault(
                name,
                f"'{name[:64]}' cannot be a code",
                "use a letter and then up to 31 letters, digits or hyphens",
            )
        elif not _NAME.fullmatch(name):
            self.fault(
                name,
                f"'{name[:64]}' cannot be a name",
                "use up to 64 letters, digits, hyphens and underscores",
            )

    def done(self) -> None:
        """Note every key that nobody asked for, and every one that is missing.

        A key that was misspelt is one fault, not two.
        """
        for key in self.data:
            if key not in self.asked and not self.faults.full:
                near = get_close_matches(key[:64], self.asked, n=1, cutoff=0.6)
                self.fault(
                    key,
                    f"nothing here is called '{key[:64]}'",
                    f"did you mean '{near[0]}'?"
                    if near
                    else f"leave it out; there may be: {', '.join(self.asked)}",
                )
                self.missing.pop(near[0] if near else "", None)
        for key, example in self.missing.items():
            self.fault(None, f"'{key}' is missing", f"add {key} = {example}")


def exact_number(value: object) -> Fraction | None:
    """Return a whole or decimal number exactly; None where it is none or has too many digits."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Fraction(value) if abs(value) < 10**18 else None
    if isinstance(value, Decimal):
        written = value.replace("_", "")
        return Fraction(written) if _DECIMAL.fullmatch(written) else None
    return None


def share_of(value: object) -> Fraction | None:
    """Return a share written as ``"55 %"`` or ``"2/3"``, from 0 to 1; None where it is none."""
    if not isinstance(value, str):
        return None
    found = _AMOUNT.fullmatch(value.strip())
    if found is None:
        return None
    whole, decimals, above, below = found.groups()
    if whole is not None:
        exact = Fraction(f"{whole}.{decimals or 0}") / 100
    elif int(below) == 0:
        return None
    else:
        exact = Fraction(int(above), int(below))
    return exact if exact <= 1 else None


def shown(value: object) -> str:
    """Show a value of the file in a message, cut short and without what cannot be seen."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int) and abs(value) >= 10**18:
        return "a number with more than 18 digits"
    told = str(value)
    told = told[:40] + ("..." if told[40:] else "")
    return f'"{told}"' if isinstance(value, str) and not isinstance(value, Decimal) else told
