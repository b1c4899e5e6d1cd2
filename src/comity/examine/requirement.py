"""What is to be divided: people, or money in one currency, given by the user or published."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from comity.errors import UsageError
from comity.evidence import Evidence, Figure
from comity.examine.finding import Quantity
from comity.examine.potential import quantity
from comity.systems.allocation import exact

__all__ = ["Kind", "Need", "need_of"]


Kind = Literal["personnel", "money"]


@dataclass(frozen=True, slots=True)
class Need:
    """Something the members have to bring up together: people, or money in one currency.

    Parameters
    ----------
    amount
        With its range; resolves by its id where it comes from the evidence.
    currency
        "€" or "US$" for money; empty for people.
    basis
        In words, what it is counted against.
    figure
        The row of the evidence, if it is one.
    """

    title: str
    kind: Kind
    amount: Quantity
    currency: str = ""
    basis: str = ""
    figure: Figure | None = None

    @property
    def is_additional(self) -> bool:
        """Whether it comes on top of today's effort, which then cannot meet it."""
        return self.basis.startswith("additional")

    @property
    def ends(self) -> tuple[Fraction, Fraction, Fraction]:
        """Low, value and high."""
        value = exact(self.amount.value or 0)
        low = value if self.amount.low is None else exact(self.amount.low)
        high = value if self.amount.high is None else exact(self.amount.high)
        return low, value, high


_AMOUNT = re.compile(
    r"(?P<low>[0-9][0-9,]*(?:\.[0-9]+)?)(?:\s*(?:-|–|to)\s*(?P<high>[0-9][0-9,]*(?:\.[0-9]+)?))?"
    r"(?:\s*(?P<scale>thousand|million|billion|trillion|bn|m|k))?"
    r"(?:\s*(?P<unit>[A-Za-z€$]+))?(?P<year>\s*(?:/|per |a )\s*year)?"
)

_SCALES = {"": 0, "k": 3, "thousand": 3, "m": 6, "million": 6, "bn": 9, "billion": 9}

_SCALES["trillion"] = 12

_CURRENCIES = {"EUR": "€", "€": "€", "USD": "US$", "US$": "US$", "$": "US$"}
_PEOPLE = ("", "people", "persons", "personnel", "troops")
_HOW = (
    "write personnel=100000, money=250 billion EUR/year, reconstruction=500 billion USD, or the "
    "name of a published requirement such as kubilius_2026/standing_european_force"
)


def need_of(text: str, evidence: Evidence, *, known_on: date | None = None) -> Need:
    """Read a need: an amount of one's own, or a requirement of the evidence by its name.

    Raises
    ------
    UsageError
        If it is neither people nor money in euros or dollars, or was not yet published.

    Examples
    --------
    >>> from comity.evidence import load
    >>> print(need_of("money=250 billion EUR/year", load()).amount)
    250 billion € a year
    >>> print(need_of("kubilius_2026/standing_european_force", load()).amount)
    100,000 people
    """
    title, equals, amount = text.partition("=")
    if equals:
        return _own(title.strip(), amount.strip())
    name = text.strip()
    for requirement in evidence.requirements():
        figure = requirement.figure
        if name not in (figure.id, figure.subject):
            continue
        if known_on is not None and figure.known_from > known_on:
            raise UsageError(
                f"{figure.subject} was not yet published on {known_on}",
                hint=f"it is known from {figure.known_from}",
            )
        return _published(figure, requirement.title, requirement.basis)
    raise UsageError(f"{text[:80]!r} is not a need that can be divided", hint=_HOW)


def _own(title: str, text: str) -> Need:
    found = _AMOUNT.fullmatch(text)
    if not title or found is None:
        raise UsageError(f"{title}={text}"[:90] + " is not an amount", hint=_HOW)
    unit = (found["unit"] or "").strip()
    currency = _CURRENCIES.get(unit, "")
    ends = [exact(Fraction(n.replace(",", ""))) for n in (found["low"], found["high"]) if n]
    power = _SCALES[found["scale"] or ""]
    if currency:
        if title == "personnel":
            raise UsageError("personnel is not counted in money", hint=_HOW)
        ends = [end * Fraction(10) ** (power - 9) for end in ends]
        shown = f"billion {currency}" + (" a year" if found["year"] else "")
        return Need(title, "money", _amount(ends, shown), currency, "given by the user")
    if title != "personnel" or unit not in _PEOPLE or found["year"]:
        raise UsageError(f"{title}={text}"[:90] + " says no unit that can be divided", hint=_HOW)
    ends = [end * Fraction(10) ** power for end in ends]
    return Need("personnel", "personnel", _amount(ends, "people"), "", "given by the user")


def _amount(ends: Sequence[Fraction], unit: str) -> Quantity:
    low, high = ends[0], ends[-1]
    if not 0 < low <= high:
        raise UsageError("a need is above nought, the lower end first", hint=_HOW)

    def number(n: Fraction) -> int | float:
        return int(n) if n.denominator == 1 else float(n)

    return Quantity(number((low + high) / 2), number(low), number(high), unit=unit)


def _published(figure: Figure, title: str, basis: str) -> Need:
    if figure.value is None:
        raise UsageError(f"{figure.subject} has no value to divide: {figure.caveats[0]}", hint=_HOW)
    currency = next((c for c in ("€", "US$") if c in figure.unit), "")
    if figure.unit != "people" and not (currency and figure.unit.startswith("billion")):
        raise UsageError(
            f"{figure.subject} is in {figure.unit}, which no rule here divides",
            hint="people, and money in billions of euros or dollars, can be divided",
        )
    kind: Kind = "money" if currency else "personnel"
    name = figure.subject.partition("/")[2].replace("_", " ")
    return Need(f"{name} ({title})", kind, quantity(figure), currency, basis, figure)
