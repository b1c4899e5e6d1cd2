import pytest

from comity.errors import CharterError, ComityError, ScenarioError, UsageError


def test_an_error_says_what_happened_and_then_the_next_step():
    error = UsageError("no organ is called 'councl'", hint="try: council")
    assert str(error) == "error: no organ is called 'councl'\nhint: try: council"
    assert error.to_json() == {
        "code": "usage",
        "error": "no organ is called 'councl'",
        "hint": "try: council",
    }


def test_an_error_without_a_next_step_is_one_line():
    assert str(ComityError("nothing waits")) == "error: nothing waits"


@pytest.mark.parametrize(("kind", "code"), [(CharterError, "charter"), (ScenarioError, "scenario")])
def test_a_fault_of_a_file_carries_all_that_were_found(kind, code):
    faults = ({"line": 1, "where": "", "what": "it is empty", "remedy": "fill it"},)
    error = kind("the file cannot be used", faults=faults)
    assert error.faults == faults
    assert error.to_json()["code"] == code
