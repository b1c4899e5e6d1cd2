"""Forms: text of strangers in, bounded plain values or a refusal in words out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from comity.core.bodies import MAX_BODY, Body, check_body
from comity.core.strict import read_json, write_json
from comity.errors import ComityError, UsageError
from comity.web.words import field_word, grouped

_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")


class Form:
    """The fields that a page sent, read one by one.

    Text is brought to Unicode's form NFC and to plain line ends; everything
    else that an act would refuse is left for the act to refuse.
    """

    def __init__(self, fields: QueryDict) -> None:
        self.fields = fields

    def text(self, field: str, most: int, *, empty: bool = False) -> str:
        """Return some lines of text."""
        raw = str(self.fields.get(field, ""))[: most * 4 + 4]
        told = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n")).strip()
        if len(told) > most:
            raise UsageError(
                _("%(field)s is longer than %(most)s characters")
                % {"field": field_word(field), "most": grouped(most)},
                hint=_("say it in fewer words; nothing was signed"),
            )
        if not told and not empty:
            raise UsageError(
                _("%(field)s is empty") % {"field": field_word(field)},
                hint=_("write something; nothing was signed"),
            )
        return told

    def line(self, field: str, most: int, *, empty: bool = False) -> str:
        """Return text of one line."""
        return " ".join(self.text(field, most, empty=empty).split("\n"))

    def name(self, field: str) -> str | None:
        """Return a name such as ``arctic-alert``, made of what was written; None if nothing was."""
        told = self.line(field, 80, empty=True)
        if not told:
            return None
        plain = unicodedata.normalize("NFKD", told).encode("ascii", "ignore").decode().lower()
        made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:64].strip("-")
        if not _NAME.fullmatch(made):
            raise UsageError(
                _("'%(told)s' cannot be a name") % {"told": told[:40]},
                hint=_("begin with a letter from a to z; nothing was signed"),
            )
        return made

    def one_of(self, field: str, choices: Sequence[str]) -> str:
        """Return one of some choices."""
        told = str(self.fields.get(field, ""))
        if told not in choices:
            raise UsageError(
                _("%(field)s is none of those offered") % {"field": field_word(field)},
                hint=_("load the page again and choose one; nothing was signed"),
            )
        return told

    def whole(self, field: str, least: int, most: int) -> int:
        """Return a whole number within bounds."""
        told = str(self.fields.get(field, "")).strip()
        if not re.fullmatch(r"\d{1,9}", told, re.ASCII) or not least <= int(told) <= most:
            raise UsageError(
                _("%(field)s must be a whole number from %(least)s to %(most)s")
                % {"field": field_word(field), "least": least, "most": most},
                hint=_("write digits alone; nothing was signed"),
            )
        return int(told)

    def day(self, field: str) -> date | None:
        """Return a day; None if nothing was written."""
        told = self.line(field, 40, empty=True)
        if not told:
            return None
        return day_of(told)


def day_of(told: str) -> date:
    """Read a day.

    Raises
    ------
    UsageError
        If it is none.
    """
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", told, re.ASCII):
        try:
            return date.fromisoformat(told)
        except ValueError:
            pass
    raise UsageError(
        _("'%(told)s' is no day") % {"told": told[:40]},
        hint=_("write it as 2026-01-31; nothing was signed"),
    )


def checked(body: Body) -> None:
    """Check what was typed as its reader will, before anybody is asked to sign it.

    Raises
    ------
    ActError
        The refusal.
    """
    read: Body = read_json(
        write_json(body),
        Body,  # type: ignore[arg-type]
        limit=MAX_BODY,
        what=_("what was typed"),
    )
    check_body(read)


def refused(request: HttpRequest, wrong: ComityError, *, back: str) -> HttpResponse:
    """Say why something was not done, with the way back; what was typed is in the browser."""
    shown = {"what": wrong.what, "hint": wrong.hint, "back": back}
    return render(request, "room/refusal.html", shown, status=422)


def way_back(request: HttpRequest, default: str) -> str:
    """Return the page of this room that a form asks to be brought back to."""
    told = str(request.POST.get("back", ""))
    inside = told.startswith("/") and url_has_allowed_host_and_scheme(told, allowed_hosts=None)
    return told if inside else default
