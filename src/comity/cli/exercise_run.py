"""`comity exercise run`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from comity.cli.opened import MOMENT
from comity.cli.said import counting_steps
from comity.cli.written import WrittenCommand, json_option, print_json
from comity.errors import UsageError

if TYPE_CHECKING:
    from comity.exercise.again import Again
    from comity.exercise.rehearsal import Rehearsal
    from comity.exercise.scenario import LossKind, Scenario

RUN_HELP = """usage: comity exercise run [--seed N] [--to INSTANT] [--data DIR]
                           [--lose CODE=KIND ...] [--html FILE] [--docx FILE] [--json]
                           SCENARIO
       comity exercise run --n-minus-1 [--seeds N] [--lose CODE=KIND ...] [--resume FILE]
                           [--workers N] [--full] [--html FILE] [--docx FILE]
                           [--why CODE KIND DECISION] [--json] SCENARIO

Play a scenario through on real nodes, as fast as there is nothing to wait for,
and report what happened: who had what when, what was decided, who blocked what,
which tasks were done. One seed gives the same record, byte for byte. How members
answer whom nobody plays are assumptions of a rehearsal, not statements of
governments.

With --n-minus-1, play it again without each member, for each kind of loss: what
follows from the rules alone, which is exact, and apart from it what follows from
the assumptions about players, over several seeds.

  SCENARIO          a name from "comity exercise list", or the path of a file or its folder
  --seed N          draw the model's players from N; the scenario's seed by default
  --to INSTANT      stop there, as in 2026-01-18T12:00:00Z; at the end by default
  --data DIR        keep the run in this folder, and go on with it if it is there
  --lose CODE=KIND  a member that is lost from the beginning: silent, refusing or
                    leaving; may be repeated. With --n-minus-1: try these members alone
                    (KIND may be left out there)
  --html FILE, --docx FILE
                    write the report there as well; with --n-minus-1 with every cell
  --json            the answer as JSON
  --n-minus-1       again without each member
  --seeds N         how many replays of each loss; 5 by default, 0 for the rules alone
  --resume FILE     keep finished replays there, and go on after the last
  --workers N       how many processes; as many as there are processors by default
  --full            every cell, and not only where a loss changes something
  --why CODE KIND DECISION
                    say why one decision comes about or not with one member lost in one way

exit status:
  0  an answer
  1  the scenario cannot be used; the message says why

example:
  $ comity exercise run club-of-seven --lose Gale=silent"""

LOST = ("silent", "refusing", "leaving")


@click.command(cls=WrittenCommand, written=RUN_HELP)
@click.argument("name", metavar="SCENARIO")
@click.option("--seed", type=click.IntRange(0, 999_999_999))
@click.option("--to", type=MOMENT)
@click.option("--data", type=click.Path(path_type=Path))
@click.option("--lose", multiple=True)
@click.option("--html", type=click.Path(path_type=Path))
@click.option("--docx", type=click.Path(path_type=Path))
@click.option("--n-minus-1", "again", is_flag=True)
@click.option("--seeds", type=click.IntRange(0, 1_000), default=5)
@click.option("--resume", type=click.Path(path_type=Path))
@click.option("--workers", type=click.IntRange(1, 256))
@click.option("--full", is_flag=True)
@click.option("--why", nargs=3)
@json_option
def run(
    name: str,
    seed: int | None,
    to: datetime | None,
    data: Path | None,
    lose: tuple[str, ...],
    html: Path | None,
    docx: Path | None,
    again: bool,
    seeds: int,
    resume: Path | None,
    workers: int | None,
    full: bool,
    why: tuple[str, str, str] | None,
    as_json: bool,
) -> None:
    """Play a scenario through."""
    from comity.scenarios import load

    scenario = load(name)
    if again or why is not None:
        members = tuple(dict.fromkeys(one.partition("=")[0] for one in lose))
        kinds = tuple(dict.fromkeys(_lost(one)[1] for one in lose if "=" in one)) or LOST
        if why is not None:
            members, kinds = (why[0],), (_kind(why[1]),)
        with counting_steps() as told:
            from comity.exercise.again import run_again

            found = run_again(
                scenario,
                seeds=seeds,
                kinds=cast("tuple[LossKind, ...]", kinds),
                members=members,
                resume=resume,
                workers=workers or os.cpu_count() or 1,
                progress=told,
            )
        _tell_again(found, why, full=full, as_json=as_json)
        if why is None:
            _write_again(found, html, docx, as_json=as_json)
        return
    with counting_steps() as told:
        rehearsal = _played(
            scenario, seed, to, data, tuple(_lost(one) for one in lose), progress=told
        )
    _report(rehearsal, html, docx, as_json=as_json)


def _played(
    scenario: Scenario,
    seed: int | None,
    to: datetime | None,
    data: Path | None,
    lost: tuple[tuple[str, LossKind], ...],
    *,
    progress: Callable[[str, int, int], None],
) -> Rehearsal:
    from comity.exercise.run import Run

    with tempfile.TemporaryDirectory(prefix="comity-exercise-") as beside:
        root = data if data is not None else Path(beside) / "run"
        if data is not None and Run.is_in(data):
            if seed is not None or lost:
                raise UsageError(
                    f"there is a run in {data} already, with its own seed and losses",
                    hint="leave out --seed and --lose to go on with it, or name another folder",
                )
            opened = Run.open(root, progress=progress)
            if opened.scenario.text != scenario.text:
                opened.close()
                raise UsageError(
                    f"the run in {data} is of another scenario", hint="name another folder"
                )
        else:
            opened = Run.begin(root, scenario, seed=seed, lost=lost, progress=progress)
        with opened:
            if to is not None and to < opened.now:
                raise UsageError(
                    f"the run is past {to:%Y-%m-%d %H:%M} already: it is at "
                    f"{opened.now:%Y-%m-%d %H:%M}",
                    hint="name a later instant, or another folder for a new run",
                )
            opened.fast(to)
            return opened.rehearsal()


def _report(rehearsal: Rehearsal, html: Path | None, docx: Path | None, *, as_json: bool) -> None:
    from comity.exercise.after_action import after_action

    report = after_action(rehearsal)
    if as_json:
        print_json(report.to_json())
    else:
        click.echo(report.terminal())
    _write(((html, report.html), (docx, report.docx)), as_json=as_json)


def _write_again(found: Again, html: Path | None, docx: Path | None, *, as_json: bool) -> None:
    from comity.exercise.again_finding import report
    from comity.report.page import page
    from comity.report.word import word

    told = report(found)
    _write(((html, lambda: page(told)), (docx, lambda: word(told))), as_json=as_json)


def _write(
    files: Iterable[tuple[Path | None, Callable[[], str | bytes]]], *, as_json: bool
) -> None:
    for path, content in files:
        if path is None:
            continue
        made = content()
        try:
            path.write_bytes(made.encode() if isinstance(made, str) else made)
        except OSError as error:
            raise UsageError(
                f"{path} cannot be written: {(error.strerror or 'unknown').lower()}",
                hint="name another place",
            ) from None
        if not as_json:
            click.echo(f"written: {path}")


def _tell_again(
    found: Again, why: tuple[str, str, str] | None, *, full: bool, as_json: bool
) -> None:
    if why is not None:
        words = found.why(why[0], _kind(why[1]), why[2])
        if as_json:
            print_json({"member": why[0], "kind": why[1], "decision": why[2], "why": words})
        else:
            click.echo(words)
        return
    if as_json:
        print_json(found.to_json())
        return
    from comity.exercise.again_finding import findings
    from comity.report.text import terminal

    click.echo("\n\n".join(terminal(one) for one in findings(found, full=full)))


def _lost(told: str) -> tuple[str, LossKind]:
    member, _, kind = told.partition("=")
    return member, _kind(kind)


def _kind(kind: str) -> LossKind:
    if kind not in LOST:
        raise UsageError(
            f"'{kind[:40]}' is no kind of loss", hint="write CODE=silent, =refusing or =leaving"
        )
    return cast("LossKind", kind)
