"""A second verifier of certificates, written from spec/ alone: no import of ours.

It is short rather than fast or kind: a refusal has no name, rules are the few
that the vectors use, every completion is looked at, and of a charter that was
changed it checks that it can be read, not that all of it holds together.
"""

from __future__ import annotations

import itertools
import json
import re
import tomllib
import unicodedata
from base64 import b64decode, b64encode
from datetime import date, datetime, timedelta
from fractions import Fraction
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HIDDEN = (
    (0x00, 0x09), (0x0B, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x61C, 0x61C), (0x200B, 0x200F),
    (0x2028, 0x202E), (0x2060, 0x206F), (0xD800, 0xDFFF), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB),
    (0xE0000, 0xE007F),
)  # fmt: skip
HIDES = re.compile("[" + "".join(f"{chr(a)}-{chr(b)}" for a, b in HIDDEN) + "]").search
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
            need(HIDES(x) is None, "hidden")
        for child in x if isinstance(x, list) else [*x, *x.values()] if isinstance(x, dict) else []:
            check(child)

    check(value)
    return value


LISTS = {
    *("steps", "constitutions", "earlier", "receipts", "stances", "closings"),
    *("annotations", "keys", "about", "paragraphs", "members", "roster", "signatures"),
}


def fields(value, required: str, optional: str = ""):
    """Return an object with these fields and no others; null stands for one left out."""
    need(isinstance(value, dict), "shape")
    may_be_null = {*optional.split()} - LISTS
    value = {k: v for k, v in value.items() if v is not None or k not in may_be_null}
    need(all(isinstance(value[k], list) for k in LISTS & {*value}), "no list")
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


def sound(key: bytes) -> bool:
    y = int.from_bytes(key, "little") % 2**255
    return y < PRIME and y not in (0, 1, PRIME - 1, EIGHT, PRIME - EIGHT)


def key_held(value):
    held = fields(value, "member office key", "sealing")
    match(CODE, held["member"])
    match(r"\S(.{0,62}\S)?", held["office"])
    for name in ("key", "sealing"):
        match(HASH, held.get(name, held["key"]))
    return held


def claim(held):
    """Return a key's short name, and who holds which key under it."""
    key = bytes.fromhex(held["key"])
    return short_name(key), (key, held["member"], held["office"])


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
        name, held = claim(key_held(one))
        need(sound(held[0]), "unfit key")
        need(name not in keys, "key shared")
        keys[name] = held
        offices.add(held[1:])
    need(len(offices) == len(keys) > 0, "office twice")
    for name, value in signatures:
        need(name in keys, "unknown key")
        check_signature(message, value, keys[name][0])
    need({name for name, _ in signatures} == set(keys), "not signed by all")
    claims = set(keys.items())
    return sha256(message).hexdigest(), "exercise" in kind, founding, claims


# act.md 4


def read_act(file, coalition: str, exercise: bool, claims, *, may_be_sealed: bool = False):
    file = fields(file, "envelope", "salt body sealed")
    kind = f"application/vnd.comity.{'exercise-' if exercise else ''}act.v1+json"
    _, payload, message, signatures = signed_bytes(file["envelope"], (kind,), 4_096)
    need(("salt" in file) == ("body" in file), "opening")
    need("salt" in file or may_be_sealed, "sealed")
    need(len(signatures) == 1, "who signed")
    name, value = signatures[0]
    holders = [held for short, held in claims if short == name]
    need(holders, "unknown key")
    check_signature(message, value, holders[0][0])
    names = "comity coalition organ member office seq constitution instant commit"
    header = fields(strict(payload, 4_096), names, "prev")
    need(type(header["comity"]) is int and header["comity"] == 1, "version")
    for field in ("coalition", "constitution", "commit"):
        match(HASH, header[field])
    match(NAME, header["organ"])
    need(header["coalition"] == coalition, "another coalition")
    signer = (header["member"], header["office"])
    need(any(held[1:] == signer for held in holders), "another signer")
    moment(header["instant"])
    whole_number(header["seq"], 10**9)
    need((header["seq"] == 1) == ("prev" not in header), "chain")
    if "prev" in header:
        match(HASH, header["prev"])
    body = None
    if "salt" in file:
        salt, body_bytes = base64(file["salt"]), base64(file["body"])
        need(len(salt) == 32, "salt")
        need(sha256(salt + body_bytes).hexdigest() == header["commit"], "commitment")
        body = strict(body_bytes, 131_072)
        need(isinstance(body, dict) and body.get("kind") in BODIES, "kind")
        body = BODIES[body["kind"]](body)
    return {
        "id": sha256(message).hexdigest(),
        "claim": (name, (holders[0][0], *signer)),
        **header,
        "body": body,
    }


def day(text):
    match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text)
    return moment(text + "T00:00:00Z").date()


def proposal_body(body):
    required = "kind title effect charter rule procedure on roster"
    body = fields(body, required, "expires case text")
    match(r"[^\n]{1,200}", body["title"])
    effect = body["effect"]
    need(isinstance(effect, dict) and effect.get("kind") in EFFECTS, "effect")
    body["effect"] = EFFECTS[effect["kind"]](effect)
    match(HASH, body["charter"])
    match(NAME, body["rule"])
    match(NAME, body["procedure"])
    day(body["on"])
    for code in body["roster"]:
        match(CODE, code)
    need(len(set(body["roster"])) == len(body["roster"]) > 0, "roster")
    if "expires" in body:
        moment(body["expires"])
    return body


def texts(effect):
    effect = fields(effect, "kind paragraphs", "after" if effect["kind"] == "opt in" else "")
    need(1 <= len(effect["paragraphs"]) <= 200, "paragraphs")
    for text in effect["paragraphs"]:
        match(r"(?s).{1,4000}", text)
    return effect


def offer(value):
    value = fields(value, "held proof")
    key_held(value["held"])
    need(isinstance(value["proof"], str), "proof")
    return value


def amending(effect):
    effect = fields(effect, "kind charter", "replaces")
    base64(effect["charter"])
    return effect


def admitting(effect):
    effect = fields(effect, "kind member name standing since", "iso keys replaces")
    match(CODE, effect["member"])
    match(r"[^\n]{1,200}", effect["name"])
    match(NAME, effect["standing"])
    day(effect["since"])
    effect["keys"] = [offer(one) for one in effect.get("keys", [])]
    return effect


def dated(effect):
    effect = fields(effect, "kind member since", "replaces")
    match(CODE, effect["member"])
    day(effect["since"])
    return effect


def replacing(effect):
    effect = fields(effect, "kind offer", "replaces")
    offer(effect["offer"])
    return effect


def recognising(effect):
    effect = fields(effect, "kind group members")
    match(NAME, effect["group"])
    need(len(set(effect["members"])) == len(effect["members"]) > 0, "members")
    return effect


def naming(names):
    def read(effect):
        effect = fields(effect, f"kind {names}")
        match(NAME, effect[names.split()[0]])
        return effect

    return read


CHANGES = {
    "amend": "amendment",
    "admit": "admission",
    "suspend": "suspension",
    "reinstate": "suspension",
    "replace a key": "key-replacement",
}
EFFECTS = {
    "adopt": texts,
    "opt in": texts,
    "open a case": naming("case title"),
    "close a case": naming("case"),
    "recognise a group": recognising,
    "wake an obligation": naming("obligation because"),
    "amend": amending,
    "admit": admitting,
    "suspend": dated,
    "reinstate": dated,
    "replace a key": replacing,
}


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


def key_body(body):
    body = fields(body, "kind offer")
    offer(body["offer"])
    return body


def leave_body(body):
    body = fields(body, "kind since", "text")
    day(body["since"])
    return body


def alert_body(body):
    body = fields(body, "kind title text severity", "status type about case marking")
    match(r"[^\n]{1,200}", body["title"])
    match("extreme|severe|moderate|minor|unknown", body["severity"])
    match("actual|exercise|test", body.get("status", "actual"))
    match("alert|update|cancel", body.get("type", "alert"))
    about = body.get("about", [])
    need((body.get("type", "alert") == "alert") == (not about), "about")
    need(len(set(about)) == len(about), "twice")
    return body


def receipt_body(body):
    body = fields(body, "kind alert opened_at")
    match(HASH, body["alert"])
    moment(body["opened_at"])
    return body


BODIES = {
    "propose": proposal_body,
    "stance": stance_body,
    "closing": closing_body,
    "key": key_body,
    "leave": leave_body,
    "alert": alert_body,
    "receipt": receipt_body,
}


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
        present = sum(mark in ANY[:4] for mark in marks.values())
        return amount(leaf, sum(mark != "out" for mark in marks.values()))(present)
    need(name == "in_favour", f"a rule this verifier does not know: {name}")
    table = weights[leaf["weight"]] if "weight" in leaf else dict.fromkeys(marks, 1)
    counted = {
        "members": (*ANY, "out"),
        "participating": ANY,
        "present": ANY[:4],
        "voting": ANY[:2],
    }[leaf.get("of", "participating")]
    base = sum(Fraction(table[m]) for m, mark in marks.items() if mark in counted)
    return amount(leaf, base)(sum(Fraction(table[m]) for m, mark in marks.items() if mark == "yes"))


def belongs(member, on: date) -> bool:
    return member.get("since", date.min) <= on <= member.get("until", date.max)


def select(charter, selectors, on: date, seats=()):
    members = charter["members"]
    there = [m for m in members if belongs(members[m], on)]
    chosen = set()
    for selector in selectors:
        if selector == "seats":
            chosen |= set(seats)
        elif selector.startswith("standing:"):
            chosen |= {m for m in there if members[m].get("standing") == selector[9:]}
        elif selector in there or selector in charter.get("participants", {}):
            chosen.add(selector)
    return [m for m in [*members, *charter.get("participants", {})] if m in chosen]


def read_charter(text: bytes):
    try:
        charter = tomllib.loads(text.decode())
    except ValueError as error:
        raise RefusedError("charter") from error
    need({"charter", "members", "organs"} <= set(charter), "charter")
    return charter


# procedure.md 2: constitutions


def under_id(coalition, changes):
    text = json.dumps({"changes": sorted(changes), "coalition": coalition}, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def speaks(act, under):
    return act["claim"] in under["claims"]


def register(act):
    effect = act["body"]["effect"]
    if effect["kind"] == "amend":
        return "the charter"
    return effect["offer"]["held"]["member"] if "offer" in effect else effect["member"]


def changed(ground, changes):
    """Return the constitution that a set of changes makes of the founding's."""
    text, claims, versions, lines = ground["text"], set(ground["claims"]), {}, {}
    decided = [act for act in changes.values() if act["body"]["kind"] == "propose"]
    for name in sorted({register(act) for act in decided}):
        after = {act["body"]["effect"].get("replaces"): act
                 for act in decided if register(act) == name}  # fmt: skip
        line, last = [], None
        while last in after:
            line.append(after.pop(last))
            last = line[-1]["id"]
        need(len(line) == sum(register(act) == name for act in decided), "no line")
        lines[name], versions[name] = line, last
    for act in lines.pop("the charter", [])[-1:]:
        text = base64(act["body"]["effect"]["charter"])
    charter = read_charter(text)
    members = charter["members"] = {code: dict(m) for code, m in charter["members"].items()}
    for act in itertools.chain(*lines.values()):
        effect = act["body"]["effect"]
        code = effect.get("member")
        if effect["kind"] == "admit":
            members[code] = {"standing": effect["standing"], "since": day(effect["since"])}
            claims |= {claim(one["held"]) for one in effect["keys"]}
        elif effect["kind"] == "replace a key":
            name, held = claim(effect["offer"]["held"])
            claims = {c for c in claims if c[1][1:] != held[1:]} | {(name, held)}
        elif code in members and effect["kind"] == "suspend":
            members[code]["until"] = day(effect["since"]) - timedelta(1)
        elif code in members:
            members[code] |= {"since": day(effect["since"])}
            members[code].pop("until", None)
    for _, act in sorted(changes.items()):
        if act["body"]["kind"] == "leave" and act["member"] in members:
            since, member = day(act["body"]["since"]), members[act["member"]]
            if member.get("since", date.min) <= since:
                member["until"] = since - timedelta(1)
    return {
        **ground,
        "id": under_id(ground["coalition"], changes),
        "text": text,
        "charter": charter,
        "claims": claims,
        "changes": dict(changes),
        "versions": versions,
    }


def check_offer(value, ground):
    held = value["held"]
    key = bytes.fromhex(held["key"])
    need(sound(key), "unfit key")
    said = {"coalition": ground["coalition"], **held}
    said = {name: said[name] for name in sorted(said) if said[name] is not None}
    payload = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    kind = f"application/vnd.comity.{'exercise-' if ground['exercise'] else ''}key.v1+json"
    message = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)
    check_signature(message, base64(value["proof"]), key)


def check_change(act, under, ground):
    effect, charter = act["body"]["effect"], under["charter"]
    need(effect.get("replaces") == under["versions"].get(register(act)), "replaces")
    parties = {*charter["members"], *charter.get("participants", {})}
    if effect["kind"] == "admit":
        need(effect["member"] not in charter.get("participants", {}), "takes part")
        need(effect["standing"] in ("member", *charter.get("standings", {})), "standing")
        for one in effect["keys"]:
            need(one["held"]["member"] == effect["member"], "another's key")
            check_offer(one, ground)
    elif effect["kind"] == "replace a key":
        need(effect["offer"]["held"]["member"] in parties, "not named")
        check_offer(effect["offer"], ground)
    elif effect["kind"] != "amend":
        need(effect["member"] in charter["members"], "no member")
    changed(ground, {**under["changes"], act["id"]: act})


def concerned(effect):
    if effect["kind"] in ("suspend", "reinstate"):
        return {effect["member"]}
    return {effect["offer"]["held"]["member"]} if effect["kind"] == "replace a key" else set()


def rotated(under, acts):
    """Return a constitution with the keys that its offices took themselves."""
    before = None
    while before != len(under["claims"]):
        before = len(under["claims"])
        for act in acts:
            body = act["body"]
            if not body or body["kind"] != "key" or act["organ"] != "coalition":
                continue
            held = body["offer"]["held"]
            own = (held["member"], held["office"]) == (act["member"], act["office"])
            if own and speaks(act, under):
                try:
                    check_offer(body["offer"], under)
                except RefusedError:
                    continue
                under = {**under, "claims": under["claims"] | {claim(held)}}
    return under


def succeed(ground, acts, lists):
    """Return the constitutions that are known, and the changes that are settled."""
    first = rotated(ground, acts)
    known, settled, size = {first["id"]: first}, {}, None
    changes = [a for a in acts if a["organ"] == "coalition" and is_change(a)]
    while size != (len(known), len(settled)):
        size = (len(known), len(settled))
        for act in changes:
            under = known.get(act["constitution"])
            if under is None or act["id"] in settled:
                continue
            if act["body"]["kind"] == "leave":
                if speaks(act, under):
                    settled[act["id"]] = act
                continue
            answers = [a for a in acts if a["body"] and a["body"].get("proposal") == act["id"]]
            try:
                if decide(act, answers, under, ground, strictly=False)[0] == "adopted":
                    settled[act["id"]] = act
            except RefusedError:
                continue
        following = {
            tuple(sorted({*known[a["constitution"]]["changes"], a["id"]})) for a in settled.values()
        }
        for listed in {*lists, *following}:
            name = under_id(ground["coalition"], listed)
            if name in known or not set(listed) <= set(settled):
                continue
            own = {change: settled[change] for change in listed}
            before = (known[a["constitution"]]["changes"] for a in own.values())
            if all(set(changes) <= set(own) for changes in before):
                try:
                    known[name] = rotated(changed(ground, own), acts)
                except RefusedError:
                    continue
    return known, settled


def is_change(act):
    body = act["body"]
    if body is None:
        return False
    return body["kind"] == "leave" or (
        body["kind"] == "propose" and body["effect"]["kind"] in CHANGES
    )


# certificate.md


def verify(data: bytes, fingerprint: str):
    """Return what a certificate shows, as the vectors tell it."""
    file = strict(data, 33_554_432)
    need(isinstance(file, dict) and file.get("certificate") in SHOWN, "another certificate")
    names, optional, show = SHOWN[file["certificate"]]
    file = fields(
        file, f"comity certificate founding charter {names}", f"steps constitutions {optional}"
    )
    need(type(file["comity"]) is int and file["comity"] == 1, "version")
    coalition, exercise, founding, claims = read_founding(file["founding"])
    need(coalition == fingerprint, "another founding")
    text = base64(file["charter"])
    need(sha256(text).hexdigest() == founding["charter"], "another charter")
    charter = read_charter(text)
    parties = {*charter["members"], *charter.get("participants", {})}
    need(all(member in parties for _, (_, member, _) in claims), "stranger's key")
    ground = {
        "coalition": coalition, "exercise": exercise, "text": text, "charter": charter,
        "claims": claims, "changes": {}, "versions": {}, "id": under_id(coalition, ()),
    }  # fmt: skip
    for one in file.get("constitutions", []):
        need(isinstance(one, list), "no list")
        for name in one:
            match(HASH, name)
    lists = {tuple(sorted(set(one))) for one in file.get("constitutions", [])}
    acts, steps, claims = [], [], set(claims)
    for step in file.get("steps", []):
        own = read_step(step, coalition, exercise, claims)
        acts += own
        steps.append(own[0])
        known, _ = succeed(ground, acts, lists)
        claims = set().union(*(under["claims"] for under in known.values()))
    known, settled = succeed(ground, acts, lists)
    for act in steps:
        taken = act["body"]["kind"] == "key" and any(
            claim(act["body"]["offer"]["held"]) in under["claims"] and speaks(act, under)
            for under in known.values()
        )
        need(taken or act["id"] in settled, "unproven change")
    found = {"ground": ground, "known": known, "claims": claims}
    return {"proven": True, "exercise": exercise} | show(file, found)


def read_step(form, coalition, exercise, claims):
    form = fields(form, "act", "stances closings")
    act = read_act(form["act"], coalition, exercise, claims)
    answers = []
    for kind in ("stance", "closing"):
        for one in form.get(f"{kind}s", []):
            answer = read_act(one, coalition, exercise, claims)
            named = answer["body"].get("proposal")
            need(answer["body"]["kind"] == kind and named == act["id"], "misplaced")
            answers.append(answer)
    return [act, *answers]


def show_outcome(file, found):
    ground, known = found["ground"], found["known"]

    def read(form):
        act, *answers = read_step(form, ground["coalition"], ground["exercise"], found["claims"])
        under = known.get(act["constitution"])
        need(under, "unknown constitution")
        return act, *decide(act, answers, under, ground, strictly=True)

    act, outcome, missing = read(file["decided"])
    earlier = {}
    for form in file.get("earlier", []):
        other, _, absent = read(form)
        ends = other["body"].get("expires", ""), other["id"]
        if (
            other["organ"] == act["organ"]
            and other["id"] != act["id"]
            and "" < ends[0] <= act["body"].get("expires", "")
        ):
            earlier[ends] = absent
    rows = dict.fromkeys(missing, 1)
    for member in rows:
        for _, absent in sorted(earlier.items(), reverse=True):
            if member not in absent:
                break
            rows[member] += 1
    proven = outcome not in ("contested", "in doubt", "open")
    return {"shows": outcome, "proven": proven, "in_a_row": rows}


def speaking(form, found, *, may_be_sealed=False):
    ground = found["ground"]
    act = read_act(
        form, ground["coalition"], ground["exercise"], found["claims"], may_be_sealed=may_be_sealed
    )
    under = found["known"].get(act["constitution"])
    need(under and speaks(act, under), "does not speak")
    return act


def show_delivery(file, found):
    alert = speaking(file["alert"], found)
    need(alert["body"]["kind"] == "alert", "misplaced")
    since = {}
    for form in file.get("receipts", []):
        act = speaking(form, found)
        body = act["body"]
        need(body["kind"] == "receipt" and body["alert"] == alert["id"], "misplaced")
        need(act["organ"] == alert["organ"], "misplaced")
        since[act["member"]] = min(since.get(act["member"], body["opened_at"]), body["opened_at"])
    return {"shows": since}


def show_equivocation(file, found):
    one, other = (speaking(file[k], found, may_be_sealed=True) for k in ("one", "other"))
    need(one["id"] != other["id"] and one["member"] == other["member"], "two acts of one member")
    if all(one[k] == other[k] for k in ("organ", "seq")):
        return {"shows": "one place"}
    first, second = one["body"], other["body"]
    need(first and second and first["kind"] == second["kind"], "honest")
    need(first["kind"] in ("stance", "closing"), "honest")
    need(first["proposal"] == second["proposal"], "honest")
    need(first["kind"] == "closing" or first["turn"] == second["turn"], "honest")
    return {"shows": "one turn" if first["kind"] == "stance" else "two closings"}


SHOWN = {
    "outcome": ("decided", "earlier", show_outcome),
    "delivery": ("alert", "receipts", show_delivery),
    "equivocation": ("one other", "", show_equivocation),
}


# procedure.md 3 to 5


def decide(proposal, answers, under, ground, *, strictly):
    """Return how a proposal ends, and who neither closed it nor has a word in it."""
    procedure, rule, roster, expires = pinned(proposal, under, ground)
    acts = {"stance": {}, "closing": {}}
    for act in answers:
        try:
            need(speaks(act, under), "does not speak")
            check_answer(act, act["body"]["kind"], proposal, procedure, roster, expires)
        except RefusedError:
            if strictly:
                raise
            continue
        acts[act["body"]["kind"]][act["id"]] = act
    tables = under["charter"].get("weights", {})
    weights = {name: table[0]["values"] for name, table in tables.items()}
    aside = concerned(proposal["body"]["effect"]) if rule.get("concerned") == "excluded" else ()
    if expires is None:
        yes = {a["member"] for a in acts["stance"].values() if a["body"]["word"] == "yes"}
        own = [("out",) if m in aside else ("yes",) if m in yes else ANY for m in roster]
        ends = {
            holds(rule["adopt"], dict(zip(roster, marks)), weights)
            for marks in itertools.product(*own)
        }
        return ("adopted" if ends == {True} else "open"), set()
    told, words = count(acts, proposal, procedure, rule, roster, expires, weights, aside)
    closed = {act["member"] for act in acts["closing"].values()}
    dumb = ("none", "unknown", "convicted")
    return told, {m for m in roster if m not in closed and words[m] in dumb}


def pinned(proposal, under, ground):
    body, charter = proposal["body"], under["charter"]
    need(body["kind"] == "propose", "no proposal")
    need(proposal["constitution"] == under["id"] and speaks(proposal, under), "constitution")
    need(body["charter"] == sha256(under["text"]).hexdigest(), "pinned charter")
    on, effect = day(body["on"]), body["effect"]
    if effect["kind"] in CHANGES:
        need(proposal["organ"] == "coalition", "organ of all")
        change = charter.get("changes", {}).get(CHANGES[effect["kind"]])
        need(change, "does not change")
        need((body["rule"], body["procedure"]) == (change["rule"], change["procedure"]), "rule")
        organ = charter["organs"][change["organ"]]
    else:
        organ = charter["organs"].get(proposal["organ"])
        need(organ, "organ")
    need(body["rule"] in organ.get("rules", []), "rule")
    need(body["procedure"] in organ.get("procedures", []), "procedure")
    roster = select(charter, organ["seats"], on)
    proposers = select(charter, organ.get("propose", ["seats"]), on, roster)
    need(proposal["member"] in proposers, "proposer")
    procedure = charter["procedures"][body["procedure"]]
    need(("expires" not in body) == (procedure["kind"] == "signature"), "expiry")
    expires = moment(body["expires"]) if "expires" in body else None
    need(expires is None or expires.date() == on, "day")
    need(body["roster"] == roster, "roster")
    n, f = procedure.get("n", 0), procedure.get("f", 0)
    need(expires is None or len(roster) >= 2 * n + f + 1, "too few")
    rule = charter["rules"][body["rule"]]
    if effect["kind"] in CHANGES:
        need(procedure["kind"] != "silence", "silence")
        aside = concerned(effect) if rule.get("concerned") == "excluded" else set()
        need(shared(rule["adopt"], roster, aside) > f, "majorities need not meet")
        check_change(proposal, under, ground)
    if effect["kind"] == "opt in":
        need(rule.get("binds") == "those who join", "binds all")
    if effect["kind"] == "recognise a group":
        parties = {*charter["members"], *charter.get("participants", {})}
        need(set(effect["members"]) <= parties, "not named")
    if effect["kind"] == "wake an obligation":
        owed = charter.get("obligations", {}).get(effect["obligation"])
        need(owed and "in_force" not in owed, "no dormant obligation")
    return procedure, rule, roster, expires


def shared(rule, roster, aside):
    """Return how few members two majorities of a count of heads share."""
    there = [m for m in roster if m not in aside]
    enough = [
        {*yes}
        for size in range(len(there) + 1)
        for yes in itertools.combinations(there, size)
        if holds(rule, {m: "out" if m in aside else "yes" if m in yes else "missing"
                        for m in roster}, {})
    ]  # fmt: skip
    return min((len(a & b) for a in enough for b in enough), default=len(there))


def check_answer(act, kind, proposal, procedure, roster, expires):
    body = act["body"]
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


def count(acts, proposal, procedure, rule, roster, expires, weights, aside):
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
    possible = outcomes(words, closings, proposal, procedure, rule, roster, expires, weights, aside)
    if contested:
        return "contested", words
    if len(possible) == 1:
        return possible.pop(), words
    enough = len({a["member"] for a in closings}) >= refuting
    return ("in doubt" if enough else "open"), words


def outcomes(words, closings, proposal, procedure, rule, roster, expires, weights, aside):
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
        if member in aside:
            return ("out",)
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
