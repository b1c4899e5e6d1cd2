"""Who could still block: the smallest groups whose no would stop what has been answered in part."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from comity.core.rules import (
    COUNTED,
    NO,
    PARTICIPATING,
    YES,
    Against,
    AllOf,
    AnyOf,
    Electorate,
    InFavour,
    Mark,
    Node,
    NotBlocked,
    NoVeto,
    SomeOf,
    blocking_members,
    heads,
    holds,
    seats_of,
    weigh,
)
from comity.examine.games import threshold
from comity.systems import game as systems
from comity.systems.coalitions import smallest_blocking
from comity.systems.families import Coalitions

WORK = 5_000
LISTED = 6


def rest_game(node: Node, electorate: Electorate, marks: Mapping[str, Mark]) -> systems.Game:
    """Return the game that is left to those without a mark: each says yes or no.

    Parameters
    ----------
    node
        The rule.
    electorate
        Roster, weights and named sets.
    marks
        What is settled; others on the roster are the players.
    """
    players = tuple(m for m in electorate.members if m not in marks)
    return systems.Game(players, _rule(node, electorate, marks, players))


def still_blocking(
    node: Node, electorate: Electorate, marks: Mapping[str, Mark], *, work: int = WORK
) -> Coalitions | None:
    """List the smallest groups of those without a mark that could stop it, all others saying yes.

    Returns
    -------
    Coalitions
        Some of them, with how many there are; None where nobody could: it
        holds already whatever they say, or fails already.

    Examples
    --------
    >>> from comity.core.rules import Amount
    >>> half = InFavour(Amount(Fraction(3)))
    >>> league = Electorate(("Arden", "Brill", "Corve", "Dorn"))
    >>> found = still_blocking(half, league, {"Arden": "yes"})
    >>> found.smallest, str(found.families[0])
    (2, 'any 2 of Brill, Corve, Dorn')
    """
    players = [m for m in electorate.members if m not in marks]
    if not players or not holds(node, electorate, {**marks, **dict.fromkeys(players, "yes")}):
        return None
    game = rest_game(node, electorate, marks)
    if game.wins(()):
        return None
    return smallest_blocking(game, limit=LISTED, work=work)


def _rule(
    node: Node, electorate: Electorate, marks: Mapping[str, Mark], players: tuple[str, ...]
) -> systems.Rule:
    best: dict[str, Mark] = {**marks, **dict.fromkeys(players, "yes")}
    match node:
        case AllOf(parts):
            return systems.AllOf(tuple(_rule(p, electorate, marks, players) for p in parts))
        case AnyOf(parts):
            return systems.AnyOf(tuple(_rule(p, electorate, marks, players) for p in parts))
        case SomeOf(least, parts):
            return systems.KOf(least, tuple(_rule(p, electorate, marks, players) for p in parts))
        case InFavour(need, of, weight, among):
            seats = seats_of(electorate, among)
            base = weigh(electorate, weight, seats, best, COUNTED[of])
            yes = weigh(electorate, weight, seats, marks, YES)
            quota = (need.value * base if need.share else need.value) - yes
            held = _held(electorate, weight, seats, players)
            possible = base > 0 or not need.share
            return threshold(held, quota, strict=need.strict, possible=possible)
        case Against(at_most, among):
            return _few_against(at_most, among, electorate, marks, players)
        case NoVeto(vetoers):
            return _few_against(0, vetoers, electorate, marks, players)
        case NotBlocked(share, weight):
            roster = electorate.members
            there = heads(roster, best, PARTICIPATING)
            few = there - blocking_members(node, electorate, best) + 1 - heads(roster, marks, YES)
            whole = weigh(electorate, weight, roster, best, PARTICIPATING)
            enough = (1 - share) * whole - weigh(electorate, weight, roster, marks, YES)
            by_heads = _held(electorate, None, roster, players)
            by_weight = _held(electorate, weight, roster, players)
            return systems.AnyOf(
                (
                    threshold(by_heads, Fraction(few), strict=False),
                    threshold(by_weight, enough, strict=False),
                )
            )
        case _:  # whoever says no is there all the same, and abstains from nothing
            return systems.Threshold((0,) * len(players), 0 if holds(node, electorate, best) else 1)


def _few_against(
    at_most: int,
    among: str | None,
    electorate: Electorate,
    marks: Mapping[str, Mark],
    players: tuple[str, ...],
) -> systems.Threshold:
    seats = seats_of(electorate, among)
    held = _held(electorate, None, seats, players)
    left = at_most - heads(seats, marks, NO)
    return threshold(held, sum(held, Fraction(0)) - left, strict=False)


def _held(
    electorate: Electorate, weight: str | None, seats: tuple[str, ...], players: tuple[str, ...]
) -> tuple[Fraction, ...]:
    """Return what each player's yes adds."""
    return tuple(
        weigh(electorate, weight, (m,) if m in seats else (), {m: "yes"}, YES) for m in players
    )
