"""What a scenario assumes of its players, in sentences, each with its source."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from comity.errors import UsageError
from comity.exercise.capitals import Capital, capital_of
from comity.exercise.closeness import Closeness, named
from comity.exercise.leaning import Leaning, leaning_of
from comity.exercise.scenario import Cost, Matter, Reported, Scenario

__all__ = ["ASSUMED", "assumptions", "assumptions_of", "known_member", "reasons", "sourced"]

ASSUMED: Final = "These are assumptions of a rehearsal, not statements of governments."
"""What a page says once beside whatever the model's players do."""

_LEANS: Final = {"for": "for it", "reserved": "reserved", "against": "against it"}
_NEAR: Final = (
    (Fraction(3, 5), "very near to"),
    (Fraction(1, 5), "near to"),
    (Fraction(-1, 5), "neither near to nor far from"),
    (Fraction(-3, 5), "far from"),
)
_TOGETHER: Final = (
    (Fraction(3, 10), "clearly towards yes"),
    (Fraction(1, 10), "rather towards yes"),
    (Fraction(-1, 10), "neither way"),
    (Fraction(-3, 10), "rather towards no"),
)


def assumptions(scenario: Scenario, member: str) -> tuple[str, ...]:
    """Return all that is assumed of a member, a sentence each, for a page.

    Raises
    ------
    UsageError
        If the charter has no such member.
    """
    capital = known_member(scenario, member)
    told = [
        f"Its capital keeps the clock of {capital.place} and answers {_office(capital)} on every "
        f"day of the week; consulting it takes {_span(capital.habits.consult)}; an alert is "
        f"confirmed after {_span(capital.habits.receipt)}{_habits_source(scenario, capital)}."
    ]
    for matter in scenario.matters.values():
        leaning = leaning_of(scenario, matter, member)
        told += [f"{matter.title}: {line}" for line in reasons(scenario, matter, leaning)]
    return tuple(told)


def assumptions_of(scenario: Scenario, matter: str) -> tuple[str, ...]:
    """Return all that is assumed in a matter, a sentence each, for a page.

    Raises
    ------
    UsageError
        If the scenario has no such matter.
    """
    if matter not in scenario.matters:
        raise UsageError(
            f"the scenario '{scenario.id}' has no matter called '{matter[:80]}'",
            hint="it has: " + (", ".join(scenario.matters) or "none"),
        )
    about, model, name = scenario.matters[matter], scenario.model, scenario.charter.name_of
    told = [
        f"Of whom nothing is reported, the base is taken: '{about.base}'"
        f"{sourced(scenario, about.source)}."
    ]
    if about.anchor:
        told.append(f"Closeness in UN votes is measured to {_listed(scenario, about.anchor)}.")
    told += [f"{name(r.member)}: {_reported(scenario, r)}" for r in about.reported]
    told += [f"{name(c.member)}: {_cost(scenario, c)}" for c in about.costs]
    told.append(
        f"In a leaning, closeness in UN votes weighs {_percent(model.closeness)}, cost "
        f"{_percent(model.cost)}, and what nobody can know {_percent(model.chance)}"
        f"{sourced(scenario, model.source)}."
    )
    return tuple(told)


def reasons(scenario: Scenario, matter: Matter, leaning: Leaning) -> tuple[str, ...]:
    """Return what a leaning rests on, a sentence for each, and what it comes to, in bands."""
    if leaning.reported is None:
        start = (
            f"Nothing is reported of it; the base of the matter is '{matter.base}'"
            f"{sourced(scenario, matter.source)}."
        )
    else:
        start = _reported(scenario, leaning.reported)
    cost = "No cost to it is assumed." if leaning.cost is None else _cost(scenario, leaning.cost)
    near = _close(scenario, matter, leaning.closeness)
    return (start, near, cost, f"Taken together it leans {_banded(leaning.value, _TOGETHER)}.")


def known_member(scenario: Scenario, member: str) -> Capital:
    """Return the capital of a member, or say that there is no such member."""
    if member not in scenario.charter.members:
        raise UsageError(
            f"'{member[:80]}' is no member of {scenario.charter.name}",
            hint="members are: " + ", ".join(scenario.charter.members),
        )
    return capital_of(scenario, member)


def sourced(scenario: Scenario, source: str) -> str:
    """Return a source in brackets, by its title; whose assumption it is where there is none."""
    found = scenario.sources.get(source) or scenario.charter.sources.get(source)
    if found is None:
        return f" ({source or 'the scenario says so, without a source'})"
    return f" ({', '.join(part for part in (found.title, found.publisher, found.date) if part)})"


def _reported(scenario: Scenario, said: Reported) -> str:
    note = f": {said.note.rstrip('.')}" if said.note else ""
    return f"It is reported to be {_LEANS[said.lean]}{note}{sourced(scenario, said.source)}."


def _cost(scenario: Scenario, said: Cost) -> str:
    note = f": {said.note.rstrip('.')}" if said.note else ""
    amount = {"none": "nothing", "some": "something", "much": "much"}[said.weight]
    return f"It is assumed to cost it {amount}{note}{sourced(scenario, said.source)}."


def _close(scenario: Scenario, matter: Matter, found: Closeness) -> str:
    if not matter.anchor:
        return "Closeness in UN votes is not asked for in this matter, and weighs nothing."
    if found.points is None:
        to = _listed(scenario, matter.anchor)
        return f"How close it is to {to} in UN votes is not known, and weighs nothing."
    mean = "" if len(found.to) == 1 else "the middle of "
    return (
        f"In UN votes of {found.year} it stands {_banded(found.weighs, _NEAR, 'very far from')} "
        f"{mean}{_listed(scenario, found.to)} ({named(found)})."
    )


def _banded(
    value: Fraction,
    bands: tuple[tuple[Fraction, str], ...],
    otherwise: str = "clearly towards no",
) -> str:
    return next((words for least, words in bands if value >= least), otherwise)


def _listed(scenario: Scenario, codes: tuple[str, ...]) -> str:
    names = [scenario.charter.name_of(code) for code in codes]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _office(capital: Capital) -> str:
    first, last = capital.habits.office
    return "at all hours" if last - first in (0, 24) else f"from {first} to {last} o'clock"


def _habits_source(scenario: Scenario, capital: Capital) -> str:
    return sourced(scenario, capital.habits.source or scenario.model.source)


def _span(minutes: tuple[int, int]) -> str:
    return f"{minutes[0]} to {minutes[1]} minutes"


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):.3g} %"
