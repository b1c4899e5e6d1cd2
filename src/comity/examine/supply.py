"""Whether those who owe would still be supplied without some suppliers or services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from comity.core.charter import Charter
from comity.errors import UsageError
from comity.evidence import Evidence
from comity.examine.mustering import owing
from comity.examine.needs import owed
from comity.examine.services import Services, Standing, example, known
from comity.examine.suppliers import coded, covered

__all__ = ["SHARES", "Supply", "checked_state", "listed", "states_among", "supply", "unserved"]

SHARES = "shares of each supplier in what members have: the prose gives none"


@dataclass(frozen=True, slots=True)
class Supply:
    """Whether those who owe would still be supplied."""

    standing: Standing
    why: str
    missing: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return the answer as plain values for JSON."""
        return {"standing": self.standing, "why": self.why, "missing": list(self.missing)}


def listed(parts: Sequence[str]) -> str:
    """Write words in a row, with *and* before the last."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def states_among(charter: Charter, codes: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return members that are states, with their country codes."""
    return tuple(
        (code, charter.members[code].iso)
        for code in codes
        if code in charter.members and charter.members[code].iso
    )


def checked_state(evidence: Evidence, supplier: str) -> str:
    """Refuse what is not the code of a state."""
    if supplier not in evidence.countries:
        raise UsageError(
            f"{supplier[:40]!r} is not the code of a state",
            hint="write an ISO 3166-1 alpha-3 code, such as USA",
        )
    return supplier


def unserved(
    services: Services | None,
    lost: frozenset[str],
    providers: frozenset[str] = frozenset(),
) -> tuple[str, ...]:
    """Return obligations that hang on a service which neither works nor has an alternate."""
    if services is None:
        return ()
    working = services.working(lost_services=lost, lost_providers=providers)
    found: dict[str, None] = {}
    for service in services.all.values():
        served = service.id in working or any(other in working for other in service.alternates)
        if not served:
            found.update(dict.fromkeys(service.obligations))
    return tuple(found)


def supply(
    charter: Charter,
    obligation_id: str,
    *,
    evidence: Evidence,
    lost_suppliers: frozenset[str] = frozenset(),
    lost_services: frozenset[str] = frozenset(),
    lost: frozenset[str] = frozenset(),
    services: Services | None = None,
    on: date | None = None,
) -> Supply:
    """Say whether those who owe would still be supplied without some suppliers or services.

    It *fails* if the obligation hangs on a service that is lost and has no alternate, or if
    everyone who owes and is left names nobody but lost suppliers. It *holds* if nobody names a
    lost supplier, nor a group that it may belong to. Otherwise it is not known: prose gives no
    shares.

    Parameters
    ----------
    lost_suppliers
        States that stop supplying, and stop the services they provide.
    lost_services
        Services that stop.
    lost
        Members who are lost; what they would be supplied with is no longer asked, and services
        that they provide are lost with them.
    services
        What is declared; the shipped model of a charter that has one where left out.

    Examples
    --------
    >>> from comity.charters import load
    >>> from comity.evidence import load as evidence
    >>> willing = load("coalition-of-the-willing")
    >>> supply(willing, "multinational-force", evidence=evidence(),
    ...        lost_suppliers=frozenset({"USA"})).standing
    'not known'
    >>> supply(willing, "multinational-force", evidence=evidence(),
    ...        lost_suppliers=frozenset({"JPN"})).standing
    'holds'
    """
    obligation, _ = owed(charter, obligation_id)
    declared = services if services is not None else example(charter, on=on)
    known(declared, lost_services)
    for state in lost_suppliers:
        checked_state(evidence, state)
    words = " (model)" if declared is not None and declared.grounds == "model" else ""
    if obligation_id in unserved(declared, lost_services, lost_suppliers | lost):
        assert declared is not None
        working = declared.working(
            lost_services=lost_services, lost_providers=lost_suppliers | lost
        )
        gone = [
            s.name for s in declared.all.values()
            if obligation_id in s.obligations and s.id not in working
            and not any(other in working for other in s.alternates)
        ]  # fmt: skip
        why = f"it hangs on {listed(gone)}, and nothing takes that place{words}"
        return Supply("fails", why)
    if not lost_suppliers:
        if lost_services or lost:
            return Supply("holds", f"what it hangs on still works{words}")
        return Supply("holds", "nothing is lost: members have what they have")
    left = tuple(m for m in owing(charter, obligation, on) if m not in lost)
    pairs = states_among(charter, left)
    if not pairs:
        return Supply("not known", "nobody who owes is left whose equipment is described")
    found = coded([iso for _, iso in pairs], evidence)
    bare, named, meant, unread = [], [], [], []
    for (member, iso), one in zip(pairs, found, strict=True):
        others = [s for s in one.suppliers if s not in lost_suppliers]
        gone_names = [s for s in one.suppliers if s in lost_suppliers and s != iso]
        if not one.known:
            unread.append(member)
        elif gone_names:
            named.append(member)
            if not others and not one.groups and not one.domestic:
                bare.append(member)
        elif any(lost_suppliers & covered(group) for group in one.groups):
            meant.append(member)
    who = listed([evidence.name(s) for s in sorted(lost_suppliers)])
    if len(bare) == len(pairs):
        return Supply("fails", f"all {len(pairs)} name no source but {who}")
    if not (named or meant or unread):
        return Supply("holds", f"none of {len(pairs)} names {who}, or a group it may belong to")
    told = [f"{len(named)} of {len(pairs)} name {who}"] if named else []
    if bare:
        told.append(f"{', '.join(bare)} no other source")
    if meant:
        told.append(f"{len(meant)} name a group it may belong to")
    if unread:
        told.append(f"of {', '.join(unread)} there are no words")
    missing = (SHARES, *((f"words on the equipment of {', '.join(unread)}",) if unread else ()))
    return Supply("not known", "; ".join(told) + "; how much hangs on it is not known", missing)
