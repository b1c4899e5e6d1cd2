"""Hostile files: whatever the bytes, the reader answers with a charter or with faults, in time."""

from __future__ import annotations

import os
import random
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comity.core.charter import Charter
from comity.core.reading import examine
from comity.core.source import Faulty, read

FILES = int(os.environ.get("COMITY_FUZZ", "10000"))
PIECES = 20
ROOT = Path(__file__).resolve().parents[2]
GOOD = [
    path.read_bytes()
    for path in (
        ROOT / "examples" / "larch-league.toml",
        *sorted((ROOT / "spec" / "vectors" / "charter" / "good").glob("*.toml")),
    )
]

VALUES = [
    b"0x" + b"f" * 5000,
    b"9" * 5000,
    b"-1",
    b"0",
    b"1_000_000_000_000_000_000_000",
    b"1e999999999",
    b"0.1",
    b"nan",
    b"inf",
    b"-inf",
    b"true",
    b'""',
    b'" "',
    b"''",
    b'"a,b"',
    b'"chair"',
    b'"seats"',
    b'"veto"',
    b'"standing:"',
    b'"group:coast"',
    b'"coast"',
    b'"rotation:coast"',
    b'":::"',
    b'"' + b"x" * 5000 + b'"',
    b'"' + b"\xc3\xa9" * 3000 + b'"',
    b'"\\u202e"',
    b'"\\u0000"',
    b'"\xe2\x80\x8b"',
    b'"\\uFFFF"',
    b'"1/0"',
    b'"0 %"',
    b'"100 %"',
    b'"200 %"',
    b'"2/3"',
    b'"999999999999999999/999999999999999999"',
    b"0001-01-01",
    b"9999-12-31",
    b"2026-01-01T00:00:00Z",
    b"00:00:00",
    b"[]",
    b"{}",
    b"[[]]",
    b"[" * 31 + b"]" * 31,
    b"[" * 4000,
    b"{a=" * 31 + b"1" + b"}" * 31,
    b"{ in_favour = { at_least = 1 } }",
    b"{ quorum = { at_least = 3 } }",
    b'["Arden"]',
    b'["Arden", "Arden"]',
    b'["nobody", 1, [], {}]',
    b"[{}]",
    b"[{}, {}]",
    b"{ Arden = 1 }",
    b'"""',
    b"'''\n",
    b"1979-02-30",
    b".",
    b"=",
]
KEYS = [
    b"comity",
    b"charter",
    b"members",
    b"a.b.c",
    b'""',
    b"'x y'",
    b'"\\u202e"',
    b"standing",
    b"seats",
    b"veto",
    b"chair",
    b"rules",
    b"adopt",
    b"reject",
    b"in_favour",
    b"at_least",
    b"more_than",
    b"of",
    b"all_of",
    b"any_of",
    b"some_of",
    b"weight",
    b"values",
    b"terms",
    b"order",
    b"since",
    b"until",
    b"from",
    b"concerned",
    b"n",
    b"f",
    b"among",
    b"invoked_by",
    b"a" + b".a" * 40,
]
LINES = [
    b"[organs.x]",
    b"[[organs.x]]",
    b"[members]",
    b"[[weights.people]]",
    b"[rules.x]",
    b"[a.b.c.d]",
    b"[changes.amendment]",
    b"[rotations.x]",
    b"[groups]",
    b"]",
    b"}",
    b"[",
    b"#",
    b"\xff\xfe",
    b"\x00",
    b"\xef\xbb\xbf",
    b"\r",
    b"[organs.council.rules]",
    b"[rules.consensus.adopt]",
]


def mutated(seed):
    """One hostile file: a good one after one to six seeded changes."""
    chance = random.Random(seed)
    lines = chance.choice(GOOD).split(b"\n")
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        at = chance.randrange(len(lines))
        line = lines[at]
        key, equals, value = line.partition(b"=")
        match chance.randrange(12):
            case 0:
                del lines[at : at + chance.choice((1, 1, 2, 5))]
            case 1:
                lines.insert(at, line)
            case 2:
                other = chance.randrange(len(lines))
                lines[at], lines[other] = lines[other], line
            case 3 if line:
                flipped = bytearray(line)
                flipped[chance.randrange(len(line))] ^= 1 << chance.randrange(8)
                lines[at] = bytes(flipped)
            case 4:
                lines[at] = line[: chance.randrange(len(line) + 1)]
            case 5:
                lines.insert(at, chance.choice(LINES))
            case 6 if equals:
                lines[at] = chance.choice(KEYS) + b" =" + value
            case 7:
                lines.insert(at, chance.choice(KEYS) + b" = " + chance.choice(VALUES))
            case 8 if b"=" in value:
                inner = value.split(b"=")
                spot = chance.randrange(len(inner))
                inner[spot] = b" " + chance.choice(VALUES + KEYS) + b" "
                lines[at] = key + b"=" + b"=".join(inner)
            case _ if equals:
                lines[at] = key + b"= " + chance.choice(VALUES)
        lines = lines or [b""]
    return b"\n".join(lines)


def answers_in_words(text):
    charter, faults = examine(text)
    assert (charter is None) == bool(faults)
    assert charter is None or isinstance(charter, Charter)
    for fault in faults:
        assert fault.line >= 1
        assert str(fault).replace("\n", "").isprintable()
        assert fault.remedy
    return charter, faults


@pytest.mark.parametrize("piece", range(PIECES))
def test_no_mutation_of_a_good_charter_gets_a_traceback(piece):
    for seed in range(piece, FILES, PIECES):
        text = mutated(seed)
        try:
            answers_in_words(text)
        except Exception as error:
            error.add_note(f"seed {seed}")
            raise


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_no_bytes_get_a_traceback(text):
    answers_in_words(text)


@given(st.text(max_size=400))
@settings(max_examples=300, deadline=None)
@example("\ud800")
@example("\ufeffcomity = 1")
@example("comity = 1\r\n")
def test_no_text_gets_a_traceback(text):
    answers_in_words(text)


words = st.text("abc\"'\\é .=[]{}#\n-", max_size=8)
scalars = st.one_of(
    st.integers(-(10**6), 10**6).map(str),
    st.sampled_from(("1.5", "2026-01-01", "true", "''", '"""a\n"b"""', "'''c\n'd'''", '"x\\ny"')),
    words.map(
        lambda w: (
            '"'
            + w.encode("unicode_escape").decode().replace('"', '\\"').replace("\\xe9", "é")
            + '"'
        )
    ),
)
keys = st.one_of(
    st.sampled_from(("a", "b-1", '"a.b"', "'c d'", '"\\u0065"')),
    st.lists(st.sampled_from(("a", "b", "c")), min_size=2, max_size=3).map(" . ".join),
)
gaps = st.sampled_from(("", " ", "\n", " # note ] }\n", "\t"))


@st.composite
def lists_of(draw, inner):
    items = draw(st.lists(inner, max_size=4))
    told = "".join(f"{draw(gaps)}{item}{draw(gaps)}," for item in items)
    return "[" + (told if draw(st.booleans()) else told[:-1]) + draw(gaps) + "]"


@st.composite
def tables_of(draw, inner):
    return (
        "{"
        + ", ".join(f"{draw(keys)} = {draw(inner)}" for _ in range(draw(st.integers(0, 3))))
        + "}"
    )


values = st.recursive(
    scalars, lambda inner: st.one_of(lists_of(inner), tables_of(inner)), max_leaves=8
)


@st.composite
def documents(draw):
    told = []
    for _ in range(draw(st.integers(0, 8))):
        match draw(st.integers(0, 5)):
            case 0:
                told.append(f"[{draw(keys)}]")
            case 1:
                told.append(f"[[ {draw(keys)} ]] # {draw(st.text('ab[]=', max_size=5))}")
            case 2:
                told.append("")
            case _:
                told.append(f"{draw(keys)} = {draw(values)}")
    return "\n".join(told) + draw(st.sampled_from(("", "\n")))


def paths_of(data, path=()):
    if path:
        yield path
    inner = (
        data.items()
        if isinstance(data, dict)
        else enumerate(data)
        if isinstance(data, list)
        else ()
    )
    for key, value in inner:
        yield from paths_of(value, (*path, key))


@given(documents())
@settings(max_examples=400, deadline=None)
def test_every_value_of_a_file_that_can_be_read_has_its_line(text):
    try:
        data = tomllib.loads(text)
    except ValueError:
        return
    source = read(text)
    assert set(source.lines) == set(paths_of(data))


@given(documents())
@settings(max_examples=300, deadline=None)
def test_the_line_of_a_key_is_the_last_line_without_which_it_is_gone(text):
    """The second way: read ever more of the file until the key is there."""
    try:
        tomllib.loads(text)
    except ValueError:
        return
    lines = text.split("\n")
    source = read(text)
    first = {}
    for count in range(1, len(lines) + 1):
        try:
            data = tomllib.loads("\n".join(lines[:count]))
        except ValueError:
            continue
        for path in paths_of(data):
            first.setdefault(path, count)
    for path, line in source.lines.items():
        assert line <= first[path]
        starts_there = tuple(str(k) for k in path if isinstance(k, str))[-1]
        assert isinstance(path[-1], int) or any(
            written in lines[line - 1]
            for written in (starts_there, starts_there.replace("e", "\\u0065"))
        )


HEAD = b"""comity = 1
[charter]
id = "x"
name = "X"
edition = "1"
date = 2026-01-01
text = "model"
"""


def members(count):
    return b"[members]\n" + b"".join(b'M%d = { name = "M" }\n' % i for i in range(count))


def organs(count, rules):
    named = b",".join(b'"r%d"' % i for i in range(rules))
    return b"".join(
        b'[organs.o%d]\nname="o"\nseats=["standing:member"]\nprocedures=["p"]\nrules=[%b]\n'
        % (i, named)
        for i in range(count)
    )


def ruled(count, adopt, more=b""):
    return b'[procedures.p]\nkind = "vote"\n' + b"".join(
        b'[rules.r%d]\ntitle = "t"\n%b\nadopt = %b\n' % (i, more, adopt) for i in range(count)
    )


HEADS = b"{ in_favour = { at_least = 501 } }"
MIXED = b"{ any_of = [{ quorum = { at_least = 1 } }, { against = { at_most = 0 } }] }"
SOME = b"{some_of={at_least=32,parts=[" + b"{in_favour={at_least=1}}," * 64 + b"]}}"
EITHER = b"{any_of=[{in_favour={at_least=2}},{in_favour={at_least=3}}]}"
CHANGES = b"".join(
    b'[changes.%b]\norgan = "o0"\nrule = "r0"\nprocedure = "p"\n' % kind
    for kind in (b"amendment", b"suspension", b"key-replacement", b"admission")
)
WEIGHTS = (
    b'[[weights.w]]\nunit="u"\nfrom=2020-01-01\nvalues={'
    + b",".join(b"M%d=%d.123456789012345678" % (i, i) for i in range(1000))
    + b"}\n"
)
TERMS = b",".join(
    b'{member="M%d",from=%d-01-01,until=%d-12-31}' % (i, 1900 + j, 1900 + j)
    for i in range(5)
    for j in range(0, 80, 2)
)
ROTATION = (
    b'[groups]\ng=["M0","M1","M2","M3","M4"]\n[rotations.r]\ngroup="g"\nseats=5\nmonths=12\nterms=['
    + TERMS
    + b"]\n"
)

LARGE = {
    "half a million numbers": HEAD + b"a = [" + b"1," * 500_000,
    "ninety thousand keys": HEAD + b"a = {" + b",".join(b"k%d=1" % i for i in range(90_000)) + b"}",
    "unknown keys by the thousand": HEAD
    + members(1)
    + b"[organs.x]\n"
    + b"".join(b"seat%d=1\n" % i for i in range(38_000)),
    "keys with escapes": HEAD + b"".join(b'"k\\u0041%d"=1\n' % i for i in range(39_000)),
    "a hexadecimal number of 900,000 digits": HEAD + b"retention_days = 0x" + b"f" * 900_000,
    "a decimal number of 900,000 digits": HEAD + b"retention_days = " + b"9" * 900_000,
    "a name of 400,000 letters": HEAD + b'summary = "' + b"\xc3\xa9" * 400_000 + b'"',
    "half a million brackets": HEAD + b"a = " + b"[" * 500_000,
    "a key of 400,000 parts": HEAD + b"a" + b".a" * 400_000 + b" = 1",
    "tables within tables": HEAD + b"[[a.b.c.d.e.f]]\n" * 39_000,
    "many table headers": HEAD + b"".join(b"[h%d.a.b.c.d]\n" % i for i in range(38_000)),
    "a text without an end": HEAD + b'x = """' + b'\\"""\n' * 39_000,
    "nothing but quotes": HEAD + b'x = ""' + b'"""' * 300_000,
    "nothing but comment": HEAD + b"#" * 1_000_000,
    "nothing but lines": HEAD + b"\n" * 1_000_000,
    "nothing but NUL": b"\0" * (1 << 20),
    "one byte too many": b"#" * ((1 << 20) + 1),
    "two hundred organs with two hundred rules": HEAD
    + members(40)
    + ruled(200, HEADS.replace(b"501", b"2"))
    + organs(200, 200),
    "rules that nobody can fail": HEAD + members(30) + ruled(200, MIXED) + organs(200, 200),
    "forty rosters": HEAD
    + members(5)
    + ROTATION
    + ruled(200, HEADS.replace(b"501", b"2"))
    + organs(200, 200).replace(b"standing:member", b"rotation:r"),
    "thirty-two of sixty-four parts": HEAD
    + members(70)
    + ruled(1, SOME, b"reject = " + SOME)
    + organs(1, 1)
    + CHANGES,
    "many ways to a majority": HEAD
    + members(70)
    + ruled(1, b"{all_of=[" + b",".join([EITHER] * 8) + b"]}", b"reject = " + EITHER)
    + organs(1, 1)
    + CHANGES,
    "a thousand members who change their charter": HEAD
    + members(1000)
    + ruled(1, HEADS, b'concerned = "excluded"')
    + organs(1, 1)
    + CHANGES,
    "a thousand weights in a change": HEAD
    + members(1000)
    + WEIGHTS
    + ruled(1, b'{in_favour={at_least="51/100",weight="w"}}', b'concerned = "excluded"')
    + organs(1, 1)
    + CHANGES,
    "groups that list everybody": HEAD
    + members(900)
    + b"[groups]\n"
    + b"".join(b"g%d=[%b]\n" % (j, b",".join(b'"M%d"' % i for i in range(900))) for j in range(90)),
    "a thousand unknown standings": HEAD
    + b"".join(b'[sources.s%d]\ntitle="t"\nkind="text"\n' % i for i in range(200))
    + b"[members]\n"
    + b"".join(b'M%d={name="n",standing="mem%d"}\n' % (i, i) for i in range(1000)),
    "long sets of seats in every rule": HEAD
    + members(400)
    + b"".join(
        b'[rules.r%d]\ntitle="t"\nadopt={in_favour={at_least=1,among=[%b]}}\n'
        % (i, b",".join(b'"M%d"' % k for k in range(i, i + 200)))
        for i in range(200)
    )
    + organs(200, 200).replace(b'procedures=["p"]\n', b""),
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in LARGE.items()])
def test_no_large_file_keeps_the_reader_long(text):
    assert len(text) <= (1 << 20) + 1
    before = time.process_time()
    answers_in_words(text)
    assert time.process_time() - before < 20  # 2 s or so, were coverage not measured


def test_the_bounds_of_a_file_are_told():
    for name, words in {
        "one byte too many": "1 MiB",
        "half a million numbers": "more than 100,000 keys and values",
        "nothing but lines": "more than 40,000 lines",
        "a key of 400,000 parts": "nested more than 32 deep",
    }.items():
        with pytest.raises(Faulty, match=words):
            read(LARGE[name])
