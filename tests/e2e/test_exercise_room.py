"""The week of January 2026 in a real browser: one person at Denmark's desk, players at the others.

As `comity up` serves it: from the alert to a certificate, back before it, changed, played
again, and out into an empty coalition.
"""

from __future__ import annotations

import re
import subprocess

import pytest
from playwright.sync_api import expect

from tests.e2e.room_desks import COMITY, Desk, broken_rules, chromium, served

SCENARIO = "january-2026"
ALERT = "Tariffs announced against eight of us, over Greenland"
POSITION = "Common position on the tariffs of 17 January (rehearsal)"
LONG = 90_000
"""How long founding and playing again may take on a busy machine, in milliseconds."""
ON_A_PHONE = {"width": 360, "height": 740}
PAGES = (
    *("/exercise", "/exercise/event", "/exercise/coming/*", "/exercise/back?to=2026-01-17T16:00"),
    *("/exercise/report", "/exercise/players", "/exercise/again", "/exercise/leave"),
)


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    with served(tmp_path_factory.mktemp("week") / "data", SCENARIO) as opened:
        yield opened


@pytest.fixture(scope="module")
def desk(room):
    with chromium() as browser:
        yield Desk(browser, room, room.links(1)[0], "DNK", reduced_motion="reduce")


UNFOLD = "() => { for (const one of document.querySelectorAll('details')) one.open = true; }"


def step(desk):
    """Step to what next concerns the desk, and wait until the clock stands again."""
    desk.go("/exercise")
    desk.press("Step to what next concerns this desk", "aside")
    for _ in range(600):
        if re.search("paused|over", desk.page.request.get("/exercise/clock").text()):
            break
        desk.page.wait_for_timeout(100)
    desk.go("/exercise")


def step_until(desk, words, within="main", at="/exercise"):
    """Step until a page shows something; it is left open there."""
    for _ in range(30):
        step(desk)
        desk.go(at)
        if desk.page.locator(within, has_text=words).count():
            return
    raise AssertionError(f"no step leads to: {words}")


def test_from_the_alert_to_a_certificate_again_otherwise_and_out_of_the_exercise(
    desk, room, tmp_path
):
    # Within seconds the week's alert waits; the coach says what to do.
    desk.go("/")
    desk.at(".band").to_contain_text("EXERCISE")
    desk.at(".coach").to_contain_text("Begin with the alert")
    desk.sees(ALERT)
    desk.sees("The United States announce tariffs")
    desk.keep("exercise-now", dark=True)
    alert = desk.page.locator(".waiting > li", has_text=ALERT)
    alert.get_by_role("button", name="Confirm that you have it").click()
    desk.at("#waiting").not_to_contain_text("Confirm that you have it")
    desk.press("Pause", ".band")
    desk.at(".band").to_contain_text("paused")

    # Denmark asks for other words, as the script has it, and settles for them.
    step_until(desk, "Open a bracket", "#script")
    desk.sees("stand with the Kingdom of Denmark", "#script")
    desk.keep("exercise", dark=True)
    desk.press("Do it as the script says", "#script")
    step_until(desk, "Resolve your bracket", "#script")
    desk.press("Do it as the script says", "#script")

    # The common position is put to silence; Denmark agrees aloud; it holds.
    step_until(desk, POSITION, ".waiting", "/")
    desk.press(POSITION, ".waiting")
    position = desk.page.url
    desk.press("Agree aloud", "#beside")
    desk.press("Agree aloud", "main")
    desk.page.wait_for_url(position)
    step_until(desk, "Adopted", ".stands", position)
    desk.keep("exercise-adopted")
    with desk.page.expect_download() as taken:
        desk.press("Take the certificate", "main")
    file = tmp_path / "certificate.json"
    taken.value.save_as(file)
    desk.go("/verify")
    founding = desk.page.input_value("[name=fingerprint]")
    told = subprocess.run(
        [COMITY, "verify", "--founding", founding, str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 4, told.stderr  # proven, and an exercise
    assert "EXERCISE" in told.stdout

    # Why did a player of the model do so?
    desk.go("/exercise?all=1")
    group = desk.page.locator(".timeline details").first
    group.locator("summary").click()
    group.get_by_role("link", name="why?").first.click()
    desk.sees("These are assumptions of a rehearsal, not statements of governments.")
    desk.keep("exercise-why")

    # Back before the tariffs; they come later now; played again.
    desk.go("/exercise/back?to=2026-01-17T16:29:45")
    desk.sees("A new run begins")
    desk.keep("exercise-back")
    desk.press("Go back, begin a new run", "main")
    expect(desk.page.locator(".timeline")).to_be_visible(timeout=LONG)
    desk.at(".band").to_contain_text("17 Jan 2026 16:29 UTC")
    assert desk.page.goto(position.partition(room.address)[2]).status == 404
    desk.faults = [fault for fault in desk.faults if "404" not in fault]
    desk.go("/exercise/coming/tariffs")
    desk.fill(title="Tariffs on fish alone", text="By proclamation.", at="2026-01-17T16:40")
    desk.press("Change the event", "main")
    desk.press("Run on", ".band")
    desk.page.select_option("select[name=pace]", "600")
    desk.press("Set the pace", "aside")
    desk.go("/")
    desk.sees("Tariffs on fish alone")
    desk.sees(ALERT)
    assert desk.faults == []

    no_page_breaks_a_rule_of_axe_or_scrolls_sideways(desk)
    leave_for_an_empty_coalition(desk, room)


def no_page_breaks_a_rule_of_axe_or_scrolls_sideways(desk):
    desk.go("/exercise")
    desk.press("Pause", ".band")
    coming = desk.page.locator("a[href^='/exercise/coming/']").first.get_attribute("href")
    wrong = []
    for path in PAGES:
        path = coming if path.endswith("*") else path
        desk.page.set_viewport_size({"width": 1280, "height": 800})
        desk.go(path)
        desk.keep(f"page-{re.sub('[^a-z]+', '-', path)[:30]}", dark=True)
        if path != "/exercise/players":  # one member's assumptions are marked up as another's
            desk.page.evaluate(UNFOLD)
        wrong += [(path, "light", *rule) for rule in broken_rules(desk.page)]
        desk.page.emulate_media(color_scheme="dark")
        wrong += [
            (path, "dark", *rule)
            for rule in broken_rules(desk.page, "color-contrast", "color-contrast-enhanced")
        ]
        desk.page.emulate_media(color_scheme="light")
        desk.page.set_viewport_size(ON_A_PHONE)
        width = desk.page.evaluate("document.documentElement.scrollWidth")
        wrong += [(path, "phone", f"{width} pixels wide")] if width > 360 else []
    desk.page.set_viewport_size({"width": 1280, "height": 800})
    assert wrong == []
    assert desk.faults == []


def leave_for_an_empty_coalition(desk, room):
    desk.go("/exercise/leave")
    desk.press("Leave the exercise: an empty coalition", "main")
    expect(desk.page.locator("main")).to_contain_text("Nothing waits for you", timeout=LONG)
    desk.at(".band").not_to_contain_text("EXERCISE")
    desk.sees("There has been no alert yet")
    assert (room.data / "coalition" / "nodes" / "dnk").is_dir()
    assert desk.faults == []
