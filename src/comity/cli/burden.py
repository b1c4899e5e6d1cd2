"""`comity burden`."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import click

from comity.cli.written import DAY, WrittenCommand, json_option, print_json

if TYPE_CHECKING:
    from comity.core.charter import Charter

HELP = """usage: comity burden [--need NEED ...] [--without M ...] [--cap PERCENT] [--exponent E]
                     [--rate USD] [--limit PERCENT] [--most M=AMOUNT ...] [--known-on DATE]
                     [--data DIR] [--json] CHARTER

Divide a need among the members of a charter under ten rules side by side, each
share with a certificate, against today's effort; say who would be better off
leaving and what would hold them; find who gives how much at least strain.

  CHARTER           a name from "comity charter list", or the path of a file
  --need NEED       personnel=100000, money=250 billion EUR/year, or a published
                    requirement, by name; may be repeated. A standing force and
                    additional defence spending, as published, if left out
  --without M       take a member out first; may be repeated
  --cap PERCENT     no share above this under the capped key; 22 if left out
  --exponent E      how much a group needs alone: its weight to this power; 0.8
                    if left out, 1 if joining saves nothing
  --rate USD        dollars for one euro; without it the two are not compared
  --limit PERCENT   of today's effort, what a member gives at most
  --most M=AMOUNT   what one member gives at most, such as ITA=0
  --known-on DATE   see only figures that were public on that day
  --data DIR        folder of your own figures
  --json            a list of answers, one a need (docs/reference/finding.md)

exit status:
  0  an answer
  1  charter, need, member or figure cannot be used; the message says why

example:
  $ comity burden joint-expeditionary-force --need personnel=10000"""

USUAL = (
    "kubilius_2026/standing_european_force",
    "bruegel_kiel_2025/additional_defence_spending_per_year",
)


@click.command(cls=WrittenCommand, written=HELP)
@click.argument("charter")
@click.option("--need", "needs", multiple=True)
@click.option("--without", multiple=True)
@click.option("--cap", type=float)
@click.option("--exponent", type=float)
@click.option("--rate", type=float)
@click.option("--limit", type=float)
@click.option("--most", multiple=True)
@click.option("--known-on", type=DAY)
@click.option("--data")
@json_option
def burden(
    charter: str,
    needs: tuple[str, ...],
    without: tuple[str, ...],
    cap: float | None,
    exponent: float | None,
    rate: float | None,
    limit: float | None,
    most: tuple[str, ...],
    known_on: date | None,
    data: str | None,
    as_json: bool,
) -> None:
    """Divide a need."""
    from comity.charters import load
    from comity.cli.evidence import open_evidence
    from comity.errors import UsageError
    from comity.examine import burden as question
    from comity.systems.allocation import exact

    for what, percent in (("cap", cap), ("limit", limit)):
        if percent is not None and not 0 < percent <= 100:
            raise UsageError(f"a {what} of {percent:g} % is out of range", hint="give 0 to 100")
    held = open_evidence(data)
    members = states_of(load(charter), known_on)
    found = [
        question.burden(
            members,
            need,
            evidence=held,
            known_on=known_on,
            without=[m.upper() for m in without],
            cap=question.CAP if cap is None else exact(cap) / 100,
            exponent=question.EXPONENT if exponent is None else exponent,
            rate=rate,
            limit=None if limit is None else limit / 100,
            most=dict(map(_most, most)),
        )
        for need in needs or USUAL
    ]
    if as_json:
        print_json([one.to_json() for one in found])
        return
    from comity.report.text import terminal

    click.echo("\n\n\n".join(terminal(one) for one in found))


def _most(text: str) -> tuple[str, float]:
    from comity.errors import UsageError

    found = re.fullmatch(r"([A-Za-z]{3})=([0-9]+(?:\.[0-9]+)?)", text)
    if found is None:
        raise UsageError(
            f"{text[:40]!r} is not what a member gives at most", hint="write it as ITA=0"
        )
    return found[1].upper(), float(found[2])


def states_of(charter: Charter, on: date | None) -> tuple[str, ...]:
    """Return the codes of the states that are members under a charter on a day."""
    from comity.errors import UsageError

    day = on or charter.dated
    codes = tuple(
        m.iso
        for m in charter.members.values()
        if m.iso and m.standing == "member" and m.belongs(day)
    )
    if not codes:
        raise UsageError(
            f"no member of {charter.id} is a state with a code",
            hint="use a charter whose members have ISO codes, such as joint-expeditionary-force",
        )
    return codes
