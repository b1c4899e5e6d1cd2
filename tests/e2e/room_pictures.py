"""Follow the tutorial of the room in a browser, and draw its picture.

    python -m tests.e2e.room_pictures docs/images

Every step of docs/tutorial/from-shock-to-common-position.md is taken, by the
words on its buttons, with the exercise that `make run` opens.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.room_desks import Desk, chromium, served
from tests.e2e.test_exercise_room import ALERT, LONG, POSITION, SCENARIO, step_until

EIGHT = "Joint statement of the eight on Greenland and tariffs"


def follow(desk: Desk, folder: Path) -> None:
    desk.go("/")
    desk.sees(ALERT)
    desk.sees("The United States announce tariffs")
    desk.page.wait_for_timeout(1_500)  # what changed is marked for a second
    desk.page.screenshot(path=folder / "the-room.png")
    desk.press("Confirm that you have it", "main")
    desk.press("Pause", ".band")
    desk.press("Cases", ".rail")

    desk.press("Exercise", ".rail")
    step_until(desk, "Open a bracket", "#script")
    desk.press("In these words", "#script")
    desk.sees("with the people of Greenland", "#script")
    desk.press("Do it as the script says", "#script")
    step_until(desk, "Resolve your bracket", "#script")
    desk.press("Do it as the script says", "#script")

    answer(desk, POSITION, "Agree aloud")
    position = desk.page.url
    step_until(desk, "Adopted", ".stands", position)
    desk.sees("Nothing that arrives later can change it", ".stands")
    answer(desk, EIGHT, "Sign it")

    desk.go(position)
    with desk.page.expect_download() as taken:
        desk.press("Take the certificate", "main")
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "certificate.json"
        taken.value.save_as(file)
        desk.press("Verify a certificate", "footer")
        desk.page.set_input_files("[name=certificate]", file)
        desk.press("Verify it", "main")
        desk.sees("Proven")

    desk.go("/exercise?all=1")
    answered = desk.page.locator(".timeline > li", has_text=POSITION).filter(has_text="why?")
    answered.first.locator("summary").click()
    answered.first.get_by_role("link", name="why?").first.click()
    desk.sees("What it rests on")
    desk.press("What is assumed of each member", "main")

    desk.go("/exercise?all=1")
    told = desk.page.locator(".timeline > li", has_text="The United States announce tariffs")
    told.get_by_role("link", name="Go back to before this").click()
    desk.press("Go back, begin a new run", "main")
    expect(desk.page.locator(".timeline")).to_be_visible(timeout=LONG)
    desk.press("What is coming (only for whoever runs the exercise)", "aside")
    change = desk.page.locator("aside li", has_text="The United States announce tariffs")
    change.get_by_role("link").click()
    desk.fill(title="Tariffs on fish alone", at="2026-01-17T17:00")
    desk.press("Change the event", "main")
    desk.press("Run on", ".band")
    desk.press("To the end", "aside")
    expect(desk.page.locator("#exercise-clock")).to_contain_text("over", timeout=LONG)
    desk.go("/exercise/report")
    desk.sees("Tariffs on fish alone")
    desk.go("/exercise/again")
    desk.press("Count it without each member", "main")
    expect(desk.page.locator("main")).to_contain_text("As of", timeout=LONG)


def answer(desk: Desk, title: str, word: str) -> None:
    step_until(desk, title, ".waiting", "/")
    desk.press(title, ".waiting")
    url = desk.page.url
    desk.press(word, "#beside")
    desk.press(word, "main")
    desk.page.wait_for_url(url)


def main(folder: Path) -> None:
    with (
        tempfile.TemporaryDirectory() as place,
        chromium() as browser,
        served(Path(place) / "data", SCENARIO) as room,
    ):
        desk = Desk(browser, room, room.links(1)[0], "DNK")
        follow(desk, folder)
        assert not desk.faults, desk.faults


if __name__ == "__main__":
    main(Path(sys.argv[1]))
