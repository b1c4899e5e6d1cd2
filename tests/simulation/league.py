"""The coalitions that are simulated: a charter by size, its founding, and the keys of its nodes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from unittest import mock

from comity.core import constitution as constitutions
from comity.core import proposals
from comity.core.founding import Founding, countersigned, draft, founding_of
from comity.core.meeting import least_shared
from comity.core.reading import read_charter
from comity.node.keys import Keys, new_keys
from tests.conformance import plain_hpke

LEAGUE = ("Arden", "Brill", "Corve", "Dorn", "Elsin", "Fenn")
OUTSIDER = "Harbour"
"""Takes part with a key, and sits nowhere: it reads the organ of all alone."""
NEWCOMER = "Gale"
"""No member at the start; it has a machine, and may be admitted."""
SIZES = ((3, 1, 0), (4, 1, 0), (4, 1, 1), (5, 1, 1), (5, 2, 0), (6, 1, 1))
"""How many members, how many of them may be missing, how many may double-sign."""

_CHARTER = """
comity = 1

[charter]
id = "league"
name = "The Larch League"
edition = "{edition}"
date = 2026-01-01
text = "model"

[members]
{members}

[participants]
Harbour = {{ name = "Harbour Office", kind = "institution" }}

[rules.consensus]
title = "Consensus"
adopt = {{ all_of = [
  {{ against = {{ at_most = 0 }} }},
  {{ in_favour = {{ more_than = "1/2", of = "members" }} }},
] }}

[rules.majority]
title = "More than half in favour"
adopt = {{ in_favour = {{ more_than = "1/2", of = "members" }} }}

[rules.quorum]
title = "Most of those voting, with a quorum"
adopt = {{ all_of = [
  {{ quorum = {{ at_least = 2 }} }},
  {{ in_favour = {{ more_than = "1/2", of = "voting" }} }},
] }}

[rules.change]
title = "So many that two majorities share more than f members"
concerned = "excluded"
adopt = {{ in_favour = {{ at_least = {change} }} }}

[procedures.silence]
kind = "silence"
notice_hours = 3
grace_hours = 1
n = {n}
f = {f}

[procedures.vote]
kind = "vote"
grace_hours = 1
n = {n}
f = {f}

[procedures.signature]
kind = "signature"

[procedures.watched]
kind = "silence"
notice_hours = 1
grace_hours = 1
n = 1
f = 0

[organs.council]
name = "Council"
seats = ["standing:member"]
propose = ["seats"]
rules = ["consensus", "majority", "quorum", "change"]
procedures = ["silence", "vote", "signature"]

[organs.watch]
name = "Watch"
seats = ["Arden", "Brill", "Corve"]
propose = ["seats"]
rules = ["majority", "consensus"]
procedures = ["watched"]
{changes}
"""
_KINDS = ("amendment", "admission", "suspension", "key-replacement")


def charter_text(members: int, n: int, f: int, edition: str = "1") -> bytes:
    """Return the charter of a league of so many members."""
    return _CHARTER.format(
        edition=edition,
        members="\n".join(
            f'{m} = {{ name = "{m}", standing = "member" }}' for m in LEAGUE[:members]
        ),
        change=(members + f) // 2 + 1,
        n=n,
        f=f,
        changes="\n".join(
            f'[changes.{kind}]\norgan = "council"\nrule = "change"\nprocedure = "vote"'
            for kind in _KINDS
        ),
    ).encode()


@dataclass(frozen=True)
class League:
    """A founded coalition, with the keys that its nodes begin with."""

    members: int
    n: int
    f: int
    text: bytes
    founding: Founding
    keys: dict[str, Keys]


@cache
def league(members: int, n: int, f: int) -> League:
    """Found a league; its keys grow from its size, and are the same in every run."""
    text = charter_text(members, n, f)
    chance = random.Random(f"{members} {n} {f}").randbytes
    names = (*LEAGUE[:members], OUTSIDER)
    keys = {
        m: new_keys(m, ("office",), made_at="2026-01-01T00:00:00Z", chance=chance)
        for m in (*names, NEWCOMER)
    }
    held = tuple(keys[m].signing().held for m in names)
    drafted = draft(sha256(text).hexdigest(), chance(16).hex(), held)
    founding = founding_of(countersigned(drafted, [keys[m].signing().seed.reveal() for m in names]))
    return League(members, n, f, text, founding, keys)


class Chance:
    """All chance that the code under test draws, from one seed: in place of `secrets`."""

    def __init__(self, seed: object) -> None:
        self.token_bytes = random.Random(f"chance {seed}").randbytes


@contextmanager
def owned_chance(seed: object) -> Iterator[None]:
    """Let boxes draw their chance from a seed; and read each charter once.

    HPKE draws its key pair inside the library: its plain twin takes the place.
    Files of keys, whose encryption is slow by design, are kept by the machines.
    """
    drawn = Chance(seed)

    def seal_to(public: bytes, plaintext: bytes, info: bytes) -> bytes:
        return plain_hpke.seal(drawn.token_bytes(32), public, plaintext, info)

    with (
        mock.patch("comity.node.boxes.secrets", drawn),
        mock.patch("comity.node.keys.secrets", drawn),
        mock.patch("comity.node.boxes.seal_to", seal_to),
        mock.patch("comity.node.node.write_keys"),
        mock.patch.object(constitutions, "read_charter", _read_charter),
        mock.patch.object(proposals, "change_reason", _remembered()),
        mock.patch.object(proposals, "least_shared", _least_shared),
    ):
        yield


def _remembered():
    """Return the reason why a change cannot be made, found out once: ids say it all."""
    known: dict[tuple[str, str], str | None] = {}

    def change_reason(act, under, ground):
        if (act.id, under.id) not in known:
            known[act.id, under.id] = constitutions.change_reason(act, under, ground)
        return known[act.id, under.id]

    return change_reason


_read_charter = lru_cache(maxsize=64)(read_charter)
_SHARED: dict[object, int] = {}


def _least_shared(adopt, other, electorate, aside=frozenset()):
    """Look up how many members two majorities share: these charters have no weights."""
    place = (adopt, other, electorate.members, aside)
    if place not in _SHARED:
        _SHARED[place] = least_shared(adopt, other, electorate, aside)
    return _SHARED[place]
