"""Who decides in a body, who can stop it, and how able it is to act under a rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import gcd, lcm

from comity.core.charter import Charter, Organ, months_later
from comity.core.rules import leaves
from comity.errors import UsageError
from comity.examine.finding import Chart, Column, Finding, Source, Table
from comity.examine.games import as_game
from comity.systems import power as systems
from comity.systems.game import Game
from comity.systems.passing import Passing, pass_probability

TERM_BOUND = 240
"""Rosters looked at, at the most, for a whole term of rotation."""

NOT_A_FORECAST = (
    "Every member says yes or no, each as likely as the other and each for itself: "
    "a measure of the rule, not a forecast of anybody's vote."
)


@dataclass(frozen=True, slots=True)
class MemberPower:
    """One member's a-priori power.

    Parameters
    ----------
    banzhaf
        Chance that its vote decides when all others vote by a fair coin
        (Penrose 1946, Banzhaf 1965), from 0 to 1.
    banzhaf_normalised
        The same as a share of the sum over all members.
    shapley_shubik
        Share of all orders in which it turns the rule (Shapley and Shubik 1954).
    veto
        Whether nothing passes against its no.
    dummy
        Whether its vote never matters.
    """

    member: str
    name: str
    banzhaf: float
    banzhaf_normalised: float
    shapley_shubik: float
    shapley_shubik_exact: Fraction | None
    prevent: float
    initiate: float
    veto: bool
    dummy: bool

    def to_json(self) -> dict[str, object]:
        """Return the row as it stands in every JSON answer."""
        exact = self.shapley_shubik_exact
        return {
            "member": self.member,
            "name": self.name,
            "banzhaf": self.banzhaf,
            "banzhaf_normalised": self.banzhaf_normalised,
            "shapley_shubik": self.shapley_shubik,
            "shapley_shubik_exact": None if exact is None else str(exact),
            "coleman_prevent": self.prevent,
            "coleman_initiate": self.initiate,
            "veto": self.veto,
            "dummy": self.dummy,
        }


@dataclass(frozen=True, slots=True)
class VotingPower:
    """The power of all members of a body under a rule on a day."""

    charter: Charter
    organ: Organ
    rule_id: str
    on: date
    without: tuple[str, ...]
    game: Game
    members: tuple[MemberPower, ...]
    power_to_act: float
    method: str
    error: float

    def to_json(self) -> dict[str, object]:
        """Return the answer with the keys documented in docs/howto/power.md."""
        return {
            "charter": self.charter.id,
            "organ": self.organ.id,
            "rule": self.rule_id,
            "on": self.on.isoformat(),
            "without": list(self.without),
            **grounds(self.finding()),
            "members": [row.to_json() for row in self.members],
            "power_to_act": self.power_to_act,
            "method": self.method,
            "error": self.error,
        }

    def _heaviest(self) -> str:
        """Say who weighs most, or that nobody or several do."""
        entry = self.charter.rule(self.rule_id)
        top = max(row.shapley_shubik for row in self.members)
        most = [row.name for row in self.members if top - row.shapley_shubik < 1e-9]
        if len(most) == len(self.members):
            return f"All weigh the same under {entry.title}"
        if len(most) > 1:
            return f"{len(most)} members weigh most, and alike, under {entry.title}"
        return f"{most[0]} weighs most under {entry.title}"

    def finding(self) -> Finding:
        """Return the answer with its table, assumptions and sources."""
        entry = self.charter.rule(self.rule_id)
        vetoers = [row.member for row in self.members if row.veto]
        exact = any(row.shapley_shubik_exact is not None for row in self.members)
        columns = [
            Column("member", "Member", tuple(row.member for row in self.members)),
            Column("name", "Name", tuple(row.name for row in self.members)),
            Column("banzhaf", "Banzhaf", tuple(r.banzhaf for r in self.members), decimals=4),
            Column(
                "banzhaf_normalised",
                "Share",
                tuple(r.banzhaf_normalised for r in self.members),
                decimals=4,
            ),
            Column(
                "shapley_shubik",
                "Shapley-Shubik",
                tuple(r.shapley_shubik for r in self.members),
                decimals=4,
            ),
            Column("veto", "Can block alone", tuple(r.veto for r in self.members)),
            Column("dummy", "Never matters", tuple(r.dummy for r in self.members)),
        ]
        who = (
            f"{len(self.members)} members sit; "
            f"{_one_in(self.power_to_act)} of all coalitions can act; "
            f"{_blockers(vetoers, len(self.members))}"
        )
        sentence = f"{self.organ.name}, {entry.title}: {who}."
        text = "a public text" if entry.grounds == "text" else "our model; no text says so"
        return Finding(
            question=f"Who decides in {self.organ.name} under {entry.title}?",
            sentence=sentence,
            tables=(Table("power", f"Voting power on {self.on}", tuple(columns)),),
            assumptions=(NOT_A_FORECAST, f"The rule is {text}.", *_abstaining(entry.note)),
            not_in_it=("agreement and enmity between members", "persuasion, money, the agenda"),
            sources=rule_sources(self.charter, self.rule_id),
            charts=(Chart("bar", self._heaviest(), "shapley_shubik", "name"),),
            method=self.method if exact else f"{self.method}; error at most {self.error:.0e}",
        )


def _abstaining(note: str) -> tuple[str, ...]:
    return (note,) if note else ()


def _one_in(share: float) -> str:
    """Say how many of all coalitions can act, to the digits a reader can use."""
    if share >= 0.001:
        return f"{100 * share:.3g} %"
    if share <= 0:
        return "none"
    return f"one in {round(1 / share):,}" if share > 1e-6 else "fewer than one in a million"


def _blockers(vetoers: list[str], count: int) -> str:
    if not vetoers:
        return "nobody can block alone"
    if len(vetoers) == count:
        return "every member can block alone, by the nature of the rule"
    return f"{', '.join(vetoers)} can block alone"


def rule_sources(charter: Charter, rule_id: str) -> tuple[Source, ...]:
    """Return the sources of a rule and of the weights it counts."""
    entry = charter.rule(rule_id)
    cited = [entry.source] if entry.source else list(charter.cites)
    counted = {getattr(leaf, "weight", None) for leaf in leaves(entry.rule.adopt)}
    cited += [table.source for table in charter.weights if table.name in counted and table.source]
    return tuple(
        Source(s.id, s.title, s.publisher, s.where, s.date)
        for s in (charter.sources[name] for name in dict.fromkeys(cited))
    )


def grounds(found: Finding) -> dict[str, object]:
    """Return the sentence of a finding with what it rests on, as in every JSON answer."""
    told = found.to_json()
    return {key: told[key] for key in ("sentence", "assumptions", "sources")}


def usual_organ(charter: Charter, organ_id: str | None) -> Organ:
    """Return the organ asked for; the only one where none is named.

    Raises
    ------
    UsageError
        If there are several and none is named.
    """
    if organ_id is not None:
        return charter.organ(organ_id)
    if len(charter.organs) == 1:
        return next(iter(charter.organs.values()))
    listed = ", ".join(charter.organs) or "none"
    raise UsageError(
        f"{charter.id} has {len(charter.organs)} organs, and none was named",
        hint=f"add --organ with one of: {listed}",
    )


def usual_rule(charter: Charter, organ: Organ, rule_id: str | None) -> str:
    """Return the rule asked for; the first in force where none is named.

    Raises
    ------
    UsageError
        If the organ has no rule in force and none is named.
    """
    if rule_id is not None:
        charter.rule(rule_id)
        return rule_id
    if organ.rules:
        return organ.rules[0]
    listed = ", ".join(organ.candidates) or "none: add one under [rules]"
    raise UsageError(
        f"{organ.name} cannot decide yet: {charter.id} gives it no rule",
        hint=f"add --rule with a rule under consideration: {listed}",
    )


def voting_power(
    charter: Charter,
    organ_id: str | None = None,
    rule_id: str | None = None,
    *,
    on: date | None = None,
    without: tuple[str, ...] = (),
) -> VotingPower:
    """Measure every member's a-priori power in a body under a rule.

    Parameters
    ----------
    organ_id, rule_id
        The only organ, and its first rule in force, where they are not named.
    on
        The day of roster and weights; the charter's date where not given.
    without
        Members taken out first, as if they had left.

    Raises
    ------
    UsageError
        If organ, rule or member is unknown, or nobody is left.

    References
    ----------
    See `comity.systems.power.power`.
    """
    organ = usual_organ(charter, organ_id)
    rule = usual_rule(charter, organ, rule_id)
    day = on or charter.dated
    game = body_game(charter, organ.id, rule, day, without)
    found = systems.power(game)
    members = tuple(
        MemberPower(
            member,
            charter.name_of(member),
            found.banzhaf[i],
            found.banzhaf_normalised[i],
            found.shapley_shubik[i],
            found.shapley_shubik_exact[i] if found.shapley_shubik_exact else None,
            found.prevent[i],
            found.initiate[i],
            veto=not game.wins([m for m in game.players if m != member]),
            dummy=found.banzhaf[i] == 0,
        )
        for i, member in enumerate(game.players)
    )
    return VotingPower(
        charter, organ, rule, day, without, game, members,
        found.power_to_act, found.method, found.error,
    )  # fmt: skip


def body_game(
    charter: Charter, organ_id: str, rule_id: str, on: date, without: tuple[str, ...] = ()
) -> Game:
    """Return the simple game of a body under a rule on a day, after some have left."""
    electorate = charter.electorate(organ_id, on)
    unknown = [member for member in without if member not in electorate.members]
    if unknown:
        raise UsageError(
            f"{unknown[0]} does not sit in {organ_id} of {charter.id} on {on}",
            hint=f"its members then: {', '.join(electorate.members)}",
        )
    electorate = electorate.without(frozenset(without))
    if not electorate.members:
        raise UsageError("nobody is left in the body", hint="take fewer members out")
    return as_game(charter.rule(rule_id).rule.adopt, electorate)


def able_to_act(game: Game, agree: float, correlation: float = 0.0) -> Passing:
    """Return the chance that a proposal passes when each member agrees with one chance."""
    return pass_probability(game, [agree] * len(game.players), correlation=correlation)


@dataclass(frozen=True, slots=True)
class TermPower:
    """A member's mean power over a whole term of rotation.

    Parameters
    ----------
    seated
        Share of the time that it sits.
    shapley_shubik
        Mean of its Shapley-Shubik share over all rosters of the cycle, nought
        while it does not sit.
    """

    member: str
    seated: Fraction
    shapley_shubik: float


def over_whole_term(
    charter: Charter, organ_id: str, rule_id: str, on: date
) -> tuple[TermPower, ...]:
    """Measure power over a whole term of rotation, until every order has come round.

    Seats whose holders are elected are taken as held by each of their group
    equally often, which is what no immediate re-election and no favourites
    lead to; this needs a rule that does not tell the members of a group apart.

    Raises
    ------
    UsageError
        If a rotation has no order and the rule counts a weight, or the cycle
        has more than `TERM_BOUND` rosters.

    References
    ----------
    Gould and Rablen (2016), Public Choice, council voting games.
    """
    organ = charter.organ(organ_id)
    turning = [
        charter.rotations[selector.removeprefix("rotation:")]
        for selector in organ.seats
        if selector.startswith("rotation:")
    ]
    weighing = any(
        getattr(leaf, "weight", None) for leaf in leaves(charter.rule(rule_id).rule.adopt)
    )
    if weighing and not all(rotation.order for rotation in turning):
        raise UsageError(
            "the rule counts a weight, and who will hold the elected seats is not known",
            hint="ask for one day with --on, or give the rotation an order",
        )
    days = tuple(_cycle(charter, organ, on))
    total: dict[str, float] = {}
    seated: dict[str, int] = {}
    for day in days:
        found = systems.power(body_game(charter, organ_id, rule_id, day))
        for member, share in zip(found.players, found.shapley_shubik):
            total[member] = total.get(member, 0.0) + share
            seated[member] = seated.get(member, 0) + 1
    made = {m: TermPower(m, Fraction(seated[m], len(days)), total[m] / len(days)) for m in total}
    for rotation in turning:
        if rotation.order:
            continue
        held = [m for m in rotation.holders(on) if m in made]
        part = Fraction(rotation.seats, len(rotation.pool))
        mean = sum(made[m].shapley_shubik for m in held) / max(1, len(held))
        for member in rotation.pool:
            made[member] = TermPower(member, part, float(part) * mean)
    return tuple(made[m] for m in charter.order if m in made)


def _cycle(charter: Charter, organ: Organ, on: date) -> Iterator[date]:
    """Yield days evenly over a whole cycle of the ordered rotations, one in each roster."""
    step, whole = 0, 1
    for selector in organ.seats:
        rotation = charter.rotations.get(selector.removeprefix("rotation:"))
        if not selector.startswith("rotation:") or rotation is None or rotation.terms:
            continue
        if rotation.order:
            turns = lcm(len(rotation.order), rotation.seats) // rotation.seats
            step = gcd(step, rotation.months)
            whole = lcm(whole, turns * rotation.months)
    if step == 0:
        yield on
        return
    if whole // step > TERM_BOUND:
        raise UsageError(
            f"the rotation of {organ.name} comes round only after {whole // step} rosters",
            hint=f"give it orders that come round within {TERM_BOUND}",
        )
    for months in range(0, whole, step):
        yield months_later(on, months)
