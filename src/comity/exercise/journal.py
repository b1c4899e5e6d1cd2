"""The journal of a run: what persons signed and what was done by hand, each with its instant.

With the scenario and the seed it is the whole run: played again it gives the
same. Acts are named by their places (organ, member, number) and not by their
ids, so that what was signed in one run can be said again in another, where all
ids are others. A line is on disk before whoever signed is told so.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from comity.core.acts import Act
from comity.core.bodies import Body
from comity.core.strict import instant, spelled
from comity.errors import UsageError
from comity.exercise.scenario import Event

Place: TypeAlias = tuple[str, str, int]
_PLACED = "act at"


class Line(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One line of the journal.

    Parameters
    ----------
    kind
        ``act``: a person signed `body` in `organ`. ``inject``, ``alter``: `event`,
        None to take `name` out. ``seat``, ``leave``: who is `name` is played by a
        person from here on, or no longer. ``play``: the move `name` of the script.
    id
        Of the act, in the run in which it was signed.
    """

    at: str
    kind: Literal["act", "inject", "alter", "seat", "leave", "play"]
    name: str = ""
    member: str = ""
    office: str = ""
    organ: str = ""
    id: str = ""
    body: dict[str, object] | None = None
    event: dict[str, object] | None = None

    @property
    def when(self) -> datetime:
        """The instant."""
        return instant(self.at, "the instant of a line of the journal")


@dataclass(frozen=True, slots=True)
class Journal:
    """The file of a journal."""

    path: Path

    def write(self, line: Line) -> None:
        """Add a line; on return it is on disk."""
        data = msgspec.json.encode(line) + b"\n"
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def read(self) -> tuple[Line, ...]:
        """Return its lines; a last one that a dying process wrote in part is not there.

        Raises
        ------
        UsageError
            If another line cannot be read.
        """
        if not self.path.exists():
            return ()
        whole, _, _ = self.path.read_bytes().rpartition(b"\n")
        found = []
        for number, data in enumerate(whole.splitlines(), 1):
            try:
                found.append(msgspec.json.decode(data, type=Line))
            except msgspec.MsgspecError:
                raise UsageError(
                    f"line {number} of {self.path} cannot be read",
                    hint="take it out by hand, or begin the run anew",
                ) from None
        return tuple(found)

    def mend(self) -> None:
        """Cut off a last line that a dying process wrote in part."""
        if self.path.exists():
            data = self.path.read_bytes()
            whole = data[: data.rfind(b"\n") + 1]
            if whole != data:
                os.truncate(self.path, len(whole))


def of_act(act: Act, places: Callable[[str], Place | None]) -> Line:
    """Write what a person signed, other acts named by their places.

    Parameters
    ----------
    places
        The place of an act by its id, or None if it is no act of this run.
    """
    header = act.header
    body = _walked(msgspec.to_builtins(act.body), lambda text: _named(text, places))
    assert isinstance(body, dict)
    return Line(
        header.instant,
        "act",
        member=act.member,
        office=header.office,
        organ=header.organ,
        id=act.id,
        body=body,
    )


def body_of(line: Line, ids: Callable[[Place], str | None]) -> Body:
    """Return what a person signed, other acts named by their ids in this run.

    Raises
    ------
    UsageError
        If it names an act that is not there in this run.
    """

    def found(value: dict[str, object]) -> str:
        place: Place = msgspec.convert(value[_PLACED], type=tuple[str, str, int])
        name = ids(place)
        if name is None:
            raise UsageError(
                f"it is about {'/'.join(map(str, place))}, which is not there in this run",
                hint="what came before it was taken back",
            )
        return name

    return msgspec.convert(_put_back(line.body, found), type=Body)  # type: ignore[no-any-return]


def of_event(event: Event) -> dict[str, object]:
    """Write an event that was put in, or altered, by hand; with its instant if it has one."""
    return {
        "at": spelled(event.when.at) if event.when.at is not None else None,
        "id": event.id,
        "kind": event.kind,
        "title": event.title,
        "text": event.text,
        "source": event.source,
        "parties": list(event.parties),
        "on": [day.isoformat() for day in event.on],
        "members": list(event.members),
        "loss": event.loss,
        "minutes": event.minutes,
        "when": {"at": None if event.when.at is None else spelled(event.when.at)},
    }


def event_of(form: Mapping[str, object]) -> Event:
    """Return an event that happened by hand."""
    return msgspec.convert(form, type=Event)


def _named(text: str, places: Callable[[str], Place | None]) -> object:
    place = places(text) if len(text) == 64 else None
    return text if place is None else {_PLACED: list(place)}


def _walked(value: object, change: Callable[[str], object]) -> object:
    match value:
        case str():
            return change(value)
        case dict():
            return {key: _walked(inner, change) for key, inner in value.items()}
        case list() | tuple():
            return [_walked(inner, change) for inner in value]
        case _:
            return value


def _put_back(value: object, found: Callable[[dict[str, object]], str]) -> object:
    match value:
        case dict() if value.keys() == {_PLACED}:
            return found(value)
        case dict():
            return {key: _put_back(inner, found) for key, inner in value.items()}
        case list():
            return [_put_back(inner, found) for inner in value]
        case _:
            return value
