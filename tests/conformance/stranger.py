"""A second verifier of certificates, written from spec/ alone: no import of ours.

It is short rather than fast or kind: a refusal has no name, rules are the few
that the vectors use, and every completion is looked at.
"""

from __future__ import annotations

import itertools
import json
import re
import tomllib
import unicodedata
from base64 import b64decode, b64encode
from datetime import datetime, timedelta
from fractions import Fraction
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HIDDEN = (
    (0x00, 0x09), (0x0B, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x61C, 0x61C), (0x200B, 0x200F),
    (0x2028, 0x202E), (0x2060, 0x206F), (0xD800, 0xDFFF), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB),
    (0xE0000, 0xE007F),
)  # fmt: skip
HASH, CODE, NAME = r"[0-9a-f]{64}", r"[A-Za-z][A-Za-z0-9-]{0,31}", r"[a-z][a-z0-9-]{0,63}"
WORDS = {
    "yes": "yes",
    "no": "no",
    "objection": "no",
    "abstain": "abstain",
    "constructive abstention": "constructive",
    "awaiting instructions": "missing",
    "ad referendum": None,
    "withdraw": None,
}
ANY = ("yes", "no", "abstain", "constructive", "missing")


class RefusedError(Exception):
    """The file is refused."""


def need(claim: object, why: str) -> None:
    if not claim:
        raise RefusedError(why)


# act.md 3


def strict(data: bytes, limit: int):
    need(len(data) <= limit, "too large")

    def once(pairs):
        need(len(dict(pairs)) == len(pairs), "key twice")
        return dict(pairs)

    def no(_):
        raise RefusedError("number")

    def whole(digits):
        need(digits != "-0" and len(digits) < 20 and abs(int(digits)) < 2**53, "number")
        return int(digits)

    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=once,
            parse_float=no,
            parse_constant=no,
            parse_int=whole,
        )
    except ValueError as error:
        raise RefusedError("not JSON") from error

    def check(x):
        if isinstance(x, str):
            need(unicodedata.is_normalized("NFC", x), "NFC")
            need(not any(a <= ord(c) <= b for c in x for a, b in HIDDEN), "hidden")
        for child in x if isinstance(x, list) else [*x, *x.values()] if isinstance(x, dict) else []:
            check(child)

    check(value)
    return value


def fields(value, required: str, optional: str = ""):
    need(isinstance(value, dict), "shape")
    value = {k: v for k, v in value.items() if v is not None or k not in optional.split()}
    need(set(required.split()) <= set(value), "field missing")
    need(set(value) <= set(required.split()) | set(optional.split()), "field unknown")
    return value


def base64(text):
    need(isinstance(text, str), "shape")
    try:
        data = b64decode(text, validate=True)
    except ValueError as error:
        raise RefusedError("base64") from error
    need(b64encode(data).decode() == text, "base64 spelling")
    return data


def match(pattern: str, text) -> None:
    need(isinstance(text, str) and re.fullmatch(pattern, text), f"not {pattern}")


def whole_number(value, most: int) -> None:
    need(type(value) is int and 1 <= value <= most, "number")


def moment(text) -> datetime:
    match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", text)
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise RefusedError("instant") from error


def signed_bytes(envelope, types: tuple[str, ...], limit: int):
    """Return type, payload, id and signatures of an envelope."""
    fields(envelope, "payload payloadType signatures")
    kind, payload = envelope["payloadType"], base64(envelope["payload"])
    need(kind in types, "type")
    need(len(payload) <= limit, "too large")
    need(isinstance(envelope["signatures"], list) and envelope["signatures"], "signatures")
    message = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)
    signatures = []
    for one in envelope["signatures"]:
        fields(one, "keyid sig")
        value = base64(one["sig"])
        need(len(value) == 64, "signature size")
        signatures.append((one["keyid"], value))
    return kind, payload, message, signatures


def check_signature(message: bytes, value: bytes, key: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(value, message)
    except InvalidSignature as error:
        raise RefusedError("signature") from error


def short_name(key: bytes) -> str:
    return sha256(key).hexdigest()[:32]


PRIME = 2**255 - 19
EIGHT = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)


def read_founding(envelope):
    stem = "application/vnd.comity.{}founding.v1+json"
    types = (stem.format(""), stem.format("exercise-"))
    kind, payload, message, signatures = signed_bytes(envelope, types, 300_000)
    founding = fields(strict(payload, 300_000), "comity charter run keys")
    need(type(founding["comity"]) is int and founding["comity"] == 1, "version")
    match(HASH, founding["charter"])
    match(r"[0-9a-f]{32}", founding["run"])
    keys, offices = {}, set()
    for one in founding["keys"]:
        fields(one, "member office key")
        match(CODE, one["member"])
        match(r"\S(.{0,62}\S)?", one["office"])
        match(HASH, one["key"])
        key = bytes.fromhex(one["key"])
        y = int.from_bytes(key, "little") % 2**255
        need(y < PRIME and y not in (0, 1, PRIME - 1, EIGHT, PRIME - EIGHT), "unfit key")
        need(short_name(key) not in keys, "key shared")
        keys[short_name(key)] = (key, one["member"], one["office"])
        offices.add((one["member"], one["office"]))
    need(len(offices) == len(keys) > 0, "office twice")
    for name, value in signatures:
        need(name in keys, "unknown key")
        check_signature(message, value, keys[name][0])
    need({name for name, _ in signatures} == set(keys), "not signed by all")
    return sha256(message).hexdigest(), "exercise" in kind, founding, keys


# act.md 4


def read_act(file, coalition: str, exercise: bool, keys):
    fields(file, "envelope", "salt body")
    kind = f"application/vnd.comity.{'exercise-' if exercise else ''}act.v1+json"
    _, payload, message, signatures = signed_bytes(file["envelope"], (kind,), 4_096)
    need(file.get("salt") is not None and file.get("body") is not None, "sealed")
    salt, body_bytes = base64(file["salt"]), base64(file["body"])
    need(len(signatures) == 1 and signatures[0][0] in keys, "who signed")
    key, member, office = keys[signatures[0][0]]
    check_signature(message, signatures[0][1], key)
    names = "comity coalition organ member office seq constitution instant commit"
    header = fields(strict(payload, 4_096), names, "prev")
    need(type(header["comity"]) is int and header["comity"] == 1, "version")
    for field in ("coalition", "constitution", "commit"):
        match(HASH, header[field])
    match(NAME, header["organ"])
    need(header["coalition"] == coalition, "another coalition")
    need((header["member"], header["office"]) == (member, office), "another signer")
    moment(header["instant"])
    whole_number(header["seq"], 10**9)
    need((header["seq"] == 1) == ("prev" not in header), "chain")
    if "prev" in header:
        match(HASH, header["prev"])
    need(len(salt) == 32, "salt")
    need(sha256(salt + body_bytes).hexdigest() == header["commit"], "commitment")
    body = strict(body_bytes, 131_072)
    need(isinstance(body, dict) and body.get("kind") in BODIES, "kind")
    return {"id": sha256(message).hexdigest(), **header, "body": BODIES[body["kind"]](body)}


def proposal_body(body):
    body = fields(body, "kind title effect charter rule procedure on roster", "expires")
    match(r"[^\n]{1,200}", body["title"])
    effect = fields(body["effect"], "kind paragraphs")
    need(effect["kind"] == "adopt" and 1 <= len(effect["paragraphs"]) <= 200, "effect")
    for text in effect["paragraphs"]:
        match(r"(?s).{1,4000}", text)
    match(HASH, body["charter"])
    match(NAME, body["rule"])
    match(NAME, body["procedure"])
    match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", body["on"])
    moment(body["on"] + "T00:00:00Z")
    for code in body["roster"]:
        match(CODE, code)
    need(len(set(body["roster"])) == len(body["roster"]) > 0, "roster")
    if "expires" in body:
        moment(body["expires"])
    return body


def stance_body(body):
    body = fields(body, "kind proposal turn word", "previous annotations")
    match(HASH, body["proposal"])
    whole_number(body["turn"], 100)
    need(body["word"] in WORDS, "word")
    need((body["turn"] == 1) == ("previous" not in body), "turn")
    if "previous" in body:
        match(HASH, body["previous"])
    for note in body.get("annotations", []):
        fields(note, "kind text")
        match("reservation|declaration|caveat|explanation", note["kind"])
        match(r"(?s).{1,4000}", note["text"])
    return body


def closing_body(body):
    body = fields(body, "kind proposal roll", "opened_at")
    match(HASH, body["proposal"])
    need(isinstance(body["roll"], dict) and len(body["roll"]) <= 1_001, "roll")
    for code, stance in body["roll"].items():
        match(CODE, code)
        match(HASH, stance)
    if "opened_at" in body:
        moment(body["opened_at"])
    return body


BODIES = {"propose": proposal_body, "stance": stance_body, "closing": closing_body}


# The charter, as far as the vectors use it.


def amount(leaf, base):
    value = leaf.get("at_least", leaf.get("more_than"))
    if isinstance(value, str):
        part = Fraction(value[:-1].strip()) / 100 if value.endswith("%") else Fraction(value)
        value = part * base
        if base == 0:
            return lambda _: False
    return lambda counted: counted > value if "more_than" in leaf else counted >= value


def holds(rule, marks, weights):
    (name, leaf), *_ = rule.items()
    if name == "all_of":
        return all(holds(part, marks, weights) for part in leaf)
    if name == "against":
        return sum(mark == "no" for mark in marks.values()) <= leaf["at_most"]
    if name == "quorum":
        present = sum(mark != "missing" for mark in marks.values())
        return amount(leaf, len(marks))(present)
    need(name == "in_favour", f"a rule this verifier does not know: {name}")
    table = weights[leaf["weight"]] if "weight" in leaf else dict.fromkeys(marks, 1)
    counted = {
        "members": ANY,
        "participating": ANY,
        "present": ANY[:4],
        "voting": ANY[:2],
    }[leaf.get("of", "participating")]
    base = sum(Fraction(table[m]) for m, mark in marks.items() if mark in counted)
    return amount(leaf, base)(sum(Fraction(table[m]) for m, mark in marks.items() if mark == "yes"))


def select(charter, selectors, seats=()):
    members = list(charter["members"])
    chosen = set()
    for selector in selectors:
        if selector == "seats":
            chosen |= set(seats)
        elif selector.startswith("standing:"):
            chosen |= {m for m in members if charter["members"][m]["standing"] == selector[9:]}
        else:
            chosen.add(selector)
    return [m for m in [*members, *charter.get("participants", {})] if m in chosen]


# procedure.md


def verify(data: bytes, fingerprint: str):
    """Return outcome, whether it is proven, and whether it is an exercise."""
    file = strict(data, 33_554_432)
    file = fields(
        file, "comity certificate founding charter decided", "steps constitutions earlier"
    )
    need(type(file["comity"]) is int and file["comity"] == 1, "version")
    need(file["certificate"] == "outcome", "another certificate")
    coalition, exercise, founding, keys = read_founding(file["founding"])
    need(coalition == fingerprint, "another founding")
    text = base64(file["charter"])
    need(sha256(text).hexdigest() == founding["charter"], "another charter")
    try:
        charter = tomllib.loads(text.decode())
    except ValueError as error:
        raise RefusedError("charter") from error
    parties = {*charter["members"], *charter.get("participants", {})}
    need(all(member in parties for _, member, _ in keys.values()), "stranger's key")
    shown = fields(file["decided"], "act", "stances closings")
    proposal = read_act(shown["act"], coalition, exercise, keys)
    procedure, rule, roster, expires = pinned(proposal, charter, founding, coalition)
    acts = {"stance": {}, "closing": {}}
    for kind in acts:
        for one in shown.get(f"{kind}s", []):
            act = read_act(one, coalition, exercise, keys)
            check_answer(act, kind, proposal, procedure, roster, expires)
            acts[kind][act["id"]] = act
    weights = {name: tables[0]["values"] for name, tables in charter.get("weights", {}).items()}
    if expires is None:
        yes = {a["member"] for a in acts["stance"].values() if a["body"]["word"] == "yes"}
        ends = {
            holds(rule["adopt"], dict(zip(roster, marks)), weights)
            for marks in itertools.product(*(("yes",) if m in yes else ANY for m in roster))
        }
        return ("adopted", True, exercise) if ends == {True} else ("open", False, exercise)
    outcome = count(acts, proposal, procedure, rule, roster, expires, weights)
    return outcome, outcome not in ("contested", "in doubt", "open"), exercise


def pinned(proposal, charter, founding, coalition):
    body = proposal["body"]
    need(body["kind"] == "propose", "no proposal")
    constitution = json.dumps({"changes": [], "coalition": coalition}, separators=(",", ":"))
    need(proposal["constitution"] == sha256(constitution.encode()).hexdigest(), "constitution")
    need(body["charter"] == founding["charter"], "pinned charter")
    organ = charter["organs"].get(proposal["organ"])
    need(organ, "organ")
    need(body["rule"] in organ.get("rules", []), "rule")
    need(body["procedure"] in organ.get("procedures", []), "procedure")
    roster = select(charter, organ["seats"])
    need(proposal["member"] in select(charter, organ.get("propose", ["seats"]), roster), "proposer")
    procedure = charter["procedures"][body["procedure"]]
    need(("expires" not in body) == (procedure["kind"] == "signature"), "expiry")
    expires = moment(body["expires"]) if "expires" in body else None
    need(expires is None or expires.date().isoformat() == body["on"], "day")
    need(body["roster"] == roster, "roster")
    n, f = procedure.get("n", 0), procedure.get("f", 0)
    need(expires is None or len(roster) >= 2 * n + f + 1, "too few")
    return procedure, charter["rules"][body["rule"]], roster, expires


def check_answer(act, kind, proposal, procedure, roster, expires):
    body = act["body"]
    need(body["kind"] == kind and body["proposal"] == proposal["id"], "misplaced")
    need(act["organ"] == proposal["organ"], "organ")
    need(act["constitution"] == proposal["constitution"], "constitution")
    if kind == "stance" and body["word"] == "withdraw":
        need(act["member"] == proposal["member"] and expires is not None, "withdrawal")
        return
    need(act["member"] in roster, "outside")
    if kind == "closing":
        need(expires is not None, "signature procedure")
        over = expires + timedelta(hours=procedure.get("grace_hours", 0))
        early = procedure["kind"] != "silence" and all(m in body["roll"] for m in roster)
        need(moment(act["instant"]) >= over or early, "too early")


def count(acts, proposal, procedure, rule, roster, expires, weights):
    n, f = procedure.get("n", 0), procedure.get("f", 0)
    w, refuting = n + 1 + f, len(roster) - n
    stances, closings = acts["stance"], list(acts["closing"].values())
    lines = {}

    def line(name, member):
        act = stances.get(name)
        if act is None or act["member"] != member:
            return None
        before = act["body"].get("previous")
        if before is None:
            return (name,)
        rest = line(before, member)
        if rest is None or stances[before]["body"]["turn"] != act["body"]["turn"] - 1:
            return None
        return (*rest, name)

    words, contested = {}, False
    for member in dict.fromkeys((*roster, proposal["member"])):
        entries = []  # (closer, line)
        for act in closings:
            named = act["body"]["roll"].get(member)
            shown = () if named is None else line(named, member)
            if shown is not None:
                entries.append((act["member"], shown))
        every = {s for _, shown in entries for s in shown}
        lines = {s: line(s, member) for s in every}
        shows = {s: {c for c, shown in entries if s in shown} for s in every}
        lacks = {s: {c for c, shown in entries if s not in shown} for s in every}
        established = [s for s in every if len(shows[s]) >= w]
        refuted = {s for s in every if len(lacks[s]) >= refuting}
        contested = contested or any(s in refuted for s in established)
        last = max(established, key=lambda s: len(lines[s]), default=None)
        own = lines[last] if last else ()
        if any(s not in own for s in established):
            words[member] = "convicted"
        elif len({c for c, _ in entries}) < refuting or any(
            s not in refuted for s in every - {*own}
        ):
            words[member] = "unknown"
        else:
            words[member] = stances[last]["body"]["word"] if last else "none"
    possible = outcomes(words, closings, proposal, procedure, rule, roster, expires, weights)
    if contested:
        return "contested"
    if len(possible) == 1:
        return possible.pop()
    return "in doubt" if len({a["member"] for a in closings}) >= refuting else "open"


def outcomes(words, closings, proposal, procedure, rule, roster, expires, weights):
    silence = procedure["kind"] == "silence"
    notice = timedelta(hours=procedure.get("notice_hours", 0))
    consenting = {
        a["member"]
        for a in closings
        if "opened_at" in a["body"]
        and a["member"] not in a["body"]["roll"]
        and expires - moment(a["body"]["opened_at"]) >= notice
    }
    if words[proposal["member"]] == "withdraw":
        return {"withdrawn"}

    def domain(member):
        word = words[member]
        if word == "unknown":
            return ANY
        if word == "none" and silence:
            return ("yes",) if member in consenting else ("yes", "missing")
        if word == "ad referendum":
            return ("yes" if procedure.get("ad_referendum") == "yes" else "missing",)
        return (WORDS.get(word) or "missing",)

    found = {"withdrawn"} if words[proposal["member"]] == "unknown" else set()
    failed = "broken" if silence else "rejected"
    for marks in itertools.product(*map(domain, roster)):
        given = dict(zip(roster, marks))
        there = {m: "yes" if mark == "missing" else mark for m, mark in given.items()}
        if holds(rule["adopt"], given, weights):
            found.add("adopted")
        elif "reject" in rule:
            turned = {m: {"yes": "no", "no": "yes"}.get(k, k) for m, k in given.items()}
            found.add(failed if holds(rule["reject"], turned, weights) else "no opinion")
        else:
            found.add("lapsed" if holds(rule["adopt"], there, weights) else failed)
    return found
