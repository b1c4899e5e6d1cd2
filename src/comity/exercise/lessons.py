"""Draft lessons: what the record of a rehearsal shows, as sentences for people to edit.

Each says what was seen and asks one question; none says who was right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from comity.exercise.blocked import Disputed, Ruled
from comity.exercise.facts import lasting
from comity.exercise.promised import PledgedLine, span
from comity.exercise.reach import Reach
from comity.exercise.scoring import Score

LONG = 8
"""How many codes are listed before they are counted instead."""


def drafted_lessons(
    spread: Sequence[Reach],
    brackets: Sequence[Disputed],
    decisions: Sequence[Ruled],
    pledges: Sequence[PledgedLine],
    tasks: Sequence[Score],
) -> str:
    """Return draft lessons as Markdown, one list item each."""
    found = [
        *_of_alerts(spread),
        *_of_brackets(brackets),
        *_of_decisions(decisions),
        *_of_pledges(pledges),
        *_of_tasks(tasks),
    ]
    if not found:
        found = ["Nothing in the record asks for a lesson by itself. What did those present see?"]
    return "\n".join(f"- {one}" for one in found)


def listed(members: Sequence[str]) -> str:
    """Return codes as a list, counted where there are many.

    Examples
    --------
    >>> listed(("Arden",)), listed(("Arden", "Brill", "Corve"))
    ('Arden', 'Arden, Brill and Corve')
    """
    if len(members) > LONG:
        return f"{', '.join(members[:LONG])} and {len(members) - LONG} more"
    return " and ".join(filter(None, (", ".join(members[:-1]), "".join(members[-1:]))))


def short(title: str) -> str:
    """Return a title without what stands in brackets after it.

    Examples
    --------
    >>> short("Relief boats (as of March)")
    'Relief boats'
    """
    return title.partition(" (")[0]


def _of_alerts(spread: Sequence[Reach]) -> Iterator[str]:
    for one in spread:
        if one.kind == "proposal":
            continue
        if one.never_had:
            yield (
                f"**{one.title}** never came to the node of {listed(one.never_had)}. "
                "By which other way would it have come?"
            )
        silent = [member for member in one.never_said if member not in one.never_had]
        if silent:
            yield (
                f"**{one.title}** was at the node of {listed(silent)} and was never confirmed. "
                "Who reads alerts there at that hour?"
            )
        median = one.median(one.said)
        if median is not None and one.said[-1].at - one.at > 3 * median:
            slow = one.slowest(one.said)[0]
            yield (
                f"Half of those who confirmed **{one.title}** had done so after "
                f"{lasting(median)}; {slow.member} after {lasting(slow.at - one.at)}. "
                "Does the decision that follows wait for the last?"
            )


def _of_brackets(brackets: Sequence[Disputed]) -> Iterator[str]:
    still = [one for one in brackets if one.ended is None]
    for one in still:
        yield (
            f"The bracket of {one.member} around '{one.words}' in **{one.text}** was open at "
            "the end. What would have let it go?"
        )
    over = [(one.ended.at - one.at, one) for one in brackets if one.ended is not None]
    if over:
        took, longest = max(over, key=lambda pair: pair[0])
        yield (
            f"{len(over)} of {len(brackets)} brackets were let go; the longest, of "
            f"{longest.member} in **{longest.text}**, took {lasting(took)}. Could words have been "
            "offered earlier?"
        )


def _of_decisions(decisions: Sequence[Ruled]) -> Iterator[str]:
    for one in decisions:
        if not one.failed:
            continue
        whom = listed(one.blocked_by) or "nobody in particular"
        alone = " alone" if len(one.blocked_by) == 1 and one.alone else ""
        told = f"**{one.title}** was {one.outcome}, stopped by {whom}{alone}."
        passing = [o for o in one.others if o.outcome == "adopted"]
        binding = listed([o.rule for o in passing if o.binds_all])
        joining = listed([o.rule for o in passing if not o.binds_all])
        if passing:
            told += f" The same answers would have carried it under {binding or joining}"
            told += f", and for those who join under {joining}." if binding and joining else "."
        elif one.others:
            told += " No other rule of the body would have carried it with the same answers."
        yield f"{told} Is the rule the one that members want for such a matter?"


def _of_pledges(pledges: Sequence[PledgedLine]) -> Iterator[str]:
    for one in pledges:
        last, unit, title = one.last, one.need.unit, short(one.title)
        if last.short_high > 0:
            yield (
                f"**{title}**, {one.need.line}: {span(last.low, last.high)} of "
                f"{span(one.need.low, one.need.high)} {unit} pledged at the end; "
                f"{span(last.short_low, last.short_high)} missing. Who is asked next?"
            )
        if last.pending:
            whose = [f"{member} ({body})" for member, body in last.pending]
            yield (
                f"**{title}**, {one.need.line}: approval was pending with {listed(whose)}. "
                "How long does it take there, and what may be done before it?"
            )


def _of_tasks(tasks: Sequence[Score]) -> Iterator[str]:
    missed = [f"**{one.task.title}** ({one.why})" for one in tasks if one.standing == "not done"]
    if missed:
        yield f"Tasks not done: {'; '.join(missed)}. What stood in the way?"
