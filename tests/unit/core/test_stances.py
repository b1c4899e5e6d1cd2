import pytest

from comity.core.charter import Procedure
from comity.core.stances import STANCES, marks_of

SILENCE = Procedure("silence", "silence")
SILENCE_YES = Procedure("silence", "silence", ad_referendum="yes")


@pytest.mark.parametrize(
    ("stance", "procedure", "before", "after"),
    [
        pytest.param("yes", None, "yes", "yes", id="a yes is a yes"),
        pytest.param("no", None, "no", "no", id="a no is a no"),
        pytest.param("objection", SILENCE, "no", "no", id="an objection breaks silence"),
        pytest.param("abstain", None, "abstain", "abstain", id="an abstention"),
        pytest.param(
            "constructive abstention",
            None,
            "constructive",
            "constructive",
            id="a declared abstention",
        ),
        pytest.param("absent", None, "absent", "absent", id="absence"),
        pytest.param("not participating", None, "out", "out", id="outside the decision"),
        pytest.param(
            "ad referendum", None, None, "absent", id="a yes to be confirmed counts as missing"
        ),
        pytest.param(
            "ad referendum", SILENCE_YES, "yes", "yes", id="or as yes where the charter says so"
        ),
        pytest.param(
            "awaiting instructions", SILENCE, None, "absent", id="awaiting instructions is missing"
        ),
        pytest.param(None, None, None, "absent", id="silence in a vote is absence"),
        pytest.param(None, SILENCE, None, "yes", id="silence under silence is consent"),
    ],
)
def test_a_stance_counts_as_its_procedure_says(stance, procedure, before, after):
    stances = {"Arden": stance} if stance else {}
    assert marks_of(stances, ("Arden",), procedure).get("Arden") == before
    assert marks_of(stances, ("Arden",), procedure, closed=True)["Arden"] == after


def test_every_stance_counts_as_something_in_the_end():
    for stance in STANCES:
        assert marks_of({"Arden": stance}, ("Arden",), closed=True)
