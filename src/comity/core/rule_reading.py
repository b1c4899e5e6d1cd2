"""Rules as they stand in a charter (spec/charter.md 6), read into the algebra of `rules`."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from fractions import Fraction
from typing import cast, get_args

from comity.core.fields import Table, share_of, shown
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
    leaves,
)

MAX_DEPTH = 8
MAX_PARTS = 64
MAX_LEAVES = 128
_PLUS_ONE = "fewest and one more"
RESERVED_SETS = ("veto", "chair", "seats")


@dataclass(frozen=True, slots=True)
class Names:
    """What a rule may name: weight tables, and sets of seats as `check_set` knows them."""

    weights: Collection[str]
    check_set: Callable[[Table, str, str], None]


def read_rule(table: Table, names: Names) -> Rule | None:
    """Read a rule; None where a fault was noted."""
    adopt = table.table("adopt", required=True)
    reject = table.table("reject")
    concerned = cast("Concerned", table.choice("concerned", get_args(Concerned), default="votes"))
    otherwise = table.text("otherwise", limit=400)
    made = read_node(adopt, names) if adopt else None
    against = read_node(reject, names) if reject else None
    if made is None or (reject is not None and against is None):
        return None
    count = sum(1 for node in (made, against) if node is not None for _ in leaves(node))
    if count > MAX_LEAVES:
        table.fault(None, f"the rule has {count:,} parts", f"use at most {MAX_LEAVES}")
        return None
    return Rule(made, against, concerned, otherwise)


def read_node(table: Table, names: Names, depth: int = 1) -> Node | None:
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
        parts = _parts(table, kind, names, depth)
        return None if parts is None else (AllOf(parts) if kind == "all_of" else AnyOf(parts))
    if kind not in kinds:
        table.asked.extend(kinds)
        table.done()
        return None
    inner = table.table(kind)
    if inner is None:
        return None
    if kind == "some_of":
        return _some_of(inner, names, depth)
    node = _LEAVES[kind](inner, names)
    inner.done()
    return node


def _parts(table: Table, key: str, names: Names, depth: int) -> tuple[Node, ...] | None:
    made = [read_node(part, names, depth + 1) for part in table.tables(key, limit=MAX_PARTS)]
    if not made and table.data.get(key, []) == []:
        table.fault(
            key if table.has(key) else None,
            "it has no parts",
            f"write {key} = [{{ ... }}, {{ ... }}]",
        )
    if not made:
        return None
    parts = tuple(part for part in made if part is not None)
    return parts if len(parts) == len(made) else None


def _some_of(table: Table, names: Names, depth: int) -> Node | None:
    parts = _parts(table, "parts", names, depth)
    least = table.whole("at_least", 1, MAX_PARTS, required=True)
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
        if exact == 0 and key == "at_least":
            table.fault(key, "at least nothing is always reached", 'write more_than = "0 %"')
            return None
        return Amount(exact, share=True, strict=key == "more_than")
    if value == 0 and value is not False and key == "at_least":
        table.fault(key, "at least nothing is always reached", "write at_least = 1")
        return None
    whole = table.whole(key, 0, 10**17)
    if whole is None:
        return None
    return Amount(Fraction(whole), strict=key == "more_than")


def _weight(table: Table, names: Names, *, required: bool = False) -> str | None:
    weight = table.text("weight", required=required, limit=64)
    if weight and weight not in names.weights:
        listed = ", ".join(names.weights) or "none: add [[weights.NAME]]"
        table.fault("weight", f"no weights are called '{weight}'", f"use one of: {listed}")
    return weight or None


def _above(table: Table, key: str) -> Fraction | None:
    """Read a share that is more than nothing."""
    share = table.share(key, required=True)
    if share == 0:
        table.fault(key, "a share of nothing is always reached", 'write "1/3" or another share')
        return None
    return share


def _set_name(table: Table, key: str, names: Names) -> str | None:
    """Read a list of selectors as the name of a set of seats; None where it is left out."""
    if not table.has(key):
        table.asked.append(key)
        return None
    selectors = table.texts(key)
    if table.data[key] == []:
        table.fault(key, "it names nobody", f"leave {key} out, or name somebody")
    for selector in selectors:
        names.check_set(table, key, selector)
    return ", ".join(selector.removeprefix("group:") for selector in selectors)


def _in_favour(table: Table, names: Names) -> Node | None:
    need = read_amount(table)
    of = cast("Base", table.choice("of", BASES, default="participating"))
    if table.has("of") and need is not None and not need.share:
        table.fault(
            "of",
            "a whole number of votes is not a share of anything",
            'leave out of, or write a share such as at_least = "55 %"',
        )
    weight = _weight(table, names)
    among = _set_name(table, "among", names)
    return None if need is None else InFavour(need, of, weight, among)


def _against(table: Table, names: Names) -> Node | None:
    at_most = table.whole("at_most", 0, 1_000, required=True)
    among = _set_name(table, "among", names)
    return None if at_most is None else Against(at_most, among)


def _no_veto(table: Table, names: Names) -> Node | None:
    return NoVeto(_set_name(table, "seats", names) or "veto")


def _not_blocked(table: Table, names: Names) -> Node | None:
    share = table.share("more_than", required=True)
    weight = _weight(table, names, required=True)
    written = table.data.get("members")
    plus_one = written == _PLUS_ONE
    if isinstance(written, str):
        table.asked.append("members")
        if not plus_one:
            table.fault(
                "members",
                f"{shown(written)} is no number of members",
                f'write members = 4, or members = "{_PLUS_ONE}"',
            )
            return None
    members = 0 if plus_one else table.whole("members", 1, 1_000, required=True)
    if share is None or weight is None or members is None:
        return None
    return NotBlocked(share, weight, members, plus_one)


def _not_disowned(table: Table, names: Names) -> Node | None:
    members = _above(table, "members")
    of_weight = _above(table, "of_weight")
    weight = _weight(table, names, required=True)
    if members is None or of_weight is None or weight is None:
        return None
    return NotDisowned(members, of_weight, weight)


def _quorum(table: Table, _names: Names) -> Node | None:
    need = read_amount(table)
    return None if need is None else Quorum(need)


_LEAVES: dict[str, Callable[[Table, Names], Node | None]] = {
    "in_favour": _in_favour,
    "against": _against,
    "no_veto": _no_veto,
    "not_blocked": _not_blocked,
    "not_disowned": _not_disowned,
    "quorum": _quorum,
}
