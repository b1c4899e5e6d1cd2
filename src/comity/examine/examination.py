"""The answer whether contributions meet a need: as a sentence, a finding, and plain values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from comity.core.charter import Charter
from comity.examine import rounding
from comity.examine.chances import Chances, chances_tables, percents
from comity.examine.conditions import (
    NEED_ITSELF,
    SHOWN,
    BreakEven,
    Swing,
    break_even_table,
    swings_table,
    titled,
)
from comity.examine.contributions import KINDS
from comity.examine.finding import Chart, Column, Finding, Missing, Quantity, Source, Table
from comity.examine.mustering import LineAnswer, Muster, Part, Ready, amount, span
from comity.examine.needs import Line

__all__ = ["Examination", "Loss"]

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
            tail = f"; by the chances given it is met with {percents(self.chances[0].holds)}"
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
                Missing(titled(line.line), what, "the line stays open")
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
        of.sort(key=lambda s: (s.assumption != NEED_ITSELF, -s.width))
        return of[:SHOWN]

    def _tables(self) -> Iterator[Table]:
        lines = self.answer.lines
        yield Table(
            "lines",
            "Line by line",
            (
                Column("line", "Line", tuple(titled(x.line) for x in lines)),
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
        yield break_even_table(self.breakeven)
        yield swings_table(self._shown())
        yield from chances_tables(self.chances)
        parts = [(x.line, p) for x in lines for p in x.parts if p.kind]
        if len(parts) > 60:
            parts = [(line, p) for line, p in parts if p.kind != "holding"]
        yield Table(
            "contributions",
            "What is counted, by member",
            (
                Column("member", "Member", tuple(p.member for _, p in parts)),
                Column("line", "Line", tuple(titled(line) for line, _ in parts)),
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
