"""Charter files, read: text in, a charter out, or all faults of the file at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import cast, get_args

from comity.core.charter import (
    CHANGES,
    RIGHTS,
    Basis,
    Binds,
    Chair,
    Change,
    Charter,
    Grounds,
    Member,
    Need,
    Obligation,
    Organ,
    Participant,
    Procedure,
    ProcedureKind,
    Reference,
    Rotation,
    RuleEntry,
    Term,
    WeightTable,
)
from comity.core.checks import check
from comity.core.fields import Faults, Table, exact_number, shown
from comity.core.rule_reading import RESERVED_SETS, Names, read_rule
from comity.core.source import Fault, Faulty, read
from comity.errors import CharterError

LANGUAGE = 1
MAX_MEMBERS = 1_000
MAX_NAMED = 200
MAX_TERMS = 200
MAX_GROUPED = 5_000
"""Codes in all groups together, at the most: they are looked up for every roster."""
SOURCE_KINDS = ("text", "press", "data", "general knowledge", "model")
PARTICIPANT_KINDS = ("state", "institution", "organisation", "office")
_ISO = re.compile(r"[A-Z]{3}")
DEFAULT_STANDINGS: Mapping[str, tuple[str, ...]] = {"member": RIGHTS}


def read_charter(text: str | bytes) -> Charter:
    """Read a charter from TOML.

    Parameters
    ----------
    text
        The file, at most 1 MiB; see spec/charter.md.

    Raises
    ------
    CharterError
        With all faults of the file: line, what is wrong, remedy.
    """
    charter, faults = examine(text)
    if charter is not None:
        return charter
    first = faults[0]
    more = ("", " (and one more fault)")[len(faults) > 1]
    if len(faults) > 2:
        more = f" (and {len(faults) - 1} more faults)"
    raise CharterError(
        f"the charter cannot be used: {first.what}, in line {first.line}{more}",
        hint=first.remedy,
        faults=tuple(fault.to_json() for fault in faults),
    )


def examine(text: str | bytes) -> tuple[Charter | None, tuple[Fault, ...]]:
    """Read a charter and return it with no faults, or None with all of them.

    What the charter may say but its people should know, such as an organ
    without a rule or a member without whom it cannot be amended, is in the
    charter's `notes`.
    """
    try:
        source = read(text)
    except Faulty as stopped:
        return None, (stopped.fault,)
    faults = Faults(source)
    if not is_known(source.data.get("comity"), faults):
        return None, faults.sorted()
    charter = _Reader(Table(source.data, (), faults)).charter()
    notes = check(charter, faults)
    if faults.found:
        return None, faults.sorted()
    return replace(charter, notes=notes), ()


def is_known(version: object, faults: Faults, what: str = "charter") -> bool:
    """Tell whether the file is in this language: what it means in another one is not known."""
    if version == LANGUAGE and isinstance(version, int) and not isinstance(version, bool):
        return True
    if version is None:
        faults.add(
            (), f"the file does not say that it is a {what}", f"begin it: comity = {LANGUAGE}"
        )
    else:
        faults.add(
            ("comity",),
            f"version {shown(version)} of the language is not known",
            f"write comity = {LANGUAGE}, or read the file with a newer comity",
        )
    return False


def read_sources(root: Table) -> dict[str, Reference]:
    """Read the sources that a file declares."""
    sources: dict[str, Reference] = {}
    for name, table in root.named("sources", limit=MAX_NAMED, what="sources"):
        sources[name] = Reference(
            id=name,
            title=table.text("title", required=True, limit=400),
            kind=table.choice("kind", SOURCE_KINDS),
            publisher=table.text("publisher", limit=200),
            where=table.text("where", limit=400),
            date=str(table.day("date") or ""),
            note=table.text("note"),
        )
        table.done()
    return sources


class _Reader:
    """Reads the tables of one file, in an order in which names are known before they are used."""

    def __init__(self, root: Table) -> None:
        self.root = root
        self.sources: dict[str, Reference] = {}
        self.members: dict[str, Member] = {}
        self.participants: dict[str, Participant] = {}
        self.standings: dict[str, tuple[str, ...]] = dict(DEFAULT_STANDINGS)
        self.groups: dict[str, tuple[str, ...]] = {}
        self.rotations: dict[str, Rotation] = {}
        self.rules: dict[str, RuleEntry] = {}
        self.procedures: dict[str, Procedure] = {}
        self.organs: dict[str, Organ] = {}
        self.dated = date.min
        self.codes: set[str] = set()

    def charter(self) -> Charter:
        root = self.root
        root.asked.append("comity")
        head = root.table("charter", required=True) or Table({}, ("charter",), root.faults)
        given = bool(head.data)
        self.dated = (head.day("date", required=given)) or self.dated
        identity = head.identifier("id", required=given)
        name = head.text("name", required=given, limit=200)
        edition = head.text("edition", required=given, limit=64)
        grounds = cast("Grounds", head.choice("text", get_args(Grounds))) if given else "model"
        self.sources.update(read_sources(self.root))
        self._standings()
        self._members()
        self._groups()
        weights = self._weights()
        self._rotations()
        self._rules(dict.fromkeys(table.name for table in weights))
        self._procedures()
        self._organs()
        obligations = self._obligations()
        changes = self._changes()
        made = Charter(
            id=identity,
            name=name,
            edition=edition,
            dated=self.dated,
            grounds=grounds,
            summary=head.text("summary"),
            sources=self.sources,
            cites=self._cited(head, "sources"),
            markings=head.texts("markings", limit=16),
            retention_days=head.whole("retention_days", 0, 36_500),
            standings=self.standings,
            members=self.members,
            participants=self.participants,
            groups=self.groups,
            weights=weights,
            rotations=self.rotations,
            procedures=self.procedures,
            rules=self.rules,
            organs=self.organs,
            obligations=obligations,
            changes=changes,
        )
        head.done()
        root.done()
        return made

    # Names that must exist.

    def _source(self, table: Table) -> str:
        return table.known("source", table.text("source", limit=64), self.sources, "source")

    def _cited(self, table: Table, key: str) -> tuple[str, ...]:
        cited = table.texts(key, limit=MAX_NAMED)
        for source in cited:
            table.known(key, source, self.sources, "source")
        return cited

    def _selectors(
        self, table: Table, key: str, *, own: tuple[str, ...] = (), required: bool = False
    ) -> tuple[str, ...]:
        """Read selectors; `own` are the words that stand for an organ's own people there."""
        told = table.texts(key, limit=MAX_MEMBERS, required=required)
        if required and table.data.get(key) == []:
            table.fault(key, "it names nobody", 'write ["standing:member"], or some codes')
        for selector in told:
            self._selector(table, key, selector, own)
        return told

    def _selector(self, table: Table, key: str, selector: str, own: tuple[str, ...]) -> None:
        kind, colon, name = selector.rpartition(":")
        if colon and kind == "standing":
            table.known(key, name, self.standings, "standing")
        elif colon and kind == "group":
            table.known(key, name, self.groups, "group")
        elif colon and kind == "rotation":
            table.known(key, name, self.rotations, "rotation")
        elif selector in RESERVED_SETS and selector not in own:
            may = f", only {' or '.join(own)}" if own else ""
            table.fault(
                key, f"'{selector}' has no meaning here{may}", "name members, standings or groups"
            )
        elif selector not in own:
            self._party(table, key, selector)

    def _set_part(self, table: Table, key: str, selector: str) -> None:
        """Check a selector in a rule, where a group may also stand without its prefix."""
        if selector not in self.groups:
            self._selector(table, key, selector, ("veto", "chair"))

    def _party(self, table: Table, key: str, code: str) -> None:
        if self.members and code not in self.codes:
            table.fault(
                key,
                f"'{code[:64]}' is neither a member nor a participant",
                "declare it under [members] or [participants], or correct the code",
            )

    def _free(
        self, table: Table, name: str, *taken: Collection[str], key: str | None = None
    ) -> None:
        """Note a fault where a code or a group's name means something else already."""
        if name in RESERVED_SETS or any(name in names for names in taken):
            table.fault(key, f"'{name[:64]}' is taken", "give it a name of its own")

    # The tables, one by one.

    def _standings(self) -> None:
        for name, table in self.root.named("standings", limit=16, what="standings"):
            rights = table.texts("rights", required=True)
            for right in rights:
                table.known("rights", right, RIGHTS, "right")
            self.standings[name] = rights
            table.done()

    def _members(self) -> None:
        for key in ("members", "participants"):
            declared = self.root.data.get(key)
            self.codes.update(declared if isinstance(declared, dict) else ())
        codes: dict[str, str] = {}
        rows = self.root.named("members", limit=MAX_MEMBERS, what="members", codes=True)
        for code, table in rows:
            self._free(table, code)
            iso = table.text("iso", limit=3)
            if iso and not _ISO.fullmatch(iso):
                table.fault("iso", f"'{iso}' is no ISO 3166-1 alpha-3 code", 'write iso = "FRA"')
            elif iso in codes:
                table.fault(
                    "iso", f"{codes[iso]} has the code {iso} already", "correct one of the two"
                )
            if iso:
                codes.setdefault(iso, code)
            standing = table.text("standing", limit=64, default="member")
            since, until = table.day("since"), table.day("until")
            if since and until and until < since:
                table.fault("until", f"it ends on {until}, before it begins", "correct a date")
            self.members[code] = Member(
                code=code,
                name=table.text("name", required=True, limit=200),
                standing=table.known("standing", standing, self.standings, "standing"),
                iso=iso,
                since=since,
                until=until,
                note=table.text("note"),
            )
            table.done()
        if not self.members and not self.root.faults.touch("members"):
            self.root.fault(
                "members" if self.root.has("members") else None,
                "there are no members",
                "add a table [members]",
            )
        rows = self.root.named("participants", limit=MAX_NAMED, what="participants", codes=True)
        for code, table in rows:
            self._free(table, code, self.members)
            self.participants[code] = Participant(
                code=code,
                name=table.text("name", required=True, limit=200),
                kind=table.choice("kind", PARTICIPANT_KINDS),
                note=table.text("note"),
            )
            table.done()

    def _groups(self) -> None:
        groups = self.root.table("groups")
        if groups is None:
            return
        if len(groups.data) > MAX_NAMED:
            self.root.fault("groups", "there are too many groups", f"use at most {MAX_NAMED}")
            return
        grouped = 0
        for name in groups.data:
            groups.check_name(name)
            parties = groups.texts(name, limit=MAX_MEMBERS)
            self._free(groups, name, self.members, self.participants, key=name)
            for code in parties:
                self._party(groups, name, code)
            if len(set(parties)) < len(parties):
                groups.fault(name, "a code stands there twice", "leave one of the two out")
            self.groups[name] = parties
            grouped += len(parties)
        if grouped > MAX_GROUPED:
            self.root.fault(
                "groups",
                f"the groups list {grouped:,} codes",
                f"use at most {MAX_GROUPED:,} in all, or standings",
            )

    def _weights(self) -> tuple[WeightTable, ...]:
        made: list[WeightTable] = []
        every = self.root.table("weights")
        if every is None:
            return ()
        if len(every.data) > 32:
            self.root.fault("weights", "there are too many weights", "use at most 32")
            return ()
        for name in every.data:
            every.check_name(name)
            seen: set[date | None] = set()
            for table in every.tables(name, limit=64):
                since = table.day("from", required=True)
                if since in seen and since is not None:
                    table.fault(
                        "from", f"two tables of {name[:64]} begin on {since}", "merge the two"
                    )
                seen.add(since)
                made.append(
                    WeightTable(
                        name=name,
                        unit=table.text("unit", required=True, limit=64),
                        since=since or date(1, 1, 1),
                        values=self._weight_values(table),
                        source=self._source(table),
                        note=table.text("note"),
                    )
                )
                table.done()
        return tuple(made)

    def _weight_values(self, table: Table) -> dict[str, Fraction]:
        values: dict[str, Fraction] = {}
        inner = table.table("values", required=True)
        for code, written in (inner.data if inner else {}).items():
            exact = exact_number(written)
            assert inner is not None
            if code not in self.members and code not in self.participants:
                self._party(inner, code, code)
            elif exact is None or exact < 0:
                inner.fault(
                    code,
                    "a weight is a number that is not negative, with at most 18 digits",
                    f"write {code} = 1000",
                )
            else:
                values[code] = exact
        return values

    def _rotations(self) -> None:
        for name, table in self.root.named("rotations", limit=MAX_NAMED, what="rotations"):
            group = table.known(
                "group", table.text("group", required=True, limit=64), self.groups, "group"
            )
            pool = tuple(dict.fromkeys(self.groups.get(group, ())))
            seats = table.whole("seats", 1, MAX_MEMBERS, required=True) or 1
            if pool and seats > len(pool):
                table.fault(
                    "seats",
                    f"{seats} seats rotate among the {len(pool)} of {group}",
                    f"write seats = {len(pool)} or fewer",
                )
            order = table.texts("order")
            known = frozenset(pool)
            sound = not self.root.faults.touch("groups", group)
            for code in order:
                if sound and code not in known:
                    table.fault(
                        "order",
                        f"'{code[:64]}' is not in the group {group}",
                        "add it to the group, or leave it out of the order",
                    )
            if order and pool and len(set(order)) < min(seats, len(pool)):
                table.fault(
                    "order",
                    f"{seats} seats rotate among the {len(set(order))} in the order",
                    "name at least as many as there are seats",
                )
            since = table.day("since", required=bool(order))
            again = table.yes_or_no("immediate_reelection", default=False)
            months = table.whole("months", 1, 1_200, required=True) or 12
            self.rotations[name] = Rotation(
                id=name,
                pool=pool,
                seats=seats,
                months=months,
                order=order,
                since=since,
                immediate_reelection=again,
                terms=self._terms(
                    table,
                    known if sound else self.codes,
                    seats,
                    again=again or self.root.faults.touch(*table.path, "immediate_reelection"),
                ),
                source=self._source(table),
            )
            table.done()

    def _terms(
        self, table: Table, pool: Collection[str], seats: int, *, again: bool
    ) -> tuple[Term, ...]:
        made: list[tuple[Term, Table]] = []
        for line in table.tables("terms", limit=MAX_TERMS):
            member = line.text("member", required=True, limit=64)
            since = line.day("from", required=True)
            until = line.day("until", required=True)
            line.done()
            if member and member not in pool:
                line.fault("member", f"'{member[:64]}' is not in the group", "correct the code")
            if since is None or until is None:
                continue
            if until < since:
                line.fault("until", f"the term ends on {until}, before it begins", "correct it")
                continue
            made.append((Term(member, since, until), line))
        for term, line in made:
            self._check_term(term, line, [other for other, _ in made], seats, again=again)
        return tuple(term for term, _ in made)

    def _check_term(
        self, term: Term, line: Table, terms: list[Term], seats: int, *, again: bool
    ) -> None:
        held = [t.member for t in terms if t.since <= term.since <= t.until]
        if held.count(term.member) > 1:
            line.fault("from", f"{term.member} holds two seats at once", "correct one of the terms")
        elif len(held) > seats:
            line.fault(
                "from",
                f"{len(held)} members hold {seats} seat{'' if seats == 1 else 's'} on {term.since}",
                "correct the terms, or the number of seats",
            )
        before = [t for t in terms if t.member == term.member and t.until < term.since]
        if not again and any((term.since - t.until).days == 1 for t in before):
            line.fault(
                "from",
                f"{term.member} would follow itself, and there is no immediate re-election",
                "correct the term, or write immediate_reelection = true",
            )

    def _rules(self, weights: Collection[str]) -> None:
        names = Names(weights, self._set_part)
        for name, table in self.root.named("rules", limit=MAX_NAMED, what="rules"):
            title = table.text("title", required=True, limit=200)
            grounds = cast("Grounds", table.choice("text", get_args(Grounds), default="model"))
            source, note = self._source(table), table.text("note")
            binds = cast("Binds", table.choice("binds", get_args(Binds), default="all"))
            rule = read_rule(table, names)
            table.done()
            if rule is not None:
                self.rules[name] = RuleEntry(name, title, rule, grounds, source, note, binds)
        # A rule whose reading failed has its fault already; its name stays known.
        self.rule_names = tuple(
            cast("Mapping[str, object]", self.root.data["rules"])
            if isinstance(self.root.data.get("rules"), dict)
            else ()
        )

    def _procedures(self) -> None:
        for name, table in self.root.named("procedures", limit=MAX_NAMED, what="procedures"):
            period, notice = table.hours("period_hours"), table.hours("notice_hours")
            if period is not None and notice is not None and notice > period:
                table.fault(
                    "notice_hours",
                    f"nobody can have {notice:g} hours' notice of what is open for {period:g}",
                    f"write notice_hours = {period:g} or less, or a longer period",
                )
            self.procedures[name] = Procedure(
                id=name,
                kind=cast("ProcedureKind", table.choice("kind", get_args(ProcedureKind))),
                period=period,
                notice=notice,
                grace=table.hours("grace_hours"),
                n=table.whole("n", 0, MAX_MEMBERS),
                f=table.whole("f", 0, MAX_MEMBERS),
                ad_referendum="yes"
                if table.choice("ad_referendum", ("yes", "missing"), default="missing") == "yes"
                else "missing",
                source=self._source(table),
                note=table.text("note"),
            )
            table.done()

    def _organs(self) -> None:
        own = ("chair", "seats")
        for name, table in self.root.named("organs", limit=MAX_NAMED, what="organs"):
            self.organs[name] = Organ(
                id=name,
                name=table.text("name", required=True, limit=200),
                seats=self._selectors(table, "seats", required=True),
                veto=self._selectors(table, "veto", own=own),
                chair=self._chair(table),
                propose=self._selectors(table, "propose", own=own) or ("seats",),
                call=self._selectors(table, "call", own=own) or ("seats",),
                form_groups=self._selectors(table, "form_groups", own=own),
                rules=self._names(table, "rules", self.rule_names, "rule"),
                candidates=self._names(table, "candidates", self.rule_names, "rule"),
                procedures=self._names(table, "procedures", self.procedures, "procedure"),
                grounds=cast("Grounds", table.choice("text", get_args(Grounds), default="model")),
                source=self._source(table),
                note=table.text("note"),
            )
            table.done()

    def _names(self, table: Table, key: str, names: Collection[str], what: str) -> tuple[str, ...]:
        told = table.texts(key, limit=MAX_NAMED)
        for name in told:
            table.known(key, name, names, what)
        if len(set(told)) < len(told):
            table.fault(key, "a name stands there twice", "leave one of the two out")
        return told

    def _chair(self, table: Table) -> Chair:
        if isinstance(table.data.get("chair"), dict):
            turning = table.table("chair")
            assert turning is not None
            order = turning.texts("order", limit=MAX_MEMBERS, required=True)
            for code in order:
                self._party(turning, "order", code)
            if turning.data.get("order") == []:
                turning.fault("order", "it names nobody", "name who presides, one after another")
            months = turning.whole("months", 1, 1_200, required=True) or 12
            since = turning.day("since", required=True)
            turning.done()
            return Chair(order=order, months=months, since=since)
        return Chair(members=self._selectors(table, "chair", own=("seats",)))

    def _invoked_by(self, table: Table) -> tuple[str, str, tuple[str, ...]]:
        """Read an organ and a rule, or the list of those who may invoke it alone."""
        if not isinstance(table.data.get("invoked_by"), dict):
            return "", "", self._selectors(table, "invoked_by", required=True)
        decided = table.table("invoked_by")
        assert decided is not None
        organ = decided.text("organ", required=True, limit=64)
        rule = decided.text("rule", limit=64)
        decided.known("organ", organ, self.organs, "organ")
        decided.known("rule", rule, self.rule_names, "rule")
        decided.done()
        return organ, rule, ()

    def _obligations(self) -> dict[str, Obligation]:
        made: dict[str, Obligation] = {}
        for name, table in self.root.named("obligations", limit=MAX_NAMED, what="obligations"):
            organ, rule, invokers = self._invoked_by(table)
            in_force, dormant = table.day("in_force"), table.text("dormant")
            if (in_force is None) == (not dormant):
                table.fault(
                    None,
                    "it is not clear whether the obligation is in force",
                    'write in_force = 2026-01-31, or dormant = "until ..."',
                )
            made[name] = Obligation(
                id=name,
                title=table.text("title", required=True, limit=200),
                trigger=table.text("trigger", required=True),
                owed_by=self._selectors(table, "owed_by", required=True),
                owed_to=self._selectors(table, "owed_to", required=True),
                does=table.text("does", required=True),
                grounds=cast("Grounds", table.choice("text", get_args(Grounds))),
                invoked_by_organ=organ,
                invoked_by_rule=rule,
                invoked_by=invokers,
                needs=tuple(self._need(line) for line in table.tables("needs")),
                caveats=table.texts("caveats"),
                in_force=in_force,
                dormant=dormant,
                source=self._source(table),
                note=table.text("note"),
            )
            table.done()
        return made

    def _need(self, line: Table) -> Need:
        low = line.quantity("low", required=True) or Fraction(0)
        high = line.quantity("high", required=True)
        if high is not None and high < low:
            line.fault("high", "the range ends below where it begins", "exchange low and high")
        made = Need(
            line=line.text("line", required=True, limit=200),
            low=low,
            high=low if high is None else high,
            unit=line.text("unit", required=True, limit=64),
            basis=cast("Basis", line.choice("basis", get_args(Basis))),
            source=self._source(line),
            note=line.text("note"),
        )
        line.done()
        return made

    def _changes(self) -> dict[str, Change]:
        made: dict[str, Change] = {}
        for kind, table in self.root.named("changes", limit=len(CHANGES), what="changes"):
            if kind not in CHANGES:
                table.fault(
                    None,
                    f"nothing here is called '{kind[:64]}'",
                    f"use one of: {', '.join(CHANGES)}",
                )
            made[kind] = Change(
                kind=kind,
                organ=table.known(
                    "organ", table.text("organ", required=True), self.organs, "organ"
                ),
                rule=table.known(
                    "rule", table.text("rule", required=True), self.rule_names, "rule"
                ),
                procedure=table.known(
                    "procedure",
                    table.text("procedure", required=True),
                    self.procedures,
                    "procedure",
                ),
                source=self._source(table),
            )
            table.done()
        return made
