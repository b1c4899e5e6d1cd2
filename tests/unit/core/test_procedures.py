"""From last words to outcomes."""

from __future__ import annotations

from fractions import Fraction

import pytest

from comity.core.charter import Procedure
from comity.core.procedures import outcome_of, settle, signed
from comity.core.rolls import Contradiction, Count, Said, Thresholds
from comity.core.rules import Against, AllOf, Amount, Electorate, InFavour, Rule

LEAGUE = ("Arden", "Brill", "Corve", "Dorn")
BODY = Electorate(LEAGUE)
THRESHOLDS = Thresholds(4, 1, 0)
HALF = Amount(Fraction(1, 2), True, True)
MAJORITY = InFavour(HALF, of="members")
CONSENSUS = Rule(AllOf((Against(0), MAJORITY)))
SILENCE = Procedure("s", "silence")
VOTE = Procedure("v", "vote", ad_referendum="yes")
STRICT = Procedure("v", "vote")


def count(words, *, closed=LEAGUE, consenting=LEAGUE, contradictions=()):
    marks = ("none", "unknown", "convicted")
    told = {m: w if w in marks else Said(m, m, 1, None, w) for m, w in zip(LEAGUE, words)}
    return Count(told, frozenset(consenting), closed, {}, contradictions=contradictions)


NONE = ("none",) * 4


@pytest.mark.parametrize(
    ("words", "procedure", "consenting", "outcome"),
    [
        pytest.param(NONE, SILENCE, LEAGUE, "adopted", id="silence holds"),
        pytest.param(NONE, SILENCE, LEAGUE[:3], "adopted", id="one is missing"),
        pytest.param(NONE, SILENCE, LEAGUE[:2], "in doubt", id="two may be missing, or consent"),
        pytest.param(("objection", *NONE[1:]), SILENCE, LEAGUE, "broken", id="silence is broken"),
        pytest.param(("withdraw", *NONE[1:]), SILENCE, LEAGUE, "withdrawn", id="withdrawn"),
        pytest.param(("none", "withdraw", "none", "none"), SILENCE, LEAGUE, "adopted",
                     id="only the proposer withdraws"),
        pytest.param(("unknown", *NONE[1:]), SILENCE, LEAGUE, "in doubt", id="may be withdrawn"),
        pytest.param(NONE, VOTE, LEAGUE, "lapsed", id="nobody votes"),
        pytest.param(("yes", "yes", "ad referendum", "no"), VOTE, (), "rejected", id="one against"),
        pytest.param(("yes", "yes", "ad referendum", "none"), VOTE, (), "adopted",
                     id="a yes to be confirmed counts where the charter says so"),
        pytest.param(("yes", "yes", "ad referendum", "none"), STRICT, (), "lapsed",
                     id="and elsewhere counts as missing"),
        pytest.param(("yes", "yes", "awaiting instructions", "abstain"), VOTE, (), "lapsed",
                     id="awaiting instructions counts as missing"),
        pytest.param(("yes", "yes", "convicted", "none"), VOTE, (), "lapsed",
                     id="who signed two answers counts as missing"),
        pytest.param(("yes", "abstain", "abstain", "none"), VOTE, (), "rejected", id="abstentions"),
    ],
)  # fmt: skip
def test_words_make_an_outcome(words, procedure, consenting, outcome):
    told = settle(
        CONSENSUS, BODY, procedure, "Arden", count(words, consenting=consenting), THRESHOLDS
    )
    assert told.outcome == outcome
    assert told.settled == (outcome != "in doubt")


def test_too_few_closings_leave_it_open_and_enough_leave_it_in_doubt():
    words = ("none", "unknown", "none", "none")
    told = settle(CONSENSUS, BODY, VOTE, "Arden", count(words, closed=LEAGUE[:2]), THRESHOLDS)
    assert (told.outcome, told.unknown) == ("open", ("Brill",))
    told = settle(CONSENSUS, BODY, SILENCE, "Arden", count(words), THRESHOLDS)
    assert told.outcome == "in doubt"
    assert told.possible == ("adopted", "broken")


def test_members_without_signed_notice_are_named():
    told = settle(CONSENSUS, BODY, SILENCE, "Arden", count(NONE, consenting=()), THRESHOLDS)
    assert told.perhaps_missing == LEAGUE
    assert told.possible == ("adopted", "lapsed")


def test_contradicting_rolls_are_contested_and_nothing_is_settled():
    told = settle(
        CONSENSUS,
        BODY,
        SILENCE,
        "Arden",
        count(NONE, contradictions=(Contradiction("x", ("Dorn",)),)),
        THRESHOLDS,
    )
    assert (told.outcome, told.settled) == ("contested", False)


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        (("yes", "yes", "yes", "none"), "adopted"),
        (("no", "no", "no", "none"), "rejected"),
        (("yes", "yes", "no", "none"), "no opinion"),
        (("yes", "yes", "no", "unknown"), "in doubt"),
    ],
)
def test_the_reverse_test_knows_no_opinion(words, outcome):
    rule = Rule(MAJORITY, MAJORITY)
    assert settle(rule, BODY, VOTE, "Arden", count(words), THRESHOLDS).outcome == outcome


@pytest.mark.parametrize(
    ("rule", "procedure", "possible"),
    [
        (Rule(MAJORITY), VOTE, ("adopted", "rejected", "lapsed")),
        (Rule(MAJORITY), SILENCE, ("adopted", "broken", "lapsed")),
        (Rule(MAJORITY, MAJORITY), VOTE, ("adopted", "rejected", "no opinion")),
    ],
)
def test_with_too_many_completions_all_that_is_not_ruled_out_stays_possible(
    rule, procedure, possible
):
    words = ("yes", "unknown", "unknown", "unknown")
    told = settle(rule, BODY, procedure, "Arden", count(words), THRESHOLDS, bound=1)
    assert told.possible == possible


def test_what_cannot_be_adopted_is_not_possible_whatever_the_bound():
    words = ("none", "none", "none", "unknown")
    told = settle(Rule(MAJORITY), BODY, VOTE, "Arden", count(words), THRESHOLDS, bound=1)
    assert told.possible == ("rejected", "lapsed")


def test_whoever_is_concerned_stands_aside():
    rule = Rule(InFavour(Amount(Fraction(3))), concerned="excluded")
    words = ("yes", "yes", "yes", "objection")
    told = settle(
        rule, BODY, VOTE, "Arden", count(words), THRESHOLDS, concerned=frozenset(("Dorn",))
    )
    assert told.outcome == "adopted"
    assert told.marks["Dorn"] == "out"


def test_signatures_adopt_once_enough_have_signed():
    rule = Rule(InFavour(Amount(Fraction(2))))
    assert signed(rule, BODY, frozenset(("Arden",))).outcome == "open"
    told = signed(rule, BODY, frozenset(("Arden", "Dorn")))
    assert (told.outcome, told.settled) == ("adopted", True)
    assert told.marks == {"Arden": "yes", "Dorn": "yes"}


def test_an_outcome_is_a_function_of_all_marks():
    assert outcome_of(CONSENSUS, BODY, VOTE, dict.fromkeys(LEAGUE, "yes")) == "adopted"
