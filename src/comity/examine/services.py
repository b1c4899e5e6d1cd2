"""Services that members share, and whether they can still reach each other without some.

What members use is declared by the user, in a file; the shipped example is a model. Reference:
docs/explanation/dependence.md.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from itertools import pairwise
from typing import Any, Literal, TypeAlias

from comity.core.charter import Charter
from comity.errors import UsageError
from comity.examine.declared import MOST_BYTES, checked_keys, document, names_in, tables_in, text_in

Standing: TypeAlias = Literal["holds", "fails", "not known"]
MOST_SERVICES = 1_000


@dataclass(frozen=True, slots=True)
class Service:
    """One service: whose it is, who uses it, what it needs, what takes its place.

    Attributes
    ----------
    users
        Members, in charter order.
    carries
        Whether messages between its users go over it.
    needs
        Services without which it stops, unless one of their alternates works.
    obligations
        Obligations of the charter that hang on it.
    """

    id: str
    name: str
    kind: str
    users: tuple[str, ...]
    provider: str = ""
    carries: bool = False
    needs: tuple[str, ...] = ()
    alternates: tuple[str, ...] = ()
    obligations: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Services:
    """All services that are declared; `grounds` says whether that is known or a model."""

    title: str
    grounds: Literal["declared", "model"]
    all: Mapping[str, Service]

    def working(
        self,
        *,
        lost_services: Iterable[str] = (),
        lost_providers: Iterable[str] = (),
    ) -> frozenset[str]:
        """Return the services that still work once some, or some providers, are lost."""
        gone, absent = frozenset(lost_services), frozenset(lost_providers)
        left = {key for key, s in self.all.items() if key not in gone and s.provider not in absent}
        while True:
            stopped = {
                key
                for key in left
                if any(not self._served(need, left) for need in self.all[key].needs)
            }
            if not stopped:
                return frozenset(left)
            left -= stopped

    def _served(self, need: str, left: set[str]) -> bool:
        return need in left or any(other in left for other in self.all[need].alternates)


@dataclass(frozen=True, slots=True)
class Communicate:
    """Whether members can reach each other.

    Attributes
    ----------
    parts
        Who can still reach whom: one group if all can.
    """

    standing: Standing
    why: str
    parts: tuple[tuple[str, ...], ...] = ()
    missing: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return the answer as plain values for JSON."""
        return {
            "standing": self.standing,
            "why": self.why,
            "parts": [list(part) for part in self.parts],
            "missing": list(self.missing),
        }


def read(raw: bytes, name: str, charter: Charter, *, on: date | None = None) -> Services:
    """Read a file of services.

    Raises
    ------
    UsageError
        At the first fault, with its place.
    """
    if len(raw) > MOST_BYTES:
        raise UsageError(f"{name} is larger than 1 MiB", hint="keep only the services you need")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{name} is not UTF-8 text", hint="save it as UTF-8") from None
    body = document(text, name)
    checked_keys(body, {"title", "charter", "grounds", "service"}, name)
    for_charter = text_in(body, "charter", name)
    if for_charter and for_charter != charter.id:
        raise UsageError(
            f"{name} is for {for_charter}, not for {charter.id}", hint="name another file"
        )
    tables = tables_in(body, "service", name)
    if len(tables) > MOST_SERVICES:
        raise UsageError(f"{name} has more than {MOST_SERVICES:,} services")
    found: dict[str, Service] = {}
    for k, table in enumerate(tables, 1):
        service = _service(table, f"{name}, service {k}", charter, on or charter.dated)
        if service.id in found:
            raise UsageError(f"{name}: two services are called '{service.id}'")
        found[service.id] = service
    for service in found.values():
        for other in (*service.needs, *service.alternates):
            if other not in found:
                raise UsageError(
                    f"{name}: '{service.id}' speaks of '{other}', which is not declared",
                    hint="declare it, or correct the id",
                )
    grounds: Literal["declared", "model"] = (
        "model" if text_in(body, "grounds", name) == "model" else "declared"
    )
    return Services(text_in(body, "title", name) or name, grounds, found)


_KEYS = {
    "id", "name", "kind", "provider", "users", "carries", "needs", "alternates", "for", "note",
}  # fmt: skip


def _service(table: Mapping[str, Any], where: str, charter: Charter, on: date) -> Service:
    checked_keys(table, _KEYS, where)
    key = text_in(table, "id", where)
    if not key:
        raise UsageError(f"{where}: 'id' is missing")
    where = f"{where} ({key[:40]})"
    selectors = _names(table, "users", where)
    for selector in selectors:
        kind, _, what = selector.rpartition(":")
        known = {
            "": what in charter.members or what in charter.participants,
            "group": what in charter.groups,
            "standing": any(m.standing == what for m in charter.members.values()),
        }
        if not known.get(kind, False):
            raise UsageError(
                f"{where}: nobody in {charter.id} is '{selector[:40]}'",
                hint="write members' codes, standing:NAME or group:NAME",
            )
    owed = _names(table, "for", where)
    for obligation in owed:
        if obligation not in charter.obligations:
            raise UsageError(
                f"{where}: {charter.id} has no obligation '{obligation[:40]}'",
                hint=f"it has: {', '.join(charter.obligations) or 'none'}",
            )
    carries = table.get("carries", False)
    if not isinstance(carries, bool):
        raise UsageError(f"{where}: 'carries' must be true or false")
    return Service(
        key,
        text_in(table, "name", where) or key,
        text_in(table, "kind", where),
        charter.select(selectors, on),
        text_in(table, "provider", where),
        carries,
        _names(table, "needs", where),
        _names(table, "alternates", where),
        owed,
        text_in(table, "note", where),
    )


def _names(table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    return names_in(table.get(key, []), key, where, most=MOST_SERVICES)


def example(charter: Charter, *, on: date | None = None) -> Services | None:
    """Return the shipped example, a model; None for a charter it is not made for."""
    file = resources.files("comity.evidence") / "data" / "services_example.toml"
    raw = file.read_bytes()
    if tomllib.loads(raw.decode())["charter"] != charter.id:
        return None
    return read(raw, "services_example.toml", charter, on=on)


def known(services: Services | None, lost: Iterable[str]) -> None:
    """Refuse the loss of a service that nobody has declared.

    Raises
    ------
    UsageError
        If it is not declared; the hint names those that are.
    """
    for key in lost:
        if services is None or key not in services.all:
            there = ", ".join(services.all) if services else "none"
            raise UsageError(
                f"no service '{key[:40]}' is declared", hint=f"declared services: {there}"
            )


def communicate(
    charter: Charter,
    *,
    lost: frozenset[str] = frozenset(),
    lost_services: frozenset[str] = frozenset(),
    lost_suppliers: frozenset[str] = frozenset(),
    services: Services | None = None,
    organ: str = "",
    on: date | None = None,
) -> Communicate:
    """Say whether the members who are left can still all reach each other.

    They can if the services that still work and carry messages join them all into one group.

    Parameters
    ----------
    lost
        Members who are lost; services that they provide are lost with them.
    lost_services, lost_suppliers
        Services, and providers with all of their services.
    services
        What is declared; the shipped model of a charter that has one where left out.
    organ
        Only who sits there; all members where left out.

    Examples
    --------
    >>> from comity.charters import load
    >>> willing = load("coalition-of-the-willing")
    >>> communicate(willing, lost_services=frozenset({"cloud"})).standing
    'holds'
    >>> communicate(load("osce")).standing
    'not known'
    """
    day = on or charter.dated
    declared = services if services is not None else example(charter, on=day)
    if declared is None or not any(s.carries for s in declared.all.values()):
        what = "the services over which members reach each other"
        return Communicate("not known", f"not declared: {what}", missing=(what,))
    known(declared, lost_services)
    everybody = (
        charter.roster(organ, day)
        if organ
        else tuple(
            m.code for m in charter.members.values() if m.standing == "member" and m.belongs(day)
        )
    )
    left = tuple(m for m in everybody if m not in lost)
    if not left:
        return Communicate("fails", "nobody is left")
    words = " (model)" if declared.grounds == "model" else ""
    working = declared.working(lost_services=lost_services, lost_providers=lost_suppliers | lost)
    carrying = [declared.all[key] for key in declared.all if key in working]
    carrying = [s for s in carrying if s.carries]
    parts = _joined(left, carrying)
    if len(parts) == 1:
        over = ", ".join(s.name for s in carrying if len(set(s.users) & set(left)) > 1)
        why = f"all {len(left)} reach each other over {over}{words}" if over else "one is left"
        return Communicate("holds", why, parts)
    undeclared = [
        m for m in left if not any(s.carries and m in s.users for s in declared.all.values())
    ]
    if undeclared:
        what = f"the services of {_some(undeclared)}"
        return Communicate("not known", f"not declared: {what}{words}", parts, (what,))
    cut = [m for part in parts if part != parts[0] for m in part]
    why = f"{len(parts)} groups cannot reach each other; cut off: {_some(cut)}{words}"
    return Communicate("fails", why, parts)


def _some(members: list[str]) -> str:
    if len(members) <= 4:
        return ", ".join(members)
    return f"{', '.join(members[:3])} and {len(members) - 3} more"


def _joined(members: tuple[str, ...], services: Iterable[Service]) -> tuple[tuple[str, ...], ...]:
    """Return who is joined with whom, the largest group first, each in charter order."""
    head = {m: m for m in members}

    def root(member: str) -> str:
        while head[member] != member:
            head[member] = head[head[member]]
            member = head[member]
        return member

    for service in services:
        users = [m for m in service.users if m in head]
        for one, other in pairwise(users):
            head[root(other)] = root(one)
    groups: dict[str, list[str]] = {}
    for member in members:
        groups.setdefault(root(member), []).append(member)
    return tuple(tuple(g) for g in sorted(groups.values(), key=lambda g: -len(g)))
