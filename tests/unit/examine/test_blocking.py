from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.charters import load, names
from comity.core.rules import holds
from comity.examine.blocking import rest_game, still_blocking


def every_rule():
    for name in names():
        charter = load(name)
        for organ in charter.organs.values():
            for rule in (*organ.rules, *organ.candidates):
                yield pytest.param(charter, organ.id, rule, id=f"{name}, {organ.id}, {rule}")


@pytest.mark.parametrize(("charter", "organ", "rule"), [*every_rule()])
@settings(max_examples=4, deadline=None)
@given(st.data())
def test_the_game_that_is_left_is_won_when_the_rule_holds(charter, organ, rule, data):
    electorate = charter.electorate(organ, charter.dated)
    adopt = charter.rule(rule).rule.adopt
    words = st.sampled_from(["yes", "no", "abstain", "constructive", "absent", "out", None])
    said = data.draw(st.lists(words, min_size=len(electorate.members)))
    marks = {m: word for m, word in zip(electorate.members[1:], said) if word}
    game = rest_game(adopt, electorate, marks)
    for _ in range(4):
        yes = data.draw(st.sets(st.sampled_from(game.players)))
        full = {**marks, **{m: "yes" if m in yes else "no" for m in game.players}}
        assert game.wins(yes) == holds(adopt, electorate, full)


def test_no_smaller_group_could_block_than_those_that_are_named():
    charter = load("eu-council")
    electorate = charter.electorate("council", charter.dated)
    adopt = charter.rule(charter.organs["council"].rules[0]).rule.adopt
    marks = dict.fromkeys(("DEU", "FRA"), "no") | {"ITA": "yes"}
    found = still_blocking(adopt, electorate, marks)
    waiting = [m for m in electorate.members if m not in marks]

    def blocks(group):
        full = {**marks, **{m: "no" if m in group else "yes" for m in waiting}}
        return not holds(adopt, electorate, full)

    for family in found.families:
        assert all(blocks(group) for group in family.sets())
    assert not any(
        blocks(group) for size in range(found.smallest) for group in combinations(waiting, size)
    )


def test_nobody_can_block_what_has_failed_or_holds_already():
    charter = load("un-security-council")
    electorate = charter.electorate("council", charter.dated)
    adopt = charter.rule("substance").rule.adopt
    assert still_blocking(adopt, electorate, {"RUS": "no"}) is None
    assert still_blocking(adopt, electorate, dict.fromkeys(electorate.members, "yes")) is None
    found = still_blocking(adopt, electorate, {})
    assert found.smallest == 1
