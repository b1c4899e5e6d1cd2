"""Four desks in four browsers: from an alert to a certificate that a stranger checks.

The charter is the Larch League's with silences of fourteen seconds, so that time
itself runs out here; everything else is as `comity up` serves it.
"""

from __future__ import annotations

import subprocess

import pytest

from tests.e2e.room_desks import COMITY, Desk, chromium, served

FOUR = ("Arden", "Brill", "Corve", "Dorn")
FOG = (
    "Any two members may close the pass in fog.\n\n"
    "Whoever closes it tells the others within an hour."
)


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    with served(tmp_path_factory.mktemp("room") / "data") as opened:
        yield opened


@pytest.fixture(scope="module")
def desks(room):
    with chromium() as browser:
        links = room.links(len(FOUR))
        yield {
            member: Desk(browser, room, link, member)
            for member, link in zip(FOUR, links, strict=True)
        }


def propose(desk, **fields):
    """Put a text to decision in the council; the desk is left on its page."""
    desk.go("/proposals/new?organ=council")
    desk.fill(**fields)
    desk.press("Look at what it pins", "main")
    desk.press("Put it to decision", "main")
    desk.sees("asks Council")
    return desk.page.url


def answer(desk, url, label):
    """Answer a proposal: choose, read the consequence, confirm."""
    desk.go(url)
    desk.press(label, "#beside")
    desk.sees(f"Signed for {desk.member}")
    desk.press(label, "main")
    desk.page.wait_for_url(url)


def test_from_an_alert_to_a_certificate_that_a_stranger_checks(desks, room, tmp_path):
    arden, brill, corve, dorn = desks.values()
    raise_the_alert(desks)
    talk_about_it(arden, brill)
    text = write_the_text(arden, corve)

    # Put to silence, and put anew in other words: the clock starts again.
    arden.go(text)
    arden.press("Propose this text", "aside")
    arden.fill(title="Closing the pass in fog")
    arden.press("Look at what it pins", "main")
    arden.sees("Silence is consent of those who have had it")
    arden.keep("look")
    arden.press("Put it to decision", "main")
    arden.sees("If nobody says anything more, it ends adopted.")
    first = arden.page.url
    for desk in (brill, dorn):
        desk.go(first)
    arden.press("Propose anew with other words", "#beside")
    arden.fill(paragraphs=FOG.replace("an hour", "half an hour"))
    arden.press("Look at what it pins", "main")
    arden.press("Put it to decision", "main")
    arden.sees("If nobody says anything more, it ends adopted.")
    second = arden.page.url
    assert second != first
    brill.sees("The proposer has withdrawn it")

    # One says that it agrees; nobody objects; the others' pages say so by themselves.
    for desk in (corve, dorn):
        desk.go(second)
        desk.sees("within half an hour")
    dorn.keep("proposal-open", dark=True)
    answer(brill, second, "Agree aloud")
    corve.sees("1 in favour", "#beside")
    for desk in (corve, dorn, arden):
        desk.sees("Adopted Nothing that arrives later can change it.", ".stands")
    dorn.keep("proposal-adopted", dark=True)
    brill.go(first)
    brill.sees("Withdrawn", ".stands")

    # The certificate leaves the room, and proves it without the room.
    with dorn.page.expect_download() as taken:
        dorn.press("Take the certificate", "main")
    file = tmp_path / "elsewhere" / "certificate.json"
    taken.value.save_as(file)
    dorn.go("/verify")
    founding = dorn.page.input_value("[name=fingerprint]")
    shown = subprocess.run(
        [COMITY, "verify", "--founding", founding, file.name],
        cwd=file.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    assert "Closing the pass in fog" in shown.stdout
    assert "adopted" in shown.stdout
    dorn.page.set_input_files("[name=certificate]", file)
    dorn.press("Verify it", "main")
    dorn.sees("Proven: “Closing the pass in fog” ended adopted")
    dorn.keep("verify")
    assert [fault for desk in desks.values() for fault in desk.faults] == []


def raise_the_alert(desks):
    arden, brill, corve, dorn = desks.values()
    for desk in desks.values():
        desk.go("/")
    arden.press("Raise an alert", "aside")
    arden.fill(
        title="Fog on the pass",
        text="Two buses have met on the pass. Eleven are hurt.",
        severity="severe",
        organ="council",
        case="Fog",
    )
    arden.press("Raise the alert", "aside")
    for desk in (brill, corve, dorn):  # Their pages were open: nobody loaded them again.
        desk.sees("Fog on the pass")
    brill.keep("now", dark=True)
    arden.go("/cases")
    arden.press("Fog on the pass", "main")
    for desk in (brill, corve, dorn):
        desk.press("Confirm that you have it", "main")
        desk.at("main").not_to_contain_text("Confirm that you have it")
    arden.sees("3 have it")
    arden.keep("case-alert", dark=True)


def talk_about_it(arden, brill):
    for desk in (arden, brill):
        desk.go("/talk")
        desk.press("Council", ".threads")
    brill.fill(text="@Arden which of the two lanes is open?")
    brill.press("Say it", "#say")
    arden.sees("which of the two lanes is open?")
    arden.fill(text="The upper one, until dark.")
    arden.press("Say it", "#say")
    brill.sees("The upper one, until dark.")
    brill.sees("gone on")
    brill.keep("talk", dark=True)


def write_the_text(arden, corve):
    """Open a text, dispute its words, settle the dispute: the text is clean."""
    arden.go("/cases/fog")
    arden.press("Open a text of this case", "aside")
    arden.fill(title="Closing the pass", paragraphs=FOG, organ="council")
    arden.press("Open the text", "aside form")
    arden.sees("Whoever closes it tells the others")
    url = arden.page.url.partition("#")[0]
    corve.go(url)
    corve.press("Work on paragraph 1", "main")
    corve.fill(words="Any two members", instead="Any member")
    corve.press("Open the bracket", "main")
    corve.sees("wants other words")
    arden.sees("wants other words")
    arden.sees("Any member")
    corve.keep("text-bracket", dark=True)
    corve.keep("text-bracket")
    arden.press("Work on paragraph 1", "main")
    offer = arden.page.locator("section", has_text="Offer words for the bracket of Corve")
    offer.locator("[name=words]").fill("Any two neighbours of the pass")
    arden.press("Offer these words", "main")
    corve.sees("Arden offers")
    corve.press("Resolve your bracket", "main")
    corve.page.get_by_label("Any two neighbours of the pass").check()
    corve.keep("paragraph")
    corve.press("Resolve the bracket", "main")
    corve.sees("Any two neighbours of the pass may close")
    arden.go(url)
    arden.sees("The text is clean", "aside")
    return url


def test_an_objection_breaks_the_silence_before_all_eyes(desks):
    arden, brill, corve, dorn = desks.values()
    url = propose(brill, title="The pass stays open in snow", paragraphs="It is never closed.")
    for desk in (arden, dorn):
        desk.go(url)
    corve.go(url)
    corve.press("Object", "#beside")
    corve.sees("This breaks the silence: it cannot be adopted, whatever the others say.")
    corve.keep("answer-object", dark=True)
    corve.press("Say something beside it", "main")
    corve.page.locator("[name=note1]").fill("Ice is worse than fog.")
    corve.press("Object", "main")
    for desk in (arden, dorn):
        desk.sees("1 objects", "#beside")
        desk.sees("Ice is worse than fog.")
    for desk in (arden, brill, corve, dorn):
        desk.sees("Broken The silence did not hold, and nothing is decided.", ".stands")
    arden.keep("proposal-broken")
    assert [fault for desk in desks.values() for fault in desk.faults] == []


def test_what_failed_for_all_binds_the_willing_who_join_it(desks):
    arden, brill, corve, dorn = desks.values()
    broken = propose(arden, title="One radio for all", paragraphs="All use channel nine.")
    answer(dorn, broken, "Object")
    arden.sees("Broken", ".stands")
    arden.go(broken)
    arden.press("Open the text to whoever joins it", "#beside")
    arden.fill(title="One radio for those who want it", rule="willing", procedure="signature")
    arden.sees("a text that binds whoever joins it")
    arden.press("Look at what it pins", "main")
    arden.press("Put it to decision", "main")
    arden.sees("Open to signature")
    url = arden.page.url
    brill.go(url)
    answer(arden, url, "Sign it")
    brill.sees("1 in favour", "#beside")
    answer(corve, url, "Sign it")
    brill.sees("Adopted", ".stands")
    brill.sees("Others can still sign.", ".stands")
    dorn.go(url)
    dorn.sees("Sign it", "#beside")
    dorn.keep("opt-in", dark=True)
    assert [fault for desk in desks.values() for fault in desk.faults] == []
