"""`comity adequacy`."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import click

from comity.cli.written import WrittenCommand, json_option, on_option, print_json, read_file
from comity.errors import UsageError

HELP = """usage: comity adequacy [--obligation O | --requirement SET] [--contributions FILE]
                       [--lose M ...] [--set limit.M.LINE=N ...] [--draws N] [--seed N]
                       [--on DATE] [--data DIR] [--json] CHARTER

Ask whether what members give meets a need: of an obligation of the charter, of
a published set, or your own. Answers holds, fails or not known, line by line;
without each member and each two; what would have to be true; which assumption
turns it. Chances only where your file gives them. Needs for more than there is
are never met by plain holdings.

  CHARTER               a name from "comity charter list", or the path of a file
  --obligation O        an obligation of the charter; its only one by default
  --requirement SET     a published set instead, such as bruegel_kiel_2025
  --contributions FILE  who gives what, as TOML or CSV; by default holdings in
                        the evidence and positions the press has reported
  --lose M              take a member out first; may be repeated
  --set limit.M.LINE=N  the most a member may bring: limit.UKR.personnel=600000
  --draws N             where chances are given, sample instead of the exact way
  --seed N              of the sampling; 0 by default
  --on DATE             the day on which it is asked who owes
  --data DIR            folder of your own figures
  --json                the answer with documented keys (docs/explanation/adequacy.md)

exit status:
  0  it holds
  1  charter, file or member cannot be used; the message says why
  3  it does not hold, or is not known

example:
  $ comity adequacy coalition-of-the-willing --obligation multinational-force"""


@click.command(cls=WrittenCommand, written=HELP)
@click.argument("charter")
@click.option("--obligation", default="")
@click.option("--requirement", default="")
@click.option("--contributions")
@click.option("--lose", multiple=True)
@click.option("--set", "settings", multiple=True)
@click.option("--draws", type=click.IntRange(2, 100_000_000))
@click.option("--seed", type=click.IntRange(0), default=0)
@on_option
@click.option("--data")
@json_option
def adequacy(
    charter: str,
    obligation: str,
    requirement: str,
    contributions: str | None,
    lose: tuple[str, ...],
    settings: tuple[str, ...],
    draws: int | None,
    seed: int,
    on: date | None,
    data: str | None,
    as_json: bool,
) -> int:
    """Ask whether contributions meet a need."""
    from comity.charters import load
    from comity.cli.evidence import open_evidence
    from comity.examine import adequacy as question
    from comity.examine.contributions import read

    given = read(read_file(contributions), contributions) if contributions else None
    found = question.adequacy(
        load(charter),
        obligation=obligation,
        requirement=requirement,
        contributions=given,
        evidence=open_evidence(data),
        lost=lose,
        limits=limits(settings),
        draws=draws,
        seed=seed,
        on=on,
    )
    if as_json:
        print_json(found.to_json())
    else:
        from comity.report.text import terminal

        click.echo(terminal(found.finding()))
    return 0 if found.answer.standing == "holds" else 3


def limits(settings: tuple[str, ...]) -> dict[str, Fraction]:
    """Read settings such as limit.UKR.personnel=600000."""
    from comity.examine.contributions import number_of

    found = {}
    for setting in settings:
        key, _, value = setting.partition("=")
        kind, _, name = key.strip().partition(".")
        if kind != "limit" or "." not in name or not value:
            raise UsageError(
                f"'{setting[:60]}' cannot be set", hint="write --set limit.UKR.personnel=600000"
            )
        found[name] = number_of(value, key.strip()[:60])
    return found
