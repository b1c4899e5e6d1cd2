"""A run played again from its journal, up to where it had come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeAlias

from comity.core.bodies import Closing, Stance
from comity.errors import ActError, UsageError
from comity.exercise.director import Director
from comity.exercise.journal import Line, body_of, event_of
from comity.exercise.node_stage import NodeStage

Progress: TypeAlias = Callable[[str, int, int], None]
"""Who is told what is being done, how much of it is done, and of how much."""


def play_again(
    director: Director,
    stage: NodeStage,
    lines: Sequence[Line],
    until: datetime,
    progress: Progress,
) -> None:
    """Do what a journal holds at its instants, and all that is due between them.

    What cannot be done again is entered, with why.
    """
    for line in lines:
        _fast_to(director, line.when, until, progress)
        try:
            _again(director, stage, line)
        except (UsageError, ActError) as wrong:
            director.playing.enter(
                "not made",
                line.name,
                who=line.member,
                title=f"{line.kind} {line.name}".strip(),
                words=(f"It could not be done again: {wrong.what}.",),
            )
    _fast_to(director, max(until, director.now), until, progress)


def _fast_to(director: Director, to: datetime, until: datetime, progress: Progress) -> None:
    start = director.scenario.start
    whole = max(int((until - start).total_seconds()), 1)
    while (at := director.next()) is not None and at <= to:
        director.advance(at)
        progress("playing", min(int((at - start).total_seconds()), whole), whole)
    director.advance(to)


def _again(director: Director, stage: NodeStage, line: Line) -> None:
    match line.kind:
        case "act":
            _say_again(stage, line)
        case "inject":
            assert line.event is not None
            director.inject(event_of(line.event))
        case "alter":
            director.alter(line.name, None if line.event is None else event_of(line.event))
        case "seat" | "leave":
            director.seat(line.name, person=line.kind == "seat")
        case "play":
            director.play(line.name)


def _say_again(stage: NodeStage, line: Line) -> None:
    places = stage.ledger.by_place
    body = body_of(line, lambda place: places[place].id if place in places else None)
    node = stage.nodes.get(line.member)
    if node is None:
        raise UsageError(f"{line.member} has no node", hint="it is not in this run")
    under = None
    if isinstance(body, Stance | Closing):
        under = stage.ledger.by_id[body.proposal].header.constitution
    node.say(line.organ, body, office=line.office, under=under)
    stage.work()
