"""What a charter's parts must be to each other, once each can be read for itself.

Faults are what cannot be; notes are what may be, but its people should know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from comity.core.charter import Change, Charter, Organ, Procedure, named_sets
from comity.core.fields import Faults
from comity.core.meeting import least_shared
from comity.core.rules import (
    Electorate,
    Mark,
    Node,
    Rule,
    can_be_failed,
    can_be_met,
    leaves,
)
from comity.core.source import Path
from comity.core.tally import decide
from comity.errors import UsageError


def check(charter: Charter, faults: Faults) -> tuple[str, ...]:
    """Check what the parts of a charter say of each other.

    Returns
    -------
    tuple of str
        Notes: what is legal and worth knowing, in the order of the file.
    """
    notes: list[str] = []
    for rule_id, entry in charter.rules.items():
        _check_names(charter, entry.rule, ("rules", rule_id), faults)
    if faults.found:
        return ()
    for organ in charter.organs.values():
        notes.extend(_check_organ(charter, organ, faults))
    for obligation in charter.obligations.values():
        if obligation.invoked_by_organ:
            organ = charter.organs[obligation.invoked_by_organ]
            rule = obligation.invoked_by_rule
            if rule and rule not in organ.rules:
                faults.add(
                    ("obligations", obligation.id, "invoked_by"),
                    f"'{rule}' is not a rule in force of {organ.id}",
                    f"use one of: {', '.join(organ.rules) or 'none yet'}, or leave the rule out",
                )
            elif not organ.can_decide:
                notes.append(f"{obligation.title} cannot be invoked yet: {organ.name} has no rule")
    for change in charter.changes.values():
        notes.extend(_check_change(charter, change, faults))
    return tuple(dict.fromkeys(notes))


def _check_names(charter: Charter, rule: Rule, path: Path, faults: Faults) -> None:
    tables = {table.name for table in charter.weights}
    for node in _sides(rule):
        for leaf in leaves(node):
            weight = getattr(leaf, "weight", None)
            if weight and weight not in tables:
                faults.add(
                    path,
                    f"no weights are called '{weight[:64]}'",
                    f"use one of: {', '.join(sorted(tables)) or 'none: add [[weights.NAME]]'}",
                )
    for name in named_sets(rule):
        for part in name.split(", "):
            if not _set_exists(charter, part):
                faults.add(
                    path,
                    f"no seats are called '{part[:64]}'",
                    "use a code, group:NAME, standing:NAME, rotation:NAME, chair or veto",
                )


def _set_exists(charter: Charter, name: str) -> bool:
    kind, colon, rest = name.rpartition(":")
    if colon:
        known: dict[str, Iterable[str]] = {
            "group": charter.groups,
            "standing": charter.standings,
            "rotation": charter.rotations,
        }
        return rest in known.get(kind, ())
    return (
        name in ("veto", "chair")
        or name in charter.groups
        or name in charter.members
        or name in charter.participants
    )


def _sides(rule: Rule) -> Iterator[Node]:
    yield rule.adopt
    if rule.reject is not None:
        yield rule.reject


def _check_organ(charter: Charter, organ: Organ, faults: Faults) -> Iterator[str]:
    path: Path = ("organs", organ.id)
    if not organ.can_decide:
        yield f"{organ.name} cannot decide yet: the charter gives it no rule"
    for day in charter.roster_dates(organ.id):
        try:
            electorate = charter.electorate(organ.id, day)
        except UsageError:
            faults.add(
                path,
                f"nobody sits there on {day}",
                "give it seats, or terms that cover the charter's date",
            )
            return
        yield from _check_rotations(charter, organ, day)
        for rule_id in (*organ.rules, *organ.candidates):
            _check_rule(charter, organ, rule_id, electorate, day, faults)
        for procedure_id in organ.procedures:
            procedure = charter.procedures[procedure_id]
            _check_missing(procedure, organ, len(electorate.members), faults)


def _check_rotations(charter: Charter, organ: Organ, day: date) -> Iterator[str]:
    for selector in organ.seats:
        if selector.startswith("rotation:"):
            rotation = charter.rotations[selector.removeprefix("rotation:")]
            held = len(rotation.holders(day))
            if held < rotation.seats:
                yield (
                    f"{organ.name}: {held} of {rotation.seats} seats of {rotation.id} "
                    f"are known to be held on {day}"
                )


def _check_rule(
    charter: Charter, organ: Organ, rule_id: str, electorate: Electorate, day: date, faults: Faults
) -> None:
    path: Path = ("rules", rule_id)
    rule = charter.rules[rule_id].rule
    for node in _sides(rule):
        for leaf in leaves(node):
            weight = getattr(leaf, "weight", None)
            if weight is None:
                continue
            if weight not in electorate.weights:
                faults.add(
                    ("weights", weight),
                    f"no table of {weight} is in force on {day}, when {organ.name} counts it",
                    f"add one with from = {day} or earlier",
                )
                return
            missing = [m for m in electorate.members if m not in electorate.weights[weight]]
            if missing:
                faults.add(
                    ("weights", weight),
                    f"{', '.join(missing[:6])} sit in {organ.name} and have no {weight}",
                    "add their values; write 0 where that is meant",
                )
                return
    if not can_be_met(rule.adopt, electorate):
        faults.add(
            path,
            f"nobody can meet it in {organ.name}: it fails even if all "
            f"{len(electorate.members)} are in favour",
            "ask for no more than there is",
        )
    elif not can_be_failed(rule.adopt, electorate):
        faults.add(
            path,
            f"nobody can fail it in {organ.name}: it holds whatever its members say",
            "ask for something that a member could withhold",
        )
    elif rule.reject is not None and least_shared(rule.adopt, rule.reject, electorate) < 1:
        faults.add(
            path,
            f"in {organ.name} a proposal could be adopted and rejected at once",
            "let the two sides together ask for more than there is",
        )


def _check_missing(procedure: Procedure, organ: Organ, members: int, faults: Faults) -> None:
    if procedure.n is None or procedure.kind == "signature":
        return
    n, f = procedure.n, procedure.f or 0
    if members < 2 * n + f + 1:
        faults.add(
            ("procedures", procedure.id),
            f"{organ.name} has {members} members, fewer than 2n + f + 1 = {2 * n + f + 1}",
            f"write n = {max(0, (members - f - 1) // 2)} or less, or give {organ.name} "
            "a procedure of its own",
        )


def _check_change(charter: Charter, change: Change, faults: Faults) -> Iterator[str]:
    path: Path = ("changes", change.kind)
    organ = charter.organs[change.organ]
    procedure = charter.procedures[change.procedure]
    for what, listed in ((change.rule, organ.rules), (change.procedure, organ.procedures)):
        if what not in listed:
            faults.add(
                path,
                f"'{what}' is not in force in {organ.id}",
                f"use one of: {', '.join(listed) or 'none yet'}",
            )
            return
    rule = charter.rules[change.rule].rule
    electorate = charter.electorate(organ.id, charter.dated)
    shared = least_shared(rule.adopt, rule.adopt, electorate)
    allowed = procedure.f or 0
    if shared <= allowed:
        told = "no member" if shared == 0 else f"only {shared}"
        faults.add(
            path,
            f"two majorities of '{change.rule}' may share {told}, so that two rival changes "
            f"could both be adopted (more than f = {allowed} must be shared)",
            "ask for yes from more than half of the members, counting everybody",
        )
        return
    stuck = {
        loss: tuple(
            m for m in electorate.members if not _possible(rule, electorate, m, loss, change)
        )
        for loss in ("silent", "refusing")
    }
    for loss, cornerstones in stuck.items():
        if cornerstones:
            who = _listed(cornerstones, electorate)
            yield f"{_CHANGE_WORDS[change.kind]} {who} {_LOSS_WORDS[loss]}"
    if procedure.n == 0 and procedure.kind != "signature":
        yield (
            f"{_CHANGE_WORDS[change.kind]} any one member does not close: "
            f"the procedure {procedure.id} has n = 0"
        )


_CHANGE_WORDS = {
    "amendment": "the charter cannot be amended if",
    "suspension": "a member cannot be suspended if",
    "key-replacement": "a member's key cannot be replaced if",
    "admission": "nobody can be admitted if",
}
_LOSS_WORDS = {"silent": "is silent", "refusing": "refuses"}


def _possible(rule: Rule, electorate: Electorate, lost: str, loss: str, change: Change) -> bool:
    """Tell whether a change can be made when one member is lost and all others agree.

    A member that is suspended, or whose key is replaced, is the one concerned;
    for other changes it is one like any other.
    """
    marks: dict[str, Mark] = dict.fromkeys(electorate.members, "yes")
    marks[lost] = "absent" if loss == "silent" else "no"
    personal = change.kind in ("suspension", "key-replacement")
    concerned = frozenset((lost,)) if personal else frozenset()
    return decide(rule, electorate, marks, concerned).outcome == "adopted"


def _listed(members: tuple[str, ...], electorate: Electorate) -> str:
    if len(members) == len(electorate.members) > 1:
        return "any one member"
    return " or ".join(members)
