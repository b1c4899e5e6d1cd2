"""Write the vectors of spec/act.md and spec/certificate.md.

    python -m tests.conformance.record_vectors            say what would change
    python -m tests.conformance.record_vectors --write    write it

Every secret grows from a name: SHA-256 of "comity test seed NAME". Each bad
vector is a good one after one step. Read the difference before it is
committed: the vectors are the specification.
"""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from pathlib import Path

from comity.core.acts import (
    read_act,
)
from comity.core.attestations import verify
from comity.core.certificate import certify
from comity.core.envelope import EXERCISE_ACT, seal
from comity.core.founding import found
from comity.core.proposals import Pinned, pin, stand
from comity.core.signing import public_key
from comity.core.strict import write_base64, write_json
from comity.core.succession import succeed
from comity.errors import ActError
from tests.property.record_strategies import (
    LATE,
    OFFICE,
    OPENED,
    Cast,
    changed,
    seed,
)

VECTORS = Path(__file__).resolve().parents[2] / "spec" / "vectors"


def plain(value):
    """Return a form, or the bytes of a file, as plain JSON values."""
    return json.loads(value if isinstance(value, bytes) else write_json(value))


# Acts.


def acts():
    """Return a coalition and its good acts by name."""
    cast = Cast(4, 1, 0)
    made = {"propose": cast.propose("Arden")}
    made["propose-vote"] = cast.propose("Harbour", "majority", "vote")
    made["propose-signature"] = cast.propose("Brill", "two", "signature")
    first = cast.say("Dorn", made["propose"], "yes")
    made["stance"] = first
    made["stance-second-turn"] = cast.say(
        "Dorn",
        made["propose"],
        "objection",
        first,
        notes=[("explanation", "Für die Straße über den Berg\nfehlt uns der Schnee.")],
    )
    made["stance-withdraw"] = cast.say("Arden", made["propose"], "withdraw")
    made["closing-silent"] = cast.close("Brill", made["propose"])
    made["closing"] = cast.close("Corve", made["propose"], [made["stance-second-turn"]])
    made["closing-never-opened"] = cast.close("Dorn", made["propose"], opened=None)
    return cast, made


def act_steps(cast, good):
    """Yield name, base, step and the file of each bad act."""
    stance, proposal, closing = good["stance"], good["propose"], good["closing"]
    form = plain(stance.form())
    headers = {
        "another-coalition": {"coalition": "0" * 64},
        "another-member": {"member": "Brill"},
        "another-office": {"office": "press room"},
        "instant-with-offset": {"instant": "2026-03-01T08:00:00+00:00"},
        "instant-with-fraction": {"instant": "2026-03-01T08:00:00.5Z"},
        "instant-never-was": {"instant": "2026-02-30T08:00:00Z"},
        "second-without-first": {"seq": 2},
        "first-with-previous": {"prev": "0" * 64},
        "number-nothing": {"seq": 0},
        "number-as-truth": {"seq": True},
        "number-past-2-53": {"seq": 2**53},
        "later-version": {"comity": 2},
        "organ-with-capitals": {"organ": "Council"},
        "member-with-blank": {"member": "Do rn"},
        "unknown-field": {"more": 1},
        "short-hash": {"commit": "0" * 63},
        "hash-in-capitals": {"commit": "A" * 64},
        "header-too-large": {"organ": "a" * 5_000},
        "office-not-nfc": {"office": "bu\u0308ro"},
        "office-hidden-character": {"office": "for\u200beign"},
        "commit-to-another-body": {"commit": "0" * 64},
    }
    for name, header in headers.items():
        yield name, "stance", f"header {json.dumps(header)[:80]}", changed(stance, header=header)
    bodies = {
        "unknown-kind": (stance, "stance", {"kind": "stanse"}),
        "unknown-word": (stance, "stance", {"word": "maybe"}),
        "turn-nothing": (stance, "stance", {"turn": 0}),
        "turn-past-a-hundred": (stance, "stance", {"turn": 101, "previous": "0" * 64}),
        "turn-two-follows-none": (stance, "stance", {"turn": 2}),
        "turn-one-follows": (stance, "stance", {"previous": "0" * 64}),
        "turn-as-fraction": (stance, "stance", {"turn": 1.0}),
        "annotation-unknown": (
            stance,
            "stance",
            {"annotations": [{"kind": "footnote", "text": "x"}]},
        ),
        "body-unknown-field": (stance, "stance", {"wrod": "yes"}),
        "no-title": (proposal, "propose", {"title": ""}),
        "title-too-long": (proposal, "propose", {"title": "x" * 201}),
        "title-reversed": (proposal, "propose", {"title": "a\u202eb"}),
        "title-not-nfc": (proposal, "propose", {"title": "fu\u0308r"}),
        "unknown-effect": (proposal, "propose", {"effect": {"kind": "annex"}}),
        "no-text": (proposal, "propose", {"effect": {"kind": "adopt", "paragraphs": []}}),
        "roster-twice": (proposal, "propose", {"roster": ["Arden", "Arden"]}),
        "roster-of-nobody": (proposal, "propose", {"roster": []}),
        "day-never-was": (proposal, "propose", {"on": "2026-02-30"}),
        "day-spelled-otherwise": (proposal, "propose", {"on": "2026-3-2"}),
        "expiry-a-day": (proposal, "propose", {"expires": "2026-03-02"}),
        "roll-of-words": (closing, "closing", {"roll": {"Dorn": "objection"}}),
        "roll-of-no-codes": (closing, "closing", {"roll": {"D r": "0" * 64}}),
        "opened-at-a-day": (closing, "closing", {"opened_at": "2026-03-01"}),
        "body-too-large": (proposal, "propose", {"title": "x" * 131_072}),
    }
    for name, (act, base, body) in bodies.items():
        yield name, base, f"body {json.dumps(body)[:80]}", changed(act, body=body)
    data = stance.to_bytes()
    yield "cut-off", "stance", "the last byte is missing", data[:-1]
    yield "two-files", "stance", "the file stands twice", data * 2
    yield "byte-order-mark", "stance", "begins with U+FEFF", b"\xef\xbb\xbf" + data
    yield "not-utf-8", "stance", "in UTF-16", data.decode().encode("utf-16")
    yield "key-twice", "stance", "a key stands twice", data[:-1] + b',"salt":"x"}'
    yield "too-large", "stance", "262,145 bytes, with blanks", data + b" " * (262_145 - len(data))
    payload = stance.envelope.payload
    twice = payload[:-1] + b',"seq":1}'
    envelope = seal(cast.founding.act_type, twice, [(seed("Dorn"), public_key(seed("Dorn")))])
    yield (
        "header-key-twice",
        "stance",
        "seq stands twice in the header",
        write_json(form | {"envelope": plain(envelope.form())}),
    )
    yield (
        "body-not-opened-by-salt",
        "stance",
        "one byte of the body belongs to the salt",
        write_json(
            form
            | {
                "salt": write_base64(stance.salt + stance.body_bytes[:1]),
                "body": write_base64(stance.body_bytes[1:]),
            }
        ),
    )
    other = good["stance-withdraw"]
    yield (
        "body-of-another-act",
        "stance",
        "salt and body of another act",
        write_json(form | {k: plain(other.form())[k] for k in ("salt", "body")}),
    )
    yield (
        "salt-without-body",
        "stance",
        "no body",
        write_json({k: v for k, v in form.items() if k != "body"}),
    )
    yield (
        "body-without-salt",
        "stance",
        "no salt",
        write_json({k: v for k, v in form.items() if k != "salt"}),
    )

    def enveloped(**change):
        return write_json(form | {"envelope": form["envelope"] | change})

    signature = form["envelope"]["signatures"][0]
    raw = bytearray(payload)
    raw[raw.index(b"Dorn") + 1] ^= 1
    yield (
        "payload-bit",
        "stance",
        "one bit of the payload",
        enveloped(payload=write_base64(bytes(raw))),
    )
    yield (
        "payload-not-base64",
        "stance",
        "a line break",
        enveloped(payload=form["envelope"]["payload"] + "\n"),
    )
    yield "exercise-type", "stance", "the type of an exercise", enveloped(payloadType=EXERCISE_ACT)
    yield "no-signature", "stance", "signatures are empty", enveloped(signatures=[])
    yield "two-signatures", "stance", "the signature twice", enveloped(signatures=[signature] * 2)
    yield (
        "signature-short",
        "stance",
        "63 bytes",
        enveloped(signatures=[signature | {"sig": write_base64(bytes(63))}]),
    )
    yield (
        "signature-of-zeros",
        "stance",
        "64 bytes of nothing",
        enveloped(signatures=[signature | {"sig": write_base64(bytes(64))}]),
    )
    order = 2**252 + 27742317777372353535851937790883648493
    value = stance.envelope.signatures[0].value
    bent = value[:32] + (int.from_bytes(value[32:], "little") + order).to_bytes(32, "little")
    yield (
        "signature-bent",
        "stance",
        "the group's order added to S",
        enveloped(signatures=[signature | {"sig": write_base64(bent)}]),
    )
    yield (
        "signature-of-another",
        "stance",
        "signed by Brill under Dorn's key id",
        enveloped(
            signatures=[
                signature
                | {
                    "sig": write_base64(
                        seal(
                            cast.founding.act_type,
                            payload,
                            [(seed("Brill"), public_key(seed("Brill")))],
                        )
                        .signatures[0]
                        .value
                    )
                }
            ]
        ),
    )
    yield (
        "key-unknown",
        "stance",
        "signed by a key that was not founded",
        changed(stance, signer="Fenn"),
    )
    yield (
        "signed-by-another",
        "stance",
        "signed by Brill with Brill's key",
        changed(stance, signer="Brill"),
    )
    run = Cast(4, 1, 0, run="01" * 16)
    yield (
        "another-run",
        "stance",
        "the same in another run",
        run.act("Dorn", stance.body).to_bytes(),
    )
    exercise = Cast(4, 1, 0, exercise=True)
    yield (
        "an-exercise",
        "stance",
        "the same in an exercise",
        exercise.act("Dorn", stance.body).to_bytes(),
    )


def act_files():
    """Return the files of spec/vectors/act."""
    cast, good = acts()
    names = ("Arden", "Brill", "Corve", "Dorn", "Harbour", "Fenn")
    files = {
        "keys.json": {
            name: {"seed": seed(name).hex(), "key": public_key(seed(name)).hex()} for name in names
        },
        "founding.json": {
            "id": cast.founding.id,
            "constitution": cast.under.id,
            "founding": plain(cast.founding.envelope.form()),
            "charter": write_base64(cast.under.text),
        },
    }
    for name, act in good.items():
        files[f"good/{name}.json"] = {
            "id": act.id,
            "header": plain(act.header),
            "body": plain(act.body),
            "file": plain(act.form()),
        }
    sealed = plain(good["stance"].form())
    files["good/sealed.json"] = {
        "id": good["stance"].id,
        "header": plain(good["stance"].header),
        "body": None,
        "file": {"envelope": sealed["envelope"]},
    }
    bad = {}
    for name, base, step, data in act_steps(cast, good):
        try:
            read_act(data, cast.founding)
        except ActError as refused:
            bad[name] = {"base": base, "step": step, "refusal": refused.refusal}
            if len(data) < 20_000:
                bad[name]["file_base64"] = write_base64(data)
            else:  # a stranger makes it anew from the step
                bad[name]["file_sha256"] = sha256(data).hexdigest()
        else:
            raise SystemExit(f"{name} is read, and should be refused")
    files["bad.json"] = bad
    return files


# Certificates.


def record(cast, proposal, given):
    pinned = pin(proposal, cast.under)
    assert isinstance(pinned, Pinned), pinned
    return certify(stand(pinned, given), succeed(cast.under, ()))


def certificates():
    """Return the certificates that can be read, by name: proven, in doubt or contested."""
    made = {}

    def add(name, cast, proposal, given):
        made[name] = (cast, record(cast, proposal, given))

    cast = Cast(4, 1, 0)
    proposal = cast.propose()
    add("silence-holds", cast, proposal, cast.close_all(proposal))
    cast = Cast(4, 1, 0)
    proposal = cast.propose()
    add("silence-one-missing", cast, proposal, cast.close_all(proposal, but=("Dorn",)))
    cast = Cast(4, 1, 0)
    proposal = cast.propose()
    add("silence-two-missing", cast, proposal, cast.close_all(proposal, but=("Corve", "Dorn")))
    cast = Cast(4, 1, 0)
    proposal = cast.propose()
    objection = cast.say("Dorn", proposal, "objection", notes=[("reservation", "Not in winter.")])
    broken = [objection, *cast.close_all(proposal, [objection])]
    add("silence-broken", cast, proposal, broken)
    cast = Cast(4, 1, 0)
    proposal = cast.propose()
    objection = cast.say("Dorn", proposal, "objection")
    late = [objection, cast.close("Dorn", proposal, [objection])]
    add(
        "objection-heard-by-its-author-alone",
        cast,
        proposal,
        late + cast.close_all(proposal, but=("Dorn",)),
    )
    cast = Cast(4, 1, 0)
    proposal = cast.propose()
    objection = cast.say("Dorn", proposal, "objection")
    hidden = [objection, cast.close("Arden", proposal)]
    hidden += [cast.close(m, proposal, [objection]) for m in ("Brill", "Corve", "Dorn")]
    add("objection-hidden-by-the-chair", cast, proposal, hidden)
    cast = Cast(5, 1, 1)
    proposal = cast.propose()
    objection = cast.say("Elsin", proposal, "objection")
    doubt = [objection]
    doubt += [cast.close(m, proposal, [objection]) for m in ("Dorn", "Elsin")]
    doubt += cast.close_all(proposal, but=("Dorn", "Elsin"))
    add("objection-heard-by-n-and-f", cast, proposal, doubt)
    cast = Cast(4, 1, 0)
    proposal = cast.propose(rule="everybody")
    short = [*cast.close_all(proposal, but=("Dorn",)), cast.close("Dorn", proposal, opened=LATE)]
    add("silence-without-notice", cast, proposal, short)
    cast = Cast(4, 1, 0)
    proposal = cast.propose("Harbour")
    withdrawal = cast.say("Harbour", proposal, "withdraw")
    add("withdrawn", cast, proposal, [withdrawal, *cast.close_all(proposal, [withdrawal])])
    cast = Cast(4, 1, 0)
    proposal = cast.propose(procedure="vote", rule="majority")
    yes = [cast.say(m, proposal, "yes") for m in ("Arden", "Brill", "Corve")]
    add("vote-adopted", cast, proposal, yes + cast.close_all(proposal, yes))
    cast = Cast(4, 1, 0, weighed=True)
    proposal = cast.propose(procedure="vote", rule="weighed")
    all_no = [cast.say(m, proposal, "no") for m in cast.roster]
    add("vote-closed-early", cast, proposal, all_no + cast.close_all(proposal, all_no, at=OPENED))
    cast = Cast(4, 1, 0)
    proposal = cast.propose(procedure="vote", rule="quorum")
    two = [cast.say(m, proposal, "yes") for m in ("Arden", "Brill")]
    add("vote-lapsed-without-quorum", cast, proposal, two + cast.close_all(proposal, two))
    cast = Cast(4, 1, 0)
    proposal = cast.propose(procedure="signature", rule="two")
    add("signature", cast, proposal, [cast.say(m, proposal, "yes") for m in ("Arden", "Dorn")])
    cast = Cast(5, 1, 1)
    proposal = cast.propose()
    rivals = [cast.say("Dorn", proposal, word) for word in ("yes", "no")]
    given = [cast.close(m, proposal, rivals[:1]) for m in ("Arden", "Brill", "Corve")]
    given += [cast.close(m, proposal, rivals[1:]) for m in ("Corve", "Dorn", "Elsin")]
    add("two-answers-to-one-turn", cast, proposal, rivals + given)
    cast = Cast(4, 1, 0)
    proposal = cast.propose()
    objection = cast.say("Dorn", proposal, "objection")
    both = [objection, *cast.close_all(proposal, but=("Dorn",))]
    both += [cast.close(m, proposal, [objection]) for m in ("Corve", "Dorn")]
    add("contested", cast, proposal, both)
    cast = Cast(4, 1, 0, exercise=True)
    proposal = cast.propose()
    add("exercise", cast, proposal, cast.close_all(proposal))
    return made


def certificate_steps(good):
    """Yield name, base, step, fingerprint and file of each certificate that is refused."""
    cast, data = good["silence-broken"]
    whole, trusted, base = plain(data), cast.founding.id, "silence-broken"

    def step(name, told, changes, **inner):
        bent = whole | changes | {"decided": whole["decided"] | inner}
        return name, base, told, trusted, write_json(bent)

    shown = whole["decided"]

    yield "another-founding", base, "the fingerprint is another", "0" * 64, data
    yield "cut-off", base, "the last byte is missing", trusted, data[:-1]
    yield "key-twice", base, "comity stands twice", trusted, data[:-1] + b',"comity":1}'
    yield step("unknown-field", "one more field", {"more": 1})
    yield step("later-version", "comity is 2", {"comity": 2})
    yield step("unknown-certificate", "of another kind", {"certificate": "promise"})
    yield step("charter-byte", "one line more", {"charter": write_base64(cast.under.text + b"\n")})
    founding = whole["founding"]
    yield step(
        "founding-not-signed-by-all",
        "one signature is missing",
        {"founding": founding | {"signatures": founding["signatures"][1:]}},
    )
    forged = seal(
        founding["payloadType"],
        cast.founding.envelope.payload,
        [(seed("Fenn"), public_key(seed(m))) for m in (*cast.roster, "Harbour")],
    )
    yield step("founding-forged", "signed by a stranger", {"founding": plain(forged.form())})
    unread = found(sha256(b"x").hexdigest(), "00" * 16, [("Arden", OFFICE, seed("Arden"))])
    yield (
        "charter-unreadable",
        base,
        "founded on a file that is no charter",
        unread.id,
        write_json(whole | {"founding": plain(unread.envelope.form()), "charter": "eA=="}),
    )
    pins = {
        "roster-short": {"roster": ["Arden", "Brill", "Corve"]},
        "roster-of-another-day": {"on": "2026-03-03"},
        "charter-of-another-version": {"charter": "0" * 64},
        "rule-not-in-force": {"rule": "fairness"},
        "procedure-not-there": {"procedure": "lot"},
        "no-expiry": {"expires": None},
    }
    proposal = read_act(write_json(shown["act"]), cast.founding)
    for name, pinned in pins.items():
        body = {"drop": ("expires",)} if name == "no-expiry" else {"body": pinned}
        yield step(
            name,
            f"the proposal says {json.dumps(pinned)}",
            {},
            act=plain(changed(proposal, **body)),
        )
    yield step("proposal-is-a-stance", "a stance in its place", {}, act=shown["stances"][0])
    yield step(
        "proposal-sealed",
        "its body is missing",
        {},
        act={"envelope": shown["act"]["envelope"]},
    )
    yield step(
        "constitution-of-yesterday",
        "the proposal names another constitution",
        {},
        act=plain(changed(proposal, header={"constitution": "0" * 64})),
    )
    yield step(
        "stance-under-closings", "a stance among the closings", {}, closings=shown["stances"]
    )
    yield step("closing-under-stances", "closings among the stances", {}, stances=shown["closings"])
    yield step(
        "closing-sealed",
        "a body is missing",
        {},
        closings=[{"envelope": shown["closings"][0]["envelope"]}, *shown["closings"][1:]],
    )
    closing = read_act(write_json(shown["closings"][0]), cast.founding)
    for name, header in {
        "closing-before-grace": {"instant": "2026-03-02T12:59:59Z"},
        "closing-in-another-organ": {"organ": "watch"},
        "closing-in-another-constitution": {"constitution": "0" * 64},
    }.items():
        bent = plain(changed(closing, header=header))
        yield step(name, f"a closing says {json.dumps(header)}", {}, closings=[bent])
    bent = plain(changed(closing, body={"proposal": "0" * 64}))
    yield step("closing-of-another-proposal", "a closing names another", {}, closings=[bent])
    outside = cast.close("Harbour", proposal)
    yield step("closing-from-outside", "Harbour closes", {}, closings=[plain(outside.form())])
    theirs = cast.say("Brill", proposal, "withdraw")
    yield step("withdrawn-by-another", "Brill withdraws", {}, stances=[plain(theirs.form())])
    _, data = good["exercise"]
    acted = plain(data)
    yield step(
        "exercise-acts", "closings of an exercise", {}, closings=acted["decided"]["closings"]
    )
    yield (
        "exercise-for-real",
        "exercise",
        "the fingerprint of the real coalition",
        trusted,
        data,
    )


def certificate_files():
    """Return the files of spec/vectors/certificate."""
    good = certificates()
    files, told = {}, {}
    for name, (cast, data) in good.items():
        verdict = verify(data, cast.founding.id)
        files[f"good/{name}.json"] = plain(data)
        told[name] = {
            "fingerprint": cast.founding.id,
            "outcome": verdict.outcome,
            "proven": verdict.proven,
            "exercise": verdict.exercise,
            "possible": list(verdict.standing.settlement.possible),
            "words": list(verdict.lines()),
        }
    files["good.json"] = told
    bad = {}
    for name, base, step, fingerprint, data in certificate_steps(good):
        try:
            verify(data, fingerprint)
        except ActError as refused:
            bad[name] = {
                "base": base,
                "step": step,
                "fingerprint": fingerprint,
                "refusal": refused.refusal,
                "file_base64": write_base64(data),
            }
        else:
            raise SystemExit(f"{name} is read, and should be refused")
    files["bad.json"] = bad
    return files


def all_files() -> dict[Path, bytes]:
    """Return every vector with its path."""
    groups = {"act": act_files(), "certificate": certificate_files()}
    return {
        VECTORS / group / name: (json.dumps(value, indent=1, ensure_ascii=True) + "\n").encode()
        for group, files in groups.items()
        for name, value in files.items()
    }


def main() -> int:
    """Compare, or write."""
    files = all_files()
    stale = [path for path, data in files.items() if not path.exists() or path.read_bytes() != data]
    gone = [
        p for g in ("act", "certificate") for p in (VECTORS / g).rglob("*.json") if p not in files
    ]
    for path in (*stale, *gone):
        print(path.relative_to(VECTORS))
    if "--write" in sys.argv[1:]:
        for path in stale:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files[path])
        for path in gone:
            path.unlink()
        return 0
    return 1 if stale or gone else 0


if __name__ == "__main__":
    sys.exit(main())
