"""Reading a record: by id, organ, member, number, kind, and by what acts are about."""

# ruff: noqa: S608 - the names of tables and columns are our own; values are always bound.

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from sys import intern
from typing import TypeAlias, TypeVar

import msgspec

from comity.core.acts import Act, SealedForm, restored
from comity.core.envelope import Envelope, Signature
from comity.node.beside import Beside
from comity.node.files import StoreError
from comity.node.store import as_name

REMEMBERED = 4_096
"""How many acts are kept as they were read: those of open matters are asked for again and again."""
LARGE = 16_384
"""Bytes from which on an act is read anew each time."""
_AT_ONCE = 256
"""How many acts are read at a time; between two times writers go ahead."""

ACT = "id, key_id, signature, payload, salt, body, epoch, nonce, box"
Row: TypeAlias = tuple[bytes, str, bytes, bytes, bytes | None, bytes | None, bytes, bytes, bytes]
"""The columns of an act."""
_Struct = TypeVar("_Struct", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Head:
    """An act that ends a chain, as far as it is at hand; several are a fork or a gap."""

    organ: str
    member: str
    seq: int
    id: str


@dataclass(frozen=True, slots=True)
class Gap:
    """An act that others name and that is not at hand: mostly the one before one that is."""

    organ: str
    member: str
    id: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A row of the acts as it stands in the file, for whoever checks it."""

    number: int
    id: str
    organ: str
    member: str
    seq: int
    prev: str | None
    kind: str | None
    row: Row = field(repr=False)


class RecordReading(Beside):
    """What a record can be asked."""

    @property
    def arrived(self) -> int:
        """How often something was new or newly opened: `acts(after=...)` goes on from there."""
        found = self._one("SELECT max(arrived) FROM acts")
        return int(found[0] or 0) if found else 0

    def get(self, id: str) -> Act | None:  # noqa: A002 - it is the act's id
        """Return the act with an id, if it is at hand."""
        rows = self._rows(f"SELECT {ACT} FROM acts WHERE id = ?", as_name(id))
        return self._act(rows[0]) if rows else None

    def starting(self, letters: str, *, limit: int = 3) -> tuple[str, ...]:
        """Return ids that begin with some hexadecimal digits, in order, at most `limit`."""
        try:
            low, high = (bytes.fromhex(letters.ljust(64, digit)[:64]) for digit in "0f")
        except ValueError:
            return ()
        rows = self._rows(
            "SELECT id FROM acts WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?", low, high, limit
        )
        return tuple(row[0].hex() for row in rows)

    def knows(self, ids: Iterable[str]) -> frozenset[str]:
        """Return which of these acts are at hand, or passed over: nobody need send them."""
        found = set()
        for name in ids:
            blob = as_name(name)
            if self._one("SELECT 1 FROM acts WHERE id = ?", blob) or self._one(
                "SELECT 1 FROM passed_over WHERE id = ?", blob
            ):
                found.add(name)
        return frozenset(found)

    def acts(
        self,
        *,
        organ: str | None = None,
        member: str | None = None,
        kind: str | None = None,
        after: int = 0,
    ) -> Iterator[Act]:
        """Yield acts in the order in which they arrived or were opened.

        Acts that arrive meanwhile are among them or not; none comes twice, but
        one that is opened meanwhile may.
        """
        where = ["arrived > ?"]
        values: list[object] = []
        for column, value in (("organ", organ), ("member", member), ("kind", kind)):
            if value is not None:
                where.append(f"{column} = ?")
                values.append(value)
        yield from self._by_arrival("acts", where, values, after)

    def latest(
        self,
        organs: Sequence[str],
        *,
        member: str | None = None,
        kind: str | None = None,
        before: str | None = None,
        limit: int = _AT_ONCE,
    ) -> tuple[Act, ...]:
        """Return the acts of some organs that came or were opened last, the latest first.

        Parameters
        ----------
        kind
            One kind only; ``sealed`` for what could not be opened yet.
        before
            An act's id: what came before it.
        """
        places = ", ".join("?" * len(organs))
        where, values = [f"organ IN ({places})"], list[object](organs)
        if member is not None:
            where.append("member = ?")
            values.append(member)
        if kind == "sealed":
            where.append("kind IS NULL")
        elif kind is not None:
            where.append("kind = ?")
            values.append(kind)
        if before is not None:
            where.append("arrived < (SELECT arrived FROM acts WHERE id = ?)")
            values.append(as_name(before))
        rows = self._rows(
            f"SELECT {ACT} FROM acts WHERE {' AND '.join(where)} ORDER BY arrived DESC LIMIT ?",
            *(*values, limit),
        )
        return tuple(self._act(row) for row in rows)

    def about(self, name: str, *, kind: str | None = None) -> Iterator[Act]:
        """Yield the opened acts that are about an act, by its id, or belong to a case."""
        where = ["name = ?", "+arrived > ?"]
        values: list[object] = [as_name(name)]
        if kind is not None:
            where.append("+kind = ?")
            values.append(kind)
        yield from self._by_arrival("about CROSS JOIN acts ON number = act", where, values, 0)

    def unsettled(self, *, organ: str | None = None) -> Iterator[Act]:
        """Yield the proposals at hand whose outcome is not settled."""
        where = ["kind = ?", "arrived > ?", "id NOT IN (SELECT proposal FROM settled)"]
        values: list[object] = ["propose"]
        if organ is not None:
            where.append("organ = ?")
            values.append(organ)
        yield from self._by_arrival("acts", where, values, 0)

    def chain(self, organ: str, member: str, *, first: int = 1, last: int = 10**9) -> Iterator[Act]:
        """Yield the acts of a chain by number, and by id where there is a fork."""
        seq, name = first, b""
        while True:
            rows = self._rows(
                f"SELECT seq, {ACT} FROM acts WHERE organ = ? AND member = ? "
                "AND (seq, id) > (?, ?) AND seq <= ? ORDER BY seq, id LIMIT ?",
                *(organ, member, seq, name, last, _AT_ONCE),
            )
            for row in rows:
                yield self._act(row[1:])
            if len(rows) < _AT_ONCE:
                return
            seq, name = rows[-1][0], rows[-1][1]

    def heads(self, *, organ: str | None = None, member: str | None = None) -> tuple[Head, ...]:
        """Return the ends of the chains: all, or those of an organ or a member."""
        rows = self._rows(
            "SELECT organ, member, seq, id FROM tips JOIN acts ON number = act "
            "WHERE (?1 IS NULL OR organ = ?1) AND (?2 IS NULL OR member = ?2) "
            "ORDER BY organ, member, seq, id",
            *(organ, member),
        )
        return tuple(Head(o, m, seq, name.hex()) for o, m, seq, name in rows)

    def gaps(self, *, organ: str | None = None, limit: int = 1_000) -> tuple[Gap, ...]:
        """Return the acts to ask others for, at most `limit`."""
        rows = self._rows(
            "SELECT organ, member, id FROM wanted WHERE (?1 IS NULL OR organ = ?1) "
            "ORDER BY organ, member, id LIMIT ?2",
            *(organ, limit),
        )
        return tuple(Gap(o, m, name.hex()) for o, m, name in rows)

    def forks(self, *, organ: str | None = None) -> tuple[tuple[str, str, int], ...]:
        """Return the places, (organ, member, number), under which more than one act is at hand."""
        rows = self._rows(
            "SELECT organ, member, seq FROM acts WHERE ?1 IS NULL OR organ = ?1 "
            "GROUP BY organ, member, seq HAVING count(*) > 1 ORDER BY organ, member, seq",
            organ,
        )
        return tuple(rows)

    def boxes(self, id: str) -> tuple[SealedForm, ...]:  # noqa: A002 - it is the act's id
        """Return the boxes that came with an act, in the order they came."""
        rows = self._rows(
            "SELECT epoch, nonce, box FROM acts WHERE id = ?1 AND box IS NOT NULL UNION ALL "
            "SELECT * FROM (SELECT b.epoch, b.nonce, b.box FROM boxes b "
            "JOIN acts ON acts.number = act WHERE id = ?1 ORDER BY b.number)",
            as_name(id),
        )
        return tuple(_box(*row) for row in rows)

    def sealed(self, *, organ: str | None = None) -> Iterator[Act]:
        """Yield the acts that could not be opened yet."""
        where = ["arrived > ?", "kind IS NULL"]
        values: list[object] = []
        if organ is not None:
            where.append("organ = ?")
            values.append(organ)
        yield from self._by_arrival("acts", where, values, 0)

    def count(self, *, organ: str | None = None, kind: str | None = None) -> int:
        """Count the acts at hand: all, or those of an organ or a kind."""
        where = " AND ".join(
            f"{column} = ?" for column, value in (("organ", organ), ("kind", kind)) if value
        )
        values = [value for value in (organ, kind) if value]
        found = self._one(f"SELECT count(*) FROM acts WHERE {where or '1'}", *values)
        return int(found[0]) if found else 0

    def stored(self) -> Iterator[Stored]:
        """Yield every row as it stands in the file, for whoever checks it."""
        number = 0
        while True:
            rows = self._rows(
                f"SELECT number, organ, member, seq, prev, kind, {ACT} FROM acts "
                "WHERE number > ? ORDER BY number LIMIT ?",
                *(number, _AT_ONCE),
            )
            for number, organ, member, seq, prev, kind, *row in rows:
                before = None if prev is None else prev.hex()
                yield Stored(number, row[0].hex(), organ, member, seq, before, kind, tuple(row))
            if len(rows) < _AT_ONCE:
                return

    def act_of(self, stored: Stored) -> Act:
        """Return the act that a row holds, as it would be read.

        Raises
        ------
        StoreError
            If it makes no sense.
        """
        return self._act(stored.row)

    def indexed(self, number: int) -> frozenset[str]:
        """Return the names that the index holds for a row."""
        rows = self._rows("SELECT name FROM about WHERE act = ?", number)
        return frozenset(n.hex() if isinstance(n, bytes) else str(n) for (n,) in rows)

    def _by_arrival(
        self, source: str, where: Sequence[str], values: Sequence[object], after: int
    ) -> Iterator[Act]:
        place = next(i for i, part in enumerate(where) if "arrived" in part)
        statement = (
            f"SELECT arrived, {ACT} FROM {source} WHERE {' AND '.join(where)} "
            f"ORDER BY arrived LIMIT {_AT_ONCE}"
        )
        while True:
            rows = self._rows(statement, *values[:place], after, *values[place:])
            for row in rows:
                yield self._act(row[1:])
            if len(rows) < _AT_ONCE:
                return
            after = rows[-1][0]

    def _act(self, row: Sequence[object]) -> Act:
        read = (
            _read if sum(len(part) for part in row if type(part) is bytes) < LARGE else _read_anew
        )
        try:
            return read(self.payload_type, tuple(row))
        except (msgspec.MsgspecError, TypeError, ValueError):
            raise StoreError(
                f"{self.path} is damaged: an act in it cannot be read",
                hint="stop the node, keep the file, and restore the newest backup",
            ) from None


def _read_anew(payload_type: str, row: tuple[object, ...]) -> Act:
    name, key, signature, payload, salt, body, epoch, nonce, box = row
    act = restored(
        Envelope(payload_type, payload, (Signature(key, signature),)),  # type: ignore[arg-type]
        salt=salt,  # type: ignore[arg-type]
        body_bytes=body,  # type: ignore[arg-type]
        sealed=None if box is None else _box(epoch, nonce, box),  # type: ignore[arg-type]
        id=intern(name.hex()),  # type: ignore[attr-defined]
    )
    return replace(act, header=_shared(act.header), body=act.body and _shared(act.body))


_read = lru_cache(maxsize=REMEMBERED)(_read_anew)
"""What stands in one row is one act, in whatever record of this process it stands."""


def _shared(value: _Struct) -> _Struct:
    """Return a value whose names and ids are those that other acts hold, to save memory."""
    return type(value)(
        **{
            name: intern(one)
            if type(one) is str and len(one) <= 64
            else {intern(k): intern(v) for k, v in one.items()}
            if name == "roll"
            else one
            for name, one in msgspec.structs.asdict(value).items()
        }
    )


def _box(epoch: bytes, nonce: bytes, box: bytes) -> SealedForm:
    return SealedForm(epoch.hex(), b64encode(nonce).decode("ascii"), b64encode(box).decode("ascii"))


def box_row(box: SealedForm) -> tuple[bytes, bytes, bytes]:
    """Return a box as it stands in a row."""
    return bytes.fromhex(box.epoch), b64decode(box.nonce), b64decode(box.box)
