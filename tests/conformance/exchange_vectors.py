"""Write the vectors of spec/exchange.md.

    python -m tests.conformance.exchange_vectors            say what would change
    python -m tests.conformance.exchange_vectors --write    write it

They have a founding of their own; every secret grows from a name, as in the
vectors of acts. Each bad vector is a good one after one step.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import msgspec

from comity.core.acts import ActForm, Header, act_of, write_act
from comity.core.beacons import BEACON, EXERCISE_BEACON, Tip, write_beacon
from comity.core.bodies import Stance
from comity.core.envelope import seal
from comity.core.exchange import Exchange, Received
from comity.core.founding import found
from comity.core.messages import Acts, BeaconTold, Heads, Range, Request
from comity.core.signing import public_key
from comity.core.strict import spelled, write_base64, write_json
from comity.errors import ActError
from tests.property.exchange_network import START
from tests.property.record_strategies import OFFICE, seed

VECTORS = Path(__file__).resolve().parents[2] / "spec" / "vectors" / "exchange"
MEMBERS = ("Arden", "Brill", "Corve", "Dorn")
READERS = {"council": MEMBERS, "watch": ("Arden", "Brill")}
CHARTER = sha256(b"a charter that these vectors do not need").hexdigest()


def founded(run="00" * 16, *, exercise=False):
    return found(CHARTER, run, [(m, OFFICE, seed(m)) for m in MEMBERS], exercise=exercise)


FOUNDING = founded()


def plain(value):
    """Return a form, or the bytes of a file, as plain JSON values."""
    return json.loads(value if isinstance(value, bytes) else write_json(value))


def act(member, organ, seq, prev=None, *, founding=FOUNDING, signer=None, **header):
    """Return an act whose salt and body grow from its place."""
    made = Header(
        **{
            "comity": 1,
            "coalition": founding.id,
            "organ": organ,
            "member": member,
            "office": OFFICE,
            "seq": seq,
            "constitution": CHARTER,
            "instant": spelled(START),
            "commit": "",
            "prev": prev and prev.id,
            **header,
        }
    )
    salt = sha256(f"{organ} {member} {seq}".encode()).digest()
    body = Stance(sha256(b"a proposal").hexdigest(), 1, "yes")
    return write_act(founding, made, body, salt=salt, seed=seed(signer or member))


FIRST = act("Arden", "council", 1)
SECOND = act("Arden", "council", 2, FIRST)
RIVAL = act("Arden", "council", 2, FIRST, instant="2026-03-01T08:00:01Z")
DORNS = act("Dorn", "council", 1)
SECRET = act("Arden", "watch", 1)
RECORD = (FIRST, SECOND, RIVAL, DORNS, SECRET)


def beacon(member="Arden", *, founding=FOUNDING, after=0, organ="council", signer=None, **options):
    return write_beacon(
        founding.id,
        organ,
        **{
            "member": member,
            "office": OFFICE,
            "now": START + timedelta(seconds=after),
            "heads": {"Arden": (Tip(2, SECOND.id), Tip(2, RIVAL.id)), "Dorn": (Tip(1, DORNS.id),)},
            "heard": {SECOND.header.constitution: [SECOND.id, DORNS.id]},
            "seed": seed(signer or member),
            "exercise": founding.exercise,
            **options,
        },
    )


def message(kind, *fields, organ="council", coalition=FOUNDING.id):
    return write_json(kind(1, coalition, organ, *fields))


def good():
    """Return the messages by name."""
    return {
        "heads": message(
            Heads,
            {"Arden": (Tip(2, SECOND.id), Tip(2, RIVAL.id)), "Dorn": (Tip(1, DORNS.id),)},
            {"Arden": spelled(START)},
        ),
        "heads-of-nothing": message(Heads, {}, {}),
        "beacon": message(BeaconTold, beacon().envelope.form()),
        "request": message(Request, 7, (Range("Arden", 1, 2), Range("Dorn", 1, 10**9)), ()),
        "request-by-id": message(Request, 8, (), (DORNS.id,)),
        "answer": message(Acts, tuple(a.form() for a in (FIRST, SECOND, RIVAL, DORNS)), 7),
        "answer-cut": message(Acts, (FIRST.form(),), 7, True),
        "answer-of-nothing": message(Acts, (), 7),
        "pushed": message(Acts, (DORNS.form(),)),
    }


def signed(payload, payload_type=BEACON, *, signer="Arden", times=1):
    signing = [(seed(signer), public_key(seed(signer)))] * times
    return plain(seal(payload_type, payload, signing).form())


def steps():
    """Yield name, base, step and the bytes of each bad message."""
    files = good()

    def changed(base, **fields):
        return write_json(plain(files[base]) | fields)

    heads, request = files["heads"], files["request"]
    tip = {"seq": 1, "id": FIRST.id}
    yield (
        "too-large",
        "heads",
        "1,048,577 bytes, with blanks",
        heads + b" " * (1_048_577 - len(heads)),
    )
    yield "not-utf-8", "heads", "in UTF-16", heads.decode().encode("utf-16")
    yield "cut-off", "heads", "the last byte is missing", heads[:-1]
    yield "key-twice", "heads", "comity stands twice", heads[:-1] + b',"comity":1}'
    yield "fraction", "request", "ask is 7.0", request.replace(b'"ask":7', b'"ask":7.0')
    yield "hidden", "heads", "an organ with U+200B", changed("heads", organ="coun\u200bcil")
    yield "not-composed", "heads", "an organ not in NFC", changed("heads", organ="cou\u0308ncil")
    yield "kind", "heads", "of an unknown kind", changed("heads", kind="gossip")
    yield "later-version", "heads", "comity is 2", changed("heads", comity=2)
    yield "unknown-field", "heads", "one more field", changed("heads", more=1)
    yield "organ-with-capitals", "heads", "an organ 'Council'", changed("heads", organ="Council")
    yield "no-ends", "heads", "a chain without an end", changed("heads", chains={"Arden": []})
    yield (
        "nine-ends",
        "heads",
        "nine ends of one chain",
        changed("heads", chains={"Arden": [tip] * 9}),
    )
    yield (
        "end-at-nothing",
        "heads",
        "an end at number 0",
        changed("heads", chains={"Arden": [tip | {"seq": 0}]}),
    )
    yield (
        "thousand-and-one-chains",
        "heads",
        "1,001 chains",
        changed("heads", chains={f"M{k}": [tip] for k in range(1_001)}),
    )
    yield "ask-nothing", "request", "ask is 0", changed("request", ask=0)
    yield (
        "sixty-five-ranges",
        "request",
        "65 ranges",
        changed("request", ranges=[{"member": "Arden", "first": 1, "last": 1}] * 65),
    )
    yield "sixty-five-ids", "request", "65 ids", changed("request", ids=[FIRST.id] * 65)
    yield (
        "two-hundred-and-fifty-seven-acts",
        "pushed",
        "257 acts",
        changed("pushed", acts=plain(files["pushed"])["acts"] * 257),
    )
    yield "another-coalition", "heads", "of another", changed("heads", coalition="0" * 64)
    yield (
        "beacons-of-no-instant",
        "heads",
        "a beacon of yesterday",
        changed("heads", beacons={"Arden": "yesterday"}),
    )
    yield (
        "range-backwards",
        "request",
        "places 2 to 1",
        changed("request", ranges=[{"member": "Arden", "first": 2, "last": 1}]),
    )

    def giving(*forms, **fields):
        return changed("pushed", acts=[plain(form) for form in forms], **fields)

    form = FIRST.form()
    bent = plain(form)
    bent["envelope"]["signatures"][0]["sig"] = "A" * 86 + "=="
    unread = act("Arden", "council", 3, SECOND).form()
    yield "act-forged", "pushed", "a signature of zeros", giving(bent)
    yield (
        "act-not-base64",
        "pushed",
        "a payload with a line break",
        giving(plain(form) | {"envelope": bent["envelope"] | {"payload": "AA\n"}}),
    )
    yield "act-withheld", "pushed", "neither body nor box", giving(ActForm(form.envelope))
    yield "act-of-another-organ", "pushed", "an act of the watch", giving(SECRET.form())
    yield (
        "act-of-another-body",
        "pushed",
        "salt and body of another",
        giving(msgspec.structs.replace(form, salt=unread.salt, body=unread.body)),
    )
    theirs = found(CHARTER, "00" * 16, [("Fenn", OFFICE, seed("Fenn"))])
    yield (
        "act-of-a-stranger",
        "pushed",
        "signed by a key that nobody holds",
        giving(act("Fenn", "council", 1, founding=theirs).form()),
    )
    said = beacon().envelope.payload
    told = plain(said)

    def lit(form):
        return changed("beacon", beacon=form)

    def telling(**fields):
        return lit(signed(write_json(told | fields)))

    whole = signed(said)
    yield (
        "beacon-not-base64",
        "beacon",
        "a payload with a line break",
        lit(whole | {"payload": whole["payload"] + "\n"}),
    )
    yield "beacon-of-an-exercise", "beacon", "its type", lit(signed(said, EXERCISE_BEACON))
    yield (
        "beacon-too-large",
        "beacon",
        "131,073 bytes, with blanks",
        lit(signed(said + b" " * (131_073 - len(said)))),
    )
    signature = whole["signatures"][0]
    yield (
        "beacon-signature-short",
        "beacon",
        "63 bytes",
        lit(whole | {"signatures": [signature | {"sig": write_base64(bytes(63))}]}),
    )
    yield "beacon-signed-twice", "beacon", "two signatures", lit(signed(said, times=2))
    yield "beacon-of-a-stranger", "beacon", "signed by Fenn", lit(signed(said, signer="Fenn"))
    yield (
        "beacon-forged",
        "beacon",
        "a signature of zeros",
        lit(whole | {"signatures": [signature | {"sig": "A" * 86 + "=="}]}),
    )
    yield "beacon-unknown-field", "beacon", "one more field", telling(more=1)
    yield "beacon-hears-nobody", "beacon", "an empty list", telling(heard={"0" * 64: []})
    yield "beacon-of-another-coalition", "beacon", "of another", telling(coalition="0" * 64)
    yield (
        "beacon-of-no-instant",
        "beacon",
        "an instant with an offset",
        telling(instant="2026-03-01T08:00:00+00:00"),
    )
    yield "beacon-of-another-member", "beacon", "Arden signs for Brill", telling(member="Brill")
    yield "beacon-of-another-office", "beacon", "a press room", telling(office="press room")
    yield "beacon-of-another-organ", "beacon", "of the watch", telling(organ="watch")
    yield (
        "beacon-early",
        "beacon",
        "five minutes and a second ahead",
        telling(instant=spelled(START + timedelta(seconds=301))),
    )


def told(member, holding, peer, data):
    """Return what comes of a message that a node is given."""
    exchange = Exchange(FOUNDING.id, member)
    exchange.hold(holding)
    forms = {one.id: one.form() for one in holding}
    return exchange.receive(
        peer,
        data,
        readers=READERS,
        now=START,
        verify=lambda form: act_of(form, FOUNDING),
        find=forms.get,
        holders=FOUNDING.holders,
    )


def refusal(data):
    """Return how a node refuses a message, or what it carries."""
    try:
        fault = told("Brill", (), "Arden", data).fault
    except ActError as refused:
        return refused.refusal
    return fault and fault.refusal


def answers():
    """Yield name, the node, who asks, the message, and what it comes to."""
    files = good()
    asks = {
        "ranges": ("Dorn", files["request"]),
        "an-id": ("Dorn", files["request-by-id"]),
        "places-that-are-not-there": ("Dorn", message(Request, 1, (Range("Corve", 1, 9),), ())),
        "an-id-of-another-organ": ("Dorn", message(Request, 1, (), (SECRET.id,))),
        "an-organ-that-dorn-does-not-read": (
            "Dorn",
            message(Request, 1, (Range("Arden", 1, 9),), (SECRET.id,), organ="watch"),
        ),
        "an-organ-that-there-is-not": (
            "Dorn",
            message(Request, 1, (Range("Arden", 1, 9),), (SECRET.id,), organ="nowhere"),
        ),
        "a-peer-that-reads-nothing": ("Fenn", files["request"]),
        "a-reader-of-the-watch": (
            "Brill",
            message(Request, 1, (Range("Arden", 1, 9),), (), organ="watch"),
        ),
    }
    for name, (peer, data) in asks.items():
        yield name, peer, data, told("Arden", RECORD, peer, data)


def all_files():
    """Return the files of spec/vectors/exchange."""
    files = {
        "founding.json": {
            "id": FOUNDING.id,
            "founding": plain(FOUNDING.envelope.form()),
            "readers": {organ: list(names) for organ, names in READERS.items()},
            "now": spelled(START),
        }
    }
    for name, data in good().items():
        assert refusal(data) is None, name
        files[f"good/{name}.json"] = {"sha256": sha256(data).hexdigest(), "message": plain(data)}
    shown = beacon()
    files["good/beacon.json"] |= {"beacon_id": shown.id, "payload": plain(shown.envelope.payload)}
    bad = {}
    for name, base, step, data in steps():
        why = refusal(data)
        if why is None:
            raise SystemExit(f"{name} is taken, and should be refused")
        bad[name] = {"base": base, "step": step, "refusal": why}
        if len(data) < 20_000:
            bad[name]["file_base64"] = write_base64(data)
        else:  # a stranger makes it anew from the step
            bad[name]["file_sha256"] = sha256(data).hexdigest()
    files["bad.json"] = bad
    files["answers.json"] = {
        "node": "Arden",
        "record": {one.id: plain(one.form()) for one in RECORD},
        "asked": {
            name: {
                "from": peer,
                "message": plain(data),
                "answer": given(got),
            }
            for name, peer, data, got in answers()
        },
    }
    return {
        VECTORS / name: (json.dumps(content, indent=1, sort_keys=True) + "\n").encode()
        for name, content in files.items()
    }


def given(got: Received):
    return [plain(letter.data) for letter in got.letters]


def main() -> int:
    """Compare, or write."""
    files = all_files()
    stale = [path for path, data in files.items() if not path.exists() or path.read_bytes() != data]
    gone = [path for path in VECTORS.rglob("*.json") if path not in files]
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
