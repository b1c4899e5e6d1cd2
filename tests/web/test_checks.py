"""Django's own checks for a room in the open, and pages without anything inline."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import comity.web

TEMPLATES = sorted((Path(comity.web.__file__).parent / "templates").rglob("*.html"))
DEPLOYED = """
import sys
from pathlib import Path
from comity.web.settings import settings_for, set_up
from comity.web.house import secret
data = Path(sys.argv[1])
set_up(data, secret(data, "session.secret"), hosts=("room.example",), https=True)
from django.conf import settings
assert settings.SILENCED_SYSTEM_CHECKS == []
from django.core.management import call_command
call_command("check", deploy=True, fail_level="DEBUG")
"""


def test_the_checks_for_deployment_find_nothing(tmp_path: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-c", DEPLOYED, str(tmp_path)], capture_output=True, text=True, timeout=60
    )
    assert found.returncode == 0, found.stderr
    assert "no issues (0 silenced)" in found.stdout


class Inline(HTMLParser):
    """Finds what a strict policy would not let run, and what a browser would fetch elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "style" or (tag == "script" and not told.get("src")):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name == "style" or name.startswith(("on", "hx-on")):
                self.found.append(f"{tag} {name}")
            if name in ("src", "href", "action") and re.match(
                r"\s*(javascript|vbscript|https?:)?//|\s*javascript:", value or ""
            ):
                self.found.append(f"{tag} {name}={value}")


def inline(page: str) -> list[str]:
    finder = Inline()
    finder.feed(page)
    return finder.found


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_nothing_inline(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not inline(re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "x", text))
    assert "|safe" not in text
    assert "autoescape off" not in text


def test_the_policy_of_every_page_has_no_unsafe_source_and_its_body_nothing_inline(at, house):
    from tests.web.test_matrix import READ

    arden = at("Arden")
    names = re.compile(r"\{\w+\}")
    seen = 0
    for template in (one for paths in READ.values() for one in paths):
        answer = arden.get(names.sub("council", template))
        policy = answer["Content-Security-Policy"]
        for wrong in ("unsafe", "*", "http:", "https:", "blob:"):
            assert wrong not in policy, template
        for needed in ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
            assert needed in policy, template
        assert "form-action 'self'" in policy
        assert answer["X-Content-Type-Options"] == "nosniff"
        if answer["Content-Type"].startswith("text/html"):
            seen += 1
            assert not inline(answer.content.decode()), template
        if answer.status_code != 302:
            assert "no-store" in answer["Cache-Control"], template
    assert seen > 30


def test_what_fails_once_is_logged_and_does_not_stop_the_clock(house, monkeypatch, caplog):
    beats = iter(range(3))

    def tick():
        if next(beats) == 0:
            raise ValueError("a fault of one beat")
        house._stop.set()

    monkeypatch.setattr("comity.web.house.TICK", 0.0)
    monkeypatch.setattr(house, "tick", tick)
    house._run()
    house._stop.clear()
    assert next(beats) == 2, "the beat after the fault came"
    assert [record.message for record in caplog.records] == ["clock-failed"]
