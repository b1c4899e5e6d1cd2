"""Certificates that are not of an outcome: who has an alert, and who signed two things at once.

`verify` reads any certificate; what it shows says so of itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, TypeAlias

from msgspec import Meta

from comity.core.acts import Act, ActForm, act_of
from comity.core.bodies import Alert, Closing, Receipt, Stance
from comity.core.certificate import MAX_CERTIFICATE, OutcomeForm, Verdict, read_outcome
from comity.core.constitution import Constitution
from comity.core.proofs import MAX_ACTS, Ground, founded_words, ground_fields, prove, signer
from comity.core.strict import read_json, write_json
from comity.core.succession import Succession
from comity.errors import ActError


class DeliveryForm(Ground, frozen=True, kw_only=True, tag_field="certificate", tag="delivery"):
    """A certificate of an alert's delivery as it stands in a file."""

    alert: ActForm
    receipts: Annotated[tuple[ActForm, ...], Meta(max_length=MAX_ACTS)] = ()


class EquivocationForm(
    Ground, frozen=True, kw_only=True, tag_field="certificate", tag="equivocation"
):
    """A certificate that one office or member signed two things of which one is too many."""

    one: ActForm
    other: ActForm


@dataclass(frozen=True, slots=True)
class _Shown:
    """What all of them say: the founding that was trusted, and that a verified file proves."""

    succession: Succession
    under: Constitution

    @property
    def fingerprint(self) -> str:
        """The founding that was trusted: the one thing that the file does not prove."""
        return self.succession.ground.founding.id

    @property
    def exercise(self) -> bool:
        """Whether all of it was a rehearsal."""
        return self.succession.ground.founding.exercise

    @property
    def proven(self) -> bool:
        """Whether it shows what it is a certificate of: it would have been refused otherwise."""
        return True

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """Yield what the certificate shows, in words, the most important first."""
        for line in (*founded_words(self.succession, self.under), *self._said()):
            yield line.replace("\n", " ")

    def _said(self) -> Iterator[str]:
        """Yield what it shows beside what it stands on."""
        yield from ()


@dataclass(frozen=True, slots=True)
class Delivery(_Shown):
    """Who signed to have an alert, since when; of others the file says nothing."""

    alert: Act
    since: tuple[tuple[str, str, Act], ...]

    def _said(self) -> Iterator[str]:
        body, header = self.alert.body, self.alert.header
        assert isinstance(body, Alert)
        charter = self.under.charter
        yield f"{body.type}, {body.severity}, {body.status}: {body.title}"
        yield (
            f"raised in '{header.organ}' at {header.instant} by its own clock, {signer(self.alert)}"
        )
        for member, opened_at, act in self.since:
            yield f"  {charter.name_of(member)}: has it since {opened_at}, {signer(act)}"
        if not self.since:
            yield "  no member has signed to have it"


@dataclass(frozen=True, slots=True)
class Equivocation(_Shown):
    """Two acts of one member that exclude each other."""

    one: Act
    other: Act
    what: str

    def _said(self) -> Iterator[str]:
        yield f"equivocation: {self.one.member} signed {self.what}"
        for act in (self.one, self.other):
            yield f"  {act.id}, {signer(act)}"
        if self.one.place == self.other.place:
            yield "  an old copy of its node, put back, signs so too: look for one that joins both"


Shown: TypeAlias = Verdict | Delivery | Equivocation


def verify(data: bytes, fingerprint: str) -> Shown:
    """Check a certificate against a founding's fingerprint, and say what it shows.

    Parameters
    ----------
    data
        The file.
    fingerprint
        64 hexadecimal digits, from somewhere the verifier trusts.

    Raises
    ------
    ActError
        With the first refusal, in the order of spec/certificate.md 3.
    """
    kinds = OutcomeForm | DeliveryForm | EquivocationForm
    form: OutcomeForm | DeliveryForm | EquivocationForm = read_json(
        data,
        kinds,  # type: ignore[arg-type]
        limit=MAX_CERTIFICATE,
        what="the certificate",
    )
    if isinstance(form, OutcomeForm):
        return read_outcome(form, fingerprint)
    if isinstance(form, DeliveryForm):
        return _read_delivery(form, fingerprint)
    return _read_equivocation(form, fingerprint)


def certify_delivery(alert: Act, receipts: Iterable[Act], succession: Succession) -> bytes:
    """Write the certificate of an alert's delivery.

    Raises
    ------
    ActError
        ``without-effect`` or ``misplaced``: its own reader would refuse it.
    """
    own = sorted((act for act in receipts), key=lambda act: act.id)
    _delivery(alert, own, succession)
    fields = ground_fields(succession, (alert, *own))
    return write_json(
        DeliveryForm(
            **fields,  # type: ignore[arg-type]
            alert=alert.form(),
            receipts=tuple(act.form() for act in own),
        )
    )


def certify_equivocation(one: Act, other: Act, succession: Succession) -> bytes:
    """Write the certificate that a member signed two things of which one is too many.

    Raises
    ------
    ActError
        ``without-effect`` or ``no-equivocation``: its own reader would refuse it.
    """
    _equivocation(one, other, succession)
    fields = ground_fields(succession, (one, other))
    return write_json(
        EquivocationForm(
            **fields,  # type: ignore[arg-type]
            one=one.form(),
            other=other.form(),
        )
    )


def equivocation_words(one: Act, other: Act) -> str:
    """Say what of two acts excludes them.

    Raises
    ------
    ActError
        ``no-equivocation``.
    """
    if one.id != other.id and one.member == other.member:
        if one.place == other.place:
            return f"two acts as number {one.header.seq} of its chain in '{one.header.organ}'"
        first, second = one.body, other.body
        if isinstance(first, Stance) and isinstance(second, Stance):
            same = (first.proposal, first.turn) == (second.proposal, second.turn)
            if same:
                return f"two answers as turn {first.turn} on the proposal {first.proposal[:16]}"
        if (
            isinstance(first, Closing)
            and isinstance(second, Closing)
            and first.proposal == second.proposal
        ):
            return f"two closings of the proposal {first.proposal[:16]}"
    raise ActError(
        "an honest member may have signed both",
        hint="show two acts of one member in one place, two answers to one turn, or two closings",
        refusal="no-equivocation",
    )


def _read_delivery(form: DeliveryForm, fingerprint: str) -> Delivery:
    succession = prove(form, fingerprint)
    alert = act_of(form.alert, succession.keyring)
    receipts = [act_of(one, succession.keyring) for one in form.receipts]
    return _delivery(alert, receipts, succession)


def _delivery(alert: Act, receipts: Iterable[Act], succession: Succession) -> Delivery:
    under = _speaking(alert, succession)
    if not isinstance(alert.body, Alert):
        raise _misplaced(alert, "an alert")
    first: dict[str, tuple[str, str, Act]] = {}
    for act in receipts:
        _speaking(act, succession)
        body = act.body
        if (
            not isinstance(body, Receipt)
            or body.alert != alert.id
            or act.header.organ != alert.header.organ
        ):
            raise _misplaced(act, "a receipt of the alert")
        told = (act.member, body.opened_at, act)
        first[act.member] = min(first.get(act.member, told), told, key=lambda t: (t[1], t[2].id))
    order = {code: k for k, code in enumerate(under.charter.order)}
    since = sorted(first.values(), key=lambda told: (told[1], order.get(told[0], len(order))))
    return Delivery(succession, under, alert, tuple(since))


def _read_equivocation(form: EquivocationForm, fingerprint: str) -> Equivocation:
    succession = prove(form, fingerprint)
    one, other = (act_of(act, succession.keyring) for act in (form.one, form.other))
    return _equivocation(one, other, succession)


def _equivocation(one: Act, other: Act, succession: Succession) -> Equivocation:
    under = _speaking(one, succession)
    _speaking(other, succession)
    return Equivocation(succession, under, one, other, equivocation_words(one, other))


def _speaking(act: Act, succession: Succession) -> Constitution:
    """Return the constitution that an act was made in, if its key speaks there."""
    under = succession.known.get(act.header.constitution)
    if under is None or not under.speaks(act):
        raise ActError(
            f"an act of {act.member} names a constitution in which its key is not shown to speak",
            hint="ask another member for the certificate",
            refusal="without-effect",
        )
    return under


def _misplaced(act: Act, what: str) -> ActError:
    return ActError(
        f"an act of {act.member} stands where {what} belongs",
        hint="put each act under its own name, none of them sealed",
        refusal="misplaced",
    )
