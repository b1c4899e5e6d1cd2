"""Laws of adequacy, against a plain twin that goes through every case."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.charters import load
from comity.errors import UsageError
from comity.examine.contributions import KINDS, Cap, Contribution, Contributions
from comity.examine.contributions import read as read_contributions
from comity.examine.mustering import ready
from comity.examine.needs import Line, Needs
from comity.examine.services import read as read_services
from comity.systems.adequacy import adequacy
from comity.systems.convolution import CommonCause, Contributor, convolve
from comity.systems.credit import capability_credits

amounts = st.integers(0, 12).map(lambda n: Fraction(n, 2))
chances = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0])


@st.composite
def bodies(draw, lines=1):
    many = draw(st.integers(1, 5))
    return [
        Contributor.of(f"member {i}", [draw(amounts) for _ in range(lines)], chance=draw(chances))
        for i in range(many)
    ]


@st.composite
def struck(draw, lines=1):
    body = draw(bodies(lines))
    names = [c.name for c in body]
    causes = [
        CommonCause(f"cause {k}", draw(chances), tuple(draw(st.sets(st.sampled_from(names)))))
        for k in range(draw(st.integers(0, 2)))
    ]
    return body, causes


def twin(body, causes, needs):
    """Every case one by one: chance short on each line, shortfall on each, chance any is short."""
    lolp, eue, any_short = [0.0] * len(needs), [0.0] * len(needs), 0.0
    for hits in product(*(((True, c.chance), (False, 1.0 - c.chance)) for c in causes)):
        gone = {n for (hit, _), c in zip(hits, causes, strict=True) if hit for n in c.lost}
        for outcomes in product(*(c.outcomes for c in body)):
            weight = 1.0
            for _, chance in hits:
                weight *= chance
            for outcome in outcomes:
                weight *= outcome.chance
            short = False
            for k, need in enumerate(needs):
                total = sum(
                    (
                        o.amounts[k]
                        for c, o in zip(body, outcomes, strict=True)
                        if c.name not in gone
                    ),
                    Fraction(0),
                )
                if total < need:
                    short = True
                    lolp[k] += weight
                    eue[k] += weight * float(need - total)
            any_short += weight * short
    return lolp, eue, any_short


@given(struck(lines=2), amounts, amounts)
@settings(max_examples=60, deadline=None)
def test_the_exact_answer_is_that_of_going_through_every_case(given_body, first, second):
    body, causes = given_body
    found = adequacy(body, (first, second), causes=causes)
    lolp, eue, any_short = twin(body, causes, (first, second))
    assert [line.lolp for line in found.lines] == pytest.approx(lolp, abs=1e-9)
    assert [line.eue for line in found.lines] == pytest.approx(eue, abs=1e-9)
    assert found.any_short == pytest.approx(any_short, abs=1e-9)


@given(struck(lines=2), amounts, amounts, st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_sampled_and_exact_agree_within_the_error_stated(given_body, first, second, seed):
    body, causes = given_body
    needs = (first, second)
    exact = adequacy(body, needs, causes=causes)
    sampled = adequacy(body, needs, causes=causes, method="sampling", draws=4_000, seed=seed)
    # Five standard errors: forty bodies of two lines are tried on every run.
    assert abs(sampled.any_short - exact.any_short) <= 5 * sampled.error
    for one, other in zip(sampled.lines, exact.lines, strict=True):
        assert abs(one.lolp - other.lolp) <= 5 * one.lolp_error
        rare = 30.0 / 4_000  # an event too rare for its error to be seen in the sample
        assert abs(one.eue - other.eue) <= 5 * one.eue_error + rare


@given(bodies(), amounts, amounts)
@settings(max_examples=60, deadline=None)
def test_asking_more_never_makes_it_likelier_to_be_met(body, need, more):
    sums = convolve(body)
    assert sums.below(need) <= sums.below(need + more) + 1e-12
    assert sums.shortfall(need) <= sums.shortfall(need + more) + 1e-9


@given(bodies(), amounts)
@settings(max_examples=60, deadline=None)
def test_losing_a_member_never_helps_and_no_member_is_worth_more_than_it_gives(body, need):
    whole = convolve(body)
    for credit in capability_credits(body, need):
        left = convolve([c for c in body if c.name != credit.name])
        assert left.shortfall(need) >= whole.shortfall(need) - 1e-9
        assert 0.0 <= credit.credit <= credit.most


@given(bodies(), st.randoms())
@settings(max_examples=40, deadline=None)
def test_the_order_of_members_does_not_matter(body, random):
    other = body[:]
    random.shuffle(other)
    assert convolve(body).chances == pytest.approx(convolve(other).chances, abs=1e-12)


# Contributions against needs, and files from strangers


WILLING = load("coalition-of-the-willing")
CODES = tuple(WILLING.members)[:5]
numbers = st.none() | st.integers(0, 20).map(Fraction)


@st.composite
def laid_out(draw):
    low = draw(st.integers(0, 30))
    basis = draw(st.sampled_from(["total", "additional", "money", "target"]))
    unit = draw(st.sampled_from(["people", "brigades"]))
    line = Line("force", Fraction(low), Fraction(low + draw(st.integers(0, 10))), unit, basis)
    rows = []
    for _ in range(draw(st.integers(0, 8))):
        ends = sorted(n for n in (draw(numbers), draw(numbers)) if n is not None)
        rows.append(
            Contribution(
                draw(st.sampled_from(CODES)),
                "force",
                draw(st.sampled_from(KINDS)),
                ends[0] if ends else None,
                None,
                ends[-1] if ends else None,
            )
        )
    caps = [Cap(CODES[:2], "force", Fraction(draw(st.integers(0, 20))))]
    owing = draw(st.lists(st.sampled_from(CODES), unique=True))
    given = Contributions("drawn", tuple(rows), tuple(caps[: draw(st.integers(0, 1))]))
    return ready(WILLING, Needs("drawn", (line,)), owing, given)


ORDER = {"fails": 0, "not known": 1, "holds": 2}


@given(laid_out(), st.sets(st.sampled_from(CODES)), st.sampled_from(CODES))
@settings(max_examples=150, deadline=None)
def test_losing_one_more_never_makes_it_hold_better(made, lost, other):
    before = made.muster(frozenset(lost))
    after = made.muster(frozenset(lost) | {other})
    assert ORDER[after.standing] <= ORDER[before.standing]


@given(laid_out())
@settings(max_examples=150, deadline=None)
def test_what_holds_rests_on_contributions_that_count_and_what_is_open_says_what_is_missing(made):
    found = made.muster().lines[0]
    if found.standing == "holds" and found.line.high:
        assert any(part.kind for part in found.parts)
        if found.line.basis in ("additional", "money"):
            assert all(part.kind != "holding" for part in found.parts)
    if found.answer == "not comparable":
        assert found.missing


@given(st.text(max_size=200) | st.binary(max_size=200), st.sampled_from(["a.toml", "a.csv"]))
@settings(max_examples=200, deadline=None)
def test_a_file_from_a_stranger_is_read_or_refused_in_words(given_file, name):
    raw = given_file if isinstance(given_file, bytes) else given_file.encode("utf-8", "replace")
    for reader in (read_contributions, lambda r, n: read_services(r, n, WILLING)):
        told = ""
        try:
            reader(raw, name)
        except UsageError as error:
            told = str(error)
        assert not told or name in told
