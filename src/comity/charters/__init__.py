"""The shipped charters, by name, and charters read from files."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import resources
from pathlib import Path

from comity.core.charter import Charter
from comity.core.reading import read_charter
from comity.core.source import MAX_BYTES
from comity.errors import UsageError


def names() -> tuple[str, ...]:
    """Return the names of the shipped charters, in alphabetical order."""
    room = resources.files(__name__)
    return tuple(sorted(f.name[:-5] for f in room.iterdir() if f.name.endswith(".toml")))


def load(name: str) -> Charter:
    """Read a charter: a shipped one by name, or any file by its path.

    Parameters
    ----------
    name
        A name from `names`, or the path of a TOML file (with a ``/`` or
        ending in ``.toml``).

    Raises
    ------
    UsageError
        If there is no such charter or file.
    CharterError
        If the file is no charter; with all its faults.

    Examples
    --------
    >>> load("un-security-council").organ("council").veto
    ('group:permanent',)
    """
    return read_charter(text(name))


def text(name: str) -> bytes:
    """Return the text of a charter, by name or path, at most one byte over the bound."""
    if "/" in name or name.endswith(".toml"):
        path = Path(name)
        try:
            with path.open("rb") as file:
                return file.read(MAX_BYTES + 1)
        except OSError as error:
            raise UsageError(
                f"the charter file {name} cannot be read: {(error.strerror or 'unknown').lower()}",
                hint="give the path of a TOML file, or a name from: comity charter list",
            ) from None
    known = names()
    if name not in known:
        near = get_close_matches(name[:64], known, n=1)
        raise UsageError(
            f"no charter is called '{name[:64]}'",
            hint=f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}",
        )
    return (resources.files(__name__) / f"{name}.toml").read_bytes()
