"""The laws that rules keep, each against a twin that is slow and obviously right."""

from __future__ import annotations

import json
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from comity import charters
from comity.core.charter import Change
from comity.core.checks import _possible
from comity.core.meeting import least_shared, never_both
from comity.core.rules import (
    MARKS,
    AnyOf,
    Electorate,
    SomeOf,
    can_be_failed,
    can_be_met,
    can_fail,
    can_pass,
    completions_count,
    holds,
    looks,
    mirrored,
    standing,
)
from comity.core.tally import decide, pinned_marks, tally
from tests.property.strategies import (
    ANSWERS,
    answers,
    electorates,
    leaf_nodes,
    nodes,
    partial_marks,
    rules,
)


def completions(electorate, marks):
    waiting = [m for m in electorate.members if m not in marks]
    for answer in product(ANSWERS, repeat=len(waiting)):
        yield {**marks, **dict(zip(waiting, answer))}


def brute_standing(node, electorate, marks):
    found = {holds(node, electorate, full) for full in completions(electorate, marks)}
    return "open" if len(found) == 2 else ("met" if found.pop() else "failed")


@given(st.data(), nodes)
@settings(max_examples=150, deadline=None)
def test_the_standing_of_a_rule_is_what_all_completions_say(data, node):
    electorate = data.draw(electorates(most=5))
    marks = data.draw(partial_marks(electorate, waiting_at_most=4))
    assert standing(node, electorate, marks) == brute_standing(node, electorate, marks)


@given(st.data(), st.lists(leaf_nodes, min_size=2, max_size=3))
@settings(max_examples=150, deadline=None)
def test_any_of_unlike_leaves_stands_as_all_completions_say(data, parts):
    electorate = data.draw(electorates(most=4))
    marks = data.draw(partial_marks(electorate, waiting_at_most=4))
    for node in (AnyOf(tuple(parts)), SomeOf(2, tuple(parts))):
        assert standing(node, electorate, marks) == brute_standing(node, electorate, marks)


@given(st.data(), nodes)
@settings(max_examples=150, deadline=None)
def test_what_is_settled_stays_settled_whoever_answers_next(data, node):
    electorate = data.draw(electorates())
    marks = data.draw(partial_marks(electorate))
    before = standing(node, electorate, marks)
    waiting = [m for m in electorate.members if m not in marks]
    assume(waiting)
    answered = {**marks, data.draw(st.sampled_from(waiting)): data.draw(answers)}
    assert before == "open" or standing(node, electorate, answered) == before


@given(st.data(), nodes)
@settings(max_examples=200, deadline=None)
def test_agreement_never_hurts(data, node):
    electorate = data.draw(electorates())
    full = {m: data.draw(answers) for m in electorate.members}
    agreeing = {**full, data.draw(st.sampled_from(electorate.members)): "yes"}
    assert not holds(node, electorate, full) or holds(node, electorate, agreeing)


@given(st.data(), nodes)
@settings(max_examples=150, deadline=None)
def test_a_member_that_has_left_counts_like_one_that_never_was(data, node):
    electorate = data.draw(electorates())
    lost = frozenset(data.draw(st.sets(st.sampled_from(electorate.members))))
    left = electorate.without(lost)
    assert left.members == tuple(m for m in electorate.members if m not in lost)
    never = Electorate(
        left.members,
        {
            name: {m: w for m, w in table.items() if m not in lost}
            for name, table in electorate.weights.items()
        },
        left.sets,
        electorate.units,
    )
    marks = {m: data.draw(answers) for m in electorate.members}
    assert holds(node, left, marks) == holds(node, never, marks)


@given(st.data(), rules)
@settings(max_examples=150, deadline=None)
def test_a_decision_follows_from_its_two_sides_over_all_completions(data, rule):
    electorate = data.draw(electorates(most=4))
    marks = data.draw(partial_marks(electorate, waiting_at_most=3))
    concerned = frozenset(data.draw(st.sets(st.sampled_from(electorate.members))))
    outcomes = set()
    pinned = pinned_marks(rule, marks, concerned)
    for full in completions(electorate, pinned):
        if holds(rule.adopt, electorate, full):
            outcomes.add("adopted")
        elif rule.reject is None or holds(rule.reject, electorate, mirrored(full)):
            outcomes.add("rejected")
        else:
            outcomes.add("no opinion")
    decided = decide(rule, electorate, marks, concerned).outcome
    assert decided == "open" or {decided} == outcomes
    if outcomes == {"adopted"} or rule.reject is None:
        assert decided == ("open" if len(outcomes) > 1 else next(iter(outcomes)))


@given(st.data(), rules)
@settings(max_examples=100, deadline=None)
def test_a_decision_is_settled_at_the_latest_when_all_have_answered(data, rule):
    electorate = data.draw(electorates())
    full = {m: data.draw(st.sampled_from(MARKS)) for m in electorate.members}
    assert decide(rule, electorate, full).outcome != "open"


def winning(node, electorate, out):
    """All sets of members whose yes wins with some answers of the others."""
    there = [m for m in electorate.members if m not in out]
    found = set()
    for answer in product(ANSWERS, repeat=len(there)):
        marks = {**dict.fromkeys(out, "out"), **dict(zip(there, answer))}
        if holds(node, electorate, marks):
            found.add(frozenset(m for m in there if marks[m] == "yes"))
    return found


@given(st.data(), nodes, nodes)
@settings(max_examples=120, deadline=None)
def test_the_least_that_majorities_share_is_never_told_too_high(data, first, second):
    electorate = data.draw(electorates(most=4))
    out = frozenset(data.draw(st.sets(st.sampled_from(electorate.members), max_size=1)))
    one, other = winning(first, electorate, out), winning(second, electorate, out)
    assume(one and other)
    truth = min(len(a & b) for a in one for b in other)
    assert least_shared(first, second, electorate, out) <= truth


@given(st.data(), nodes, nodes)
@settings(max_examples=120, deadline=None)
def test_what_is_said_never_to_be_adopted_and_rejected_never_is(data, adopt, reject):
    electorate = data.draw(electorates(most=4))
    assume(all(w for table in electorate.weights.values() for w in table.values()))
    if never_both(adopt, reject, electorate):
        for answer in product(MARKS, repeat=len(electorate.members)):
            marks = dict(zip(electorate.members, answer))
            assert not (
                holds(adopt, electorate, marks) and holds(reject, electorate, mirrored(marks))
            )


@given(st.data(), nodes)
@settings(max_examples=100, deadline=None)
def test_a_tally_stands_as_its_rule_and_is_plain_json(data, node):
    electorate = data.draw(electorates())
    marks = data.draw(partial_marks(electorate))
    told = tally(node, electorate, marks)
    assert told.standing == standing(node, electorate, marks)
    assert json.loads(json.dumps(told.to_json())) == told.to_json()
    for part in flat(told):
        assert part.claim
        assert part.sentence.isprintable()
        assert not set(part.waiting) & set(marks)
        assert bool(part.waiting) <= (part.standing == "open")


def flat(told):
    yield told
    for part in told.parts:
        yield from flat(part)


@given(st.data(), nodes)
@settings(max_examples=100, deadline=None)
def test_a_bound_on_looking_errs_towards_open(data, node):
    electorate = data.draw(electorates(most=4))
    marks = data.draw(partial_marks(electorate))
    waiting = tuple(m for m in electorate.members if m not in marks)
    assert looks(node, electorate, waiting) >= 1
    assert completions_count(node, electorate, waiting) >= 1
    truly = can_fail(node, electorate, marks, waiting)
    assert not truly or can_fail(node, electorate, marks, waiting, bound=0)
    assert can_be_met(node, electorate) == can_pass(node, electorate, {}, electorate.members)
    assert not can_be_failed(node, electorate) or can_be_failed(node, electorate, 0)


def shipped():
    for name in charters.names():
        charter = charters.load(name)
        for organ in charter.organs.values():
            for rule_id in (*organ.rules, *organ.candidates):
                yield pytest.param(charter, organ, rule_id, id=f"{name} {organ.id} {rule_id}")


def corners(electorate):
    """Marks that leave at most four waiting: the seats at both ends of the roster."""
    members = electorate.members
    ends = tuple(dict.fromkeys((*members[:2], *members[-2:])))
    most = len(members) - len(ends)
    for settled in ("yes", "no", "abstain", "constructive", "absent"):
        yield {m: settled for m in members if m not in ends}
    for yes in (most // 3, most // 2, 2 * most // 3, most - 1):
        rest = [m for m in members if m not in ends]
        yield {m: "yes" if i < yes else "absent" for i, m in enumerate(rest)}
        yield {m: "yes" if i >= most - yes else "no" for i, m in enumerate(rest)}


@pytest.mark.parametrize(("charter", "organ", "rule_id"), list(shipped()))
def test_every_shipped_rule_stands_as_all_completions_say(charter, organ, rule_id):
    electorate = charter.electorate(organ.id, charter.dated)
    rule = charter.rules[rule_id].rule
    for node in filter(None, (rule.adopt, rule.reject)):
        for marks in corners(electorate):
            assert standing(node, electorate, marks) == brute_standing(node, electorate, marks)


@given(st.data(), rules)
@settings(max_examples=60, deadline=None)
def test_a_change_is_possible_without_one_member_exactly_when_it_is_then_adopted(data, rule):
    electorate = data.draw(electorates())
    lost = data.draw(st.sampled_from(electorate.members))
    loss = data.draw(st.sampled_from(("silent", "refusing")))
    kind = data.draw(st.sampled_from(("amendment", "suspension")))
    marks = dict.fromkeys(electorate.members, "yes")
    marks[lost] = "absent" if loss == "silent" else "no"
    concerned = frozenset((lost,)) if kind == "suspension" else frozenset()
    told = _possible(rule, electorate, lost, loss, Change(kind, "council", "change", "vote"))
    assert told == (decide(rule, electorate, marks, concerned).outcome == "adopted")
