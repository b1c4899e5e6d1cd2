"""The vectors of acts and certificates: read as they say, refused as they say, by two readers."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from pathlib import Path

import pytest

from comity.core.acts import (
    read_act,
)
from comity.core.attestations import verify
from comity.core.constitution import constitution
from comity.core.envelope import EnvelopeForm
from comity.core.founding import read_founding
from comity.core.signing import public_key
from comity.core.strict import read_json
from comity.errors import ActError
from tests.conformance import record_vectors, stranger

VECTORS = Path(__file__).resolve().parents[2] / "spec" / "vectors"
SPEC = VECTORS.parent


def load(name):
    return json.loads((VECTORS / name).read_text())


ACTS = {path.stem: load(f"act/good/{path.name}") for path in (VECTORS / "act/good").glob("*.json")}
BAD_ACTS = load("act/bad.json")
GOOD = load("certificate/good.json")
BAD = load("certificate/bad.json")
FOUNDED = load("act/founding.json")
FOUNDING = read_founding(
    read_json(json.dumps(FOUNDED["founding"]).encode(), EnvelopeForm, limit=99_999, what="it")
)


def certificate(name):
    return (VECTORS / "certificate" / "good" / f"{name}.json").read_bytes()


def test_the_vectors_are_what_the_generator_writes():
    files = record_vectors.all_files()
    stale = [path.name for path, data in files.items() if path.read_bytes() != data]
    assert not stale, "python -m tests.conformance.record_vectors --write"
    kept = {p for group in ("act", "certificate") for p in (VECTORS / group).rglob("*.json")}
    assert kept == set(files)


def test_the_generator_says_when_nothing_changed(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["record_vectors"])
    assert record_vectors.main() == 0
    assert capsys.readouterr().out == ""


def test_keys_grow_from_their_seeds():
    for name, pair in load("act/keys.json").items():
        assert public_key(bytes.fromhex(pair["seed"])).hex() == pair["key"], name


def test_the_founding_has_the_id_and_constitution_it_says():
    made = constitution(FOUNDING, b64decode(FOUNDED["charter"]))
    assert (made.founding.id, made.id) == (FOUNDED["id"], FOUNDED["constitution"])


@pytest.mark.parametrize("name", sorted(ACTS))
def test_a_good_act_is_read_as_the_vector_says(name):
    vector = ACTS[name]
    act = read_act(json.dumps(vector["file"]).encode(), FOUNDING)
    assert act.id == vector["id"]
    assert record_vectors.plain(act.header) == vector["header"]
    assert record_vectors.plain(act.body) == vector["body"]


@pytest.mark.parametrize("name", sorted(n for n, bad in BAD_ACTS.items() if "file_base64" in bad))
def test_a_bad_act_is_refused_by_the_name_the_vector_says(name):
    with pytest.raises(ActError) as caught:
        read_act(b64decode(BAD_ACTS[name]["file_base64"]), FOUNDING)
    assert caught.value.refusal == BAD_ACTS[name]["refusal"]


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_certificate_shows_what_the_vector_says(name):
    shown, expected = verify(certificate(name), GOOD[name]["fingerprint"]), dict(GOOD[name])
    del expected["fingerprint"], expected["certificate"]
    assert record_vectors.told(shown) == expected


@pytest.mark.parametrize("name", sorted(BAD))
def test_a_bad_certificate_is_refused_by_the_name_the_vector_says(name):
    with pytest.raises(ActError) as caught:
        verify(b64decode(BAD[name]["file_base64"]), BAD[name]["fingerprint"])
    assert caught.value.refusal == BAD[name]["refusal"]


def test_every_refusal_of_the_pages_has_a_vector():
    shown = {bad["refusal"] for bad in (*BAD_ACTS.values(), *BAD.values())}
    for page in ("act.md", "certificate.md"):
        for name in refusals_named(SPEC / page):
            assert name in shown, name


def refusals_named(page):
    """Return the refusals that a page names in its section on them."""
    text = page.read_text()
    section = re.search(r"^## \d (?:Refusals|Verifying)$(.*?)^## ", text, re.M | re.S)
    words = re.findall(r"`([a-z0-9-]+)`", section[1])
    return [w for w in words if w not in NOT_REFUSALS]


NOT_REFUSALS = {
    *("prev", "seq", "adopted", "rejected", "broken", "lapsed", "withdrawn", "contested", "open"),
    *("act", "key", "steps", "constitutions", "earlier", "previous", "about", "text"),
}


# A stranger, who knows the pages and none of our code.


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_stranger_reads_a_certificate_alike(name):
    told = stranger.verify(certificate(name), GOOD[name]["fingerprint"])
    assert told == {field: GOOD[name][field] for field in told}


@pytest.mark.parametrize("name", sorted(BAD))
def test_a_stranger_refuses_a_certificate_alike(name):
    with pytest.raises(stranger.RefusedError):
        stranger.verify(b64decode(BAD[name]["file_base64"]), BAD[name]["fingerprint"])


def with_less(whole):
    """Yield a certificate with one act left out, or one step, or one list."""
    for kind in ("steps", "constitutions", "earlier", "receipts"):
        every = whole.get(kind, [])
        for gone in range(len(every)):
            yield whole | {kind: every[:gone] + every[gone + 1 :]}
    for place in ("decided", "steps"):
        holders = whole.get(place, [])
        for k, holder in enumerate([holders] if place == "decided" and holders else holders):
            for kind in ("stances", "closings"):
                every = holder.get(kind, [])
                # Members of a step are alike: one of them is enough, and quicker.
                for gone in range(len(every))[: 1 if place == "steps" else None]:
                    less = holder | {kind: every[:gone] + every[gone + 1 :]}
                    steps = [*holders[:k], less, *holders[k + 1 :]] if place == "steps" else less
                    yield whole | {place: steps}


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_stranger_and_we_agree_whatever_is_left_out(name):
    """Invariant 3, Omission, between two implementations."""
    fingerprint = GOOD[name]["fingerprint"]
    for less in with_less(json.loads(certificate(name))):
        data = json.dumps(less).encode()
        try:
            told = record_vectors.told(verify(data, fingerprint))
        except ActError:
            with pytest.raises(stranger.RefusedError):
                stranger.verify(data, fingerprint)
            continue
        theirs = stranger.verify(data, fingerprint)
        assert theirs == {field: told[field] for field in theirs}
        if "possible" in told and name != "contested":  # there half of it may be left out
            assert not told["proven"] or told["shows"] == GOOD[name]["shows"]


def bent(whole):
    """Yield a certificate with one field dropped, or something else in its place."""
    for field in whole:
        yield {name: value for name, value in whole.items() if name != field}
        for other in (-1, "x", [], {}, [None]):
            yield whole | {field: other}
    for part in ("decided", "alert", "one"):
        for field in whole.get(part, {}):
            less = {name: value for name, value in whole[part].items() if name != field}
            yield whole | {part: less}
            for other in (-1, "x", [None]):
                yield whole | {part: whole[part] | {field: other}}


@pytest.mark.parametrize(
    "name", ["silence-broken", "after-admit", "delivery", "equivocation-closings"]
)
def test_a_stranger_and_we_refuse_the_same_bent_certificates(name):
    fingerprint = GOOD[name]["fingerprint"]
    for file in bent(json.loads(certificate(name))):
        data = json.dumps(file).encode()
        try:
            told = record_vectors.told(verify(data, fingerprint))
        except ActError:
            told = None
        try:
            theirs = stranger.verify(data, fingerprint)
        except (stranger.RefusedError, TypeError, AttributeError, KeyError):
            theirs = None
        assert (told is None) == (theirs is None)
        assert told is None or theirs == {field: told[field] for field in theirs}


def test_the_stranger_imports_nothing_of_ours():
    assert "comity" not in "".join(
        line for line in Path(stranger.__file__).read_text().splitlines() if "import" in line
    )
