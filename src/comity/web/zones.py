"""Zones: the local time that a desk reads its deadlines in.

A member's is that of its capital, unless the person at the desk chose another.
"""

from __future__ import annotations

from django.http import HttpRequest

from comity.evidence.zones import UTC, zones
from comity.evidence.zones import capital_zone as zone_of_capital
from comity.web.desk import Desk

__all__ = ["capital_zone", "zone_of", "zones", "zones_at"]


def zone_of(request: HttpRequest) -> str:
    """Return the zone of whoever asks."""
    chosen = str(request.session.get("zone", ""))
    desk: Desk = request.desk  # type: ignore[attr-defined]
    return chosen if chosen in zones() else capital_zone(desk)


def capital_zone(desk: Desk, code: str = "") -> str:
    """Return the zone of a member's capital; UTC where it has none that is known."""
    member = desk.charter.members.get(code or desk.member)
    return UTC if member is None else zone_of_capital(member.iso)


def zones_at(desk: Desk, chosen: str) -> list[str]:
    """Return the zones that a page offers: UTC, the capitals', and what was chosen."""
    capitals = {capital_zone(desk, code) for code in desk.charter.members}
    return [UTC, *sorted((capitals | {chosen}) - {UTC})]
