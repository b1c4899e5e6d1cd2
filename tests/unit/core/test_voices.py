"""Whether whoever says something in an organ had a place there, and a key that spoke."""

from __future__ import annotations

import pytest

from comity.core.bodies import Alert, Attach, Edit, OpenText, Pledge, Receipt, ReplaceKey, Stance
from comity.core.constitution import COALITION
from comity.core.founding import KeyHeld
from comity.core.keys import offer_key
from comity.core.signing import public_key
from comity.core.succession import succeed
from comity.core.voices import voice_reason
from tests.property.record_strategies import OFFICE, Cast, seed

ALERT = Alert("Ice", "The road is closed.", "severe")
HASH = "ab" * 32


@pytest.fixture
def cast():
    return Cast(4, 1, 0)


def reason(cast, act):
    return voice_reason(act, succeed(cast.ground, cast.past))


@pytest.mark.parametrize(
    "body",
    [
        ALERT,
        Receipt(HASH, "2026-03-01T08:00:00Z"),
        Edit(OpenText("A text", ("It is.",))),
        Pledge("crews", "7", "crews"),
        Attach(HASH, "file", "text/plain", 7, case="bridge"),
    ],
    ids=lambda body: type(body).__name__.lower(),
)
def test_whoever_sits_elsewhere_says_nothing_of_effect_here(cast, body):
    assert reason(cast, cast.act("Brill", body, organ="watch")) is None
    assert reason(cast, cast.act("Harbour", body, organ="watch")) is None
    told = reason(cast, cast.act("Corve", body, organ="watch"))
    assert told == "Corve had no place in 'watch' on 2026-03-01"
    assert reason(cast, cast.act("Corve", body, organ=COALITION)) is None
    assert reason(cast, cast.act("Corve", body, organ="nowhere")) is not None


def test_nobody_gets_a_place_by_naming_a_constitution_or_a_day(cast):
    named = cast.act("Corve", ALERT, organ="watch", constitution=HASH)
    assert "another constitution" in reason(cast, named)
    for day in ("0001-01-01", "9999-12-31"):
        assert reason(cast, cast.act("Corve", ALERT, organ="watch", instant=f"{day}T00:00:00Z"))


def test_a_key_that_was_replaced_raises_no_more_alerts(cast):
    new = KeyHeld("Dorn", OFFICE, public_key(seed("new")).hex(), None)
    offer = offer_key(cast.founding.id, new, seed("new"))
    before = cast.act("Dorn", ALERT)
    cast.settle(ReplaceKey(offer), but=("Dorn",))
    assert reason(cast, before) is None
    stolen = cast.act("Dorn", ALERT)
    assert reason(cast, stolen) == "its key does not speak in the constitution that it names"
    cast.secrets["Dorn"] = "new"


def test_whoever_was_admitted_is_heeded_though_it_has_not_entered_yet(cast):
    ground = cast.under.id
    cast.settle(cast.admit("Elsin"))
    assert reason(cast, cast.act("Elsin", ALERT, constitution=ground)) is not None  # no key there
    assert reason(cast, cast.act("Elsin", ALERT)) is None


def test_what_decides_says_itself_whether_it_has_effect(cast):
    assert reason(cast, cast.act("Corve", Stance(HASH, 1, "yes", None), organ="watch")) is None
