"""Keeping what a user has imported: one file a source, whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from comity.errors import EvidenceError
from comity.evidence import shelf
from comity.evidence.figure import Figure, Source, figure_id
from comity.evidence.imports.formats import Imported
from comity.evidence.imports.sheet import MOST_UNPACKED

__all__ = ["folder_of", "store", "stored"]


def folder_of(data: str | None = None) -> Path:
    """Return the folder for a user's own figures: given, COMITY_DATA, or the XDG data folder."""
    if data:
        return Path(data).expanduser() / "evidence"
    if os.environ.get("COMITY_DATA"):
        return Path(os.environ["COMITY_DATA"]).expanduser() / "evidence"
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "comity" / "evidence"


def store(folder: Path, imported: Imported) -> Path:
    """Keep an import, whole or not at all; an earlier one of the same name is replaced."""
    source = imported.source
    body = {
        "format": 1,
        "source": {
            "id": source.id,
            "title": source.title,
            "publisher": source.publisher,
            "where": source.where,
            "vintage": source.vintage,
            "published": source.published.isoformat(),
            "retrieved": source.retrieved.isoformat() if source.retrieved else None,
            "licence": source.licence,
            "note": source.note,
        },
        "figures": [
            [f.measure, f.subject, f.year, f.low, f.value, f.high, f.known_from.isoformat(),
             list(f.caveats)]
            for f in imported.figures
        ],
    }  # fmt: skip
    target = folder / f"{source.id}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=folder, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(body, file, ensure_ascii=False, separators=(",", ":"))
                file.flush()
                os.fsync(file.fileno())
            Path(draft).replace(target)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise EvidenceError(
            f"{folder} cannot be written: {error.strerror or error}",
            hint="name another folder with --data DIR",
        ) from None
    return target


def stored(folder: Path) -> tuple[tuple[Figure, ...], dict[str, Source]]:
    """Read everything a user has imported; a later import goes before an earlier one."""
    figures: list[Figure] = []
    sources: dict[str, Source] = {}
    if not folder.is_dir():
        return (), {}
    found: list[tuple[str, Source, list[Any]]] = []
    for path in sorted(folder.glob("own-*.json")):
        try:
            if path.stat().st_size > 2 * MOST_UNPACKED:
                raise ValueError
            body = json.loads(path.read_text(encoding="utf-8"))
            if body["format"] != 1:
                raise ValueError
            s = body["source"]
            source = Source(
                id=s["id"], title=s["title"], publisher=s["publisher"], where=s["where"],
                vintage=s["vintage"], published=date.fromisoformat(s["published"]),
                retrieved=date.fromisoformat(s["retrieved"]) if s["retrieved"] else None,
                licence=s["licence"], note=s["note"], rank=0,
            )  # fmt: skip
            found.append((s["retrieved"] or "", source, body["figures"]))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            raise EvidenceError(
                f"{path} is not a file that `comity evidence import` wrote",
                hint="remove it, or import the source again",
            ) from None
    found.sort(key=lambda item: item[0], reverse=True)
    for order, (_, source, rows) in enumerate(found):
        # The later import wins where two speak of the same year.
        ranked = Source(**{**_fields(source), "rank": order - len(found)})
        sources[source.id] = ranked
        figures.extend(_restored(rows, ranked, folder))
    return tuple(figures), sources


def _fields(source: Source) -> dict[str, Any]:
    return {k: getattr(source, k) for k in Source.__slots__}


def _restored(rows: Iterable[Any], source: Source, folder: Path) -> Iterator[Figure]:
    try:
        for measure, subject, year, low, value, high, known, notes in rows:
            numbers = [n for n in (low, value, high) if n is not None]
            if not all(isinstance(n, int | float) for n in (year, *numbers)) or not all(
                isinstance(text, str) for text in (measure, subject, *notes)
            ):
                raise ValueError
            yield Figure(
                id=figure_id(measure, subject, year, source.id),
                subject=subject,
                measure=measure,
                year=year,
                low=low,
                value=value,
                high=high,
                unit=shelf.measures()[measure].unit,
                source=source.id,
                retrieved=source.retrieved,
                licence=source.licence,
                known_from=date.fromisoformat(known),
                caveats=tuple(notes),
            )
    except (ValueError, KeyError, TypeError):
        raise EvidenceError(
            f"{folder / source.id}.json is not a file that `comity evidence import` wrote",
            hint="remove it, or import the source again",
        ) from None
