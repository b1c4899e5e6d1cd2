"""What the pages show is what happens; what they point to is there; what is public is on them."""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import comity
from comity import errors
from comity.cli import cli, main
from tests.e2e import transcripts
from tests.e2e.transcripts import ROOT, Reading, blocks, is_transcript, pages

_RUN = ("console", "python", "pycon")
_LINK = re.compile(r"(?<!!)\[[^\]\[]*\]\((?P<to>[^)\s]+)\)|!\[[^\]]*\]\((?P<image>[^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(.*?) *$", re.MULTILINE)
_CODE = re.compile(r"^```.*?^```|<!--.*?-->", re.MULTILINE | re.DOTALL)


def _told(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _linked_pages() -> tuple[Path, ...]:
    others = (ROOT / "CHANGELOG.md", ROOT / "DATA_LICENSES.md", *(ROOT / "examples").rglob("*.md"))
    return tuple(dict.fromkeys((*pages(), *(page for page in others if page.is_file()))))


def _is_run(page: Path) -> bool:
    return any(
        is_transcript(block) if block.kind == "console" else block.kind in _RUN
        for block in blocks(page.read_text(encoding="utf-8"))
    )


@pytest.mark.parametrize("page", [pytest.param(p, id=_told(p)) for p in pages() if _is_run(p)])
def test_every_block_of_a_page_does_what_it_shows(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = transcripts.prepare(tmp_path)
    for name, value in transcripts.environment(tmp_path / "home").items():
        monkeypatch.setenv(name, value)
    for name in ("COMITY_DATA", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(here)
    reading = Reading(page, here)
    wrong = [
        difference
        for block in blocks(page.read_text(encoding="utf-8"))
        for difference in reading.play(block)
    ]
    hint = f"write it anew: python -m tests.e2e.transcripts --write {_told(page)}"
    assert not wrong, "\n\n".join((*wrong, hint))


def _anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as the usual hosts of code make them."""
    text = _CODE.sub("", page.read_text(encoding="utf-8"))
    found: set[str] = set()
    for heading in _HEADING.findall(text):
        plain = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        again = sum(1 for anchor in found if re.fullmatch(re.escape(plain) + r"(-\d+)?", anchor))
        found.add(f"{plain}-{again}" if again else plain)
    return found


@pytest.mark.parametrize("page", [pytest.param(p, id=_told(p)) for p in _linked_pages()])
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    text = _CODE.sub("", page.read_text(encoding="utf-8"))
    lost = []
    for found in _LINK.finditer(text):
        to = found["to"] or found["image"]
        if "://" in to or to.startswith("mailto:"):
            continue
        path, _, anchor = to.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (
            anchor and target.suffix == ".md" and anchor not in _anchors(target)
        ):
            lost.append(to)
    assert not lost


def test_every_page_can_be_reached_from_the_map_of_the_docs() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        for found in _LINK.finditer(_CODE.sub("", page.read_text(encoding="utf-8"))):
            to = (found["to"] or "").partition("#")[0]
            target = (page.parent / to).resolve()
            if to and "://" not in to and target.suffix == ".md" and target.is_file():
                waiting.append(target)
    unreached = [_told(page) for page in pages() if page not in reached]
    assert not unreached


def _commands(
    command: click.Command = cli, path: tuple[str, ...] = ("comity",)
) -> Iterator[tuple[str, click.Command]]:
    yield " ".join(path), command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from _commands(found, (*path, name))


def test_every_command_and_option_is_documented() -> None:
    page = (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## `([^`]+)`\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    missing = []
    for path, command in _commands():
        if path not in sections:
            missing.append(path)
            continue
        options = [p.opts for p in command.params if isinstance(p, click.Option)]
        missing += [
            f"{path} {spelt[0]}" for spelt in options if not any(o in sections[path] for o in spelt)
        ]
    assert not missing


def test_every_kind_of_error_is_documented_with_its_code() -> None:
    page = (ROOT / "docs/reference/errors.md").read_text(encoding="utf-8")
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.ComityError)
    ]
    assert kinds
    assert [k.__name__ for k in kinds if f"`{k.__name__}` | `{k.code}`" not in page] == []


def test_every_public_name_is_documented() -> None:
    page = (ROOT / "docs/reference/python.md").read_text(encoding="utf-8")
    names = getattr(comity, "__all__", ())
    assert [name for name in names if f"`{name}`" not in page] == []


ANSWERS = [
    pytest.param("charters", "charter list", id="comity charter list"),
    pytest.param("charters", "charter show examples/larch-league.toml", id="comity charter show"),
    pytest.param("charters", "charter check broken.toml", id="comity charter check"),
    pytest.param(
        "charters", "charter compare north-atlantic-council eu-council", id="comity charter compare"
    ),
    pytest.param(
        "decide", "decide eu-council --rule unanimity --stances stances.toml", id="comity decide"
    ),
    pytest.param("power", "power un-security-council", id="comity power"),
    pytest.param(
        "laboratory", "laboratory examples/larch-league.toml --organ watch", id="comity laboratory"
    ),
    pytest.param(
        "cornerstones",
        "cornerstones examples/larch-league.toml --pairs",
        id="comity cornerstones",
    ),
    pytest.param("evidence", "evidence list", id="comity evidence list"),
    pytest.param(
        "evidence", "evidence show sum(gdp;FRA,GBR)", id="comity evidence show of a derived figure"
    ),
    pytest.param("../reference/finding", "potential --members FRA,GBR", id="comity potential"),
    pytest.param("../reference/finding", "claims", id="comity claims"),
]


def _keys(answer: object) -> Iterator[str]:
    if isinstance(answer, dict):
        # A table by code or name has no keys of its own to document.
        yield from (key for key in answer if re.fullmatch(r"[a-z_]+", key))
        for value in answer.values():
            yield from _keys(value)
    elif isinstance(answer, list):
        for value in answer:
            yield from _keys(value)


@pytest.mark.parametrize(("page", "command"), ANSWERS)
def test_every_key_of_an_answer_is_documented(
    page: str,
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    here = transcripts.prepare(tmp_path)
    (here / "broken.toml").write_text("comity = 1\n", encoding="utf-8")
    (here / "stances.toml").write_text('FRA = "yes"\n', encoding="utf-8")
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("COMITY_DATA", raising=False)
    with pytest.raises(SystemExit):
        main([*command.split(), "--json"])
    told = (ROOT / "docs/howto" / f"{page}.md").read_text(encoding="utf-8")
    keys = dict.fromkeys(_keys(json.loads(capsys.readouterr().out)))
    assert [key for key in keys if f"`{key}`" not in told] == []


def test_what_is_left_out_stands_for_any_lines_and_any_text() -> None:
    got = ("first", "took 3 s", "last")
    assert transcripts.agrees(("first", "...", "last"), got)
    assert transcripts.agrees(("first", "took ... s", "last", ""), got)
    assert transcripts.agrees(("...",), ())
    assert not transcripts.agrees(("first", "last"), got)
    assert not transcripts.agrees(("first", "took ... s"), got)


def test_a_page_that_shows_something_else_is_found_and_can_be_written_anew(tmp_path: Path) -> None:
    page = ROOT / "docs/page.md"  # never written: only its place is used
    here = transcripts.prepare(tmp_path)
    text = "```console\n$ echo one\ntwo\n$ false\n$ make run\nanything\n```\n"
    (block,) = blocks(text)
    found = list(Reading(page, here).play(block))
    assert len(found) == 2
    assert "-two" in found[0]
    assert "+exit status: 1" in found[1]
    copy = tmp_path / "page.md"
    copy.write_text(text, encoding="utf-8")
    assert transcripts.rewritten(copy, here) == (
        "```console\n$ echo one\none\n\n$ false\nexit status: 1\n\n$ make run\nanything\n```\n"
    )


def test_a_page_can_build_a_file_and_use_it(tmp_path: Path) -> None:
    here = transcripts.prepare(tmp_path)
    text = (
        "<!-- file: a/b.toml -->\n```toml\nx = 1\n```\n\n"
        "<!-- append: a/b.toml -->\n\n```toml\ny = 2\n```\n\n"
        "```console\n$ cat a/b.toml\nx = 1\ny = 2\n```\n"
    )
    reading = Reading(ROOT / "docs/page.md", here)
    assert [d for block in blocks(text) for d in reading.play(block)] == []


def test_the_picture_of_the_readme_says_what_the_program_says() -> None:
    drawn = runpy.run_path(str(ROOT / "docs/images/which_rule.py"))["picture"]()
    kept = (ROOT / "docs/images/which-rule.svg").read_text(encoding="utf-8")
    words = re.compile(r">([^<>]+)<")
    assert words.findall(kept) == words.findall(drawn)
