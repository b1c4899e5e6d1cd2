"""Shares by what being together saves: Shapley's value and the nucleolus of the savings game.

The game is a model: a group of weight w alone needs ``w**exponent`` of the need.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from math import ceil

import numpy as np

from comity.examine.shares import Division, Sheet
from comity.systems import allocation, scaling
from comity.systems.allocation import Certificate, ListedGame, SharingGame, exact
from comity.systems.nucleolus import Nucleolus, nucleolus

__all__ = ["by_savings"]

NUCLEOLUS_MOST = 15


def by_savings(sheet: Sheet, exponent: float) -> list[Division]:
    """Divide by Shapley's value and the nucleolus of the savings game."""
    weights = sheet.weights
    names = [m for m in sheet.members if m in weights]
    says_s = "the mean of what it adds to the cost, over all orders of joining"
    says_n = "the loudest complaint of any group as small as can be, then the next"
    if not names:
        why = "no member has a value"
        return [
            Division("shapley", "Shapley", says_s, {}, None, why),
            Division("nucleolus", "Nucleolus", says_n, {}, None, why),
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
        Division(
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
