"""`comity run`: the Coalition of January 2026, examined, and what to try next."""

from __future__ import annotations

import textwrap
from dataclasses import replace

import click

from comity.cli.written import WrittenCommand, progress

HELP = """usage: comity run

Examine the Coalition of January 2026 from the shipped charter and data: who
alone could stop it from deciding, which rule it might adopt, what the claims
made of it are worth; and what to try next. Needs no network.

example:
  $ comity run"""

NAME = "coalition-of-the-willing"

NEXT = """What to try next
  comity laboratory european-security-council --organ council
      which rule should the proposed council adopt, and who alone could stop it?
  comity power eu-council --rule qualified-majority
      who decides in a body with real populations
  comity cornerstones coalition-of-the-willing --pairs --set limit.UKR.personnel=600000
      which two could break it; and what if a ceasefire limits Ukraine's army
  comity brief coalition-of-the-willing --without GBR -o brief.html
      two sourced pages on what leaves with a member
  comity charter check examples/larch-league.toml
      write a charter of your own: docs/tutorial/find-your-clubs-cornerstone.md"""


@click.command(cls=WrittenCommand, written=HELP)
def run() -> None:
    """Examine the coalition."""
    from comity.charters import load
    from comity.cli.evidence import open_evidence
    from comity.examine.claims import claims
    from comity.examine.cornerstones import cornerstones
    from comity.examine.guarantee import sentence
    from comity.examine.guarantee_report import report
    from comity.examine.laboratory import laboratory
    from comity.report.strip import Mark, strip
    from comity.report.text import table

    charter = load(NAME)
    examined = cornerstones(charter)
    found = replace(examined, bodies=tuple(body for body in examined.bodies if body.in_force))
    click.echo(f"{charter.name}: {len(charter.members)} members on {charter.dated}\n")
    click.echo(_heading("What breaks"))
    held = open_evidence(None)
    guarantees = report(charter, evidence=held, progress=lambda name: progress(f"examining {name}"))
    for guarantee in guarantees.guarantees:
        click.echo(_filled(sentence(guarantee)))
    answer = guarantees.finding()
    for name in ("cornerstones", "why"):
        click.echo()
        click.echo(table(answer.table(name)))
    click.echo("\nAsk any cell why: comity cornerstones", nl=False)
    click.echo(f" {NAME} --why GBR silent paris-guarantees")

    click.echo()
    click.echo(_heading("Who decides"))
    click.echo(_filled(found.sentence()))
    for body in found.bodies:
        stops = {loss.lost[0] for loss in body.alone["silent"]}
        if stops and not body.by_nature("silent"):
            click.echo(f"\nWhose silence alone stops {body.organ} under {body.rule}:")
            roster = charter.roster(body.organ, charter.dated)
            click.echo(strip(tuple(Mark(m, _strip_word(m in stops)) for m in roster)))
    click.echo()
    click.echo(table(found.finding().tables[0]))

    click.echo()
    click.echo(_heading("Which rule"))
    progress("laying rules side by side")
    rules = laboratory(charter, "leaders")
    click.echo(_filled(rules.answer()))
    click.echo()
    click.echo(table(rules.finding().tables[0]))

    click.echo()
    click.echo(_heading("What is claimed of it"))
    progress("putting claims to their tests")
    tested = claims(evidence=held)
    click.echo(_filled(tested.sentence))
    click.echo()
    click.echo(table(tested.tables[0]))
    click.echo()
    click.echo(NEXT)
    click.echo("\nModels are marked as such; figures carry their sources: comity evidence list.")
    click.echo("Not accredited for classified material.")


def _strip_word(stops: bool) -> str:
    return "stops it" if stops else "goes on"


def _heading(words: str) -> str:
    return f"{words}\n{'=' * len(words)}"


def _filled(words: str) -> str:
    return textwrap.fill(words, 100)
