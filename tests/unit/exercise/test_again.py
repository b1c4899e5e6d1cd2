"""Again without each member: the rules part beside a slow twin, the replays, and their keeping."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from itertools import product
from multiprocessing import active_children

import msgspec
import pytest
from click.testing import CliRunner

from comity.cli import cli
from comity.core.bodies import Adopt, Amend, Propose
from comity.core.constitution import COALITION
from comity.core.reading import read_charter
from comity.core.rules import Electorate, holds
from comity.core.strict import spelled, write_base64
from comity.errors import UsageError
from comity.evidence import load as load_evidence
from comity.examine.losses import KINDS, Body
from comity.exercise import again as again_module
from comity.exercise.again import base_run, run_again
from comity.exercise.again_finding import findings
from comity.exercise.again_players import Share
from comity.exercise.again_rules import rules
from comity.exercise.leaving import depart
from comity.exercise.plain_stage import PlainStage
from comity.exercise.reading import read_scenario
from comity.exercise.recount import Decision, Told, as_given, at_best
from comity.exercise.replays import read_kept, replay
from comity.report.document import document
from comity.report.page import page
from comity.report.text import terminal
from comity.scenarios import load
from comity.scenarios import text as scenario_text

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
SEVEN = ("Arden", "Brill", "Corve", "Dorn", "Elsin", "Fenn", "Gale")
CHARTER = (
    files("comity.scenarios")
    .joinpath("club-of-seven", "charter.toml")
    .read_text()
    .replace('rules = ["nobody-against"', 'rules = ["joined", "nobody-against"')
    .replace('procedures = ["silence"', 'procedures = ["signature", "silence"')
    + """
[procedures.signature]
kind = "signature"

[rules.joined]
title = "Both of the sound's ends, and one more; it binds those who join"
binds = "those who join"
adopt = { all_of = [
  { in_favour = { at_least = 2, among = ["Arden", "Gale"] } },
  { in_favour = { at_least = 3 } },
] }
"""
)
YES = dict.fromkeys(SEVEN, "yes")
PUT = {
    "all silent": ("Arden", "silence", "nobody-against", {}),
    "an objection": ("Brill", "silence", "nobody-against", {"Corve": "objection", "Dorn": "yes"}),
    "five of five": (
        "Corve",
        "vote",
        "five-of-seven",
        dict.fromkeys(SEVEN[:5], "yes"),
    ),
    "one short": (
        "Dorn",
        "vote",
        "five-of-seven",
        dict.fromkeys(SEVEN[:4], "yes") | dict.fromkeys(SEVEN[4:], "no"),
    ),
    "just more than half": (
        "Elsin",
        "vote",
        "nobody-against",
        dict.fromkeys(SEVEN[:4], "yes") | {"Fenn": "abstain"},
    ),
    "everybody": ("Fenn", "vote", "nobody-against", YES),
    "joined by four": ("Gale", "signature", "joined", dict.fromkeys((*SEVEN[:3], "Gale"), "yes")),
}


def played(member="", kind="", *, charter=CHARTER, spare=False):
    """Put seven things to decision, each answered as above; return how each stands at the end.

    `spare` lets another put what the lost member would have.
    """
    stage = PlainStage(charter.encode(), START, seed=3)
    if kind == "leaving":
        depart(stage, (member,), START)
    if kind == "silent":
        stage.still(member)
    found = {}
    for name, (by, procedure, rule, answers) in PUT.items():
        if kind and by == member:
            continue
        under = stage.under(by)
        expires = stage.now + timedelta(hours=10)
        body = Propose(
            name,
            Adopt((name,)),
            under.charter_hash,
            rule,
            procedure,
            expires.date().isoformat(),
            under.charter.roster("table", expires.date()),
            None if procedure == "signature" else spelled(expires),
        )
        act = stage.propose(by, "table", body)
        if kind == "refusing":
            stage.answer(member, act.id, "objection" if procedure == "silence" else "no")
        for who, word in answers.items():
            if who != member or not kind:
                stage.answer(who, act.id, word)
        stage.pass_time(stage.now + timedelta(hours=24))
        found[name] = stage.standing(act.id)
    return found


@cache
def decided():
    return {name: Decision(name, standing, START.date()) for name, standing in played().items()}


LOSSES = [(member, kind) for member in SEVEN for kind in KINDS]


# The rules part.


def test_the_run_that_losses_are_tried_on_ends_in_each_way():
    assert {name: one.outcome for name, one in decided().items()} == {
        "all silent": "adopted",
        "an objection": "broken",
        "five of five": "adopted",
        "one short": "rejected",
        "just more than half": "adopted",
        "everybody": "adopted",
        "joined by four": "adopted",
    }


@pytest.mark.parametrize(("member", "kind"), LOSSES, ids=lambda x: x)
def test_as_given_ends_as_when_all_is_played_again_with_the_same_answers(member, kind):
    slow = played(member, kind)
    for name, one in decided().items():
        told = as_given(one, member, kind)
        if one.standing.pinned.act.member == member:
            assert told.outcome == "not made"
            assert told.why == f"{member} put it to decision, and nobody in its place"
        else:
            assert told.outcome == slow[name].settlement.outcome, (name, told)
            assert (told.verdict == "holds") == (told.outcome == "adopted")


@pytest.mark.parametrize(("member", "kind"), LOSSES, ids=lambda x: x)
def test_at_best_holds_exactly_where_some_answers_of_the_others_adopt_it(member, kind):
    others = tuple(code for code in SEVEN if code != member)
    here = others if kind == "leaving" else SEVEN
    charter = read_charter(CHARTER.encode())
    whole = charter.electorate("table", date(2026, 3, 2))
    electorate = Electorate(here, {}, {k: found & {*here} for k, found in whole.sets.items()})
    mine = {} if kind == "leaving" else {member: "absent" if kind == "silent" else "no"}
    for one in decided().values():
        adopt = charter.rules[one.standing.pinned.entry.id].rule.adopt
        possible = any(
            holds(adopt, electorate, mine | dict(zip(others, marks, strict=True)))
            for marks in product(("yes", "no", "abstain"), repeat=len(others))
        )
        told = at_best(one, member, kind)
        assert (told.verdict == "holds") == possible, (one.id, told)
        assert bool(told.why) != possible


def test_at_best_agrees_with_what_cornerstones_say_of_the_body():
    for one in decided().values():
        pinned = one.standing.pinned
        body = replace(
            Body.of(one.charter, "table", pinned.entry.id, one.on),
            callers=frozenset(),
            procedures=(pinned.procedure,),
        )
        for member, kind in LOSSES:
            assert at_best(one, member, kind).stops != body.lose((member,), kind).decides


@pytest.mark.parametrize(
    ("n", "kind", "why"),
    [
        pytest.param(
            0, "silent", "nobody may be missing when an outcome settles (n = 0)", id="n=0"
        ),
        pytest.param(
            3, "leaving", "6 members are fewer than 2n + f + 1 = 7", id="too few are left"
        ),
    ],
)
def test_too_many_missing_to_settle_stops_even_at_best(n, kind, why):
    charter = CHARTER.replace("n = 2", f"n = {n}")
    one = Decision("all", played(charter=charter)["everybody"], START.date())
    for told in (at_best(one, "Brill", kind), as_given(one, "Brill", kind)):
        assert told.stops
        assert told.why == why
    assert not at_best(one, "Brill", "leaving" if n == 0 else "silent").stops


def test_why_names_the_part_of_the_rule_that_fails():
    told = as_given(decided()["five of five"], "Brill", "silent")
    assert (told.outcome, told.why) == ("lapsed", "at least 5 in favour: 4 of 5 needed")
    told = as_given(decided()["an objection"], "Corve", "leaving")
    assert (told.outcome, told.why) == ("adopted", "with Corve there it was broken")
    told = as_given(decided()["one short"], "Gale", "silent")
    assert told.outcome == "lapsed"
    assert told.why == "at least 5 in favour: 4 of 5 needed"
    told = at_best(decided()["joined by four"], "Gale", "leaving")
    assert told.why == "all of Arden, Gale in favour: 1 of 2 needed"


def test_as_given_a_deputy_puts_it_to_decision_where_the_script_names_one():
    one = replace(decided()["everybody"], deputies=("Fenn", "Harbour", "Gale"))
    assert as_given(one, "Fenn", "silent") == Told("holds", "adopted")
    assert as_given(replace(one, deputies=("Fenn",)), "Fenn", "silent").outcome == "not made"


def test_what_is_decided_under_an_amended_charter_falls_with_the_amendment(club):
    stage = PlainStage(club.charter_text, START, seed=3)
    amended = club.charter_text.replace(b"grace_hours = 1", b"grace_hours = 2")
    expires = START + timedelta(hours=9)

    def put(by, effect, procedure, rule):
        under = stage.under(by)
        roster = under.charter.roster("table", expires.date())
        day, until = expires.date().isoformat(), spelled(expires)
        body = Propose(by, effect, under.charter_hash, rule, procedure, day, roster, until)
        return stage.propose(by, COALITION if isinstance(effect, Amend) else "table", body)

    change = put("Brill", Amend(write_base64(amended)), "vote", "five-of-seven")
    for member in SEVEN[:5]:
        stage.answer(member, change.id, "yes")
    stage.pass_time(START + timedelta(hours=11))
    expires += timedelta(hours=10)
    after = put("Gale", Adopt(("All agree.",)), "silence", "nobody-against")
    stage.pass_time(START + timedelta(hours=30))
    standings = {act.id: stage.standing(act.id) for act in (change, after)}
    assert [one.settlement.outcome for one in standings.values()] == ["adopted", "adopted"]
    base = replace(base_run(club), standings=standings, ids={}, acts=stage.acts())
    told = rules(base, load_evidence()).cells[after.id[:12], "Dorn", "silent"]
    assert told.as_given.outcome == "not made"
    assert told.as_given.why.startswith("it rests on 'Brill', which would be lapsed: at least 5")
    assert told.at_best == Told("holds", "adopted")


def test_a_charter_that_names_who_has_left_can_be_amended_no_more():
    stage = PlainStage(CHARTER.encode(), START, seed=3)
    expires = START + timedelta(hours=9)
    under = stage.under("Brill")
    amended = CHARTER.replace("grace_hours = 1", "grace_hours = 2")
    body = Propose(
        "More grace",
        Amend(write_base64(amended.replace("2026-03-01", "2026-03-02").encode())),
        under.charter_hash,
        "five-of-seven",
        "vote",
        expires.date().isoformat(),
        under.charter.roster("table", expires.date()),
        spelled(expires),
    )
    act = stage.propose("Brill", COALITION, body)
    for member in SEVEN:
        stage.answer(member, act.id, "yes")
    stage.pass_time(expires)
    one = Decision("more-grace", stage.standing(act.id), START.date())
    told = at_best(one, "Gale", "leaving")
    why = "the charter would no longer hold together: nobody can meet it in Table of the Seven"
    assert (told.verdict, told.outcome) == ("stops", "not made")
    assert told.why.startswith(why)
    assert at_best(one, "Dorn", "leaving") == Told("holds", "adopted")
    for member in ("Gale", "Dorn"):
        other = PlainStage(CHARTER.encode(), START, seed=3)
        depart(other, (member,), START)
        current = other.under("Brill")
        again = msgspec.structs.replace(
            body, roster=current.charter.roster("table", expires.date())
        )
        if member == "Gale":
            with pytest.raises(UsageError, match=why):
                other.propose("Brill", COALITION, again)
        else:
            assert other.propose("Brill", COALITION, again)


# On the Club of Seven, whole.


@pytest.fixture(scope="module")
def club():
    return load("club-of-seven")


@pytest.fixture(scope="module")
def whole(club):
    return run_again(club, seeds=2)


def test_what_stops_even_at_best_comes_about_in_no_replay(whole):
    stops = [cell for cell in whole.rules.cells.values() if cell.at_best.stops]
    assert stops
    assert whole.contradictions == ()
    cell = stops[0]
    key = (cell.member, cell.kind, whole.played.seeds[0])
    ended = replace_ended(whole.played.replays[key], cell.decision, "adopted")
    made_up = replace(whole.played, replays={**whole.played.replays, key: ended})
    assert replace(whole, played=made_up).contradictions == (
        (cell.decision, cell.member, cell.kind, whole.played.seeds[0]),
    )


def replace_ended(replay, decision, outcome):
    own = msgspec.structs.replace(replay.ended[decision], outcome=outcome)
    return msgspec.structs.replace(replay, ended={**replay.ended, decision: own})


def test_every_cell_says_why(whole):
    for decision in whole.asked:
        for member, kind in LOSSES:
            assert whole.why(member, kind, decision)
    told = whole.why("Brill", "silent", "position")
    assert "By the rules alone. With the others' answers as they were: it is adopted" in told
    assert "never (0 of 2); without a loss always (2 of 2)" in told
    assert "'into-an-account' was not made: Brill is lost in silence, and says nothing" in told
    refused = whole.why("Gale", "refusing", "position")
    assert "it is broken (nobody against: 1 against)" in refused
    assert "Gale: It says objection (without a loss: It says nothing), because: " in refused
    kept = whole.why("Fenn", "silent", "position")
    assert "always (2 of 2); adopted within 25 h of being put, without a loss 25 h" in kept
    assert "By rules and figures: " in whole.why("Brill", "silent", "relief-boats")
    with pytest.raises(UsageError, match="nothing was asked about 'tea'"):
        whole.why("Brill", "silent", "tea")


def test_the_rules_part_is_tried_on_a_run_without_a_loss_and_on_members(club):
    base = base_run(club)
    with pytest.raises(UsageError, match="Harbour is not a member"):
        run_again(club, seeds=0, members=("Harbour",))
    with pytest.raises(UsageError, match="Dorn was lost already"):
        rules(replace(base, lost=(("Dorn", "silent"),)), load_evidence())
    with pytest.raises(UsageError, match="seeds are not possible"):
        run_again(club, seeds=-1)
    told = run_again(club, seeds=0, members=("Dorn",), kinds=("leaving",))
    assert told.played is None
    assert {key[1:] for key in told.rules.cells} == {("Dorn", "leaving")}


def test_both_parts_are_told_apart_in_every_form(whole):
    short, long = findings(whole), findings(whole, full=True)
    assert len(short) == len(long) == 2
    assert [len(one.tables) for one in long] == [2 + 3, 2 + 3]
    assert short[0].sentence == (
        "Of 2 decisions, even if all the others agree: any one member stops 1 of them by the "
        "nature of the rule."
    )
    assert short[1].sentence == (
        "For some kind of loss, 2 of 2 decisions came about in no replay, whoever was lost; "
        "beside that, most hung on Arden, Brill, Corve: without one 2 of 2 came about in no replay."
    )
    for one in short:
        text = terminal(one, 100)
        assert max(map(len, text.splitlines())) <= 100
    assert "assumptions of a rehearsal, not statements of governments" in terminal(short[1])
    assert "Wilson" in terminal(short[1])
    assert "Wilson" not in terminal(short[0])
    assert "<table" in page(document(long, "Again without each member"))
    told = json.loads(json.dumps(whole.to_json()))
    assert set(told) == {"scenario", "seed", "from_rules", "from_players"}
    assert len(told["from_players"]["cells"]) == len(whole.played.decisions) * len(LOSSES)


@pytest.mark.parametrize(
    "member",
    [
        pytest.param("Fenn", id="one that stays"),
        pytest.param("Gale", id="one that the scenario itself loses in silence"),
    ],
)
def test_whoever_refuses_says_no_to_the_end_also_where_the_script_has_it_say_yes(member):
    text, beside = scenario_text("club-of-seven")
    scripted = f"""
[[moves]]
id = "agrees"
by = "{member}"
kind = "answer"
after = "wake-the-boats"
minutes = 60
of = "wake-the-boats"
word = "yes"
"""
    read = read_scenario(text + scripted.encode(), beside)
    scenario = replace(read, moves=tuple(at_once(move) for move in read.moves))
    one, other = replay(scenario, 7, member, "refusing"), replay(scenario, 7)
    assert "agrees to and proposes nothing" in one.not_made["agrees"]
    assert one.answers["wake-the-boats"][member] == "It says no."
    assert member not in other.answers["wake-the-boats"]


def at_once(move):
    """Let what was to follow the position follow the alarm: nothing then hangs on the position."""
    if move.id != "wake-the-boats":
        return move
    return replace(move, when=replace(move.when, after="alarm", outcome=""))


# Keeping and resuming.


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path, club, whole):
    path = tmp_path / "kept.jsonl"

    def stop(what, done, of):
        if what == "replays" and done == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_again(club, seeds=2, resume=path, progress=stop)
    assert len(path.read_bytes().splitlines()) == 7
    with path.open("ab") as file:
        file.write(path.read_bytes().splitlines()[0][:100])  # torn while it was written
    counted = []
    again = run_again(
        club, seeds=2, resume=path, progress=lambda what, done, of: counted.append((what, done))
    )
    assert counted[counted.index(("replays", 7)) + 1] == ("replays", 8)
    assert again.to_json() == whole.to_json()
    assert len(read_kept(path, club)) == 2 + 2 * len(LOSSES)
    assert run_again(club, seeds=2, resume=path).to_json() == whole.to_json()


def test_a_run_of_several_processes_that_is_stopped_leaves_none_of_them(tmp_path, club):
    path = tmp_path / "kept.jsonl"

    def stop(what, done, of):
        if what == "replays" and done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_again(club, seeds=40, workers=2, resume=path, progress=stop)
    assert active_children() == []
    assert len(read_kept(path, club)) == 3


def test_a_file_of_another_scenario_or_no_such_file_is_refused(tmp_path, club):
    path = tmp_path / "kept.jsonl"
    run_again(club, seeds=1, members=("Dorn",), kinds=("silent",), resume=path)
    with pytest.raises(UsageError, match="keeps replays of another scenario"):
        run_again(replace(club, text=club.text + b"\n"), seeds=1, resume=path)
    path.write_bytes(b"tea\n" + path.read_bytes())
    with pytest.raises(UsageError, match=r"line 1 of .* is no replay"):
        run_again(club, seeds=1, resume=path)
    with pytest.raises(UsageError, match="cannot be kept"):
        run_again(club, seeds=1, resume=tmp_path / "nowhere" / "kept.jsonl")


def test_several_processes_play_what_one_does(club):
    asked = {"seeds": 2, "members": ("Dorn", "Gale"), "kinds": ("silent", "refusing")}
    assert run_again(club, workers=2, **asked).to_json() == run_again(club, **asked).to_json()
    assert not again_module._HERE  # what a worker plays is set in workers alone


def test_a_seed_plays_the_same_in_every_replay(club):
    first = run_again(club, seeds=1, members=("Dorn",), kinds=("silent",))
    second = run_again(club, seeds=2, members=("Dorn",), kinds=("silent",))
    assert first.played.replays.items() <= second.played.replays.items()


@pytest.mark.parametrize(
    ("share", "words", "low", "high"),
    [
        (Share(5, 5), "always (5 of 5)", 0.57, 1.0),
        (Share(0, 5), "never (0 of 5)", 0.0, 0.43),
        (Share(2, 4), "half the time (2 of 4)", 0.15, 0.85),
        (Share(1, 5), "seldom (1 of 5)", 0.04, 0.62),
        (Share(81, 263), "seldom (81 of 263)", 0.26, 0.37),
    ],
)
def test_a_count_is_told_with_the_bounds_that_so_few_draws_allow(share, words, low, high):
    """Wilson's interval; 81 of 263 is the example of Newcombe (1998), Statistics in Medicine 17."""
    assert share.words == words
    assert share.to_json()["low"] == low
    assert share.to_json()["high"] == high


def test_the_command_tells_both_parts_and_writes_them_with_every_cell(tmp_path):
    page_file, word_file = tmp_path / "again.html", tmp_path / "again.docx"
    asked = ["exercise", "run", "club-of-seven", "--n-minus-1", "--seeds", "1", "--workers", "1"]
    kept = ["--resume", str(tmp_path / "kept.jsonl")]
    files = ["--html", str(page_file), "--docx", str(word_file)]
    told = CliRunner().invoke(cli, [*asked, *kept, *files])
    assert told.exit_code == 0, told.output
    assert "Who alone stops a decision, by the rules" in told.output
    assert "In how many replays each decision came about" in told.output
    assert "EXERCISE" in page_file.read_text()
    assert "Every decision, where one member is silent: by the rules" in page_file.read_text()
    assert word_file.read_bytes().startswith(b"PK")
    why = CliRunner().invoke(cli, [*asked, *kept, "--why", "Gale", "refusing", "position"])
    assert why.output.startswith("By the rules alone. ")
    assert "By the players assumed: never (0 of 1)" in why.output
    as_json = CliRunner().invoke(cli, [*asked, *kept, "--json"])
    assert json.loads(as_json.stdout)["from_players"]["missing"] == 0
