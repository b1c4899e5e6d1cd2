"""`comity verify`."""

from __future__ import annotations

from pathlib import Path

import click

from comity.cli.written import WrittenCommand, json_option, print_json
from comity.errors import UsageError

HELP = """usage: comity verify --founding TRUSTED [--json] FILE

Say what a certificate proves: how a proposal ended, who has an alert, or that a
member signed two things at once. It needs the file and the fingerprint of the
founding, and nothing else: no network, no node. Take the fingerprint from
somewhere you trust, and never from whoever gave you the file.

  FILE                       the certificate
  --founding TRUSTED         the 64 digits of the fingerprint, or the folder of your own node
  --json                     the answer with documented keys (docs/howto/node.md)

exit status:
  0  it is proven
  1  the file cannot be read or is refused; the message says why
  3  it is sound, and proves no outcome: open, in doubt, or contested
  4  it is of an exercise, whatever it proves; EXERCISE comes first

example:
  $ comity verify league/alert.json --founding league/brill"""


@click.command(cls=WrittenCommand, written=HELP)
@click.argument("file")
@click.option("--founding", required=True)
@json_option
def verify(file: str, founding: str, as_json: bool) -> None:
    """Say what a certificate proves."""
    from comity.cli.init import check_fingerprint
    from comity.cli.said import item
    from comity.core.attestations import verify as read
    from comity.core.certificate import MAX_CERTIFICATE, Verdict
    from comity.node.folder import open_folder

    if Path(founding).is_dir():
        fingerprint = open_folder(Path(founding)).read_founding().id
    else:
        fingerprint = "".join(founding.lower().split())
        check_fingerprint(fingerprint)
    try:
        with Path(file).open("rb") as stream:
            data = stream.read(MAX_CERTIFICATE + 1)
    except OSError as wrong:
        raise UsageError(
            f"{file} cannot be read: {(wrong.strerror or 'unknown').lower()}", hint="check the path"
        ) from None
    shown = read(data, fingerprint)
    if as_json:
        kind = "outcome" if isinstance(shown, Verdict) else type(shown).__name__.lower()
        print_json(
            {
                "certificate": kind,
                "exercise": shown.exercise,
                "fingerprint": shown.fingerprint,
                "proven": shown.proven,
                "outcome": shown.outcome if isinstance(shown, Verdict) else None,
                "lines": list(shown.lines()),
            }
        )
    else:
        for line in shown.lines():
            lead = line[: len(line) - len(line.lstrip())]
            fingerprint_line = line.startswith("founding ")
            click.echo(line if fingerprint_line else item(line.strip(), lead, lead + "  "))
        of = ", of an exercise" if shown.exercise else ""
        click.echo(f"PROVEN{of}" if shown.proven else f"NOT PROVEN{of}: it proves no outcome")
    if shown.exercise:
        click.get_current_context().exit(4)
    if not shown.proven:
        click.get_current_context().exit(3)
