"""A rehearsal as it was played: a value that the report, the score and the replays read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from comity.core.acts import Act
from comity.core.proposals import Standing
from comity.exercise.scenario import Band, LossKind, Scenario

EntryKind: TypeAlias = Literal["event", "move", "not made", "drawn", "person", "by hand", "outcome"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened, in the order in which it did.

    Parameters
    ----------
    kind
        ``event``: of the scenario. ``move``: of the script. ``not made``: a move
        that could not be, with the reason in `words`. ``drawn``: what a player of
        the model did, with why in `words`, a sentence each. ``person``: what a
        person signed. ``by hand``: an event that whoever runs it put in.
        ``outcome``: a proposal settled.
    id
        Of the event or move; for what was drawn, of the move answered.
    who
        The member, or empty.
    act
        The id of the act that came of it, or empty.
    band
        For what was drawn: how sure it was.
    """

    at: datetime
    kind: EntryKind
    id: str
    who: str = ""
    title: str = ""
    words: tuple[str, ...] = ()
    act: str = ""
    band: Band | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a player of the model does, when, and why.

    Parameters
    ----------
    word
        The stance it takes; None if it says nothing (under silence, consent).
    at
        When it says so.
    band
        How sure this was, given the assumptions.
    because
        A sentence for each thing that it rests on, with its source.
    """

    member: str
    word: str | None
    at: datetime
    band: Band
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """All that one run left.

    Parameters
    ----------
    number
        0 for the first run; each going back makes a new one.
    people
        Members that persons played.
    lost
        Members that a replay takes away from the beginning, and how.
    acts
        Every act of every member, opened, in the order in which they were said.
    arrived
        For each act, by its id, when each member's node had it.
    ids
        The act of each move that was made, by the move's id.
    standings
        How each proposal stands at the end, by the id of its act.
    certificates
        Those that could be made, by the id of the proposal's act.
    """

    scenario: Scenario
    seed: int
    number: int
    people: tuple[str, ...]
    lost: tuple[tuple[str, LossKind], ...]
    coalition: str
    until: datetime
    entries: tuple[Entry, ...]
    acts: tuple[Act, ...] = field(repr=False)
    arrived: Mapping[str, Mapping[str, datetime]] = field(repr=False)
    ids: Mapping[str, str] = field(repr=False)
    standings: Mapping[str, Standing | str] = field(repr=False)
    certificates: Mapping[str, bytes] = field(repr=False)
