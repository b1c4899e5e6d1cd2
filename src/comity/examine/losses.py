"""Can a body still decide when a member is lost? Asked for each kind of loss.

A member can be *silent* (it answers nothing and closes nothing), can *refuse*
(it says no, and proposes and calls nothing), or can *leave* (rosters, weights
and shares are recomputed). The question is what the rule and the procedure
allow when all the others want the same; it is no forecast.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Literal, TypeAlias, get_args

from comity.core.charter import Charter, Organ, Procedure
from comity.core.rules import Electorate, Mark
from comity.core.tally import Tally, decide, tally

Kind: TypeAlias = Literal["silent", "refusing", "leaving"]
Cause: TypeAlias = Literal["rule", "right", "settlement"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LOSS_WORDS: dict[Kind, str] = {"silent": "is silent", "refusing": "refuses", "leaving": "leaves"}


@dataclass(frozen=True, slots=True)
class Loss:
    """What the loss of one or more members does to a decision.

    Parameters
    ----------
    lost
        Who is lost, in charter order.
    kind
        How.
    causes
        All that stops the body, each with its words: the rule, a right that
        nobody else has, too many missing for an outcome to settle. Empty
        where it can still decide if all the others agree.
    """

    lost: tuple[str, ...]
    kind: Kind
    causes: tuple[tuple[Cause, str], ...] = ()

    @property
    def decides(self) -> bool:
        """Whether the body can still decide if all the others agree."""
        return not self.causes

    @property
    def cause(self) -> str:
        """The first of the causes; empty where there is none."""
        return self.causes[0][0] if self.causes else ""

    @property
    def why(self) -> str:
        """All causes in words."""
        return "; ".join(words for _, words in self.causes)

    def to_json(self) -> dict[str, object]:
        """Return the loss as plain values for JSON."""
        return {
            "lost": list(self.lost),
            "kind": self.kind,
            "decides": self.decides,
            "cause": self.cause,
            "why": self.why,
        }


@dataclass(frozen=True, slots=True)
class Body:
    """One organ deciding under one rule on one day: what every loss is tried on."""

    charter: Charter
    organ: Organ
    rule_id: str
    on: date
    electorate: Electorate
    proposers: frozenset[str]
    callers: frozenset[str]
    procedures: tuple[Procedure, ...]

    @classmethod
    def of(cls, charter: Charter, organ_id: str, rule_id: str, on: date) -> Body:
        """Pin roster, weights and rights to a day.

        Raises
        ------
        UsageError
            If the charter has no such organ or rule, or nobody sits there on that day.
        """
        organ = charter.organ(organ_id)
        charter.rule(rule_id)
        return cls(
            charter,
            organ,
            rule_id,
            on,
            charter.electorate(organ_id, on),
            frozenset(charter.select(organ.propose, on, organ)),
            frozenset(charter.select(organ.call, on, organ)),
            tuple(charter.procedures[name] for name in organ.procedures),
        )

    def lose(self, lost: tuple[str, ...], kind: Kind) -> Loss:
        """Try one loss."""
        gone = frozenset(lost)
        causes: tuple[tuple[Cause, str], ...] = (
            ("rule", self._unmet(gone, kind)),
            ("right", self._unmoved(gone)),
            ("settlement", self._unsettled(len(lost), kind)),
        )
        return Loss(lost, kind, tuple((cause, why) for cause, why in causes if why))

    def _unmoved(self, gone: frozenset[str]) -> str:
        """Say whether nobody is left who may propose, or call a meeting."""
        for rights, what in ((self.proposers, "propose"), (self.callers, "call a meeting")):
            if rights and rights <= gone:
                who = " and ".join(m for m in self.charter.order if m in rights)
                return f"nobody but {who} may {what}"
        return ""

    def _unsettled(self, lost: int, kind: Kind) -> str:
        """Say whether too many are missing for an outcome to settle under every procedure."""
        told = [p.n for p in self.procedures if p.kind != "signature" and p.n is not None]
        others = len(self.procedures) > len(told)
        if kind != "silent" or not told or others or lost <= max(told):
            return ""
        most = max(told)
        allowed = {0: "nobody", 1: "only one member"}.get(most, f"only {most} members")
        return f"{allowed} may be missing when an outcome settles (n = {most})"

    def _unmet(self, gone: frozenset[str], kind: Kind) -> str:
        electorate = self.electorate.without(gone) if kind == "leaving" else self.electorate
        if not electorate.members:
            return "nobody is left"
        marks: dict[str, Mark] = dict.fromkeys(electorate.members, "yes")
        if kind != "leaving":
            marks.update(dict.fromkeys(gone, "absent" if kind == "silent" else "no"))
        rule = self.charter.rule(self.rule_id).rule
        decision = decide(rule, electorate, marks)
        if decision.outcome == "adopted":
            return ""
        asked = tally(rule.adopt, self.electorate, marks)
        why = "; ".join(failed_parts(decision.tally, asked))
        if rule.concerned != "votes" and kind != "leaving":
            aside = decide(rule, electorate, marks, gone).outcome == "adopted"
            why += ", but not in a case that concerns it" if aside else ""
        return why

    def losses(self, kind: Kind) -> tuple[Loss, ...]:
        """Try the loss of each member alone."""
        return tuple(self.lose((member,), kind) for member in self.electorate.members)

    def cornerstones(self, kind: Kind) -> tuple[Loss, ...]:
        """Return the losses of one member that alone stop the body."""
        return tuple(loss for loss in self.losses(kind) if not loss.decides)

    def pairs(self, kind: Kind) -> tuple[Loss, ...]:
        """Return the pairs that together stop the body though neither does alone."""
        alone = {loss.lost[0] for loss in self.cornerstones(kind)}
        others = [member for member in self.electorate.members if member not in alone]
        tried = (self.lose(pair, kind) for pair in combinations(others, 2))
        return tuple(loss for loss in tried if not loss.decides)


def failed_parts(told: Tally, asked: Tally) -> Iterator[str]:
    """Say each part that failed: what it asked before the loss, and what it got after it."""
    if not told.parts:
        if told.standing == "failed":
            yield f"{asked.claim}: {told.count}"
        return
    for part, before in zip(told.parts, asked.parts):
        if part.standing == "failed":
            yield from failed_parts(part, before)
