"""All figures of all measures: which there are, and the one to use of a subject on a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from comity.errors import EvidenceError
from comity.evidence import places, shelf
from comity.evidence.figure import Figure, Measure, Source, split_id

__all__ = ["COALITION", "Figures", "is_known"]

COALITION = "COALITION_2026_01"


class Figures:
    """Figures by measure, subject and year: the shipped ones, and a user's own over them."""

    def __init__(
        self,
        own: Iterable[Figure] = (),
        own_sources: Mapping[str, Source] | None = None,
        *,
        folder: Path | None = None,
    ) -> None:
        self._own: dict[str, tuple[Figure, ...]] = {}
        for figure in own:
            self._own[figure.measure] = (*self._own.get(figure.measure, ()), figure)
        self._own_sources = dict(own_sources or {})
        self.folder = folder
        self._indexed: dict[str, dict[str, tuple[Figure, ...]]] = {}
        self._newest: dict[tuple[str, int | None, date | None], int | None] = {}

    # What there is

    @property
    def measures(self) -> Mapping[str, Measure]:
        """What can be measured, with unit and bounds, in the order in which it is listed."""
        return shelf.measures()

    @property
    def sources(self) -> Mapping[str, Source]:
        """Where figures come from, by id; a user's own first."""
        return {**self._own_sources, **shelf.sources(), **places.requirement_sources()}

    def measure(self, name: str) -> Measure:
        """Return a measure, or say which there are."""
        found = shelf.measures().get(name)
        if found is None:
            raise EvidenceError(
                f"nothing is measured under the name {name[:80]!r}",
                hint="see what there is with: comity evidence list",
            )
        return found

    def figures(self, measure: str) -> tuple[Figure, ...]:
        """Return every figure of a measure, a user's own first."""
        self.measure(measure)
        return (*self._own.get(measure, ()), *shelf.shipped(measure))

    def held(self) -> tuple[str, ...]:
        """Return the measures that have figures, in the order in which they are listed."""
        shipped = shelf.shipped_measures()
        return tuple(m for m in shelf.measures() if m in shipped or m in self._own)

    def _by_subject(self, measure: str) -> dict[str, tuple[Figure, ...]]:
        if measure not in self._indexed:
            index: dict[str, list[Figure]] = {}
            for figure in self.figures(measure):
                index.setdefault(figure.subject, []).append(figure)
            self._indexed[measure] = {
                subject: tuple(sorted(found, key=lambda f: (-f.year, self._rank(f))))
                for subject, found in index.items()
            }
        return self._indexed[measure]

    def _rank(self, figure: Figure) -> int:
        if figure.source in self._own_sources:
            return self._own_sources[figure.source].rank
        return shelf.sources()[figure.source].rank

    # Looking up

    def subjects(self, measure: str) -> tuple[str, ...]:
        """Return who has a row of a measure, sorted."""
        return tuple(sorted(self._by_subject(measure)))

    def newest(
        self, measure: str, *, on: int | date | None = None, known_on: date | None = None
    ) -> int | None:
        """Return the newest year of a measure that has values, as seen on a day."""
        year = _year(on)
        key = (measure, year, known_on)
        if key not in self._newest:
            self._newest[key] = max(
                (
                    f.year
                    for f in self.figures(measure)
                    if f.value is not None
                    and is_known(f, known_on)
                    and (year is None or f.year <= year)
                ),
                default=None,
            )
        return self._newest[key]

    def get(
        self,
        measure: str,
        subject: str,
        *,
        on: int | date | None = None,
        known_on: date | None = None,
    ) -> Figure:
        """Return the figure to use; a missing one says why, and is never zero.

        Parameters
        ----------
        measure, subject
            What is measured, and of whom (an ISO 3166-1 alpha-3 code).
        on
            The year it should speak of; the newest year where left out.
        known_on
            Only what was public on that day.

        Returns
        -------
        Figure
            The newest year not after `on`, from the source of lowest rank. If
            that year is more than the measure's `max_age` older than the newest
            of the measure, the figure is missing.

        Examples
        --------
        >>> from comity.evidence import load
        >>> early = load().get("military_expenditure", "UKR", known_on=date(2026, 1, 20))
        >>> early.is_missing
        True
        >>> print(early.caveats[0])
        the newest figure, of 2021, is more than 2 years older than others of 2024
        """
        m = self.measure(measure)
        year = _year(on)
        rows = self._by_subject(measure).get(subject, ())
        if not rows and m.stand_in:
            return self._stand_in(m, subject, on=on, known_on=known_on)
        of_year = [f for f in rows if year is None or f.year <= year]
        seen = [f for f in of_year if is_known(f, known_on)]
        if not seen and m.stand_in:
            return self._stand_in(m, subject, on=on, known_on=known_on)
        valued = [f for f in seen if f.value is not None]
        newest = self.newest(measure, on=on, known_on=known_on)
        if valued and newest is not None and newest - valued[0].year <= m.max_age:
            return valued[0]
        without = [f for f in seen if f.value is None]
        # A row that says why there is no value beats our own words, unless a value is newer.
        if without and (not valued or without[0].year > valued[0].year):
            return without[0]
        why: list[str] = []
        if valued and newest is not None:
            why.append(
                f"the newest figure, of {valued[0].year}, is more than {m.max_age} years "
                f"older than others of {newest}"
            )
            why.extend(valued[0].caveats)
        elif of_year:
            first = min(f.known_from for f in of_year)
            why.append(f"not yet published then: known from {first.isoformat()}")
        elif rows:
            why.append(f"nothing for {year} or before")
        else:
            why.append("no source that is loaded has a row")
        return self._missing(m, subject, on, known_on, tuple(why), newest)

    def _missing(
        self,
        measure: Measure,
        subject: str,
        on: int | date | None,
        known_on: date | None,
        why: tuple[str, ...],
        newest: int | None,
    ) -> Figure:
        options = _options(on, known_on)
        return Figure(
            id=f"get({';'.join([measure.id, subject, *options])})",
            subject=subject,
            measure=measure.id,
            year=_year(on) or newest or 0,
            low=None,
            value=None,
            high=None,
            unit=measure.unit,
            source="",
            retrieved=None,
            licence="",
            known_from=known_on or date.min,
            caveats=why,
            missing=(subject,),
        )

    def _stand_in(
        self, measure: Measure, subject: str, *, on: int | date | None, known_on: date | None
    ) -> Figure:
        other = self.get(measure.stand_in, subject, on=on, known_on=known_on)
        options = _options(on, known_on)
        return Figure(
            id=f"get({';'.join([measure.id, subject, *options])})",
            subject=subject,
            measure=measure.id,
            year=other.year,
            low=other.low,
            value=other.value,
            high=other.high,
            unit=other.unit,
            source=other.source,
            retrieved=other.retrieved,
            licence=other.licence,
            known_from=other.known_from,
            formula=f"{measure.stand_in} stands in for {measure.id}",
            caveats=(shelf.caveats()[f"{measure.stand_in}-stands-in"], *other.caveats),
            inputs=(other.id,),
            missing=other.missing,
        )

    def table(
        self,
        measure: str,
        subjects: Sequence[str],
        *,
        on: int | date | None = None,
        known_on: date | None = None,
    ) -> tuple[Figure, ...]:
        """Return one figure a subject, in the order given; missing ones say so."""
        return tuple(self.get(measure, s, on=on, known_on=known_on) for s in subjects)

    def published(self, name: str) -> Figure:
        """Return the published row of that name.

        Raises
        ------
        EvidenceError
            If there is none; the hint says where to look.
        """
        measure, subject, year, source = split_id(name)
        if measure == "requirement":
            for requirement in places.requirements():
                if requirement.figure.id == name:
                    return requirement.figure
        elif measure in shelf.measures():
            for figure in self._by_subject(measure).get(subject, ()):
                if figure.year == year and figure.source == source:
                    return figure
        else:
            self.measure(measure)
        raise EvidenceError(
            f"no figure is called {name[:120]!r}",
            hint=f"see those there are with: comity evidence list {measure}",
        )

    # Who there is

    @property
    def countries(self) -> Mapping[str, places.Country]:
        """All states and territories by code."""
        return places.countries()

    def groups(self) -> tuple[str, ...]:
        """Return the names that stand for several states."""
        return (COALITION, *sorted({m.organisation for m in places.memberships()}))

    def group(self, name: str, *, on: date | None = None) -> tuple[str, ...]:
        """Return the members of an organisation on a day, by code, sorted.

        Examples
        --------
        >>> from comity.evidence import load
        >>> len(load().group("EU"))
        27
        """
        if name == COALITION:
            return tuple(r.iso3 for r in places.roster())
        of = [m for m in places.memberships() if m.organisation == name]
        if not of:
            raise EvidenceError(
                f"no group is called {name[:40]!r}",
                hint="groups are: " + ", ".join(self.groups()),
            )
        return tuple(
            sorted(
                m.iso3
                for m in of
                if m.status in ("member", "former_member") and (m.holds_on(on) if on else not m.end)
            )
        )


def _year(on: int | date | None) -> int | None:
    return on.year if isinstance(on, date) else on


def _options(on: int | date | None, known_on: date | None) -> list[str]:
    options = []
    if on is not None:
        options.append(f"on={_year(on)}")
    if known_on is not None:
        options.append(f"known_on={known_on.isoformat()}")
    return options


def is_known(figure: Figure, known_on: date | None) -> bool:
    """Say whether a figure was public on a day."""
    return known_on is None or figure.known_from <= known_on
