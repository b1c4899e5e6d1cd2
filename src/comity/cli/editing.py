"""`comity act edit`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from comity.cli.signing import (
    COMMON,
    Ask,
    Saying,
    marking_of,
    one_of_kind,
    organ_of,
    paragraphs,
    perform,
    readers_words,
    signs,
    typed,
)
from comity.cli.written import WrittenCommand
from comity.errors import UsageError

if TYPE_CHECKING:
    from comity.core.bodies import Bracket, Insert, Resolve, Write
    from comity.core.texts import Paragraph, Text
    from comity.node.node import Node

HELP = f"""usage: comity act edit (--open FILE --title T | --text ACT (--write N WORDS | --strike N
                       | --insert N WORDS | --bracket N WORDS [--instead WORDS]
                       | --resolve ACT [--instead WORDS])) [--organ O] [--case C]
                       [--marking TLP] [--releasable M,M] [--office O] [--at INSTANT]
                       [--dry-run] [--yes] [--passphrase-file FILE] [--json] FOLDER

Take a step in the negotiation of a text. Nobody's words are lost: what two
members write at once stands side by side until a later version takes both up.
comity log FOLDER ACT shows the text as it stands.

  FOLDER                   the member's node
  --open FILE              a text begins; blank lines keep its paragraphs apart; with --title T
  --text ACT               the text to edit: the act that opened it, and one of:
  --write N WORDS          paragraph N gets these words
  --strike N               paragraph N goes
  --insert N WORDS         a paragraph comes after paragraph N; 0 puts it first
  --bracket N WORDS        these words of paragraph N are disputed; --instead WORDS says what
                           this member wants there
  --resolve ACT            a bracket of this member may go; of another's, --instead WORDS is an
                           offer
  --organ O                where a text begins; may be left out where the member sits in only one
  --case C                 the matter it belongs to
  --marking TLP            who may read on, such as TLP:AMBER
  --releasable M,M         to whom it may be passed on, beside the organ
{COMMON}
example:
  $ comity act edit league/arden --organ council --open draft.txt --title "The bridge" --dry-run
  with draft.txt:
    The bridge is repaired by spring."""


@click.command(cls=WrittenCommand, written=HELP)
@click.argument("folder")
@click.option("--open", "open_")
@click.option("--title")
@click.option("--text")
@click.option("--write", nargs=2)
@click.option("--strike")
@click.option("--insert", nargs=2)
@click.option("--bracket", nargs=2)
@click.option("--instead", default="")
@click.option("--resolve")
@click.option("--organ")
@click.option("--case", "case")
@click.option("--marking")
@click.option("--releasable")
@signs
def edit(
    ask: Ask,
    open_: str | None,
    title: str | None,
    text: str | None,
    write: tuple[str, str] | None,
    strike: str | None,
    insert: tuple[str, str] | None,
    bracket: tuple[str, str] | None,
    instead: str,
    resolve: str | None,
    organ: str | None,
    case: str | None,
    marking: str | None,
    releasable: str | None,
) -> None:
    """Take a step in the negotiation of a text."""
    from comity.core import bodies

    steps = [one for one in (write, strike, insert, bracket, resolve) if one is not None]
    if (open_ is None) == (text is None):
        raise UsageError(
            "a text begins, or is edited", hint="give --open FILE and --title, or --text ACT"
        )
    if open_ is not None and (title is None or steps):
        raise UsageError(
            "a text begins with its paragraphs and a title", hint="give --open FILE --title T alone"
        )
    if text is not None and len(steps) != 1:
        raise UsageError(
            "an edit is one step",
            hint="give one of --write, --strike, --insert, --bracket, --resolve",
        )

    def prepare(node: Node) -> Saying:
        marked = marking_of(marking, releasable)
        if open_ is not None:
            where = organ_of(node, organ)
            opened = bodies.OpenText(typed(title or ""), paragraphs(open_))
            body = bodies.Edit(opened, None, case, marked)
            return Saying(
                f"a text begins: {opened.title}",
                (readers_words(node, where),),
                lambda: (node.say(where, body, office=ask.office),),
                opened.paragraphs,
            )
        found = _text(node, text or "")
        what, change = _change(node, found)
        edited = bodies.Edit(change, found.id, case, marked)
        return Saying(
            f"{what}, in: {found.title}",
            (readers_words(node, found.organ),),
            lambda: (node.say(found.organ, edited, office=ask.office),),
            tuple(w for w in (getattr(change, "words", ""), getattr(change, "instead", "")) if w),
        )

    def _change(node: Node, found: Text) -> tuple[str, Write | Insert | Bracket | Resolve]:
        if write is not None or strike is not None:
            number, words = write or (strike or "", "")
            one = _paragraph(found, number)
            rivals = len(one.standing)
            what = f"paragraph {one.number} {'gets these words' if words else 'goes'}"
            if rivals > 1:
                what += f" in the place of {rivals} wordings"
            replaced = tuple(version.id for version in one.standing)
            return what, bodies.Write(one.name, typed(words), replaced)
        if insert is not None:
            number, words = insert
            if number == "0":
                return "a paragraph comes first", bodies.Insert(typed(words))
            one = _paragraph(found, number)
            return f"a paragraph comes after {one.number}", bodies.Insert(typed(words), one.name)
        if bracket is not None:
            number, words = bracket
            one = _paragraph(found, number)
            if not any(typed(words) in version.words for version in one.standing):
                raise UsageError(
                    f"paragraph {one.number} does not have the words '{words[:60]}'",
                    hint="copy them as they stand there",
                )
            return (
                f"these words of paragraph {one.number} are disputed",
                bodies.Bracket(one.name, typed(words), typed(instead)),
            )
        act = one_of_kind(node, resolve or "", "edit")
        own = act.member == node.member
        return (
            "our bracket may go" if own else f"an offer for {act.member}'s bracket",
            bodies.Resolve(act.id, typed(instead)),
        )

    perform(ask, prepare)


def _text(node: Node, named: str) -> Text:
    from comity.core.texts import texts

    act = one_of_kind(node, named, "edit")
    name = getattr(act.body, "text", None) or act.id
    edits = node.heeded(node.record.acts(kind="edit"))
    found = next((one for one in texts(edits) if one.id == name), None)
    if found is None:
        raise UsageError("the text is not at hand", hint="import what others have sent")
    return found


def _paragraph(found: Text, number: str) -> Paragraph:
    for one in found.paragraphs:
        if number == one.number or (len(number) >= 8 and one.name.startswith(number)):
            return one
    raise UsageError(
        f"the text has no paragraph {number[:40]}",
        hint=f"it has: {', '.join(one.number for one in found.paragraphs)}",
    )
