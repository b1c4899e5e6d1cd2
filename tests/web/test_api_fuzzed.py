"""Schemathesis on the OpenAPI document: no server error, and answers as the document says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.test import override_settings
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import negative_data_rejection, positive_data_acceptance
from schemathesis.generation import GenerationMode

from comity.core.strict import spelled
from comity.web.house import House

EXAMPLES = 5
"""For each operation, as often as it should be and as often as it should not."""


@pytest.fixture
def document(house: House) -> Iterator[schemathesis.schemas.BaseSchema]:
    with override_settings(ALLOWED_HOSTS=["localhost"]):  # as schemathesis calls the application
        yield schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())


@pytest.fixture
def token(house: House) -> str:
    from comity.web.desk import WHOLE, desk_for
    from comity.web.models import Person
    from comity.web.tokens import make

    person, _ = Person.objects.get_or_create(name="schemathesis", defaults={"anywhere": True})
    return make(desk_for(house, person, "Arden", WHOLE), "fuzzing")


@pytest.fixture
def real(house: House) -> dict[str, str]:
    """By the part of an address before an id: something that is there."""
    from comity.core.bodies import Adopt, Alert, Edit, OpenText, Propose

    node = house.hall.nodes["Arden"]
    until = house.now() + timedelta(days=2)
    charter, on = node.under.charter, until.date()
    propose = Propose(
        "Fuzzed",
        Adopt(("Some words.",)),
        node.under.charter_hash,
        "double-majority",
        "vote",
        on.isoformat(),
        charter.roster("council", on),
        spelled(until),
        "fuzzed",
    )
    with house.moved():
        alert = node.say("council", Alert("Fuzzed", "Some words.", "minor", case="fuzzed"))
        text = node.say("council", Edit(OpenText("Fuzzed", ("Some words.", "Others."))))
        proposal = node.propose("council", propose)
    found = {"alerts": alert.id, "texts": text.id, "proposals": proposal.id, "acts": alert.id}
    return found | {"cases": "fuzzed"}


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_no_call_fails_whatever_is_sent_and_every_answer_is_as_documented(
    document, token, real, mode
):
    turn = count()
    operations = [found.ok() for found in document.get_all_operations()]
    assert len(operations) > 25
    for operation in operations:

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def one(case: schemathesis.Case) -> None:
            # What is well formed may still be refused: the document cannot say what is true.
            excluded = [positive_data_acceptance]
            there = real.get(case.path.split("/")[2])
            if there and case.path_parameters and next(turn) % 2:
                case.path_parameters = dict.fromkeys(case.path_parameters, there)
                excluded.append(negative_data_rejection)  # what was wrong may be mended
            if isinstance(case.body, dict) and "organ" in case.body and next(turn) % 2:
                case.body["organ"] = "council"
            case.call_and_validate(
                headers={"Authorization": f"Bearer {token}"},
                excluded_checks=excluded,
            )

        one()
