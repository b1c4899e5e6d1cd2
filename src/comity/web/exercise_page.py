"""What the page of an exercise shows: its timeline, what is coming, and a line of the coach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from comity.exercise.moves import organ_of
from comity.exercise.rehearsal import Entry
from comity.exercise.scenario import Event, Move, Scenario, When
from comity.web.answers import OUTCOMES, WORDS
from comity.web.desk import Desk
from comity.web.exercising import ExerciseHouse, directs, exercise_of
from comity.web.words import grouped, instant_words

EVENTS: dict[str, str | Promise] = {
    "news": pgettext_lazy("event of an exercise", "News"),
    "outside act": pgettext_lazy("event of an exercise", "Act from outside"),
    "request": pgettext_lazy("event of an exercise", "Request"),
    "condition": pgettext_lazy("event of an exercise", "Condition met"),
    "loss": pgettext_lazy("event of an exercise", "Loss"),
    "return": pgettext_lazy("event of an exercise", "Return"),
    "node down": pgettext_lazy("event of an exercise", "Node off"),
    "node up": pgettext_lazy("event of an exercise", "Node on again"),
    "delay": pgettext_lazy("event of an exercise", "Slow lines"),
}
"""What kinds of events there are, and what pages call them."""
PUBLIC = ("news", "outside act", "request", "condition")
"""Events that everybody hears of."""
KINDS: dict[str, str | Promise] = {
    "event": gettext_lazy("Event"),
    "by hand": gettext_lazy("Event put in by hand"),
    "move": gettext_lazy("Script"),
    "not made": gettext_lazy("Not made"),
    "drawn": gettext_lazy("Player of the model"),
    "person": gettext_lazy("Person"),
    "outcome": gettext_lazy("Outcome"),
}
BANDS: dict[str, str | Promise] = {
    "almost surely": gettext_lazy("almost surely"),
    "likely": gettext_lazy("likely"),
    "about even": gettext_lazy("about even"),
    "unlikely": gettext_lazy("unlikely"),
    "hardly": gettext_lazy("hardly"),
}
LOSSES: dict[str, str | Promise] = {
    "silent": gettext_lazy("silent: says nothing, closes nothing"),
    "refusing": gettext_lazy("refusing: says no to everything"),
}
MOVES: dict[str, str | Promise] = {
    "alert": gettext_lazy("Raise an alert"),
    "open text": gettext_lazy("Open a text"),
    "write": gettext_lazy("Write a paragraph anew"),
    "bracket": gettext_lazy("Open a bracket"),
    "offer": gettext_lazy("Offer words for a bracket"),
    "settle": gettext_lazy("Resolve your bracket"),
    "propose": gettext_lazy("Put it to decision"),
    "answer": gettext_lazy("Answer the proposal"),
    "pledge": gettext_lazy("Pledge"),
    "talk": gettext_lazy("Say something in talk"),
}
"""What the script may expect, as a verb with its object."""
COACHED = {
    "alert-page": ("alert", "cases"),
    "alert": ("alert", "now"),
    "receipt": ("alert", "now"),
    "case": ("case", "cases"),
    "text": ("text", "texts"),
    "paragraph": ("paragraph", "text", "texts"),
    "proposal": ("proposal", "proposals"),
    "answer": ("answer", "proposal", "proposals"),
    "propose": ("propose", "proposals"),
    "close": ("proposal", "proposals"),
    "texts": ("texts", "text"),
    "proposals": ("proposals", "proposal"),
    "cases": ("cases", "case"),
    "pledges": ("pledges", "pledge"),
    "pledge": ("pledge", "pledges"),
    "thread": ("talk",),
    "begin-group": ("talk",),
    "organ": ("organ", "organs"),
    "members": ("members", "organs"),
    "member": ("member", "organs"),
    "charter": ("charter", "organs"),
    "question": ("examine",),
    "act": ("act", "record"),
    "exercise-why": ("why", "exercise"),
    "exercise-back": ("back", "exercise"),
    "exercise-report": ("report", "exercise"),
    "exercise-players": ("players", "exercise"),
    "exercise-again": ("again", "exercise"),
}
"""Under which names of pages the coach's line of an address is looked for, in this order."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline.

    Parameters
    ----------
    number
        Its place in the journal: what a question about it names.
    kind
        In words.
    href
        Where the act is shown that came of it, for whoever sees it.
    why
        Where is told why a player of the model did so.
    outcome
        How a proposal ended, with how many said what.
    members
        What several did in answer to one thing.
    """

    at: datetime
    number: int
    kind: str
    who: str
    title: str
    words: tuple[str, ...] = ()
    href: str = ""
    source: str = ""
    why: str = ""
    band: str = ""
    tone: str = ""
    outcome: str = ""
    members: tuple[Line, ...] = ()


def timeline(desk: Desk, house: ExerciseHouse, *, most: int | None = None) -> list[Line]:
    """Return what has happened, the latest first; what many answered to one thing is one line."""
    telling = _Telling(desk, house.run.scenario)
    found: list[Line] = []
    groups: dict[tuple[str, str, str], int] = {}
    made: set[str] = set()
    for number, entry in enumerate(tuple(house.entries)):
        line = telling.line(number, entry)
        key = entry.kind, entry.id, entry.title
        joins = entry.kind == "move" and entry.id in made
        made.add(entry.id)
        if entry.kind != "drawn" and not joins:
            found.append(line)
        elif key in groups:
            found[groups[key]] = _group(line, found[groups[key]].members)
        else:
            groups[key] = len(found)
            found.append(_group(line, ()))
    found.sort(key=lambda line: (line.at, line.number), reverse=True)
    return found[:most]


def entry_line(desk: Desk, house: ExerciseHouse, number: int) -> Line:
    """Return one line of the journal."""
    return _Telling(desk, house.run.scenario).line(number, house.entries[number])


class _Telling:
    """The lines of one page: what they all need is looked up once."""

    def __init__(self, desk: Desk, scenario: Scenario) -> None:
        self.scenario = scenario
        self.charter = desk.charter
        self.organs = frozenset(desk.organs)
        self.record = desk.node.record
        self.kinds = {event.id: str(EVENTS[event.kind]) for event in scenario.events}
        self.kinds |= {move.id: str(MOVES[move.kind]) for move in scenario.moves}

    def line(self, number: int, entry: Entry) -> Line:
        kind = str(KINDS[entry.kind])
        if entry.kind == "event":
            kind = self.kinds.get(entry.id, kind)
        elif entry.kind in ("move", "not made") and entry.id in self.kinds:
            kind = f"{kind} · {self.kinds[entry.id]}"
        return Line(
            entry.at,
            number,
            kind,
            self.charter.name_of(entry.who) if entry.who else "",
            entry.title if entry.act or entry.kind != "move" else str(MOVES["talk"]),
            entry.words[:1] if entry.kind == "drawn" else entry.words,
            self.href(entry.act),
            source_of(self.scenario, entry.source),
            reverse("exercise-why", args=[f"n{number}"]) if entry.kind == "drawn" else "",
            str(BANDS[entry.band]) if entry.band else "",
            {"event": "outside", "by hand": "outside", "not made": "bad"}.get(entry.kind, ""),
            _outcome(entry),
        )

    def href(self, act: str) -> str:
        found = self.record.get(act) if act else None
        if found is None or found.header.organ not in self.organs:
            return ""
        pages = {"alert": "alert-page", "propose": "proposal"}
        return reverse(pages.get(found.kind or "", "act"), args=[act])


def _outcome(entry: Entry) -> str:
    if entry.kind != "outcome" or not entry.words:
        return ""
    ended, *counted = entry.words
    return ": ".join((str(OUTCOMES.get(ended, ended)), *counted))


def _group(line: Line, before: tuple[Line, ...]) -> Line:
    """Return one line for what several players answered to one thing; it stands at the last."""
    members = (*before, line)
    return Line(line.at, line.number, line.kind, "", line.title, members=members)


def source_of(scenario: Scenario, name: str) -> str:
    """Return a source in words: its title, who published it, and where."""
    found = scenario.sources.get(name)
    if found is None:
        return name
    return ", ".join(part for part in (found.title, found.publisher, found.where) if part)


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the script expects of a member that a person plays.

    Parameters
    ----------
    title
        What to do, as a verb with its object.
    words
        What the script would have it say.
    signs
        What pressing the button does.
    """

    id: str
    title: str
    words: tuple[str, ...]
    signs: str
    source: str = ""


def prompts(desk: Desk, house: ExerciseHouse) -> list[Prompt]:
    """Return what the script expects of this desk's member now; nothing when it is over."""
    if house.over:
        return []
    scenario = house.run.scenario
    return [
        _prompt(desk, scenario, move)
        for move in house.awaited()
        if move.by == desk.member and desk.sees(organ_of(scenario, move))
    ]


def _prompt(desk: Desk, scenario: Scenario, move: Move) -> Prompt:
    known = {one.id: one for one in scenario.moves}
    named = move
    while not named.title and named.of in known:
        named = known[named.of]
    title = named.title or move.id
    words = [*move.paragraphs]
    if move.words or move.instead:
        words.append(
            _("Paragraph %(number)s: “%(words)s” → “%(instead)s”")
            % {"number": move.paragraph or "?", "words": move.words, "instead": move.instead}
            if move.words
            else move.instead
        )
    if move.word is not None:
        words.append(str(WORDS[move.word]))
    if move.quantity:
        words.append(f"{move.quantity} {move.unit}")
    return Prompt(
        move.id,
        f"{MOVES[move.kind]}: {title}",
        tuple(words),
        _("Signed for %(name)s. You may also do it in words of your own, or not at all.")
        % {"name": desk.name},
        source_of(scenario, move.source) if move.source else "",
    )


@dataclass(frozen=True, slots=True)
class Coming:
    """An event that the scenario holds and that has not taken place."""

    event: Event
    kind: str
    when: str
    at: datetime | None = None


def coming(house: ExerciseHouse) -> list[Coming]:
    """Return the events that have not taken place, in the order in which they would."""
    run = house.run
    done = {entry.id for entry in run.entries}
    found = [
        Coming(event, str(EVENTS[event.kind]), when_words(run.scenario, event.when), event.when.at)
        for event in run.scenario.events
        if event.id not in done
    ]
    return sorted(found, key=lambda one: (one.at is None, one.at or run.scenario.end))


def when_words(scenario: Scenario, when: When) -> str:
    """Say when something takes place."""
    if when.at is not None:
        return f"{when.at:%Y-%m-%d %H:%M} UTC"
    titles = {event.id: event.title for event in scenario.events}
    titles |= {move.id: move.title for move in scenario.moves}
    after = titles.get(when.after) or when.after
    if when.outcome:
        return _("%(minutes)s minutes after “%(after)s” ends: %(outcome)s") % {
            "minutes": when.minutes,
            "after": after,
            "outcome": when.outcome,
        }
    return _("%(minutes)s minutes after “%(after)s”") % {"minutes": when.minutes, "after": after}


@dataclass(frozen=True, slots=True)
class News:
    """Something from outside that everybody hears of."""

    at: datetime
    kind: str
    title: str
    words: tuple[str, ...] = field(default=())
    source: str = ""


def news(house: ExerciseHouse, *, most: int | None = None) -> list[News]:
    """Return what came from outside and everybody hears of, the latest first."""
    run, events = house.run, house.events()
    found = [
        News(
            entry.at,
            str(EVENTS[events[entry.id].kind]),
            entry.title,
            entry.words or ((events[entry.id].text,) if events[entry.id].text else ()),
            source_of(run.scenario, entry.source),
        )
        for entry in run.entries
        if entry.kind in ("event", "by hand")
        and entry.id in events
        and events[entry.id].kind in PUBLIC
    ]
    return found[::-1][:most]


def coach_line(scenario: Scenario, page: str) -> str:
    """Return what the coach says on a page; empty where nothing."""
    return next(
        (scenario.coach[name] for name in COACHED.get(page, (page,)) if name in scenario.coach), ""
    )


def chosen_members(desk: Desk, told: Sequence[str]) -> tuple[str, ...]:
    """Return those of some codes that are members, in charter order, each once."""
    return tuple(code for code in desk.charter.members if code in told)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What every page says of the exercise that it is a part of.

    Parameters
    ----------
    page
        The name of the page's address.
    back
        Where one comes back to from the buttons of the band.
    """

    desk: Desk
    house: ExerciseHouse
    page: str
    back: str

    @property
    def title(self) -> str:
        """The scenario's title."""
        return self.house.run.scenario.title

    @property
    def iso(self) -> str:
        """The exercise's clock, for programs."""
        return f"{self.house.now():%Y-%m-%dT%H:%M:%SZ}"

    @property
    def words(self) -> str:
        """The exercise's clock."""
        return f"{instant_words(self.house.now(), year=True)} UTC"

    @property
    def runs(self) -> bool:
        """Whether the clock goes on now."""
        return self.house.goes

    @property
    def moving(self) -> bool:
        """Whether nobody has let it stand."""
        return self.house.moving

    @property
    def over(self) -> bool:
        """Whether the end has come."""
        return self.house.over

    @property
    def pace(self) -> int:
        """Seconds of the exercise in one of the room."""
        return self.house.pace

    @property
    def directs(self) -> bool:
        """Whether whoever looks runs the exercise."""
        return directs(self.desk)

    @property
    def state(self) -> str:
        """How the clock goes."""
        if self.over:
            return _("over")
        if self.house.hurries:
            return _("runs as fast as it can")
        if not self.moving:
            return _("paused")
        if self.pace == 1:
            return _("in real time")
        return _("%(pace)s times real time") % {"pace": grouped(self.pace)}

    @property
    def coach(self) -> str:
        """What the coach says here."""
        return coach_line(self.house.run.scenario, self.page)

    @property
    def prompts(self) -> list[Prompt]:
        """What the script expects of this desk."""
        return prompts(self.desk, self.house)

    @property
    def drawn(self) -> frozenset[str]:
        """The acts of players of the model, by their ids: each can be asked for its why."""
        return frozenset(entry.act for entry in self.house.entries if entry.kind == "drawn")

    @property
    def news(self) -> list[News]:
        """What came from outside lately."""
        return news(self.house, most=3)


def rehearsed(request: HttpRequest, desk: Desk) -> Rehearsed | None:
    """Return what a page says of the exercise; None where this room plays none."""
    house = exercise_of(desk)
    if house is None:
        return None
    page = request.resolver_match.url_name if request.resolver_match else None
    back = request.get_full_path() if request.method == "GET" else reverse("exercise")
    return Rehearsed(desk, house, page or "", back)
