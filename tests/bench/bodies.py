"""The bodies that the benches examine."""

from random import Random

# Population in 2024, persons. World Bank, World Development Indicators, SP.POP.TOTL (CC BY 4.0),
# as in github.com/datasets/population at 425fc447a53a26c767a15a7de60c4cc2478a0595.
EU = {
    "Austria": 9177982,
    "Belgium": 11858610,
    "Bulgaria": 6441421,
    "Croatia": 3866200,
    "Cyprus": 1358282,
    "Czechia": 10905028,
    "Denmark": 5976992,
    "Estonia": 1372341,
    "Finland": 5619911,
    "France": 68551653,
    "Germany": 83516593,
    "Greece": 10405134,
    "Hungary": 9562065,
    "Ireland": 5395790,
    "Italy": 58952704,
    "Latvia": 1866124,
    "Lithuania": 2888278,
    "Luxembourg": 677012,
    "Malta": 568847,
    "Netherlands": 17993485,
    "Poland": 36559233,
    "Portugal": 10694681,
    "Romania": 19051804,
    "Slovakia": 5422069,
    "Slovenia": 2127400,
    "Spain": 48848840,
    "Sweden": 10569709,
}
OTHERS = {
    "Albania": 2377128,
    "Australia": 27196812,
    "Canada": 41288599,
    "Iceland": 386506,
    "Japan": 123975371,
    "Montenegro": 623525,
    "New Zealand": 5287500,
    "Norway": 5572279,
    "Türkiye": 85518661,
    "UK": 69226000,
    "Ukraine": 37860221,
}
OUTSIDE = ("Hungary", "Malta", "Slovakia")
# The 35 of January 2026. That they decide by double majority, with two vetoes, is a model.
WILLING = {k: v for k, v in sorted((EU | OTHERS).items()) if k not in OUTSIDE}
VETOES = ("France", "UK")

# Electors of 2024, apportionment of 2020: 50 states and the District of Columbia.
ELECTORS = (
    (54, 40, 30, 28, 19, 19, 17, 16, 16, 15, 14, 13, 12)
    + (11,) * 4
    + (10,) * 5
    + (9,) * 2
    + (8,) * 3
    + (7,) * 2
    + (6,) * 6
    + (5,) * 2
    + (4,) * 7
    + (3,) * 7
)


def random_weights(n: int) -> tuple[int, ...]:
    """Whole weights from 1 to 100, seed 1."""
    random = Random(1)
    return tuple(random.randint(1, 100) for _ in range(n))
