"""Scenario files, read: text in, a scenario out, or all faults of the file at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from comity import charters
from comity.core import reading as core
from comity.core.charter import Charter
from comity.core.fields import Faults, Table
from comity.core.source import Fault, Faulty, read
from comity.errors import ScenarioError
from comity.exercise.scenario import (
    Before,
    Event,
    Move,
    Role,
    Scenario,
)
from comity.exercise.scenario_checks import Checks
from comity.exercise.scenario_fields import (
    Names,
    days,
    file_name,
    instant,
    line,
    member,
    parties,
    source,
    spelt,
)
from comity.exercise.scenario_model import read_matters, read_model
from comity.exercise.scenario_moves import MAX_MOVES, read_script
from comity.exercise.scenario_tasks import read_tasks

MAX_NAMED = 200
MAX_ROLES = 100
MAX_COACH = 50
MAX_DAYS = 366
MAX_PACE = 100_000
MAX_SEED = 999_999_999
MAX_AMENDED = 20
MAX_AMENDING = 90_000
"""Bytes of a charter that a move proposes: an act has room for no more."""

Beside = Callable[[str], bytes | None]
"""Gives the bytes of a file beside the scenario by its name; None where there is none."""


def read_scenario(text: str | bytes, beside: Beside) -> Scenario:
    """Read a scenario from TOML.

    Parameters
    ----------
    text
        The file, at most 1 MiB; see spec/scenario.md.
    beside
        Gives the files that it names.

    Raises
    ------
    ScenarioError
        With all faults of the file: line, what is wrong, remedy.
    """
    scenario, faults = examine(text, beside)
    if scenario is not None:
        return scenario
    first = faults[0]
    more = ("", " (and one more fault)")[len(faults) > 1]
    if len(faults) > 2:
        more = f" (and {len(faults) - 1} more faults)"
    raise ScenarioError(
        f"the scenario cannot be used: {first.what}, in line {first.line}{more}",
        hint=first.remedy,
        faults=tuple(fault.to_json() for fault in faults),
    )


def examine(text: str | bytes, beside: Beside) -> tuple[Scenario | None, tuple[Fault, ...]]:
    """Read a scenario and return it with no faults, or None with all of them."""
    try:
        read_in = read(text, "scenario")
    except Faulty as stopped:
        return None, (stopped.fault,)
    faults = Faults(read_in)
    if not core.is_known(read_in.data.get("comity"), faults, "scenario"):
        return None, faults.sorted()
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    scenario = _Reader(Table(read_in.data, (), faults), beside).scenario(raw)
    if faults.found:
        return None, faults.sorted()
    return scenario, ()


class _Reader:
    """Reads the tables of one file, in an order in which names are known before they are used."""

    def __init__(self, root: Table, beside: Beside) -> None:
        self.root = root
        self.beside = beside
        self.names = Names()
        self.files: dict[str, bytes] = {}

    def scenario(self, text: bytes) -> Scenario | None:
        root, names = self.root, self.names
        root.asked.append("comity")
        head = root.table("scenario", required=True) or Table({}, ("scenario",), root.faults)
        given = bool(head.data)
        names.sources = core.read_sources(root)
        identity = head.identifier("id", required=given)
        title = line(head, "title", required=given)
        summary = head.text("summary")
        charter_text = self._charter(head, required=given)
        self._amending()
        start, end = self._clock(head, required=given)
        roles = self._roles()
        desk = member(head, "desk", names, required=given and not roles)
        room_from = instant(head, "room_from", names)
        pace = head.whole("pace", 1, MAX_PACE, default=60) or 60
        seed = head.whole("seed", 0, MAX_SEED, default=1)
        head.done()
        matters = read_matters(root, names)
        names.matters = set(matters)
        before = self._before()
        items, every = read_script(root, names)
        checks = Checks(items, every, names)
        checks.run()
        tasks = read_tasks(root, checks)
        model = read_model(root, names)
        coach = self._coach()
        root.done()
        if root.faults.found:
            return None
        assert start is not None
        assert end is not None
        return Scenario(
            id=identity,
            title=title,
            summary=summary,
            charter=names.charters[0],
            charter_text=charter_text,
            start=start,
            end=end,
            room_from=room_from or start,
            pace=pace,
            desk=desk or roles[0].member,
            seed=1 if seed is None else seed,
            sources=names.sources,
            before=before,
            events=tuple(item.value for item in every if isinstance(item.value, Event)),
            moves=tuple(item.value for item in every if isinstance(item.value, Move)),
            matters=matters,
            model=model,
            tasks=tasks,
            roles=roles,
            coach=coach,
            files=self.files,
            text=text,
        )

    # Charters: the one that it is founded on, and those that moves amend it to.

    def _charter(self, head: Table, *, required: bool) -> bytes:
        told = head.text("charter", required=required, limit=64)
        if not told:
            return b""
        if told.endswith(".toml") or "/" in told or ".." in told:
            if not file_name(head, "charter", told):
                return b""
            text = self.beside(told)
        else:
            known = charters.names()
            text = charters.text(told) if told in known else None
            if text is None:
                head.known("charter", told, known, "shipped charter")
                return b""
        charter = self._read(head, "charter", told, text)
        if charter is not None:
            self.names.charters.append(charter)
        return text or b""

    def _read(self, table: Table, key: str, name: str, text: bytes | None) -> Charter | None:
        if text is None:
            table.fault(
                key, f"there is no file {name} beside the scenario", "put it into the same folder"
            )
            return None
        charter, faults = core.examine(text)
        for fault in faults:
            where = f", {fault.where}" if fault.where else ""
            table.fault(key, f"{name}, line {fault.line}{where}: {fault.what}", fault.remedy)
        return charter

    def _amending(self) -> None:
        """Read the charters that moves propose, before any name is looked up."""
        for table in Table(self.root.data, (), self.root.faults).tables("moves", limit=MAX_MOVES):
            told = table.data.get("subject")
            if table.data.get("effect") != "amend" or not isinstance(told, str):
                continue
            if told in self.files or not file_name(table, "subject", told):
                continue
            if len(self.files) >= MAX_AMENDED:
                table.fault(
                    "subject", f"more than {MAX_AMENDED} charters are proposed", "propose fewer"
                )
                return
            text = self.beside(told)
            charter = self._read(table, "subject", told, text)
            if text is None or charter is None:
                continue
            self.files[told] = text
            if self.names.charters:
                self.names.charters.append(charter)
            if len(text) > MAX_AMENDING:
                table.fault(
                    "subject",
                    f"{told} has {len(text):,} bytes",
                    f"a proposal has room for {MAX_AMENDING:,}: shorten its notes",
                )

    # The clock.

    def _clock(self, head: Table, *, required: bool) -> tuple[datetime | None, datetime | None]:
        start = instant(head, "start", Names(), required=required)
        end = instant(head, "end", Names(), required=required)
        if start is None or end is None:
            return start, end
        if end <= start:
            head.fault("end", f"it ends before it starts, {spelt(start)}", "correct one of the two")
            return None, None
        if end - start > timedelta(days=MAX_DAYS):
            head.fault("end", f"it takes more than {MAX_DAYS} days", "let it end sooner")
        self.names.start, self.names.end = start, end
        return start, end

    # The tables, one by one.

    def _before(self) -> tuple[Before, ...]:
        made = []
        for table in self.root.tables("before", limit=MAX_NAMED):
            made.append(
                Before(
                    on=days(table, "on", required=True),
                    title=line(table, "title", required=True),
                    parties=parties(table, "parties", self.names),
                    groups=table.texts("groups", limit=MAX_NAMED),
                    source=source(table, self.names),
                )
            )
            table.done()
        return tuple(made)

    def _roles(self) -> tuple[Role, ...]:
        made: list[Role] = []
        for table in self.root.tables("roles", limit=MAX_ROLES):
            role = Role(
                member=member(table, "member", self.names),
                title=line(table, "title", required=True),
                brief=table.text("brief"),
            )
            if role.member and any(one.member == role.member for one in made):
                table.fault("member", f"{role.member} has a role already", "keep one of the two")
            made.append(role)
            table.done()
        return tuple(made)

    def _coach(self) -> dict[str, str]:
        inner = self.root.table("coach")
        if inner is None:
            return {}
        if len(inner.data) > MAX_COACH:
            self.root.fault(
                "coach", f"there are {len(inner.data):,} lines", f"use at most {MAX_COACH}"
            )
            return {}
        for name in inner.data:
            inner.check_name(name)
        return {name: line(inner, name, required=True, limit=400) for name in inner.data}
