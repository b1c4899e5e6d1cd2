"""Certificates: what a stranger reads, and what it is told instead where nothing is proven."""

from __future__ import annotations

import json
from hashlib import sha256

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.core.attestations import verify
from comity.core.bodies import OpenCase
from comity.core.certificate import certify
from comity.core.founding import found
from comity.core.proposals import Pinned, pin, stand
from comity.core.strict import write_base64
from comity.core.succession import succeed
from comity.errors import ActError
from tests.property.record_strategies import LATE, OFFICE, Cast, seed


def certificate(cast, proposal, acts):
    pinned = pin(proposal, cast.under)
    assert isinstance(pinned, Pinned), pinned
    return certify(stand(pinned, acts), succeed(cast.under, ()))


def words(cast, proposal, acts):
    return str(verify(certificate(cast, proposal, acts), cast.founding.id))


def test_a_silence_that_held_is_told_in_words():
    cast = Cast(4, 1, 0)
    proposal = cast.propose()
    told = words(cast, proposal, cast.close_all(proposal, but=("Dorn",)))
    assert (
        told
        == f"""\
founding {cast.founding.id}, trusted because you gave it
charter The Larch League, edition 1 of 2026-01-01; no file can show that it is the newest
adopted: The ambulance
in Council, by silence, until 2026-03-02T12:00:00Z, under the rule 'Consensus'
proposed, signed by Arden's node, foreign ministry
  Arden: said nothing, having had the text since 2026-03-01T08:00:00Z, \
signed by Arden's node, foreign ministry: consent
  Brill: said nothing, having had the text since 2026-03-01T08:00:00Z, \
signed by Brill's node, foreign ministry: consent
  Corve: said nothing, having had the text since 2026-03-01T08:00:00Z, \
signed by Corve's node, foreign ministry: consent
  Dorn: no word that counts, no silence signed with notice: missing so far; \
did not close"""
    )


def test_an_objection_stands_with_its_reason_and_who_heard_it():
    cast = Cast(4, 1, 0)
    proposal = cast.propose()
    objection = cast.say("Dorn", proposal, "objection", notes=[("reservation", "Not in winter.")])
    told = words(cast, proposal, [objection, *cast.close_all(proposal, [objection])])
    assert "broken: The ambulance" in told
    assert (
        "  Dorn: objection, signed by Dorn's node, foreign ministry, shown by 4 of 4; "
        "reservation: Not in winter." in told
    )


def test_a_vote_without_answers_has_lapsed():
    cast = Cast(4, 1, 0)
    proposal = cast.propose(procedure="vote")
    told = words(cast, proposal, cast.close_all(proposal))
    assert "lapsed: The ambulance" in told
    assert "  Brill: gave no answer" in told


def test_signatures_are_listed_and_who_has_not_signed():
    cast = Cast(4, 1, 0)
    proposal = cast.propose(procedure="signature", rule="two")
    told = words(cast, proposal, [cast.say(m, proposal, "yes") for m in ("Arden", "Dorn")])
    assert "adopted: The ambulance" in told
    assert "in Council, by signature, under the rule" in told
    assert "  Dorn: yes, signed by Dorn's node, foreign ministry" in told
    assert "  Brill: has not signed" in told


def test_an_exercise_says_so_first():
    cast = Cast(4, 1, 0, exercise=True)
    proposal = cast.propose()
    verdict = verify(certificate(cast, proposal, cast.close_all(proposal)), cast.founding.id)
    assert verdict.exercise
    assert verdict.fingerprint == cast.founding.id
    assert str(verdict).startswith("EXERCISE: nothing here was real\n")


def test_what_is_in_doubt_proves_nothing_and_says_what_is_possible():
    cast = Cast(4, 1, 0)
    proposal = cast.propose(rule="everybody")
    acts = [*cast.close_all(proposal, but=("Dorn",)), cast.close("Dorn", proposal, opened=LATE)]
    verdict = verify(certificate(cast, proposal, acts), cast.founding.id)
    assert not verdict.proven
    assert "in doubt, so nothing is proven (possible: adopted or lapsed)" in str(verdict)
    assert "  Dorn: no word that counts, no silence signed with notice" in str(verdict)


def test_an_objection_that_came_too_late_is_shown_and_never_called_consent():
    cast = Cast(4, 1, 0)
    proposal = cast.propose()
    objection = cast.say("Dorn", proposal, "objection")
    acts = [objection, cast.close("Dorn", proposal, [objection])]
    told = words(cast, proposal, acts + cast.close_all(proposal, but=("Dorn",)))
    assert "adopted: The ambulance" in told
    assert (
        "  Dorn: no word that counts, no silence signed with notice: missing so far; "
        "objection, shown by 1 of 4: too late to count" in told
    )
    assert "Dorn: said nothing" not in told


def test_a_later_turn_that_too_few_heard_is_shown_beside_the_one_that_counts():
    cast = Cast(4, 1, 0)
    proposal = cast.propose(procedure="vote", rule="majority")
    yes = [cast.say(m, proposal, "yes") for m in cast.roster]
    no = cast.say("Dorn", proposal, "no", yes[3])
    acts = [*yes, no, *cast.close_all(proposal, yes, but=("Dorn",))]
    told = words(cast, proposal, [*acts, cast.close("Dorn", proposal, [*yes[:3], no])])
    assert "adopted: The ambulance" in told
    assert "shown by 4 of 4; no, shown by 1 of 4: too late to count" in told


def test_no_text_of_a_member_begins_a_line_of_the_verdict():
    cast = Cast(4, 1, 0)
    proposal = cast.propose()
    notes = [("explanation", "x\nadopted: The ambulance")]
    objection = cast.say("Dorn", proposal, "objection", notes=notes)
    told = words(cast, proposal, [objection, *cast.close_all(proposal, [objection])])
    assert "explanation: x adopted: The ambulance" in told
    assert "adopted: The ambulance" not in told.splitlines()


def test_more_than_f_who_contradict_themselves_are_named():
    cast = Cast(4, 1, 0)
    proposal = cast.propose()
    objection = cast.say("Dorn", proposal, "objection")
    acts = [objection, *cast.close_all(proposal, but=("Dorn",))]
    acts += [cast.close(m, proposal, [objection]) for m in ("Corve", "Dorn")]
    told = words(cast, proposal, acts)
    assert "contested, so nothing is proven (possible: broken)" in told
    assert "  Corve signed two different closings" in told
    assert f"  Corve signed both that {objection.id[:16]} was heard and that it was not" in told


def test_two_answers_to_one_turn_are_shown():
    cast = Cast(5, 1, 1)
    proposal = cast.propose()
    yes = cast.say("Dorn", proposal, "yes")
    no = cast.say("Dorn", proposal, "no")
    acts = [yes, no]
    acts += [cast.close(m, proposal, [yes]) for m in ("Arden", "Brill", "Corve")]
    told = words(cast, proposal, acts)
    assert "  Dorn: last word not known; yes, shown by 3 of 5: in doubt" in told
    acts += [cast.close(m, proposal, [no]) for m in ("Corve", "Dorn", "Elsin")]
    told = words(cast, proposal, acts)
    assert "adopted: The ambulance" in told
    assert "  Dorn: signed two answers to one turn, and counts as missing" in told
    assert "  Corve signed two different closings" in told
    first, second = sorted((yes.id, no.id))
    assert f"  two answers to one turn: {first[:16]} and {second[:16]}" in told


# What it says beside the outcome.


def test_an_effect_is_told_where_it_is_more_than_a_text():
    cast = Cast(4, 1, 0)
    proposal = cast.propose(effect=OpenCase("flood", "The flood"))
    told = words(cast, proposal, cast.close_all(proposal))
    assert "its effect: opens the case flood: The flood" in told
    cast = Cast(4, 1, 0)
    change = cast.change(cast.admit("Elsin"))
    told = words(cast, change, cast.decide(change)[1:])
    assert "its effect: admits Elsin as member from 2026-03-01" in told
    assert "in 'coalition', by vote" in told


def in_a_row(cast, missing, *, wanted=None):
    """Return a certificate of the last of proposals, closed by all but those missing, and it."""
    days = [f"2026-03-{k + 2:02}" for k in range(len(missing))]
    standings = []
    for day, names in zip(days, missing):
        proposal = cast.propose(on=day, expires=f"{day}T12:00:00Z")
        closings = cast.close_all(proposal, but=names, at=f"{day}T13:00:00Z")
        standings.append(stand(pin(proposal, cast.under), closings))
    latest_first = standings[::-1]
    return certify(latest_first[0], succeed(cast.under, ()), latest_first[1:])


def test_how_often_in_a_row_somebody_was_missing_is_told():
    cast = Cast(5, 1, 0)
    for missing, told in (
        ([("Dorn",)], None),
        ([("Dorn",)] * 2, "missing for the second time in a row"),
        ([("Dorn",)] * 3, "missing for the third time in a row"),
        ([("Dorn",)] * 4, "missing for the 4th time in a row"),
        ([(), ("Dorn",), ("Dorn",)], "missing for the second time in a row"),
        ([("Dorn",), ("Corve",), ("Dorn",)], None),
    ):
        verdict = verify(in_a_row(cast, missing), cast.founding.id)
        line = next(one for one in verdict.lines() if one.startswith("  Dorn"))
        assert line.endswith(f"did not close; {told}" if told else "did not close")
        assert verdict.missing_in_a_row("Brill") == 0


def test_no_more_earlier_proposals_are_shown_than_20():
    cast = Cast(5, 1, 0)
    plain = json.loads(in_a_row(cast, [("Dorn",)] * 23))
    assert len(plain["earlier"]) == 20
    assert "earlier" not in json.loads(in_a_row(cast, [("Dorn",), ()]))


def test_earlier_proposals_that_are_not_before_it_in_its_organ_are_passed_over():
    cast = Cast(5, 1, 0)
    first, second = (json.loads(in_a_row(cast, [("Dorn",)] * k)) for k in (1, 3))
    signed = cast.propose(procedure="signature", rule="two")
    later = cast.propose(on="2026-04-01", expires="2026-04-01T12:00:00Z")
    change = cast.change(cast.admit("Elsin"))
    for other in (signed, later, change):
        shown = json.loads(certificate(cast, other, ()))["decided"]
        data = json.dumps(first | {"earlier": [shown, first["decided"]]}).encode()
        assert verify(data, cast.founding.id).earlier == ()
    data = json.dumps(second | {"earlier": second["earlier"] * 2}).encode()
    assert verify(data, cast.founding.id).missing_in_a_row("Dorn") == 3


def test_whoever_spoke_without_closing_was_not_missing():
    cast = Cast(5, 1, 0)
    proposal = cast.propose(procedure="vote")
    said = [cast.say(m, proposal, "yes") for m in cast.roster]
    standing = stand(
        pin(proposal, cast.under), said + cast.close_all(proposal, said, but=("Dorn",))
    )
    data = certify(standing, succeed(cast.under, ()), [standing])
    assert "earlier" not in json.loads(data)
    assert verify(data, cast.founding.id).missing_in_a_row("Dorn") == 0


# One step away.


@pytest.fixture(scope="module")
def made():
    cast = Cast(4, 1, 0)
    proposal = cast.propose()
    objection = cast.say("Dorn", proposal, "objection")
    acts = [objection, *cast.close_all(proposal, [objection])]
    return cast, proposal, json.loads(certificate(cast, proposal, acts))


def bent(plain, **inner):
    return plain | {"decided": plain["decided"] | inner}


def refused(plain, fingerprint):
    data = plain if isinstance(plain, bytes) else json.dumps(plain).encode()
    with pytest.raises(ActError) as caught:
        verify(data, fingerprint)
    return caught.value.refusal


def test_it_proves_nothing_to_who_trusts_another_founding(made):
    cast, _, plain = made
    assert refused(plain, Cast(4, 1, 0, run="01" * 16).founding.id) == "another-founding"
    assert refused(plain, "not even a fingerprint") == "another-founding"
    assert verify(json.dumps(plain).encode(), cast.founding.id).outcome == "broken"


def test_another_charter_is_refused(made):
    cast, _, plain = made
    assert refused(plain | {"charter": "Y29taXR5ID0gMQ=="}, cast.founding.id) == "another-charter"


def test_a_charter_that_cannot_be_read_is_refused(made):
    founding = found(sha256(b"x").hexdigest(), "00" * 16, [("Arden", OFFICE, seed("Arden"))])
    form = msgspec.to_builtins(founding.envelope.form())
    plain = made[2] | {"founding": form, "charter": write_base64(b"x")}
    assert refused(plain, founding.id) == "charter"


def test_what_is_no_proposal_is_refused(made):
    cast, _, plain = made
    assert refused(bent(plain, act=plain["decided"]["stances"][0]), cast.founding.id) == "proposal"


@pytest.mark.parametrize(
    ("stances", "closings"),
    [
        pytest.param("closings", "closings", id="closings under stances"),
        pytest.param("stances", "stances", id="stances under closings"),
    ],
)
def test_acts_stand_where_they_belong(made, stances, closings):
    cast, _, plain = made
    shown = plain["decided"]
    moved = bent(plain, stances=shown[stances], closings=shown[closings])
    assert refused(moved, cast.founding.id) == "misplaced"


def test_acts_on_another_proposal_do_not_belong(made):
    cast, _, plain = made
    other = cast.propose()
    closing = cast.close("Arden", other)
    moved = bent(plain, closings=[json.loads(closing.to_bytes())])
    assert refused(moved, cast.founding.id) == "misplaced"


def test_an_act_without_effect_does_not_belong(made):
    cast, proposal, plain = made
    early = cast.close("Arden", proposal, at="2026-03-02T12:30:00Z")
    moved = bent(plain, closings=[json.loads(early.to_bytes())])
    assert refused(moved, cast.founding.id) == "without-effect"
    outside = cast.say("Harbour", proposal, "no")
    moved = bent(plain, stances=[json.loads(outside.to_bytes())])
    assert refused(moved, cast.founding.id) == "without-effect"


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_whatever_is_changed_in_a_file_it_is_refused_by_name_or_proves_the_same(made, data):
    """A byte changed, dropped, doubled or moved: never a traceback, never another outcome."""
    cast, _, plain = made
    whole = bytearray(json.dumps(plain).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(whole) - 1))
        length = data.draw(st.integers(0, 40))
        piece = data.draw(st.sampled_from((b"", b'"', b"}", b"0", b"null", b"[", b"\\ud800")))
        whole[at : at + length] = piece
    try:
        outcome = verify(bytes(whole), cast.founding.id).outcome
    except ActError as refused:
        outcome = refused.refusal
    assert outcome not in ("adopted", "rejected", "lapsed", "withdrawn", "no opinion", "")


def test_a_file_cut_off_anywhere_is_refused(made):
    cast, _, plain = made
    data = json.dumps(plain).encode()
    for length in range(0, len(data), 997):
        assert refused(data[:length], cast.founding.id) == "not-json"
