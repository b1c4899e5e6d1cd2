"""`comity dependence`."""

from __future__ import annotations

from datetime import date

import click

from comity.cli.written import WrittenCommand, json_option, on_option, print_json, read_file

HELP = """usage: comity dependence [--supplier CODE] [--services FILE] [--on DATE] [--data DIR]
                         [--json] CHARTER

Say on whom members depend: which suppliers their equipment is said to come
from, what hangs on each, and whether members still reach each other without
each service they share. From prose only that a supplier is named, never how
much; orders are counted if you have imported a register.

  CHARTER          a name from "comity charter list", or the path of a file
  --supplier CODE  what it would mean if this state stopped supplying
  --services FILE  the services your members share, as TOML; by default a model,
                   where one is shipped for the charter
  --on DATE        the day of membership; the charter's date by default
  --data DIR       folder of your own figures, with a register of orders
  --json           the answer with documented keys (docs/explanation/dependence.md)

exit status:
  0  an answer
  1  charter, file or supplier cannot be used; the message says why

example:
  $ comity dependence coalition-of-the-willing --supplier USA"""


@click.command(cls=WrittenCommand, written=HELP)
@click.argument("charter")
@click.option("--supplier", default="")
@click.option("--services")
@on_option
@click.option("--data")
@json_option
def dependence(
    charter: str,
    supplier: str,
    services: str | None,
    on: date | None,
    data: str | None,
    as_json: bool,
) -> None:
    """Say on whom members depend."""
    from comity.charters import load
    from comity.cli.evidence import open_evidence
    from comity.examine import dependence as question
    from comity.examine.services import read

    body = load(charter)
    declared = read(read_file(services), services, body, on=on) if services else None
    found = question.dependence(
        body,
        evidence=open_evidence(data),
        supplier=supplier.upper(),
        services=declared,
        on=on,
    )
    if as_json:
        print_json(found.to_json())
        return
    from comity.report.text import terminal

    click.echo(terminal(found.finding()))
