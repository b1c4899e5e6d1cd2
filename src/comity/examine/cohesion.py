"""How far apart members vote in the United Nations, what else they chose, and odds of a proposal.

Distance in UN votes is called that and no more: it is no measure of loyalty or will. Recorded
choices stand beside it. Reference: docs/explanation/cohesion.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from statistics import NormalDist, median

from comity.core.charter import Charter
from comity.errors import UsageError
from comity.evidence import Evidence, Figure
from comity.evidence.places import memberships
from comity.examine.finding import Chart, Column, Finding, Missing, Quantity, Source, Table, Vintage
from comity.examine.potential import caveats_of, quantity, sources_of
from comity.examine.power import body_game, rule_sources, usual_organ, usual_rule
from comity.systems.game import Game
from comity.systems.passing import pass_probability

__all__ = ["CORRELATION", "REACHES", "Odds", "Proposal", "cohesion", "odds"]

MEASURES = ("un_ideal_point", "un_ideal_point_all_votes")
OUTSIDERS = ("USA", "RUS", "CHN")
CORRELATION = 0.3
"""Of the members' hidden moods, at the most: the interval reaches from none to this."""
REACHES = (0.5, 1.5)
"""How far a member goes along, in mean distances between members, at the least and the most."""

_Z = NormalDist().inv_cdf(0.95)

_NOT_IN_IT = (
    "trust, interests, money, pressure and promises: what members do when it counts",
    "votes outside the General Assembly, and everything that never comes to a vote there",
    "what a proposal is about: it has one place on one line here",
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal at a stated place, put to a body under a rule of its charter.

    Parameters
    ----------
    place
        On the line of UN votes, in points.
    reach
        How far from its own place a member goes along, in points; where left out, from half
        to one and a half of the mean distance between the members of the body.
    against
        The place of what holds if it fails; then members choose the nearer, and reach plays
        no part.
    """

    charter: Charter
    place: float
    organ: str | None = None
    rule: str | None = None
    reach: float | None = None
    against: float | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Odds:
    """The odds that a proposal passes, as an interval over what is not known.

    Attributes
    ----------
    low, high
        Over all that was varied: reach, correlation, and members without a place.
    reach
        From, to; None where members choose the nearer of two places.
    least_reach
        The reach from which on it passes rather than not, with votes independent: if members
        without a place agree, and if they refuse; None where no reach suffices.
    chances
        For each member of the body, its chance to agree at the least and the most reach; None
        for those without a place.
    """

    organ: str
    rule: str
    low: float
    high: float
    reach: tuple[float, float] | None
    least_reach: tuple[float | None, float | None]
    chances: tuple[tuple[str, tuple[float, float] | None], ...]


class _Places:
    """Places of members in a year: value, and a standard deviation from the published range."""

    def __init__(self, evidence: Evidence, measure: str, year: int, known_on: date | None) -> None:
        self.evidence, self.measure, self.year = evidence, measure, year
        self.known_on = known_on

    def figure(self, member: str) -> Figure:
        return self.evidence.get(self.measure, member, on=self.year, known_on=self.known_on)

    def place(self, member: str) -> tuple[float, float] | None:
        figure = self.figure(member)
        if figure.value is None or figure.year != self.year:
            return None
        low = figure.value if figure.low is None else figure.low
        high = figure.value if figure.high is None else figure.high
        return float(figure.value), (high - low) / (2 * _Z)

    def of(self, members: Sequence[str]) -> dict[str, tuple[float, float]]:
        return {m: p for m in members if (p := self.place(m)) is not None}


def _ranged(value: float, spread: float) -> Quantity:
    """Return a distance with its range of 90 %, which does not reach below nought."""
    low, high = max(0.0, value - _Z * spread), value + _Z * spread
    return Quantity(value, low, high, unit="points")


def _apart(one: tuple[float, float], other: tuple[float, float]) -> Quantity:
    return _ranged(abs(one[0] - other[0]), sqrt(one[1] ** 2 + other[1] ** 2))


def _mean_apart(
    inside: Mapping[str, tuple[float, float]],
    others: Mapping[str, tuple[float, float]] | None = None,
) -> Quantity:
    """Return the mean distance among members, or between them and others.

    Its range comes from the members' own, taken as independent, to first order: each member's
    error counts by how much the mean moves with its place.
    """
    names = list(inside)
    pairs = (
        [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
        if others is None
        else [(a, b) for a in names for b in others]
    )
    if not pairs:
        return Quantity(None, unit="points")
    everyone = {**inside, **(others or {})}
    total = 0.0
    moves = dict.fromkeys(everyone, 0.0)
    for a, b in pairs:
        gap = everyone[a][0] - everyone[b][0]
        total += abs(gap)
        side = (gap > 0) - (gap < 0)
        moves[a] += side / len(pairs)
        moves[b] -= side / len(pairs)
    spread = sqrt(sum((move * everyone[m][1]) ** 2 for m, move in moves.items()))
    return _ranged(total / len(pairs), spread)


def _middle(places: Mapping[str, tuple[float, float]]) -> tuple[float, float]:
    """Return the median place, as uncertain as the member or two members who hold it."""
    value = median(p[0] for p in places.values())
    nearest = sorted(places.values(), key=lambda p: abs(p[0] - value))[: 2 - len(places) % 2]
    return value, sqrt(sum(p[1] ** 2 for p in nearest)) / len(nearest)


def _groups(places: Mapping[str, tuple[float, float]]) -> list[list[str]]:
    """Group members along the line: a group ends before the first who is surely apart.

    Surely apart from the group's lowest member: the difference is above nought with 95 %.
    """
    found: list[list[str]] = []
    for member in sorted(places, key=lambda m: (places[m][0], m)):
        if found:
            lowest = places[found[-1][0]]
            here = places[member]
            if here[0] - lowest[0] <= _Z * sqrt(here[1] ** 2 + lowest[1] ** 2):
                found[-1].append(member)
                continue
        found.append([member])
    return found


def _measure(evidence: Evidence, known_on: date | None) -> str:
    for measure in MEASURES:
        if evidence.newest(measure, known_on=known_on) is not None:
            return measure
    raise UsageError(
        "no UN votes were public on that day", hint="ask for a later day with --known-on"
    )


def _years(evidence: Evidence, measure: str, known_on: date | None) -> tuple[int, ...]:
    newest = evidence.newest(measure, known_on=known_on) or 0
    first = min(f.year for f in evidence.figures(measure))
    return tuple(range(first, newest + 1))


def _usual_year(
    evidence: Evidence, measure: str, members: Sequence[str], known_on: date | None
) -> int:
    """Return the newest of the years with the fewest figures that are missing or flagged."""

    def flawed(year: int) -> int:
        figures = (_Places(evidence, measure, year, known_on).figure(m) for m in members)
        return sum(f.value is None or f.year != year or bool(f.caveats) for f in figures)

    return min(_years(evidence, measure, known_on), key=lambda year: (flawed(year), -year))


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
    measure = _measure(evidence, known_on)
    years = _years(evidence, measure, known_on)
    chosen = year if year is not None else _usual_year(evidence, measure, who, known_on)
    if chosen not in years:
        raise UsageError(
            f"there are no UN votes of {chosen} in the evidence",
            hint=f"years are {years[0]} to {years[-1]}",
        )
    at = _Places(evidence, measure, chosen, known_on)
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
        _beside(evidence, places, known_on),
        _choices(evidence, who, known_on),
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
        tables += _odds_tables(proposal, found)
        sentence += " " + _odds_sentence(proposal, found)
        figures += (_percent(found),)
        assumed += _odds_assumed(proposal, found)
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
            *_of_choices(evidence, who),
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
    at: _Places, who: Sequence[str], places: Mapping[str, tuple[float, float]]
) -> Table:
    middle = _middle(places)
    group = {m: i for i, members in enumerate(_groups(places), 1) for m in members}
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
                    _apart(places[m], middle) if m in places else Quantity(None, unit="points")
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
        at = _Places(evidence, measure, year, known_on)
        places = at.of(who)
        warned = sum(bool(at.figure(m).caveats) for m in places)
        middle = _middle(places) if places else None
        rows.append(
            (
                year,
                f"{len(places)} of {len(who)}",
                _mean_apart(places),
                *(
                    _apart(middle, other)
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
        at = _Places(evidence, measure, year, known_on)
        for member in who:
            figure = at.figure(member)
            if figure.caveats and (figure.value is not None or figure.year == year):
                found.update((f"{year}: {c}", None) for c in figure.caveats)
    return tuple(found)


def _groups_table(evidence: Evidence, places: Mapping[str, tuple[float, float]]) -> Table:
    groups = _groups(places)
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


def _beside(
    evidence: Evidence, places: Mapping[str, tuple[float, float]], known_on: date | None
) -> Table:
    rows = []
    for name in evidence.groups():
        joined = [m for m in evidence.group(name, on=known_on) if m in places]
        if not 2 <= len(joined) < len(places):
            continue
        inside = {m: places[m] for m in joined}
        others = {m: p for m, p in places.items() if m not in inside}
        rows.append((name, len(joined), _mean_apart(inside), _mean_apart(inside, others)))
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    return Table(
        "beside",
        "Beside it: what members joined, and the distance inside and to the other members",
        (
            Column("what", "Joined", columns[0]),
            Column("members", "Members", columns[1]),
            Column("inside", "Mean distance inside", columns[2], unit="points"),
            Column("across", "To the others", columns[3], unit="points"),
        ),
    )


def _choices(evidence: Evidence, who: Sequence[str], known_on: date | None) -> Table:
    entries = {r.iso3: r for r in evidence.roster()}
    named = [g for g in evidence.groups() if g != "COALITION_2026_01"]
    joined = {m: ", ".join(g for g in named if m in evidence.group(g, on=known_on)) for m in who}
    return Table(
        "choices",
        "Recorded choices: what members joined, and what is reported of forces for Ukraine",
        (
            Column("member", "Member", tuple(evidence.name(m) for m in who)),
            Column("joined", "Joined", tuple(joined[m] or "none of those listed" for m in who)),
            Column(
                "level",
                "In Paris, 6 January 2026",
                tuple(
                    entries[m].level.replace("_", " ") if m in entries else "not there" for m in who
                ),
            ),
            Column(
                "forces",
                "Reported of forces",
                tuple(
                    (entries[m].force_position if m in entries else "") or "nothing reported"
                    for m in who
                ),
            ),
            Column("code", "Code", tuple(who)),
        ),
    )


def _of_choices(evidence: Evidence, who: Sequence[str]) -> tuple[str, ...]:
    """Return what a reader must know of the recorded choices, and where they were seen."""
    said: dict[str, None] = {}
    for m in (m for m in memberships() if m.iso3 in who):
        said.update((f"memberships: {c}", None) for c in m.caveats)
    for entry in (r for r in evidence.roster() if r.iso3 in who):
        said.update((f"who was in Paris: {c}", None) for c in entry.caveats)
        if entry.force_position:
            said[f"{entry.iso3}, reported of forces: {entry.force_position_source}"] = None
    return tuple(said)


def _sentence(
    at: _Places, who: Sequence[str], places: Mapping[str, tuple[float, float]]
) -> tuple[str, tuple[Quantity, ...]]:
    mean = _mean_apart(places)
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
            apart = _apart(_middle(places), other)
            figures.append(apart)
            joint = "; their middle is" if outsider == "USA" else " and"
            sentence += f"{joint} {apart} from {at.evidence.name(outsider)}"
    warned = sum(bool(at.figure(m).caveats) for m in who)
    if warned:
        sentence += f"; {warned} of these places carry a warning"
    return sentence + ".", tuple(figures)


# Odds of a proposal


def odds(
    proposal: Proposal, *, evidence: Evidence, year: int | None = None, known_on: date | None = None
) -> Odds:
    """Return the odds that a proposal at a place passes in a body, as an interval.

    A member agrees if the proposal lies within its reach of its place in UN votes (or nearer
    than what it is put against). The place is as uncertain as published. The interval is over
    the reach, over votes from independent to moved by one mood, and over members without a
    place, who all agree or all refuse.

    Raises
    ------
    UsageError
        If organ or rule is unknown, a number is out of range, or nobody has a place.

    References
    ----------
    Downs (1957), An Economic Theory of Democracy, for places on a line. Vasicek (1987), KMV,
    for the common mood.
    """
    charter = proposal.charter
    organ = usual_organ(charter, proposal.organ)
    rule = usual_rule(charter, organ, proposal.rule)
    game = body_game(charter, organ.id, rule, proposal.on or charter.dated)
    codes = {m: _code(charter, m) for m in game.players}
    measure = _measure(evidence, known_on)
    states = [c for c in codes.values() if c]
    day = year if year is not None else _usual_year(evidence, measure, states, known_on)
    at = _Places(evidence, measure, day, known_on)
    placed = {m: p for m, c in codes.items() if c and (p := at.place(c)) is not None}
    if not placed:
        raise UsageError(
            f"no member of {organ.name} has a place in UN votes of {day}",
            hint="ask for another year or body",
        )
    if proposal.reach is not None and not proposal.reach > 0:
        raise UsageError(f"a reach of {proposal.reach} is no reach", hint="give one above nought")
    if proposal.against is not None and proposal.against == proposal.place:
        raise UsageError(
            "the proposal lies where things are already", hint="give two different places"
        )
    reach = _reach(proposal, placed)
    ends = [None, None] if reach is None else list(reach)
    chances = {m: tuple(_agrees(proposal, p, r) for r in ends) for m, p in placed.items()}
    found = [
        pass_probability(
            game,
            [chances[m][end] if m in chances else unknown for m in game.players],
            correlation=correlation,
        ).probability
        for end in (0, 1)
        for unknown in (0.0, 1.0)
        for correlation in (0.0, CORRELATION)
    ]
    least = (
        (None, None)
        if reach is None
        else (
            _least_reach(game, proposal, placed, 1.0),
            _least_reach(game, proposal, placed, 0.0),
        )
    )
    return Odds(
        organ.id,
        rule,
        min(found),
        max(found),
        reach,
        least,
        tuple((m, (chances[m][0], chances[m][1]) if m in chances else None) for m in game.players),
    )


def _code(charter: Charter, member: str) -> str:
    found = charter.members.get(member)
    return found.iso if found else ""


def _reach(
    proposal: Proposal, placed: Mapping[str, tuple[float, float]]
) -> tuple[float, float] | None:
    if proposal.against is not None:
        return None
    if proposal.reach is not None:
        return proposal.reach, proposal.reach
    mean = _mean_apart(placed).value
    if not mean:
        raise UsageError(
            "with one place there is no mean distance to go by", hint="give a reach in points"
        )
    return REACHES[0] * float(mean), REACHES[1] * float(mean)


def _agrees(proposal: Proposal, place: tuple[float, float], reach: float | None) -> float:
    """Return the chance that a member agrees."""
    value, spread = place
    spread = max(spread, 1e-9)
    normal = NormalDist()
    if reach is None:
        assert proposal.against is not None
        border = (proposal.place + proposal.against) / 2
        side = 1 if proposal.place > proposal.against else -1
        return normal.cdf(side * (value - border) / spread)
    above = normal.cdf((proposal.place + reach - value) / spread)
    return min(1.0, max(0.0, above - normal.cdf((proposal.place - reach - value) / spread)))


def _least_reach(
    game: Game, proposal: Proposal, placed: Mapping[str, tuple[float, float]], unknown: float
) -> float | None:
    def passes(reach: float) -> bool:
        chances = [
            _agrees(proposal, placed[m], reach) if m in placed else unknown for m in game.players
        ]
        return pass_probability(game, chances).probability >= 0.5

    low, high = 0.0, max(abs(p[0] - proposal.place) + 4 * p[1] for p in placed.values())
    if not passes(high):
        return None
    while high - low > 0.005:
        middle = (low + high) / 2
        low, high = (low, middle) if passes(middle) else (middle, high)
    return high


def _percent(found: Odds) -> Quantity:
    low, high = (float(f"{100 * p:.6g}") for p in (found.low, found.high))
    return Quantity((low + high) / 2, low, high, unit="%")


def _odds_words(found: Odds) -> str:
    low, high = (
        "under 1" if p < 0.005 else "over 99" if p > 0.995 else f"{100 * p:.0f}"
        for p in (found.low, found.high)
    )
    return f"{low} %" if low == high else f"{low} to {high} %"


def _odds_sentence(proposal: Proposal, found: Odds) -> str:
    organ = proposal.charter.organ(found.organ).name
    title = proposal.charter.rule(found.rule).title
    put = f" against {proposal.against:g}" if proposal.against is not None else ""
    said = (
        f"A proposal at {proposal.place:g}{put} would pass in {organ} under {title} with odds of "
        f"{_odds_words(found)}"
    )
    if found.reach is None:
        return said + "."
    agree, refuse = found.least_reach
    if agree is None:
        return said + "; no reach makes it likelier than not."
    said += f"; it becomes likelier than not if members go along from {agree:.2f} points away"
    if refuse is None and any(c is None for _, c in found.chances):
        said += ", provided that members without a place agree"
    return said + "."


def _odds_tables(proposal: Proposal, found: Odds) -> list[Table]:
    charter = proposal.charter
    lines = [
        ("place of the proposal", f"{proposal.place:g} points"),
        ("odds", _odds_words(found)),
    ]
    if found.reach is None:
        lines.append(("put against", f"{proposal.against:g} points"))
    else:
        low, high = found.reach
        lines.append(
            ("reach", f"{low:.2f} points" if low == high else f"{low:.2f} to {high:.2f} points")
        )
        for words, least in zip(
            ("if members without a place agree", "if they refuse"), found.least_reach
        ):
            said = "none suffices" if least is None else f"{least:.2f} points"
            lines.append((f"least reach for even odds, {words}", said))
    lines.append(("correlation of moods", f"0 to {CORRELATION:g}"))
    return [
        Table(
            "odds",
            f"Odds in {charter.organ(found.organ).name} under {charter.rule(found.rule).title}",
            (
                Column("what", "What", tuple(a for a, _ in lines)),
                Column("value", "Value", tuple(b for _, b in lines)),
            ),
        ),
        Table(
            "chances",
            "Chance that each member agrees, at the least and at the most reach",
            (
                Column("member", "Member", tuple(charter.name_of(m) for m, _ in found.chances)),
                *(
                    Column(
                        key,
                        title,
                        tuple(
                            "not known" if c is None else f"{100 * c[end]:.0f} %"
                            for _, c in found.chances
                        ),
                    )
                    for end, (key, title) in enumerate((("least", "Least"), ("most", "Most")))
                ),
                Column("code", "Code", tuple(m for m, _ in found.chances)),
            ),
        ),
    ]


def _odds_assumed(proposal: Proposal, found: Odds) -> tuple[str, ...]:
    said = [
        "Spatial model: the proposal has a place on the line of UN votes, which the asker states. "
        "That members vote elsewhere as they do in the UN is an assumption, not a finding.",
    ]
    if found.reach is None:
        said.append("A member agrees if the proposal lies nearer to it than what holds otherwise.")
    else:
        given = (
            "given by the user"
            if proposal.reach is not None
            else (f"from {REACHES[0]:g} to {REACHES[1]:g} times the mean distance in the body")
        )
        said.append(
            "A member agrees if the proposal lies within its reach; the reach is the same for "
            f"all, {given}."
        )
    said.append(
        f"Odds are an interval over the reach, over votes from independent to a common mood "
        f"(correlation {CORRELATION:g}), and over members without a place, who all agree or all "
        "refuse."
    )
    note = proposal.charter.rule(found.rule).note
    return (*said, note) if note else tuple(said)
