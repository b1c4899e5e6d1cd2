"""The leaning: from a member's assumptions to how likely each word is, exactly.

The formula is ours, simple, and no forecast; nobody has published or tested it.

    leaning = start + closeness weight x closeness - cost weight x cost
    drawn   = leaning + chance weight x chance

*start* is what is reported of the member, or the matter's base (`REPORTED`,
`BASES`). *closeness* runs from 1 to -1 (`comity.exercise.closeness`), *cost* is
one of `COSTS`, *chance* runs from -1 to 1 with a triangular distribution, most
often near 0. The three weights are the scenario's. What is drawn becomes a word
at the thresholds `YES`, `NO` and `OBJECTION`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal, TypeAlias

from comity.exercise.closeness import Closeness, closeness
from comity.exercise.scenario import Band, Cost, Matter, Model, Reported, Scenario

__all__ = ["Leaning", "Way", "above", "band", "leaning_of"]

Way: TypeAlias = Literal["silence", "voices", "joining"]
"""How members answer: by saying nothing or objecting; by yes, no or abstaining; by joining."""

REPORTED: Final = {"for": Fraction(1, 2), "reserved": Fraction(0), "against": Fraction(-1, 2)}
BASES: Final = {
    "for": Fraction(3, 10),
    "rather for": Fraction(1, 5),
    "even": Fraction(0),
    "rather against": Fraction(-1, 5),
}
COSTS: Final = {"none": Fraction(0), "some": Fraction(1, 2), "much": Fraction(1)}
YES: Final = Fraction(1, 10)
"""From here on it says yes, or joins."""
NO: Final = Fraction(-1, 10)
"""Below this it says no; between the two it abstains."""
OBJECTION: Final = Fraction(-1, 5)
"""Below this it breaks a silence: to speak up takes more than to vote no."""

_BANDS: tuple[tuple[Fraction, Band], ...] = (
    (Fraction(95, 100), "almost surely"),
    (Fraction(65, 100), "likely"),
    (Fraction(35, 100), "about even"),
    (Fraction(5, 100), "unlikely"),
)


@dataclass(frozen=True, slots=True)
class Leaning:
    """How a member leans in a matter, and what that is made of.

    Parameters
    ----------
    reported, cost
        What the scenario says of this member; None where it says nothing.
    value
        The leaning, without chance; above 0 towards yes.
    spread
        The weight of chance.
    """

    reported: Reported | None
    cost: Cost | None
    closeness: Closeness
    value: Fraction
    spread: Fraction

    def drawn(self, way: Way, chance: Fraction) -> str | None:
        """Return the word that a draw from -1 to 1 gives."""
        sure = self.value + self.spread * chance
        if way == "silence":
            return None if sure >= OBJECTION else "objection"
        if sure >= YES:
            return "yes"
        if way == "joining":
            return None
        return "abstain" if sure >= NO else "no"

    def chances(self, way: Way) -> dict[str | None, Fraction]:
        """Return how likely each word is, exactly; together they are 1."""
        if way == "silence":
            consents = above(OBJECTION - self.value, self.spread)
            return {None: consents, "objection": 1 - consents}
        yes = above(YES - self.value, self.spread)
        if way == "joining":
            return {"yes": yes, None: 1 - yes}
        not_no = above(NO - self.value, self.spread)
        return {"yes": yes, "abstain": not_no - yes, "no": 1 - not_no}


def leaning_of(scenario: Scenario, matter: Matter, member: str) -> Leaning:
    """Return how a member leans in a matter, as the scenario assumes."""
    reported = next((r for r in matter.reported if r.member == member), None)
    cost = next((c for c in matter.costs if c.member == member), None)
    near = closeness(scenario, matter, member)
    return Leaning(
        reported,
        cost,
        near,
        _value(scenario.model, matter, reported, cost, near),
        scenario.model.chance,
    )


def _value(
    model: Model, matter: Matter, reported: Reported | None, cost: Cost | None, near: Closeness
) -> Fraction:
    start = BASES[matter.base] if reported is None else REPORTED[reported.lean]
    weight = Fraction(0) if cost is None else COSTS[cost.weight]
    return start + model.closeness * near.weighs - model.cost * weight


def above(need: Fraction, spread: Fraction) -> Fraction:
    """Return the chance that `spread` times a triangular draw from -1 to 1 reaches `need`.

    Examples
    --------
    >>> above(Fraction(0), Fraction(3, 10)), above(Fraction(-1, 5), Fraction(3, 10))
    (Fraction(1, 2), Fraction(17, 18))
    """
    if spread == 0:
        return Fraction(need <= 0)
    at = need / spread
    if at <= -1:
        return Fraction(1)
    if at <= 0:
        return 1 - (1 + at) ** 2 / 2
    return (1 - at) ** 2 / 2 if at < 1 else Fraction(0)


def band(chance: Fraction) -> Band:
    """Return a chance as a band.

    Examples
    --------
    >>> band(Fraction(95, 100)), band(Fraction(17, 18)), band(Fraction(1, 20))
    ('almost surely', 'likely', 'unlikely')
    """
    return next((name for least, name in _BANDS if chance >= least), "hardly")
