"""Views of acts are functions of the set: alerts, texts, pledges and cases."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.core.alerts import alerts
from comity.core.bodies import (
    Alert,
    Approval,
    Attach,
    Bracket,
    CloseCase,
    Edit,
    Insert,
    OpenCase,
    OpenText,
    Pledge,
    Receipt,
    Recognise,
    Resolve,
    Write,
)
from comity.core.cases import cases
from comity.core.charter import Need, Obligation
from comity.core.pledges import pledges, shortfalls
from comity.core.texts import difference, in_place, texts
from tests.property.record_strategies import PARAGRAPHS, Cast

CAST = Cast(3, 0, 0)
READERS = {"council": CAST.roster, "watch": ("Arden", "Brill", "Harbour")}
LINE = Obligation(
    "rescue", "Rescue", "an alarm", (), (), "send crews", "model",
    needs=(Need("crews", 5, 9, "people", "additional"),),
)  # fmt: skip
KINDS = ("alert", "receipt", "text", "pledge", "attach", "propose")
INSTANTS = ("2026-03-01T08:00:00Z", "2026-03-01T09:00:00Z", "2026-02-01T08:00:00Z")


def patiently(examples=60):
    return settings(
        max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )


def edit_of(draw, made):
    """Draw an edit; mostly of a text and of what is there, sometimes of something else."""
    edits = [act for act in made if isinstance(act.body, Edit)]
    openings = [act for act in edits if act.body.text is None]
    if not openings or draw(st.integers(0, 9)) == 0:
        return Edit(OpenText("Ours", PARAGRAPHS), case=draw(st.sampled_from((None, "hill"))))
    text = draw(st.sampled_from(openings))
    own = [act for act in edits if act.body.text == text.id or draw(st.integers(0, 9)) == 0]

    def ids(kind):
        return [act.id for act in own if isinstance(act.body.change, kind)]

    paragraph = draw(st.sampled_from(("1", "1", "2", "3", *ids(Insert))))
    words = draw(st.sampled_from(("", "It is green.", "on the hill", PARAGRAPHS[0])))
    kind = draw(st.sampled_from(("write", "write", "write", "insert", "bracket", "resolve")))
    if kind == "write":
        first = paragraph if len(paragraph) > 1 else text.id
        versions = st.sampled_from((first, *ids(Write)))
        replaces = tuple(sorted(draw(st.sets(versions, min_size=1, max_size=3))))
        return Edit(Write(paragraph, words, replaces), text.id)
    if kind == "insert":
        return Edit(Insert(words or "It hums.", draw(st.sampled_from((None, paragraph)))), text.id)
    if kind == "bracket":
        said = draw(st.sampled_from(("hill", "green", "is", "snow")))
        return Edit(Bracket(paragraph, said, words), text.id)
    return Edit(Resolve(draw(st.sampled_from((text.id, *ids(Bracket)))), words), text.id)


def body_of(draw, made, kind):
    def some(body, least=0, most=1):
        ids = [act.id for act in made if isinstance(act.body, body)]
        if not ids:
            return ()
        found = draw(st.lists(st.sampled_from(ids), unique=True, min_size=least, max_size=most))
        return tuple(found)

    case = draw(st.sampled_from((None, "hill", "snow")))
    if kind == "alert":
        about = some(Alert, most=2)
        word = draw(st.sampled_from(("update", "update", "cancel"))) if about else "alert"
        return Alert("Gone", "It left.", "minor", type=word, about=about, case=case)
    if kind == "receipt":
        named = some(Alert, 1) or ("00" * 32,)
        return Receipt(named[0], draw(st.sampled_from(INSTANTS)))
    if kind == "text":
        return edit_of(draw, made)
    if kind == "pledge":
        previous = (*some(Pledge), None)[0]
        states = draw(st.lists(st.sampled_from(("pending", "approved", "refused")), max_size=2))
        return Pledge(
            draw(st.sampled_from(("crews", "crews", "crews", "cars"))),
            draw(st.sampled_from(("0", "2.5", "7"))),
            draw(st.sampled_from(("people", "people", "people", "cars"))),
            "rescue",
            delivered=draw(st.sampled_from(("0", "1", "3"))),
            approvals=tuple(Approval("the house", state) for state in states),
            previous=previous,
        )
    return Attach("ab" * 32, "map.png", "image/png", 1, case, (*some(Alert), None)[0])


@st.composite
def gatherings(draw, kinds=KINDS, most=14):
    """Draw what three members and an office sign, some of it amiss."""
    CAST.heads.clear()
    CAST.salts = 0
    made = []
    for kind in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=most)):
        member = draw(st.sampled_from((*CAST.roster, *CAST.roster, "Harbour")))
        organ = draw(st.sampled_from(("council",) * 7 + ("watch",)))
        if kind == "propose":
            effect = draw(
                st.sampled_from(
                    (
                        OpenCase("hill", "The hill"),
                        CloseCase("hill"),
                        Recognise("pair", ("Arden", "Brill")),
                    )
                )
            )
            made.append(CAST.propose(member, effect=effect))
            continue
        instant = draw(st.sampled_from(INSTANTS))
        body = body_of(draw, made, kind)
        made.append(CAST.act(member, body, organ=organ, instant=instant))
    return tuple(made)


def adopted(acts):
    """Say that every other proposal was adopted, whoever asks."""
    return {act.id: "adopted" for act in acts if int(act.id[0], 16) % 2}


def all_views(acts, ended):
    found = pledges(acts)
    return (
        alerts(acts, READERS),
        texts(acts),
        found,
        shortfalls(found, LINE),
        cases(acts, ended),
    )


def shown(acts):
    """Return, by view, the ids of the acts that have effect."""
    told = alerts(acts)
    notices = [notice for one in told for notice in one.notices]
    receipts = {r for n in notices for holder in n.holders for r in holder.receipts}
    chains = [chain for one in pledges(acts) for chain in one.promises]
    return {
        "alerts": {notice.id for notice in notices} | receipts,
        "texts": {step.id for text in texts(acts) for step in text.history},
        "pledges": {step.id for chain in chains for step in chain.statements},
        "cases": {one.id for one in cases(acts).attachments},
    }


def listed(acts):
    return {
        "alerts": [name for name, _ in alerts(acts).without_effect],
        "texts": [name for name, _ in texts(acts).without_effect],
        "pledges": [name for name, _ in pledges(acts).without_effect],
        "cases": [name for name, _ in cases(acts).without_effect],
    }


OF_VIEW = {"alerts": Alert | Receipt, "texts": Edit, "pledges": Pledge, "cases": Attach}


@patiently()
@given(gatherings(), st.randoms(use_true_random=False), st.data())
def test_order_repetition_and_grouping_do_not_matter(acts, chance, data):
    ended = adopted(acts)
    again = [*acts, *data.draw(st.lists(st.sampled_from(acts), max_size=6))]
    chance.shuffle(again)
    assert all_views(again, ended) == all_views(acts, ended)
    cut = data.draw(st.integers(0, len(acts)))
    assert all_views((*acts[cut:], *acts[:cut]), ended) == all_views(acts, ended)


@patiently()
@given(gatherings(), st.data())
def test_what_has_effect_keeps_it_and_more_acts_never_remove_history(acts, data):
    some = [act for act in acts if data.draw(st.booleans())]
    before, after = shown(some), shown(acts)
    assert all(before[view] <= after[view] for view in OF_VIEW)


@patiently()
@given(gatherings(), st.data())
def test_every_act_at_hand_is_shown_or_listed_with_the_reason(acts, data):
    some = [act for act in acts if data.draw(st.booleans())]
    effective, without = shown(some), listed(some)
    for view, bodies in OF_VIEW.items():
        at_hand = {act.id for act in some if isinstance(act.body, bodies)}
        assert effective[view] | set(without[view]) == at_hand
        assert not effective[view] & set(without[view])
        assert without[view] == sorted(set(without[view]))


@patiently(40)
@given(gatherings(), st.data())
def test_what_cannot_be_opened_is_unknown_and_never_without_effect(acts, data):
    hidden = {act.id for act in acts if data.draw(st.booleans())}
    closed = [
        replace(act, body=None, salt=None, body_bytes=None) if act.id in hidden else act
        for act in acts
    ]
    known = [act for act in acts if act.id not in hidden]
    ended = adopted(acts)
    assert all_views(closed, ended) == all_views(known, ended)
    assert all_views([*closed, *acts], ended) == all_views(acts, ended)


@patiently()
@given(gatherings(("text",), most=20))
def test_nobodys_words_are_lost(acts):
    for text in texts(acts):
        for paragraph in text.paragraphs:
            versions = {one.id: one for one in (*paragraph.standing, *paragraph.replaced)}
            named = {name for one in versions.values() for name in one.replaces}
            assert paragraph.standing
            assert {one.id for one in paragraph.standing} == versions.keys() - named
        written = {step.id for step in text.history if step.kind in ("write", "insert")}
        there = {v.id for p in text.paragraphs for v in (*p.standing, *p.replaced)}
        assert written == there - {text.id}


@patiently()
@given(gatherings(("text",), most=20))
def test_a_clean_text_has_one_wording_of_each_paragraph_and_no_open_bracket(acts):
    for text in texts(acts):
        agreed = all(
            len(paragraph.wordings) == 1 and not any(one.is_open for one in paragraph.disputes)
            for paragraph in text.paragraphs
        )
        left = tuple(paragraph.words for paragraph in text.paragraphs if paragraph.words)
        assert (text.clean is not None) == (agreed and bool(left))
        assert text.clean in (None, left)
        for paragraph in text.paragraphs:
            for version in paragraph.standing:
                pieces = in_place(version, paragraph.disputes)
                assert "".join(piece.words for piece in pieces) == version.words


@patiently()
@given(gatherings(("text",), most=20))
def test_no_step_stands_before_one_that_it_builds_on(acts):
    by_id = {act.id: act for act in acts}
    for text in texts(acts):
        place = {step.id: k for k, step in enumerate(text.history)}
        assert place[text.id] == 0
        for step in text.history:
            change = by_id[step.id].body.change
            for named in (
                *(change.replaces if isinstance(change, Write) else ()),
                *((change.bracket,) if isinstance(change, Resolve) else ()),
                *((step.paragraph,) if step.paragraph in place else ()),
            ):
                assert place[named] <= place[step.id]


@patiently()
@given(gatherings(("text",), most=20), st.data())
def test_paragraphs_keep_their_order_as_more_are_put_in(acts, data):
    some = [act for act in acts if data.draw(st.booleans())]
    later = {text.id: [p.name for p in text.paragraphs] for text in texts(acts)}
    for text in texts(some):
        before = [paragraph.name for paragraph in text.paragraphs]
        assert [name for name in later[text.id] if name in before] == before


@patiently()
@given(gatherings(("pledge",)))
def test_rivals_are_never_added_up_and_the_first_promise_stays_visible(acts):
    found = pledges(acts)
    by_id = {act.id: act for act in acts}
    for one in found:
        for chain in one.promises:
            assert by_id[chain.first.id].body.previous is None
            ids = [step.id for step in chain.statements]
            assert [by_id[name].body.previous for name in ids[1:]] == ids[:-1]
        assert one.low("people") <= one.high("people")
        ceiling = max(max(s.quantity, s.delivered) for c in one.promises for s in c.statements)
        assert one.high("people") <= ceiling
    (line,) = shortfalls(found, LINE).lines
    assert line.answer != "met" or line.low >= line.need.high
    assert line.answer != "short" or line.high < line.need.low
    assert line.short_low <= line.short_high


WORDS = st.lists(
    st.sampled_from(("a", "the", "hill", " ", " ", ", ", ".", "Straße", "\n", "-")), max_size=40
).map("".join)


@patiently(300)
@given(WORDS | st.text(max_size=60), WORDS | st.text(max_size=60))
def test_a_difference_keeps_every_word_of_both(before, after):
    runs = difference(before, after)
    assert "".join(run.words for run in runs if run.kind != "added") == before
    assert "".join(run.words for run in runs if run.kind != "removed") == after
    assert all(run.words for run in runs)
    assert [run for run in runs if run.kind != "kept"] == [] or before != after
    assert all(one.kind != other.kind for one, other in pairwise(runs))
