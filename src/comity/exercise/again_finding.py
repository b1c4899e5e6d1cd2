"""Again without each member, as findings: one for each part, with what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from comity.examine.finding import Column, Finding, Source, Table
from comity.examine.losses import LOSS_WORDS, Kind
from comity.exercise.again import Again
from comity.exercise.again_players import Played, PlayedCell, Share, span_words
from comity.exercise.again_rules import Rules
from comity.exercise.players import ASSUMED
from comity.report.document import Document, document

NATURE: Final = "anyone"
_BUT: Final = 3
"""Of how many at the most it is said who is left out, and not who is in."""
_KINDS: Final = (
    "Silent: says and closes nothing. Refusing: says no, and proposes nothing. Leaving: gave "
    "notice before the exercise began; rosters, weights and shares are those without it."
)


def findings(again: Again, *, full: bool = False) -> tuple[Finding, ...]:
    """Return both parts as findings, the rules first.

    Parameters
    ----------
    full
        Whether every cell is told, and not only whose loss changes something.
    """
    found = [_rules(again, full=full)]
    if again.played is not None:
        found.append(_players(again, again.played, full=full))
    return tuple(found)


def report(again: Again) -> Document:
    """Return both parts, with every cell, as one document."""
    title = f"{again.scenario.title}: again without each member"
    return document(findings(again, full=True), title, marking="EXERCISE")


# From rules alone.


def _rules(again: Again, *, full: bool) -> Finding:
    rules = again.rules
    tables = [_decided(rules), *_obligations(rules)]
    if full:
        tables += [_every_rule_cell(rules, kind) for kind in rules.kinds]
    return Finding(
        question=f"{again.scenario.title}: what would the rules alone stop without each member?",
        sentence=_rules_sentence(rules),
        tables=tuple(tables),
        assumptions=(
            _KINDS,
            "As given: the others answer and close as they did in the run with nobody lost "
            f"(seed {again.base.seed}). At best: all the others agree and close, and whoever else "
            "may puts it to decision.",
            "A decision that was made under an amended charter rests on that amendment.",
        ),
        caveats=(
            "What stops as given need not stop: another may put it to decision, or others answer "
            "otherwise. What stops even at best, nobody else can bring about under these rules.",
            *(f"Not put to decision in the run: {name}." for name in rules.never_put),
        ),
        sources=(_charter(again),),
        method="exact count of every decision with one member lost, by the functions that count "
        "a real record",
        seed=again.base.seed,
    )


def _rules_sentence(rules: Rules) -> str:
    if not rules.decisions:
        return "Nothing was put to decision."
    every: dict[str, str] = {}
    some: dict[str, dict[str, None]] = {}
    for one in rules.decisions:
        for kind in rules.kinds:
            who = rules.stopped(one.id, kind, best=True)
            if len(who) == len(rules.members) > 1:
                every[one.id] = one.title
            elif who:
                some.setdefault(one.id, {}).update(dict.fromkeys(who))
    parts = []
    if every:
        parts.append(f"any one member stops {len(every)} of them by the nature of the rule")
    if some:
        named = {m for who in some.values() for m in who}
        listed = ", ".join(m for m in rules.members if m in named)
        parts.append(f"a particular member ({listed}) stops {len(some)} of them")
    total = f"Of {len(rules.decisions)} decisions, even if all the others agree: "
    return total + ("; ".join(parts) or "no loss of one member stops any") + "."


def _decided(rules: Rules) -> Table:
    rows = [(one, kind) for one in rules.decisions for kind in rules.kinds]
    best = [rules.stopped(one.id, kind, best=True) for one, kind in rows]
    given = [rules.stopped(one.id, kind, best=False) for one, kind in rows]
    freed = [
        [m for m in rules.members if rules.cells[one.id, m, kind].words == "frees it"]
        for one, kind in rows
    ]
    unknown = [
        [m for m in rules.members if rules.cells[one.id, m, kind].words == "not known"]
        for one, kind in rows
    ]
    columns = [
        Column("decision", "Decision", tuple(f"{one.title} ({one.id})" for one, _ in rows)),
        Column("outcome", "Nobody lost", tuple(one.outcome for one, _ in rows)),
        Column("loss", "One", tuple(LOSS_WORDS[kind] for _, kind in rows)),
        Column("best", "Stops it even at best", tuple(_who(rules, m) for m in best)),
        Column(
            "given",
            "Stops it as the others answered",
            tuple(_who(rules, m) for m in given),
        ),
    ]
    if any(freed):
        columns.append(Column("freed", "Frees it", tuple(_who(rules, m) for m in freed)))
    if any(unknown):
        columns.append(Column("unknown", "Not known", tuple(_who(rules, m) for m in unknown)))
    return Table("rules", "Who alone stops a decision, by the rules", tuple(columns))


def _obligations(rules: Rules) -> Iterator[Table]:
    names = tuple(dict.fromkeys(name for name, *_ in rules.obligations))
    if not names:
        return
    rows = [(name, kind) for name in names for kind in rules.kinds]

    def having(verdict: str) -> tuple[str, ...]:
        return tuple(
            _who(
                rules,
                [m for m in rules.members if rules.obligations[name, m, kind].verdict == verdict],
            )
            for name, kind in rows
        )

    first = rules.members[0]
    yield Table(
        "obligations",
        "Whose loss makes an obligation fail, by rules and figures",
        (
            Column(
                "obligation",
                "Obligation",
                tuple(rules.obligations[name, first, kind].title for name, kind in rows),
            ),
            Column("loss", "One", tuple(LOSS_WORDS[kind] for _, kind in rows)),
            Column("stops", "Fails without", having("stops")),
            Column("unknown", "Not known without", having("not known")),
        ),
    )


def _every_rule_cell(rules: Rules, kind: Kind) -> Table:
    columns = [Column("member", "Member", rules.members)]
    columns += [
        Column(one.id, one.id, tuple(rules.cells[one.id, m, kind].words for m in rules.members))
        for one in rules.decisions
    ]
    title = f"Every decision, where one member {LOSS_WORDS[kind]}: by the rules"
    return Table(f"rules-{kind}", title, tuple(columns))


def _who(rules: Rules, members: Iterable[str]) -> str:
    return named_among(tuple(members), rules.members) or "nobody"


def named_among(some: tuple[str, ...], every: tuple[str, ...]) -> str:
    """Name some of all members; of nearly all of them, who is not among them.

    >>> named_among(("Arden", "Brill"), ("Arden", "Brill", "Corve", "Dorn"))
    'Arden, Brill'
    >>> named_among(("Arden", "Brill", "Dorn"), ("Arden", "Brill", "Corve", "Dorn"))
    'anyone but Corve'
    """
    if len(some) == len(every) > 1:
        return NATURE
    others = [member for member in every if member not in some]
    if 2 * len(others) < len(some) and len(others) <= _BUT:
        return f"{NATURE} but {', '.join(others)}"
    return ", ".join(some)


# From the players assumed.


def _players(again: Again, played: Played, *, full: bool) -> Finding:
    cells = tuple(played.cells())
    tables = [_came_about(again, played, cells), _took(again, played, cells)]
    if full:
        tables += [_every_played_cell(played, kind) for kind in played.kinds]
    left = f" {played.missing} replays are not done yet." if played.missing else ""
    return Finding(
        question=f"{again.scenario.title}: what came about without each member, as players "
        "are assumed to act?",
        sentence=_players_sentence(played, cells) + left,
        tables=tuple(tables),
        assumptions=(
            ASSUMED,
            _KINDS,
            "What the script gives a member to do, nobody does in its place, unless it names "
            "deputies: a move that is not made takes with it what was to follow.",
        ),
        caveats=(
            f"{len(played.seeds)} draws of each: a decision that came about in all of them has a "
            f"chance of {_least(len(played.seeds))} or more, at 95 % (Wilson 1927), if the "
            "assumptions are right. A word such as 'mostly' tells of these draws alone.",
            *_contradicted(again),
        ),
        sources=(_charter(again), *_sources(again)),
        method=f"{len(played.replays)} replays, seeds {played.seeds[0]} to {played.seeds[-1]}, "
        "each loss beside the same seed with nobody lost",
        seed=played.seeds[0],
    )


def _players_sentence(played: Played, cells: tuple[PlayedCell, ...]) -> str:
    stopped: dict[tuple[str, Kind], list[str]] = {}
    for cell in cells:
        if cell.without_loss.count and not cell.share.count:
            stopped.setdefault((cell.decision, cell.kind), []).append(cell.member)
    alike = {row for row, who in stopped.items() if len(who) == len(played.members) > 1}
    lost: dict[str, set[str]] = {}
    for row, who in stopped.items():
        for member in who if row not in alike else ():
            lost.setdefault(member, set()).add(row[0])
    of = len(played.decisions)
    parts = []
    if alike:
        count = len({decision for decision, _ in alike})
        parts.append(f"{count} of {of} decisions came about in no replay, whoever was lost")
    if lost:
        most = max(map(len, lost.values()))
        named = [m for m in played.members if len(lost.get(m, ())) == most]
        beside = "beside that, " if parts else ""
        parts.append(
            f"{beside}most hung on {', '.join(named)}: without {'it' if len(named) == 1 else 'one'}"
            f" {most} of {of} came about in no replay"
        )
    told = "; ".join(parts) or "no loss of one member kept a decision from every replay"
    return f"For some kind of loss, {told}."


def _came_about(again: Again, played: Played, cells: tuple[PlayedCell, ...]) -> Table:
    rows = [(name, kind) for name in played.decisions for kind in played.kinds]
    own = {
        row: [cell for cell in cells if (cell.decision, cell.kind) == row and cell.differs]
        for row in rows
    }
    base = {cell.decision: cell.without_loss.words for cell in cells}

    def told(row: tuple[str, Kind], *, less: bool) -> str:
        found = [c for c in own[row] if (c.share.count < c.without_loss.count) == less]
        groups: dict[str, list[str]] = {}
        for cell in sorted(found, key=lambda cell: cell.share.count):
            groups.setdefault(cell.share.words, []).append(cell.member)
        return (
            "; ".join(
                f"{words}: {named_among(tuple(who), played.members)}"
                for words, who in groups.items()
            )
            or "nobody"
        )

    return Table(
        "players",
        "In how many replays each decision came about",
        (
            Column("decision", "Decision", tuple(_title(again, name) for name, _ in rows)),
            Column("base", "Nobody lost", tuple(base.get(name, "not played") for name, _ in rows)),
            Column("loss", "One", tuple(LOSS_WORDS[kind] for _, kind in rows)),
            Column("less", "Less often without", tuple(told(row, less=True) for row in rows)),
            Column("more", "More often without", tuple(told(row, less=False) for row in rows)),
        ),
    )


def _took(again: Again, played: Played, cells: tuple[PlayedCell, ...]) -> Table:
    names = played.decisions

    def ranges(kind: Kind) -> tuple[str, ...]:
        found = []
        for name in names:
            took = [c.minutes for c in cells if (c.decision, c.kind) == (name, kind) and c.minutes]
            low, high = min((t[0] for t in took), default=0), max((t[1] for t in took), default=0)
            found.append(span_words((low, high) if took else None))
        return tuple(found)

    base = {cell.decision: cell.minutes_without_loss for cell in cells}
    return Table(
        "time",
        "From being put to being adopted, the shortest and the longest of all replays",
        (
            Column("decision", "Decision", tuple(_title(again, name) for name in names)),
            Column("base", "Nobody lost", tuple(span_words(base.get(name)) for name in names)),
            *(Column(kind, f"One {LOSS_WORDS[kind]}", ranges(kind)) for kind in played.kinds),
        ),
    )


def _every_played_cell(played: Played, kind: Kind) -> Table:
    def word(decision: str, member: str) -> str:
        cell = played.cell(decision, member, kind)
        return "not played" if cell is None else cell.share.words

    columns = [Column("member", "Member", played.members)]
    columns += [
        Column(name, name, tuple(word(name, member) for member in played.members))
        for name in played.decisions
    ]
    title = f"Every decision, where one member {LOSS_WORDS[kind]}: by the players assumed"
    return Table(f"players-{kind}", title, tuple(columns))


def _title(again: Again, name: str) -> str:
    """Return what a decision is called; its own title, or that of the text it puts to decision."""
    moves = {move.id: move for move in again.scenario.moves}
    at = name
    while at in moves and not moves[at].title and moves[at].of:
        at = moves[at].of
    return f"{moves[at].title} ({name})" if at in moves and moves[at].title else name


def _contradicted(again: Again) -> Iterator[str]:
    for decision, member, kind, seed in again.contradictions:
        yield (
            f"One of the two parts is wrong: '{decision}' came about in the replay of seed {seed} "
            f"in which {member} {LOSS_WORDS[kind]}, and by the rules it stops even at best."
        )


def _least(draws: int) -> str:
    """Say the least chance that fits with a thing that came about in all of some draws."""
    return f"{Share(draws, draws).bounds[0]:.0%}".replace("%", " %")


def _charter(again: Again) -> Source:
    charter = again.scenario.charter
    return Source(charter.id, f"the charter: {charter.name}", vintage=charter.edition)


def _sources(again: Again) -> Iterator[Source]:
    for one in again.scenario.sources.values():
        yield Source(one.id, one.title, one.publisher, one.where, one.date)
