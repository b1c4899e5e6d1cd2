"""What acts spell in one way for all, said in the reader's language; its numbers and days.

An act says `severe`: that is its data, and the same for everybody. Here it becomes
a word of the page.
"""

from __future__ import annotations

from datetime import datetime

from django.utils.dateformat import format as written
from django.utils.formats import get_format
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

SPELLED = {
    "extreme": gettext_lazy("extreme"),
    "severe": gettext_lazy("severe"),
    "moderate": gettext_lazy("moderate"),
    "minor": gettext_lazy("minor"),
    "unknown": pgettext_lazy("severity", "unknown"),
    "actual": pgettext_lazy("status of an alert", "actual"),
    "exercise": pgettext_lazy("status of an alert", "exercise"),
    "test": pgettext_lazy("status of an alert", "test"),
    "reservation": gettext_lazy("reservation"),
    "declaration": gettext_lazy("declaration"),
    "caveat": gettext_lazy("caveat"),
    "explanation": gettext_lazy("explanation"),
}
"""What acts spell, and what pages say; anything else is a name, and stays."""


FIELDS = {
    "title": pgettext_lazy("field", "title"),
    "text": pgettext_lazy("field", "text"),
    "words": pgettext_lazy("field", "words"),
    "instead": pgettext_lazy("field", "instead"),
    "paragraphs": pgettext_lazy("field", "paragraphs"),
    "because": pgettext_lazy("field", "because"),
    "caveats": pgettext_lazy("field", "caveats"),
    "case": pgettext_lazy("field", "case"),
    "name": pgettext_lazy("field", "name"),
    "code": pgettext_lazy("field", "code"),
    "line": pgettext_lazy("field", "line"),
    "quantity": pgettext_lazy("field", "quantity"),
    "delivered": pgettext_lazy("field", "delivered"),
    "unit": pgettext_lazy("field", "unit"),
    "obligation": pgettext_lazy("field", "obligation"),
    "organ": pgettext_lazy("field", "organ"),
    "severity": pgettext_lazy("field", "severity"),
    "kind": pgettext_lazy("field", "kind"),
    "rule": pgettext_lazy("field", "rule"),
    "procedure": pgettext_lazy("field", "procedure"),
    "member": pgettext_lazy("field", "member"),
    "level": pgettext_lazy("field", "level"),
    "standing": pgettext_lazy("field", "standing"),
}
"""What refusals call the fields of forms; the same in English, so that nobody need look twice."""


def field_word(field: str) -> str:
    """Return what a refusal calls a field of a form."""
    return str(FIELDS.get(field, field))


def word(told: str) -> str:
    """Return what a page says for something that is spelled one way for all."""
    return str(SPELLED.get(told, told))


def grouped(number: int | str, part: str = "") -> str:
    """Write a whole number, and its decimals if it has some, as the reader's language does.

    >>> grouped(15_000), grouped(2, "5")
    ('15,000', '2.5')
    """
    whole = f"{int(number):,}".replace(",", str(get_format("THOUSAND_SEPARATOR")))
    return f"{whole}{get_format('DECIMAL_SEPARATOR')}{part}" if part else whole


def instant_words(moment: datetime, *, year: bool = False) -> str:
    """Write an instant's day, hour and minute, as "22 Nov 14:05"."""
    form = pgettext("Django's form of an instant", "d M H:i")
    if year:
        form = pgettext("Django's form of an instant", "d M Y H:i")
    return written(moment, form)
