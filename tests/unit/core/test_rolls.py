"""The count of rolls: what is established, refuted, unknown, and who signed twice."""

from __future__ import annotations

import pytest

from comity.core.rolls import Contradiction, Roll, Said, Thresholds, count_rolls

ROSTER = ("Arden", "Brill", "Corve", "Dorn", "Elsin")
THRESHOLDS = Thresholds(5, 1, 1)
YES = Said("yes", "Brill", 1, None, "yes")
NO = Said("no", "Brill", 2, "yes", "no")
OTHER = Said("other", "Brill", 1, None, "abstain")


def roll(closer, shown=None, k=0, consents=True):
    return Roll(f"{closer}{k}", closer, {"Brill": shown} if shown else {}, consents)


def count(*rolls, said=(YES, NO, OTHER), proposer="Arden", thresholds=THRESHOLDS):
    return count_rolls(ROSTER, proposer, said, rolls, thresholds)


def test_it_takes_n_and_1_and_f_to_establish_and_all_but_n_to_refute():
    assert (THRESHOLDS.establishing, THRESHOLDS.refuting) == (3, 4)


@pytest.mark.parametrize(
    ("shown", "word"),
    [
        pytest.param((None,) * 4, "none", id="four heard nothing"),
        pytest.param((None,) * 3, "unknown", id="three are too few to say that nothing was said"),
        pytest.param(("yes",) * 4, YES, id="four heard yes"),
        pytest.param(("yes",) * 3, "unknown", id="three heard yes, and the rest may know more"),
        pytest.param(("no",) * 4, NO, id="a later turn replaces the one before"),
        pytest.param(("yes", "no", "no", "no"), NO, id="three heard no, and one only yes"),
        pytest.param(("yes", "yes", "yes", "yes", "no"), YES, id="one alone heard the later turn"),
        pytest.param(("yes", "yes", "no", "no", "no"), NO, id="a later turn shows the earlier too"),
        pytest.param((None, None, "no", "no", "no"), NO, id="two may not have heard"),
        pytest.param((None, None, None, "no", "no"), "unknown", id="two heard: in doubt"),
        pytest.param((None, None, None, None, "no"), "none", id="one heard: it does not count"),
        pytest.param(("lost",) * 5, "unknown", id="all name what is not at hand"),
        pytest.param(("lost", None, None, None, None), "none", id="one names what is not at hand"),
    ],
)
def test_the_last_word_is_the_established_one_after_which_all_is_refuted(shown, word):
    told = count(*(roll(m, s) for m, s in zip(ROSTER, shown)))
    assert told.words["Brill"] == word


def test_two_rivals_established_convict_the_member():
    told = count(
        *(roll(m, "no") for m in ("Arden", "Brill", "Corve")),
        *(roll(m, "other", k=1) for m in ("Corve", "Dorn", "Elsin")),
    )
    assert told.words["Brill"] == "convicted"
    assert told.rivals == (("other", "yes"),)
    assert told.double_closers == ("Corve",)
    assert told.shown_by == {"yes": 3, "no": 3, "other": 3}


def test_more_than_f_who_sign_both_are_named():
    told = count(
        *(roll(m) for m in ("Arden", "Brill", "Corve", "Dorn")),
        *(roll(m, "other", k=1) for m in ("Corve", "Dorn", "Elsin")),
    )
    assert told.contradictions == (Contradiction("other", ("Corve", "Dorn")),)


def test_the_proposer_needs_no_seat_to_withdraw():
    withdrawn = Said("w", "Harbour", 1, None, "withdraw")
    rolls = [Roll(m, m, {"Harbour": "w"}, True) for m in ROSTER]
    told = count(*rolls, said=(withdrawn,), proposer="Harbour")
    assert told.words["Harbour"] == withdrawn


def test_strangers_close_and_say_nothing():
    told = count(roll("Harbour"), said=(Said("x", "Harbour", 1, None, "no"),))
    assert told.closed == ()
    assert set(told.words) == set(ROSTER)


@pytest.mark.parametrize(
    "stance",
    [
        pytest.param(Said("s", "Brill", 2, None, "no"), id="a second turn that follows none"),
        pytest.param(Said("s", "Brill", 3, "yes", "no"), id="a turn is left out"),
        pytest.param(Said("s", "Brill", 2, "gone", "no"), id="the turn before is not at hand"),
        pytest.param(Said("s", "Brill", 2, "alien", "no"), id="it follows another's stance"),
    ],
)
def test_a_stance_that_is_not_traced_to_its_first_turn_is_unknown(stance):
    alien = Said("alien", "Corve", 1, None, "no")
    told = count(*(roll(m, "s") for m in ROSTER), said=(YES, alien, stance))
    assert told.words["Brill"] == "unknown"
    assert told.rivals == ()


def test_who_closed_with_notice_consents():
    told = count(roll("Arden"), roll("Brill", consents=False), roll("Brill", k=1))
    assert told.consenting == {"Arden", "Brill"}
    assert told.closed == ("Arden", "Brill")
    assert told.words["Dorn"] == "unknown"
