"""A finding written to a file, in the format that the file's name asks for."""

from __future__ import annotations

import json as _json
from collections.abc import Callable
from pathlib import Path

from comity.errors import UsageError
from comity.examine.finding import Finding
from comity.report.chart import png, svg
from comity.report.marked import markdown
from comity.report.page import html
from comity.report.sheets import csv, xlsx
from comity.report.text import terminal
from comity.report.word import docx


def json(finding: Finding) -> str:
    """Return a finding as JSON text, unrounded; keys in docs/reference/finding.md."""
    return _json.dumps(finding.to_json(), ensure_ascii=False, indent=2) + "\n"


_FORMATS: dict[str, Callable[[Finding], str | bytes]] = {
    ".csv": csv,
    ".docx": lambda finding: docx([finding], finding.question),
    ".html": lambda finding: html([finding], finding.question),
    ".json": json,
    ".md": lambda finding: markdown([finding], finding.question),
    ".png": png,
    ".svg": svg,
    ".txt": lambda finding: terminal(finding) + "\n",
    ".xlsx": xlsx,
}


def write(finding: Finding, path: Path | str) -> tuple[Path, ...]:
    """Write a finding in the format that the end of the path names.

    A CSV file holds one table: further tables, and further charts of an SVG or
    PNG file, go beside it, as `NAME-TABLE.csv` and `NAME-2.svg`.

    Returns
    -------
    tuple of Path
        The files written, the one asked for first.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix == ".pdf":
        raise UsageError(
            "a finding is not written as PDF here",
            hint=f"write {path.with_suffix('.html').name} and print it from a browser",
        )
    if suffix not in _FORMATS:
        raise UsageError(
            f"no format is called {suffix!r}" if suffix else f"{path.name} names no format",
            hint="end the name in one of: " + " ".join(_FORMATS),
        )
    contents: list[tuple[Path, str | bytes]] = [(path, _FORMATS[suffix](finding))]
    if suffix == ".csv":
        contents += [
            (path.with_name(f"{path.stem}-{table.name}.csv"), csv(finding, table.name))
            for table in finding.tables[1:]
        ]
    elif suffix in (".svg", ".png"):
        draw = svg if suffix == ".svg" else png
        contents += [
            (path.with_name(f"{path.stem}-{i + 1}{suffix}"), draw(finding, i))
            for i in range(1, len(finding.charts))
        ]
    for where, content in contents:
        held = content.encode("utf-8") if isinstance(content, str) else content
        try:
            where.write_bytes(held)
        except OSError as error:
            raise UsageError(
                f"{where} cannot be written: {error.strerror}", hint="name another place"
            ) from None
    return tuple(where for where, _ in contents)
