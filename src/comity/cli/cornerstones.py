"""`comity cornerstones`."""

from __future__ import annotations

from datetime import date

import click

from comity.cli.written import (
    WrittenCommand,
    json_option,
    on_option,
    print_json,
    progress,
    read_file,
)

HELP = """usage: comity cornerstones [--obligation O] [--loss KIND ...] [--why X KIND O] [--pairs]
                           [--set NAME=VALUE ...] [--contributions FILE] [--services FILE]
                           [--organ O] [--rule R] [--on DATE] [--data DIR] [--html | --json]
                           CHARTER

Does the guarantee hold without X? For each obligation and each member, supplier
and service: lost in each way, does it still hold, why not, and what change would
remove X as a cornerstone. Then, for each body: who alone stops it from deciding.

  CHARTER               a name from "comity charter list", or the path of a file
  --obligation O        one obligation only
  --loss KIND           silent, refusing, leaving or stopping; may be repeated
  --why X KIND O        one cell: which systems stand or fail, and what removes it
  --pairs               also pairs that stop it though neither does alone
  --set NAME=VALUE      limit.UKR.personnel=600000 (the most a member may bring), or
                        ban.UKR=yes (it may not be a party); may be repeated
  --contributions FILE  what members give (docs/explanation/adequacy.md)
  --services FILE       services they share (docs/explanation/dependence.md)
  --organ O, --rule R   the deciding of one body, or under one rule, only
  --on DATE             the day of roster and weights; the charter's by default
  --data DIR            folder of your own figures
  --html                the answer as a page that stands alone
  --json                the answer with documented keys (docs/howto/cornerstones.md)

exit status:
  0  an answer
  1  charter, file or name cannot be used; the message says why

example:
  $ comity cornerstones coalition-of-the-willing --why GBR silent paris-guarantees"""


@click.command(cls=WrittenCommand, written=HELP)
@click.argument("charter")
@click.option("--obligation")
@click.option(
    "--loss",
    "kinds",
    multiple=True,
    type=click.Choice(["silent", "refusing", "leaving", "stopping"]),
)
@click.option("--why", nargs=3)
@click.option("--pairs", is_flag=True)
@click.option("--set", "parameters", multiple=True)
@click.option("--contributions")
@click.option("--services")
@click.option("--organ")
@click.option("--rule")
@on_option
@click.option("--data")
@click.option("--html", "as_html", is_flag=True)
@json_option
def cornerstones(
    charter: str,
    obligation: str | None,
    kinds: tuple[str, ...],
    why: tuple[str, str, str] | None,
    pairs: bool,
    parameters: tuple[str, ...],
    contributions: str | None,
    services: str | None,
    organ: str | None,
    rule: str | None,
    on: date | None,
    data: str | None,
    as_html: bool,
    as_json: bool,
) -> None:
    """Find cornerstones."""
    from typing import cast

    from comity.charters import load
    from comity.cli.evidence import open_evidence
    from comity.errors import UsageError
    from comity.examine import contributions as given
    from comity.examine import cornerstones as bodies
    from comity.examine import guarantee_report
    from comity.examine import services as shared
    from comity.examine.setting import LOSS_KINDS, LossKind

    read = load(charter)
    composite = (obligation, kinds, why, parameters, contributions, services)
    if (organ or rule) and any(composite):
        raise UsageError(
            "--organ and --rule ask for the deciding of a body, the rest for an obligation",
            hint="leave one of the two out",
        )
    found = None
    if read.obligations and not (organ or rule):
        found = guarantee_report.report(
            read,
            evidence=open_evidence(data),
            obligation=why[2] if why else obligation,
            kinds=cast("tuple[LossKind, ...]", kinds) or LOSS_KINDS,
            contributions=given.read(read_file(contributions), contributions)
            if contributions
            else None,
            services=shared.read(read_file(services), services, read, on=on) if services else None,
            parameters=parameters,
            on=on,
            pairs=pairs,
            given=tuple(
                f"{what} of {path}"
                for what, path in (("contributions", contributions), ("services", services))
                if path
            ),
            progress=lambda name: progress(f"examining {name}"),
        )
    elif any(composite):
        raise UsageError(
            f"{read.id} declares no obligations",
            hint="add [obligations.NAME], or ask for bodies with --organ",
        )
    if why and found:
        _explain(found, why, as_json=as_json)
        return
    decided = None if any(composite) else bodies.cornerstones(read, organ, rule, on=on, pairs=pairs)
    if as_json:
        told = found.to_json() if found else {}
        print_json((decided.to_json() if decided else {}) | told)
        return
    findings = [f.finding() for f in (found, decided) if f is not None]
    if as_html:
        from comity.report.page import html

        click.echo(html(findings, f"{read.name}: cornerstones"))
        return
    from comity.report.text import terminal

    click.echo("\n\n".join(terminal(finding) for finding in findings))


def _explain(found: object, why: tuple[str, str, str], *, as_json: bool) -> None:
    import textwrap

    from comity.examine.guarantee import KIND_WORDS
    from comity.examine.guarantee_report import Report

    assert isinstance(found, Report)
    held, cell = found.cell(*why)
    remedies = held.remedies(cell)
    if as_json:
        print_json({**cell.to_json(), "removed_by": [remedy.to_json() for remedy in remedies]})
        return
    name = cell.lost.names[0]
    click.echo(f"If {name} {KIND_WORDS[cell.lost.kind]}, {held.obligation.id}: {cell.standing}.\n")
    for part in cell.parts:
        told = f"{part.system:<12} {part.standing:<10} {part.why}".rstrip()
        click.echo(textwrap.fill(told, 100, subsequent_indent=" " * 24))
    if held.standing == "fails":
        click.echo("\nIt fails without any loss: it is not this one that makes it fail.")
    elif cell.by_nature:
        click.echo("\nThis is a property of the rule: it is so for every member.")
    if cell.standing == "fails" and held.standing != "fails":
        why_not = ": it binds only those who join, so each must agree" if held.joined else ""
        none = f"\nNothing in the family removes it{why_not}."
        click.echo("\nWhat removes it" if remedies else none)
    for remedy in remedies:
        told = f"{'; and '.join(remedy.words)}: then {remedy.then}"
        if remedy.makes:
            told += f"; but then it fails if {', '.join(remedy.makes[:6])}"
            told += f" and {len(remedy.makes) - 6} more" if len(remedy.makes) > 6 else ""
        click.echo(textwrap.fill(told, 100, initial_indent="  - ", subsequent_indent="    "))
