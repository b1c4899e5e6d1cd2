"""Do contributions meet a need, how surely, what is short, and on whom does the answer hang?

Deterministic first: the answer without each one and each two, what would have to be true for it
to hold, and which single assumption turns it. Chances only where somebody gives them.
Reference: docs/explanation/adequacy.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import combinations

from comity.core.charter import Charter
from comity.errors import UsageError
from comity.evidence import Evidence
from comity.examine import rounding
from comity.examine.contributions import KINDS, Cause, Contributions
from comity.examine.finding import Chart, Column, Finding, Missing, Quantity, Source, Table
from comity.examine.mustering import (
    Answer,
    Limits,
    LineAnswer,
    Muster,
    Part,
    Ready,
    Standing,
    amount,
    assumed,
    muster,
    owing,
    prepare,
    ready,
    span,
)
from comity.examine.needs import Line, Needs, number, owed, published

__all__ = [
    "Answer",
    "BreakEven",
    "Chances",
    "Examination",
    "Limits",
    "LineAnswer",
    "Loss",
    "Muster",
    "Ready",
    "Standing",
    "Swing",
    "adequacy",
    "muster",
    "prepare",
]

SURE = 0.9
"""The chance for which a break-even willingness is asked."""

_NEED = "the need itself, from its lower to its upper end"

SHOWN = 12
"""Assumptions in the table, the need first, then the widest."""

_NOT_IN_IT = (
    "drones and their makers, experience in war, training, readiness and will",
    "rotation: how many it takes to keep one in the field, and for how long",
    "transport, command, intelligence and ammunition, and who would provide them",
    "what national law and caveats would let each member send",
)


@dataclass(frozen=True, slots=True)
class Loss:
    """What is left without some members."""

    lost: tuple[str, ...]
    answer: Muster


@dataclass(frozen=True, slots=True)
class BreakEven:
    """What would have to be true for a line to hold.

    Attributes
    ----------
    share_low, share_high
        Of all that may come at most, the part that must come for the lower and the upper end of
        the need; above 1 it cannot be reached; None where the most is not known.
    heads_share
        The part of the heads of those of whom nothing else is known that must be sent for the
        lower end, when the others give their most and their least; None where there are none.
    willingness
        The chance that each would have to have, all alike and each with its most, so that the
        lower end is reached with a chance of 90 %; None where even all together do not, and where
        the most of some is all their heads, which nobody would send.
    """

    line: Line
    share_low: float | None
    share_high: float | None
    heads_share: tuple[float, float] | None
    willingness: float | None

    def words(self) -> str:
        """Say it as a condition."""
        told = []
        if self.share_low is not None and self.share_low > 1.0:
            told.append("cannot hold: all that may come at most is less than the lower end")
        elif self.share_low is not None:
            told.append(f"holds only if at least {_percent(self.share_low)} of what may come comes")
            if self.share_high is not None and self.share_high <= 1.0:
                told.append(f"{_percent(self.share_high)} for the upper end")
            elif self.share_high is not None:
                told.append("the upper end cannot be reached")
        if self.heads_share is not None:
            least, most = sorted(self.heads_share)
            shares = _percent(most) if least == most else f"{_percent(least)} to {_percent(most)}"
            told.append(f"those of whom only heads are known would have to send {shares} of them")
        if self.willingness is not None:
            told.append(
                f"with a chance of {_percent(SURE)} only if the willingness of each exceeds "
                f"{_percent(self.willingness)}"
            )
        elif self.share_low is not None and self.share_low <= 1.0 and self.heads_share is None:
            told.append(f"with a chance of {_percent(SURE)} only if all come for sure")
        return "; ".join(told) or "not known: nothing bounds what may come"


@dataclass(frozen=True, slots=True)
class Swing:
    """How far one assumption moves what comes together, and whether that turns the answer."""

    line: Line
    assumption: str
    low: Fraction
    base: Fraction
    high: Fraction
    turns: str

    @property
    def width(self) -> Fraction:
        """How far it moves it."""
        return self.high - self.low


@dataclass(frozen=True, slots=True)
class Chances:
    """How surely a line holds, from worst to best over what is not known.

    Attributes
    ----------
    holds
        Least and largest chance that the line is reached.
    shortfall
        Least and largest expected shortfall, in the unit of the line.
    assumed_free
        Members without a chance: absent in the worst case, certain in the best.
    credits
        Capability credit of each member whose chance and amount are known, at the upper end of
        the need: what would have to come for sure in its place.
    """

    line: Line
    holds: tuple[float, float]
    shortfall: tuple[float, float]
    method: str
    assumed_free: tuple[str, ...]
    credits: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, slots=True)
class Examination:
    """The answer to whether contributions meet a need, with all that it hangs on."""

    charter: Charter
    about: str
    ready: Ready
    answer: Muster
    lost: tuple[str, ...]
    alone: tuple[Loss, ...]
    pairs: tuple[Loss, ...]
    breakeven: tuple[BreakEven, ...]
    swings: tuple[Swing, ...]
    chances: tuple[Chances, ...]
    sources: tuple[Source, ...]
    given: str
    limits: tuple[tuple[str, float], ...] = ()
    seed: int | None = None

    def cornerstones(self) -> tuple[Loss, ...]:
        """Return whose loss alone makes it fail, where it does not fail anyway."""
        if self.answer.standing == "fails":
            return ()
        return tuple(loss for loss in self.alone if loss.answer.standing == "fails")

    def sentence(self) -> str:
        """Say in one sentence what was found."""
        head = {
            "holds": f"What is given meets {self.about}",
            "fails": f"What is given does not meet {self.about}",
            "not known": f"Whether what is given meets {self.about} is not known",
        }[self.answer.standing]
        if self.chances and self.answer.standing == "holds":
            head = f"If all of it comes, what is given meets {self.about}"
        if self.lost:
            head += f" without {_and(self.lost)}"
        lines = self.answer.lines
        if not lines:
            return f"{head}: {self.answer.why}."
        counts = {
            answer: sum(line.answer == answer for line in lines)
            for answer in ("holds", "fails", "not known", "not comparable")
        }
        if len(lines) == 1:
            body = lines[0].why
        else:
            told = [f"{n} {_LINE_WORDS[answer]}" for answer, n in counts.items() if n]
            body = f"of {len(lines)} lines {_and(told)}"
        stones = self.cornerstones()
        tail = ""
        if len(self.chances) == 1:
            tail = f"; by the chances given it is met with {_range(self.chances[0].holds)}"
        if stones:
            names = _and([loss.lost[0] for loss in stones])
            tail += f"; it fails without {names}" + (" (each alone)" if len(stones) > 1 else "")
        return f"{head}: {body}{tail}."

    def to_json(self) -> dict[str, object]:
        """Return the answer as plain values for JSON."""
        return {
            "charter": self.charter.id,
            "about": self.about,
            "sentence": self.sentence(),
            "lost": list(self.lost),
            "limits": dict(self.limits),
            "answer": self.answer.to_json(),
            "without_one": [
                {"lost": list(x.lost), "standing": x.answer.standing, "why": x.answer.why}
                for x in self.alone
            ],
            "pairs_that_turn_it": [
                {"lost": list(x.lost), "standing": x.answer.standing, "why": x.answer.why}
                for x in self.pairs
            ],
            "break_even": [
                {
                    "line": b.line.name,
                    "share_low": b.share_low,
                    "share_high": b.share_high,
                    "heads_share": b.heads_share and list(b.heads_share),
                    "willingness": b.willingness,
                    "words": b.words(),
                }
                for b in self.breakeven
            ],
            "assumptions_that_turn_it": [
                {"line": s.line.name, "assumption": s.assumption, "turns": s.turns}
                for s in self.swings
                if s.turns
            ],
            "chances": [
                {
                    "line": c.line.name,
                    "holds": list(c.holds),
                    "expected_shortfall": list(c.shortfall),
                    "method": c.method,
                    "without_a_chance": list(c.assumed_free),
                    "credits": [
                        {"member": who, "credit": worth, "most": most}
                        for who, worth, most in c.credits
                    ],
                }
                for c in self.chances
            ],
            "finding": self.finding().to_json(),
        }

    def finding(self) -> Finding:
        """Return the answer as tables with their assumptions."""
        tables = tuple(t for t in self._tables() if len(t))
        have = {table.name for table in tables}
        charts = []
        if "swings" in have:
            charts.append(
                Chart(
                    "interval",
                    "What moves the answer most: each assumption alone, from its least to its most",
                    value="comes",
                    label="assumption",
                    table="swings",
                )
            )
        if "credits" in have:
            charts.append(
                Chart(
                    "bar",
                    "What each is worth: what would have to come for sure in its place",
                    value="credit",
                    label="member",
                    table="credits",
                    sort="size",
                )
            )
        return Finding(
            question=f"Do contributions meet {self.about}?",
            sentence=self.sentence(),
            tables=tables,
            figures=tuple(
                q for line in self.answer.lines if (q := line.line.quantity()).known and q.id
            ),
            assumptions=self._assumptions(),
            sources=self.sources,
            not_in_it=_NOT_IN_IT,
            caveats=self.ready.needs.caveats,
            missing=tuple(
                Missing(_title(line.line), what, "the line stays open")
                for line in self.answer.lines
                if line.standing == "not known"
                for what in line.missing
            )
            or tuple(Missing(self.about, what, "no answer") for what in self.answer.missing
                     if not self.answer.lines),
            charts=tuple(charts),
            method=self._method(),
            seed=self.seed,
        )  # fmt: skip

    def _method(self) -> str:
        if not self.chances:
            return "intervals of what is known; every loss of one and two tried"
        return "intervals; chances " + "; ".join(dict.fromkeys(c.method for c in self.chances))

    def _assumptions(self) -> tuple[str, ...]:
        return (
            "A line holds if even the least that comes reaches the whole need, and fails if even "
            "the most does not reach its lower end. What is missing never counts as there.",
            "Additional needs and money count pledges, reported positions and holdings declared "
            "uncommitted; plain holdings are not comparable with them.",
            "People held are heads: towards a total, from none to all of them could be sent, "
            "unless a share is given. Of a member's contributions to a line the firmest kind "
            f"alone counts: {', '.join(KINDS)}.",
            f"Given: {self.given or 'nothing'}.",
            *(
                f"Limit: {key} at most {rounding.words(value)}." for key, value in self.limits
            ),
        )  # fmt: skip

    def _shown(self) -> list[Swing]:
        """Return the swings of one line, the need itself first: of an open one if there is one."""
        answers = {line.line: line.standing for line in self.answer.lines}
        lines = dict.fromkeys(s.line for s in self.swings)
        focus = next((x for x in lines if answers[x] == "not known"), next(iter(lines), None))
        of = [s for s in self.swings if s.line == focus]
        of.sort(key=lambda s: (s.assumption != _NEED, -s.width))
        return of[:SHOWN]

    def _tables(self) -> Iterator[Table]:
        lines = self.answer.lines
        yield Table(
            "lines",
            "Line by line",
            (
                Column("line", "Line", tuple(_title(x.line) for x in lines)),
                Column("basis", "Basis", tuple(x.line.basis for x in lines)),
                Column("need", "Needed", tuple(_needed(x.line) for x in lines)),
                Column("have", "Comes, least to most", tuple(_comes(x) for x in lines)),
                Column("answer", "Answer", tuple(x.answer for x in lines)),
                Column("why", "Why", tuple(x.why.removeprefix("not comparable: ") for x in lines)),
            ),
        )
        turned = [x for x in self.alone if x.answer.standing != self.answer.standing]
        yield Table(
            "without",
            "Without one (N-1): who turns the answer",
            (
                Column("who", "Without", tuple(x.lost[0] for x in turned)),
                Column("answer", "Answer then", tuple(x.answer.standing for x in turned)),
                Column("why", "Why", tuple(x.answer.why for x in turned)),
            ),
        )
        yield Table(
            "pairs",
            "Without two (N-2): pairs that turn it though neither does alone",
            (
                Column("who", "Without", tuple(" and ".join(x.lost) for x in self.pairs)),
                Column("answer", "Answer then", tuple(x.answer.standing for x in self.pairs)),
                Column("why", "Why", tuple(x.answer.why for x in self.pairs)),
            ),
        )
        yield Table(
            "break_even",
            "What would have to be true",
            (
                Column("line", "Line", tuple(_title(b.line) for b in self.breakeven)),
                Column("condition", "It holds", tuple(b.words() for b in self.breakeven)),
            ),
        )
        shown = self._shown()
        focus = _title(shown[0].line) if shown else ""
        yield Table(
            "swings",
            f"Which assumption turns {focus}: each moved from least to most, others in the middle",
            (
                Column("assumption", "Assumption", tuple(s.assumption for s in shown)),
                Column("comes", "Comes together", tuple(_moved(s) for s in shown)),
                Column("turns", "Turns it?", tuple(s.turns or "no" for s in shown)),
            ),
        )
        yield Table(
            "chances",
            "How surely, by the chances given",
            (
                Column("line", "Line", tuple(_title(c.line) for c in self.chances)),
                Column(
                    "holds", "Chance that it holds", tuple(_range(c.holds) for c in self.chances)
                ),
                Column(
                    "short",
                    "Expected shortfall",
                    tuple(_quantity(*c.shortfall, c.line.unit) for c in self.chances),
                ),
                Column(
                    "free",
                    "Without a chance",
                    tuple(", ".join(c.assumed_free) or "nobody" for c in self.chances),
                ),
            ),
        )
        worth_of = [(c, row) for c in self.chances for row in c.credits]
        yield Table(
            "credits",
            "Capability credit: what would have to come for sure in each one's place",
            (
                Column("member", "Member", tuple(who for _, (who, _, _) in worth_of)),
                Column("line", "Line", tuple(_title(c.line) for c, _ in worth_of)),
                Column("credit", "Credit", tuple(_three(worth) for _, (_, worth, _) in worth_of)),
                Column(
                    "most", "Gives at most", tuple(_three(most) for _, (_, _, most) in worth_of)
                ),
            ),
        )
        parts = [(x.line, p) for x in lines for p in x.parts if p.kind]
        if len(parts) > 60:
            parts = [(line, p) for line, p in parts if p.kind != "holding"]
        yield Table(
            "contributions",
            "What is counted, by member",
            (
                Column("member", "Member", tuple(p.member for _, p in parts)),
                Column("line", "Line", tuple(_title(line) for line, _ in parts)),
                Column("kind", "Kind", tuple(p.kind for _, p in parts)),
                Column("comes", "Comes", tuple(_part(line, p) for line, p in parts)),
                Column("note", "Note", tuple(p.why or p.source for _, p in parts)),
            ),
        )
        left = self.ready.needs.left_out
        yield Table(
            "left_out",
            "Figures of the same source that are no needs",
            (
                Column("item", "Figure", tuple(item.replace("_", " ") for item, _ in left)),
                Column("why", "Why not", tuple(why for _, why in left)),
            ),
        )


_LINE_WORDS = {
    "holds": "hold",
    "fails": "fail",
    "not known": "are not known",
    "not comparable": "are not comparable with plain holdings",
}


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _title(line: Line) -> str:
    """Return the name of a line as people read it."""
    return line.name.replace("_", " ")


def _percent(share: float) -> str:
    """Say a share in percent, to two digits; never nought where there is something."""
    value = 100.0 * share
    if 0.0 < value < 0.1:
        return "less than 0.1 %"
    return f"{value:.2g} %" if value < 99.5 else f"{value:.0f} %"


def _range(ends: tuple[float, float]) -> str:
    low, high = (f"{100.0 * end:.3g} %" for end in ends)
    return low if low == high else f"{low} to {high}"


def _three(value: float) -> float:
    return float(f"{value:.3g}")


def _quantity(low: float, high: float, unit: str) -> Quantity:
    a, b = _three(min(low, high)), _three(max(low, high))
    return Quantity((a + b) / 2, a, b, unit=unit) if a < b else Quantity(a, unit=unit)


def _needed(line: Line) -> Quantity | str:
    if line.low is None:
        return f"up to {amount(line.high, line.unit)}"
    if line.high is None:
        return f"at least {amount(line.low, line.unit)}"
    return line.quantity()


def _comes(answer: LineAnswer) -> str:
    if answer.line.each:
        return "member by member"
    if not any(p.kind for p in answer.parts):
        return "not known" if answer.parts else "nothing known"
    return span(answer.low, answer.high, answer.line.unit)


def _part(line: Line, part: Part) -> str:
    told = span(part.low, part.high, line.unit)
    return f"{told} (heads)" if part.heads else told


def _moved(swing: Swing) -> Quantity:
    low, base, high = (number(x) for x in (swing.low, swing.base, swing.high))
    return Quantity(base, low, high, unit=swing.line.unit)


# Losses


def _alone(made: Ready, lost: frozenset[str]) -> tuple[Loss, ...]:
    return tuple(
        Loss((member,), made.muster(lost | {member}))
        for member in made.members
        if member not in lost
    )


def _pairs(made: Ready, lost: frozenset[str], base: Muster, alone: Sequence[Loss]) -> list[Loss]:
    """Return the pairs that turn the answer though neither does alone."""
    if base.standing == "fails":
        return []
    quiet = [x.lost[0] for x in alone if x.answer.standing == base.standing]
    found = []
    for one, other in combinations(quiet, 2):
        answer = made.muster(lost | {one, other})
        if answer.standing != base.standing:
            found.append(Loss((one, other), answer))
    return found


# What would have to be true


def _adding(made: Muster) -> Iterator[LineAnswer]:
    """Lines that members add up to, with something to say about what comes."""
    for answer in made.lines:
        if not answer.line.each and any(p.kind for p in answer.parts):
            yield answer


def _tops(answer: LineAnswer) -> list[tuple[Part, Fraction]]:
    """Return what each may bring at most, shrunk in proportion where a joint limit binds."""
    bounded = [(p, p.high) for p in answer.parts if p.high is not None and p.kind]
    total = sum((top for _, top in bounded), Fraction(0))
    most = answer.high
    if most is None or not total or most >= total:
        return bounded
    return [(p, top * most / total) for p, top in bounded]


def _breakeven(answer: LineAnswer) -> BreakEven:
    line = answer.line
    tops = _tops(answer)
    total = sum((top for _, top in tops), Fraction(0))
    bounded = answer.high is not None

    def share(need: Fraction | None) -> float | None:
        return float(need / total) if need is not None and total and bounded else None

    heads = sum((top for p, top in tops if p.heads), Fraction(0))
    heads_share = None
    if heads and line.low is not None:
        others = [p for p, _ in tops if not p.heads]
        least = sum((p.low for p in others), Fraction(0))
        most = sum((top for p, top in tops if not p.heads), Fraction(0))
        missing = [max(line.low - given, Fraction(0)) / heads for given in (most, least)]
        heads_share = (float(missing[0]), float(missing[1]))
    willingness = None
    if line.low is not None and total >= line.low and not heads:
        willingness = _willingness([top for _, top in tops if top], line.low)
    return BreakEven(line, share(line.low), share(line.high), heads_share, willingness)


def _willingness(tops: Sequence[Fraction], need: Fraction) -> float | None:
    """Return the chance each must have so that the need is reached with a chance of 90 %."""
    from comity.systems.convolution import Contributor, convolve

    # Coarse enough for an exact answer, and never in favour of holding: amounts are cut down.
    step = max(Fraction(1), sum(tops, Fraction(0)) / 20_000)
    cut = [(top // step) * step for top in tops] if len(tops) > 3 else list(tops)

    def surely(chance: float) -> bool:
        body = [Contributor.of(str(i), top, chance=chance) for i, top in enumerate(cut)]
        try:
            return 1.0 - convolve(body).below(need) >= SURE
        except UsageError:
            return False

    if not surely(1.0):
        return None
    low, high = 0.0, 1.0
    for _ in range(14):
        middle = (low + high) / 2
        low, high = (low, middle) if surely(middle) else (middle, high)
    return high


def _swings(answer: LineAnswer) -> Iterator[Swing]:
    """Move one assumption at a time from its least to its most, the others in the middle."""
    line = answer.line
    need = line.low if line.low is not None else line.high
    if need is None:
        return

    def middle(part: Part) -> Fraction:
        return part.low if part.heads or part.high is None or part.value is None else part.value

    base = sum((middle(p) for p in answer.parts), Fraction(0))
    moved: list[tuple[str, Fraction, Fraction]] = []
    for part in answer.parts:
        if part.high is not None and part.low < part.high:
            what = "how many of its heads it sends" if part.heads else "what it brings"
            rest = base - middle(part)
            moved.append((f"{part.member}: {what}", rest + part.low, rest + part.high))
    for name, low, high in moved:
        turns = ""
        if low < need <= high:
            turns = "yes"
        yield Swing(line, name, low, min(max(base, low), high), high, turns)
    if line.low is not None and line.high is not None and line.low < line.high:
        turned = line.low <= base < line.high
        words = "yes: the lower end is reached only" if turned else ""
        yield Swing(line, _NEED, line.low,
                    (line.low + line.high) / 2, line.high, words)  # fmt: skip


# How surely


def _chances(
    answer: LineAnswer, causes: Sequence[Cause], draws: int | None, seed: int
) -> Chances | None:
    """Return how surely a line holds; None where nobody gives a chance for it."""
    line = answer.line
    given = [p for p in answer.parts if p.chance is not None]
    if line.each or not given:
        return None
    from comity.systems.adequacy import DRAWS, Way
    from comity.systems.adequacy import adequacy as surely
    from comity.systems.convolution import CommonCause, Contributor
    from comity.systems.credit import capability_credits

    free = tuple(p.member for p in answer.parts if p.chance is None)
    worst, best, middle = [], [], []
    unbounded = False
    for part in answer.parts:
        chance = None if part.chance is None else float(part.chance)
        worst.append(Contributor.of(part.member, part.low, chance=chance or 0.0))
        if part.high is None:
            unbounded = True
            continue
        top = part.high
        best.append(Contributor.of(part.member, top, chance=1.0 if chance is None else chance))
        if chance is not None and part.value is not None:
            middle.append(Contributor.of(part.member, part.value, chance=chance))
    need_low = line.low if line.low is not None else Fraction(0)
    need_high = line.high if line.high is not None else need_low

    def struck(body: Sequence[Contributor]) -> list[CommonCause]:
        names = {c.name for c in body}
        found = (tuple(m for m in cause.members if m in names) for cause in causes)
        return [CommonCause(c.name, float(c.chance), who) for c, who in zip(causes, found) if who]

    def ask(body: Sequence[Contributor], need: Fraction) -> tuple[float, float, str]:
        way: Way = "sampling" if draws else "auto"
        found = surely(body, need, causes=struck(body), method=way, draws=draws or DRAWS, seed=seed)
        one = found.lines[0]
        return 1.0 - one.lolp, one.eue, _with_error(found.method, one.lolp_error)

    least, most_short, method = ask(worst, need_high)
    if unbounded:
        most, least_short = 1.0, 0.0
    else:
        most, least_short, _ = ask(best, need_low)
    worth: tuple[tuple[str, float, float], ...] = ()
    if len(middle) == len(answer.parts):
        worth = _tried(lambda: tuple(
            (c.name, c.credit, c.most)
            for c in capability_credits(middle, need_high, causes=struck(middle))
        ))  # fmt: skip
    return Chances(line, (least, most), (least_short, most_short), method, free, worth)


def _with_error(method: str, error: float) -> str:
    return f"{method}, standard error {100 * error:.2g} percentage points" if error else method


def _tried(
    make: Callable[[], tuple[tuple[str, float, float], ...]],
) -> tuple[tuple[str, float, float], ...]:
    """Return credits, or none where the amounts are too fine for an exact answer."""
    try:
        return make()
    except UsageError:
        return ()


# The question


def adequacy(
    charter: Charter,
    *,
    obligation: str = "",
    requirement: str = "",
    contributions: Contributions | None = None,
    evidence: Evidence,
    lost: Sequence[str] = (),
    limits: Limits | None = None,
    draws: int | None = None,
    seed: int = 0,
    on: date | None = None,
) -> Examination:
    """Examine whether contributions meet an obligation's needs, a published set, or your own.

    Parameters
    ----------
    obligation, requirement
        One of the two: an obligation of the charter, or a published set of requirements.
        Without both, the needs that `contributions` carry are asked, or else the charter's only
        obligation.
    contributions
        What is given; holdings of the evidence and reported positions where left out. Against
        needs that nobody owes, a published set or your own, only what is given counts.
    lost
        Members taken out first.
    limits
        The most that a member may bring, such as ``{"UKR.personnel": 600_000}``.
    draws, seed
        Sample with so many draws where chances are given; exact where left out.
    on
        The day on which it is asked who owes; the charter's date where left out.

    Raises
    ------
    UsageError
        If a name is not known, or nothing says what is needed.
    """
    if obligation and requirement:
        raise UsageError("an obligation and a requirement were both given", hint="give one of them")
    own = contributions.needs if contributions is not None else ()
    day = on or charter.dated
    silent = ""
    if requirement:
        needs, about = published(evidence, requirement), f"the needs of {requirement}"
        who = _states(charter, day) if contributions is None else ()
    elif own and not obligation:
        assert contributions is not None
        needs, about = Needs(contributions.title, own), f"the needs of {contributions.title}"
        who = ()
    else:
        name = obligation or _only(charter)
        found, needs = owed(charter, name)
        about, who = f"what {name} needs", owing(charter, found, day)
        silent = f"the text of {name} names no need that could be counted"
    for member in lost:
        if member not in charter.members and member not in charter.participants:
            raise UsageError(
                f"{charter.id} has no member '{member[:40]}'",
                hint="members are: " + ", ".join(charter.order),
            )
    given = contributions
    if given is None:
        given = assumed(charter, who, needs.lines, evidence)
    made = ready(charter, needs, who, given, limits=limits, silent_text=silent)
    gone = frozenset(lost)
    answer = made.muster(gone)
    alone = _alone(made, gone)
    chances = [_chances(line, given.causes, draws, seed) for line in _adding(answer)]
    sampled = draws is not None and any(c is not None for c in chances)
    return Examination(
        charter,
        about,
        made,
        answer,
        tuple(m for m in charter.order if m in gone),
        alone,
        tuple(_pairs(made, gone, answer, alone)),
        tuple(_breakeven(line) for line in _adding(answer) if line.answer != "holds"),
        tuple(s for line in _adding(answer) for s in _swings(line)),
        tuple(c for c in chances if c is not None),
        _sources(evidence, needs, answer),
        given.title,
        tuple((key, float(value)) for key, value in (limits or {}).items()),
        seed if sampled else None,
    )


def _states(charter: Charter, day: date) -> tuple[str, ...]:
    return tuple(
        m.code for m in charter.members.values() if m.standing == "member" and m.belongs(day)
    )


def _only(charter: Charter) -> str:
    if len(charter.obligations) == 1:
        return next(iter(charter.obligations))
    if not charter.obligations:
        raise UsageError(
            f"{charter.id} has no obligations", hint="name a set with --requirement SET"
        )
    raise UsageError(
        f"{charter.id} has {len(charter.obligations)} obligations",
        hint="choose with --obligation: " + ", ".join(charter.obligations),
    )


def _sources(evidence: Evidence, needs: Needs, answer: Muster) -> tuple[Source, ...]:
    found = {s.id: s for s in needs.sources}
    used = dict.fromkeys(p.source for line in answer.lines for p in line.parts if p.source)
    for text in used:
        known = [evidence.sources[key] for key in text.split() if key in evidence.sources]
        for s in known:
            found.setdefault(
                s.id, Source(s.id, s.title, s.publisher, s.where, s.vintage, s.licence)
            )
        if not known:
            found.setdefault(text, Source(f"given-{len(found) + 1}", text))
    return tuple(found.values())
