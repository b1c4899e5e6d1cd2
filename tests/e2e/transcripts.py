"""Pages whose blocks are run: read them, run them, compare, write them anew.

`python -m tests.e2e.transcripts --write PAGE ...` puts what the commands really
print under each `$ ` line. Blocks that leave something out with `...` stay as
they are, unless `--force` is given.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import doctest
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60
"""The longest that one command may take."""

_FENCE = re.compile(r"^(?P<indent> {0,3})(?P<ticks>`{3,})(?P<kind>[\w-]*)\s*$")
_ORDER = re.compile(r"^<!-- (?P<order>file|append): (?P<name>[\w./-]+) -->$")
_EXIT = re.compile(r"^exit status: (\d+)$")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page.

    Parameters
    ----------
    kind
        The word after the fence, such as ``console``.
    start
        Index of its first line within the page.
    order, name
        ``file`` or ``append`` and the file's name, where a comment before it says so.
    """

    kind: str
    start: int
    lines: tuple[str, ...]
    order: str = ""
    name: str = ""

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a console block and what the page says it prints."""

    command: str
    shown: tuple[str, ...]
    expected: tuple[str, ...]

    @property
    def is_run(self) -> bool:
        return not self.command.startswith("make ")

    @property
    def elides(self) -> bool:
        return any("..." in line for line in self.expected)


def pages() -> tuple[Path, ...]:
    """Return the pages that promise that their blocks run, in order."""
    found = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    for folder in ("docs", "spec"):
        found += sorted((ROOT / folder).rglob("*.md"))
    return tuple(page for page in found if page.is_file())


def blocks(text: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page."""
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        opened = _FENCE.match(lines[at])
        if not opened:
            at += 1
            continue
        start, ticks = at + 1, opened["ticks"]
        end = start
        while end < len(lines) and lines[end].strip() != ticks:
            end += 1
        before = next((line for line in reversed(lines[:at]) if line.strip()), "")
        order = _ORDER.match(before.strip())
        indent = len(opened["indent"])
        yield Block(
            opened["kind"],
            start,
            tuple(line[indent:] for line in lines[start:end]),
            order["order"] if order else "",
            order["name"] if order else "",
        )
        at = end + 1


def steps(block: Block) -> Iterator[Step]:
    """Yield the commands of a console block, each with the output that the page shows."""
    shown: list[str] = []
    expected: list[str] = []
    for line in block.lines:
        if shown and not expected and shown[-1].endswith("\\"):
            shown.append(line)
        elif line.startswith("$ "):
            if shown:
                yield Step(_command(shown), tuple(shown), tuple(expected))
            shown, expected = [line], []
        elif shown:
            expected.append(line)
    if shown:
        yield Step(_command(shown), tuple(shown), tuple(expected))


def _command(shown: list[str]) -> str:
    return "\n".join(shown).removeprefix("$ ")


def is_transcript(block: Block) -> bool:
    """Tell whether a block shows commands that are typed."""
    return block.kind == "console" and any(line.startswith("$ ") for line in block.lines)


def environment(home: Path) -> dict[str, str]:
    """Return what a command sees: this Python's commands, nothing of the user's, no network."""
    return {
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), "/usr/bin", "/bin")),
        "HOME": str(home),
        "COLUMNS": "100",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONDONTWRITEBYTECODE": "1",
        "http_proxy": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
    }


def prepare(folder: Path) -> Path:
    """Lay out the folder that a page starts from: the examples and the small files of the docs."""
    here = folder / "page"
    (folder / "home").mkdir()
    here.mkdir()
    shutil.copytree(ROOT / "examples", here / "examples")
    for file in (ROOT / "docs").rglob("*"):
        if file.suffix in (".csv", ".toml"):
            target = here / file.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    return here


def run(step: Step, folder: Path) -> tuple[str, ...]:
    """Run a command as a reader would and return the lines that a terminal shows."""
    done = subprocess.run(
        ["bash", "-c", step.command],
        cwd=folder,
        env=environment(folder.parent / "home"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=SECONDS,
        check=False,
    )
    lines = [line.rstrip() for line in done.stdout.decode().splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    if done.returncode:
        lines.append(f"exit status: {done.returncode}")
    return tuple(lines)


def agrees(expected: tuple[str, ...], got: tuple[str, ...]) -> bool:
    """Tell whether the output is the expected one; ``...`` stands for what is left out.

    Examples
    --------
    >>> agrees(("one", "...", "four"), ("one", "two", "three", "four"))
    True
    >>> agrees(("took ... s",), ("took 3 s",))
    True
    >>> agrees(("one",), ("one", "two"))
    False
    """
    told = [line.rstrip() for line in expected]
    while told and not told[-1]:
        told.pop()
    pattern = "".join(
        r"(?:[^\n]*\n)*?"
        if line == "..."
        else "[^\n]*".join(re.escape(part) for part in line.split("...")) + "\n"
        for line in told
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in got)) is not None


def _has(got: tuple[str, ...], line: str) -> bool:
    return any(agrees((line,), (one,)) for one in got)


@dataclass(slots=True)
class Reading:
    """A page read from top to bottom in a folder, as by somebody who does all it says."""

    page: Path
    folder: Path
    names: dict[str, object] = field(default_factory=dict)

    def play(self, block: Block) -> Iterator[str]:
        """Do what a block says; yield what came out differently."""
        place = f"{self.page.relative_to(ROOT)}, line {block.start + 1}"
        if block.order:
            target = self.folder / block.name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("a" if block.order == "append" else "w", encoding="utf-8") as file:
                file.write(block.text)
        elif is_transcript(block):
            for step in steps(block):
                if step.is_run:
                    got = run(step, self.folder)
                    if not agrees(step.expected, got):
                        yield f"{place}: $ {step.command}\n{_difference(step.expected, got)}"
        elif block.kind in ("python", "pycon"):
            yield from self._python(block, place)

    def _python(self, block: Block, place: str) -> Iterator[str]:
        if not any(line.startswith(">>>") for line in block.lines):
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(block.text, place, "exec"), self.names)
            return
        told = io.StringIO()
        test = doctest.DocTestParser().get_doctest(
            block.text, self.names, place, str(self.page), block.start
        )
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS, verbose=False)
        runner.run(test, out=told.write, clear_globs=False)
        self.names.update(test.globs)
        if runner.failures:
            yield told.getvalue()


def _difference(expected: tuple[str, ...], got: tuple[str, ...]) -> str:
    if "..." in expected:
        # What is left out would drown the difference: only name what the page shows in vain.
        lost = [line for line in expected if line != "..." and not _has(got, line)]
        near = difflib.get_close_matches(lost[0], got, n=1) if lost else []
        shown = lost or ["(the lines stand there in another order, or more stand between them)"]
        return "\n".join(
            (
                "--- only on the page",
                *(f"-{line}" for line in shown),
                *(f"+{line}" for line in near),
            )
        )
    return "\n".join(
        difflib.unified_diff(expected, got, "the page", "the command", lineterm="", n=1)
    )


def rewritten(page: Path, folder: Path, *, force: bool = False) -> str:
    """Return a page with what its commands really print."""
    text = page.read_text(encoding="utf-8")
    lines: list[str | None] = list(text.splitlines())
    reading = Reading(page, folder)
    put: dict[int, list[str]] = {}
    for block in blocks(text):
        if not is_transcript(block):
            for difference in reading.play(block):
                print(difference, file=sys.stderr)
            continue
        made: list[str] = []
        for step in steps(block):
            got = run(step, folder) if step.is_run else step.expected
            if step.elides and not force:
                got = step.expected
            while got and not got[-1]:
                got = got[:-1]
            made += [*step.shown, *got, *([""] if got else [])]
        for k in range(block.start, block.start + len(block.lines)):
            lines[k] = None
        put[block.start] = made if made[-1] else made[:-1]
    told: list[str] = []
    for k, line in enumerate(lines):
        told += put.get(k, [])
        if line is not None:
            told.append(line)
    return "".join(f"{line}\n" for line in told)


def main() -> None:
    """Write the outputs of pages anew."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.transcripts")
    parser.add_argument("--write", nargs="+", metavar="PAGE", required=True)
    parser.add_argument("--force", action="store_true", help="also blocks with ...")
    given = parser.parse_args()
    for name in given.write:
        page = Path(name).resolve()
        with tempfile.TemporaryDirectory() as folder:
            here = prepare(Path(folder))
            os.environ.update(environment(here.parent / "home"))
            with contextlib.chdir(here):
                text = rewritten(page, here, force=given.force)
        page.write_text(text, encoding="utf-8")
        print(f"written: {page.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
