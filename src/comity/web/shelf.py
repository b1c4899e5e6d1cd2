"""The shelf: a line for each text of a node, so that a list need not read every edit again.

A line is made anew when an edit of its text arrives; nothing else changes it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from comity.core.bodies import Edit, OpenText
from comity.core.texts import Step, Text, texts
from comity.node.node import Node
from comity.web.desk import Desk
from comity.web.text_page import step_words


@dataclass(frozen=True, slots=True)
class Listed:
    """A text in the list of texts.

    Parameters
    ----------
    brackets, rivals
        How many brackets are open, and how many paragraphs have rival wordings.
    last, number
        The last step of its history, and the number of the paragraph that it touched.
    offered, quoted
        Whose open brackets have an offer, and whose words are in an open bracket of another.
    """

    id: str
    title: str
    organ: str
    case: str | None
    level: str
    brackets: int
    rivals: int
    clean: bool
    last: Step
    number: str
    offered: frozenset[str]
    quoted: frozenset[str]

    @property
    def what(self) -> str:
        """What the last step did, in the reader's language."""
        return step_words(self.last, self.number)


@dataclass(slots=True)
class _Shelf:
    lines: dict[str, Listed] = field(default_factory=dict)
    read: int = 0
    proven: frozenset[str] = frozenset()
    guard: threading.Lock = field(default_factory=threading.Lock)


_shelves: WeakKeyDictionary[Node, _Shelf] = WeakKeyDictionary()
_making = threading.Lock()


def on_shelf(desk: Desk) -> list[Listed]:
    """Return the lines of the texts that a desk sees, what changed last first."""
    with _making:
        shelf = _shelves.setdefault(desk.node, _Shelf())
    with shelf.guard:
        _catch_up(desk.node, shelf)
        found = [one for one in shelf.lines.values() if desk.sees(one.organ)]
    return sorted(found, key=lambda one: (one.last.instant, one.id), reverse=True)


def _catch_up(node: Node, shelf: _Shelf) -> None:
    record, upto = node.record, node.record.arrived
    proven = frozenset((*node.succession.known, node.succession.current.id))
    if (upto, proven) == (shelf.read, shelf.proven):
        return
    if upto < shelf.read or proven != shelf.proven:  # made anew, or others have a place now
        shelf.lines, shelf.read, shelf.proven = {}, 0, proven
    fresh = node.heeded(record.acts(kind="edit", after=shelf.read))
    if not shelf.read:
        found = list(texts(fresh))
    else:
        touched = {act.body.text or act.id for act in fresh if isinstance(act.body, Edit)}
        found = []
        for name in sorted(touched):
            act = record.get(name)
            if act and isinstance(act.body, Edit) and isinstance(act.body.change, OpenText):
                found += texts(node.heeded([act, *record.about(name, kind="edit")])).texts
    shelf.lines.update((one.id, _line(one)) for one in found)
    shelf.read = upto


def _line(text: Text) -> Listed:
    last = text.history[-1]
    there = text.paragraph(last.paragraph or "")
    brackets = [(p, d) for p in text.paragraphs for d in p.disputes if d.is_open]
    return Listed(
        text.id,
        text.title,
        text.organ,
        text.case,
        text.marking.level if text.marking else "",
        len(brackets),
        sum(p.words is None for p in text.paragraphs),
        text.clean is not None,
        last,
        there.number if there else "",
        frozenset(d.member for _, d in brackets if any(o.member != d.member for o in d.offers)),
        frozenset(
            version.member
            for paragraph, dispute in brackets
            for version in paragraph.standing
            if dispute.words in version.words and version.member != dispute.member
        ),
    )
