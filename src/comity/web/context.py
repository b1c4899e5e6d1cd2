"""What every page needs: the rail, the desk, the switcher."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from comity.web.desk import WHOLE, Desk, offices
from comity.web.exercise_page import rehearsed

RAIL = (
    "now",
    "exercise",
    "cases",
    "texts",
    "proposals",
    "pledges",
    "talk",
    "organs",
    "examine",
    "record",
)


def address(name: str) -> str:
    """Return where a page is; empty where this room has no such page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def room(request: HttpRequest) -> dict[str, object]:
    """Return what the frame of a page shows."""
    desk: Desk | None = getattr(request, "desk", None)
    if desk is None:
        return {}
    names = {
        "now": _("Now"),
        "exercise": _("Exercise"),
        "cases": _("Cases"),
        "texts": _("Texts"),
        "proposals": _("Proposals"),
        "pledges": _("Pledges"),
        "talk": _("Talk"),
        "organs": _("Organs"),
        "examine": _("Examine"),
        "record": _("Record"),
    }
    here, house = request.path, desk.house
    played = rehearsed(request, desk)
    there = {name: address(name) for name in RAIL if name != "exercise" or played is not None}
    return {
        "desk": desk,
        "news": f"{reverse('live')}?shown={getattr(request, 'shown', '')}",
        "rail": [
            {
                "name": names[name],
                "href": href,
                "here": here == href or (name != "now" and here.startswith(href)),
                "key": names[name][0].lower(),
            }
            for name, href in there.items()
            if href
        ],
        "rehearsal": desk.person.anywhere,
        "exercise": desk.node.exercise,
        "rehearsed": played,
        "desks": [
            (code, desk.charter.name_of(code), code == desk.member)
            for code in desk.charter.order
            if code in house.hall.nodes and offices(house, desk.person, code)
        ],
        "offices": [
            (office, _("whole desk") if office == WHOLE else desk.organ_name(office))
            for office in offices(house, desk.person, desk.member)
        ],
    }
