"""The tasks of an exercise, with what is done so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.exercise.scoring import Score
from comity.web.desk import Desk
from comity.web.exercising import ExerciseHouse, directs


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task as a page shows it.

    Parameters
    ----------
    told
        Whose it is, what it is worth, and what was found.
    """

    title: str
    mark: str
    told: str
    done: bool = False
    failed: bool = False
    points: int = 0
    of_points: int = 0


def scored(desk: Desk, house: ExerciseHouse) -> list[TaskLine]:
    """Return the tasks: all with their score for whoever runs it; else those of this member."""
    if not directs(desk):
        return [
            TaskLine(task.title, "○", _points(task.points))
            for task in house.run.scenario.tasks
            if not task.for_ or desk.member in task.for_
        ]
    return [_line(desk, house, one) for one in house.scores()]


def score_words(tasks: Sequence[TaskLine]) -> str:
    """Say how much of all is reached so far."""
    of = sum(task.of_points for task in tasks)
    return ngettext(
        "%(points)s of %(of)s point so far.", "%(points)s of %(of)s points so far.", of
    ) % {"points": sum(task.points for task in tasks), "of": of}


def _line(desk: Desk, house: ExerciseHouse, one: Score) -> TaskLine:
    done = one.standing == "done"
    over = house.over or (one.limit is not None and one.limit <= house.now())
    missed = one.standing == "not done" and over
    whose = ", ".join(desk.charter.name_of(code) for code in one.task.for_)
    told = [part for part in (whose, _points(one.task.points)) if part]
    if one.limit is not None and not done:
        told.append(_("until %(limit)s UTC") % {"limit": f"{one.limit:%Y-%m-%d %H:%M}"})
    if done or missed:
        told.append(one.why)
    mark = _("● done") if done else _("× missed") if missed else _("○ open")
    return TaskLine(
        one.task.title, mark, " · ".join(told), done, missed, one.points, one.task.points
    )


def _points(count: int) -> str:
    return ngettext("%(n)d point", "%(n)d points", count) % {"n": count}
