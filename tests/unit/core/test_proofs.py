"""What certificates stand on: charter, standings and keys, proven step by step."""

from __future__ import annotations

import json

import pytest

from comity.core.attestations import verify
from comity.core.bodies import Amend, Reinstate, ReplaceKey, Suspend
from comity.core.certificate import certify
from comity.core.proposals import Standing
from comity.core.state import fold
from comity.core.strict import write_base64
from comity.errors import ActError
from tests.property.record_strategies import Cast

SINCE = "2026-03-01"


def certificate(cast, proposal, acts, earlier=()):
    """Return the certificate of a proposal out of a whole record."""
    state = fold(cast.ground, [*cast.past, proposal, *acts])
    standing = state.standing(proposal.id)
    assert isinstance(standing, Standing), standing
    return certify(standing, state.succession, earlier)


def refused(plain, fingerprint):
    with pytest.raises(ActError) as caught:
        verify(json.dumps(plain).encode(), fingerprint)
    return caught.value.refusal


def amended(cast):
    cast.settle(Amend(write_base64(cast.under.text.replace(b'"1"', b'"2"'))))


def admitted(cast):
    cast.settle(cast.admit("Elsin"))


def replaced(cast):
    cast.settle(ReplaceKey(cast.offer("Dorn", "Dorn again")), but=("Dorn",))
    cast.secrets["Dorn"] = "Dorn again"


def rotated(cast):
    cast.follow([cast.rotate("Brill", "unused"), cast.rotate("Dorn", "Dorn the second")])
    cast.secrets["Dorn"] = "Dorn the second"
    cast.follow([cast.rotate("Dorn", "Dorn the third")])
    cast.secrets["Dorn"] = "Dorn the third"


def left(cast):
    cast.follow([cast.leave("Dorn")])


def after_another(cast):
    admitted(cast)
    cast.settle(Suspend("Dorn", SINCE), "Elsin", but=("Dorn",))
    replaced(cast)
    cast.settle(Reinstate("Dorn", SINCE), "Elsin")


STEPS = {
    "an amendment": (amended, 1, 1),
    "an admission": (admitted, 1, 1),
    "a key that was replaced": (replaced, 1, 1),
    "keys that an office took itself, those in use alone": (rotated, 2, 0),
    "a notice of withdrawal": (left, 1, 1),
    "changes after one another": (after_another, 4, 4),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_certificate_brings_the_steps_that_it_stands_on(name):
    make, steps, changes = STEPS[name]
    cast = Cast(4, 1, 0)
    make(cast)
    proposal = cast.propose(cast.roster[-1])
    data = certificate(cast, proposal, cast.close_all(proposal))
    plain = json.loads(data)
    assert len(plain.get("steps", [])) == steps
    verdict = verify(data, cast.founding.id)
    assert (verdict.outcome, len(verdict.under.changes)) == ("adopted", changes)
    after = f", after {changes} settled change{'s' if changes > 1 else ''}; no file"
    assert (after in str(verdict)) == (changes > 0)
    for gone in range(steps):
        less = plain | {"steps": [s for k, s in enumerate(plain["steps"]) if k != gone]}
        assert refused(less, cast.founding.id) in ("unproven-change", "unknown-key", "proposal")


def test_changes_side_by_side_are_listed_by_whoever_shows_them():
    cast = Cast(4, 1, 0)
    one = cast.decide(cast.change(cast.admit("Elsin")))
    other = cast.decide(cast.change(Suspend("Dorn", SINCE)), but=("Dorn",))
    cast.follow([*one, *other])
    cast.follow([cast.enter("Arden")])
    proposal = cast.propose("Elsin")
    data = certificate(cast, proposal, cast.close_all(proposal))
    plain = json.loads(data)
    assert sorted((one[0].id, other[0].id)) in plain["constitutions"]
    assert verify(data, cast.founding.id).outcome == "adopted"
    assert refused(plain | {"constitutions": []}, cast.founding.id) == "proposal"


@pytest.fixture
def made():
    cast = Cast(4, 1, 0)
    admitted(cast)
    proposal = cast.propose("Elsin")
    return cast, json.loads(certificate(cast, proposal, cast.close_all(proposal)))


def test_a_change_that_is_not_settled_is_unproven(made):
    cast, plain = made
    step = plain["steps"][0]
    for less in ({"stances": step["stances"][1:]}, {"closings": step["closings"][2:]}):
        kept = step | less | {"stances": (less.get("stances") or step["stances"])[:2]}
        plain["steps"] = [kept]
        assert refused(plain, cast.founding.id) == "unproven-change"


def test_what_changes_nothing_is_no_step(made):
    cast, plain = made
    idle = cast.propose(head={"constitution": cast.ground.id})
    stance = cast.say("Brill", idle, "yes")
    elsewhere = cast.rotate("Dorn", "x", organ="council")
    for act in (idle, stance, elsewhere):
        steps = [*plain["steps"], {"act": json.loads(act.to_bytes())}]
        assert refused(plain | {"steps": steps}, cast.founding.id) == "unproven-change"
    sealed = {"envelope": plain["steps"][0]["act"]["envelope"]}
    moved = plain | {"steps": [{"act": sealed}]}
    assert refused(moved, cast.founding.id) == "unproven-change"


def test_acts_in_a_step_stand_where_they_belong(made):
    cast, plain = made
    step = plain["steps"][0]
    swapped = step | {"stances": step["closings"], "closings": step["stances"]}
    assert refused(plain | {"steps": [swapped]}, cast.founding.id) == "misplaced"
    other = cast.say("Brill", cast.propose(), "yes", constitution=cast.ground.id)
    mixed = step | {"stances": [json.loads(other.to_bytes())]}
    assert refused(plain | {"steps": [mixed]}, cast.founding.id) == "misplaced"


def test_a_step_cannot_be_read_with_keys_that_come_after_it():
    cast = Cast(4, 1, 0)
    admitted(cast)
    cast.settle(Suspend("Dorn", SINCE), "Elsin", but=("Dorn",))
    proposal = cast.propose("Elsin")
    plain = json.loads(certificate(cast, proposal, cast.close_all(proposal)))
    turned = plain | {"steps": plain["steps"][::-1]}
    assert refused(turned, cast.founding.id) == "unknown-key"


def test_rivals_that_are_both_settled_are_told_and_neither_is_carried_out():
    cast = Cast(4, 1, 0)
    one, other = (cast.change(Suspend("Dorn", day)) for day in (SINCE, "2026-02-01"))
    first, second = cast.decide(one, but=("Dorn",)), cast.decide(other, but=("Dorn",))
    cast.follow(first)
    proposal = cast.propose()
    shown = [proposal, *cast.close_all(proposal)]
    cast.follow([*second, *shown])
    cast.under = cast.ground
    whole = fold(cast.ground, cast.past)
    standing = whole.standing(proposal.id)
    plain = json.loads(certify(standing, whole.succession))
    assert len(plain["steps"]) == 1
    rival = json.loads(certify(whole.standing(other.id), whole.succession))["decided"]
    told = verify(json.dumps(plain | {"steps": [*plain["steps"], rival]}).encode(),
                  cast.founding.id)  # fmt: skip
    assert told.outcome == "adopted"
    a, b = sorted((one.id, other.id))
    assert (
        f"contested: two changes of Dorn are settled, {a[:16]} and {b[:16]}, and neither is "
        "carried out; Arden, Brill, Corve said yes to both" in str(told)
    )


def test_offices_that_claim_one_key_are_both_read():
    """One secret in two hands: nobody can make a certificate unreadable by claiming a key."""
    for first, second in (("Brill", "Dorn"), ("Dorn", "Brill")):
        cast = Cast(4, 1, 0)
        cast.follow([cast.rotate(first, "shared"), cast.rotate(second, "shared")])
        cast.secrets = {"Brill": "shared", "Dorn": "shared"}
        cast.follow([cast.rotate("Dorn", "Dorn the third")])
        cast.secrets["Dorn"] = "Dorn the third"
        proposal = cast.propose("Brill")
        data = certificate(cast, proposal, cast.close_all(proposal))
        assert verify(data, cast.founding.id).outcome == "adopted"
