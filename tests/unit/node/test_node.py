"""What an honest node refuses, how it seals, what it keeps, and how it comes back."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from comity.core.acts import ActForm
from comity.core.bodies import (
    Adopt,
    Alert,
    Amend,
    Bracket,
    Edit,
    Epoch,
    OpenText,
    ReplaceKey,
    Resume,
    Suspend,
)
from comity.core.constitution import COALITION
from comity.core.keys import offer_key
from comity.core.strict import spelled, write_base64
from comity.errors import UsageError
from comity.node import duties
from comity.node import node as nodes
from comity.node.agenda import agenda
from comity.node.effect import without_effect
from comity.node.keys import LEAST, read_cost, read_keys
from comity.node.node import Node, travelling
from comity.node.record import Record
from tests.simulation.league import charter_text
from tests.simulation.stage import PASSPHRASE, Stage

ALERT = Alert("Ice", "The road is closed.", "severe")


@pytest.fixture
def stage(tmp_path):
    made = Stage(tmp_path / "league")
    yield made
    made.close()


def amendment(edition):
    return Amend(write_base64(charter_text(4, 1, 0, edition=edition)))


# What it refuses.


def test_it_refuses_a_second_closing(stage):
    proposal = stage.propose()
    stage.wait(hours=25)
    stage["Arden"].close_proposal(proposal.id)
    with pytest.raises(UsageError, match="has closed the proposal already"):
        stage["Arden"].close_proposal(proposal.id)


def test_it_refuses_to_close_before_it_is_time(stage):
    proposal = stage.propose()
    with pytest.raises(UsageError, match="may be closed from 2026-03-02 09:00 UTC on"):
        stage["Arden"].close_proposal(proposal.id)


def test_it_refuses_an_answer_after_its_closing(stage):
    proposal = stage.propose()
    stage.wait(hours=25)
    stage["Arden"].close_proposal(proposal.id)
    with pytest.raises(UsageError, match="its last word stands"):
        stage["Arden"].answer(proposal.id, "objection")


def test_it_refuses_a_yes_to_two_live_rivals_until_one_has_failed(stage):
    one = stage.propose("Arden", COALITION, effect=amendment("2"), rule="change", procedure="vote")
    other = stage.propose(
        "Brill", COALITION, effect=amendment("3"), rule="change", procedure="vote"
    )
    stage["Arden"].answer(one.id, "yes")
    with pytest.raises(UsageError, match="said yes to the rival change"):
        stage["Arden"].answer(other.id, "yes")
    stage["Arden"].answer(other.id, "no")  # which is no yes
    for member in ("Brill", "Corve", "Dorn"):
        stage[member].answer(one.id, "no")
    stage.tick()
    assert stage.outcome(one) == "rejected"
    assert stage.outcome(other) == "open"
    stage["Brill"].answer(other.id, "yes")


def test_what_was_a_yes_once_binds_though_it_was_taken_back(stage):
    one = stage.propose("Arden", COALITION, effect=amendment("2"), rule="change", procedure="vote")
    other = stage.propose(
        "Brill", COALITION, effect=amendment("3"), rule="change", procedure="vote"
    )
    stage["Arden"].answer(one.id, "yes")
    stage["Arden"].answer(one.id, "no")
    with pytest.raises(UsageError, match="said yes to the rival change"):
        stage["Arden"].answer(other.id, "yes")


@pytest.mark.parametrize(
    ("member", "organ", "words"),
    [
        pytest.param(
            "Dorn", "watch", "Dorn has no place in 'watch'", id="an organ it has no seat in"
        ),
        pytest.param("Harbour", "council", "it reads: coalition", id="a party without a seat"),
        pytest.param("Arden", "nowhere", "no place in 'nowhere'", id="an organ that there is not"),
    ],
)
def test_it_refuses_to_speak_where_it_has_no_place(stage, member, organ, words):
    with pytest.raises(UsageError) as refused:
        stage[member].say(organ, ALERT)
    assert words in f"{refused.value.what} {refused.value.hint}"
    assert stage[member].record.count() == 0


def test_it_refuses_to_answer_where_its_word_does_not_count(stage):
    stage["Brill"].say(COALITION, ALERT)
    proposal = stage.propose("Arden", "watch", procedure="watched")
    stage["Dorn"].take([travelling(proposal).form()])
    with pytest.raises(UsageError, match="cannot be answered"):
        stage["Dorn"].answer(proposal.id, "yes")
    with pytest.raises(UsageError, match="only its proposer withdraws"):
        stage["Brill"].answer(proposal.id, "withdraw")


def test_it_refuses_an_answer_without_effect_which_would_not_be_counted_as_a_turn(stage):
    proposal = stage.propose(procedure="signature", rule="majority")
    for _ in range(2):
        with pytest.raises(UsageError, match="open to signature is not withdrawn"):
            stage["Arden"].answer(proposal.id, "withdraw")
    stage["Arden"].answer(proposal.id, "yes")
    effect = replaced_key_of(stage, "Dorn")
    stage.change(effect, but=("Dorn",))
    with pytest.raises(UsageError, match=r"its key does not speak|left behind"):
        stage["Dorn"].answer(proposal.id, "yes")


def replaced_key_of(stage, member):
    node = stage[member]
    node.keys = node.keys.with_new("office", made_at=spelled(stage.now))
    new = node.keys.offices[-1]
    node.keys = replace(node.keys, offices=(replace(new, signs=True),))
    return ReplaceKey(offer_key(node.coalition, new.held, new.seed.reveal()))


def test_it_refuses_a_proposal_that_would_have_no_effect(stage):
    with pytest.raises(UsageError, match="would have no effect"):
        stage.propose(procedure="watched")
    assert stage["Arden"].record.count() == 0


def test_it_signs_nothing_while_held_back(stage):
    node = stage["Arden"]
    node.record.hold_back("restored")
    for act in (
        lambda: node.say(COALITION, ALERT),
        lambda: stage.propose(),
        lambda: node.rotate_key(PASSPHRASE),
    ):
        with pytest.raises(UsageError, match="does not sign yet"):
            act()
    assert node.record.count() == 0


# What it keeps.


def test_what_it_says_is_on_disk_before_it_is_sent(stage):
    node = stage["Arden"]
    act = node.say(COALITION, ALERT)
    beside = Record.read(node.folder.record)
    assert beside.get(act.id) == act
    beside.close()
    assert [told.id for told in node.hand_over()] == [act.id]
    assert node.hand_over() == ()


def test_duplicates_and_any_order_are_harmless(stage):
    node = stage["Arden"]
    acts = [node.say("council", ALERT) for _ in range(4)]
    forms = [travelling(act).form() for act in node.record.acts()]
    taken = stage["Brill"].take([*reversed(forms), *forms])
    assert {act.id for act in acts} < {act.id for act in taken.new}
    assert stage["Brill"].take(forms).new == ()
    assert stage["Brill"].record.gaps() == ()
    assert [a.body for a in stage["Brill"].record.chain("council", "Arden")][1:] == [ALERT] * 4


def test_what_is_signed_with_a_key_not_known_yet_is_set_aside_and_tried_again(stage):
    node = stage["Arden"]
    stage.write_keys("Arden")
    key = node.rotate_key(PASSPHRASE)
    later = node.say(COALITION, ALERT)
    brill = stage["Brill"]
    taken = brill.take([later.form()], source="Arden")
    assert (taken.new, taken.waiting) == ((), 1)
    assert len(brill.record.aside()) == 1
    brill.take([key.form()])
    assert brill.record.get(later.id) == later
    assert brill.record.aside() == ()


def test_a_key_and_what_it_signed_may_come_in_one_file_in_any_order(stage):
    node = stage["Arden"]
    stage.write_keys("Arden")
    acts = [node.rotate_key(PASSPHRASE), node.rotate_key(PASSPHRASE), node.say(COALITION, ALERT)]
    taken = stage["Brill"].take([act.form() for act in reversed(acts)])
    assert {act.id for act in taken.new} == {act.id for act in acts}
    assert taken.waiting == 0


def test_what_does_not_verify_is_refused_in_words(stage):
    act = stage["Arden"].say(COALITION, ALERT)
    form = act.form()
    bad = ActForm(form.envelope, form.salt, write_base64(b'{"kind":"open"}'))
    taken = stage["Brill"].take([bad])
    assert taken.new == ()
    assert "commitment" in taken.refused[0]


# How it seals.


def epochs(node, organ="council"):
    return list(node.record.acts(organ=organ, kind="epoch"))


def test_one_epoch_serves_until_readers_or_keys_change(stage):
    for member in stage.members:
        stage[member].say("council", ALERT)
        stage.hall.deliver()
    assert len(epochs(stage["Dorn"])) == 1


def test_what_is_said_travels_sealed_and_that_of_all_in_the_clear(stage):
    sealed = stage["Arden"].say("council", ALERT)
    stage["Arden"].say(COALITION, ALERT)
    council, told, of_all = stage["Arden"].hand_over()
    assert (council.kind, of_all.body) == ("epoch", ALERT)
    assert (told.id, told.body, told.salt) == (sealed.id, None, None)
    assert b"road" not in told.to_bytes()


def test_a_key_that_changes_renews_the_epoch_and_all_read_on(stage):
    stage["Arden"].say("council", ALERT)
    stage.tick()
    stage.write_keys("Brill")
    stage["Brill"].rotate_key(PASSPHRASE)
    stage.tick()
    after = stage["Arden"].say("council", ALERT)
    stage.tick()
    assert [e.body.number for e in epochs(stage["Dorn"])] == [1, 2]
    for member in stage.members:
        assert stage[member].record.get(after.id).body == ALERT
    back = stage["Brill"].say("council", ALERT)
    stage.tick()
    assert stage["Arden"].record.get(back.id).body == ALERT
    assert len(epochs(stage["Dorn"])) == 2


def test_who_is_suspended_opens_nothing_that_comes_after(stage):
    before = stage["Arden"].say("council", ALERT)
    stage.tick()
    stage.change(Suspend("Dorn", stage.now.date().isoformat()), but=("Dorn",))
    stage.wait(hours=24)
    after = stage["Arden"].say("council", ALERT)
    stage.tick()
    dorn = stage["Dorn"]
    assert dorn.record.get(before.id).body == ALERT
    assert dorn.record.get(after.id) is None
    everything = [travelling(a) for a in stage["Arden"].record.acts(organ="council")]
    taken = dorn.take([a.form() for a in everything])
    assert (taken.new, len(taken.refused)) == ((), 1)
    for act in everything:  # even with every box in its hands
        assert (dorn._opened(act).body == ALERT) == (act.id == before.id)
    assert stage["Brill"].record.get(after.id).body == ALERT


def test_who_gets_new_keys_cannot_open_what_was_sealed_before_them(stage):
    old = stage["Arden"].say("council", ALERT)
    stage.tick()
    node = stage["Dorn"]
    keys = node.keys.with_new("office", made_at=spelled(stage.now))
    new = keys.offices[-1]
    offer = offer_key(node.coalition, new.held, new.seed.reveal())
    stage.change(ReplaceKey(offer), but=("Dorn",))
    young = stage["Arden"].say("council", ALERT)
    stage.tick()
    node.keys = replace(keys.signing_with(new.key_id), offices=(replace(new, signs=True),))
    node._epoch_keys.clear()
    sealed = [travelling(a) for a in stage["Arden"].record.acts(organ="council")]
    assert node._opened(next(a for a in sealed if a.id == old.id)).body is None
    for act in epochs(node):
        node._learn_epochs([act])
    assert node._opened(next(a for a in sealed if a.id == young.id)).body == ALERT
    assert node._opened(next(a for a in sealed if a.id == old.id)).body is None


def test_an_epoch_by_somebody_who_does_not_read_there_is_not_used(stage):
    stage["Arden"].say("watch", ALERT)
    stage.tick()
    own = epochs(stage["Arden"], "watch")[0]
    forged = stage["Dorn"]._signed("watch", replace_number(own.body, 2))
    stage["Arden"]._keep([forged], own=False)
    assert stage["Arden"]._epoch("watch").number == 1


def replace_number(epoch, number):
    return Epoch(number, epoch.key_hash, epoch.boxes)


def test_a_box_that_does_not_open_is_unknown_and_asked_for_anew(stage):
    act = stage["Arden"].say("council", ALERT)
    good = [travelling(a) for a in stage["Arden"].record.acts(organ="council")]
    brill = stage["Brill"]
    box = replace_box(good[1].sealed)
    brill.exchange  # noqa: B018 - the index is made when it is asked for
    brill.take([good[0].form(), replace(good[1], sealed=box).form()])
    assert brill.record.get(act.id).body is None
    assert act.id in brill.exchange.copies["council"].wanted
    brill.take([good[1].form()])
    assert brill.record.get(act.id).body == ALERT
    assert act.id not in brill.exchange.copies["council"].wanted


def replace_box(sealed):
    return type(sealed)(sealed.epoch, sealed.nonce, write_base64(bytes(1_076)))


# Its keys.


class FullDiskError(Exception):
    pass


@pytest.mark.parametrize(
    ("written", "said", "keys"),
    [
        pytest.param(0, True, 1, id="before the new key is on disk"),
        pytest.param(1, False, 2, id="before it is told of"),
        pytest.param(1, True, 2, id="before it signs"),
    ],
)
def test_a_crash_between_the_steps_of_a_rotation_loses_nothing(
    stage, monkeypatch, written, said, keys
):
    node = stage["Arden"]
    stage.write_keys("Arden")
    old = node.keys.signing()
    writes = []

    def dying(*arguments, **options):
        writes.append(arguments)
        if len(writes) > written:
            raise FullDiskError
        real(*arguments, **options)

    def full(*_, **__):
        raise FullDiskError

    real = nodes.write_keys
    monkeypatch.setattr(nodes, "write_keys", dying)
    if not said:
        monkeypatch.setattr(node, "say", full)
    with pytest.raises(FullDiskError):
        node.rotate_key(PASSPHRASE)
    node.close()
    monkeypatch.setattr(nodes, "write_keys", real)
    again = Node.open(node.folder.path, PASSPHRASE, now=stage.clock)
    stage.nodes["Arden"] = stage.hall.nodes["Arden"] = again
    assert len(again.keys.offices) == keys
    assert old.key_id in {key.key_id for key in again.keys.offices}
    act = again.say("council", ALERT)
    stage.hall.reconcile()
    assert stage["Brill"].record.get(act.id).body == ALERT
    again.rotate_key(PASSPHRASE)
    assert len(read_keys(again.folder.keys, PASSPHRASE).offices) == keys + 1


def test_a_rotated_key_signs_from_then_on_and_the_old_one_still_opens(stage):
    stage["Brill"].say("council", ALERT)
    stage.tick()
    stage.write_keys("Arden")
    before = stage["Arden"].keys.signing().key_id
    act = stage["Arden"].rotate_key(PASSPHRASE)
    assert act.key_id == before
    assert read_cost(stage["Arden"].folder.keys) == LEAST  # as it was written before
    assert stage["Arden"].say(COALITION, ALERT).key_id != before
    stage.nodes["Arden"].close()
    again = Node.open(stage.root / "arden", PASSPHRASE, now=stage.clock)
    stage.nodes["Arden"] = stage.hall.nodes["Arden"] = again
    assert [a.body for a in again.record.acts(organ="council", kind="alert")] == [ALERT]


# An old copy put back.


def restored(stage, member, copy):
    """Put an old copy of a folder in its place, and open it."""
    node = stage[member]
    node.close()
    folder = node.folder.path
    shutil.move(folder, folder.with_name(f"{member}-lost"))
    shutil.copytree(copy, folder)
    again = Node(node.folder, Record.open(node.folder.record), node.keys, now=stage.clock)
    stage.nodes[member] = stage.hall.nodes[member] = again
    assert again.record.held_back == "copied"
    return again


def copied(stage, member):
    copy = stage.root.parent / f"{member}-copy"
    shutil.copytree(stage[member].folder.path, copy)
    return copy


def test_an_old_copy_signs_nothing_before_its_peers_gave_it_its_own_acts_back(stage):
    stage["Arden"].say("council", ALERT)
    stage.tick()
    copy = copied(stage, "Arden")
    lost = stage["Arden"].say("council", ALERT)
    stage.tick()
    again = restored(stage, "Arden", copy)
    with pytest.raises(UsageError, match="does not sign yet"):
        again.say("council", ALERT)
    assert not again.sign_again()
    stage.hall.reconcile()
    assert duties.perform(again) == ()
    assert again.record.held_back is None
    following = again.say("council", ALERT)
    assert following.header.prev == lost.id  # it goes on where it was


def test_what_was_proposed_before_an_old_copy_came_back_it_does_not_answer(stage):
    copy = copied(stage, "Arden")
    proposal = stage.propose("Brill")
    stage["Arden"].answer(proposal.id, "objection")
    stage["Arden"].hand_over()  # and it reaches nobody
    again = restored(stage, "Arden", copy)
    stage.hall.reconcile()
    assert again.sign_again()
    with pytest.raises(UsageError, match="an old copy of this node was put back"):
        again.answer(proposal.id, "yes")
    stage.wait(hours=25)
    stage.tick()
    assert "Arden" not in stage["Brill"].standing(proposal.id).count.closed
    assert stage.outcome(proposal, "Brill") == "adopted"
    later = stage.propose("Brill")
    again.answer(later.id, "yes")


def test_after_an_honest_fork_both_ends_are_joined_once(stage):
    stage["Arden"].say("council", ALERT)
    stage.tick()
    copy = copied(stage, "Arden")
    lost = stage["Arden"].say("council", ALERT)
    held_up = [travelling(act).form() for act in stage["Arden"].hand_over()]
    again = restored(stage, "Arden", copy)
    stage.hall.reconcile()
    assert again.sign_again()
    rival = again.say("council", Alert("Snow", "The road is closed.", "severe"))
    stage.tick()
    for member in stage.members:
        stage[member].take(held_up)
    (joined,) = duties.perform(again)
    assert isinstance(joined.body, Resume)
    assert set(joined.body.tips) == {lost.id, rival.id}
    stage.tick()
    assert duties.perform(again) == ()
    assert stage["Brill"].record.get(joined.id).body == joined.body


def test_a_standby_never_signs_by_itself(stage):
    stage["Arden"].record.hold_back("standby")
    stage.hall.reconcile()
    assert not stage["Arden"].sign_again()


# Messages.


def test_a_message_in_one_organ_calls_forth_nothing_in_another(stage):
    arden, brill = stage["Arden"], stage["Brill"]
    arden.letters()
    brill.letters()
    stage.wait(minutes=1)
    arden.say("watch", ALERT)
    letters = [letter for letter in arden.letters() if letter.peer == "Brill"]
    told = [b'"organ":"watch"' in letter.data for letter in letters]
    assert any(told)
    watch = [letter for letter, about in zip(letters, told) if about]
    for letter in watch:
        for answer in brill.receive("Arden", letter.data):
            assert b'"organ":"watch"' in answer.data


def test_garbage_never_raises(stage):
    for data in (b"", b"{", b"null", b'{"kind":"heads"}', bytes(300)):
        assert stage["Arden"].receive("Brill", data) == ()
        assert stage["Arden"].receive("Nobody", data) == ()


def test_what_is_proposed_can_be_found_by_place_and_by_first_digits(stage):
    proposal = stage.propose(effect=Adopt(("One.",)))
    assert stage["Arden"].find(proposal.id[:8]) == stage["Arden"].find("council/Arden/2")
    for letters in ("00", "council/Arden/9", "council/Arden/x", "zzzz"):
        with pytest.raises(UsageError, match="no act at hand"):
            stage["Arden"].find(letters)


# What others forge.


def test_what_a_member_says_where_it_does_not_sit_is_kept_and_has_no_effect(stage):
    arden, dorn = stage["Arden"], stage["Dorn"]
    with pytest.raises(UsageError, match="has no place in 'watch'"):
        dorn.say("watch", ALERT)
    text = arden.say("watch", Edit(OpenText("The pass", ("It is open.",))))
    forged = [dorn._signed("watch", ALERT)]
    arden.take([forged[0].form()])
    bracket = Edit(Bracket("1", "open", "shut"), text=text.id)
    forged.append(dorn._signed("watch", bracket))
    arden.take([forged[1].form()])
    assert all(arden.record.get(act.id) == act for act in forged)
    assert list(arden.heeded([text, *forged])) == [text]
    found = without_effect(arden)
    assert all(found[act.id].startswith("Dorn had no place in 'watch'") for act in forged)
    assert not [one for one in agenda(arden) if one.kind == "alert"]


def test_how_many_voices_are_remembered_is_bounded(stage, monkeypatch):
    monkeypatch.setattr(nodes, "MAX_VOICES", 2)
    for hours in (0, 24, 24, 24):
        stage.wait(hours=hours)
        assert stage["Arden"].voice(stage["Arden"].say("council", ALERT)) is None
    assert len(stage["Arden"]._voices[1]) == 2
