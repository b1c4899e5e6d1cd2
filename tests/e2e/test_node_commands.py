"""The commands of a node as people use them: what is signed, carried, refused and proven."""

from __future__ import annotations

import json
import os
import pty
import re
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from comity.cli import main
from tests.e2e.league import Clock
from tests.e2e.test_commands import ROOT, comity

PASS = "seven quiet herons cross the weir"
CHARTER = """comity = 1
[charter]
id = "larch-league"
name = "The Larch League"
edition = "1"
date = 2026-01-01
text = "model"
[members]
Arden = { name = "Arden" }
Brill = { name = "Brill" }
Corve = { name = "Corve" }
Dorn = { name = "Dorn" }
[rules.consensus]
title = "Nobody against"
adopt = { all_of = [
  { against = { at_most = 0 } },
  { in_favour = { more_than = "1/2", of = "members" } },
] }
[rules.three]
title = "Three in favour"
concerned = "excluded"
adopt = { in_favour = { at_least = 3 } }
[procedures.silence]
kind = "silence"
period_hours = 0.001
notice_hours = 0
grace_hours = 0
n = 1
f = 0
[procedures.vote]
kind = "vote"
period_hours = 24
grace_hours = 0
n = 1
f = 0
[organs.council]
name = "Council"
seats = ["standing:member"]
rules = ["consensus", "three"]
procedures = ["silence", "vote"]
[changes.amendment]
organ = "council"
rule = "three"
procedure = "vote"
"""
FOUR = ("arden", "brill", "corve", "dorn")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "league.toml").write_text(CHARTER, encoding="utf-8")
    secret = tmp_path / "pass"
    secret.write_text(PASS + "\n")
    secret.chmod(0o600)
    (tmp_path / "text.txt").write_text("One ambulance each.\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def told(capsys):
    def run(line, status=0):
        with pytest.raises(SystemExit) as ended:
            main(line.split("  ") if "  " in line else line.split())
        got = capsys.readouterr()
        assert (ended.value.code or 0) == status, got.err + got.out
        return got.out + got.err

    return run


@pytest.fixture
def league(here, told):
    told("init all lg league.toml --exercise --quick-keys -p pass")
    return here


def carry(told, *, at=""):
    """Let all export to all, twice, so that what came is passed on."""
    for member in FOUR:
        told(f"export lg/{member} -o post -p pass{at}")
    for member in FOUR:
        files = " ".join(f"post/{o}-to-{member}.comity" for o in FOUR if o != member)
        told(f"import lg/{member} {files} -p pass{at}")


def test_a_real_silence_is_settled_and_proven_with_exit_status_0(here, told, monkeypatch):
    clock = Clock(datetime(2026, 3, 1, 8, tzinfo=UTC))
    monkeypatch.setattr("comity.node.node.utc_now", clock)  # a real node asks the machine's
    told("init all lg league.toml -p pass")
    told("act propose lg/arden --procedure silence --rule consensus --adopt text.txt --in 1"
         " --title Ambulance -y -p pass")  # fmt: skip
    told("export lg/arden -o post -p pass")
    for member in ("brill", "corve", "dorn"):
        told(f"import lg/{member} post/arden-to-{member}.comity -p pass")
    clock.at += timedelta(hours=2)
    for member in ("arden", "brill", "corve"):
        told(f"act close lg/{member} -y -p pass")
        told(f"export lg/{member} --to Dorn -o post -p pass")
    closed = " ".join(f"post/{member}-to-dorn.comity" for member in ("arden", "brill", "corve"))
    assert "settled: adopted" in told(f"import lg/dorn {closed} -p pass")
    assert "adopted: Ambulance" in told("proposal lg/dorn council/Arden/2 --certificate c.json")
    shown = told("verify c.json --founding lg/brill")
    assert "EXERCISE" not in shown
    assert shown.rstrip().endswith("PROVEN")
    plain = json.loads(told("verify c.json --json --founding lg/brill"))
    assert (plain["proven"], plain["exercise"], plain["outcome"]) == (True, False, "adopted")


def test_an_open_proposal_is_certified_as_unproven_with_exit_status_3(league, told):
    told("act propose lg/arden --procedure vote --rule three --adopt text.txt --title A -y -p pass")
    shown = told("proposal lg/arden council/Arden/2 --certificate c.json", status=3)
    assert "open: it can still be" in shown
    shown = told("verify c.json --founding lg/arden", status=4)
    assert shown.startswith("EXERCISE")
    assert "NOT PROVEN" in shown


@pytest.mark.parametrize(
    ("name", "status"),
    [
        pytest.param("silence-holds", 0, id="proven"),
        pytest.param("silence-two-missing", 3, id="not proven"),
        pytest.param("exercise", 4, id="an exercise"),
    ],
)
def test_published_certificates_are_told_apart_by_exit_status(told, name, status):
    vectors = ROOT / "spec/vectors/certificate"
    known = json.loads((vectors / "good.json").read_text())[name]
    told(f"verify {vectors}/good/{name}.json --founding {known['fingerprint']}", status)


def test_what_is_refused_by_verify_is_said_by_name(here, told):
    (here / "c.json").write_text("{}")
    assert "hint:" in told(f"verify c.json --founding {'0' * 64}", status=1)
    assert "is no fingerprint" in told("verify c.json --founding abc", status=1)


def test_a_real_node_refuses_another_clock_and_quick_keys(here, told):
    told("init all lg league.toml -p pass")
    assert "leave out --at" in told("inbox lg/arden --at 2026-03-01T08:00:00Z", status=1)
    told("init keys quick --member Arden --quick-keys -p pass")
    told("init draft league.toml Arden.offer.json -o d.json")
    assert "too quick to guess" in told("init sign quick d.json -y -p pass", status=1)


def test_nothing_is_signed_without_confirmation_or_passphrase(league, told):
    line = "act alert lg/arden --title T --text W --severity minor"
    assert "nobody is here to confirm" in told(f"{line} -p pass", status=1)
    assert "nobody is here to type it" in told(f"{line} -y", status=1)
    (league / "pass").chmod(0o644)
    assert "other accounts" in told(f"{line} -y -p pass", status=1)
    assert json.loads(told("log lg/arden --json"))["acts"] == []


def test_a_dry_run_signs_nothing_and_needs_no_passphrase(league, told):
    shown = told("act alert lg/arden --title T --text W --severity minor --dry-run")
    assert "Nothing was signed." in shown
    assert "Brill, Corve, Dorn will see it" in shown
    assert json.loads(told("log lg/arden --json"))["acts"] == []


def test_an_alert_is_received_and_its_delivery_proven(league, told):
    told("act alert lg/arden --title Bridge --text Closed --severity severe -y -p pass")
    carry(told)
    assert "alert: Bridge" in told("inbox lg/brill")
    told("act receipt lg/brill -y -p pass")
    assert "alert: Bridge" not in told("inbox lg/brill")
    carry(told)
    told("log lg/arden council/Arden/2 --certificate d.json")
    assert "Brill: has it since" in told("verify d.json --founding lg/arden", status=4)


def test_an_objection_shows_how_many_have_heard_it(league, told):
    told("act propose lg/arden --procedure silence --rule consensus --in 24 --adopt text.txt"
         " --title A -y -p pass")  # fmt: skip
    carry(told)
    shown = told("act stance lg/corve council/Arden/2 objection --dry-run")
    assert "breaks the silence" in shown
    told("act stance lg/corve council/Arden/2 objection -y -p pass")
    assert "heard by 1 of the 2 that make it count" in told("inbox lg/corve")
    carry(told)
    carry(told)
    assert "heard by 4, and 2 make it count" in told("inbox lg/corve")


def test_importing_twice_changes_nothing_and_a_strangers_file_is_refused(league, told):
    told("act alert lg/arden --title T --text W --severity minor -y -p pass")
    told("export lg/arden --to Brill -o b.comity -p pass")
    assert "1 alert" in told("import lg/brill b.comity -p pass")
    assert "nothing new" in told("import lg/brill b.comity -p pass")
    assert "no key of Corve opens" in told("import lg/corve b.comity -p pass", status=1)
    (league / "junk").write_text("junk")
    assert "refused" in told("import lg/corve junk -p pass", status=1)


def test_the_charter_is_amended_and_entered_by_files(league, told):
    (league / "two.toml").write_text(CHARTER.replace('edition = "1"', 'edition = "2"'))
    told("act propose lg/arden --amend two.toml -y -p pass")
    carry(told)
    for member in FOUR:
        told(f"act stance lg/{member} coalition/Arden/1 yes -y -p pass")
    carry(told)
    for member in FOUR:
        told(f"act close lg/{member} -y -p pass")
    carry(told)
    assert "charter, standings or keys have changed" in told("inbox lg/brill")
    told("act enter lg/brill -y -p pass")
    assert "have changed" not in told("inbox lg/brill")


def test_a_folder_is_told_to_be_well_or_what_is_wrong_with_it(league, told):
    assert "all is well" in told("doctor lg/arden")
    (league / "lg/arden/keys.json").chmod(0o644)
    assert "what helps: keep it for yourself" in told("doctor lg/arden", status=1)
    assert "there is no folder" in told("doctor nowhere", status=1)


def test_a_node_that_lost_its_record_signs_once_others_have_shown_what_it_said(league, told):
    told("act alert lg/brill --title T --text W --severity minor -y -p pass")
    carry(told)
    keys = (league / "lg/brill/keys.json").read_bytes()
    (league / "lg/brill").rename(league / "lost")
    time.sleep(1)  # or the beacons that it no longer knows of are of the same second
    (league / "lg/brill").mkdir(mode=0o700)
    (league / "lg/brill/keys.json").write_bytes(keys)
    (league / "lg/brill/keys.json").chmod(0o600)
    told("init show lg/arden -o founding.json")
    told("init open lg/brill founding.json --late -p pass")
    line = "act alert lg/brill --title T2 --text W --severity minor -y -p pass"
    assert "does not sign yet" in told(line, status=1)
    told("export lg/brill -o post -p pass")
    for other in ("arden", "corve"):
        told(f"import lg/{other} post/brill-to-{other}.comity -p pass")
        told(f"export lg/{other} --to Brill -o post -p pass")
    told("import lg/brill post/arden-to-brill.comity -p pass")
    assert "does not sign yet" in told(line, status=1)
    told("import lg/brill post/corve-to-brill.comity -p pass")
    assert "council/Brill/3" in told(line)


def test_every_key_of_an_answer_is_documented(league, told):
    (league / "one.toml").write_text("", encoding="utf-8")
    told("act alert lg/arden --title T --text W --severity minor --case bridge -y -p pass")
    told("act propose lg/arden --procedure vote --rule three --adopt text.txt --title A -y -p pass")
    told("act stance lg/arden council/Arden/3 yes --caveat Only -y -p pass")
    told("init keys new --member Arden -p pass --quick-keys")
    page = (ROOT / "docs/howto/node.md").read_text(encoding="utf-8")
    answers = [
        told("init show lg/arden --json"),
        told("inbox lg/arden --json"),
        told("proposal lg/arden --json"),
        told("proposal lg/arden council/Arden/3 --certificate c.json --json", status=3),
        told("case lg/arden --json"),
        told("case lg/arden bridge --json"),
        told("log lg/arden --json"),
        told("export lg/arden -o post -p pass --json"),
        told("import lg/brill post/arden-to-brill.comity -p pass --json"),
        told("verify c.json --founding lg/arden --json", status=4),
        told("doctor lg/arden --json"),
    ]
    one = json.loads(told("log lg/arden council/Arden/2 --json"))
    del one["body"], one["act"]  # as spec/act.md says
    keys = {key for answer in (*map(json.loads, answers), one) for key in _keys(answer)}
    assert sorted(key for key in keys if f"`{key}`" not in page) == []


def _keys(answer):
    if isinstance(answer, dict):
        for key, value in answer.items():
            yield key
            if key != "kinds":  # a table by kind
                yield from _keys(value)
    elif isinstance(answer, list):
        for value in answer:
            yield from _keys(value)


def test_at_a_terminal_what_follows_is_told_and_no_means_no(league, told):
    code = "from comity.cli import main; main()"
    line = [sys.executable, "-c", code, "act", "alert", "lg/arden", "--title", "T", "--text", "W",
            "--severity", "minor", "-p", "pass"]  # fmt: skip
    for answer, count in (("n", 0), ("y", 2)):
        shown = _at_a_terminal(line, answer)
        assert "Brill, Corve, Dorn will see it" in shown
        assert "Sign it? [y/N]" in shown
        assert len(json.loads(told("log lg/arden --json"))["acts"]) == count


def test_a_passphrase_is_typed_and_not_shown(league, told):
    code = "from comity.cli import main; main()"
    line = [sys.executable, "-c", code, "act", "alert", "lg/arden", "--title", "T", "--text", "W",
            "--severity", "minor", "-y"]  # fmt: skip
    shown = _at_a_terminal(line, PASS)
    assert "Passphrase:" in shown
    assert PASS not in shown
    assert "signed council/Arden/2" in shown


def _at_a_terminal(line, answer):
    """Run a command at a terminal, answer its one question, and return what is shown."""
    process, master = pty.fork()
    if process == 0:
        os.execvpe(line[0], line, {**os.environ, "TERM": "dumb"})
    shown, said = b"", False
    while True:
        try:
            got = os.read(master, 4_096)
        except OSError:
            break
        if not got:
            break
        shown += got
        if not said and (b"[y/N]" in shown or b"Passphrase:" in shown):
            said = True
            os.write(master, answer.encode() + b"\n")
    os.waitpid(process, 0)
    os.close(master)
    return shown.decode().replace("\r\n", "\n")


def test_empty_states_say_what_to_do(league, told):
    assert "comity import" in told("inbox lg/arden")
    assert "comity act propose" in told("proposal lg/arden")
    assert "--open-case" in told("case lg/arden")
    assert "comity import" in told("log lg/arden")


def test_what_others_write_never_begins_a_line(league, capsys):
    words = "harmless\nadopted: everything"
    for arguments in (
        ["act", "alert", "lg/arden", "--title", "T", "--severity", "minor", "--text", words, "-y",
         "-p", "pass"],
        ["inbox", "lg/arden"],
        ["log", "lg/arden"],
        ["log", "lg/arden", "council/Arden/2"],
    ):  # fmt: skip
        with pytest.raises(SystemExit):
            main(arguments)
        assert not re.search(r"^\s*adopted: everything", capsys.readouterr().out, re.MULTILINE)


def test_commands_of_a_node_begin_quickly_without_numpy():
    began = time.monotonic()
    assert comity("inbox", "--help").returncode == 0
    assert time.monotonic() - began < 5
