"""`comity log`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.opened import at_option, looked
from comity.cli.written import WrittenCommand, json_option, print_json
from comity.errors import UsageError

if TYPE_CHECKING:
    from comity.core.acts import Act
    from comity.node.node import Node

HELP = """usage: comity log [--organ O] [--member M] [--kind K] [--certificate FILE] [--at INSTANT]
                  [--json] FOLDER [ACT]

Show the record: every act at hand, chain by chain, then what has no effect and
why, what is missing, and who signed two acts in one place. With ACT, one act in
full, with what proves it; of a negotiated text, the text as it stands.

  FOLDER           the member's node; it may be running
  ACT              its place, such as council/Arden/2, or digits of its id
  --organ O        one organ only
  --member M       one member only
  --kind K         one kind only: propose, stance, closing, alert, receipt, edit, pledge,
                   attach, release, leave, key, enter, epoch, resume
  --certificate FILE   of an ACT, write what proves to a stranger (comity verify): of an
                   alert, who has it; of a proposal, its outcome; of an act in a place where
                   its member signed two, that it did
  --at INSTANT     the time, in an exercise: 2026-01-31T12:00:00Z
  --json           the answer with documented keys (docs/howto/node.md)

exit status:
  0  an answer
  1  the node or the act cannot be read; the message says why

example:
  $ comity log league/brill --organ council"""


@click.command(cls=WrittenCommand, written=HELP)
@click.argument("folder")
@click.argument("act", required=False)
@click.option("--organ")
@click.option("--member")
@click.option("--kind")
@click.option("--certificate")
@at_option
@json_option
def log(
    folder: str,
    act: str | None,
    organ: str | None,
    member: str | None,
    kind: str | None,
    certificate: str | None,
    at: datetime | None,
    as_json: bool,
) -> None:
    """Show the record."""
    if certificate is not None and act is None:
        raise UsageError("a certificate is of one act", hint="name it after the folder")
    with looked(folder, at) as node:
        if act is not None:
            one = node.find(act)
            if certificate is not None:
                _certify(node, one, Path(certificate))
            _one(node, one, as_json=as_json)
            if certificate is not None and not as_json:
                click.echo(f"Its certificate is in {certificate}: comity verify {certificate}")
        else:
            _all(node, folder, organ, member, kind, as_json=as_json)


def _certify(node: Node, act: Act, path: Path) -> None:
    """Write the certificate of an act: of whatever there is to prove about it."""
    from comity.core.attestations import certify_equivocation

    rivals = [one for one in node.record.chain(*act.place[:2], first=act.header.seq,
              last=act.header.seq) if one.id != act.id]  # fmt: skip
    if rivals:
        data = certify_equivocation(act, rivals[0], node.succession)
    elif act.kind == "alert":
        data = node.delivery(act.id)
    elif act.kind == "propose":
        data = node.certificate(act.id)
    else:
        raise UsageError(
            f"there is no certificate of {'a ' + act.kind if act.kind else 'a sealed act'} alone",
            hint="of an alert, a proposal, or one of two acts in one place there is",
        )
    try:
        path.write_bytes(data)
    except OSError as wrong:
        raise UsageError(
            f"{path} cannot be written: {(wrong.strerror or 'unknown').lower()}",
            hint="name a place that is yours",
        ) from None


def _all(
    node: Node,
    folder: str,
    organ: str | None,
    member: str | None,
    kind: str | None,
    *,
    as_json: bool,
) -> None:
    from comity.cli.said import exercise_line, item, place, short
    from comity.cli.signing import act_json
    from comity.node.effect import without_effect

    acts = sorted(
        node.record.acts(organ=organ, member=member, kind=kind),
        key=lambda one: (*one.place, one.id),
    )
    ids = {one.id: one for one in acts}
    idle = [(name, why) for name, why in without_effect(node).items() if name in ids]
    gaps = [g for g in node.record.gaps(organ=organ) if member in (None, g.member)]
    forks = [f for f in node.record.forks(organ=organ) if member in (None, f[1])]
    aside = len(node.record.aside())
    if as_json:
        print_json(
            {
                "acts": [act_json(one) for one in acts],
                "without_effect": [{"act": name, "reason": why} for name, why in idle],
                "missing": [{"organ": g.organ, "member": g.member, "act": g.id} for g in gaps],
                "forks": [{"organ": o, "member": m, "number": n} for o, m, n in forks],
                "aside": aside,
            }
        )
        return
    exercise_line(node.exercise)
    if not acts:
        click.echo("No act is at hand" + (" of that kind" if kind or member or organ else "") + ".")
        click.echo(f"Others' acts come by comity import {folder} FILE ...")
    chain = ("", "")
    for one in acts:
        if one.place[:2] != chain:
            chain = one.place[:2]
            click.echo(f"{chain[0]}, {chain[1]}")
        click.echo(f"  {one.header.instant}  {place(one)}")
        click.echo(act_words(one, node, "      "))
    if idle:
        click.echo("\nWithout effect")
    for name, why in idle:
        click.echo(item(f"{place(ids[name])}: {why}"))
    if gaps:
        click.echo("\nMissing: others name it, and it is not at hand")
    for gap in gaps:
        click.echo(item(f"an act of {gap.member} in {gap.organ} ({short(gap.id)}): ask any member"))
    if forks:
        click.echo("\nTwo acts in one place: an old copy of a node has spoken, or a key is lost")
    for where, who, number in forks:
        click.echo(item(f"{where}/{who}/{number}: ask {who}"))
    if aside:
        click.echo(f"\n{aside} acts wait: nobody here holds the key that signed them yet.")


def act_words(act: Act, node: Node, indent: str = "  ") -> str:
    """Say in a line or two what an act says."""
    from comity.cli.said import item

    return item(_said(act, node), indent, indent + "  ")


def _said(act: Act, node: Node) -> str:
    from comity.cli.said import counted
    from comity.core import bodies
    from comity.core.effects import effect_words

    body, charter = act.body, node.under.charter
    match body:
        case None:
            return "sealed: it cannot be opened here"
        case bodies.Propose():
            does = effect_words(body.effect, charter)
            return f"proposes: {body.title}" + (f"; {does}" if does != body.title else "")
        case bodies.Stance():
            notes = "".join(f"; {note.kind}: {note.text}" for note in body.annotations)
            again = f" (turn {body.turn})" if body.turn > 1 else ""
            return f"answers {_named(node, body.proposal)}: {body.word}{again}{notes}"
        case bodies.Closing():
            words = ", ".join(f"{m} {_word(node, name)}" for m, name in sorted(body.roll.items()))
            return f"closes {_named(node, body.proposal)}, having heard {words or 'nobody'}"
        case bodies.Alert():
            return f"{body.type}, {body.severity}, {body.status}: {body.title}: {body.text}"
        case bodies.Receipt():
            return f"has the alert {_named(node, body.alert)} since {body.opened_at}"
        case bodies.Pledge():
            of = f" of {body.obligation}" if body.obligation else ""
            return (
                f"pledges {body.quantity} {body.unit} to {body.line}{of}, "
                f"{body.delivered} delivered"
            )
        case bodies.Attach():
            to = f"the case {body.case}" if body.case else _named(node, body.to or "")
            return f"the file {body.name} ({body.size:,} bytes) belongs to {to}"
        case bodies.Edit():
            return _edited(body, node)
        case bodies.Release():
            return f"opens {counted('act', len(body.acts))} of another organ"
        case bodies.Resume():
            return "joins the ends that an old copy of its node has left"
        case bodies.Key():
            return f"takes a further key for {body.offer.held.office}"
        case bodies.Enter():
            return f"enters what {counted('settled change', len(body.changes))} made"
        case bodies.Leave():
            return f"gives notice: it leaves on {body.since}" + (
                f": {body.text}" if body.text else ""
            )
        case bodies.Epoch():
            return f"gives the organ key {body.number}, sealed to {len(body.boxes)} offices"


def _edited(body: object, node: Node) -> str:
    from comity.core import bodies

    assert isinstance(body, bodies.Edit)
    text = _named(node, body.text or "")
    match body.change:
        case bodies.OpenText() as change:
            return f"a text begins: {change.title}, {len(change.paragraphs)} paragraphs"
        case bodies.Write() as change:
            return f"writes paragraph {change.paragraph[:16]} of {text}: {change.words or 'struck'}"
        case bodies.Insert() as change:
            return f"puts a paragraph into {text}: {change.words}"
        case bodies.Bracket() as change:
            wish = change.instead or "nothing"
            return f"disputes in {text}: '{change.words}'; wants there: {wish}"
        case bodies.Resolve() as change:
            return f"of the bracket {_named(node, change.bracket)}: {change.words or 'it may go'}"


def _named(node: Node, name: str) -> str:
    act = node.record.get(name) if name else None
    return "/".join(map(str, act.place)) if act is not None else f"{name[:16]}, not at hand"


def _word(node: Node, name: str) -> str:
    act = node.record.get(name)
    return str(getattr(act.body, "word", "sealed")) if act is not None else "(not at hand)"


def _one(node: Node, act: Act, *, as_json: bool) -> None:
    from comity.cli.said import barred, exercise_line, item, place, plain
    from comity.cli.signing import act_json
    from comity.core.strict import write_json
    from comity.node.effect import reason as act_reason

    header = act.header
    reason = act_reason(node, act)
    proof = {
        "id": act.id,
        "constitution": header.constitution,
        "before": header.prev,
        "key_id": act.key_id,
        "commit": header.commit,
        "since": node.opened_at(act.id),
        "reason": reason,
    }
    if as_json:
        import json

        body = json.loads(write_json(act.body)) if act.body is not None else None
        form = json.loads(act.to_bytes())
        print_json({**act_json(act), **proof, "body": body, "act": form})
        return
    exercise_line(node.exercise)
    click.echo(place(act))
    click.echo(act_words(act, node))
    text = _text_of(node, act)
    if text is not None:
        for number, words in text:
            first, *others = barred(words)
            click.echo(f"{number:>4} {first.strip()}")
            for line in others:
                click.echo(line)
    click.echo(
        f"  signed by {act.member}'s node, {plain(header.office)}, with the key {act.key_id}"
    )
    click.echo(f"  at {header.instant}, by its own clock")
    click.echo(f"  id      {act.id}")
    click.echo(f"  after   {header.prev or 'nothing: it is the first of its chain'}")
    click.echo(f"  body    committed to as {header.commit}")
    if proof["since"]:
        click.echo(f"  here    readable since {proof['since']}")
    if reason:
        click.echo(item(f"it has no effect: {reason}"))
    click.echo("What others need to check it: comity log --json FOLDER ACT, under 'act'")


def _text_of(node: Node, act: Act) -> list[tuple[str, str]] | None:
    """Return the text that an act proposes or edits, paragraph by paragraph, with brackets."""
    from comity.core import bodies
    from comity.core.texts import texts

    if isinstance(act.body, bodies.Propose):
        words = getattr(act.body.effect, "paragraphs", ())
        return [(str(k), text) for k, text in enumerate(words, 1)]
    if not isinstance(act.body, bodies.Edit):
        return None
    name = act.body.text or act.id
    edits = node.heeded(node.record.acts(kind="edit"))
    found = next((one for one in texts(edits) if one.id == name), None)
    if found is None:
        return None
    told: list[tuple[str, str]] = []
    for one in found.paragraphs:
        told += [(one.number, words or "(struck)") for words in one.wordings]
        told += [
            (one.number, f"[{d.member} disputes '{d.words}', and wants: {d.instead or 'nothing'}]")
            for d in one.disputes
            if d.is_open
        ]
    return told
