"""The commands as a person types them: what is printed where, and with which exit status."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def comity(*arguments, folder=ROOT, home="/nonexistent"):
    return subprocess.run(
        [sys.executable, "-c", "from comity.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=120,
        env={
            "PATH": os.environ["PATH"],
            "HOME": home,
            "LANG": "C.UTF-8",
            **{k: v for k, v in os.environ.items() if k.startswith("COVERAGE")},
        },
        check=False,
    )


@pytest.fixture
def votes(tmp_path):
    def write(text, name="votes.toml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_run_answers_without_network_or_home():
    told = comity("run")
    assert told.returncode == 0, told.stderr
    assert told.stderr == ""
    for words in ("What breaks", "Which rule", "What is claimed of it", "What to try next"):
        assert words in told.stdout
    assert max(len(line) for line in told.stdout.splitlines()) <= 100


def test_list_names_the_eight_shipped_charters():
    told = json.loads(comity("charter", "list", "--json").stdout)
    assert [charter["id"] for charter in told] == [
        "coalition-of-the-willing",
        "eu-council",
        "european-security-council",
        "joint-expeditionary-force",
        "nato-ukraine-council",
        "north-atlantic-council",
        "osce",
        "un-security-council",
    ]


def test_decide_the_eu_clause(votes):
    charter_members = json.loads(comity("charter", "show", "eu-council", "--json").stdout)
    codes = [m["member"] for m in charter_members["members"]]
    three = ["DEU", "FRA", "ITA"]
    adopted = votes(
        f"yes = {json.dumps([m for m in codes if m not in three])}\nno = {json.dumps(three)}"
    )
    told = comity("decide", "eu-council", "--stances", adopted, "--json")
    assert (told.returncode, json.loads(told.stdout)["outcome"]) == (0, "adopted")
    four = [*three, "ESP"]
    rejected = votes(
        f"yes = {json.dumps([m for m in codes if m not in four])}\nno = {json.dumps(four)}"
    )
    told = comity("decide", "eu-council", "--stances", rejected, "--json")
    assert (told.returncode, json.loads(told.stdout)["outcome"]) == (3, "rejected")


def test_the_same_tally_is_vetoed_on_substance_and_passes_on_procedure(votes):
    seats = json.loads(comity("charter", "show", "un-security-council", "--json").stdout)
    members = seats["organs"][0]["members"]
    yes = [m for m in members if m != "RUS"]
    file = votes(f'yes = {json.dumps(yes)}\nno = ["RUS"]')
    substance = comity("decide", "un-security-council", "--rule", "substance", "--stances", file)
    procedure = comity("decide", "un-security-council", "--rule", "procedure", "--stances", file)
    assert substance.returncode == 3
    assert "vetoed by RUS" in substance.stdout
    assert procedure.returncode == 0
    abstains = votes(f'yes = {json.dumps(yes)}\nabstain = ["RUS"]')
    told = comity("decide", "un-security-council", "--rule", "substance", "--stances", abstains)
    assert told.returncode == 0


def test_power_json_has_the_promised_keys():
    told = json.loads(
        comity("power", "un-security-council", "--rule", "substance", "--json").stdout
    )
    shares = {row["member"]: row["shapley_shubik_exact"] for row in told["members"]}
    assert (shares["FRA"], shares["DNK"]) == ("421/2145", "4/2145")
    assert {"members", "power_to_act", "method"} <= set(told)
    assert {"member", "banzhaf", "banzhaf_normalised", "shapley_shubik", "veto", "dummy"} <= set(
        told["members"][0]
    )


def test_laboratory_prints_a_table_and_a_page_for_a_memo():
    told = comity("laboratory", "european-security-council", "--organ", "council")
    assert told.returncode == 0
    assert "For a memo" in told.stdout
    assert told.stdout.count("no forecast") == 1


def test_check_reports_faults_with_lines_and_exit_status_1(tmp_path):
    text = (ROOT / "examples" / "larch-league.toml").read_text(encoding="utf-8")
    path = tmp_path / "club.toml"
    path.write_text(
        text.replace('standing = "associate"', 'standing = "asociate"').replace("n = 1", "n = 2")
    )
    told = comity("charter", "check", str(path))
    assert told.returncode == 1
    assert "no standing is called 'asociate'" in told.stdout
    assert "remedy:" in told.stdout
    plain = json.loads(comity("charter", "check", str(path), "--json").stdout)
    assert all({"line", "where", "what", "remedy"} == set(fault) for fault in plain["faults"])


def test_check_without_faults_says_what_is_worth_knowing():
    told = comity("charter", "check", "european-security-council")
    assert told.returncode == 0
    assert "cannot decide yet" in told.stdout


def test_a_faulty_charter_stops_other_commands_and_says_where_all_faults_are(tmp_path):
    path = tmp_path / "club.toml"
    path.write_text("comity = 1\n[charter]\nid = 3\n")
    told = comity("power", str(path))
    assert (told.returncode, told.stdout) == (1, "")
    assert "comity charter check" in told.stderr
    plain = json.loads(comity("power", str(path), "--json").stderr)
    assert plain["code"] == "charter"
    assert len(plain["faults"]) > 1


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        pytest.param(["bogus"], 2, "no such command 'bogus'", id="an unknown command"),
        pytest.param(["power"], 2, "missing argument", id="an argument left out"),
        pytest.param(["power", "osce", "--on", "May"], 2, "not a day", id="a day that is none"),
        pytest.param(["power", "oscee"], 1, "did you mean osce?", id="a name mistyped"),
        pytest.param(
            ["power", "/nowhere.toml"], 1, "cannot be read", id="a file that is not there"
        ),
        pytest.param(["power", "osce"], 1, "add --organ", id="an organ left out"),
        pytest.param(["decide", "osce", "--stances", "/no"], 1, "cannot be read", id="no stances"),
        pytest.param(["charter", "compare", "osce"], 1, "two or more", id="one to compare"),
        pytest.param(["charter", "check", "/etc"], 1, "cannot be read", id="a folder"),
    ],
)
def test_what_cannot_be_answered_is_said_on_the_error_stream_with_a_next_step(
    arguments, status, words
):
    told = comity(*arguments)
    assert told.returncode == status
    assert told.stdout == ""
    assert words in told.stderr
    assert "hint: " in told.stderr
    assert "Traceback" not in told.stderr


def test_neither_help_nor_the_core_loads_numpy():
    code = (
        "import sys, comity.core.reading, comity.core.tally, comity.core.stances\n"
        "from comity.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "sys.exit('numpy' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode
        == 0
    )


def test_a_reader_who_stops_reading_stops_nothing():
    shell = f"{sys.executable} -c 'from comity.cli import main; main()' charter show osce | head -1"
    told = subprocess.run(shell, shell=True, capture_output=True, text=True, check=False)
    assert told.stderr == ""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("s.json", '{"\\u001b[31mFRA": "yes"}', id="as a member"),
        pytest.param("s.json", '{"FRA": "\\u001b]0;owned\\u0007"}', id="as a stance"),
        pytest.param("s.csv", "member,stance\nFRA,\x1b[2Jyes\n", id="in a table"),
    ],
)
def test_a_file_from_a_stranger_cannot_steer_the_terminal(votes, name, text):
    told = comity("decide", "eu-council", "--stances", votes(text, name))
    assert told.returncode == 1
    assert "error: " in told.stderr
    assert not [c for c in told.stderr if not c.isprintable() and c != "\n"]
