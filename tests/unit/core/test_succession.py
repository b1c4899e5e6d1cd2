"""Succession: changes of charter, standings and keys, and who speaks and sits after them."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from comity.core import succession
from comity.core.acts import read_act
from comity.core.bodies import (
    Admit,
    Adopt,
    Amend,
    Reinstate,
    ReplaceKey,
    Suspend,
)
from comity.core.constitution import CHARTER, COALITION, Constitution, constitution_id
from comity.core.keys import keyring
from comity.core.proposals import Pinned, pin
from comity.core.state import extend, fold
from comity.core.strict import write_base64
from comity.core.succession import BEARING, bears_on, enter_reason, rotation_reason, succeed
from comity.errors import ActError
from tests.property.record_strategies import DAY, PARAGRAPHS, Cast

SINCE = "2026-03-01"


@pytest.fixture
def cast():
    return Cast(4, 1, 0)


def amended(cast, old=b'edition = "1"', new=b'edition = "2"'):
    assert old in cast.under.text
    return Amend(write_base64(cast.under.text.replace(old, new)))


def outcome(state, proposal):
    standing = state.standing(proposal.id)
    return standing if isinstance(standing, str) else standing.settlement.outcome


# Each effect settles and takes effect.


def test_an_amendment_puts_another_charter_in_force(cast):
    acts = cast.settle(amended(cast))
    assert cast.under.charter.edition == "2"
    assert cast.under.versions == {CHARTER: acts[0].id}
    assert cast.under.charter_hash != cast.ground.charter_hash
    assert cast.under.founding is cast.ground.founding
    assert cast.under.id == constitution_id(cast.founding.id, [acts[0].id])
    after = cast.propose()
    assert isinstance(pin(after, cast.under, cast.ground), Pinned)
    assert outcome(fold(cast.ground, [*cast.past, *cast.decide(after)]), after) == "adopted"


def test_whoever_is_admitted_sits_and_speaks(cast):
    assert "Elsin" not in cast.roster
    cast.settle(cast.admit("Elsin"))
    assert cast.roster == ("Arden", "Brill", "Corve", "Dorn", "Elsin")
    proposal = cast.propose("Elsin")
    state = fold(cast.ground, [*cast.past, proposal, *cast.close_all(proposal)])
    assert outcome(state, proposal) == "adopted"
    assert read_act(proposal.to_bytes(), state.keyring) == proposal
    with pytest.raises(ActError, match="nobody here holds the key"):
        read_act(proposal.to_bytes(), cast.founding)


def test_whoever_is_admitted_without_a_key_sits_and_is_silent(cast):
    cast.settle(cast.admit("Elsin", keys=()))
    assert cast.roster[-1] == "Elsin"
    assert "Elsin" not in {held.member for held in cast.under.holders.values()}
    assert "Elsin" not in cast.under.readers(COALITION, cast.under.charter.dated)


def test_whoever_is_suspended_sits_no_longer_and_can_be_reinstated(cast):
    cast.settle(Suspend("Dorn", SINCE), but=("Dorn",))
    assert cast.roster == ("Arden", "Brill", "Corve")
    proposal = cast.propose()
    no = cast.say("Dorn", proposal, "objection")
    state = fold(cast.ground, [*cast.past, proposal, no, *cast.close_all(proposal)])
    assert dict(state.without_effect()) == {no.id: "Dorn is not on the pinned roster"}
    assert outcome(state, proposal) == "adopted"
    cast.settle(Reinstate("Dorn", SINCE))
    assert cast.roster == ("Arden", "Brill", "Corve", "Dorn")
    assert len(cast.under.changes) == 2


def test_a_key_that_was_replaced_speaks_no_more_and_still_verifies_what_it_signed(cast):
    old = cast.propose("Dorn")
    offer = cast.offer("Dorn", "Dorn again")
    cast.settle(ReplaceKey(offer), but=("Dorn",))
    late = cast.act("Dorn", cast.propose().body)
    state = fold(cast.ground, [*cast.past, old, late])
    assert read_act(old.to_bytes(), state.keyring) == old
    assert dict(state.without_effect()) == {
        late.id: "its key does not speak in the constitution that it names"
    }
    cast.secrets["Dorn"] = "Dorn again"
    proposal = cast.propose("Dorn")
    told = extend(state, [proposal, *cast.close_all(proposal)])
    assert outcome(told, proposal) == "adopted"
    assert outcome(told, old) == "open"  # it was made in the old constitution, where it speaks


def test_an_office_takes_a_further_key_by_itself(cast):
    rotation = cast.rotate("Dorn", "Dorn the second")
    cast.follow([rotation])
    assert cast.under.id == cast.ground.id  # nobody else need agree, so nothing is changed
    cast.secrets["Dorn"] = "Dorn the second"
    cast.follow([cast.rotate("Dorn", "Dorn the third")])
    cast.secrets["Dorn"] = "Dorn the third"
    proposal = cast.propose("Dorn")
    state = fold(cast.ground, [*cast.past, proposal, *cast.close_all(proposal)])
    assert outcome(state, proposal) == "adopted"
    assert not dict(state.without_effect())
    assert len(state.succession.rotations) == 2


def test_a_key_taken_with_a_key_that_was_lost_speaks_no_more_either(cast):
    """A thief takes a key with the one it stole; replacing the office's key ends both."""
    theft = cast.rotate("Dorn", "a thief")
    cast.follow([theft])
    cast.settle(ReplaceKey(cast.offer("Dorn", "Dorn again")), but=("Dorn",))
    cast.secrets["Dorn"] = "a thief"
    again = cast.rotate("Dorn", "a thief again")
    found = cast.follow([again])
    own = [h.key for h in cast.under.holders.values() if h.member == "Dorn"]
    assert own == [cast.offer("Dorn", "Dorn again").held.key]
    assert len(found.rotations) == 2  # in what was running before, they speak still


@pytest.mark.parametrize(
    ("member", "secret", "header", "reason"),
    [
        ("Dorn", "x", {"organ": "council"}, "keys are taken in 'coalition' alone"),
        ("Dorn", "x", {"signer": "Brill"}, None),
    ],
)
def test_a_rotation_without_effect_has_a_reason(cast, member, secret, header, reason):
    if reason is None:
        with pytest.raises(ActError, match="is signed by Brill"):
            cast.rotate(member, secret, **header)
        return
    act = cast.rotate(member, secret, **header)
    assert rotation_reason(act, cast.under) == reason
    assert dict(fold(cast.ground, [act]).without_effect()) == {act.id: reason}


def test_an_office_takes_keys_for_itself_and_with_proof(cast):
    theirs = cast.act("Dorn", msgspec.structs.replace(cast.rotate("Brill", "x").body),
                      organ=COALITION)  # fmt: skip
    assert rotation_reason(theirs, cast.under) == "an office takes keys for itself alone"
    offer = msgspec.structs.replace(cast.offer("Dorn", "x"), proof=cast.offer("Dorn", "y").proof)
    unproven = cast.act("Dorn", type(theirs.body)(offer), organ=COALITION)
    assert rotation_reason(unproven, cast.under).startswith("nothing shows that Dorn")
    elsewhere = cast.rotate("Dorn", "z", constitution="0" * 64)
    state = fold(cast.ground, [theirs, unproven, elsewhere])
    assert set(dict(state.without_effect())) == {theirs.id, unproven.id}
    stranger = Cast(4, 1, 0)
    stranger.secrets["Dorn"] = "Dorn again"
    stranger.ring = keyring(stranger.founding).with_keys([cast.offer("Dorn", "Dorn again").held])
    early = stranger.rotate("Dorn", "more", constitution="0" * 64)
    assert rotation_reason(early, cast.under) == "the key that signs it does not speak"
    assert dict(fold(cast.ground, [early]).without_effect()) == {
        early.id: "it was made in another constitution than those known here"
    }


def test_two_offices_that_claim_one_key_do_not_take_it_from_each_other(cast):
    """One secret in two hands: whoever came first, both speak, and nothing settled is undone."""
    first = cast.rotate("Brill", "shared")
    second = cast.rotate("Dorn", "shared")
    for acts in ([first], [second], [first, second]):
        cast = Cast(4, 1, 0)
        cast.follow(acts)
        for act in acts:
            cast.secrets[act.member] = "shared"
            spoken = cast.say(act.member, cast.propose(), "yes")
            assert cast.under.speaks(spoken)
            assert read_act(spoken.to_bytes(), cast.ring) == spoken
    assert len(cast.under.holders) == len(cast.ground.holders) + 2


# Entering.


def test_a_constitution_of_changes_decided_side_by_side_is_known_once_it_is_entered(cast):
    one = cast.decide(cast.change(cast.admit("Elsin")))
    other = cast.decide(cast.change(Suspend("Dorn", SINCE)), but=("Dorn",))
    cast.follow([*one, *other])
    assert cast.roster == ("Arden", "Brill", "Corve", "Elsin")
    proposal = cast.propose()
    before = fold(cast.ground, [*cast.past, proposal])
    assert before.constitution == cast.under
    assert cast.under.id not in before.succession.known
    assert outcome(before, proposal) == "it was made in another constitution than those known here"
    entered = extend(before, [cast.enter("Arden")])
    assert outcome(entered, proposal) == "open"
    assert not dict(entered.without_effect())
    for change in (one[0], other[0]):  # each makes one of its own, known by itself
        assert constitution_id(cast.founding.id, [change.id]) in before.succession.known


def test_an_entering_without_effect_has_a_reason(cast):
    change = cast.decide(cast.change(cast.admit("Elsin")))
    settled = succeed(cast.ground, change)
    cast.under, cast.ring = settled.current, settled.keyring
    good = cast.enter("Arden", closes=[change[0].id])
    assert enter_reason(good, settled) is None
    reasons = {
        cast.enter("Arden", organ="council"): "a constitution is entered in 'coalition' alone",
        cast.enter("Arden", constitution=cast.ground.id): (
            "it lists other changes than those of the constitution that it names"
        ),
        cast.enter("Arden", ["0" * 64]): "not all its changes are known to be settled",
    }
    state = fold(cast.ground, [*change, good, *reasons])
    assert dict(state.without_effect()) == {act.id: why for act, why in reasons.items()}
    cast = Cast(4, 1, 0)
    cast.settle(ReplaceKey(cast.offer("Dorn", "Dorn again")), but=("Dorn",))
    lost = cast.enter("Dorn")
    assert enter_reason(lost, succeed(cast.ground, cast.past)) == "its key does not speak there"


def test_a_set_of_changes_that_leaves_out_what_one_was_decided_after_is_no_constitution(cast):
    first = cast.settle(cast.admit("Elsin"))
    second = cast.settle(Suspend("Dorn", SINCE), but=("Dorn",))
    entering = cast.enter("Arden", [second[0].id])
    found = cast.follow([entering])
    assert entering.header.constitution not in found.known
    assert set(cast.under.changes) == {first[0].id, second[0].id}


# Leaving and coming back.


def test_whoever_gives_notice_leaves_and_nobody_else_need_agree(cast):
    notice = cast.leave("Dorn")
    cast.follow([notice])
    assert cast.roster == ("Arden", "Brill", "Corve")
    assert cast.under.changes == {notice.id: notice}
    assert not cast.under.versions


@pytest.mark.parametrize("back", ["admitted", "reinstated"])
def test_whoever_left_can_come_back_on_a_later_day(cast, back):
    cast.follow([cast.leave("Dorn", "2026-02-01")])
    early = cast.change(Reinstate("Dorn", "2026-01-15"))
    effect = Admit("Dorn", "Dorn", "member", SINCE)
    cast.settle(effect if back == "admitted" else Reinstate("Dorn", SINCE))
    assert cast.roster == ("Arden", "Brill", "Corve", "Dorn")
    assert isinstance(pin(early, succeed(cast.ground, cast.past).known[early.header.constitution],
                          cast.ground), Pinned)  # fmt: skip


def test_a_notice_of_somebody_no_longer_named_changes_nothing_else(cast):
    cast.follow([cast.leave("Harbour")])
    assert cast.under.charter.members == cast.ground.charter.members


def test_a_notice_elsewhere_or_with_a_key_that_does_not_speak_is_without_effect(cast):
    away = cast.leave("Dorn", organ="council")
    lost = cast.leave("Brill", constitution="0" * 64)
    state = fold(cast.ground, [away, lost])
    assert dict(state.without_effect()) == {
        away.id: "notice is given in 'coalition', with a key that speaks",
        lost.id: "it was made in another constitution than those known here",
    }
    cast.settle(ReplaceKey(cast.offer("Dorn", "Dorn again")), but=("Dorn",))
    dumb = cast.leave("Dorn")
    state = fold(cast.ground, [*cast.past, dumb])
    assert dict(state.without_effect()) == {
        dumb.id: "notice is given in 'coalition', with a key that speaks"
    }


# Contested successions.


def rivals(cast, effects, **options):
    """Return changes of one register, each adopted."""
    return [cast.decide(cast.change(effect), **options) for effect in effects]


def test_more_than_f_who_say_yes_to_both_are_shown_and_neither_change_is_carried_out(cast):
    days = ("2026-03-01", "2026-02-01", "2026-01-15")
    made = rivals(cast, [Suspend("Dorn", day) for day in days[:2]], but=("Dorn",))
    found = cast.follow([*made[0], *made[1]])
    one, other = sorted(acts[0].id for acts in made)
    (pair,) = found.contested
    assert (pair.register, pair.one, pair.other) == ("Dorn", one, other)
    assert pair.said_yes_to_both == ("Arden", "Brill", "Corve")
    assert found.current == cast.ground
    assert set(found.settled) == {one, other}
    third = rivals(cast, [Suspend("Dorn", days[2])], but=("Dorn",))
    found = cast.follow(third[0])
    assert len(found.contested) == 3
    assert found.current == cast.ground  # none of the three


def test_what_was_decided_after_a_contested_change_falls_with_it_and_the_rest_stands(cast):
    apart = cast.settle(cast.admit("Elsin"))
    ground = cast.under
    made = rivals(cast, [Suspend("Dorn", day) for day in ("2026-03-01", "2026-02-01")],
                  but=("Dorn",))  # fmt: skip
    cast.follow(made[0])
    after = cast.settle(amended(cast))
    assert cast.under.charter.edition == "2"
    found = cast.follow(made[1])
    assert found.current == ground
    assert set(found.current.changes) == {apart[0].id}
    assert after[0].id in found.settled


def test_two_rivals_make_no_constitution_together(cast):
    made = rivals(cast, [Suspend("Dorn", day) for day in ("2026-03-01", "2026-02-01")],
                  but=("Dorn",))  # fmt: skip
    entering = cast.enter("Arden", [acts[0].id for acts in made])
    found = cast.follow([*made[0], *made[1], entering])
    assert entering.header.constitution not in found.known


def test_the_no_of_whoever_is_concerned_does_not_count(cast):
    acts = cast.decide(cast.change(Suspend("Dorn", SINCE)), no=("Dorn",))
    assert set(succeed(cast.ground, acts).settled) == {acts[0].id}
    cast = Cast(4, 1, 0)
    acts = cast.decide(cast.change(cast.admit("Elsin")), no=("Corve", "Dorn"))
    assert not succeed(cast.ground, acts).settled


# Histories that broke a plan before they broke a record.


def test_a_decision_slipped_in_under_yesterdays_rules(cast):
    """Break: after Dorn is suspended, a few finish in the old council what the new one refuses.

    Mend: a header names its author's constitution. What was pinned before can
    be answered in that constitution alone, by those who say that they are still
    in it; an answer from the new one does not count, nor a proposal that pins
    what is no longer so.
    """
    old = cast.propose("Arden", "majority", "vote")
    past = cast.under.id
    cast.settle(Suspend("Dorn", SINCE), but=("Dorn",))
    new = cast.under.id
    yes = [cast.say(m, old, "yes", constitution=new) for m in ("Arden", "Brill", "Corve")]
    closings = cast.close_all(old, yes, constitution=new)
    state = fold(cast.ground, [*cast.past, old, *yes, *closings])
    assert outcome(state, old) == "open"
    assert set(dict(state.without_effect()).values()) == {
        "it was made in another constitution than the proposal"
    }
    stale = cast.propose("Arden", "majority", "vote", roster=old.body.roster)
    assert outcome(extend(state, [stale]), stale).startswith("its roster is not that of council")
    still = [cast.say(m, old, "yes", constitution=past) for m in ("Arden", "Brill", "Corve")]
    done = extend(state, [*still, *cast.close_all(old, still)])
    assert outcome(done, old) == "adopted"  # whoever listed it on entering still closes it


def test_a_yes_to_two_live_changes_of_one_register(cast):
    """Break: both are adopted. Mend: majorities of a change meet in more than f members."""
    one, other = cast.change(Suspend("Dorn", SINCE)), cast.change(Suspend("Dorn", "2026-02-01"))
    first = cast.decide(one, yes=("Arden", "Brill", "Corve"))
    # Whoever is honest says yes to one of two live rivals: Arden alone says yes to both.
    second = cast.decide(other, yes=("Arden",))
    found = succeed(cast.ground, [*first, *second])
    assert set(found.settled) == {one.id}
    assert not found.contested
    assert outcome(fold(cast.ground, [*first, *second]), other) in ("lapsed", "rejected")


def test_a_failed_change_frees_its_yes(cast):
    """Break: whoever said yes to a change that failed may never say yes again. Mend: it may."""
    failed = cast.decide(cast.change(Suspend("Dorn", SINCE)), yes=("Arden", "Brill"))
    again = cast.decide(cast.change(Suspend("Dorn", SINCE)), yes=("Arden", "Brill", "Corve"))
    found = succeed(cast.ground, [*failed, *again])
    assert set(found.settled) == {again[0].id}
    assert not found.contested
    assert "Dorn" not in found.current.charter.roster("council", DAY)


def test_a_backdated_notice_of_withdrawal(cast):
    """Break: Dorn dates its notice before a decision that it does not like.

    Mend: a notice is a change like any other: it makes a new constitution, and
    touches nothing that was pinned in one before.
    """
    proposal = cast.propose(rule="everybody")
    acts = [proposal, *cast.close_all(proposal)]
    before = fold(cast.ground, acts)
    assert outcome(before, proposal) == "adopted"
    notice = cast.leave("Dorn", "2025-01-01", instant="2025-01-01T00:00:00Z")
    after = extend(before, [notice])
    assert after.standing(proposal.id) == before.standing(proposal.id)
    assert after.constitution.charter.roster("council", DAY) == ("Arden", "Brill", "Corve")


def test_a_lost_key(cast):
    """Break: Dorn cannot vote on the replacement of its own key. Mend: it stands aside."""
    acts = cast.decide(cast.change(ReplaceKey(cast.offer("Dorn", "Dorn again"))), but=("Dorn",))
    found = succeed(cast.ground, acts)
    assert [h.key for h in found.current.holders.values() if h.member == "Dorn"] == [
        cast.offer("Dorn", "Dorn again").held.key
    ]


def test_a_suspension_under_way(cast):
    """Given up: whoever is about to be suspended can still break what is running."""
    running = cast.propose()
    cast.settle(Suspend("Dorn", SINCE), but=("Dorn",))
    objection = cast.say("Dorn", running, "objection")
    closings = cast.close_all(running, [objection])
    closings.append(cast.close("Dorn", running, [objection]))
    state = fold(cast.ground, [*cast.past, running, objection, *closings])
    assert outcome(state, running) == "broken"


def test_a_charter_change_under_way(cast):
    """A proposal pinned to the old charter ends as the old charter says."""
    running = cast.propose(rule="consensus", procedure="vote")
    change = amended(cast, b"{ against = { at_most = 0 } }", b"{ against = { at_most = 1 } }")
    cast.settle(change)
    no = [cast.say("Dorn", running, "no")]
    yes = [cast.say(m, running, "yes") for m in ("Arden", "Brill", "Corve")]
    closings = cast.close_all(running, yes + no)
    again = cast.propose(rule="consensus", procedure="vote")
    said = [cast.say(m, again, "yes") for m in ("Arden", "Brill", "Corve")]
    said.append(cast.say("Dorn", again, "no"))
    acts = [running, *yes, *no, *closings, again, *said, *cast.close_all(again, said)]
    state = fold(cast.ground, [*cast.past, *acts])
    assert (outcome(state, running), outcome(state, again)) == ("rejected", "adopted")


def test_a_new_members_first_proposal(cast):
    """Break: nobody has its key, so nobody can read it. Mend: the change that admits brings it."""
    cast.settle(cast.admit("Elsin"))
    entering = cast.enter("Elsin")
    proposal = cast.propose("Elsin", effect=Adopt(PARAGRAPHS))
    acts = [entering, *cast.decide(proposal)]
    state = fold(cast.ground, [*acts, *cast.past])
    assert outcome(state, proposal) == "adopted"
    assert not dict(state.without_effect())


def test_rivals_on_rosters_that_do_not_meet_are_shown_though_nobody_signed_both():
    """Given up: majorities of one roster meet; those of two rosters need not.

    A change of Dorn's is decided in the council of before, and by whoever has
    not heard of it once more, after an amendment gave the council other seats.
    """
    cast = Cast(5, 1, 0)
    old = cast.change(Reinstate("Dorn", SINCE))
    first = cast.decide(old, yes=("Arden", "Brill", "Corve"), but=("Elsin",))
    seats = b'name = "Council"\nseats = ["standing:member"]'
    small = b'name = "Council"\nseats = ["Dorn", "Elsin", "Harbour"]'
    text = cast.under.text.replace(seats, small).replace(b"at_least = 3", b"at_least = 2")
    cast.settle(Amend(write_base64(text)))
    second = cast.decide(cast.change(Reinstate("Dorn", "2026-02-01"), "Elsin"), but=("Dorn",))
    found = cast.follow([*first, *second])
    (pair,) = found.contested
    assert pair.said_yes_to_both == ()
    assert "Dorn" not in found.current.versions


def test_the_order_of_acts_does_not_matter_nor_does_what_bears_on_nothing(cast):
    cast.settle(cast.admit("Elsin"))
    cast.settle(Suspend("Dorn", SINCE), but=("Dorn",))
    cast.follow([cast.rotate("Brill", "Brill the second"), cast.enter("Arden")])
    whole = succeed(cast.ground, cast.past)
    noise = cast.propose()
    assert succeed(cast.ground, [*cast.past[::-1], noise]) == whole
    sealed = replace(noise, body=None, salt=None, body_bytes=None)
    assert succeed(cast.ground, [sealed, *cast.past]) == whole
    assert isinstance(whole.current, Constitution)


def test_all_that_bears_on_the_succession_is_of_the_kinds_that_are_listed(cast):
    acts = [*cast.settle(amended(cast)), cast.alert(), cast.propose()]
    acts += [cast.leave("Dorn"), cast.rotate("Brill", "x"), cast.enter("Corve")]
    assert {act.kind for act in acts if bears_on(act)} == set(BEARING)


def test_what_is_looked_at_once_is_not_looked_at_again_until_something_comes_about_it(
    cast, monkeypatch
):
    """One member could otherwise make each act take longer for all by proposing many changes."""
    pinned = []

    def noted(act, *rest):
        pinned.append(act.id)
        return pin(act, *rest)

    def looked_at(acts, before=None):
        pinned.clear()
        return succeed(cast.ground, acts, before=before), len(set(pinned))

    monkeypatch.setattr(succession, "pin", noted)
    acts = cast.settle(amended(cast))
    found, _ = looked_at(acts)
    for edition in range(3, 8):
        acts.append(cast.change(amended(cast, b'edition = "2"', b'edition = "%d"' % edition)))
        (found, again), (alone, all_of_them) = looked_at(acts, found), looked_at(acts)
        assert (again, all_of_them) == (1, len(acts) - 8)
        assert found == alone
    acts.append(cast.say("Brill", acts[-1], "yes"))
    (answered, again), (alone, _) = looked_at(acts, found), looked_at(acts)
    assert again == 1
    assert answered == alone
    other = succeed(Cast(5, 1, 0).ground, ())
    assert looked_at(acts, other) == looked_at(acts)


def test_sets_of_changes_can_be_given_beside_those_that_members_entered(cast):
    one = cast.decide(cast.change(cast.admit("Elsin")))
    other = cast.decide(cast.change(Suspend("Dorn", SINCE)), but=("Dorn",))
    both = tuple(sorted((one[0].id, other[0].id)))
    name = constitution_id(cast.founding.id, both)
    assert name not in succeed(cast.ground, [*one, *other]).known
    assert name in succeed(cast.ground, [*one, *other], [both]).known
    assert name not in succeed(cast.ground, one, [both]).known


def test_a_change_without_effect_is_not_settled_whoever_agrees_to_it(cast):
    stale = cast.decide(cast.change(Suspend("Dorn", SINCE), replaces="0" * 64))
    elsewhere = cast.decide(cast.change(Suspend("Dorn", SINCE), head={"constitution": "0" * 64}))
    away = cast.decide(cast.change(Suspend("Dorn", SINCE), head={"organ": "council"}))
    found = succeed(cast.ground, [*stale, *elsewhere, *away])
    assert not found.settled
    assert not found.standings
    assert found.current == cast.ground
