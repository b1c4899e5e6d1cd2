"""Acts: what is signed is what is read, and every flaw has its name."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from comity.core.acts import SealedForm, opened, read_act, restored, write_act
from comity.core.bodies import (
    Annotation,
    Closing,
    Propose,
    Stance,
)
from comity.core.envelope import seal
from comity.core.keys import keyring
from comity.core.signing import public_key
from comity.core.strict import write_base64, write_json
from comity.errors import ActError
from tests.property.record_strategies import EXPIRES, OFFICE, Cast, changed, seed

CAST = Cast(4, 1, 0)
PROPOSAL = CAST.propose("Arden")
STANCE = CAST.say("Brill", PROPOSAL, "objection", notes=[("explanation", "It was blue.")])
CLOSING = CAST.close("Corve", PROPOSAL, [STANCE])


def refusal(make):
    with pytest.raises(ActError) as caught:
        make()
    assert caught.value.hint
    assert caught.value.to_json()["refusal"] == caught.value.refusal
    return caught.value.refusal


@pytest.mark.parametrize("act", [PROPOSAL, STANCE, CLOSING], ids=["proposal", "stance", "closing"])
def test_an_act_is_read_back_as_it_was_signed(act):
    assert read_act(act.to_bytes(), CAST.founding) == act


def test_the_words_of_an_act_are_there():
    assert isinstance(PROPOSAL.body, Propose)
    assert isinstance(STANCE.body, Stance)
    assert STANCE.body.annotations == (Annotation("explanation", "It was blue."),)
    assert isinstance(CLOSING.body, Closing)
    assert CLOSING.body.roll == {"Brill": STANCE.id}
    assert CLOSING.place == ("council", "Corve", 1)
    assert "body_bytes" not in repr(CLOSING)


def test_a_chain_names_the_act_before():
    second = CAST.say("Brill", PROPOSAL, "yes", STANCE)
    assert (second.header.seq, second.header.prev) == (2, STANCE.id)


def test_spelling_is_the_signers_and_what_is_read_is_what_was_signed():
    """Other bytes of the same meaning are another act, not a forgery."""
    again = read_act(changed(STANCE), CAST.founding)
    assert again.id != STANCE.id
    assert again.body == STANCE.body


def test_a_sealed_act_is_verified_and_its_body_unknown():
    sealed = msgspec.structs.replace(STANCE.form(), salt=None, body=None)
    act = read_act(write_json(sealed), CAST.founding)
    assert (act.id, act.body) == (STANCE.id, None)
    assert act.form() == sealed


def test_11_one_meaning_no_act_opens_to_two_bodies():
    other = CAST.say("Dorn", PROPOSAL, "yes")
    for salt, body in ((STANCE.salt, other.body_bytes), (other.salt, other.body_bytes)):
        form = msgspec.structs.replace(
            STANCE.form(), salt=write_base64(salt), body=write_base64(body)
        )
        assert refusal(lambda f=form: read_act(write_json(f), CAST.founding)) == "commitment"


def test_salt_and_body_cannot_run_into_each_other():
    """Moving a byte from the body to the salt leaves the hash; the salt's length forbids it."""
    form = msgspec.structs.replace(
        STANCE.form(),
        salt=write_base64(STANCE.salt + STANCE.body_bytes[:1]),
        body=write_base64(STANCE.body_bytes[1:]),
    )
    assert refusal(lambda: read_act(write_json(form), CAST.founding)) == "commitment"


HEADER = [
    ({"coalition": "0" * 64}, "another-coalition", "another coalition"),
    ({"member": "Brill"}, "another-signer", "another member's name"),
    ({"office": "press room"}, "another-signer", "another office"),
    ({"instant": "2026-03-01T08:00:00+00:00"}, "instant", "another spelling of the instant"),
    ({"instant": "2026-02-30T08:00:00Z"}, "instant", "no such day"),
    ({"seq": 2}, "chain-link", "a second act that follows none"),
    ({"prev": "0" * 64}, "chain-link", "a first act that follows one"),
    ({"seq": 0}, "shape", "number nothing"),
    ({"seq": True}, "shape", "true is no number"),
    ({"comity": 2}, "shape", "a later version"),
    ({"comity": True}, "shape", "true is no version"),
    ({"organ": "Council"}, "shape", "capitals in an organ"),
    ({"more": 1}, "shape", "an unknown field"),
    ({"commit": "0" * 63}, "shape", "a short hash"),
    ({"organ": "a" * 5_000}, "too-large", "too large"),
    ({"office": "bu\u0308ro"}, "not-nfc", "not NFC"),
]


@pytest.mark.parametrize(("header", "name"), [pytest.param(h, n, id=i) for h, n, i in HEADER])
def test_a_header_with_one_flaw_is_refused_by_name(header, name):
    assert refusal(lambda: read_act(changed(PROPOSAL, header=header), CAST.founding)) == name


PROPOSING = [
    ({"kind": "propse"}, "shape", "an unknown kind"),
    ({"title": ""}, "shape", "no title"),
    ({"title": "x" * 201}, "shape", "too long a title"),
    ({"title": "a\u202eb"}, "hidden-character", "reversed text"),
    ({"expires": "2026-03-02"}, "instant", "no instant"),
    ({"on": "2026-02-30"}, "day", "no such day"),
    ({"on": "2026-3-2"}, "shape", "another spelling of a day"),
    ({"roster": ["Arden", "Arden"]}, "listed-twice", "one member twice"),
    ({"roster": []}, "shape", "nobody"),
    ({"effect": {"kind": "annex", "paragraphs": ["x"]}}, "shape", "an unknown effect"),
    ({"effect": {"kind": "adopt", "paragraphs": []}}, "shape", "no text"),
]


@pytest.mark.parametrize(("body", "name"), [pytest.param(b, n, id=i) for b, n, i in PROPOSING])
def test_a_proposal_with_one_flaw_is_refused_by_name(body, name):
    assert refusal(lambda: read_act(changed(PROPOSAL, body=body), CAST.founding)) == name


@pytest.mark.parametrize(
    ("act", "body", "name"),
    [
        pytest.param(STANCE, {"word": "maybe"}, "shape", id="a word nobody knows"),
        pytest.param(STANCE, {"turn": 2}, "turn-link", id="a second turn that follows none"),
        pytest.param(STANCE, {"previous": "0" * 64}, "turn-link", id="a first that follows one"),
        pytest.param(STANCE, {"turn": 0}, "shape", id="turn nothing"),
        pytest.param(CLOSING, {"opened_at": "yesterday"}, "instant", id="no instant"),
        pytest.param(CLOSING, {"roll": {"Brill": "yes"}}, "shape", id="a roll of words"),
        pytest.param(CLOSING, {"roll": {"B r": "0" * 64}}, "shape", id="a roll of no codes"),
    ],
)
def test_an_answer_with_one_flaw_is_refused_by_name(act, body, name):
    assert refusal(lambda: read_act(changed(act, body=body), CAST.founding)) == name


def test_what_may_be_left_out_may_be_left_out():
    silent = read_act(changed(CLOSING, drop=("opened_at",)), CAST.founding)
    assert silent.body.opened_at is None
    unending = read_act(changed(PROPOSAL, drop=("expires",)), CAST.founding)
    assert unending.body.expires is None


def test_salt_and_body_come_together():
    for form in (
        msgspec.structs.replace(STANCE.form(), salt=None),
        msgspec.structs.replace(STANCE.form(), body=None),
    ):
        assert refusal(lambda f=form: read_act(write_json(f), CAST.founding)) == "opening"


def test_the_salt_has_32_bytes():
    assert refusal(lambda: read_act(changed(STANCE, salt=bytes(31)), CAST.founding)) == "commitment"


def test_one_member_speaks_in_an_act():
    two = [(seed(m), public_key(seed(m))) for m in ("Brill", "Arden")]
    envelope = seal(CAST.founding.act_type, STANCE.envelope.payload, two)
    form = msgspec.structs.replace(STANCE.form(), envelope=envelope.form())
    assert refusal(lambda: read_act(write_json(form), CAST.founding)) == "signature-count"


def test_nobody_signs_for_another():
    assert refusal(lambda: CAST.act("Dorn", STANCE.body, signer="Brill")) == "another-signer"


def test_bytes_that_are_changed_no_longer_fit_the_signature():
    payload = STANCE.envelope.payload.replace(b'"seq":1', b'"seq":3')
    form = msgspec.structs.replace(STANCE.form().envelope, payload=write_base64(payload))
    changed_act = msgspec.structs.replace(STANCE.form(), envelope=form)
    assert refusal(lambda: read_act(write_json(changed_act), CAST.founding)) == "bad-signature"


def test_15_domains_apart_an_act_of_one_run_exercise_or_coalition_verifies_in_no_other():
    others = {
        "the same charter and keys in another run": Cast(4, 1, 0, run="01" * 16),
        "an exercise": Cast(4, 1, 0, exercise=True),
        "another charter": Cast(4, 0, 0),
    }
    names = {
        what: refusal(lambda c=cast: read_act(STANCE.to_bytes(), c.founding))
        for what, cast in others.items()
    }
    assert names == {
        "the same charter and keys in another run": "another-coalition",
        "an exercise": "payload-type",
        "another charter": "another-coalition",
    }


def test_the_secret_of_an_office_is_not_in_an_act():
    assert seed("Brill").hex() not in str(STANCE.form())
    assert OFFICE in STANCE.envelope.payload.decode()
    assert EXPIRES in PROPOSAL.body_bytes.decode()


# Acts as a node keeps them.


def test_an_act_says_its_kind_what_it_is_about_and_its_case():
    assert (PROPOSAL.kind, STANCE.kind, CLOSING.kind) == ("propose", "stance", "closing")
    assert (PROPOSAL.about, STANCE.about) == ((), (PROPOSAL.id,))
    assert (STANCE.case, PROPOSAL.case) == (None, None)
    filed = CAST.propose(case="flood")
    assert filed.case == "flood"
    sealed = replace(STANCE, salt=None, body_bytes=None, body=None)
    assert (sealed.kind, sealed.about, sealed.case) == (None, (), None)


def test_a_box_stays_with_its_act_and_never_goes_with_the_open_text():
    box = SealedForm("0" * 64, write_base64(bytes(32)), "YQ==")
    boxed = replace(STANCE, sealed=box)
    assert boxed.form() == STANCE.form()
    travelling = boxed.form(sealed=True)
    assert (travelling.salt, travelling.body, travelling.sealed) == (None, None, box)
    there = read_act(write_json(travelling), CAST.founding)
    assert (there.id, there.body, there.sealed) == (STANCE.id, None, box)
    assert there.form() == travelling
    assert opened(there, STANCE.salt, STANCE.body_bytes) == boxed
    assert STANCE.form(sealed=True).sealed is None


def test_what_was_verified_is_restored_as_it_was():
    box = SealedForm("0" * 64, write_base64(bytes(32)), "YQ==")
    for act in (PROPOSAL, STANCE, replace(CLOSING, sealed=box)):
        parts = {"salt": act.salt, "body_bytes": act.body_bytes, "sealed": act.sealed}
        assert restored(act.envelope, **parts) == act
        assert restored(act.envelope, id=act.id, **parts) == act
    bare = replace(STANCE, salt=None, body_bytes=None, body=None)
    assert restored(STANCE.envelope) == bare


def test_an_office_signs_with_its_own_key_and_with_no_other_office_of_its_member():
    offer = CAST.offer("Brill", "Brill's press room", office="press room")
    ring = keyring(CAST.founding).with_keys([offer.held])
    header = msgspec.structs.replace(STANCE.header, office="press room")
    made = write_act(ring, header, STANCE.body, salt=bytes(32), seed=seed("Brill's press room"))
    assert read_act(made.to_bytes(), ring) == made
    assert refusal(lambda: read_act(made.to_bytes(), CAST.founding)) == "unknown-key"
    sign = lambda: write_act(ring, header, STANCE.body, salt=bytes(32), seed=seed("Brill"))  # noqa: E731
    assert refusal(sign) == "another-signer"
