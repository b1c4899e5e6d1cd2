"""What is needed, line by line, each with the basis on which it is counted.

A published figure of need says what it is to be held against: all there is (*total*), what comes
on top of what there is (*additional*), a level somebody is to reach (*target*), or *money*. Some
published figures in the same papers are no needs at all: what somebody has, or would give.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from comity.core.charter import Basis, Charter, Obligation
from comity.errors import UsageError
from comity.evidence import Evidence
from comity.examine.finding import Quantity, Source

PEOPLE = ("people", "persons", "troops", "heads")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a need.

    Attributes
    ----------
    low, high
        The need itself as a range; None where the source gives only the other end.
    id
        The evidence row it resolves to, if any.
    """

    name: str
    low: Fraction | None
    high: Fraction | None
    unit: str
    basis: Basis
    source: str = ""
    id: str = ""
    note: str = ""

    @property
    def in_people(self) -> bool:
        """Whether it counts people."""
        return self.unit in PEOPLE

    @property
    def each(self) -> bool:
        """Whether every member must reach it alone: shares of something do not add up."""
        return self.unit.startswith("%")

    def quantity(self) -> Quantity:
        """Return the need as a quantity of a finding."""
        if self.low is None or self.high is None:
            return Quantity(None, unit=self.unit, id=self.id)
        low, high = number(self.low), number(self.high)
        middle = low if low == high else number((self.low + self.high) / 2)
        return Quantity(middle, low, high, unit=self.unit, id=self.id)


@dataclass(frozen=True, slots=True)
class Needs:
    """What is asked for together, and where that comes from.

    Attributes
    ----------
    left_out
        Figures of the same source that are no needs, with the reason.
    """

    title: str
    lines: tuple[Line, ...]
    sources: tuple[Source, ...] = ()
    caveats: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()


def number(value: Fraction) -> int | float:
    """Return a fraction as the plain number it is."""
    return int(value) if value.denominator == 1 else float(value)


def unit_of(text: str) -> str:
    """Return a unit under one name: whoever counts persons, troops or heads counts people."""
    return "people" if text.strip().lower() in PEOPLE else text.strip()


_HELD = "what there is, not what is needed"
_GIVEN = "what somebody would give, not what is needed"
_LEFT = "what is left of somebody's contribution, not what is needed"
_EARLIER = "another report of the same need; the one after Paris is used"

# Every published figure has one of the four, or the reason why it is no need. First the rule
# for a set, then its exceptions; a test sees to it that no shipped figure is without.
_SETS: Mapping[str, Basis | str] = {
    "bruegel_kiel_2025": "additional",
    "iiss_2025": "additional",
    "kubilius_2026": "additional",
    "euperspectives_2026": "money",
    "mnf_ukraine_2025_2026": _EARLIER,
    "nato_force_model_2022": "total",
    "nato_mcr_2024": "total",
    "eu_rdc_2022": "total",
    "nato_hague_2025": "target",
    "us_nfm_cut_2026": _LEFT,
}
_ITEMS: Mapping[str, Basis | str] = {
    "bruegel_kiel_2025/long_range_drones_per_year": "target",
    "bruegel_kiel_2025/additional_defence_spending_per_year": "money",
    "bruegel_kiel_2025/defence_spending_share": "target",
    "bruegel_kiel_2025/us_troops_assumed_in_nato_plans": _HELD,
    "bruegel_kiel_2025/european_active_personnel": _HELD,
    "iiss_2025/one_off_procurement": "money",
    "iiss_2025/procurement_and_25_year_life_cycle": "money",
    "iiss_2025/personnel_replacement_cost": "money",
    "kubilius_2026/european_security_council_members": "seats of an institution, not a force",
    "mnf_ukraine_2025_2026/total_western_force_after_paris": "total",
    "mnf_ukraine_2025_2026/uk_share_of_initial_planning": _GIVEN,
    "mnf_ukraine_2025_2026/uk_france_combined": _GIVEN,
    "mnf_ukraine_2025_2026/uk_contribution": _GIVEN,
    "mnf_ukraine_2025_2026/ukrainian_armed_forces_peacetime": "target",
    "nato_force_model_2022/high_readiness_total": "the first two tiers under another name",
    "us_nfm_cut_2026/us_military_in_europe_2025": _HELD,
}
_BASES: Mapping[str, Basis] = {
    "total": "total",
    "additional": "additional",
    "target": "target",
    "money": "money",
}


def basis_of(subject: str) -> tuple[Basis | None, str]:
    """Return the basis of a published figure, or None and why it is no need.

    Examples
    --------
    >>> basis_of("bruegel_kiel_2025/main_battle_tanks")
    ('additional', '')
    >>> basis_of("bruegel_kiel_2025/european_active_personnel")
    (None, 'what there is, not what is needed')
    """
    told = _ITEMS.get(subject) or _SETS.get(subject.split("/", 1)[0], "no basis is written down")
    return (_BASES[told], "") if told in _BASES else (None, told)


def published(evidence: Evidence, name: str) -> Needs:
    """Return a published set of needs.

    Raises
    ------
    UsageError
        If no set has that name; the hint names those there are.
    """
    rows = evidence.requirements(name)
    if not name or not rows:
        sets = dict.fromkeys(r.set for r in evidence.requirements())
        raise UsageError(
            f"no set of requirements is called {name[:60]!r}", hint="there are: " + ", ".join(sets)
        )
    lines, left = [], []
    for row in rows:
        basis, why = basis_of(f"{row.set}/{row.item}")
        if basis is None:
            left.append((row.item, why))
            continue
        figure = row.figure
        lines.append(
            Line(
                row.item,
                None if figure.low is None else Fraction(str(figure.low)),
                None if figure.high is None else Fraction(str(figure.high)),
                unit_of(figure.unit),
                basis,
                figure.source,
                figure.id,
                "; ".join(t for t in (row.basis, row.note) if t),
            )
        )
    used = dict.fromkeys(line.source for line in lines)
    return Needs(
        rows[0].title,
        tuple(lines),
        tuple(_source(evidence, key) for key in used),
        tuple(dict.fromkeys(c for r in rows for c in r.figure.caveats if "read in" in c)),
        tuple(left),
    )


def _source(evidence: Evidence, key: str) -> Source:
    s = evidence.sources[key]
    return Source(s.id, s.title, s.publisher, s.where, s.vintage, s.licence)


def owed(charter: Charter, obligation_id: str) -> tuple[Obligation, Needs]:
    """Return an obligation and what it needs; no lines where its text names none.

    Raises
    ------
    UsageError
        If the charter has no such obligation; the hint names those it has.
    """
    obligation = charter.obligations.get(obligation_id)
    if obligation is None:
        raise UsageError(
            f"{charter.id} has no obligation '{obligation_id[:60]}'",
            hint=f"it has: {', '.join(charter.obligations) or 'none'}",
        )
    lines = tuple(
        Line(n.line, n.low, n.high, unit_of(n.unit), n.basis, n.source, "", n.note)
        for n in obligation.needs
    )
    cited = dict.fromkeys(
        key
        for key in (obligation.source, *(n.source for n in obligation.needs))
        if key in charter.sources
    )
    sources = tuple(
        Source(s.id, s.title, s.publisher, s.where, s.date)
        for s in (charter.sources[key] for key in cited)
    )
    return obligation, Needs(obligation.title, lines, sources, obligation.caveats)
