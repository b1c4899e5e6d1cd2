"""The `comity` command: thin; each command asks a room and prints its answer."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterable, Sequence

import click

from comity.cli.written import WrittenGroup
from comity.errors import CharterError, ComityError, ScenarioError

COMMANDS = {
    "run": "the Coalition of January 2026, examined, and what to try next",
    "charter": "list, show, check and compare charters",
    "decide": "how a decision stands under a rule, given the stances so far",
    "power": "who decides in a body, who can block, how able it is to act",
    "laboratory": "candidate rules for one body, side by side",
    "cornerstones": "does each guarantee hold without X, and what would remove X",
    "adequacy": "do contributions meet what an obligation needs, and how surely",
    "dependence": "whose equipment and services members hang on",
    "burden": "who pays or sends what under which key; who would rather leave",
    "cohesion": "how far apart members vote in the United Nations, and what they chose",
    "potential": "what a set of members can field, with and without each",
    "claims": "claims of January 2026, tested on open data",
    "brief": "a two-page sourced brief on a coalition without a member",
    "exercise": "rehearse a scenario on real nodes; again without each member",
    "evidence": "the figures: list, show, check, import, diff",
    "up": "the room: every member at its desk, from one command",
    "init": "found a coalition: keys, a founding that all sign, a node for each member",
    "act": "say something for a member: signed, kept, for good",
    "inbox": "what needs a member, by the time that is left",
    "case": "the matters before a coalition, and what belongs to each",
    "proposal": "how a proposal stands: who said what, who closed, what it can still be",
    "log": "the record: acts by organ and member, gaps, forks, what has no effect",
    "verify": "what a certificate proves, offline, by the founding's fingerprint",
    "export": "what another member lacks, as a sealed file",
    "import": "take in files of other members",
    "doctor": "look a node's folder over, and say what is wrong and what helps",
}

OF_A_NODE = tuple(COMMANDS)[tuple(COMMANDS).index("up") :]
"""The commands of the room and of a member's node; the others examine."""

_ELSEWHERE = {"export": ("bundles", "export"), "import": ("bundles", "import_")}
"""Where a command is not in the module of its name: Python has taken that word."""

HELP = """usage: comity [--version] COMMAND ...

Comity examines a coalition of sovereign members: who decides, who could stop
it alone, what it can field, and what it hangs on. And it lets members decide
together, each with its own keys and its own copy of the record.

commands that examine:
{examining}

the room, and commands of a member's node:
{acting}

start with:
  $ comity run
  $ comity charter list
  $ comity laboratory european-security-council --organ council
  $ comity exercise list

Every command has --help with an example, and most have --json.
Not accredited for classified material."""


class _Main(WrittenGroup):
    """The main group: commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        room, name = _ELSEWHERE.get(cmd_name, (cmd_name, cmd_name))
        module = importlib.import_module(f"comity.cli.{room}")
        command = getattr(module, name)
        assert isinstance(command, click.Command)
        return command


def _listed(names: Iterable[str]) -> str:
    return "\n".join(f"  {name:<13} {COMMANDS[name]}" for name in names)


_HELP = HELP.format(
    examining=_listed(name for name in COMMANDS if name not in OF_A_NODE),
    acting=_listed(OF_A_NODE),
)


@click.command(cls=_Main, written=_HELP)
@click.version_option(package_name="comity", prog_name="comity", message="%(prog)s %(version)s")
def cli() -> None:
    """Run one command."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line, and turn errors into words and exit codes.

    Exit codes: 0 an answer, 1 something could not be read or used, 2 the
    command was not understood, 3 an answer that is not "yes".
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = cli.main(given, prog_name="comity", standalone_mode=False)
    except ComityError as error:
        _tell(error, as_json="--json" in given)
        sys.exit(1)
    except click.exceptions.Abort:
        click.echo("stopped", err=True)
        sys.exit(130)
    except click.ClickException as error:
        told = error.format_message().rstrip(".")
        words = f"error: {told[:1].lower()}{told[1:]}\nhint: {_help_hint(error)}"
        click.echo(_seen(words), err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    sys.exit(code if isinstance(code, int) else 0)


def _help_hint(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"{context.command_path if context else 'comity'} --help shows what there is"


def _seen(words: str) -> str:
    """Return a message as it can be shown: a stranger's file must not steer the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in words)


def _tell(error: ComityError, *, as_json: bool) -> None:
    """Say an error on the error stream: as text, or as JSON where an answer would be JSON."""
    faults = error.faults if isinstance(error, CharterError | ScenarioError) else ()
    if as_json:
        told = dict(error.to_json(), **({"faults": list(faults)} if faults else {}))
        click.echo(json.dumps(told, ensure_ascii=False), err=True)
        return
    click.echo(_seen(str(error)), err=True)
    if len(faults) > 1:
        check = "charter" if isinstance(error, CharterError) else "exercise"
        click.echo(f"all of them: comity {check} check FILE", err=True)
