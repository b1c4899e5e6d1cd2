"""The after-action report says what the record of a rehearsal shows, and the same in every form."""

from __future__ import annotations

import base64
import io
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import docx as python_docx
import pytest
from tinyhtml5.parser import HTMLParser

from comity import scenarios
from comity.core.attestations import verify
from comity.exercise.after_action import ASSUMED, after_action
from comity.exercise.director import Director
from comity.exercise.plain_stage import PlainStage
from comity.exercise.rehearsal import Entry
from tests.unit.exercise.played import harbour

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def report():
    return after_action(harbour())


@pytest.fixture(scope="module")
def told(report):
    return json.loads(report.json())


@pytest.fixture(scope="module")
def page(report):
    return report.html()


def headless(name, lost=()):
    told = scenarios.load(name)
    stage = PlainStage(told.charter_text, told.start, seed=told.seed)
    director = Director(told, stage, told.seed, lost=lost)
    director.advance(told.end)
    return director.rehearsal()


def of(rows, **wanted):
    return next(row for row in rows if all(row[k] == v for k, v in wanted.items()))


# What it says.


def test_the_story_comes_first_and_says_times_outcomes_losses_and_points(report):
    shown = report.terminal()
    assert shown.startswith("EXERCISE\nAfter-action report: The slip is closed\n")
    first = " ".join(shown.splitlines()[:26])
    for words in (
        "seed 7, run 0",
        "reached 5 of 6 nodes",
        "the first text was open after 1 h 45 min",
        "no common position was reached",
        "What the Seven say: broken on 2026-03-03 14:30 UTC, stopped by Corve alone",
        "joined by Arden, Brill and Dorn",
        "1 to 3 of 3 to 4 boats pledged; one national approval pending",
        "Fenn: node off",
        "9 of 18 points",
    ):
        assert words in first, words
    assert " ".join(ASSUMED.split()[-9:]) in " ".join(shown.split())


def test_what_stands_for_the_public_record_keeps_its_days_parties_and_source(report):
    public = [
        (line.on, line.parties, line.groups, line.source) for line in report.timeline if line.public
    ]
    assert public == [
        ((date(2025, 11, 20), date(2025, 12, 1)), (), ("all seven",), "invented"),
        ((date(2026, 3, 1),), ("Harbour",), (), "gazette"),
        ((date(2026, 3, 2),), ("Arden", "Brill"), (), "gazette"),
    ]
    assert [source.id for source in report.sources] == ["invented", "gazette"]


def test_the_timeline_is_in_order_and_leaves_answers_to_the_decisions(report):
    played = [line.at for line in report.timeline if line.at is not None]
    assert all(one <= other for one, other in pairwise(played))
    assert report.timeline[0].at is None
    kinds = [line.kind for line in report.timeline]
    assert kinds.count("outcome") == 3
    assert kinds.count("not made") == 1
    assert "drawn" not in kinds
    lost = next(line for line in report.timeline if line.kind == "not made")
    assert "the node of Fenn is off" in lost.what


def test_who_had_what_when_follows_from_arrivals_and_receipts(told):
    alert = of(told["spread"], kind="alert")
    assert [one["member"] for one in alert["had"]] == ["Brill", "Corve", "Dorn", "Elsin", "Gale"]
    assert alert["never_had"] == alert["never_said"] == ["Fenn"]
    assert alert["had"][-1]["at"] == "2026-03-02T09:15:00Z"
    assert [one["member"] for one in alert["said"]] == ["Brill", "Corve", "Dorn", "Gale", "Elsin"]
    assert alert["median_had_seconds"] == 0
    assert alert["median_said_seconds"] == 45 * 60
    silent = of(told["spread"], title="What the Seven say")
    assert silent["never_said"] == ["Brill", "Elsin", "Fenn", "Gale"]
    assert [one["member"] for one in silent["said"]] == ["Dorn", "Corve"]
    slow = told["links"][:2]
    assert [one["member"] for one in slow] == ["Fenn", "Gale"]
    assert slow[0]["missed"] > 0
    assert slow[1] == {
        "member": "Gale",
        "hears_median_seconds": 1800,
        "hears_worst_seconds": 1800,
        "heard_median_seconds": 1800,
        "heard_worst_seconds": 1800,
        "missed": 0,
    }
    # What Gale's own acts waited is told of Gale, and not of who heard them late.
    assert all(one["hears_worst_seconds"] == 0 for one in told["links"][2:])


def test_times_run_from_the_shock_to_acts_that_are_named(told, report):
    acts = {act.id: act for act in report.rehearsal.acts}
    took = {one["what"]: one["seconds"] for one in told["times"]}
    assert took == {
        "to the alert": 15 * 60,
        "to the alert at every node": None,
        "to the alert confirmed by all": None,
        "to the first text": 105 * 60,
        "to the first text that members stand behind": 31 * 3600 + 600,
        "to the common position": None,
    }
    for one in told["times"]:
        assert one["from"] == "slip-closed"
        assert (one["to"] in acts) == (one["seconds"] is not None)


def test_brackets_say_by_whom_they_were_put_and_how_they_ended(told):
    dues, crown = told["brackets"]
    assert (dues["member"], dues["words"]) == ("Corve", "pay no harbour dues")
    assert [(o["member"], o["words"]) for o in dues["offers"]] == [("Brill", "pay into an account")]
    assert (dues["ended"], dues["settled_with"]) == ("2026-03-02T13:00:00Z", "pay into an account")
    assert (crown["member"], crown["ended"], crown["settled_with"]) == ("Elsin", None, None)


def test_who_blocked_what_and_what_other_rules_make_of_the_same_answers(told):
    broken = of(told["decisions"], title="What the Seven say")
    assert broken["outcome"] == "broken"
    assert broken["blocked_by"] == broken["alone"] == ["Corve"]
    assert broken["said"] == {"yes": ["Dorn"], "objection": ["Corve"]}
    assert broken["silent"] == ["Arden", "Brill", "Elsin", "Fenn", "Gale"]
    assert broken["consented"] == ["Arden", "Brill", "Elsin", "Gale"]
    others = {other["rule"]: other["outcome"] for other in broken["other_rules"]}
    # Five consent: Arden, Brill, Dorn, Elsin and Gale; Fenn, whose node is off, does not.
    assert others == {
        "five-of-seven": "adopted",
        "three-sign": "adopted",
        "four-of-seven": "adopted",
    }
    assert [o["in_force"] for o in broken["other_rules"]] == [True, True, False]
    woken = of(told["decisions"], title="The ferry cannot sail")
    assert of(woken["other_rules"], rule="nobody-against")["outcome"] == "rejected"
    assert "none" not in of(woken["other_rules"], rule="nobody-against")["why"]
    assert of(told["decisions"], title="Statement of some")["other_rules"] == []


def test_pledges_are_counted_after_each_with_what_is_short_and_what_is_pending(told):
    (line,) = told["pledges"]
    assert (line["obligation"], line["need_low"], line["need_high"]) == ("relief-boats", "3", "4")
    steps = [
        (s["member"], s["low"], s["high"], s["short_low"], s["short_high"], len(s["pending"]))
        for s in line["steps"]
    ]
    assert steps == [("Dorn", "0", "2", "1", "4", 1), ("Brill", "1", "3", "0", "3", 1)]
    assert told["woken"][0]["at"] == "2026-03-04T17:00:00Z"


def test_the_drafted_lessons_are_marked_and_give_way_to_written_ones(report, page):
    assert report.drafted
    assert "Corve alone" in report.lessons
    assert "Lessons (draft)" in page
    written = "# Ours\n\nThe line of **Gale** is slow.\n\n- Lay another.\n- Or row."
    mine = after_action(harbour(), lessons=written)
    assert not mine.drafted
    shown = mine.html()
    assert "Lessons (draft)" not in shown
    assert "<h3>Ours</h3>" in shown
    assert "<p>The line of <strong>Gale</strong> is slow.</p>" in shown
    assert "<li>Or row.</li>" in shown
    assert "Corve alone. The same answers" not in shown
    assert mine.to_json()["lessons"] == {"draft": False, "text": written}
    assert after_action(harbour(), lessons=" \n").drafted


def test_what_members_wrote_is_no_markup(report):
    bad = "<script>alert(1)</script> & **<b>bold</b>**"
    shown = after_action(harbour(), lessons=bad).html()
    assert "<script" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; <strong>&lt;b&gt;" in shown


def test_what_was_put_in_by_hand_and_what_persons_did_is_told_as_such():
    run = harbour()
    answered = next(act for act in run.acts if act.kind == "stance" and act.member == "Corve")
    entries = (
        *run.entries,
        Entry(run.until - timedelta(hours=1), "by hand", "storm", title="A storm"),
        Entry(run.until, "person", "", "Corve", act=answered.id),
    )
    shown = after_action(replace(run, entries=entries, people=("Corve",))).html()
    assert "Put in by hand: A storm" in shown
    assert "Answered &#x27;objection&#x27; to &#x27;What the Seven say&#x27;" in shown
    assert "<td>Corve; a person</td>" in shown
    assert "played by persons: Corve" in shown


def test_an_event_that_was_altered_by_hand_stands_for_nothing_on_the_record():
    run = harbour()
    shock = next(entry for entry in run.entries if entry.id == "slip-closed")
    altered = replace(shock, kind="by hand", title="The company closes half the slip", source="")
    out = replace(
        next(entry for entry in run.entries if entry.id == "gale-slow"),
        kind="not made",
        words=("It was taken out by hand.",),
    )
    swap = {shock.id: altered, out.id: out}
    entries = tuple(swap.get(entry.id, entry) for entry in run.entries)
    report = after_action(replace(run, entries=entries))
    lines = {line.id: line for line in report.timeline}
    assert (lines["slip-closed"].on, lines["slip-closed"].parties) == ((), ())
    assert report.times[0].start_words == "The company closes half the slip"
    assert lines["gale-slow"].what == (
        "Did not happen: Gale's line is slow: It was taken out by hand."
    )
    assert "One move of the script not made (Fenn)" in report.html()


def test_a_run_that_stopped_before_anything_happened_has_a_report_too():
    early = harbour(datetime(2026, 3, 2, 8, 10, tzinfo=UTC))
    report = after_action(early)
    assert "So far, at 2026-03-02 08:10 UTC. No alert was raised." in report.terminal()
    assert report.points[0] == 0
    assert after_action(early, lessons="Nothing.").docx()
    assert "Nothing in the record asks for a lesson" in report.lessons or report.tasks


def test_a_decision_on_another_matter_is_no_position_on_the_shock():
    told = scenarios.load("january-2026")
    run = headless("january-2026", lost=(("DEU", "refusing"),))
    position = next(m.id for m in told.moves if m.case == "greenland" and m.effect == "adopt")
    assert run.standings[run.ids[position]].settlement.outcome == "broken"
    took = {one.what: one.took for one in after_action(run).times}
    assert took["to the common position"] is None
    assert took["to the first text that members stand behind"] is not None


@pytest.mark.parametrize("name", scenarios.names())
def test_a_shipped_scenario_played_headless_keeps_its_public_record_and_its_proofs(name):
    run = headless(name)
    told, report = run.scenario, after_action(run)
    happened = {line.id: line for line in report.timeline if line.kind != "outcome"}
    for one in (*told.events, *told.moves):
        line = happened.get(one.id)
        if one.on and line is not None and line.kind in ("event", "move"):
            assert (line.on, line.parties, line.source) == (
                one.on,
                one.parties or (one.by,) if hasattr(one, "by") else one.parties or one.members,
                one.source,
            )
    assert any(line.public for line in happened.values()) or name != "january-2026"
    public = [(line.on, line.parties) for line in report.timeline if line.at is None]
    assert public == [(one.on, one.parties) for one in told.before]
    assert all(one.proven for _, one in report.certificates)
    assert {one.of for _, one in report.certificates} >= {
        one.act for one in report.decisions if one.outcome == "adopted"
    }
    # Whoever directs it reads the story before half a page is over.
    shown = report.terminal().splitlines()
    assert shown.index("How long it took") <= 45
    assert any(line.startswith("Counted from") for line in shown[:20])


# In which forms.


def test_json_has_the_keys_that_the_page_of_docs_names_and_no_others(told):
    page = (ROOT / "docs/reference/after-action.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`([a-z_0-9]+)`", page))
    used: set[str] = set()

    def gather(value):
        if isinstance(value, dict):
            for key, inner in value.items():
                used.add(key)
                if key != "said" or not isinstance(inner, dict):
                    gather(inner)
        elif isinstance(value, list):
            for inner in value:
                gather(inner)

    gather(told)
    assert used - documented == set()
    rows = set(re.findall(r"^\| `([a-z_0-9]+)`", page, re.MULTILINE))
    assert rows - used == set()


def test_certificates_are_in_the_json_whole_and_in_the_page_to_be_saved(told, page):
    run = harbour()
    for one in told["certificates"]:
        data = one["certificate"].encode()
        assert data == run.certificates[one["of"]]
        assert verify(data, told["coalition"]).proven
        assert verify(data, told["coalition"]).exercise
    links = re.findall(r'<a download="([^"]+)" href="data:application/json;base64,([^"]+)"', page)
    assert [base64.b64decode(content) for _, content in links] == list(run.certificates.values())
    assert len({name for name, _ in links}) == 3


def test_the_page_is_whole_and_nothing_in_it_runs_or_is_fetched(page):
    parser = HTMLParser()
    parser.parse(page)
    assert parser.errors == []
    assert not re.search(r"<(?:script|link|iframe|object|embed|img|base|form)\b", page)
    assert not re.search(r"\son[a-z]+=", page)
    assert not re.search(r"""(?:src|href)=["'](?!#|data:application/json;base64,)""", page)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert all(anchor in ids for anchor in re.findall(r'href="#([^"]+)"', page))
    assert page.count("<table>") == page.count("<caption>") >= 8
    assert page.count('<p class="marking">exercise</p>') == 2


def test_the_word_document_opens_with_headings_tables_and_sources(report):
    made = report.docx()
    assert made == report.docx()
    read = python_docx.Document(io.BytesIO(made))
    headings = [p.text for p in read.paragraphs if p.style.name == "Heading 2"]
    for title in ("In short", "Timeline", "Tasks", "Lessons (draft)", "Certificates", "Sources"):
        assert title in headings
    assert len(read.tables) >= 8
    assert read.sections[0].header.paragraphs[0].text == "EXERCISE"
    words = "\n".join(p.text for p in read.paragraphs)
    assert "The Sound Gazette" in words
    assert harbour().ids["wake"] in words
    assert f"comity verify --founding {harbour().coalition}" in words


@pytest.mark.parametrize("width", [60, 100, 140])
def test_the_terminal_is_no_wider_than_it_is(report, width):
    shown = report.terminal(width)
    # What cannot be broken, such as an id, may be longer than the line.
    long = [line for line in shown.splitlines() if len(line) > width]
    assert [line for line in long if max(map(len, line.split())) < 40] == []
