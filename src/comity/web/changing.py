"""Changing charter, standings and keys: what was typed becomes a proposal to all, pinned."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from difflib import unified_diff

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.core.bodies import (
    CHANGES,
    Admit,
    Amend,
    Propose,
    Reinstate,
    ReplaceKey,
    Suspend,
)
from comity.core.bodies import Change as Effect
from comity.core.charter import Change, Charter, Procedure
from comity.core.constitution import CHARTER, COALITION
from comity.core.effects import effect_words
from comity.core.reading import examine
from comity.core.strict import instant, spelled
from comity.errors import UsageError
from comity.examine.comparison import compare
from comity.node.drafts import read_offer
from comity.web.desk import Desk
from comity.web.drafting import Draft
from comity.web.forms import Form, checked
from comity.web.words import grouped

CHANGES_OFFERED = {
    "suspend": (gettext_lazy("Suspend a member"), "suspension"),
    "reinstate": (gettext_lazy("Reinstate a member"), "suspension"),
    "admit": (gettext_lazy("Admit a member, or give it another standing"), "admission"),
    "key": (gettext_lazy("Replace a lost key"), "key-replacement"),
    "amend": (gettext_lazy("Amend the charter"), "amendment"),
}
"""What can be changed, in words, and which of the charter's changes it is."""
MOST_FILE = 90_000
MOST_LINES = 400
USUAL_HOURS = 48.0


@dataclass(frozen=True, slots=True)
class Difference:
    """What another charter changes, part by part: what comes, what goes, what reads otherwise."""

    part: str
    come: tuple[str, ...]
    gone: tuple[str, ...]
    other: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangeDraft:
    """A change that is ready to be signed, with how it is decided."""

    draft: Draft
    change: Change
    procedure: Procedure
    amended: Charter | None = None
    text: str = ""


def file_of(request: HttpRequest) -> str:
    """Return an uploaded file as base64, or the one that was carried along; empty if none.

    Raises
    ------
    UsageError
        If it is too large.
    """
    sent = request.FILES.get("file")
    if sent is None:
        return str(request.POST.get("carried", "")).strip()[: 2 * MOST_FILE]
    if (sent.size or 0) > MOST_FILE:
        raise UsageError(
            _("the file has more than %(most)s bytes") % {"most": grouped(MOST_FILE)},
            hint=_("a charter or an offer of keys is smaller; nothing was signed"),
        )
    return b64encode(sent.read()).decode("ascii")


def drafted_change(desk: Desk, form: Form, file: str) -> ChangeDraft:
    """Return the change that was typed, as a proposal in the organ of all.

    Raises
    ------
    UsageError
        If something is missing or cannot be.
    """
    charter = desk.charter
    name = form.one_of("change", tuple(CHANGES_OFFERED))
    effect, amended = _effect(desk, form, name, file)
    change = charter.changes.get(CHANGES[type(effect)])
    if change is None:
        raise UsageError(
            _("the charter does not say how it decides on that"),
            hint=_("the page of the charter lists what can be changed"),
        )
    procedure = charter.procedures[change.procedure]
    expires = _expiry(desk, form, procedure)
    on = (expires or desk.house.now()).astimezone(UTC).date()
    body = Propose(
        form.line("title", 200, empty=True) or effect_words(effect, charter)[:200],
        effect,
        desk.node.under.charter_hash,
        change.rule,
        procedure.id,
        on.isoformat(),
        charter.roster(change.organ, on),
        spelled(expires) if expires else None,
    )
    checked(body)
    text = _decoded(file).decode("utf-8", "replace") if amended is not None else ""
    return ChangeDraft(Draft(COALITION, body, on), change, procedure, amended, text)


def _effect(desk: Desk, form: Form, name: str, file: str) -> tuple[Effect, Charter | None]:
    charter, versions = desk.charter, desk.node.under.versions
    if name == "amend":
        if not file:
            raise _no_file(_("the new charter"))
        read, faults = examine(_decoded(file))
        if read is None:
            raise UsageError(
                _("the file is no charter: %(faults)s")
                % {"faults": "; ".join(str(fault.what) for fault in faults[:5])},
                hint=_("mend it and choose it again; nothing was signed"),
            )
        return Amend(file, versions.get(CHARTER)), read
    if name == "key":
        if not file:
            raise _no_file(_("the offer of keys"))
        offers = _offers(desk, file)
        if len(offers) != 1:
            raise UsageError(
                _("the file offers %(n)d keys") % {"n": len(offers)},
                hint=_("replace one at a time; nothing was signed"),
            )
        return ReplaceKey(offers[0], versions.get(offers[0].held.member)), None
    since = form.day("since")
    if since is None:
        raise UsageError(
            _("the day from which it holds is missing"), hint=_("choose one; nothing was signed")
        )
    if name == "admit":
        code = form.line("code", 32)
        standing = form.one_of("standing", tuple(charter.standings))
        offered = _offers(desk, file) if file else ()
        admit = Admit(
            code,
            form.line("name", 200),
            standing,
            since.isoformat(),
            form.line("iso", 3, empty=True).upper(),
            offered,
            versions.get(code),
        )
        return admit, None
    code = form.one_of("member", tuple(charter.members))
    kind = Suspend if name == "suspend" else Reinstate
    return kind(code, since.isoformat(), versions.get(code)), None


def _offers(desk: Desk, file: str) -> tuple:  # type: ignore[type-arg]
    offer = read_offer(_decoded(file))
    if offer.coalition != desk.node.coalition:
        raise UsageError(
            _("the file offers keys to another coalition, or to none"),
            hint=_("have it made anew: comity init offer FOLDER %(id)s")
            % {"id": desk.node.coalition},
        )
    return offer.proven


def _decoded(file: str) -> bytes:
    try:
        return b64decode(file, validate=True)
    except ValueError:
        raise UsageError(
            _("the file came damaged"), hint=_("choose it again; nothing was signed")
        ) from None


def _no_file(what: str) -> UsageError:
    return UsageError(
        _("%(what)s is missing") % {"what": what},
        hint=_("choose the file; nothing was signed"),
    )


def _expiry(desk: Desk, form: Form, procedure: Procedure) -> datetime | None:
    """Return when a change ends: as it was when it was looked at, else after the usual period."""
    if procedure.kind == "signature":
        return None
    now = desk.house.now()
    pinned = form.line("expires", 40, empty=True)
    hours = procedure.period if procedure.period is not None else USUAL_HOURS
    expires = instant(pinned, _("the expiry")) if pinned else now + timedelta(hours=hours)
    if not now < expires <= now + timedelta(days=366):
        raise UsageError(
            _("the proposal would be over already"),
            hint=_("look at it again and sign it then; nothing was signed"),
        )
    return expires


def differences(before: Charter, after: Charter) -> Iterator[Difference]:
    """Yield which parts of a charter change."""
    parts: tuple[tuple[str, Mapping[str, object], Mapping[str, object]], ...] = (
        (_("Members"), before.members, after.members),
        (_("Participants"), before.participants, after.participants),
        (_("Standings"), before.standings, after.standings),
        (_("Groups"), before.groups, after.groups),
        (_("Organs"), before.organs, after.organs),
        (_("Rules"), before.rules, after.rules),
        (_("Procedures"), before.procedures, after.procedures),
        (_("Rotations"), before.rotations, after.rotations),
        (_("Obligations"), before.obligations, after.obligations),
        (_("Ways to change the charter"), before.changes, after.changes),
    )
    for word, one, other in parts:
        found = Difference(
            word,
            tuple(name for name in other if name not in one),
            tuple(name for name in one if name not in other),
            tuple(name for name in one if name in other and one[name] != other[name]),
        )
        if found.come or found.gone or found.other:
            yield found
    if before.weights != after.weights:
        names = tuple(dict.fromkeys(t.name for t in (*before.weights, *after.weights)))
        yield Difference(_("Weights"), (), (), names)


def pulls(before: Charter, after: Charter) -> Iterator[str]:
    """Yield who could block before and can be overruled after, or the other way round."""
    now, then = replace(before, id=f"{before.id}, now"), replace(after, id=f"{after.id}, proposed")
    for one in compare((now, then)).conflicts:
        if one.what in ("block here, not there", "one code, two states"):
            yield f"{', '.join(one.members)}: {one.words}"


def lines_changed(before: bytes, after: str) -> list[tuple[str, str]]:
    """Return the lines that change, each with whether it comes, goes or stays."""
    old = before.decode("utf-8", "replace").splitlines()
    kinds = {"+": "come", "-": "gone", " ": "stays", "@": "place"}
    told = list(unified_diff(old, after.splitlines(), n=1, lineterm=""))[2:]
    return [(kinds.get(line[:1], "stays"), line[1:]) for line in told[:MOST_LINES]]
