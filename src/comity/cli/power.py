"""`comity power`."""

from __future__ import annotations

from datetime import date

import click

from comity.cli.written import WrittenCommand, json_option, on_option, print_json

HELP = """usage: comity power [--organ O] [--rule R] [--on DATE] [--without M ...] [--json] CHARTER

Measure every member's a-priori voting power in a body under a rule: the chance
that its vote decides (Banzhaf), its share of all orders in which it turns the
rule (Shapley-Shubik), whether it can block alone. A measure of the rule, not a
forecast of anybody's vote.

  CHARTER        a name from "comity charter list", or the path of a file
  --organ O      the body; may be left out where there is only one
  --rule R       the rule; the first in force where it is left out
  --on DATE      the day of roster and weights; the charter's date by default
  --without M    take a member out first, as if it had left; may be repeated
  --json         the answer with documented keys (docs/howto/power.md)

exit status:
  0  an answer
  1  charter, organ, rule or member cannot be used; the message says why

example:
  $ comity power un-security-council --rule substance"""


@click.command(cls=WrittenCommand, written=HELP)
@click.argument("charter")
@click.option("--organ")
@click.option("--rule")
@on_option
@click.option("--without", multiple=True)
@json_option
def power(
    charter: str,
    organ: str | None,
    rule: str | None,
    on: date | None,
    without: tuple[str, ...],
    as_json: bool,
) -> None:
    """Measure voting power."""
    from comity.charters import load
    from comity.examine.power import voting_power

    found = voting_power(load(charter), organ, rule, on=on, without=without)
    if as_json:
        print_json(found.to_json())
        return
    from comity.report.text import terminal

    click.echo(terminal(found.finding()))
