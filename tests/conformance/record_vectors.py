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

import msgspec

from comity.core.acts import (
    read_act,
)
from comity.core.attestations import (
    Delivery,
    certify_delivery,
    certify_equivocation,
    verify,
)
from comity.core.bodies import (
    Alert,
    Amend,
    Approval,
    Attach,
    Bracket,
    CloseCase,
    Edit,
    Enter,
    Epoch,
    Insert,
    Key,
    KeyBox,
    Leave,
    Marking,
    OpenCase,
    Opened,
    OpenText,
    OptIn,
    Pledge,
    Receipt,
    Recognise,
    Reinstate,
    Release,
    ReplaceKey,
    Resolve,
    Resume,
    Suspend,
    Wake,
    Write,
)
from comity.core.certificate import Verdict, certify
from comity.core.envelope import EXERCISE_ACT, seal
from comity.core.founding import found
from comity.core.proposals import Pinned, pin, stand
from comity.core.signing import public_key
from comity.core.state import fold
from comity.core.strict import write_base64, write_json
from comity.core.succession import succeed
from comity.errors import ActError
from tests.property.record_strategies import (
    LATE,
    OFFICE,
    OPENED,
    PARAGRAPHS,
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
    for name, body in bodies(cast, made).items():
        organ = "coalition" if name.startswith(("key", "enter", "leave", "change")) else "council"
        made[name] = cast.act("Arden", body, organ=organ)
    return cast, made


def bodies(cast, made):
    """Return a body for each kind of act and each effect that is not tried otherwise."""
    one, other = made["propose"].id, made["stance"].id
    text = one
    marking = Marking("TLP:AMBER+STRICT", ("Harbour",), True)
    proposing = {
        "propose-opt-in": ("two", OptIn(("Whoever joins lends a boat.",), one)),
        "propose-open-a-case": ("consensus", OpenCase("flood", "The flood")),
        "propose-close-a-case": ("consensus", CloseCase("flood")),
        "propose-recognise-a-group": ("consensus", Recognise("coast", ("Arden", "Brill"))),
        "propose-wake-an-obligation": ("consensus", Wake("bridge", "The river rose.")),
        "change-amend": ("change", Amend(write_base64(cast.under.text))),
        "change-admit": ("change", cast.admit("Elsin")),
        "change-suspend": ("change", Suspend("Dorn", "2026-03-01")),
        "change-reinstate": ("change", Reinstate("Dorn", "2026-03-01", one)),
        "change-replace-a-key": (
            "change",
            ReplaceKey(cast.offer("Dorn", "Dorn again", sealing="ab" * 32)),
        ),
    }
    made = {
        name: msgspec.structs.replace(made["propose"].body, rule=rule, effect=effect, case="flood")
        for name, (rule, effect) in proposing.items()
    }
    made |= {
        "alert": Alert("The bridge is out", "Take the ferry.", "severe", marking=marking),
        "alert-update": Alert("It stands again", "Go.", "minor", "actual", "update", (one,)),
        "receipt": Receipt(one, OPENED),
        "edit-open": Edit(OpenText("The ambulance", PARAGRAPHS), case="flood"),
        "edit-write": Edit(Write("2", "It is painted red.", (text,)), text),
        "edit-insert": Edit(Insert("It has a bell.", "1"), text),
        "edit-bracket": Edit(Bracket("2", "green", "red"), text),
        "edit-resolve": Edit(Resolve(other, "blue"), text),
        "pledge": Pledge(
            "boats",
            "2.5",
            "boats",
            "bridge",
            ready="2026-04-01",
            delivered="1",
            caveats=("Not in winter.",),
            approvals=(Approval("parliament", "approved", "2026-03-01"),),
        ),
        "attach": Attach("cd" * 32, "Map of the ford", "image/png", 4_096, to=one),
        "release": Release((_opened(cast),)),
        "resume": Resume((one, other)),
        "key": Key(cast.offer("Arden", "Arden the second")),
        "enter": Enter(tuple(sorted((one, other))), (one,)),
        "leave": Leave("2026-04-01", "We part as friends."),
        "epoch": Epoch(1, "ef" * 32, (KeyBox("Arden", OFFICE, "YQ=="),)),
    }
    return made


def _opened(cast):
    """Return an act of another organ with what opens it."""
    form = cast.act("Arden", Receipt("0" * 64, OPENED), organ="watch").form()
    return Opened(form.envelope, form.salt, form.body)


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
    for name, (base, body) in OTHER_BODIES.items():
        told = f"body {json.dumps(body)[:80]}"
        yield name, base, told, changed(good[base], body=body)
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


TWICE = ["0" * 64, "0" * 64]
FALLING = ["1" * 64, "0" * 64]
OTHER_BODIES = {
    "alert-about-another": ("alert", {"about": ["0" * 64]}),
    "update-about-nothing": ("alert-update", {"about": []}),
    "update-about-one-twice": ("alert-update", {"about": TWICE}),
    "marking-unknown": ("alert", {"marking": {"level": "TLP:ORANGE"}}),
    "marking-of-version-1": ("alert", {"marking": {"level": "TLP:WHITE"}}),
    "marking-passed-to-one-twice": (
        "alert",
        {"marking": {"level": "TLP:GREEN", "releasable": ["Dorn", "Dorn"]}},
    ),
    "severity-unknown": ("alert", {"severity": "apocalyptic"}),
    "receipt-of-a-day": ("receipt", {"opened_at": "2026-03-01"}),
    "opening-names-a-text": ("edit-open", {"text": "0" * 64}),
    "edit-names-no-text": ("edit-insert", {"text": None}),
    "write-replaces-nothing": (
        "edit-write",
        {"change": {"kind": "write", "paragraph": "2", "words": "x", "replaces": []}},
    ),
    "write-replaces-one-twice": (
        "edit-write",
        {"change": {"kind": "write", "paragraph": "2", "words": "x", "replaces": TWICE}},
    ),
    "paragraph-nothing": (
        "edit-insert",
        {"change": {"kind": "insert", "words": "x", "after": "0"}},
    ),
    "amount-with-exponent": ("pledge", {"quantity": "1e3"}),
    "amount-as-number": ("pledge", {"quantity": 2}),
    "ready-never": ("pledge", {"ready": "2026-02-30"}),
    "approved-never": (
        "pledge",
        {"approvals": [{"body": "parliament", "state": "approved", "on": "2026-13-01"}]},
    ),
    "media-unknown": ("attach", {"media": "map"}),
    "attached-marking": ("attach", {"marking": {"level": "secret"}}),
    "resume-one-end": ("resume", {"tips": ["0" * 64]}),
    "resume-one-end-twice": ("resume", {"tips": TWICE}),
    "enter-twice": ("enter", {"changes": TWICE}),
    "enter-out-of-order": ("enter", {"changes": FALLING}),
    "enter-closes-out-of-order": ("enter", {"closes": FALLING}),
    "enter-nothing": ("enter", {"changes": []}),
    "leave-never": ("leave", {"since": "2026-02-30"}),
    "epoch-nothing": ("epoch", {"number": 0}),
    "epoch-boxed-twice": (
        "epoch",
        {"boxes": [{"member": "Arden", "office": OFFICE, "box": "YQ=="}] * 2},
    ),
    "charter-not-base64": ("change-amend", {"effect": {"kind": "amend", "charter": "Y"}}),
    "suspended-never": (
        "change-suspend",
        {"effect": {"kind": "suspend", "member": "Dorn", "since": "2026-02-30"}},
    ),
    "group-names-one-twice": (
        "propose-recognise-a-group",
        {"effect": {"kind": "recognise a group", "group": "coast", "members": ["Dorn", "Dorn"]}},
    ),
    "release-nothing": ("release", {"acts": []}),
    "key-without-proof": ("key", {"offer": {}}),
}


def mutations(cast, good):
    """Return what becomes of each good act when one field of its body is dropped or bent.

    Of each the file's hash, cut to 32 digits: a stranger makes it anew from the step.
    """
    found = []
    for base, act in good.items():
        for field in plain(act.body):
            for step, data in (
                (f"drop {field}", changed(act, drop=(field,))),
                (f"{field} is -1", changed(act, body={field: -1})),
                (f"{field} is an empty text", changed(act, body={field: ""})),
                (f"{field} is a list of nothing", changed(act, body={field: [None]})),
            ):
                try:
                    read_act(data, cast.founding)
                    told = "read"
                except ActError as refused:
                    told = refused.refusal
                found.append(f"{base}, {step}: {told} {sha256(data).hexdigest()[:32]}")
    return found


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
    files["mutations.json"] = mutations(cast, good)
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
    return made | dict(changes()) | dict(attested())


def shown(cast, proposal, given=(), earlier=()):
    """Return the certificate of a proposal out of the whole record of a cast."""
    state = fold(cast.ground, [*cast.past, proposal, *given])
    return certify(state.standing(proposal.id), state.succession, earlier)


def after(cast):
    """Return the certificate of the first proposal of the last member after changes."""
    proposal = cast.propose(cast.roster[-1])
    return cast, shown(cast, proposal, cast.close_all(proposal))


def changes():
    """Yield certificates of changes, and of proposals that stand on them."""
    since = "2026-03-01"

    def amendment(cast):
        return Amend(write_base64(cast.under.text.replace(b'edition = "1"', b'edition = "2"')))

    effects = {
        "amend": (amendment, ()),
        "admit": (lambda c: c.admit("Elsin"), ()),
        "suspend": (lambda c: Suspend("Dorn", since), ("Dorn",)),
        "reinstate": (lambda c: Reinstate("Dorn", since), ()),
        "replace-a-key": (lambda c: ReplaceKey(c.offer("Dorn", "Dorn again")), ("Dorn",)),
    }
    for name, (effect, but) in effects.items():
        cast = Cast(4, 1, 0)
        proposal, *given = cast.decide(cast.change(effect(cast)), but=but)
        yield f"change-{name}", (cast, shown(cast, proposal, given))
        cast.follow([proposal, *given])
        if name == "replace-a-key":
            cast.secrets["Dorn"] = "Dorn again"
        yield f"after-{name}", after(cast)
    cast = Cast(4, 1, 0)
    proposal, *given = cast.decide(cast.change(Suspend("Dorn", since)), no=("Dorn",))
    yield "change-in-spite-of-whom-it-concerns", (cast, shown(cast, proposal, given))
    cast = Cast(4, 1, 0)
    proposal, *given = cast.decide(cast.change(cast.admit("Elsin")), no=("Corve", "Dorn"))
    yield "change-rejected", (cast, shown(cast, proposal, given))
    cast = Cast(4, 1, 0)
    for name in ("the second", "the third"):
        cast.follow([cast.rotate("Dorn", f"Dorn {name}")])
        cast.secrets["Dorn"] = f"Dorn {name}"
    yield "after-rotations", after(cast)
    cast = Cast(4, 1, 0)
    cast.follow([cast.leave("Dorn", "2026-02-01")])
    yield "after-leaving", after(cast)
    cast.settle(Reinstate("Dorn", since))
    yield "after-coming-back", after(cast)
    cast = Cast(4, 1, 0)
    one = cast.decide(cast.change(cast.admit("Elsin")))
    other = cast.decide(cast.change(Suspend("Dorn", since)), but=("Dorn",))
    cast.follow([*one, *other])
    cast.follow([cast.enter("Arden")])
    yield "after-changes-side-by-side", after(cast)
    cast = Cast(4, 1, 0)
    cast.settle(cast.admit("Elsin"))
    cast.settle(Suspend("Dorn", since), "Elsin", but=("Dorn",))
    cast.settle(amendment(cast))
    yield "after-one-another", after(cast)
    cast = Cast(5, 1, 0)
    standings = []
    for day in ("2026-03-02", "2026-03-03", "2026-03-04"):
        proposal = cast.propose(on=day, expires=f"{day}T12:00:00Z")
        closings = cast.close_all(proposal, but=("Dorn",), at=f"{day}T13:00:00Z")
        cast.past += [proposal, *closings]
        standings.append(fold(cast.ground, cast.past).standing(proposal.id))
    yield "missing-three-times-in-a-row", (cast, shown(cast, proposal, (), standings[1::-1]))


def attested():
    """Yield certificates of delivery and of equivocation."""
    cast = Cast(4, 1, 0)
    alert = cast.alert()
    receipts = [
        cast.receive("Dorn", alert, "2026-03-01T09:00:00Z"),
        cast.receive("Brill", alert, "2026-03-01T08:30:00Z"),
        cast.receive("Brill", alert, "2026-03-01T08:45:00Z"),
    ]
    ground = succeed(cast.ground, ())
    yield "delivery", (cast, certify_delivery(alert, receipts, ground))
    yield "delivery-to-nobody", (cast, certify_delivery(alert, (), ground))
    proposal = cast.propose()
    yes, no = (cast.say("Dorn", proposal, word) for word in ("yes", "no"))
    yield "equivocation-answers", (cast, certify_equivocation(yes, no, ground))
    two = [cast.close("Dorn", proposal, heard) for heard in ([yes], [no])]
    yield "equivocation-closings", (cast, certify_equivocation(*two, ground))
    fork = cast.say("Dorn", cast.propose(), "yes", seq=yes.header.seq, prev=yes.header.prev)
    yield "equivocation-fork", (cast, certify_equivocation(yes, fork, ground))
    cast.settle(cast.admit("Elsin"))
    late = cast.receive("Elsin", alert)
    own = certify_delivery(alert, [late], succeed(cast.ground, cast.past))
    yield "delivery-after-admission", (cast, own)


def told(found):
    """Return what a certificate shows, beside the fingerprint, as the vectors tell it."""
    common = {"proven": found.proven, "exercise": found.exercise, "words": list(found.lines())}
    if isinstance(found, Verdict):
        standing = found.standing
        rows = {m: found.missing_in_a_row(m) for m in standing.pinned.roster}
        return {
            "shows": found.outcome,
            "possible": list(standing.settlement.possible),
            "in_a_row": {m: count for m, count in rows.items() if count},
            **common,
        }
    if isinstance(found, Delivery):
        return {"shows": {member: since for member, since, _ in found.since}, **common}
    kinds = {"two an": "one turn", "two cl": "two closings", "two ac": "one place"}
    return {"shows": kinds[found.what[:6]], **common}


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
    plain_founding = json.loads(cast.founding.envelope.payload)
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
    for name, told, others, signer in (
        (
            "founding-key-unfit",
            "Brill's key is a point of small order",
            {"key": "01" + "00" * 31},
            "",
        ),
        (
            "founding-key-shared",
            "Brill has Arden's key",
            {"key": public_key(seed("Arden")).hex()},
            "",
        ),
        ("founding-office-twice", "Brill's key is Arden's second", {"member": "Arden"}, "Brill"),
        ("founding-names-a-stranger", "Brill is called Zelda", {"member": "Zelda"}, "Brill"),
    ):
        keys = [
            {"member": m, "office": OFFICE, "key": public_key(seed(m)).hex()}
            for m in ("Arden", "Brill")
        ]
        keys[1] |= others
        payload = write_json(plain_founding | {"keys": keys})
        signers = [m for m in ("Arden", signer) if m]
        bent = seal(
            founding["payloadType"], payload, [(seed(m), public_key(seed(m))) for m in signers]
        )
        file = write_json(whole | {"founding": plain(bent.form())})
        yield name, base, told, bent.id, file
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
    yield from more_certificate_steps(good)
    yield (
        "exercise-for-real",
        "exercise",
        "the fingerprint of the real coalition",
        trusted,
        data,
    )


def more_certificate_steps(good):
    """Yield bad certificates that stand on steps, or are not of an outcome."""

    def step(name, base, told, changes):
        cast, data = good[base]
        return name, base, told, cast.founding.id, write_json(plain(data) | changes)

    base = "after-one-another"
    cast, data = good[base]
    steps = plain(data)["steps"]
    lists = plain(data)["constitutions"]
    for k, one in enumerate(steps):
        less = [*steps[:k], *steps[k + 1 :]]
        yield step(f"step-{k + 1}-missing", base, "one step is left out", {"steps": less})
        bent = [*steps[:k], one | {"stances": one["stances"][:1]}, *steps[k + 1 :]]
        told = "a step keeps one stance of its own"
        yield step(f"step-{k + 1}-with-too-few-answers", base, told, {"steps": bent})
    yield step("steps-backwards", base, "the steps in another order", {"steps": steps[::-1]})
    idle = cast.propose("Elsin")
    for name, act in {
        "step-changes-nothing": idle,
        "step-takes-a-key-elsewhere": cast.rotate("Brill", "x", organ="council"),
    }.items():
        more = {"steps": [*steps, {"act": plain(act.form())}]}
        yield step(name, base, "one step more, which changes nothing", more)
    swapped = steps[0] | {"stances": steps[0]["closings"]}
    yield step("step-misplaced", base, "closings among a step's stances", {"steps": [swapped]})
    other = "after-changes-side-by-side"
    yield step("constitutions-not-listed", other, "the lists are left out", {"constitutions": []})
    yield step("constitutions-not-hashes", base, "a list of words", {"constitutions": [["x"]]})
    assert lists
    for name in ("after-rotations", "after-replace-a-key", "after-leaving"):
        yield step(f"{name}-without-steps", name, "the steps are left out", {"steps": []})
    delivery = plain(good["delivery"][1])
    cast = good["delivery"][0]
    yield step(
        "receipt-of-another-alert",
        "delivery",
        "one receipt more, of another alert",
        {"receipts": [plain(cast.receive("Dorn", cast.alert()).form())]},
    )
    alert = read_act(write_json(delivery["alert"]), cast.founding)
    yield step(
        "receipt-in-another-organ",
        "delivery",
        "a receipt in another organ",
        {"receipts": [plain(cast.receive("Brill", alert, organ="watch").form())]},
    )
    yield step(
        "receipt-in-an-unknown-constitution",
        "delivery",
        "a receipt in a constitution that is not proven",
        {"receipts": [plain(cast.receive("Brill", alert, constitution="0" * 64).form())]},
    )
    yield step("delivery-of-a-receipt", "delivery", "no alert", {"alert": delivery["receipts"][0]})
    sealed = {"envelope": delivery["alert"]["envelope"]}
    yield step("alert-sealed", "delivery", "the alert's body is missing", {"alert": sealed})
    pair = plain(good["equivocation-answers"][1])
    yield step("one-act-twice", "equivocation-answers", "the same twice", {"other": pair["one"]})
    honest = plain(good["equivocation-closings"][1])["one"]
    yield step(
        "an-answer-and-a-closing", "equivocation-answers", "an honest pair", {"other": honest}
    )
    theirs = plain(cast.say("Brill", cast.propose(), "yes").form())
    yield step("acts-of-two-members", "equivocation-fork", "two members", {"other": theirs})


def certificate_files():
    """Return the files of spec/vectors/certificate."""
    good = certificates()
    files, shows = {}, {}
    for name, (cast, data) in good.items():
        files[f"good/{name}.json"] = plain(data)
        shows[name] = {
            "certificate": plain(data)["certificate"],
            "fingerprint": cast.founding.id,
            **told(verify(data, cast.founding.id)),
        }
    files["good.json"] = shows
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
