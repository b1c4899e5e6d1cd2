"""Comity: decide together, owe each other, and depend on no single member.

>>> import comity as co
>>> c = co.load("coalition-of-the-willing")
>>> print(c.without("GBR").potential().question)
What do these 35 members have together, and what is left without UK?
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from comity.charters import names as charter_names
    from comity.coalition import Coalition, load
    from comity.errors import CharterError, ComityError, EvidenceError, UsageError
    from comity.evidence import Evidence, Figure
    from comity.examine.finding import Finding, Quantity
    from comity.report.written import write

__all__ = [
    "CharterError",
    "Coalition",
    "ComityError",
    "Evidence",
    "EvidenceError",
    "Figure",
    "Finding",
    "Quantity",
    "UsageError",
    "charter_names",
    "load",
    "write",
]

_HOMES = {
    "CharterError": "comity.errors",
    "Coalition": "comity.coalition",
    "ComityError": "comity.errors",
    "Evidence": "comity.evidence",
    "EvidenceError": "comity.errors",
    "Figure": "comity.evidence",
    "Finding": "comity.examine.finding",
    "Quantity": "comity.examine.finding",
    "UsageError": "comity.errors",
    "charter_names": "comity.charters",
    "load": "comity.coalition",
    "write": "comity.report.written",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'comity' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), "names" if name == "charter_names" else name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
