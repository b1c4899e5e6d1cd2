"""The doctor: finds each kind of damage, says what helps, and is silent where all is well."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from comity.core.acts import read_act
from comity.core.state import fold
from comity.node import doctor as module
from comity.node.doctor import look_over
from comity.node.files import write_whole
from comity.node.folder import create_folder
from comity.node.keys import LEAST, new_keys, write_keys
from comity.node.record import Record
from tests.property.record_strategies import Cast


@pytest.fixture
def cast():
    return Cast(4, 1, 0)


@pytest.fixture
def folder(cast, tmp_path):
    made = create_folder(tmp_path / "arden")
    made.found(cast.founding, cast.under.text)
    keys = new_keys("Arden", ("foreign ministry",), made_at="2026-01-06T12:00:00Z")
    write_keys(made.keys, keys, b"some words", cost=LEAST)
    proposal = cast.propose("Arden")
    stances = [cast.say(m, proposal, "yes") for m in cast.roster]
    with Record.open(made.record) as record:
        record.add([proposal, *stances, *cast.close_all(proposal, stances)])
        record.settle(proposal.id, "adopted")
    return made


def seen(cast, folder, **options):
    """What the doctor finds, verifying and recomputing all."""

    def verify(act):
        assert read_act(act.to_bytes(), cast.founding).id == act.id

    def recompute(proposal):
        with Record.read(folder.record) as record:
            standing = fold(cast.under, record.acts()).standing(proposal)
        return None if isinstance(standing, str) else standing.settlement.outcome

    return look_over(folder.path, **{"verify": verify, "recompute": recompute, **options})


def change(folder, *statements):
    with closing(sqlite3.connect(folder.record)) as db, db:
        for statement in statements:
            db.execute(statement)


def short(symptoms):
    return {(s.severity, s.check) for s in symptoms}


def test_a_sound_folder_has_no_symptoms_and_progress_is_told(cast, folder):
    told = []
    assert seen(cast, folder, progress=lambda *words: told.append(words)) == ()
    assert look_over(folder.path) == ()
    assert ("verifying acts", 9, 9) in told
    assert told[-1] == ("recomputing outcomes", 1, 1)


def test_it_reads_beside_the_running_node(cast, folder):
    with Record.open(folder.record) as record:
        record.add([cast.propose("Brill")])
        assert seen(cast, folder) == ()


@pytest.mark.parametrize(
    ("statement", "symptom"),
    [
        pytest.param(
            "UPDATE acts SET signature = zeroblob(64) WHERE number = 3",
            ("broken", "act"),
            id="a signature that does not fit",
        ),
        pytest.param(
            "UPDATE acts SET payload = (SELECT payload FROM acts WHERE number = 2) "
            "WHERE number = 3",
            ("broken", "act"),
            id="the bytes of another act",
        ),
        pytest.param(
            "UPDATE acts SET payload = x'7b' WHERE number = 3",
            ("broken", "act"),
            id="an act that cannot be read",
        ),
        pytest.param(
            "UPDATE acts SET salt = zeroblob(32) WHERE number = 3",
            ("broken", "commitment"),
            id="a salt that was not committed to",
        ),
        pytest.param(
            "UPDATE acts SET salt = NULL WHERE number = 3",
            ("broken", "commitment"),
            id="a body without its salt",
        ),
        pytest.param(
            "DELETE FROM about WHERE act = 3", ("broken", "index"), id="a name that is not listed"
        ),
        pytest.param(
            "INSERT INTO about VALUES ('a-case', 3)", ("broken", "index"), id="a name too many"
        ),
        pytest.param(
            "UPDATE acts SET kind = 'alert' WHERE number = 3",
            ("broken", "index"),
            id="an act listed as another kind",
        ),
        pytest.param("DELETE FROM tips", ("broken", "index"), id="ends that are not kept"),
        pytest.param("INSERT INTO tips VALUES (3)", ("broken", "index"), id="an end too many"),
        pytest.param(
            "UPDATE settled SET outcome = 'rejected'",
            ("broken", "outcome"),
            id="an outcome that does not follow",
        ),
        pytest.param(
            "INSERT INTO meta VALUES ('_held_back', 'restored')",
            ("note", "signing"),
            id="a node that does not sign yet",
        ),
        pytest.param(
            "UPDATE meta SET value = '00' WHERE name = '_coalition'",
            ("broken", "file"),
            id="the record of another coalition",
        ),
    ],
)
def test_each_kind_of_damage_is_found(cast, folder, statement, symptom):
    change(folder, statement)
    found = seen(cast, folder)
    assert symptom in short(found)
    assert all(one.what and one.remedy for one in found)


def test_the_index_is_mended_by_making_it_anew(cast, folder):
    change(
        folder,
        "DELETE FROM about",
        "DELETE FROM tips",
        "UPDATE acts SET kind = NULL, seq = 9, prev = NULL, organ = 'watch'",
    )
    assert short(seen(cast, folder)) == {("broken", "index"), ("warning", "chain")}
    with Record.open(folder.record) as record:
        record.rebuild()
    assert seen(cast, folder) == ()


def test_forks_and_gaps_are_told(cast, folder):
    proposal = cast.propose("Brill")
    with Record.open(folder.record) as record:
        record.add([cast.say("Brill", proposal, "yes", seq=1, prev=None)])
        record.add([cast.say("Corve", proposal, "yes", seq=9, prev="00" * 32)])
    found = seen(cast, folder)
    assert short(found) == {("warning", "chain")}
    assert "Brill signed more than one act 1 in council" in {s.what for s in found}
    assert f"an act of Corve in council is missing: {'00' * 32}" in {s.what for s in found}


def test_many_symptoms_of_one_kind_are_counted(cast, folder, monkeypatch):
    monkeypatch.setattr(module, "MAX_EACH", 2)
    change(folder, "UPDATE acts SET signature = zeroblob(64)")
    found = seen(cast, folder)
    assert [s.what for s in found][-1] == "and 7 more of this kind"
    assert len(found) == 3


@pytest.mark.parametrize("name", [".", "record.sqlite", "keys.json", "founding.json"])
def test_what_others_can_get_at_is_found(cast, folder, name):
    (folder.path / name).chmod(0o705 if name == "." else 0o604)
    found = seen(cast, folder)
    assert {s.check for s in found} <= {"folder", "keys"}
    assert any("chmod" in s.remedy for s in found)


def test_what_is_missing_is_found(cast, folder, tmp_path):
    assert short(look_over(tmp_path / "nowhere")) == {("broken", "folder")}
    folder.keys.unlink()
    assert short(seen(cast, folder)) == {("warning", "keys")}
    folder.charter.unlink()
    folder.founding.unlink()
    assert ("broken", "folder") in short(seen(cast, folder))
    folder.record.unlink()
    assert ("broken", "file") in short(seen(cast, folder))


def test_damaged_keys_and_leftovers_are_found(cast, folder):
    write_whole(folder.keys, b"{}")
    write_whole(folder.path / ".keys.json.new", b"half")
    assert short(seen(cast, folder)) == {("broken", "keys"), ("note", "folder")}


def test_a_damaged_file_is_found_and_nothing_is_raised(cast, folder):
    data = bytearray(folder.record.read_bytes())
    for page in range(1, len(data) // 4096):
        damaged = bytearray(data)
        damaged[page * 4096 : page * 4096 + 4096] = b"\xee" * 4096
        folder.record.write_bytes(damaged)
        assert "broken" in {s.severity for s in seen(cast, folder)}, page
    folder.record.write_bytes(data[: len(data) // 2])
    assert "broken" in {s.severity for s in seen(cast, folder)}
    folder.record.write_bytes(b"no database" * 500)
    assert ("broken", "file") in short(seen(cast, folder))


def test_an_outcome_that_cannot_be_recomputed_is_told(cast, folder):
    from comity.errors import UsageError

    def recompute(proposal):
        raise UsageError("no such proposal")

    found = seen(cast, folder, recompute=recompute)
    assert [s.check for s in found] == ["outcome"]
    found = seen(cast, folder, recompute=lambda proposal: None)
    assert "say that it is not settled" in found[0].what
