"""Cornerstones: whose loss alone stops a body from deciding, by kind of loss.

A cornerstone is a cut set of size one. This file asks the *decide* part: per
organ and rule, can the body still decide when one member is silent, refuses,
or leaves, and all the others agree?
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import comb

from comity.core.charter import Charter
from comity.examine.finding import Column, Finding, Source, Table
from comity.examine.losses import KINDS, LOSS_WORDS, Body, Kind, Loss
from comity.examine.power import grounds

PAIRS_TOLD = 12
"""Pairs of one reason written out, at the most."""


@dataclass(frozen=True, slots=True)
class DecideCornerstones:
    """The cornerstones of one body under one rule.

    Parameters
    ----------
    in_force
        Whether the rule is in force, not a candidate.
    alone
        By kind of loss, every member whose loss alone stops the body, with why.
    pairs
        By kind of loss, the pairs that stop it though neither does alone;
        empty where pairs were not asked for.
    """

    organ: str
    rule: str
    title: str
    in_force: bool
    size: int
    alone: dict[Kind, tuple[Loss, ...]]
    pairs: dict[Kind, tuple[Loss, ...]]

    def to_json(self) -> dict[str, object]:
        """Return the row as plain values for JSON."""
        return {
            "organ": self.organ,
            "rule": self.rule,
            "title": self.title,
            "in_force": self.in_force,
            "members": self.size,
            "alone": {kind: [loss.to_json() for loss in self.alone[kind]] for kind in KINDS},
            "pairs": {
                kind: [loss.to_json() for loss in self.pairs.get(kind, ())] for kind in KINDS
            },
        }

    def words(self, kind: Kind) -> str:
        """Name the cornerstones of one kind of loss in words."""
        losses = self.alone[kind]
        if not losses:
            return "nobody"
        if self.by_nature(kind):
            return "every member"
        return ", ".join(loss.lost[0] for loss in losses)

    def by_nature(self, kind: Kind) -> bool:
        """Tell whether every member is one: a property of the rule, not a discovery."""
        losses = self.alone[kind]
        first = {loss.causes[0][1].split(": ", 1)[0] for loss in losses}
        return len(losses) == self.size > 1 and len(first) == 1

    def why(self, kind: Kind) -> str:
        """Say why, once for all who stop it for the same reason."""
        losses = self.alone[kind]
        told = dict.fromkeys(words for loss in losses for _, words in loss.causes)
        if not self.by_nature(kind):
            return "; ".join(told)
        general = losses[0].causes[0][1].split(": ", 1)[0]
        others = [words for words in told if words.split(": ", 1)[0] != general]
        aside = ", but not in a case that concerns it"
        spared = aside if losses[0].causes[0][1].endswith(aside) else ""
        return "; ".join((f"by the nature of the rule ({general}){spared}", *others))


@dataclass(frozen=True, slots=True)
class CharterCornerstones:
    """The cornerstones of every body of a charter that can decide, or could.

    Parameters
    ----------
    undecided
        Bodies that have no rule in force.
    asked
        Whether one rule was asked for, in force or not.
    """

    charter: Charter
    on: date
    bodies: tuple[DecideCornerstones, ...]
    undecided: tuple[str, ...]
    asked: bool = False

    def to_json(self) -> dict[str, object]:
        """Return the answer with the keys documented in docs/howto/cornerstones.md."""
        return {
            "charter": self.charter.id,
            "on": self.on.isoformat(),
            **grounds(self.finding()),
            "cannot_decide_yet": list(self.undecided),
            "bodies": [body.to_json() for body in self.bodies],
        }

    def sentence(self) -> str:
        """Say in one sentence what was found."""
        in_force = [body for body in self.bodies if body.in_force or self.asked]
        if not in_force:
            return f"No body of {self.charter.name} can decide yet: the charter gives it no rule."
        stopped = [body for body in in_force if any(body.alone[kind] for kind in KINDS)]
        if not stopped:
            first = in_force[0]
            where = f"{first.organ} under {first.rule}" if self.asked else "any of its bodies"
            return f"No single member of {self.charter.name} can stop {where}."
        every = [body for body in stopped if body.by_nature("refusing")]
        parts = []
        if every:
            parts.append(
                f"every member is a cornerstone by refusing under {len(every)} of {len(in_force)} "
                f"rules {'asked for' if self.asked else 'in force'}, which is a property of "
                f"{'those rules' if len(every) > 1 else 'the rule'}"
            )
        for body in stopped:
            named = dict.fromkeys(
                loss.lost[0]
                for kind in KINDS
                if not body.by_nature(kind)
                for loss in body.alone[kind]
            )
            if named:
                parts.append(f"{_and(list(named))} alone can stop {body.organ} under {body.rule}")
        return f"{self.charter.name}: {'; '.join(parts)}."

    def finding(self) -> Finding:
        """Return the answer as tables with their assumptions."""
        rows = self.bodies
        columns = (
            Column("organ", "Body", tuple(row.organ for row in rows)),
            Column("rule", "Rule", tuple(row.rule for row in rows)),
            Column("force", "Status", tuple(_status(row.in_force) for row in rows)),
            Column("silent", "If one is silent", tuple(_stops(row, "silent") for row in rows)),
            Column("refusing", "If one refuses", tuple(_stops(row, "refusing") for row in rows)),
            Column("leaving", "If one leaves", tuple(_stops(row, "leaving") for row in rows)),
        )
        reasons = [(row, kind) for row in rows for kind in KINDS if row.alone[kind]]
        why = (
            Column("organ", "Body", tuple(row.organ for row, _ in reasons)),
            Column("rule", "Rule", tuple(row.rule for row, _ in reasons)),
            Column("loss", "Loss", tuple(LOSS_WORDS[kind] for _, kind in reasons)),
            Column("who", "Who", tuple(row.words(kind) for row, kind in reasons)),
            Column("why", "Why it stops", tuple(row.why(kind) for row, kind in reasons)),
        )
        pairs = [
            (row, kind, *told)
            for row in rows
            for kind in KINDS
            for told in _pairs_told(row, row.pairs.get(kind, ()))
        ]
        listed = (
            Column("organ", "Body", tuple(row.organ for row, *_ in pairs)),
            Column("rule", "Rule", tuple(row.rule for row, *_ in pairs)),
            Column("loss", "Loss", tuple(LOSS_WORDS[kind] for _, kind, *_ in pairs)),
            Column("pair", "Pair", tuple(who for *_, who, _ in pairs)),
            Column("why", "Why it stops", tuple(why for *_, why in pairs)),
        )
        tables = [Table("cornerstones", f"Who alone stops a decision, on {self.on}", columns)]
        if reasons:
            tables.append(Table("why", "Why", why))
        if pairs:
            tables.append(Table("pairs", "Pairs that stop it though neither does alone", listed))
        return Finding(
            question=f"Whose loss alone would stop a body of {self.charter.name} from deciding?",
            sentence=self.sentence(),
            tables=tuple(tables),
            assumptions=(
                "Silent: answers nothing, closes nothing. Refusing: says no, and neither proposes "
                "nor calls a meeting. Leaving: rosters, weights and shares are recomputed.",
                "All the other members agree: this is what rule and procedure allow, no forecast.",
                *(
                    f"{name} cannot decide yet: the charter gives it no rule."
                    for name in self.undecided
                ),
            ),
            not_in_it=("communication, forces and supplies: whether they reach and can muster",),
            sources=tuple(
                Source(s.id, s.title, s.publisher, s.where, s.date)
                for s in (self.charter.sources[name] for name in self.charter.cites)
            ),
            method="exact: each loss tried under rule, procedure and rights",
        )


def _pairs_told(row: DecideCornerstones, losses: tuple[Loss, ...]) -> Iterator[tuple[str, str]]:
    """Tell pairs that stop a body for one reason together: all, or some of very many."""
    by_reason: dict[str, list[Loss]] = {}
    for loss in losses:
        by_reason.setdefault(loss.causes[0][1], []).append(loss)
    for why, alike in by_reason.items():
        among = tuple(dict.fromkeys(member for loss in alike for member in loss.lost))
        if len(alike) == comb(len(among), 2) and len(among) > 3:
            whom = f"the {row.size}" if len(among) == row.size else ", ".join(among)
            yield f"any 2 of {whom}", why
            continue
        told = "; ".join(" and ".join(loss.lost) for loss in alike[:PAIRS_TOLD])
        more = len(alike) - PAIRS_TOLD
        yield (f"{told}; and {more} more (--json lists all)" if more > 0 else told), why


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _status(in_force: bool) -> str:
    return "in force" if in_force else "candidate"


def _stops(row: DecideCornerstones, kind: Kind) -> str:
    told = row.words(kind)
    if row.by_nature(kind):
        return "anyone stops it"
    return "goes on" if told == "nobody" else f"{told} stop{'' if ',' in told else 's'} it"


def cornerstones(
    charter: Charter,
    organ_id: str | None = None,
    rule_id: str | None = None,
    *,
    on: date | None = None,
    pairs: bool = False,
) -> CharterCornerstones:
    """Find whose loss alone stops a body from deciding, for each kind of loss.

    Parameters
    ----------
    organ_id, rule_id
        One body or rule only; all that the charter has where not given.
    on
        The day of roster and weights; the charter's date where not given.
    pairs
        Whether to look for pairs too.

    Raises
    ------
    UsageError
        If organ or rule is unknown.
    """
    day = on or charter.dated
    organs = [charter.organ(organ_id)] if organ_id else list(charter.organs.values())
    made: list[DecideCornerstones] = []
    for organ in organs:
        rules = (rule_id,) if rule_id else tuple(dict.fromkeys((*organ.rules, *organ.candidates)))
        for rule in rules:
            body = Body.of(charter, organ.id, rule, day)
            made.append(
                DecideCornerstones(
                    organ.id,
                    rule,
                    charter.rule(rule).title,
                    rule in organ.rules,
                    len(body.electorate.members),
                    {kind: body.cornerstones(kind) for kind in KINDS},
                    {kind: body.pairs(kind) for kind in KINDS} if pairs else {},
                )
            )
    undecided = tuple(organ.name for organ in organs if not organ.can_decide)
    return CharterCornerstones(charter, day, tuple(made), undecided, rule_id is not None)
