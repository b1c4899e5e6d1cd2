"""The room without script, by keyboard alone, on a phone, and as axe reads every page of it."""

from __future__ import annotations

import http.client
import re
import socket
import subprocess
from html import unescape

import pytest
from playwright.sync_api import expect

from tests.bench.room import Browser as Plain
from tests.e2e.room_desks import (
    CHARTER,
    COMITY,
    PATIENCE,
    Desk,
    broken_rules,
    chromium,
    focused,
    served,
)

CONTRAST = ("color-contrast", "color-contrast-enhanced", "link-in-text-block")
"""What another choice of colours can change."""
DOWNLOADS = re.compile(r"\.(docx|md|svg|json|toml|html)$|/(certificate|delivery|file)$|^/static/")
NAMED = ("cases", "members", "organs")
"""Where an address ends in a name: one page of each shape is enough."""
ANSWERS = ("/examine/power?organ=council", "/examine/cornerstones?pairs=")
SHAPES = {
    *("/", "/cases", "/texts", "/proposals", "/pledges", "/talk", "/organs", "/examine", "/record"),
    *("/alerts/ID", "/cases/*", "/texts/ID", "/texts/ID/paragraphs/*", "/proposals/ID"),
    *("/proposals/ID/answer", "/proposals/new", "/talk/ID", "/act/ID", "/members/*", "/verify"),
}
"""What the walk through the room must have come upon, or it looked at too little."""


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    with served(tmp_path_factory.mktemp("room") / "data") as opened:
        yield opened


@pytest.fixture(scope="module")
def links(room):
    return iter(room.links(8))


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


class Plainly:
    """A desk by plain HTTP: what was done before the browser comes in."""

    def __init__(self, link: str) -> None:
        self.http = Plain(link)
        path = "/" + link.split("/", 3)[3]
        assert self.http.post(path, path, {}) == 302

    def sit(self, member: str) -> None:
        sitting = {"member": member, "office": "whole desk"}
        assert self.http.post("/", "/desk", sitting) == 302

    def post(self, at: str, to: str, **fields: str) -> None:
        assert self.http.post(at, to, fields) == 302, to

    def first(self, at: str, pattern: str) -> str:
        found = re.search(pattern, self.http.page(at))
        assert found, f"{pattern} is not on {at}"
        return unescape(found[1])


@pytest.fixture(scope="module")
def pages(links) -> list[str]:
    """Fill the room with something of everything; return a page of each shape."""
    desk = Plainly(next(links))
    fields = {"severity": "minor", "organ": "council", "case": "snow"}
    desk.post("/", "/alert", title="Snow", text="It snows.", **fields)
    words = "Closed in snow.\n\nOpen in spring."
    desk.post(
        "/texts", "/texts/open", title="The pass", paragraphs=words, organ="council", case="snow"
    )
    text = desk.first("/texts", r'href="(/texts/[0-9a-f]{64})"')
    paragraph = desk.first(text, r'href="/texts/[0-9a-f]+/paragraphs/([^"]+)"')
    thread = desk.first("/talk", r'href="(/talk/[^"]+)">Council')
    once = desk.first(thread, r'name="once" value="([^"]+)"')
    desk.post(thread, thread, text="@Brill do you see it?", once=once)
    for procedure in ("vote", "silence"):
        desk.post(
            "/proposals",
            "/proposals/new",
            step="sign",
            organ="council",
            effect="adopt",
            title=f"By {procedure}",
            paragraphs=words,
            rule="consensus",
            procedure=procedure,
            case="snow",
        )
    desk.sit("Brill")
    desk.post(
        text,
        f"{text}/edit",
        deed="bracket",
        paragraph=paragraph,
        words="in snow",
        instead="in ice",
    )
    return [*_walk(desk), *ANSWERS]


def _walk(desk: Plainly) -> list[str]:
    """Follow every link, and every form that only asks, to one page of each shape."""
    found: dict[str, str] = {}
    ahead = ["/"]
    while ahead:
        here = ahead.pop(0)
        path = here.partition("?")[0].partition("#")[0]
        shape = re.sub(r"/[0-9a-f]{64}", "/ID", path)
        shape = re.sub(rf"^/({'|'.join(NAMED)})/[^/]+", r"/\1/*", shape)
        shape = re.sub(r"/paragraphs/.*", "/paragraphs/*", shape)
        shape = re.sub(r"^/talk/[^_/][^/]*", "/talk/ID", shape)
        if shape in found or DOWNLOADS.search(path) or path.startswith(("/examine/", "/api")):
            continue
        found[shape] = here
        page = desk.http.page(here)
        ahead += [unescape(to) for to in re.findall(r'<a [^>]*?href="(/[^"]*)"', page)]
        for to, inside in re.findall(
            r'<form method="get" action="([^"]+)"(.*?)</form>', page, re.S
        ):
            fields = re.findall(r'name="([^"]+)" value="([^"]*)"', inside)
            fields += re.findall(r'<select name="([^"]+)">.*?value="([^"]*)"', inside, re.S)
            ahead.append(unescape(f"{to}?{'&'.join(f'{k}={v}' for k, v in fields)}"))
    assert not SHAPES - found.keys()
    return list(found.values())


def test_no_page_breaks_a_rule_of_axe_or_scrolls_sideways_on_a_phone(browser, room, links, pages):
    # What changes is marked for a second; colours on their way from light to dark are no page.
    desk = Desk(browser, room, next(links), "Dorn", reduced_motion="reduce")
    wrong = []
    for path in pages:
        desk.page.emulate_media(color_scheme="light")
        desk.page.set_viewport_size({"width": 1280, "height": 800})
        desk.page.goto(path)
        desk.keep(f"page-{re.sub('[^a-z]+', '-', path)[:30]}", "wall", "phone")
        desk.page.evaluate(UNFOLD)
        wrong += [(path, "light", *rule) for rule in broken_rules(desk.page)]
        desk.page.emulate_media(color_scheme="dark")
        wrong += [(path, "dark", *rule) for rule in broken_rules(desk.page, *CONTRAST)]
        desk.page.set_viewport_size({"width": 360, "height": 740})
        width = desk.page.evaluate("document.documentElement.scrollWidth")
        wrong += [(path, "phone", f"{width} pixels wide")] if width > 360 else []
    assert wrong == []
    assert desk.faults == []


def test_the_door_and_what_is_not_there_break_no_rule_of_axe(browser, room, links):
    page = browser.new_context(base_url=room.address).new_page()
    for path, status in (("/enter", 401), ("/enter/used", 401), ("/", 401)):
        answer = page.goto(path)
        assert answer.status == status, path
        assert broken_rules(page) == []
    page.goto(next(links))
    assert broken_rules(page) == []
    page.get_by_role("button").first.click()
    assert page.goto("/proposals/ffff").status == 404
    assert broken_rules(page) == []
    page.context.close()


def test_without_script_an_alert_leads_to_a_certificate(browser, room, links, tmp_path):
    arden = Desk(browser, room, next(links), "Arden", java_script_enabled=False)
    brill = Desk(browser, room, next(links), "Brill", java_script_enabled=False)
    arden.press("Raise an alert", "aside")
    arden.fill(title="Ice", text="The pass is ice.", severity="severe", organ="council", case="ice")
    arden.press("Raise the alert", "aside")
    brill.go("/")
    alert = brill.page.locator(".waiting > li", has_text="Ice").first
    alert.get_by_role("button", name="Confirm that you have it").click()
    arden.go("/cases/ice")
    arden.sees("1 has it")
    arden.press("Open a text of this case", "aside")
    arden.fill(title="Ice", paragraphs="Closed in ice.\n\nUntil spring.", organ="council")
    arden.press("Open the text", "aside form")
    arden.press("Propose this text", "aside")
    arden.press("Look at what it pins", "main")
    arden.press("Put it to decision", "main")
    url = arden.page.url
    brill.go(url)
    brill.press("Agree aloud", "#beside")
    brill.press("Agree aloud", "main")
    brill.sees("Open", ".stands")
    for _ in range(60):
        brill.go(url)
        if "Adopted" in brill.page.locator(".stands").inner_text():
            break
        brill.page.wait_for_timeout(500)
    with brill.page.expect_download() as taken:
        brill.press("Take the certificate", "main")
    brill.go("/verify")
    prove(taken.value, brill.page.input_value("[name=fingerprint]"), tmp_path)


def prove(download, founding, folder):
    file = folder / "certificate.json"
    download.save_as(file)
    shown = subprocess.run(
        [COMITY, "verify", "--founding", founding, str(file)], capture_output=True, check=False
    )
    assert shown.returncode == 0, shown.stderr


UNFOLD = """() => {
  for (const one of document.querySelectorAll('main details, aside details')) one.open = true;
}"""


# By keyboard alone.

RING = """element => {
  const style = getComputedStyle(element);
  return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
}"""


class Keys:
    """Somebody who has a keyboard and nothing else."""

    def __init__(self, page) -> None:
        self.page = page

    def tab_to(self, role: str, name: str, within: str = "body") -> None:
        """Press Tab until something has the focus; whatever has it on the way shows it."""
        place = self.page.locator(within)
        wanted = place.get_by_role(role, name=name, exact=True)
        if role == "summary":
            wanted = place.locator("summary", has_text=name)
        for _ in range(150):
            self.page.keyboard.press("Tab")
            now = focused(self.page)
            if now.count() == 0:
                continue  # between the end of the page and its beginning
            assert now.evaluate(RING), now.evaluate("element => element.outerHTML")
            if wanted.and_(now).count():
                return
        raise AssertionError(f"Tab does not come to {name}")

    def press(self, role: str, name: str, within: str = "body", key: str = "Enter") -> None:
        self.tab_to(role, name, within)
        self.page.keyboard.press(key)

    def write(self, label: str, words: str, within: str = "main") -> None:
        self.tab_to("textbox", label, within)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(words)

    def choose(self, label: str, words: str, within: str = "body") -> None:
        self.tab_to("combobox", label, within)
        self.page.keyboard.type(words)

    def go(self, letters: str, heading: str) -> None:
        for letter in letters:
            self.page.keyboard.press("g")
            self.page.keyboard.press(letter)
            self.page.wait_for_load_state()
        self.heading(heading)

    def heading(self, words: str) -> None:
        expect(self.page.locator("h1")).to_have_text(words, timeout=PATIENCE)

    def sit(self, member: str) -> None:
        self.choose("Desk", member, ".switch")
        self.press("button", "Sit there")
        expect(self.page.locator(".me")).to_contain_text(member, timeout=PATIENCE)


def test_by_keyboard_alone_an_alert_leads_to_a_certificate(browser, room, links, tmp_path):
    page = browser.new_context(base_url=room.address).new_page()
    page.set_default_timeout(PATIENCE)
    keys = Keys(page)
    page.goto(next(links))
    keys.press("button", "Enter the room")
    keys.heading("Now")
    page.keyboard.press("Tab")
    assert focused(page).inner_text() == "Skip to the page"
    page.keyboard.press("Enter")
    assert focused(page).get_attribute("id") == "main"
    keys.sit("Corve")
    keys.press("summary", "Raise an alert", "aside", key="Space")
    keys.write("Title", "Wind", "aside")
    keys.write("What happened", "A tree lies on the road.", "aside")
    keys.choose("Severity", "moderate", "aside")
    keys.choose("To", "Council", "aside")
    keys.press("button", "Raise the alert")
    keys.sit("Brill")
    for _ in range(9):  # down the list with j, and back once with k
        page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    while focused(page).inner_text() != "Wind":
        page.keyboard.press("k")
    assert focused(page).evaluate(RING)
    with page.expect_navigation():  # the stream may empty the list before the new page is there
        keys.press(
            "button", "Confirm that you have it", ".waiting > li:has-text('Wind')", key="Space"
        )
    expect(page.locator(".waiting > li", has_text="Wind")).to_have_count(0)

    keys.go("c", "Cases")
    keys.press("link", "Wind")
    expect(page.locator("main")).to_contain_text("1 has it", timeout=PATIENCE)
    keys.go("t", "Texts")
    keys.go("t", "Talk")
    keys.go("t", "Texts")
    keys.press("summary", "Open a text", "aside")
    keys.write("Title", "The tree", "aside")
    keys.write("Paragraphs, a blank line between them", "It is cut.", "aside")
    keys.choose("In", "Council", "aside")
    keys.press("button", "Open the text")
    keys.heading("The tree")
    keys.press("link", "Propose this text")
    keys.press("button", "Look at what it pins")
    keys.press("button", "Put it to decision")
    keys.heading("The tree")
    keys.press("button", "Abstain")
    keys.heading("Abstain: The tree")
    keys.press("link", "Back, sign nothing")
    keys.heading("The tree")
    keys.press("button", "Agree aloud")  # Where nobody speaks, nodes wait to hear of each other.
    keys.heading("Agree aloud: The tree")
    keys.press("button", "Agree aloud")
    keys.heading("The tree")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    expect(page.locator(".stands")).to_contain_text("Adopted", timeout=PATIENCE)
    with page.expect_download() as taken:
        keys.press("link", "Take the certificate")
    keys.press("link", "Verify a certificate")
    prove(taken.value, page.input_value("[name=fingerprint]"), tmp_path)
    keys.go("p", "Proposals")
    keys.go("p", "Pledges")
    keys.go("r", "Record")
    keys.go("n", "Now")
    page.context.close()


# Behind a proxy.


def test_behind_a_proxy_the_room_has_one_name_and_its_cookies_travel_over_tls_alone(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    options = ("--port", port, "--behind", "room.example.org")
    with served(tmp_path / "data", CHARTER, *options) as opened:
        assert opened.address == "https://room.example.org"
        path = opened.links(1)[0].removeprefix(opened.address)

        def ask(host, scheme):
            link = http.client.HTTPConnection("127.0.0.1", int(port), timeout=20)
            link.request("GET", path, headers={"Host": host, "X-Forwarded-Proto": scheme})
            answer = link.getresponse()
            answer.read()
            link.close()
            return answer

        assert ask("elsewhere.example", "https").status == 400
        sent = ask("room.example.org", "http")
        assert sent.status == 301
        assert sent.getheader("Location").startswith("https://room.example.org/enter/")
        found = ask("room.example.org", "https")
        assert found.status == 200
        assert "max-age=31536000" in found.getheader("Strict-Transport-Security")
        assert "Secure" in found.getheader("Set-Cookie")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        pytest.param(("--behind", "room.example.org"), "port", id="a proxy needs a fixed port"),
        pytest.param(("--port", "8750", "--behind", "https://a/"), "name", id="not an address"),
    ],
)
def test_what_a_proxy_could_not_use_is_refused_before_anything_is_founded(tmp_path, options, why):
    said = subprocess.run(
        [COMITY, "up", str(CHARTER), "--data", str(tmp_path / "data"), *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 1
    assert why in said.stderr
    assert not (tmp_path / "data").exists()
