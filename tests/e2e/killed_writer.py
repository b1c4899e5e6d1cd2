"""A program that writes to a node's folder until it is killed: the victim of `test_kill.py`.

It is started once, imports what it needs, and then forks one real process for
each line that it reads (JSON): the victim. The victim says on a pipe what it is
about to write ("try"), and what was acknowledged ("done"). It dies by SIGKILL,
sent by its parent after a delay, or by itself at a place that is set before
(`prepare`): in the midst of a transaction, of a commit, between two files.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from comity.core.acts import Act, Header, SealedForm, write_act
from comity.core.bodies import Stance
from comity.core.founding import found
from comity.core.strict import write_base64
from comity.node import backup, store
from comity.node.backup import back_up
from comity.node.keys import LEAST, new_keys, read_keys, write_keys
from comity.node.record import Record

SEED = sha256(b"comity test seed killed").digest()
MEMBER, OFFICE, ORGAN = "Arden", "foreign ministry", "council"
FOUNDING = found(sha256(b"a charter").hexdigest(), "00" * 16, [(MEMBER, OFFICE, SEED)])
ABOUT = sha256(b"a proposal").hexdigest()
WORDS = b"some words"
INSTANT = "2026-03-01T08:00:00Z"
Say = Callable[..., None]


def sealed(act: Act) -> Act:
    """The act as it comes to somebody who cannot open it yet."""
    box = SealedForm(ABOUT, write_base64(bytes(32)), write_base64(act.body_bytes or b""))
    return replace(act, salt=None, body_bytes=None, body=None, sealed=box)


def write_acts(folder: Path, chance: random.Random, say: Say) -> None:
    """Go on with the chain for ever: batches, single acts, sealed acts that are opened later."""
    with Record.open(folder / "record.sqlite") as record:
        heads = record.heads(organ=ORGAN, member=MEMBER)
        assert len(heads) <= 1, "a crash never forks a chain"
        number, prev = (heads[0].seq, heads[0].id) if heads else (0, None)
        say("found", [])
        salts: dict[str, Act] = {}
        while True:
            batch = []
            for _ in range(chance.choice((1, 1, 2, 5, 40))):
                number += 1
                header = Header(
                    comity=1,
                    coalition=FOUNDING.id,
                    organ=ORGAN,
                    member=MEMBER,
                    office=OFFICE,
                    seq=number,
                    constitution=ABOUT,
                    instant=INSTANT,
                    commit="",
                    prev=prev,
                )
                salt = sha256(f"salt {number}".encode()).digest()
                body = Stance(ABOUT, 1, "yes")
                act = write_act(FOUNDING, header, body, salt=salt, seed=SEED)
                prev = act.id
                if chance.random() < 0.2:
                    salts[act.id] = act
                    act = sealed(act)
                batch.append(act)
            if salts and chance.random() < 0.3:
                batch += [salts.pop(name) for name in list(salts)]
            say("try", [[a.id, a.body is not None] for a in batch])
            with record.together():
                record.add(batch)
                record.settle(sha256(batch[0].id.encode()).hexdigest(), "adopted", b"x" * 99)
                record.set_meta("last", batch[0].id)
            say("done", [[a.id, a.body is not None] for a in batch])


def turn_keys(folder: Path, chance: random.Random, say: Say) -> None:
    """Rotate the key of the office for ever."""
    path = folder / "keys.json"
    keys = (
        read_keys(path, WORDS)
        if path.exists()
        else new_keys(MEMBER, (OFFICE,), made_at=INSTANT, chance=chance.randbytes)
    )
    say("found", [])
    while True:
        keys = keys.with_new(OFFICE, made_at=INSTANT, chance=chance.randbytes)
        keys = keys.signing_with(keys.offices[-1].key_id)
        names = [k.key_id for k in keys.offices]
        say("try", names)
        write_keys(path, keys, WORDS, cost=LEAST)
        say("done", names)


def take_backups(folder: Path, chance: random.Random, say: Say) -> None:
    """Take backups for ever, each over the one before, while acts are written."""
    backup._PAGES = 2  # so that many kills fall between two pages

    def write_more(what: str, done: int, total: int) -> None:
        if what == "copying" and chance.random() < 0.2:
            record.set_meta("copied", f"{done} of {total}")

    with Record.open(folder / "record.sqlite") as record:
        say("found", [])
        while True:
            say("try", [])
            back_up(record.path, folder / "backup.sqlite", progress=write_more, replace=True)
            say("done", [])


WORK = {"acts": write_acts, "keys": turn_keys, "backup": take_backups}


def die() -> None:
    """Kill this process; nothing in it can prevent or notice that."""
    os.kill(os.getpid(), signal.SIGKILL)


def prepare(steps: int = 0, commits: int = 0, wait: float = 0, files: int = 0, pages: int = 1_000):
    """Set where this process kills itself; without, its parent does.

    Parameters
    ----------
    steps
        Inside SQLite, after so many steps of its virtual machine in transactions.
    commits, wait
        So many seconds after the start of a commit, the last of so many: while
        its bytes are being written and synced.
    files
        Before it opens, renames or deletes a file, the last of so many.
    pages
        Not a place: after so many pages SQLite folds its log in, so that kills
        fall into that too.

    SQLite gets little memory, so that it writes to its log long before a commit.
    """
    connect, committing = store.connect, threading.Event()

    def step(db: sqlite3.Connection) -> int:
        nonlocal steps
        steps -= db.in_transaction
        if steps <= 0:
            die()
        return 0

    def trace(statement: str) -> None:
        nonlocal commits
        commits -= statement == "COMMIT"
        if commits == 0:
            committing.set()

    def connecting(*given: Any) -> sqlite3.Connection:
        db: sqlite3.Connection = connect(*given)
        db.execute(f"PRAGMA wal_autocheckpoint = {pages}")
        db.execute("PRAGMA cache_size = 4")
        if steps:
            db.set_progress_handler(partial(step, db), 1)
        if commits:
            db.set_trace_callback(trace)
        return db

    def killing() -> None:
        committing.wait()
        until = time.perf_counter() + wait
        while time.perf_counter() < until:
            pass
        die()

    def audit(event: str, given: object) -> None:
        nonlocal files
        if event in ("open", "os.rename", "os.remove") and files:
            files -= 1
            if not files:
                die()

    store.connect = connecting
    threading.Thread(target=killing, daemon=True).start()
    if files:
        sys.addaudithook(audit)


def victim(task: dict[str, Any], pipe: int) -> None:
    """Write until death."""

    def say(word: str, values: list[Any]) -> None:
        os.write(pipe, json.dumps([word, values]).encode() + b"\n")

    signal.alarm(60)  # a victim that is never killed ends so, and the test fails
    prepare(**task["place"])
    WORK[task["work"]](Path(task["folder"]), random.Random(task["seed"]), say)


def main() -> None:
    """Fork, kill and tell, once a line."""
    for line in sys.stdin:
        task = json.loads(line)
        ours, theirs = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(ours)
            try:
                victim(task, theirs)
            finally:
                os._exit(3)
        os.close(theirs)
        with os.fdopen(ours, "rb") as heard:
            first = heard.readline()
            if "delay" in task:
                time.sleep(task["delay"])
                os.kill(child, signal.SIGKILL)
            said = first + heard.read()
        _, status = os.waitpid(child, 0)
        lines = [json.loads(one) for one in said.splitlines(keepends=True) if one.endswith(b"\n")]
        signal_number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        print(json.dumps({"signal": signal_number, "said": lines}), flush=True)


if __name__ == "__main__":
    main()
