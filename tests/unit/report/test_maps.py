import json
from math import hypot

import pytest

from comity.errors import UsageError
from comity.report import maps
from tests.unit.report.cast import MEMBERS


@pytest.mark.parametrize("panel", [maps.EUROPE, maps.WORLD], ids=lambda p: p.name)
def test_no_code_covers_another(panel):
    placed = maps.labels(tuple(MEMBERS), maps.shapes(), panel)
    w, h = maps.LABEL
    for i, one in enumerate(placed):
        for other in placed[i + 1 :]:
            assert abs(one.x - other.x) >= w or abs(one.y - other.y) >= h, (one, other)


def test_codes_stand_near_the_states_they_name():
    for label in maps.labels(tuple(MEMBERS), maps.shapes(), maps.EUROPE):
        assert hypot(label.x - label.place[0], label.y - label.place[1]) < 60, label


def test_europe_is_where_it_should_be():
    placed = {x.code: x.place for x in maps.labels(tuple(MEMBERS), maps.shapes(), maps.EUROPE)}
    assert placed["PRT"][0] < placed["FRA"][0] < placed["UKR"][0]
    assert placed["NOR"][1] < placed["DEU"][1] < placed["ITA"][1]
    assert "JPN" not in placed


def test_both_projections_keep_areas():
    def area(panel, lon, lat):
        d = 0.1
        (x0, y0), (x1, y1), (x2, y2) = (
            panel.project(lon, lat), panel.project(lon + d, lat), panel.project(lon, lat + d),
        )  # fmt: skip
        from math import cos, radians

        return abs((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)) / cos(radians(lat + d / 2))

    for panel in (maps.EUROPE, maps.WORLD):
        one = area(panel, 10, 45)
        for lon, lat in ((-5, 40), (30, 65), (25, 35)):
            assert area(panel, lon, lat) == pytest.approx(one, rel=0.01)


def test_a_file_that_holds_no_states_is_refused(tmp_path):
    wrong = tmp_path / "wrong.geojson"
    for content in ("[]", "{", json.dumps({"features": [{}]})):
        wrong.write_text(content)
        with pytest.raises(UsageError, match="not a GeoJSON file"):
            maps.shapes(wrong)


def test_the_legend_says_whose_borders_are_drawn():
    assert "Natural Earth 4.1, Crimea drawn as Ukraine, de jure view" in maps.BORDERS
    ukraine = next(f for f in maps.shapes() if f["properties"]["iso3"] == "UKR")
    # Simferopol lies within.
    assert any(maps._inside(34.1, 45.0, ring) for ring in maps.rings(ukraine))
