"""The odds that a proposal at a stated place on the line of UN votes passes in a body.

A spatial model: the interval is over what is not known. Reference: docs/explanation/cohesion.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from statistics import NormalDist

from comity.core.charter import Charter
from comity.errors import UsageError
from comity.evidence import Evidence
from comity.examine.distance import Places, mean_apart, measure_of_votes, usual_year
from comity.examine.finding import Column, Quantity, Table
from comity.examine.power import body_game, usual_organ, usual_rule
from comity.systems.game import Game
from comity.systems.passing import pass_probability

__all__ = [
    "CORRELATION",
    "REACHES",
    "Odds",
    "Proposal",
    "odds",
    "odds_assumed",
    "odds_sentence",
    "odds_tables",
    "percent",
]

CORRELATION = 0.3
"""Of the members' hidden moods, at the most: the interval reaches from none to this."""

REACHES = (0.5, 1.5)
"""How far a member goes along, in mean distances between members, at the least and the most."""


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
    measure = measure_of_votes(evidence, known_on)
    states = [c for c in codes.values() if c]
    day = year if year is not None else usual_year(evidence, measure, states, known_on)
    at = Places(evidence, measure, day, known_on)
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
    mean = mean_apart(placed).value
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


def percent(found: Odds) -> Quantity:
    """Return the odds in per cent, with their range."""
    low, high = (float(f"{100 * p:.6g}") for p in (found.low, found.high))
    return Quantity((low + high) / 2, low, high, unit="%")


def _words(found: Odds) -> str:
    low, high = (
        "under 1" if p < 0.005 else "over 99" if p > 0.995 else f"{100 * p:.0f}"
        for p in (found.low, found.high)
    )
    return f"{low} %" if low == high else f"{low} to {high} %"


def odds_sentence(proposal: Proposal, found: Odds) -> str:
    """Say the odds in a sentence."""
    organ = proposal.charter.organ(found.organ).name
    title = proposal.charter.rule(found.rule).title
    put = f" against {proposal.against:g}" if proposal.against is not None else ""
    said = (
        f"A proposal at {proposal.place:g}{put} would pass in {organ} under {title} with odds of "
        f"{_words(found)}"
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


def odds_tables(proposal: Proposal, found: Odds) -> list[Table]:
    """Show the odds, and the chance of each member to agree."""
    charter = proposal.charter
    lines = [
        ("place of the proposal", f"{proposal.place:g} points"),
        ("odds", _words(found)),
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


def odds_assumed(proposal: Proposal, found: Odds) -> tuple[str, ...]:
    """Say what the odds take for granted."""
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
