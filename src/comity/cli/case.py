"""`comity case`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from comity.cli.opened import at_option, looked
from comity.cli.written import WrittenCommand, json_option, print_json
from comity.errors import UsageError

if TYPE_CHECKING:
    from comity.core.cases import Case, Cases
    from comity.node.node import Node

HELP = """usage: comity case [--at INSTANT] [--json] FOLDER [CASE]

Show the matters before a coalition: which were opened and closed by decision,
and what belongs to each. With CASE, all acts of one. Below the list: groups
that were recognised, obligations that were woken, texts that members join.

  FOLDER           the member's node; it may be running
  CASE             its name
  --at INSTANT     the time, in an exercise: 2026-01-31T12:00:00Z
  --json           the answer with documented keys (docs/howto/node.md)

exit status:
  0  an answer
  1  the node cannot be read, or there is no such case; the message says why

example:
  $ comity case league/brill bridge"""


@click.command(cls=WrittenCommand, written=HELP)
@click.argument("folder")
@click.argument("case", required=False)
@at_option
@json_option
def case(folder: str, case: str | None, at: datetime | None, as_json: bool) -> None:
    """Show the matters before a coalition."""
    with looked(folder, at) as node:
        found = _gathered(node)
        if case is None:
            _list(node, found, folder, as_json=as_json)
            return
        one = next((one for one in found if one.name == case), None)
        if one is None:
            names = ", ".join(one.name for one in found)
            raise UsageError(
                f"no act at hand names a case '{case[:64]}'",
                hint=f"there are: {names}" if names else "open one: comity act propose --open-case",
            )
        _one(node, one, as_json=as_json)


def _gathered(node: Node) -> Cases:
    from comity.core.cases import cases, joined_by

    outcomes: dict[str, str] = {}
    joined: dict[str, tuple[str, ...]] = {}
    for act in node.record.acts(kind="propose"):
        standing = node.standing(act.id)
        if not isinstance(standing, str):
            outcomes[act.id] = standing.settlement.outcome
            joined[act.id] = joined_by(standing)
    return cases(node.heeded(node.record.acts()), outcomes, joined)


def _list(node: Node, found: Cases, folder: str, *, as_json: bool) -> None:
    from comity.cli.said import counted, exercise_line, item, plain, short

    if as_json:
        print_json(
            {
                "cases": [_plain(one) for one in found],
                "groups": [
                    {"name": g.name, "members": list(g.members), "proposal": g.proposal}
                    for g in found.groups
                ],
                "woken": [
                    {"obligation": w.obligation, "because": w.because, "proposal": w.proposal}
                    for w in found.woken
                ],
                "instruments": [
                    {
                        "proposal": i.proposal,
                        "title": i.title,
                        "outcome": i.outcome,
                        "joined": list(i.joined),
                    }
                    for i in found.instruments
                ],
            }
        )
        return
    exercise_line(node.exercise)
    if not found.cases:
        click.echo("No act at hand names a case. Acts do with --case; a decision opens one:")
        click.echo(f"  $ comity act propose {folder} --open-case NAME --title TITLE")
    for one in found:
        title = f": {plain(one.title)}" if one.title else ""
        click.echo(f"{one.name} ({one.standing}){title}")
        click.echo(item(", ".join(counted(kind, len(ids)) for kind, ids in one.acts)))
    for group in found.groups:
        click.echo(
            item(f"group {group.name}: {', '.join(group.members)} ({short(group.proposal)})", "")
        )
    for woken in found.woken:
        click.echo(item(f"woken: {woken.obligation}, because {woken.because}", ""))
    for one_text in found.instruments:
        by = ", ".join(one_text.joined) or "nobody yet"
        click.echo(
            item(f"open to join: {one_text.title} ({short(one_text.proposal)}); by {by}", "")
        )


def _one(node: Node, one: Case, *, as_json: bool) -> None:
    from comity.cli.log import act_words
    from comity.cli.said import exercise_line, place, plain
    from comity.cli.signing import act_json

    ids = sorted({name for _, names in one.acts for name in names} | set(one.decisions))
    acts = [act for act in map(node.record.get, ids) if act is not None]
    acts.sort(key=lambda act: (act.header.instant, act.id))
    if as_json:
        print_json({**_plain(one), "acts": [act_json(act) for act in acts]})
        return
    exercise_line(node.exercise)
    click.echo(f"{one.name} ({one.standing})" + (f": {plain(one.title)}" if one.title else ""))
    for act in acts:
        click.echo(f"\n{act.header.instant}  {place(act)}")
        click.echo(act_words(act, node))


def _plain(one: Case) -> dict[str, object]:
    return {
        "case": one.name,
        "standing": one.standing,
        "title": one.title,
        "decisions": list(one.decisions),
        "kinds": {kind: list(ids) for kind, ids in one.acts},
    }
