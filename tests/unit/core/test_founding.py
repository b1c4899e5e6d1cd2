"""The founding and the constitution it begins."""

from __future__ import annotations

from hashlib import sha256

import msgspec
import pytest

from comity.core.constitution import constitution
from comity.core.envelope import EXERCISE_FOUNDING, FOUNDING, seal
from comity.core.founding import FoundingForm, KeyHeld, found, read_founding
from comity.core.signing import public_key
from comity.core.strict import write_json
from comity.errors import ActError, CharterError
from tests.property.record_strategies import OFFICE, charter_text, seed

CHARTER = charter_text(2, 0, 0)
DIGEST = sha256(CHARTER).hexdigest()
RUN = "07" * 16
NAMES = ("Arden", "Brill")
SEEDS = [(name, OFFICE, seed(name)) for name in NAMES]


def forged(keys, signers=NAMES):
    """Sign a founding that `found` would not write."""
    payload = write_json(FoundingForm(1, DIGEST, RUN, tuple(keys)))
    return seal(FOUNDING, payload, [(seed(m), public_key(seed(m))) for m in signers]).form()


def held(member, office=OFFICE, key=None):
    return KeyHeld(member, office, key or public_key(seed(member)).hex())


def test_what_is_founded_is_read_back():
    made = found(DIGEST, RUN, SEEDS)
    assert read_founding(made.envelope.form()) == made
    assert made.holders[next(iter(made.keys_by_id))].member == "Arden"


def test_charter_keys_run_and_kind_each_make_another_coalition():
    made = {
        found(DIGEST, RUN, SEEDS).id,
        found("0" * 64, RUN, SEEDS).id,
        found(DIGEST, "08" * 16, SEEDS).id,
        found(DIGEST, RUN, SEEDS[:1]).id,
        found(DIGEST, RUN, SEEDS, exercise=True).id,
    }
    assert len(made) == 5


def test_an_exercise_says_so():
    made = found(DIGEST, RUN, SEEDS, exercise=True)
    assert made.exercise
    assert made.envelope.payload_type == EXERCISE_FOUNDING
    assert made.act_type != found(DIGEST, RUN, SEEDS).act_type


@pytest.mark.parametrize(
    ("form", "refusal"),
    [
        pytest.param(forged([held("Arden"), held("Brill", key="01" + "00" * 31)]), "unfit-key",
                     id="a key of small order"),
        pytest.param(forged([held("Arden"), held("Brill", key=held("Arden").key)]), "key-shared",
                     id="one key for two"),
        pytest.param(forged([held("Arden"), held("Arden", key=held("Brill").key)]), "office-twice",
                     id="two keys for one office"),
        pytest.param(forged([held("Arden"), held("Brill")], ["Arden"]), "unsigned-founding",
                     id="not signed by all"),
        pytest.param(forged([held("Arden")]), "unknown-key", id="signed by a stranger"),
        pytest.param(forged([held("Arden"), held("Brill")], ["Arden", "Arden"]),
                     "unsigned-founding", id="signed twice by one"),
        pytest.param(forged([held("Arden", office=" x")], ["Arden"]), "shape", id="a loose blank"),
    ],
)  # fmt: skip
def test_a_founding_with_one_flaw_is_refused_by_name(form, refusal):
    with pytest.raises(ActError) as caught:
        read_founding(form)
    assert caught.value.refusal == refusal


def test_the_constitution_joins_the_founding_and_its_charter():
    made = constitution(found(DIGEST, RUN, SEEDS), CHARTER)
    assert made.charter.name == "The Larch League"
    assert made.id != constitution(found(DIGEST, "08" * 16, SEEDS), CHARTER).id


def test_another_charter_is_refused():
    with pytest.raises(ActError) as caught:
        constitution(found(DIGEST, RUN, SEEDS), CHARTER + b"\n")
    assert caught.value.refusal == "another-charter"


def test_what_is_no_charter_is_refused_as_one():
    digest = sha256(b"comity = 1").hexdigest()
    with pytest.raises(CharterError):
        constitution(found(digest, RUN, SEEDS), b"comity = 1")


def test_a_key_for_somebody_the_charter_does_not_name_is_refused():
    founding = found(DIGEST, RUN, [*SEEDS, ("Corve", OFFICE, seed("Corve"))])
    with pytest.raises(ActError) as caught:
        constitution(founding, CHARTER)
    assert caught.value.refusal == "stranger-key"


def test_the_payload_of_a_founding_is_plain_json():
    plain = msgspec.json.decode(found(DIGEST, RUN, SEEDS).envelope.payload)
    assert plain["charter"] == DIGEST
    assert [key["member"] for key in plain["keys"]] == ["Arden", "Brill"]
