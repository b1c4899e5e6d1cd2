import pytest

from comity.core.source import Fault, Faulty, hidden_character, read


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param(
            "a = 1\nb.c = 2", {("a",): 1, ("b",): 2, ("b", "c"): 2}, id="plain and dotted keys"
        ),
        pytest.param(
            "[t]\n\n# note\nk = 'v'", {("t",): 1, ("t", "k"): 4}, id="a table and a comment"
        ),
        pytest.param(
            "[[t]]\n[[t]]\nk = 1",
            {("t",): 1, ("t", 0): 1, ("t", 1): 2, ("t", 1, "k"): 3},
            id="a list of tables",
        ),
        pytest.param(
            "a = [\n1,\n[2],\n]",
            {("a",): 1, ("a", 0): 2, ("a", 1): 3, ("a", 1, 0): 3},
            id="lists over lines",
        ),
        pytest.param(
            "a = { b = 1, c = {} }",
            {("a",): 1, ("a", "b"): 1, ("a", "c"): 1},
            id="tables in a line",
        ),
        pytest.param(
            "a = \"\"\"x\ny\"\"\"\nb = '''z\n'''", {("a",): 1, ("b",): 3}, id="texts over lines"
        ),
        pytest.param(
            '"\\u0061" = 1\n"b c" = 2\n\'d\' = 3',
            {("a",): 1, ("b c",): 2, ("d",): 3},
            id="keys in quotes",
        ),
        pytest.param(
            "a = []\r\nb = 1", {("a",): 1, ("b",): 2}, id="an empty list and Windows line ends"
        ),
        pytest.param("", {}, id="nothing"),
    ],
)
def test_every_key_and_item_has_its_line(text, lines):
    assert read(text).lines == lines
    assert read(text.encode()).lines == lines


def test_the_line_of_what_is_not_there_is_that_of_what_is_around_it():
    source = read("\n[t]\nk = [1]")
    assert source.line(("t", "k", 0)) == 3
    assert source.line(("t", "k", 5, "x")) == 3
    assert source.line(("t", "other")) == 2
    assert source.line(("other",)) == 1


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        pytest.param("a = 1\nb = ", 2, "not TOML: invalid value", id="a key without a value"),
        pytest.param("a = 1\nb =\n", 2, "not TOML: invalid value", id="a value on no line"),
        pytest.param("a 1", 1, "not TOML: expected '='", id="no equals sign"),
        pytest.param("[a", 1, "not TOML: expected ']'", id="an open table name"),
        pytest.param("[ ]", 1, "not TOML", id="a table without a name"),
        pytest.param("[[a]", 1, "not TOML", id="a half-closed list of tables"),
        pytest.param("a = [1, 2", 1, "unclosed array", id="an open list"),
        pytest.param("a = [1 2]", 1, "unclosed array", id="a list without commas"),
        pytest.param("a = { b }", 1, "not TOML", id="a table in a line without a value"),
        pytest.param("a = { b = }", 1, "not TOML", id="a table in a line with half a pair"),
        pytest.param("a = { b = 1 c = 2 }", 1, "not TOML", id="a table in a line without commas"),
        pytest.param("= 1", 1, "not TOML: invalid statement", id="no key"),
        pytest.param('"\\q" = 1', 1, "not TOML", id="a key with an unknown escape"),
        pytest.param("a = 1 b", 1, "not TOML", id="two values in a line"),
        pytest.param('a = """b', 1, "unterminated string", id="a text without an end"),
        pytest.param("a = " + "9" * 5000, 1, "number or date", id="a number beyond reading"),
        pytest.param("a = 2026-02-30", 1, "not TOML: invalid date", id="a day that is none"),
        pytest.param("\ufeffa = 1", 1, "byte order mark", id="a byte order mark"),
        pytest.param("a = 1\n\ud800", 2, "0xed is not UTF-8", id="half a character"),
        pytest.param(b"a = 1\n\xff", 2, "0xff is not UTF-8", id="bytes that are no text"),
        pytest.param("\n" * 40_001, 40_001, "more than 40,000 lines", id="too many lines"),
        pytest.param("#" * (1 << 20) + "#", 1, "1,048,577 bytes", id="one byte too many"),
        pytest.param("é" * (1 << 19) + "#", 1, "1,048,577 bytes", id="characters of two bytes"),
        pytest.param("a = 1\na" + ".a" * 32 + " = 1", 2, "more than 32 deep", id="a long key"),
        pytest.param("\na = " + "[" * 32, 2, "more than 32 deep", id="many brackets"),
        pytest.param("a = [" + "1," * 100_000, 1, "more than 100,000 keys", id="many values"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(text, line, what):
    with pytest.raises(Faulty) as stopped:
        read(text)
    assert stopped.value.fault.line == line
    assert what in stopped.value.fault.what
    assert stopped.value.fault.remedy
    assert what in str(stopped.value)


def test_thirty_two_levels_are_read():
    assert read("a = " + "[" * 31 + "]" * 31).data
    assert read("a" + ".a" * 31 + " = 1").data


def test_recursion_inside_the_standard_reader_is_a_fault(monkeypatch):
    def deep(*_args, **_options):
        raise RecursionError

    monkeypatch.setattr("comity.core.source.tomllib.loads", deep)
    with pytest.raises(Faulty, match="nested too deep"):
        read("a = 1")


def test_a_decimal_keeps_its_digits():
    assert read("a = 0.100").data == {"a": "0.100"}


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        pytest.param("Arden", None, id="plain letters"),
        pytest.param("Ärden\nBrill", None, id="letters beyond ASCII and a line break"),
        pytest.param("Ar\u202eden", "RIGHT-TO-LEFT OVERRIDE", id="an override of direction"),
        pytest.param("Ar\tden", "U+0009", id="a tab"),
        pytest.param("Ar\u2028den", "LINE SEPARATOR", id="a line separator"),
        pytest.param("Ar\uffffden", "U+FFFF", id="what is no character"),
    ],
)
def test_characters_that_nobody_can_see_are_named(text, hidden):
    assert hidden_character(text) == hidden


def test_a_fault_reads_as_a_line_and_its_remedy():
    fault = Fault(3, "a.b", "it is empty", 'write a.b = "..."')
    assert str(fault) == 'line 3, a.b: it is empty\n  remedy: write a.b = "..."'
    assert str(Fault(3, "", "it is empty", "x")).startswith("line 3: it is empty")
    assert fault.to_json() == {
        "line": 3,
        "where": "a.b",
        "what": "it is empty",
        "remedy": 'write a.b = "..."',
    }
