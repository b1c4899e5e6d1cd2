"""What could these members field: totals and ranges, ranks, who adds what.

Heads are not forces: nothing here says what could be sent where, for how long.
There is no composite index; nuclear weapons stand apart; equipment is given to
its order of magnitude. Reference: docs/reference/measures/.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date

from comity.errors import UsageError
from comity.evidence import Evidence, Figure, derived
from comity.examine.finding import (
    Chart,
    Column,
    Finding,
    Missing,
    Quantity,
    Source,
    Table,
    Vintage,
)

__all__ = [
    "EQUIPMENT",
    "MEASURES",
    "OUTSIDERS",
    "caveats_of",
    "potential",
    "quantity",
    "sources_of",
]

MEASURES = ("active_personnel", "population", "gdp", "military_expenditure")
NUCLEAR = ("warheads_inventory", "warheads_stockpile", "warheads_deployed")
EQUIPMENT = ("tanks", "combat_aircraft", "attack_helicopters", "surface_combatants", "submarines")
OUTSIDERS = ("RUS", "USA", "CHN")
BLOCS = ("EU", "NATO")
_SCALED = {
    ("population", "people"): (1_000_000, "million people"),
    ("gdp", "US$"): (1_000_000_000, "billion US$"),
    ("gni", "US$"): (1_000_000_000, "billion US$"),
}

_NOT_IN_IT = (
    "drones and their makers, experience in war, training, readiness and will",
    "stocks of ammunition, air defence, artillery and infantry fighting vehicles: no open table",
    "command, intelligence, transport and satellites, and who provides them",
    "reserves and paramilitary forces, which some members count by the hundred thousand",
    "what national law and caveats would let each member send",
)


def quantity(figure: Figure) -> Quantity:
    """Return a figure of the evidence as a quantity of a finding; both can be traced by its id.

    Population and GDP are given in millions of people and billions of US$: they
    have no stated range, but are not known to their last digit either.
    """
    factor, unit = _SCALED.get((figure.measure, figure.unit), (1, figure.unit))
    value, low, high = (
        None if n is None else n if factor == 1 else n / factor
        for n in (figure.value, figure.low, figure.high)
    )
    if value is None or (low == high and value != int(value)):
        low = high = None
    return Quantity(
        value=value,
        low=low,
        high=high,
        unit=unit,
        year=figure.year or None,
        id=figure.id,
        caveats=figure.caveats,
    )


def sources_of(evidence: Evidence, figures: Iterable[Figure]) -> tuple[Source, ...]:
    """Return the sources that figures rest on, each once, in order of use."""
    ids: dict[str, None] = {}
    for figure in figures:
        ids.update(dict.fromkeys(figure.source.split()))
    return tuple(
        Source(s.id, s.title, s.publisher, s.where, s.vintage, s.licence)
        for s in (evidence.sources[i] for i in ids if i in evidence.sources)
    )


def _rows(evidence: Evidence, figure: Figure) -> Iterator[Figure]:
    """Yield the published rows a figure rests on, however deep it is derived."""
    if not figure.inputs:
        yield figure
    for name in figure.inputs:
        yield from _rows(evidence, evidence.show(name))


def vintage_of(evidence: Evidence, figures: Iterable[Figure], known_on: date | None) -> Vintage:
    """Say of each source which years were used, and by when they were public."""
    years: dict[str, set[int]] = {}
    public: dict[str, date] = {}
    for figure in figures:
        for row in _rows(evidence, figure):
            if row.value is None or " " in row.source or row.source not in evidence.sources:
                continue
            years.setdefault(row.source, set()).add(row.year)
            public[row.source] = max(row.known_from, public.get(row.source, row.known_from))
    used = []
    for source, found in years.items():
        ends = dict.fromkeys((min(found), max(found)))
        told = " to ".join(map(str, ends))
        used.append((source, f"figures of {told}, public by {public[source]}"))
    return Vintage(known_on, tuple(used))


class _Book:
    """Computes figures and remembers each, for sources, caveats and what is missing."""

    def __init__(self, evidence: Evidence, known_on: date | None) -> None:
        self.evidence, self.known_on = evidence, known_on
        self.used: dict[str, Figure] = {}

    def keep(self, figure: Figure) -> Figure:
        self.used.setdefault(figure.id, figure)
        return figure

    def make(self, how: Callable[..., Figure], measure: str, members: Sequence[str]) -> Figure:
        return self.keep(how(self.evidence, measure, members, known_on=self.known_on))

    def one(self, measure: str, member: str) -> Figure:
        return self.keep(self.evidence.get(measure, member, known_on=self.known_on))

    def total(self, measure: str, members: Sequence[str]) -> Quantity:
        return quantity(self.make(derived.total, measure, members))

    def group(self, name: str) -> tuple[str, ...]:
        return self.evidence.group(name, on=self.known_on)


def potential(
    members: Sequence[str],
    *,
    evidence: Evidence,
    known_on: date | None = None,
    without: Sequence[str] = (),
) -> Finding:
    """Say what members have together, who adds what, and what is left without some.

    Parameters
    ----------
    members
        ISO 3166-1 alpha-3 codes.
    evidence
        The figures to use.
    known_on
        Only what was public on that day.
    without
        Members to take out; both answers are given.

    Returns
    -------
    Finding
        Tables `comparison` (with Russia, the United States, China, EU, NATO),
        `rank`, `members` (each one's addition), `without` (totals and ranks
        without each one), `strain` (per head and per GDP), `nuclear`,
        `equipment` (order of magnitude) and `deployable`.

    Raises
    ------
    UsageError
        If no member is left, or a code is unknown or not a member.

    Examples
    --------
    >>> from comity.evidence import load
    >>> finding = potential(("FRA", "GBR"), evidence=load())
    >>> print(finding.table("nuclear").column("warheads_inventory").values[0])
    290 warheads
    """
    everyone = checked_members(evidence, members, without)
    left = tuple(m for m in everyone if m not in without)
    book = _Book(evidence, known_on)

    def named(who: Sequence[str]) -> str:
        return " and ".join(evidence.name(m) for m in who)

    comparison = _comparison(book, everyone, left, named(without))
    tables = [
        comparison,
        _rank(book, everyone, left, named(without)),
        _members(book, everyone),
        _without(book, everyone),
        _strain(book, everyone),
        _nuclear(book, everyone),
        _equipment(book, everyone, left, named(without)),
        _deployable(book, everyone),
    ]
    sentence, figures = _sentence(book, everyone, left, named)
    used = tuple(book.used.values())
    found = sources_of(evidence, used)
    rows = [evidence.show(i) for f in used for i in f.inputs if "(" not in i]
    return Finding(
        question=f"What do these {len(everyone)} members have together"
        + (f", and what is left without {named(without)}?" if without else "?"),
        sentence=sentence,
        tables=tuple(tables),
        figures=figures,
        assumptions=(
            "figures of members simply add up; nothing is said of using them together",
            "the ends of a range assume that all members err in the same direction",
            "money is in current US$ at official exchange rates, not at purchasing power",
            "a rank compares the members together with single states that are not among them; "
            "blocs overlap with the members",
        ),
        sources=found,
        not_in_it=_NOT_IN_IT,
        caveats=caveats_of([*rows, *used]),
        missing=_missing(book, everyone),
        charts=(
            Chart(
                "interval",
                sentence,
                "active_personnel",
                "who",
                table="comparison",
                sources=_cited(evidence, used, "active_personnel"),
            ),
            Chart(
                "bar",
                "Active military personnel of each member",
                "active_personnel",
                "member",
                code="code",
                table="members",
                sort="size",
                sources=_cited(evidence, used, "active_personnel"),
            ),
            Chart(
                "map",
                "The members, and which of them have nuclear weapons",
                "nuclear",
                "member",
                code="code",
                table="members",
                sources=_cited(evidence, used, "warheads_inventory"),
            ),
        ),
        method="sums of published figures",
        vintage=vintage_of(evidence, used, known_on),
    )


def _cited(evidence: Evidence, figures: Iterable[Figure], measure: str) -> tuple[str, ...]:
    """Return the sources of the figures of one measure, each once."""
    unit = evidence.measure(measure).unit
    of_measure = [f for f in figures if (f.measure, f.unit) == (measure, unit)]
    rows = [row for f in of_measure for row in _rows(evidence, f) if row.value is not None]
    return tuple(source.id for source in sources_of(evidence, rows))


def checked_members(
    evidence: Evidence, members: Sequence[str], without: Sequence[str]
) -> tuple[str, ...]:
    """Return the members, each once; refuse a code that is no state's, and a body left empty."""
    everyone = tuple(dict.fromkeys(members))
    for code in (*everyone, *without):
        if code not in evidence.countries:
            raise UsageError(
                f"{code[:40]!r} is not the code of a state",
                hint="write ISO 3166-1 alpha-3 codes, such as FRA",
            )
    for code in without:
        if code not in everyone:
            raise UsageError(
                f"{evidence.name(code)} ({code}) is not among the members",
                hint="members are: " + ", ".join(everyone),
            )
    if not set(everyone) - set(without):
        raise UsageError("no member is left", hint="name at least one member")
    return everyone


def _column(
    evidence: Evidence, measure: str, values: Sequence[Quantity], *, title: str = ""
) -> Column:
    m = evidence.measure(measure)
    unit = _SCALED.get((measure, m.unit), (1, m.unit))[1]
    return Column(measure, title or m.title, tuple(values), unit=unit)


def _comparison(book: _Book, everyone: tuple[str, ...], left: tuple[str, ...], gone: str) -> Table:
    rows: list[tuple[str, tuple[str, ...]]] = [(f"the {len(everyone)} members", everyone)]
    if gone:
        rows.append((f"without {gone}", left))
    rows += [(book.evidence.name(o), (o,)) for o in OUTSIDERS]
    rows += [(f"{b} ({len(book.group(b))})", book.group(b)) for b in BLOCS]
    shown = (*MEASURES, "warheads_inventory")
    titles = ("Active personnel", "Population", "GDP", "Military spending", "Warheads")
    return Table(
        "comparison",
        "Together, and beside others",
        (
            Column("who", "Who", tuple(name for name, _ in rows)),
            *(
                _column(book.evidence, m, [book.total(m, who) for _, who in rows], title=title)
                for m, title in zip(shown, titles, strict=True)
            ),
        ),
    )


def _rank(book: _Book, everyone: tuple[str, ...], left: tuple[str, ...], gone: str) -> Table:
    measures = (*MEASURES, "warheads_inventory")
    totals = [book.make(derived.total, m, everyone) for m in measures]
    columns = [
        Column("measure", "Measure", tuple(book.evidence.measure(m).title for m in measures)),
        Column("total", "Total", tuple(quantity(f) for f in totals)),
        Column(
            "rank",
            "Place among states with a value",
            tuple(quantity(book.make(derived.rank, m, everyone)) for m in measures),
        ),
        Column(
            "known",
            "Members with a value",
            tuple(f"{len(everyone) - len(f.missing)} of {len(everyone)}" for f in totals),
        ),
    ]
    if gone:
        columns[3:3] = [
            Column(
                "total_without",
                f"Without {gone}",
                tuple(book.total(m, left) for m in measures),
            ),
            Column(
                "rank_without",
                "Place then",
                tuple(quantity(book.make(derived.rank, m, left)) for m in measures),
            ),
        ]
    return Table("rank", "Place among the states of the world", tuple(columns))


def _members(book: _Book, everyone: tuple[str, ...]) -> Table:
    evidence = book.evidence
    shares = [
        quantity(
            book.keep(
                derived.share(evidence, "active_personnel", (m,), everyone, known_on=book.known_on)
            )
        )
        for m in everyone
    ]
    nuclear = [(book.one("warheads_inventory", m).value or 0) > 0 for m in everyone]
    return Table(
        "members",
        "What each member adds",
        (
            Column("code", "Code", everyone),
            Column("member", "Member", tuple(evidence.name(m) for m in everyone)),
            *(
                _column(
                    evidence, m, [quantity(book.one(m, member)) for member in everyone], title=title
                )
                for m, title in zip(
                    MEASURES,
                    ("Active personnel", "Population", "GDP", "Military spending"),
                    strict=True,
                )
            ),
            Column("share", "Share of personnel", tuple(shares), unit="%"),
            Column(
                "nuclear",
                "Nuclear weapons",
                tuple("nuclear weapons" if n else "none" for n in nuclear),
            ),
        ),
    )


def _without(book: _Book, everyone: tuple[str, ...]) -> Table:
    columns: list[Column] = [
        Column("code", "Code", everyone),
        Column("member", "Without", tuple(book.evidence.name(m) for m in everyone)),
    ]
    for measure, short in (("active_personnel", "personnel"), ("military_expenditure", "spending")):
        title = "Active personnel" if short == "personnel" else "Military spending"
        totals: list[Quantity] = []
        ranks: list[Quantity] = []
        for member in everyone:
            rest = tuple(m for m in everyone if m != member)
            if rest:
                totals.append(book.total(measure, rest))
                ranks.append(quantity(book.make(derived.rank, measure, rest)))
            else:
                totals.append(Quantity(None))
                ranks.append(Quantity(None))
        unit = book.evidence.measure(measure).unit
        columns.append(Column(measure, title, tuple(totals), unit=unit))
        columns.append(Column(f"rank_{short}", "Place", tuple(ranks)))
    return Table("without", "What is left without each member", tuple(columns))


def _strain(book: _Book, everyone: tuple[str, ...]) -> Table:
    who = [
        (f"the {len(everyone)} members", everyone),
        *((book.evidence.name(o), (o,)) for o in OUTSIDERS),
        *((b, book.group(b)) for b in BLOCS),
        *((book.evidence.name(m), (m,)) for m in everyone),
    ]
    ways = (
        ("personnel_per_head", "Personnel per 1,000 people", derived.per_head, "active_personnel"),
        ("spending_per_head", "Spending a head", derived.per_head, "military_expenditure"),
        ("spending_per_gdp", "Spending, % of GDP", derived.per_gdp, "military_expenditure"),
    )
    return Table(
        "strain",
        "Per head and per GDP",
        (
            Column("who", "Who", tuple(name for name, _ in who)),
            *(
                Column(
                    key,
                    title,
                    tuple(quantity(book.make(how, measure, members)) for _, members in who),
                )
                for key, title, how, measure in ways
            ),
        ),
    )


def _nuclear(book: _Book, everyone: tuple[str, ...]) -> Table:
    have = [m for m in everyone if (book.one("warheads_inventory", m).value or 0) > 0]
    rows: list[tuple[str, tuple[str, ...]]] = [(book.evidence.name(m), (m,)) for m in have]
    if len(have) > 1:
        rows.append(("these together", tuple(have)))
    rows += [(book.evidence.name(o), (o,)) for o in OUTSIDERS if o not in everyone]
    top = derived.name(book.evidence, have, on=book.known_on) if have else ""
    day = f";known_on={book.known_on.isoformat()}" if book.known_on else ""
    ratios: list[Quantity | str] = []
    for name, who in rows:
        if not have or set(who) <= set(have):
            ratios.append(Quantity(None) if not have else "")
            continue
        made = derived.ratio(
            book.evidence,
            f"sum(warheads_inventory;{top}{day})",
            f"sum(warheads_inventory;{who[0]}{day})",
        )
        ratios.append(quantity(book.keep(made)) if name else "")
    return Table(
        "nuclear",
        "Nuclear weapons, kept apart",
        (
            Column("who", "Who", tuple(name for name, _ in rows)),
            *(
                _column(book.evidence, m, [book.total(m, who) for _, who in rows], title=title)
                for m, title in zip(NUCLEAR, ("Inventory", "Stockpile", "Deployed"), strict=True)
            ),
            Column("ratio", "The members' inventory in % of theirs", tuple(ratios)),
        ),
    )


def _magnitude(figure: Figure) -> Quantity:
    """Show a number between the round numbers around it: no more than an order of magnitude."""
    if not figure.value:
        return Quantity(None, unit=figure.unit, id=figure.id, caveats=figure.caveats)
    step = 10 ** math.floor(math.log10(figure.value))
    low = math.floor(figure.value / step) * step
    return Quantity(
        figure.value,
        low,
        low + step,
        unit=figure.unit,
        year=figure.year,
        id=figure.id,
        caveats=("shown between the round numbers around it", *figure.caveats),
    )


def _equipment(book: _Book, everyone: tuple[str, ...], left: tuple[str, ...], gone: str) -> Table:
    totals = [book.make(derived.total, m, everyone) for m in EQUIPMENT]
    columns = [
        Column("measure", "Kind", tuple(book.evidence.measure(m).title for m in EQUIPMENT)),
        Column("total", "Together, order of magnitude", tuple(_magnitude(f) for f in totals)),
        Column(
            "known",
            "Members with a value",
            tuple(f"{len(everyone) - len(f.missing)} of {len(everyone)}" for f in totals),
        ),
        *(
            Column(
                outsider,
                book.evidence.name(outsider),
                tuple(_magnitude(book.make(derived.total, m, (outsider,))) for m in EQUIPMENT),
            )
            for outsider in OUTSIDERS
        ),
    ]
    if gone:
        columns.insert(
            2,
            Column(
                "total_without",
                f"Without {gone}",
                tuple(_magnitude(book.make(derived.total, m, left)) for m in EQUIPMENT),
            ),
        )
    return Table("equipment", "Equipment, order of magnitude only", tuple(columns))


_DEPLOYABLE = (
    ("mnf_ukraine_2025_2026", "total_western_force_after_paris", "Multinational Force Ukraine"),
    ("mnf_ukraine_2025_2026", "initial_planning_total", "the same, first planning figure"),
    ("nato_force_model_2022", "tier_1", "NATO force model, within 10 days"),
    ("nato_force_model_2022", "tier_2", "NATO force model, within about 30 days"),
    ("nato_force_model_2022", "tier_3", "NATO force model, within about 180 days"),
)


def _deployable(book: _Book, everyone: tuple[str, ...]) -> Table:
    heads = derived.total(book.evidence, "active_personnel", everyone, known_on=book.known_on)
    items, sizes, shares = [], [], []
    known = {(r.set, r.item): r for r in book.evidence.requirements(known_on=book.known_on)}
    for group, item, title in _DEPLOYABLE:
        if (group, item) not in known:
            continue
        figure = book.keep(known[group, item].figure)
        made = book.keep(derived.ratio(book.evidence, figure.id, heads.id))
        items.append(title)
        sizes.append(quantity(figure))
        shares.append(quantity(made))
    items.append("share of each member's personnel that can be sent, and for how long")
    sizes.append(Quantity(None))
    shares.append(Quantity(None))
    return Table(
        "deployable",
        "Forces that have been named, beside the number of heads",
        (
            Column("what", "What", tuple(items)),
            Column("size", "Size", tuple(sizes), unit="people"),
            Column("ratio", "Of all active personnel", tuple(shares)),
        ),
    )


def _sentence(
    book: _Book,
    everyone: tuple[str, ...],
    left: tuple[str, ...],
    named: Callable[[Sequence[str]], str],
) -> tuple[str, tuple[Quantity, ...]]:
    people = book.make(derived.total, "active_personnel", everyone)
    place = book.make(derived.rank, "active_personnel", everyone)
    whole = quantity(people)
    figures = [whole, quantity(place)]
    at_least = "at least " if people.missing and people.value is not None else ""
    sentence = (
        f"The {len(everyone)} members have {at_least}{whole} in active military service "
        f"(heads, not forces){_placed(place)}"
    )
    gone = tuple(m for m in everyone if m not in left)
    if not gone and len(everyone) > 1:
        adds = [(book.one("active_personnel", m).value or 0, m) for m in everyone]
        gone = (max(adds)[1],)
        left = tuple(m for m in everyone if m not in gone)
    if gone:
        rest = book.make(derived.total, "active_personnel", left)
        then = book.make(derived.rank, "active_personnel", left)
        figures += [quantity(rest), quantity(then)]
        least = "at least " if rest.missing and rest.value is not None else ""
        sentence += f"; without {named(gone)} {least}{quantity(rest)}{_placed(then)}"
    return sentence + ".", tuple(figures)


def _placed(place: Figure) -> str:
    if place.value is None or place.low is None or place.high is None:
        return ""
    first, last = int(place.low), int(place.high)
    if last == 1:
        return ", more than any single other state"
    return f", place {first} among states" if first == last else f", place {first} to {last}"


def _missing(book: _Book, everyone: tuple[str, ...]) -> tuple[Missing, ...]:
    found = []
    for measure in (*MEASURES, *NUCLEAR, *EQUIPMENT):
        title = book.evidence.measure(measure).title.lower()
        without: dict[str, list[str]] = {}
        for member in everyone:
            figure = book.one(measure, member)
            if figure.value is None:
                why = figure.caveats[-1] if measure in EQUIPMENT else figure.caveats[0]
                without.setdefault(why, []).append(member)
        for why, who in without.items():
            effect = "the total is a lower bound"
            if measure in MEASURES:
                effect += ", and the place a worst one; left out of what is per head or per GDP"
            names = f"{book.evidence.name(who[0])} ({who[0]})" if len(who) == 1 else ", ".join(who)
            found.append(Missing(names, f"{title}: {why}", effect))
    found.append(
        Missing(
            "all members",
            "deployable share and rotation: no openly sourced range is in the evidence",
            "personnel are counted as heads and never called forces",
        )
    )
    return tuple(found)


def caveats_of(figures: Iterable[Figure]) -> tuple[str, ...]:
    """Say each caveat of the rows once, with the members it touches before it."""
    by_text: dict[str, dict[str, None]] = {}
    for figure in figures:
        if figure.inputs and "(" in figure.id:
            continue
        for text in figure.caveats:
            by_text.setdefault(text, {}).setdefault(figure.subject)
    said = []
    for text, subjects in by_text.items():
        codes = [s for s in subjects if len(s) == 3]
        if not codes or len(codes) > 6:
            said.append(text)
        else:
            said.append(f"{', '.join(codes)}: {text}")
    return tuple(said)
