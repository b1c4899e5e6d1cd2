"""A text as a document: who edits what, what stands, what is clean, what leaves the room."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta

import docx
import pytest

from comity.core.acts import Act
from comity.core.bodies import Adopt, Annotation, Edit, Propose
from comity.core.strict import spelled
from comity.core.texts import Text, texts
from comity.report.communique import Communique, communique_docx, communique_markdown
from comity.web.house import House

FIRST = "The ambulance stays on the hill.\n\nIt is painted green."


@pytest.fixture
def opened(at, house: House, request):
    """A text with two paragraphs in the council, and its id."""
    title = f"The ambulance, {request.node.name}"
    answer = at("Arden").post(
        "/texts/open",
        {"title": title, "paragraphs": FIRST, "organ": "council", "case": "", "level": ""},
    )
    assert answer.status_code == 302, answer.content.decode()
    return answer.url.rpartition("/")[2]


def read(house: House, name: str, member: str = "Dorn") -> Text:
    """Read a text at another member's node."""
    return next(one for one in texts(house.hall.nodes[member].record.acts()) if one.id == name)


def form_of(client, name: str, of: str, deed: str) -> dict[str, object]:
    """Read the hidden fields of a form on the page of a paragraph."""
    page = client.get(f"/texts/{name}/paragraphs/{of}").content.decode()
    for form in re.findall(r"<form.*?</form>", page, re.DOTALL):
        if f'name="deed" value="{deed}"' in form:
            found: dict[str, object] = {"deed": deed, "paragraph": of}
            found["on"] = re.findall(r'name="on" value="(\w+)"', form)
            for field in ("bracket", "version"):
                if told := re.search(rf'name="{field}" value="(\w+)"', form):
                    found[field] = told[1]
            return found
    raise AssertionError(f"no form for {deed}")


def edit(client, name: str, of: str, deed: str, **fields):
    """Fill in a form of a paragraph's page and send it."""
    return client.post(f"/texts/{name}/edit", form_of(client, name, of, deed) | fields)


def acts_of(house: House, name: str) -> list[Act]:
    return list(house.hall.nodes["Dorn"].record.about(name, kind="edit"))


def test_a_text_is_opened_with_a_paragraph_for_each_block(at, house, opened):
    assert [one.words for one in read(house, opened).paragraphs] == FIRST.split("\n\n")
    page = at("Brill").get(f"/texts/{opened}").content.decode()
    assert "The ambulance stays on the hill." in page
    assert "Opened by Arden in Council" in page


def test_the_same_form_sent_twice_opens_one_text(at, opened, request):
    fields = {
        "title": f"The ambulance, {request.node.name}",
        "paragraphs": FIRST.replace("\n", "\r\n"),
        "organ": "council",
        "case": "",
        "level": "",
    }
    again = at("Arden").post("/texts/open", fields)
    assert again.url == f"/texts/{opened}"


def test_what_was_typed_is_shown_again_with_the_refusal(at):
    answer = at("Arden").post(
        "/texts/open",
        {"title": "", "paragraphs": "Long work.", "organ": "council", "case": "", "level": ""},
    )
    assert answer.status_code == 422
    assert "Long work." in answer.content.decode()
    assert "title is empty" in answer.content.decode().lower()


def test_two_who_edit_two_paragraphs_lose_nothing(at, house, opened):
    arden, brill = at("Arden"), at("Brill")
    one, other = form_of(arden, opened, "1", "write"), form_of(brill, opened, "2", "write")
    arden.post(f"/texts/{opened}/edit", one | {"words": "It stands in the valley."})
    brill.post(f"/texts/{opened}/edit", other | {"words": "It is painted white."})
    assert read(house, opened).clean == ("It stands in the valley.", "It is painted white.")


def test_two_who_edit_one_paragraph_both_stand_until_one_is_accepted(at, house, opened):
    arden, brill = at("Arden"), at("Brill")
    one, other = form_of(arden, opened, "2", "write"), form_of(brill, opened, "2", "write")
    arden.post(f"/texts/{opened}/edit", one | {"words": "It is painted dark green."})
    brill.post(f"/texts/{opened}/edit", other | {"words": "It is painted white."})
    there = read(house, opened).paragraph("2")
    assert set(there.wordings) == {"It is painted dark green.", "It is painted white."}
    page = at("Corve").get(f"/texts/{opened}").content.decode()
    assert "2 wordings stand" in page
    assert "<ins>dark </ins>" in page
    assert "Accept the words of Brill" in page
    of_brill = next(v.id for v in there.standing if v.member == "Brill")
    on = [v.id for v in there.standing]
    fields = {"deed": "accept", "paragraph": "2", "version": of_brill, "on": on}
    assert at("Corve").post(f"/texts/{opened}/edit", fields).status_code == 302
    assert read(house, opened).paragraph("2").words == "It is painted white."


def test_a_page_says_when_somebody_wrote_other_words_meanwhile(at, opened):
    arden = at("Arden")
    on = form_of(arden, opened, "1", "write")["on"]
    edit(at("Brill"), opened, "1", "write", words="It stands by the sea.")
    part = arden.get(
        f"/texts/{opened}/paragraphs/1", {"on": on}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "Brill wrote other words since you opened this page" in part
    assert "<html" not in part


def test_the_same_edit_sent_twice_is_signed_once(at, house, opened):
    arden = at("Arden")
    fields = form_of(arden, opened, "1", "write") | {"words": "It stands by the sea."}
    arden.post(f"/texts/{opened}/edit", fields)
    arden.post(f"/texts/{opened}/edit", fields)
    assert len(acts_of(house, opened)) == 1


def test_a_bracket_opens_on_words_that_stand_there_and_shows_who_wants_what(at, house, opened):
    answer = edit(at("Brill"), opened, "2", "bracket", words="painted\n green", instead="white")
    assert answer.status_code == 302
    page = at("Corve").get(f"/texts/{opened}").content.decode()
    plain = re.sub(r"<[^>]+>", "", page)
    assert "It is [painted green Arden; or white Brill]." in plain
    assert "Brill&#x27;s bracket in paragraph 2 is open" in page
    assert read(house, opened).clean is None


def test_a_bracket_on_words_that_do_not_stand_there_is_refused_with_what_was_typed(
    at, house, opened
):
    answer = edit(at("Brill"), opened, "2", "bracket", words="painted blue", instead="white")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "does not stand in paragraph 2" in page
    assert ">painted blue</textarea>" in page
    assert not acts_of(house, opened)


def test_only_who_opened_a_bracket_resolves_it_and_others_offer_words(at, house, opened):
    brill, corve = at("Brill"), at("Corve")
    edit(brill, opened, "2", "bracket", words="green", instead="white")
    bracket = read(house, opened).paragraph("2").disputes[0].id
    forced = {"deed": "resolve", "paragraph": "2", "bracket": bracket, "how": "keep"}
    refusal = corve.post(f"/texts/{opened}/edit", forced)
    assert refusal.status_code == 422
    assert "only who opened it resolves it" in refusal.content.decode()
    assert edit(corve, opened, "2", "offer", words="pale green").status_code == 302
    assert read(house, opened).hindrances
    offer = read(house, opened).paragraph("2").disputes[0].offers[0].id
    edit(brill, opened, "2", "resolve", how=offer)
    assert read(house, opened).clean == (
        "The ambulance stays on the hill.",
        "It is painted pale green.",
    )


def test_now_calls_whom_an_open_bracket_quotes_and_whom_an_offer_answers(at, house, opened):
    def calls(member):
        page = at(member).get("/").content.decode()
        found = re.search(rf'href="/texts/{opened}".*?</li>', page, re.DOTALL)
        return found[0] if found else ""

    assert not calls("Arden")
    edit(at("Brill"), opened, "2", "bracket", words="green", instead="white")
    assert "Look at the bracket around your words" in calls("Arden")
    assert not calls("Brill")
    edit(at("Corve"), opened, "2", "offer", words="pale green")
    assert "Accept the offer, or keep your bracket" in calls("Brill")
    assert not calls("Corve")


def test_a_bracket_may_be_given_up(at, house, opened):
    brill = at("Brill")
    edit(brill, opened, "2", "bracket", words="green", instead="")
    assert "wants these words to go" in at("Corve").get(f"/texts/{opened}").content.decode()
    edit(brill, opened, "2", "resolve", how="keep")
    assert read(house, opened).clean == tuple(FIRST.split("\n\n"))


def test_paragraphs_are_put_in_and_struck(at, house, opened):
    edit(at("Brill"), opened, "1", "insert", words="It has two crews.", where="after")
    edit(at("Corve"), opened, "1", "insert", words="Whereas.", where="first")
    edit(at("Dorn"), opened, "2", "strike")
    found = read(house, opened, "Arden")
    assert found.clean == ("Whereas.", "The ambulance stays on the hill.", "It has two crews.")
    assert "(struck)" in at("Arden").get(f"/texts/{opened}").content.decode()


def test_the_clean_text_or_why_there_is_none(at, opened):
    arden = at("Arden")
    clean = arden.get(f"/texts/{opened}?clean=1").content.decode()
    assert "Work on paragraph" not in clean
    assert "It is painted green." in clean
    edit(arden, opened, "2", "bracket", words="green", instead="white")
    assert "There is no clean text yet" in arden.get(f"/texts/{opened}?clean=1").content.decode()


def test_the_history_is_shown_with_what_each_act_changed(at, opened):
    edit(at("Brill"), opened, "1", "write", words="The ambulance stays on the dark hill.")
    page = at("Arden").get(f"/texts/{opened}").content.decode()
    history = page[page.index('id="history"') :]
    assert history.index("Brill") < history.index("opened the text")
    assert "<del>" not in history  # it is compared with what stood in that paragraph
    assert "<ins>dark </ins>" in history


def test_the_part_that_changes_is_answered_alone(at, opened):
    part = at("Arden").get(f"/texts/{opened}", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'id="text-side" hx-swap-oob' in part


def test_a_text_of_an_organ_that_an_office_does_not_see_is_not_there(at, house, opened):
    watching = next(m for m, node in house.hall.nodes.items() if "watch" in node.organs())
    for path in (f"/texts/{opened}", f"/texts/{opened}/paragraphs/1", f"/communique/{opened}.md"):
        assert at("Elsin").get(path).status_code == 404
        assert at(watching, "watch").get(path).status_code == 404
    assert at("Elsin").post(f"/texts/{opened}/edit", {"deed": "strike"}).status_code == 404
    assert "The ambulance, " not in at("Elsin").get("/texts").content.decode()


def test_the_list_counts_open_brackets_and_says_the_last_change(at, opened, request):
    edit(at("Brill"), opened, "2", "bracket", words="green", instead="white")
    page = at("Arden").get("/texts").content.decode()
    mine = page[page.index(f"/texts/{opened}") :].partition("</li>")[0]
    assert "1 bracket open" in mine
    assert "Brill opened a bracket in paragraph 2" in mine


def test_a_communique_of_a_clean_text_alone(at, house, opened):
    arden = at("Arden")
    told = arden.get(f"/communique/{opened}.md").content.decode()
    assert "1. The ambulance stays on the hill." in told
    assert "Arden, Brill, Corve, Dorn" in told
    assert house.hall.nodes["Arden"].coalition in told
    written = docx.Document(io.BytesIO(arden.get(f"/communique/{opened}.docx").content))
    lines = [one.text for one in written.paragraphs]
    assert "2.\tIt is painted green." in lines
    assert written.paragraphs[0].style.name == "Heading 1"
    assert any(opened in line for line in lines)
    edit(arden, opened, "2", "bracket", words="green", instead="white")
    refusal = arden.get(f"/communique/{opened}.docx")
    assert refusal.status_code == 422
    assert "bracket in paragraph 2 is open" in refusal.content.decode()


def test_a_clean_text_leads_to_the_form_that_proposes_it(at, opened):
    page = at("Arden").get(f"/texts/{opened}").content.decode()
    assert "Propose this text" in page
    assert f"?text={opened}" in page


def test_a_communique_of_what_was_adopted_and_this_members_reservations(at, house, opened):
    arden = house.hall.nodes["Arden"]
    on = (house.now() + timedelta(days=2)).replace(microsecond=0)
    proposal = Propose(
        "The ambulance",
        Adopt(tuple(FIRST.split("\n\n"))),
        arden.under.charter_hash,
        "double-majority",
        "vote",
        on.date().isoformat(),
        arden.under.charter.roster("council", on.date()),
        expires=spelled(on),
        text=opened,
    )
    with house.moved():
        act = arden.propose("council", proposal)
    refusal = at("Arden").get(f"/communique/{act.id}.docx")
    assert refusal.status_code == 422
    assert "the proposal is not adopted" in refusal.content.decode().lower()
    for member in act.body.roster:
        notes = [Annotation("reservation", "Green fades.")] if member == "Brill" else []
        with house.moved():
            house.hall.nodes[member].answer(act.id, "yes", notes)
    for _ in range(3):
        house.tick()
    told = at("Brill").get(f"/communique/{act.id}.md").content.decode()
    assert "Adopted by the members named here." in told
    assert f"Proposal {act.id}" in told
    assert f"Text {opened}" in told
    assert "Green fades." in at("Brill").get(f"/texts/{opened}").content.decode()
    assert "Green fades." not in at("Corve").get(f"/texts/{opened}").content.decode()
    outsider = at("Elsin").get(f"/communique/{act.id}.md")
    assert outsider.status_code == 404


def test_a_communique_writes_what_members_wrote_and_no_markup():
    told = Communique(
        "On *stars*",
        "The league",
        "Adopted.",
        date(2026, 1, 9),
        ("Arden", "Brill"),
        ("- not a list\n2. nor this", "<b>plain</b>"),
        ("Founding fingerprint 00",),
        "TLP:AMBER",
    )
    written = communique_markdown(told)
    assert written.startswith("**TLP:AMBER**\n\n# On \\*stars\\*\n\nThe league · 9 January 2026\n")
    assert "1. \\- not a list  \n   2\\. nor this" in written
    assert communique_docx(told) == communique_docx(told)
    read_back = docx.Document(io.BytesIO(communique_docx(told)))
    assert read_back.sections[0].header.paragraphs[0].text == "TLP:AMBER"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"deed": "write", "paragraph": "1", "words": "x"},
        {"deed": "write", "paragraph": "1", "words": "x" * 4_001, "on": "0" * 64},
        {"deed": "write", "paragraph": "1", "words": "bell\x07", "on": "text"},
        {"deed": "write", "paragraph": "9", "words": "x", "on": "text"},
        {"deed": "bracket", "paragraph": "1", "words": "", "instead": ""},
        {"deed": "bracket", "paragraph": "1", "words": "hill", "instead": "hill"},
        {"deed": "resolve", "paragraph": "1", "bracket": "0" * 64, "how": "keep"},
        {"deed": "accept", "paragraph": "1", "version": "no", "on": "0" * 64},
        {"deed": "insert", "paragraph": "1", "words": " "},
        {"deed": "<script>", "paragraph": "1"},
    ],
)
def test_hostile_edits_are_refused_in_words_and_sign_nothing(at, house, opened, fields):
    if fields.get("on") == "text":
        fields = fields | {"on": opened}
    answer = at("Arden").post(f"/texts/{opened}/edit", fields)
    assert answer.status_code == 422, answer.content.decode()
    assert not acts_of(house, opened)
    assert isinstance(house.hall.nodes["Arden"].record.get(opened).body, Edit)
