"""The vectors of spec/charter.md: good ones are read, bad ones refused in the words expected."""

from __future__ import annotations

import json
import re
import runpy
import tomllib
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from comity import charters
from comity.core import fields, rule_reading
from comity.core.reading import examine, read_charter

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "spec" / "vectors" / "charter"
GOOD = {p.stem: p for p in sorted((VECTORS / "good").glob("*.toml"))}
BAD = {p.stem: p for p in sorted((VECTORS / "bad").glob("*.toml"))}
EXPECTED = json.loads((VECTORS / "bad" / "expected.json").read_text())
SCHEMA = json.loads((ROOT / "spec" / "charter.schema.json").read_text())
CORPUS = {
    "larch-league": (ROOT / "examples" / "larch-league.toml").read_bytes(),
    **{f"good {name}": path.read_bytes() for name, path in GOOD.items()},
    **{f"shipped {name}": charters.text(name) for name in charters.names()},
}
each_good = pytest.mark.parametrize("text", [pytest.param(t, id=n) for n, t in CORPUS.items()])
each_bad = pytest.mark.parametrize("name", sorted(BAD))


def as_json(data):
    """Turn TOML into JSON: dates as text, decimals as numbers."""
    if isinstance(data, dict):
        return {key: as_json(value) for key, value in data.items()}
    if isinstance(data, list):
        return [as_json(value) for value in data]
    return str(data) if isinstance(data, date) else data


VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


@each_good
def test_a_good_charter_is_read_and_fits_the_schema(text):
    charter, faults = examine(text)
    assert not faults
    assert charter == read_charter(text)
    VALIDATOR.validate(as_json(tomllib.loads(text.decode())))


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@each_bad
def test_a_bad_charter_is_refused_with_lines_words_and_remedies(name):
    charter, faults = examine(BAD[name].read_bytes())
    assert charter is None
    assert [fault.to_json() for fault in faults] == EXPECTED[name]["faults"]


@each_bad
def test_the_schema_refuses_what_it_is_expected_to(name):
    try:
        data = as_json(tomllib.loads(BAD[name].read_bytes().decode()))
    except ValueError:
        assert EXPECTED[name]["refused_by_schema"] is None
    else:
        assert EXPECTED[name]["refused_by_schema"] == (not VALIDATOR.is_valid(data))


def test_the_vectors_are_what_their_steps_make_of_good_ones():
    steps = runpy.run_path(str(ROOT / "tools" / "charter_vectors.py"))
    made = steps["vectors"]()
    assert set(made) == set(BAD)
    assert all(BAD[name].read_bytes() == text for name, text in made.items())
    assert (VECTORS / "bad" / "expected.json").read_text() == steps["expected"](made), (
        "read the difference, then: python tools/charter_vectors.py --write"
    )


def test_ten_planted_faults_are_ten_each_with_its_line_and_remedy():
    lines = BAD["ten-planted-faults"].read_text().split("\n")
    _, faults = examine(BAD["ten-planted-faults"].read_bytes())
    assert len(faults) == 10
    assert [(lines[fault.line - 1].split(" ")[0], fault.remedy) for fault in faults] == [
        ("date", "write date = 2026-01-31 (without quotes)"),
        ("kind", 'write kind = "model"'),
        ("Dorn", "did you mean 'standing'?"),
        ("hills", "declare it under [members] or [participants], or correct the code"),
        ("values", "write Dorn = 1000"),
        ("notice_hours", "write notice_hours = 24 or less, or a longer period"),
        ("", 'write either at_least = 9 or at_least = "55 %" or more_than = "1/2"'),
        ("candidates", "did you mean 'consensus'?"),
        ("[obligations.ambulance]", 'write in_force = 2026-01-31, or dormant = "until ..."'),
        ("organ", "did you mean 'council'?"),
    ]


def resolved(schema):
    while "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema


def schema_at(path):
    """Follow a key path through the schema."""
    here = SCHEMA
    for key in path:
        here = resolved(here)
        wanted = "array" if isinstance(key, int) else "object"
        for choice in here.get("oneOf", ()):
            if resolved(choice).get("type") == wanted:
                here = resolved(choice)
        if isinstance(key, int):
            here = here["items"]
        else:
            here = here.get("properties", {}).get(key) or here["additionalProperties"]
    here = resolved(here)
    for choice in here.get("oneOf", ()):
        if "properties" in resolved(choice) and "properties" not in here:
            here = resolved(choice)
    return here


@pytest.fixture
def asked(monkeypatch):
    """Record which keys the reader asks each table for, and which words it allows."""
    keys, words = {}, {}
    done, choice = fields.Table.done, fields.Table.choice

    def recording_done(table):
        keys.setdefault(table.path, set()).update(table.asked)
        done(table)

    def recording_choice(table, key, options, *, default=""):
        words[(*table.path, key)] = set(options)
        return choice(table, key, options, default=default)

    monkeypatch.setattr(fields.Table, "done", recording_done)
    monkeypatch.setattr(fields.Table, "choice", recording_choice)
    return keys, words


def test_the_schema_has_the_keys_and_words_that_the_reader_asks_for(asked):
    keys, words = asked
    examine(GOOD["every-key"].read_bytes())
    seen = set()
    for path, told in keys.items():
        schema = schema_at(path)
        assert set(schema["properties"]) == told, path
        seen.add(id(schema))
    for path, told in words.items():
        assert set(schema_at(path)["enum"]) == told, path
    node = SCHEMA["$defs"]["node"]
    assert set(node["properties"]) == {*rule_reading._LEAVES, "all_of", "any_of", "some_of"}
    seen.add(id(node))
    tables = [SCHEMA, *SCHEMA["$defs"].values()]
    assert all(id(table) in seen for table in tables if "properties" in table)


def test_every_key_of_the_language_stands_in_the_vector_of_every_key(asked):
    text = GOOD["every-key"].read_bytes()
    examine(text)
    written = set(re.findall(r"([a-z_]+) = ", text.decode())) | set(
        re.findall(r"^\[+([a-z]+)", text.decode(), re.MULTILINE)
    )
    assert set().union(*asked[0].values()) <= written


@each_good
def test_a_good_charter_that_loses_a_required_key_is_told_so(text):
    data = tomllib.loads(text.decode())
    head = text.decode().split("\n")
    at = next(i for i, line in enumerate(head) if line.startswith("edition"))
    _, faults = examine("\n".join(head[:at] + head[at + 1 :]))
    assert [fault.what for fault in faults] == ["'edition' is missing"]
    assert data["charter"]["edition"]


SPEC = (ROOT / "spec" / "charter.md").read_text()


def test_the_specification_begins_with_the_larch_league_whole():
    first = SPEC.split("```toml\n")[1].split("```")[0]
    assert first == (ROOT / "examples" / "larch-league.toml").read_text()


def test_the_specification_names_every_key_and_word(asked):
    keys, words = asked
    examine(GOOD["every-key"].read_bytes())
    page = re.sub("```.*?```", "", SPEC, flags=re.DOTALL)
    named = " ".join(re.findall("`([^`\n]+)`", page))
    spoken = set(re.findall("[a-z][a-z_-]*", named))
    assert set().union(*keys.values()) <= spoken
    assert all(word in named for told in words.values() for word in told)


def test_the_specification_names_every_bad_vector():
    assert all(f"| `{name}` |" in SPEC for name in BAD)
