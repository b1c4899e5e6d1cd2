"""Effect: what achieves nothing and why; who signed two things of which one is too many."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings

from comity.core.alerts import alerts
from comity.core.attestations import equivocation_words
from comity.core.cases import cases
from comity.core.pledges import pledges
from comity.core.state import fold
from comity.core.texts import texts
from comity.errors import ActError
from comity.node.effect import double_signed, reasons
from tests.property.record_strategies import Cast, signed_histories


@settings(max_examples=25, deadline=None)
@given(signed_histories())
def test_what_has_no_effect_is_what_the_fold_and_the_views_say(history):
    state = fold(history.under, history.acts)
    told = dict(state.without_effect())
    for view in (alerts, texts, pledges, cases):
        told.update(dict(view(history.acts).without_effect))
    assert reasons(list(history.acts), state.succession) == told


def test_two_answers_to_one_turn_and_two_closings_are_found_once_each():
    cast = Cast(4, 1, 0)
    proposal = cast.propose("Arden")
    yes, no = cast.say("Brill", proposal, "yes"), cast.say("Brill", proposal, "no")
    acts = [proposal, yes, no, *cast.close_all(proposal, [yes]), *cast.close_all(proposal, [no])]
    found = {(one.id, other.id) for one, other, _ in double_signed([*acts, *acts])}
    excluded = set()
    for one, other in combinations(sorted({a.id: a for a in acts}.values(), key=lambda a: a.id), 2):
        try:
            equivocation_words(one, other)
        except ActError:
            continue
        excluded.add((one.id, other.id))
    assert found == excluded
    assert len(found) >= 5
