"""Effects in words: what a proposal does, as a certificate and a page say it."""

from __future__ import annotations

from comity.core.bodies import (
    Admit,
    Adopt,
    Amend,
    CloseCase,
    Effect,
    OpenCase,
    OptIn,
    Recognise,
    Reinstate,
    Suspend,
    Wake,
)
from comity.core.charter import Charter


def effect_words(effect: Effect, charter: Charter) -> str:
    """Say what a proposal does if it is adopted, in one line."""
    match effect:
        case Adopt():
            return f"agrees a text of {_paragraphs(len(effect.paragraphs))}"
        case OptIn():
            return f"opens a text of {_paragraphs(len(effect.paragraphs))} to whoever joins it"
        case OpenCase():
            return f"opens the case {effect.case}: {effect.title}"
        case CloseCase():
            return f"closes the case {effect.case}"
        case Recognise():
            names = ", ".join(map(charter.name_of, effect.members))
            return f"recognises the group {effect.group}: {names}"
        case Wake():
            known = charter.obligations.get(effect.obligation)
            title = known.title if known else effect.obligation
            return f"wakes the obligation '{title}', because {effect.because}"
        case Amend():
            return "puts another charter in the place of the one in force"
        case Admit():
            return f"admits {effect.name} as {effect.standing} from {effect.since}"
        case Suspend():
            return f"suspends {charter.name_of(effect.member)} from {effect.since}"
        case Reinstate():
            return f"reinstates {charter.name_of(effect.member)} from {effect.since}"
        case _:
            held = effect.offer.held
            return f"replaces the key of {charter.name_of(held.member)}, {held.office}"


def _paragraphs(count: int) -> str:
    return "one paragraph" if count == 1 else f"{count} paragraphs"
