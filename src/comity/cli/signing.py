"""Saying something for a member: what all commands of `comity act` have in common."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from comity.cli.opened import at_option, looked, opened, passphrase_option
from comity.cli.written import json_option
from comity.errors import UsageError

if TYPE_CHECKING:
    from comity.core.acts import Act
    from comity.core.bodies import Marking
    from comity.node.node import Node

Function = TypeVar("Function", bound=Callable[..., Any])

COMMON = """  --office O               who signs, where several offices of the member do
  --at INSTANT             the time, in an exercise: 2026-01-31T12:00:00Z
  --dry-run                say what would be signed, and what follows; sign nothing
  -y, --yes                do not ask
  -p, --passphrase-file FILE   take the passphrase from a file that you alone can read
  --json                   the answer with documented keys (docs/howto/node.md)

exit status:
  0  signed and kept
  1  it was not signed; the message says why
"""


@dataclass(frozen=True, slots=True)
class Ask:
    """How a command was asked to sign."""

    folder: str
    office: str | None
    at: datetime | None
    dry_run: bool
    yes: bool
    passphrase_file: str | None
    as_json: bool


@dataclass(frozen=True, slots=True)
class Saying:
    """What is to be signed: in words, with what follows, and how."""

    what: str
    follows: tuple[str, ...]
    sign: Callable[[], Iterable[Act]]
    shown: tuple[str, ...] = ()


def signs(function: Function) -> Function:
    """Add FOLDER and what every act takes; the command gets them as `ask`."""
    import functools

    @functools.wraps(function)
    def called(
        folder: str,
        office: str | None,
        at: datetime | None,
        dry_run: bool,
        yes: bool,
        passphrase_file: str | None,
        as_json: bool,
        **others: Any,
    ) -> None:
        ask = Ask(folder, office, at, dry_run, yes, passphrase_file, as_json)
        function(ask=ask, **others)

    told: Any = called
    for option in (
        json_option,
        passphrase_option,
        click.option("-y", "--yes", is_flag=True),
        click.option("--dry-run", is_flag=True),
        at_option,
        click.option("--office"),
    ):
        told = option(told)
    return told  # type: ignore[no-any-return]


def perform(ask: Ask, prepare: Callable[[Node], Saying], secret: bytes | None = None) -> None:
    """Show what is to be signed, ask, sign, and say what to do with it."""
    from comity.cli.said import confirm
    from comity.node.duties import settle

    if ask.dry_run:
        with looked(ask.folder, ask.at) as node:
            saying = prepare(node)
            _lines(node, saying, click.echo)
            click.echo("Nothing was signed.")
        return
    with opened(ask.folder, ask.passphrase_file, ask.at, secret) as node:
        saying = prepare(node)
        lines: list[str] = []
        _lines(node, saying, lines.append)
        confirm(lines, "Sign it?", yes=ask.yes)
        acts = tuple(saying.sign())
        settle(node)
        _tell(ask, node, acts, saying)


def _lines(node: Node, saying: Saying, tell: Callable[[str], object]) -> None:
    from comity.cli.said import barred, item

    if node.exercise:
        tell("EXERCISE: nothing here is real")
    tell(item(f"{node.member} would say: {saying.what}", "", "  "))
    for part in saying.shown:
        for line in barred(part):
            tell(line)
    for sentence in saying.follows:
        tell(item(f"- {sentence}"))


def _tell(ask: Ask, node: Node, acts: tuple[Act, ...], saying: Saying) -> None:
    from comity.cli.said import exercise_line, item, place
    from comity.cli.written import print_json

    if ask.as_json:
        print_json([act_json(act) for act in acts])
        return
    exercise_line(node.exercise)
    for act in acts:
        click.echo(f"signed {place(act)}")
    if not acts:
        click.echo("There was nothing to sign.")
        return
    click.echo(item(saying.what))
    others = sorted(set().union(*(node.readers().get(a.header.organ, ()) for a in acts)))
    if any(other != node.member for other in others):
        click.echo(f"The others do not have it yet: comity export {ask.folder} -o OUT")


def act_json(act: Act) -> dict[str, object]:
    """Return an act as plain values for JSON."""
    header = act.header
    return {
        "id": act.id,
        "place": "/".join(map(str, act.place)),
        "organ": header.organ,
        "member": header.member,
        "office": header.office,
        "number": header.seq,
        "kind": act.kind,
        "instant": header.instant,
    }


def organ_of(node: Node, named: str | None) -> str:
    """Return the organ that is meant: the only one in which this member has a place, by default."""
    from comity.core.constitution import COALITION

    organs = node.organs()
    if named is not None:
        if named not in organs:
            raise UsageError(
                f"{node.member} has no place in '{named[:64]}'",
                hint=f"it reads: {', '.join(organs) or 'nothing'}",
            )
        return named
    deciding = [organ for organ in organs if organ != COALITION]
    if len(deciding) != 1:
        raise UsageError(
            f"{node.member} has a place in {len(deciding)} organs",
            hint=f"add --organ: {', '.join(organs)}",
        )
    return deciding[0]


def one_of_kind(node: Node, named: str, kind: str) -> Act:
    """Return an act that must be of a kind."""
    act = node.find(named)
    if act.kind != kind:
        raise UsageError(
            f"'{named[:80]}' is {'an' if (act.kind or 'x')[0] in 'aeiou' else 'a'} "
            f"{act.kind or 'sealed act'}, and no {kind}",
            hint=f"comity log FOLDER --kind {kind} lists those at hand",
        )
    return act


def typed(text: str) -> str:
    """Return words as they are signed: composed, without what nobody sees."""
    clean = text.replace("\r\n", "\n").replace("\t", " ").replace("\u00ad", "")
    return unicodedata.normalize("NFC", clean).strip()


def paragraphs(file: str) -> tuple[str, ...]:
    """Read paragraphs out of a text file: what blank lines keep apart."""
    try:
        text = Path(file).read_text(encoding="utf-8-sig")
    except OSError as wrong:
        raise UsageError(
            f"{file} cannot be read: {(wrong.strerror or 'unknown').lower()}", hint="check the path"
        ) from None
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not text in UTF-8", hint="save it as UTF-8") from None
    parts = re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n"))
    found = tuple(" ".join(typed(part).split()) for part in parts if part.strip())
    if not found:
        raise UsageError(f"{file} is empty", hint="write one paragraph or more into it")
    return found


def marking_of(level: str | None, releasable: str | None) -> Marking | None:
    """Return a marking, where one was asked for."""
    from comity.core.bodies import Marking

    if level is None:
        if releasable:
            raise UsageError("--releasable goes with a marking", hint="add --marking TLP:AMBER")
        return None
    to = tuple(part.strip() for part in (releasable or "").split(",") if part.strip())
    return Marking(level, to)


def day(value: date | None) -> str | None:
    """Write a day as acts do."""
    return value.isoformat() if value else None


def readers_words(node: Node, organ: str) -> str:
    """Say who will see what is said in an organ."""
    others = [m for m in node.under.charter.order if m in node.readers().get(organ, ())]
    names = ", ".join(m for m in others if m != node.member) or "nobody else"
    return f"in {organ}, {names} will see it, signed by {node.member}'s node, for good"
