"""`comity decide`."""

from __future__ import annotations

import textwrap
from datetime import date

import click

from comity.cli.written import WrittenCommand, json_option, on_option, print_json

HELP = """usage: comity decide --stances FILE [--organ O] [--rule R] [--procedure P] [--closed]
                     [--on DATE] [--json] CHARTER

Say how a decision stands, given the stances so far: adopted, rejected, open
(members who have not answered could still turn it), or no opinion. Part by
part, with the numbers and who could still turn each.

  CHARTER          a name from "comity charter list", or the path of a file
  --stances FILE   who answered what: TOML, JSON or CSV (docs/howto/decide.md)
  --organ O        the body; may be left out where there is only one
  --rule R         the rule; the first in force where it is left out
  --procedure P    what silence and ad referendum count as; the body's first by
                   default
  --closed         the time has run out: the silent are counted
  --on DATE        the day of roster and weights; the charter's date by default
  --json           the answer with documented keys (docs/howto/decide.md)

exit status:
  0  adopted
  1  charter or stances cannot be used; the message says why
  3  not adopted: rejected, open, or no opinion

example:
  $ comity decide un-security-council --rule substance --stances votes.toml
  with votes.toml:
    yes = ["FRA", "GBR", "DNK", "GRC", "PAK", "PAN", "SOM", "BHR", "COL"]
    no = ["RUS"]"""


@click.command(cls=WrittenCommand, written=HELP)
@click.argument("charter")
@click.option("--stances", "path", required=True)
@click.option("--organ")
@click.option("--rule")
@click.option("--procedure")
@click.option("--closed", is_flag=True)
@on_option
@json_option
def decide(
    charter: str,
    path: str,
    organ: str | None,
    rule: str | None,
    procedure: str | None,
    closed: bool,
    on: date | None,
    as_json: bool,
) -> None:
    """Say how a decision stands."""
    from comity.charters import load
    from comity.cli.written import read_file
    from comity.examine.decision import decision, parse_stances

    found = decision(
        load(charter),
        parse_stances(read_file(path), path),
        organ,
        rule,
        procedure_id=procedure,
        closed=closed,
        on=on,
    )
    if as_json:
        print_json(found.to_json())
    else:
        from comity.report.strip import Mark, strip
        from comity.report.tree import tree

        click.echo(textwrap.fill(found.sentence, 100))
        if closed:
            click.echo(
                f"Closed; the silent are counted as under the procedure '{found.procedure}'."
            )
        click.echo()
        click.echo(tree(found.told.tally))
        if found.told.against is not None:
            click.echo("\nAgainst, with yes and no exchanged:")
            click.echo(tree(found.told.against))
        click.echo()
        click.echo(strip(tuple(Mark(code, word) for code, word in found.stance_words())))
    if found.told.outcome != "adopted":
        click.get_current_context().exit(3)
