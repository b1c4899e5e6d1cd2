"""A node's folder: what lies in it, and who may read it.

    record.sqlite   the acts and what follows from them (`record.py`)
    record.lock     held by the one process that writes
    keys.json       the member's secrets, encrypted (`keys.py`)
    founding.json   the founding, as all its keys signed it
    charter.toml    the charter's file, byte for byte

The folder and its files are for one account: what others could read is refused,
with the command that mends it.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from comity.core.envelope import EnvelopeForm
from comity.core.founding import Founding, read_founding
from comity.core.strict import read_json, write_json
from comity.errors import UsageError
from comity.node.files import StoreError, check_private, sync_folder, write_whole
from comity.node.record import Record

MAX_FILE = 1_000_000


@dataclass(frozen=True, slots=True)
class Folder:
    """Where one node keeps what it has.

    Parameters
    ----------
    path
        The folder.
    """

    path: Path

    @property
    def record(self) -> Path:
        """The acts, and what follows from them."""
        return self.path / "record.sqlite"

    @property
    def keys(self) -> Path:
        """The member's secrets, encrypted."""
        return self.path / "keys.json"

    @property
    def founding(self) -> Path:
        """The founding, as all its keys signed it."""
        return self.path / "founding.json"

    @property
    def charter(self) -> Path:
        """The charter's file."""
        return self.path / "charter.toml"

    @property
    def is_founded(self) -> bool:
        """Whether the coalition is founded here; before that there are at most keys."""
        return self.founding.exists()

    def read_founding(self) -> Founding:
        """Read the founding, and check it.

        Raises
        ------
        StoreError
            If it is not there.
        ActError
            If it is no founding.
        """
        form = read_json(
            _read(self.founding, "the founding"), EnvelopeForm, limit=MAX_FILE, what="the founding"
        )
        return read_founding(form)

    def read_charter(self, founding: Founding) -> bytes:
        """Read the charter's file that a founding names.

        Raises
        ------
        StoreError
            If it is not there, or is not the one that was founded.
        """
        text = _read(self.charter, "the charter")
        if sha256(text).hexdigest() != founding.charter:
            raise StoreError(
                f"{self.charter} is not the charter that was founded",
                hint=f"put back the file whose SHA-256 begins with {founding.charter[:16]}",
            )
        return text

    def found(self, founding: Founding, charter: bytes) -> None:
        """Put the founding and its charter into the folder, and an empty record beside them.

        The founding comes last: once it is there, everything is.

        Raises
        ------
        UsageError
            If a coalition is founded here already, or the charter is another.
        """
        if self.is_founded:
            raise UsageError(
                f"a coalition is founded in {self.path} already",
                hint="take another folder for another coalition or run",
            )
        if sha256(charter).hexdigest() != founding.charter:
            raise UsageError(
                "the charter is not the one that was founded",
                hint=f"give the file whose SHA-256 begins with {founding.charter[:16]}",
            )
        write_whole(self.charter, charter)
        Record.create(self.record, coalition=founding.id, payload_type=founding.act_type).close()
        write_whole(self.founding, write_json(founding.envelope.form()))


def create_folder(path: Path) -> Folder:
    """Make the folder of a new node, for this account alone.

    Raises
    ------
    UsageError
        If something is there already.
    """
    try:
        path.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        if not path.is_dir() or any(path.iterdir()):
            raise UsageError(
                f"there is something at {path} already",
                hint="name a folder that does not exist yet, or is empty",
            ) from None
        check_private(path)
    sync_folder(path.parent)
    return Folder(path)


def open_folder(path: Path) -> Folder:
    """Open the folder of a node.

    Raises
    ------
    StoreError
        If there is none, if it is not founded, if a file is missing, or if
        others can read what is in it.
    """
    folder = Folder(path)
    if not path.is_dir():
        raise StoreError(f"there is no folder {path}", hint="name the folder of a node")
    check_private(path)
    if not folder.is_founded:
        raise StoreError(
            f"no coalition is founded in {path}", hint="name the folder of a node that takes part"
        )
    for file, remedy in (
        (folder.record, "restore it from a backup; never begin an empty one under used keys"),
        (folder.charter, "ask any member for the charter's file"),
    ):
        if not file.exists():
            raise StoreError(f"{file} is missing", hint=remedy)
    for file in (folder.record, folder.keys):
        if file.exists():
            check_private(file)
    return folder


def _read(path: Path, what: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE + 1)
    except OSError as wrong:
        raise StoreError(
            f"{what} cannot be read from {path}: {wrong.strerror}",
            hint="put the file back, or restore the folder from a backup",
        ) from None
