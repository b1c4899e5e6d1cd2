"""`comity up`: the room of a coalition, every member at its desk, from one command."""

from __future__ import annotations

import re
from pathlib import Path

import click

from comity.cli.written import WrittenCommand, progress
from comity.errors import UsageError

HELP = """usage: comity up [CHARTER] [--data DIR] [--port N] [--exercise]
                 [--behind NAME]

Host every member of a coalition in one process and one folder, and serve the
room where people work: alerts with receipts, texts, proposals with clocks,
pledges. Stop it with Ctrl-C; starting it again on the folder loses nothing.

arguments:
  CHARTER      a shipped charter's name or a file; coalition-of-the-willing
               unless given

options:
  --data DIR   where everything is kept; a folder of the charter's name in
               ~/.local/share/comity unless given
  --port N     the port on 127.0.0.1; 0 (the default) takes a free one and
               reports it
  --exercise   found it as an exercise: no real record accepts its acts
  --behind NAME
               a proxy on this machine speaks TLS under this name, and asks the
               room at the port; see docs/howto/operate-the-room.md

example:
  $ comity up --port 8000"""


@click.command(cls=WrittenCommand, written=HELP)
@click.argument("charter", default="coalition-of-the-willing")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False))
@click.option("--port", type=click.IntRange(0, 65535), default=0)
@click.option("--exercise", is_flag=True)
@click.option("--behind")
def up(charter: str, data: Path | None, port: int, exercise: bool, behind: str | None) -> None:
    """Serve the room."""
    if behind and not port:
        raise UsageError(
            "a proxy must know the port of the room", hint="say which: --port 8750 --behind NAME"
        )
    name = _host(behind) if behind else None
    from comity.charters import text
    from comity.core.reading import read_charter
    from comity.web.house import House
    from comity.web.server import serve

    file = text(charter)
    named = read_charter(file).id
    folder = data or Path.home() / ".local" / "share" / "comity" / named
    begun = (folder / "nodes").is_dir()
    if not begun:  # founding takes a moment: the answer comes first
        _answer(charter)
    house = House.open(
        folder,
        file,
        exercise=exercise,
        progress=lambda what, done, of: progress(f"{what} nodes: {done} of {of}"),
    )
    if begun:
        _answer(charter)
    try:
        if name:
            serve(house, port=port, hosts=(name,), https=True, ready=_ready)
        else:
            serve(house, port=port, ready=_ready)
    finally:
        house.close()


def _host(told: str) -> str:
    """Return the name of a host, as its certificate bears it.

    Raises
    ------
    UsageError
        If it is no such name: an address with scheme and path is none.
    """
    if not re.fullmatch(r"(?=.{1,253}\Z)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*", told):
        raise UsageError(
            f"'{told[:60]}' is not the name of a host",
            hint="write the name alone, in small letters: --behind room.example.org",
        )
    return told


def _answer(name: str) -> None:
    """Say first what breaks: which guarantee holds without whom."""
    import textwrap

    from comity.charters import load
    from comity.cli.evidence import open_evidence
    from comity.examine.guarantee import sentence
    from comity.examine.guarantee_report import report

    charter = load(name)
    if not charter.obligations:
        return
    found = report(
        charter,
        evidence=open_evidence(None),
        progress=lambda part: progress(f"examining {part}"),
    )
    click.echo(f"{charter.name}: {len(charter.members)} members on {charter.dated}\n")
    for guarantee in found.guarantees:
        click.echo(textwrap.fill(sentence(guarantee), 88))
    click.echo(f"\nAll of it: comity cornerstones {name}")


def _ready(address: str) -> None:
    click.echo(f"\nThe room is open. Sign in once at:\n  {address}\nStop it with Ctrl-C.")
