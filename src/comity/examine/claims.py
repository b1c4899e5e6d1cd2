"""Put what reports claim to a stated test on the evidence.

A verdict is computed, never typed in. Over a range a claim is supported where
the test holds at both ends, not supported where it fails at both, and
undecidable where the range or a missing figure leaves it open. What needs an
examination that does not exist yet is said to be not yet tested, by name.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from comity.errors import UsageError
from comity.evidence import Evidence, Figure, derived
from comity.evidence.shelf import data
from comity.examine.finding import Column, Finding, Missing, Table
from comity.examine.potential import caveats_of, quantity, sources_of, vintage_of

__all__ = ["VERDICTS", "Claim", "Part", "Result", "claims", "evaluate", "read"]

Verdict = Literal[
    "supported",
    "not supported",
    "undecidable from open data",
    "the report itself is wrong here",
    "not yet tested",
]
VERDICTS: tuple[Verdict, ...] = (
    "supported",
    "not supported",
    "undecidable from open data",
    "the report itself is wrong here",
    "not yet tested",
)


@dataclass(frozen=True, slots=True)
class Part:
    """One statement of a claim that can be put to one test."""

    part: str
    says: str
    test: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Claim:
    """What reports claim, who they are, and its parts."""

    number: int
    claim: str
    reports: tuple[int, ...]
    critics: bool
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A dated fact of the public record."""

    id: str
    day: date
    until: date | None
    what: str
    topic: str
    actor: str
    parties: tuple[str, ...]
    where: str


@dataclass(frozen=True, slots=True)
class ClaimSet:
    """Claims with the record they are held against and the day they speak of."""

    title: str
    known_on: date
    members: str
    records: tuple[Record, ...]
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """How a test ended: verdict, the test in words, why, and the figures it rests on."""

    verdict: Verdict
    test: str
    why: str
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    """What a test may look at."""

    evidence: Evidence
    known_on: date
    members: tuple[str, ...]
    records: tuple[Record, ...]
    test: Mapping[str, Any] = field(default_factory=dict)

    def who(self, text: str) -> tuple[str, ...]:
        return derived.members_of(self.evidence, text, on=self.known_on)

    def total(self, measure: str, members: Sequence[str]) -> Figure:
        return derived.total(self.evidence, measure, members, known_on=self.known_on)

    def get(self, measure: str, member: str) -> Figure:
        return self.evidence.get(measure, member, known_on=self.known_on)

    def record(self, key: str) -> Record:
        return next(r for r in self.records if r.id == key)

    def names(self, members: Sequence[str]) -> str:
        return ", ".join(self.evidence.name(m) for m in members)


def read(name: str = "claims-2026-01") -> ClaimSet:
    """Read a shipped set of claims.

    Examples
    --------
    >>> len([c for c in read().claims if c.number <= 15])
    15
    """
    raw = tomllib.loads((data() / f"{name}.toml").read_text(encoding="utf-8"))
    return ClaimSet(
        title=raw["title"],
        known_on=raw["known_on"],
        members=raw["members"],
        records=tuple(
            Record(
                id=r["id"],
                day=r["date"],
                until=r.get("until"),
                what=r["what"],
                topic=r["topic"],
                actor=r["actor"],
                parties=tuple(r["parties"]),
                where=r["where"],
            )
            for r in raw["record"]
        ),
        claims=tuple(
            Claim(
                number=c["number"],
                claim=c["claim"],
                reports=tuple(c["reports"]),
                critics=c.get("critics", False),
                parts=tuple(Part(p["part"], p["says"], p["test"]) for p in c["part"]),
            )
            for c in raw["claim"]
        ),
    )


# Verdicts from ranges


def _ends(figure: Figure) -> tuple[float, float] | None:
    """Return the lowest and highest a figure can be; infinite where members are missing."""
    if figure.value is None:
        return None
    low = figure.value if figure.low is None else figure.low
    high = figure.value if figure.high is None else figure.high
    if figure.missing:
        high = float("inf")
    return low, high


def _decide(low: bool, high: bool) -> Verdict:
    """Judge a test by how it ends at either end of the range."""
    if low and high:
        return "supported"
    return "undecidable from open data" if low or high else "not supported"


def _unknown(test: str, figures: Sequence[Figure]) -> Result:
    gone = [f.caveats[0] for f in figures if f.value is None and f.caveats]
    return Result(
        "undecidable from open data", test, "no figure: " + "; ".join(gone), tuple(figures)
    )


# The tests, one a kind


def _roster_size(case: _Case) -> Result:
    about, within = case.test["about"], case.test["within"]
    have = len(case.members)
    verdict = _decide(*(abs(have - about) <= within,) * 2)
    return Result(
        verdict,
        f"the roster has {about} states, give or take {within}",
        f"{have} states were at the Paris meeting; no official list was published",
    )


def _inside_and_outside(case: _Case) -> Result:
    group = case.test["group"]
    inside = [m for m in case.members if m in case.evidence.group(group, on=case.known_on)]
    outside = [m for m in case.members if m not in inside]
    named = all(n in outside for n in case.test["named"])
    verdict = _decide(*(bool(inside and outside and named),) * 2)
    words = f"some members are in the {group} and some are not"
    if case.test["named"]:
        words += f", {case.names(case.test['named'])} among these"
    return Result(
        verdict, words, f"{len(inside)} are in it, {len(outside)} are not: {case.names(outside)}"
    )


def _place(case: _Case) -> Result:
    members = case.who(case.test["members"])
    at_most, measure = case.test["at_most"], case.test["measure"]
    figure = derived.rank(case.evidence, measure, members, known_on=case.known_on)
    words = f"place {at_most} or better by {_title(case, measure)} among single other states"
    if figure.value is None or figure.low is None or figure.high is None:
        return _unknown(words, (figure,))
    total = case.total(measure, members)
    verdict = _decide(figure.low <= at_most, figure.high <= at_most)
    low, high = int(figure.low), int(figure.high)
    place = f"place {low}" if low == high else f"place {low} to {high}"
    return Result(verdict, words, f"{place} {figure.unit}, with {quantity(total)}", (total, figure))


def _not_place(case: _Case) -> Result:
    found = _place(case)
    turned: dict[Verdict, Verdict] = {"supported": "not supported", "not supported": "supported"}
    return Result(
        turned.get(found.verdict, found.verdict),
        f"not {found.test}",
        found.why,
        found.figures,
    )


def _place_among_groups(case: _Case) -> Result:
    members, measure = case.who(case.test["members"]), case.test["measure"]
    own = case.total(measure, members)
    others = {g: case.total(measure, case.who(g)) for g in case.test["groups"]}
    at_most = case.test["at_most"]
    words = (
        f"place {at_most} or better by {_title(case, measure)} "
        f"beside {', '.join(case.test['groups'])}"
    )
    ends = _ends(own)
    against = {g: _ends(f) for g, f in others.items()}
    known = {g: e for g, e in against.items() if e is not None}
    if ends is None or len(known) < len(others):
        return _unknown(words, (own, *others.values()))
    best = 1 + sum(e[0] > ends[1] for e in known.values())
    worst = 1 + sum(e[1] > ends[0] for e in known.values())
    beside = "; ".join(f"{g} {quantity(f)}" for g, f in others.items())
    place = f"place {best}" if best == worst else f"place {best} to {worst}"
    return Result(
        _decide(best <= at_most, worst <= at_most),
        words,
        f"{place}: {quantity(own)}; {beside}. Alliances overlap; of CSTO and SCO only "
        "some members are listed",
        (own, *others.values()),
    )


_WAYS: Mapping[str, Callable[..., Figure]] = {
    "per_head": derived.per_head,
    "per_gdp": derived.per_gdp,
}


def _first_of_members(case: _Case) -> Result:
    way, measure, member = case.test["way"], case.test["measure"], case.test["member"]
    base = "GDP" if way == "per_gdp" else "head"
    words = f"the most {_title(case, measure)} per {base} of all members"
    own = _WAYS[way](case.evidence, measure, (member,), known_on=case.known_on)
    ends = _ends(own)
    if own.value is None or ends is None:
        return _unknown(words, (own,))
    others = [
        _WAYS[way](case.evidence, measure, (m,), known_on=case.known_on)
        for m in case.members
        if m != member
    ]
    known = [f for f in others if f.value is not None]
    unknown = [f.subject for f in others if f.value is None]
    top = max(known, key=lambda f: f.high or 0)
    low = all((f.high or 0) < (own.low or 0) for f in known)
    high = all((f.low or 0) < (own.high or 0) for f in known)
    why = f"{case.evidence.name(member)} {quantity(own)}; next {case.evidence.name(top.subject)} "
    why += f"{quantity(top)}"
    if unknown:
        why += f"; no value for {case.names(unknown)}"
    return Result(_decide(low, high), words, why, (own, top))


def _place_in_region(case: _Case) -> Result:
    measure, member, at_most = case.test["measure"], case.test["member"], case.test["at_most"]
    own = case.get(measure, member)
    states = [
        c.iso3
        for c in case.evidence.countries.values()
        if c.iso3 != member
        and c.is_state
        and (c.region == case.test["region"] or c.iso3 in case.test["also"])
    ]
    words = (
        f"place {at_most} or better by {_title(case, measure)} in {case.test['region']} "
        f"({case.names(case.test['also'])} counted in)"
    )
    ends = _ends(own)
    if ends is None:
        return _unknown(words, (own,))
    others = [(f, e) for f in (case.get(measure, s) for s in states) if (e := _ends(f))]
    best = 1 + sum(e[0] > ends[1] for _, e in others)
    worst = 1 + sum(e[1] > ends[0] for _, e in others)
    ahead = [f for f, e in others if e[1] > ends[0]]
    place = f"place {best}" if best == worst else f"place {best} to {worst}"
    why = f"{place}: {quantity(own)}; ahead or level: "
    why += ", ".join(f"{case.evidence.name(f.subject)} {quantity(f)}" for f in ahead) or "none"
    return Result(_decide(best <= at_most, worst <= at_most), words, why, (own, *ahead))


def _both_kinds(case: _Case) -> Result:
    members = case.who(case.test["members"])
    figures = [case.get("warheads_inventory", m) for m in members]
    words = "some have nuclear warheads, and some have none"
    if any(f.value is None for f in figures):
        return _unknown(words, figures)
    have = [f for f in figures if f.value]
    verdict = _decide(*(0 < len(have) < len(figures),) * 2)
    with_them = ", ".join(f"{case.evidence.name(f.subject)} {quantity(f)}" for f in have)
    none = case.names([f.subject for f in figures if not f.value])
    return Result(verdict, words, f"{with_them}; none: {none}", tuple(figures))


def _ratio(case: _Case) -> Figure:
    measure = case.test["measure"]
    top = case.total(measure, case.who(case.test["members"]))
    bottom = case.total(measure, case.who(case.test["to"]))
    return derived.ratio(case.evidence, top.id, bottom.id)


def _ratio_words(case: _Case, figure: Figure) -> str:
    top, bottom = (case.evidence.show(i) for i in figure.inputs)
    year = f" ({figure.year})" if figure.year else ""
    return f"{quantity(figure)}: {quantity(top)} against {quantity(bottom)}{year}"


def _ratio_below(case: _Case) -> Result:
    figure, below = _ratio(case), case.test["below"]
    words = f"less than {below} % of {case.names(case.who(case.test['to']))}'s"
    ends = _ends(figure)
    if ends is None:
        return _unknown(words, (figure,))
    parts = tuple(case.evidence.show(i) for i in figure.inputs)
    return Result(
        _decide(ends[0] < below, ends[1] < below),
        words,
        _ratio_words(case, figure),
        (figure, *parts),
    )


def _covers(case: _Case) -> Result:
    own = case.evidence.show(case.test["figure"])
    needs = [case.evidence.show(n) for n in case.test["needs"]]
    words = "as large as each published estimate of what would have to be replaced"
    if any(f.known_from > case.known_on for f in (own, *needs)):
        late = [f.id for f in (own, *needs) if f.known_from > case.known_on]
        return Result(
            "undecidable from open data", words, f"not yet published then: {', '.join(late)}"
        )
    ends = [_ends(f) for f in needs]
    have = _ends(own)
    if have is None or None in ends:
        return _unknown(words, (own, *needs))
    met_low = all(e is not None and have[0] >= e[1] for e in ends)
    met_high = all(e is not None and have[1] >= e[0] for e in ends)
    beside = "; ".join(f"{case.evidence.sources[f.source].publisher}: {quantity(f)}" for f in needs)
    return Result(
        _decide(met_low, met_high), words, f"{quantity(own)} against {beside}", (own, *needs)
    )


def _above(case: _Case) -> Result:
    figure, above = case.evidence.show(case.test["figure"]), case.test["above"]
    words = f"more than {above} {figure.unit}"
    ends = _ends(figure)
    if ends is None or figure.known_from > case.known_on:
        return _unknown(words, (figure,))
    why = f"{quantity(figure)} ({figure.caveats[0]})" if figure.caveats else f"{quantity(figure)}"
    return Result(_decide(ends[0] > above, ends[1] > above), words, why, (figure,))


def _texts_name(case: _Case) -> Result:
    members = case.who(case.test["members"])
    pattern = re.compile(r"\b(" + "|".join(map(re.escape, case.test["words"])) + r")\b")
    texts = {m: case.evidence.military_text(m).get("equipment", "") for m in members}
    have = [m for m, t in texts.items() if t]
    named = [m for m in have if pattern.search(texts[m])]
    more_than = case.test["more_than"]
    quoted = " or ".join(f'"{w}"' for w in case.test["words"])
    words = f"more than {more_than} % of the World Factbook's texts on equipment name {quoted}"
    if not have:
        return Result("undecidable from open data", words, "no text is held")
    met = 100 * len(named) > more_than * len(have)
    lack = [m for m in members if not texts[m]]
    why = f"{len(named)} of {len(have)} texts do"
    if lack:
        why += f"; no text for {case.names(lack)}"
    return Result(_decide(met, met), words, why)


def _on_record(case: _Case) -> Result:
    record = case.record(case.test["record"])
    words = "the public record holds it, and it touches only members"
    met = record.day <= case.known_on and set(record.parties) <= set(case.members)
    return Result(
        _decide(met, met),
        words,
        f"{record.day.isoformat()}: {record.what}; {case.names(record.parties)}. {record.where}",
    )


def _out_of_office(case: _Case) -> Result:
    record = case.record(case.test["record"])
    words = "the term of office had ended on that day"
    sitting = record.day <= case.known_on and (record.until is None or case.known_on < record.until)
    until = f" to {record.until.isoformat()}" if record.until else ""
    return Result(
        "the report itself is wrong here" if sitting else "supported",
        words,
        f"{record.what}: {record.day.isoformat()}{until}. {record.where}",
    )


def _actor_is(case: _Case) -> Result:
    said, topic = case.test["said"], case.test["topic"]
    held = [r for r in case.records if r.topic == topic and r.day <= case.known_on]
    words = f"the record on {topic} names {case.evidence.name(said)} as the one who acted"
    if not held:
        return Result("undecidable from open data", words, f"nothing on record about {topic}")
    actors = {r.actor for r in held}
    verdict: Verdict = "supported" if said in actors else "the report itself is wrong here"
    return Result(
        verdict,
        words,
        "; ".join(f"{r.day.isoformat()}: {r.what}. {r.where}" for r in held),
    )


def _no_open_data(case: _Case) -> Result:
    return Result(
        "undecidable from open data",
        "none: nothing open measures it",
        "it would need " + "; ".join(case.test["needs"]),
    )


def _later(case: _Case) -> Result:
    name = case.test["examination"]
    return Result("not yet tested", f"the examination: {name}", f"waits for: {name}")


def _title(case: _Case, measure: str) -> str:
    return case.evidence.measure(measure).title.lower()


TESTS: Mapping[str, Callable[[_Case], Result]] = {
    "roster_size": _roster_size,
    "inside_and_outside": _inside_and_outside,
    "place": _place,
    "not_place": _not_place,
    "place_among_groups": _place_among_groups,
    "first_of_members": _first_of_members,
    "place_in_region": _place_in_region,
    "both_kinds": _both_kinds,
    "ratio_below": _ratio_below,
    "covers": _covers,
    "above": _above,
    "texts_name": _texts_name,
    "on_record": _on_record,
    "out_of_office": _out_of_office,
    "actor_is": _actor_is,
    "no_open_data": _no_open_data,
    "later": _later,
}


def evaluate(part: Part, *, evidence: Evidence, known_on: date, held: ClaimSet) -> Result:
    """Carry out the test of one part on the evidence.

    Raises
    ------
    UsageError
        If the part asks for a test that does not exist.
    """
    kind = part.test["kind"]
    if kind not in TESTS:
        raise UsageError(f"there is no test {kind!r}", hint="tests are: " + ", ".join(TESTS))
    members = derived.members_of(evidence, held.members, on=known_on)
    return TESTS[kind](_Case(evidence, known_on, members, held.records, part.test))


def claims(
    *, evidence: Evidence, known_on: date | None = None, held: ClaimSet | None = None
) -> Finding:
    """Put every claim to its test and give the verdicts, the critics' marked.

    Parameters
    ----------
    evidence
        The figures to use.
    known_on
        Only what was public on that day; the day of the claims where left out.
    held
        The claims; those of January 2026 where left out.

    Returns
    -------
    Finding
        Tables `claims` (verdict and figure of each part), `tests` (the test in
        words and why it ended so) and `verdicts` (how many of each).

    Examples
    --------
    >>> from comity.evidence import load
    >>> finding = claims(evidence=load())
    >>> table = finding.table("claims")
    >>> dict(zip(table.column("number").values, table.column("verdict").values))["17a"]
    'the report itself is wrong here'
    """
    held = held or read()
    day = known_on or held.known_on
    rows: list[tuple[Claim, Part, Result]] = [
        (claim, part, evaluate(part, evidence=evidence, known_on=day, held=held))
        for claim in held.claims
        for part in claim.parts
    ]
    figures = [f for _, _, result in rows for f in result.figures]
    inputs = [evidence.show(i) for f in figures for i in f.inputs if "(" not in i]
    sources = sources_of(evidence, figures)
    counts = {v: sum(result.verdict == v for _, _, result in rows) for v in VERDICTS}
    numbers = tuple(f"{claim.number}{part.part}" for claim, part, _ in rows)
    said = ", ".join(f"{counts[v]} {v}" for v in VERDICTS if counts[v])
    shown = [f for f in figures if f.value is not None]
    return Finding(
        question=held.title,
        sentence=f"Of {len(rows)} statements in {len(held.claims)} claims: {said}.",
        tables=(
            Table(
                "claims",
                held.title,
                (
                    Column("number", "No.", numbers),
                    Column("says", "What is claimed", tuple(part.says for _, part, _ in rows)),
                    Column(
                        "whose",
                        "Whose",
                        tuple("critics" if claim.critics else "reports" for claim, _, _ in rows),
                    ),
                    Column("verdict", "Verdict", tuple(r.verdict for _, _, r in rows)),
                    Column(
                        "figure",
                        "Figure",
                        tuple(
                            quantity(r.figures[0])
                            if r.figures and r.figures[0].value is not None
                            else ""
                            for _, _, r in rows
                        ),
                    ),
                ),
            ),
            Table(
                "tests",
                "How each was tested, and why it ended so",
                (
                    Column("number", "No.", numbers),
                    Column("test", "Test", tuple(r.test for _, _, r in rows)),
                    Column("why", "Why", tuple(r.why for _, _, r in rows)),
                    Column(
                        "reports",
                        "Reports",
                        tuple(" ".join(map(str, claim.reports)) for claim, _, _ in rows),
                    ),
                ),
            ),
            Table(
                "verdicts",
                "Verdicts",
                (
                    Column("verdict", "Verdict", tuple(VERDICTS)),
                    Column("count", "Statements", tuple(counts[v] for v in VERDICTS)),
                ),
            ),
        ),
        figures=(),
        assumptions=(
            "each claim is cut into statements that one test can decide; the tests are ours",
            "over a range: supported if the test holds at both ends, not supported if at neither",
        ),
        sources=sources,
        not_in_it=("forecasts, wishes and motives, which no open figure decides",),
        caveats=caveats_of([*inputs, *figures]),
        missing=tuple(
            Missing(
                evidence.name(f.subject),
                f"{f.measure.replace('_', ' ')}: {(f.caveats or ('no value',))[0]}",
                "the claims that rest on it are not decided",
            )
            for f in figures
            if f.value is None
        ),
        method=f"stated tests on {len({f.id for f in shown})} figures",
        vintage=vintage_of(evidence, figures, day),
    )
