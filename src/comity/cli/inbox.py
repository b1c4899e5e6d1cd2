"""`comity inbox`."""

from __future__ import annotations

from datetime import datetime

import click

from comity.cli.opened import at_option, looked
from comity.cli.written import WrittenCommand, json_option, print_json

HELP = """usage: comity inbox [--at INSTANT] [--json] FOLDER

Show what needs a member, by the time that is left: alerts without its receipt,
proposals that it can answer or should close, and how many have heard its own
answer, as far as their last files said.

  FOLDER           the member's node; it may be running
  --at INSTANT     the time, in an exercise: 2026-01-31T12:00:00Z
  --json           the answer with documented keys (docs/howto/node.md)

exit status:
  0  an answer
  1  the node cannot be read; the message says why

example:
  $ comity inbox league/brill"""


@click.command(cls=WrittenCommand, written=HELP)
@click.argument("folder")
@at_option
@json_option
def inbox(folder: str, at: datetime | None, as_json: bool) -> None:
    """Show what needs a member."""
    from comity.cli.said import away, barred, exercise_line, item, moment, plain, short
    from comity.node.agenda import agenda

    with looked(folder, at) as node:
        found, now = agenda(node, folder), node.now()
        member, exercise, name = node.member, node.exercise, node.under.charter.name
    if as_json:
        print_json({"member": member, "exercise": exercise, "agenda": [m.to_json() for m in found]})
        return
    exercise_line(exercise)
    click.echo(f"{member} in {plain(name)}, {moment(now)}")
    if not found:
        click.echo("Nothing needs you. What others have sent: comity import FOLDER FILE ...")
        click.echo(f"What is there: comity log {folder}, comity proposal {folder}")
    for matter in found:
        head = {"answer": "to answer", "close": "to close", "wait": "waiting"}.get(
            matter.kind, matter.kind
        )
        clock = (
            f", {'until' if matter.until > now else 'over since'} {moment(matter.until)} ("
            f"{away(matter.until, now)})"
            if matter.until
            else ""
        )
        click.echo("\n" + item(f"{head}: {matter.title}{clock}", ""))
        if matter.place:
            click.echo(f"  {matter.place} ({short(matter.act)})")
        for k, words in enumerate(matter.words):
            if matter.kind == "alert" and k:
                click.echo("\n".join(barred(words)))
            else:
                click.echo(item(words))
        if matter.next:
            click.echo(f"  $ comity {matter.next}")
