"""Who had what when: how alerts and proposals spread, which links were slow, how long it took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median_low

from comity.core import bodies
from comity.core.acts import Act
from comity.exercise.facts import Facts

SLOWEST = 3
"""How many members are named as the slowest."""


@dataclass(frozen=True, slots=True)
class Got:
    """When one member had something, or answered it, and by which act it said so."""

    member: str
    at: datetime
    act: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """How one alert or proposal spread.

    Parameters
    ----------
    readers, asked
        Who was to have it, and who of them was to confirm or answer it; its author aside.
    had
        When each member's node had it, the earliest first.
    said
        When each confirmed it (an alert) or first answered (a proposal), the earliest first.
    """

    act: str
    kind: str
    title: str
    member: str
    at: datetime
    readers: tuple[str, ...]
    asked: tuple[str, ...]
    had: tuple[Got, ...]
    said: tuple[Got, ...]

    @property
    def never_had(self) -> tuple[str, ...]:
        """Whose node never had it."""
        return _without(self.readers, self.had)

    @property
    def never_said(self) -> tuple[str, ...]:
        """Who never confirmed or answered it."""
        return _without(self.asked, self.said)

    def median(self, got: tuple[Got, ...]) -> timedelta | None:
        """Return how long it took until half of those who did had done so."""
        return median_low(one.at - self.at for one in got) if got else None

    def slowest(self, got: tuple[Got, ...]) -> tuple[Got, ...]:
        """Return the last few, the slowest first."""
        return tuple(reversed(got))[:SLOWEST]

    def to_json(self) -> dict[str, object]:
        """Return it with the keys documented in docs/reference/after-action.md."""
        return {
            "act": self.act,
            "kind": self.kind,
            "title": self.title,
            "member": self.member,
            "at": _spelled(self.at),
            "readers": list(self.readers),
            "asked": list(self.asked),
            "had": [{"member": one.member, "at": _spelled(one.at)} for one in self.had],
            "never_had": list(self.never_had),
            "median_had_seconds": _seconds(self.median(self.had)),
            "said": [
                {"member": one.member, "at": _spelled(one.at), "act": one.act} for one in self.said
            ],
            "never_said": list(self.never_said),
            "median_said_seconds": _seconds(self.median(self.said)),
        }


@dataclass(frozen=True, slots=True)
class Link:
    """How fast one member's node hears the others, and is heard.

    What the first of all who were to have an act waited is its author's link; what
    another waited longer is its own.

    Parameters
    ----------
    hears, hears_at_worst
        Half of the acts of others came within this, and the last after that.
    heard, heard_at_worst
        The same of its own acts at others. None where none came.
    missed
        How many acts that it was to have never came.
    """

    member: str
    hears: timedelta | None
    hears_at_worst: timedelta | None
    heard: timedelta | None
    heard_at_worst: timedelta | None
    missed: int

    @property
    def slow(self) -> bool:
        """Whether anything took time, or never came."""
        return bool(self.hears_at_worst or self.heard_at_worst or self.missed)

    def to_json(self) -> dict[str, object]:
        """Return it with the keys documented in docs/reference/after-action.md."""
        return {
            "member": self.member,
            "hears_median_seconds": _seconds(self.hears),
            "hears_worst_seconds": _seconds(self.hears_at_worst),
            "heard_median_seconds": _seconds(self.heard),
            "heard_worst_seconds": _seconds(self.heard_at_worst),
            "missed": self.missed,
        }


@dataclass(frozen=True, slots=True)
class Span:
    """How long it took from one thing to another, both named.

    Parameters
    ----------
    start, end
        The id of an event or an act; `end` is empty where it was not reached.
    """

    what: str
    start: str
    start_words: str
    start_at: datetime
    end: str = ""
    end_words: str = "not reached"
    end_at: datetime | None = None

    @property
    def took(self) -> timedelta | None:
        """How long it took; None where it was not reached."""
        return self.end_at - self.start_at if self.end_at is not None else None

    def to_json(self) -> dict[str, object]:
        """Return it with the keys documented in docs/reference/after-action.md."""
        return {
            "what": self.what,
            "from": self.start,
            "from_words": self.start_words,
            "from_at": _spelled(self.start_at),
            "to": self.end or None,
            "to_words": self.end_words,
            "to_at": _spelled(self.end_at) if self.end_at is not None else None,
            "seconds": _seconds(self.took),
        }


def reaches(facts: Facts) -> tuple[Reach, ...]:
    """Return how each alert and each proposal spread, in the order in which they were said."""
    found = []
    for act in facts.in_order(facts.rehearsal.acts):
        body = act.body
        if not isinstance(body, bodies.Alert | bodies.Propose):
            continue
        readers = tuple(member for member in facts.readers(act) if member != act.member)
        standing = facts.standing(act.id)
        roster = standing.pinned.roster if standing is not None else readers
        asked = tuple(member for member in roster if member != act.member)
        arrived = facts.rehearsal.arrived.get(act.id, {})
        had = [Got(member, at) for member, at in arrived.items() if member in readers]
        said: dict[str, Got] = {}
        for other in facts.in_order(_about(facts, act)):
            if other.member in asked:
                said.setdefault(other.member, Got(other.member, facts.said_at(other), other.id))
        order = {member: k for k, member in enumerate(readers)}
        had.sort(key=lambda one: (one.at, order[one.member]))
        kind = body.type if isinstance(body, bodies.Alert) else "proposal"
        found.append(
            Reach(
                act.id,
                kind,
                body.title,
                act.member,
                facts.said_at(act),
                readers,
                asked,
                tuple(had),
                tuple(said.values()),
            )
        )
    return tuple(found)


def _about(facts: Facts, act: Act) -> Iterator[Act]:
    """Yield what members signed of an alert or a proposal: receipts, answers."""
    for other in facts.rehearsal.acts:
        body = other.body
        if (isinstance(body, bodies.Receipt) and body.alert == act.id) or (
            isinstance(body, bodies.Stance) and body.proposal == act.id
        ):
            yield other


def links(facts: Facts) -> tuple[Link, ...]:
    """Return how fast each member's node hears and is heard, the slowest first."""
    hears: dict[str, list[timedelta]] = {}
    heard: dict[str, list[timedelta]] = {}
    missed: dict[str, int] = {}
    for act in facts.rehearsal.acts:
        arrived = facts.rehearsal.arrived.get(act.id, {})
        readers = [member for member in facts.readers(act) if member != act.member]
        took = {m: arrived[m] - facts.said_at(act) for m in readers if m in arrived}
        first = min(took.values(), default=timedelta(0))
        if took:
            heard.setdefault(act.member, []).append(first)
        for member in readers:
            if member in took:
                hears.setdefault(member, []).append(took[member] - first)
            else:
                missed[member] = missed.get(member, 0) + 1
    found = [
        Link(
            member,
            median_low(hears[member]) if member in hears else None,
            max(hears.get(member, ()), default=None),
            median_low(heard[member]) if member in heard else None,
            max(heard.get(member, ()), default=None),
            missed.get(member, 0),
        )
        for member in facts.charter.order
        if member in hears or member in heard or member in missed
    ]
    return tuple(sorted(found, key=_slowness))


def _slowness(link: Link) -> tuple[int, timedelta, timedelta]:
    nothing = timedelta(0)
    return (
        -link.missed,
        -max(link.hears or nothing, link.heard or nothing),
        -max(link.hears_at_worst or nothing, link.heard_at_worst or nothing),
    )


def spans(facts: Facts, reached: Iterable[Reach]) -> tuple[Span, ...]:
    """Return how long it took from each shock to alert, text and position.

    A shock is an event that an alert followed: by the scenario's own word, else
    the last before it. Where the alert belongs to a case, the text counts that does, if
    any does, and a position only if it does, or puts that text to decision.
    """
    by_act = {one.act: one for one in reached}
    found: list[Span] = []
    seen: set[str] = set()
    for raised in facts.alerts:
        start, words, at = _shock(facts, raised.id)
        if start not in seen:
            seen.add(start)
            found.extend(_spans(facts, by_act[raised.id], start, words, at))
    return tuple(found)


def _spans(facts: Facts, alert: Reach, start: str, words: str, at: datetime) -> Iterator[Span]:
    def span(what: str, end: str = "", told: str = "", when: datetime | None = None) -> Span:
        return Span(what, start, words, at, *((end, told, when) if when is not None else ()))

    if start != alert.act:
        yield span("to the alert", alert.act, f"{alert.title}, raised by {alert.member}", alert.at)
    last = alert.had[-1] if alert.had and not alert.never_had else None
    if last is None:
        yield span("to the alert at every node")
    else:
        told = "all at once" if last.at == alert.had[0].at else f"{last.member}'s node last"
        yield span("to the alert at every node", alert.act, told, last.at)
    said = alert.said[-1] if alert.said and not alert.never_said else None
    yield (
        span("to the alert confirmed by all", said.act, f"receipt of {said.member}", said.at)
        if said is not None
        else span("to the alert confirmed by all")
    )
    case = facts.acts[alert.act].case
    opened = _first(facts, at, case)
    if opened is None:
        yield span("to the first text")
    else:
        told = f"{_title(opened)}, opened by {opened.member}"
        yield span("to the first text", opened.id, told, facts.said_at(opened))
    for what, effects in (
        ("to the first text that members stand behind", (bodies.Adopt, bodies.OptIn)),
        ("to the common position", (bodies.Adopt,)),
    ):
        proposal = _settled(facts, at, case, opened.id if opened is not None else "", effects)
        by = facts.settled_by(proposal.id) if proposal is not None else None
        if proposal is None or by is None:
            yield span(what)
            continue
        told = f"{_title(proposal)}, settled by {by.member}"
        yield span(what, by.id, told, facts.said_at(by))


def _shock(facts: Facts, alert: str) -> tuple[str, str, datetime]:
    """Return what an alert followed: an event, or where there is none the alert itself."""
    name = facts.move_of.get(alert, "")
    for _ in range(len(facts.moves)):
        move = facts.moves.get(name)
        if move is None or not move.when.after:
            break
        name = move.when.after
    at = facts.when(name) if name in facts.events else None
    if at is not None:
        return name, facts.title_of(name), at
    said = facts.said_at(alert)
    before = [
        entry
        for entry in facts.rehearsal.entries
        if entry.kind in ("event", "by hand") and entry.at <= said and _is_news(facts, entry.id)
    ]
    if before:
        return before[-1].id, before[-1].title or facts.title_of(before[-1].id), before[-1].at
    return alert, "the alert", said


def _is_news(facts: Facts, event: str) -> bool:
    found = facts.events.get(event)
    return found is None or found.kind in ("news", "outside act", "request", "condition")


def _is_text(act: Act) -> bool:
    return isinstance(act.body, bodies.Edit) and isinstance(act.body.change, bodies.OpenText)


def _first(facts: Facts, at: datetime, case: str | None) -> Act | None:
    """Return the act that opened the first text after an instant."""
    said = facts.in_order(facts.rehearsal.acts)
    found = [act for act in said if _is_text(act) and facts.said_at(act) >= at]
    own = [act for act in found if case is not None and act.case == case]
    return next(iter(own or found), None)


def _settled(
    facts: Facts, at: datetime, case: str | None, text: str, effects: tuple[type, ...]
) -> Act | None:
    """Return the proposal that was adopted first after an instant, of those about the shock.

    These are of the alert's case, or put its first text to decision; where the alert
    has no case, any.
    """

    def adopted(act: Act) -> bool:
        body = act.body
        return (
            isinstance(body, bodies.Propose)
            and isinstance(body.effect, effects)
            and (case is None or body.case == case or body.text == text)
            and facts.outcome(act.id) == "adopted"
            and facts.settled_by(act.id) is not None
        )

    found = [act for act in facts.proposals if facts.said_at(act) >= at and adopted(act)]
    return min(found, key=lambda act: facts.settled_at(act.id) or at, default=None)


def _title(act: Act) -> str:
    body = act.body
    if isinstance(body, bodies.Edit) and isinstance(body.change, bodies.OpenText):
        return body.change.title
    return str(getattr(body, "title", ""))


def _without(readers: tuple[str, ...], got: tuple[Got, ...]) -> tuple[str, ...]:
    there = {one.member for one in got}
    return tuple(member for member in readers if member not in there)


def _spelled(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _seconds(span: timedelta | None) -> int | None:
    return int(span.total_seconds()) if span is not None else None
