"""Write the bad charter vectors and what a reader must say of them.

    python tools/charter_vectors.py            say what would change; exit 1 if anything would
    python tools/charter_vectors.py --write    write it

Each bad vector is one good vector after one step: a text in it replaced by another. Read the
difference in spec/vectors/charter/bad/expected.json before it is committed: it is the spec.
"""

from __future__ import annotations

import json
import sys
import tomllib
from datetime import date
from pathlib import Path

import jsonschema

from comity.core.reading import examine

# ruff: noqa: E501 - a step reads best on one line

ROOT = Path(__file__).resolve().parent.parent
VECTORS = ROOT / "spec" / "vectors" / "charter"
BASES = {
    "every-key": VECTORS / "good" / "every-key.toml",
    "larch-league": ROOT / "examples" / "larch-league.toml",
}
AMEND = '[changes.amendment]\norgan = "council"\nrule = "change"\nprocedure = "silence"'

# name of the vector: base, text, what it is replaced by
STEPS: dict[str, tuple[str, str, str]] = {
    # 1 The file
    "not-toml": ("every-key", 'edition = "2"', 'edition = "2'),
    "not-utf-8": ("every-key", "by the stove", "by the st\udcff"),
    "byte-order-mark": ("every-key", "# Every table", "\ufeff# Every table"),
    "nested-too-deep": ("every-key", "retention_days = 0", "x = " + "[" * 33 + "]" * 33),
    "unfinished-list": ("every-key", 'form_groups = ["chair"]', 'form_groups = ["chair"'),
    "key-twice": ("every-key", "retention_days = 0", 'edition = "3"'),
    # 2 The charter
    "no-version": ("every-key", "comity = 1\n", ""),
    "later-version": ("every-key", "comity = 1", "comity = 2"),
    "no-charter": ("every-key", "[charter]", "[chart]"),
    "not-a-table": ("every-key", '[standings.observer]\nrights = ["read"]', "[standings]\nobserver = 3"),
    "id-with-capitals": ("every-key", 'id = "wide-league"', 'id = "Wide League"'),
    "empty-name": ("every-key", 'name = "The Wide League"', 'name = " "'),
    "name-too-long": ("every-key", "The Wide League", "W" * 201),
    "hidden-character": ("every-key", "The Wide League", "The \u202eWide League"),
    "date-as-text": ("every-key", "date = 2026-01-01\ntext", 'date = "2026-01-01"\ntext'),
    "date-with-time": ("every-key", "date = 2026-01-01\ntext", "date = 2026-01-01T00:00:00\ntext"),
    "no-date": ("every-key", "date = 2026-01-01\ntext", "text"),
    "unknown-grounds": ("every-key", 'edition = "2"\ndate = 2026-01-01\ntext = "text"', 'edition = "2"\ndate = 2026-01-01\ntext = "modell"'),
    "name-as-number": ("every-key", 'name = "The Wide League"', "name = 7"),
    "number-as-decimal": ("every-key", "retention_days = 0", "retention_days = 1.5"),
    "number-too-large": ("every-key", "retention_days = 0", "retention_days = 0x" + "f" * 40),
    "list-as-text": ("every-key", 'markings = ["clear", "league"]', 'markings = "clear"'),
    "list-of-numbers": ("every-key", 'markings = ["clear", "league"]', "markings = [1]"),
    "list-too-long": ("every-key", 'markings = ["clear", "league"]', f"markings = {['m'] * 17}"),
    "unknown-key": ("every-key", "retention_days = 0", "retentoin_days = 0"),
    "key-without-likeness": ("every-key", "retention_days = 0", "zzz = 0"),
    "key-with-control-character": ("every-key", "retention_days = 0", '"\\u001b[2J" = 0'),
    "unknown-source": ("every-key", 'sources = ["treaty"]', 'sources = ["treatey"]'),
    # 3 Who belongs
    "no-members": ("every-key", "[members]", "[observers]"),
    "member-without-name": ("every-key", 'Corve = { name = "Corve" }', "Corve = {}"),
    "member-as-text": ("every-key", 'Corve = { name = "Corve" }', 'Corve = "Corve"'),
    "code-with-space": ("every-key", 'Corve = { name = "Corve" }', 'Corve = { name = "Corve" }\n"C D" = { name = "Corve", standing = "observer" }'),
    "code-taken": ("every-key", 'Corve = { name = "Corve" }', 'Corve = { name = "Corve" }\nchair = { name = "Chair", standing = "observer" }'),
    "participant-is-a-member": ("every-key", "Harbour = { name", 'Arden = { name = "A", kind = "state" }\nHarbour = { name'),
    "no-iso-code": ("every-key", 'iso = "BRI"', 'iso = "Br1"'),
    "iso-twice": ("every-key", 'iso = "BRI"', 'iso = "ARD"'),
    "ends-before-it-begins": ("every-key", "until = 2099-12-31", "until = 2019-12-31"),
    "unknown-standing": ("every-key", 'standing = "observer"', 'standing = "observr"'),
    "unknown-right": ("every-key", 'rights = ["read"]', 'rights = ["veto"]'),
    "name-with-colon": ("every-key", "[standings.observer]", '[standings."a:b"]\nrights = []\n[standings.observer]'),
    "group-of-strangers": ("every-key", 'coast = ["Arden", "Brill"]', 'coast = ["Arden", "Bril"]'),
    "group-code-twice": ("every-key", 'hills = ["Corve", "Dorn"]', 'hills = ["Corve", "Dorn", "Dorn"]'),
    "group-named-like-a-member": ("every-key", 'hills = ["Corve", "Dorn"]', 'hills = ["Corve", "Dorn"]\nArden = []'),
    # 4 Weights and rotations
    "weight-below-nothing": ("every-key", "Corve = 20_000, Dorn = 10_000.5", "Corve = -1, Dorn = 10_000.5"),
    "weight-as-text": ("every-key", "Corve = 20_000, Dorn = 10_000.5", 'Corve = "1", Dorn = 10_000.5'),
    "weight-of-a-stranger": ("every-key", "Dorn = 10_000.5", "Dorn = 10_000.5, Fenn = 1"),
    "weights-twice-a-day": ("every-key", "from = 2027-01-01", "from = 2020-01-01"),
    "weights-not-a-list": ("every-key", "[rotations.coast]", "[weights.money]\n[rotations.coast]"),
    "weight-missing": ("every-key", ", Dorn = 10_000.5", ""),
    "weights-too-late": ("every-key", "from = 2020-01-01\nsource", "from = 2026-06-01\nsource"),
    "more-seats-than-pool": ("every-key", "seats = 1\nmonths = 6", "seats = 3\nmonths = 6"),
    "fewer-in-order-than-seats": ("every-key", "seats = 1\nmonths = 6\nsince = 2026-01-01\norder = [\"Arden\", \"Brill\"]", 'seats = 2\nmonths = 6\nsince = 2026-01-01\norder = ["Arden"]'),
    "stranger-in-order": ("every-key", 'order = ["Arden", "Brill"]\nsource', 'order = ["Arden", "Dorn"]\nsource'),
    "order-without-start": ("every-key", "months = 6\nsince = 2026-01-01\norder = [\"Arden\", \"Brill\"]\n", 'months = 6\norder = ["Arden", "Brill"]\n'),
    "stranger-in-term": ("every-key", 'member = "Dorn", from = 2025-01-01', 'member = "Arden", from = 2025-01-01'),
    "term-ends-before-it-begins": ("every-key", "until = 2025-12-31", "until = 2024-12-31"),
    "term-without-end": ("every-key", ", until = 2025-12-31", ""),
    "two-in-one-seat": ("every-key", 'member = "Dorn", from = 2025-01-01, until = 2025-12-31', 'member = "Corve", from = 2025-01-01, until = 2026-06-30'),
    "one-in-two-seats": ("every-key", "until = 2025-12-31", "until = 2026-12-31"),
    "immediate-reelection": ("every-key", "immediate_reelection = true", "immediate_reelection = false"),
    "truth-in-quotes": ("every-key", "immediate_reelection = true", 'immediate_reelection = "true"'),
    # 5 Procedures
    "unknown-procedure-kind": ("every-key", 'kind = "signature"', 'kind = "acclamation"'),
    "hours-as-text": ("every-key", "period_hours = 24.5", 'period_hours = "a day"'),
    "notice-beyond-period": ("every-key", "notice_hours = 12", "notice_hours = 48"),
    "too-few-for-n-and-f": ("every-key", "n = 1\nf = 0", "n = 2\nf = 0"),
    "too-few-for-f": ("every-key", "n = 1\nf = 0", "n = 0\nf = 4"),
    # 6 Rules
    "rule-without-adopt": ("every-key", "adopt = { in_favour = { at_least = \"3/4\"", "adop = { in_favour = { at_least = \"3/4\""),
    "rule-of-two-keys": ("every-key", "{ quorum = { at_least = 3 } }", "{ quorum = { at_least = 3 }, no_veto = {} }"),
    "unknown-kind-of-rule": ("every-key", "{ quorum = { at_least = 3 } }", "{ quorums = { at_least = 3 } }"),
    "rule-as-text": ("every-key", "{ quorum = { at_least = 3 } }", '{ quorum = "3" }'),
    "rule-nested-too-deep": ("every-key", "{ quorum = { at_least = 3 } }", "{ all_of = [" * 8 + "{ quorum = { at_least = 3 } }" + "] }" * 8),
    "rule-of-too-many-parts": ("every-key", "{ quorum = { at_least = 3 } }", ", ".join(["{ all_of = [" + ", ".join(["{ quorum = { at_least = 3 } }"] * 43) + "] }"] * 3)),
    "too-many-parts": ("every-key", "{ quorum = { at_least = 3 } }", "{ all_of = [" + ", ".join(["{ quorum = { at_least = 3 } }"] * 65) + "] }"),
    "no-parts": ("every-key", "{ quorum = { at_least = 3 } }", "{ all_of = [] }"),
    "parts-as-text": ("every-key", "{ quorum = { at_least = 3 } }", '{ all_of = "all" }'),
    "parts-missing": ("every-key", "{ quorum = { at_least = 3 } }", "{ some_of = { at_least = 1 } }"),
    "some-of-without-number": ("every-key", "{ some_of = { at_least = 2, parts", "{ some_of = { parts"),
    "some-of-more-than-parts": ("every-key", "{ some_of = { at_least = 2, parts", "{ some_of = { at_least = 4, parts"),
    "no-amount": ("every-key", "{ quorum = { at_least = 3 } }", "{ quorum = {} }"),
    "two-amounts": ("every-key", "{ quorum = { at_least = 3 } }", "{ quorum = { at_least = 3, more_than = 2 } }"),
    "amount-of-nothing": ("every-key", "{ quorum = { at_least = 3 } }", "{ quorum = { at_least = 0 } }"),
    "share-of-nothing": ("every-key", "{ quorum = { at_least = 3 } }", '{ quorum = { at_least = "0 %" } }'),
    "share-beyond-all": ("every-key", "{ quorum = { at_least = 3 } }", '{ quorum = { at_least = "101 %" } }'),
    "share-of-zero": ("every-key", "{ quorum = { at_least = 3 } }", '{ quorum = { at_least = "1/0" } }'),
    "share-without-quotes": ("every-key", "{ quorum = { at_least = 3 } }", "{ quorum = { at_least = 0.5 } }"),
    "number-of-a-base": ("every-key", "in_favour = { more_than = 1 }", 'in_favour = { more_than = 1, of = "present" }'),
    "unknown-base": ("every-key", '{ in_favour = { at_least = "3/4", of = "members" } }', '{ in_favour = { at_least = "3/4", of = "member" } }'),
    "unknown-weight": ("every-key", 'more_than = "35 %", weight = "people", members = 2', 'more_than = "35 %", weight = "peoples", members = 2'),
    "unknown-seats": ("every-key", '{ no_veto = { seats = ["chair"] } }', '{ no_veto = { seats = ["group:reefs"] } }'),
    "stranger-among": ("every-key", 'among = ["coast", "Dorn"]', 'among = ["coast", "Fenn"]'),
    "seats-in-a-rule": ("every-key", '{ no_veto = { seats = ["chair"] } }', '{ no_veto = { seats = ["seats"] } }'),
    "among-nobody": ("every-key", 'among = ["coast", "Dorn"]', "among = []"),
    "blocking-without-share": ("every-key", 'not_blocked = { more_than = "35 %", weight = "people", members = 2 }', 'not_blocked = { weight = "people", members = 2 }'),
    "blocking-by-words": ("every-key", "members = 2 }", 'members = "fewest" }'),
    "disowned-by-nothing": ("every-key", 'of_weight = "1/3"', 'of_weight = "0 %"'),
    "against-without-number": ("every-key", "against = { at_most = 1, ", "against = { "),
    "unknown-concerned": ("every-key", 'concerned = "abstains"', 'concerned = "abstain"'),
    "reject-at-fault": ("every-key", "reject = { in_favour", "reject = { in_favor"),
    "nobody-can-meet": ("every-key", "in_favour = { at_least = \"3/4\", of = \"members\" }", "in_favour = { at_least = 5 }"),
    "nobody-can-fail": ("every-key", "in_favour = { at_least = \"3/4\", of = \"members\" }", "against = { at_most = 4 }"),
    "nothing-can-be-rejected": ("every-key", 'reject = { in_favour = { more_than = "1/2", of = "voting" } }', 'reject = { in_favour = { more_than = "100 %" } }'),
    "adopted-and-rejected": ("every-key", 'reject = { in_favour = { more_than = "1/2", of = "voting" } }', 'reject = { in_favour = { more_than = "1/3" } }'),
    # 7 Organs
    "organ-without-seats": ("every-key", 'seats = ["rotation:coast", "rotation:hills", "Harbour"]\n', ""),
    "organ-of-nobody": ("every-key", 'seats = ["rotation:coast", "rotation:hills", "Harbour"]', "seats = []"),
    "organ-nobody-sits-in": ("every-key", '[organs.watch]\nname = "Watch"\nseats = ["rotation:coast", "rotation:hills", "Harbour"]', '[standings.guest]\nrights = []\n[organs.watch]\nname = "Watch"\nseats = ["standing:guest"]'),
    "unknown-seat": ("every-key", 'seats = ["standing:member"]', 'seats = ["standing:membr"]'),
    "seats-in-seats": ("every-key", 'seats = ["standing:member"]', 'seats = ["chair"]'),
    "chair-in-chair": ("every-key", 'chair = ["Harbour"]', 'chair = ["chair"]'),
    "chair-order-of-nobody": ("every-key", 'chair = { order = ["Arden", "Brill", "Corve", "Dorn"]', "chair = { order = []"),
    "chair-order-of-groups": ("every-key", 'chair = { order = ["Arden", "Brill", "Corve", "Dorn"]', 'chair = { order = ["group:coast"]'),
    "unknown-rule": ("every-key", 'candidates = ["test", "wide"]', 'candidates = ["test", "wider"]'),
    "rule-twice": ("every-key", 'candidates = ["test", "wide"]', 'candidates = ["test", "test"]'),
    "unknown-procedure": ("every-key", 'procedures = ["silence", "signature"]', 'procedures = ["silence", "signing"]'),
    # 8 Obligations
    "in-force-and-dormant": ("every-key", 'dormant = "until there is a pump"', 'dormant = "until there is a pump"\nin_force = 2026-01-01'),
    "neither-in-force-nor-dormant": ("every-key", 'dormant = "until there is a pump"\n', ""),
    "invoked-by-nobody": ("every-key", 'invoked_by = ["group:coast", "Harbour"]\n', ""),
    "invoked-under-a-candidate": ("every-key", 'invoked_by = { organ = "council", rule = "substance" }', 'invoked_by = { organ = "council", rule = "wide" }'),
    "invoked-by-no-organ": ("every-key", 'invoked_by = { organ = "council", rule = "substance" }', 'invoked_by = { organ = "counsel", rule = "substance" }'),
    "owed-by-seats": ("every-key", 'owed_by = ["group:hills"]', 'owed_by = ["seats"]'),
    "needs-backwards": ("every-key", "low = 4, high = 6.5", "low = 7, high = 6.5"),
    "needs-below-nothing": ("every-key", "low = 4, high = 6.5", "low = -1, high = 6.5"),
    "needs-without-basis": ("every-key", 'unit = "crews", basis = "additional"', 'unit = "crews"'),
    "needs-not-tables": ("every-key", 'caveats = ["each decides how many"]\nneeds = [', 'caveats = ["each decides how many"]\nneeds = [ 1,'),
    # 9 Changes
    "unknown-change": ("every-key", "[changes.admission]", "[changes.accession]"),
    "change-under-a-candidate": ("every-key", AMEND, AMEND.replace('"change"', '"test"')),
    "change-by-another-procedure": ("every-key", 'procedures = ["silence", "signature"]', 'procedures = ["signature"]'),
    "majorities-that-do-not-meet": ("every-key", '"3/4", of = "members"', '"1/2", of = "members"'),
    "majorities-that-meet-in-too-few": ("every-key", "n = 1\nf = 0", "n = 0\nf = 2"),
}  # fmt: skip

TEN = (
    ("date = 2026-01-01\n", 'date = "2026-01-01"\n'),
    ('kind = "model"', 'kind = "modell"'),
    ('Dorn = { name = "Dorn", standing', 'Dorn = { name = "Dorn", standng'),
    ('hills = ["Corve", "Dorn"]', 'hills = ["Corve", "Dorne"]'),
    ("Dorn = 10_000 }", "Dorn = -10_000 }"),
    ("notice_hours = 12", "notice_hours = 36"),
    ("{ in_favour = { at_least = 3 } },\n", "{ in_favour = { at_least = 3, more_than = 2 } },\n"),
    ('candidates = ["consensus"]', 'candidates = ["concensus"]'),
    ("in_force = 2026-01-01\ntext", "text"),
    ('[changes.suspension]\norgan = "council"', '[changes.suspension]\norgan = "counsel"'),
)
"""Ten faults of ten kinds planted in the Larch League, for `comity charter check` to find."""


def step(base: str, old: str, new: str) -> bytes:
    """Make one step away from a good vector."""
    text = BASES[base].read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise SystemExit(f"{old!r} stands {text.count(old)} times in {base}")
    return text.replace(old, new).encode("utf-8", "surrogateescape")


def vectors() -> dict[str, bytes]:
    """Return every bad vector by its name."""
    made = {name: step(*how) for name, how in STEPS.items()}
    text = BASES["larch-league"].read_text(encoding="utf-8")
    for old, new in TEN:
        if text.count(old) != 1:
            raise SystemExit(f"{old!r} stands {text.count(old)} times in larch-league")
        text = text.replace(old, new)
    made["ten-planted-faults"] = text.encode()
    return made


def as_json(data: object) -> object:
    """Turn TOML into JSON: dates as text."""
    if isinstance(data, dict):
        return {key: as_json(value) for key, value in data.items()}
    if isinstance(data, list):
        return [as_json(value) for value in data]
    return str(data) if isinstance(data, date) else data


def refused_by_schema(text: bytes) -> bool | None:
    """Tell whether the schema refuses a file; None where it is no TOML."""
    try:
        data = as_json(tomllib.loads(text.decode()))
    except ValueError:
        return None
    schema = json.loads((ROOT / "spec" / "charter.schema.json").read_text())
    return not jsonschema.Draft202012Validator(schema).is_valid(data)


def expected(made: dict[str, bytes]) -> str:
    """Return what the reader says of each, as JSON."""
    told = {
        name: {
            "step": list(STEPS[name]) if name in STEPS and len(str(STEPS[name])) < 400 else None,
            "faults": [fault.to_json() for fault in examine(text)[1]],
            "refused_by_schema": refused_by_schema(text),
        }
        for name, text in sorted(made.items())
    }
    return json.dumps(told, indent=1, ensure_ascii=True) + "\n"


def main() -> int:
    """Compare, or write."""
    made = vectors()
    files = {VECTORS / "bad" / f"{name}.toml": text for name, text in made.items()}
    files[VECTORS / "bad" / "expected.json"] = expected(made).encode()
    stale = [p for p, text in files.items() if not p.exists() or p.read_bytes() != text]
    gone = [p for p in (VECTORS / "bad").glob("*") if p not in files]
    for path in (*stale, *gone):
        print(path.relative_to(ROOT))
    if "--write" in sys.argv[1:]:
        for path in stale:
            path.write_bytes(files[path])
        for path in gone:
            path.unlink()
        return 0
    return 1 if stale or gone else 0


if __name__ == "__main__":
    sys.exit(main())
