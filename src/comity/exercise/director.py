"""The director: plays a scenario on a stage, from instant to instant.

All that is due stands in one queue. What falls on one instant is done in this
order: what the stage does by itself (arrivals, closings), events, moves of the
script, those whom the script lets join, receipts, answers of the model; within
each, in the order of the file and then of the charter. So one seed, and the same
acts of persons at the same instants, give the same run.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from comity.core.acts import Act
from comity.core.bodies import Propose
from comity.core.proposals import Standing
from comity.errors import ActError, UsageError
from comity.exercise.crowd import Crowd
from comity.exercise.leaving import depart
from comity.exercise.matching import expected
from comity.exercise.moves import make
from comity.exercise.playing import Playing, Rank
from comity.exercise.rehearsal import Entry, EntryKind, Rehearsal
from comity.exercise.scenario import Event, LossKind, Move, Scenario
from comity.exercise.stage import Stage


class Director:
    """A scenario as it is being played.

    Parameters
    ----------
    stage
        Where; its clock is at the scenario's start.
    people
        Members that persons play: nothing is said for them.
    lost
        Members that are lost from the beginning, and how.
    number
        Which going back this is, for the rehearsal that is left.

    Raises
    ------
    UsageError
        If somebody is played or lost whom the charter does not name.
    """

    def __init__(
        self,
        scenario: Scenario,
        stage: Stage,
        seed: int,
        people: Iterable[str] = (),
        lost: Iterable[tuple[str, LossKind]] = (),
        *,
        number: int = 0,
    ) -> None:
        self.scenario = scenario
        self.stage = stage
        self.seed = seed
        self.number = number
        self.lost_from_start = tuple(lost)
        self.awaited: dict[str, Move] = {}
        self.playing = Playing(scenario, stage, seed, people, self.lost_from_start)
        self.crowd = Crowd(self.playing)
        self._altered: dict[str, Event | None] = {}
        self._injected: dict[str, Event] = {}
        self._moved: dict[str, datetime] = {}
        self._events = {one.id: (k, one) for k, one in enumerate(scenario.events)}
        self._moves = {one.id: (k, one) for k, one in enumerate(scenario.moves)}
        gone = [m for m, kind in self.lost_from_start if kind == "leaving"]
        depart(stage, gone, scenario.start)
        for member, kind in self.lost_from_start:
            if kind == "silent":
                stage.still(member)
        for event in scenario.events:
            if event.when.at is not None:
                self._plan_event(event.id, event.when.at)
        for move in scenario.moves:
            if move.when.at is not None:
                self._plan_move(move, move.when.at)

    # What it can be asked.

    @property
    def now(self) -> datetime:
        """The time on the stage."""
        return self.stage.now

    @property
    def over(self) -> bool:
        """Whether the end of the scenario has come."""
        return self.now >= self.scenario.end

    @property
    def entries(self) -> list[Entry]:
        """What has happened so far, in order."""
        return self.playing.entries

    @property
    def ids(self) -> dict[str, str]:
        """The act of each move that was made, by the move's id."""
        return self.playing.ids

    @property
    def people(self) -> tuple[str, ...]:
        """Members that persons play."""
        return tuple(self.playing.people)

    @property
    def happened(self) -> tuple[str, ...]:
        """The ids of events and moves that have happened, or cannot happen any more."""
        return tuple(self.playing.happened)

    @property
    def by_hand(self) -> tuple[Event, ...]:
        """Events that were put in by hand, and those that stand for others."""
        altered = (event for event in self._altered.values() if event is not None)
        return (*self._injected.values(), *altered)

    def next(self) -> datetime | None:
        """Return when something next happens by itself; None if nothing will before the end."""
        planned = self.playing.queue[0].at if self.playing.queue else None
        found = [at for at in (self.stage.due(), planned) if at is not None]
        at = min(found, default=None)
        return at if at is not None and at <= self.scenario.end else None

    def rehearsal(self) -> Rehearsal:
        """Return all that the run has left so far."""
        acts = self.stage.acts()
        standings = {
            act.id: self.stage.standing(act.id) for act in acts if isinstance(act.body, Propose)
        }
        certificates = {}
        for name, standing in standings.items():
            if isinstance(standing, Standing) and standing.settlement.settled:
                try:
                    certificates[name] = self.stage.certificate(name)
                except (UsageError, ActError):
                    continue  # what no node can prove has none
        return Rehearsal(
            self.scenario,
            self.seed,
            self.number,
            self.people,
            self.lost_from_start,
            self.stage.coalition,
            self.now,
            tuple(self.entries),
            acts,
            self.stage.arrived(),
            dict(self.ids),
            standings,
            certificates,
        )

    # What whoever runs it does.

    def advance(self, to: datetime) -> None:
        """Do everything that is due by an instant, or by the end if that is before."""
        to = min(to, self.scenario.end)
        queue = self.playing.queue
        self._look()  # what persons signed since has reached others by now
        while (at := self.next()) is not None and at <= to:
            self.stage.pass_time(max(at, self.now))
            self._look()
            while queue and queue[0].at <= self.now:
                heapq.heappop(queue).do()
                self._look()
        if to > self.now:
            self.stage.pass_time(to)
            self._look()

    def inject(self, event: Event) -> None:
        """Let an event happen by hand: now, or at its instant if that is still to come.

        Raises
        ------
        UsageError
            If its id is in use, or it befalls somebody whom the charter does not name.
        """
        used = (self._events, self._moves, self.happened, self._injected)
        if any(event.id in names for names in used):
            raise UsageError(f"'{event.id}' is in use already", hint="give the event another id")
        for member in event.members:
            self.playing.check_member(member)
        self._injected[event.id] = event
        at = event.when.at
        if at is not None and at > self.now:
            order = len(self._events) + len(self._injected)
            self.playing.plan(at, Rank.EVENT, order, lambda: self._befall(event, "by hand"))
            return
        self._befall(event, "by hand")
        self._look()

    def alter(self, event_id: str, event: Event | None) -> None:
        """Let another event stand for one that has not happened yet; None: it does not happen.

        It happens at its own instant if it has one that is still to come, and otherwise
        when the one before would have.

        Raises
        ------
        UsageError
            If there is no such event, or it has happened.
        """
        if event_id not in self._events:
            raise UsageError(
                f"the scenario has no event '{event_id[:80]}'",
                hint=f"it has: {', '.join(self._events)}",
            )
        if event_id in self.playing.happened:
            raise UsageError(
                f"'{event_id}' has happened already", hint="go back to before it, and alter it then"
            )
        for member in () if event is None else event.members:
            self.playing.check_member(member)
        self._altered[event_id] = None if event is None else replace(event, id=event_id)
        at = None if event is None else event.when.at
        if at is not None and at >= self.now and at != self._moved.get(event_id):
            self._moved[event_id] = at
            self._plan_event(event_id, at)

    def seat(self, member: str, *, person: bool = True) -> None:
        """Let a person play a member from now on, or leave it to script and model again.

        Raises
        ------
        UsageError
            If the charter does not name it.
        """
        self.playing.check_member(member)
        if person:
            self.playing.people[member] = None
            return
        self.playing.people.pop(member, None)
        for move in [one for one in self.awaited.values() if one.by == member]:
            del self.awaited[move.id]
            self._plan_move(move, self.now)

    def play(self, move_id: str) -> None:
        """Make a move of the script that a person was expected to make, as it is written.

        Raises
        ------
        UsageError, ActError
            If it is not awaited, or cannot be made now.
        """
        move = self.awaited.get(move_id)
        if move is None:
            raise UsageError(
                f"nobody waits for '{move_id[:80]}'",
                hint=f"awaited: {', '.join(self.awaited) or 'nothing'}",
            )
        made = make(self.scenario, self.stage, move, self.ids)
        self._made(move, made, "person")
        self._look()

    def noticed(self, act: Act) -> None:
        """Take note of what a person signed at a node."""
        move = expected(self.scenario, act, self.ids, self.playing.happened)
        title = str(getattr(act.body, "title", ""))
        if move is not None:
            self._made(move, (act,), "person", title)
        else:
            self.playing.enter("person", "", who=act.member, title=title, act=act.id)
            self.crowd.follow(act, None)

    # The queue.

    def _look(self) -> None:
        """Follow up what the last step may have changed."""
        self.crowd.look()
        for put, outcome in self.crowd.settled():
            if put.move is not None:
                self._follow(put.move.id, outcome)

    def _plan_event(self, name: str, at: datetime) -> None:
        order, event = self._events[name]

        def happen() -> None:
            if name in self.playing.happened or at != self._moved.get(name, at):
                return  # it was moved to another instant
            found = self._altered.get(name, event)
            if found is None:
                self.playing.happened[name] = None
                words = ("It was taken out by hand.",)
                self.playing.enter("not made", name, title=event.title, words=words)
            else:
                self._befall(found, "by hand" if name in self._altered else "event")

        self.playing.plan(at, Rank.EVENT, order, happen)

    def _plan_move(self, move: Move, at: datetime) -> None:
        self.playing.plan(at, Rank.MOVE, self._moves[move.id][0], lambda: self._turn(move))

    def _follow(self, name: str, outcome: str = "") -> None:
        """Plan what follows an event or a move, or the way in which a proposal settled."""
        now = self.playing.now
        for event in self.scenario.events:
            if event.when.after == name and _fits(event.when.outcome, outcome):
                self._plan_event(event.id, now + timedelta(minutes=event.when.minutes))
        for move in self.scenario.moves:
            if move.when.after != name:
                continue
            if _fits(move.when.outcome, outcome):
                self._plan_move(move, now + timedelta(minutes=move.when.minutes))
            elif outcome and move.when.outcome:
                asked = move.when.outcome
                self._not_made(
                    move,
                    f"It was for the case that '{self._title(name)}' is {asked}; it is {outcome}.",
                )

    # Events and moves.

    def _befall(self, event: Event, kind: EntryKind) -> None:
        playing = self.playing
        for member in event.members:
            playing.check_member(member)
        playing.happened[event.id] = None
        words = (event.text,) if event.text else ()
        playing.enter(kind, event.id, title=event.title, words=words, source=event.source)
        for member in event.members:
            match event.kind:
                case "loss" | "return" if member in dict(self.lost_from_start):
                    pass  # a replay without it: it is lost in that way, and stays so
                case "loss":
                    playing.lost[member] = event.loss or "silent"
                    self.stage.still(member, still=event.loss != "refusing")
                case "return":
                    playing.lost.pop(member, None)
                    self.stage.still(member, still=False)
                case "node down":
                    playing.off.setdefault(member, [])
                    self.stage.cut_off(member)
                case "node up":
                    self.stage.cut_off(member, off=False)
                    for do in playing.off.pop(member, []):
                        playing.plan(playing.now, Rank.ANSWER, playing.order[member], do)
                case "delay":
                    self.stage.delay(member, event.minutes)
                case _:
                    pass  # what is told changes nothing by itself
        self._follow(event.id)

    def _turn(self, move: Move) -> None:
        """Let a member do what the script has it do, unless something keeps it from that."""
        if move.id in self.playing.happened:
            return
        if move.by in self.playing.people:
            self.awaited[move.id] = move
            return
        if (reason := self.playing.kept(move.by, move)) is not None:
            deputy = next((code for code in move.deputies if self._could(code, move)), None)
            if deputy is None:
                self._not_made(move, reason)
                return
            move = replace(move, by=deputy)
        try:
            made = make(self.scenario, self.stage, move, self.ids)
        except (UsageError, ActError) as wrong:
            self._not_made(move, f"It could not be said: {wrong.what}.")
            return
        self._made(move, made, "move")

    def _could(self, member: str, move: Move) -> bool:
        """Tell whether a member whom no person plays could make a move in another's place."""
        return member not in self.playing.people and self.playing.kept(member, move) is None

    def _made(self, move: Move, acts: tuple[Act, ...], kind: EntryKind, title: str = "") -> None:
        """Note a move that was made, and let others do about it what they do."""
        act = acts[-1] if acts else None
        self.awaited.pop(move.id, None)
        self.playing.happened[move.id] = None
        if act is not None:
            self.ids[move.id] = act.id
        self.playing.enter(
            kind,
            move.id,
            who=move.by,
            title=title or self._title(move.id),
            words=move.paragraphs if move.kind == "talk" else (),
            act="" if act is None else act.id,
            source=move.source,
        )
        if act is not None:
            self.crowd.follow(act, move)
        self._follow(move.id)

    def _not_made(self, move: Move, reason: str) -> None:
        """Note a move that was not made, and those that would have followed it."""
        if move.id in self.playing.happened:
            return
        self.playing.happened[move.id] = None
        self.playing.enter(
            "not made",
            move.id,
            who=move.by,
            title=self._title(move.id),
            words=(reason,),
            source=move.source,
        )
        for after in self.scenario.moves:
            if after.when.after == move.id:
                self._not_made(after, f"It was to follow '{self._title(move.id)}'.")

    def _title(self, name: str) -> str:
        """Return what a move is called: as it says, or as what it is about."""
        while name in self._moves:
            move = self._moves[name][1]
            if move.title or not move.of:
                return move.title or name
            name = move.of
        return self._events[name][1].title if name in self._events else name


def _fits(asked: str, outcome: str) -> bool:
    """Tell whether something that follows an outcome, or none, follows this one."""
    return asked == outcome or (asked == "not adopted" and outcome not in ("", "adopted"))
