"""What the report draws, opened in headless Chromium: nothing overlaps, nothing is fetched."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from comity import charters
from comity.evidence import load
from comity.exercise.after_action import after_action
from comity.report import html, svg
from comity.report.brief import brief
from comity.report.page import page as brief_page
from tests.unit.exercise.played import harbour
from tests.unit.report.cast import wide

SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium")
    assert chromium, "Chromium is missing; run: sh tools/chromium"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> dict[str, Path]:
    """Pages of every kind, as files."""
    room = tmp_path_factory.mktemp("pages")
    coalition = charters.load("coalition-of-the-willing")
    members = [m.iso for m in coalition.members.values()]
    made = brief(coalition.name, members, evidence=load(), without=["GBR"], charter=coalition)
    then = brief(
        coalition.name,
        members,
        evidence=load(),
        without=["GBR", "FRA"],
        charter=coalition,
        known_on=date(2026, 1, 20),
    )
    pages = {
        "finding": html(
            [wide("bar", group=True), replace(wide("interval"), question="How surely?")],
            "What the members have",
        ),
        "map": html(
            [wide("map"), replace(wide("strip"), question="Who has answered?")],
            "Where the members are",
            marking="exercise",
        ),
        "brief": brief_page(made),
        "brief of a day": brief_page(then),
        "after-action": after_action(harbour()).html(),
    }
    for name, content in pages.items():
        (room / f"{name}.html").write_text(content, encoding="utf-8")
    return {name: room / f"{name}.html" for name in pages}


OVERLAPS = """() => {
  const shown = [...document.querySelectorAll('svg text')].filter(
    t => t.textContent.trim() && getComputedStyle(t).display !== 'none');
  const boxes = shown.map(t => {
    t.getBBox();
    const b = t.getBoundingClientRect();
    // Letters do not fill their line: a tenth off above and beneath.
    return {words: t.textContent, x: b.x, y: b.y + b.height * 0.1,
            r: b.right, b: b.bottom - b.height * 0.1};
  });
  const found = [];
  for (let i = 0; i < boxes.length; i++)
    for (let j = i + 1; j < boxes.length; j++) {
      const p = boxes[i], q = boxes[j];
      if (p.x < q.r && q.x < p.r && p.y < q.b && q.y < p.b) found.push([p.words, q.words]);
    }
  const frame = document.querySelector('svg').getBoundingClientRect();
  const out = boxes.filter(p => p.x < frame.x - 1 || p.r > frame.right + 1 ||
                                p.y < frame.y - 1 || p.b > frame.bottom + 1).map(p => p.words);
  return {count: boxes.length, found, out};
}"""


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        pytest.param("bar", {}, id="bars in roll order"),
        pytest.param("bar", {"sort": "size", "group": True}, id="bars by size, in two colours"),
        pytest.param("interval", {}, id="intervals"),
        pytest.param("map", {}, id="a map"),
        pytest.param("strip", {}, id="a roll strip"),
    ],
)
@pytest.mark.parametrize("font", ["as drawn", "wider"])
def test_no_text_overlaps_at_35_members(browser, kind, more, font):
    drawn = svg(wide(kind, **more))
    if font == "wider":
        # A machine without Arial falls back on something broader.
        drawn = drawn.replace("Liberation Sans, Arial, Helvetica, sans-serif", "DejaVu Sans")
    page = browser.new_page(viewport={"width": 1200, "height": 1400})
    page.set_content(f"<!DOCTYPE html><title>x</title>{drawn}")
    seen = page.evaluate(OVERLAPS)
    page.close()
    assert seen["count"] >= 35
    assert seen["found"] == []
    if font == "as drawn":
        assert seen["out"] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["finding", "map", "brief", "brief of a day", "after-action"])
def test_a_page_breaks_no_axe_rule_and_fetches_nothing(browser, written, name, scheme):
    context = browser.new_context(color_scheme=scheme, viewport={"width": 1100, "height": 900})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(written[name].as_uri(), wait_until="networkidle")
    assert asked == [written[name].as_uri()]
    assert said == []
    broken = Axe().run(page).response["violations"]
    context.close()
    assert [(rule["id"], [node["html"][:200] for node in rule["nodes"]]) for rule in broken] == []


@pytest.mark.parametrize("width", [360, 768, 1400])
@pytest.mark.parametrize("name", ["finding", "map", "brief", "after-action"])
def test_a_page_does_not_scroll_sideways(browser, written, name, width):
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(written[name].as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_a_certificate_is_saved_from_the_report_itself(browser, written):
    page = browser.new_page()
    page.goto(written["after-action"].as_uri())
    links = page.locator("a[download]")
    saved = []
    for k in range(links.count()):
        with page.expect_download() as waiting:
            links.nth(k).click()
        saved.append(Path(waiting.value.path()).read_bytes())
    page.close()
    assert saved == list(harbour().certificates.values())


def test_the_keyboard_reaches_the_answer_first(browser, written):
    page = browser.new_page()
    page.goto(written["finding"].as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the answer"
    page.close()


def test_the_brief_prints_on_two_pages_and_a_finding_on_as_many_as_it_needs(browser, written):
    counts = {}
    for name in ("brief", "brief of a day", "finding"):
        page = browser.new_page()
        page.goto(written[name].as_uri())
        printed = page.pdf(prefer_css_page_size=True)
        counts[name] = len(re.findall(rb"/Type\s*/Page\b", printed))
        assert re.search(rb"/MediaBox\s*\[0 0 59[45]", printed)
        page.close()
    assert counts["brief"] == counts["brief of a day"] == 2
    assert 2 <= counts["finding"] <= 6
