"""Scenario files: good ones are read whole, and all faults of bad ones told with their lines."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comity import scenarios
from comity.core.bodies import Severity, Word
from comity.core.source import MAX_BYTES, Fault
from comity.errors import ScenarioError, UsageError
from comity.exercise import scenario_model, scenario_moves, scenario_tasks
from comity.exercise.reading import examine, read_scenario
from comity.exercise.scenario import Scenario

FOLDER = Path(scenarios.__file__).parent / "club-of-seven"
CLUB = (FOLDER / "scenario.toml").read_text(encoding="utf-8")
CHARTER = (FOLDER / "charter.toml").read_bytes()
FILES = {"charter.toml": CHARTER}


def _examine(text: str, files: dict[str, bytes] | None = None):
    return examine(text, (FILES if files is None else files).get)


def _planted(*steps: tuple[str, str]) -> str:
    """Return the club's scenario with words replaced, each of which stands there once."""
    text = CLUB
    for old, new in steps:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def _line(text: str, words: str) -> int:
    assert text.count(words) == 1, words
    return text.count("\n", 0, text.index(words)) + 1


def _only(text: str, files: dict[str, bytes] | None = None) -> Fault:
    scenario, faults = _examine(text, files)
    assert scenario is None
    assert len(faults) == 1, faults
    return faults[0]


def _more(text: str) -> str:
    """Return the club's scenario with tables put at its end."""
    return f"{CLUB}\n{text}"


MOVE = '[[moves]]\nid = "late"\nby = "Dorn"\nafter = "position"\n'
AMEND = f'{MOVE}kind = "propose"\ntitle = "T"\neffect = "amend"\n'
EVENT = '[[events]]\nid = "late"\nafter = "position"\ntitle = "T"\n'
TASK = '[[tasks]]\nid = "late"\ntitle = "A late task"\n'


def test_the_club_of_seven_is_read_whole():
    scenario = scenarios.load("club-of-seven")
    assert scenario.start == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert scenario.room_from == scenario.start
    assert [event.kind for event in scenario.events] == ["outside act", "loss"]
    assert [move.id for move in scenario.moves][:3] == ["alarm", "draft", "dues"]
    assert scenario.before[0].on == (date(2025, 11, 20),)
    assert scenario.model.closeness == 0
    assert scenario.model.chance == Fraction(1, 10)
    assert scenario.model.of["Fenn"].consult == (120, 480)
    assert scenario.model.of["Fenn"].office == (7, 21)
    assert scenario.matters["boats"].reported[0].lean == "for"
    assert scenario.tasks[1].for_ == ("Brill",)
    assert scenario.text == CLUB.encode()
    assert scenario.charter_text == CHARTER


def test_what_another_thing_names_is_put_in():
    moves = {move.id: move for move in scenarios.load("club-of-seven").moves}
    assert moves["dues-settled"].organ == "table"
    assert moves["position"].hours == 24


@pytest.mark.parametrize("name", scenarios.names())
def test_every_shipped_scenario_is_read(name):
    assert scenarios.load(name).id == name


def test_a_folder_and_a_file_are_read_by_their_paths(tmp_path):
    (tmp_path / "scenario.toml").write_text(CLUB, encoding="utf-8")
    (tmp_path / "charter.toml").write_bytes(CHARTER)
    assert scenarios.load(f"{tmp_path}/scenario.toml") == scenarios.load(str(tmp_path))


def test_a_file_that_points_elsewhere_is_not_beside_the_scenario(tmp_path):
    (tmp_path / "scenario.toml").write_text(CLUB, encoding="utf-8")
    (tmp_path / "charter.toml").symlink_to(FOLDER / "charter.toml")
    with pytest.raises(ScenarioError, match="no file"):
        scenarios.load(str(tmp_path))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("club-of-sevn", "did you mean club-of-seven"),
        ("zzz", "there are: club-of-seven"),
        ("nowhere/scenario.toml", "give the path"),
        ("a\0/b.toml", "give the path"),
    ],
)
def test_a_scenario_that_is_not_there_is_said_with_the_next_step(name, words):
    with pytest.raises(UsageError) as raised:
        scenarios.load(name)
    assert words in raised.value.hint


PLANTED = {
    # where it stands: (as it was, as it is, what is wrong, the remedy)
    "pace": ("pace = 60", "pase = 60", "nothing here is called 'pase'", "did you mean 'pace'?"),
    "desk": ('desk = "Brill"', 'desk = "Bril"', "no member called 'Bril'", "did you mean 'Brill'?"),
    "instant": (
        '"2026-03-02T08:30:00Z"',
        '"2026-03-09T08:30:00Z"',
        "after the exercise ends",
        "correct it",
    ),
    "participant": ('["Harbour"]', '["Harbor"]', "called 'Harbor'", "did you mean 'Harbour'?"),
    "severity": ('"severe"', '"severest"', "is not one of", 'write severity = "severe"'),
    "organ": (
        'minutes = 90\norgan = "table"',
        'minutes = 90\norgan = "tabel"',
        "no organ called 'tabel'",
        "did you mean 'table'?",
    ),
    "rule": ('"nobody-against"', '"nobody"', "no rule called 'nobody'", "nobody-against"),
    "subject": (
        'subject = "relief-boats"',
        'subject = "boats"',
        "no obligation called 'boats'",
        "relief-boats",
    ),
    "loss": ('loss = "silent"', 'loss = "leaving"', "rosters are pinned", 'loss = "silent"'),
    "quantity": ('quantity = "2"', "quantity = 2", "2 is not text", 'quantity = "..."'),
    "source": (
        'the company", source = "invented"',
        'the company", source = "told"',
        "no source is called 'told'",
        "invented",
    ),
    "span": ("[60, 300]", "[300, 60]", "two whole numbers", "consult = [60, 720]"),
    "share": ('"20 %"', "0.2", "0.2 is not a share", '"55 %"'),
    "count": ("count = 6", "count = 7", "7 can never be: 6 others read it", "count = 6"),
}  # fmt: skip


def test_planted_faults_are_all_told_each_with_its_line_and_remedy():
    text = _planted(*(told[:2] for told in PLANTED.values()))
    scenario, faults = _examine(text)
    assert scenario is None
    expected = []
    for old, new, what, remedy in PLANTED.values():
        pairs = zip(old.split("\n"), new.split("\n"), strict=True)
        first = next(number for number, (was, now) in enumerate(pairs) if was != now)
        expected.append((_line(text, new) + first, what, remedy))
    assert len(PLANTED) >= 10
    assert len(faults) == len(expected), "\n".join(map(str, faults))
    for fault, (line, what, remedy) in zip(faults, sorted(expected), strict=True):
        assert fault.line == line, fault
        assert what in fault.what
        assert remedy in fault.remedy


def test_the_error_carries_all_faults_and_says_how_many():
    text = _planted(("pace = 60", "pase = 60"), ('desk = "Brill"', 'desk = "Bril"'))
    with pytest.raises(ScenarioError) as raised:
        read_scenario(text, FILES.get)
    assert "(and one more fault)" in raised.value.what
    assert [fault["line"] for fault in raised.value.faults] == [
        _line(text, "pase"),
        _line(text, '"Bril"'),
    ]
    with pytest.raises(ScenarioError, match="and 2 more faults"):
        read_scenario(text.replace("seed = 7", "sed = 7"), FILES.get)


@pytest.mark.parametrize(
    ("step", "at", "what"),
    [
        pytest.param(
            ('id = "boat-of-brill"', 'id = "boats-of-dorn"'),
            'id = "boats-of-dorn"\nby = "Brill"',
            "'boats-of-dorn' is used twice: it is the id of the move in line",
            id="an id used twice",
        ),
        pytest.param(
            ('after = "slip-closed"\nminutes = 15', 'after = "slip"\nminutes = 15'),
            'after = "slip"',
            "no event or move is called 'slip'",
            id="after names nothing",
        ),
        pytest.param(
            ('at = "2026-03-02T08:30:00Z"', 'after = "dues"'),
            'after = "dues"\ntitle',
            "it goes in a circle: slip-closed -> dues -> draft -> alarm -> slip-closed",
            id="a circle",
        ),
        pytest.param(
            ('after = "slip-closed"\nminutes = 15', 'after = "alarm"\nminutes = 15'),
            'after = "alarm"\nminutes = 15',
            "it follows itself",
            id="a circle of one",
        ),
        pytest.param(
            ('after = "alarm"\nminutes = 90', 'after = "alarm"\noutcome = "adopted"'),
            'outcome = "adopted"\norgan',
            "'alarm' does not propose",
            id="an outcome of what does not propose",
        ),
        pytest.param(
            ('after = "position"\noutcome = "adopted"', 'after = "position"\noutcome = "rejected"'),
            'outcome = "rejected"',
            "'position' cannot end as 'rejected' under nobody-against by silence",
            id="an outcome that cannot be",
        ),
        pytest.param(
            ('start = "2026-03-02T08:00:00Z"', 'start = "2026-03-02T08:00:00+01:00"'),
            "start =",
            "is not an instant in UTC",
            id="an instant with another offset",
        ),
        pytest.param(
            ('start = "2026-03-02T08:00:00Z"', "start = 2026-03-02T08:00:00Z"),
            "start =",
            "is not an instant in UTC",
            id="an instant without quotes",
        ),
        pytest.param(
            ('end = "2026-03-05T18:00:00Z"', 'end = "2026-03-01T18:00:00Z"'),
            "end =",
            "it ends before it starts",
            id="an end before the start",
        ),
        pytest.param(
            ('end = "2026-03-05T18:00:00Z"', 'end = "2028-03-05T18:00:00Z"'),
            "end =",
            "more than 366 days",
            id="an exercise of years",
        ),
        pytest.param(
            ("minutes = 15", "minutes = 9000"),
            "minutes = 9000",
            "it could only happen at 2026-03-08T14:30:00Z, after the exercise ends",
            id="something that follows too late",
        ),
        pytest.param(
            ("minutes = 15", 'minutes = 15\nat = "2026-03-02T09:00:00Z"'),
            'after = "slip-closed"\nminutes = 15',
            "it says both at and after",
            id="two ways to say when",
        ),
        pytest.param(
            ('at = "2026-03-02T08:30:00Z"', "minutes = 5\nat = \"2026-03-02T08:30:00Z\""),
            "minutes = 5\n",
            "minutes goes with after",
            id="minutes after nothing",
        ),
        pytest.param(
            ('at = "2026-03-02T08:30:00Z"\n', "\n"),
            '[[events]]\nid = "slip-closed"',
            "'at' is missing",
            id="no way to say when",
        ),
        pytest.param(
            ('severity = "severe"', 'severity = "severe"\nhours = 3'),
            "hours = 3",
            "'alert' does not use hours",
            id="a key of another kind",
        ),
        pytest.param(
            ('severity = "severe"', ""),
            '[[moves]]\nid = "alarm"',
            "'severity' is missing",
            id="a move that lacks what its kind needs",
        ),
        pytest.param(
            ('loss = "silent"', 'loss = "silent"\ndelay = 5'),
            "delay = 5",
            "'loss' does not use delay",
            id="an event with a key of another kind",
        ),
        pytest.param(
            ('kind = "loss"', 'kind = "node down"'),
            "loss = ",
            "'node down' does not use loss",
            id="an event of a kind that needs less",
        ),
        pytest.param(
            ('rule = "five-of-seven"', 'rule = "five-of-eight"'),
            'rule = "five-of-eight"',
            "the charter has no rule called 'five-of-eight'",
            id="a rule that the charter has not",
        ),
        pytest.param(
            ('of = "draft"\nparagraph = "2"', 'of = "alarm"\nparagraph = "2"'),
            'of = "alarm"\nparagraph',
            "'alarm' is not a text: it is a move of the kind 'alert'",
            id="a bracket in an alert",
        ),
        pytest.param(
            ('paragraph = "2"', 'paragraph = "3"'),
            "paragraph =",
            "'draft' has no paragraph '3'",
            id="a paragraph that is not there",
        ),
        pytest.param(
            ('words = "pay no harbour dues"', 'words = "pay no dues"'),
            "words =",
            "paragraph 2 of 'draft' never has these words",
            id="words that are not there",
        ),
        pytest.param(
            ('by = "Brill"\nkind = "offer"', 'by = "Corve"\nkind = "offer"'),
            'by = "Corve"\nkind = "offer"',
            "Corve put 'dues' itself",
            id="an offer to oneself",
        ),
        pytest.param(
            ('by = "Corve"\nkind = "settle"', 'by = "Brill"\nkind = "settle"'),
            'by = "Brill"\nkind = "settle"',
            "Corve put 'dues', so Brill cannot take it away",
            id="a bracket settled by another",
        ),
        pytest.param(
            ('effect = "adopt"', 'paragraphs = ["A."]\neffect = "adopt"'),
            'of = "draft"\nparagraphs',
            "it says both of and paragraphs",
            id="two texts of one proposal",
        ),
        pytest.param(
            ('matter = "boats"', 'matter = "boots"'),
            'matter = "boots"',
            "no matter is called 'boots'",
            id="a matter that nobody declared",
        ),
        pytest.param(
            ('procedure = "silence"', 'procedure = "silence"\nhours = 3'),
            "hours = 3",
            "silence asks for 6 hours' notice",
            id="less time than notice",
        ),
        pytest.param(
            ('procedure = "silence"', 'procedure = "silence"\nsigns = ["Arden"]'),
            "signs =",
            "nobody signs what is neither open to signature",
            id="signatures of a text by silence",
        ),
        pytest.param(
            ('effect = "adopt"', 'effect = "opt in"'),
            'rule = "nobody-against"',
            "'nobody-against' binds all",
            id="an opt-in under a rule that binds all",
        ),
        pytest.param(
            ('quantity = "2"\nunit = "boats"', 'quantity = "2"\nunit = "oars"'),
            'unit = "oars"',
            "'boats' is counted in boats",
            id="a pledge in another unit",
        ),
        pytest.param(
            ('line = "boats"\nquantity = "1"', 'line = "oars"\nquantity = "1"'),
            'line = "oars"',
            "no line of relief-boats is called 'oars'",
            id="a pledge to a line that is not there",
        ),
        pytest.param(
            ('state = "approved"', 'state = "aproved"'),
            "approvals =",
            "is not one of: pending, approved, refused",
            id="an approval in an unknown state",
        ),
        pytest.param(
            ('since = "draft"\n', ""),
            "within = 240",
            "within goes with since",
            id="a time since nothing",
        ),
        pytest.param(
            ('{ kind = "agreed", of = "draft" }', '{ kind = "agreed", of = "alarm" }'),
            "check = { kind = \"agreed\"",
            "'alarm' is a move of kind 'alert'",
            id="a task about something of another kind",
        ),
        pytest.param(
            ('id = "one-text"', 'id = "everybody-warned"'),
            'id = "everybody-warned"\ntitle = "The text',
            "two tasks have the id",
            id="two tasks of one id",
        ),
        pytest.param(
            ('member = "Brill"\ntitle', 'member = "Bryll"\ntitle'),
            'member = "Bryll"',
            "no member called 'Bryll'",
            id="a role of a stranger",
        ),
        pytest.param(
            ("[model.of.Fenn]", "[model.of.Fen]"),
            "[model.of.Fen]",
            "no member called 'Fen'",
            id="assumptions of a stranger",
        ),
        pytest.param(
            ('title = "No ferry from noon"', 'title = """No ferry\nfrom noon"""'),
            'title = """',
            "it has a line break",
            id="a title of two lines",
        ),
        pytest.param(
            ("on = [2025-11-20]", "on = [2025-11-20, 2025-11-19]"),
            "on = [2025",
            "the days are not in order",
            id="days out of order",
        ),
        pytest.param(
            ('at = "2026-03-02T08:30:00Z"', 'at = "2026-03-02T07:30:00Z"'),
            'at = "2026-03-02T07',
            "is before the exercise starts, 2026-03-02T08:00:00Z",
            id="an instant before the start",
        ),
        pytest.param(
            ('at = "2026-03-02T08:30:00Z"', 'at = "2026-02-30T08:30:00Z"'),
            'at = "2026-02-30',
            "is not an instant in UTC",
            id="an instant of no day",
        ),
        pytest.param(
            ("on = [2025-11-20]", 'on = ["2025-11-20"]'),
            "on = [",
            "it is not a list of days",
            id="days in quotes",
        ),
        pytest.param(
            ("on = [2025-11-20]", "on = []"), "on = []", "it names no day", id="no day at all"
        ),
        pytest.param(
            ('members = ["Gale"]', "members = []"),
            "members = []",
            "it names nobody",
            id="a loss of nobody",
        ),
        pytest.param(
            ('cost = "20 %"\nchance = "10 %"', 'cost = "0 %"\nchance = "0 %"'),
            'chance = "0 %"',
            "closeness, cost and chance weigh nothing",
            id="a model that weighs nothing",
        ),
        pytest.param(
            ("office = [7, 21]", "office = [7, 7]"),
            "office =",
            "two whole numbers from 0 to 24",
            id="an office that is never open",
        ),
        pytest.param(
            ('quantity = "2"', 'quantity = "02"'),
            "quantity = \"02\"",
            '"02" is not a quantity',
            id="a quantity with a leading nought",
        ),
        pytest.param(
            ("[coach]", "[coach]\n" + "".join(f'p{n} = "A."\n' for n in range(48))),
            "[coach]",
            "there are 51 lines",
            id="a coach of many words",
        ),
        pytest.param(
            ('by = "Elsin"', 'by = "Harbour"'),
            'by = "Harbour"',
            "no member called 'Harbour'",
            id="a move of a participant",
        ),
        pytest.param(
            ("seed = 7", "seed = 7\n[scenario.notes]"),
            "[scenario.notes]",
            "nothing here is called 'notes'",
            id="an unknown table",
        ),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line(step, at, what):
    text = _planted(step)
    fault = _only(text)
    assert fault.line == _line(text, at), fault
    assert what in fault.what
    assert fault.remedy


@pytest.mark.parametrize(
    ("table", "at", "what"),
    [
        pytest.param(
            MOVE + 'kind = "answer"\nof = "wake-the-boats"\nword = "yes"\n',
            'of = "wake-the-boats"',
            "'wake-the-boats' comes later than 'late'",
            id="an answer before the question",
        ),
        pytest.param(
            MOVE + 'kind = "answer"\nof = "position"\nword = "withdraw"\n',
            'word = "withdraw"',
            "'position' is Arden's to withdraw",
            id="a proposal withdrawn by another",
        ),
        pytest.param(
            MOVE + 'kind = "answer"\nof = "position"\nword = "aye"\n',
            'word = "aye"',
            "is not one of: yes, no, abstain",
            id="an answer that is no word",
        ),
        pytest.param(
            MOVE + 'kind = "answer"\nof = "gale-lost"\nword = "yes"\n',
            'of = "gale-lost"',
            "'gale-lost' is not a proposal: it is an event of the kind 'loss'",
            id="an answer to an event",
        ),
        pytest.param(
            MOVE
            + 'kind = "alert"\nof = "alarm"\ntitle = "T"\nparagraphs = ["P."]\n'
            + 'severity = "minor"\n',
            'by = "Dorn"\nafter = "position"',
            "Arden raised 'alarm', so Dorn cannot update it",
            id="an alert updated by another",
        ),
        pytest.param(
            MOVE + 'kind = "talk"\norgan = "table"\nparagraphs = ["A.", "B."]\n',
            'paragraphs = ["A.", "B."]',
            "there are 2 paragraphs where one is said",
            id="talk in two paragraphs",
        ),
        pytest.param(
            MOVE + 'kind = "talk"\norgan = "table"\nparagraphs = ["A."]\ncase = "ferry"\n',
            'case = "ferry"',
            "no case opened by a move is called 'ferry'",
            id="a case that nobody opens",
        ),
        pytest.param(
            AMEND + 'organ = "table"\nsubject = "next.toml"\n',
            'organ = "table"\nsubject',
            "'amend' does not use organ",
            id="an amendment in an organ of its own choice",
        ),
        pytest.param(
            AMEND + 'subject = "../next.toml"\n',
            'subject = "../next.toml"',
            "is not the name of a file beside the scenario",
            id="a file outside the folder",
        ),
        pytest.param(
            AMEND + 'subject = "gone.toml"\n',
            'subject = "gone.toml"',
            "there is no file gone.toml beside the scenario",
            id="a file that is not there",
        ),
        pytest.param(
            EVENT + 'kind = "return"\nmembers = ["Dorn"]\n',
            'members = ["Dorn"]',
            "there is no event 'loss' of Dorn",
            id="the return of who was never lost",
        ),
        pytest.param(
            TASK + 'check = { kind = "outcome", of = "position", outcome = "no opinion" }\n',
            'check = { kind = "outcome"',
            "'position' cannot end as 'no opinion'",
            id="a task that waits for an outcome that cannot be",
        ),
        pytest.param(
            TASK + 'check = { kind = "answered", of = "position", count = 8 }\n',
            'check = { kind = "answered"',
            "8 can never be: 7 have a seat there",
            id="a task for more than there are",
        ),
        pytest.param(
            TASK + 'check = { kind = "joined", of = "position", count = 3 }\n',
            'check = { kind = "joined"',
            "neither open to signature nor to opt in",
            id="joining what nobody can join",
        ),
        pytest.param(
            TASK + 'check = { kind = "woken", obligation = "relief" }\n',
            'check = { kind = "woken"',
            "no obligation called 'relief'",
            id="waking what is not there",
        ),
        pytest.param(
            TASK + 'check = { kind = "agreed", of = "draft", count = 2 }\n',
            'check = { kind = "agreed", of = "draft", count',
            "'agreed' does not use count",
            id="a check with a key of another kind",
        ),
        pytest.param(
            '[[roles]]\nmember = "Brill"\ntitle = "Again"\n',
            'member = "Brill"\ntitle = "Again"',
            "Brill has a role already",
            id="a role given twice",
        ),
    ],
)  # fmt: skip
def test_a_fault_of_a_table_more_is_told_with_its_line(table, at, what):
    text = _more(table)
    fault = _only(text, {**FILES, "next.toml": CHARTER})
    assert fault.line == _line(text, at), fault
    assert what in fault.what


RICH = (
    CHARTER.replace(
        b'rules = ["nobody-against", "five-of-seven"]\nprocedures = ["silence", "vote"]',
        b'rules = ["nobody-against", "five-of-seven", "joining"]\n'
        b'procedures = ["silence", "vote", "signing", "long"]',
    )
    + b"""
[procedures.signing]
kind = "signature"

[procedures.long]
kind = "vote"

[rules.joining]
title = "Whoever joins"
binds = "those who join"
adopt = { in_favour = { at_least = 3 } }

[organs.pair]
name = "The Two"
seats = ["Arden", "Brill"]
rules = ["both"]
procedures = ["signing"]

[rules.both]
title = "Both"
adopt = { in_favour = { at_least = 2 } }

[obligations.dues]
title = "Dues"
trigger = "a year begins"
owed_by = ["standing:member"]
owed_to = ["standing:member"]
does = "pays"
invoked_by = ["Arden"]
in_force = 2026-01-01
text = "model"
"""
)
PROPOSE = f'{MOVE}kind = "propose"\ntitle = "T"\n'
JOIN = PROPOSE + 'organ = "table"\neffect = "opt in"\nrule = "joining"\n'


@pytest.mark.parametrize(
    ("table", "at", "what"),
    [
        pytest.param(
            PROPOSE.replace('"Dorn"', '"Arden"') + 'organ = "pair"\neffect = "adopt"\n'
            'of = "draft"\nrule = "both"\nprocedure = "signing"\n',
            'organ = "pair"',
            "'draft' is in table, and not in pair",
            id="a text proposed in another organ",
        ),
        pytest.param(
            PROPOSE + 'organ = "pair"\neffect = "adopt"\nparagraphs = ["A."]\nrule = "both"\n'
            'procedure = "signing"\n',
            'by = "Dorn"\nafter = "position"',
            "Dorn may not propose in pair",
            id="a proposal of who may not",
        ),
        pytest.param(
            PROPOSE + 'organ = "coalition"\neffect = "adopt"\nparagraphs = ["A."]\n'
            'rule = "both"\nprocedure = "signing"\n',
            'organ = "coalition"',
            "there the charter alone is changed",
            id="a text in the organ of all",
        ),
        pytest.param(
            PROPOSE + 'organ = "table"\neffect = "adopt"\nparagraphs = ["A."]\nrule = "both"\n'
            'procedure = "vote"\n',
            'rule = "both"',
            "'both' is not in force in table",
            id="a rule of another organ",
        ),
        pytest.param(
            PROPOSE + 'organ = "table"\neffect = "adopt"\nrule = "joining"\nprocedure = "vote"\n',
            '[[moves]]\nid = "late"',
            "'paragraphs' is missing",
            id="a proposal without a text",
        ),
        pytest.param(
            JOIN + 'paragraphs = ["A."]\nprocedure = "signing"\nhours = 24\n',
            "hours = 24",
            "by signature a proposal stays open",
            id="hours of a signature",
        ),
        pytest.param(
            JOIN + 'paragraphs = ["A."]\nprocedure = "long"\n',
            '[[moves]]\nid = "late"',
            "'hours' is missing: long has no period",
            id="a procedure without a period",
        ),
        pytest.param(
            JOIN + 'paragraphs = ["A."]\nprocedure = "long"\nhours = 0\n',
            "hours = 0",
            "it is not a number of hours up to 8,784",
            id="open for no time",
        ),
        pytest.param(
            JOIN + 'paragraphs = ["A."]\nprocedure = "signing"\nsigns = ["Arden", "Arden"]\n',
            "signs =",
            "a code stands there twice",
            id="a signature given twice",
        ),
        pytest.param(
            MOVE.replace('after = "position"', 'after = "joined"\noutcome = "rejected"')
            + 'kind = "talk"\norgan = "table"\nparagraphs = ["A."]\n'
            + JOIN.replace('"late"', '"joined"') + 'paragraphs = ["A."]\nprocedure = "signing"\n',
            'outcome = "rejected"',
            "'joined' cannot end as 'rejected' under joining by signing",
            id="a signature that is rejected",
        ),
        pytest.param(
            PROPOSE + 'organ = "table"\neffect = "wake an obligation"\nsubject = "dues"\n'
            'paragraphs = ["A."]\nrule = "five-of-seven"\nprocedure = "vote"\n',
            'subject = "dues"',
            "'dues' is in force already",
            id="waking what is awake",
        ),
        pytest.param(
            PROPOSE + 'organ = "table"\neffect = "close a case"\nsubject = "ferry"\n'
            'rule = "five-of-seven"\nprocedure = "vote"\n',
            'subject = "ferry"',
            "no case opened by a move is called 'ferry'",
            id="closing a case that nobody opens",
        ),
        pytest.param(
            PROPOSE + 'organ = "table"\neffect = "adpot"\nparagraphs = ["A."]\n'
            'rule = "five-of-seven"\nprocedure = "vote"\n',
            "effect = \"adpot\"",
            "is not one of: adopt, opt in",
            id="an effect that is no word",
        ),
        pytest.param(
            MOVE + 'kind = "talks"\norgan = "table"\n',
            'kind = "talks"',
            "is not one of: alert, open text",
            id="a kind that is no word",
        ),
        pytest.param(
            MOVE + 'kind = "talk"\norgan = "pair"\nparagraphs = ["A."]\n',
            'by = "Dorn"\nafter = "position"',
            "Dorn does not read pair",
            id="talk where one does not read",
        ),
        pytest.param(
            MOVE + 'kind = "answer"\nof = "posision"\nword = "yes"\n',
            'of = "posision"',
            "no proposal is called 'posision'",
            id="an answer to nothing",
        ),
        pytest.param(
            MOVE + 'kind = "answer"\nof = "late"\nword = "yes"\n',
            'of = "late"',
            "'late' is not a proposal",
            id="an answer to itself",
        ),
        pytest.param(
            MOVE + 'kind = "talk"\norgan = "table"\nparagraphs = ["A.", ""]\n',
            'paragraphs = ["A.", ""]',
            "a paragraph is empty",
            id="an empty paragraph",
        ),
        pytest.param(
            JOIN.replace('"late"', '"joined"') + 'paragraphs = ["A."]\nprocedure = "signing"\n'
            + TASK + 'check = { kind = "joined", of = "joined" }\n',
            'check = { kind = "joined"',
            "it does not say who joins",
            id="joined by nobody",
        ),
        pytest.param(
            TASK + 'check = { kind = "joned", of = "position" }\n',
            'check = { kind = "joned"',
            "is not one of: received, opened",
            id="a check that is no word",
        ),
        pytest.param(
            TASK + 'check = { kind = "certified", of = "posision" }\n',
            'check = { kind = "certified"',
            "no move is called 'posision'",
            id="a task about nothing",
        ),
        pytest.param(
            TASK + 'check = { kind = "woken", obligation = "dues" }\n',
            'check = { kind = "woken"',
            "'dues' is in force already",
            id="a task to wake what is awake",
        ),
        pytest.param(
            JOIN.replace('"late"', '"joined"') + 'paragraphs = ["A."]\nprocedure = "signing"\n'
            + TASK + 'check = { kind = "joined", of = "joined", who = ["Harbour"] }\n',
            'check = { kind = "joined"',
            "no member called 'Harbour'",
            id="joined by a stranger",
        ),
        pytest.param(
            '[matters.other]\ntitle = "T"\ncosts = [{ member = "Dorn", weight = "some" },\n'
            '  { member = "Dorn", weight = "much" }]\n',
            '  { member = "Dorn", weight = "much" }',
            "Dorn stands there twice",
            id="two costs of one member",
        ),
    ],
)  # fmt: skip
def test_a_fault_against_a_rich_charter_is_told_with_its_line(table, at, what):
    text = _more(table)
    fault = _only(text, {"charter.toml": RICH})
    assert fault.line == _line(text, at), fault
    assert what in fault.what


def test_what_failed_may_be_opened_to_whoever_joins_it():
    more = JOIN.replace('after = "position"', 'after = "position"\noutcome = "broken"')
    more += 'of = "position"\nprocedure = "signing"\nsigns = ["Arden", "Brill", "Gale"]\n'
    more += TASK + 'check = { kind = "joined", of = "late", who = ["Arden", "Gale"] }\n'
    scenario, faults = _examine(_more(more), {"charter.toml": RICH})
    assert faults == ()
    assert scenario is not None
    move = next(move for move in scenario.moves if move.id == "late")
    assert move.hours is None
    assert move.signs == ("Arden", "Brill", "Gale")
    assert scenario.tasks[-1].check.who == ("Arden", "Gale")


def test_a_scenario_proposes_no_more_charters_than_are_read_in_time():
    files = {**FILES, **{f"c{n}.toml": CHARTER for n in range(22)}}
    moves = "".join(
        AMEND.replace('"late"', f'"late-{n}"') + f'subject = "c{n}.toml"\n' for n in range(22)
    )
    assert _only(_more(moves), files).what == "more than 20 charters are proposed"


def test_what_a_charter_does_not_say_how_to_amend_is_not_amended():
    text = _more(AMEND + 'subject = "next.toml"\n')
    fixed = CHARTER[: CHARTER.index(b"[changes")]
    fault = _only(text, {"charter.toml": fixed, "next.toml": CHARTER})
    assert fault.what == "the charter does not say how it is amended"
    wide = CHARTER + b"# " + b"x" * 90_000
    assert "bytes" in _only(text, {**FILES, "next.toml": wide}).what


def test_the_faults_of_a_charter_are_passed_on_with_their_lines():
    broken = CHARTER.replace(b'kind = "silence"', b'kind = "silense"').replace(
        b"n = 2", b"n = -2", 1
    )
    scenario, faults = _examine(CLUB, {"charter.toml": broken})
    assert scenario is None
    assert {fault.line for fault in faults} == {_line(CLUB, 'charter = "charter.toml"')}
    assert [fault.what.split(",")[0] for fault in faults] == ["charter.toml", "charter.toml"]
    assert any("line 35" in f.what or "silense" in f.what for f in faults)


@pytest.mark.parametrize(
    ("charter", "what", "remedy"),
    [
        (
            "../charter.toml",
            "is not the name of a file beside the scenario",
            "the scenario's folder",
        ),
        ("/etc/charter.toml", "is not the name of a file beside", "the scenario's folder"),
        ("a..b.toml", "is not the name of a file beside", "the scenario's folder"),
        ("gone.toml", "there is no file gone.toml", "the same folder"),
        ("osc", "no shipped charter is called 'osc'", "did you mean 'osce'?"),
    ],
)
def test_a_charter_is_a_shipped_one_or_a_file_beside(charter, what, remedy):
    text = _planted(('charter = "charter.toml"', f'charter = "{charter}"'))
    fault = _only(text)
    assert fault.line == _line(text, "charter =")
    assert what in fault.what
    assert remedy in fault.remedy


def test_a_rule_that_a_move_amends_the_charter_to_is_in_force_then():
    amended = CHARTER.replace(
        b'rules = ["nobody-against", ', b'rules = ["four", "nobody-against", '
    )
    amended += b'\n[rules.four]\ntitle = "Four"\nadopt = { in_favour = { at_least = 4 } }\n'
    change = (
        '[[moves]]\nid = "new-rule"\nby = "Dorn"\nkind = "propose"\nafter = "position"\n'
        'title = "Four are enough"\neffect = "amend"\nsubject = "four.toml"\n'
        '[[moves]]\nid = "under-it"\nby = "Dorn"\nkind = "propose"\nafter = "new-rule"\n'
        'outcome = "adopted"\norgan = "table"\ntitle = "T"\nparagraphs = ["A."]\n'
        'effect = "adopt"\nrule = "four"\nprocedure = "vote"\n'
    )
    scenario, faults = _examine(_more(change), {**FILES, "four.toml": amended})
    assert faults == ()
    assert scenario is not None
    move = next(move for move in scenario.moves if move.id == "new-rule")
    assert (move.organ, move.rule, move.procedure) == ("coalition", "five-of-seven", "vote")
    assert scenario.files == {"four.toml": amended}
    assert "four" not in scenario.charter.rules


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "the file does not say that it is a scenario"),
        ("comity = 2\n", "version 2 of the language is not known"),
        ("comity = 1\n", "'scenario' is missing"),
        ("comity = 1\n[scenario\n", "this is not TOML"),
        ("#" * (MAX_BYTES + 1), "a scenario has at most 1 MiB"),
        ("\n" * 40_001, "more than 40,000 lines"),
    ],
)
def test_a_file_that_is_no_scenario_is_one_fault(text, what):
    fault = _only(text)
    assert what in fault.what
    assert "charter" not in fault.remedy


@pytest.mark.parametrize("table", ["events", "moves"])
def test_there_are_at_most_a_thousand_of_each(table):
    head = CLUB[: CLUB.index("[[events]]")]
    fault = _only(head + f"[[{table}]]\n" * 1_001)
    assert fault.what == "the list has 1,001 items"


def test_two_thousand_things_in_one_line_are_read_in_seconds():
    head = CLUB[: CLUB.index("[[events]]")]
    events = "".join(
        f'[[events]]\nid = "e-{n}"\nkind = "news"\ntitle = "T"\n'
        + (f'after = "e-{n - 1}"\n' if n else 'at = "2026-03-02T09:00:00Z"\n')
        for n in range(1_000)
    )
    scenario, faults = _examine(head + events + '[[roles]]\nmember = "Brill"\ntitle = "T"\n')
    assert faults == ()
    assert scenario is not None
    circle = events.replace('at = "2026-03-02T09:00:00Z"', 'after = "e-999"')
    assert "it goes in a circle" in _only(head + circle).what


# Whatever the bytes: a scenario, or faults that can be shown.

PIECES = [
    *re.findall(r'"[^"\n]*"', CLUB)[:60],
    "[[events]]", "[[moves]]", "[model]", "[", "]", "{", "}", "=", "\n", "1", "-1", "0.5", "true",
    "9" * 30, "2026-03-02", "9999-12-31", '"9999-12-31T23:59:59Z"', '"0001-01-01T00:00:00Z"',
    '"2026-02-30T00:00:00Z"', '""', "[]", "{}", "[[]]", '"coalition"', '"amend"', '"opt in"',
    '"charter.toml"', '"loss"', '"withdraw"', '"x"', '"\\u202e"', "nan", "0x10", '"1"',
]  # fmt: skip


def _answers(text: str | bytes) -> None:
    scenario, faults = examine(text, FILES.get)
    assert (scenario is None) == bool(faults)
    assert scenario is None or isinstance(scenario, Scenario)
    for fault in faults:
        assert fault.line >= 1
        assert fault.what
        assert fault.remedy
        assert str(fault).replace("\n  remedy: ", "").isprintable()


@given(st.binary(max_size=300))
@settings(max_examples=50, deadline=None)
def test_whatever_the_bytes_the_reader_answers(text):
    _answers(text)
    _answers(b"comity = 1\n" + text)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_whatever_is_changed_in_a_scenario_the_reader_answers(data):
    text = CLUB
    for _ in range(data.draw(st.integers(1, 4))):
        marks = [found.span() for found in re.finditer(r'"[^"\n]*"|\w+|[\[\]{}=\n]', text)]
        start, end = data.draw(st.sampled_from(marks))
        text = text[:start] + data.draw(st.sampled_from(PIECES)) + text[end:]
    _answers(text)


@example('"amend"', '"adopt"')
@given(st.sampled_from(PIECES), st.sampled_from(re.findall(r'= ("[^"\n]+")', CLUB)))
@settings(max_examples=50, deadline=None)
def test_whatever_stands_for_a_name_everywhere_the_reader_answers(new, old):
    _answers(CLUB.replace(old, new))


def test_the_specification_names_every_key_and_word():
    page = (Path(__file__).parents[3] / "spec" / "scenario.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`([^`\n]+)`", page))
    tables = (scenario_moves.EVENTS, scenario_moves.MOVES, scenario_moves.EFFECTS)
    words = {word for table in (*tables, scenario_tasks.CHECKS) for word in table}
    words |= {
        key
        for table in (*tables, scenario_tasks.CHECKS)
        for needs, may in table.values()
        for key in (*needs, *may)
    }
    words |= {*scenario_moves.ENDINGS, *scenario_moves.NOTES, *scenario_moves.APPROVALS}
    words |= {*get_args(Word), *get_args(Severity), *scenario_model.BASES, *scenario_model.WEIGHTS}
    assert sorted(word for word in words if word not in told) == []
