"""Events and moves in a scenario's file, each by what its kind needs (spec/scenario.md 4 and 5)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast, get_args

from comity.core.bodies import Severity, Word
from comity.core.fields import Table
from comity.core.marking import LEVELS
from comity.exercise.scenario import (
    EffectKind,
    Event,
    EventKind,
    LossKind,
    Move,
    MoveKind,
    When,
)
from comity.exercise.scenario_fields import (
    MAX_MINUTES,
    Names,
    days,
    instant,
    is_text,
    line,
    member,
    members,
    parties,
    source,
    word,
)
from comity.exercise.scenario_keys import Keys

MAX_EVENTS = 1_000
MAX_MOVES = 1_000
MAX_DELAY = 10_080
ENDINGS = ("adopted", "rejected", "broken", "lapsed", "withdrawn", "no opinion", "not adopted")
NOTES = ("reservation", "declaration", "caveat", "explanation")
APPROVALS = ("pending", "approved", "refused")
_WHEN = ("at", "after", "minutes", "outcome")
_EVENT = ("id", "kind", *_WHEN, "title", "text", "source", "parties", "on")
_MOVE = ("id", "by", "kind", *_WHEN, "source", "parties", "on")

Uses: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]
"""Which keys a kind needs, and which others it may have."""

EVENTS: dict[str, Uses] = {
    "news": ((), ()),
    "outside act": ((), ()),
    "request": ((), ()),
    "condition": ((), ()),
    "loss": (("members", "loss"), ()),
    "return": (("members",), ()),
    "node down": (("members",), ()),
    "node up": (("members",), ()),
    "delay": (("members", "delay"), ()),
}
MOVES: dict[str, Uses] = {
    "alert": (("organ", "title", "severity", "paragraphs"), ("case", "of", "deputies", "marking")),
    "open text": (("organ", "title", "paragraphs"), ("case", "deputies", "marking")),
    "write": (("of", "paragraph"), ("instead",)),
    "bracket": (("of", "paragraph", "words"), ("instead",)),
    "offer": (("of", "instead"), ("deputies",)),
    "settle": (("of",), ("instead",)),
    "propose": (
        ("organ", "title", "rule", "procedure", "effect"),
        ("case", "matter", "hours", "signs", "deputies"),
    ),
    "answer": (("of", "word"), ("notes",)),
    "pledge": (
        ("organ", "obligation", "line", "quantity", "unit"),
        ("case", "ready", "delivered", "caveats", "approvals"),
    ),
    "talk": (("organ", "paragraphs"), ("case",)),
}  # fmt: skip
EFFECTS: dict[str, Uses] = {
    "adopt": ((), ("paragraphs", "of")),
    "opt in": ((), ("paragraphs", "of")),
    "open a case": (("subject",), ()),
    "close a case": (("subject",), ()),
    "recognise a group": (("subject", "members"), ()),
    "wake an obligation": (("subject", "paragraphs"), ()),
    "amend": (("subject",), ()),
}
_EVENT_KEYS = {key for needs, may in EVENTS.values() for key in (*needs, *may)}
_MOVE_KEYS = {key for needs, may in (*MOVES.values(), *EFFECTS.values()) for key in (*needs, *may)}


@dataclass(slots=True)
class Item:
    """An event or a move with its table in the file.

    Parameters
    ----------
    value
        None where its kind is not known: then nothing is said of what refers to it.
    place
        Which comes first where two fall on one instant: events before moves, in their order.
    """

    id: str
    sort: Literal["event", "move"]
    table: Table
    when: When
    value: Event | Move | None
    place: tuple[int, int]

    @property
    def move(self) -> Move | None:
        """The move, if it is one that could be read."""
        return self.value if isinstance(self.value, Move) else None


def read_script(root: Table, names: Names) -> tuple[dict[str, Item], list[Item]]:
    """Read events and moves: each by its id, and all of them in the order of the file."""
    every: list[Item] = []
    for index, table in enumerate(root.tables("events", limit=MAX_EVENTS)):
        event, when = _event(table, names)
        every.append(Item(_id(table), "event", table, when, event, (0, index)))
        table.done()
    for index, table in enumerate(root.tables("moves", limit=MAX_MOVES)):
        move, when = _move(table, names)
        every.append(Item(_id(table), "move", table, when, move, (1, index)))
        table.done()
    by_id: dict[str, Item] = {}
    for item in every:
        if not item.id:
            continue
        if item.id in by_id:
            first = by_id[item.id]
            where = first.table.faults.source.line((*first.table.path, "id"))
            item.table.fault(
                "id",
                f"'{item.id}' is used twice: it is the id of the {first.sort} in line {where}",
                "give one of the two another id",
            )
        else:
            by_id[item.id] = item
    return by_id, every


def _id(table: Table) -> str:
    value = table.data.get("id")
    return value if isinstance(value, str) and is_text(value) else ""


def _when(table: Table, names: Names) -> When:
    at = instant(table, "at", names)
    after = table.text("after", limit=64)
    minutes = table.whole("minutes", 0, MAX_MINUTES, default=0) or 0
    outcome = word(table, "outcome", ENDINGS, required=False)
    if table.has("at") and table.has("after"):
        table.fault("after", "it says both at and after", "leave one of the two out")
    elif not table.has("at") and not table.has("after"):
        table.missing["at"] = '"2026-01-31T09:00:00Z", or after = "..."'
    for key in ("minutes", "outcome"):
        if table.has(key) and table.has("at") and not table.has("after"):
            table.fault(key, f"{key} goes with after", 'leave it out, or write after = "..."')
    return When(at, after, minutes, outcome)


def _others(table: Table, kind: str, own: Collection[str], every: Collection[str]) -> None:
    """Note a fault at each key that is of another kind."""
    for key in table.data:
        if key in every and key not in own:
            may = ", ".join(sorted(own)) or "no key of its own"
            table.fault(key, f"'{kind}' does not use {key}", f"leave it out; there may be: {may}")
            table.asked.append(key)


def _event(table: Table, names: Names) -> tuple[Event | None, When]:
    identity = table.identifier("id")
    kind = word(table, "kind", get_args(EventKind))
    when = _when(table, names)
    title = line(table, "title", required=True)
    told = table.text("text")
    origin, who, on = source(table, names), parties(table, "parties", names), days(table, "on")
    needs: tuple[str, ...] = EVENTS[kind][0] if kind else ()
    befalls = members(table, "members", names, required=True) if "members" in needs else ()
    loss = word(table, "loss", get_args(LossKind)) if "loss" in needs else ""
    delay = table.whole("delay", 0, MAX_DELAY, required=True) if "delay" in needs else 0
    if loss == "leaving":
        table.fault(
            "loss",
            "rosters are pinned, so nobody leaves one within a run",
            'write loss = "silent" or "refusing"; replays take members off the roster',
        )
    if not kind:
        table.asked.extend(_EVENT_KEYS)
        return None, when
    _others(table, kind, needs, _EVENT_KEYS)
    return Event(
        id=identity,
        kind=cast("EventKind", kind),
        when=when,
        title=title,
        text=told,
        source=origin,
        parties=who,
        on=on,
        members=befalls,
        loss=cast("LossKind", loss) if loss else None,
        minutes=delay or 0,
    ), when


def _uses(table: Table, kind: str, effect: str) -> Uses:
    """Return which keys a move needs, and which it may have, by its kind and what it says."""
    needs, may = MOVES[kind]
    if kind == "alert" and table.has("of"):
        may = tuple(key for key in may if key != "deputies")  # its author alone updates it
        return tuple(key for key in needs if key != "organ"), may
    if kind != "propose" or not effect:
        return needs, (*may, *(key for uses in EFFECTS.values() for key in (*uses[0], *uses[1]))
                       ) if kind == "propose" else may  # fmt: skip
    more, other = EFFECTS[effect]
    if effect == "amend":
        needs = tuple(key for key in needs if key not in ("organ", "rule", "procedure"))
    return (*needs, *more), (*may, *other)


def _move(table: Table, names: Names) -> tuple[Move | None, When]:
    identity = table.identifier("id")
    by = member(table, "by", names)
    kind = word(table, "kind", get_args(MoveKind))
    when = _when(table, names)
    origin, who, on = source(table, names), parties(table, "parties", names), days(table, "on")
    if not kind:
        table.asked.extend(_MOVE_KEYS)
        return None, when
    effect = word(table, "effect", get_args(EffectKind)) if kind == "propose" else ""
    needs, may = _uses(table, kind, effect)
    keys = Keys(table, names, needs, may)
    limit = 4_000 if kind == "write" else 1_000
    move = Move(
        id=identity,
        by=by,
        kind=cast("MoveKind", kind),
        when=when,
        organ=keys.organ(),
        case=keys.identifier("case"),
        title=keys.line("title"),
        paragraphs=keys.paragraphs(only=kind in ("alert", "talk") or effect.startswith("wake")),
        of=keys.text("of", 64),
        paragraph=keys.text("paragraph", 8),
        words=keys.text("words", 1_000),
        instead=keys.text("instead", limit),
        severity=cast("Severity | None", keys.word("severity", get_args(Severity))),
        rule=keys.text("rule", 64),
        procedure=keys.text("procedure", 64),
        effect=cast("EffectKind | None", effect or None),
        subject=keys.subject(effect),
        members=keys.members("members"),
        matter=keys.matter(),
        hours=keys.hours(),
        signs=keys.members("signs"),
        deputies=keys.members("deputies"),
        marking=keys.word("marking", LEVELS) or "",
        word=cast("Word | None", keys.word("word", get_args(Word))),
        notes=keys.pairs("notes", "kind", "text", NOTES),
        obligation=keys.text("obligation", 64),
        line=keys.line("line"),
        quantity=keys.amount("quantity", ""),
        unit=keys.line("unit"),
        ready=table.day("ready") if "ready" in may else None,
        delivered=keys.amount("delivered", "0"),
        caveats=table.texts("caveats", limit=20) if "caveats" in may else (),
        approvals=keys.pairs("approvals", "state", "body", APPROVALS),
        source=origin,
        parties=who,
        on=on,
    )
    if kind != "propose" or effect:
        _others(table, effect or kind, {*needs, *may}, _MOVE_KEYS)
        if effect in ("adopt", "opt in"):
            _one_text(table)
    else:
        table.asked.extend(_MOVE_KEYS)
    return move, when


def _one_text(table: Table) -> None:
    if table.has("of") and table.has("paragraphs"):
        table.fault("of", "it says both of and paragraphs", "leave one of the two out")
    elif not table.has("of") and not table.has("paragraphs"):
        table.missing["paragraphs"] = '["..."], or of = "..."'
