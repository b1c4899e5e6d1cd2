"""Closeness in UN votes, as far as the model's players weigh it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from statistics import fmean

from comity.core.charter import Charter
from comity.errors import UsageError
from comity.evidence import load
from comity.evidence.shelf import sources
from comity.examine.distance import Places, measure_of_votes, years_of
from comity.exercise.scenario import Matter, Scenario

__all__ = ["Closeness", "closeness", "named", "weighed"]

MIDDLE = Fraction(1, 2)
"""The distance in UN votes, in points, that speaks neither for nor against."""


@dataclass(frozen=True, slots=True)
class Closeness:
    """How close a member votes in the UN to those with whom a matter measures it.

    Parameters
    ----------
    points
        The distance to the mean of their places; None where it is not known.
    weighs
        From 1, the same place, over 0 at half a point, to -1 at one point and beyond;
        0 where it is not known.
    to
        Codes of those whose places are known.
    """

    points: Fraction | None = None
    weighs: Fraction = Fraction(0)
    to: tuple[str, ...] = ()
    year: int = 0
    source: str = ""


def closeness(scenario: Scenario, matter: Matter, member: str) -> Closeness:
    """Return how close a member is to a matter's anchor, by what was public at the start.

    Who else belongs to the charter has no part in it.
    """
    charter = scenario.charter
    return _measured(
        scenario.start.date(),
        charter.members[member].iso,
        tuple((code, _state(charter, code)) for code in matter.anchor),
    )


def weighed(points: Fraction) -> Fraction:
    """Return what a distance in points weighs, from 1 to -1."""
    return max(Fraction(-1), 1 - points / MIDDLE)


def named(found: Closeness) -> str:
    """Return the title and publisher of the votes used."""
    source = sources()[found.source]
    return f"{source.title}; {source.publisher}"


@cache
def _measured(known_on: date, own: str, anchor: tuple[tuple[str, str], ...]) -> Closeness:
    votes = _votes(known_on)
    here = None if votes is None else votes.place(own)
    places = {} if votes is None else votes.of([iso for _, iso in anchor])
    there = {code: places[iso][0] for code, iso in anchor if iso in places}
    if votes is None or here is None or not there:
        return Closeness()
    points = Fraction(round(abs(here[0] - fmean(there.values())) * 1000), 1000)
    return Closeness(points, weighed(points), tuple(there), votes.year, votes.figure(own).source)


def _state(charter: Charter, code: str) -> str:
    return charter.members[code].iso if code in charter.members else code


@cache
def _votes(known_on: date) -> Places | None:
    """Return the places of the newest year that is nearly as whole as the best.

    That is: of all states of the series, at most one in twenty more are missing
    or carry a warning than in the year with the fewest.
    """
    evidence = load()
    try:
        measure = measure_of_votes(evidence, known_on)
    except UsageError:  # nothing was public then: nothing is known
        return None
    states = sorted({f.subject for f in evidence.figures(measure)})
    flawed = {}
    for year in years_of(evidence, measure, known_on):
        at = Places(evidence, measure, year, known_on)
        flawed[year] = sum(at.place(s) is None or bool(at.figure(s).caveats) for s in states)
    most = min(flawed.values()) + len(states) // 20
    year = max(year for year, count in flawed.items() if count <= most)
    return Places(evidence, measure, year, known_on)
