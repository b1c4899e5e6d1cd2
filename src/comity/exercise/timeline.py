"""The timeline: what is on the public record, what happened, what members did, how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from comity.core import bodies
from comity.core.acts import Act
from comity.exercise.facts import Facts, amount, lasting
from comity.exercise.rehearsal import Entry, EntryKind

LineKind: TypeAlias = EntryKind | Literal["before"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline.

    Parameters
    ----------
    at
        By the exercise's clock; None for what is on the record and was not played.
    on
        The days on the public record that it stands for; none for what is the
        exercise's own.
    id
        Of the event or move; empty for what a person did of itself.
    parties, groups
        Codes of members and participants; who is not listed one by one, in words.
    act
        The id of the act, where there is one.
    source
        The key of a source of the scenario.
    """

    at: datetime | None
    on: tuple[date, ...]
    kind: LineKind
    id: str
    what: str
    parties: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    act: str = ""
    source: str = ""

    @property
    def public(self) -> bool:
        """Whether it stands for something on the public record."""
        return bool(self.on)

    def to_json(self) -> dict[str, object]:
        """Return it with the keys documented in docs/reference/after-action.md."""
        return {
            "at": f"{self.at:%Y-%m-%dT%H:%M:%SZ}" if self.at is not None else None,
            "on": [day.isoformat() for day in self.on],
            "kind": self.kind,
            "id": self.id or None,
            "what": self.what,
            "parties": list(self.parties),
            "groups": list(self.groups),
            "act": self.act or None,
            "source": self.source or None,
        }


def timeline(facts: Facts) -> tuple[Line, ...]:
    """Return what came before, then what happened, in order; answers of players are left out."""
    scenario = facts.scenario
    before = [
        Line(None, b.on, "before", "", b.title, b.parties, b.groups, source=b.source)
        for b in scenario.before
    ]
    played = [line for entry in facts.rehearsal.entries for line in _line(facts, entry)]
    played += _outcomes(facts)
    played.sort(key=lambda line: (line.at or scenario.start, line.kind == "outcome"))
    return (*before, *played)


def _line(facts: Facts, entry: Entry) -> Iterator[Line]:
    act = facts.acts.get(entry.act)
    if entry.kind in ("drawn", "outcome") or (act and _is_left_out(facts, entry, act)):
        return
    if entry.kind == "not made":
        yield _not_made(facts, entry)
    elif act is not None:
        yield _said(facts, entry, act)
    else:
        yield _happened(facts, entry)


def _not_made(facts: Facts, entry: Entry) -> Line:
    move = facts.moves.get(entry.id)
    who = entry.who or (move.by if move is not None else "")
    did = "Not made" if move is not None else "Did not happen"
    title = entry.title or facts.title_of(entry.id)
    reason = "; ".join(entry.words) or "no reason is known"
    what = f"{did}: {title}: {reason}"
    return Line(entry.at, (), entry.kind, entry.id, what, (who,) if who else ())


def _said(facts: Facts, entry: Entry, act: Act) -> Line:
    move = facts.moves.get(entry.id)
    return Line(
        entry.at,
        move.on if move is not None else (),
        entry.kind,
        entry.id,
        act_words(act, facts),
        (move.parties if move is not None else ()) or (act.member,),
        act=act.id,
        source=entry.source or (move.source if move is not None else ""),
    )


def _happened(facts: Facts, entry: Entry) -> Line:
    title = entry.title or facts.title_of(entry.id)
    event = facts.events.get(entry.id) if entry.kind == "event" else None
    if event is None:
        # Put in by hand, it stands for nothing on the record, also in place of an event.
        words = "; ".join(word for word in entry.words if word and word != title)
        what = f"{title}: {words}" if words else title
        who = (entry.who,) if entry.who else ()
        return Line(entry.at, (), entry.kind, entry.id, what, who, source=entry.source)
    parties = event.parties or event.members
    source = entry.source or event.source
    return Line(entry.at, event.on, entry.kind, entry.id, title, parties, source=source)


_BY_ITSELF = bodies.Receipt | bodies.Closing | bodies.Enter | bodies.Epoch | bodies.Resume


def _is_left_out(facts: Facts, entry: Entry, act: Act) -> bool:
    """Tell whether an act is told elsewhere: receipts, closings, signatures that a move names."""
    if isinstance(act.body, _BY_ITSELF):
        return True
    move = facts.moves.get(entry.id)
    named = move is not None and move.kind == "propose" and entry.kind == "move"
    return named and isinstance(act.body, bodies.Stance)


def _outcomes(facts: Facts) -> Iterator[Line]:
    for act in facts.proposals:
        by = facts.settled_by(act.id)
        if by is None or not isinstance(act.body, bodies.Propose):
            continue
        at, outcome = facts.said_at(by), facts.outcome(act.id)
        words = f"{outcome.capitalize()} after {lasting(at - facts.said_at(act))}"
        joined = facts.joined(act.id)
        opens = isinstance(act.body.effect, bodies.OptIn)
        if opens and joined:
            words += f", joined by {len(joined)}"
        yield Line(
            at,
            (),
            "outcome",
            facts.move_of.get(act.id, ""),
            f"{words}: {act.body.title}",
            joined if opens else (),
            act=by.id,
        )


def act_words(act: Act, facts: Facts) -> str:
    """Say in one line what a member did with an act."""
    body = act.body
    match body:
        case bodies.Alert():
            did = {"alert": "Alert", "update": "Update of an alert", "cancel": "Alert cancelled"}
            return f"{did[body.type]} ({body.severity}): {body.title}"
        case bodies.Propose():
            procedure = facts.charter_of(act).procedures.get(body.procedure)
            how = procedure.kind if procedure is not None else body.procedure
            return f"Proposed: {body.title} ({body.effect.__struct_config__.tag}, by {how})"
        case bodies.Stance():
            notes = "".join(f"; {note.kind}: {note.text}" for note in body.annotations)
            return f"Answered '{body.word}' to {_title(facts, body.proposal)}{notes}"
        case bodies.Pledge():
            again = "Pledged anew" if body.previous else "Pledged"
            return f"{again}: {amount(body.quantity)} {body.unit} ({body.line})"
        case bodies.Edit():
            return _edit_words(act, body, facts)
        case None:
            return "said something that cannot be opened"
        case _:
            return bodies.kind_of(body).capitalize()


def _edit_words(act: Act, body: bodies.Edit, facts: Facts) -> str:
    change = body.change
    match change:
        case bodies.OpenText():
            return f"Text opened: {change.title}"
        case bodies.Write():
            return f"Paragraph {change.paragraph} of {_title(facts, body.text)} written anew"
        case bodies.Insert():
            return f"Paragraph put into {_title(facts, body.text)}"
        case bodies.Bracket():
            return f"Bracket in paragraph {change.paragraph} of {_title(facts, body.text)}"
        case bodies.Resolve():
            bracket = facts.acts.get(change.bracket)
            whose = bracket.member if bracket is not None else "somebody"
            if whose == act.member:
                return f"Bracket let go in {_title(facts, body.text)}"
            return f"Words offered for the bracket of {whose} in {_title(facts, body.text)}"


def _title(facts: Facts, act: str | None) -> str:
    known = facts.acts.get(act or "")
    body = known.body if known is not None else None
    if isinstance(body, bodies.Propose):
        return f"'{body.title}'"
    if isinstance(body, bodies.Edit) and isinstance(body.change, bodies.OpenText):
        return f"'{body.change.title}'"
    return "what is not at hand"
