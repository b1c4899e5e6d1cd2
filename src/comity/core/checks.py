"""What a charter's parts must be to each other, once each can be read for itself.

Faults are what cannot be; notes are what may be, but its people should know.
Each check is made where nothing that it stands on is at fault already, so that
all faults of a file are told at once, and none that follows from another.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from comity.core.charter import Change, Charter, Obligation, Organ, Procedure, named_sets
from comity.core.fields import Faults
from comity.core.meeting import least_shared, never_both
from comity.core.rules import (
    Electorate,
    Leaf,
    Mark,
    NoVeto,
    Rule,
    alike,
    can_be_failed,
    can_be_met,
    holds,
    leaves,
    looks,
    seats_of,
)
from comity.core.source import Path
from comity.core.tally import pinned_marks

CHECKS_BOUND = 3_000_000
"""Marks and seats looked at in all checks together, at the most."""
LOOKS_BOUND = 50_000
"""Marks counted, at the most, to see whether one rule can be failed in one organ."""
_EACH = 40  # what one more rule or set costs, beside the marks it counts


def check(charter: Charter, faults: Faults) -> tuple[str, ...]:
    """Check what the parts of a charter say of each other.

    Returns
    -------
    tuple of str
        Notes: what is legal and worth knowing, in the order of the file.
    """
    return tuple(dict.fromkeys(_Checks(charter, faults).run()))


class _Checks:
    """The checks of one charter, in the order of the file, within one bound."""

    def __init__(self, charter: Charter, faults: Faults) -> None:
        self.charter = charter
        self.faults = faults
        self.at_fault = tuple(faults.paths)
        self.looked = 0
        self.each_roster = (
            len(charter.order)
            + sum(map(len, charter.groups.values()))
            + sum(_EACH for entry in charter.rules.values() for _ in _leaves(entry.rule))
            + sum(
                name.count(",")
                for entry in charter.rules.values()
                for name in named_sets(entry.rule)
            )
        )
        self.sound_organs: set[str] = set()
        self.unfit: set[tuple[str, str]] = set()  # organs, with rules or procedures at fault there

    def run(self) -> Iterator[str]:
        """Check everything; yield the notes."""
        if self._rosters_are_sound():
            for organ in self.charter.organs.values():
                if organ.seats and self._is_sound("organs", organ.id, "seats", "veto", "chair"):
                    yield from self._organ(organ)
        for obligation in self.charter.obligations.values():
            yield from self._obligation(obligation)
        for change in self.charter.changes.values():
            if change.organ in self.sound_organs:
                yield from self._change(change)

    # What can be checked at all.

    def _is_sound(self, table: str, name: str, *keys: str) -> bool:
        """Tell whether no fault was found at these keys of a named table."""
        return not any(
            path[:2] == (table, name) and len(path) > 2 and path[2] in keys
            for path in self.at_fault
        )

    def _rosters_are_sound(self) -> bool:
        if self.charter.dated == date.min or not self.charter.members:
            return False
        for path in self.at_fault:
            top = path[0] if path else ""
            if top in ("groups", "rotations", "standings"):
                return False
            if top in ("members", "participants") and (
                len(path) == 1
                or path[1] not in self.charter.order
                or (len(path) > 2 and path[2] in ("standing", "since", "until"))
            ):
                return False
        return True

    def _rule(self, rule_id: str) -> Rule | None:
        """Return a rule that can be checked; None where it, or a weight, is at fault."""
        entry = self.charter.rules.get(rule_id)
        if entry is None or not self._is_sound("rules", rule_id, "adopt", "reject", "concerned"):
            return None
        weighted = any(getattr(leaf, "weight", None) for leaf in _leaves(entry.rule))
        if weighted and any(path[:1] == ("weights",) for path in self.at_fault):
            return None
        return entry.rule

    def _within_bound(self, looks_more: int, path: Path) -> bool:
        before = self.looked
        self.looked += looks_more
        if self.looked <= CHECKS_BOUND:
            return True
        if before <= CHECKS_BOUND:
            self.faults.add(
                path,
                "the charter has too many organs, rosters and rules to be checked together",
                "leave out past terms and candidates, or split the charter in two",
            )
        return False

    # Organs.

    def _organ(self, organ: Organ) -> Iterator[str]:
        path: Path = ("organs", organ.id)
        if not organ.can_decide:
            yield f"{organ.name} cannot decide yet: the charter gives it no rule"
        for day in self.charter.roster_dates(organ.id):
            if not self._within_bound(self.each_roster, path):
                return
            if not self.charter.roster(organ.id, day):
                self.faults.add(
                    path,
                    f"nobody sits there on {day}",
                    "give it seats, or terms that cover the charter's date",
                )
                return
            vacant = self.charter.vacant(organ.id, day)
            if vacant:
                # Terms of the past and the future may be known in part; today's is said.
                if day == self.charter.dated:
                    yield f"{organ.name} on {day}: {'; '.join(vacant)}"
                continue
            electorate = self.charter.electorate(organ.id, day)
            for rule_id in (*organ.rules, *organ.candidates):
                rule = self._rule(rule_id)
                if rule is not None:
                    if not self._within_bound(_looks(rule, electorate), path):
                        return
                    before = len(self.faults.found)
                    yield from self._organ_rule(organ, rule_id, rule, electorate, day)
                    if len(self.faults.found) > before:
                        self.unfit.add((organ.id, rule_id))
            for procedure_id in organ.procedures:
                procedure = self.charter.procedures.get(procedure_id)
                if procedure is not None:
                    self._missing(procedure, organ, len(electorate.members))
        self.sound_organs.add(organ.id)

    def _organ_rule(
        self, organ: Organ, rule_id: str, rule: Rule, electorate: Electorate, day: date
    ) -> Iterator[str]:
        path: Path = ("rules", rule_id)
        if not self._weighed(organ, rule, electorate, day):
            return
        if not can_be_met(rule.adopt, electorate):
            self.faults.add(
                path,
                f"nobody can meet it in {organ.name}: it fails even if all "
                f"{len(electorate.members)} are in favour",
                "ask for no more than there is",
            )
        elif not can_be_failed(rule.adopt, electorate, LOOKS_BOUND):
            self.faults.add(
                path,
                f"nobody can fail it in {organ.name}: it holds whatever its members say",
                "ask for something that a member could withhold",
            )
        elif rule.reject is not None and not can_be_met(rule.reject, electorate):
            self.faults.add(
                path,
                f"nothing can be rejected in {organ.name}: that fails even if all "
                f"{len(electorate.members)} say no",
                "ask for no more than there is, or leave reject out",
            )
        elif rule.reject is not None and not never_both(rule.adopt, rule.reject, electorate):
            self.faults.add(
                path,
                f"in {organ.name} a proposal could be adopted and rejected at once",
                "let the two sides together ask for more than all there is",
            )
        for leaf in _leaves(rule):
            if isinstance(leaf, NoVeto) and not seats_of(electorate, leaf.seats):
                yield (
                    f"'{rule_id}' asks for no veto by {leaf.seats}, and nobody of {organ.name} "
                    f"is among them on {day}"
                )

    def _weighed(self, organ: Organ, rule: Rule, electorate: Electorate, day: date) -> bool:
        """Tell whether every weight that a rule counts is known on a day; note where not."""
        in_force = self.charter.weights_on(day)
        for leaf in _leaves(rule):
            weight = getattr(leaf, "weight", None)
            if weight is None:
                continue
            if weight not in in_force:
                self.faults.add(
                    ("weights", weight),
                    f"no table of {weight} is in force on {day}, when {organ.name} counts it",
                    f"add one with from = {day} or earlier",
                )
                return False
            missing = [m for m in electorate.members if m not in in_force[weight].values]
            if missing:
                more = f" and {len(missing) - 6} more" if len(missing) > 6 else ""
                self.faults.add(
                    ("weights", weight),
                    f"{organ.name} counts {weight} on {day}, and none is given for "
                    f"{_listed(missing[:6], 'and')}{more}",
                    "add their values; write 0 where that is meant",
                )
                return False
        return True

    def _missing(self, procedure: Procedure, organ: Organ, members: int) -> None:
        if procedure.n is None or procedure.kind == "signature":
            return
        n, f = procedure.n, procedure.f or 0
        if members >= 2 * n + f + 1:
            return
        self.unfit.add((organ.id, procedure.id))
        fewer = f"n = {(members - f - 1) // 2}" if f < members else f"n = 0 and f = {members - 1}"
        self.faults.add(
            ("procedures", procedure.id),
            f"{organ.name} has {_members(members)}, fewer than 2n + f + 1 = {2 * n + f + 1}",
            f"write {fewer} or less, or give {organ.name} a procedure of its own",
        )

    # Obligations and changes.

    def _obligation(self, obligation: Obligation) -> Iterator[str]:
        organ = self.charter.organs.get(obligation.invoked_by_organ)
        rule = obligation.invoked_by_rule
        if organ is None:
            return
        if rule in self.charter.rules and rule not in organ.rules:
            self.faults.add(
                ("obligations", obligation.id, "invoked_by"),
                f"'{rule}' is not a rule in force of {organ.id}",
                f"use one of: {', '.join(organ.rules) or 'none yet'}; or leave the rule out",
            )
        elif not organ.can_decide:
            yield f"{obligation.title} cannot be invoked yet: {organ.name} has no rule"

    def _change(self, change: Change) -> Iterator[str]:
        path: Path = ("changes", change.kind)
        organ = self.charter.organs[change.organ]
        procedure = self.charter.procedures.get(change.procedure)
        rule = self._rule(change.rule)
        if procedure is None or rule is None:
            return
        for what, listed, kind in (
            (change.rule, organ.rules, "rule"),
            (change.procedure, organ.procedures, "procedure"),
        ):
            if what not in listed:
                self.faults.add(
                    (*path, kind),
                    f"'{what}' is not a {kind} in force of {organ.id}",
                    f"use one of: {', '.join(listed) or 'none yet'}",
                )
                return
        if self.unfit & {(organ.id, change.rule), (organ.id, change.procedure)}:
            return
        if self.charter.vacant(organ.id, self.charter.dated):
            return
        electorate = self.charter.electorate(organ.id, self.charter.dated)
        count = len(electorate.members)
        kinds = list(alike(rule.adopt, electorate, electorate.members).values())
        each = sum(4 if getattr(leaf, "weight", None) else 1 for leaf in leaves(rule.adopt))
        if not self._within_bound(len(kinds) * count * each, path):
            return
        if not self._meets(change, rule, electorate, procedure, [kind[0] for kind in kinds]):
            return
        for loss, verb in (("silent", "is silent"), ("refusing", "refuses")):
            lost = [
                kind for kind in kinds if not _possible(rule, electorate, kind[0], loss, change)
            ]
            stuck = [m for m in electorate.members if any(m in kind for kind in lost)]
            if len(stuck) == count > 1:
                yield f"{_CHANGE_WORDS[change.kind]} if any one member {verb}"
            elif stuck:
                yield f"{_CHANGE_WORDS[change.kind]} if {_listed(stuck, 'or')} {verb}"
        if procedure.n == 0 and procedure.kind != "signature":
            yield (
                f"{_CHANGE_WORDS[change.kind]} if any one member does not close: "
                f"the procedure {procedure.id} has n = 0"
            )

    def _meets(
        self,
        change: Change,
        rule: Rule,
        electorate: Electorate,
        procedure: Procedure,
        each_kind: list[str],
    ) -> bool:
        """Tell whether two majorities share more than f members, whoever stands aside."""
        allowed, count = procedure.f or 0, len(electorate.members)
        shared = least_shared(rule.adopt, rule.adopt, electorate)
        where = ""
        if rule.concerned == "excluded":
            aside = [
                least_shared(rule.adopt, rule.adopt, electorate, frozenset((member,)))
                for member in each_kind
            ]
            if min(aside) < shared:
                shared, where = min(aside), " when one stands aside"
        if shared > allowed:
            return True
        told = "no member" if shared == 0 else f"only {_members(shared)}"
        enough = (count + allowed) // 2 + 1
        self.faults.add(
            ("changes", change.kind),
            f"two majorities of '{change.rule}' may share {told}{where}, so that two rival "
            f"changes could both be adopted (more than f = {allowed} must be shared)",
            f"ask for yes from at least {enough} of the {_members(count)}, counting everybody",
        )
        return False


_CHANGE_WORDS = {
    "amendment": "the charter cannot be amended",
    "suspension": "a member cannot be suspended",
    "key-replacement": "a member's key cannot be replaced",
    "admission": "nobody can be admitted",
}


def _possible(rule: Rule, electorate: Electorate, lost: str, loss: str, change: Change) -> bool:
    """Tell whether a change can be made when one member is lost and all others agree.

    A member that is suspended, or whose key is replaced, is the one concerned;
    for other changes it is one like any other.
    """
    marks: dict[str, Mark] = dict.fromkeys(electorate.members, "yes")
    marks[lost] = "absent" if loss == "silent" else "no"
    personal = change.kind in ("suspension", "key-replacement")
    pinned = pinned_marks(rule, marks, frozenset((lost,)) if personal else frozenset())
    return holds(rule.adopt, electorate, pinned)


def _leaves(rule: Rule) -> Iterator[Leaf]:
    yield from leaves(rule.adopt)
    if rule.reject is not None:
        yield from leaves(rule.reject)


def _looks(rule: Rule, electorate: Electorate) -> int:
    """Count at the most how many marks the checks of one rule in one organ look at."""
    once = len(electorate.members) * sum(1 for _ in _leaves(rule))
    return _EACH + once + min(LOOKS_BOUND, looks(rule.adopt, electorate, electorate.members))


def _members(count: int) -> str:
    return "one member" if count == 1 else f"{count} members"


def _listed(names: list[str], word: str) -> str:
    return f" {word} ".join(filter(None, (", ".join(names[:-1]), names[-1])))
