"""A file that a user declares, table by table and key by key: bounded, its first fault ends it.

Unlike a charter, whose reader collects every fault with its line (`comity.core.fields`), such a
file is a long list of like rows: the first that is wrong is named by its number.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from comity.core.source import Faulty, read
from comity.errors import UsageError

MOST_BYTES, MOST_TEXT = 1 << 20, 500


def document(text: str, name: str) -> dict[str, Any]:
    """Read TOML within the bounds of every file here: size, nesting, lines; decimals exactly.

    Raises
    ------
    UsageError
        If it is no TOML, is nested too deep, or holds a number nobody can hold.
    """
    try:
        # Bounded first: what reads on is recursive, and slow on long dotted keys.
        read(text)
        return tomllib.loads(text, parse_float=Decimal)
    except Faulty as stopped:
        fault = stopped.fault
        raise UsageError(f"{name}, line {fault.line}: {fault.what}", hint=fault.remedy) from None
    except (ValueError, ArithmeticError, RecursionError):
        raise UsageError(
            f"{name} holds a number that cannot be read", hint="write plain digits"
        ) from None


def tables_in(body: Mapping[str, Any], key: str, name: str) -> list[dict[str, Any]]:
    """Return the tables that a file lists under a key."""
    found = body.get(key, [])
    if not isinstance(found, list) or not all(isinstance(t, dict) for t in found):
        raise UsageError(f"{name}: write [[{key}]] with two brackets")
    return found


def checked_keys(table: Mapping[str, Any], known: set[str], where: str) -> None:
    """Refuse a key that is not known."""
    for key in table:
        if key not in known:
            raise UsageError(
                f"{where}: '{key[:40]}' is not known here",
                hint="known: " + ", ".join(sorted(known)),
            )


def text_in(table: Mapping[str, Any], key: str, where: str) -> str:
    """Return a text; empty where there is none."""
    given = table.get(key, "")
    if not isinstance(given, str) or len(given) > MOST_TEXT:
        raise UsageError(f"{where}: '{key}' must be a text of at most {MOST_TEXT} characters")
    return given.strip()


def names_in(
    given: object, key: str, where: str, *, least: int = 0, most: int | None = None
) -> tuple[str, ...]:
    """Return a list of names, as they stand."""
    if (
        not isinstance(given, list)
        or len(given) < least
        or (most is not None and len(given) > most)
        or not all(isinstance(t, str) and 0 < len(t) <= MOST_TEXT for t in given)
    ):
        raise UsageError(f"{where}: '{key}' must be a list of names")
    return tuple(given)
