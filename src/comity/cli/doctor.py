"""`comity doctor`."""

from __future__ import annotations

from pathlib import Path

import click

from comity.cli.written import WrittenCommand, json_option, print_json
from comity.errors import ComityError

HELP = """usage: comity doctor [--json] FOLDER

Look a node's folder over, beside the node that runs, and change nothing: every
act is verified again, and what follows from them is derived again. Each finding
comes with what helps. A copy of the folder is no backup: it would not sign.

  FOLDER     the member's node
  --json     the answer with documented keys (docs/howto/node.md)

exit status:
  0  all is well, or there is only something to know
  1  something is broken, or somebody should act

example:
  $ comity doctor league/brill"""


@click.command(cls=WrittenCommand, written=HELP)
@click.argument("folder")
@json_option
def doctor(folder: str, as_json: bool) -> None:
    """Look a node's folder over."""
    from comity.cli.said import counting_steps, item
    from comity.core.acts import read_act
    from comity.core.proposals import Standing
    from comity.node.doctor import look_over
    from comity.node.node import Node

    try:
        node = Node.look(Path(folder))
    except ComityError:
        node = None  # what is wrong with it is found below
    with counting_steps() as progress:
        if node is None:
            found = look_over(Path(folder), progress=progress)
        else:
            with node:

                def recompute(proposal: str) -> str | None:
                    standing = node.standing(proposal)
                    if isinstance(standing, Standing) and standing.settlement.settled:
                        return standing.settlement.outcome
                    return None

                found = look_over(
                    Path(folder),
                    verify=lambda act: read_act(act.to_bytes(), node.succession.keyring),
                    recompute=recompute,
                    progress=progress,
                )
    if as_json:
        print_json(
            [
                {"severity": s.severity, "check": s.check, "what": s.what, "remedy": s.remedy}
                for s in found
            ]
        )
    elif not found:
        click.echo(f"{folder}: all is well.")
    for symptom in () if as_json else found:
        click.echo(item(f"{symptom.severity}: {symptom.what}", "", "  "))
        click.echo(item(f"what helps: {symptom.remedy}"))
    if any(symptom.severity != "note" for symptom in found):
        click.get_current_context().exit(1)
