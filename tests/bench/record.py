"""The record of one node with 100,000 acts of 35 members: opening it, and reading all of it."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from pathlib import Path
from random import Random

from comity.core.acts import Act, Header, commitment, restored
from comity.core.bodies import Adopt, Body, Closing, Propose, Stance
from comity.core.envelope import ACT, Envelope, Signature
from comity.core.strict import write_json
from comity.node.record import Record

ACTS, MEMBERS = 100_000, 35
COALITION = sha256(b"coalition").hexdigest()
TASKS = (
    ("open", "record = Record.open(path); record.heads(); list(islice(record.unsettled(), 99))"),
    ("read all, one after the other", "record = Record.open(path); [None for _ in record.acts()]"),
    ("read all, and hold them", "record = Record.open(path); held = list(record.acts())"),
    ("check of the index and the chains", "record = Record.open(path); record.rebuild()"),
)


def history(seed: int) -> Iterator[Act]:
    """Yield proposals that all answer and close, signed with bytes by chance.

    A record does not verify; and signing so many would take a minute.
    """
    chance = Random(seed)
    members = [f"M{k:02}" for k in range(MEMBERS)]
    heads: dict[str, tuple[int, str | None]] = {}

    def act(member: str, body: Body) -> Act:
        number, prev = heads.get(member, (0, None))
        salt, data = chance.randbytes(32), write_json(body)
        header = Header(
            comity=1,
            coalition=COALITION,
            organ="council",
            member=member,
            office="foreign ministry",
            seq=number + 1,
            constitution=COALITION,
            instant="2026-03-01T08:00:00Z",
            commit=commitment(salt, data),
            prev=prev,
        )
        signature = Signature(sha256(member.encode()).hexdigest()[:32], chance.randbytes(64))
        envelope = Envelope(ACT, write_json(header), (signature,))
        made = restored(envelope, salt=salt, body_bytes=data)
        heads[member] = (number + 1, made.id)
        return made

    while True:
        proposal = act(
            chance.choice(members),
            Propose(
                title="The ambulance",
                effect=Adopt(("The ambulance stays on the hill.",)),
                charter=COALITION,
                rule="consensus",
                procedure="silence",
                on="2026-03-02",
                roster=tuple(members),
                expires="2026-03-02T12:00:00Z",
            ),
        )
        yield proposal
        roll = {}
        for member in members:
            stance = act(member, Stance(proposal.id, 1, "yes"))
            roll[member] = stance.id
            yield stance
        for member in members:
            yield act(member, Closing(proposal.id, roll, "2026-03-01T08:00:00Z"))


def measured(path: Path, task: str) -> tuple[float, float]:
    """Return seconds and the most megabytes held, in a process of its own; imports not timed."""
    program = (
        "import json, sys, time; from itertools import islice; from pathlib import Path\n"
        "from comity.node.record import Record\n"
        "path = Path(sys.argv[1]); started = time.perf_counter()\n"
        f"{task}\n"
        "seconds = time.perf_counter() - started\n"
        "status = Path('/proc/self/status').read_text().split()\n"
        "print(json.dumps([seconds, int(status[status.index('VmHWM:') + 1]) / 1024]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    seconds, megabytes = json.loads(done.stdout)
    return seconds, megabytes


def run(cap: float) -> None:
    """Print one table. Nobody else keeps such a record, so no peer stands beside it."""
    del cap
    print(f"The record: {ACTS:,} acts of {MEMBERS} members, nearly half of them closings.\n")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "record.sqlite"
        record = Record.create(path, coalition=COALITION, payload_type=ACT)
        acts = history(1)
        spent = 0.0
        for _ in range(ACTS // 1_000):
            some = list(islice(acts, 1_000))
            started = time.perf_counter()
            record.add(some)
            spent += time.perf_counter() - started
        for proposal in list(record.acts(kind="propose"))[:-50]:
            record.settle(proposal.id, "adopted")
        print(f"  {'add, a thousand at once':52} {spent / ACTS * 1e6:7.1f} µs each")
        seconds = []
        for one in islice(acts, 200):
            started = time.perf_counter()
            record.add([one])
            seconds.append(time.perf_counter() - started)
        print(f"  {'add one more, synced (median)':52} {sorted(seconds)[100] * 1e3:7.2f} ms")
        record.close()
        print(f"  {'on disk':52} {path.stat().st_size / 1e6:7.0f} MB\n")
        for name, task in TASKS:
            taken, most = measured(path, task)
            print(f"  {name:52} {taken:7.3f} s  at most {most:4.0f} MB", flush=True)
