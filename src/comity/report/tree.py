"""A tally as an indented tree of sentences with numbers; shape and word carry the standing."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Literal, Protocol

Standing = Literal["met", "failed", "open"]

MARKS: dict[Standing, str] = {"met": "●", "failed": "×", "open": "○"}


class Node(Protocol):
    """What a tree is made of: a sentence, how it stands, and its parts."""

    @property
    def sentence(self) -> str:
        """What is asked, with its numbers."""

    @property
    def standing(self) -> Standing:
        """Whether it is met, failed, or open still."""

    @property
    def parts(self) -> Sequence[Node]:
        """What it is made of; none for a leaf."""


def tree(node: Node, width: int = 100) -> str:
    """Return a tally tree as text, one sentence a line, parts indented under their whole.

    Examples
    --------
    >>> from types import SimpleNamespace as N
    >>> print(tree(N(sentence="all of these", standing="open", parts=(
    ...     N(sentence="55 % of members: 14 of 15 needed", standing="open", parts=()),
    ...     N(sentence="65 % of population: 71 %", standing="met", parts=())))))
    ○ open    all of these
      ○ open    55 % of members: 14 of 15 needed
      ● met     65 % of population: 71 %
    """
    return "\n".join(_lines(node, 0, width))


def _lines(node: Node, depth: int, width: int) -> Iterator[str]:
    # Deep rules keep at least half of the line for their words.
    indent = min(2 * depth, width // 2 - 10)
    head = f"{'':{indent}}{MARKS[node.standing]} {node.standing:<6}  "
    yield from textwrap.wrap(
        node.sentence,
        width,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_on_hyphens=False,
    ) or [head.rstrip()]
    for part in node.parts:
        yield from _lines(part, depth + 1, width)
