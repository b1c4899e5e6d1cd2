"""Texts: versions side by side, brackets and offers, the order of paragraphs, words compared."""

from __future__ import annotations

import pytest

from comity.core.bodies import Bracket, Edit, Insert, Marking, OpenText, Resolve, Write
from comity.core.texts import Piece, Run, Texts, Wish, difference, in_place, texts
from tests.property.record_strategies import PARAGRAPHS, Cast


@pytest.fixture
def cast():
    return Cast(4, 1, 0)


@pytest.fixture
def opened(cast):
    return start(cast)


def start(cast, member="Arden", paragraphs=PARAGRAPHS, **more):
    header = {key: more.pop(key) for key in ("organ", "instant") if key in more}
    return cast.act(member, Edit(OpenText("The ambulance", paragraphs), **more), **header)


def edit(cast, member, text, change, **header):
    return cast.act(member, Edit(change, text.id), **header)


def write(cast, member, text, words, *replaces, paragraph="1", **header):
    change = Write(paragraph, words, tuple(one.id for one in replaces or (text,)))
    return edit(cast, member, text, change, **header)


def insert(cast, member, text, words, after=None, **header):
    return edit(cast, member, text, Insert(words, after), **header)


def bracket(cast, member, text, words, instead="", paragraph="1", **header):
    return edit(cast, member, text, Bracket(paragraph, words, instead), **header)


def resolve(cast, member, text, disputed, words="", **header):
    return edit(cast, member, text, Resolve(disputed.id, words), **header)


def only(*acts):
    (text,) = texts(acts)
    return text


def told(*acts):
    return [(one.number, one.wordings) for one in only(*acts).paragraphs]


def test_a_text_is_named_by_the_act_that_opens_it(cast):
    marking = Marking("TLP:AMBER")
    opening = start(cast, case="hill", marking=marking)
    text = only(opening)
    assert (text.id, text.title, text.member) == (opening.id, "The ambulance", "Arden")
    assert (text.organ, text.case, text.marking) == ("council", "hill", marking)
    assert text.clean == PARAGRAPHS
    assert text.hindrances == ()
    assert [version.id for version in text.paragraphs[1].standing] == [opening.id]
    assert text.paragraph("2") == text.paragraphs[1]
    assert text.paragraph("3") is None


def test_a_version_takes_the_place_of_the_ones_it_names(cast, opened):
    first = write(cast, "Brill", opened, "It leaves.")
    second = write(cast, "Corve", opened, "It goes.", first)
    paragraph = only(second, opened, first).paragraphs[0]
    assert paragraph.words == "It goes."
    assert [one.id for one in paragraph.standing] == [second.id]
    assert {one.id for one in paragraph.replaced} == {opened.id, first.id}


def test_two_who_write_the_same_paragraph_lose_nothing(cast, opened):
    mine = write(cast, "Brill", opened, "It leaves.")
    theirs = write(cast, "Corve", opened, "It flies.")
    text = only(opened, mine, theirs)
    paragraph = text.paragraphs[0]
    assert {one.id for one in paragraph.standing} == {mine.id, theirs.id}
    assert set(paragraph.wishes) == {
        Wish("It leaves.", None, ("Brill",)),
        Wish("It flies.", None, ("Corve",)),
    }
    assert paragraph.words is None
    assert not paragraph.struck
    assert text.clean is None
    assert text.hindrances == ("2 wordings of paragraph 1 stand",)
    both = write(cast, "Dorn", opened, "It rolls.", mine, theirs)
    assert only(opened, mine, theirs, both).clean == ("It rolls.", PARAGRAPHS[1])


def test_two_who_write_two_paragraphs_lose_nothing(cast, opened):
    one = write(cast, "Brill", opened, "It leaves.")
    other = write(cast, "Corve", opened, "It is red.", paragraph="2")
    assert only(opened, one, other).clean == ("It leaves.", "It is red.")


def test_two_who_write_the_same_words_agree(cast, opened):
    acts = [write(cast, member, opened, "It leaves.") for member in ("Corve", "Brill")]
    paragraph = only(opened, *acts).paragraphs[0]
    assert len(paragraph.standing) == 2
    assert paragraph.words == "It leaves."
    assert paragraph.wishes == (Wish("It leaves.", None, ("Brill", "Corve")),)


def test_empty_words_strike_a_paragraph(cast, opened):
    struck = write(cast, "Brill", opened, "")
    text = only(opened, struck)
    assert text.paragraphs[0].struck
    assert text.clean == (PARAGRAPHS[1],)
    last = write(cast, "Brill", opened, "", paragraph="2")
    assert only(opened, struck, last).hindrances == ("every paragraph is struck",)
    back = write(cast, "Corve", opened, "It stays.", struck)
    assert only(opened, struck, last, back).clean == ("It stays.",)


def test_the_order_of_paragraphs_does_not_depend_on_the_order_of_arrival(cast, opened):
    a = insert(cast, "Arden", opened, "a", "1")
    b = insert(cast, "Arden", opened, "b", "1")
    c = insert(cast, "Brill", opened, "c", a.id)
    d = insert(cast, "Corve", opened, "d", c.id)
    zero = insert(cast, "Dorn", opened, "zero")
    acts = [opened, a, b, c, d, zero]
    expected = [
        ("0.1", ("zero",)),
        ("1", (PARAGRAPHS[0],)),
        ("1.1", ("b",)),
        ("1.2", ("a",)),
        ("1.2.1", ("c",)),
        ("1.2.1.1", ("d",)),
        ("2", (PARAGRAPHS[1],)),
    ]
    assert told(*acts) == told(*reversed(acts)) == told(*acts, *acts) == expected


def test_of_two_members_inserts_the_order_is_fixed(cast, opened):
    one = insert(cast, "Brill", opened, "one", "2", seq=1, prev=None)
    other = insert(cast, "Corve", opened, "other", "2", seq=1, prev=None)
    first, second = sorted((one, other), key=lambda act: act.id)
    names = [paragraph.name for paragraph in only(opened, other, one).paragraphs]
    assert names == ["1", "2", first.id, second.id]


def test_an_inserted_paragraph_is_written_like_any_other(cast, opened):
    more = insert(cast, "Brill", opened, "It hums.", "2")
    words = write(cast, "Corve", opened, "It sings.", more, paragraph=more.id)
    assert only(opened, more, words).clean == (*PARAGRAPHS, "It sings.")


def test_a_bracket_is_open_until_its_author_resolves_it(cast, opened):
    disputed = bracket(cast, "Brill", opened, "on the hill", "in the valley")
    offer = resolve(cast, "Corve", opened, disputed, "on the slope")
    text = only(opened, offer, disputed)
    (one,) = text.paragraphs[0].disputes
    assert one.is_open
    assert one.stands
    assert [(said.member, said.words) for said in one.offers] == [("Corve", "on the slope")]
    assert text.hindrances == ("Brill's bracket in paragraph 1 is open",)
    assert text.paragraphs[0].wishes == (
        Wish(PARAGRAPHS[0], None, ("Arden",)),
        Wish("in the valley", "on the hill", ("Brill",)),
    )
    own = resolve(cast, "Brill", opened, disputed, "on the slope")
    text = only(opened, own, offer, disputed)
    (one,) = text.paragraphs[0].disputes
    assert not one.is_open
    assert [said.id for said in one.resolved] == [own.id]
    assert [said.id for said in one.offers] == [offer.id]
    assert text.clean == PARAGRAPHS
    assert len(text.paragraphs[0].wishes) == 1
    assert [step.kind for step in text.history] == ["open", "bracket", *sorted_kinds(own, offer)]


def sorted_kinds(own, offer):
    kinds = {own.id: "resolve", offer.id: "offer"}
    return [kinds[name] for name in sorted(kinds)]


def test_a_bracket_whose_words_no_longer_stand_says_so(cast, opened):
    disputed = bracket(cast, "Brill", opened, "on the hill")
    words = write(cast, "Corve", opened, "It stays in the valley.")
    text = only(opened, disputed, words)
    (one,) = text.paragraphs[0].disputes
    assert one.is_open
    assert not one.stands
    assert text.hindrances == (
        "Brill's bracket in paragraph 1 is open, though its words no longer stand there",
    )


def test_brackets_are_shown_where_their_words_stand(cast):
    opened = start(cast, paragraphs=("red and red and blue",))
    red = bracket(cast, "Brill", opened, "red")
    end = bracket(cast, "Corve", opened, "red and blue")
    gone = bracket(cast, "Dorn", opened, "blue")
    bye = resolve(cast, "Dorn", opened, gone)
    paragraph = only(opened, red, end, gone, bye).paragraphs[0]
    assert in_place(paragraph.standing[0], paragraph.disputes) == (
        Piece("red", (red.id,)),
        Piece(" and "),
        Piece("red", tuple(sorted((red.id, end.id)))),
        Piece(" and blue", (end.id,)),
    )


def test_edits_without_effect_are_listed_with_the_reason(cast, opened):
    other = start(cast, "Brill")
    elsewhere = write(cast, "Brill", opened, "x", organ="watch")
    nowhere = write(cast, "Brill", opened, "x", paragraph="3")
    across = write(cast, "Brill", opened, "x", write(cast, "Brill", other, "y"))
    after = insert(cast, "Brill", opened, "x", "7")
    deeper = insert(cast, "Brill", opened, "x", after.id)
    unsaid = bracket(cast, "Brill", opened, "under the hill")
    unheard = resolve(cast, "Brill", opened, unsaid)
    lost = bracket(cast, "Brill", opened, "hill", paragraph="9")
    unknown = resolve(cast, "Brill", opened, opened)
    of_edit = write(cast, "Brill", nowhere, "x")
    acts = [elsewhere, nowhere, across, after, deeper, unsaid, unheard, lost, unknown, of_edit]
    view = texts([opened, other, *acts])
    assert dict(view.without_effect) == {
        elsewhere.id: "it was made in watch, and the text in council",
        nowhere.id: "the paragraph is not at hand",
        across.id: "a version that it replaces is not at hand in that paragraph",
        after.id: "the paragraph that it comes after is not at hand",
        deeper.id: "the paragraph that it comes after is not at hand",
        unsaid.id: "no version of the paragraph that is at hand has these words",
        unheard.id: "its bracket has no effect",
        lost.id: "the paragraph is not at hand",
        unknown.id: "its bracket is not at hand in this text",
        of_edit.id: "what it edits is no text",
    }
    assert list(view.without_effect) == sorted(view.without_effect)
    text = next(one for one in view if one.id == opened.id)
    assert {name for name, _ in text.without_effect} == {act.id for act in acts} - {of_edit.id}
    assert text.clean == PARAGRAPHS


def test_an_edit_may_come_before_what_it_builds_on(cast, opened):
    first = write(cast, "Brill", opened, "It leaves.")
    second = write(cast, "Corve", opened, "It goes.", first)
    assert texts([second]) == Texts((), ((second.id, "the text is not at hand"),))
    holed = only(opened, second)
    assert [name for name, _ in holed.without_effect] == [second.id]
    assert only(opened, second, first).clean == ("It goes.", PARAGRAPHS[1])
    both = write(cast, "Dorn", opened, "It rolls.", second, opened)
    assert [name for name, _ in only(opened, both).without_effect] == [both.id]
    assert only(opened, both).clean == PARAGRAPHS


def test_no_step_stands_in_the_history_before_one_that_it_builds_on(cast, opened):
    late, early = "2026-03-01T20:00:00Z", "2026-02-01T08:00:00Z"
    first = write(cast, "Brill", opened, "It leaves.", instant=late)
    backdated = write(cast, "Corve", opened, "It goes.", first, instant=early)
    plain = insert(cast, "Dorn", opened, "It hums.", "2")
    history = only(backdated, plain, first, opened).history
    assert [step.id for step in history] == [opened.id, plain.id, first.id, backdated.id]
    assert [(step.kind, step.paragraph) for step in history] == [
        ("open", None),
        ("insert", plain.id),
        ("write", "1"),
        ("write", "1"),
    ]
    assert history[3].instant == early


def test_texts_stand_in_the_order_in_which_their_authors_say_they_began(cast):
    late = start(cast, instant="2026-03-03T08:00:00Z")
    early = start(cast, "Brill")
    assert [one.id for one in texts([late, early, cast.propose()])] == [early.id, late.id]


def kept(runs, but):
    return "".join(run.words for run in runs if run.kind != but)


DIFFERENCES = [
    pytest.param("a b c", "a b c", [("kept", "a b c")], id="the same words"),
    pytest.param("", "", [], id="no words"),
    pytest.param("", "a", [("added", "a")], id="all is new"),
    pytest.param("a", "", [("removed", "a")], id="all is struck"),
    pytest.param(
        "It is green.",
        "It is dark green.",
        [("kept", "It is "), ("added", "dark "), ("kept", "green.")],
        id="a word more",
    ),
    pytest.param(
        "the old dog sleeps",
        "the young cat sleeps",
        [("kept", "the "), ("removed", "old dog"), ("added", "young cat"), ("kept", " sleeps")],
        id="a blank between two changes is no anchor",
    ),
    pytest.param(
        "one, two and three and four",
        "one; two or four",
        [
            ("kept", "one"),
            ("removed", ","),
            ("added", ";"),
            ("kept", " two "),
            ("removed", "and three and"),
            ("added", "or"),
            ("kept", " four"),
        ],
        id="what is longer comes first",
    ),
]


@pytest.mark.parametrize(("before", "after", "runs"), DIFFERENCES)
def test_words_are_told_apart(before, after, runs):
    found = difference(before, after)
    assert [(run.kind, run.words) for run in found] == runs
    assert (kept(found, "added"), kept(found, "removed")) == (before, after)


def test_what_is_too_long_to_compare_is_told_as_removed_and_added(monkeypatch):
    monkeypatch.setattr("comity.core.texts.DIFFERENCE_BOUND", 8)
    assert difference("start a b c end", "start c b a end") == (
        Run("kept", "start "),
        Run("removed", "a b c"),
        Run("added", "c b a"),
        Run("kept", " end"),
    )
