"""The roll strip: all members in charter order, each a code and a mark."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from comity.errors import UsageError

# One shape for one meaning, on every page, report and chart.
SHAPES: dict[str, str] = {
    "●": "circle",
    "◐": "half",
    "○": "ring",
    "▲": "triangle",
    "×": "cross",
    "■": "square",
    "◇": "diamond",
}
WORDS: dict[str, str] = {
    "has it": "●",
    "in favour": "●",
    "met": "●",
    "stays": "●",
    "goes on": "●",
    "yes": "●",
    "ad referendum": "◐",
    "awaiting instructions": "◐",
    "silent": "○",
    "silent so far": "○",
    "open": "○",
    "objects": "▲",
    "against": "▲",
    "no": "▲",
    "not reached": "×",
    "failed": "×",
    "leaves": "×",
    "stops it": "×",
    "closed": "■",
    "missing": "◇",
    "not known": "◇",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """One member's cell: its code, and the word that its mark stands for."""

    code: str
    word: str


def shapes(words: tuple[str, ...]) -> dict[str, str]:
    """Return the mark of each word: the house's own where it has one, else the next free."""
    chosen = {word: WORDS[word] for word in dict.fromkeys(words) if word in WORDS}
    free = [mark for mark in SHAPES if mark not in chosen.values()]
    for word in dict.fromkeys(words):
        if word not in chosen:
            if not free:
                raise UsageError(
                    f"a strip has {len(SHAPES)} marks, but there are more words: {word!r}",
                    hint="join words that need not be told apart",
                )
            chosen[word] = free.pop(0)
    return {word: chosen[word] for word in dict.fromkeys(words)}


def strip(marks: tuple[Mark, ...], width: int = 100) -> str:
    """Return the strip as text, with how many bear each mark beneath it.

    Examples
    --------
    >>> print(strip((Mark("ARD", "has it"), Mark("BRI", "silent"), Mark("COR", "has it"))))
    ARD BRI COR
     ●   ○   ●
    ● has it: 2    ○ silent: 1
    """
    chosen = shapes(tuple(mark.word for mark in marks))
    cell = max((len(mark.code) for mark in marks), default=0) + 1
    a_line = max(1, (width + 1) // cell)
    lines: list[str] = []
    for start in range(0, len(marks), a_line):
        row = marks[start : start + a_line]
        lines.append("".join(f"{mark.code:<{cell}}" for mark in row).rstrip())
        lines.append(
            "".join(
                f"{' ' * ((len(m.code) - 1) // 2) + chosen[m.word]:<{cell}}" for m in row
            ).rstrip()
        )
    counts = [
        f"{mark} {word}: {sum(m.word == word for m in marks)}" for word, mark in chosen.items()
    ]
    legend = ""
    for count in counts:
        if legend and len(legend) + 4 + len(count) > width:
            lines += textwrap.wrap(legend, width)
            legend = ""
        legend = f"{legend}    {count}" if legend else count
    return "\n".join([*lines, legend]) if legend else "\n".join(lines)
