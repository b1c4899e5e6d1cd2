import itertools
import re
import struct
import zlib
from dataclasses import replace

import pytest

from comity.errors import UsageError
from comity.examine.finding import Chart, Column, Finding, Quantity, Table
from comity.report.chart import COLOURS, INK, NEUTRAL, png, specification, svg
from tests.unit.report.cast import MEMBERS, wide

KINDS = ["bar", "interval", "map", "strip"]


def pixels(picture):
    """Read a PNG: its size, and how many different bytes its rows hold."""
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", picture[16:24])
    data, at = b"", 8
    while at < len(picture):
        (size,) = struct.unpack(">I", picture[at : at + 4])
        if picture[at + 4 : at + 8] == b"IDAT":
            data += picture[at + 8 : at + 8 + size]
        at += size + 12
    return width, height, len(set(zlib.decompress(data)))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_chart_is_drawn_and_not_blank(kind):
    width, height, shades = pixels(png(wide(kind), scale=1))
    assert 780 <= width <= 1000
    assert (200 if kind == "strip" else 700) <= height <= 1250
    assert shades > 20


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_finding_gives_the_same_picture(kind):
    assert svg(wide(kind)) == svg(wide(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_says_title_source_and_vintage_and_needs_nothing_else(kind):
    drawn = svg(wide(kind))
    words = " ".join(re.sub(r"<[^>]*>", " ", drawn).split())
    assert "The 35 members have" in words
    assert "Source: The Larch League (2025). As known on 2026-01-20." in words
    assert 'role="img"' in drawn
    addresses = set(re.findall(r"(?:https?:)?//[^\"' )]+", drawn))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert "<script" not in drawn
    assert "@import" not in drawn


@pytest.mark.parametrize("kind", ["bar", "interval"])
def test_every_member_has_its_row_its_number_and_the_axis_its_unit(kind):
    drawn = svg(wide(kind))
    for name in MEMBERS.values():
        assert f">{name}</text>" in drawn
    assert drawn.count(">not known</text>") == 2
    assert "Not known: Iceland, Malta." in drawn
    assert "Active personnel (people)" in drawn
    assert "850,000–1,000,000" in drawn


def test_rows_stand_in_roll_order_or_by_size():
    def order(finding):
        drawn = svg(finding)
        places = [(drawn.index(f">{name}</text>"), name) for name in MEMBERS.values()]
        return [name for _, name in sorted(places)]

    assert order(wide("bar")) == list(MEMBERS.values())
    assert order(wide("bar", sort="size"))[0] == "Ukraine"
    assert set(order(wide("bar", sort="size"))[-2:]) == {"Iceland", "Malta"}


def test_a_map_names_borders_and_what_it_cannot_draw():
    drawn = svg(wide("map"))
    assert "Natural Earth 4.1, Crimea drawn as Ukraine, de jure view" in drawn
    assert "Too small to be drawn at this scale: Malta." in drawn
    assert "has it (7)" in drawn
    for code in set(MEMBERS) - {"MLT"}:
        assert drawn.count(f">{code}</text>") == 1, code


def test_a_map_of_few_beyond_europe_shows_the_world_alone():
    table = Table(
        "t",
        "T",
        (
            Column("who", "Who", ("Japan", "Canada")),
            Column("iso3", "Code", ("JPN", "CAN")),
            Column("word", "Word", ("in", "in")),
        ),
    )
    two = Finding("?", "Two.", (table,), charts=(Chart("map", "Two.", "word", "who", "iso3"),))
    assert pixels(png(two, scale=1))[1] < 600


def test_a_strip_shows_all_members_and_counts_each_mark():
    drawn = svg(wide("strip"))
    for code in MEMBERS:
        assert f">{code}</text>" in drawn
    assert ">silent: 6</text>" in drawn
    assert ">not known: 1</text>" in drawn


def test_the_source_line_names_the_sources_of_what_is_drawn():
    finding = wide("bar")
    other = replace(finding.sources[0], id="other", publisher="Somebody Else")
    two = replace(finding, sources=(*finding.sources, other))
    # Figures that are sums do not say whose they are: then all are named.
    assert "Somebody Else" in svg(two)
    named = replace(two, charts=(replace(two.charts[0], sources=("other",)),))
    assert "The Larch League" not in svg(named)
    crews = Column("n", "N", (Quantity(1, id="crews:ARD:2025:tests"),))
    rows = Table("t", "T", (Column("who", "Who", ("Arden",)), crews))
    direct = replace(two, tables=(rows,), charts=(Chart("bar", "T.", "n", "who"),))
    assert "Somebody Else" not in svg(direct)


def test_what_is_not_there_has_no_colour():
    assert NEUTRAL in svg(one_column([1, 2], group="none"))


def one_column(values, kind="bar", **more):
    table = Table(
        "t",
        "T",
        (
            Column("who", "Who", tuple(f"Member {i}" for i in range(len(values)))),
            Column("n", "Number", tuple(values)),
            Column(
                "iso3", "Code", tuple(f"A{chr(65 + i)}{chr(65 + i)}" for i in range(len(values)))
            ),
            Column("none", "None", ("none",) * len(values)),
            Column("word", "Word", tuple(f"word {i}" for i in range(len(values)))),
        ),
    )
    chart = Chart(kind, "T.", more.pop("value", "n"), "who", code="iso3", **more)
    return Finding("?", "T.", (table,), charts=(chart,))


def test_bars_begin_at_zero_and_intervals_need_not():
    narrow = [Quantity(1000, 990, 1010), Quantity(1020, 1010, 1030)]
    bars, spans = specification(one_column(narrow)), specification(one_column(narrow, "interval"))
    assert '"zero": true' in str(bars).replace("'", '"').replace("True", "true")
    assert '"zero": false' in str(spans).replace("'", '"').replace("False", "false")


@pytest.mark.parametrize("kind", ["bar", "interval"])
def test_numbers_below_zero_and_without_range_are_drawn(kind):
    assert pixels(png(one_column([-3, 2, 0.5, Quantity(1, -1, 2)], kind), scale=1))[2] > 5


@pytest.mark.parametrize(
    ("finding", "why"),
    [
        pytest.param(lambda: one_column([None, Quantity(None)]), "known", id="nothing is known"),
        pytest.param(lambda: one_column([1], value="word"), "words", id="words as bars"),
        pytest.param(lambda: one_column([1], "map"), "never how much", id="a map of how much"),
        pytest.param(
            lambda: one_column(range(7), group="word"), "six colours", id="more than six colours"
        ),
        pytest.param(
            lambda: one_column(range(7), "map", value="word"), "six colours", id="a gaudy map"
        ),
    ],
)
def test_what_a_chart_cannot_show_is_refused(finding, why):
    with pytest.raises(UsageError, match=why):
        svg(finding())


def test_two_rows_of_one_name_and_a_chart_that_is_not_there_are_refused():
    table = wide().tables[0]
    twice = replace(table, columns=(
        *(replace(c, values=("x",) * 36) if c.key == "member" else c for c in table.columns),
    ))  # fmt: skip
    with pytest.raises(UsageError, match="one name"):
        svg(replace(wide(), tables=(twice,)))
    with pytest.raises(UsageError, match="no chart 5"):
        svg(wide(), 5)


def test_no_data_is_fetched_while_drawing():
    assert "url" not in str(specification(wide("map")).get("datasets", {}).keys())
    assert '"url"' not in str(specification(wide("map"))["vconcat"])


def linear(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]


def lab(rgb):
    m = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    x, y, z = (sum(a * max(0, c) for a, c in zip(row, rgb, strict=True)) for row in m)

    def f(t):
        return t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116

    fx, fy, fz = f(x / 0.9505), f(y), f(z / 1.089)
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


# Machado, Oliveira, Fernandes (2009), IEEE TVCG 15(6): severity 1.
SIGHT = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
               (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
               (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602),
               (0.004733, 0.691367, 0.303900)),
}  # fmt: skip


@pytest.mark.parametrize("sight", SIGHT)
def test_six_colours_are_told_apart_by_every_kind_of_sight(sight):
    def seen(colour):
        rgb = linear(colour)
        return lab([sum(a * c for a, c in zip(row, rgb, strict=True)) for row in SIGHT[sight]])

    assert len(COLOURS) == 6
    for one, other in itertools.combinations(COLOURS, 2):
        a, b = seen(one), seen(other)
        assert sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5 > 10, (one, other)


def test_words_stand_out_from_paper():
    ink = linear(INK)
    light = 0.2126 * ink[0] + 0.7152 * ink[1] + 0.0722 * ink[2]
    assert 1.05 / (light + 0.05) > 7
