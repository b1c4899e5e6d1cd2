"""`comity act ...`: everything that a member can say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from comity.cli.editing import edit
from comity.cli.proposing import propose
from comity.cli.signing import (
    COMMON,
    Ask,
    Saying,
    day,
    marking_of,
    one_of_kind,
    organ_of,
    perform,
    readers_words,
    signs,
    typed,
)
from comity.cli.written import DAY, WrittenGroup
from comity.errors import UsageError

if TYPE_CHECKING:
    from comity.core.acts import Act
    from comity.core.bodies import Approval, Severity, Word
    from comity.node.node import Node

HELP = """usage: comity act KIND FOLDER ...

Say something for the member whose node is in FOLDER. What is said is signed,
kept on disk before you are told so, and not taken back. At a terminal you are
told what follows, and asked. Others get it by comity export.

  alert        an urgent notice, its update or its cancellation
  receipt      this member has an alert
  propose      put a text or a change to decision
  stance       answer a proposal
  close        sign the last answers heard: the one roll of this member
  edit         a step in the negotiation of a text
  pledge       promise something against a line of an obligation
  attach       a file belongs to a case or an act
  release      open acts of one organ to another
  leave        give notice of withdrawal
  rotate-key   take a new key
  enter        enter what charter, standings and keys have become
  resume       join the ends that an old copy of this node has left

PROPOSAL, ALERT and ACT are named by their place, as comity log shows it
(council/Arden/2), or by the first digits of their id.

example:
  $ comity act alert league/arden --title "The bridge is closed" --severity moderate \\
      --text "No vehicle can pass the bridge." --dry-run"""

ALERT_HELP = f"""usage: comity act alert --title T --text WORDS --severity S [--organ O] [--test]
                        [--update ALERT | --cancel ALERT] [--case C] [--marking TLP]
                        [--releasable M,M] [--office O] [--at INSTANT] [--dry-run] [--yes]
                        [--passphrase-file FILE] [--json] FOLDER

Raise an alert in an organ: its readers are asked for a receipt.

  FOLDER                   the member's node
  --title T                what it is, in one line
  --text WORDS             what happened, and what to do
  --severity S             extreme, severe, moderate, minor or unknown
  --organ O                where; may be left out where the member sits in only one
  --test                   a test of the ways, and nothing else
  --update ALERT           it changes an alert that this member raised
  --cancel ALERT           it takes one back
  --case C                 the matter it belongs to
  --marking TLP            who may read on: TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT
                           or TLP:RED
  --releasable M,M         to whom it may be passed on, beside the organ
{COMMON}
example:
  $ comity act alert league/arden --title "The bridge is closed" --severity moderate \\
      --text "No vehicle can pass the bridge." --yes --passphrase-file pass.txt"""

RECEIPT_HELP = f"""usage: comity act receipt [--office O] [--at INSTANT] [--dry-run] [--yes]
                          [--passphrase-file FILE] [--json] FOLDER [ALERT ...]

Confirm alerts: this member has them, since its node could first read them. It
says nothing else: no agreement, no promise.

  FOLDER                   the member's node
  ALERT ...                which; all that wait for this member's receipt by default
{COMMON}
example:
  $ comity act receipt league/brill --yes --passphrase-file pass.txt"""

STANCE_HELP = f"""usage: comity act stance [--reservation WORDS ...] [--declaration WORDS ...]
                         [--caveat WORDS ...] [--explanation WORDS ...] [--office O]
                         [--at INSTANT] [--dry-run] [--yes] [--passphrase-file FILE]
                         [--json] FOLDER PROPOSAL WORD

Answer a proposal. What the answer brings about is told before it is signed:
see it with --dry-run. A later answer takes its place until this member closes.

  FOLDER                   the member's node
  PROPOSAL                 its place, such as council/Arden/2, or digits of its id
  WORD                     yes, no, abstain, objection (which breaks a silence), withdraw (by
                           its proposer); or, with - for a blank: constructive-abstention,
                           ad-referendum, awaiting-instructions
  --reservation WORDS      said beside the answer; changes no outcome; may be repeated
  --declaration WORDS, --caveat WORDS, --explanation WORDS   as well
{COMMON}
example:
  $ comity act stance league/brill council/Arden/2 objection --dry-run"""

CLOSE_HELP = f"""usage: comity act close [--office O] [--at INSTANT] [--dry-run] [--yes]
                        [--passphrase-file FILE] [--json] FOLDER [PROPOSAL ...]

Close proposals whose time is over: sign, once for each, the last answer heard
of every member. A member that said nothing consents so under a silence, if it
had the text for the charter's notice. Import first what others have sent: what
this node has not heard, it cannot show.

  FOLDER                   the member's node
  PROPOSAL ...             which; all that this member may close now by default
{COMMON}
example:
  $ comity act close league/brill council/Arden/3 --dry-run"""

PLEDGE_HELP = f"""usage: comity act pledge --line L --quantity N --unit U [--obligation O]
                         [--organ O] [--case C] [--ready DATE] [--delivered N] [--caveat WORDS ...]
                         [--approval BODY=STATE ...] [--office O] [--at INSTANT] [--dry-run]
                         [--yes] [--passphrase-file FILE] [--json] FOLDER

Promise something against a line of an obligation, or say anew what is promised
and delivered: the last statement holds, and the first stays visible.

  FOLDER                   the member's node
  --line L                 the line of the need, as the charter spells it
  --quantity N             how much in all: 3, or 2.5
  --unit U                 of what, as the need counts it
  --obligation O           which obligation
  --organ O                where; may be left out where the member sits in only one
  --case C                 the matter it belongs to
  --ready DATE             from which day
  --delivered N            how much is handed over already
  --caveat WORDS           a limit of use; may be repeated
  --approval BODY=STATE    where a national body stands: pending, approved or refused
{COMMON}
example:
  $ comity act pledge league/brill --obligation ambulance --line crews --quantity 2 \\
      --unit crews --organ council --dry-run"""

ATTACH_HELP = f"""usage: comity act attach (--case C | --to ACT) [--organ O] [--name NAME]
                         [--media TYPE] [--marking TLP] [--releasable M,M] [--office O]
                         [--at INSTANT] [--dry-run] [--yes] [--passphrase-file FILE]
                         [--json] FOLDER FILE

Say that a file belongs to a case or to an act. The record keeps its hash, name
and size, and not the file: send that yourself; whoever gets it can compare.

  FOLDER                   the member's node
  FILE                     the file
  --case C                 the matter it belongs to
  --to ACT                 the act it belongs to
  --organ O                where; of --to by default, or where the member sits in only one
  --name NAME              how it is called; the file's own name by default
  --media TYPE             what it is, such as application/pdf; by the file's name by default
  --marking TLP            who may read on, such as TLP:AMBER
  --releasable M,M         to whom it may be passed on, beside the organ
{COMMON}
example:
  $ comity act attach league/arden examples/larch-league.toml --to council/Arden/2 --dry-run"""

RELEASE_HELP = f"""usage: comity act release --to ORGAN [--office O] [--at INSTANT] [--dry-run]
                          [--yes] [--passphrase-file FILE] [--json] FOLDER ACT ...

Open acts of one organ to the readers of another: each act with what opens it,
never a key. Whoever has read it cannot be made to forget.

  FOLDER                   the member's node
  ACT ...                  which acts
  --to ORGAN               to whose readers
{COMMON}
example:
  $ comity act release league/arden council/Arden/2 --to coalition --dry-run"""

LEAVE_HELP = f"""usage: comity act leave --since DATE [--text WORDS] [--office O] [--at INSTANT]
                        [--dry-run] [--yes] [--passphrase-file FILE] [--json] FOLDER

Give notice of withdrawal: this member leaves on a day. Nobody else need agree,
and it is not taken back; to come again is an admission.

  FOLDER                   the member's node
  --since DATE             the first day on which it does not belong
  --text WORDS             why, if it wants to say
{COMMON}
example:
  $ comity act leave league/dorn --since 2030-01-01 --dry-run"""

ROTATE_HELP = f"""usage: comity act rotate-key [--office O] [--at INSTANT] [--dry-run] [--yes]
                             [--passphrase-file FILE] [--json] FOLDER

Take a new key for an office: the old one says so, and the new one signs from
now. The old key is kept, to open what was sealed to it.

  FOLDER                   the member's node
{COMMON}
example:
  $ comity act rotate-key league/dorn --dry-run"""

ENTER_HELP = f"""usage: comity act enter [--office O] [--at INSTANT] [--dry-run] [--yes]
                        [--passphrase-file FILE] [--json] FOLDER

Enter what charter, standings and keys have become by settled changes. This
member goes on answering the proposals that are open now, and no other old ones.

  FOLDER                   the member's node
{COMMON}
example:
  $ comity act enter league/dorn --dry-run"""

RESUME_HELP = f"""usage: comity act resume [--office O] [--at INSTANT] [--dry-run] [--yes]
                         [--passphrase-file FILE] [--json] FOLDER

Join the ends of this member's own chains, after an old copy of its node has
spoken: it says to all that this was no second voice.

  FOLDER                   the member's node
{COMMON}
example:
  $ comity act resume league/dorn --dry-run"""

SEVERITIES = ("extreme", "severe", "moderate", "minor", "unknown")


class _Acts(WrittenGroup):
    """The kinds in the order in which they are told."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=_Acts, written=HELP)
def act() -> None:
    """Say something for a member."""


@act.command("alert", written=ALERT_HELP)
@click.argument("folder")
@click.option("--title", required=True)
@click.option("--text", required=True)
@click.option("--severity", type=click.Choice(SEVERITIES), required=True)
@click.option("--organ")
@click.option("--test", "is_test", is_flag=True)
@click.option("--update")
@click.option("--cancel")
@click.option("--case", "case")
@click.option("--marking")
@click.option("--releasable")
@signs
def alert(
    ask: Ask,
    title: str,
    text: str,
    severity: str,
    organ: str | None,
    is_test: bool,
    update: str | None,
    cancel: str | None,
    case: str | None,
    marking: str | None,
    releasable: str | None,
) -> None:
    """Raise an alert."""
    from comity.core.bodies import Alert

    if update and cancel:
        raise UsageError("an alert is updated or cancelled", hint="give --update or --cancel")

    def prepare(node: Node) -> Saying:
        before = update or cancel
        named = one_of_kind(node, before, "alert") if before else None
        if named is not None and named.member != node.member:
            raise UsageError(
                f"{named.member} raised that alert", hint="whoever raised it updates or cancels it"
            )
        where = named.header.organ if named else organ_of(node, organ)
        body = Alert(
            typed(title),
            typed(text),
            cast("Severity", severity),
            "test" if is_test else "exercise" if node.exercise else "actual",
            "update" if update else "cancel" if cancel else "alert",
            (named.id,) if named else (),
            case,
            marking_of(marking, releasable),
        )
        return Saying(
            f"{body.type}, {body.severity}, {body.status}: {body.title}",
            (readers_words(node, where), "each of them is asked for a receipt"),
            lambda: (node.say(where, body, office=ask.office),),
            (body.text,),
        )

    perform(ask, prepare)


@act.command("receipt", written=RECEIPT_HELP)
@click.argument("folder")
@click.argument("alerts", metavar="ALERT", nargs=-1)
@signs
def receipt(ask: Ask, alerts: tuple[str, ...]) -> None:
    """Confirm alerts."""
    from comity.core.bodies import Receipt
    from comity.core.strict import spelled
    from comity.node.agenda import agenda

    def prepare(node: Node) -> Saying:
        named = [one_of_kind(node, name, "alert") for name in alerts]
        if not alerts:
            waiting = [m.act for m in agenda(node) if m.kind == "alert"]
            named = [node.find(name) for name in waiting]

        def sign() -> Iterator[Act]:
            for one in named:
                since = node.opened_at(one.id) or spelled(node.now())
                yield node.say(one.header.organ, Receipt(one.id, since), office=ask.office)

        titles = "; ".join(getattr(one.body, "title", "") for one in named)
        return Saying(
            f"we have {len(named)} alert{'s' if len(named) != 1 else ''}: {titles}"
            if named
            else "nothing: no alert waits for a receipt",
            ("it says that this member has it, and since when; nothing else",),
            sign,
        )

    perform(ask, prepare)


@act.command("stance", written=STANCE_HELP)
@click.argument("folder")
@click.argument("proposal")
@click.argument("word")
@click.option("--reservation", multiple=True)
@click.option("--declaration", multiple=True)
@click.option("--caveat", multiple=True)
@click.option("--explanation", multiple=True)
@signs
def stance(
    ask: Ask,
    proposal: str,
    word: str,
    reservation: tuple[str, ...],
    declaration: tuple[str, ...],
    caveat: tuple[str, ...],
    explanation: tuple[str, ...],
) -> None:
    """Answer a proposal."""
    from typing import get_args

    from comity.core.bodies import Annotation
    from comity.core.bodies import Word as Words
    from comity.node.consequences import consequences

    words = get_args(Words)
    said = word.replace("-", " ")
    if said not in words:
        raise UsageError(
            f"'{word[:40]}' is no answer",
            hint="one of: " + ", ".join(one.replace(" ", "-") for one in words),
        )
    given = {
        "reservation": reservation,
        "declaration": declaration,
        "caveat": caveat,
        "explanation": explanation,
    }
    notes = tuple(
        Annotation(kind, typed(text))  # type: ignore[arg-type]
        for kind, texts in given.items()
        for text in texts
    )

    def prepare(node: Node) -> Saying:
        found = one_of_kind(node, proposal, "propose")
        pinned = node.pinned(found.id)
        if isinstance(pinned, str):
            raise UsageError(f"it cannot be answered: {pinned}", hint="answer another proposal")
        follows = consequences(node, pinned, cast("Word", said))
        return Saying(
            f"{said}, on {'/'.join(map(str, found.place))}: {pinned.body.title}",
            follows,
            lambda: (node.answer(found.id, cast("Word", said), notes, office=ask.office),),
            tuple(f"{note.kind}: {note.text}" for note in notes),
        )

    perform(ask, prepare)


@act.command("close", written=CLOSE_HELP)
@click.argument("folder")
@click.argument("proposals", metavar="PROPOSAL", nargs=-1)
@signs
def close(ask: Ask, proposals: tuple[str, ...]) -> None:
    """Close proposals."""
    from comity.node.agenda import agenda

    def prepare(node: Node) -> Saying:
        named = [one_of_kind(node, name, "propose") for name in proposals]
        if not proposals:
            named = [node.find(m.act) for m in agenda(node) if m.kind == "close"]
        titles = "; ".join(getattr(one.body, "title", "") for one in named)
        follows = [sentence for one in named for sentence in _closing_words(node, one)]
        return Saying(
            f"we close {titles}" if named else "nothing: no proposal waits to be closed",
            (*follows, "this is the one roll of this member: a second would convict it"),
            lambda: [node.close_proposal(one.id, office=ask.office) for one in named],
        )

    perform(ask, prepare)


def _closing_words(node: Node, proposal: Act) -> Iterator[str]:
    from comity.core.bodies import Stance
    from comity.core.proposals import heard

    pinned = node.pinned(proposal.id)
    if isinstance(pinned, str):
        raise UsageError(f"it cannot be closed: {pinned}", hint="close another proposal")
    last = {s.member: s.body for s in heard(pinned, node.record.about(proposal.id))}
    words = [f"{m}: {b.word}" for m, b in last.items() if isinstance(b, Stance)]
    where = "/".join(map(str, proposal.place))
    yield f"{where}: heard of {'; '.join(words) if words else 'nobody: an unbroken silence'}"
    if pinned.procedure.kind == "silence" and node.member not in last:
        yield f"{node.member} said nothing: closing so is consent"


@act.command("pledge", written=PLEDGE_HELP)
@click.argument("folder")
@click.option("--line", required=True)
@click.option("--quantity", required=True)
@click.option("--unit", required=True)
@click.option("--obligation")
@click.option("--organ")
@click.option("--case", "case")
@click.option("--ready", type=DAY)
@click.option("--delivered", default="0")
@click.option("--caveat", multiple=True)
@click.option("--approval", multiple=True)
@signs
def pledge(
    ask: Ask,
    line: str,
    quantity: str,
    unit: str,
    obligation: str | None,
    organ: str | None,
    case: str | None,
    ready: date | None,
    delivered: str,
    caveat: tuple[str, ...],
    approval: tuple[str, ...],
) -> None:
    """Promise something."""
    from comity.core.bodies import Pledge

    def prepare(node: Node) -> Saying:
        where = organ_of(node, organ)
        known = node.under.charter.obligations
        if obligation is not None and obligation not in known:
            raise UsageError(
                f"the charter has no obligation called '{obligation[:64]}'",
                hint=f"it has: {', '.join(known) or 'none'}",
            )
        lines = [need.line for need in known[obligation].needs] if obligation else []
        previous = _pledged_before(node, obligation, case, line)
        body = Pledge(
            line,
            quantity,
            unit,
            obligation,
            case,
            day(ready),
            delivered,
            tuple(map(typed, caveat)),
            tuple(map(_approval, approval)),
            previous,
        )
        follows = [readers_words(node, where)]
        if previous:
            follows.append("it takes the place of what was promised before; that stays visible")
        if lines and line not in lines:
            follows.append(f"the obligation has no such line: {', '.join(lines)}")
        return Saying(
            f"we pledge {quantity} {unit} to {line}"
            + (f" of {obligation}" if obligation else "")
            + (f", {delivered} delivered" if delivered != "0" else ""),
            tuple(follows),
            lambda: (node.say(where, body, office=ask.office),),
        )

    perform(ask, prepare)


def _pledged_before(node: Node, obligation: str | None, case: str | None, line: str) -> str | None:
    from comity.core.pledges import pledges

    found = pledges(node.record.acts(member=node.member, kind="pledge"))
    mine = [p for p in found if (p.obligation, p.case, p.line) == (obligation, case, line)]
    return mine[0].promises[0].current.id if mine else None


def _approval(text: str) -> Approval:
    from comity.core.bodies import Approval

    body, _, state = text.rpartition("=")
    if not body or state not in ("pending", "approved", "refused"):
        raise UsageError(
            f"'{text[:60]}' does not say where a body stands",
            hint='write it as --approval "Parliament=pending", or approved, or refused',
        )
    return Approval(body, state)  # type: ignore[arg-type]


@act.command("attach", written=ATTACH_HELP)
@click.argument("folder")
@click.argument("file")
@click.option("--case", "case")
@click.option("--to", "to")
@click.option("--organ")
@click.option("--name")
@click.option("--media")
@click.option("--marking")
@click.option("--releasable")
@signs
def attach(
    ask: Ask,
    file: str,
    case: str | None,
    to: str | None,
    organ: str | None,
    name: str | None,
    media: str | None,
    marking: str | None,
    releasable: str | None,
) -> None:
    """Say that a file belongs to something."""
    import mimetypes
    from hashlib import file_digest

    from comity.core.bodies import Attach

    if case is None and to is None:
        raise UsageError("the file belongs to nothing yet", hint="add --case C or --to ACT")
    path = Path(file)
    try:
        with path.open("rb") as stream:
            digest = file_digest(stream, "sha256").hexdigest()
        size = path.stat().st_size
    except OSError as wrong:
        raise UsageError(
            f"{file} cannot be read: {(wrong.strerror or 'unknown').lower()}", hint="check the path"
        ) from None
    kind = media or mimetypes.guess_type(path.name)[0] or "application/octet-stream"

    def prepare(node: Node) -> Saying:
        named = node.find(to) if to else None
        where = organ or (named.header.organ if named else None)
        chosen = organ_of(node, where)
        body = Attach(
            digest,
            typed(name or path.name),
            kind,
            size,
            case,
            named.id if named else None,
            marking_of(marking, releasable),
        )
        return Saying(
            f"the file {body.name}, {size:,} bytes, SHA-256 {digest[:16]}, belongs to "
            + (f"the case {case}" if case else f"{to}"),
            (readers_words(node, chosen), "the file itself is not sent: bring it to them"),
            lambda: (node.say(chosen, body, office=ask.office),),
        )

    perform(ask, prepare)


@act.command("release", written=RELEASE_HELP)
@click.argument("folder")
@click.argument("acts", metavar="ACT", nargs=-1, required=True)
@click.option("--to", "to", required=True)
@signs
def release(ask: Ask, acts: tuple[str, ...], to: str) -> None:
    """Open acts to another organ."""
    from comity.core.bodies import Opened, Release
    from comity.core.strict import write_base64

    def prepare(node: Node) -> Saying:
        where = organ_of(node, to)
        named = [node.find(name) for name in acts]
        opened = []
        for one in named:
            if one.salt is None or one.body_bytes is None:
                raise UsageError(
                    f"{'/'.join(map(str, one.place))} cannot be read here", hint="leave it out"
                )
            if one.header.organ == where:
                raise UsageError(
                    f"{'/'.join(map(str, one.place))} is in {where} already",
                    hint="release it to another organ",
                )
            opened.append(
                Opened(one.envelope.form(), write_base64(one.salt), write_base64(one.body_bytes))
            )
        body = Release(tuple(opened))
        return Saying(
            f"{len(named)} act{'s' if len(named) > 1 else ''} of "
            f"{', '.join(dict.fromkeys(one.header.organ for one in named))} opened to {where}",
            (readers_words(node, where), "whoever has read it cannot be made to forget"),
            lambda: (node.say(where, body, office=ask.office),),
        )

    perform(ask, prepare)


@act.command("leave", written=LEAVE_HELP)
@click.argument("folder")
@click.option("--since", type=DAY, required=True)
@click.option("--text", default="")
@signs
def leave(ask: Ask, since: date, text: str) -> None:
    """Give notice of withdrawal."""
    from comity.core.bodies import Leave
    from comity.core.constitution import COALITION

    def prepare(node: Node) -> Saying:
        body = Leave(since.isoformat(), typed(text))
        return Saying(
            f"{node.member} leaves on {since}",
            (
                "nobody else need agree, and it is not taken back",
                "rosters, weights and what is owed are counted without it from that day",
                readers_words(node, COALITION),
            ),
            lambda: (node.say(COALITION, body, office=ask.office),),
            (body.text,) if body.text else (),
        )

    perform(ask, prepare)


@act.command("rotate-key", written=ROTATE_HELP)
@click.argument("folder")
@signs
def rotate_key(ask: Ask) -> None:
    """Take a new key."""
    from comity.cli.opened import passphrase

    secret = b"" if ask.dry_run else passphrase(ask.passphrase_file)

    def prepare(node: Node) -> Saying:
        return Saying(
            f"a new key for {ask.office or 'this office'} of {node.member}",
            (
                "it signs from now; the old one is kept, to open what was sealed to it",
                "copy keys.json anew to where you keep it safe",
            ),
            lambda: (node.rotate_key(secret, ask.office),),
        )

    perform(ask, prepare, secret)


@act.command("enter", written=ENTER_HELP)
@click.argument("folder")
@signs
def enter(ask: Ask) -> None:
    """Enter what the charter has become."""
    from comity.core.effects import effect_words
    from comity.node import duties

    def prepare(node: Node) -> Saying:
        current = node.succession.current
        fresh = [a for n, a in current.changes.items() if n not in node.under.changes]
        told = []
        for one in fresh:
            effect = getattr(one.body, "effect", None)
            told.append(effect_words(effect, current.charter) if effect else f"{one.member} leaves")
        return Saying(
            "we are in what charter, standings and keys have become"
            if fresh
            else "nothing: nothing has changed that this member is not in",
            tuple(told),
            lambda: duties.enter(node),
        )

    perform(ask, prepare)


@act.command("resume", written=RESUME_HELP)
@click.argument("folder")
@signs
def resume(ask: Ask) -> None:
    """Join the ends of own chains."""

    def prepare(node: Node) -> Saying:
        forked = [
            organ
            for organ in node.organs()
            if len(node.record.heads(organ=organ, member=node.member)) > 1
        ]
        return Saying(
            f"the ends of our chain in {', '.join(forked)} belong together"
            if forked
            else "nothing: no chain of this member has two ends",
            ("it was an old copy of this node, and no second voice",) if forked else (),
            node.resume,
        )

    perform(ask, prepare)


act.add_command(propose, "propose")
act.add_command(edit, "edit")
