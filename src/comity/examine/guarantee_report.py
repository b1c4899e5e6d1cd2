"""The cornerstone report of a charter: every obligation, every loss, why, and what removes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from comity.core.charter import Charter
from comity.errors import UsageError
from comity.evidence import Evidence
from comity.examine.changes import FAMILY
from comity.examine.contributions import Contributions
from comity.examine.finding import Column, Finding, Source, Table
from comity.examine.guarantee import KIND_WORDS, Cell, Guarantee, sentence
from comity.examine.potential import sources_of
from comity.examine.power import grounds
from comity.examine.services import Services
from comity.examine.setting import LOSS_KINDS, LossKind, Lost, Setting, Standing


@dataclass(frozen=True, slots=True)
class Report:
    """The cornerstone report of a charter: every obligation, every loss."""

    charter: Charter
    on: date
    guarantees: tuple[Guarantee, ...]
    kinds: tuple[LossKind, ...]
    parameters: tuple[str, ...]
    pairs: bool
    given: tuple[str, ...] = ()

    def sentence(self) -> str:
        """Say in one sentence per obligation what was found."""
        return " ".join(sentence(g, self.kinds) for g in self.guarantees)

    def to_json(self) -> dict[str, object]:
        """Return the answer with the keys documented in docs/howto/cornerstones.md."""
        return {
            "charter": self.charter.id,
            "on": self.on.isoformat(),
            **grounds(self.finding()),
            "parameters": list(self.parameters),
            "given": list(self.given),
            "family_of_changes": FAMILY,
            "obligations": [
                g.to_json(frozenset(self.kinds))
                | ({"pairs": [cell.to_json() for cell in g.pairs()]} if self.pairs else {})
                for g in self.guarantees
            ],
        }

    def finding(self) -> Finding:
        """Return the answer as tables: how each stands, who is a cornerstone, why, what removes."""
        tables = [self._standing(), self._who()]
        rows = list(self._reasons())
        if rows:
            tables.append(_why(rows))
        if self.pairs:
            tables.append(self._paired())
        evidence = self.guarantees[0].setting.evidence if self.guarantees else None
        figures = [
            evidence.show(part.id)
            for g in self.guarantees
            for line in g.trial.mustered(None).lines
            for part in line.parts
            if part.id and evidence is not None and "(" not in part.id
        ]
        cited = [
            Source(s.id, s.title, s.publisher, s.where, s.date)
            for s in (
                self.charter.sources[g.obligation.source]
                for g in self.guarantees
                if g.obligation.source in self.charter.sources
            )
        ]
        if evidence is not None:
            cited.extend(sources_of(evidence, figures))
        return Finding(
            question=f"Do the guarantees of {self.charter.name} hold without any one of them?",
            sentence=self.sentence(),
            tables=tuple(tables),
            assumptions=(
                "An obligation holds if its members can communicate AND decide AND muster AND are "
                "supplied; it fails if one of these fails; otherwise it is not known.",
                "Silent: answers nothing, brings nothing. Refusing: says no, withholds. Leaving: "
                "is no longer a party. Stopping: a supplier or service gives nothing more. All "
                "the others agree.",
                f"What removes a cornerstone is sought among: {FAMILY}; each is tried again.",
                *(f"Set by you: {told}." for told in self.parameters),
                *self._grounds(),
            ),
            caveats=tuple(
                f"{g.obligation.id}: {caveat}"
                for g in self.guarantees
                for caveat in g.obligation.caveats
            ),
            not_in_it=(
                "will, readiness, command, stocks of ammunition, intelligence",
                "what a member may do outside the obligation",
            ),
            sources=tuple({source.id: source for source in cited}.values()),
            method="each loss tried on each of the four systems, and again after each change",
        )

    def _grounds(self) -> Iterator[str]:
        """Say what is a model, and what the answer takes for given."""
        for told in self.given:
            yield f"Given by you: {told}."
        if not any(told.startswith("contributions") for told in self.given):
            yield (
                "Contributions: holdings in the evidence and positions that the press reported, "
                "which are a scenario and no pledges."
            )
        for g in self.guarantees:
            rule = g.trial.rule
            if rule and self.charter.rule(rule).grounds == "model":
                yield f"{g.obligation.id} is invoked under '{rule}', our model; no text says so."
        if any(g.trial.services.grounds == "model" for g in self.guarantees):
            yield "Shared services are our model, not what members use."

    def _standing(self) -> Table:
        rows = self.guarantees
        return Table(
            "standing",
            "Nothing lost",
            (
                Column("obligation", "Obligation", tuple(g.obligation.id for g in rows)),
                Column("standing", "Stands", tuple(g.standing for g in rows)),
                *(
                    Column(
                        system,
                        system.capitalize(),
                        tuple(next(p for p in g.base if p.system == system).standing for g in rows),
                    )
                    for system in ("communicate", "decide", "muster", "supply")
                ),
            ),
        )

    def _who(self) -> Table:
        shown: list[tuple[str, LossKind]] = []
        for g in self.guarantees:
            shown.extend((g.obligation.id, kind) for kind in self.kinds)
        by_id = {g.obligation.id: g for g in self.guarantees}

        def cells(one: str, kind: LossKind, standing: Standing) -> list[Cell]:
            every = by_id[one].cells
            return [c for c in every if c.lost.kind == kind and c.standing == standing]

        def fails(one: str, kind: LossKind) -> str:
            g = by_id[one]
            if g.standing == "fails":
                return "fails without any loss"
            found = cells(one, kind, "fails")
            if found and all(c.by_nature for c in found) and kind != "stopping":
                return "any one member: a property of the rule"
            return ", ".join(c.lost.names[0] for c in found) or "nobody"

        return Table(
            "cornerstones",
            "Whose loss alone makes it fail",
            (
                Column("obligation", "Obligation", tuple(one for one, _ in shown)),
                Column("loss", "If one", tuple(KIND_WORDS[kind] for _, kind in shown)),
                Column("fails", "It fails", tuple(fails(one, kind) for one, kind in shown)),
                Column(
                    "holds",
                    "Holds",
                    tuple(len(cells(one, kind, "holds")) for one, kind in shown),
                ),
                Column(
                    "unknown",
                    "Not known",
                    tuple(len(cells(one, kind, "not known")) for one, kind in shown),
                ),
            ),
        )

    def _reasons(self) -> Iterator[tuple[Guarantee, list[Cell]]]:
        """Yield cornerstones of one obligation and kind that fail for one reason together."""
        for g in self.guarantees:
            if g.standing == "fails":
                yield g, [g.cell(Lost((), "member", "silent"))]
            alike: dict[tuple[str, bool], list[Cell]] = {}
            for cell in g.cornerstones():
                if cell.lost.kind in self.kinds:
                    told = cell.why().split(": 1 against")[0]
                    alike.setdefault((told, cell.by_nature), []).append(cell)
            for cells in alike.values():
                yield g, cells

    def _paired(self) -> Table:
        rows: list[tuple[str, str, str, str]] = []
        for g in self.guarantees:
            alike: dict[tuple[LossKind, str], list[Cell]] = {}
            for cell in g.pairs():
                if cell.lost.kind in self.kinds:
                    alike.setdefault((cell.lost.kind, cell.why()), []).append(cell)
            for (kind, why), cells in alike.items():
                told = "; ".join(" and ".join(c.lost.names) for c in cells[:6])
                more = f"; and {len(cells) - 6} more" if len(cells) > 6 else ""
                rows.append((g.obligation.id, KIND_WORDS[kind], told + more, why))
        return Table(
            "pairs",
            "Pairs that make it fail though neither does alone",
            (
                Column("obligation", "Obligation", tuple(row[0] for row in rows)),
                Column("loss", "If both", tuple(row[1] for row in rows)),
                Column("pair", "Pair", tuple(row[2] for row in rows)),
                Column("why", "Why", tuple(row[3] for row in rows)),
            ),
        )

    def cell(self, subject: str, kind: str, obligation_id: str) -> tuple[Guarantee, Cell]:
        """Return one cell of the table, for its "why?".

        Raises
        ------
        UsageError
            If there is no such cell.
        """
        for g in self.guarantees:
            if g.obligation.id != obligation_id:
                continue
            for cell in g.cells:
                if cell.lost.names == (subject,) and cell.lost.kind == kind:
                    return g, cell
        listed = ", ".join(g.obligation.id for g in self.guarantees)
        raise UsageError(
            f"there is no cell for {subject[:32]}, {kind[:32]}, {obligation_id[:64]}",
            hint="name a member, supplier or service, then silent, refusing, leaving or "
            f"stopping, then one of: {listed}",
        )


def _why(rows: list[tuple[Guarantee, list[Cell]]]) -> Table:
    def who(cells: list[Cell]) -> str:
        if cells[0].by_nature and len(cells) > 3:
            return "any one member"
        return ", ".join(dict.fromkeys(n for cell in cells for n in cell.lost.names)) or "nobody"

    def ways(cells: list[Cell]) -> str:
        if not cells[0].lost.names:
            return "without any loss"
        return " or ".join(dict.fromkeys(KIND_WORDS[cell.lost.kind] for cell in cells))

    def removes(g: Guarantee, cells: list[Cell]) -> str:
        each = {cell.lost: g.remedies(cell) for cell in cells}
        mended = [found for found in each.values() if found]
        if not mended and g.joined:
            return "nothing in the family: it binds only those who join, so each must agree"
        if not mended:
            return "nothing in the family"
        common = [r for r in mended[0] if all(any(r.words == x.words for x in f) for f in mended)]
        best = (common or list(mended[0]))[0]
        never = dict.fromkeys(lost.names[0] for lost, found in each.items() if not found)
        told = "; and ".join(best.words)
        makes = f" (but then it fails if {_short(best.makes)})" if best.makes else ""
        rest = f"; for {', '.join(never)} nothing in the family" if never else ""
        return f"{told}: then {best.then}{makes}{rest}"

    return Table(
        "why",
        "Why, and the cheapest change that removes it",
        (
            Column("obligation", "Obligation", tuple(g.obligation.id for g, _ in rows)),
            Column("who", "Who", tuple(who(cells) for _, cells in rows)),
            Column("loss", "Loss", tuple(ways(cells) for _, cells in rows)),
            Column("why", "Why it fails", tuple(_general(cells) for _, cells in rows)),
            Column("removes", "What removes it", tuple(removes(g, cells) for g, cells in rows)),
        ),
    )


def _general(cells: list[Cell]) -> str:
    told = cells[0].why()
    return told.split(": 1 against")[0] if len(cells) > 1 else told


def _short(words: Iterable[str]) -> str:
    told = list(words)
    return ", ".join(told[:3]) + (f" and {len(told) - 3} more" if len(told) > 3 else "")


def report(
    charter: Charter,
    *,
    evidence: Evidence,
    obligation: str | None = None,
    kinds: tuple[LossKind, ...] = LOSS_KINDS,
    contributions: Contributions | None = None,
    services: Services | None = None,
    parameters: tuple[str, ...] = (),
    on: date | None = None,
    pairs: bool = False,
    given: tuple[str, ...] = (),
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Make the cornerstone report: does each guarantee hold without X, and what removes X?

    Parameters
    ----------
    obligation
        One obligation only; all of the charter where not given.
    kinds
        Kinds of loss to show.
    parameters
        Such as ``limit.UKR.personnel=600000`` (the most a member may bring) or
        ``ban.UKR=yes`` (a member may not be a party).
    given
        What the user gave, in words, such as ``contributions of ours.toml``.
    progress
        Told the obligation that is being examined.

    Raises
    ------
    UsageError
        If an obligation, parameter or member is unknown, or the charter has no obligations.
    """
    if not charter.obligations:
        raise UsageError(
            f"{charter.id} declares no obligations",
            hint="add [obligations.NAME], or ask for bodies with --organ",
        )
    day = on or charter.dated
    setting, limits = _parameters(
        Setting(charter, evidence, day, contributions, services), parameters
    )
    chosen = (obligation,) if obligation else tuple(charter.obligations)
    made: list[Guarantee] = []
    touched = not limits
    for name in chosen:
        if progress:
            progress(name)
        try:
            made.append(Guarantee(replace(setting, limits=limits), name))
            touched = True
        except UsageError:
            # A limit that touches no line of this obligation may touch one of another.
            if not limits or name not in charter.obligations:
                raise
            made.append(Guarantee(setting, name))
    if not touched:
        Guarantee(replace(setting, limits=limits), chosen[0])
    return Report(charter, day, tuple(made), kinds, parameters, pairs, given)


def _parameters(setting: Setting, given: tuple[str, ...]) -> tuple[Setting, dict[str, int]]:
    limits: dict[str, int] = {}
    for told in given:
        name, _, value = told.partition("=")
        kind, _, rest = name.partition(".")
        if kind == "limit" and "." in rest and value.replace("_", "").isdecimal():
            if len(value) > 15:
                raise UsageError(f"'{told[:64]}' is too large", hint="use at most 15 digits")
            limits[rest] = int(value)
        elif kind == "ban" and rest and value in ("yes", "no"):
            setting = setting.banned(rest) if value == "yes" else setting
        else:
            raise UsageError(
                f"'{told[:64]}' is no parameter",
                hint="write limit.UKR.personnel=600000 or ban.UKR=yes",
            )
    return setting, limits
