"""The invariants of the record, under the names that PROTOCOL.md gives them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import combinations, combinations_with_replacement, product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.core.attestations import verify
from comity.core.certificate import certify
from comity.core.charter import Procedure
from comity.core.procedures import SETTLED, outcome_of, settle
from comity.core.rolls import Count, Roll, Said, Thresholds, count_rolls
from comity.core.rules import Against, AllOf, Amount, AnyOf, Electorate, InFavour, Quorum, Rule
from comity.core.state import extend, fold
from comity.core.succession import succeed
from tests.property import strategies
from tests.property.record_strategies import LEAGUE, counted_histories, signed_histories


def patiently(examples):
    """Let a law take its time: signing is slow, and the machine may be busy."""
    return settings(
        max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )


FIRST = Said("first", "Arden", 1, None, "yes")
SECOND = Said("second", "Arden", 2, "first", "objection")
RIVAL = Said("rival", "Arden", 1, None, "no")
STANCES = {"first": FIRST, "second": SECOND, "rival": RIVAL}
SHOWN = (None, "first", "second", "rival")

CONSENSUS = Rule(AllOf((Against(0), InFavour(Amount(Fraction(1, 2), True, True), of="members"))))
MAJORITY = Rule(InFavour(Amount(Fraction(1, 2), True, True), of="members"))
QUORUM = Rule(
    AllOf((Quorum(Amount(Fraction(3))), InFavour(Amount(Fraction(1, 2), True, True), of="voting")))
)
MIXED = Rule(AnyOf((Quorum(Amount(Fraction(4))), Against(0))))
REVERSE = Rule(
    InFavour(Amount(Fraction(1, 2), True, True), of="members"),
    InFavour(Amount(Fraction(1, 2), True, True), of="members"),
)
EVERYBODY = Rule(InFavour(Amount(Fraction(1), True), of="members"))
RULES = {
    "consensus": CONSENSUS,
    "majority": MAJORITY,
    "quorum": QUORUM,
    "mixed": MIXED,
    "reverse": REVERSE,
    "everybody": EVERYBODY,
}
SILENCE = Procedure("silence", "silence")
VOTE = Procedure("vote", "vote")
PROCEDURES = {"silence": SILENCE, "vote": VOTE}
SIZES = [(3, 0, 0), (3, 0, 1), (3, 1, 0), (4, 0, 1), (4, 1, 0), (4, 1, 1), (5, 1, 1), (5, 2, 0)]


class OneLess(Thresholds):
    """The thresholds with the mend removed: one closing less establishes a stance."""

    @property
    def establishing(self):
        return self.n + self.f


class OneLessRefutes(Thresholds):
    """The thresholds with one closing less to refute a stance."""

    @property
    def refuting(self):
        return self.members - self.n - 1


def shows(closer, shown, consents=True):
    entries = {"Arden": shown} if shown else {}
    return Roll(f"{closer} {shown} {consents}", closer, entries, consents)


def histories(members, f):
    """Yield every history of one member's three stances: honest members close once, f more often.

    Closers are alike to the count, so each choice stands for all its permutations.
    """
    roster = LEAGUE[:members]
    several = [c for size in (2, 3, 4) for c in combinations(SHOWN, size)]
    for honest in combinations_with_replacement(SHOWN, members - f):
        for double in combinations_with_replacement(several, f):
            rolls = [shows(m, s) for m, s in zip(roster, honest)]
            for m, many in zip(roster[members - f :], double):
                rolls.extend(shows(m, s) for s in many)
            yield roster, tuple(rolls)


def views(items):
    """Yield every subset."""
    for size in range(len(items) + 1):
        yield from combinations(items, size)


def word_of(roster, rolls, thresholds, said=(FIRST, SECOND, RIVAL)):
    count = count_rolls(roster, "Brill", said, rolls, thresholds)
    word = count.words["Arden"]
    return (word.id if isinstance(word, Said) else word), count


def contradicting(members, n, f, kind=Thresholds):
    """Count the histories of which two views know different last words, and all histories."""
    wrong = total = 0
    for roster, rolls in histories(members, f):
        thresholds = kind(members, n, f)
        known = {word_of(roster, view, thresholds)[0] for view in views(rolls)}
        # Convicted and known must not meet either: they may count as different marks.
        wrong += len(known - {"unknown"}) > 1
        total += 1
    return wrong, total


each_size = pytest.mark.parametrize(
    ("members", "n", "f"), [pytest.param(*s, id="N={} n={} f={}".format(*s)) for s in SIZES]
)


@each_size
def test_2_agreement_no_two_views_of_one_history_know_different_words(members, n, f):
    wrong, total = contradicting(members, n, f)
    assert total > 0
    assert wrong == 0


@pytest.mark.parametrize("kind", [OneLess, OneLessRefutes])
@pytest.mark.parametrize(("members", "n", "f"), [(3, 0, 1), (4, 1, 0), (4, 1, 1)])
def test_2_agreement_breaks_at_once_with_one_closing_less(members, n, f, kind):
    wrong, _ = contradicting(members, n, f, kind)
    assert wrong > 0


def test_2_agreement_breaks_below_the_charter_check_of_2n_plus_f_plus_1():
    # N = 3 < 2*1 + 1 + 1: nothing is settled wrongly, but those who remain cannot establish.
    thresholds = Thresholds(3, 1, 1)
    heard = [shows(m, "first") for m in ("Arden", "Brill")]
    assert word_of(LEAGUE[:3], heard, thresholds)[0] == "unknown"


def test_2_agreement_more_than_f_double_signers_are_convicted_by_name():
    thresholds = Thresholds(4, 1, 0)
    rolls = [shows(m, None) for m in ("Arden", "Brill", "Corve")]
    rolls += [shows(m, "first") for m in ("Corve", "Dorn")]
    _, count = word_of(LEAGUE[:4], rolls, thresholds)
    assert [found.double_signers for found in count.contradictions] == [("Corve",)]
    assert count.double_closers == ("Corve",)


@each_size
def test_1_growth_more_closings_and_stances_never_change_a_known_word(members, n, f):
    thresholds = Thresholds(members, n, f)
    for roster, rolls in histories(members, f):
        for size in range(len(rolls)):
            view = rolls[:size]
            before, _ = word_of(roster, view, thresholds)
            after, _ = word_of(roster, rolls[: size + 1], thresholds)
            assert before in ("unknown", after)


@pytest.mark.parametrize(("members", "n", "f"), [(3, 1, 0), (3, 0, 1), (4, 1, 1)])
def test_3_omission_no_subset_of_a_record_shows_another_word(members, n, f):
    """Stances may be left out too: then what is not at hand is unknown, never something else."""
    thresholds = Thresholds(members, n, f)
    said = (FIRST, SECOND, RIVAL)
    for roster, rolls in histories(members, f):
        whole, _ = word_of(roster, rolls, thresholds, said)
        for some in views(said):
            for view in (rolls, rolls[1:], rolls[:-1]):
                word, _ = word_of(roster, view, thresholds, some)
                assert word == "unknown" or word == whole or whole == "unknown"
        if whole not in ("unknown", "convicted"):
            known = {word_of(roster, rolls, thresholds, some)[0] for some in views(said)}
            assert known <= {"unknown", whole}


@each_size
def test_5_thresholds_shown_by_w_is_never_certified_absent(members, n, f):
    w = n + 1 + f
    for roster, rolls in histories(members, f):
        for stance in STANCES:
            later = {"first": ("first", "second")}.get(stance, (stance,))
            honest = {
                r.closer
                for r in rolls
                if r.shown.get("Arden") in later and sum(o.closer == r.closer for o in rolls) == 1
            }
            if len(honest) < w:
                continue
            for view in views(rolls):
                word, _ = word_of(roster, view, Thresholds(members, n, f))
                assert word in ("unknown", "convicted", *later)


@each_size
def test_5_thresholds_shown_by_n_or_fewer_never_counts(members, n, f):
    for roster, rolls in histories(members, f):
        for stance in ("second", "rival"):
            closers = {r.closer for r in rolls if r.shown.get("Arden") == stance}
            if len(closers) <= n:
                assert word_of(roster, rolls, Thresholds(members, n, f))[0] != stance


@each_size
def test_5_thresholds_fewer_than_w_colluders_cannot_add_a_stance_late(members, n, f):
    """All closed without it; then w - 1 of them sign again, with it."""
    roster, thresholds = LEAGUE[:members], Thresholds(members, n, f)
    rolls = [shows(m, None) for m in roster]
    assert word_of(roster, rolls, thresholds)[0] == "none"
    late = [shows(m, "first") for m in roster[: thresholds.establishing - 1]]
    word, count = word_of(roster, rolls + late, thresholds)
    assert word == "none"
    assert not count.contradictions
    enough = [shows(m, "first") for m in roster[: thresholds.establishing]]
    assert word_of(roster, rolls + enough, thresholds)[1].contradictions


@each_size
def test_13_n_1_liveness_those_who_are_left_and_heard_the_same_settle_whoever_is_missing(
    members, n, f
):
    roster, thresholds = LEAGUE[:members], Thresholds(members, n, f)
    electorate = Electorate(roster)
    for missing in combinations(roster, n):
        there = [m for m in roster if m not in missing]
        for heard in SHOWN:
            rolls = [shows(m, heard) for m in there]
            word, count = word_of(roster, rolls, thresholds)
            assert word == (heard or "none")
            assert "unknown" not in count.words.values()
            settled = settle(CONSENSUS, electorate, SILENCE, "Brill", count, thresholds)
            assert settled.outcome == ("broken" if heard in ("second", "rival") else "adopted")
            one_less = count_rolls(roster, "Brill", STANCES.values(), rolls[1:], thresholds)
            assert not settle(CONSENSUS, electorate, SILENCE, "Brill", one_less, thresholds).settled


# Completions and notice.


def brute(rule, electorate, procedure, proposer, count, concerned=frozenset()):
    """Every completion, written anew and plainly."""
    domains = []
    for member in electorate.members:
        word = count.words[member]
        if member in concerned and rule.concerned != "votes":
            domains.append(("out",) if rule.concerned == "excluded" else ("abstain",))
        elif isinstance(word, Said):
            marks = {"yes": "yes", "no": "no", "objection": "no", "abstain": "abstain"}
            domains.append((marks.get(word.word, "absent"),))
        elif word == "unknown":
            domains.append(("yes", "no", "abstain", "constructive", "absent"))
        elif word == "none" and procedure.kind == "silence":
            domains.append(("yes",) if member in count.consenting else ("yes", "absent"))
        else:
            domains.append(("absent",))
    word = count.words[proposer]
    if isinstance(word, Said) and word.word == "withdraw":
        return {"withdrawn"}
    found = {"withdrawn"} if word == "unknown" else set()
    for marks in product(*domains):
        found.add(outcome_of(rule, electorate, procedure, dict(zip(electorate.members, marks))))
    return found


@given(
    counted_histories(),
    st.sampled_from(sorted(RULES)),
    st.sampled_from(sorted(PROCEDURES)),
    st.booleans(),
)
@patiently(60)
def test_9_completions_settled_exactly_when_all_completions_agree(history, rule, kind, fuller):
    roster, n, f, said, rolls = history
    if fuller:  # all close alike, so that words are known
        rolls = tuple(
            Roll(f"{m} closes", m, rolls[0].shown if rolls else {}, k % 2 == 0)
            for k, m in enumerate(roster)
        )
    thresholds = Thresholds(len(roster), n, f)
    count = count_rolls(roster, roster[0], said, rolls, thresholds)
    electorate = Electorate(roster)
    told = settle(RULES[rule], electorate, PROCEDURES[kind], roster[0], count, thresholds)
    expected = brute(RULES[rule], electorate, PROCEDURES[kind], roster[0], count)
    assert set(told.possible) == expected
    assert told.settled == (len(expected) == 1 and not count.contradictions)


@given(
    strategies.rules,
    strategies.electorates(most=4),
    st.data(),
    st.sampled_from(sorted(PROCEDURES)),
)
@patiently(100)
def test_9_completions_any_rule_of_the_charter(rule, electorate, data, kind):
    words = st.sampled_from(("unknown", "none", "none", "yes", "no", "abstain", "convicted"))
    given_words = {m: data.draw(words) for m in electorate.members}
    consenting = frozenset(m for m in electorate.members if data.draw(st.booleans()))
    count = count_of(electorate.members, given_words, consenting)
    concerned = frozenset(m for m in electorate.members if data.draw(st.booleans()))
    thresholds = Thresholds(len(electorate.members), 0, 0)
    proposer = electorate.members[0]
    told = settle(
        rule, electorate, PROCEDURES[kind], proposer, count, thresholds, concerned=concerned
    )
    expected = brute(rule, electorate, PROCEDURES[kind], proposer, count, concerned)
    assert set(told.possible) == expected
    bounded = settle(
        rule,
        electorate,
        PROCEDURES[kind],
        proposer,
        count,
        thresholds,
        concerned=concerned,
        bound=0,
    )
    assert set(bounded.possible) >= expected  # too much to look at: never settled wrongly


def count_of(members, words, consenting=frozenset()):
    said = {
        m: word if word in ("unknown", "none", "convicted") else Said(m, m, 1, None, word)
        for m, word in words.items()
    }
    return Count(said, consenting, members, {})


def test_9_completions_the_best_and_the_worst_answer_alone_are_wrong_for_a_quorum():
    """It holds if the one unknown member says yes and if it says no, and fails if it is missing."""
    rule = Rule(AnyOf((Quorum(Amount(Fraction(2))), Against(0))))
    electorate, thresholds = Electorate(("Arden", "Brill")), Thresholds(2, 0, 0)
    count = count_of(("Arden", "Brill"), {"Arden": "no", "Brill": "unknown"})
    ends = {
        outcome_of(rule, electorate, VOTE, {"Arden": "no", "Brill": mark}) for mark in ("yes", "no")
    }
    assert ends == {"adopted"}
    told = settle(rule, electorate, VOTE, "Arden", count, thresholds)
    assert told.possible == ("adopted", "lapsed")
    assert not told.settled


@each_size
def test_12_notice_nobody_consents_by_silence_without_its_own_signed_notice(members, n, f):
    roster, thresholds = LEAGUE[:members], Thresholds(members, n, f)
    electorate = Electorate(roster)
    for noticed in views(roster):
        rolls = [shows(m, None, consents=m in noticed) for m in roster]
        _, count = word_of(roster, rolls, thresholds)
        told = settle(EVERYBODY, electorate, SILENCE, "Brill", count, thresholds)
        consents = {m for m, mark in told.marks.items() if mark == "yes"}
        assert consents == set(noticed)
        assert (told.outcome == "adopted") == (set(noticed) == set(roster))


@pytest.mark.parametrize("rule", sorted(RULES))
@pytest.mark.parametrize(("members", "n", "f"), [(3, 1, 0), (3, 0, 1), (4, 1, 1)])
def test_1_growth_a_notice_that_arrives_late_undoes_nothing(rule, members, n, f):
    """All are silent; some sign that they had the text in time, some not, and f sign both."""
    roster, thresholds = LEAGUE[:members], Thresholds(members, n, f)
    for noticed in range(members + 1):
        rolls = [shows(m, None, consents=k < noticed) for k, m in enumerate(roster)]
        rolls += [shows(m, None, consents=k >= noticed) for k, m in enumerate(roster[:f])]
        ends = {}
        for view in views(rolls):
            _, count = word_of(roster, view, thresholds)
            told = settle(RULES[rule], Electorate(roster), SILENCE, "Brill", count, thresholds)
            ends[frozenset(roll.id for roll in view)] = told.outcome
        for view, outcome in ends.items():
            if outcome in SETTLED:
                assert {ends[view | {roll.id}] for roll in rolls} == {outcome}
        assert len(SETTLED & set(ends.values())) <= 1


def outcome_in(history, said, rolls, rule, kind):
    roster, n, f, _, _ = history
    thresholds = Thresholds(len(roster), n, f)
    count = count_rolls(roster, roster[0], said, rolls, thresholds)
    assert not count.contradictions  # at most f double-sign
    told = settle(
        RULES[rule], Electorate(roster), PROCEDURES[kind], roster[0], count, thresholds, bound=400
    )
    return told.outcome if told.outcome in SETTLED else None


@given(
    counted_histories(most=4), st.sampled_from(sorted(RULES)), st.sampled_from(sorted(PROCEDURES))
)
@patiently(100)
def test_1_growth_a_settled_outcome_stays_as_acts_arrive(history, rule, kind):
    _, _, _, said, rolls = history
    before = None
    for size in range(len(said) + len(rolls) + 1):
        now = outcome_in(history, said[:size], rolls[: max(0, size - len(said))], rule, kind)
        assert before is None or now == before
        before = now


@given(
    counted_histories(most=4),
    st.sampled_from(sorted(RULES)),
    st.sampled_from(sorted(PROCEDURES)),
    st.data(),
)
@patiently(200)
def test_2_agreement_two_views_of_one_history_never_settle_differently(history, rule, kind, data):
    _, _, _, said, rolls = history
    settled = set()
    for _ in range(3):
        some_said = [s for s in said if data.draw(st.booleans())]
        some_rolls = [r for r in rolls if data.draw(st.booleans())]
        settled.add(outcome_in(history, some_said, some_rolls, rule, kind))
    settled.add(outcome_in(history, said, rolls, rule, kind))
    assert len(settled - {None}) <= 1


@given(counted_histories(), st.randoms(use_true_random=False))
@patiently(100)
def test_4_order_and_duplicates_of_stances_and_rolls_do_not_matter(history, chance):
    roster, n, f, said, rolls = history
    thresholds = Thresholds(len(roster), n, f)
    shuffled_said, shuffled_rolls = list(said + said[:2]), list(rolls + rolls[:2])
    chance.shuffle(shuffled_said)
    chance.shuffle(shuffled_rolls)
    assert count_rolls(roster, roster[0], said, rolls, thresholds) == count_rolls(
        roster, roster[0], shuffled_said, shuffled_rolls, thresholds
    )


# Whole records of signed acts.


def settled_in(state, proposal):
    standing = state.standing(proposal.id)
    assert not isinstance(standing, str), standing
    outcome = standing.settlement.outcome
    return outcome if outcome in SETTLED else None


def told(state):
    """Return all that a state says."""
    return (
        state,
        {name: state.standing(name) for name in state.proposals},
        list(state.without_effect()),
        {key: (chain.heads, chain.gaps, chain.forks) for key, chain in state.chains.items()},
    )


@given(signed_histories(), st.randoms(use_true_random=False), st.integers(0, 20))
@patiently(30)
def test_4_order_duplicates_and_grouping_of_acts_do_not_matter(history, chance, cut):
    shuffled = [*history.acts, *history.acts[:3]]
    chance.shuffle(shuffled)
    whole = fold(history.under, history.acts)
    assert told(fold(history.under, shuffled)) == told(whole)
    grouped = extend(fold(history.under, shuffled[:cut]), shuffled[cut:])
    assert told(grouped) == told(whole)


@given(signed_histories(), st.data())
@patiently(60)
def test_7_locality_an_outcome_depends_only_on_acts_naming_the_proposal(history, data):
    first = history.proposals[0]
    whole = fold(history.under, history.acts)
    own = [a for a in history.acts if first.id in (a.id, getattr(a.body, "proposal", ""))]
    others = [a for a in history.acts if a not in own and data.draw(st.booleans())]
    assert fold(history.under, own).standing(first.id) == whole.standing(first.id)
    assert fold(history.under, own + others).standing(first.id) == whole.standing(first.id)


@given(signed_histories(), st.data())
@patiently(60)
def test_3_omission_no_subset_of_signed_acts_settles_to_another_outcome(history, data):
    proposal = history.proposals[0]
    whole = settled_in(fold(history.under, history.acts), proposal)
    some = [a for a in history.acts if a is proposal or data.draw(st.booleans())]
    part = settled_in(fold(history.under, some), proposal)
    assert part is None or part == whole


@given(signed_histories(), st.data())
@patiently(60)
def test_10_non_interference_nodes_that_open_less_know_less_and_nothing_else(history, data):
    def seen():
        return [a if data.draw(st.booleans()) else sealed(a) for a in history.acts]

    here, there = fold(history.under, seen()), fold(history.under, seen())
    clear = [
        {key: (chain.heads, chain.gaps, chain.forks) for key, chain in node.chains.items()}
        for node in (here, there)
    ]
    assert clear[0] == clear[1]
    for proposal in history.proposals:
        if proposal.id in here.proposals and proposal.id in there.proposals:
            outcomes = {settled_in(here, proposal), settled_in(there, proposal)} - {None}
            assert len(outcomes) <= 1


def sealed(act):
    return replace(act, salt=None, body_bytes=None, body=None)


@given(signed_histories())
@patiently(40)
def test_a_certificate_says_what_the_record_says(history):
    state = fold(history.under, history.acts)
    for proposal in history.proposals:
        standing = state.standing(proposal.id)
        verdict = verify(certify(standing, succeed(history.under, ())), history.under.founding.id)
        assert verdict.outcome == standing.settlement.outcome
        assert verdict.proven == standing.settlement.settled
        assert [str(verdict)] == ["\n".join(verdict.lines())]
