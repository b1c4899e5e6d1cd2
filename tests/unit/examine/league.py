"""The Larch League, read once for the tests of examine."""

from datetime import date
from functools import cache
from pathlib import Path

from comity.core.charter import Charter
from comity.core.reading import read_charter

FILE = Path(__file__).parents[3] / "examples" / "larch-league.toml"
DAY = date(2026, 1, 1)


@cache
def league() -> Charter:
    return read_charter(FILE.read_bytes())


def changed(old: str, new: str) -> Charter:
    """The league with one passage of its charter exchanged."""
    text = FILE.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the charter"
    return read_charter(text.replace(old, new))
