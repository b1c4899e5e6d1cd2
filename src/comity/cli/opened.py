"""Opening a node from a command: its folder, passphrase and clock."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from comity.errors import ActError, UsageError

if TYPE_CHECKING:
    from comity.node.node import Node

Function = TypeVar("Function", bound=Callable[..., Any])
MAX_PASSPHRASE = 1_024


class Moment(click.ParamType[datetime]):
    """An instant, written as 2026-01-31T12:00:00Z."""

    name = "instant"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        from comity.core.strict import instant

        if isinstance(value, datetime):
            return value
        try:
            return instant(value, "it")
        except ActError:
            self.fail(f"'{value}' is no instant; write it in UTC: 2026-01-31T12:00:00Z", param, ctx)


MOMENT = Moment()


def at_option(function: Function) -> Function:
    """Add --at INSTANT, the clock of an exercise."""
    return click.option("--at", "at", type=MOMENT)(function)


def passphrase_option(function: Function) -> Function:
    """Add --passphrase-file FILE."""
    return click.option("-p", "--passphrase-file", "passphrase_file")(function)


def passphrase(file: str | None, *, new: bool = False) -> bytes:
    """Return the passphrase: out of a private file, or typed at a terminal without echo.

    Raises
    ------
    UsageError
        If there is neither, or it is empty or too long.
    """
    if file is not None:
        return _out_of(file)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            "the passphrase is missing, and nobody is here to type it",
            hint="put it into a file that you alone can read: --passphrase-file FILE",
        )
    words = "A passphrase for the keys of this node, of several words" if new else "Passphrase"
    typed = click.prompt(words, hide_input=True, confirmation_prompt=new, err=True)
    return str(typed).encode()


def _out_of(file: str) -> bytes:
    from comity.node.files import check_private

    path = Path(file)
    try:
        if not path.is_file():
            raise UsageError(f"there is no file {file}", hint="name the file with the passphrase")
        check_private(path)
        with path.open("rb") as stream:
            data = stream.read(MAX_PASSPHRASE + 1).rstrip(b"\r\n")
    except OSError as wrong:
        raise UsageError(
            f"{file} cannot be read: {(wrong.strerror or 'unknown').lower()}",
            hint="name the file with the passphrase",
        ) from None
    if not data or len(data) > MAX_PASSPHRASE:
        raise UsageError(
            f"{file} is {'empty' if not data else 'too long for a passphrase'}",
            hint="put one line of several words into it",
        )
    return data


@contextmanager
def opened(
    folder: str, passphrase_file: str | None, at: datetime | None, secret: bytes | None = None
) -> Iterator[Node]:
    """Open a node that will sign or keep something; `secret` is a passphrase that was asked for."""
    from comity.node.folder import open_folder
    from comity.node.node import Node, utc_now

    path = Path(folder)
    _check_clock(path, at)
    open_folder(path)  # what is wrong with the folder is told before anybody types
    word = passphrase(passphrase_file) if secret is None else secret
    with Node.open(path, word, now=_clock(at) or utc_now) as node:
        yield node


@contextmanager
def looked(folder: str, at: datetime | None = None) -> Iterator[Node]:
    """Open a node for reading alone: without its passphrase, and beside the node that runs."""
    from comity.node.node import Node, utc_now

    path = Path(folder)
    _check_clock(path, at)
    with Node.look(path, now=_clock(at) or utc_now) as node:
        yield node


def _clock(at: datetime | None) -> Callable[[], datetime] | None:
    return None if at is None else lambda: at


def _check_clock(path: Path, at: datetime | None) -> None:
    """Refuse another clock than the machine's, but for an exercise."""
    from comity.node.folder import Folder

    folder = Folder(path)
    if at is None or not folder.is_founded or folder.read_founding().exercise:
        return
    raise UsageError(
        f"{path} is a node of a real coalition, and its clock is this machine's",
        hint="leave out --at, which is for exercises",
    )
