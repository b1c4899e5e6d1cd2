"""Examine: every question answers on the coalition's charter, and refuses in words."""

from __future__ import annotations

import re

import pytest
from django.test import Client

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
