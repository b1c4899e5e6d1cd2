"""The record: durable, idempotent, both branches of a fork, opened later, bounded."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.core.acts import SealedForm, read_act
from comity.core.bodies import Adopt
from comity.core.envelope import Signature
from comity.core.state import fold
from comity.errors import UsageError
from comity.node import beside, record_reading, store
from comity.node import record as module
from comity.node.files import StoreError
from comity.node.record import EpochKept, Gap, Head, Record, Settled
from comity.node.schema import STEPS, bring_up
from tests.property.record_strategies import Cast, signed_histories


@pytest.fixture
def cast():
    return Cast(4, 1, 0)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "record.sqlite"


@pytest.fixture
def record(cast, path):
    with made(cast, path) as opened:
        yield opened


def made(cast, path):
    return Record.create(path, coalition=cast.founding.id, payload_type=cast.founding.act_type)


def box(letter, size=80):
    return SealedForm(
        sha256(letter.encode()).hexdigest(),
        b64encode(letter.encode() * 32).decode(),
        b64encode(letter.encode() * size).decode(),
    )


def closed(act, sealed=None):
    """The act as it comes to those who cannot open it."""
    return replace(act, salt=None, body_bytes=None, body=None, sealed=sealed)


def history(cast):
    proposal = cast.propose("Arden")
    stances = [cast.say(m, proposal, "yes") for m in cast.roster]
    return [proposal, *stances, *cast.close_all(proposal, stances)]


# What goes in comes out.


def test_acts_come_back_as_they_went_in(cast, record):
    acts = history(cast)
    assert record.add(acts) == tuple(act.id for act in acts)
    assert list(record.acts()) == acts
    assert [record.get(act.id) for act in acts] == acts
    assert record.get("00" * 32) is None
    assert record.get("no id at all") is None
    assert all(read_act(act.to_bytes(), cast.founding) == act for act in record.acts())


def test_adding_again_changes_nothing(cast, record):
    acts = history(cast)
    record.add(acts)
    before = record.arrived
    assert record.add(reversed(acts)) == ()
    assert record.add([]) == ()
    assert record.arrived == before
    assert record.count() == len(acts)


def test_acts_are_there_after_closing_and_opening(cast, path):
    acts = history(cast)
    with made(cast, path) as record:
        record.add(acts)
    with Record.open(path) as again:
        assert list(again.acts()) == acts
        assert again.coalition == cast.founding.id
        assert again.held_back is None


def test_a_small_act_is_read_once_for_all_records_and_a_large_one_each_time(cast, tmp_path):
    """What is remembered stays small, whatever members say."""
    small = cast.propose("Arden")
    large = cast.propose("Arden", effect=Adopt(tuple("x" * 4_000 for _ in range(5))))
    with made(cast, tmp_path / "one") as one, made(cast, tmp_path / "other") as other:
        one.add([small, large])
        other.add([closed(small), large])
        assert other.get(small.id) == closed(small)
        other.add([small])
        assert one.get(small.id) is other.get(small.id)
        assert one.get(large.id) == other.get(large.id) == large
        assert one.get(large.id) is not one.get(large.id)


def test_an_act_of_another_coalition_is_refused_and_nothing_of_its_batch_is_kept(cast, record):
    stranger = Cast(4, 1, 0, run="11" * 16)
    with pytest.raises(UsageError, match="another coalition"):
        record.add([cast.propose(), stranger.propose()])
    assert record.count() == 0


def test_acts_are_found_by_organ_member_kind_and_number(cast, record):
    acts = history(cast)
    watch = cast.act("Brill", acts[1].body, organ="watch")
    record.add([*acts, watch])
    assert [a.id for a in record.acts(organ="watch")] == [watch.id]
    assert {a.id for a in record.acts(member="Brill")} == {acts[2].id, acts[6].id, watch.id}
    assert [a.kind for a in record.acts(kind="closing")] == ["closing"] * 4
    assert record.count(kind="stance", organ="council") == 4
    chain = list(record.chain("council", "Arden"))
    assert [a.header.seq for a in chain] == [1, 2, 3]
    assert list(record.chain("council", "Arden", first=2, last=2)) == chain[1:2]
    assert list(record.chain("council", "Elsin")) == []


def test_the_latest_acts_of_some_organs_come_first(cast, record):
    acts = history(cast)
    watch = closed(cast.act("Brill", acts[1].body, organ="watch"))
    record.add([*acts, watch])
    latest = [act.id for act in record.latest(("council", "watch"))]
    assert latest == [act.id for act in reversed([*acts, watch])]
    assert [act.id for act in record.latest(("council",), limit=2)] == latest[1:3]
    assert [act.id for act in record.latest(("council",), before=latest[2])] == latest[3:]
    assert [act.id for act in record.latest(("council", "watch"), kind="sealed")] == [watch.id]
    assert {act.member for act in record.latest(("council",), member="Corve")} == {"Corve"}
    assert [act.id for act in record.latest(("council",), kind="propose")] == [acts[0].id]
    assert record.latest(()) == ()


def test_acts_are_found_by_what_they_are_about(cast, record):
    acts = history(cast)
    record.add(acts)
    assert {a.id for a in record.about(acts[0].id)} == {a.id for a in acts[1:]}
    assert {a.id for a in record.about(acts[0].id, kind="closing")} == {a.id for a in acts[5:]}
    assert list(record.about("a-case")) == []


def test_an_act_is_found_by_the_first_letters_of_its_id(cast, record):
    acts = history(cast)
    record.add(acts)
    assert record.starting(acts[0].id[:9]) == (acts[0].id,)
    assert record.starting("") == tuple(sorted(a.id for a in acts))[:3]
    assert record.starting("not hexadecimal") == ()


def test_reading_goes_on_where_it_stopped(cast, record, monkeypatch):
    monkeypatch.setattr(record_reading, "_AT_ONCE", 2)
    acts = history(cast)
    record.add(acts[:3])
    seen = record.arrived
    record.add(acts[3:])
    assert list(record.acts(after=seen)) == acts[3:]
    assert list(record.acts()) == acts
    assert len(list(record.about(acts[0].id))) == len(acts) - 1
    assert len(list(record.chain("council", "Arden"))) == 3
    assert len(list(record.stored())) == len(acts)


@settings(max_examples=20, deadline=None)
@given(signed_histories(), st.randoms(use_true_random=False))
def test_the_record_says_the_same_whatever_the_order_and_grouping(history, chance):
    given_acts = [*history.acts, *map(closed, history.acts)]
    chance.shuffle(given_acts)
    with TemporaryDirectory() as folder:
        founding = history.under.founding
        with Record.create(
            Path(folder) / "record.sqlite", coalition=founding.id, payload_type=founding.act_type
        ) as record:
            while given_acts:
                some = chance.randint(1, 7)
                record.add(given_acts[:some])
                del given_acts[:some]
            state = fold(history.under, record.acts())
            assert state == fold(history.under, history.acts)
            assert record.misplaced() == (0, 0)
            heads = {h for chain in state.chains.values() for h in chain.heads}
            assert {h.id for h in record.heads()} == heads
            for name, answers in state.answers.items():
                assert {a.id for a in record.about(name)} == set(answers)


# Chains.


def test_heads_and_gaps_are_those_of_the_fold_in_any_order(cast, tmp_path):
    acts = history(cast)
    for number, order in enumerate((acts, acts[::-1], acts[::2] + acts[1::2], acts[2:], acts[::2])):
        with made(cast, tmp_path / f"{number}.sqlite") as record:
            for act in order:
                record.add([act])
            chains = fold(cast.under, order).chains
            expected = {(o, m, h) for (o, m), chain in chains.items() for h in chain.heads}
            assert {(h.organ, h.member, h.id) for h in record.heads()} == expected
            gaps = {(o, m, g) for (o, m), chain in chains.items() for g in chain.gaps}
            assert {(g.organ, g.member, g.id) for g in record.gaps()} == gaps
            record.rebuild()
            assert {(h.organ, h.member, h.id) for h in record.heads()} == expected
            assert {(g.organ, g.member, g.id) for g in record.gaps()} == gaps


def test_heads_and_gaps_of_one_chain(cast, record):
    proposal = cast.propose("Arden")
    first = cast.say("Arden", proposal, "yes")
    second = cast.say("Arden", proposal, "no", first)
    record.add([proposal, second])
    assert record.heads(organ="council", member="Arden") == (
        Head("council", "Arden", 1, proposal.id),
        Head("council", "Arden", 3, second.id),
    )
    assert record.gaps(organ="council") == (Gap("council", "Arden", first.id),)
    assert record.gaps(organ="watch") == record.heads(organ="watch") == ()


def test_nobody_ends_the_chain_of_another_by_naming_it(cast, record):
    proposal = cast.propose("Arden")
    record.add([proposal, cast.say("Brill", proposal, "yes", seq=2, prev=proposal.id)])
    assert {h.member for h in record.heads()} == {"Arden", "Brill"}
    assert record.gaps() == (Gap("council", "Brill", proposal.id),)


# Forks.


def fork(cast, proposal, branches, member="Brill"):
    words = ("yes", "no", "objection", "abstain", "awaiting instructions", "ad referendum")
    return [cast.say(member, proposal, words[k], seq=1, prev=None) for k in range(branches)]


def test_both_branches_of_a_fork_are_kept(cast, record):
    proposal = cast.propose("Arden")
    yes, no = fork(cast, proposal, 2)
    assert record.add([proposal, yes, no]) == (proposal.id, yes.id, no.id)
    assert record.forks() == record.forks(organ="council") == (("council", "Brill", 1),)
    assert {a.id for a in record.chain("council", "Brill")} == {yes.id, no.id}


def test_a_third_branch_is_passed_over_and_need_not_be_sent_again(cast, record):
    proposal = cast.propose("Arden")
    branches = fork(cast, proposal, 4)
    assert record.add([proposal, *branches]) == (proposal.id, branches[0].id, branches[1].id)
    assert record.knows([b.id for b in branches]) == {b.id for b in branches}
    assert record.knows(["00" * 32]) == frozenset()
    assert record.add(branches) == ()
    assert record.gaps() == ()


def test_a_third_branch_that_a_closing_names_is_kept(cast, record):
    proposal = cast.propose("Arden")
    branches = fork(cast, proposal, 4)
    closing = cast.close("Corve", proposal, [branches[2]])
    record.add([proposal, *branches[:2], closing])
    assert record.add(branches[2:]) == (branches[2].id,)


def test_a_third_branch_named_in_one_batch_is_kept_whatever_the_order(cast, record):
    proposal = cast.propose("Arden")
    branches = fork(cast, proposal, 3)
    closing = cast.close("Corve", proposal, [branches[2]])
    assert branches[2].id in record.add([*branches, closing, proposal])


def test_a_branch_passed_over_is_asked_for_once_a_closing_names_it(cast, record):
    proposal = cast.propose("Arden")
    branches = fork(cast, proposal, 3)
    record.add([proposal, *branches])
    record.add([cast.close("Corve", proposal, [branches[2]])])
    assert record.gaps() == (Gap("council", "Brill", branches[2].id),)
    assert record.knows([branches[2].id]) == frozenset()
    assert record.add([branches[2]]) == (branches[2].id,)
    assert record.gaps() == ()
    assert branches[2].id in {h.id for h in record.heads()}


def test_a_branch_that_the_chain_goes_on_from_is_kept(cast, record):
    proposal = cast.propose("Arden")
    branches = fork(cast, proposal, 3)
    after = cast.say("Brill", proposal, "no", branches[2], seq=2, prev=branches[2].id)
    record.add([proposal, *branches])
    record.add([after])
    assert record.gaps() == (Gap("council", "Brill", branches[2].id),)
    record.add([branches[2]])
    assert {h.id for h in record.heads(member="Brill")} == {
        branches[0].id,
        branches[1].id,
        after.id,
    }


def test_its_own_words_do_not_keep_a_branch(cast, record):
    proposal = cast.propose("Arden")
    branches = fork(cast, proposal, 3)
    own = cast.close("Brill", proposal, [branches[2]], seq=2, prev=branches[0].id)
    record.add([proposal, own, *branches])
    assert record.get(branches[2].id) is None
    later = cast.close("Brill", proposal, [branches[2]], seq=3, prev=own.id)
    record.add([later])
    assert record.add([branches[2]]) == ()


def test_sealed_branches_have_more_room_because_nobody_sees_what_they_are_about(cast, record):
    proposal = cast.propose("Arden")
    branches = fork(cast, proposal, 6)
    assert len(record.add([closed(b) for b in branches])) == 6
    assert len(record.add(branches)) == 6, "what is at hand is opened, whatever its place"


def test_passed_over_branches_are_bounded(cast, record, monkeypatch):
    monkeypatch.setattr(module, "MAX_PASSED_OVER", 2)
    proposal = cast.propose("Arden")
    branches = fork(cast, proposal, 6)
    record.add([proposal, *branches])
    assert record.knows([b.id for b in branches[2:]]) == {b.id for b in branches[4:]}


# Sealed and opened.


def test_a_sealed_act_is_completed_when_it_arrives_opened(cast, record):
    proposal = cast.propose("Arden")
    stance = cast.say("Brill", proposal, "yes")
    sealed = closed(stance, box("a"))
    assert record.add([proposal, sealed]) == (proposal.id, stance.id)
    assert record.get(stance.id) == sealed
    assert [a.id for a in record.sealed()] == [stance.id]
    assert list(record.about(proposal.id)) == []
    before = record.arrived
    opened = replace(stance, sealed=box("a"))
    assert record.add([opened]) == (stance.id,)
    assert list(record.acts(after=before)) == [opened]
    assert list(record.about(proposal.id)) == [opened]
    assert list(record.sealed(organ="council")) == []


def test_an_opened_act_never_becomes_sealed_again(cast, record):
    proposal = cast.propose("Arden")
    record.add([replace(proposal, sealed=box("a"))])
    assert record.add([closed(proposal, box("b"))]) == ()
    assert record.get(proposal.id) == replace(proposal, sealed=box("a"))


def test_an_opened_act_gets_the_box_it_came_without(cast, record):
    proposal = cast.propose("Arden")
    record.add([proposal])
    assert record.add([closed(proposal, box("a"))]) == (proposal.id,)
    assert record.get(proposal.id) == replace(proposal, sealed=box("a"))


def test_a_changed_box_does_not_keep_the_right_one_out(cast, record, monkeypatch):
    monkeypatch.setattr(module, "BOXES", 3)
    proposal = cast.propose("Arden")
    assert record.add([closed(proposal)]) == (proposal.id,)
    for letter, news in (("a", True), ("b", True), ("b", False), ("c", True), ("d", False)):
        assert bool(record.add([closed(proposal, box(letter))])) is news
    assert record.boxes(proposal.id) == (box("a"), box("b"), box("c"))
    record.drop_box(proposal.id, box("a"))
    assert record.boxes(proposal.id) == (box("b"), box("c"))
    assert record.get(proposal.id).sealed == box("b")
    record.drop_box(proposal.id, box("c"))
    record.drop_box(proposal.id, box("b"))
    assert record.boxes(proposal.id) == ()
    assert record.get(proposal.id) == closed(proposal)
    record.add([closed(proposal, box("d")), closed(proposal, box("e"))])
    assert record.add([replace(proposal, sealed=box("e"))]) == (proposal.id,)
    assert record.boxes(proposal.id) == (box("e"),)


def test_of_two_signatures_over_the_same_bytes_always_the_same_is_kept(cast, tmp_path):
    act = cast.propose("Arden")
    low, high = (
        replace(act, envelope=replace(act.envelope, signatures=(Signature(act.key_id, value),)))
        for value in (bytes(64), b"\xff" * 64)
    )
    for number, order in enumerate(([low, high], [high, low], [closed(low), high, low])):
        with made(cast, tmp_path / f"{number}.sqlite") as record:
            for one in order:
                record.add([one])
            assert record.get(act.id) == low
    with made(cast, tmp_path / "opened.sqlite") as record:
        record.add([closed(low)])
        record.add([high])
        assert record.get(act.id) == high, "what can be read goes before"


# What is kept beside the acts.


def test_a_settled_outcome_is_kept_and_no_longer_among_the_unsettled(cast, path):
    first, second = cast.propose("Arden"), cast.propose("Brill")
    with made(cast, path) as record:
        record.add([first, second])
        assert [a.id for a in record.unsettled()] == [first.id, second.id]
        record.settle(first.id, "adopted", b"tally")
        record.settle(first.id, "adopted", b"tally")
    with Record.open(path) as again:
        assert (
            again.settled() == again.settled(first.id) == (Settled(first.id, "adopted", b"tally"),)
        )
        assert again.settled(second.id) == ()
        assert [a.id for a in again.unsettled(organ="council")] == [second.id]


def test_a_settled_outcome_changes_to_contested_and_to_nothing_else(cast, record):
    proposal = cast.propose("Arden")
    record.settle(proposal.id, "adopted")
    with pytest.raises(StoreError, match="settled as adopted, and now said to be rejected"):
        record.settle(proposal.id, "rejected")
    record.settle(proposal.id, "contested", b"who")
    record.settle(proposal.id, "adopted")
    assert record.settled() == (Settled(proposal.id, "contested", b"who"),)


def test_one_beacon_of_each_member_in_each_organ_is_kept(record):
    record.keep_beacon("Arden", "council", "2026-03-01T08:00:00Z", b"b")
    record.keep_beacon("Arden", "council", "2026-03-01T09:00:00Z", b"c")
    record.keep_beacon("Arden", "watch", "2026-03-01T01:00:00Z", b"d")
    assert [b.data for b in record.beacons()] == [b"c", b"d"]
    assert [b.data for b in record.beacons(organ="watch")] == [b"d"]


def test_the_first_instant_at_which_an_act_was_opened_stays(record):
    assert record.opened_at("00" * 32) is None
    record.note_opened("00" * 32, "2026-03-01T08:00:00Z")
    record.note_opened("00" * 32, "2026-03-01T07:00:00Z")
    assert record.opened_at("00" * 32) == "2026-03-01T08:00:00Z"


def test_keys_of_epochs_are_kept_as_boxes(record):
    epochs = [EpochKept("council", n, f"{n:064x}", b"box %d" % n) for n in (2, 1)]
    for epoch in epochs:
        record.keep_epoch(epoch)
    assert record.epochs() == record.epochs(organ="council") == tuple(epochs[::-1])
    assert record.epochs(organ="watch") == ()


def test_small_values_are_kept_and_bounded(record, monkeypatch):
    monkeypatch.setattr(store, "MAX_META", 6)
    record.set_meta("seen", "1")
    record.set_meta("seen", "2")
    assert record.meta("seen") == "2"
    assert record.meta("other") is None
    assert record.meta("_coalition") is None
    with pytest.raises(UsageError, match="cannot be kept"):
        record.set_meta("_coalition", "")
    with pytest.raises(UsageError, match="cannot be kept"):
        record.set_meta("long", "x" * 70_000)
    for number in range(2):
        record.set_meta(f"name {number}", "")
    with pytest.raises(UsageError, match="more than 6 names"):
        record.set_meta("one more", "")


def test_what_cannot_be_verified_yet_is_set_aside_and_bounded_for_each_source(record, monkeypatch):
    monkeypatch.setattr(beside, "MAX_ASIDE_EACH", 2)
    monkeypatch.setattr(beside, "MAX_ASIDE", 3)
    first = record.set_aside(b"first", source="Brill", reason="unknown-key")
    assert record.set_aside(b"first", source="Brill", reason="unknown-key") == first
    record.set_aside(b"other", source="Corve", reason="unknown-epoch")
    record.set_aside(b"second", source="Brill", reason="unknown-key")
    record.set_aside(b"third", source="Brill", reason="unknown-key")
    assert [a.data for a in record.aside()] == [b"other", b"second", b"third"]
    assert [a.data for a in record.aside(reason="unknown-epoch")] == [b"other"]
    record.drop_aside([a.id for a in record.aside(reason="unknown-key")])
    assert [a.data for a in record.aside()] == [b"other"]


def test_what_is_set_aside_is_bounded_in_bytes(record, monkeypatch):
    monkeypatch.setattr(beside, "MAX_ASIDE_BYTES", 80)
    for number in range(20):
        record.set_aside(b"%d" % number * 5, source=f"peer {number}", reason="unknown-key")
    assert sum(len(a.data) for a in record.aside()) <= 80
    assert record.aside()[-1].data == b"1919191919"


# Transactions.


def test_what_is_written_together_is_there_whole_or_not_at_all(cast, path):
    acts = history(cast)

    class StopError(Exception):
        pass

    with made(cast, path) as record:
        with pytest.raises(StopError), record.together():  # noqa: PT012
            record.add(acts)
            record.settle(acts[0].id, "adopted")
            raise StopError
        assert (record.count(), record.settled(), record.heads()) == (0, (), ())
        with record.together():
            record.add(acts[:1])
            with pytest.raises(StopError), record.together():  # noqa: PT012
                record.add(acts[1:])
                raise StopError
            record.set_meta("seen", "1")
        assert record.count() == 1
        assert record.meta("seen") == "1"


def test_threads_may_write_and_read_at_once(cast, record):
    acts = history(cast)
    failed = []

    def work(part):
        try:
            for act in part:
                record.add([act])
                assert act in list(record.acts())
        except BaseException as wrong:
            failed.append(wrong)

    threads = [threading.Thread(target=work, args=(acts[k::3],)) for k in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert record.count() == len(acts)


# Opening, and refusing to.


def test_every_commit_is_synced(record):
    modes = [record._rows(f"PRAGMA {name}")[0][0] for name in ("journal_mode", "synchronous")]
    assert modes == ["wal", 2]


def test_one_process_writes(cast, path):
    with made(cast, path):
        program = (
            "import sys; from pathlib import Path\n"
            "from comity.node.record import Record\n"
            "from comity.errors import ComityError\n"
            "try: Record.open(Path(sys.argv[1]))\n"
            "except ComityError as error: print(error)\n"
        )
        told = subprocess.run(
            [sys.executable, "-c", program, path], capture_output=True, text=True, check=True
        ).stdout
        assert "another process is writing" in told
        assert "hint: stop that node first" in told
    Record.open(path).close()


def test_others_read_beside_the_one_that_writes(cast, record, path):
    acts = history(cast)
    record.add(acts[:2])
    with Record.read(path) as reader:
        assert list(reader.acts()) == acts[:2]
        record.add(acts[2:])
        assert list(reader.acts()) == acts
        with pytest.raises(UsageError, match="for reading alone"):
            reader.add(acts)


def test_reading_needs_nobody_who_writes(cast, path):
    acts = history(cast)
    with made(cast, path) as record:
        record.add(acts)
    with Record.read(path) as reader:
        assert list(reader.acts()) == acts
        assert "council" not in repr(reader)


@pytest.mark.parametrize("way", [Record.open, Record.read])
def test_a_record_of_a_newer_comity_is_refused_and_left_alone(cast, path, way):
    made(cast, path).close()
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    db.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="written by a newer Comity"):
        way(path)
    assert path.read_bytes() == before


def test_an_older_record_is_brought_up_to_date_in_one_transaction(cast, path):
    made(cast, path).close()
    db = sqlite3.connect(path, isolation_level=None)
    more = ("CREATE TABLE more (x)", "INSERT INTO more VALUES (1)")
    with pytest.raises(sqlite3.OperationalError):
        bring_up(db, where=path, steps=(*STEPS, more, ("CREATE TABLE more (x)",)))
    assert db.execute("PRAGMA user_version").fetchone() == (len(STEPS),)
    assert not db.execute("SELECT * FROM sqlite_schema WHERE name = 'more'").fetchall()
    assert bring_up(db, where=path, steps=(*STEPS, more)) == len(STEPS)
    assert db.execute("SELECT x FROM more").fetchall() == [(1,)]
    assert bring_up(db, where=path, steps=(*STEPS, more)) == len(STEPS) + 1
    db.close()
    with pytest.raises(StoreError, match="newer"):
        Record.open(path)


def test_a_reader_does_not_bring_an_older_record_up_to_date(cast, path):
    made(cast, path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 0")
    db.close()
    with pytest.raises(StoreError, match=r"is empty|older Comity"):
        Record.read(path)


@pytest.mark.parametrize("way", [Record.open, Record.read])
def test_what_is_no_record_is_refused(path, tmp_path, way):
    with pytest.raises(StoreError, match="there is no record"):
        way(path)
    path.write_bytes(b"this is a letter, and not a database at all" * 100)
    path.chmod(0o600)
    with pytest.raises(StoreError, match="no record of Comity"):
        way(path)
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE letters (x)")
    db.close()
    other.chmod(0o600)
    with pytest.raises(StoreError, match="no record of Comity"):
        way(other)
    empty = tmp_path / "empty.sqlite"
    empty.touch(0o600)
    with pytest.raises(StoreError, match="its making was broken off"):
        way(empty)


def test_a_making_that_was_broken_off_goes_on(cast, path):
    path.touch(0o600)
    made(cast, path).close()
    made(cast, path).close()
    with made(cast, path) as record:
        record.add([cast.propose()])
    with pytest.raises(UsageError, match="there is a record"):
        made(cast, path)
    Record.open(path).close()


def test_the_record_of_another_coalition_is_not_taken_over(cast, path):
    made(cast, path).close()
    with pytest.raises(UsageError, match="there is a record"):
        made(Cast(4, 1, 0, run="11" * 16), path)


def test_a_record_that_others_can_read_is_refused_with_the_remedy(cast, path):
    made(cast, path).close()
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with pytest.raises(StoreError) as refused:
        Record.open(path)
    assert refused.value.hint == f"keep it for yourself: chmod 600 {path}"


def test_damage_is_told_in_words(cast, path):
    with made(cast, path) as record:
        record.add(history(cast))
    data = bytearray(path.read_bytes())
    data[4096:] = bytes(len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(StoreError, match=r"damaged|cannot be used"):
        list(Record.open(path).acts())


def test_a_row_that_makes_no_sense_is_told_in_words(cast, record):
    record.add([cast.propose()])
    record._db.execute("UPDATE acts SET payload = x'7b'")
    with pytest.raises(StoreError, match="an act in it cannot be read"):
        list(record.acts())


def test_a_full_disk_is_told_and_loses_nothing_acknowledged(cast, record):
    acts = history(cast)
    record.add(acts[:1])
    pages = record._rows("PRAGMA page_count")[0][0]
    record._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match="the disk is full"):
        record.set_aside(bytes(2**20), source="Brill", reason="unknown-key")
    assert list(record.acts()) == acts[:1]


def test_a_folder_that_cannot_be_written_is_told(cast, tmp_path):
    with pytest.raises(StoreError, match="cannot be made"):
        made(cast, tmp_path / "nowhere" / "record.sqlite")


# Signing after a restore.


def test_a_copy_put_back_does_not_sign_until_told(cast, path, tmp_path):
    with made(cast, path) as record:
        record.add([cast.propose()])
    copy = tmp_path / "copy.sqlite"
    copy.write_bytes(path.read_bytes())
    copy.chmod(0o600)
    with Record.open(copy) as copied:
        assert copied.held_back == "copied"
        copied.let_sign()
    with Record.open(copy) as again:
        assert again.held_back is None
        again.hold_back("standby")
        assert again.held_back == "standby"
    with Record.open(path) as original:
        assert original.held_back is None


def test_the_lock_is_let_go_when_opening_fails(cast, path):
    made(cast, path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(StoreError):
        Record.open(path)
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {len(STEPS)}")
    db.close()
    record = Record.open(path)
    record.close()
    record.close()
    assert os.path.exists(path.with_suffix(".lock"))  # noqa: PTH110
