"""Laws of the evidence: names round-trip, sums are monotone, nothing hostile gets through."""

import os
import tempfile
from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import EvidenceError
from comity.evidence import COALITION, derived, load
from comity.evidence.imports import FORMATS, read_file

EXAMPLES = int(os.environ.get("COMITY_FUZZ", "200"))
DAY = date(2026, 11, 22)
WHO = load().group(COALITION)

members = st.lists(st.sampled_from(WHO), min_size=1, max_size=35, unique=True)
measures = st.sampled_from(["active_personnel", "military_expenditure", "warheads_inventory"])


def said(error: EvidenceError) -> None:
    assert error.what
    assert error.hint
    assert len(error.what) < 1_000


names = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from(
            ["sum", "ratio", "get", "share", "rank", "per_head", "(", ")", ";", ",", "|", "-", ":",
             "=", "on", "of", "known_on", "2024", "2026-01-20", "gdp", "population", "FRA", "GBR",
             "EU", "COALITION_2026_01", "wb-wdi", "é", "\0"]
        ),
        max_size=14,
    ).map("".join),
)  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None)
@given(names)
def test_any_name_resolves_or_is_refused_in_words(name):
    try:
        figure = load().show(name)
    except EvidenceError as error:
        said(error)
    else:
        assert load().show(figure.id).value == figure.value


@settings(max_examples=EXAMPLES, deadline=None)
@given(members, measures)
def test_members_written_short_are_the_same_members(who, measure):
    evidence = load()
    written = derived.name(evidence, who)
    assert set(derived.members_of(evidence, written)) == set(who)
    made = derived.total(evidence, measure, who)
    assert evidence.show(made.id).value == made.value


@settings(max_examples=EXAMPLES, deadline=None)
@given(members, st.sampled_from(WHO), measures)
def test_one_more_member_never_lessens_a_total(who, more, measure):
    evidence = load()
    less = derived.total(evidence, measure, [m for m in who if m != more] or [more])
    whole = derived.total(evidence, measure, list(dict.fromkeys([*who, more])))
    for smaller, larger in ((less.low, whole.low), (less.value, whole.value)):
        assert smaller is None or (larger is not None and smaller <= larger)


@settings(max_examples=EXAMPLES, deadline=None)
@given(members, measures)
def test_shares_of_all_members_add_up_to_a_hundred(who, measure):
    evidence = load()
    shares = [derived.share(evidence, measure, (m,), who).value for m in who]
    known = [s for s in shares if s is not None]
    total = derived.total(evidence, measure, who).value
    assert not total or abs(sum(known) - 100) < 1e-6


def kept(raw: bytes, name: str, kind: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(raw)
        try:
            read = read_file(
                path, "fuzz", kind=kind, known_from=DAY, today=DAY,
                options={"year": "2025", "unit": "million US$"},
            )  # fmt: skip
        except EvidenceError as error:
            said(error)
        else:
            for f in read.figures:
                assert f.value is None or (f.low <= f.value <= f.high)


kinds = st.sampled_from(sorted(FORMATS))


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.binary(max_size=600), st.sampled_from(["a.csv", "a.xlsx"]), kinds)
def test_any_bytes_are_read_or_refused_in_words(raw, name, kind):
    kept(raw, name, kind)


cells = st.one_of(
    st.sampled_from(
        ["DEU", "FRA", "Germany", "gdp", "tanks", "2024", "-1", "1e9", "1e99", "nan", "inf", "",
         "US$", "vehicles", "=1", '"', "1,000", "٣", "²", "country", "recipient", "supplier"]
    ),
    st.text(max_size=12),
)  # fmt: skip
heads = st.sampled_from(
    [
        "subject,measure,year,value,unit",
        "subject,measure,year,low,value,high,unit,caveat,known_from",
        "country,2023,2024",
        "recipient,supplier,year of order",
        "country,total bilateral allocations (billion)",
        "country,tanks,ifv",
    ]
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(heads, st.lists(st.lists(cells, max_size=9), max_size=8), kinds)
def test_any_table_is_read_or_refused_in_words(head, rows, kind):
    text = "\n".join([head, *(",".join(row) for row in rows)])
    kept(text.encode("utf-8", "surrogatepass"), "a.csv", kind)
