"""The rule laboratory: candidate rules for one body, side by side.

Which rule should a council adopt, and who alone could stop it under each?
Nothing here says which is best: able to act and hard to overrule pull apart.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from comity.core.charter import Charter, Organ
from comity.errors import UsageError
from comity.examine.finding import Chart, Column, Finding, Source, Table
from comity.examine.losses import KINDS, Body, Kind, Loss
from comity.examine.power import (
    NOT_A_FORECAST,
    TermPower,
    VotingPower,
    able_to_act,
    grounds,
    over_whole_term,
    rule_sources,
    voting_power,
)
from comity.systems.coalitions import smallest_blocking

AGREE = 0.9
CORRELATION = 0.3


@dataclass(frozen=True, slots=True)
class RuleUnderTest:
    """One rule as the laboratory finds it.

    Parameters
    ----------
    in_force
        Whether the organ has the rule already.
    binds_all
        Whether a decision binds the whole body, or only those who join it.
    blocking
        Members of the smallest blocking sets; `blocking_example` is one of
        them, `blocking_exact` whether no smaller set can exist.
    independent, together
        Chance that a proposal passes when each member agrees with `AGREE`,
        independently, or moved by one common mood (`CORRELATION`).
    cornerstones
        By kind of loss, who alone stops the body.
    term
        Mean power over a whole term of rotation; empty where nothing rotates
        or it cannot be said.
    """

    rule_id: str
    title: str
    in_force: bool
    binds_all: bool
    power: VotingPower
    blocking: int
    blocking_example: tuple[str, ...]
    blocking_exact: bool
    independent: float
    together: float
    cornerstones: dict[Kind, tuple[Loss, ...]]
    term: tuple[TermPower, ...]

    def alone(self, kind: Kind) -> tuple[str, ...]:
        """Return who alone stops the body when lost in that way."""
        return tuple(loss.lost[0] for loss in self.cornerstones[kind])

    @property
    def worth(self) -> tuple[float, float]:
        """What the weakest and the strongest seat is worth, an equal share being 1."""
        shares = [row.shapley_shubik * len(self.power.members) for row in self.power.members]
        return min(shares), max(shares)

    def to_json(self) -> dict[str, object]:
        """Return the rule's row as plain values for JSON."""
        return {
            "rule": self.rule_id,
            "title": self.title,
            "in_force": self.in_force,
            "binds_all": self.binds_all,
            "power_to_act": self.power.power_to_act,
            "passes_independent": self.independent,
            "passes_together": self.together,
            "smallest_blocking": self.blocking,
            "smallest_blocking_example": list(self.blocking_example),
            "smallest_blocking_exact": self.blocking_exact,
            "cornerstones": {kind: list(self.alone(kind)) for kind in KINDS},
            "worth_weakest": self.worth[0],
            "worth_strongest": self.worth[1],
            "over_whole_term": [
                {
                    "member": t.member,
                    "seated": str(t.seated),
                    "shapley_shubik": t.shapley_shubik,
                }
                for t in self.term
            ],
            "method": self.power.method,
        }


@dataclass(frozen=True, slots=True)
class Laboratory:
    """Candidate rules for one body, side by side, and what adopting one would take."""

    charter: Charter
    organ: Organ
    on: date
    size: int
    rules: tuple[RuleUnderTest, ...]
    change: str

    def to_json(self) -> dict[str, object]:
        """Return the answer with the keys documented in docs/howto/laboratory.md."""
        return {
            "charter": self.charter.id,
            "organ": self.organ.id,
            "on": self.on.isoformat(),
            "members": self.size,
            "agree": AGREE,
            "correlation": CORRELATION,
            "change": self.change,
            **grounds(self.finding()),
            "rules": [rule.to_json() for rule in self.rules],
            "text": self.text(),
        }

    def finding(self) -> Finding:
        """Return the answer as one table with its assumptions."""
        rules = self.rules
        columns = (
            Column("rule", "Rule", tuple(rule.rule_id for rule in rules)),
            Column("alone", "Blocks alone", tuple(self._who(r.alone("refusing")) for r in rules)),
            Column("blocking", "Fewest to block", tuple(_fewest(rule) for rule in rules)),
            Column("silent", "Silence stops", tuple(self._who(r.alone("silent")) for r in rules)),
            Column("leaving", "Exit stops", tuple(self._who(r.alone("leaving")) for r in rules)),
            Column("able", "Able to act", tuple(_percent(r.power.power_to_act) for r in rules)),
            Column(
                "passes",
                "At 90 % (one mood)",
                tuple(f"{_percent(r.independent)} ({_percent(r.together)})" for r in rules),
            ),
            Column("worth", "A seat's worth", tuple(_range(rule.worth) for rule in rules)),
        )
        idle = all(cell == "nobody" for cell in columns[4].values)
        return Finding(
            question=f"Which rule for {self.organ.name}, and who alone could stop it?",
            sentence=self.answer(),
            tables=(
                Table(
                    "rules",
                    f"{len(rules)} rules for {self.organ.name}",
                    columns[:4] + columns[5:] if idle else columns,
                ),
                self._numbers(),
            ),
            assumptions=(
                NOT_A_FORECAST,
                "Able to act: share of all coalitions that can carry the rule (Coleman 1971). "
                "At 90 %: what passes if each member agrees with nine proposals in ten, "
                f"independently; in brackets, with a common mood of correlation {CORRELATION}.",
                "Worth of a seat: its Shapley-Shubik share, an equal share being 1.",
                "Fewest to block counts votes only; a right such as calling the meeting is under "
                "Blocks alone.",
                "Stops: the others all agree, and the body still cannot decide."
                + (" Nobody's exit alone stops it under any of these rules." if idle else ""),
            ),
            not_in_it=("what members want", "persuasion, the agenda, what is decided elsewhere"),
            sources=tuple(
                {s.id: s for r in rules for s in rule_sources(self.charter, r.rule_id)}.values()
            )
            or tuple(_cited(self.charter)),
            charts=(
                Chart(
                    "bar",
                    f"Which of {len(rules)} rules let {self.organ.name} act",
                    "passes",
                    "rule",
                    table="numbers",
                ),
            ),
            method="exact" if all("exact" in r.power.method for r in rules) else "see each rule",
        )

    def _numbers(self) -> Table:
        """Return the same as numbers, for charts and data frames."""
        rules = self.rules
        return Table(
            "numbers",
            "The same in percent, and an equal share as 1",
            (
                Column("rule", "Rule", tuple(rule.rule_id for rule in rules)),
                Column(
                    "power_to_act",
                    "Able to act",
                    tuple(100 * rule.power.power_to_act for rule in rules),
                    unit="%",
                ),
                Column(
                    "passes",
                    "Passes if each agrees with 90 %",
                    tuple(100 * rule.independent for rule in rules),
                    unit="%",
                ),
                Column(
                    "together",
                    "The same with a common mood",
                    tuple(100 * rule.together for rule in rules),
                    unit="%",
                ),
                Column("weakest", "Weakest seat", tuple(rule.worth[0] for rule in rules)),
                Column("strongest", "Strongest seat", tuple(rule.worth[1] for rule in rules)),
            ),
        )

    def answer(self) -> str:
        """Say in one sentence what the laboratory found."""
        free = [rule for rule in self.rules if not rule.alone("refusing")]
        binding = [rule for rule in free if rule.binds_all]
        count = len(self.rules)
        if not free:
            return f"Under {_each(count)} somebody could stop {self.organ.name} alone."
        told = f"Under {len(free)} of {count} rules nobody could stop {self.organ.name} alone"
        if not binding:
            return f"{told}; these bind only those who join."
        ablest = max(binding, key=lambda rule: rule.power.power_to_act)
        fairest = max(binding, key=lambda rule: rule.worth[0])
        told += f"; of those that bind all, '{ablest.rule_id}' is ablest to act"
        if fairest.worth[0] > ablest.worth[0]:
            return f"{told}, and '{fairest.rule_id}' leaves the weakest seat worth most."
        return f"{told}."

    def text(self, width: int = 88) -> str:
        """Return a page of text that can be pasted into a memo."""
        in_force = self.organ.rules
        status = (
            f"In force: {', '.join(in_force)}."
            if in_force
            else "The body has no voting rule yet; all of these are candidates."
        )
        opening = (
            f"Which rule for {self.organ.name}? ({self.charter.name}, {self.size} members on "
            f"{self.on}.) {status} {self.answer()} A rule that lets no member be overruled makes "
            "every member able to stop the body: that is its price, and the choice to be made."
        )
        paragraphs = [textwrap.fill(opening, width)]
        for number, rule in enumerate(self.rules, start=1):
            paragraphs.append(
                textwrap.fill(
                    f"{number}. {rule.rule_id}: {rule.title}. {self._told(rule)}",
                    width,
                    subsequent_indent="   ",
                )
            )
        rotation = self._rotation()
        if rotation:
            paragraphs.append(textwrap.fill(f"Rotation. {rotation}", width))
        paragraphs.append(textwrap.fill(f"What a change takes. {self.change}", width))
        paragraphs.append(
            textwrap.fill(
                "How to read this. Figures say what each rule allows when every member is as "
                "likely to agree as any other; they are no forecast of how anybody will vote.",
                width,
            )
        )
        return "\n\n".join(paragraphs)

    def _told(self, rule: RuleUnderTest) -> str:
        lines = [self._refusal(rule), self._silence(rule), self._exit(rule)]
        if not rule.binds_all:
            lines.insert(0, "It binds only those who join.")
        lines.append(
            f"Able to act: {_percent(rule.power.power_to_act)} of all coalitions. If each member "
            f"agreed with nine proposals in ten, {_percent(rule.independent)} would pass, or "
            f"{_percent(rule.together)} if they shared a mood."
        )
        weakest, strongest = rule.worth
        if strongest - weakest < 0.005:
            lines.append("Every seat is worth the same.")
        else:
            lines.append(
                f"The weakest seat is worth {weakest:.2f} of an equal share, the strongest "
                f"{strongest:.2f}."
            )
            lines.extend(_term_words(rule))
        return " ".join(line for line in lines if line)

    def _rotation(self) -> str:
        """Say once what rotation does where every seat is worth the same."""
        term = next((rule.term for rule in self.rules if rule.term), ())
        turning = [t.seated for t in term if t.seated < 1]
        if not turning:
            return ""
        low, high = min(turning), max(turning)
        how = _fraction(low) if low == high else f"{_fraction(low)} to {_fraction(high)}"
        return (
            f"{len(term) - len(turning)} members sit all the time and {len(turning)} take turns, "
            f"each {how} of the time. So where every seat is worth the same, a permanent member "
            f"weighs up to about {_two_digits(float(1 / low))} times as much over a whole term."
        )

    def _refusal(self, rule: RuleUnderTest) -> str:
        others = self._rights(rule, "refusing")
        blockers = tuple(
            loss.lost[0] for loss in rule.cornerstones["refusing"] if loss.cause == "rule"
        )
        if len(blockers) == self.size:
            return f"Any one member can stop it by saying no, by the nature of the rule.{others}"
        if blockers:
            each = "can each" if len(blockers) > 1 else "can"
            return f"{self._names(blockers)} {each} stop it alone by saying no.{others}"
        how = "No fewer than" if rule.blocking_exact else "At least"
        lead = "No member's vote can stop it alone" if others else "Nobody can stop it alone"
        return (
            f"{lead}. {how} {rule.blocking} members together can: "
            f"for example {self._names(rule.blocking_example)}.{others}"
        )

    def _rights(self, rule: RuleUnderTest, kind: Kind) -> str:
        """Say who is a cornerstone by a right that nobody else has."""
        told = dict.fromkeys(
            words
            for loss in rule.cornerstones[kind]
            for cause, words in loss.causes
            if cause == "right"
        )
        return "".join(f" Besides, {words}." for words in told)

    def _silence(self, rule: RuleUnderTest) -> str:
        silent = rule.alone("silent")
        if not silent:
            return "One silent member does not stop it."
        if len(silent) == self.size:
            return f"Any one member's silence stops it ({rule.cornerstones['silent'][0].why})."
        return f"The silence of {self._names(silent, 'or')} stops it."

    def _exit(self, rule: RuleUnderTest) -> str:
        leaving = rule.alone("leaving")
        if not leaving:
            return ""
        why = rule.cornerstones["leaving"][0].why
        if len(leaving) == self.size:
            return f"Any member's exit leaves the body unable to decide ({why})."
        return f"If {self._names(leaving, 'or')} left, the body could not decide ({why})."

    def _names(self, codes: tuple[str, ...], word: str = "and") -> str:
        if len(codes) > 8:
            return f"{self._names(codes[:3])} and {len(codes) - 3} others".replace(" and ", ", ", 1)
        told = [self.charter.name_of(code) for code in codes]
        return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} {word} {told[-1]}"

    def _who(self, codes: tuple[str, ...]) -> str:
        if not codes:
            return "nobody"
        if len(codes) == self.size:
            return "everyone"
        return ", ".join(codes) if len(codes) <= 3 else f"{len(codes)} members"


def laboratory(
    charter: Charter,
    organ_id: str,
    rules: tuple[str, ...] = (),
    *,
    on: date | None = None,
) -> Laboratory:
    """Lay the rules of an organ side by side: those in force and the candidates.

    Parameters
    ----------
    rules
        Rules to lay out instead of the organ's own.
    on
        The day of roster and weights; the charter's date where not given.

    Raises
    ------
    UsageError
        If organ or rule is unknown, or there is no rule to try.
    """
    organ = charter.organ(organ_id)
    day = on or charter.dated
    tried = rules or tuple(dict.fromkeys((*organ.rules, *organ.candidates)))
    if not tried:
        raise UsageError(
            f"{organ.name} has no rule in force and no candidates",
            hint=f"name rules of the charter with --rule: {', '.join(charter.rules) or 'none'}",
        )
    made = tuple(_try(charter, organ, rule, day) for rule in tried)
    return Laboratory(
        charter, organ, day, len(made[0].power.members), made, change_words(charter, organ, day)
    )


def _try(charter: Charter, organ: Organ, rule_id: str, on: date) -> RuleUnderTest:
    power = voting_power(charter, organ.id, rule_id, on=on)
    blocking = smallest_blocking(power.game, limit=1, work=20_000)
    body = Body.of(charter, organ.id, rule_id, on)
    sets = blocking.sets(1)
    return RuleUnderTest(
        rule_id,
        charter.rule(rule_id).title,
        rule_id in organ.rules,
        charter.rule(rule_id).binds == "all",
        power,
        blocking.smallest or blocking.at_least,
        sets[0] if sets else (),
        blocking.smallest is not None and blocking.at_least == blocking.smallest,
        able_to_act(power.game, AGREE).probability,
        able_to_act(power.game, AGREE, CORRELATION).probability,
        {kind: body.cornerstones(kind) for kind in KINDS},
        _term(charter, organ, rule_id, on),
    )


def _term(charter: Charter, organ: Organ, rule_id: str, on: date) -> tuple[TermPower, ...]:
    if not any(selector.startswith("rotation:") for selector in organ.seats):
        return ()
    try:
        return over_whole_term(charter, organ.id, rule_id, on)
    except UsageError:
        return ()


def _term_words(rule: RuleUnderTest) -> list[str]:
    rotating = [t for t in rule.term if t.seated < 1]
    permanent = [t for t in rule.term if t.seated == 1]
    if not rotating or not permanent:
        return []
    least, most = (
        min(rotating, key=lambda t: t.shapley_shubik),
        max(permanent, key=lambda t: t.shapley_shubik),
    )
    if least.shapley_shubik == 0:
        return ["Over a whole term of rotation a member that rotates decides nothing."]
    ratio = most.shapley_shubik / least.shapley_shubik
    return [
        f"Over a whole term of rotation a permanent member ({most.member}) weighs up to "
        f"about {_two_digits(ratio)} times as much as one that rotates ({least.member}, seated "
        f"{_fraction(least.seated)} of the time)."
    ]


def _two_digits(value: float) -> str:
    return f"{float(f'{value:.2g}'):,.10g}"


def _fraction(share: Fraction) -> str:
    return f"{share.numerator}/{share.denominator}"


def change_words(charter: Charter, organ: Organ, on: date) -> str:
    """Say what it takes to give an organ another rule, and who could stop that."""
    change = charter.changes.get("amendment")
    if change is None:
        return (
            "The charter says nothing about its own amendment: a rule can be adopted or exchanged "
            "only if all its members agree, and any one of them could stop it."
        )
    body = Body.of(charter, change.organ, change.rule, on)
    told = (
        f"Adopting or exchanging a rule is an amendment: {charter.organ(change.organ).name} "
        f"decides it under '{charter.rule(change.rule).title}'. "
    )
    blockers = [loss.lost[0] for loss in body.cornerstones("refusing")]
    if not blockers:
        return f"{told}Nobody can stop it alone."
    if len(blockers) == len(body.electorate.members):
        return f"{told}Any one member can stop it."
    return f"{told}{', '.join(blockers)} can stop it alone."


def _each(count: int) -> str:
    return "the one rule tried" if count == 1 else f"each of the {count} rules"


def _range(ends: tuple[float, float]) -> str:
    low, high = (f"{end:.2f}" for end in ends)
    return low if low == high else f"{low}–{high}"


def _fewest(rule: RuleUnderTest) -> str:
    return str(rule.blocking) if rule.blocking_exact else f"at least {rule.blocking}"


def _named(rule: RuleUnderTest) -> str:
    title = rule.title
    return f"'{title}'"


def _cited(charter: Charter) -> list[Source]:
    cited = (charter.sources[name] for name in charter.cites)
    return [Source(s.id, s.title, s.publisher, s.where, s.date) for s in cited]


def _percent(share: float) -> str:
    """Write a chance in percent: two digits, and never 0 or 100 where it is not."""
    percent = 100 * share
    if percent == 0 or percent == 100:
        return f"{percent:.0f} %"
    if percent < 0.1:
        return "under 0.1 %"
    if percent > 99.9:
        return "over 99.9 %"
    return f"{percent:.1f} %" if percent < 1 or percent > 99 else f"{percent:.0f} %"
