import pytest

from comity.charters import load, names
from comity.errors import UsageError
from comity.examine.cornerstones import cornerstones
from comity.examine.losses import KINDS, Body

from .league import changed, league


def rows(found):
    return {(body.organ, body.rule): body for body in found.bodies}


def test_a_body_without_a_rule_is_named_and_its_candidates_are_examined():
    found = cornerstones(load("european-security-council"))
    assert found.undecided == ("European Security Council",)
    assert "can decide yet" in found.sentence()
    assert {body.in_force for body in found.bodies} == {False}


def test_refusing_under_consensus_is_told_as_a_property_of_the_rule():
    body = rows(cornerstones(load("north-atlantic-council")))[("council", "consensus")]
    assert body.by_nature("refusing")
    assert body.words("refusing") == "every member"
    assert body.why("refusing") == "by the nature of the rule (nobody against)"


def test_one_body_and_one_rule_can_be_asked_for():
    found = cornerstones(league(), "council", "consensus")
    assert list(rows(found)) == [("council", "consensus")]


def test_an_unknown_body_is_refused_with_those_there_are():
    with pytest.raises(UsageError, match="has no organ called 'counsel'"):
        cornerstones(league(), "counsel")


def test_pairs_are_listed_only_when_asked_for():
    assert rows(cornerstones(league(), "council"))[("council", "consensus")].pairs == {}
    found = cornerstones(league(), "council", "double-majority", pairs=True)
    told = found.finding().table("pairs")
    assert "Brill and Corve" in told.column("pair").values


def test_where_nobody_can_stop_anything_the_sentence_says_so():
    free = changed('call = ["chair"]', "")
    assert (
        cornerstones(free, "council", "double-majority").sentence()
        == "No single member of The Larch League can stop council under double-majority."
    )


def test_the_sentence_names_who_stops_which_body_in_another_way_than_by_the_rules_nature():
    told = cornerstones(load("coalition-of-the-willing")).sentence()
    assert "which is a property of those rules" in told
    assert "FRA, GBR or UKR alone can stop leaders under trilateral" in told


@pytest.mark.parametrize("name", names())
def test_every_cornerstone_of_a_shipped_charter_has_a_reason_and_does_stop_its_body(name):
    charter = load(name)
    for body in cornerstones(charter).bodies:
        tried = Body.of(charter, body.organ, body.rule, charter.dated)
        for kind in KINDS:
            for loss in body.alone[kind]:
                assert loss.why
                assert not tried.lose(loss.lost, kind).decides


def test_json_has_the_documented_keys():
    told = cornerstones(league(), pairs=True).to_json()
    assert set(told) == {
        "charter", "on", "sentence", "assumptions", "sources", "cannot_decide_yet", "bodies",
    }  # fmt: skip
    assert set(told["bodies"][0]) == {
        "organ", "rule", "title", "in_force", "members", "alone", "pairs",
    }  # fmt: skip


def test_a_candidate_asked_for_is_answered_for_itself():
    told = cornerstones(load("coalition-of-the-willing"), "leaders", "opt-in").sentence()
    assert told == "Coalition of the Willing: FRA or GBR alone can stop leaders under opt-in."


def test_pairs_that_are_all_alike_are_told_at_once():
    charter = load("coalition-of-the-willing")
    found = cornerstones(charter, "advisers", "consensus-minus-one", pairs=True)
    (told,) = found.finding().table("pairs").column("pair").values
    assert told == "any 2 of the 35"
    assert len(found.to_json()["bodies"][0]["pairs"]["refusing"]) == 35 * 34 // 2


def test_a_right_beside_the_rule_is_told_beside_it():
    body = rows(cornerstones(league(), "council", "consensus"))[("council", "consensus")]
    assert body.why("refusing") == (
        "by the nature of the rule (nobody against); nobody but Arden may call a meeting"
    )
