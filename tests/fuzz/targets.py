"""What must be true of each reader, whatever the bytes: an answer or a refusal by name.

The first byte of an input chooses how far the rest gets: as a file that nobody
signed, most of it stops at a signature; so a header, a body, a founding or the
answers of a certificate can also be signed here, with keys that everybody
knows (spec/vectors/act/keys.json), and then the readers behind are reached.
"""

from __future__ import annotations

import json
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

from comity import scenarios
from comity.core.acts import Act, read_act
from comity.core.attestations import Shown, verify
from comity.core.certificate import Verdict
from comity.core.charter import Charter
from comity.core.envelope import EnvelopeForm, seal
from comity.core.founding import Founding, read_founding
from comity.core.procedures import OUTCOMES, SETTLED
from comity.core.reading import examine
from comity.core.signing import public_key
from comity.core.strict import read_json, write_json
from comity.errors import ActError
from comity.exercise import reading
from comity.exercise.scenario import Scenario

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "spec" / "vectors"
MAX_FILE = 1_000_000
"""More than any act may have, so that files that are too large are tried as well."""


def _plain(path: str):
    return json.loads((VECTORS / path).read_text(encoding="utf-8"))


SEEDS = {name: bytes.fromhex(pair["seed"]) for name, pair in _plain("act/keys.json").items()}
FOUNDED = _plain("act/founding.json")
FOUNDING = read_founding(
    read_json(write_json(FOUNDED["founding"]), EnvelopeForm, limit=MAX_FILE, what="it")
)
OFFICE = FOUNDING.keys[0].office
GOOD = {
    name: told
    for name, told in _plain("certificate/good.json").items()
    if (VECTORS / f"certificate/good/{name}.json").is_file()
}
CLUB = (Path(scenarios.__file__).parent / "club-of-seven" / "charter.toml").read_bytes()
FILES = {name: _plain(f"certificate/good/{name}.json") for name in GOOD}
WHOLE, HEADER, BODY, FOUNDING_FILE, FOUNDING_PAYLOAD = range(5)
"""How the rest of an input is taken by the target `act`; by `certificate`, the first two:
as a file, or as lines of answers to sign."""


def words_of(refused: ActError) -> str:
    """Check that a refusal has a name and words that a terminal can show; return the name."""
    assert refused.refusal
    assert refused.hint
    for text in (refused.what, refused.hint):
        assert not any(_steers(c) for c in text), ascii(text)
    return refused.refusal


def _steers(character: str) -> bool:
    """Tell whether a character could steer a terminal, or turn the direction of what follows."""
    kind, turn = unicodedata.category(character), unicodedata.bidirectional(character)
    controls = kind in ("Cc", "Cs", "Zl", "Zp") and character != "\n"
    return controls or turn in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


def act(data: bytes) -> Act | Founding | str:
    """Read an act, or a founding: it is read as it was signed, or refused by name."""
    how, rest = data[:1], data[1:]
    try:
        match how[0] % 5 if how else WHOLE:
            case 0:
                read = read_act(rest, FOUNDING)
            case 1:
                read = read_act(_signed(rest, None), FOUNDING)
            case 2:
                read = read_act(_signed(None, rest), FOUNDING)
            case 3:
                return _founding(read_json(rest, EnvelopeForm, limit=MAX_FILE, what="it"))
            case _:
                pairs = [(secret, public_key(secret)) for secret in list(SEEDS.values())[:5]]
                kind = FOUNDING.envelope.payload_type
                return _founding(seal(kind, rest, pairs).form())
    except ActError as refused:
        return words_of(refused)
    assert read.member in SEEDS
    assert read_act(read.to_bytes(), FOUNDING) == read
    return read


def certificate(data: bytes) -> Shown | str:
    """Verify a certificate: it shows what it is of, or is refused by name.

    As a file that nobody signed anew, it proves what the good one proves, or
    nothing.
    """
    how, rest = data[:1] or b"\0", data[1:]
    name = sorted(GOOD)[how[0] // 2 % len(GOOD)]
    told = GOOD[name]
    signed = how[0] % 2 == HEADER and "decided" in FILES[name]
    try:
        shown = verify(answered(name, rest) if signed else rest, told["fingerprint"])
    except ActError as refused:
        return words_of(refused)
    assert shown.fingerprint == told["fingerprint"]
    assert shown.exercise == told["exercise"]
    for line in shown.lines():
        assert "\n" not in line
    if isinstance(shown, Verdict):
        assert shown.outcome in OUTCOMES
        assert shown.proven == (shown.outcome in SETTLED)
        if shown.proven and not signed:
            assert shown.outcome in _PROVEN[shown.standing.pinned.act.id]
    return shown


def charter(data: bytes) -> Charter | None:
    """Read a charter: there is one, or there are faults, each with a line and a remedy."""
    found, faults = examine(data)
    assert (found is None) == bool(faults)
    for fault in faults:
        assert fault.line >= 1
        assert str(fault).replace("\n", "").isprintable()
        assert fault.remedy
    return found


def scenario(data: bytes) -> Scenario | None:
    """Read a scenario beside the charter of the Club of Seven: it, or faults with remedies."""
    found, faults = reading.examine(data, {"charter.toml": CLUB}.get)
    assert (found is None) == bool(faults)
    for fault in faults:
        assert fault.line >= 1
        assert str(fault).replace("\n", "").isprintable()
        assert fault.remedy
    return found


TARGETS: dict[str, Callable[[bytes], object]] = {
    "act": act,
    "certificate": certificate,
    "charter": charter,
    "scenario": scenario,
}


def answered(name: str, lines: bytes) -> bytes:
    """Return a good certificate with other answers: one line of JSON each, signed here.

    A line is `{"member", "header", "body"}`; lines that are none are passed over.
    """
    file = FILES[name]
    decided = file["decided"]
    kinds: dict[str, list[dict[str, object]]] = {"stances": [], "closings": []}
    kind = decided["act"]["envelope"]["payloadType"]
    for line in lines.split(b"\n")[:40]:
        try:
            told = json.loads(line)
            secret = SEEDS[told["member"]]
            header, body = {**told["header"]}, told["body"]
            place = "closings" if body["kind"] == "closing" else "stances"
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
        said = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        kinds[place].append(_sealed(kind, header, said, secret))
    return json.dumps({**file, "decided": {**decided, **kinds}}).encode()


def corpus(target: str) -> Iterator[bytes]:
    """Yield inputs to begin with: the vectors, good and bad."""
    if target == "charter":
        yield (ROOT / "examples" / "larch-league.toml").read_bytes()
        for path in sorted((VECTORS / "charter").rglob("*.toml")):
            yield path.read_bytes()
    elif target == "scenario":
        for name in scenarios.names():
            yield scenarios.text(name)[0]
    elif target == "act":
        yield from _acts()
    else:
        yield from _certificates()


def _acts() -> Iterator[bytes]:
    for path in sorted((VECTORS / "act" / "good").glob("*.json")):
        vector = json.loads(path.read_text(encoding="utf-8"))
        yield bytes([WHOLE]) + write_json(vector["file"])
        yield bytes([HEADER]) + b64decode(vector["file"]["envelope"]["payload"])
        if vector["file"].get("body"):
            yield bytes([BODY]) + b64decode(vector["file"]["body"])
    for bad in _plain("act/bad.json").values():
        if "file_base64" in bad and len(bad["file_base64"]) < 40_000:
            yield bytes([WHOLE]) + b64decode(bad["file_base64"])
    yield bytes([FOUNDING_FILE]) + write_json(FOUNDED["founding"])
    yield bytes([FOUNDING_PAYLOAD]) + b64decode(FOUNDED["founding"]["payload"])


def _certificates() -> Iterator[bytes]:
    for k, name in enumerate(sorted(GOOD)):
        yield bytes([2 * k]) + json.dumps(FILES[name]).encode()
        decided = FILES[name].get("decided", {})
        lines = [
            json.dumps({"member": header["member"], "header": header, "body": json.loads(body)})
            for form in (*decided.get("stances", ()), *decided.get("closings", ()))
            for header in [json.loads(b64decode(form["envelope"]["payload"]))]
            for body in [b64decode(form["body"])]
        ]
        yield bytes([2 * k + HEADER]) + "\n".join(lines).encode()
    for bad in _plain("certificate/bad.json").values():
        place = sorted(GOOD).index(bad["base"]) if bad.get("base") in GOOD else 0
        if "file_base64" in bad:
            yield bytes([2 * place]) + b64decode(bad["file_base64"])


def _founding(form: EnvelopeForm) -> Founding:
    made = read_founding(form)
    assert read_founding(made.envelope.form()) == made
    assert made.id == made.envelope.id
    return made


def _signed(header: bytes | None, body: bytes | None) -> bytes:
    """Return the file of an act with one part given, and all else right."""
    told = json.loads(_good_header()) if header is None else {}
    if header is not None:
        try:
            told = json.loads(header)
            secret = SEEDS[told["member"]]
        except (ValueError, KeyError, TypeError, RecursionError):
            secret = SEEDS["Dorn"]
        envelope = seal(FOUNDING.act_type, header, [(secret, public_key(secret))])
        return write_json({"envelope": envelope.form()})
    assert body is not None
    return write_json(_sealed(FOUNDING.act_type, told, body, SEEDS[told["member"]]))


def _good_header() -> bytes:
    return b64decode(_STANCE["file"]["envelope"]["payload"])


_STANCE = _plain("act/good/stance.json")


def _sealed(kind: str, header: dict[str, object], body: bytes, secret: bytes) -> dict[str, object]:
    """Sign a header over a body, salted by the body itself."""
    salt = sha256(body).digest()
    header["commit"] = sha256(salt + body).hexdigest()
    payload = json.dumps(header, ensure_ascii=False).encode("utf-8", "replace")
    envelope = seal(kind, payload, [(secret, public_key(secret))])
    told = {"envelope": envelope.form(), "salt": _base64(salt), "body": _base64(body)}
    return json.loads(write_json(told))


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def _proven() -> dict[str, set[str]]:
    """Return the outcomes that good certificates prove, by proposal.

    Where more than f contradict themselves, a part of the file proves what the
    whole does not; then nothing is said of it here.
    """
    found: dict[str, set[str]] = {}
    for name, told in GOOD.items():
        shown = verify(json.dumps(FILES[name]).encode(), told["fingerprint"])
        if isinstance(shown, Verdict):
            one = {shown.outcome} if shown.proven else set[str]()
            one |= SETTLED if shown.outcome == "contested" else set()
            found.setdefault(shown.standing.pinned.act.id, set()).update(one)
    return found


_PROVEN = _proven()
