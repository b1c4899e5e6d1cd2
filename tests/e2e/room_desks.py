"""A room as people meet it: a real process, and desks in a real browser.

    python -m tests.e2e.room_desks DATA N

prints N one-time links for the room in DATA: the command that opens a room
prints one alone, and each browser that comes in needs its own.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
CHARTER = Path(__file__).with_name("quick-league.toml")
COMITY = Path(sys.executable).parent / "comity"
PICTURES = os.environ.get("COMITY_PICTURES", "")
"""A folder that pictures of the pages are kept in, where one is named."""
SIZES = {"wall": (1280, 800), "tablet": (768, 1024), "phone": (390, 844)}
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 30_000
"""How long a page may take to show what happened, in milliseconds, on a busy machine."""


@dataclass(frozen=True, slots=True)
class Room:
    """A room that is served by a process of its own."""

    address: str
    data: Path

    def links(self, count: int) -> list[str]:
        """Make one-time links."""
        said = subprocess.run(
            [sys.executable, "-m", "tests.e2e.room_desks", str(self.data), str(count)],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
        return [f"{self.address}/enter/{token}" for token in said.stdout.split()]


@contextmanager
def served(data: Path, charter: Path | str = CHARTER, *options: str) -> Iterator[Room]:
    """Open a room with the command, as people do, and stop it in the end."""
    process = subprocess.Popen(
        [str(COMITY), "up", str(charter), "--data", str(data), *(options or ("--port", "0"))],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        said = ""
        for line in process.stdout:
            said += line
            if found := re.search(r"(https?://[^/\s]+)/enter/", line):
                break
        else:
            raise AssertionError(f"the room did not open: {said}")
        rest = threading.Thread(target=process.stdout.read, daemon=True)
        rest.start()
        yield Room(found[1], data)
        process.send_signal(signal.SIGINT)
        process.wait(20)
        rest.join()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Open the browser."""
    program = shutil.which("chromium")
    assert program, "Chromium is missing; run: sh tools/chromium"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        yield opened
        opened.close()


class Desk:
    """One member's desk in a browser context of its own: it does what a person does."""

    def __init__(self, browser: Browser, room: Room, link: str, member: str, **context) -> None:
        self.context = browser.new_context(
            **{"viewport": {"width": 1280, "height": 800}, "base_url": room.address} | context
        )
        self.member = member
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.faults: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.go(link)
        self.press("Enter the room")
        self.sit(member)

    def _note(self, message) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"{self.page.url}: {message.text}")

    def sit(self, member: str) -> None:
        """Sit at a member's desk."""
        self.page.select_option("select[name=member]", member)
        self.press("Sit there")
        expect(self.page.locator(".me")).to_contain_text(member, timeout=PATIENCE)

    def go(self, path: str) -> None:
        """Go to a page."""
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"

    def press(self, name: str, within: str = "body") -> None:
        """Press a button, follow a link, or unfold something, by its words."""
        inside = self.page.locator(within)
        named = inside.get_by_role("button", name=name, exact=True)
        named = named.or_(inside.get_by_role("link", name=name, exact=True))
        named.or_(inside.locator("summary").get_by_text(name, exact=True)).first.click()

    def fill(self, **fields: str) -> None:
        """Write into the fields of the one form that has them all, or choose from them."""
        form = self.page.locator("form:visible")
        for name in fields:
            form = form.filter(has=self.page.locator(f"[name={name}]:not([type=hidden])"))
        for name, value in fields.items():
            field = form.first.locator(f"[name={name}]")
            if field.first.evaluate("field => field.tagName") == "SELECT":
                field.first.select_option(value)
            else:
                field.first.fill(value)

    def sees(self, words: str | re.Pattern[str], within: str = "main") -> None:
        """Wait until the page shows words; nobody loads it again."""
        self.at(within).to_contain_text(words, timeout=PATIENCE)

    def at(self, within: str):
        """Expect something of a part of the page."""
        return expect(self.page.locator(within).first)

    def keep(self, name: str, *sizes: str, dark: bool = False) -> None:
        """Keep a picture of the page at some sizes, where a folder for pictures is named."""
        if not PICTURES:
            return
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        before = self.page.viewport_size
        for size in sizes or tuple(SIZES):
            width, height = SIZES[size]
            self.page.set_viewport_size({"width": width, "height": height})
            for scheme in ("light", "dark") if dark else ("light",):
                self.page.emulate_media(color_scheme=scheme)
                path = Path(PICTURES) / f"{name}-{size}-{scheme}.png"
                self.page.screenshot(path=path, full_page=True)
        self.page.emulate_media(color_scheme="light")
        assert before is not None
        self.page.set_viewport_size(before)


def broken_rules(page: Page, *rules: str) -> list[tuple[str, list[str]]]:
    """Return what axe finds wrong with a page, all its rules or some."""
    options = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else None
    found = Axe().run(page, options=options).response["violations"]
    return [(rule["id"], [node["html"][:200] for node in rule["nodes"]]) for rule in found]


def focused(page: Page) -> Locator:
    """Return what has the focus."""
    return page.locator(":focus")


def _print_links(data: Path, count: int) -> None:
    from comity.web.server import LOOPBACK, prepare, sign_in_link

    prepare(data, hosts=(LOOPBACK,))
    for _ in range(count):
        print(sign_in_link("rehearser"))


if __name__ == "__main__":
    _print_links(Path(sys.argv[1]), int(sys.argv[2]))
