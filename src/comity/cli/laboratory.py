"""`comity laboratory`."""

from __future__ import annotations

from datetime import date

import click

from comity.cli.written import WrittenCommand, json_option, on_option, print_json

HELP = """usage: comity laboratory --organ O [--rule R ...] [--on DATE] [--json] CHARTER

Lay the rules of one body side by side, those in force and the candidates: how
able to act each leaves it, who could stop it alone and by which kind of loss,
the smallest blocking sets, what a seat is worth, and what a change would take.
The table comes first, then a page of text for a memo.

  CHARTER      a name from "comity charter list", or the path of a file
  --organ O    the body; may be left out where there is only one
  --rule R     try this rule of the charter instead; may be repeated
  --on DATE    the day of roster and weights; the charter's date by default
  --json       the answer with documented keys (docs/howto/laboratory.md)

exit status:
  0  an answer
  1  charter, organ or rule cannot be used; the message says why

example:
  $ comity laboratory european-security-council --organ council"""


@click.command(cls=WrittenCommand, written=HELP)
@click.argument("charter")
@click.option("--organ")
@click.option("--rule", "rules", multiple=True)
@on_option
@json_option
def laboratory(
    charter: str, organ: str | None, rules: tuple[str, ...], on: date | None, as_json: bool
) -> None:
    """Lay rules side by side."""
    from comity.charters import load
    from comity.examine import laboratory as examination
    from comity.examine.power import usual_organ

    read = load(charter)
    found = examination.laboratory(read, usual_organ(read, organ).id, rules, on=on)
    if as_json:
        print_json(found.to_json())
        return
    from comity.report.text import terminal

    click.echo(terminal(found.finding()))
    click.echo("\nFor a memo\n")
    click.echo(found.text())
