"""How a decision stands, given the stances so far."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import cast

from comity.core.charter import Charter, Organ
from comity.core.rules import Mark
from comity.core.source import MAX_BYTES, Faulty, read
from comity.core.stances import STANCES, Stance, marks_of
from comity.core.tally import Decision, decide
from comity.errors import UsageError
from comity.examine.power import usual_organ, usual_rule

_WORDS: dict[Mark, str] = {
    "yes": "in favour",
    "no": "against",
    "abstain": "abstains",
    "constructive": "abstains",
    "absent": "missing",
    "out": "not participating",
}
_ALSO: dict[str, Stance] = {
    "constructive": "constructive abstention",
    "out": "not participating",
    "missing": "absent",
    "silent": "absent",
    "object": "objection",
    "abstention": "abstain",
}


@dataclass(frozen=True, slots=True)
class Stances:
    """Who answered what, as read from a file.

    Parameters
    ----------
    given
        Each member's stance.
    concerned
        Members whom the proposal concerns.
    """

    given: Mapping[str, Stance]
    concerned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StandingDecision:
    """How a decision stands in a body under a rule, with everything it rests on."""

    charter: Charter
    organ: Organ
    rule_id: str
    on: date
    members: tuple[str, ...]
    stances: Stances
    marks: Mapping[str, Mark]
    told: Decision
    procedure: str

    @property
    def sentence(self) -> str:
        """The answer in one sentence."""
        title = self.charter.rule(self.rule_id).title
        where = f"{self.organ.name}, {title}"
        outcome = self.told.outcome
        if outcome == "open":
            return f"{where}: open, {len(self.told.tally.waiting)} could still turn it."
        if outcome == "no opinion":
            otherwise = self.charter.rule(self.rule_id).rule.otherwise
            return f"{where}: no opinion" + (f"; {otherwise}." if otherwise else ".")
        settled = "" if len(self.marks) == len(self.members) else ", whatever the others answer"
        return f"{where}: {outcome}{settled}."

    def stance_words(self) -> tuple[tuple[str, str], ...]:
        """Return each member with the word for its mark, in charter order."""
        told = []
        for member in self.members:
            mark = self.marks.get(member)
            stance = self.stances.given.get(member)
            waiting = stance if stance in ("ad referendum", "awaiting instructions") else None
            told.append((member, _WORDS[mark] if mark else waiting or "silent so far"))
        return tuple(told)

    def to_json(self) -> dict[str, object]:
        """Return the answer with the keys documented in docs/howto/decide.md."""
        return {
            "charter": self.charter.id,
            "organ": self.organ.id,
            "rule": self.rule_id,
            "on": self.on.isoformat(),
            "procedure": self.procedure,
            "sentence": self.sentence,
            **self.told.to_json(),
            "members": [
                {"member": m, "stance": self.stances.given.get(m), "counts_as": self.marks.get(m)}
                for m in self.members
            ],
        }


def decision(
    charter: Charter,
    stances: Stances,
    organ_id: str | None = None,
    rule_id: str | None = None,
    *,
    procedure_id: str | None = None,
    closed: bool = False,
    on: date | None = None,
) -> StandingDecision:
    """Count stances under a rule of a body.

    Parameters
    ----------
    organ_id, rule_id
        The only organ, and its first rule in force, where they are not named.
    procedure_id
        Says what silence counts as once the time has run out; the organ's
        first where None, and a vote where it has none.
    closed
        Whether the time has run out.
    on
        The day of roster and weights; the charter's date where not given.

    Raises
    ------
    UsageError
        If organ, rule, procedure or a member is unknown.
    """
    organ = usual_organ(charter, organ_id)
    rule = usual_rule(charter, organ, rule_id)
    day = on or charter.dated
    electorate = charter.electorate(organ.id, day)
    for member in (*stances.given, *stances.concerned):
        if member not in electorate.members:
            near = get_close_matches(member[:32], electorate.members, n=1)
            raise UsageError(
                f"'{member[:32]}' does not sit in {organ.id} of {charter.id} on {day}",
                hint=f"did you mean {near[0]}?"
                if near
                else f"its members then: {', '.join(electorate.members)}",
            )
    usual = procedure_id or (organ.procedures[0] if organ.procedures else None)
    procedure = charter.procedure(usual) if usual else None
    marks = marks_of(
        stances.given,
        electorate.members,
        procedure,
        closed=closed,
    )
    told = decide(charter.rule(rule).rule, electorate, marks, frozenset(stances.concerned))
    return StandingDecision(
        charter, organ, rule, day, electorate.members, stances, marks, told, usual or "vote"
    )


def parse_stances(text: bytes, name: str) -> Stances:
    """Read stances from the text of a file.

    Parameters
    ----------
    text
        TOML, JSON or CSV, told by the end of `name`; at most 1 MiB. TOML and
        JSON hold ``stances = { FRA = "yes" }``, or lists such as
        ``yes = ["FRA"]``, or both, and may hold ``concerned = ["FRA"]``. CSV
        has the columns ``member`` and ``stance``.

    Raises
    ------
    UsageError
        If the file is none of these, or a word is no stance.
    """
    if len(text) > MAX_BYTES:
        raise UsageError(f"{name} has more than 1 MiB", hint="give only the stances")
    if name.endswith(".csv"):
        return _from_csv(text, name)
    data = _json(text, name) if name.endswith(".json") else _toml(text, name)
    given: dict[str, Stance] = {}
    concerned: tuple[str, ...] = ()
    for key, value in data.items():
        if key == "stances" and isinstance(value, dict):
            for member, word in value.items():
                _add(given, member, word, name)
        elif key == "concerned" and isinstance(value, list):
            concerned = tuple(str(code)[:64] for code in value)
        elif isinstance(value, list):
            for member in value:
                _add(given, member, key.replace("_", " "), name)
        else:
            _add(given, key, value, name)
    return Stances(given, concerned)


def _add(given: dict[str, Stance], member: object, word: object, name: str) -> None:
    told = str(word)[:40].strip().lower().replace("-", " ")
    stance = _ALSO.get(told, cast("Stance", told))
    if not isinstance(member, str) or stance not in STANCES:
        raise UsageError(
            f"{name}: '{str(word)[:40]}' is no stance (for {str(member)[:32]})",
            hint=f"use one of: {', '.join(STANCES)}",
        )
    if member in given and given[member] != stance:
        raise UsageError(
            f"{name}: {member[:32]} is given two stances, {given[member]} and {stance}",
            hint="leave one of the two out",
        )
    given[member] = stance


def _toml(text: bytes, name: str) -> Mapping[str, object]:
    try:
        return read(text).data
    except Faulty as stopped:
        fault = stopped.fault
        raise UsageError(f"{name}, line {fault.line}: {fault.what}", hint=fault.remedy) from None


def _json(text: bytes, name: str) -> Mapping[str, object]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{name} is not JSON: {str(error)[:80]}", hint='write {"stances": {"FRA": "yes"}}'
        ) from None
    if not isinstance(data, dict):
        raise UsageError(f"{name} holds no table", hint='write {"stances": {"FRA": "yes"}}')
    return data


def _from_csv(text: bytes, name: str) -> Stances:
    try:
        table = csv.DictReader(io.StringIO(text.decode("utf-8-sig")))
        columns, rows = table.fieldnames or (), list(table)
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(
            f"{name} is not CSV text: {str(error)[:80]}", hint="save it as UTF-8"
        ) from None
    if "member" not in columns or "stance" not in columns:
        raise UsageError(
            f"{name} lacks the columns member and stance",
            hint="write a first line: member,stance",
        )
    given: dict[str, Stance] = {}
    for row in rows:
        _add(given, (row["member"] or "").strip(), row["stance"] or "", name)
    return Stances(given)
