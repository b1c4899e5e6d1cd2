"""Exercises from the command line: one seed one record, a killed run goes on, the demonstration."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from comity.cli import main
from comity.core.strict import instant
from comity.exercise.run import Run

ROOT = Path(__file__).parents[2]
HALF_WAY = "2026-03-04T00:00:00Z"


def comity(*arguments, hash_seed="0"):
    """Run the command in a process of its own; return its status, output and errors."""
    done = subprocess.run(
        [sys.executable, "-c", "from comity.cli import main; main()", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "COLUMNS": "100"},
        timeout=180,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def told(capsys, *arguments):
    """Run the command here; return its status and what it said."""
    with pytest.raises(SystemExit) as ended:
        main(list(map(str, arguments)))
    said = capsys.readouterr()
    return ended.value.code, said.out, said.err


def records(folder):
    """All that is kept of acts in a run's records, byte for byte, in its order."""
    found = {}
    for file in sorted(folder.glob("*/nodes/*/record.sqlite")):
        db = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        found[str(file.relative_to(folder))] = db.execute(
            "SELECT * FROM acts ORDER BY number"
        ).fetchall()
        db.close()
    return found


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """The club of seven, played twice: in two processes, under two hash seeds."""
    where = tmp_path_factory.mktemp("played")
    runs = {}
    for hash_seed in ("1", "4321"):
        folder = where / hash_seed
        code, out, err = comity(
            "exercise", "run", "club-of-seven", "--data", folder, "--json", hash_seed=hash_seed
        )
        assert (code, err) == (0, "")
        runs[hash_seed] = (folder, out)
    return runs


def test_one_seed_gives_the_same_bytes_under_another_hash_seed(played):
    (one, first), (other, second) = played.values()
    assert first == second, "the whole report, ids of acts and certificates among it"
    assert records(one) == records(other)
    assert len(records(one)) == 8, "seven members and the harbour"
    assert sum(len(rows) for rows in records(one).values()) > 150


def test_a_run_that_is_kept_goes_on_as_if_it_had_not_stopped(played, tmp_path, capsys):
    folder, whole = played["1"]
    arguments = ("exercise", "run", "club-of-seven", "--data", tmp_path / "run")
    code, out, _ = told(capsys, *arguments, "--to", HALF_WAY, "--json")
    assert code == 0
    assert json.loads(out)["scenario"]
    code, out, _ = told(capsys, *arguments, "--json")
    assert code == 0
    assert out == whole
    assert records(tmp_path / "run") == records(folder)
    code, _, err = told(capsys, *arguments, "--to", HALF_WAY)
    assert code == 1
    assert "is past 2026-03-04 00:00 already" in err
    code, _, err = told(capsys, *arguments, "--seed", "3")
    assert code == 1
    assert "with its own seed" in err
    code, _, err = told(capsys, "exercise", "run", "cyber-incident", "--data", tmp_path / "run")
    assert code == 1
    assert "is of another scenario" in err


def test_a_certificate_of_an_exercise_is_shown_as_one_first_and_is_no_yes(played, tmp_path, capsys):
    with Run.open(played["4321"][0]) as run:
        made = run.rehearsal()
    name, data = next(iter(made.certificates.items()))
    file = tmp_path / f"{name[:8]}.json"
    file.write_bytes(data)
    code, out, _ = told(capsys, "verify", "--founding", made.coalition, file)
    assert code == 4
    assert out.startswith("EXERCISE")
    assert out.rstrip().endswith("PROVEN, of an exercise")
    code, _, err = told(capsys, "verify", "--founding", "0" * 64, file)
    assert code == 1
    assert "founding" in err


def test_a_run_whose_process_is_killed_goes_on_with_the_same_bytes(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.played_run", str(tmp_path / "run")],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    said = []
    assert process.stdout is not None
    while len(said) < 12:
        said.append(json.loads(process.stdout.readline()))
    process.send_signal(signal.SIGKILL)
    said += [json.loads(line) for line in process.stdout if line.endswith("\n")]
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    with Run.open(tmp_path / "run") as run:
        there = {act.id for act in run.stage.acts()}
        assert {one["id"] for one in said} <= there
        assert run.now >= instant(said[-1]["at"], "the last")
        assert run.director.ids["into-an-account"]
        run.fast()
        assert run.director.over


@pytest.mark.parametrize(
    ("lost", "outcome"),
    [
        ("Gale=leaving", ["adopted", "adopted"]),
        ("Fenn=refusing", ["broken"]),
    ],
)
def test_a_member_is_lost_from_the_beginning(lost, outcome, capsys):
    code, out, err = told(capsys, "exercise", "run", "club-of-seven", "--lose", lost, "--json")
    assert (code, err) == (0, "")
    report = json.loads(out)
    assert [one["outcome"] for one in report["decisions"]] == outcome
    member, _, kind = lost.partition("=")
    assert member in str(report["lost"])
    assert kind in str(report["lost"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "club-of-nine"], "no scenario is called"),
        (["run", "club-of-seven", "--lose", "Gale=asleep"], "'asleep' is no kind of loss"),
        (["run", "club-of-seven", "--lose", "Gale"], "'' is no kind of loss"),
        (["run", "club-of-seven", "--lose", "Zorn=silent"], "'Zorn' is nobody in"),
        (["run", "club-of-seven", "--why", "Gale", "asleep", "position"], "is no kind of loss"),
        (["check", "nowhere/scenario.toml"], "cannot be read"),
    ],
)
def test_what_cannot_be_is_said_with_the_next_step(arguments, words, capsys):
    code, _, err = told(capsys, "exercise", *arguments)
    assert code == 1
    assert words in err
    assert "hint: " in err


def test_faults_of_a_scenario_are_told_with_lines(tmp_path, capsys):
    (tmp_path / "scenario.toml").write_text('comity = 1\n\n[scenario]\nid = "x"\ntitel = "y"\n')
    code, out, _ = told(capsys, "exercise", "check", tmp_path)
    assert code == 1
    assert re.search(r"faults?$", out.splitlines()[0])
    assert "line 5" in out


def test_again_without_each_member_and_why(capsys):
    common = ("exercise", "run", "club-of-seven", "--n-minus-1", "--workers", "1")
    code, out, err = told(capsys, *common, "--seeds", "0")
    assert (code, err) == (0, "")
    assert "Of 2 decisions" in out
    assert "Who alone" in out
    code, out, _ = told(capsys, *common, "--seeds", "1", "--why", "Arden", "silent", "position")
    assert code == 0
    assert "By the rules alone." in out
    assert "By the players assumed" in out


def test_the_demonstration_plays_the_week_to_its_report_within_a_minute():
    """`make demo`, by its own line: 35 members and 4 participants on real nodes.

    What is bounded is the time of the processor: others may be at work beside.
    """
    makefile = (ROOT / "Makefile").read_text()
    recipe = re.search(r"^demo:.*\n\t@\$\(BIN\)/comity (.*)$", makefile, re.MULTILINE)
    assert recipe
    assert recipe[1] == "exercise run january-2026"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    code, out, err = comity(*recipe[1].split())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert (code, err) == (0, "")
    assert out.startswith("EXERCISE\n")
    assert "assumptions of a rehearsal, not statements of governments" in " ".join(out.split())
    for heading in ("In short", "Timeline", "Tasks"):
        assert re.search(rf"^{heading}", out, re.MULTILINE), heading
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 60
