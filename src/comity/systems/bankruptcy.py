"""Claims on too little: rules that divide less than all have claimed, and their checks.

The same rules divide a burden among those who can bear it: claims are then what each could
bear, the estate is what is needed, and an award is a share of the burden.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations

from comity.errors import UsageError
from comity.systems.allocation import Certificate, Number, Shares, exact

Rule = Callable[[Number, Sequence[Number]], Shares]


def _checked(estate: Number, claims: Sequence[Number]) -> tuple[Fraction, Shares]:
    whole, held = exact(estate), tuple(map(exact, claims))
    if whole < 0 or any(claim < 0 for claim in held):
        raise UsageError("an estate or a claim is below nought", hint="give nought or more")
    claimed = sum(held, Fraction(0))
    if claimed < whole:
        raise UsageError(
            f"the claims come to {float(claimed):g}, less than the {float(whole):g} to divide",
            hint="these rules divide what does not suffice for all claims",
        )
    return whole, held


def proportional(estate: Number, claims: Sequence[Number]) -> Shares:
    """Award every claim the same part.

    Examples
    --------
    >>> [str(a) for a in proportional(200, (100, 200, 300))]
    ['100/3', '200/3', '100']
    """
    whole, held = _checked(estate, claims)
    claimed = sum(held, Fraction(0)) or Fraction(1)
    return tuple(whole * claim / claimed for claim in held)


def equal_awards(estate: Number, claims: Sequence[Number]) -> Shares:
    """Award all the same, but nobody more than its claim (constrained equal awards).

    Examples
    --------
    >>> [str(a) for a in equal_awards(300, (100, 200, 300))]
    ['100', '100', '100']
    """
    left, held = _checked(estate, claims)
    awards = [Fraction(0)] * len(held)
    order = sorted(range(len(held)), key=lambda i: held[i])
    for rank, i in enumerate(order):
        awards[i] = min(held[i], left / (len(held) - rank))
        left -= awards[i]
    return tuple(awards)


def equal_losses(estate: Number, claims: Sequence[Number]) -> Shares:
    """Let all lose the same, but nobody more than its claim (constrained equal losses).

    Examples
    --------
    >>> [str(a) for a in equal_losses(300, (100, 200, 300))]
    ['0', '100', '200']
    """
    whole, held = _checked(estate, claims)
    losses = equal_awards(sum(held, Fraction(0)) - whole, held)
    return tuple(claim - loss for claim, loss in zip(held, losses))


def talmud(estate: Number, claims: Sequence[Number]) -> Shares:
    """Divide as the Talmud's marriage contracts do: equal awards to half, then equal losses.

    Any two share what they got together as they would a contested garment. It is also the
    nucleolus of the game in which a coalition is worth what the others leave it.

    References
    ----------
    Aumann and Maschler (1985), Journal of Economic Theory 36(2), 195-213.

    Examples
    --------
    >>> [str(a) for a in talmud(200, (100, 200, 300))]
    ['50', '75', '75']
    """
    whole, held = _checked(estate, claims)
    half = tuple(claim / 2 for claim in held)
    middle = sum(half, Fraction(0))
    if whole <= middle:
        return equal_awards(whole, half)
    return tuple(h + more for h, more in zip(half, equal_losses(whole - middle, half)))


def garment(estate: Number, one: Number, other: Number) -> tuple[Fraction, Fraction]:
    """Divide a contested garment: each concedes what it does not claim; the rest is halved.

    Examples
    --------
    >>> [str(a) for a in garment(1, 1, 0.5)]
    ['3/4', '1/4']
    """
    whole, (a, b) = _checked(estate, (one, other))
    to_a, to_b = max(Fraction(0), whole - b), max(Fraction(0), whole - a)
    contested = (whole - to_a - to_b) / 2
    return to_a + contested, to_b + contested


RULES: Mapping[str, Rule] = {
    "proportional": proportional,
    "equal_awards": equal_awards,
    "equal_losses": equal_losses,
    "talmud": talmud,
}


def check(
    rule: str, estate: Number, claims: Sequence[Number], awards: Sequence[Number]
) -> Certificate:
    """Check awards by what defines their rule, without computing them anew.

    Parameters
    ----------
    rule
        One of `RULES`.

    Examples
    --------
    >>> check("talmud", 200, (100, 200, 300), (50, 75, 75)).holds
    True
    >>> print(check("talmud", 200, (100, 200, 300), (50, 70, 80)).words)
    claims 2 and 3 do not share as a contested garment
    """
    whole, held = _checked(estate, claims)
    given = tuple(map(exact, awards))
    if rule not in RULES:
        raise UsageError(f"there is no rule '{rule}'", hint="rules: " + ", ".join(RULES))
    if sum(given, Fraction(0)) != whole:
        return Certificate(False, "the awards do not add up to the estate")
    if any(not 0 <= award <= claim for award, claim in zip(given, held, strict=True)):
        return Certificate(False, "an award is below nought or above its claim")
    losses = tuple(claim - award for claim, award in zip(held, given))
    for i, j in combinations(range(len(held)), 2):
        match rule:
            case "proportional":
                right = given[i] * held[j] == given[j] * held[i]
                wrong = "are not in proportion"
            case "equal_awards":
                right = _level(given, losses, i, j)
                wrong = "are not awarded alike, though the smaller award is not a full claim"
            case "equal_losses":
                right = _level(losses, given, i, j)
                wrong = "do not lose alike, though the smaller loss is not a whole claim"
            case _:
                pair = garment(given[i] + given[j], held[i], held[j])
                right = (given[i], given[j]) == pair
                wrong = "do not share as a contested garment"
        if not right:
            return Certificate(False, f"claims {i + 1} and {j + 1} {wrong}")
    said = {
        "proportional": "every two awards stand as their claims do",
        "equal_awards": "all awards are alike but those that are full claims",
        "equal_losses": "all losses are alike but those that are whole claims",
        "talmud": "every two share what they have together as a contested garment",
    }
    return Certificate(True, f"adds up, and {said[rule]}")


def _level(first: Shares, room: Shares, i: int, j: int) -> bool:
    """Say whether two are level, or the lower of them has no room to rise."""
    if first[i] == first[j]:
        return True
    lower = i if first[i] < first[j] else j
    return room[lower] == 0
