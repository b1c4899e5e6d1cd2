"""A force mix: least strain within limits, and what limits leave short."""

import pytest

from comity.errors import UsageError
from comity.systems.forcemix import Line, force_mix

HAS = {"Arden": 400.0, "Brill": 200.0, "Corve": 200.0, "Dorn": 100.0}


def test_without_limits_everybody_is_strained_alike():
    found = force_mix(HAS, [Line("crews", 90, {})])
    assert found.strain == pytest.approx([0.1] * 4)
    assert [row[0] for row in found.sends] == pytest.approx([40, 20, 20, 10])
    assert found.is_met
    assert found.conflict == ()


def test_a_member_that_refuses_leaves_its_part_to_the_others():
    found = force_mix(HAS, [Line("crews", 90, {"Arden": 0.0})])
    assert found.strain == pytest.approx([0, 0.18, 0.18, 0.18])


def test_two_lines_share_one_strain():
    lines = [Line("crews", 50, {"Brill": 0.0, "Corve": 0.0, "Dorn": 0.0}), Line("medics", 40, {})]
    found = force_mix(HAS, lines)
    assert found.sends[0][0] == pytest.approx(50)
    assert max(found.strain) == pytest.approx(0.125)
    assert sum(row[1] for row in found.sends) == pytest.approx(40)


def test_the_sum_of_squares_spares_those_who_can_be_spared():
    # Brill alone can serve the medics; the crews fall evenly on the others.
    lines = [
        Line("medics", 20, {"Arden": 0.0, "Corve": 0.0, "Dorn": 0.0}),
        Line("crews", 35, {}),
    ]
    largest = force_mix(HAS, lines)
    squares = force_mix(HAS, lines, aim="squares")
    assert max(largest.strain) == pytest.approx(0.1)
    assert sum(s * s for s in squares.strain) <= sum(s * s for s in largest.strain) + 1e-6
    assert "largest strain least" in largest.method
    assert "largest" not in squares.method


def test_what_is_short_is_said_line_by_line():
    found = force_mix(HAS, [Line("crews", 90, {"Arden": 10.0})], limit=0.1)
    assert not found.is_met
    assert [(s.line, s.by, s.held_by) for s in found.short] == [
        ("crews", pytest.approx(30), ("Arden",))
    ]
    assert found.conflict == ("crews",)
    assert [row[0] for row in found.sends] == pytest.approx([10, 20, 20, 10])


def test_lines_that_only_clash_together_are_both_named():
    lines = [Line("crews", 60, {}), Line("medics", 60, {}), Line("clerks", 0, {})]
    found = force_mix(HAS, lines, limit=0.1)
    assert sum(s.by for s in found.short) == pytest.approx(30)
    assert found.conflict == ("crews", "medics")


def test_a_line_that_fails_by_itself_is_the_whole_conflict():
    lines = [Line("crews", 5, {}), Line("medics", 60, dict.fromkeys(HAS, 1.0))]
    found = force_mix(HAS, lines)
    assert found.conflict == ("medics",)
    assert found.short[0].by == pytest.approx(56)
    assert found.short[0].held_by == tuple(HAS)


def test_the_largest_strain_is_that_of_a_plain_search():
    lines = [Line("crews", 90, {"Arden": 15.0, "Dorn": 40.0})]
    found = force_mix(HAS, lines)
    need = lambda s: min(15, 400 * s) + 400 * s + min(40, 100 * s)  # noqa: E731
    plain = next(k / 10_000 for k in range(10_001) if need(k / 10_000) >= 90)
    assert max(found.strain) == pytest.approx(plain, abs=2e-4)


@pytest.mark.parametrize(
    ("has", "lines", "limit", "said"),
    [
        pytest.param({}, [Line("crews", 1, {})], 1.0, "needs members", id="nobody"),
        pytest.param(HAS, [], 1.0, "needs members and lines", id="nothing"),
        pytest.param({"Arden": 0.0}, [Line("c", 1, {})], 1.0, "nothing to send", id="empty hands"),
        pytest.param(HAS, [Line("crews", 1, {})], 1.5, "out of range", id="a limit above all"),
        pytest.param(HAS, [Line("crews", -1, {})], 1.0, "below nought", id="a negative need"),
        pytest.param(HAS, [Line("c", 1, {"Arden": -1})], 1.0, "below nought", id="negative most"),
    ],
)
def test_what_has_no_meaning_is_refused(has, lines, limit, said):
    with pytest.raises(UsageError, match=said):
        force_mix(has, lines, limit=limit)
