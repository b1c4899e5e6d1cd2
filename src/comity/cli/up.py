"""`comity up`: the room, with every member at its desk, from one command."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.said import counting_steps
from comity.cli.written import WrittenCommand, progress
from comity.errors import UsageError

if TYPE_CHECKING:
    from comity.core.charter import Charter
    from comity.exercise.scenario import Scenario
    from comity.web.house import House

HELP = """usage: comity up [WHAT] [--data DIR] [--port N] [--exercise]
                 [--behind NAME]

Host every member of a coalition in one process and one folder, and serve the
room where people work: alerts with receipts, texts, proposals with clocks,
pledges. A scenario is played in it: you sit at one desk, and the script and
players of a model at the others, under a clock that you own. A charter opens
an empty coalition. Stop it with Ctrl-C; starting it again on the folder goes on
where it stood.

arguments:
  WHAT         a shipped scenario's or charter's name, or a file of either;
               january-2026, a week of the Coalition of the Willing, unless
               given; with --data alone, what was begun in that folder

options:
  --data DIR   where everything is kept; a folder of the scenario's or charter's
               name in ~/.local/share/comity unless given
  --port N     the port on 127.0.0.1; 0 (the default) takes a free one and
               reports it
  --exercise   found the coalition of a charter as an exercise: no real record
               accepts its acts. Of a scenario that is always so
  --behind NAME
               a proxy on this machine speaks TLS under this name, and asks the
               room at the port; see docs/howto/operate-the-room.md

example:
  $ comity up --port 8000"""

FIRST = "january-2026"
"""What is played unless something is named."""


@click.command(cls=WrittenCommand, written=HELP)
@click.argument("what", required=False)
@click.option("--data", type=click.Path(path_type=Path, file_okay=False))
@click.option("--port", type=click.IntRange(0, 65535), default=0)
@click.option("--exercise", is_flag=True)
@click.option("--behind")
def up(what: str | None, data: Path | None, port: int, exercise: bool, behind: str | None) -> None:
    """Serve the room."""
    if behind and not port:
        raise UsageError(
            "a proxy must know the port of the room", hint="say which: --port 8750 --behind NAME"
        )
    host = _host(behind) if behind else None
    from comity.web.house import close_all
    from comity.web.server import serve

    scenario, file, name = _named(what, data)
    if scenario is not None:
        begun = _rehearse(scenario, data)
    else:
        begun = _open(file, name, data, exercise=exercise)
    try:
        if host:
            serve(begun, port=port, hosts=(host,), https=True, ready=_ready)
        else:
            serve(begun, port=port, ready=_ready)
    finally:
        close_all()
        begun.close()


def _named(what: str | None, data: Path | None) -> tuple[Scenario | None, bytes, str]:
    """Return the scenario that is named; or the charter's file, and what it is called."""
    from comity import scenarios
    from comity.charters import text
    from comity.web.exercising import scenario_in

    if what is None and data is not None:
        if (found := scenario_in(data)) is not None:
            return found, b"", found.id
        if charters := sorted(data.glob("nodes/*/charter.toml")):
            return None, charters[0].read_bytes(), str(charters[0])
    name = what or FIRST
    if name in scenarios.names() or _is_scenario(name):
        scenario = scenarios.load(name)
        return scenario, b"", scenario.id
    return None, text(name), name


def _is_scenario(name: str) -> bool:
    """Tell whether a name is the path of a scenario: its folder, or a file with its table."""
    path = Path(name)
    if path.is_dir():
        return (path / "scenario.toml").is_file()
    if not name.endswith(".toml") or not path.is_file():
        return False
    with path.open("rb") as file:
        return re.search(rb"(?m)^\[scenario\]", file.read(1 << 20)) is not None


def _rehearse(scenario: Scenario, data: Path | None) -> House:
    """Open the exercise in its folder; found it, and play up to where people come in."""
    from comity.web.exercising import ExerciseHouse

    folder = data or _usual(scenario.id)
    begun = ExerciseHouse.is_begun(folder)
    if not begun:
        _answer(scenario.charter)
    click.echo(f"\n{scenario.title}\n{'Going on' if begun else 'Setting the stage'} ...")
    with counting_steps() as told:
        return ExerciseHouse.open_in(folder, scenario, progress=told)


def _open(file: bytes, name: str, data: Path | None, *, exercise: bool) -> House:
    """Open the coalition of a charter in its folder; found it if it is not there."""
    from comity.core.reading import read_charter
    from comity.web.house import House

    charter = read_charter(file)
    folder = data or _usual(charter.id)
    begun = (folder / "nodes").is_dir()
    if not begun:  # founding takes a moment: the answer comes first
        _answer(charter, name)
    with counting_steps() as told:
        house = House.open(folder, file, exercise=exercise, progress=told)
    if begun:
        _answer(charter, name)
    return house


def _usual(name: str) -> Path:
    return Path.home() / ".local" / "share" / "comity" / name


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


def _answer(charter: Charter, name: str = "") -> None:
    """Say first what breaks: which guarantee holds without whom."""
    import textwrap

    from comity.cli.evidence import open_evidence
    from comity.examine.guarantee import sentence
    from comity.examine.guarantee_report import report

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
    if name:
        click.echo(f"\nAll of it: comity cornerstones {name}")


def _ready(address: str) -> None:
    click.echo(f"\nThe room is open. Sign in once at:\n  {address}\nStop it with Ctrl-C.")
