"""The API: what pages do, from a desk that a token speaks for; refusals as JSON; its document."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest
from django.test import Client

from comity.core.attestations import verify
from comity.web.house import House


class Caller:
    """A program with a token."""

    def __init__(self, token: str) -> None:
        self.client, self.token = Client(enforce_csrf_checks=True), token

    def __call__(self, method: str, path: str, body=None, status: int = 200, **headers):
        told = {"Authorization": f"Bearer {self.token}"} | headers
        sent = body if isinstance(body, bytes | str) else json.dumps(body if body else {})
        data = {} if method == "GET" else {"data": sent, "content_type": "application/json"}
        answer = self.client.generic(method, path, headers=told, **data)
        assert answer.status_code == status, answer.content.decode()
        assert answer["Content-Type"] == "application/json"
        return json.loads(answer.content)

    def get(self, path: str, status: int = 200):
        return self("GET", path, status=status)

    def post(self, path: str, body=None, status: int = 200):
        return self("POST", path, body, status)


@pytest.fixture
def calls(at, house: House):
    """Make a token on the page of a desk: ``calls("Arden")`` or ``calls("Arden", "council")``."""

    def make(member: str, office: str = "whole desk") -> Caller:
        client = at(member, office)
        for number in re.findall(r"/tokens/(\d+)/revoke", client.get("/tokens").content.decode()):
            client.post(f"/tokens/{number}/revoke")
        page = client.post("/tokens", {"label": "a test"}).content.decode()
        return Caller(re.search(r"comity-[\w-]{43}", page)[0])

    return make


ALERT = {"organ": "council", "title": "Rockfall", "text": "The pass is shut.", "severity": "severe"}


def document(house: House) -> dict:
    return json.loads(Client().get("/api/openapi.json").content)


# Tokens.


def test_a_token_is_shown_once_and_kept_as_a_hash(at, house):
    client = at("Arden")
    page = client.post("/tokens", {"label": "shown once"}).content.decode()
    token = re.search(r"comity-[\w-]{43}", page)[0]
    assert token not in client.get("/tokens").content.decode()
    assert "shown once" in client.get("/tokens").content.decode()
    for path in house.data.rglob("people.sqlite*"):
        assert token.encode() not in path.read_bytes()


def test_a_revoked_token_opens_nothing(at, house, calls):
    caller = calls("Brill")
    caller.get("/api/now")
    client = at("Brill")
    page = client.get("/tokens").content.decode()
    for number in re.findall(r"/tokens/(\d+)/revoke", page):
        client.post(f"/tokens/{number}/revoke")
        client.post(f"/tokens/{number}/revoke")  # twice is no harm
    assert caller.get("/api/now", 401)["code"] == "token"


def test_nobody_revokes_the_token_of_another_desk(at, calls):
    caller = calls("Corve")
    number = re.search(r"/tokens/(\d+)/revoke", at("Corve").get("/tokens").content.decode())[1]
    assert at("Brill").post(f"/tokens/{number}/revoke").status_code == 404
    assert at("Corve", "council").post(f"/tokens/{number}/revoke").status_code == 404
    caller.get("/api/now")


def test_too_many_tokens_are_refused_in_words(at):
    client = at("Dorn", "council")
    statuses = [client.post("/tokens", {"label": f"number {k}"}).status_code for k in range(21)]
    assert statuses == [200] * 20 + [422]


def test_whoever_lost_the_office_has_no_token_there_either(calls):
    from comity.web.models import Appointment

    caller = calls("Elsin")
    Appointment.objects.filter(member="Elsin").delete()
    assert caller.get("/api/now", 401)["code"] == "token"


@pytest.mark.parametrize(
    "told", ["", "Bearer", "Bearer comity-", "Basic YTpi", "Bearer comity-" + "x" * 43, "é" * 90]
)
def test_without_a_token_every_call_is_refused(house, told):
    for method, path in (("GET", "/api/now"), ("POST", "/api/alerts"), ("GET", "/api/nothing")):
        answer = Client().generic(method, path, headers={"Authorization": told})
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert json.loads(answer.content)["code"] == "token"


def test_a_session_is_no_token(at, house):
    client = at("Arden")
    assert client.get("/").status_code == 200
    assert client.get("/api/now").status_code == 401
    answer = client.post("/api/alerts", json.dumps(ALERT), content_type="application/json")
    assert answer.status_code == 401


# From an alert to a certificate.


def test_from_alert_to_certificate_by_calls_alone(calls, house, clock):
    arden, brill, corve, dorn = (calls(m) for m in ("Arden", "Brill", "Corve", "Dorn"))
    alert = arden.post("/api/alerts", ALERT | {"title": "From the API", "case": "api-case"})
    assert arden.post("/api/alerts", ALERT | {"title": "From the API", "case": "api-case"}) == alert
    waiting = brill.get("/api/now")["waiting"]
    assert any(one["id"] == alert["id"] and one["kind"] == "alert" for one in waiting)
    told = brill.post(f"/api/alerts/{alert['id']}/receipt")
    assert [one["member"] for one in told["notices"][0]["holders"]] == ["Brill"]
    assert brill.post(f"/api/alerts/{alert['id']}/receipt") == told
    delivered = arden.get(f"/api/alerts/{alert['id']}/delivery")
    assert verify(json.dumps(delivered).encode(), house.hall.nodes["Dorn"].coalition).proven

    text = arden.post(
        "/api/texts",
        {
            "organ": "council",
            "title": "On the pass",
            "paragraphs": ["It is shut.", "Crews go."],
            "case": "api-case",
        },
    )
    bracket = {"deed": "bracket", "paragraph": "2", "words": "Crews", "instead": "Two crews"}
    told = brill.post(f"/api/texts/{text['id']}/edit", bracket)
    assert told["clean"] is None
    assert "Brill's bracket" in told["hindrances"][0]
    name = told["paragraphs"][1]["brackets"][0]["id"]
    keep = {"deed": "resolve", "paragraph": "2", "bracket": name, "how": "instead"}
    told = brill.post(f"/api/texts/{text['id']}/edit", keep)
    assert told["clean"] == ["It is shut.", "Two crews go."]
    on = [one["id"] for one in told["paragraphs"][0]["standing"]]
    write = {"deed": "write", "paragraph": "1", "words": "It is shut today.", "on": on}
    told = corve.post(f"/api/texts/{text['id']}/edit", write)
    told = corve.post(f"/api/texts/{text['id']}/edit", {"deed": "insert", "words": "We agree."})
    assert told["clean"] == ["We agree.", "It is shut today.", "Two crews go."]

    asked = {
        "organ": "council",
        "title": "On the pass",
        "effect": {"kind": "adopt", "paragraphs": told["clean"]},
        "rule": "double-majority",
        "procedure": "vote",
        "text": text["id"],
        "case": "api-case",
    }
    proposal = arden.post("/api/proposals", asked)
    assert proposal["proposal"]["text"] == text["id"]
    assert proposal["tally"]["standing"] == "open"
    path = f"/api/proposals/{proposal['id']}"
    note = {"kind": "declaration", "text": "Gladly."}
    for caller in (arden, brill, corve):
        told = caller.post(f"{path}/stance", {"word": "yes", "annotations": [note], "turn": 0})
    assert brill.post(f"{path}/stance", {"word": "no", "turn": 0}, 422)["code"] == "usage"
    assert {one["word"] for one in told["answers"]} == {"yes"}
    assert dorn.post(f"{path}/hold", {"back": True})["held"]
    assert arden.get(f"{path}/certificate", 422)["code"] == "usage"
    assert "may be closed from" in arden.post(f"{path}/closing", status=422)["error"]
    clock.forward(hours=50)
    for caller in (arden, brill, corve, dorn):
        told = caller.post(f"{path}/closing")
    assert told == dorn.post(f"{path}/closing")
    assert (told["outcome"], told["settled"]) == ("adopted", True)
    certificate = arden.get(f"{path}/certificate")
    verdict = brill.post("/api/verify", {"certificate": certificate})
    assert verdict["proven"]
    assert verdict["outcome"] == "adopted"
    other = {"certificate": certificate, "fingerprint": "ab" * 32}
    assert brill.post("/api/verify", other, 422)["refusal"]

    case = dorn.get("/api/cases/api-case")
    assert {"alert", "receipt", "edit", "propose", "stance", "closing"} <= {
        one["kind"] for one in case["acts"]
    }
    assert any(one["name"] == "api-case" for one in dorn.get("/api/cases")["cases"])
    assert any(one["id"] == text["id"] for one in dorn.get("/api/texts")["texts"])
    assert any(one["id"] == proposal["id"] for one in dorn.get("/api/proposals")["proposals"])


def test_an_alert_is_updated_and_cancelled_by_its_author_alone(calls):
    arden, brill = calls("Arden"), calls("Brill")
    alert = arden.post("/api/alerts", ALERT | {"title": "To be changed"})
    path = f"/api/alerts/{alert['id']}/change"
    change = {"type": "update", "text": "One lane is open.", "severity": "minor"}
    assert brill.post(path, change, 422)["code"] == "usage"
    told = arden.post(path, change)
    assert (told["title"], told["severity"]) == ("To be changed", "minor")
    told = arden.post(path, {"type": "cancel", "text": "It is over."})
    assert told["cancelled"]
    assert arden.post(path, change | {"text": "Too late."}) == told
    assert any(one["id"] == alert["id"] for one in brill.get("/api/alerts")["alerts"])


def test_a_pledge_is_made_restated_and_counted(calls):
    dorn = calls("Dorn")
    asked = {
        "organ": "council",
        "obligation": "ambulance",
        "line": "crews",
        "quantity": "2.5",
        "unit": "crews",
        "case": "api-pledge",
        "ready": "2027-01-01",
        "approvals": [{"body": "Assembly", "state": "pending"}],
    }
    made = dorn.post("/api/pledges", asked)
    assert dorn.post("/api/pledges", asked) == made
    first = made["promises"][0][0]["id"]
    approved = [{"body": "Assembly", "state": "approved", "on": "2026-12-01"}]
    again = {"previous": first, "quantity": "3", "delivered": "1", "approvals": approved}
    told = dorn.post("/api/pledges", again)
    assert [one["quantity"] for one in told["promises"][0]] == ["2.5", "3"]
    assert dorn.post("/api/pledges", asked | {"quantity": "9"}, 422)["code"] == "usage"
    all_of_it = calls("Brill").get("/api/pledges")
    assert told in all_of_it["pledges"]
    assert any(one["line"] == "crews" for one in all_of_it["lines"])


def test_a_silence_is_broken_and_a_proposal_is_put_anew(calls):
    arden, brill = calls("Arden"), calls("Brill")
    asked = {
        "organ": "council",
        "effect": {"kind": "open a case", "case": "api-silence", "title": "A matter"},
        "rule": "double-majority",
        "procedure": "silence",
    }
    made = arden.post("/api/proposals", asked)
    assert made["proposal"]["effect"]["case"] == "api-silence"
    told = brill.post(f"/api/proposals/{made['id']}/stance", {"word": "objection"})
    assert told["answers"][0]["word"] == "objection"
    anew = arden.post("/api/proposals", asked | {"instead": made["id"], "case": "api-silence"})
    assert anew["id"] != made["id"]
    old = arden.get(f"/api/proposals/{made['id']}")
    assert "withdraw" in {one["word"] for one in old["answers"]}


def test_who_is_who(calls):
    arden = calls("Arden")
    organs = {one["id"]: one for one in arden.get("/api/organs?on=2026-03-01")["organs"]}
    assert organs["watch"]["seats"] == ["Arden", "Dorn"]
    members = {one["code"]: one for one in arden.get("/api/members")["members"]}
    assert members["Elsin"]["standing"] == "associate"
    assert members["Harbour"]["standing"] is None
    assert arden.get("/api/organs?on=2026-02-30", 422)["code"] == "usage"


# The record.


def test_the_record_is_paged_and_every_act_comes_with_its_proof(calls, house):
    from msgspec import convert

    from comity.core.acts import ActForm, act_of

    arden = calls("Arden")
    for k in range(5):
        arden.post("/api/alerts", ALERT | {"title": f"Paged {k}"})
    asked = "/api/record?organ=council&member=Arden&kind=alert&limit=2"
    first = arden.get(asked)
    second = arden.get(f"{asked}&before={first['before']}")
    ids = [one["id"] for one in (*first["acts"], *second["acts"])]
    assert len(set(ids)) == 4
    told = arden.get(f"/api/acts/{ids[0]}")
    assert told["body"]["title"] == "Paged 4"
    read = act_of(convert(told["form"], ActForm), house.hall.nodes["Arden"].succession.keyring)
    assert read.id == ids[0] == arden.get(f"/api/acts/{ids[0][:16]}")["id"]


# Refusals.


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ("{", "not-json"),
        ("[" * 100_000, "not-json"),
        (b"\xff", "not-utf-8"),
        (json.dumps(ALERT)[:-1] + ', "title": "Twice"}', "key-twice"),
        (json.dumps(ALERT | {"title": 7}), "shape"),
        (json.dumps(ALERT | {"more": 7}), "shape"),
        (json.dumps(ALERT | {"title": ""}), "shape"),
        (json.dumps(ALERT | {"title": "x" * 201}), "shape"),
        (json.dumps(ALERT | {"severity": 1e400}), "number"),
        (json.dumps(ALERT | {"title": "e\u0301"}), "not-nfc"),
        (json.dumps(ALERT | {"title": "bell\u0007"}), "hidden-character"),
        (json.dumps(ALERT | {"title": "bidi\u202e"}), "hidden-character"),
        ("[]", "shape"),
        ("null", "shape"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_by_name(calls, body, refusal):
    told = calls("Arden").post("/api/alerts", body, 400)
    assert (told["code"], told["refusal"]) == ("request", refusal)
    assert told["hint"]


def test_sizes_types_methods_and_parameters_are_bounded(calls):
    arden = calls("Arden")
    assert arden.post("/api/alerts", "x" * 140_000, 413)["refusal"] == "too-large"
    headers = {"Authorization": f"Bearer {arden.token}"}
    answer = arden.client.post("/api/alerts", {"title": "a form"}, headers=headers)
    assert (answer.status_code, json.loads(answer.content)["code"]) == (415, "media")
    answer = arden.client.delete("/api/alerts", headers=headers)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, POST")
    for wrong in ("page=0", "page=x", "page=1&page=2", "more=1", "page=" + "9" * 400, "page="):
        assert arden.get(f"/api/alerts?{wrong}", 400)["code"] == "request"
    assert arden.post("/api/alerts?page=1", ALERT, 400)["code"] == "request"
    assert arden.get("/api/nothing", 404)["code"] == "not-there"
    assert arden.get(f"/api/acts/{'ab' * 32}", 404)["code"] == "not-there"
    assert arden.get("/api/acts/%00", 404)["code"] == "not-there"


def test_another_organ_is_refused_like_one_that_does_not_exist(calls):
    arden = calls("Arden", "council")
    hidden = arden.post("/api/alerts", ALERT | {"organ": "watch"}, 422)
    nowhere = arden.post("/api/alerts", ALERT | {"organ": "nowhere"}, 422)
    assert hidden == nowhere


def test_what_a_member_may_not_is_refused_in_words(calls):
    elsin = calls("Elsin")
    asked = {
        "organ": "coalition",
        "effect": {"kind": "close a case", "case": "api-case"},
        "rule": "double-majority",
        "procedure": "vote",
    }
    told = elsin.post("/api/proposals", asked, 422)
    assert told["code"] == "usage"
    assert told["hint"]


def test_what_fails_in_the_room_is_told_as_json(calls, monkeypatch):
    from comity.web.api import door

    arden = calls("Arden")
    monkeypatch.setattr(door, "read_json", lambda *args, **named: 1 / 0)
    assert arden.post("/api/alerts", ALERT, 500)["code"] == "broken"


# The document.


def test_the_document_is_openapi_and_every_call_is_in_it(house):
    from comity.web.api.calls import CALLS

    told = document(house)
    assert told["openapi"].startswith("3.1")
    listed = {(m.upper(), path) for path, one in told["paths"].items() for m in one}
    assert listed == {(call.method, call.path) for call in CALLS}
    jsonschema.Draft202012Validator.check_schema(
        {"$defs": told["components"]["schemas"], "type": "object"}
    )


def test_every_reference_of_the_document_leads_somewhere(house):
    told = document(house)
    for name in re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(told)):
        assert name in told["components"]["schemas"]


def test_the_page_of_the_api_names_every_call_and_every_code():
    from pathlib import Path

    from comity.web.api.calls import CALLS

    page = (Path(__file__).parents[2] / "docs/reference/api.md").read_text(encoding="utf-8")
    for call in CALLS:
        assert f"`{call.method} {call.path}`" in page
    for code in ("usage", "act", "request", "token", "not-there", "method", "media", "broken"):
        assert f"`{code}`" in page
