"""What a guarantee rests on, as one value that losses and changes are tried on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal, TypeAlias

from comity.core.charter import Charter, Obligation
from comity.errors import UsageError
from comity.evidence import Evidence
from comity.examine.contributions import Contributions
from comity.examine.dependence import supply
from comity.examine.losses import Body, Kind
from comity.examine.mustering import Muster, Ready, prepare
from comity.examine.services import Services, communicate, example

Standing: TypeAlias = Literal["holds", "fails", "not known"]
System: TypeAlias = Literal["communicate", "decide", "muster", "supply"]
What: TypeAlias = Literal["member", "supplier", "service"]
LossKind: TypeAlias = Literal["silent", "refusing", "leaving", "stopping"]

LOSS_KINDS: tuple[LossKind, ...] = ("silent", "refusing", "leaving", "stopping")
SYSTEMS: tuple[System, ...] = ("communicate", "decide", "muster", "supply")


@dataclass(frozen=True, slots=True)
class Lost:
    """One or more members, suppliers or services, lost in one way.

    Parameters
    ----------
    names
        Codes of members or suppliers, or ids of services.
    kind
        Members are silent, refuse or leave; suppliers and services stop.
    """

    names: tuple[str, ...]
    what: What
    kind: LossKind


@dataclass(frozen=True, slots=True)
class Part:
    """How one of the four systems stands, and why."""

    system: System
    standing: Standing
    why: str = ""

    def to_json(self) -> dict[str, object]:
        """Return the part as plain values for JSON."""
        return {"system": self.system, "standing": self.standing, "why": self.why}


@dataclass(frozen=True, slots=True)
class Setting:
    """A charter with the evidence, contributions and services that its obligations rest on.

    Parameters
    ----------
    contributions
        What members give; holdings and reported positions where None.
    services
        What members share; the shipped model of a charter that has one where None.
    limits
        The most a member may bring, such as ``{"UKR.personnel": 600_000}``.
    rule
        The rule that obligations are invoked under instead of the charter's own.
    second_sources
        Suppliers for whose equipment another source is taken to be there.
    """

    charter: Charter
    evidence: Evidence
    on: date
    contributions: Contributions | None = None
    services: Services | None = None
    limits: Mapping[str, int] = field(default_factory=dict)
    rule: str = ""
    second_sources: frozenset[str] = frozenset()

    def banned(self, member: str) -> Setting:
        """Return the setting in which a member may not be a party: as if it had never joined."""
        if member not in self.charter.members:
            raise UsageError(
                f"{member} is not a member of {self.charter.id}",
                hint="write it as: --set ban.UKR=yes",
            )
        gone = replace(self.charter.members[member], until=self.on - timedelta(1), since=None)
        members = {**self.charter.members, member: gone}
        return replace(self, charter=replace(self.charter, members=members))


def declared(setting: Setting) -> Services | None:
    """Return the services of a setting, or the shipped model of its charter."""
    return setting.services or example(setting.charter, on=setting.on)


class Trial:
    """One obligation in one setting: laid out once, so that many losses can be tried on it."""

    def __init__(self, setting: Setting, obligation_id: str) -> None:
        self.setting = setting
        charter = setting.charter
        if obligation_id not in charter.obligations:
            listed = ", ".join(charter.obligations) or "none"
            raise UsageError(
                f"{charter.id} has no obligation called '{obligation_id[:64]}'",
                hint=f"it has: {listed}",
            )
        self.obligation: Obligation = charter.obligations[obligation_id]
        self.organ = self.obligation.invoked_by_organ
        rule = setting.rule or self.obligation.invoked_by_rule
        if self.organ and not rule:
            rules = charter.organ(self.organ).rules
            rule = rules[0] if rules else ""
        self.rule = rule
        self.body = Body.of(charter, self.organ, rule, setting.on) if self.organ and rule else None
        self.ready: Ready = prepare(
            charter,
            obligation_id,
            contributions=setting.contributions,
            evidence=setting.evidence,
            limits=setting.limits,
            on=setting.on,
        )
        # Laid out once: looking for a shipped example means reading a file.
        self.services = declared(setting) or Services("none declared", "declared", {})
        self._known: dict[tuple[System, frozenset[str], str], Part] = {}

    @property
    def members(self) -> tuple[str, ...]:
        """Members whose loss is tried: who owes, is owed, gives or decides, in charter order."""
        charter, on = self.setting.charter, self.setting.on
        concerned = {
            *charter.select(self.obligation.owed_by, on),
            *charter.select(self.obligation.owed_to, on),
            *self.ready.members,
            *(self.body.electorate.members if self.body else ()),
        }
        return tuple(code for code in charter.members if code in concerned)

    def parts(self, lost: Lost | None) -> tuple[Part, ...]:
        """Say how each of the four systems stands after a loss; without one where None."""
        names = frozenset(lost.names) if lost else frozenset()
        return tuple(self._part(system, names, lost) for system in SYSTEMS)

    def _part(self, system: System, names: frozenset[str], lost: Lost | None) -> Part:
        # Only deciding tells the kinds of a member's loss apart.
        kind = lost.kind if lost and system == "decide" else lost.what if lost else ""
        key = (system, names, kind)
        if key not in self._known:
            standing, why = getattr(self, f"_{system}")(lost)
            self._known[key] = Part(system, standing, why)
        return self._known[key]

    def _communicate(self, lost: Lost | None) -> tuple[Standing, str]:
        members, suppliers, services = _sorted(lost)
        told = communicate(
            self.setting.charter,
            lost=members,
            lost_services=services,
            lost_suppliers=suppliers,
            services=self.services,
            organ=self.organ,
            on=self.setting.on,
        )
        return told.standing, told.why

    def _decide(self, lost: Lost | None) -> tuple[Standing, str]:
        charter, obligation = self.setting.charter, self.obligation
        gone = frozenset(lost.names) if lost and lost.what == "member" else frozenset()
        if lost and lost.kind == "leaving":
            owed = charter.select(obligation.owed_to, self.setting.on)
            if not set(owed) - gone:
                return "fails", "nobody is left to whom it is owed"
        if not charter.select(obligation.owed_to, self.setting.on):
            return "fails", "nobody is left to whom it is owed"
        if not self.organ:
            invokers = charter.select(obligation.invoked_by, self.setting.on)
            left = [code for code in invokers if code not in gone]
            if not left:
                return "fails", f"nobody but {', '.join(invokers) or 'nobody'} may invoke it"
            return "holds", f"{len(left)} may each invoke it alone"
        if self.body is None:
            return "fails", f"{charter.organ(self.organ).name} has no rule to invoke it by"
        if not gone or lost is None:
            base = self.body.lose((), "silent")
            return ("holds", "") if base.decides else ("fails", base.why)
        told = self.body.lose(lost.names, member_kind(lost.kind))
        return ("holds", "") if told.decides else ("fails", told.why)

    def _muster(self, lost: Lost | None) -> tuple[Standing, str]:
        told = self.mustered(lost)
        return told.standing, told.why

    def mustered(self, lost: Lost | None) -> Muster:
        """Return what the obligation needs and what is left to meet it, line by line."""
        return self.ready.muster(_sorted(lost)[0])

    def _supply(self, lost: Lost | None) -> tuple[Standing, str]:
        members, suppliers, services = _sorted(lost)
        spared = suppliers & self.setting.second_sources
        told = supply(
            self.setting.charter,
            self.obligation.id,
            evidence=self.setting.evidence,
            lost_suppliers=suppliers - spared,
            lost_services=services,
            lost=members | spared,
            services=self.services,
            on=self.setting.on,
        )
        return told.standing, told.why


def member_kind(kind: LossKind) -> Kind:
    """Return the kind of a member's loss."""
    if kind == "stopping":
        raise UsageError("a member is silent, refuses or leaves; it does not stop")
    return kind


def _sorted(lost: Lost | None) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Return lost members, suppliers and services."""
    names: frozenset[str] = frozenset(lost.names) if lost else frozenset()
    none: frozenset[str] = frozenset()
    what = lost.what if lost else "member"
    return (
        names if what == "member" else none,
        names if what == "supplier" else none,
        names if what == "service" else none,
    )


def together(parts: tuple[Part, ...]) -> Standing:
    """Say how a guarantee stands: it holds only if all four systems do."""
    standings = {part.standing for part in parts}
    if "fails" in standings:
        return "fails"
    return "not known" if "not known" in standings else "holds"
