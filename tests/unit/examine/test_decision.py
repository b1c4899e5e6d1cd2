import json

import pytest

from comity.charters import load
from comity.core.stances import STANCES
from comity.errors import UsageError
from comity.examine.decision import Stances, decision, parse_stances

from .league import changed, league


def told(stances, rule="double-majority", **options):
    return decision(league(), Stances(stances), "council", rule, **options)


def test_open_names_how_many_could_still_turn_it():
    found = told({"Arden": "yes", "Brill": "yes"})
    assert found.told.outcome == "open"
    assert found.sentence.endswith("open, 2 could still turn it.")


def test_settled_before_all_have_answered_says_so():
    found = told({"Arden": "yes", "Brill": "yes", "Corve": "yes"})
    assert found.sentence.endswith("adopted, whatever the others answer.")
    full = told({"Arden": "yes", "Brill": "yes", "Corve": "yes", "Dorn": "no"})
    assert full.sentence.endswith("adopted.")


def test_silence_is_consent_only_under_a_silence_procedure_and_only_when_closed():
    stances = {"Arden": "yes"}
    assert told(stances, "consensus", procedure_id="silence").told.outcome == "open"
    assert told(stances, "consensus", procedure_id="silence", closed=True).told.outcome == "adopted"
    assert told(stances, "consensus", procedure_id="vote", closed=True).told.outcome == "rejected"


def test_one_objection_breaks_silence():
    found = told({"Dorn": "objection"}, "consensus", procedure_id="silence")
    assert found.told.outcome == "rejected"


def test_awaiting_instructions_waits_and_then_counts_as_missing():
    open_yet = told({"Corve": "awaiting instructions"})
    assert ("Corve", "awaiting instructions") in open_yet.stance_words()
    assert ("Corve", "missing") in told(
        {"Corve": "awaiting instructions"}, closed=True
    ).stance_words()


def test_who_is_concerned_stands_aside():
    stances = Stances(
        {"Arden": "yes", "Brill": "yes", "Corve": "yes", "Dorn": "no"}, concerned=("Dorn",)
    )
    found = decision(league(), stances, "council", "change")
    assert found.told.outcome == "adopted"
    two = Stances({"Arden": "yes", "Brill": "yes", "Corve": "no"}, concerned=("Dorn",))
    assert decision(league(), two, "council", "change").told.outcome == "rejected"


def test_who_does_not_sit_there_is_refused_with_the_nearest_name():
    with pytest.raises(UsageError) as refused:
        told({"Ardem": "yes"})
    assert refused.value.hint == "did you mean Arden?"
    with pytest.raises(UsageError, match="does not sit in council"):
        told({"ZZZ": "yes"})


def test_an_unknown_procedure_is_refused():
    with pytest.raises(UsageError, match="no procedure called 'hush'"):
        told({}, procedure_id="hush")


def test_no_opinion_says_what_follows():
    reverse = changed(
        "[rules.change]",
        '[rules.reverse]\ntitle = "Reverse test"\notherwise = "the proposer may act"\n'
        "adopt = { in_favour = { at_least = 3 } }\n"
        "reject = { in_favour = { at_least = 3 } }\n\n[rules.change]",
    )
    split = {"Arden": "yes", "Brill": "yes", "Corve": "no", "Dorn": "abstain"}
    found = decision(reverse, Stances(split), "council", "reverse")
    assert found.told.outcome == "no opinion"
    assert found.sentence.endswith("no opinion; the proposer may act.")
    against = dict.fromkeys(("Arden", "Brill", "Corve"), "no")
    assert decision(reverse, Stances(against), "council", "reverse").told.outcome == "rejected"


FORMS = {
    "a list a stance, in TOML": ("s.toml", b'yes = ["Arden", "Brill"]\nno = ["Corve"]'),
    "a table of stances, in TOML": (
        "s.toml",
        b'[stances]\nArden = "yes"\nBrill = "yes"\nCorve = "no"',
    ),
    "member by member, in TOML": ("s.toml", b'Arden = "yes"\nBrill = "yes"\nCorve = "no"'),
    "JSON": ("s.json", b'{"stances": {"Arden": "yes", "Brill": "yes", "Corve": "no"}}'),
    "JSON, member by member": ("s.json", b'{"Arden": "yes", "Brill": "yes", "Corve": "no"}'),
    "CSV": ("s.csv", b"member,stance\nArden,yes\nBrill,yes\nCorve,no\n"),
    "CSV with a byte order mark": (
        "s.csv",
        b"\xef\xbb\xbfmember,stance\nArden,YES\nBrill,yes\nCorve,no",
    ),
}


@pytest.mark.parametrize(("name", "text"), FORMS.values(), ids=FORMS)
def test_stances_can_be_written_as(name, text):
    assert parse_stances(text, name).given == {"Arden": "yes", "Brill": "yes", "Corve": "no"}


def test_every_stance_can_be_written():
    given = {f"m{i}": stance for i, stance in enumerate(STANCES)}
    assert parse_stances(json.dumps(given).encode(), "s.json").given == given


def test_who_is_concerned_can_be_written():
    assert parse_stances(b'yes = ["Arden"]\nconcerned = ["Dorn"]', "s.toml").concerned == ("Dorn",)


BAD = {
    "a word that is no stance": ("s.toml", b'Arden = "maybe"', "'maybe' is no stance"),
    "two stances of one member": ("s.toml", b'yes = ["Arden"]\nno = ["Arden"]', "two stances"),
    "no TOML": ("s.toml", b"yes = [", "s.toml, line 1: this is not TOML"),
    "no JSON": ("s.json", b"{", "s.json is not JSON"),
    "JSON nested too deep": ("s.json", b"[" * 100_000, "s.json is not JSON"),
    "a JSON list": ("s.json", b"[]", "holds no table"),
    "an empty table": ("s.csv", b"", "lacks the columns"),
    "CSV without its columns": ("s.csv", b"a,b\n1,2", "lacks the columns"),
    "CSV that is not UTF-8": ("s.csv", b"member,stance\n\xff\xfe,yes", "not CSV text"),
    "too large": ("s.toml", b"#" * (2 << 20), "more than 1 MiB"),
    "a number as member": ("s.json", b'{"yes": [3]}', "is no stance"),
}


@pytest.mark.parametrize(("name", "text", "what"), BAD.values(), ids=BAD)
def test_stances_are_refused_if_they_hold(name, text, what):
    with pytest.raises(UsageError) as refused:
        parse_stances(text, name)
    assert what in refused.value.what
    assert refused.value.hint


def test_24_of_27_adopt_whatever_the_population_and_json_says_so():
    charter = load("eu-council")
    members = charter.electorate("council", charter.dated).members
    against = ("DEU", "FRA", "ITA")
    stances = {m: "no" if m in against else "yes" for m in members}
    found = decision(charter, Stances(stances), rule_id="qualified-majority").to_json()
    assert found["outcome"] == "adopted"
    assert {"charter", "organ", "rule", "on", "sentence", "outcome", "tally", "members"} <= set(
        found
    )


def test_without_a_procedure_the_bodys_first_is_used_and_named():
    found = told({"Arden": "yes"}, "consensus", closed=True)
    assert (found.procedure, found.told.outcome) == ("vote", "rejected")
    named = told({"Arden": "yes"}, "consensus", procedure_id="silence", closed=True)
    assert (named.procedure, named.told.outcome) == ("silence", "adopted")
