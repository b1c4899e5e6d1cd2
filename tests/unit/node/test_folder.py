"""A node's folder: made, founded, opened, refused with the remedy."""

from __future__ import annotations

import os

import pytest

from comity.core.constitution import constitution
from comity.errors import UsageError
from comity.node.files import StoreError, write_whole
from comity.node.folder import Folder, create_folder, open_folder
from comity.node.keys import LEAST, new_keys, write_keys
from comity.node.record import Record
from tests.property.record_strategies import Cast


@pytest.fixture
def cast():
    return Cast(4, 1, 0)


@pytest.fixture
def folder(cast, tmp_path):
    made = create_folder(tmp_path / "nodes" / "arden")
    made.found(cast.founding, cast.under.text)
    return made


def test_a_folder_is_founded_and_opened(cast, folder):
    opened = open_folder(folder.path)
    assert opened == folder
    founding = opened.read_founding()
    assert founding == cast.founding
    assert constitution(founding, opened.read_charter(founding)) == cast.under
    with Record.open(opened.record) as record:
        assert record.add([cast.propose()])
    names = sorted(file.name for file in folder.path.iterdir())
    assert names == ["charter.toml", "founding.json", "record.lock", "record.sqlite"]


def test_all_of_it_is_for_one_account(folder):
    assert folder.path.stat().st_mode & 0o777 == 0o700
    for file in folder.path.iterdir():
        assert file.stat().st_mode & 0o777 == 0o600, file


def test_keys_may_lie_in_it_before_the_founding(cast, tmp_path):
    folder = create_folder(tmp_path / "dorn")
    keys = new_keys("Dorn", ("foreign ministry",), made_at="2026-01-06T12:00:00Z")
    write_keys(folder.keys, keys, b"some words", cost=LEAST)
    with pytest.raises(StoreError, match="no coalition is founded"):
        open_folder(folder.path)
    folder.found(cast.founding, cast.under.text)
    assert open_folder(folder.path).keys.exists()


def test_something_that_is_there_is_not_taken_over(folder, cast, tmp_path):
    with pytest.raises(UsageError, match="there is something"):
        create_folder(folder.path)
    with pytest.raises(UsageError, match=r"founded in .* already"):
        folder.found(cast.founding, cast.under.text)
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(UsageError, match="there is something"):
        create_folder(file)


def test_an_empty_folder_will_do_if_it_is_private(tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir(mode=0o700)
    create_folder(empty)
    empty.chmod(0o755)
    with pytest.raises(StoreError, match="other accounts can get at") as refused:
        create_folder(empty)
    assert refused.value.hint == f"keep it for yourself: chmod 700 {empty}"


@pytest.mark.parametrize(
    ("name", "mode", "remedy"),
    [
        pytest.param(".", 0o750, "chmod 700", id="the folder"),
        pytest.param("record.sqlite", 0o640, "chmod 600", id="the record"),
        pytest.param("keys.json", 0o604, "chmod 600", id="the keys"),
    ],
)
def test_what_others_can_get_at_is_refused_with_the_remedy(folder, name, mode, remedy):
    write_whole(folder.keys, b"{}")
    path = folder.path / name
    path.chmod(mode)
    with pytest.raises(StoreError) as refused:
        open_folder(folder.path)
    assert refused.value.hint == f"keep it for yourself: {remedy} {path}"
    path.chmod(mode & 0o700)
    open_folder(folder.path)


def test_what_is_missing_is_told(folder, tmp_path):
    with pytest.raises(StoreError, match="there is no folder"):
        open_folder(tmp_path / "nowhere")
    folder.charter.unlink()
    with pytest.raises(StoreError, match=r"charter\.toml is missing"):
        open_folder(folder.path)
    folder.record.unlink()
    with pytest.raises(StoreError, match=r"record\.sqlite is missing") as told:
        open_folder(folder.path)
    assert "never begin an empty one" in told.value.hint
    with pytest.raises(StoreError, match="the founding cannot be read"):
        Folder(tmp_path).read_founding()


def test_another_charter_is_refused(cast, folder, tmp_path):
    with pytest.raises(UsageError, match="not the one that was founded"):
        create_folder(tmp_path / "other").found(cast.founding, b"comity = 1")
    write_whole(folder.charter, cast.under.text + b"\n")
    with pytest.raises(StoreError, match="is not the charter"):
        folder.read_charter(cast.founding)


def test_a_founding_that_was_broken_off_goes_on(cast, tmp_path):
    folder = create_folder(tmp_path / "arden")
    write_whole(folder.charter, cast.under.text)
    Record.create(
        folder.record, coalition=cast.founding.id, payload_type=cast.founding.act_type
    ).close()
    folder.found(cast.founding, cast.under.text)
    assert open_folder(folder.path).read_founding().id == cast.founding.id


def test_a_founding_over_a_used_record_is_refused(cast, folder):
    with Record.open(folder.record) as record:
        record.add([cast.propose()])
    folder.founding.unlink()
    with pytest.raises(UsageError, match="there is a record"):
        folder.found(cast.founding, cast.under.text)


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_whole(path, b"old")

    def failing(descriptor):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(StoreError, match="No space left"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
