"""Matters and the model in a scenario's file: what is assumed of those whom nobody plays."""

from __future__ import annotations

from fractions import Fraction

from comity.core.fields import Table
from comity.exercise.scenario import Cost, Habits, Matter, Model, Reported
from comity.exercise.scenario_fields import Names, line, member, members, named, source, span, word

MAX_MATTERS = 200
MAX_MINUTES = 10_080
BASES = ("for", "rather for", "even", "rather against")
LEANINGS = ("for", "reserved", "against")
WEIGHTS = ("none", "some", "much")


def read_matters(root: Table, names: Names) -> dict[str, Matter]:
    """Read what members are asked, and what is assumed of them there."""
    made: dict[str, Matter] = {}
    for name, table in root.named("matters", limit=MAX_MATTERS, what="matters"):
        base = word(table, "base", BASES, required=False) or "rather for"
        made[name] = Matter(
            id=name,
            title=line(table, "title", required=True),
            base=base,  # type: ignore[arg-type]
            anchor=members(table, "anchor", names),
            reported=tuple(_reported(table, names)),
            costs=tuple(_costs(table, names)),
            source=source(table, names),
        )
        table.done()
    return made


def _reported(table: Table, names: Names) -> list[Reported]:
    made: list[Reported] = []
    for row in table.tables("reported", limit=1_000):
        lean = word(row, "lean", LEANINGS)
        code = _once(row, names, {one.member for one in made})
        origin = source(row, names, required=True)
        made.append(Reported(code, lean, origin, row.text("note")))  # type: ignore[arg-type]
        row.done()
    return made


def _costs(table: Table, names: Names) -> list[Cost]:
    made: list[Cost] = []
    for row in table.tables("costs", limit=1_000):
        weight = word(row, "weight", WEIGHTS)
        code = _once(row, names, {one.member for one in made})
        origin = source(row, names)
        made.append(Cost(code, weight, origin, row.text("note")))  # type: ignore[arg-type]
        row.done()
    return made


def _once(row: Table, names: Names, before: set[str]) -> str:
    code = member(row, "member", names)
    if code and code in before:
        row.fault("member", f"{code} stands there twice", "keep one of the two")
    return code


def read_model(root: Table, names: Names) -> Model:
    """Read the assumptions of the model's players."""
    table = root.table("model")
    if table is None:
        return Model()
    usual = Model()
    shares = [table.share(key) for key in ("closeness", "cost", "chance")]
    closeness, cost, chance = (
        old if new is None else new
        for new, old in zip(shares, (usual.closeness, usual.cost, usual.chance), strict=True)
    )
    if closeness + cost + chance == Fraction(0):
        table.fault("chance", "closeness, cost and chance weigh nothing", 'write "30 %"')
    habits = _habits(table, names, usual.habits)
    of: dict[str, Habits] = {}
    every = table.table("of")
    for code in every.data if every else ():
        inner = every.table(code) if every else None
        if inner is None or every is None:
            continue
        if names.charters:
            named(every, code, code, names.members, "member")
        of[code] = _habits(inner, names, habits)
        inner.done()
    table.done()
    return Model(habits, of, closeness, cost, chance, habits.source)


def _habits(table: Table, names: Names, usual: Habits) -> Habits:
    return Habits(
        receipt=span(table, "receipt", usual.receipt, MAX_MINUTES),
        consult=span(table, "consult", usual.consult, MAX_MINUTES),
        office=span(table, "office", usual.office, 24, apart=True),
        source=source(table, names) or usual.source,
    )
