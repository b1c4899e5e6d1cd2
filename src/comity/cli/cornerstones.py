"""`comity cornerstones`."""

from __future__ import annotations

from datetime import date

import click

from comity.cli.written import WrittenCommand, json_option, on_option, print_json

HELP = """usage: comity cornerstones [--organ O] [--rule R] [--pairs] [--on DATE] [--json] CHARTER

Find whose loss alone would stop a body from deciding, for each kind of loss:
a member is silent, refuses, or leaves. Per body and rule, with the reason.

  CHARTER      a name from "comity charter list", or the path of a file
  --organ O    one body only
  --rule R     one rule only
  --pairs      also the pairs that stop it though neither does alone
  --on DATE    the day of roster and weights; the charter's date by default
  --json       the answer with documented keys (docs/howto/cornerstones.md)

exit status:
  0  an answer
  1  charter, organ or rule cannot be used; the message says why

example:
  $ comity cornerstones joint-expeditionary-force"""


@click.command(cls=WrittenCommand, written=HELP)
@click.argument("charter")
@click.option("--organ")
@click.option("--rule")
@click.option("--pairs", is_flag=True)
@on_option
@json_option
def cornerstones(
    charter: str,
    organ: str | None,
    rule: str | None,
    pairs: bool,
    on: date | None,
    as_json: bool,
) -> None:
    """Find cornerstones."""
    from comity.charters import load
    from comity.examine import cornerstones as examination

    found = examination.cornerstones(load(charter), organ, rule, on=on, pairs=pairs)
    if as_json:
        print_json(found.to_json())
        return
    from comity.report.text import terminal

    click.echo(terminal(found.finding()))
