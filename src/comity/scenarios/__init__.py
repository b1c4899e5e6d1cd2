"""The shipped scenarios, by name, and scenarios read from a folder or a file.

A shipped scenario is a folder: `scenario.toml`, and the charters that it names.
"""

from __future__ import annotations

from difflib import get_close_matches
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from comity.errors import UsageError
from comity.exercise.reading import Beside, read_scenario
from comity.exercise.scenario import Scenario
from comity.exercise.scenario_files import FILE, text_of


def names() -> tuple[str, ...]:
    """Return the names of the shipped scenarios, in alphabetical order."""
    room = resources.files(__name__)
    return tuple(sorted(one.name for one in room.iterdir() if (one / FILE).is_file()))


def load(name: str) -> Scenario:
    """Read a scenario: a shipped one by name, or any by its path.

    Parameters
    ----------
    name
        A name from `names`, or the path of a TOML file or of a folder with a
        `scenario.toml` (with a ``/`` or ending in ``.toml``, or a folder that is there).

    Raises
    ------
    UsageError
        If there is no such scenario or file.
    ScenarioError
        If the file is no scenario; with all its faults.

    Examples
    --------
    >>> load("club-of-seven").desk
    'Brill'
    """
    return read_scenario(*text(name))


def text(name: str) -> tuple[bytes, Beside]:
    """Return the text of a scenario, at most one byte over the bound, and the files beside it."""
    if "/" in name or name.endswith(".toml") or (name not in names() and _is_folder(name)):
        return text_of(Path(name))
    known = names()
    if name not in known:
        near = get_close_matches(name[:64], known, n=1)
        raise UsageError(
            f"no scenario is called '{name[:64]}'",
            hint=f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}",
        )
    folder = resources.files(__name__) / name
    return (folder / FILE).read_bytes(), lambda file: _shipped(folder, file)


def _shipped(folder: Traversable, file: str) -> bytes | None:
    found = folder / file
    return found.read_bytes() if found.is_file() else None


def _is_folder(name: str) -> bool:
    try:
        return Path(name).is_dir()
    except (OSError, ValueError):
        return False
