"""Families of histories, each counted twice: with a mend of the record, and without it.

A history is *contradicted* if two readers, each with a part of it, settle
different outcomes (or know different last words). Every function returns how
many are, and of how many. `python -m tests.property.breaks` prints them all.

Readers who hold some closings and not others are all tried. Closings that are
alike stand for one another, so only their number matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from itertools import product

from comity.core import rolls as core_rolls
from comity.core.procedures import SETTLED, outcome_of, settle
from comity.core.rolls import Count, Roll, Said, Thresholds, count_rolls
from comity.core.rules import Against, Amount, AnyOf, Electorate, Quorum, Rule
from tests.property.record_strategies import LEAGUE
from tests.property.test_record_laws import (
    CONSENSUS,
    FIRST,
    MAJORITY,
    QUORUM,
    RIVAL,
    SECOND,
    SILENCE,
    VOTE,
    histories,
    views,
)

FOUR = LEAGUE[:4]
"""Arden, Brill, Corve, Dorn."""


def closes(closer: str, *heard: Said, consents: bool = True, again: str = "") -> Roll:
    """Write a closing: the last stances that one member heard."""
    return Roll(f"{closer} closes{again}", closer, {s.member: s.id for s in heard}, consents)


def says(member: str, word: str, after: Said | None = None) -> Said:
    """Write a stance."""
    turn = 1 if after is None else after.turn + 1
    return Said(f"{member} {turn} {word}", member, turn, after and after.id, word)


def told(
    said: Iterable[Said],
    rolls: Iterable[Roll],
    *,
    roster: tuple[str, ...] = FOUR,
    n: int = 1,
    f: int = 0,
    rule=CONSENSUS,
    procedure=SILENCE,
    proposer: str = "Arden",
):
    """Settle a proposal as the core does."""
    thresholds = Thresholds(len(roster), n, f)
    count = count_rolls(roster, proposer, said, rolls, thresholds)
    return settle(rule, Electorate(roster), procedure, proposer, count, thresholds)


@contextmanager
def removed(name: str, plainer: Callable[..., object]) -> Iterator[None]:
    """Put a plainer function in the place of one of the count's, for a while."""
    kept = getattr(core_rolls, name)
    setattr(core_rolls, name, plainer)
    try:
        yield
    finally:
        setattr(core_rolls, name, kept)


def contradicted(outcomes: Iterable[str]) -> bool:
    """Tell whether two of the outcomes are settled and differ."""
    return len(SETTLED & set(outcomes)) > 1


# Rosters.


def rosters(*, pinned: bool) -> tuple[int, int]:
    """All-honest votes of four while a fifth is admitted, or the fourth suspended, or neither.

    Everybody votes yes or no or not at all (Elsin too, once admitted), by a
    majority of members, n = 1. All hear all and close alike. A reader has heard
    of the change or has not, and holds any number of the closings. Unpinned, it
    takes the roster of the expiry as far as it knows: 81 + 81 + 243 histories.
    """
    wrong = total = 0
    for change, grown in (("none", FOUR), ("suspended", FOUR[:3]), ("admitted", LEAGUE[:5])):
        voters = LEAGUE[:5] if change == "admitted" else FOUR
        for words in product(("yes", "no", None), repeat=len(voters)):
            said = [says(m, word) for m, word in zip(voters, words) if word]
            ends = set()
            for knows in (False, True):
                roster = grown if knows and not pinned else FOUR
                rolls = [closes(m, *said) for m in roster]
                for held in range(len(rolls) + 1):
                    view = told(said, rolls[:held], roster=roster, rule=MAJORITY, procedure=VOTE)
                    ends.add(view.outcome)
            wrong += contradicted(ends)
            total += 1
    return wrong, total


# Levers outside the count.


def extensions(*, lever: bool) -> tuple[int, int]:
    """Arden moves the expiry of a silence before it is over; some hear of it in time.

    Before the first expiry Dorn objects to all, or to itself alone, or nobody
    does (3). Of Brill, Corve and Dorn any hear of the extension in time (8).
    Before the second expiry one of them objects, or nobody (4): 96 histories,
    everybody honest, n = 1. Who has not heard closes at the first expiry, and once
    more at the second.

    As a lever, an act `extend` moves the expiry, and a reader who has it counts
    the closings of the second expiry alone. In the count, extending is
    withdrawing, a stance of Arden's, and proposing the same text again: two
    proposals, each with its own closings.
    """
    wrong = total = 0
    for first, hearing, second in product(
        ("nobody", "Dorn to all", "Dorn to itself"),
        views(FOUR[1:]),
        (None, *FOUR[1:]),
    ):
        early = [says("Dorn", "objection")] if first != "nobody" else []
        heard = {m: early if first == "Dorn to all" or m == "Dorn" else [] for m in FOUR}
        aware = {"Arden", *hearing}
        if lever:
            groups = [_lever(early, heard, aware, second)]
        else:
            groups = _in_the_count(early, heard, aware, second)
        wrong += any(contradicted(ends) for ends in groups)
        total += 1
    return wrong, total


def _lever(early, heard, aware, second):
    late = [says(second, "no", next((s for s in early if s.member == second), None))]
    said = [*early, *(late if second else [])]
    own = {m: {s.member: s for s in (*heard[m], *(late if second else []))} for m in FOUR}
    at_first = [closes(m, *heard[m]) for m in FOUR if m not in aware]
    at_second = [closes(m, *own[m].values(), again=" again") for m in FOUR]
    ends = {told(said, view).outcome for view in views((*at_first, *at_second))}
    return ends | {told(said, view).outcome for view in views(at_second)}


def _in_the_count(early, heard, aware, second):
    withdrawal = says("Arden", "withdraw")
    rolls = [closes(m, *heard[m], *([withdrawal] if m in aware else [])) for m in FOUR]
    ends = {told([*early, withdrawal], view).outcome for view in views(rolls)}
    ends |= {told(early, view).outcome for view in views(rolls)}
    late = [says(second, "objection")] if second else []
    anew = {told(late, view).outcome for view in views([closes(m, *late) for m in FOUR])}
    return ends, anew


def withdrawals(*, lever: bool) -> tuple[int, int]:
    """Arden withdraws; any of the others hear of it before they close, and close all the same.

    With or without an objection of Dorn that all heard: 2 x 8 histories. As a
    lever, whoever has the act `withdraw` calls the proposal withdrawn.
    """
    wrong = total = 0
    for objects, hearing in product((False, True), views(FOUR[1:])):
        said = [says("Dorn", "objection")] if objects else []
        withdrawal = says("Arden", "withdraw")
        aware = {"Arden", *hearing}
        shown = {m: [withdrawal] if m in aware and not lever else [] for m in FOUR}
        rolls = [closes(m, *said, *shown[m]) for m in FOUR]
        stances = said if lever else [*said, withdrawal]
        ends = {told(stances, view).outcome for view in views(rolls)}
        wrong += contradicted(ends | ({"withdrawn"} if lever else set()))
        total += 1
    return wrong, total


# The count of one member's word.


def words(
    members: int,
    n: int,
    f: int,
    *,
    stances_too: bool = False,
    kept: Callable[[tuple[Roll, ...]], Iterable[Roll]] = lambda view: view,
    kind: type[Thresholds] = Thresholds,
) -> tuple[int, int]:
    """All histories of one member's two turns and a rival, honest members closing once.

    Two readers contradict each other if they know different last words. A
    reader holds any of the closings, and any of the stances if `stances_too`;
    `kept` says which of the closings it looks at.
    """
    wrong = total = 0
    thresholds = kind(members, n, f)
    whole = (FIRST, SECOND, RIVAL)
    for roster, rolls in histories(members, f):
        known = set()
        for said, view in product(views(whole) if stances_too else (whole,), views(rolls)):
            word = count_rolls(roster, "Brill", said, kept(view), thresholds).words["Arden"]
            known.add(word.id if isinstance(word, Said) else word)
        wrong += len(known - {"unknown"}) > 1
        total += 1
    return wrong, total


def any_entry_is_heard(member, own, lines):
    """The mend removed: what is not at hand is taken for silence."""
    return tuple(lines.get(roll.shown.get(member, ""), frozenset()) for roll in own)


def the_first_established(ordered, lines, heard, established, refuted, *, unnamed_refuted):
    """The mend removed: rivals and later turns need not be refuted."""
    return heard[established[-1]] if established else ("none" if unnamed_refuted else "unknown")


_last_word = core_rolls._last_word


def nothing_unnamed(*args, unnamed_refuted):
    """The mend removed: what no roll at hand names is taken never to have been said."""
    return _last_word(*args, unnamed_refuted=True)


def one_closing_each(view: tuple[Roll, ...]) -> Iterable[Roll]:
    """The mend removed: of a member that closed more than once the first by id is looked at."""
    first: dict[str, Roll] = {}
    for roll in sorted(view, key=lambda roll: roll.id):
        first.setdefault(roll.closer, roll)
    return first.values()


def with_proxy(view: tuple[Roll, ...]) -> Iterable[Roll]:
    """A proxy: Corve signs no roll of its own, and every roll of Dorn speaks for it as well."""
    for roll in view:
        if roll.closer != "Corve":
            yield roll
        if roll.closer == "Dorn":
            yield replace(roll, id=f"{roll.id} for Corve", closer="Corve")


def undone(members: int, n: int, f: int, kept=lambda view: view) -> tuple[int, int]:
    """The same histories; wrong is one in which a closing more makes a known word unknown."""
    wrong = total = 0
    thresholds = Thresholds(members, n, f)
    for roster, rolls in histories(members, f):
        known = {}
        for view in views(rolls):
            count = count_rolls(roster, "Brill", (FIRST, SECOND, RIVAL), kept(view), thresholds)
            known[frozenset(roll.id for roll in view)] = count.words["Arden"]
        wrong += any(
            word != "unknown" and any(known[view | {roll.id}] != word for roll in rolls)
            for view, word in known.items()
        )
        total += 1
    return wrong, total


# Completions.

UNEVEN = {
    "quorum": QUORUM,
    "all there, or nobody against": Rule(AnyOf((Quorum(Amount(Fraction(3))), Against(0)))),
}
"""Rules in which more noes can help: being there makes the quorum."""


def extremes(rule, electorate, procedure, known) -> frozenset[str]:
    """The mend removed: all who are not known say yes, or all say no; nothing between."""
    return frozenset(
        outcome_of(rule, electorate, procedure, {m: known.get(m, end) for m in electorate.members})
        for end in ("yes", "no")
    )


def completions(rule: str, *, mended: bool) -> tuple[int, int]:
    """Every way for three members to have said yes, no, abstain, nothing, or what is not known.

    Wrong is a vote that is called settled though one of its completions ends
    otherwise: 125 counts.
    """
    wrong = total = 0
    roster = LEAGUE[:3]
    electorate, thresholds = Electorate(roster), Thresholds(3, 0, 0)
    marks = ("yes", "no", "abstain", "constructive", "absent")
    for words_ in product(("yes", "no", "abstain", "none", "unknown"), repeat=3):
        known = {m: "absent" if w == "none" else w for m, w in zip(roster, words_)}
        known = {m: w for m, w in known.items() if w != "unknown"}
        waiting = [m for m in roster if m not in known]
        ends = {
            outcome_of(UNEVEN[rule], electorate, VOTE, known | dict(zip(waiting, some)))
            for some in product(marks, repeat=len(waiting))
        }
        last = {m: w if w in ("none", "unknown") else says(m, w) for m, w in zip(roster, words_)}
        count = Count(last, frozenset(), roster, {})
        if mended:
            # The proposer sits elsewhere, so that no withdrawal is in doubt.
            count = replace(count, words={**last, "Harbour": "none"})
            found = settle(UNEVEN[rule], electorate, VOTE, "Harbour", count, thresholds).possible
        else:
            found = extremes(UNEVEN[rule], electorate, VOTE, known)
        wrong += len(found) == 1 and len(ends) > 1
        total += 1
    return wrong, total
