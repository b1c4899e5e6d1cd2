"""What an answer would bring about, said before it is signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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


def consequences(node: Node, pinned: Pinned, word: Word) -> tuple[str, ...]:
    """Say what an answer of this member would bring about, a sentence each."""
    return tuple(_consequences(node, pinned, word))


def counted(node: Node, pinned: Pinned, extra: Mapping[str, Said] | None = None) -> Decision:
    """Count the answers at hand, closings aside; who has not answered is waited for."""
    said: dict[str, Said] = {}
    for act in heard(pinned, node.record.about(pinned.act.id)):
        assert isinstance(act.body, Stance)
        known = next((s for s in STANCES if s == act.body.word), None)
        if known is not None:
            said[act.member] = known
    said.update(extra or {})
    marks = marks_of(said, pinned.roster, pinned.procedure)
    return decide(pinned.entry.rule, pinned.electorate, marks, pinned.concerned)


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
    said: Said = next(s for s in STANCES if s == word)
    open_marks = marks_of({node.member: said}, (node.member,), pinned.procedure)
    closed = marks_of({node.member: said}, (node.member,), pinned.procedure, closed=True)
    after = counted(node, pinned, {node.member: said})
    mine = marks_of({node.member: said}, pinned.roster)
    alone = decide(pinned.entry.rule, pinned.electorate, mine)
    silence = pinned.procedure.kind == "silence"
    if node.member in pinned.concerned and pinned.entry.rule.concerned != "votes":
        yield "the proposal concerns you, and the rule does not count your word"
    elif open_marks.get(node.member) == "no" and silence:
        if alone.outcome in ("rejected", "no opinion"):
            yield "this breaks the silence: it cannot be adopted, whatever the others say"
        else:
            yield "this speaks against it; it does not break the silence alone"
    elif node.member in open_marks:
        yield f"this counts as {_COUNTS[open_marks[node.member]]}"
    else:
        late = _COUNTS[closed[node.member]]
        yield f"if you say no more before it is closed, this counts as {late}"
    if after.outcome == "adopted" and counted(node, pinned).outcome == "open":
        yield "with it, it is adopted whatever the others say, once members close it so"
    elif after.outcome == "rejected" and counted(node, pinned).outcome == "open" and not silence:
        yield "with it, it is rejected whatever the others say, once members close it so"
