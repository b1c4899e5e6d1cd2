"""Rules as they stand in a charter (spec/charter.md 6), read into the algebra of `rules`."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import cast, get_args

from comity.core.fields import Table, share_of
from comity.core.rules import (
    BASES,
    Against,
    AllOf,
    Amount,
    AnyOf,
    Base,
    Concerned,
    InFavour,
    Node,
    NotBlocked,
    NotDisowned,
    NoVeto,
    Quorum,
    Rule,
    SomeOf,
)

MAX_DEPTH = 8
MAX_PARTS = 64
RESERVED_SETS = ("veto", "chair")


def read_rule(table: Table) -> Rule | None:
    """Read a rule; None where a fault was noted."""
    adopt = table.table("adopt", required=True)
    reject = table.table("reject")
    concerned = cast("Concerned", table.choice("concerned", get_args(Concerned), default="votes"))
    otherwise = table.text("otherwise", limit=400)
    made = read_node(adopt) if adopt else None
    against = read_node(reject) if reject else None
    if made is None or (reject is not None and against is None):
        return None
    return Rule(made, against, concerned, otherwise)


def read_node(table: Table, depth: int = 1) -> Node | None:
    """Read one node of a rule: a table with exactly one key that names its kind."""
    kinds = (*_LEAVES, "all_of", "any_of", "some_of")
    listed = ", ".join(kinds)
    if depth > MAX_DEPTH:
        table.fault(None, f"the rule is nested more than {MAX_DEPTH} deep", "flatten it")
        return None
    if len(table.data) != 1:
        table.fault(
            None,
            f"a rule is a table with one key, and this has {len(table.data)}",
            f"join several with all_of or any_of; the kinds are: {listed}",
        )
        return None
    kind = next(iter(table.data))
    if kind in ("all_of", "any_of"):
        parts = _parts(table, kind, depth)
        return None if parts is None else (AllOf(parts) if kind == "all_of" else AnyOf(parts))
    if kind not in kinds:
        table.asked.extend(kinds)
        table.done()
        return None
    inner = table.table(kind)
    if inner is None:
        return None
    if kind == "some_of":
        return _some_of(inner, depth)
    node = _LEAVES[kind](inner)
    inner.done()
    return node


def _parts(table: Table, key: str, depth: int) -> tuple[Node, ...] | None:
    made = [read_node(part, depth + 1) for part in table.tables(key, limit=MAX_PARTS)]
    if not made:
        table.fault(key, "it has no parts", f"write {key} = [{{ ... }}, {{ ... }}]")
        return None
    parts = tuple(part for part in made if part is not None)
    return parts if len(parts) == len(made) else None


def _some_of(table: Table, depth: int) -> Node | None:
    parts = _parts(table, "parts", depth)
    least = table.whole("at_least", 1, MAX_PARTS, required=True)
    table.asked.append("parts")
    table.done()
    if parts is None or least is None:
        return None
    if least > len(parts):
        table.fault(
            "at_least",
            f"nobody can meet {least} of {len(parts)} parts",
            f"write at_least = {len(parts)} or fewer",
        )
        return None
    return SomeOf(least, parts)


def read_amount(table: Table) -> Amount | None:
    """Read ``at_least`` or ``more_than``: a whole number of votes, or a share in quotes."""
    given = [key for key in ("at_least", "more_than") if table.has(key)]
    table.asked.extend(("at_least", "more_than"))
    if len(given) != 1:
        table.fault(
            None,
            "it says both at_least and more_than" if given else "it does not say how much",
            'write either at_least = 9 or at_least = "55 %" or more_than = "1/2"',
        )
        return None
    key = given[0]
    value = table.data[key]
    if isinstance(value, str):
        exact = share_of(value)
        if exact is None:
            table.share(key)
            return None
        return Amount(exact, share=True, strict=key == "more_than")
    whole = table.whole(key, 0, 10**17)
    if whole is None:
        return None
    return Amount(Fraction(whole), strict=key == "more_than")


def _weight(table: Table, *, required: bool = False) -> str | None:
    return table.text("weight", required=required, limit=64) or None


def set_name(table: Table, key: str) -> str | None:
    """Read a list of selectors as the name of a set of seats; None where it is left out."""
    selectors = table.texts(key)
    if not selectors:
        return None
    for selector in selectors:
        if "," in selector:
            table.fault(key, f"'{selector[:64]}' holds a comma", 'write ["FRA", "GBR"]')
            return None
    if len(selectors) == 1:
        return selectors[0].removeprefix("group:")
    return ", ".join(selectors)


def _in_favour(table: Table) -> Node | None:
    need = read_amount(table)
    of = cast("Base", table.choice("of", BASES, default="participating"))
    weight = _weight(table)
    among = set_name(table, "among")
    return None if need is None else InFavour(need, of, weight, among)


def _against(table: Table) -> Node | None:
    at_most = table.whole("at_most", 0, 1_000, required=True)
    among = set_name(table, "among")
    return None if at_most is None else Against(at_most, among)


def _no_veto(table: Table) -> Node | None:
    return NoVeto(set_name(table, "seats") or "veto")


def _not_blocked(table: Table) -> Node | None:
    share = table.share("more_than", required=True)
    weight = _weight(table, required=True)
    plus_one = table.data.get("members") == "fewest and one more"
    table.asked.append("members")
    members = 0 if plus_one else table.whole("members", 1, 1_000, required=True)
    if share is None or weight is None or members is None:
        return None
    return NotBlocked(share, weight, members, plus_one)


def _not_disowned(table: Table) -> Node | None:
    members = table.share("members", required=True)
    of_weight = table.share("of_weight", required=True)
    weight = _weight(table, required=True)
    if members is None or of_weight is None or weight is None:
        return None
    return NotDisowned(members, of_weight, weight)


def _quorum(table: Table) -> Node | None:
    need = read_amount(table)
    return None if need is None else Quorum(need)


_LEAVES: dict[str, Callable[[Table], Node | None]] = {
    "in_favour": _in_favour,
    "against": _against,
    "no_veto": _no_veto,
    "not_blocked": _not_blocked,
    "not_disowned": _not_disowned,
    "quorum": _quorum,
}
