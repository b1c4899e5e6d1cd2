"""Certificates: one file that proves an outcome to a stranger, offline and years later.

The file carries everything but trust; trust is the founding's fingerprint,
which the verifier brings. Verifying is folding: the same functions that a node
runs are run again over the acts in the file. spec/certificate.md is the
authority.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from comity.core.bodies import Adopt, Closing, OptIn, Stance
from comity.core.constitution import Constitution
from comity.core.effects import effect_words
from comity.core.procedures import Outcome
from comity.core.proofs import (
    Decided,
    Ground,
    decided,
    founded_words,
    ground_fields,
    prove,
    read_decided,
    shown_in,
    signer,
)
from comity.core.proposals import Standing
from comity.core.rolls import LastWord, Said
from comity.core.strict import write_json
from comity.core.succession import Succession

MAX_CERTIFICATE = 32 * 1_048_576
MAX_EARLIER = 20


class OutcomeForm(Ground, frozen=True, kw_only=True, tag_field="certificate", tag="outcome"):
    """A certificate of an outcome as it stands in a file.

    Parameters
    ----------
    decided
        The proposal with its answers.
    earlier
        Proposals in the same organ before it, which say who was missing then.
    """

    decided: Decided
    earlier: Annotated[tuple[Decided, ...], Meta(max_length=MAX_EARLIER)] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a certificate of an outcome shows.

    Parameters
    ----------
    outcome
        What was decided, or that nothing is.
    proven
        Whether the outcome can change no more. *Not proven* is an answer.
    standing
        The tallies and acts behind it.
    earlier
        How earlier proposals in the organ ended, the latest first.
    """

    outcome: Outcome
    proven: bool
    standing: Standing
    under: Constitution
    succession: Succession
    earlier: tuple[Standing, ...] = ()

    @property
    def fingerprint(self) -> str:
        """The founding that was trusted: the one thing that the file does not prove."""
        return self.succession.ground.founding.id

    @property
    def exercise(self) -> bool:
        """Whether all of it was a rehearsal."""
        return self.succession.ground.founding.exercise

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """Yield what the certificate shows, in words, the most important first.

        Nothing that a member or a charter says begins a line of its own.
        """
        for line in self._lines():
            yield line.replace("\n", " ")

    def missing_in_a_row(self, member: str) -> int:
        """Return how many proposals in a row, this one included, a member neither spoke nor closed.

        Only what the file shows is counted: it may have left out some.
        """
        count = 0
        for standing in (self.standing, *self.earlier):
            if not _is_missing(standing, member):
                break
            count += 1
        return count

    def _lines(self) -> Iterator[str]:
        yield from founded_words(self.succession, self.under)
        pinned, charter = self.standing.pinned, self.under.charter
        body, organ = pinned.body, pinned.act.header.organ
        name = charter.organs[organ].name if organ in charter.organs else f"'{organ}'"
        yield f"{self._outcome_words()}: {body.title}"
        if not isinstance(body.effect, Adopt | OptIn):
            yield f"its effect: {effect_words(body.effect, charter)}"
        until = f", until {body.expires}" if body.expires else ""
        yield (
            f"in {name}, by {pinned.procedure.kind}{until}, under the rule '{pinned.entry.title}'"
        )
        yield f"proposed, {signer(pinned.act)}"
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
            yield from (f"{_word(act)}, {signer(act)}" for act in own)
            if not own:
                yield "has not signed"
            return
        word = standing.count.words[member]
        if isinstance(word, Said):
            act = acts[word.id]
            shown = standing.count.shown_by[word.id]
            yield f"{word.word}, {signer(act)}, shown by {shown} of {len(standing.pinned.roster)}"
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
        in_a_row = self.missing_in_a_row(member)
        if in_a_row > 1:
            yield f"missing for the {_nth(in_a_row)} time in a row"

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
        since, who = min(
            (act.body.opened_at, signer(act))
            for act in standing.closings
            if act.member == member and isinstance(act.body, Closing)
            if act.body.opened_at and member not in act.body.roll
        )
        return f"said nothing, having had the text since {since}, {who}: consent"

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


def certify(standing: Standing, succession: Succession, earlier: Iterable[Standing] = ()) -> bytes:
    """Write the certificate of a proposal: its closings, and the stances they name.

    Parameters
    ----------
    earlier
        Proposals in the same organ that ended before it, the latest first; they
        are shown as long as somebody was missing in all of them.
    """
    shown: list[Standing] = []
    missing = {m for m in standing.pinned.roster if _is_missing(standing, m)}
    for one in earlier:
        missing &= {m for m in one.pinned.roster if _is_missing(one, m)}
        if not missing or len(shown) == MAX_EARLIER:
            break
        shown.append(one)
    acts = (act for one in (standing, *shown) for act in shown_in(one))
    fields = ground_fields(succession, acts)
    return write_json(
        OutcomeForm(
            **fields,  # type: ignore[arg-type]
            decided=decided(standing),
            earlier=tuple(decided(one) for one in shown),
        )
    )


def read_outcome(form: OutcomeForm, fingerprint: str) -> Verdict:
    """Check a certificate of an outcome, and say what it shows."""
    succession = prove(form, fingerprint)
    standing = read_decided(form.decided, succession)
    earlier = [read_decided(one, succession) for one in form.earlier]
    before = [
        one
        for one in earlier
        if one.pinned.act.header.organ == standing.pinned.act.header.organ
        and one.pinned.expires is not None
        and standing.pinned.expires is not None
        and one.pinned.act.id != standing.pinned.act.id
        and one.pinned.expires <= standing.pinned.expires
    ]
    once = {one.pinned.act.id: one for one in before}
    latest_first = sorted(
        once.values(), key=lambda one: (one.pinned.body.expires or "", one.pinned.act.id)
    )
    settlement = standing.settlement
    return Verdict(
        settlement.outcome,
        settlement.settled,
        standing,
        standing.pinned.under,
        succession,
        tuple(reversed(latest_first)),
    )


def _is_missing(standing: Standing, member: str) -> bool:
    """Tell whether a member of the roster neither closed a proposal nor has a word in it."""
    if standing.count is None or member not in standing.pinned.roster:
        return False
    return member not in standing.count.closed and not isinstance(
        standing.count.words[member], Said
    )


def _nth(count: int) -> str:
    return {2: "second", 3: "third"}.get(count, f"{count}th")


def _word(stance: object) -> str:
    body = getattr(stance, "body", None)
    assert isinstance(body, Stance)
    return body.word
