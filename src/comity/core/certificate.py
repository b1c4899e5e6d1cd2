"""Certificates: one file that proves an outcome to a stranger, offline and years later.

The file carries everything but trust; trust is the founding's fingerprint,
which the verifier brings. Verifying is folding: the same functions that a node
runs are run again over the acts in the file. spec/certificate.md is the
authority.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from comity.core.acts import (
    Act,
    ActForm,
    act_of,
)
from comity.core.bodies import (
    Closing,
    Stance,
)
from comity.core.constitution import Constitution, constitution
from comity.core.envelope import EnvelopeForm
from comity.core.founding import read_founding
from comity.core.procedures import Outcome
from comity.core.proposals import (
    Standing,
    closing_reason,
    named_stances,
    pin,
    stance_reason,
    stand,
)
from comity.core.rolls import LastWord, Said
from comity.core.strict import read_base64, read_json, write_base64, write_json
from comity.errors import ActError, CharterError

MAX_CERTIFICATE = 32 * 1_048_576
MAX_ACTS = 5_000


class CertificateForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A certificate as it stands in a file."""

    comity: Literal[1]
    certificate: Literal["outcome"]
    founding: EnvelopeForm
    charter: Annotated[str, Meta(max_length=1_400_000)]
    proposal: ActForm
    stances: Annotated[tuple[ActForm, ...], Meta(max_length=MAX_ACTS)]
    closings: Annotated[tuple[ActForm, ...], Meta(max_length=MAX_ACTS)]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a certificate shows.

    Parameters
    ----------
    fingerprint
        The founding that was trusted: the one thing that the file does not prove.
    exercise
        Whether all of it was a rehearsal.
    outcome
        What was decided, or that nothing is.
    proven
        Whether the outcome can change no more. *Not proven* is an answer.
    standing
        The tallies and acts behind it.
    """

    fingerprint: str
    exercise: bool
    outcome: Outcome
    proven: bool
    standing: Standing
    under: Constitution

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """Yield what the certificate shows, in words, the most important first.

        Nothing that a member or a charter says begins a line of its own.
        """
        for line in self._lines():
            yield line.replace("\n", " ")

    def _lines(self) -> Iterator[str]:
        if self.exercise:
            yield "EXERCISE: nothing here was real"
        pinned, charter = self.standing.pinned, self.under.charter
        organ, body = charter.organs[pinned.act.header.organ], pinned.body
        yield f"founding {self.fingerprint}, trusted because you gave it"
        yield (
            f"charter {charter.name}, edition {charter.edition} of {charter.dated}; "
            "no file can show that it is the newest"
        )
        yield f"{self._outcome_words()}: {body.title}"
        until = f", until {body.expires}" if body.expires else ""
        yield (
            f"in {organ.name}, by {pinned.procedure.kind}{until}, "
            f"under the rule '{pinned.entry.title}'"
        )
        yield f"proposed, {_signer(pinned.act)}"
        for member in pinned.roster:
            yield f"  {charter.name_of(member)}: {'; '.join(self._member_words(member))}"
        yield from self._evidence_words()

    def _outcome_words(self) -> str:
        if self.outcome not in ("in doubt", "open", "contested"):
            return self.outcome
        possible = " or ".join(self.standing.settlement.possible)
        return f"{self.outcome}, so nothing is proven (possible: {possible})"

    def _member_words(self, member: str) -> Iterator[str]:
        standing = self.standing
        acts = {act.id: act for act in standing.stances}
        if standing.count is None:
            own = [act for act in standing.stances if act.member == member]
            yield from (f"{_word(act)}, {_signer(act)}" for act in own)
            if not own:
                yield "has not signed"
            return
        word = standing.count.words[member]
        if isinstance(word, Said):
            act = acts[word.id]
            shown = standing.count.shown_by[word.id]
            yield f"{word.word}, {_signer(act)}, shown by {shown} of {len(standing.pinned.roster)}"
            assert isinstance(act.body, Stance)
            yield from (f"{note.kind}: {note.text}" for note in act.body.annotations)
        elif word == "none":
            yield self._silence_words(member)
        else:
            yield {
                "unknown": "last word not known",
                "convicted": "signed two answers to one turn, and counts as missing",
            }[word]
        yield from self._uncounted_words(member, word)
        if member not in standing.count.closed:
            yield "did not close"

    def _uncounted_words(self, member: str, word: LastWord) -> Iterator[str]:
        """Yield what a member said after its last word, and why it does not count."""
        standing = self.standing
        assert standing.count is not None
        last = word.turn if isinstance(word, Said) else 0
        why = "in doubt" if word == "unknown" else "too late to count"
        if word == "convicted":
            return
        for act in standing.stances:
            if act.member == member and isinstance(act.body, Stance) and act.body.turn > last:
                shown = standing.count.shown_by.get(act.id, 0)
                yield f"{act.body.word}, shown by {shown} of {len(standing.pinned.roster)}: {why}"

    def _silence_words(self, member: str) -> str:
        standing = self.standing
        assert standing.count is not None
        if standing.pinned.procedure.kind != "silence":
            return "gave no answer"
        if member not in standing.count.consenting:
            return "no word that counts, no silence signed with notice: missing so far"
        since, signer = min(
            (act.body.opened_at, _signer(act))
            for act in standing.closings
            if act.member == member and isinstance(act.body, Closing)
            if act.body.opened_at and member not in act.body.roll
        )
        return f"said nothing, having had the text since {since}, {signer}: consent"

    def _evidence_words(self) -> Iterator[str]:
        count = self.standing.count
        if count is None:
            return
        for member in count.double_closers:
            yield f"  {member} signed two different closings"
        for one, other in count.rivals:
            yield f"  two answers to one turn: {one[:16]} and {other[:16]}"
        for found in count.contradictions:
            yield (
                f"  {', '.join(found.double_signers)} signed both that {found.stance[:16]} "
                "was heard and that it was not"
            )


def certify(standing: Standing, under: Constitution) -> bytes:
    """Write the certificate of a proposal: its closings, and the stances they name."""
    stances: Sequence[Act] = tuple(named_stances(standing).values())
    if standing.count is None:
        stances = standing.stances
    return write_json(
        CertificateForm(
            1,
            "outcome",
            under.founding.envelope.form(),
            write_base64(under.text),
            standing.pinned.act.form(),
            tuple(act.form() for act in stances),
            tuple(act.form() for act in standing.closings),
        )
    )


def verify(data: bytes, fingerprint: str) -> Verdict:
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
    form = read_json(data, CertificateForm, limit=MAX_CERTIFICATE, what="the certificate")
    founding = read_founding(form.founding)
    if founding.id != fingerprint:
        raise ActError(
            f"it was made under another founding: {founding.id}",
            hint=f"you asked for {fingerprint[:64]}",
            refusal="another-founding",
        )
    try:
        under = constitution(founding, read_base64(form.charter, "the charter"))
    except CharterError as fault:
        raise ActError(
            f"the charter in the file cannot be read: {fault.what}",
            hint=fault.hint,
            refusal="charter",
        ) from None
    pinned = pin(act_of(form.proposal, founding), under)
    if isinstance(pinned, str):
        raise ActError(
            f"there is nothing to decide: {pinned}",
            hint="ask whoever gave you the file for the certificate of another proposal",
            refusal="proposal",
        )
    acts = [act_of(one, founding) for one in (*form.stances, *form.closings)]
    for position, act in enumerate(acts):
        is_stance = position < len(form.stances)
        _check_part(act, is_stance, pinned.act.id)
        reason = stance_reason(act, pinned) if is_stance else closing_reason(act, pinned)
        if reason is not None:
            raise ActError(
                f"an act in it is without effect: {reason}",
                hint="leave it out",
                refusal="without-effect",
            )
    standing = stand(pinned, acts)
    settlement = standing.settlement
    return Verdict(
        founding.id, founding.exercise, settlement.outcome, settlement.settled, standing, under
    )


def _check_part(act: Act, is_stance: bool, proposal: str) -> None:
    body = act.body
    if not isinstance(body, Stance if is_stance else Closing) or body.proposal != proposal:
        raise ActError(
            f"an act of {act.member} stands where a {'stance' if is_stance else 'closing'} "
            "on the proposal belongs",
            hint="put stances under stances and closings under closings, none of them sealed",
            refusal="misplaced",
        )


def _signer(act: Act) -> str:
    return f"signed by {act.member}'s node, {act.header.office}"


def _word(act: Act) -> str:
    assert isinstance(act.body, Stance)
    return act.body.word
