"""The values of a scenario's file that a charter's has not: instants, ids, spans, parties."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from difflib import get_close_matches
from typing import Literal

from comity.core.charter import Charter, Reference
from comity.core.constitution import COALITION
from comity.core.fields import Table, shown
from comity.core.source import Decimal

EXAMPLE = '"2026-01-31T09:00:00Z"'
MAX_MINUTES = 527_040
MAX_PARTIES = 1_000
MAX_PARAGRAPHS = 200
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(slots=True)
class Names:
    """What names in a scenario's file may stand for.

    Parameters
    ----------
    charters
        The charter that the exercise is founded on, and those that moves amend
        it to; empty where it cannot be read: then no name of it is checked.
    """

    charters: list[Charter] = field(default_factory=list)
    sources: dict[str, Reference] = field(default_factory=dict)
    matters: set[str] = field(default_factory=set)
    start: datetime | None = None
    end: datetime | None = None
    _chosen: dict[tuple[str, str, date], frozenset[str]] = field(default_factory=dict)

    @property
    def members(self) -> tuple[str, ...]:
        """Members of all charters, each once."""
        return tuple(dict.fromkeys(code for one in self.charters for code in one.members))

    @property
    def parties(self) -> tuple[str, ...]:
        """Members and participants of all charters, each once."""
        return tuple(dict.fromkeys(code for one in self.charters for code in one.order))

    @property
    def organs(self) -> tuple[str, ...]:
        """Organs of all charters, and the one that every coalition has."""
        named = (organ for one in self.charters for organ in one.organs)
        return tuple(dict.fromkeys((*named, COALITION)))

    def day(self, instant: datetime | None) -> date:
        """Return the day on which rosters are looked at."""
        known = instant or self.start
        return known.date() if known else self.charters[0].dated

    def seats(self, organ: str, on: date) -> frozenset[str]:
        """Return who sits in an organ on a day."""
        return self._once("seats", organ, on)

    def proposers(self, organ: str, on: date) -> frozenset[str]:
        """Return who may propose in an organ on a day."""
        return self._once("propose", organ, on)

    def _once(self, which: Literal["seats", "propose"], organ: str, on: date) -> frozenset[str]:
        """Return whom an organ's selectors name, looked up once for each day."""
        key = (which, organ, on)
        if key not in self._chosen:
            self._chosen[key] = frozenset(
                code
                for one in self.charters
                if (found := one.organs.get(organ))
                for code in one.select(getattr(found, which), on, found)
            )
        return self._chosen[key]

    def readers(self, organ: str, on: date) -> frozenset[str]:
        """Return who reads an organ on a day."""
        if organ == COALITION:
            return frozenset(
                member.code
                for one in self.charters
                for member in one.members.values()
                if member.belongs(on)
            )
        return self.seats(organ, on) | self.proposers(organ, on)


def word(table: Table, key: str, options: Sequence[str], *, required: bool = True) -> str:
    """Return one of some words; empty where it is none of them, which is then a fault."""
    if not required and not table.has(key):
        table.asked.append(key)
        return ""
    told = table.choice(key, options)
    return told if table.data.get(key) == told else ""


def line(table: Table, key: str, *, required: bool = False, limit: int = 200) -> str:
    """Return a text without line breaks."""
    told = table.text(key, required=required, limit=limit)
    if "\n" in told:
        table.fault(key, "it has a line break", "write it in one line")
    return told


def instant(table: Table, key: str, names: Names, *, required: bool = False) -> datetime | None:
    """Return an instant in UTC, between the first and the last of the exercise where known."""
    table.asked.append(key)
    if key not in table.data:
        if required:
            table.missing[key] = EXAMPLE
        return None
    value = table.data[key]
    try:
        if not isinstance(value, str) or not _INSTANT.fullmatch(value):
            raise ValueError
        told = datetime.fromisoformat(value).astimezone(UTC)
    except ValueError:
        table.fault(
            key,
            f"{shown(value)} is not an instant in UTC, to the second, with its Z",
            f"write {key} = {EXAMPLE}",
        )
        return None
    for bound, falls, outside in (
        (names.start, names.start is not None and told < names.start, "before the exercise starts"),
        (names.end, names.end is not None and told > names.end, "after the exercise ends"),
    ):
        if falls and bound is not None:
            table.fault(
                key,
                f"{value} is {outside}, {spelt(bound)}",
                "correct it, or move the start or the end under [scenario]",
            )
            return None
    return told


def spelt(moment: datetime) -> str:
    """Write an instant as a scenario does."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def days(table: Table, key: str, *, required: bool = False) -> tuple[date, ...]:
    """Return a list of days, in order and each once."""
    table.asked.append(key)
    if key not in table.data:
        if required:
            table.missing[key] = "[2026-01-31]"
        return ()
    value = table.data[key]
    if not isinstance(value, list) or not all(
        isinstance(day, date) and not isinstance(day, datetime) for day in value
    ):
        table.fault(key, "it is not a list of days", f"write {key} = [2026-01-31]")
        return ()
    if required and not value:
        table.fault(key, "it names no day", f"write {key} = [2026-01-31]")
    if sorted(set(value)) != value:
        table.fault(key, "the days are not in order, or one is there twice", "put them in order")
    if len(value) > MAX_PARTIES:
        table.fault(key, f"the list has {len(value):,} days", f"use at most {MAX_PARTIES:,}")
        return ()
    return tuple(value)


def span(
    table: Table, key: str, usual: tuple[int, int], high: int, *, apart: bool = False
) -> tuple[int, int]:
    """Return two whole numbers in order, from nothing to `high`."""
    table.asked.append(key)
    if key not in table.data:
        return usual
    value = table.data[key]
    if (
        not isinstance(value, list)
        or len(value) != 2
        or not all(isinstance(n, int) and not isinstance(n, bool) for n in value)
        or not 0 <= value[0] <= value[1] <= high
        or (apart and value[0] == value[1])
    ):
        table.fault(
            key,
            f"it is not two whole numbers from 0 to {high:,}, the smaller first",
            f"write {key} = [{usual[0]}, {usual[1]}]",
        )
        return usual
    return value[0], value[1]


def amount(table: Table, key: str, *, required: bool = False, default: str = "") -> str:
    """Return a quantity as an act writes it: a string of digits."""
    told = table.text(key, required=required, limit=64, default=default)
    if told and not _AMOUNT.fullmatch(told):
        table.fault(key, f'"{told}" is not a quantity', f'write {key} = "2" or "1.5"')
    return told


def file_name(table: Table, key: str, told: str) -> bool:
    """Tell whether a text can name a file beside the scenario; note a fault where it cannot."""
    if _FILE.fullmatch(told) and ".." not in told:
        return True
    table.fault(
        key,
        f"{shown(told)} is not the name of a file beside the scenario",
        f'put the file into the scenario\'s folder, and write {key} = "charter.toml"',
    )
    return False


def members(table: Table, key: str, names: Names, *, required: bool = False) -> tuple[str, ...]:
    """Return members by their codes, each once."""
    return _codes(table, key, names.members if names.charters else None, "member", required)


def parties(table: Table, key: str, names: Names) -> tuple[str, ...]:
    """Return members and participants by their codes, each once."""
    known = names.parties if names.charters else None
    return _codes(table, key, known, "member or participant", False)


def _codes(
    table: Table, key: str, known: Collection[str] | None, what: str, required: bool
) -> tuple[str, ...]:
    told = table.texts(key, limit=MAX_PARTIES, required=required)
    if required and table.data.get(key) == []:
        table.fault(key, "it names nobody", f'write {key} = ["..."]')
    if len(set(told)) < len(told):
        table.fault(key, "a code stands there twice", "leave one of the two out")
    for code in dict.fromkeys(told):
        if known is not None:
            named(table, key, code, known, what)
    return told


def member(table: Table, key: str, names: Names, *, required: bool = True) -> str:
    """Return a member by its code."""
    told = table.text(key, required=required, limit=32)
    if names.charters:
        named(table, key, told, names.members, "member")
    return told


def named(table: Table, key: str, told: str, known: Collection[str], what: str) -> bool:
    """Tell whether the charter has a name; note a fault where it has not."""
    if not told or told in known:
        return bool(told)
    near = get_close_matches(told[:64], known, n=1) if not table.faults.full else []
    if not near:
        folded = {name.casefold(): name for name in known}
        near = [folded[told.casefold()]] if told.casefold() in folded else []
    listed = ", ".join(list(known)[:12]) or f"none: the charter has no {what}"
    table.fault(
        key,
        f"the charter has no {what} called '{told[:64]}'",
        f"did you mean '{near[0]}'?" if near else f"use one of: {listed}",
    )
    return False


def source(table: Table, names: Names, *, required: bool = False) -> str:
    """Return the name of a source of the scenario."""
    told = table.text("source", required=required, limit=64)
    return table.known("source", told, names.sources, "source")


def paragraphs(
    table: Table, key: str, *, required: bool = False, only: bool = False
) -> tuple[str, ...]:
    """Return a list of paragraphs, none empty; `only` one where just one can be said."""
    told = table.texts(key, limit=MAX_PARAGRAPHS, required=required)
    if (required and table.data.get(key) == []) or not all(one.strip() for one in told):
        table.fault(key, "a paragraph is empty, or there is none", f'write {key} = ["..."]')
    elif only and len(told) > 1:
        table.fault(key, f"there are {len(told)} paragraphs where one is said", "join them")
    return told


def is_text(value: object) -> bool:
    """Tell whether a value of the file is a text."""
    return isinstance(value, str) and not isinstance(value, Decimal)
