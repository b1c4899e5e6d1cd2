"""Follow the tutorial of the room in a browser, and draw its picture.

    python -m tests.e2e.room_pictures docs/images

Every step of docs/tutorial/from-shock-to-common-position.md is taken, by the
words on its buttons, with the charter that `make run` opens.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.e2e.room_desks import Desk, chromium, served

WORDS = """We stand in full solidarity with the members concerned.

Tariffs among allies weaken all of us.

Our ministers of trade meet within three days."""


def follow(desk: Desk, folder: Path) -> None:
    desk.sees("Nothing waits for you.")

    desk.press("Raise an alert", "aside")
    desk.fill(
        title="Tariffs announced against eight members",
        text="Ten per cent from 1 February. Who has seen the order itself?",
        severity="severe",
        organ="coalition",
        case="Tariffs",
    )
    desk.press("Raise the alert", "aside")
    for member in ("FRA", "GBR", "UKR"):
        desk.sit(member)
        desk.sees("Tariffs announced against eight members")
        desk.press("Confirm that you have it", "main")
    desk.sit("DNK")
    desk.go("/cases")
    desk.press("Tariffs announced against eight members", "main")
    desk.sees("3 have it, 35 not yet")

    desk.sit("POL")
    desk.press("Talk", ".rail")
    desk.press("Leaders", ".threads")
    desk.fill(text="@DNK are services meant too, or goods alone?")
    desk.press("Say it", "#say")
    desk.sit("DNK")
    desk.press("You are called in Leaders", "main")
    desk.fill(text="Goods alone, by what we have read.")
    desk.press("Say it", "#say")

    desk.go("/cases/tariffs")
    desk.press("Open a text of this case", "aside")
    desk.fill(title="On the tariffs", paragraphs=WORDS, organ="leaders")
    desk.press("Open the text", "aside form")
    text = desk.page.url.partition("#")[0]
    desk.sit("POL")
    desk.go(text)
    desk.press("Work on paragraph 3", "main")
    desk.fill(words="within three days", instead="tomorrow")
    desk.press("Open the bracket", "main")
    desk.sees("wants other words")
    desk.press("Resolve your bracket", "main")
    desk.page.get_by_label("tomorrow").check()
    desk.press("Resolve the bracket", "main")
    desk.sees("meet tomorrow")

    desk.sit("DNK")
    desk.go(text)
    desk.press("Propose this text", "aside")
    desk.fill(procedure="silence")
    desk.press("Look at what it pins", "main")
    desk.sees("Silence is consent of those who have had it for 12 h when it ends.")
    desk.press("Put it to decision", "main")
    desk.sees("If nobody says anything more, it ends adopted.")
    silence = desk.page.url
    desk.sit("CZE")
    desk.go(silence)
    desk.press("Say that you await instructions", "#beside")
    desk.press("Say that you await instructions", "main")
    desk.sit("FRA")
    desk.go(silence)
    desk.press("Agree aloud", "#beside")
    desk.press("Agree aloud", "main")
    desk.sit("NOR")
    desk.go(silence)
    desk.press("Object", "#beside")
    desk.sees("This breaks the silence")
    desk.press("Back, sign nothing", "main")
    desk.page.screenshot(path=folder / "the-room.png")

    desk.sit("DNK")
    desk.go(text)
    desk.press("Proposals", ".rail")
    desk.fill(organ="leaders", effect="opt in")
    desk.press("Write the proposal", "aside")
    desk.fill(
        title="On the tariffs: what three say today",
        paragraphs=WORDS.replace("within three days", "tomorrow"),
        rule="trilateral",
        procedure="signature",
    )
    desk.press("Look at what it pins", "main")
    desk.press("Put it to decision", "main")
    signed = desk.page.url
    for member in ("FRA", "GBR", "UKR"):
        desk.sit(member)
        desk.go(signed)
        desk.press("Sign it", "#beside")
        desk.press("Sign it", "main")
    desk.sees("Adopted", ".stands")
    with desk.page.expect_download() as taken:
        desk.press("Take the certificate", "main")
    file = folder / "certificate.json"
    taken.value.save_as(file)
    desk.press("Verify a certificate", "footer")
    desk.page.set_input_files("[name=certificate]", file)
    desk.press("Verify it", "main")
    desk.sees("Proven: “On the tariffs: what three say today” ended adopted")
    file.unlink()


def main(folder: Path) -> None:
    with (
        tempfile.TemporaryDirectory() as place,
        chromium() as browser,
        served(Path(place) / "data", "coalition-of-the-willing") as room,
    ):
        desk = Desk(browser, room, room.links(1)[0], "DNK")
        follow(desk, folder)
        assert not desk.faults, desk.faults


if __name__ == "__main__":
    main(Path(sys.argv[1]))
