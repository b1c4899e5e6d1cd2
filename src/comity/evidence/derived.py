"""Figures made of figures: a small bounded language that names them and computes them anew.

    sum(MEASURE;MEMBERS)                 total of the members' figures
    share(MEASURE;MEMBERS;of=MEMBERS)    their total in per cent of others' total
    per_head(MEASURE;MEMBERS)            total divided by population
    per_gdp(MEASURE;MEMBERS)             total in per cent of GDP
    rank(MEASURE;MEMBERS)                place of their total among single other states
    ratio(NAME|NAME)                     one figure in per cent of another, or per unit of it
    get(MEASURE;SUBJECT)                 the figure that would be used, missing ones included

MEMBERS are codes and groups with commas between them; a minus takes one out:
COALITION_2026_01,-GBR. Any of them may end in ;on=YEAR and ;known_on=DATE. Range
arithmetic is worst case: all lows together, all highs together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from comity.errors import EvidenceError
from comity.evidence.figure import Figure, parse_date
from comity.evidence.figures import Figures
from comity.evidence.members import members_of, name

__all__ = [
    "figure_named",
    "get_id",
    "members_of",
    "name",
    "per_gdp",
    "per_head",
    "rank",
    "ratio",
    "resolve",
    "share",
    "total",
]

LONGEST, DEEPEST = 4_000, 4
_HINT = "for example sum(active_personnel;FRA,GBR;known_on=2026-01-20)"


@dataclass(frozen=True, slots=True)
class _Times:
    on: int | None = None
    known_on: date | None = None

    @property
    def text(self) -> str:
        return (f";on={self.on}" if self.on is not None else "") + (
            f";known_on={self.known_on.isoformat()}" if self.known_on else ""
        )


def _wrong(text: str, why: str) -> EvidenceError:
    return EvidenceError(f"{text[:120]!r} is not the name of a derived figure: {why}", hint=_HINT)


# Making


def _made(
    made_id: str,
    measure: str,
    subject: str,
    unit: str,
    numbers: tuple[float | None, float | None, float | None],
    formula: str,
    inputs: Sequence[Figure],
    missing: Sequence[str],
    notes: Sequence[str] = (),
) -> Figure:
    known = [f for f in inputs if f.value is not None]
    notes = list(notes)
    for f in inputs:
        notes.extend(f"{f.subject}: {c}" if f.subject not in subject else c for c in f.caveats)
    low, value, high = numbers
    return Figure(
        id=made_id,
        subject=subject,
        measure=measure,
        year=max((f.year for f in known), default=0),
        low=low,
        value=value,
        high=high,
        unit=unit,
        source=" ".join(dict.fromkeys(s for f in known for s in f.source.split())),
        retrieved=max((f.retrieved for f in known if f.retrieved), default=None),
        licence=" ".join(dict.fromkeys(s for f in known for s in f.licence.split())),
        known_from=max((f.known_from for f in known), default=date.min),
        formula=formula,
        caveats=_grouped(notes),
        inputs=tuple(f.id for f in inputs),
        missing=tuple(missing),
    )


def _grouped(notes: Sequence[str]) -> tuple[str, ...]:
    """Say a caveat that many members share once, with their codes before it."""
    by_text: dict[str, list[str]] = {}
    for note in notes:
        code, _, text = note.partition(": ")
        if re.fullmatch(r"[A-Z]{3}(, [A-Z]{3})*", code) and text:
            by_text.setdefault(text, []).extend(
                c for c in code.split(", ") if c not in by_text.get(text, [])
            )
        else:
            by_text.setdefault(note, [])
    return tuple(f"{_codes(codes)}: {t}" if codes else t for t, codes in by_text.items())


def _codes(codes: Sequence[str]) -> str:
    return ", ".join(codes) if len(codes) <= 8 else f"{len(codes)} members"


def total(
    evidence: Figures,
    measure: str,
    members: Sequence[str],
    *,
    on: int | None = None,
    known_on: date | None = None,
) -> Figure:
    """Add the members' figures; members without one are named and make it a lower bound.

    Examples
    --------
    >>> from comity.evidence import load
    >>> made = total(load(), "warheads_inventory", ("FRA", "GBR"))
    >>> made.value, made.id
    (515, 'sum(warheads_inventory;FRA,GBR)')
    """
    m = evidence.measure(measure)
    if not m.additive:
        raise EvidenceError(
            f"{measure} cannot be added up over members",
            hint="shares and positions are no quantities; use per_gdp or look at each member",
        )
    figures = evidence.table(measure, members, on=on, known_on=known_on)
    known = [f for f in figures if f.value is not None]
    missing = [f.subject for f in figures if f.value is None]
    numbers: tuple[float | None, float | None, float | None] = (None, None, None)
    if known:
        numbers = (
            sum(f.low for f in known if f.low is not None),
            sum(f.value for f in known if f.value is not None),
            sum(f.high for f in known if f.high is not None),
        )
    notes = [f"a lower bound: no value for {', '.join(missing)}"] if missing and known else []
    times = _Times(on, known_on)
    subject = name(evidence, members, on=known_on)
    return _made(
        f"sum({measure};{subject}{times.text})",
        measure,
        subject,
        m.unit,
        numbers,
        f"sum of {len(known)} of {len(figures)} members",
        figures,
        missing,
        notes,
    )


def _divide(top: Figure, bottom: Figure, factor: float = 1.0) -> tuple[float | None, ...]:
    if top.value is None or bottom.value is None or not bottom.value:
        return (None, None, None)
    low = top.value if top.low is None else top.low
    high = top.value if top.high is None else top.high
    least = bottom.value if bottom.low is None else bottom.low
    most = bottom.value if bottom.high is None else bottom.high
    if least <= 0 or low < 0:
        return (None, None, None)
    return (factor * low / most, factor * top.value / bottom.value, factor * high / least)


def _bound_notes(top: Figure, bottom: Figure) -> list[str]:
    if top.missing and bottom.missing:
        return ["members are missing above and below the line: only the known part is compared"]
    if top.missing:
        return [f"a lower bound: no value for {', '.join(top.missing)}"]
    if bottom.missing:
        return [f"an upper bound: no value for {', '.join(bottom.missing)}"]
    return []


def _quotient(
    made_id: str,
    measure: str,
    unit: str,
    top: Figure,
    bottom: Figure,
    formula: str,
    factor: float = 1.0,
) -> Figure:
    low, value, high = _divide(top, bottom, factor)
    notes = _bound_notes(top, bottom)
    for f in (top, bottom):
        notes.extend(c for c in f.caveats if not c.startswith(("a lower bound", "an upper bound")))
    bare = [
        Figure(**{**{k: getattr(f, k) for k in Figure.__slots__}, "caveats": ()})
        for f in (top, bottom)
    ]
    missing = tuple(dict.fromkeys((*top.missing, *bottom.missing)))
    return _made(
        made_id, measure, top.subject, unit, (low, value, high), formula, bare, missing, notes
    )


def ratio(evidence: Figures, top: str, bottom: str) -> Figure:
    """Divide one figure by another, both given by name; in per cent where units agree.

    Examples
    --------
    >>> from comity.evidence import load
    >>> made = ratio(load(), "sum(warheads_inventory;FRA,GBR)", "get(warheads_inventory;RUS)")
    >>> round(made.value, 1), made.unit
    (9.4, '%')
    """
    return _ratio(
        f"ratio({top}|{bottom})", figure_named(evidence, top), figure_named(evidence, bottom)
    )


def _ratio(made_id: str, above: Figure, below: Figure) -> Figure:
    same = above.unit == below.unit
    unit = "%" if same else f"{above.unit} / {below.unit}"
    factor = 100.0 if same else 1.0
    formula = "first / second"
    return _quotient(made_id, f"ratio of {above.measure}", unit, above, below, formula, factor)


def _known_for_both(
    evidence: Figures, members: Sequence[str], measures: Sequence[str], times: _Times
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    have: list[str] = []
    lack: list[str] = []
    for member in members:
        values = [
            evidence.get(m, member, on=times.on, known_on=times.known_on).value for m in measures
        ]
        (lack if None in values else have).append(member)
    return tuple(have), tuple(lack)


def _per(
    evidence: Figures,
    function: str,
    measure: str,
    base: str,
    members: Sequence[str],
    times: _Times,
    unit: str,
    factor: float,
) -> Figure:
    """Divide totals over those members who have both figures, and name the others."""
    have, lack = _known_for_both(evidence, members, (measure, base), times)
    made_id = f"{function}({measure};{name(evidence, members, on=times.known_on)}{times.text})"
    if not have:
        return _made(
            made_id,
            measure,
            name(evidence, members, on=times.known_on),
            unit,
            (None, None, None),
            f"{measure} / {base}",
            (),
            lack,
            [
                f"{f.subject}: {f.caveats[0]}"
                for m in (measure, base)
                for f in evidence.table(m, lack, on=times.on, known_on=times.known_on)
                if f.value is None and f.caveats
            ],
        )
    top = total(evidence, measure, have, on=times.on, known_on=times.known_on)
    bottom = total(evidence, base, have, on=times.on, known_on=times.known_on)
    made = _quotient(made_id, measure, unit, top, bottom, f"{measure} / {base}", factor)
    notes = made.caveats
    if lack:
        notes = (f"left out above and below, for want of a value: {', '.join(lack)}", *notes)
    return Figure(
        **{
            **{k: getattr(made, k) for k in Figure.__slots__},
            "subject": name(evidence, members, on=times.known_on),
            "missing": lack,
            "caveats": notes,
        }
    )


def per_head(
    evidence: Figures,
    measure: str,
    members: Sequence[str],
    *,
    on: int | None = None,
    known_on: date | None = None,
) -> Figure:
    """Divide the members' total by their population; people per 1,000 people."""
    unit = evidence.measure(measure).unit
    told, factor = ("per 1,000 people", 1000.0) if unit == "people" else (f"{unit} a head", 1.0)
    times = _Times(on, known_on)
    return _per(evidence, "per_head", measure, "population", members, times, told, factor)


def per_gdp(
    evidence: Figures,
    measure: str,
    members: Sequence[str],
    *,
    on: int | None = None,
    known_on: date | None = None,
) -> Figure:
    """Divide the members' total by their GDP: money in per cent, else per billion US$."""
    unit = evidence.measure(measure).unit
    told, factor = ("% of GDP", 100.0) if unit == "US$" else (f"{unit} per billion US$ of GDP", 1e9)
    times = _Times(on, known_on)
    return _per(evidence, "per_gdp", measure, "gdp", members, times, told, factor)


def share(
    evidence: Figures,
    measure: str,
    members: Sequence[str],
    of: Sequence[str],
    *,
    on: int | None = None,
    known_on: date | None = None,
) -> Figure:
    """Give the members' total in per cent of the total of `of`."""
    top = total(evidence, measure, members, on=on, known_on=known_on)
    bottom = total(evidence, measure, of, on=on, known_on=known_on)
    times = _Times(on, known_on)
    who, whole = (name(evidence, m, on=known_on) for m in (members, of))
    made_id = f"share({measure};{who};of={whole}{times.text})"
    made = _quotient(made_id, measure, "%", top, bottom, "first total / second total", 100.0)
    if made.value is None or not set(members) <= set(of):
        return made
    # A part moves its whole along: its lowest share is against the others' highest.
    rest = [m for m in of if m not in members]
    others = total(evidence, measure, rest, on=on, known_on=known_on) if rest else None
    low, high = 100.0, 100.0
    if others is not None and others.value is not None:
        a, b, c, d = (x or 0 for x in (top.low, others.high, top.high, others.low))
        low = 100 * a / (a + b) if a + b else made.value
        high = 100 * c / (c + d) if c + d else made.value
    return Figure(**{**{k: getattr(made, k) for k in Figure.__slots__}, "low": low, "high": high})


def rank(
    evidence: Figures,
    measure: str,
    members: Sequence[str],
    *,
    on: int | None = None,
    known_on: date | None = None,
) -> Figure:
    """Rank the members' total among single states that are not members; 1 is the largest.

    Range: the place if all doubts go for the members, and if all go against them.
    """
    made = total(evidence, measure, members, on=on, known_on=known_on)
    subject, times = made.subject, _Times(on, known_on)
    others = [
        evidence.get(measure, s, on=on, known_on=known_on)
        for s in evidence.subjects(measure)
        if s not in members and s in evidence.countries and evidence.countries[s].is_state
    ]
    known = [f for f in others if f.value is not None]
    unknown = [f.subject for f in others if f.value is None]
    numbers: tuple[float | None, float | None, float | None] = (None, None, None)
    if made.value is not None:
        low = made.value if made.low is None else made.low
        high = made.value if made.high is None else made.high
        numbers = (
            1 + sum((f.value if f.low is None else f.low) > high for f in known if f.value),
            1 + sum(f.value > made.value for f in known if f.value is not None),
            1 + sum((f.value if f.high is None else f.high) > low for f in known if f.value),
        )
    notes = []
    if made.missing and made.value is not None:
        notes.append(f"at worst: no value for {', '.join(made.missing)}, who could only lift it")
    if unknown:
        shown = ", ".join(unknown[:8]) + (" and others" if len(unknown) > 8 else "")
        notes.append(f"{len(unknown)} other states have no value and are not ranked: {shown}")
    return _made(
        f"rank({measure};{subject}{times.text})",
        f"rank by {measure}",
        subject,
        f"of {len(known) + 1}",
        numbers,
        "1 + number of other single states with more",
        [made],
        made.missing,
        notes,
    )


def get_id(
    measure: str, subject: str, *, on: int | None = None, known_on: date | None = None
) -> str:
    """Return the name of whatever figure would be used."""
    return f"get({measure};{subject}{_Times(on, known_on).text})"


# Resolving


def figure_named(evidence: Figures, text: str) -> Figure:
    """Return the figure of that name: a published row, or a derived one computed anew."""
    return resolve(text, evidence) if "(" in text else evidence.published(text)


def resolve(text: str, evidence: Figures, *, depth: int = 0) -> Figure:
    """Compute a derived figure anew from its name.

    Raises
    ------
    EvidenceError
        If the name is malformed, too long, nested too deep or names what does not exist.
    """
    if len(text) > LONGEST:
        raise _wrong(text, f"it has more than {LONGEST:,} characters")
    if depth > DEEPEST:
        raise _wrong(text, f"it is nested deeper than {DEEPEST}")
    if "(" not in text:
        return evidence.published(text)
    function, _, rest = text.partition("(")
    if not rest.endswith(")"):
        raise _wrong(text, "the closing bracket is missing")
    inside = rest[:-1]
    if function == "ratio":
        top, bottom = _halves(text, inside)
        above = resolve(top, evidence, depth=depth + 1)
        below = resolve(bottom, evidence, depth=depth + 1)
        return _ratio(text, above, below)
    parts = inside.split(";")
    if len(parts) < 2:
        raise _wrong(text, "it needs a measure and members with a semicolon between them")
    measure, who, *options = parts
    given: dict[str, str] = {}
    for option in options:
        key, equals, value = option.partition("=")
        if not equals or key not in ("on", "known_on", "of") or key in given:
            raise _wrong(text, f"{option[:40]!r} is not one of on=, known_on=, of=")
        given[key] = value
    if ("of" in given) != (function == "share"):
        raise _wrong(text, "of= belongs to share, and share needs it")
    times = _times(text, given)
    if function == "get":
        if not re.fullmatch(r"[A-Z_]{2,40}", who):
            raise _wrong(text, f"{who[:40]!r} is not a subject")
        evidence.measure(measure)
        return evidence.get(measure, who, on=times.on, known_on=times.known_on)
    members = members_of(evidence, who, on=times.known_on)
    if function == "share":
        of = members_of(evidence, given["of"], on=times.known_on)
        return share(evidence, measure, members, of, on=times.on, known_on=times.known_on)
    functions: dict[str, Callable[..., Figure]] = {
        "sum": total,
        "per_head": per_head,
        "per_gdp": per_gdp,
        "rank": rank,
    }
    if function not in functions:
        raise _wrong(text, f"there is no function {function[:40]!r}")
    return functions[function](evidence, measure, members, on=times.on, known_on=times.known_on)


def _times(text: str, given: dict[str, str]) -> _Times:
    on = given.get("on")
    if on is not None and not re.fullmatch(r"[12][0-9]{3}", on):
        raise _wrong(text, f"{on[:40]!r} is not a year")
    day = given.get("known_on")
    return _Times(int(on) if on else None, parse_date(day, what="known_on") if day else None)


def _halves(text: str, inside: str) -> tuple[str, str]:
    level = 0
    cuts = []
    for place, sign in enumerate(inside):
        level += (sign == "(") - (sign == ")")
        if sign == "|" and level == 0:
            cuts.append(place)
    if len(cuts) != 1:
        raise _wrong(text, "ratio needs two figures with one | between them")
    return inside[: cuts[0]], inside[cuts[0] + 1 :]
