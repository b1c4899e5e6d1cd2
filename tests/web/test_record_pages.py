"""The record: what was said and found again, its proof, what is wrong, and nothing of others."""

from __future__ import annotations

import html
import json
import re

import pytest
from msgspec import structs

from comity.core.acts import Act, read_act, write_act
from comity.core.attestations import Equivocation, verify
from comity.core.bodies import Alert, Pledge, Receipt
from comity.node.effect import reason, without_effect
from comity.web.house import House


def said(house: House, member: str, organ: str, body) -> Act:
    """Say something at a node, and let all have it."""
    with house.moved():
        return house.hall.nodes[member].say(organ, body)


def alert(title: str, text: str = "At the bridge.") -> Alert:
    return Alert(title, text, "moderate")


@pytest.fixture
def watcher(house: House) -> str:
    """Who sits in the watch today."""
    return next(m for m, node in house.hall.nodes.items() if "watch" in node.organs())


@pytest.fixture(scope="session")
def forked(house: House) -> tuple[Act, Act]:
    """Two acts of Dorn in one place, as an old copy of its node would leave them."""
    dorn = house.hall.nodes["Dorn"]
    one = said(house, "Dorn", "coalition", alert("The first of two"))
    key = dorn.keys.signing(None)
    header = one.header
    other = write_act(
        dorn.succession.keyring, header, alert("The second of two"),
        salt=b"x" * 32, seed=key.seed.reveal(),
    )  # fmt: skip
    for node in house.hall.nodes.values():
        node.take([other.form()])
    return one, other


def test_what_was_said_last_stands_first(at, house):
    said(house, "Brill", "council", alert("The older one"))
    said(house, "Brill", "council", alert("The newer one"))
    page = at("Arden").get("/record?q=er+one").content.decode()
    assert page.index("The newer one") < page.index("The older one")


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param("zephyr", id="a word of the title"),
        pytest.param("ZEPHYR culvert", id="words of title and text, in capitals"),
        pytest.param("zephyr brill", id="a word and a member"),
        pytest.param("zephyr alert council", id="a word, a kind and an organ"),
    ],
)
def test_the_search_finds_by(at, house, asked):
    said(house, "Brill", "council", alert("Zephyr", "The culvert is full."))
    assert "Zephyr" in at("Arden").get("/record", {"q": asked}).content.decode()
    nothing = at("Arden").get("/record", {"q": f"{asked} nowhere"}).content.decode()
    assert "Zephyr" not in nothing.split("</form>")[-1]


def test_an_act_is_found_by_the_first_digits_of_its_id(at, house):
    act = said(house, "Brill", "council", alert("Found by its id"))
    assert "Found by its id" in at("Arden").get(f"/record?q={act.id[:10]}").content.decode()


def test_pages_go_on_where_the_one_before_ended(at, house):
    for k in range(35):
        said(house, "Corve", "coalition", alert(f"Number {k:02d} of many"))
    first = at("Arden").get("/record", {"q": "of many", "member": "Corve"}).content.decode()
    further = re.search(r'<a href="([^"]*before=[^"]*)"', first)
    second = at("Arden").get(html.unescape(further[1])).content.decode()
    numbers = re.findall(r"Number (\d\d)", first) + re.findall(r"Number (\d\d)", second)
    assert numbers == [f"{k:02d}" for k in reversed(range(35))]


def test_an_act_shows_its_proof_and_can_be_checked_from_its_file(at, house):
    act = said(house, "Brill", "council", alert("Shown with its proof"))
    client = at("Arden")
    page = client.get(f"/act/{act.id}").content.decode()
    for part in (act.key_id, act.header.commit, act.id, f"number {act.header.seq} of Brill"):
        assert part in page
    assert "The key speaks for that office, then and now." in page
    file = client.get(f"/act/{act.id}/file")
    assert file["Content-Disposition"].startswith("attachment")
    read = read_act(file.content, house.hall.nodes["Arden"].succession.keyring)
    assert read == act or (read.id, read.body) == (act.id, act.body)


def test_an_act_says_what_came_before_and_after_and_who_named_it(at, house):
    one = said(house, "Brill", "council", alert("Named by a receipt"))
    two = said(house, "Brill", "council", alert("Right after it"))
    receipt = said(house, "Corve", "council", Receipt(one.id, one.header.instant))
    page = at("Arden").get(f"/act/{one.id}").content.decode()
    assert f"/act/{two.id}" in page
    assert f"/act/{receipt.id}" in page
    assert f"/act/{one.header.prev}" in page
    assert f"/act/{one.id}" in at("Arden").get(f"/act/{two.id}").content.decode()


def test_an_act_without_effect_says_why(at, house):
    wrong = said(house, "Corve", "council", Receipt("ab" * 32, "2026-01-01T00:00:00Z"))
    told = "the alert is not at hand"
    assert told in at("Arden").get(f"/act/{wrong.id}").content.decode().lower()
    assert wrong.id[:12] in at("Arden").get("/record/faults").content.decode()


def test_the_reason_of_one_act_is_the_one_it_has_among_all(house, forked):
    said(house, "Corve", "council", Pledge("crews", "1", "crews", previous="cd" * 32))
    for node in house.hall.nodes.values():
        whole = without_effect(node)
        for act in node.record.acts():
            assert reason(node, act) == whole.get(act.id), act


def test_two_acts_in_one_place_are_shown_with_a_certificate_that_verifies(at, house, forked):
    one, other = forked
    client = at("Arden")
    page = client.get("/record").content.decode()
    assert "Two acts in one place" in page
    shown = client.get(f"/act/{one.id}").content.decode()
    assert f"/act/{other.id}" in shown
    file = client.get(f"/act/{one.id}/against/{other.id}")
    verdict = verify(file.content, house.hall.nodes["Arden"].coalition)
    assert isinstance(verdict, Equivocation)
    assert "Dorn" in str(verdict)


def test_a_fork_that_its_member_has_joined_says_so(at, house, forked):
    house.tick()
    one, _other = forked
    resumed = house.hall.nodes["Arden"].record.acts(organ="coalition", member="Dorn", kind="resume")
    joining = next(resumed)
    page = at("Arden").get(f"/act/{one.id}").content.decode()
    assert "has joined both ends since" in page
    assert f"/act/{joining.id}" in page


def test_acts_that_exclude_nothing_have_no_such_certificate(at, house, forked):
    honest = said(house, "Brill", "coalition", alert("Nothing against it"))
    assert at("Arden").get(f"/act/{honest.id}/against/{forked[0].id}").status_code == 404


def test_what_is_sealed_is_shown_as_unknown(at, house, watcher):
    act = said(house, watcher, "watch", alert("Sealed to the watch"))
    other = next(m for m, n in house.hall.nodes.items() if "watch" in n.organs() and m != watcher)
    node = house.hall.nodes[other]
    later = write_act(
        node.succession.keyring,
        structs.replace(act.header, seq=act.header.seq + 1, prev=act.id),
        alert("Never opened"),
        salt=b"y" * 32,
        seed=house.hall.nodes[watcher].keys.signing(None).seed.reveal(),
    )
    node.take([later.form(sealed=True)])
    page = at(other).get(f"/act/{later.id}").content.decode()
    assert "unknown" in page
    assert "Never opened" not in page
    assert "sealed" in at(other).get("/record?kind=sealed&organ=watch").content.decode().lower()
    with house.guard:  # it is opened, so that nothing is missing for the other tests
        for one in house.hall.nodes.values():
            if "watch" in one.organs():
                one.take([later.form()])


def test_an_office_finds_nothing_of_an_organ_that_it_does_not_see(at, house, watcher):
    hidden = said(house, watcher, "watch", alert("Quiet lantern"))
    inside, outside = at(watcher, "watch"), at(watcher, "council")
    assert "Quiet lantern" in inside.get("/record?q=lantern").content.decode()
    for address in (
        "/record?q=lantern",
        "/record?organ=watch",
        f"/record?q={hidden.id}",
        f"/record?before={hidden.id}",
        "/record/faults",
    ):
        page = outside.get(address)
        assert page.status_code == 200
        assert "Quiet lantern" not in page.content.decode()
        assert f"/act/{hidden.id}" not in page.content.decode()
    for address in (f"/act/{hidden.id}", f"/act/{hidden.id}/file", f"/act/{hidden.id[:12]}"):
        assert outside.get(address).status_code == 404


def test_a_reason_tells_nothing_of_an_organ_that_is_not_seen(at, house, watcher):
    hidden = said(house, watcher, "watch", alert("Behind a reason"))
    wrong = said(house, watcher, "council", Receipt(hidden.id, hidden.header.instant))
    inside = at(watcher).get(f"/act/{wrong.id}").content.decode()
    outside = at(watcher, "council").get(f"/act/{wrong.id}").content.decode()
    assert "and the alert in watch" in inside
    assert "watch" not in re.search(r'<p class="stands">.*?</p>', outside, re.DOTALL)[0]
    assert "the alert is not at hand" in outside.lower()
    assert "Behind a reason" not in outside


@pytest.mark.parametrize("asked", ["\x00", "%", "'; --", "a" * 5_000, "<script>", "é" * 90])
def test_no_words_break_the_search(at, asked):
    page = at("Arden").get("/record", {"q": asked, "kind": asked, "organ": asked, "before": asked})
    assert page.status_code == 200
    assert "<script>" not in page.content.decode().split("</head>")[1]


def test_the_file_of_an_act_is_json(at, house):
    act = said(house, "Brill", "council", alert("As a file"))
    assert set(json.loads(at("Dorn").get(f"/act/{act.id}/file").content)) >= {"envelope", "body"}


def test_what_somebody_forges_where_it_does_not_sit_is_on_no_page_but_the_record(
    at, house, watcher
):
    nodes = house.hall.nodes
    outsider = next(m for m, node in nodes.items() if "watch" not in node.organs())
    forged = nodes[outsider]._signed("watch", alert("Forged by an outsider"))
    with house.moved():
        nodes[watcher].take([forged.form()])
    client = at(watcher)
    for path in ("/", "/cases", "/api/alerts"):
        assert "Forged by an outsider" not in client.get(path).content.decode()
    assert client.get(f"/alerts/{forged.id}").status_code == 404
    assert client.post(f"/receipt/{forged.id}").status_code == 404
    for path in (f"/act/{forged.id}", "/record?q=Forged+by+an"):
        page = html.unescape(client.get(path).content.decode())
        assert f"{outsider} had no place in 'watch'" in page, path
