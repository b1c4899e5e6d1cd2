"""`comity brief`: two sourced pages on a coalition, with and without a member."""

from __future__ import annotations

from datetime import date

import click

from comity.cli.written import DAY, WrittenCommand, progress

HELP = """usage: comity brief [--organ O] [--without M ...] [--known-on DATE] [--data DIR] [-o FILE]
                    CHARTER

Write a brief of two pages from public figures: what a coalition is, what
leaves with a member, what stays, and which of these numbers are weak. Sources
stand as notes, and every figure has a name for "comity evidence show".

  CHARTER          a name from "comity charter list", or the path of a file
  --organ O        who sits in this body; needed where seats rotate
  --without M      a member who leaves, by code; may be repeated
  --known-on DATE  use only what was public on that day
  --data DIR       folder of your own figures
  -o, --output FILE
                   where to write it: .docx, .html or .md; printed as Markdown
                   if left out; for PDF write .html and print it from a browser

exit status:
  0  the brief is written
  1  charter, member or file cannot be used; the message says why

example:
  $ comity brief coalition-of-the-willing --without GBR -o brief.docx"""


@click.command(cls=WrittenCommand, written=HELP)
@click.argument("charter")
@click.option("--organ")
@click.option("--without", multiple=True)
@click.option("--known-on", type=DAY)
@click.option("--data")
@click.option("-o", "--output")
def brief(
    charter: str,
    organ: str | None,
    without: tuple[str, ...],
    known_on: date | None,
    data: str | None,
    output: str | None,
) -> None:
    """Write a brief."""
    from comity.charters import load
    from comity.cli.evidence import open_evidence
    from comity.report.brief import brief as document
    from comity.report.brief import write_brief
    from comity.report.marked import marked

    progress("writing the brief")
    read = load(charter)
    day = known_on or read.dated
    members = read.states(day, organ)
    written = document(
        read.name,
        members,
        evidence=open_evidence(data),
        known_on=known_on,
        without=[code.upper() for code in without],
        charter=read,
    )
    if output:
        click.echo(f"written: {write_brief(written, output)}")
    else:
        click.echo(marked(written), nl=False)
