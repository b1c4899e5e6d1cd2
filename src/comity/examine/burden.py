"""Who bears how much: one need under ten rules side by side, against today's effort.

No rule here is called fair. Each share carries a certificate that it is what its rule says,
and each rule is asked who would rather leave. Reference: docs/explanation/burden.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import combinations
from math import ceil
from typing import Literal

import numpy as np

from comity.errors import UsageError
from comity.evidence import Evidence, Figure, derived
from comity.examine.finding import (
    Cell,
    Chart,
    Column,
    Finding,
    Missing,
    Quantity,
    Table,
    Vintage,
)
from comity.examine.potential import caveats_of, quantity, sources_of
from comity.examine.rounding import words
from comity.systems import allocation, bankruptcy, scaling
from comity.systems.allocation import Certificate, ListedGame, Shares, SharingGame, exact
from comity.systems.forcemix import Aim, Line, Mix, force_mix
from comity.systems.nucleolus import Nucleolus, nucleolus

__all__ = ["CAP", "EXPONENT", "Need", "burden", "need_of"]

CAP = Fraction(22, 100)
"""No share above this part of the whole, unless asked otherwise: the ceiling of the United
Nations' scale of assessments since 2001 (resolution 55/5 B)."""

EXPONENT = 0.8
"""How much a group needs alone: its weight to this power. A model, varied in every answer."""

NUCLEOLUS_MOST = 15
EFFORT = {"personnel": "active_personnel", "money": "military_expenditure"}
SPOKEN = {"personnel": "people under arms today", "money": "military spending today"}

Kind = Literal["personnel", "money"]

_NOT_IN_IT = (
    "who gains how much from what is needed: burdens are divided here, not benefits",
    "what national law, budgets and caveats would let a member give",
    "quality, experience, readiness, and what is given in kind, by hosting or by risk",
    "what a group that leaves would really need: the exponent stands for it",
)

# What is needed


@dataclass(frozen=True, slots=True)
class Need:
    """Something the members have to bring up together: people, or money in one currency.

    Parameters
    ----------
    amount
        With its range; resolves by its id where it comes from the evidence.
    currency
        "€" or "US$" for money; empty for people.
    basis
        In words, what it is counted against.
    figure
        The row of the evidence, if it is one.
    """

    title: str
    kind: Kind
    amount: Quantity
    currency: str = ""
    basis: str = ""
    figure: Figure | None = None

    @property
    def is_additional(self) -> bool:
        """Whether it comes on top of today's effort, which then cannot meet it."""
        return self.basis.startswith("additional")

    @property
    def ends(self) -> tuple[Fraction, Fraction, Fraction]:
        """Low, value and high."""
        value = exact(self.amount.value or 0)
        low = value if self.amount.low is None else exact(self.amount.low)
        high = value if self.amount.high is None else exact(self.amount.high)
        return low, value, high


_AMOUNT = re.compile(
    r"(?P<low>[0-9][0-9,]*(?:\.[0-9]+)?)(?:\s*(?:-|–|to)\s*(?P<high>[0-9][0-9,]*(?:\.[0-9]+)?))?"
    r"(?:\s*(?P<scale>thousand|million|billion|trillion|bn|m|k))?"
    r"(?:\s*(?P<unit>[A-Za-z€$]+))?(?P<year>\s*(?:/|per |a )\s*year)?"
)
_SCALES = {"": 0, "k": 3, "thousand": 3, "m": 6, "million": 6, "bn": 9, "billion": 9}
_SCALES["trillion"] = 12
_CURRENCIES = {"EUR": "€", "€": "€", "USD": "US$", "US$": "US$", "$": "US$"}
_PEOPLE = ("", "people", "persons", "personnel", "troops")
_HOW = (
    "write personnel=100000, money=250 billion EUR/year, reconstruction=500 billion USD, or the "
    "name of a published requirement such as kubilius_2026/standing_european_force"
)


def need_of(text: str, evidence: Evidence, *, known_on: date | None = None) -> Need:
    """Read a need: an amount of one's own, or a requirement of the evidence by its name.

    Raises
    ------
    UsageError
        If it is neither people nor money in euros or dollars, or was not yet published.

    Examples
    --------
    >>> from comity.evidence import load
    >>> print(need_of("money=250 billion EUR/year", load()).amount)
    250 billion € a year
    >>> print(need_of("kubilius_2026/standing_european_force", load()).amount)
    100,000 people
    """
    title, equals, amount = text.partition("=")
    if equals:
        return _own(title.strip(), amount.strip())
    name = text.strip()
    for requirement in evidence.requirements():
        figure = requirement.figure
        if name not in (figure.id, figure.subject):
            continue
        if known_on is not None and figure.known_from > known_on:
            raise UsageError(
                f"{figure.subject} was not yet published on {known_on}",
                hint=f"it is known from {figure.known_from}",
            )
        return _published(figure, requirement.title, requirement.basis)
    raise UsageError(f"{text[:80]!r} is not a need that can be divided", hint=_HOW)


def _own(title: str, text: str) -> Need:
    found = _AMOUNT.fullmatch(text)
    if not title or found is None:
        raise UsageError(f"{title}={text}"[:90] + " is not an amount", hint=_HOW)
    unit = (found["unit"] or "").strip()
    currency = _CURRENCIES.get(unit, "")
    ends = [exact(Fraction(n.replace(",", ""))) for n in (found["low"], found["high"]) if n]
    power = _SCALES[found["scale"] or ""]
    if currency:
        if title == "personnel":
            raise UsageError("personnel is not counted in money", hint=_HOW)
        ends = [end * Fraction(10) ** (power - 9) for end in ends]
        shown = f"billion {currency}" + (" a year" if found["year"] else "")
        return Need(title, "money", _amount(ends, shown), currency, "given by the user")
    if title != "personnel" or unit not in _PEOPLE or found["year"]:
        raise UsageError(f"{title}={text}"[:90] + " says no unit that can be divided", hint=_HOW)
    ends = [end * Fraction(10) ** power for end in ends]
    return Need("personnel", "personnel", _amount(ends, "people"), "", "given by the user")


def _amount(ends: Sequence[Fraction], unit: str) -> Quantity:
    low, high = ends[0], ends[-1]
    if not 0 < low <= high:
        raise UsageError("a need is above nought, the lower end first", hint=_HOW)

    def number(n: Fraction) -> int | float:
        return int(n) if n.denominator == 1 else float(n)

    return Quantity(number((low + high) / 2), number(low), number(high), unit=unit)


def _published(figure: Figure, title: str, basis: str) -> Need:
    if figure.value is None:
        raise UsageError(f"{figure.subject} has no value to divide: {figure.caveats[0]}", hint=_HOW)
    currency = next((c for c in ("€", "US$") if c in figure.unit), "")
    if figure.unit != "people" and not (currency and figure.unit.startswith("billion")):
        raise UsageError(
            f"{figure.subject} is in {figure.unit}, which no rule here divides",
            hint="people, and money in billions of euros or dollars, can be divided",
        )
    kind: Kind = "money" if currency else "personnel"
    name = figure.subject.partition("/")[2].replace("_", " ")
    return Need(f"{name} ({title})", kind, quantity(figure), currency, basis, figure)


# The rules


@dataclass(frozen=True, slots=True)
class _Division:
    """One rule's shares, low, value and high of each member; None where it has none."""

    key: str
    title: str
    says: str
    shares: Mapping[str, tuple[Fraction, Fraction, Fraction]]
    certificate: Certificate | None
    why: str = ""


class _Sheet:
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


_Ends = tuple[Fraction, Fraction, Fraction]


def _ranged(
    divide: Callable[[Fraction, Sequence[Fraction]], Shares], total: _Ends, keys: Sequence[_Ends]
) -> list[_Ends]:
    """Divide with ranges: a share is least when its own key is low and all others' are high.

    That is right for every rule here whose shares rise with the whole and one's own key and
    fall with others' keys; it is the worst case, all keys erring against each other.
    """
    middle = divide(total[1], [k[1] for k in keys])
    if total[0] == total[2] and all(k[0] == k[2] for k in keys):
        return [(share, share, share) for share in middle]
    found: list[_Ends] = []
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


def _keyed(sheet: _Sheet, cap: Fraction) -> list[_Division]:
    total = sheet.need.ends
    members = sheet.members

    def fixed(figures: Mapping[str, Figure]) -> dict[str, _Ends]:
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
            made.append(_Division(key, title, says, {}, None, "no member has a value"))
            continue
        keys = list(held.values())
        shares = _ranged(allocation.by_key, total, keys)
        checked = allocation.check_key(total[1], [k[1] for k in keys], [s[1] for s in shares])
        made.append(_Division(key, title, says, dict(zip(held, shares)), checked))
    title = f"{by_income}, capped"
    says = f"the same, nobody above {float(100 * cap):g} %; what is cut falls on the others"
    try:
        keys = list(income.values())
        shares = _ranged(lambda t, k: allocation.capped(t, k, cap), total, keys)
        checked = allocation.check_capped(
            total[1], [k[1] for k in keys], cap, [s[1] for s in shares]
        )
        made.append(_Division("capped", title, says, dict(zip(income, shares)), checked))
    except UsageError as error:
        made.append(_Division("capped", title, says, {}, None, error.what))
    return made


_CLAIMS = (
    ("proportional", "By today's effort", "in proportion to {0}"),
    ("equal_awards", "Equal awards", "all the same, but nobody more than {0}"),
    ("equal_losses", "Equal losses", "all keep the same of {0}, or bear nothing"),
    ("talmud", "Talmud", "equal to half of {0}, then what is left of it equal"),
)


def _claimed(sheet: _Sheet) -> list[_Division]:
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
                made.append(_Division(key, title, says, dict(zip(held, shares)), checked))
                continue
            except UsageError as error:
                why = error.what
        if sheet.comparable and key != "proportional":
            why = sheet.comparable
        made.append(_Division(key, title, says, {}, None, why))
    return made


def _by_savings(sheet: _Sheet, exponent: float) -> list[_Division]:
    """Divide by Shapley's value and the nucleolus of the savings game."""
    weights = sheet.weights
    names = [m for m in sheet.members if m in weights]
    says_s = "the mean of what it adds to the cost, over all orders of joining"
    says_n = "the loudest complaint of any group as small as can be, then the next"
    if not names:
        why = "no member has a value"
        return [
            _Division("shapley", "Shapley", says_s, {}, None, why),
            _Division("nucleolus", "Nucleolus", says_n, {}, None, why),
        ]
    held = [float(weights[m]) for m in names]
    rounded = "costs rounded up to a billionth of the need"
    if len(names) <= NUCLEOLUS_MOST:
        game = _game([weights[m] for m in names], names, exponent)
        found = allocation.shapley(game)
        values = {m: s / game.whole for m, s in zip(names, found)}
        told = allocation.check_shapley(game, found)
        checked = Certificate(told.holds, f"{told.words}; {rounded}")
        least = nucleolus(game)
        words_n = f"{least.certificate.words}; {rounded}"
    else:
        parts = scaling.shapley(held, exponent)
        off = abs(sum(parts) - 1.0)
        whole = sum(map(exact, parts), Fraction(0))
        values = {m: exact(p) / whole for m, p in zip(names, parts)}
        checked = Certificate(off < 1e-3, f"adds up to the need, by itself to {off:.0e}", False)
        least, words_n = _heard(held, names, exponent)
        words_n += f"; {rounded}"
    shares = {m: s / 10**9 for m, s in zip(names, least.shares)}
    total = sheet.need.ends
    return [
        _Division(
            key,
            title,
            says,
            {m: (total[0] * part, total[1] * part, total[2] * part) for m, part in made.items()},
            certificate,
        )
        for key, title, says, made, certificate in (
            ("shapley", "Shapley", says_s, values, checked),
            (
                "nucleolus",
                "Nucleolus",
                says_n,
                shares,
                Certificate(least.certificate.holds, words_n),
            ),
        )
    ]


def _game(weights: Sequence[Fraction], names: Sequence[str], exponent: float) -> SharingGame:
    """Return the savings game in whole billionths of the need, a part of one counting as one.

    Rounding up keeps what holds of the costs themselves: apart is never cheaper than together.
    """
    total = float(sum(weights, Fraction(0)))
    parts: allocation.Whole = np.array([float(w) / total for w in weights])
    costs = np.ceil(1e9 * np.minimum(allocation.sums(parts), 1.0) ** exponent)
    costs[0], costs[-1] = 0.0, 1e9
    return SharingGame(tuple(names), tuple(Fraction(int(c)) for c in costs), is_cost=True)


def _heard(
    weights: Sequence[float], names: Sequence[str], exponent: float
) -> tuple[Nucleolus, str]:
    """Return the nucleolus of many members, with groups heard as they complain.

    To begin with, every member alone and all but every one. Any group of any size that then
    complains louder than those heard is heard too, until there is none: the loudest complaint
    is then the least there can be over all groups. Below it, only those heard count.
    """
    n, total = len(weights), sum(weights)
    heard = dict.fromkeys(g for size in (1, n - 1) for g in combinations(range(n), size))
    while True:
        groups = tuple(heard)
        costs = [ceil(1e9 * (sum(weights[i] for i in g) / total) ** exponent) for g in groups]
        game = ListedGame(tuple(names), groups, tuple(map(Fraction, (*costs, 10**9))), is_cost=True)
        found = nucleolus(game)
        loudest = float(max(found.complaints)) / 1e9
        parts = [float(s) for s in found.shares]
        louder = scaling.complainants(weights, parts, exponent, loudest + 1e-8)
        fresh = [g for g in louder if g not in heard]
        if not fresh:
            told = (
                f"{found.certificate.words} among {len(groups)} groups: every member alone, all "
                "but each, and those found to object; none of any size complains louder"
            )
            return found, told
        heard.update(dict.fromkeys(fresh))


# The finding


def burden(
    members: Sequence[str],
    need: Need | str,
    *,
    evidence: Evidence,
    known_on: date | None = None,
    without: Sequence[str] = (),
    cap: Fraction = CAP,
    exponent: float = EXPONENT,
    rate: float | None = None,
    limit: float | None = None,
    most: Mapping[str, float] | None = None,
    aim: Aim = "largest",
) -> Finding:
    """Divide a need among members under ten rules, and ask who would rather leave.

    Parameters
    ----------
    members
        ISO 3166-1 alpha-3 codes.
    need
        A `Need`, or its text as `need_of` reads it.
    evidence
        The figures to use.
    known_on
        Only what was public on that day.
    without
        Members taken out first; what their going adds for each other member is shown.
    cap
        The largest part one may bear under the capped key.
    exponent
        Of the savings game: a group of weight w alone needs ``w**exponent`` of the need.
    rate
        US dollars for one euro, if the user gives one. Without it a need in euros is not
        compared with spending in dollars.
    limit
        The part of today's effort that a member gives at most, for the force mix; no limit
        but the whole of it where left out.
    most
        What single members give at most, in the need's unit, for the force mix.
    aim
        As for `force_mix`.

    Returns
    -------
    Finding
        Tables `shares` (every member under every rule), `effort` (against today's), `rules`
        (what each says, its certificate), `leaving` (who would go first, what would hold
        them), `mix` (least strain), and `short` and `without` where they apply.

    Raises
    ------
    UsageError
        If a member or need is unknown, or an option out of range.

    Examples
    --------
    >>> from comity.evidence import load
    >>> found = burden(("DEU", "FRA", "POL"), "personnel=6000", evidence=load(), cap=Fraction(1, 2))
    >>> [str(cell) for cell in found.table("shares").column("equal").values]
    ['2,000 people', '2,000 people', '2,000 people', '6,000 people']
    """
    everyone = _checked(evidence, members, without)
    asked = need_of(need, evidence, known_on=known_on) if isinstance(need, str) else need
    scaling.checked_exponent(exponent)
    if rate is not None and not 0 < rate < 1000:
        raise UsageError(f"a rate of {rate} is out of range", hint="give US dollars for one euro")
    left = tuple(m for m in everyone if m not in without)
    sheet = _Sheet(evidence, left, asked, known_on, rate)
    divisions = [*_keyed(sheet, cap), *_claimed(sheet), *_by_savings(sheet, exponent)]
    leaving = [_leaving(sheet, d, exponent) for d in divisions if d.shares and sheet.weights]
    tables = [_shares(sheet, divisions), _effort(sheet, divisions), _rules(divisions)]
    tables.append(_leaving_table(sheet, leaving))
    mix = _mix(sheet, limit, dict(most or {}), aim)
    if mix is not None:
        tables += _mix_tables(sheet, mix)
    if without:
        tables.append(_without(evidence, everyone, without, asked, known_on, divisions))
    sentence, figures = _sentence(sheet, divisions, leaving, exponent, mix)
    used = tuple(sheet.used.values())
    sources = sources_of(evidence, used)
    rows = [evidence.show(i) for f in used for i in f.inputs if "(" not in i]
    return Finding(
        question=f"Who would bear how much of {asked.title} ({asked.amount})"
        + (f" without {', '.join(evidence.name(m) for m in without)}?" if without else "?"),
        sentence=sentence,
        tables=tuple(tables),
        figures=figures,
        assumptions=_assumptions(sheet, cap, exponent, limit, most),
        sources=sources,
        not_in_it=_NOT_IN_IT,
        caveats=caveats_of([*rows, *used]),
        missing=_missing(sheet, divisions),
        charts=(
            Chart("interval", sentence, "all", "member", code="code", table="effort", sort="size"),
        ),
        method="division in fractions, certificates checked; "
        + (mix.method if mix else "no force mix"),
        vintage=Vintage(known_on, tuple((s.id, s.vintage) for s in sources)),
    )


def _checked(evidence: Evidence, members: Sequence[str], without: Sequence[str]) -> tuple[str, ...]:
    everyone = tuple(dict.fromkeys(members))
    for code in everyone:
        if code not in evidence.countries:
            raise UsageError(
                f"{code[:40]!r} is not the code of a state",
                hint="write ISO 3166-1 alpha-3 codes, such as FRA",
            )
    for code in without:
        if code not in everyone:
            raise UsageError(
                f"{code[:40]!r} is not among the members",
                hint="members are: " + ", ".join(everyone),
            )
    if not set(everyone) - set(without):
        raise UsageError("no member is left", hint="leave at least one in")
    return everyone


def _cell(sheet: _Sheet, ends: _Ends | None) -> Quantity:
    unit = sheet.need.amount.unit
    if ends is None:
        return Quantity(None, unit=unit)
    low, value, high = map(float, ends)
    if low == high:
        return Quantity(int(value) if value == int(value) else value, unit=unit)
    return Quantity(value, low, high, unit=unit)


def _shares(sheet: _Sheet, divisions: Sequence[_Division]) -> Table:
    names = tuple(sheet.evidence.name(m) for m in sheet.members)
    amount = sheet.need.amount
    columns = [Column("member", "Member", (*names, "together"))]
    columns += [
        Column(
            d.key,
            d.title,
            (
                *(_cell(sheet, d.shares.get(m)) for m in sheet.members),
                amount if d.shares else Quantity(None, unit=amount.unit),
            ),
            unit=amount.unit,
        )
        for d in divisions
    ]
    columns.append(Column("code", "Code", (*sheet.members, "")))
    title = f"Shares of {sheet.need.title}, {amount}, under each rule"
    return Table("shares", title, tuple(columns), totals=(len(names),))


def _effort(sheet: _Sheet, divisions: Sequence[_Division]) -> Table:
    measure = EFFORT[sheet.need.kind]
    today, part, spread, ratio = [], [], [], []
    for m in sheet.members:
        figure = sheet.effort[m]
        today.append(quantity(figure))
        share = derived.share(sheet.evidence, measure, (m,), sheet.members, known_on=sheet.known_on)
        sheet.used[share.id] = share
        part.append(quantity(share))
        at = [d.shares[m] for d in divisions if m in d.shares]
        if not at:
            spread.append(Quantity(None, unit=sheet.need.amount.unit))
            ratio.append(Quantity(None, unit="%"))
            continue
        ends = (
            min(e[0] for e in at),
            sorted(e[1] for e in at)[len(at) // 2],
            max(e[2] for e in at),
        )
        spread.append(_cell(sheet, ends))
        claim = sheet.claims(m)
        if claim is None or not claim[0]:
            ratio.append(Quantity(None, unit="%"))
        else:
            low, value, high = (
                float(100 * e / c) for e, c in zip(ends, (claim[2], claim[1], claim[0]))
            )
            ratio.append(Quantity(value, low, high, unit="%"))
    title = sheet.evidence.measure(measure).title
    unit = sheet.evidence.measure(measure).unit
    return Table(
        "effort",
        f"Against today's effort: {title.lower()}"
        + (f" ({sheet.comparable})" if sheet.comparable else ""),
        (
            Column("member", "Member", tuple(sheet.evidence.name(m) for m in sheet.members)),
            Column("today", "Today", tuple(today), unit=unit),
            Column("part", "Part of all today", tuple(part), unit="%"),
            Column("all", "Least to most, all rules", tuple(spread), unit=sheet.need.amount.unit),
            Column("ratio", "That in % of today", tuple(ratio), unit="%"),
            Column("code", "Code", sheet.members),
        ),
    )


def _rules(divisions: Sequence[_Division]) -> Table:
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


@dataclass(frozen=True, slots=True)
class _Leaving:
    division: _Division
    first: tuple[str, ...]
    break_even: float
    most: tuple[str, ...]
    gain: Fraction


def _leaving(sheet: _Sheet, division: _Division, exponent: float) -> _Leaving:
    """Ask of one rule who would go first, and who would gain most at the exponent assumed."""
    weights = sheet.weights
    names = [m for m in sheet.members if m in weights and m in division.shares]
    held = [float(weights[m]) for m in names]
    pays = [float(division.shares[m][1]) for m in names]
    first = scaling.break_even(held, pays)
    most = scaling.leavers(held, pays, exponent)
    gain = exact(most.gain) * sheet.need.ends[1] if most.members else Fraction(0)
    return _Leaving(
        division,
        tuple(names[i] for i in first.members),
        first.exponent,
        tuple(names[i] for i in most.members),
        gain,
    )


def _named(members: Sequence[str], everyone: Sequence[str], nobody: str = "nobody") -> str:
    if not members:
        return nobody
    others = [m for m in everyone if m not in members]
    if others and len(others) < len(members) and len(others) <= 8:
        return "all but " + ", ".join(others)
    listed = ", ".join(members[:8])
    return listed if len(members) <= 8 else f"{listed} and {len(members) - 8} more"


def _leaving_table(sheet: _Sheet, rows: Sequence[_Leaving]) -> Table:
    unit = sheet.need.amount.unit
    return Table(
        "leaving",
        "Who would be better off alone under each rule, and what would hold them",
        (
            Column("rule", "Rule", tuple(r.division.title for r in rows)),
            Column("first", "First to leave", tuple(_named(r.first, sheet.members) for r in rows)),
            Column(
                "break_even",
                "Above exponent",
                tuple(_floored(r.break_even) if r.first else "never up to 1" for r in rows),
            ),
            Column(
                "who", "At the exponent assumed", tuple(_named(r.most, sheet.members) for r in rows)
            ),
            Column(
                "hold",
                "Relief that holds them",
                tuple(
                    _cell(sheet, (r.gain, r.gain, r.gain)) if r.most else Quantity(0, unit=unit)
                    for r in rows
                ),
                unit=unit,
            ),
        ),
    )


def _floored(exponent: float) -> str:
    return f"{int(exponent * 1000) / 1000:.3f}"


def _mix(sheet: _Sheet, limit: float | None, most: Mapping[str, float], aim: Aim) -> Mix | None:
    has = {m: float(c[1]) for m in sheet.members if (c := sheet.claims(m)) and c[1] > 0}
    for member in most:
        if member not in sheet.members:
            raise UsageError(
                f"{member[:40]!r} is not among the members",
                hint="members are: " + ", ".join(sheet.members),
            )
    if not has:
        return None
    held = {m: amount for m, amount in most.items() if m in has}
    line = Line(sheet.need.title, float(sheet.need.ends[1]), held)
    return force_mix(has, [line], limit=1.0 if limit is None else limit, aim=aim)


def _mix_tables(sheet: _Sheet, mix: Mix) -> list[Table]:
    unit = sheet.need.amount.unit
    sends = tuple(Quantity(row[0], unit=unit) for row in mix.sends)
    strain = tuple(Quantity(float(f"{100 * s:.8g}"), unit="%") for s in mix.strain)
    made = [
        Table(
            "mix",
            "Who would give how much at least strain, strain being a part of "
            + SPOKEN[sheet.need.kind],
            (
                Column("member", "Member", tuple(sheet.evidence.name(m) for m in mix.members)),
                Column("gives", "Gives", sends, unit=unit),
                Column("strain", "Strain", strain, unit="%"),
                Column("code", "Code", mix.members),
            ),
        )
    ]
    if mix.short:
        made.append(
            Table(
                "short",
                "What the limits leave short, line by line",
                (
                    Column("line", "Line", tuple(s.line for s in mix.short)),
                    Column(
                        "by",
                        "Short by",
                        tuple(Quantity(s.by, unit=unit) for s in mix.short),
                        unit=unit,
                    ),
                    Column(
                        "held",
                        "Held down by limits of their own",
                        tuple(_named(s.held_by, (), "no single member's") for s in mix.short),
                    ),
                ),
            )
        )
    return made


def _without(
    evidence: Evidence,
    everyone: Sequence[str],
    without: Sequence[str],
    need: Need,
    known_on: date | None,
    divisions: Sequence[_Division],
) -> Table:
    """Show what the going of some adds for each of the others, under the income key."""
    whole = _Sheet(evidence, everyone, need, known_on, None)
    before = {d.key: d for d in _keyed(whole, Fraction(1))}["gni"]
    after = next(d for d in divisions if d.key == "gni")
    left = [m for m in everyone if m not in without]

    def row(m: str) -> tuple[Cell, Cell, Cell]:
        old, new = before.shares.get(m), after.shares.get(m)
        more: _Ends | None = None
        if old and new:
            more = (new[0] - old[0], new[1] - old[1], new[2] - old[2])
        return _cell(whole, old), _cell(whole, new), _cell(whole, more)

    rows = [row(m) for m in left]
    unit = need.amount.unit
    gone = ", ".join(evidence.name(m) for m in without)
    return Table(
        "without",
        f"What the going of {gone} adds for the others, under {after.title}",
        (
            Column("member", "Member", tuple(evidence.name(m) for m in left)),
            Column("before", "With all", tuple(r[0] for r in rows), unit=unit),
            Column("after", "Without", tuple(r[1] for r in rows), unit=unit),
            Column("more", "More", tuple(r[2] for r in rows), unit=unit),
            Column("code", "Code", tuple(left)),
        ),
    )


def _sentence(
    sheet: _Sheet,
    divisions: Sequence[_Division],
    leaving: Sequence[_Leaving],
    exponent: float,
    mix: Mix | None,
) -> tuple[str, tuple[Quantity, ...]]:
    amount = sheet.need.amount
    known = [d for d in divisions if d.shares]
    weights = sheet.weights
    largest = max(sheet.members, key=lambda m: weights.get(m, Fraction(0)))
    at = sorted((d.shares[largest], d.title) for d in known if largest in d.shares)
    at.sort(key=lambda pair: pair[0][1])
    least, most = _cell(sheet, at[0][0]), _cell(sheet, at[-1][0])
    sentence = (
        f"Of {amount}, divided among {len(sheet.members)} members, "
        f"{sheet.evidence.name(largest)} would bear from {least} ({at[0][1]}) "
        f"to {most} ({at[-1][1]})"
    )
    go = [r for r in leaving if r.most]
    stay = len(leaving) - len(go)
    sentence += f"; with an exponent of {exponent:g} nobody would be better off alone under "
    sentence += f"{stay} of {len(leaving)} rules"
    if go:
        sentence += ", but some would under " + ", ".join(r.division.title for r in go)
    figures = [amount, least, most]
    if mix is not None and mix.short:
        short = Quantity(mix.short[0].by, unit=amount.unit)
        sentence += f"; within the limits given {short} would be short"
        figures.append(short)
    elif mix is not None:
        strain = Quantity(100 * max(mix.strain), unit="%")
        sentence += f"; at least strain nobody gives more than {strain} of today's effort"
        figures.append(strain)
    return sentence + ".", tuple(figures)


def _assumptions(
    sheet: _Sheet,
    cap: Fraction,
    exponent: float,
    limit: float | None,
    most: Mapping[str, float] | None,
) -> tuple[str, ...]:
    weigh = "population" if sheet.weights_are == "population" else "national income"
    apart = words(100 * (2 ** (1 - exponent) - 1), unit="%")
    said = [
        f"Savings game: a group that leaves provides for itself alone and then needs its part of "
        f"the members' {weigh}, to the power {exponent:g}, of the whole need; two equal halves "
        f"apart need {apart} more than together. No text says so: it is a model, and the "
        "exponent above which somebody leaves is given beside it.",
        "A group leaves if that costs it less than what its members bear together. What holds it "
        "is that difference, borne by the others or found elsewhere.",
        f"The capped key lets nobody bear more than {float(100 * cap):g} %.",
        "Ranges are the worst case: a member's own figure at one end, all others' at the other.",
        "Claims rules take today's effort as what each could bear at most.",
    ]
    if any("stands in" in f.formula for f in sheet.gni.values()):
        said.append("GDP stands in for GNI until a GNI series is imported.")
    if sheet.need.basis:
        said.append(f"The need is counted as: {sheet.need.basis}.")
    if sheet.need.is_additional:
        said.append(
            "The need is additional: it comes on top of today's effort, which does not count "
            "towards it."
        )
    if sheet.rate is not None:
        said.append(f"One euro is {sheet.rate:g} US dollars: given by the user.")
    told = "the whole of it" if limit is None else f"{100 * limit:g} % of it"
    said.append(
        f"Force mix: nobody gives more than {told}"
        + "".join(f"; {m} at most {words(exact(v))}" for m, v in (most or {}).items())
        + ". Heads are not forces: what can really be sent is not in the evidence."
    )
    return tuple(said)


def _missing(sheet: _Sheet, divisions: Sequence[_Division]) -> tuple[Missing, ...]:
    found = []
    tables = (
        ("gni", sheet.gni, "bears nothing under what goes by national income"),
        ("population", sheet.people, "bears nothing under what goes by population"),
        (
            EFFORT[sheet.need.kind],
            sheet.effort,
            "bears nothing under what goes by today's effort, and the others bear more",
        ),
    )
    for measure, table, effect in tables:
        title = sheet.evidence.measure(measure).title.lower()
        for m, figure in table.items():
            if figure.value is None:
                why = figure.caveats[0] if figure.caveats else "no value"
                found.append(Missing(f"{sheet.evidence.name(m)} ({m})", f"{title}: {why}", effect))
            elif not figure.value:
                found.append(
                    Missing(
                        f"{sheet.evidence.name(m)} ({m})",
                        f"{title} is stated as nought",
                        effect,
                    )
                )
    found += [Missing(d.title, d.why, "the rule gives no shares") for d in divisions if d.why]
    return tuple(found)
