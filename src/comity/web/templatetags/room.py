"""Tags of the room: the strip, clocks, short ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.core.strict import instant
from comity.web.answers import OUTCOMES
from comity.web.roll import Cell
from comity.web.words import instant_words
from comity.web.words import word as said_word

register = template.Library()


@register.inclusion_tag("room/strip.html")
def strip(cells: Sequence[Cell], label: str = "", sentence: str = "") -> dict[str, object]:
    """Draw a strip, with its sentence above it and its table below.

    Parameters
    ----------
    sentence
        What it says; the count of each mark where left out.
    """
    counts = Counter(cell.word for cell in cells)
    counted = ", ".join(f"{count} {word}" for word, count in counts.most_common())
    return {"cells": cells, "sentence": sentence or counted, "label": label}


@register.simple_tag
def clock(moment: datetime | str | None, at: datetime, zone: str = "UTC") -> str:
    """Say an instant as a deadline: the time left or gone, then local time and UTC."""
    if moment is None or moment == "":
        return _("no deadline")
    when = instant(moment, "the instant") if isinstance(moment, str) else moment
    seconds = int((when - at).total_seconds())
    span = _span(abs(seconds))
    left = (
        _("%(span)s left") % {"span": span} if seconds > 0 else _("%(span)s ago") % {"span": span}
    )
    utc = f"{instant_words(when)} UTC"
    if zone == "UTC":
        return f"{left} · {utc}"
    local = when.astimezone(ZoneInfo(zone))
    return f"{left} · {local:%H:%M} {zone.rpartition('/')[2].replace('_', ' ')} · {utc}"


@register.filter
def short(name: str) -> str:
    """Return the first digits of an id: enough to find it by."""
    return str(name)[:12]


@register.filter
def when(moment: str) -> str:
    """Say when something was, as its signer's word has it: day, hour and minute."""
    return f"{instant_words(instant(moment, 'the instant'), year=True)} UTC"


@register.filter
def moment(told: datetime) -> str:
    """Say when something was by the clock of an exercise: day, hour and minute."""
    return f"{instant_words(told, year=True)} UTC"


@register.filter
def word(told: str) -> str:
    """Say what an act spells one way for all: a severity, a status, a kind of note."""
    return said_word(told)


@register.filter
def outcome(told: str) -> str:
    """Say how a proposal ended, or stands."""
    return str(OUTCOMES.get(told, told))


@register.filter
def span(seconds: int) -> str:
    """Say how long something took."""
    return _span(seconds)


def _span(seconds: int) -> str:
    if seconds < 300:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    minutes = seconds // 60
    if minutes < 60:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return _("%(h)d h %(m)d min") % {"h": hours, "m": rest}
    return ngettext("%(n)d day", "%(n)d days", hours // 24) % {"n": hours // 24}
