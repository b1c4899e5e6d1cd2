"""`comity proposal`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.opened import at_option, looked
from comity.cli.written import WrittenCommand, json_option, print_json
from comity.errors import UsageError

if TYPE_CHECKING:
    from comity.core.acts import Act
    from comity.core.proposals import Pinned, Standing
    from comity.core.tally import Decision
    from comity.node.node import Node

HELP = """usage: comity proposal [--certificate FILE] [--at INSTANT] [--json] FOLDER [PROPOSAL]

Show how a proposal stands: what it does, who said what and how many have heard
it, who has closed, its tally part by part, and its outcome or what it can still
be. Without PROPOSAL, list them all.

  FOLDER               the member's node; it may be running
  PROPOSAL             its place, such as council/Arden/2, or digits of its id
  --certificate FILE   write what proves its outcome to a stranger (comity verify)
  --at INSTANT         the time, in an exercise: 2026-01-31T12:00:00Z
  --json               the answer with documented keys (docs/howto/node.md)

exit status:
  0  the list; or it is adopted
  1  the node or the proposal cannot be read; the message says why
  3  it is not adopted: open, in doubt, or ended otherwise

example:
  $ comity proposal league/brill council/Arden/2"""


@click.command(cls=WrittenCommand, written=HELP)
@click.argument("folder")
@click.argument("proposal", required=False)
@click.option("--certificate")
@at_option
@json_option
def proposal(
    folder: str, proposal: str | None, certificate: str | None, at: datetime | None, as_json: bool
) -> None:
    """Show how a proposal stands."""
    from comity.cli.signing import one_of_kind

    if proposal is None and certificate is not None:
        raise UsageError("a certificate is of one proposal", hint="name it after the folder")
    with looked(folder, at) as node:
        if proposal is None:
            _list(node, folder, as_json=as_json)
            return
        act = one_of_kind(node, proposal, "propose")
        standing = node.standing(act.id)
        if certificate is not None:
            _certify(node, act, Path(certificate))
        if as_json:
            print_json({**_plain(node, act, standing), "certificate": certificate})
        else:
            for line in _lines(node, act, standing):
                click.echo(line)
            if certificate is not None:
                click.echo(f"\nIts certificate is in {certificate}. Whoever has it checks it by:")
                click.echo(f"  $ comity verify {certificate} \\")
                click.echo(f"      --founding {node.coalition}")
    if _outcome(standing) != "adopted":
        click.get_current_context().exit(3)


def _certify(node: Node, act: Act, path: Path) -> None:
    data = node.certificate(act.id)
    try:
        path.write_bytes(data)
    except OSError as wrong:
        raise UsageError(
            f"{path} cannot be written: {(wrong.strerror or 'unknown').lower()}",
            hint="name a place that is yours",
        ) from None


def _outcome(standing: Standing | str) -> str:
    return "without effect" if isinstance(standing, str) else standing.settlement.outcome


def _list(node: Node, folder: str, *, as_json: bool) -> None:
    from comity.cli.said import exercise_line, item, place, plain

    found = [(act, node.standing(act.id)) for act in node.record.acts(kind="propose")]
    if as_json:
        print_json([_head(node, act, standing) for act, standing in found])
        return
    exercise_line(node.exercise)
    if not found:
        click.echo("No proposal is at hand. Make one: comity act propose --help")
    for act, standing in found:
        click.echo(f"{place(act)}: {_outcome(standing)}")
        title = plain(getattr(act.body, "title", ""))
        if isinstance(standing, str):
            click.echo(item(f"{title}: {standing}"))
        else:
            click.echo(item(f"{title}; {_clock(node, standing.pinned)}"))


def _clock(node: Node, pinned: Pinned) -> str:
    from comity.cli.said import away, moment

    if pinned.expires is None:
        return "open to signature"
    now, closes = node.now(), pinned.closes_at
    assert closes is not None
    if now < pinned.expires:
        return f"expires {moment(pinned.expires)} ({away(pinned.expires, now)})"
    told = f"expired {moment(pinned.expires)}"
    return told if now >= closes else f"{told}; to be closed from {moment(closes)} on"


def _lines(node: Node, act: Act, standing: Standing | str) -> Iterator[str]:
    from comity.cli.said import barred, item, place, plain
    from comity.core.bodies import Propose
    from comity.core.effects import effect_words

    body = act.body
    assert isinstance(body, Propose)
    if node.exercise:
        yield "EXERCISE: nothing here is real"
    yield item(f"{_outcome(standing)}: {plain(body.title)}", "", "  ")
    yield f"  {place(act)}, proposed by {act.member}, {plain(act.header.office)}"
    charter = node.under.charter if isinstance(standing, str) else standing.pinned.under.charter
    yield item(f"it {effect_words(body.effect, charter)}")
    for number, paragraph in enumerate(getattr(body.effect, "paragraphs", ()), 1):
        first, *others = barred(paragraph)
        yield f"{number:>3} {first.strip()}"
        yield from others
    if isinstance(standing, str):
        yield item(f"nothing is decided on it: {standing}")
        return
    pinned = standing.pinned
    yield item(
        f"{pinned.procedure.kind} in {act.header.organ}, under the rule '{pinned.entry.title}'; "
        f"{_clock(node, pinned)}"
    )
    yield ""
    yield from _members(node, standing)
    yield ""
    yield from _tallied(node, standing)
    yield ""
    yield from _ending(node, standing)


def _members(node: Node, standing: Standing) -> Iterator[str]:
    from comity.cli.said import item

    for one in _each(node, standing):
        words = [str(one["stance"] or "has said nothing")]
        heard_by = one["heard_by"]
        assert isinstance(heard_by, list)
        shown_by = one["shown_by"]
        assert isinstance(shown_by, list)
        if one["stance"] and standing.pinned.expires is not None:
            need = standing.pinned.thresholds.establishing
            told = f"shown by {len(shown_by)} when they closed"
            if not standing.closings:
                told = f"heard by {len(heard_by)} as far as is known"
            words.append(f"{told} ({need} make it count)")
        if standing.count is not None:
            words.append("has closed" if one["closed"] else "has not closed")
        yield item(f"{one['member']}: {', '.join(words)}")
        notes = one["notes"]
        assert isinstance(notes, list)
        for note in notes:
            yield item(f"{note['kind']}: {note['text']}", "      ", "      ")


def _each(node: Node, standing: Standing) -> Iterator[dict[str, object]]:
    """Yield what each member said, who heard it, whether it closed, and what it counts as."""
    from comity.core.bodies import Closing, Stance
    from comity.core.proposals import heard
    from comity.node.agenda import hearing

    pinned = standing.pinned
    last = {s.member: s for s in heard(pinned, node.record.about(pinned.act.id))}
    closed = {act.member for act in standing.closings}
    shown: dict[str, set[str]] = {}
    for act in standing.closings:
        assert isinstance(act.body, Closing)
        for name in act.body.roll.values():
            shown.setdefault(name, set()).add(act.member)
    for member in dict.fromkeys((*pinned.roster, *(m for m in last if m == pinned.act.member))):
        said = last.get(member)
        body = said.body if said is not None else None
        assert body is None or isinstance(body, Stance)
        known = {*hearing(node, said), *shown.get(said.id, ()), node.member} if said else set()
        yield {
            "member": member,
            "stance": body.word if body else None,
            "turn": body.turn if body else None,
            "act": said.id if said else None,
            "notes": [{"kind": n.kind, "text": n.text} for n in body.annotations] if body else [],
            "heard_by": [m for m in pinned.roster if m in known],
            "shown_by": sorted(shown.get(said.id, ())) if said else [],
            "closed": member in closed,
            "counts_as": standing.settlement.marks.get(member) if standing.closings else None,
        }


def _decision(node: Node, standing: Standing) -> Decision:
    """Count by the closings once it is settled; before, by the answers at hand."""
    from comity.core.tally import decide
    from comity.node.consequences import counted

    pinned = standing.pinned
    if not standing.settlement.settled:
        return counted(node, pinned)
    marks = standing.settlement.marks
    return decide(pinned.entry.rule, pinned.electorate, marks, pinned.concerned)


def _tallied(node: Node, standing: Standing) -> Iterator[str]:
    from comity.report.tree import tree

    told = _decision(node, standing)
    settled = standing.settlement.settled
    yield "As its closings settle it:" if settled else "With the answers at hand:"
    yield tree(told.tally)
    if told.against is not None:
        yield "Against, with yes and no exchanged:"
        yield tree(told.against)


def _ending(node: Node, standing: Standing) -> Iterator[str]:
    from comity.cli.said import item

    settlement, count = standing.settlement, standing.count
    if settlement.settled:
        yield item(f"{settlement.outcome}: nothing that comes later can change it", "", "  ")
        return
    possible = " or ".join(one for one in settlement.possible if one != "open")
    yield item(f"{settlement.outcome}: it can still be {possible}", "", "  ")
    if count is None:
        return
    need = standing.pinned.thresholds.refuting
    yield item(
        f"{len(count.closed)} of {len(standing.pinned.roster)} have closed it; "
        f"{need} that agree may be enough"
    )
    if settlement.outcome == "in doubt":
        yield item("if no more closings come, propose it again")
    for found in count.contradictions:
        yield item(f"{', '.join(found.double_signers)} signed both that it was heard and not")


def _head(node: Node, act: Act, standing: Standing | str) -> dict[str, object]:
    from comity.cli.signing import act_json
    from comity.core.bodies import Propose
    from comity.core.strict import spelled

    body = act.body
    assert isinstance(body, Propose)
    known = None if isinstance(standing, str) else standing
    closes = known.pinned.closes_at if known else None
    return {
        **act_json(act),
        "title": body.title,
        "effect": body.effect.__struct_config__.tag,
        "outcome": known.settlement.outcome if known else None,
        "settled": known.settlement.settled if known else False,
        "possible": list(known.settlement.possible) if known else [],
        "reason": standing if isinstance(standing, str) else None,
        "rule": body.rule,
        "procedure": body.procedure,
        "expires": body.expires,
        "closes_at": spelled(closes) if closes else None,
    }


def _plain(node: Node, act: Act, standing: Standing | str) -> dict[str, object]:
    from comity.core.bodies import Propose

    body = act.body
    assert isinstance(body, Propose)
    head = {
        **_head(node, act, standing),
        "exercise": node.exercise,
        "text": list(getattr(body.effect, "paragraphs", ())),
        "roster": list(body.roster),
    }
    if isinstance(standing, str):
        return {**head, "members": [], "decision": None}
    return {
        **head,
        "members": list(_each(node, standing)),
        "decision": _decision(node, standing).to_json(),
    }
