"""What could remove a cornerstone: a stated family of changes, cheapest first.

Each change is a new setting; whether it removes anything is found by trying the
loss again on it, never assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from comity.core.charter import Charter
from comity.examine.contributions import Contribution, Contributions
from comity.examine.losses import Body
from comity.examine.mustering import amount, assumed
from comity.examine.needs import owed
from comity.examine.setting import Lost, Setting, System, Trial, declared, member_kind

FAMILY = (
    "let more members be missing (a larger n), share a right, decide under another rule of the "
    "laboratory (never over the head of a party that must join, nor of one that is to be helped), "
    "declare an alternate service, pledge more to a line, open a second source"
)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the family.

    Parameters
    ----------
    cost
        Its place in the family's order: 1 is cheapest; alternates count each service.
    words
        What it is, as one would propose it.
    apply
        Makes the changed setting.
    """

    system: System
    cost: int
    words: str
    apply: Callable[[Setting], Setting]


def changes(trial: Trial, lost: Lost) -> Iterator[Change]:
    """Yield the changes that might keep a guarantee from failing after a loss, cheapest first."""
    failing = [part.system for part in trial.parts(lost) if part.standing == "fails"]
    made: list[Change] = []
    if "decide" in failing:
        made.extend(_deciding(trial, lost))
    if "communicate" in failing or "supply" in failing:
        made.extend(_serving(trial, lost, failing))
    if "muster" in failing:
        made.extend(_pledging(trial, lost))
    if "supply" in failing and lost.what == "supplier":
        made.append(_second_source(lost))
    yield from sorted(made, key=lambda change: change.cost)


def _deciding(trial: Trial, lost: Lost) -> Iterator[Change]:
    if not trial.organ or lost.what != "member":
        return
    charter = trial.setting.charter
    organ = charter.organ(trial.organ)
    members = len(charter.roster(organ.id, trial.setting.on))
    for name in organ.procedures:
        procedure = charter.procedures[name]
        n, f = procedure.n, procedure.f or 0
        larger = len(lost.names)
        if n is not None and n < larger and members >= 2 * larger + f + 1:
            yield Change(
                "decide",
                1,
                f"let {larger} be missing under the procedure {name} (n = {larger}, now {n})",
                _with_n(name, larger),
            )
    if trial.body and any(cause == "right" for cause, _ in _causes(trial.body, lost)):
        yield Change(
            "decide",
            2,
            f"let every seat of {organ.id} propose and call",
            _with_rights(organ.id),
        )
    if _must_agree(trial, lost):
        return
    amending = {change.rule for change in charter.changes.values()}
    for rule in dict.fromkeys((*organ.candidates, *organ.rules)):
        if rule != trial.rule and rule not in amending and charter.rule(rule).binds == "all":
            yield Change(
                "decide", 3, f"invoke it under the rule '{rule}' instead", _with_rule(rule)
            )


def _must_agree(trial: Trial, lost: Lost) -> bool:
    """Tell whether another rule would bind somebody, or help somebody, against its will.

    An instrument that binds only those who join cannot be invoked over the head of one of
    them, and nobody is helped by force.
    """
    charter, on = trial.setting.charter, trial.setting.on
    if trial.rule and charter.rule(trial.rule).binds == "those who join":
        return True
    owed = charter.select(trial.obligation.owed_to, on)
    return lost.kind == "refusing" and any(name in owed for name in lost.names)


def _causes(body: Body, lost: Lost) -> tuple[tuple[str, str], ...]:
    return body.lose(lost.names, member_kind(lost.kind)).causes


def _with_n(name: str, n: int) -> Callable[[Setting], Setting]:
    def apply(setting: Setting) -> Setting:
        procedures = {**setting.charter.procedures}
        procedures[name] = replace(procedures[name], n=n)
        return replace(setting, charter=replace(setting.charter, procedures=procedures))

    return apply


def _with_rights(organ_id: str) -> Callable[[Setting], Setting]:
    def apply(setting: Setting) -> Setting:
        organs = {**setting.charter.organs}
        organs[organ_id] = replace(organs[organ_id], propose=("seats",), call=("seats",))
        return replace(setting, charter=replace(setting.charter, organs=organs))

    return apply


def _with_rule(rule: str) -> Callable[[Setting], Setting]:
    return lambda setting: replace(setting, rule=rule)


def _serving(trial: Trial, lost: Lost, failing: list[System]) -> Iterator[Change]:
    services = trial.services
    gone = [
        key
        for key, service in services.all.items()
        if (lost.what == "service" and key in lost.names) or service.provider in lost.names
    ]
    system: System = "communicate" if "communicate" in failing else "supply"
    for some in [[key] for key in gone] + ([gone] if len(gone) > 1 else []):
        names = " and ".join(services.all[key].name for key in some)
        words = f"declare an alternate, of another provider, for {names}"
        yield Change(system, 3 + len(some), words, _with_alternate(some))


def _with_alternate(gone: list[str]) -> Callable[[Setting], Setting]:
    def apply(setting: Setting) -> Setting:
        services = declared(setting)
        assert services is not None
        every = dict(services.all)
        for key in gone:
            other = f"{key}-alternate"
            every[other] = replace(
                every[key], id=other, name=f"an alternate for {every[key].name}", provider="",
                needs=(), alternates=(), obligations=(),
            )  # fmt: skip
            every[key] = replace(every[key], alternates=(*every[key].alternates, other))
        return replace(setting, services=replace(services, all=every))

    return apply


def _pledging(trial: Trial, lost: Lost) -> Iterator[Change]:
    """Offer pledges to the lines that fail, by somebody left who could give to that line."""
    capped = {member for cap in trial.ready.caps for member in cap.members}
    pledges: list[Contribution] = []
    for line in trial.mustered(lost).lines:
        if line.answer != "fails":
            continue
        able = [
            part.member
            for part in line.parts
            if part.member not in lost.names and (part.high is None or part.high > 0)
        ]
        # Failing these, who is said to bring something without owing it, or without a number.
        able += [m for m in trial.ready.vague.get(line.line.name, ()) if m not in lost.names]
        giver = next((m for m in able if m not in capped), None)
        need = line.line.high if line.line.high is not None else line.line.low
        if giver is None or need is None:
            return
        here = sum((p.low for p in line.parts if p.member == giver), Fraction(0))
        much = need - line.low + here
        pledges.append(
            Contribution(
                giver, line.line.name, "pledge", much, much, much, line.line.unit, source="assumed"
            )
        )
    if pledges:
        rows = tuple(pledges)
        told = " and ".join(f"{amount(row.low, row.unit)} to {row.line}" for row in rows)
        whom = f" by members other than {' and '.join(lost.names)}" if lost.names else ""
        yield Change("muster", 8, f"pledges of {told}{whom}", _with_pledges(rows))


def _with_pledges(rows: tuple[Contribution, ...]) -> Callable[[Setting], Setting]:
    def apply(setting: Setting) -> Setting:
        given = setting.contributions or _assumed(setting.charter, setting)
        return replace(setting, contributions=given + Contributions("pledges assumed", rows))

    return apply


def _assumed(charter: Charter, setting: Setting) -> Contributions:
    everybody = charter.select(
        tuple(s for o in charter.obligations.values() for s in o.owed_by), setting.on
    )
    lines = [line for o in charter.obligations for line in owed(charter, o)[1].lines]
    return assumed(charter, everybody, lines, setting.evidence)


def _second_source(lost: Lost) -> Change:
    names = frozenset(lost.names)
    return Change(
        "supply",
        9,
        f"open a second source for what {' and '.join(lost.names)} supplies",
        lambda setting: replace(setting, second_sources=setting.second_sources | names),
    )
