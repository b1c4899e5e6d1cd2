"""`comity potential`."""

from __future__ import annotations

from datetime import date

import click

from comity.cli.written import DAY, WrittenCommand, json_option, print_json

HELP = """usage: comity potential [--organ O | --members CODES] [--without M ...] [--known-on DATE]
                        [--data DIR] [--json] [CHARTER]

Say what members have together: people under arms, population, GDP, military
spending, nuclear warheads, equipment to its order of magnitude; where that
places them, what each one adds, what is left without it. Heads are not forces.

  CHARTER          a name from "comity charter list", or the path of a file;
                   the 35 states of January 2026 where it is left out
  --organ O        who sits in this body; needed where seats rotate
  --members CODES  codes and groups instead, with commas: E5,UKR,-ITA
  --without M      show also what is left without this member; may be repeated
  --known-on DATE  see only figures that were public on that day
  --data DIR       folder of your own figures
  --json           the answer with documented keys (docs/reference/finding.md)

exit status:
  0  an answer
  1  a charter, member or figure cannot be used; the message says why

example:
  $ comity potential --members E5,UKR --without UKR"""


@click.command(cls=WrittenCommand, written=HELP)
@click.argument("charter", required=False)
@click.option("--organ")
@click.option("--members")
@click.option("--without", multiple=True)
@click.option("--known-on", type=DAY)
@click.option("--data")
@json_option
def potential(
    charter: str | None,
    organ: str | None,
    members: str | None,
    without: tuple[str, ...],
    known_on: date | None,
    data: str | None,
    as_json: bool,
) -> None:
    """Say what members have together."""
    from comity.charters import load
    from comity.cli.evidence import open_evidence
    from comity.errors import UsageError
    from comity.evidence import COALITION
    from comity.evidence.derived import members_of
    from comity.examine import potential as question

    if charter and members:
        raise UsageError("a charter and --members were both given", hint="give one of them")
    held = open_evidence(data)
    if charter:
        read = load(charter)
        who = read.states(known_on or read.dated, organ)
    else:
        who = members_of(held, members or COALITION, on=known_on)
    found = question.potential(
        who, evidence=held, known_on=known_on, without=[m.upper() for m in without]
    )
    if as_json:
        print_json(found.to_json())
        return
    from comity.report.text import terminal

    click.echo(terminal(found))
