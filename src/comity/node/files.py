"""Files for one account alone, written whole or not at all."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from comity.errors import ComityError


class StoreError(ComityError):
    """What a node keeps cannot be read or written; its operator can mend it."""

    code: ClassVar[str] = "store"


def check_private(path: Path) -> None:
    """Refuse a file or folder that other accounts can read or write.

    Raises
    ------
    StoreError
        With the command that mends it.
    """
    held = path.stat()
    if stat.S_IMODE(held.st_mode) & 0o077:
        mode = "700" if stat.S_ISDIR(held.st_mode) else "600"
        raise StoreError(
            f"other accounts can get at {path}", hint=f"keep it for yourself: chmod {mode} {path}"
        )


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, for this account alone; it is on disk on return.

    Whoever opens the file at any instant, a crash included, finds the old bytes
    or the new ones.

    Raises
    ------
    StoreError
        If the disk refuses.
    """
    beside = path.with_name(f".{path.name}.new")
    try:
        with suppress(FileNotFoundError):
            beside.unlink()
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        sync_folder(path.parent)
    except OSError as wrong:
        with suppress(OSError):
            beside.unlink()
        raise StoreError(
            f"{path} cannot be written: {wrong.strerror}",
            hint="see whether the disk is full and the folder is yours; the old file is unchanged",
        ) from None


def sync_folder(path: Path) -> None:
    """Put the names in a folder on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
