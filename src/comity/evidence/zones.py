"""Time zones, and in which of them a state's capital lies."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from comity.evidence.places import countries

__all__ = ["UTC", "capital_zone", "zones"]

UTC = "UTC"
_BY_ANOTHER_CITY = {
    "Ankara": "Europe/Istanbul",
    "Ottawa": "America/Toronto",
    "Tirana": "Europe/Tirane",
    "Washington": "America/New_York",
    "Wellington": "Pacific/Auckland",
}
"""Capitals whose zone is named after another city, or otherwise spelled."""


def capital_zone(iso3: str) -> str:
    """Return the zone of a state's capital; UTC where it has none that is known.

    Examples
    --------
    >>> capital_zone("DNK"), capital_zone("TUR"), capital_zone("")
    ('Europe/Copenhagen', 'Europe/Istanbul', 'UTC')
    """
    country = countries().get(iso3)
    return UTC if country is None else _by_capital(country.capital)


@cache
def zones() -> tuple[str, ...]:
    """Return the zones that can be chosen, UTC first."""
    cities = {name for name in available_timezones() if "/" in name and name[0].isupper()}
    return (UTC, *sorted(name for name in cities if not name.startswith(("Etc/", "SystemV/"))))


@cache
def _by_capital(capital: str) -> str:
    known = _BY_ANOTHER_CITY.get(capital)
    if known in zones():
        return str(known)
    named = f"/{capital.replace(' ', '_')}"
    return next((name for name in zones() if name.endswith(named)), UTC)
