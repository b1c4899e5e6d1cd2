"""Words at a terminal: what others wrote, ids, times, and the question before something is signed.

What another member wrote never begins a line, and holds no sign that steers a
terminal: it stands in one line behind our words, or behind a bar.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import click

from comity.errors import UsageError

if TYPE_CHECKING:
    from comity.core.acts import Act

WIDTH = 100


_NOUNS = {
    "propose": "proposal",
    "key": "new key",
    "epoch": "key of an organ",
    "enter": "entering",
    "leave": "notice of withdrawal",
    "attach": "attachment",
    "resume": "joining of ends",
}


def counted(kind: str, count: int) -> str:
    """Say how many acts of a kind there are.

    >>> counted("propose", 2), counted("epoch", 1)
    ('2 proposals', '1 key of an organ')
    """
    noun = _NOUNS.get(kind, kind)
    if count > 1:
        first, _, rest = noun.partition(" of ")
        noun = first + "s" + (f" of {rest}" if rest else "")
    return f"{count:,} {noun}"


def plain(text: str) -> str:
    """Return a stranger's words in one line, and nothing that a terminal would obey.

    >>> plain("one\\ntwo\\x1b[2J")
    'one two?[2J'
    """
    return "".join(c if c.isprintable() else " " if c == "\n" else "?" for c in text)


def barred(text: str, indent: str = "    ") -> list[str]:
    """Return a stranger's longer words, each line behind a bar."""
    lines = []
    for part in text.split("\n"):
        lines += textwrap.wrap(plain(part), WIDTH - len(indent) - 2) or [""]
    return [f"{indent}| {line}".rstrip() for line in lines]


def item(text: str, indent: str = "  ", further: str = "    ") -> str:
    """Return a sentence of ours as an indented line or several."""
    return textwrap.fill(
        plain(text),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=further,
        break_long_words=False,
        break_on_hyphens=False,
    )


def short(name: str) -> str:
    """Return an id as it is shown: enough digits to name it by."""
    return name[:16]


def place(act: Act) -> str:
    """Return where an act stands, and its id: ``council/Arden/2 (3f2a...)``."""
    return f"{'/'.join(map(str, act.place))} ({short(act.id)})"


def moment(at: datetime) -> str:
    """Write an instant for people."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def span(seconds: float) -> str:
    """Say how long something is.

    >>> span(90_000), span(3_660), span(59)
    ('1 day 1 h', '1 h 1 min', '59 s')
    """
    left = int(abs(seconds))
    days, left = divmod(left, 86_400)
    hours, left = divmod(left, 3_600)
    minutes, left = divmod(left, 60)
    parts = [
        f"{days} day{'s' if days != 1 else ''}" if days else "",
        f"{hours} h" if hours else "",
        f"{minutes} min" if minutes else "",
        f"{left} s" if left else "",
    ]
    told = [part for part in parts if part][:2]
    return " ".join(told) or "0 s"


def away(until: datetime, now: datetime) -> str:
    """Say when something is, seen from now."""
    seconds = (until - now).total_seconds()
    if seconds <= 0:
        return f"{span(seconds)} ago" if seconds else "now"
    return f"in {span(seconds)}"


def exercise_line(exercise: bool) -> None:
    """Say first that all of it is a rehearsal, where it is."""
    if exercise:
        click.echo("EXERCISE: nothing here is real")


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal how far long work is; show nothing where nobody watches."""
    if not sys.stderr.isatty():
        yield lambda done, of: None
        return

    def told(done: int, of: int) -> None:
        filled = 30 * done // max(1, of)
        click.echo(f"\r{what} [{'#' * filled:<30}] {done} of {of} ", err=True, nl=False)

    try:
        yield told
    finally:
        click.echo("\r" + " " * (len(what) + 60) + "\r", err=True, nl=False)


@contextmanager
def counting_steps() -> Iterator[Callable[[str, int, int], None]]:
    """Show on a terminal how far work of several steps is."""
    with ExitStack() as stack:
        steps: dict[str, Callable[[int, int], None]] = {}

        def told(what: str, done: int, of: int) -> None:
            if what not in steps:
                stack.close()
                steps[what] = stack.enter_context(counting(what))
            steps[what](done, of)

        yield told


def confirm(lines: Iterable[str], question: str, *, yes: bool) -> None:
    """Say what follows, and ask; with `yes` nobody is asked, and nothing said.

    Raises
    ------
    UsageError
        If nobody is there to be asked.
    click.Abort
        If the answer is no.
    """
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            "this is signed for good, and nobody is here to confirm it",
            hint="look at it with --dry-run, then add --yes",
        )
    told: Sequence[str] = [*lines]
    for line in told:
        click.echo(line, err=True)
    click.confirm(question, abort=True, err=True)
