"""Whether what members give reaches what is needed: holds, fails, or not known.

An interval is kept for every line: what comes at least and at most, given what is known. A line
*holds* if even the least reaches the whole need, *fails* if even the most does not reach its
lower end, and is not known otherwise. Missing data make an interval wide, never a verdict.

Rules, written once and kept everywhere:

- An *additional* need, and one of *money*, is met by pledges, reported positions and holdings
  declared uncommitted. Plain holdings do not count; where there is nothing else, the answer is
  "not comparable".
- People held are heads, not forces: towards a *total* they count from nought to all, or by the
  share that can be sent where somebody gives one. A *target* counts heads as it says.
- Of several kinds of contribution to a line, a member's firmest alone counts: pledge, reported,
  uncommitted, holding. Rows of one kind add up.
- Who owes and of whom nothing is known may give nothing or anything. Who does not owe counts
  only with a number that is given for it.
- Shares (% of something) do not add up: every member must reach them alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Literal, TypeAlias

from comity.core.charter import Charter, Obligation
from comity.errors import UsageError
from comity.evidence import Evidence
from comity.examine import rounding
from comity.examine.contributions import (
    KINDS,
    Cap,
    Contribution,
    Contributions,
    held,
    reported,
    same,
)
from comity.examine.needs import Line, Needs, number, owed

Standing: TypeAlias = Literal["holds", "fails", "not known"]
Answer: TypeAlias = Literal["holds", "fails", "not known", "not comparable"]
Limits: TypeAlias = Mapping[str, int | float | Fraction]


@dataclass(frozen=True, slots=True)
class Part:
    """What one member brings to one line: from `low` to `high`, None for any amount.

    Attributes
    ----------
    kind
        Of its contribution; empty where nothing is known of it.
    heads
        Whether `high` counts heads of which nobody says how many can be sent.
    ruled_out
        Whether it has plain holdings that do not count towards this basis.
    """

    member: str
    low: Fraction
    value: Fraction | None
    high: Fraction | None
    kind: str = ""
    heads: bool = False
    ruled_out: bool = False
    chance: Fraction | None = None
    why: str = ""
    id: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """How one line stands, and why."""

    line: Line
    parts: tuple[Part, ...]
    low: Fraction
    high: Fraction | None
    answer: Answer
    why: str
    missing: tuple[str, ...]

    @property
    def standing(self) -> Standing:
        """The answer as one of three: what is not comparable is not known."""
        return "not known" if self.answer == "not comparable" else self.answer

    def to_json(self) -> dict[str, object]:
        """Return the line as plain values for JSON."""
        return {
            "line": self.line.name,
            "basis": self.line.basis,
            "unit": self.line.unit,
            "need_low": _plain(self.line.low),
            "need_high": _plain(self.line.high),
            "have_low": _plain(self.low),
            "have_high": _plain(self.high),
            "answer": self.answer,
            "standing": self.standing,
            "why": self.why,
            "missing": list(self.missing),
        }


@dataclass(frozen=True, slots=True)
class Muster:
    """Whether what an obligation needs is there."""

    standing: Standing
    why: str
    lines: tuple[LineAnswer, ...]
    missing: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return the answer as plain values for JSON."""
        return {
            "standing": self.standing,
            "why": self.why,
            "missing": list(self.missing),
            "lines": [line.to_json() for line in self.lines],
        }


def _plain(value: Fraction | None) -> int | float | None:
    return None if value is None else number(value)


def amount(value: Fraction | None, unit: str) -> str:
    """Say an amount in words; None is any amount."""
    if value is None:
        return "any amount"
    plain = number(value)
    if plain >= 10_000 and float(f"{plain:.3g}") != plain:
        return rounding.words(float(plain), unit=unit)
    return rounding.words(plain, plain, plain, unit)


def span(low: Fraction, high: Fraction | None, unit: str) -> str:
    """Say from what to what in words."""
    if high is None:
        return f"{amount(low, unit)} or more" if low else "not known"
    if low == high:
        return amount(low, unit)
    return f"{amount(low, '')} to {amount(high, unit)}"


@dataclass(frozen=True, slots=True)
class Ready:
    """Needs and contributions, laid out once, so that many losses can be tried.

    Attributes
    ----------
    parts
        For each line of the needs, what each member brings.
    vague
        For each line, who is said to bring something without a number, and does not owe it.
    """

    needs: Needs
    owing: tuple[str, ...]
    parts: tuple[tuple[Part, ...], ...]
    caps: tuple[Cap, ...]
    vague: Mapping[str, tuple[str, ...]]
    silent_text: str = ""

    @property
    def members(self) -> tuple[str, ...]:
        """Whose loss could change anything: who owes, and who gives."""
        given = (part.member for parts in self.parts for part in parts)
        return tuple(dict.fromkeys((*self.owing, *given)))

    def muster(self, lost: frozenset[str] = frozenset()) -> Muster:
        """Answer with some members lost; a member lost in any way brings nothing."""
        lines = tuple(
            self._line(line, parts, lost)
            for line, parts in zip(self.needs.lines, self.parts, strict=True)
        )
        missing = tuple(dict.fromkeys(m for line in lines for m in line.missing))
        if not lines:
            why = self.silent_text or "nothing is needed that could be counted"
            return Muster("not known", why, (), (why,))
        for standing in ("fails", "not known"):
            of = [line for line in lines if line.standing == standing]
            if of:
                why = "; ".join(f"{line.line.name}: {line.why}" for line in of)
                return Muster(standing, why, lines, missing)
        why = "; ".join(f"{line.line.name}: {line.why}" for line in lines)
        return Muster("holds", why, lines, missing)

    def _line(self, line: Line, parts: Sequence[Part], lost: frozenset[str]) -> LineAnswer:
        left = tuple(part for part in parts if part.member not in lost)
        if line.each:
            return self._each(line, left)
        low, high = self._bounds(line, left)
        missing = self._missing(line, left)
        given = [p for p in left if p.kind]
        ruled_out = any(p.ruled_out for p in left)
        if line.high is not None and low >= line.high and left:
            why = f"at least {amount(low, line.unit)} of {amount(line.high, line.unit)}"
            return LineAnswer(line, left, low, high, "holds", why, missing)
        # What was comparable stays so: losing who gave makes nothing better.
        if ruled_out and not any(part.kind for part in parts):
            why = f"not comparable: only plain holdings, against a need {_over(line)}"
            return LineAnswer(line, left, low, high, "not comparable", why, missing)
        if parts and line.low is not None and high is not None and high < line.low:
            why = f"at most {amount(high, line.unit)} of {amount(line.low, line.unit)}"
            if not left:
                why = "nobody is left who would bring it"
            unowed = [m for m in self.vague.get(line.name, ()) if m not in lost]
            if unowed:
                why += f"; {_some(unowed)} may bring something and need not"
            return LineAnswer(line, left, low, high, "fails", why, missing)
        why = f"{span(low, high, line.unit)} against {_need(line)}"
        if not given:
            why = f"nothing is known that counts towards {_need(line)}"
        elif line.high is None or line.low is None:
            why += ", and the source gives one end of the need only"
        return LineAnswer(line, left, low, high, "not known", why, missing)

    def _each(self, line: Line, left: tuple[Part, ...]) -> LineAnswer:
        """Answer a line that every member must reach alone."""
        missing = self._missing(line, left)
        need_low, need_high = line.low, line.high
        under = [p for p in left if need_low is not None and p.high is not None
                 and p.high < need_low]  # fmt: skip
        over = [p for p in left if need_high is not None and p.low >= need_high]
        low = min((p.low for p in left), default=Fraction(0))
        tops = [p.high for p in left]
        high = None if any(t is None for t in tops) else min((t for t in tops if t is not None),
                                                             default=None)  # fmt: skip
        answer: Answer = "not known"
        if under:
            answer = "fails"
            who = ", ".join(p.member for p in under)
            why = f"{len(under)} of {len(left)} are below {_need(line)} today: {who}"
        elif left and len(over) == len(left):
            answer, why = "holds", f"all {len(left)} reach {_need(line)}"
        else:
            why = f"{len(over)} of {len(left)} are known to reach {_need(line)}"
        return LineAnswer(line, left, low, high, answer, why, missing)

    def _bounds(self, line: Line, parts: Sequence[Part]) -> tuple[Fraction, Fraction | None]:
        low = sum((p.low for p in parts), Fraction(0))
        high: Fraction | None = Fraction(0)
        counted: set[str] = set()
        for cap in self.caps:
            group = [p for p in parts if p.member in cap.members and p.member not in counted]
            if not same(cap.line, line.name) or not group:
                continue
            counted.update(p.member for p in group)
            tops = [p.high for p in group]
            most = cap.high
            if all(t is not None for t in tops):
                most = min(cap.high, sum((t for t in tops if t is not None), Fraction(0)))
            high = None if high is None else high + most
        for part in parts:
            if part.member not in counted:
                high = None if high is None or part.high is None else high + part.high
        if high is not None:
            low = min(low, high)
        return low, high

    def _missing(self, line: Line, parts: Sequence[Part]) -> tuple[str, ...]:
        told: list[str] = []
        heads = [p.member for p in parts if p.heads]
        nothing = [p.member for p in parts if not p.kind and not p.ruled_out]
        ruled_out = [p.member for p in parts if p.ruled_out and not p.kind]
        if heads:
            told.append(f"deployable share of the personnel of {_some(heads)}")
        if nothing:
            told.append(f"what {_some(nothing)} would give to {line.name}")
        if ruled_out:
            told.append(f"uncommitted holdings or pledges of {_some(ruled_out)} for {line.name}")
        if not parts:
            told.append(f"any contribution to {line.name}")
        vague = [p.member for p in parts if p.kind and p.value is None and not p.heads]
        if vague:
            told.append(f"a number for the position of {_some(vague)} on {line.name}")
        return tuple(told)


def _some(members: Sequence[str]) -> str:
    if len(members) <= 4:
        return ", ".join(members)
    return f"{', '.join(members[:3])} and {len(members) - 3} more"


def _over(line: Line) -> str:
    return "of money" if line.basis == "money" else "for more than there is"


def _need(line: Line) -> str:
    if line.low is None:
        return f"up to {amount(line.high, line.unit)}"
    if line.high is None:
        return f"at least {amount(line.low, line.unit)}"
    return span(line.low, line.high, line.unit)


def ready(
    charter: Charter,
    needs: Needs,
    owing: Sequence[str],
    contributions: Contributions,
    *,
    limits: Limits | None = None,
    silent_text: str = "",
) -> Ready:
    """Lay needs and contributions out.

    Parameters
    ----------
    owing
        Members who owe, in charter order.
    limits
        The most that a member may bring: ``{"UKR.personnel": 600_000}`` limits every line
        that counts people, ``{"UKR.tanks": 300}`` the line of that name.

    Raises
    ------
    UsageError
        If a contribution or limit names somebody the charter does not know, a unit is not that
        of its line, or a limit touches no line.
    """
    for row in contributions.rows:
        _known(charter, row.member, f"a contribution to {row.line}")
    together = [
        *(c.members for c in contributions.caps),
        *(c.members for c in contributions.causes),
    ]
    for member in dict.fromkeys(m for group in together for m in group):
        _known(charter, member, "a joint limit or common cause")
    bounds = _limits(charter, needs.lines, limits or {})
    laid: list[tuple[Part, ...]] = []
    vague: dict[str, tuple[str, ...]] = {}
    for line in needs.lines:
        rows = contributions.to(line)
        for row in rows:
            if row.unit and row.unit != line.unit:
                raise UsageError(
                    f"{row.member} gives {row.unit} to {line.name}, which counts {line.unit}",
                    hint="convert it, or correct the unit",
                )
        giving = dict.fromkeys(row.member for row in rows)
        members = (
            giving
            if line.basis == "target" and not line.each
            else {**dict.fromkeys(owing), **giving}
        )
        found = [
            _limited(
                _part(line, member, [r for r in rows if r.member == member]),
                bounds.get((member, line.name)),
            )
            for member in charter.order
            if member in members
        ]
        # Who does not owe brings what is given in numbers, and nothing else.
        free = [p for p in found if p.high is None and p.member not in owing]
        unowed = {p.member for p in free if p.kind and line.basis != "target"}
        barred = {p.member for p in free if p.ruled_out and not p.kind}
        found = [replace(p, high=Fraction(0)) if p.member in barred else p for p in found]
        vague[line.name] = tuple(p.member for p in found if p.member in unowed)
        laid.append(tuple(p for p in found if p.member not in unowed))
    return Ready(needs, tuple(owing), tuple(laid), contributions.caps, vague, silent_text)


def _known(charter: Charter, member: str, what: str) -> None:
    if member not in charter.members and member not in charter.participants:
        raise UsageError(
            f"{what} is by '{member[:40]}', who is not in {charter.id}",
            hint="write a member's code, such as " + next(iter(charter.members), "FRA"),
        )


def _limits(
    charter: Charter, lines: Sequence[Line], limits: Limits
) -> dict[tuple[str, str], Fraction]:
    found: dict[tuple[str, str], Fraction] = {}
    for key, value in limits.items():
        member, _, what = key.partition(".")
        _known(charter, member, f"the limit {key}")
        if value < 0:
            raise UsageError(f"the limit {key} is below nought")
        touched = [
            line for line in lines
            if same(what, line.name) or (same(what, "personnel") and line.in_people)
        ]  # fmt: skip
        if not touched:
            raise UsageError(
                f"the limit {key} touches nothing that is needed",
                hint="write MEMBER.personnel, or MEMBER and one of: "
                + "; ".join(line.name for line in lines),
            )
        for line in touched:
            place = (member, line.name)
            found[place] = min(Fraction(value), found.get(place, Fraction(value)))
    return found


def _limited(part: Part, limit: Fraction | None) -> Part:
    if limit is None or (part.high is not None and part.high <= limit):
        return part
    value = None if part.value is None else min(part.value, limit)
    return Part(
        part.member, min(part.low, limit), value, limit, part.kind or "limit", part.heads,
        part.ruled_out, part.chance, part.why, part.id, part.source,
    )  # fmt: skip


def _part(line: Line, member: str, rows: Sequence[Contribution]) -> Part:
    """Say what a member brings to a line, by the rules at the head of this file."""
    plain = [r for r in rows if r.kind == "holding"]
    barred = line.basis in ("additional", "money")
    counting = [r for r in rows if r.kind != "holding" or not barred]
    if not counting:
        return Part(member, Fraction(0), None, None, ruled_out=barred and bool(plain))
    kind = next(k for k in KINDS if any(r.kind == k for r in counting))
    used = [r for r in counting if r.kind == kind]
    low = value = Fraction(0)
    high: Fraction | None = Fraction(0)
    heads = vague = False
    for row in used:
        from_low, from_high = row.low or Fraction(0), row.high
        middle = row.value
        if middle is None and from_high is not None:
            middle = (from_low + from_high) / 2
        if row.share is not None:
            from_low = from_low * row.share[0]
            middle = None if middle is None else middle * sum(row.share) / 2
            from_high = None if from_high is None else from_high * row.share[1]
        elif kind == "holding" and line.in_people and line.basis == "total":
            from_low, middle, heads = Fraction(0), None, True
        low += from_low
        vague = vague or middle is None
        value += middle or Fraction(0)
        high = None if high is None or from_high is None else high + from_high
    if high is None and plain and line.in_people and not barred:
        # Nobody sends more people than it has.
        tops = [r.high for r in plain]
        high = None if None in tops else sum((t for t in tops if t is not None), Fraction(0))
    chances = {r.chance for r in used}
    return Part(
        member, low, None if vague else value, high, kind, heads, bool(plain) and barred,
        chances.pop() if len(chances) == 1 else None,
        "; ".join(dict.fromkeys(r.note for r in used if r.note)),
        next((r.id for r in used if r.id), ""),
        " ".join(dict.fromkeys(r.source for r in used if r.source)),
    )  # fmt: skip


def owing(charter: Charter, obligation: Obligation, on: date | None = None) -> tuple[str, ...]:
    """Return who owes on a day, in charter order."""
    return charter.select(obligation.owed_by, on or charter.dated)


def assumed(
    charter: Charter, members: Sequence[str], lines: Iterable[Line], evidence: Evidence
) -> Contributions:
    """Return what is taken where the user gives nothing: holdings, and reported positions."""
    return held(charter, members, lines, evidence) + reported(charter, evidence)


def prepare(
    charter: Charter,
    obligation_id: str,
    *,
    contributions: Contributions | None = None,
    evidence: Evidence,
    limits: Limits | None = None,
    on: date | None = None,
) -> Ready:
    """Lay out what an obligation needs and what its members give, to try many losses on.

    Parameters
    ----------
    contributions
        What is given; holdings of the evidence and reported positions where left out.
    limits, on
        As for `ready`; the day on which it is asked who owes.
    """
    obligation, needs = owed(charter, obligation_id)
    members = owing(charter, obligation, on)
    given = contributions
    if given is None:
        given = assumed(charter, members, needs.lines, evidence)
    silent = f"the text of {obligation_id} names no need that could be counted"
    kept = limits if needs.lines else {}
    return ready(charter, needs, members, given, limits=kept, silent_text=silent)


def muster(
    charter: Charter,
    obligation_id: str,
    *,
    contributions: Contributions | None = None,
    evidence: Evidence,
    lost: frozenset[str] = frozenset(),
    limits: Limits | None = None,
    on: date | None = None,
) -> Muster:
    """Say whether what an obligation needs is there once some members are lost.

    A lost member brings nothing, however it was lost. To try many losses, `prepare` once and
    ask its `muster`.

    Parameters
    ----------
    contributions
        What is given; holdings of the evidence and reported positions where left out.
    lost
        Members who bring nothing.
    limits
        The most that a member may bring, such as ``{"UKR.personnel": 600_000}``.

    Examples
    --------
    >>> from comity.charters import load
    >>> from comity.evidence import load as evidence
    >>> willing = load("coalition-of-the-willing")
    >>> muster(willing, "multinational-force", evidence=evidence()).standing
    'not known'
    >>> muster(willing, "multinational-force", evidence=evidence(),
    ...        lost=frozenset({"GBR"})).standing
    'fails'
    """
    made = prepare(
        charter,
        obligation_id,
        contributions=contributions,
        evidence=evidence,
        limits=limits,
        on=on,
    )
    return made.muster(lost)
