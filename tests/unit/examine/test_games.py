from datetime import date
from itertools import chain, combinations

import pytest

from comity.charters import load, names
from comity.core.rules import holds
from comity.examine.games import as_game


def every_rule():
    for name in names():
        charter = load(name)
        for organ in charter.organs.values():
            for rule in (*organ.rules, *organ.candidates):
                yield pytest.param(charter, organ.id, rule, id=f"{name}, {organ.id}, {rule}")


def coalitions(members):
    sizes = range(len(members) + 1)
    return chain.from_iterable(combinations(members, size) for size in sizes)


@pytest.mark.parametrize(("charter", "organ", "rule"), [*every_rule()])
def test_a_coalition_wins_exactly_when_the_rule_holds_with_all_others_saying_no(
    charter, organ, rule
):
    electorate = charter.electorate(organ, charter.dated)
    adopt = charter.rule(rule).rule.adopt
    game = as_game(adopt, electorate)
    members = electorate.members
    # Of large bodies: the first eight vary, the others say yes, or all say no but one in two.
    for others in (members[8:], members[8::2], ()):
        for chosen in coalitions(members[:8]):
            yes = {*chosen, *others}
            marks = {m: "yes" if m in yes else "no" for m in members}
            assert game.wins(yes) == holds(adopt, electorate, marks)


def test_the_eu_clause_is_in_the_game():
    charter = load("eu-council")
    electorate = charter.electorate("council", date(2026, 1, 1))
    game = as_game(charter.rule("qualified-majority").rule.adopt, electorate)
    people = electorate.weights["population"]
    largest = sorted(electorate.members, key=lambda m: people[m], reverse=True)
    three_out = [m for m in electorate.members if m not in largest[:3]]
    assert sum(people[m] for m in three_out) < sum(people.values()) * 65 / 100
    assert game.wins(three_out)
    assert not game.wins([m for m in electorate.members if m not in largest[:4]])
