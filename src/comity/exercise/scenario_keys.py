"""The keys of a move, asked for where its kind uses them and required where it needs them."""

from __future__ import annotations

from fractions import Fraction

from comity.core.fields import Table
from comity.exercise.scenario_fields import (
    Names,
    amount,
    file_name,
    line,
    members,
    named,
    paragraphs,
    word,
)

MAX_HOURS = 8_784


class Keys:
    """Asks for a key where the move's kind uses it, and requires it where the kind needs it."""

    def __init__(
        self, table: Table, names: Names, needs: tuple[str, ...], may: tuple[str, ...]
    ) -> None:
        self.table = table
        self.names = names
        self.needs = needs
        self.used = {*needs, *may}

    def text(self, key: str, limit: int) -> str:
        """Return a text; empty where the kind does not use it, as below."""
        if key not in self.used:
            return ""
        return self.table.text(key, required=key in self.needs, limit=limit)

    def line(self, key: str) -> str:
        """Return a text of one line."""
        if key not in self.used:
            return ""
        limit = 200 if key == "title" else 64
        return line(self.table, key, required=key in self.needs, limit=limit)

    def identifier(self, key: str) -> str:
        """Return a name as an act writes it."""
        if key not in self.used:
            return ""
        return self.table.identifier(key, required=key in self.needs)

    def word(self, key: str, options: tuple[str, ...]) -> str | None:
        """Return one of some words."""
        if key not in self.used:
            return None
        return word(self.table, key, options, required=key in self.needs) or None

    def members(self, key: str) -> tuple[str, ...]:
        """Return members by their codes."""
        if key not in self.used:
            return ()
        return members(self.table, key, self.names, required=key in self.needs)

    def paragraphs(self, *, only: bool) -> tuple[str, ...]:
        """Return what is said, in `only` one paragraph where just one can be."""
        if "paragraphs" not in self.used:
            return ()
        return paragraphs(self.table, "paragraphs", required="paragraphs" in self.needs, only=only)

    def amount(self, key: str, default: str) -> str:
        """Return a quantity."""
        if key not in self.used:
            return default or ("0" if key == "delivered" else "")
        return amount(self.table, key, required=key in self.needs, default=default)

    def organ(self) -> str:
        """Return an organ of the charter."""
        told = self.text("organ", 64)
        if self.names.charters and told:
            named(self.table, "organ", told, self.names.organs, "organ")
        return told

    def matter(self) -> str:
        """Return a matter of the file."""
        return self.table.known("matter", self.text("matter", 64), self.names.matters, "matter")

    def hours(self) -> Fraction | None:
        """Return for how long something is open."""
        if "hours" not in self.used:
            return None
        told = self.table.quantity("hours")
        if told is not None and not 0 < told <= MAX_HOURS:
            self.table.fault(
                "hours", f"it is not a number of hours up to {MAX_HOURS:,}", "write hours = 24"
            )
            return None
        return told

    def subject(self, effect: str) -> str:
        """Return what an effect names."""
        if "subject" not in self.used:
            return ""
        if effect in ("open a case", "close a case", "recognise a group"):
            return self.table.identifier("subject")
        told = self.text("subject", 64)
        if effect == "amend" and told and not file_name(self.table, "subject", told):
            return ""
        return told

    def pairs(
        self, key: str, chosen: str, said: str, options: tuple[str, ...]
    ) -> tuple[tuple[str, str], ...]:
        """Read a list of a text and one of some words; in the order of `Move`."""
        if key not in self.used:
            return ()
        made = []
        for table in self.table.tables(key, limit=20):
            pick = word(table, chosen, options)
            text = (
                table.text(said, required=True)
                if said == "text"
                else line(table, said, required=True, limit=64)
            )
            made.append((pick, text) if said == "text" else (text, pick))
            table.done()
        return tuple(made)
