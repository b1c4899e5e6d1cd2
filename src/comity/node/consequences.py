"""What an answer would bring about, said before it is signed.

`foresee` is what commands and pages have in common; each says it in its words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from comity.core.acts import Act
from comity.core.bodies import Stance, Word
from comity.core.proposals import Pinned, heard
from comity.core.rules import Mark
from comity.core.stances import STANCES, marks_of
from comity.core.stances import Stance as Said
from comity.core.tally import Decision, decide
from comity.node.node import Node

_COUNTS: dict[Mark, str] = {
    "yes": "in favour",
    "no": "against",
    "abstain": "an abstention",
    "constructive": "an abstention with a declaration",
    "absent": "missing",
    "out": "not taking part",
}


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What one word of a member would bring about, closings aside.

    Parameters
    ----------
    aside
        Whether the proposal concerns the member, and the rule does not count its word.
    mark
        What the word counts as; None where that hangs on what follows it.
    late
        What it counts as if nothing follows.
    breaks
        Whether it breaks the silence alone.
    before, after
        What the answers at hand decide without it, and with it.
    """

    aside: bool
    mark: Mark | None
    late: Mark
    breaks: bool
    before: str
    after: str


def foresee(pinned: Pinned, said: Mapping[str, Said], member: str, word: Word) -> Foreseen:
    """Return what a word of a member would bring about, beside what others said.

    Parameters
    ----------
    said
        The last answers at hand, by member.
    """
    stance: Said = next(s for s in STANCES if s == word)
    mine = {member: stance}
    mark = marks_of(mine, (member,), pinned.procedure).get(member)
    late = marks_of(mine, (member,), pinned.procedure, closed=True)[member]
    silence = pinned.procedure.kind == "silence"
    alone = _decided(pinned, mine) if mark == "no" and silence else None
    return Foreseen(
        member in pinned.concerned and pinned.entry.rule.concerned != "votes",
        mark,
        late,
        alone is not None and alone.outcome in ("rejected", "no opinion"),
        _decided(pinned, said).outcome,
        _decided(pinned, {**said, **mine}).outcome,
    )


def said_by(stances: Iterable[Act]) -> dict[str, Said]:
    """Return what members answered, as the count reads it; a withdrawal is no answer."""
    found: dict[str, Said] = {}
    for act in stances:
        assert isinstance(act.body, Stance)
        word = act.body.word
        known = next((s for s in STANCES if s == word), None)
        if known is not None:
            found[act.member] = known
    return found


def _decided(pinned: Pinned, said: Mapping[str, Said]) -> Decision:
    marks = marks_of(said, pinned.roster, pinned.procedure)
    return decide(pinned.entry.rule, pinned.electorate, marks, pinned.concerned)


def consequences(node: Node, pinned: Pinned, word: Word) -> tuple[str, ...]:
    """Say what an answer of this member would bring about, a sentence each."""
    return tuple(_consequences(node, pinned, word))


def counted(node: Node, pinned: Pinned) -> Decision:
    """Count the answers at hand, closings aside; who has not answered is waited for."""
    return _decided(pinned, said_by(heard(pinned, node.record.about(pinned.act.id))))


def _consequences(node: Node, pinned: Pinned, word: Word) -> Iterator[str]:
    organ = pinned.act.header.organ
    readers = len(node.readers().get(organ, ()))
    if word == "withdraw":
        yield "this takes the proposal back: nothing is decided, and it can be proposed anew"
    else:
        yield from _counted_words(node, pinned, word)
    yield f"all {readers} who read {organ} will see it, signed by {node.member}'s node, for good"
    if pinned.expires is None:
        if word == "yes":
            yield "under the signature procedure a yes is not taken back"
        return
    need = pinned.thresholds.establishing
    yield (
        f"it counts once {need} of {len(pinned.roster)} have heard it when they close: "
        f"bring it to {max(1, need - 1)} other{'s' if need > 2 else ''} before "
        f"{pinned.closes_at:%Y-%m-%d %H:%M} UTC"
    )
    yield "until you close it, a later answer takes its place"


def _counted_words(node: Node, pinned: Pinned, word: Word) -> Iterator[str]:
    said = said_by(heard(pinned, node.record.about(pinned.act.id)))
    found = foresee(pinned, said, node.member, word)
    silence = pinned.procedure.kind == "silence"
    if found.aside:
        yield "the proposal concerns you, and the rule does not count your word"
    elif found.mark == "no" and silence:
        if found.breaks:
            yield "this breaks the silence: it cannot be adopted, whatever the others say"
        else:
            yield "this speaks against it; it does not break the silence alone"
    elif found.mark is not None:
        yield f"this counts as {_COUNTS[found.mark]}"
    else:
        yield f"if you say no more before it is closed, this counts as {_COUNTS[found.late]}"
    if found.after == "adopted" and found.before == "open":
        yield "with it, it is adopted whatever the others say, once members close it so"
    elif found.after == "rejected" and found.before == "open" and not silence:
        yield "with it, it is rejected whatever the others say, once members close it so"
