"""Examine: every question answers on the coalition's charter, and refuses in words."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client

from comity.errors import UsageError
from comity.web import questions
from comity.web.questions import QUESTIONS

SHIPPED = "eu-council"
ASKED_OF = dict.fromkeys(QUESTIONS, SHIPPED) | {
    "cornerstones": "coalition-of-the-willing",
    "adequacy": "coalition-of-the-willing",
    "dependence": "coalition-of-the-willing",
    "cohesion": "joint-expeditionary-force",
}


@pytest.fixture
def arden(at):
    return at("Arden")


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_every_question_answers_on_a_shipped_charter(arden, name):
    more = {"obligation": "multinational-force"} if name == "adequacy" else {}
    page = arden.get(f"/examine/{name}", {"charter": ASKED_OF[name], **more}).content.decode()
    refused = re.search(r'role="alert"><strong>([^<]+)<', page)
    assert re.search(r'class="answer">[^<]+<', page), refused and refused[1]
    assert "Sources" in page or name in ("power", "laboratory")


def test_a_chart_is_drawn_and_only_for_an_answer_that_there_is(arden):
    page = arden.get("/examine/power", {"charter": SHIPPED}).content.decode()
    href = re.search(r'<img src="([^"]+)"', page)[1].replace("&amp;", "&")
    drawn = arden.get(href)
    assert drawn["Content-Type"] == "image/svg+xml"
    assert drawn.content.startswith(b"<svg")
    assert arden.get("/examine/power/0/99.svg", {"charter": SHIPPED}).status_code == 404
    assert arden.get("/examine/magic/0/0.svg").status_code == 404


def test_a_slow_question_waits_to_be_asked(arden):
    page = arden.get("/examine/power").content.decode()
    assert 'class="answer"' not in page
    assert "Ask the question" in page


@pytest.mark.parametrize(
    "given",
    [
        {"organ": "nowhere"},
        {"on": "2026-13-01"},
        {"rule": "lot"},
        {"without": "XXX"},
        {"on": "x" * 5_000},
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(arden, given):
    answer = arden.get("/examine/power", {"charter": SHIPPED, **given})
    assert answer.status_code == 422
    assert b'role="alert"' in answer.content


def test_no_question_is_asked_without_signing_in(house):
    assert Client().get("/examine/power").status_code == 302


class Slow:
    """A question whose answer waits until it is let go."""

    def __init__(self, monkeypatch):
        self.begun, self.go = Counter(), threading.Event()
        made = questions.Question("slow", "Slow", "Slow.", (), self.ask)
        monkeypatch.setitem(QUESTIONS, "slow", made)

    def ask(self, charter, given):
        self.begun[given["on"]] += 1
        self.go.wait(10)
        if given["on"] == "never":
            raise UsageError("there is no such day")
        return ()

    def of(self, asker, on):
        return questions.answer(None, b"slow", "slow", {"on": on}, asker=asker)

    def wait_for(self, count):
        for _ in range(1_000):
            if len(questions._running) == count:
                return
            time.sleep(0.005)
        raise AssertionError(questions._running)


@pytest.fixture
def slow(monkeypatch):
    return Slow(monkeypatch)


def test_whoever_asks_the_same_meanwhile_gets_the_one_answer_that_is_worked_out(slow):
    with ThreadPoolExecutor(6) as hands:
        asked = [hands.submit(slow.of, "one", "today") for _ in range(3)]
        refused = [hands.submit(slow.of, "one", "never") for _ in range(3)]
        slow.wait_for(2)
        time.sleep(0.05)
        slow.go.set()
    assert [one.result() for one in asked] == [()] * 3
    assert all("no such day" in str(one.exception()) for one in refused)
    assert slow.begun["today"] == 1
    assert not questions._running
    assert not questions._waiting


def test_few_questions_are_worked_on_at_once_and_one_account_waits_for_few(slow):
    with ThreadPoolExecutor(questions.MOST_OF_ALL) as hands:
        for number in range(questions.MOST_OF_ONE):
            hands.submit(slow.of, "one", f"{number}")
        slow.wait_for(questions.MOST_OF_ONE)
        with pytest.raises(UsageError, match="questions of yours are being worked on"):
            slow.of("one", "another")
        for number in range(questions.MOST_OF_ALL - questions.MOST_OF_ONE):
            hands.submit(slow.of, f"person {number}", f"{number + 10}")
        slow.wait_for(questions.MOST_OF_ALL)
        assert slow.begun.total() == questions.AT_ONCE
        with pytest.raises(UsageError, match="this room is working on 16 questions"):
            slow.of("somebody", "else")
        slow.go.set()
    assert slow.of("one", "another") == ()
