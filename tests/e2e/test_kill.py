"""Killed anywhere, nothing acknowledged is lost, and nothing half-written is ever read.

`COMITY_KILLS=500` kills more often. What SIGKILL cannot show is a loss of
power: that commits are synced is checked in tests/unit/node/test_record.py.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from contextlib import contextmanager

import pytest

from comity.core.acts import Act, read_act
from comity.node.files import StoreError
from comity.node.keys import read_keys
from comity.node.record import Record, names_of
from tests.e2e import killed_writer as writer

KILLS = int(os.environ.get("COMITY_KILLS", "30"))
EACH = 30
"""So many kills fall on one record; then another is begun, so that many kills take no day."""
SEED = int(os.environ.get("COMITY_SEED", "1"))


@contextmanager
def parent():
    """Start the program that forks victims, and give a way to have one killed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.killed_writer"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def killed(**task):
        process.stdin.write(json.dumps(task) + "\n")
        process.stdin.flush()
        told = json.loads(process.stdout.readline())
        assert told["signal"] == 9, told
        return told["said"]

    with process:
        yield killed
        process.stdin.close()


def new_record(folder):
    """Make the empty record that victims write."""
    founding = writer.FOUNDING
    Record.create(
        folder / "record.sqlite", coalition=founding.id, payload_type=founding.act_type
    ).close()
    return folder


@pytest.fixture
def folder(tmp_path):
    return new_record(tmp_path)


def kills(chance, count, places):
    """Where each victim dies, in turn: see `killed_writer.prepare`."""
    for number in range(count):
        kind = places[number % len(places)]
        task = {"seed": chance.randrange(2**32), "place": {"pages": chance.choice((5, 50, 1_000))}}
        if kind == "delay":
            task["delay"] = chance.uniform(0.0, 0.3)
        elif kind == "steps":
            task["place"]["steps"] = int(10 ** chance.uniform(0, 4.6))
        elif kind == "commit":
            task["place"] |= {"commits": chance.randint(1, 20), "wait": chance.uniform(0, 0.001)}
        else:
            task["place"]["files"] = number % 12 + 1
        yield task


def test_killed_anywhere_nothing_acknowledged_is_lost_and_the_chain_goes_on(tmp_path):
    chance = random.Random(SEED)
    tasks = list(kills(chance, KILLS, ("delay", "steps", "commit")))
    acts = lost = kept = 0
    with parent() as killed:
        for first in range(0, KILLS, EACH):
            folder = tmp_path / str(first)
            folder.mkdir()
            found = survived(killed, new_record(folder), tasks[first : first + EACH])
            acts, lost, kept = acts + found[0], lost + found[1], kept + found[2]
    assert acts
    assert lost, "no kill fell into a transaction: the test shows nothing"
    print(
        f"{KILLS} kills, {acts:,} acts acknowledged, none lost; {lost} kills fell into a "
        f"transaction, {kept} between its end and its being told"
    )


def survived(killed, folder, tasks):
    """Kill on one record, look at it after each, and count acts, batches lost, batches kept."""
    known: dict[str, bool] = {}  # acts that are in the record, and whether opened
    verified: set[Act] = set()
    last = None
    lost = kept = 0
    for task in tasks:
        trying: list[tuple[str, bool]] = []
        for word, acts in killed(work="acts", folder=str(folder), **task):
            if word == "done":
                known, last, trying = with_more(known, acts), acts[0][0], []
            elif word == "try":
                trying = acts
        with Record.open(folder / "record.sqlite") as record:
            found = {}
            for stored in record.stored():
                act = record.act_of(stored)
                if act not in verified:
                    assert read_act(act.to_bytes(), writer.FOUNDING).id == act.id
                    verified.add(act)
                assert record.indexed(stored.number) == set(names_of(act))
                found[act.id] = act.body is not None
            if trying and record.meta("last") == trying[0][0]:
                known, last = with_more(known, trying), trying[0][0]
                kept += 1  # committed, and killed before it could say so
            elif trying:
                lost += 1
            assert found == known, "all that was acknowledged; of a batch all or nothing"
            assert record.meta("last") == last, "and what was written with it"
            assert bool(record.settled()) == bool(known)
            assert (record.integrity(), record.misplaced()) == ((), (0, 0))
            chain = list(record.chain(writer.ORGAN, writer.MEMBER))
            assert [a.header.seq for a in chain] == list(range(1, len(known) + 1))
            assert (record.forks(), record.gaps(), record.held_back) == ((), (), None)
    return len(known), lost, kept


def with_more(known, acts):
    """What is in the record after a batch; what was opened stays so."""
    more = dict(known)
    for name, opened in acts:
        more[name] = more.get(name, False) or opened
    return more


def test_killed_anywhere_the_keys_are_the_old_ones_or_the_new(folder):
    chance = random.Random(SEED)
    known: list[str] = []
    with parent() as killed:
        for task in kills(chance, max(12, KILLS // 2), ("files", "delay", "files")):
            tried = None
            for word, names in killed(work="keys", folder=str(folder), **task):
                if word == "try":
                    tried = names
                elif word == "done":
                    known, tried = names, None
            try:
                keys = read_keys(folder / "keys.json", writer.WORDS)
            except StoreError:
                assert not known, "keys that were acknowledged can be read"
                continue
            names = [k.key_id for k in keys.offices]
            assert names in (known, tried)
            assert keys.signing().key_id == names[-1]
            known = names
    assert known


def test_killed_anywhere_a_backup_is_whole_or_not_there(folder):
    chance = random.Random(SEED)
    with parent() as killed:
        killed(work="acts", folder=str(folder), seed=1, delay=0.5, place={})
        with Record.open(folder / "record.sqlite") as record:
            acts = record.count()
        for task in kills(chance, max(12, KILLS // 4), ("files", "delay", "files")):
            said = killed(work="backup", folder=str(folder), **task)
            target = folder / "backup.sqlite"
            if any(word == "done" for word, _ in said) or target.exists():
                with Record.read(target) as copy:
                    assert copy.integrity() == ()
                    assert copy.count() == acts
                    assert copy.held_back == "restored"
            with Record.open(folder / "record.sqlite") as record:
                assert record.integrity() == ()
                assert record.count() == acts
    assert target.exists()
