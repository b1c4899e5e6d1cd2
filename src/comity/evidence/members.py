"""Which members a text of codes and groups stands for, and the shortest way to write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from comity.errors import EvidenceError
from comity.evidence.figures import Figures

__all__ = ["members_of", "name"]

MOST_MEMBERS = 1_000
_TOKEN = re.compile(r"-?[A-Z0-9_]{2,40}")


def members_of(evidence: Figures, text: str, *, on: date | None = None) -> tuple[str, ...]:
    """Return the codes that a list of codes and groups stands for, each once, in its order.

    Examples
    --------
    >>> from comity.evidence import load
    >>> members_of(load(), "E5,UKR,-DEU")
    ('FRA', 'GBR', 'ITA', 'POL', 'UKR')
    """
    parts = text.split(",")
    if len(parts) > MOST_MEMBERS:
        raise EvidenceError(
            f"{len(parts):,} members are named; {MOST_MEMBERS:,} is the most",
            hint="name a group instead, such as EU or COALITION_2026_01",
        )
    chosen: dict[str, None] = {}
    for part in parts:
        if not _TOKEN.fullmatch(part):
            raise EvidenceError(
                f"{part[:40]!r} is neither a country code nor a group",
                hint="write codes with commas between them, such as FRA,GBR,UKR",
            )
        code = part.removeprefix("-")
        if code in evidence.countries:
            codes: tuple[str, ...] = (code,)
        elif code in evidence.groups():
            codes = evidence.group(code, on=on)
        else:
            raise EvidenceError(
                f"{code!r} is neither a country code (ISO 3166-1 alpha-3) nor a group",
                hint="groups are: " + ", ".join(evidence.groups()),
            )
        for one in codes:
            if part.startswith("-"):
                chosen.pop(one, None)
            else:
                chosen[one] = None
    if not chosen:
        raise EvidenceError(f"{text[:120]!r} leaves no member", hint="name at least one member")
    return tuple(chosen)


def name(evidence: Figures, members: Sequence[str], *, on: date | None = None) -> str:
    """Return the shortest stable way to write members: a group less a few, or their codes."""
    have = tuple(members)
    best = ",".join(have)
    for group in evidence.groups():
        base = evidence.group(group, on=on)
        if len(base) < 5:
            continue
        gone = [m for m in base if m not in have]
        new = [m for m in have if m not in base]
        text = ",".join([group, *(f"-{m}" for m in gone), *new])
        if len(text) < len(best):
            best = text
    return best
