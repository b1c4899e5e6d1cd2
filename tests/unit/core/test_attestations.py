"""Certificates of delivery and of equivocation."""

from __future__ import annotations

import json

import pytest

from comity.core.attestations import (
    Delivery,
    Equivocation,
    _Shown,
    certify_delivery,
    certify_equivocation,
    verify,
)
from comity.core.state import fold
from comity.errors import ActError
from tests.property.record_strategies import LATE, Cast

LATER = "2026-03-01T09:00:00Z"


@pytest.fixture
def cast():
    return Cast(4, 1, 0)


def succession(cast):
    return fold(cast.ground, cast.past).succession


def refusal(make):
    with pytest.raises(ActError) as caught:
        make()
    assert caught.value.hint
    return caught.value.refusal


def refused(plain, fingerprint):
    return refusal(lambda: verify(json.dumps(plain).encode(), fingerprint))


# Delivery.


def test_a_delivery_says_who_has_an_alert_since_when(cast):
    alert = cast.alert()
    receipts = [
        cast.receive("Dorn", alert, LATER),
        cast.receive("Brill", alert, LATE),
        cast.receive("Brill", alert, LATER),
        cast.receive("Harbour", alert, LATER),
    ]
    data = certify_delivery(alert, receipts, succession(cast))
    shown = verify(data, cast.founding.id)
    assert isinstance(shown, Delivery)
    assert (shown.proven, shown.exercise, shown.fingerprint) == (True, False, cast.founding.id)
    assert [(member, since) for member, since, _ in shown.since] == [
        ("Brill", LATER),
        ("Dorn", LATER),
        ("Harbour", LATER),
    ]
    told = str(shown).splitlines()
    assert told[0] == f"founding {cast.founding.id}, trusted because you gave it"
    assert told[2:] == [
        "alert, severe, actual: The bridge is out",
        "raised in 'council' at 2026-03-01T08:00:00Z by its own clock, "
        "signed by Arden's node, foreign ministry",
        f"  Brill: has it since {LATER}, signed by Brill's node, foreign ministry",
        f"  Dorn: has it since {LATER}, signed by Dorn's node, foreign ministry",
        f"  Harbour Office: has it since {LATER}, signed by Harbour's node, foreign ministry",
    ]


def test_a_delivery_without_receipts_says_so(cast):
    shown = verify(certify_delivery(cast.alert(), (), succession(cast)), cast.founding.id)
    assert str(shown).endswith("no member has signed to have it")


def test_receipts_of_another_constitution_and_of_who_is_no_longer_named_count(cast):
    alert = cast.alert()
    cast.settle(cast.admit("Elsin"))
    receipt = cast.receive("Elsin", alert)
    shown = verify(certify_delivery(alert, [receipt], succession(cast)), cast.founding.id)
    assert [member for member, _, _ in shown.since] == ["Elsin"]


def test_a_delivery_takes_receipts_of_its_alert_alone(cast):
    alert, other = cast.alert(), cast.alert()
    whole = succession(cast)
    receipt = cast.receive("Dorn", alert)
    for wrong in (
        cast.receive("Dorn", other),
        cast.receive("Dorn", alert, organ="watch"),
        cast.propose(),
    ):
        assert refusal(lambda w=wrong: certify_delivery(alert, [w], whole)) == "misplaced"
        plain = json.loads(certify_delivery(alert, [receipt], whole))
        plain["receipts"].append(json.loads(wrong.to_bytes()))
        assert refused(plain, cast.founding.id) == "misplaced"
    assert refusal(lambda: certify_delivery(receipt, [], whole)) == "misplaced"
    sealed = json.loads(certify_delivery(alert, [receipt], whole))
    sealed["alert"] = {"envelope": sealed["alert"]["envelope"]}
    assert refused(sealed, cast.founding.id) == "misplaced"


def test_a_receipt_whose_key_does_not_speak_is_refused(cast):
    alert = cast.alert()
    lost = cast.receive("Dorn", alert, constitution="0" * 64)
    assert refusal(lambda: certify_delivery(alert, [lost], succession(cast))) == "without-effect"
    plain = json.loads(certify_delivery(alert, [], succession(cast)))
    plain["receipts"] = [json.loads(lost.to_bytes())]
    assert refused(plain, cast.founding.id) == "without-effect"


def test_an_exercise_says_so_first():
    cast = Cast(4, 1, 0, exercise=True)
    shown = verify(certify_delivery(cast.alert(), (), succession(cast)), cast.founding.id)
    assert shown.exercise
    assert str(shown).startswith("EXERCISE: nothing here was real\n")


def test_every_certificate_says_what_it_stands_on():
    cast = Cast(4, 1, 0)
    assert str(_Shown(succession(cast), cast.under)).splitlines()[0].startswith("founding ")


# Equivocation.


def pairs(cast):
    """Return two acts of which one is too many, and what is said of them."""
    proposal = cast.propose()
    yes, no = (cast.say("Dorn", proposal, word) for word in ("yes", "no"))
    one, other = (cast.close("Dorn", proposal, heard) for heard in ([yes], [no]))
    forked = cast.say("Dorn", cast.propose(), "yes", seq=1, prev=None)
    return {
        f"two answers as turn 1 on the proposal {proposal.id[:16]}": (yes, no),
        f"two closings of the proposal {proposal.id[:16]}": (one, other),
        "two acts as number 1 of its chain in 'council'": (yes, forked),
    }


def test_an_equivocation_shows_both_acts(cast):
    for what, (one, other) in pairs(cast).items():
        data = certify_equivocation(one, other, succession(cast))
        shown = verify(data, cast.founding.id)
        assert isinstance(shown, Equivocation)
        assert list(shown.lines())[2:5] == [
            f"equivocation: Dorn signed {what}",
            f"  {one.id}, signed by Dorn's node, foreign ministry",
            f"  {other.id}, signed by Dorn's node, foreign ministry",
        ]
        told = [line for line in shown.lines() if "an old copy of its node" in line]
        assert bool(told) == (one.place == other.place)


def test_what_an_honest_member_may_have_signed_is_no_equivocation(cast):
    proposal, other = cast.propose(), cast.propose()
    yes = cast.say("Dorn", proposal, "yes")
    honest = [
        (yes, yes),
        (yes, cast.say("Dorn", proposal, "no", yes)),
        (yes, cast.say("Dorn", other, "yes")),
        (yes, cast.say("Brill", proposal, "no")),
        (cast.close("Dorn", proposal), cast.close("Dorn", other)),
        (yes, cast.close("Dorn", proposal, [yes])),
        (proposal, other),
    ]
    for one, two in honest:
        make = lambda a=one, b=two: certify_equivocation(a, b, succession(cast))  # noqa: E731
        assert refusal(make) == "no-equivocation"
    plain = json.loads(certify_equivocation(*next(iter(pairs(cast).values())), succession(cast)))
    assert refused(plain | {"other": plain["one"]}, cast.founding.id) == "no-equivocation"


def test_an_act_in_a_constitution_that_is_not_proven_shows_nothing(cast):
    proposal = cast.propose()
    yes = cast.say("Dorn", proposal, "yes")
    lost = cast.say("Dorn", proposal, "no", constitution="0" * 64)
    make = lambda: certify_equivocation(yes, lost, succession(cast))  # noqa: E731
    assert refusal(make) == "without-effect"
