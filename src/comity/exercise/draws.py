"""Draws: chance that hangs on nothing but a seed and the names of what is drawn."""

from __future__ import annotations

from fractions import Fraction

from comity.exercise.chance import Stream

__all__ = ["drawn", "drawn_minutes", "triangular"]

_PARTS = 2**64


def drawn(seed: int, *what: str) -> Fraction:
    """Return a number from 0 to 1, both left out, every one of 2**64 as likely as the others.

    Neither the order of calls nor anything else that is drawn has a part in it.

    Examples
    --------
    >>> drawn(7, "Arden", "tariffs") == drawn(7, "Arden", "tariffs")
    True
    >>> drawn(7, "Arden", "tariffs") == drawn(8, "Arden", "tariffs")
    False
    """
    number = int.from_bytes(Stream("player", seed, *what)(8))
    return Fraction(2 * number + 1, 2 * _PARTS)


def drawn_minutes(span: tuple[int, int], seed: int, *what: str) -> int:
    """Return whole minutes within a span, both ends included, each as likely as the others."""
    least, most = span
    return least + int(drawn(seed, *what) * (most - least + 1))


def triangular(seed: int, *what: str) -> Fraction:
    """Return a number from -1 to 1, most often near 0: two even draws together, less 1."""
    return drawn(seed, *what, "one") + drawn(seed, *what, "other") - 1
