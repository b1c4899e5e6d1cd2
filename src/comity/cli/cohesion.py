"""`comity cohesion`."""

from __future__ import annotations

from datetime import date

import click

from comity.cli.written import DAY, WrittenCommand, json_option, print_json

HELP = """usage: comity cohesion [--year YEAR] [--place X [--against Y] [--reach R] [--organ O]
                       [--rule R]] [--known-on DATE] [--data DIR] [--json] CHARTER

Say how far apart members vote in the United Nations, over the years and with
its uncertainty; what they joined and are reported to have said, beside it; and
the odds that a proposal at a stated place on that line passes, as an interval.
Distance in UN votes is no measure of loyalty.

  CHARTER          a name from "comity charter list", or the path of a file
  --year YEAR      the year of the places; if left out, the newest of those with
                   the fewest figures that are missing or carry a warning
  --place X        ask for the odds of a proposal at this place, in points
  --against Y      put it against this place: members choose the nearer
  --reach R        how far from its own place a member goes along, in points;
                   if left out, from half to one and a half mean distances
  --organ O        the body; may be left out where there is only one
  --rule R         the rule; the first in force if left out
  --known-on DATE  see only figures that were public on that day
  --data DIR       folder of your own figures
  --json           the answer with documented keys (docs/reference/finding.md)

exit status:
  0  an answer
  1  charter, year, body or rule cannot be used; the message says why

example:
  $ comity cohesion european-security-council --place 1.0 --rule two-thirds"""


@click.command(cls=WrittenCommand, written=HELP)
@click.argument("charter")
@click.option("--year", type=int)
@click.option("--place", type=float)
@click.option("--against", type=float)
@click.option("--reach", type=float)
@click.option("--organ")
@click.option("--rule")
@click.option("--known-on", type=DAY)
@click.option("--data")
@json_option
def cohesion(
    charter: str,
    year: int | None,
    place: float | None,
    against: float | None,
    reach: float | None,
    organ: str | None,
    rule: str | None,
    known_on: date | None,
    data: str | None,
    as_json: bool,
) -> None:
    """Say how far apart members vote."""
    from comity.charters import load
    from comity.cli.burden import states_of
    from comity.cli.evidence import open_evidence
    from comity.errors import UsageError
    from comity.examine import cohesion as question

    read = load(charter)
    if place is None and any(x is not None for x in (against, reach, organ, rule)):
        raise UsageError(
            "a body, rule, reach or other place says nothing without a proposal",
            hint="add --place with the place of the proposal, such as 1.0",
        )
    proposal = (
        None
        if place is None
        else question.Proposal(read, place, organ, rule, reach, against, on=known_on)
    )
    found = question.cohesion(
        states_of(read, known_on),
        evidence=open_evidence(data),
        year=year,
        known_on=known_on,
        proposal=proposal,
    )
    if as_json:
        print_json(found.to_json())
        return
    from comity.report.text import terminal

    click.echo(terminal(found))
