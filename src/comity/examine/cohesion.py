"""How far apart members vote in the United Nations, what else they chose, and odds of a proposal.

Distance in UN votes is called that and no more: it is no measure of loyalty or will. Recorded
choices stand beside it. Reference: docs/explanation/cohesion.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from comity.errors import UsageError
from comity.evidence import Evidence
from comity.examine.choices import beside_table, choices_table, warnings_of_choices
from comity.examine.distance import (
    MEASURES,
    Places,
    distance_between,
    groups_along,
    mean_apart,
    measure_of_votes,
    middle_of,
    usual_year,
    years_of,
)
from comity.examine.finding import Chart, Column, Finding, Missing, Quantity, Source, Table, Vintage
from comity.examine.odds import (
    Odds,
    Proposal,
    odds,
    odds_assumed,
    odds_sentence,
    odds_tables,
    percent,
)
from comity.examine.potential import caveats_of, quantity, sources_of
from comity.examine.power import rule_sources

__all__ = ["MEASURES", "Odds", "Proposal", "cohesion", "odds"]

OUTSIDERS = ("USA", "RUS", "CHN")

_NOT_IN_IT = (
    "trust, interests, money, pressure and promises: what members do when it counts",
    "votes outside the General Assembly, and everything that never comes to a vote there",
    "what a proposal is about: it has one place on one line here",
)


def cohesion(
    members: Sequence[str],
    *,
    evidence: Evidence,
    year: int | None = None,
    known_on: date | None = None,
    proposal: Proposal | None = None,
) -> Finding:
    """Say how far apart members vote in the UN, over years and with its uncertainty.

    Parameters
    ----------
    members
        ISO 3166-1 alpha-3 codes.
    evidence
        The figures to use.
    year
        Of the places; where left out, the newest of the years with the fewest figures that
        are missing or carry a warning.
    known_on
        Only what was public on that day.
    proposal
        Ask for its odds too.

    Returns
    -------
    Finding
        Tables `places`, `years`, `groups`, `beside` (distance inside and outside of what
        members joined), `choices` (what they joined and are reported to have said), `odds`
        and `chances` where a proposal is given.

    Raises
    ------
    UsageError
        If a code or year is unknown, or no member has a place.

    Examples
    --------
    >>> from comity.evidence import load
    >>> found = cohesion(("FRA", "GBR", "DEU"), evidence=load(), year=2023)
    >>> found.table("years").column("known").values[-1]
    '3 of 3'
    """
    who = tuple(dict.fromkeys(members))
    for code in who:
        if code not in evidence.countries:
            raise UsageError(
                f"{code[:40]!r} is not the code of a state",
                hint="write ISO 3166-1 alpha-3 codes, such as FRA",
            )
    measure = measure_of_votes(evidence, known_on)
    years = years_of(evidence, measure, known_on)
    chosen = year if year is not None else usual_year(evidence, measure, who, known_on)
    if chosen not in years:
        raise UsageError(
            f"there are no UN votes of {chosen} in the evidence",
            hint=f"years are {years[0]} to {years[-1]}",
        )
    at = Places(evidence, measure, chosen, known_on)
    places = at.of(who)
    if not places:
        raise UsageError(
            f"none of the members has a place in UN votes of {chosen}",
            hint="ask for another year, or name states",
        )
    used = {f.id: f for f in map(at.figure, (*who, *OUTSIDERS))}
    tables = [
        _places_table(at, who, places),
        _years_table(evidence, measure, years, who, known_on),
        _groups_table(evidence, places),
        beside_table(evidence, places, known_on),
        choices_table(evidence, who, known_on),
    ]
    sentence, figures = _sentence(at, who, places)
    assumed = list(_ASSUMED)
    sources: tuple[Source, ...] = sources_of(evidence, used.values())
    method = "distances on the main line of UN votes; errors independent, to first order"
    if year is None:
        assumed.append(
            f"The year, {chosen}, is the newest of those with the fewest figures that are missing "
            "or carry a warning."
        )
    if measure != MEASURES[0]:
        assumed.append("On that day only the series of all votes was public; it ends in 2023.")
    if proposal is not None:
        found = odds(proposal, evidence=evidence, year=chosen, known_on=known_on)
        tables += odds_tables(proposal, found)
        sentence += " " + odds_sentence(proposal, found)
        figures += (percent(found),)
        assumed += odds_assumed(proposal, found)
        sources += rule_sources(proposal.charter, found.rule)
        method += "; odds by a spatial model, exact for each corner of what is varied"
    return Finding(
        question=f"How far apart do these {len(who)} members vote in the United Nations?",
        sentence=sentence,
        tables=tuple(tables),
        figures=figures,
        assumptions=tuple(assumed),
        sources=sources,
        not_in_it=_NOT_IN_IT,
        caveats=(
            *caveats_of(used.values()),
            *_warnings(evidence, measure, years, who, known_on),
            *warnings_of_choices(evidence, who),
        ),
        missing=tuple(
            Missing(
                f"{evidence.name(m)} ({m})",
                "place in UN votes: " + (at.figure(m).caveats or ("no value",))[0],
                "left out of distances; as a voter, taken as agreeing and as refusing",
            )
            for m in who
            if m not in places
        ),
        charts=(
            Chart(
                "interval", sentence, "place", "member", code="code", table="places", sort="size"
            ),
        ),
        method=method,
        vintage=Vintage(
            known_on, tuple((s.id, s.vintage) for s in sources_of(evidence, used.values()))
        ),
    )


_ASSUMED = (
    "Distance in UN votes is that, and no more: how far apart two states' places on the main "
    "line of General Assembly votes lie. It is no measure of loyalty.",
    "A published range, 5th to 95th percentile, is read as that of a normal error; members' "
    "errors are taken as independent; ranges of distances are 90 %.",
    "Groups: along the line, a group ends before the first member who lies above its lowest "
    "member with 95 %. Members of one group may still differ.",
)


def _places_table(
    at: Places, who: Sequence[str], places: Mapping[str, tuple[float, float]]
) -> Table:
    middle = middle_of(places)
    group = {m: i for i, members in enumerate(groups_along(places), 1) for m in members}
    votes = [at.evidence.get("un_votes_counted", m, on=at.year, known_on=at.known_on) for m in who]
    return Table(
        "places",
        f"Places in UN votes of {at.year}",
        (
            Column("member", "Member", tuple(at.evidence.name(m) for m in who)),
            Column(
                "place",
                "Place",
                tuple(
                    quantity(at.figure(m)) if m in places else Quantity(None, unit="points")
                    for m in who
                ),
                unit="points",
            ),
            Column(
                "middle",
                "From the members' middle",
                tuple(
                    distance_between(places[m], middle)
                    if m in places
                    else Quantity(None, unit="points")
                    for m in who
                ),
                unit="points",
            ),
            Column("group", "Group", tuple(group.get(m) for m in who)),
            Column(
                "votes",
                "Votes counted",
                tuple(
                    quantity(f) if f.year == at.year else Quantity(None, unit="votes")
                    for f in votes
                ),
                unit="votes",
            ),
            Column("code", "Code", tuple(who)),
        ),
    )


def _years_table(
    evidence: Evidence,
    measure: str,
    years: Sequence[int],
    who: Sequence[str],
    known_on: date | None,
) -> Table:
    rows = []
    for year in years:
        at = Places(evidence, measure, year, known_on)
        places = at.of(who)
        warned = sum(bool(at.figure(m).caveats) for m in places)
        middle = middle_of(places) if places else None
        rows.append(
            (
                year,
                f"{len(places)} of {len(who)}",
                mean_apart(places),
                *(
                    distance_between(middle, other)
                    if middle and (other := at.place(o)) is not None
                    else Quantity(None, unit="points")
                    for o in OUTSIDERS
                ),
                warned,
            )
        )
    columns = list(zip(*rows, strict=True))
    return Table(
        "years",
        "Distance in UN votes over the years",
        (
            Column("year", "Year", columns[0], unit="year"),
            Column("known", "Members with a place", columns[1]),
            Column("apart", "Mean distance among members", columns[2], unit="points"),
            *(
                Column(o, f"Middle to {evidence.name(o)}", columns[3 + i], unit="points")
                for i, o in enumerate(OUTSIDERS)
            ),
            Column("warned", "Places with a warning", columns[-1]),
        ),
    )


def _warnings(
    evidence: Evidence,
    measure: str,
    years: Sequence[int],
    who: Sequence[str],
    known_on: date | None,
) -> tuple[str, ...]:
    """Return what a reader must know of any year, each warning once."""
    found: dict[str, None] = {}
    for year in years:
        at = Places(evidence, measure, year, known_on)
        for member in who:
            figure = at.figure(member)
            if figure.caveats and (figure.value is not None or figure.year == year):
                found.update((f"{year}: {c}", None) for c in figure.caveats)
    return tuple(found)


def _groups_table(evidence: Evidence, places: Mapping[str, tuple[float, float]]) -> Table:
    groups = groups_along(places)
    return Table(
        "groups",
        "Groups along the line of UN votes",
        (
            Column("group", "Group", tuple(range(1, len(groups) + 1))),
            Column("from", "From", tuple(f"{places[g[0]][0]:.2f}" for g in groups)),
            Column("to", "To", tuple(f"{places[g[-1]][0]:.2f}" for g in groups)),
            Column("members", "Members", tuple(", ".join(map(evidence.name, g)) for g in groups)),
        ),
    )


def _sentence(
    at: Places, who: Sequence[str], places: Mapping[str, tuple[float, float]]
) -> tuple[str, tuple[Quantity, ...]]:
    mean = mean_apart(places)
    first = min(places, key=lambda m: places[m][0])
    last = max(places, key=lambda m: places[m][0])
    ends = quantity(at.figure(first)), quantity(at.figure(last))
    known = f"the {len(who)}" if len(places) == len(who) else f"{len(places)} of the {len(who)}"
    sentence = f"In UN votes of {at.year} {known} members lie {mean} apart on average"
    if not mean.known:
        sentence = f"In UN votes of {at.year} {known} members has a place"
    sentence += (
        f", from {at.evidence.name(first)} ({ends[0]}) to {at.evidence.name(last)} ({ends[1]})"
    )
    figures = [mean, *ends]
    for outsider in ("USA", "RUS"):
        other = at.place(outsider)
        if other is not None and outsider not in who:
            apart = distance_between(middle_of(places), other)
            figures.append(apart)
            joint = "; their middle is" if outsider == "USA" else " and"
            sentence += f"{joint} {apart} from {at.evidence.name(outsider)}"
    warned = sum(bool(at.figure(m).caveats) for m in who)
    if warned:
        sentence += f"; {warned} of these places carry a warning"
    return sentence + ".", tuple(figures)
