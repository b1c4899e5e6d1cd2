"""Shipped open data, loaders, and the user's own downloads."""

from comity.evidence.collection import COALITION, Evidence, load
from comity.evidence.figure import Figure, Measure, Source, parse_date
from comity.evidence.places import Country, Membership, Requirement, RosterEntry

__all__ = [
    "COALITION",
    "Country",
    "Evidence",
    "Figure",
    "Measure",
    "Membership",
    "Requirement",
    "RosterEntry",
    "Source",
    "load",
    "parse_date",
]
