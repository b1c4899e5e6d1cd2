from comity.errors import ComityError, UsageError


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
