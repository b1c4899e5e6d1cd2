"""`comity init keys | draft | show | sign | merge | open | offer | all`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.opened import at_option, passphrase, passphrase_option
from comity.cli.written import WrittenGroup, json_option, print_json
from comity.errors import UsageError

if TYPE_CHECKING:
    from comity.node.drafts import Draft
    from comity.node.keys import Cost

HELP = """usage: comity init keys | draft | show | sign | merge | open | offer | all

Found a coalition. Every member makes its own keys and signs the same founding,
so that nobody is named without its consent and nobody holds another's keys.
The files that go round hold no secret; compare the fingerprint by voice.

  keys FOLDER         make a member's keys, and a file that offers their public half
  draft CHARTER ...   write a founding out of a charter and offers
  show DRAFT          what a founding says, and who has signed
  sign FOLDER DRAFT   sign it with this member's keys
  merge DRAFT ...     put the signatures of several copies together
  open FOLDER DRAFT   all have signed: the node begins
  offer FOLDER F      offer keys to a coalition that is there already
  all FOLDER CHARTER  make all members' nodes on this machine, for an exercise or a try

example:
  $ comity init show league/arden"""

KEYS_HELP = """usage: comity init keys --member M [--office O ...] [-o FILE] [--quick-keys]
                        [--passphrase-file FILE] [--json] FOLDER

Make the keys of one member's node in a new folder, encrypted under a
passphrase, and write a file that offers their public half. The secrets never
leave the folder. The passphrase is asked for at the terminal.

  FOLDER                   a folder that does not exist yet, or is empty
  --member M               whose node it is, as the charter spells it
  --office O               who signs for the member; "office" by default; may be repeated
  -o, --out FILE           where the offer goes; M.offer.json by default
  --quick-keys             for exercises: a passphrase that is quicker to check, and to guess
  -p, --passphrase-file FILE   take the passphrase from a file that you alone can read
  --json                   the answer with documented keys (docs/howto/node.md)

exit status:
  0  made
  1  the folder cannot be made; the message says why

example:
  $ comity init keys new/corve --member Corve --passphrase-file pass.txt"""

DRAFT_HELP = """usage: comity init draft -o FILE [--exercise] [--json] CHARTER OFFER ...

Write a founding that nobody has signed yet: the charter, byte for byte, and the
keys that members offer. Send it round; every key in it must sign it.

  CHARTER          a name from "comity charter list", or the path of a file
  OFFER ...        the files that comity init keys wrote
  -o, --out FILE   where the draft goes
  --exercise       a rehearsal: nothing signed in it is ever taken for the real thing
  --json           the answer with documented keys (docs/howto/node.md)

exit status:
  0  written
  1  charter or offers cannot be used; the message says why

example:
  $ comity init draft examples/larch-league.toml new/Arden.offer.json -o draft.json"""

SHOW_HELP = """usage: comity init show [--charter FILE] [-o FILE] [--json] DRAFT

Show a founding before you sign it, or after: its fingerprint, its charter,
whose keys it names, and whose signatures are missing.

  DRAFT            the file that goes round, or the folder of a node
  --charter FILE   write the charter in it to a file, to be read and checked
  -o, --out FILE   write the founding itself to a file, for whoever comes later
  --json           the answer with documented keys (docs/howto/node.md)

exit status:
  0  an answer
  1  it is no draft, or was changed; the message says why

example:
  $ comity init show league/arden"""

SIGN_HELP = """usage: comity init sign [-o FILE] [--yes] [--passphrase-file FILE] [--json]
                        FOLDER DRAFT

Sign a founding with the keys of this member's node. Read its charter first:
comity init show writes it to a file. At a terminal you are asked.

  FOLDER                   the member's folder, from comity init keys
  DRAFT                    the founding that goes round
  -o, --out FILE           where the signed copy goes; DRAFT itself by default
  -y, --yes                do not ask
  -p, --passphrase-file FILE   take the passphrase from a file that you alone can read
  --json                   the answer with documented keys (docs/howto/node.md)

exit status:
  0  signed
  1  it cannot be signed with these keys; the message says why

example:
  $ comity init sign new/arden new/draft.json --yes --passphrase-file pass.txt"""

MERGE_HELP = """usage: comity init merge -o FILE [--json] DRAFT ...

Put the signatures of several copies of one founding together, where members
signed side by side and not one after the other.

  DRAFT ...        copies of one draft
  -o, --out FILE   where the draft with all signatures goes
  --json           the answer with documented keys (docs/howto/node.md)

exit status:
  0  written
  1  they are not copies of one draft; the message says why

example:
  $ comity init merge new/draft.json new/draft.json -o merged.json"""

OPEN_HELP = """usage: comity init open [--late] [--passphrase-file FILE] [--json] FOLDER DRAFT

Begin a node: every key of the founding has signed. Compare the fingerprint with
the other members by voice, once. It is what certificates are verified by.

  FOLDER                   the member's folder, from comity init keys
  DRAFT                    the founding with all signatures
  --late                   the coalition is at work already: this member joins it, or has
                           lost its node; it signs once enough others' files show all it said
  -p, --passphrase-file FILE   take the passphrase from a file that you alone can read
  --json                   the answer with documented keys (docs/howto/node.md)

exit status:
  0  the node can be used
  1  signatures are missing, or the folder is not fit; the message says why

example:
  $ comity init open new/arden new/signed.json --passphrase-file pass.txt"""

OFFER_HELP = """usage: comity init offer [-o FILE] [--exercise] [--passphrase-file FILE] [--json]
                         FOLDER FINGERPRINT

Offer this folder's keys to a coalition that is there already, with proof that
their secrets are held here: to be admitted, or because the old keys are lost.
A member proposes it by comity act propose.

  FOLDER                   the member's folder, from comity init keys
  FINGERPRINT              of the coalition's founding: 64 digits
  -o, --out FILE           where the offer goes; M.offer.json by default
  --exercise               the coalition is an exercise
  -p, --passphrase-file FILE   take the passphrase from a file that you alone can read
  --json                   the answer with documented keys (docs/howto/node.md)

exit status:
  0  written
  1  the keys cannot be read; the message says why

example:
  $ comity init offer new/arden \\
      22a7414e054446dc22a7414e054446dc22a7414e054446dc22a7414e054446dc \\
      -o again.json --passphrase-file pass.txt"""

ALL_HELP = """usage: comity init all [--exercise] [--members M,M] [--office O] [--quick-keys]
                       [--at INSTANT] [--passphrase-file FILE] [--json] FOLDER CHARTER

Make the nodes of all members on this machine, each in a folder of its own below
FOLDER, under one passphrase. Good for an exercise or a try: whoever holds this
folder can speak for all of them.

  FOLDER                   a folder that does not exist yet
  CHARTER                  a name from "comity charter list", or the path of a file
  --exercise               a rehearsal: nothing signed in it is ever taken for the real thing
  --members M,M            only these; by default all whom the charter names
  --office O               who signs for each; "office" by default
  --quick-keys             for exercises: a passphrase that is quicker to check, and to guess
  --at INSTANT             the time, in an exercise: 2026-01-31T12:00:00Z
  -p, --passphrase-file FILE   take the passphrase from a file that you alone can read
  --json                   the answer with documented keys (docs/howto/node.md)

exit status:
  0  made
  1  it cannot be made; the message says why

example:
  $ comity init all try examples/larch-league.toml --members Arden,Brill --exercise \\
      --quick-keys --passphrase-file pass.txt"""

_out = click.option("-o", "--out", "out")
_yes = click.option("-y", "--yes", is_flag=True)


@click.group(cls=WrittenGroup, written=HELP)
def init() -> None:
    """Found a coalition."""


@init.command("keys", written=KEYS_HELP)
@click.argument("folder")
@click.option("--member", required=True)
@click.option("--office", "offices", multiple=True)
@_out
@click.option("--quick-keys", is_flag=True)
@passphrase_option
@json_option
def keys(
    folder: str,
    member: str,
    offices: tuple[str, ...],
    out: str | None,
    quick_keys: bool,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Make a member's keys."""
    import msgspec

    from comity.core.founding import KeyHeld
    from comity.core.strict import spelled
    from comity.node.drafts import OfferForm, write_offer
    from comity.node.folder import create_folder
    from comity.node.keys import new_keys, write_keys
    from comity.node.node import utc_now

    named = offices or ("office",)
    for office in named:
        try:
            msgspec.convert(
                {"member": member, "office": office, "key": "0" * 64}, KeyHeld, strict=True
            )
        except msgspec.ValidationError as wrong:
            raise UsageError(
                f"'{member[:40]}' or '{office[:40]}' cannot be a member and its office: {wrong}",
                hint="a member is letters, digits and '-'; an office is a few words",
            ) from None
    secret = passphrase(passphrase_file, new=True)
    made_folder = create_folder(Path(folder))
    made = new_keys(member, named, made_at=spelled(utc_now()))
    write_keys(made_folder.keys, made, secret, cost=_cost(quick=quick_keys))
    target = Path(out or f"{member}.offer.json")
    _write(target, write_offer(OfferForm(1, tuple(key.held for key in made.offices))))
    if as_json:
        print_json(
            {
                "member": member,
                "folder": folder,
                "offer": str(target),
                "keys": [{"office": k.office, "key_id": k.key_id} for k in made.offices],
            }
        )
        return
    click.echo(
        f"{member}'s keys are in {folder}, encrypted. Keep a copy, and the passphrase apart."
    )
    for key in made.offices:
        click.echo(f"  {key.office}: key {key.key_id}")
    click.echo(f"Send {target} to whoever drafts the founding; it holds no secret.")


@init.command("draft", written=DRAFT_HELP)
@click.argument("charter")
@click.argument("offers", metavar="OFFER", nargs=-1, required=True)
@click.option("-o", "--out", "out", required=True)
@click.option("--exercise", is_flag=True)
@json_option
def draft(charter: str, offers: tuple[str, ...], out: str, exercise: bool, as_json: bool) -> None:
    """Write a founding that nobody has signed yet."""
    import secrets

    from comity.charters import text
    from comity.cli.written import read_file
    from comity.node.drafts import begin, read_offer

    made = begin(
        text(charter),
        [read_offer(read_file(name)) for name in offers],
        secrets.token_hex(16),
        exercise=exercise,
    )
    _write(Path(out), made.to_bytes())
    if as_json:
        print_json(_plain(made))
        return
    _tell(made)
    click.echo(f"Send {out} round: everybody reads it, and signs it with comity init sign.")


@init.command("show", written=SHOW_HELP)
@click.argument("draft")
@click.option("--charter", "target")
@_out
@json_option
def show(draft: str, target: str | None, out: str | None, as_json: bool) -> None:
    """Show a founding."""
    made = _read(draft)
    if out is not None:
        _write(Path(out), made.to_bytes())
    if target is not None:
        _write(Path(target), made.text)
    if as_json:
        print_json(_plain(made))
        return
    _tell(made)
    if target is not None:
        click.echo(f"Its charter is in {target}: comity charter check {target}")


@init.command("sign", written=SIGN_HELP)
@click.argument("folder")
@click.argument("draft")
@_out
@_yes
@passphrase_option
@json_option
def sign(
    folder: str,
    draft: str,
    out: str | None,
    yes: bool,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Sign a founding."""
    from comity.cli.said import confirm
    from comity.node.folder import Folder
    from comity.node.keys import USUAL, read_cost, read_keys

    made = _read(draft)
    path = Folder(Path(folder)).keys
    if not made.exercise and read_cost(path) != USUAL:
        raise UsageError(
            "these keys are for exercises: their passphrase is too quick to guess",
            hint="make others without --quick-keys, and offer those",
        )
    confirm(_lines(made), "Sign this founding?", yes=yes)
    held = read_keys(path, passphrase(passphrase_file))
    named = {(key.member, key.office, key.key) for key in made.form.keys}
    own = [k for k in held.offices if (k.member, k.office, k.key.hex()) in named]
    if not own:
        raise UsageError(
            f"the founding does not name the keys in {folder}",
            hint=f"ask for a draft with the offer of {held.member}",
        )
    signed = made.signed_with([key.seed.reveal() for key in own])
    target = out or draft
    _write(Path(target), signed.to_bytes(), replace=True)
    if as_json:
        print_json(_plain(signed))
        return
    missing = [f"{key.member}, {key.office}" for key in signed.unsigned]
    click.echo(f"{held.member} has signed founding {signed.id[:16]}: {target}")
    if missing:
        click.echo(f"Still to sign: {'; '.join(missing)}")
    else:
        click.echo(f"All have signed. Send {target} to all: comity init open FOLDER {target}")


@init.command("merge", written=MERGE_HELP)
@click.argument("drafts", metavar="DRAFT", nargs=-1, required=True)
@click.option("-o", "--out", "out", required=True)
@json_option
def merge(drafts: tuple[str, ...], out: str, as_json: bool) -> None:
    """Put signatures together."""
    from comity.node.drafts import merged

    made = merged([_read(name) for name in drafts])
    _write(Path(out), made.to_bytes(), replace=True)
    if as_json:
        print_json(_plain(made))
        return
    _tell(made)


@init.command("open", written=OPEN_HELP)
@click.argument("folder")
@click.argument("draft")
@click.option("--late", is_flag=True)
@passphrase_option
@json_option
def open_(folder: str, draft: str, late: bool, passphrase_file: str | None, as_json: bool) -> None:
    """Begin a node."""
    from comity.core.strict import spelled
    from comity.node.folder import Folder
    from comity.node.keys import read_keys
    from comity.node.node import Node

    made = _read(draft)
    founding = made.founding()
    home = Folder(Path(folder))
    secret = passphrase(passphrase_file)
    held = read_keys(home.keys, secret)
    named = [k for k in made.form.keys if k.member == held.member]
    own = {key.key.hex() for key in held.offices}
    if not late and not any(key.key in own for key in named):
        raise UsageError(
            f"the founding names {'other keys of' if named else 'no key of'} {held.member}",
            hint="if the coalition is at work and will take these keys: --late",
        )
    home.found(founding, made.text)
    with Node.open(home.path, secret) as node:
        if late:
            node.record.hold_back("restored")
            node.record.note_held(spelled(node.now()))
    if as_json:
        print_json({**_plain(made), "member": held.member, "folder": folder})
        return
    _tell(made)
    click.echo(f"{held.member}'s node has begun. Compare the fingerprint with the others by voice.")
    if late:
        click.echo("It signs nothing before enough others have shown what it said: comity import")
    else:
        click.echo(f"What needs it: comity inbox {folder}")


@init.command("offer", written=OFFER_HELP)
@click.argument("folder")
@click.argument("fingerprint")
@_out
@click.option("--exercise", is_flag=True)
@passphrase_option
@json_option
def offer(
    folder: str,
    fingerprint: str,
    out: str | None,
    exercise: bool,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Offer keys to a coalition that is there."""
    from comity.core.keys import offer_key
    from comity.node.drafts import OfferForm, write_offer
    from comity.node.folder import Folder
    from comity.node.keys import read_keys

    check_fingerprint(fingerprint)
    held = read_keys(Folder(Path(folder)).keys, passphrase(passphrase_file))
    proven = tuple(
        offer_key(fingerprint, key.held, key.seed.reveal(), exercise=exercise)
        for key in held.offices
        if key.signs
    )
    target = Path(out or f"{held.member}.offer.json")
    _write(target, write_offer(OfferForm(1, coalition=fingerprint, proven=proven)))
    if as_json:
        print_json({"member": held.member, "offer": str(target), "coalition": fingerprint})
        return
    click.echo(f"{held.member} offers {len(proven)} key{'s' if len(proven) > 1 else ''}: {target}")
    click.echo("A member proposes it: comity act propose --admit, or --replace-key")


@init.command("all", written=ALL_HELP)
@click.argument("folder")
@click.argument("charter")
@click.option("--exercise", is_flag=True)
@click.option("--members")
@click.option("--office", default="office")
@click.option("--quick-keys", is_flag=True)
@at_option
@passphrase_option
@json_option
def all_(
    folder: str,
    charter: str,
    exercise: bool,
    members: str | None,
    office: str,
    quick_keys: bool,
    at: datetime | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Make all nodes on this machine."""
    from comity.charters import text
    from comity.cli.said import counting, exercise_line
    from comity.node.hall import found_all
    from comity.node.node import Node, utc_now

    if not exercise and (at is not None or quick_keys):
        raise UsageError(
            f"{'--at' if at else '--quick-keys'} is for exercises", hint="add --exercise"
        )
    path = Path(folder)
    if path.exists() and any(path.iterdir()):
        raise UsageError(
            f"there is something at {path} already", hint="name a folder that does not exist yet"
        )
    wanted = tuple(part.strip() for part in members.split(",")) if members else None
    secret = passphrase(passphrase_file, new=True)
    with counting("making nodes") as progress:
        founding = found_all(
            path,
            text(charter),
            secret,
            office=office,
            exercise=exercise,
            members=wanted,
            now=(lambda: at) if at else utc_now,
            cost=_cost(quick=quick_keys),
            progress=progress,
        )
        parties = list(dict.fromkeys(held.member for held in founding.keys))
        for done, member in enumerate(parties, 1):
            Node.open(path / member.lower(), secret).close()
            progress(done, len(parties))
    if as_json:
        print_json(
            {
                "fingerprint": founding.id,
                "exercise": founding.exercise,
                "folders": {member: str(path / member.lower()) for member in parties},
            }
        )
        return
    exercise_line(founding.exercise)
    click.echo(f"founding {founding.id}")
    click.echo(f"{len(parties)} nodes below {path}: {', '.join(m.lower() for m in parties)}")
    click.echo(f"Whoever holds {path} and its passphrase speaks for all of them.")
    click.echo(f"What needs a member: comity inbox {path / parties[0].lower()}")


def check_fingerprint(text: str) -> None:
    """Refuse what is no fingerprint."""
    if len(text) != 64 or not set(text) <= set("0123456789abcdef"):
        raise UsageError(
            f"'{text[:80]}' is no fingerprint",
            hint="it has 64 digits, 0-9 and a-f: comity init show FOLDER prints it",
        )


def _cost(*, quick: bool) -> Cost:
    from comity.node.keys import LEAST, USUAL

    return LEAST if quick else USUAL


def _read(name: str) -> Draft:
    """Read a draft, or the founding of a node's folder."""
    from comity.node.drafts import MAX_DRAFT, Draft, read_draft
    from comity.node.folder import open_folder

    path = Path(name)
    if path.is_dir():
        folder = open_folder(path)
        founding = folder.read_founding()
        return Draft(founding.envelope, folder.read_charter(founding))
    try:
        with path.open("rb") as file:
            return read_draft(file.read(MAX_DRAFT + 1))
    except OSError as wrong:
        raise UsageError(
            f"{name} cannot be read: {(wrong.strerror or 'unknown').lower()}", hint="check the path"
        ) from None


def _write(path: Path, data: bytes, *, replace: bool = False) -> None:
    if path.exists() and not replace:
        raise UsageError(f"there is a file {path} already", hint="name another with -o")
    try:
        path.write_bytes(data)
    except OSError as wrong:
        raise UsageError(
            f"{path} cannot be written: {(wrong.strerror or 'unknown').lower()}",
            hint="name a place that is yours with -o",
        ) from None


def _lines(made: Draft) -> Iterator[str]:
    from comity.cli.said import item, plain
    from comity.core.signing import key_id

    if made.exercise:
        yield "EXERCISE: nothing here is real"
    yield f"founding {made.id}"
    charter = made.charter
    yield item(
        f"charter: {plain(charter.name)}, edition {plain(charter.edition)} of {charter.dated}; "
        f"SHA-256 {made.form.charter[:16]}"
    )
    missing = {(k.member, k.office) for k in made.unsigned}
    for held in made.form.keys:
        state = "has not signed" if (held.member, held.office) in missing else "has signed"
        name = key_id(bytes.fromhex(held.key))
        yield f"  {plain(held.member)}, {plain(held.office)}: key {name}, {state}"
    absent = [c for c in charter.order if c not in {k.member for k in made.form.keys}]
    if absent:
        yield item(f"without keys: {', '.join(absent)}")


def _tell(made: Draft) -> None:
    for line in _lines(made):
        click.echo(line)


def _plain(made: Draft) -> dict[str, object]:
    missing = {(k.member, k.office) for k in made.unsigned}
    return {
        "fingerprint": made.id,
        "exercise": made.exercise,
        "charter": made.charter.id,
        "charter_hash": made.form.charter,
        "keys": [
            {
                "member": held.member,
                "office": held.office,
                "key": held.key,
                "signed": (held.member, held.office) not in missing,
            }
            for held in made.form.keys
        ],
        "complete": not missing,
    }
