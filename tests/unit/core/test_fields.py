from datetime import date
from fractions import Fraction

import pytest

from comity.core.fields import MAX_FAULTS, dotted, exact_number, share_of, shown, visible
from comity.core.source import Decimal
from tests.unit.core.larch import no_faults, table_of


def one(text, how):
    """Read key k of a file by one method: its value, and what is said of it."""
    table, faults = table_of(text)
    value = how(table)
    return value, [fault.what for fault in faults.found]


def test_a_path_is_written_as_in_toml_with_items_from_one():
    assert dotted(("a", "b", 0, "c d")) == 'a.b[1]."c d"'


def test_what_a_terminal_would_act_on_is_shown_as_a_question_mark():
    assert visible("plain") == "plain"
    assert visible("a\x1bb") == "a?b"


def test_one_fault_is_told_once_and_two_hundred_at_most():
    faults = no_faults()
    faults.add(("a", "b"), "it is empty", "fill it")
    faults.add(("a", "b"), "it is empty", "fill it")
    assert len(faults.found) == 1
    assert faults.touch("a")
    assert not faults.touch("b")
    for count in range(MAX_FAULTS):
        faults.add((), f"fault {count}", "mend it")
    assert faults.full
    assert len(faults.sorted()) == MAX_FAULTS


def test_reading_named_tables_stops_when_the_faults_are_full():
    table, faults = table_of("[t.a]\n[t.b]")
    for count in range(MAX_FAULTS):
        faults.add((), f"fault {count}", "mend it")
    assert list(table.named("t", limit=5, what="tables")) == []


def test_more_named_tables_than_there_may_be_are_refused():
    table, faults = table_of("[t.a]\n[t.b]")
    assert list(table.named("t", limit=1, what="tables")) == []
    assert faults.found[0].what == "there are 2 tables"


def test_more_tables_in_a_list_than_there_may_be_are_refused():
    table, faults = table_of("[[t]]\n[[t]]")
    assert list(table.tables("t", limit=1)) == []
    assert faults.found[0].what == "the list has 2 items"


@pytest.mark.parametrize(
    ("written", "how", "value", "said"),
    [
        pytest.param('"e\\u0301"', lambda t: t.text("k"), "é", [], id="a text is normalised"),
        pytest.param(
            "1.5", lambda t: t.text("k"), "", ["1.5 is not text"], id="a decimal is no text"
        ),
        pytest.param("true", lambda t: t.yes_or_no("k", default=False), True, [], id="a truth"),
        pytest.param(
            "1",
            lambda t: t.yes_or_no("k", default=False),
            False,
            ["1 is not true or false"],
            id="a number is no truth",
        ),
        pytest.param(
            "true",
            lambda t: t.whole("k", 0, 9),
            None,
            ["True is not a whole number from 0 to 9"],
            id="a truth is no number",
        ),
        pytest.param("7", lambda t: t.whole("k", 0, 9), 7, [], id="a whole number"),
        pytest.param(
            "10",
            lambda t: t.whole("k", 0, 9, default=3),
            3,
            ["10 is not a whole number from 0 to 9"],
            id="a number too large",
        ),
        pytest.param("2026-01-31", lambda t: t.day("k"), date(2026, 1, 31), [], id="a day"),
        pytest.param("36.5", lambda t: t.hours("k"), 36.5, [], id="hours"),
        pytest.param(
            "nan",
            lambda t: t.hours("k"),
            None,
            ["nan is not a number of hours up to 87,660"],
            id="no number of hours",
        ),
        pytest.param("0.25", lambda t: t.quantity("k"), Fraction(1, 4), [], id="an exact quantity"),
        pytest.param(
            "inf",
            lambda t: t.quantity("k"),
            None,
            ["inf is not a number that is not negative, with at most 18 digits"],
            id="an endless quantity",
        ),
        pytest.param('"55 %"', lambda t: t.share("k"), Fraction(11, 20), [], id="a share"),
        pytest.param('["a", "b"]', lambda t: t.texts("k"), ("a", "b"), [], id="a list of texts"),
        pytest.param(
            '["a", 1]',
            lambda t: t.texts("k"),
            ("a",),
            ["1 is not text"],
            id="a list of a text and a number",
        ),
        pytest.param(
            '"a"', lambda t: t.choice("k", ("a", "b"), default="b"), "a", [], id="a word of several"
        ),
        pytest.param(
            "1",
            lambda t: t.choice("k", ("a", "b")),
            "a",
            ["1 is not one of: a, b"],
            id="a number among words",
        ),
    ],
)
def test_a_value_is_read_as_what_was_asked_for(written, how, value, said):
    assert one(f"k = {written}", how) == (value, said)


@pytest.mark.parametrize(
    ("how", "value"),
    [
        pytest.param(lambda t: t.text("k", default="d"), "d", id="text"),
        pytest.param(lambda t: t.choice("k", ("a", "b"), default="b"), "b", id="choice"),
        pytest.param(lambda t: t.day("k"), None, id="day"),
        pytest.param(lambda t: t.whole("k", 0, 1, default=1), 1, id="whole number"),
        pytest.param(lambda t: t.hours("k"), None, id="hours"),
        pytest.param(lambda t: t.yes_or_no("k", default=True), True, id="truth"),
        pytest.param(lambda t: t.quantity("k"), None, id="quantity"),
        pytest.param(lambda t: t.share("k"), None, id="share"),
        pytest.param(lambda t: t.texts("k"), (), id="texts"),
        pytest.param(lambda t: t.table("k"), None, id="table"),
        pytest.param(lambda t: list(t.tables("k")), [], id="tables"),
        pytest.param(lambda t: list(t.named("k", limit=1, what="x")), [], id="named tables"),
    ],
)
def test_what_is_left_out_is_its_default(how, value):
    assert one("", how) == (value, [])


def test_a_misspelt_key_that_is_required_is_one_fault():
    table, faults = table_of('nmae = "x"')
    table.text("name", required=True)
    table.text("other", required=True)
    table.done()
    assert [(f.what, f.remedy) for f in faults.found] == [
        ("nothing here is called 'nmae'", "did you mean 'name'?"),
        ("'other' is missing", 'add other = "..."'),
    ]


def test_unknown_keys_beyond_the_bound_are_not_compared():
    table, faults = table_of("a = 1")
    for count in range(MAX_FAULTS):
        faults.add((), f"fault {count}", "mend it")
    table.done()
    assert len(faults.found) == MAX_FAULTS


@pytest.mark.parametrize(
    ("value", "exact"),
    [
        pytest.param(7, Fraction(7), id="whole"),
        pytest.param(10**18, None, id="too many digits"),
        pytest.param(True, None, id="a truth"),
        pytest.param(Decimal("1_0.25"), Fraction(41, 4), id="decimal"),
        pytest.param(Decimal("1e9"), None, id="exponent"),
        pytest.param("7", None, id="text"),
    ],
)
def test_a_number_is_exact_or_none(value, exact):
    assert exact_number(value) == exact


@pytest.mark.parametrize(
    ("value", "exact"),
    [
        pytest.param("55 %", Fraction(11, 20), id="percent"),
        pytest.param("33.5%", Fraction(67, 200), id="percent with decimals"),
        pytest.param("2/3", Fraction(2, 3), id="fraction"),
        pytest.param("3/2", None, id="more than all"),
        pytest.param("1/0", None, id="of nothing"),
        pytest.param("half", None, id="words"),
        pytest.param(0.5, None, id="number"),
    ],
)
def test_a_share_is_exact_or_none(value, exact):
    assert share_of(value) == exact


@pytest.mark.parametrize(
    ("value", "told"),
    [
        pytest.param({}, "a table", id="table"),
        pytest.param([], "a list", id="list"),
        pytest.param(1 << 100_000, "a number with more than 18 digits", id="huge number"),
        pytest.param(7, "7", id="number"),
        pytest.param("x" * 50, '"' + "x" * 40 + '..."', id="long text"),
        pytest.param(Decimal("0.5"), "0.5", id="decimal"),
    ],
)
def test_a_value_is_shown_short(value, told):
    assert shown(value) == told
