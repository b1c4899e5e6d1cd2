"""Copies of a record: taken while it runs, checked, put back, and silent until told."""

from __future__ import annotations

import sqlite3
import threading

import pytest

from comity.core.acts import read_act
from comity.errors import UsageError
from comity.node import backup as module
from comity.node.backup import back_up, promote, restore, stand_by
from comity.node.files import StoreError, write_whole
from comity.node.folder import create_folder, open_folder
from comity.node.keys import LEAST, new_keys, read_keys, write_keys
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
    return made


@pytest.fixture
def record(cast, folder):
    with Record.open(folder.record) as opened:
        opened.add(history(cast))
        yield opened


@pytest.fixture
def target(tmp_path):
    return tmp_path / "backup.sqlite"


def history(cast):
    proposal = cast.propose("Arden")
    stances = [cast.say(m, proposal, "yes") for m in cast.roster]
    return [proposal, *stances, *cast.close_all(proposal, stances)]


def acts_of(path):
    with Record.read(path) as read:
        return list(read.acts())


def left_over(folder):
    return [f.name for f in folder.iterdir() if f.name.endswith((".new", "-wal", "-shm"))]


def test_a_backup_is_taken_while_the_node_writes(cast, record, target, monkeypatch):
    monkeypatch.setattr(module, "_PAGES", 1)
    before, told = list(record.acts()), []

    def progress(what, done, total):
        told.append((what, done, total))
        if what == "copying":
            record.add([cast.propose("Brill")])

    copied = back_up(record.path, target, progress=progress)
    assert acts_of(target) == before
    assert (copied.path, copied.acts, copied.size) == (target, 9, target.stat().st_size)
    copying = [done for what, done, _ in told if what == "copying"]
    assert len(copying) > 3
    assert copying == sorted(copying)
    assert told[-2:] == [("checking", 0, 1), ("checking", 1, 1)]
    assert record.count() == 9 + len(copying)


def test_a_backup_is_one_private_file_that_verifies(cast, record, target):
    back_up(record.path, target)
    assert target.stat().st_mode & 0o777 == 0o600
    assert left_over(target.parent) == []
    assert all(read_act(a.to_bytes(), cast.founding) == a for a in acts_of(target))
    target.parent.joinpath("elsewhere").mkdir()
    moved = target.rename(target.parent / "elsewhere" / "old.sqlite")
    moved.parent.chmod(0o500)
    with Record.read(moved) as read:
        assert read.count() == 9
    moved.parent.chmod(0o700)


def test_a_backup_while_another_thread_writes_is_of_one_instant(cast, record, target):
    stop = threading.Event()

    def write():
        while not stop.is_set():
            record.add([cast.propose("Brill"), cast.propose("Corve")])

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(5):
            back_up(record.path, target, replace=True)
            with Record.read(target) as read:
                assert read.count() % 2 == 1
                assert read.integrity() == ()
                assert read.misplaced() == (0, 0)
    finally:
        stop.set()
        thread.join()


def test_a_file_that_is_there_gives_way_only_if_told(record, target):
    target.write_bytes(b"a letter")
    with pytest.raises(UsageError, match="there is a file"):
        back_up(record.path, target)
    assert target.read_bytes() == b"a letter"
    back_up(record.path, target, replace=True)
    assert len(acts_of(target)) == 9


def test_a_record_is_not_copied_over_itself(record):
    with pytest.raises(UsageError, match="over itself"):
        back_up(record.path, record.path, replace=True)
    assert record.count() == 9


def test_a_copy_that_is_not_sound_is_not_kept(folder, record, target, monkeypatch):
    monkeypatch.setattr(module, "_copy_pages", lambda *given: 10)
    with pytest.raises(StoreError, match="not sound"):
        back_up(record.path, target)
    assert not target.exists()
    assert left_over(target.parent) == []


def test_a_damaged_record_gives_no_backup(folder, record, target):
    path = folder.record
    record.close()
    data = bytearray(path.read_bytes())
    for page in range(2, len(data) // 4096):
        data[page * 4096 : page * 4096 + 200] = b"\xee" * 200
    path.write_bytes(data)
    with pytest.raises(StoreError, match=r"not sound|damaged|cannot be used"):
        back_up(path, target)
    assert not target.exists()


def test_what_cannot_be_written_is_told(record, tmp_path):
    with pytest.raises(StoreError, match="cannot be written"):
        back_up(record.path, tmp_path / "nowhere" / "backup.sqlite")


# Putting back.


@pytest.mark.parametrize("way", ["restore", "copied by hand"])
def test_a_record_put_back_does_not_sign_until_told(cast, folder, record, target, way):
    back_up(record.path, target)
    record.add([cast.propose("Arden")])
    record.close()
    if way == "restore":
        assert restore(target, folder).acts == 9
    else:
        folder.record.write_bytes(target.read_bytes())
    with Record.open(folder.record) as again:
        assert (again.held_back, again.count()) == ("restored", 9)
        again.let_sign()
    with Record.open(folder.record) as again:
        assert again.held_back is None


def test_what_a_restore_replaces_is_kept_with_its_log(cast, folder, record, target):
    back_up(record.path, target)
    more = cast.propose("Arden")
    record.add([more])
    wal = folder.record.with_name("record.sqlite-wal")
    shm = folder.record.with_name("record.sqlite-shm")
    log, index = wal.read_bytes(), shm.read_bytes()
    data = folder.record.read_bytes()
    record.close()
    for path, held in ((folder.record, data), (wal, log), (shm, index)):  # as after a crash
        path.write_bytes(held)
    restore(target, folder)
    kept = folder.path / "record.sqlite.before-1"
    assert [a.id for a in acts_of(kept)][-1] == more.id
    assert len(acts_of(folder.record)) == 9
    restore(target, folder)
    assert (folder.path / "record.sqlite.before-2").exists()


def test_a_restore_that_was_broken_off_can_be_done_again(folder, record, target):
    back_up(record.path, target)
    record.close()
    module._put_by(folder.record)
    with pytest.raises(StoreError, match="is missing"):
        open_folder(folder.path)
    folder.record.with_name("record.sqlite-wal").write_bytes(b"left behind")
    restore(target, folder)
    with Record.open(folder.record) as again:
        assert again.count() == 9


def test_a_running_node_is_not_restored(folder, record, target):
    back_up(record.path, target)
    with pytest.raises(StoreError, match="another process is writing"):
        restore(target, folder)


def test_a_backup_of_another_coalition_is_refused(folder, record, tmp_path):
    record.close()
    stranger = Cast(4, 1, 0, run="11" * 16)
    other = create_folder(tmp_path / "other")
    other.found(stranger.founding, stranger.under.text)
    with pytest.raises(UsageError, match="another coalition"):
        restore(other.record, folder)


def test_no_backup_is_told(folder, record, tmp_path):
    record.close()
    write_whole(tmp_path / "letter", b"a letter" * 1000)
    for name, told in (("letter", "no record"), ("nothing", "there is no record")):
        with pytest.raises(StoreError, match=told):
            restore(tmp_path / name, folder)
    assert len(acts_of(folder.record)) == 9


# Standing by.


def test_a_standby_has_everything_and_signs_only_once_promoted(cast, folder, record, tmp_path):
    standby = stand_by(folder, tmp_path / "standby")
    assert standby == open_folder(tmp_path / "standby")
    assert read_keys(standby.keys, b"some words") == read_keys(folder.keys, b"some words")
    assert standby.read_founding() == folder.read_founding()
    with Record.open(standby.record) as copy:
        assert (copy.held_back, list(copy.acts())) == ("standby", list(record.acts()))
        promote(copy)
        assert copy.held_back == "restored"
        with pytest.raises(UsageError, match="is no standby"):
            promote(copy)
    with pytest.raises(UsageError, match="is no standby of this node"):
        stand_by(folder, tmp_path / "standby")


def test_a_standby_is_refreshed(cast, folder, record, tmp_path):
    stand_by(folder, tmp_path / "standby")
    record.add([cast.propose("Arden")])
    standby = stand_by(folder, tmp_path / "standby")
    with Record.open(standby.record) as copy:
        assert (copy.held_back, copy.count()) == ("standby", 10)
        with pytest.raises(StoreError, match="another process is writing"):
            stand_by(folder, tmp_path / "standby")
    with Record.read(standby.record) as reader:
        assert reader.count() == 10
        with pytest.raises(StoreError, match=r"somebody is reading|held by another"):
            stand_by(folder, tmp_path / "standby")
    stand_by(folder, tmp_path / "standby")


def test_a_standby_may_do_without_keys(folder, record, tmp_path):
    folder.keys.unlink()
    assert not stand_by(folder, tmp_path / "standby").keys.exists()


def test_a_backup_of_a_newer_comity_is_refused(record, target):
    record.close()
    with sqlite3.connect(record.path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(StoreError, match="newer Comity"):
        back_up(record.path, target)
