"""The one rounding rule: no more digits than the inputs' range carries.

Every report format, chart label and sentence gets its numbers from here.

- A figure with a range is shown as the range, rounded to the place of the first
  digit of half its width: 3,412,000 known to lie in 3,300,000 to 3,500,000 is
  "3.3–3.5 million".
- An `int` without a range, a whole number below 10,000 without one, and any
  number whose range has no width is exact and keeps every digit: 290 warheads
  are 290.
- Any other number without a range gets three significant digits, four where it
  starts with 1, so that the step is never finer than 0.05 % nor coarser than
  0.5 % of the number.
- Never more than six significant digits of something inexact.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from math import isfinite

from comity.errors import UsageError

Number = int | float | Fraction
NOT_KNOWN = "not known"

_WORDS = ((12, "trillion"), (9, "billion"), (6, "million"))
_SCALED = ("trillion", "billion", "million", "thousand")
# Wide enough that no figure anybody publishes is cut before it is rounded.
_CONTEXT = Context(prec=60, rounding=ROUND_HALF_EVEN)
_TWELVE = Context(prec=12, rounding=ROUND_HALF_EVEN)
_MOST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Rounded:
    """A number cut to the digits it carries: its range, and the place of its last digit.

    `place` is a power of ten: 5 means that hundred thousands are the last digit
    that means something. None means that the number is exact.
    """

    value: Decimal
    low: Decimal
    high: Decimal
    place: int | None


def _decimal(number: Number) -> Decimal:
    if isinstance(number, Fraction):
        return _CONTEXT.divide(Decimal(number.numerator), Decimal(number.denominator))
    if isinstance(number, float):
        if not isfinite(number):
            raise UsageError(f"{number} is not a figure", hint="give None where nothing is known")
        return Decimal(repr(number))
    return Decimal(int(number))


def _first(number: Decimal) -> int:
    """Return the place of the first digit that is not zero."""
    return number.adjusted()


def _own_place(number: Decimal, place: int | None) -> int | None:
    """Return the last place of one number: never above its own first digit."""
    return place if place is None or not number else min(place, _first(number))


def _is_count(number: Decimal) -> bool:
    return abs(number) < 10_000 and number == number.to_integral_value()


def _cut(number: Decimal, place: int | None) -> Decimal:
    own = _own_place(number, place)
    return number if own is None else _CONTEXT.quantize(number, Decimal(1).scaleb(own))


def rounded(value: Number, low: Number | None = None, high: Number | None = None) -> Rounded:
    """Round a number and its range to the digits that the range carries.

    Rounding keeps order, so a rounded range contains its rounded value.

    Examples
    --------
    >>> rounded(3_412_000, 3_300_000, 3_500_000).place
    5
    >>> rounded(290).place is None
    True
    """
    v = _decimal(value)
    lo = v if low is None else _decimal(low)
    hi = v if high is None else _decimal(high)
    if not lo <= v <= hi:
        raise UsageError(f"{value} does not lie in its range, {low} to {high}")
    largest = max(abs(lo), abs(hi), abs(v))
    if lo < hi:
        place = _first(_CONTEXT.divide(_CONTEXT.subtract(hi, lo), Decimal(2)))
        place = max(place, _first(largest) - _MOST_DIGITS + 1)
        # A whole number has no digits after the point to show.
        if all(n == n.to_integral_value() for n in (lo, v, hi)):
            place = max(place, 0)
    elif low is not None or high is not None or isinstance(value, int) or _is_count(v):
        # Exact as stated, but for what binary arithmetic adds behind the twelfth digit.
        exact = v if v == v.to_integral_value() else _TWELVE.plus(v)
        return Rounded(exact, exact, exact, None)
    else:
        leading = str(largest.scaleb(-_first(largest)))[0]
        place = _first(largest) - (3 if leading == "1" else 2)
    return Rounded(_cut(v, place), _cut(lo, place), _cut(hi, place), place)


def _own_scale(r: Rounded) -> int:
    """Return the power of ten of the word that this number reads best with; 0 for none."""
    largest = max(abs(r.low), abs(r.high))
    if not largest:
        return 0
    smallest = min(abs(r.low), abs(r.high))
    for power, _ in _WORDS:
        if _first(largest) >= power:
            if r.place is None and len(largest.normalize().as_tuple().digits) > 5:
                return 0
            # 850,000 to 1,000,000 reads better than 0.85 to 1.00 million.
            if power == 6 and smallest and _first(smallest) == 5:
                return 0
            return power
    return 0


def _plain(number: Decimal, place: int | None, power: int) -> str:
    place = _own_place(number, place)
    scaled = number.scaleb(-power)
    if place is None:
        scaled = scaled.normalize()
        decimals = max(0, -int(scaled.as_tuple().exponent))
    else:
        decimals = max(0, power - place)
    text = f"{scaled:.3e}" if decimals > 9 else f"{scaled:,.{decimals}f}"
    if not any(c in "123456789" for c in text.split("e")[0]):
        text = text.lstrip("-")
    return text.replace("-", "−")


def _word(power: int) -> str:
    return dict(_WORDS).get(power, "")


def _join(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _show(r: Rounded, power: int, *, point: bool) -> str:
    if point:
        return _plain(r.value, r.place, power)
    low, high = _plain(r.low, r.place, power), _plain(r.high, r.place, power)
    if low == high:
        return low
    return f"{low} to {high}" if r.low < 0 else f"{low}–{high}"


def _takes_word(unit: str) -> bool:
    return not unit.startswith(_SCALED) and unit not in ("%", "year")


def words(
    value: Number | None,
    low: Number | None = None,
    high: Number | None = None,
    unit: str = "",
    *,
    point: bool = False,
) -> str:
    """Say a number in words fit for a sentence: the range where there is one.

    Parameters
    ----------
    value, low, high
        The number and the ends of its range; a value of None is not known.
    unit
        Follows the number; may begin with a scale ("billion US$").
    point
        Show the value alone, to the digits its range carries; for the label of
        a mark that draws the range beside it.

    Examples
    --------
    >>> words(3_412_000, 3_300_000, 3_500_000)
    '3.3–3.5 million'
    >>> words(3_412_000, 3_300_000, 3_500_000, point=True)
    '3.4 million'
    >>> words(290, unit="warheads")
    '290 warheads'
    >>> words(64.8, unit="billion US$")
    '64.8 billion US$'
    >>> words(64_800_000_000, unit="US$")
    '64.8 billion US$'
    >>> words(-0.123, -0.2, 0.1)
    '−0.2 to 0.1'
    >>> words(None)
    'not known'
    """
    if value is None:
        return NOT_KNOWN
    r = rounded(value, low, high)
    if unit == "year":
        return str(r.value)
    power = _own_scale(r) if _takes_word(unit) else 0
    return _join(_show(r, power, point=point), _word(power), unit)


@dataclass(frozen=True, slots=True)
class Shown:
    """A column of numbers under one unit: what stands in its head, and each cell.

    `power` is the scale in the head, as a power of ten; `axis` is the one that an
    axis drawn beneath all of them reads best in, and `axis_unit` names it.
    """

    unit: str
    cells: tuple[str, ...]
    power: int = 0
    axis: int = 0
    axis_unit: str = ""


Range = tuple[Number | None, Number | None, Number | None]


def column(ranges: tuple[Range, ...], unit: str = "", *, point: bool = False) -> Shown:
    """Say numbers that stand under each other, in one scale where that can be.

    The head gets the scale that the smallest of them needs; a cell far above it
    says its own scale, so that no cell can be read in the wrong one.

    Parameters
    ----------
    ranges
        Value, low and high of each cell; a value of None is not known.

    Examples
    --------
    >>> spent = column(((64_800_000_000, None, None), (4_200_000_000, None, None)), "US$")
    >>> spent.unit, spent.cells
    ('billion US$', ('64.8', '4.2'))
    >>> column(((181_000, None, None), (3_412_000, 3_300_000, 3_500_000))).cells
    ('181,000', '3.3–3.5 million')
    """
    known = [None if v is None else rounded(v, low, high) for v, low, high in ranges]
    scaled = _takes_word(unit)
    common = 0
    if scaled:
        own = [_own_scale(r) for r in known if r is not None and (r.low or r.high)]
        common = min(own, default=0)
    cells: list[str] = []
    for r in known:
        if r is None:
            cells.append(NOT_KNOWN)
        elif unit == "year":
            cells.append(str(r.value))
        else:
            power = _own_scale(r) if scaled else 0
            # Both ends above a million of the common scale: else the reader counts digits.
            far = min(abs(r.low), abs(r.high)) >= Decimal(1).scaleb(common + 6)
            if far and power > common:
                cells.append(_join(_show(r, power, point=point), _word(power)))
            else:
                cells.append(_show(r, common, point=point))
    axis = common
    if scaled and not common:
        largest = max((max(abs(r.low), abs(r.high)) for r in known if r), default=Decimal(0))
        axis = next((power for power, _ in _WORDS if largest and _first(largest) > power), 0)
    return Shown(
        unit=_join(_word(common), unit),
        cells=tuple(cells),
        power=common,
        axis=axis,
        axis_unit=_join(_word(axis), unit),
    )


def plain(number: Number, unit: str = "") -> str:
    """Say one number that is no measured figure: a count, an index, a fraction.

    Examples
    --------
    >>> plain(1234), plain(0.123456), plain(Fraction(421, 2145))
    ('1,234', '0.1235', '421/2145')
    """
    if isinstance(number, Fraction):
        if number.denominator == 1:
            return words(number.numerator, unit=unit)
        if number.denominator < 10_000 and abs(number.numerator) < 10_000:
            return _join(str(number).replace("-", "−"), unit)
    return words(number, unit=unit)
