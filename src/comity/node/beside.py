"""What a record keeps beside the acts: outcomes, beacons, keys of epochs, and bytes set aside."""

# ruff: noqa: S608 - the names of tables and columns are our own; values are always bound.

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from comity.node.files import StoreError
from comity.node.store import Store, as_name

MAX_ASIDE = 1_000
MAX_ASIDE_EACH = 100
MAX_ASIDE_BYTES = 32 * 2**20


@dataclass(frozen=True, slots=True)
class Settled:
    """An outcome that nothing can change any more, with what the service keeps beside it."""

    proposal: str
    outcome: str
    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class BeaconKept:
    """The latest beacon of a member in an organ."""

    member: str
    organ: str
    instant: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class EpochKept:
    """The key of an epoch, encrypted under this node's store key (`Keys.wrap`)."""

    organ: str
    number: int
    key_hash: str
    box: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Aside:
    """Bytes that could not be verified yet, to be tried again."""

    id: str
    source: str
    reason: str
    data: bytes = field(repr=False)


class Beside(Store):
    """What a record keeps beside the acts."""

    def settle(self, proposal: str, outcome: str, payload: bytes = b"") -> None:
        """Keep the outcome of a settled proposal.

        Raises
        ------
        StoreError
            If another outcome was settled before: only "contested" can follow.
        """
        with self.together():
            known = self._one(
                "SELECT outcome FROM settled WHERE proposal = ?", bytes.fromhex(proposal)
            )
            if known and known[0] not in (outcome, "contested") and outcome != "contested":
                raise StoreError(
                    f"proposal {proposal[:16]} is settled as {known[0]}, and now said to be "
                    f"{outcome}",
                    hint="a settled outcome never changes: examine the record with the doctor",
                )
            if known and known[0] == "contested" != outcome:
                return
            self._db.execute(
                "INSERT INTO settled VALUES (?, ?, ?) ON CONFLICT (proposal) "
                "DO UPDATE SET outcome = excluded.outcome, payload = excluded.payload",
                (bytes.fromhex(proposal), outcome, payload),
            )

    def settled(self, proposal: str | None = None) -> tuple[Settled, ...]:
        """Return the settled outcomes: all, or that of one proposal."""
        rows = self._rows(
            "SELECT proposal, outcome, payload FROM settled "
            "WHERE ?1 IS NULL OR proposal = ?1 ORDER BY proposal",
            None if proposal is None else as_name(proposal),
        )
        return tuple(Settled(name.hex(), outcome, payload) for name, outcome, payload in rows)

    def note_opened(self, id: str, instant: str) -> None:  # noqa: A002 - it is the act's id
        """Note since when this node can read an act; the first instant noted stays."""
        with self.together():
            self._db.execute("INSERT OR IGNORE INTO opened VALUES (?, ?)", (as_name(id), instant))

    def opened_at(self, id: str) -> str | None:  # noqa: A002 - it is the act's id
        """Return since when this node can read an act, if that was noted."""
        found = self._one("SELECT instant FROM opened WHERE act = ?", as_name(id))
        return str(found[0]) if found else None

    def keep_beacon(self, member: str, organ: str, instant: str, data: bytes) -> None:
        """Keep a beacon in place of the one here."""
        with self.together():
            self._db.execute(
                "INSERT OR REPLACE INTO beacons VALUES (?, ?, ?, ?)", (member, organ, instant, data)
            )

    def beacons(self, *, organ: str | None = None) -> tuple[BeaconKept, ...]:
        """Return the latest beacons: all, or those in an organ."""
        rows = self._rows(
            "SELECT member, organ, instant, data FROM beacons WHERE ?1 IS NULL OR organ = ?1 "
            "ORDER BY organ, member",
            organ,
        )
        return tuple(BeaconKept(*row) for row in rows)

    def keep_epoch(self, epoch: EpochKept) -> None:
        """Keep the encrypted key of an epoch."""
        with self.together():
            self._db.execute(
                "INSERT OR REPLACE INTO epochs VALUES (?, ?, ?, ?)",
                (bytes.fromhex(epoch.key_hash), epoch.organ, epoch.number, epoch.box),
            )

    def epochs(self, *, organ: str | None = None) -> tuple[EpochKept, ...]:
        """Return the encrypted keys of epochs: all, or those of an organ, by number."""
        rows = self._rows(
            "SELECT organ, number, key_hash, box FROM epochs WHERE ?1 IS NULL OR organ = ?1 "
            "ORDER BY organ, number, key_hash",
            organ,
        )
        return tuple(EpochKept(o, number, name.hex(), box) for o, number, name, box in rows)

    def set_aside(self, data: bytes, *, source: str, reason: str) -> str:
        """Keep bytes that cannot be verified yet, and return their id.

        Room is bounded for each source, and for all together: the oldest of
        the same source go first.
        """
        name = sha256(data).digest()
        with self.together():
            self._db.execute("DELETE FROM aside WHERE id = ?", (name,))
            self._db.execute(
                "INSERT INTO aside (id, source, reason, data) VALUES (?, ?, ?, ?)",
                (name, source, reason, data),
            )
            self._trim_aside("source = ?", (source,), MAX_ASIDE_EACH, MAX_ASIDE_BYTES // 8)
            self._trim_aside("1", (), MAX_ASIDE, MAX_ASIDE_BYTES)
        return name.hex()

    def aside(self, *, reason: str | None = None) -> tuple[Aside, ...]:
        """Return what was set aside: all, or that for one reason; the oldest first."""
        rows = self._rows(
            "SELECT id, source, reason, data FROM aside WHERE ?1 IS NULL OR reason = ?1 "
            "ORDER BY number",
            reason,
        )
        return tuple(Aside(name.hex(), *rest) for name, *rest in rows)

    def drop_aside(self, ids: Iterable[str]) -> None:
        """Forget bytes that were set aside."""
        with self.together():
            self._db.executemany(
                "DELETE FROM aside WHERE id = ?", [(bytes.fromhex(name),) for name in ids]
            )

    def _trim_aside(self, where: str, values: tuple[object, ...], most: int, size: int) -> None:
        rows = self._rows(
            f"SELECT number, length(data) FROM aside WHERE {where} ORDER BY number DESC", *values
        )
        held = 0
        for place, (number, length) in enumerate(rows):
            held += length
            if place and (place >= most or held > size):
                self._db.execute("DELETE FROM aside WHERE number = ?", (number,))
