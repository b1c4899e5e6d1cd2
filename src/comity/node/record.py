"""The record of one node: every act it holds, on disk before anybody is told so.

Invariants:

1. What `add` has returned survives the death of the process at any instant,
   and that of the machine, as far as its disk tells the truth about syncing.
2. A transaction is there whole or not at all; so is every batch given to `add`.
3. Nothing is ever dropped or downgraded: a sealed act can be opened later, an
   opened one never becomes sealed again.
4. Of a fork both branches are kept, and further ones where another act at hand
   names them (PROTOCOL: "two branches, plus those a closing names").
5. One process writes; any number read.

Acts come in verified (`comity.core.acts`); they are not verified again when
they are read, except by `comity.node.doctor`.
"""

# ruff: noqa: S608 - the names of tables and columns are our own; values are always bound.

from __future__ import annotations

from collections.abc import Iterable, Sequence

from comity.core.acts import Act, SealedForm
from comity.core.bodies import Closing, Stance
from comity.errors import UsageError
from comity.node.beside import Aside as Aside
from comity.node.beside import BeaconKept as BeaconKept
from comity.node.beside import EpochKept as EpochKept
from comity.node.beside import Settled as Settled
from comity.node.record_reading import Gap as Gap
from comity.node.record_reading import Head as Head
from comity.node.record_reading import RecordReading, box_row
from comity.node.store import as_name

BRANCHES = 2
"""Of so many branches of a fork each is kept, whoever names it."""
SEALED_BRANCHES = 16
"""The same while they are sealed here, and nobody can see what they are about."""
BOXES = 4
"""So many boxes that are said to hold one sealed act are kept: a carrier may have changed some."""
MAX_PASSED_OVER = 1_000
TIPS = """SELECT number FROM acts WHERE (organ, member, id) NOT IN
    (SELECT organ, member, prev FROM acts WHERE prev IS NOT NULL)"""
GAPS = """SELECT DISTINCT prev, organ, member, 1 FROM acts WHERE prev IS NOT NULL
    AND (organ, member, prev) NOT IN (SELECT organ, member, id FROM acts)"""
"""What the tables of tips and gaps are kept equal to, act by act."""


class Record(RecordReading):
    """The acts that one node holds, and what follows from them.

    Open it with `Record.create`, `Record.open` or `Record.read`.
    """

    def add(self, acts: Iterable[Act]) -> tuple[str, ...]:
        """Store verified acts; on return they are on disk.

        Acts that are here already are completed where these say more, and
        otherwise left alone.

        Returns
        -------
        tuple
            The ids that are new or now say more, each once, in the order given.
        """
        changed: dict[str, None] = {}
        with self.together():
            crowded: list[Act] = []
            for act in acts:
                if act.header.coalition != self.coalition:
                    raise UsageError(
                        f"the act belongs to another coalition: {act.header.coalition[:16]}",
                        hint=f"this record is of {self.coalition[:16]}",
                    )
                if self._is_crowded(act):
                    crowded.append(act)
                elif self._store(act):
                    changed[act.id] = None
            while True:
                named = [act for act in crowded if self._is_named(act)]
                if not named:
                    break
                changed.update((act.id, None) for act in named if self._store(act))
                crowded = [act for act in crowded if act not in named]
            for act in crowded:
                self._pass_over(act)
        return tuple(changed)

    def drop_box(self, act: str, box: SealedForm) -> None:
        """Forget a box that does not hold the act it came with; another may."""
        epoch, nonce, data = box_row(box)
        with self.together():
            number, first = self._one(
                "SELECT number, box FROM acts WHERE id = ?", bytes.fromhex(act)
            ) or (0, None)
            self._db.execute(
                "DELETE FROM boxes WHERE act = ? AND epoch = ? AND nonce = ? AND box = ?",
                (number, epoch, nonce, data),
            )
            if first == data:
                other = self._one(
                    "SELECT epoch, nonce, box, number FROM boxes WHERE act = ? ORDER BY number",
                    number,
                ) or (None, None, None, None)
                self._set_box(number, other[:3])
                self._db.execute("DELETE FROM boxes WHERE number = ?", (other[3],))

    def rebuild(self) -> None:
        """Make anew what is derived from the acts: the index of names, tips and gaps."""
        with self.together():
            for table in ("about", "tips", "wanted"):
                self._db.execute(f"DELETE FROM {table}")
            for stored in self.stored():
                act = self._act(stored.row)
                self._db.execute(
                    "UPDATE acts SET organ = ?, member = ?, seq = ?, prev = ?, kind = ? "
                    "WHERE number = ?",
                    (*act.place, _blob(act.header.prev), act.kind, stored.number),
                )
                self._index(stored.number, act)
            self._db.execute(f"INSERT INTO tips {TIPS}")
            self._db.execute(f"INSERT INTO wanted {GAPS}")

    def misplaced(self) -> tuple[int, int]:
        """Count the ends and the gaps of chains that are kept wrongly: none, in a sound record."""
        wrong = []
        for kept, derived in (
            ("SELECT act FROM tips", TIPS),
            ("SELECT id, organ, member, linked FROM wanted WHERE linked", GAPS),
        ):
            rows = self._rows(
                f"SELECT * FROM (SELECT * FROM ({kept}) EXCEPT {derived}) UNION ALL "
                f"SELECT * FROM (SELECT * FROM ({derived}) EXCEPT {kept})"
            )
            wrong.append(len(rows))
        return wrong[0], wrong[1]

    # Inside.

    def _store(self, act: Act) -> bool:
        """Insert or complete an act; tell whether anything was new."""
        known = self._one(
            "SELECT number, body IS NOT NULL, signature, box FROM acts WHERE id = ?",
            bytes.fromhex(act.id),
        )
        if known is None:
            self._insert(act)
            return True
        number, is_open, signature, box = known
        value = act.envelope.signatures[0].value
        opens = act.body is not None and not is_open
        if opens or ((act.body is not None) == bool(is_open) and value < signature):
            # Of equal copies always the same one, as in comity.core.state.
            self._db.execute(
                "UPDATE acts SET key_id = ?, signature = ? WHERE number = ?",
                (act.key_id, value, number),
            )
            signature, replaced = value, True
        else:
            replaced = False
        if opens:
            self._db.execute(
                "UPDATE acts SET salt = ?, body = ?, kind = ? WHERE number = ?",
                (act.salt, act.body_bytes, act.kind, number),
            )
            self._db.execute("DELETE FROM boxes WHERE act = ?", (number,))
            self._index(number, act)
        boxed = act.sealed is not None and self._keep_box(number, act, box, bool(is_open))
        if replaced or boxed:
            self._db.execute(
                "UPDATE acts SET arrived = (SELECT max(arrived) FROM acts) + 1 WHERE number = ?",
                (number,),
            )
        return replaced or boxed

    def _keep_box(self, number: int, act: Act, first: bytes | None, was_open: bool) -> bool:
        assert act.sealed is not None
        row = box_row(act.sealed)
        if first is None or (act.body is not None and not was_open):
            self._set_box(number, row)
            return first != row[2]
        if was_open or self._box_count(number) >= BOXES:
            return False
        if act.sealed in self.boxes(act.id):
            return False
        self._db.execute(
            "INSERT INTO boxes (act, epoch, nonce, box) VALUES (?, ?, ?, ?)", (number, *row)
        )
        return True

    def _box_count(self, number: int) -> int:
        return 1 + int(self._rows("SELECT count(*) FROM boxes WHERE act = ?", number)[0][0])

    def _set_box(self, number: int, row: Sequence[bytes | None]) -> None:
        self._db.execute(
            "UPDATE acts SET epoch = ?, nonce = ?, box = ? WHERE number = ?", (*row, number)
        )

    def _insert(self, act: Act) -> None:
        organ, member, seq = act.place
        box = (None, None, None) if act.sealed is None else box_row(act.sealed)
        number = self._db.execute(
            "INSERT INTO acts (arrived, id, organ, member, seq, prev, kind, key_id, signature, "
            "payload, salt, body, epoch, nonce, box) VALUES "
            "((SELECT coalesce(max(arrived), 0) FROM acts) + 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
            "?, ?, ?)",
            (
                bytes.fromhex(act.id),
                organ,
                member,
                seq,
                _blob(act.header.prev),
                act.kind,
                act.key_id,
                act.envelope.signatures[0].value,
                act.envelope.payload,
                act.salt,
                act.body_bytes,
                *box,
            ),
        ).lastrowid
        assert number is not None
        self._index(number, act)
        self._link(number, act)

    def _index(self, number: int, act: Act) -> None:
        names = [as_name(name) for name in names_of(act)]
        self._db.executemany(
            "INSERT OR IGNORE INTO about VALUES (?, ?)", [(name, number) for name in names]
        )
        if self._one("SELECT 1 FROM passed_over"):
            rolled = act.body.roll.values() if isinstance(act.body, Closing) else ()
            for name in (*names, *map(bytes.fromhex, rolled)):
                self._want_again("id = ? AND member <> ?", name, act.member)
            self._want_again("id = ?", _blob(act.header.prev))

    def _want_again(self, where: str, *values: object) -> None:
        """Ask again for a branch that was passed over and is named now."""
        self._db.execute(
            "INSERT OR IGNORE INTO wanted SELECT id, organ, member, 0 FROM passed_over "
            f"WHERE {where}",
            values,
        )
        self._db.execute(f"DELETE FROM passed_over WHERE {where}", values)

    def _link(self, number: int, act: Act) -> None:
        """Keep the ends and the gaps of the chain."""
        organ, member, _ = act.place
        chain = (bytes.fromhex(act.id), organ, member)
        is_named = self._one(
            "SELECT 1 FROM wanted WHERE id = ? AND organ = ? AND member = ? AND linked", *chain
        )
        self._db.execute("DELETE FROM wanted WHERE id = ? AND organ = ? AND member = ?", chain)
        if not is_named:
            self._db.execute("INSERT INTO tips VALUES (?)", (number,))
        if act.header.prev is None:
            return
        before = (bytes.fromhex(act.header.prev), organ, member)
        found = self._one(
            "SELECT number FROM acts WHERE id = ? AND organ = ? AND member = ?", *before
        )
        if found:
            self._db.execute("DELETE FROM tips WHERE act = ?", (found[0],))
        else:
            self._db.execute("INSERT OR REPLACE INTO wanted VALUES (?, ?, ?, 1)", before)

    def _is_crowded(self, act: Act) -> bool:
        """Tell whether an act is one branch too many of a fork, and nothing here names it."""
        room = SEALED_BRANCHES if act.body is None else BRANCHES
        others = self._rows(
            "SELECT count(*) FROM acts WHERE organ = ? AND member = ? AND seq = ? AND id <> ?",
            *(*act.place, bytes.fromhex(act.id)),
        )[0][0]
        if others < room or self._one("SELECT 1 FROM acts WHERE id = ?", bytes.fromhex(act.id)):
            return False
        return not self._is_named(act)

    def _is_named(self, act: Act) -> bool:
        organ, member, _ = act.place
        name = bytes.fromhex(act.id)
        if self._one(
            "SELECT 1 FROM wanted WHERE id = ? AND organ = ? AND member = ?", name, organ, member
        ) or self._one(
            "SELECT 1 FROM about CROSS JOIN acts ON number = act WHERE name = ? AND member <> ?",
            *(name, member),
        ):
            return True
        if not isinstance(act.body, Stance):
            return False
        closings = self.about(act.body.proposal, kind="closing")
        return any(
            isinstance(closing.body, Closing) and act.id in closing.body.roll.values()
            for closing in closings
            if closing.member != member
        )

    def _pass_over(self, act: Act) -> None:
        organ, member, seq = act.place
        self._db.execute(
            "INSERT OR IGNORE INTO passed_over (id, organ, member, seq) VALUES (?, ?, ?, ?)",
            (bytes.fromhex(act.id), organ, member, seq),
        )
        self._db.execute(
            "DELETE FROM passed_over WHERE number <= (SELECT max(number) FROM passed_over) - ?",
            (MAX_PASSED_OVER,),
        )


def names_of(act: Act) -> tuple[str, ...]:
    """Return what an act is listed under: the ids it is about, and its case."""
    return act.about if act.case is None else (*act.about, act.case)


def _blob(name: str | None) -> bytes | None:
    return None if name is None else bytes.fromhex(name)
