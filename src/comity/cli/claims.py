"""`comity claims`."""

from __future__ import annotations

from datetime import date

import click

from comity.cli.written import DAY, WrittenCommand, json_option, print_json

HELP = """usage: comity claims [--known-on DATE] [--data DIR] [--json]

Put what five reports said of the coalition in January 2026 to stated tests on
open data. Verdicts: supported, not supported, undecidable from open data, the
report itself is wrong here, not yet tested. Critics' claims are tested alike.

  --known-on DATE  see only figures that were public on that day; 20 January
                   2026 where it is left out
  --data DIR       folder of your own figures
  --json           the answer with documented keys (docs/reference/finding.md)

exit status:
  0  an answer
  1  figures cannot be read; the message says why

example:
  $ comity claims --known-on 2026-07-01"""


@click.command(cls=WrittenCommand, written=HELP)
@click.option("--known-on", type=DAY)
@click.option("--data")
@json_option
def claims(known_on: date | None, data: str | None, as_json: bool) -> None:
    """Put claims to their tests."""
    from comity.cli.evidence import open_evidence
    from comity.examine import claims as question

    found = question.claims(evidence=open_evidence(data), known_on=known_on)
    if as_json:
        print_json(found.to_json())
        return
    from comity.report.text import terminal

    click.echo(terminal(found))
