"""All evidence together: figures and what derives from them, places, needs, texts."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from comity.evidence import derived, places
from comity.evidence.figure import Figure
from comity.evidence.figures import COALITION, Figures, is_known

__all__ = ["COALITION", "Evidence", "load"]


class Evidence(Figures):
    """An immutable collection of figures: the shipped ones, and a user's own over them.

    Every method that looks a figure up takes two times. `on` is the year (or a
    day in it) that the figure should speak of: the newest year not after it is
    taken. `known_on` is the day on which it must have been public; later
    vintages are not seen.

    Examples
    --------
    >>> evidence = load()
    >>> france = evidence.get("warheads_inventory", "FRA")
    >>> france.value, france.unit, france.year
    (290, 'warheads', 2025)
    """

    def show(self, name: str) -> Figure:
        """Return the figure of that name: a published row, or a derived one computed anew.

        Examples
        --------
        >>> print(load().show("sum(warheads_inventory;FRA,GBR)").value)
        515
        """
        return derived.figure_named(self, name)

    def name(self, subject: str) -> str:
        """Return the name of a state, or the code where it is none."""
        country = places.countries().get(subject)
        return country.name if country else subject

    def roster(self) -> tuple[places.RosterEntry, ...]:
        """Return the 35 states of January 2026."""
        return places.roster()

    def requirements(
        self, name: str = "", *, known_on: date | None = None
    ) -> tuple[places.Requirement, ...]:
        """Return what has been published of needs, of one set or all."""
        return tuple(
            r
            for r in places.requirements()
            if (not name or r.set == name) and is_known(r.figure, known_on)
        )

    def military_text(self, subject: str) -> Mapping[str, str]:
        """Return the World Factbook's words on a state's forces; empty where it has none."""
        return places.military_texts().get(subject, {})

    def world(self) -> dict[str, object]:
        """Return the borders of the world as GeoJSON."""
        return places.world()


@functools.cache
def _shipped_only() -> Evidence:
    return Evidence()


def load(folder: Path | str | None = None) -> Evidence:
    """Return the shipped evidence, with the user's own from a folder over it.

    Parameters
    ----------
    folder
        Where `comity evidence import` keeps what a user holds. Where left out,
        only what is shipped.
    """
    if folder is None:
        return _shipped_only()
    from comity.evidence.imports import stored

    figures, own = stored(Path(folder))
    return Evidence(figures, own, folder=Path(folder))
