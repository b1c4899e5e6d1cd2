"""Scenarios on disk: a file or a folder by its path, read bounded, with the files beside it."""

from __future__ import annotations

from pathlib import Path

from comity.core.source import MAX_BYTES
from comity.errors import UsageError
from comity.exercise.reading import Beside, read_scenario
from comity.exercise.scenario import Scenario

FILE = "scenario.toml"


def load_path(path: Path) -> Scenario:
    """Read a scenario from a TOML file, or from a folder with a `scenario.toml`.

    Raises
    ------
    UsageError
        If there is no such file.
    ScenarioError
        If the file is no scenario; with all its faults.
    """
    return read_scenario(*text_of(path))


def text_of(path: Path) -> tuple[bytes, Beside]:
    """Return the text of a scenario, at most one byte over the bound, and the files beside it."""
    try:
        path = path / FILE if path.is_dir() else path
        told = _bounded(path)
    except OSError as error:
        raise UsageError(
            f"the scenario {path} cannot be read: {(error.strerror or 'unknown').lower()}",
            hint="give the path of a TOML file or its folder, or a name from: comity exercise list",
        ) from None
    except ValueError:
        raise UsageError(
            "a path cannot hold such a character", hint="give the path of a TOML file"
        ) from None
    return told, lambda file: _beside(path.parent, file)


def _beside(folder: Path, file: str) -> bytes | None:
    """Read a file of a folder; one that only points elsewhere is not there."""
    found = folder / file
    try:
        return None if found.is_symlink() or not found.is_file() else _bounded(found)
    except OSError:
        return None


def _bounded(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)
