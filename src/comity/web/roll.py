"""The roll strip: all members in one order, each with a mark; the room's one picture.

Shape and word carry the meaning; colour only repeats it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

MARKS = {
    "has": ("●", _("has it"), "good"),
    "yes": ("●", _("in favour"), "good"),
    "ad referendum": ("◐", _("ad referendum"), "wait"),
    "awaiting instructions": ("◐", _("awaiting instructions"), "wait"),
    "silent": ("○", _("silent so far"), "wait"),
    "objection": ("▲", _("objects"), "bad"),
    "no": ("▲", _("against"), "bad"),
    "abstain": ("–", _("abstains"), "wait"),
    "constructive abstention": ("–", _("abstains constructively"), "wait"),
    "unreached": ("×", _("not reached"), "bad"),
    "unheard": ("·", _("not heard from since"), "wait"),
    "closed": ("■", _("closed"), "good"),
    "unclosed": ("○", _("not closed yet"), "wait"),
    "missing": ("◇", _("missing"), "bad"),
    "not yet": ("○", _("not yet"), "wait"),
    "raised": ("◆", _("raised it"), "good"),
    "words": ("●", _("words of its own stand"), "good"),
    "disputes": ("▲", _("has a bracket open"), "bad"),
    "outside": ("·", _("does not read this organ"), "wait"),
    "pledged": ("●", _("has pledged"), "good"),
    "delivered": ("■", _("has handed over all of it"), "good"),
    "approval pending": ("◐", _("has pledged, approval pending"), "wait"),
    "approval refused": ("▲", _("has pledged, approval refused"), "bad"),
    "rival pledges": ("◇", _("two pledges that exclude each other"), "bad"),
    "nothing pledged": ("○", _("nothing pledged so far"), "wait"),
    "not owing": ("·", _("owes nothing here"), "wait"),
    "sits": ("●", _("sits"), "good"),
    "chair": ("◆", _("presides"), "good"),
    "veto": ("▲", _("sits, with a veto"), "good"),
    "reads": ("◐", _("reads and may propose, has no seat"), "wait"),
    "heard": ("●", _("heard from lately"), "good"),
    "outside organ": ("·", _("has no place"), "wait"),
    "none": ("·", _("nothing"), "wait"),
}
"""Mark, word and tone of each thing that a cell can say."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One member in the strip.

    Parameters
    ----------
    said
        A key of `MARKS`.
    detail
        The instant, the act: what hover, focus or tap tell.
    href
        Where the act behind it is shown.
    """

    code: str
    name: str
    said: str
    detail: str = ""
    href: str = ""

    @property
    def mark(self) -> str:
        """The shape."""
        return MARKS[self.said][0]

    @property
    def word(self) -> str:
        """The word."""
        return str(MARKS[self.said][1])

    @property
    def tone(self) -> str:
        """What colour repeats."""
        return MARKS[self.said][2]


def strip(
    order: Iterable[str],
    names: Mapping[str, str],
    said: Mapping[str, str],
    details: Mapping[str, str] | None = None,
    hrefs: Mapping[str, str] | None = None,
) -> list[Cell]:
    """Return the cells of a strip in charter order."""
    told, where = details or {}, hrefs or {}
    return [
        Cell(
            code,
            names.get(code, code),
            said.get(code, "none"),
            told.get(code, ""),
            where.get(code, ""),
        )
        for code in order
    ]
