"""The tables of a record, as numbered steps: a file says which step it stands at.

A file of an older step is brought up to date in one transaction, or left as it
was. A file of a newer step is refused: an older node must not guess what a
newer one meant. A step once released is never changed; a change is a new step.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import TypeAlias

from comity.node.files import StoreError

Step: TypeAlias = Sequence[str]
"""The statements that lead from one number to the next."""

APPLICATION = 0x436F6D69
"""What the header of the file says it is: "Comi"."""

STEPS: tuple[Step, ...] = (
    (
        # `number` names an act in the other tables; `arrived` counts what is new or newly opened.
        """CREATE TABLE acts (
            number INTEGER PRIMARY KEY,
            arrived INTEGER NOT NULL UNIQUE,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
            organ TEXT NOT NULL,
            member TEXT NOT NULL,
            seq INTEGER NOT NULL,
            prev BLOB,
            kind TEXT,
            key_id TEXT NOT NULL,
            signature BLOB NOT NULL,
            payload BLOB NOT NULL,
            salt BLOB,
            body BLOB,
            epoch BLOB,
            nonce BLOB,
            box BLOB
        )""",
        "CREATE INDEX acts_place ON acts (organ, member, seq)",
        "CREATE INDEX acts_organ ON acts (organ, arrived)",
        "CREATE INDEX acts_kind ON acts (kind, arrived)",
        "CREATE INDEX acts_organ_kind ON acts (organ, kind, arrived)",
        # A name is an id, as bytes, or a case, as text.
        """CREATE TABLE about (
            name NOT NULL,
            act INTEGER NOT NULL,
            PRIMARY KEY (name, act)
        ) WITHOUT ROWID""",
        # Where a chain ends as far as it is at hand, and what is named there and is not at hand;
        # `linked` where it is named as the one before.
        "CREATE TABLE tips (act INTEGER PRIMARY KEY)",
        """CREATE TABLE wanted (
            id BLOB NOT NULL,
            organ TEXT NOT NULL,
            member TEXT NOT NULL,
            linked INTEGER NOT NULL,
            PRIMARY KEY (id, organ, member)
        ) WITHOUT ROWID""",
        # Third and further branches of a fork, which are not kept.
        """CREATE TABLE passed_over (
            number INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE,
            organ TEXT NOT NULL,
            member TEXT NOT NULL,
            seq INTEGER NOT NULL
        )""",
        # Further boxes that are said to hold an act which is still sealed here.
        """CREATE TABLE boxes (
            number INTEGER PRIMARY KEY,
            act INTEGER NOT NULL,
            epoch BLOB NOT NULL,
            nonce BLOB NOT NULL,
            box BLOB NOT NULL
        )""",
        "CREATE INDEX boxes_act ON boxes (act)",
        """CREATE TABLE settled (
            proposal BLOB PRIMARY KEY,
            outcome TEXT NOT NULL,
            payload BLOB NOT NULL
        )""",
        # Since when this node could read what waits for an answer: its own word, for its closings.
        """CREATE TABLE opened (
            act BLOB PRIMARY KEY,
            instant TEXT NOT NULL
        )""",
        """CREATE TABLE beacons (
            member TEXT NOT NULL,
            organ TEXT NOT NULL,
            instant TEXT NOT NULL,
            data BLOB NOT NULL,
            PRIMARY KEY (member, organ)
        )""",
        """CREATE TABLE epochs (
            key_hash BLOB PRIMARY KEY,
            organ TEXT NOT NULL,
            number INTEGER NOT NULL,
            box BLOB NOT NULL
        )""",
        """CREATE TABLE aside (
            number INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE,
            source TEXT NOT NULL,
            reason TEXT NOT NULL,
            data BLOB NOT NULL
        )""",
        "CREATE INDEX aside_source ON aside (source, number)",
        "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    ),
)


def standing_at(db: sqlite3.Connection, *, where: object) -> int:
    """Return the step that a file stands at; 0 for one that is still empty.

    Raises
    ------
    StoreError
        If the file is something else than a record.
    """
    application = db.execute("PRAGMA application_id").fetchone()[0]
    tables = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if application == 0 and tables == 0:
        return 0
    if application != APPLICATION:
        raise StoreError(
            f"{where} is no record of Comity",
            hint="name the folder of a node, or restore its record from a backup",
        )
    step = db.execute("PRAGMA user_version").fetchone()[0]
    assert isinstance(step, int)
    return step


def check_step(step: int, *, where: object, steps: Sequence[Step] = STEPS) -> None:
    """Refuse a file that a newer node wrote.

    Raises
    ------
    StoreError
        If its step is not among those known here.
    """
    if step > len(steps):
        raise StoreError(
            f"{where} was written by a newer Comity: its tables are version {step}, "
            f"and this one knows versions up to {len(steps)}",
            hint="install the newer Comity; nothing in the file was changed",
        )


def bring_up(db: sqlite3.Connection, *, where: object, steps: Sequence[Step] = STEPS) -> int:
    """Bring a file to the newest step in one transaction, and return where it stood.

    Raises
    ------
    StoreError
        If it is no record, or if a newer node wrote it.
    """
    db.execute("BEGIN EXCLUSIVE")
    try:
        step = standing_at(db, where=where)
        check_step(step, where=where, steps=steps)
        for statements in steps[step:]:
            for statement in statements:
                db.execute(statement)
        if step < len(steps):
            db.execute(f"PRAGMA application_id = {APPLICATION}")
            db.execute(f"PRAGMA user_version = {len(steps)}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    return step
