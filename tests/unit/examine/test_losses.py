import pytest

from comity.charters import load
from comity.examine.losses import KINDS, Body

from .league import DAY, changed, league


def body(rule, charter=None, organ="council"):
    charter = charter or league()
    return Body.of(charter, organ, rule, charter.dated)


def alone(found):
    return tuple(loss.lost[0] for loss in found)


ANYBODY_CALLS = changed('call = ["chair"]', 'call = ["seats"]')


@pytest.mark.parametrize("kind", KINDS)
def test_who_alone_may_call_a_meeting_is_a_cornerstone_however_lost(kind):
    (loss,) = (x for x in body("double-majority").losses(kind) if not x.decides)
    assert loss.lost == ("Arden",)
    assert (loss.cause, loss.why) == ("right", "nobody but Arden may call a meeting")


def test_with_the_right_shared_nobody_is_a_cornerstone_of_a_majority():
    assert all(not body("double-majority", ANYBODY_CALLS).cornerstones(kind) for kind in KINDS)


def test_under_consensus_refusing_makes_everybody_one_and_leaving_nobody():
    found = body("consensus", ANYBODY_CALLS)
    assert alone(found.cornerstones("refusing")) == ("Arden", "Brill", "Corve", "Dorn")
    assert not found.cornerstones("leaving")
    assert not found.cornerstones("silent")


def test_how_many_may_be_silent_is_what_the_procedures_say():
    lone = body("consensus", organ="watch").losses("silent")
    assert [cause for cause, _ in lone[0].causes] == ["rule", "settlement"]
    assert lone[0].why.endswith("nobody may be missing when an outcome settles (n = 0)")


def test_two_silent_members_are_one_too_many():
    pairs = body("consensus", ANYBODY_CALLS).pairs("silent")
    assert len(pairs) == 6
    assert {loss.causes[-1] for loss in pairs} == {
        ("settlement", "only one member may be missing when an outcome settles (n = 1)")
    }


def test_a_pair_is_named_only_if_neither_stops_it_alone():
    pairs = body("double-majority").pairs("refusing")
    assert {loss.lost for loss in pairs} == {
        ("Brill", "Corve"), ("Brill", "Dorn"), ("Corve", "Dorn"),
    }  # fmt: skip


def test_why_says_what_was_asked_before_the_loss():
    jef = load("joint-expeditionary-force")
    (loss,) = Body.of(jef, next(iter(jef.organs)), "launch", jef.dated).cornerstones("leaving")
    assert loss.lost == ("GBR",)
    assert loss.why.startswith("GBR in favour")


def test_a_veto_is_a_cornerstone_by_refusing_and_not_by_silence():
    council = load("un-security-council")
    found = Body.of(council, "council", "substance", council.dated)
    assert alone(found.cornerstones("refusing")) == ("CHN", "FRA", "RUS", "GBR", "USA")
    assert not found.cornerstones("silent")


def test_losing_all_leaves_nobody():
    members = body("consensus").electorate.members
    loss = body("consensus", ANYBODY_CALLS).lose(members, "leaving")
    assert loss.causes[0] == ("rule", "nobody is left")


def test_who_is_itself_concerned_stands_aside_and_is_said_to():
    charter = load("osce")
    found = Body.of(charter, "permanent-council", "consensus-minus-one", charter.dated)
    assert found.cornerstones("refusing")[0].why.endswith("but not in a case that concerns it")


def test_a_loss_is_plain_json():
    loss = body("consensus").lose(("Brill",), "refusing")
    assert loss.to_json() == {
        "lost": ["Brill"],
        "kind": "refusing",
        "decides": False,
        "cause": "rule",
        "why": "nobody against: 1 against",
    }


def test_the_day_is_pinned():
    assert Body.of(league(), "watch", "consensus", DAY).electorate.members == ("Arden", "Dorn")
