"""Each member's share of a need, under equal and keyed rules and under claims of today's effort."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from comity.errors import UsageError
from comity.evidence import Evidence, Figure
from comity.examine.finding import Column, Quantity, Table
from comity.examine.requirement import Need
from comity.systems import allocation, bankruptcy
from comity.systems.allocation import Certificate, Shares, exact

__all__ = [
    "EFFORT",
    "SPOKEN",
    "Division",
    "Ends",
    "Sheet",
    "by_claims",
    "by_keys",
    "cell",
    "rules_table",
    "shares_table",
]

EFFORT = {"personnel": "active_personnel", "money": "military_expenditure"}
SPOKEN = {"personnel": "people under arms today", "money": "military spending today"}


@dataclass(frozen=True, slots=True)
class Division:
    """One rule's shares, low, value and high of each member; None where it has none."""

    key: str
    title: str
    says: str
    shares: Mapping[str, tuple[Fraction, Fraction, Fraction]]
    certificate: Certificate | None
    why: str = ""


class Sheet:
    """The figures that go into one answer, each kept for sources and caveats."""

    def __init__(
        self,
        evidence: Evidence,
        members: Sequence[str],
        need: Need,
        known_on: date | None,
        rate: float | None,
    ) -> None:
        self.evidence, self.members, self.need = evidence, tuple(members), need
        self.known_on, self.rate = known_on, rate
        self.used: dict[str, Figure] = {}
        self.gni = self._table("gni")
        self.people = self._table("population")
        self.effort = self._table(EFFORT[need.kind])
        if need.figure is not None:
            self.used[need.figure.id] = need.figure

    def _table(self, measure: str) -> dict[str, Figure]:
        made = self.evidence.table(measure, self.members, known_on=self.known_on)
        self.used.update((f.id, f) for f in made)
        return dict(zip(self.members, made, strict=True))

    @property
    def weights_are(self) -> str:
        """Which measure weighs a member in the savings game."""
        return "population" if self.need.kind == "personnel" else "gni"

    @property
    def weights(self) -> dict[str, Fraction]:
        """What a member weighs in the savings game: people for people, income for money."""
        table = self.people if self.need.kind == "personnel" else self.gni
        return {m: exact(f.value) for m, f in table.items() if f.value}

    @property
    def comparable(self) -> str:
        """Why today's effort cannot be compared with the need; empty where it can."""
        if self.need.currency == "€" and self.rate is None:
            return "not comparable: the need is in €, today's spending in US$; give a rate"
        return ""

    def claims(self, member: str) -> tuple[Fraction, Fraction, Fraction] | None:
        """Return today's effort in the need's unit: low, value, high."""
        figure = self.effort[member]
        if figure.value is None or (self.need.kind == "money" and self.comparable):
            return None
        factor = Fraction(1)
        if self.need.kind == "money":
            factor /= 10**9
            if self.need.currency == "€":
                factor /= exact(self.rate or 1)
        ends = (figure.low, figure.value, figure.high)
        low, value, high = (exact(figure.value if e is None else e) * factor for e in ends)
        return low, value, high


Ends = tuple[Fraction, Fraction, Fraction]


def _ranged(
    divide: Callable[[Fraction, Sequence[Fraction]], Shares], total: Ends, keys: Sequence[Ends]
) -> list[Ends]:
    """Divide with ranges: a share is least when its own key is low and all others' are high.

    That is right for every rule here whose shares rise with the whole and one's own key and
    fall with others' keys; it is the worst case, all keys erring against each other.
    """
    middle = divide(total[1], [k[1] for k in keys])
    if total[0] == total[2] and all(k[0] == k[2] for k in keys):
        return [(share, share, share) for share in middle]
    found: list[Ends] = []
    for i, share in enumerate(middle):
        ends = []
        for own, other, whole in ((0, 2, 0), (2, 0, 2)):
            at = [k[own] if j == i else k[other] for j, k in enumerate(keys)]
            try:
                ends.append(divide(total[whole], at)[i])
            except UsageError:
                ends.append(share)
        found.append((min(ends[0], share), share, max(ends[1], share)))
    return found


def by_keys(sheet: Sheet, cap: Fraction) -> list[Division]:
    """Divide equally, by people, by income, and by income with nobody above a cap."""
    total = sheet.need.ends
    members = sheet.members

    def fixed(figures: Mapping[str, Figure]) -> dict[str, Ends]:
        return {
            m: (exact(f.value), exact(f.value), exact(f.value))
            for m, f in figures.items()
            if f.value
        }

    one = {m: (Fraction(1), Fraction(1), Fraction(1)) for m in members}
    income = fixed(sheet.gni)
    stands_in = any("stands in" in f.formula for f in sheet.gni.values())
    by_income = "GDP (for GNI)" if stands_in else "GNI"
    made = []
    for key, title, says, held in (
        ("equal", "Equal", "everybody the same", one),
        ("population", "Population", "in proportion to people", fixed(sheet.people)),
        ("gni", by_income, f"in proportion to {by_income}", income),
    ):
        if not held:
            made.append(Division(key, title, says, {}, None, "no member has a value"))
            continue
        keys = list(held.values())
        shares = _ranged(allocation.by_key, total, keys)
        checked = allocation.check_key(total[1], [k[1] for k in keys], [s[1] for s in shares])
        made.append(Division(key, title, says, dict(zip(held, shares)), checked))
    title = f"{by_income}, capped"
    says = f"the same, nobody above {float(100 * cap):g} %; what is cut falls on the others"
    try:
        keys = list(income.values())
        shares = _ranged(lambda t, k: allocation.capped(t, k, cap), total, keys)
        checked = allocation.check_capped(
            total[1], [k[1] for k in keys], cap, [s[1] for s in shares]
        )
        made.append(Division("capped", title, says, dict(zip(income, shares)), checked))
    except UsageError as error:
        made.append(Division("capped", title, says, {}, None, error.what))
    return made


_CLAIMS = (
    ("proportional", "By today's effort", "in proportion to {0}"),
    ("equal_awards", "Equal awards", "all the same, but nobody more than {0}"),
    ("equal_losses", "Equal losses", "all keep the same of {0}, or bear nothing"),
    ("talmud", "Talmud", "equal to half of {0}, then what is left of it equal"),
)


def by_claims(sheet: Sheet) -> list[Division]:
    """Divide by today's effort, in proportion and under the rules for claims."""
    spoken = SPOKEN[sheet.need.kind]
    made = []
    for key, title, pattern in _CLAIMS:
        says = pattern.format(spoken)
        total = sheet.need.ends
        held = {m: c for m in sheet.members if (c := sheet.claims(m)) is not None}
        if key == "proportional" and not held and sheet.comparable:
            # A proportion needs no exchange rate: the currency of the key falls out.
            held = {
                m: (exact(f.low or f.value), exact(f.value), exact(f.high or f.value))
                for m, f in sheet.effort.items()
                if f.value
            }
        why = "no member has a value"
        if held:
            keys = list(held.values())
            divide = allocation.by_key if key == "proportional" else bankruptcy.RULES[key]
            try:
                shares = _ranged(divide, total, keys)
                middle, given = [k[1] for k in keys], [s[1] for s in shares]
                checked = (
                    allocation.check_key(total[1], middle, given)
                    if key == "proportional"
                    else bankruptcy.check(key, total[1], middle, given)
                )
                made.append(Division(key, title, says, dict(zip(held, shares)), checked))
                continue
            except UsageError as error:
                why = error.what
        if sheet.comparable and key != "proportional":
            why = sheet.comparable
        made.append(Division(key, title, says, {}, None, why))
    return made


def cell(sheet: Sheet, ends: Ends | None) -> Quantity:
    """Return an amount in the need's unit; not known where it is None."""
    unit = sheet.need.amount.unit
    if ends is None:
        return Quantity(None, unit=unit)
    low, value, high = map(float, ends)
    if low == high:
        return Quantity(int(value) if value == int(value) else value, unit=unit)
    return Quantity(value, low, high, unit=unit)


def shares_table(sheet: Sheet, divisions: Sequence[Division]) -> Table:
    """Show every member's share under each rule."""
    names = tuple(sheet.evidence.name(m) for m in sheet.members)
    amount = sheet.need.amount
    columns = [Column("member", "Member", (*names, "together"))]
    columns += [
        Column(
            d.key,
            d.title,
            (
                *(cell(sheet, d.shares.get(m)) for m in sheet.members),
                amount if d.shares else Quantity(None, unit=amount.unit),
            ),
            unit=amount.unit,
        )
        for d in divisions
    ]
    columns.append(Column("code", "Code", (*sheet.members, "")))
    title = f"Shares of {sheet.need.title}, {amount}, under each rule"
    return Table("shares", title, tuple(columns), totals=(len(names),))


def rules_table(divisions: Sequence[Division]) -> Table:
    """Show what each rule says, and whether its shares are that."""
    return Table(
        "rules",
        "The rules, and whether each share is what its rule says",
        (
            Column("rule", "Rule", tuple(d.title for d in divisions)),
            Column("says", "Divides", tuple(d.says for d in divisions)),
            Column(
                "holds",
                "Holds",
                tuple(d.certificate.holds if d.certificate else None for d in divisions),
            ),
            Column(
                "certificate",
                "Certificate",
                tuple(d.certificate.words if d.certificate else d.why for d in divisions),
            ),
        ),
    )
