"""What hangs on whom: suppliers of equipment, services that members share.

From prose only that a supplier is named, never how much hangs on it; counted only what a register
of orders lets count. Reference: docs/explanation/dependence.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from comity.core.charter import Charter
from comity.errors import UsageError
from comity.evidence import Evidence
from comity.examine.finding import Chart, Column, Finding, Missing, Source, Table
from comity.examine.services import Communicate, Services, communicate, example
from comity.examine.suppliers import RELIANCE, Coded, Orders, Reliance, coded, orders, titles
from comity.examine.supply import (
    SHARES,
    Supply,
    checked_state,
    states_among,
    supply,
    unserved,
)

__all__ = [
    "Communicate",
    "Dependence",
    "Stop",
    "Supply",
    "communicate",
    "dependence",
    "supply",
]

_TRADE = Missing(
    "all members",
    "exposure to trade coercion: no open table of trade by partner is in the evidence",
    "what a stop of other trade would do is not examined",
)


@dataclass(frozen=True, slots=True)
class Stop:
    """What the words say of a supplier that stops: members by what hangs on it."""

    supplier: str
    by: Mapping[Reliance, tuple[str, ...]]

    @property
    def naming(self) -> tuple[str, ...]:
        """Members that name it."""
        return tuple(m for reliance in RELIANCE[:3] for m in self.by.get(reliance, ()))


@dataclass(frozen=True, slots=True)
class Dependence:
    """The suppliers and services of a charter's members."""

    charter: Charter
    evidence: Evidence
    members: tuple[str, ...]
    coded: tuple[Coded, ...]
    stops: tuple[Stop, ...]
    orders: tuple[Orders, ...]
    services: Services | None
    alone: tuple[tuple[str, str, Communicate, tuple[str, ...]], ...]
    asked: str = ""

    def name(self, code: str) -> str:
        """Return the name of a state, a group or an origin."""
        return titles().get(code) or self.evidence.name(code)

    def stop(self, supplier: str) -> Stop:
        """Return what the words say of a supplier that stops."""
        for one in self.stops:
            if one.supplier == supplier:
                return one
        return _stop(supplier, self.members, self.coded)

    def sentence(self) -> str:
        """Say in one sentence what was found."""
        read = sum(c.known for c in self.coded)
        supplier = self.asked or (self.stops[0].supplier if self.stops else "")
        if not supplier:
            return f"The words on the equipment of {self.charter.name} name no supplier."
        one = self.stop(supplier)
        named = len(one.naming)
        head = (
            f"{named} of {read} members whose equipment is described name "
            f"{self.name(supplier)} among their suppliers"
        )
        if not self.asked:
            head += ", more than any other"
        only = len(one.by.get("no other named", ()))
        home = len(one.by.get("only unnamed or home", ()))
        may = len(one.by.get("may be meant", ()))
        parts = [f"{only} of these name no other source" if only else "each names another source"]
        if home:
            parts.append(f"for {home} of them that is a group or their own making, no other state")
        if may:
            parts.append(f"{may} more name a group of countries that may mean it")
        return f"{head}; {'; '.join(parts)}."

    def to_json(self) -> dict[str, object]:
        """Return the answer as plain values for JSON."""
        return {
            "charter": self.charter.id,
            "sentence": self.sentence(),
            "members": [
                {
                    "member": member,
                    "known": c.known,
                    "suppliers": list(c.suppliers),
                    "leading": list(c.leading),
                    "groups": list(c.groups),
                    "legacy": list(c.legacy),
                    "past": list(c.past),
                    "partners": list(c.partners),
                    "domestic": c.domestic,
                    "industry": c.industry,
                }
                for member, c in zip(self.members, self.coded, strict=True)
            ],
            "suppliers": [
                {"supplier": s.supplier, **{r: list(s.by.get(r, ())) for r in RELIANCE}}
                for s in self.stops
            ],
            "orders": [
                {
                    "member": o.subject,
                    "by_supplier": dict(o.by_supplier),
                    "concentration": o.concentration,
                    "complete": o.complete,
                }
                for o in self.orders
            ],
            "services": [
                {
                    "service": key,
                    "grounds": self.services.grounds if self.services else "",
                    "without_it": answer.to_json(),
                    "obligations_without_alternate": list(stopped),
                }
                for key, _, answer, stopped in self.alone
            ],
            "finding": self.finding().to_json(),
        }

    def finding(self) -> Finding:
        """Return the answer as tables with their assumptions."""
        tables = tuple(t for t in self._tables() if len(t))
        unread = [m for m, c in zip(self.members, self.coded, strict=True) if not c.known]
        missing = [_TRADE, Missing("all members", SHARES, "that a supplier is named is all")]
        if unread:
            told = "no words on equipment in the evidence"
            missing.append(Missing(", ".join(unread), told, "left out of every count"))
        if not self.orders:
            told = "orders by supplier: no register of arms orders is imported"
            effect = "no concentration is computed; see: comity evidence import --help"
            missing.append(Missing("all members", told, effect))
        if self.services is None:
            told = "the services they share: none are declared for this charter"
            missing.append(Missing("all members", told, "whether they can communicate is open"))
        chart = Chart(
            "bar",
            "Who names whom as a supplier of its equipment",
            value="count",
            label="supplier",
            table="suppliers",
            sort="size",
        )
        caveats = [
            "The words are those of one publisher, of 2025; what it leaves out is not here.",
            "To be named is not to be needed: nothing is said of how much, or how soon it tells.",
        ]
        if self.services is not None and self.services.grounds == "model":
            caveats.append(f"{self.services.title}: who uses which service is our model.")
        source = self.evidence.sources.get("cia-factbook")
        given = () if source is None else (source,)
        return Finding(
            question=f"On whom do the members of {self.charter.name} depend?",
            sentence=self.sentence(),
            tables=tables,
            assumptions=(
                "Suppliers are read from prose by written rules (supplier_rules.toml): states "
                "named for what there is or is bought; partners of an industry, and origins that "
                "supply nothing any more, are kept apart.",
                "A group such as European countries may mean any of its states.",
            ),
            sources=tuple(
                Source(s.id, s.title, s.publisher, s.where, s.vintage, s.licence) for s in given
            ),
            not_in_it=(
                "parts, engines, electronics and munitions inside equipment of another maker",
                "licences and permissions without which equipment may not be passed on or used",
                "stocks of spares, and for how long they would last",
            ),
            caveats=tuple(caveats),
            missing=tuple(missing),
            charts=(chart,) if any(t.name == "suppliers" for t in tables) else (),
            method="names read by rule and counted; every service tried",
        )

    def _tables(self) -> Iterator[Table]:
        if self.asked:
            one = self.stop(self.asked)
            rows = [r for r in RELIANCE if one.by.get(r)]
            yield Table(
                "stop",
                f"If {self.name(self.asked)} stopped supplying",
                (
                    Column("reliance", "By the words", tuple(_WORDS[r] for r in rows)),
                    Column("count", "Members", tuple(len(one.by[r]) for r in rows)),
                    Column("who", "Who", tuple(", ".join(one.by[r]) for r in rows)),
                ),
            )
        stops = self.stops
        yield Table(
            "suppliers",
            "Suppliers, by how many members name them",
            (
                Column("supplier", "Supplier", tuple(self.name(s.supplier) for s in stops)),
                Column("count", "Named by", tuple(len(s.naming) for s in stops)),
                Column(
                    "leading",
                    "As the leading one",
                    tuple(
                        ", ".join(c.subject for c in self.coded if s.supplier in c.leading) or "-"
                        for s in stops
                    ),
                ),
                Column(
                    "alone",
                    "No other state named",
                    tuple(
                        ", ".join(
                            (*s.by.get("no other named", ()), *s.by.get("only unnamed or home", ()))
                        )
                        or "-"
                        for s in stops
                    ),
                ),
            ),
        )
        yield Table(
            "members",
            "What is named, member by member",
            (
                Column("member", "Member", self.members),
                Column("suppliers", "Suppliers", tuple(_codes(c.suppliers, c) for c in self.coded)),
                Column("groups", "Not by name", tuple(_codes(c.groups, c) for c in self.coded)),
                Column(
                    "home",
                    "Made at home",
                    tuple(
                        None if not c.known else "yes" if c.domestic else "not said"
                        for c in self.coded
                    ),
                ),
                Column("legacy", "Older origin", tuple(_codes(c.legacy, c) for c in self.coded)),
                Column("partners", "Made with", tuple(_codes(c.partners, c) for c in self.coded)),
            ),
        )
        yield Table(
            "orders",
            "Orders in the register you imported: numbers, not values",
            (
                Column("member", "Member", tuple(o.subject for o in self.orders)),
                Column("orders", "Orders", tuple(o.total for o in self.orders)),
                Column("first", "Largest supplier", tuple(_first(o) for o in self.orders)),
                Column(
                    "hhi",
                    "Concentration (HHI)",
                    tuple(round(o.concentration, 2) if o.complete else None for o in self.orders),
                ),
            ),
        )
        if self.services is None:
            return
        model = " (model)" if self.services.grounds == "model" else ""
        yield Table(
            "services",
            f"Services, each lost alone{model}",
            (
                Column("service", "Without", tuple(title for _, title, _, _ in self.alone)),
                Column(
                    "communicate",
                    "Reach each other",
                    tuple(answer.standing for _, _, answer, _ in self.alone),
                ),
                Column(
                    "obligations",
                    "Obligations left without it or an alternate",
                    tuple(", ".join(stopped) or "none" for *_, stopped in self.alone),
                ),
            ),
        )


_WORDS: Mapping[Reliance, str] = {
    "no other named": "name it and no other source",
    "only unnamed or home": "name it, and beside it only unnamed countries or their own making",
    "others named": "name it, and other states",
    "may be meant": "name a group that it may belong to",
    "not named": "do not name it",
    "not known": "no words",
}


def _codes(codes: Sequence[str], one: Coded) -> str | None:
    return (", ".join(codes) or "-") if one.known else None


def _first(o: Orders) -> str:
    name, count = o.by_supplier[0]
    return f"{name}, {count} of {o.total}"


def _stop(supplier: str, members: Sequence[str], found: Sequence[Coded]) -> Stop:
    by: dict[Reliance, tuple[str, ...]] = {}
    for member, one in zip(members, found, strict=True):
        if one.subject == supplier:
            continue
        reliance = one.relies(supplier)
        by[reliance] = (*by.get(reliance, ()), member)
    return Stop(supplier, by)


def dependence(
    charter: Charter,
    *,
    evidence: Evidence,
    supplier: str = "",
    services: Services | None = None,
    on: date | None = None,
) -> Dependence:
    """Examine on whose equipment and services a charter's members depend.

    Parameters
    ----------
    supplier
        A state whose stop is asked about.
    services
        What is declared; the shipped model of a charter that has one where left out.
    on
        The day of membership; the charter's date where left out.

    Raises
    ------
    UsageError
        If no member is a state, or `supplier` is none.
    """
    day = on or charter.dated
    everybody = tuple(
        m.code for m in charter.members.values() if m.standing == "member" and m.belongs(day)
    )
    pairs = states_among(charter, everybody)
    if not pairs:
        raise UsageError(
            f"no member of {charter.id} is a state with a code",
            hint="the words on equipment are kept by state",
        )
    members = tuple(code for code, _ in pairs)
    found = coded([iso for _, iso in pairs], evidence)
    named = dict.fromkeys(s for c in found for s in c.suppliers)
    stops = sorted((_stop(s, members, found) for s in named), key=lambda s: -len(s.naming))
    if supplier:
        checked_state(evidence, supplier)
    declared = services if services is not None else example(charter, on=day)
    alone = []
    for key, service in declared.all.items() if declared else ():
        answer = communicate(charter, lost_services=frozenset({key}), services=declared, on=day)
        alone.append((key, service.name, answer, unserved(declared, frozenset({key}))))
    registered = [orders(iso, evidence) for _, iso in pairs]
    return Dependence(
        charter,
        evidence,
        members,
        found,
        tuple(stops),
        tuple(o for o in registered if o is not None),
        declared,
        tuple(alone),
        supplier,
    )
