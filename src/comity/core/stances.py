"""Stances as members give them, and what each counts as.

A stance is a word a member answers with; a mark is what a rule counts. What a
stance counts as depends on the procedure: silence is consent under a silence
procedure and absence under a vote, and only once the time has run out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias, get_args

from comity.core.charter import Procedure
from comity.core.rules import Mark

Stance: TypeAlias = Literal[
    "yes",
    "no",
    "abstain",
    "constructive abstention",
    "objection",
    "ad referendum",
    "awaiting instructions",
    "absent",
    "not participating",
]

STANCES: tuple[Stance, ...] = get_args(Stance)

_MARKS: dict[Stance, Mark] = {
    "yes": "yes",
    "no": "no",
    "objection": "no",
    "abstain": "abstain",
    "constructive abstention": "constructive",
    "absent": "absent",
    "not participating": "out",
}


def marks_of(
    stances: Mapping[str, Stance],
    members: tuple[str, ...],
    procedure: Procedure | None = None,
    *,
    closed: bool = False,
) -> dict[str, Mark]:
    """Say what each member's stance counts as.

    Parameters
    ----------
    stances
        What members have answered; others are silent so far.
    members
        The roster.
    procedure
        Under which it is decided; a vote where None.
    closed
        Whether the time has run out. Until then the silent, those awaiting
        instructions and those whose yes waits for confirmation are waiting.

    Returns
    -------
    dict
        Marks of those who are settled; members without one are waiting.

    Examples
    --------
    >>> silence = Procedure("silence", "silence")
    >>> marks_of({"Arden": "objection"}, ("Arden", "Brill"), silence, closed=True)
    {'Arden': 'no', 'Brill': 'yes'}
    >>> marks_of({"Arden": "yes"}, ("Arden", "Brill"))
    {'Arden': 'yes'}
    """
    silence: Mark = "yes" if procedure and procedure.kind == "silence" else "absent"
    referendum: Mark | None = "yes" if procedure and procedure.ad_referendum == "yes" else None
    marks: dict[str, Mark] = {}
    for member in members:
        stance = stances.get(member)
        mark: Mark | None = silence if closed else None
        if stance == "ad referendum":
            mark = referendum or ("absent" if closed else None)
        elif stance == "awaiting instructions":
            mark = "absent" if closed else None
        elif stance is not None:
            mark = _MARKS[stance]
        if mark is not None:
            marks[member] = mark
    return marks
