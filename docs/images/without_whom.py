"""Draw docs/images/without-whom.svg: python docs/images/without_whom.py."""

from pathlib import Path
from xml.sax.saxutils import escape

from comity.charters import load
from comity.evidence import load as load_evidence
from comity.examine.guarantee import KIND_WORDS
from comity.examine.guarantee_report import report

HERE = Path(__file__).parent
LEFT, TOP, STEP, ROW = 236, 92, 18, 22
INK, MUTED, GRID, DANGER = "#1A1C1F", "#4A4E54", "#DADCE0", "#D55E00"
WORDS = {
    "alone": "fails: this member alone",
    "nature": "fails: by the nature of the rule",
    "not known": "not known",
    "holds": "holds",
}


def picture() -> str:
    """Return the strip of members for each obligation of January 2026 and each kind of loss."""
    found = report(load("coalition-of-the-willing"), evidence=load_evidence())
    order = tuple(found.charter.members)
    width = LEFT + STEP * len(order) + 12
    drawn = [
        _text(12, 24, "Without whom would it fail? Coalition of January 2026, one member lost", 15),
        _text(
            12, 43, "Rules of invoking and shared services are a model; positions as reported.", 12
        ),
    ]
    for k, member in enumerate(order):
        x = LEFT + STEP * k + STEP // 2
        drawn.append(
            f'<text transform="translate({x + 4},{TOP - 8}) rotate(-90)" font-size="11" '
            f'fill="{INK}">{member}</text>'
        )
    y = TOP
    for g in found.guarantees:
        drawn.append(_text(12, y + 15, g.obligation.id, 12))
        for kind in ("silent", "refusing", "leaving"):
            drawn.append(_text(LEFT - 8, y + 15, KIND_WORDS[kind], 12, anchor="end"))
            drawn.append(f'<path d="M{LEFT},{y + ROW}H{width - 12}" stroke="{GRID}"/>')
            for cell in g.cells:
                if cell.lost.kind == kind and cell.lost.what == "member":
                    k = order.index(cell.lost.names[0])
                    mark: str = cell.standing
                    if cell.standing == "fails":
                        mark = "nature" if cell.by_nature else "alone"
                    title = f"{cell.lost.names[0]} {KIND_WORDS[kind]}: {cell.standing}"
                    at = (LEFT + STEP * k + STEP / 2, y + ROW / 2)
                    drawn.append(f"<g><title>{escape(title)}</title>{_mark(mark, *at)}</g>")
            y += ROW
        y += 10
    left = 12.0
    for shape, words in WORDS.items():
        drawn.append(_mark(shape, left + 6, y + 14))
        drawn.append(_text(left + 18, y + 18, words, 12))
        left += 34 + 6.6 * len(words)
    source = "Drawn from comity cornerstones coalition-of-the-willing; sources stand in its answer."
    drawn.append(_text(12, y + 42, source, 11, MUTED))
    height = y + 54
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" '
        'font-family="Liberation Sans, Arial, Helvetica, sans-serif">\n'
        f'<rect width="{width}" height="{height}" fill="#FFFFFF"/>\n'
        + "\n".join(drawn)
        + "\n</svg>\n"
    )


def _text(x: float, y: float, words: str, size: int, ink: str = INK, anchor: str = "start") -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{ink}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )


def _mark(mark: str, x: float, y: float) -> str:
    if mark == "holds":
        return f'<circle cx="{x:g}" cy="{y:g}" r="5" fill="{INK}"/>'
    if mark == "not known":
        return f'<circle cx="{x:g}" cy="{y:g}" r="4.5" fill="none" stroke="{MUTED}"/>'
    if mark == "nature":
        return f'<path d="M{x - 5:g},{y:g}h10" stroke="{DANGER}" stroke-width="2.5"/>'
    return (
        f'<path d="M{x - 5:g},{y - 5:g}l10,10m0,-10l-10,10" stroke="{DANGER}" stroke-width="2.5"/>'
    )


if __name__ == "__main__":
    (HERE / "without-whom.svg").write_text(picture(), encoding="utf-8")
