"""Who blocked what: brackets and how they ended, decisions, and what other rules would have done.

The other rules count the same answers: who consented by silence still consents,
who did not sign is missing. What members would have answered, had they known
that another rule holds, nobody can say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from comity.core import bodies
from comity.core.acts import Act
from comity.core.charter import Charter
from comity.core.proposals import Pinned, Standing
from comity.core.rules import Mark, holds
from comity.core.tally import Tally, decide, pinned_marks
from comity.errors import UsageError
from comity.exercise.facts import Facts
from comity.exercise.reach import Got

FAILED = ("rejected", "broken", "lapsed", "no opinion")


@dataclass(frozen=True, slots=True)
class Disputed:
    """A bracket: who put it where, what it wanted, and how it ended.

    Parameters
    ----------
    offers
        Words that others offered: member, words, act.
    ended
        When and by which act its author let it go; None while it is open.
    settled_with
        The words that its author let it go with.
    """

    act: str
    text: str
    paragraph: str
    member: str
    at: datetime
    words: str
    instead: str
    offers: tuple[tuple[str, str, str], ...] = ()
    ended: Got | None = None
    settled_with: str = ""

    def to_json(self) -> dict[str, object]:
        """Return it with the keys documented in docs/reference/after-action.md."""
        return {
            "act": self.act,
            "text": self.text,
            "paragraph": self.paragraph,
            "member": self.member,
            "at": _spelled(self.at),
            "words": self.words,
            "instead": self.instead,
            "offers": [
                {"member": member, "words": words, "act": act} for member, words, act in self.offers
            ],
            "ended": _spelled(self.ended.at) if self.ended else None,
            "ended_by": self.ended.act if self.ended else None,
            "settled_with": self.settled_with if self.ended else None,
        }


@dataclass(frozen=True, slots=True)
class Other:
    """What another rule of the same body makes of the same answers.

    Parameters
    ----------
    outcome
        ``adopted``, ``rejected``, ``no opinion``, ``open``, or ``not counted``.
    why
        What is short, or why it cannot be counted.
    """

    rule: str
    title: str
    in_force: bool
    binds_all: bool
    outcome: str
    why: str = ""

    def to_json(self) -> dict[str, object]:
        """Return it with the keys documented in docs/reference/after-action.md."""
        return {
            "rule": self.rule,
            "title": self.title,
            "in_force": self.in_force,
            "binds_all": self.binds_all,
            "outcome": self.outcome,
            "why": self.why,
        }


@dataclass(frozen=True, slots=True)
class Ruled:
    """One proposal: how it ended, by whom, and what other rules would have made of it.

    Parameters
    ----------
    said
        The last word of each member, word by word; `silent` said nothing, and of
        them `consented` those whose silence is consent.
    kind
        Of the procedure: silence, vote, consensus or signature.
    joined
        For what binds only those who join: who did.
    settled
        When and by which act; None where it is not settled.
    blocked_by
        Whose answers stopped it: those against, else those missing.
    alone
        Whose yes alone would have carried it.
    """

    act: str
    title: str
    member: str
    organ: str
    rule: str
    rule_title: str
    procedure: str
    at: datetime
    outcome: str
    effect: str
    kind: str = ""
    roster: tuple[str, ...] = ()
    said: tuple[tuple[str, tuple[str, ...]], ...] = ()
    silent: tuple[str, ...] = ()
    consented: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    settled: Got | None = None
    blocked_by: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    others: tuple[Other, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether it ended and was not adopted."""
        return self.outcome in FAILED

    def to_json(self) -> dict[str, object]:
        """Return it with the keys documented in docs/reference/after-action.md."""
        return {
            "act": self.act,
            "title": self.title,
            "member": self.member,
            "organ": self.organ,
            "rule": self.rule,
            "rule_title": self.rule_title,
            "procedure": self.procedure,
            "procedure_kind": self.kind,
            "at": _spelled(self.at),
            "outcome": self.outcome,
            "effect": self.effect,
            "roster": list(self.roster),
            "said": {word: list(members) for word, members in self.said},
            "silent": list(self.silent),
            "consented": list(self.consented),
            "joined": list(self.joined),
            "settled": _spelled(self.settled.at) if self.settled else None,
            "settled_by": self.settled.act if self.settled else None,
            "blocked_by": list(self.blocked_by),
            "alone": list(self.alone),
            "other_rules": [other.to_json() for other in self.others],
        }


def disputes(facts: Facts) -> tuple[Disputed, ...]:
    """Return the brackets of all texts, in the order in which they were put."""
    found = []
    for text in facts.texts:
        for paragraph in text.paragraphs:
            for one in paragraph.disputes:
                ends = facts.in_order(facts.acts[offer.id] for offer in one.resolved)
                end = ends[0] if ends else None
                words = {offer.id: offer.words for offer in one.resolved}
                found.append(
                    Disputed(
                        one.id,
                        text.title,
                        paragraph.number,
                        one.member,
                        facts.said_at(one.id),
                        one.words,
                        one.instead,
                        tuple(
                            (
                                act.member,
                                next(o.words for o in one.offers if o.id == act.id),
                                act.id,
                            )
                            for act in facts.in_order(facts.acts[o.id] for o in one.offers)
                        ),
                        Got(end.member, facts.said_at(end), end.id) if end else None,
                        words[end.id] if end else "",
                    )
                )
    return tuple(sorted(found, key=lambda one: (one.at, one.act)))


def decisions(facts: Facts) -> tuple[Ruled, ...]:
    """Return every proposal with how it ended, in the order in which they were said."""
    return tuple(_ruled(facts, act) for act in facts.proposals)


def _ruled(facts: Facts, act: Act) -> Ruled:
    body = act.body
    assert isinstance(body, bodies.Propose)
    charter = facts.charter_of(act)
    rule = charter.rules.get(body.rule)
    whole = Ruled(
        act.id,
        body.title,
        act.member,
        act.header.organ,
        body.rule,
        rule.title if rule else body.rule,
        body.procedure,
        facts.said_at(act),
        facts.outcome(act.id),
        str(body.effect.__struct_config__.tag),
    )
    standing = facts.standing(act.id)
    if standing is None:
        return whole
    by = facts.settled_by(act.id)
    marks = complete(standing)
    words = last_words(facts, standing)
    blockers, alone = _blockers(standing.pinned, marks) if whole.outcome in FAILED else ((), ())
    return replace(
        whole,
        kind=standing.pinned.procedure.kind,
        roster=standing.pinned.roster,
        said=tuple(
            (word, tuple(m for m in standing.pinned.roster if words.get(m) == word))
            for word in dict.fromkeys(words[m] for m in standing.pinned.roster if m in words)
        ),
        silent=tuple(m for m in standing.pinned.roster if m not in words),
        consented=tuple(m for m in standing.pinned.roster if m not in words and marks[m] == "yes"),
        joined=facts.joined(act.id) if isinstance(body.effect, bodies.OptIn) else (),
        settled=Got(by.member, facts.said_at(by), by.id) if by is not None else None,
        blocked_by=blockers,
        alone=alone,
        others=tuple(_others(charter, standing.pinned, marks)),
    )


def last_words(facts: Facts, standing: Standing) -> dict[str, str]:
    """Return the last word that each member said on a proposal, whether or not it counted."""
    said: dict[str, str] = {}
    for act in facts.in_order(standing.stances):
        assert isinstance(act.body, bodies.Stance)
        said[act.member] = act.body.word
    return said


def complete(standing: Standing) -> dict[str, Mark]:
    """Return what each member counts as; who is not known, or did not sign, is missing."""
    known = standing.settlement.marks
    return {member: known.get(member, "absent") for member in standing.pinned.roster}


def _blockers(pinned: Pinned, marks: dict[str, Mark]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return whose answers stopped a proposal, and whose yes alone would have carried it."""
    rule = pinned.entry.rule

    def carries(changed: tuple[str, ...]) -> bool:
        said = pinned_marks(rule, {**marks, **dict.fromkeys(changed, "yes")}, pinned.concerned)
        return holds(rule.adopt, pinned.electorate, said)

    against = tuple(m for m in pinned.roster if marks[m] == "no")
    others = tuple(m for m in pinned.roster if marks[m] not in ("yes", "no", "out"))
    blockers = against if against and (carries(against) or not others) else (*against, *others)
    return blockers, tuple(m for m in blockers if carries((m,)))


def _others(charter: Charter, pinned: Pinned, marks: dict[str, Mark]) -> Iterator[Other]:
    """Yield what the other rules of the body, in force or candidates, make of the answers."""
    body = pinned.body
    organ = charter.organs.get(pinned.act.header.organ)
    if organ is None or pinned.expires is None or isinstance(body.effect, bodies.Change):
        return  # who signs answers no other rule; how the charter is changed no body chooses
    for name in dict.fromkeys((*organ.rules, *organ.candidates)):
        entry = charter.rules.get(name)
        if entry is None or name == body.rule:
            continue
        in_force, binds_all = name in organ.rules, entry.binds == "all"
        try:
            told = decide(entry.rule, pinned.electorate, marks, pinned.concerned)
        except UsageError as wrong:
            yield Other(name, entry.title, in_force, binds_all, "not counted", wrong.what)
            continue
        why = "; ".join(_short(told.tally)) if told.outcome != "adopted" else ""
        yield Other(name, entry.title, in_force, binds_all, told.outcome, why)


def _short(tally: Tally) -> Iterator[str]:
    """Yield the sentences of the parts that do not hold."""
    if tally.standing == "met":
        return
    if not tally.parts:
        yield tally.sentence
    for part in tally.parts:
        yield from _short(part)


def _spelled(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
