"""Findings as pictures: bar, interval, map and roll strip, as SVG and PNG.

The title is the answer in a sentence; units stand on the axes, the source line
and the vintage beneath. Nothing in a picture is fetched, and the same finding
gives the same bytes.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from comity.errors import UsageError
from comity.examine import rounding
from comity.examine.finding import Cell, Chart, Column, Finding, Quantity, Table, text
from comity.report import maps
from comity.report.sections import source_line, subjects
from comity.report.strip import SHAPES
from comity.report.strip import shapes as strip_shapes

# Okabe and Ito (2008), Color Universal Design: told apart without colour vision.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#56B4E9", "#CC79A7")
# A page may give these four another colour in the dark; see page.css.
INK, MUTED, GRID, LAND = "#1A1C1F", "#4A4E54", "#DADCE0", "#E6E8EB"
PAPER = "#FFFFFF"
# The code of a state stands on its own chip, the same by day and by night.
CHIP, CHIP_INK = "#FEFEFE", "#1A1C1E"
# What a word says is not there.
NEUTRAL = "#9BA1A8"
# vl-convert carries Liberation Sans; the others have its widths.
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
_STEP = 18
_PLOT = 500

# Each mark of the roll strip: outlines with their fill and stroke.
_GLYPHS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "circle": (("circle", INK, INK),),
    "ring": (("circle", "transparent", INK),),
    "half": (("circle", "transparent", INK), ("M0,-1A1,1,0,0,0,0,1Z", INK, INK)),
    "triangle": (("triangle-up", COLOURS[1], INK),),
    "cross": (("M-0.8,-0.8L0.8,0.8M0.8,-0.8L-0.8,0.8", "transparent", INK),),
    "square": (("square", INK, INK),),
    "diamond": (("diamond", "transparent", INK),),
}


def svg(finding: Finding, chart: int = 0, *, world: Path | None = None) -> str:
    """Return one of a finding's charts as an SVG picture that stands alone.

    Parameters
    ----------
    chart
        Which of the finding's charts, from 0.
    world
        GeoJSON shapes for a map; the shipped ones where left out.
    """
    import vl_convert

    spec = specification(finding, chart, world=world)
    drawn: str = vl_convert.vegalite_to_svg(spec, vl_version="6.4", allowed_base_urls=[])
    return _cleaned(drawn, finding.charts[chart].title, f"c{chart}")


def png(finding: Finding, chart: int = 0, *, scale: float = 2, world: Path | None = None) -> bytes:
    """Return one of a finding's charts as a PNG picture, `scale` pixels to a point."""
    import vl_convert

    drawn: bytes = vl_convert.svg_to_png(svg(finding, chart, world=world), scale=scale)
    return drawn


def specification(finding: Finding, chart: int = 0, *, world: Path | None = None) -> dict[str, Any]:
    """Return one of a finding's charts as a Vega-Lite specification, its data within."""
    if not 0 <= chart < len(finding.charts):
        raise UsageError(
            f"the finding has no chart {chart}", hint=f"it has {len(finding.charts)}, from 0"
        )
    wanted = finding.charts[chart]
    table = finding.table(wanted.table)
    datasets: dict[str, Any] = {}
    if wanted.kind == "map":
        body, notes, datasets = _map(wanted, table, maps.shapes(world))
    elif wanted.kind == "strip":
        body, notes = _strip(wanted, table)
    else:
        body, notes = _bars(wanted, table)
    return _framed(
        body, wanted.title, (*notes, source_line(_shown_only(finding, wanted))), datasets
    )


def _shown_only(finding: Finding, chart: Chart) -> Finding:
    """Return the finding with the sources of what is drawn, where that can be told."""
    named = set(chart.sources)
    cells = finding.table(chart.table).column(chart.value).values
    ids = [cell.id for cell in cells if isinstance(cell, Quantity)]
    # A row of the evidence ends its name in its source; a derived figure does not.
    if not named and ids and all(re.fullmatch(r"[^;()|]+:[^:;()|]+", i) for i in ids):
        named = {i.rpartition(":")[2] for i in ids}
    kept = tuple(source for source in finding.sources if source.id in named)
    return replace(finding, sources=kept) if kept else finding


def _framed(
    body: Any, title: str, notes: tuple[str, ...], datasets: dict[str, Any]
) -> dict[str, Any]:
    import altair as alt

    lines = [line for note in notes for line in textwrap.wrap(note, 130)]
    # One title above and one beneath: each belongs to its own concatenation.
    noted = alt.vconcat(body).properties(
        title=alt.TitleParams(
            text=lines,
            orient="bottom",
            anchor="start",
            fontSize=11,
            fontWeight="normal",
            color=MUTED,
            lineHeight=15,
            offset=14,
        )
    )
    framed = (
        alt.vconcat(noted)
        .properties(
            title=alt.TitleParams(
                text=textwrap.wrap(title, 86),
                anchor="start",
                fontSize=15,
                lineHeight=20,
                color=INK,
                offset=14,
            ),
            padding=12,
        )
        .configure(font=FONT, background=PAPER)
        .configure_view(stroke=None)
        .configure_axis(
            labelFontSize=11.5,
            titleFontSize=11.5,
            titleFontWeight="normal",
            labelColor=INK,
            titleColor=MUTED,
            gridColor=GRID,
            domainColor=MUTED,
            tickColor=MUTED,
            labelLimit=260,
        )
        .configure_legend(
            labelFontSize=11.5,
            titleFontSize=11.5,
            titleFontWeight="normal",
            labelColor=INK,
            titleColor=MUTED,
            labelLimit=600,
            titleLimit=700,
            symbolStrokeColor=INK,
        )
        .configure_concat(spacing=14)
    )
    spec: dict[str, Any] = framed.to_dict()
    if datasets:
        spec["datasets"] = {**spec.get("datasets", {}), **datasets}
    return spec


def _bars(chart: Chart, table: Table) -> tuple[Any, tuple[str, ...]]:
    import altair as alt

    kept = [i for i in range(len(table)) if i not in table.totals]
    names = [text(table.column(chart.label).values[i]) for i in kept]
    if len(set(names)) != len(names):
        raise UsageError(f"two rows of table {table.name} bear one name", hint="name each row once")
    column = table.column(chart.value)
    if not column.is_number:
        raise UsageError(
            f"column {column.key} holds words, and a {chart.kind} shows how much",
            hint="draw words on a map or a strip",
        )
    numbers = [_number(column.values[i]) for i in kept]
    unit = column.unit or next(
        (c.unit for c in column.values if isinstance(c, Quantity) and c.unit), ""
    )
    shown = rounding.column(tuple(numbers), unit)
    factor = 10.0**-shown.axis
    groups = (
        [text(table.column(chart.group).values[i]) for i in kept]
        if chart.group
        else [""] * len(kept)
    )
    rows: list[dict[str, Any]] = []
    for name, (value, low, high), label, group in zip(
        names, numbers, shown.cells, groups, strict=True
    ):
        row: dict[str, Any] = {"name": name, "text": label, "group": group, "known": True}
        if value is None:
            row |= {"known": False, "end": 0.0}
        else:
            ends = (value, value) if low is None or high is None else (low, high)
            row |= {
                "value": float(value) * factor,
                "low": float(ends[0]) * factor,
                "high": float(ends[1]) * factor,
                "ranged": ends[0] != ends[1],
                "end": max(0.0, float(ends[1]) * factor),
            }
        rows.append(row)
    if chart.sort == "size":
        rows.sort(key=lambda row: (-row.get("value", float("-inf")), row["name"]))
    known = [row for row in rows if row["known"]]
    if not known:
        raise UsageError(f"no row of {column.title} is known", hint="there is nothing to draw")
    bars = chart.kind == "bar"
    lows, highs = [row["low"] for row in known], [row["high"] for row in known]
    from_zero = bars or min(lows) <= 0 or max(highs) - min(lows) > min(lows)
    base = 0.0 if from_zero else min(lows)
    for row in rows:
        if not row["known"]:
            row["end"] = base
        elif not bars:
            row["end"] = row["high"]
    order = [row["name"] for row in rows]
    title = column.title + (f" ({shown.axis_unit})" if shown.axis_unit else "")
    y = alt.Y(
        "name:N", sort=order, title=None, axis=alt.Axis(ticks=False, domain=False, labelPadding=7)
    )
    scale = alt.Scale(zero=from_zero, nice=True)
    axis = alt.Axis(title=title, tickCount=6, domain=False, titleAnchor="start", labelFlush=False)

    def x(field: str) -> Any:
        return alt.X(f"{field}:Q", title=title, scale=scale, axis=axis)

    colour: Any = alt.value(COLOURS[0])
    if chart.group:
        used = list(dict.fromkeys(groups))
        colour = alt.Color(
            "group:N",
            scale=alt.Scale(domain=used, range=list(_colours(used, table.column(chart.group)))),
            legend=alt.Legend(
                title=table.column(chart.group).title, orient="top", symbolType="square"
            ),
        )
    whole = alt.Chart(alt.InlineData(values=rows), width=_PLOT, height=alt.Step(_STEP))
    drawn = whole.transform_filter("datum.known")
    ranged = whole.transform_filter("datum.ranged")
    layers: list[Any] = []
    if bars:
        layers.append(drawn.mark_bar(height=11).encode(y=y, x=x("value"), color=colour))
        layers.append(
            ranged.mark_rule(strokeWidth=1.5, color=INK).encode(y=y, x=x("low"), x2="high:Q")
        )
        layers.extend(
            ranged.mark_tick(thickness=1.5, size=7, color=INK).encode(y=y, x=x(end))
            for end in ("low", "high")
        )
    else:
        layers.append(
            ranged.mark_bar(height=5, cornerRadius=2).encode(
                y=y, x=x("low"), x2="high:Q", color=colour
            )
        )
        layers.append(
            drawn.mark_point(
                shape="diamond", size=70, opacity=1, fill=PAPER, strokeWidth=1.8
            ).encode(y=y, x=x("value"), color=colour)
        )
    layers.append(
        whole.mark_text(align="left", dx=7, fontSize=11.5).encode(
            y=y,
            x=x("end"),
            text="text:N",
            color=alt.condition("datum.known", alt.value(INK), alt.value(MUTED)),
        )
    )
    notes: list[str] = []
    if any(row.get("ranged") for row in rows):
        note = "Thin lines show ranges" if bars else "Bars show ranges, diamonds the stated value"
        if any(row["known"] and not row["ranged"] for row in rows):
            note += "; a row without one states none"
        notes.append(f"{note}.")
    unknown = [row["name"] for row in rows if not row["known"]]
    if unknown:
        notes.append(f"Not known: {', '.join(unknown)}.")
    return alt.layer(*layers), tuple(notes)


def _number(cell: Cell) -> rounding.Range:
    if isinstance(cell, Quantity):
        return cell.value, cell.low, cell.high
    if cell is None or isinstance(cell, str):
        return None, None, None
    return cell, None, None


def _colours(words: list[str], column: Column) -> tuple[str, ...]:
    if len(words) > len(COLOURS):
        raise UsageError(
            f"column {column.key} has {len(words)} different words, and a chart six colours",
            hint="join words that need not be told apart",
        )
    free = iter(COLOURS)
    return tuple(NEUTRAL if word in ("none", "no", "neither") else next(free) for word in words)


def _coded(chart: Chart, table: Table) -> list[tuple[str, str, str]]:
    """Return code, name and word of each row that has a code; a word of "" is not known."""
    codes, names = table.column(chart.code), subjects(table)
    words = table.column(chart.value)
    if any(isinstance(c, int | float | Quantity) and not isinstance(c, bool) for c in words.values):
        raise UsageError(
            f"column {words.key} holds figures; a {chart.kind} shows words, never how much",
            hint="draw figures as bar or interval",
        )
    return [
        (text(code), name, text(word))
        for code, name, word in zip(codes.values, names, words.values, strict=True)
        if code not in (None, "")
    ]


def _map(
    chart: Chart, table: Table, features: tuple[dict[str, Any], ...]
) -> tuple[Any, tuple[str, ...], dict[str, Any]]:
    import altair as alt

    coded = _coded(chart, table)
    word_of = {code: word for code, _, word in coded}
    used = list(dict.fromkeys(word_of.values()))
    if rounding.NOT_KNOWN in used:
        used.remove(rounding.NOT_KNOWN)
    colours = dict(zip(used, _colours(used, table.column(chart.value)), strict=True))
    counts = {word: f"{word} ({list(word_of.values()).count(word)})" for word in used}
    known = {f["properties"]["iso3"] for f in features}
    absent = [name for code, name, _ in coded if code not in known]
    in_europe = maps.labels(tuple(word_of), features, maps.EUROPE)
    european = {label.code for label in in_europe}
    panels: list[Any] = []
    datasets: dict[str, Any] = {}
    views = [maps.EUROPE] if len(european) > 2 else []
    if not views or any(code not in european for code in word_of if code in known):
        views.append(maps.WORLD)
    for view in views:
        whole_world = view is maps.WORLD
        shown = features if whole_world else tuple(f for f in features if _near(f, view))
        beyond = tuple(c for c in word_of if not (views[0] is maps.EUROPE and c in european))
        placed = maps.labels(beyond, features, maps.WORLD) if whole_world else in_europe
        places = [
            {
                "x": label.x,
                "y": label.y,
                "px": label.place[0],
                "py": label.place[1],
                "code": label.code,
                "moved": label.moved,
            }
            for label in placed
        ]
        # Shapes by name, not within: Altair would look at each of their points.
        datasets[view.name] = [
            {
                "type": "Feature",
                "geometry": f["geometry"],
                "word": counts.get(word_of.get(f["properties"]["iso3"], ""), "other"),
            }
            for f in shown
        ]
        land = (
            alt.Chart(alt.NamedData(name=view.name), width=maps.WIDTH, height=view.height)
            .mark_geoshape(stroke=PAPER, strokeWidth=0.6)
            .encode(
                color=alt.Color(
                    "word:N",
                    scale=alt.Scale(
                        domain=[*counts.values(), "other"],
                        range=[*(colours[word] for word in counts), LAND],
                    ),
                    legend=alt.Legend(
                        title=table.column(chart.value).title,
                        orient="top",
                        values=list(counts.values()),
                        symbolType="square",
                        columns=3,
                    )
                    if view is views[0]
                    else None,
                )
            )
            .project(**view.to_vega())
        )
        pixels = alt.Chart(alt.InlineData(values=places))

        def at(field: str, channel: Any, size: int) -> Any:
            return channel(
                f"{field}:Q", scale=alt.Scale(domain=[0, size], range=[0, size]), axis=None
            )

        x, y = at("x", alt.X, maps.WIDTH), at("y", alt.Y, view.height)
        lines = (
            pixels.transform_filter("datum.moved")
            .mark_rule(color=INK, strokeWidth=0.7)
            .encode(x=x, y=y, x2="px:Q", y2="py:Q")
        )
        chips = pixels.mark_point(
            shape="M-1.05,-0.5H1.05V0.5H-1.05Z",
            filled=True,
            size=567,
            color=CHIP,
            opacity=0.8,
        ).encode(x=x, y=y)
        names = pixels.mark_text(fontSize=9.5, baseline="middle", color=CHIP_INK).encode(
            x=x, y=y, text="code:N"
        )
        layers = [land, lines, chips, names] if places else [land]
        panels.append(alt.layer(*layers))
    notes = [maps.BORDERS]
    if absent:
        notes.append(f"Too small to be drawn at this scale: {', '.join(absent)}.")
    unknown = [name for _, name, word in coded if word == rounding.NOT_KNOWN]
    if unknown:
        notes.append(f"Not known: {', '.join(unknown)}.")
    body = panels[0] if len(panels) == 1 else alt.vconcat(*panels)
    return body, tuple(notes), datasets


def _near(feature: dict[str, Any], panel: maps.Panel) -> bool:
    """Whether any part of a shape may touch the panel."""
    for ring in maps.rings(feature):
        points = [panel.project(*p) for p in ring]
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        if max(xs) > 0 and min(xs) < maps.WIDTH and max(ys) > 0 and min(ys) < panel.height:
            return True
    return False


def _strip(chart: Chart, table: Table) -> tuple[Any, tuple[str, ...]]:
    import altair as alt

    coded = _coded(chart, table)
    marks = strip_shapes(tuple(word for _, _, word in coded))
    a_line, cell_w, cell_h = 18, 44, 46
    rows = [
        {
            "x": cell_w * (i % a_line) + cell_w / 2,
            "y": cell_h * (i // a_line) + 14,
            "below": cell_h * (i // a_line) + 32,
            "text": code,
            "word": word,
        }
        for i, (code, _, word) in enumerate(coded)
    ]
    height = cell_h * ((len(rows) + a_line - 1) // a_line)
    # Beneath the strip what each mark says, three to a line.
    for i, word in enumerate(marks):
        count = sum(w == word for _, _, w in coded)
        left, down = 20 + 264 * (i % 3), height + 12 + 22 * (i // 3)
        rows.append({"x": left, "y": None, "below": down, "text": "", "word": word})
        rows.append(
            {"x": left + 14, "y": down, "below": None, "text": f"{word}: {count}", "word": ""}
        )
    height += 10 + 22 * ((len(marks) + 2) // 3)
    base = alt.Chart(alt.InlineData(values=rows), width=cell_w * a_line, height=height)

    def at(field: str, channel: Any, size: int) -> Any:
        return channel(f"{field}:Q", scale=alt.Scale(domain=[0, size], range=[0, size]), axis=None)

    across = at("x", alt.X, cell_w * a_line)
    codes = base.transform_filter("datum.text != '' && datum.word != ''")
    words = base.transform_filter("datum.text != '' && datum.word == ''")
    y = at("y", alt.Y, height)
    layers: list[Any] = [
        codes.mark_text(fontSize=11.5, color=INK, align="center", baseline="middle").encode(
            x=across, y=y, text="text:N"
        ),
        words.mark_text(fontSize=11.5, color=INK, align="left", baseline="middle").encode(
            x=across, y=y, text="text:N"
        ),
    ]
    for word, mark in marks.items():
        these = base.transform_filter(alt.datum.word == word)
        for path, fill, stroke in _GLYPHS[SHAPES[mark]]:
            layers.append(
                these.mark_point(
                    shape=path, size=95, strokeWidth=1.4, opacity=1, fill=fill, stroke=stroke
                ).encode(x=across, y=at("below", alt.Y, height))
            )
    return alt.layer(*layers), ()


_ID = re.compile(r'(?<=\bid=")[^"]+(?=")')


def _cleaned(drawn: str, title: str, prefix: str) -> str:
    """Make a picture whole for readers of every kind, and the same each time it is drawn."""
    drawn = re.sub(r'\s(?:role|aria-[a-z]+)="[^"]*"', "", drawn)
    for number, old in enumerate(dict.fromkeys(_ID.findall(drawn))):
        drawn = drawn.replace(f'id="{old}"', f'id="{prefix}-{number}"').replace(
            f"url(#{old})", f"url(#{prefix}-{number})"
        )
    return drawn.replace("<svg ", f'<svg role="img" aria-label={quoteattr(title)} ', 1)
