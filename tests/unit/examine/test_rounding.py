from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import UsageError
from comity.examine.rounding import column, plain, rounded, words

numbers = st.one_of(
    st.integers(-(10**15), 10**15),
    st.floats(-1e12, 1e12, allow_nan=False).filter(lambda x: x == 0 or abs(x) > 1e-12),
    st.fractions(-(10**6), 10**6, max_denominator=10**6),
)
ranges = st.tuples(numbers, numbers, numbers).map(lambda three: sorted(three, key=Fraction))


@pytest.mark.parametrize(
    ("given_", "unit", "said"),
    [
        pytest.param((290,), "warheads", "290 warheads", id="a count keeps every digit"),
        pytest.param((5459.0,), "warheads", "5,459 warheads", id="a count kept as a float too"),
        pytest.param((3_412_345,), "", "3,412,345", id="a large count keeps every digit"),
        pytest.param(
            (3_412_000, 3_300_000, 3_500_000), "", "3.3–3.5 million", id="a total says its range"
        ),
        pytest.param(
            (900_000, 850_000, 1_000_000), "", "850,000–1,000,000", id="no word below a million"
        ),
        pytest.param((1500, 750, 3000), "", "800–3,000", id="an end keeps its first digit"),
        pytest.param((64.8,), "billion US$", "64.8 billion US$", id="a scale in the unit stays"),
        pytest.param((1004.9,), "billion US$", "1,005 billion US$", id="four digits after a 1"),
        pytest.param((29.1849e12,), "US$", "29.2 trillion US$", id="three digits otherwise"),
        pytest.param((101_838.0,), "people", "101,800 people", id="a float is no count"),
        pytest.param((1004.9e9, 1004.9e9, 1004.9e9), "US$", "1.0049 trillion US$", id="as stated"),
        pytest.param((0.1 + 0.2, 0.1 + 0.2, 0.1 + 0.2), "", "0.3", id="no binary noise"),
        pytest.param((-0.1, -0.3, 0.2), "", "−0.3 to 0.2", id="no dash beside a minus"),
        pytest.param((0, -0.04, 0.04), "", "−0.04 to 0.04", id="around zero"),
        pytest.param((0.0,), "", "0", id="nothing"),
        pytest.param((-0.0001, -1.0, 1.0), "", "−1 to 1", id="no minus before nothing"),
        pytest.param((2024,), "year", "2024", id="a year is no quantity"),
        pytest.param((52, 52, 64), "%", "52–64 %", id="per cent"),
        pytest.param((5e-12,), "", "5.000e−12", id="very small"),
        pytest.param((Fraction(1, 3),), "", "0.333", id="a fraction as a measure"),
        pytest.param((None,), "people", "not known", id="missing is never zero"),
    ],
)
def test_a_number_says_what_its_range_carries(given_, unit, said):
    assert words(*given_, unit=unit) == said


def test_a_label_says_the_value_to_the_digits_of_its_range():
    assert words(3_412_000, 3_300_000, 3_500_000, point=True) == "3.4 million"


@given(ranges)
def test_a_rounded_range_contains_its_rounded_value(three):
    low, value, high = three
    cut = rounded(value, low, high)
    assert cut.low <= cut.value <= cut.high


@given(numbers, numbers)
def test_rounding_without_a_range_keeps_order(a, b):
    a, b = sorted((a, b), key=Fraction)
    # Exactness is a matter of the figure: compare what is rounded alike.
    if isinstance(a, int) == isinstance(b, int):
        assert rounded(a).value <= rounded(b).value


@given(ranges)
def test_never_more_digits_than_the_range_carries(three):
    low, value, high = three
    cut = rounded(value, low, high)
    if cut.place is None:
        assert low == high
        return
    half = (Fraction(high) - Fraction(low)) / 2
    step = Fraction(10) ** cut.place
    assert step > half / 10
    for number in (cut.low, cut.value, cut.high):
        # Nothing is left behind the last place, but the first digit of a small end.
        own = step if not number else min(step, Fraction(10) ** number.adjusted())
        assert (Fraction(number) / own).denominator == 1


@given(ranges)
def test_an_inexact_number_has_at_most_six_digits_and_one_for_the_carry(three):
    low, value, high = three
    cut = rounded(value, low, high)
    if cut.place is not None:
        for number in (cut.low, cut.value, cut.high):
            assert number == 0 or number.adjusted() - min(cut.place, number.adjusted()) < 7


@given(ranges)
def test_what_is_said_is_what_was_rounded(three):
    low, value, high = three
    said = words(value, low, high, point=True)
    scale = {"million": 6, "billion": 9, "trillion": 12}
    number, _, word = said.partition(" ")
    spoken = Decimal(number.replace(",", "").replace("−", "-")).scaleb(scale.get(word, 0))
    exact = rounded(value, low, high).value
    assert abs(spoken - exact) <= abs(exact) * Decimal("0.0005")


@given(st.lists(st.one_of(st.none(), ranges), min_size=1, max_size=12))
def test_a_column_says_the_same_numbers_as_a_sentence(cells):
    shown = column(tuple((None, None, None) if c is None else (c[1], c[0], c[2]) for c in cells))
    assert len(shown.cells) == len(cells)
    for cell, said in zip(cells, shown.cells, strict=True):
        assert (cell is None) == (said == "not known")


def test_a_column_has_one_scale_and_a_cell_far_above_it_its_own():
    shown = column(((181_000, None, None), (3_412_000, 3_300_000, 3_500_000), (None, None, None)))
    assert shown.unit == ""
    assert shown.cells == ("181,000", "3.3–3.5 million", "not known")
    spent = column(((64.8e9, None, None), (4.2e9, None, None)), "US$")
    assert (spent.unit, spent.cells) == ("billion US$", ("64.8", "4.20"))


def test_an_axis_beneath_a_wide_column_gets_the_scale_of_its_largest():
    people = column(((387_000.0, None, None), (83.5e6, None, None)), "people")
    assert (people.power, people.axis, people.axis_unit) == (0, 6, "million people")


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param((float("nan"),), id="not a number"),
        pytest.param((float("inf"), 0, float("inf")), id="without end"),
        pytest.param((5, 6, 7), id="a value outside its range"),
        pytest.param((5, 7, 3), id="a range turned round"),
    ],
)
def test_what_is_no_figure_is_refused(bad):
    with pytest.raises(UsageError):
        rounded(*bad)


def test_a_small_fraction_stays_a_fraction():
    assert plain(Fraction(421, 2145)) == "421/2145"
    assert plain(Fraction(-3, 2)) == "−3/2"
    assert plain(Fraction(6, 2)) == "3"
    assert plain(Fraction(12345, 98765)) == "0.1250"
