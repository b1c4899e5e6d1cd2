"""Tasks as they stand in a scenario's file, and whether their checks can ever hold."""

from __future__ import annotations

from typing import TypeAlias, cast, get_args

from comity.core.fields import Table
from comity.exercise.scenario import Check, CheckKind, Move, Task
from comity.exercise.scenario_checks import Checks
from comity.exercise.scenario_fields import MAX_MINUTES, line, members, word
from comity.exercise.scenario_moves import ENDINGS, Item

MAX_TASKS = 200
MAX_COUNT = 1_000_000_000

Uses: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]
CHECKS: dict[str, Uses] = {
    "received": (("of", "count"), ()),
    "opened": ((), ("who",)),
    "agreed": (("of",), ()),
    "answered": (("of", "count"), ()),
    "outcome": (("of", "outcome"), ()),
    "joined": (("of",), ("count", "who")),
    "certified": (("of",), ()),
    "pledged": (("obligation", "line", "count"), ()),
    "woken": (("obligation",), ()),
}
_KEYS = {key for needs, may in CHECKS.values() for key in (*needs, *may)}
_ABOUT = {"received": "alert", "agreed": "open text"}
_WORDS = {"alert": "an alert", "open text": "a text that a move opens", "propose": "a proposal"}


def read_tasks(root: Table, checks: Checks) -> tuple[Task, ...]:
    """Read all tasks, and look whether each can be done."""
    made: dict[str, Task] = {}
    for table in root.tables("tasks", limit=MAX_TASKS):
        task = _task(table, checks)
        if task.id in made and task.id:
            table.fault("id", f"two tasks have the id '{task.id}'", "give one another id")
        made.setdefault(task.id, task)
    return tuple(made.values())


def _task(table: Table, checks: Checks) -> Task:
    identity = table.identifier("id")
    title = line(table, "title", required=True)
    since = table.text("since", limit=64)
    table.known("since", since, checks.items, "event or move")
    within = table.whole("within", 1, MAX_MINUTES)
    if table.has("within") and not table.has("since"):
        table.fault("within", "within goes with since", 'write since = "...", or leave it out')
    inner = table.table("check", required=True)
    made = Task(
        id=identity,
        title=title,
        check=_check(inner, checks) if inner else Check("opened"),
        points=table.whole("points", 1, 100, default=1) or 1,
        since=since,
        within=within,
        for_=members(table, "for", checks.names),
    )
    table.done()
    return made


def _check(table: Table, checks: Checks) -> Check:
    kind = word(table, "kind", get_args(CheckKind))
    if not kind:
        table.asked.extend(_KEYS)
        table.done()
        return Check("opened")
    needs, may = CHECKS[kind]
    used = {*needs, *may}

    def text(key: str) -> str:
        return table.text(key, required=key in needs, limit=64) if key in used else ""

    of = text("of")
    obligation, needed = text("obligation"), text("line")
    outcome = word(table, "outcome", ENDINGS) if "outcome" in used else ""
    who = members(table, "who", checks.names) if "who" in used else ()
    count = 1
    if "count" in used:
        count = table.whole("count", 1, MAX_COUNT, required="count" in needs, default=1) or 1
    for key in table.data:
        if key in _KEYS and key not in used:
            table.fault(key, f"'{kind}' does not use {key}", "leave it out")
            table.asked.append(key)
    if kind == "joined" and table.has("count") == table.has("who"):
        table.fault(
            "who" if table.has("who") else None,
            "it says both count and who" if table.has("who") else "it does not say who joins",
            'write count = 3, or who = ["..."]',
        )
    made = Check(cast("CheckKind", kind), of, who, count, outcome, obligation, needed)
    table.done()
    if of:
        _about(table, made, checks)
    if checks.names.charters and kind == "woken":
        checks.deciding.dormant(table, "obligation", obligation)
    elif checks.names.charters and kind == "pledged":
        checks.deciding.need(table, obligation, needed)
    return made


def _about(table: Table, check: Check, checks: Checks) -> None:
    wanted = _ABOUT.get(check.kind, "propose")
    item = checks.items.get(check.of)
    if item is None:
        fitting = [name for name, one in checks.items.items() if one.move]
        table.known("of", check.of, fitting, "move")
        return
    if item.value is None:
        return
    move = item.move
    if move is None or move.kind != wanted:
        is_what = "an event" if move is None else f"a move of kind '{move.kind}'"
        table.fault("of", f"'{check.of}' is {is_what}", f"name {_WORDS[wanted]}")
        return
    if check.kind == "outcome" and check.outcome:
        checks.deciding.outcome(table, check.outcome, item, "outcome")
    if checks.names.charters and move.organ in checks.names.organs:
        _reachable(table, check, move, item, checks)


def _reachable(table: Table, check: Check, move: Move, item: Item, checks: Checks) -> None:
    """Check that there are enough members to count, and that they can do it."""
    on = checks.times.day(item)
    if check.kind == "received":
        most = len(checks.names.readers(move.organ, on) - {move.by})
        words = "others read it"
    else:
        seats = checks.names.seats(checks.deciding.organ(move), on)
        most = len(seats)
        words = "have a seat there"
        procedure = checks.deciding.procedure_of(move)
        signed = procedure is None or procedure.kind == "signature" or move.effect == "opt in"
        if check.kind == "joined" and not signed:
            table.fault(
                "of",
                f"'{check.of}' is neither open to signature nor to opt in",
                "name another proposal, or ask who answered",
            )
        known = checks.names.members
        strangers = [code for code in check.who if code in known and code not in seats]
        if strangers and check.kind == "joined":
            table.fault(
                "who", f"{', '.join(strangers[:8])} cannot join it: no seat there", "leave them out"
            )
    if check.kind in ("received", "answered", "joined") and check.count > most:
        table.fault(
            "count",
            f"{check.count:,} can never be: {most} {words}",
            f"write count = {most} or fewer",
        )
