"""What can go wrong, sorted by who can mend it."""

from __future__ import annotations

from typing import ClassVar


class ComityError(Exception):
    """Something has no meaning as given; says what, and the next step.

    Parameters
    ----------
    what
        What happened, with the reader's own names, without a final stop.
    hint
        The next step, in words that can be followed.
    """

    code: ClassVar[str] = "comity"

    def __init__(self, what: str, *, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        return f"error: {self.what}" + (f"\nhint: {self.hint}" if self.hint else "")

    def to_json(self) -> dict[str, str]:
        """Return the error as it stands in every JSON answer."""
        return {"code": self.code, "error": self.what, "hint": self.hint}


class UsageError(ComityError):
    """The caller asked for something that cannot be."""

    code = "usage"


class CharterError(ComityError):
    """The charter says something that cannot be; its author can mend it.

    Parameters
    ----------
    faults
        All faults of the file as plain values: line, where, what, remedy.
    """

    code = "charter"

    def __init__(
        self, what: str, *, hint: str = "", faults: tuple[dict[str, object], ...] = ()
    ) -> None:
        super().__init__(what, hint=hint)
        self.faults = faults


class ScenarioError(ComityError):
    """The scenario says something that cannot be; its author can mend it.

    Parameters
    ----------
    faults
        All faults of the file as plain values: line, where, what, remedy.
    """

    code = "scenario"

    def __init__(
        self, what: str, *, hint: str = "", faults: tuple[dict[str, object], ...] = ()
    ) -> None:
        super().__init__(what, hint=hint)
        self.faults = faults


class EvidenceError(ComityError):
    """A table of figures cannot be used as it stands; whoever holds it can mend it."""

    code = "evidence"


class ActError(ComityError):
    """A signed act cannot be accepted; whoever signed or sent it can mend it.

    Parameters
    ----------
    refusal
        The constant name of the reason, as in the tables of spec/act.md.
    """

    code = "act"

    def __init__(self, what: str, *, hint: str = "", refusal: str) -> None:
        super().__init__(what, hint=hint)
        self.refusal = refusal

    def to_json(self) -> dict[str, str]:
        """Return the error with the name of the refusal."""
        return {**super().to_json(), "refusal": self.refusal}
