"""The IEEE Reliability Test System of 1979, reproduced.

Units and loads: IEEE Committee Report, "IEEE Reliability Test System", IEEE Transactions on
Power Apparatus and Systems PAS-98(6), 1979, 2047-2054; the units as in
simontindemans/MLMC-PSCC2020 (data/RTS/RTS-generators.txt). Results: Allan, Billinton and
Abdel-Gawad, "The IEEE Reliability Test System: extensions to and evaluation of the generating
system", IEEE Transactions on Power Systems PWRS-1(4), 1986: LOLE 1.36886 days and 9.39418 hours
a year, expected energy not supplied 1,176 MWh.
"""

import pytest

from comity.systems.adequacy import adequacy
from comity.systems.convolution import Contributor, convolve

UNITS = (
    (12, 5, 0.02),
    (20, 4, 0.10),
    (50, 6, 0.01),
    (76, 4, 0.02),
    (100, 3, 0.04),
    (155, 4, 0.04),
    (197, 3, 0.05),
    (350, 1, 0.08),
    (400, 2, 0.12),
)  # MW, how many, forced outage rate
WEEKS = (
    86.2, 90.0, 87.8, 83.4, 88.0, 84.1, 83.2, 80.6, 74.0, 73.7, 71.5, 72.7, 70.4, 75.0, 72.1,
    80.0, 75.4, 83.7, 87.0, 88.0, 85.6, 81.1, 90.0, 88.7, 89.6, 86.1, 75.5, 81.6, 80.1, 88.0,
    72.2, 77.6, 80.0, 72.9, 72.6, 70.5, 78.0, 69.5, 72.4, 72.4, 74.3, 74.4, 80.0, 88.1, 88.5,
    90.9, 94.0, 89.0, 94.2, 97.0, 100.0, 95.2,
)  # fmt: skip
DAYS = (93, 100, 98, 96, 94, 77, 75)  # Monday first
HOURS = {
    ("winter", False): "67 63 60 59 59 60 74 86 95 96 96 95 95 95 93 94 99 100 100 96 91 83 73 63",
    ("winter", True): "78 72 68 66 64 65 66 70 80 88 90 91 90 88 87 87 91 100 99 97 94 92 87 81",
    ("summer", False): "64 60 58 56 56 58 64 76 87 95 99 100 99 100 100 97 96 96 93 92 92 93 87 72",
    ("summer", True): "74 70 66 65 64 62 62 66 81 86 91 93 93 92 91 91 92 94 95 95 100 93 88 80",
    ("between", False): "63 62 60 58 59 65 72 85 95 99 100 99 93 92 90 88 90 92 96 98 96 90 80 70",
    ("between", True): "75 73 69 66 65 65 68 74 83 89 92 94 91 90 90 86 85 88 92 100 97 95 90 85",
}
PEAK = 2850  # MW


def plants() -> list[Contributor]:
    return [
        Contributor.of(f"{size} MW, {k}", size, chance=1.0 - rate)
        for size, many, rate in UNITS
        for k in range(many)
    ]


def season(week: int) -> str:
    return "winter" if week <= 8 or week >= 44 else "summer" if 18 <= week <= 30 else "between"


@pytest.fixture(scope="module")
def system():
    return convolve(plants())


def test_the_test_system_has_32_units_of_3405_megawatts():
    assert len(plants()) == 32
    assert sum(int(plant.most()) for plant in plants()) == 3405


def test_the_published_loss_of_load_in_days_comes_out(system):
    days = [PEAK * w * d / 10_000 for w in WEEKS for d in DAYS]
    assert sum(system.below(round(load, 6)) for load in days) == pytest.approx(1.36886, abs=5e-6)


def test_the_published_loss_of_load_in_hours_and_energy_come_out(system):
    lole = eue = energy = 0.0
    for week, weekly in enumerate(WEEKS, 1):
        for day, daily in enumerate(DAYS):
            for hourly in HOURS[season(week), day >= 5].split():
                load = round(PEAK * weekly * daily * int(hourly) / 1_000_000, 6)
                energy += load
                lole += system.below(load)
                eue += system.shortfall(load)
    assert energy == pytest.approx(15_297_000, rel=1e-5)  # MWh, as the report states
    assert lole == pytest.approx(9.39418, abs=5e-6)
    assert eue == pytest.approx(1176, abs=0.5)


def test_the_outage_table_of_two_small_units_and_a_large_one():
    """Billinton and Allan, Reliability Evaluation of Power Systems, chapter 2: 3, 3 and 5 MW."""
    three = [
        Contributor.of(name, size, chance=0.98) for name, size in (("a", 3), ("b", 3), ("c", 5))
    ]
    table = {int(out): (p, cumulative) for out, p, cumulative in convolve(three).table()}
    individual = {
        0: 0.941192, 3: 0.038416, 5: 0.019208, 6: 0.000392, 8: 0.000784, 11: 0.000008,
    }  # fmt: skip
    assert set(table) == set(individual)
    for out, chance in individual.items():
        assert table[out][0] == pytest.approx(chance, abs=5e-7)
        rest = sum(c for lost, c in individual.items() if lost >= out)
        assert table[out][1] == pytest.approx(rest, abs=5e-7)


def test_the_sampled_test_system_agrees_with_the_exact_one_at_its_peak(system):
    sampled = adequacy(plants(), PEAK, method="sampling", draws=200_000, seed=7).lines[0]
    assert sampled.lolp_error > 0 < sampled.eue_error
    assert abs(sampled.lolp - system.below(PEAK)) < 3 * sampled.lolp_error
    assert abs(sampled.eue - system.shortfall(PEAK)) < 3 * sampled.eue_error
