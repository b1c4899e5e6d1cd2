"""The breaks that were found while the record was planned, each as a history that stays mended.

Each test says the break and its mend. It plays the history twice: with the
mend, where the outcome is right, and with the mend taken away, where the break
is there again. Whoever takes a mend out of the core makes the first half fail;
whoever wonders why a rule is there finds the answer in the second. Where
histories are counted, `python -m tests.property.breaks` prints the counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import msgspec
import pytest

from comity.core import acts as core_acts
from comity.core import procedures, proposals
from comity.core.acts import Act, ActForm, read_act
from comity.core.bodies import Suspend
from comity.core.envelope import (
    ACT,
    EXERCISE_ACT,
    EXERCISE_FOUNDING,
    FOUNDING,
    EnvelopeForm,
    pae,
    read_envelope,
)
from comity.core.founding import read_founding
from comity.core.procedures import SETTLED
from comity.core.proposals import stand
from comity.core.rolls import Thresholds, count_rolls
from comity.core.state import extend, fold
from comity.core.strict import read_json, write_base64, write_json
from comity.errors import ActError, CharterError
from tests.property.breaks import families as of
from tests.property.breaks.families import FOUR, closes, removed, says, told
from tests.property.record_strategies import CLOSES, LATE, LEAGUE, OPENED, Cast
from tests.property.test_record_laws import (
    EVERYBODY,
    OneLess,
    OneLessRefutes,
    views,
)

YEARS_LATER = "2031-03-02T12:00:00Z"


@pytest.fixture
def cast():
    """Return four members of whom one may be missing and nobody double-signs."""
    return Cast(4, 1, 0)


def ending(cast, proposal, acts: Iterable[Act]):
    """Say how a proposal stands for whoever holds these acts."""
    standing = fold(cast.under, [proposal, *acts]).standing(proposal.id)
    assert not isinstance(standing, str), standing
    return standing.settlement.outcome


def refusal(data, founding):
    with pytest.raises(ActError) as caught:
        read_act(data, founding)
    return caught.value.refusal


# Who counts, and when.


def test_an_objection_that_the_chair_hides_still_breaks_silence():
    """Break: the chair counts, and leaves an objection out. Mend: each member closes with a roll.

    Three of four show Dorn's objection, whatever Arden says; and no choice of
    acts that Arden hands on says anything else than the truth, or nothing.
    """
    objection = says("Dorn", "objection")
    rolls = [closes("Arden"), *(closes(m, objection) for m in FOUR[1:])]
    assert told([objection], rolls).outcome == "broken"
    handed_on = {told(said, view).outcome for said in ([], [objection]) for view in views(rolls)}
    assert handed_on & SETTLED == {"broken"}

    def as_counted_by(chair):
        one = next(roll for roll in rolls if roll.closer == chair)
        return told([objection], [replace(one, id=m, closer=m) for m in FOUR]).outcome

    assert (as_counted_by("Arden"), as_counted_by("Brill")) == ("adopted", "broken")


def test_rosters_are_pinned_and_not_taken_at_expiry():
    """Break: whoever has heard of a change of members counts another roster. Mend: it is pinned.

    Everybody is honest: 405 histories, of which 87 are contradicted unpinned.
    """
    assert of.rosters(pinned=True) == (0, 405)
    assert of.rosters(pinned=False) == (87, 405)


def test_a_suspension_while_a_vote_runs_does_not_change_who_counts_in_it(cast):
    """Break: as above, with signed acts. Two of four are not most, and two of three are."""
    running, past = cast.propose("Arden", "majority", "vote"), cast.under.id
    acts = [cast.say(m, running, "yes") for m in ("Arden", "Brill")]
    acts.append(cast.say("Corve", running, "no"))
    acts += cast.close_all(running, acts, but=("Dorn",))
    cast.settle(Suspend("Dorn", "2026-03-01"), but=("Dorn",))
    assert cast.roster == FOUR[:3]
    unaware = fold(cast.ground, [running, *acts])
    aware = extend(unaware, cast.past)
    assert aware.constitution.id != past
    assert aware.standing(running.id) == unaware.standing(running.id)
    assert aware.standing(running.id).settlement.outcome == "lapsed"
    on = date.fromisoformat(running.body.on)
    as_known = aware.constitution.charter.electorate("council", on)
    unpinned = replace(aware.pinned(running.id), electorate=as_known)
    assert stand(unpinned, acts).settlement.outcome == "adopted"


def test_extending_is_no_lever_outside_the_count():
    """Break: an act `extend` moves the expiry for those who have it. Mend: withdraw, propose again.

    96 all-honest histories, of which 5 are contradicted by the lever.
    """
    assert of.extensions(lever=False) == (0, 96)
    assert of.extensions(lever=True) == (5, 96)


def test_withdrawing_is_a_stance_and_no_lever_outside_the_count():
    """Break: whoever has an act `withdraw` calls it withdrawn. Mend: it is a proposer's stance."""
    withdrawal = says("Arden", "withdraw")
    assert told([withdrawal], [closes(m, withdrawal) for m in FOUR]).outcome == "withdrawn"
    late = [closes("Arden", withdrawal), *(closes(m) for m in FOUR[1:])]
    assert told([withdrawal], late).outcome == "adopted"
    assert of.withdrawals(lever=False) == (0, 16)
    assert of.withdrawals(lever=True) == (16, 16)


@pytest.mark.parametrize(("members", "n", "f"), [(3, 0, 1), (3, 1, 0), (4, 1, 0), (4, 1, 1)])
@pytest.mark.parametrize("kind", [OneLess, OneLessRefutes])
def test_one_closing_fewer_is_not_enough(members, n, f, kind):
    """Break: w - 1 closings establish, or N - n - 1 refute. Mend: w = n + 1 + f, and N - n."""
    assert of.words(members, n, f)[0] == 0
    assert of.words(members, n, f, kind=kind)[0] > 0


def test_a_roster_below_2n_and_f_and_1_cannot_settle_without_its_missing_member():
    """Break: a charter lets more be missing than it can bear. Mend: N >= 2n + f + 1."""
    all_but_one = [closes(m, consents=True) for m in FOUR[:3]]
    assert told([], all_but_one, n=1, f=1).settled
    # Of three, with n = 1 and f = 1, the two that are left never make w = 3.
    yes = says("Arden", "yes")
    two_left = [closes(m, yes) for m in FOUR[:2]]
    stuck = told([yes], two_left, roster=LEAGUE[:3], n=1, f=1)
    assert stuck.outcome == "in doubt"
    assert "Arden" in stuck.unknown
    with pytest.raises(CharterError, match="fewer than 2n"):
        Cast(3, 1, 1)


@pytest.mark.parametrize("rule", sorted(of.UNEVEN))
def test_settled_means_all_completions_and_not_the_two_extremes(rule):
    """Break: if all say yes, or all say no, it passes: so it has passed. Mend: every completion.

    An answer that is not there at all can be worse than a no: a no makes a quorum.
    """
    assert of.completions(rule, mended=True) == (0, 125)
    assert of.completions(rule, mended=False)[0] > 0


# Whoever comes late.


def test_with_n_at_0_whoever_has_not_closed_decides_when_and_what():
    """Break: with n = 0 one member objects late, holds back, or adopts a stale text. Mend: n >= 1.

    A charter that asks for n = 0 gets it.
    """
    objection = says("Dorn", "objection")
    three = [closes(m) for m in FOUR[:3]]
    dorn = {"holds back": [], "objects": [closes("Dorn", objection)], "adopts": [closes("Dorn")]}
    ends = {
        n: {k: told([objection], [*three, *late], n=n).outcome for k, late in dorn.items()}
        for n in (0, 1)
    }
    assert ends[1] == dict.fromkeys(dorn, "adopted")
    assert ends[0] == {"holds back": "open", "objects": "broken", "adopts": "adopted"}


@pytest.mark.parametrize("word", ["objection", "no", "yes", "abstain"])
def test_an_answer_that_comes_after_the_closings_changes_nothing(cast, word):
    """Break: stances alone, the latest counts; a confirmation unsettles. Mend: only rolls count."""
    proposal = cast.propose(procedure="vote", rule="majority")
    at_first = [cast.say(m, proposal, "yes") for m in ("Arden", "Brill")]
    at_first.append(cast.say("Dorn", proposal, "ad referendum"))
    acts = [*at_first, *cast.close_all(proposal, at_first)]
    assert ending(cast, proposal, acts) == "adopted"  # the charter counts ad referendum as yes
    late = cast.say("Dorn", proposal, word, at_first[-1], instant=YEARS_LATER)
    assert ending(cast, proposal, [*acts, late]) == "adopted"

    def without_rolls(held):
        last = {a.member: a.body.word for a in sorted(held, key=lambda a: a.body.turn)}
        yes = sum(w in ("yes", "ad referendum") for w in last.values())
        return "adopted" if yes > 2 else "not adopted"

    ends = {without_rolls(at_first), without_rolls([*at_first, late])}
    assert len(ends) == (1 if word == "yes" else 2)


def test_a_late_objectors_own_closing_is_no_consent(cast, monkeypatch):
    """Break: who objected too late is said to consent. Mend: its own roll shows otherwise."""
    proposal = cast.propose(rule="everybody")
    objection = cast.say("Dorn", proposal, "objection")
    acts = [objection, *cast.close_all(proposal, but=("Dorn",))]
    acts.append(cast.close("Dorn", proposal, [objection]))
    assert ending(cast, proposal, acts) == "in doubt"
    take_every_closing_for_consent(monkeypatch)
    assert ending(cast, proposal, acts) == "adopted"


@pytest.mark.parametrize("opened", [LATE, CLOSES, None])
def test_nobody_consents_without_notice(cast, monkeypatch, opened):
    """Break: silence of who had no time to read is consent. Mend: its own signed `opened_at`."""
    proposal = cast.propose(rule="everybody")
    acts = cast.close_all(proposal, but=("Dorn",))
    late = cast.close("Dorn", proposal, opened=opened)
    assert ending(cast, proposal, [*acts, late]) == "in doubt"
    take_every_closing_for_consent(monkeypatch)
    assert ending(cast, proposal, [*acts, late]) == "adopted"


def take_every_closing_for_consent(monkeypatch):
    plain = proposals.Roll
    monkeypatch.setattr(proposals, "Roll", lambda *parts, **_: plain(*parts[:3], consents=True))


def test_a_notice_that_arrives_late_undoes_nothing(monkeypatch):
    """Break: no notice at hand counts as missing, and then one comes. Mend: yes or missing."""

    def ends():
        without = [closes(m, consents=m != "Dorn") for m in FOUR]
        views = [without, [*without[:3], closes("Dorn", again=" with notice")]]
        return [told([], view, rule=EVERYBODY).outcome for view in views]

    assert ends() == ["in doubt", "adopted"]
    monkeypatch.setattr(procedures, "_CONSENT_OR_MISSING", ("absent",))
    assert ends() == ["lapsed", "adopted"]


def test_nobody_closes_before_the_time_is_over(cast, monkeypatch):
    """Break: friends of a text close in the first hour. Mend: not before expiry and grace."""
    proposal = cast.propose()
    early = cast.close_all(proposal, but=("Dorn",), at=OPENED)
    objection = cast.say("Dorn", proposal, "objection", instant=LATE)  # within the time
    in_time = cast.close_all(proposal, [objection])
    assert ending(cast, proposal, [*early, objection]) == "open"
    assert ending(cast, proposal, [*early, objection, *in_time]) == "broken"
    monkeypatch.setattr(proposals, "closing_reason", lambda *_, **__: None)
    assert ending(cast, proposal, [*early, objection]) == "adopted"


def test_a_signature_is_not_taken_back(cast):
    """Break: a yes under the signature procedure is taken back. Mend: it is irrevocable."""
    proposal = cast.propose(procedure="signature", rule="two")
    yes = [cast.say(m, proposal, "yes") for m in ("Arden", "Brill")]
    back = cast.say("Brill", proposal, "no", yes[1])
    assert {ending(cast, proposal, held) for held in (yes, [*yes, back])} == {"adopted"}

    def by_last_word(held):
        last = {a.member: a.body.word for a in sorted(held, key=lambda a: a.body.turn)}
        return "adopted" if list(last.values()).count("yes") >= 2 else "open"

    assert [by_last_word(held) for held in (yes, [*yes, back])] == ["adopted", "open"]


# What closings say.


def test_members_are_counted_and_not_closings():
    """Break: two closings of one member make w. Mend: members who have some closing are counted."""
    objection = says("Dorn", "objection")
    rolls = [closes(m) for m in FOUR[:3]] + [closes("Dorn", objection)]
    twice = [*rolls, closes("Dorn", objection, again=" again")]
    assert told([objection], rolls).outcome == "adopted"
    assert told([objection], twice).outcome == "adopted"

    def established_by_closings(held):
        return sum("Dorn" in roll.shown for roll in held) >= Thresholds(4, 1, 0).establishing

    assert [established_by_closings(held) for held in (rolls, twice)] == [False, True]


def test_all_closings_of_a_member_are_looked_at():
    """Break: of two closings one is chosen, and the next one changes the choice. Mend: all count.

    220 histories with one double-signer; choosing undoes a known word in 96.
    """
    assert of.undone(4, 1, 1) == (0, 220)
    assert of.undone(4, 1, 1, of.one_closing_each) == (96, 220)


def test_more_than_f_double_closers_are_contested_and_named():
    """Break: whoever signs both makes two outcomes. Mend: it is contested, by their signatures."""
    objection = says("Dorn", "objection")
    against = [closes(m, objection) for m in ("Corve", "Dorn")]
    silent = [closes(m, again=" anew") for m in ("Arden", "Brill", "Corve")]
    # Apart, each half is convincing; and Corve, who signed both, is one more than f = 0.
    assert told([objection], [*against, closes("Brill", objection)]).outcome == "broken"
    assert told([objection], silent).outcome == "adopted"
    everybody = told([objection], [*against, *silent])
    assert everybody.outcome == "contested"
    count = count_rolls(FOUR, "Arden", [objection], [*against, *silent], Thresholds(4, 1, 0))
    assert [c.double_signers for c in count.contradictions] == [("Corve",)]
    # Where the charter allows for one double-signer, nothing is settled by the smaller half.
    ends = {told([objection], view, f=1).outcome for view in views([*against, *silent])}
    assert ends & {*SETTLED, "contested"} == {"adopted"}


@pytest.mark.parametrize(
    "plainer",
    [
        pytest.param(of.the_first_established, id="rivals and later turns are not looked at"),
        pytest.param(of.nothing_unnamed, id="what no closing at hand names was never said"),
    ],
)
def test_a_last_word_waits_until_all_that_could_follow_is_refuted(plainer):
    """Break: an established stance is the last. Mend: its successors and rivals are refuted."""
    assert of.words(4, 1, 0) == (0, 35)
    with removed("_last_word", plainer):
        assert of.words(4, 1, 0)[0] > 0


def test_an_entry_that_names_what_is_not_at_hand_says_nothing():
    """Break: what a reader lacks is taken for silence. Mend: such an entry says nothing at all."""
    assert of.words(4, 1, 0, stances_too=True) == (0, 35)
    with removed("_known", of.any_entry_is_heard):
        assert of.words(4, 1, 0, stances_too=True)[0] > 0


def test_what_cannot_be_opened_is_unknown_and_never_without_effect(cast):
    """Break: to a node without the key a sealed objection is silence. Mend: it is unknown."""
    proposal = cast.propose()
    objection = cast.say("Dorn", proposal, "objection")
    closings = cast.close_all(proposal, [objection])
    sealed = replace(objection, salt=None, body_bytes=None, body=None)
    assert ending(cast, proposal, [objection, *closings]) == "broken"
    assert ending(cast, proposal, [sealed, *closings]) == "in doubt"
    with removed("_known", of.any_entry_is_heard):
        assert ending(cast, proposal, [objection, *closings]) == "broken"
        assert ending(cast, proposal, [sealed, *closings]) == "adopted"


def test_a_proxy_would_count_one_double_signer_twice():
    """Break: the giver's closing in advance, so one double-signer signs for two. Mend: no proxies.

    220 histories of four with n = 1, f = 1 and one proxy, of which 89 are contradicted.
    """
    assert of.words(4, 1, 1) == (0, 220)
    assert of.words(4, 1, 1, kept=of.with_proxy) == (89, 220)


# What travels.


def test_an_act_that_names_nothing_before_it_is_held_back_by_nobody(cast):
    """Break: a chain's `prev` that nobody has holds the rest back. Mend: a gap shows, no more."""
    proposal = cast.propose()
    objection = cast.say("Dorn", proposal, "objection", seq=7, prev="ee" * 32)
    acts = [objection, *cast.close_all(proposal, [objection])]
    assert ending(cast, proposal, acts) == "broken"
    state = fold(cast.under, [proposal, *acts])
    assert state.chains["council", "Dorn"].gaps == ("ee" * 32,)
    assert ending(cast, proposal, only_whole_chains(acts, {proposal.id})) == "in doubt"


def only_whole_chains(acts, kept):
    """The mend removed: an act waits until all before it are there."""
    waiting, found = list(acts), []
    while ready := [a for a in waiting if a.header.prev is None or a.header.prev in kept]:
        found += ready
        kept = kept | {a.id for a in ready}
        waiting = [a for a in waiting if a not in ready]
    return found


def test_a_forged_copy_that_comes_first_does_not_keep_the_true_one_out(cast):
    """Break: copies are dropped by id before they are verified. Mend: verify, then drop copies.

    The id is of type and payload, so a copy with a spoilt signature has it too.
    """
    proposal = cast.propose()
    objection = cast.say("Dorn", proposal, "objection")
    spoilt = msgspec.to_builtins(objection.form())
    spoilt["envelope"]["signatures"][0]["sig"] = write_base64(bytes(64))
    closings = cast.close_all(proposal, [objection])
    files = [write_json(spoilt), *(a.to_bytes() for a in (objection, *closings))]
    assert refusal(files[0], cast.founding) == "bad-signature"
    assert ending(cast, proposal, taken_in(files, cast)) == "broken"
    assert ending(cast, proposal, taken_in(files, cast, copies_first=True)) == "in doubt"


def test_a_sealed_copy_that_comes_first_does_not_keep_the_opened_one_out(cast):
    """Break: the copy that came first is kept. Mend: of two copies the one that says more."""
    proposal = cast.propose()
    objection = cast.say("Dorn", proposal, "objection")
    sealed = write_json(ActForm(objection.envelope.form()))
    closings = cast.close_all(proposal, [objection])
    files = [sealed, *(a.to_bytes() for a in (objection, *closings))]
    assert ending(cast, proposal, taken_in(files, cast)) == "broken"
    assert ending(cast, proposal, taken_in(files, cast, copies_first=True)) == "in doubt"


def taken_in(files, cast, *, copies_first=False):
    """Read acts as they arrive; `copies_first` drops a known id before anything is verified."""
    known, found = set(), []
    for data in files:
        form = read_json(data, ActForm, limit=10**6, what="it")
        envelope = read_envelope(form.envelope, limit=10**5, types=(ACT,), what="it")
        if copies_first and envelope.id in known:
            continue
        known.add(envelope.id)
        try:
            found.append(read_act(data, cast.founding))
        except ActError:
            continue
    return found


def test_a_fork_is_kept_whole_whichever_branch_comes_first(cast):
    """Break: of two acts in one place the first to come is kept. Mend: both are, and shown."""
    proposal = cast.propose()
    at = {"seq": 1, "prev": None}
    yes, objection = (cast.say("Dorn", proposal, w, **at) for w in ("yes", "objection"))
    closings = cast.close_all(proposal, [objection])
    for fork in ([yes, objection], [objection, yes]):
        state = fold(cast.under, [proposal, *fork, *closings])
        assert state.chains["council", "Dorn"].forks == (1,)
        assert state.standing(proposal.id).settlement.outcome == "broken"

        kept = {a.place: a for a in reversed(fork)}.values()
        first_come = "in doubt" if fork[0] is yes else "broken"
        assert ending(cast, proposal, [*kept, *closings]) == first_come


def test_instants_need_not_rise(cast):
    """Break: a clock that once was wrong silences its owner. Mend: instants need not rise."""
    other = cast.propose("Brill")
    ahead = cast.say("Dorn", other, "yes", instant=YEARS_LATER)
    proposal = cast.propose("Brill")
    objection = cast.say("Dorn", proposal, "objection")
    acts = [ahead, objection, *(cast.close(m, proposal, [objection]) for m in ("Brill", "Dorn"))]
    acts += [cast.close("Corve", proposal, [objection])]
    assert ending(cast, proposal, acts) == "broken"
    assert ending(cast, proposal, only_rising(acts)) == "open"


def only_rising(acts):
    """The mend removed: an act older than the one before it in its chain is dropped."""
    latest: dict[str, str] = {}
    for act in sorted(acts, key=lambda a: a.header.seq):
        if act.header.instant >= latest.get(act.member, ""):
            latest[act.member] = act.header.instant
            yield act


def test_no_act_opens_to_two_bodies(cast, monkeypatch):
    """Break: one signed act opens as yes and as no. Mend: the header commits to salt and body."""
    proposal = cast.propose()
    yes = cast.say("Dorn", proposal, "yes")
    body = yes.body_bytes.replace(b'"yes"', b'"no"')
    other = write_json(ActForm(yes.envelope.form(), write_base64(yes.salt), write_base64(body)))
    assert refusal(other, cast.founding) == "commitment"
    monkeypatch.setattr(core_acts, "commitment", lambda *_: yes.header.commit)
    both = [read_act(data, cast.founding) for data in (yes.to_bytes(), other)]
    assert both[0].id == both[1].id
    assert [act.body.word for act in both] == ["yes", "no"]


def test_salt_and_body_do_not_run_into_each_other(cast, monkeypatch):
    """Break: a byte moves from the salt to the body. Mend: the salt has 32 bytes, no fewer."""
    yes = cast.say("Dorn", cast.propose(), "yes")
    moved = (yes.salt + yes.body_bytes)[:31], (yes.salt + yes.body_bytes)[31:]
    other = write_json(ActForm(yes.envelope.form(), *map(write_base64, moved)))
    assert refusal(other, cast.founding) == "commitment"
    monkeypatch.setattr(core_acts, "SALT_BYTES", 31)
    assert refusal(other, cast.founding) != "commitment"  # now it fails only because it is no JSON


def test_an_act_of_an_exercise_or_another_run_is_no_act_of_the_record():
    """Break: what was rehearsed with real keys is replayed. Mend: other type, other coalition."""
    real, other = Cast(4, 1, 0), Cast(4, 1, 0, run="02" * 16)
    rehearsed = Cast(4, 1, 0, exercise=True)
    proposal = real.propose()
    silent = real.close_all(proposal)
    assert ending(real, proposal, silent) == "adopted"
    for elsewhere, name in ((rehearsed, "payload-type"), (other, "another-coalition")):
        under = {"constitution": real.under.id}
        objection = elsewhere.say("Dorn", proposal, "objection", **under)
        closings = elsewhere.close_all(proposal, [objection], **under)
        for act in (objection, *closings):
            assert refusal(act.to_bytes(), real.founding) == name
        # The keys are the same, so a reader who checks signatures alone is taken in.
        assert elsewhere.founding.keys_by_id == real.founding.keys_by_id
        read = [read_act(a.to_bytes(), elsewhere.founding) for a in (objection, *closings)]
        assert ending(real, proposal, read) == "broken"
        assert ending(real, proposal, [*silent, *read]) == "contested"
    assert len({ACT, EXERCISE_ACT, FOUNDING, EXERCISE_FOUNDING}) == 4
    assert pae(ACT, b"{}") != pae(EXERCISE_ACT, b"{}")


def test_a_key_counts_once_however_often_it_signs(cast):
    """Break: as many signatures as keys, two by one key. Mend: keys that verify are counted."""
    form = json.loads(write_json(cast.founding.envelope.form()))
    first, second, *rest = form["signatures"]
    form["signatures"] = [first, first, *rest]
    twice = msgspec.convert(form, EnvelopeForm)
    with pytest.raises(ActError) as caught:
        read_founding(twice)
    assert caught.value.refusal == "unsigned-founding"
    assert cast.founding.holders[second["keyid"]].member in caught.value.what
    assert len(twice.signatures) == len(cast.founding.keys)  # what a plain count would look at
    assert second not in form["signatures"]


def test_an_answer_from_under_other_rules_does_not_count(cast):
    """Break: who has moved on answers under yesterday's rules. Mend: the same constitution."""
    proposal = cast.propose()
    elsewhere = {"constitution": "ff" * 32}
    closings = [cast.close(m, proposal, **elsewhere) for m in FOUR[:3]]
    assert ending(cast, proposal, closings) == "open"
    assert ending(cast, proposal, map(as_if_here(cast), closings)) == "adopted"


def as_if_here(cast):
    """The mend removed: a reader who does not look at the constitution."""

    def here(act):
        header = msgspec.structs.replace(act.header, constitution=cast.under.id)
        return replace(act, header=header)

    return here
