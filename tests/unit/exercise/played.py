"""A small rehearsal on real nodes, played by hand: the Club of Seven and its harbour.

Fenn's node is off from the start, Gale's links take half an hour, Corve breaks
the silence; what is known of it is written out in the tests.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory

from comity.core.bodies import Receipt, Word
from comity.core.strict import spelled
from comity.errors import UsageError
from comity.exercise.moves import make
from comity.exercise.node_stage import NodeStage
from comity.exercise.reading import read_scenario
from comity.exercise.rehearsal import Entry, Rehearsal
from comity.exercise.scenario import Scenario

CHARTER = (resources.files("comity.scenarios") / "club-of-seven/charter.toml").read_text()
CHARTER = CHARTER.replace(
    'rules = ["nobody-against", "five-of-seven"]\nprocedures = ["silence", "vote"]',
    'rules = ["nobody-against", "five-of-seven", "three-sign"]\n'
    'candidates = ["four-of-seven"]\nprocedures = ["silence", "vote", "signature"]',
).replace(
    "[organs.table]",
    """[rules.three-sign]
title = "Three who sign"
binds = "those who join"
adopt = { in_favour = { at_least = 3 } }

[rules.four-of-seven]
title = "Four of the seven in favour"
adopt = { in_favour = { at_least = 4 } }

[procedures.signature]
kind = "signature"

[organs.table]""",
)

SCENARIO = """
comity = 1

[scenario]
id = "harbour"
title = "The slip is closed"
summary = "A harbour closes its slip."
charter = "charter.toml"
start = "2026-03-02T08:00:00Z"
end = "2026-03-05T18:00:00Z"
desk = "Brill"
seed = 7

[sources.gazette]
title = "The Sound Gazette"
kind = "press"
publisher = "Sound Press"
date = 2026-03-01

[sources.invented]
title = "Invented for teaching"
kind = "model"

[[before]]
on = [2025-11-20, 2025-12-01]
title = "The Seven agree that the ferry is everybody's"
groups = ["all seven"]
source = "invented"

[[events]]
id = "slip-closed"
kind = "outside act"
at = "2026-03-02T08:30:00Z"
title = "The Harbour Company closes the slip"
parties = ["Harbour"]
on = [2026-03-01]
source = "gazette"

[[events]]
id = "fenn-off"
kind = "node down"
at = "2026-03-02T08:20:00Z"
title = "The mast of Fenn comes down"
members = ["Fenn"]

[[events]]
id = "gale-slow"
kind = "delay"
at = "2026-03-02T08:20:00Z"
title = "Gale's line is slow"
members = ["Gale"]
delay = 30

[[moves]]
id = "alarm"
by = "Arden"
kind = "alert"
at = "2026-03-02T08:45:00Z"
organ = "table"
title = "No ferry from noon"
paragraphs = ["The slip is closed."]
severity = "severe"

[[moves]]
id = "draft"
by = "Arden"
kind = "open text"
at = "2026-03-02T10:15:00Z"
organ = "table"
title = "To the Harbour Company"
paragraphs = ["The Seven ask for the slip.", "Until then they will pay no harbour dues."]
on = [2026-03-02]
parties = ["Arden", "Brill"]
source = "gazette"

[[moves]]
id = "dues"
by = "Corve"
kind = "bracket"
at = "2026-03-02T11:15:00Z"
of = "draft"
paragraph = "2"
words = "pay no harbour dues"
instead = "hold back the dues"

[[moves]]
id = "account"
by = "Brill"
kind = "offer"
at = "2026-03-02T12:00:00Z"
of = "dues"
instead = "pay into an account"

[[moves]]
id = "dues-settled"
by = "Corve"
kind = "settle"
at = "2026-03-02T13:00:00Z"
of = "dues"
instead = "pay into an account"

[[moves]]
id = "fees"
by = "Dorn"
kind = "open text"
at = "2026-03-02T13:10:00Z"
organ = "table"
title = "Fees"
paragraphs = ["Each pays one crown."]

[[moves]]
id = "one-crown"
by = "Elsin"
kind = "bracket"
at = "2026-03-02T13:20:00Z"
of = "fees"
paragraph = "1"
words = "one crown"

[[moves]]
id = "position"
by = "Arden"
kind = "propose"
at = "2026-03-02T13:30:00Z"
organ = "table"
title = "What the Seven say"
of = "draft"
effect = "adopt"
rule = "nobody-against"
procedure = "silence"

[[moves]]
id = "statement"
by = "Brill"
kind = "propose"
at = "2026-03-03T15:00:00Z"
organ = "table"
title = "Statement of some"
of = "position"
effect = "opt in"
rule = "three-sign"
procedure = "signature"
signs = ["Brill", "Arden", "Dorn"]

[[moves]]
id = "wake"
by = "Elsin"
kind = "propose"
at = "2026-03-03T16:00:00Z"
organ = "table"
title = "The ferry cannot sail"
paragraphs = ["The Seven find that the ferry cannot sail."]
effect = "wake an obligation"
subject = "relief-boats"
rule = "five-of-seven"
procedure = "vote"

[[moves]]
id = "boats-of-fenn"
by = "Fenn"
kind = "pledge"
at = "2026-03-04T17:20:00Z"
organ = "table"
obligation = "relief-boats"
line = "boats"
quantity = "4"
unit = "boats"

[[moves]]
id = "boats-of-dorn"
by = "Dorn"
kind = "pledge"
at = "2026-03-04T17:30:00Z"
organ = "table"
obligation = "relief-boats"
line = "boats"
quantity = "2"
unit = "boats"
approvals = [{ body = "Parish of Dorn", state = "pending" }]

[[moves]]
id = "boat-of-brill"
by = "Brill"
kind = "pledge"
at = "2026-03-04T18:00:00Z"
organ = "table"
obligation = "relief-boats"
line = "boats"
quantity = "1"
unit = "boats"

[[tasks]]
id = "four-confirm"
title = "Four have confirmed within an hour"
check = { kind = "received", of = "alarm", count = 4 }
since = "slip-closed"
within = 75
points = 2

[[tasks]]
id = "six-confirm"
title = "All others have confirmed"
check = { kind = "received", of = "alarm", count = 6 }

[[tasks]]
id = "quick-text"
title = "A text within an hour"
check = { kind = "opened" }
since = "slip-closed"
within = 60

[[tasks]]
id = "brill-opens"
title = "Brill opens a text"
check = { kind = "opened", who = ["Brill"] }

[[tasks]]
id = "clean"
title = "The text is agreed"
check = { kind = "agreed", of = "draft" }
for = ["Brill"]

[[tasks]]
id = "fees-clean"
title = "The fees are agreed"
check = { kind = "agreed", of = "fees" }

[[tasks]]
id = "five-answer"
title = "Five answer"
check = { kind = "answered", of = "wake", count = 5 }

[[tasks]]
id = "adopted"
title = "The position is adopted"
check = { kind = "outcome", of = "position", outcome = "adopted" }

[[tasks]]
id = "not-adopted"
title = "The position is not adopted"
check = { kind = "outcome", of = "position", outcome = "not adopted" }

[[tasks]]
id = "three-join"
title = "Arden and Dorn join"
check = { kind = "joined", of = "statement", who = ["Arden", "Dorn"] }

[[tasks]]
id = "certified"
title = "The waking is proven"
check = { kind = "certified", of = "wake" }
points = 3

[[tasks]]
id = "three-boats"
title = "Three boats"
check = { kind = "pledged", obligation = "relief-boats", line = "boats", count = 3 }

[[tasks]]
id = "four-boats"
title = "Four boats"
check = { kind = "pledged", obligation = "relief-boats", line = "boats", count = 4 }

[[tasks]]
id = "woken"
title = "The boats are owed"
check = { kind = "woken", obligation = "relief-boats" }

[[tasks]]
id = "after-fenn"
title = "A text after Fenn has pledged"
check = { kind = "opened" }
since = "boats-of-fenn"
within = 60
"""

_DAY = datetime(2026, 3, 2, tzinfo=UTC)
RECEIPTS = {"Brill": "08:50", "Corve": "09:00", "Dorn": "09:30", "Elsin": "10:00", "Gale": "09:50"}
ANSWERS: tuple[tuple[str, str, str, Word], ...] = (
    ("2026-03-02T15:00:00Z", "position", "Dorn", "yes"),
    ("2026-03-02T16:00:00Z", "position", "Corve", "objection"),
    ("2026-03-03T15:00:00Z", "statement", "Brill", "yes"),
    ("2026-03-03T15:10:00Z", "statement", "Arden", "yes"),
    ("2026-03-03T15:40:00Z", "statement", "Dorn", "yes"),
    *(("2026-03-03T18:00:00Z", "wake", member, "yes") for member in ("Arden", "Brill", "Elsin")),
    *(("2026-03-03T19:00:00Z", "wake", member, "yes") for member in ("Dorn", "Gale")),
    ("2026-03-03T19:30:00Z", "wake", "Corve", "no"),
)


def scenario() -> Scenario:
    """Read the scenario of the harbour."""
    beside = {"charter.toml": CHARTER.encode()}
    return read_scenario(SCENARIO.encode(), beside.get)


@cache
def harbour(until: datetime | None = None) -> Rehearsal:
    """Return the rehearsal, played once, to its end or up to an instant."""
    with TemporaryDirectory() as folder:
        return play(Path(folder), until=until)


def play(root: Path, *, until: datetime | None = None) -> Rehearsal:
    """Play it on nodes in a folder, up to an instant."""
    told = scenario()
    end = until or told.end
    stage = NodeStage(root / "run", told.charter_text, told.start, seed=7)
    ids: dict[str, str] = {}
    entries: list[Entry] = []

    def at(when: str) -> datetime:
        return datetime.fromisoformat(when.replace("Z", "+00:00"))

    def event(one) -> None:
        entries.append(Entry(stage.now, "event", one.id, title=one.title, source=one.source))
        for member in one.members:
            if one.kind == "node down":
                stage.cut_off(member)
            if one.kind == "delay":
                stage.delay(member, one.minutes)

    def move(one) -> None:
        try:
            act = make(told, stage, one, ids)[-1]
        except UsageError as no:
            entries.append(Entry(stage.now, "not made", one.id, one.by, one.title, (no.what,)))
            return
        ids[one.id] = act.id
        entries.append(
            Entry(stage.now, "move", one.id, one.by, one.title, act=act.id, source=one.source)
        )

    def receipt(member: str) -> None:
        opened = spelled(stage.arrived()[ids["alarm"]][member])
        act = stage.say(member, "table", Receipt(ids["alarm"], opened))
        why = ("Gale reads it late",) if member == "Gale" else ("it was at its desk",)
        entries.append(
            Entry(stage.now, "drawn", "alarm", member, "receipt", why, act.id, "almost surely")
        )

    def answer(of: str, member: str, word: Word) -> None:
        act = stage.answer(member, ids[of], word)
        entries.append(Entry(stage.now, "drawn", of, member, word, ("assumed",), act.id, "likely"))

    due = [(one.when.at, event, (one,)) for one in told.events]
    due += [(one.when.at, move, (one,)) for one in told.moves]
    due += [
        (_DAY.replace(hour=int(t[:2]), minute=int(t[3:])), receipt, (m,))
        for m, t in RECEIPTS.items()
    ]
    due += [(at(when), answer, (of, member, word)) for when, of, member, word in ANSWERS]
    due.sort(key=lambda one: one[0])
    try:
        for when, do, given in due:
            if when <= end:
                stage.pass_time(when)
                do(*given)
        stage.pass_time(end)
        proposals = [ids[name] for name in ("position", "statement", "wake") if name in ids]
        standings = {name: stage.standing(name) for name in proposals}
        return Rehearsal(
            told,
            7,
            0,
            (),
            (),
            stage.coalition,
            end,
            tuple(entries),
            stage.acts(),
            stage.arrived(),
            ids,
            standings,
            {name: stage.certificate(name) for name in proposals},
        )
    finally:
        stage.close()
