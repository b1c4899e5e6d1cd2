"""`comity charter list | show | check | compare`."""

from __future__ import annotations

import textwrap
from datetime import date

import click

from comity.cli.written import WrittenGroup, json_option, on_option, print_json

HELP = """usage: comity charter list | show | check | compare

Charters say, as data, who belongs, who sits where, whose agreement a decision
needs, and what members owe each other.

  list                 the shipped charters
  show CHARTER         one charter: members, bodies, rules, obligations
  check FILE           all faults of a charter file at once, with lines
  compare A B [...]    who sits in several, and where they pull apart

example:
  $ comity charter show osce"""

LIST_HELP = """usage: comity charter list [--json]

List the shipped charters by name. Any command takes a name or a file's path.

  --json    the answer with documented keys (docs/howto/charters.md)

example:
  $ comity charter list"""

SHOW_HELP = """usage: comity charter show [--on DATE] [--json] CHARTER

Show a charter: who belongs, which bodies sit, under which rules, what members
owe each other, which sources say so, and what its people should know.

  CHARTER      a name from "comity charter list", or the path of a file
  --on DATE    the day of the rosters; the charter's date by default
  --json       the answer with documented keys (docs/howto/charters.md)

exit status:
  0  an answer
  1  the charter cannot be used; the message says why

example:
  $ comity charter show european-security-council"""

CHECK_HELP = """usage: comity charter check [--json] CHARTER

Check a charter file: all faults at once, each with its line, what is wrong and
how to mend it. Without faults, say what is legal but worth knowing.

  CHARTER    the path of a file, or a name from "comity charter list"
  --json     the answer with documented keys (docs/howto/charters.md)

exit status:
  0  no fault
  1  faults, or the file cannot be read

example:
  $ comity charter check examples/larch-league.toml"""

COMPARE_HELP = """usage: comity charter compare [--on DATE] [--json] CHARTER CHARTER ...

Lay charters side by side: who sits in several of them, what is owed in both,
and who can block in one and be overruled in another.

  CHARTER      a name from "comity charter list", or the path of a file
  --on DATE    the day of the rosters; the latest charter's date by default
  --json       the answer with documented keys (docs/howto/charters.md)

exit status:
  0  an answer
  1  a charter cannot be used; the message says why

example:
  $ comity charter compare north-atlantic-council eu-council"""


@click.group(cls=WrittenGroup, written=HELP)
def charter() -> None:
    """Look at charters."""


@charter.command("list", written=LIST_HELP)
@json_option
def list_(as_json: bool) -> None:
    """List the shipped charters."""
    from comity.charters import load, names

    charters = [load(name) for name in names()]
    if as_json:
        print_json(
            [
                {
                    "id": c.id,
                    "name": c.name,
                    "edition": c.edition,
                    "date": c.dated.isoformat(),
                    "text": c.grounds,
                    "members": len(c.members),
                    "organs": list(c.organs),
                    "summary": c.summary,
                }
                for c in charters
            ]
        )
        return
    for c in charters:
        grounds = "after a public text" if c.grounds == "text" else "our model"
        click.echo(f"{c.id}: {c.name}, {len(c.members)} members, {grounds}, {c.dated}")
        click.echo(textwrap.indent(textwrap.fill(c.summary, 96), "  "))


@charter.command("show", written=SHOW_HELP)
@click.argument("name", metavar="CHARTER")
@on_option
@json_option
def show(name: str, on: date | None, as_json: bool) -> None:
    """Show one charter."""
    from comity.charters import load
    from comity.examine import portrait

    told = portrait.portrait(load(name), on=on)
    if as_json:
        print_json(told.to_json())
        return
    click.echo(told.text())


@charter.command("check", written=CHECK_HELP)
@click.argument("name", metavar="CHARTER")
@json_option
def check(name: str, as_json: bool) -> None:
    """Check a charter file."""
    from comity.charters import text
    from comity.core.reading import examine

    read, faults = examine(text(name))
    if as_json:
        print_json(
            {
                "charter": read.id if read else None,
                "faults": [fault.to_json() for fault in faults],
                "notes": list(read.notes) if read else [],
            }
        )
    elif read is None:
        click.echo(f"{name}: {len(faults)} fault{'' if len(faults) == 1 else 's'}")
        for fault in faults:
            click.echo(f"\n{fault}")
    else:
        bodies = f"{len(read.organs)} bod{'y' if len(read.organs) == 1 else 'ies'}"
        click.echo(f"{read.name}: no faults, {len(read.members)} members, {bodies}")
        if read.notes:
            click.echo("\nWorth knowing")
        for note in read.notes:
            click.echo(textwrap.fill(note, 100, initial_indent="  - ", subsequent_indent="    "))
    if read is None:
        click.get_current_context().exit(1)


@charter.command("compare", written=COMPARE_HELP)
@click.argument("names", metavar="CHARTER", nargs=-1, required=True)
@on_option
@json_option
def compare(names: tuple[str, ...], on: date | None, as_json: bool) -> None:
    """Compare charters."""
    from comity.charters import load
    from comity.examine import comparison

    told = comparison.compare(tuple(load(name) for name in names), on=on)
    if as_json:
        print_json(told.to_json())
        return
    from comity.report.text import terminal

    click.echo(terminal(told.finding()))
