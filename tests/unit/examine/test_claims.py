"""Claims put to their tests: verdicts follow from figures and change with them."""

from datetime import date
from pathlib import Path

import pytest

from comity.errors import UsageError
from comity.evidence import Evidence, Figure, load
from comity.examine.claims import TESTS, VERDICTS, Part, claims, evaluate, read

LATER = date(2026, 11, 22)


@pytest.fixture(scope="module")
def finding():
    return claims(evidence=load())


def verdicts(finding):
    table = finding.table("claims")
    return dict(zip(table.column("number").values, table.column("verdict").values, strict=True))


def test_the_fifteen_are_there_with_who_made_them_and_the_two_that_err():
    held = read()
    assert [c.number for c in held.claims] == list(range(1, 18))
    assert all(c.reports and c.claim for c in held.claims)
    assert any(c.critics for c in held.claims)
    assert any(not c.critics for c in held.claims)


def test_every_test_exists_and_is_used():
    used = {p.test["kind"] for c in read().claims for p in c.parts}
    assert used == set(TESTS)


def test_the_verdicts_of_january_2026(finding):
    found = verdicts(finding)
    assert {k for k, v in found.items() if v == "supported"} == {
        "1a", "1b", "2a", "2b", "3a", "3c", "4a", "5a", "5b", "7a", "7b", "8a", "9a", "15b",
    }  # fmt: skip
    assert {k for k, v in found.items() if v == "not supported"} == {"2c", "6a"}
    assert {k for k, v in found.items() if v == "undecidable from open data"} == {
        "2d", "3b", "3d", "6c", "7c", "15a",
    }  # fmt: skip
    assert {k for k, v in found.items() if v == "the report itself is wrong here"} == {
        "16a",
        "17a",
    }
    assert set(found.values()) == set(VERDICTS)


def test_what_waits_for_a_later_examination_names_it(finding):
    table = finding.table("tests")
    waits = dict(zip(table.column("number").values, table.column("why").values, strict=True))
    for number, verdict in verdicts(finding).items():
        assert (verdict == "not yet tested") == waits[number].startswith("waits for: ")


def test_a_later_day_decides_what_january_could_not(finding):
    later = claims(evidence=load(), known_on=LATER)
    changed = {k for k, v in verdicts(later).items() if v != verdicts(finding)[k]}
    assert changed == {"3b"}
    assert verdicts(later)["3b"] == "supported"
    assert later.vintage.known_on == LATER
    assert "sipri-milex-2026-04" in dict(later.vintage.used)


def test_verdicts_follow_the_figures_and_are_not_typed_in():
    """With a French arsenal as large as Russia's, the critics' claim fails."""
    base = load().get("warheads_inventory", "FRA")
    source = load().sources[base.source]
    values = {f: getattr(base, f) for f in Figure.__slots__}
    values |= {"id": "warheads_inventory:FRA:2025:own-x", "source": "own-x"}
    values |= {"low": 5_000, "value": 5_000, "high": 5_000}
    own = type(source)(
        **{**{k: getattr(source, k) for k in source.__slots__}, "id": "own-x", "rank": 0}
    )
    other = claims(evidence=Evidence([Figure(**values)], {"own-x": own}))
    assert verdicts(other)["5a"] == "not supported"
    values |= {"low": 200}
    other = claims(evidence=Evidence([Figure(**values)], {"own-x": own}))
    assert verdicts(other)["5a"] == "undecidable from open data"


def test_before_anything_was_published_nothing_is_decided():
    early = verdicts(claims(evidence=load(), known_on=date(2012, 1, 1)))
    for number in ("2a", "2b", "2c", "3a", "3c", "4a", "5a", "6a", "7a", "17a"):
        assert early[number] == "undecidable from open data"
    assert early["16a"] == "supported"


def test_every_figure_resolves(finding):
    evidence = load()
    traced = [q for q in finding.quantities() if q.id]
    assert len(traced) > 8
    for q in traced:
        assert evidence.show(q.id).id == q.id


def test_an_unknown_test_is_refused():
    with pytest.raises(UsageError, match="no test"):
        evaluate(Part("a", "x", {"kind": "guess"}), evidence=load(), known_on=LATER, held=read())


def test_the_example_is_the_file_that_is_shipped():
    root = Path(__file__).resolve().parents[3]
    example = root / "examples" / "claims-2026-01" / "claims.toml"
    shipped = root / "src" / "comity" / "evidence" / "data" / "claims-2026-01.toml"
    assert example.read_bytes() == shipped.read_bytes()
