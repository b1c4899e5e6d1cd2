"""Help is written by hand: it names all there is, and its examples run."""

from __future__ import annotations

import re
import shlex
import textwrap
from pathlib import Path

import click
import pytest

from comity.cli import cli, main
from tests.e2e import league, transcripts
from tests.e2e.transcripts import ROOT


def _found(command: click.Command, path: tuple[str, ...]) -> list[tuple[str, click.Command]]:
    found = [(" ".join(path), command)]
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            found += _found(inner, (*path, name))
    return found


COMMANDS = _found(cli, ("comity",))
CASES = [pytest.param(path, command, id=path) for path, command in COMMANDS]
STAYS = {"comity up"}
"""What goes on until somebody stops it; tests of its own run it."""
# `check` takes all that `import` takes, so that one line can be tried with either word.
AS_IMPORT = {"comity evidence check": ("--known-from", "--title", "--publisher", "--licence")}


def _help(path: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        main([*path.split()[1:], "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr()
    assert told.err == ""
    return told.out.rstrip("\n")


def _examples(text: str) -> list[str]:
    found = re.findall(r"^  \$ comity ?((?:.*\\\n)*.*)$", text, re.MULTILINE)
    return [example.replace("\\\n", " ") for example in found]


@pytest.mark.parametrize(("path", "command"), CASES)
def test_help_names_every_option_and_argument_and_no_other(
    path: str, command: click.Command, capsys: pytest.CaptureFixture[str]
) -> None:
    text = _help(path, capsys)
    usage, _, described = text.partition("\n\n")
    described = re.split(r"^(?:example|start with):$", described, flags=re.MULTILINE)[0]
    known = {"--help"}
    for param in command.params:
        if isinstance(param, click.Option):
            known.update(param.opts)
            if param.opts[0] not in AS_IMPORT.get(path, ()):
                assert any(o in usage for o in param.opts), f"usage lacks {param.opts}"
                told = usage if param.name == "version" else described
                assert any(o in told for o in param.opts), f"help lacks {param.opts}"
        else:
            assert (param.metavar or str(param.name).upper()) in usage
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", usage + described)) <= known


@pytest.mark.parametrize(("path", "command"), CASES)
def test_help_begins_with_its_usage_and_fits_a_terminal(
    path: str, command: click.Command, capsys: pytest.CaptureFixture[str]
) -> None:
    text = _help(path, capsys)
    assert text.startswith((f"usage: {path} ", f"usage: {path}\n"))
    assert max(len(line) for line in text.splitlines()) <= 100
    assert _examples(text)
    if isinstance(command, click.Group):
        context = click.Context(command)
        assert [n for n in command.list_commands(context) if n not in text] == []


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the examples of a node's commands run, one after another."""
    here = transcripts.prepare(tmp_path_factory.mktemp("league"))
    league.lay_out(here)
    return here


@pytest.mark.parametrize(("path", "command"), [c for c in CASES if c.values[0] not in STAYS])
def test_the_examples_in_help_run(
    path: str,
    command: click.Command,
    tmp_path: Path,
    laid: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = _help(path, capsys)
    here = transcripts.prepare(tmp_path)
    (here / "spending.csv").write_bytes((ROOT / "docs/howto/spending.csv").read_bytes())
    if any(word in text for word in ("league/", "new/", "pass.txt")):
        here = laid
    for name, body in re.findall(r"^  with (\S+):\n((?:    .*(?:\n|\Z))+)", text, re.MULTILINE):
        (here / name).write_text(textwrap.dedent(body), encoding="utf-8")
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("COMITY_DATA", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    statuses = {0, *(int(code) for code in re.findall(r"^  (\d)  \S", text, re.MULTILINE))}
    for example in _examples(text):
        with pytest.raises(SystemExit) as ended:
            main(shlex.split(example))
        told = capsys.readouterr()
        assert ended.value.code in statuses - {1, 2}, told.err
        assert told.out or "-o" in example
