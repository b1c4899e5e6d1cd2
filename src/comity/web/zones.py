"""Zones: the local time that a desk reads its deadlines in.

A member's is that of its capital, unless the person at the desk chose another.
"""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from django.http import HttpRequest

from comity.evidence.places import countries
from comity.web.desk import Desk

UTC = "UTC"
_BY_ANOTHER_CITY = {
    "Ankara": "Europe/Istanbul",
    "Ottawa": "America/Toronto",
    "Tirana": "Europe/Tirane",
    "Washington": "America/New_York",
    "Wellington": "Pacific/Auckland",
}
"""Capitals whose zone is named after another city, or otherwise spelled."""


def zone_of(request: HttpRequest) -> str:
    """Return the zone of whoever asks."""
    chosen = str(request.session.get("zone", ""))
    desk: Desk = request.desk  # type: ignore[attr-defined]
    return chosen if chosen in zones() else capital_zone(desk)


def capital_zone(desk: Desk, code: str = "") -> str:
    """Return the zone of a member's capital; UTC where it has none that is known."""
    member = desk.charter.members.get(code or desk.member)
    country = countries().get(member.iso) if member is not None else None
    return UTC if country is None else _by_capital(country.capital)


def zones_at(desk: Desk, chosen: str) -> list[str]:
    """Return the zones that a page offers: UTC, the capitals', and what was chosen."""
    capitals = {capital_zone(desk, code) for code in desk.charter.members}
    return [UTC, *sorted((capitals | {chosen}) - {UTC})]


@cache
def zones() -> tuple[str, ...]:
    """Return the zones that can be chosen, UTC first."""
    cities = {name for name in available_timezones() if "/" in name and name[0].isupper()}
    return (UTC, *sorted(name for name in cities if not name.startswith(("Etc/", "SystemV/"))))


@cache
def _by_capital(capital: str) -> str:
    known = _BY_ANOTHER_CITY.get(capital)
    if known in available_timezones():
        return str(known)
    named = f"/{capital.replace(' ', '_')}"
    return next((name for name in zones() if name.endswith(named)), UTC)
