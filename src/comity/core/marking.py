"""Markings: who may read on. A label of the Traffic Light Protocol, to whom, and whose word.

Level, releasability and originator control are three fields and not one scale:
a label says how far a text may go, the set says to whom beside the organ, and
control says who alone may widen it. The set is of members by name and frozen
when it is signed, so a later member does not inherit what was passed on before.
Not a classification: the Traffic Light Protocol says so itself.

References
----------
FIRST, Traffic Light Protocol (TLP), Standards Definitions and Usage Guidance,
version 2.0, August 2022, first.org/tlp.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, TypeAlias, get_args

import msgspec
from msgspec import Meta

from comity.core.founding import Code
from comity.errors import ActError, UsageError

Level: TypeAlias = Literal["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"]
"""The labels of TLP 2.0 in their one spelling, from the widest to the narrowest."""

LEVELS: tuple[Level, ...] = get_args(Level)
_MEANT = {label[4:].replace("+", ""): label for label in (*LEVELS, "TLP:WHITE")}


class Marking(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who may read on.

    Parameters
    ----------
    level
        As the standard spells it, ``TLP:AMBER+STRICT``; `read_level` checks it.
    releasable
        To whom it may be passed, beside the organ: members by name, frozen
        when it is signed.
    originator
        Whether nobody but the originator may change that, by whatever authority.
    """

    level: Annotated[str, Meta(max_length=20)]
    releasable: Annotated[tuple[Code, ...], Meta(max_length=200)] = ()
    originator: bool = False


def read_level(text: str) -> Level:
    """Read a label: capitals, no blanks, not translated.

    Raises
    ------
    ActError
        ``marking``, with the label that was perhaps meant.

    Examples
    --------
    >>> read_level("TLP:AMBER+STRICT")
    'TLP:AMBER+STRICT'
    """
    for level in LEVELS:
        if text == level:
            return level
    meant = _MEANT.get("".join(c for c in text.upper() if c.isalpha()).removeprefix("TLP"))
    if meant == "TLP:WHITE":
        hint = "TLP:WHITE was retired in August 2022: write TLP:CLEAR"
    elif meant:
        hint = f"write it as {meant}: capitals, no blanks"
    else:
        hint = f"the labels are {', '.join(LEVELS)}; they are not translated"
    raise ActError(f"'{text[:40]}' is no label of TLP 2.0", hint=hint, refusal="marking")


def most_restrictive(levels: Iterable[str]) -> Level:
    """Return the narrowest of some labels.

    >>> most_restrictive(["TLP:GREEN", "TLP:AMBER+STRICT", "TLP:AMBER"])
    'TLP:AMBER+STRICT'

    Raises
    ------
    ActError
        ``marking``.
    UsageError
        If there is none: what is not marked is not thereby free.
    """
    ranks = [LEVELS.index(read_level(level)) for level in levels]
    if not ranks:
        raise UsageError("no label is given", hint="name the labels of all sources")
    return LEVELS[max(ranks)]


def derived(sources: Iterable[Marking]) -> Marking:
    """Return how a text is marked that draws on marked texts.

    The narrowest level; only those to whom each source may be passed; under
    originator control if one source is. A source that is ``TLP:CLEAR`` may go
    to everybody, so it narrows nothing.
    """
    marks = tuple(sources)
    level = most_restrictive(mark.level for mark in marks)
    sets = [frozenset(mark.releasable) for mark in marks if mark.level != "TLP:CLEAR"]
    common = sorted(frozenset.intersection(*sets)) if sets else []
    return Marking(level, tuple(common), any(mark.originator for mark in marks))


def may_pass(marking: Marking, reader: str) -> bool:
    """Tell whether a recipient may pass it to a reader who is not in the organ.

    Without the originator's explicit permission, that is: with it, the
    originator signs a wider marking, and the question is put to that one.
    """
    return read_level(marking.level) == "TLP:CLEAR" or reader in marking.releasable


def widens(before: Marking, after: Marking) -> bool:
    """Tell whether a new marking lets more pass than the one before.

    A recipient may narrow a marking by itself; to widen it takes the explicit
    permission of the source, which is that member's own signed act.
    """
    lower = LEVELS.index(read_level(after.level)) < LEVELS.index(read_level(before.level))
    more = any(not may_pass(before, reader) for reader in after.releasable)
    freed = before.originator and not after.originator
    return lower or more or freed
