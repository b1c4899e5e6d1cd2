"""The record's protocol: certificates, acts, folding, catching up. Nobody else has these."""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path

from comity.charters import text
from comity.core import constitution as constitutions
from comity.core.acts import Act, Header, act_of, write_act
from comity.core.attestations import verify
from comity.core.bodies import Adopt, Alert, Closing, Propose, Stance
from comity.core.certificate import certify
from comity.core.constitution import constitution
from comity.core.envelope import ACT
from comity.core.exchange import Exchange
from comity.core.founding import countersigned, draft, found, founding_of
from comity.core.proposals import pin, stand
from comity.core.reading import read_charter
from comity.core.succession import succeed
from comity.node.folder import create_folder
from comity.node.keys import LEAST, new_keys, write_keys
from comity.node.node import Node
from comity.node.record import Record
from tests.bench.record import history

CHARTERS = (("coalition-of-the-willing", "leaders"), ("eu-council", "council"))
START = datetime(2026, 3, 1, 8, tzinfo=UTC)


def seed(name: str) -> bytes:
    return sha256(f"bench {name}".encode()).digest()


class Signers:
    """Everybody of a charter, with keys, signing in one organ."""

    def __init__(self, charter: str, organ: str) -> None:
        data = text(charter)
        parties = read_charter(data).order
        self.founding = found(
            sha256(data).hexdigest(), "00" * 16, [(p, "office", seed(p)) for p in parties]
        )
        self.under, self.organ = constitution(self.founding, data), organ
        self.heads: dict[str, tuple[int, str | None]] = {}
        self.count = 0

    def act(self, member: str, body: object, at: datetime = START) -> Act:
        number, prev = self.heads.get(member, (0, None))
        self.count += 1
        header = Header(
            comity=1,
            coalition=self.founding.id,
            organ=self.organ,
            member=member,
            office="office",
            seq=number + 1,
            constitution=self.under.id,
            instant=at.isoformat()[:19] + "Z",
            commit="0" * 64,
            prev=prev,
        )
        salt = sha256(str(self.count).encode()).digest()
        act = write_act(self.founding, header, body, salt=salt, seed=seed(member))
        self.heads[member] = (number + 1, act.id)
        return act


def certificate(charter: str, organ: str) -> tuple[bytes, str, int, int]:
    """Return a certificate in which everybody answers and closes, and the size of one roll."""
    cast = Signers(charter, organ)
    on = date(2026, 3, 3)
    roster = cast.under.charter.roster(organ, on)
    body = cast.under.charter.organs[organ]
    vote = next(p for p in body.procedures if cast.under.charter.procedures[p].kind == "vote")
    proposal = cast.act(
        roster[0],
        Propose(
            "A common position",
            Adopt(("The position.",)),
            cast.under.charter_hash,
            body.rules[0],
            vote,
            on.isoformat(),
            roster,
            f"{on}T12:00:00Z",
        ),
    )
    said = {m: cast.act(m, Stance(proposal.id, 1, "yes")) for m in roster}
    roll = {m: act.id for m, act in said.items()}
    closings = [
        cast.act(m, Closing(proposal.id, roll, None), START + timedelta(days=9)) for m in roster
    ]
    pinned = pin(proposal, cast.under)
    assert not isinstance(pinned, str), pinned
    standing = stand(pinned, [*said.values(), *closings])
    data = certify(standing, succeed(cast.under, ()))
    return data, cast.founding.id, len(closings[0].to_bytes()), len(roster)


def median(work: Callable[[], object], times: int) -> float:
    took = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        took.append(time.perf_counter() - started)
    return statistics.median(took)


def _cold(data: bytes, fingerprint: str) -> float:
    """Return the seconds that a verifier takes that has not read the charter yet."""
    constitutions._read.cache_clear()
    started = time.perf_counter()
    verify(data, fingerprint)
    return time.perf_counter() - started


def line(what: str, value: str, bound: str) -> None:
    print(f"  {what:62} {value:>14}   asked: {bound}")


FOLD = (
    "import sys, time; from pathlib import Path\n"
    "from tests.bench.protocol import Signers, CHARTERS\n"
    "from comity.node.record import Record\n"
    "from comity.core.state import fold, extend\n"
    "ground = Signers(*CHARTERS[0]).under\n"
    "started = time.perf_counter()\n"
    "record = Record.open(Path(sys.argv[1]))\n"
    "state = fold(ground, record.acts())\n"
    "folded = time.perf_counter() - started\n"
    "from tests.bench.record import history; from itertools import islice\n"
    "more = list(islice(history(2), 400)); took = []\n"
    "for act in more:\n"
    "    started = time.perf_counter(); extend(state, [act])\n"
    "    took.append(time.perf_counter() - started)\n"
    "status = Path('/proc/self/status').read_text().split()\n"
    "most = int(status[status.index('VmHWM:') + 1]) / 1024\n"
    "print(folded, sorted(took)[len(took) // 2], most)\n"
)


def run(cap: float) -> None:
    """Print one table."""
    del cap
    print("The protocol\n")
    for charter, organ in CHARTERS:
        data, fingerprint, roll, members = certificate(charter, organ)
        first = min(_cold(data, fingerprint) for _ in range(5))
        took = median(lambda d=data, f=fingerprint: verify(d, f), 15)
        what = f"certificate of {members} ({charter}), all answering: verified"
        line(what, f"{first * 1e3:.1f} ms", "under 50 ms")
        line("  another on the same charter", f"{took * 1e3:.1f} ms", "")
        line(
            f"  its size, and that of one closing with {members} entries",
            f"{len(data) / 1e3:.0f}, {roll / 1e3:.1f} KB",
            "a roll under 40 KB",
        )
    with tempfile.TemporaryDirectory() as folder:
        _node(Path(folder))
        _catching_up()
        path = Path(folder) / "record.sqlite"
        record = Record.create(path, coalition=sha256(b"coalition").hexdigest(), payload_type=ACT)
        acts = history(1)
        for _ in range(100):
            record.add(list(islice(acts, 1_000)))
        for proposal in list(record.acts(kind="propose"))[:-50]:
            record.settle(proposal.id, "adopted")
        record.close()
        done = subprocess.run(
            [sys.executable, "-c", FOLD, str(path)], capture_output=True, text=True, check=True
        )
        folded, more, most = map(float, done.stdout.split())
        line("100,000 acts: read from disk and folded", f"{folded:.1f} s", "under 10 s")
        line("  at most held in memory", f"{most:.0f} MB", "under 400 MB")
        line("  one act more (median)", f"{more * 1e3:.3f} ms", "under 1 ms")
        took = median(lambda: _snapshot(path), 5)
        line(
            "  opened with settled outcomes kept, open proposals read",
            f"{took * 1e3:.0f} ms",
            "under 300 ms",
        )


def _snapshot(path: Path) -> None:
    record = Record.open(path)
    record.heads()
    for proposal in record.unsettled():
        list(record.about(proposal.id))
    record.close()


def _node(folder: Path) -> None:
    data = text(CHARTERS[0][0])
    keys = new_keys("DNK", ("office",), made_at="2026-03-01T08:00:00Z")
    held = (keys.signing().held,)
    drafted = draft(sha256(data).hexdigest(), "00" * 16, held)
    founding = founding_of(countersigned(drafted, [keys.signing().seed.reveal()]))
    made = create_folder(folder / "dnk")
    write_keys(made.keys, keys, b"bench", cost=LEAST)
    made.found(founding, data)
    with Node.open(folder / "dnk", b"bench") as node:
        node.say("leaders", Alert("first", "x", "minor"))
        took = median(lambda: node.say("leaders", Alert("one", "x", "minor")), 200)
        with node.record.together():  # without waiting for the disk
            quick = median(lambda: node.say("leaders", Alert("one", "x", "minor")), 200)
    line("an act signed, sealed and stored, on disk", f"{took * 1e3:.2f} ms", "under 5 ms + fsync")
    line("  the same without waiting for the disk", f"{quick * 1e3:.2f} ms", "under 5 ms")


def _catching_up() -> None:
    cast = Signers(*CHARTERS[0])
    roster = cast.under.charter.roster("leaders", date(2026, 3, 3))
    acts = [cast.act(roster[k % 35], Alert(f"{k}", "x", "minor")) for k in range(4_000)]
    full = Exchange(cast.founding.id, roster[0])
    full.hold(acts)
    by_id = {act.id: act for act in acts}
    empty = Exchange(cast.founding.id, roster[1])
    readers = {"leaders": frozenset(roster[:2])}
    now, got = START, 0
    started = time.perf_counter()
    letters = [(roster[0], letter) for letter in full.due(readers=readers, now=now)]
    sides = {roster[0]: full, roster[1]: empty}
    while got < len(acts):
        if not letters:
            now += timedelta(seconds=1)
            letters = [
                (m, one) for m, x in sides.items() for one in x.due(readers=readers, now=now)
            ]
        sender, letter = letters.pop(0)
        side = sides[letter.peer]
        received = side.receive(
            sender,
            letter.data,
            readers=readers,
            now=now,
            verify=lambda form: act_of(form, cast.founding),
            find=lambda name: by_id[name].form() if name in by_id else None,
            holders=cast.founding.holders,
        )
        side.hold(received.acts)
        got += len(received.acts)
        letters += [(letter.peer, one) for one in received.letters]
        letters += [(letter.peer, one) for one in side.due(readers=readers, now=now)]
    took = time.perf_counter() - started
    line(
        "catching up, each act verified (4,000 acts)",
        f"{len(acts) / took:,.0f} /s",
        "over 2,000 /s",
    )
