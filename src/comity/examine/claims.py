"""Put what reports claim to a stated test on the evidence and in the examinations.

A verdict is computed, never typed in. What open data leave open says what would decide it; what
needs an examination that does not exist yet is said to be not yet tested, by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from comity.errors import UsageError
from comity.evidence import Evidence, derived
from comity.examine import claim_examinations, claim_tests
from comity.examine.claim_set import (
    VERDICTS,
    Case,
    Claim,
    ClaimSet,
    Part,
    Result,
    charter_of,
    read,
)
from comity.examine.finding import Column, Finding, Missing, Table
from comity.examine.potential import caveats_of, quantity, sources_of, vintage_of

__all__ = ["TESTS", "VERDICTS", "Claim", "Part", "Result", "claims", "evaluate", "read"]

TESTS: Mapping[str, Callable[[Case], Result]] = {
    **claim_tests.TESTS,
    **claim_examinations.TESTS,
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
    charter = charter_of(held.charter)
    found = TESTS[kind](Case(evidence, known_on, members, held.records, charter, part.test))
    if found.verdict == "undecidable from open data" and not found.decides:
        return replace(found, decides=("figures with a narrower range",))
    return found


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
        words and why it ended so), `undecided` (what would decide those that
        open data cannot) and `verdicts` (how many of each).

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
    figures = [f for _, _, r in rows for f in (*r.figures, *r.aside)]
    inputs = [evidence.show(i) for f in figures for i in f.inputs if "(" not in i]
    cited = [s for _, _, r in rows for s in r.sources]
    sources = tuple({s.id: s for s in (*sources_of(evidence, figures), *cited)}.values())
    open_rows = [row for row in rows if row[2].decides]
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
                "undecided",
                "What would decide what open data cannot",
                (
                    Column("number", "No.", tuple(f"{c.number}{p.part}" for c, p, _ in open_rows)),
                    Column("says", "What is claimed", tuple(p.says for _, p, _ in open_rows)),
                    Column(
                        "decides",
                        "What would decide it",
                        tuple("; ".join(r.decides) for _, _, r in open_rows),
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
            "what the charter says of rules, needs and shared services is partly our model",
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
