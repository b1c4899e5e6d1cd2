"""`comity exercise list | show | check | run`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from comity.cli.exercise_run import run
from comity.cli.written import WrittenGroup, json_option, print_json

if TYPE_CHECKING:
    from comity.exercise.scenario import Scenario

HELP = """usage: comity exercise list | show | check | run

Rehearse: a scenario says what happens to a coalition, and its members act, on
the real nodes and under the real rules, with a clock that is set from outside.
What is founded for it is marked as an exercise, and no real record takes it.

  list               the shipped scenarios
  show SCENARIO      one scenario: what happens, who does what, what is assumed
  check FILE         all faults of a scenario file at once, with lines
  run SCENARIO       play it through, and report; or again without each member

To play it yourself, in the room: comity up SCENARIO.

example:
  $ comity exercise list"""

LIST_HELP = """usage: comity exercise list [--json]

List the shipped scenarios by name.

  --json    the answer as JSON

example:
  $ comity exercise list"""

SHOW_HELP = """usage: comity exercise show [--json] SCENARIO

Show a scenario: its clock, events, moves, matters with what is assumed of
members, tasks and roles.

  SCENARIO  a name from "comity exercise list", or the path of a file or its folder
  --json    the answer as JSON

exit status:
  0  an answer
  1  the scenario cannot be used; the message says why

example:
  $ comity exercise show club-of-seven"""

CHECK_HELP = """usage: comity exercise check [--json] SCENARIO

Check a scenario file: all faults at once, each with its line, what is wrong
and how to mend it.

  SCENARIO  the path of a file or its folder, or a name from "comity exercise list"
  --json    the answer as JSON

exit status:
  0  no fault
  1  faults, or the file cannot be read

example:
  $ comity exercise check club-of-seven"""


@click.group(cls=WrittenGroup, written=HELP)
def exercise() -> None:
    """Rehearse."""


@exercise.command("list", written=LIST_HELP)
@json_option
def list_(as_json: bool) -> None:
    """List the shipped scenarios."""
    from comity import scenarios

    known = [scenarios.load(name) for name in scenarios.names()]
    if as_json:
        print_json([{"id": one.id, "title": one.title, "summary": one.summary} for one in known])
        return
    for one in known:
        click.echo(f"{one.id}: {one.title}")
        click.echo(_filled(one.summary, "    "))


@exercise.command("show", written=SHOW_HELP)
@click.argument("name", metavar="SCENARIO")
@json_option
def show(name: str, as_json: bool) -> None:
    """Show a scenario."""
    from comity.scenarios import load

    scenario = load(name)
    if as_json:
        print_json(_to_json(scenario))
        return
    click.echo(f"{scenario.title}\n")
    click.echo(_filled(scenario.summary, ""))
    click.echo(
        f"\n{scenario.charter.name}, {len(scenario.charter.members)} members; "
        f"{scenario.start:%Y-%m-%d %H:%M} to {scenario.end:%Y-%m-%d %H:%M} UTC; "
        f"seed {scenario.seed}"
    )
    click.echo("\nWhat happens, and who does what by the script")
    for when, what in _told(scenario):
        click.echo(f"  {when:<34} {what}")
    if scenario.matters:
        click.echo("\nWhat members are asked (assumptions of a rehearsal, not statements)")
    for matter in scenario.matters.values():
        told = f"{len(matter.reported)} reported, {len(matter.costs)} with a cost"
        click.echo(f"  {matter.id}: {matter.title} ({told})")
    if scenario.tasks:
        click.echo("\nTasks")
    for task in scenario.tasks:
        by = f", for {', '.join(task.for_)}" if task.for_ else ""
        click.echo(f"  {task.points} point{'' if task.points == 1 else 's'}: {task.title}{by}")
    if scenario.roles:
        click.echo("\nDesks")
    for role in scenario.roles:
        click.echo(f"  {role.member}: {role.title}")


@exercise.command("check", written=CHECK_HELP)
@click.argument("name", metavar="SCENARIO")
@json_option
def check(name: str, as_json: bool) -> None:
    """Check a scenario file."""
    from comity import scenarios
    from comity.exercise.reading import examine

    read, faults = examine(*scenarios.text(name))
    if as_json:
        told = [fault.to_json() for fault in faults]
        print_json({"scenario": read.id if read else None, "faults": told})
    elif read is None:
        click.echo(f"{name}: {len(faults)} fault{'' if len(faults) == 1 else 's'}")
        for fault in faults:
            click.echo(f"\n{fault}")
    else:
        click.echo(
            f"{read.title}: no faults, {len(read.events)} events, {len(read.moves)} moves, "
            f"{len(read.tasks)} tasks"
        )
    if read is None:
        click.get_current_context().exit(1)


exercise.add_command(run)


def _told(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Yield events and moves, when and what, in the order of the file; events first."""
    for event in scenario.events:
        yield _when(event.when), f"{event.kind}: {event.title}"
    for move in scenario.moves:
        about = move.title or move.of or move.line
        yield _when(move.when), f"{move.by}: {move.kind}: {about}"


def _when(when: object) -> str:
    from comity.exercise.scenario import When

    assert isinstance(when, When)
    if when.at is not None:
        return f"{when.at:%Y-%m-%d %H:%M}"
    later = f" + {when.minutes} min" if when.minutes else ""
    return f"{when.after}{' ' if when.outcome else ''}{when.outcome}{later}"


def _to_json(scenario: Scenario) -> dict[str, object]:
    return {
        "id": scenario.id,
        "title": scenario.title,
        "summary": scenario.summary,
        "charter": scenario.charter.id,
        "start": scenario.start.isoformat(),
        "end": scenario.end.isoformat(),
        "seed": scenario.seed,
        "events": [
            {"id": e.id, "kind": e.kind, "when": _when(e.when), "title": e.title}
            for e in scenario.events
        ],
        "moves": [
            {"id": m.id, "by": m.by, "kind": m.kind, "when": _when(m.when), "title": m.title}
            for m in scenario.moves
        ],
        "matters": [{"id": m.id, "title": m.title} for m in scenario.matters.values()],
        "tasks": [{"id": t.id, "title": t.title, "points": t.points} for t in scenario.tasks],
        "roles": [{"member": r.member, "title": r.title} for r in scenario.roles],
    }


def _filled(words: str, lead: str) -> str:
    return textwrap.fill(words, 100, initial_indent=lead, subsequent_indent=lead)
