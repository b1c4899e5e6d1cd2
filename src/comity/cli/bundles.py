"""`comity export` and `comity import`: the record carried by files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.opened import at_option, opened, passphrase_option
from comity.cli.written import WrittenCommand, json_option, print_json
from comity.errors import ActError, UsageError

if TYPE_CHECKING:
    from comity.core.proposals import Standing
    from comity.node.node import Node, Taken

EXPORT_HELP = """usage: comity export -o OUT [--to M ...] [--at INSTANT] [--passphrase-file FILE]
                     [--json] FOLDER

Write what other members may read and are not known to have: for each of them a
file that it alone can open. Carry it by mail, stick or messenger: whoever
carries it learns neither what is in it nor which organs are busy.

  FOLDER           the member's node
  -o, --out OUT    with one --to, the file; otherwise a folder, with a file for each
                   member: arden-to-brill.comity
  --to M           for whom; may be repeated; by default all others who have a key
  --at INSTANT     the time, in an exercise: 2026-01-31T12:00:00Z
  -p, --passphrase-file FILE   take the passphrase from a file that you alone can read
  --json           the answer with documented keys (docs/howto/node.md)

exit status:
  0  written
  1  nothing can be written; the message says why

example:
  $ comity export league/arden --to Brill -o brill.comity --passphrase-file pass.txt"""

IMPORT_HELP = """usage: comity import [--at INSTANT] [--passphrase-file FILE] [--json]
                     FOLDER FILE ...

Take in files that other members have exported. Each act is verified before it
is kept; what is refused is said with its reason, and what cannot be verified
yet waits. Nothing is signed: a proposal whose time is over is closed by
comity act close. Importing a file twice changes nothing.

  FOLDER           the member's node
  FILE ...         what came, in any order
  --at INSTANT     the time, in an exercise: 2026-01-31T12:00:00Z
  -p, --passphrase-file FILE   take the passphrase from a file that you alone can read
  --json           the answer with documented keys (docs/howto/node.md)

exit status:
  0  all files were taken in
  1  a file was refused, or an act in it; the answer says which

example:
  $ comity import league/brill league/brill.comity --passphrase-file pass.txt"""


@click.command(cls=WrittenCommand, written=EXPORT_HELP)
@click.argument("folder")
@click.option("-o", "--out", "out", required=True)
@click.option("--to", "to", multiple=True)
@at_option
@passphrase_option
@json_option
def export(
    folder: str,
    out: str,
    to: tuple[str, ...],
    at: datetime | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Write what other members lack."""
    from comity.cli.said import counting, exercise_line
    from comity.node import bundle

    written: list[dict[str, object]] = []
    with opened(folder, passphrase_file, at) as node:
        named = to or _others(node)
        if not named:
            raise UsageError("nobody else has a key yet", hint="name a member with --to")
        with counting("sealing") as progress:
            for done, member in enumerate(named, 1):
                parts = bundle.export(node, member)
                for path, data in zip(
                    _targets(Path(out), node.member, member, len(parts), single=len(to) == 1),
                    parts,
                ):
                    _put(path, data)
                    written.append({"to": member, "file": str(path), "bytes": len(data)})
                progress(done, len(named))
        exercise = node.exercise
    if as_json:
        print_json(written)
        return
    exercise_line(exercise)
    for one in written:
        click.echo(f"for {one['to']}: {one['file']}")
    each = "Each" if len(written) > 1 else "It"
    click.echo(f"{each} can be opened by that member alone: comity import FOLDER FILE")


def _others(node: Node) -> tuple[str, ...]:
    holders = node.succession.current.holders.values()
    keyed = {held.member for held in holders if held.sealing is not None}
    order = node.under.charter.order
    return tuple(m for m in order if m in keyed and m != node.member)


def _targets(out: Path, me: str, member: str, count: int, *, single: bool) -> list[Path]:
    if single and not out.is_dir():
        first = out
    else:
        out.mkdir(parents=True, exist_ok=True)
        first = out / f"{me.lower()}-to-{member.lower()}.comity"
    more = [first.with_name(f"{first.stem}-{k}{first.suffix}") for k in range(2, count + 1)]
    return [first, *more]


def _put(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as wrong:
        raise UsageError(
            f"{path} cannot be written: {(wrong.strerror or 'unknown').lower()}",
            hint="name a place that is yours with -o",
        ) from None


@click.command(cls=WrittenCommand, written=IMPORT_HELP)
@click.argument("folder")
@click.argument("files", metavar="FILE", nargs=-1, required=True)
@at_option
@passphrase_option
@json_option
def import_(
    folder: str,
    files: tuple[str, ...],
    at: datetime | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Take in files of other members."""
    from comity.cli.said import counting, exercise_line
    from comity.node.agenda import agenda
    from comity.node.duties import settle

    told: list[dict[str, object]] = []
    with opened(folder, passphrase_file, at) as node:
        with counting("reading") as progress:
            for done, name in enumerate(files, 1):
                told.append(_taken(node, name))
                progress(done, len(files))
        settled = settle(node)
        waiting = [matter.to_json() for matter in agenda(node, folder)]
        exercise = node.exercise
    bad = any(one["error"] or one["refused"] for one in told)
    if as_json:
        outcomes = [{"proposal": s.pinned.act.id, "outcome": s.settlement.outcome} for s in settled]
        print_json({"files": told, "settled": outcomes, "agenda": waiting})
    else:
        exercise_line(exercise)
        _say(told, settled)
        need = [one for one in waiting if one["next"]]
        if need:
            many = "s need" if len(need) > 1 else " needs"
            click.echo(f"{len(need)} matter{many} this member: comity inbox {folder}")
    if bad:
        click.get_current_context().exit(1)


def _taken(node: Node, name: str) -> dict[str, object]:
    from comity.node import bundle
    from comity.node.recovery import confirm

    found: dict[str, object] = {
        "file": name,
        "of": None,
        "new": [],
        "refused": [],
        "waiting": 0,
        "error": None,
        "hint": None,
    }
    try:
        with Path(name).open("rb") as file:
            data = file.read(bundle.MAX_BUNDLE + 1)
        sender, taken = bundle.take_in(node, data)
        confirm(node, sender)
    except OSError as wrong:
        found["error"] = f"it cannot be read: {(wrong.strerror or 'unknown').lower()}"
        found["hint"] = "check the path"
        return found
    except ActError as wrong:
        found["error"], found["hint"] = wrong.what, wrong.hint
        return found
    return {**found, "of": sender, **_of(node, taken)}


def _of(node: Node, taken: Taken) -> dict[str, object]:
    from comity.cli.signing import act_json

    return {
        # What came sealed may have been opened by what came with it.
        "new": [act_json(node.record.get(act.id) or act) for act in taken.new],
        "refused": list(taken.refused),
        "waiting": taken.waiting,
    }


def _say(told: list[dict[str, object]], settled: tuple[Standing, ...]) -> None:
    from comity.cli.said import counted, item, place, plain

    for one in told:
        name = plain(str(one["file"]))
        if one["error"]:
            click.echo(item(f"{name}: refused: {one['error']}", "", "  "))
            click.echo(item(f"hint: {one['hint']}"))
            continue
        new = one["new"]
        assert isinstance(new, list)
        kinds: dict[str, int] = {}
        for act in new:
            kind = str(act["kind"] or "sealed act")
            kinds[kind] = kinds.get(kind, 0) + 1
        listed = ", ".join(counted(kind, count) for kind, count in kinds.items()) or "nothing new"
        click.echo(item(f"{name}, from {one['of']}: {listed}", "", "  "))
        refused = one["refused"]
        assert isinstance(refused, list)
        for words in refused:
            click.echo(item(f"refused: {words}"))
        if one["waiting"]:
            click.echo(item(f"{one['waiting']} wait: nobody here holds their key yet; it may come"))
    for standing in settled:
        act, title = standing.pinned.act, plain(standing.pinned.body.title)
        click.echo(item(f"settled: {standing.settlement.outcome}: {title}, {place(act)}", "", "  "))
