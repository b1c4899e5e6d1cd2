"""Verify: certificates of all kinds, and files that are none."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from comity.core.attestations import certify_equivocation
from comity.core.bodies import Alert, Receipt
from comity.core.certificate import MAX_CERTIFICATE
from comity.core.strict import spelled
from comity.node.node import Node
from tests.property.record_strategies import Cast
from tests.web.test_proposals import id_of, let_it_close, put


def bring(client, data, fingerprint):
    file = SimpleUploadedFile("certificate.json", data, content_type="application/json")
    return client.post("/verify", {"certificate": file, "fingerprint": fingerprint})


def words(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def outcome(house, at, clock):
    name = id_of(put(at("Arden"), title="Worth a certificate"))
    let_it_close(house, clock)
    return at("Brill").get(f"/proposals/{name}/certificate").content


def test_a_proven_outcome_is_said_in_one_sentence(house, at, outcome):
    client = at("Corve")
    fingerprint = house.hall.nodes["Corve"].coalition
    assert fingerprint in words(client.get("/verify"))
    told = words(bring(client, outcome, fingerprint.upper()))
    assert "Proven: “Worth a certificate” ended adopted, and nothing can change it." in told
    assert f"founding {fingerprint}, trusted because you gave it" in told


def test_another_fingerprint_is_refused(at, outcome):
    refused = bring(at("Corve"), outcome, "0" * 64)
    assert refused.status_code == 422
    assert "another founding" in words(refused)


def test_who_has_an_alert_is_read(house, at):
    node: Node = house.hall.nodes["Arden"]
    with house.moved():
        alert = node.say("council", Alert("The bridge", "It is out.", "severe"))
    with house.moved():
        house.hall.nodes["Brill"].say("council", Receipt(alert.id, spelled(node.now())))
    told = words(bring(at("Dorn"), node.delivery(alert.id), node.coalition))
    assert "Proven: 1 signed that they have the alert “The bridge”." in told


def test_two_answers_to_one_turn_are_read_with_exercise_first(at):
    cast = Cast(exercise=True)
    proposal = cast.propose()
    one, other = (
        cast.say("Brill", proposal, word, seq=1, prev=None) for word in ("yes", "objection")
    )
    certificate = certify_equivocation(one, other, cast_succession(cast))
    told = words(bring(at("Dorn"), certificate, cast.founding.id))
    assert told.index("EXERCISE") < told.index("Proven: Brill signed two things")
    assert "another founding than that of this room" in told


def cast_succession(cast):
    from comity.core.succession import succeed

    return succeed(cast.ground, ())


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{}", id="an empty object"),
        pytest.param(b"\xff\xfe", id="no text"),
        pytest.param(b"[" * 100_000, id="deep nesting"),
        pytest.param(b'{"certificate": "outcome", "certificate": "delivery"}', id="a key twice"),
        pytest.param(b"<script>alert(1)</script>", id="markup"),
        pytest.param(json.dumps({"certificate": "poem"}).encode(), id="no such kind"),
        pytest.param(b'{"comity": 1e400}', id="no whole number"),
    ],
)
def test_what_is_no_certificate_is_refused_in_words(house, at, data):
    refused = bring(at("Dorn"), data, house.hall.nodes["Dorn"].coalition)
    assert refused.status_code == 422
    told = words(refused)
    assert 'role="alert"' in told
    assert "Traceback" not in told
    assert "<script>alert" not in told


def test_a_file_with_a_changed_word_is_refused(house, at, outcome):
    form = json.loads(outcome)
    payload = form["decided"]["act"]["envelope"]["payload"]
    swapped = ("B" if payload[200] == "A" else "A").join((payload[:200], payload[201:]))
    form["decided"]["act"]["envelope"]["payload"] = swapped
    refused = bring(at("Dorn"), json.dumps(form).encode(), house.hall.nodes["Dorn"].coalition)
    assert refused.status_code == 422


def test_no_file_too_large_a_file_and_no_fingerprint_are_refused(house, at):
    client, fingerprint = at("Dorn"), house.hall.nodes["Dorn"].coalition
    assert client.post("/verify", {"fingerprint": fingerprint}).status_code == 422
    assert client.post("/verify", {"certificate": "words"}).status_code == 422
    assert bring(client, b"{}", "not digits").status_code == 422
    refused = bring(client, b" " * (MAX_CERTIFICATE + 1), fingerprint)
    assert refused.status_code == 422
    assert "more than 32 MB" in words(refused)


def test_one_is_signed_in_to_verify(client):
    assert client.get("/verify").status_code == 302


@pytest.fixture
def client(house):
    from django.test import Client

    return Client()
