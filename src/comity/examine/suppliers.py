"""Who supplies whose equipment: read from prose by written rules, counted from a register.

The rules are data, `evidence/data/supplier_rules.toml`, in the order in which they are applied.
Prose says that a supplier is named, never how much hangs on it; only a register that the user
imports can be counted.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal, TypeAlias

from comity.evidence import Evidence
from comity.evidence.places import countries

Reliance: TypeAlias = Literal[
    "no other named", "only unnamed or home", "others named", "may be meant", "not named",
    "not known",
]  # fmt: skip
"""What hangs on a supplier, by the words alone, from most to least."""

RELIANCE: tuple[Reliance, ...] = (
    "no other named", "only unnamed or home", "others named", "may be meant", "not named",
    "not known",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Coded:
    """What the words on one state's equipment name.

    Attributes
    ----------
    suppliers
        States named as suppliers of what it has or buys, in the order of the text.
    leading
        Those of them that are said to lead.
    groups
        Suppliers named as a group only: EUR, WEST.
    legacy
        Origins that supply nothing any more: SOV, YUG.
    past
        States that supplied what it had before, and are not named for today.
    partners
        States with whom its industry makes things together.
    domestic
        Whether it is said to have equipment made at home.
    industry
        Whether an industry of its own is spoken of.
    text
        The words; empty where there are none, and then nothing is known.
    """

    subject: str
    suppliers: tuple[str, ...] = ()
    leading: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    legacy: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    domestic: bool = False
    industry: bool = False
    text: str = ""

    @property
    def known(self) -> bool:
        """Whether there are words to read."""
        return bool(self.text)

    def relies(self, supplier: str) -> Reliance:
        """Say what hangs on a supplier, by the words alone."""
        if not self.known:
            return "not known"
        if supplier in self.suppliers:
            if len(self.suppliers) > 1:
                return "others named"
            return "only unnamed or home" if self.groups or self.domestic else "no other named"
        meant = any(supplier in covered(group) for group in self.groups)
        return "may be meant" if meant else "not named"


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders in a register that the user imported, counted by supplier; numbers, not values.

    Attributes
    ----------
    complete
        Whether all orders of the rows could be told apart by supplier.
    """

    subject: str
    by_supplier: tuple[tuple[str, int], ...]
    years: tuple[int, ...]
    ids: tuple[str, ...]
    complete: bool

    @property
    def total(self) -> int:
        """How many orders there are."""
        return sum(n for _, n in self.by_supplier)

    @property
    def concentration(self) -> float:
        """The Herfindahl-Hirschman index of the numbers of orders, above 0 and up to 1."""
        return sum((n / self.total) ** 2 for _, n in self.by_supplier) if self.total else 0.0


@functools.cache
def rules() -> Mapping[str, Any]:
    """Return the coding rules as they are written."""
    file = resources.files("comity.evidence") / "data" / "supplier_rules.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


@functools.cache
def titles() -> Mapping[str, str]:
    """Return the titles of groups and origins that are no states."""
    return {n["code"]: n["title"] for n in rules()["name"] if "title" in n}


@functools.cache
def _names() -> tuple[tuple[re.Pattern[str], str, str], ...]:
    """Names as patterns, in the order in which they are looked for: pattern, code, kind."""
    written = [(w, n["code"], n["kind"]) for n in rules()["name"] for w in n["words"]]
    have = {word for word, _, _ in written}
    states = [(c.name, c.iso3, "state") for c in countries().values() if c.is_state]
    states.sort(key=lambda s: -len(s[0]))
    everything = [*written, *(s for s in states if s[0] not in have)]
    return tuple((re.compile(rf"\b{re.escape(w)}\b"), code, kind) for w, code, kind in everything)


@functools.cache
def covered(group: str) -> frozenset[str]:
    """Return the states that a group of the prose may mean."""
    regions = {code: country.region for code, country in countries().items()}
    europe = {c for c, region in regions.items() if region == "Europe"} - {"RUS", "BLR"}
    meant = {
        "EUR": europe,
        "WEST": europe | {"USA", "CAN", "AUS", "NZL"},
        "ASIA": {c for c, region in regions.items() if region == "Asia"},
    }
    return frozenset(meant.get(group, ()))


@functools.lru_cache(maxsize=1_000)
def code(subject: str, text: str) -> Coded:
    """Read suppliers from the words on a state's equipment, by the written rules.

    Examples
    --------
    >>> coded = code("LTU", "the military's inventory is a mix of mostly European and US armaments")
    >>> coded.suppliers, coded.groups
    (('USA',), ('EUR',))
    """
    if not text.strip():
        return Coded(subject)
    written = rules()
    plain = text
    for pattern in written["strike"]:
        plain = re.sub(pattern, " ", plain)
    found: dict[str, list[str]] = {
        k: [] for k in ("state", "group", "legacy", "past", "partner", "leading")
    }
    domestic = industry = False
    for clause in plain.split(";"):
        role = _role(clause.strip())
        named = list(_named(clause))
        past = {name for m in re.finditer(written["past"], clause) for name in _codes(m.group(1))}
        if role == "industry":
            industry = True
            found["partner"] += [name for name, kind in named if kind == "state"]
            continue
        domestic = domestic or (role != "past" and bool(re.search(written["domestic"], clause)))
        for name, kind in named:
            gone = kind == "state" and (role == "past" or name in past)
            found["past" if gone else kind].append(name)
        if role != "past":
            found["leading"] += _leading(clause)
    parts = {k: tuple(n for n in dict.fromkeys(v) if n != subject) for k, v in found.items()}
    return Coded(
        subject,
        parts["state"],
        tuple(n for n in parts["leading"] if n in parts["state"]),
        parts["group"],
        parts["legacy"],
        tuple(n for n in parts["past"] if n not in parts["state"]),
        parts["partner"],
        domestic,
        industry,
        text,
    )


def _role(clause: str) -> str:
    for rule in rules()["clause"]:
        if re.search(rule["pattern"], clause):
            return str(rule["role"])
    return "inventory"


def _named(clause: str) -> Iterator[tuple[str, str]]:
    """Find names in a clause, in the order of the text; what one has taken no other takes."""
    hits: list[tuple[int, str, str]] = []
    left = clause
    for pattern, name, kind in _names():
        hits += [(match.start(), name, kind) for match in pattern.finditer(left)]
        left = pattern.sub(lambda m: " " * len(m.group()), left)
    for _, name, kind in sorted(hits):
        yield name, kind


def _codes(text: str) -> list[str]:
    return [name for name, kind in _named(text) if kind == "state"]


def _leading(clause: str) -> list[str]:
    """Find who is said to lead: right after or right before the phrase that says so."""
    found: list[str] = []
    for match in re.finditer(rules()["leading_after"], clause):
        found += _codes(re.split(r"[,;]", clause[match.end() :], maxsplit=1)[0][:30])[:1]
    for match in re.finditer(rules()["leading_before"], clause):
        found += _codes(clause[max(0, match.start() - 30) : match.start()])[-1:]
    return found


def coded(subjects: Sequence[str], evidence: Evidence) -> tuple[Coded, ...]:
    """Return what the words on each state's equipment name; unknown where there are none."""
    return tuple(code(s, evidence.military_text(s).get("equipment") or "") for s in subjects)


# A register the user has imported


_ORDER = re.compile(r"(\d+) from (.+?)(?=, \d+ from |$)")


def orders(subject: str, evidence: Evidence) -> Orders | None:
    """Return the orders of a state by supplier; None where no register is imported."""
    rows = [
        f
        for f in evidence.figures("arms_orders_from_supplier")
        if f.subject == subject and f.value is not None
    ]
    counted: dict[str, int] = {}
    whole = 0.0
    for row in rows:
        whole += row.value or 0
        for note in row.caveats:
            if note.startswith("orders by supplier: "):
                for number, supplier in _ORDER.findall(note.removeprefix("orders by supplier: ")):
                    counted[supplier] = counted.get(supplier, 0) + int(number)
    if not counted:
        return None
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return Orders(
        subject,
        tuple(ranked),
        tuple(sorted({f.year for f in rows})),
        tuple(f.id for f in rows),
        sum(counted.values()) == whole,
    )
