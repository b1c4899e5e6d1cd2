"""What holds for every charter that is shipped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from comity import charters, evidence
from comity.core.charter import Charter
from comity.core.reading import examine
from comity.errors import UsageError

NAMES = (
    "coalition-of-the-willing",
    "eu-council",
    "european-security-council",
    "joint-expeditionary-force",
    "nato-ukraine-council",
    "north-atlantic-council",
    "osce",
    "un-security-council",
)
shipped = pytest.mark.parametrize("name", NAMES)


def statements(charter: Charter) -> Iterator[tuple[str, str]]:
    """Yield everything that must cite a source, in words, with the source it cites."""
    for entry in charter.rules.values():
        yield f"rule {entry.id}", entry.source
    for organ in charter.organs.values():
        yield f"organ {organ.id}", organ.source
    for procedure in charter.procedures.values():
        yield f"procedure {procedure.id}", procedure.source
    for table in charter.weights:
        yield f"weights {table.name} from {table.since}", table.source
    for rotation in charter.rotations.values():
        yield f"rotation {rotation.id}", rotation.source
    for obligation in charter.obligations.values():
        yield f"obligation {obligation.id}", obligation.source
        for need in obligation.needs:
            yield f"need {need.line}", need.source
    for change in charter.changes.values():
        yield f"change {change.kind}", change.source


def test_the_eight_charters_are_shipped_by_name():
    assert charters.names() == NAMES


@shipped
def test_a_shipped_charter_reads_without_a_fault(name):
    charter, faults = examine(charters.text(name))
    assert faults == ()
    assert charter is not None
    assert charter.id == name


@shipped
def test_everything_it_says_cites_a_source(name):
    charter = charters.load(name)
    assert [what for what, source in statements(charter) if not source] == []
    assert charter.cites


@shipped
def test_what_is_marked_as_text_cites_no_model_and_a_model_rule_says_so(name):
    charter = charters.load(name)
    kind = {source.id: source.kind for source in charter.sources.values()}
    marked = (*charter.rules.values(), *charter.organs.values(), *charter.obligations.values())
    assert [m.id for m in marked if m.grounds == "text" and kind[m.source] == "model"] == []
    rules = charter.rules.values()
    assert [r.id for r in rules if r.grounds == "model" and kind[r.source] != "model"] == []


@shipped
def test_every_source_is_cited_and_one_not_looked_up_says_so(name):
    charter = charters.load(name)
    told = " ".join(o.note for o in charter.obligations.values())
    cited = {source for _, source in statements(charter)} | set(charter.cites)
    lists_members = {"accession", "eu-entry", "finnish-page", "participating-states"}
    lists_members |= {"terms-2024", "terms-2026", "presidency", "presidencies"}
    lists_members |= {"co-chairs", "namibia"}
    for source in charter.sources.values():
        assert source.id in cited | lists_members or source.id in told, source.id
        assert source.title
        if source.kind == "general knowledge":
            assert "check before" in source.note, source.id
        if source.kind in ("text", "press", "data"):
            assert source.where, source.id
            assert source.date, source.id


@pytest.mark.parametrize(
    ("name", "organ", "count"),
    [
        pytest.param("coalition-of-the-willing", "leaders", 35, id="the 35 of Paris"),
        pytest.param("coalition-of-the-willing", "washington-group", 7, id="six and Ukraine"),
        pytest.param("european-security-council", "council", 12, id="twelve seats"),
        pytest.param("north-atlantic-council", "council", 32, id="32 allies"),
        pytest.param("nato-ukraine-council", "council", 33, id="the allies and Ukraine"),
        pytest.param("eu-council", "council", 27, id="27 members of the EU"),
        pytest.param("un-security-council", "council", 15, id="fifteen seats"),
        pytest.param("osce", "permanent-council", 57, id="57 participating States"),
        pytest.param("joint-expeditionary-force", "partners", 10, id="ten partners"),
    ],
)
def test_a_body_has_as_many_seats_as_in_life(name, organ, count):
    charter = charters.load(name)
    assert len(charter.roster(organ, charter.dated)) == count


@pytest.mark.parametrize(
    ("name", "group"),
    [
        pytest.param("coalition-of-the-willing", evidence.COALITION, id="the coalition"),
        pytest.param("north-atlantic-council", "NATO", id="NATO"),
        pytest.param("eu-council", "EU", id="the EU"),
        pytest.param("joint-expeditionary-force", "JEF", id="the JEF"),
    ],
)
def test_members_are_those_of_the_shipped_evidence(name, group):
    charter = charters.load(name)
    assert set(charter.members) == set(evidence.load().group(group))


def test_a_state_has_the_same_code_and_name_in_every_charter():
    named: dict[str, str] = {}
    countries = evidence.load().countries
    for name in NAMES:
        for member in charters.load(name).members.values():
            assert member.code == member.iso
            assert member.code in countries
            assert named.setdefault(member.code, member.name) == member.name


@pytest.mark.parametrize(
    ("name", "table", "since", "year"),
    [
        pytest.param("coalition-of-the-willing", "population", 2026, 2024, id="coalition, people"),
        pytest.param("coalition-of-the-willing", "population", 2025, 2023, id="the year before"),
        pytest.param("coalition-of-the-willing", "gdp", 2025, 2023, id="coalition, GDP of 2023"),
        pytest.param("coalition-of-the-willing", "gdp", 2026, 2024, id="coalition, GDP of 2024"),
        pytest.param("european-security-council", "population", 2026, 2024, id="council of 12"),
        pytest.param("eu-council", "population", 2024, 2022, id="EU in 2024"),
        pytest.param("eu-council", "population", 2025, 2023, id="EU in 2025"),
        pytest.param("eu-council", "population", 2026, 2024, id="EU in 2026"),
    ],
)
def test_weights_are_the_shipped_figures_of_their_year(name, table, since, year):
    charter = charters.load(name)
    open_data = evidence.load()
    found = next(t for t in charter.weights if (t.name, t.since) == (table, date(since, 1, 1)))
    assert set(found.values) == set(charter.members)
    for code, value in found.values.items():
        figure = open_data.get(table, code, on=year)
        assert (figure.year, figure.value) == (year, value), code


def test_the_coalition_begins_with_those_who_lead_it():
    charter = charters.load("coalition-of-the-willing")
    assert charter.order[:6] == ("FRA", "GBR", "DEU", "ITA", "FIN", "UKR")
    assert charter.organ("leaders").chair.members == ("group:co-chairs",)


def test_the_united_states_and_institutions_take_part_and_are_no_party():
    charter = charters.load("coalition-of-the-willing")
    assert {"USA", "NATO", "EU-Commission", "European-Council"} == set(charter.participants)
    for obligation in charter.obligations.values():
        bound = charter.select((*obligation.owed_by, *obligation.owed_to), charter.dated)
        assert not set(bound) & set(charter.participants)


def test_the_paris_instruments_are_dormant_and_owed_to_ukraine():
    charter = charters.load("coalition-of-the-willing")
    guarantees = charter.obligations["paris-guarantees"]
    force = charter.obligations["multinational-force"]
    assert "ceasefire" in guarantees.dormant
    assert "national law" in force.dormant
    assert guarantees.in_force is force.in_force is None
    assert len(charter.select(guarantees.owed_by, charter.dated)) == 34
    assert force.owed_by == ("FRA", "GBR")
    assert guarantees.owed_to == force.owed_to == ("UKR",)
    assert [(n.low, n.high, n.basis) for n in guarantees.needs] == [
        (15_000, 30_000, "total"),
        (800_000, 800_000, "target"),
    ]


def test_a_council_without_a_rule_says_that_it_cannot_decide_yet():
    charter = charters.load("european-security-council")
    assert not charter.organ("council").can_decide
    assert len(charter.organ("council").candidates) == 8
    assert len(charter.notes) == 2
    assert "cannot decide yet" in charter.notes[0]
    assert "cannot be invoked yet" in charter.notes[1]


def test_all_of_the_proposed_council_sit_within_one_round():
    charter = charters.load("european-security-council")
    sat: set[str] = set()
    for half in range(10):
        day = date(2026 + half // 2, 1 + 6 * (half % 2), 15)
        roster = charter.roster("council", day)
        # Italy, a permanent member, holds the presidency in the first half of 2028.
        assert len(roster) == (11 if half == 4 else 12)
        sat.update(roster)
    assert sat == set(charter.members)


@shipped
def test_a_secretariat_is_not_given_numbers_of_missing_members(name):
    modelled = {"coalition-of-the-willing", "european-security-council"}
    for procedure in charters.load(name).procedures.values():
        given = procedure.n is not None and procedure.f is not None
        assert given == (name in modelled and procedure.kind != "signature"), procedure.id


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        pytest.param("osec", "did you mean osce?", id="a slip of the pen"),
        pytest.param("zzzz", "there are: coalition-of-the-willing", id="no name at all"),
        pytest.param("./none.toml", "give the path", id="no such file"),
    ],
)
def test_an_unknown_charter_names_the_next_step(name, hint):
    with pytest.raises(UsageError) as caught:
        charters.load(name)
    assert hint in str(caught.value)


def test_a_charter_is_read_from_a_path(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(charters.text("osce"))
    assert charters.load(str(path)).id == "osce"
