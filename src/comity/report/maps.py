"""Where members are: shapes, projections and the places of their codes on a map.

The map is for where, never for how much. Equal-area projections, so that no
state looks larger than it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

from comity.errors import UsageError

BORDERS = (
    "Borders: Natural Earth 4.1, Crimea drawn as Ukraine, de jure view; "
    "Northern Cyprus and Kosovo as in the source."
)
WIDTH = 820
LABEL = (25.0, 12.0)

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Panel:
    """One view: its projection as Vega knows it, its size, and the same formula here."""

    name: str
    projection: str
    height: int
    scale: float
    centre: Point
    translate: Point

    def to_vega(self) -> dict[str, Any]:
        """Return the projection's parameters, cut to the panel."""
        return {
            "type": self.projection,
            "scale": self.scale,
            "rotate": [-self.centre[0], -self.centre[1], 0],
            "translate": list(self.translate),
            "clipExtent": [[0, 0], [WIDTH, self.height]],
        }

    def project(self, lon: float, lat: float) -> Point:
        """Return where a place lies in the panel, in pixels."""
        x, y = (
            _azimuthal_equal_area(lon, lat, *self.centre)
            if self.projection == "azimuthalEqualArea"
            else _equal_earth(lon, lat, self.centre[0])
        )
        return self.translate[0] + self.scale * x, self.translate[1] - self.scale * y


EUROPE = Panel("Europe", "azimuthalEqualArea", 640, 905, (13.0, 53.5), (375, 325))
WORLD = Panel("World", "equalEarth", 352, 147, (11.0, 0.0), (WIDTH / 2, 200))


def _azimuthal_equal_area(lon: float, lat: float, lon0: float, lat0: float) -> Point:
    """Lambert (1772), as in Snyder (1987), Map Projections: A Working Manual, p. 185."""
    la, fi, fi0 = radians(lon - lon0), radians(lat), radians(lat0)
    c = sin(fi0) * sin(fi) + cos(fi0) * cos(fi) * cos(la)
    k = sqrt(2 / max(1 + c, 1e-9))
    return (
        k * cos(fi) * sin(la),
        k * (cos(fi0) * sin(fi) - sin(fi0) * cos(fi) * cos(la)),
    )


def _equal_earth(lon: float, lat: float, lon0: float) -> Point:
    """Savric, Patterson, Jenny (2019), Int. J. Geographical Information Science 33(3)."""
    from math import asin

    a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
    la = radians((lon - lon0 + 180) % 360 - 180)
    t = asin(sqrt(3) / 2 * sin(radians(lat)))
    t2 = t * t
    t6 = t2 * t2 * t2
    x = la * cos(t) * 2 / sqrt(3) / (a1 + 3 * a2 * t2 + t6 * (7 * a3 + 9 * a4 * t2))
    return x, t * (a1 + a2 * t2 + t6 * (a3 + a4 * t2))


def shapes(world: Path | None = None) -> tuple[dict[str, Any], ...]:
    """Return the shapes of the world's states, each with `iso3`; the poles left out.

    Parameters
    ----------
    world
        A GeoJSON file with `iso3` on each feature; the shipped one where left out.
    """
    if world is not None:
        return _read(world.read_text(encoding="utf-8"), str(world))
    return _shipped()


@cache
def _shipped() -> tuple[dict[str, Any], ...]:
    held = files("comity.evidence") / "data" / "world_110m.geojson"
    return _read(held.read_text(encoding="utf-8"), "world_110m.geojson")


def _read(content: str, name: str) -> tuple[dict[str, Any], ...]:
    try:
        features = json.loads(content)["features"]
        return tuple(
            f for f in features if f["geometry"] and f["properties"]["name"] != "Antarctica"
        )
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{name} is not a GeoJSON file of states",
            hint="it needs features, each with a geometry and properties name and iso3",
        ) from error


def rings(feature: Mapping[str, Any]) -> Iterator[list[Point]]:
    """Return the outer ring of each part of a shape."""
    geometry = feature["geometry"]
    parts = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    for part in parts:
        yield [(float(p[0]), float(p[1])) for p in part[0]]


@dataclass(frozen=True, slots=True)
class Label:
    """A code on the map: where it stands, and the place it speaks of."""

    code: str
    x: float
    y: float
    place: Point

    @property
    def moved(self) -> bool:
        """Whether it stands so far from its place that a line must lead there."""
        return abs(self.x - self.place[0]) > 14 or abs(self.y - self.place[1]) > 9


def labels(
    codes: tuple[str, ...], features: tuple[dict[str, Any], ...], panel: Panel
) -> tuple[Label, ...]:
    """Place the codes of the states that the panel shows, so that none covers another."""
    places: list[tuple[float, str, Point]] = []
    for feature in features:
        code = feature["properties"]["iso3"]
        if code in codes:
            size, place = _place(feature, panel)
            if place is not None:
                places.append((size, code, place))
    placed: list[Label] = []
    # The largest states first: their codes fit where they belong.
    for size, code, place in sorted(places, key=lambda entry: (-entry[0], entry[1])):
        # A state no larger than its code is left in sight.
        around = _around(place, beside=size < LABEL[0] * LABEL[1])
        spot = next((s for s in around if _free(s, placed, panel)), place)
        placed.append(Label(code, spot[0], spot[1], place))
    return tuple(sorted(placed, key=lambda label: label.code))


def _around(place: Point, *, beside: bool) -> Iterator[Point]:
    x, y = place
    if not beside:
        yield place
    for step in range(3 if beside else 1, 16):
        reach = 6.0 * step
        for dx, dy in ((0, -1), (0, 1), (1, 0), (-1, 0), (1, -1), (-1, 1), (1, 1), (-1, -1)):
            yield x + dx * reach * 1.3, y + dy * reach


def _free(spot: Point, placed: list[Label], panel: Panel) -> bool:
    w, h = LABEL
    inside = w / 2 < spot[0] < WIDTH - w / 2 and h / 2 < spot[1] < panel.height - h / 2
    return inside and all(abs(spot[0] - o.x) >= w or abs(spot[1] - o.y) >= h for o in placed)


def _place(feature: Mapping[str, Any], panel: Panel) -> tuple[float, Point | None]:
    """Return the size of a state's largest part in the panel, and a place well inside it."""
    largest: tuple[float, list[Point]] = (0.0, [])
    for ring in rings(feature):
        points = [panel.project(*p) for p in ring]
        size = abs(_area(points))
        middle = _middle(points)
        if size > largest[0] and 0 < middle[0] < WIDTH and 0 < middle[1] < panel.height:
            largest = (size, points)
    size, points = largest
    if not points:
        return 0.0, None
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    best, depth = _middle(points), -1.0
    cells = 13
    for i in range(1, cells):
        for j in range(1, cells):
            x = min(xs) + (max(xs) - min(xs)) * i / cells
            y = min(ys) + (max(ys) - min(ys)) * j / cells
            if not _inside(x, y, points):
                continue
            # A code is twice as wide as high, so room beside it counts half.
            clear = min(((px - x) / 2) ** 2 + (py - y) ** 2 for px, py in points)
            if clear > depth:
                best, depth = (x, y), clear
    return size, best


def _middle(points: list[Point]) -> Point:
    return (
        (min(p[0] for p in points) + max(p[0] for p in points)) / 2,
        (min(p[1] for p in points) + max(p[1] for p in points)) / 2,
    )


def _area(points: list[Point]) -> float:
    return (
        sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, points[1:] + points[:1], strict=True))
        / 2
    )


def _inside(x: float, y: float, points: list[Point]) -> bool:
    inside = False
    for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1], strict=True):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            inside = not inside
    return inside
