"""`comity act propose`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import click

from comity.cli.opened import MOMENT
from comity.cli.signing import (
    COMMON,
    Ask,
    Saying,
    one_of_kind,
    organ_of,
    paragraphs,
    perform,
    readers_words,
    signs,
    typed,
)
from comity.cli.written import DAY, WrittenCommand, read_file
from comity.errors import UsageError

if TYPE_CHECKING:
    from comity.core.bodies import Effect, KeyOffer, Propose
    from comity.node.node import Node

Value = TypeVar("Value")

HELP = f"""usage: comity act propose [--title T] [--organ O] [--rule R] [--procedure P]
                          [--expires INSTANT | --in HOURS] [--case C]
                          (--adopt FILE | --adopt-text ACT | --opt-in FILE [--after ACT]
                          | --open-case C | --close-case C | --recognise G=M,M
                          | --wake O --because WORDS | --amend FILE
                          | --admit M --name NAME --standing S --since DATE [--iso XXX]
                          [--keys OFFER] | --suspend M --since DATE
                          | --reinstate M --since DATE | --replace-key OFFER)
                          [--office O] [--at INSTANT] [--dry-run] [--yes]
                          [--passphrase-file FILE] [--json] FOLDER

Put something to decision. The proposal pins the charter, the roster of the day
on which it expires, the rule and the procedure. What could have no effect is
refused, with the reason, before anything is signed.

  FOLDER                   the member's node
  --title T                what it is about, in one line; needed with a text
  --organ O                who decides; may be left out where the member sits in only one,
                           and of a change, where the charter says who decides
  --rule R, --procedure P  by which; the organ's first by default; of a change, the charter's
  --expires INSTANT        until when: 2026-01-31T12:00:00Z
  --in HOURS               until so many hours from now; the procedure's period by default
  --case C                 the matter it belongs to

what is proposed, one of:
  --adopt FILE             a text; blank lines keep its paragraphs apart
  --adopt-text ACT         a negotiated text on which no bracket is open
  --opt-in FILE            a text that binds whoever joins it; --after ACT: the proposal that
                           failed to bind all
  --open-case C            a matter comes before the coalition; --title says which
  --close-case C           a matter is done with
  --recognise G=M,M        some members are a group of that name
  --wake O                 what a dormant obligation waited for is there; --because WORDS
  --amend FILE             another charter in the place of the one in force
  --admit M                a member comes in, or changes its standing: with --name NAME,
                           --standing S, --since DATE, --iso XXX, and --keys OFFER, the file
                           that its comity init offer wrote
  --suspend M              a member sits nowhere --since DATE
  --reinstate M            a suspended member sits again --since DATE
  --replace-key OFFER      an office that lost its keys gets those of the file OFFER

{COMMON}
example:
  $ comity act propose league/arden --organ council --procedure silence --title "The radio" \\
      --adopt radio.txt --yes --passphrase-file pass.txt
  with radio.txt:
    The league buys one radio for each member.

    Arden keeps the spare parts."""


@dataclass(frozen=True, slots=True)
class _Given:
    """What the options say."""

    title: str | None
    organ: str | None
    rule: str | None
    procedure: str | None
    expires: datetime | None
    hours: float | None
    case: str | None
    adopt: str | None
    adopt_text: str | None
    opt_in: str | None
    after: str | None
    open_case: str | None
    close_case: str | None
    recognise: str | None
    wake: str | None
    because: str | None
    amend: str | None
    admit: str | None
    name: str | None
    standing: str | None
    since: date | None
    iso: str
    keys: str | None
    suspend: str | None
    reinstate: str | None
    replace_key: str | None


_ONE_OF = (
    "adopt",
    "adopt_text",
    "opt_in",
    "open_case",
    "close_case",
    "recognise",
    "wake",
    "amend",
    "admit",
    "suspend",
    "reinstate",
    "replace_key",
)


@click.command(cls=WrittenCommand, written=HELP)
@click.argument("folder")
@click.option("--title")
@click.option("--organ")
@click.option("--rule")
@click.option("--procedure")
@click.option("--expires", type=MOMENT)
@click.option("--in", "hours", type=click.FloatRange(min=0, min_open=True))
@click.option("--case", "case")
@click.option("--adopt")
@click.option("--adopt-text")
@click.option("--opt-in")
@click.option("--after")
@click.option("--open-case")
@click.option("--close-case")
@click.option("--recognise")
@click.option("--wake")
@click.option("--because")
@click.option("--amend")
@click.option("--admit")
@click.option("--name")
@click.option("--standing")
@click.option("--since", type=DAY)
@click.option("--iso", default="")
@click.option("--keys")
@click.option("--suspend")
@click.option("--reinstate")
@click.option("--replace-key")
@signs
def propose(ask: Ask, **options: object) -> None:
    """Put something to decision."""
    given = _Given(**options)  # type: ignore[arg-type]
    chosen = [name for name in _ONE_OF if getattr(given, name) is not None]
    if len(chosen) != 1:
        raise UsageError(
            "several things are proposed at once" if chosen else "nothing is proposed yet",
            hint="give one of: " + ", ".join("--" + n.replace("_", "-") for n in _ONE_OF),
        )
    if given.expires is not None and given.hours is not None:
        raise UsageError("it ends at an instant or after some hours", hint="give one of the two")

    def prepare(node: Node) -> Saying:
        from comity.core.effects import effect_words

        where, body = _body(node, given)
        charter = node.under.charter
        procedure = charter.procedures[body.procedure]
        until = f", until {body.expires}" if body.expires else ""
        follows = [
            f"it {effect_words(body.effect, charter)}",
            f"decided by {procedure.kind}{until}, under the rule "
            f"'{charter.rules[body.rule].title}', by {', '.join(body.roster)}",
        ]
        if procedure.kind == "silence":
            follows.append(
                f"silence is consent of those who have had it for {procedure.notice or 0:g} h "
                "before it expires: export it now"
            )
        if node.succession.current.id != node.under.id:
            follows.append(
                "charter, standings or keys have changed: enter first (comity act enter), "
                "or it is decided by rules that are left behind"
            )
        follows.append(readers_words(node, where))
        return Saying(
            f"we propose: {body.title}",
            tuple(follows),
            lambda: (node.propose(where, body, office=ask.office),),
            tuple(getattr(body.effect, "paragraphs", ())),
        )

    perform(ask, prepare)


def _body(node: Node, given: _Given) -> tuple[str, Propose]:
    """Return where it is proposed, and what is pinned."""
    from comity.core.bodies import CHANGES, Change, Propose
    from comity.core.constitution import COALITION
    from comity.core.effects import effect_words
    from comity.core.strict import spelled

    under = node.under
    charter = under.charter
    effect, text = _effect(node, given)
    if isinstance(effect, Change):
        kind = CHANGES[type(effect)]
        change = charter.changes.get(kind)
        if change is None:
            raise UsageError(
                f"the charter does not say how it decides on {kind}",
                hint="comity charter show says what can be changed",
            )
        where, decider = COALITION, change.organ
        rule, procedure = given.rule or change.rule, given.procedure or change.procedure
    else:
        where = decider = organ_of(node, given.organ)
        organ = charter.organs.get(where)
        if organ is None or not organ.rules or not organ.procedures:
            raise UsageError(
                f"{where} has no rule or no procedure in force, and decides nothing",
                hint="name another with --organ",
            )
        rule, procedure = given.rule or organ.rules[0], given.procedure or organ.procedures[0]
    for name, known, what in (
        (rule, charter.rules, "rule"),
        (procedure, charter.procedures, "procedure"),
    ):
        if name not in known:
            raise UsageError(
                f"the charter has no {what} called '{name[:64]}'",
                hint=f"it has: {', '.join(known)}",
            )
    expires = _expiry(node, given, procedure)
    on = (expires or node.now()).astimezone(UTC).date()
    title = typed(given.title or "") or effect_words(effect, charter)[:200]
    return where, Propose(
        title,
        effect,
        under.charter_hash,
        rule,
        procedure,
        on.isoformat(),
        charter.roster(decider, on),
        spelled(expires) if expires else None,
        given.case,
        text,
    )


def _expiry(node: Node, given: _Given, name: str) -> datetime | None:
    procedure = node.under.charter.procedures[name]
    if procedure.kind == "signature":
        if given.expires or given.hours:
            raise UsageError(
                "what is open to signature has no expiry", hint="leave out --expires and --in"
            )
        return None
    if given.expires is not None:
        expires = given.expires
    else:
        hours = given.hours if given.hours is not None else procedure.period
        if hours is None:
            raise UsageError(
                f"the charter gives the procedure '{name}' no period",
                hint="say until when: --expires INSTANT or --in HOURS",
            )
        expires = node.now() + timedelta(hours=hours)
    if expires <= node.now():
        raise UsageError(f"{expires:%Y-%m-%d %H:%M} UTC is over already", hint="take a later one")
    return expires


def _effect(node: Node, given: _Given) -> tuple[Effect, str | None]:
    """Return what is proposed, and the negotiated text that it comes from."""
    from comity.core import bodies
    from comity.core.constitution import CHARTER
    from comity.core.strict import write_base64

    versions = node.under.versions
    if given.adopt is not None or given.opt_in is not None:
        _needs(given.title, "--title", "a text")
    if given.adopt is not None:
        return bodies.Adopt(paragraphs(given.adopt)), None
    if given.adopt_text is not None:
        return _negotiated(node, given.adopt_text)
    if given.opt_in is not None:
        after = one_of_kind(node, given.after, "propose").id if given.after else None
        return bodies.OptIn(paragraphs(given.opt_in), after), None
    if given.open_case is not None:
        title = _needs(given.title, "--title", "a case")
        return bodies.OpenCase(given.open_case, typed(title)), None
    if given.close_case is not None:
        return bodies.CloseCase(given.close_case), None
    if given.recognise is not None:
        group, _, members = given.recognise.partition("=")
        named = tuple(part.strip() for part in members.split(",") if part.strip())
        if not named:
            raise UsageError("the group has no members", hint="write it as --recognise e3=FRA,DEU")
        return bodies.Recognise(group, named), None
    if given.wake is not None:
        because = typed(_needs(given.because, "--because", "waking an obligation"))
        return bodies.Wake(given.wake, because), None
    if given.amend is not None:
        from comity.charters import text

        return bodies.Amend(write_base64(text(given.amend)), versions.get(CHARTER)), None
    if given.replace_key is not None:
        offers = _offers(node, given.replace_key)
        if len(offers) != 1:
            raise UsageError(
                f"{given.replace_key} offers {len(offers)} keys", hint="replace one at a time"
            )
        return bodies.ReplaceKey(offers[0], versions.get(offers[0].held.member)), None
    since = _needs(given.since, "--since", "this").isoformat()
    if given.admit is not None:
        return bodies.Admit(
            given.admit,
            typed(_needs(given.name, "--name", "an admission")),
            _needs(given.standing, "--standing", "an admission"),
            since,
            given.iso,
            _offers(node, given.keys) if given.keys else (),
            versions.get(given.admit),
        ), None
    if given.suspend is not None:
        return bodies.Suspend(given.suspend, since, versions.get(given.suspend)), None
    assert given.reinstate is not None
    return bodies.Reinstate(given.reinstate, since, versions.get(given.reinstate)), None


def _negotiated(node: Node, named: str) -> tuple[Effect, str]:
    from comity.core.bodies import Adopt
    from comity.core.texts import texts

    act = one_of_kind(node, named, "edit")
    name = getattr(act.body, "text", None) or act.id
    edits = node.heeded(node.record.acts(kind="edit"))
    found = next((one for one in texts(edits) if one.id == name), None)
    if found is None or found.clean is None:
        why = found.hindrances[0] if found else "it is not at hand"
        raise UsageError(f"the text cannot be proposed yet: {why}", hint="settle that first")
    return Adopt(found.clean), found.id


def _needs(value: Value | None, option: str, what: str) -> Value:
    if value is None:
        raise UsageError(f"{option} is missing, which {what} needs", hint=f"add {option}")
    return value


def _offers(node: Node, file: str) -> tuple[KeyOffer, ...]:
    from comity.node.drafts import read_offer

    offer = read_offer(read_file(file))
    if offer.coalition != node.coalition:
        raise UsageError(
            f"{file} offers keys to another coalition, or to none",
            hint=f"have it made anew: comity init offer FOLDER {node.coalition}",
        )
    return offer.proven
