"""Who bears how much: one need under ten rules side by side, against today's effort.

No rule here is called fair. Each share carries a certificate that it is what its rule says,
and each rule is asked who would rather leave. Reference: docs/explanation/burden.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from comity.errors import UsageError
from comity.evidence import Evidence, derived
from comity.examine.finding import Cell, Chart, Column, Finding, Missing, Quantity, Table
from comity.examine.leaving import Leaving, leaving_table, who_leaves
from comity.examine.potential import (
    caveats_of,
    checked_members,
    quantity,
    sources_of,
    vintage_of,
)
from comity.examine.requirement import Need, need_of
from comity.examine.rounding import words
from comity.examine.savings import by_savings
from comity.examine.shares import (
    EFFORT,
    Division,
    Ends,
    Sheet,
    by_claims,
    by_keys,
    cell,
    rules_table,
    shares_table,
)
from comity.examine.strain import least_strain, strain_tables
from comity.systems import scaling
from comity.systems.allocation import exact
from comity.systems.forcemix import Aim, Mix

__all__ = ["CAP", "EXPONENT", "Need", "burden", "need_of"]

CAP = Fraction(22, 100)
"""No share above this part of the whole, unless asked otherwise: the ceiling of the United
Nations' scale of assessments since 2001 (resolution 55/5 B)."""

EXPONENT = 0.8
"""How much a group needs alone: its weight to this power. A model, varied in every answer."""

_NOT_IN_IT = (
    "who gains how much from what is needed: burdens are divided here, not benefits",
    "what national law, budgets and caveats would let a member give",
    "quality, experience, readiness, and what is given in kind, by hosting or by risk",
    "what a group that leaves would really need: the exponent stands for it",
)


def burden(
    members: Sequence[str],
    need: Need | str,
    *,
    evidence: Evidence,
    known_on: date | None = None,
    without: Sequence[str] = (),
    cap: Fraction = CAP,
    exponent: float = EXPONENT,
    rate: float | None = None,
    limit: float | None = None,
    most: Mapping[str, float] | None = None,
    aim: Aim = "largest",
) -> Finding:
    """Divide a need among members under ten rules, and ask who would rather leave.

    Parameters
    ----------
    members
        ISO 3166-1 alpha-3 codes.
    need
        A `Need`, or its text as `need_of` reads it.
    evidence
        The figures to use.
    known_on
        Only what was public on that day.
    without
        Members taken out first; what their going adds for each other member is shown.
    cap
        The largest part one may bear under the capped key.
    exponent
        Of the savings game: a group of weight w alone needs ``w**exponent`` of the need.
    rate
        US dollars for one euro, if the user gives one. Without it a need in euros is not
        compared with spending in dollars.
    limit
        The part of today's effort that a member gives at most, for the force mix; no limit
        but the whole of it where left out.
    most
        What single members give at most, in the need's unit, for the force mix.
    aim
        As for `force_mix`.

    Returns
    -------
    Finding
        Tables `shares` (every member under every rule), `effort` (against today's), `rules`
        (what each says, its certificate), `leaving` (who would go first, what would hold
        them), `mix` (least strain), and `short` and `without` where they apply.

    Raises
    ------
    UsageError
        If a member or need is unknown, or an option out of range.

    Examples
    --------
    >>> from comity.evidence import load
    >>> found = burden(("DEU", "FRA", "POL"), "personnel=6000", evidence=load(), cap=Fraction(1, 2))
    >>> [str(cell) for cell in found.table("shares").column("equal").values]
    ['2,000 people', '2,000 people', '2,000 people', '6,000 people']
    """
    everyone = checked_members(evidence, members, without)
    asked = need_of(need, evidence, known_on=known_on) if isinstance(need, str) else need
    scaling.checked_exponent(exponent)
    if rate is not None and not 0 < rate < 1000:
        raise UsageError(f"a rate of {rate} is out of range", hint="give US dollars for one euro")
    left = tuple(m for m in everyone if m not in without)
    sheet = Sheet(evidence, left, asked, known_on, rate)
    divisions = [*by_keys(sheet, cap), *by_claims(sheet), *by_savings(sheet, exponent)]
    leaving = [who_leaves(sheet, d, exponent) for d in divisions if d.shares and sheet.weights]
    tables = [shares_table(sheet, divisions), _effort(sheet, divisions), rules_table(divisions)]
    tables.append(leaving_table(sheet, leaving))
    mix = least_strain(sheet, limit, dict(most or {}), aim)
    if mix is not None:
        tables += strain_tables(sheet, mix)
    if without:
        tables.append(_without(evidence, everyone, without, asked, known_on, divisions))
    sentence, figures = _sentence(sheet, divisions, leaving, mix)
    used = tuple(sheet.used.values())
    rows = [evidence.show(i) for f in used for i in f.inputs if "(" not in i]
    return Finding(
        question=f"Who would bear how much of {asked.title} ({asked.amount})"
        + (f" without {', '.join(evidence.name(m) for m in without)}?" if without else "?"),
        sentence=sentence,
        tables=tuple(tables),
        figures=figures,
        assumptions=_assumptions(sheet, cap, exponent, limit, most),
        sources=sources_of(evidence, used),
        not_in_it=_NOT_IN_IT,
        caveats=caveats_of([*rows, *used]),
        missing=_missing(sheet, divisions),
        charts=(
            Chart("interval", sentence, "all", "member", code="code", table="effort", sort="size"),
        ),
        method="division in fractions, certificates checked; "
        + (mix.method if mix else "no force mix"),
        vintage=vintage_of(evidence, used, known_on),
    )


def _effort(sheet: Sheet, divisions: Sequence[Division]) -> Table:
    measure = EFFORT[sheet.need.kind]
    today, part, spread, ratio = [], [], [], []
    for m in sheet.members:
        figure = sheet.effort[m]
        today.append(quantity(figure))
        share = derived.share(sheet.evidence, measure, (m,), sheet.members, known_on=sheet.known_on)
        sheet.used[share.id] = share
        part.append(quantity(share))
        at = [d.shares[m] for d in divisions if m in d.shares]
        if not at:
            spread.append(Quantity(None, unit=sheet.need.amount.unit))
            ratio.append(Quantity(None, unit="%"))
            continue
        ends = (
            min(e[0] for e in at),
            sorted(e[1] for e in at)[len(at) // 2],
            max(e[2] for e in at),
        )
        spread.append(cell(sheet, ends))
        claim = sheet.claims(m)
        if claim is None or not claim[0]:
            ratio.append(Quantity(None, unit="%"))
        else:
            low, value, high = (
                float(100 * e / c) for e, c in zip(ends, (claim[2], claim[1], claim[0]))
            )
            ratio.append(Quantity(value, low, high, unit="%"))
    title = sheet.evidence.measure(measure).title
    unit = sheet.evidence.measure(measure).unit
    return Table(
        "effort",
        f"Against today's effort: {title.lower()}"
        + (f" ({sheet.comparable})" if sheet.comparable else ""),
        (
            Column("member", "Member", tuple(sheet.evidence.name(m) for m in sheet.members)),
            Column("today", "Today", tuple(today), unit=unit),
            Column("part", "Part of all today", tuple(part), unit="%"),
            Column("all", "Least to most, all rules", tuple(spread), unit=sheet.need.amount.unit),
            Column("ratio", "That in % of today", tuple(ratio), unit="%"),
            Column("code", "Code", sheet.members),
        ),
    )


def _without(
    evidence: Evidence,
    everyone: Sequence[str],
    without: Sequence[str],
    need: Need,
    known_on: date | None,
    divisions: Sequence[Division],
) -> Table:
    """Show what the going of some adds for each of the others, under the income key."""
    whole = Sheet(evidence, everyone, need, known_on, None)
    before = {d.key: d for d in by_keys(whole, Fraction(1))}["gni"]
    after = next(d for d in divisions if d.key == "gni")
    left = [m for m in everyone if m not in without]

    def row(m: str) -> tuple[Cell, Cell, Cell]:
        old, new = before.shares.get(m), after.shares.get(m)
        more: Ends | None = None
        if old and new:
            more = (new[0] - old[0], new[1] - old[1], new[2] - old[2])
        return cell(whole, old), cell(whole, new), cell(whole, more)

    rows = [row(m) for m in left]
    unit = need.amount.unit
    gone = ", ".join(evidence.name(m) for m in without)
    return Table(
        "without",
        f"What the going of {gone} adds for the others, under {after.title}",
        (
            Column("member", "Member", tuple(evidence.name(m) for m in left)),
            Column("before", "With all", tuple(r[0] for r in rows), unit=unit),
            Column("after", "Without", tuple(r[1] for r in rows), unit=unit),
            Column("more", "More", tuple(r[2] for r in rows), unit=unit),
            Column("code", "Code", tuple(left)),
        ),
    )


def _sentence(
    sheet: Sheet,
    divisions: Sequence[Division],
    leaving: Sequence[Leaving],
    mix: Mix | None,
) -> tuple[str, tuple[Quantity, ...]]:
    amount = sheet.need.amount
    known = [d for d in divisions if d.shares]

    def ends(member: str) -> list[tuple[tuple[Fraction, Fraction, Fraction], str]]:
        found = [(d.shares[member], d.title) for d in known if member in d.shares]
        return sorted(found, key=lambda pair: pair[0][1])

    # Whom the choice of a rule moves most.
    widest = max(sheet.members, key=lambda m: _spread([s[1] for s, _ in ends(m)]))
    at = ends(widest)
    least, most = cell(sheet, at[0][0]), cell(sheet, at[-1][0])
    sentence = (
        f"Of {amount}, divided among {len(sheet.members)} members, "
        f"{sheet.evidence.name(widest)} would bear from {least} ({at[0][1]}) "
        f"to {most} ({at[-1][1]})"
    )
    go = [r for r in leaving if r.most]
    stay = len(leaving) - len(go)
    sentence += f"; in our savings model nobody would be better off alone under {stay} of "
    sentence += f"{len(leaving)} rules"
    if go:
        sentence += ", but some would under the others"
    figures = [amount, least, most]
    if mix is not None and mix.short:
        short = Quantity(mix.short[0].by, unit=amount.unit)
        sentence += f"; within the limits given {short} would be short"
        figures.append(short)
    elif mix is not None:
        strain = Quantity(100 * max(mix.strain), unit="%")
        sentence += f"; at least strain nobody gives more than {strain} of today's effort"
        figures.append(strain)
    return sentence + ".", tuple(figures)


def _spread(values: Sequence[Fraction]) -> Fraction:
    return max(values) - min(values) if values else Fraction(-1)


def _assumptions(
    sheet: Sheet,
    cap: Fraction,
    exponent: float,
    limit: float | None,
    most: Mapping[str, float] | None,
) -> tuple[str, ...]:
    weigh = "population" if sheet.weights_are == "population" else "national income"
    apart = words(100 * (2 ** (1 - exponent) - 1), unit="%")
    said = [
        f"Savings game: a group that leaves provides for itself alone and then needs its part of "
        f"the members' {weigh}, to the power {exponent:g}, of the whole need; two equal halves "
        f"apart need {apart} more than together. No text says so: it is a model, and the "
        "exponent above which somebody leaves is given beside it.",
        "A group leaves if that costs it less than what its members bear together. What holds it "
        "is that difference, borne by the others or found elsewhere.",
        f"The capped key lets nobody bear more than {float(100 * cap):g} %.",
        "Ranges are the worst case: a member's own figure at one end, all others' at the other.",
        "Claims rules take today's effort as what each could bear at most.",
    ]
    if any("stands in" in f.formula for f in sheet.gni.values()):
        said.append("GDP stands in for GNI until a GNI series is imported.")
    if sheet.need.basis:
        said.append(f"The need is counted as: {sheet.need.basis}.")
    if sheet.need.is_additional:
        said.append(
            "The need is additional: it comes on top of today's effort, which does not count "
            "towards it."
        )
    if sheet.rate is not None:
        said.append(f"One euro is {sheet.rate:g} US dollars: given by the user.")
    told = "the whole of it" if limit is None else f"{100 * limit:g} % of it"
    said.append(
        f"Force mix: nobody gives more than {told}"
        + "".join(f"; {m} at most {words(exact(v))}" for m, v in (most or {}).items())
        + ". Heads are not forces: what can really be sent is not in the evidence."
    )
    return tuple(said)


def _missing(sheet: Sheet, divisions: Sequence[Division]) -> tuple[Missing, ...]:
    found = []
    tables = (
        ("gni", sheet.gni, "bears nothing under what goes by national income"),
        ("population", sheet.people, "bears nothing under what goes by population"),
        (
            EFFORT[sheet.need.kind],
            sheet.effort,
            "bears nothing under what goes by today's effort, and the others bear more",
        ),
    )
    for measure, table, effect in tables:
        title = sheet.evidence.measure(measure).title.lower()
        for m, figure in table.items():
            if figure.value is None:
                why = figure.caveats[0] if figure.caveats else "no value"
                found.append(Missing(f"{sheet.evidence.name(m)} ({m})", f"{title}: {why}", effect))
            elif not figure.value:
                found.append(
                    Missing(
                        f"{sheet.evidence.name(m)} ({m})",
                        f"{title} is stated as nought",
                        effect,
                    )
                )
    found += [Missing(d.title, d.why, "the rule gives no shares") for d in divisions if d.why]
    return tuple(found)
